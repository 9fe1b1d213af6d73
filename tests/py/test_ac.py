"""Google's Additional Consent string: every vector, both ways, strict and not."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import consentpy as cp
from helpers import VECTORS, fastest, within

DATA = json.loads((VECTORS / "ac.json").read_text("ascii"))
CASES = DATA["cases"]
PROVIDERS = st.lists(st.integers(1, 2**31 - 1) | st.integers(1, 40), max_size=40)


def code_of(text: str, strict: bool) -> str:
    with pytest.raises(cp.DecodeError) as caught:
        cp.ac.decode(text, strict=strict)
    return caught.value.code


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_vectors(case: dict[str, Any]) -> None:
    for name, expected in case["expect"].items():
        if expected == "error":
            assert code_of(case["ac"], strict=name == "strict") == case["code"]
            continue
        decoded = cp.ac.decode(case["ac"], strict=name == "strict")
        assert decoded.to_dict() == case["decoded"]
        assert cp.ac.encode(decoded) == cp.ac.encode(decoded.to_dict()) == case["canonical"]
        assert cp.ac.decode(case["canonical"], strict=True) == decoded
        # what a strict reader refuses, the other one warns of
        if case["expect"]["strict"] == "error":
            assert decoded.warnings
        elif case["ac"].removesuffix(".") == case["canonical"].removesuffix("."):
            assert decoded.warnings == ()


@pytest.mark.parametrize("case", DATA["malformed_generated"], ids=lambda case: case["id"])
def test_generated_vectors(case: dict[str, Any]) -> None:
    gen = case["gen"]
    text = gen["prefix"] + gen["unit"] * gen["repeat"] + gen["suffix"]
    with within(2 * case["max_ms"] / 1000):
        for strict in (False, True):
            assert code_of(text, strict) == case["code"]


def test_the_vectors_are_all_there() -> None:
    assert len(CASES) == DATA["counts"]["total"]
    assert sum(c["expect"]["strict"] == "ok" for c in CASES) == DATA["counts"]["strict_ok"]


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("1", "no_separator", 0),
        ("3~", "version", 0),
        ("1~1.2~3", "parts", 5),
        ("2~1.2", "parts", 5),
        ("2~1~dv.2~", "parts", 8),
        ("2~1~dx.2", "disclosed_prefix", 4),
        ("2~1~dv.2.x", "bad_id", 9),
        ("1~1.02", "bad_id", 4),
        ("1~1.2147483648", "bad_id", 4),
        ("1~1.", "bad_id", 4),
        (" 1~1", "version", 0),
    ],
)
def test_errors_tell_the_place(text: str, code: str, offset: int) -> None:
    with pytest.raises(cp.DecodeError) as caught:
        cp.ac.decode(text, strict=True)
    assert (caught.value.code, caught.value.offset) == (code, offset)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (" 2~1~dv.\n", ("blanks",)),
        ("1~1~2", ("parts",)),
        ("2~1", ("parts",)),
        ("2~1~", ("disclosed_prefix",)),
        ("1~a", ("bad_id",)),
        ("1~2.1", ("unsorted",)),
        ("1~1.1", ("repeated_id",)),
        ("2~1~dv.1", ("overlap",)),
        (" 2~3.x.1~dx~", ("blanks", "parts", "disclosed_prefix", "bad_id", "unsorted")),
    ],
)
def test_warnings(text: str, warnings: tuple[str, ...]) -> None:
    assert cp.ac.decode(text).warnings == warnings


def test_too_long_is_not_read() -> None:
    fits = "1~" + "1." * 32766 + "11"
    assert len(fits) == 65536 and cp.ac.decode(fits).consented == (1, 11)
    assert code_of(fits + "1", strict=False) == "too_long"
    assert code_of("é" * 65537, strict=True) == "too_long"


def test_time_is_linear() -> None:
    def spent(items: int) -> float:
        text = "2~" + ".".join(str(i) for i in range(items, 0, -1)) + "~dv.x" + ".x" * items
        return fastest(lambda: cp.ac.decode(text), 5)

    assert spent(8000) < 10 * spent(2000) + 0.001


@given(st.sets(st.integers(1, 2**31 - 1)), PROVIDERS, PROVIDERS)
def test_what_is_written_is_read_again(known: set[int], on: list[int], off: list[int]) -> None:
    text = cp.ac.encode({"consented": on, "disclosed_only": off, "disclosed_all": [*known]})
    decoded = cp.ac.decode(text, strict=True)
    assert decoded.warnings == ()
    assert decoded.to_dict() == {
        "version": 2,
        "consented": sorted(set(on)),
        "disclosed_only": sorted({*off, *known} - set(on)),
        "disclosed_all": sorted({*on, *off, *known}),
    }
    assert cp.ac.encode(decoded) == text
    first = cp.ac.encode({"version": 1, "consented": on})
    assert cp.ac.decode(first, strict=True).to_dict() == {
        "version": 1,
        "consented": sorted(set(on)),
        "disclosed_only": None,
        "disclosed_all": None,
    }


@settings(max_examples=300)
@given(st.text(alphabet="12~.dv0x +é", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        decoded = cp.ac.decode(text)
    except cp.DecodeError as error:
        assert error.code in ("no_separator", "version")
        assert code_of(text, strict=True)
        return
    again = cp.ac.decode(cp.ac.encode(decoded), strict=True)
    assert again == decoded and again.warnings == ()
    ids = {int(word) for word in text.replace("~", ".").split(".") if is_number(word.strip())}
    assert {*decoded.consented, *(decoded.disclosed_only or ())} <= ids


def is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


# ------------------------------------------------------------------ objects


def test_a_value() -> None:
    one = cp.ac.decode("2~1.2~dv.3")
    same = cp.ac.decode("2~2.1~dv.3")
    assert one == same and hash(one) == hash(same) and same.warnings == ("unsorted",)
    assert one != cp.ac.decode("2~1.2~dv.") and one != "2~1.2~dv.3"
    assert (one.version, one.consented, one.disclosed_only, one.disclosed_all) == (
        2,
        (1, 2),
        (3,),
        (1, 2, 3),
    )
    for twin in (pickle.loads(pickle.dumps(same)), copy.deepcopy(same)):
        assert twin == same and twin.warnings == same.warnings
    assert repr(one) == (
        "<consentpy.ac.AdditionalConsent version 2: 2 consented, 1 only disclosed>"
    )
    assert repr(cp.ac.decode("1~")) == "<consentpy.ac.AdditionalConsent version 1: 0 consented>"
    with pytest.raises(AttributeError, match="cannot be changed"):
        one.version = 1
    with pytest.raises(AttributeError, match="cannot be changed"):
        del one.version
    one.to_dict()["consented"].append(9)
    assert one.consented == (1, 2)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "consented is missing"),
        ({"consented": [], "consent": []}, "'consent' is no field"),
        ({"version": 3, "consented": []}, "version"),
        ({"version": 2**40, "consented": []}, "version"),
        ({"consented": [0]}, "consented: an id is out of range"),
        ({"consented": [2**31]}, "consented: an id is out of range"),
        ({"consented": [], "disclosed_only": [-1]}, "disclosed_only: an id is out of range"),
        ({"consented": [], "disclosed_all": [2**70]}, "disclosed_only: an id is out of range"),
        ({"version": 1, "consented": [1], "disclosed_only": [2]}, "version 1 has no place"),
        ({"consented": [*range(10_000_000, 10_008_000)]}, "over 65 536 characters"),
    ],
)
def test_what_cannot_be_written_is_an_error_that_names_the_field(
    given: dict[str, Any], says: str
) -> None:
    with pytest.raises(cp.ConsentError, match=says):
        cp.ac.encode(given)


@pytest.mark.parametrize(
    "given",
    [
        "1~",
        None,
        {"consented": None},
        {"consented": "12"},
        {"consented": ["1"]},
        {"consented": [True]},
        {"consented": [1.0]},
        {"consented": [], "version": "2"},
        {"consented": [], "version": True},
        {"consented": [], "disclosed_only": 7},
    ],
)
def test_wrong_types(given: Any) -> None:
    with pytest.raises(TypeError):
        cp.ac.encode(given)


@pytest.mark.parametrize("given", [b"1~", None, 1])
def test_only_texts_are_decoded(given: Any) -> None:
    with pytest.raises(TypeError):
        cp.ac.decode(given)


def test_version_1_without_a_word_of_disclosure_is_version_1_again() -> None:
    text = cp.ac.encode({"version": 1, "consented": (5, 3), "disclosed_all": {3, 5}})
    assert text == "1~3.5"
