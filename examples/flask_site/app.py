"""The smallest site with consent in Flask: ``flask --app app run`` in this folder.

The cookies that the browser's notice would write are set by links here, so that one machine
can be several visitors. All vendors are made up, and no other host is asked for anything.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone

from flask import Flask, Request, redirect, render_template, url_for
from werkzeug.wrappers import Response

from consentpy.flask import Consent, consent, gate

app = Flask(__name__)


def place(request: Request) -> str | None:
    """A real site names the header of its proxy: CONSENTPY_COUNTRY_HEADER="CF-IPCountry"."""
    return {"france": "FR", "japan": "JP"}.get(request.cookies.get("demo_place", "france"))


app.config.update(
    CONSENTPY_CONFIG="notice.json",
    CONSENTPY_COUNTRY=place,
    CONSENTPY_RELOAD=True,  # edit notice.json, and look at the page again
    CONSENTPY_GATES={
        "measurement": {"vendor": "pagemeter", "purposes": ["audience"]},
        "advertising": {"vendor": "adrow", "purposes": ["advertising"]},
    },
)
Consent(app)

VENDORS, PURPOSES = ["c:pagemeter", "c:adrow"], ["audience", "advertising"]
ANSWERS = {"agree": 2, "partly": 1, "refuse": 0}  # how many of each are allowed


@app.get("/")
def page() -> str:
    """The template gates the tags; this only explains them."""
    names = ("measurement", "advertising")
    return render_template("page.html", why={name: consent.explain(gate(name)) for name in names})


@app.get("/visit/<where>/<answer>")
def visit(where: str, answer: str) -> Response:
    """Become a visitor: keep the place and the answer's cookie, and go to the page."""
    response = redirect(url_for("page"))
    response.set_cookie("demo_place", "japan" if where == "japan" else "france", samesite="Lax")
    response.delete_cookie("didomi_token")
    if answer in ANSWERS:
        response.set_cookie("didomi_token", token(ANSWERS[answer]), samesite="Lax")
    response.headers["Cache-Control"] = "no-store"
    return response


def token(allowed: int) -> str:
    """The cookie value of an answer given now: JSON in base64."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    value = {
        "user_id": "01234567-89ab-6cde-8f01-23456789abcd",
        "created": now,
        "updated": now,
        "version": 2,
        "purposes": {"enabled": PURPOSES[:allowed], "disabled": PURPOSES[allowed:]},
        "vendors": {"enabled": VENDORS[:allowed], "disabled": VENDORS[allowed:]},
    }
    return base64.b64encode(json.dumps(value).encode()).decode()


if __name__ == "__main__":
    app.run(host="127.0.0.1")
