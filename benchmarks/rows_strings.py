"""Rows 4 to 6: TC strings read and written, beside iab-tcf and the official JavaScript library."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.check import WrongAnswer, equal
from benchmarks.harness import Claim, Contender, Samples, interleave
from benchmarks.official import Library
from benchmarks.rows import OURS, Result, repeat
from benchmarks.visits import Visits
from consentpy import tcf

try:
    import iab_tcf
except ImportError:
    iab_tcf = None

IAB, OFFICIAL = "iab-tcf", "the official JavaScript"
# Its way in for CMPs: takes out by the vendor list what that does not have, and writes every segment.
PUBLISH = f"{OFFICIAL}, TCString.encode with a vendor list"
SEGMENT = f"{OFFICIAL}, its core segment alone"
NO_IAB = "iab-tcf is not installed"
SETS = ("vendor_consents", "vendor_legitimate_interests")
MOST = 4095  # the largest id that the check asks iab-tcf about
VENDOR = 755


def world(text: str) -> dict[str, Any]:
    """A string as lists of ids, as the official library's model wants it."""
    tc = tcf.decode(text)
    found = tc.to_dict()
    for name in (*SETS, "disclosed_vendors"):
        ids = getattr(tc, name)
        found[name] = None if ids is None else list(ids)
    found["publisher_restrictions"] = sorted(
        [item.purpose_id, item.type, list(item.vendors)] for item in tc.publisher_restrictions
    )
    return found


def shared(read: dict[str, Any]) -> dict[str, Any]:
    """What two readers must agree on, in one form."""
    names = ("cmp_id", "created_ds", "purpose_consents", "purpose_legitimate_interests", *SETS)
    found = {name: read[name] for name in names}
    found["disclosed_vendors"] = read["disclosed_vendors"] or []
    found["publisher_restrictions"] = sorted(read["publisher_restrictions"])
    return found


def check(visits: Visits, library: Library | None) -> str:
    """Every reader sees the same in the three strings, and what is written is the same string."""
    for name in ("typ1000", "typ1000_v23", "range300"):
        text = visits.strings[name]
        ours = world(text)
        if library:
            theirs = library.ask(read=text)
            equal(f"{name} as read", shared(ours), ("the official library", shared(theirs)))
        if iab_tcf:
            seen = iab_tcf.decode(text)
            asked = range(1, MOST + 1)
            equal(
                f"{name} as read",
                [[i for i in ours[n] if i <= MOST] for n in SETS],
                (
                    IAB,
                    [
                        [i for i in asked if seen.is_vendor_allowed(i)],
                        [i for i in asked if seen.is_interest_allowed(i)],
                    ],
                ),
            )
            found = [
                [e.purpose_id, e.restriction_type, [(a, b) for a, b in e.restrictions_range]]
                for e in seen.pub_restriction_entries
            ]
            kept = [
                [r.purpose_id, r.type, r.vendors.ranges()]
                for r in tcf.decode(text).publisher_restrictions
            ]
            equal(f"restrictions of {name}", sorted(kept), (IAB, sorted(found)))
    plain = visits.strings["typ1000"]
    written = tcf.encode(tcf.decode(plain))
    equal("typ1000 as written", written, ("from lists", tcf.encode(mapping(plain, lists=True))))
    if library:
        equal("typ1000 as written", written, (OFFICIAL, library.ask(write=world(plain))))
        vendor_list = json.loads(visits.vendor_list)
        published = world(library.prepare("publish", 0.001, world=world(plain), list=vendor_list))
        for name in SETS:
            listed = [
                i
                for i in world(plain)[name]
                if "deletedDate" not in vendor_list["vendors"].get(str(i), {"deletedDate": ""})
            ]
            if not set(published[name]) <= set(listed) or not published[name]:
                raise WrongAnswer(f"{PUBLISH}: {name} are others than those agreed to")
    return "three TC strings are read and written alike"


def mapping(text: str, lists: bool) -> dict[str, Any]:
    """The fields of a string; its vendors as vendor sets, or as lists of ids."""
    tc = tcf.decode(text)
    return {**tc.to_dict(), **{n: (list if lists else lambda x: x)(getattr(tc, n)) for n in SETS}}


def decode_and_ask(decode: Any, text: str) -> Contender:
    def run(n: int) -> None:
        for _ in range(n):
            decode(text).vendor_consents.__contains__(VENDOR)

    return run


def iab_and_ask(text: str) -> Contender:
    return repeat(lambda: iab_tcf.decode(text).is_vendor_allowed(VENDOR))


def notes(row: int, library: Library | None, why: str) -> list[str]:
    found = [] if library else [f"Row {row}: {why}, so that {OFFICIAL} was not measured."]
    if row != 6 and not iab_tcf:
        found.append(f"Row {row}: {NO_IAB}, so that it was not measured.")
    return found


def claim(row: int, samples: Samples, name: str, budget: float | None, ours: str = OURS) -> Claim:
    ratio = samples.ratio(name, ours) if name in samples.seconds else None
    return Claim(row, f"{name} / {ours}", ratio, ">=", budget)


def _decoded(
    row: int,
    name: str,
    visits: Visits,
    rounds: int,
    library: Library | None,
    why: str,
    budgets: dict[str, float],
) -> Result:
    text = visits.strings[name]
    contenders: dict[str, Contender] = {OURS: decode_and_ask(tcf.decode, text)}
    if iab_tcf:
        contenders[IAB] = iab_and_ask(text)
    if library:
        contenders[OFFICIAL] = library.contender(f"decode {name}", text=text, vendor=VENDOR)
    samples = interleave(contenders, rounds)
    claims = [claim(row, samples, n, budget) for n, budget in budgets.items()]
    title = f"tcf.decode of {name} ({len(text)} characters), one vendor asked"
    return Result(row, title, samples, claims, notes(row, library, why))


def row4(visits: Visits, rounds: int, library: Library | None, why: str) -> Result:
    """A string of three segments, all of them read."""
    budgets = {IAB: 1000.0, OFFICIAL: 100.0}
    return _decoded(4, "typ1000_v23", visits, rounds, library, why, budgets)


def row5(visits: Visits, rounds: int, library: Library | None, why: str) -> Result:
    """Ranges and publisher restrictions."""
    budgets = {IAB: 120.0, OFFICIAL: 100.0}
    return _decoded(5, "range300", visits, rounds, library, why, budgets)


def row6(visits: Visits, rounds: int, library: Library | None, why: str) -> Result:
    """Writing: from what each library keeps a decoded string in, and from bare lists of ids."""
    text = visits.strings["typ1000"]
    decoded = tcf.decode(text)
    sets, lists = mapping(text, lists=False), mapping(text, lists=True)
    from_sets, from_lists = f"{OURS}, mapping of vendor sets", f"{OURS}, mapping of lists of ids"
    official_lists = f"{OFFICIAL}, lists of ids"
    contenders: dict[str, Contender] = {
        OURS: repeat(lambda: tcf.encode(decoded)),
        from_sets: repeat(lambda: tcf.encode(sets)),
        from_lists: repeat(lambda: tcf.encode(lists)),
    }
    if library:
        contenders[SEGMENT] = library.contender("encode", world=world(text))
        listed = json.loads(visits.vendor_list)
        contenders[PUBLISH] = library.contender("publish", world=world(text), list=listed)
        contenders[official_lists] = library.contender("write", world=world(text))
    samples = interleave(contenders, rounds)
    return Result(
        6,
        "tcf.encode of typ1000, decoded",
        samples,
        [
            claim(6, samples, PUBLISH, 1000.0),
            claim(6, samples, SEGMENT, 1000.0),
            claim(6, samples, SEGMENT, None, from_sets),
            claim(6, samples, official_lists, None, from_lists),
        ],
        notes(6, library, why),
    )
