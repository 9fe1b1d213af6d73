"""The site as a bare WSGI application: ``python in_wsgi.py``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from common import NOTICE, PAGES, TEMPLATES, answer, pieces, serve

from consentpy.wsgi import ConsentMiddleware


def site(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    where = environ["PATH_INFO"]
    if where not in PAGES:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"There is no such page."]
    headers, values = answer(where)
    page = (TEMPLATES / PAGES[where]).read_text()
    for name, value in values.items():
        page = page.replace("{{ " + name + " }}", value)
    start_response("200 OK", list(headers.items()))
    return pieces(page) if where == "/stream" else [page.encode()]


def make(consent: bool = True) -> Any:
    if not consent:
        return site
    # All that changes:
    return ConsentMiddleware(site, NOTICE, country_header="CF-IPCountry", rewrite=True)


if __name__ == "__main__":
    serve(make)
