"""Google's Additional Consent string: providers of ad technology that are not in the IAB's list.

It counts only beside a TC string. Version 2, `2~<consented>~dv.<disclosed>`, names the providers
that the visitor consented to and the other ones that the notice showed; version 1 only the former.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._core import ac_decode, ac_encode
from .errors import ConsentError

_FIELDS = ("version", "consented", "disclosed_only", "disclosed_all")


class AdditionalConsent:
    """A decoded string: `version` (1 or 2), and ascending tuples of provider ids. `consented`;
    `disclosed_only` were shown and not consented to; `disclosed_all` is both together. The last
    two are None in version 1, which does not tell. `warnings` is a tuple of codes."""

    __slots__ = ("consented", "disclosed_all", "disclosed_only", "version", "warnings")

    version: int
    consented: tuple[int, ...]
    disclosed_only: tuple[int, ...] | None
    disclosed_all: tuple[int, ...] | None
    warnings: tuple[str, ...]

    def __init__(
        self,
        version: int,
        consented: tuple[int, ...],
        disclosed_only: tuple[int, ...] | None,
        disclosed_all: tuple[int, ...] | None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        fields = (version, consented, disclosed_only, disclosed_all)
        for name, value in zip(_FIELDS, fields, strict=True):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "warnings", warnings)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("it cannot be changed: change its to_dict() and encode that")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("it cannot be changed: change its to_dict() and encode that")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (*self._fields(), self.warnings)

    def _fields(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in _FIELDS)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AdditionalConsent):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        shown = (
            "" if self.disclosed_only is None else f", {len(self.disclosed_only)} only disclosed"
        )
        return (
            f"<consentpy.ac.AdditionalConsent version {self.version}: "
            f"{len(self.consented)} consented{shown}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """A new dict: version, consented, disclosed_only and disclosed_all, lists of int or
        None."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in zip(_FIELDS, self._fields(), strict=True)
        }


def decode(text: str, strict: bool = False) -> AdditionalConsent:
    """The string that `addtl_consent` carries. DecodeError with `.code` and `.offset` for none.

    Without `strict`, what is no id is stepped over, and a second list that cannot be read counts
    as empty; the warnings tell (docs/strings.md lists the codes).
    """
    return AdditionalConsent(*ac_decode(text, strict))


def encode(consent: AdditionalConsent | Mapping[str, Any]) -> str:
    """The string for a decoded one or a dict of its shape: ascending, without repeats, version 2
    unless `version` says 1. What is disclosed is `disclosed_only` and `disclosed_all` together;
    either may be missing. ConsentError for what has no place in a string."""
    if isinstance(consent, AdditionalConsent):
        given: dict[str, Any] = consent.to_dict()
    elif isinstance(consent, Mapping):
        given = dict(consent)
    else:
        raise TypeError(
            f"give a decoded Additional Consent string or a mapping, not {type(consent).__name__}"
        )
    unknown = [name for name in given if name not in _FIELDS]
    if unknown:
        raise ConsentError(f"{unknown[0]!r} is no field: use {', '.join(_FIELDS)}")
    if "consented" not in given:
        raise ConsentError("consented is missing: give a list of ids, which may be empty")
    version = given.get("version", 2)
    if type(version) is not int:
        raise TypeError(f"version is an int, not {type(version).__name__}")
    if version not in (1, 2):
        raise ConsentError("version: there is no such version: give 1 or 2")
    consented = _ids(given["consented"], "consented")
    only = _ids(given.get("disclosed_only"), "disclosed_only")
    everything = _ids(given.get("disclosed_all"), "disclosed_all")
    known = frozenset(consented)
    return ac_encode(version, consented, [*only, *(id for id in everything if id not in known)])


def _ids(given: object, field: str) -> list[int]:
    if given is None and field != "consented":
        return []
    if not isinstance(given, (list, tuple, set, frozenset)):
        raise TypeError(f"{field} is a list of int, not {type(given).__name__}")
    if not all(type(id) is int for id in given):
        raise TypeError(f"{field} is a list of int: give every id as one")
    return list(given)
