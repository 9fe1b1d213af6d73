"""Machine instructions per call, counted by valgrind: the measure that does not depend on the day.

A small program runs its work N and 2 N times under valgrind; the difference divided by N is one call, and
start-up cancels out. Whole statements are counted with cachegrind (its cache simulation off), what a C function
and all that it calls execute with callgrind.

    python -m benchmarks.instructions                  the counts beside the budgets
    python -m benchmarks.instructions --check          exit 1 when a count is over the recorded baseline + 3 %
    python -m benchmarks.instructions --record         record the counts as the baseline of this interpreter
    python -m benchmarks.instructions --profile 7      where the instructions of row 7 go (callgrind)
    python -m benchmarks.instructions --survey         every hostile cookie of row 11, at 2, 4 and 8 KB
    python -m benchmarks.instructions --rows 4,5,6     only these rows

`--python` and `--root` choose another interpreter and the folder that holds a consentpy built for it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

from benchmarks import inputs, programs, visits
from benchmarks.harness import Claim, number, table
from benchmarks.hostile import SIZES
from benchmarks.programs import PROGRAMS, Program

BASELINE = Path(__file__).with_name("baseline.json")
TOLERANCE = 1.03


class CannotCount(Exception):
    """valgrind or the interpreter is not there, or the program failed."""


def run(python: str, root: str, program: Program, given: str, calls: int, *tool: str) -> str:
    """Run a program under valgrind; what valgrind says."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise CannotCount("valgrind was not found; install it to count instructions")
    command = [python, "-S", "-s", "-c", program.source, root, given]
    # A fixed seed, because the order of sets and the collisions of dicts count. Isolated mode would
    # ignore it, so the environment is reduced by hand, and the working folder holds nothing to import.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment |= {"PYTHONHASHSEED": "0"}
    where = str(Path(given).parent)
    # Once without valgrind: whatever is cached on the first run (bytecode) is then cached for all.
    for words in ([*command, "1"], [valgrind, *tool, *command, str(calls)]):
        done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=where)
        if done.returncode:
            raise CannotCount(f"the counted program failed:\n{done.stderr[-2000:]}")
    return done.stderr


def count(python: str, root: str, program: Program, given: str) -> float:
    """Instructions of one call."""
    tool = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    pattern = r"I +refs: +([\d,]+)"
    if program.inside:
        tool = ["--tool=callgrind", f"--toggle-collect={program.inside}"]
        tool.append("--callgrind-out-file=/dev/null")
        pattern = r"Collected : ([\d,]+)"
    totals = []
    for calls in (program.calls, 2 * program.calls):
        said = run(python, root, program, given, calls, *tool)
        match = re.search(pattern, said)
        total = int(match[1].replace(",", "")) if match else 0
        if not total:
            raise CannotCount(
                f"valgrind counted nothing for `{program.what}`; does consentpy have its symbols?\n"
                f"{said[-2000:]}"
            )
        totals.append(total)
    return (totals[1] - totals[0]) / (program.calls * program.per)


def claim(program: Program, value: float) -> Claim:
    return Claim(program.row, program.what, value, "<=", program.budget, "instructions")


def counts(
    data: inputs.Inputs,
    visited: visits.Visits,
    python: str = sys.executable,
    root: str = "",
    rows: Collection[int] = (),
) -> dict[str, Claim]:
    """Instructions of one call, for every program of these rows (of all, if none is named)."""
    with tempfile.TemporaryDirectory() as folder:
        given = programs.write_given(folder, data, visited)
        root = root or default_root()
        found = {
            name: claim(p, count(python, root, p, given))
            for name, p in PROGRAMS.items()
            if not rows or p.row in rows
        }
        if not rows or 11 in rows:
            found |= hostile_counts(python, root, given)
    return found


def total_of(dump: Path) -> float:
    """The instructions in one file of callgrind."""
    match = re.search(r"^totals: (\d+)", dump.read_text(), re.M) if dump.exists() else None
    if not match:
        raise CannotCount("valgrind counted too few calls; does consentpy have its symbols?")
    return float(match[1])


def survey(python: str, root: str, given: str) -> dict[str, list[float]]:
    """Row 11: instructions inside of `Config.status`, of every hostile cookie by size.

    Callgrind writes a file each time the function returns, so that one run counts them all.
    """
    names = list(json.loads(Path(given).read_text("ascii"))["visits"]["hostile"])
    with tempfile.TemporaryDirectory() as folder:
        inside = programs.SURVEY.inside
        tool = ["--tool=callgrind", f"--toggle-collect={inside}", f"--dump-after={inside}"]
        tool.append(f"--callgrind-out-file={folder}/out")
        run(python, root, programs.SURVEY, given, 1, *tool)
        totals = [total_of(Path(f"{folder}/out.{i + 1}")) for i in range(len(names) * len(SIZES))]
    return {name: totals[i * len(SIZES) : (i + 1) * len(SIZES)] for i, name in enumerate(names)}


def hostile_counts(python: str, root: str, given: str) -> dict[str, Claim]:
    """Row 11: the worst cookie as a whole statement, and how the count grows with the length."""
    found = survey(python, root, given)
    name = max(found, key=lambda n: found[n][-1])
    program = programs.worst(name)
    growth = max(b / a for sizes in found.values() for a, b in pairwise(sizes))
    return {
        "row11": claim(program, count(python, root, program, given)),
        "row11_growth": Claim(11, "a cookie of twice the length, at most", growth, "<=", 2.2),
    }


def surveyed(
    data: inputs.Inputs, visited: visits.Visits, python: str, root: str, markdown: bool
) -> str:
    """A table of row 11: every hostile cookie, the costliest first."""
    with tempfile.TemporaryDirectory() as folder:
        found = survey(python, root, programs.write_given(folder, data, visited))
    lines = [
        [name, *(number(count) for count in sizes)]
        for name, sizes in sorted(found.items(), key=lambda item: -item[1][-1])
    ]
    return table(["Cookie", *(f"{size} bytes" for size in SIZES)], lines, markdown)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(item) for item in text.split(","))


def default_root() -> str:
    import consentpy

    return str(Path(consentpy.__file__).resolve().parent.parent)


def identity(python: str) -> str:
    """What a baseline is recorded for: interpreter, its compiler, processor family."""
    program = (
        "import platform as p;"
        "print(p.python_implementation(), p.python_version(), p.python_compiler(), p.machine())"
    )
    done = subprocess.run([python, "-I", "-c", program], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def read_baseline() -> dict[str, dict[str, int]]:
    if not BASELINE.exists():
        return {}
    recorded: dict[str, dict[str, int]] = json.loads(BASELINE.read_text("utf-8"))
    return recorded


def record(who: str, found: dict[str, Claim]) -> None:
    """Keep these counts as the baseline; rows that were not counted keep theirs."""
    baseline = read_baseline()
    kept = baseline.setdefault(who, {})
    kept |= {n: round(c.value) for n, c in found.items() if c.value and c.unit == "instructions"}
    text = json.dumps(baseline, indent=2, sort_keys=True, ensure_ascii=False)
    BASELINE.write_text(text + "\n", encoding="utf-8")
    print(f"recorded as the baseline of {who}")


def check(who: str, found: dict[str, Claim]) -> int:
    """0: within the baseline + 3 %; 1: over it; 2: nothing recorded for this interpreter."""
    recorded = read_baseline().get(who)
    if recorded is None:
        print(f"no baseline is recorded for {who}; run with --record on a tree that you trust")
        return 2
    over = 0
    for name, counted in found.items():
        if counted.unit != "instructions" or counted.value is None:
            continue
        if name not in recorded:
            print(f"{name}: no baseline; run with --record on a tree that you trust")
            over += 1
        elif counted.value > recorded[name] * TOLERANCE:
            print(
                f"{name}: {number(counted.value)} instructions, the baseline is {recorded[name]} "
                f"(+{counted.value / recorded[name] - 1:.1%}); find what grew, or record a new baseline"
            )
            over += 1
    if not over:
        print(f"within the baseline of {who}")
    return 1 if over else 0


def profile(data: inputs.Inputs, visited: visits.Visits, python: str, root: str, row: int) -> str:
    """Where the instructions of a row go, by function; start-up and the import are in it, thinned out."""
    with tempfile.TemporaryDirectory() as folder:
        given = programs.write_given(folder, data, visited)
        if row == 11:
            found = survey(python, root, given)
            program = programs.worst(max(found, key=lambda n: found[n][-1]))
        else:
            program = PROGRAMS[f"row{row}"]
        out = f"{folder}/callgrind.out"
        tool = ["--tool=callgrind", f"--callgrind-out-file={out}"]
        run(python, root, program, given, program.calls * 10, *tool)
        command = ["callgrind_annotate", "--threshold=92", out]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description="Count machine instructions per call.")
    parser.add_argument("--data", type=Path, help="folder with other inputs")
    parser.add_argument(
        "--python", default=sys.executable, help="interpreter to run under valgrind"
    )
    parser.add_argument("--root", default="", help="folder that holds consentpy for it")
    parser.add_argument("--check", action="store_true", help="compare with the baseline + 3 %%")
    parser.add_argument("--record", action="store_true", help="make these counts the baseline")
    rows = sorted({*(p.row for p in PROGRAMS.values()), 11})
    parser.add_argument("--profile", type=int, choices=rows)
    parser.add_argument("--rows", type=numbers, default=(), help="only these, such as 4,5,6")
    parser.add_argument("--survey", action="store_true", help="every hostile cookie of row 11")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    data, visited = inputs.load(arguments.data), visits.load(arguments.data)
    python, root = arguments.python, arguments.root or default_root()
    try:
        if arguments.profile:
            print(profile(data, visited, python, root, arguments.profile))
            return 0
        if arguments.survey:
            print(surveyed(data, visited, python, root, arguments.markdown))
            return 0
        found = counts(data, visited, python, root, arguments.rows)
    except CannotCount as error:
        print(error, file=sys.stderr)
        return 2
    who = identity(python)
    print(f"{who}; inputs: {data.source}")
    head = ["Row", "What", "Measured", "Budget", ""]
    print(table(head, [c.cells() for c in found.values()], arguments.markdown))
    if arguments.record:
        record(who, found)
    return check(who, found) if arguments.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
