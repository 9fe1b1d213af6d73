"""The US Privacy string (`usprivacy`): `1` and three characters, each `Y`, `N` or `-`.

Deprecated in favour of GPP, and still sent. Upper case only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._core import usp_decode, usp_encode
from .errors import ConsentError

_FIELDS = ("notice", "opt_out_sale", "lspa_covered")
_UNKNOWN = "opt_out_unknown_while_ccpa_applies"


class USPrivacy:
    """A decoded US Privacy string, immutable, equal by its value.

    `notice`: was there notice and an opportunity to opt out; `opt_out_sale`: did the visitor opt
    out of the sale of personal data; `lspa_covered`: does the Limited Service Provider Agreement
    cover it. Each is `Y`, `N` or `-`. `applies` is False for `1---` alone. `warnings` is a tuple
    of codes: `opt_out_unknown_while_ccpa_applies` (the law applies, and the string must say Y or N
    where it says -: that is no permission).
    """

    __slots__ = ("applies", "lspa_covered", "notice", "opt_out_sale", "warnings")

    notice: str
    opt_out_sale: str
    lspa_covered: str
    applies: bool
    warnings: tuple[str, ...]

    def __init__(self, notice: str, opt_out_sale: str, lspa_covered: str) -> None:
        text = usp_encode(notice, opt_out_sale, lspa_covered)
        applies = usp_decode(text)[3]
        put = object.__setattr__
        put(self, "notice", notice)
        put(self, "opt_out_sale", opt_out_sale)
        put(self, "lspa_covered", lspa_covered)
        put(self, "applies", applies)
        put(self, "warnings", (_UNKNOWN,) if applies and opt_out_sale == "-" else ())

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a USPrivacy cannot be changed: make another one")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a USPrivacy cannot be changed: make another one")

    def __reduce__(self) -> tuple[type[USPrivacy], tuple[str, str, str]]:
        return type(self), (self.notice, self.opt_out_sale, self.lspa_covered)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, USPrivacy) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.notice, self.opt_out_sale, self.lspa_covered))

    def __repr__(self) -> str:
        return f"<consentpy.usp.USPrivacy {encode(self)}>"

    @property
    def opted_out(self) -> bool | None:
        """True and False as the string says; None where it does not."""
        return {"Y": True, "N": False}.get(self.opt_out_sale)

    def to_dict(self) -> dict[str, Any]:
        """A new dict: version (1), notice, opt_out_sale, lspa_covered."""
        return {"version": 1, **{name: getattr(self, name) for name in _FIELDS}}


def decode(text: str, strict: bool = False) -> USPrivacy:
    """The string as an object. DecodeError with `.code` (`empty`, `too_long`, `bad_length`,
    `unsupported_version`, `bad_char`, and with `strict` the warning too) and `.offset`."""
    read = USPrivacy(*usp_decode(text)[:3])
    if strict and read.warnings:
        from .errors import DecodeError

        error = DecodeError("the law applies, so the third character has to be Y or N")
        error.code = read.warnings[0]
        error.offset = 2
        raise error
    return read


def encode(usp: USPrivacy | Mapping[str, Any]) -> str:
    """The string for a USPrivacy or a dict of the shape of its `to_dict()`; `version` may be left
    out. ConsentError for what cannot be written."""
    if isinstance(usp, USPrivacy):
        return usp_encode(usp.notice, usp.opt_out_sale, usp.lspa_covered)
    if not isinstance(usp, Mapping):
        raise TypeError(f"give a USPrivacy or a mapping, not {type(usp).__name__}")
    if usp.get("version", 1) != 1:
        raise ConsentError("version: there is only version 1, so leave it out")
    return usp_encode(usp.get("notice"), usp.get("opt_out_sale"), usp.get("lspa_covered"))
