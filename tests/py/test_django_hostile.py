"""Django: whatever a visitor sends, the page comes, denied, with its essential tag."""

from __future__ import annotations

import io
from typing import Any

import django_app  # noqa: F401  (sets Django up)
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from hostile import COOKIES, GOOD, HEADERS

from consentpy.django import ConsentMiddleware


def denied(body: bytes) -> None:
    assert b"/s/basket.js" in body and b"<b>essential</b>" in body
    assert b"/s/meter.js" not in body and b"no meter" in body
    assert b"/s/adshop.js" not in body and b"no advert" in body
    assert b"alert(1)" not in body


def france(cookie: str) -> dict[str, Any]:
    return {"HTTP_COOKIE": cookie, "HTTP_X_COUNTRY": "FR"}


@pytest.mark.parametrize("name", COOKIES)
@pytest.mark.parametrize("path", ["/page/", "/cached/", "/tagged/", "/broad/", "/asynchronous/"])
def test_hostile_cookies_through_the_test_client(name: str, path: str) -> None:
    response = Client().get(path, **france(COOKIES[name].decode("latin-1")))
    assert response.status_code == 200
    if path == "/broad/":
        assert response.json() == {"collect": True}
    else:
        denied(response.content)


@pytest.mark.parametrize("name", COOKIES)
def test_hostile_cookies_in_a_wsgi_environ(name: str) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/page/",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **france(COOKIES[name].decode("latin-1")),
    }
    started: list[str] = []
    body = b"".join(WSGIHandler()(environ, lambda status, headers: started.append(status)))
    assert started == ["200 OK"]
    denied(body)


@pytest.mark.parametrize(
    "text", ["didomi_token=\ud800", "didomi_token=\u2603" * 99, "\udcff;=\u0100"]
)
def test_header_text_that_is_not_latin_1(text: str) -> None:
    """Some servers hand over more than the standard allows."""
    seen: list[bool] = []

    def view(request: Any) -> HttpResponse:
        seen.extend((request.consent.allows("meter"), request.consent.allows("basket")))
        return HttpResponse(headers={"ETag": '"base"'})

    request: HttpRequest = RequestFactory().get("/")
    request.META.update(france(text))
    response = ConsentMiddleware(view)(request)
    assert seen == [False, True]
    response["ETag"].encode("ascii")  # type: ignore[index]


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("path", ["/page/", "/tagged/", "/dated/"])
def test_hostile_headers(name: str, path: str) -> None:
    meta: dict[str, Any] = {**france("didomi_token=x"), **HEADERS[name]}
    response = Client().get(path, **meta)
    assert response.status_code == 200
    denied(response.content)
    for value in response.headers.values():
        value.encode("ascii")


def test_a_good_cookie_among_bad_ones_still_counts() -> None:
    """The tests above would pass on a site that denies everything."""
    cookie = f'a="; b={"x" * 2000}; didomi_token={GOOD}; c=\xe9'
    body = Client().get("/page/", **france(cookie)).content
    assert b"/s/meter.js" in body and b"/s/adshop.js" in body
