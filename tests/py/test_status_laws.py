"""R3 and R10: where no law applies, and where the law is one of objection."""

from __future__ import annotations

from typing import Any

import pytest

from helpers import DAY, USER_ID, ago, agree, california, full, optout, pack, refuse, status, vendor

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


# ---------------------------------------------------------------------- R3, none


def test_r3_no_law_everything_configured_is_allowed() -> None:
    for token in (None, YES, refuse(*NAMES, purposes=ALL), "%%%"):
        seen = status(MIXED, token, country="BR")
        assert seen.notice.group == "none"
        assert all(seen.allows(name) for name in NAMES)
        assert seen.allows(purposes=ALL) is True
        assert (seen.should_collect, seen.collect_reason) == (False, "not-required")
        assert seen.partial is False
        current = seen.current()
        assert current["regulation"] == "none"
        assert all(entry["enabled"] for entry in current["vendors"].values())
        assert all(entry["enabled"] for entry in current["purposes"].values())


def test_r3_single_statuses_still_tell_what_is_stored() -> None:
    seen = status(
        MIXED, {**YES, "vendors": {"disabled": ["both"], "enabled": ["c-only"]}}, country="BR"
    )
    assert seen.vendor("both") is False
    assert seen.vendor("c-only") is True
    assert seen.purpose("p1") is True
    assert seen.user_id == USER_ID


def test_r3_a_stored_refusal_counts_where_the_site_says_so() -> None:
    config = {**MIXED, "consentpy": {"storedRefusalWithoutRegulation": "respect"}}
    seen = status(config, {"vendors": {"disabled": ["both"]}}, country="BR")
    assert seen.allows("both") is False
    assert seen.allows("c-only") is seen.allows("li-only") is True
    seen = status(config, {"purposes": {"disabled": ["p1"]}}, country="BR")
    assert seen.allows("both") is seen.allows("c-only") is False
    assert seen.allows(purposes="p1") is False
    assert seen.allows("li-only") is seen.allows(purposes="p2") is True
    seen = status(config, {"vendors_li": {"disabled": ["li-only"]}}, country="BR")
    assert seen.allows("li-only") is False
    nobody = status(config, country="BR")
    assert all(nobody.allows(name) for name in NAMES)


@pytest.mark.parametrize("value", ["ignore", "RESPECT", None, 1, True, [], {}])
def test_r3_other_values_ignore_it(value: Any) -> None:
    config = {**MIXED, "consentpy": {"storedRefusalWithoutRegulation": value}}
    seen = status(config, {"vendors": {"disabled": ["both"]}}, country="BR")
    assert seen.allows("both") is True


# ------------------------------------------------------------- R10, opt-out laws

OPTOUT = optout(MIXED)


def test_r10_no_token_everything_enabled() -> None:
    for token in (None, {}):
        seen = california(OPTOUT, token)
        assert (seen.notice.regulation, seen.notice.group) == ("cpra", "optout")
        assert all(seen.allows(name) for name in NAMES)
        assert seen.allows(purposes=ALL) is True
        assert all(e["enabled"] for e in seen.current()["vendors"].values())


def test_r10_nothing_is_asked() -> None:
    for token in (None, {}, YES, refuse(*NAMES, purposes=ALL), "%%%"):
        seen = california(OPTOUT, token)
        assert (seen.should_collect, seen.collect_reason) == (False, "opt-out")
        assert seen.partial is False


@pytest.mark.parametrize(
    ("purpose", "allowed"),
    [
        ("p1", {"li-only", "same"}),
        ("p2", {"c-only", "li-only", "same"}),
        ("p3", {"c-only", "li-only", "both"}),
        ("l1", {"c-only", "same"}),
    ],
)
def test_r10_both_purpose_lists_are_one_set_on_li(purpose: str, allowed: set[str]) -> None:
    seen = california(OPTOUT, {"purposes_li": {"disabled": [purpose]}})
    assert {name for name in NAMES if seen.allows(name)} == allowed
    assert {p for p in ALL if seen.allows(purposes=[p])} == set(ALL) - {purpose}


@pytest.mark.parametrize("name", NAMES)
def test_r10_a_vendor_objected_to(name: str) -> None:
    seen = california(OPTOUT, {"vendors_li": {"disabled": [name]}})
    assert {n for n in NAMES if seen.allows(n)} == set(NAMES) - {name}
    assert seen.allows(purposes=ALL) is True


def test_r10_the_consent_lists_are_not_looked_at() -> None:
    lists = refuse(*NAMES, purposes=ALL)
    consent = {field: lists[field] for field in ("vendors", "purposes")}
    assert all(california(OPTOUT, consent).allows(name) for name in NAMES)


def test_r10_a_vendor_added_later() -> None:
    known = {"vendors_li": {"enabled": ["c-only"]}, "purposes_li": {"enabled": ["p1"]}}
    seen = california(OPTOUT, known)
    assert all(seen.allows(name) for name in NAMES)
    known["purposes_li"] = {"enabled": ["p1"], "disabled": ["l1"]}
    seen = california(OPTOUT, known)
    assert {n for n in NAMES if seen.allows(n)} == {"c-only", "same"}


def test_r10_tri_states() -> None:
    token = {
        "vendors_li": {"enabled": ["c-only"], "disabled": ["both"]},
        "purposes_li": {"enabled": ["p1"], "disabled": ["p2"]},
    }
    seen = california(OPTOUT, token)
    for name, expected in (("c-only", True), ("both", False), ("same", True)):
        assert seen.vendor(name, legitimate_interest=True) is expected
        assert seen.vendor(name) is None
    for name, expected in (("p1", True), ("p2", False), ("p3", True)):
        assert seen.purpose(name, legitimate_interest=True) is expected
        assert seen.purpose(name) is None
    assert seen.get("p1", "c-only") is None
    assert seen.vendor("nope", legitimate_interest=True) is None


@pytest.mark.parametrize("age", [0, 366 * DAY - 1, 366 * DAY, 4000 * DAY, -2 * DAY])
def test_r10_no_time_rule_lifts_an_objection(age: int) -> None:
    rules = {
        "app": {"deniedConsentDuration": 10},
        "user": {"ignoreConsentBefore": "2026-03-01"},
    }
    config = optout(full([vendor("v", ["p1"]), vendor("w", ["p2"])], window=0, **rules))
    for lists in (
        {"vendors_li": {"disabled": ["v"]}},
        {"purposes_li": {"disabled": ["p1"]}},
    ):
        for dates in ({"updated": ago(age)}, {"updated": "yesterday"}):
            seen = california(config, {**lists, **dates})
            assert seen.allows("v") is False
            assert seen.allows("w") is True
            assert seen.collect_reason == "opt-out"


def test_r10_an_objection_without_a_date() -> None:
    token = pack({"user_id": USER_ID, "vendors_li": {"disabled": ["c:both"]}})
    assert california(OPTOUT, token).allows("both") is False
    assert california(OPTOUT, token).allows("c-only") is True


def test_r10_an_unreadable_token_refuses_everything() -> None:
    seen = california(OPTOUT, "%%%")
    assert not any(seen.allows(name) for name in NAMES)
    assert not any(seen.allows(purposes=[name]) for name in ALL)
    assert not any(e["enabled"] for e in seen.current()["vendors"].values())
    assert seen.diagnostics


def test_r10_each_law_has_its_own_cookie() -> None:
    no = refuse(*NAMES, purposes=ALL)
    assert california(OPTOUT, no, name="didomi_token").allows("both") is True
    assert california(OPTOUT, no, name="didomi_token_cpa").allows("both") is True
    assert california(OPTOUT, no, name="didomi_token_cpra").allows("both") is False
    # And the opt-in law does not read the cookie of another law.
    assert status(MIXED, YES, name="didomi_token_cpra").allows("both") is False
