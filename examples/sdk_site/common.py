"""What the site says, whatever serves it. Nothing here knows of consent."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "templates"
NOTICE = HERE / "notice.json"

#: Where the tags come from; a real page names the hosts of its vendors.
TAGS = os.environ.get("TAGS", "http://127.0.0.1:8001")

#: address -> template
PAGES = {
    "/": "front.html",
    "/imprint": "imprint.html",  # no gated tag
    "/strict": "strict.html",  # under a Content-Security-Policy
    "/stream": "front.html",  # sent in pieces
}


def answer(where: str) -> tuple[dict[str, str], dict[str, str]]:
    """The headers of a page, and the values of its template."""
    nonce = secrets.token_urlsafe(16)
    headers = {"Content-Type": "text/html; charset=utf-8"}
    if where == "/strict":
        headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; img-src {TAGS} data:; base-uri 'none'"
        )
    return headers, {"tags": TAGS, "nonce": nonce}


def pieces(page: str) -> Iterator[bytes]:
    """The page as it might come from a slow source, cut without regard to its tags."""
    raw = page.encode()
    return (raw[at : at + 50] for at in range(0, len(raw), 50))


def arguments() -> tuple[int, bool]:
    """``[PORT] [--without]``: the port, and whether the middleware is there."""
    port = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    return (port or [8000])[0], "--without" not in sys.argv


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def serve(make: Callable[[bool], Any]) -> None:
    """A WSGI application on loopback, until it is interrupted."""
    port, consent = arguments()
    with make_server("127.0.0.1", port, make(consent), _Server, _Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()
