"""Evaluation against a second implementation of R1, R8, R10 and R13 in plain Python.

Random notices, random tokens; every answer that the rules define is compared.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import consentpy as cp
from helpers import LISTS, NOW, cookie, fields, full, optout, pack, vendor

VENDORS = ["v1", "v2", "v3", "v4"]
PURPOSES = ["p1", "p2", "p3", "e1", "e2"]
Sides = dict[str, list[str]]

purpose_lists = st.lists(st.sampled_from(PURPOSES), max_size=3, unique=True)
notices = st.tuples(
    st.lists(st.tuples(purpose_lists, purpose_lists), min_size=1, max_size=4),
    st.sampled_from([[], ["e1"], ["e1", "e2"]]),
)


def sides(ids: list[str]) -> st.SearchStrategy[Sides]:
    some = st.lists(st.sampled_from(ids), max_size=len(ids))
    return st.fixed_dictionaries({}, optional={"enabled": some, "disabled": some})


tokens = st.fixed_dictionaries(
    {},
    optional={
        "vendors": sides(VENDORS),
        "purposes": sides(PURPOSES),
        "vendors_li": sides(VENDORS),
        "purposes_li": sides(PURPOSES),
    },
)


class Model:
    """The rules once more: sets and nothing else."""

    def __init__(self, shape: Any, token: dict[str, Sides]) -> None:
        rows, essential = shape
        self.essential = set(essential)
        self.vendors = {
            name: (consent, li)
            for name, (consent, li) in zip(VENDORS, rows, strict=False)
            if consent or li
        }
        self.on: dict[str, set[str]] = {}
        self.off: dict[str, set[str]] = {}
        for field in LISTS:
            lists = token.get(field, {})
            self.off[field] = set(lists.get("disabled", []))
            self.on[field] = set(lists.get("enabled", [])) - self.off[field]
        # 5.4 and 11.5: only what vendors use is missing when it has no status.
        self.consent = {p for pc, _ in self.vendors.values() for p in pc}
        self.li = {p for _, pl in self.vendors.values() for p in pl}

    # opt-in

    def purpose_in(self, name: str) -> bool:
        if name in self.essential:
            return True
        li = name not in self.li or name in self.on["purposes_li"]
        return name in self.on["purposes"] and li

    def vendor_in(self, name: str) -> bool:
        if name not in self.vendors:
            return False
        consent, li = self.vendors[name]
        if set(consent) | set(li) <= self.essential:
            return True
        return (
            (not consent or name in self.on["vendors"])
            and (not li or name in self.on["vendors_li"])
            and set(consent) <= self.on["purposes"] | self.essential
            and set(li) <= self.on["purposes_li"] | self.essential
        )

    def partial(self) -> bool:
        """docs/didomi.md, Statuses, and R13 for vendors with essential purposes only."""
        for purposes, field in ((self.consent, "purposes"), (self.li, "purposes_li")):
            known = self.on[field] | self.off[field] | self.essential
            if not purposes <= known:
                return True
        for name, (consent, li) in self.vendors.items():
            if set(consent) | set(li) <= self.essential:
                continue
            for listed, field in ((consent, "vendors"), (li, "vendors_li")):
                if listed and name not in self.on[field] | self.off[field]:
                    return True
        return False

    # opt-out

    def purpose_out(self, name: str) -> bool:
        return name in self.essential or name not in self.off["purposes_li"]

    def vendor_out(self, name: str) -> bool:
        if name not in self.vendors:
            return False
        used = set(self.vendors[name][0]) | set(self.vendors[name][1])
        if used <= self.essential:
            return True
        return name not in self.off["vendors_li"] and all(map(self.purpose_out, used))


def build(shape: Any) -> dict[str, Any]:
    rows, essential = shape
    listed = [vendor(name, *row) for name, row in zip(VENDORS, rows, strict=False)]
    config = full(listed, named=PURPOSES)
    config["app"]["essentialPurposes"] = essential
    return config


def compare(seen: cp.Status, model: Model, vendor_rule: Any, purpose_rule: Any) -> None:
    assert [v.id for v in seen.notice.vendors] == list(model.vendors)
    questions = []
    for name in VENDORS:
        assert seen.allows(name) is vendor_rule(name), name
        for purpose in PURPOSES:
            expected = vendor_rule(name) and purpose_rule(purpose)
            assert seen.allows(name, [purpose]) is expected, (name, purpose)
            if name in model.vendors:
                questions.append((seen.notice.gate(name, [purpose]), expected))
    for purpose in PURPOSES:
        assert seen.allows(purposes=[purpose]) is purpose_rule(purpose), purpose
    both = all(map(purpose_rule, PURPOSES))
    assert seen.allows(purposes=PURPOSES) is both
    answers = seen.verdicts([gate for gate, _ in questions])
    assert answers == [expected for _, expected in questions]
    current = seen.current()
    assert {v: e["enabled"] for v, e in current["vendors"].items()} == {
        name: vendor_rule(name) for name in model.vendors
    }


@settings(max_examples=400, deadline=None)
@given(notices, tokens)
def test_opt_in(shape: Any, token: dict[str, Sides]) -> None:
    model = Model(shape, token)
    config = cp.Config(build(shape))
    for cookies in ({"didomi_token": cookie(token)}, f"didomi_token={cookie(token)}"):
        seen = config.notice("FR").status(cookies, now=NOW)
        compare(seen, model, model.vendor_in, model.purpose_in)
    if model.vendors:
        assert seen.partial is model.partial()
    for name in VENDORS:
        stored = name in model.on["vendors"], name in model.off["vendors"]
        if name in model.vendors:
            expected = True if stored[0] else False if stored[1] else None
            assert seen.vendor(name) is expected


@settings(max_examples=400, deadline=None)
@given(notices, tokens)
def test_opt_out(shape: Any, token: dict[str, Sides]) -> None:
    model = Model(shape, token)
    config = cp.Config(optout(build(shape)))
    cookies = {"didomi_token_cpra": cookie(token)}
    seen = config.notice("US", "CA").status(cookies, now=NOW)
    compare(seen, model, model.vendor_out, model.purpose_out)
    assert seen.should_collect is False and seen.partial is False


@settings(max_examples=200, deadline=None)
@given(notices, tokens, st.sampled_from(LISTS), st.sampled_from(VENDORS + PURPOSES))
def test_one_more_refusal_never_opens_anything(
    shape: Any, token: dict[str, Sides], field: str, name: str
) -> None:
    """Under either kind of law, moving an id to `disabled` only closes."""
    lists = token.get(field, {})
    kept = [one for one in lists.get("enabled", []) if one != name]
    more = {"enabled": kept, "disabled": [*lists.get("disabled", []), name]}
    harder = {**token, field: more}
    config = build(shape)
    for law, place, cookie_name in (
        (config, ("FR", None), "didomi_token"),
        (optout(config), ("US", "CA"), "didomi_token_cpra"),
    ):
        notice = cp.Config(law).notice(*place)
        before = notice.status({cookie_name: cookie(token)}, now=NOW)
        after = notice.status({cookie_name: cookie(harder)}, now=NOW)
        for one in VENDORS:
            assert not after.allows(one) or before.allows(one)
        for one in PURPOSES:
            assert not after.allows(purposes=one) or before.allows(purposes=one)


@settings(max_examples=200, deadline=None)
@given(notices, tokens)
def test_the_order_of_everything_is_indifferent(shape: Any, token: dict[str, Sides]) -> None:
    turned = {
        field: {side: token[field][side][::-1] for side in reversed(token[field])}
        for field in reversed(token)
    }
    config = build(shape)
    other = build(shape)
    other["app"]["vendors"]["custom"].reverse()
    other["app"]["customPurposes"].reverse()
    one = cp.Config(config).notice("FR").status({"didomi_token": cookie(token)}, now=NOW)
    reversed_fields = dict(reversed(fields(turned).items()))
    cookies = {"didomi_token": pack(reversed_fields)}
    two = cp.Config(other).notice("FR").status(cookies, now=NOW)
    for name in VENDORS:
        assert one.allows(name) is two.allows(name)
        assert one.vendor(name) is two.vendor(name)
    assert one.partial is two.partial and one.collect_reason == two.collect_reason
