"""The rules of `consentpy.web.vendor_cookies` on Django's responses."""

from __future__ import annotations

from http.cookies import Morsel
from typing import Any

from django.http.response import HttpResponseBase

from consentpy.web.vendor_cookies import ruling

from .lazy import Consent


class _Line(Morsel[str]):
    """A finished Set-Cookie line. Python's own cookies know neither every name nor every attribute
    that browsers know."""

    def __init__(self, name: str, line: str) -> None:
        super().__init__()
        self._name, self._line = name, line

    @property
    def key(self) -> str:
        return self._name

    @property
    def value(self) -> str:
        return ""

    @property
    def coded_value(self) -> str:
        return ""

    def OutputString(self, attrs: Any = None) -> str:
        return self._line

    def __reduce__(self) -> tuple[Any, ...]:
        return _Line, (self._name, self._line)


def rule_cookies(consent: Consent, response: HttpResponseBase) -> None:
    """Take cookies that are denied off a response, and expire those that the visitor sent."""
    if not consent._settled().vendor_cookies:
        return
    # By key; None is the line of a view that set the header itself.
    lines: dict[str | None, str] = {
        key: morsel.OutputString() for key, morsel in response.cookies.items()
    }
    if "Set-Cookie" in response:
        lines[None] = response["Set-Cookie"]
    rules = ruling(consent, list(lines.values()))
    if rules is None:
        return
    dropped = {key: line for key, line in lines.items() if rules.drops(line)}
    for key in dropped:
        if key is None:
            del response["Set-Cookie"]
        else:
            del response.cookies[key]
    for name, line in rules.expiring(dropped.values()):
        if line in lines.values():  # from another middleware inside
            continue
        # One name may need several lines. A response's cookies are sent by value, so that the key
        # of the others may be anything.
        key = f"{name} {line}" if name in response.cookies else name
        dict.__setitem__(response.cookies, key, _Line(name, line))
