"""The rules of `consentpy.web.vendor_cookies` on Django's responses."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

from django.http.response import HttpResponseBase

from consentpy.web.vendor_cookies import expiring, ruling

from .lazy import Consent


def rule_cookies(consent: Consent, response: HttpResponseBase) -> None:
    """Take cookies that are denied off a response, and expire those that the visitor sent."""
    runtime = consent._settled()
    if not runtime.vendor_cookies:
        return
    cookies: SimpleCookie = response.cookies
    rules = ruling(consent, [morsel.key for morsel in cookies.values()])
    if rules is None:
        return
    for key, morsel in list(cookies.items()):
        if rules.denied(morsel.key) and not _is_over(morsel):
            del cookies[key]
    for name in rules.expired:
        for line in expiring(name, runtime):
            # One name may need two lines, for two domains; a response's cookies are sent by
            # value, so that the key of the second may be anything.
            read = SimpleCookie(line)
            if name not in read:  # `Path`, `$a`: Python has no cookies of these names
                continue
            morsel = read[name]
            key = f"{name} {morsel['domain']}" if name in cookies else name
            dict.__setitem__(cookies, key, morsel)


def _is_over(morsel: Any) -> bool:
    """Whether the site itself expires the cookie: as `delete_cookie` does."""
    age = str(morsel["max-age"])  # a number, or the text of one that was loaded
    return age == "0" or age.startswith("-")
