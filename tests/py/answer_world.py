"""The notice of the answering suites, and what an answer stores."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import consentpy as cp
from helpers import (
    NOW,
    full,
    vendor,
)

ROWS = [vendor("v1", ["p1"], ["p2"]), vendor("v2", ["p1", "e1"]), vendor("v3", [], ["p3"])]
CONFIG = full(ROWS, ["e1"], named=["p9"])
NO_LISTS: dict[str, list[str]] = {"enabled": [], "disabled": []}
LATER = NOW + timedelta(hours=1)


def written(seen: cp.Status) -> dict[str, Any]:
    """The token that the status would store, decoded; all eight lists are there."""
    (one,) = seen.cookies()
    return cp.token.decode(one.value, strict=True).to_dict()


def raw(seen: cp.Status) -> Any:
    """The same as the JSON object that was really written."""
    (one,) = seen.cookies()
    return json.loads(base64.b64decode(one.value, validate=True).decode("latin-1"))


def lists(seen: cp.Status) -> dict[str, Any]:
    """The lists of the token, empty ones left out, each sorted."""
    return {
        f"{field}.{side}": sorted(ids)
        for field in ("vendors", "purposes", "vendors_li", "purposes_li")
        for side, ids in written(seen)[field].items()
        if ids
    }
