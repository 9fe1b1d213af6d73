"""A Didomi Consent String in a Status: numbers to ids, which law, the token beside it (R9)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from string_world import (
    NUMBERS,
    TC_NAME,
    agreed,
    answers,
    codes,
    config_of,
    cookie_of,
    dcs,
    nothing,
    notice_of,
    tc,
    verdicts,
    visit,
)
from test_dcs import head, letters

import consentpy as cp
from helpers import (
    DAY,
    NOW,
    USER_ID,
    VECTORS,
    ago,
    agree,
    full,
    header,
    parse,
    plain_merge,
    refuse,
    vendor,
    within,
)

#: Vendors with numbers of the catalog (own, counts), of the notice (mine), and with none (bare).
ROWS = [
    vendor("own", ["p1"]),
    vendor("mine", ["p1", "p2"], namespaces={"num": 12}),
    vendor("counts", [], ["p3"]),
    vendor("bare", ["p1"]),
]
CATALOG: dict[str, Any] = plain_merge(NUMBERS, {"purposes": {"p3": {"num": 103}}})
LAYER = full(ROWS, named=["p9"])
CONFIG = cp.Config(LAYER, catalog=CATALOG)
OTHER_USER = "89abcdef-0123-6cde-9f01-0123456789ab"
YES = dcs(([101, 16_800], []), ([11, 12], []), ([103], []), ([37_975], []))
NO = dcs(([], [101, 16_800]), ([], [11, 12]), ([], [103]), ([], [37_975]))
WORDS = ("own", "mine", "counts", "bare")


def allowed(seen: cp.Status) -> list[bool]:
    return [seen.allows(name) for name in WORDS]


def ask(text: str | None = None, token: Any = None, **more: Any) -> cp.Status:
    return visit(more.pop("config", CONFIG), None, token, dcs=text, **more)


# --------------------------------------------------------------------- numbers to ids


def test_r9_a_string_alone_answers_for_the_ids_of_its_numbers() -> None:
    seen = ask(YES)
    assert allowed(seen) == [True, True, True, False]
    assert seen.vendor("own") is True and seen.purpose("p2") is True
    assert seen.vendor("counts", True) is True and seen.vendor("counts") is None
    assert seen.purpose("p3", True) is True and seen.purpose("p3") is None
    assert seen.vendor("bare") is None and seen.purpose("p9") is None
    no = ask(NO)
    assert allowed(no) == [False] * 4
    assert no.vendor("mine") is False and no.purpose("p1") is False
    assert no.purpose("p3", True) is False and no.vendor("bare") is None
    assert no.explain("own").reason == "vendor-refused"


def test_r9_user_and_dates_are_the_strings() -> None:
    seen = ask(dcs(user=OTHER_USER, age=7200, created=5 * DAY))
    assert seen.user_id == OTHER_USER
    assert seen.updated == NOW - timedelta(hours=2) and seen.created == NOW - timedelta(days=5)
    current = seen.current()
    assert (current["created"], current["updated"]) == (ago(5 * DAY), ago(7200))
    assert current["user_id"] == OTHER_USER
    assert seen.expires == seen.updated + timedelta(days=366)
    tenth = ask(dcs(updated="2026-03-20T08:00:00.700Z"))
    assert tenth.current()["updated"] == "2026-03-20T08:00:00.700Z"
    assert OTHER_USER not in repr(seen) and seen.experiment_group is None


def test_r9_the_string_is_told() -> None:
    seen = ask(YES)
    assert seen.current()["didomi_dcs"] == YES and seen.lists()["didomi_dcs"] == YES
    assert ask(None, agree("own", purposes=["p1"])).current()["didomi_dcs"] == ""
    assert ask("C!").current()["didomi_dcs"] == ""
    lists = seen.lists()
    assert set(lists["vendors"]["consent"]["enabled"]) == {"c:own", "c:mine"}
    assert set(lists["purposes"]["legitimate_interest"]["enabled"]) == {"p3"}
    assert seen.data_layer()["didomiVendorsEnabled"] == "own,mine,counts,"


def test_r9_numbers_without_an_id_are_passed_over() -> None:
    more = dcs(([101, 102, 7], [8]), ([11, 13, 60_000], [14]))
    seen = ask(more)
    assert allowed(seen) == [True, False, False, False]
    assert seen.vendor("bare") is None and seen.purpose("p9") is None
    # without a catalog only what the notice numbers itself is known
    bare = visit(cp.Config(LAYER), dcs=YES)
    assert bare.vendor("mine") is True and bare.vendor("own") is None
    assert bare.purpose("p1") is None and allowed(bare) == [False] * 4
    assert bare.updated is not None


@pytest.mark.parametrize("num", [None, "x", True, 0, -12, 65_536, 12.5, [12]])
def test_r9_a_number_that_is_none_names_nobody(num: Any) -> None:
    layer = full([vendor("mine", ["p1"], namespaces={"num": num})])
    seen = visit(cp.Config(layer, catalog=CATALOG), dcs=dcs(([101], []), ([1, 12, 65_535], [])))
    assert seen.vendor("mine") is None and seen.allows("mine") is False


def test_r9_google_and_special_features_have_numbers_too() -> None:
    layer = full(
        [vendor("here", [], specialFeatureIds=[1])], app={"vendors": {"didomi": ["google"]}}
    )
    catalog = plain_merge(CATALOG, {"vendors": {"here": {"num": 40}}})
    config = cp.Config(layer, catalog=catalog)
    seen = visit(config, dcs=dcs(([1, 31], []), ([2, 40], [])))
    assert (
        seen.allows("google") and seen.allows("here") and seen.purpose("geolocation_data") is True
    )
    assert not visit(config, dcs=dcs(([1], [31]), ([2, 40], []))).allows("here")


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("encoding", ["bit_field_2_bits", "ranges_u16"])
def test_r9_every_version_and_coding(version: int, encoding: str) -> None:
    sections = {
        "purposes_optin": {"enabled": [101], "disabled": [102]},
        "vendors_optin": {"enabled": [11], "disabled": [12]},
    }
    coded = {name: {**given, "encoding": encoding} for name, given in sections.items()}
    seen = ask(dcs(version=version, **coded))
    assert seen.allows("own") and seen.vendor("mine") is False


def test_r9_fibonacci_ranges_are_read() -> None:
    """The documented string of version 1: vendors 79 to 84, purposes by bits."""
    text = "BGHWv4UYba5-dZnABdKu__D6iWHsD6iWHsCABFKVEACKUqgAAERY4AABEWMA"
    decoded = cp.dcs.decode(text)
    catalog = {
        "vendors": {"own": {"num": 79}, "mine": {"num": 84}, "bare": {"num": 85}},
        "purposes": {"p1": {"num": 1}, "p2": {"num": 3}},
    }
    layer = full([vendor("own", ["p1"]), vendor("mine", ["p1", "p2"]), vendor("bare", ["p1"])])
    now = parse(decoded.updated) + timedelta(days=1)
    seen = visit(cp.Config(layer, catalog=catalog), dcs=text, now=now)
    assert seen.allows("own") and seen.vendor("mine") is True and seen.vendor("bare") is None
    assert seen.purpose("p2") is False and seen.purpose("p1", True) is True
    assert seen.user_id == "1875afe1-461b-6b9f-9d66-700174abbffc"


@pytest.mark.parametrize("tail", [".device", ".device.user", "..user", "...", "~signed", ".d.u~s"])
def test_r9_segments_behind_the_sections_are_opaque(tail: str) -> None:
    assert allowed(ask(YES + tail)) == [True, True, True, False]
    assert allowed(ask(NO + tail)) == [False] * 4


def test_r9_an_id_under_two_statuses_is_refused() -> None:
    bits = head(2, "0")
    twice = "01" + "0001" + f"{1:016b}" + "1" + f"{101:016b}" + f"{1:016b}" + "1" + f"{101:016b}"
    text = letters(bits + twice + ("001" + "0" * 16) * 3)
    assert cp.dcs.decode(text).warnings == ("contradiction",)
    old = parse(cp.dcs.decode(text).updated) + timedelta(hours=1)
    assert ask(text, now=old).purpose("p1") is not True


def test_r13_essential_purposes_need_no_number() -> None:
    config = cp.Config(full([vendor("must", ["e1"]), *ROWS], ["e1"]), catalog=CATALOG)
    seen = visit(config, dcs=NO)
    assert seen.allows("must") and seen.purpose("e1") is True


# ----------------------------------------------------------------------- how it is sent


@pytest.mark.parametrize(
    "cookies",
    [
        {"didomi_dcs": YES},
        {"didomi_dcs": f'"{YES}"'},
        f"didomi_dcs={YES}",
        f"a=b; didomi_dcs={YES}.did.ouid~signature; c=d".encode(),
        header(YES, YES, name="didomi_dcs"),
    ],
)
def test_r9_a_mapping_and_a_header(cookies: Any) -> None:
    assert allowed(visit(CONFIG, cookies=cookies)) == [True, True, True, False]


def test_r9_the_name_follows_the_configuration() -> None:
    named = {"cookies": {"didomiConsentStringCookieName": "mydcs"}}
    config = cp.Config(plain_merge(LAYER, named), catalog=CATALOG)
    assert visit(config, cookies={"mydcs": YES}).allows("own")
    assert not visit(config, cookies={"didomi_dcs": YES}).allows("own")
    for odd in ("", None, 7):
        wrong = {"cookies": {"didomiConsentStringCookieName": odd}}
        config = cp.Config(plain_merge(LAYER, wrong), catalog=CATALOG)
        assert visit(config, cookies={"didomi_dcs": YES}).allows("own")


def test_r9_of_several_only_what_all_enable_counts() -> None:
    one = dcs(([101, 16_800], []), ([11, 12], []), age=60)
    two = dcs(([101, 16_800], []), ([11], [12]), age=7200, user=OTHER_USER)
    for sent in (header(one, two, name="didomi_dcs"), header(two, one, name="didomi_dcs")):
        seen = visit(CONFIG, cookies=sent)
        assert allowed(seen) == [True, False, False, False]
        assert seen.updated == NOW - timedelta(hours=2) and seen.user_id == OTHER_USER


def test_r9_where_answers_are_not_kept_in_cookies_there_is_none() -> None:
    off = {"cookies": {"storageSources": {"cookies": False}}}
    config = cp.Config(plain_merge(LAYER, off), catalog=CATALOG)
    assert allowed(visit(config, dcs=YES)) == [False] * 4


# ---------------------------------------------------------------------- token and string


@pytest.mark.parametrize(
    ("age", "token_age", "the_string_counts"),
    [(60, 61, True), (61, 60, False), (60, 60, True), (60, 59, False), (60, 300 * DAY, True)],
)
def test_r9_the_later_one_counts_and_on_a_tie_the_string(
    age: float, token_age: float, the_string_counts: bool
) -> None:
    for text, says, other in ((YES, True, refuse), (NO, False, agree)):
        sections = cp.dcs.decode(text).to_dict()
        dated = {**sections, "created": ago(age), "updated": ago(age)}
        token = other("own", "mine", "counts", purposes=["p1", "p2", "p3"])
        lists = {**token, "updated": ago(token_age), "user_id": OTHER_USER}
        seen = ask(cp.dcs.encode(dated), lists)
        expected = says if the_string_counts else not says
        assert allowed(seen)[:3] == [expected] * 3
        assert seen.user_id == (USER_ID if the_string_counts else OTHER_USER)
        assert seen.updated == NOW - timedelta(seconds=age if the_string_counts else token_age)


def test_r9_a_tenth_of_a_second_decides() -> None:
    text = dcs(([101], []), ([11], []), age=59.9, created=60)
    token = refuse("own", purposes=["p1"])
    assert ask(text, {**token, "updated": ago(60)}).allows("own") is True
    assert ask(text, {**token, "updated": ago(59.8)}).allows("own") is False
    assert ask(text, {**token, "updated": ago(59.9)}).allows("own") is True


def test_r9_the_rules_of_time_judge_the_winner_alone() -> None:
    ahead = dcs(([101], []), ([11], []), age=-3 * DAY)
    seen = ask(ahead, agree("own", purposes=["p1"]))
    assert seen.collect_reason == "expired" and not seen.allows("own") and seen.updated is None
    token = {**agree("own", purposes=["p1"]), "updated": ago(-3 * DAY)}
    assert ask(YES, token).collect_reason == "expired" and not ask(YES, token).allows("own")
    old = {**refuse("own", purposes=["p1"]), "updated": ago(400 * DAY)}
    assert ask(YES, old).allows("own") is True
    undated = {**refuse("own", purposes=["p1"]), "updated": "yesterday"}
    assert ask(YES, undated).allows("own") is True and ask(YES, undated).user_id == USER_ID


def test_r9_an_unreadable_one_leaves_the_other() -> None:
    seen = ask("C!", agree("own", purposes=["p1"]))
    assert seen.allows("own") and "dcs_unreadable" in codes(seen)
    assert ask("C!").collect_reason == "no-choice" and "dcs_unreadable" in codes(ask("C!"))
    assert allowed(ask(YES, "!")) == [True, True, True, False]


@pytest.mark.parametrize("reason", ["expired", "ahead", "ignored-before", "denied-expired"])
def test_r9_the_rules_of_time_hold_for_a_string(reason: str) -> None:
    layer, text = LAYER, YES
    if reason == "expired":
        text = dcs(([101], []), ([11], []), age=366 * DAY)
    if reason == "ahead":
        text = dcs(([101], []), ([11], []), age=-DAY - 1)
    if reason == "ignored-before":
        layer = plain_merge(LAYER, {"user": {"ignoreConsentBefore": ago(60)}})
    if reason == "denied-expired":
        layer, text = plain_merge(LAYER, {"app": {"deniedConsentDuration": 3600}}), NO
    seen = visit(cp.Config(layer, catalog=CATALOG), dcs=text)
    assert seen.collect_reason == reason.replace("ahead", "expired")
    assert seen.updated is None and seen.user_id == USER_ID and allowed(seen) == [False] * 4
    assert seen.vendor("own") is None and seen.current()["didomi_dcs"] == ""


def test_r9_of_today_the_string_is_complete_when_all_is_answered() -> None:
    layer = full([vendor("own", ["p1"]), vendor("counts", [], ["p3"])])
    config = cp.Config(layer, catalog=CATALOG)
    whole = dcs(([101], []), ([11], []), ([], [103]), ([37_975], []))
    assert visit(config, dcs=whole).collect_reason == "complete"
    assert visit(config, dcs=dcs(([101], []), ([11], []))).collect_reason == "within-window"


# ------------------------------------------------------------------- beside a TC string


def test_r9_under_the_gdpr_listed_ids_stay_in_the_tc_string() -> None:
    config = config_of(notice_of((2,), custom=[vendor("own", ["p1"]), vendor("ads", ["cookies"])]),
                       catalog=plain_merge(NUMBERS, {"vendors": {"ads": {"num": 50}, "2": {"num": 51}}}))  # fmt: skip
    text = dcs(([101, 1], []), ([11, 50, 51], []))
    alone = visit(config, dcs=text)
    assert alone.allows("own") and alone.allows("ads") and not alone.allows(2)
    assert alone.vendor(2) is None
    both = visit(config, nothing(), dcs=text)
    assert both.allows("own") and not both.allows("ads") and not both.allows(2)
    full_string = visit(config, agreed(), dcs=text)
    assert full_string.allows("own") and full_string.allows("ads") and full_string.allows(2)
    assert full_string.tc_string == agreed() and full_string.user_id == USER_ID
    assert full_string.updated == NOW - timedelta(hours=1)


def test_r12_a_void_dcs_voids_the_tc_string() -> None:
    config = config_of(catalog=NUMBERS)
    for text in (dcs(([101], []), age=400 * DAY), dcs(([101], []), age=-3 * DAY)):
        seen = visit(config, agreed(), dcs=text)
        assert not seen.allows(2) and seen.tc_string == "" and seen.collect_reason == "expired"
    assert visit(config, agreed(), dcs="C!").allows(2) is True
    assert visit(config, agreed(), dcs=dcs(law=4, age=400 * DAY)).allows(2) is True  # not ours
    # the token that lost against it does not
    token = {**agree("own", purposes=["p1"]), "updated": ago(400 * DAY)}
    assert visit(config, agreed(), token, dcs=dcs(([101], []), ([11], []))).allows(2) is True


# ------------------------------------------------------------------------------ the law


@pytest.mark.parametrize("number", [0, 2, 4, 99, 65_535])
def test_r9_a_string_for_another_law_is_ignored(number: int) -> None:
    other = dcs(([101, 16_800], []), ([11, 12], []), law=number, age=10)
    seen = ask(other)
    assert allowed(seen) == [False] * 4 and seen.collect_reason == "no-choice"
    said = {"dcs_other_regulation"} if number in (1, 4, 5) else codes(seen)
    assert said & codes(seen) and seen.user_id is None
    refused = dcs(([], [101]), ([], [11]), law=number, age=10)
    seen = ask(refused, agree("own", purposes=["p1"]))
    assert seen.allows("own") is True and codes(seen)


def test_r9_version_1_names_no_law_and_is_the_gdprs() -> None:
    text = dcs(([101], []), ([11], []), version=1)
    assert ask(text).allows("own") is True
    assert "dcs_other_regulation" not in codes(ask(text))


STATES = {"gdpr": {"enabled": True}, "cpra": {"enabled": True}, "cpa": {"enabled": True}}
US = plain_merge(LAYER, {"regulations": STATES})
OPT_OUT = cp.Config(US, catalog=CATALOG)
#: Under an opt-out law everything stands on legitimate interest.
OBJECTION: dict[str, Any] = {"purposes_li": ([], [16_800]), "vendors_li": ([12], [11])}


def california(cookies: Any, **more: Any) -> cp.Status:
    return visit(more.pop("config", OPT_OUT), cookies=cookies, country="US", region="CA", **more)


@pytest.mark.parametrize("name", ["didomi_dcs_cpra", "didomi_dcs"])
def test_r9_under_an_opt_out_law_it_has_a_name_of_its_own_or_the_plain_one(name: str) -> None:
    seen = california({name: dcs(law=4, **OBJECTION)})
    assert [seen.allows(word) for word in WORDS] == [False, False, True, True]
    assert seen.vendor("own", True) is False and seen.purpose("p2", True) is False
    assert seen.vendor("bare", True) is True and seen.collect_reason == "opt-out"
    assert seen.updated == NOW - timedelta(hours=1) and seen.user_id == USER_ID


def test_r9_the_laws_own_name_goes_first() -> None:
    calm, objection = dcs(law=4), dcs(law=4, **OBJECTION)
    assert not california({"didomi_dcs_cpra": objection, "didomi_dcs": calm}).allows("own")
    assert california({"didomi_dcs_cpra": calm, "didomi_dcs": dcs(law=1, **OBJECTION)}).allows(
        "own"
    )
    renamed = plain_merge(US, {"cookies": {"didomiConsentStringCookieName": "d"}})
    config = cp.Config(renamed, catalog=CATALOG)
    assert not california({"d_cpra": objection}, config=config).allows("own")
    assert california({"didomi_dcs_cpra": objection}, config=config).allows("own")


def test_r9_another_laws_string_counts_neither_way() -> None:
    for sent in (
        {"didomi_dcs": dcs(law=1, **OBJECTION)},
        {"didomi_dcs": dcs(law=5, **OBJECTION)},
        {"didomi_dcs_cpa": dcs(law=5, **OBJECTION)},
        {"didomi_dcs": dcs(version=1, **OBJECTION)},
    ):
        seen = california(sent)
        assert allowed(seen) == [True] * 4 and seen.updated is None
    assert "dcs_other_regulation" in codes(california({"didomi_dcs": dcs(law=5, **OBJECTION)}))
    # and the token is not moved aside by it
    token = cookie_of(refuse("c:own", purposes=[]), updated=ago(9 * DAY))
    both = {"didomi_token_cpra": token, "didomi_dcs": dcs(law=5, age=1)}
    assert california(both).allows("own") is False


def test_r9_version_1_is_of_the_law_of_its_cookie() -> None:
    text = dcs(version=1, **OBJECTION)
    assert not california({"didomi_dcs_cpra": text}).allows("own")
    assert california({"didomi_dcs": text}).allows("own")


def test_r9_a_law_that_nobody_can_name_is_unreadable_where_refusals_count() -> None:
    for sent in ({"didomi_dcs": dcs(law=77)}, {"didomi_dcs_cpra": dcs(law=77)}):
        assert allowed(california(sent)) == [False] * 4
    without = cp.Config(US, catalog={**CATALOG, "regulations": {}})
    assert allowed(california({"didomi_dcs_cpra": dcs(law=4)}, config=without)) == [False] * 4


def test_r10_a_refused_number_without_an_id_may_be_any_id_without_a_number() -> None:
    seen = california({"didomi_dcs_cpra": dcs(law=4, vendors_li=([], [13]))})
    assert [seen.allows(word) for word in WORDS] == [True, True, True, False]
    seen = california({"didomi_dcs_cpra": dcs(law=4, purposes_li=([], [55]))})
    assert not seen.allows(purposes="p9") and seen.allows(purposes="p1")
    assert [seen.allows(word) for word in WORDS] == [True] * 4  # their purposes have numbers
    # agreed to, it says nothing
    seen = california(
        {"didomi_dcs_cpra": dcs(law=4, vendors_li=([13], []), purposes_li=([55], []))}
    )
    assert allowed(seen) == [True] * 4 and seen.allows(purposes="p9")
    # under the opt-in law such ids are closed anyhow, and stay unknown
    assert ask(dcs(([101], []), ([], [13]))).vendor("bare") is None


def test_r10_a_refused_number_refuses_every_id_that_has_it() -> None:
    """Which of them the visitor meant cannot be told; agreed to, it is the first one's."""
    rows = [vendor(name, [], [purpose], namespaces={"num": 12})
            for name, purpose in (("mine", "p1"), ("other", "p2"))]  # fmt: skip
    catalog = plain_merge(CATALOG, {"vendors": {"gone": {"num": 12}}})
    gone = full([vendor("gone", ["p1"])])
    layer = plain_merge(US, full([*rows, vendor("bare", [], ["p1"])]))
    for config in (cp.Config(layer, catalog=CATALOG), cp.Config(gone, layer, catalog=catalog)):
        refused = dcs(law=4, vendors_li=([], [12]))
        seen = california({"didomi_dcs_cpra": refused}, config=config)
        assert [seen.allows(name) for name in ("mine", "other", "bare")] == [False, False, True]
        seen = ask(dcs((), ([12], [])), config=config)
        assert seen.vendor("other") is None
    twice = {"purposes": {"p1": {"num": 16_800}}}  # p2 has it too
    config = cp.Config(layer, catalog=plain_merge(CATALOG, twice))
    seen = california({"didomi_dcs_cpra": dcs(law=4, purposes_li=([], [16_800]))}, config=config)
    assert seen.purpose("p1", True) is False and seen.purpose("p2", True) is False


@pytest.mark.parametrize("text", ["C!", "", "A", "C", YES[:30], "x" * 70_000])
def test_r10_an_unreadable_string_refuses_everything(text: str) -> None:
    for name in ("didomi_dcs_cpra", "didomi_dcs"):
        seen = california({name: text})
        assert allowed(seen) == [False] * 4
        token = cookie_of(agree("c:own", purposes=["p1"]))
        assert allowed(california({name: text, "didomi_token_cpra": token})) == [False] * 4
    good = {"didomi_dcs_cpra": dcs(law=4), "didomi_token_cpra": "!"}
    assert allowed(california(good)) == [False] * 4  # nor is an unreadable token made good by it


def test_r10_no_time_lifts_an_objection_in_a_string() -> None:
    for age in (400 * DAY, -9 * DAY):
        seen = california({"didomi_dcs_cpra": dcs(law=4, age=age, **OBJECTION)})
        assert not seen.allows("own") and not seen.allows("mine") and seen.allows("bare")


def test_r10_the_later_of_both_counts_here_too() -> None:
    token = cookie_of(refuse("c:bare", purposes=[]), updated=ago(60))
    for age, expected in ((30, [False, False, True, True]), (90, [True, True, True, False])):
        both = {"didomi_token_cpra": token, "didomi_dcs_cpra": dcs(law=4, age=age, **OBJECTION)}
        assert allowed(california(both)) == expected


def test_r3_without_a_law_a_refusal_counts_where_it_is_respected() -> None:
    own = {"storedRefusalWithoutRegulation": "respect"}
    respect = cp.Config(plain_merge(LAYER, {"consentpy": own}), catalog=CATALOG)
    for config, expected in ((CONFIG, [True] * 4), (respect, [False] * 4)):
        assert allowed(visit(config, dcs=NO, country="JP")) == expected
        assert allowed(visit(config, dcs=YES, country="JP")) == [True] * 4
    unknown = dcs(vendors=([], [13]))
    assert allowed(visit(respect, dcs=unknown, country="JP")) == [True, True, True, False]
    assert allowed(visit(respect, dcs="C!", country="JP")) == [False] * 4


def test_r11_the_signal_goes_before_a_string() -> None:
    agreed_to = dcs(law=4, purposes_li=([101, 16_800, 103], []), vendors_li=([11, 12, 37_975], []))
    assert allowed(california({"didomi_dcs_cpra": agreed_to}, gpc=True)) == [False] * 4


# ------------------------------------------------------------------------------ hostile


def test_any_string_gets_a_verdict_quickly() -> None:
    ranges = {"enabled": [], "disabled": list(range(1, 65_536, 2)), "encoding": "bit_field_2_bits"}
    many = dcs(vendors_optin=ranges, vendors_optout=ranges)
    texts = [many, many[:16_000], "C" + "A" * 16_383, "C" * 16_384, "C" + "_" * 60_000, "é" * 4000]
    for text in texts:
        for cookies in ({"didomi_dcs": text}, f"didomi_dcs={text}; {TC_NAME}={text}".encode()):
            with within(0.1):
                seen = visit(CONFIG, cookies=cookies)
                verdicts(seen)
                seen.explain("own")
            assert allowed(seen) == [False] * 4


def test_every_vector_in_a_cookie_gets_a_verdict() -> None:
    for entry in json.loads((VECTORS / "dcs.json").read_text("ascii")):
        if entry["kind"] == "dcs_decode":
            seen = visit(CONFIG, cookies={"didomi_dcs": entry["input"]})
            assert seen.allows("own") is False
            if entry["expected"] and entry["expected"]["decoded"].get("regulation_id", 1) != 1:
                continue
            assert (seen.user_id is None) is (entry["expected"] is None)


@pytest.mark.parametrize("value", [None, 7, b"C", ["C"], {"C": 1}])
def test_what_is_no_text_is_no_string(value: Any) -> None:
    seen = visit(CONFIG, cookies={"didomi_dcs": value})
    assert allowed(seen) == [False] * 4 and seen.updated is None


def test_a_string_and_the_token_of_the_same_choices_agree() -> None:
    token = {
        "purposes": {"enabled": ["p1", "p2"]},
        "vendors": {"enabled": ["own"], "disabled": ["mine"]},
        "purposes_li": {"enabled": ["p3"]},
        "vendors_li": {"disabled": ["counts"]},
    }
    text = dcs(([101, 16_800], []), ([11], [12]), ([103], []), ([], [37_975]))
    one, two = ask(text), ask(None, token)
    assert answers(one) == answers(two) and verdicts(one) == verdicts(two)
    assert (one.collect_reason, one.partial, one.updated) == (
        two.collect_reason,
        two.partial,
        two.updated,
    )


def test_a_listed_vendor_is_no_number_under_the_gdpr() -> None:
    """Nor is a refusal by number: the TC string has the vendors of the list."""
    config = config_of(
        notice_of((2,)), catalog=plain_merge(NUMBERS, {"vendors": {"2": {"num": 51}}})
    )
    seen = visit(config, tc([1, 2, 7], [2]), dcs=dcs(vendors=([], [51])))
    assert seen.allows(2) is True and seen.vendor(2) is True


@pytest.mark.parametrize("version", [1, 2])
def test_r9_gdpr_has_the_number_that_the_catalog_gives_it(version: int) -> None:
    config = cp.Config(LAYER, catalog=plain_merge(CATALOG, {"regulations": {"gdpr": 9}}))
    more = {"version": 1} if version == 1 else {"law": 9}
    text = dcs(([101, 16_800], []), ([11], []), **more)
    assert visit(config, dcs=text).allows("own")
    assert not visit(CONFIG, dcs=text).allows("own") or version == 1
