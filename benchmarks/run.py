"""All rows in one interleaved run, printed beside their budgets.

    python -m benchmarks.run                                     a table for the terminal
    python -m benchmarks.run --markdown                          the same as Markdown
    python -m benchmarks.run --write docs/performance.md         put it between the markers of that file
    python -m benchmarks.run --data FOLDER                       on other inputs (see benchmarks.make_inputs)
    python -m benchmarks.run --rows 1,2,3                        only these rows

Wrong answers stop the run before anything is timed. A missed budget is printed as MISS; `--strict`
makes it an error.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Set
from contextlib import ExitStack
from pathlib import Path

from benchmarks import (
    check,
    child,
    inputs,
    instructions,
    official,
    rows,
    rows_strings,
    rows_visit,
    visits,
)
from benchmarks.harness import Claim, duration, machine, table, versions

PEERS = ("msgspec", "deepmerge", "iab-tcf", "Werkzeug")
VISITS = {1: rows_visit.row1, 2: rows_visit.row2, 3: rows_visit.row3}
STRINGS = {4: rows_strings.row4, 5: rows_strings.row5, 6: rows_strings.row6}
# With the least number of rounds, and the share of the rounds that a slow row makes.
OTHERS = {7: (rows.row7, 1, 1), 8: (rows.row8, 1, 1), 9: (rows.row9, 5, 5), 10: (rows.row10, 5, 2)}
COUNTED = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 11))
ALL = frozenset((*VISITS, *STRINGS, *OTHERS, 11, 14))
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def library(stack: ExitStack) -> tuple[official.Library | None, str]:
    """The official JavaScript library, or why there is none."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    try:
        return stack.enter_context(official.Library(folder)), ""
    except official.NotThere as reason:
        return None, str(reason)


def measure(
    data: inputs.Inputs, visited: visits.Visits, rounds: int, wanted: Set[int]
) -> tuple[list[str], list[rows.Result]]:
    """Check the answers of the wanted rows, then time them."""
    checked: list[str] = []
    results: list[rows.Result] = []
    with ExitStack() as stack:
        if wanted & {4, 5, 6}:
            peer, why = library(stack)
            if peer:
                checked.append(f"Official library: {peer.version}")
            checked.append(rows_strings.check(visited, peer))
        if wanted & {1, 2, 3}:
            checked.append(rows_visit.check(visited))
        if wanted & {7, 8, 9, 10}:
            checked.append(check.all_answers(data))
        for row, of_visits in VISITS.items():
            if row in wanted:
                results.append(of_visits(visited, rounds))
        for row, of_strings in STRINGS.items():
            if row in wanted:
                results.append(of_strings(visited, rounds, peer, why))
    for row, (of_data, least, share) in OTHERS.items():
        if row in wanted:
            results.append(of_data(data, max(least, rounds // share)))
    return checked, results


def report(
    data: inputs.Inputs,
    visited: visits.Visits,
    rounds: int,
    wanted: Set[int],
    count: bool,
    markdown: bool,
) -> tuple[str, bool]:
    """The whole text, and whether every budget held."""
    checked, results = measure(data, visited, rounds, wanted)
    found: list[Claim] = [c for r in results for c in r.claims]
    after = [note for r in results for note in r.notes]
    if 10 in wanted:
        one, two, memory_claims = child.memory(data, runs=5)
        found += memory_claims
        after.append(
            f"Row 10, memory over all countries: single {one.peak / 1024:.1f} MiB at the peak and "
            f"{one.kept / 1024:.1f} kept, doubled {two.peak / 1024:.1f} and {two.kept / 1024:.1f}."
        )
    if 14 in wanted:
        imported, import_claims = child.import_time(runs=max(11, rounds))
        found += import_claims
        after.append(f"Row 14: {imported.describe()}")
    if count and wanted & COUNTED:
        found += instructions.counts(data, visited, rows=wanted & COUNTED).values()
    elif 11 in wanted:
        after.append("Row 11: instructions were not counted.")
    found.sort(key=lambda c: c.row)
    times = []
    for result in results:
        title, samples = result.title, result.samples
        for name in samples.seconds:
            best, median = duration(samples.best(name)), duration(samples.median(name))
            times.append([str(result.row), title, name, best, median])
            title = ""
    lines = [
        f"Machine: {machine()}.",
        f"Versions: {versions('consentpy', *PEERS)}.",
        f"Inputs: {data.source}. {'. '.join(checked)}.",
        "",
        table(["Row", "What", "Measured", "Budget", ""], [c.cells() for c in found], markdown),
        "",
        table(["Row", "Work", "Who", "Best", "Median"], times, markdown),
    ]
    for line in after:
        lines += ["", line]
    return "\n".join(lines), all(c.verdict != "MISS" for c in found)


def write(path: Path, text: str) -> None:
    """Replace what stands between the markers of a document."""
    old = path.read_text("utf-8")
    head, begin, rest = old.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path} has no {BEGIN} … {END}; add the two markers where the table goes")
    path.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure consentpy beside its peers.")
    parser.add_argument("--data", type=Path, help="folder with other inputs")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--rows", type=instructions.numbers, help="only these, such as 4,5,6")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT")
    parser.add_argument("--no-instructions", action="store_true", help="do not run valgrind")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a budget is missed")
    arguments = parser.parse_args()
    count = not arguments.no_instructions
    if count and shutil.which("valgrind") is None:
        print("valgrind was not found: instructions are not counted", file=sys.stderr)
        count = False
    markdown = arguments.markdown or arguments.write is not None
    data, visited = inputs.load(arguments.data), visits.load(arguments.data)
    wanted = ALL.intersection(arguments.rows) if arguments.rows else ALL
    text, held = report(data, visited, arguments.rounds, wanted, count, markdown)
    if arguments.write is not None:
        write(arguments.write, text)
    else:
        print(text)
    return 1 if arguments.strict and not held else 0


if __name__ == "__main__":
    raise SystemExit(main())
