"""A line of a text with a caret under one place, fit to be printed."""

from __future__ import annotations

from unicodedata import category, combining, east_asian_width

_BEFORE, _AFTER = 50, 25  # characters of a long line that are shown round the caret


def clean(text: str) -> str:
    """The text on one line: what does not print is escaped."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or category(c) == "Zs" else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def display_width(text: str) -> int:
    """Columns that a cleaned text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def excerpt(window: bytes, at: int, line: int, more_before: bool, more_after: bool) -> str:
    """Two lines: the one that holds byte `at` of a text, with its number, and a caret under it.

    `window` is the part of the text round the place, some hundred bytes to each side;
    `more_before` and `more_after` say whether the text goes on there. A long line is shown only
    round the caret.
    """
    start, end = window.rfind(b"\n", 0, at) + 1, window.find(b"\n", at)
    more_before = more_before and start == 0
    more_after = more_after and end < 0
    left = _decoded(window[start:at])
    right = _decoded(window[at:] if end < 0 else window[at:end].removesuffix(b"\r"))
    more_before, left = more_before or len(left) > _BEFORE, left[-_BEFORE:]
    more_after, right = more_after or len(right) > _AFTER, right[:_AFTER]
    left = ("…" if more_before else "") + clean(left)
    right = clean(right) + ("…" if more_after else "")
    gutter = " " * len(str(line))
    return f"{line} | {left}{right}\n{gutter} | {' ' * display_width(left)}^"


def _decoded(part: bytes) -> str:
    # the window's edge may cut a character: it is too far from the caret to be shown
    return part.decode("utf-8", "replace").replace("\t", " ")
