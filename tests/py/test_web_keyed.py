"""CACHE = "keyed": an edge cache may keep one copy for each answer of the named gates, and no more."""

from __future__ import annotations

import re
from typing import Any

import flask
import pytest
from django_app.visitors import ALL, VISITORS, token, visitor
from web_sites import (
    ADVERT,
    GATES,
    METER,
    NOTICE,
    OWN,
    STACKS,
    Answer,
    Headers,
    Site,
    asgi_get,
    sent,
    wsgi_get,
)

from consentpy import asgi, wsgi
from consentpy.flask import Consent, consent
from consentpy.web.headers import shared_headers

CHANGES = {"CACHE": "keyed"}
AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
PARTLY = VISITORS["france, partly"][0]
SHARED = "public, s-maxage=900, max-age=0, must-revalidate"


@pytest.fixture(scope="module", params=STACKS)
def site(request: pytest.FixtureRequest) -> Site:
    return Site(request.param, CHANGES)


def key(site: Site, meta: dict[str, Any]) -> str:
    answer = site.get("/consent/key", sent(meta))
    assert (answer.status, answer.body) == (204, b"")
    return answer["Consent-Key"]


def tags(answer: Answer) -> tuple[bool, bool]:
    assert answer.status == 200
    return METER in answer.body, ADVERT in answer.body


def closed(answer: Answer) -> bool:
    """Nobody may keep it."""
    return answer["Cache-Control"] == "private, no-store" and "Consent-Key" not in answer


# ------------------------------------------------------------------ the key


def test_the_key_is_one_for_each_answer_of_the_gates(site: Site) -> None:
    keys: dict[str, set[tuple[bool, bool]]] = {}
    for meta, meter, advert in VISITORS.values():
        keys.setdefault(key(site, meta), set()).add((meter, advert))
    assert all(len(verdicts) == 1 for verdicts in keys.values()) and len(keys) >= 5
    assert all(re.fullmatch(r"[!#-~]{1,80}", found) for found in keys)
    assert key(site, AGREED) != key(site, PARTLY) != key(site, REFUSED) == key(site, visitor("FR"))
    # Nothing else that a visitor sends is in it.
    other = visitor("FR", f"x=1; didomi_token={token(*reversed(ALL))}")
    assert key(site, other) == key(site, AGREED)


def test_no_cache_keeps_a_key(site: Site) -> None:
    answer = site.get("/consent/key", sent(AGREED))
    assert answer["Cache-Control"] == "private, no-store"
    assert {"Cookie", "Sec-GPC"} <= {part.strip() for part in answer["Vary"].split(",")}
    head = site.get("/consent/key", sent(AGREED), "HEAD")
    assert (head.status, head["Consent-Key"]) == (204, answer["Consent-Key"])
    for method in ("POST", "OPTIONS"):
        wrong = site.get("/consent/key", sent(AGREED), method)
        assert (wrong.status, wrong["Allow"]) == (405, "GET, HEAD")


def test_no_key_is_taken_from_the_visitor(site: Site) -> None:
    good = key(site, AGREED)
    cookie = f"Consent-Key={good}; consent_key={good}; didomi_token={token()}"
    forged = [*sent(visitor("FR", cookie)), ("Consent-Key", good)]
    assert site.get("/consent/key", forged)["Consent-Key"] == key(site, REFUSED)
    answer = site.get("/edge", forged)
    assert tags(answer) == (False, False) and closed(answer)


def test_where_the_key_is() -> None:
    for stack in ("wsgi", "asgi", "flask", "django", "django asgi"):
        moved = Site(stack, {**CHANGES, "URL_PREFIX": "/c/"})
        assert moved.get("/c/key", sent(AGREED)).status == 204
        for path in ("/edge", "/plain"):
            assert moved.get(path, sent(AGREED)).status == 200
    settings = {"config": NOTICE, "cache": "keyed", "gates": GATES, "country": "FR"}

    async def lost(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"lost"})

    def mounted(path: str, root: str, app: Any) -> int:
        async def outer(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "root_path": root}, receive, send)

        return asgi_get(outer, path, [], "GET").status

    app = asgi.ConsentMiddleware(lost, **settings)
    assert mounted("/shop/consent/key", "/shop", app) == 204
    assert mounted("/shop/consent/key", "/shop/", app) == 204
    assert mounted("/shop/consent/key", "", app) == 404
    private = asgi.ConsentMiddleware(lost, **{**settings, "cache": "private"})
    assert mounted("/consent/key", "", private) == 404


def test_the_key_in_other_modes_is_a_page_like_any_other() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("404 Not Found", [])
        return [b""]

    for mode in ("private", "uniform"):
        ready = wsgi.ConsentMiddleware(app, NOTICE, cache=mode, gates=GATES, country="FR")
        assert wsgi_get(ready, "/consent/key", [], "GET").status == 404


# ------------------------------------------------------------------ what may be kept


def test_a_response_to_the_right_key_may_be_kept(site: Site) -> None:
    for meta, meter, advert in VISITORS.values():
        right = key(site, meta)
        answer = site.get("/edge", sent(meta, Consent_Key=right))
        assert tags(answer) == (meter, advert)
        if site.stack == "wsgi generator":  # more may be asked while its body is made
            assert closed(answer)
            continue
        assert answer["Cache-Control"] == SHARED and answer["Consent-Key"] == right
        assert answer["Vary"] == "Accept-Language, Consent-Key"
        assert answer["ETag"] == f'"base-{right}"'
        for name in ("Last-Modified", "Surrogate-Control", "Expires"):
            assert name not in answer
        again = site.get("/edge", sent(meta, Consent_Key=right, If_None_Match=answer["ETag"]))
        assert (again.status, again.body) == (304, b"")
        assert again["Consent-Key"] == right and again["Cache-Control"] == SHARED
        stale = site.get("/edge", sent(REFUSED, Consent_Key=right, If_None_Match=answer["ETag"]))
        assert stale.status == (304 if right == key(site, REFUSED) else 200)


def test_a_response_without_an_etag_may_be_kept_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [pair for pair in OWN["/edge"] if pair[0] != "ETag"]
    monkeypatch.setitem(OWN, "/edge", own)
    right = key(site, AGREED)
    answer = site.get("/edge", sent(AGREED, Consent_Key=right))
    assert tags(answer) == (True, True) and "ETag" not in answer
    if site.stack == "wsgi generator":  # more may be asked while its body is made
        assert closed(answer)
    else:
        assert answer["Cache-Control"] == SHARED and answer["Consent-Key"] == right
    assert closed(site.get("/edge", sent(REFUSED, Consent_Key=right)))
    assert closed(site.get("/early", sent(AGREED, Consent_Key=right)))


def test_a_response_to_another_key_may_not(site: Site) -> None:
    right, wrong = key(site, AGREED), key(site, REFUSED)
    for lines in (
        [],
        [("Consent-Key", wrong)],
        [("Consent-Key", "")],
        [("Consent-Key", right.upper() + "x")],
        [("Consent-Key", right), ("Consent-Key", wrong)],
        [("Consent-Key", right), ("Consent-Key", right)],
    ):
        answer = site.get("/edge", [*sent(AGREED), *lines])
        assert tags(answer) == (True, True) and closed(answer), lines
        assert "Cookie" in answer["Vary"] and "Last-Modified" not in answer


@pytest.mark.parametrize("path", ["/page", "/tagged", "/broad", "/early", "/where"])
def test_gates_outside_the_set_and_other_questions(site: Site, path: str) -> None:
    for meta in (AGREED, REFUSED):
        assert closed(site.get(path, sent(meta, Consent_Key=key(site, meta))))


def test_what_did_not_ask_is_left_alone(site: Site) -> None:
    for lines in ([], [("Consent-Key", key(site, AGREED))]):
        answer = site.get("/plain", [*sent(AGREED), *lines])
        assert answer["Cache-Control"] == "public, s-maxage=60" and answer["ETag"] == '"base"'
        assert "Vary" not in answer and "Consent-Key" not in answer


def test_a_rewritten_page_is_for_one_visitor() -> None:
    for stack in STACKS:
        rewriting = Site(stack, {**CHANGES, "REWRITE": True})
        answer = rewriting.get("/sdk", sent(AGREED, Consent_Key=key(rewriting, AGREED)))
        assert b'type="text/javascript"' in answer.body and closed(answer)


# ------------------------------------------------------------------ by what the application says


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([("Cache-Control", "max-age=60")], "public, s-maxage=60, max-age=0, must-revalidate"),
        (
            [("cache-control", 'S-MaxAge="7" , immutable')],
            "public, s-maxage=7, max-age=0, must-revalidate",
        ),
        (
            [
                ("Cache-Control", "max-age=5"),
                ("CACHE-CONTROL", "no-transform, stale-while-revalidate=9"),
            ],
            "public, s-maxage=5, max-age=0, must-revalidate, no-transform",
        ),
        (
            [("Cache-Control", "max-age=5"), ("Expires", "Fri, 01 Jan 2100 00:00:00 GMT")],
            "public, s-maxage=5, max-age=0, must-revalidate",
        ),
        ([], None),
        ([("Cache-Control", "public")], None),
        ([("Expires", "Fri, 01 Jan 2100 00:00:00 GMT")], None),
        ([("Cache-Control", "private, max-age=60")], None),
        ([("Cache-Control", "max-age=60, no-cache")], None),
        ([("Cache-Control", "max-age=60"), ("Cache-Control", "no-store")], None),
        ([("Cache-Control", "max-age=-1")], None),
        ([("Cache-Control", "max-age=99999999999")], None),
        ([("Cache-Control", "max-age=60"), ("Set-Cookie", "a=1")], None),
    ],
)
def test_the_applications_own_headers(own: Headers, expected: str | None) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        environ[wsgi.KEY].allows("adshop")
        start_response("200 OK", list(own))
        return [b"page"]

    ready = wsgi.ConsentMiddleware(app, NOTICE, cache="keyed", gates=GATES, country="FR")
    right = wsgi_get(ready, "/consent/key", [], "GET")["Consent-Key"]
    answer = wsgi_get(ready, "/", [("Consent-Key", right)], "GET")
    if expected is None:
        assert closed(answer)
    else:
        assert answer["Cache-Control"] == expected and "Expires" not in answer


@pytest.mark.parametrize(
    ("own", "is_closed"),
    [("max-age=60", True), ("max-age=60, public", False), ("s-maxage=60", False)],
)
def test_who_is_signed_in(own: str, is_closed: bool) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        environ[wsgi.KEY].allows("adshop")
        start_response("200 OK", [("Cache-Control", own)])
        return [b"page"]

    ready = wsgi.ConsentMiddleware(app, NOTICE, cache="keyed", gates=GATES, country="FR")
    right = wsgi_get(ready, "/consent/key", [], "GET")["Consent-Key"]
    headers = [("Consent-Key", right), ("Authorization", "Basic eDp5")]
    assert closed(wsgi_get(ready, "/", headers, "GET")) is is_closed
    assert not closed(wsgi_get(ready, "/", headers[:1], "GET"))


@pytest.mark.parametrize("question", ["explain", "status", "key", "should_collect", "gate"])
def test_which_questions_close_a_response(question: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        asked = environ[wsgi.KEY]
        gate = asked._settled().named("advertising")
        if question == "explain":
            asked.explain(gate)
        elif question == "key":
            asked.key()
        elif question == "gate":
            assert asked.verdicts([gate]) == [asked.allows(gate)] and asked.key([gate])
        else:
            getattr(asked, question)
        start_response("200 OK", [("Cache-Control", "max-age=60")])
        return [b"page"]

    ready = wsgi.ConsentMiddleware(app, NOTICE, cache="keyed", gates=GATES, country="FR")
    right = wsgi_get(ready, "/consent/key", [], "GET")["Consent-Key"]
    answer = wsgi_get(ready, "/", [("Consent-Key", right)], "GET")
    assert closed(answer) == (question != "gate")


def test_cookies_of_django_are_seen() -> None:
    from django.http import HttpResponse
    from django.test import RequestFactory, override_settings

    from consentpy.django import ConsentMiddleware, gate

    def view(request: Any) -> HttpResponse:
        request.consent.allows(gate("advertising"))
        response = HttpResponse("page", headers={"Cache-Control": "max-age=60"})
        if request.path == "/cookie":
            response.set_cookie("a", "1")
        return response

    settings = {"CONFIG": NOTICE, "CACHE": "keyed", "GATES": GATES, "COUNTRY": "FR"}
    with override_settings(CONSENTPY=settings):
        ready = ConsentMiddleware(view)
        right = ready(RequestFactory().get("/consent/key"))["Consent-Key"]  # type: ignore[index]
        for path, control in (
            ("/", "public, s-maxage=60, max-age=0, must-revalidate"),
            ("/cookie", "private, no-store"),
        ):
            request = RequestFactory().get(path, HTTP_CONSENT_KEY=right)
            response: Any = ready(request)
            assert response["Cache-Control"] == control


def test_a_page_whose_cookies_were_ruled_on_is_for_one_visitor() -> None:
    """A copy of it would not expire the next visitor's cookies, or would."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        environ[wsgi.KEY].allows("adshop")
        headers = [("Cache-Control", "max-age=60")]
        if environ["PATH_INFO"] == "/sets":
            headers.append(("Set-Cookie", "_ad=1"))
        start_response("200 OK", headers)
        return [b"page"]

    layers = [NOTICE, {"consentpy": {"vendorCookies": {"adshop": ["_ad"]}}}]
    ready = wsgi.ConsentMiddleware(app, layers, cache="keyed", gates=GATES, country="FR")
    for cookie, sets, expected in (
        (f"didomi_token={token(*ALL)}; _ad=1", False, False),
        (f"didomi_token={token(*ALL)}", True, True),
        (f"didomi_token={token()}; _ad=1", False, True),
        (f"didomi_token={token()}", True, True),
        (f"didomi_token={token()}", False, False),
    ):
        right = wsgi_get(ready, "/consent/key", [("Cookie", cookie)], "GET")["Consent-Key"]
        headers = [("Cookie", cookie), ("Consent-Key", right)]
        answer = wsgi_get(ready, "/sets" if sets else "/", headers, "GET")
        assert closed(answer) is expected, (cookie, sets)


def test_a_request_past_flasks_wsgi_app_is_marked_the_same() -> None:
    app = flask.Flask("past")
    app.config.update(
        CONSENTPY_CONFIG=NOTICE,
        CONSENTPY_CACHE="keyed",
        CONSENTPY_GATES=GATES,
        CONSENTPY_COUNTRY="FR",
    )
    Consent(app)
    right = wsgi_get(app, "/consent/key", [], "GET")["Consent-Key"]

    @app.route("/")
    def page() -> flask.Response:
        consent.allows("adshop")
        return flask.Response("page", headers={"Cache-Control": "max-age=60"})

    for sent_key, control in (
        (right, "public, s-maxage=60, max-age=0, must-revalidate"),
        ("x", "private, no-store"),
    ):
        with app.test_request_context("/", headers={"Consent-Key": sent_key}):
            assert app.full_dispatch_request().headers["Cache-Control"] == control


def test_headers_that_a_cache_is_told_past_cache_control() -> None:
    found = shared_headers(
        [
            ("Expires", "x"),
            ("X-A", "b"),
            ("vary", "*"),
            ("X-CDN-Cache-Control", "max-age=9"),
            ("X-Accel-Expires", "9"),
            ("X-LiteSpeed-Cache-Control", "public, max-age=9"),
            ("X-LSADC-Cache-Control", "public, max-age=9"),
            ("ETag", 'W/"a"'),
        ],
        5,
        "Consent-Key",
        "k",
    )
    assert found == [
        ("X-A", "b"),
        ("ETag", 'W/"a-k"'),
        ("Vary", "*"),
        ("Cache-Control", "public, s-maxage=5, max-age=0, must-revalidate"),
    ]
