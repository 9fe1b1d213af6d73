"""`didomi/html` with a form: where the page has one open, its end tag would end that one."""

from __future__ import annotations

import html5lib
import pytest

import consentpy as cp

CONFIG = cp.Config(
    {
        "app": {
            "vendors": {"custom": [{"id": "mail", "purposeIds": ["news"]}]},
            "customPurposes": [{"id": "news"}],
        }
    }
)
AGREED = CONFIG.status(country="FR").agree_to_all()

FORM = '<form action="/news"><input name="mail"></form>'
INERT = f'<script type="didomi/html" data-vendor="mail">{FORM}</script>'
LIVE = f'<div data-vendor="mail">{FORM}</div>'
PLAIN = '<script type="didomi/html" data-vendor="mail"><b>1</b></script>'
PLAIN_LIVE = '<div data-vendor="mail"><b>1</b></div>'


def pieces(page: str) -> set[str]:
    """What comes out, however the page is cut in two; and byte by byte."""
    found = set()
    for cut in range(len(page) + 1):
        rewriter = cp.html.Rewriter[str](AGREED)
        parts = [page[:cut], page[cut:]] if cut else list(page)
        found.add("".join([*map(rewriter.feed, parts), rewriter.close()]))
    return found


@pytest.mark.parametrize(
    ("before", "is_open"),
    [
        ("", False),
        ("<form>", True),
        ("<FORM action='/pay' >", True),
        ("<form></form>", False),
        ("<form></FORM >", False),
        ("<div><form></div>", True),
        ("<form><form></form>", False),
        ("<template><form></template>", False),
        ("<form><template></form></template>", True),
        ("<!-- <form> -->", False),
        ("<textarea><form></textarea>", False),
        ("<formula>", False),
        ("<svg><form></svg>", False),
        ("<svg><foreignObject><form></foreignObject></svg>", True),
        ("<form/>", True),
        ("</form>", False),
    ],
)
def test_a_form_in_a_form_stays(before: str, is_open: bool) -> None:
    assert pieces(before + INERT) == {before + (INERT if is_open else LIVE)}
    assert pieces(before + PLAIN) == {before + PLAIN_LIVE}


@pytest.mark.parametrize("inside", ["</form>", "<form>", "<b><form></form></b>", "<FORM></FORM>"])
def test_every_tag_of_a_form_counts(inside: str) -> None:
    page = f'<form><script type="didomi/html">{inside}</script></form>'
    assert cp.html.rewrite(page, AGREED) is page


def test_what_comes_behind_stays_in_the_form() -> None:
    page = f'<form id="pay">{INERT}{PLAIN}<input name="card"></form>{INERT}<input name="else">'
    out = cp.html.rewrite(page, AGREED)
    assert (
        out
        == f'<form id="pay">{INERT}{PLAIN_LIVE}<input name="card"></form>{LIVE}<input name="else">'
    )
    for text in (page, out):
        root = html5lib.parse(text, namespaceHTMLElements=False)
        form = root.find(".//form[@id='pay']")
        names = [field.get("name") for field in form.iter("input")]
        assert "card" in names and "else" not in names
