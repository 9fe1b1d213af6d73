"""A site on loopback, and real caches in front of it; everything ends with its block."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import uvicorn
from web_sites import Answer, Headers

RECIPES = Path(__file__).resolve().parents[2] / "examples" / "edge"
_PRELOADS = ("LD_", "ASAN_", "LSAN_", "UBSAN_")
_WITH_SBIN = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
NGINX = shutil.which("nginx", path=_WITH_SBIN)
VARNISH = shutil.which("varnishd", path=_WITH_SBIN)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:  # without asking a name server who we are
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "testserver", self.server_address[1]
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def address_string(self) -> str:
        return "127.0.0.1"


class Source:
    """The site behind the cache. `calls` counts the requests that reached it, by path."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.calls: Counter[str] = Counter()
        self.port = 0


class Origin(Source):
    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.calls[environ["PATH_INFO"]] += 1
        return self.app(environ, start_response)


@contextmanager
def served(app: Any) -> Iterator[Origin]:
    """The application on a free port, one thread for each request."""
    origin = Origin(app)
    with make_server("127.0.0.1", 0, origin, _Server, _Quiet) as server:
        origin.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield origin
        finally:
            server.shutdown()
            thread.join()


class AsyncOrigin(Source):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls[scope["path"]] += 1
        await self.app(scope, receive, send)


@contextmanager
def served_async(app: Any) -> Iterator[AsyncOrigin]:
    """An ASGI application on a free port, behind uvicorn."""
    origin = AsyncOrigin(app)
    config = uvicorn.Config(
        origin, loop="asyncio", http="h11", ws="none", lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        origin.port = int(listening.getsockname()[1])
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield origin
        finally:
            server.should_exit = True
            thread.join()


def get(port: int, path: str, headers: Headers, method: str = "GET") -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", "testserver")
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _adapted(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[int]:
    # Not what the sanitizers want of Python: these programs were built without them.
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_PRELOADS)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=kept, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        for _ in range(600):
            if process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            raise AssertionError(f"{command[0]} does not answer: {log.read_text()}")
        assert process.poll() is None, log.read_text()
        yield port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


PLAIN_NGINX = """
proxy_cache_path FOLDER levels=1:2 keys_zone=site:1m;
server {
    listen LISTEN;
    location / {
        proxy_pass http://127.0.0.1:ORIGIN;
        proxy_set_header Host $host;
        proxy_cache site;
    }
}
"""

PLAIN_VARNISH = """
vcl 4.1;
backend site { .host = "127.0.0.1"; .port = "ORIGIN"; }
sub vcl_recv {
    if (req.method == "GET" || req.method == "HEAD") { return (hash); }
}
"""


@contextmanager
def nginx(origin: int, folder: Path, keyed: bool) -> Iterator[int]:
    """nginx with the recipe, or with a cache that knows nothing of consent; gives its port."""
    assert NGINX is not None
    port = _free_port()
    store = folder / "store"
    store.mkdir()
    if keyed:
        site = _adapted(
            (RECIPES / "nginx.conf").read_text("utf-8"),
            {
                "/var/cache/nginx/site": str(store),
                "listen 80;": f"listen 127.0.0.1:{port};",
                "127.0.0.1:8000": f"127.0.0.1:{origin}",
            },
        )
    else:
        changes = {"FOLDER": str(store), "LISTEN": f"127.0.0.1:{port}", "ORIGIN": str(origin)}
        site = _adapted(PLAIN_NGINX, changes)
    (folder / "site.conf").write_text(site, "utf-8")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}include {folder}/site.conf; }}\n",
        "utf-8",
    )
    command = [NGINX, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    with _running(command, port, folder / "nginx.log") as ready:
        yield ready


@contextmanager
def varnish(origin: int, folder: Path, keyed: bool) -> Iterator[int]:
    """Varnish, the same way."""
    assert VARNISH is not None
    port = _free_port()
    if keyed:
        text = _adapted((RECIPES / "varnish.vcl").read_text("utf-8"), {'"8000"': f'"{origin}"'})
    else:
        text = _adapted(PLAIN_VARNISH, {"ORIGIN": str(origin)})
    (folder / "site.vcl").write_text(text, "utf-8")
    command = [VARNISH, "-F", "-j", "none", "-n", str(folder / "work"), "-T", "none"]
    command += ["-a", f"127.0.0.1:{port}", "-f", str(folder / "site.vcl"), "-s", "malloc,32m"]
    with _running(command, port, folder / "varnish.log") as ready:
        yield ready


EDGES: dict[str, tuple[str | None, Callable[..., Any]]] = {
    "nginx": (NGINX, nginx),
    "varnish": (VARNISH, varnish),
}


def installed(edge: str) -> Callable[..., Any]:
    """What starts this cache; the test is skipped where there is none."""
    program, start = EDGES[edge]
    if program is None:
        pytest.skip(f"{edge} is not installed: apt-get install {edge}")
    return start
