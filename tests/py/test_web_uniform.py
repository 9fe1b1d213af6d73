"""CACHE = "uniform": blocks are the same for everybody, and any cache may keep them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.template import engines
from django.test import override_settings
from django.urls import path as django_path
from django.views.decorators.cache import cache_page
from django_app.visitors import ALL, VISITORS, token, visitor
from flask_caching import Cache
from test_deferred import GATE, HTML, JS
from web_sites import GATES, NOTICE, STACKS, Answer, Headers, Site, sent, wsgi_get

from consentpy.django import checks
from consentpy.flask import Consent
from consentpy.flask.cli import template_findings
from consentpy.web.deferred import inert
from helpers import within

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
CHANGES = {"CACHE": "uniform"}
NONCE = "r4nd0m"

BODY = (
    '<!doctype html>{% consent "measurement" DEFER %}'
    '<script nonce="r4nd0m" src="/s/meter.js"></script>'
    '<noscript><img src="/s/pixel.gif"></noscript><link rel="preload" href="/s/meter.js">'
    '<iframe src="/s/frame"></iframe>'
    "{% denied %}<i>no meter</i>{% endconsent %}"
    '{% consent "advertising" %}<script src="/s/adshop.js"></script>'
    "{% denied %}<i>no advert</i>{% endconsent %}"
    '{% consent vendor="basket" %}<b>essential</b>{% endconsent %}'
    '{% consent vendor="nobody" DEFER %}<b>nobody</b>{% denied %}<i>nobody</i>{% endconsent %}'
)
MARK = ' data-vendor="meter" data-purposes="audience"'
SAME = (
    f'<!doctype html><script type="didomi/javascript"{MARK} src="/s/meter.js"></script>'
    f'<script type="didomi/html"{MARK}><iframe src="/s/frame"></iframe></script>'
    "<i>no meter</i><i>no advert</i><i>nobody</i>"
)
READS = "{% if request.consent.should_collect %}ask{% endif %}"
OWN: Headers = [("Cache-Control", "public, max-age=60"), ("ETag", '"base"')]


def settings(**changes: Any) -> dict[str, Any]:
    return {"CONFIG": NOTICE, "COUNTRY_HEADER": "X-Country", "GATES": GATES, **CHANGES, **changes}


def django_text(text: str) -> str:
    return "{% load consentpy %}" + text.replace("DEFER", "defer=True")


def flask_text(text: str) -> str:
    return text.replace(" DEFER", ", defer=True").replace("request.consent", "consent")


CALLS: list[str] = []


def _django(text: str) -> Any:
    def view(request: Any) -> HttpResponse:
        CALLS.append(request.path)
        body = engines["django"].from_string(django_text(text)).render({}, request)
        return HttpResponse(body, headers=dict(OWN))

    return view


CACHED = "{% load cache %}{% cache 600 side %}" + BODY + "{% endcache %}"
urlpatterns = [
    django_path("same", _django(BODY)),
    django_path("reads", _django(BODY + READS)),
    django_path("country", _django("{% consent_bootstrap %}" + BODY)),
    django_path("fragment", _django(CACHED)),
    django_path("page-cache", cache_page(600)(_django(BODY))),
]


def make_flask(**changes: Any) -> flask.Flask:
    app = flask.Flask("uniform")
    app.config.update({f"CONSENTPY_{key}": value for key, value in settings(**changes).items()})
    app.config["CACHE_TYPE"] = "SimpleCache"
    Cache(app)
    Consent(app)
    pages = {
        "same": BODY,
        "reads": BODY + READS,
        "country": "{{ consent_bootstrap() }}" + BODY,
        "fragment": "{% cache 600, 'side' %}" + BODY + "{% endcache %}",
    }

    def serve() -> flask.Response:
        CALLS.append(flask.request.path)
        body = flask.render_template_string(flask_text(pages[flask.request.path[1:]]))
        return flask.Response(body, headers=OWN)

    for name in pages:
        app.add_url_rule(f"/{name}", name, serve)
    return app


@pytest.fixture(params=["django", "flask"])
def get(request: pytest.FixtureRequest) -> Iterator[Any]:
    cache.clear()
    CALLS.clear()
    if request.param == "flask":
        app: Any = make_flask()
        yield lambda path, headers: wsgi_get(app, path, headers, "GET")
        return
    with override_settings(CONSENTPY=settings(), ROOT_URLCONF=__name__):
        yield lambda path, headers: wsgi_get(WSGIHandler(), path, headers, "GET")


def unread(answer: Answer) -> bool:
    return (answer["Cache-Control"], answer["ETag"]) == ("public, max-age=60", '"base"') and (
        "Vary" not in answer
    )


@pytest.mark.parametrize("path", ["/same", "/fragment", "/country"])
def test_everybody_gets_the_same_bytes(get: Any, path: str) -> None:
    for meta, _, _ in [*VISITORS.values(), *reversed(VISITORS.values())]:
        answer = get(path, sent(meta))
        assert answer.body.decode() == SAME and unread(answer)
        again = get(path, sent(meta, If_None_Match='"base"'))
        assert (again.status, again.body) == (304, b"")


def test_any_other_read_makes_the_response_private(get: Any) -> None:
    for meta in (AGREED, visitor("FR")):
        answer = get("/reads", sent(meta))
        assert answer.body.decode() == SAME + ("" if meta is AGREED else "ask")
        assert "private" in answer["Cache-Control"] and "Cookie" in answer["Vary"]
        assert get("/reads", sent(meta, If_None_Match='"base"')).status == 200


def test_djangos_page_cache_keeps_it() -> None:
    CALLS.clear()
    cache.clear()
    with override_settings(CONSENTPY=settings(), ROOT_URLCONF=__name__):
        for meta, _, _ in VISITORS.values():
            answer = wsgi_get(WSGIHandler(), "/page-cache", sent(meta), "GET")
            assert answer.body.decode() == SAME and "Vary" not in answer
    assert CALLS == ["/page-cache"]


@pytest.mark.parametrize("stack", STACKS)
def test_code_that_asks_is_answered_as_ever(stack: str) -> None:
    site, plain = Site(stack, CHANGES), Site(stack)
    for meta, _, _ in VISITORS.values():
        for path in ("/tagged", "/broad", "/early", "/stream", "/plain"):
            found, known = site.get(path, sent(meta)), plain.get(path, sent(meta))
            assert (found.body, found.pairs) == (known.body, known.pairs)


def test_a_cached_block_is_no_mistake() -> None:
    """Blocks may be kept in a fragment, other questions may not."""
    locmem = "django.template.loaders.locmem.Loader"
    for text, told in (
        (CACHED, []),
        (CACHED.replace("{% endcache", READS + "{% endcache"), ["E013"]),
    ):
        templates = {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [(locmem, {"page.html": django_text(text).replace("nobody", "basket")})],
            },
        }
        for changes, expected in ((CHANGES, told), ({"CACHE": "private"}, ["E013"])):
            with override_settings(TEMPLATES=[templates], CONSENTPY=settings(**changes)):
                ids = {str(found.id) for found in checks.check_templates(None)}
            assert ids == {f"consentpy.{id}" for id in expected}
    for mode, expected in (("uniform", set()), ("private", {"E013"})):
        app = make_flask(CACHE=mode)
        text = flask_text("{% cache 600, 'side' %}" + BODY + "{% endcache %}")
        import jinja2

        app.jinja_loader = jinja2.DictLoader({"page.html": text.replace("nobody", "basket")})
        assert {finding.id for finding in template_findings(app)} == expected


# ------------------------------------------------------------------ the inert form


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<script nonce="x" src="a.js"></script>', f'{JS} src="a.js"></script>'),
        ("<script NONCE=x>f()</script>", f"{JS}>f()</script>"),
        ('<noscript><img src="p.gif"></noscript>', ""),
        ("<NOSCRIPT class=a >x</NOSCRIPT ><b>y</b>", f"{HTML}<b>y</b></script>"),
        ('<link rel="preload" href="/a.js" as=script/><b>y</b>', f"{HTML}<b>y</b></script>"),
        ("<LINK href=x>\n<script>f()</script>", f"\n{JS}>f()</script>"),
        ("<!-- <link --><b>y</b>", f"{HTML}<b>y</b></script>"),
        ("<noscript>x", None),
        ("</noscript>", None),
        ("<noscript><noscript>x</noscript></noscript>", None),
        ("<noscript><script>f()</script></noscript>", None),
        ('<link title="a>b">', None),
        ('<style nonce="x">p {}</style>', None),
        ("<p>nonce = 5</p>", None),
    ],
)
def test_what_is_not_for_everybody_is_left_out(content: str, expected: str | None) -> None:
    assert inert(content, GATE, shared=True) == expected


@pytest.mark.parametrize(
    "piece", ["<noscript>", "<noscript ", "<link ", "<link", " a", "</noscript>"]
)
def test_time_is_linear(piece: str) -> None:
    for start in ("", "<noscript", "<noscript>", "<link"):
        with within(1.0):
            inert(start + piece * (262_144 // len(piece)), GATE, shared=True)


def test_content_without_an_inert_form_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = make_flask()
    text = flask_text('{% consent "measurement" DEFER %}<noscript>x{% denied %}no{% endconsent %}')
    app.add_url_rule("/unsure", "unsure", lambda: flask.render_template_string(text))
    with caplog.at_level(logging.WARNING):
        assert wsgi_get(app, "/unsure", sent(AGREED), "GET").body == b"no"
    assert "no inert form" in caplog.text
