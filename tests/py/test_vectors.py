"""Every vector of `tests/vectors/didomi.json`, one test each.

How an entry becomes a configuration, a visitor and a question is the same for
all entries of a kind: the functions below, one a kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from vendor_lists import listed, page, vendor_list

import consentpy as cp
from helpers import GOOGLE, NOW, VECTORS, cookie, full, optout, parse, status

ENTRIES = json.loads((VECTORS / "didomi.json").read_text("ascii"))
KINDS: dict[str, Callable[[Any, Any], None]] = {}


def kind(function: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    KINDS[function.__name__] = function
    return function


@kind
def didomi_token_decode(given: Any, expected: Any) -> None:
    if expected is None:
        with pytest.raises(cp.DecodeError) as caught:
            cp.token.decode(given)
        assert isinstance(caught.value.code, str) and caught.value.code
        return
    decoded = cp.token.decode(given)
    assert decoded.to_dict() == expected["normalized"]
    assert tuple(decoded.warnings) == ()


@kind
def config_by_country(given: Any, expected: Any) -> None:
    config = cp.Config(given["config"])
    assert config.effective(given["country"]).to_dict() == expected
    text = cp.Config(json.dumps(given["config"]))
    assert text.effective(given["country"]).to_dict() == expected


@kind
def config_merge(given: Any, expected: Any) -> None:
    assert cp.merge(given["base"], given["override"]) == expected
    layers = cp.Config(given["base"], given["override"])
    assert layers.effective().to_dict() == expected


@kind
def current_user_status(given: Any, expected: Any) -> None:
    config, token = given["config"], given["token"]
    notice = full(config["vendors"], config["essentialPurposes"], token=token)
    seen = status(notice, token)
    current = seen.current()
    shown = {"purposes": current["purposes"], "vendors": current["vendors"]}
    assert shown == expected
    for name, entry in expected["vendors"].items():
        assert seen.allows(name) is entry["enabled"]


@kind
def current_user_status_optout(given: Any, expected: Any) -> None:
    config, token = given["config"], given["token"]
    law = config["regulation"]
    notice = cp.Config(
        optout(full(config["vendors"], config["essentialPurposes"], token=token), law)
    ).notice("US", "CA")
    sent = {} if token is None else {f"didomi_token_{law}": cookie(token)}
    current = notice.status(sent, now=NOW).current()
    assert notice.group == config["group"]
    assert {"purposes": current["purposes"], "vendors": current["vendors"]} == expected


@kind
def get_user_consent_status(given: Any, expected: Any) -> None:
    vendors = [{"id": v, "purposeIds": ["p1", "p2", "p9"]} for v in ("v1", "v2", "v9")]
    essential = given["essentialPurposes"]
    notice = full(vendors, essential, token=given["token"], named=[given["purpose"]])
    seen = status(notice, given["token"])
    assert seen.get(given["purpose"], given["vendor"]) is expected


@kind
def consent_expired(given: Any, expected: Any) -> None:
    notice = full([{"id": "v1", "purposeIds": ["p1"]}])
    notice["app"]["consentDuration"] = given["consentDuration"]
    if given["deniedConsentDuration"] is not None:
        notice["app"]["deniedConsentDuration"] = given["deniedConsentDuration"]
    side = "disabled" if given["denied_to_all"] else "enabled"
    token = {
        "updated": given["updated"],
        "vendors": {side: ["v1"]},
        "purposes": {side: ["p1"]},
    }
    seen = status(notice, token, now=parse(given["now"]))
    assert (seen.collect_reason in ("expired", "denied-expired")) is expected
    assert seen.should_collect is expected


@kind
def denied_to_all(given: Any, expected: Any) -> None:
    notice = full([{"id": v, "purposeIds": ["p1"]} for v in ("a", "b")])
    notice["app"]["deniedConsentDuration"] = 3600
    updated = parse(cp.token.decode(given).to_dict()["updated"])
    now = updated.fromtimestamp(updated.timestamp() + 3600, tz=updated.tzinfo)
    seen = status(notice, given, now=now)
    assert (seen.collect_reason == "denied-expired") is expected


@kind
def should_consent_be_collected(given: Any, expected: Any) -> None:
    vendors = [{"id": v, "purposeIds": ["p1"]} for v in ("v1", "v2")]
    notice = full(vendors, window=given.get("daysBeforeShowingAgain"))
    if "ignoreConsentBefore" in given:
        notice["user"] = {"ignoreConsentBefore": given["ignoreConsentBefore"]}
    token: dict[str, Any] = {"updated": given["updated"]}
    if given["any_status"]:
        token["purposes"] = {"enabled": ["p1"]}
        token["vendors"] = {"enabled": ["v1", *(["v2"] if given["complete"] else [])]}
    seen = status(notice, token, now=parse(given["now"]))
    assert seen.should_collect is expected


@kind
def regulation_for_location(given: Any, expected: Any) -> None:
    notice = full([{"id": "v1", "purposeIds": ["p1"]}])
    laws = ("gdpr", "cpra", "cpa", "ctdpa", "vcdpa")
    notice["regulations"] = {law: {"enabled": True} for law in laws}
    config = cp.Config(notice)
    assert config.notice(given["country"], given["region"]).regulation == expected


@kind
def is_consent_required(given: Any, expected: Any) -> None:
    notice = full([{"id": "v1", "purposeIds": ["p1"]}])
    for flag in ("gdprAppliesGlobally", "gdprAppliesWhenUnknown"):
        if flag in given:
            notice["app"][flag] = given[flag]
    gdpr: dict[str, Any] = {"enabled": True}
    if "additionalCountries" in given:
        gdpr["additionalCountries"] = given["additionalCountries"]
    notice["regulations"] = {"gdpr": gdpr}
    if "bots_consentRequired" in given:
        notice["user"] = {"bots": {"consentRequired": given["bots_consentRequired"]}}
    agent = "Googlebot/2.1" if given.get("is_bot") else None
    seen = status(notice, country=given["country"], user_agent=agent)
    assert seen.should_collect is expected


@kind
def is_bot(given: Any, expected: Any) -> None:
    notice = full([{"id": "v1", "purposeIds": ["p1"]}], user={"bots": given["bots"]})
    assert status(notice, user_agent=given["userAgent"]).bot is expected


@kind
def script_tag_enabled(given: Any, expected: Any) -> None:
    """The status of every entry is the same: what follows from this token."""
    seen_by_all = {
        "vendors_with_purposes": ["didomi:google", "c:custom"],
        "vendors_raw": ["didomi:google", "c:custom", "c:other"],
        "purposes": ["cookies", "analytics"],
    }
    assert given["status"] == seen_by_all
    notice = full(
        [
            {"id": "custom", "purposeIds": ["analytics"]},
            {"id": "other", "purposeIds": ["ads"]},
        ],
        app={"vendors": {"didomi": ["google"]}},
    )
    token = {
        "vendors": {"enabled": ["google", "c:custom", "c:other"]},
        "purposes": {"enabled": ["cookies", "analytics"], "disabled": ["ads"]},
    }
    seen = status(cp.Config(notice, catalog=GOOGLE), token)
    attributes = "".join(f' {name}="{value}"' for name, value in given["attributes"].items())
    page = f'<script type="didomi/javascript"{attributes}>x()</script>'
    live = page.replace("didomi/", "text/")
    assert cp.html.rewrite(page, seen) == (live if expected else page)
    assert cp.html.rewrite(page.encode(), seen) == (live if expected else page).encode()


@kind
def experiment_group(given: Any, expected: Any) -> None:
    experiment = {"id": "e", "size": given["size"], "config": {}}
    notice = full([{"id": "v1", "purposeIds": ["p1"]}], experiment=experiment)
    seen = status(notice, {"user_id": given["user_id"]})
    assert seen.experiment_group == expected
    variables = seen.data_layer()
    assert variables["didomiExperimentId"] == "e"
    assert variables["didomiExperimentUserGroup"] == (expected or "")


@kind
def google_consent_mode(given: Any, expected: Any) -> None:
    notice = full(
        [{"id": "googleana-4TXnJigR", "purposeIds": ["p1"]}],
        app={"vendors": {"didomi": ["google"]}},
        integrations={"vendors": {"gcm": {"enable": True}}},
    )
    sides: dict[str, list[str]] = {"enabled": [], "disabled": []}
    for name, agreed in given["vendors"].items():
        sides["enabled" if agreed else "disabled"].append(name)
    token = {"vendors": sides, "purposes": {"enabled": ["cookies", "p1"]}}
    assert status(cp.Config(notice, catalog=GOOGLE), token).google_consent_mode() == expected


@kind
def datalayer_list(given: Any, expected: Any) -> None:
    """The list writer's IAB spelling is held to the same entry in `tests/c/test_outputs.c`."""
    prefixed = any(":" in name for name in given)
    names = [name for name in given if not name.startswith("iab:")] or ["google", "other"]
    custom = [name.removeprefix("c:") for name in names if "google" not in name]
    notice = full(
        [{"id": name, "purposeIds": ["cookies"]} for name in custom],
        app={"vendors": {"didomi": ["google"] if len(custom) < len(names) else []}},
    )
    side = "enabled" if given else "disabled"
    token = {"vendors": {side: ["google", *custom]}, "purposes": {side: ["cookies"]}}
    variables = status(cp.Config(notice, catalog=GOOGLE), token).data_layer()
    shown = variables["didomiVendorsConsent" if prefixed else "didomiVendorsEnabled"]
    assert isinstance(shown, str)
    wanted = [text for text in expected.split(",") if not text.startswith("iab:")]
    assert sorted(shown.split(",")) == sorted(wanted)


@kind
def config_by_url(given: Any, expected: Any) -> None:
    assert cp.config_from_query(given) == (expected or {})
    assert cp.config_from_query(given.encode("ascii")) == (expected or {})
    assert cp.config_from_query(dict(parse_qsl(given))) == (expected or {})


@kind
def external_consent(given: Any, expected: Any) -> None:
    notice = full(
        [{"id": "googleana-4TXnJigR", "purposeIds": ["cookies", "select_basic_ads"]}],
        app={"vendors": {"didomi": ["google"]}},
        user={"externalConsent": {"enabled": given["externalConsent.enabled"]}},
    )
    query = given["query"]
    for shape in (query, "?" + query, query.encode("ascii"), dict(parse_qsl(query))):
        seen = status(cp.Config(notice, catalog=GOOGLE), query=shape)
        lists = seen.lists()
        found = {
            field + suffix: lists[field][basis]
            for field in ("purposes", "vendors")
            for suffix, basis in (("", "consent"), ("_li", "legitimate_interest"))
        }
        nothing = {field: {"enabled": [], "disabled": []} for field in found}
        assert found == (expected or nothing)


@kind
def us_privacy_string(given: Any, expected: Any) -> None:
    laws: dict[str, Any] = {"gdpr": {"enabled": False}}
    if given["applies"]:
        laws["ccpa"] = {"enabled": True}
        if given["lspa"] is not None:
            laws["ccpa"]["lspa"] = given["lspa"]
    notice = full([{"id": "v1", "purposeIds": ["p1"]}], regulations=laws)
    token = None if given["dns"] is None else {"dns": given["dns"]}
    seen = status(notice, token, country="US", region="CA", name="didomi_token_ccpa")
    assert seen.us_privacy == expected


def numbers_left(given: Any, iab: Any, **vendor: Any) -> dict[int, tuple[Any, Any]]:
    """What a notice has of a list of `gvl_ids`: purposes on both bases by number."""
    gvl = vendor_list(*(listed(id, **vendor) for id in given["gvl_ids"]))
    return {
        v.iab_id: (v.purposes, v.legitimate_interest_purposes)
        for v in cp.Config(page(iab), gvl=gvl).notice("FR").vendors
        if v.iab_id
    }


@kind
def iab_vendor_selection(given: Any, expected: Any) -> None:
    assert sorted(numbers_left(given, given["iab"])) == expected


@kind
def publisher_restriction_vendors(given: Any, expected: Any) -> None:
    lists: dict[str, Any] = {"purposes": [1, 2], "li": [7], "flexible": [7]}
    with_it, without = (
        numbers_left(given, {"all": True, "restrictions": entries}, **lists)
        for entries in ([given["restriction"]], [])
    )
    assert sorted(without) == given["gvl_ids"]
    assert sorted(id for id in without if with_it.get(id) != without[id]) == expected


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_vector(entry: dict[str, Any]) -> None:
    KINDS[entry["kind"]](entry["input"], entry["expected"])


def test_every_kind_has_vectors_and_every_vector_a_kind() -> None:
    assert {entry["kind"] for entry in ENTRIES} == set(KINDS)
    assert len(KINDS) == 21
    assert len({entry["name"] for entry in ENTRIES}) == len(ENTRIES)


def test_the_published_example_opens_its_own_vendors() -> None:
    """The published token, put to a notice with its vendors, allows exactly them."""
    entry = next(e for e in ENTRIES if e["name"] == "token/helpcenter-example")
    normalized = entry["expected"]["normalized"]
    purposes = normalized["purposes"]["enabled"]
    custom = [v[2:] for v in normalized["vendors"]["enabled"] if v.startswith("c:")]
    vendors = [{"id": v, "purposeIds": purposes} for v in [*custom, "unasked"]]
    now = parse(normalized["updated"])
    seen = status(full(vendors), entry["input"], now=now)
    assert custom and all(seen.allows(v) for v in custom)
    assert seen.allows("unasked") is False
    assert seen.user_id == normalized["user_id"]
    # Two years later the same bytes are an expired answer.
    late = status(full(vendors), entry["input"], now=NOW)
    assert late.collect_reason == "expired"
    assert not any(late.allows(v) for v in custom)


def test_the_cookie_builder_writes_what_the_decoder_reads() -> None:
    decoded = cp.token.decode(cookie({"vendors": {"enabled": ["v1", "google"]}}))
    assert decoded.to_dict()["vendors"] == {
        "enabled": ["c:v1", "google"],
        "disabled": [],
    }
