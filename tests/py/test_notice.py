"""What a notice holds: vendors, purposes, durations; and what it drops."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timezone
from typing import Any

import pytest

import consentpy as cp
from helpers import (
    GOOGLE,
    TCF_PURPOSES,
    VECTORS,
    agree,
    full,
    plain_merge,
    status,
    vendor,
)


def notice(config: dict[str, Any], **options: Any) -> cp.Notice:
    return cp.Config(config, **options).notice("FR")


def ids(config: dict[str, Any], **options: Any) -> list[str]:
    return [v.id for v in notice(config, **options).vendors]


def purposes(config: dict[str, Any]) -> dict[str, cp.Purpose]:
    return {p.id: p for p in notice(config).purposes}


def test_a_whole_notice() -> None:
    config = cp.Config((VECTORS / "notice.json").read_text("utf-8"))
    seen = config.notice("DE")
    assert [v.id for v in seen.vendors] == [
        "measure-A1b2C3d4",
        "adshop-Z9y8X7w6",
        "chat-Q1w2E3r4",
        "google",
    ]
    measure, adshop, chat, google = seen.vendors
    assert (measure.sdk_id, measure.name) == ("c:measure-A1b2C3d4", "Measure")
    assert measure.policy_url == "https://measure.example/privacy"
    assert measure.namespace == "custom" and google.namespace == "didomi"
    assert sorted(adshop.purposes) == ["ads-K7mP2qRs", "cookies"]
    assert list(adshop.legitimate_interest_purposes) == ["fraud-T4uV5wXy"]
    assert chat.iab_id is None
    assert (google.id, google.sdk_id, google.iab_id) == ("google", "google", 755)
    assert seen.essential_purposes == frozenset({"service-B6nM8kLj"})
    assert isinstance(seen.essential_purposes, frozenset)
    known = {p.id: p for p in seen.purposes}
    assert known["service-B6nM8kLj"].essential is True
    assert known["ads-K7mP2qRs"].essential is False
    assert known["cookies"].iab_id == 1
    assert known["ads-K7mP2qRs"].iab_id is None
    assert known["ads-K7mP2qRs"].namespace == "custom"
    assert seen.publisher_country == "FR"
    assert (seen.country, seen.region) == ("DE", None)
    assert (seen.consent_duration, seen.denied_consent_duration) == (15_552_000, 604_800)
    assert seen.days_before_showing_again == 30
    assert seen.ignore_consent_before is None
    assert (seen.regulation, seen.group) == ("gdpr", "optin")


def test_tuples_in_configuration_order() -> None:
    config = full([vendor("z", ["p2", "p1"]), vendor("a", ["p3"], ["p4"])])
    config["app"]["vendors"]["didomi"] = ["google"]
    seen = notice(config, catalog=cp.Catalog(GOOGLE))
    assert isinstance(seen.vendors, tuple) and isinstance(seen.purposes, tuple)
    assert [v.id for v in seen.vendors] == ["z", "a", "google"]
    assert sorted(p.id for p in seen.purposes) == ["cookies", "p1", "p2", "p3", "p4"]


# --------------------------------------------------------------------- vendors


def test_a_vendor_with_no_known_purpose_is_dropped() -> None:
    config = full([vendor("kept", ["p1"])])
    config["app"]["vendors"]["custom"] += [
        vendor("none"),
        vendor("unknown", ["nobody-declared"], ["nor-this"]),
        {"id": "bare", "name": "bare"},
        {"id": "wrong", "name": "wrong", "purposeIds": "p1"},
        vendor("odd", [None, 5, ["p1"]]),
    ]
    assert ids(config) == ["kept"]


def test_unknown_purposes_of_a_vendor_are_removed() -> None:
    config = full([vendor("v", ["p1"], ["p2"])])
    config["app"]["vendors"]["custom"][0]["purposeIds"] = ["p1", "gone", 7, "P1"]
    (one,) = notice(config).vendors
    assert list(one.purposes) == ["p1"]
    assert list(one.legitimate_interest_purposes) == ["p2"]


def test_of_two_vendors_with_one_id_the_first_wins() -> None:
    first = {**vendor("v", ["p1"]), "name": "first"}
    config = full([first, {**vendor("v", ["p2"]), "name": "second"}])
    (one,) = notice(config).vendors
    assert one.name == "first" and list(one.purposes) == ["p1"]


@pytest.mark.parametrize("bad", [None, 5, "v", [], {}, {"id": 5}, {"id": ""}, {"id": None}])
def test_a_vendor_that_is_none_is_skipped(bad: Any) -> None:
    config = full([vendor("kept", ["p1"])])
    if isinstance(bad, dict):
        bad = {**bad, "name": "x", "purposeIds": ["p1"]}
    config["app"]["vendors"]["custom"].insert(0, bad)
    assert ids(config) == ["kept"]


@pytest.mark.parametrize("bad", [None, 5, "v1", {}, [], True])
def test_vendor_lists_of_a_wrong_type_are_empty(bad: Any) -> None:
    for config in (
        {"app": {"vendors": {"custom": bad, "didomi": bad}}},
        {"app": {"vendors": bad}},
        {"app": bad},
    ):
        assert ids(config) == []


def test_a_prefix_is_not_put_twice() -> None:
    (one,) = notice(full([vendor("c:v1", ["p1"])])).vendors
    assert (one.id, one.sdk_id) == ("v1", "c:v1")


def test_on_a_collision_the_prefix_stays() -> None:
    config = full([vendor("google", ["p1"])])
    config["app"]["vendors"]["didomi"] = ["google"]
    seen = notice(config, catalog=cp.Catalog(GOOGLE))
    assert [(v.id, v.sdk_id) for v in seen.vendors] == [
        ("c:google", "c:google"),
        ("google", "google"),
    ]


def test_vendors_of_didomis_list() -> None:
    documented = ["google", "amazon", "facebook", "twitter", "salesforce"]
    config = {"app": {"vendors": {"didomi": [*documented, "unheard-of", 5, None]}}}
    assert ids(config) == documented
    for one in notice(config).vendors:
        assert one.namespace == "didomi" and one.sdk_id == one.id
        assert one.name and one.purposes
    google = notice(config).vendors[0]
    by_number = [TCF_PURPOSES[n - 1] for n in (1, 3, 4)]
    assert sorted(google.purposes) == sorted(by_number)
    by_number = [TCF_PURPOSES[n - 1] for n in (2, 7, 9, 10)]
    assert sorted(google.legitimate_interest_purposes) == sorted(by_number)


def test_the_sites_catalog_wins() -> None:
    config = {"app": {"vendors": {"didomi": ["google", "own"]}}}
    catalog = {
        "vendors": {
            "google": {"name": "G", "purposes": ["cookies"]},
            "own": {"name": "Own", "purposes": ["cookies"]},
        }
    }
    google, *rest = notice(config, catalog=cp.Catalog(catalog)).vendors
    assert (google.name, list(google.purposes)) == ("G", ["cookies"])
    assert list(google.legitimate_interest_purposes) == []
    assert [v.id for v in rest] in ([], ["own"])


def test_without_a_vendor_list_there_are_no_iab_vendors() -> None:
    config = full([vendor("v1", ["p1"])])
    config["app"]["vendors"]["iab"] = {"all": True, "exclude": [755]}
    assert ids(config) == ["v1"]


# -------------------------------------------------------------------- purposes


@pytest.mark.parametrize("bad", ["", "a b", "a.b", "a/b", "\xe9t\xe9", "a\n", "p\U0001f36a"])
def test_a_purpose_id_of_other_letters_is_ignored(bad: str) -> None:
    config = full([vendor("v", ["p1"])], named=[bad])
    config["app"]["vendors"]["custom"][0]["purposeIds"].append(bad)
    assert set(purposes(config)) == {"p1"}


@pytest.mark.parametrize("good", ["p", "P-1", "a_b", "analytik-N2ZH9BqQ", "0", "-", "_"])
def test_a_purpose_id_of_letters_digits_and_dashes(good: str) -> None:
    assert set(purposes(full([vendor("v", [good])]))) == {good}


@pytest.mark.parametrize("bad", [None, 5, "p", [], {}, {"id": 5}])
def test_a_purpose_that_is_none_is_skipped(bad: Any) -> None:
    config = full([vendor("v", ["p1"])])
    config["app"]["customPurposes"].insert(0, bad)
    assert set(purposes(config)) == {"p1"}


def test_a_custom_purpose_that_nobody_uses_is_there() -> None:
    assert set(purposes(full([vendor("v", ["p1"])], named=["extra"]))) == {"p1", "extra"}


def test_extra_purposes_of_the_site() -> None:
    config = full([vendor("v", ["p1"])])
    config["app"]["purposes"] = ["cookies", "market_research"]
    known = purposes(config)
    assert {"p1", "cookies", "market_research"} <= set(known)
    assert known["market_research"].iab_id == 9


def test_disabled_purposes_are_removed() -> None:
    config = full([vendor("v", ["p1", "cookies"], ["market_research"])])
    config["app"]["disabledPurposes"] = ["cookies", "market_research"]
    assert set(purposes(config)) == {"p1"}


def test_essential_purposes_are_custom_ones_only() -> None:
    config = full([vendor("v", ["p1", "cookies", "req"])], ["req"])
    config["app"]["essentialPurposes"] = ["req", "cookies", "", None, 5, "undeclared"]
    seen = notice(config)
    assert seen.essential_purposes == frozenset({"req"})
    assert [p.id for p in seen.purposes if p.essential] == ["req"]


@pytest.mark.parametrize("bad", [None, "p1", 5, {"p1": True}, True, []])
def test_essential_purposes_of_a_wrong_type_are_none(bad: Any) -> None:
    config = full([vendor("v", ["p1"])])
    config["app"]["essentialPurposes"] = bad
    assert notice(config).essential_purposes == frozenset()


# --------------------------------------------------------- durations and dates


@pytest.mark.parametrize("bad", [None, 0, -1, "100", True, [], {}, 0.0, -0.5])
def test_a_duration_must_be_a_number_above_zero(bad: Any) -> None:
    base = full([vendor("v", ["p1"])])
    config = plain_merge(base, {"app": {"consentDuration": bad}})
    assert notice(config).consent_duration == 31_622_400
    config = plain_merge(base, {"app": {"deniedConsentDuration": bad}})
    assert notice(config).denied_consent_duration is None


@pytest.mark.parametrize(
    ("denied", "duration", "expected"),
    [
        (99, 100, 99),
        (100, 100, None),
        (101, 100, None),
        (31_622_399, None, 31_622_399),
        (31_622_400, None, None),
        (1, None, 1),
    ],
)
def test_a_denied_duration_counts_only_when_smaller(
    denied: int, duration: int | None, expected: int | None
) -> None:
    app: dict[str, Any] = {"deniedConsentDuration": denied}
    if duration is not None:
        app["consentDuration"] = duration
    config = plain_merge(full([vendor("v", ["p1"])]), {"app": app})
    assert notice(config).denied_consent_duration == expected


@pytest.mark.parametrize("bad", [None, "30", True, [], {}])
def test_the_window_must_be_a_number(bad: Any) -> None:
    config = full([vendor("v", ["p1"])], window=None, notice={"daysBeforeShowingAgain": bad})
    assert notice(config).days_before_showing_again == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025", (2025, 1, 1)),
        ("2025-03", (2025, 3, 1)),
        ("2025-03-04", (2025, 3, 4)),
        ("2025-03-04T05:06:07Z", (2025, 3, 4, 5, 6, 7)),
        ("2025-03-04T05:06:07.008Z", (2025, 3, 4, 5, 6, 7, 8000)),
        ("2025-03-04T05:06:07", (2025, 3, 4, 5, 6, 7)),
        ("2025-03-04T05:06:07+02:00", (2025, 3, 4, 3, 6, 7)),
        ("2025-03-04T05:06:07-05:30", (2025, 3, 4, 10, 36, 7)),
        ("2024-02-29", (2024, 2, 29)),
    ],
)
def test_ignore_consent_before(text: str, expected: tuple[int, ...]) -> None:
    config = full([vendor("v", ["p1"])], user={"ignoreConsentBefore": text})
    date = notice(config).ignore_consent_before
    assert date == datetime(*expected, tzinfo=timezone.utc)  # type: ignore[misc]
    assert date is not None and date.utcoffset() is not None


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "soon",
        "2025-13",
        "2025-00-01",
        "2025-01-32",
        2025,
        True,
        "25-03-04",
        "2025-03-04T25:00:00Z",
        "2025-03-04 x",
        "\U0001f36a",
        [],
        {},
        "0000-00-00",
        "99999",
        "2025-03-04T05:06:07+99:00",
        "2025-3-4-5",
    ],
)
def test_ignore_consent_before_that_cannot_be_read(bad: Any) -> None:
    config = full([vendor("v", ["p1"])], user={"ignoreConsentBefore": bad})
    assert notice(config).ignore_consent_before is None


@pytest.mark.parametrize(("given", "expected"), [("fr", "FR"), ("FR", "FR"), ("gB", "GB")])
def test_publisher_country(given: str, expected: str) -> None:
    assert notice({"app": {"country": given}}).publisher_country == expected


def test_numbers_of_any_size_are_survived() -> None:
    for value in (10**30, 1e308, 1e-308, 2**63, 2**64, 5e-324):
        config = plain_merge(
            full([vendor("v", ["p1"])]),
            {
                "app": {"consentDuration": value, "deniedConsentDuration": value},
                "notice": {"daysBeforeShowingAgain": value},
                "consentpy": {"clockSkewSeconds": min(value, 2**62)},
            },
        )
        text = json.dumps(config)
        for source in (config, text):
            seen = cp.Config(source).notice("FR").status({})  # type: ignore[arg-type]
            assert seen.allows("v") is False


# --------------------------------------------------------------------- objects


def test_vendors_and_purposes_are_values() -> None:
    config = full([vendor("v", ["p1"], ["p2"])], ["p1"])
    for name in ("vendors", "purposes"):
        (one, two) = (getattr(notice(config), name)[0] for _ in range(2))
        assert one == two and hash(one) == hash(two)
        assert pickle.loads(pickle.dumps(one)) == one
        assert copy.copy(one) == one and copy.deepcopy(one) == one
        with pytest.raises((AttributeError, TypeError)):
            one.id = "other"
        assert one.id in repr(one)


def test_a_notice_is_immutable_and_compares_by_identity() -> None:
    config = cp.Config(full([vendor("v", ["p1"])]))
    seen = config.notice("FR")
    for name in ("country", "regulation", "vendors", "new"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(seen, name, "x")
    assert seen == seen and hash(seen) == hash(seen)
    assert seen != cp.Config(full([vendor("v", ["p1"])])).notice("FR")


def test_a_purpose_disabled_is_not_asked_for() -> None:
    config = full([vendor("v", ["p1", "p2"])])
    config["app"]["disabledPurposes"] = ["p2"]
    seen = status(config, agree("v", purposes=["p1", "p2"]))
    assert seen.partial is False
    assert "p2" not in seen.current()["purposes"]
    # Stricter reading: a purpose that is never collected is never allowed by itself.
    assert seen.allows(purposes=["p2"]) is False
