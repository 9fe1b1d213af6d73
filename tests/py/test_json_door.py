"""The JSON door as Python sees it, beside the standard library's json.

The oracle is ``json.loads`` made strict: no NaN, no key twice, no NUL, no lone
surrogate, no nesting deeper than 64.
"""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import consentpy as cp

MAX_DEPTH = 64
MAX_TEXT = 16 * 1024 * 1024
MAX_NUMBER = 4300


class Refused(Exception):
    """The oracle does not take this text."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Refused("a key twice")
    for key in keys:
        _text(key)
    return dict(pairs)


def _text(text: str) -> None:
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Refused("NUL or lone surrogate")


def _constant(name: str) -> Any:
    raise Refused(name)


def _walk(value: Any) -> None:
    level, depth = [value], 0
    while level:
        containers = [v for v in level if isinstance(v, (dict, list))]
        depth += bool(containers)
        if depth > MAX_DEPTH:
            raise Refused("too deep")
        for v in level:
            if isinstance(v, str):
                _text(v)
        level = [x for c in containers for x in (c.values() if isinstance(c, dict) else c)]


def oracle(text: str) -> Any:
    try:
        text.encode("utf-8")
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(str(error)) from error
    _walk(value)
    return value


def door(text: str | bytes) -> dict[str, Any]:
    return cp.Config(text).effective().to_dict()


def same(a: Any, b: Any) -> bool:
    """Equality that tells 1 from 1.0 and True, 0.0 from -0.0, and the order of keys."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return a == b and math.copysign(1, a) == math.copysign(1, b)
    return bool(a == b)


def compare(inner: str) -> None:
    """Oracle and door agree on ``inner``, put where no rule of consent looks."""
    text = '{"x":' + inner + "}"
    try:
        want = oracle(text)
    except Refused:
        with pytest.raises(cp.ConfigError) as caught:
            door(text)
        assert str(caught.value)
        return
    # what is appended to "x" could close the object and name other keys: those
    # which a configuration reads have rules of their own
    if list(want) == ["x"]:
        assert same(door(text), want), text


# ---------------------------------------------------------------------- random

numbers = st.one_of(
    st.integers().map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?(0|[1-9][0-9]{0,80})(\.[0-9]{1,80})?([eE][+-]?[0-9]{1,4})?", fullmatch=True),
    st.sampled_from(
        ["-0", "-0.0", "0e0", "1E400", "-1e-400", "9223372036854775807", "-9223372036854775808"]
    ),
)
blanks = st.text(" \t\r\n", max_size=3)


@st.composite
def strings(draw: st.DrawFn) -> str:
    """A text in quotes, its characters escaped in all the ways there are."""
    out = ['"']
    for c in draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)):
        short = {
            '"': '\\"',
            "\\": "\\\\",
            "/": "\\/",
            "\b": "\\b",
            "\f": "\\f",
            "\n": "\\n",
            "\r": "\\r",
            "\t": "\\t",
        }
        units = c.encode("utf-16-be")
        long = "".join(f"\\u{units[i]:02x}{units[i + 1]:02X}" for i in range(0, len(units), 2))
        ways = [long]
        if c in short:
            ways.append(short[c])
        if c >= " " and c not in '"\\':
            ways.append(c)
        out.append(draw(st.sampled_from(ways)))
    return "".join(out) + '"'


def containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    spaced = st.tuples(blanks, inner, blanks).map("".join)
    member = st.tuples(blanks, strings(), blanks, st.just(":"), spaced).map("".join)
    return st.one_of(
        st.lists(spaced, max_size=6).map(lambda items: "[" + ",".join(items) + "]"),
        st.lists(member, max_size=6).map(lambda members: "{" + ",".join(members) + "}"),
        blanks.map(lambda b: "[" + b + "]"),
    )


texts = st.recursive(
    st.one_of(numbers, strings(), st.sampled_from(["true", "false", "null"])),
    containers,
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(texts)
@example("9" * MAX_NUMBER)
@example("1." + "3" * (MAX_NUMBER - 2))
@example('{"a":1,"\\u0061":2}')
@example('"\\ud83d\\ude00"')
def test_reads_what_json_reads(inner: str) -> None:
    compare(inner)


@settings(max_examples=400, deadline=None)
@given(texts, st.data())
def test_refuses_what_json_refuses(inner: str, data: st.DataObject) -> None:
    """Good texts with one or two small damages; most are refused, some stay good."""
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(inner)))
        cut = data.draw(st.integers(0, 2))
        put = data.draw(st.sampled_from(["", "", ",", ":", '"', "[", "]", "{", "}", "0", ".", "e", "-", "+", "\\", "\\u",
                                         "\t", "\n", "\x01", "\0", "\x7f", "\u00e9", "\ufeff", "null", "NaN", "'", "/"]))  # fmt: skip
        inner = inner[:at] + put + inner[at + cut :]
    compare(inner)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40))
def test_takes_any_bytes(raw: bytes) -> None:
    text = b'{"x":"' + raw + b'"}'
    try:
        want = oracle(text.decode("utf-8"))
    except (Refused, UnicodeDecodeError):
        with pytest.raises(cp.ConfigError):
            door(text)
        return
    if list(want) == ["x"]:
        assert same(door(text), want)


def test_a_long_random_configuration() -> None:
    rng = random.Random(20)

    def value(depth: int) -> Any:
        kind = rng.randrange(8 if depth else 6)
        if kind < 6:
            return [None, True, rng.randrange(-(10**20), 10**20), rng.uniform(-1e9, 1e9), "t\u00e9xt \U0001f600\n",
                    "x" * rng.randrange(40)][kind]  # fmt: skip
        if kind == 6:
            return [value(depth - 1) for _ in range(rng.randrange(9))]
        return {f"k{i}-{rng.randrange(9)}": value(depth - 1) for i in range(rng.randrange(20))}

    whole = {"x": [value(4) for _ in range(400)]}
    for text in (json.dumps(whole), json.dumps(whole, indent=4, ensure_ascii=False)):
        assert len(text) > 100_000
        assert same(door(text), whole)
        assert same(door(text.encode()), whole)


# ----------------------------------------------------------------------- limits


@pytest.mark.parametrize("brackets", ["[]", "{}"])
@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 100_000])
def test_depth(brackets: str, depth: int) -> None:
    inner = depth - 1  # the object around it counts
    if brackets == "[]":
        text = '{"x":' + "[" * inner + "]" * inner + "}"
    else:
        text = '{"x":' * inner + "{}" + "}" * inner
    if depth <= MAX_DEPTH:
        assert same(door(text), json.loads(text))
        return
    with pytest.raises(cp.ConfigError) as caught:
        door(text)
    assert caught.value.line == 1
    assert caught.value.column == 1 + (4 + MAX_DEPTH if brackets == "[]" else 5 * MAX_DEPTH)


@pytest.mark.parametrize("length", [MAX_NUMBER - 1, MAX_NUMBER, MAX_NUMBER + 1])
@pytest.mark.parametrize("start", ["1", "-1", "1.", "-1.5e-", "1e"])
def test_length_of_numbers(start: str, length: int) -> None:
    text = '{"x":' + start + "7" * (length - len(start)) + "}"
    if length <= MAX_NUMBER:
        assert same(door(text), json.loads(text))
        return
    with pytest.raises(cp.ConfigError) as caught:
        door(text)
    assert (caught.value.line, caught.value.column) == (1, 6)


@pytest.mark.parametrize("length", [MAX_TEXT - 1, MAX_TEXT, MAX_TEXT + 1])
def test_length_of_texts(length: int) -> None:
    text = '{"x":"' + "y" * (length - 8) + '"}'
    if length <= MAX_TEXT:
        assert len(door(text)["x"]) == length - 8
        return
    with pytest.raises(cp.ConfigError, match="16 MiB"):
        door(text)


# ----------------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ('{"a": 01}', 1, 7),
        ('{\n  "a": 1,\n  "b": tru\n}', 3, 8),
        ('{"\u00e9\U0001f600": x}', 1, 8),
        ('{"a": 1,\r\n}', 1, 8),
        ('{"a": "x\ny"}', 1, 9),
        ('{"a": "\\ud800"}', 1, 8),
        ("\ufeff{}", 1, 1),
        ("{} {}", 1, 4),
    ],
)
def test_line_and_column(text: str, line: int, column: int) -> None:
    for form in (text, text.encode()):
        with pytest.raises(cp.ConfigError) as caught:
            cp.Config(form)
        assert (caught.value.line, caught.value.column) == (line, column)
        message, shown, caret = str(caught.value).split("\n")
        assert message and caught.value.excerpt == f"{shown}\n{caret}"
        assert shown.startswith(f"{line} | ") and caret.endswith("^")


def test_a_duplicate_key_has_place_and_path() -> None:
    text = '{"app": {"vendors": {"custom": [{"id": "a"}, {"id": "b"},\n {"id": "c", "name": "n", "id": "d"}]}}}'
    with pytest.raises(cp.ConfigError) as caught:
        cp.Config(text)
    assert caught.value.path == "app.vendors.custom[2].id"
    assert (caught.value.line, caught.value.column) == (2, 27)


def test_a_bad_layer_is_named() -> None:
    with pytest.raises(cp.ConfigError) as caught:
        cp.Config({"app": {}}, '{"app": }', names=["remote", "local"])
    assert caught.value.layer == "local"


@pytest.mark.parametrize(
    "raw",
    [b'{"a":"\xe9"}', b'{"a":"\xc0\x80"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xf4\x90\x80\x80"}', b'{"a\x00":1}',
     "{}".encode("utf-16"), "{}".encode("utf-16-le"), b"\xef\xbb\xbf{}"],
)  # fmt: skip
def test_bytes_that_are_not_good_utf8(raw: bytes) -> None:
    with pytest.raises(cp.ConfigError):
        cp.Config(raw)


def test_a_lone_surrogate_in_a_str() -> None:
    with pytest.raises(cp.ConfigError):
        cp.Config('{"a":"\ud800"}')
