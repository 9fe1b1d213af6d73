"""Many visitors in random order, through real caches and through Django's own.

Nobody ever gets another visitor's verdict, and nobody keeps a tag after refusing it: in any cache
mode, through nginx and Varnish with the recipes of examples/edge and with caches that know nothing
of consent, and with browsers that keep what they are allowed to keep.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.template import engines
from django.test import override_settings
from django.urls import path as django_path
from django.views.decorators.cache import cache_page
from django_app import settings as project
from django_app.visitors import VISITORS, token, visitor
from edge_servers import EDGES, Source, get, installed, served
from web_sites import (
    DJANGO,
    GATES,
    NOTICE,
    SDK,
    Answer,
    Headers,
    Site,
    keywords,
    make_flask,
    sent,
    wsgi_app,
    wsgi_get,
)

from consentpy import wsgi

#: The states that one person can be in, and go between.
LIVES: list[list[dict[str, Any]]] = [
    [VISITORS[name][0] for name in VISITORS if name.startswith("france")],
    [VISITORS[name][0] for name in VISITORS if name.startswith("california")]
    + [{**visitor("US", None, "CA"), "HTTP_SEC_GPC": "1"}],
    [VISITORS["japan, no answer"][0], visitor("JP", f"didomi_token={token()}")],
    [VISITORS["nowhere, no answer"][0], visitor(None, "didomi_token=broken")],
]
PATHS = ("/edge", "/page", "/tagged", "/broad", "/early", "/stream", "/plain", "/dated", "/sdk")
FORGED = ("2.3-gdpr-64080d64d8196992", "x", "", "2.0-gdpr-64080d64d8196992")

Fetch = Callable[[str, Headers, str], Answer]


def settings(changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "CONFIG": NOTICE,
        "COUNTRY_HEADER": "X-Country",
        "REGION_HEADER": "X-Region",
        "GATES": GATES,
        **changes,
    }


# ------------------------------------------------------------------ visitors


def directives(answer: Answer) -> set[str]:
    lines = [value for name, value in answer.pairs if name.lower() == "cache-control"]
    return {part.strip().lower() for part in ",".join(lines).split(",") if part.strip()}


def selected(answer: Answer, headers: Headers) -> list[str]:
    """The request headers that the response varies on, as a browser compares them."""
    lines = [value for name, value in answer.pairs if name.lower() == "vary"]
    found = {name.lower(): value for name, value in headers}
    return [found.get(name.strip().lower(), "") for name in ",".join(lines).split(",")]


class Browser:
    """Keeps each page for as long as it is told, and then asks whether it is still right."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._kept: dict[str, tuple[Headers, Answer]] = {}
        self.reused = self.confirmed = 0

    def open(self, path: str, headers: Headers) -> Answer:
        kept = self._kept.get(path)
        more: Headers = []
        if kept is not None:
            before, answer = kept
            told = directives(answer)
            same = selected(answer, before) == selected(answer, headers)
            if same and "no-cache" not in told and "max-age=60" in told:
                self.reused += 1
                return answer
            if "ETag" in answer:
                more = [("If-None-Match", answer["ETag"])]
        answer = self._fetch(path, [*headers, *more], "GET")
        if answer.status == 304:
            assert kept is not None
            self.confirmed += 1
            answer = Answer(200, answer.pairs, kept[1].body)
        assert answer.status == 200
        self._kept.pop(path, None)
        if "no-store" not in directives(answer):
            self._kept[path] = (headers, answer)
        return answer


class Oracle:
    """The page that each visitor should see: asked for once, of a site with no cache in front."""

    def __init__(self, ask: Fetch) -> None:
        self._ask = ask
        self._known: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()

    def __call__(self, path: str, meta: dict[str, Any]) -> bytes:
        with self._lock:
            found = self._known.get((path, repr(meta)))
            if found is None:
                found = self._ask(path, sent(meta), "GET").body
                self._known[path, repr(meta)] = found
            return found

    def personal(self, path: str) -> bool:
        return len({self(path, meta) for life in LIVES for meta in life}) > 1


def live(seed: int, fetch: Fetch, right: Oracle, paths: tuple[str, ...], steps: int) -> None:
    """Some people, each with a browser, who visit and change their minds."""
    draw = random.Random(seed)
    people = [(Browser(fetch), life, [draw.choice(life)]) for life in LIVES * 2]
    for _ in range(steps):
        browser, life, state = draw.choice(people)
        if draw.random() < 0.4:
            state[0] = draw.choice(life)
        path = draw.choice(paths)
        headers = sent(state[0])
        if draw.random() < 0.2:
            headers.append(("Consent-Key", draw.choice(FORGED)))
        if draw.random() < 0.1:
            head = fetch(path, headers, "HEAD")
            assert (head.status, head.body) == (200, b"")
            if "Content-Length" in head:
                assert head["Content-Length"] == str(len(right(path, state[0])))
        answer = browser.open(path, headers)
        assert answer.body == right(path, state[0]), (seed, path, state[0])
        if right.personal(path):
            assert "private" in directives(answer), (seed, path)
    assert sum(browser.confirmed for browser, _, _ in people) > 0


def crowd(fetch: Fetch, right: Oracle, paths: tuple[str, ...], seeds: range, steps: int) -> None:
    """All seeds at once, because a cache joins requests that come together."""
    wrong: list[BaseException] = []

    def run(seed: int) -> None:
        try:
            live(seed, fetch, right, paths, steps)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


# ------------------------------------------------------------------ through real caches

MODES: dict[str, tuple[bool, dict[str, Any]]] = {
    "private": (False, {"CACHE": "private"}),
    "private, rewritten": (False, {"CACHE": "private", "REWRITE": True}),
    "uniform": (False, {"CACHE": "uniform"}),
    "keyed": (True, {"CACHE": "keyed"}),
    "keyed, rewritten": (True, {"CACHE": "keyed", "REWRITE": True}),
}


@contextmanager
def application(stack: str, changes: dict[str, Any]) -> Iterator[Any]:
    if stack == "wsgi":
        yield wsgi.ConsentMiddleware(wsgi_app, **keywords(settings(changes)))
    elif stack == "flask":
        yield make_flask(settings(changes))
    else:
        with override_settings(CONSENTPY=settings(changes), ROOT_URLCONF="web_sites"):
            yield WSGIHandler()


@pytest.mark.parametrize("stack", ["wsgi", "flask", "django"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("edge", EDGES)
def test_through_a_real_cache(edge: str, mode: str, stack: str, tmp_path: Path) -> None:
    start = installed(edge)
    keyed, changes = MODES[mode]
    with (
        application(stack, changes) as app,
        served(app) as origin,
        start(origin.port, tmp_path, keyed) as port,
    ):
        # Of the same settings but for the key, and without a cache.
        plain = {**changes, "CACHE": "private" if keyed else changes["CACHE"]}
        right = Oracle(Site(stack, plain)._ask if stack != "django" else direct(origin))
        crowd(lambda *what: get(port, *what), right, PATHS, range(3), 120)
        stored(origin, mode, stack)


def direct(origin: Source) -> Fetch:
    """Django has one set of settings, so its site is asked past the cache; without a key."""
    return lambda path, headers, method: wsgi_get(origin.app, path, headers, method)


def stored(origin: Source, mode: str, stack: str) -> None:
    """The cache did keep what it may: a cache that keeps nothing would pass everything above."""
    # As many copies as requests that came before the first was there, at most.
    assert 0 < origin.calls["/plain"] <= 6
    if mode.startswith("keyed"):
        assert origin.calls["/consent/key"] > 100
        # 7 keys; one copy each, or two where a HEAD or a request beside it came first.
        assert 0 < origin.calls["/edge"] <= 14
    if mode == "uniform" and stack == "django":
        assert 0 < origin.calls["/edge"]


@pytest.mark.parametrize("edge", EDGES)
def test_what_the_recipes_keep_and_send(edge: str, tmp_path: Path) -> None:
    start = installed(edge)
    agreed, refused = (VISITORS[f"france, {answer}"][0] for answer in ("agreed", "refused"))
    with (
        application("wsgi", {"CACHE": "keyed"}) as app,
        served(app) as origin,
        start(origin.port, tmp_path, True) as port,
    ):
        right = Oracle(Site("wsgi")._ask)
        for _ in range(3):
            for meta in (agreed, refused):
                answer = get(port, "/edge", sent(meta))
                assert answer.body == right("/edge", meta)
                assert answer["Cache-Control"] == "private, no-cache"
                assert "Consent-Key" not in answer
                again = get(port, "/edge", sent(meta, If_None_Match=answer["ETag"]))
                assert (again.status, again.body) == (304, b"")
                assert "private" in directives(again) and "Consent-Key" not in again
                other = refused if meta is agreed else agreed
                changed = get(port, "/edge", sent(other, If_None_Match=answer["ETag"]))
                assert (changed.status, changed.body) == (200, right("/edge", other))
        assert origin.calls["/edge"] == 2
        # What asked for more is never kept; what asked for nothing is as the site sends it.
        for count in (1, 2):
            assert directives(get(port, "/page", sent(agreed))) == {"private", "no-store"}
            assert origin.calls["/page"] == count
            assert directives(get(port, "/plain", sent(agreed))) == {"public", "s-maxage=60"}
            assert origin.calls["/plain"] == 1
        # What a signed-in visitor gets is not kept, and does not come from the cache.
        calls = origin.calls["/plain"] + 1
        assert get(port, "/plain", [("Authorization", "Basic eDp5")]).status == 200
        assert origin.calls["/plain"] == calls
        # The key is between the cache and the site.
        assert get(port, "/consent/key", sent(agreed)).status == 404
        assert "Consent-Key" not in get(port, "/consent/key?x", sent(agreed))
        assert get(port, "/edge", sent(agreed), "POST").body == right("/edge", agreed)


# ------------------------------------------------------------------ through Django's own caches

GATED = '{% consent "measurement" %}<b>meter</b>{% denied %}<i>none</i>{% endconsent %}'
FRAGMENT = (
    "{% load consentpy cache %}{% cache 600 side request.consent.key %}" + GATED + "{% endcache %}"
)
CALLS: list[str] = []


def _view(text: str) -> Callable[[Any], HttpResponse]:
    def view(request: Any) -> HttpResponse:
        CALLS.append(request.path)
        return HttpResponse(engines["django"].from_string(text).render({}, request))

    return view


TEXTS = {
    "blocks": DJANGO,
    "gates": "{% load consentpy %}" + GATED,
    "fragment": FRAGMENT,
    "nothing": "<p>the same for everybody</p>",
    "sdk": SDK,
}
urlpatterns = [
    *(django_path(name, _view(text)) for name, text in TEXTS.items()),
    *(django_path(f"kept-{name}", cache_page(600)(_view(text))) for name, text in TEXTS.items()),
]
DJANGO_PATHS = tuple(f"/{prefix}{name}" for prefix in ("", "kept-") for name in TEXTS)
ORDERED = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "consentpy.django.ConsentMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("is_site_cached", [True, False])
def test_through_djangos_own_caches(mode: str, is_site_cached: bool) -> None:
    _, changes = MODES[mode]
    cache.clear()
    CALLS.clear()
    middleware = ORDERED if is_site_cached else ORDERED[:3]
    plain = {**changes, "CACHE": "uniform" if changes["CACHE"] == "uniform" else "private"}
    alone = {
        "CONSENTPY": settings(plain),
        "MIDDLEWARE": project.MIDDLEWARE,
        "ROOT_URLCONF": __name__,
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
    }
    known: dict[tuple[str, str], bytes] = {}
    with override_settings(**alone):
        for path in DJANGO_PATHS:
            for life in LIVES:
                for meta in life:
                    known[path, repr(sent(meta))] = wsgi_get(
                        WSGIHandler(), path, sent(meta), "GET"
                    ).body
    right = Oracle(lambda path, headers, method: Answer(200, [], known[path, repr(headers)]))
    CALLS.clear()
    with override_settings(
        CONSENTPY=settings(changes), MIDDLEWARE=middleware, ROOT_URLCONF=__name__
    ):
        handler = WSGIHandler()

        def fetch(path: str, headers: Headers, method: str) -> Answer:
            answer = wsgi_get(handler, path, headers, method)
            return Answer(answer.status, answer.pairs, b"") if method == "HEAD" else answer

        for seed in range(2):
            live(seed, fetch, right, DJANGO_PATHS, 200)
    # Django's caches did keep what they may, the page for the SDK among it, before it is rewritten.
    kept = ["/kept-nothing", "/kept-sdk"]
    if changes["CACHE"] == "uniform":
        kept += ["/kept-gates", "/kept-blocks"]
    assert {CALLS.count(path) for path in kept} <= {1, 2}  # HEAD has a copy of its own
    if is_site_cached:
        assert CALLS.count("/nothing") <= 2
