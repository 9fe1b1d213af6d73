"""Calls from server to server that wait for consent, as tags in a page do.

from consentpy.events import guard

guard(status, gate, analytics.track, user, "signed up")
await guard(status, gate, client.post, url, json=event)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from ._core import Gate, Status

_T = TypeVar("_T")

__all__ = ["guard"]


def guard(
    status: Status | Any, gate: Gate, func: Callable[..., _T], /, *args: Any, **kwargs: Any
) -> _T | Any:
    """``func(*args, **kwargs)`` where `gate` is allowed, None where it is not.

    `status` is a Status or the lazy stand-in of a web stack. Of an async function comes something
    to await in both cases. A task that runs later judges with the answer of then: give it the
    verdict of a Status made for it.
    """
    if status.allows(gate):
        return func(*args, **kwargs)
    return _nothing() if _is_async(func) else None


def _is_async(func: Any) -> bool:
    while isinstance(func, partial):
        func = func.func
    if inspect.iscoroutinefunction(func):
        return True
    return inspect.iscoroutinefunction(type(func).__call__)


async def _nothing() -> None:
    return None
