"""What Didomi's console knows and a page does not: vendors by API id, numeric ids."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ._core import merge, read_json
from .errors import ConfigError

_SECTIONS = ("vendors", "purposes", "regulations")
_MOST = 16 * 1024 * 1024


class Catalog:
    """Data about vendors, purposes and regulations that a configuration only names.

    `{"vendors": {api_id: {"num", "iab", "name", "purposes"}}, "purposes": {id: {"num"}},
    "regulations": {id: num}}`, as a mapping or in a JSON file. Didomi's documented vendors are
    built in; an entry given here takes the place of the built-in one. ConfigError when the shape
    is wrong.
    """

    __slots__ = ("_data",)

    _data: dict[str, Any]

    def __init__(self, source: Mapping[str, Any] | str | os.PathLike[str]) -> None:
        if isinstance(source, Mapping):
            data = merge(source)
        elif isinstance(source, (str, os.PathLike)):
            data = _read(source)
        else:
            kind = type(source).__name__
            raise TypeError(f"a catalog is a mapping or the path of a JSON file, not {kind}")
        _check(data)
        object.__setattr__(self, "_data", data)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Catalog cannot be changed")

    def __reduce__(self) -> tuple[type[Catalog], tuple[dict[str, Any]]]:
        return type(self), (self.to_dict(),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalog) and self._data == other._data

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Catalog:
        return self

    def __deepcopy__(self, memo: object) -> Catalog:
        return self

    def __repr__(self) -> str:
        return f"<consentpy.Catalog of {len(self._data.get('vendors', {}))} vendors>"

    def to_dict(self) -> dict[str, Any]:
        """A new dict of plain values."""
        return merge(self._data)


def as_catalog(source: Catalog | Mapping[str, Any] | str | os.PathLike[str]) -> Catalog:
    """A Catalog as it is, or one made of a mapping or a path."""
    return source if isinstance(source, Catalog) else Catalog(source)


def _read(path: str | os.PathLike[str]) -> dict[str, Any]:
    with open(path, "rb") as file:
        text = file.read(_MOST + 1)  # one byte more than is read tells that it is too long
    try:
        data = read_json(text)
    except ConfigError as error:
        error.layer = "catalog"
        raise
    if not isinstance(data, dict):
        raise _error("", "a catalog is an object: write { ... } round it")
    return data


def _error(path: str, message: str) -> ConfigError:
    error = ConfigError(f"catalog: {path}: {message}" if path else f"catalog: {message}")
    error.layer = "catalog"
    error.path = path
    return error


def _check(data: dict[str, Any]) -> None:
    for key in data:
        if key not in _SECTIONS:
            raise _error(key, f"a catalog has the sections {', '.join(_SECTIONS)}: use one of them")
    for section in _SECTIONS:
        if not isinstance(data.get(section, {}), dict):
            raise _error(section, "an object must stand here: write { ... }")
    for id, vendor in data.get("vendors", {}).items():
        if not isinstance(vendor, dict):
            raise _error(f"vendors.{id}", "a vendor is an object: write { ... }")
        for key in ("purposes", "legIntPurposes"):
            if not isinstance(vendor.get(key, []), list):
                raise _error(f"vendors.{id}.{key}", "an array of purpose ids must stand here")
        for key in ("num", "iab"):
            number = vendor.get(key)
            if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
                raise _error(f"vendors.{id}.{key}", "a whole number must stand here")
