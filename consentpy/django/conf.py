"""The setting ``CONSENTPY``: read once, checked whole, forgotten when it changes.

Each finding of `consentpy.web.settings` becomes a check message; ``manage.py check`` prints them
all, and the middleware refuses to start with the same text.
"""

from __future__ import annotations

import logging
import reprlib
import threading
from collections.abc import Mapping

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

import consentpy as cp
from consentpy.web.holder import Settings
from consentpy.web.settings import KEYS, Runtime, sentence
from consentpy.web.source import Finding, Spelling

__all__ = ["KEYS", "Runtime", "current", "gate", "held", "load", "loaded"]

logger = logging.getLogger("consentpy.django")

SPELLING = Spelling("CONSENTPY", lambda key: f"CONSENTPY[{key!r}]")


def _message(finding: Finding) -> CheckMessage:
    kind = Warning if finding.id.startswith("W") else Error
    return kind(finding.text, hint=finding.hint, id=f"consentpy.{finding.id}")


def _read(raw: object) -> Settings | Finding:
    if not isinstance(raw, Mapping):
        allowed = f"a mapping with the keys {', '.join(KEYS)}"
        if raw is None:
            return Finding("E001", f"The setting CONSENTPY is missing; allowed: {allowed}.")
        return Finding("E001", f"CONSENTPY is {reprlib.repr(raw)}; allowed: {allowed}.")
    return Settings(raw, SPELLING, getattr(settings, "BASE_DIR", None), logger)


def load(raw: object) -> tuple[Runtime | None, list[CheckMessage]]:
    """Everything that can be said about a value of ``CONSENTPY``.

    The Runtime is None when a mistake leaves nothing to run with; an unknown id in
    a gate is a message only, because that gate then denies.
    """
    held = _read(raw)
    if isinstance(held, Finding):
        return None, [_message(held)]
    return held.usable(), [_message(finding) for finding in held.found]


_lock = threading.Lock()
_held: Settings | Finding | None = None


def _holder() -> Settings | Finding:
    global _held
    found = _held
    if found is None:
        with _lock:
            found = _held
            if found is None:
                found = _held = _read(getattr(settings, "CONSENTPY", None))
    return found


def loaded() -> tuple[Runtime | None, tuple[CheckMessage, ...]]:
    """The settings by which templates can be checked, and what is wrong with them; read once.

    None for the former also where CONFIG_FOR chooses for each request: an id that one site does
    not know may be another's.
    """
    found = _holder()
    if isinstance(found, Finding):
        return None, (_message(found),)
    return found.checkable(), tuple(_message(finding) for finding in found.found)


def peek() -> Settings | Finding:
    """The settings as they were read, or what is wrong with the setting as a whole."""
    return _holder()


def held() -> Settings:
    """The settings of this process. Raises ImproperlyConfigured with all mistakes."""
    found = _held
    if isinstance(found, Settings) and found.fixed is not None:
        return found
    found = _holder()
    if isinstance(found, Finding):
        raise ImproperlyConfigured(sentence([found]))
    if found.usable() is None:
        raise ImproperlyConfigured(sentence(found.found))
    return found


def current() -> Runtime:
    """What ``CONFIG`` says now. Raises ImproperlyConfigured with all mistakes."""
    return held().current()


def gate(name: str) -> cp.Gate:
    """The gate of that name in ``CONSENTPY["GATES"]``; an unknown one is a LookupError."""
    return current().named(name)


def _forget(*, setting: str, **_: object) -> None:
    global _held
    if setting in ("CONSENTPY", "BASE_DIR"):
        with _lock:
            _held = None


setting_changed.connect(_forget, dispatch_uid="consentpy.django.conf")
