"""Explanations of one small site, for the tests of them."""

from __future__ import annotations

import json
from typing import Any

import consentpy as cp
from helpers import NOW, cookie

BASE: dict[str, Any] = {
    "app": {
        "vendors": {
            "custom": [
                {"id": "a", "purposeIds": ["p"]},
                {"id": "e", "purposeIds": ["ess"]},
                {"id": "none at all"},
            ],
            "didomi": ["google", "twitter"],
        },
        "customPurposes": [{"id": "p"}, {"id": "ess"}, {"id": "lonely"}],
        "essentialPurposes": ["p?", "ess"],
    },
    "regulations": {"cpra": {"enabled": True}},
}
AGREED = {"vendors": {"enabled": ["a"]}, "purposes": {"enabled": ["p"]}}


def why(
    layers: list[Any],
    gate: dict[str, Any],
    token: Any = None,
    country: str | None = "FR",
    region: str | None = None,
    **more: Any,
) -> cp.Explanation:
    texts = [json.dumps(layer) for layer in [BASE, *layers]]
    config = cp.Config(*texts, names=["base", *(f"over{i + 1}" for i in range(len(layers)))])
    notice = config.notice(country, region)
    value = token if isinstance(token, str) else cookie(token) if token else None
    cookies = {notice.cookie_name: value} if value else {}
    status = notice.status(cookies, now=NOW, **more)
    said = status.explain(**gate)
    assert said.allowed is status.allows(**gate)
    return said


def entries(said: cp.Explanation, step: str) -> list[tuple[str, Any, str]]:
    """Path, value and layer of what is behind the steps of a name, each once."""
    found = [
        (entry.path, entry.value, entry.layer)
        for told in said.steps
        if told.step == step
        for entry in told.settings
    ]
    return [entry for number, entry in enumerate(found) if entry not in found[:number]]
