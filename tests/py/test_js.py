"""Config.from_js: what scripts assign, in every spelling; errors with their line; files."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import chompjs
import django
import pyjson5
import pytest
from cli_runs import refused, run
from hypothesis import example, given
from hypothesis import strategies as st
from js_spelling import ChompSpeller, Json5Speller, Speller, objects, tame_objects

import consentpy as cp
from helpers import within

MIB = 1 << 20


def read(text: str | bytes) -> dict[str, Any]:
    """All that a script makes, whatever place it is for."""
    return cp.Config.from_js(text).effective().to_dict()


def error_of(text: str | bytes) -> cp.ConfigError:
    with pytest.raises(cp.ConfigError) as caught:
        cp.Config.from_js(text)
    assert caught.value.layer == "layer1"
    return caught.value


# --------------------------------------------------------------------- pages

TYPICAL = """
// Consent notice of the shop
window.gdprAppliesGlobally = true;
window.didomiConfig = {
  app: {
    name: "The shop's name",
    apiKey: '00000000-0000-4000-8000-000000000000',
    vendors: {
      iab: { all: true, exclude: [9, 755,] },
      didomi: ['google'],
      'custom': [{
        id: 'stats',            // our own
        name: "Statistics \\u2014 house",
        purposeIds: ["cookies", 'measure'],
      }],
    },
    essentialPurposes: ["session"],
    consentDuration: 15_552_000,
  },
  notice: {
    daysBeforeShowingAgain: 0x1e,
    content: {
      popup: {
        en: 'We and our partners ' +
            `use cookies.`,
        fr: "Nous utilisons des cookies\\
 et d'autres traceurs.",
      },
    },
  },
  'configByCountry': { FR: { notice: { position: "popup" } } },
};
"""

WANTED = {
    "app": {
        "name": "The shop's name",
        "apiKey": "00000000-0000-4000-8000-000000000000",
        "vendors": {
            "iab": {"all": True, "exclude": [9, 755]},
            "didomi": ["google"],
            "custom": [
                {
                    "id": "stats",
                    "name": "Statistics — house",
                    "purposeIds": ["cookies", "measure"],
                }
            ],
        },
        "essentialPurposes": ["session"],
        "consentDuration": 15552000,
        "gdprAppliesGlobally": True,
    },
    "notice": {
        "daysBeforeShowingAgain": 30,
        "content": {
            "popup": {
                "en": "We and our partners use cookies.",
                "fr": "Nous utilisons des cookies et d'autres traceurs.",
            }
        },
    },
}

MINIFIED = (
    "!function(){var e=window,t=document;e.shop=e.shop||{},window.didomiConfig=window.didomiConfig||{},"
    "window.didomiConfig.app={name:'x',vendors:{iab:{all:!0,exclude:[]}},consentDuration:15552e3},"
    "window.didomiConfig.user={bots:{consentRequired:!1,types:[`crawlers`]},id:void 0};"
    "var n=t.createElement('script');n.src=/^https:/.test(location.href)?'//a/b.js':'http://a/b.js';"
    "for(var r=0;r<2;r++){t.head.appendChild(n)}}();"
)


def test_a_typical_script() -> None:
    config = cp.Config.from_js(TYPICAL)
    assert config.effective().to_dict() == WANTED
    assert config.countries() == ["FR"]
    assert config.effective("FR")["notice"]["position"] == "popup"
    assert config.notice("JP").regulation == "gdpr"
    assert cp.Config.from_js(TYPICAL.encode()).effective().to_dict() == WANTED
    assert read(TYPICAL.replace("\n", "\r\n")) == WANTED


def test_minified_code() -> None:
    assert read(MINIFIED) == {
        "app": {
            "name": "x",
            "vendors": {"iab": {"all": True, "exclude": []}},
            "consentDuration": 15552000,
        },
        "user": {"bots": {"consentRequired": False, "types": ["crawlers"]}},
    }


def test_real_scripts_are_stepped_over() -> None:
    scripts = sorted(Path(django.__file__).parent.rglob("*.js"))
    assert len(scripts) > 50  # plain and minified, in many hands
    for script in scripts:
        text = script.read_text("utf-8")
        assert read(f"{text}\n;window.didomiConfig = {{a: 1}}") == {"a": 1}, script
        assert read(f"window.didomiConfig = {{a: 1}};{text}") == {"a": 1}, script


def test_assignments_replace_and_do_not_merge() -> None:
    start = "window.didomiConfig = {app: {name: 'x', apiKey: 'k'}, user: {country: 'FR'}};"
    assert read(f"{start} window.didomiConfig.app = {{name: 'y'}};") == {
        "app": {"name": "y"},
        "user": {"country": "FR"},
    }
    assert read(f"{start} Object.assign(window.didomiConfig, {{app: {{name: 'y'}}}});") == {
        "app": {"name": "y"},
        "user": {"country": "FR"},
    }
    assert read(f"{start} window.didomiConfig = {{notice: {{}}}};") == {"notice": {}}


def test_places_are_those_of_the_script() -> None:
    text = "/* é */ window.didomiConfig = {\r\n  app: {name: 'é', apiKey: 'k'}};\r\nwindow.didomiConfig['app'].name = 'x'"
    effective = cp.Config.from_js(text, names=["site"]).effective()
    assert effective.explain("app.apiKey")[0] == ("site", "k", 2, 28)
    assert effective.explain("app.name")[0] == ("site", "x", 3, 35)
    assert effective.explain("app")[0][2:] == (2, 8)


def test_the_global_flag_is_a_member_of_app() -> None:
    effective = cp.Config.from_js("\n window.gdprAppliesGlobally = !0").effective()
    assert effective.explain("app.gdprAppliesGlobally")[0] == ("layer1", True, 2, 31)


# -------------------------------------------------------------------- errors


def test_an_error_shows_its_line() -> None:
    error = error_of("window.didomiConfig = {\n\tapp: {'na me': getName()},\n};")
    assert (error.line, error.column, error.path) == (2, 17, 'app["na me"]')
    assert str(error).split("\n") == [
        'layer1: line 2, column 17: app["na me"]: a function is called where a value is due: only '
        "literals are read and code is never run, so write the value itself",
        "2 |  app: {'na me': getName()},",
        "  |                 ^",
    ]
    assert error.excerpt == "\n".join(str(error).split("\n")[1:])
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_long_line_is_cut_round_the_place() -> None:
    error = error_of("x=" + "'é'," * MIB + "0;window.didomiConfig={a:b};" + "'é'," * MIB + "0")
    first, line, caret = str(error).split("\n")
    assert "a name stands" in first
    assert line.startswith("1 | …") and line.endswith("…") and len(line) <= 84
    assert line[caret.index("^")] == "b"


def test_a_mapping_has_no_line() -> None:
    with pytest.raises(cp.ConfigError) as caught:
        cp.Config({"a": float("nan")})
    assert caught.value.excerpt == "" and "\n" not in str(caught.value)


def test_nothing_found() -> None:
    for text in ("", "var x = 1;", "// window.didomiConfig = {}", "document.write('<script>')"):
        error = error_of(text)
        assert error.line is None and error.excerpt == ""
        assert "no assignment to window.didomiConfig was found" in str(error)


def test_what_is_no_object_is_refused() -> None:
    for value in ("[]", "'x'", "7", "null", "!0"):
        error = error_of(f"window.didomiConfig = {value}")
        assert (error.line, error.column) == (1, 23)


def test_encoding() -> None:
    assert (error_of(b"{a: '\xe9'}").line, error_of(b"{a: '\xe9'}").column) == (1, 6)
    assert "UTF-16" in str(error_of("{a: 1}".encode("utf-16")))
    assert "NUL" in str(error_of("{a: '\0'}"))
    assert "surrogate" in str(error_of("{a: '\ud800'}"))
    assert "surrogate" in str(error_of("{a: '\\ud800'}"))
    assert read("\ufeff{a: 1}") == {"a": 1}


def test_too_much() -> None:
    assert read("{a: 1}" + " " * (16 * MIB - 6)) == {"a": 1}
    assert "16 MiB" in str(error_of("{a: 1}" + " " * (16 * MIB - 5)))


@pytest.mark.parametrize(
    "text",
    [
        "[" * MIB,
        "window.didomiConfig=" + "[" * MIB,
        "window.didomiConfig=" + "(" * MIB,
        "{" * MIB,
        "`${" * (MIB // 3),
        "window.didomiConfig={a:" + "'x'+" * (MIB // 4),
        "window.didomiConfig={a:'" + "\\x41" * (MIB // 4),
        "/" * MIB,
        "window.didomiConfig." * (MIB // 20),
        "window.didomiConfig[" * (MIB // 20),
        "if(!window.didomiConfig)" * (MIB // 24),
        "Object.assign(window.didomiConfig," * (MIB // 34),
        "(function(){" * (MIB // 12),
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_hostile_texts_are_refused_quickly(text: str) -> None:
    with within(10):
        error_of(text)


# ------------------------------------------------------------------ properties


@st.composite
def spelt_by(draw: Any, speller: type[Speller], values: Any) -> tuple[dict[str, Any], str]:
    value = draw(values)
    return value, speller(draw, speller is Speller)._value(value)


@given(spelt_by(Speller, objects))
@example(({"a": "\u2028"}, "{a:'\u2028'}"))
def test_a_value_in_any_spelling_reads_back(case: tuple[dict[str, Any], str]) -> None:
    value, text = case
    for script in (
        f"({text});",
        f"window.didomiConfig={text}",
        f"!function(){{self.didomiConfig={text}}}()",
    ):
        assert read(script) == value


@given(objects)
def test_json_is_read_as_json(value: dict[str, Any]) -> None:
    for ascii_only in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_only, indent=ascii_only)
        assert read(text) == cp.Config.from_json(text).effective().to_dict() == value


@given(spelt_by(Json5Speller, objects))
def test_pyjson5_reads_the_same(case: tuple[dict[str, Any], str]) -> None:
    """Comments, hexadecimal numbers, escapes, and quotes of either kind are among it."""
    value, text = case
    assert read(text) == pyjson5.decode(text) == value


@given(spelt_by(ChompSpeller, tame_objects))
def test_chompjs_reads_the_same(case: tuple[dict[str, Any], str]) -> None:
    value, text = case
    script = f"var didomiConfig = {text};"
    assert read(script) == chompjs.parse_js_object(script) == value


def test_the_peers_read_the_typical_script() -> None:
    text = TYPICAL.split("window.didomiConfig = ")[1].rstrip().rstrip(";")
    parts = ("15_552_000", "0x1e", "'We and our partners ' +\n            `use cookies.`")
    for part, plain in zip(
        parts, ("15552000", "30", "'We and our partners use cookies.'"), strict=True
    ):
        text = text.replace(part, plain)
    ours = cp.Config.from_js(text)
    theirs = pyjson5.decode(text)
    countries = theirs.pop("configByCountry")
    assert ours.effective().to_dict() == theirs
    assert ours.countries() == list(countries)


@given(st.data())
def test_a_damaged_script_is_read_or_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([TYPICAL, MINIFIED])).encode()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        width = data.draw(st.integers(0, 8))
        piece = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from(PIECES)))
        text = text[:at] + piece + text[at + width :]
    try:
        cp.Config.from_js(text)
    except cp.ConfigError as error:
        assert error.line is None or str(error).endswith("^")


PIECES = [
    p.encode() for p in "{ } [ ] ( ) ' \" ` ${ /* */ // \\ , ; : = . + !0 /x/ if(a) => <!--".split()
]


# ---------------------------------------------------------------- configurations


def test_copies_and_pickles() -> None:
    config = cp.Config.from_js(TYPICAL, names=["shop"], catalog={"vendors": {"x": {"num": 7}}})
    again = pickle.loads(pickle.dumps(config))
    assert again.effective("FR").to_dict() == config.effective("FR").to_dict()
    assert again.effective().explain("app.name") == config.effective().explain("app.name")
    assert repr(again) == repr(config)
    assert copy.copy(config) is config and copy.deepcopy(config) is config
    gate = config.gate("stats")
    assert again.gate("stats") == gate


def test_files_are_read_by_their_suffix(tmp_path: Path) -> None:
    script, page, plain = tmp_path / "a.JS", tmp_path / "b.htm", tmp_path / "c.conf"
    script.write_text("window.didomiConfig = {a: 1, b: 1}")
    page.write_text("<p><script>window.didomiConfig = {b: 2, c: 2}</script>")
    plain.write_text('{"c": 3}')
    assert cp.Config.load(script).effective().to_dict() == {"a": 1, "b": 1}
    assert cp.Config.load(str(page)).effective().to_dict() == {"b": 2, "c": 2}
    layers = cp.Config({"d": 4}, script, page, plain, '{"e": 5}')
    assert layers.effective().to_dict() == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
    again = pickle.loads(pickle.dumps(layers))
    assert again.effective().to_dict() == layers.effective().to_dict()
    assert again.effective().explain("b") == layers.effective().explain("b")
    script.write_text("window.didomiConfig = f()")
    with pytest.raises(cp.ConfigError) as caught:
        cp.Config.load(script)
    assert str(caught.value).startswith(f"{script}: line 1, column 23: a function is called")
    with pytest.raises(FileNotFoundError):
        cp.Config.load(tmp_path / "none.js")


def test_arguments() -> None:
    for method in (cp.Config.from_js, cp.Config.from_html, cp.Config.from_json):
        for wrong in ({}, None, 7, Path("x.js"), bytearray(b"{}")):
            with pytest.raises(TypeError, match="as str or bytes"):
                method(wrong)
        with pytest.raises(TypeError):
            method()
        with pytest.raises(TypeError):
            method("{}", layers=1)
    with pytest.raises(cp.ConfigError, match=r"for a file use Config\.load"):
        cp.Config.from_js("notice.js")
    with pytest.raises(ValueError, match="is no format"):
        cp.Config._of(("{}",), ("yaml",), None, None)
    with pytest.raises(ValueError, match="one name for each layer"):
        cp.Config._of(("{}",), (), None, None)


def test_the_command_line_reads_them(tmp_path: Path) -> None:
    script, page = tmp_path / "a.js", tmp_path / "b.html"
    script.write_text("window.didomiConfig = {\n  app: {name: 'x'}}")
    page.write_text("<title>x</title>\n<script>window.didomiConfig = {app: {name: 'y'}}</script>")
    done = run("merge", str(script), str(page), "--json")
    assert json.loads(done.out) == {"app": {"name": "y"}}
    done = run("explain", str(script), str(page), "app.name", "--json")
    places = [(place["line"], place["column"]) for place in json.loads(done.out)["origins"]]
    assert places == [(2, 44), (2, 15), (None, None)]
    page.write_text("<script>\nwindow.didomiConfig = {a: b}</script>")
    assert refused("merge", str(script), str(page)).split("\n")[1:] == [
        "2 | window.didomiConfig = {a: b}</script>",
        "  |                           ^",
    ]
