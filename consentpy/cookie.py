"""A cookie to be set: what `Status.cookies()` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import ConsentError

if TYPE_CHECKING:
    from types import EllipsisType

_LABEL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_VALUE = frozenset(chr(code) for code in range(0x21, 0x7F)) - frozenset('",;\\')
_NAME = _VALUE - frozenset("()<>@:/[]?={}")
_PATH = frozenset(chr(code) for code in range(0x20, 0x7F)) - frozenset(";")
_SAMESITE = {"lax": "Lax", "strict": "Strict", "none": "None"}


class Cookie:
    """One `Set-Cookie`: a value that compares, hashes and pickles; `max_age` is in seconds.

    No `HttpOnly`: the browser SDK reads the cookie too. ConsentError for an attribute that cannot
    stand in a header.
    """

    __slots__ = ("domain", "max_age", "name", "path", "samesite", "secure", "value")

    name: str
    value: str
    max_age: int
    path: str
    domain: str | None
    secure: bool
    samesite: str | None

    def __init__(
        self,
        name: str,
        value: str,
        max_age: int,
        path: str = "/",
        domain: str | None = None,
        secure: bool = True,
        samesite: str | None = "Lax",
    ) -> None:
        _check(name and _made_of(_NAME, name), "name", "a token as RFC 6265 has it")
        _check(_made_of(_VALUE, value), "value", "of the characters of RFC 6265")
        _check(type(max_age) is int and max_age >= 0, "max_age", "a whole number of seconds")
        _check(_made_of(_PATH, path) and path[:1] == "/", "path", "a text that begins with a slash")
        _check(domain is None or is_domain(domain), "domain", "a host name or None")
        samesite = _samesite(samesite)
        secure = bool(secure)
        _check(samesite != "None" or secure, "samesite", "not 'None' unless the cookie is secure")
        for field, given in zip(
            ("name", "value", "max_age", "path", "domain", "secure", "samesite"),
            (name, value, max_age, path, domain, secure, samesite),
            strict=True,
        ):
            object.__setattr__(self, field, given)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Cookie cannot be changed: make a new one")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Cookie cannot be changed: make a new one")

    def header(self) -> str:
        """The text of a `Set-Cookie` header, without its name."""
        parts = [f"{self.name}={self.value}", f"Max-Age={self.max_age}", f"Path={self.path}"]
        if self.domain is not None:
            parts.append(f"Domain={self.domain}")
        if self.samesite is not None:
            parts.append(f"SameSite={self.samesite}")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)

    def _fields(self) -> tuple[Any, ...]:
        return (
            self.name,
            self.value,
            self.max_age,
            self.path,
            self.domain,
            self.secure,
            self.samesite,
        )

    def __reduce__(self) -> tuple[type[Cookie], tuple[Any, ...]]:
        return type(self), self._fields()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cookie):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        domain = "" if self.domain is None else f" domain={self.domain!r}"
        return f"<consentpy.Cookie {self.name} of {len(self.value)} characters{domain}>"


def is_domain(text: object) -> bool:
    """Can this be the Domain attribute? A leading dot may stand there, as in old browsers."""
    if not isinstance(text, str) or len(text) > 254:
        return False
    labels = text.removeprefix(".").split(".")
    return all(label and len(label) <= 63 and _LABEL.issuperset(label) for label in labels)


def _made_of(characters: frozenset[str], text: object) -> bool:
    return isinstance(text, str) and characters.issuperset(text)


def _check(good: object, what: str, wanted: str) -> None:
    if not good:
        raise ConsentError(f"the {what} of a cookie has to be {wanted}")


def _samesite(given: object) -> str | None:
    if given is None:
        return None
    found = _SAMESITE.get(given.lower()) if isinstance(given, str) else None
    _check(found, "samesite", "'Lax', 'Strict', 'None' or None")
    return found


def _cookies(
    values: list[tuple[str, str | None]],
    max_age: int,
    configured: str | None,
    domain: str | None,
    secure: bool,
    samesite: str | EllipsisType | None,
) -> tuple[Cookie, ...]:
    """What `Status.cookies()` returns, of names and values; one without a value is to go.
    Arguments are checked also when there is none; a configured domain that is none is ignored,
    as wrong values of a configuration are."""
    if domain is None and is_domain(configured):
        domain = configured
    wanted = "Lax" if samesite is ... else samesite
    Cookie("none", "", 0, "/", domain, secure, wanted)
    return tuple(
        Cookie(name, value or "", max_age if value else 0, "/", domain, secure, wanted)
        for name, value in values
    )
