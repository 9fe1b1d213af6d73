"""REWRITE in every web stack: a page written for the browser's SDK alone is gated on the server."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path as django_path
from django_app.visitors import ALL, VISITORS, token, visitor
from web_sites import (
    GATES,
    NOTICE,
    OWN,
    SDK,
    STACKS,
    Answer,
    Headers,
    Site,
    asgi_get,
    sent,
    wsgi_get,
)

import consentpy as cp
from consentpy import asgi, html, wsgi
from consentpy.django import ConsentMiddleware
from consentpy.flask import Consent
from consentpy.web.rewriting import taken

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
CONFIG = cp.Config(NOTICE)
PAGE = SDK.encode()
NONCE = "r4nd0mR4nd0m=="


def nonce(request: Any) -> str:
    return NONCE


@pytest.fixture(scope="module", params=STACKS)
def site(request: pytest.FixtureRequest) -> Site:
    return Site(request.param, {"REWRITE": True})


def expected(meta: dict[str, Any], nonce: str | None = None) -> bytes:
    status = CONFIG.status(
        meta.get("HTTP_COOKIE", ""),
        country=meta.get("HTTP_X_COUNTRY"),
        region=meta.get("HTTP_X_REGION"),
    )
    return html.rewrite(PAGE, status, nonce)


def live(body: bytes) -> tuple[bool, bool]:
    """Whether the measurement's and the advert's script came to life."""
    return (
        b'<script type="text/javascript" data-vendor="c:meter"' in body,
        b'<script type="text/javascript" data-vendor="c:adshop"' in body,
    )


def names(value: str) -> set[str]:
    return {part.strip() for part in value.split(",")}


def private(answer: Answer) -> bool:
    return "Cookie" in names(answer["Vary"]) and "private" in names(answer["Cache-Control"])


# ------------------------------------------------------------------ what is rewritten


@pytest.mark.parametrize("name", VISITORS)
@pytest.mark.parametrize("path", ["/sdk", "/sdk-parts"])
def test_each_visitor_gets_the_tags_allowed(site: Site, path: str, name: str) -> None:
    meta, meter, advert = VISITORS[name]
    answer = site.get(path, sent(meta))
    assert answer.body == expected(meta) and live(answer.body) == (meter, advert)
    assert private(answer)
    if "Content-Length" in answer:
        assert path == "/sdk" and answer["Content-Length"] == str(len(answer.body))
    assert "Last-Modified" not in answer


def test_headers_of_a_changed_page(site: Site) -> None:
    answer = site.get("/sdk", sent(AGREED))
    assert answer["Content-Length"] == str(len(answer.body)) != str(len(PAGE))
    assert names(answer["Cache-Control"]) == {"private", "max-age=60"}
    assert answer["ETag"].startswith('"base-') and "Accept-Ranges" not in answer


def test_a_page_without_gated_tags_is_left_alone(site: Site) -> None:
    if site.stack == "wsgi generator":  # nobody knows that its first part is all of it
        assert private(site.get("/sdk-none", sent(AGREED)))
        return
    answers = [site.get("/sdk-none", sent(meta)) for meta, _, _ in VISITORS.values()]
    assert {answer.body for answer in answers} == {PAGE.replace(b"didomi/", b"other/")}
    assert {answer["Cache-Control"] for answer in answers} == {"public, s-maxage=60"}
    assert {answer["ETag"] for answer in answers} == {'"base"'}
    assert not any("Vary" in answer for answer in answers)


@pytest.mark.parametrize("path", ["/sdk-gzip", "/sdk-16", "/sdk-text", "/where"])
def test_what_is_not_taken_keeps_its_bytes(site: Site, path: str) -> None:
    plain = Site(site.stack).get(path, sent(AGREED))
    answer = site.get(path, sent(AGREED))
    assert (answer.status, answer.body) == (200, plain.body)
    assert sorted(answer.pairs) == sorted(plain.pairs)
    assert ("Vary" in answer) is (path == "/where")
    if path == "/sdk-gzip":
        assert gzip.decompress(answer.body) == PAGE


def test_head(site: Site) -> None:
    """No body, no length that GET does not have, and kept apart as GET's is."""
    for path in ("/sdk", "/sdk-parts"):
        for meta in (AGREED, REFUSED):
            get, head = site.get(path, sent(meta)), site.get(path, sent(meta), "HEAD")
            assert head.status == 200 and private(head)
            assert head["ETag"] == get["ETag"]
            assert "Content-Length" not in head or head["Content-Length"] == get["Content-Length"]
    for path in ("/sdk-gzip", "/sdk-text"):
        assert "Vary" not in site.get(path, sent(AGREED), "HEAD")


# ------------------------------------------------------------------ kept copies


@pytest.mark.parametrize("path", ["/sdk", "/sdk-parts"])
def test_nobody_keeps_a_tag_after_refusing(site: Site, path: str) -> None:
    first = site.get(path, sent(AGREED))
    assert live(first.body) == (True, True)
    conditions: list[dict[str, str]] = [
        {"If_None_Match": first["ETag"]},
        {"If_None_Match": '"base"'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ]
    for condition in conditions:
        again = site.get(path, sent(REFUSED, **condition))
        assert (again.status, live(again.body)) == (200, (False, False)), condition
    same = site.get(path, sent(AGREED, If_None_Match=first["ETag"]))
    assert (same.status, same.body, same["ETag"]) == (304, b"", first["ETag"])
    assert private(same)


def test_visitors_in_any_order(site: Site) -> None:
    """A page's ETag differs whenever the page does."""
    seen: dict[str, bytes] = {}
    with site.held():
        for meta, _, _ in [*VISITORS.values(), *reversed(VISITORS.values())]:
            answer = site.get("/sdk", sent(meta))
            assert seen.setdefault(answer["ETag"], answer.body) == answer.body
    assert len(set(seen.values())) == 3 and len(seen) >= 7


# ------------------------------------------------------------------ the nonce


@pytest.mark.parametrize("path", ["/sdk", "/sdk-parts"])
@pytest.mark.parametrize("stack", STACKS)
def test_nonce_of_a_function(stack: str, path: str) -> None:
    with_nonce = Site(stack, {"REWRITE": True, "NONCE": nonce})
    answer = with_nonce.get(path, sent(AGREED))
    assert answer.body == expected(AGREED, NONCE) and answer.body.count(NONCE.encode()) == 2
    # The policy of a later request has another nonce, so no copy may be used again.
    assert "ETag" not in answer


@pytest.mark.parametrize("bad", ['"><script>', "a b", "\u00e9", 7 * "=", "boom"])
def test_what_is_no_nonce_is_not_written(bad: str, caplog: pytest.LogCaptureFixture) -> None:
    def function(request: Any) -> str:
        if bad == "boom":
            raise RuntimeError(bad)
        return bad

    for stack in ("wsgi", "asgi", "django"):
        answer = Site(stack, {"REWRITE": True, "NONCE": function}).get("/sdk", sent(AGREED))
        assert answer.body == expected(AGREED)
        assert "nonce" in caplog.text
        caplog.clear()


def test_nonce_that_a_stack_keeps_on_its_request() -> None:
    class Lazy:
        """Made on first use; false until then, as Django's is."""

        asked = 0

        def __bool__(self) -> bool:
            return bool(self.asked)

        def __str__(self) -> str:
            self.asked += 1
            return NONCE

    for attribute in ("csp_nonce", "_csp_nonce"):
        for body, times in ((PAGE, 1), (b"<p>nothing gated</p>", 0)):
            request = RequestFactory().get("/", **AGREED)
            lazy = Lazy()
            setattr(request, attribute, lazy)
            with override_settings(CONSENTPY=_settings()):
                response: Any = ConsentMiddleware(lambda _, body=body: HttpResponse(body))(request)
            assert lazy.asked == times
            assert response.content == (expected(AGREED, NONCE) if times else body)

    app = flask.Flask("nonces")
    app.config.update({f"CONSENTPY_{key}": value for key, value in _settings().items()})
    Consent(app)

    @app.before_request
    def keep() -> None:
        flask.request.csp_nonce = NONCE  # type: ignore[attr-defined]

    app.add_url_rule("/", "page", lambda: SDK)
    answer = wsgi_get(app, "/", sent(AGREED), "GET")
    assert answer.body == expected(AGREED, NONCE)
    assert answer["Content-Length"] == str(len(answer.body))


def _settings(**changes: Any) -> dict[str, Any]:
    return {
        "CONFIG": NOTICE,
        "COUNTRY_HEADER": "X-Country",
        "REGION_HEADER": "X-Region",
        "GATES": GATES,
        "REWRITE": True,
        **changes,
    }


# ------------------------------------------------------------------ which responses


HTML = ("Content-Type", "text/html")


@pytest.mark.parametrize(
    ("code", "headers", "is_taken"),
    [
        (200, [HTML], True),
        (404, [HTML], True),
        (500, [("content-TYPE", " Text/HTML ;charset=ISO-8859-1; x=y")], True),
        (200, [("Content-Type", "text/html;charset='utf-8'")], False),
        (200, [HTML, ("Content-Encoding", "identity")], True),
        (200, [HTML, ("Content-Encoding", " ")], True),
        (200, [HTML, ("Content-Encoding", "br")], False),
        (200, [HTML, ("Content-Encoding", "identity"), ("Content-Encoding", "gzip")], False),
        (204, [HTML], False),
        (205, [HTML], False),
        (206, [HTML], False),
        (304, [HTML], False),
        (101, [HTML], False),
        (0, [HTML], False),
        (200, [HTML, ("Content-Range", "bytes 0-9/99")], False),
        (200, [HTML, HTML], False),
        (200, [], False),
        (200, [("Content-Type", "application/xhtml+xml")], False),
        (200, [("Content-Type", "text/html-sandboxed")], False),
        (200, [("Content-Type", "application/json; a=text/html")], False),
        (200, [("Content-Type", 'text/html; charset="Windows-1252"')], True),
        (200, [("Content-Type", "text/html; charset=Shift_JIS")], True),
        (200, [("Content-Type", "text/html; charset=iso-2022-jp")], False),
        (200, [("Content-Type", "text/html; charset=utf-16le")], False),
        (200, [("Content-Type", "text/html; charset=utf-7")], False),
        (200, [("Content-Type", "text/html; charset=utf-8; charset=utf-16")], False),
        (200, [("Content-Type", "text/html; charset=")], False),
        (200, [("Content-Type", "text/html; charset=unheard-of")], False),
    ],
)
def test_which_responses_are_taken(code: int, headers: Headers, is_taken: bool) -> None:
    assert taken(code, headers) is is_taken


def plain_wsgi(code: str, headers: Headers, body: Any, **changes: Any) -> Any:
    def app(environ: Any, start_response: Any) -> Any:
        start_response(code, list(headers))
        return body() if callable(body) else body

    return wsgi.ConsentMiddleware(app, **{k.lower(): v for k, v in _settings(**changes).items()})


@pytest.mark.parametrize("code", ["206 Partial Content", "304 Not Modified", "204 No Content"])
def test_parts_and_answers_without_a_body(code: str) -> None:
    body = PAGE if code[:3] == "206" else b""
    headers = [HTML, ("ETag", '"base"'), ("Content-Length", str(len(body)))]
    answer = wsgi_get(plain_wsgi(code, headers, [body]), "/", sent(AGREED), "GET")
    assert (answer.body, answer.pairs) == (body, headers)


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
@pytest.mark.parametrize("size", [1, 2, 5, 10_000])
def test_the_mark_of_utf_16_goes_before_the_header(mark: bytes, size: int) -> None:
    body = mark + PAGE
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    for given in (lambda: iter(parts), lambda: [body]):
        answer = wsgi_get(plain_wsgi("200 OK", [HTML], given), "/", sent(AGREED), "GET")
        assert answer.body == body


# ------------------------------------------------------------------ odd ends of each stack


def _cut(size: int) -> list[bytes]:
    return [PAGE[at : at + size] for at in range(0, len(PAGE), size)]


@pytest.mark.parametrize("size", [1, 3, 64, len(PAGE)])
def test_wsgi_bodies(size: int) -> None:
    closed: list[str] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter(_cut(size))

        def close(self) -> None:
            closed.append("closed")

    length = ("Content-Length", str(len(PAGE)))
    for body in (lambda: _cut(size), lambda: tuple(_cut(size)), Body, lambda: iter(_cut(size))):
        for headers in ([HTML], [HTML, length]):
            for meta in (AGREED, REFUSED):
                answer = wsgi_get(plain_wsgi("200 OK", headers, body), "/", sent(meta), "GET")
                assert answer.body == expected(meta) and private(answer)
                if "Content-Length" in answer:
                    assert answer["Content-Length"] == str(len(answer.body))
    assert len(closed) == 4


def test_wsgi_write_and_an_open_tag_at_the_end() -> None:
    tail = b'<script type="didomi/javascript" '

    def app(environ: Any, start_response: Any) -> Any:
        write = start_response("200 OK", [HTML, ("Content-Length", str(len(PAGE + tail)))])
        for part in _cut(5):
            write(part)
        return [tail]

    written: list[bytes] = []
    started: list[Any] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:
        started.append(headers)
        return written.append

    settings = {key.lower(): value for key, value in _settings().items()}
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", **AGREED}
    body = wsgi.ConsentMiddleware(app, **settings)(environ, start_response)
    text = b"".join([*written, *body])
    assert text == expected(AGREED) + tail
    assert not any(name == "Content-Length" for name, _ in started[0])


def test_a_file_of_html(tmp_path: Any) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    app = flask.Flask("files")
    app.config.update({f"CONSENTPY_{key}": value for key, value in _settings().items()})
    Consent(app)
    app.add_url_rule("/", "page", lambda: flask.send_file(tmp_path / "page.html", etag=True))

    class Wrapper:
        def __init__(self, file: Any, size: int = 8192) -> None:
            self.file, self.size, self.close = file, size, file.close

        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            data = self.file.read(self.size)
            if not data:
                raise StopIteration
            return bytes(data)

    def with_wrapper(environ: Any, start_response: Any) -> Any:
        environ["wsgi.file_wrapper"] = Wrapper
        return app(environ, start_response)

    for served in (app, with_wrapper):
        for meta in (AGREED, REFUSED):
            answer = wsgi_get(served, "/", sent(meta), "GET")
            assert answer.body == expected(meta) and private(answer)
            partial = wsgi_get(served, "/", [*sent(meta), ("Range", "bytes=0-99")], "GET")
            assert (partial.status, partial.body) == (206, PAGE[:100])

    def view(request: Any) -> Any:
        return FileResponse(io.BytesIO(PAGE), content_type="text/html")

    with override_settings(CONSENTPY=_settings()):
        for meta in (AGREED, REFUSED):
            response: Any = ConsentMiddleware(view)(RequestFactory().get("/", **meta))
            assert not response.has_header("Content-Length")
            assert getattr(response, "file_to_stream", None) is None
            assert b"".join(response.streaming_content) == expected(meta)
            response.close()


def _asgi(messages: Callable[[], list[Any]]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert "http.response.pathsend" not in scope["extensions"]
        assert "http.response.trailers" in scope["extensions"]
        for message in messages():
            await send(message)

    settings = {key.lower(): value for key, value in _settings().items()}
    inner = asgi.ConsentMiddleware(app, **settings)

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        extensions: dict[str, Any] = {"http.response.pathsend": {}, "http.response.trailers": {}}
        await inner({**scope, "extensions": extensions}, receive, send)

    return outer


@pytest.mark.parametrize("size", [1, 7, len(PAGE)])
@pytest.mark.parametrize("has_end", [True, False])
@pytest.mark.parametrize("has_length", [True, False])
def test_asgi_bodies(size: int, has_end: bool, has_length: bool) -> None:
    headers = [(b"Content-Type", b"text/html"), (b"ETag", b'"base"')]
    if has_length:
        headers.append((b"Content-Length", str(len(PAGE)).encode()))

    def messages() -> list[Any]:
        bodies = [
            {"type": "http.response.body", "body": part, "more_body": True} for part in _cut(size)
        ]
        if has_end:
            bodies.append({"type": "http.response.body"})
        else:
            bodies[-1]["more_body"] = False
        return [{"type": "http.response.start", "status": 200, "headers": iter(headers)}, *bodies]

    for meta in (AGREED, REFUSED):
        answer = asgi_get(_asgi(messages), "/", sent(meta), "GET")
        assert answer.body == expected(meta) and private(answer)
        if "Content-Length" in answer:
            assert answer["Content-Length"] == str(len(answer.body))
        again = asgi_get(_asgi(messages), "/", sent(meta, If_None_Match=answer["ETag"]), "GET")
        assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("kind", [bytearray, memoryview])
@pytest.mark.parametrize("size", [7, len(PAGE)])
def test_asgi_bodies_that_are_not_bytes(kind: Any, size: int) -> None:
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/html")],
    }

    def messages() -> list[Any]:
        cut = _cut(size)
        return [
            start,
            *(
                {"type": "http.response.body", "body": kind(part), "more_body": part is not cut[-1]}
                for part in cut
            ),
        ]

    assert asgi_get(_asgi(messages), "/", sent(AGREED), "GET").body == expected(AGREED)


def test_asgi_that_returns_after_its_start() -> None:
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/html")],
    }
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    app = _asgi(lambda: [start])
    asyncio.run(app({"type": "http", "method": "GET", "path": "/", "headers": []}, None, send))
    assert messages == [start]


def test_django_streams_that_are_abandoned_are_closed() -> None:
    closed: list[str] = []

    def parts() -> Iterator[bytes]:
        try:
            yield from _cut(9)
        finally:
            closed.append("closed")

    def view(request: Any) -> Any:
        return StreamingHttpResponse(parts())

    with override_settings(CONSENTPY=_settings()):
        response: Any = ConsentMiddleware(view)(RequestFactory().get("/", **AGREED))
    stream = iter(response)
    next(stream)
    response.close()
    assert closed == ["closed"]


# ------------------------------------------------------------------ Django's own caches

UPDATE = "django.middleware.cache.UpdateCacheMiddleware"
FETCH = "django.middleware.cache.FetchFromCacheMiddleware"
CALLS: list[str] = []


def counted(request: Any) -> Any:
    CALLS.append(request.path)
    return HttpResponse(SDK)


urlpatterns = [django_path("kept", counted)]


def test_djangos_site_cache_keeps_the_page_before_it_is_rewritten() -> None:
    CALLS.clear()
    caches = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "rw"}
    }
    middleware = [
        "django.middleware.gzip.GZipMiddleware",
        "django.middleware.http.ConditionalGetMiddleware",
        "consentpy.django.ConsentMiddleware",
        UPDATE,
        FETCH,
    ]
    with override_settings(
        CONSENTPY=_settings(), ROOT_URLCONF=__name__, MIDDLEWARE=middleware, CACHES=caches
    ):
        for meta, meter, advert in list(VISITORS.values()) * 2:
            answer = wsgi_get(WSGIHandler(), "/kept", sent(meta), "GET")
            assert live(answer.body) == (meter, advert) and private(answer)
            packed = wsgi_get(WSGIHandler(), "/kept", sent(meta, Accept_Encoding="gzip"), "GET")
            assert packed["Content-Encoding"] == "gzip" and packed.text == expected(meta)
            again = wsgi_get(
                WSGIHandler(), "/kept", sent(meta, If_None_Match=answer["ETag"]), "GET"
            )
            assert again.status == 304
            refused = wsgi_get(
                WSGIHandler(), "/kept", sent(REFUSED, If_None_Match=answer["ETag"]), "GET"
            )
            assert live(refused.body) == (False, False)
    assert CALLS == ["/kept"]


def test_the_plain_page_of_each_stack_is_not_rewritten_without_the_key() -> None:
    for stack in STACKS:
        answer = Site(stack).get("/sdk", sent(AGREED))
        assert answer.body == PAGE and dict(answer.pairs).get("Vary") is None
        assert dict(OWN["/sdk"])["ETag"] == answer["ETag"]
