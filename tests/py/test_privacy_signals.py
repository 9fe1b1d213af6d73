"""The US Privacy string and Global Privacy Control."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import consentpy as cp
from helpers import VECTORS

USP = json.loads((VECTORS / "usp.json").read_text("utf-8"))["cases"]
GPC = json.loads((VECTORS / "gpc.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", USP, ids=lambda case: repr(case["usp"]))
@pytest.mark.parametrize("strict", [False, True])
def test_us_privacy_vectors(case: dict[str, Any], strict: bool) -> None:
    if case["expect"] == "error" or (strict and case["warnings"]):
        with pytest.raises(cp.DecodeError) as caught:
            cp.usp.decode(case["usp"], strict)
        assert caught.value.code and 0 <= caught.value.offset <= len(case["usp"].encode())
        return
    read = cp.usp.decode(case["usp"], strict)
    assert read.to_dict() == case["decoded"]
    assert read.applies is case["applies"]
    assert read.opted_out is case["opted_out"]
    assert read.warnings == tuple(case["warnings"])
    assert cp.usp.encode(read) == cp.usp.encode(read.to_dict()) == case["usp"]


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "empty", 0),
        ("1YN", "bad_length", 3),
        ("1YNNN", "bad_length", 4),
        ("2YNN", "unsupported_version", 0),
        ("1ynn", "bad_char", 1),
        ("1YN ", "bad_char", 3),
        ("1" * 65537, "too_long", 65536),
    ],
)
def test_us_privacy_codes(text: str, code: str, offset: int) -> None:
    with pytest.raises(cp.DecodeError) as caught:
        cp.usp.decode(text)
    assert (caught.value.code, caught.value.offset) == (code, offset)


def test_us_privacy_objects() -> None:
    read = cp.usp.decode("1YN-")
    assert (read.notice, read.opt_out_sale, read.lspa_covered) == ("Y", "N", "-")
    assert repr(read) == "<consentpy.usp.USPrivacy 1YN->"
    assert read == cp.usp.USPrivacy("Y", "N", "-") != cp.usp.decode("1YNN")
    assert read != "1YN-" and len({read, cp.usp.decode("1YN-")}) == 1
    assert pickle.loads(pickle.dumps(read)) == read == copy.deepcopy(read)
    with pytest.raises(AttributeError):
        read.notice = "N"
    with pytest.raises(AttributeError):
        del read.notice
    assert cp.usp.encode({"notice": "Y", "opt_out_sale": "N", "lspa_covered": "-"}) == "1YN-"
    good = read.to_dict()
    for name, value in [("notice", "y"), ("opt_out_sale", ""), ("lspa_covered", None)]:
        with pytest.raises(cp.ConsentError, match=name):
            cp.usp.encode({**good, name: value})
    with pytest.raises(cp.ConsentError, match="version"):
        cp.usp.encode({**good, "version": 2})
    for bad in (None, b"1YNN", 5):
        with pytest.raises(TypeError):
            cp.usp.decode(bad)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            cp.usp.encode(bad)  # type: ignore[arg-type]


@given(st.text(max_size=6))
def test_any_text_is_a_us_privacy_string_or_refused(text: str) -> None:
    legal = len(text) == 4 and text[0] == "1" and set(text[1:]) <= set("YN-")
    try:
        assert cp.usp.encode(cp.usp.decode(text)) == text and legal
    except cp.DecodeError:
        assert not legal


@pytest.mark.parametrize("case", GPC, ids=lambda case: repr(case["headers"]))
def test_global_privacy_control_vectors(case: dict[str, Any]) -> None:
    lines = case["headers"]
    assert cp.gpc.decode(lines) is case["gpc"]
    assert cp.gpc.decode(tuple(lines)) is case["gpc"]
    assert cp.gpc.decode(line for line in lines) is case["gpc"]
    assert cp.gpc.decode([line.encode() for line in lines]) is case["gpc"]
    if len(lines) == 1:
        assert cp.gpc.decode(lines[0]) is case["gpc"]
        assert cp.gpc.decode(lines[0].encode()) is case["gpc"]


def test_global_privacy_control_of_anything() -> None:
    assert cp.gpc.decode(None) is False
    assert cp.gpc.decode([None, 1, 1.0, True, b"1"]) is True
    assert cp.gpc.decode([None, 1, 1.0, True, "\ud800"]) is False
    with pytest.raises(TypeError):
        cp.gpc.decode(1)  # type: ignore[arg-type]


@given(st.lists(st.text(" \t,01x") | st.binary(max_size=4)))
def test_lines_joined_by_commas_are_lines(lines: list[str | bytes]) -> None:
    texts = [line.decode("latin-1") if isinstance(line, bytes) else line for line in lines]
    items = [item.strip(" \t") for text in texts for item in text.split(",")]
    assert cp.gpc.decode(lines) is ("1" in items)
    assert cp.gpc.decode(",".join(texts)) is ("1" in items)
