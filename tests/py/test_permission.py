"""gvl.permission(): every case of the vectors, and what it takes."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import consentpy as cp
from helpers import NOW, VECTORS, parse

FOLDER = Path(os.environ.get("CONSENTPY_VECTORS", VECTORS))
DATA = json.loads((FOLDER / "evaluate_tcf.json").read_text("ascii"))
#: Where the specification leaves room, `ambiguous` says so: what is taken here is in docs/strings.md.
CASES = DATA["cases"]

LIST = cp.GlobalVendorList(
    {
        "vendorListVersion": 1,
        "vendors": {
            "3": {"purposes": [1, 2], "legIntPurposes": [7], "specialFeatures": [1]},
            "4": {"purposes": [2], "deletedDate": "2026-03-20T09:41:27Z"},
            "5": {"purposes": [2], "deletedDate": "some day"},
        },
    }
)


def string(**fields: Any) -> str:
    return cp.tcf.encode(
        {
            "created_ds": datetime(2026, 3, 1, tzinfo=timezone.utc),
            "cmp_id": 7,
            "vendor_list_version": 1,
            "purpose_consents": [2],
            "vendor_consents": [3, 4, 5],
            **fields,
        }
    )


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    gvl = cp.GlobalVendorList(case["gvl"])
    asked = {case["query"]["kind"]: case["query"]["id"]}
    options = {**DATA["defaults"], **case["options"]}
    try:
        decoded = cp.tcf.decode(case["tc"], strict=True)
    except cp.DecodeError:
        decoded = None
    for tc in (case["tc"], decoded):
        seen = gvl.permission(tc, case["vendor_id"], now=parse(case["now"]), **asked, **options)
        assert {name: getattr(seen, name) for name in case["expected"]} == case["expected"]


def test_defaults_are_those_of_the_vectors() -> None:
    for case in CASES[:40]:
        gvl = cp.GlobalVendorList(case["gvl"])
        asked = {case["query"]["kind"]: case["query"]["id"]}
        seen = gvl.permission(case["tc"], case["vendor_id"], now=NOW, **asked)
        assert seen.allowed == case["expected"]["allowed"]


def test_a_lenient_reading_permits_nothing() -> None:
    text = string()
    assert LIST.permission(text, 3, purpose=2).allowed
    for tc in (text + ".", cp.tcf.decode(text + "."), cp.tcf.decode(f" {text}\n"), None, ""):
        assert LIST.permission(tc, 3, purpose=2) == (False, False, "none", False, "invalid_string")


def test_deleted_at_that_moment() -> None:
    before = NOW.timestamp() - 1
    assert LIST.permission(string(), 4, purpose=2, now=before).allowed
    assert LIST.permission(string(), 4, purpose=2, now=NOW).reason == "vendor_deleted"
    assert LIST.permission(string(), 5, purpose=2, now=before).reason == "vendor_deleted"


@pytest.mark.parametrize(
    ("since", "allowed"),
    [
        ("2026-03-01", False),
        ("2026-03-02", True),
        (date(2026, 3, 1), False),
        (datetime(2026, 3, 1, 0, 0, 1, tzinfo=timezone.utc), True),
        (None, True),
    ],
)
def test_since(since: Any, allowed: bool) -> None:
    seen = LIST.permission(string(), 3, purpose=2, require_disclosed_segment_since=since)
    assert seen.allowed == allowed


@pytest.mark.parametrize("policy", [0, 5, 64, 2**70, -1])
def test_policies(policy: int) -> None:
    seen = LIST.permission(string(), 3, purpose=2, min_policy_version=policy)
    assert seen.allowed == (0 <= policy <= 5)
    seen = LIST.permission(string(), 3, purpose=2, require_disclosed_segment_from_policy=policy)
    assert seen.allowed != (0 <= policy <= 5)


@pytest.mark.parametrize("vendor", [0, -3, 65536, 2**70])
@pytest.mark.parametrize("purpose", [0, -1, 33, 2**70])
def test_ids_that_no_list_has(vendor: int, purpose: int) -> None:
    assert LIST.permission(string(), vendor, purpose=2).reason == "vendor_unknown"
    assert LIST.permission(string(), 3, purpose=purpose).reason == "not_declared"
    assert LIST.permission(string(), 3, special_feature=purpose).reason == "not_declared"
    assert LIST.permission(string(), 3, special_purpose=purpose).reason == "not_declared"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"purpose": 1, "special_feature": 1},
        {"purpose": "1"},
        {"purpose": True},
        {"purpose": 1, "purpose_one_exempt_countries": "DE"},
        {"purpose": 1, "purpose_one_exempt_countries": ["DEU"]},
        {"purpose": 1, "require_disclosed_segment_since": 3},
        {"purpose": 1, "min_policy_version": "4"},
        {"purpose": 1, "unknown": 1},
    ],
)
def test_wrong_arguments(asked: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        LIST.permission(string(), 3, **asked)


def test_wrong_date() -> None:
    with pytest.raises(ValueError, match="require_disclosed_segment_since"):
        LIST.permission(string(), 3, purpose=1, require_disclosed_segment_since="soon")


@pytest.mark.parametrize("tc", [3, b"C", ["C"]])
def test_wrong_string(tc: Any) -> None:
    with pytest.raises(TypeError):
        LIST.permission(tc, 3, purpose=1)
