"""Views of the test project, one per way in which a page can meet a cache."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.views.decorators.cache import cache_control, cache_page
from django.views.decorators.http import condition, etag, last_modified

CALLS: list[str] = []  # views that really ran


def page(request: HttpRequest) -> HttpResponse:
    CALLS.append("page")
    return render(request, "app/page.html")


def plain(request: HttpRequest) -> HttpResponse:
    CALLS.append("plain")
    response = render(request, "app/plain.html")
    response["Cache-Control"] = "public, s-maxage=60"
    return response


def templated(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "app/page.html")


def fragment(request: HttpRequest) -> HttpResponse:
    return render(request, "app/fragment.html")


async def asynchronous(request: HttpRequest) -> HttpResponse:
    return render(request, "app/page.html")


def read_first(view: Any) -> Any:
    """Asks before the cache decorator starts, as a middleware of the site might."""

    @wraps(view)
    def wrapped(request: Any) -> Any:
        request.meter = request.consent.allows("meter")
        return view(request)

    return wrapped


@read_first
@cache_page(600)
def early(request: Any) -> HttpResponse:
    return HttpResponse("meter" if request.meter else "none")


WHEN = datetime(2024, 1, 1, tzinfo=timezone.utc)

cached = cache_page(600)(page)
cached_template = cache_page(600)(templated)
cached_plain = cache_page(600)(plain)
public = cache_control(public=True, s_maxage=900, max_age=60)(page)
tagged = etag(lambda request: '"base"')(page)
tagged_plain = etag(lambda request: '"base"')(plain)
dated = last_modified(lambda request: WHEN)(page)
dated_plain = last_modified(lambda request: WHEN)(plain)
both = condition(lambda request: 'W/"base"', lambda request: WHEN)(page)


def surrogate(request: HttpRequest) -> HttpResponse:
    response = page(request)
    response["Cache-Control"] = 'no-cache="Set-Cookie, X", private="X", max-age=5, S-MaxAge=9'
    response["Surrogate-Control"] = "max-age=900"
    response["Cloudflare-CDN-Cache-Control"] = "max-age=900"
    response["X-Accel-Expires"] = "900"
    return response


@etag(lambda request: '"base"')
def broad(request: Any) -> HttpResponse:
    return JsonResponse({"collect": request.consent.should_collect})


def stream(request: Any) -> StreamingHttpResponse:
    """Asks for the first time while the body is already on its way."""

    def body() -> Iterator[str]:
        yield "start "
        yield "meter" if request.consent.allows("meter") else "none"
        yield " "
        yield str(request.consent.verdicts([1, 2]))
        yield f" {request.consent.vendor('meter')}"

    return StreamingHttpResponse(body())


def stream_early(request: Any) -> StreamingHttpResponse:
    """Asks before the headers are out, and for more afterwards."""
    request.consent.allows("basket")

    def body() -> Iterator[str]:
        yield "meter" if request.consent.allows("meter") else "none"

    response = StreamingHttpResponse(body())
    response["ETag"] = '"base"'
    return response


_copied = cache_page(600)(page)


def copied(request: HttpRequest) -> HttpResponse:
    """A view that hands a copy of its request to a cached one."""
    return _copied(copy.copy(request))
