"""TC strings: every vector both ways, and what a second writer in Python makes of random worlds."""

from __future__ import annotations

import copy
import json
import os
import pickle
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import tc_bits
from hypothesis import given, settings
from hypothesis import strategies as st

import consentpy as cp
from consentpy import tcf
from helpers import VECTORS, within

FOLDER = Path(os.environ.get("CONSENTPY_VECTORS", VECTORS))
DATA = json.loads((FOLDER / "tcf.json").read_text("ascii"))
VALID = DATA["valid"]
MALFORMED = DATA["malformed"]
BASE = "CQKjTcAQKjTcAAfKABENBqFoAPIAAEKAAAYgACsgAKSAAAAA.IACsgAAA"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
RESTRICTIONS_AT = 247  # bits of a core without vendors in front of its restrictions
SMALL: dict[str, Any] = {"created_ds": 0, "cmp_id": 7, "vendor_list_version": 1}


def ids(cases: list[dict[str, Any]]) -> list[str]:
    return [case["id"] for case in cases]


def refused(text: str, strict: bool = False) -> cp.DecodeError:
    with pytest.raises(cp.DecodeError) as caught:
        tcf.decode(text, strict=strict)
    assert 0 <= caught.value.offset <= len(text)
    return caught.value


# ------------------------------------------------------------------- vectors


@pytest.mark.parametrize("case", VALID, ids=ids(VALID))
def test_valid(case: dict[str, Any]) -> None:
    minimal = case["canonical_tc"] or case["tc"]
    for strict in (False, True):
        tc = tcf.decode(case["tc"], strict=strict)
        assert tc.to_dict() == case["decoded"]
        assert list(tc.warnings) == case["warnings"]
        assert tcf.encode(tc) == minimal
    assert tcf.encode(case["decoded"]) == minimal


@pytest.mark.parametrize("case", MALFORMED, ids=ids(MALFORMED))
def test_malformed(case: dict[str, Any]) -> None:
    assert refused(case["tc"], strict=True).code == case["code"]
    if case["expect"]["lenient"] == "error":
        assert refused(case["tc"]).code
        return
    tc = tcf.decode(case["tc"])
    assert tc.to_dict() == case["lenient_decoded"]
    assert list(tc.warnings) == case["lenient_warnings"]


@pytest.mark.parametrize("case", DATA["malformed_generated"], ids=ids(DATA["malformed_generated"]))
def test_malformed_generated(case: dict[str, Any]) -> None:
    gen = case["gen"]
    text = gen["prefix"] + gen["unit"] * gen["repeat"] + gen["suffix"]
    for strict in (False, True):
        with within(case["max_ms"] / 1000):
            assert refused(text, strict).code == case["code"]


@pytest.mark.parametrize("case", DATA["hostile"], ids=ids(DATA["hostile"]))
def test_hostile(case: dict[str, Any]) -> None:
    with within(case["max_ms"] / 1000):
        seen = tcf.decode(case["tc"]).to_dict()
    for name, value in case["if_ok"].items():
        if name == "publisher_restrictions":
            assert all(record in seen[name] for record in value)
        else:
            assert seen[name] == value


# ---------------------------------------------------------------- properties


def plain(world: dict[str, Any]) -> dict[str, Any]:
    """What to_dict() says of a world, without what only tells how it was written."""
    shown = {}
    for name, value in world.items():
        if name.endswith("vendors") or name.startswith("vendor_consents"):
            shown[name] = None if value is None else tc_bits.ranges_text(value)
        elif name == "vendor_legitimate_interests":
            shown[name] = tc_bits.ranges_text(value)
        elif name == "publisher_restrictions":
            shown[name] = [
                (*key, tc_bits.ranges_text(value[key])) for key in sorted(value) if value[key]
            ]
        elif name == "publisher_tc" and value is not None:
            shown[name] = {
                key: sorted(item) if isinstance(item, set) else item for key, item in value.items()
            }
        else:
            shown[name] = sorted(value) if isinstance(value, set) else value
    return shown


def plain_of(decoded: dict[str, Any]) -> dict[str, Any]:
    shown = dict(decoded)
    for name in ("version", "num_pub_restrictions", "segments"):
        del shown[name]
    for name, value in shown.items():
        if isinstance(value, dict) and "ids" in value:
            shown[name] = value["ids"]
    shown["publisher_restrictions"] = [
        (item["purpose_id"], item["type"], item["ids"]) for item in shown["publisher_restrictions"]
    ]
    return shown


def writable(world: dict[str, Any]) -> dict[str, Any]:
    restrictions = [
        {"purpose_id": purpose, "type": kind, "ids": chosen}
        for (purpose, kind), chosen in world["publisher_restrictions"].items()
    ]
    return {**world, "publisher_restrictions": restrictions}


@given(tc_bits.worlds)
def test_both_ways(world: dict[str, Any]) -> None:
    text = tc_bits.written(world)
    assert tcf.encode(writable(world)) == text
    tc = tcf.decode(text, strict=True)
    assert plain_of(tc.to_dict()) == plain(world)
    assert tcf.encode(tc) == text
    assert tcf.encode(tc.to_dict()) == text
    assert {"range_unsorted", "degenerate_range", "trailing_data"}.isdisjoint(tc.warnings)


@given(tc_bits.worlds, st.data())
def test_damaged_text(world: dict[str, Any], data: st.DataObject) -> None:
    """Whatever was done to a string: an error, or something that can be written and read again."""
    text = tc_bits.written(world)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        size = data.draw(st.integers(0, 3))
        text = (
            text[:at]
            + data.draw(st.text(tc_bits.ALPHABET + ".=+ ", max_size=3))
            + text[at + size :]
        )
    try:
        tc = tcf.decode(text)
    except cp.DecodeError as error:
        assert refused(text, strict=True).code and error.code
        return
    again = tcf.decode(tcf.encode(tc))
    seen, repeated = plain_of(tc.to_dict()), plain_of(again.to_dict())
    assert seen == repeated
    strict = {"bad_country", "bad_language", "duplicate_segment", "empty_segment", "trailing_data"}
    strict |= {"purpose_id_zero", "undefined_restriction_type", "unknown_segment"}
    if strict.intersection(tc.warnings) or "vendor_id_over_max" in tc.warnings:
        refused(text, strict=True)


@given(st.text())
@settings(max_examples=50)
def test_any_text(text: str) -> None:
    refused(text)


@given(tc_bits.worlds, st.sampled_from([6, 8, 24]))
@settings(max_examples=30)
def test_any_padding(world: dict[str, Any], unit: int) -> None:
    text = tc_bits.text_of(tc_bits.core(world), unit)
    assert tcf.encode(tcf.decode(text, strict=True)) == tc_bits.text_of(tc_bits.core(world))


@pytest.mark.parametrize("more", range(0, 48, 5))
def test_excess_padding(more: int) -> None:
    """A segment may end with up to 23 bits that nobody needs: what padding to 24 bits can leave."""
    core = "".join(tc_bits.bits(tc_bits.ALPHABET.index(c), 6) for c in BASE.split(".")[0])
    needed = 213 + 17 + 5 + 17 + 5 + 12  # two bit fields of five vendors, no restriction
    assert set(core[needed:]) == {"0"}
    text = tc_bits.text_of(core[:needed] + "0" * more, 6)
    assert ("excess_padding" in tcf.decode(text).warnings) == (6 * len(text) - needed >= 24)


@given(tc_bits.vendors, st.integers(-5, 70000))
def test_vendor_sets(chosen: set[int], asked: int) -> None:
    tc = tcf.decode(tcf.encode({**SMALL, "vendor_consents": chosen}))
    seen = tc.vendor_consents
    assert list(seen) == sorted(chosen)
    assert set(seen) == chosen and len(seen) == len(chosen)
    assert seen.ranges() == tc_bits.runs(chosen)
    assert repr(seen) == tc_bits.ranges_text(chosen)
    assert (asked in seen) == (asked in chosen)
    assert seen.max_vendor_id == max(chosen, default=0)
    ranges = tcf.encode(
        {**SMALL, "publisher_restrictions": [{"purpose_id": 2, "type": 0, "ids": chosen}]}
    )
    other = tcf.decode(ranges).publisher_restrictions
    assert [item.vendors for item in other] == ([seen] if chosen else [])
    assert all(hash(item.vendors) == hash(seen) for item in other)


# ------------------------------------------------------------------- objects


def test_attributes() -> None:
    tc = tcf.decode(BASE + ".f___4AAAAWgA")
    assert tc.created == tc.last_updated == datetime(2025, 1, 1, tzinfo=timezone.utc)
    assert tc.version == 2 and tc.policy_version == 5 and tc.is_service_specific
    assert tc.purpose_consents == frozenset({1, 2, 3, 4, 7})
    assert hash(tc.purpose_consents)
    assert tc.vendor_consents.encoding == "bitfield" and tc.vendor_consents.num_entries is None
    assert tc.disclosed_vendors is not None and 5 in tc.disclosed_vendors
    assert tc.allowed_vendors is None
    assert tc.publisher_tc is not None and 1 in tc.publisher_tc.consents
    assert tc.segments == ("core", "disclosed_vendors", "publisher_tc")
    assert tc.text == BASE + ".f___4AAAAWgA"
    for name, value in tc.to_dict().items():
        if isinstance(value, (int, str, bool)) and not name.endswith("_ds"):
            assert getattr(tc, name) == value


def test_values() -> None:
    tc = tcf.decode(BASE)
    assert tc == tcf.decode(BASE) and hash(tc) == hash(tcf.decode(BASE))
    assert tc != tcf.decode(BASE.split(".")[0]) and tc != BASE
    assert pickle.loads(pickle.dumps(tc)) == tc
    assert copy.copy(tc) is tc and copy.deepcopy(tc) is tc
    with pytest.raises(AttributeError):
        tc.cmp_id = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        tcf.TCString()
    with pytest.raises(TypeError):
        tcf.VendorSet()


def test_a_set_outlives_its_string() -> None:
    seen = tcf.decode(BASE).vendor_consents
    walk = iter(tcf.decode(BASE).vendor_consents)
    assert list(walk) == list(seen) == [1, 2, 5]
    assert "1" not in seen and 2**70 not in seen and 1.0 not in seen and None not in seen


@pytest.mark.parametrize("wrong", [None, b"C", 3, ["C"]])
def test_only_text_is_decoded(wrong: Any) -> None:
    with pytest.raises(TypeError):
        tcf.decode(wrong)
    with pytest.raises(TypeError):
        tcf.encode(wrong)


def test_long_text() -> None:
    assert refused("C" * 65537).code == "too_long"
    assert refused("é" * 65537).code == "too_long"
    assert refused("é" * 65536).code == "bad_char"
    assert refused("C" + "\ud800").offset == 1


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "empty", 0),
        ("   ", "empty", 3),
        (" " + BASE + "!", "bad_char", len(BASE) + 1),
        (BASE[:10] + "é", "bad_char", 10),
        (BASE[:10], "truncated", 7),
        ("B" + BASE[1:], "unsupported_version", 0),
        (BASE + "..", "empty_segment", len(BASE) + 1),
    ],
)
def test_places(text: str, code: str, offset: int) -> None:
    error = refused(text, strict=code == "empty_segment")
    assert (error.code, error.offset) == (code, offset)


# ------------------------------------------------------------------- writing


def test_defaults() -> None:
    tc = tcf.decode(tcf.encode({**SMALL, "created_ds": datetime(2026, 3, 1, tzinfo=timezone.utc)}))
    assert tc.created == tc.last_updated == datetime(2026, 3, 1, tzinfo=timezone.utc)
    assert (tc.policy_version, tc.consent_language, tc.publisher_cc) == (5, "EN", "AA")
    assert tc.is_service_specific and tc.segments == ("core",)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"cmp_id": 4096}, "cmp_id"),
        ({"version": 3}, "version"),
        ({"created_ds": 2**36}, "created_ds"),
        ({"created_ds": -1}, "created_ds"),
        ({"consent_language": "en"}, "consent_language"),
        ({"publisher_cc": "DEU"}, "publisher_cc"),
        ({"purpose_consents": [25]}, "purpose_consents"),
        ({"special_feature_optins": [0]}, "special_feature_optins"),
        ({"vendor_consents": [65536]}, "vendor_consents"),
        ({"vendor_consents": "5-1"}, "vendor_consents"),
        ({"vendor_consents": "1,,2"}, "vendor_consents"),
        ({"vendor_consents": "1-2-3"}, "vendor_consents"),
        ({"vendor_consents": "1000000005"}, "vendor_consents"),
        ({"disclosed_vendors": "x"}, "disclosed_vendors"),
        ({"publisher_restrictions": [{"purpose_id": 1, "type": 3}]}, "publisher_restrictions"),
        ({"publisher_tc": {"custom_consents": [1]}}, "publisher_tc"),
        ({"segments": ["core", "unknown:4"]}, "segments"),
        ({"vendors": "1"}, "vendors"),
    ],
)
def test_unwritable(change: dict[str, Any], names: str) -> None:
    with pytest.raises(cp.ConsentError, match=f"^{names}"):
        tcf.encode({**SMALL, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"cmp_id": "7"},
        {"cmp_id": True},
        {"created_ds": datetime(2026, 3, 1)},
        {"is_service_specific": 1},
        {"purpose_consents": "1"},
        {"purpose_consents": 3},
        {"vendor_consents": 3},
        {"vendor_consents": [1.5]},
        {"vendor_consents": b"\0\1"},
        {"consent_language": 3},
        {"publisher_restrictions": "x"},
        {"publisher_restrictions": [3]},
        {"publisher_tc": 3},
        {"segments": "core"},
    ],
)
def test_wrong_types(change: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        tcf.encode({**SMALL, **change})


@pytest.mark.parametrize("name", sorted(SMALL))
def test_what_has_to_be_there(name: str) -> None:
    with pytest.raises(cp.ConsentError, match=f"^{name}"):
        tcf.encode({key: value for key, value in SMALL.items() if key != name})


# ------------------------------------------------------------------ ids from iterables


class Walk:
    """An iterable that fails behind its ids."""

    def __init__(self, *ids: Any) -> None:
        self.ids = ids

    def __iter__(self) -> Any:
        yield from self.ids
        raise KeyError("walk")


@pytest.mark.parametrize("field", ["vendor_consents", "disclosed_vendors", "allowed_vendors"])
@pytest.mark.parametrize("kind", [list, tuple, set, frozenset, iter, dict.fromkeys])
def test_ids_of_any_iterable(field: str, kind: Any) -> None:
    wanted = [1, 2, 3, 64, 65, 900, 901, 65_535]
    given = kind([901, 900, 65_535, 1, 3, 2, 64, 65, 65, 1])
    if isinstance(given, dict):
        given = given.keys()
    assert list(getattr(tcf.decode(tcf.encode({**SMALL, field: given})), field)) == wanted


@pytest.mark.parametrize("field", ["vendor_consents", "disclosed_vendors"])
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([1, 0], cp.ConsentError, "{}: 0 has no room: give 1 to 65535"),
        ((65_536,), cp.ConsentError, "{}: 65536 has no room: give 1 to 65535"),
        ([-(10**30)], cp.ConsentError, "{}: -1" + 30 * "0" + " has no room: give 1 to 65535"),
        ([True], TypeError, "{} is an int, not bool"),
        (["1"], TypeError, "{} is an int, not str"),
        ((1, None), TypeError, "{} is an int, not NoneType"),
        (b"1", TypeError, "{} is a set of ids, not bytes"),
        (7, TypeError, "{} is a set of ids, not int"),
        ({"ids": {}}, TypeError, "{} is a set of ids, not dict"),
        ([7] * 131_071, cp.ConsentError, "{}: ids are given again and again: give a set"),
        (Walk(1, 2), KeyError, "'walk'"),
    ],
)
def test_ids_that_cannot_be_written(
    field: str, value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        tcf.encode({**SMALL, field: value})
    assert str(caught.value) == message.format(field)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("1", TypeError, "purpose_consents is an iterable of ids, not str"),
        (b"1", TypeError, "purpose_consents is an iterable of ids, not bytes"),
        (1, TypeError, "purpose_consents is an iterable of ids, not int"),
        ([25], cp.ConsentError, "purpose_consents: 25 has no room: give 1 to 24"),
        ({0}, cp.ConsentError, "purpose_consents: 0 has no room: give 1 to 24"),
        ([1.0], TypeError, "purpose_consents is an int, not float"),
        (Walk(1), KeyError, "'walk'"),
    ],
)
def test_purposes_that_cannot_be_written(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        tcf.encode({**SMALL, "purpose_consents": value})
    assert str(caught.value) == message


def test_the_same_ids_up_to_a_limit() -> None:
    text = tcf.encode({**SMALL, "vendor_consents": [7] * 131_070})
    assert list(tcf.decode(text).vendor_consents) == [7]


@pytest.mark.parametrize("each", [1, 2, 30])
def test_records_of_every_key_joined(each: int) -> None:
    """Many records of one purpose and type, in turn with others and with empty ones."""
    records, wanted = [], {}
    for i in range(600):
        key = 1 + i * 7 % 24, i % 3
        own = [1 + (i * 31 + 2 * k) % 4000 for k in range(each)] if i % 5 else []
        wanted.setdefault(key, set()).update(own)
        body = "".join("0" + tc_bits.bits(id, 16) for id in own)
        head = tc_bits.bits(key[0], 6) + tc_bits.bits(key[1], 2) + tc_bits.bits(len(own), 12)
        records.append(head + body)
    empty = tcf.encode(SMALL).split(".")[0]
    fields = "".join(f"{ALPHABET.index(letter):06b}" for letter in empty)[:RESTRICTIONS_AT]
    text = tc_bits.text_of(fields + tc_bits.bits(len(records), 12) + "".join(records))
    found = tcf.decode(text).publisher_restrictions
    assert {(r.purpose_id, r.type): set(r.vendors) for r in found} == {
        key: ids for key, ids in wanted.items() if ids
    }
    assert [(r.purpose_id, r.type) for r in found] == sorted(k for k in wanted if wanted[k])
    warnings = tcf.decode(text).warnings
    assert "duplicate_restriction" in warnings and "empty_restriction" in warnings
