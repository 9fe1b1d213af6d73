"""consentpy for any ASGI application: Starlette, FastAPI and others.

    app = ConsentMiddleware(app, config="notice.json", country_header="CF-IPCountry")

The application finds a lazy stand-in for the visitor's `consentpy.Status` in
``scope["state"]["consent"]``: ``request.state.consent`` in Starlette, ``Depends(consent)`` in FastAPI.
A response whose making asked it gets the headers that keep it from other visitors; any other
response is left alone (docs/asgi-wsgi.md).
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .web.bootstrap import consent_bootstrap, consent_data_layer, consent_gtag
from .web.delivery import KEYED
from .web.headers import Header
from .web.keyed import key_answer
from .web.lazy import Consent, LateReadError
from .web.middleware import Conditions, answered, hides_conditions, settings_of
from .web.place import ScopeCarrier
from .web.rewriting import Page, Rewriting, taken
from .web.settings import SettingsError

__all__ = [
    "ConsentMiddleware",
    "LateReadError",
    "SettingsError",
    "consent",
    "consent_bootstrap",
    "consent_data_layer",
    "consent_gtag",
]

_Message = MutableMapping[str, Any]
_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_Application = Callable[[_Scope, _Receive, _Send], Awaitable[None]]

_CONDITIONS = (b"if-none-match", b"if-modified-since")


class _ScopeConsent(Consent):
    __slots__ = ()
    _called = 'scope["state"]["consent"]'


class ConsentMiddleware:
    """The application with consent. The keywords are the keys of docs/django.md in lower case.

    SettingsError with all mistakes. A relative path starts at the working folder; functions
    of the request get the scope, and must not wait for anything.
    """

    def __init__(
        self,
        app: _Application,
        config: Any = None,
        *,
        country_header: str | None = None,
        **settings: Any,
    ) -> None:
        self.app = app
        given = {"config": config, "country_header": country_header, **settings}
        self._settings = settings_of(given)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        kind = scope["type"]
        if kind not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        # A dict of its own: what a server gives may be shared by the requests of a connection,
        # and those of a proxy's connection come from different visitors.
        state = dict(scope.get("state") or {})
        scope = {**scope, "state": state}
        stand_in = state["consent"] = _ScopeConsent(self._settings, ScopeCarrier(scope))
        try:
            if kind == "websocket":  # no cache keeps it, so it may be asked at any time
                await self.app(scope, receive, send)
                return
            key_path = stand_in._delivery().key_path
            if key_path is not None and _path(scope) == key_path:
                code, headers = key_answer(stand_in, scope.get("method", ""))
                start = {"type": "http.response.start", "status": code, "headers": _lines(headers)}
                await send(start)
                await send({"type": "http.response.body", "body": b""})
                return
            exchange = _Exchange(stand_in, scope, send)
            await self.app(scope, receive, exchange.send)
            await exchange.finish()
        finally:
            stand_in._let_go()


def _path(scope: _Scope) -> str:
    """The path below the place where the application is mounted."""
    path, root = str(scope.get("path", "")), str(scope.get("root_path", ""))
    return path.removeprefix(root.rstrip("/"))


def _take_conditions(scope: _Scope) -> Conditions:
    """Take the conditions of a request for a kept copy off the scope, which is a copy."""
    headers = list(scope.get("headers", ()))
    names = {name.lower() for name, _ in headers}
    if names.isdisjoint(_CONDITIONS) or not hides_conditions(
        scope.get("method", ""), lambda name: name.lower().encode() in names
    ):
        return Conditions()
    lines: dict[bytes, list[bytes]] = {name: [] for name in _CONDITIONS}
    kept = []
    for name, value in headers:
        if name.lower() in lines:
            lines[name.lower()].append(value)
        else:
            kept.append((name, value))
    scope["headers"] = kept
    return Conditions(*(b", ".join(lines[name]).decode("latin-1") for name in _CONDITIONS))


# Ways to send a file past the middleware, which REWRITE has to see.
_FILES = ("http.response.pathsend", "http.response.zerocopysend")


class _Exchange:
    """One response on its way.

    Headers go out at once, as the application sends them. Only the start of a response that read the
    consent and has an ETag or is for a cache with keys, and of one that REWRITE takes, waits for
    the first part of its body, which tells whether more may be read.
    """

    def __init__(self, stand_in: Consent, scope: _Scope, send: _Send) -> None:
        self._consent = stand_in
        self._conditions = _take_conditions(scope)
        self._is_head = scope.get("method") == "HEAD"
        self._send = send
        self._held: _Message | None = None
        self._rewriting: Rewriting | None = None
        if stand_in._delivery().rewrite:
            self._rewriting = Rewriting(stand_in)
            extensions = scope.get("extensions") or {}
            scope["extensions"] = {key: extensions[key] for key in extensions if key not in _FILES}
        self._page: Page | None = None  # what the body passes through, once it is sent in pieces
        self._dropped = False  # a 304 was sent: the body stays here

    async def send(self, message: _Message) -> None:
        """What the application calls in place of the server's send."""
        kind = message["type"]
        if kind == "http.response.start":
            if not isinstance(message.get("headers", ()), (list, tuple)):  # any iterable may come
                message = {**message, "headers": list(message["headers"])}
            if self._takes(message) or (self._consent._was_read() and self._waits(message)):
                self._held = message
            else:
                await self._start(message, streamed=True)
            return
        if self._held is not None and kind.startswith("http.response."):
            whole = kind == "http.response.body" and not message.get("more_body", False)
            if self._is_head and not message.get("body"):  # the ETag has to be that of the GET
                whole = _has(self._held, b"content-length")
            if self._takes(self._held):
                message = await self._rewrite(self._held, message)
            else:
                await self._release(streamed=not whole)
        elif self._page is not None and kind == "http.response.body":
            message = _fed(message, self._page)
        if not self._dropped:
            await self._send(message)

    def _waits(self, message: _Message) -> bool:
        """Whether the headers of a response that read the consent tell if more may be read."""
        return _has(message, b"etag") or self._consent._delivery().cache == KEYED

    def _takes(self, message: _Message) -> bool:
        """Whether REWRITE takes the body of this start."""
        return self._rewriting is not None and taken(message.get("status", 0), _pairs(message))

    async def _rewrite(self, start: _Message, message: _Message) -> _Message:
        """Send the start, whose body begins with `message`, and return what is sent of that."""
        assert self._rewriting is not None
        self._held = None
        self._rewriting.begun()
        headers, body = _pairs(start), message.get("body", b"")
        more = message["type"] != "http.response.body" or message.get("more_body", False)
        told = [value for name, value in headers if name.lower() == "content-length"]
        if self._is_head:  # as GET does when it knows nothing
            headers, _ = self._rewriting.streamed(headers)
        elif more and (len(told) != 1 or told[0] != str(len(body))):
            headers, self._page = self._rewriting.streamed(headers)
            message = _fed(message, self._page)
        else:
            more = False
            headers, body = self._rewriting.whole(headers, bytes(body))
            message = {**message, "body": body}
        start = {**start, "headers": _lines(headers)}
        await self._start(start, streamed=more)
        return message

    async def finish(self) -> None:
        """The application has returned."""
        if self._held is not None:
            await self._release(streamed=False)

    async def _release(self, streamed: bool) -> None:
        held, self._held = self._held, None
        if held is not None:
            await self._start(held, streamed)

    async def _start(self, message: _Message, streamed: bool) -> None:
        headers = _pairs(message)
        code = message.get("status", 0)
        final, self._dropped = answered(self._consent, self._conditions, code, headers, streamed)
        if final is not headers:
            message = {**message, "headers": _lines(final)}
        if self._dropped:
            message = {**message, "status": 304}
        await self._send(message)
        if self._dropped:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _pairs(message: _Message) -> list[Header]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in message.get("headers", ())
    ]


def _lines(headers: list[Header]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _fed(message: _Message, page: Page) -> _Message:
    body = page.feed(bytes(message.get("body", b"")))  # a memoryview may come
    if not message.get("more_body", False):
        body += page.close()
    return {**message, "body": body}


def _has(message: _Message, header: bytes) -> bool:
    return any(name.lower() == header for name, _ in message.get("headers", ()))


class _Dependency:
    """``Depends(consent)``: the stand-in of the request. A function to the eye of FastAPI."""

    __name__ = "consent"

    def __call__(self, request: Any) -> Any:
        try:
            return request.scope["state"]["consent"]
        except KeyError:
            raise SettingsError(
                "the request has no consent: add consentpy.asgi.ConsentMiddleware to the application."
            ) from None

    @property
    def __signature__(self) -> inspect.Signature:
        # FastAPI asks for it when a route is declared, and gives what has this annotation to
        # the parameter, for a request and for a websocket alike.
        from starlette.requests import HTTPConnection

        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter("request", kind, annotation=HTTPConnection)])

    def __repr__(self) -> str:
        return "<consentpy.asgi.consent>"


consent = _Dependency()
