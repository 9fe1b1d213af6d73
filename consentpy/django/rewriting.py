"""REWRITE on Django's responses (see `consentpy.web.rewriting`).

The middleware stands outside of Django's caches, so these keep the page as the SDK wants it and
each visitor gets it rewritten.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from consentpy.web.headers import Header
from consentpy.web.lazy import Consent
from consentpy.web.rewriting import Page, Rewriting, taken

from .headers import put


def rewrite(request: HttpRequest, response: HttpResponseBase, consent: Consent) -> None:
    """Rewrite `response` in place when it is one that REWRITE takes."""
    headers: list[Header] = list(response.items())
    if not taken(response.status_code, headers):
        return
    rewriting = Rewriting(consent)
    rewriting.begun()
    if isinstance(response, StreamingHttpResponse):
        found, page = rewriting.streamed(headers)
        if request.method != "HEAD":
            parts: Any = response.streaming_content
            response.streaming_content = (
                _aparts(parts, page) if response.is_async else _parts(parts, page)
            )
    else:
        whole = cast(HttpResponse, response)
        body = whole.content
        if request.method == "HEAD" and not body:  # as GET does when it knows nothing
            found, _ = rewriting.streamed(headers)
        else:
            found, changed = rewriting.whole(headers, body)
            if changed is not body:
                whole.content = changed
    if found is not headers:
        put(response, headers, found)


def _parts(parts: Iterator[bytes], page: Page) -> Iterator[bytes]:
    for part in parts:
        yield page.feed(part)
    yield page.close()


async def _aparts(parts: AsyncIterator[bytes], page: Page) -> AsyncIterator[bytes]:
    async for part in parts:
        yield page.feed(part)
    yield page.close()
