"""The middleware: attaches ``request.consent``, then marks responses that read it.

It does no I/O, works in synchronous and asynchronous stacks alike, and leaves a
response alone whose making never asked for the consent.

The order that the checks ask for, from the outside: GZip, ConditionalGet, this one,
UpdateCache, the others, FetchFromCache.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from consentpy.web.keyed import key_answer

from . import conf, headers
from .cookies import rule_cookies
from .lazy import Consent, attach
from .rewriting import rewrite

_Handler = Callable[[HttpRequest], HttpResponseBase]
_AsyncHandler = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class ConsentMiddleware:
    """Put ``"consentpy.django.ConsentMiddleware"`` in ``MIDDLEWARE``."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: _Handler | _AsyncHandler) -> None:
        conf.current()  # a wrong setting stops the start, not the first visitor
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self.__acall__(request)
        consent, hidden = attach(request), headers.hide_conditions(request)
        if request.path_info == consent._settings.delivery.key_path:
            return _key(request, consent)
        try:
            response = cast(_Handler, self.get_response)(request)
            return self._after(request, response, consent, hidden)
        finally:
            consent._close()

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        consent, hidden = attach(request), headers.hide_conditions(request)
        if request.path_info == consent._settings.delivery.key_path:
            return _key(request, consent)
        try:
            response = await cast(_AsyncHandler, self.get_response)(request)
            return self._after(request, response, consent, hidden)
        finally:
            consent._close()

    @staticmethod
    def _after(
        request: HttpRequest,
        response: HttpResponseBase,
        consent: Consent,
        hidden: dict[str, str],
    ) -> HttpResponseBase:
        settings = consent._settings
        if not settings.quiet:
            rule_cookies(consent, response)
        if settings.delivery.rewrite:
            rewrite(request, response, consent)
        read = consent._status is not None
        if read:
            headers.mark(consent, response)
        if not getattr(response, "streaming", True):  # the parts of a stream may want the request
            consent._let_go()
        if not hidden:
            return response
        headers.restore_conditions(request, hidden, read)
        return headers.answer_conditions(request, response)


def _key(request: HttpRequest, consent: Consent) -> HttpResponse:
    """What a cache in front of the site asks for."""
    code, pairs = key_answer(consent, request.method or "")
    consent._let_go()
    response = HttpResponse(status=code)
    headers.put(response, response.items(), pairs)
    return response
