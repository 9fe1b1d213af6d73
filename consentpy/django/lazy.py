"""``request.consent``: the lazy stand-in of `consentpy.web.lazy`, and Django's mark for its caches.

From the first question on, no cache of Django stores the request's page.
"""

from __future__ import annotations

import functools
import logging
from typing import Any

from django.http import HttpRequest

from consentpy.web.lazy import LateReadError
from consentpy.web.watched import WatchedConsent

from .conf import held
from .place import RequestCarrier

__all__ = ["Consent", "LateReadError", "attach"]


class Consent(WatchedConsent):
    """``request.consent``: everything a `consentpy.Status` has, made on first use."""

    __slots__ = ()
    _called = "request.consent"
    _logger = logging.getLogger("consentpy.django")

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(held(), RequestCarrier(request))


_MARK = "_cache_update_cache"


def _mark(request: Any) -> Any:
    if request.consent._was_read():
        return False
    try:
        return request.__dict__[_MARK]
    except KeyError:
        raise AttributeError(_MARK) from None


def _set_mark(request: Any, value: Any) -> None:
    request.__dict__[_MARK] = value


@functools.cache
def _watched(kind: Any) -> Any:
    """A twin of a request class on which Django's cache mark is False once the consent was read.

    Setting the mark alone is not enough: FetchFromCacheMiddleware and `cache_page` set it to True
    when they start, also for a request whose consent was read before them, or for a copy of it.
    """
    if isinstance(getattr(kind, _MARK, None), property):
        return kind
    names = {
        _MARK: property(_mark, _set_mark),
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
    }
    return type(kind.__name__, (kind,), names)


def attach(request: HttpRequest) -> Consent:
    """Give the request its consent; from the first read on no cache of Django stores its page."""
    consent = Consent(request)
    request.consent = consent  # type: ignore[attr-defined]
    kind: Any = type(request)
    request.__class__ = _watched(kind)
    return consent
