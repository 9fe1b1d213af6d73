"""The browser's own rules, written once more from the reference, never from our code.

It reads the layers of a configuration and the tokens of a visitor as plain mappings, and
answers what the Didomi SDK would let run: by what is documented, and by what its one public
build was seen to do. Where documentation leaves a choice it takes the decision of
docs/rules.md, except those that only make us stricter: a property compares in one direction.

Left out on purpose, since they never open anything: R3's "respect", R5's "reset", the
refusal of an unreadable cookie under an opt-out law (R10).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pycountry

from helpers import DAY, TCF_PURPOSES, plain_merge, sdk_id

Json = Mapping[str, Any]

ASSIGNED = frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}
GDPR_TERRITORY = frozenset(
    "AD AT BE BG CY CZ DE DK EE ES FI FR GB GF GG GI GP GR HR HU IE IS IT JE LI LT LU LV MC MF MQ "
    "MT NL NO PL PT RE RO SE SI SK SM VA YT".split()
)
TERRITORIES: dict[str, frozenset[str]] = {
    "gdpr": GDPR_TERRITORY,
    "cpra": frozenset({"US_CA"}),
    "cpa": frozenset({"US_CO"}),
    "ctdpa": frozenset({"US_CT"}),
    "vcdpa": frozenset({"US_VA"}),
}
FEATURES = {1: "geolocation_data", 2: "device_characteristics"}
#: Text ids that every notice knows: TCF 2, special features, TCF 1, former ones.
STANDARD = frozenset(TCF_PURPOSES) | frozenset(FEATURES.values())
FORMER = frozenset(
    "advertising_personalization ad_delivery content_personalization analytics offline_match "
    "link_devices precise_geo".split()
)
LISTS = ("purposes", "purposes_li", "vendors", "vendors_li")


# ------------------------------------------------------------------ configuration


def under(value: Any, *path: str) -> Any:
    """The member at a path; None where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def texts(value: Any) -> list[str]:
    """The texts of a list; what is of another type is ignored."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def app_of(config: Json) -> Json:
    """`app` over its old alias."""
    merged: Json = plain_merge(config.get("website", {}), config.get("app", {}))
    return merged


def merged(layers: Sequence[Json], country: str | None, entry: Json | None = None) -> Json:
    """All layers, a law's own configuration over the layer that names it, then the country."""
    holder = max(
        (i for i, one in enumerate(layers) if "regulation_configurations" in one), default=0
    )
    out: Json = {}
    for i, layer in enumerate(layers):
        out = plain_merge(out, layer)
        if i == holder and isinstance(under(entry, "config"), Mapping):
            out = plain_merge(out, under(entry, "config"))
    over = under(out, "configByCountry", country) if country else None
    return plain_merge(out, over) if isinstance(over, Mapping) else out


@dataclass(frozen=True)
class Law:
    """The law in force and the entry of `regulation_configurations` that named it."""

    id: str
    entry: Json | None = None

    @property
    def group(self) -> str:
        return {"gdpr": "optin", "none": "none"}.get(self.id, "optout")


def place_of(layers: Sequence[Json], country: str | None, region: str | None) -> Any:
    """Country and region, in capitals, None where unknown; `user` goes before the caller."""
    user = merged(layers, None).get("user", {})
    if user.get("country") is not None:
        country, region = user["country"], user.get("region")
    known = country.upper() if isinstance(country, str) and country.upper() in ASSIGNED else None
    return known, region.upper() if known and region else None


def law_of(
    layers: Sequence[Json], country: str | None, region: str | None, names: Iterable[str]
) -> Law:
    """Sections 6.2 to 6.4, unknown places and cookies as R2 says."""
    config = merged(layers, country)
    on: list[tuple[Law, frozenset[str]]] = []
    entries = config.get("regulation_configurations")
    if entries:
        for one in entries:
            places = one.get("geo_locations")
            here = TERRITORIES.get(one["regulation_id"], frozenset())
            on.append(
                (Law(one["regulation_id"], one), here if places is None else frozenset(places))
            )
    else:
        regulations = {**config.get("regulations", {})}
        listed = regulations if "gdpr" in regulations else {"gdpr": {}, **regulations}
        for name, one in listed.items():
            if one.get("enabled", name == "gdpr") is not True:
                continue
            more = {
                place
                for layer in (*layers, config)
                for place in under(layer, "regulations", name, "additionalCountries") or []
            }
            on.append((Law(name), TERRITORIES[name] | more))
    opt_in = next((law for law, _ in on if law.id == "gdpr"), Law("gdpr"))
    app = app_of(config)
    everywhere = app.get("gdprAppliesGlobally") is True or app.get("ignoreCountry") is True
    if country is None:
        relaxed = under(config, "consentpy", "unknownCountry") == "none"
        return Law("none") if relaxed and not everywhere else opt_in
    if region is None:
        regional = [law for law, here in on if any(p.startswith(f"{country}_") for p in here)]
        sent = [law for law in regional if cookie_name(config, law) in names]
        if regional:
            return (sent or regional)[0]
    for code in ([f"{country}_{region}"] if region else []) + [country]:
        for law, here in on:
            if code in here:
                return law
    return opt_in if everywhere else Law("none")


def cookie_name(config: Json, law: Law) -> str:
    """Section 7.1: the opt-in law's cookie has the plain name."""
    base = under(config, "cookies", "didomiTokenCookieName") or "didomi_token"
    return base if law.id in ("gdpr", "none") else f"{base}_{law.id}"


# ------------------------------------------------------------------------ notices


@dataclass(frozen=True)
class Uses:
    """The purposes of a vendor, by legal basis."""

    consent: frozenset[str]
    li: frozenset[str]


class Notice:
    """Sections 3.2, 3.3 and 5.4: the vendors and purposes that a visitor is asked about."""

    def __init__(self, config: Json, catalog: Json, listed: Json | None = None) -> None:
        app = app_of(config)
        vendors = app.get("vendors", {})
        self.custom = {
            one["id"] for one in app.get("customPurposes", []) if one["id"] not in STANDARD
        }
        known = STANDARD | FORMER | self.custom
        self.vendors: dict[str, Uses] = {}
        for one in vendors.get("custom", []):
            features = {FEATURES[n] for n in one.get("specialFeatureIds", [])}
            over = under(vendors, "overrideVendors", one["id"]) or {}
            own = {**one, **over}
            self.add(one["id"], own.get("purposeIds"), own.get("legIntPurposeIds"), known, features)
        didomi = [*vendors.get("didomi", []), *vendors.get("include", [])]
        iab = vendors.get("iab", {})
        asked = iab.get("all") is True or 755 in iab.get("include", [])
        if asked and 755 not in iab.get("exclude", []):
            didomi.append("google")
        for name in didomi:
            entry = under(catalog, "vendors", name)
            if entry is not None:
                over = under(vendors, "overrideVendors", name) or {}
                consent = over.get("purposeIds", entry.get("purposes"))
                li = over.get("legIntPurposeIds", entry.get("legIntPurposes"))
                self.add(name, consent, li, known, set())
        #: Ids of vendors of the Global Vendor List, of which `listed` is the member `vendors`.
        self.listed = [] if listed is None else chosen(iab, listed)
        for number in self.listed:
            entry = (listed or {})[number]
            features = {FEATURES[n] for n in entry.get("specialFeatures", [])}
            consent, li = (
                [TCF_PURPOSES[n - 1] for n in entry.get(key, [])]
                for key in ("purposes", "legIntPurposes")
            )
            self.add(number, consent, li, known, features)
        disabled = set(app.get("disabledPurposes", []))
        used = [p for uses in self.vendors.values() for p in uses.consent | uses.li]
        extra = [p for p in app.get("purposes", []) if p in known]
        self.purposes = ({*self.custom, *used, *extra}) - disabled
        self.essential = set(app.get("essentialPurposes", [])) & self.custom & self.purposes

    def add(self, name: str, consent: Any, li: Any, known: Any, features: set[str]) -> None:
        uses = Uses(frozenset(texts(consent)) & known | features, frozenset(texts(li)) & known)
        if name not in self.vendors and uses.consent | uses.li:
            self.vendors[name] = uses

    def sdk_id(self, name: str) -> str:
        return name if name in self.listed else sdk_id(name)

    def used_on_li(self, purpose: str) -> bool:
        return any(purpose in uses.li for uses in self.vendors.values())

    def used_on_consent(self, purpose: str) -> bool:
        return any(purpose in uses.consent for uses in self.vendors.values())

    def essential_only(self, name: str) -> bool:
        uses = self.vendors[name]
        return uses.consent | uses.li <= self.essential


def chosen(iab: Json, listed: Json) -> list[str]:
    """3.2: the vendors of the list that a notice takes, 755 apart, which is `google`."""
    wanted = [int(one) for one in listed] if iab.get("all") is True else iab.get("include", [])
    return [
        str(number)
        for number in sorted(set(wanted) - set(iab.get("exclude", [])))
        if number != 755 and "deletedDate" not in listed.get(str(number), {"deletedDate": ""})
    ]


# ------------------------------------------------------------------------- tokens


def moment(text: Any) -> datetime | None:
    """A date as documented; None for anything else."""
    if not isinstance(text, str) or not re.match(r"\d{4}", text):
        return None
    if re.fullmatch(r"\d{4}", text):
        text += "-01"
    if re.fullmatch(r"\d{4}-\d\d", text):
        text += "-01"
    try:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)


class Stored:
    """The lists of one token, an empty one where it is void (sections 11.1, 11.2, 11.4)."""

    def __init__(self, token: Json, config: Json, now: datetime) -> None:
        self.void = is_void(token, config, now)
        self.on: dict[str, frozenset[str]] = {}
        self.off: dict[str, frozenset[str]] = {}
        for field in LISTS:
            sides = {} if self.void else token.get(field, {})
            self.on[field] = frozenset(sides.get("enabled", []))
            self.off[field] = frozenset(sides.get("disabled", []))


def positive(value: Any) -> float | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number and value > 0 else None


def is_void(token: Json, config: Json, now: datetime) -> bool:
    app, own = app_of(config), config.get("consentpy", {})
    updated = moment(token.get("updated"))
    if updated is None:
        return True
    age = (now - updated).total_seconds()
    if age < -own.get("clockSkewSeconds", DAY):
        return True
    if age >= (positive(app.get("consentDuration")) or 366 * DAY):
        return True
    on = [one for field in ("vendors", "purposes") for one in side(token, field, "enabled")]
    off = [one for field in ("vendors", "purposes") for one in side(token, field, "disabled")]
    denied = positive(app.get("deniedConsentDuration"))
    if denied is not None and off and not on and age >= denied:
        return True
    before = moment(under(config, "user", "ignoreConsentBefore"))
    ignored = before is not None and before < now and updated < before
    return ignored and own.get("ignoreBefore") != "keep"


def side(token: Json, field: str, name: str) -> list[str]:
    listed: list[str] = token.get(field, {}).get(name, [])
    return listed


# ----------------------------------------------------------------------- verdicts


class Browser:
    """What the SDK would let run for one visitor.

    `tokens`: those that can be read, by the name of their cookie. Which of several the
    browser takes is not documented, so a tag runs only if it would with each of them.
    """

    def __init__(
        self,
        layers: Sequence[Json],
        catalog: Json,
        country: str | None,
        region: str | None,
        tokens: Mapping[str, Sequence[Json | None]],
        now: datetime,
        gpc: bool = False,
        user_agent: str | None = None,
        listed: Json | None = None,
    ) -> None:
        where, part = place_of(layers, country, region)
        self.law = law_of(layers, where, part, tokens)
        self.config = merged(layers, where, self.law.entry)
        self.notice = Notice(self.config, catalog, listed)
        readable = [t for t in tokens.get(cookie_name(self.config, self.law), []) if t is not None]
        if under(self.config, "cookies", "storageSources", "cookies") is False:
            readable = []
        stored = [Stored(token, self.config, now) for token in self.combined(readable[:4])]
        empty = [Stored({}, self.config, now)]
        self.stored = [one for one in stored if not one.void] or empty
        self.exempt = self.law.group == "optin" and self.is_exempt(user_agent)
        always = under(self.config, "consentpy", "gpc") not in ("off", "unless_explicit")
        self.gpc = gpc and always and self.law.group == "optout"

    def combined(self, tokens: Sequence[Json]) -> Sequence[Json]:
        """What the tokens come to together with strings: here there are none (see
        `oracle_strings.py`)."""
        return tokens

    def is_exempt(self, user_agent: str | None) -> bool:
        bots = under(self.config, "user", "bots") or {}
        if user_agent is None or bots.get("consentRequired") is not False:
            return False
        types = bots.get("types", ["crawlers", "performance"])
        names = {"crawlers": "googlebot", "performance": "ptst"}
        return any(names[one] in user_agent.lower() for one in types) or any(
            re.search(one, user_agent) for one in bots.get("extraUserAgents", [])
        )

    def vendor(self, name: str, rule: str) -> bool:
        """`rule`: "documented" (12.2, 14) or "observed" (12.3, 12.4)."""
        if name not in self.notice.vendors:
            return False
        if self.exempt or self.law.group == "none" or self.notice.essential_only(name):
            return True
        if self.law.group == "optout":
            return not self.gpc and all(self._objected(name, one) for one in self.stored)
        test = self._documented if rule == "documented" else self._observed
        return all(test(name, one) for one in self.stored)

    def _objected(self, name: str, stored: Stored) -> bool:
        """12.7: everything on the LI lists, and enabled unless refused (R10)."""
        uses = self.notice.vendors[name]
        needed = (uses.consent | uses.li) - self.notice.essential
        return self.notice.sdk_id(name) not in stored.off["vendors_li"] and not (
            needed & stored.off["purposes_li"]
        )

    def _documented(self, name: str, stored: Stored) -> bool:
        """12.2 and the attribute `data-vendor` of 14."""
        uses, essential = self.notice.vendors[name], self.notice.essential
        id = self.notice.sdk_id(name)
        current = (
            (not uses.consent or id in stored.on["vendors"])
            and (not uses.li or id in stored.on["vendors_li"])
            and uses.consent <= stored.on["purposes"] | essential
            and uses.li <= stored.on["purposes_li"] | essential
        )
        tag = (
            id in stored.on["vendors"] and uses.consent <= stored.on["purposes"] | essential
            if uses.consent
            else id in stored.on["vendors_li"]
        )
        return current and tag

    def _observed(self, name: str, stored: Stored) -> bool:
        """getUserConsentStatusForVendor (12.4), and the lists of 12.3 behind `data-vendor`."""
        uses, essential = self.notice.vendors[name], self.notice.essential
        id = self.notice.sdk_id(name)
        either = id in stored.on["vendors"] or id in stored.on["vendors_li"]
        known = either or id in stored.off["vendors"] or id in stored.off["vendors_li"]
        for_vendor = known and either and uses.consent - essential <= stored.on["purposes"]
        enabled = stored.on["purposes"] | stored.on["purposes_li"] | essential
        return for_vendor and uses.consent | uses.li <= enabled

    def purpose(self, name: str, rule: str) -> bool:
        """`rule`: "documented" (12.2) or "observed" (`data-purposes`, 14)."""
        if name not in self.notice.purposes:
            return False
        if self.exempt or self.law.group == "none" or name in self.notice.essential:
            return True
        if self.law.group == "optout":
            return not self.gpc and all(name not in s.off["purposes_li"] for s in self.stored)
        if rule == "observed":
            return all(name in one.on["purposes"] for one in self.stored)
        li = self.notice.used_on_li(name)
        consent = self.notice.used_on_consent(name) or not li
        return all(
            (not consent or name in one.on["purposes"])
            and (not li or name in one.on["purposes_li"])
            for one in self.stored
        )
