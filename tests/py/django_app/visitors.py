"""Visitors with a given answer, as headers of a request."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any

PURPOSES = ("audience", "adverts")
VENDORS = ("c:meter", "c:adshop")
USER_ID = "01234567-89ab-6cde-8f01-23456789abcd"


def _split(names: tuple[str, ...], allowed: tuple[str, ...]) -> dict[str, list[str]]:
    return {
        "enabled": [name for name in names if name in allowed],
        "disabled": [name for name in names if name not in allowed],
    }


def token(*allowed: str, basis: str = "", age: timedelta = timedelta(days=1)) -> str:
    """A token in which these purposes and vendors are on and the others off."""
    when = (datetime.now(timezone.utc) - age).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    value = {
        "user_id": USER_ID,
        "created": when,
        "updated": when,
        "vendors" + basis: _split(VENDORS, allowed),
        "purposes" + basis: _split(PURPOSES, allowed),
        "version": 2,
    }
    return base64.b64encode(json.dumps(value).encode()).decode()


def visitor(country: str | None, cookie: str | None = None, region: str = "") -> dict[str, Any]:
    """Keyword arguments for a request of Django's test client."""
    meta: dict[str, Any] = {}
    if country:
        meta["HTTP_X_COUNTRY"] = country
    if region:
        meta["HTTP_X_REGION"] = region
    if cookie is not None:
        meta["HTTP_COOKIE"] = cookie
    return meta


ALL = PURPOSES + VENDORS

#: name -> (request headers, is the measurement tag allowed, is the advert allowed)
VISITORS: dict[str, tuple[dict[str, Any], bool, bool]] = {
    "france, no answer": (visitor("FR"), False, False),
    "france, agreed": (visitor("FR", f"didomi_token={token(*ALL)}"), True, True),
    "france, refused": (visitor("FR", f"didomi_token={token()}"), False, False),
    "france, partly": (
        visitor("FR", f"didomi_token={token('audience', 'c:meter')}"),
        True,
        False,
    ),
    "california, no answer": (visitor("US", None, "CA"), True, True),
    "california, objected": (
        visitor("US", f"didomi_token_cpra={token('audience', 'c:meter', basis='_li')}", "CA"),
        True,
        False,
    ),
    "japan, no answer": (visitor("JP"), True, True),
    "nowhere, no answer": (visitor(None), False, False),
}
