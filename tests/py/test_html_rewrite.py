"""`cp.html`: pages written for the browser SDK, gated on the server."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import consentpy as cp
from helpers import GOOGLE, NOW, cookie, full, status, vendor, within

CONFIG = cp.Config(
    full(
        [vendor("open", ["p1"]), vendor("half", ["p1", "p2"]), vendor("shut", ["p1"])],
        app={"vendors": {"didomi": ["google"]}},
    ),
    catalog=GOOGLE,
)
TOKEN = {
    "vendors": {"enabled": ["open", "half", "google"], "disabled": ["shut"]},
    "purposes": {"enabled": ["p1", "cookies"], "disabled": ["p2"]},
}
SEEN = status(CONFIG, TOKEN)
GATED = '<script type="didomi/javascript" data-vendor="open">go({gdpr})</script>'
LIVE = '<script type="text/javascript" data-vendor="open">go(1)</script>'


def rewrite(page: str, seen: cp.Status = SEEN, nonce: str | None = None) -> str:
    return cp.html.rewrite(page, seen, nonce)


def streamed(page: Any, cuts: list[int], seen: cp.Status = SEEN) -> Any:
    rewriter = cp.html.Rewriter(seen)
    bounds = [0, *sorted(min(cut, len(page)) for cut in cuts), len(page)]
    pieces = [rewriter.feed(page[a:b]) for a, b in itertools.pairwise(bounds)]
    return page[:0].join([*pieces, rewriter.close()])


# ------------------------------------------------------------------ the interface


def test_str_gives_str_and_bytes_give_bytes() -> None:
    assert rewrite(f"<p>é</p>{GATED}") == f"<p>é</p>{LIVE}"
    assert cp.html.rewrite(f"<p>é</p>{GATED}".encode("latin-1"), SEEN) == (
        f"<p>é</p>{LIVE}".encode("latin-1")
    )
    assert rewrite(f"\U0001f600{GATED}\udc80") == f"\U0001f600{LIVE}\udc80"


@pytest.mark.parametrize("page", ["", "<p>x</p>", "é didomi", "€ <!-- didomi/ -->", "a" * 100])
def test_a_page_that_stays_is_the_same_object(page: str) -> None:
    raw = page.encode()
    assert rewrite(page) is page
    assert cp.html.rewrite(raw, SEEN) is raw


def test_a_subclass_of_str_is_read_as_one() -> None:
    class Safe(str):
        pass

    page = Safe(GATED)
    assert rewrite(page) == LIVE and type(rewrite(page)) is str
    refused = Safe(GATED.replace("open", "shut"))
    assert rewrite(refused) is refused


def test_a_stand_in_is_asked_only_where_there_is_a_gated_tag() -> None:
    class Lazy:
        asked = 0

        @property
        def status(self) -> cp.Status:
            self.asked += 1
            return SEEN

    lazy = Lazy()
    assert cp.html.rewrite("<p>x</p>", lazy) == "<p>x</p>" and not lazy.asked
    assert cp.html.rewrite(GATED, lazy) == LIVE and lazy.asked == 1
    assert cp.html.Rewriter(lazy).feed(GATED) == LIVE


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="str or bytes"):
        cp.html.rewrite(bytearray(b"didomi/"), SEEN)  # type: ignore[type-var]
    with pytest.raises(TypeError, match="Status"):
        cp.html.rewrite(GATED, None)
    with pytest.raises(TypeError, match="Status"):
        cp.html.Rewriter(CONFIG)
    with pytest.raises(TypeError, match="nonce"):
        cp.html.rewrite(GATED, SEEN, b"abc")  # type: ignore[arg-type]
    for nonce in ("a b", "é", "a\n", "\udc80"):
        with pytest.raises(cp.ConsentError, match="nonce"):
            cp.html.rewrite(GATED, SEEN, nonce)
    rewriter = cp.html.Rewriter(SEEN)
    rewriter.feed("<p>")
    with pytest.raises(TypeError, match="all str, or all bytes"):
        rewriter.feed(b"<p>")
    with pytest.raises(TypeError, match="str or bytes"):
        rewriter.feed(None)  # type: ignore[type-var]
    assert rewriter.close() == ""
    with pytest.raises(cp.ConsentError, match="ended"):
        rewriter.feed("x")
    assert rewriter.close() == ""


def test_a_rewriter_holds_back_as_little_as_it_can() -> None:
    rewriter = cp.html.Rewriter(SEEN)
    assert rewriter.feed("<p>a <") == "<p>a "
    assert rewriter.feed("b>x<scr") == "<b>x"
    assert rewriter.feed('ipt type="didomi/javascript"') == ""
    assert rewriter.feed(">a {gd") == '<script type="text/javascript">a '
    assert rewriter.feed("pr} </scr") == "1 </scr"
    assert rewriter.feed("ipt><script") == "ipt>"
    assert rewriter.close() == "<script"
    assert cp.html.Rewriter(SEEN).close() == b""


def test_a_chunk_that_passes_is_the_same_object() -> None:
    rewriter = cp.html.Rewriter(SEEN)
    chunk = b"<p>some text</p>" * 10
    assert rewriter.feed(chunk) is chunk and rewriter.close() == b""


def test_html_is_loaded_on_first_use() -> None:
    import subprocess
    import sys

    code = (
        "import sys, consentpy as cp; assert 'consentpy.html' not in sys.modules; cp.html.rewrite"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ------------------------------------------------------------------ the verdicts


@pytest.mark.parametrize(
    ("attributes", "gate"),
    [
        ({"data-vendor": "open"}, {"vendor": "open"}),
        ({"data-vendor": "half"}, {"vendor": "half"}),
        ({"data-vendor": "shut"}, {"vendor": "shut"}),
        ({"data-purposes": "p1"}, {"purposes": ["p1"]}),
        ({"data-purposes": "p1,p2"}, {"purposes": ["p1", "p2"]}),
        ({"data-vendor": "open", "data-purposes": "p2"}, {"vendor": "open", "purposes": ["p2"]}),
        ({"data-vendor": "didomi:google", "data-purposes": "cookies"}, {"vendor": "google"}),
    ],
)
@pytest.mark.parametrize("country", ["FR", "JP"])
@pytest.mark.parametrize("token", [None, TOKEN, {"vendors": {"disabled": ["open"]}}])
def test_a_tag_is_live_exactly_when_its_gate_is_open(
    attributes: dict[str, str], gate: dict[str, Any], country: str, token: Any
) -> None:
    seen = status(CONFIG, token, country=country)
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    live = 'type="text/javascript"' in rewrite(
        f'<script type="didomi/javascript"{written}></script>', seen
    )
    assert live is seen.allows(**gate)


def test_an_expired_answer_and_no_answer_open_nothing() -> None:
    for seen in (status(CONFIG, None), status(CONFIG, "!")):
        assert rewrite(GATED, seen) is GATED


# ------------------------------------------------------------- nothing is reflected

HOSTILE = [
    '"><script>alert(1)</script>',
    "'-alert(1)-'",
    "</script><svg onload=alert(1)>",
    "{gdpr}",
    "javascript:alert(1)",
    "<!--<script>",
    '" onload="alert(1)',
    "\u2028alert(1)",
    "&quot;&gt;",
]


EVERY = (
    "{gdpr}{gdpr_consent}{gdpr_consent_vendor}{gdpr_consent_vendor_boolean}"
    "{gdpr_consent_vendor_raw}{gdpr_consent_vendor_boolean_raw}"
)
NAMED = 'data-vendor="open" data-vendor-raw="half"'


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_visitor_sends_is_printed(text: str) -> None:
    page = (
        f'<script type="didomi/javascript" {NAMED}>{EVERY}</script>'
        f'<script type="didomi/html" {NAMED}>{EVERY}</script>'
    )
    live = (
        f'<script type="text/javascript" {NAMED}>11true1true</script><div {NAMED}>11true1true</div>'
    )
    latin = text.encode("utf-8").decode("latin-1")
    sent = cookie(TOKEN)
    assert rewrite(page, status(CONFIG, cookie(TOKEN, user_id=latin))) == live
    assert rewrite(page, status(CONFIG, cookie(TOKEN, created=latin, dns=latin))) == live
    assert rewrite(page, status(CONFIG, sent, user_agent=text, region=text)) == live
    header = f"{text}; didomi_token={sent}"
    assert rewrite(page, CONFIG.status(header, country="FR", now=NOW)) == live
    for token in (text, sent + text, text + sent):
        assert rewrite(page, status(CONFIG, token)) in (page, live)
    no_law = status(CONFIG, None, country="JP")
    assert rewrite(page, no_law) == live.replace("11true", "01true")


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isascii() and " " not in text])
def test_a_nonce_is_escaped(text: str) -> None:
    page = rewrite(GATED, nonce=text)
    (script,) = html5lib.parse(page, namespaceHTMLElements=False).iter("script")
    assert script.attrib == {"type": "text/javascript", "data-vendor": "open", "nonce": text}
    assert script.text == "go(1)"


# ------------------------------------------------------------------ properties

PARTS = [
    "<", ">", "/", "!", "-", "--", "?", "=", '"', "'", " ", "\n", "\t", "\x0c", "\r", "a", "x", "é", "&",
    "<!--", "-->", "--!>", "<!-->", "<![CDATA[", "]]>", "<!doctype html>", "</", "/>", "{gdpr}", "{", "}",
    "<script", "<script ", "<script>", "</script>", "</script", "</script ", "<SCRIPT ", "script",
    ' type="didomi/javascript"', " type=didomi/javascript", " type='didomi/html'", ' type="x"', "type",
    ' data-vendor="open"', " data-vendor=shut", ' data-purposes="p1"', " data-purposes='p2'",
    " data-vendor-raw=half", " data-loading=immediate", GATED,
    '<script type="didomi/javascript">', '<script type="didomi/javascript" data-vendor="shut">',
    '<script type="didomi/html">', "<b>", "</b>", "<p>", "</p>", "<div>", "</div>", "<a href='", '<a b="',
    "<title>", "</title>", "<style>", "</style>", "<textarea>", "</textarea>", "<noscript>",
    "</noscript>", "<iframe>", "</iframe>", "<xmp>", "</xmp>", "<svg>", "</svg>", "<svg/>", "<math>",
    "</math>", "<mi>", "</mi>", "<desc>", "</desc>", "<template>", "</template>", "<table>", "<select>",
    "</select>", "<head>", "</head>", "<body>", "<br/>", "<img src=x>", "{gdpr_consent}",
]  # fmt: skip
SOUP = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)
CUTS = st.lists(st.integers(0, 400), max_size=12)


@given(SOUP, CUTS)
@example(GATED * 3, list(range(400)))
def test_however_a_page_is_cut_the_same_comes_out(page: str, cuts: list[int]) -> None:
    whole = rewrite(page)
    assert streamed(page, cuts) == whole
    assert streamed(page, list(range(len(page)))) == whole
    raw = page.encode()
    assert streamed(raw, cuts) == whole.encode() == cp.html.rewrite(raw, SEEN)


@given(SOUP)
def test_once_is_enough(page: str) -> None:
    once = rewrite(page)
    assert rewrite(once) == once


@given(SOUP)
def test_without_a_gated_tag_nothing_changes(page: str) -> None:
    page = page.replace("didomi/", "didomi-")
    assert rewrite(page) is page


@given(st.binary(max_size=300), CUTS)
def test_any_bytes_pass(raw: bytes, cuts: list[int]) -> None:
    assert streamed(raw, cuts) == cp.html.rewrite(raw, SEEN)
    assert streamed(raw.replace(b"didomi/", b""), cuts) == raw.replace(b"didomi/", b"")


# --------------------------------------------------- against a parser of the standard


def elements(page: str) -> Any:
    """The tree that a browser with scripting builds."""
    return html5lib.HTMLParser(namespaceHTMLElements=False).parse(page, scripting=True)


def scripts(page: str) -> Iterator[Any]:
    """Scripts that the SDK can find: those outside of <template>, whose content is a tree apart."""

    def walk(node: Any) -> Iterator[Any]:
        for child in node:
            if isinstance(child.tag, str):
                if child.tag == "script":
                    yield child
                if child.tag != "template":
                    yield from walk(child)

    yield from walk(elements(page))


def attributes(element: Any) -> dict[str, str]:
    return {name: value for name, value in element.attrib.items() if isinstance(name, str)}


def may_run(found: dict[str, str]) -> bool:
    """What the SDK does with a tag, written a second time."""
    if found.get("data-loading") == "immediate":
        return True
    vendor_ok = found.get("data-vendor", "open") == "open"
    raw_ok = found.get("data-vendor-raw", "half") in ("open", "half")
    purposes = [item for item in found.get("data-purposes", "p1").split(",") if item]
    return vendor_ok and raw_ok and set(purposes) <= {"p1", "cookies"}


def kind(element: Any) -> str:
    return attributes(element).get("type", "")


def check_against_the_standard(page: str) -> tuple[int, int]:
    """No tag runs that the SDK would hold back; how many came to life, of how many that may."""
    result = rewrite(page)
    before, after = list(scripts(page)), list(scripts(result))
    wanted = sum(kind(s) == "didomi/javascript" and may_run(attributes(s)) for s in before)
    if "didomi/html" in page and "<div" in result:
        return 0, 0  # another tree; test_html_becomes_a_div looks at those
    assert len(before) == len(after), result
    live = 0
    for old, new in zip(before, after, strict=True):
        if kind(old) == kind(new):
            assert attributes(old) == attributes(new)
            continue
        assert kind(old) == "didomi/javascript" and kind(new) == "text/javascript", result
        assert may_run(attributes(old)), result
        assert attributes(new) == {**attributes(old), "type": "text/javascript"}
        live += 1
    return live, wanted


@given(SOUP)
@example("<!--><script type=didomi/javascript>")
def test_no_tag_runs_that_the_sdk_would_hold_back(page: str) -> None:
    check_against_the_standard(page)


ELEMENTS = [
    "<p>a &lt; b</p>", "<!-- <script> -->", f"<title>{GATED}</title>", "<br>", "<svg><path d='M0'/></svg>",
    "<style>a > b {}</style>", "<script>if (a < b) { c('</scr' + 'ipt>') }</script>", "<textarea><b></textarea>",
    "<script><!--\nx('<script></script>')\n--></script>", "<a href='?a=<b>&c'>d</a>", "<noscript><img></noscript>",
    "<table><tr><td>1</table>", "<svg><style>a</style><title>b</title></svg>", "<div title=\"'>\" a='\">'></div>",
    "<math><mi>x</mi><mo>&lt;</mo></math>", "<select><option>1</select>", "<iframe><p></iframe>", GATED,
    '<script async type="didomi/javascript" src="a.js"></script>', GATED.replace("open", "shut"),
    "<script data-purposes=p1,cookies type=didomi/javascript></script>", "<template><p></template>",
    "<script type='didomi/javascript' data-purposes='p2'></script>", "<input value='>'>", "<!x>", "<?y?>",
]  # fmt: skip


@given(st.lists(st.sampled_from(ELEMENTS), max_size=12))
def test_every_tag_of_a_sound_page_is_decided_as_in_the_browser(parts: list[str]) -> None:
    live, wanted = check_against_the_standard("<!DOCTYPE html><head></head><body>" + "".join(parts))
    assert live == wanted


INNER = [
    "<b>x</b>", "<ul><li>1<li>2</ul>", "<p>a<p>b", "<!-- c -->", "text", "<img src=x>", "<div>", "</div>",
    "<a href='b'>c</a>", "<!--", "<b>", "</b>", "<table><tr><td>1</table>", "<svg><path/></svg>", "<i><b></i>",
    "<textarea>", "<style></style>", "</p>", "<br/>", "<script>", "<select>", "<table>", "</table>", "<a b='",
]  # fmt: skip


@given(st.lists(st.sampled_from(INNER), max_size=5))
def test_html_becomes_a_div_that_ends_where_it_should(parts: list[str]) -> None:
    inner = "".join(parts)
    page = (
        f'<!DOCTYPE html><body><script type="didomi/html" data-vendor="open" id="it">{inner}</script>'
        '<span id="behind">x</span>'
    )
    result = rewrite(page)
    if result == page:
        return
    body = elements(result).find("body")
    it, behind = list(body)
    assert it.tag == "div" and attributes(it) == {"data-vendor": "open", "id": "it"}
    assert behind.tag == "span" and behind.text == "x" and not list(behind)
    alone = html5lib.HTMLParser(namespaceHTMLElements=False).parseFragment(inner, scripting=True)
    assert [node.tag for node in it.iter()][1:] == [node.tag for node in alone.iter()][1:]


def test_sound_html_does_become_a_div() -> None:
    for inner in ("", "text", "<b>x</b>", "<ul><li>1<li>2</ul><p>", "<iframe src=a></iframe>"):
        assert rewrite(f"<script type=didomi/html>{inner}</script>") == f"<div>{inner}</div>"


# ------------------------------------------------------------------ time


@pytest.mark.parametrize(
    "unit",
    ["<", "<a ", "</", "<a b='", "<!--", "<script ", "<script type=didomi/javascript ", "a=b ", "{gdpr",
     "<script type='didomi/html'>", "<svg>", "<template>", "didomi/", "/", "<!--<script>", "</script"],
)  # fmt: skip
def test_a_megabyte_of_anything_takes_linear_time(unit: str) -> None:
    for start in ("didomi/", "<script type=didomi/javascript ", "<script type=didomi/html>"):
        page = start + unit * (1_000_000 // len(unit))
        with within(0.25):
            rewrite(page)
        rewriter = cp.html.Rewriter(SEEN)
        with within(0.5):
            total = sum(len(rewriter.feed(page[i : i + 997])) for i in range(0, len(page), 997))
            total += len(rewriter.close())
        assert total == len(rewrite(page))


def test_a_hundred_thousand_attributes() -> None:
    page = "<script type=didomi/javascript" + " a=b" * 100_000 + ">x</script>"
    with within(0.25):
        assert rewrite(page) is page


def test_long_pages_with_many_tags() -> None:
    chance = random.Random(7)
    page = "".join(chance.choice(ELEMENTS) for _ in range(20_000))
    cuts = [chance.randrange(len(page)) for _ in range(3000)]
    with within(1.0):
        assert streamed(page, cuts) == rewrite(page)
