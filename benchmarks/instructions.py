"""Machine instructions per call, counted by valgrind: the measure that does not depend on the day.

A small program runs its work N and 2 N times under valgrind; the difference divided by N is one call, and
start-up cancels out. Whole statements are counted with cachegrind (its cache simulation off), what a C function
and all that it calls execute with callgrind.

    python -m benchmarks.instructions                  the counts beside the budgets
    python -m benchmarks.instructions --check          exit 1 when a count is over the recorded baseline + 3 %
    python -m benchmarks.instructions --record         record the counts as the baseline of this interpreter
    python -m benchmarks.instructions --profile 7      where the instructions of row 7 go (callgrind)

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import inputs
from benchmarks.harness import Claim, number, table

BASELINE = Path(__file__).with_name("baseline.json")
TOLERANCE = 1.03

# Each program gets: folder of consentpy, file with its inputs, number of calls.
HEAD = """
import sys
sys.path.insert(0, sys.argv[1])
import gc, json
import consentpy
with open(sys.argv[2], encoding="ascii") as f:
    given = json.load(f)
config = consentpy.Config(given["config"], catalog=consentpy.Catalog(given["catalog"]))
notice, now = config.notice("FR"), given["now"]
gate = config.gate(given["vendor"], given["purposes"])
jars = [{"didomi_token": token} for token in given["tokens"]]
status = notice.status(jars[0], now=now)
assert all(notice.status(jar, now=now).allows(gate) for jar in jars)
gc.collect()
gc.disable()
def work(n):
"""
TAIL = "work(int(sys.argv[3]))\n"


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

    @property
    def source(self) -> str:
        return HEAD + self.body + TAIL


ALLOWS = "    s, g = status, gate\n    for _ in range(n):\n" + "        s.allows(g)\n" * 25

PROGRAMS = {
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


def write_given(folder: str, data: inputs.Inputs) -> str:
    """The inputs of the counted programs as one file."""
    from benchmarks.rows import condition

    vendor, purposes = condition(data)
    given: dict[str, Any] = {
        "config": data.token_config,
        "catalog": inputs.CATALOG,
        "vendor": vendor,
        "purposes": purposes,
        "tokens": data.tokens,
        "now": data.now,
    }
    path = Path(folder) / "given.json"
    path.write_text(json.dumps(given), encoding="ascii")
    return str(path)


def counts(data: inputs.Inputs, python: str = sys.executable, root: str = "") -> dict[str, float]:
    """Instructions of one call, for every program."""
    with tempfile.TemporaryDirectory() as folder:
        given = write_given(folder, data)
        root = root or default_root()
        return {name: count(python, root, p, given) for name, p in PROGRAMS.items()}


def default_root() -> str:
    import consentpy

    return str(Path(consentpy.__file__).resolve().parent.parent)


def claims(found: dict[str, float]) -> list[Claim]:
    return [
        Claim(p.row, p.what, found[name], "<=", p.budget, "instructions")
        for name, p in PROGRAMS.items()
    ]


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


def record(who: str, found: dict[str, float]) -> None:
    baseline = read_baseline()
    baseline[who] = {name: round(value) for name, value in found.items()}
    text = json.dumps(baseline, indent=2, sort_keys=True, ensure_ascii=False)
    BASELINE.write_text(text + "\n", encoding="utf-8")
    print(f"recorded as the baseline of {who}")


def check(who: str, found: dict[str, float]) -> int:
    """0: within the baseline + 3 %; 1: over it; 2: nothing recorded for this interpreter."""
    recorded = read_baseline().get(who)
    if recorded is None:
        print(f"no baseline is recorded for {who}; run with --record on a tree that you trust")
        return 2
    over = {n: v for n, v in found.items() if n in recorded and v > recorded[n] * TOLERANCE}
    for name, value in over.items():
        print(
            f"{name}: {number(value)} instructions, the baseline is {recorded[name]} "
            f"(+{value / recorded[name] - 1:.1%}); find what grew, or record a new baseline"
        )
    if not over:
        print(f"within the baseline of {who}")
    return 1 if over else 0


def profile(data: inputs.Inputs, python: str, root: str, row: int) -> str:
    """Where the instructions of a row go, by function; start-up and the import are in it, thinned out."""
    program = PROGRAMS[f"row{row}"]
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/callgrind.out"
        run(
            python,
            root,
            program,
            write_given(folder, data),
            program.calls * 10,
            "--tool=callgrind",
            f"--callgrind-out-file={out}",
        )
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
    parser.add_argument("--profile", type=int, choices=sorted({p.row for p in PROGRAMS.values()}))
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    data = inputs.load(arguments.data)
    root = arguments.root or default_root()
    try:
        if arguments.profile:
            print(profile(data, arguments.python, root, arguments.profile))
            return 0
        found = counts(data, arguments.python, root)
    except CannotCount as error:
        print(error, file=sys.stderr)
        return 2
    who = identity(arguments.python)
    print(f"{who}; inputs: {data.source}")
    head = ["Row", "What", "Measured", "Budget", ""]
    print(table(head, [c.cells() for c in claims(found)], arguments.markdown))
    if arguments.record:
        record(who, found)
    return check(who, found) if arguments.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
