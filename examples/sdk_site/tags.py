"""The vendors' hosts, in small: serves what the tags ask for, and tells each fetch.

``python tags.py`` in a second terminal, on port 8001.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: A script says that it ran; `runs` is for the tests.
_SCRIPT = "(window.runs = window.runs || []).push(document.currentScript.src);\n"
_CONTENT = {
    "js": ("text/javascript", _SCRIPT),
    "html": (
        "text/html",
        "<!doctype html><title>Clip</title><link rel='icon' href='data:,'><p>A clip.",
    ),
    "gif": ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
}


class Counter(ThreadingHTTPServer):
    """Everything that was fetched, in order, as it stood in the request."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.fetched: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Counter)
        self.server.fetched.append(self.path)
        kind = self.path.partition("?")[0].rpartition(".")[2]
        media, text = _CONTENT.get(kind, ("text/plain", ""))
        self.send_response(200)
        self.send_header("Content-Type", media)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        if __name__ == "__main__":
            print("fetched", self.path, flush=True)


if __name__ == "__main__":
    Counter(int(sys.argv[1]) if len(sys.argv) > 1 else 8001).serve_forever()
