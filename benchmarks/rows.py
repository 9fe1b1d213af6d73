"""Rows 7 to 9 and the time of row 10: what is run, beside whom, and the budget it is held to."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

import deepmerge
import msgspec

import consentpy as cp
from benchmarks import expert, naive
from benchmarks.harness import Claim, Contender, Samples, interleave
from benchmarks.inputs import CATALOG, LISTS, Inputs

OURS = "consentpy"
NO_LISTS: dict[str, Any] = {}


@dataclass(frozen=True)
class Result:
    row: int
    title: str
    samples: Samples
    claims: list[Claim]
    notes: list[str] = field(default_factory=list)  # what could not be measured, and why


def rotate(work: Callable[[Any], object], items: tuple[Any, ...]) -> Contender:
    """A contender that does `work` on the items in turn."""
    endless = cycle(items)

    def run(n: int) -> None:
        for item in islice(endless, n):
            work(item)

    return run


def repeat(work: Callable[[], object]) -> Contender:
    def run(n: int) -> None:
        for _ in range(n):
            work()

    return run


def sets_of(plain: Mapping[str, Any]) -> list[tuple[set[str], set[str]]]:
    """The eight lists of a token as sets: the least that anybody needs before the first look-up."""
    result = []
    for name in LISTS:
        lists = plain.get(name, NO_LISTS)
        result.append((set(lists.get("enabled", ())), set(lists.get("disabled", ()))))
    return result


def condition(data: Inputs) -> tuple[str, tuple[str, ...]]:
    """A tag that the visitor of the token allowed, with one purpose: nothing is decided early."""
    config = cp.Config(data.token_config, catalog=cp.Catalog(CATALOG))
    status = config.notice("FR").status({"didomi_token": data.tokens[0]}, now=data.now)
    app = json.loads(data.token_config)["app"]
    for vendor in app["vendors"]["custom"]:
        for purpose in vendor["purposeIds"]:
            if status.allows(vendor["id"], purpose):
                return vendor["id"], (purpose,)
    raise ValueError("no tag is allowed by the token of the inputs; use another token")


def row7(data: Inputs, rounds: int) -> Result:
    """One token of 1.6 KB from text to an answered question."""
    now = data.now
    vendor, purposes = condition(data)
    config = cp.Config(data.token_config, catalog=cp.Catalog(CATALOG))
    notice, gate = config.notice("FR"), config.gate(vendor, purposes)
    plain_notice = naive.Site(data.token_config, CATALOG).notice("FR")
    fast_notice = expert.Site(data.token_config, CATALOG).notice("FR")
    fast_gate = fast_notice.gate(vendor, purposes)
    decode, read = base64.b64decode, msgspec.json.Decoder().decode
    read_typed = msgspec.json.Decoder(expert.Token).decode
    jars = tuple({"didomi_token": token} for token in data.tokens)
    tokens, texts = data.tokens, data.texts
    samples = interleave(
        {
            OURS: rotate(lambda jar: notice.status(jar, now=now).allows(gate), jars),
            "json + sets, JSON text": rotate(lambda t: sets_of(json.loads(t)), texts),
            "msgspec + sets, JSON text": rotate(lambda t: sets_of(read(t)), texts),
            "base64 + json + sets": rotate(lambda t: sets_of(json.loads(decode(t))), tokens),
            "base64 + msgspec + sets": rotate(lambda t: sets_of(read(decode(t))), tokens),
            "base64 + msgspec into frozensets": rotate(lambda t: read_typed(decode(t)), tokens),
            "naive reference": rotate(
                lambda t: plain_notice.status(t, now).allows(vendor, purposes), tokens
            ),
            "expert reference": rotate(
                lambda t: fast_notice.status(t, now).allows(fast_gate), tokens
            ),
        },
        rounds,
    )

    def claim(name: str, budget: float | None = None) -> Claim:
        return Claim(7, f"{name} / {OURS}", samples.ratio(name, OURS), ">=", budget)

    return Result(
        7,
        "didomi_token of 1.6 KB, text to one verdict",
        samples,
        [
            claim("json + sets, JSON text", 3.5),
            claim("msgspec + sets, JSON text", 2.0),
            claim("base64 + json + sets"),
            claim("base64 + msgspec + sets"),
            claim("base64 + msgspec into frozensets"),
            claim("naive reference"),
            claim("expert reference"),
        ],
    )


UNROLLED = 25


def unrolled(statement: str, **names: object) -> Contender:
    """A contender that executes a statement many times for each turn of its loop, names being locals."""
    body = f"        {statement}\n" * UNROLLED
    source = f"def run(n, {', '.join(f'{k}={k}' for k in names)}):\n    for _ in range(n):\n{body}"
    scope: dict[str, Any] = dict(names)
    exec(compile(source, "<unrolled>", "exec"), scope)
    run: Contender = scope["run"]
    return run


def row8(data: Inputs, rounds: int) -> Result:
    """One `allows(gate)` against one look-up in a set of the visitor's vendors."""
    vendor, purposes = condition(data)
    config = cp.Config(data.token_config, catalog=cp.Catalog(CATALOG))
    token = data.tokens[0]
    status = config.notice("FR").status({"didomi_token": token}, now=data.now)
    fast_notice = expert.Site(data.token_config, CATALOG).notice("FR")
    fast_status = fast_notice.status(token, data.now)
    plain_status = naive.Site(data.token_config, CATALOG).notice("FR").status(token, data.now)
    agreed = set(data.plain["vendors"]["enabled"])
    timed = interleave(
        {
            OURS: unrolled(
                "status.allows(gate)", status=status, gate=config.gate(vendor, purposes)
            ),
            "x in set": unrolled("x in agreed", x=f"c:{vendor}", agreed=agreed),
            "naive reference": unrolled(
                "status.allows(x, y)", status=plain_status, x=vendor, y=purposes
            ),
            "expert reference": unrolled(
                "status.allows(gate)", status=fast_status, gate=fast_notice.gate(vendor, purposes)
            ),
        },
        rounds,
    )
    samples = Samples({k: [s / UNROLLED for s in v] for k, v in timed.seconds.items()})
    return Result(
        8,
        "one allows(gate), vendor and purpose",
        samples,
        [
            Claim(8, f"{OURS} / x in set", samples.ratio(OURS, "x in set"), "<=", 4.0),
            Claim(8, f"naive reference / {OURS}", samples.ratio("naive reference", OURS), ">="),
            Claim(8, f"expert reference / {OURS}", samples.ratio("expert reference", OURS), ">="),
        ],
    )


# The same rule as ours: objects merge, everything else is replaced.
merger = deepmerge.Merger([(dict, ["merge"])], ["override"], ["override"])


def merge_with_deepmerge(text: str) -> None:
    """deepmerge changes its first argument, so every country needs a copy of the base."""
    base = json.loads(text)
    overrides = base.pop("configByCountry")
    for over in overrides.values():
        merger.merge(copy.deepcopy(base), over)


def load_all(text: str, countries: list[str]) -> None:
    """Read, merge and compile every country."""
    config = cp.Config(text)
    for country in countries:
        config.notice(country)


def load_and_ask(text: str, countries: list[str], vendor: str, token: str, now: float) -> None:
    """The same and a verdict in each country: shows whether anything was put off until asked for."""
    config = cp.Config(text)
    gate = config.gate(vendor)
    jar = {"didomi_token": token}
    for country in countries:
        config.notice(country).status(jar, now=now).allows(gate)


def load_reference(site: Any, text: str, countries: list[str]) -> None:
    loaded = site(text)
    for country in countries:
        loaded.notice(country)


def row9(data: Inputs, rounds: int) -> Result:
    """The big configuration from text to 250 compiled notices."""
    text = data.big
    countries = cp.Config(text).countries()
    vendor = json.loads(text)["app"]["vendors"]["custom"][0]["id"]
    token = data.tokens[0]
    asked = "consentpy and a verdict each"
    one = "json.loads alone"
    # Slow and quick ones in one run: the slow ones once a round, the quick ones as often as fits.
    samples = interleave(
        {
            OURS: repeat(lambda: load_all(text, countries)),
            asked: repeat(lambda: load_and_ask(text, countries, vendor, token, data.now)),
            one: repeat(lambda: json.loads(text)),
            "expert reference": repeat(lambda: load_reference(expert.Site, text, countries)),
            "json + deepmerge": repeat(lambda: merge_with_deepmerge(text)),
            "naive reference": repeat(lambda: load_reference(naive.Site, text, countries)),
        },
        rounds,
        slice_seconds=0.08,
    )
    return Result(
        9,
        f"configuration of {len(text) // 1000} KB: load, merge, compile {len(countries)} countries",
        samples,
        [
            Claim(9, f"{OURS} / {one}", samples.ratio(OURS, one), "<=", 3.0),
            Claim(9, f"{asked} / {one}", samples.ratio(asked, one), "<="),
            Claim(
                9,
                f"json + deepmerge / {OURS}",
                samples.ratio("json + deepmerge", OURS),
                ">=",
                250.0,
            ),
            Claim(9, f"naive reference / {OURS}", samples.ratio("naive reference", OURS), ">="),
            Claim(9, f"expert reference / {OURS}", samples.ratio("expert reference", OURS), ">="),
        ],
    )


def row10(data: Inputs, rounds: int) -> Result:
    """The doubled configuration: linear time (its memory is measured in fresh processes)."""
    countries = cp.Config(data.big).countries()
    samples = interleave(
        {
            "consentpy, as in row 9": repeat(lambda: load_all(data.big, countries)),
            "consentpy, doubled": repeat(lambda: load_all(data.big_doubled, countries)),
            "json.loads, doubled": repeat(lambda: json.loads(data.big_doubled)),
        },
        rounds,
        slice_seconds=0.05,
    )
    ratio = samples.ratio("consentpy, doubled", "consentpy, as in row 9")
    return Result(
        10,
        f"the same, doubled to {len(data.big_doubled) // 1000} KB",
        samples,
        [Claim(10, "time, doubled / single", ratio, "<=", 2.3)],
    )
