"""R1, R13 and R15: what a visitor allows, and the shape of the answers."""

from __future__ import annotations

import copy
import json
import pickle
import time
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

import consentpy as cp
from helpers import (
    DAY,
    NOW,
    USER_ID,
    ago,
    agree,
    california,
    cookie,
    fields,
    full,
    header,
    optout,
    pack,
    refuse,
    status,
    vendor,
)

MIXED = full(
    [
        vendor("c-only", ["p1"]),
        vendor("li-only", [], ["l1"]),
        vendor("both", ["p1", "p2"], ["l1"]),
        vendor("same", ["p3"], ["p3"]),
    ],
    named=["unused"],
)
ALL = ["p1", "p2", "p3", "l1", "unused"]
NAMES = ["c-only", "li-only", "both", "same"]
YES = agree(*NAMES, purposes=ALL)


def without(lists: dict[str, Any], field: str, *ids: str) -> dict[str, Any]:
    """The lists with some ids taken out of one `enabled` list."""
    kept = [one for one in lists[field]["enabled"] if one not in ids]
    return {**lists, field: {**lists[field], "enabled": kept}}


def refusing(lists: dict[str, Any], field: str, *ids: str) -> dict[str, Any]:
    """The lists with some ids moved to `disabled`."""
    out = without(lists, field, *ids)
    return {**out, field: {**out[field], "disabled": list(ids)}}


# ------------------------------------------------------------------ R1, opt-in


def test_r1_everything_agreed() -> None:
    seen = status(MIXED, YES)
    assert all(seen.allows(name) for name in NAMES)
    assert seen.allows(purposes=ALL) is True
    assert seen.allows("both", ALL) is True


@pytest.mark.parametrize("change", [without, refusing])
@pytest.mark.parametrize(
    ("field", "removed", "allowed"),
    [
        ("vendors", "c-only", {"li-only", "both", "same"}),
        ("vendors_li", "c-only", {"c-only", "li-only", "both", "same"}),
        ("vendors", "li-only", {"c-only", "li-only", "both", "same"}),
        ("vendors_li", "li-only", {"c-only", "both", "same"}),
        ("vendors", "both", {"c-only", "li-only", "same"}),
        ("vendors_li", "both", {"c-only", "li-only", "same"}),
        ("purposes", "p1", {"li-only", "same"}),
        ("purposes_li", "p1", {"c-only", "li-only", "both", "same"}),
        ("purposes", "p2", {"c-only", "li-only", "same"}),
        ("purposes", "l1", {"c-only", "li-only", "both", "same"}),
        ("purposes_li", "l1", {"c-only", "same"}),
        ("purposes", "p3", {"c-only", "li-only", "both"}),
        ("purposes_li", "p3", {"c-only", "li-only", "both"}),
    ],
)
def test_r1_vendor_on_every_basis_with_every_purpose(
    change: Any, field: str, removed: str, allowed: set[str]
) -> None:
    seen = status(MIXED, change(YES, field, removed))
    assert {name for name in NAMES if seen.allows(name)} == allowed


@pytest.mark.parametrize("change", [without, refusing])
@pytest.mark.parametrize(
    ("field", "removed", "allowed"),
    [
        ("purposes", "p1", {"p2", "p3", "l1", "unused"}),
        ("purposes_li", "p1", {"p1", "p2", "p3", "l1", "unused"}),
        # A purpose asked for by name needs consent, and every basis it is used on.
        ("purposes", "l1", {"p1", "p2", "p3", "unused"}),
        ("purposes_li", "l1", {"p1", "p2", "p3", "unused"}),
        ("purposes", "p3", {"p1", "p2", "l1", "unused"}),
        ("purposes_li", "p3", {"p1", "p2", "l1", "unused"}),
        ("purposes", "unused", {"p1", "p2", "p3", "l1"}),
        ("purposes_li", "unused", {"p1", "p2", "p3", "l1", "unused"}),
    ],
)
def test_r1_purposes_on_consent_and_on_every_basis_in_use(
    change: Any, field: str, removed: str, allowed: set[str]
) -> None:
    seen = status(MIXED, change(YES, field, removed))
    assert {name for name in ALL if seen.allows(purposes=[name])} == allowed
    for name in ALL:
        assert seen.allows("same", [name]) is (seen.allows("same") and name in allowed)


def test_r1_extra_purposes_are_on_consent() -> None:
    config = full([vendor("v", ["p1"])], app={"purposes": ["market_research"]})
    yes = status(config, {"purposes": {"enabled": ["market_research"]}})
    assert yes.allows(purposes=["market_research"]) is True
    no = status(config, {"purposes_li": {"enabled": ["market_research"]}})
    assert no.allows(purposes=["market_research"]) is False


def test_r1_agreeing_to_vendors_alone_or_purposes_alone_allows_no_vendor() -> None:
    vendors = status(MIXED, {k: YES[k] for k in ("vendors", "vendors_li")})
    purposes = status(MIXED, {k: YES[k] for k in ("purposes", "purposes_li")})
    for seen in (vendors, purposes):
        assert not any(seen.allows(name) for name in NAMES)


def test_r1_nothing_is_allowed_without_a_cookie() -> None:
    for nothing in (None, {}):
        seen = status(MIXED, nothing)
        assert not any(seen.allows(name) for name in NAMES)
        assert not any(seen.allows(purposes=[name]) for name in ALL)


@pytest.mark.parametrize(
    "wrong", ["C:both", "c:Both", "both", "c:both ", "iab:both", "c:c:both", "didomi:both"]
)
def test_r1_ids_of_the_token_are_exact(wrong: str) -> None:
    token = fields(YES)
    assert status(MIXED, pack(token)).allows("both") is True
    names = [wrong if name == "c:both" else name for name in token["vendors"]["enabled"]]
    seen = status(MIXED, pack({**token, "vendors": {"enabled": names}}))
    assert seen.allows("both") is False
    assert seen.allows("c-only") is True


# ------------------------------------------------------------------------- R13

ESSENTIAL = full(
    [vendor("must", ["req"]), vendor("mixed", ["req", "p1"]), vendor("opt", ["p1"])],
    ["req"],
)


@pytest.mark.parametrize(
    "token",
    [
        None,
        {},
        "%%%",
        {"vendors": {"disabled": ["must", "mixed", "opt"]}},
        {"purposes": {"disabled": ["req", "p1"]}, "purposes_li": {"disabled": ["req"]}},
        refuse("must", "mixed", "opt", purposes=["req", "p1"]),
        {"updated": ago(5000 * DAY), "vendors": {"disabled": ["must"]}},
    ],
    ids=range(7),
)
def test_r13_essential_is_always_allowed(token: Any) -> None:
    for seen in (
        status(ESSENTIAL, token),
        california(optout(ESSENTIAL), token),
        status(ESSENTIAL, token, country="BR"),
    ):
        assert seen.allows("must") is True
        assert seen.allows(purposes=["req"]) is True
        assert seen.allows("must", ["req"]) is True
        if seen.notice.group != "optout":  # there, consent tri-states are None (R10)
            assert seen.purpose("req") is True
        assert seen.purpose("req", legitimate_interest=True) is True
        current = seen.current()
        assert current["vendors"]["must"] == {"id": "must", "enabled": True}
        assert current["purposes"]["req"] == {"id": "req", "enabled": True}


def test_r13_a_mixed_vendor_still_needs_the_rest() -> None:
    vendors = {"vendors": {"enabled": ["mixed", "opt"]}}
    assert status(ESSENTIAL, vendors).allows("mixed") is False
    both = {**vendors, "purposes": {"enabled": ["p1"]}}
    assert status(ESSENTIAL, both).allows("mixed") is True
    purposes = {"purposes": {"enabled": ["p1"]}}
    assert status(ESSENTIAL, purposes).allows("mixed") is False


def test_r13_an_essential_only_vendor_is_always_known() -> None:
    """What is essential is never stored, so it is never missing."""
    token = {"vendors": {"enabled": ["mixed", "opt"]}, "purposes": {"enabled": ["p1"]}}
    seen = status(ESSENTIAL, token)
    assert seen.partial is False
    assert seen.collect_reason == "complete"
    assert seen.vendor("must", with_purposes=True) is True


def test_r13_only_custom_purposes_can_be_essential() -> None:
    config = full([vendor("v", ["cookies"]), vendor("w", ["p1"])])
    config["app"]["essentialPurposes"] = ["cookies", "undeclared"]
    seen = status(config)
    assert seen.allows("v") is False
    assert seen.allows(purposes=["cookies"]) is False
    assert seen.allows(purposes=["undeclared"]) is False


def test_r13_essential_on_every_basis() -> None:
    config = full([vendor("v", ["req"], ["req"]), vendor("li", [], ["req"])], ["req"])
    for seen in (status(config), california(optout(config))):
        assert seen.allows("v") is True and seen.allows("li") is True


# ------------------------------------------------------------------------- R15


def test_r15_tri_states_on_a_basis_that_is_not_in_use_tell_what_is_stored() -> None:
    token = {
        "vendors_li": {"enabled": ["c-only"]},
        "purposes_li": {"disabled": ["p1"]},
        "vendors": {"disabled": ["li-only"]},
        "purposes": {"enabled": ["l1"]},
    }
    seen = status(MIXED, token)
    assert seen.vendor("c-only", legitimate_interest=True) is True
    assert seen.purpose("p1", legitimate_interest=True) is False
    assert seen.vendor("li-only") is False
    assert seen.purpose("l1") is True
    assert seen.vendor("c-only") is None and seen.purpose("p1") is None


# --------------------------------------------------------------- tri-states


def test_single_statuses() -> None:
    token = {
        "vendors": {"enabled": ["c-only"], "disabled": ["both"]},
        "purposes": {"enabled": ["p1"], "disabled": ["p2"]},
        "vendors_li": {"enabled": ["li-only"], "disabled": ["both"]},
        "purposes_li": {"enabled": ["l1"], "disabled": ["p3"]},
    }
    seen = status(MIXED, token)
    assert [seen.vendor(n) for n in NAMES] == [True, None, False, None]
    li = [seen.vendor(n, legitimate_interest=True) for n in NAMES]
    assert li == [None, True, False, None]
    assert [seen.purpose(p) for p in ALL] == [True, False, None, None, None]
    li = [seen.purpose(p, legitimate_interest=True) for p in ALL]
    assert li == [None, None, False, True, None]


def test_vendor_with_its_purposes() -> None:
    """docs/didomi.md, Statuses: LI purposes are not looked at; unknown purposes make False."""

    def ask(token: dict[str, Any]) -> list[bool | None]:
        seen = status(MIXED, token)
        return [seen.vendor(name, with_purposes=True) for name in NAMES]

    assert ask({}) == [None, None, None, None]
    assert ask({"vendors": {"enabled": NAMES}}) == [False, True, False, False]
    assert ask({"vendors": {"disabled": NAMES}}) == [False, False, False, False]
    assert ask({"vendors_li": {"enabled": NAMES}}) == [False, True, False, False]
    purposes = {"purposes": {"enabled": ["p1", "p2"]}}
    assert ask(purposes) == [None, None, None, None]
    known = {**purposes, "vendors": {"enabled": NAMES}}
    assert ask(known) == [True, True, True, False]
    either = {**purposes, "vendors_li": {"enabled": ["both"]}}
    assert ask(either) == [None, None, True, None]


# ------------------------------------------------------- current(), the dates


def test_current_of_a_visitor() -> None:
    token = fields(refusing(YES, "vendors", "both"), created=ago(90 * DAY))
    seen = status(MIXED, cookie(token))
    current = seen.current()
    assert set(current) == {
        "purposes",
        "vendors",
        "regulation",
        "user_id",
        "created",
        "updated",
        "consent_string",
        "addtl_consent",
        "didomi_dcs",
        "gpp_string",
    }
    assert current["regulation"] == "gdpr"
    assert current["user_id"] == USER_ID
    assert (current["created"], current["updated"]) == (ago(90 * DAY), ago(3600))
    for name in ("consent_string", "addtl_consent", "didomi_dcs", "gpp_string"):
        assert current[name] == ""
    assert current["vendors"] == {name: {"id": name, "enabled": name != "both"} for name in NAMES}
    assert set(current["purposes"]) == set(ALL)
    assert json.loads(json.dumps(current)) == current


def test_current_uses_the_bases_in_use() -> None:
    """A purpose on LI alone needs no consent here, though `allows` asks for it."""
    seen = status(MIXED, without(YES, "purposes", "l1"))
    assert seen.current()["purposes"]["l1"]["enabled"] is True
    assert seen.allows(purposes=["l1"]) is False


def test_current_without_a_token() -> None:
    current = status(MIXED).current()
    assert (current["user_id"], current["created"], current["updated"]) == (None,) * 3
    assert not any(entry["enabled"] for entry in current["vendors"].values())
    assert not any(entry["enabled"] for entry in current["purposes"].values())


def test_current_of_a_purpose_that_nobody_uses() -> None:
    """R1: it is on the consent basis."""
    yes = status(MIXED, {"purposes": {"enabled": ["unused"]}}).current()
    no = status(MIXED, {"purposes_li": {"enabled": ["unused"]}}).current()
    assert yes["purposes"]["unused"]["enabled"] is True
    assert no["purposes"]["unused"]["enabled"] is False


def test_current_is_a_new_object_each_time() -> None:
    seen = status(MIXED, YES)
    seen.current()["vendors"]["both"]["enabled"] = False
    assert seen.current()["vendors"]["both"]["enabled"] is True


def test_dates() -> None:
    token = fields(YES, created=ago(90 * DAY), updated=ago(3600.25))
    seen = status(full([vendor("both", ["p1"])], app={"consentDuration": 7200}), cookie(token))
    assert seen.created == NOW - timedelta(days=90)
    assert seen.updated == NOW - timedelta(seconds=3600.25)
    assert seen.expires == NOW + timedelta(seconds=3600 - 0.25)
    for moment in (seen.created, seen.updated, seen.expires):
        assert isinstance(moment, datetime) and moment.utcoffset() == timedelta(0)
    assert seen.user_id == USER_ID


def test_dates_without_a_token() -> None:
    seen = status(MIXED)
    assert (seen.user_id, seen.created, seen.updated, seen.expires) == (None,) * 4


# --------------------------------------------------------------- what goes in


def test_now_in_every_form() -> None:
    notice = cp.Config(full([vendor("v", ["p1"])], app={"consentDuration": 3600})).notice("FR")
    cookies = {"didomi_token": cookie(agree("v", purposes=["p1"]))}
    zone = timezone(timedelta(hours=-7))
    for now in (NOW, NOW.astimezone(zone), NOW.timestamp(), int(NOW.timestamp())):
        assert notice.status(cookies, now=now).collect_reason == "expired"
    before = NOW - timedelta(seconds=1)
    for now in (before, before.astimezone(zone), before.timestamp()):
        assert notice.status(cookies, now=now).allows("v") is True
    half = NOW - timedelta(milliseconds=1)
    for now in (half, half.timestamp()):
        assert notice.status(cookies, now=now).allows("v") is True


def test_now_is_the_clock_by_default() -> None:
    config = cp.Config(full([vendor("v", ["p1"])]))
    clock = datetime.fromtimestamp(time.time(), tz=timezone.utc)
    fresh = cookie(agree("v", purposes=["p1"]), now=clock)
    stale = cookie(agree("v", purposes=["p1"]), now=clock - timedelta(days=367))
    for value, expected in ((fresh, True), (stale, False)):
        cookies = {"didomi_token": value}
        assert config.notice("FR").status(cookies).allows("v") is expected
        assert config.status(cookies, country="FR").allows("v") is expected


@pytest.mark.parametrize("bad", [datetime(2026, 3, 20), date(2026, 3, 20), "now", b"1", [], {}])
def test_now_of_a_wrong_type(bad: Any) -> None:
    with pytest.raises(TypeError):
        cp.Config(MIXED).notice("FR").status({}, now=bad)
    with pytest.raises(TypeError):
        cp.Config(MIXED).status({}, country="FR", now=bad)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf"), 10**400])
def test_now_that_is_no_moment(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        cp.Config(MIXED).notice("FR").status({}, now=bad)


@pytest.mark.parametrize("now", [0, -1, 1e12, -1e12, 1e18, 2**62])
def test_now_far_away_allows_nothing(now: float) -> None:
    cookies = {"didomi_token": cookie(YES)}
    try:
        seen = cp.Config(MIXED).notice("FR").status(cookies, now=now)
    except (TypeError, ValueError, OverflowError):
        return
    assert not any(seen.allows(name) for name in NAMES)


def test_config_status_is_notice_and_status_in_one() -> None:
    config = cp.Config(MIXED)
    cookies = {"didomi_token": cookie(YES)}
    one = config.status(cookies, country="FR", now=NOW)
    two = config.notice("FR").status(cookies, now=NOW)
    assert one.current() == two.current()
    assert config.status(country="FR", now=NOW).allows("both") is False
    assert config.status(cookies, country="US", region="NY", now=NOW).allows("both") is True
    assert config.status(now=NOW).notice.regulation == "gdpr"


def test_bot_is_said_before_what_is_stored() -> None:
    config = {**MIXED, "user": {"bots": {"consentRequired": False}}}
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1)"
    seen = status(config, user_agent=agent)
    assert seen.bot is True
    assert (seen.should_collect, seen.collect_reason) == (False, "bot")
    expired = status(config, {"updated": ago(5000 * DAY)}, user_agent=agent)
    assert expired.collect_reason == "bot"
    assert status(config, user_agent=agent, country="BR").collect_reason == "not-required"
    assert status(config).collect_reason == "no-choice"
    assert status(config, user_agent="Mozilla/5.0").should_collect is True
    assert status(MIXED, user_agent=agent).should_collect is True


# -------------------------------------------------------------- the object


def test_a_status_is_immutable_and_does_not_pickle() -> None:
    seen = status(MIXED, YES)
    for name in ("user_id", "allows", "should_collect", "new"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(seen, name, True)
    with pytest.raises(TypeError):
        pickle.dumps(seen)
    assert copy.copy(seen) is seen and copy.deepcopy(seen) is seen
    assert isinstance(seen.notice, cp.Notice)


def test_answers_are_true_booleans() -> None:
    seen = status(MIXED, YES)
    for value in (seen.allows("both"), seen.should_collect, seen.partial, seen.bot):
        assert type(value) is bool


@pytest.mark.parametrize("form", ["mapping", "str", "bytes"])
def test_no_repr_shows_who_it_is(form: str) -> None:
    value = cookie(YES)
    cookies: Any = {"didomi_token": value}
    if form != "mapping":
        cookies = header(value, value)
    if form == "bytes":
        cookies = cookies.encode()
    for config in (MIXED, optout(MIXED)):
        for country in ("FR", "US", "BR", None):
            seen = cp.Config(config).status(cookies, country=country, now=NOW)
            for shown in (
                repr(seen),
                str(seen),
                f"{seen!a}",
                repr(seen.notice),
                repr(seen.diagnostics),
                repr([d.message for d in seen.diagnostics]),
            ):
                assert USER_ID not in shown
                assert value[:24] not in shown and value[-24:] not in shown


def test_a_decoded_token_does_not_show_itself() -> None:
    decoded = cp.token.decode(cookie(YES))
    assert USER_ID not in repr(decoded)
    assert decoded.to_dict()["user_id"] == USER_ID
