"""Choices that a page's address brings: `status(…, query=)` (docs/didomi.md, Addresses)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import consentpy as cp
from helpers import (
    GOOGLE,
    NOW,
    USER_ID,
    ago,
    california,
    cookie,
    full,
    iso,
    optout,
    plain_merge,
    status,
    vendor,
    within,
)

ON = {"user": {"externalConsent": {"enabled": True}}}
ROWS = [vendor("v1", ["p1"], ["p2"]), vendor("v2", ["p1", "e1"])]
CONFIG = full(ROWS, ["e1"], **ON)
NAME = "didomiConfig.user.externalConsent.value"
YES = {
    "purposes": {
        "consent": {"enabled": ["p1"]},
        "legitimate_interest": {"enabled": ["p2"], "disabled": []},
    },
    "vendors": {
        "consent": {"enabled": ["c:v1"], "disabled": ["c:v2"]},
        "legitimate_interest": {"enabled": ["c:v1"]},
    },
}


# Behind a parameter that is over the limit alone.
YES_TAIL = "&" + NAME + "=" + quote(json.dumps(YES))


def query(value: Any) -> str:
    return f"{NAME}={quote(json.dumps(value))}"


def codes(seen: cp.Status) -> list[str]:
    return [found.code for found in seen.diagnostics]


def test_the_choices_are_the_visitors() -> None:
    seen = status(CONFIG, query=query(YES))
    assert seen.allows("v1") and seen.vendor("v2") is False and not seen.allows("v2")
    assert seen.updated == seen.created == NOW and seen.collect_reason == "complete"
    assert seen.user_id is not None and len(seen.user_id) == 36 and codes(seen) == []


@pytest.mark.parametrize(
    "given_",
    [
        "?utm=1&" + query(YES),
        query(YES).encode(),
        {NAME: json.dumps(YES)},
        {NAME: ["{}", json.dumps(YES)]},
        "didomiConfig=" + quote(json.dumps({"user": {"externalConsent": {"value": YES}}})),
    ],
)
def test_every_way_to_give_a_query(given_: Any) -> None:
    assert status(CONFIG, query=given_).allows("v1")
    notice = cp.Config(CONFIG)
    assert notice.status({}, country="FR", now=NOW, query=given_).allows("v1")


def test_the_old_form() -> None:
    old = {
        "enabledPurposes": ["p1"],
        "enabledPurposesLegitimateInterests": ["p2"],
        "enabledVendors": ["c:v1"],
        "disabledVendors": ["c:v2"],
        "enabledVendorsLegitimateInterests": ["c:v1"],
        "disabledVendorsLegitimateInterests": None,
        "action": "external",
    }
    seen = status(CONFIG, query=query(old))
    assert seen.allows("v1") and seen.vendor("v2") is False


@pytest.mark.parametrize("enabled", [False, None, 1, "true", {}])
def test_it_is_off_unless_the_configuration_says_true(enabled: Any) -> None:
    config = plain_merge(CONFIG, {"user": {"externalConsent": {"enabled": enabled}}})
    seen = status(config, query=query(YES))
    assert seen.collect_reason == "no-choice" and seen.updated is None and codes(seen) == []


@pytest.mark.parametrize(
    "nothing", ["", "?", "a=b", {}, None, query(None), "x" * 70_000 + YES_TAIL]
)
def test_without_a_value_nothing_is_taken(nothing: Any) -> None:
    value = cookie({"vendors": {"enabled": ["v1"]}})
    seen = status(CONFIG, value, query=nothing)
    assert seen.user_id == USER_ID and codes(seen) == []
    assert seen.cookies()[0].value == value


@pytest.mark.parametrize(
    "bad",
    [
        f"{NAME}=notjson",
        f"{NAME}=%7B",
        f"{NAME}=%FF",
        f"{NAME}=",
        f"{NAME}=" + "[" * 100 + "]" * 100,
        query([]),
        query(1),
        query({}),
        query({"action": "x"}),
        query({"purposes": []}),
        query({"vendors": {"consent": ["c:v1"]}}),
        query({"vendors": {"consent": {"enabled": "c:v1"}}}),
        query({"vendors": {"consent": {"enabled": [None]}}}),
        query({"purposes": {"consent": {"enabled": [1]}}}),
        query({"enabledVendors": {}}),
    ],
)
def test_what_cannot_be_read_is_left_alone_and_said(bad: str) -> None:
    value = cookie({"vendors": {"enabled": ["v1"]}})
    seen = status(CONFIG, value, query=bad)
    assert codes(seen) == ["external_unreadable"]
    assert seen.vendor("v1") is True and seen.user_id == USER_ID
    assert seen.cookies()[0].value == value


@pytest.mark.parametrize("wrong", [7, ["a=b"], object(), YES.items()])
def test_a_query_of_another_type_is_a_mistake(wrong: Any) -> None:
    for config in (CONFIG, full(ROWS)):
        with pytest.raises(TypeError):
            status(config, query=wrong)


def test_ids_that_the_notice_does_not_know_are_passed_over() -> None:
    value = {
        "vendors": {"consent": {"enabled": ["c:nobody", 28, 755, "v1", "c:v1", -1, 2**70]}},
        "purposes": {"consent": {"enabled": ["p1", "p7", "e1"], "disabled": ["e1"]}},
    }
    seen = status(CONFIG, query=query(value))
    assert seen.vendor("v1") is True and seen.allows(purposes="e1")
    stored = cp.token.decode(seen.set(vendors={"v2": True}, now=NOW).cookies()[0].value)
    assert stored.to_dict()["vendors"]["enabled"] == ["c:v1", "c:v2"]
    assert stored.to_dict()["purposes"]["enabled"] == ["p1"]


def test_a_number_is_an_iab_vendor_alone() -> None:
    config = full([], app={"vendors": {"didomi": ["google"]}}, **ON)
    number = {"vendors": {"consent": {"enabled": [755]}}}
    assert status(cp.Config(config, catalog=GOOGLE), query=query(number)).vendor("google") is None


def test_r8_disabled_beats_enabled() -> None:
    both = {"vendors": {"consent": {"enabled": ["c:v1"], "disabled": ["c:v1"]}}}
    assert status(CONFIG, query=query(both)).vendor("v1") is False


def test_it_replaces_what_is_stored() -> None:
    value = cookie(
        {
            "vendors": {"enabled": ["v2", "gone"]},
            "purposes": {"enabled": ["p1"], "disabled": ["p2"]},
        },
        created=ago(9000),
    )
    only = {"vendors": {"consent": {"disabled": ["c:v1"]}}}
    seen = status(CONFIG, value, query=query(only))
    assert seen.vendor("v2") is None and seen.vendor("v1") is False
    assert seen.purpose("p1") is None and seen.user_id == USER_ID
    current = seen.current()
    assert current["created"] == ago(9000) and current["updated"] == iso(NOW)


def test_no_cookie_is_written_of_it_but_a_choice_of_the_visitor_keeps_it() -> None:
    assert status(CONFIG, query=query(YES)).cookies() == ()
    lists = {"vendors": {"enabled": ["v2", "gone"]}, "purposes": {"disabled": ["p1"]}}
    value = cookie(lists, ac="DBABBgAA", sync=ago(60))
    seen = status(CONFIG, value, query=query(YES))
    assert seen.cookies() == status(CONFIG, value).cookies()
    after = seen.set(vendors={"v2": False}, now=NOW)
    token = cp.token.decode(after.cookies()[0].value).to_dict()
    assert "ac" not in token and token["sync"] == ago(60)
    assert token["vendors"] == {"enabled": ["c:v1"], "disabled": ["c:v2"]}
    assert token["purposes"]["enabled"] == ["p1"] and token["user_id"] == USER_ID
    assert after.allows("v1") and seen.set(now=NOW).cookies() == seen.cookies()


def test_r10_no_link_lifts_an_objection() -> None:
    config = optout(CONFIG)
    token = {"vendors_li": {"disabled": ["v1"], "enabled": ["v2"]}}
    link = {
        "vendors": {"legitimate_interest": {"enabled": ["c:v1", "c:v2"]}},
        "purposes": {"legitimate_interest": {"enabled": ["p1"], "disabled": ["p2"]}},
    }
    for age in (60, 400 * 86_400):
        seen = california(config, {**token, "updated": ago(age)}, query=query(link))
        assert not seen.allows("v1") and seen.allows("v2") and not seen.allows(purposes="p2")
        assert not seen.set(vendors={"v2": True}, now=NOW).allows("v1")


def test_r10_no_link_lifts_the_refusal_of_an_unreadable_cookie() -> None:
    link = query({"vendors": {"legitimate_interest": {"enabled": ["c:v1", "c:v2"]}}})
    config = optout(CONFIG)
    seen = california(config, "!!!", query=link)
    assert codes(seen) == ["bad_base64"]
    assert not any(seen.allows(name) for name in ("v1", "v2")) and seen.allows(purposes="e1")
    assert seen.cookies() == () and not seen.set(vendors={"v2": True}, now=NOW).allows("v1")
    notice = cp.Config(config).notice("US", "CA")
    assert not notice.status({"didomi_token_cpra": 7}, now=NOW, query=link).allows("v1")


def test_r11_a_link_is_no_choice_before_the_signal() -> None:
    config = optout(plain_merge(CONFIG, {"consentpy": {"gpc": "unless_explicit"}}))
    link = query({"purposes": {"legitimate_interest": {"enabled": ["p1"]}}})
    first_page = {"vendors_li": {"enabled": ["v1"]}, "updated": ago(9000), "created": ago(9000)}
    for token in (None, first_page):
        assert not california(config, token, query=link, gpc=True).allows("v2")
    chosen = {**first_page, "updated": ago(60)}
    assert california(config, chosen, query=link, gpc=True).allows("v2")


def test_r11_a_token_without_choices_does_not_make_a_link_one() -> None:
    config = optout(plain_merge(CONFIG, {"consentpy": {"gpc": "unless_explicit"}}))
    link = query({"purposes": {"legitimate_interest": {"enabled": ["p1", "p2"]}}})
    token = {"created": ago(90), "updated": ago(60)}
    for sent in (token, {**token, "updated": ago(-600)}):
        assert not california(config, sent, gpc=True).allows("v2")
        assert not california(config, sent, query=link, gpc=True).allows("v2")


def test_an_unreadable_cookie_under_an_opt_in_law_is_only_said() -> None:
    seen = status(CONFIG, "!!!", query=query(YES))
    assert seen.allows("v1") and codes(seen) == ["bad_base64"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["c:v1", "p1", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["purposes", "vendors", "consent", "legitimate_interest", "enabled", "disabled"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(anything, st.sampled_from(["c:v1", "x"]), st.booleans())
def test_no_value_raises_or_lifts_an_objection(value: Any, name: str, law: bool) -> None:
    token = {"vendors_li": {"disabled": [name]}, "purposes_li": {"disabled": ["p2"]}}
    if law:
        seen = california(optout(CONFIG), token, query=query(value))
        assert not seen.allows(purposes="p2") and not (name == "c:v1" and seen.allows("v1"))
    else:
        seen = status(CONFIG, token, query=query(value))
    seen.set(vendors={"v1": True}, now=NOW).cookies()


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_bytes_raise(rest: Any) -> None:
    prefix: Any = NAME + "=" if isinstance(rest, str) else NAME.encode() + b"="
    status(CONFIG, query=prefix + rest)
    status(CONFIG, query={NAME: rest, rest: NAME})


def test_a_long_value_is_read_in_time() -> None:
    with within(1):
        ids = ["c:v1"] * 8000
        assert status(
            CONFIG, query={NAME: json.dumps({"enabledVendors": ids, "enabledPurposes": ["p1"]})}
        ).vendor("v1")


def test_the_lists_are_told_in_the_order_of_the_link() -> None:
    value = {
        "purposes": {"consent": {"enabled": ["p2", "p1", "p2"]}},
        "vendors": {"consent": {"enabled": ["v2", "c:v1"], "disabled": ["c:v2"]}},
    }
    token = {"vendors": {"enabled": ["c:v1"]}, "purposes": {"enabled": ["p1"]}}
    lists = status(CONFIG, token, query=query(value)).lists()
    assert lists["purposes"]["consent"] == {"enabled": ["p2", "p1"], "disabled": []}
    assert lists["vendors"]["consent"] == {"enabled": ["c:v1"], "disabled": ["c:v2"]}
