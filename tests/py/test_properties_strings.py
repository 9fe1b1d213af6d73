"""What is promised of every configuration and visitor, where consent strings are.

The worlds are those of `worlds_strings.py`, the browser's rules those of `oracle_strings.py`; the
runs are those of `test_properties.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, assume, event, find, given, settings
from hypothesis import strategies as st
from oracle import Browser
from worlds import one_of, states
from worlds_strings import (
    BITS,
    GVL,
    PURPOSES,
    QUESTIONS,
    VENDORS,
    SentTC,
    StringWorld,
    ask,
    near_misses,
    opt_out_strings,
    spoilt_dcs,
    string_worlds,
    tc_strings,
    toggled,
    write,
)

import consentpy as cp
from helpers import DAY, TCF_PURPOSES

many = settings.get_profile("properties")
worlds_of_all = st.one_of(string_worlds(), near_misses, opt_out_strings)


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
@given(worlds_of_all)
def test_nothing_is_allowed_that_the_documented_rule_holds_back(world: StringWorld) -> None:
    no_laxer_than(world.browser(), world.status(), "documented")


@many
@given(worlds_of_all)
def test_nothing_is_allowed_that_the_observed_browser_holds_back(world: StringWorld) -> None:
    no_laxer_than(world.browser(), world.status(), "observed")


@many
@given(worlds_of_all)
def test_the_lists_are_those_of_the_reference(world: StringWorld) -> None:
    browser, notice = world.browser(), world.notice()
    assert notice.regulation == browser.law.id
    found = {
        v.id: (set(v.purposes) | set(v.special_features), set(v.legitimate_interest_purposes))
        for v in notice.vendors
        if v.id != "25"
    }
    assert found == {name: (uses.consent, uses.li) for name, uses in browser.notice.vendors.items()}


@many
@given(worlds_of_all)
def test_a_vendor_of_the_list_runs_with_the_frameworks_permission_alone(
    world: StringWorld,
) -> None:
    """Each of its purposes is permitted by every string that is in force."""
    status = world.status()
    assume(status.notice.group == "optin" and not status.bot and world.tcs)
    options = {**(world.option("tcf") or {})}
    accepted = []
    for one in world.tcs:
        try:
            accepted.append(cp.tcf.decode(one.value, strict=True))
        except cp.DecodeError:
            continue
    for vendor in status.notice.vendors:
        if vendor.namespace != "iab" or not status.allows(vendor.id):
            continue
        event("a vendor of the list is allowed")
        used = {*vendor.purposes, *vendor.legitimate_interest_purposes} & {*TCF_PURPOSES}
        ways = [
            all(
                GVL.permission(
                    tc, vendor.iab_id, purpose=TCF_PURPOSES.index(one) + 1, now=world.now, **options
                ).allowed
                for one in used
            )
            for tc in accepted
        ]
        assert any(ways), vendor.id


# ----------------------------------------------------------- more of one, less of other


def allows_no_more(less: cp.Status, more: cp.Status) -> None:
    before, after = ask(more), ask(less)
    assert [one for one, open in after.items() if open and not before[one]] == []


def rewritten(sent: SentTC, **changes: Any) -> SentTC:
    return write(replace(sent.tc, **changes), **dict(sent.more))


one_string = st.lists(tc_strings(forms=("",)), min_size=1, max_size=1)


@many
@given(string_worlds(tcs=one_string), st.sampled_from(BITS))
def test_a_bit_less_in_a_string_never_allows_more(world: StringWorld, key: tuple[str, int]) -> None:
    (sent,) = world.tcs
    field, number = key
    bits = {field: getattr(sent.tc, field)}
    assume(number in bits[field])
    less = world.but(tcs=(rewritten(sent, **toggled(bits, [key])),))
    notice = world.notice()
    allows_no_more(less.status(notice), world.status(notice))


@many
@given(string_worlds(tcs=one_string), one_of(1, 2, 7, 9), one_of(0, 1, 2))
def test_a_restriction_never_allows_more(world: StringWorld, purpose: int, kind: int) -> None:
    (sent,) = world.tcs
    rules = [*dict(sent.more).get("publisher_restrictions", [])]
    rules.append({"purpose_id": purpose, "type": kind, "ids": "1-300"})
    more = {**dict(sent.more), "publisher_restrictions": rules}
    notice = world.notice()
    restricted = world.but(tcs=(write(sent.tc, **more),))
    allows_no_more(restricted.status(notice), world.status(notice))


@many
@given(string_worlds(), tc_strings(forms=("cut", "nothing", "tail")), st.integers(0, 2))
def test_a_string_that_cannot_be_read_never_opens_anything(
    world: StringWorld, spoilt: SentTC, at: int
) -> None:
    notice = world.notice()
    more = world.but(tcs=(*world.tcs[:at], spoilt, *world.tcs[at:]))
    allows_no_more(more.status(notice), world.status(notice))


@many
@given(string_worlds(), spoilt_dcs)
def test_a_dcs_that_cannot_be_read_never_opens_anything(world: StringWorld, spoilt: Any) -> None:
    notice = world.notice()
    world = world.but(dcss=())
    more = world.but(dcss=(spoilt,))
    allows_no_more(more.status(notice), world.status(notice))


@many
@given(string_worlds(), tc_strings())
def test_outside_the_opt_in_law_a_tc_string_changes_nothing(
    world: StringWorld, other: SentTC
) -> None:
    notice = world.notice()
    assume(notice.group != "optin")
    status = world.status(notice)
    for tcs in ((), (other,), (other, *world.tcs)):
        seen = world.but(tcs=tcs).status(notice)
        assert ask(seen) == ask(status) and seen.tc_string == ""


#: Seconds from one visit to the next.
spans = one_of(366 * DAY, 4 * DAY, 8 * DAY, DAY, 10 * DAY, 1, 9999 * DAY)
dated_before = tc_strings(days=(0, 1, 3, 5, 12, 400))


@many
@given(
    string_worlds(
        tcs=st.lists(dated_before, min_size=1, max_size=1), cookies=st.just([]), dcss=st.just([])
    ),
    spans,
)
def test_what_is_not_allowed_now_is_not_allowed_later(world: StringWorld, span: float) -> None:
    notice = world.notice()
    allows_no_more(world.later(span).status(notice), world.status(notice))


@many
@given(opt_out_strings, spans, one_of(0, -3 * DAY))
def test_an_objection_in_a_string_outlives_it(
    world: StringWorld, span: float, start: float
) -> None:
    """Under an opt-out law, by a number that is known here or by one that is not."""
    world = world.but(cookies=())
    notice = world.notice()
    (sent,) = world.dcss
    law = notice.regulation
    assume(notice.group == "optout" and world.dcs_suffix in ("", f"_{law}"))
    assume(sent.dcs.token is None or sent.dcs.law == law)
    later = world.later(start + span).status(notice)
    essential = notice.essential_purposes
    named = None if sent.dcs.token is None else states(sent.dcs.token)
    for vendor in notice.vendors:
        used = {*vendor.purposes, *vendor.special_features, *vendor.legitimate_interest_purposes}
        refused = named is None or named.get(("vendors_li", vendor.sdk_id)) == "disabled"
        refused |= named is None or any(
            named.get(("purposes_li", one)) == "disabled" for one in used - essential
        )
        if refused and not used <= essential:
            event("an objection")
            assert not later.allows(vendor.id), vendor.id
    for purpose in {one.id for one in notice.purposes} - essential:
        if named is None or named.get(("purposes_li", purpose)) == "disabled":
            assert not later.allows(purposes=[purpose]), purpose


# ------------------------------------------------------------------------ ways of asking


@many
@given(worlds_of_all)
def test_all_ways_of_asking_agree(world: StringWorld) -> None:
    config = world.config()
    status = world.status(world.notice(config))
    resolved = {}
    for name, ids in QUESTIONS:
        try:
            resolved[name, ids] = config.gate(name, ids)
        except cp.UnknownIdError:
            continue
    answers = ask(status)
    assert status.verdicts(resolved.values()) == [answers[one] for one in resolved]
    for question, gate in resolved.items():
        why = status.explain(gate)
        assert status.allows(gate) is answers[question] is why.allowed
        assert why.allowed or not all(step.passed for step in why.steps)
    current = status.current()
    assert current["consent_string"] == status.tc_string == status.lists()["consent_string"]
    assert status.data_layer()["didomiIABConsent"] == status.tc_string
    assert status.tc_data()["gdprApplies"] is (status.notice.group == "optin") or status.bot


@many
@given(string_worlds().filter(lambda world: len(world.cookies) < 2 and len(world.tcs) < 2))
def test_a_mapping_and_a_header_of_the_same_cookies_agree(world: StringWorld) -> None:
    config = world.config()
    seen = []
    for way in (world.header, world.header.encode(), world.mapping):
        status = world.status(config.notice(world.country, world.region, way), way)
        seen.append((ask(status), status.collect_reason, status.updated, status.tc_string))
    assert seen[0] == seen[1] == seen[2]


# ------------------------------------------------------------------------------- answers


def after_answer(world: StringWorld, status: cp.Status) -> cp.Status:
    """The next visit, the same moment: the browser's cookies and those of the answer."""
    jar = dict(world.mapping)
    for one in status.cookies():
        if one.max_age <= 0:
            jar.pop(one.name, None)
        else:
            jar[one.name] = one.value
    return world.status(status.notice, jar)


ANSWERS = {
    "nothing": lambda status, now: status,
    "same": lambda status, now: status.set(now=now),
    "agree": lambda status, now: status.agree_to_all(now=now),
    "disagree": lambda status, now: status.disagree_to_all(now=now, legitimate_interest=True),
    "purpose": lambda status, now: status.set(purposes={"p1": False}, now=now),
}


@many
@given(
    st.one_of(string_worlds(), opt_out_strings).filter(
        lambda world: len(world.cookies) < 2 and len(world.tcs) < 2
    ),
    st.sampled_from(sorted(ANSWERS)),
)
def test_an_answer_is_read_back(world: StringWorld, answer: str) -> None:
    """No more than it allowed, and where something was written, no less either."""
    world = world.but(user_agent=None)
    status = world.status(None, world.mapping)
    assume(status.notice._get("cookies.storageSources.cookies", None) is not False)
    if answer == "purpose":
        assume(any(one.id == "p1" for one in status.notice.purposes))
    after = ANSWERS[answer](status, world.now)
    back = after_answer(world, after)
    if world.option("recollect") == "reset":
        return  # R5: what was set counts at once, though more is asked
    if answer in ("nothing", "same"):
        assert ask(back) == ask(status)
    elif after.cookies():
        assert ask(back) == ask(after)
    if answer == "disagree" and status.notice.group != "none":
        essential = status.notice.essential_purposes
        for (name, ids), allowed in ask(back).items():
            if name is None and allowed:
                assert {*ids} <= essential


# ------------------------------------------------- the worlds are wide enough to tell

first_found = settings(many, derandomize=True, max_examples=4000, phases=[Phase.generate])


@pytest.mark.parametrize(
    "wanted",
    [
        lambda world, status: status.allows(21) and status.notice.group == "optin",
        lambda world, status: status.vendor(22) is False and not status.bot,
        lambda world, status: status.vendor(22) is None and status.tc_string != "",
        lambda world, status: status.allows("v1", ["cookies"]) and status.tc_string != "",
        lambda world, status: status.allows("v1") and status.current()["didomi_dcs"] != "",
        lambda world, status: status.explain(21).reason == "restricted",
        lambda world, status: {d.code for d in status.diagnostics} >= {"tc_foreign_cmp"},
        lambda world, status: {d.code for d in status.diagnostics} >= {"tc_not_accepted"},
        lambda world, status: {d.code for d in status.diagnostics} >= {"tc_unreadable"},
        lambda world, status: {d.code for d in status.diagnostics} >= {"several_tc_strings"},
        lambda world, status: status.notice.group == "optout" and not status.allows("v1")
        and not world.cookies and not status.notice.essential_purposes,
        lambda world, status: status.collect_reason == "expired" and not world.cookies,
        lambda world, status: status.collect_reason == "denied-expired" and not world.cookies,
    ],
)  # fmt: skip
def test_worlds_have_what_the_properties_are_about(wanted: Any) -> None:
    find(string_worlds(), lambda world: wanted(world, world.status()), settings=first_found)
