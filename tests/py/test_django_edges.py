"""Django: bodies that are never sent, views that answer HEAD themselves, another's `request.consent`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory, override_settings
from django_app import settings as project
from django_app.visitors import ALL, token, visitor

from consentpy.django import ConsentMiddleware
from consentpy.django.context_processors import consent

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
GATED = b'<script type="didomi/javascript" data-vendor="c:meter">1</script>'


class Body:
    """Two parts, and something that has to be closed."""

    closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"a"
        yield b"b"

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("asks", [True, False])
def test_a_body_that_a_304_takes_the_place_of_is_closed(asks: bool) -> None:
    bodies: list[Body] = []

    def view(request: Any) -> StreamingHttpResponse:
        if asks:
            request.consent.allows("meter")
        bodies.append(Body())
        return StreamingHttpResponse(bodies[-1], headers={"ETag": '"base"'})  # type: ignore[arg-type]

    site: Any = ConsentMiddleware(view)
    first = site(RequestFactory().get("/", **AGREED))
    assert first.status_code == 200
    again = site(RequestFactory().get("/", **AGREED, HTTP_IF_NONE_MATCH=first["ETag"]))
    assert again.status_code == 304 and b"".join(again) == b""
    assert [body.closed for body in bodies] == [0, 0]
    again.close()
    assert [body.closed for body in bodies] == [0, 1]


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_view_that_answers_head_without_a_body(method: str) -> None:
    def view(request: Any) -> HttpResponse:
        body = b"" if request.method == "HEAD" else GATED
        headers = {"Content-Length": str(len(GATED)), "Cache-Control": "public"}
        return HttpResponse(body, headers=headers)

    with override_settings(CONSENTPY={**project.CONSENTPY, "REWRITE": True}):
        site: Any = ConsentMiddleware(view)
        answer = site(getattr(RequestFactory(), method)("/", **AGREED))
    assert answer["Cache-Control"] == "private" and "Cookie" in answer["Vary"]
    # Nobody knows how long the page would be.
    length = answer.get("Content-Length")
    assert length == (str(len(answer.content)) if method == "get" else None)


def test_the_context_processor_gives_nothing_that_is_not_ours() -> None:
    request: Any = RequestFactory().get("/")
    assert consent(request) == {}
    request.consent = {"marketing": True}  # another application's
    assert consent(request) == {}

    def view(request: Any) -> HttpResponse:
        assert consent(request) == {"consent": request.consent}
        return HttpResponse("x")

    site: Any = ConsentMiddleware(view)
    assert site(RequestFactory().get("/")).content == b"x"
