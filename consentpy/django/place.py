"""A Django request as the shared modules read it (see `consentpy.web.place`)."""

from __future__ import annotations

import logging

from django.http import HttpRequest

from consentpy.web.place import EnvironCarrier, ScopeCarrier, Visitor
from consentpy.web.place import visitor as _visitor
from consentpy.web.settings import Runtime

__all__ = ["Visitor", "visitor"]

logger = logging.getLogger("consentpy.django")


class RequestCarrier(EnvironCarrier):
    """``request.META`` has the form of an environ, under ASGI too."""

    def __init__(self, request: HttpRequest) -> None:
        self._environ = request.META
        self._request = request

    @property
    def path(self) -> str:
        return str(self._request.path)

    def native(self) -> HttpRequest:
        return self._request

    def cookies(self) -> str | bytes:
        """The raw header, never ``request.COOKIES``, which keeps one of a name."""
        scope = getattr(self._request, "scope", None)
        # Django joins the lines of ASGI with a comma, which would hide every cookie
        # but the first.
        return super().cookies() if scope is None else ScopeCarrier(scope).cookies()


def visitor(request: HttpRequest, runtime: Runtime) -> Visitor:
    """What this request brings, by the settings of `runtime`."""
    return _visitor(RequestCarrier(request), runtime, logger)
