"""Refusals that consent strings must not lose, and strings that an answer must not bring back."""

from __future__ import annotations

from typing import Any

import pytest
from string_world import (
    GVL,
    NUMBERS,
    OWN,
    TC_NAME,
    Jar,
    agreed,
    codes,
    cookie_of,
    day,
    dcs,
    nothing,
    notice_of,
    verdicts,
    visit,
)
from test_external_consent import ON, query

import consentpy as cp
from helpers import NOW, USER_ID, fields, iso, pack, plain_merge, vendor

LAWS: dict[str, Any] = {
    "regulations": {"cpra": {"enabled": True}, "cpa": {"enabled": True}, "gdpr": {"enabled": True}}
}
CONFIG = cp.Config(notice_of(**LAWS), gvl=GVL, catalog=NUMBERS)


# ------------------------------------------------------------------------ which law


@pytest.mark.parametrize(("law", "number"), [("cpra", 4), ("cpa", 5)])
def test_r2_a_dcs_tells_the_law_where_the_region_is_not_known(law: str, number: int) -> None:
    refused = dcs(vendors_li=((), (11,)), law=number)
    seen = visit(CONFIG, cookies={f"didomi_dcs_{law}": refused}, country="US")
    assert seen.notice.regulation == law
    assert seen.allows("own") is False and seen.allows("ads") is True


def test_r2_the_name_of_that_dcs_follows_the_configuration() -> None:
    named = plain_merge(notice_of(**LAWS), {"cookies": {"didomiConsentStringCookieName": "x"}})
    config = cp.Config(named, gvl=GVL, catalog=NUMBERS)
    for name, law in {"x_cpa": "cpa", "didomi_dcs_cpa": "cpra", "x": "cpra"}.items():
        sent = {name: dcs(vendors_li=((), (11,)), law=5)}
        assert config.notice("US", None, sent).regulation == law
    long = plain_merge(notice_of(**LAWS), {"cookies": {"didomiConsentStringCookieName": "x" * 300}})
    sent = {"x" * 300 + "_cpa": dcs(law=5)}
    assert cp.Config(long, gvl=GVL).notice("US", None, sent).regulation == "cpra"


# ------------------------------------------------------------------ behind the cut


def test_r12_a_string_may_stand_where_the_header_is_cut() -> None:
    lists = {"vendors": {"enabled": ["ads"]}, "purposes": {"enabled": ["cookies"]}}
    token = pack(fields(lists, NOW))
    padding = "x=" + "y" * 66_000
    whole = f"didomi_token={token}; z=1"
    assert visit(CONFIG, cookies=whole).allows("ads") is True
    for header in (
        f"didomi_token={token}; {TC_NAME}={nothing()}; {padding}",
        f"didomi_token={token}; {padding}; {TC_NAME}={nothing()}",
    ):
        seen = visit(CONFIG, cookies=header)
        assert seen.allows("ads") is False and "header_too_long" in codes(seen)


# ------------------------------------------------------- what a string must not come back from


@pytest.mark.parametrize(
    "cookies",
    [
        {
            "didomi_token": cookie_of(
                {"vendors": {"enabled": ["own"]}}, created=iso(day(5)), updated=iso(day(5))
            ),
            TC_NAME: agreed(days=5),
        },
        {TC_NAME: agreed(days=5)},
    ],
)
@pytest.mark.parametrize("country", ["BR", "FR"])
def test_r12_an_answer_without_a_law_brings_no_void_string_back(
    cookies: dict[str, str], country: str
) -> None:
    ignored = plain_merge(notice_of(**LAWS), {"user": {"ignoreConsentBefore": iso(day(0.5))}})
    config = cp.Config(ignored, gvl=GVL)
    jar = Jar(cookies)
    assert not any(verdicts(jar.visit(config)).values())
    there = jar.visit(config, country).set(vendors={"own": False}, now=NOW)
    assert [one.max_age for one in there.cookies() if one.name == TC_NAME] == [0]
    back = jar.take(there).visit(config)
    assert back.tc_string == "" and not any(verdicts(back).values())


def test_r12_an_answer_without_a_law_leaves_a_string_beside_a_valid_token() -> None:
    token = cookie_of({"vendors": {"enabled": ["c:own"]}})
    jar = Jar({"didomi_token": token, TC_NAME: agreed(days=5)})
    there = jar.visit(CONFIG, "BR").set(vendors={"own": False}, now=NOW)
    assert [one.name for one in there.cookies()] == ["didomi_token"]
    back = jar.take(there).visit(CONFIG)
    assert back.allows(2) is True and back.vendor("own") is False


REFUSED = {"purposes": {"consent": {"disabled": ["cookies"]}}}


@pytest.mark.parametrize("days", [30, 500])
@pytest.mark.parametrize("as_header", [False, True])
def test_r12_an_answer_over_choices_of_an_address_ends_the_string(
    days: int, as_header: bool
) -> None:
    config = cp.Config(notice_of(**ON), gvl=GVL)
    text = agreed(days=days)
    sent: Any = f"{TC_NAME}={text}" if as_header else {TC_NAME: text}
    seen = config.notice("FR", None, sent).status(sent, now=NOW, query=query(REFUSED))
    assert seen.purpose("cookies") is False
    after = seen.set(vendors={"own": True}, now=NOW)
    assert after.purpose("cookies") is False and after.tc_string == ""
    back = Jar({TC_NAME: text}).take(after).visit(config)
    assert verdicts(back) == verdicts(after)
    assert back.purpose("cookies") is False and not back.allows("ads") and not back.allows(2)


# ----------------------------------------------------------------- one number, several ids


@pytest.mark.parametrize(
    ("catalog", "refused", "ids"),
    [
        ({"vendors": {"ads": {"num": 11}}}, {"vendors_li": ((), (11,))}, ("own", "ads")),
        ({"purposes": {"p2": {"num": 101}}}, {"purposes_li": ((), (101,))}, ("own", "second")),
    ],
)
def test_r10_a_number_of_several_ids_refuses_them_all(
    catalog: dict[str, Any], refused: dict[str, Any], ids: tuple[str, str]
) -> None:
    rows = [*OWN, vendor("second", ["p2"])]
    config = cp.Config(
        notice_of(custom=rows, **LAWS), gvl=GVL, catalog=plain_merge(NUMBERS, catalog)
    )
    sent = {"didomi_dcs_cpra": dcs(law=4, **refused)}
    seen = visit(config, cookies=sent, country="US", region="CA")
    assert [seen.allows(one) for one in ids] == [False, False]
    assert seen.allows("counts") is True


def test_r9_a_number_of_several_ids_permits_none_and_is_not_written() -> None:
    twice = plain_merge(NUMBERS, {"vendors": {"ads": {"num": 11}}})
    config = cp.Config(notice_of(), gvl=GVL, catalog=twice)
    sent = {"didomi_dcs": dcs(((101, 1), ()), ((11, 37_975), ()))}
    seen = visit(config, cookies=sent)
    assert seen.vendor("own") is None and seen.vendor("ads") is None
    assert seen.vendor("counts") is True
    after = seen.set(vendors={"own": True, "ads": False}, now=NOW)
    assert [(one.name, one.max_age > 0) for one in after.cookies()] == [
        ("didomi_token", True),
        ("didomi_dcs", False),
    ]
    back = Jar(sent).take(after).visit(config)
    assert back.vendor("own") is True and back.vendor("ads") is False


# ------------------------------------------------------------------------ kept cookies

SECTIONS = dcs(((101,), ()), ((11,), ()))


@pytest.mark.parametrize(
    "tail",
    [
        ".; Domain=other",
        ".\r\nSet-Cookie: a=b",
        "~x y",
        ".\u00e9",
        ".\x00",
        ".a,b",
        '."',
        ".\\",
        ". ",
        ".\u2028",
        "...\x7f",
    ],
)
def test_r9_what_no_cookie_may_hold_is_left_out_of_a_kept_dcs(tail: str) -> None:
    seen = visit(CONFIG, cookies={"didomi_dcs": SECTIONS + tail})
    assert seen.allows("own") is True
    kept = seen.cookies()
    assert [(one.name, one.value) for one in kept] == [("didomi_dcs", SECTIONS)]
    assert kept[0].header().startswith(f"didomi_dcs={SECTIONS}; ")
    after = seen.set(vendors={"own": False}, now=NOW)
    for one in after.cookies():
        one.header()
    assert Jar({"didomi_dcs": SECTIONS}).take(after).visit(CONFIG).vendor("own") is False


def test_r9_bytes_in_a_header_are_no_error_either() -> None:
    sent = f"didomi_dcs={SECTIONS}.".encode() + b"\xff\xe9"
    seen = visit(CONFIG, cookies=sent)
    assert [one.value for one in seen.cookies()] == [SECTIONS]
    assert seen.user_id == USER_ID


# -------------------------------------------------------- without a law, where refusals count


@pytest.mark.parametrize("own", [{}, {"cmpId": 300}])
def test_r3_a_refusal_under_the_gdpr_counts_without_a_law(own: dict[str, Any]) -> None:
    options = {"consentpy": {"storedRefusalWithoutRegulation": "respect", **own}}
    config = cp.Config(plain_merge(notice_of(**LAWS), options), gvl=GVL)
    jar = Jar({})
    there = jar.visit(config, "BR").set(purposes={"select_basic_ads": False}, now=NOW)
    jar = jar.take(there)
    assert jar.visit(config, "BR").allows(purposes=["select_basic_ads"]) is False
    jar = jar.take(jar.visit(config).disagree_to_all(now=NOW))
    without = jar.visit(config, "BR")
    assert without.allows(purposes=["select_basic_ads"]) is False
    assert without.allows("ads") is False and without.allows(2) is False
    again = jar.take(jar.visit(config).agree_to_all(now=NOW))
    assert again.visit(config, "BR").allows(purposes=["select_basic_ads"]) is True
    assert again.visit(config).purpose("select_basic_ads") is True


def test_r9_an_answer_over_choices_of_an_address_ends_the_dcs_that_would_win() -> None:
    config = cp.Config(notice_of(**ON), gvl=GVL, catalog=NUMBERS)
    sent = {"didomi_dcs": dcs(((101, 1), ()), ((11,), ()), age=-3600)}  # a clock ahead
    assert visit(config, cookies=sent).vendor("own") is True
    seen = config.notice("FR", None, sent).status(sent, now=NOW, query=query(REFUSED))
    after = seen.set(vendors={"own": False}, now=NOW)
    assert [one.name for one in after.cookies() if one.max_age <= 0] == ["didomi_dcs"]
    back = Jar(sent).take(after).visit(config)
    assert back.vendor("own") is False and back.purpose("cookies") is False
