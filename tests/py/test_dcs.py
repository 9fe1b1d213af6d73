"""The Didomi Consent String: every vector, both ways, and what cannot be read or written."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import consentpy as cp
from helpers import VECTORS, within

ENTRIES = json.loads((VECTORS / "dcs.json").read_text("ascii"))
SECTIONS = ("purposes_optin", "purposes_optout", "vendors_optin", "vendors_optout")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
USER_ID = "01234567-89ab-6cde-8f01-23456789abcd"
EMPTY: dict[str, Any] = {"encoding": "bit_field_2_bits", "enabled": [], "disabled": []}
PLAIN: dict[str, Any] = {
    "version": 2,
    "user_id": USER_ID,
    "created": "2025-01-02T03:04:05.600Z",
    "updated": "2025-01-02T03:05:00.000Z",
    "regulation_id": 1,
    "sync": None,
    **dict.fromkeys(SECTIONS, EMPTY),
}
NO_SECTION = "001" + "0" * 16


def of(kind: str) -> list[Any]:
    entries = [entry for entry in ENTRIES if entry["kind"] == kind]
    return [pytest.param(e["input"], e["expected"], id=e["name"]) for e in entries]


def letters(bits: str, unit: int = 24) -> str:
    bits += "0" * (-len(bits) % unit)
    return "".join(ALPHABET[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))


def head(version: int = 2, sync: str = "0") -> str:
    law = f"{1:016b}" if version == 2 else ""
    return f"{version:06b}" + "0" * 128 + f"{9:036b}" * 2 + law + sync


def wrap(bits: str) -> str:
    """A string with these bits as its first section."""
    return letters(head() + bits + NO_SECTION * 3)


def error_of(text: str, strict: bool = False) -> tuple[str, int]:
    with pytest.raises(cp.DecodeError) as caught:
        cp.dcs.decode(text, strict)
    return caught.value.code, caught.value.offset


def with_section(**section: Any) -> dict[str, Any]:
    return {**PLAIN, "purposes_optin": {"enabled": [], "disabled": [], **section}}


# -------------------------------------------------------------------- vectors


@pytest.mark.parametrize(("text", "expected"), of("dcs_decode"))
def test_decode(text: str, expected: Any) -> None:
    if expected is None:
        for strict in (False, True):
            assert error_of(text, strict)[0]
        return
    decoded = cp.dcs.decode(text, strict=True)
    assert decoded.to_dict() == expected["decoded"]
    segments = {name: getattr(decoded, name) for name in ("did", "ouid", "signature")}
    assert segments == {name: expected["segments"][name] for name in segments}
    assert decoded.warnings == ()
    again = cp.dcs.decode(cp.dcs.encode(decoded), strict=True)
    assert (again.did, again.ouid) == (decoded.did, decoded.ouid)
    encodings = {section["encoding"] for section in expected["decoded"].values()
                 if isinstance(section, dict)}  # fmt: skip
    if "ranges_fibonacci" in encodings:  # written in another way, so it is not what was signed
        assert again.signature is None
        for name in SECTIONS:
            assert getattr(again, name).enabled == getattr(decoded, name).enabled
            assert getattr(again, name).disabled == getattr(decoded, name).disabled
    else:
        assert again.to_dict() == decoded.to_dict()
        assert cp.dcs.encode(decoded.to_dict()) == expected["segments"]["sections"]


@pytest.mark.parametrize(("given", "expected"), of("dcs_section_bits"))
def test_section_bits(given: Any, expected: Any) -> None:
    if "bits" in given:
        given, bits = expected, given["bits"]
    else:
        prefix = {"bit_field_2_bits": "00", "ranges_u16": "01"}[given["algorithm"]]
        bits = prefix + expected["bits_without_algorithm_prefix"]
        assert expected.get("bits_with_algorithm_prefix", bits) == bits
    assert cp.dcs.decode(wrap(bits), strict=True).to_dict()["purposes_optin"] == {
        "encoding": given["algorithm"],
        "enabled": given["enabled"],
        "disabled": given["disabled"],
    }


@pytest.mark.parametrize(("number", "bits"), of("fibonacci_code"))
def test_fibonacci_code(number: int, bits: str) -> None:
    decoded = cp.dcs.decode(wrap(f"100000{1:016b}1{bits}"))
    assert decoded.to_dict()["purposes_optin"]["enabled"] == [number]


def test_every_vector_is_used() -> None:
    kinds = ("dcs_decode", "dcs_section_bits", "fibonacci_code")
    assert sum(len(of(kind)) for kind in kinds) == len(ENTRIES) == 28


# ------------------------------------------------------------ what is not read


@pytest.mark.parametrize(
    ("bits", "code"),
    [
        ("11", "bad_algorithm"),
        (f"001{1:016b}11", "bad_status"),
        (f"000{0:016b}{1:016b}10", "id_zero"),
        (f"000{65535:016b}{2:016b}1010", "id_over_max"),
        (f"010001{1:016b}1{0:016b}", "id_zero"),
        (f"010110{0:016b}{0:016b}", "bad_statuses"),
        (f"010000{1:016b}0{2:016b}{1:016b}", "range_inverted"),
        (f"010000{65535:016b}", "truncated"),
        (f"001{65535:016b}", "truncated"),
    ],
)
def test_sections_that_cannot_be_read(bits: str, code: str) -> None:
    for strict in (False, True):
        found, offset = error_of(wrap(bits), strict)
        assert (found, 37 <= offset <= 45) == (code, True)


def test_what_stands_behind_the_last_section() -> None:
    whole = head() + NO_SECTION * 4
    assert len(whole) == 223 + 76
    for zeros in (1, 7, 19, 23):
        text = letters(whole + "0" * zeros, 1 if (len(whole) + zeros) % 6 == 0 else 6)
        if len(text) * 6 - len(whole) < 24:
            assert cp.dcs.decode(text, strict=True).to_dict()["sync"] is None
    assert error_of(letters(whole + "0" * 31, 6)) == ("excess_padding", 49)
    assert error_of(letters(whole + "1", 6)) == ("trailing_data", 49)
    assert error_of(letters(whole + "0" * 18 + "1", 6))[0] == "trailing_data"


def test_version_1_with_and_without_a_date_of_synchronisation() -> None:
    without = cp.dcs.decode(letters(head(1, "") + NO_SECTION * 4), strict=True)
    absent = cp.dcs.decode(letters(head(1, "0") + NO_SECTION * 4), strict=True)
    dated = cp.dcs.decode(letters(head(1, f"1{864000:036b}") + NO_SECTION * 4), strict=True)
    assert without == absent and without.sync is None
    assert dated.sync == "1970-01-02T00:00:00.000Z"
    assert "regulation_id" not in dated.to_dict() and dated.regulation_id is None
    for one in (without, dated):
        assert cp.dcs.decode(cp.dcs.encode(one)) == one
    assert error_of(letters(head(1, "") + "11"))[0] == "bad_algorithm"
    assert error_of(letters(f"{1:06b}"))[0] == "truncated"


def test_lenient_reading_repairs_what_senders_do() -> None:
    text = cp.dcs.encode({**PLAIN, "user_id": "fffffffb-efbe-fbef-bfff-ffffffffffff"})
    assert "_" in text and "-" in text
    other = text.replace("-", "+").replace("_", "/") + "=="
    expected = cp.dcs.decode(text)
    for sent, warnings, code in (
        (f" {text}.d\n", ("blanks",), "blanks"),
        (other, ("bad_char",), "bad_char"),
        (f"{other}~s", ("bad_char",), "bad_char"),
    ):
        read = cp.dcs.decode(sent)
        assert read.to_dict() == expected.to_dict() and read.warnings == warnings
        assert error_of(sent, strict=True)[0] == code
    assert error_of("=")[0] == error_of("  ")[0] == error_of("~x")[0] == "empty"
    assert error_of("C=ASNFZ4") == ("bad_char", 1)


def test_the_more_restrictive_status_counts() -> None:
    both = wrap(f"010001{1:016b}0{1:016b}{9:016b}{1:016b}1{4:016b}")
    read = cp.dcs.decode(both)
    assert read.purposes_optin.enabled.ranges() == [(1, 3), (5, 9)]
    assert read.purposes_optin.disabled.ranges() == [(4, 4)]
    assert read.warnings == ("contradiction",)
    assert error_of(both, strict=True)[0] == "contradiction"


def test_small_strings_that_claim_much_stay_small() -> None:
    claim = f"011100{0:016b}{1:016b}1{65535:016b}"  # all others are disabled
    read = cp.dcs.decode(letters(head() + claim * 4))
    assert len(read.vendors_optout.disabled) == 65534 and 65535 in read.vendors_optin.enabled
    assert read.vendors_optout.disabled.ranges() == [(1, 65534)]
    assert len(cp.dcs.encode(read)) < 130


@pytest.mark.parametrize("bits", ["0", "1", "01", "011", "0001011", "110", "100"])
def test_hostile_strings_take_no_time(bits: str) -> None:
    for begin in (head() + "10" + "0000" + "1" * 16, head() + "01" + "0001" + "1" * 16, head(1)):
        text = letters((begin + bits * 400_000)[: 65536 * 6])
        assert len(text) == 65536
        with within(0.2):
            try:
                cp.dcs.decode(text)
            except cp.DecodeError:
                pass


def test_too_long() -> None:
    assert error_of("C" * 65537) == error_of("é" * 65537) == ("too_long", 65536)
    long = cp.dcs.encode(PLAIN) + "~" + "s" * 65000
    assert len(cp.dcs.decode(long).signature or "") == 65000


@settings(max_examples=300)
@given(st.text(alphabet=ALPHABET[:4] + "._~=+ é*9", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for sent in (text, cp.dcs.encode(PLAIN)[:37] + text):
        try:
            read = cp.dcs.decode(sent)
        except cp.DecodeError as error:
            assert error.code and 0 <= error.offset <= len(sent)
        else:
            assert cp.dcs.decode(cp.dcs.encode(read)).to_dict().keys() == read.to_dict().keys()


# ------------------------------------------------------------ both ways


@st.composite
def sections(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(1, 65000))
    ids = st.integers(1, 30) | st.integers(low, low + 99) | st.integers(1, 65535)
    on = draw(st.sets(ids, max_size=30))
    if draw(st.booleans()):
        first = draw(st.integers(1, 60000))
        on |= set(range(first, first + draw(st.integers(1, 300))))
    off = draw(st.sets(ids, max_size=30)) - on
    if draw(st.booleans()):
        off |= set(range(1, max(on, default=1))) - on - draw(st.sets(ids, max_size=3))
    encoding = draw(st.sampled_from([None, "bit_field_2_bits", "ranges_u16", "ranges_fibonacci"]))
    order = draw(st.sampled_from([list, sorted]))
    return {"encoding": encoding, "enabled": order(on), "disabled": order(off)}


MOMENTS = st.integers(0, 2**36 - 1)


@settings(max_examples=150)
@given(
    st.sampled_from([1, 2]),
    st.uuids(),
    st.tuples(MOMENTS, MOMENTS, MOMENTS | st.none()),
    st.integers(0, 65535),
    st.tuples(*[sections()] * 4),
)
def test_what_is_written_is_read_again(
    version: int, user_id: Any, moments: tuple[Any, ...], law: int, parts: tuple[Any, ...]
) -> None:
    created, updated, sync = (iso(moment) for moment in moments)
    given = {
        "version": version,
        "user_id": str(user_id),
        "created": created,
        "updated": updated,
        "sync": sync,
        **({"regulation_id": law} if version == 2 else {}),
        **dict(zip(SECTIONS, parts, strict=True)),
    }
    try:
        text = cp.dcs.encode(given)
    except cp.ConsentError as error:
        # version 1 has no bit that tells of the date, so some dates would be read as sections; a
        # bit field up to a high id is long
        told = "use version 2" if version == 1 and sync else "65 536"
        assert told in str(error) or "65 536" in str(error)
        return
    assert len(text) % 4 == 0
    read = cp.dcs.decode(text, strict=True)
    assert read.warnings == ()
    shown = read.to_dict()
    shortest = 0
    for name, part in zip(SECTIONS, parts, strict=True):
        written = shown.pop(name)
        assert written["enabled"] == sorted(part["enabled"])
        assert written["disabled"] == sorted(part["disabled"])
        if part["encoding"] in ("bit_field_2_bits", "ranges_u16"):
            assert written["encoding"] == part["encoding"]
        else:
            assert written["encoding"] in ("bit_field_2_bits", "ranges_u16")
        shortest += part["encoding"] is None
    assert shown == {name: value for name, value in given.items() if name not in SECTIONS}
    assert cp.dcs.encode(read) == cp.dcs.encode(read.to_dict()) == text
    if shortest == 4:  # no choice of encodings is shorter
        for encoding in ("bit_field_2_bits", "ranges_u16"):
            forced = {name: {**given[name], "encoding": encoding} for name in SECTIONS}
            try:
                longer = cp.dcs.encode({**given, **forced})
            except cp.ConsentError:
                continue  # over 65 536 characters
            assert len(longer) >= len(text)


def iso(tenths: int | None) -> str | None:
    if tenths is None:
        return None
    from datetime import datetime, timedelta, timezone

    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=100 * tenths)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_dates_are_cut_to_tenths_of_a_second() -> None:
    text = cp.dcs.encode({**PLAIN, "created": "2025-01-02T04:04:05.699+01:00"})
    assert cp.dcs.decode(text).created == "2025-01-02T03:04:05.600Z"


def test_a_signature_stays_with_what_was_signed() -> None:
    binary = cp.dcs.encode(with_section(enabled=[3]))
    for tail in ("", "~s", ".d~s", ".d.o~s", "..o~s", ".d", ".d.o"):
        assert cp.dcs.encode(cp.dcs.decode(binary + tail)) == binary + tail
    shorter = cp.dcs.decode(binary[:-1] + ".d.o~s", strict=True)  # the same with less padding
    assert cp.dcs.encode(shorter) == binary + ".d.o"
    assert cp.dcs.encode(cp.dcs.decode(binary + ".d.o.s")) == binary + ".d.o~s"


# -------------------------------------------------------------------- objects


def test_a_value() -> None:
    text = cp.dcs.encode(with_section(enabled=[3, 1], disabled=[2])) + ".device.user~sign"
    one, same = cp.dcs.decode(text), cp.dcs.decode(text)
    assert one == same and hash(one) == hash(same)
    assert one != cp.dcs.decode(text[:-1]) and one != text
    assert (one.version, one.user_id, one.regulation_id) == (2, USER_ID, 1)
    assert (one.created, one.updated, one.sync) == (PLAIN["created"], PLAIN["updated"], None)
    assert (one.did, one.ouid, one.signature) == ("device", "user", "sign")
    section = one.purposes_optin
    assert section == same.purposes_optin and hash(section) == hash(same.purposes_optin)
    assert section != one.purposes_optout and section != 3
    assert list(section.enabled) == [1, 3] and 2 in section.disabled
    for twin in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):
        assert twin == one and twin.warnings == one.warnings
    assert repr(section) == "<consentpy.dcs.Section bit_field_2_bits: 2 enabled, 1 disabled>"
    assert USER_ID not in repr(one) and "device" not in repr(one)
    assert repr(one).startswith("<consentpy.dcs.DCS version 2, purposes_optin: 2+1-, ")
    for thing, name in ((one, "version"), (section, "encoding")):
        with pytest.raises(AttributeError, match="cannot be changed"):
            setattr(thing, name, 1)
        with pytest.raises(AttributeError, match="cannot be changed"):
            delattr(thing, name)
    enabled = section.enabled
    del one, same, section
    assert list(enabled) == [1, 3]  # it keeps what it needs


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 3}, "^version: "),
        ({"user_id": None}, "^user_id: give a UUID"),
        ({"user_id": USER_ID[:-1] + "g"}, "^user_id: give a UUID"),
        ({"user_id": USER_ID.replace("-", "")}, "^user_id: give a UUID"),
        ({"created": None}, "^created: give a date"),
        ({"updated": "1969-12-31T23:59:59.999Z"}, "^updated: give a date"),
        ({"updated": "2188-01-01"}, "^updated: give a date"),
        ({"sync": "yesterday"}, "^sync: give a date"),
        ({"regulation_id": None}, "^regulation_id: give a whole number"),
        ({"regulation_id": 65536}, "^regulation_id: give a whole number"),
        ({"version": 1}, "^regulation_id: version 1 has no place"),
        ({"vendors": []}, "'vendors' is no field"),
        ({"vendors_optin": None}, "^vendors_optin is missing"),
        ({"vendors_optin": {"enabled": []}}, "^vendors_optin: the list disabled is missing"),
        ({"vendors_optin": {**EMPTY, "encoding": "zip"}}, "^vendors_optin: the encoding"),
        ({"vendors_optin": {**EMPTY, "enabled": [0]}}, "^vendors_optin: an id is out of range"),
        ({"vendors_optin": {**EMPTY, "disabled": [65536]}}, "^vendors_optin: an id is out of"),
        ({"vendors_optin": {**EMPTY, "disabled": [2**80]}}, "^vendors_optin: an id is out of"),
        (
            {"vendors_optin": {"enabled": [1, 2], "disabled": [2]}},
            "^vendors_optin: an id is both enabled and disabled",
        ),
        (
            {"vendors_optin": {"enabled": [1] * 65536, "disabled": []}},
            "^vendors_optin: a list has over 65535 ids",
        ),
    ],
)
def test_what_cannot_be_written_is_an_error_that_names_the_field(
    change: dict[str, Any], says: str
) -> None:
    with pytest.raises(cp.ConsentError, match=says):
        cp.dcs.encode({**PLAIN, **change})


def test_a_text_that_would_be_too_long() -> None:
    wide = {"encoding": "ranges_u16", "enabled": [*range(1, 65535, 2)], "disabled": []}
    with pytest.raises(cp.ConsentError, match="over 65 536 characters"):
        cp.dcs.encode({**PLAIN, "vendors_optin": wide})


@pytest.mark.parametrize(
    "given",
    [
        "C",
        None,
        {**PLAIN, "version": "2"},
        {**PLAIN, "regulation_id": True},
        {**PLAIN, "created": 7},
        {**PLAIN, "vendors_optin": []},
        with_section(enabled="1"),
        with_section(enabled=["1"]),
        with_section(disabled=[True]),
        with_section(encoding=1),
    ],
)
def test_wrong_types(given: Any) -> None:
    with pytest.raises(TypeError):
        cp.dcs.encode(given)


@pytest.mark.parametrize("given", [b"C", None, 1])
def test_only_texts_are_decoded(given: Any) -> None:
    with pytest.raises(TypeError):
        cp.dcs.decode(given)


# ------------------------------------------------------------- as much as there is room for


def sets_of(text: str) -> tuple[list[int], list[int], list[str]]:
    decoded = cp.dcs.decode(text)
    section = decoded.purposes_optin
    assert section.enabled == cp.dcs.decode(text).purposes_optin.enabled
    return list(section.enabled), list(section.disabled), list(decoded.warnings)


@pytest.mark.parametrize("start", [1, 2, 8, 9, 63, 64, 65, 60_000])
@pytest.mark.parametrize("count", [1, 23, 24, 25, 64, 1000, 5000])
def test_long_bit_fields(start: int, count: int) -> None:
    statuses = [(i * i // 3 + start) % 3 for i in range(count)]
    begin = "1" if start == 1 else "0" + f"{start:016b}"
    body = "".join(f"{status:02b}" for status in statuses)
    text = wrap("00" + begin + f"{count:016b}" + body)
    on, off, warnings = sets_of(text)
    assert on == [start + i for i, status in enumerate(statuses) if status == 2]
    assert off == [start + i for i, status in enumerate(statuses) if status == 1]
    assert not warnings
    found = cp.dcs.decode(text).purposes_optin
    assert found.enabled.max_vendor_id == max(on, default=0)
    for wrong in {0, count // 2, count - 1}:
        broken = body[: 2 * wrong] + "11" + body[2 * wrong + 2 :]
        place = len(head() + "00" + begin) + 16 + 2 * wrong
        assert error_of(wrap("00" + begin + f"{count:016b}" + broken)) == ("bad_status", place // 6)


def fibonacci(number: int) -> str:
    weights = [1, 2]
    while weights[-1] <= number:
        weights.append(weights[-1] + weights[-2])
    bits = ""
    for weight in reversed(weights):
        if bits or weight <= number:
            bits = ("1" if weight <= number else "0") + bits
            number -= weight if weight <= number else 0
    return bits + "1"


@pytest.mark.parametrize("count", [2, 100, 1024, 1025, 3000])
def test_long_fibonacci_lists(count: int) -> None:
    """A list of over 1 024 ranges has to ascend, because three bits can repeat an id."""

    def of_ids(ids: list[int]) -> str:
        return wrap("100000" + f"{len(ids):016b}" + "".join("1" + fibonacci(i) for i in ids))

    rising = [3 * i + 1 for i in range(count)]
    assert sets_of(of_ids(rising)) == (rising, [], [])
    for ids in (rising[::-1], [*rising[:-1], rising[0]], [1] * count):
        if count > 1024:
            assert error_of(of_ids(ids))[0] == "range_unsorted"
        else:
            assert sets_of(of_ids(ids)) == (sorted(set(ids)), [], ["range_unsorted"])


@pytest.mark.parametrize("seed", range(8))
def test_many_u16_ranges(seed: int) -> None:
    """In any order, overlapping, touching; against a set of ids."""
    import random

    rng = random.Random(seed)
    top, long = rng.choice([(300, 5), (3000, 3), (65_535, 400), (65_535, 20_000)])
    pairs = [(f, min(65_535, f + rng.randrange(long))) for f in rng.choices(range(1, top), k=700)]
    body = "".join(f"0{a:016b}{b:016b}" if a < b else f"1{a:016b}" for a, b in pairs)
    on, off, _ = sets_of(wrap("010000" + f"{len(pairs):016b}" + body))
    assert (on, off) == (sorted({i for a, b in pairs for i in range(a, b + 1)}), [])


@pytest.mark.parametrize("start", [1, 900, 30_000, 65_000])
@pytest.mark.parametrize("count", [1, 24, 400])
def test_a_bit_field_may_begin_anywhere(start: int, count: int) -> None:
    """Far up as well, where it is read another way."""
    ids = range(start, start + count)
    lists = {
        "encoding": "bit_field_2_bits",
        "enabled": [id for id in ids if id % 3 == 0],
        "disabled": [id for id in ids if id % 3 == 1],
    }
    empty = {"enabled": [], "disabled": []}
    text = cp.dcs.encode(
        {
            "user_id": USER_ID,
            "created": "2026-03-20T08:41:27.000Z",
            "updated": "2026-03-20T08:41:27.000Z",
            "regulation_id": 1,
            "purposes_optin": lists,
            "purposes_optout": empty,
            "vendors_optin": {**lists, "enabled": lists["disabled"], "disabled": lists["enabled"]},
            "vendors_optout": empty,
        }
    )
    found = cp.dcs.decode(text, strict=True).to_dict()
    assert found["purposes_optin"] == lists
    assert found["vendors_optin"]["enabled"] == lists["disabled"]
    assert found["vendors_optin"]["disabled"] == lists["enabled"]
