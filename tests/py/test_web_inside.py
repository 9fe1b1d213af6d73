"""A WSGI application that calls another one with the environ of its own request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import pytest
from test_web_unasked import Request, make

import consentpy as cp
from consentpy import wsgi
from consentpy.flask import consent

OTHER = {"app": {"vendors": {"custom": [{"id": "meter", "purposeIds": ["else"]}]}}}


def called(app: Any, environ: dict[str, Any], path: str) -> bytes:
    own, environ["PATH_INFO"] = environ["PATH_INFO"], path
    parts = app(environ, lambda status, headers, exc_info=None: None)
    try:
        return b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()
        environ["PATH_INFO"] = own


def outer_flask(inner: Any, path: str) -> Callable[..., Any]:
    app = make()

    def both() -> str:
        called(inner, flask.request.environ, path)
        return "yes" if consent.allows("meter") else "no"

    app.add_url_rule("/both", "both", both)
    return app


def outer_wsgi(inner: Any, path: str) -> Callable[..., Any]:
    def both(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        called(inner, environ, path)
        body = b"yes" if environ[wsgi.KEY].allows("meter") else b"no"
        start_response("200 OK", [])
        return [body]

    return wsgi.ConsentMiddleware(both, config=make().config["CONSENTPY_CONFIG"], country="FR")


@pytest.mark.parametrize("outer", [outer_flask, outer_wsgi])
@pytest.mark.parametrize("path", ["/plain", "/asked", "/stream", "/late"])
def test_the_outer_one_asks_its_own_consent(
    outer: Callable[[Any, str], Callable[..., Any]], path: str
) -> None:
    """By its own settings, and its page is marked, whatever the inner one has asked."""
    inner = make(CONSENTPY_CONFIG_FOR=lambda request: cp.Config(OTHER))
    request = Request("/both")
    assert request.sent_to(outer(inner, path)) == b"yes"
    headers = dict(request.headers)
    assert headers["Cache-Control"] == "private" and "Cookie" in headers["Vary"]
    refused = Request("/both", "")
    assert refused.sent_to(outer(inner, path)) == b"no"
