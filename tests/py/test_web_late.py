"""Questions that come when the headers are out, by ways on which nobody is told so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
import pytest
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import path
from django_app import settings as project
from django_app.visitors import ALL, token, visitor
from flask_caching import Cache
from test_web_unasked import Request, make

from consentpy.flask import LateReadError, caching, consent

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")


@pytest.mark.parametrize("asked", [False, True])
def test_a_copy_of_the_environ_that_was_kept(asked: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever asks with it after the response is as late as with the environ itself."""
    app = make()
    kept: list[dict[str, Any]] = []

    def keeping() -> str:
        kept.append(dict(flask.request.environ))
        return "yes" if asked and consent.allows("meter") else "no"

    app.add_url_rule("/keeping", "keeping", keeping)
    request = Request("/keeping")
    assert request.sent_to(app) == (b"yes" if asked else b"no")
    assert ("Cache-Control" in dict(request.headers)) is asked
    with app.request_context(kept[0]):
        assert consent.allows("meter") is asked  # what the page was told, and marked for
        if not asked:
            with pytest.raises(LateReadError):
                consent.status  # noqa: B018
    assert ("headers of '/keeping' were sent" in caplog.text) is not asked


@pytest.mark.parametrize("question", ["allows", "vendor"])
def test_flask_caching_keeps_nothing_that_was_denied_too_late(question: str) -> None:
    """It would be denied on pages too that ask in time."""
    caching._told.clear()
    app = make()
    kept = Cache(app, config={"CACHE_TYPE": "SimpleCache"})

    @kept.memoize(600)
    def part() -> str:
        return "yes" if getattr(consent, question)("meter") else "no"

    @kept.memoize(600)
    def other() -> str:
        made.append("made")
        return ""

    made: list[str] = []

    def parts() -> Iterator[str]:
        yield "first "
        yield part() + other()

    app.add_url_rule("/parts", "parts", lambda: flask.stream_with_context(parts()))
    app.add_url_rule("/page", "page", lambda: part() + other())
    assert Request("/parts").sent_to(app) == b"first no"
    assert Request("/page").sent_to(app) == b"yes"
    assert Request("/page", "").sent_to(app) == b"no"
    assert made == ["made"]  # what asks nothing is kept


def test_djangos_cache_tag_keeps_nothing_that_was_denied_too_late() -> None:
    template = engines["django"].from_string(
        "{% load consentpy cache %}{% cache 600 late %}"
        '{% consent "measurement" %}meter{% denied %}none{% endconsent %}{% endcache %}'
    )

    def parts(request: Any) -> Iterator[str]:
        yield "first "
        yield template.render({}, request)

    pages = [
        path("parts", lambda request: StreamingHttpResponse(parts(request))),
        path("page", lambda request: HttpResponse(template.render({}, request))),
    ]
    urls = type("urls", (), {"urlpatterns": pages})
    cache.clear()
    with override_settings(CONSENTPY=project.CONSENTPY, ROOT_URLCONF=urls):
        answer = Client().get("/parts", **AGREED)
        assert b"".join(answer.streaming_content) == b"first none"  # type: ignore[attr-defined]
        assert Client().get("/page", **AGREED).content == b"meter"
        assert Client().get("/page", **REFUSED).content == b"none"
    cache.clear()
