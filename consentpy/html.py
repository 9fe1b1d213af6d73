"""Pages written for the browser SDK, gated on the server.

`<script type="didomi/javascript" …>` and `didomi/html` come to life where the visitor's status
allows it; the others stay as they are, for the SDK in the browser (docs/html.md).
"""

from __future__ import annotations

from typing import AnyStr, Generic, Protocol

from ._core import HtmlRewriter, Status, html_gated, html_rewrite


class _Lazy(Protocol):
    @property
    def status(self) -> Status: ...


def rewrite(html: AnyStr, status: Status | _Lazy, nonce: str | None = None) -> AnyStr:
    """The page for this visitor; the very object where nothing of it changes.

    `status` is a Status, or a stand-in with one as its `.status`, which is not asked for while the
    page has no gated tag. `nonce` goes into the scripts that come to life, unless they have one.
    """
    if not html_gated(html):
        return html
    return html_rewrite(html, _status(status), _nonce(nonce))


class Rewriter(Generic[AnyStr]):
    """The same for a page that comes in pieces, however it is cut; str or bytes throughout.

    At most 64 KiB are held back. Not to be shared between threads.
    """

    __slots__ = ("_core",)

    def __init__(self, status: Status | _Lazy, nonce: str | None = None) -> None:
        self._core = HtmlRewriter(_status(status), _nonce(nonce))

    def feed(self, chunk: AnyStr) -> AnyStr:
        """What can be told of the page by now, perhaps nothing."""
        return self._core.feed(chunk)

    def close(self) -> AnyStr:
        """The page has ended: what was held back, perhaps nothing (`b""` where nothing was fed)."""
        rest: AnyStr = self._core.close()
        return rest


def _status(given: Status | _Lazy) -> Status:
    if isinstance(given, Status):
        return given
    status = getattr(given, "status", None)
    if not isinstance(status, Status):
        raise TypeError(f"a page is rewritten for a Status, not {type(given).__name__}")
    return status


def _nonce(given: str | None) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str):
        raise TypeError(f"a nonce is a str, not {type(given).__name__}")
    return str(given)  # a stand-in that makes it on first use is no str for the core
