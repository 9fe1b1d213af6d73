"""What the checks have to know of CACHE and REWRITE: the place of the middleware (``consentpy.W003``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.utils.module_loading import import_string

from consentpy.web.delivery import UNIFORM
from consentpy.web.source import Finding

from . import conf

_OURS = "consentpy.django.middleware.ConsentMiddleware"
# Those that compress, besides Django's own. By name, because a project may have any of them.
_ENCODERS = (
    "django_brotli.middleware.BrotliMiddleware",
    "compression_middleware.middleware.CompressionMiddleware",
)


def has_uniform_blocks() -> bool:
    """Whether blocks are the same for everybody, so that any cache may keep them."""
    held = conf.peek()
    return not isinstance(held, Finding) and held.delivery.cache == UNIFORM


def check_rewriting(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """With REWRITE nothing inside of the consent middleware may compress the page."""
    held = conf.peek()
    if isinstance(held, Finding) or not held.delivery.rewrite:
        return []
    inside = False
    found: list[CheckMessage] = []
    for path in settings.MIDDLEWARE:
        if _is_ours(path):
            inside = True
        elif inside and path in _ENCODERS:
            found.append(
                Warning(
                    f"MIDDLEWARE has {path.rsplit('.', 1)[1]} after ConsentMiddleware, so REWRITE "
                    "finds compressed pages, which it leaves as they are.",
                    hint="Move it before ConsentMiddleware.",
                    id="consentpy.W003",
                )
            )
    return found


def _is_ours(path: str) -> bool:
    try:
        kind = import_string(path)
    except ImportError:
        return False  # Django itself reports that one
    return isinstance(kind, type) and issubclass(kind, import_string(_OURS))
