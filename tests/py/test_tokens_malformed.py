"""Unreadable tokens: never an exception, never a consent, never a lifted objection.

Each kind of damage is done to a token that agrees to everything on every basis,
so that a reader which is too kind shows at once. Under `gdpr` the answer must be
that of a visitor without a cookie; under `cpra`, where no cookie means everything
is allowed, a token that is there and unreadable refuses everything (R10). In
both, what is essential stays allowed.
"""

from __future__ import annotations

import base64
import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from malformed_tokens import GOOD, HUGE, MALFORMED, VALUE, YES, changed, odd, sized, spliced

import consentpy as cp
from helpers import (
    NOW,
    USER_ID,
    agree,
    b64,
    cookie,
    fields,
    full,
    header,
    optout,
    vendor,
    within,
)

VENDORS = ("must", "mixed", "v1", "v3")
QUESTIONS: tuple[dict[str, Any], ...] = (
    *({"vendor": name} for name in VENDORS),
    *({"purposes": [name]} for name in ("req", "p1", "p3")),
    {"vendor": "v1", "purposes": ["req"]},
    {"vendor": "must", "purposes": ["p1"]},
    {"vendor": "must", "purposes": ["req"]},
)
ONLY_ESSENTIAL = [True, False, False, False, True, False, False, False, False, True]
EVERYTHING = [True] * len(QUESTIONS)

NOTICE = full(
    [
        vendor("must", ["req"]),
        vendor("mixed", ["req", "p1"]),
        vendor("v1", ["p1"]),
        vendor("v3", ["p1"], ["p3"]),
    ],
    ["req"],
)
GDPR = cp.Config(NOTICE).notice("FR")
CPRA = cp.Config(optout(NOTICE)).notice("US", "CA")
LAWS = {"gdpr": (GDPR, "didomi_token"), "cpra": (CPRA, "didomi_token_cpra")}

ODD = odd()
BOUND = 0.5  # seconds for one status: hundreds of times what the longest one takes


def by_mapping(name: str, value: str) -> Any:
    return {"theme": "dark", name: value}


def by_text(name: str, value: str) -> Any:
    return header(value, name=name)


def by_bytes(name: str, value: str) -> Any:
    text = header(value, name=name)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


CHANNELS = {"mapping": by_mapping, "str": by_text, "bytes": by_bytes}
EACH = pytest.mark.parametrize("channel", CHANNELS)
LAW = pytest.mark.parametrize("law", LAWS)


def answers(seen: cp.Status) -> list[bool]:
    return [seen.allows(**question) for question in QUESTIONS]


def ask(law: str, cookies: Any) -> cp.Status:
    return LAWS[law][0].status(cookies, now=NOW)


def send(law: str, channel: str, value: str) -> cp.Status:
    return ask(law, CHANNELS[channel](LAWS[law][1], value))


def check(seen: cp.Status) -> None:
    """What every visitor with an unreadable token gets."""
    assert answers(seen) == ONLY_ESSENTIAL
    assert seen.verdicts([seen.notice.gate(**q) for q in QUESTIONS]) == ONLY_ESSENTIAL
    assert isinstance(seen.diagnostics, tuple) and len(seen.diagnostics) >= 1
    assert (seen.user_id, seen.created, seen.updated, seen.expires) == (None,) * 4
    assert seen.get("p1", "v1") is None
    for place in (repr(seen), str(seen), repr(seen.diagnostics)):
        assert USER_ID not in place


@LAW
@EACH
def test_the_good_token_opens_everything(law: str, channel: str) -> None:
    """Without this the tests below could pass on a reader that reads nothing."""
    seen = send(law, channel, VALUE)
    assert answers(seen) == EVERYTHING
    assert tuple(seen.diagnostics) == ()
    assert seen.user_id == USER_ID


def test_no_cookie() -> None:
    for nothing in (None, {}, "", b"", "theme=dark", b"theme=dark", ";;;", "="):
        assert answers(ask("gdpr", nothing)) == ONLY_ESSENTIAL
        assert answers(ask("cpra", nothing)) == EVERYTHING


def test_the_kinds_are_many_and_different() -> None:
    assert len(MALFORMED) >= 60
    assert len(set(MALFORMED.values())) >= len(MALFORMED) - 4
    assert VALUE not in MALFORMED.values()


@LAW
@EACH
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name: str, channel: str, law: str) -> None:
    with within(BOUND):
        seen = send(law, channel, MALFORMED[name])
    check(seen)
    if law == "gdpr":
        assert seen.should_collect is True
        assert seen.collect_reason == "no-choice"
        assert seen.partial is True
        nobody = ask("gdpr", {})
        assert seen.current() == nobody.current()
    else:
        assert seen.should_collect is False
        assert seen.collect_reason == "opt-out"
        assert seen.partial is False


@LAW
@pytest.mark.parametrize("name", HUGE)
def test_huge_values_by_mapping(name: str, law: str) -> None:
    with within(BOUND):
        seen = send(law, "mapping", HUGE[name])
    check(seen)


@LAW
@pytest.mark.parametrize("channel", ["str", "bytes"])
@pytest.mark.parametrize("name", HUGE)
def test_huge_values_by_header(name: str, channel: str, law: str) -> None:
    with within(BOUND):
        seen = send(law, channel, HUGE[name])
    check(seen)


@pytest.mark.parametrize("name", [name for name in MALFORMED if not name.startswith("limit:")])
def test_the_decoder_refuses_it_as_well(name: str) -> None:
    """All but the 16 KiB limit, which is one of cookies only."""
    value = MALFORMED[name]
    with pytest.raises(cp.DecodeError) as caught:
        cp.token.decode(value)
    assert isinstance(caught.value.code, str) and caught.value.code
    assert caught.value.code != "too_long"
    assert hasattr(caught.value, "offset")
    assert isinstance(caught.value, cp.ConsentError)
    assert isinstance(caught.value, ValueError)
    assert caught.value.silent_variable_failure is True
    assert len(value) < 20 or value not in str(caught.value)


# ------------------------------------------------------------- limits, exactly


@LAW
@EACH
@pytest.mark.parametrize("length", [16_380, 16_382, 16_383, 16_384])
def test_limit_of_one_value(length: int, channel: str, law: str) -> None:
    """One consent value up to 16 KiB is read, whatever fields it carries."""
    seen = send(law, channel, sized(length))
    assert answers(seen) == EVERYTHING


@pytest.mark.parametrize("channel", ["str", "bytes"])
def test_limit_of_the_header(channel: str) -> None:
    """The Cookie header is considered up to 64 KiB."""
    for length, expected in (
        (65_535, EVERYTHING),
        (65_536, EVERYTHING),
        (65_537, ONLY_ESSENTIAL),
        (200_000, ONLY_ESSENTIAL),
    ):
        tail = f"; didomi_token={sized(1200)}"
        line = "x=" + "y" * (length - len(tail) - 2) + tail
        assert len(line) == length
        cookies: Any = line if channel == "str" else line.encode()
        seen = ask("gdpr", cookies)
        assert answers(seen) == expected, length
        assert bool(seen.diagnostics) is (length > 65_536)


@LAW
@pytest.mark.parametrize("channel", ["str", "bytes"])
def test_token_beyond_the_limit_of_the_header(channel: str, law: str) -> None:
    # Stricter reading for the opt-out law: what was not looked at may be an objection.
    line = "x=" + "y" * 70_000 + f"; {LAWS[law][1]}={VALUE}"
    check(ask(law, line if channel == "str" else line.encode()))


@pytest.mark.parametrize("channel", ["str", "bytes"])
def test_token_within_the_limit_of_a_longer_header(channel: str) -> None:
    """What comes first stays readable; that something was cut is said."""
    line = f"didomi_token={VALUE}; x=" + "y" * 70_000
    seen = ask("gdpr", line if channel == "str" else line.encode())
    assert answers(seen) == EVERYTHING
    assert seen.diagnostics


def test_limit_of_the_decoder() -> None:
    assert cp.token.decode(sized(65_536)).to_dict()["user_id"] == USER_ID
    for length in (65_538, 65_540, 1_000_000):
        with within(BOUND), pytest.raises(cp.DecodeError) as caught:
            cp.token.decode("A" * length)
        assert caught.value.code == "too_long"


def test_many_pairs_take_linear_time() -> None:
    for unit in ("a=b;", ";", "=", "didomi_token;", "didomi_token=;", " ", '"', "%41"):
        line = unit * (65_000 // len(unit))
        with within(BOUND):
            seen = ask("gdpr", line)
        assert answers(seen) == ONLY_ESSENTIAL
        with within(BOUND):
            assert answers(ask("gdpr", line.encode())) == ONLY_ESSENTIAL


def test_escapes_in_a_long_list_take_linear_time() -> None:
    ids = ["\\u0063:v1", "\\u0070", "\\\\", "\\/"]
    text = ",".join(f'"{ids[n % 4]}"' for n in range(1100))
    value = spliced(f',"x":[{text}]')
    assert len(value) <= 16_384
    with within(BOUND):
        assert answers(send("gdpr", "mapping", value)) == EVERYTHING


# ------------------------------------------------ odd, and still a good token


@EACH
@pytest.mark.parametrize("name", ODD)
def test_odd_but_good(name: str, channel: str) -> None:
    seen = send("gdpr", channel, ODD[name])
    assert answers(seen) == EVERYTHING
    assert seen.user_id == USER_ID


def test_latin1_is_latin1() -> None:
    """A token's bytes are Latin-1 characters, as the browser reads them: the UTF-8
    bytes of an id are another id, and must not open it."""
    config = full([vendor("caf\xe9", ["p1"])])
    notice = cp.Config(config).notice("FR")
    text = json.dumps(fields(agree("caf\xe9", purposes=["p1"])), ensure_ascii=False).replace(
        " ", ""
    )

    def allowed(raw: bytes) -> bool:
        return notice.status({"didomi_token": b64(raw)}, now=NOW).allows("caf\xe9")

    assert allowed(text.encode("latin-1")) is True
    assert allowed(text.encode("utf-8")) is False
    decoded = cp.token.decode(b64(text)).to_dict()
    assert decoded["vendors"]["enabled"] == ["c:caf\xe9"]


def test_quotes_round_the_whole_value_are_taken_off() -> None:
    """RFC 6265 allows them, and http.cookies puts them round every padded token."""
    for law in LAWS:
        for channel in CHANNELS:
            bare, quoted = send(law, channel, VALUE), send(law, channel, f'"{VALUE}"')
            assert quoted.current() == bare.current()
            for half in (f'"{VALUE}', f'{VALUE}"', f'""{VALUE}""', f"'{VALUE}'"):
                check(send(law, channel, half))


# ----------------------------------------------------- values that are no text


@LAW
@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        1.5,
        True,
        VALUE.encode(),
        bytearray(VALUE.encode()),
        memoryview(VALUE.encode()),
        [VALUE],
        (VALUE,),
        {"value": VALUE},
        object(),
        float("nan"),
        GOOD,
    ],
    ids=lambda value: type(value).__name__,
)
def test_mapping_value_that_is_no_text(value: Any, law: str) -> None:
    # Stricter reading for the opt-out law: the cookie is there and cannot be read.
    seen = ask(law, {LAWS[law][1]: value})
    assert answers(seen) == ONLY_ESSENTIAL
    assert seen.diagnostics


def test_other_values_of_the_mapping_do_no_harm() -> None:
    odd_ones: dict[Any, Any] = {
        "theme": 5,
        "x": None,
        7: "seven",
        None: "none",
        ("a", "b"): "pair",
        b"didomi_token": "bytes",
        "\ud800": "\udfff",
        "didomi_token": VALUE,
    }
    assert answers(ask("gdpr", odd_ones)) == EVERYTHING
    assert answers(ask("gdpr", MappingProxyType(odd_ones))) == EVERYTHING


class Text(str):
    """A str subclass whose every method lies."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 7

    def __str__(self) -> str:
        return VALUE

    def encode(self, *_: Any) -> bytes:  # type: ignore[override]
        raise RuntimeError("not to be called")

    def __len__(self) -> int:
        return 3


@LAW
def test_str_subclasses_are_taken_by_their_characters(law: str) -> None:
    name = LAWS[law][1]
    assert answers(ask(law, {name: Text(VALUE)})) == EVERYTHING
    assert answers(ask(law, {name: Text("garbage!")})) == ONLY_ESSENTIAL


@LAW
@EACH
def test_an_unreadable_token_says_so_by_a_stable_code(law: str, channel: str) -> None:
    first = send(law, channel, "garbage!").diagnostics
    again = send(law, channel, "garbage!").diagnostics
    assert [d.code for d in first] == [d.code for d in again]
    for one in first:
        assert isinstance(one.code, str) and one.code
        assert isinstance(one.message, str) and one.message
        assert "garbage" not in one.message


# ----------------------------------------------------------------- properties


def oracle(value: str) -> bool:
    """Could a lenient reader see v1 enabled with its purpose in this value?"""
    try:
        raw = base64.b64decode("".join(value.split()) + "==", validate=False)
        token = json.loads(raw.decode("latin-1"))
        return "c:v1" in token["vendors"]["enabled"] and "p1" in token["purposes"]["enabled"]
    except Exception:
        return False


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(VALUE)),
            st.integers(0, 4),
            st.text(max_size=4),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_mutated_token_never_opens_more_than_it_says(
    edits: list[tuple[int, int, str]],
) -> None:
    value = VALUE
    for at, drop, put in edits:
        value = value[:at] + put + value[at + drop :]
    seen = ask("gdpr", {"didomi_token": value})
    assert seen.allows("must") is True
    if seen.allows("v1") and "%" not in value:
        assert oracle(value)
    ask("cpra", {"didomi_token_cpra": value}).allows("v1")
    ask("gdpr", header(value)).current()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_header_gives_a_verdict(line: str | bytes) -> None:
    for law in LAWS:
        seen = ask(law, line)
        assert answers(seen) in (ONLY_ESSENTIAL, EVERYTHING)
        assert seen.allows("must") is True
    assert answers(ask("gdpr", line)) == ONLY_ESSENTIAL


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.binary(max_size=200))
def test_any_value_is_no_consent(text: str, raw: bytes) -> None:
    try:
        assume(not isinstance(json.loads(raw.decode("latin-1")), dict))
    except ValueError:
        pass
    for value in (text, b64(raw)):
        seen = ask("gdpr", {"didomi_token": value})
        assert answers(seen) == ONLY_ESSENTIAL
        assert seen.diagnostics


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["vendors", "purposes", "vendors_li", "purposes_li"]),
    st.one_of(
        json_values,
        st.dictionaries(st.sampled_from(["enabled", "disabled", "x"]), json_values),
    ),
)
def test_a_field_of_any_shape(field: str, value: Any) -> None:
    """R8: whatever stands in one of the four holders."""
    fits = isinstance(value, dict) and all(
        isinstance(value.get(side, []), list)
        and all(isinstance(item, str) for item in value.get(side, []))
        for side in ("enabled", "disabled")
    )
    seen = ask("gdpr", {"didomi_token": changed(**{field: value})})
    if not fits:
        check(seen)
    elif "\\u0000" not in json.dumps(value):
        assert seen.user_id == USER_ID


def test_a_valid_cookie_beside_is_still_read() -> None:
    """Damage to one cookie does not spoil another name's."""
    seen = ask("gdpr", f"didomi_tokenx=%%%; didomi_token={cookie(YES)}; other=%%%")
    assert answers(seen) == EVERYTHING
    assert tuple(seen.diagnostics) == ()
