"""Two middlewares in one stack, and conditions that match whatever there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from django_app import settings as project
from django_app.visitors import ALL, VISITORS, token, visitor
from web_sites import (
    GATES,
    NOTICE,
    OWN,
    PATHS,
    STACKS,
    WHEN,
    Answer,
    Headers,
    Site,
    asgi_app,
    asgi_get,
    keywords,
    make_flask,
    make_starlette,
    sent,
    wsgi_app,
    wsgi_generator,
    wsgi_get,
)

from consentpy import asgi, wsgi

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
PERSONAL = ("/page", "/tagged", "/broad", "/early", "/where", "/edge")

SOME = [AGREED, REFUSED, VISITORS["france, partly"][0], visitor("JP")]

Settings = dict[str, Any]


def settings(changes: Settings) -> Settings:
    base = {"CONFIG": NOTICE, "COUNTRY_HEADER": "X-Country", "REGION_HEADER": "X-Region"}
    return {**base, "GATES": GATES, **changes}


def by(get: Callable[..., Answer], make: Callable[[Settings], Any]) -> Callable[[Settings], Any]:
    def ready(changes: Settings) -> Callable[..., Answer]:
        app = make(settings(changes))
        return lambda path, headers, method="GET": get(app, path, headers, method)

    return ready


def in_wsgi(make: Callable[[Settings], Any]) -> Callable[[Settings], Any]:
    return lambda given: wsgi.ConsentMiddleware(make(given), **keywords(given))


def in_asgi(make: Callable[[Settings], Any]) -> Callable[[Settings], Any]:
    return lambda given: asgi.ConsentMiddleware(make(given), **keywords(given))


def django(handler: Any, wrap: Any, get: Any, twice: bool = False) -> Callable[[Settings], Any]:
    def ready(changes: Settings) -> Callable[..., Answer]:
        given = settings(changes)
        middleware = [*project.MIDDLEWARE]
        if twice:
            middleware.insert(0, "consentpy.django.ConsentMiddleware")

        def ask(path: str, headers: Headers, method: str = "GET") -> Answer:
            with override_settings(
                CONSENTPY=given, ROOT_URLCONF="web_sites", MIDDLEWARE=middleware
            ):
                app = handler() if wrap is None else wrap(handler(), **keywords(given))
                return get(app, path, headers, method)  # type: ignore[no-any-return]

        return ask

    return ready


NESTED: dict[str, Callable[[Settings], Any]] = {
    "wsgi in wsgi": by(
        wsgi_get, in_wsgi(lambda given: wsgi.ConsentMiddleware(wsgi_app, **keywords(given)))
    ),
    "generator in wsgi": by(
        wsgi_get, in_wsgi(lambda given: wsgi.ConsentMiddleware(wsgi_generator, **keywords(given)))
    ),
    "flask in wsgi": by(wsgi_get, in_wsgi(make_flask)),
    "asgi in asgi": by(
        asgi_get, in_asgi(lambda given: asgi.ConsentMiddleware(asgi_app, **keywords(given)))
    ),
    "starlette in asgi": by(asgi_get, in_asgi(make_starlette)),
    "django in wsgi": django(WSGIHandler, wsgi.ConsentMiddleware, wsgi_get),
    "django in asgi": django(ASGIHandler, asgi.ConsentMiddleware, asgi_get),
    "django in django": django(WSGIHandler, None, wsgi_get, twice=True),
}


def directives(answer: Answer) -> set[str]:
    return {part.strip() for part in answer["Cache-Control"].split(",")}


@pytest.mark.parametrize("mode", ["private", "keyed", "uniform", "rewritten"])
@pytest.mark.parametrize("stack", NESTED)
def test_two_middlewares(stack: str, mode: str) -> None:
    changes: Settings = {"REWRITE": True} if mode == "rewritten" else {"CACHE": mode}
    ask, alone = NESTED[stack](changes), Site("asgi", changes)
    for path in PATHS:
        if mode == "uniform" and "django" in stack + path and path == "/page":
            continue  # a block is the same for everybody there; the page of the others has none
        personal = path in PERSONAL or (mode == "rewritten" and path in ("/sdk", "/sdk-parts"))
        kept: dict[bytes, str] = {}
        for meta in SOME:
            answer = ask(path, sent(meta))
            if mode != "uniform" or path != "/page":
                assert answer.body == alone.get(path, sent(meta)).body, path
            if personal and mode != "uniform":
                assert "private" in directives(answer), path
            if "ETag" in answer:
                kept.setdefault(answer.body, answer["ETag"])
            for body, tag in kept.items():
                again = ask(path, sent(meta, If_None_Match=tag))
                assert again.status == 200 or body == answer.body, path
                assert again.status == 304 or body != answer.body or again["ETag"] != tag
            if personal:
                for name, value in (("If_None_Match", "*"), ("If_Modified_Since", WHEN)):
                    whole = ask(path, sent(meta, **{name: value}))
                    assert (whole.status, whole.body) == (200, answer.body), path


@pytest.mark.parametrize("stack", NESTED)
def test_two_middlewares_with_a_key(stack: str) -> None:
    ask = NESTED[stack]({"CACHE": "keyed"})
    pages = {}
    for name, (meta, _, _) in VISITORS.items():
        right = ask("/consent/key", sent(meta))["Consent-Key"]
        answer = ask("/edge", sent(meta, Consent_Key=right))
        if "public" in directives(answer):
            assert answer["Consent-Key"] == right  # once
            assert pages.setdefault(right, answer.body) == answer.body, name
        else:
            assert directives(answer) == {"private", "no-store"} and "Consent-Key" not in answer
        wrong = ask("/edge", sent(meta, Consent_Key="x"))
        assert wrong.body == answer.body and directives(wrong) == {"private", "no-store"}
        whole = ask("/edge", sent(meta, Consent_Key=right, If_None_Match="*"))
        assert (whole.status, whole.body) == (200, answer.body)
    assert len(pages) >= (0 if stack == "generator in wsgi" else 4)


@pytest.mark.parametrize("stack", NESTED)
def test_two_middlewares_and_cookies_of_vendors(
    stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OWN, "/plain", [*OWN["/plain"], ("Set-Cookie", "_meter=7")])
    layers = [NOTICE, {"consentpy": {"vendorCookies": {"meter": ["_meter"]}}}]
    ask = NESTED[stack]({"CONFIG": layers})
    for meta, count in ((AGREED, 1), (REFUSED, 2)):
        cookie = f"{meta['HTTP_COOKIE']}; _meter=1"
        answer = ask("/plain", sent({**meta, "HTTP_COOKIE": cookie}))
        lines = [value for name, value in answer.pairs if name.lower() == "set-cookie"]
        assert all(("Max-Age=0" in line) is (meta is REFUSED) for line in lines)
        assert len(lines) == len(set(lines)) == count, lines


@pytest.mark.parametrize("stack", STACKS)
def test_a_condition_that_matches_everything(stack: str) -> None:
    """It is for copies of pages that are the same for everybody only."""
    for changes in ({}, {"CACHE": "keyed"}, {"REWRITE": True}):
        site = Site(stack, changes)
        for path in (*PERSONAL, *(("/sdk", "/sdk-parts") if "REWRITE" in changes else ())):
            for value in ("*", " * ", "*, *", '*, "base"', 'W/"base"', '"base"', '"', "W/"):
                for method in ("GET", "HEAD"):
                    answer = site.get(path, sent(AGREED, If_None_Match=value), method)
                    assert answer.status == 200, (path, value)
        if "REWRITE" in changes and stack == "wsgi generator":
            continue  # a body that is no list counts as having asked
        right = site.get("/plain", sent(AGREED, If_None_Match='"x", W/"base"'))
        assert (right.status, right.body) == (304, b"")
