"""What a body that is made after its headers are out may ask, and what it may not."""

from __future__ import annotations

import gc
import io
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import path
from django_app import settings as project
from django_app.visitors import ALL, token, visitor
from flask_caching import Cache
from test_web_bootstrap import GCM
from test_web_unasked import Request, make
from web_sites import sent, wsgi_get

from consentpy import wsgi
from consentpy.flask import LateReadError, consent

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


# ------------------------------------------------------- what was asked before the headers


@pytest.mark.parametrize("nonce", [None, lambda environ: environ["csp_nonce"]])
@pytest.mark.parametrize("imperative", [False, True])
def test_a_script_in_a_later_part_has_the_nonce(
    imperative: bool, nonce: Callable[[Any], str] | None
) -> None:
    """Without it the site's own policy would stop the script."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        environ["csp_nonce"] = "abc"
        consent = environ[wsgi.KEY]
        consent.allows("meter")
        write = start_response("200 OK", [("Content-Type", "text/html")])
        if imperative:
            write(b"<head>")

        def parts() -> Iterator[bytes]:
            try:
                yield b"<title>first</title>"
                yield wsgi.consent_gtag(consent).encode()
            finally:
                last.append(wsgi.consent_gtag(consent))

        return parts()

    last: list[str] = []
    site = wsgi.ConsentMiddleware(app, config=GCM, country="FR", nonce=nonce)
    answer = wsgi_get(site, "/", sent(AGREED), "GET")
    assert answer.body.count(b'<script nonce="abc">') == 1
    assert '<script nonce="abc">' in last[0]
    assert answer["Cache-Control"] == "private"


def test_fragments_of_a_stream_are_kept_under_the_key() -> None:
    template = engines["django"].from_string(
        "{% load consentpy cache %}{% cache 600 stream request.consent.key %}{{ made }}"
        '{% consent "measurement" %}meter{% denied %}none{% endconsent %}{% endcache %}'
    )
    made: list[str] = []

    def parts(request: Any) -> Iterator[str]:
        yield template.render({"made": lambda: made.append("made") or ""}, request)

    def view(request: Any) -> StreamingHttpResponse:
        request.consent.key()
        return StreamingHttpResponse(parts(request))

    urls = type("urls", (), {"urlpatterns": [path("", view)]})
    cache.clear()
    with override_settings(CONSENTPY=project.CONSENTPY, ROOT_URLCONF=urls):
        for meta, expected in ((AGREED, b"meter"), (REFUSED, b"none")) * 2:
            answer = Client().get("/", **meta)
            assert b"".join(answer.streaming_content) == expected  # type: ignore[attr-defined]
    assert len(made) == 2
    cache.clear()


# --------------------------------------------------------------------- when all is over


class Mark:
    """What stands in an environ."""


def gone(handle: Callable[[dict[str, Any]], object], address: str = "/") -> bool:
    """Whether a request is gone after it, without the garbage collector."""

    def one() -> weakref.ref[Mark]:
        request, mark = Request(address), Mark()
        request.environ.update({"mark": mark, "wsgi.input": io.BytesIO()})
        handle(request.environ)
        return weakref.ref(mark)

    one()  # what is made once
    gc.collect()
    gc.disable()
    try:
        return one()() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("asks", [False, True])
def test_a_request_of_django_is_gone_when_it_is_over(asks: bool) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse("yes" if asks and request.consent.allows("meter") else "no")

    urls = type("urls", (), {"urlpatterns": [path("", view)]})
    only = ["consentpy.django.ConsentMiddleware"]
    with override_settings(CONSENTPY=project.CONSENTPY, ROOT_URLCONF=urls, MIDDLEWARE=only):
        handler = WSGIHandler()

        def handle(environ: dict[str, Any]) -> None:
            response = handler(environ, lambda status, headers: None)
            assert b"".join(response) == (b"yes" if asks else b"no")
            response.close()

        assert gone(handle)


def test_a_question_for_the_key_is_gone_when_it_is_over() -> None:
    """A cache in front asks it of Django for every page."""
    only = ["consentpy.django.ConsentMiddleware"]
    with override_settings(CONSENTPY={**project.CONSENTPY, "CACHE": "keyed"}, MIDDLEWARE=only):
        handler = WSGIHandler()

        def handle(environ: dict[str, Any]) -> None:
            response = handler(environ, lambda status, headers: None)
            assert response.status_code == 204
            response.close()

        assert gone(handle, "/consent/key")


def _list(consent: Any, asks: bool) -> Any:
    return [b"yes" if asks and consent.allows("meter") else b"no"]


def _generator(consent: Any, asks: bool) -> Any:
    yield from _list(consent, asks)


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("body", [_list, _generator])
def test_a_request_of_wsgi_is_gone_when_it_is_over(
    body: Callable[[Any, bool], Any], asks: bool
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/html")])
        return body(environ[wsgi.KEY], asks)

    for settings in ({}, {"rewrite": True}):
        site = wsgi.ConsentMiddleware(app, config=GCM, country="FR", **settings)

        def handle(environ: dict[str, Any], site: Any = site) -> None:
            parts = site(environ, lambda status, headers: None)
            b"".join(parts)
            getattr(parts, "close", lambda: None)()

        assert gone(handle)
