"""Answers of visitors with a Didomi Consent String: which format, what it holds, read back (R9)."""

from __future__ import annotations

from typing import Any

import pytest
from string_world import (
    NUMBERS,
    TC_NAME,
    YEAR,
    Jar,
    agreed,
    answers,
    config_of,
    cookie_of,
    dcs,
    notice_of,
    verdicts,
    visit,
)

import consentpy as cp
from helpers import DAY, NOW, USER_ID, ago, agree, full, optout, plain_merge, refuse, vendor

OTHERS_CMP = 92  # a site's own registered number
TOKEN = cookie_of(agree("c:own", purposes=["p1"]))


def by_name(seen: cp.Status) -> dict[str, cp.Cookie]:
    found = {one.name: one for one in seen.cookies()}
    assert len(found) == len(seen.cookies())
    return found


def token_of(seen: cp.Status) -> dict[str, Any]:
    return cp.token.decode(by_name(seen)["didomi_token"].value, strict=True).to_dict()


ROWS = [
    vendor("own", ["p1"]),
    vendor("mine", ["p1", "p2"], namespaces={"num": 12}),
    vendor("counts", [], ["p3"]),
]
CATALOG: dict[str, Any] = plain_merge(NUMBERS, {"purposes": {"p3": {"num": 103}}})
NUMBERED = cp.Config(full(ROWS), catalog=CATALOG)
YES = dcs(([101, 16_800], []), ([11, 12], []), ([103], []), ([37_975], []), created=9 * DAY)


def test_r9_an_unchanged_string_keeps_value_and_life() -> None:
    for tail in ("", ".device.user~signature"):
        (kept,) = visit(NUMBERED, dcs=YES + tail).cookies()
        assert (kept.name, kept.value, kept.max_age) == ("didomi_dcs", YES + tail, YEAR - 3600)


def test_r9_a_visitor_with_a_string_gets_a_string() -> None:
    seen = visit(NUMBERED, dcs=YES)
    after = seen.set(vendors={"own": False}, now=NOW)
    (one,) = after.cookies()
    assert one.name == "didomi_dcs" and one.max_age == YEAR
    found = cp.dcs.decode(one.value, strict=True).to_dict()
    assert found["vendors_optin"]["enabled"] == [12] and found["vendors_optin"]["disabled"] == [11]
    assert found["purposes_optin"]["enabled"] == [101, 16_800]
    assert found["purposes_optout"]["enabled"] == [103]
    assert found["vendors_optout"]["enabled"] == [37_975]
    assert (found["version"], found["regulation_id"], found["user_id"]) == (2, 1, USER_ID)
    assert found["created"] == ago(9 * DAY) and found["updated"] == ago(0)
    assert after.current()["didomi_dcs"] == one.value
    back = Jar({"didomi_dcs": YES}).take(after).visit(NUMBERED)
    assert answers(back) == answers(after) and back.updated == after.updated


def test_r9_numbers_that_mean_nothing_here_are_kept() -> None:
    text = dcs(([101, 7], [8]), ([11, 60_000], [61_000]))
    (one,) = visit(NUMBERED, dcs=text).set(vendors={"mine": True}, now=NOW).cookies()
    found = cp.dcs.decode(one.value, strict=True).to_dict()
    assert (
        found["vendors_optin"]["disabled"] == [61_000] and 8 in found["purposes_optin"]["disabled"]
    )
    assert found["vendors_optin"]["enabled"][:2] == [11, 12]


def test_r9_a_visitor_without_one_gets_a_token() -> None:
    after = visit(NUMBERED).agree_to_all(now=NOW)
    (one,) = after.cookies()
    assert one.name == "didomi_token" and after.current()["didomi_dcs"] == ""
    void = visit(NUMBERED, dcs=dcs(([101], []), age=400 * DAY)).agree_to_all(now=NOW)
    kept = by_name(void)
    assert kept["didomi_token"].max_age == YEAR and kept["didomi_dcs"].max_age == 0
    assert token_of(void)["user_id"] == USER_ID


def test_r9_the_cookie_of_the_other_format_ends() -> None:
    old = cookie_of(refuse("c:own", purposes=["p1"]), updated=ago(9 * DAY))
    sent = {"didomi_token": old, "didomi_dcs": YES}
    after = visit(NUMBERED, cookies=sent).set(vendors={"own": False}, now=NOW)
    kept = by_name(after)
    assert set(kept) == {"didomi_dcs", "didomi_token"}
    assert (kept["didomi_token"].value, kept["didomi_token"].max_age) == ("", 0)
    back = Jar(sent).take(after).visit(NUMBERED)
    assert verdicts(back) == verdicts(after)
    # an unreadable string beside a token
    sent = {"didomi_token": TOKEN, "didomi_dcs": "C!"}
    after = visit(NUMBERED, cookies=sent).agree_to_all(now=NOW)
    assert by_name(after)["didomi_dcs"].max_age == 0 and by_name(after)["didomi_token"].value
    assert verdicts(Jar(sent).take(after).visit(NUMBERED)) == verdicts(after)


def test_r9_what_both_said_is_read_back_whoever_was_later() -> None:
    token = cookie_of(refuse("c:own", purposes=["p1"]), updated=ago(60))
    sent = {"didomi_token": token, "didomi_dcs": YES}
    seen = visit(NUMBERED, cookies=sent)
    assert not seen.allows("own")
    for after in (seen, seen.set(vendors={"mine": True}, now=NOW), seen.disagree_to_all(now=NOW)):
        back = Jar(sent).take(after).visit(NUMBERED)
        assert verdicts(back) == verdicts(after) and back.user_id == after.user_id


def wide(count: int, numbered: int) -> cp.Config:
    rows = [vendor(f"a-vendor-with-a-long-name-{n}", ["p1"]) for n in range(count)]
    known = {f"a-vendor-with-a-long-name-{n}": {"num": 500 + n} for n in range(numbered)}
    catalog = {"vendors": known, "purposes": {"p1": {"num": 101}}, "regulations": {"cpra": 4}}
    return cp.Config(full(rows), catalog=catalog)


def test_r9_an_answer_too_long_for_a_token_becomes_a_string() -> None:
    after = visit(wide(200, 200)).agree_to_all(now=NOW)
    kept = by_name(after)
    assert "didomi_token" not in kept or kept["didomi_token"].max_age == 0
    found = cp.dcs.decode(kept["didomi_dcs"].value, strict=True)
    assert len(found.vendors_optin.enabled) == 200 and found.updated == ago(0)
    back = Jar().take(after).visit(wide(200, 200))
    assert verdicts(back) == verdicts(after) and all(verdicts(back).values())


def test_r9_without_a_number_for_each_id_it_fits_nowhere() -> None:
    after = visit(wide(200, 199)).agree_to_all(now=NOW)
    with pytest.raises(cp.ConsentError, match="4096 bytes"):
        after.cookies()
    assert len(visit(wide(20, 19)).agree_to_all(now=NOW).cookies()) == 1


def test_r9_a_string_that_lacks_a_number_is_not_written_with_holes() -> None:
    """What was chosen has to be read back: an id without a number needs the token."""
    rows = [*ROWS, vendor("bare", ["p1"])]
    config = cp.Config(full(rows), catalog=CATALOG)
    after = visit(config, dcs=YES).set(vendors={"bare": False, "own": False}, now=NOW)
    back = Jar({"didomi_dcs": YES}).take(after).visit(config)
    assert back.vendor("bare") is False and back.vendor("own") is False
    assert verdicts(back) == verdicts(after)


@pytest.mark.parametrize("name", ["didomi_dcs_cpra", "didomi_dcs"])
def test_r9_under_an_opt_out_law(name: str) -> None:
    config = cp.Config(optout(full(ROWS)), catalog=CATALOG)
    sent = {name: dcs(law=4, vendors_li=([12], [11]))}
    seen = visit(config, cookies=sent, country="US", region="CA")
    after = seen.set(vendors={"mine": False}, purposes={"p3": False}, now=NOW)
    (one,) = [one for one in after.cookies() if one.max_age]
    found = cp.dcs.decode(one.value, strict=True).to_dict()
    assert found["regulation_id"] == 4 and found["vendors_optout"]["disabled"] == [11, 12]
    assert found["vendors_optin"]["disabled"] == [] and 103 in found["purposes_optout"]["disabled"]
    back = Jar(sent).take(after).visit(config, "US", "CA")
    assert verdicts(back) == verdicts(after)
    assert not any(back.allows(one.id) for one in back.notice.vendors)


def test_r9_an_unmapped_objection_outlives_the_answer() -> None:
    rows = [*ROWS, vendor("bare", ["p1"])]
    config = cp.Config(optout(full(rows)), catalog=CATALOG)
    sent = {"didomi_dcs_cpra": dcs(law=4, vendors_li=([], [13]))}
    seen = visit(config, cookies=sent, country="US", region="CA")
    after = seen.set(vendors={"mine": False}, now=NOW)
    back = Jar(sent).take(after).visit(config, "US", "CA")
    assert not after.allows("bare") and not back.allows("bare") and not back.allows("mine")
    assert back.allows("own") is after.allows("own")


def test_r9_beside_a_tc_string_listed_ids_stay_out_of_the_dcs() -> None:
    catalog = plain_merge(NUMBERS, {"vendors": {"ads": {"num": 50}, "2": {"num": 51}}})
    layer = notice_of((2, 30), custom=[vendor("own", ["p1"]), vendor("ads", ["cookies"])])
    config = config_of(plain_merge(layer, {"consentpy": {"cmpId": OTHERS_CMP}}), catalog=catalog)
    sent = {"didomi_dcs": dcs(([101], []), ([11], [])), TC_NAME: agreed(cmp=OTHERS_CMP)}
    after = visit(config, cookies=sent).set(vendors={2: False, "ads": True}, now=NOW)
    kept = by_name(after)
    found = cp.dcs.decode(kept["didomi_dcs"].value, strict=True).to_dict()
    assert (
        found["vendors_optin"]["enabled"] == [11, 50] and found["vendors_optin"]["disabled"] == []
    )
    assert found["purposes_optin"]["enabled"] == [101]
    assert cp.tcf.decode(kept[TC_NAME].value, strict=True).cmp_id == OTHERS_CMP
    back = Jar(sent).take(after).visit(config)
    assert answers(back) == answers(after) and back.allows("ads") and not back.allows(2)
