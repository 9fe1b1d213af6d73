"""How the command line writes: tables and JSON.

What comes from a file or a visitor is shown with its control characters escaped, so that it can
neither break a table nor speak to the terminal.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TextIO

from ._excerpt import clean, display_width

_BOLD, _RED, _GREEN, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[0m"
_COLOURS = {"yes": _GREEN, "no": _RED, "allowed": _GREEN, "not allowed": _RED}
_PART = 8192  # characters


class Screen:
    """Standard output. `colour` and `columns` are set on a terminal only: what goes to a file or
    a pipe is plain and whole."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        terminal = stream is not None and stream.isatty()
        self.columns = shutil.get_terminal_size().columns if terminal else None
        self.colour = (
            terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        )

    def write(self, text: str) -> None:
        """The text with a line end. A character that the stream's encoding lacks is escaped."""
        if self._stream is not None:
            encoding = self._stream.encoding or "utf-8"
            line = f"{text}\n".encode(encoding, "backslashreplace").decode(encoding)
            # In parts: an unbuffered stream drops what the system did not take of one write.
            for start in range(0, len(line), _PART):
                self._stream.write(line[start : start + _PART])

    def json(self, value: object) -> None:
        """The value as indented JSON: ASCII alone where the stream is not UTF-8."""
        encoding = (self._stream.encoding or "utf-8") if self._stream is not None else "utf-8"
        self.write(to_json(value, ascii_only=encoding.lower().replace("-", "") != "utf8", indent=2))

    def heading(self, text: str) -> None:
        self.write(f"{_BOLD}{text}{_PLAIN}" if self.colour else text)

    def verdict(self, word: str, rest: str) -> None:
        """A word in its colour, and what follows it."""
        self.write(f"{self._painted(word, word)}{clean(rest)}")

    def table(self, rows: Sequence[Sequence[str]], head: Sequence[str] | None = None) -> None:
        """Rows of cells under a head, columns aligned on the left. On a terminal the last
        column is cut where the line would wrap."""
        cells = [[clean(cell) for cell in row] for row in rows]
        lines = [list(head), *cells] if head else cells
        if not lines:
            return
        last = len(lines[0]) - 1
        widths = [max(display_width(line[i]) for line in lines) for i in range(last)]
        room = None if self.columns is None else self.columns - sum(widths) - 2 * last
        for number, line in enumerate(lines):
            padded = [
                self._painted(cell, cell + " " * (width - display_width(cell)))
                for cell, width in zip(line, widths, strict=False)
            ]
            padded.append(self._painted(line[last], shorten(line[last], room)))
            text = "  ".join(padded).rstrip()
            if head and number == 0:
                self.heading(text)
            else:
                self.write(text)

    def _painted(self, cell: str, text: str) -> str:
        if not self.colour or cell not in _COLOURS:
            return text
        return f"{_COLOURS[cell]}{text}{_PLAIN}"


def warn(text: str) -> None:
    """A line on standard error, if there is one."""
    if sys.stderr is not None:
        encoding = sys.stderr.encoding or "utf-8"
        line = f"{text}\n".encode(encoding, "backslashreplace").decode(encoding)
        with suppress(OSError):  # nobody reads it
            sys.stderr.write(line)


def shorten(text: str, room: int | None) -> str:
    """The text in at most `room` columns, but never under ten; None is no limit."""
    if room is None or display_width(text) <= max(room, 10):
        return text
    room = max(room, 10) - 1
    kept = text[:room]
    while display_width(kept) > room:
        kept = kept[:-1]
    return f"{kept}…"


def to_json(value: Any, *, ascii_only: bool = False, indent: int | None = None) -> str:
    """JSON text of plain values. A number beyond the doubles, which a configuration may hold,
    is written as 1e999: readers take it as the same infinity."""

    def text(node: Any, margin: str) -> str:
        if isinstance(node, float) and math.isinf(node):
            return "1e999" if node > 0 else "-1e999"
        if isinstance(node, dict):
            inner = [
                f"{json.dumps(key, ensure_ascii=ascii_only)}: {text(item, deeper(margin))}"
                for key, item in node.items()
            ]
            return _bracketed("{}", inner, margin, deeper(margin), indent)
        if isinstance(node, (list, tuple)):
            inner = [text(item, deeper(margin)) for item in node]
            return _bracketed("[]", inner, margin, deeper(margin), indent)
        return json.dumps(node, ensure_ascii=ascii_only)

    def deeper(margin: str) -> str:
        return margin + " " * (indent or 0)

    return text(value, "")


def _bracketed(
    pair: str, items: list[str], margin: str, inner_margin: str, indent: int | None
) -> str:
    if not items:
        return pair
    if indent is None:
        return f"{pair[0]}{', '.join(items)}{pair[1]}"
    body = f",\n{inner_margin}".join(items)
    return f"{pair[0]}\n{inner_margin}{body}\n{margin}{pair[1]}"
