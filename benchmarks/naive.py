"""The naive reference: json, base64, dicts and sets, as a developer writes it in an hour.

It covers what the benchmark inputs use: custom and Didomi vendors, the gdpr or no law, a token without
a TC string. Within that it gives the same answers as consentpy; `benchmarks.check` asserts it.
"""

from __future__ import annotations

import base64
import copy
import json
from datetime import datetime, timezone
from typing import Any

from benchmarks.inputs import IAB_PURPOSE_IDS

GDPR = set(
    """AD AT BE BG CY CZ DE DK EE ES FI FR GB GF GG GI GP GR HR HU IE IS IT JE LI LT LU LV MC MF MQ MT NL
    NO PL PT RE RO SE SI SK SM VA YT""".split()
)


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`: objects recursively, everything else replaced; the arguments stay as they are."""
    result = copy.deepcopy(base)
    merge_into(result, over)
    return result


def merge_into(target: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            merge_into(target[key], value)
        else:
            target[key] = copy.deepcopy(value)


class Site:
    """A configuration, read once."""

    def __init__(self, text: str, catalog: dict[str, Any] | None = None) -> None:
        self.config: dict[str, Any] = json.loads(text)
        self.catalog: dict[str, Any] = (catalog or {}).get("vendors", {})

    def effective(self, country: str) -> dict[str, Any]:
        """What the configuration says for one country."""
        base = {k: v for k, v in self.config.items() if k != "configByCountry"}
        return merge(base, self.config.get("configByCountry", {}).get(country, {}))

    def notice(self, country: str) -> Notice:
        return Notice(self.effective(country), country, self.catalog)


class Notice:
    """What one country's visitors are asked."""

    def __init__(self, config: dict[str, Any], country: str, catalog: dict[str, Any]) -> None:
        app = config["app"]
        gdpr = config.get("regulations", {}).get("gdpr", {})
        self.applies = country in GDPR or country in gdpr.get("additionalCountries", [])
        own = [p["id"] for p in app.get("customPurposes", [])]
        self.essential = {p for p in app.get("essentialPurposes", []) if p in own}
        known = set(own) | IAB_PURPOSE_IDS
        self.vendors: dict[str, dict[str, Any]] = {}
        for vendor in app["vendors"].get("custom", []):
            consent = {p for p in vendor.get("purposeIds", []) if p in known}
            interest = {p for p in vendor.get("legIntPurposeIds", []) if p in known}
            if (consent or interest) and vendor["id"] not in self.vendors:
                self.vendors[vendor["id"]] = {
                    "token_id": "c:" + vendor["id"],
                    "consent": consent,
                    "interest": interest,
                }
        for name in app["vendors"].get("didomi", []):
            if name in catalog:
                self.vendors[name] = {
                    "token_id": name,
                    "consent": set(catalog[name]["purposes"]),
                    "interest": set(),
                }
        self.interest: set[str] = set()
        self.purposes = set(own)
        for entry in self.vendors.values():
            self.interest |= entry["interest"]
            self.purposes |= entry["consent"] | entry["interest"]
        self.duration = app.get("consentDuration", 31_622_400)
        self.denied_duration = app.get("deniedConsentDuration")
        self.ignore_before = config.get("user", {}).get("ignoreConsentBefore")

    def status(self, token: str, now: float) -> Status:
        return Status(self, token, now)


class Status:
    """One visitor's choices, as far as they hold at `now` (epoch seconds)."""

    def __init__(self, notice: Notice, token: str, now: float) -> None:
        self.notice = notice
        try:
            data = json.loads(base64.b64decode(token))
            lists = {}
            for name in ("purposes", "vendors", "purposes_li", "vendors_li"):
                entry = data.get(name) or {}
                refused = set(entry.get("disabled", []))
                lists[name] = (set(entry.get("enabled", [])) - refused, refused)
            updated = datetime.fromisoformat(data["updated"].replace("Z", "+00:00"))
        except (ValueError, KeyError, TypeError, AttributeError):
            lists, expired = {}, True
        else:
            expired = self._expired(lists, updated, datetime.fromtimestamp(now, timezone.utc))
        if expired:
            nothing: set[str] = set()
            lists = dict.fromkeys(
                ("purposes", "vendors", "purposes_li", "vendors_li"), (nothing, nothing)
            )
        self.lists = lists

    def _expired(
        self, lists: dict[str, tuple[set[str], set[str]]], updated: datetime, now: datetime
    ) -> bool:
        notice = self.notice
        age = (now - updated).total_seconds()
        if age < -86400 or age >= notice.duration:
            return True
        if notice.denied_duration and age >= notice.denied_duration:
            purposes, vendors = lists["purposes"], lists["vendors"]
            if not purposes[0] and not vendors[0] and (purposes[1] or vendors[1]):
                return True
        if notice.ignore_before:
            before = datetime.fromisoformat(notice.ignore_before.replace("Z", "+00:00"))
            return before < now and updated < before
        return False

    def allows(self, vendor: str | None = None, purposes: tuple[str, ...] = ()) -> bool:
        """R1: may a tag of this vendor, for these purposes, run?"""
        notice = self.notice
        if vendor is not None and vendor not in notice.vendors:
            return False
        if any(p not in notice.purposes for p in purposes):
            return False
        if not notice.applies:
            return True
        agreed = self.lists["purposes"][0] | notice.essential
        not_objected = self.lists["purposes_li"][0] | notice.essential
        if vendor is not None:
            entry = notice.vendors[vendor]
            used = entry["consent"] | entry["interest"]
            if used - notice.essential:
                if entry["consent"] and entry["token_id"] not in self.lists["vendors"][0]:
                    return False
                if entry["interest"] and entry["token_id"] not in self.lists["vendors_li"][0]:
                    return False
                if not entry["consent"] <= agreed or not entry["interest"] <= not_objected:
                    return False
        for purpose in purposes:
            if purpose not in agreed:
                return False
            if purpose in notice.interest and purpose not in not_objected:
                return False
        return True
