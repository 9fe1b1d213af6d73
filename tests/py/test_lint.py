"""Config.lint(): each code where it belongs and nowhere else, and the commands that show it."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import django_app  # noqa: F401  (sets Django up)
import flask
import pytest
from cli_runs import run
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings
from django_app import settings as project
from django_app.visitors import ALL, token
from hypothesis import given
from hypothesis import strategies as st
from vendor_lists import listed, vendor_list

import consentpy as cp
from consentpy.flask import Consent

ROOT = Path(__file__).resolve().parents[2]
GVL = cp.GlobalVendorList(
    vendor_list(
        listed(2, purposes=[1]),
        listed(3, purposes=[1], deletedDate="2020-01-01T00:00:00Z"),
        listed(755, purposes=[1]),
    )
)
GOOD: dict[str, Any] = {
    "app": {
        "country": "FR",
        "consentDuration": 34214400,
        "deniedConsentDuration": 86400,
        "essentialPurposes": ["needed"],
        "purposes": ["cookies"],
        "customPurposes": [{"id": "needed"}, {"id": "audience"}],
        "vendors": {
            "custom": [
                {"id": "meter", "purposeIds": ["audience"]},
                {"id": "basket", "legIntPurposeIds": ["needed"]},
                {"id": "locator", "specialFeatureIds": ["geolocation_data"]},
                {"id": "goo", "namespaces": {"google": {"current": True}}},
                {"id": "later"},
            ],
            "didomi": ["google"],
            "overrideVendors": {"later": {"purposeIds": ["audience"]}},
        },
    },
    "configByCountry": {"FR": {"app": {"name": "x"}}, "XK": {}},
    "regulations": {
        "gdpr": {"enabled": True, "additionalCountries": ["CH", "br"]},
        "cpra": {"enabled": True, "geo_locations": ["US_CA", "us_ny", "GB_ENG", "CA"]},
        "tipa": {"enabled": None, "geo_locations": None},
    },
    "cookies": {
        "didomiTokenCookieName": "__Host-t!#$%&'*+-.^_`|~9",
        "iabCookieName": "n" * 255,
        "didomiConsentStringCookieName": "",
    },
    "user": {"ignoreConsentBefore": "2020-01-01T00:00:00Z", "country": None},
    "consentpy": {
        "gpc": "off",
        "unknownCountry": "none",
        "storedRefusalWithoutRegulation": "respect",
        "ignoreBefore": "keep",
        "recollect": "reset",
        "clockSkewSeconds": 0,
        "cmpIds": "any",
        "cmpId": 300,
        "tcf": {
            "require_service_specific": False,
            "require_vendor_disclosed": True,
            "min_policy_version": 63,
            "require_disclosed_segment_from_policy": None,
            "require_disclosed_segment_since": "2026-03-01",
            "purpose_one_exempt_countries": ["DE", "fr"],
        },
        "vendorCookies": {"meter": ["_m", "_m*", "n" * 255 + "*"]},
    },
}
LATER = (datetime.now(timezone.utc) + timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")


def found(*layers: Any, **options: Any) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in cp.Config(*layers, **options).lint()]


def vendors(**more: Any) -> dict[str, Any]:
    return {"app": {"vendors": more}}


def custom(*list_: Any) -> dict[str, Any]:
    return {"app": {"vendors": {"custom": list(list_)}, "customPurposes": [{"id": "p"}]}}


def laws(**more: Any) -> dict[str, Any]:
    return {"regulations": {"gdpr": more}}


def demand(**more: Any) -> dict[str, Any]:
    return {"consentpy": {"tcf": more}}


def own(*names: Any) -> dict[str, Any]:
    return {**vendors(didomi=["google"]), "consentpy": {"vendorCookies": {"google": list(names)}}}


STRING = {"cmp_id": 300, "vendor_list_version": 100, "policy_version": 4, "segments": ["core"]}
IAB = {"all": True}
CMP = {"consentpy": {"cmpId": 300}}


def test_what_is_right_has_no_finding() -> None:
    assert found(GOOD) == found({}) == []
    assert found({**GOOD, "website": GOOD["app"]}) == []
    assert found({**vendors(iab=IAB), **CMP}, gvl=GVL) == []
    assert found({**vendors(iab={"include": [2], "exclude": [9]}), **CMP}, gvl=GVL) == []


CASES: list[tuple[str, str, Any]] = [
    ("wrong-type", "app", {"app": []}),
    ("wrong-type", "app.consentDuration", {"app": {"consentDuration": "7"}}),
    ("wrong-type", "app.vendors.custom", vendors(custom={})),
    ("wrong-type", "app.vendors.didomi[0]", vendors(didomi=[7])),
    ("wrong-type", "app.vendors.iab.all", vendors(iab={"all": "true"})),
    ("wrong-type", "website.consentDuration", {"website": {"consentDuration": True}}),
    ("wrong-type", "notice.daysBeforeShowingAgain", {"notice": {"daysBeforeShowingAgain": "7"}}),
    ("wrong-type", "configByCountry.FR.user", {"configByCountry": {"FR": {"user": 7}}}),
    ("wrong-type", "configByCountry.FR", {"configByCountry": {"FR": 7}}),
    ("country-key", "configByCountry.fr", {"configByCountry": {"fr": {}}}),
    ("country-key", "configByCountry.UK", {"configByCountry": {"UK": {}}}),
    ("country-key", 'configByCountry["F.R"]', {"configByCountry": {"F.R": {}}}),
    ("bad-country", "user.country", {"user": {"country": "UK"}}),
    ("bad-country", "user.country", {"user": {"country": 7}}),
    ("fixed-country", "user.country", {"user": {"country": "fr"}}),
    ("unknown-purpose", "app.purposes[1]", {"app": {"purposes": ["cookies", "x"]}}),
    ("unknown-purpose", "app.essentialPurposes[0]", {"app": {"essentialPurposes": [1]}}),
    (
        "unknown-purpose",
        "app.vendors.custom[0].legIntPurposeIds[1]",
        custom({"id": "a", "legIntPurposeIds": ["p", "x"]}),
    ),
    (
        "unknown-purpose",
        "app.vendors.overrideVendors.google.purposeIds[0]",
        vendors(didomi=["google"], overrideVendors={"google": {"purposeIds": ["x"]}}),
    ),
    ("purpose-id", "app.customPurposes[0]", {"app": {"customPurposes": [{"id": "a b"}]}}),
    ("purpose-id", "app.customPurposes[0]", {"app": {"customPurposes": [{"id": "cookies"}]}}),
    ("purpose-id", "app.customPurposes[0]", {"app": {"customPurposes": ["p"]}}),
    (
        "duplicate-purpose",
        "app.customPurposes[1]",
        {"app": {"customPurposes": [{"id": "p"}, {"id": "p"}]}},
    ),
    ("essential-not-custom", "app.essentialPurposes[0]", {"app": {"essentialPurposes": ["cookies"]}}),
    ("unknown-vendor", "app.vendors.didomi[0]", vendors(didomi=["gogle"])),
    ("unknown-vendor", "app.vendors.include[0]", vendors(include=["gogle"])),
    ("unknown-vendor", "app.vendors.overrideVendors.x", vendors(overrideVendors={"x": {}})),
    ("unknown-vendor", "consentpy.vendorCookies.x", {"consentpy": {"vendorCookies": {"x": ["c"]}}}),
    ("vendor-id", "app.vendors.custom[0]", custom({"purposeIds": ["p"]})),
    ("vendor-id", "app.vendors.custom[0]", custom("a")),
    ("vendor-id", "app.vendors.custom[0]", custom({"id": "", "purposeIds": ["p"]})),
    (
        "duplicate-vendor",
        "app.vendors.custom[1]",
        custom({"id": "a", "purposeIds": ["p"]}, {"id": "c:a", "purposeIds": ["p"]}),
    ),
    ("dropped-vendor", "app.vendors.custom[0]", custom({"id": "a"})),
    ("dropped-vendor", "app.vendors.custom[0]", custom({"id": "a", "purposeIds": []})),
    ("iab-without-gvl", "app.vendors.iab", vendors(iab=IAB)),
    ("iab-without-gvl", "app.vendors.iab", vendors(iab=[2])),
    ("iab-without-gvl", "configByCountry.FR.app.vendors.iab", {"configByCountry": {"FR": vendors(iab=IAB)}}),
    ("restriction", "app.vendors.iab.restrictions[0]", vendors(iab={"restrictions": [{"id": "r"}]})),
    ("long-consent", "app.consentDuration", {"app": {"consentDuration": 34214401}}),
    ("long-consent", "configByCountry.FR.app.consentDuration", {"configByCountry": {"FR": {"app": {"consentDuration": 1e9}}}}),
    ("bad-duration", "app.consentDuration", {"app": {"consentDuration": 0}}),
    ("bad-duration", "app.deniedConsentDuration", {"app": {"deniedConsentDuration": -5}}),
    ("denied-duration", "app.deniedConsentDuration", {"app": {"consentDuration": 7, "deniedConsentDuration": 7}}),
    ("denied-duration", "app.deniedConsentDuration", {"app": {"deniedConsentDuration": 31622400}}),
    ("bad-date", "user.ignoreConsentBefore", {"user": {"ignoreConsentBefore": "last week"}}),
    ("future-date", "user.ignoreConsentBefore", {"user": {"ignoreConsentBefore": LATER}}),
    ("unknown-law", "regulations.gpdr", {"regulations": {"gpdr": {"enabled": True}}}),
    (
        "unknown-law",
        "regulation_configurations[0].regulation_id",
        {"regulation_configurations": [{"regulation_id": "x", "geo_locations": ["FR"]}]},
    ),
    ("unreadable-law", "regulation_configurations[0]", {"regulation_configurations": [{}]}),
    (
        "unreadable-law",
        "regulation_configurations[1]",
        {"regulation_configurations": [{"regulation_id": "gdpr"}, {"regulation_id": "x"}]},
    ),
    (
        "bad-duration",
        "regulation_configurations[0].config.app.consentDuration",
        {"regulation_configurations": [{"regulation_id": "gdpr", "config": {"app": {"consentDuration": 0}}}]},
    ),
    ("delivered-law", "regulation.name", {"regulation": {"name": "gdpr"}}),
    ("experiment", "experiment", {"experiment": {"id": "x", "config": {}}}),
    ("unknown-option", "consentpy.gcp", {"consentpy": {"gcp": "always"}}),
    ("option-value", "consentpy.gpc", {"consentpy": {"gpc": "never"}}),
    ("option-value", "consentpy.gpc", {"consentpy": {"gpc": ""}}),
    ("option-value", "consentpy.gpc", {"consentpy": {"gpc": "always off"}}),
    ("option-value", "consentpy.cmpIds", {"consentpy": {"cmpIds": [0]}}),
    ("option-value", "consentpy.cmpId", {"consentpy": {"cmpId": 4096}}),
    ("option-value", "consentpy.clockSkewSeconds", {"consentpy": {"clockSkewSeconds": -1}}),
    ("option-value", "consentpy.tcf", {"consentpy": {"tcf": 1}}),
    ("option-value", "consentpy.vendorCookies.google", {**vendors(didomi=["google"]), "consentpy": {"vendorCookies": {"google": "c"}}}),
    ("option-value", "consentpy.vendorCookies.google[0]", own("")),
    ("option-value", "consentpy.vendorCookies.google[1]", own("a", "**")),
    ("option-value", "consentpy.vendorCookies.google[0]", own(7)),
    ("unknown-option", "consentpy.tcf.minPolicyVersion", demand(minPolicyVersion=4)),
    ("unknown-option", 'consentpy.tcf[""]', demand(**{"": None})),
    ("option-value", "consentpy.tcf.require_service_specific", demand(require_service_specific="false")),
    ("option-value", "consentpy.tcf.require_vendor_disclosed", demand(require_vendor_disclosed=1)),
    ("option-value", "consentpy.tcf.min_policy_version", demand(min_policy_version=4.0)),
    ("option-value", "consentpy.tcf.min_policy_version", demand(min_policy_version=-1)),
    ("option-value", "consentpy.tcf.require_disclosed_segment_from_policy", demand(require_disclosed_segment_from_policy=64)),
    ("option-value", "consentpy.tcf.require_disclosed_segment_since", demand(require_disclosed_segment_since=20260301)),
    ("option-value", "consentpy.tcf.purpose_one_exempt_countries", demand(purpose_one_exempt_countries="DE")),
    ("tcf-demand", "consentpy.tcf.min_policy_version", demand(min_policy_version=64)),
    ("tcf-demand", "consentpy.tcf.require_disclosed_segment_from_policy", demand(require_disclosed_segment_from_policy=-1)),
    ("tcf-demand", "consentpy.tcf.require_disclosed_segment_since", demand(require_disclosed_segment_since="March")),
    ("tcf-demand", "configByCountry.FR.consentpy.tcf.min_policy_version", {"configByCountry": {"FR": demand(min_policy_version=99)}}),
    ("bad-place", "consentpy.tcf.purpose_one_exempt_countries[1]", demand(purpose_one_exempt_countries=["DE", "UK"])),
    ("bad-place", "consentpy.tcf.purpose_one_exempt_countries[0]", demand(purpose_one_exempt_countries=["US_CA"])),
    ("wrong-type", "consentpy.tcf.purpose_one_exempt_countries[0]", demand(purpose_one_exempt_countries=[49])),
    ("bad-place", "regulations.gdpr.geo_locations[0]", laws(geo_locations=["EU", "FR"])),
    ("bad-place", "regulations.gdpr.geo_locations[0]", laws(geo_locations=["US-CA"])),
    ("bad-place", "regulations.gdpr.geo_locations[0]", laws(geo_locations=["US_"])),
    ("bad-place", "regulations.gdpr.geo_locations[0]", laws(geo_locations=["US_CALI"])),
    ("bad-place", "regulations.gdpr.geo_locations[0]", laws(geo_locations=["UK_ENG"])),
    ("bad-place", "regulations.gdpr.geo_locations[0]", laws(geo_locations=[""])),
    ("bad-place", "regulations.gdpr.geo_locations[0]", laws(geo_locations=["FRA"])),
    ("bad-place", "regulations.gdpr.additionalCountries[0]", laws(additionalCountries=["Brazil"])),
    ("bad-place", "configByCountry.FR.regulations.gdpr.geo_locations[0]", {"configByCountry": {"FR": laws(geo_locations=["UK"])}}),
    (
        "bad-place",
        "regulation_configurations[0].geo_locations[1]",
        {"regulation_configurations": [{"regulation_id": "gdpr", "geo_locations": ["FR", "UK"]}]},
    ),
    ("wrong-type", "regulation_configurations[0].geo_locations", {"regulation_configurations": [{"regulation_id": "gdpr", "geo_locations": "FR"}]}),
    ("wrong-type", "regulations.gdpr", {"regulations": {"gdpr": True}}),
    ("wrong-type", "regulations.gdpr.enabled", laws(enabled="false")),
    ("wrong-type", "regulations.gdpr.geo_locations", laws(geo_locations="FR")),
    ("wrong-type", "regulations.gdpr.additionalCountries", laws(additionalCountries="CH")),
    ("wrong-type", "regulations.gdpr.additionalCountries[1]", laws(additionalCountries=["CH", 7])),
    ("wrong-type", "cookies.local", {"cookies": {"local": "x.example"}}),
    ("wrong-type", "regulation.cookies", {"regulation": {"cookies": []}}),
    ("cookie-name", "cookies.didomiTokenCookieName", {"cookies": {"didomiTokenCookieName": "my token"}}),
    ("cookie-name", "cookies.ccpaDidomiTokenCookieName", {"cookies": {"ccpaDidomiTokenCookieName": "a=b"}}),
    ("cookie-name", "cookies.iabCookieName", {"cookies": {"iabCookieName": "n" * 256}}),
    ("cookie-name", "cookies.didomiConsentStringCookieName", {"cookies": {"didomiConsentStringCookieName": "tökéletes"}}),
    ("cookie-name", "regulation.cookies.didomiTokenCookieName", {"regulation": {"cookies": {"didomiTokenCookieName": "a;b"}}}),
    ("cookie-name", "configByCountry.FR.cookies.iabCookieName", {"configByCountry": {"FR": {"cookies": {"iabCookieName": "a,b"}}}}),
    ("cookie-name", "consentpy.vendorCookies.google[1]", own("_ga", "_ga *")),
    ("cookie-name", "consentpy.vendorCookies.google[0]", own("n" * 256)),
]  # fmt: skip
WITH_LIST: list[tuple[str, str, Any]] = [
    ("not-in-list", "app.vendors.iab.include[1]", {**vendors(iab={"include": [2, 9]}), **CMP}),
    ("not-in-list", "app.vendors.iab[1]", {**vendors(iab=[2, 3]), **CMP}),
    ("wrong-type", "app.vendors.iab.include[0]", {**vendors(iab={"include": ["2"]}), **CMP}),
    ("tcf-needs-cmp", "app.vendors.iab", vendors(iab=IAB)),
    (
        "exclude-survives",
        "configByCountry.FR.app.vendors.iab.include[0]",
        {**vendors(iab={"exclude": [2]}), "configByCountry": {"FR": vendors(iab={"include": [2]})}, **CMP},
    ),
    (
        "exclude-survives",
        "configByCountry.FR.app.vendors.iab.all",
        {**vendors(iab={"exclude": [2]}), "configByCountry": {"FR": vendors(iab=IAB)}, **CMP},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "layer"), CASES)
def test_each_mistake_is_told_once(code: str, path: str, layer: Any) -> None:
    assert found(layer) == [(code, path)]


@pytest.mark.parametrize(("code", "path", "layer"), WITH_LIST)
def test_mistakes_about_the_vendor_list(code: str, path: str, layer: Any) -> None:
    assert found(layer, gvl=GVL) == [(code, path)]


def test_what_is_written_over_an_exclusion() -> None:
    base = {**vendors(iab={"exclude": [2]}), **CMP}
    for own in ({"include": [2], "exclude": []}, [2], {"include": [755]}):
        assert found({**base, "configByCountry": {"FR": vendors(iab=own)}}, gvl=GVL) == []
    everybody = {**vendors(iab={"all": True, "exclude": [2]}), **CMP}
    assert found({**everybody, "configByCountry": {"FR": vendors(iab=IAB)}}, gvl=GVL) == []


def test_ids_of_other_layers_are_known() -> None:
    purposes = {"app": {"customPurposes": [{"id": "p"}]}}
    vendor = vendors(custom=[{"id": "a", "purposeIds": ["p"]}])
    assert found(vendor, purposes) == found(purposes, vendor) == []
    assert found(vendor, {"configByCountry": {"FR": purposes}}) == []


def test_a_region_that_is_none() -> None:
    """It counts beside a country of the configuration only, which is told too."""
    for region, told in (("California", True), ("US_CA", True), ("CA", False), ("ca", False)):
        codes = [("fixed-country", "user.country")] + [("bad-place", "user.region")] * told
        assert found({"user": {"country": "US", "region": region}}) == codes
    assert found({"user": {"region": "California"}}) == []


def test_what_is_told_has_the_effect_that_is_told() -> None:
    """Names of cookies and places, asked of the rules themselves."""
    for name in ("n" * 256, "n" * 255):
        notice = cp.Config({"cookies": {"didomiTokenCookieName": name}}).notice("FR")
        assert notice.cookie_name == ("" if len(name) > 255 else name)
    for place, law in (
        ("US_CA", "gdpr"),
        ("us_ca", "gdpr"),
        ("US-CA", "none"),
        ("US_CALI", "none"),
    ):
        config = cp.Config({"regulations": {"gdpr": {"geo_locations": [place]}}})
        assert config.notice("US", "CA").regulation == law


@pytest.mark.parametrize(
    ("code", "tcf"),
    [
        (code, layer["consentpy"]["tcf"])
        for code, path, layer in CASES
        if path.startswith("consentpy.tcf.")
    ],
)
def test_a_demand_that_is_told_is_ignored_or_never_met(code: str, tcf: dict[str, Any]) -> None:
    """A string of policy 4 without the disclosed segment: by default it is taken."""
    today = {**STRING, "created_ds": int(datetime.now(timezone.utc).timestamp()) // 86400 * 864_000}
    config = cp.Config({"consentpy": {"cmpIds": "any", "tcf": tcf}})
    status = config.status({"euconsent-v2": cp.tcf.encode(today)}, country="FR")
    refused = "tc_not_accepted" in [one.code for one in status.diagnostics]
    assert refused == (code == "tcf-demand")


def test_the_place_and_the_layer() -> None:
    text = '{"app": {\n  "é": 1, "consentDuration": 0}}'
    config = cp.Config({"app": {"consentDuration": 0}}, text, names=["plain", "text"])
    plain, written = config.lint()
    assert tuple(plain) == (
        "bad-duration",
        "error",
        "app.consentDuration",
        plain.message,
        "plain",
        None,
        None,
    )
    assert (written.layer, written.line, written.column) == ("text", 2, 30)
    assert cp.Config(text.encode()).lint()[0].column == 30
    from_js = cp.Config.from_js(f"window.didomiConfig = {text}").lint()[0]
    assert (from_js.line, from_js.column) == (2, 30)


def test_severities() -> None:
    levels = {code: one.severity for code, _, layer in CASES for one in cp.Config(layer).lint()}
    assert set(levels.values()) == {"error", "warning", "info"}
    assert levels["wrong-type"] == levels["dropped-vendor"] == "error"
    assert levels["long-consent"] == levels["iab-without-gvl"] == "warning"
    assert levels["experiment"] == levels["delivered-law"] == "info"


def test_every_code_is_documented_and_tested() -> None:
    source = (ROOT / "csrc" / "core" / "lint.c").read_text("utf-8")
    codes = set(re.findall(r'=\s*\{"([a-z-]+)", CNS_IS_', source))
    text = (ROOT / "docs" / "lint.md").read_text("utf-8")
    documented = dict(re.findall(r"^### `([a-z-]+)` \((error|warning|info)\)$", text, re.MULTILINE))
    assert len(codes) == 31 and set(documented) == codes
    assert {code for code, _, _ in CASES + WITH_LIST} == codes
    told = {one.code: one for code, _, layer in CASES for one in cp.Config(layer).lint()}
    told |= {one.code: one for _, _, layer in WITH_LIST for one in cp.Config(layer, gvl=GVL).lint()}
    assert {code: one.severity for code, one in told.items()} == documented
    for one in told.values():
        assert not one.message.endswith(".") and one.message[0].islower()


# What a configuration may hold at all.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "app website vendors custom didomi include iab all exclude restrictions id purposeIds "
                "customPurposes essentialPurposes consentDuration user country ignoreConsentBefore "
                "configByCountry FR fr regulations regulation_configurations config regulation_id "
                "consentpy gpc vendorCookies cmpId overrideVendors experiment regulation name "
                "tcf min_policy_version require_disclosed_segment_since cookies iabCookieName gdpr "
                "purpose_one_exempt_countries geo_locations additionalCountries enabled".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(
    st.dictionaries(
        st.sampled_from(["app", "user", "configByCountry", "consentpy", "regulations", "cookies"]),
        JSON,
    ),
    st.booleans(),
)
def test_whatever_is_written_can_be_reviewed(layer: dict[str, Any], listed: bool) -> None:
    config = cp.Config(layer, gvl=GVL if listed else None)
    one, two = config.lint(), config.lint()
    assert one == two and all(item.layer == "layer1" for item in one)
    # What is told about stands in the layer: the path leads to it.
    for item in one:
        if item.path.startswith(("app.", "user.")):
            missing = object()
            assert config.effective().get(item.path, missing) is not missing


def test_a_large_configuration_takes_no_square_of_time() -> None:
    many = [{"id": f"v{n}"} for n in range(60_000)]
    over = {f"x{n}": {} for n in range(60_000)}
    assert len(cp.Config(vendors(custom=many, overrideVendors=over)).lint()) == 120_000
    numbers = list(range(1, 60_000))
    part = vendors(iab={"include": numbers})
    layer = {**vendors(iab={"exclude": numbers}), "configByCountry": {"FR": part}}
    assert len(cp.Config(layer).lint()) == 60_000
    assert len(cp.Config(laws(geo_locations=["EU"] * 60_000)).lint()) == 60_000


# ------------------------------------------------------------------ commands

BAD = {"app": {"consentDuration": 0}}


def test_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.json").write_text(json.dumps(GOOD))
    Path("bad.json").write_text('{"app": {"consentDuration": 0},\n "user": {"country": "FR"}}')
    done = run("lint", "good.json")
    assert (done.code, done.out, done.err) == (0, "nothing to say\n", "")
    done = run("lint", "good.json", "bad.json")
    assert done.code == 1 and done.err == ""
    first, second, *_, last = done.out.splitlines()
    assert first.startswith("bad.json:1:29: error: app.consentDuration: ")
    assert first.endswith(" [bad-duration]")
    assert second.startswith("bad.json:2:22: warning: user.country: ") or "denied" in second
    assert last.endswith("of them errors")
    told = json.loads(run("lint", "bad.json", "--json").out)["diagnostics"]
    assert [one["code"] for one in told] == ["bad-duration", "fixed-country"]
    assert list(told[0]) == ["code", "severity", "path", "message", "layer", "line", "column"]
    Path("odd.json").write_text('{"configByCountry": {"\\u001b[2J": {}}}')
    done = run("lint", "odd.json")
    assert done.code == 1 and "\x1b" not in done.out
    assert run("lint", "bad.json", "--country", "FR").code == 2


def django_command(*argv: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(*argv, stdout=out)
    except SystemExit as stop:
        return int(str(stop.code)), out.getvalue()
    return 0, out.getvalue()


def test_django_lint() -> None:
    assert django_command("consent_lint") == (0, "nothing to say\n")
    changed = {**project.CONSENTPY, "CONFIG": [BAD]}
    with override_settings(CONSENTPY=changed):
        code, text = django_command("consent_lint")
        assert code == 1 and "[bad-duration]" in text
        code, text = django_command("consent_lint", "--json")
        assert code == 1 and json.loads(text)["diagnostics"][0]["code"] == "bad-duration"


def test_django_explain() -> None:
    cookie = f"didomi_token={token(*ALL)}"
    asked = ("consent_explain", "--gate", "advertising", "--country", "FR")
    code, text = django_command(*asked, "--cookie", cookie)
    assert code == 0 and "adshop" in text
    assert django_command(*asked)[0] == 1
    asked = ("consent_explain", "--vendor", "meter", "--purposes", "audience")
    assert django_command(*asked, "--country", "FR", "--cookie", cookie)[0] == 0
    assert django_command(*asked, "--country", "US", "--region", "CA")[0] == 0
    assert django_command(*asked, "--country", "US", "--region", "CA", "--gpc")[0] == 1
    code, text = django_command("consent_explain", "--path", "app.consentDuration")
    assert code == 0 and text == "defaults: 31622400\n"
    with override_settings(CONSENTPY={**project.CONSENTPY, "CONFIG": '{"app": {"name": "é"}}'}):
        code, text = django_command("consent_explain", "--path", "app.name")
        assert text == 'CONFIG:1:18: "\\u00e9"\ndefaults: null\n'
    for wrong in (
        [],
        ["--gate", "a", "--vendor", "b"],
        ["--path", "a", "--vendor", "b"],
        ["--gate", "nothing"],
        ["--vendor", "nobody"],
        ["--path", "no.where"],
    ):
        with pytest.raises(CommandError):
            call_command("consent_explain", *wrong)


def test_flask_lint() -> None:
    for config, code, told in ((GOOD, 0, "nothing to say"), (BAD, 1, "[bad-duration]")):
        app = flask.Flask("site")
        app.config.update(CONSENTPY_CONFIG=config, CONSENTPY_COUNTRY="FR")
        Consent(app)
        done = app.test_cli_runner().invoke(args=["consent", "lint"])
        assert done.exit_code == code and told in done.output
        done = app.test_cli_runner().invoke(args=["consent", "lint", "--json"])
        assert done.exit_code == code
        assert len(json.loads(done.output)["diagnostics"]) == code
