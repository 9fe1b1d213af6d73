"""Rows 10 (memory) and 14: what only a fresh interpreter can show.

Every measurement is a short program run with `-I -S`, given the folder of the package to import; contenders take
turns, as in the timed rows.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import consentpy
from benchmarks.harness import Claim, duration
from benchmarks.inputs import Inputs

ROOT = str(Path(consentpy.__file__).resolve().parent.parent)

# Modules that must not come with the package, beside anything outside of the standard library.
BANNED = ("datetime", "typing", "re", "dataclasses", "json", "enum", "importlib.metadata")

MEMORY = """
import gc, sys
sys.path.insert(0, sys.argv[1])
import consentpy

def resident(name):
    for line in open("/proc/self/status"):
        if line.startswith(name):
            return int(line.split()[1])

text = open(sys.argv[2], encoding="ascii").read()
# Everything once on a small configuration, so that only the big one is counted.
small = consentpy.Config('{"app": {"vendors": {"custom": []}}, "configByCountry": {"FR": {}}}')
[small.notice(c) for c in small.countries()]
del small
gc.collect()
with open("/proc/self/clear_refs", "w") as f:
    f.write("5")  # the high-water mark starts here
before = resident("VmRSS")
config = consentpy.Config(text)
notices = [config.notice(c) for c in config.countries()]
print(resident("VmHWM") - before, resident("VmRSS") - before, len(notices))
"""

IMPORT = """
import sys
sys.path.insert(0, sys.argv[1])
from time import perf_counter
known = set(sys.modules)
start = perf_counter()
import consentpy
spent = perf_counter() - start
print(spent, *sorted(set(sys.modules) - known))
"""

BARE = """
import sys
sys.path.insert(0, sys.argv[1])
from time import perf_counter
known = set(sys.modules)
start = perf_counter()
spent = perf_counter() - start
print(spent, *sorted(set(sys.modules) - known))
"""


def python(program: str, *arguments: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-I", "-S", "-c", program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True)
class Memory:
    """Median growth in KiB while one configuration is loaded for all countries."""

    peak: float
    kept: float


def memory(data: Inputs, runs: int) -> tuple[Memory, Memory, list[Claim]]:
    """Row 10: the single and the doubled configuration, each in processes of its own."""
    figures: dict[str, list[tuple[int, int]]] = {"single": [], "doubled": []}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("single", data.big), ("doubled", data.big_doubled)):
            (Path(folder) / name).write_text(text, encoding="ascii")
        for _ in range(runs):
            for name, found in figures.items():
                peak, kept, count = map(int, python(MEMORY, ROOT, f"{folder}/{name}").split())
                assert count > 1
                found.append((peak, kept))
    one, two = (
        Memory(statistics.median(p for p, _ in f), statistics.median(k for _, k in f))
        for f in figures.values()
    )
    return (
        one,
        two,
        [
            Claim(10, "peak memory, doubled / single", two.peak / one.peak, "<=", 2.5),
            Claim(10, "memory kept, doubled / single", two.kept / one.kept, "<="),
        ],
    )


@dataclass(frozen=True)
class Import:
    """Seconds of one `import consentpy`, and what it brings along."""

    best: float  # by the clock of the new interpreter
    inside: float  # the same, median
    whole: float  # difference of whole processes, median of pairs
    bare: float  # a whole process that imports nothing, median
    modules: list[str]

    def describe(self) -> str:
        return (
            f"`import consentpy` takes {duration(self.best)} at best, {duration(self.inside)} in the median; "
            f"whole processes differ by {duration(max(self.whole, 0.0))} (a bare one takes "
            f"{duration(self.bare)}), medians again. "
            f"It brings: {', '.join(self.modules)}."
        )


def import_time(runs: int) -> tuple[Import, list[Claim]]:
    """Row 14: the import in fresh interpreters, by turns with interpreters that import nothing."""
    inside, pairs, bare = [], [], []
    modules: list[str] = []
    python(IMPORT, ROOT)  # writes the bytecode files, once
    for _ in range(runs):
        seconds = []
        for program in (BARE, IMPORT):
            start = time.perf_counter()
            spent, *modules = python(program, ROOT).split()
            seconds.append(time.perf_counter() - start)
        inside.append(float(spent))
        bare.append(seconds[0])
        pairs.append(seconds[1] - seconds[0])
    found = Import(
        best=min(inside),
        inside=statistics.median(inside),
        whole=statistics.median(pairs),
        bare=statistics.median(bare),
        modules=modules,
    )
    unwanted = [
        m
        for m in modules
        if m in BANNED or m.partition(".")[0] not in {"consentpy", *sys.stdlib_module_names}
    ]
    return found, [
        # An absolute time, and other processes can only add to it: the best one counts.
        Claim(14, "import consentpy, best", found.best * 1e3, "<=", 1.0, "ms"),
        Claim(14, "modules that must not come with it", len(unwanted), "<=", 0, "modules"),
    ]
