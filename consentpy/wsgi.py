"""consentpy for any WSGI application.

    application = ConsentMiddleware(application, config="notice.json", country_header="CF-IPCountry")

The application finds a lazy stand-in for the visitor's `consentpy.Status` in
``environ["consentpy.status"]``. A response whose making asked it gets the headers that keep
it from other visitors; any other response is left alone (docs/asgi-wsgi.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from .web.headers import Header
from .web.keyed import key_answer
from .web.lazy import Consent, LateReadError
from .web.middleware import NO_CONDITIONS, Conditions, answered, hides_conditions, settings_of
from .web.place import EnvironCarrier
from .web.rewriting import Page, Rewriting, taken
from .web.settings import SettingsError

__all__ = ["KEY", "ConsentMiddleware", "LateReadError", "SettingsError"]

#: Where in the environ the stand-in is.
KEY = "consentpy.status"

_Environ = dict[str, Any]
_StartResponse = Callable[..., Any]
_Application = Callable[[_Environ, _StartResponse], Iterable[bytes]]

_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")


class _EnvironConsent(Consent):
    _called = f'environ["{KEY}"]'


class ConsentMiddleware:
    """The application with consent. The keywords are the keys of docs/django.md in lower case.

    SettingsError with all mistakes. A relative path starts at the working folder; functions
    of the request get the environ.
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
        held = settings_of({"config": config, "country_header": country_header, **settings})
        self._settings = lambda: held

    def __call__(self, environ: _Environ, start_response: _StartResponse) -> Iterable[bytes]:
        consent = _EnvironConsent(self._settings, EnvironCarrier(environ))
        environ[KEY] = consent
        return respond(self.app, environ, start_response, consent)


def respond(
    app: _Application, environ: _Environ, start_response: _StartResponse, consent: Consent
) -> Iterable[bytes]:
    """Call `app`, whose stand-in is `consent`, and answer with the headers of its response.

    They are sent when the first part of the body is there: until then `app` may ask.
    """
    delivery = consent._delivery()
    if environ.get("PATH_INFO", "") == delivery.key_path:
        code, headers = key_answer(consent, environ.get("REQUEST_METHOD", ""))
        consent._let_go()
        start_response("204 No Content" if code == 204 else "405 Method Not Allowed", headers)
        return []
    hidden = _hide(environ)
    exchange = _Exchange(environ, start_response, consent, hidden)
    if delivery.rewrite:
        exchange.rewriting = Rewriting(consent)
    try:
        body = app(environ, exchange.start)
    except BaseException:
        exchange.close()
        raise
    # What is no list may still call start_response, or ask, when its first part is made. A
    # server's own file wrapper must reach the server as it is.
    wrapper = environ.get("wsgi.file_wrapper")
    whole = (list, tuple, wrapper) if isinstance(wrapper, type) else (list, tuple)
    if exchange.held is not None and not exchange.sent and isinstance(body, whole):
        if not exchange.rewrites():
            exchange.send(streamed=False)
        elif isinstance(body, (list, tuple)):
            body = [exchange.send(streamed=False, body=b"".join(body))]
    if exchange.dropped:
        _close(body)
        return []
    return body if exchange.sent and exchange.page is None else _Body(body, exchange)


def _hide(environ: _Environ) -> dict[str, str]:
    """Take the conditions of a request for a kept copy off, and return them."""
    if _CONDITIONS[0] not in environ and _CONDITIONS[1] not in environ:
        return {}
    method = environ.get("REQUEST_METHOD", "")
    if not hides_conditions(method, lambda name: _meta(name) in environ):
        return {}
    return {name: environ.pop(name) for name in _CONDITIONS if name in environ}


def _meta(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def _code(status: str) -> int:
    return int(status[:3]) if status[:3].isdigit() else 0


def _close(body: object) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


class _Exchange:
    """One response on its way: its start is held until its body begins."""

    _closed = False
    _conditions = NO_CONDITIONS
    _write: Any = None
    rewriting: Rewriting | None = None
    page: Page | None = None  # what the body passes through, once it is sent in pieces
    held: tuple[str, list[tuple[str, str]], Any] | None = None
    sent = False
    dropped = False  # a 304 was sent: the body stays here

    def __init__(
        self,
        environ: _Environ,
        start_response: _StartResponse,
        consent: Consent,
        hidden: dict[str, str],
    ) -> None:
        self._environ = environ
        self._start_response = start_response
        self._consent = consent
        self._hidden = hidden
        if hidden:
            self._conditions = Conditions(*(hidden.get(name, "") for name in _CONDITIONS))

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        """What the application calls in place of the server's start_response."""
        if self.sent:
            return self._again(status, headers, exc_info)
        self.held = (status, headers, exc_info)
        if self.rewriting is not None and self.rewrites():
            self.rewriting.begun()
        return self.write

    def _again(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any
    ) -> Callable[[bytes], object]:
        """An error after the headers: the server raises it, or takes the new headers when all parts
        were empty so far. What comes then is not rewritten."""
        code = _code(status)
        final, _ = answered(self._consent, NO_CONDITIONS, code, headers, streamed=True)
        self._begin(status, final, exc_info)
        self.page, self.dropped = None, False
        return self.write

    def write(self, data: bytes) -> None:
        """The old imperative way of sending a body."""
        if not self.sent:
            data = self.send(streamed=True, body=data)
        elif self.page is not None:
            data = self.page.feed(data)
        if not self.dropped:
            self._write(data)

    def rewrites(self) -> bool:
        """Whether the body is one that REWRITE takes."""
        if self.rewriting is None or self.held is None:
            return False
        status, headers, _ = self.held
        return taken(_code(status), headers)

    def send(self, streamed: bool, body: bytes = b"") -> bytes:
        """Send the headers. `body`: the part of it that is there; returned as it is to be sent."""
        if self.held is None:
            return body  # no start_response at all: the server complains
        status, headers, exc_info = self.held
        if self._plain():
            self.sent = True
            self.close()
            self._begin(status, headers, exc_info)
            return body
        code = _code(status)
        if self.rewriting is not None and self.rewrites():
            if self._environ.get("REQUEST_METHOD") == "HEAD":  # as GET does when it knows nothing
                headers, _ = self.rewriting.streamed(headers)
            elif streamed:
                headers, self.page = self.rewriting.streamed(headers)
                body = self.page.feed(body)
            else:
                headers, body = self.rewriting.whole(headers, body)
        final, self.dropped = answered(self._consent, self._conditions, code, headers, streamed)
        if self.dropped:
            status = "304 Not Modified"
        self.sent = True
        self.close()
        self._begin(status, final, exc_info)
        return body

    def _plain(self) -> bool:
        """Whether the response goes out as it came: nothing was asked, nothing is changed."""
        return (
            self._consent._status is None
            and self.rewriting is None
            and self._conditions is NO_CONDITIONS
            and not self._consent._settled().vendor_cookies
        )

    def _begin(self, status: str, headers: list[Header], exc_info: Any) -> None:
        if exc_info is None:
            self._write = self._start_response(status, headers)
        else:
            self._write = self._start_response(status, headers, exc_info)

    def more(self, part: bytes) -> bool:
        """Whether more may come after the first part; not looked at where it makes no difference."""
        if self._consent._status is None and self.rewriting is None:
            return False
        return self.length() != len(part)

    def length(self) -> int | None:
        """The length of the body when the application tells it, as for one that it has whole."""
        _, headers, _ = self.held or ("", [], None)
        told = [value for name, value in headers if name.lower() == "content-length"]
        return int(told[0]) if len(told) == 1 and told[0].isdecimal() else None

    def close(self) -> None:
        """The headers are out, or never will be; what is outside sees the whole request again."""
        if self._closed:
            return
        self._closed = True
        self._consent._let_go()
        if self._hidden:
            self._environ.update(self._hidden)
            self._hidden = {}


class _Body:
    """The application's body, unchanged but by REWRITE: its first part sends the headers."""

    def __init__(self, body: Iterable[bytes], exchange: _Exchange) -> None:
        self._body = body
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        exchange = self._exchange
        parts = iter(self._body)
        if exchange.rewriting is not None:
            return self._each(parts)
        first = next(parts, None)
        if first is None or exchange.held is None:
            return self._each(chain(() if first is None else (first,), parts))
        if not exchange.sent:
            exchange.send(streamed=exchange.more(first))
        return iter(()) if exchange.dropped else chain((first,), parts)

    def _each(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        exchange = self._exchange
        for part in parts:
            if not exchange.sent:
                part = exchange.send(streamed=exchange.more(part), body=part)
            elif exchange.page is not None:
                part = exchange.page.feed(part)
            if exchange.dropped:
                return
            yield part
            if exchange.page is None:
                yield from parts
        if not exchange.sent:
            exchange.send(streamed=exchange.length() is None)
        if exchange.page is not None and not exchange.dropped:
            yield exchange.page.close()

    def close(self) -> None:
        if not self._exchange.sent:
            self._exchange.close()
        _close(self._body)
