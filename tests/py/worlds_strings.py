"""Random worlds with consent strings: those of `worlds.py`, a Global Vendor List, TC strings, DCS.

What is sent is said twice, as a cookie's value and as the plain mapping for the oracle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from oracle_strings import DCS, TC, BrowserWithStrings
from string_world import MIDNIGHT, TC_NAME, day
from worlds import (
    ALL_IDS,
    BOTH_STATES,
    BUILT_IN,
    OFTEN,
    Json,
    Question,
    Sent,
    World,
    agents,
    configs,
    later_layers,
    members,
    mostly,
    one_of,
    sent,
    site,
    states,
    tokens,
    visits,
    with_states,
)
from worlds import PURPOSES as TOKEN_PURPOSES
from worlds import QUESTIONS as TOKEN_QUESTIONS
from worlds import VENDORS as TOKEN_VENDORS

import consentpy as cp
from helpers import DAY, ago, iso, plain_merge

LISTED: Json = {
    "21": {"purposes": [1], "legIntPurposes": [9]},
    "22": {"purposes": [1, 2]},
    "23": {"legIntPurposes": [7, 9], "flexiblePurposes": [9]},
    "24": {"purposes": [1], "specialFeatures": [1]},
    "25": {"specialPurposes": [1]},
}
GVL = cp.GlobalVendorList({"vendorListVersion": 106, "tcfPolicyVersion": 5, "vendors": LISTED})
NUMBERS = [int(one) for one in LISTED]
VENDORS = [*TOKEN_VENDORS, *LISTED]
PURPOSES = [*TOKEN_PURPOSES, "select_basic_ads", "measure_ad_performance"]
QUESTIONS: list[Question] = [
    *TOKEN_QUESTIONS,
    *((one, ()) for one in LISTED),
    *((None, (one,)) for one in PURPOSES[len(TOKEN_PURPOSES) :]),
    ("21", ("cookies",)),
    ("22", ("cookies", "p1")),
]

# ------------------------------------------------------------------------------ TC strings

#: Purposes and vendors that the worlds ask about, first of all.
BITS = [
    *(("purposes", n) for n in (1, 9, 2, 7, 3)),
    *(("purposes_li", n) for n in (9, 7, 1, 3)),
    *((field, n) for field in ("vendors", "vendors_li") for n in NUMBERS),
]
FIELDS = ("purposes", "purposes_li", "vendors", "vendors_li")
BEYOND = 300


@dataclass(frozen=True)
class SentTC:
    """A TC string's cookie value, what it was made of, and what else was told to the writer."""

    value: str
    tc: TC
    more: tuple[tuple[str, Any], ...] = ()


def write(tc: TC, form: str = "", **more: Any) -> SentTC:
    """`form`: how it is spoilt. The browser's library reads `tail`, and `global` strings."""
    fields = {name: value for name, value in more.items() if name != "day"}
    text = cp.tcf.encode(
        {
            "created_ds": more.get("day", day()),
            "cmp_id": tc.cmp,
            "vendor_list_version": 106,
            "policy_version": tc.policy,
            "purpose_consents": sorted(tc.purposes),
            "purpose_legitimate_interests": sorted(tc.purposes_li),
            "vendor_consents": sorted(tc.vendors),
            "vendor_legitimate_interests": sorted(tc.vendors_li),
            "is_service_specific": form != "global",
            **fields,
        }
    )
    if form == "tail":
        text = text.replace(".", "AAAB.", 1) if "." in text else text + "AAAB"
    if form == "cut":
        return SentTC(text[:20], replace(tc, readable=False))
    if form == "nothing":
        return SentTC("null", replace(tc, readable=False))
    return SentTC(text, tc, tuple(sorted(more.items(), key=lambda item: item[0])))


EVERYTHING: dict[str, frozenset[int]] = {
    "purposes": frozenset(range(1, 12)),
    "purposes_li": frozenset((2, 7, 8, 9, 10, 11)),
    "vendors": frozenset(NUMBERS),
    "vendors_li": frozenset((*NUMBERS, BEYOND)),
}
NOTHING: dict[str, frozenset[int]] = {**dict.fromkeys(FIELDS, frozenset())}
NOTHING["vendors_li"] = frozenset((BEYOND,))


def toggled(bits: Mapping[str, frozenset[int]], keys: Any) -> dict[str, frozenset[int]]:
    out = dict(bits)
    for field, number in keys:
        out[field] = out[field] ^ {number}
    return out


restrictions = st.lists(
    st.fixed_dictionaries(
        {"purpose_id": one_of(1, 2, 7, 9), "type": one_of(0, 1, 2), "ids": one_of("21", "22-24")}
    ),
    max_size=2,
    unique_by=lambda rule: (rule["purpose_id"], rule["type"]),
)


@st.composite
def tc_strings(
    draw: st.DrawFn,
    days: tuple[int, ...] = (1, 0, 1, 3, 5, 12, 400, -1, -2),
    forms: tuple[str, ...] = (*8 * ("",), "tail", "global", "cut", "nothing"),
    starts: tuple[str, ...] = ("all", "all", "all", "none"),
) -> SentTC:
    start = EVERYTHING if draw(st.sampled_from(starts)) == "all" else NOTHING
    bits = toggled(start, draw(st.lists(st.sampled_from(BITS), max_size=3, unique=True)))
    made = day(draw(st.sampled_from(days)))
    more: dict[str, Any] = {"day": made}
    known = draw(one_of(None, None, [21, 22, 23, 24], "1-300", []))
    if known is not None:
        more["disclosed_vendors"] = known
    rules = draw(mostly(st.just([]), restrictions, times=3))
    if rules:
        more["publisher_restrictions"] = rules
    tc = TC(
        **bits,
        updated=iso(made),
        created=iso(made),
        cmp=draw(one_of(7, 7, 7, 7, 31, 92)),
        policy=draw(one_of(5, 5, 4, 2)),
    )
    return write(tc, draw(st.sampled_from(forms)), **more)


# ------------------------------------------------------------------------------------ DCS

#: What Didomi knows; the catalog of the worlds lacks v3, p3 and what no notice has.
ALL_NUMBERS: dict[str, int] = {
    "c:v1": 11,
    "c:v2": 12,
    "c:v3": 13,
    "google": 2,
    "c:gone": 99,
    "p1": 101,
    "p2": 102,
    "p3": 103,
    "cookies": 1,
    "market_research": 9,
    "geolocation_data": 31,
    "analytics": 5,
    "gone": 999,
}
LAWS = {"gdpr": 1, "cpra": 4, "cpa": 5}
NUMBERED: Json = {
    "vendors": {"v1": {"num": 11}, "v2": {"num": 12}},
    "purposes": {
        one: {"num": ALL_NUMBERS[one]}
        for one in ("p1", "p2", "cookies", "market_research", "geolocation_data", "analytics")
    },
    "regulations": {law: number for law, number in LAWS.items() if law != "gdpr"},
}
GOOGLES: list[Json] = [
    {"purposes": ["cookies"], "num": 2},
    {"purposes": ["cookies", "p1"], "legIntPurposes": ["market_research"], "num": 2},
]
SECTIONS = {
    "purposes": "purposes_optin",
    "purposes_li": "purposes_optout",
    "vendors": "vendors_optin",
    "vendors_li": "vendors_optout",
}


@dataclass(frozen=True)
class SentDCS:
    value: str
    dcs: DCS


def numbered(token: Json, law: str = "gdpr", version: int = 2) -> SentDCS:
    """The DCS that stands for a token of the worlds; what is both is refused in it."""
    said = {key: "disabled" if state == "both" else state for key, state in states(token).items()}
    token = with_states(token, said)
    given: Json = {
        "version": version,
        "user_id": token["user_id"],
        "created": token["created"],
        "updated": token["updated"],
        "sync": None,
    }
    if version == 2:
        given["regulation_id"] = LAWS[law]
    for field, section in SECTIONS.items():
        given[section] = {
            side: sorted(ALL_NUMBERS[one] for one in token.get(field, {}).get(side, []))
            for side in ("enabled", "disabled")
        }
    return SentDCS(cp.dcs.encode(given), DCS(token, law))


dcs_strings = st.builds(
    numbered, tokens(), one_of("gdpr", "gdpr", "cpra", "cpra", "cpa"), one_of(2, 2, 2)
)
spoilt_dcs = one_of("C!", "", "CAAA").map(lambda value: SentDCS(value, DCS(None)))


# --------------------------------------------------------------------------------- worlds


@dataclass(frozen=True)
class StringWorld(World):
    """One visit with strings. `dcs_suffix`: what a law adds to the name of the DCS cookie."""

    tcs: tuple[SentTC, ...] = ()
    dcss: tuple[SentDCS, ...] = ()
    dcs_suffix: str = ""

    @property
    def options(self) -> Json:
        return {"catalog": self.catalog, "gvl": GVL}

    @property
    def strings(self) -> list[tuple[str, str]]:
        return [
            *((TC_NAME, one.value) for one in self.tcs),
            *(("didomi_dcs" + self.dcs_suffix, one.value) for one in self.dcss),
        ]

    @property
    def header(self) -> str:
        return "; ".join([super().header, *(f"{name}={value}" for name, value in self.strings)])

    @property
    def mapping(self) -> dict[str, str]:
        return {**super().mapping, **dict(self.strings)}

    def browser(self) -> BrowserWithStrings:
        tokens = [one.token for one in self.cookies]
        law = self.notice().regulation
        looked_at = self.dcs_suffix in ("", f"_{law}")
        return BrowserWithStrings(
            self.layers,
            self.catalog or BUILT_IN,
            self.country,
            self.region,
            dict.fromkeys(self.names, tokens) if tokens else {},
            self.now,
            self.gpc,
            self.user_agent,
            listed=LISTED,
            tcs=[one.tc for one in self.tcs],
            dcss=[one.dcs for one in self.dcss] if looked_at else [],
        )


iab = one_of(
    {"include": NUMBERS},
    {"all": True},
    {"include": [21, 23]},
    {"include": [22, 24, 755]},
    {"all": True, "exclude": [21]},
)
own_options = members(
    cmpIds=one_of([7], [31], [7, 31], "any", []),
    cmpId=one_of(92),
    tcf=members(
        require_vendor_disclosed=one_of(True),
        require_service_specific=one_of(True, False),
        min_policy_version=one_of(4),
    ),
)
PLACES = [
    *6 * [("FR", None)],
    ("DE", None),
    *2 * [("US", "CA")],
    ("US", "CO"),
    ("JP", None),
    (None, None),
]


USUAL_TCS = mostly(
    st.lists(tc_strings(), min_size=1, max_size=1), st.lists(tc_strings(), max_size=2), times=1
)
USUAL_COOKIES = mostly(st.just([]), visits, times=1)
USUAL_DCS = mostly(st.just([]), st.lists(mostly(dcs_strings, spoilt_dcs), max_size=1), times=1)


@st.composite
def string_worlds(
    draw: st.DrawFn,
    tcs: st.SearchStrategy[list[SentTC]] = USUAL_TCS,
    cookies: st.SearchStrategy[list[Sent]] = USUAL_COOKIES,
    dcss: st.SearchStrategy[list[SentDCS]] = USUAL_DCS,
    config: st.SearchStrategy[Json] = configs,
) -> StringWorld:
    country, region = draw(st.sampled_from(PLACES))
    google = draw(st.sampled_from(GOOGLES))
    layer = plain_merge(draw(config), {"app": {"vendors": {"iab": draw(iab)}}})
    own = draw(mostly(st.just({}), own_options, times=2))
    if own:
        layer = plain_merge(layer, {"consentpy": own})
    return StringWorld(
        layers=(layer, *draw(later_layers)),
        cookies=tuple(draw(cookies)),
        country=country,
        region=region,
        gpc=draw(one_of(False, False, True)),
        user_agent=draw(agents),
        catalog=plain_merge(NUMBERED, {"vendors": {"google": google}}),
        tcs=tuple(draw(tcs)),
        dcss=tuple(draw(dcss)),
        dcs_suffix=draw(one_of("", "", "_cpra", "_cpa")),
    )


ours = st.builds(numbered, tokens(), one_of("cpra", "cpra", "cpra", "cpa", "gdpr"))
refusing = st.builds(
    numbered,
    tokens((3600, 5 * DAY, 400 * DAY, -3 * DAY), ("disabled", "")),
    one_of("cpra", "cpra", "cpa"),
)
#: Visitors under a law of their state, with a DCS more often than not.
opt_out_strings = st.builds(
    lambda world, place, suffix: world.but(country="US", region=place, dcs_suffix=suffix),
    string_worlds(
        config=site(st.just({"regulations": BOTH_STATES})),
        dcss=st.lists(mostly(ours, refusing, spoilt_dcs, times=3), min_size=1, max_size=1),
    ),
    one_of("CA", "CA", "CO"),
    one_of("", "_cpra", "_cpra"),
)


def token_of(missing: Mapping[tuple[str, str], str]) -> Sent:
    dates = {"user_id": "01234567-89ab-6cde-8f01-23456789abcd", "version": 2}
    agreed = {**dates, "created": ago(3600), "updated": ago(3600)}
    return sent(with_states(agreed, {**dict.fromkeys(ALL_IDS, "enabled"), **missing}))


#: Visitors in France who agreed to everything but one or two things, here or there.
near_misses = st.builds(
    lambda world, missing, keys, form: world.but(
        country="FR",
        region=None,
        user_agent=None,
        cookies=(token_of(missing),),
        dcss=(),
        tcs=(
            write(
                TC(**toggled(EVERYTHING, keys), updated=iso(MIDNIGHT), created=iso(MIDNIGHT)),
                form,
                day=MIDNIGHT,
            ),
        ),
    ),
    string_worlds(config=site(st.just({}))),
    st.dictionaries(st.sampled_from(OFTEN), one_of("", "disabled"), max_size=1),
    st.lists(st.sampled_from(BITS), max_size=2, unique=True),
    one_of("", "", "", "tail", "global"),
)


def ask(status: cp.Status) -> dict[Question, bool]:
    """All verdicts of a visit."""
    return {(name, ids): status.allows(name, ids) for name, ids in QUESTIONS}
