"""The naive reference with a vendor list: json for the token, iab-tcf for the TC string.

Under the gdpr, for custom vendors and vendors of the list, a string without publisher restrictions. Google,
which takes its status from the token, is left out: nobody asks about it.
"""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from typing import Any

import iab_tcf

from benchmarks import naive
from benchmarks.inputs import IAB_PURPOSE_IDS
from benchmarks.make_visitors import FEATURES, PURPOSES
from benchmarks.visits import asked_about

CMP_IDS = (7,)


class Notice(naive.Notice):
    """What one country's visitors are asked, vendors of the list included."""

    def __init__(self, config: str, vendor_list: str, country: str) -> None:
        effective = json.loads(config)
        super().__init__(effective, country, {})
        custom = {entry["token_id"]: entry for entry in self.vendors.values()}
        self.by_id: dict[str | int, dict[str, Any]] = dict(custom)
        asked = effective["app"]["vendors"]["iab"]
        for vendor in asked_about(vendor_list, asked):
            consent = {PURPOSES[p - 1] for p in vendor["purposes"]}
            consent |= {FEATURES[n - 1] for n in vendor["specialFeatures"]}
            interest = {PURPOSES[p - 1] for p in vendor["legIntPurposes"]}
            self.by_id[vendor["id"]] = {"consent": consent, "interest": interest}
            self.interest |= interest
            self.purposes |= consent | interest

    def visit(self, jar: Any, now: float) -> Visit:
        return Visit(self, jar["didomi_token"], jar["euconsent-v2"], now)

    def visit_of_header(self, header: str, now: float) -> Visit:
        jar = {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return self.visit(jar, now)


class Visit(naive.Status):
    """One visitor's choices: custom ids and special features of the token, the rest of the string."""

    notice: Notice

    def __init__(self, notice: Notice, token: str, string: str, now: float) -> None:
        super().__init__(notice, token, now)
        self.tc: Any = None
        if self.lists["purposes"] != (set(), set()):
            tc = iab_tcf.decode(string)
            if tc.cmp_id in CMP_IDS:
                self.tc = tc
        standard = IAB_PURPOSE_IDS - set(FEATURES)
        self.agreed = (self.lists["purposes"][0] - standard) | notice.essential
        self.not_objected = (self.lists["purposes_li"][0] - standard) | notice.essential
        if self.tc is not None:
            for number, purpose in enumerate(PURPOSES, 1):
                if self.tc.is_purpose_allowed(number):
                    self.agreed.add(purpose)
                if self.tc.has_purpose_legitimate_interest(number):
                    self.not_objected.add(purpose)

    def vendor_agreed(self, vendor: str | int) -> bool:
        if isinstance(vendor, str):
            return vendor in self.lists["vendors"][0]
        return self.disclosed(vendor) and self.tc.is_vendor_allowed(vendor)

    def vendor_not_objected(self, vendor: str | int) -> bool:
        if isinstance(vendor, str):
            return vendor in self.lists["vendors_li"][0]
        return self.disclosed(vendor) and self.tc.is_interest_allowed(vendor)

    def disclosed(self, vendor: int) -> bool:
        if self.tc is None:
            return False
        known: dict[int, bool] | None = getattr(self.tc, "oob_disclosed_vendors", None)
        return known is None or known.get(vendor, False)

    def may(self, vendor: str | int, purposes: tuple[str, ...]) -> bool:
        """R1: may a tag of this vendor, for these purposes, run?"""
        notice = self.notice
        if vendor not in notice.by_id or any(p not in notice.purposes for p in purposes):
            return False
        entry = notice.by_id[vendor]
        if (entry["consent"] | entry["interest"]) - notice.essential:
            if entry["consent"] and not self.vendor_agreed(vendor):
                return False
            if entry["interest"] and not self.vendor_not_objected(vendor):
                return False
            if not entry["consent"] <= self.agreed or not entry["interest"] <= self.not_objected:
                return False
        for purpose in purposes:
            if purpose not in self.agreed:
                return False
            if purpose in notice.interest and purpose not in self.not_objected:
                return False
        return True
