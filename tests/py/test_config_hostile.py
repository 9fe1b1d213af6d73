"""Mappings that are up to no good: odd keys, members that raise, cycles, subclasses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any

import pytest

import consentpy as cp
from helpers import refused


@pytest.mark.parametrize("key", [1, None, True, 1.5, b"a", ("a",)])
def test_keys_that_are_no_text(key: Any) -> None:
    assert refused({key: 1}).layer == "layer1"
    assert refused({"app": {"x": {key: 1}}}).path.startswith("app.x")


def test_cycles() -> None:
    loop: dict[str, Any] = {"a": {}}
    loop["a"]["b"] = loop
    refused(loop)
    chain: list[Any] = []
    chain.append(chain)
    refused({"a": chain})


class Boom(Exception):
    pass


class Raising(Mapping[str, Any]):
    """A mapping that breaks when it is asked for its members."""

    def __init__(self, after: int) -> None:
        self.after = after

    def __getitem__(self, key: str) -> Any:
        raise Boom(key)

    def __iter__(self) -> Iterator[str]:
        for n in range(self.after):
            yield f"k{n}"
        raise Boom("iter")

    def __len__(self) -> int:
        return 3


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_mapping_that_raises(after: int) -> None:
    for layer in (Raising(after), {"app": Raising(after)}, {"a": [Raising(after)]}):
        with pytest.raises((Boom, cp.ConfigError)):
            cp.Config(layer)


class Interrupting(Raising):
    def __iter__(self) -> Iterator[str]:
        raise KeyboardInterrupt


def test_an_interrupt_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt):
        cp.Config({"a": Interrupting(0)})


class Key(str):
    """A key whose hash and equality raise once it is in its dict."""

    armed = False

    def __hash__(self) -> int:
        if Key.armed:
            raise Boom("hash")
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        if Key.armed:
            raise Boom("eq")
        return super().__eq__(other)


def test_keys_whose_hash_raises() -> None:
    layer = {Key("app"): {Key("name"): "x"}}
    Key.armed = True
    try:
        taken = cp.Config(layer).effective().to_dict()
    except (Boom, cp.ConfigError):
        taken = None
    finally:
        Key.armed = False
    assert taken in (None, {"app": {"name": "x"}})


class Shouting(str):
    def __str__(self) -> str:
        return "SHOUT"

    def encode(self, *_: Any) -> bytes:  # type: ignore[override]
        return b"SHOUT"


def test_str_subclasses_are_their_characters() -> None:
    taken = cp.Config({Shouting("a"): Shouting("b")}).effective().to_dict()
    assert taken == {"a": "b"}
    assert [type(part) for pair in taken.items() for part in pair] == [str, str]


class Level(IntEnum):
    HIGH = 9


def test_number_subclasses_are_their_values() -> None:
    taken = cp.Config({"a": Level.HIGH, "b": True, "c": 2.5}).effective().to_dict()
    assert taken == {"a": 9, "b": True, "c": 2.5}
    assert [type(v) for v in taken.values()] == [int, bool, float]


def test_huge_integers_stay_exact() -> None:
    big = {"a": 10**100, "b": -(2**200), "c": 2**63, "d": -(2**63) - 1, "e": 2**64}
    assert cp.Config(big).effective().to_dict() == big
    assert cp.Config(json.dumps(big)).effective().to_dict() == big


def test_a_mapping_that_grows_while_read() -> None:
    class Growing(dict):  # type: ignore[type-arg]
        def __iter__(self) -> Iterator[Any]:
            for n in range(3):
                self[f"new{n}"] = n
                yield "a"

    # Whatever is made of it, it is a whole configuration or an error.
    try:
        taken = cp.Config({"x": Growing(a=1)}).effective().to_dict()
    except (cp.ConfigError, RuntimeError):
        return
    assert taken["x"]["a"] == 1
