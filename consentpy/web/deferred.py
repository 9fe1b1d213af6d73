"""``defer=True``: what is denied is sent inert, in the markup that the browser's SDK brings to life.

A script becomes ``<script type="didomi/javascript">`` and anything else
``<script type="didomi/html">``, both with the block's condition as ``data-vendor`` and
``data-purposes`` (docs/didomi.md, "Gated tags in the page"). A block's own parts come from the
site's template, but a visitor's values may stand in them: what this small reader is not sure
about is left out, and never sent live.
"""

from __future__ import annotations

import re
from html import escape

import consentpy as cp

_ATTRIBUTE = r"""\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'=<>`]+))?"""
# One script element. `<!--` in it could change where a browser sees its end.
_SCRIPT = re.compile(
    rf"<script(?P<attributes>(?:{_ATTRIBUTE})*)\s*>(?P<body>(?:(?!</?script|<!--).)*)</script\s*>",
    re.IGNORECASE | re.DOTALL,
)
_COMMENT = re.compile(r"<!--(?!-?>)(?:(?!-->|--!>|<!--|<script).)*-->", re.IGNORECASE | re.DOTALL)
_UNSURE = re.compile(r"</?script|<!--", re.IGNORECASE)
# Elements in which `<script` is text, or does not run; whole ones, and every other tag.
_TEXTS = "textarea|title|style|xmp|iframe|noembed|noframes|noscript|template|plaintext"
_LOOSE = r"""(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*/?>"""
_TAGS = re.compile(
    rf"<(?P<text>{_TEXTS})(?![^\s/>]){_LOOSE}(?:(?!</?(?P=text)).)*</(?P=text)\s*>"
    rf"|</[a-z][^\s<>/]*\s*>|<(?!(?:{_TEXTS})(?![^\s/>]))[a-z][^\s<>/]*{_LOOSE}",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS = re.compile(r"<[a-z/!?]", re.IGNORECASE)
_NOSCRIPT = re.compile(
    rf"<noscript(?:{_ATTRIBUTE})*\s*>(?:(?!</?noscript|<!--).)*</noscript\s*>",
    re.IGNORECASE | re.DOTALL,
)
_LINK = re.compile(rf"<link(?:{_ATTRIBUTE})*\s*/?>", re.IGNORECASE)
_UNSHARED = re.compile(r"</?noscript|<link|nonce\s*=", re.IGNORECASE)
_PART = re.compile(_ATTRIBUTE)
_NAME = re.compile(r"\s+([^\s=]+)")
_VALUE = re.compile(r"""=\s*["']?([^"']*)""")
_JAVASCRIPT = frozenset({"", "text/javascript", "application/javascript", "didomi/javascript"})
_OURS = ("data-vendor", "data-vendor-raw", "data-purposes", "data-loading", "data-category")


def inert(html: str, gate: cp.Gate, shared: bool = False) -> str | None:
    """`html` so that a browser runs nothing of it until the SDK allows `gate`.

    `shared`: for everybody's page, so without nonces, and without ``noscript`` and ``link``, which
    would do nothing there or load before they are used. None when that cannot be written: a module
    script, a script with a condition of its own, an id with a comma, or markup that is not
    understood, such as a script in the text of another element.
    """
    condition = _condition(gate)
    if condition is None:
        return None
    out: list[str] = []
    place = 0
    scripts = list(_SCRIPT.finditer(html))
    for script in scripts:
        before = _content(html[place : script.start()], condition, shared, beside=True)
        parts = before, _script(script, condition, shared)
        if parts[0] is None or parts[1] is None:
            return None
        out += [part for part in parts if part is not None]
        place = script.end()
    rest = _content(html[place:], condition, shared, beside=bool(scripts))
    return None if rest is None else "".join([*out, rest])


def _condition(gate: cp.Gate) -> str | None:
    """The attributes that state the condition to the SDK."""
    text = ""
    if gate.vendor is not None:
        text += f' data-vendor="{escape(gate.vendor)}"'
    if any("," in purpose or purpose != purpose.strip() for purpose in gate.purposes):
        return None
    if gate.purposes:
        text += f' data-purposes="{escape(",".join(gate.purposes))}"'
    return text


def _content(html: str, condition: str, shared: bool, beside: bool) -> str | None:
    """What stands between scripts; comments are left out. `beside`: there are scripts."""
    html = _COMMENT.sub("", html)
    if shared:
        html = _LINK.sub("", _NOSCRIPT.sub("", html))
        if _UNSHARED.search(html):
            return None
    if not html.strip():
        return html
    if _UNSURE.search(html) or (beside and _BEGINS.search(_TAGS.sub("", html))):
        return None
    return f'<script type="didomi/html"{condition}>{html}</script>'


def _script(script: re.Match[str], condition: str, shared: bool) -> str | None:
    kept: list[str] = []
    for attribute in _PART.findall(script["attributes"]):
        name = _NAME.match(attribute)
        value = _VALUE.search(attribute)
        if name is None or name[1].lower() in _OURS:
            return None
        if shared and name[1].lower() == "nonce":
            continue
        if name[1].lower() != "type":
            kept.append(attribute)
        elif (value[1] if value else "").strip().lower() not in _JAVASCRIPT:
            return None
    attributes = "".join(kept)
    return f'<script type="didomi/javascript"{condition}{attributes}>{script["body"]}</script>'
