"""ASGI: messages, websockets, lifespan, Starlette's state and FastAPI's dependencies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django_app.visitors import ALL, VISITORS, token, visitor
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from web_sites import NOTICE, asgi_get, sent

from consentpy.asgi import ConsentMiddleware, SettingsError, consent

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")


def ready(app: Any) -> ConsentMiddleware:
    return ConsentMiddleware(app, NOTICE, country_header="X-Country")


def run(app: Any, scope: dict[str, Any], *received: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[Any] = []
    waiting = list(received)

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def http(*headers: tuple[str, str], **more: Any) -> dict[str, Any]:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers]
    return {
        "type": "http",
        "method": "GET",
        "path": "/it",
        "query_string": b"",
        "headers": pairs,
        **more,
    }


def socket(*headers: tuple[str, str]) -> dict[str, Any]:
    return {**http(*headers), "type": "websocket", "subprotocols": []}


def test_lifespan_is_passed_through() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, await receive()))
        await send({"type": "lifespan.startup.complete"})

    scope = {"type": "lifespan", "state": {}}
    sent_back = run(ready(app), scope, {"type": "lifespan.startup"})
    assert seen[0][0] is scope and scope["state"] == {}
    assert sent_back == [{"type": "lifespan.startup.complete"}]


def test_a_websocket_may_ask_at_any_time() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        allowed = scope["state"]["consent"].allows("meter")
        await send({"type": "websocket.send", "text": str(allowed)})

    for meta, expected in ((AGREED, "True"), (REFUSED, "False")):
        assert run(ready(app), socket(*sent(meta))) == [
            {"type": "websocket.accept"},
            {"type": "websocket.send", "text": expected},
        ]


def test_messages_are_the_same_objects_when_nothing_was_read() -> None:
    messages = [
        {"type": "http.response.debug", "info": {}},
        {"type": "http.response.start", "status": 200, "headers": [(b"ETag", b'"a"')]},
        {"type": "http.response.body", "body": b"x", "more_body": True},
        {"type": "http.response.pathsend", "path": "/x"},
    ]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    found = run(ready(app), http())
    assert all(a is b for a, b in zip(found, messages, strict=True))


def test_headers_go_out_at_once_unless_an_etag_needs_more() -> None:
    order: list[str] = []

    def app_with(etag: bool) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope["state"]["consent"].allows("meter")
            headers = [(b"etag", b'"a"')] if etag else []
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            order.append("started")
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        return app

    async def send(message: Any) -> None:
        order.append(message["type"].rsplit(".", 1)[1])

    for etag in (False, True):
        asyncio.run(ready(app_with(etag))(http(*sent(AGREED)), None, send))  # type: ignore[arg-type]
    assert order[:4] == ["start", "started", "body", "body"]
    assert order[4:] == ["started", "start", "body", "body"]


@pytest.mark.parametrize(
    "after",
    [
        [],
        [{"type": "http.response.pathsend", "path": "/x"}],
        [{"type": "http.response.zerocopysend", "file": 1}],
    ],
)
def test_a_response_without_body_messages(after: list[dict[str, Any]]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["consent"].allows("meter")
        headers = [(b"etag", b'"a"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for message in after:
            await send(message)

    first = run(ready(app), http(*sent(AGREED)))
    assert [m["type"] for m in first] == ["http.response.start", *(m["type"] for m in after)]
    headers = dict(first[0]["headers"])
    assert headers[b"cache-control"] == b"private" and headers[b"etag"] != b'"a"'
    condition = ("If-None-Match", headers[b"etag"].decode())
    again = run(ready(app), http(*sent(AGREED), condition))
    assert [m["type"] for m in again] == ["http.response.start", "http.response.body"]
    assert again[0]["status"] == 304


def test_a_failing_app_raises_and_sends_nothing_of_its_own() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["consent"].allows("meter")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b"a")]})
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        run(ready(app), http())


def test_the_state_of_a_connection_is_not_shared_between_visitors() -> None:
    """A proxy sends the requests of many visitors over one connection."""
    seen: list[tuple[bool, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.01)
        seen.append((scope["state"]["consent"].allows("meter"), scope["state"]["pool"]))

    state = {"pool": "shared"}

    async def both() -> None:
        wrapped = ready(app)
        calls = [wrapped(http(*sent(m), state=state), None, None) for m in (AGREED, REFUSED)]  # type: ignore[arg-type]
        await asyncio.gather(*calls)

    asyncio.run(both())
    assert sorted(seen) == [(False, "shared"), (True, "shared")]
    assert state == {"pool": "shared"}


def test_conditions_are_hidden_from_the_application_only() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append([name for name, _ in scope["headers"]])

    scope = http(("If-None-Match", '"a"'), ("X-A", "1"), ("If-Modified-Since", "x"))
    before = list(scope["headers"])
    run(ready(app), scope)
    run(ready(app), {**scope, "method": "PUT"})
    run(ready(app), http(("If-None-Match", '"a"'), ("If-Match", '"b"')))
    assert seen == [
        [b"x-a"],
        [b"if-none-match", b"x-a", b"if-modified-since"],
        [b"if-none-match", b"if-match"],
    ]
    assert scope["headers"] == before


def test_headers_may_be_any_iterable() -> None:
    def app_that_asks(asks: bool) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            if asks:
                scope["state"]["consent"].allows("meter")
            headers = ((name, b'"a"') for name in (b"etag", b"x-a"))
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b""})

        return app

    for asks in (False, True):
        start = run(ready(app_that_asks(asks)), http())[0]
        names = [name for name, _ in start["headers"]]
        assert names == [b"etag", b"x-a"] + [b"vary", b"cache-control"] * asks


def test_head_has_the_etag_of_the_streamed_body() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["consent"].allows("meter")
        headers = [(b"etag", b'"a"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "GET":
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    got, headed = (
        dict(run(ready(app), http(*sent(AGREED), method=method))[0]["headers"])
        for method in ("GET", "HEAD")
    )
    assert got == headed


def test_several_lines_of_a_condition_count() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"etag", b'"b"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x"})

    found = run(ready(app), http(("If-None-Match", '"a"'), ("If-None-Match", '"b"')))
    assert found[0]["status"] == 304 and found[1]["body"] == b"" and len(found) == 2


# ------------------------------------------------------------------ Starlette and FastAPI


def test_starlette_state_behind_other_middleware() -> None:
    async def page(request: Any) -> Response:
        return PlainTextResponse(str(request.state.consent.allows("meter")))

    async def outer(request: Any, call_next: Any) -> Response:
        response = await call_next(request)
        response.headers["X-Law"] = request.state.consent.notice.regulation
        return response

    app = Starlette(routes=[Route("/it", page)])
    app.add_middleware(BaseHTTPMiddleware, dispatch=outer)
    app.add_middleware(ConsentMiddleware, config=NOTICE, country_header="X-Country")
    answer = asgi_get(app, "/it", sent(AGREED), "GET")
    assert answer.body == b"True" and answer["X-Law"] == "gdpr"
    assert answer["Cache-Control"] == "private"


def test_a_background_task_is_late() -> None:
    seen: list[bool] = []

    async def page(request: Any) -> Response:
        stand_in = request.state.consent
        task = BackgroundTask(lambda: seen.append(stand_in.allows("meter")))
        return PlainTextResponse("ok", background=task)

    answer = asgi_get(ready(Starlette(routes=[Route("/it", page)])), "/it", sent(AGREED), "GET")
    assert seen == [False] and "Vary" not in answer


@pytest.mark.parametrize("name", VISITORS)
def test_depends_consent(name: str) -> None:
    meta, meter, advert = VISITORS[name]
    app = FastAPI()
    needs = Depends(consent)

    @app.get("/sync")
    def sync(visitor: Any = needs) -> dict[str, bool]:
        return {"meter": visitor.allows("meter"), "advert": visitor.allows("adshop", "adverts")}

    @app.get("/async")
    async def asynchronous(visitor: Any = needs) -> dict[str, bool]:
        return {"meter": visitor.allows("meter"), "advert": visitor.allows("adshop", "adverts")}

    wrapped = ConsentMiddleware(app, NOTICE, country_header="X-Country", region_header="X-Region")
    for path in ("/sync", "/async"):
        answer = asgi_get(wrapped, path, sent(meta), "GET")
        expected = JSONResponse({"meter": meter, "advert": advert}).body
        assert (answer.status, answer.body) == (200, expected)
    assert "parameters" not in app.openapi()["paths"]["/sync"]["get"]


def test_depends_in_a_websocket() -> None:
    app = FastAPI()
    needs = Depends(consent)

    @app.websocket("/it")
    async def talk(websocket: WebSocket, visitor: Any = needs) -> None:
        await websocket.accept()
        await websocket.send_text(str(visitor.allows("meter")))
        await websocket.close()

    found = run(ready(app), socket(*sent(AGREED)), {"type": "websocket.connect"})
    assert [m.get("text") for m in found if m["type"] == "websocket.send"] == ["True"]


def test_a_dependency_without_the_middleware_says_so() -> None:
    with pytest.raises(SettingsError, match="ConsentMiddleware"):
        consent(HTTPConnection(http()))
    assert repr(consent) == "<consentpy.asgi.consent>"
