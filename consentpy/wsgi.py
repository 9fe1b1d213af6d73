"""consentpy for any WSGI application.

    application = ConsentMiddleware(application, config="notice.json", country_header="CF-IPCountry")

The application finds a lazy stand-in for the visitor's `consentpy.Status` in
``environ["consentpy.status"]``. A response whose making asked it gets the headers that keep
it from other visitors; any other response is left alone (docs/asgi-wsgi.md).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from .web.bootstrap import consent_bootstrap, consent_data_layer, consent_gtag
from .web.headers import Header
from .web.holder import Settings
from .web.keyed import key_answer
from .web.lazy import Consent, LateReadError
from .web.middleware import (
    NO_CONDITIONS,
    Conditions,
    answered,
    hides_conditions,
    settings_of,
    usual,
)
from .web.place import EnvironCarrier
from .web.rewriting import Page, Rewriting, taken
from .web.settings import SettingsError

__all__ = [
    "KEY",
    "ConsentMiddleware",
    "LateReadError",
    "SettingsError",
    "consent_bootstrap",
    "consent_data_layer",
    "consent_gtag",
]

#: Where in the environ the stand-in is; in Flask the Exchange until somebody asks, and None when
#: nobody did before the headers went out.
KEY = "consentpy.status"

_Environ = dict[str, Any]
_StartResponse = Callable[..., Any]
_Application = Callable[[_Environ, _StartResponse], Iterable[bytes]]

_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")


class _EnvironConsent(Consent):
    __slots__ = ()
    _called = f'environ["{KEY}"]'


class Middleware(ABC):
    """A WSGI application with consent; subclasses tell how stand-ins are made."""

    def __init__(self, app: _Application, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    @abstractmethod
    def stand_in(self, environ: _Environ) -> Consent:
        """That of the request with this environ."""

    def __call__(self, environ: _Environ, start_response: _StartResponse) -> Iterable[bytes]:
        if KEY in environ:
            environ = dict(environ)  # that of an application around, which goes on to ask its own
        exchange = environ[KEY] = Exchange(self, environ, start_response)
        return exchange.respond()


class ConsentMiddleware(Middleware):
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
        given = {"config": config, "country_header": country_header, **settings}
        super().__init__(app, settings_of(given))

    def __call__(self, environ: _Environ, start_response: _StartResponse) -> Iterable[bytes]:
        if KEY in environ:
            environ = dict(environ)
        exchange = Exchange(self, environ, start_response)
        environ[KEY] = exchange.consent()
        return exchange.respond()

    def stand_in(self, environ: _Environ) -> Consent:
        return _EnvironConsent(self.settings, EnvironCarrier(environ))


def _meta(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def _is_file(body: object, wrapper: object) -> bool:
    return wrapper is not None and isinstance(wrapper, type) and isinstance(body, wrapper)


def _code(status: str) -> int:
    return int(status[:3]) if status[:3].isdigit() else 0


class Exchange:
    """One request and its response, which is also the body that the server gets.

    The start of the response is held until its body begins: until then the application may ask.
    """

    __slots__ = (
        "_body",
        "_conditions",
        "_consent",
        "_dropped",
        "_environ",
        "_held",
        "_hidden",
        "_made",
        "_middleware",
        "_over",
        "_page",
        "_rewriting",
        "_sent",
        "_start_response",
        "_write",
    )

    def __init__(
        self, middleware: Middleware, environ: _Environ, start_response: _StartResponse
    ) -> None:
        self._middleware = middleware
        self._environ = environ
        self._start_response = start_response
        self._made: list[Consent] = []
        self._consent: Consent | None = None
        self._hidden: dict[str, str] | None = None  # conditions taken off the request
        self._conditions = NO_CONDITIONS
        self._rewriting: Rewriting | None = None
        self._held: tuple[str, list[Header], Any] | None = None
        self._page: Page | None = None  # what the body passes through, once it is sent in pieces
        self._sent = False
        self._over = False  # it is too late to ask
        self._dropped = False  # a 304 was sent: the body stays here
        self._body: Any = ()
        self._write: Any = None

    def consent(self) -> Consent:
        """The stand-in of this request."""
        if self._consent is None:
            self._made.append(self._middleware.stand_in(self._environ))
            self._consent = self._made[0]  # whoever asks at the same time gets this one too
            if self._over:  # a copy of the environ was kept, or a thread asked too late
                self._consent._let_go()
        return self._consent

    def respond(self) -> Iterable[bytes]:
        """Call the application, and answer with the headers of its response."""
        environ, middleware = self._environ, self._middleware
        delivery = middleware.settings.delivery
        if not delivery.plain:
            if environ.get("PATH_INFO", "") == delivery.key_path:
                return self._key()
            if delivery.rewrite:
                self._rewriting = Rewriting(self.consent())
        if "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ:
            self._hide()
        try:
            body = self._body = middleware.app(environ, self._start)
        except BaseException:
            self._close()
            self._forget()
            raise
        # What is no list may still call start_response, or ask, when its first part is made. A
        # server's own file wrapper must reach the server as it is.
        whole = isinstance(body, (list, tuple)) or _is_file(body, environ.get("wsgi.file_wrapper"))
        if whole and self._held is not None and not self._sent:
            if not self._rewrites():
                self._send(streamed=False)
            elif isinstance(body, (list, tuple)):
                body = [self._send(streamed=False, body=b"".join(body))]
        if self._dropped:
            self.close()
            return []
        if not whole or not self._sent or self._page is not None:
            return self
        self._forget()
        return body

    def _key(self) -> Iterable[bytes]:
        """What a cache in front of the site asks for."""
        consent = self.consent()
        code, headers = key_answer(consent, self._environ.get("REQUEST_METHOD", ""))
        self._close()
        self._forget()
        status = "204 No Content" if code == 204 else "405 Method Not Allowed"
        self._start_response(status, headers)
        return []

    def _hide(self) -> None:
        """Take the conditions of a request for a kept copy off."""
        environ = self._environ
        method = environ.get("REQUEST_METHOD", "")
        if hides_conditions(method, lambda name: _meta(name) in environ):
            hidden = {name: environ.pop(name) for name in _CONDITIONS if name in environ}
            self._conditions = Conditions(*(hidden.get(name, "") for name in _CONDITIONS))
            self._hidden = hidden

    # ------------------------------------------------------- what the application calls

    def _start(
        self, status: str, headers: list[Header], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        """In place of the server's start_response."""
        if self._sent:
            return self._again(status, headers, exc_info)
        self._held = (status, headers, exc_info)
        if self._rewriting is not None and self._rewrites():
            self._rewriting.begun()
        return self._written

    def _again(
        self, status: str, headers: list[Header], exc_info: Any
    ) -> Callable[[bytes], object]:
        """An error after the headers: the server raises it, or takes the new headers when all parts
        were empty so far. What comes then is not rewritten."""
        consent = self.consent()
        final, _ = answered(consent, NO_CONDITIONS, _code(status), headers, streamed=True)
        self._begin(status, final, exc_info)
        self._page, self._dropped = None, False
        return self._written

    def _written(self, data: bytes) -> None:
        """The old imperative way of sending a body."""
        if not self._sent:
            data = self._send(streamed=True, body=data)
        elif self._page is not None:
            data = self._page.feed(data)
        if not self._dropped:
            self._write(data)

    # ------------------------------------------------------------- what the server calls

    def __iter__(self) -> Iterator[bytes]:
        """The application's body, unchanged but by REWRITE: its first part sends the headers."""
        parts = iter(self._body)
        if self._rewriting is not None:
            return self._each(parts)
        first = next(parts, None)
        if first is None or self._held is None:
            return self._each(chain(() if first is None else (first,), parts))
        if not self._sent and not self._sends_usual():
            self._send(streamed=self._more(first))
        return iter(()) if self._dropped else chain((first,), parts)

    def _each(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        for part in parts:
            if not self._sent:
                part = self._send(streamed=self._more(part), body=part)
            elif self._page is not None:
                part = self._page.feed(part)
            if self._dropped:
                return
            yield part
            if self._page is None:
                yield from parts
        if not self._sent:
            self._send(streamed=self._length() is None)
        if self._page is not None and not self._dropped:
            yield self._page.close()

    def close(self) -> None:
        if not self._sent:
            self._close()
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._forget()

    # ------------------------------------------------------------------ the headers

    def _rewrites(self) -> bool:
        """Whether the body is one that REWRITE takes."""
        if self._rewriting is None or self._held is None:
            return False
        status, headers, _ = self._held
        return taken(_code(status), headers)

    def _sends_usual(self) -> bool:
        """Send the headers if they are those of most responses, which a look tells."""
        if self._held is None or self._rewriting is not None or self._hidden is not None:
            return False
        status, headers, exc_info = self._held
        settings, consent = self._middleware.settings, self._consent
        if consent is not None or not settings.quiet:
            final = usual(settings, consent, headers)
            if final is None:
                return False
            headers = final
        self._begin(status, headers, exc_info)
        return True

    def _send(self, streamed: bool, body: bytes = b"") -> bytes:
        """Send the headers. `body`: the part of it that is there; returned as it is to be sent."""
        if self._held is None:
            return body  # no start_response at all: the server complains
        if self._sends_usual():
            return body
        status, headers, exc_info = self._held
        if self._rewriting is not None and self._rewrites():
            if self._environ.get("REQUEST_METHOD") == "HEAD":  # as GET does when it knows nothing
                headers, _ = self._rewriting.streamed(headers)
            elif streamed:
                headers, self._page = self._rewriting.streamed(headers)
                body = self._page.feed(body)
            else:
                headers, body = self._rewriting.whole(headers, body)
        code = _code(status)
        final, self._dropped = answered(self.consent(), self._conditions, code, headers, streamed)
        self._begin("304 Not Modified" if self._dropped else status, final, exc_info)
        return body

    def _begin(self, status: str, headers: list[Header], exc_info: Any) -> None:
        self._sent = True
        self._close()
        if exc_info is None:
            self._write = self._start_response(status, headers)
        else:
            self._write = self._start_response(status, headers, exc_info)

    def _more(self, part: bytes) -> bool:
        """Whether more may come after the first part."""
        return self._length() != len(part)

    def _length(self) -> int | None:
        """The length of the body when the application tells it, as for one that it has whole."""
        _, headers, _ = self._held or ("", [], None)
        told = [value for name, value in headers if name.lower() == "content-length"]
        return int(told[0]) if len(told) == 1 and told[0].isdecimal() else None

    def _close(self) -> None:
        """The headers are out, or never will be; what is outside sees the whole request again."""
        self._over = True
        environ, consent = self._environ, self._consent
        if environ.get(KEY) is self:
            environ[KEY] = consent  # an environ that leads to itself is left to the collector
        if consent is not None:
            consent._close()
        if self._hidden is not None:
            environ.update(self._hidden)
            self._hidden = None

    def _forget(self) -> None:
        """The body is made: until then it may want what the request has, a nonce for instance."""
        if self._consent is not None:
            self._consent._let_go()
