"""REWRITE: HTML responses pass through `consentpy.html`, so a page written for the browser's SDK is
gated without a change.

A response is taken when it is HTML in an encoding in which ASCII characters stand for themselves,
and its body is there as it is: not compressed, not a part. When the whole body is known and has no
gated tag, the consent is not asked. Of a body that comes in pieces nobody knows that when its
headers go out, so it counts as having asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from consentpy import html
from consentpy._core import html_gated

from .headers import Header
from .nonce import nonce_for

if TYPE_CHECKING:
    from .lazy import Consent

#: What a body that comes in pieces passes through.
Page = html.Rewriter[bytes]

_CHARSET = re.compile(r""";\s*charset\s*=\s*"?([^\s;"]*)""", re.IGNORECASE)
# Labels of the Encoding Standard under which no byte of `<`, `>`, quotes and `=` is part of another
# character. Not: UTF-16, ISO-2022-JP, and whatever browsers do not know.
_ENCODINGS = frozenset(
    (
        "utf-8 utf8 us-ascii ascii latin1 macintosh x-mac-cyrillic ibm866 koi8-r koi8-u windows-874 "
        "gbk gb2312 gb18030 big5 euc-jp euc-kr shift_jis "
        + " ".join(f"iso-8859-{part} iso8859-{part}" for part in range(1, 17))
        + " "
        + " ".join(f"windows-{page} cp{page}" for page in range(1250, 1259))
    ).split()
)
_WITHOUT_BODY = frozenset({204, 205, 206, 304})
# What describes the bytes that the application made.
_OF_THE_BYTES = frozenset(
    "content-length content-md5 digest content-digest repr-digest accept-ranges".split()
)


def taken(code: int, headers: Iterable[Header]) -> bool:
    """Whether a response with this status and these headers is rewritten."""
    if code < 200 or code in _WITHOUT_BODY:
        return False
    kinds: list[str] = []
    for name, value in headers:
        low = name.lower()
        if low == "content-type":
            kinds.append(value)
        elif low == "content-range":
            return False
        elif low == "content-encoding" and value.strip().lower() not in ("", "identity"):
            return False
    if len(kinds) != 1 or kinds[0].partition(";")[0].strip().lower() != "text/html":
        return False
    return all(label.lower() in _ENCODINGS for label in _CHARSET.findall(kinds[0]))


class Rewriting:
    """REWRITE for one response. The headers that it gives go on to those of the cache mode."""

    def __init__(self, consent: Consent) -> None:
        self._consent = consent
        self._request: Any = None

    def begun(self) -> None:
        """The application has told its headers. Frameworks forget the request soon after."""
        self._request = self._consent._carrier.native()

    def whole(self, headers: list[Header], body: bytes) -> tuple[list[Header], bytes]:
        """Headers and body of a page that is known from its first byte to its last."""
        if not html_gated(body):
            return headers, body
        nonce = self._nonce()
        changed = html.rewrite(body, self._consent.status, nonce)
        if changed == body:
            return headers, body
        length = None
        if any(name.lower() == "content-length" for name, _ in headers):
            length = len(changed)
        return _rewritten(headers, length, nonce), changed

    def streamed(self, headers: list[Header]) -> tuple[list[Header], Page]:
        """Headers of a page that comes in pieces, and what they are to pass through."""
        nonce = self._nonce()
        page: Page = html.Rewriter(self._consent.status, nonce)
        return _rewritten(headers, None, nonce), page

    def _nonce(self) -> str | None:
        """The nonce of the request's Content-Security-Policy; None when there is none."""
        request, self._request = self._request, None
        return nonce_for(self._consent._delivery().nonce, request)


def _rewritten(headers: list[Header], length: int | None, nonce: str | None) -> list[Header]:
    """`headers` for another body than they were made for."""
    # A kept copy has the nonce of its own time, which no later policy allows.
    gone = _OF_THE_BYTES if nonce is None else _OF_THE_BYTES | {"etag"}
    kept = [(name, value) for name, value in headers if name.lower() not in gone]
    return kept if length is None else [*kept, ("Content-Length", str(length))]
