"""Answers under opt-out laws and where no law applies (R3, R10, R11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from answer_world import CONFIG, lists, raw, written

import consentpy as cp
from helpers import (
    NOW,
    USER_ID,
    ago,
    california,
    cookie,
    fields,
    header,
    optout,
    pack,
    plain_merge,
    status,
)

# ------------------------------------------------------------------ other laws


def test_r10_under_an_opt_out_law_all_goes_to_the_lists_of_legitimate_interest() -> None:
    seen = california(optout(CONFIG))
    agreed, refused = seen.agree_to_all(now=NOW), seen.disagree_to_all(NOW, False)
    assert lists(agreed) == {
        "vendors_li.enabled": ["c:v1", "c:v2", "c:v3"],
        "purposes_li.enabled": ["p1", "p2", "p3", "p9"],
    }
    assert lists(refused) == {
        "vendors_li.disabled": ["c:v1", "c:v2", "c:v3"],
        "purposes_li.disabled": ["p1", "p2", "p3", "p9"],
    }
    assert agreed.cookies()[0].name == "didomi_token_cpra"
    some = seen.set(vendors={"v2": False}, purposes={"p1": False}, vendors_li={"v3": False})
    # The browser takes what its token does not name for refused.
    assert lists(some) == {
        "vendors_li.enabled": ["c:v1"],
        "vendors_li.disabled": ["c:v2", "c:v3"],
        "purposes_li.enabled": ["p2", "p3", "p9"],
        "purposes_li.disabled": ["p1"],
    }


def test_r10_an_objection_carries_over_however_old_it_is() -> None:
    config = optout(plain_merge(CONFIG, {"app": {"consentDuration": 60}}))
    token = {"vendors_li": {"disabled": ["v1", "x"], "enabled": ["v2", "y"]}}
    before = california(config, token)
    assert before.cookies() == ()
    after = before.set(vendors={"v3": False}, now=NOW)
    assert lists(after)["vendors_li.disabled"] == ["c:v1", "c:v3", "c:x"]
    assert lists(after)["vendors_li.enabled"] == ["c:v2"]
    assert after.user_id == USER_ID and after.created == NOW


@pytest.mark.parametrize("sent", ["!!!", ["a text it is not"]])
def test_r10_what_cannot_be_read_stays_refused_until_it_is_answered(sent: Any) -> None:
    seen = cp.Config(optout(CONFIG)).notice("US", "CA").status({"didomi_token_cpra": sent}, now=NOW)
    assert seen.cookies() == ()
    after = seen.set(vendors={"v2": True}, purposes={"p1": True}, now=NOW)
    assert after.allows("v2") and not after.allows("v1") and not after.allows("v3")
    assert lists(after)["vendors_li.disabled"] == ["c:v1", "c:v3"]
    assert seen.agree_to_all(now=NOW).allows("v1")
    assert lists(seen.disagree_to_all(now=NOW))["purposes_li.disabled"] == ["p1", "p2", "p3", "p9"]


def test_r10_an_objection_outlives_a_place_where_the_purpose_is_essential() -> None:
    elsewhere = {"JP": {"app": {"essentialPurposes": ["e1", "p2"]}}}
    laws = {"gdpr": {"enabled": False}, "cpra": {"enabled": True, "additionalCountries": ["JP"]}}
    config = cp.Config(plain_merge(CONFIG, {"configByCountry": elsewhere, "regulations": laws}))
    at_home, away = config.notice("US", "CA"), config.notice("JP")
    assert at_home.cookie_name == away.cookie_name
    for stored in (
        {"purposes_li": {"disabled": ["p2"]}},
        {"purposes_li": {"disabled": ["p2", "e1"]}},
    ):
        seen = away.status({away.cookie_name: cookie(stored)}, now=NOW)
        after = seen.set(vendors={"v3": False}, purposes={"p2": True}, now=NOW)
        assert after.allows(purposes="p2") and "p2" not in raw(after)["purposes_li"]["enabled"]
        back = at_home.status({at_home.cookie_name: after.cookies()[0].value}, now=NOW)
        assert not back.allows(purposes="p2") and back.allows(purposes="p1")
        assert back.allows(purposes="e1")


def test_r10_an_unreadable_cookie_beside_a_good_one() -> None:
    notice = cp.Config(optout(CONFIG)).notice("US", "CA")
    good = cookie({"vendors_li": {"enabled": ["v1", "v2", "v3"]}})
    seen = notice.status(header(good, "!!!", name="didomi_token_cpra"), now=NOW)
    assert not seen.allows("v1") and seen.cookies() == ()
    assert not seen.set(vendors={"v2": True}, now=NOW).allows("v1")
    # To refuse what is refused already is an answer, and can be read.
    stored = cookie({"vendors_li": {"disabled": ["v1"]}})
    both = notice.status(header(stored, "!!!", name="didomi_token_cpra"), now=NOW)
    assert both.disagree_to_all(now=NOW).updated == NOW


@pytest.mark.parametrize(("choice", "heard"), [("always", False), ("unless_explicit", True)])
def test_r11_a_choice_made_here_is_explicit(choice: str, heard: bool) -> None:
    config = optout(plain_merge(CONFIG, {"consentpy": {"gpc": choice}}))
    seen = california(config, gpc=True)
    assert seen.allows("v1") is False
    after = seen.agree_to_all(now=NOW)
    assert after.allows("v1") is heard
    back = california(config, after.cookies()[0].value, gpc=True)
    assert back.allows("v1") is heard


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ({"purposes": {"p1": False}}, []),
        ({"vendors": {"v1": False}}, []),
        ({"vendors": {"v3": True}}, []),
        ({"purposes": {"p3": True}}, ["v3"]),
    ],
)
@pytest.mark.parametrize("first_page", [False, True])
def test_r11_a_choice_leaves_the_signal_in_force_for_the_rest(
    asked: Any, allowed: list[str], first_page: bool
) -> None:
    config = optout(plain_merge(CONFIG, {"consentpy": {"gpc": "unless_explicit"}}))
    token = {"vendors_li": {"enabled": ["v1", "v2", "v3"]}, "purposes_li": {"enabled": ["p1"]}}
    after = california(config, token if first_page else None, gpc=True).set(**asked, now=NOW)
    back = california(config, after.cookies()[0].value, gpc=True)
    for seen in (after, back):
        assert [name for name in ("v1", "v2", "v3") if seen.allows(name)] == allowed
        assert [p for p in ("p1", "p2", "p3", "p9") if seen.allows(purposes=p)] == [
            "p3" for name in allowed
        ]
        assert seen.allows(purposes="e1")


def test_r11_agreeing_to_what_the_first_page_stored_is_a_choice() -> None:
    config = optout(plain_merge(CONFIG, {"consentpy": {"gpc": "unless_explicit"}}))
    first = california(config).agree_to_all(now=NOW - timedelta(hours=1))
    lists = {key: value for key, value in raw(first).items() if key.endswith("_li")}
    seen = california(config, pack(fields(lists)), gpc=True)
    assert not seen.allows("v1")
    assert seen.set(now=NOW).cookies() == seen.cookies()
    after = seen.agree_to_all(now=NOW)
    assert after.allows("v1") and after.updated == NOW


@pytest.mark.parametrize("age", [0, -600])
def test_r11_a_choice_is_explicit_also_where_the_first_page_is_dated_ahead(age: int) -> None:
    config = optout(plain_merge(CONFIG, {"consentpy": {"gpc": "unless_explicit"}}))
    token = {"vendors_li": {"enabled": ["v1"]}, "updated": ago(age), "created": ago(age)}
    after = california(config, token, gpc=True).agree_to_all(now=NOW)
    assert after.allows("v1") and written(after)["updated"] == ago(age)


def test_r3_what_cannot_be_read_stays_refused_where_refusals_are_respected() -> None:
    config = plain_merge(CONFIG, {"consentpy": {"storedRefusalWithoutRegulation": "respect"}})
    good = cookie({"vendors": {"enabled": ["v1", "v2"]}})
    for sent in ("didomi_token=!!!", header("!!!", good), header(good, "!!!")):
        seen = cp.Config(config).notice("JP").status(sent, now=NOW)
        assert not any(seen.allows(name) for name in ("v1", "v2", "v3")) and seen.cookies() == ()
        after = seen.set(vendors={"v1": True}, purposes={"p1": True, "p2": True}, now=NOW)
        back = status(config, after.cookies()[0].value, country="JP")
        for one in (after, back):
            assert [name for name in ("v1", "v2", "v3") if one.allows(name)] == ["v1"]
            assert one.allows(purposes="e1") and not one.allows(purposes="p9")
        assert all(seen.agree_to_all(now=NOW).allows(name) for name in ("v1", "v2", "v3"))
        assert not seen.set(now=NOW).allows("v1")


def test_r3_without_a_law_the_answer_is_stored_as_under_opt_in() -> None:
    seen = status(CONFIG, country="JP")
    assert seen.notice.regulation == "none"
    after = seen.set(vendors={"v1": False}, now=NOW)
    assert lists(after) == {"vendors.disabled": ["c:v1"], "vendors_li.disabled": ["c:v1"]}
    assert after.allows("v1")
    respect = plain_merge(CONFIG, {"consentpy": {"storedRefusalWithoutRegulation": "respect"}})
    assert not status(respect, country="JP").set(vendors={"v1": False}, now=NOW).allows("v1")


def test_do_not_sell_stays_said() -> None:
    config = plain_merge(CONFIG, {"regulations": {"gdpr": {"enabled": False}}})
    config = plain_merge(config, {"regulations": {"ccpa": {"enabled": True}}})
    name = "didomi_token_ccpa"
    old = california(config, {"dns": True, "updated": ago(40_000_000)}, name=name)
    assert old.us_privacy == "1YYN" and old.agree_to_all(now=NOW).us_privacy == "1YYN"
    notice = cp.Config(config).notice("US", "CA")
    said, older = cookie({"dns": True}), cookie({"dns": False}, updated=ago(7200))
    several = notice.status(header(said, older, name=name), now=NOW)
    (kept,) = several.cookies()
    assert notice.status({name: kept.value}, now=NOW).us_privacy == several.us_privacy == "1YYN"
    unreadable = california(config, "!!!", name=name)
    assert unreadable.us_privacy == "1YYN"
    assert unreadable.set(vendors={"v1": True}, now=NOW).us_privacy == "1YYN"
    assert unreadable.agree_to_all(now=NOW).us_privacy == "1YNN"


def test_r3_agreeing_takes_a_respected_refusal_back_on_either_basis() -> None:
    config = plain_merge(CONFIG, {"consentpy": {"storedRefusalWithoutRegulation": "respect"}})
    notice = cp.Config(config).notice("JP")
    refused = {"vendors_li": {"disabled": ["v2"]}, "purposes_li": {"disabled": ["p1"]}}
    seen = notice.status({"didomi_token": cookie(refused)}, now=NOW)
    assert not seen.allows("v2") and not seen.allows(purposes="p1")
    for answer in (
        seen.agree_to_all(now=NOW),
        seen.set(vendors={"v2": True}, purposes={"p1": True}, now=NOW),
    ):
        assert answer.allows("v2") and answer.allows(purposes="p1")
        (kept,) = answer.cookies()
        assert notice.status({"didomi_token": kept.value}, now=NOW).allows("v2")
