"""Flask-Caching keeps nothing that was made by asking for the consent, unless its key says so.

Its decorators and its template tag ask the cache for a key, make the value, and give that to the
cache. What is asked of the consent between the two is in the value; for a view, whatever was asked
before it too, as with Django's caches. Where the key has the text of `consent.key()` in it, that
tells the visitors apart; else the value is not kept.
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, current_app, request

import consentpy as cp
from consentpy.web import lazy

logger = logging.getLogger("consentpy.flask")

_MOST = 1024  # endpoints that were told
_told: set[str] = set()


class _Order(dict[cp.Gate, None]):
    """The gates that were asked for, and each question in its order."""

    def __init__(self, before: Iterable[cp.Gate]) -> None:
        super().__init__(dict.fromkeys(before))
        self.order: list[cp.Gate] = []

    def __setitem__(self, gate: cp.Gate, value: None) -> None:
        self.order.append(gate)
        super().__setitem__(gate, value)


class WatchedConsent(lazy.Consent):
    """A stand-in that can tell what was asked since a cache was asked for a key."""

    _broads = 0
    _marks: dict[str, tuple[int, int]] | None = None
    _keys: dict[str, frozenset[cp.Gate] | None] | None = None

    @property
    def _broad(self) -> bool:
        return self._broads > 0

    @_broad.setter
    def _broad(self, value: bool) -> None:
        self._broads += 1

    def _key(self, gates: Iterable[cp.Gate] | None) -> str:
        asked = None if gates is None else tuple(gates)
        text = super()._key(asked)
        if self._keys is None:
            self._keys = {}
        if asked is None:
            self._keys[text] = None
        else:  # a text may be that of other gates too
            of = self._keys.setdefault(text, frozenset(asked))
            self._keys[text] = of and of.intersection(asked)
        return text

    def _asked_cache(self, key: str) -> None:
        """The cache was asked for a key."""
        gates = self._gates
        if not isinstance(gates, _Order):
            gates = self._gates = _Order(gates)
        if self._marks is None:
            self._marks = {}
        self._marks[key] = (len(gates.order), self._broads)

    def _may_keep(self, key: str, decorated: Callable[..., Any] | None) -> bool:
        """Whether what was made for this key may be kept for others.

        `decorated`: the function of the site that made it, where Flask-Caching keeps it.
        """
        mark = (self._marks or {}).get(key)
        if mark is None and decorated is None:  # the site's own doing
            return True
        gates = self._gates
        if mark is None or not isinstance(gates, _Order) or _is_view(decorated):
            questions, is_broad = frozenset(gates), self._broads > 0
        else:
            questions, is_broad = frozenset(gates.order[mark[0] :]), self._broads > mark[1]
        if not questions and not is_broad:
            return True
        return any(
            text in key and (of is None or (not is_broad and questions <= of))
            for text, of in (self._keys or {}).items()
        )


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

    def watched_get(key: Any, *args: Any, **options: Any) -> Any:
        consent = asked()
        if consent is not None:
            consent._asked_cache(str(key))
        return get(key, *args, **options)

    def watched(keep: Callable[..., Any]) -> Callable[..., Any]:
        def watched_keep(key: Any, *args: Any, **options: Any) -> Any:
            consent = asked()
            if consent is None or not consent._was_read():
                return keep(key, *args, **options)
            if consent._may_keep(str(key), _decorated()):
                return keep(key, *args, **options)
            _tell(str(request.endpoint))
            return False

        return watched_keep

    backend._consentpy_watches = True
    backend.set, backend.add = watched(backend.set), watched(backend.add)
    backend.get = watched_get


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


def _tell(endpoint: str) -> None:
    if endpoint in _told:
        return
    if len(_told) >= _MOST:
        _told.clear()
    _told.add(endpoint)
    logger.warning(
        "%s asked for the consent, so Flask-Caching does not keep what it made; use "
        "make_cache_key=consentpy.flask.cache_key, or a key with consent.key() in it.",
        endpoint,
    )
