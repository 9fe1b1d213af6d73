"""Writing GPP strings: what can be written, and what an error says about the rest."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from gpp_writer import CORE, section, shown

import consentpy as cp


def test_a_version_may_be_left_out() -> None:
    decoded = section(7, "CaRClSVkKVhI")["decoded"]
    del decoded["core"]["Version"]
    assert cp.gpp.encode({"sections": [{"id": 7, "decoded": decoded}]}).endswith("~CaRClSVkKVhI")


def canadian() -> dict[str, Any]:
    return copy.deepcopy(section(5, "B" + "A" * 60 + ".YAAAAAAAAA")["decoded"])


def change(decoded: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *parents, last = path.split("/")
    inner: Any = decoded
    for key in parents:
        inner = inner[int(key)] if isinstance(inner, list) else inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[int(last) if isinstance(inner, list) else last] = value
    return decoded


@pytest.mark.parametrize(
    ("id", "path", "value", "named"),
    [
        (8, "core", None, "decoded.core"),
        (8, "core", 5, "decoded.core"),
        (8, "core/SaleOptOut", 4, "decoded.core.SaleOptOut"),
        (8, "core/SaleOptOut", -1, "decoded.core.SaleOptOut"),
        (8, "core/SaleOptOut", True, "decoded.core.SaleOptOut"),
        (8, "core/SaleOptOut", "1", "decoded.core.SaleOptOut"),
        (8, "core/SaleOptOut", None, "decoded.core.SaleOptOut"),
        (8, "core/SaleOptOut", ..., "decoded.core.SaleOptOut"),
        (8, "core/SaleOptout", 1, "SaleOptout"),
        (8, "core/\u00e9" + "\u00e9" * 100, 1, "decoded.core"),
        (8, "core/Version", 2, "decoded.core.Version"),
        (8, "core/Version", 0, "decoded.core.Version"),
        (8, "core/Version", 64, "decoded.core.Version"),
        (8, "core/SensitiveDataProcessing", [1], "decoded.core.SensitiveDataProcessing"),
        (8, "core/SensitiveDataProcessing", 1, "decoded.core.SensitiveDataProcessing"),
        (8, "core/SensitiveDataProcessing/3", 9, "decoded.core.SensitiveDataProcessing[3]"),
        (8, "gpc", 1, "decoded.gpc"),
        (8, "sensitive_data_consents", {}, "sensitive_data_consents"),
        (9, "gpc", True, "gpc"),
        (25, "sensitive_data_consents", True, "decoded.sensitive_data_consents"),
        (25, "sensitive_data_consents", {}, "decoded.sensitive_data_consents"),
        (25, "sensitive_data_consents", {"other": 1}, "other"),
        (6, "Version", 2, "decoded.Version"),
        (6, "Version", 0, "decoded.Version"),
        (6, "Notice", "y", "decoded.Notice"),
        (6, "OptOutSale", "YY", "decoded.OptOutSale"),
        (6, "LspaCovered", None, "decoded.LspaCovered"),
        (5, "version", 0, "decoded.version"),
        (5, "created_ds", 2**36, "decoded.created_ds"),
        (5, "cmp_id", 4096, "decoded.cmp_id"),
        (5, "consent_language", "fr", "decoded.consent_language"),
        (5, "consent_language", "FRA", "decoded.consent_language"),
        (5, "use_non_standard_stacks", 1, "decoded.use_non_standard_stacks"),
        (5, "special_feature_express_consent", [13], "decoded.special_feature_express_consent"),
        (5, "purposes_express_consent", [0], "decoded.purposes_express_consent"),
        (5, "purposes_implied_consent", "1", "decoded.purposes_implied_consent"),
        (5, "vendor_express_consent", "0", "decoded.vendor_express_consent"),
        (5, "vendor_express_consent", "65536", "decoded.vendor_express_consent"),
        (5, "vendor_express_consent", "4-3", "decoded.vendor_express_consent"),
        (5, "vendor_express_consent", "1,", "decoded.vendor_express_consent"),
        (5, "vendor_express_consent", ",1", "decoded.vendor_express_consent"),
        (5, "vendor_express_consent", "1 2", "decoded.vendor_express_consent"),
        (5, "vendor_express_consent", "99999999999999999999", "decoded.vendor_express_consent"),
        (5, "vendor_express_consent", [1], "decoded.vendor_express_consent"),
        (5, "pub_restrictions", {}, "decoded.pub_restrictions"),
        (5, "pub_restrictions", [5], "decoded.pub_restrictions[0].purpose_id"),
        (
            5,
            "pub_restrictions",
            [{"purpose_id": 0, "type": 0, "ids": ""}],
            "decoded.pub_restrictions[0]",
        ),
        (
            5,
            "pub_restrictions",
            [{"purpose_id": 1, "type": 3, "ids": ""}],
            "decoded.pub_restrictions[0].type",
        ),
        (
            5,
            "pub_restrictions",
            [{"purpose_id": 1, "type": 0}],
            "decoded.pub_restrictions[0].ids",
        ),
        (5, "disclosed_vendors", 7, "decoded.disclosed_vendors"),
        (5, "publisher_purposes", 7, "decoded.publisher_purposes.express"),
        (
            5,
            "publisher_purposes/num_custom_purposes",
            64,
            "decoded.publisher_purposes.num_custom_purposes",
        ),
        (5, "publisher_purposes/custom_express", [1], "decoded.publisher_purposes.custom_express"),
    ],
)
def test_what_cannot_be_written_is_named(id: int, path: str, value: object, named: str) -> None:
    texts = {8: CORE, 9: "BWFgZGo", 25: "BogC", 6: "1YNN"}
    decoded = canadian() if id == 5 else section(id, texts[id])["decoded"]
    mapping = {
        "sections": [{"id": 4, "raw": "x"}, {"id": id, "decoded": change(decoded, path, value)}]
    }
    with pytest.raises(cp.ConsentError) as caught:
        cp.gpp.encode(mapping)
    assert "sections[1]" in str(caught.value) and named in str(caught.value)
    assert not isinstance(caught.value, cp.DecodeError)


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({}, "sections"),
        ({"sections": 5}, "sections"),
        ({"sections": [5]}, "sections[0]"),
        ({"sections": [{}]}, "sections[0].id"),
        ({"sections": [{"id": 0, "raw": "x"}]}, "sections[0].id"),
        ({"sections": [{"id": 65536, "raw": "x"}]}, "sections[0].id"),
        ({"sections": [{"id": True, "raw": "x"}]}, "sections[0].id"),
        ({"sections": [{"id": 9, "raw": "x"}, {"id": 8, "raw": "x"}]}, "sections[1].id"),
        ({"sections": [{"id": 9, "raw": "x"}, {"id": 9, "raw": "x"}]}, "sections[1].id"),
        ({"sections": [{"id": 9}]}, "sections[0].raw"),
        ({"sections": [{"id": 9, "raw": ""}]}, "sections[0].raw"),
        ({"sections": [{"id": 9, "raw": "a~b"}]}, "sections[0].raw"),
        ({"sections": [{"id": 9, "raw": "a b"}]}, "sections[0].raw"),
        ({"sections": [{"id": 9, "raw": "\u00e9"}]}, "sections[0].raw"),
        ({"sections": [{"id": 9, "raw": "a" * 65536}]}, "sections"),
        ({"sections": [{"id": 28, "decoded": {}}]}, "sections[0].decoded"),
        ({"sections": [{"id": 8, "decoded": 5}]}, "sections[0].decoded"),
        ({"sections": [{"id": 9, "raw": "x"}], "section_ids": [8]}, "section_ids[0]"),
        ({"sections": [{"id": 9, "raw": "x"}], "section_ids": []}, "section_ids"),
        ({"sections": [{"id": 2 * i, "raw": "x"} for i in range(1, 4098)]}, "sections"),
    ],
)
def test_mappings_that_cannot_be_written(mapping: dict[str, Any], named: str) -> None:
    with pytest.raises(cp.ConsentError) as caught:
        cp.gpp.encode(mapping)
    assert str(caught.value).startswith(named + ":")


def test_wrong_types() -> None:
    for bad in (None, 5, b"DBAA", ["DBAA"]):
        with pytest.raises(TypeError):
            cp.gpp.decode(bad)  # type: ignore[arg-type]
    for bad in (None, 5, "DBAA", [1]):
        with pytest.raises(TypeError):
            cp.gpp.encode(bad)  # type: ignore[arg-type]


def test_restrictions_of_more_runs_than_a_record_holds() -> None:
    decoded = canadian()
    ids = shown(range(1, 20001, 2))
    decoded["pub_restrictions"] = [{"purpose_id": 2, "type": 1, "ids": ids}]
    text = cp.gpp.encode({"sections": [{"id": 5, "decoded": decoded}]})
    assert section(5, text.split("~")[1])["decoded"] == decoded
