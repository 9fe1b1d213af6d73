"""Rows 1 to 3: both cookies of a visitor to the answers of a page with 20 tags."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import msgspec

import consentpy as cp
from benchmarks import expert_visit
from benchmarks.check import WrongAnswer, equal
from benchmarks.harness import Claim, Contender, interleave
from benchmarks.rows import OURS, Result, rotate
from benchmarks.visits import Condition, Visits

naive_visit: Any
try:
    from benchmarks import naive_visit
except ImportError:  # iab-tcf
    naive_visit = None
try:
    from werkzeug.http import parse_cookie
except ImportError:
    parse_cookie = None

NAIVE, EXPERT = "json + iab-tcf", "expert reference"
WERKZEUG = "Werkzeug's parse_cookie alone"
MISSING = {NAIVE: "iab-tcf is not installed", WERKZEUG: "Werkzeug is not installed"}


def config_of(visits: Visits) -> cp.Config:
    return cp.Config(visits.config, gvl=cp.GlobalVendorList.from_json(visits.vendor_list))


def tags(visits: Visits) -> list[Condition]:
    """The gates, and every vendor of the notice alone and with each of two purposes of its own."""
    notice = expert_visit.Notice(visits.config, visits.vendor_list, visits.country)
    found = list(visits.conditions)
    for vendor, (used, used_li) in notice.vendors.items():
        found.append((vendor, ()))
        found += [(vendor, (purpose,)) for purpose in sorted(used | used_li)[::3]]
    return found


def check(visits: Visits) -> str:
    """Every verdict of every visitor, from the mapping and from the header, in all contenders."""
    config = config_of(visits)
    asked = tags(visits)
    gates = [config.gate(vendor, purposes) for vendor, purposes in asked]
    page = [config.gate(**gate) for gate in visits.gates]
    fast = expert_visit.Notice(visits.config, visits.vendor_list, visits.country)
    fast_gates = [fast.gate(*condition) for condition in asked]
    plain = naive_visit and naive_visit.Notice(visits.config, visits.vendor_list, visits.country)
    count = allowed = 0
    for i, (jar, header) in enumerate(zip(visits.jars, visits.headers, strict=True)):
        status = config.status(jar, country=visits.country, now=visits.now)
        answers = status.verdicts(gates)
        of_header = config.status(header, country=visits.country, now=visits.now)
        visit = fast.visit(jar, visits.now)
        others: list[tuple[str, object]] = [
            ("gate by gate", [status.allows(g) for g in gates]),
            ("from the header", of_header.verdicts(gates)),
            ("expert", visit.verdicts(fast_gates)),
            ("expert one by one", [visit.allows(c) for c in asked]),
            (
                "expert from the header",
                fast.visit_of_header(header, visits.now).verdicts(fast_gates),
            ),
        ]
        if plain:
            for name, seen in (
                ("naive", plain.visit(jar, visits.now)),
                ("naive from the header", plain.visit_of_header(header, visits.now)),
            ):
                others.append((name, [seen.may(*c) for c in asked]))
        for name, found in others:
            same(f"visitor {i}", asked, answers, name, found)
        on_page = status.verdicts(page)
        equal(
            f"visitor {i}, the page",
            on_page,
            ("its gates as the references spell them", answers[: len(page)]),
            ("one by one", [status.allows(g["vendor"], g["purposes"]) for g in visits.gates]),
            *([("the file", visits.expected[i])] if visits.expected else []),
        )
        count += len(answers)
        allowed += sum(answers)
    if not 0 < allowed < count:
        raise WrongAnswer(f"{allowed} of {count} verdicts are yes; such visitors check nothing")
    return f"{count} verdicts about {len(visits.jars)} visitors ({allowed} of them yes) are equal"


def same(what: str, asked: list[Condition], ours: list[bool], name: str, theirs: object) -> None:
    """Like `equal`, but naming the first tag that differs instead of thousands of verdicts."""
    assert isinstance(theirs, list) and len(theirs) == len(ours)
    for condition, a, b in zip(asked, ours, theirs, strict=True):
        if a != b:
            raise WrongAnswer(f"{what}: consentpy says {a} to {condition}, {name} says {b}")


class Contenders:
    """What each contender does with one visitor, made once."""

    def __init__(self, visits: Visits) -> None:
        self.visits = visits
        config = config_of(visits)
        self.status = config.status
        self.gates = [config.gate(**gate) for gate in visits.gates]
        self.asked = [(gate["vendor"], gate["purposes"]) for gate in visits.gates]
        self.conditions = visits.conditions
        given = visits.config, visits.vendor_list, visits.country
        self.fast = expert_visit.Notice(*given)
        self.faster = expert_visit.Notice(*given, read=msgspec.json.Decoder().decode)
        self.fast_gates = [self.fast.gate(*condition) for condition in visits.conditions]
        self.plain = naive_visit and naive_visit.Notice(*given)

    def one_by_one(self, cookies: Any) -> None:
        status = self.status(cookies, country=self.visits.country, now=self.visits.now)
        for vendor, purposes in self.asked:
            status.allows(vendor, purposes)

    def by_gate(self, cookies: Any) -> None:
        status = self.status(cookies, country=self.visits.country, now=self.visits.now)
        for gate in self.gates:
            status.allows(gate)

    def at_once(self, cookies: Any) -> None:
        self.status(cookies, country=self.visits.country, now=self.visits.now).verdicts(self.gates)

    def naive(self, cookies: Any) -> None:
        visit = self.plain.visit(cookies, self.visits.now)
        for vendor, purposes in self.conditions:
            visit.may(vendor, purposes)

    def naive_header(self, header: str) -> None:
        visit = self.plain.visit_of_header(header, self.visits.now)
        for vendor, purposes in self.conditions:
            visit.may(vendor, purposes)

    def expert(self, cookies: Any) -> None:
        visit = self.fast.visit(cookies, self.visits.now)
        for condition in self.conditions:
            visit.allows(condition)

    def expert_by_gate(self, cookies: Any) -> None:
        visit = self.fast.visit(cookies, self.visits.now)
        for gate in self.fast_gates:
            visit.allows_gate(gate)

    def expert_at_once(self, cookies: Any) -> None:
        self.fast.visit(cookies, self.visits.now).verdicts(self.fast_gates)

    def msgspec_at_once(self, cookies: Any) -> None:
        self.faster.visit(cookies, self.visits.now).verdicts(self.fast_gates)

    def expert_header(self, header: str) -> None:
        self.fast.visit_of_header(header, self.visits.now).verdicts(self.fast_gates)


Work = Callable[[Any], object] | None


def measured(
    row: int,
    title: str,
    visits: Visits,
    rounds: int,
    works: dict[str, Work],
    budgets: dict[str, Any],
) -> Result:
    """One row: every contender takes the visitors in turn; each ratio is a contender's time to ours."""
    cookies = visits.headers if row == 3 else visits.jars
    there: dict[str, Contender] = {n: rotate(w, cookies) for n, w in works.items() if w is not None}
    samples = interleave(there, rounds)
    claims = [
        Claim(row, f"{n} / {OURS}", samples.ratio(n, OURS) if n in there else None, ">=", budget)
        for n, budget in budgets.items()
    ]
    notes = [
        f"Row {row}: {MISSING[n]}, so that it was not measured." for n in works if n not in there
    ]
    return Result(row, title, samples, claims, notes)


def row1(visits: Visits, rounds: int) -> Result:
    """Cookies as a mapping, one question for each tag."""
    c = Contenders(visits)
    by_gate, expert_by_gate = f"{OURS}, allows(gate)", f"{EXPERT}, gates"
    works: dict[str, Work] = {
        OURS: c.one_by_one,
        by_gate: c.by_gate,
        EXPERT: c.expert,
        expert_by_gate: c.expert_by_gate,
        NAIVE: c.naive if c.plain else None,
    }
    result = measured(
        1,
        "token and TC string as a mapping, 20 × allows(vendor, purposes)",
        visits,
        rounds,
        works,
        {NAIVE: 100.0, EXPERT: 2.5},
    )
    ratio = result.samples.ratio(expert_by_gate, by_gate)
    result.claims.append(Claim(1, f"{expert_by_gate} / {by_gate}", ratio, ">="))
    return result


def row2(visits: Visits, rounds: int) -> Result:
    """The same, all tags in one call."""
    c = Contenders(visits)
    with_msgspec = f"{EXPERT} with msgspec"
    return measured(
        2,
        "the same, one call verdicts(gates)",
        visits,
        rounds,
        {
            OURS: c.at_once,
            EXPERT: c.expert_at_once,
            with_msgspec: c.msgspec_at_once,
            NAIVE: c.naive if c.plain else None,
        },
        {NAIVE: 160.0, EXPERT: 4.0, with_msgspec: None},
    )


def row3(visits: Visits, rounds: int) -> Result:
    """The same from the raw header; Werkzeug only takes the header apart."""
    c = Contenders(visits)
    simple = "http.cookies.SimpleCookie alone"
    return measured(
        3,
        "the same, raw Cookie header in",
        visits,
        rounds,
        {
            OURS: c.at_once,
            WERKZEUG: (lambda header: parse_cookie(header)) if parse_cookie else None,
            simple: SimpleCookie,
            EXPERT: c.expert_header,
            NAIVE: c.naive_header if c.plain else None,
        },
        {WERKZEUG: 13.0, simple: None, EXPERT: None, NAIVE: None},
    )
