"""What is promised of answers, over random worlds: `cookies()` read back, and what is chosen counts.

The runs are those of `test_properties.py`.
"""

from __future__ import annotations

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from worlds import PURPOSES, QUESTIONS, VENDORS, World, ask, one_of, worlds

import consentpy as cp

many = settings.get_profile("properties")


def stored(status: cp.Status) -> dict[str, str]:
    """What the browser sends after this status was written."""
    return {one.name: one.value for one in status.cookies()}


def read_back(world: World, status: cp.Status) -> cp.Status:
    """The next visit, the same moment, with what this status writes."""
    return world.status(status.notice, stored(status))


def reads_cookies(status: cp.Status) -> bool:
    return status.notice._get("cookies.storageSources.cookies", None) is not False


def essential_only(notice: cp.Notice, vendor: cp.Vendor) -> bool:
    used = {*vendor.purposes, *vendor.special_features, *vendor.legitimate_interest_purposes}
    return used <= notice.essential_purposes


@many
@given(worlds())
def test_cookies_read_back_give_the_same_verdicts(world: World) -> None:
    status = world.status()
    written = stored(status)
    assume(written)
    event(f"{len(world.cookies)} cookies, {status.notice.group}")
    assert list(written) == [status.notice.cookie_name]
    again = read_back(world, status)
    assert ask(again) == ask(status)
    assert again.user_id == status.user_id
    if len(world.cookies) == 1:
        assert again.updated == status.updated


@many
@given(worlds())
def test_a_second_write_changes_nothing(world: World) -> None:
    """What was written is written again as it is: same value, same remaining life.

    Several cookies become one with the date of the oldest, which can be too old for a refusal.
    """
    status = world.status()
    assume(status.cookies())
    again = read_back(world, status)
    assume(again.updated or len(world.cookies) == 1)
    assert [(one.value, one.max_age) for one in again.cookies()] == [
        (one.value, one.max_age) for one in status.cookies()
    ]


@many
@given(worlds())
def test_agreeing_to_all_allows_whatever_can_be_allowed(world: World) -> None:
    """Not what the signal switches off (R11), nor what needs a purpose that is not collected."""
    status = world.but(gpc=False).status()
    assume(reads_cookies(status))
    notice, after = status.notice, status.agree_to_all(now=world.now)
    asked = {purpose.id for purpose in notice.purposes}
    for vendor in notice.vendors:
        used = {*vendor.purposes, *vendor.special_features, *vendor.legitimate_interest_purposes}
        if used <= asked:
            assert after.allows(vendor.id), vendor.id
    assert all(after.allows(purposes=[one]) for one in asked)
    assert not after.partial or any(
        not {*v.purposes, *v.legitimate_interest_purposes} <= asked for v in notice.vendors
    )
    assert ask(read_back(world.but(gpc=False), after)) == ask(after)


@many
@given(worlds())
def test_refusing_all_allows_what_is_essential(world: World) -> None:
    status = world.but(user_agent=None).status()
    after = status.disagree_to_all(now=world.now, legitimate_interest=True)
    notice = status.notice
    assume(notice.group != "none" and reads_cookies(status))
    for vendor in notice.vendors:
        assert after.allows(vendor.id) is essential_only(notice, vendor)
    for purpose in notice.purposes:
        assert after.allows(purposes=[purpose.id]) is purpose.essential
    assert ask(read_back(world.but(user_agent=None), after)) == ask(after)


@many
@given(
    worlds(),
    st.dictionaries(st.sampled_from(VENDORS), st.booleans(), max_size=2),
    st.dictionaries(st.sampled_from(PURPOSES), st.booleans(), max_size=2),
    one_of(False, True),
)
def test_what_is_set_counts_and_is_read_back(
    world: World, vendors: dict[str, bool], purposes: dict[str, bool], only_li: bool
) -> None:
    status = world.but(user_agent=None).status()
    notice = status.notice
    assume(reads_cookies(status))
    known = {vendor.id for vendor in notice.vendors}, {one.id for one in notice.purposes}
    vendors = {one: said for one, said in vendors.items() if one in known[0]}
    purposes = {one: said for one, said in purposes.items() if one in known[1]}
    assume(vendors or purposes)
    if only_li:
        after = status.set(vendors_li=vendors, purposes_li=purposes, now=world.now)
    else:
        after = status.set(vendors=vendors, purposes=purposes, now=world.now)
    before, now = ask(status), ask(after)
    # R5: what was set counts at once, though more is asked. With nothing to write the browser
    # keeps what it has: a refusal that is too old to be kept may count for as long as it is sent.
    if world.option("recollect") != "reset" and after.cookies():
        assert ask(read_back(world.but(user_agent=None), after)) == now
    if notice.group != "none" and not only_li:
        refused = {one for one, said in vendors.items() if not said}
        for vendor in notice.vendors:
            assert (
                not now[vendor.id, ()] or vendor.id not in refused or essential_only(notice, vendor)
            )
        for one, said in purposes.items():
            assert said or not after.allows(purposes=[one]) or one in notice.essential_purposes
    # what was not set stands, where nothing that is void comes back or goes
    same = status.set(vendors={}, purposes={}, now=world.now)
    assert stored(same) == stored(status)
    if settled(status) and not (set(vendors.values()) | set(purposes.values())) - {True}:
        assert [one for one in QUESTIONS if before[one] and not now[one]] == []


def settled(status: cp.Status) -> bool:
    """A token that counts, alone, with nothing unreadable beside it."""
    return len(status.cookies()) == 1 and not status.diagnostics
