"""Cookies of vendors on the response: dropped while denied, expired after a refusal.

    "consentpy": {"vendorCookies": {"meter": ["_meter", "_meter_*"]}}

A name ending in ``*`` stands for every cookie that begins so. While the vendor is not allowed its
cookies are taken off the response. Those that the visitor sent are expired, HttpOnly ones too,
once that is an answer: not while the visitor is still to be asked. Essential vendors are always
allowed. A response that changes the visitor's answer is ruled by both: what is refused by it is not
set with it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import consentpy as cp

from .headers import Header, seconds
from .lazy import Consent

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}\Z")  # token of RFC 9110
_PAST = "expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
# Names that browsers take with these attributes only.
_SECURE = ("__host-", "__secure-", "__http-")
_HTTP_ONLY = ("__http-", "__host-http-")
_TIMES = ("", "expires", "max-age")
_NUMBER = re.compile(r"-?[0-9]+\Z")
_MOST_SENT = 65536  # characters of a Cookie header that are looked at
_MOST_NAMES = 512  # declared cookies that are ruled on: browsers keep fewer of a site
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


class Names:
    """Of all cookies that are declared."""

    def __init__(self, declarations: Iterable[Declared]) -> None:
        listed = tuple(declarations)
        self._names = frozenset(name for one in listed for name in one.names)
        self._starts = tuple(start for one in listed for start in one.starts)

    def __contains__(self, name: str) -> bool:
        return name in self._names or name.startswith(self._starts)


class Ruling(NamedTuple):
    """What becomes of the cookies of one response."""

    denied: Callable[[str], bool]  # by name: not to be set
    expired: tuple[str, ...]  # names of cookies to be expired
    domain: str | None  # COOKIE_DOMAIN

    def drops(self, line: str) -> bool:
        """Whether this Set-Cookie line is taken off. The site's own end of a cookie goes through."""
        return self.denied(name_of(line)) and not is_over(line)

    def expiring(self, dropped: Iterable[str]) -> list[tuple[str, str]]:
        """Names, and the Set-Cookie lines after which no cookie of that name is left, as far as its
        place is known: the path ``/`` of the host and of COOKIE_DOMAIN, and where `dropped`, the
        site's own lines, would have put it."""
        found = []
        for name in self.expired:
            low = name.lower()
            needs = "; Secure" if low.startswith(_SECURE) else ""
            needs += "; HttpOnly" if low.startswith(_HTTP_ONLY) else ""
            lines = [f"{name}=; {_PAST}; Path=/{needs}"]
            if self.domain is not None and not low.startswith("__host-"):
                lines.append(f"{name}=; {_PAST}; Path=/; Domain={self.domain}{needs}")
            for line in dropped:
                if name_of(line) == name:
                    lines.append("; ".join([f"{name}=", _PAST, *_place(line)]))
            found += [(name, line) for line in dict.fromkeys(lines)]
        return found


def ruling(consent: Consent, lines: Sequence[str]) -> Ruling | None:
    """None when there is nothing to do. `lines`: the Set-Cookie lines of the response.

    The consent is asked only where a declared cookie is sent or set.
    """
    runtime = consent._settled()
    sent = [n for n in _sent(consent._carrier.cookies()) if n in runtime.cookie_names]
    matching = [n for n in map(name_of, lines) if n in runtime.cookie_names] + sent[:_MOST_NAMES]
    if not matching:
        return None
    concerned = [one for one in runtime.vendor_cookies if any(map(one.has, matching))]
    denied = [one for one in concerned if not consent.allows(one.gate)]
    # It is too late to ask, or nobody knows what this visitor was asked: nothing is a refusal.
    if consent._status is None or runtime.fallback is not None:
        return Ruling(lambda name: any(one.has(name) for one in denied), (), None)
    changed = _changed(consent, lines)
    if changed is not None:
        denied = [one for one in concerned if one in denied or not changed.allows(one.gate)]
    if not denied:
        return None
    last = changed or consent.status
    over = not last.should_collect
    refused = [
        one
        for one in denied
        if not last.allows(one.gate) and (over or last.vendor(one.vendor) is False)
    ]
    gone = [name for name in sent if any(one.has(name) for one in refused)]
    return Ruling(
        lambda name: any(one.has(name) for one in denied),
        tuple(gone[:_MOST_EXPIRED]),
        runtime.cookie_domain,
    )


def expires_cookies(consent: Consent) -> bool:
    """Whether every answer to this request expires cookies that the visitor sent."""
    rules = ruling(consent, ()) if consent._settled().vendor_cookies else None
    return rules is not None and bool(rules.expired)


def _changed(consent: Consent, lines: Sequence[str]) -> cp.Status | None:
    """What the visitor's next request will say, when the response sets cookies besides those of
    vendors; None when it sets none."""
    known = consent._settled().cookie_names
    fresh = {
        name_of(line): "" if is_over(line) else line.partition(";")[0].strip()
        for line in lines
        if name_of(line) not in known
    }
    if not fresh:
        return None
    kept = [
        part
        for part in _text(consent._carrier.cookies()).split(";")
        if part.partition("=")[0].strip(" \t") not in fresh
    ]
    # Before the others: of a header that is too long the end is not read.
    header = "; ".join([*filter(None, fresh.values()), *kept])
    return consent._with_cookies(
        header if header.isascii() else header.encode("latin-1", "replace")
    )


def _text(header: str | bytes) -> str:
    return header.decode("latin-1") if isinstance(header, bytes) else header


def _sent(header: str | bytes) -> list[str]:
    """Names of cookies, each once; those that no Set-Cookie can name are left out."""
    names = (part.partition("=")[0].strip(" \t") for part in _text(header)[:_MOST_SENT].split(";"))
    return [name for name in dict.fromkeys(names) if _NAME.match(name)]


def filtered(consent: Consent, headers: list[Header]) -> list[Header]:
    """The response's headers without cookies that are denied, and with those expired that the
    visitor sent. The same list when there is nothing to do."""
    if not consent._settled().vendor_cookies:
        return headers
    lines = [value for name, value in headers if name.lower() == "set-cookie"]
    rules = ruling(consent, lines)
    if rules is None:
        return headers
    dropped = [line for line in lines if rules.drops(line)]
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() != "set-cookie" or value not in dropped
    ]
    there = {line.strip() for line in lines}  # from another middleware inside
    over = [line for _, line in rules.expiring(dropped) if line not in there]
    return kept + [("Set-Cookie", line) for line in over]


def name_of(line: str) -> str:
    """The name of the cookie of a Set-Cookie line, as the visitor's browser will send it."""
    return line.partition(";")[0].strip().lstrip("=").partition("=")[0].strip()


def is_over(line: str) -> bool:
    """Whether the site itself expires the cookie with this Set-Cookie line: of each attribute the
    last one counts, and Max-Age before Expires."""
    age = over = None
    for part in line.split(";")[1:]:
        name, _, value = part.partition("=")
        word, value = name.strip().lower(), value.strip()
        if word == "max-age" and _NUMBER.match(value):
            age = value.startswith("-") or not value.strip("0")
        elif word == "expires":
            moment = seconds(value)
            over = over if moment is None else moment < time.time()
    return bool(over if age is None else age)


def _place(line: str) -> list[str]:
    """The attributes of a Set-Cookie line that say which cookie it is."""
    parts = [part.strip() for part in line.split(";")[1:]]
    return [part for part in parts if part.partition("=")[0].strip().lower() not in _TIMES]
