"""Questions that come when the headers are out, by ways on which nobody is told so."""

from __future__ import annotations

import threading
from typing import Any

import flask
import pytest
from test_web_unasked import Request, make

import consentpy as cp
from consentpy.flask import LateReadError, consent


@pytest.mark.parametrize("asked", [False, True])
def test_a_copy_of_the_environ_that_was_kept(asked: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever asks with it after the response is as late as with the environ itself."""
    app = make()
    kept: list[dict[str, Any]] = []

    def keeping() -> str:
        kept.append(dict(flask.request.environ))
        return "yes" if asked and consent.allows("meter") else "no"

    app.add_url_rule("/keeping", "keeping", keeping)
    request = Request("/keeping")
    assert request.sent_to(app) == (b"yes" if asked else b"no")
    assert ("Cache-Control" in dict(request.headers)) is asked
    with app.request_context(kept[0]):
        assert consent.allows("meter") is asked  # what the page was told, and marked for
        if not asked:
            with pytest.raises(LateReadError):
                consent.status  # noqa: B018
    assert ("headers of '/keeping' were sent" in caplog.text) is not asked
