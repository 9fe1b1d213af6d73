"""GPP strings: the vectors, what was written by a second writer, and anything at all."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from gpp_writer import (
    ALPHABET,
    CORE,
    entries,
    header,
    number,
    section,
    shown,
    text_of,
)
from hypothesis import given
from hypothesis import strategies as st

import consentpy as cp
from helpers import VECTORS, within

FILE = json.loads((VECTORS / "gpp.json").read_text("ascii"))
READ = [case for case in FILE["valid"] + FILE["malformed"] if "sections" in case]
REFUSED = [case for case in FILE["malformed"] if case["expect"] == "error"]
LONG = FILE["malformed_generated"]
TABLE = json.loads((VECTORS / "gpp_sections.json").read_text("ascii"))["sections"]
STATES = [section for section in TABLE if section["kind"] == "us"]


def named(case: dict[str, Any]) -> str:
    return case["id"]


# ------------------------------------------------------------------ vectors


@pytest.mark.parametrize("case", READ, ids=named)
def test_vectors_are_read(case: dict[str, Any]) -> None:
    read = cp.gpp.decode(case["gpp"])
    data = read.to_dict()
    assert data["section_ids"] == case["section_ids"] == list(read.section_ids)
    for seen, want in zip(data["sections"], case["sections"], strict=True):
        assert list(seen)[:5] == ["id", "name", "raw", "decoded", "warnings"]
        assert (seen["id"], seen["name"], seen["raw"]) == (want["id"], want["name"], want["raw"])
        assert seen["decoded"] == want["decoded"]
        assert sorted(seen["warnings"]) == sorted(want.get("warnings", []))
        assert seen.get("error") == want.get("error")
    if case["expect"] == "section_error":
        assert read.warnings[0] == "section_error"
        with pytest.raises(cp.DecodeError) as caught:
            cp.gpp.decode(case["gpp"], strict=True)
        first = next(s for s in case["sections"] if "error" in s)
        assert caught.value.code == first["error"]
        assert case["gpp"].startswith(first["raw"], caught.value.offset)
    else:
        assert cp.gpp.decode(case["gpp"], strict=True) == read


@pytest.mark.parametrize("case", REFUSED, ids=named)
@pytest.mark.parametrize("strict", [False, True])
def test_vectors_are_refused(case: dict[str, Any], strict: bool) -> None:
    with pytest.raises(cp.DecodeError) as caught:
        cp.gpp.decode(case["gpp"], strict)
    assert caught.value.code == case["code"]
    assert 0 <= caught.value.offset <= len(case["gpp"])


@pytest.mark.parametrize("case", LONG, ids=named)
def test_long_vectors_are_refused_at_once(case: dict[str, Any]) -> None:
    parts = case["gen"]
    text = parts["prefix"] + parts["unit"] * parts["repeat"] + parts["suffix"]
    with within(case["max_ms"] / 1000):
        with pytest.raises(cp.DecodeError) as caught:
            cp.gpp.decode(text)
    assert caught.value.code == case["code"]


def meaning(section: dict[str, Any]) -> Any:
    """The fields of a section, without how the sets of a TC string were written."""
    if section["id"] != 2:
        return section["decoded"]
    forms = ("max_vendor_id", "encoding", "num_entries")
    return {
        name: {k: v for k, v in value.items() if k not in forms} if type(value) is dict else value
        for name, value in section["decoded"].items()
        if name != "num_pub_restrictions"
    }


@pytest.mark.parametrize("case", [c for c in READ if c["expect"] == "ok"], ids=named)
def test_what_is_read_is_written_and_read_again(case: dict[str, Any]) -> None:
    read = cp.gpp.decode(case["gpp"])
    text = cp.gpp.encode(read)
    header, *sections = text.split("~")
    assert header == case["header"]["library"]
    again = cp.gpp.decode(text).to_dict()
    for seen, want in zip(again["sections"], read.to_dict()["sections"], strict=True):
        assert meaning(seen) == meaning(want)
    assert cp.gpp.encode(again) == text
    # byte for byte what the IAB's library has written, the Canadian coding apart
    if case["source"].startswith("generated"):
        for seen, want in zip(sections, case["sections"], strict=True):
            assert seen == want["raw"] or want["name"] == "tcfcav1"
    # without the fields the texts are taken over
    bare = {"sections": [{"id": s["id"], "raw": s["raw"]} for s in case["sections"]]}
    assert cp.gpp.encode(bare) == "~".join([header, *(s["raw"] for s in case["sections"])])


# ------------------------------------------------------------- a second writer

IDS = st.sets(st.integers(1, 65535), max_size=40) | st.builds(
    lambda first, count: set(range(first, min(first + count, 65536))),
    st.integers(1, 65000),
    st.integers(0, 60),
)


@given(st.sets(st.integers(28, 65535), max_size=40) | IDS.map(lambda s: {i for i in s if i > 27}))
def test_any_ids_are_read_and_written(ids: set[int]) -> None:
    text = "~".join([header(ids), *(["x.y"] * len(ids))])
    read = cp.gpp.decode(text)
    assert read.section_ids == tuple(sorted(ids))
    assert read.warnings == (("unknown_section",) if ids else ())
    assert cp.gpp.encode(read) == text


@st.composite
def state(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A section of a state as text and as what it should be read as."""
    table = draw(st.sampled_from(STATES))
    layout = draw(st.sampled_from(table["core"]))
    bits, core = "", {}
    for field in layout["fields"]:
        width, count = field["bits"], field["count"]
        if field["offset"] == 0:
            values = [layout["version"]]
        else:
            values = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
        assert len(bits) == field["offset"]
        bits += "".join(number(value, width) for value in values)
        core[field["name"]] = values if count > 1 else values[0]
    assert len(bits) == layout["total_bits"]
    decoded: dict[str, Any] = {"core": core}
    text = text_of(bits, (8, 6))
    if table["gpc_subsection"] and draw(st.booleans()):
        decoded["gpc"] = draw(st.booleans())
        text += "." + text_of("01" + "01"[decoded["gpc"]], (8, 6))
    if table["sensitive_data_subsection"] and draw(st.booleans()):
        values = draw(st.lists(st.integers(0, 3), min_size=8, max_size=8))
        decoded["sensitive_data_consents"] = {"SensitiveDataProcessing": values}
        text += "." + text_of("".join(number(value, 2) for value in values), (8, 6))
    return text, {"id": table["id"], "name": table["name"], "raw": text, "decoded": decoded}


@given(st.lists(state(), max_size=6, unique_by=lambda pair: pair[1]["id"]))
def test_sections_of_states_are_read_and_written(pairs: list[tuple[str, dict[str, Any]]]) -> None:
    pairs.sort(key=lambda pair: pair[1]["id"])
    text = "~".join([header(p["id"] for _, p in pairs), *(t for t, _ in pairs)])
    seen = cp.gpp.decode(text).to_dict()["sections"]
    for one, (_, want) in zip(seen, pairs, strict=True):
        warnings = one.pop("warnings")
        assert one == want
        core = dict(want["decoded"]["core"])
        bad = core.pop("MspaCoveredTransaction") in (0, 3)
        assert ("mspa_covered_transaction_0_or_3" in warnings) == bad
        core.update(want["decoded"].get("sensitive_data_consents", {}))
        for name, value in list(core.items())[1:]:
            undefined = value == 3 or (isinstance(value, list) and 3 in value)
            if name != "SensitiveDataProcessing":
                assert (f"value_3:{name}" in warnings) == undefined
    assert cp.gpp.encode({"sections": [pair[1] for pair in pairs]}) == text


def field_of(ids: set[int]) -> tuple[int, str]:
    most = max(ids, default=0)
    return most, "".join("01"[id in ids] for id in range(1, most + 1))


def integers(ids: set[int], ranges: bool) -> str:
    most, field = field_of(ids)
    return number(most, 16) + ("1" + entries(ids, False) if ranges else "0" + field)


def library(ids: set[int], ranges: bool) -> str:
    most, field = field_of(ids)
    return number(most, 16) + ("1" + entries(ids, True) if ranges else "0" + field)


def specified(ids: set[int], ranges: bool) -> str:
    most, field = field_of(ids)
    return "1" + entries(ids, True) if ranges else "0" + number(most, 16) + field


CODINGS: dict[str, tuple[Callable[[set[int], bool], str], Callable[[set[int]], str]]] = {
    "integers": (integers, lambda ids: entries(ids, False)),
    "library": (library, lambda ids: library(ids, True)),
    "specified": (specified, lambda ids: specified(ids, True)),
}
FEW = st.sets(st.integers(1, 400), max_size=30)


@st.composite
def canada(draw: st.DrawFn, coding: str) -> tuple[str, dict[str, Any]]:
    write, write_restricted = CODINGS[coding]
    ids = {
        name: draw(st.sets(st.integers(1, most)))
        for name, most in [("features", 12), ("express", 24), ("implied", 24)]
    }
    numbers = [draw(st.integers(0, 2**width - 1)) for width in (36, 36, 12, 12, 6, 12, 6)]
    language = draw(st.text("ABCXYZ", min_size=2, max_size=2))
    vendors = [draw(FEW), draw(FEW)]
    keys = st.tuples(st.integers(1, 63), st.integers(0, 2))
    restrictions = draw(st.none() | st.dictionaries(keys, FEW, max_size=3))
    bits = number(1, 6)
    for value, width in zip(numbers[:5], (36, 36, 12, 12, 6), strict=True):
        bits += number(value, width)
    bits += "".join(number(ord(letter) - 65, 6) for letter in language)
    bits += number(numbers[5], 12) + number(numbers[6], 6) + "1"
    for name, most in [("features", 12), ("express", 24), ("implied", 24)]:
        bits += "".join("01"[id in ids[name]] for id in range(1, most + 1))
    bits += "".join(write(one, draw(st.booleans())) for one in vendors)
    if restrictions is not None:
        bits += number(len(restrictions), 12)
        for (purpose, kind), one in sorted(restrictions.items()):
            bits += number(purpose, 6) + number(kind, 2) + write_restricted(one)
    texts = [text_of(bits)]
    disclosed = draw(st.none() | FEW)
    publisher = draw(st.none() | st.integers(0, 63))
    decoded: dict[str, Any] = {
        "version": 1,
        "created_ds": numbers[0],
        "last_updated_ds": numbers[1],
        "cmp_id": numbers[2],
        "cmp_version": numbers[3],
        "consent_screen": numbers[4],
        "consent_language": language,
        "vendor_list_version": numbers[5],
        "policy_version": numbers[6],
        "use_non_standard_stacks": True,
        "special_feature_express_consent": sorted(ids["features"]),
        "purposes_express_consent": sorted(ids["express"]),
        "purposes_implied_consent": sorted(ids["implied"]),
        "vendor_express_consent": shown(vendors[0]),
        "vendor_implied_consent": shown(vendors[1]),
        "pub_restrictions": None,
        "disclosed_vendors": None,
        "publisher_purposes": None,
    }
    if restrictions is not None:
        decoded["pub_restrictions"] = [
            {"purpose_id": purpose, "type": kind, "ids": shown(one)}
            for (purpose, kind), one in sorted(restrictions.items())
        ]
    if disclosed is not None:
        texts.append(text_of("001" + write(disclosed, draw(st.booleans()))))
        decoded["disclosed_vendors"] = shown(disclosed)
    if publisher is not None:
        custom = [draw(st.sets(st.integers(1, publisher))) if publisher else set() for _ in "ab"]
        bits = "011" + number(0, 24) + number(1, 24) + number(publisher, 6)
        for one in custom:
            bits += "".join("01"[id in one] for id in range(1, publisher + 1))
        texts.append(text_of(bits))
        decoded["publisher_purposes"] = {
            "express": [],
            "implied": [24],
            "num_custom_purposes": publisher,
            "custom_express": sorted(custom[0]),
            "custom_implied": sorted(custom[1]),
        }
    return ".".join(texts), decoded


@pytest.mark.parametrize("coding", CODINGS)
def test_canada_is_read_in_every_coding(coding: str) -> None:
    @given(canada(coding))
    def check(pair: tuple[str, dict[str, Any]]) -> None:
        text, decoded = pair
        (section,) = cp.gpp.decode("~".join([header([5]), text])).to_dict()["sections"]
        warnings = section["warnings"]
        if coding == "integers":
            # which comes first, so it is always read as it was written
            assert section["decoded"] == decoded
        elif "ambiguous_encoding" not in warnings:
            other = section["decoded"] != decoded
            assert not other or coding == "specified"
            assert not other or "spec_encoding" not in warnings
        assert warnings.count("spec_encoding") <= (coding == "specified")
        written = cp.gpp.encode({"sections": [{"id": 5, "decoded": decoded}]})
        assert cp.gpp.decode(written).to_dict()["sections"][0]["decoded"] == decoded

    check()


# ------------------------------------------------------------- sections by hand


@pytest.mark.parametrize(
    ("id", "text", "error"),
    [
        (8, CORE + ".YA.YA", "duplicate_segment"),
        (8, "." + CORE, "empty_segment"),
        (8, CORE + ".Z", "trailing_data"),
        (8, CORE + ".Y.", "empty_segment"),
        (8, CORE + "..Y", "empty_segment"),
        (24, "YABCDE", "unsupported_header"),
        (25, "ZABCDE", "unsupported_header"),
        (25, "YABCDE", "unsupported_section_version"),
        (25, "BogC.AQ", "truncated"),
        (25, "BogC.AQQ.AQQ", "bad_segment_type"),
        (25, "BogC.AQQB", "trailing_data"),
        (7, "BCKAJqlZS", "truncated"),
        (7, "BGqmKhYBlUAAB", "trailing_data"),  # its warning goes with what was read
        (6, "", None),
        (300, "caf\u00e9", "bad_char"),
        (300, "two words", "bad_char"),
        (300, "nul\0", "bad_char"),
        (8, "BpRJQ\u00e9", "bad_char"),
        (5, "C" + "A" * 50, "unsupported_section_version"),
        (5, "B", "truncated"),
        (5, "B" + "A" * 60 + ".YAAAAAAAAA.YAAAAAAAAA", "duplicate_segment"),
        (5, "B" + "A" * 60 + ".IAAA.IAAA", "duplicate_segment"),
        (5, "B" + "A" * 60 + ".QAAA", "bad_segment_type"),
        (5, "B" + "A" * 60 + ".YAAAAAA", "truncated"),
        (5, "B" + "A" * 60 + ".YAAAAAAAAAB", "trailing_data"),
        (5, "B" + "A" * 60 + "B", "trailing_data"),
        (5, "B" + "A" * 17 + "a_" + "A" * 40, "bad_language"),
    ],
)
def test_sections_that_cannot_be_read(id: int, text: str, error: str | None) -> None:
    if error is None:
        with pytest.raises(cp.DecodeError) as caught:
            section(id, text)
        assert caught.value.code == "empty_section"
        return
    one = section(id, text)
    assert (one["error"], one["decoded"], one["warnings"]) == (error, None, [])


FIXED = number(1, 6) + "0" * 193


def single(id: int) -> str:
    return "0" + number(id, 16)


def pair(first: int, last: int) -> str:
    return "1" + number(first, 16) + number(last, 16)


def ranges(most: int, *written: str) -> str:
    return number(most, 16) + "1" + number(len(written), 12) + "".join(written)


NOBODY = "0" * 17


@pytest.mark.parametrize(
    ("bits", "error"),
    [
        (ranges(900, pair(301, 305), pair(305, 900)) + NOBODY, "range_unsorted"),
        (ranges(900, single(305), single(305), single(900)) + NOBODY, "range_unsorted"),
        (ranges(900, single(900), single(305)) + NOBODY, "range_unsorted"),
        (ranges(900, pair(301, 901)) + NOBODY, "vendor_id_over_max"),
        (ranges(900, single(901)) + NOBODY, "vendor_id_over_max"),
        (ranges(900, pair(900, 301)) + NOBODY, "range_inverted"),
        (ranges(900, single(0), single(900)) + NOBODY, "vendor_id_zero"),
        (NOBODY * 2 + number(1, 12) + number(0, 6) + "00" + "0" * 12, "purpose_id_zero"),
        (NOBODY * 2 + number(1, 12) + number(1, 6) + "11" + "0" * 12, "undefined_restriction_type"),
    ],
)
def test_sets_of_vendors_that_cannot_be_read(bits: str, error: str) -> None:
    assert section(5, text_of(FIXED + bits))["error"] == error


def test_neighbouring_ranges_are_one() -> None:
    bits = ranges(900, pair(301, 305), single(306), pair(307, 900)) + NOBODY + number(0, 12)
    one = section(5, text_of(FIXED + bits))
    assert one["decoded"]["vendor_express_consent"] == "301-900"


def test_records_of_one_purpose_and_type_are_one_restriction() -> None:
    records = [(2, 1, single(900)), (2, 0, pair(1, 3)), (2, 1, pair(7, 9)), (1, 2, single(65535))]
    bits = NOBODY * 2 + number(len(records), 12)
    for purpose, kind, ids in records:
        bits += number(purpose, 6) + number(kind, 2) + number(1, 12) + ids
    assert section(5, text_of(FIXED + bits))["decoded"]["pub_restrictions"] == [
        {"purpose_id": 1, "type": 2, "ids": "65535"},
        {"purpose_id": 2, "type": 0, "ids": "1-3"},
        {"purpose_id": 2, "type": 1, "ids": "7-9,900"},
    ]


def test_national_layouts_go_by_length() -> None:
    short = "BFWWhVCVViA"
    assert len(section(7, short)["decoded"]["core"]["SensitiveDataProcessing"]) == 12
    one = section(7, short + "A")
    assert len(one["decoded"]["core"]["SensitiveDataProcessing"]) == 16
    assert one["warnings"] == ["usnat_v1_long_layout_or_24bit_padding", *one["warnings"][1:]]
    # and are written as they were read
    for text in (short, short + "A"):
        decoded = section(7, text)["decoded"]
        written = cp.gpp.encode({"sections": [{"id": 7, "decoded": decoded}]})
        assert written.split("~")[1] == text
    assert section(7, "C" + short[1:])["error"] == "truncated"


# -------------------------------------------------------------------- objects


def test_the_object() -> None:
    read = cp.gpp.decode("DBACTMA~1YNN~BpRJQaRU.YA")
    assert repr(read) == "<consentpy.gpp.GPP uspv1, usca>"
    assert repr(cp.gpp.decode("DBAA")) == "<consentpy.gpp.GPP without sections>"
    assert read.section("usca") == read.section(8) == read.to_dict()["sections"][1]
    assert read.section("usva") is None and read.section(9) is None
    assert pickle.loads(pickle.dumps(read)) == read == copy.deepcopy(read)
    assert read != cp.gpp.decode("DBAA") and read != "DBACTMA~1YNN~BpRJQaRU.YA"
    read.to_dict()["sections"].clear()
    assert len(read.to_dict()["sections"]) == 2
    for attempt in (
        lambda: setattr(read, "warnings", ()),
        lambda: delattr(read, "warnings"),
        lambda: hash(read),
    ):
        with pytest.raises((AttributeError, TypeError)):
            attempt()


# ----------------------------------------------------------------- anything


@given(st.text() | st.text(ALPHABET + "~.", max_size=300).map(lambda tail: "DB" + tail))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = cp.gpp.decode(text)
    except cp.DecodeError as error:
        assert error.code and 0 <= error.offset <= len(text.encode("utf-8", "replace"))
    else:
        assert (
            "~".join([text.split("~")[0], *(s["raw"] for s in read.to_dict()["sections"])]) == text
        )


@given(st.data())
def test_changed_vectors_are_read_or_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(READ))["gpp"]
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    text = text[:at] + data.draw(st.text(ALPHABET + "~. ", max_size=3)) + text[at + cut :]
    try:
        read = cp.gpp.decode(text)
    except cp.DecodeError:
        return
    if "section_error" in read.warnings:
        return
    again = cp.gpp.decode(cp.gpp.encode(read)).to_dict()
    for seen, want in zip(again["sections"], read.to_dict()["sections"], strict=True):
        assert meaning(seen) == meaning(want)


def test_hostile_strings_take_no_longer_than_their_length() -> None:
    most = 65536
    full = "B" + "A" * 32 + text_of("0" + number(65535, 16) + "1" + "1" * 12)
    texts = [
        "~".join([header([5]), "B" + "_" * 65000]),
        "~".join([header([5]), "B" + "V" * 65000]),
        "~".join([header([5]), full + text_of("01" + "1" * 16) * 3000]),
        "~".join([header([5]), "B" + "A" * 38 + "_" * 20 + "Y" * 60000]),
        "~".join([header([8]), CORE + ".YA" * 21000]),
        "~".join([header([8]), CORE + "A" * 65000]),
        "~".join([header(range(28, 28 + 32000)), *("A" * 32000)]),
        "DB" + "_" * 65000,
        "DB__" + "w" * 65000,
        "DBAB" + "s" + "A" * 65000,
        "DBACbYA" + "~" * 65000,
    ]
    for text in texts:
        assert len(text) <= most
        with within(0.5):
            try:
                cp.gpp.decode(text)
            except cp.DecodeError:
                pass
