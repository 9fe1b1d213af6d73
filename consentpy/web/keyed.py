"""CACHE = "keyed": a cache in front of the site keeps one copy for each answer of the named gates.

The cache asks `URL_PREFIX` + ``key`` for the visitor's key, adds it to the key under which it
stores a page, and forwards it as ``Consent-Key`` (docs/caching.md). The key is made here, from
the request alone, and again for the page: only a response that asked nothing but gates of GATES,
for a request whose forwarded key is the visitor's own, may be stored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .delivery import KEYED
from .headers import (
    CONDITIONAL,
    Header,
    directives,
    private_headers,
    shared_headers,
    silent,
)
from .vendor_cookies import expires_cookies

if TYPE_CHECKING:
    from .lazy import Consent

#: The header of the key, in requests and responses.
KEY = "Consent-Key"

_SECONDS = re.compile(r'"?(\d{1,10})"?\Z')
_OWN = KEY.lower()  # which no application answers with
_WITH_COOKIES = "-cookies"
_NO_STORE = "private, no-store"


def key_answer(consent: Consent, method: str) -> tuple[int, list[Header]]:
    """Status and headers of the answer at the key's address; it has no body."""
    if method not in CONDITIONAL:
        plain = [("Content-Type", "text/plain"), ("Content-Length", "0")]
        return 405, [("Allow", ", ".join(CONDITIONAL)), *plain]
    key = consent._key_of_gates()
    if expires_cookies(consent):
        # No copy has this key, and the site keeps none under it: a kept page would leave the
        # cookies where they are.
        key += _WITH_COOKIES
    # Not for a cache that was told to keep what it likes: the next visitor would get this key.
    return 204, [(KEY, key), ("Cache-Control", _NO_STORE), ("Vary", ", ".join(consent._vary()))]


def added(consent: Consent, headers: list[Header]) -> tuple[Header, ...] | None:
    """What most responses that read the consent get besides their `headers`; None: `marked` has to
    tell."""
    if consent._settings.delivery.cache == KEYED or not silent(headers):
        return None
    return consent._settled().private


def marked(
    consent: Consent, headers: list[Header], streamed: bool, sets_cookies: bool = False
) -> list[Header]:
    """The headers of a response that read the consent, by the cache mode.

    `streamed`: more may be read while the body is made. `sets_cookies`: the response has cookies
    that are not among `headers`.
    """
    more = added(consent, headers)
    if more is not None:
        return [*headers, *more]
    tagged = "etag" in [name.lower() for name, _ in headers]
    if consent._delivery().cache != KEYED:
        suffix = consent._etag_suffix(everything=streamed) if tagged else ""
        return private_headers(headers, consent._vary(), suffix)
    key = consent._key_of_gates()
    headers = [(name, value) for name, value in headers if name.lower() != _OWN]
    closed = not streamed and consent._asked_only_gates() and consent._carrier.method in CONDITIONAL
    if closed and consent._carrier.header(KEY) == key:
        seconds = _shared_seconds(headers, bool(consent._carrier.header("Authorization")))
        if seconds is not None and not sets_cookies:
            return [*shared_headers(headers, seconds, KEY, key), (KEY, key)]
    suffix = consent._etag_suffix(everything=streamed) if tagged else ""
    final = private_headers(headers, consent._vary(), suffix)
    return [(name, _NO_STORE if name == "Cache-Control" else value) for name, value in final]


def _shared_seconds(headers: list[Header], signed_in: bool) -> int | None:
    """How long the application lets a cache keep the response; None when it does not.

    What was asked for with `Authorization` (`signed_in`) is for others only where it says so.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() == "set-cookie":
            return None
        if name.lower() == "cache-control":
            for directive in directives(value):
                word, _, argument = directive.partition("=")
                found.setdefault(word.strip().lower(), argument.strip())
    if not found.keys().isdisjoint(("private", "no-store", "no-cache")):
        return None
    if signed_in and found.keys().isdisjoint(("public", "s-maxage")):
        return None
    match = _SECONDS.match(found.get("s-maxage", found.get("max-age", "")))
    return int(match[1]) if match else None
