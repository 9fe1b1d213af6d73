"""The expert reference: the fastest pure Python that we know how to write, on top of msgspec.

The same scope and the same answers as `benchmarks.naive`. What makes it fast: tokens are decoded by
msgspec straight into frozensets; a tag's condition is four frozensets made once; an override shares
everything that it does not touch; notices whose tables come from the same objects share them.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from datetime import datetime
from typing import Any

import msgspec

from benchmarks.inputs import IAB_PURPOSE_IDS
from benchmarks.naive import GDPR

NONE: frozenset[str] = frozenset()


class Lists(msgspec.Struct, frozen=True, gc=False):
    enabled: frozenset[str] = NONE
    disabled: frozenset[str] = NONE


NO_LISTS = Lists()


class Token(msgspec.Struct, frozen=True, gc=False):
    updated: datetime
    purposes: Lists = NO_LISTS
    vendors: Lists = NO_LISTS
    purposes_li: Lists = NO_LISTS
    vendors_li: Lists = NO_LISTS


read_token = msgspec.json.Decoder(Token).decode
read_config = msgspec.json.Decoder(dict[str, Any]).decode


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`; what `over` does not touch is shared, not copied."""
    result = base.copy()
    for key, value in over.items():
        if type(value) is dict:
            old = base.get(key)
            if type(old) is dict:
                result[key] = merge(old, value)
                continue
        result[key] = value
    return result


class Gate:
    """A tag's condition: the ids that each of the four lists must hold."""

    __slots__ = ("known", "purposes", "purposes_li", "vendors", "vendors_li")

    def __init__(self) -> None:
        self.known = True
        self.purposes = self.vendors = self.purposes_li = self.vendors_li = NONE


class Tables:
    """Vendors and purposes of a configuration without what overrides usually change."""

    def __init__(self, app: dict[str, Any], catalog: dict[str, Any]) -> None:
        self.own = frozenset(p["id"] for p in app.get("customPurposes", ()))
        known = self.own | IAB_PURPOSE_IDS
        self.vendors: dict[str, tuple[str, frozenset[str], frozenset[str]]] = {}
        for vendor in app["vendors"].get("custom", ()):
            consent = known.intersection(vendor.get("purposeIds", ()))
            interest = known.intersection(vendor.get("legIntPurposeIds", ()))
            if consent or interest:
                self.vendors.setdefault(vendor["id"], ("c:" + vendor["id"], consent, interest))
        for name in app["vendors"].get("didomi", ()):
            if name in catalog:
                self.vendors[name] = (name, frozenset(catalog[name]["purposes"]), NONE)
        self.interest = NONE.union(*(v[2] for v in self.vendors.values()))
        self.purposes = self.own.union(self.interest, *(v[1] for v in self.vendors.values()))


class Site:
    """A configuration, read once."""

    def __init__(self, text: str, catalog: dict[str, Any] | None = None) -> None:
        self.config = read_config(text)
        self.overrides: dict[str, Any] = self.config.pop("configByCountry", {})
        self.catalog: dict[str, Any] = (catalog or {}).get("vendors", {})
        self._tables: dict[tuple[int, ...], Tables] = {}

    def effective(self, country: str) -> dict[str, Any]:
        over = self.overrides.get(country)
        return merge(self.config, over) if over else self.config

    def notice(self, country: str) -> Notice:
        config = self.effective(country)
        app = config["app"]
        vendors = app["vendors"]
        # Shared subtrees are the same objects, and self.config keeps them alive: their ids are a key.
        key = (
            id(vendors.get("custom")),
            id(vendors.get("didomi")),
            id(app.get("customPurposes")),
        )
        tables = self._tables.get(key)
        if tables is None:
            tables = self._tables[key] = Tables(app, self.catalog)
        return Notice(config, country, tables)


class Notice:
    """What one country's visitors are asked."""

    def __init__(self, config: dict[str, Any], country: str, tables: Tables) -> None:
        app = config["app"]
        self.tables = tables
        gdpr = config.get("regulations", {}).get("gdpr", {})
        self.applies = country in GDPR or country in gdpr.get("additionalCountries", ())
        self.essential = tables.own.intersection(app.get("essentialPurposes", ()))
        self.duration = app.get("consentDuration", 31_622_400)
        self.denied_duration = min(app.get("deniedConsentDuration") or self.duration, self.duration)
        before = config.get("user", {}).get("ignoreConsentBefore")
        self.ignore_before = (
            datetime.fromisoformat(before.replace("Z", "+00:00")).timestamp() if before else 0.0
        )

    def gate(self, vendor: str | None = None, purposes: tuple[str, ...] = ()) -> Gate:
        """Resolve a tag's condition once; `Status.allows` then only compares sets."""
        gate, tables, essential = Gate(), self.tables, self.essential
        gate.known = (vendor is None or vendor in tables.vendors) and tables.purposes.issuperset(
            purposes
        )
        if not gate.known:
            return gate
        consent, interest = set(purposes), tables.interest.intersection(purposes)
        if vendor is not None:
            token_id, used, used_li = tables.vendors[vendor]
            if not used | used_li <= essential:
                if used:
                    gate.vendors = frozenset((token_id,))
                    consent |= used
                if used_li:
                    gate.vendors_li = frozenset((token_id,))
                    interest |= used_li
        gate.purposes = frozenset(consent - essential)
        gate.purposes_li = frozenset(interest - essential)
        return gate

    def status(self, token: str, now: float) -> Status:
        return Status(self, token, now)


class Status:
    """One visitor's choices, as far as they hold at `now` (epoch seconds)."""

    __slots__ = ("applies", "purposes", "purposes_li", "vendors", "vendors_li")

    def __init__(self, notice: Notice, token: str, now: float) -> None:
        self.applies = notice.applies
        try:
            data = read_token(a2b_base64(token))
        except (msgspec.MsgspecError, Base64Error, ValueError):
            self.purposes = self.vendors = self.purposes_li = self.vendors_li = NONE
            return
        updated = data.updated.timestamp()
        age = now - updated
        purposes, vendors = data.purposes, data.vendors
        if (
            age < -86400
            or age >= notice.duration
            or updated < notice.ignore_before < now
            or (
                age >= notice.denied_duration
                and not (purposes.enabled or vendors.enabled)
                and (purposes.disabled or vendors.disabled)
            )
        ):
            self.purposes = self.vendors = self.purposes_li = self.vendors_li = NONE
            return
        self.purposes = purposes.enabled
        if not purposes.enabled.isdisjoint(purposes.disabled):
            self.purposes = purposes.enabled - purposes.disabled
        self.vendors = vendors.enabled
        if not vendors.enabled.isdisjoint(vendors.disabled):
            self.vendors = vendors.enabled - vendors.disabled
        lists = data.purposes_li
        self.purposes_li = lists.enabled - lists.disabled if lists.disabled else lists.enabled
        lists = data.vendors_li
        self.vendors_li = lists.enabled - lists.disabled if lists.disabled else lists.enabled

    def allows(self, gate: Gate) -> bool:
        """R1: may a tag with this condition run?"""
        if not self.applies:
            return gate.known
        return (
            gate.known
            and gate.vendors <= self.vendors
            and gate.purposes <= self.purposes
            and gate.vendors_li <= self.vendors_li
            and gate.purposes_li <= self.purposes_li
        )
