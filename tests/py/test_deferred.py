"""The inert form of deferred content: nothing of it may run before the SDK allows it."""

from __future__ import annotations

from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import consentpy as cp
from consentpy.web.deferred import inert
from helpers import within

CONFIG = cp.Config(
    {
        "app": {
            "vendors": {
                "custom": [
                    {"id": "meter", "purposeIds": ["audience"]},
                    {"id": 'a"b<c', "purposeIds": ["audience"]},
                ]
            },
            "customPurposes": [{"id": "audience"}],
        }
    }
)
GATE = CONFIG.gate("meter", ["audience", "cookies"])
MARK = ' data-vendor="meter" data-purposes="audience,cookies"'
JS, HTML = f'<script type="didomi/javascript"{MARK}', f'<script type="didomi/html"{MARK}>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ""),
        (" \n", " \n"),
        ("<script>f()</script>", f"{JS}>f()</script>"),
        ("<SCRIPT SRC='a.js' async></SCRIPT >", f"{JS} SRC='a.js' async></script>"),
        ("<script type=text/javascript src=a.js></script>", f"{JS} src=a.js></script>"),
        (
            '<script src="a.js" type="application/javascript"></script>',
            f'{JS} src="a.js"></script>',
        ),
        ('<script type="" nonce="x">f()</script>', f'{JS} nonce="x">f()</script>'),
        ('<script type="didomi/javascript">f()</script>', f"{JS}>f()</script>"),
        ('<img src="p.gif">', f'{HTML}<img src="p.gif"></script>'),
        ("<!-- a tag -->\n<script>f()</script>\n", f"\n{JS}>f()</script>\n"),
        (
            "<script>a()</script><iframe></iframe><script>b()</script>",
            f"{JS}>a()</script>{HTML}<iframe></iframe></script>{JS}>b()</script>",
        ),
        (
            "1 < 2 &lt; <b title=\"a > b\" c='<'>x</b><br/><titles>"
            "<textarea rows=2> <b> </textarea><style>a>b{}</style ><script>f()</script></i>",
            f"{HTML}1 < 2 &lt; <b title=\"a > b\" c='<'>x</b><br/><titles>"
            f"<textarea rows=2> <b> </textarea><style>a>b{{}}</style ></script>{JS}>f()</script>"
            f"{HTML}</i></script>",
        ),
        (
            "<div class=a><script>f()</script></div>",
            f"{HTML}<div class=a></script>{JS}>f()</script>{HTML}</div></script>",
        ),
        ("<textarea><b>", f"{HTML}<textarea><b></script>"),
    ],
)
def test_what_is_written(content: str, expected: str) -> None:
    assert inert(content, GATE) == expected


@pytest.mark.parametrize(
    "content",
    [
        '<script type="module" src="a.js"></script>',
        '<script type="application/json">{}</script>',
        '<script data-vendor="x">f()</script>',
        '<script data-purposes="x" src="a.js"></script>',
        '<script DATA-LOADING="immediate" src="a.js"></script>',
        "<script>f()",
        "f()</script>",
        "<script>'<!--<script>'</script></script>",
        "<script><!-- f() --></script>",
        "<!-- <script>f()</script> -->",
        "<!--> <b>--><i>",
        "<p><!-- open",
        '<script src="a.js" "b"></script>',
        "<script/src=a.js></script>",
        "<script src=a.js></script x>",
        '<img alt="<script>f()</script>"><script',
        "<scripty>",
        '<script title="a>b">f()</script>',
        # No script for a browser, so the SDK must not make one of it.
        "<textarea>embed: <script>f()</script></textarea>",
        "<TITLE\n><script>f()</script></TITLE>",
        "<style><script>f()</script></style>",
        "<xmp a=b><script>f()</script></xmp>",
        "<iframe><script>f()</script></iframe>",
        "<noembed><script>f()</script></noembed>",
        "<noframes><script>f()</script></noframes>",
        "<noscript><script>f()</script></noscript>",
        "<template><script>f()</script></template>",
        "<plaintext><script>f()</script>",
        '<iframe srcdoc="<script>f()</script>"></iframe>',
        "<p title='<script>f()</script>'>",
        "<p title=<script>f()</script>>",
        "<![CDATA[<script>f()</script>]]>",
        "<? <script>f()</script> ?>",
        "<! <script>f()</script> >",
        "</ <script>f()</script> >",
        "<script>g()</script><textarea>a</textarea><textarea/><script>f()</script></textarea>",
    ],
)
def test_what_is_left_out(content: str) -> None:
    assert inert(content, GATE) is None


def test_conditions() -> None:
    assert inert("<b>", CONFIG.gate("meter")) == (
        '<script type="didomi/html" data-vendor="meter"><b></script>'
    )
    assert inert("<b>", CONFIG.gate(purposes="audience")) == (
        '<script type="didomi/html" data-purposes="audience"><b></script>'
    )
    assert 'data-vendor="a&quot;b&lt;c"' in (inert("<b>", CONFIG.gate('a"b<c')) or "")
    for id in ("a,b", " a"):  # the SDK would read other ids, and leave the blank
        gate: Any = SimpleNamespace(vendor=None, purposes=(id,))
        assert inert("<b>", gate) is None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


PIECES = st.sampled_from(
    "<script </script> <script> > < / script SCRIPT <!-- --> -- <img src=x onerror=f()> type= "
    '"module" "text/javascript" src="a.js" \' " = & &lt; data-vendor="x" f() \n \t <style> '
    "</style> <textarea> ]]> <![CDATA[ <svg> \0".split(" ")
)


@given(st.lists(PIECES, max_size=12).map(" ".join) | st.lists(PIECES, max_size=12).map("".join))
def test_nothing_but_inert_scripts_comes_out(content: str) -> None:
    text = inert(content, GATE)
    if text is None:
        return
    reader = _Reader()
    reader.feed(text)
    reader.close()
    for tag, attributes in reader.found:
        assert tag == "script", text
        assert attributes["type"] in ("didomi/javascript", "didomi/html")
        assert attributes["data-vendor"] == "meter"
    assert text.lower().count("<script") == text.lower().count("</script")
    assert "<!--" not in text


@pytest.mark.parametrize(
    "piece",
    [
        "<script ",
        "<script",
        "<!--",
        "<!-- -",
        "<script>",
        "<script a='",
        " a",
        "<",
        "a=b ",
        "<script\t\t",
        "<textarea>",
        "<textarea></textareas>",
        "<title></textarea>",
        "<b a",
        "<b a='",
        '<b a="',
        "<b a=\"'",
        "</b ",
    ],
)
def test_time_is_linear(piece: str) -> None:
    with within(1.0):
        inert("<script></script>" + piece * (262_144 // len(piece)), GATE)
        inert(piece * (262_144 // len(piece)), GATE)
        inert("<script" + piece * (262_144 // len(piece)), GATE)
