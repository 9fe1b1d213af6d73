"""Requests that try to get at another visitor's copy through nginx and Varnish with the recipes: keys
of their own, headers that caches and servers read differently, parts, conditions, other methods."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django_app.visitors import ALL, token, visitor
from edge_servers import EDGES, get, installed, served, served_async
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from test_web_edge import directives, settings
from web_sites import (
    ADVERT,
    METER,
    NOTICE,
    Answer,
    Headers,
    asgi_get,
    content,
    keywords,
    make_starlette,
    sent,
    wsgi_app,
    wsgi_get,
)

from consentpy import wsgi

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
CHANGES = {"CACHE": "keyed"}


ODD = {"/missing": 404, "/broken": 500, "/gone": 410, "/moved": 301}


def odd(where: str, consent: Any) -> tuple[Headers, bytes]:
    """Answers of other kinds: each asks, and may be kept."""
    body = content("/edge", consent)
    assert isinstance(body, bytes)
    headers = [("Content-Type", "text/html"), ("Cache-Control", "public, max-age=600")]
    if where == "/moved":
        headers.append(("Location", "/with" if consent.allows("adshop") else "/without"))
    return headers, body


def odd_app(environ: Any, start_response: Any) -> Any:
    where = environ["PATH_INFO"]
    if where not in ODD:
        return wsgi_app(environ, start_response)
    headers, body = odd(where, environ[wsgi.KEY])
    start_response(f"{ODD[where]} Odd", headers)
    return [body]


async def odd_view(request: Request) -> Response:
    where = request.url.path
    headers, body = odd(where, request.state.consent)
    return Response(body, ODD[where], dict(headers))


class Edge:
    """A cache with the recipe in front of a site, and the site asked past it."""

    def __init__(self, kind: str, stack: str, port: int, app: Any, ask: Any) -> None:
        self.kind, self.stack, self.port = kind, stack, port
        self._app, self._ask = app, ask

    def get(self, path: str, headers: Headers, method: str = "GET") -> Answer:
        return get(self.port, path, headers, method)

    def right(self, path: str, headers: Headers) -> Answer:
        return self._ask(self._app, path, headers, "GET")  # type: ignore[no-any-return]

    def raw(self, data: bytes) -> bytes:
        """What comes back for these bytes, until the other end is done."""
        with socket.create_connection(("127.0.0.1", self.port), 20) as connection:
            connection.sendall(data)
            got = b""
            while part := connection.recv(65536):
                got += part
        return got


@contextmanager
def edge_of(kind: str, folder: Path, stack: str, **more: Any) -> Iterator[Edge]:
    start = installed(kind)
    folder.mkdir(exist_ok=True)
    if stack == "wsgi":
        given = settings({**CHANGES, **more})
        app: Any = wsgi.ConsentMiddleware(odd_app, **keywords(given))
        with served(app) as origin, start(origin.port, folder, True) as port:
            yield Edge(kind, stack, port, app, wsgi_get)
    else:
        app = make_starlette(settings({**CHANGES, **more}))
        app.router.routes.extend(Route(where, odd_view) for where in ODD)
        with served_async(app) as origin, start(origin.port, folder, True) as port:
            yield Edge(kind, stack, port, app, asgi_get)


@pytest.fixture(scope="module", params=[(e, s) for e in EDGES for s in ("wsgi", "starlette")])
def edge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    kind, stack = request.param
    with edge_of(kind, tmp_path_factory.mktemp("edge"), stack) as found:
        # Both copies are there, so that a wrong one could be given.
        for meta in (AGREED, REFUSED):
            assert tags(found.get("/edge", sent(meta))) == (meta is AGREED,) * 2
        yield found


def tags(answer: Answer) -> tuple[bool, bool]:
    return METER in answer.body, ADVERT in answer.body


def key_of(edge: Edge, meta: dict[str, Any]) -> str:
    return edge.right("/consent/key", sent(meta))["Consent-Key"]


@pytest.mark.parametrize(
    "names",
    [
        ["Consent-Key"],
        ["Consent-Key", "Consent-Key"],
        ["consent-key", "CONSENT-KEY"],
        ["Consent_Key"],
        ["Consent_Key", "Consent-Key"],
        ["Consent-Url"],
        ["X-Consent-Key", "Consent-Key "],
        ["X-Original-URL", "X-Rewrite-URL"],
    ],
)
def test_keys_that_the_visitor_sends(edge: Edge, names: list[str]) -> None:
    for meta, other in ((AGREED, REFUSED), (REFUSED, AGREED)):
        key = key_of(edge, other)
        for value in (key, f"{key}, {key}", f"{key_of(edge, meta)},{key}", "/consent/key"):
            lines = "".join(f"{name}: {value}\r\n" for name in names)
            cookie = dict(sent(meta))["Cookie"]
            got = edge.raw(
                (
                    f"GET /edge HTTP/1.1\r\nHost: testserver\r\nX-Country: FR\r\n{lines}"
                    f"Cookie: {cookie}\r\nConnection: close\r\n\r\n"
                ).encode()
            )
            head, _, body = got.partition(b"\r\n\r\n")
            if names[-1].endswith(" "):  # no header's name ends so, and the request is refused
                if b" 400 " in head[:20]:
                    continue
            assert b" 200 " in head[:20]
            assert (METER in body) is (ADVERT in body) is (meta is AGREED)
            assert b"\nconsent-key:" not in head.lower()


@pytest.mark.parametrize(
    "named", ["Consent-Key", "Cookie", "Consent-Url", "Vary, ETag", "X-Country"]
)
def test_headers_that_the_visitor_calls_its_connections(edge: Edge, named: str) -> None:
    """A proxy takes such headers off: for the key and the page alike, or not at all."""
    for meta in (AGREED, REFUSED):
        for _ in range(2):
            headers = [*sent(meta), ("Connection", f"close, {named}")]
            answer = edge.get("/edge", headers)
            if answer.status == 400 and edge.kind == "varnish":  # it refuses what it knows itself
                break
            assert answer.status == 200
            # Without its cookie, or its country, the visitor agreed to nothing.
            if meta is REFUSED or named not in ("Cookie", "X-Country"):
                assert tags(answer) == (meta is AGREED,) * 2
            assert "private" in directives(answer)
        assert tags(edge.get("/edge", sent(meta))) == (meta is AGREED,) * 2


@pytest.mark.parametrize("split", ["two lines", "folded", "long", "many"])
def test_cookies_that_are_read_in_many_ways(edge: Edge, split: str) -> None:
    """Whatever of them is understood is the same for the key and for the page."""
    for meta in (AGREED, REFUSED):
        cookie = dict(sent(meta))["Cookie"]
        own = dict(sent(REFUSED))["Cookie"]
        lines = {
            "two lines": f"Cookie: a=1\r\nCookie: {cookie}",
            "folded": f"Cookie: a=1;\r\n {cookie}",
            "long": f"Cookie: {cookie}; {'x' * 6000}=1",
            "many": f"Cookie: {cookie}; {own}",
        }[split]
        request = (
            f"GET /edge HTTP/1.1\r\nHost: testserver\r\nX-Country: FR\r\n{lines}\r\n"
            "Connection: close\r\n\r\n"
        )
        got = edge.raw(request.encode())
        if split == "folded" and b" 400 " in got[:20]:
            continue
        assert b" 200 " in got[:20], got[:200]
        if meta is REFUSED or split == "many":
            assert METER not in got and ADVERT not in got
    for meta in (AGREED, REFUSED):
        assert tags(edge.get("/edge", sent(meta))) == (meta is AGREED,) * 2


def test_parts_of_a_page(edge: Edge) -> None:
    """A part is one of the visitor's own page, and of no other when it is to go with a kept one."""
    tags_of = {
        meta["HTTP_COOKIE"]: edge.get("/edge", sent(meta))["ETag"] for meta in (AGREED, REFUSED)
    }
    for meta, other in ((AGREED, REFUSED), (REFUSED, AGREED)):
        whole = edge.right("/edge", sent(meta)).body
        for spec in ("bytes=0-9", "bytes=20-", "bytes=-20", "bytes=0-0,5-9", "bytes=9999-", "x"):
            answer = edge.get("/edge", sent(meta, Range=spec))
            assert answer.status in (200, 206, 416)
            if answer.status == 200:
                assert answer.body == whole
            elif answer.status == 206 and "," not in spec:
                assert answer.body in whole
            stale = edge.get(
                "/edge", sent(meta, Range=spec, If_Range=tags_of[other["HTTP_COOKIE"]])
            )
            assert (stale.status, stale.body) == (200, whole)


def test_conditions(edge: Edge) -> None:
    kept = {
        name: edge.get("/edge", sent(meta))["ETag"]
        for name, meta in (("y", AGREED), ("n", REFUSED))
    }
    for name, meta in (("y", AGREED), ("n", REFUSED)):
        own, other = kept[name], kept["n" if name == "y" else "y"]
        for value in (own, f"W/{own}", f'"a", {own}', f'{own}, "b"', f"{other}, {own}"):
            answer = edge.get("/edge", sent(meta, If_None_Match=value))
            assert answer.status in (200, 304) and not (answer.status == 304 and answer.body)
            assert answer.status == 304 or answer.body == edge.right("/edge", sent(meta)).body
        for value in (other, f"W/{other}", f'"a", {other}', '"base"', "", '"', other + "x"):
            for more in ({}, {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
                answer = edge.get("/edge", sent(meta, If_None_Match=value, **more))
                assert answer.status == 200, value
                assert answer.body == edge.right("/edge", sent(meta)).body
        answer = edge.get("/edge", sent(meta, If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT"))
        assert (answer.status, tags(answer)) == (200, (name == "y",) * 2)


def test_other_methods(edge: Edge) -> None:
    for _ in range(2):
        for meta in (AGREED, REFUSED):
            head = edge.get("/edge", sent(meta), "HEAD")
            assert (head.status, head.body) == (200, b"")
            assert head["ETag"] == edge.get("/edge", sent(meta))["ETag"]
            for method in ("POST", "PUT", "DELETE", "OPTIONS"):
                answer = edge.get("/edge", [*sent(meta), ("Content-Length", "0")], method)
                assert answer.status in (200, 405)
                if answer.status == 200:
                    assert tags(answer) == (meta is AGREED,) * 2
                    assert "private" in directives(answer)
    for method in ("PURGE", "BAN", "TRACE", "CONNECT"):
        edge.get("/edge", sent(AGREED), method)
    for meta in (AGREED, REFUSED):
        assert tags(edge.get("/edge", sent(meta))) == (meta is AGREED,) * 2


def test_a_get_with_a_body(edge: Edge) -> None:
    for meta in (AGREED, REFUSED):
        cookie = dict(sent(meta))["Cookie"]
        for framing, body in (
            ("Content-Length: 5", "a=b&c"),
            ("Transfer-Encoding: chunked", "5\r\na=b&c\r\n0\r\n\r\n"),
        ):
            got = edge.raw(
                (
                    "GET /edge HTTP/1.1\r\nHost: testserver\r\nX-Country: FR\r\n"
                    f"Cookie: {cookie}\r\n{framing}\r\nConnection: close\r\n\r\n{body}"
                ).encode()
            )
            assert b" 200 " in got[:20], (framing, got[:300])
            assert (METER in got) is (ADVERT in got) is (meta is AGREED)


def test_addresses_of_the_key(edge: Edge) -> None:
    """Nobody outside learns a key, whatever way its address is written."""
    for path in (
        "/consent/key",
        "/consent/key?x",
        "//consent/key",
        "/./consent/key",
        "/a/../consent/key",
        "/%63onsent/key",
        "/consent/key/",
        "/consent%2Fkey",
        "http://testserver/consent/key",
        "http://testserver/consent/key?x",
    ):
        for method in ("GET", "HEAD", "POST"):
            answer = edge.get(path, [*sent(AGREED), ("Content-Length", "0")], method)
            assert "Consent-Key" not in answer, path
            for meta in (AGREED, REFUSED):
                assert tags(edge.get("/edge", sent(meta))) == (meta is AGREED,) * 2


def test_errors_and_redirects(edge: Edge) -> None:
    for path, status in ODD.items():
        for _ in range(3):
            for meta in (AGREED, REFUSED, visitor("FR")):
                answer = edge.get(path, sent(meta))
                assert answer.status == status
                assert answer.body == edge.right(path, sent(meta)).body
                assert "private" in directives(answer)
                if status == 301:
                    assert ("without" in answer["Location"]) is (meta is not AGREED)


@pytest.mark.parametrize("stack", ["wsgi", "starlette"])
@pytest.mark.parametrize("kind", EDGES)
def test_cookies_of_vendors_behind_a_kept_page(kind: str, stack: str, tmp_path: Path) -> None:
    """The kept page expires nothing, so who still has such cookies does not get it."""
    layers = [NOTICE, {"consentpy": {"vendorCookies": {"meter": ["_m_*"]}}}]
    with edge_of(kind, tmp_path, stack, CONFIG=layers) as edge:
        for path in ("/edge", "/plain"):
            for name in ("", "_m_1", "_m_2", "", "_m_1"):
                for meta in (REFUSED, AGREED):
                    cookie = meta["HTTP_COOKIE"] + (f"; {name}=1" if name else "")
                    answer = edge.get(path, sent({**meta, "HTTP_COOKIE": cookie}))
                    over = [value for key, value in answer.pairs if key.lower() == "set-cookie"]
                    if meta is REFUSED and name:
                        assert [line.startswith(f"{name}=; ") for line in over] == [True]
                        assert directives(answer) == {"private", "no-store"}
                    else:
                        assert over == [], (path, name)
                    if path == "/edge":
                        assert tags(answer) == (meta is AGREED,) * 2
