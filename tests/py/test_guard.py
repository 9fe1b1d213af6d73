"""`guard` with functions that are objects of another kind: doubles of a test suite, wrappers."""

from __future__ import annotations

import asyncio
import functools
import inspect
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest

import consentpy as cp
from consentpy.events import guard
from helpers import agree, full, refuse, status, vendor

CONFIG = cp.Config(full([vendor("v1", ["p1"])]))
GATE = CONFIG.gate("v1", ["p1"])
YES = status(CONFIG, agree("c:v1", purposes=["p1"]))
NO = status(CONFIG, refuse("c:v1", purposes=["p1"]))


class Endless:
    """Has every attribute, as a double of a test suite has: `func` too, and so on for ever."""

    asked = 0

    def __getattr__(self, name: str) -> Any:
        self.asked += 1
        if self.asked > 100:
            pytest.fail("the function's attributes are followed without end")
        return self

    def __call__(self) -> str:
        return "sent"


def test_a_function_with_every_attribute() -> None:
    assert guard(NO, GATE, Endless()) is None
    assert guard(YES, GATE, Endless()) == "sent"


@pytest.mark.parametrize("kind", [Mock, MagicMock])
def test_doubles(kind: Any) -> None:
    double = kind(return_value="sent", func=SimpleNamespace())
    assert guard(NO, GATE, double, 1) is None
    assert not double.called
    assert guard(YES, GATE, double, 1) == "sent"
    double.assert_called_once_with(1)


@pytest.mark.parametrize("wrap", [lambda double: double, functools.partial])
def test_doubles_of_async_functions(wrap: Any) -> None:
    double = AsyncMock(return_value="sent", func=SimpleNamespace())
    denied = guard(NO, GATE, wrap(double))
    assert inspect.iscoroutine(denied) and asyncio.run(denied) is None
    assert asyncio.run(guard(YES, GATE, wrap(double))) == "sent"
    double.assert_awaited_once_with()


def test_a_plain_object_with_an_async_function_inside() -> None:
    async def inner() -> None: ...

    class Task:
        func = staticmethod(inner)

        def __call__(self) -> str:
            return "queued"

    assert guard(NO, GATE, Task()) is None
    assert guard(YES, GATE, Task()) == "queued"
