"""What a TC string says in a Status: vendors, purposes, restrictions, and which strings count (R12)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from oracle import FORMER
from string_world import (
    EVERY,
    ON_LI,
    agreed,
    codes,
    config_of,
    cookie_of,
    day,
    ids,
    midnight_text,
    nothing,
    notice_of,
    tc,
    visit,
)
from vendor_lists import listed, page, restriction, vendor_list

import consentpy as cp
from helpers import (
    GOOGLE,
    VECTORS,
    agree,
    california,
    full,
    optout,
    plain_merge,
    refuse,
    vendor,
)

# --------------------------------------------------------------------- vendors, purposes


def test_r12_the_string_alone_lets_vendors_of_the_list_run() -> None:
    seen = visit(tc=tc([1, 2, 7], [2, 30], li=[2, 7], vendors_li=[30]))
    assert seen.allows(2) and seen.allows("iab:2", ["cookies"]) and seen.allows(30)
    assert seen.vendor(2) is True and seen.vendor(30, True) is True
    assert seen.allows(28) is False and seen.vendor(28) is False
    assert seen.explain(2).allowed and seen.explain(28).reason == "vendor-refused"
    assert seen.verdicts([seen.notice.gate(n) for n in (2, 28, 30)]) == [True, False, True]


@pytest.mark.parametrize("missing", [1, 2, 7])
def test_r12_each_purpose_of_the_vendor_is_needed(missing: int) -> None:
    seen = visit(tc=tc({1, 2, 7} - {missing}, [2]))
    assert seen.vendor(2) is True and seen.allows(2) is False
    assert seen.purpose(ids(missing)[0]) is False
    assert seen.explain(2).reason == "purpose-refused"
    assert seen.vendor(2, with_purposes=True) is False


def test_r12_each_bit_speaks_for_its_basis() -> None:
    consent = visit(tc=tc([2, 7], [30]))
    assert consent.vendor(30) is True and consent.vendor(30, True) is False
    assert consent.purpose("select_basic_ads") is True
    assert consent.purpose("select_basic_ads", True) is False
    assert consent.allows(30) is False  # it works on legitimate interest
    interest = visit(tc=tc([], [], li=[2, 7], vendors_li=[30]))
    assert interest.vendor(30, True) is True and interest.vendor(30) is False
    assert interest.allows(30) is True


#: A notice that collects for every purpose of the framework.
ALL = config_of(notice_of(app={"purposes": list(ids(*EVERY))}))


@pytest.mark.parametrize("number", EVERY)
def test_r12_every_purpose_on_both_bases(number: int) -> None:
    name = ids(number)[0]
    alone = visit(ALL, tc=tc([number], [300], li={number} & {*ON_LI}))
    for other in EVERY:
        assert alone.purpose(ids(other)[0]) is (other == number)
        assert alone.purpose(ids(other)[0], True) is (other == number and other in ON_LI)
    without = visit(ALL, tc=tc({*EVERY} - {number}, [300], li={*ON_LI} - {number}))
    assert without.purpose(name) is False and without.purpose(name, True) is False
    assert alone.purpose(number) is True  # by its number in the framework, too


def test_r12_purposes_of_the_list_hold_for_the_sites_own_vendors() -> None:
    token = agree("own", "ads", "counts", purposes=["p1"])
    for purposes, li, expected in (
        ([1], [9], [True, True, True]),
        ([], [9], [True, False, True]),
        ([1], [], [True, True, False]),
    ):
        seen = visit(tc=tc(purposes, [300], li=li), token=token)
        assert [seen.allows(name) for name in ("own", "ads", "counts")] == expected
    # nor does the string speak for the site's vendors and purposes
    seen = visit(tc=agreed())
    assert seen.vendor("own") is None and seen.purpose("p1") is None
    assert not seen.allows("own") and not seen.allows("ads")


def test_r12_the_token_is_not_asked_about_what_the_string_holds() -> None:
    every = [*ids(*EVERY), "p1"]
    says_yes = agree("own", "ads", purposes=every)
    seen = visit(tc=nothing(), token=says_yes)
    assert seen.purpose("cookies") is False and not seen.allows("ads") and seen.allows("own")
    says_no = refuse("own", "ads", purposes=every)
    says_no["vendors"]["disabled"] += ["2"]
    seen = visit(tc=agreed(), token=says_no)
    assert seen.purpose("cookies") is True and seen.allows(purposes="cookies")
    assert seen.allows(2) is True and seen.allows(30) is True
    assert seen.allows("own") is False and seen.vendor("ads") is False


def test_r12_a_refusal_of_a_listed_vendor_in_the_token_counts_without_a_string() -> None:
    token: dict[str, Any] = {"purposes": {"enabled": [*ids(1, 2, 7)]}}
    for side, expected in (("enabled", None), ("disabled", False)):
        seen = visit(token=cookie_of({**token, "vendors": {side: ["2"]}}))
        assert seen.vendor(2) is expected
        assert seen.purpose("cookies") is True and seen.allows(2) is False


def test_r12_purpose_11_is_unknown_to_strings_before_policy_4() -> None:
    name = "use_limited_data_to_select_content"
    for policy, expected in ((2, None), (3, None), (4, False), (5, False)):
        seen = visit(ALL, tc=tc([1], [300], policy=policy))
        assert seen.purpose(name) is expected, policy
        assert seen.purpose(name, True) is expected, policy
        assert visit(ALL, tc=tc([11], [300], policy=policy)).purpose(name) is True


@pytest.mark.parametrize("policy", [2, 3, 4, 5])
def test_r12_legitimate_interest_that_cannot_be_is_never_given(policy: int) -> None:
    seen = visit(ALL, tc=tc([], [300], li=EVERY, vendors_li="1-300", policy=policy))
    never = {1} | ({3, 4, 5, 6} if policy >= 4 else set())
    for number in EVERY:
        assert seen.purpose(ids(number)[0], True) is (number not in never), number


def test_r12_a_vendor_with_purpose_3_on_legitimate_interest_is_shut_from_policy_4_on() -> None:
    gvl = vendor_list(listed(5, [1], [3]))
    config = config_of(page([5]), gvl=gvl)
    for policy, expected in ((3, True), (4, False), (5, False)):
        sent = tc([1, 3], [5], li=[3], vendors_li=[5], policy=policy)
        assert visit(config, sent).allows(5) is expected


# ------------------------------------------------------------------------ known to it


def test_r12_a_vendor_beyond_both_maxima_is_unknown() -> None:
    config = config_of(notice_of((2, 28, 30, 217)))
    seen = visit(config, tc(EVERY, [2], li=ON_LI, vendors_li=[28]))
    assert seen.vendor(2) is True and seen.vendor(2, True) is False
    assert seen.vendor(28) is False and seen.vendor(28, True) is True
    for number in (30, 217):
        assert seen.vendor(number) is None and seen.vendor(number, True) is None
        assert seen.allows(number) is False
        assert seen.explain(number).reason == "vendor-unknown"


def test_r12_with_a_disclosed_segment_it_says_who_is_known() -> None:
    seen = visit(tc=tc(EVERY, [2], li=ON_LI, vendors_li=[1], disclosed=[2, 30]))
    assert seen.vendor(2) is True
    assert seen.vendor(30) is False and seen.vendor(30, True) is False
    assert seen.vendor(28) is None and seen.vendor(28, True) is None  # below 30, not disclosed
    # not among them, below the maximum of the bits
    seen = visit(tc=tc(EVERY, [2, 300], li=ON_LI, disclosed=[2, 300]))
    assert seen.vendor(28) is None and seen.vendor(30, True) is None
    assert seen.explain(28).reason == "vendor-unknown"


def test_r12_a_bit_of_a_vendor_that_was_not_disclosed_counts_unless_the_host_gates() -> None:
    text = tc(EVERY, [2, 28], li=ON_LI, vendors_li=[30], disclosed=[28])
    assert [visit(tc=text).allows(n) for n in (2, 28, 30)] == [True, True, True]
    gated = config_of(notice_of(consentpy={"tcf": {"require_vendor_disclosed": True}}))
    seen = visit(gated, text)
    assert [seen.allows(n) for n in (2, 28, 30)] == [False, True, False]
    assert seen.vendor(2) is None and seen.vendor(30, True) is None and seen.vendor(28) is True
    # without a segment there is nothing to gate by
    assert visit(gated, tc(EVERY, [2])).allows(2) is True
    empty = visit(gated, tc(EVERY, [2], disclosed=""))
    assert empty.vendor(2) is None and empty.allows(2) is False


def test_r12_a_vendor_that_the_string_does_not_know_is_asked_for_again() -> None:
    config = config_of(notice_of((2, 217), custom=[], notice={"daysBeforeShowingAgain": 5}))
    for days, reason, asked in ((3, "within-window", False), (6, "new-vendor", True)):
        seen = visit(config, tc(EVERY, [2], days=days))
        assert (seen.collect_reason, seen.should_collect) == (reason, asked)
        assert seen.partial is True and seen.allows(2) is True
    complete = visit(config, tc(EVERY, [300], days=6))
    assert complete.collect_reason == "complete" and complete.partial is False


# ------------------------------------------------------------- from the token as before


def test_r12_special_features_and_google_are_read_from_the_token() -> None:
    config = config_of(notice_of((9, 755), custom=[]))
    named = ["geolocation_data", "device_characteristics"]
    everything = agreed(special_feature_optins=[1, 2], vendors="1-800", vendors_li="1-800")
    alone = visit(config, everything)
    assert alone.purpose("geolocation_data") is None and alone.vendor("google") is None
    assert not alone.allows(9) and not alone.allows("google") and not alone.allows(755)
    both = visit(config, everything, agree("google", purposes=named))
    assert both.allows(9) and both.allows("google") and both.purpose("geolocation_data") is True
    # a bit that is not set takes nothing away from what the token says
    bits = agreed(vendors="1-300", vendors_li="1-300")
    assert visit(config, bits, agree("google", purposes=named)).allows(755)
    refused = visit(config, everything, refuse("google", purposes=named))
    assert refused.vendor("google") is False and not refused.allows(9)
    # its purposes are the string's
    some = tc([1, 3], "1-800", li=ON_LI, vendors_li="1-800")
    assert visit(config, some, agree("google", purposes=ids(*EVERY))).allows("google") is False


def test_r12_a_vendor_of_didomis_list_with_a_number_answers_in_the_token() -> None:
    gvl = vendor_list(listed(506, [1]), listed(7))
    config = config_of(page([7], didomi=["salesforce"]), gvl=gvl)
    (sales, seven) = config.notice("FR").vendors
    assert (sales.namespace, seven.namespace) == ("didomi", "iab")
    every = agreed(vendors="1-600", vendors_li="1-600")
    assert visit(config, every).vendor("salesforce") is None
    token = cookie_of({"vendors": {"enabled": ["salesforce"]}})
    assert visit(config, every, token).vendor("salesforce") is True
    # elsewhere in the configuration it comes from the list
    listed_there = config_of(page([506], didomi=[]), gvl=gvl)
    assert visit(listed_there, every).vendor("salesforce") is True


def test_r12_former_purposes_are_no_purposes_of_the_string() -> None:
    config = config_of(full([vendor("old", sorted(FORMER))]))
    assert visit(config, agreed()).vendor("old") is None
    token = agree("old", purposes=sorted(FORMER))
    assert visit(config, nothing(), token).allows("old") is True
    assert visit(config, agreed(), refuse("old", purposes=sorted(FORMER))).allows("old") is False


def test_r15_special_purposes_alone_stay_shut() -> None:
    seen = visit(config_of(notice_of((56, 57))), agreed())
    assert not seen.allows(56) and not seen.allows(57)
    assert seen.explain(56).reason == "special-purposes-only"


# ------------------------------------------------------------------------ restrictions


@pytest.mark.parametrize(
    ("kind", "purpose", "shut"),
    [
        (0, 1, [2, 28]),  # not allowed: 2 and 28 use purpose 1, 30 does not
        (0, 7, [2, 28, 30]),  # on either basis
        (0, 9, []),
        (1, 7, [30]),  # consent required: whoever uses it here on legitimate interest
        (1, 1, []),
        (2, 7, [2, 28]),  # legitimate interest required: whoever uses it here on consent
        (2, 9, []),
    ],
)
def test_r12_a_restriction_in_the_string_shuts_the_vendor(
    kind: int, purpose: int, shut: list[int]
) -> None:
    rule = {"purpose_id": purpose, "type": kind, "ids": "1-300"}
    seen = visit(tc=agreed(publisher_restrictions=[rule]))
    for number in (2, 28, 30):
        assert seen.allows(number) is (number not in shut), number
        why = seen.explain(number)
        assert why.allowed is (number not in shut)
        if number in shut:
            assert why.reason == "restricted" and not all(step.passed for step in why.steps)
            assert why.would_allow is None
    # tri-states are not changed by it, nor is the purpose by itself
    assert seen.vendor(2) is True and seen.vendor(30, True) is True
    assert seen.purpose(ids(purpose)[0]) is True and seen.allows(purposes=ids(purpose))
    assert seen.current()["vendors"]["2"]["enabled"] is (2 not in shut)


def test_r12_a_restriction_names_vendors() -> None:
    rule = {"purpose_id": 1, "type": 0, "ids": "3-27,28"}
    seen = visit(tc=agreed(publisher_restrictions=[rule]), token=agree("ads"))
    assert [seen.allows(n) for n in (2, 28, 30)] == [True, False, True]
    assert seen.allows("ads") is True  # no vendor of the list
    assert seen.verdicts([seen.notice.gate(n) for n in (2, 28)]) == [True, False]
    assert seen.data_layer()["didomiVendorsEnabled"] == "ads,2,30,"


def test_r12_what_the_site_moved_to_the_other_basis_is_judged_where_it_is_used() -> None:
    """The notice has the restriction too: vendor 30 then uses purpose 7 on consent."""
    config = config_of(
        notice_of(
            {"include": [30], "restrictions": [restriction("req-consent", ids(7)[0])]}, custom=[]
        )
    )
    (thirty,) = config.notice("FR").vendors
    assert thirty.purposes == ids(7) and thirty.legitimate_interest_purposes == ids(2)
    rule = {"purpose_id": 7, "type": 1, "ids": "1-300"}
    assert visit(config, agreed(publisher_restrictions=[rule])).allows(30) is True
    assert visit(config, agreed(publisher_restrictions=[{**rule, "type": 2}])).allows(30) is False
    assert visit(config, agreed(publisher_restrictions=[{**rule, "type": 0}])).allows(30) is False


# ------------------------------------------------------------------- which strings count


def own_cmp(**own: Any) -> cp.Config:
    return config_of(notice_of(consentpy=own))


@pytest.mark.parametrize(
    ("own", "accepted", "foreign"),
    [
        ({}, [7], [6, 31]),
        ({"cmpIds": [31]}, [31], [7]),
        ({"cmpIds": [31, 7]}, [31, 7], [8]),
        ({"cmpIds": []}, [], [7, 31]),
        ({"cmpIds": "any"}, [7, 31, 4095], []),
        ({"cmpIds": [31], "cmpId": 92}, [31, 92], [7]),
        ({"cmpId": 92}, [7, 92], [31]),
        ({"cmpIds": "31"}, [], [31]),
        ({"cmpIds": 31}, [], [31]),
        ({"cmpIds": ["31", True, None, 30.5]}, [], [31, 1, 30]),
        ({"cmpIds": {"31": 31}}, [], [31]),
        ({"cmpIds": "ANY"}, [], [31]),
        ({"cmpId": "92"}, [], [92]),
    ],
)
def test_r12_a_string_of_another_cmp_is_as_absent(
    own: dict[str, Any], accepted: list[int], foreign: list[int]
) -> None:
    config = own_cmp(**own)
    for number in accepted:
        seen = visit(config, agreed(cmp=number))
        assert seen.allows(2) and "tc_foreign_cmp" not in codes(seen), number
    for number in foreign:
        seen = visit(config, agreed(cmp=number))
        assert seen.vendor(2) is None and not seen.allows(2), number
        assert seen.collect_reason == "no-choice" and seen.updated is None
        assert seen.tc_string == "" and "tc_foreign_cmp" in codes(seen)


def test_r12_beside_a_foreign_string_the_token_speaks_for_purposes() -> None:
    """As the SDK does, which rejects it and keeps what its token has."""
    token = agree("ads", purposes=["cookies"])
    assert visit(tc=agreed(cmp=31), token=token).allows("ads") is True
    assert visit(tc=agreed(cmp=31), token=agree("ads")).allows("ads") is False


DEMANDS: list[tuple[dict[str, Any], str, bool]] = [
    ({}, agreed(is_service_specific=False), False),
    ({"require_service_specific": True}, agreed(is_service_specific=False), False),
    ({"require_service_specific": False}, agreed(is_service_specific=False), True),
    ({"require_service_specific": 0}, agreed(is_service_specific=False), False),
    ({"require_service_specific": "false"}, agreed(is_service_specific=False), False),
    ({"require_service_specific": None}, agreed(is_service_specific=False), False),
    ({"min_policy_version": 5}, agreed(policy=4), False),
    ({"min_policy_version": 5}, agreed(policy=5), True),
    ({"min_policy_version": "5"}, agreed(policy=4), True),
    ({"require_disclosed_segment_from_policy": 5}, agreed(policy=5), False),
    ({"require_disclosed_segment_from_policy": 5}, agreed(policy=4), True),
    ({"require_disclosed_segment_from_policy": 5}, agreed(disclosed="1-300"), True),
    ({"require_disclosed_segment_from_policy": "x"}, agreed(), True),
    ({"require_disclosed_segment_since": f"{day(2):%Y-%m-%d}"}, agreed(days=1), False),
    ({"require_disclosed_segment_since": f"{day(2):%Y-%m-%d}"}, agreed(days=2), False),
    ({"require_disclosed_segment_since": f"{day(2):%Y-%m-%d}"}, agreed(days=3), True),
    ({"require_disclosed_segment_since": f"{day(2):%Y-%m-%d}"}, agreed(disclosed="2-30"), True),
    ({"require_disclosed_segment_since": 7}, agreed(), True),
]


@pytest.mark.parametrize(("demands", "text", "counts"), DEMANDS)
def test_r12_the_hosts_demands(demands: dict[str, Any], text: str, counts: bool) -> None:
    seen = visit(own_cmp(tcf=demands), text)
    assert seen.allows(2) is counts
    assert ("tc_not_accepted" in codes(seen)) is not counts
    assert seen.tc_string == (text if counts else "")
    assert seen.collect_reason == ("within-window" if counts else "no-choice")


@pytest.mark.parametrize("demands", [None, [], "x", 7, {"gone": True}])
def test_r12_demands_of_a_wrong_shape_leave_the_defaults(demands: Any) -> None:
    config = own_cmp(tcf=demands)
    assert visit(config, agreed()).allows(2) is True
    assert visit(config, agreed(is_service_specific=False)).allows(2) is False


def test_r12_purpose_one_that_was_not_shown() -> None:
    text = tc([2, 7], [2], purpose_one_treatment=True, publisher_cc="DE")
    assert visit(tc=text).purpose("cookies") is False and not visit(tc=text).allows(2)
    exempt = own_cmp(tcf={"purpose_one_exempt_countries": ["AT", "DE"]})
    seen = visit(exempt, text)
    assert seen.purpose("cookies") is True and seen.allows(2) is True
    assert seen.purpose("cookies", True) is False
    for other in (
        tc([2, 7], [2], purpose_one_treatment=True, publisher_cc="FR"),
        tc([2, 7], [2], purpose_one_treatment=False, publisher_cc="DE"),
    ):
        assert visit(exempt, other).purpose("cookies") is False
    for wrong in ("DE", ["de1"], [1], {"DE": True}, None):
        config = own_cmp(tcf={"purpose_one_exempt_countries": wrong})
        assert visit(config, text).purpose("cookies") is False
    rule = {"purpose_id": 1, "type": 0, "ids": "1-300"}
    both = tc(
        [2, 7], [2], purpose_one_treatment=True, publisher_cc="DE", publisher_restrictions=[rule]
    )
    assert visit(exempt, both).allows(2) is False


MALFORMED = [
    entry
    for entry in json.loads((VECTORS / "tcf.json").read_text("ascii"))["malformed"]
    if entry["expect"]["strict"] == "error"
]


def test_r12_what_cannot_be_read_strictly_is_as_absent() -> None:
    """All malformed vectors, also those that lenient readers take. A value of none is none."""
    config = own_cmp(cmpIds="any")
    for entry in MALFORMED:
        text = entry["tc"]
        if set(text) & set(';,"') or text.strip() != text:
            continue  # no value of a cookie
        seen = visit(config, text)
        assert not seen.allows(2) and seen.vendor(2) is None, entry["id"]
        assert seen.tc_string == "" and seen.updated is None, entry["id"]
        if text:
            assert "tc_unreadable" in codes(seen), entry["id"]
        beside = visit(config, text, agree("own", purposes=["p1"]))
        assert beside.allows("own") is True, entry["id"]


def test_r12_a_string_that_the_browser_may_read_lets_no_token_speak_for_it() -> None:
    """The official library takes bits behind the end; the string in it refuses purpose 1.

    Were it simply absent here, the token's old word would open what the browser holds back.
    """
    spoilt = nothing() + "AAAB"
    cp.tcf.decode(spoilt)
    with pytest.raises(cp.DecodeError):
        cp.tcf.decode(spoilt, strict=True)
    token = agree("ads", "own", purposes=["cookies", "p1"])
    for text in (spoilt, nothing(is_service_specific=False)):
        seen = visit(tc=text, token=token)
        assert seen.allows("own") is True
        assert seen.allows("ads") is False and seen.purpose("cookies") is not True


# --------------------------------------------------------------------- where it counts not


def test_r12_only_the_opt_in_law_knows_the_string() -> None:
    config = config_of(optout(notice_of()))
    sent = {"euconsent-v2": nothing()}
    for country, region in (("US", "CA"), ("JP", None)):
        seen = visit(config, cookies=sent, country=country, region=region)
        assert seen.allows(2) is True and seen.updated is None and seen.tc_string == ""
        assert seen.data_layer()["didomiIABConsent"] == ""
    objection = california(config, refuse(purposes=["cookies"]))
    assert objection.allows(2) is False
    both = {"euconsent-v2": agreed(), "didomi_token_cpra": cookie_of(refuse(purposes=["cookies"]))}
    assert visit(config, cookies=both, country="US", region="CA").allows(2) is False


def test_r12_neither_bots_nor_minors_have_one() -> None:
    config = config_of(notice_of(user={"bots": {"consentRequired": False}}))
    bot = visit(config, nothing(), user_agent="Googlebot/2.1")
    assert bot.bot and bot.allows(2) and bot.tc_string == "" and bot.updated is None
    minor = visit(config_of(notice_of(user={"isUnderage": True})), agreed())
    assert not minor.allows(2) and minor.tc_string == "" and minor.explain(2).reason == "underage"


def test_r12_where_answers_are_not_kept_in_cookies_there_is_none() -> None:
    config = config_of(notice_of(cookies={"storageSources": {"cookies": False}}))
    seen = visit(config, agreed())
    assert not seen.allows(2) and seen.vendor(2) is None and seen.tc_string == ""
    assert "storage_off" in codes(seen)


def test_r12_global_privacy_control_has_no_part_in_it() -> None:
    assert visit(tc=agreed(), gpc=True).allows(2) is True


# --------------------------------------------------------------------------------- why


def test_explain_says_what_the_string_had_to_do_with_it() -> None:
    text = tc([1, 2, 7], [2])
    seen = visit(tc=text)
    why = seen.explain(2)
    assert why.allowed and why.reason == "allowed" and all(step.passed for step in why.steps)
    told = json.dumps(why.to_dict()) + str(why)
    assert "euconsent-v2" in told and text not in told
    assert seen.explain(28).would_allow is None  # an answer that only a new string could hold
    foreign = visit(tc=agreed(cmp=31)).explain(2)
    assert not foreign.allowed and foreign.reason in ("no-choice", "vendor-unknown")


def test_google_consent_mode_hangs_on_both() -> None:
    config = config_of(
        plain_merge(
            notice_of(None, custom=[], app={"vendors": {"didomi": ["google"]}}),
            {"integrations": {"vendors": {"gcm": {"enable": True}}}},
        ),
        catalog=GOOGLE,
    )
    for text, agrees, expected in (
        (tc([1], [300]), True, "granted"),
        (tc([1], [300]), False, "denied"),
        (nothing(), True, "denied"),
    ):
        token = (agree if agrees else refuse)("google", purposes=["cookies"])
        told = visit(config, text, token).google_consent_mode()
        assert told is not None and told["ad_storage"] == expected


def test_a_day_of_a_string_reads_like_a_tokens() -> None:
    current = visit(tc=agreed(days=3)).current()
    assert current["updated"] == current["created"] == midnight_text(3)
    assert current["user_id"] is None
