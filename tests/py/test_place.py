"""R2: which law applies where, and which configuration goes with it."""

from __future__ import annotations

import json
from typing import Any

import pycountry
import pytest

import consentpy as cp
from helpers import NOW, VECTORS, cookie, full, law_of, regulations, short, vendor

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ASSIGNED = {country.alpha_2 for country in pycountry.countries} | {"XK"}
GDPR = (
    "AD AT BE BG CY CZ DE DK EE ES FI FR GB GF GG GI GP GR HR HU IE IS IT JE LI LT LU "
    "LV MC MF MQ MT NL NO PL PT RE RO SE SI SK SM VA YT"
).split()
STATES = {
    "cpra": "CA",
    "ccpa": "CA",
    "cpa": "CO",
    "ctdpa": "CT",
    "vcdpa": "VA",
    "ucpa": "UT",
    "dpdpa": "DE",
    "fdbr": "FL",
    "icdpa": "IA",
    "incdpa": "IN",
    "kcdpa": "KY",
    "mcdpa": "MT",
    "mncdpa": "MN",
    "modpa": "MD",
    "ndpa": "NE",
    "nhpa": "NH",
    "njdpa": "NJ",
    "ocpa": "OR",
    "ridtppa": "RI",
    "tdpsa": "TX",
    "tipa": "TN",
}
UNKNOWN_TEXTS = [
    "",
    " ",
    "XX",
    "T1",
    "EU",
    "UK",
    "ZZ",
    "AP",
    "A1",
    "A2",
    "O1",
    "AA",
    "QO",
    "SU",
    "AN",
    "F",
    "FRA",
    "FR ",
    " FR",
    "FR\n",
    "F\0",
    "FR\0",
    "FR,US",
    "FR-IDF",
    "US_CA",
    "75",
    "??",
    "--",
    "null",
    "None",
    "fr-FR",
    "\uff26\uff32",
    "\u0424\u0420",
    "\ud83c\uddeb\ud83c\uddf7",
    "\U0001f1eb\U0001f1f7",
    "f\u0280",
    "\u017f\u017f",
    "\ud800",
    "FR" * 40_000,
]
BASE = full([vendor("v1", ["p1"])])


def configurations(*entries: tuple[str, Any], **more: Any) -> cp.Config:
    """`regulation_configurations`; locations None leave the key out."""
    listed = []
    for law, places in entries:
        entry: dict[str, Any] = {"regulation_id": law}
        if places is not None:
            entry["geo_locations"] = places
        entry["config"] = {"marker": f"{law}:{len(listed)}"}
        listed.append(entry)
    return cp.Config({**BASE, **more, "regulation_configurations": listed})


# ------------------------------------------------------------ known countries


def test_r2_known_is_an_assigned_code_or_kosovo() -> None:
    """All 676 pairs of letters, in both cases, against the ISO 3166-1 table."""
    strict = cp.Config({**BASE, "consentpy": {"unknownCountry": "none"}})
    default = cp.Config(BASE)
    wrong = []
    for first in LETTERS:
        for second in LETTERS:
            code = first + second
            for spelling in (code, code.lower(), first + second.lower()):
                applies = code in GDPR
                known = code in ASSIGNED
                expected = "gdpr" if applies or not known else "none"
                if law_of(default, spelling) != expected:
                    wrong.append((spelling, "default"))
                expected = "gdpr" if applies else "none"
                if law_of(strict, spelling) != expected:
                    wrong.append((spelling, "unknownCountry none"))
    assert wrong == []


def test_the_table_is_the_whole_table() -> None:
    assert len(ASSIGNED) == 250
    assert set(GDPR) < ASSIGNED and len(GDPR) == 44


@pytest.mark.parametrize("code", UNKNOWN_TEXTS, ids=short)
def test_r2_anything_else_is_unknown_and_the_opt_in_law_applies(code: str) -> None:
    notice = cp.Config(regulations(BASE, gdpr=True, cpra=True)).notice(code)
    assert (notice.regulation, notice.group) == ("gdpr", "optin")
    status = notice.status({}, now=NOW)
    assert status.allows("v1") is False and status.should_collect is True
    repr(notice)


def test_r2_no_country_at_all() -> None:
    config = cp.Config(BASE)
    assert config.notice().regulation == "gdpr"
    assert config.notice(None, None).regulation == "gdpr"
    assert config.notice(None, "CA").regulation == "gdpr"
    assert config.notice(None).country is None


def test_r2_when_unknown_flag_is_not_read() -> None:
    for value in (True, False):
        config = {**BASE, "app": {**BASE["app"], "gdprAppliesWhenUnknown": value}}
        assert law_of(config, None) == "gdpr"
        assert law_of(config, "XX") == "gdpr"
        assert law_of(config, "BR") == "none"


def test_r2_unknown_country_option() -> None:
    config = {**BASE, "consentpy": {"unknownCountry": "none"}}
    for code in (None, "XX", "T1", "EU", "", "FRA"):
        notice = cp.Config(config).notice(code)
        assert (notice.regulation, notice.group) == ("none", "none")
        assert notice.status({}, now=NOW).allows("v1") is True
    assert law_of(config, "FR") == "gdpr"


@pytest.mark.parametrize(
    "value", ["gdpr", "cpra", "NONE", "none ", "", "ignore", None, False, 0, [], {}, ["none"]]
)
def test_r2_unknown_country_option_with_another_value_relaxes_nothing(value: Any) -> None:
    assert law_of({**BASE, "consentpy": {"unknownCountry": value}}, None) == "gdpr"
    assert law_of({**BASE, "consentpy": value}, None) == "gdpr"


def test_r2_unknown_applies_gdpr_even_where_it_was_switched_off() -> None:
    # Stricter reading: "Unknown -> the opt-in law applies", whatever is switched on.
    assert law_of(regulations(BASE, gdpr=False, cpra=True), None) == "gdpr"
    assert law_of(regulations(BASE, gdpr=False, cpra=True), "XX") == "gdpr"
    assert law_of(configurations(("cpra", None)), None) == "gdpr"


def test_only_a_text_or_none_is_a_country() -> None:
    config = cp.Config(BASE)
    for value in (5, b"FR", ["FR"], True):
        with pytest.raises(TypeError):
            config.notice(value)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            config.notice("US", value)  # type: ignore[arg-type]


# ----------------------------------------------------------------- territories


@pytest.mark.parametrize("code", GDPR)
def test_default_territory_of_gdpr(code: str) -> None:
    for region in (None, "CA", "75", "???"):
        assert law_of(BASE, code, region) == "gdpr"


@pytest.mark.parametrize("code", ["CH", "US", "BR", "CA", "XK", "GL", "FO", "IM", "SJ"])
def test_outside_the_default_territory_of_gdpr(code: str) -> None:
    notice = cp.Config(BASE).notice(code)
    assert (notice.regulation, notice.group) == ("none", "none")


@pytest.mark.parametrize("name", STATES)
def test_default_territory_of_a_law_of_a_state(name: str) -> None:
    state = STATES[name]
    config = cp.Config(regulations(BASE, gdpr=True, **{name: True}))
    notice = config.notice("US", state)
    assert (notice.regulation, notice.group) == (name, "optout")
    assert (notice.country, notice.region) == ("US", state)
    assert law_of(config, "us", state.lower()) == name
    assert law_of(config, "US", "NY") == "none"
    assert law_of(config, "DE", state) == "gdpr"
    assert law_of(config, "BR", state) == "none"
    listed = configurations((name, None))
    assert law_of(listed, "US", state) == name
    assert law_of(listed, "US", "NY") == "none"


@pytest.mark.parametrize("name", STATES)
def test_no_other_law_is_on_by_default(name: str) -> None:
    assert law_of(BASE, "US", STATES[name]) == "none"
    assert law_of(regulations(BASE, gdpr=True, **{name: False}), "US", STATES[name]) == "none"
    entry = {**BASE, "regulations": {name: {}}}
    assert law_of(entry, "US", STATES[name]) == "none"


@pytest.mark.parametrize("value", [1, "true", None, [], {}])
def test_enabled_is_the_boolean_true(value: Any) -> None:
    config = {**BASE, "regulations": {"cpra": {"enabled": value}}}
    assert law_of(config, "US", "CA") == "none"


@pytest.mark.parametrize("value", [0, "false", None, [], {}, "", True])
def test_gdpr_is_on_unless_the_boolean_false(value: Any) -> None:
    config = {**BASE, "regulations": {"gdpr": {"enabled": value}}}
    assert law_of(config, "FR") == "gdpr"


@pytest.mark.parametrize("value", [None, "off", 5, [], {}, {"gdpr": None}, {"gdpr": False}])
def test_regulations_of_a_wrong_type_switch_nothing_off(value: Any) -> None:
    assert law_of({**BASE, "regulations": value}, "FR") == "gdpr"


def test_gdpr_switched_off() -> None:
    config = regulations(BASE, gdpr=False)
    assert law_of(config, "FR") == "none"
    assert law_of(config, "US", "CA") == "none"


def test_additional_countries() -> None:
    config = cp.Config(regulations(BASE, gdpr={"additionalCountries": ["CH", "BR"]}))
    assert law_of(config, "CH") == law_of(config, "ch") == law_of(config, "BR", "SP") == "gdpr"
    assert law_of(config, "FR") == "gdpr"
    assert law_of(config, "US") == "none"


@pytest.mark.parametrize("value", [None, "CH", 5, {}, [], [5, None], ["ch_"], ["CHE"]])
def test_additional_countries_that_say_nothing(value: Any) -> None:
    config = regulations(BASE, gdpr={"additionalCountries": value})
    assert law_of(config, "US") == "none"
    assert law_of(config, "FR") == "gdpr"


def test_locations_of_a_switched_on_law() -> None:
    places = {"geo_locations": ["US_CA", "US_NV", "MX"]}
    config = cp.Config(regulations(BASE, gdpr=True, cpra=places))
    assert law_of(config, "US", "NV") == law_of(config, "US", "CA") == "cpra"
    assert law_of(config, "MX") == law_of(config, "MX", "CMX") == "cpra"
    assert law_of(config, "US", "NY") == "none"
    only = cp.Config(regulations(BASE, gdpr={"geo_locations": ["FR"]}))
    assert law_of(only, "FR") == "gdpr"
    assert law_of(only, "DE") == "none"


# -------------------------------------------------------------------- regions


@pytest.mark.parametrize("region", ["CA", "ca", "Ca"])
def test_r2_region_is_upper_cased(region: str) -> None:
    notice = cp.Config(regulations(BASE, gdpr=True, cpra=True)).notice("us", region)
    assert (notice.country, notice.region) == ("US", "CA")
    assert notice.regulation == "cpra"


@pytest.mark.parametrize(
    "region",
    [
        None,
        "",
        " ",
        "CALI",
        "C-A",
        "US-CA",
        "US_CA",
        "C A",
        "CA ",
        "\xc7A",
        "C\0",
        "\ud800",
        "CA" * 40_000,
        "\uff23\uff21",
        "?",
    ],
    ids=short,
)
def test_r2_region_unknown_means_the_first_law_of_the_country(region: str | None) -> None:
    first = cp.Config(regulations(BASE, gdpr=True, cpa=True, cpra=True))
    assert law_of(first, "US", region) == "cpa"
    second = cp.Config(regulations(BASE, gdpr=True, cpra=True, cpa=True))
    assert law_of(second, "US", region) == "cpra"
    assert law_of(second, "BR", region) == "none"
    assert law_of(second, "FR", region) == "gdpr"


@pytest.mark.parametrize("region", ["A", "1", "75", "IDF", "0AB", "NY"])
def test_r2_region_known_and_not_listed(region: str) -> None:
    config = cp.Config(regulations(BASE, gdpr=True, cpra=True, cpa=True))
    assert law_of(config, "US", region) == "none"


def test_regions_of_three_characters() -> None:
    config = configurations(("gdpr", ["GB_ENG"]), ("cpra", ["US_CA"]))
    assert law_of(config, "GB", "eng") == "gdpr"
    assert law_of(config, "GB", "SCT") == "none"
    assert law_of(config, "GB") == "gdpr"


def test_r2_no_regional_law_in_that_country() -> None:
    config = cp.Config(regulations(BASE, gdpr=True, cpra=True))
    assert law_of(config, "BR") == law_of(config, "CA") == law_of(config, "MX") == "none"


# ---------------------------------------------- the token cookie picks the law

PICK = cp.Config(regulations(BASE, gdpr=True, cpra=True, cpa=True, ctdpa=True))


@pytest.mark.parametrize("form", ["mapping", "str", "bytes"])
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "cpra"),
        (["didomi_token_cpra"], "cpra"),
        (["didomi_token_cpa"], "cpa"),
        (["didomi_token_ctdpa"], "ctdpa"),
        (["didomi_token_ctdpa", "didomi_token_cpa"], "cpa"),
        (["didomi_token_vcdpa"], "cpra"),
        (["didomi_token"], "cpra"),
        (["didomi_token", "didomi_token_cpa"], "cpa"),
        (["didomi_token_CPA"], "cpra"),
        (["xdidomi_token_cpa", "didomi_token_cpax"], "cpra"),
    ],
)
def test_r2_token_cookie_among_laws_of_regions(names: list[str], expected: str, form: str) -> None:
    cookies: Any = {name: cookie({}) for name in names}
    if form != "mapping":
        cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if form == "bytes":
        cookies = cookies.encode()
    assert law_of(PICK, "US", None, cookies) == expected
    assert PICK.status(cookies, country="US", now=NOW).notice.regulation == expected
    # A known region, another country and an unknown one are decided without cookies.
    assert law_of(PICK, "US", "CT", cookies) == "ctdpa"
    assert law_of(PICK, "US", "NY", cookies) == "none"
    assert law_of(PICK, "FR", None, cookies) == "gdpr"
    assert law_of(PICK, "BR", None, cookies) == "none"
    assert law_of(PICK, None, None, cookies) == "gdpr"


def test_r2_an_unreadable_token_cookie_picks_its_law_as_well() -> None:
    """It is among the cookies; and as it cannot be read it refuses (R10)."""
    for value in ("%%%", "", "x" * 20_000):
        cookies = {"didomi_token_cpa": value}
        seen = PICK.status(cookies, country="US", now=NOW)
        assert seen.notice.regulation == "cpa"
        assert seen.allows("v1") is False


def test_r2_a_visitor_cannot_leave_the_opt_in_law_by_a_cookie() -> None:
    config = cp.Config(regulations(BASE, gdpr={"additionalCountries": ["US"]}, cpra=True))
    assert law_of(config, "US", "NY", {"didomi_token_cpra": cookie({})}) == "gdpr"
    assert law_of(BASE, "FR", None, {"didomi_token_cpra": cookie({})}) == "gdpr"


@pytest.mark.parametrize("cookies", [5, 1.5, True, ["a=b"], object(), ("a", "b"), {"a"}])
def test_cookies_of_a_wrong_type(cookies: Any) -> None:
    with pytest.raises(TypeError):
        PICK.notice("US", None, cookies)
    with pytest.raises(TypeError):
        PICK.notice("US").status(cookies, now=NOW)
    with pytest.raises(TypeError):
        PICK.status(cookies, country="US", now=NOW)


# ------------------------------------------------- regulation_configurations


def test_r2_entries_with_a_region_win_over_entries_without() -> None:
    config = configurations(("gdpr", ["US"]), ("cpra", ["US_CA"]), ("cpa", ["US_CO"]))
    assert law_of(config, "US", "CA") == "cpra"
    assert law_of(config, "US", "CO") == "cpa"
    assert law_of(config, "US", "NY") == "gdpr"


def test_r2_a_whole_country_comes_after_the_laws_of_its_regions() -> None:
    config = configurations(("gdpr", ["US"]), ("cpra", ["US_CA"]), ("cpa", ["US_CO"]))
    assert law_of(config, "US") == "cpra"
    assert law_of(config, "US", None, {"didomi_token_cpa": cookie({})}) == "cpa"
    assert law_of(config, "US", "??") == "cpra"


def test_the_first_of_two_entries_for_one_place() -> None:
    assert law_of(configurations(("cpra", ["BR"]), ("gdpr", ["BR"])), "BR") == "cpra"
    assert law_of(configurations(("gdpr", ["BR"]), ("cpra", ["BR"])), "BR") == "gdpr"
    both = configurations(("cpa", ["US_CA"]), ("cpra", ["US_CA"]))
    assert law_of(both, "US", "CA") == "cpa"
    twice = configurations(("gdpr", ["BR"]), ("gdpr", ["CL"]))
    assert twice.effective("CL").get("marker") == "gdpr:1"
    assert twice.effective("BR").get("marker") == "gdpr:0"


def test_no_entry_matches() -> None:
    config = configurations(("cpra", None))
    assert law_of(config, "FR") == "none"
    assert law_of(config, "BR") == "none"
    assert config.effective("FR").get("marker") is None


def test_entries_beat_regulations_and_regulation_name() -> None:
    config = configurations(
        ("cpra", None),
        regulations={"gdpr": {"enabled": True}, "cpa": {"enabled": True}},
        regulation={"name": "cpa"},
    )
    assert law_of(config, "FR") == "none"
    assert law_of(config, "US", "CO") == "none"
    assert law_of(config, "US", "CA") == "cpra"


def test_r2_the_opt_in_law_without_a_match_brings_its_configuration() -> None:
    config = configurations(("cpra", None), ("gdpr", ["FR"]))
    for code in (None, "XX", "FR"):
        assert law_of(config, code) == "gdpr"
        assert config.effective(code).get("marker") == "gdpr:1"
    assert config.effective("DE").get("marker") is None
    everywhere = configurations(
        ("cpra", None), ("gdpr", ["FR"]), app={**BASE["app"], "ignoreCountry": True}
    )
    assert law_of(everywhere, "BR") == "gdpr"
    assert everywhere.effective("BR").get("marker") == "gdpr:1"
    assert everywhere.effective("US", "CA").get("marker") == "cpra:0"


def test_an_empty_list_of_entries_switches_nothing_off() -> None:
    # Stricter reading: an empty list is no choice of laws.
    assert law_of(configurations(), "FR") == "gdpr"


@pytest.mark.parametrize("value", [None, "gdpr", 5, {"gdpr": {}}, True])
def test_entries_of_a_wrong_type_switch_nothing_off(value: Any) -> None:
    assert law_of({**BASE, "regulation_configurations": value}, "FR") == "gdpr"


@pytest.mark.parametrize("entry", [None, "gdpr", 5, [], {}, {"regulation_id": 5}])
def test_an_entry_that_says_nothing_is_skipped(entry: Any) -> None:
    listed = [entry, {"regulation_id": "gdpr", "config": {"marker": "here"}}]
    config = cp.Config({**BASE, "regulation_configurations": listed})
    assert law_of(config, "FR") == "gdpr"
    assert config.effective("FR").get("marker") == "here"


def test_an_entry_without_a_configuration() -> None:
    for extra in ({}, {"config": None}, {"config": "x"}, {"config": []}, {"config": {}}):
        listed = [{"regulation_id": "gdpr", **extra}]
        config = cp.Config({**BASE, "regulation_configurations": listed})
        assert law_of(config, "FR") == "gdpr"
        assert config.notice("FR").status({}, now=NOW).allows("v1") is False


# --------------------------------------------------- the law applies everywhere


@pytest.mark.parametrize("flag", ["gdprAppliesGlobally", "ignoreCountry"])
def test_r2_applies_globally(flag: str) -> None:
    config = regulations(BASE, gdpr=True, cpra=True)
    config = {**config, "app": {**config["app"], flag: True}}
    assert law_of(config, "BR") == law_of(config, "US", "NY") == law_of(config, "FR") == "gdpr"
    assert law_of(config, "US", "CA") == "cpra"
    assert law_of(config, "US") == "cpra"
    assert law_of(config, None) == "gdpr"


@pytest.mark.parametrize("flag", ["gdprAppliesGlobally", "ignoreCountry"])
@pytest.mark.parametrize("value", [False, None, 1, "true", [], {}])
def test_applies_globally_is_the_boolean_true(flag: str, value: Any) -> None:
    assert law_of({**BASE, "app": {**BASE["app"], flag: value}}, "BR") == "none"


def test_r2_applies_globally_beats_the_relaxed_unknown_country() -> None:
    # Stricter reading: the relaxation takes away the reason "unknown", not this one.
    app = {**BASE["app"], "gdprAppliesGlobally": True}
    config = {**BASE, "app": app, "consentpy": {"unknownCountry": "none"}}
    assert law_of(config, None) == "gdpr"


def test_applies_globally_where_gdpr_is_switched_off() -> None:
    # Stricter reading: "no match -> gdpr with gdprAppliesGlobally", to the letter.
    config = regulations(BASE, gdpr=False)
    config = {**config, "app": {**config["app"], "gdprAppliesGlobally": True}}
    assert law_of(config, "BR") == "gdpr"


# ------------------------------------------------------------ whole documents


def test_the_vectors_notice_everywhere() -> None:
    config = cp.Config(json.loads((VECTORS / "notice.json").read_text("utf-8")))
    for place, expected in (
        (("FR", None), "gdpr"),
        (("CH", None), "gdpr"),
        (("US", "CA"), "cpra"),
        (("US", "CO"), "cpa"),
        (("US", None), "cpra"),
        (("US", "NY"), "none"),
        (("BR", None), "none"),
        ((None, None), "gdpr"),
    ):
        assert config.notice(*place).regulation == expected
    assert config.notice("FR").consent_duration == 7_776_000
    assert config.notice("DE").consent_duration == 15_552_000


def test_whatever_places_are_asked_for_the_answers_stay_the_same() -> None:
    """The cache of notices is bounded by the configuration, not by what is asked."""
    config = cp.Config(regulations(BASE, gdpr=True, cpra=True, cpa=True))
    for n in range(20_000):
        assert law_of(config, f"Z{n}", f"{n % 999}") == "gdpr"
    assert law_of(config, "US", "CO") == "cpa"
    for n in range(1000):
        assert law_of(config, "US", f"{n}", {"didomi_token_cpa": "x"}) == "none"
    assert law_of(config, "US", "CO") == "cpa"
