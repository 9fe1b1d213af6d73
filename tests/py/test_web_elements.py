"""The script elements of ASGI and WSGI applications: what Django's and Flask's tags write too."""

from __future__ import annotations

import re
from typing import Any

import jinja2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from test_web_bootstrap import AGREED, GCM, flask_rendered
from web_sites import asgi_get, sent, wsgi_get

from consentpy import asgi, wsgi

NAMES = ("consent_bootstrap", "consent_gtag", "consent_data_layer")
TEMPLATE = jinja2.Environment(autoescape=True).from_string(
    "<head>{{ consent_bootstrap(c) }}{{ consent_gtag(c) }}{{ consent_data_layer(c, event='e') }}"
)
SETTINGS: dict[str, Any] = {"config": GCM, "country": "FR"}


def page(consent: Any, functions: Any) -> str:
    return TEMPLATE.render(c=consent, **{name: getattr(functions, name) for name in NAMES})


def in_wsgi(of_policy: str | None = None, **settings: Any) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if of_policy is not None:
            environ["csp_nonce"] = of_policy
        body = page(environ[wsgi.KEY], wsgi).encode()
        start_response("200 OK", [("Content-Type", "text/html"), ("ETag", '"e"')])
        return [body]

    ready = wsgi.ConsentMiddleware(app, **{**SETTINGS, **settings})
    return wsgi_get(ready, "/", sent(AGREED), "GET")


def in_starlette(of_policy: str | None = None, **settings: Any) -> Any:
    async def view(request: Request) -> Response:
        if of_policy is not None:
            request.state.csp_nonce = of_policy
        return HTMLResponse(page(request.state.consent, asgi), headers={"ETag": '"e"'})

    app = Starlette(routes=[Route("/", view)])
    ready = asgi.ConsentMiddleware(app, **{**SETTINGS, **settings})
    return asgi_get(ready, "/", sent(AGREED), "GET")


def attributes(answer: Any) -> set[str]:
    return set(re.findall("<script([^>]*)>", answer.body.decode()))


STACKS = [in_wsgi, in_starlette]


@pytest.mark.parametrize("stack", STACKS)
def test_they_are_those_of_flasks_templates(stack: Any) -> None:
    source = (
        "<head>{{ consent_bootstrap() }}{{ consent_gtag() }}{{ consent_data_layer(event='e') }}"
    )
    expected, _ = flask_rendered(source, AGREED)
    answer = stack("abc")
    assert answer.body.decode() == expected and expected.count('<script nonce="abc">') == 3
    assert answer["Cache-Control"] == "private" and answer["ETag"] != '"e"'


@pytest.mark.parametrize("stack", STACKS)
def test_their_nonce(stack: Any) -> None:
    assert attributes(stack()) == {""}
    assert attributes(stack("abc")) == {' nonce="abc"'}
    assert attributes(stack("abc", nonce=lambda request: "xyz")) == {' nonce="xyz"'}
    assert attributes(stack('"><b>')) == {""}


@pytest.mark.parametrize("stack", STACKS)
def test_no_country_no_bootstrap(stack: Any) -> None:
    assert b"didomiConfig" in stack().body
    assert b"didomiConfig" not in stack(country=None).body


def test_empty_after_the_headers_are_out() -> None:
    kept: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        kept.append(environ[wsgi.KEY])
        start_response("200 OK", [])
        return [b""]

    wsgi_get(wsgi.ConsentMiddleware(app, **SETTINGS), "/", [], "GET")
    assert [getattr(wsgi, name)(kept[0]) for name in NAMES] == ["", "", ""]
