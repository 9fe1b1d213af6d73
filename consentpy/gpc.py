"""Global Privacy Control: the request header `Sec-GPC`.

A visitor's browser says `Sec-GPC: 1` when personal data is not to be sold or shared. Anything else
is as if the header were not there, and its absence is no consent.
"""

from __future__ import annotations

from collections.abc import Iterable

from ._core import gpc_line


def decode(values: Iterable[object] | str | bytes | None) -> bool:
    """Does a request ask for it? `values`: those of all its `Sec-GPC` lines, or the one value (str
    or bytes); None when there is no line.

    Lines that a gateway has joined with commas count one by one. What a visitor sends never raises;
    a `values` that is no iterable is a TypeError.
    """
    if values is None:
        return False
    if isinstance(values, (str, bytes)):
        return gpc_line(values)
    return any(gpc_line(value) for value in values)
