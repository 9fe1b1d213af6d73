"""R4 to R7: expiry, the window, dates that void choices; each a second before, at
and after its limit. And `collect_reason`, in its order."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from helpers import (
    DAY,
    NOW,
    USER_ID,
    ago,
    agree,
    fields,
    full,
    pack,
    refuse,
    short,
    status,
    vendor,
)

V1 = full([vendor("v1", ["p1"])])
V2 = [vendor("v1", ["p1"]), vendor("v2", ["p1"])]
YES = agree("v1", purposes=["p1"])
NO = refuse("v1", purposes=["p1"])
YEAR = 31_622_400


def v1(**more: Any) -> dict[str, Any]:
    return full([vendor("v1", ["p1"])], **more)


def old(age: float, lists: dict[str, Any] = YES) -> dict[str, Any]:
    return {**lists, "updated": ago(age)}


def is_void(seen: Any) -> bool:
    """R4, R6, R7: the choices are gone, the visitor's id is not."""
    assert seen.user_id == USER_ID
    gone = [seen.created, seen.updated, seen.expires]
    unknown = [seen.vendor("v1"), seen.purpose("p1"), seen.get("p1", "v1")]
    if gone == [None] * 3 and unknown == [None] * 3:
        assert seen.allows("v1") is False and seen.allows(purposes="p1") is False
        current = seen.current()
        assert current["vendors"]["v1"]["enabled"] is False
        assert (current["created"], current["updated"]) == (None, None)
        assert current["user_id"] == USER_ID
        assert seen.partial is True and seen.should_collect is True
        return True
    assert None not in gone and None not in unknown
    return False


# --------------------------------------------------------------- R4, consent


@pytest.mark.parametrize("duration", [None, 100, DAY, 15_552_000, 100.5])
@pytest.mark.parametrize("delta", [-1, -0.001, 0, 0.001, 1, 10**7])
def test_r4_expires_at_its_duration(duration: float | None, delta: float) -> None:
    config = v1() if duration is None else v1(app={"consentDuration": duration})
    seen = status(config, old((duration or YEAR) + delta))
    assert is_void(seen) is (delta >= 0)
    assert seen.allows("v1") is (delta < 0)
    assert seen.collect_reason == ("expired" if delta >= 0 else "complete")


def test_r4_counts_from_updated_not_created() -> None:
    seen = status(V1, {**YES, "created": ago(10 * YEAR), "updated": ago(1)})
    assert seen.allows("v1") is True and is_void(seen) is False
    seen = status(V1, {**YES, "created": ago(1), "updated": ago(YEAR)})
    assert is_void(seen) is True


def test_r4_the_countrys_duration_counts() -> None:
    config = v1(configByCountry={"DE": {"app": {"consentDuration": 100}}})
    assert status(config, old(100)).allows("v1") is True
    assert status(config, old(100), country="DE").collect_reason == "expired"


@pytest.mark.parametrize("delta", [-1, 0, 1])
def test_r4_a_refusal_expires_at_its_own_duration(delta: int) -> None:
    config = v1(app={"deniedConsentDuration": 3600})
    seen = status(config, old(3600 + delta, NO))
    assert is_void(seen) is (delta >= 0)
    assert seen.collect_reason == ("denied-expired" if delta >= 0 else "complete")
    assert seen.should_collect is (delta >= 0)


@pytest.mark.parametrize("denied", [YEAR, YEAR + 1, 10 * YEAR])
def test_r4_a_longer_denied_duration_is_ignored(denied: int) -> None:
    config = v1(app={"deniedConsentDuration": denied})
    assert status(config, old(YEAR - 1, NO)).collect_reason == "complete"
    assert status(config, old(YEAR, NO)).collect_reason == "expired"
    assert status(config, old(YEAR, NO)).notice.denied_consent_duration is None


@pytest.mark.parametrize(
    ("lists", "fires"),
    [
        ({"vendors": {"disabled": ["v1"]}}, True),
        ({"purposes": {"disabled": ["p1"]}}, True),
        ({"vendors": {"disabled": ["v1"]}, "purposes": {"enabled": ["p1"]}}, False),
        ({"vendors": {"enabled": ["v1"]}, "purposes": {"disabled": ["p1"]}}, False),
        ({"vendors": {"disabled": ["v1"]}, "vendors_li": {"enabled": ["v1"]}}, True),
        ({"purposes": {"disabled": ["p1"]}, "purposes_li": {"enabled": ["p1"]}}, True),
        ({"vendors_li": {"disabled": ["v1"]}}, False),
        ({"purposes_li": {"disabled": ["p1"]}}, False),
        ({}, False),
        # Ids that are not configured are choices of this visitor all the same.
        ({"vendors": {"enabled": ["gone"], "disabled": ["v1"]}}, False),
        ({"vendors": {"disabled": ["gone"]}}, True),
    ],
)
def test_r4_denied_looks_at_the_consent_basis_only(lists: Any, fires: bool) -> None:
    config = v1(app={"deniedConsentDuration": 3600})
    seen = status(config, old(3600, lists))
    assert (seen.collect_reason == "denied-expired") is fires
    assert (seen.updated is None) is fires


def test_r4_denied_expiry_brings_back_nothing_on_li_either() -> None:
    config = full([vendor("li", [], ["l1"]), vendor("v1", ["p1"])])
    config["app"]["deniedConsentDuration"] = 3600
    lists = {
        "vendors": {"disabled": ["v1"]},
        "vendors_li": {"enabled": ["li"]},
        "purposes_li": {"enabled": ["l1"]},
    }
    assert status(config, old(3599, lists)).allows("li") is True
    assert status(config, old(3600, lists)).allows("li") is False


# --------------------------------------------------------------- R5, the window


@pytest.mark.parametrize("days", [1, 5, 30, 0.5])
@pytest.mark.parametrize("delta", [-1, -0.001, 0, 1])
def test_r5_a_new_vendor_is_asked_for_after_the_window(days: float, delta: float) -> None:
    seen = status(full(V2, window=days), old(days * DAY + delta))
    asked = delta >= 0
    assert seen.should_collect is asked
    assert seen.collect_reason == ("new-vendor" if asked else "within-window")
    assert seen.partial is True
    # In both cases the new one has no status, and the other choices stand.
    assert seen.vendor("v2") is None and seen.allows("v2") is False
    assert seen.vendor("v1") is True and seen.allows("v1") is True
    assert seen.updated is not None and seen.expires is not None


def test_r5_no_window_asks_at_once() -> None:
    for window in (None, 0):
        seen = status(full(V2, window=window), old(0))
        assert (seen.should_collect, seen.collect_reason) == (True, "new-vendor")
        assert seen.allows("v1") is True


def test_r5_a_new_purpose_counts_like_a_new_vendor() -> None:
    config = full([vendor("v1", ["p1", "p2"])], window=5)
    inside, outside = status(config, old(5 * DAY - 1)), status(config, old(5 * DAY))
    assert inside.collect_reason == "within-window" and outside.collect_reason == "new-vendor"
    for seen in (inside, outside):
        assert seen.purpose("p1") is True and seen.purpose("p2") is None
        assert seen.allows("v1") is False and seen.allows(purposes="p1") is True


def test_r5_on_the_li_basis_too() -> None:
    config = full([vendor("v1", ["p1"], ["l1"])], window=5)
    assert status(config, old(5 * DAY - 1)).collect_reason == "within-window"
    assert status(config, old(5 * DAY)).collect_reason == "new-vendor"
    done = agree("v1", purposes=["p1", "l1"])
    assert status(config, old(5 * DAY, done)).collect_reason == "complete"


def test_r5_a_visitor_without_any_choice_is_asked_at_once() -> None:
    for age in (0, 1, 29 * DAY, 31 * DAY):
        seen = status(full(V2, window=30), {"updated": ago(age)})
        assert (seen.should_collect, seen.collect_reason) == (True, "no-choice")
        assert seen.updated is not None
    seen = status(full(V2, window=30))
    assert (seen.should_collect, seen.collect_reason) == (True, "no-choice")


def test_r5_a_complete_answer_is_not_asked_again() -> None:
    for lists in (YES, NO):
        for age in (0, 30 * DAY, YEAR - 1):
            seen = status(full([V2[0]], window=0), old(age, lists))
            assert (seen.should_collect, seen.collect_reason) == (False, "complete")
            assert seen.partial is False


def test_r5_recollect_reset() -> None:
    """While asking, every stored choice counts as unknown; not before."""
    config = full(V2, window=5, consentpy={"recollect": "reset"})
    inside = status(config, old(5 * DAY - 1))
    assert inside.allows("v1") is True and inside.vendor("v1") is True
    outside = status(config, old(5 * DAY))
    assert (outside.should_collect, outside.collect_reason) == (True, "new-vendor")
    assert outside.allows("v1") is False and outside.allows(purposes="p1") is False
    assert outside.vendor("v1") is None and outside.purpose("p1") is None
    assert outside.get("p1", "v1") is None
    assert outside.current()["vendors"]["v1"]["enabled"] is False
    assert outside.user_id == USER_ID
    complete = status(full([V2[0]], window=5, consentpy={"recollect": "reset"}), old(9 * DAY))
    assert complete.allows("v1") is True


@pytest.mark.parametrize("value", ["keep", "RESET", "", None, True, 1, [], {}])
def test_r5_recollect_of_another_value_keeps(value: Any) -> None:
    config = full(V2, window=5, consentpy={"recollect": value})
    assert status(config, old(5 * DAY)).allows("v1") is True


def test_r5_vendors_no_longer_configured_are_ignored() -> None:
    lists = {
        "vendors": {"enabled": ["v1"], "disabled": ["gone"]},
        "purposes": {"enabled": ["p1", "gone-too"]},
    }
    seen = status(V1, old(DAY, lists))
    assert seen.collect_reason == "complete" and seen.allows("v1") is True


# -------------------------------------------------------- R6, ignoreConsentBefore


def ignoring(moment: datetime, **own: Any) -> dict[str, Any]:
    text = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    return v1(user={"ignoreConsentBefore": text}, consentpy=own)


@pytest.mark.parametrize("delta", [-1, -0.001, 0, 0.001, 1])
def test_r6_choices_older_than_the_date_are_unknown(delta: float) -> None:
    """`updated < date`, strictly."""
    config = ignoring(NOW - timedelta(days=10))
    seen = status(config, old(10 * DAY - delta))
    assert is_void(seen) is (delta < 0)
    assert seen.collect_reason == ("ignored-before" if delta < 0 else "complete")
    assert seen.allows("v1") is (delta >= 0)


@pytest.mark.parametrize("ahead", [-1, -0.001, 0, 0.001, 1, 1000])
def test_r6_is_in_force_once_the_date_has_passed(ahead: float) -> None:
    """`date < now`, strictly."""
    seen = status(ignoring(NOW + timedelta(seconds=ahead)), old(DAY))
    assert is_void(seen) is (ahead < 0)
    assert seen.should_collect is (ahead < 0)


def test_r6_keep() -> None:
    """The observed behaviour: asked again, and the choices readable meanwhile."""
    seen = status(ignoring(NOW - timedelta(days=10), ignoreBefore="keep"), old(11 * DAY))
    assert (seen.should_collect, seen.collect_reason) == (True, "ignored-before")
    assert seen.allows("v1") is True and seen.vendor("v1") is True
    assert seen.updated is not None and seen.partial is False


@pytest.mark.parametrize("value", ["unknown", "KEEP", "", None, True, 1, [], {}])
def test_r6_another_value_voids(value: Any) -> None:
    config = ignoring(NOW - timedelta(days=10), ignoreBefore=value)
    assert is_void(status(config, old(11 * DAY))) is True


@pytest.mark.parametrize("text", ["soon", "", "2026-13-01", None, 2026, [], {}])
def test_r6_a_date_that_cannot_be_read_is_none(text: Any) -> None:
    seen = status(v1(user={"ignoreConsentBefore": text}), old(DAY))
    assert seen.collect_reason == "complete"


@pytest.mark.parametrize(
    ("text", "void"),
    [
        ("2026", False),
        ("2026-03", False),
        ("2026-03-11", True),
        ("2026-03-10T09:41:27Z", False),
        ("2026-03-10T09:41:28Z", True),
        ("2026-03-10T11:41:28+02:00", True),
        ("2026-03-10T11:41:27+02:00", False),
        ("2026-03-10T09:41:28", True),
        ("2027", False),
    ],
)
def test_r6_forms_of_the_date(text: str, void: bool) -> None:
    seen = status(v1(user={"ignoreConsentBefore": text}), old(10 * DAY))
    assert is_void(seen) is void


def test_r6_no_window_holds_it_back() -> None:
    config = full(V2, window=9999, user={"ignoreConsentBefore": "2026-03-11"})
    assert status(config, old(10 * DAY)).collect_reason == "ignored-before"
    assert status(config, old(10 * DAY)).should_collect is True


# --------------------------------------------------------------------- R7, dates


@pytest.mark.parametrize("skew", [None, 0, 300, 10 * DAY])
@pytest.mark.parametrize("delta", [-1, 0, 0.001, 1, 10**8])
def test_r7_a_date_ahead_of_the_clock(skew: int | None, delta: float) -> None:
    config = v1() if skew is None else v1(consentpy={"clockSkewSeconds": skew})
    allowed = DAY if skew is None else skew
    seen = status(config, old(-(allowed + delta)))
    assert is_void(seen) is (delta > 0)
    assert seen.collect_reason == ("expired" if delta > 0 else "complete")


@pytest.mark.parametrize("bad", ["300", None, True, [], {}, -1])
def test_r7_a_skew_of_a_wrong_type_is_the_default(bad: Any) -> None:
    config = v1(consentpy={"clockSkewSeconds": bad})
    assert status(config, old(-DAY - 1)).collect_reason == "expired"
    assert status(config, old(-DAY)).collect_reason == "complete"
    assert status(config, old(0)).collect_reason == "complete"


UNREADABLE = [
    "",
    " ",
    "yesterday",
    "now",
    "null",
    "1774000000000",
    "1774000000",
    "20260320T084127Z",
    "2026-13-01T00:00:00.000Z",
    "2026-00-10T00:00:00.000Z",
    "2026-03-00T00:00:00.000Z",
    "2026-03-32T00:00:00.000Z",
    "2026-03-20T25:00:00.000Z",
    "2026-03-20T08:60:00.000Z",
    "2026-03-20T08:41:61.000Z",
    "2026-03-20T08:41:27.000Zx",
    "x2026-03-20T08:41:27.000Z",
    "2026-03-20T08:41:27.000+99:99",
    "2026-3-20T8:41:27.000Z",
    "26-03-20T08:41:27.000Z",
    "-2026-03-20T08:41:27.000Z",
    "99999-03-20T08:41:27.000Z",
    "2026-03-20T08:41:27.000Z2026-03-20T08:41:27.000Z",
    "\xb2\xb0\xb26-03-20T08:41:27.000Z",
    "2026/03/20 08:41:27",
    "Fri, 20 Mar 2026 08:41:27 GMT",
    "9" * 5000,
    "2026-03-20T08:41:27." + "0" * 5000 + "Zx",
]


@pytest.mark.parametrize("text", UNREADABLE, ids=short)
def test_r7_an_unreadable_date_is_expired(text: str) -> None:
    # Stricter reading: only the form that the SDK writes, and its near kin, are dates.
    seen = status(V1, {**YES, "updated": text, "created": ago(60)})
    assert is_void(seen) is True
    assert seen.collect_reason == "expired"


def test_r7_a_missing_date_is_expired() -> None:
    token = fields(YES)
    for missing in (("updated",), ("updated", "created")):
        kept = {k: v for k, v in token.items() if k not in missing}
        seen = status(V1, pack(kept))
        assert is_void(seen) is True
        assert seen.collect_reason == "expired"


def test_r7_a_missing_or_unreadable_created_voids_nothing() -> None:
    token = fields(YES)
    without = {k: v for k, v in token.items() if k != "created"}
    for one in (without, {**token, "created": "yesterday"}):
        seen = status(V1, pack(one))
        assert seen.allows("v1") is True
        assert seen.created is None
        assert seen.updated == NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-20T08:41:27.000Z",
        "2026-03-20T08:41:27Z",
        "2026-03-20T08:41:27.0Z",
        "2026-03-20T08:41:27.000000Z",
        "2026-03-20T10:41:27.000+02:00",
        "2026-03-20T03:11:27.000-05:30",
    ],
)
def test_r7_forms_that_are_read(text: str) -> None:
    seen = status(V1, {**YES, "updated": text})
    assert seen.updated == datetime(2026, 3, 20, 8, 41, 27, tzinfo=timezone.utc)
    assert seen.allows("v1") is True


def test_r7_a_leap_day() -> None:
    leap = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
    token = {**YES, "updated": "2024-02-29T12:00:00.000Z"}
    assert status(V1, token, now=leap).allows("v1") is True
    assert status(V1, token, now=leap + timedelta(days=366)).allows("v1") is False
    assert status(V1, token, now=leap + timedelta(days=366, seconds=-1)).allows("v1") is True


# --------------------------------------------------------- collect_reason's order

PAST = {"ignoreConsentBefore": "2026-03-19"}
EVERY = {
    "user": {**PAST, "bots": {"consentRequired": False}},
    "app": {"consentDuration": 1000, "deniedConsentDuration": 100},
}


@pytest.mark.parametrize(
    ("more", "options", "lists", "age", "reason"),
    [
        (EVERY, {"country": "BR", "user_agent": "Googlebot/2.1"}, NO, YEAR, "not-required"),
        (EVERY, {"user_agent": "Googlebot/2.1"}, NO, YEAR, "bot"),
        (EVERY, {}, NO, YEAR, "expired"),
        (EVERY, {}, NO, 1000, "expired"),
        (EVERY, {}, NO, 999, "denied-expired"),
        (EVERY, {}, NO, 99, "complete"),
        (EVERY, {}, YES, 999, "complete"),
        ({"user": PAST, "app": {"deniedConsentDuration": DAY}}, {}, NO, 2 * DAY, "denied-expired"),
        ({"user": PAST}, {}, NO, 2 * DAY, "ignored-before"),
        ({"user": PAST}, {}, {}, 2 * DAY, "ignored-before"),
        ({}, {}, {}, 2 * DAY, "no-choice"),
        ({}, {}, {}, YEAR, "expired"),
        ({}, {}, {"vendors": {"enabled": ["v1"]}}, 2 * DAY, "within-window"),
        ({}, {}, {"vendors": {"enabled": ["v1"]}}, 31 * DAY, "new-vendor"),
        ({}, {}, YES, 31 * DAY, "complete"),
    ],
)
def test_collect_reason_is_the_first_that_holds(
    more: Any, options: Any, lists: Any, age: int, reason: str
) -> None:
    seen = status(v1(**more), old(age, lists), **options)
    assert seen.collect_reason == reason
    asks = {"expired", "denied-expired", "ignored-before", "no-choice", "new-vendor"}
    assert seen.should_collect is (reason in asks)


# ------------------------------------------------------------- 11.5, partial


@pytest.mark.parametrize(
    ("lists", "partial"),
    [
        ({}, True),
        (agree("a", "b", purposes=["p1", "l1"]), False),
        (refuse("a", "b", purposes=["p1", "l1"]), False),
        ({"vendors": {"enabled": ["a"]}, "purposes": {"enabled": ["p1"]}}, True),
        (
            {
                "vendors": {"enabled": ["a"]},
                "purposes": {"disabled": ["p1"]},
                "vendors_li": {"disabled": ["b"]},
                "purposes_li": {"enabled": ["l1"]},
            },
            False,
        ),
        (
            {
                "vendors": {"enabled": ["a", "b"]},
                "purposes": {"enabled": ["p1", "l1"]},
            },
            True,
        ),
        (
            {
                "vendors": {"enabled": ["a"]},
                "purposes": {"enabled": ["p1"]},
                "vendors_li": {"enabled": ["b"]},
            },
            True,
        ),
        (
            {
                "vendors": {"enabled": ["a"]},
                "vendors_li": {"enabled": ["b"]},
                "purposes_li": {"enabled": ["l1"]},
            },
            True,
        ),
    ],
)
def test_partial_looks_at_the_bases_in_use(lists: Any, partial: bool) -> None:
    config = full([vendor("a", ["p1"]), vendor("b", [], ["l1"])])
    seen = status(config, lists)
    assert seen.partial is partial
    assert (seen.collect_reason == "complete") is (not partial)


def test_partial_without_vendors() -> None:
    assert status({}).partial is False
    assert status({"app": {"vendors": {"custom": []}}}).partial is False
