"""The HTML rewriter beside Python's parsers, in one interleaved run: MB/s on a page of 200 KB.

    python -m benchmarks.html               a table for the terminal
    python -m benchmarks.html --markdown    the same as Markdown

The peers only read the page; none of them writes it again, as a rewriter built on one would have to.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from html.parser import HTMLParser

import lxml.html  # type: ignore[import-untyped]
from selectolax.lexbor import LexborHTMLParser

import consentpy as cp
from benchmarks.harness import Samples, interleave, machine, number, table, versions

SIZE = 200_000
CHUNK = 16_384
WANTED = 1000.0  # MB/s of a page without a gated tag

ITEM = """<article class="card card--wide" id="item-{0}"><a href="/products/{0}?ref=home&amp;page=2" title="Product {0}">
<img src="/img/{0}.jpg" alt="" width="320" height="200" loading="lazy"></a>
<h3>Product {0}</h3><p>A sentence or two about what it is &mdash; and why somebody might want it.</p>
<!-- stock: {0} --><ul><li>First<li>Second</ul><button type="button" data-id='{0}'>Buy</button></article>
"""
HEAD = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<style>.card > a {{ color: red }} .card--wide {{ width: 50% }}</style>
<script>window.didomiConfig = {{}}; for (var i = 0; i < 3; i++) {{ f("<p>" + i + "</p>") }}</script>
</head><body><svg viewBox="0 0 9 9"><title>Logo</title><path d="M0 0"/></svg>
""".format()
TAG = '<script type="didomi/javascript" data-vendor="{}">count({{gdpr}})</script>\n'


def page(gated: int) -> str:
    """A shop's page, with so many gated tags between its items, half of them for a vendor that is allowed."""
    parts, size, i = [HEAD], len(HEAD), 0
    while size < SIZE:
        parts.append(ITEM.format(i))
        size += len(parts[-1])
        i += 1
    for k in range(gated):
        parts.insert(1 + k * (i // gated) + k, TAG.format("agreed" if k % 2 else "refused"))
    return "".join(parts) + "</body></html>"


def visitor() -> cp.Status:
    vendors = [{"id": v, "name": v, "purposeIds": ["p"]} for v in ("agreed", "refused")]
    config = cp.Config({"app": {"vendors": {"custom": vendors}, "customPurposes": [{"id": "p"}]}})
    answer = {"agreed": True, "refused": False}
    return config.status({}, country="FR").set(vendors=answer, purposes={"p": True})


def streamed(raw: bytes, status: cp.Status) -> bytes:
    rewriter: cp.html.Rewriter[bytes] = cp.html.Rewriter(status)
    out = [rewriter.feed(raw[at : at + CHUNK]) for at in range(0, len(raw), CHUNK)]
    out.append(rewriter.close())
    return b"".join(out)


def check(status: cp.Status) -> None:
    """Right answers before any time is taken."""
    plain, gated = page(0), page(20)
    if (
        cp.html.rewrite(plain, status) is not plain
        or streamed(plain.encode(), status) != plain.encode()
    ):
        raise SystemExit("a page without gated tags has changed")
    live = gated.replace(
        TAG.format("agreed"),
        '<script type="text/javascript" data-vendor="agreed">count(1)</script>\n',
    )
    if cp.html.rewrite(gated, status) != live or streamed(gated.encode(), status) != live.encode():
        raise SystemExit("the gated tags of a page were not rewritten as they should be")


def loop(work: Callable[[], object]) -> Callable[[int], None]:
    def run(n: int) -> None:
        for _ in range(n):
            work()

    return run


def parse(text: str) -> None:
    parser = HTMLParser()
    parser.feed(text)
    parser.close()


def measure(status: cp.Status, rounds: int) -> Samples:
    text = page(0)
    raw, wide, gated = text.encode(), text.replace("&mdash;", "—"), page(20)
    many = gated.encode()
    return interleave(
        {
            "no gated tag, bytes": loop(lambda: cp.html.rewrite(raw, status)),
            "no gated tag, str": loop(lambda: cp.html.rewrite(text, status)),
            "no gated tag, str beyond Latin-1": loop(lambda: cp.html.rewrite(wide, status)),
            "no gated tag, bytes in pieces of 16 KiB": loop(lambda: streamed(raw, status)),
            "20 gated tags, bytes": loop(lambda: cp.html.rewrite(many, status)),
            "20 gated tags, str": loop(lambda: cp.html.rewrite(gated, status)),
            "20 gated tags, bytes in pieces of 16 KiB": loop(lambda: streamed(many, status)),
            "selectolax (Lexbor), parse only": loop(lambda: LexborHTMLParser(text)),
            "lxml.html, parse only": loop(lambda: lxml.html.document_fromstring(raw)),
            "html.parser, parse only": loop(lambda: parse(text)),
        },
        rounds,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Measure the HTML rewriter beside Python's parsers."
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a budget is missed")
    arguments = parser.parse_args()
    status = visitor()
    check(status)
    samples = measure(status, arguments.rounds)
    first = next(iter(samples.seconds))
    held, rows = True, []
    for name in samples.seconds:
        speed = SIZE / 1e6 / samples.median(name)
        plain = name.startswith("no gated tag")
        held = held and (not plain or speed >= WANTED)
        verdict = ("pass" if speed >= WANTED else "MISS") if plain else ""
        rows.append(
            [name, f"{number(speed)} MB/s", f"{number(samples.ratio(name, first))} ×", verdict]
        )
    print(f"Machine: {machine()}.\nVersions: {versions('consentpy', 'lxml', 'selectolax')}.\n")
    print(
        table(
            ["Page of 200 KB", "Speed", "Time", f"≥ {number(WANTED)} MB/s"],
            rows,
            arguments.markdown,
        )
    )
    return 1 if arguments.strict and not held else 0


if __name__ == "__main__":
    raise SystemExit(main())
