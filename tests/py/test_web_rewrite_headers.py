"""REWRITE: what describes the bytes of a page goes when they change, and stays when they do not."""

from __future__ import annotations

from typing import Any

import pytest
from django_app.visitors import ALL, token, visitor
from web_sites import NOTICE, sent, wsgi_get

from consentpy import wsgi

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
PAGE = b'<p>1</p><script type="didomi/javascript" data-vendor="c:meter">2</script>'
OF_THE_BYTES = {
    "Content-MD5": "Q2hlY2sgSW50ZWdyaXR5IQ==",
    "Digest": "sha-256=YQ==",
    "Content-Digest": "sha-256=:YQ==:",
    "Repr-Digest": "sha-256=:Yg==:",
    "Accept-Ranges": "bytes",
}


def site(page: bytes, **settings: Any) -> wsgi.ConsentMiddleware:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        headers = {
            "Content-Type": "text/html",
            "Content-Length": str(len(page)),
            "ETag": '"e"',
            **OF_THE_BYTES,
        }
        start_response("200 OK", list(headers.items()))
        return [page]

    return wsgi.ConsentMiddleware(app, NOTICE, country="FR", rewrite=True, **settings)


@pytest.mark.parametrize("settings", [{}, {"nonce": lambda environ: "abc"}])
def test_a_page_that_changes(settings: dict[str, Any]) -> None:
    answer = wsgi_get(site(PAGE, **settings), "/", sent(AGREED), "GET")
    assert b"text/javascript" in answer.body
    for name in OF_THE_BYTES:
        assert name not in answer, name
    assert answer["Content-Length"] == str(len(answer.body))
    # A kept copy would have the nonce of another day.
    assert ("ETag" in answer) == (not settings)


@pytest.mark.parametrize("settings", [{}, {"nonce": lambda environ: "abc"}])
def test_a_page_of_which_nothing_changes(settings: dict[str, Any]) -> None:
    plain = b"<p>1</p>"
    for page, meta in ((PAGE, REFUSED), (plain, REFUSED), (plain, AGREED)):
        answer = wsgi_get(site(page, **settings), "/", sent(meta), "GET")
        assert answer.body == page and answer["Content-Length"] == str(len(page))
        for name, value in OF_THE_BYTES.items():
            assert answer[name] == value
        assert answer["ETag"].startswith('"e-' if page is PAGE else '"e"')
