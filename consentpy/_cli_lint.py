"""``consentpy lint``, and the same for the commands of the frameworks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ._core import Diagnostic
from ._excerpt import clean

FIELDS = ("code", "severity", "path", "message", "layer", "line", "column")


def errors(found: Sequence[Diagnostic]) -> int:
    """How many of them are errors: then the exit code is 1."""
    return sum(one.severity == "error" for one in found)


def record(one: Diagnostic) -> dict[str, Any]:
    """A finding for JSON."""
    return {name: getattr(one, name) for name in FIELDS}


def lines(found: Sequence[Diagnostic]) -> Iterator[str]:
    """A line for each finding, in the form of a compiler's, and one that counts them."""
    for one in found:
        where = f"{one.layer}:{one.line}:{one.column}" if one.line else f"{one.layer}"
        at = f" {one.path}:" if one.path else ""
        yield clean(f"{where}: {one.severity}:{at} {one.message} [{one.code}]")
    count = len(found)
    if count:
        yield f"{count} finding{'s' if count > 1 else ''}, {errors(found)} of them errors"
    else:
        yield "nothing to say"
