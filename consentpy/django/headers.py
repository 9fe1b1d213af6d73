"""The response headers of the private cache mode, and conditional requests.

A response that depends on consent is for one visitor: it may be kept by that
visitor's browser, never by a cache in between, and a kept copy may be used again only
while the verdicts in it are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_etags, parse_http_date_safe

# One directive: anything up to a comma that is not inside quotes.
_DIRECTIVE = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_SHARED = frozenset({"public", "s-maxage", "private"})
# Headers by which a response addresses caches in between past Cache-Control.
_SURROGATES = ("Surrogate-Control", "X-Accel-Expires", "Edge-Control")
_TARGETED = "cdn-cache-control"  # RFC 9213, alone or after a CDN's name

_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")


def make_private(response: HttpResponseBase, vary: Iterable[str], suffix: str) -> None:
    """Mark a response that read the consent: Vary, Cache-Control, ETag."""
    patch_vary_headers(response, list(vary))
    response["Cache-Control"] = private_cache_control(response.get("Cache-Control", ""))
    for name in [name for name, _ in response.items()]:
        if name in _SURROGATES or name.lower().endswith(_TARGETED):
            del response[name]
    # A date cannot tell two visitors' pages apart; the suffixed ETag can.
    del response["Last-Modified"]
    if response.has_header("ETag"):
        response["ETag"] = suffixed(response["ETag"], suffix)


def private_cache_control(value: str) -> str:
    """The header without `public`, `s-maxage` and partial `private`, with `private`."""
    kept = [part.strip() for part in _DIRECTIVE.findall(value)]
    kept = [part for part in kept if part and part.split("=")[0].strip().lower() not in _SHARED]
    # First, where a quote that somebody forgot to close cannot swallow it.
    return ", ".join(["private", *kept])


def suffixed(etag: str, suffix: str) -> str:
    """``"abc"`` becomes ``"abc-<suffix>"``; the mark of a weak ETag stays."""
    if len(etag) > 1 and etag.endswith('"'):
        return f'{etag[:-1]}-{suffix}"'
    return f'"{etag}-{suffix}"'


def hide_conditions(request: HttpRequest) -> dict[str, str]:
    """Take the conditional headers of a GET or HEAD off, and return them.

    A view behind `condition`, `etag` or `last_modified` would answer 304 without
    running, by a validator that knows nothing of consent; a visitor who refused would
    then keep the page that was allowed before.
    """
    if request.method not in ("GET", "HEAD"):
        return {}
    hidden = {name: request.META.pop(name) for name in _CONDITIONS if name in request.META}
    if hidden:
        request.__dict__.pop("headers", None)  # Django's copy, made on first use
    return hidden


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
    # Whatever the unsent body holds open is closed with the answer.
    closers = getattr(answer, "_resource_closers", None)
    if closers is not None:
        closers.extend(getattr(response, "_resource_closers", ()))
    return answer
