"""What would open a gate: Explanation.would_allow, over random worlds and by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vendor_lists import GVL

import consentpy as cp
from helpers import NOW, ago, cookie, pack

VENDORS = ["a", "b", "c", "google"]
PURPOSES = ["p", "q", "r", "ess", "cookies", "market_research", "device_characteristics"]
PLACES = [("FR", None), ("FR", None), ("US", "CA"), ("US", "CA"), ("JP", None), ("DE", None)]
ARGUMENTS = ["purposes", "vendors", "purposes_li", "vendors_li"]


def some(ids: list[str], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(ids), max_size=most, unique=True)


custom = st.fixed_dictionaries(
    {"id": st.sampled_from(VENDORS[:3])},
    optional={
        "purposeIds": some(PURPOSES),
        "legIntPurposeIds": some(PURPOSES, 2),
        "specialFeatureIds": st.just(["device_characteristics"]),
    },
)
own = st.fixed_dictionaries(
    {},
    optional={
        "gpc": st.sampled_from(["off", "unless_explicit"]),
        "storedRefusalWithoutRegulation": st.just("respect"),
        "recollect": st.just("reset"),
        "ignoreBefore": st.just("keep"),
    },
)
configs = st.fixed_dictionaries(
    {
        "app": st.fixed_dictionaries(
            {
                "vendors": st.fixed_dictionaries(
                    {"custom": st.lists(custom, min_size=1, max_size=4)},
                    optional={
                        "didomi": st.just(["google"]),
                        "iab": st.just({"include": [9, 56]}),
                        "overrideVendors": st.just({"a": {"legIntPurposeIds": ["r"]}}),
                    },
                ),
                "customPurposes": st.just([{"id": p} for p in PURPOSES[:4]]),
            },
            optional={
                "essentialPurposes": st.sampled_from([["ess"], ["ess", "q"]]),
                "purposes": some(PURPOSES, 2),
                "disabledPurposes": some(PURPOSES, 1),
                "consentDuration": st.just(1000),
                "deniedConsentDuration": st.just(500),
            },
        ),
        "regulations": st.just({"cpra": {"enabled": True}}),
        "consentpy": own,
    },
    optional={
        "user": st.sampled_from(
            [
                {"ignoreConsentBefore": ago(400)},
                {"bots": {"consentRequired": False}},
                {"externalConsent": {"enabled": True}},
                {"isUnderage": True},
            ]
        ),
        "notice": st.just({"daysBeforeShowingAgain": 1}),
        "preferences": st.just({"denyAppliesToLI": False}),
        "configByCountry": st.just({"DE": {"app": {"vendors": {"custom": []}}}}),
        "cookies": st.just({"storageSources": {"cookies": False}}),
    },
)


def sides(ids: list[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    return st.fixed_dictionaries({}, optional={"enabled": some(ids, 7), "disabled": some(ids, 3)})


tokens = st.builds(
    lambda lists, created, age: cookie(lists, created=ago(age + created), updated=ago(age)),
    st.fixed_dictionaries(
        {},
        optional={
            "vendors": sides([*VENDORS, "gone"]),
            "purposes": sides([*PURPOSES, "gone"]),
            "vendors_li": sides(VENDORS),
            "purposes_li": sides(PURPOSES),
        },
    ),
    st.sampled_from([0, 0, 100]),
    st.sampled_from([60, 60, 60, 450, 700, 1000]),
)
values = st.one_of(tokens, tokens, tokens, st.sampled_from(["%", "", pack({"updated": 1})]))
visitors = st.fixed_dictionaries(
    {"cookies": st.lists(values, max_size=2)},
    optional={
        "gpc": st.just(True),
        "user_agent": st.just("Googlebot"),
        "query": st.builds(
            lambda lists: {"didomiConfig.user.externalConsent.value": json.dumps(lists)},
            st.fixed_dictionaries({"vendors": sides(VENDORS), "purposes": sides(PURPOSES)}),
        ),
    },
)
gates = st.lists(
    st.tuples(st.sampled_from([None, *VENDORS, *VENDORS, 9, 56]), some(PURPOSES, 2)),
    min_size=3,
    max_size=9,
)
Change = dict[str, dict[str, bool]]


def without_one(change: Change) -> list[Change]:
    return [
        {
            name: {id: yes for id, yes in ids.items() if (name, id) != (other, gone)}
            for name, ids in change.items()
        }
        for other in change
        for gone in change[other]
    ]


def all_of(notice: cp.Notice, gate: dict[str, Any]) -> Change:
    """All that a gate asks about, on every basis in use, as far as a token can hold it."""
    asked = {v.id: v for v in notice.vendors if gate.get("vendor") in (v.id, v.iab_id)}
    wanted = set(gate.get("purposes") or ())
    for one in asked.values():
        wanted |= {*one.purposes, *one.legitimate_interest_purposes, *one.special_features}
    return {
        "purposes": {p.id: True for p in notice.purposes if p.id in wanted},
        "vendors": {v.id: True for v in asked.values() if v.namespace != "iab"},
    }


def check(status: cp.Status, gate: dict[str, Any]) -> Change | None:
    """An explanation agrees with allows(), and its change does what it says."""
    said = status.explain(**gate)
    assert said.allowed is status.allows(**gate)
    assert said.allowed is all(
        step.passed for step in said.steps if step.step in ("vendor", "purpose")
    )
    change = said.would_allow
    if change is None:
        # where agreeing to all of it helps, there is a smallest part that does
        if not said.allowed:
            whole = all_of(status.notice, gate)
            assert not status.set(**whole, now=NOW).allows(**gate)
        return None
    assert not said.allowed
    assert list(change) == sorted(change, key=ARGUMENTS.index)
    assert all(ids and all(yes is True for yes in ids.values()) for ids in change.values())
    assert status.set(**change, now=NOW).allows(**gate)
    for less in without_one(change):
        assert not status.set(**less, now=NOW).allows(**gate), less
    return change


@given(configs, st.sampled_from(PLACES), visitors, gates)
def test_explanations_agree_with_verdicts_and_changes_flip_them(
    layer: dict[str, Any],
    place: tuple[str, str | None],
    visitor: dict[str, Any],
    asked: list[tuple[str | int | None, list[str]]],
) -> None:
    config = cp.Config(layer, gvl=GVL)
    notice = config.notice(*place)
    rest = dict(visitor)
    pairs = "; ".join(f"{notice.cookie_name}={value}" for value in rest.pop("cookies"))
    status = notice.status(pairs, now=NOW, **rest)
    for vendor, purposes in asked:
        if vendor or purposes:
            check(status, {"vendor": vendor, "purposes": purposes})


BASE: dict[str, Any] = {
    "app": {
        "vendors": {
            "custom": [
                {"id": "a", "purposeIds": ["p"]},
                {"id": "b", "purposeIds": ["p", "ess"], "legIntPurposeIds": ["q"]},
                {"id": "e", "purposeIds": ["ess"]},
                {"id": "c:x", "purposeIds": ["p"]},
            ]
        },
        "customPurposes": [{"id": "p"}, {"id": "q"}, {"id": "ess"}],
        "essentialPurposes": ["ess"],
    },
    "regulations": {"cpra": {"enabled": True}},
}


def seen(token: Any = None, more: Any = None, place: Any = ("FR",), **rest: Any) -> cp.Status:
    notice = cp.Config(BASE, more or {}).notice(*place)
    value = token if isinstance(token, str) else cookie(token) if token else None
    return notice.status({notice.cookie_name: value} if value else {}, now=NOW, **rest)


CALIFORNIA = ("US", "CA")
RESPECT = {"consentpy": {"storedRefusalWithoutRegulation": "respect"}}
EXPLICIT = {"consentpy": {"gpc": "unless_explicit"}}
ALL = {
    "vendors": {"enabled": ["a", "b"]},
    "purposes": {"enabled": ["p"]},
    "vendors_li": {"enabled": ["b"]},
    "purposes_li": {"enabled": ["q"]},
}


@pytest.mark.parametrize(
    ("status", "gate", "change"),
    [
        (seen(), {"vendor": "a"}, {"purposes": {"p": True}, "vendors": {"a": True}}),
        (
            seen(),
            {"vendor": "b"},
            {"purposes": {"p": True}, "vendors": {"b": True}, "purposes_li": {"q": True}},
        ),
        (
            seen({"vendors": {"enabled": ["b"]}, "purposes": {"enabled": ["p"]}}),
            {"vendor": "b"},
            {"purposes_li": {"q": True}, "vendors_li": {"b": True}},
        ),
        (seen({**ALL, "vendors_li": {}}), {"vendor": "b"}, {"vendors_li": {"b": True}}),
        (seen({**ALL, "purposes_li": {}}), {"vendor": "b"}, {"purposes_li": {"q": True}}),
        (seen({**ALL, "vendors": {}}), {"vendor": "b"}, {"vendors": {"b": True}}),
        (seen({**ALL, "purposes": {}}), {"vendor": "b"}, {"purposes": {"p": True}}),
        (seen(ALL), {"vendor": "b"}, None),
        (seen(), {"vendor": "c:x"}, {"purposes": {"p": True}, "vendors": {"x": True}}),
        (seen(), {"purposes": ["p", "ess"]}, {"purposes": {"p": True}}),
        # an expired answer counts for nothing, so all of it has to be given again
        (
            seen({**ALL, "updated": ago(40_000_000)}),
            {"vendor": "a"},
            {"purposes": {"p": True}, "vendors": {"a": True}},
        ),
        (seen("%"), {"vendor": "a"}, {"purposes": {"p": True}, "vendors": {"a": True}}),
        # agreeing to a purpose on the basis that it has is not consent to it
        (seen(), {"purposes": ["q"]}, None),
        (seen(), {"vendor": "nobody"}, None),
        (seen(), {"vendor": "a", "purposes": ["nothing"]}, None),
        (seen(), {"vendor": "a", "purposes": ["market_research"]}, None),
        (seen(), {"vendor": "e"}, None),
        (
            seen({"purposes_li": {"disabled": ["p"]}}, place=CALIFORNIA),
            {"vendor": "b"},
            {"purposes": {"p": True}},
        ),
        (
            seen("%", place=CALIFORNIA),
            {"vendor": "b"},
            {"purposes": {"p": True, "q": True}, "vendors": {"b": True}},
        ),
        (seen(place=CALIFORNIA, gpc=True), {"vendor": "a"}, None),
        # the signal is heeded for all that a choice does not name
        (
            seen(None, EXPLICIT, CALIFORNIA, gpc=True),
            {"vendor": "b"},
            {"purposes": {"p": True, "q": True}},
        ),
        (
            seen({"vendors": {"disabled": ["a"]}}, RESPECT, ("JP",)),
            {"vendor": "a"},
            {"vendors": {"a": True}},
        ),
        # refused on a basis that it does not use
        (
            seen({"vendors_li": {"disabled": ["a"]}}, RESPECT, ("JP",)),
            {"vendor": "a"},
            {"vendors_li": {"a": True}},
        ),
        (
            seen(
                {"vendors": {"enabled": ["a"]}, "purposes": {"enabled": ["p"]}},
                {"consentpy": {"recollect": "reset"}},
            ),
            {"vendor": "a"},
            {},
        ),
    ],
)
def test_changes_by_hand(status: cp.Status, gate: dict[str, Any], change: Change | None) -> None:
    assert check(status, gate) == change
    told = str(status.explain(**gate)).splitlines()[-1]
    assert told.startswith("would be allowed ") is (change is not None)


def test_a_change_is_the_caller_s_own() -> None:
    said = seen().explain("a")
    change = said.would_allow
    assert change is not None
    change["purposes"].clear()
    assert said.would_allow == {"purposes": {"p": True}, "vendors": {"a": True}}
    assert said.to_dict()["would_allow"] == said.would_allow
    assert said != seen(ALL).explain("a") and hash(said) == hash(seen().explain("a"))
    with pytest.raises(AttributeError):
        said.would_allow = None  # type: ignore[misc]


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        (
            {"vendor": "a"},
            "would be allowed if the visitor agreed to the purpose p and the vendor a",
        ),
        (
            {"vendor": "b", "purposes": "p"},
            "would be allowed if the visitor agreed to the purpose p and the vendor b and the "
            "legitimate interest of the purpose q",
        ),
    ],
)
def test_advice_in_words(gate: dict[str, Any], told: str) -> None:
    said = seen().explain(**gate)
    assert str(said).splitlines()[-1] == told
    assert told in said._repr_html_()
