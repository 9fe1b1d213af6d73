"""The site in Starlette: ``python in_starlette.py``, with uvicorn."""

from __future__ import annotations

from collections.abc import AsyncIterator

from common import NOTICE, PAGES, TEMPLATES, answer, arguments, pieces
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from consentpy.asgi import ConsentMiddleware

templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)


async def page(request: Request) -> Response:
    where = request.url.path
    headers, values = answer(where)
    text = templates.get_template(PAGES[where]).render(values)
    if where == "/stream":
        return StreamingResponse(streamed(text), headers=headers)
    return Response(text, headers=headers)


async def streamed(text: str) -> AsyncIterator[bytes]:
    for piece in pieces(text):
        yield piece


def make(consent: bool = True) -> Starlette:
    app = Starlette(routes=[Route(where, page) for where in PAGES])
    if consent:
        # All that changes:
        app.add_middleware(
            ConsentMiddleware, config=NOTICE, country_header="CF-IPCountry", rewrite=True
        )
    return app


if __name__ == "__main__":
    import socket

    import uvicorn

    port, consent = arguments()
    with socket.create_server(("127.0.0.1", port)) as listening:
        print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
        uvicorn.Server(uvicorn.Config(make(consent), log_level="warning")).run([listening])
