"""Cookies of vendors: where they are, in which lines they come, and when an answer changes them."""

from __future__ import annotations

import pickle
from typing import Any

import flask
import pytest
from django_app.visitors import ALL, token
from test_vendor_cookies import AGREED, CHANGED, REFUSED, UNASKED, expired, lines, names, with_sent
from web_sites import NOTICE, OWN, STACKS, Headers, Site, sent, wsgi_get

from consentpy import wsgi
from consentpy.web.headers import seconds
from consentpy.web.vendor_cookies import is_over, name_of
from helpers import within

LATER = "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def serving(monkeypatch: pytest.MonkeyPatch, *cookies: str) -> None:
    """/plain sets these cookies."""
    own = [pair for pair in OWN["/plain"] if pair[0] != "Cache-Control"]
    monkeypatch.setitem(OWN, "/plain", own + [("Set-Cookie", cookie) for cookie in cookies])


def attributes(line: str) -> set[str]:
    return {part.strip().lower() for part in line.split(";")[1:]}


# ------------------------------------------------------------------ where they are


def test_the_sites_own_line_tells_where_its_cookie_is(
    stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving(monkeypatch, "_meter=7; Path=/shop; Domain=example.org; Secure; SameSite=None")
    answer = Site(stack, CHANGED).get("/plain", with_sent(REFUSED, "_meter"))
    assert expired(answer) == ["_meter", "_meter"] and names(answer) == []
    first, second = map(attributes, lines(answer))
    assert "path=/" in first and not any(part.startswith("domain") for part in first)
    assert {"path=/shop", "domain=example.org", "secure", "samesite=none", "max-age=0"} <= second


def test_a_partitioned_cookie_is_another_cookie() -> None:
    """Python knows the attribute from 3.14 on, so only what sends lines can be tried with it."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Set-Cookie", "_meter=7; Path=/; Secure; Partitioned")])
        return [b""]

    ready = wsgi.ConsentMiddleware(app, CHANGED["CONFIG"], country="FR")
    answer = wsgi_get(ready, "/", with_sent(REFUSED, "_meter"), "GET")
    assert [("partitioned" in attributes(line)) for line in lines(answer)] == [False, True]


def test_names_whose_beginning_is_a_promise(stack: str) -> None:
    needed = {
        "__Host-m": {"secure"},
        "__SECURE-m": {"secure"},
        "__Http-m": {"secure", "httponly"},
        "__Host-Http-m": {"secure", "httponly"},
        "_meter": set(),
    }
    config = [NOTICE, {"consentpy": {"vendorCookies": {"meter": list(needed)}}}]
    answer = Site(stack, {"CONFIG": config}).get("/plain", with_sent(REFUSED, *needed))
    for line in lines(answer):
        assert attributes(line) & {"secure", "httponly"} == needed[line.partition("=")[0]]
    assert len(lines(answer)) == len(needed)


# ------------------------------------------------------------------ lines


@pytest.mark.parametrize(
    ("line", "name", "over"),
    [
        ("_m=1", "_m", False),
        (" _m = 1 ; Path=/", "_m", False),
        ("=_m=1", "_m", False),  # nameless, and sent as `_m=1`
        ("_m", "_m", False),
        ("_m=; Max-Age=0", "_m", True),
        ("_m=; max-age = -5", "_m", True),
        ("_m=; Max-Age=00", "_m", True),
        ("_m=; Max-Age=0; Max-Age=60", "_m", False),
        ("_m=; Max-Age=60; Max-Age=0", "_m", True),
        ("_m=; Max-Age=x; Max-Age=0; Max-Age=", "_m", True),
        ("_m=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "_m", True),
        ("_m=; expires=Thu, 01-Jan-1970 00:00:00 GMT; Path=/", "_m", True),
        (f"_m=; Expires={LATER}", "_m", False),
        (f"_m=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires={LATER}", "_m", False),
        ("_m=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", "_m", False),
        (f"_m=; Max-Age=0; Expires={LATER}", "_m", True),
        ("_m=; Expires=never", "_m", False),
        ("_m=1; X=Max-Age=0", "_m", False),
        ("_m=Max-Age=0", "_m", False),
        ("_m=; Max-Age=-" + "9" * 9000, "_m", True),
    ],
)
def test_reading_a_line(line: str, name: str, over: bool) -> None:
    assert (name_of(line), is_over(line)) == (name, over)
    assert seconds(LATER) is not None


def test_the_sites_own_end_by_a_date_goes_through(
    stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = "_meter=; expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/shop"
    serving(monkeypatch, end)
    answer = Site(stack, CHANGED).get("/plain", sent(UNASKED))
    (line,) = lines(answer)
    assert line.startswith("_meter=") and "path=/shop" in attributes(line)


def test_a_header_that_a_django_view_sets_itself() -> None:
    from django.http import HttpResponse
    from django.test import RequestFactory, override_settings

    from consentpy.django import ConsentMiddleware

    def view(request: Any) -> HttpResponse:
        response = HttpResponse("page")
        response["Set-Cookie"] = request.GET["line"]
        response.set_cookie("_ads", "1")
        return response

    with override_settings(CONSENTPY={**CHANGED, "COUNTRY": "FR"}):
        ready = ConsentMiddleware(view)
        for line, allowed in (("_meter=7", False), ("_meter=; Max-Age=0", True), ("a=1", True)):
            for meta in (AGREED, REFUSED):
                request = RequestFactory().get("/", {"line": line}, **meta)
                response: Any = ready(request)
                assert ("Set-Cookie" in response) is (allowed or meta is AGREED)
                assert ("_ads" in response.cookies) is (meta is AGREED)


def test_django_can_keep_a_response_whose_cookies_were_expired() -> None:
    from consentpy.django.cookies import _Line

    morsel = pickle.loads(pickle.dumps(_Line("$a", "$a=; Max-Age=0")))
    assert (morsel.key, morsel.value, morsel.coded_value) == ("$a", "", "")
    assert morsel.output(header="") == " $a=; Max-Age=0"


# ------------------------------------------------------------------ together with the answer


@pytest.mark.parametrize("stack", ["wsgi", "asgi", "flask", "starlette", "django", "django asgi"])
def test_the_response_that_brings_the_refusal(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, f"didomi_token={token()}; Path=/", "_meter=7; Path=/", "_basket=1")
    answer = Site(stack, CHANGED).get("/plain", with_sent(AGREED, "_ads"))
    assert names(answer) == ["didomi_token", "_basket"]
    assert expired(answer) == ["_ads"]


@pytest.mark.parametrize("stack", ["wsgi", "asgi", "flask", "starlette", "django", "django asgi"])
def test_the_response_that_brings_the_agreement(
    stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Denied until the visitor's own request says yes; what is there is left."""
    serving(monkeypatch, f"didomi_token={token(*ALL)}; Path=/", "_meter=7; Path=/")
    answer = Site(stack, CHANGED).get("/plain", with_sent(REFUSED, "_ads"))
    assert names(answer) == ["didomi_token"]
    assert expired(answer) == []


def test_the_response_that_forgets_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, "didomi_token=; Max-Age=0; Path=/", "_meter=7; Path=/")
    answer = Site("wsgi", CHANGED).get("/plain", with_sent(AGREED, "_ads"))
    assert names(answer) == [] and expired(answer) == ["didomi_token"]


def test_another_cookie_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, "session=\xe9; Path=/", "_meter=7; Path=/")
    for meta in (AGREED, {**AGREED, "HTTP_COOKIE": "x=\xff; " + AGREED["HTTP_COOKIE"]}):
        answer = Site("wsgi", CHANGED).get("/plain", with_sent(meta, "_ads"))
        assert names(answer) == ["session", "_meter"] and expired(answer) == []


# ------------------------------------------------------------------ caches, streams, conditions


def test_a_304_expires_them_too(stack: str) -> None:
    site = Site(stack, CHANGED)
    kept = site.get("/tagged", with_sent(REFUSED, "_meter"))
    again = site.get("/tagged", [*with_sent(REFUSED, "_meter"), ("If-None-Match", kept["ETag"])])
    assert (again.status, again.body) == (304, b"") and expired(again) == ["_meter"]


def test_a_stream_expires_them_too(stack: str) -> None:
    answer = Site(stack, CHANGED).get("/stream", with_sent(REFUSED, "_meter"))
    assert expired(answer) == ["_meter"] and answer.body == b"start none"


KEYED = {**CHANGED, "CACHE": "keyed"}


def test_a_kept_page_is_not_for_a_visitor_whose_cookies_are_to_go(stack: str) -> None:
    """The copy has no Set-Cookie, so such a visitor's key is one that no copy has."""
    site = Site(stack, KEYED)

    def key(headers: Headers) -> str:
        return site.get("/consent/key", headers)["Consent-Key"]

    plain, dirty = sent(REFUSED), with_sent(REFUSED, "_meter", "other")
    assert key(dirty) != key(plain) == key(with_sent(REFUSED, "other"))
    assert key(dirty) == key(with_sent(REFUSED, "_ads", "_m_9"))  # one more key, not one each
    for path in ("/edge", "/plain"):
        answer = site.get(path, [*dirty, ("Consent-Key", key(dirty))])
        assert answer["Cache-Control"] == "private, no-store" and expired(answer) == ["_meter"]
        assert "Consent-Key" not in answer
    # Nothing goes, so nothing is special: allowed, essential, and not yet asked.
    for meta, name in ((AGREED, "_meter"), (REFUSED, "_basket"), (UNASKED, "_meter")):
        assert key(with_sent(meta, name)) == key(sent(meta))


def test_many_cookies_and_many_vendors_take_little_time() -> None:
    """A header of many short names: declared ones, and such that each vendor would be asked for."""
    many = {f"v{n}": [f"_{n}", "a*"] for n in range(300)}
    vendors = [{"id": name, "name": name, "purposeIds": ["audience"]} for name in many]
    config = [
        NOTICE,
        {"app": {"vendors": {"custom": vendors}}},
        {"consentpy": {"vendorCookies": many}},
    ]

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b""]

    ready = wsgi.ConsentMiddleware(app, config, country=lambda _: ("US", "CA"))
    for start, count in (("a", 32), ("b", 0)):
        head = "; ".join(f"{start}{n:x}" for n in range(12000))
        with within(0.1):
            answer = wsgi_get(ready, "/", [("Cookie", head), ("Sec-GPC", "1")], "GET")
        assert len(expired(answer)) == count


def test_past_flasks_wsgi_app() -> None:
    app = flask.Flask("past")
    app.config.update(CONSENTPY_CONFIG=CHANGED["CONFIG"], CONSENTPY_COUNTRY="FR")
    from consentpy.flask import Consent, consent

    Consent(app)

    @app.route("/")
    def page() -> flask.Response:
        consent.allows("adshop")
        response = flask.Response("page")
        response.set_cookie("_meter", "7", path="/shop")
        return response

    with app.test_request_context("/", headers=with_sent(REFUSED, "_meter")):
        found = app.full_dispatch_request().headers.getlist("Set-Cookie")
    assert ["path=/" in attributes(line) for line in found] == [True, False]
