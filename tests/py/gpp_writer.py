"""A second writer of GPP strings, in plain Python: what the suites compare the package with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import consentpy as cp

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def text_of(bits: str, padding: Sequence[int] = (6,)) -> str:
    for unit in padding:
        bits += "0" * (-len(bits) % unit)
    return "".join(ALPHABET[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


def number(value: int, width: int) -> str:
    return format(value, f"0{width}b")


def fibonacci(value: int) -> str:
    weights = [1, 2]
    while weights[-1] <= value:
        weights.append(weights[-1] + weights[-2])
    bits = ""
    for weight in reversed(weights):
        one = weight <= value
        value -= weight * one
        bits = ("1" if one else "0") + bits
    return bits.rstrip("0") + "1"


def runs(ids: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for id in sorted(ids):
        if found and found[-1][1] == id - 1:
            found[-1] = (found[-1][0], id)
        else:
            found.append((id, id))
    return found


def entries(ids: Iterable[int], coded: bool) -> str:
    found = runs(ids)
    bits, last = number(len(found), 12), 0
    for first, end in found:
        bits += "1" if end > first else "0"
        bits += fibonacci(first - last) if coded else number(first, 16)
        if end > first:
            bits += fibonacci(end - first) if coded else number(end, 16)
        last = end
    return bits


def header(ids: Iterable[int]) -> str:
    return text_of(number(3, 6) + number(1, 6) + entries(ids, True), (8, 6))


def shown(ids: Iterable[int]) -> str:
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs(ids))


def section(id: int, text: str) -> dict[str, Any]:
    """What is read of a string with this section alone."""
    (one,) = cp.gpp.decode("~".join([header([id]), text])).to_dict()["sections"]
    return one


#: A section 8 that can be read.
CORE = "BpRJQaRU"
