"""The site in Flask: ``python in_flask.py``."""

from __future__ import annotations

from common import NOTICE, PAGES, answer, pieces, serve
from flask import Flask, Response, render_template, request

from consentpy.flask import Consent


def page() -> Response:
    headers, values = answer(request.path)
    text = render_template(PAGES[request.path], **values)
    return Response(pieces(text) if request.path == "/stream" else text, headers=headers)


def make(consent: bool = True) -> Flask:
    app = Flask(__name__)
    for where in PAGES:
        app.add_url_rule(where, view_func=page)
    if consent:
        # All that changes:
        app.config.update(
            CONSENTPY_CONFIG=NOTICE,
            CONSENTPY_COUNTRY_HEADER="CF-IPCountry",
            CONSENTPY_REWRITE=True,
        )
        Consent(app)
    return app


if __name__ == "__main__":
    serve(make)
