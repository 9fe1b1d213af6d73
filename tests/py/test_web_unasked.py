"""What a request that never asks leaves behind, and the headers that a look tells."""

from __future__ import annotations

import gc
import json
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from django_app.visitors import ALL, token
from web_sites import NOTICE

import consentpy as cp
from consentpy.flask import Consent, LateReadError, RequestConsent, consent, stand_in
from consentpy.web.headers import private_headers, silent
from consentpy.wsgi import KEY, ConsentMiddleware

LAYER = json.loads(NOTICE.read_text())
AGREED = f"didomi_token={token(*ALL)}"


def make(**changes: Any) -> flask.Flask:
    app = flask.Flask("unasked")
    app.config.update({"CONSENTPY_CONFIG": NOTICE, "CONSENTPY_COUNTRY": "FR", **changes})
    Consent(app)

    def parts() -> Iterator[str]:
        yield "first "
        yield "yes" if consent.allows("meter") else "no"

    def late() -> Iterator[str]:
        yield "first "
        with pytest.raises(LateReadError):
            consent.status  # noqa: B018
        yield "denied" if not consent.allows("meter") else "allowed"

    views: dict[str, Callable[[], Any]] = {
        "plain": lambda: "text",
        "asked": lambda: "yes" if consent.allows("meter") else "no",
        "stream": lambda: flask.Response(flask.stream_with_context(parts())),
        "late": lambda: flask.Response(flask.stream_with_context(late())),
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, view)
    return app


class Request:
    """An environ and the server's half, which knows the environ as real servers do."""

    def __init__(self, path: str, cookie: str = AGREED) -> None:
        self.environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_COOKIE": cookie,
            "wsgi.url_scheme": "http",
            "wsgi.errors": None,
        }
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def start(self, status: str, headers: Any, exc_info: Any = None) -> Any:
        self.status, self.headers = status, headers

    def sent_to(self, app: Any) -> bytes:
        body = app(self.environ, self.start)
        try:
            return b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()


def test_no_stand_in_is_made_before_the_first_question(monkeypatch: pytest.MonkeyPatch) -> None:
    app, made = make(), []
    first = RequestConsent.__init__

    def counting(self: Any, *args: Any) -> None:
        made.append(self)
        first(self, *args)

    monkeypatch.setattr(RequestConsent, "__init__", counting)
    request = Request("/plain")
    assert request.sent_to(app) == b"text" and not made
    assert request.environ[KEY] is None
    assert "Cache-Control" not in dict(request.headers) and "Vary" not in dict(request.headers)
    request = Request("/asked")
    assert request.sent_to(app) == b"yes" and len(made) == 1
    assert request.environ[KEY] is made[0]
    assert dict(request.headers)["Cache-Control"] == "private"


@pytest.mark.parametrize("path", ["/stream", "/late"])
def test_a_first_question_after_the_headers_denies(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    request = Request(path)
    assert request.sent_to(make()) == {"/stream": b"first no", "/late": b"first denied"}[path]
    assert "Cache-Control" not in dict(request.headers)
    assert f"headers of '{path}' were sent" in caplog.text


@pytest.mark.parametrize("path", ["/plain", "/asked", "/stream", "/late"])
def test_a_request_is_gone_when_it_is_over(path: str) -> None:
    """Without the garbage collector: nothing of a request leads back to itself."""

    class Mark:
        pass

    app = make()
    Request(path).sent_to(app)  # what is made once
    marks = []

    def one() -> None:
        request, mark = Request(path), Mark()
        request.environ["mark"] = mark
        marks.append(weakref.ref(mark))
        request.sent_to(app)

    gc.collect()
    gc.disable()
    try:
        one()
        assert marks[0]() is None
    finally:
        gc.enable()


def test_applications_inside_one_another_have_a_consent_each() -> None:
    other = {"app": {"vendors": {"custom": [{"id": "meter", "purposeIds": ["else"]}]}}}
    inner = make(CONSENTPY_CONFIG_FOR=lambda request: cp.Config(other))
    outer = make()
    seen: list[bool] = []

    def both() -> Any:
        seen.append(consent.allows("meter"))
        environ = flask.request.environ
        result = Request("/asked")
        result.environ = {**environ, "PATH_INFO": "/asked"}
        seen.append(result.sent_to(inner) == b"yes")
        seen.append(consent.allows("meter"))
        return ""

    outer.add_url_rule("/both", "both", both)
    assert Request("/both").sent_to(outer) == b""
    assert seen == [True, False, True]


def test_a_copy_of_the_environ_does_not_decide_for_its_request() -> None:
    """A request context that is made of the environ of the request, with another visitor's cookie."""
    app = make()
    seen: list[bool] = []

    def copying() -> str:
        with app.request_context({**flask.request.environ, "HTTP_COOKIE": ""}):
            consent.allows("meter")
        seen.append(consent.allows("meter"))
        return ""

    app.add_url_rule("/copying", "copying", copying)
    for cookie, expected in ((AGREED, True), ("", False)):
        Request("/copying", cookie).sent_to(app)
        assert seen.pop() is expected


def test_threads_that_ask_at_once_get_one_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make()
    both = threading.Barrier(2, timeout=20)
    first = RequestConsent.__init__

    def waiting(self: Any, *args: Any) -> None:
        both.wait()
        first(self, *args)

    monkeypatch.setattr(RequestConsent, "__init__", waiting)
    seen: list[Any] = []

    def view() -> str:
        def ask() -> None:
            seen.append(stand_in())

        threads = [
            threading.Thread(target=flask.copy_current_request_context(ask)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return ""

    app.add_url_rule("/threads", "threads", view)
    Request("/threads").sent_to(app)
    assert len(seen) == 2 and seen[0] is seen[1]


@pytest.mark.parametrize("stack", ["wsgi", "flask"])
@pytest.mark.parametrize("cookie", [AGREED, ""])
@pytest.mark.parametrize("changes", [{}, {"CONFIG_FOR": lambda request: None}])
def test_cookies_of_vendors_are_taken_off_where_nothing_asked(
    stack: str, cookie: str, changes: dict[str, Any]
) -> None:
    notice = {**LAYER, "consentpy": {"vendorCookies": {"meter": ["_meter"]}}}
    lines = [("Set-Cookie", "_meter=1"), ("Set-Cookie", "own=1")]

    def plain(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", lines)
        return [b"text"]

    app: Any
    if stack == "wsgi":
        given = {key.lower(): value for key, value in changes.items()}
        app = ConsentMiddleware(plain, notice, country="FR", **given)
    else:
        given = {f"CONSENTPY_{key}": value for key, value in changes.items()}
        app = make(**{"CONSENTPY_CONFIG": notice, **given})
        app.add_url_rule("/", "root", lambda: flask.Response("text", headers=lines))
    request = Request("/", cookie)
    assert request.sent_to(app) == b"text"
    kept = ["_meter=1", "own=1"] if cookie else ["own=1"]
    assert [value for name, value in request.headers if name == "Set-Cookie"] == kept


def test_a_file_that_is_read_again_counts_where_nothing_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notice.json"
    path.write_text(json.dumps(LAYER))

    def plain(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Set-Cookie", "_meter=1")])
        return [b"text"]

    app = ConsentMiddleware(plain, str(path), country="FR", reload=True)
    before = Request("/", "")
    before.sent_to(app)
    notice = {**LAYER, "consentpy": {"vendorCookies": {"meter": ["_meter"]}}}
    path.write_text(json.dumps(notice))
    os.utime(path, (1, 1))
    real = time.monotonic
    monkeypatch.setattr("consentpy.web.holder._now", lambda: real() + 60)
    after = Request("/", "")
    after.sent_to(app)
    assert ("Set-Cookie", "_meter=1") in before.headers
    assert ("Set-Cookie", "_meter=1") not in after.headers


@pytest.mark.parametrize(
    "name",
    [
        "Cache-Control",
        "vary",
        "ETag",
        "LAST-MODIFIED",
        "Surrogate-Control",
        "x-accel-expires",
        "CDN-Cache-Control",
        "acme-cdn-cache-control",
        "Content-Type",
        "Set-Cookie",
        "Expires",
        "X-Vary",
    ],
)
def test_a_look_tells_what_the_long_way_tells(name: str) -> None:
    """Headers are silent exactly when a private response keeps them and only gets two more."""
    headers = [("Content-Length", "4"), (name, '"value"')]
    added = private_headers((), ("Cookie", "Sec-GPC"), "")
    assert len(added) == 2
    same = private_headers(headers, ("Cookie", "Sec-GPC"), "key") == [*headers, *added]
    assert silent(headers) is same


def test_the_clock_is_the_one_that_a_test_has_put_there(monkeypatch: pytest.MonkeyPatch) -> None:
    config = cp.Config(NOTICE)
    assert config.status(AGREED, country="FR").allows("meter")
    far = time.time() + 10 * 366 * 86_400
    monkeypatch.setattr(time, "time", lambda: far)
    assert not config.status(AGREED, country="FR").allows("meter")
    monkeypatch.setattr(time, "time", lambda: "soon")
    with pytest.raises(TypeError):
        config.status(AGREED, country="FR")
