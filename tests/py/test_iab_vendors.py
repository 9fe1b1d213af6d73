"""Vendors of the Global Vendor List in a notice: which, with what, under which ids (R12, R15)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from vendor_lists import GONE, GVL, listed, page, vendor_list, vendors_of

import consentpy as cp
from helpers import (
    NOW,
    TCF_PURPOSES,
    agree,
    california,
    fields,
    optout,
    pack,
    plain_merge,
    refuse,
    status,
    vendor,
)

EVERY = [755, 1, 2, 9, 28, 30, 56, 57, 217]
SLUGS = {"vendors": {"tiplift": {"iab": 28, "name": "Other"}, "two-Xy12": {"iab": 2}}}


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(TCF_PURPOSES[n - 1] for n in numbers)


def everything(*vendors: str) -> dict[str, Any]:
    purposes = [*TCF_PURPOSES, "geolocation_data", "device_characteristics"]
    return agree(*vendors, purposes=purposes)


def raw(lists: dict[str, Any], *vendors: str) -> str:
    """A token with vendor ids as they are given."""
    token = fields(lists)
    for key in ("vendors", "vendors_li"):
        token[key] = {side: list(vendors) for side in token[key]}
    return pack(token)


# ------------------------------------------------------------------- selection


@pytest.mark.parametrize(
    ("iab", "chosen"),
    [
        ({"all": True}, EVERY),
        ({"all": True, "include": [1]}, EVERY),
        ({"all": True, "exclude": [9, 755, 5]}, [1, 2, 28, 30, 56, 57, 217]),
        ({"include": [28, 2, 28]}, [2, 28]),
        ({"include": [28, 2], "exclude": [2]}, [28]),
        ({"include": [GONE, 1]}, [1]),
        ({"include": [0, -1, 3, 65_536, 10**30, 1.0, "1", None, True, 2]}, [2]),
        ({"all": "true", "include": [1]}, [1]),
        ({"all": 1, "include": [1]}, [1]),
        ({"all": True, "exclude": "9"}, EVERY),
        ({"all": False}, []),
        ({}, []),
        ([28, 9, GONE, 99], [9, 28]),
        ([755], [755]),
        (None, []),
        ("all", []),
        (True, []),
        ({"all": True, "enabled": False, "version": 1}, EVERY),
    ],
)
def test_which_vendors_are_taken(iab: Any, chosen: list[int]) -> None:
    assert list(vendors_of(page(iab))) == chosen


def test_without_a_list_there_are_none() -> None:
    assert list(vendors_of(page({"all": True}), gvl=None)) == [755]
    assert list(vendors_of(page([1, 2]), gvl=None)) == []
    with pytest.raises(cp.UnknownIdError):
        cp.Config(page({"all": True})).gate(28)


def test_the_order_is_custom_then_didomi_then_iab_by_number() -> None:
    config = page([217, 1], custom=[vendor("own", ["cookies"])], didomi=["facebook", "google"])
    assert list(vendors_of(config)) == ["own", "facebook", 755, 1, 217]


def test_the_flat_list_names_vendors_of_every_namespace() -> None:
    config = page(include=["tiplift", "1", "iab:30", "google", "facebook", "nobody", "40", 2])
    found = vendors_of(config, catalog=SLUGS)
    assert list(found) == [755, "facebook", 1, 28, 30]
    assert found[28].namespace == "iab" and found[28].id == "tiplift"
    excluded = plain_merge(config, page({"exclude": [28, 1]}))
    assert list(vendors_of(excluded, catalog=SLUGS)) == [755, "facebook", 30]
    for spelling in ("755", "iab:755", "didomi:google"):
        assert list(vendors_of(page(include=[spelling]))) == [755]


def test_a_country_overrides_the_choice() -> None:
    config = {
        **page({"all": True, "exclude": [9]}),
        "configByCountry": {
            "FR": page({"all": False, "include": [9], "exclude": []}),
            "DE": page({"all": False, "include": [9]}),
        },
    }
    assert list(vendors_of(config, country="ES")) == [755, 1, 2, 28, 30, 56, 57, 217]
    assert list(vendors_of(config, country="FR")) == [9]
    assert list(vendors_of(config, country="DE")) == []


# -------------------------------------------------------------- what they are


def test_what_a_vendor_is() -> None:
    found = vendors_of(page({"all": True}))
    nine = found[9]
    assert (nine.id, nine.sdk_id, nine.namespace, nine.iab_id) == ("9", "9", "iab", 9)
    assert nine.name == "Company 9"
    assert nine.purposes == ids(1) and nine.legitimate_interest_purposes == ids(10)
    assert nine.special_features == ("geolocation_data", "device_characteristics")
    assert found[217].purposes == ids(1, 2)  # nobody knows purpose 12
    assert found[30].purposes == () and found[30].legitimate_interest_purposes == ids(2, 7)


def test_the_policy_is_the_one_in_the_language_of_the_notice() -> None:
    def address(config: dict[str, Any], **more: Any) -> str | None:
        return vendors_of(plain_merge(page([5]), config), vendor_list(listed(5, **more)))[
            5
        ].policy_url

    assert address({}) == "https://company5.example/en"
    assert address({"languages": {"default": "fr"}}) == "https://company5.example/fr"
    assert address({"languages": {"default": "pt"}}) == "https://company5.example/en"
    only = [{"langId": "fr", "privacy": "https://a.example"}, {"langId": "de"}]
    assert address({"languages": {"default": "de"}}, urls=only) == "https://a.example"
    assert address({}, urls=[]) is None and address({}, urls=[3, {"privacy": 1}]) is None
    assert address({}, policyUrl="https://b.example") == "https://b.example"
    over = page(overrideVendors={"5": {"policyUrl": "https://c.example"}})
    assert address(over) == "https://c.example"


def test_purposes_on_both_bases_or_twice_count_on_both_and_once() -> None:
    both = vendor_list(listed(5, [2, 1, 2], [2, 7, 7]))
    found = vendors_of(page([5]), both)[5]
    assert found.purposes == ids(1, 2) and found.legitimate_interest_purposes == ids(2, 7)


def test_a_vendor_with_nothing_is_dropped() -> None:
    nothing = vendor_list(
        listed(5, [], []), listed(6, [12, 24]), listed(7, [], features=[1]), listed(8)
    )
    config = cp.Config(page({"all": True}), gvl=nothing)
    assert list(vendors_of(config)) == [755, 8]
    assert cp.Config(page([5, 6, 7]), gvl=nothing).notice("FR").purposes == ()
    for number in (5, 6, 7):
        assert config.status({}, country="JP").allows(number) is False


def test_override_by_any_spelling() -> None:
    over = {
        "name": "New",
        "purposeIds": ["cookies", "mine"],
        "legIntPurposeIds": ["improve_products"],
    }
    for key in ("28", "iab:28", "tiplift"):
        config = page([28], overrideVendors={key: over})
        config["app"]["customPurposes"] = [{"id": "mine"}]
        found = vendors_of(config, catalog=SLUGS)[28]
        assert found.name == "New" and found.id == "tiplift"
        assert found.purposes == ("cookies", "mine")
        assert found.legitimate_interest_purposes == ("improve_products",)
    partly = vendors_of(page([9], overrideVendors={"9": {"purposeIds": ["market_research"]}}))[9]
    assert partly.purposes == ("market_research",) and partly.legitimate_interest_purposes == ids(
        10
    )
    assert partly.special_features == ("geolocation_data", "device_characteristics")
    emptied = {"2": {"purposeIds": []}}
    assert list(vendors_of(page([2], overrideVendors=emptied))) == []
    both = page([28], overrideVendors={"28": {"name": "a"}, "tiplift": {"name": "b"}})
    assert vendors_of(both, catalog=SLUGS)[28].name == "b"


def test_disabled_purposes_are_nobodys() -> None:
    config = page([28, 9])
    config["app"]["disabledPurposes"] = ["measure_ad_performance"]
    notice = cp.Config(config, gvl=GVL).notice("US", "CA")
    assert "measure_ad_performance" not in [p.id for p in notice.purposes]
    french = status(cp.Config(config, gvl=GVL), agree("28", purposes=ids(1, 2, 7)))
    assert french.allows(28) is False


# ------------------------------------------------------------------------- ids


def test_every_spelling_leads_to_the_vendor() -> None:
    config = cp.Config(page([28]), gvl=GVL, catalog=SLUGS)
    gate = config.gate(28)
    assert gate.vendor == "tiplift"
    for spelling in ("28", "iab:28", "tiplift", "c:tiplift"):
        assert config.gate(spelling) == gate
    assert [v.id for v in config.notice("FR").vendors] == ["tiplift"]
    assert config.notice("FR").vendors[0].sdk_id == "28"


@pytest.mark.parametrize("number", [1, GONE, 56, 755])
def test_all_vendors_of_the_list_are_known(number: int) -> None:
    config = cp.Config({}, gvl=GVL)
    gate = config.gate(number)
    assert config.gate(f"iab:{number}") == gate
    seen = config.status({}, country="JP")
    assert seen.allows(gate) is False
    assert seen.explain(gate).reason == "vendor-not-in-notice"


@pytest.mark.parametrize(
    "id", [3, 0, -1, 65_536, 10**30, "iab:3", "3", "iab:", "iab:x", "didomi:1"]
)
def test_unknown_numbers(id: Any) -> None:
    with pytest.raises(cp.UnknownIdError):
        cp.Config(page({"all": True}), gvl=GVL).gate(id)


def test_a_vendor_of_didomis_list_is_that_numbers_vendor() -> None:
    gvl = vendor_list(listed(506, [1], [2]), listed(7))
    both = cp.Config(page({"all": True}, didomi=["salesforce"]), gvl=gvl)
    found = [(v.id, v.namespace, v.iab_id) for v in both.notice("FR").vendors]
    assert found == [("salesforce", "didomi", 506), ("google", "didomi", 755), ("7", "iab", 7)]
    assert both.gate(506).vendor == "salesforce"
    # elsewhere it is Didomi's, here it comes with the list: its choice is in the TC string
    country = {**page([506]), "configByCountry": {"FR": page([], didomi=["salesforce"])}}
    config = cp.Config(country, gvl=gvl)
    token = raw(everything(), "salesforce")
    assert status(config, token, country="FR").allows("salesforce") is True
    assert status(config, token, country="DE").allows("salesforce") is False
    german = config.notice("DE").vendors[0]
    assert german.purposes == ids(1) and german.legitimate_interest_purposes == ids(2)


def test_elsewhere_of_didomis_list_it_is_read_and_written_by_number_here() -> None:
    """What the browser keeps for it here stands under its number, objections too."""
    notice = optout(page([506, 7]))
    notice["configByCountry"] = {"FR": page([], didomi=["salesforce"])}
    config = cp.Config(notice, gvl=vendor_list(listed(506, [1], [2]), listed(7)))
    here = config.notice("US", "CA").vendors[1]
    assert (here.id, here.sdk_id, here.namespace) == ("salesforce", "506", "iab")
    there = config.notice("FR").vendors[0]
    assert (there.id, there.sdk_id, there.namespace) == ("salesforce", "salesforce", "didomi")
    objection: Any = {"vendors": {}, "vendors_li": {"disabled": []}}
    for spelling in ("506", "salesforce"):
        seen = california(config, raw(objection, spelling))
        assert (seen.allows(506), seen.allows("salesforce"), seen.allows(7)) == (False, False, True)
        assert seen.vendor("salesforce", True) is False
    for spelling in ("0506", "506 ", "7506", "iab:506"):
        seen = california(config, raw(objection, spelling))
        assert seen.allows(506) is True
    seen = california(config)
    assert seen.lists()["vendors"]["global"]["enabled"] == [7, 506]
    assert seen.data_layer()["didomiVendorsConsent"] == "iab:7,iab:506,"
    refused = seen.set(vendors={"salesforce": False}, now=NOW)
    (written,) = refused.cookies()
    stored = json.loads(base64.b64decode(written.value))
    assert stored["vendors_li"]["disabled"] == ["506"]
    again = california(config, written.value).set(vendors={506: True}, now=NOW)
    stored = json.loads(base64.b64decode(again.cookies()[0].value))
    assert again.allows(506) and stored["vendors_li"] == {"enabled": ["506"]}


def test_an_id_of_the_catalog_that_is_no_vendor_of_didomis_here() -> None:
    config = cp.Config(page([506]), gvl=vendor_list(listed(506)))
    (only,) = config.notice("FR").vendors
    assert (only.id, only.sdk_id, only.namespace) == ("salesforce", "506", "iab")
    assert config.gate("salesforce") == config.gate(506) == config.gate("iab:506")


def test_ids_that_collide() -> None:
    custom = [
        vendor("28", ["cookies"]),
        vendor("tiplift", ["cookies"]),
        vendor("free", ["cookies"]),
    ]
    config = cp.Config(page([28], custom=custom), gvl=GVL, catalog=SLUGS)
    found = {v.sdk_id: v.id for v in config.notice("FR").vendors}
    assert found == {"c:28": "c:28", "c:tiplift": "tiplift", "c:free": "free", "28": "28"}
    for sdk, api in found.items():
        assert config.gate(api).vendor == config.gate(sdk).vendor == api
    # entries of a catalog whose ids are other vendors' spellings are no names
    odd = {
        "vendors": {"1": {"iab": 28}, "iab:2": {"iab": 28}, "c:own": {"iab": 28}, "": {"iab": 28}}
    }
    config = cp.Config(page([28], custom=[vendor("own", ["cookies"])]), gvl=GVL, catalog=odd)
    assert [v.id for v in config.notice("FR").vendors] == ["own", "28"]
    assert config.gate("1").vendor == "1" and config.gate("c:own").vendor == "own"


@pytest.mark.parametrize("iab", [None, [28], [506]])
def test_a_list_takes_no_id_from_a_vendor_of_the_site(iab: Any) -> None:
    """What the page calls `google` or `salesforce` is its own, unless Didomi's is there too."""
    own = [vendor("google", ["cookies"]), vendor("salesforce", ["cookies"])]
    gvl = vendor_list(listed(28), listed(506), listed(755))
    config = cp.Config(page(iab, custom=own), gvl=gvl)
    seen = config.status({}, country="JP")
    assert [v.id for v in seen.notice.vendors][:2] == ["google", "salesforce"]
    assert seen.allows("google") and seen.allows("salesforce") and seen.allows("c:google")
    assert seen.allows(755) is False and seen.allows(506) is (iab == [506])
    assert config.gate("iab:755") == config.gate(755) != config.gate("google")
    both = cp.Config(page({"all": True}, custom=own), gvl=gvl).notice("JP").vendors
    assert [v.id for v in both] == ["c:google", "salesforce", "google", "28", "506"]


def test_of_two_names_the_first_is_the_id_and_both_are_known() -> None:
    names = {"vendors": {"first": {"iab": 28}, "second": {"iab": 28}}}
    config = cp.Config(page([28]), gvl=GVL, catalog=names)
    assert config.gate("second").vendor == config.gate("first").vendor == "first"


# ---------------------------------------------------------------------- Google


def test_google_has_the_purposes_of_the_list_unless_the_site_says_otherwise() -> None:
    gvl = vendor_list(listed(755, [1], [7], special=[1], name="G"))
    found = vendors_of(page({"all": True}), gvl)[755]
    assert (found.id, found.sdk_id, found.namespace, found.name) == (
        "google",
        "google",
        "didomi",
        "G",
    )
    assert found.purposes == ids(1) and found.legitimate_interest_purposes == ids(7)
    assert vendors_of(page(didomi=["google"]), gvl)[755] == found
    own = {"vendors": {"google": {"name": "Ours", "purposes": ["market_research", "cookies"]}}}
    mine = vendors_of(page({"all": True}), gvl, catalog=own)[755]
    assert mine.name == "Ours" and mine.purposes == ("market_research", "cookies")
    built_in = vendors_of(page({"all": True}), vendor_list(listed(3)))[755]
    assert built_in.purposes == ids(1, 3, 4)


def test_a_deleted_google_is_part_of_no_notice() -> None:
    gvl = vendor_list(listed(755, deletedDate="2025-01-01T00:00:00Z"), listed(1))
    for config in (page({"all": True}), page([755, 1]), page([1], didomi=["google"])):
        assert list(vendors_of(config, gvl)) == [1]
    own = {"vendors": {"google": {"purposes": ["cookies"]}}}
    assert list(vendors_of(page([755, 1]), gvl, catalog=own)) == [755, 1]


def test_google_is_read_from_the_token() -> None:
    purposes = ids(1, 2, 3, 4, 7, 9, 10)
    config = cp.Config(page({"include": [755]}), gvl=GVL)
    assert status(config, agree("google", purposes=purposes)).allows(755) is True
    assert status(config, refuse("google", purposes=purposes)).allows(755) is False


def test_a_custom_vendor_that_takes_over_googles_lists() -> None:
    def own(**more: Any) -> dict[str, Any]:
        return vendor("ga", ["cookies"], namespaces={"google": {"id": 1, "current": True}}, **more)

    for gvl in (GVL, None):
        found = vendors_of(page(custom=[own()]), gvl)["ga"]
        assert found.purposes == ids(1, 3, 4)
        assert found.legitimate_interest_purposes == ids(2, 7, 9, 10)
        assert found.namespace == "custom" and found.name == "ga"
    with_feature = vendors_of(page(custom=[own(specialFeatureIds=[1])]))["ga"]
    assert with_feature.special_features == ("geolocation_data",)
    over = page(custom=[own()], overrideVendors={"ga": {"purposeIds": ["cookies"]}})
    assert vendors_of(over)["ga"].purposes == ("cookies",)
    for current in (1, "true", None, False):
        other = vendor("ga", ["cookies"], namespaces={"google": {"current": current}})
        assert vendors_of(page(custom=[other]))["ga"].purposes == ("cookies",)
    deleted = vendor_list(listed(755, deletedDate="2025-01-01T00:00:00Z"))
    assert vendors_of(page(custom=[own()]), deleted) == {}
    special = vendor_list(listed(755, [], special=[1]))
    assert vendors_of(page(custom=[own()]), special) == {}


# ------------------------------------------------- what a visitor's answer allows


def test_r12_a_token_enables_no_iab_vendor_under_an_opt_in_law() -> None:
    config = cp.Config(page([2, 30], custom=[vendor("own", ["cookies"])]), gvl=GVL)
    seen = status(config, raw(everything(), "2", "30", "c:own"))
    assert seen.allows("own") is True
    for number in (2, 30):
        assert seen.allows(number) is False
        assert seen.vendor(number) is None and seen.vendor(number, True) is None
        assert seen.explain(number).allowed is False
        assert seen.explain(number).reason == "vendor-unknown"
    assert seen.partial is True
    refused = status(config, raw(refuse(purposes=["cookies"]), "2"))
    assert refused.vendor(2) is False
    assert "2," not in str(seen.data_layer()["didomiVendorsEnabled"])


def test_r12_the_token_counts_under_other_laws() -> None:
    config = cp.Config(optout(page([2, 30, 28])), gvl=GVL)
    nothing = california(config)
    assert nothing.allows(2) and nothing.allows(30) and nothing.partial is False
    seen = california(
        config, raw({"vendors": {"disabled": []}, "vendors_li": {"disabled": []}}, "2")
    )
    assert (seen.allows(2), seen.allows(30)) == (False, True)
    purposes = california(config, refuse(purposes=["measure_ad_performance"]))
    assert (purposes.allows(2), purposes.allows(30)) == (False, False)
    nowhere = status(config, None, country="JP")
    assert nowhere.notice.group == "none" and nowhere.allows(28)


def test_special_features_are_consent_purposes_of_the_vendor() -> None:
    config = cp.Config(optout(page([9])), gvl=GVL)
    assert california(config).allows(9)
    assert not california(config, refuse(purposes=["geolocation_data"])).allows(9)
    shown = {p.id for p in config.notice("US", "CA").purposes}
    assert shown == {*ids(1, 10), "geolocation_data", "device_characteristics"}


def test_r15_what_is_stored_for_special_purposes_is_no_permission() -> None:
    seen = status(cp.Config(page([56]), gvl=GVL), raw(everything(), "56"), country="JP")
    assert seen.vendor(56) is True  # stored, which is what the question is about
    assert seen.vendor(56, with_purposes=True) is False
    assert seen.vendor(56, legitimate_interest=True, with_purposes=True) is False
    unasked = status(cp.Config(page([56]), gvl=GVL), None, country="JP")
    assert unasked.vendor(56, with_purposes=True) is None


@pytest.mark.parametrize("number", [56, 57])
def test_r15_special_purposes_alone_are_never_allowed(number: int) -> None:
    config = page([number], custom=[vendor("own", ["cookies"])])
    config["user"] = {"bots": {"consentRequired": False}}
    made = cp.Config(config, gvl=GVL)
    opt_out = cp.Config(optout(config), gvl=GVL)
    visitors = [
        status(made),
        status(made, everything("own", str(number))),
        status(made, raw(everything(), "c:own", str(number))),
        status(made, None, country="JP"),
        status(made, None, user_agent="Googlebot/2.1"),
        california(opt_out),
        california(opt_out, raw(everything(), str(number))),
    ]
    for seen in visitors:
        assert seen.allows(number) is False
        assert seen.allows(number, ["cookies"]) is False
        why = seen.explain(number)
        assert why.allowed is False and why.reason == "special-purposes-only"
        assert why.steps[-1].passed is False
        assert seen.current()["vendors"][str(number)]["enabled"] is False
        lists = seen.lists()["vendors"]
        for name in ("global", "global_consent", "global_li"):
            assert number in lists[name]["disabled"]
    assert visitors[3].allows("own") and visitors[4].allows("own") and visitors[5].allows("own")


def test_r15_nobody_waits_for_special_purposes() -> None:
    config = cp.Config(page([56], custom=[vendor("own", ["cookies"])]), gvl=GVL)
    seen = status(config, agree("own", purposes=["cookies"]))
    assert seen.partial is False and seen.collect_reason == "complete"
    alone = status(cp.Config(page([56]), gvl=GVL))
    assert alone.partial is False and alone.collect_reason == "complete"


def test_r15_a_deleted_vendor_is_part_of_no_notice() -> None:
    for config in (page({"all": True}), page([GONE]), page(include=[str(GONE)])):
        assert GONE not in vendors_of(config)
        seen = cp.Config(config, gvl=GVL).status({}, country="JP")
        assert seen.allows(GONE) is False


def test_current_and_the_lists_speak_of_api_ids() -> None:
    config = cp.Config(optout(page([28, 2])), gvl=GVL, catalog=SLUGS)
    seen = california(config)
    assert set(seen.current()["vendors"]) == {"tiplift", "two-Xy12"}
    assert seen.data_layer()["didomiVendorsEnabled"] == "two-Xy12,tiplift,"
    assert seen.data_layer()["didomiVendorsConsent"] == "iab:2,iab:28,"


# ------------------------------------------------------------------ answering

MANY = cp.GlobalVendorList(vendor_list(*(listed(n, [1, 1 + n % 7]) for n in range(1000, 2200))))


def many(country: str, region: str | None = None) -> cp.Notice:
    """A notice with 1 200 vendors of the list and one of the site's own."""
    config = page({"all": True}, custom=[vendor("own", ["p1"])])
    config["app"]["customPurposes"] = [{"id": "p1"}]
    config["consentpy"] = {"storedRefusalWithoutRegulation": "respect"}
    return cp.Config(optout(config), gvl=MANY).notice(country, region)


@pytest.mark.parametrize("place", [("US", "CA"), ("JP",)])
def test_an_answer_to_a_thousand_listed_vendors_fits_into_a_cookie(place: tuple[str, ...]) -> None:
    notice = many(*place)
    vendors = [vendor.id for vendor in notice.vendors]
    refused = notice.status({}, now=NOW).disagree_to_all(now=NOW)
    (kept,) = refused.cookies()
    assert len(kept.value) < 1000
    back = notice.status({kept.name: kept.value}, now=NOW)
    for seen in (refused, back):
        assert not any(seen.allows(id) for id in vendors)
    agreed = back.agree_to_all(now=NOW)
    (kept,) = agreed.cookies()
    back = notice.status({kept.name: kept.value}, now=NOW)
    for seen in (agreed, back):
        assert all(seen.allows(id) for id in vendors)


@pytest.mark.parametrize("place", [("US", "CA"), ("JP",)])
def test_one_listed_vendor_can_be_refused_and_agreed_to_again(place: tuple[str, ...]) -> None:
    notice = many(*place)
    refused = notice.status({}, now=NOW).set(vendors={1001: False}, now=NOW)
    (kept,) = refused.cookies()
    back = notice.status({kept.name: kept.value}, now=NOW)
    assert not back.allows(1001) and back.allows(1002)
    assert back.set(vendors={1001: True}, now=NOW).allows(1001)
    assert back.agree_to_all(now=NOW).allows(1001)


def test_r12_under_the_gdpr_no_answer_speaks_for_a_listed_vendor() -> None:
    notice = cp.Config(page({"all": True}, didomi=["google"]), gvl=GVL).notice("FR")
    agreed = notice.status({}, now=NOW).agree_to_all(now=NOW)
    assert agreed.allows("google") and not agreed.allows(28)
    (kept,) = agreed.cookies()
    assert cp.token.decode(kept.value).to_dict()["vendors"]["enabled"] == ["google"]
    with pytest.raises(cp.ConsentError, match="TC string"):
        agreed.set(vendors={28: True}, now=NOW)
