"""Configuration in a page's address: `config_from_query`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

import consentpy as cp
from helpers import within

ALLOWED = [
    "app.alwaysDisplayActionButtons",
    "app.vendors.iab.version",
    "experiment.group",
    "notice.enable",
    "notice.showDataProcessing",
    "sync.enabled",
    "user.externalConsent.value",
]


def at(path: str, value: Any) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def query(*pairs: tuple[str, Any]) -> str:
    """`didomiConfig` parameters; what is no text is written as JSON."""
    return "&".join(
        f"didomiConfig{'.' * bool(name)}{name}="
        + quote(value if isinstance(value, str) else json.dumps(value))
        for name, value in pairs
    )


@pytest.mark.parametrize("path", ALLOWED)
@pytest.mark.parametrize(
    "value", [True, False, None, 0, -1.5, 10**30, [], {}, [1, {"a": "é"}], {"a": {"b": None}}]
)
def test_allowed_properties(path: str, value: Any) -> None:
    assert cp.config_from_query(query((path, value))) == at(path, value)
    assert cp.config_from_query(query(("", at(path, value)))) == at(path, value)
    # from any object on the way
    keys = path.split(".")
    for depth in range(1, len(keys)):
        above = query((".".join(keys[:depth]), at(".".join(keys[depth:]), value)))
        assert cp.config_from_query(above) == at(path, value)


@pytest.mark.parametrize(
    "path",
    [
        "app.name",
        "app.vendors.iab.all",
        "app.vendors",
        "notice",
        "notice.enable.x",
        "notice.Enable",
        "notice..enable",
        "notice.enable.",
        ".notice.enable",
        "user.externalConsent.enabled",
        "user.externalConsent.value.purposes",
        "__proto__",
        "__proto__.notice.enable",
        "notice.__proto__.enable",
        "consentpy.gpc",
        "regulations.gdpr.enabled",
        "user.country",
        "configByCountry.FR.notice.enable",
        "x" * 200,
    ],
)
def test_everything_else_is_dropped(path: str) -> None:
    assert cp.config_from_query(query((path, "false"))) == {}
    other = query((path, "false"), ("sync.enabled", True))
    assert cp.config_from_query(other) == {"sync": {"enabled": True}}


@pytest.mark.parametrize(
    "name", ["didomiconfig", "didomiConfi", "didomiConfigX", "xdidomiConfig", "didomiConfig[a]"]
)
def test_other_parameters_do_not_matter(name: str) -> None:
    assert cp.config_from_query(f"{name}.notice.enable=false&{name}=%7B%7D") == {}


def test_an_object_is_filtered() -> None:
    given_ = {
        "notice": {"enable": False, "position": "top", "showDataProcessing": 1},
        "app": {"name": "Evil", "vendors": {"iab": {"version": 2, "all": True}, "custom": []}},
        "user": {"externalConsent": {"enabled": True, "value": {"a": 1}}, "country": "JP"},
        "experiment": "test",
        "__proto__": {"notice": {"enable": True}},
    }
    assert cp.config_from_query(query(("", given_))) == {
        "app": {"vendors": {"iab": {"version": 2}}},
        "notice": {"enable": False, "showDataProcessing": 1},
        "user": {"externalConsent": {"value": {"a": 1}}},
    }


@pytest.mark.parametrize("value", [5, "text", [], None, True, "{"])
def test_what_must_be_an_object_and_is_none_gives_nothing(value: Any) -> None:
    assert cp.config_from_query(query(("", value))) == {}
    assert cp.config_from_query(query(("notice", value))) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("test", "test"),
        ("", ""),
        ("true", True),
        ("True", "True"),
        (' "a" ', "a"),
        ('"a', '"a'),
        ("01", "01"),
        ("1.", "1."),
        ("{a:1}", "{a:1}"),
        ("NaN", "NaN"),
        ("é €😀", "é €😀"),
        ('"\\u00e9"', "é"),
    ],
)
def test_a_value_is_json_or_else_text(value: str, expected: Any) -> None:
    assert cp.config_from_query(query(("experiment.group", value))) == at(
        "experiment.group", expected
    )


@pytest.mark.parametrize(
    "value",
    [
        '{"a":1,"a":2}',
        '"\\ud800"',
        '"\\u0000"',
        "[" * 65 + "]" * 65,
        "[" * 62 + "]" * 62,  # three objects stand above it
        "a\0b",
    ],
    ids=ascii,
)
def test_what_cannot_be_read_is_dropped(value: str) -> None:
    both = query(("user.externalConsent.value", value), ("notice.enable", False))
    assert cp.config_from_query(both) == {"notice": {"enable": False}}


def test_depth_one_below_the_limit() -> None:
    deep: Any = []
    for _ in range(60):
        deep = [deep]
    path = "user.externalConsent.value"
    assert cp.config_from_query(query((path, deep))) == at(path, deep)
    assert cp.config_from_query(query((path, [deep]))) == {}
    assert cp.config_from_query(query(("", at(path, deep)))) == at(path, deep)
    assert cp.config_from_query(query(("", at(path, [deep])))) == {}
    assert cp.config_from_query(query(("notice.enable", [deep]))) == at("notice.enable", [deep])


def test_members_named_like_a_prototype_are_left_out() -> None:
    value = {"__proto__": 1, "a": [{"x__proto__y": 1, "b": 2}], "_proto_": 3}
    path = "user.externalConsent.value"
    expected = at(path, {"a": [{"b": 2}], "_proto_": 3})
    assert cp.config_from_query(query((path, value))) == expected
    assert cp.config_from_query(query(("", at(path, value)))) == expected
    escaped = '{"__pr\\u006fto__": 1, "a": 2}'
    assert cp.config_from_query(query((path, escaped))) == at(path, {"a": 2})


def test_parameters_are_applied_in_alphabetical_order() -> None:
    whole = ("", {"notice": {"enable": True, "showDataProcessing": False}})
    part = ("notice", {"enable": 1, "showDataProcessing": 2})
    leaf = ("notice.enable", "leaf")
    expected = {"notice": {"enable": "leaf", "showDataProcessing": 2}}
    for pairs in ((whole, part, leaf), (leaf, part, whole), (part, leaf, whole)):
        assert cp.config_from_query(query(*pairs)) == expected
    # a property is taken whole, never merged
    value = "user.externalConsent.value"
    pairs = (("", at(value, {"a": 1, "b": 1})), (value, {"a": 2}))
    assert cp.config_from_query(query(*pairs)) == at(value, {"a": 2})
    # one that cannot be used leaves what the others say
    pairs = (("", at(value, {"a": 1})), (value, '{"a":1,"a":2}'))
    assert cp.config_from_query(query(*pairs)) == at(value, {"a": 1})


def test_of_one_name_the_last_counts() -> None:
    twice = query(("notice.enable", True), ("notice.enable", False))
    assert cp.config_from_query(twice) == {"notice": {"enable": False}}
    assert cp.config_from_query(parse_qs(twice)) == {"notice": {"enable": False}}
    unread = query(("notice.enable", True), ("notice.enable", "a\0"))
    assert cp.config_from_query(unread) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("?didomiConfig.notice.enable=false", False),
        ("&&a=b&didomiConfig.notice.enable=false&", False),
        ("didomiConfig%2Enotice%2eenable=fals%65", False),
        ("didomiConfig.notice.enable=%66%61%6C%73%65", False),
        ("didomiConfig.notice.enable=+1+", 1),
        ("didomiConfig.notice.enable=a+b%2Bc", "a b+c"),
        ("didomiConfig.notice.enable=%zz", "%zz"),
        ("didomiConfig.notice.enable=100%", "100%"),
        ("didomiConfig.notice.enable=%4", "%4"),
        ("didomiConfig.notice.enable=a=b", "a=b"),
        ("didomiConfig.notice.enable=", ""),
        ("didomiConfig.notice.enable", ""),
        ("didomiConfig.notice.enable=%C3%A9é", "éé"),
    ],
)
def test_how_a_query_is_taken_apart(text: str, expected: Any) -> None:
    assert cp.config_from_query(text) == {"notice": {"enable": expected}}
    assert cp.config_from_query(text.encode()) == {"notice": {"enable": expected}}


@pytest.mark.parametrize(
    "text",
    ["", "?", "&", "=", "&=&=", "%", "didomiConfig", "didomiConfig=", "didomiConfig.=1", "??didomiConfig.notice.enable=1",
     "didomiConfig.notice.enable=%FF", "didomiConfig.notice.enable=%00", "didomiConfig.notice.enable=%ED%A0%80",
     "didomiConfig.notice.enable%00=1", "didomiConfig.notice.enable;x=1"],
)  # fmt: skip
def test_queries_that_say_nothing(text: str) -> None:
    assert cp.config_from_query(text) == {}
    assert cp.config_from_query(text.encode()) == {}
    assert cp.config_from_query("sync=1&" + text) == {}


def test_bytes_that_are_no_utf8() -> None:
    good = b"didomiConfig.sync.enabled=1&"
    assert cp.config_from_query(good + b"didomiConfig.notice.enable=\xff") == at("sync.enabled", 1)
    assert cp.config_from_query(good + b"\xff\0=\xff") == at("sync.enabled", 1)
    assert cp.config_from_query("didomiConfig.sync.enabled=1&\udcff=\udcff") == at(
        "sync.enabled", 1
    )


# ----------------------------------------------------------------- mappings


def test_a_mapping_holds_decoded_values() -> None:
    assert cp.config_from_query({"didomiConfig.notice.enable": "a%20b+c"}) == {
        "notice": {"enable": "a%20b+c"}
    }
    values: dict[Any, Any] = {
        "didomiConfig.notice.enable": ["true", "false"],
        "didomiConfig.sync.enabled": ("1",),
        "didomiConfig.experiment.group": [],
        "didomiConfig": b"{}",
        "didomiConfig.app.vendors.iab.version": 2,
        b"didomiConfig.notice.showDataProcessing": "1",
        5: "x",
        "didomiConfig.user.externalConsent.value": "\udcff",
        "\udcff": "1",
    }
    assert cp.config_from_query(values) == {"notice": {"enable": False}, "sync": {"enabled": 1}}


class Odd(Mapping[str, Any]):
    def __init__(self, items: Any) -> None:
        self.given = items

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def items(self) -> Any:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


def test_odd_mappings() -> None:
    pair = ("didomiConfig.sync.enabled", "1")
    assert cp.config_from_query(Odd([pair])) == at("sync.enabled", 1)
    assert cp.config_from_query(Odd([None, (), ("a",), pair])) == at("sync.enabled", 1)
    with pytest.raises(RuntimeError, match="mine"):
        cp.config_from_query(Odd(RuntimeError("mine")))


@pytest.mark.parametrize("wrong", [None, 5, ["a=b"], object(), bytearray(b"a=b")])
def test_anything_else_is_a_mistake_of_the_programmer(wrong: Any) -> None:
    with pytest.raises(TypeError, match="query"):
        cp.config_from_query(wrong)


# ------------------------------------------------------------------- bounds


def test_size_is_limited() -> None:
    good = "didomiConfig.sync.enabled=1&"
    for size in (65_535, 65_536):
        assert cp.config_from_query(good + "x" * (size - len(good))) == at("sync.enabled", 1)
    assert cp.config_from_query(good + "x" * (65_537 - len(good))) == {}
    assert cp.config_from_query("x" * 65_537 + "&" + good) == {}
    name = "didomiConfig.sync.enabled"
    room = 65_536 - len(name) - 1
    assert cp.config_from_query({name: "1", "x": "x" * (room - 1)}) == at("sync.enabled", 1)
    assert cp.config_from_query({name: "1", "x": "x" * room}) == {}
    assert cp.config_from_query({"x": "x" * 65_537, name: "1"}) == {}
    assert cp.config_from_query({"didomiConfig.notice.enable": "x" * 65_537}) == {}


@pytest.mark.parametrize(
    "text",
    [
        "&" * 65_536,
        "=" * 65_536,
        "%" * 65_536,
        "didomiConfig=" + "[" * 65_000,
        "didomiConfig=" + "%5B" * 21_000,
        "didomiConfig=1&" * 4_300,
        "didomiConfig=%7B%7D&" * 3_200,
        "didomiConfig.user.externalConsent.value={%22a%22:1}&" * 1_250,
        "didomiConfig.user.externalConsent.value=[" + "1," * 32_000 + "1]",
        "didomiConfig.user.externalConsent.value=[" + "[]," * 21_000 + "1]",
        "didomiConfig.user.externalConsent.value=" + '{"a":' * 13_000,
        "didomiConfig.user.externalConsent.value=" + "9" * 65_000,
        "didomiConfig.user.externalConsent.value={"
        + ",".join(f'"{i}":1' for i in range(7_000))
        + "}",
        "&".join(f"didomiConfig{'.' * i}=1" for i in range(300)),
        "\0" * 65_536,
    ],
    ids=lambda text: ascii(text[:50]),
)
def test_hostile_queries_take_no_time(text: str) -> None:
    with within(0.5):
        for _ in range(5):
            assert isinstance(cp.config_from_query(text), dict)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_mapping(raw: bytes) -> None:
    assert cp.config_from_query(raw) == {}
    assert isinstance(cp.config_from_query(b"didomiConfig=" + raw), dict)
    assert set(cp.config_from_query(b"didomiConfig.notice.enable=" + raw)) <= {"notice"}


names = st.sampled_from([*ALLOWED, "", "notice", "user", "app.name", "app", "__proto__"])
plain = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=4)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=6
)  # fmt: skip


def oracle(given_: dict[str, Any]) -> dict[str, Any]:
    """The rule once more: sorted, the allow-list picked from each, later ones on top."""
    found: dict[str, Any] = {}
    for name in sorted(given_):
        value = given_[name]
        for path in ALLOWED:
            if name and path != name and not path.startswith(name + "."):
                continue
            inner = value
            for key in path[len(name) + bool(name) :].split(".") if path != name else ():
                inner = inner.get(key, oracle) if isinstance(inner, dict) else oracle
            if inner is not oracle:
                found[path] = inner
    result: dict[str, Any] = {}
    for path, value in found.items():
        *above, last = path.split(".")
        place = result
        for key in above:
            place = place.setdefault(key, {})
        place[last] = value
    return result


@given(st.dictionaries(names, values, max_size=5))
def test_the_rule_written_a_second_time(given_: dict[str, Any]) -> None:
    if "\\u0000" in json.dumps(given_) or "\0" in str(given_):
        return  # refused, as in configurations
    sent = {"didomiConfig" + "." * bool(k) + k: json.dumps(v) for k, v in given_.items()}
    expected = oracle(given_)
    assert cp.config_from_query(sent) == expected
    assert cp.config_from_query(urlencode(sent)) == expected
    assert cp.config_from_query(urlencode(list(sent.items())[::-1]).encode()) == expected


def test_the_result_is_a_layer() -> None:
    layer = cp.config_from_query(query(("notice.enable", False), ("experiment.group", "test")))
    config = cp.Config({"notice": {"enable": True}}, layer)
    assert config.effective().get("notice.enable") is False
