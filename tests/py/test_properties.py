"""What is promised of every configuration and every visitor, over random worlds.

200 examples of each in a normal run, 10 000 with `make properties`. The worlds are those of
`worlds.py`, the browser's rules those of `oracle.py`.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, assume, event, find, given, settings
from hypothesis import strategies as st
from oracle import Browser
from worlds import (
    AGES,
    ALL_IDS,
    OFTEN,
    PURPOSES,
    VENDORS,
    Question,
    Sent,
    World,
    ask,
    gates,
    merged_once_more,
    near_misses,
    one_of,
    opt_out_worlds,
    sent,
    states,
    tokens,
    unreadable,
    with_states,
    without_countries,
    worlds,
)

import consentpy as cp
from helpers import DAY

many = settings.get_profile("properties")

#: Visitors with one token that is not dated ahead of the clock.
one_token = tokens(tuple(AGES)).map(lambda token: [sent(token)])
#: The same, with hardly anything but refusals in it.
refusals = tokens((3600, 0, DAY), ("disabled",)).map(lambda token: [sent(token)])
nothing_readable = st.lists(unreadable, min_size=1, max_size=3)


def group(status: cp.Status) -> str:
    return status.notice.group


# ------------------------------------------------------------ promise 1: the browser


def no_laxer_than(browser: Browser, status: cp.Status, rule: str) -> None:
    for name in VENDORS:
        if status.allows(name):
            assert browser.vendor(name, rule), name
    for purpose in PURPOSES:
        if status.allows(purposes=[purpose]):
            assert browser.purpose(purpose, rule), purpose
        for name in VENDORS:
            if status.allows(name, [purpose]):
                assert browser.vendor(name, rule) and browser.purpose(purpose, rule)


@many
@given(st.one_of(worlds(), near_misses))
def test_nothing_is_allowed_that_the_documented_rule_holds_back(world: World) -> None:
    no_laxer_than(world.browser(), world.status(), "documented")


@many
@given(st.one_of(worlds(), near_misses))
def test_nothing_is_allowed_that_the_observed_browser_holds_back(world: World) -> None:
    no_laxer_than(world.browser(), world.status(), "observed")


@many
@given(worlds())
def test_the_law_and_the_lists_are_those_of_the_reference(world: World) -> None:
    browser, notice = world.browser(), world.notice()
    assert (notice.regulation, notice.group) == (browser.law.id, browser.law.group)
    assert {
        v.id: (set(v.purposes) | set(v.special_features), set(v.legitimate_interest_purposes))
        for v in notice.vendors
    } == {name: (uses.consent, uses.li) for name, uses in browser.notice.vendors.items()}
    assert {p.id for p in notice.purposes} == browser.notice.purposes
    assert notice.essential_purposes == browser.notice.essential


# ----------------------------------------------------------- more of one, less of other


def moved(world: World, key: tuple[str, str], state: str) -> World:
    """The same visitor with another answer for one id; one cookie."""
    (cookie,) = world.cookies
    assert cookie.token is not None
    said = {**states(cookie.token), key: state}
    return world.but(cookies=(sent(with_states(cookie.token, said)),))


def allows_no_more(less: cp.Status, more: cp.Status) -> None:
    before, after = ask(more), ask(less)
    assert [one for one, open in after.items() if open and not before[one]] == []


@many
@given(st.one_of(worlds(one_token), near_misses), st.sampled_from(ALL_IDS))
def test_agreeing_to_more_never_allows_less(world: World, key: tuple[str, str]) -> None:
    notice = world.notice()
    status = world.status(notice)
    for one in (*OFTEN, key):
        allows_no_more(status, moved(world, one, "enabled").status(notice))


@many
@given(st.one_of(worlds(one_token), near_misses), st.sampled_from(ALL_IDS))
def test_refusing_more_never_allows_more(world: World, key: tuple[str, str]) -> None:
    """An id goes from the enabled to the refused ones, or from nowhere to them.

    The latter is another thing with two options of the site: a first answer can end the
    question (R5, "reset"), and it makes a choice that goes before the signal (R11).
    """
    (cookie,) = world.cookies
    assert cookie.token is not None
    said, notice = states(cookie.token), world.notice()
    status = world.status(notice)
    first = world.option("recollect") == "reset" or world.option("gpc") == "unless_explicit"
    for one in (*OFTEN, key):
        if one in said or not first:
            allows_no_more(moved(world, one, "disabled").status(notice), status)


# -------------------------------------------------------------------------- unreadable


@many
@given(worlds(nothing_readable))
def test_an_unreadable_cookie_is_no_cookie_or_a_refusal(world: World) -> None:
    """Under an opt-in law what no cookie allows, under an opt-out law what is essential."""
    notice = world.notice()
    status, none = world.status(notice), world.status(notice, {})
    event(group(status))
    if group(status) == "optin" or notice.cookie_name not in world.names:
        assert ask(status) == ask(none)
    elif group(status) == "optout":
        essential = notice.essential_purposes
        open_vendors = {
            v.id
            for v in notice.vendors
            if {*v.purposes, *v.special_features, *v.legitimate_interest_purposes} <= essential
        }
        for (name, ids), allowed in ask(status).items():
            assert allowed is ((name is None or name in open_vendors) and {*ids} <= essential)
    else:
        allows_no_more(status, none)


@many
@given(worlds(), unreadable, st.integers(0, 3))
def test_an_unreadable_cookie_beside_others_never_opens_anything(
    world: World, cookie: Sent, at: int
) -> None:
    cookies = (*world.cookies[:at], cookie, *world.cookies[at:])
    assume(len(world.cookies) > 0)  # the law of an unknown region goes by the cookie's name
    notice = world.notice()
    more = world.but(cookies=cookies)
    allows_no_more(more.status(notice), world.status(notice))


# -------------------------------------------------------------------------------- time

#: Seconds from one visit to the next: around the durations, windows and dates of the worlds.
spans = one_of(366 * DAY, 4 * DAY, 8 * DAY, 8 * DAY - 1, DAY, 10 * DAY, 1, 0.001, 9999 * DAY)


@many
@given(st.one_of(worlds(refusals), worlds(one_token), opt_out_worlds), spans)
def test_what_is_not_allowed_now_is_not_allowed_later(world: World, span: float) -> None:
    assume(len(world.cookies) == 1 and "future_date" not in findings(world))
    notice = world.notice()
    allows_no_more(world.later(span).status(notice), world.status(notice))


def findings(world: World) -> set[str]:
    return {one.code for one in world.status().diagnostics}


def refused(world: World, status: cp.Status) -> list[Question]:
    """What this visitor's answer refuses now, on a basis whose refusal counts."""
    respected = world.option("storedRefusalWithoutRegulation") == "respect"
    notice = status.notice
    out: list[Question] = []
    for vendor in notice.vendors:
        on_li = bool(vendor.legitimate_interest_purposes)
        on_consent = bool(vendor.purposes or vendor.special_features)
        seen = [
            status.vendor(vendor.id, li) for li in counting(notice, respected, on_consent, on_li)
        ]
        if False in seen and not essential_only(notice, vendor):
            out.append((vendor.id, ()))
    for purpose in notice.purposes:
        on_li = purpose.on_legitimate_interest
        if False in [
            status.purpose(purpose.id, li) for li in counting(notice, respected, True, on_li)
        ]:
            out.append((None, (purpose.id,)))
    return out


def counting(notice: cp.Notice, respected: bool, on_consent: bool, on_li: bool) -> list[bool]:
    """The bases whose refusal counts: False is consent, True legitimate interest."""
    if notice.group == "optin":
        return [False] * on_consent + [True] * on_li
    return [True] if notice.group == "optout" else [False, True] * respected


@many
@given(st.one_of(worlds(), opt_out_worlds), spans, one_of(0, -3 * DAY, -9 * DAY))
def test_no_time_turns_a_refusal_into_a_permission(world: World, span: float, start: float) -> None:
    """Several cookies too, and such as are dated ahead of the clock."""
    world = world.but(user_agent=None)  # a bot that is not asked is let through
    if start < 0 and world.option("gpc") == "unless_explicit":
        world = world.but(gpc=False)  # a choice that is dated ahead goes before the signal in time
    notice = world.notice()
    now, later = world.later(start).status(notice), world.later(start + span).status(notice)
    for name, ids in refused(world, now):
        event(f"a refusal, {notice.group}")
        assert not now.allows(name, ids) and not later.allows(name, ids), (name, ids)


@many
@given(opt_out_worlds, spans)
def test_an_objection_outlives_its_token(world: World, span: float) -> None:
    """Under an opt-out law whatever a readable token refuses is refused for ever."""
    notice = world.notice()
    later = world.later(span).status(notice)
    assume(notice.group == "optout")
    for cookie in world.cookies:
        for (field, one), state in states(cookie.token or {}).items():
            if state == "enabled" or one in notice.essential_purposes:
                continue
            if field == "purposes_li":
                assert not later.allows(purposes=[one])
            if field == "vendors_li" and one != "c:gone":
                name = one.removeprefix("c:")
                uses = [v for v in notice.vendors if v.id == name]
                if uses and not essential_only(notice, uses[0]):
                    assert not later.allows(name)


def essential_only(notice: cp.Notice, vendor: cp.Vendor) -> bool:
    return {
        *vendor.purposes,
        *vendor.special_features,
        *vendor.legitimate_interest_purposes,
    } <= notice.essential_purposes


# ----------------------------------------------------------------------------- merging


@many
@given(worlds(), one_of("FR", "US", "JP"))
def test_merging_a_country_twice_is_merging_it_once(world: World, country: str) -> None:
    """Also where the entry, merged over the last layer, is then merged once more."""
    world = world.but(country=country, catalog=None)
    twice = world.but(layers=merged_once_more(world.layers, country))
    once = cp.Config(*world.layers).effective(country).to_dict()
    assume(world.notice().country == country)
    assert cp.Config(*twice.layers).effective(country).to_dict() == once
    if not any("regulation_configurations" in layer for layer in world.layers):
        assert cp.merge(once, cp.Config(twice.layers[-1]).effective().to_dict()) == once
    assert ask(twice.status()) == ask(world.status())


@many
@given(worlds())
def test_a_country_without_an_entry_is_the_global_configuration(world: World) -> None:
    bare = world.but(layers=without_countries(world.layers))
    country = world.notice().country
    entries = {key for layer in world.layers for key in layer.get("configByCountry", {})}
    assume(country not in entries)
    assert (
        world.config().effective(world.country, world.region).to_dict()
        == bare.config().effective(world.country, world.region).to_dict()
    )
    assert world.notice().regulation == bare.notice().regulation
    assert ask(world.status()) == ask(bare.status())


# --------------------------------------------------------------------- ways of asking


@many
@given(st.one_of(worlds(), near_misses))
def test_all_ways_of_asking_agree(world: World) -> None:
    """allows() by id and by gate, verdicts() and explain()."""
    config = world.config()
    status = world.status(world.notice(config))
    answers = ask(status)
    resolved = gates(config)
    assert status.verdicts(resolved.values()) == [answers[one] for one in resolved]
    for question, gate in resolved.items():
        assert status.allows(gate) is answers[question]
        assert status.explain(gate).allowed is answers[question]
    for (name, ids), allowed in answers.items():
        why = status.explain(name, ids)
        assert why.allowed is allowed
        assert allowed or not all(step.passed for step in why.steps)
        if (name, ids) not in resolved:
            assert not allowed, "an id that is known nowhere"


@many
@given(worlds(), worlds())
def test_equal_keys_mean_equal_verdicts(world: World, other: World) -> None:
    """Of any two visitors; and one more thing that no verdict hangs on changes no key."""
    config = world.config()
    asked = list(gates(config).values())
    seen: dict[str, tuple[bool, ...]] = {}
    for visitor in (world, other, world.but(cookies=other.cookies), other.but(now=world.now)):
        notice = config.notice(visitor.country, visitor.region, visitor.header)
        status = visitor.status(notice)
        verdicts = tuple(status.verdicts(asked))
        key = status.key(asked)
        assert seen.setdefault(key, verdicts) == verdicts
        assert visitor.status(notice).key(asked) == key


@many
@given(worlds().filter(lambda world: len(world.cookies) < 2))
def test_a_mapping_and_a_header_of_the_same_cookies_agree(world: World) -> None:
    config = world.config()
    ways: list[Any] = [world.header, world.header.encode(), world.mapping]
    results = []
    for way in ways:
        notice = config.notice(world.country, world.region, way)
        status = world.status(notice, way)
        results.append((notice.regulation, ask(status), status.collect_reason, status.updated))
    assert results[0] == results[1] == results[2]


# ------------------------------------------------- the worlds are wide enough to tell

first_found = settings(many, derandomize=True, max_examples=4000, phases=[Phase.generate])


@pytest.mark.parametrize("law", ["optin", "optout", "none"])
@pytest.mark.parametrize("allowed", [True, False])
def test_worlds_have_vendors_of_every_verdict(law: str, allowed: bool) -> None:
    """Otherwise the properties above would hold for want of a case."""

    def wanted(world: World) -> bool:
        status = world.status()
        return group(status) == law and any(
            status.allows(v.id) is allowed and not essential_only(status.notice, v)
            for v in status.notice.vendors
        )

    find(worlds(), wanted, settings=first_found)


@pytest.mark.parametrize(
    "reason",
    "complete within-window no-choice expired denied-expired ignored-before new-vendor bot opt-out "
    "not-required".split(),
)
def test_worlds_have_every_reason_to_ask(reason: str) -> None:
    find(
        worlds(),
        lambda world: world.status().collect_reason == reason,
        settings=first_found,
    )
