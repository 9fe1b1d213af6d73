"""Answers where consent strings are: what stays, what goes, what is written, read back (R9, R12)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from string_world import (
    EVERY,
    MIDNIGHT,
    TC_NAME,
    YEAR,
    Jar,
    agreed,
    answers,
    config_of,
    cookie_of,
    ids,
    nothing,
    notice_of,
    tc,
    verdicts,
    visit,
)
from vendor_lists import GVL, listed, page, restriction, vendor_list

import consentpy as cp
from helpers import DAY, NOW, USER_ID, ago, agree, plain_merge, vendor

OTHERS_CMP = 92  # a site's own registered number
LATER = NOW + timedelta(hours=2)
TOKEN = cookie_of(agree("c:own", purposes=["p1"]))


def by_name(seen: cp.Status) -> dict[str, cp.Cookie]:
    found = {one.name: one for one in seen.cookies()}
    assert len(found) == len(seen.cookies())
    return found


def written_tc(seen: cp.Status) -> dict[str, Any]:
    """The TC string that the status would store, strictly read and with nothing odd in it."""
    tc_string = cp.tcf.decode(by_name(seen)[TC_NAME].value, strict=True)
    assert tc_string.warnings == ()
    return tc_string.to_dict()


def token_of(seen: cp.Status) -> dict[str, Any]:
    return cp.token.decode(by_name(seen)["didomi_token"].value, strict=True).to_dict()


# --------------------------------------------------------------------- nothing is changed


@pytest.mark.parametrize("age", [60, 300 * DAY])
def test_r12_an_unchanged_string_is_set_again_verbatim(age: float) -> None:
    text = agreed(days=5)
    token = cookie_of(agree("c:own", purposes=["p1"]), updated=ago(age))
    seen = visit(cookies={TC_NAME: text, "didomi_token": token})
    kept = by_name(seen)
    assert set(kept) == {TC_NAME, "didomi_token"}
    assert kept[TC_NAME].value == text and kept["didomi_token"].value == token
    assert kept[TC_NAME].max_age == kept["didomi_token"].max_age == YEAR - age
    assert kept[TC_NAME].secure and kept[TC_NAME].samesite == "Lax" and kept[TC_NAME].path == "/"
    again = by_name(seen.set(now=LATER))
    assert {name: one.value for name, one in again.items()} == {
        name: one.value for name, one in kept.items()
    }
    assert all(0 < one.max_age <= kept[name].max_age for name, one in again.items())


def test_r12_a_string_without_a_token_is_set_again() -> None:
    text = agreed(days=5)
    seen = visit(tc=text)
    kept = by_name(seen)[TC_NAME]
    life = YEAR - (NOW - (MIDNIGHT - timedelta(days=5))).total_seconds()
    assert kept.value == text and kept.max_age == int(life)
    jar = Jar({TC_NAME: text}).take(seen)
    assert verdicts(jar.visit(seen.notice.config)) == verdicts(seen)


def test_r12_where_it_is_not_in_force_it_is_not_set_again() -> None:
    for text in (agreed(cmp=31), "garbage", agreed(days=400)):
        seen = visit(cookies={TC_NAME: text})
        assert all(one.value != text for one in seen.cookies())
    off = config_of(notice_of(cookies={"storageSources": {"cookies": False}}))
    assert visit(off, agreed()).cookies() == ()


def test_the_arguments_reach_every_cookie() -> None:
    seen = visit(cookies={TC_NAME: agreed(), "didomi_token": TOKEN})
    cookies = seen.cookies(domain="example.org", secure=False, samesite="Strict")
    assert len(cookies) == 2
    for one in cookies:
        assert (one.domain, one.secure, one.samesite) == ("example.org", False, "Strict")
        assert "Domain=example.org" in one.header()
    config = config_of(notice_of(cookies={"local": {"customDomain": "example.net"}}))
    assert {one.domain for one in visit(config, agreed(), TOKEN).cookies()} == {"example.net"}


def test_the_strings_name_follows_the_configuration() -> None:
    config = config_of(notice_of(cookies={"iabCookieName": "my-tc"}))
    seen = visit(config, cookies={"my-tc": agreed(), "didomi_token": TOKEN})
    assert by_name(seen)["my-tc"].value == agreed()
    assert by_name(seen.disagree_to_all(now=NOW))["my-tc"].max_age == 0


# ------------------------------------------------------------ without a CMP id of the site


def test_r12_vendors_of_the_list_cannot_be_set() -> None:
    for seen in (visit(), visit(tc=agreed())):
        for choices in (
            {"vendors": {2: False}},
            {"vendors_li": {30: True}},
            {"vendors": {"iab:28": True}},
        ):
            with pytest.raises(cp.ConsentError, match="TC string"):
                seen.set(**choices, now=NOW)


def test_r12_an_answer_about_the_sites_own_leaves_the_string_in_force() -> None:
    text = agreed(days=5)
    seen = visit(tc=text)
    after = seen.set(vendors={"own": True}, purposes={"p1": True}, now=NOW)
    assert after.allows("own") and after.allows(2) and after.tc_string == text
    kept = by_name(after)
    assert kept[TC_NAME].value == text and 0 < kept[TC_NAME].max_age <= YEAR
    assert token_of(after)["vendors"]["enabled"] == ["c:own"]
    assert token_of(after)["purposes"]["enabled"] == ["p1"]
    jar = Jar({TC_NAME: text}).take(after)
    assert answers(jar.visit(seen.notice.config)) == answers(after)
    # saying again what the string says changes nothing of it
    same = seen.set(purposes={"cookies": True, "market_research": True}, now=NOW)
    assert same.tc_string == text and same.allows(2)


def test_r12_an_answer_that_changes_a_purpose_of_the_list_ends_the_string() -> None:
    text = agreed()
    seen = visit(cookies={TC_NAME: text, "didomi_token": TOKEN})
    after = seen.set(purposes={"measure_ad_performance": False}, now=NOW)
    assert after.tc_string == "" and after.tc_data() == {"gdprApplies": True, "tcString": ""}
    assert after.purpose("measure_ad_performance") is False
    assert after.purpose("cookies") is True  # what else was in it stands in the token
    assert after.vendor(2) is None and not after.allows(2) and not after.allows(30)
    assert after.allows("own") is True and after.user_id == USER_ID
    gone = by_name(after)[TC_NAME]
    assert (gone.value, gone.max_age) == ("", 0) and "Max-Age=0" in gone.header()
    token = token_of(after)
    assert "cookies" in token["purposes"]["enabled"]
    assert "measure_ad_performance" in token["purposes"]["disabled"]
    back = Jar({TC_NAME: text, "didomi_token": TOKEN}).take(after).visit(seen.notice.config)
    assert answers(back) == answers(after) and verdicts(back) == verdicts(after)


def test_r12_each_basis_of_a_purpose_may_end_it() -> None:
    seen = visit(tc=agreed())
    for choices in (
        {"purposes_li": {"market_research": False}},
        {"purposes": {"cookies": False}},
    ):
        after = seen.set(**choices, now=NOW)
        assert after.tc_string == "" and by_name(after)[TC_NAME].max_age == 0
        assert not after.allows(2)
    quiet = visit(tc=nothing())
    given = quiet.set(purposes={"cookies": True}, vendors={"ads": True}, now=NOW)
    assert given.allows("ads") and given.tc_string == "" and not given.allows(2)


def test_r12_disagreeing_to_all_leaves_no_string_that_allows() -> None:
    for text in (agreed(), tc([1], [2]), tc([], [], li=[2, 7], vendors_li=[30])):
        seen = visit(cookies={TC_NAME: text, "didomi_token": TOKEN})
        after = seen.disagree_to_all(now=NOW)
        assert not any(verdicts(after).values()) and after.tc_string != text
        back = Jar({TC_NAME: text, "didomi_token": TOKEN}).take(after).visit(seen.notice.config)
        assert not any(verdicts(back).values())
        assert back.purpose("cookies") is False


def test_r12_agreeing_to_all_never_makes_up_a_string() -> None:
    config = config_of()
    for text in (None, nothing(), tc([1], [2])):
        sent = {} if text is None else {TC_NAME: text}
        after = visit(config, cookies=sent).agree_to_all(now=NOW)
        assert after.allows("own") and after.allows("ads") and after.allows("counts")
        assert after.tc_string in ("", text or "")
        assert not any(cookie.value for cookie in after.cookies() if cookie.name == TC_NAME)
        assert not after.allows(28)
        back = Jar(sent).take(after).visit(config)
        assert verdicts(back) == verdicts(after)
    says_the_same = visit(config, agreed())
    after = says_the_same.agree_to_all(now=NOW)
    assert all(verdicts(after).values()) and after.tc_string == agreed()


def test_r12_a_foreign_or_broken_string_is_not_written_over_by_silence() -> None:
    """What the visitor's browser may still send is answered the same way at the next visit."""
    config = config_of()
    for text in (agreed(cmp=31), "garbage", agreed(days=400)):
        sent = {TC_NAME: text}
        for answer in ("agree_to_all", "disagree_to_all"):
            after = getattr(visit(config, cookies=sent), answer)(now=NOW)
            back = Jar(sent).take(after).visit(config)
            assert verdicts(back) == verdicts(after)


def test_r12_several_strings_end_in_one_answer() -> None:
    config = config_of()
    raw = f"{TC_NAME}={agreed()}; {TC_NAME}={nothing()}; didomi_token={TOKEN}"
    seen = visit(config, cookies=raw)
    assert not seen.allows(2)
    after = seen.set(purposes={"cookies": True}, vendors={"ads": True}, now=NOW)
    assert after.allows("ads") and not after.allows(2)
    assert by_name(after)[TC_NAME].max_age == 0


def test_a_way_to_the_tag_through_the_purpose() -> None:
    seen = visit(tc=nothing(), token=agree("ads"))
    why = seen.explain("ads")
    assert why.would_allow == {"purposes": {"cookies": True}}
    assert seen.set(**why.would_allow, now=NOW).allows("ads")
    assert seen.explain(2).would_allow is None


# --------------------------------------------------------------- with the site's own CMP id


def own(**more: Any) -> cp.Config:
    layer = notice_of(
        (2, 9, 28, 30, 755), custom=[vendor("own", ["p1"]), vendor("ads", ["cookies"])]
    )
    return config_of(plain_merge(plain_merge(layer, {"consentpy": {"cmpId": OTHERS_CMP}}), more))


def test_r12_agreeing_to_all_writes_a_string() -> None:
    config = own(app={"country": "fr"}, languages={"default": "fr"})
    seen = visit(config).agree_to_all(now=NOW)
    assert all(verdicts(seen).values())
    found = written_tc(seen)
    midnight = int(MIDNIGHT.timestamp()) * 10
    assert {name: found[name] for name in (
        "cmp_id", "cmp_version", "consent_screen", "consent_language", "vendor_list_version",
        "policy_version", "is_service_specific", "created_ds", "last_updated_ds", "publisher_cc",
        "purpose_one_treatment", "use_non_standard_texts", "special_feature_optins",
    )} == {
        "cmp_id": OTHERS_CMP, "cmp_version": 1, "consent_screen": 1, "consent_language": "FR",
        "vendor_list_version": GVL.version, "policy_version": GVL.policy_version,
        "is_service_specific": True, "created_ds": midnight, "last_updated_ds": midnight,
        "publisher_cc": "FR", "purpose_one_treatment": False, "use_non_standard_texts": False,
        "special_feature_optins": [1, 2],
    }  # fmt: skip
    assert found["vendor_consents"]["ids"] == "2,9,28,755"
    assert found["vendor_legitimate_interests"]["ids"] == "9,30,755"
    assert found["disclosed_vendors"]["ids"] == "2,9,28,30,755"
    assert found["segments"] == ["core", "disclosed_vendors", "publisher_tc"]
    assert set(found["purpose_consents"]) >= {1, 2, 3, 4, 7}
    assert set(found["purpose_legitimate_interests"]) == {2, 7, 9, 10}
    publisher = found["publisher_tc"]
    assert publisher["consents"] == found["purpose_consents"]
    assert publisher["legitimate_interests"] == found["purpose_legitimate_interests"]
    text = by_name(seen)[TC_NAME].value
    assert seen.tc_string == text and by_name(seen)[TC_NAME].max_age == YEAR
    assert seen.tc_data()["cmpId"] == OTHERS_CMP and seen.current()["consent_string"] == text
    # purposes of the list have left the token, what the string cannot hold stands there
    token = token_of(seen)
    assert set(token["purposes"]["enabled"]) == {"p1", "geolocation_data", "device_characteristics"}
    assert token["purposes_li"]["enabled"] == []
    assert set(token["vendors"]["enabled"]) == {"c:own", "c:ads", "google"}


def test_r12_what_is_written_is_read_back() -> None:
    config = own()
    steps: list[Any] = [
        lambda seen: seen.agree_to_all(now=NOW),
        lambda seen: seen.set(vendors={28: False}, now=NOW),
        lambda seen: seen.set(vendors_li={30: False, 9: False}, now=NOW),
        lambda seen: seen.set(purposes={"measure_ad_performance": False}, now=NOW),
        lambda seen: seen.set(vendors={28: True, "own": False}, now=NOW),
        lambda seen: seen.set(purposes={"geolocation_data": False, "p1": False}, now=NOW),
        lambda seen: seen.disagree_to_all(now=NOW),
        lambda seen: seen.set(
            vendors={2: True}, purposes=dict.fromkeys(ids(1, 2, 7), True), now=NOW
        ),
        lambda seen: seen.set(purposes_li={"market_research": True}, now=NOW),
    ]
    jar = Jar()
    for number, step in enumerate(steps):
        after = step(jar.visit(config))
        jar = jar.take(after)
        back = jar.visit(config)
        assert answers(back) == answers(after), number
        assert verdicts(back) == verdicts(after), number
        assert back.tc_string == after.tc_string == jar.cookies[TC_NAME], number
        assert back.user_id == after.user_id and back.updated == after.updated == NOW
    assert jar.visit(config).allows(2) is True


def test_r12_the_framework_says_the_same() -> None:
    config = own()
    seen = visit(config).set(
        vendors={2: True, 28: False, 30: True}, purposes=dict.fromkeys(ids(1, 2, 7), True), now=NOW
    )
    text = cp.tcf.decode(by_name(seen)[TC_NAME].value, strict=True)
    for one in seen.notice.vendors:
        if one.namespace == "iab":
            used = [*one.purposes, *one.legitimate_interest_purposes]
            whole = all(
                GVL.permission(text, one.iab_id, purpose=ids(*EVERY).index(name) + 1).allowed
                for name in used
            )
            features = not one.special_features or all(map(seen.purpose, one.special_features))
            assert seen.allows(one.iab_id) is (whole and features), one.iab_id


def test_r12_disagreeing_writes_the_refusal() -> None:
    config = own()
    seen = visit(config, agreed()).disagree_to_all(now=NOW)
    assert not any(verdicts(seen).values())
    found = written_tc(seen)
    assert found["purpose_consents"] == [] and found["vendor_consents"]["ids"] == ""
    assert found["vendor_legitimate_interests"]["ids"] == "" and found["cmp_id"] == OTHERS_CMP
    assert found["disclosed_vendors"]["ids"] == "2,9,28,30,755"
    kept = visit(config, agreed()).disagree_to_all(now=NOW, legitimate_interest=False)
    assert kept.allows(30) is True and kept.allows(2) is False
    assert "30" in written_tc(kept)["vendor_legitimate_interests"]["ids"].split(",")


@pytest.mark.parametrize("policy", [2, 4, 5])
def test_r12_legitimate_interest_that_cannot_be_is_not_written(policy: int) -> None:
    gvl = vendor_list(listed(5, [2], [1, 3, 7]), tcfPolicyVersion=policy)
    layer = plain_merge(page([5]), {"consentpy": {"cmpId": OTHERS_CMP}})
    seen = visit(config_of(layer, gvl=gvl)).agree_to_all(now=NOW)
    bits = cp.tcf.decode(by_name(seen)[TC_NAME].value).to_dict()["purpose_legitimate_interests"]
    assert 1 not in bits and 7 in bits and (policy < 4 or 3 not in bits)


def test_r12_restrictions_of_the_site_are_written() -> None:
    rules = [
        restriction("disallow", "select_basic_ads", [2, 28], id="a"),
        restriction("req-consent", "measure_ad_performance", "all", id="b"),
    ]
    config = config_of(
        plain_merge(
            page({"include": [2, 28, 30], "restrictions": rules}),
            {"consentpy": {"cmpId": OTHERS_CMP}},
        )
    )
    seen = visit(config).agree_to_all(now=NOW)
    found = {
        (rule["purpose_id"], rule["type"]): rule["ids"]
        for rule in written_tc(seen)["publisher_restrictions"]
    }
    assert found[2, 0] == "2,28"
    concerned = cp.tcf.decode(by_name(seen)[TC_NAME].value).publisher_restrictions
    (consent,) = [rule for rule in concerned if (rule.purpose_id, rule.type) == (7, 1)]
    assert 30 in consent.vendors
    assert all(verdicts(seen).values())
    back = Jar().take(seen).visit(config)
    assert verdicts(back) == verdicts(seen)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", "FR"),
        ("pt-BR", "PT"),
        ("sr-latn", "SR"),
        (None, "EN"),
        ("", "EN"),
        (7, "EN"),
        ("é!", "EN"),
    ],
)
def test_r12_the_language_is_the_notices(language: Any, expected: str) -> None:
    seen = visit(own(languages={"default": language})).agree_to_all(now=NOW)
    assert written_tc(seen)["consent_language"] == expected


@pytest.mark.parametrize(
    ("country", "expected"), [("be", "BE"), (None, "AA"), ("", "AA"), ("Belgium", "AA"), (7, "AA")]
)
def test_r12_the_publishers_country_or_none(country: Any, expected: str) -> None:
    seen = visit(own(app={"country": country}), country="FR").agree_to_all(now=NOW)
    assert written_tc(seen)["publisher_cc"] == expected


def test_r12_the_day_is_the_one_in_greenwich() -> None:
    east = timezone(timedelta(hours=13))
    now = datetime(2026, 3, 21, 0, 30, tzinfo=east)  # the 20th, 11:30 UTC
    seen = visit(own(), now=now).agree_to_all(now=now)
    assert written_tc(seen)["last_updated_ds"] == int(MIDNIGHT.timestamp()) * 10
    assert seen.updated == now


def test_r12_without_a_list_there_is_nothing_to_write() -> None:
    layer = plain_merge(notice_of(None), {"consentpy": {"cmpId": OTHERS_CMP}})
    seen = visit(config_of(layer, gvl=None)).agree_to_all(now=NOW)
    assert TC_NAME not in by_name(seen) and seen.allows("ads") and seen.allows("own")


@pytest.mark.parametrize("wrong", [0, 1, 7, -1, 4096, 10**20, "92", True, None, 92.5, [92]])
def test_r12_only_a_registered_number_of_ones_own_writes(wrong: Any) -> None:
    """0 and 1 are no CMPs, 7 is Didomi's, and the field has twelve bits."""
    config = own(consentpy={"cmpId": wrong})
    with pytest.raises(cp.ConsentError, match="TC string"):
        visit(config).set(vendors={2: True}, now=NOW)
    after = visit(config).agree_to_all(now=NOW)
    assert not any(one.value for one in after.cookies() if one.name == TC_NAME)
    assert not after.allows(2)


def test_r12_an_unchanged_string_of_the_site_is_kept_as_it_is() -> None:
    config = own()
    text = agreed(cmp=OTHERS_CMP, days=5, vendors="1-800", vendors_li="1-800")
    seen = visit(config, text, TOKEN)
    assert by_name(seen)[TC_NAME].value == text
    after = seen.set(vendors={"own": True}, now=LATER)
    assert after.tc_string == text and by_name(after)[TC_NAME].value == text
    changed = seen.set(vendors={28: False}, now=NOW)
    found = written_tc(changed)
    assert found["cmp_id"] == OTHERS_CMP and changed.vendor(28) is False and changed.allows(2)
    assert found["last_updated_ds"] == int(MIDNIGHT.timestamp()) * 10


def test_r12_didomis_string_gives_way_to_the_sites_own() -> None:
    config = own()
    seen = visit(config, agreed(), TOKEN)
    assert seen.tc_string == agreed()  # accepted beside the own number
    after = seen.set(vendors={28: False}, now=NOW)
    found = written_tc(after)
    assert found["cmp_id"] == OTHERS_CMP and found["vendor_consents"]["ids"].startswith("2")
    assert "28" not in found["vendor_consents"]["ids"].split(",")
    back = Jar({TC_NAME: agreed(), "didomi_token": TOKEN}).take(after).visit(config)
    assert answers(back) == answers(after)


def test_a_way_to_a_listed_vendor_where_the_site_can_write() -> None:
    seen = visit(own())
    why = seen.explain(2)
    assert why.would_allow is not None and why.would_allow["vendors"] in ({"2": True}, {2: True})
    assert seen.set(**why.would_allow, now=NOW).allows(2)
