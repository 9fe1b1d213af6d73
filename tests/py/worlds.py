"""Random worlds: a site's configuration, a visitor's cookies, a place and a moment.

The alphabets are small, so that ids meet: three custom vendors and `google`, three custom
purposes and a few of the standard ones. Every strategy shrinks towards "nothing written".
A world says what was sent twice, as values for the `Cookie` header and as tokens for the
oracle. A new kind of world comes in as another member of a `fixed_dictionaries`; what
`cp.Config` has to be given beside the layers goes into `World.options`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from oracle import Browser

import consentpy as cp
from helpers import DAY, GOOGLE, NOW, USER_ID, ago, b64, pack, plain_merge

Json = dict[str, Any]

VENDORS = ["v1", "v2", "v3", "google"]
PURPOSES = ["p1", "p2", "p3", "cookies", "market_research", "geolocation_data", "analytics"]
#: What the token says; the last of each is an id that no configuration has.
SDK_IDS = ["c:v1", "c:v2", "c:v3", "google", "c:gone"]
STORED_PURPOSES = [*PURPOSES, "gone"]
FIELDS = {
    "vendors": SDK_IDS,
    "purposes": STORED_PURPOSES,
    "vendors_li": SDK_IDS,
    "purposes_li": STORED_PURPOSES,
}
PLACES = [
    *4 * [("FR", None)],
    *3 * [("US", "CA")],
    ("JP", None),
    ("US", None),
    ("US", "CO"),
    ("fr", "75"),
]
NOWHERE = [(None, None), ("XX", None), ("", "CA")]
#: The base names of token cookies, and what laws add to them.
BASES = ["didomi_token", "tok"]
SUFFIXES = ["", "_cpra", "_cpa"]


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def mostly(
    usual: st.SearchStrategy[Any], *others: st.SearchStrategy[Any], times: int = 4
) -> st.SearchStrategy[Any]:
    """One of several strategies, the first one more often than each of the others."""
    return st.sampled_from([*times * [usual], *others]).flatmap(lambda strategy: strategy)


def members(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """An object of which any member may be missing."""
    return st.fixed_dictionaries({}, optional=optional)


def some(*ids: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(ids), max_size=3, unique=True)


# ------------------------------------------------------------------ configurations

purpose_ids = some("p1", "p2", "p3", "cookies", "market_research", "analytics", "not-declared")
custom_vendor = st.fixed_dictionaries(
    {"id": one_of("v1", "v2", "v3"), "purposeIds": purpose_ids},
    optional={
        "legIntPurposeIds": purpose_ids,
        "specialFeatureIds": one_of([1]),
        "name": one_of("A vendor"),
    },
)
custom_purposes = one_of(["p1", "p2", "p3"], ["p1", "p2"], ["p3"], ["p2", "p1", "analytics"]).map(
    lambda ids: [{"id": one, "name": {"en": one}} for one in ids]
)
vendors = st.fixed_dictionaries(
    {"custom": st.lists(custom_vendor, min_size=1, max_size=3)},
    optional={
        "didomi": one_of(["google"], ["nobody-knows"]),
        "iab": one_of({"include": [755]}, {"all": True}, {"all": True, "exclude": [755]}),
        "overrideVendors": st.dictionaries(
            one_of("v1", "google"),
            members(purposeIds=purpose_ids, legIntPurposeIds=purpose_ids),
            max_size=1,
        ),
    },
)
durations = {
    "consentDuration": one_of(10 * DAY, 400 * DAY, 10 * DAY, 0, "a year"),
    "deniedConsentDuration": one_of(3 * DAY, 2 * DAY, 20 * DAY, -1),
}
lists_of_app = {
    "essentialPurposes": some("p1", "p2", "p3", "cookies"),
    "disabledPurposes": some("p1", "p2", "cookies"),
    "purposes": some("p1", "market_research", "not-declared"),
}
app = st.fixed_dictionaries(
    {"vendors": vendors, "customPurposes": custom_purposes},
    optional={
        **durations,
        **lists_of_app,
        "gdprAppliesGlobally": one_of(True, "yes"),
        "ignoreCountry": one_of(False, True),
    },
)
window = members(daysBeforeShowingAgain=one_of(4, 0, 30))
#: Around the ages of tokens: gone by, not yet, no date.
ignored_before = one_of(
    ago(4 * DAY), ago(-2 * DAY), f"{NOW.year}", f"{NOW:%Y-%m}", f"{NOW:%Y-%m-%d}", "soon"
)
user = members(
    ignoreConsentBefore=ignored_before,
    bots=members(
        consentRequired=one_of(False, True),
        types=one_of([], ["crawlers"], ["performance"]),
        extraUserAgents=one_of(["^Site-"]),
    ),
)
options = members(
    ignoreBefore=one_of("keep", "unknown"),
    recollect=one_of("reset", "keep"),
    gpc=one_of("off", "unless_explicit", "always"),
    unknownCountry=one_of("none", "gdpr"),
    storedRefusalWithoutRegulation=one_of("respect", "ignore"),
    clockSkewSeconds=one_of(0, 5 * DAY),
)
law = members(enabled=one_of(True, False), additionalCountries=one_of(["JP"], ["US_CO"]))
BOTH_STATES = {"cpra": {"enabled": True}, "cpa": {"enabled": True}}
regulations = one_of({"cpra": {"enabled": True}}, BOTH_STATES) | members(
    gdpr=law, cpra=law, cpa=law
)
# A law's own configuration, and a country's, change a few things of the whole.
override = members(
    app=members(
        **durations,
        **lists_of_app,
        customPurposes=custom_purposes,
        vendors=members(custom=st.lists(custom_vendor, max_size=2), iab=one_of({"exclude": []})),
    ),
    notice=window,
    user=members(ignoreConsentBefore=ignored_before),
    consentpy=options,
)
regulation_configurations = st.lists(
    st.fixed_dictionaries(
        {"regulation_id": one_of("gdpr", "cpra", "cpa")},
        optional={"geo_locations": one_of(["FR", "US_CA"], ["US"], ["JP"], []), "config": override},
    ),
    min_size=1,
    max_size=2,
)
countries = st.dictionaries(one_of("FR", "US", "JP"), override, max_size=2)
notice_members: dict[str, st.SearchStrategy[Any]] = {
    "notice": window,
    "user": user,
    "configByCountry": countries,
    "consentpy": options,
    "cookies": one_of(
        *3 * [{"didomiTokenCookieName": "tok"}], {"storageSources": {"cookies": False}}
    ),
    "preferences": members(denyAppliesToLI=one_of(False, True)),
}
#: What several draws in a row would hardly ever come to.
PRESETS: list[Json] = [
    {},
    {"app": {"deniedConsentDuration": 3 * DAY}},
    {"app": {"consentDuration": 10 * DAY}},
    {"user": {"ignoreConsentBefore": ago(4 * DAY)}},
    {"notice": {"daysBeforeShowingAgain": 4}, "consentpy": {"recollect": "reset"}},
    {"user": {"bots": {"consentRequired": False}}},
]
laws = mostly(
    st.fixed_dictionaries({}, optional={"regulations": regulations}),
    st.fixed_dictionaries({"regulation_configurations": regulation_configurations}),
)


def site(law: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """A whole configuration around the members that switch laws on."""
    rest = st.fixed_dictionaries({"app": app}, optional=notice_members)
    preset = st.builds(plain_merge, rest, st.sampled_from(PRESETS))
    return st.builds(lambda config, own: {**config, **own}, preset, law)


configs = site(laws)
later_layers = st.lists(
    members(
        app=members(**durations, **lists_of_app),
        notice=window,
        user=members(country=one_of("FR", "us", "XX"), region=one_of("CA")),
        consentpy=options,
        configByCountry=countries,
    ),
    max_size=1,
)


# ------------------------------------------------------------------------- visitors


@dataclass(frozen=True)
class Sent:
    """One cookie value: its bytes, and the token in it (None when it cannot be read)."""

    value: str
    token: Json | None


def sent(token: Json) -> Sent:
    return Sent(pack(token), token)


def states(token: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """What a token says about each id: "enabled", "disabled", "both"; nothing: left out."""
    out: dict[tuple[str, str], str] = {}
    for field in FIELDS:
        for name in ("enabled", "disabled"):
            for one in token.get(field, {}).get(name, []):
                out[field, one] = "both" if (field, one) in out else name
    return out


def with_states(token: Json, said: Mapping[tuple[str, str], str]) -> Json:
    """The token with other lists, written as the SDK does: no empty ones."""
    out = {key: value for key, value in token.items() if key not in FIELDS}
    for (field, one), state in said.items():
        for name in ("enabled", "disabled"):
            if state in (name, "both"):
                out.setdefault(field, {}).setdefault(name, []).append(one)
    return out


ALL_IDS = [(field, one) for field, ids in FIELDS.items() for one in ids]
OFTEN = [key for key in ALL_IDS if key[1] in ("c:v1", "p1", "p2")]
#: In seconds, around the durations, windows and dates of the configurations.
AGES = [3600, 0, 2 * DAY, 3 * DAY, 5 * DAY, 10 * DAY, 10 * DAY - 1, 12 * DAY, 400 * DAY]
AHEAD = [-3600, -DAY, -DAY - 1, -3 * DAY, -9 * DAY]


@st.composite
def tokens(
    draw: st.DrawFn,
    ages: tuple[int, ...] = (*AGES, *AHEAD),
    starts: tuple[str, ...] = ("enabled", "", "enabled", "enabled", "enabled", "disabled"),
) -> Json:
    """A token: everything answered in one way, or nothing, then some ids another way."""
    start = draw(st.sampled_from(starts))
    said = dict.fromkeys(ALL_IDS, start) if start else {}
    other = one_of("disabled", "", "enabled", "both")
    key_of = mostly(st.sampled_from(OFTEN), st.sampled_from(ALL_IDS), times=2)
    for key, state in draw(st.dictionaries(key_of, other, max_size=3)).items():
        said[key] = state
    age = draw(st.sampled_from(ages))
    token = {
        "user_id": USER_ID,
        "created": ago(age + draw(one_of(0, 1, DAY))),
        "updated": ago(age),
        "version": 2,
    }
    return with_states(token, said)


def undated(token: Json) -> st.SearchStrategy[Json]:
    return one_of(
        {key: value for key, value in token.items() if key != "updated"},
        {**token, "updated": "yesterday"},
    )


def damaged(token: Json) -> st.SearchStrategy[str]:
    whole = pack(token)
    return one_of(
        "!",
        "",
        whole[: len(whole) // 2 + 1],
        pack([token]),
        pack({**token, "vendors": 7}),
        pack({**token, "purposes_li": {"disabled": "p1"}}),
        pack({**token, "user_id": 7}),
        b64(b"\xff\xfe{}"),
    )


readable = mostly(tokens(), tokens().flatmap(undated), times=9).map(sent)
unreadable = tokens().flatmap(damaged).map(lambda value: Sent(value, None))
old_refusals = tokens((3 * DAY, 5 * DAY, 12 * DAY), ("disabled",))
visits = mostly(
    st.lists(readable, min_size=1, max_size=1),
    st.just([]),
    old_refusals.map(lambda token: [sent(token)]),
    st.lists(readable, max_size=3),
    st.lists(mostly(readable, unreadable), max_size=3),
)
agents = one_of(None, "Mozilla/5.0", "Mozilla/5.0 (compatible; Googlebot/2.1)", "PTST/3", "Site-Up")


# --------------------------------------------------------------------------- worlds


AGREED: Json = {"user_id": USER_ID, "created": ago(3600), "updated": ago(3600), "version": 2}


@dataclass(frozen=True)
class World:
    """One visit. Equal configurations are compiled once: see `config`."""

    layers: tuple[Json, ...]
    cookies: tuple[Sent, ...] = ()
    country: str | None = "FR"
    region: str | None = None
    now: datetime = NOW
    gpc: bool = False
    user_agent: str | None = None
    suffixes: tuple[str, ...] = tuple(SUFFIXES)
    catalog: Json | None = None

    @property
    def options(self) -> Json:
        """What `cp.Config` is given beside the layers."""
        return {} if self.catalog is None else {"catalog": self.catalog}

    def config(self) -> cp.Config:
        return cp.Config(*self.layers, **self.options)

    @property
    def names(self) -> list[str]:
        return [base + suffix for base in BASES for suffix in self.suffixes]

    @property
    def header(self) -> str:
        pairs = [f"{name}={one.value}" for name in self.names for one in self.cookies]
        return "; ".join(["theme=dark", *pairs])

    @property
    def mapping(self) -> dict[str, str]:
        """One value for each name: the last one."""
        return {name: one.value for name in self.names for one in self.cookies}

    def notice(self, config: cp.Config | None = None) -> cp.Notice:
        return (config or self.config()).notice(self.country, self.region, self.header)

    def status(self, notice: cp.Notice | None = None, cookies: Any = None) -> cp.Status:
        """`cookies` None: what the world's visitor sends."""
        return (notice or self.notice()).status(
            self.header if cookies is None else cookies,
            now=self.now,
            gpc=self.gpc,
            user_agent=self.user_agent,
        )

    def browser(self) -> Browser:
        sent = [one.token for one in self.cookies]
        return Browser(
            self.layers,
            self.catalog or BUILT_IN,
            self.country,
            self.region,
            dict.fromkeys(self.names, sent) if sent else {},
            self.now,
            self.gpc,
            self.user_agent,
        )

    def option(self, name: str) -> Any:
        """One of our own options, as merged for this visitor."""
        return self.browser().config.get("consentpy", {}).get(name)

    def but(self, **changes: Any) -> World:
        return replace(self, **changes)

    def later(self, seconds: float) -> World:
        return self.but(now=self.now + timedelta(seconds=seconds))


#: Vendor 755 of the Global Vendor List, as the reference gives it.
BUILT_IN: Json = {
    "vendors": {
        "google": {
            "purposes": ["cookies", "create_ads_profile", "select_personalized_ads"],
            "legIntPurposes": [
                "select_basic_ads",
                "measure_ad_performance",
                "market_research",
                "improve_products",
            ],
        }
    }
}


GOOGLE_ON_BOTH: Json = {
    "vendors": {"google": {"purposes": ["cookies", "p1"], "legIntPurposes": ["market_research"]}}
}


@st.composite
def worlds(
    draw: st.DrawFn,
    cookies: st.SearchStrategy[list[Sent]] = visits,
    config: st.SearchStrategy[Json] = configs,
) -> World:
    country, region = draw(one_of(*PLACES, *NOWHERE))
    return World(
        layers=(draw(config), *draw(later_layers)),
        cookies=tuple(draw(cookies)),
        country=country,
        region=region,
        now=NOW,
        gpc=draw(one_of(False, False, True)),
        user_agent=draw(agents),
        suffixes=draw(one_of(tuple(SUFFIXES), tuple(SUFFIXES), ("",), ("_cpa",))),
        catalog=draw(one_of(GOOGLE, GOOGLE_ON_BOTH, None)),
    )


#: Visitors under a law of their state, with its cookie.
opt_out_worlds = st.builds(
    lambda world, place: world.but(country="US", region=place, suffixes=tuple(SUFFIXES)),
    worlds(config=site(st.just({"regulations": BOTH_STATES}))),
    one_of("CA", "CO"),
)

#: Visitors in France who agreed to everything but one or two ids: one wrong step opens a gate.
near_misses = st.builds(
    lambda world, missing: world.but(
        country="FR",
        cookies=(sent(with_states(AGREED, {**dict.fromkeys(ALL_IDS, "enabled"), **missing})),),
    ),
    worlds(config=site(st.just({}))),
    st.dictionaries(st.sampled_from(OFTEN), one_of("", "disabled"), min_size=1, max_size=2),
)

Question = tuple[str | None, tuple[str, ...]]
QUESTIONS: list[Question] = [
    *((one, ()) for one in VENDORS),
    *((None, (one,)) for one in PURPOSES),
    ("v1", ("p1",)),
    ("v2", ("p2", "cookies")),
    (None, ("p1", "p3")),
    ("gone", ()),
    (None, ("gone",)),
]


def ask(status: cp.Status) -> dict[Question, bool]:
    """All verdicts of a visit."""
    return {(name, ids): status.allows(name, ids) for name, ids in QUESTIONS}


def gates(config: cp.Config) -> dict[Question, cp.Gate]:
    """The questions that the configuration knows the ids of, resolved."""
    out: dict[Question, cp.Gate] = {}
    for name, ids in QUESTIONS:
        try:
            out[name, ids] = config.gate(name, ids)
        except cp.UnknownIdError:
            continue
    return out


def without_countries(layers: tuple[Json, ...]) -> tuple[Json, ...]:
    """The layers with no entry for any country."""
    return tuple(
        {key: value for key, value in layer.items() if key != "configByCountry"} for layer in layers
    )


def merged_once_more(layers: tuple[Json, ...], country: str) -> tuple[Json, ...]:
    """The layers, the country's entry merged over the last one as well."""
    whole: Json = {}
    for layer in layers:
        whole = plain_merge(whole, layer)
    over = copy.deepcopy(whole.get("configByCountry", {}).get(country, {}))
    return (*layers, over)
