"""Config.from_html: the scripts of a page, beside the standard library's HTML parser."""

from __future__ import annotations

import pickle
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from js_spelling import Speller, objects

import consentpy as cp
from helpers import within

MIB = 1 << 20

PAGE = """<!DOCTYPE html>
<html lang="fr">
<head>
  <meta charset="utf-8">
  <title>Boutique <script>window.didomiConfig = {wrong: 1}</script></title>
  <!-- <script>window.didomiConfig = {wrong: 2}</script> -->
  <style>a::before { content: "<script>window.didomiConfig={wrong:3}</script>" }</style>
  <script type="application/ld+json">{"didomiConfig": "wrong"}</script>
  <script src="https://example.org/app.js">window.didomiConfig = {wrong: 4}</script>
  <script type="text/javascript">
    window.didomiConfig = {
      app: { apiKey: 'k', vendors: { didomi: ['google'], custom: [{ id: 'stats', purposeIds: ['cookies'] }] } },
      languages: { enabled: ['fr'], default: 'fr' }
    };
  </script>
  <script type="text/javascript">window.gdprAppliesGlobally=true;(function(){function n(e){if(!window.frames[e]){
  if(document.body&&document.body.firstChild){var t=document.createElement("iframe");t.style.display="none";t.name=e;
  document.body.insertBefore(t,document.body.firstChild)}else{setTimeout(function(){n(e)},5)}}}function o(e,t){
  if(typeof t!=="function"){return}if(!window[e]){window[e]=[]}var r=false;if(!r){window[e].push({command:t})}}
  n("__tcfapiLocator");window.x=o;(function(e){var t=document.createElement("script");t.id="loader";
  t.src="https://example.org/"+e+"/loader.js?target="+document.location.hostname.replace(/^www\\./,"")
  ;var r=document.getElementsByTagName("script")[0];r.parentNode.insertBefore(t,r)})("k")})();</script>
</head>
<body>
<noscript><script>window.didomiConfig = {wrong: 5}</script></noscript>
<template><script>window.didomiConfig = {wrong: 6}</script></template>
<textarea><script>window.didomiConfig = {wrong: 7}</script></textarea>
<script>if (a < b) { document.write("<script>hello()<\\/script>"); }</script>
<SCRIPT>
  window.didomiConfig.user = { country: "FR" };
  window.didomiConfig['notice'] = { position: 'popup' };
</SCRIPT>
</body>
</html>
"""

WANTED = {
    "app": {
        "apiKey": "k",
        "vendors": {
            "didomi": ["google"],
            "custom": [{"id": "stats", "purposeIds": ["cookies"]}],
        },
        "gdprAppliesGlobally": True,
    },
    "languages": {"enabled": ["fr"], "default": "fr"},
    "user": {"country": "FR"},
    "notice": {"position": "popup"},
}


def line_of(written: str) -> int:
    return PAGE[: PAGE.index(written)].count("\n") + 1


def read(text: str | bytes) -> dict[str, Any]:
    return cp.Config.from_html(text).effective().to_dict()


def error_of(text: str | bytes) -> cp.ConfigError:
    with pytest.raises(cp.ConfigError) as caught:
        cp.Config.from_html(text)
    return caught.value


def test_a_page() -> None:
    config = cp.Config.from_html(PAGE, names=["page"])
    assert config.effective().to_dict() == WANTED
    assert config.notice().country == "FR"
    assert config.status().allows("stats") is False
    for text in (PAGE.encode(), PAGE.replace("\n", "\r\n"), "\ufeff" + PAGE):
        assert read(text) == WANTED


def test_places_are_those_of_the_page() -> None:
    effective = cp.Config.from_html(PAGE, names=["page"]).effective()
    lines = PAGE.split("\n")
    for path, written in (
        ("app.apiKey", "'k'"),
        ("user.country", '"FR"'),
        ("notice.position", "'popup'"),
    ):
        layer, _, line, column = effective.explain(path)[0]
        assert layer == "page" and line and column
        assert lines[line - 1][column - 1 :].startswith(written)


def test_pickles_read_the_page_again() -> None:
    config = pickle.loads(pickle.dumps(cp.Config.from_html(PAGE)))
    assert config.effective().to_dict() == WANTED
    assert config.effective().explain("user.country")[0].line == line_of('"FR"')


def test_an_error_has_its_place_on_the_page() -> None:
    error = error_of(PAGE.replace("'popup'", "choose()"))
    assert (error.line, error.path) == (line_of("'popup'"), "notice.position")
    shown, caret = error.excerpt.split("\n")
    assert shown.endswith("|   window.didomiConfig['notice'] = { position: choose() };")
    assert shown[caret.index("^") :].startswith("choose()")


def test_nothing_found() -> None:
    for page in (
        "",
        "<p>window.didomiConfig = {}",
        "<script>x=1</script>",
        "<script src=a.js></script>",
    ):
        error = error_of(page)
        assert error.line is None
        assert "no script of the page assigns window.didomiConfig" in str(error)


def test_an_end_tag_in_a_text_ends_the_script() -> None:
    error = error_of("<script>window.didomiConfig = {a: '</script>'}</script>")
    assert (error.line, error.column) == (1, 35) and "closing quote" in str(error)


def test_a_script_without_an_end_is_refused() -> None:
    error = error_of("<p>\n <script>window.didomiConfig = {a: 1}")
    assert (error.line, error.column) == (2, 2)


def test_a_broken_script_of_somebody_else_does_not_matter() -> None:
    good = "<script>window.didomiConfig = {a: 1}</script>"
    assert read(f"<script>'{{[(/*</script>{good}<script>}}</script>") == {"a": 1}


class Scripts(HTMLParser):
    """The texts of inline scripts as the standard library finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.inside = "src" not in dict(attrs)
            if self.inside:
                self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[-1] += data


ATTRIBUTES = ["", " async", " defer ", ' id="x>y"', " a='<b>'", " a=b", "\nnonce = x", " a = 'b'c"]
BETWEEN = ["", "\n", "<p>a < b</p>", "<!-- <script> -->", '<a href="<script>">x</a>', "<br/>"]


@given(st.data())
def test_random_pages(data: st.DataObject) -> None:
    def one(items: list[str]) -> str:
        return data.draw(st.sampled_from(items))

    page, wanted = "", {}
    for number in range(data.draw(st.integers(1, 4))):
        value = data.draw(objects)
        spelt = Speller(data.draw)._value(value).replace("<", "\\x3c").replace("-->", "--\\x3e")
        src = data.draw(st.integers(0, 4)) == 0
        page += f"{one(BETWEEN)}<script{one(ATTRIBUTES)}{' src=a.js' if src else ''}>"
        page += f"window.didomiConfig.part{number} = {spelt}</script{one(['', ' '])}>"
        if not src:
            wanted[f"part{number}"] = value
    parser = Scripts()
    parser.feed(page)
    parser.close()
    script = "\n;".join(parser.texts)
    if not wanted:
        assert "no script of the page" in str(error_of(page))
    else:
        assert read(page) == wanted == cp.Config.from_js(script).effective().to_dict()


@given(st.data())
def test_a_damaged_page_is_read_or_refused(data: st.DataObject) -> None:
    text = PAGE.encode()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        piece = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from(PIECES)))
        text = text[:at] + piece + text[at + data.draw(st.integers(0, 60)) :]
    try:
        cp.Config.from_html(text)
    except cp.ConfigError as error:
        assert error.line is None or str(error).endswith("^")


PIECES = [
    b"<",
    b">",
    b"</",
    b"<!--",
    b"-->",
    b"<script>",
    b"</script>",
    b'"',
    b"'",
    b"<title>",
    b"{",
]


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "</",
        "<!--",
        "<script>",
        "<script><!--<script>",
        "<title>",
        "<a b='",
        "<a ",
        "<template>",
        "<script>didomiConfig",
        "<script>didomiConfig</script>",
        "<svg><title/>",
    ],
)
def test_hostile_pages_are_refused_quickly(part: str) -> None:
    with within(10):
        error_of(part * (MIB // len(part)))
