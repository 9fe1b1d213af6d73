"""Cookies of vendors while CONFIG_FOR fails: none is set, and none that is there is taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from django_app import settings as project
from django_app.visitors import ALL, token, visitor
from test_web_unasked import make
from web_sites import NOTICE, asgi_get, sent, wsgi_get

from consentpy import asgi, wsgi

CONFIG = [NOTICE, {"consentpy": {"vendorCookies": {"meter": ["_meter"]}}}]
LINES = [("Set-Cookie", "_meter=1; Path=/"), ("Set-Cookie", "cart=2; Path=/")]


def failing(request: Any) -> Any:
    raise LookupError("no such site")


def unusable(request: Any) -> Any:
    return "{"


def in_wsgi(config_for: Any) -> Callable[..., Any]:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), *LINES])
        return [b"page"]

    site = wsgi.ConsentMiddleware(app, config=CONFIG, country="FR", config_for=config_for)
    return lambda meta: wsgi_get(site, "/", sent(meta), "GET")


def in_asgi(config_for: Any) -> Callable[..., Any]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(name.encode(), value.encode()) for name, value in LINES]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"page"})

    site = asgi.ConsentMiddleware(app, config=CONFIG, country="FR", config_for=config_for)
    return lambda meta: asgi_get(site, "/", sent(meta), "GET")


def in_flask(config_for: Any) -> Callable[..., Any]:
    app = make(CONSENTPY_CONFIG=CONFIG, CONSENTPY_CONFIG_FOR=config_for)
    app.add_url_rule("/", "page", lambda: flask.Response("page", headers=LINES))
    return lambda meta: wsgi_get(app, "/", sent(meta), "GET")


def in_django(config_for: Any) -> Callable[..., Any]:
    def view(request: Any) -> HttpResponse:
        response = HttpResponse("page")
        response.set_cookie("_meter", "1")
        response.set_cookie("cart", "2")
        return response

    urls = type("urls", (), {"urlpatterns": [path("", view)]})
    given = {**project.CONSENTPY, "CONFIG": CONFIG, "CONFIG_FOR": config_for}

    def ask(meta: dict[str, str]) -> Any:
        with override_settings(CONSENTPY=given, ROOT_URLCONF=urls):
            return wsgi_get(WSGIHandler(), "/", sent(meta), "GET")

    return ask


@pytest.mark.parametrize("config_for", [failing, unusable])
@pytest.mark.parametrize("stack", [in_wsgi, in_asgi, in_flask, in_django])
def test_none_is_set_and_none_expired(stack: Any, config_for: Any) -> None:
    ask = stack(config_for)
    for ids in (ALL, ()):
        answer = ask(visitor("FR", f"didomi_token={token(*ids)}; _meter=1"))
        lines = [value for name, value in answer.pairs if name.lower() == "set-cookie"]
        assert (answer.status, answer.body) == (200, b"page")
        assert [line.partition("=")[0].strip() for line in lines] == ["cart"]
        assert "Max-Age=0" not in lines[0]


@pytest.mark.parametrize("stack", [in_wsgi, in_asgi, in_flask, in_django])
def test_both_where_it_names_none(stack: Any) -> None:
    """Then CONFIG counts, and its vendors are asked."""
    ask = stack(lambda request: None)
    for ids, count in ((ALL, 2), ((), 2)):
        answer = ask(visitor("FR", f"didomi_token={token(*ids)}; _meter=1"))
        lines = [value for name, value in answer.pairs if name.lower() == "set-cookie"]
        assert len(lines) == count, lines
        assert any("Max-Age=0" in line for line in lines) is (ids == ())
