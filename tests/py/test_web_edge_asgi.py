"""The ASGI stacks, behind uvicorn, in front of them nginx and Varnish: the same visitors as for the
WSGI stacks get their own pages, in every cache mode."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.test import override_settings
from django_app.visitors import VISITORS
from edge_servers import EDGES, get, installed, served_async
from test_web_edge import MODES, PATHS, Oracle, crowd, directives, settings, stored
from web_sites import Site, asgi_get, make_fastapi, make_starlette, sent

STACKS = ("starlette", "fastapi", "django asgi")


@contextmanager
def application(stack: str, changes: dict[str, Any]) -> Iterator[Any]:
    if stack == "starlette":
        yield make_starlette(settings(changes))
    elif stack == "fastapi":
        yield make_fastapi(settings(changes))
    else:
        with override_settings(CONSENTPY=settings(changes), ROOT_URLCONF="web_sites"):
            yield ASGIHandler()


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("mode", ["private", "uniform", "keyed"])
@pytest.mark.parametrize("edge", EDGES)
def test_through_a_real_cache(edge: str, mode: str, stack: str, tmp_path: Path) -> None:
    start = installed(edge)
    keyed, changes = MODES[mode]
    with (
        application(stack, changes) as app,
        served_async(app) as origin,
        start(origin.port, tmp_path, keyed) as port,
    ):
        # The same settings, without a cache in front: of Django there is one set in a process.
        plain = {**changes, "CACHE": "private" if keyed else changes["CACHE"]}
        alone = Site(stack, plain)._ask if stack != "django asgi" else None
        right = Oracle(alone or (lambda *what: asgi_get(app, *what)))
        crowd(lambda *what: get(port, *what), right, PATHS, range(3), 80)
        stored(origin, mode, "django" if stack == "django asgi" else stack)


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("edge", EDGES)
def test_what_is_kept_and_sent(edge: str, stack: str, tmp_path: Path) -> None:
    start = installed(edge)
    agreed, refused = (VISITORS[f"france, {answer}"][0] for answer in ("agreed", "refused"))
    with (
        application(stack, {"CACHE": "keyed"}) as app,
        served_async(app) as origin,
        start(origin.port, tmp_path, True) as port,
    ):
        right = Oracle(lambda *what: asgi_get(app, *what))
        for _ in range(3):
            for meta, other in ((agreed, refused), (refused, agreed)):
                answer = get(port, "/edge", sent(meta))
                assert answer.body == right("/edge", meta)
                assert answer["Cache-Control"] == "private, no-cache"
                assert "Consent-Key" not in answer
                again = get(port, "/edge", sent(meta, If_None_Match=answer["ETag"]))
                assert (again.status, again.body) == (304, b"")
                changed = get(port, "/edge", sent(other, If_None_Match=answer["ETag"]))
                assert (changed.status, changed.body) == (200, right("/edge", other))
        assert origin.calls["/edge"] == 2
        for _ in range(2):  # what asked for more is never kept
            assert directives(get(port, "/page", sent(agreed))) == {"private", "no-store"}
            assert get(port, "/stream", sent(agreed)).body == b"start none"
        assert origin.calls["/page"] == 2
        assert get(port, "/consent/key", sent(agreed)).status == 404
