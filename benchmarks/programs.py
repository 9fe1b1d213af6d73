"""The programs whose instructions are counted, and the file that they read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import hostile
from benchmarks.expert_visit import Notice
from benchmarks.inputs import CATALOG, Inputs
from benchmarks.visits import Visits

# Each program gets: folder of consentpy, file with its inputs, number of calls.
COMMON = """
import sys
sys.path.insert(0, sys.argv[1])
import gc, json
import consentpy
with open(sys.argv[2], encoding="ascii") as f:
    given = json.load(f)
"""
START = """
gc.collect()
gc.disable()
def work(n):
"""
TAIL = "work(int(sys.argv[3]))\n"

TOKEN = """
given = given["token"]
config = consentpy.Config(given["config"], catalog=consentpy.Catalog(given["catalog"]))
notice, now = config.notice("FR"), given["now"]
gate = config.gate(given["vendor"], given["purposes"])
jars = [{"didomi_token": token} for token in given["tokens"]]
status = notice.status(jars[0], now=now)
assert all(notice.status(jar, now=now).allows(gate) for jar in jars)
"""

VISIT = """
given = given["visits"]
gvl = consentpy.GlobalVendorList.from_json(given["vendor_list"])
config = consentpy.Config(given["config"], gvl=gvl)
country, now = given["country"], given["now"]
asked = [(vendor, tuple(purposes)) for vendor, purposes in given["asked"]]
gates = [config.gate(vendor, purposes) for vendor, purposes in asked]
jars, headers = given["jars"], given["headers"]
for cookies in jars, headers:
    for one, expected in zip(cookies, given["expected"]):
        found = config.status(one, country=country, now=now)
        assert found.verdicts(gates) == expected, "another verdict than the references"
        assert [found.allows(*condition) for condition in asked] == expected
"""

STRING = """
from consentpy import tcf
strings = given["strings"]
typ1000, typ1000_v23, range300 = (strings[n] for n in ("typ1000", "typ1000_v23", "range300"))
assert 1000 in tcf.decode(typ1000_v23).vendor_consents
assert len(tcf.decode(range300).publisher_restrictions) == 5
decoded = tcf.decode(typ1000)
assert tcf.decode(tcf.encode(decoded)).to_dict() == decoded.to_dict()
ids = {n: getattr(decoded, n) for n in ("vendor_consents", "vendor_legitimate_interests")}
mapping = {**decoded.to_dict(), **ids}
lists = {**mapping, **{n: list(found) for n, found in ids.items()}}
assert tcf.encode(mapping) == tcf.encode(lists) == tcf.encode(decoded)
"""

HOSTILE = """
given = given["visits"]
gvl = consentpy.GlobalVendorList.from_json(given["vendor_list"])
config = consentpy.Config(given["config"], gvl=gvl)
country, now = given["country"], given["now"]
hostile = given["hostile"]
config.notice(country)  # made once, and not counted
"""


@dataclass(frozen=True)
class Program:
    """One counted row. `calls` is N, `per` how many calls one turn of the loop makes.

    With `inside`, only what this C function and its callees execute is counted: of a call that does
    little, the interpreter's own share is the larger one, and no budget of ours can lower it.
    """

    row: int
    what: str
    body: str
    calls: int
    budget: int | None = None
    per: int = 1
    inside: str = ""
    head: str = TOKEN

    @property
    def source(self) -> str:
        return COMMON + self.head + START + self.body + TAIL


ALLOWS = "    s, g = status, gate\n    for _ in range(n):\n" + "        s.allows(g)\n" * 25


def visit(cookies: str, work: str) -> str:
    """The body that takes the visitors in turn; `s` is the status of each."""
    return f"""
    size = len({cookies})
    for i in range(n):
        s = config.status({cookies}[i % size], country=country, now=now)
        {work}
"""


EACH = "for vendor, purposes in asked: s.allows(vendor, purposes)"
BY_GATE = "for gate in gates: s.allows(gate)"
AT_ONCE = "s.verdicts(gates)"
ROUNDS = 576  # of visits: whole rounds of 96 visitors

PROGRAMS = {
    "row1": Program(
        1,
        "mapping in, 20 × allows(vendor, purposes)",
        visit("jars", EACH),
        calls=ROUNDS,
        budget=66_000,
        head=VISIT,
    ),
    "row1_gates": Program(
        1, "mapping in, 20 × allows(gate)", visit("jars", BY_GATE), calls=ROUNDS, head=VISIT
    ),
    "row2": Program(
        2,
        "mapping in, verdicts(gates)",
        visit("jars", AT_ONCE),
        calls=ROUNDS,
        budget=40_000,
        head=VISIT,
    ),
    "row3": Program(
        3,
        "raw header in, verdicts(gates)",
        visit("headers", AT_ONCE),
        calls=ROUNDS,
        budget=44_000,
        head=VISIT,
    ),
    "row4": Program(
        4,
        "tcf.decode of typ1000_v23, one vendor asked",
        "    for _ in range(n): 755 in tcf.decode(typ1000_v23).vendor_consents\n",
        calls=2_000,
        budget=9_000,
        head=STRING,
    ),
    "row5": Program(
        5,
        "tcf.decode of range300, one vendor asked",
        "    for _ in range(n): 755 in tcf.decode(range300).vendor_consents\n",
        calls=1_000,
        budget=65_000,
        head=STRING,
    ),
    "row6": Program(
        6,
        "tcf.encode of typ1000, decoded",
        "    for _ in range(n): tcf.encode(decoded)\n",
        calls=2_000,
        budget=12_000,
        head=STRING,
    ),
    "row6_mapping": Program(
        6,
        "tcf.encode of a mapping with vendor sets",
        "    for _ in range(n): tcf.encode(mapping)\n",
        calls=500,
        head=STRING,
    ),
    "row6_lists": Program(
        6,
        "tcf.encode of a mapping with lists of ids",
        "    for _ in range(n): tcf.encode(lists)\n",
        calls=50,
        head=STRING,
    ),
    "row7": Program(
        7,
        "didomi_token of 1.6 KB, text to one verdict",
        """
    size = len(jars)
    for i in range(n):
        notice.status(jars[i % size], now=now).allows(gate)
""",
        calls=1_000,
        budget=28_000,
    ),
    "row8": Program(
        8,
        "one allows(gate), in the extension",
        ALLOWS,
        calls=400,
        budget=150,
        per=25,
        inside="status_allows",
    ),
    "row8_statement": Program(8, "the statement status.allows(gate)", ALLOWS, calls=2_000, per=25),
    "row8_look_up": Program(
        8,
        "the statement x in s, for scale",
        "    s, x = {str(i) for i in range(30)}, '17'\n    for _ in range(n):\n"
        + "        x in s\n" * 25,
        calls=2_000,
        per=25,
    ),
}

# One call for each cookie of each size, in the order of the file; and the worst of them whole.
SURVEY = Program(
    11,
    "every hostile cookie once",
    """
    for sizes in hostile.values():
        for cookies in sizes:
            config.status(cookies, country=country, now=now)
""",
    calls=1,
    inside="config_status",
    head=HOSTILE,
)


def worst(name: str) -> Program:
    """The statement with the hostile cookie of this name, at its largest size."""
    return Program(
        11,
        f"config.status of up to 8 KB, the worst: {name}",
        f"""
    cookies = hostile[{name!r}][-1]
    for _ in range(n):
        config.status(cookies, country=country, now=now)
""",
        calls=50,
        budget=300_000,
        head=HOSTILE,
    )


def write_given(folder: str, data: Inputs, visits: Visits) -> str:
    """The inputs of the counted programs as one file."""
    from benchmarks.rows import condition

    vendor, purposes = condition(data)
    fast = Notice(visits.config, visits.vendor_list, visits.country)
    sizes = [hostile.cookies_of(visits, size) for size in hostile.SIZES]
    given: dict[str, Any] = {
        "token": {
            "config": data.token_config,
            "catalog": CATALOG,
            "vendor": vendor,
            "purposes": purposes,
            "tokens": data.tokens,
            "now": data.now,
        },
        "visits": {
            "config": visits.config,
            "vendor_list": visits.vendor_list,
            "country": visits.country,
            "now": visits.now,
            "asked": [(g["vendor"], g["purposes"]) for g in visits.gates],
            "jars": visits.jars,
            "headers": visits.headers,
            "expected": [
                [seen.allows(c) for c in visits.conditions]
                for seen in (fast.visit(jar, visits.now) for jar in visits.jars)
            ],
            "hostile": {name: [cookies[name] for cookies in sizes] for name in sizes[0]},
        },
        "strings": visits.strings,
    }
    path = Path(folder) / "given.json"
    path.write_text(json.dumps(given), encoding="ascii")
    return str(path)
