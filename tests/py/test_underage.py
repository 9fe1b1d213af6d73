"""`user.isUnderage`: a minor's consent is none, whatever was stored and wherever the minor is."""

from __future__ import annotations

import json
from typing import Any

import pytest

import consentpy as cp
from helpers import NOW, cookie, full, optout, vendor

VENDORS = [
    vendor("both", ["p1"], ["p2"]),
    vendor("mixed", ["p1", "req"]),
    vendor("must", ["req"]),
]
EVERYTHING = {
    "vendors": {"enabled": ["both", "mixed"]},
    "vendors_li": {"enabled": ["both"]},
    "purposes": {"enabled": ["p1", "p2", "spare"]},
    "purposes_li": {"enabled": ["p2"]},
}
GOOGLEBOT = "Googlebot/2.1"


def minor(underage: Any = True, country: str = "FR", **more: Any) -> cp.Status:
    config = full(VENDORS, essential=["req"], named=["spare"], user={"isUnderage": underage})
    sent = {"didomi_token": cookie(EVERYTHING), "didomi_token_cpra": cookie({})}
    if country == "US":
        config = optout(config)
    if more.pop("free_bots", False):
        config["user"]["bots"] = {"consentRequired": False}
    region = "CA" if country == "US" else None
    return cp.Config(config).notice(country, region).status(sent, now=NOW, **more)


@pytest.mark.parametrize("country", ["FR", "US", "JP"])
def test_only_what_is_essential_is_allowed_under_any_law(country: str) -> None:
    seen = minor(country=country)
    assert not seen.allows("both") and not seen.allows("mixed")
    assert not seen.allows(purposes="p1") and not seen.allows(purposes="p2")
    assert not seen.allows(purposes="spare")
    assert seen.allows("must") and seen.allows(purposes="req")
    assert seen.allows("must", purposes="req") and not seen.allows("must", purposes="p1")
    told = seen.explain("both")
    assert not told.allowed and told.reason == "underage"
    assert seen.explain("must").allowed


@pytest.mark.parametrize("country", ["FR", "US", "JP"])
@pytest.mark.parametrize("value", [False, None, "true", 1])
def test_nothing_but_true_makes_a_minor(country: str, value: Any) -> None:
    seen = minor(value, country)
    assert seen.allows("both") and seen.allows(purposes="p1")


def test_a_minor_is_not_asked_and_everything_has_a_status() -> None:
    seen = minor()
    assert not seen.should_collect and seen.collect_reason == "complete" and not seen.partial
    assert seen.purpose("p1") is False and seen.purpose("p2", legitimate_interest=True) is False
    assert seen.purpose("req") is True
    assert seen.vendor("both") is False and seen.vendor("both", with_purposes=True) is False
    assert seen.vendor("must") is True and seen.vendor("must", with_purposes=True) is True
    assert seen.get("p1", "both") is False
    assert {v: e["enabled"] for v, e in seen.current()["vendors"].items()} == {
        "both": False,
        "mixed": False,
        "must": True,
    }
    assert minor(country="US").collect_reason == "opt-out"
    assert minor(country="JP").collect_reason == "not-required"


def test_a_bot_that_is_not_asked_is_still_a_minors_browser() -> None:
    assert minor(False, user_agent=GOOGLEBOT, free_bots=True).allows("both")
    assert not minor(True, user_agent=GOOGLEBOT, free_bots=True).allows("both")


def test_others_are_told_of_a_refusal() -> None:
    variables = minor().data_layer()
    assert variables["didomiVendorsEnabled"] == "must,"
    assert variables["didomiVendorsDisabled"] == "both,mixed,"
    assert variables["didomiVendorsUnknown"] == variables["didomiPurposesUnknown"] == ""
    assert variables["didomiPurposesEnabled"] == "req,"
    assert variables["didomiVendorsConsentDenied"] == "c:both,c:mixed,"
    config = full([vendor("v", ["p1"])], user={"isUnderage": True})
    config["regulations"] = {"gdpr": {"enabled": False}, "ccpa": {"enabled": True}}
    assert cp.Config(config).notice("US", "CA").status({}, now=NOW).us_privacy == "1YYN"


@pytest.mark.parametrize("country", ["FR", "US", "JP"])
def test_a_minors_agreement_is_not_kept(country: str) -> None:
    first = minor(country=country)
    answers = [
        first.agree_to_all(now=NOW),
        first.disagree_to_all(now=NOW, legitimate_interest=False),
        first.set(purposes={"p1": True}, vendors={"both": True}, now=NOW),
    ]
    for answer in answers:
        assert not answer.allows("both")
        (kept,) = answer.cookies()
        token = cp.token.decode(kept.value).to_dict()
        assert "p1" not in token["purposes"]["enabled"] + token["purposes_li"]["enabled"]
        assert "c:both" not in token["vendors"]["enabled"] + token["vendors_li"]["enabled"]


@pytest.mark.parametrize("country", ["FR", "US", "JP"])
def test_what_a_link_brings_a_minor_is_no_agreement_either(country: str) -> None:
    config = full(VENDORS, essential=["req"])
    config["user"] = {"isUnderage": True, "externalConsent": {"enabled": True}}
    given = {"consent": {"enabled": ["p1", "req"]}, "legitimate_interest": {"enabled": ["p1"]}}
    link = {"didomiConfig.user.externalConsent.value": json.dumps({"purposes": given})}
    site = cp.Config(optout(config) if country == "US" else config)
    seen = site.notice(country, "CA" if country == "US" else None).status(now=NOW, query=link)
    assert not seen.allows(purposes="p1") and seen.allows("must")
    (kept,) = seen.set(purposes={"p2": False}, now=NOW).cookies()
    token = cp.token.decode(kept.value).to_dict()
    for basis in ("purposes", "purposes_li"):
        assert token[basis]["enabled"] == [] and "p1" in token[basis]["disabled"]
        assert "req" not in token[basis]["disabled"]
