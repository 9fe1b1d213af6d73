"""What `explain` says would open a gate does open it, over random worlds.

The runs are those of `test_properties.py`.
"""

from __future__ import annotations

from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st
from worlds import QUESTIONS, Question, World, near_misses, opt_out_worlds, worlds

many = settings.get_profile("properties")
visitors = st.one_of(near_misses, worlds(), opt_out_worlds)


def without(would: dict[str, Any], name: str, one: str) -> dict[str, Any]:
    """The same answer, but for one id."""
    rest = {id: said for id, said in would[name].items() if id != one}
    return {**would, name: rest}


@many
@given(visitors, st.sampled_from(QUESTIONS))
def test_what_would_allow_a_gate_allows_it(world: World, question: Question) -> None:
    status = world.status()
    why = status.explain(*question)
    event(f"{why.reason}: {'a way' if why.would_allow else 'no way'}")
    if why.allowed:
        assert why.would_allow is None
    elif why.would_allow is not None:
        # only while the visitor is asked again does the same answer count once more (R5, "reset")
        assert why.would_allow or why.reason == "recollecting"
        assert status.set(**why.would_allow, now=world.now).allows(*question)


@many
@given(visitors, st.sampled_from(QUESTIONS))
def test_what_would_allow_a_gate_has_nothing_needless(world: World, question: Question) -> None:
    status = world.status()
    would = status.explain(*question).would_allow or {}
    event("something to choose" if would else "nothing")
    for name, said in would.items():
        for one in said:
            less = status.set(**without(would, name, one), now=world.now)
            assert not less.allows(*question), (name, one)


@many
@given(visitors, st.sampled_from(QUESTIONS))
def test_where_nothing_would_allow_a_gate_agreeing_to_all_does_not(
    world: World, question: Question
) -> None:
    """But for a purpose on legitimate interest alone: a gate wants consent too, and set() gives none."""
    status = world.status()
    why = status.explain(*question)
    consent = all(one.on_consent for one in status.notice.purposes if one.id in question[1])
    if consent and not why.allowed and why.would_allow is None:
        assert not status.agree_to_all(now=world.now).allows(*question)
