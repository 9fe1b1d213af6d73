"""The `didomi_token` cookie as an object.

Standard base64 of a JSON object whose characters are all Latin-1. A Status reads it without this
module; use it to look at a token, or to write one in a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ._core import token_decode, token_encode
from .errors import ConsentError

_LISTS = ("vendors", "purposes", "vendors_li", "purposes_li")


class Token:
    """A decoded token. `warnings` is a tuple of codes: `contradiction` (an id both enabled and
    disabled), `unread_fields` (fields without a meaning here could not be kept)."""

    __slots__ = ("_data", "warnings")

    _data: dict[str, Any]
    warnings: tuple[str, ...]

    def __init__(self, data: dict[str, Any], warnings: tuple[str, ...] = ()) -> None:
        object.__setattr__(self, "_data", data)
        object.__setattr__(self, "warnings", warnings)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Token cannot be changed: change its to_dict() and encode that")

    def __reduce__(self) -> tuple[type[Token], tuple[dict[str, Any], tuple[str, ...]]]:
        return type(self), (self.to_dict(), self.warnings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and self._data == other._data

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{name}: {len(self._data[name]['enabled'])}+{len(self._data[name]['disabled'])}-"
            for name in _LISTS
        )
        return f"<consentpy.token.Token {counts}>"

    @property
    def user_id(self) -> str | None:
        return self._text("user_id")

    @property
    def created(self) -> str | None:
        """ISO 8601 text, as in the token."""
        return self._text("created")

    @property
    def updated(self) -> str | None:
        """ISO 8601 text, as in the token: every age is counted from here."""
        return self._text("updated")

    def _text(self, name: str) -> str | None:
        value = self._data[name]
        return value if isinstance(value, str) else None

    def to_dict(self) -> dict[str, Any]:
        """A new dict: user_id, created, updated, version, the four pairs of lists (always all of
        them), and every other field of the token."""
        return deepcopy(self._data)


def decode(text: str, strict: bool = False) -> Token:
    """The token in a cookie value. DecodeError with `.code` and `.offset` when it is none.

    White space, missing padding and percent-encoding are accepted, as browsers send them; with
    `strict` an id that is both enabled and disabled is an error too.
    """
    data, warnings = token_decode(text)
    if strict and warnings:
        from .errors import DecodeError

        error = DecodeError(f"the token is readable, but has the warning {warnings[0]!r}")
        error.code = warnings[0]
        raise error
    return Token(data, warnings)


def encode(token: Token | Mapping[str, Any]) -> str:
    """The cookie value for a Token or a dict of the same shape: compact JSON in standard base64
    with padding. Empty lists, and pairs of empty lists, are left out, as the SDK does."""
    if not isinstance(token, (Token, Mapping)):
        raise TypeError(f"a token is a Token or a mapping, not {type(token).__name__}")
    data = token.to_dict() if isinstance(token, Token) else dict(token)
    for name in _LISTS:
        pair = data.get(name)
        if pair is None:
            data.pop(name, None)
            continue
        if not isinstance(pair, Mapping):
            raise ConsentError(f"{name} must be a mapping with the lists enabled and disabled")
        for ids in pair.values():
            if not isinstance(ids, (list, tuple)) or not all(isinstance(id, str) for id in ids):
                raise ConsentError(f"{name} must hold lists of texts: give ids as str")
        kept = {key: value for key, value in pair.items() if value}
        if kept:
            data[name] = kept
        else:
            del data[name]
    for name in ("user_id", "created", "updated"):
        if data.get(name, "") is None:
            del data[name]
    return token_encode(data)
