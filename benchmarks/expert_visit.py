"""The expert reference with a vendor list: the standard library alone, as fast as we know how to write it.

The same scope and answers as `benchmarks.naive_visit`. What makes it fast: ids are resolved once, a tag's
condition is two masks and a few ids; a vendor set of the TC string is one int, cut out of the string's
bits with two shifts; nothing runs over vendors, and no object is made for what is not asked.
"""

from __future__ import annotations

import json
from binascii import a2b_base64
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any

from benchmarks import expert
from benchmarks.make_visitors import FEATURES, PURPOSES
from benchmarks.visits import Condition, asked_about

NONE: frozenset[str] = frozenset()
STANDARD = bytes.maketrans(b"-_", b"+/")
NUMBERS = {purpose: number for number, purpose in enumerate(PURPOSES, 1)}
CMP_IDS = frozenset((7,))
EMPTY: dict[str, Any] = {}
DISCLOSED = tuple(b"%c" % c for c in b"IJKLMNOP")  # first letters of that segment


def mask_of(purposes: Iterable[str]) -> int:
    """Purposes as the 24 bits of a TC string have them, the first at the top."""
    return sum(1 << 24 - NUMBERS[p] for p in purposes)


class Gate:
    """What must hold for a tag. The masks have the string's purposes above the bits of its vendors."""

    __slots__ = ("consent", "custom", "custom_li", "interest", "purposes", "purposes_li")

    def __init__(self) -> None:
        self.consent = self.interest = 0
        self.custom: str | None = None
        self.custom_li: str | None = None
        self.purposes = self.purposes_li = NONE


class Notice:
    """What one country's visitors are asked, and the conditions asked so far."""

    def __init__(
        self,
        config: str,
        vendor_list: str,
        country: str,
        read: Callable[[bytes], Any] = json.loads,
    ) -> None:
        base = expert.Site(config).notice(country)
        self.duration, self.denied_duration = base.duration, base.denied_duration
        self.essential, self.read = base.essential, read
        self.interest, self.purposes = set(base.tables.interest), set(base.tables.purposes)
        self.vendors: dict[str | int, tuple[frozenset[str], frozenset[str]]] = {
            token_id: (used, used_li) for token_id, used, used_li in base.tables.vendors.values()
        }
        asked = json.loads(config)["app"]["vendors"]["iab"]
        for vendor in asked_about(vendor_list, asked):
            used = {PURPOSES[p - 1] for p in vendor["purposes"]}
            used |= {FEATURES[n - 1] for n in vendor["specialFeatures"]}
            used_li = {PURPOSES[p - 1] for p in vendor["legIntPurposes"]}
            self.vendors[vendor["id"]] = frozenset(used), frozenset(used_li)
            self.interest |= used_li
            self.purposes |= used | used_li
        self.width = max(v for v in self.vendors if isinstance(v, int))
        self.gates: dict[Condition, Gate | None] = {}

    def gate(self, vendor: str | int, purposes: tuple[str, ...]) -> Gate | None:
        """A tag's condition; None: never allowed."""
        if vendor not in self.vendors or not self.purposes.issuperset(purposes):
            return None
        gate, (used, used_li) = Gate(), self.vendors[vendor]
        consent, interest = set(purposes), self.interest.intersection(purposes)
        if not used | used_li <= self.essential:
            consent, interest = consent | used, interest | used_li
            if isinstance(vendor, int):
                bit = 1 << self.width - vendor
                gate.consent, gate.interest = bit * bool(used), bit * bool(used_li)
            else:
                gate.custom = vendor if used else None
                gate.custom_li = vendor if used_li else None
        consent, interest = consent - self.essential, interest - self.essential
        gate.consent |= mask_of(consent & NUMBERS.keys()) << self.width
        gate.interest |= mask_of(interest & NUMBERS.keys()) << self.width
        gate.purposes = frozenset(consent - NUMBERS.keys())
        gate.purposes_li = frozenset(interest - NUMBERS.keys())
        return gate

    def known_gate(self, condition: Condition) -> Gate | None:
        try:
            return self.gates[condition]
        except KeyError:
            found = self.gates[condition] = self.gate(*condition)
            return found

    def visit(self, jar: Any, now: float) -> Visit:
        return Visit(self, jar["didomi_token"], jar["euconsent-v2"], now)

    def visit_of_header(self, header: str, now: float) -> Visit:
        token = header.partition("didomi_token=")[2].partition(";")[0]
        string = header.partition("euconsent-v2=")[2].partition(";")[0]
        return Visit(self, token, string, now)


class Visit:
    """One visitor's choices, as far as they hold at `now` (epoch seconds).

    `missing` and `missing_li` are the masks of what the TC string does not grant.
    """

    __slots__ = (
        "missing",
        "missing_li",
        "notice",
        "purposes",
        "purposes_li",
        "vendors",
        "vendors_li",
    )

    def __init__(self, notice: Notice, token: str, string: str, now: float) -> None:
        self.notice = notice
        self.missing = self.missing_li = -1
        self.purposes = self.vendors = self.purposes_li = self.vendors_li = NONE
        try:
            data = notice.read(a2b_base64(token))
            updated = datetime.fromisoformat(data["updated"][:-1]).replace(tzinfo=timezone.utc)
            purposes, vendors = data.get("purposes", EMPTY), data.get("vendors", EMPTY)
            agreed, refused = purposes.get("enabled", ()), purposes.get("disabled", ())
            given, denied = vendors.get("enabled", ()), vendors.get("disabled", ())
            interests, interested = data.get("purposes_li", EMPTY), data.get("vendors_li", EMPTY)
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        age = now - updated.timestamp()
        if age < -86400 or age >= notice.duration:
            return
        if age >= notice.denied_duration and not (agreed or given) and (refused or denied):
            return
        self.purposes = frozenset(agreed).difference(refused)
        self.vendors = frozenset(given).difference(denied)
        self.purposes_li = frozenset(interests.get("enabled", ())).difference(
            interests.get("disabled", ())
        )
        self.vendors_li = frozenset(interested.get("enabled", ())).difference(
            interested.get("disabled", ())
        )
        self.read_string(string)

    def read_string(self, string: str) -> None:
        core, *segments = string.encode().translate(STANDARD).split(b".")
        raw = a2b_base64(core + b"==")
        whole, size, width = int.from_bytes(raw, "big"), len(raw) * 8, self.notice.width
        head = int.from_bytes(raw[9:25], "big")  # from bit 72 to bit 200
        if head >> 110 & 4095 not in CMP_IDS:
            return
        consents, at = vendor_mask(whole, size, 213, width)
        interests, at = vendor_mask(whole, size, at, width)
        for segment in segments:
            if segment[:1] in DISCLOSED:
                raw = a2b_base64(segment + b"==")
                known, at = vendor_mask(int.from_bytes(raw, "big"), len(raw) * 8, 3, width)
                consents &= known
                interests &= known
                break
        self.missing = ~((head >> 24 & 0xFFFFFF) << width | consents)
        self.missing_li = ~((head & 0xFFFFFF) << width | interests)

    def allows(self, condition: Condition) -> bool:
        """R1: may a tag with this condition run?"""
        return self.allows_gate(self.notice.known_gate(condition))

    def allows_gate(self, gate: Gate | None) -> bool:
        return (
            gate is not None
            and not gate.consent & self.missing
            and not gate.interest & self.missing_li
            and gate.purposes <= self.purposes
            and gate.purposes_li <= self.purposes_li
            and (gate.custom is None or gate.custom in self.vendors)
            and (gate.custom_li is None or gate.custom_li in self.vendors_li)
        )

    def verdicts(self, gates: list[Gate | None]) -> list[bool]:
        """All tags of a page: the same with what does not change held in locals."""
        missing, missing_li = self.missing, self.missing_li
        purposes, purposes_li = self.purposes, self.purposes_li
        vendors, vendors_li = self.vendors, self.vendors_li
        return [
            gate is not None
            and not gate.consent & missing
            and not gate.interest & missing_li
            and gate.purposes <= purposes
            and gate.purposes_li <= purposes_li
            and (gate.custom is None or gate.custom in vendors)
            and (gate.custom_li is None or gate.custom_li in vendors_li)
            for gate in gates
        ]


def vendor_mask(whole: int, size: int, at: int, width: int) -> tuple[int, int]:
    """The vendor set at bit `at` of `size` bits, vendor 1 on top of `width` bits, and the bit after it."""
    head = whole >> size - at - 17 & 0x1FFFF
    last, at = head >> 1, at + 17
    if head & 1:
        return mask_of_ranges(whole, size, at, width)
    at += last
    found = whole >> size - at & (1 << last) - 1
    return (found << width - last if last <= width else found >> last - width), at


def mask_of_ranges(whole: int, size: int, at: int, width: int) -> tuple[int, int]:
    found, at = 0, at + 12
    for _ in range(whole >> size - at & 4095):
        first = last = whole >> size - at - 17 & 0xFFFF
        if whole >> size - at - 1 & 1:
            last = whole >> size - at - 33 & 0xFFFF
            at += 16
        at += 17
        if 0 < first <= last and first <= width:
            last = min(last, width)
            found |= ((1 << last - first + 1) - 1) << width - last
    return found, at
