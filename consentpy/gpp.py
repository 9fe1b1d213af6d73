"""The IAB's Global Privacy Platform string: a header, and a section for each law.

A section that cannot be read does not spoil the others, and one of an unknown kind is kept as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ._core import gpp_decode, gpp_encode
from .errors import ConsentError, DecodeError

_TCF = 2


class GPP:
    """A decoded GPP string. `section_ids` is a tuple of numbers; `warnings` a tuple of the codes of
    all sections, with `section_error` first when a section could not be read."""

    __slots__ = ("_data", "section_ids", "warnings")

    _data: dict[str, Any]
    section_ids: tuple[int, ...]
    warnings: tuple[str, ...]

    def __init__(self, data: dict[str, Any]) -> None:
        sections = data["sections"]
        codes = ["section_error"] if any("error" in section for section in sections) else []
        for section in sections:
            codes += section["warnings"]
        put = object.__setattr__
        put(self, "_data", data)
        put(self, "section_ids", tuple(data["section_ids"]))
        put(self, "warnings", tuple(dict.fromkeys(codes)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a GPP cannot be changed: change its to_dict() and encode that")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a GPP cannot be changed: change its to_dict() and encode that")

    def __reduce__(self) -> tuple[type[GPP], tuple[dict[str, Any]]]:
        return type(self), (self.to_dict(),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GPP) and self._data == other._data

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = [section["name"] or str(section["id"]) for section in self._data["sections"]]
        return f"<consentpy.gpp.GPP {', '.join(names) or 'without sections'}>"

    def section(self, id: int | str) -> dict[str, Any] | None:
        """The section of an id or a name such as `usca`, as in `to_dict()`; None when it is not
        there."""
        section: dict[str, Any]
        for section in self._data["sections"]:
            if id in (section["id"], section["name"]):
                return deepcopy(section)
        return None

    def to_dict(self) -> dict[str, Any]:
        """A new dict: section_ids, and sections with id, name (None for an unknown one), raw (its
        text), decoded (None where it was not read), warnings, and where one could not be read
        error, a code."""
        return deepcopy(self._data)


def _read_tc_string(section: dict[str, Any]) -> None:
    from . import tcf

    try:
        read = tcf.decode(section["raw"], strict=True)
    except DecodeError as error:
        section["error"] = error.code
    else:
        section["decoded"] = read.to_dict()
        section["warnings"] = list(read.warnings)


def decode(text: str, strict: bool = False) -> GPP:
    """The string as an object. DecodeError with `.code` and `.offset` when it cannot be read as a
    whole; with `strict` also when a section cannot."""
    data = gpp_decode(text)
    at = text.find("~") + 1
    for section in data["sections"]:
        if section["id"] == _TCF:
            _read_tc_string(section)
        if strict and "error" in section:
            from ._words import fault

            error = DecodeError(
                f"section {section['id']} ({section['name'] or 'unknown'}) cannot be read: "
                f"{fault(section['error'])}"
            )
            error.code = section["error"]
            error.offset = at
            raise error
        at += len(section["raw"]) + 1
    return GPP(data)


def encode(gpp: GPP | Mapping[str, Any]) -> str:
    """The string for a GPP or a dict of the shape of its `to_dict()`.

    A section is written from `decoded`, or where that is None or missing its `raw` is taken over.
    Sections stand in the order of their ids; `section_ids`, `name`, `warnings` and `error` are not
    needed.
    The Canadian section is written with 16-bit ids, which every reader understands. ConsentError
    names the field that cannot be written.
    """
    if not isinstance(gpp, (GPP, Mapping)):
        raise TypeError(f"give a GPP or a mapping, not {type(gpp).__name__}")
    given = gpp.to_dict() if isinstance(gpp, GPP) else gpp
    sections = given.get("sections")
    if not isinstance(sections, (list, tuple)):
        raise ConsentError("sections: give a list of sections")
    mapping = {"sections": [_section(section, at) for at, section in enumerate(sections)]}
    if given.get("section_ids") is not None:
        mapping["section_ids"] = given["section_ids"]
    return gpp_encode(mapping)


def _section(section: object, at: int) -> dict[str, Any]:
    if not isinstance(section, Mapping):
        raise ConsentError(f"sections[{at}]: give a mapping with id and decoded or raw")
    id, raw = section.get("id"), section.get("raw")
    decoded: Any = section.get("decoded")
    if id == _TCF and decoded is not None:
        from . import tcf

        decoded, raw = None, tcf.encode(decoded)
    return {"id": id, "decoded": decoded, "raw": raw}
