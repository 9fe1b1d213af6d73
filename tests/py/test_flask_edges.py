"""Flask: questions after Flask has let go of its request, and applications mounted below a path."""

from __future__ import annotations

import json
from typing import Any

import flask
import pytest
from django_app.visitors import ALL, token
from flask_caching import Cache
from web_sites import GATES, NOTICE

from consentpy.flask import Consent, cache_key

COOKIE = f"didomi_token={token(*ALL)}"


def where(request: flask.Request) -> str | None:
    """The site's own function of the request."""
    return "JP" if request.path == "/set" and request.headers["X-Office"] == "Tokyo" else None


def make(**changes: Any) -> flask.Flask:
    app = flask.Flask("site")
    app.config.update(CONSENTPY_CONFIG=NOTICE, CONSENTPY_GATES=GATES, CONSENTPY_COUNTRY="FR")
    app.config.update(changes)
    Consent(app)
    return app


@pytest.mark.parametrize(("office", "kept"), [("Tokyo", True), ("Lyon", False)])
def test_a_function_of_the_request_when_flask_is_done_with_it(office: str, kept: bool) -> None:
    """Nothing asks but the middleware, for a cookie of a vendor, when the view has returned."""
    config = json.loads(NOTICE.read_text())
    config["consentpy"] = {"vendorCookies": {"meter": ["_meter"]}}
    app = make(CONSENTPY_CONFIG=config, CONSENTPY_COUNTRY=where)

    @app.route("/set")
    def view() -> flask.Response:
        response = flask.Response("x")
        response.set_cookie("_meter", "1")
        return response

    answer = app.test_client(use_cookies=False).get("/set", headers={"X-Office": office})
    assert answer.status_code == 200
    assert ("_meter=1" in answer.headers.get("Set-Cookie", "")) is kept


def test_keys_of_pages_below_different_paths() -> None:
    app = make()

    def key(root: str, path: str) -> str:
        environ = {"SCRIPT_NAME": root, "HTTP_COOKIE": COOKIE}
        with app.test_request_context(path, environ_overrides=environ):
            return cache_key()

    keys = [key("", "/page"), key("/shop", "/page"), key("/news", "/page"), key("", "/other")]
    assert len(set(keys)) == 4 and key("/shop", "/page") == keys[1]


def test_each_address_has_a_page_of_its_own() -> None:
    """What the address says is in the key, the query too: page 2 of a list is not page 1."""
    app = make(CACHE_TYPE="SimpleCache")
    cache = Cache(app)

    @app.route("/list")
    @cache.cached(timeout=60, make_cache_key=cache_key)
    def page() -> str:
        made.append(flask.request.query_string)
        return flask.request.args.get("page", "1")

    made: list[bytes] = []
    client = app.test_client(use_cookies=False)
    for _ in range(2):
        for query, body in (
            ("", b"1"),
            ("?page=2", b"2"),
            ("?page=3", b"3"),
            ("?page=%C3%A9", "é".encode()),
        ):
            answer = client.get("/list" + query, headers={"Cookie": COOKIE})
            assert answer.data == body
    assert len(made) == 4
