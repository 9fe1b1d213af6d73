"""Made-up visitors: where they are, and the cookie that their answer would leave.

On a real site the browser's notice writes these cookies; the server only reads them.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import NamedTuple

from django.http import HttpRequest

PLACE_COOKIE = "demo_place"  # of this demo only; a real site believes a header of its proxy


class Place(NamedTuple):
    name: str
    country: str
    region: str | None
    law: str
    cookie: str  # where the answer is stored under that law
    basis: str  # "" for consent, "_li" under a law that asks for objections


PLACES = {
    "france": Place("France", "FR", None, "nothing runs before a yes", "didomi_token", ""),
    "california": Place(
        "California", "US", "CA", "everything runs until a no", "didomi_token_cpra", "_li"
    ),
    "elsewhere": Place(
        "Japan", "JP", None, "elsewhere: no law of this notice applies", "didomi_token", ""
    ),
}

PURPOSES = ("audience", "media", "advertising")
VENDORS = ("c:pagemeter", "c:clipplayer", "c:adrow")

#: answer -> (label, how many of PURPOSES and VENDORS were allowed); None = no answer yet
ANSWERS: dict[str, tuple[str, int | None]] = {
    "none": ("no answer", None),
    "agreed": ("agreed", 3),
    "refused": ("refused", 0),
    "partial": ("partial", 2),
}


def place(request: HttpRequest) -> tuple[str | None, str | None]:
    """``CONSENTPY["COUNTRY"]``: the country and region of this request."""
    found = PLACES.get(request.COOKIES.get(PLACE_COOKIE, "france"))
    return (found.country, found.region) if found else (None, None)


def token(allowed: int, basis: str) -> str:
    """The cookie value of an answer given now: JSON in base64."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    value = {
        "user_id": "01234567-89ab-6cde-8f01-23456789abcd",
        "created": now,
        "updated": now,
        "version": 2,
        f"purposes{basis}": {"enabled": PURPOSES[:allowed], "disabled": PURPOSES[allowed:]},
        f"vendors{basis}": {"enabled": VENDORS[:allowed], "disabled": VENDORS[allowed:]},
    }
    return base64.b64encode(json.dumps(value).encode()).decode()
