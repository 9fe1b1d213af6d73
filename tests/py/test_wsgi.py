"""WSGI: the corners of the protocol that a middleware can break."""

from __future__ import annotations

import gc
import io
import sys
import weakref
from collections.abc import Iterator
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper

import pytest
from django_app.visitors import ALL, token
from web_sites import NOTICE

from consentpy.wsgi import KEY, ConsentMiddleware, LateReadError

AGREED = f"didomi_token={token(*ALL)}"


def ready(app: Any) -> ConsentMiddleware:
    return ConsentMiddleware(app, NOTICE, country="FR")


def environ(**more: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/it",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_COOKIE": AGREED,
        **more,
    }


def served(app: Any, **more: Any) -> bytes:
    """What wsgiref's server writes."""
    out = io.BytesIO()
    errors = io.StringIO()
    handler = SimpleHandler(io.BytesIO(), out, errors, environ(**more), False, False)
    handler.run(ready(app))
    assert errors.getvalue() == ""
    return out.getvalue()


class Server:
    """Start_response of a server, and what it was told."""

    def __init__(self) -> None:
        self.started: list[tuple[str, dict[str, str]]] = []
        self.written: list[bytes] = []

    def __call__(self, status: str, headers: Any, exc_info: Any = None) -> Any:
        if exc_info and self.started:
            raise exc_info[1]
        assert not self.started or exc_info
        self.started.append((status, dict(headers)))
        return self.written.append


def test_an_app_may_ask_after_start_response() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Cache-Control", "public")])
        return [b"yes" if environ[KEY].allows("meter") else b"no"]

    text = served(app)
    assert b"Cache-Control: private\r\n" in text and text.endswith(b"yes")


def test_a_generator_may_ask_until_its_first_part() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"yes " if environ[KEY].allows("meter") else b"no "
        yield b"still" if environ[KEY].allows("adshop") else b"no"

    text = served(app)
    assert b"Cache-Control: private\r\n" in text and text.endswith(b"yes still")


def test_write_sends_the_headers() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        allowed = environ[KEY].allows("meter")
        write = start_response("200 OK", [("ETag", '"a"')])
        write(b"one ")
        write(b"two " if allowed else b"")
        return [b"three"]

    text = served(app)
    assert b"Cache-Control: private" in text and text.endswith(b"one two three")
    etag = next(line for line in text.decode().splitlines() if line.startswith("ETag: "))
    again = served(app, HTTP_IF_NONE_MATCH=etag.removeprefix("ETag: "))
    assert again.startswith(b"HTTP/1.0 304 Not Modified") and again.endswith(b"\r\n\r\n")


def test_an_error_page_takes_the_place_of_a_started_response() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-Old", "1")])
        environ[KEY].allows("meter")
        try:
            raise KeyError("x")
        except KeyError:
            start_response("500 Error", [("X-New", "1")], sys.exc_info())
        return [b"sorry"]

    server = Server()
    assert list(ready(app)(environ(), server)) == [b"sorry"]
    ((status, headers),) = server.started
    assert (
        status == "500 Error" and "X-Old" not in headers and headers["Cache-Control"] == "private"
    )


def test_an_error_after_the_headers_is_raised() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"part"
        try:
            raise KeyError("too late")
        except KeyError:
            start_response("500 Error", [], sys.exc_info())

    body = iter(ready(app)(environ(), Server()))
    assert next(body) == b"part"
    with pytest.raises(KeyError, match="too late"):
        next(body)


def test_an_exception_passes_and_closes() -> None:
    seen: list[Any] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(environ[KEY])
        raise RuntimeError("broken")

    given = environ(HTTP_IF_NONE_MATCH='"a"')
    with pytest.raises(RuntimeError, match="broken"):
        ready(app)(given, Server())
    assert given["HTTP_IF_NONE_MATCH"] == '"a"'
    with pytest.raises(LateReadError):
        seen[0].should_collect  # noqa: B018


class Body:
    def __init__(self, *parts: bytes) -> None:
        self.parts, self.closed = iter(parts), 0

    def __iter__(self) -> Iterator[bytes]:
        return self.parts

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("condition", ["", '"a"'])
def test_the_body_is_closed_once(condition: str) -> None:
    body = Body(b"a", b"b")

    def app(environ: Any, start_response: Any) -> Body:
        start_response("200 OK", [("ETag", '"a"')])
        return body

    more = {"HTTP_IF_NONE_MATCH": condition} if condition else {}
    text = served(app, **more)
    assert body.closed == 1
    assert text.startswith(b"HTTP/1.0 304") == bool(condition)


def test_a_servers_file_wrapper_reaches_it(tmp_path: Any) -> None:
    file = io.BytesIO(b"film")

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](file)

    result = ready(app)(environ(**{"wsgi.file_wrapper": FileWrapper}), Server())
    assert isinstance(result, FileWrapper)


def test_the_application_does_not_see_the_conditions_and_others_do() -> None:
    seen: list[bool] = []

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        seen.append("HTTP_IF_NONE_MATCH" in environ)
        start_response("200 OK", [("ETag", '"b"')])
        yield b"x"

    given = environ(HTTP_IF_NONE_MATCH='"a"', HTTP_IF_MODIFIED_SINCE="x")
    body = ready(app)(given, Server())
    assert list(body) == [b"x"] and seen == [False]
    assert given["HTTP_IF_NONE_MATCH"] == '"a"' and given["HTTP_IF_MODIFIED_SINCE"] == "x"


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("PUT", {}),
        ("POST", {}),
        ("GET", {"HTTP_IF_MATCH": '"b"'}),
        ("HEAD", {"HTTP_IF_UNMODIFIED_SINCE": "x"}),
    ],
)
def test_other_conditions_are_the_applications(method: str, more: dict[str, str]) -> None:
    seen: list[str] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(environ["HTTP_IF_NONE_MATCH"])
        start_response("200 OK", [("ETag", '"a"')])
        return [b"x"]

    server = Server()
    given = environ(REQUEST_METHOD=method, HTTP_IF_NONE_MATCH='"a"', **more)
    assert list(ready(app)(given, server)) == [b"x"]
    assert seen == ['"a"'] and server.started[0][0] == "200 OK"


@pytest.mark.parametrize("status", ["404 Not Found", "500 Error", "301 Moved"])
def test_only_a_success_becomes_a_304(status: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("ETag", '"a"')])
        return [b"x"]

    assert b"304" not in served(app, HTTP_IF_NONE_MATCH='"a"')


def test_the_stand_in_says_what_it_is() -> None:
    seen: list[str] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        consent = environ[KEY]
        seen.append(repr(consent))
        with pytest.raises(TypeError, match=r'environ\["consentpy.status"\] is neither'):
            bool(consent)
        start_response("200 OK", [])
        return [b""]

    served(app)
    assert seen == ["<_EnvironConsent: not read>"]


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("streams", [True, False])
def test_a_request_is_not_kept_alive_by_its_consent(asks: bool, streams: bool) -> None:
    kept: list[Any] = []

    def app(environ: Any, start_response: Any) -> Any:
        kept.append(weakref.ref(environ[KEY]))
        if asks:
            environ[KEY].allows("meter")
        start_response("200 OK", [])
        return iter([b"x"]) if streams else [b"x"]

    def request() -> None:
        body: Any = ready(app)(environ(), Server())
        assert b"".join(body) == b"x"
        if streams:
            body.close()  # as every server does

    gc.collect()
    gc.disable()
    try:
        request()
        assert kept[0]() is None
    finally:
        gc.enable()
