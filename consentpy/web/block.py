"""The condition of a template block: a named gate, or a vendor, purposes or both.

Whatever cannot be resolved denies: an unknown id, an unknown name, an empty value.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any

import consentpy as cp

from .settings import Runtime


class Unresolved(Exception):
    """A condition that cannot be looked up; `id` is that of the check's message."""

    def __init__(self, id: str, message: str) -> None:
        super().__init__(message)
        self.id = id


def find(runtime: Runtime, given: Mapping[str, Any], written: Mapping[str, str]) -> cp.Gate:
    """The gate of a block with these arguments: ``name`` alone, or ``vendor`` and ``purposes``.

    A key is there when the template has that argument, whatever its value; `written` tells how the
    template writes it. Raises Unresolved.
    """
    if "name" in given:
        return _named(runtime, given["name"], written)
    vendor = _value("vendor", given, written)
    purposes = _value("purposes", given, written)
    if isinstance(purposes, (list, set, frozenset)):
        purposes = tuple(purposes)
    elif isinstance(purposes, int):
        purposes = (purposes,)
    try:
        return runtime.gate(vendor, () if purposes is None else purposes)
    except (cp.UnknownIdError, TypeError) as error:
        raise Unresolved("E011", str(error)) from error


def _named(runtime: Runtime, name: object, written: Mapping[str, str]) -> cp.Gate:
    if isinstance(name, cp.Gate):
        return name
    if _is_empty(name):  # most often a name without its quotes
        what = written.get("name", "the name of the gate")
        raise Unresolved("E012", f"{what} is empty; a name is written in quotes.")
    gate = runtime.gates.get(name) if isinstance(name, str) else None
    if gate is not None:
        return gate
    setting = runtime.spelling.key("GATES")
    if isinstance(name, str) and name in runtime.gate_names:
        raise Unresolved("E012", f"the gate {name!r} of {setting} is not usable.")
    raise Unresolved("E012", f"{setting} has no gate {reprlib.repr(name)}.")


def _value(key: str, given: Mapping[str, Any], written: Mapping[str, str]) -> Any:
    """The value of an argument; None only when it was not written.

    An argument that is written and empty must not drop its half of the condition.
    """
    if key not in given:
        return None
    value = given[key]
    if _is_empty(value):
        raise Unresolved("E011", f"{key}={written.get(key, repr(value))} is empty.")
    return str(value) if isinstance(value, str) else value


def _is_empty(value: object) -> bool:
    if value is None:
        return True
    try:
        return not isinstance(value, int) and not value
    except TypeError:  # the stand-in for the consent is neither true nor false
        return False
