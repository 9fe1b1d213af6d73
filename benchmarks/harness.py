"""Interleaved timing, and the words that describe the machine it ran on."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

# A contender does its work `n` times; looping is its own business, so that no call is added to it.
Contender = Callable[[int], object]


class Elapsed(float):
    """Seconds that a contender in another process has measured itself; they go before our clock's."""


@dataclass(frozen=True)
class Samples:
    """Seconds per call of every contender, one figure a round, the rounds in the same order."""

    seconds: Mapping[str, list[float]]

    def best(self, name: str) -> float:
        return min(self.seconds[name])

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def ratio(self, slow: str, fast: str) -> float:
        """How many times longer `slow` takes: the median over rounds, so that a drift of the clock cancels."""
        pairs = zip(self.seconds[slow], self.seconds[fast], strict=True)
        return statistics.median(a / b for a, b in pairs)


@dataclass(frozen=True)
class Claim:
    """One figure beside its budget. `relation` is `>=` or `<=`; no budget or no figure, no verdict."""

    row: int
    what: str
    value: float | None  # None: not measured
    relation: str = "<="
    budget: float | None = None
    unit: str = "×"

    @property
    def verdict(self) -> str:
        if self.budget is None or self.value is None:
            return ""
        held = self.value >= self.budget if self.relation == ">=" else self.value <= self.budget
        return "pass" if held else "MISS"

    def cells(self) -> list[str]:
        budget = "" if self.budget is None else f"{self.relation} {number(self.budget)} {self.unit}"
        return [
            str(self.row),
            self.what,
            "not measured" if self.value is None else f"{number(self.value)} {self.unit}",
            budget.replace("<=", "≤").replace(">=", "≥"),
            self.verdict,
        ]


def interleave(
    contenders: Mapping[str, Contender], rounds: int, slice_seconds: float = 0.01
) -> Samples:
    """Run A B C A B C … in this process with the collector off.

    Each contender first runs until its speed is known, then as often a round as fits `slice_seconds`
    (once, if one call takes longer).
    """
    loops: dict[str, int] = {}
    for name, run in contenders.items():
        n = 1
        while True:
            spent = timed(run, n)
            if spent >= slice_seconds / 4:
                break
            n *= 2
        loops[name] = max(1, round(n * slice_seconds / spent))
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, run in contenders.items():
                n = loops[name]
                seconds[name].append(timed(run, n) / n)
    finally:
        if enabled:
            gc.enable()
    return Samples(seconds)


def timed(run: Contender, n: int) -> float:
    start = time.perf_counter()
    answer = run(n)
    spent = time.perf_counter() - start
    return answer if isinstance(answer, Elapsed) else spent


def number(value: float) -> str:
    """Three significant digits, thousands set apart."""
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """Seconds in the unit that reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{number(seconds / size)} {unit}"
    return f"{number(seconds / 1e-9)} ns"


def table(head: list[str], rows: list[list[str]], markdown: bool) -> str:
    """A table as Markdown, or aligned for a terminal."""
    if markdown:
        lines = [head, ["---"] * len(head), *rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]
    lines = [head, ["-" * w for w in widths], *rows]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def processor() -> str:
    """The processor's name as the kernel tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def machine() -> str:
    """One line: processor, system, Python and what it was compiled with."""
    system = f"{platform.system()} {platform.machine()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"{processor()}, {os.cpu_count()} cores, {system}; {python} ({platform.python_compiler()})"
    )


def versions(*names: str) -> str:
    """`name version` of what is installed; the project itself may be a source tree."""
    found = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append("consentpy (source tree)" if name == "consentpy" else f"no {name}")
    return ", ".join(found)
