"""The visitors of rows 1 to 3 and 11 and the strings of rows 4 to 6: generated, or read from a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import make_visitors
from benchmarks.make_visitors import PURPOSES

# A tag's condition with the ids that the notice itself uses: `c:…` for custom vendors, a number for
# those of the list, text ids of purposes.
Condition = tuple[str | int, tuple[str, ...]]
GOOGLE = 755


@dataclass(frozen=True)
class Visits:
    """A notice and its visitors. `now` is in epoch seconds."""

    config: str
    vendor_list: str
    country: str
    now: float
    gates: tuple[dict[str, Any], ...]  # as the pages spell them
    jars: tuple[Mapping[str, str], ...]
    headers: tuple[str, ...]
    expected: tuple[list[bool], ...] | None  # a folder may know the verdicts
    strings: Mapping[str, str]  # typ1000, typ1000_v23, range300

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The gates for contenders that are not asked to understand several spellings."""
        custom = {v["id"] for v in json.loads(self.config)["app"]["vendors"]["custom"]}
        return tuple(plain(gate, custom) for gate in self.gates)


def asked_about(vendor_list: str, iab: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Vendors of the list that a TC string answers for: not Google, which stands in the token, and
    none with special purposes only, about which nobody is asked."""
    for vendor in json.loads(vendor_list)["vendors"].values():
        listed = iab["all"] and vendor["id"] not in iab["exclude"] and "deletedDate" not in vendor
        if listed and vendor["id"] != GOOGLE and vendor["purposes"] + vendor["legIntPurposes"]:
            yield vendor


def plain(gate: dict[str, Any], custom: set[str]) -> Condition:
    name = str(gate["vendor"])
    vendor: str | int
    if name in custom or name.startswith("c:"):
        vendor = name if name.startswith("c:") else f"c:{name}"
    else:
        vendor = int(name.removeprefix("iab:"))
    purposes = (PURPOSES[p - 1] if isinstance(p, int) else p for p in gate["purposes"])
    return vendor, tuple(purposes)


def load(folder: Path | None = None) -> Visits:
    """Generated visitors, or `visitors.json` and `tc.json` of a folder; its list may lie one folder up."""
    if folder is None:
        data = make_visitors.make_visitors()
        vendor_list = json.dumps(make_visitors.make_vendor_list())
        strings = make_visitors.make_strings()
    else:
        data = json.loads((folder / "visitors.json").read_text("ascii"))
        places = [folder / data["gvl"], folder.parent / data["gvl"]]
        vendor_list = next(p for p in places if p.exists()).read_text("utf-8")
        strings = json.loads((folder / "tc.json").read_text("ascii"))
    visitors = data["visitors"]
    return Visits(
        config=json.dumps(data["config"]),
        vendor_list=vendor_list,
        country=data["country"],
        now=datetime.fromisoformat(data["now"].replace("Z", "+00:00")).timestamp(),
        gates=tuple(
            {"vendor": g["vendor"], "purposes": tuple(g["purposes"])} for g in data["gates"]
        ),
        jars=tuple(v["cookies"] for v in visitors),
        headers=tuple(v["header"] for v in visitors),
        expected=tuple(v["expected"] for v in visitors) if "expected" in visitors[0] else None,
        strings=strings,
    )
