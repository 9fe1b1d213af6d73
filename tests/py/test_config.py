"""Reading configurations: what is taken, what is refused and where it is said.

Errors carry the layer's label, the path of the value, and line and column of the
text, counted from 1.
"""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections import ChainMap, OrderedDict, UserDict
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import consentpy as cp
from helpers import NOW, VECTORS, agree, full, refused, status, vendor, within

SMALL = {"app": {"name": "Example Site", "vendors": {"custom": []}}, "n": [1, {"a": 2}]}


# ------------------------------------------------------------------- taken in


def test_one_configuration_in_every_form(tmp_path: Path) -> None:
    text = json.dumps(SMALL)
    path = tmp_path / "notice.json"
    path.write_text(text, "utf-8")
    forms = (
        cp.Config(SMALL),
        cp.Config(text),
        cp.Config(text.encode()),
        cp.Config(path),
        cp.Config.load(path),
        cp.Config.load(str(path)),
        cp.Config.from_json(text),
        cp.Config.from_json(text.encode()),
    )
    for config in forms:
        assert isinstance(config, cp.Config)
        assert config.effective().to_dict() == SMALL


def test_a_plain_text_layer_is_json_never_a_path(tmp_path: Path) -> None:
    path = tmp_path / "notice.json"
    path.write_text("{}", "utf-8")
    refused(str(path))


def test_a_file_that_is_missing() -> None:
    with pytest.raises(OSError):
        cp.Config.load("no-such-folder/notice.json")


def test_a_bad_file_says_where(tmp_path: Path) -> None:
    path = tmp_path / "notice.json"
    path.write_text('{\n  "app": {,}\n}', "utf-8")
    for read in (cp.Config.load, cp.Config):
        with pytest.raises(cp.ConfigError) as caught:
            read(path)
        assert (caught.value.line, caught.value.column) == (2, 11)


def test_no_layer_and_an_empty_layer() -> None:
    assert cp.Config({}).effective().to_dict() == {}
    assert cp.Config("{}").effective().to_dict() == {}
    assert cp.Config("{}", {}, b" {} ").effective().to_dict() == {}


@pytest.mark.parametrize(
    "layer",
    [
        MappingProxyType(SMALL),
        OrderedDict(SMALL),
        UserDict(SMALL),
        ChainMap(SMALL),
        MappingProxyType({"app": UserDict(SMALL["app"]), "n": SMALL["n"]}),  # type: ignore[arg-type]
        {**SMALL, "n": (1, {"a": 2})},
    ],
    ids=["proxy", "ordered", "user", "chain", "nested", "tuple"],
)
def test_any_mapping_is_a_layer(layer: Any) -> None:
    taken = cp.Config(layer).effective().to_dict()
    assert taken == SMALL
    assert type(taken) is dict and type(taken["app"]) is dict
    assert type(taken["n"]) is list


def test_a_layer_is_a_snapshot() -> None:
    source: dict[str, Any] = copy.deepcopy(SMALL)
    config = cp.Config(source)
    source["app"]["name"] = "changed"
    source["n"].append(3)
    source["new"] = True
    assert config.effective().to_dict() == SMALL


@pytest.mark.parametrize("layer", [None, 5, 1.5, True, ["{}"], object(), {"a"}])
def test_a_layer_of_another_type(layer: Any) -> None:
    with pytest.raises((TypeError, cp.ConfigError)):
        cp.Config(layer)


# --------------------------------------------------------- JSON, by RFC 8259

ACCEPTED: dict[str, tuple[str, Any]] = {
    "zero": ("0", 0),
    "minus zero": ("-0", 0),
    "negative": ("-12", -12),
    "fraction": ("1.25", 1.25),
    "exponent": ("1e3", 1000.0),
    "exponent with plus": ("1E+2", 100.0),
    "exponent with minus": ("25e-2", 0.25),
    "53 bits and one": ("9007199254740993", 9007199254740993),
    "64 bits": ("18446744073709551615", 18446744073709551615),
    "beyond 64 bits": ("123456789012345678901234567890", 123456789012345678901234567890),
    "beyond 64 bits, negative": ("-99999999999999999999", -99999999999999999999),
    "400 digits": ("7" * 400, int("7" * 400)),
    "4000 digits": ("9" * 4000, int("9" * 4000)),
    "tiny": ("1e-400", 0.0),
    "true": ("true", True),
    "null": ("null", None),
    "empty text": ('""', ""),
    "escapes": (r'"\"\\\/\b\f\n\r\t"', '"\\/\b\f\n\r\t'),
    "unicode escape": (r'"\u00e9\u4E2d"', "\xe9\u4e2d"),
    "surrogate pair": (r'"\ud83c\udf6a"', "\U0001f36a"),
    "raw letters": ('"\xe9\u4e2d\U0001f36a"', "\xe9\u4e2d\U0001f36a"),
    "delete character": ('"\x7f"', "\x7f"),
    "control above 127": ('"\x80"', "\x80"),
    "noncharacter": ('"\uffff"', "\uffff"),
    "line separator": ('"\u2028"', "\u2028"),
    "blanks of all four kinds": ("[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n]", [1, 2]),
    "empty containers": ("[[],{}]", [[], {}]),
    "slash": ('"</script>"', "</script>"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_json_accepted(name: str) -> None:
    text, expected = ACCEPTED[name]
    document = f'{{"x": {text}}}'
    for layer in (document, document.encode()):
        value = cp.Config(layer).effective().to_dict()["x"]
        assert value == expected and type(value) is type(expected)


def test_json_accepts_a_number_too_big_for_a_double() -> None:
    """RFC 8259 has no upper bound; the value need not be exact, nor be NaN."""
    for text in ("1e400", "-1e400", "1" + "0" * 400 + ".5"):
        value = cp.Config(f'{{"x": {text}}}').effective().to_dict()["x"]
        assert isinstance(value, float) and not math.isnan(value)


def test_json_accepts_odd_keys() -> None:
    text = '{"": 1, "a.b": 2, "\\u0061": 3, "[0]": 4, "\xe9": 5, "A": 6}'
    assert cp.Config(text).effective().to_dict() == json.loads(text)


#: name: text, line, first and last column that may be named.
REFUSED: dict[str, tuple[str, int, int, int]] = {
    "empty": ("", 1, 1, 1),
    "blanks": ("  ", 1, 1, 3),
    "a word": ("hello", 1, 1, 1),
    "an array": ("[]", 1, 1, 1),
    "a text": ('"{}"', 1, 1, 1),
    "a number": ("5", 1, 1, 1),
    "null": ("null", 1, 1, 1),
    "no closing brace": ('{"a": 1', 1, 8, 8),
    "no value": ('{"a": }', 1, 7, 7),
    "no colon": ('{"a" 1}', 1, 6, 6),
    "no comma": ('{"a": 1 "b": 2}', 1, 9, 9),
    "comma at the end": ('{"a": 1,}', 1, 8, 9),
    "comma at the end of a list": ('{"a": [1,]}', 1, 9, 10),
    "comma first": ('{,"a": 1}', 1, 2, 2),
    "two commas": ('{"a": [1,,2]}', 1, 10, 10),
    "brackets crossed": ('{"a": [1}', 1, 9, 9),
    "braces crossed": ('{"a": {"b": 1]}', 1, 14, 14),
    "a closing brace too many": ('{"a": 1}}', 1, 9, 9),
    "text after the end": ("{} x", 1, 4, 4),
    "another object": ("{}\n{}", 2, 1, 1),
    "a bare key": ("{a: 1}", 1, 2, 2),
    "a number as key": ("{1: 1}", 1, 2, 2),
    "single quotes": ("{'a': 1}", 1, 2, 2),
    "a comment": ('{"a": 1} // b', 1, 10, 10),
    "a comment inside": ('{/* b */"a": 1}', 1, 2, 2),
    "leading zero": ('{"a": 01}', 1, 7, 8),
    "leading zero, negative": ('{"a": -01}', 1, 7, 9),
    "bare minus": ('{"a": -}', 1, 7, 8),
    "plus": ('{"a": +1}', 1, 7, 7),
    "dot without digits": ('{"a": 1.}', 1, 7, 9),
    "digits missing before the dot": ('{"a": .5}', 1, 7, 7),
    "exponent without digits": ('{"a": 1e}', 1, 7, 9),
    "hexadecimal": ('{"a": 0x1f}', 1, 7, 8),
    "NaN": ('{"a": NaN}', 1, 7, 7),
    "Infinity": ('{"a": Infinity}', 1, 7, 7),
    "minus Infinity": ('{"a": -Infinity}', 1, 7, 8),
    "capital true": ('{"a": True}', 1, 7, 7),
    "half a word": ('{"a": nul}', 1, 7, 10),
    "a word too long": ('{"a": nullx}', 1, 7, 11),
    "undefined": ('{"a": undefined}', 1, 7, 7),
    "text left open": ('{"a": "b}', 1, 7, 10),
    "control character": ('{"a": "b\x01"}', 1, 7, 9),
    "tab in a text": ('{"a": "b\t"}', 1, 7, 9),
    "newline in a text": ('{"a": "b\n"}', 1, 7, 9),
    "unknown escape": (r'{"a": "\x"}', 1, 7, 9),
    "short unicode escape": (r'{"a": "\u12"}', 1, 7, 12),
    "bad unicode escape": (r'{"a": "\u12g4"}', 1, 7, 12),
    "lone high surrogate": (r'{"a": "\ud800"}', 1, 7, 14),
    "lone low surrogate": (r'{"a": "\udc00"}', 1, 7, 14),
    "high surrogate twice": (r'{"a": "\ud800\ud800"}', 1, 7, 20),
    "lone surrogate in a key": (r'{"\ud800": 1}', 1, 2, 9),
    "escaped NUL": (r'{"a": "x\u0000"}', 1, 7, 15),
    "escaped NUL in a key": (r'{"a\u0000": 1}', 1, 2, 9),
    "raw NUL in a text": ('{"a": "\0"}', 1, 7, 8),
    "raw NUL between": ('{"a": \0 1}', 1, 7, 7),
    "raw NUL at the end": ("{}\0", 1, 3, 3),
    "no-break space": ('{"a":\xa01}', 1, 6, 6),
    "form feed": ('{"a":\f1}', 1, 6, 6),
    "byte-order mark": ("\ufeff{}", 1, 1, 1),
    "third line": ('{\n  "a": 1,\n  "b" 2\n}', 3, 7, 7),
    "lines ended by carriage return and newline": ('{\r\n"a": 1,\r\n"b" 2}', 3, 5, 5),
    "columns are characters": ('{"\xe9\u4e2d\U0001f36a": }', 1, 9, 9),
    "a key twice": ('{"a": 1, "a": 2}', 1, 10, 15),
    "a key twice, once escaped": ('{"a": 1, "\\u0061": 2}', 1, 10, 20),
    "a key twice, far apart": ('{"a": 1,\n"b": {"a": 1},\n "a": {}}', 3, 2, 7),
    "a key twice, empty": ('{"": 1, "": 1}', 1, 9, 13),
}


@pytest.mark.parametrize("name", REFUSED)
def test_json_refused(name: str) -> None:
    text, line, first, last = REFUSED[name]
    for layer in (text, text.encode()):
        error = refused(layer)
        assert error.layer == "layer1"
        assert error.line == line
        assert first <= error.column <= last, (error.column, str(error))


BAD_BYTES: dict[str, tuple[bytes, int]] = {
    "stray byte": (b'{"a": "\xff"}', 8),
    "lone continuation": (b'{"a": "\x80"}', 8),
    "cut sequence": (b'{"a": "\xc3"}', 8),
    "overlong slash": (b'{"a": "\xc0\xaf"}', 8),
    "overlong NUL": (b'{"a": "\xc0\x80"}', 8),
    "encoded surrogate": (b'{"a": "\xed\xa0\x80"}', 8),
    "beyond unicode": (b'{"a": "\xf4\x90\x80\x80"}', 8),
    "in a key": (b'{"\xff": 1}', 3),
    "latin-1": ('{"a": "\xe9"}'.encode("latin-1"), 8),
    "between": (b'{"a": \xff}', 7),
}


@pytest.mark.parametrize("name", BAD_BYTES)
def test_bad_utf8(name: str) -> None:
    raw, column = BAD_BYTES[name]
    error = refused(raw)
    assert (error.layer, error.line) == ("layer1", 1)
    assert column - 1 <= error.column <= column + 1


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_other_encodings_are_refused(codec: str) -> None:
    assert refused('{"a": 1}'.encode(codec)).line == 1


def test_lone_surrogate_in_a_python_text() -> None:
    assert refused('{"a": "\ud800"}').layer == "layer1"
    assert refused({"a": ["x", "\udc80"]}).path == "a[1]"
    assert refused({"a": {"\ud800": 1}}).path.startswith("a")


# -------------------------------------------------------- the place of an error


def test_the_label_of_the_layer() -> None:
    assert refused("{", "{}").layer == "layer1"
    assert refused("{}", "{").layer == "layer2"
    assert refused({}, {}, b"[").layer == "layer3"
    assert refused("{}", "{", names=["remote", "local"]).layer == "local"
    assert refused({"a": object()}, {}, names=["remote", "local"]).layer == "remote"


@pytest.mark.parametrize("names", [["one"], ["one", "two", "three"], [1, 2], 5])
def test_names_that_do_not_fit(names: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        cp.Config({}, {}, names=names)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"app": {"vendors": 1, "vendors": 2}}', "app.vendors"),
        ('{"a": [0, {"b": 1, "b": 2}]}', "a[1].b"),
        ('{"a": {"x.y": {"b": 1, "b": 2}}}', 'a["x.y"].b'),
        ('{"a": [[{"b": {"c": 1, "c": 2}}]]}', "a[0][0].b.c"),
        ('{"a": 1, "a": 2}', "a"),
    ],
)
def test_the_path_of_a_key_written_twice(text: str, path: str) -> None:
    assert refused(text).path == path


@pytest.mark.parametrize(
    ("layer", "path"),
    [
        ({"a": {"b": object()}}, "a.b"),
        ({"a": [1, {"b": {1, 2}}]}, "a[1].b"),
        ({"a": {"x.y": b"bytes"}}, 'a["x.y"]'),
        ({"a": {"b": float("nan")}}, "a.b"),
        ({"a": (0, Decimal("1"))}, "a[1]"),
        ({"a": {"b": date(2026, 1, 1)}}, "a.b"),
        ({"a": {"b": 1j}}, "a.b"),
        ({"a": [{"b": "x\0y"}]}, "a[0].b"),
        ({"a": {"b": range(3)}}, "a.b"),
        ({"a": {"b": bytearray(b"x")}}, "a.b"),
        ({"a": {"b": lambda: 1}}, "a.b"),
    ],
)
def test_the_path_of_a_value_that_is_not_json(layer: Any, path: str) -> None:
    error = refused({}, layer)
    assert (error.layer, error.path) == ("layer2", path)


@pytest.mark.parametrize("value", ["text", 5, True, [], ["FR"], None, {}])
def test_a_section_of_a_wrong_type_is_ignored(value: Any) -> None:
    """As the browser does; it is kept in what is written, and decides nothing."""
    nothing = cp.Config({}).notice("FR")
    for path in (
        "app",
        "app.vendors",
        "app.vendors.custom",
        "app.customPurposes",
        "app.essentialPurposes",
        "notice",
        "user",
        "user.bots",
        "cookies",
        "preferences",
        "regulations",
        "regulations.gdpr",
        "consentpy",
        "configByCountry.FR",
    ):
        layer: Any = value
        for key in reversed(path.split(".")):
            layer = {key: layer}
        config = cp.Config(layer)
        notice = config.notice("FR")
        assert notice.regulation == "gdpr"
        assert notice.vendors == () and notice.purposes == ()
        assert notice.consent_duration == nothing.consent_duration
        assert notice.status({}, now=NOW).current() == nothing.status({}, now=NOW).current()
        if not path.startswith(("consentpy", "configByCountry")):
            assert config.effective("FR").to_dict() == layer


# ------------------------------------------------------------------- the limits


def nested(depth: int, inner: Any = 1) -> dict[str, Any]:
    """Objects in one another, `depth` containers in all."""
    value: Any = inner
    for _ in range(depth):
        value = {"a": value}
    assert isinstance(value, dict)
    return value


def test_depth_limit_of_texts() -> None:
    assert cp.Config(json.dumps(nested(64))).effective().to_dict() == nested(64)
    assert refused(json.dumps(nested(65))).line == 1
    lists = '{"a": ' + "[" * 63 + "]" * 63 + "}"
    assert cp.Config(lists).effective().to_dict() == json.loads(lists)
    error = refused('{"a": ' + "[" * 64 + "]" * 64 + "}")
    assert 6 + 64 <= error.column <= 6 + 65


def test_depth_limit_of_mappings() -> None:
    assert cp.Config(nested(64)).effective().to_dict() == nested(64)
    assert refused(nested(65)).layer == "layer1"
    refused(nested(2000))
    with within(5):
        refused('{"a": ' + "[" * 1_000_000)
        refused("[" * 1_000_000)
        refused('{"a":' * 1_000_000)


def test_size_limit() -> None:
    room = 16 * 1024 * 1024
    text = '{"a": 1' + " " * (room - 8) + "}"
    assert len(text) == room
    with within(20):
        assert cp.Config(text).effective().to_dict() == {"a": 1}
        assert cp.Config(text.encode()).effective().to_dict() == {"a": 1}
        refused(text + " ")
        refused((text + " ").encode())


def test_many_keys_take_linear_time() -> None:
    keys = {f"key{n}": n for n in range(100_000)}
    with within(20):
        assert len(cp.Config(json.dumps(keys)).effective().to_dict()) == 100_000
        refused(json.dumps(keys)[:-1] + ', "key7": 1}')


# ------------------------------------------------- the object, once it is there


def test_config_is_immutable() -> None:
    config = cp.Config(SMALL)
    for name in ("effective", "new", "notice", "_layers"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(config, name, 1)
    with pytest.raises((AttributeError, TypeError)):
        del config.effective  # type: ignore[misc]


def test_config_compares_by_identity() -> None:
    one, two = cp.Config(SMALL), cp.Config(SMALL)
    assert one == one and one != two
    assert len({one, two, one}) == 2


def test_config_copies_are_itself() -> None:
    config = cp.Config(SMALL)
    assert copy.copy(config) is config
    assert copy.deepcopy(config) is config
    notice = config.notice("FR")
    assert copy.copy(notice) is notice
    assert copy.deepcopy(notice) is notice


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_config_pickles_by_its_source(protocol: int) -> None:
    source = full([vendor("v1", ["p1"])], configByCountry={"FR": {"n": 1}})
    catalog = {"vendors": {"google": {"name": "G", "purposes": ["cookies"]}}}
    config = cp.Config(
        source,
        '{"app": {"vendors": {"didomi": ["google"]}}}',
        names=["remote", "local"],
        catalog=cp.Catalog(catalog),
    )
    again = pickle.loads(pickle.dumps(config, protocol))
    assert again is not config and isinstance(again, cp.Config)
    for country in (None, "FR", "US"):
        assert again.effective(country).to_dict() == config.effective(country).to_dict()
    origin = again.effective().explain("app.vendors.didomi")[0]
    assert origin.layer == "local"
    ids = [v.id for v in config.notice("FR").vendors]
    assert [v.id for v in again.notice("FR").vendors] == ids == ["v1", "google"]
    gate = pickle.loads(pickle.dumps(config.gate("v1"), protocol))
    assert status(again, agree("v1", purposes=["p1"])).allows(gate) is True


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_notice_pickles_by_its_source(protocol: int) -> None:
    config = cp.Config(json.loads((VECTORS / "notice.json").read_text("utf-8")))
    for place in (("FR", None), ("US", "CA"), (None, None), ("BR", None)):
        notice = config.notice(*place)
        again = pickle.loads(pickle.dumps(notice, protocol))
        assert again.regulation == notice.regulation
        assert (again.country, again.region) == (notice.country, notice.region)
        assert again.consent_duration == notice.consent_duration
        assert again.vendors == notice.vendors and again.purposes == notice.purposes
        assert again.status({}, now=NOW).current() == notice.status({}, now=NOW).current()


def test_reprs_are_short() -> None:
    config = cp.Config({"app": {"name": "x" * 5000}})
    for shown in (repr(config), repr(config.notice("FR"))):
        assert 0 < len(shown) < 500


def test_exceptions_form_one_tree() -> None:
    assert issubclass(cp.ConsentError, ValueError)
    for one in (cp.ConfigError, cp.DecodeError, cp.UnknownIdError):
        assert issubclass(one, cp.ConsentError)
    assert issubclass(cp.UnknownIdError, LookupError)
