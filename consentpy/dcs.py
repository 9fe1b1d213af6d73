"""The Didomi Consent String: the cookie `didomi_dcs`, a visitor's choices by numbers.

Four sections, purposes and vendors by the basis they are asked on, as bits in web-safe base64. What
follows a dot or a tilde (a device's id, a user's id of the site, a signature) is opaque here: it is
given as it stands, and no signature is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._core import dcs_decode, dcs_encode
from .errors import ConsentError

if TYPE_CHECKING:
    from ._core import VendorSet

_SECTIONS = ("purposes_optin", "purposes_optout", "vendors_optin", "vendors_optout")
_TEXTS = ("user_id", "created", "updated", "sync")
_FIELDS = ("version", "user_id", "created", "updated", "regulation_id", "sync", *_SECTIONS)
_NO_CHANGE = "it cannot be changed: change its to_dict() and encode that"


class Section:
    """The choices of one section: sets of numbers that answer `in`, `len`, iteration and
    `.ranges()`. `encoding` is how the section is written: `bit_field_2_bits`, `ranges_u16` or
    `ranges_fibonacci`. No number is in both sets; one in neither is undecided."""

    __slots__ = ("disabled", "enabled", "encoding")

    encoding: str
    enabled: VendorSet
    disabled: VendorSet

    def __init__(self, encoding: str, enabled: VendorSet, disabled: VendorSet) -> None:
        object.__setattr__(self, "encoding", encoding)
        object.__setattr__(self, "enabled", enabled)
        object.__setattr__(self, "disabled", disabled)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(_NO_CHANGE)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(_NO_CHANGE)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Section):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def _fields(self) -> tuple[Any, ...]:
        return (self.encoding, self.enabled, self.disabled)

    def __repr__(self) -> str:
        return (
            f"<consentpy.dcs.Section {self.encoding}: {len(self.enabled)} enabled, "
            f"{len(self.disabled)} disabled>"
        )

    def to_dict(self) -> dict[str, Any]:
        """A new dict: encoding, and the lists enabled and disabled, ascending."""
        return {
            "encoding": self.encoding,
            "enabled": list(self.enabled),
            "disabled": list(self.disabled),
        }


class DCS:
    """A decoded string. `created`, `updated` and `sync` (None when there is none) are ISO 8601
    texts as in a token; `regulation_id` is None in version 1. `purposes_optin`, `vendors_optin`
    tell of consent, `purposes_optout`, `vendors_optout` of legitimate interest and opt-out laws:
    a Section each. `did`, `ouid`, `signature` are texts or None. `warnings` is a tuple of codes."""

    __slots__ = (
        "_text",
        "created",
        "did",
        "ouid",
        "purposes_optin",
        "purposes_optout",
        "regulation_id",
        "signature",
        "sync",
        "updated",
        "user_id",
        "vendors_optin",
        "vendors_optout",
        "version",
        "warnings",
    )

    _text: tuple[str, str]  # all of it as it was given, and of that the sections
    version: int
    user_id: str
    created: str
    updated: str
    regulation_id: int | None
    sync: str | None
    purposes_optin: Section
    purposes_optout: Section
    vendors_optin: Section
    vendors_optout: Section
    did: str | None
    ouid: str | None
    signature: str | None
    warnings: tuple[str, ...]

    def __init__(self, text: str) -> None:
        """As `decode(text)`."""
        *head, sections, binary, did, ouid, signature, warnings = dcs_decode(text, False)
        fields = zip(_FIELDS, (*head, *(Section(*section) for section in sections)), strict=True)
        for name, value in fields:
            object.__setattr__(self, name, value)
        for name, value in (
            ("_text", (text, binary)),
            ("did", did),
            ("ouid", ouid),
            ("signature", signature),
            ("warnings", warnings),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(_NO_CHANGE)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(_NO_CHANGE)

    def __reduce__(self) -> tuple[type[DCS], tuple[str]]:
        return type(self), (self._text[0],)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DCS):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def _fields(self) -> tuple[Any, ...]:
        names = (*_FIELDS, "did", "ouid", "signature")
        return tuple(getattr(self, name) for name in names)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{name}: {len(getattr(self, name).enabled)}+{len(getattr(self, name).disabled)}-"
            for name in _SECTIONS
        )
        return f"<consentpy.dcs.DCS version {self.version}, {counts}>"

    def to_dict(self) -> dict[str, Any]:
        """A new dict: version, user_id, created, updated, regulation_id (not in version 1), sync,
        and the four sections, each with encoding, enabled and disabled."""
        result: dict[str, Any] = {}
        for name in _FIELDS:
            value = getattr(self, name)
            if name != "regulation_id" or value is not None:
                result[name] = value.to_dict() if isinstance(value, Section) else value
        return result


def decode(text: str, strict: bool = False) -> DCS:
    """The string in the value of a `didomi_dcs` cookie. DecodeError with `.code` and `.offset` for
    none (docs/strings.md lists the codes).

    Without `strict`, blanks round the text and the other base64 alphabet are repaired, and a number
    under two statuses gets the more restrictive one; the warnings tell.
    """
    if strict:
        dcs_decode(text, True)
    return DCS(text)


def encode(dcs: DCS | Mapping[str, Any]) -> str:
    """The string for a DCS or a dict of its shape.

    A section keeps its `encoding`; without one it takes the shortest, and so it does in place of
    Fibonacci ranges, which are only read. Dates are cut to tenths of a second. A DCS keeps `did` and
    `ouid`, and its signature if the sections come out as they were signed. ConsentError names the
    field that cannot be written.
    """
    if isinstance(dcs, DCS):
        text = binary = dcs_encode(dcs.to_dict())
        if dcs.did is not None or dcs.ouid is not None:
            text += f".{dcs.did or ''}"
        if dcs.ouid is not None:
            text += f".{dcs.ouid}"
        if dcs.signature is not None and binary == dcs._text[1]:
            text += f"~{dcs.signature}"
        return text
    if not isinstance(dcs, Mapping):
        raise TypeError(f"give a DCS or a mapping, not {type(dcs).__name__}")
    unknown = [name for name in dcs if name not in _FIELDS]
    if unknown:
        raise ConsentError(f"{unknown[0]!r} is no field: use {', '.join(_FIELDS)}")
    for name in ("version", "regulation_id"):
        if type(dcs.get(name)) not in (int, type(None)):
            raise TypeError(f"{name} is an int, not {type(dcs[name]).__name__}")
    for name in _TEXTS:
        if not isinstance(dcs.get(name), (str, type(None))):
            raise TypeError(f"{name} is a text, not {type(dcs[name]).__name__}")
    for name in _SECTIONS:
        _check_section(name, dcs.get(name))
    return dcs_encode(dcs)


def _check_section(name: str, section: object) -> None:
    if section is None:
        raise ConsentError(f"{name} is missing: give a mapping with the lists enabled and disabled")
    if not isinstance(section, Mapping):
        raise TypeError(f"{name} is a mapping, not {type(section).__name__}")
    for status in ("enabled", "disabled"):
        ids = section.get(status)
        if ids is None:
            raise ConsentError(
                f"{name}: the list {status} is missing: give one, which may be empty"
            )
        if not isinstance(ids, (list, tuple)) or not all(type(id) is int for id in ids):
            raise TypeError(f"{name}: {status} is a list of int")
    if not isinstance(section.get("encoding"), (str, type(None))):
        raise TypeError(f"{name}: encoding is a text, not {type(section['encoding']).__name__}")
