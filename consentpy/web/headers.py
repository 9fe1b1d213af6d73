"""The response headers of the cache modes, and conditional requests.

A response that depends on consent is for one visitor: it may be kept by that
visitor's browser, never by a cache in between, and a kept copy may be used again only
while the verdicts in it are the same.

Headers are pairs of text, in the order of the response; a name may come more than once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timezone
from email.utils import parsedate_to_datetime

Header = tuple[str, str]

# One directive: anything up to a comma that is not inside quotes.
_DIRECTIVE = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_SHARED = frozenset({"public", "s-maxage", "private"})
# Headers by which a response addresses caches in between past Cache-Control.
_SURROGATES = frozenset(
    "surrogate-control x-accel-expires edge-control "
    "x-litespeed-cache-control x-lsadc-cache-control".split()
)
_TARGETED = "cdn-cache-control"  # RFC 9213, alone or after a CDN's name
# What else a private response may not keep as it is.
_CACHING = frozenset({"cache-control", "vary", "etag", "last-modified"}) | _SURROGATES
_DATES = frozenset({"last-modified", "expires"})
_ENTITY_TAG = re.compile(r'(?:W/)?"[^"]*"')
# What describes a body that a 304 does not have.
_OF_THE_BODY = frozenset(
    "content-encoding content-language content-length content-md5 content-range "
    "content-type transfer-encoding".split()
)

#: Methods whose answers caches keep, by which a conditional request is one for a kept copy.
CONDITIONAL = ("GET", "HEAD")


def silent(headers: Iterable[Header]) -> bool:
    """Whether no header speaks to caches: `private_headers` only adds to these."""
    for name, _ in headers:
        low = name.lower()
        if low in _CACHING or low.endswith(_TARGETED):
            return False
    return True


def private_headers(headers: Iterable[Header], vary: Iterable[str], suffix: str) -> list[Header]:
    """The headers of a response that read the consent.

    `vary`: the request headers that the verdicts came from. `suffix` goes to the ETag.
    """
    kept: list[Header] = []
    control: list[str] = []
    varies: list[str] = []
    for name, value in headers:
        low = name.lower()
        if low == "cache-control":
            control.append(value)
        elif low == "vary":
            varies.append(value)
        elif low == "etag":
            kept.append((name, suffixed(value, suffix)))
        # A date cannot tell two visitors' pages apart; the suffixed ETag can.
        elif low != "last-modified" and low not in _SURROGATES and not low.endswith(_TARGETED):
            kept.append((name, value))
    kept.append(("Vary", varying(", ".join(varies), vary)))
    kept.append(("Cache-Control", private_cache_control(", ".join(control))))
    return kept


def shared_headers(headers: Iterable[Header], seconds: int, vary: str, suffix: str) -> list[Header]:
    """The headers of a response that a cache which knows the consent may keep for `seconds`.

    `vary`: the request header by which it knows. Whoever does not know it has to ask again each
    time, and the ETag with its `suffix` tells whether the copy is still right.
    """
    kept: list[Header] = []
    varies: list[str] = []
    plain = False
    for name, value in headers:
        low = name.lower()
        if low == "cache-control":
            plain = plain or any(part.lower() == "no-transform" for part in directives(value))
        elif low == "vary":
            varies.append(value)
        elif low == "etag":
            kept.append((name, suffixed(value, suffix)))
        elif low not in _DATES and low not in _SURROGATES and not low.endswith(_TARGETED):
            kept.append((name, value))
    kept.append(("Vary", varying(", ".join(varies), (vary,))))
    control = f"public, s-maxage={seconds}, max-age=0, must-revalidate"
    kept.append(("Cache-Control", control + ", no-transform" if plain else control))
    return kept


def directives(value: str) -> list[str]:
    """The directives of a ``Cache-Control`` header."""
    return [part.strip() for part in _DIRECTIVE.findall(value) if part.strip()]


def varying(value: str, names: Iterable[str]) -> str:
    """The ``Vary`` header with `names` added where they are missing; ``*`` stays alone."""
    if not value:
        return ", ".join(names)
    listed = [part.strip() for part in value.split(",") if part.strip()]
    if "*" in listed:
        return "*"
    known = {part.lower() for part in listed}
    return ", ".join(listed + [name for name in names if name.lower() not in known])


def private_cache_control(value: str) -> str:
    """The header without `public`, `s-maxage` and partial `private`, with `private`."""
    if not value:
        return "private"
    kept = [part for part in directives(value) if part.split("=")[0].strip().lower() not in _SHARED]
    # First, where a quote that somebody forgot to close cannot swallow it.
    return ", ".join(["private", *kept])


def suffixed(etag: str, suffix: str) -> str:
    """``"abc"`` becomes ``"abc-<suffix>"``; the mark of a weak ETag stays."""
    if len(etag) > 1 and etag.endswith('"'):
        return f'{etag[:-1]}-{suffix}"'
    return f'"{etag}-{suffix}"'


def not_modified(
    code: int, headers: Iterable[Header], none_match: str, modified_since: str, read: bool
) -> bool:
    """Whether the visitor's copy is still right, so that a 304 can take the place of a body.

    `none_match` and `modified_since` are the request's, empty when it had none. After a `read`
    only ETags count: a date and ``*`` match any visitor's page. Where another middleware inside has
    read, the headers say so, and there is no date.
    """
    if not 200 <= code < 300:
        return False
    pairs = list(headers)
    found = {name.lower(): value for name, value in pairs}
    if none_match:
        etag = found.get("etag", "").removeprefix("W/")
        if not etag:
            return False
        if none_match.strip() == "*":
            return not read and not personal(pairs)
        return any(tag.removeprefix("W/") == etag for tag in _ENTITY_TAG.findall(none_match))
    if read or not modified_since:
        return False
    kept, changed = seconds(modified_since), seconds(found.get("last-modified", ""))
    return kept is not None and changed is not None and changed <= kept


def personal(headers: Iterable[Header]) -> bool:
    """Whether a response says that it is not the same for everybody."""
    for name, value in headers:
        low = name.lower()
        if low == "cache-control":
            words = {part.partition("=")[0].strip().lower() for part in directives(value)}
            if not words.isdisjoint(("private", "no-store")):
                return True
        elif low == "consent-key":
            return True
    return False


def seconds(date: str) -> float | None:
    """Seconds since the epoch of an HTTP date; None when it is none."""
    if not 20 < len(date) < 40:
        return None
    try:
        moment = parsedate_to_datetime(date)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return moment.timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def without_body(headers: Iterable[Header]) -> list[Header]:
    """The headers of a 304: none that describes a body."""
    return [(name, value) for name, value in headers if name.lower() not in _OF_THE_BODY]
