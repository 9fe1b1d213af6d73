"""Explanations: the configuration entries behind each step, with their values and origins; those
of vendors and purposes in test_explain_ids.py."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import timedelta
from typing import Any

import pytest
from explanations import AGREED, entries, why

import consentpy as cp
from helpers import NOW, ago, cookie, iso

GDPR = ("regulations.gdpr.enabled", True, "defaults")
GLOBALLY = ("app.gdprAppliesGlobally", False, "defaults")
IGNORE = ("app.ignoreCountry", False, "defaults")


def places(*codes: str) -> list[dict[str, Any]]:
    return [{"regulation_id": "cpra", "geo_locations": list(codes), "config": {}}]


@pytest.mark.parametrize(
    ("layer", "country", "region", "expected"),
    [
        ({}, "FR", None, [GDPR]),
        ({"regulations": {"gdpr": {"enabled": True}}}, "FR", None, [(*GDPR[:2], "over1")]),
        (
            {"regulations": {"gdpr": {"additionalCountries": ["JP", "BR"]}}},
            "BR",
            None,
            [GDPR, ("regulations.gdpr.additionalCountries[1]", "BR", "over1")],
        ),
        (
            {"regulations": {"gdpr": {"geo_locations": ["JP"], "additionalCountries": ["FR"]}}},
            "FR",
            None,
            [GDPR, ("regulations.gdpr.additionalCountries[0]", "FR", "over1")],
        ),
        (
            {"regulations": {"my.law": {"enabled": True, "geo_locations": ["CH", "JP"]}}},
            "JP",
            None,
            [
                ('regulations["my.law"].enabled', True, "over1"),
                ('regulations["my.law"].geo_locations[1]', "JP", "over1"),
            ],
        ),
        ({}, "US", "CA", [("regulations.cpra.enabled", True, "base")]),
        ({}, "US", None, [("regulations.cpra.enabled", True, "base")]),
        ({}, "JP", None, [GLOBALLY, IGNORE]),
        (
            {"regulations": {"gdpr": {"enabled": False}}},
            "FR",
            None,
            [("regulations.gdpr.enabled", False, "over1"), GLOBALLY, IGNORE],
        ),
        (
            {"app": {"ignoreCountry": True}},
            "JP",
            None,
            [("app.ignoreCountry", True, "over1")],
        ),
        (
            {"website": {"gdprAppliesGlobally": True}},
            "JP",
            None,
            [("app.gdprAppliesGlobally", True, "over1")],
        ),
        ({}, "XX", None, [("consentpy.unknownCountry", "gdpr", "defaults")]),
        (
            {"consentpy": {"unknownCountry": 5}},
            None,
            None,
            [("consentpy.unknownCountry", "gdpr", "defaults")],
        ),
        (
            {"consentpy": {"unknownCountry": "none"}},
            None,
            None,
            [("consentpy.unknownCountry", "none", "over1"), GLOBALLY, IGNORE],
        ),
        (
            {"consentpy": {"unknownCountry": "none"}, "app": {"gdprAppliesGlobally": True}},
            None,
            None,
            [("app.gdprAppliesGlobally", True, "over1")],
        ),
        (
            {"regulation": {"name": "gdpr"}, "regulations": {"cpra": {"enabled": False}}},
            None,
            None,
            [("regulation.name", "gdpr", "over1")],
        ),
        (
            {"user": {"country": "US", "region": "CA"}},
            "FR",
            None,
            [
                ("user.country", "US", "over1"),
                ("user.region", "CA", "over1"),
                ("regulations.cpra.enabled", True, "base"),
            ],
        ),
        # the override of the place is read before the country's own entry is merged
        (
            {
                "user": {"country": "FR"},
                "configByCountry": {"FR": {"user": {"country": "JP", "region": "X"}}},
            },
            "US",
            None,
            [("user.country", "FR", "over1"), GDPR],
        ),
        (
            {"configByCountry": {"FR": {"regulations": {"gdpr": {"enabled": True}}}}},
            "FR",
            None,
            [("regulations.gdpr.enabled", True, "country:FR")],
        ),
        (
            {"regulation_configurations": places("US_TX", "FR")},
            "FR",
            None,
            [
                ("regulation_configurations[0].regulation_id", "cpra", "over1"),
                ("regulation_configurations[0].geo_locations[1]", "FR", "over1"),
            ],
        ),
        (
            {"regulation_configurations": places("US_TX")},
            "FR",
            None,
            [
                ("regulation_configurations[0].regulation_id", "cpra", "over1"),
                GLOBALLY,
                IGNORE,
            ],
        ),
        (
            {"regulation_configurations": [*places("US_TX"), {"regulation_id": 7}]},
            "FR",
            None,
            [("regulation_configurations[1]", {"regulation_id": 7}, "over1")],
        ),
        (
            {
                "consentpy": {"unknownCountry": "gdpr"},
                "regulation_configurations": [
                    *places("US_TX"),
                    {
                        "regulation_id": "gdpr",
                        "config": {"consentpy": {"unknownCountry": "none"}},
                    },
                ],
            },
            None,
            None,
            [
                ("consentpy.unknownCountry", "gdpr", "over1"),
                ("regulation_configurations[1].regulation_id", "gdpr", "over1"),
            ],
        ),
    ],
)
def test_what_chose_the_law(
    layer: Any, country: str | None, region: str | None, expected: Any
) -> None:
    said = why([layer], {"vendor": "a"}, country=country, region=region)
    assert entries(said, "regulation") == expected


def test_additional_countries_of_a_layer_that_another_replaced() -> None:
    layers = [
        {"regulations": {"gdpr": {"additionalCountries": ["JP"]}}},
        {"regulations": {"gdpr": {"additionalCountries": ["BR"]}}},
    ]
    for code, layer in (("JP", "over1"), ("BR", "over2")):
        said = why(layers, {"vendor": "a"}, country=code)
        item = ("regulations.gdpr.additionalCountries[0]", code, layer)
        assert entries(said, "regulation") == [GDPR, item]


NAME = "cookies.didomiTokenCookieName"


@pytest.mark.parametrize(
    ("layer", "country", "expected"),
    [
        ({}, "FR", [(NAME, "didomi_token", "defaults")]),
        ({"cookies": {"didomiTokenCookieName": "mine"}}, "FR", [(NAME, "mine", "over1")]),
        ({"cookies": {"didomiTokenCookieName": ""}}, "FR", [(NAME, "didomi_token", "defaults")]),
        (
            {
                "regulation": {"name": "cpra", "cookies": {"didomiTokenCookieName": "law"}},
                "cookies": {"didomiTokenCookieName": "mine"},
            },
            "US",
            [("regulation.cookies.didomiTokenCookieName", "law", "over1")],
        ),
        (
            {
                "regulations": {"cpra": {"enabled": False}, "ccpa": {"enabled": True}},
                "cookies": {"ccpaDidomiTokenCookieName": "old"},
            },
            "US",
            [("cookies.ccpaDidomiTokenCookieName", "old", "over1")],
        ),
        (
            {"cookies": {"storageSources": {"cookies": False}}},
            "FR",
            [
                (NAME, "didomi_token", "defaults"),
                ("cookies.storageSources.cookies", False, "over1"),
            ],
        ),
    ],
)
def test_what_named_the_cookie(layer: Any, country: str, expected: Any) -> None:
    said = why([layer], {"vendor": "a"}, AGREED, country=country)
    assert entries(said, "cookie") == expected


LIFE = ("app.consentDuration", 31622400, "defaults")
REFUSED = {"vendors": {"disabled": ["a"]}, "purposes": {"disabled": ["p"]}}


def at(seconds: float) -> dict[str, Any]:
    return {"updated": ago(seconds)}


@pytest.mark.parametrize(
    ("layer", "token", "reason", "expected"),
    [
        ({}, AGREED, "allowed", [LIFE]),
        (
            {"app": {"consentDuration": 60}},
            AGREED,
            "expired",
            [("app.consentDuration", 60, "over1")],
        ),
        # what is not used is not told
        (
            {"app": {"consentDuration": "60", "deniedConsentDuration": 60}},
            AGREED,
            "allowed",
            [LIFE],
        ),
        (
            {"app": {"deniedConsentDuration": 60}},
            REFUSED,
            "denied-expired",
            [LIFE, ("app.deniedConsentDuration", 60, "over1")],
        ),
        ({}, {**AGREED, "updated": "soon"}, "expired", []),
        (
            {},
            {**AGREED, **at(-90_000)},
            "expired",
            [("consentpy.clockSkewSeconds", 86400, "defaults")],
        ),
        (
            {"consentpy": {"clockSkewSeconds": 100_000}},
            {**AGREED, **at(-90_000)},
            "allowed",
            [("consentpy.clockSkewSeconds", 100_000, "over1"), LIFE],
        ),
        (
            {"user": {"ignoreConsentBefore": iso(NOW - timedelta(days=1))}},
            AGREED,
            "allowed",
            [LIFE, ("user.ignoreConsentBefore", iso(NOW - timedelta(days=1)), "over1")],
        ),
        ({"user": {"ignoreConsentBefore": "yesterday"}}, AGREED, "allowed", [LIFE]),
        (
            {"user": {"ignoreConsentBefore": iso(NOW)}},
            {**AGREED, **at(-1)},
            "allowed",
            [
                ("consentpy.clockSkewSeconds", 86400, "defaults"),
                LIFE,
                ("user.ignoreConsentBefore", iso(NOW), "over1"),
            ],
        ),
        (
            {"user": {"ignoreConsentBefore": iso(NOW - timedelta(minutes=1))}},
            AGREED,
            "ignored-before",
            [
                LIFE,
                ("user.ignoreConsentBefore", iso(NOW - timedelta(minutes=1)), "over1"),
                ("consentpy.ignoreBefore", "unknown", "defaults"),
            ],
        ),
        (
            {"consentpy": {"recollect": "reset"}},
            AGREED,
            "recollecting",
            [
                LIFE,
                ("consentpy.recollect", "reset", "over1"),
                ("notice.daysBeforeShowingAgain", 0, "defaults"),
            ],
        ),
        (
            {"consentpy": {"recollect": "reset"}, "notice": {"daysBeforeShowingAgain": 1}},
            AGREED,
            "allowed",
            [
                LIFE,
                ("consentpy.recollect", "reset", "over1"),
                ("notice.daysBeforeShowingAgain", 1, "over1"),
            ],
        ),
    ],
)
def test_what_the_rules_about_time_used(layer: Any, token: Any, reason: str, expected: Any) -> None:
    said = why([layer], {"vendor": "a"}, token)
    assert said.reason == reason
    assert entries(said, "time") == expected


def test_signals() -> None:
    for option, passed in [("always", False), ("off", True)]:
        said = why([{"consentpy": {"gpc": option}}], {"vendor": "a"}, country="US", gpc=True)
        (step,) = (step for step in said.steps if step.step == "gpc")
        assert step.passed is passed is said.allowed
        assert entries(said, "gpc") == [("consentpy.gpc", option, "over1")]
    assert not any(step.step == "gpc" for step in why([], {"vendor": "a"}, gpc=True).steps)
    bots = {"user": {"bots": {"consentRequired": False}}}
    said = why([bots], {"vendor": "a"}, user_agent="Googlebot")
    assert entries(said, "bot") == [("user.bots.consentRequired", False, "over1")]


@pytest.mark.parametrize("option", ["respect", "ignore"])
def test_a_stored_refusal_without_a_law(option: str) -> None:
    layer = {"consentpy": {"storedRefusalWithoutRegulation": option}}
    entry = ("consentpy.storedRefusalWithoutRegulation", option, "over1")
    said = why([layer], {"vendor": "a"}, REFUSED, country="JP")
    assert said.allowed is (option == "ignore")
    assert entry in entries(said, "vendor") and entry in entries(said, "purpose")
    assert entry in entries(why([layer], {"vendor": "a"}, "%", country="JP"), "cookie")
    assert entry not in entries(why([layer], {"vendor": "a"}, AGREED, country="JP"), "vendor")


def test_minors() -> None:
    said = why([{"user": {"isUnderage": True}}], {"vendor": "a"}, AGREED)
    assert said.reason == "underage" and said.would_allow is None
    assert entries(said, "underage") == [("user.isUnderage", True, "over1")]


def test_the_law_s_own_configuration() -> None:
    entry = {"regulation_id": "gdpr", "config": {"app": {"consentDuration": 60}}}
    said = why([{"regulation_configurations": [entry]}], {"vendor": "a"}, AGREED)
    assert entries(said, "time") == [("app.consentDuration", 60, "regulation:gdpr")]
    # a later layer goes before it
    again = why(
        [{"regulation_configurations": [entry]}, {"app": {"consentDuration": 61}}],
        {"vendor": "a"},
        AGREED,
    )
    assert entries(again, "time") == [("app.consentDuration", 61, "over2")]


def test_what_lies_below_something_else_is_not_told() -> None:
    reset = {"consentpy": {"recollect": "reset"}, "notice": {"daysBeforeShowingAgain": 3}}
    days = "notice.daysBeforeShowingAgain"
    for layers, expected in [
        ([reset], (days, 3, "over1")),
        ([reset, {"notice": 5}], (days, 0, "defaults")),
        ([reset, {"notice": 5}, {"notice": {"type": "x"}}], (days, 0, "defaults")),
        ([reset, {"configByCountry": {"FR": {"notice": None}}}], (days, 0, "defaults")),
    ]:
        assert expected in entries(why(layers, {"vendor": "a"}, AGREED), "time")


def test_the_old_name_of_app() -> None:
    old = {"website": {"consentDuration": 60}}
    for layers, value, layer in [
        ([old], 60, "over1"),
        ([old, {"app": {"consentDuration": 61}}], 61, "over2"),
        ([old, {"app": None}], 60, "over1"),
    ]:
        said = why(layers, {"purposes": "cookies"}, AGREED)
        assert entries(said, "time") == [("app.consentDuration", value, layer)]


def test_lines_and_columns() -> None:
    text = '{\n "app": {\n  "consentDuration":  60,\n  "customPurposes": [{"id": "p"}]\n }\n}'
    config = cp.Config(text, {"app": {"purposes": ["cookies"]}}, names=["site", "local"])
    token = {"didomi_token": cookie({"purposes": {"enabled": ["p"]}})}
    said = config.status(token, country="FR", now=NOW).explain(purposes=["p", "cookies"])
    found = {entry.path: (entry.layer, entry.line, entry.column) for entry in said.settings}
    assert found["app.consentDuration"] == ("site", 3, 23)
    assert found["app.customPurposes[0]"] == ("site", 4, 22)
    assert found["app.purposes[0]"] == ("local", None, None)
    assert found["cookies.didomiTokenCookieName"] == ("defaults", None, None)


def test_an_explanation_for_people_and_for_programs() -> None:
    said = why([{"app": {"consentDuration": 60}}], {"vendor": "a", "purposes": ["p"]}, AGREED)
    assert "  app.consentDuration = 60 [over1:1]" in str(said).splitlines()
    assert "app.consentDuration" in said._repr_html_()
    plain = said.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    told = [tuple(entry.values()) for step in plain["steps"] for entry in step["settings"]]
    assert set(map(str, told)) == {str(tuple(entry)) for entry in said.settings}
    assert len({entry.path for entry in said.settings}) == len(said.settings) > 4
    for twin in (pickle.loads(pickle.dumps(said)), copy.copy(said)):
        assert twin == said and hash(twin) == hash(said) and str(twin) == str(said)
    long = why([{"app": {"customPurposes": [{"id": "p", "x": "y" * 500}]}}], {"vendor": "a"})
    assert max(map(len, str(long).splitlines())) < 150
    markup = cp.Config({"app": {"customPurposes": [{"id": "p", "x": "<b>"}]}})
    assert "<b>" not in markup.status({}).explain(purposes="p")._repr_html_().split("</p>")[1]
