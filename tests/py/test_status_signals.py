"""R11 (Global Privacy Control) and R14 (bots)."""

from __future__ import annotations

from typing import Any

import pytest

import consentpy as cp
from helpers import NOW, cookie, full, optout, vendor

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
LIGHTHOUSE = "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/110.0 Chrome-Lighthouse"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
VENDORS = [vendor("ads", [], ["p1"]), vendor("must", [], ["req"])]


def american(option: str | None, token: Any, *, gpc: bool = True) -> cp.Status:
    config = optout(full(VENDORS, essential=["req"]))
    if option:
        config["consentpy"] = {"gpc": option}
    cookies = {"didomi_token_cpra": cookie(token)} if token is not None else {}
    return cp.Config(config).notice("US", "CA").status(cookies, now=NOW, gpc=gpc)


FIRST_VISIT = {"vendors_li": {"enabled": ["ads"]}, "purposes_li": {"enabled": ["p1"]}}
CHOSEN = {**FIRST_VISIT, "created": "2026-03-01T00:00:00.000Z"}


@pytest.mark.parametrize("token", [None, FIRST_VISIT, CHOSEN, {}])
@pytest.mark.parametrize("option", [None, "always", "sometimes"])
def test_r11_the_signal_switches_off_everything_not_essential(option: Any, token: Any) -> None:
    seen = american(option, token)
    assert not seen.allows("ads") and not seen.allows(purposes="p1")
    assert seen.allows("must") and seen.allows(purposes="req")
    assert seen.purpose("p1", legitimate_interest=True) is False
    assert american(option, token, gpc=False).allows("ads")


def test_r11_unless_explicit_waits_for_a_choice_of_the_visitors_own() -> None:
    # the SDK writes a token with everything enabled on the first page view
    same_moment = {**FIRST_VISIT, "updated": "2026-03-01T00:00:00.000Z"}
    assert not american("unless_explicit", None).allows("ads")
    assert not american("unless_explicit", same_moment).allows("ads")
    assert american("unless_explicit", CHOSEN).allows("ads")
    refused = {**CHOSEN, "vendors_li": {"disabled": ["ads"]}}
    assert not american("unless_explicit", refused).allows("ads")


def test_r11_off() -> None:
    assert american("off", None).allows("ads")


def test_r11_means_nothing_under_the_gdpr_and_without_a_law() -> None:
    config = cp.Config(full([vendor("v", ["p1"])]))
    token = {"vendors": {"enabled": ["v"]}, "purposes": {"enabled": ["p1"]}}
    french = {"didomi_token": cookie(token)}
    assert config.notice("FR").status(french, now=NOW, gpc=True).allows("v")
    assert config.notice("JP").status({}, now=NOW, gpc=True).allows("v")


def test_r11_is_told() -> None:
    why = american(None, None).explain("ads")
    assert (why.allowed, why.reason) == (False, "gpc")
    assert "gpc" in [step.step for step in why.steps]


def asked(bots: Any, agent: str | None, country: str = "FR") -> cp.Status:
    config = full([vendor("v", ["p1"])])
    config["user"] = {"bots": bots}
    return cp.Config(config).notice(country).status({}, now=NOW, user_agent=agent)


@pytest.mark.parametrize("agent", [GOOGLEBOT, LIGHTHOUSE, GOOGLEBOT.upper()])
def test_r14_a_bot_is_not_asked_where_the_configuration_says_so(agent: str) -> None:
    seen = asked({"consentRequired": False}, agent)
    assert seen.bot and seen.collect_reason == "bot" and not seen.should_collect
    assert seen.allows("v") and not seen.allows("unknown")
    assert seen.explain("v").reason == "bot"


@pytest.mark.parametrize("bots", [{}, {"consentRequired": True}, {"consentRequired": 0}, None, 5])
def test_r14_a_bot_is_asked_like_anybody_otherwise(bots: Any) -> None:
    seen = asked(bots, GOOGLEBOT)
    assert seen.bot and seen.collect_reason == "no-choice" and not seen.allows("v")


@pytest.mark.parametrize("agent", [None, "", BROWSER, "x" * 100_000, "\udcff\0" + BROWSER])
def test_r14_others_are_no_bots(agent: str | None) -> None:
    seen = asked({"consentRequired": False}, agent)
    assert not seen.bot and seen.should_collect and not seen.allows("v")


def test_r14_types() -> None:
    only = {"consentRequired": False, "types": ["crawlers"]}
    assert asked(only, GOOGLEBOT).bot and not asked(only, LIGHTHOUSE).bot
    assert not asked({"consentRequired": False, "types": []}, GOOGLEBOT).bot


def test_r14_a_bot_beats_the_law_that_applies_everywhere() -> None:
    config = full([vendor("v", ["p1"])])
    config["user"] = {"bots": {"consentRequired": False}}
    config["app"]["gdprAppliesGlobally"] = True
    seen = cp.Config(config).notice("US").status({}, now=NOW, user_agent=GOOGLEBOT)
    assert seen.notice.regulation == "gdpr" and not seen.should_collect


def test_r14_an_objection_stands_whoever_sends_it() -> None:
    config = optout(full(VENDORS, essential=["req"]))
    config["user"] = {"bots": {"consentRequired": False}}
    token = {"vendors_li": {"disabled": ["ads"]}}
    cookies = {"didomi_token_cpra": cookie(token)}
    seen = cp.Config(config).notice("US", "CA").status(cookies, now=NOW, user_agent=GOOGLEBOT)
    assert not seen.allows("ads")


def test_a_user_agent_of_a_wrong_type_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(TypeError, match="user_agent"):
        asked({}, b"Googlebot")  # type: ignore[arg-type]
