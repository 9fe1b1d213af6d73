"""One rule for the nonce of everything that is written into a page: NONCE where it is set, else
where the stack keeps it."""

from __future__ import annotations

import re
from typing import Any

import flask
import pytest
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory, override_settings
from django_app.visitors import ALL, token, visitor
from web_sites import NOTICE, sent, wsgi_get

from consentpy.django import ConsentMiddleware
from consentpy.flask import Consent
from consentpy.web.nonce import nonce_for

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
TAGS = "{% consent_bootstrap %}{% consent_gtag %}{% consent_data_layer %}"
GATED = '<script type="didomi/javascript" data-vendor="c:meter">run()</script>'
CONFIG = [
    NOTICE,
    {"integrations": {"vendors": {"gcm": {"enable": True, "setDefaultStatus": True}}}},
]
KEPT = "a2VwdA=="


def _changes(function: Any) -> dict[str, Any]:
    changes = {"CONFIG": CONFIG, "COUNTRY": "FR", "REWRITE": True}
    return changes if function is None else {**changes, "NONCE": function}


def django_page(function: Any) -> str:
    def view(request: Any) -> HttpResponse:
        request.csp_nonce = KEPT
        template = engines["django"].from_string("{% load consentpy %}" + TAGS + GATED)
        return HttpResponse(template.render({}, request))

    with override_settings(CONSENTPY=_changes(function)):
        response: Any = ConsentMiddleware(view)(RequestFactory().get("/", **AGREED))
        return response.content.decode()  # type: ignore[no-any-return]


def flask_page(function: Any) -> str:
    app = flask.Flask("nonces")
    app.config.update({f"CONSENTPY_{key}": value for key, value in _changes(function).items()})
    Consent(app)

    @app.route("/")
    def view() -> str:
        flask.request.csp_nonce = KEPT  # type: ignore[attr-defined]
        return flask.render_template_string(re.sub(r"{% (\w+) %}", r"{{ \1() }}", TAGS) + GATED)

    return wsgi_get(app, "/", sent(AGREED), "GET").body.decode()


STACKS = {"django": (django_page, HttpRequest), "flask": (flask_page, flask.Request)}


@pytest.mark.parametrize("stack", STACKS)
def test_all_tags_of_a_page_have_one_nonce(stack: str) -> None:
    page, kind = STACKS[stack]
    asked: list[Any] = []

    def named(request: Any) -> str:
        asked.append(request)
        return "bmFtZWQ="

    for function, nonce in ((named, "bmFtZWQ="), (None, KEPT)):
        text = page(function)
        assert text.count("<script") == 4 == text.count(f' nonce="{nonce}"')
    assert len(asked) == 4 and all(isinstance(request, kind) for request in asked)


def boom(_: Any) -> str:
    raise RuntimeError("boom")


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("function", [boom, lambda _: '"><i>', lambda _: "", lambda _: None])
def test_what_the_function_does_not_give_is_not_looked_for_elsewhere(
    stack: str, function: Any
) -> None:
    text = STACKS[stack][0](function)
    assert text.count("<script") == 4 and "nonce" not in text and "<i>" not in text


def test_the_rule_itself(caplog: pytest.LogCaptureFixture) -> None:
    assert nonce_for(None, {"csp_nonce": "abc"}) == "abc"
    assert nonce_for(lambda request: request["x"], {"x": "abc", "csp_nonce": "d"}) == "abc"
    assert caplog.text == ""
    assert nonce_for(lambda request: request["y"], {"csp_nonce": "d"}) is None
    assert "could not be read" in caplog.text
