"""The rules of `consentpy.web.headers` on Django's requests and responses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags, parse_http_date_safe

from consentpy.web.headers import (
    CONDITIONAL,
    Header,
    personal,
    private_cache_control,
    suffixed,
)
from consentpy.web.keyed import KEY, added, marked
from consentpy.web.lazy import Consent

__all__ = [
    "answer_conditions",
    "hide_conditions",
    "mark",
    "private_cache_control",
    "put",
    "restore_conditions",
    "suffixed",
]

_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")


def put(response: HttpResponseBase, before: Iterable[Header], pairs: Iterable[Header]) -> None:
    """Give the response these headers, and no others. `before`: those that it has."""
    had, headers = dict(before), dict(pairs)
    for name in had:
        if name not in headers:
            del response.headers[name]
    for name, value in headers.items():
        if had.get(name) != value:
            response.headers[name] = value


def mark(consent: Consent, response: HttpResponseBase) -> None:
    """Give a response that read the consent the headers that it needs."""
    found = list(response.items())
    more = added(consent, found)
    if more is None:
        # A streamed body may ask for more after its headers are out.
        put(response, found, marked(consent, found, response.streaming, bool(response.cookies)))
    else:
        for name, value in more:
            response.headers[name] = value


def hide_conditions(request: HttpRequest) -> dict[str, str]:
    """Take the conditional headers of a GET or HEAD off, and return them.

    A view behind `condition`, `etag` or `last_modified` would answer 304 without
    running, by a validator that knows nothing of consent; a visitor who refused would
    then keep the page that was allowed before.
    """
    if request.method not in CONDITIONAL:
        return {}
    meta = request.META
    if _CONDITIONS[0] not in meta and _CONDITIONS[1] not in meta:
        return {}
    request.__dict__.pop("headers", None)  # Django's copy, made on first use
    return {name: meta.pop(name) for name in _CONDITIONS if name in meta}


def restore_conditions(request: HttpRequest, hidden: dict[str, str], read: bool) -> None:
    """Put the hidden headers back, for the middleware outside and its own answer.

    After a read only the ETags count: a date and ``*`` match any visitor's page.
    """
    for name, value in hidden.items():
        if read and (name == "HTTP_IF_MODIFIED_SINCE" or parse_etags(value) == ["*"]):
            continue
        request.META[name] = value
    if hidden:
        request.__dict__.pop("headers", None)


def answer_conditions(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """304 in place of `response` when the visitor's copy is still right."""
    if request.headers.get("If-None-Match", "").strip() == "*" and personal(response.items()):
        return response
    etag = response.get("ETag")
    modified = response.get("Last-Modified")
    if not etag and not modified:
        return response
    if "HTTP_IF_MATCH" in request.META or "HTTP_IF_UNMODIFIED_SINCE" in request.META:
        return response  # the view has answered those
    answer = get_conditional_response(
        request,
        etag=etag,
        last_modified=parse_http_date_safe(modified) if modified else None,
        response=cast(HttpResponse, response),
    )
    if answer is None or answer is response:
        return response
    if KEY in response:  # Django keeps few headers; by this one a cache knows the page
        answer[KEY] = response[KEY]
    # Whatever the unsent body holds open is closed with the answer.
    closers = getattr(answer, "_resource_closers", None)
    if closers is not None:
        closers.extend(getattr(response, "_resource_closers", ()))
    return answer
