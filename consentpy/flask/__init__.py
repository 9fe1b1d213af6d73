"""consentpy in Flask: `consent`, the ``{% consent %}`` block and private caching.

    app.config["CONSENTPY_CONFIG"] = "notice.json"
    Consent(app)

The settings are those of docs/django.md with ``CONSENTPY_`` before each key (docs/flask.md).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn, cast

from flask import Flask, Response, after_this_request, current_app, has_request_context, request
from werkzeug.datastructures import Headers
from werkzeug.local import LocalProxy

import consentpy as cp
from consentpy.web import lazy
from consentpy.web.holder import Settings
from consentpy.web.keyed import marked
from consentpy.web.lazy import LateReadError
from consentpy.web.middleware import checked
from consentpy.web.place import EnvironCarrier
from consentpy.web.settings import Runtime, SettingsError
from consentpy.web.source import Spelling
from consentpy.web.vendor_cookies import filtered
from consentpy.web.watched import WatchedConsent
from consentpy.wsgi import KEY, Exchange, Middleware

from .caching import watch

__all__ = ["Consent", "LateReadError", "SettingsError", "cache_key", "consent", "gate"]

logger = logging.getLogger("consentpy.flask")

_PREFIX = "CONSENTPY_"
_NAME = "consentpy"
SPELLING = Spelling("app.config", lambda key: _PREFIX + key)


class Consent:
    """The extension: ``Consent(app)``, or ``Consent()`` and later ``init_app(app)``."""

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Read the settings and put consent into `app`. SettingsError with all mistakes."""
        if _NAME in app.extensions:
            raise SettingsError("consentpy is in this application already; call init_app once.")
        raw = {
            key.removeprefix(_PREFIX): value
            for key, value in app.config.items()
            if key.startswith(_PREFIX)
        }
        settings = checked(Settings(raw, SPELLING, app.root_path, logger))
        app.extensions[_NAME] = settings
        app.wsgi_app = _Wrapped(app, settings)  # type: ignore[method-assign]
        extension = "consentpy.flask.jinja.ConsentExtension"
        if "jinja_env" in app.__dict__:  # made already
            app.jinja_env.add_extension(extension)
        else:
            extensions = [*app.jinja_options.get("extensions", ()), extension]
            app.jinja_options = {**app.jinja_options, "extensions": extensions}
        from .cli import group

        app.cli.add_command(group)


def settings_of(app: Flask) -> Settings:
    """The settings of an application that has the extension."""
    try:
        return cast(Settings, app.extensions[_NAME])
    except KeyError:
        raise SettingsError(
            "this application has no consent: call consentpy.flask.Consent(app)."
        ) from None


class _Wrapped(Middleware):
    """The application as the server sees it; its responses get the headers they need."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        super().__init__(app.wsgi_app, settings)
        self._flask = app
        self._caches = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        caches = self._flask.extensions.get("cache")
        if caches is not None and len(caches) != self._caches:
            watch(self._flask, _watched)
            self._caches = len(caches)
        return super().__call__(environ, start_response)

    def stand_in(self, environ: dict[str, Any]) -> RequestConsent:
        return RequestConsent(self.settings, _Carrier(self._flask, environ))


def _watched() -> RequestConsent | None:
    """The stand-in of the current request, if consent is in its application."""
    if not has_request_context() or KEY not in current_request().environ:
        return None
    found = stand_in()
    return found if isinstance(found, RequestConsent) else None


class _Carrier(EnvironCarrier):
    def __init__(self, app: Flask, environ: dict[str, Any]) -> None:
        self._environ = environ
        self._app = app

    def native(self) -> Any:
        """The request object; one of its own where the consent is asked outside Flask's."""
        if has_request_context() and request.environ is self._environ:
            return current_request()
        return self._app.request_class(dict(self._environ))


class RequestConsent(WatchedConsent):
    """What `consent` stands for during a request."""

    __slots__ = ()
    _logger = logger


class _NoSettings:
    """Without a request there may be no application either, whose settings could be asked."""

    fixed = None


class NoRequest(lazy.Consent):
    """What `consent` stands for outside of a request, in mail for instance: it denies."""

    __slots__ = ()
    _logger = logger

    def __init__(self) -> None:
        super().__init__(cast(Settings, _NoSettings), EnvironCarrier({}))
        self._close()

    def _settled(self) -> Runtime:
        return settings_of(current_app).current()

    def _late(self) -> bool:
        self._logger.warning("The consent was asked for without a request, so it denies.")
        return True

    def _refuse(self, name: str) -> NoReturn:
        raise LateReadError(
            f"consent.{name} needs a request; ask it while a request is being answered."
        )


# `request.environ` takes five times as long, and every block of a page asks.
current_request = cast(Any, request)._get_current_object
_NOTHING = object()


def stand_in() -> lazy.Consent:
    """What `consent` stands for now."""
    try:
        environ = current_request().environ
    except RuntimeError:  # there is no request
        return NoRequest()
    found = environ.get(KEY, _NOTHING)
    if isinstance(found, RequestConsent):
        return found
    if isinstance(found, Exchange):
        made = environ[KEY] = found.consent()
        return made
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    made = environ[KEY] = RequestConsent(settings_of(app), _Carrier(app, environ))
    if found is None:  # the headers are out
        made._let_go()
        return made

    # A request that did not come through app.wsgi_app: that of `test_request_context`, or of an
    # application whose wsgi_app was replaced. Flask itself then sees to the headers.
    watch(app, _watched)

    @after_this_request
    def mark(response: Response) -> Response:
        headers = list(response.headers)
        final = filtered(made, headers)
        if made._was_read():
            final = marked(made, final, streamed=response.is_streamed)
        if final is not headers:
            response.headers = Headers(final)
        made._close()
        return response

    return made


class ConsentProxy(LocalProxy[lazy.Consent]):
    __slots__ = ()

    def allows(self, vendor: Any = None, purposes: Any = ()) -> bool:
        """The one question that every page asks: a proxy's own way takes longer than the answer."""
        return stand_in().allows(vendor, purposes)


if TYPE_CHECKING:
    consent: lazy.Consent
#: The visitor's consent: everything a `consentpy.Status` has, made on first use.
consent = cast(lazy.Consent, ConsentProxy(stand_in))


def runtime() -> Runtime:
    """The settings of the current request, or of the application outside of one."""
    if has_request_context():
        return stand_in()._settled()
    return settings_of(current_app).current()


def gate(name: str) -> cp.Gate:
    """The gate of that name in ``CONSENTPY_GATES``; an unknown one is a LookupError."""
    return runtime().named(name)


def cache_key(*_args: object, **_values: object) -> str:
    """For Flask-Caching: ``@cache.cached(make_cache_key=cache_key)``.

    One copy for each address and each answer that a page's gates can have. For pages that ask gates,
    `should_collect` or `collect_reason`, and nothing else of the visitor.
    """
    path = request.script_root + request.path
    query = request.query_string.decode("latin-1")
    return f"{request.method} {request.host} {path}?{query} {stand_in().key()}"
