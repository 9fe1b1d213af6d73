"""Django's ``{% cache %}``: a fragment that asked for the consent is kept for nobody else, whatever
way it came to ask, unless its key tells the visitors apart; every other fragment is kept."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.template import Context, Template, engines
from django.templatetags.cache import CacheNode
from django.test import Client, override_settings
from django.urls import path
from django_app import settings as project
from django_app.visitors import ALL, VISITORS, token, visitor
from test_django_page import a_request
from web_sites import sent, wsgi_get

from consentpy.django import fragments, gate

BLOCK = '{% consent "measurement" %}meter{% denied %}none{% endconsent %}'
AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
MADE: list[str] = []


def view(source: str, **values: Any) -> Callable[[Any], HttpResponse]:
    template = engines["django"].from_string("{% load consentpy cache %}" + source)

    def made() -> str:
        MADE.append("made")
        return ""

    def page(request: Any) -> HttpResponse:
        return HttpResponse(template.render({"made": made, **values}, request))

    return page


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    cache.clear()
    MADE.clear()
    yield
    cache.clear()


def everybody(page: Callable[[Any], HttpResponse], **changes: Any) -> int:
    """Two rounds of all visitors, each of whom gets the own page; how often the inside was made."""
    urls = type("urls", (), {"urlpatterns": [path("", page)]})
    settings = {**project.CONSENTPY, **changes}
    with override_settings(CONSENTPY=settings, ROOT_URLCONF=urls):
        handler = WSGIHandler()
        for _ in range(2):
            for meta, meter, _advert in VISITORS.values():
                answer = wsgi_get(handler, "/", sent(meta), "GET")
                assert answer.body.strip() == (b"meter" if meter else b"none"), meta
    return len(MADE)


EVERY_TIME = 2 * len(VISITORS)


@pytest.mark.parametrize(
    "inside",
    [
        BLOCK,
        "{% include part %}",
        "{% with other=part %}{% include other %}{% endwith %}",
        '{% if request.consent|allows:"measurement" %}meter{% else %}none{% endif %}',
        '{% with c=request.consent %}{% if c|allows:"measurement" %}meter{% else %}none{% endif %}'
        "{% endwith %}",
        "{% consent vendor=vendor %}meter{% denied %}none{% endconsent %}",
        "{% if asked.0 %}meter{% else %}none{% endif %}",
    ],
)
def test_a_fragment_that_asks(inside: str, caplog: pytest.LogCaptureFixture) -> None:
    part = Template("{% load consentpy %}" + BLOCK)
    source = "{% cache 600 side %}{{ made }}" + inside + "{% endcache %}"
    template = view(source, part=part, vendor="meter")
    if "asked" in inside:  # a view's own way
        engine_template = engines["django"].from_string("{% load cache %}" + source)

        def template(request: Any) -> HttpResponse:
            asked = type("Asked", (), {"__getitem__": lambda _, n: request.consent.allows("meter")})
            MADE.append("made")
            return HttpResponse(engine_template.render({"asked": asked()}, request))

    assert everybody(template) == EVERY_TIME
    assert caplog.text.count("so the fragment is not kept") == 1


def test_what_the_page_asked_before_is_not_the_fragments() -> None:
    source = BLOCK + "{% cache 600 side %}{{ made }}{% endcache %}"
    assert everybody(view(source)) == 1


def test_a_question_that_was_asked_before_counts_again() -> None:
    source = (
        '{% if request.consent|allows:"measurement" %}{% endif %}{% if request.consent.should_collect'
        " %}{% endif %}{% cache 600 side %}{{ made }}" + BLOCK + "{% endcache %}"
    )
    assert everybody(view(source)) == EVERY_TIME


@pytest.mark.parametrize(
    "source",
    [
        "{% cache 600 side request.consent.key %}{{ made }}" + BLOCK + "{% endcache %}",
        "{% with k=request.consent.key %}{% cache 600 side 7 k %}{{ made }}"
        + BLOCK
        + "{% endcache %}"
        "{% endwith %}",
    ],
)
def test_a_fragment_with_the_key(source: str) -> None:
    assert 0 < everybody(view(source)) <= len(VISITORS)


def test_a_fragment_with_a_key_of_its_gates() -> None:
    template = engines["django"].from_string(
        "{% load consentpy cache %}{% cache 600 side k %}{{ made }}" + BLOCK + "{% endcache %}"
    )

    def page(names: list[str]) -> Callable[[Any], HttpResponse]:
        def page(request: Any) -> HttpResponse:
            def made() -> str:
                MADE.append("made")
                return ""

            key = request.consent.key([gate(name) for name in names])
            return HttpResponse(template.render({"k": key, "made": made}, request))

        return page

    assert 0 < everybody(page(["measurement"])) <= 6
    MADE.clear()
    cache.clear()
    assert everybody(page(["advertising"])) == EVERY_TIME


def test_a_key_that_the_visitor_brings() -> None:
    """A link with the key of somebody who agreed is no way to give others that fragment."""
    source = (
        "{% cache 600 other request.consent.key %}{% endcache %}"
        "{% cache 600 side request.GET.q %}" + BLOCK + "{% endcache %}"
    )
    page = view(source)
    urls = type("urls", (), {"urlpatterns": [path("", page)]})
    with override_settings(CONSENTPY=project.CONSENTPY, ROOT_URLCONF=urls):
        key = a_request(AGREED).consent.key()  # type: ignore[attr-defined]
        for meta, expected in ((AGREED, b"meter"), (REFUSED, b"none")) * 2:
            assert Client().get("/", {"q": key}, **meta).content == expected


def test_fragments_in_fragments() -> None:
    inner = "{% cache 600 inner request.consent.key %}{{ made }}" + BLOCK + "{% endcache %}"
    outer = "{% cache 600 outer %}" + inner + "{% endcache %}"
    assert 0 < everybody(view(outer)) <= len(VISITORS)
    MADE.clear()
    cache.clear()
    plain = "{% cache 600 inner %}{{ made }}{% endcache %}"
    assert everybody(view("{% cache 600 outer %}" + plain + BLOCK + "{% endcache %}")) == 1


def test_errors_inside_a_fragment_are_the_pages() -> None:
    def boom() -> str:
        raise ZeroDivisionError

    page = view("{% cache 600 side %}" + BLOCK + "{{ boom }}{% endcache %}", boom=boom)
    for meta in (AGREED, REFUSED):
        with pytest.raises(ZeroDivisionError):
            page(a_request(meta))


def test_a_fragment_without_a_request() -> None:
    """In mail there is no visitor: it denies, for everybody."""
    template = Template("{% load consentpy cache %}{% cache 600 mail %}" + BLOCK + "{% endcache %}")
    assert template.render(Context()) == template.render(Context()) == "none"


def test_uniform_pages_keep_their_fragments() -> None:
    page = view("{% cache 600 side %}{{ made }}" + BLOCK + "{% endcache %}")
    urls = type("urls", (), {"urlpatterns": [path("", page)]})
    settings = {**project.CONSENTPY, "CACHE": "uniform"}
    with override_settings(CONSENTPY=settings, ROOT_URLCONF=urls):
        handler = WSGIHandler()
        bodies = {wsgi_get(handler, "/", sent(meta), "GET").body for meta in (AGREED, REFUSED)}
    assert bodies == {b"none"} and len(MADE) == 1


def test_the_tag_is_watched_once() -> None:
    before = CacheNode.render
    fragments.watch()
    assert CacheNode.render is before and hasattr(before, "__wrapped__")


@pytest.mark.parametrize("first", [True, False])
def test_a_tag_that_others_have_wrapped(first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracers do so, with functools.wraps; before our start, or after it."""
    plain = CacheNode.render.__wrapped__  # type: ignore[attr-defined]

    def wrap(function: Any) -> None:
        @functools.wraps(function)
        def traced(self: Any, context: Any) -> Any:
            return function(self, context)

        monkeypatch.setattr(CacheNode, "render", traced)

    monkeypatch.setattr(CacheNode, "render", plain)
    monkeypatch.setattr(CacheNode, "_consentpy_watches", False, raising=False)
    if first:
        wrap(plain)
    fragments.watch()
    if not first:
        wrap(CacheNode.render)
    fragments.watch()
    page = view("{% cache 600 side %}{{ made }}" + BLOCK + "{% endcache %}")
    assert everybody(page) == EVERY_TIME
