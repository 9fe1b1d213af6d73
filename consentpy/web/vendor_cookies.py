"""Cookies of vendors on the response: dropped while denied, expired after a refusal.

    "consentpy": {"vendorCookies": {"meter": ["_meter", "_meter_*"]}}

A name ending in ``*`` stands for every cookie that begins so. While the vendor is not allowed its
cookies are taken off the response. Those that the visitor sent are expired, HttpOnly ones too,
once that is an answer: not while the visitor is still to be asked. Essential vendors are always
allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import consentpy as cp

from .headers import Header
from .lazy import Consent

if TYPE_CHECKING:
    from .settings import Runtime

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}\Z")  # token of RFC 9110
_PAST = "expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"
_MOST_SENT = 65536  # characters of a Cookie header that are looked at
_MOST_EXPIRED = 32  # cookies of one response: headers have to stay small


class Declared(NamedTuple):
    """The cookies of one vendor: whole names, and beginnings of names."""

    gate: cp.Gate
    vendor: str
    names: frozenset[str]
    starts: tuple[str, ...]

    def has(self, name: str) -> bool:
        return name in self.names or name.startswith(self.starts)


def declared(config: cp.Config) -> tuple[Declared, ...]:
    """What ``consentpy.vendorCookies`` of the layers says; what is malformed is left out
    (`config.lint()` tells it)."""
    found = config.effective().get("consentpy.vendorCookies", None)
    if not isinstance(found, Mapping):
        return ()
    out = []
    for vendor, listed in found.items():
        if not isinstance(listed, (list, tuple)):
            continue
        names = [name for name in listed if isinstance(name, str) and name.strip("*")]
        try:
            gate = config.gate(vendor)
        except (cp.UnknownIdError, TypeError):
            continue
        whole = frozenset(name for name in names if not name.endswith("*"))
        starts = tuple(name.rstrip("*") for name in names if name.endswith("*"))
        out.append(Declared(gate, vendor, whole, starts))
    return tuple(out)


class Ruling(NamedTuple):
    """What becomes of the cookies of one response."""

    denied: Callable[[str], bool]  # by name: not to be set
    expired: tuple[str, ...]  # names of cookies to be expired


def ruling(consent: Consent, set_now: list[str]) -> Ruling | None:
    """None when there is nothing to do. `set_now`: names of the cookies that the response sets.

    The consent is asked only where a declared cookie is sent or set.
    """
    sent = _sent(consent._carrier.cookies())
    denied, refused = [], []
    for one in consent._settled().vendor_cookies:
        if not any(one.has(name) for name in (*set_now, *sent)) or consent.allows(one.gate):
            continue
        denied.append(one)
        status = consent.status
        if not status.should_collect or status.vendor(one.vendor) is False:
            refused.append(one)
    if not denied:
        return None
    gone = [name for name in sent if any(one.has(name) for one in refused)]
    return Ruling(lambda name: any(one.has(name) for one in denied), tuple(gone[:_MOST_EXPIRED]))


def _sent(header: str | bytes) -> list[str]:
    """Names of cookies, each once; those that no Set-Cookie can name are left out."""
    text = header.decode("latin-1") if isinstance(header, bytes) else header
    names = (part.partition("=")[0].strip(" \t") for part in text[:_MOST_SENT].split(";"))
    return [name for name in dict.fromkeys(names) if _NAME.match(name)]


def expiring(name: str, runtime: Runtime) -> list[str]:
    """The Set-Cookie lines after which no cookie of this name is left, as far as its domain is
    known: that of the host, and COOKIE_DOMAIN."""
    secure = "; Secure" if name.lower().startswith(("__host-", "__secure-")) else ""
    lines = [f"{name}=; {_PAST}{secure}"]
    if runtime.cookie_domain is not None and not name.lower().startswith("__host-"):
        lines.append(f"{name}=; {_PAST}; Domain={runtime.cookie_domain}{secure}")
    return lines


def filtered(consent: Consent, headers: list[Header]) -> list[Header]:
    """The response's headers without cookies that are denied, and with those expired that the
    visitor sent. The same list when there is nothing to do."""
    if not consent._settled().vendor_cookies:
        return headers
    lines = [value for name, value in headers if name.lower() == "set-cookie"]
    rules = ruling(consent, [_name_of(line) for line in lines])
    if rules is None:
        return headers
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() != "set-cookie" or not rules.denied(_name_of(value)) or _is_over(value)
    ]
    runtime = consent._settled()
    over = [line for name in rules.expired for line in expiring(name, runtime)]
    return kept + [("Set-Cookie", line) for line in over]


def _name_of(line: str) -> str:
    return line.partition(";")[0].partition("=")[0].strip()


def _is_over(line: str) -> bool:
    """Whether the site itself expires the cookie with this line."""
    attributes = (part.partition("=") for part in line.split(";")[1:])
    return any(
        name.strip().lower() == "max-age" and re.fullmatch(r"0|-\d+", value.strip()) is not None
        for name, _, value in attributes
    )
