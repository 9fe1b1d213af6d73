"""One small page in every stack, behind one way to ask for it.

`SITES` has one `Site` for each stack. All of them run the notice, the gates and the headers of
`django_app`, and serve the same paths:

/page       three gates: the measurement by its name, the advert by ids, and an essential vendor
/plain      asks for nothing; cacheable by everybody
/tagged     as /page, with an ETag, a date, and headers for caches
/dated      asks for nothing; has a date only
/broad      asks for more than gates
/stream     asks first when its body is on its way
/early      asks, then streams, and goes on asking; has an ETag
/encoded    as /page, compressed by the application
/where      the law, as text
/edge       asks the two gates of GATES and nothing else; has headers for caches

and, for REWRITE, a page that was written for the browser's SDK:

/sdk        whole, with its length, an ETag and headers for caches
/sdk-parts  in small pieces
/sdk-none   the same without a gated tag
/sdk-gzip   compressed by the application
/sdk-16     in UTF-16
/sdk-text   as plain text
"""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import django_app  # noqa: F401  (sets Django up)
import flask
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.template import engines
from django.test import override_settings
from django.urls import path as django_path
from django_app import settings as project
from fastapi import Depends, FastAPI
from fastapi import Response as FastResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from consentpy import asgi, wsgi
from consentpy.asgi import consent as depends_consent
from consentpy.flask import Consent as FlaskConsent
from consentpy.flask import consent as flask_consent

NOTICE = Path(project.__file__).parent / "notice.json"
GATES = project.CONSENTPY["GATES"]
METER, ADVERT, BASKET = b"/s/meter.js", b"/s/adshop.js", b"/s/basket.js"
WHEN = "Mon, 01 Jan 2024 00:00:00 GMT"

Headers = list[tuple[str, str]]

#: Before the consent: two scripts, and a picture that is waiting in a script of the SDK.
SDK = """<!doctype html>
<script src="/s/basket.js"></script><b>essential</b>
<script type="didomi/javascript" data-vendor="c:meter" src="/s/meter.js"></script>
<script type="didomi/javascript" data-vendor="c:adshop">load("/s/adshop.js")</script>
<script type="didomi/html" data-purposes="audience"><img src="/s/pixel.gif" alt="caf\u00e9"></script>
"""

#: Headers that each path's response has before the middleware sees it.
OWN: dict[str, Headers] = {
    "/page": [("Content-Type", "text/html")],
    "/plain": [
        ("Content-Type", "text/html"),
        ("Cache-Control", "public, s-maxage=60"),
        ("ETag", '"base"'),
        ("Last-Modified", WHEN),
    ],
    "/tagged": [
        ("Content-Type", "text/html"),
        ("Cache-Control", "public, max-age=60, s-maxage=900"),
        ("ETag", '"base"'),
        ("Last-Modified", WHEN),
        ("Vary", "Accept-Language"),
        ("Surrogate-Control", "max-age=900"),
        ("Example-CDN-Cache-Control", "max-age=900"),
    ],
    "/dated": [("Content-Type", "text/html"), ("Last-Modified", WHEN)],
    "/broad": [("Content-Type", "text/plain"), ("ETag", '"base"')],
    "/stream": [("Content-Type", "text/plain")],
    "/early": [("Content-Type", "text/plain"), ("ETag", '"base"')],
    "/encoded": [("Content-Type", "text/html"), ("Content-Encoding", "gzip")],
    "/where": [("Content-Type", "text/plain")],
    "/edge": [
        ("Content-Type", "text/html"),
        ("Cache-Control", "public, max-age=60, s-maxage=900"),
        ("ETag", '"base"'),
        ("Last-Modified", WHEN),
        ("Vary", "Accept-Language"),
        ("Surrogate-Control", "max-age=900"),
    ],
    "/sdk": [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(SDK.encode()))),
        ("Cache-Control", "public, max-age=60, s-maxage=900"),
        ("ETag", '"base"'),
        ("Last-Modified", WHEN),
        ("Accept-Ranges", "bytes"),
    ],
    "/sdk-parts": [("Content-Type", 'TEXT/HTML; Charset="UTF-8"'), ("ETag", '"base"')],
    "/sdk-none": [
        ("Content-Type", "text/html"),
        ("Cache-Control", "public, s-maxage=60"),
        ("ETag", '"base"'),
    ],
    "/sdk-gzip": [("Content-Type", "text/html"), ("Content-Encoding", "gzip")],
    "/sdk-16": [("Content-Type", "text/html; charset=utf-16")],
    "/sdk-text": [("Content-Type", "text/plain; charset=utf-8")],
}
PATHS = tuple(OWN)
READING = ("/page", "/tagged", "/broad", "/early", "/encoded", "/where")
GATED = ("/page", "/tagged", "/encoded")


def page(meter: bool, advert: bool, basket: bool) -> bytes:
    text = '<!doctype html>\n<script src="/s/basket.js"></script>\n'
    text += '<script src="/s/meter.js"></script>' if meter else "<i>no meter</i>"
    text += '<script src="/s/adshop.js"></script>' if advert else "<i>no advert</i>"
    return (text + ("<b>essential</b>" if basket else "")).encode()


def content(where: str, consent: Any) -> bytes | Iterator[bytes]:
    """The body of a path, by the stand-in of any stack."""
    if where in GATED:
        body = page(
            consent.allows("meter", ["audience"]),
            consent.allows("adshop", "adverts"),
            consent.allows("basket"),
        )
        return gzip.compress(body, mtime=0) if where == "/encoded" else body
    if where == "/edge":
        return page(consent.allows("meter", ["audience"]), consent.allows("adshop"), True)
    if where == "/broad":
        return str(consent.should_collect).encode()
    if where == "/where":
        return str(consent.notice.regulation).encode()
    if where == "/stream":
        return _parts(consent, "meter")
    if where == "/early":
        consent.allows("basket")
        return _parts(consent, "meter")
    if where == "/sdk-parts":
        data = SDK.encode()
        return (data[at : at + 7] for at in range(0, len(data), 7))
    if where == "/sdk-gzip":
        return gzip.compress(SDK.encode(), mtime=0)
    if where == "/sdk-16":
        return SDK.encode("utf-16")
    if where.startswith("/sdk"):
        return SDK.replace("didomi/", "other/").encode() if where == "/sdk-none" else SDK.encode()
    return b"the same for everybody"


def _parts(consent: Any, vendor: str) -> Iterator[bytes]:
    yield b"start "
    yield vendor.encode() if consent.allows(vendor) else b"none"


async def _aparts(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@dataclass
class Answer:
    status: int
    pairs: Headers
    body: bytes

    def __getitem__(self, name: str) -> str:
        """The one line of a header."""
        (value,) = [value for key, value in self.pairs if key.lower() == name.lower()]
        return value

    def __contains__(self, name: str) -> bool:
        return any(key.lower() == name.lower() for key, _ in self.pairs)

    @property
    def text(self) -> bytes:
        return gzip.decompress(self.body) if "Content-Encoding" in self else self.body


# ------------------------------------------------------------------ asking


def wsgi_get(app: Any, path: str, headers: Headers, method: str) -> Answer:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = "HTTP_" + name.upper().replace("-", "_")
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = environ[key] + joint + value if key in environ else value
    started: list[tuple[str, Headers]] = []

    def start_response(status: str, pairs: Headers, exc_info: Any = None) -> Any:
        started.append((status, pairs))
        return lambda data: None

    result = app(environ, start_response)
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    ((status, pairs),) = started
    return Answer(int(status[:3]), pairs, body)


def asgi_get(app: Any, path: str, headers: Headers, method: str) -> Answer:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "2",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"testserver")]
        + [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    sent: list[Any] = []

    async def ask() -> None:
        done = asyncio.Event()
        waiting = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Any:
            if waiting:
                return waiting.pop()
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        done.set()

    asyncio.run(ask())
    (start,) = [message for message in sent if message["type"] == "http.response.start"]
    assert sent[0] is start
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    if not isinstance(
        getattr(app, "app", app), ASGIHandler
    ):  # Django sends its names as they are written
        assert all(name == name.lower() for name, _ in pairs)
    parts = [message for message in sent if message["type"] == "http.response.body"]
    assert [part.get("more_body", False) for part in parts] == [True] * (len(parts) - 1) + [False]
    return Answer(start["status"], pairs, b"".join(part.get("body", b"") for part in parts))


# ------------------------------------------------------------------ plain callables


def wsgi_app(environ: Any, start_response: Any) -> Iterable[bytes]:
    where = environ["PATH_INFO"]
    start_response("200 OK", list(OWN[where]))
    body = content(where, environ[wsgi.KEY])
    return [body] if isinstance(body, bytes) else body


def wsgi_generator(environ: Any, start_response: Any) -> Iterator[bytes]:
    """Nothing of it runs before its first part is asked for."""
    where = environ["PATH_INFO"]
    body = content(where, environ[wsgi.KEY])
    start_response("200 OK", list(OWN[where]))
    if isinstance(body, bytes):
        yield body
    else:
        yield from body


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    where = scope["path"]
    body = content(where, scope["state"]["consent"])
    pairs = [(name.lower().encode(), value.encode()) for name, value in OWN[where]]
    await send({"type": "http.response.start", "status": 200, "headers": pairs})
    if isinstance(body, bytes):
        await send({"type": "http.response.body", "body": body})
        return
    for part in body:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def keywords(settings: dict[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in settings.items()}


# ------------------------------------------------------------------ frameworks

JINJA = (
    '<!doctype html>\n<script src="/s/basket.js"></script>\n'
    '{% consent "measurement" %}<script src="/s/meter.js"></script>'
    "{% denied %}<i>no meter</i>{% endconsent %}"
    '{% consent vendor="adshop", purposes="adverts" %}<script src="/s/adshop.js"></script>'
    "{% denied %}<i>no advert</i>{% endconsent %}"
    '{% consent vendor="basket" %}<b>essential</b>{% endconsent %}'
)
DJANGO = "{% load consentpy %}" + JINJA.replace('"adshop", ', '"adshop" ')


def _dressed(response: Any, where: str) -> Any:
    """A response of Django with the path's headers: it keeps cookies apart from others."""
    for name, value in OWN[where]:
        if name == "Set-Cookie":
            response.cookies.load(value)
        else:
            response[name] = value
    return response


def django_view(where: str) -> Callable[[Any], Any]:
    def view(request: Any) -> Any:
        if where == "/page":
            text = engines["django"].from_string(DJANGO).render({}, request)
            return _dressed(HttpResponse(text), where)
        body = content(where, request.consent)
        if isinstance(body, bytes):
            return _dressed(HttpResponse(body), where)
        parts = _aparts(body) if hasattr(request, "scope") else body
        return _dressed(StreamingHttpResponse(parts), where)

    return view


urlpatterns = [django_path(where[1:], django_view(where)) for where in PATHS]


class _Django:
    """Its settings are the process's, so they are the site's for as long as a request takes."""

    def __init__(self, handler: Any, get: Any, settings: dict[str, Any]) -> None:
        self.handler, self.get, self.settings = handler, get, settings
        self.depth = 0

    def __call__(self, path: str, headers: Headers, method: str) -> Answer:
        with self.held():
            return self.get(self.handler(), path, headers, method)

    @contextmanager
    def held(self) -> Iterator[None]:
        if self.depth:
            yield
            return
        self.depth = 1
        try:
            with override_settings(CONSENTPY=self.settings, ROOT_URLCONF="web_sites"):
                yield
        finally:
            self.depth = 0


def django_site(handler: Any, get: Any) -> Callable[..., Any]:
    return lambda settings: _Django(handler, get, settings)


def make_flask(settings: dict[str, Any]) -> flask.Flask:
    app = flask.Flask("web_sites")
    app.config.update({f"CONSENTPY_{key}": value for key, value in settings.items()})
    FlaskConsent(app)

    def serve() -> Any:
        where = flask.request.path
        body: Any
        if where == "/page":
            body = flask.render_template_string(JINJA)
        else:
            body = content(where, flask_consent._get_current_object())  # type: ignore[attr-defined]
        response = flask.Response(body)
        for name, _ in OWN[where]:  # Flask's own guess
            del response.headers[name]
        response.headers.extend(OWN[where])
        return response

    for where in PATHS:
        app.add_url_rule(where, where, serve)
    return app


def _appended(response: Response, where: str) -> Response:
    for name, value in OWN[where]:
        if name == "Set-Cookie":
            response.headers.append(name, value)
        else:
            response.headers[name] = value
    return response


def make_starlette(settings: dict[str, Any]) -> Any:
    async def serve(request: Request) -> Response:
        where = request.url.path
        body = content(where, request.state.consent)
        if isinstance(body, bytes):
            return _appended(Response(body), where)
        return _appended(StreamingResponse(_aparts(body)), where)

    app = Starlette(routes=[Route(where, serve) for where in PATHS])
    app.add_middleware(asgi.ConsentMiddleware, **keywords(settings))
    return app


def make_fastapi(settings: dict[str, Any]) -> Any:
    app = FastAPI()
    needs = Depends(depends_consent)

    def add(where: str) -> None:
        @app.api_route(where, methods=["GET", "HEAD"])
        def serve(consent: Any = needs) -> FastResponse:
            body = content(where, consent)
            if isinstance(body, bytes):
                return _appended(FastResponse(body), where)
            return _appended(StreamingResponse(body), where)

    for where in PATHS:
        add(where)
    app.add_middleware(asgi.ConsentMiddleware, **keywords(settings))
    return app


# ------------------------------------------------------------------ all of them


def by_wsgi(make: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
    def site(settings: dict[str, Any]) -> Any:
        app = validator(make(settings))
        return lambda path, headers, method: wsgi_get(app, path, headers, method)

    return site


def by_asgi(make: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
    def site(settings: dict[str, Any]) -> Any:
        app = make(settings)
        return lambda path, headers, method: asgi_get(app, path, headers, method)

    return site


def _wsgi(app: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda settings: wsgi.ConsentMiddleware(app, **keywords(settings))


STACKS: dict[str, Callable[..., Any]] = {
    "wsgi": by_wsgi(_wsgi(wsgi_app)),
    "wsgi generator": by_wsgi(_wsgi(wsgi_generator)),
    "asgi": by_asgi(lambda settings: asgi.ConsentMiddleware(asgi_app, **keywords(settings))),
    "flask": by_wsgi(make_flask),
    "starlette": by_asgi(make_starlette),
    "fastapi": by_asgi(make_fastapi),
    "django": django_site(WSGIHandler, wsgi_get),
    "django asgi": django_site(ASGIHandler, asgi_get),
}


@dataclass
class Site:
    """The pages in one stack."""

    stack: str
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = {
            "CONFIG": NOTICE,
            "COUNTRY_HEADER": "X-Country",
            "REGION_HEADER": "X-Region",
            "GATES": GATES,
            **self.changes,
        }
        settings = {key: value for key, value in settings.items() if value is not ...}
        self._ask = STACKS[self.stack](settings)

    def get(
        self, path: str, headers: Iterable[tuple[str, str]] = (), method: str = "GET"
    ) -> Answer:
        return self._ask(path, list(headers), method)

    def held(self) -> Any:
        """The same site from the first request in the block to the last, and for all threads."""
        return getattr(self._ask, "held", nullcontext)()


def sent(meta: dict[str, Any], **more: str) -> Headers:
    """The headers of a visitor of `django_app.visitors`, and others."""
    pairs = [(key.removeprefix("HTTP_").replace("_", "-").title(), meta[key]) for key in meta]
    return pairs + [(key.replace("_", "-"), value) for key, value in more.items()]
