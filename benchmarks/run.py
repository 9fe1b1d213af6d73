"""All rows in one interleaved run, printed beside their budgets.

    python -m benchmarks.run                                     a table for the terminal
    python -m benchmarks.run --markdown                          the same as Markdown
    python -m benchmarks.run --write docs/performance.md         put it between the markers of that file
    python -m benchmarks.run --data FOLDER                       on other inputs (see benchmarks.make_inputs)

Wrong answers stop the run before anything is timed. A missed budget is printed as MISS; `--strict`
makes it an error.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from benchmarks import check, child, inputs, instructions, rows
from benchmarks.harness import Claim, duration, machine, table, versions

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def report(data: inputs.Inputs, rounds: int, count: bool, markdown: bool) -> tuple[str, bool]:
    """The whole text, and whether every budget held."""
    lines = [
        f"Machine: {machine()}.",
        f"Versions: {versions('consentpy', 'msgspec', 'deepmerge')}.",
        f"Inputs: {data.source}. {check.all_answers(data)}.",
        "",
    ]
    results = [
        rows.row7(data, rounds),
        rows.row8(data, rounds),
        rows.row9(data, max(5, rounds // 5)),
        rows.row10(data, max(5, rounds // 2)),
    ]
    times = []
    for result in results:
        title, samples = result.title, result.samples
        for name in samples.seconds:
            best, median = duration(samples.best(name)), duration(samples.median(name))
            times.append([str(result.row), title, name, best, median])
            title = ""
    found: list[Claim] = [c for r in results for c in r.claims]
    one, two, memory_claims = child.memory(data, runs=5)
    imported, import_claims = child.import_time(runs=max(11, rounds))
    found += memory_claims + import_claims
    if count:
        found += instructions.claims(instructions.counts(data))
    found.sort(key=lambda c: c.row)
    lines += [
        table(["Row", "What", "Measured", "Budget", ""], [c.cells() for c in found], markdown),
        "",
        table(["Row", "Work", "Who", "Best", "Median"], times, markdown),
        "",
        f"Row 10, memory over all countries: single {one.peak / 1024:.1f} MiB at the peak and "
        f"{one.kept / 1024:.1f} kept, doubled {two.peak / 1024:.1f} and {two.kept / 1024:.1f}.",
        "",
        f"Row 14: {imported.describe()}",
    ]
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
    text, held = report(inputs.load(arguments.data), arguments.rounds, count, markdown)
    if arguments.write is not None:
        write(arguments.write, text)
    else:
        print(text)
    return 1 if arguments.strict and not held else 0


if __name__ == "__main__":
    raise SystemExit(main())
