"""Explanations: where vendors and purposes come from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from explanations import BASE, entries, why
from vendor_lists import GVL, page, restriction

import consentpy as cp
from helpers import NOW

CUSTOM = BASE["app"]["vendors"]["custom"]


@pytest.mark.parametrize(
    ("layer", "gate", "expected"),
    [
        ({}, {"vendor": "a"}, [("app.vendors.custom[0]", CUSTOM[0], "base")]),
        ({}, {"vendor": "twitter"}, [("app.vendors.didomi[1]", "twitter", "base")]),
        (
            {"app": {"vendors": {"include": ["salesforce"]}}},
            {"vendor": "salesforce"},
            [("app.vendors.include[0]", "salesforce", "over1")],
        ),
        (
            {"app": {"vendors": {"didomi": [], "iab": {"all": True}}}},
            {"vendor": "google"},
            [("app.vendors.iab.all", True, "over1")],
        ),
        (
            {"app": {"vendors": {"didomi": [], "iab": {"include": [10, 755]}}}},
            {"vendor": "google"},
            [("app.vendors.iab.include[1]", 755, "over1")],
        ),
        (
            {"app": {"vendors": {"overrideVendors": {"c:a": {"purposeIds": ["lonely"]}}}}},
            {"vendor": "a"},
            [
                ("app.vendors.custom[0]", CUSTOM[0], "base"),
                ('app.vendors.overrideVendors["c:a"].purposeIds', ["lonely"], "over1"),
            ],
        ),
        # left with no purpose
        (
            {},
            {"vendor": "none at all"},
            [("app.vendors.custom[2]", CUSTOM[2], "base")],
        ),
        # not in this place
        (
            {"configByCountry": {"FR": {"app": {"vendors": {"custom": []}}}}},
            {"vendor": "a"},
            [("app.vendors.custom", [], "country:FR")],
        ),
        (
            {
                "app": {"vendors": {"didomi": [], "iab": {"all": True}}},
                "configByCountry": {"FR": {"app": {"vendors": {"iab": {"exclude": [755]}}}}},
            },
            {"vendor": "google"},
            [
                ("app.vendors.iab.all", True, "over1"),
                ("app.vendors.iab.exclude[0]", 755, "country:FR"),
            ],
        ),
        ({}, {"vendor": "nobody"}, []),
    ],
)
def test_where_a_vendor_comes_from(layer: Any, gate: Any, expected: Any) -> None:
    assert entries(why([layer], gate), "vendor") == expected


FOR_ALL = restriction("disallow", "cookies")
FOR_NINE = restriction("req-consent", "improve_products", [9, 28], "nine")
FOR_OTHERS = restriction("disallow", "select_basic_ads", [2], "two")


@pytest.mark.parametrize(
    ("config", "vendor", "expected"),
    [
        (page({"include": [2, 9]}), 9, [("app.vendors.iab.include[1]", 9)]),
        (page([28, 9]), 9, [("app.vendors.iab[1]", 9)]),
        (page({"all": True, "include": [9]}), 9, [("app.vendors.iab.all", True)]),
        (page({"include": [2]}, include=["iab:9"]), 9, [("app.vendors.include[0]", "iab:9")]),
        (page(didomi=["iab:755"]), "google", [("app.vendors.didomi[0]", "iab:755")]),
        (
            page({"include": [2, 9], "restrictions": [FOR_OTHERS, FOR_NINE, FOR_ALL]}),
            9,
            [
                ("app.vendors.iab.include[1]", 9),
                ("app.vendors.iab.restrictions[1]", FOR_NINE),
                ("app.vendors.iab.restrictions[2]", FOR_ALL),
            ],
        ),
        (
            page({"all": True, "exclude": [2, 9]}),
            9,
            [("app.vendors.iab.all", True), ("app.vendors.iab.exclude[1]", 9)],
        ),
        # special purposes only
        (page({"include": [56]}), 56, [("app.vendors.iab.include[0]", 56)]),
        (page({"include": [56]}), 9, [("app.vendors.iab.include", [56])]),
    ],
)
def test_where_a_vendor_of_the_list_comes_from(
    config: dict[str, Any], vendor: Any, expected: Any
) -> None:
    made = cp.Config(json.dumps(config), names=["base"], gvl=GVL)
    said = made.status({}, country="FR", now=NOW).explain(vendor)
    told = [(path, value) for path, value, layer in entries(said, "vendor") if layer == "base"]
    assert told == expected
    # only a TC string can hold the answer
    assert (said.would_allow is None) is (vendor != "google")


def test_overrides_under_any_spelling() -> None:
    override = {"purposeIds": ["lonely"]}
    for spelling in ("a", "c:a"):
        said = why(
            [{"app": {"vendors": {"overrideVendors": {spelling: override}}}}], {"vendor": "a"}
        )
        found = {entry.path: entry.value for entry in said.settings}
        path = "a" if spelling == "a" else '["c:a"]'
        dot = "." if spelling == "a" else ""
        assert found[f"app.vendors.overrideVendors{dot}{path}.purposeIds"] == ["lonely"]


def test_a_vendor_with_a_name_that_needs_quotes() -> None:
    for name in ('a.b[0]"c"\\d', "x" * 2000):
        vendors = {
            "custom": [{"id": name, "purposeIds": ["p"]}],
            "overrideVendors": {name: {"legIntPurposeIds": ["p"]}},
        }
        said = why([{"app": {"vendors": vendors}}], {"vendor": name})
        found = {entry.path: entry.value for entry in said.settings}
        path = f'app.vendors.overrideVendors["{name}"].legIntPurposeIds'
        if len(name) < 100:
            path = 'app.vendors.overrideVendors["a.b[0]\\"c\\"\\\\d"].legIntPurposeIds'
            assert found[path] == ["p"]
        else:  # the outer part of a path that is too long
            assert found["app.vendors.overrideVendors"] == vendors["overrideVendors"]


@pytest.mark.parametrize(
    ("layer", "purpose", "expected"),
    [
        ({}, "p", [("app.customPurposes[0]", {"id": "p"}, "base")]),
        (
            {},
            "ess",
            [
                ("app.customPurposes[1]", {"id": "ess"}, "base"),
                ("app.essentialPurposes[1]", "ess", "base"),
            ],
        ),
        (
            {"app": {"purposes": ["cookies", "analytics"]}},
            "analytics",
            [("app.purposes[1]", "analytics", "over1")],
        ),
        (
            {"app": {"disabledPurposes": ["lonely"]}},
            "lonely",
            [
                ("app.customPurposes[2]", {"id": "lonely"}, "base"),
                ("app.disabledPurposes[0]", "lonely", "over1"),
            ],
        ),
        (
            {"app": {"disabledPurposes": ["cookies"]}},
            "cookies",
            [("app.disabledPurposes[0]", "cookies", "over1")],
        ),
        (
            {"configByCountry": {"FR": {"app": {"customPurposes": []}}}},
            "p",
            [("app.customPurposes", [], "country:FR")],
        ),
        ({}, "analytics", [("app.purposes", [], "defaults")]),
        ({}, "nothing", []),
    ],
)
def test_where_a_purpose_comes_from(layer: Any, purpose: str, expected: Any) -> None:
    assert entries(why([layer], {"purposes": [purpose]}), "purpose") == expected
