"""The short way of a literal block: after a page's first question it asks the Status itself."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.template import engines
from django.test import override_settings
from django.urls import path as django_path
from django_app.visitors import ALL, token, visitor
from web_sites import GATES, NOTICE, Answer, sent, wsgi_get

from consentpy.flask import Consent

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")

# The first block is the same for everybody, so that the second takes the short way.
BODY = (
    '{% consent vendor="basket" %}<b>basket</b>{% endconsent %}'
    '{% consent "measurement" %}<b>meter</b>{% denied %}<i>no meter</i>{% endconsent %}'
    '{% consent "advertising" %}<b>advert</b>{% endconsent %}'
)
READ_FIRST = "{% if request.consent.should_collect %}ask{% endif %}" + BODY
PAGES = {"blocks": BODY, "read-first": READ_FIRST}
OWN = {"ETag": '"base"', "Content-Type": "text/html"}
DJANGO = {
    name: engines["django"].from_string("{% load consentpy %}" + PAGES[name]) for name in PAGES
}


def _view(name: str) -> Any:
    return lambda request: HttpResponse(DJANGO[name].render({}, request), headers=OWN)


urlpatterns = [django_path(name, _view(name)) for name in PAGES]


def get(stack: str, path: str, meta: dict[str, Any], **changes: Any) -> Answer:
    settings = {"CONFIG": NOTICE, "COUNTRY_HEADER": "X-Country", "GATES": GATES, **changes}
    if stack == "django":
        with override_settings(CONSENTPY=settings, ROOT_URLCONF=__name__):
            return twice(WSGIHandler(), path, meta)
    app = flask.Flask("quick")
    app.config.update({f"CONSENTPY_{key}": value for key, value in settings.items()})
    Consent(app)
    for name, text in PAGES.items():
        template = app.jinja_env.from_string(text.replace("request.consent", "consent"))

        def serve(template: Any = template) -> flask.Response:
            return flask.Response(flask.render_template(template), headers=OWN)

        app.add_url_rule(f"/{name}", name, serve)
    return twice(app, path, meta)


def twice(app: Any, path: str, meta: dict[str, Any]) -> Answer:
    """The second answer: the literals are looked up by then."""
    first, second = (wsgi_get(app, path, sent(meta), "GET") for _ in range(2))
    assert (first.status, first.body, first.pairs) == (200, second.body, second.pairs)
    return second


@pytest.mark.parametrize("stack", ["django", "flask"])
@pytest.mark.parametrize("path", ["/blocks", "/read-first"])
def test_each_visitor_gets_the_blocks_and_an_etag_of_his_answer(stack: str, path: str) -> None:
    agreed, refused = get(stack, path, AGREED), get(stack, path, REFUSED)
    assert agreed.body == b"<b>basket</b><b>meter</b><b>advert</b>"
    assert refused.body == b"<b>basket</b><i>no meter</i>"
    assert agreed["ETag"] != refused["ETag"]
    assert "private" in agreed["Cache-Control"]


@pytest.mark.parametrize("stack", ["django", "flask"])
def test_the_etag_tells_of_every_block(stack: str) -> None:
    """Two visitors who differ in the last block only."""
    partly = visitor("FR", f"didomi_token={token('audience', 'c:meter')}")
    agreed, chose = get(stack, "/blocks", AGREED), get(stack, "/blocks", partly)
    assert chose.body == b"<b>basket</b><b>meter</b>" and agreed["ETag"] != chose["ETag"]


@pytest.mark.parametrize("stack", ["django", "flask"])
def test_uniform_blocks_are_the_same_after_another_read_too(stack: str) -> None:
    for meta in (AGREED, REFUSED, visitor("JP")):
        answer = get(stack, "/read-first", meta, CACHE="uniform")
        assert answer.body == b"<i>no meter</i>" and "private" in answer["Cache-Control"]


@pytest.mark.parametrize("stack", ["django", "flask"])
def test_keyed_pages_are_for_a_cache_only_while_their_gates_are_named(stack: str) -> None:
    named = {"measurement": GATES["measurement"], "advertising": GATES["advertising"]}
    answer = get(stack, "/blocks", AGREED, CACHE="keyed", GATES=named)
    assert "no-store" in answer["Cache-Control"]  # the basket's gate is none of them
