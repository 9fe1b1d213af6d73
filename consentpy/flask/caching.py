"""Flask-Caching keeps nothing that was made by asking for the consent, unless its key says so.

Its decorators and its template tag ask the cache for a key, make the value, and give that to the
cache. What is asked of the consent between the two is in the value; for a view, whatever was asked
before it too, as with Django's caches. Where the key has the text of `consent.key()` in it, that
tells the visitors apart; else the value is not kept (`consentpy.web.watched`).
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request

from consentpy.web.watched import Mark, WatchedConsent

logger = logging.getLogger("consentpy.flask")

_MOST = 1024  # endpoints that were told


def _is_view(function: Callable[..., Any] | None) -> bool:
    """Whether it answers the request."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or function is None:
        return False
    return inspect.unwrap(view) is inspect.unwrap(function)


def watch(app: Flask, asked: Callable[[], WatchedConsent | None]) -> None:
    """Watch the caches that Flask-Caching has in `app`; each is watched once.

    `asked`: the stand-in of the current request, None outside of one.
    """
    for backend in app.extensions.get("cache", {}).values():
        if not getattr(backend, "_consentpy_watches", False):
            try:
                _watch(backend, asked)
            except AttributeError:  # a class of the site's own, without a __dict__
                logger.error("%s cannot be watched (docs/flask.md).", type(backend).__name__)


def _watch(backend: Any, asked: Callable[[], WatchedConsent | None]) -> None:
    get = backend.get
    told: set[str] = set()

    def watched_get(key: Any, *args: Any, **options: Any) -> Any:
        consent = asked()
        if consent is not None:
            _marks(consent).setdefault(str(key), consent._mark())
        return get(key, *args, **options)

    def watched(keep: Callable[..., Any]) -> Callable[..., Any]:
        def watched_keep(key: Any, *args: Any, **options: Any) -> Any:
            consent = asked()
            if consent is None or not consent._was_asked():
                return keep(key, *args, **options)
            mark, made_by = _marks(consent).get(str(key)), _decorated()
            if mark is None and made_by is None:  # the site's own doing
                return keep(key, *args, **options)
            if consent._may_keep(None if _is_view(made_by) else mark, str(key)):
                return keep(key, *args, **options)
            _tell(told, str(request.endpoint))
            return False

        return watched_keep

    backend._consentpy_watches = True
    backend.set, backend.add = watched(backend.set), watched(backend.add)
    backend.get = watched_get


def _marks(consent: WatchedConsent) -> dict[str, Mark]:
    """When each key of a cache was first asked for."""
    found: dict[str, Mark] = consent.__dict__.setdefault("_marks", {})
    return found


def _decorated() -> Callable[..., Any] | None:
    """The function or block whose result Flask-Caching keeps now; None when the site itself keeps
    something."""
    frame = sys._getframe(2)
    for _ in range(2):  # `Cache.set`, and what called it
        if str(frame.f_globals.get("__name__")).startswith("flask_caching"):
            for name in ("f", "caller"):
                function: object = frame.f_locals.get(name)
                if callable(function):
                    return function
        if frame.f_back is None:
            break
        frame = frame.f_back
    return None


def _tell(told: set[str], endpoint: str) -> None:
    """Once for each endpoint and cache."""
    if endpoint in told:
        return
    if len(told) >= _MOST:
        told.clear()
    told.add(endpoint)
    logger.warning(
        "%s asked for the consent, so Flask-Caching does not keep what it made; use "
        "make_cache_key=consentpy.flask.cache_key, or a key with consent.key() in it.",
        endpoint,
    )
