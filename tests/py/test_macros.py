"""The macros of gated tags, filled in for one visitor."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import consentpy as cp
from helpers import NOW, cookie, full, vendor

CONFIG = cp.Config(
    full([vendor("open", ["p1"]), vendor("half", ["p1", "p2"]), vendor("shut", ["p1"])])
)
TOKEN = {
    "vendors": {"enabled": ["open", "half"], "disabled": ["shut"]},
    "purposes": {"enabled": ["p1"], "disabled": ["p2"]},
}
EVERY = (
    "{gdpr}|{gdpr_consent}|{gdpr_consent_vendor}|{gdpr_consent_vendor_boolean}|"
    "{gdpr_consent_vendor_raw}|{gdpr_consent_vendor_boolean_raw}"
)


def filled(text: str, country: str = "FR", **tag: Any) -> str:
    seen = CONFIG.notice(country).status({"didomi_token": cookie(TOKEN)}, now=NOW)
    return seen.fill_macros(text, **tag)


@pytest.mark.parametrize(
    ("name", "whole", "alone"),
    [("open", True, True), ("half", False, True), ("shut", False, False), ("nobody", False, False)],
)
def test_the_vendor_with_its_purposes_and_the_vendor_alone(
    name: str, whole: bool, alone: bool
) -> None:
    words = {True: ("1", "true"), False: ("0", "false")}
    assert filled(EVERY, vendor=name, vendor_raw=name) == "|".join(
        ("1", "", *words[whole], *words[alone])
    )


def test_where_consent_is_not_required() -> None:
    assert filled(EVERY, "JP", vendor="shut", vendor_raw="shut") == "0||1|true|1|true"


def test_a_macro_of_an_attribute_that_the_tag_has_not_stays() -> None:
    assert filled("{gdpr_consent_vendor}{gdpr_consent_vendor_raw}") == (
        "{gdpr_consent_vendor}{gdpr_consent_vendor_raw}"
    )
    assert filled("{gdpr_consent_vendor}{gdpr_consent_vendor_raw}", vendor="open") == (
        "1{gdpr_consent_vendor_raw}"
    )


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", ""),
        ("{GDPR}{Gdpr_Consent}", "1"),
        ("{{gdpr}}", "{1}"),
        ("{gdpr", "{gdpr"),
        ("{ gdpr }{gdprs}{gdpr_}{}", "{ gdpr }{gdprs}{gdpr_}{}"),
        ("é{gdpr}\U0001f600", "é1\U0001f600"),
        ("{gdpr}\udc80", "1\udc80"),
        ("if (x) { y = {a: '{gdpr}'} }", "if (x) { y = {a: '1'} }"),
        ("%7Bgdpr%7D", "%7Bgdpr%7D"),
    ],
)
def test_only_whole_macros_are_replaced(text: str, result: str) -> None:
    assert filled(text) == result


@given(st.lists(st.sampled_from(["{", "}", "gdpr", "{gdpr}", "_consent", "é", "{GDPR}", "x"])))
def test_everything_else_is_untouched(parts: list[str]) -> None:
    text = "".join(parts)
    assert filled(text) == text.replace("{gdpr}", "1").replace("{GDPR}", "1").replace(
        "{gdpr_consent}", ""
    ).replace("{GDPR_consent}", "")


def test_wrong_types() -> None:
    with pytest.raises(TypeError, match="text of a tag"):
        filled(b"{gdpr}")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        filled("{gdpr}", vendor=1.5)
