"""GlobalVendorList: what it says, what it refuses, how it is shared."""

from __future__ import annotations

import copy
import gc
import json
import os
import pickle
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
from vendor_lists import GONE, GVL, listed, page, vendor_list

import consentpy as cp
from helpers import within

REAL = os.environ.get("CONSENTPY_GVL", "")
real = pytest.mark.skipif(not REAL, reason="CONSENTPY_GVL does not name a published list")


def refusal(source: Any) -> cp.ConfigError:
    """The error of a list that must not be taken, the same by both doors."""
    with pytest.raises(cp.ConfigError) as by_mapping:
        cp.GlobalVendorList(source)
    with pytest.raises(cp.ConfigError) as by_text:
        cp.GlobalVendorList.from_json(json.dumps(source))
    first, second = by_mapping.value, by_text.value
    assert first.layer == second.layer == "gvl"
    assert first.path == second.path
    assert first.line is None and isinstance(second.line, int)
    assert str(first).startswith("gvl: ")
    assert str(second).startswith("gvl: line ") and second.excerpt
    return second


def test_what_a_list_says() -> None:
    assert (GVL.version, GVL.specification_version, GVL.policy_version) == (106, 3, 5)
    assert GVL.last_updated == "2026-01-15T16:00:00Z"
    assert list(GVL.vendors) == [1, 2, 9, 28, 30, GONE, 56, 57, 217, 755]
    assert GVL.vendors[9] == cp.GlobalVendorList(vendor_list()).vendors[9]
    nine = GVL.vendors[9]
    assert nine.id == 9 and nine.name == "Company 9" and nine.deleted is None
    assert (nine.purposes, nine.legitimate_interest_purposes) == ((1,), (10,))
    assert (nine.special_purposes, nine.features, nine.special_features) == ((1, 2), (), (1, 2))
    assert nine.flexible_purposes == ()
    assert nine.policy_url == "https://company9.example/en"
    assert GVL.vendors[217].purposes == (1, 2, 12)  # as it is written
    assert GVL.vendors[GONE].deleted == "2024-06-11T00:00:00Z"
    assert list(GVL.purposes) == list(range(1, 12))
    assert GVL.purposes[7] == cp.GlobalVendorList(vendor_list()).purposes[7]
    assert GVL.purposes[7].id == 7 and GVL.purposes[7].name == "Purpose 7"
    assert GVL.purposes[7].description == "About measure_ad_performance."
    assert repr(GVL) == "<consentpy.GlobalVendorList version 106 of 10 vendors>"


def test_vendors_stand_by_number_whatever_the_order_of_the_document() -> None:
    ids = [65_535, 3, 700, 1, 28]
    assert list(cp.GlobalVendorList(vendor_list(*map(listed, ids))).vendors) == sorted(ids)


def test_a_list_of_version_2() -> None:
    old = listed(28, [1], policyUrl="https://company28.example/policy")
    del old["urls"]
    gvl = cp.GlobalVendorList(
        vendor_list(old, gvlSpecificationVersion=2, tcfPolicyVersion=2, vendorListVersion=224)
    )
    assert (gvl.specification_version, gvl.policy_version, gvl.version) == (2, 2, 224)
    assert gvl.vendors[28].policy_url == "https://company28.example/policy"


def test_what_may_be_absent() -> None:
    bare = {"gvlSpecificationVersion": 3, "vendorListVersion": 1, "vendors": {"7": {}}}
    gvl = cp.GlobalVendorList(bare)
    assert gvl.policy_version is None and gvl.last_updated is None and not gvl.purposes
    assert gvl.vendors[7] == (7, "", (), (), (), (), (), (), None, None)
    nulls = {**bare, "purposes": None, "tcfPolicyVersion": None}
    nulls["vendors"] = {"7": {"id": 7, "purposes": None, "deletedDate": None, "urls": None}}
    assert cp.GlobalVendorList(nulls).vendors[7] == gvl.vendors[7]
    assert not cp.GlobalVendorList({**bare, "vendors": {}}).vendors


def test_what_is_not_looked_at_is_kept() -> None:
    odd = vendor_list(
        listed(5, name=3, urls=7, overflow=[], cookieMaxAgeSeconds="long", dataRetention=None),
        standardTexts={"a": [1.5, True]},
        lastUpdated=5,
        stacks=0,
    )
    gvl = cp.GlobalVendorList(odd)
    assert gvl.to_dict() == odd
    assert gvl.vendors[5].name == "" and gvl.vendors[5].policy_url is None
    assert gvl.last_updated is None
    five = {v.iab_id: v for v in cp.Config(page([5]), gvl=gvl).notice("FR").vendors}[5]
    assert five.name == "5"


@pytest.mark.parametrize("source", [{}, {"vendors": {}}, {"vendorListVersion": 1}, {"app": {}}])
def test_a_document_that_is_no_list_says_so(source: Any) -> None:
    error = refusal(source)
    assert "this is no Global Vendor List" in str(error) and error.path == ""


@pytest.mark.parametrize("text", ["[]", "3", "null", '"vendors"'])
def test_a_text_that_is_no_object(text: str) -> None:
    with pytest.raises(cp.ConfigError, match="this is no Global Vendor List"):
        cp.GlobalVendorList.from_json(text)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"gvlSpecificationVersion": 1}, "gvlSpecificationVersion"),
        ({"gvlSpecificationVersion": 4}, "gvlSpecificationVersion"),
        ({"gvlSpecificationVersion": "3"}, "gvlSpecificationVersion"),
        ({"gvlSpecificationVersion": None}, "gvlSpecificationVersion"),
        ({"vendorListVersion": -1}, "vendorListVersion"),
        ({"vendorListVersion": 1.5}, "vendorListVersion"),
        ({"vendorListVersion": 10**30}, "vendorListVersion"),
        ({"tcfPolicyVersion": "5"}, "tcfPolicyVersion"),
        ({"vendors": []}, "vendors"),
        ({"vendors": {"0": {}}}, "vendors.0"),
        ({"vendors": {"-1": {}}}, "vendors.-1"),
        ({"vendors": {"65536": {}}}, "vendors.65536"),
        ({"vendors": {"028": {}}}, "vendors.028"),
        ({"vendors": {"": {}}}, "vendors."),
        ({"vendors": {"28x": {}}}, "vendors.28x"),
        ({"vendors": {"28": []}}, "vendors.28"),
        ({"vendors": {"28": {"id": 29}}}, "vendors.28.id"),
        ({"vendors": {"28": {"id": "28"}}}, "vendors.28.id"),
        ({"vendors": {"28": {"id": 28.0}}}, "vendors.28.id"),
        ({"vendors": {"28": {"purposes": 1}}}, "vendors.28.purposes"),
        ({"vendors": {"28": {"purposes": [0]}}}, "vendors.28.purposes"),
        ({"vendors": {"28": {"purposes": [True]}}}, "vendors.28.purposes"),
        ({"vendors": {"28": {"legIntPurposes": {"2": 2}}}}, "vendors.28.legIntPurposes"),
        ({"vendors": {"28": {"legIntPurposes": ["2"]}}}, "vendors.28.legIntPurposes"),
        ({"vendors": {"28": {"flexiblePurposes": [-2]}}}, "vendors.28.flexiblePurposes"),
        ({"vendors": {"28": {"specialPurposes": "1"}}}, "vendors.28.specialPurposes"),
        ({"vendors": {"28": {"features": [65_536]}}}, "vendors.28.features"),
        ({"vendors": {"28": {"specialFeatures": [1, None]}}}, "vendors.28.specialFeatures"),
        ({"vendors": {"28": {"deletedDate": 1}}}, "vendors.28.deletedDate"),
        ({"vendors": {"28": {"deletedDate": True}}}, "vendors.28.deletedDate"),
        ({"purposes": []}, "purposes"),
        ({"purposes": {"x": {}}}, "purposes.x"),
        ({"purposes": {"1": 1}}, "purposes.1"),
        ({"purposes": {"1": {"id": 2}}}, "purposes.1.id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_decides_must_be_as_the_format_has_it(change: dict[str, Any], path: str) -> None:
    error = refusal({**vendor_list(), **change})
    assert error.path == path


def test_long_keys_do_not_make_long_messages() -> None:
    assert len(str(refusal({**vendor_list(), "vendors": {"é" * 100_000: {}}}))) < 1000


def test_texts_that_are_no_json() -> None:
    for text in ("{", b"\xff", "\ud800", '{"vendors": {"1": {}, "1": {}}}', "[" * 100 + "]" * 100):
        with pytest.raises(cp.ConfigError) as caught:
            cp.GlobalVendorList.from_json(text)
        assert caught.value.layer == "gvl"
    with pytest.raises(cp.ConfigError, match="16 MiB"):
        cp.GlobalVendorList.from_json(b" " * (16 << 20) + b"{}")


def test_a_mapping_that_cannot_be_one() -> None:
    deep: Any = {}
    for _ in range(100):
        deep = {"a": deep}
    for source in ({1: 2}, {"vendors": {1: {}}}, {"x": object()}, deep):
        with pytest.raises(cp.ConfigError):
            cp.GlobalVendorList(source)


@pytest.mark.parametrize("given", [None, 1, "{}", b"{}", [], object()])
def test_mistakes_of_the_programmer(given: Any) -> None:
    with pytest.raises(TypeError):
        cp.GlobalVendorList(given)
    if not isinstance(given, str):
        with pytest.raises(TypeError):
            cp.GlobalVendorList.load(given)
    if not isinstance(given, (str, bytes)):
        with pytest.raises(TypeError):
            cp.GlobalVendorList.from_json(given)
    if given is not None and not isinstance(given, str):
        with pytest.raises(TypeError):
            cp.Config({}, gvl=given)


def test_loading_a_file(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps(vendor_list()), encoding="utf-8")
    for given in (path, str(path)):
        assert cp.GlobalVendorList.load(given).vendors == GVL.vendors
        assert len(cp.Config(page({"all": True}), gvl=given).notice("FR").vendors) == 9
    path.write_text('{\n  "vendors": 1,\n  "vendorListVersion": 2}', encoding="utf-8")
    with pytest.raises(cp.ConfigError) as caught:
        cp.GlobalVendorList.load(path)
    assert str(caught.value).startswith(f"{path}: ") and caught.value.layer == "gvl"
    with pytest.raises(cp.ConfigError) as by_config:
        cp.Config({}, gvl=path)
    assert str(by_config.value) == str(caught.value)
    with pytest.raises(FileNotFoundError):
        cp.GlobalVendorList.load(tmp_path / "absent.json")


def test_a_list_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        GVL.vendors[1] = None  # type: ignore[index]
    with pytest.raises(TypeError):
        GVL.vendors[1][0] = 2  # type: ignore[index]
    for name in ("version", "vendors", "more"):
        with pytest.raises(AttributeError):
            setattr(GVL, name, 1)
    source = vendor_list()
    gvl = cp.GlobalVendorList(source)
    source["vendors"].clear()
    gvl.to_dict()["vendors"].clear()
    assert gvl.vendors == GVL.vendors


def test_identity_copies_and_pickles() -> None:
    other = cp.GlobalVendorList(vendor_list())
    assert other != GVL and len({other, GVL}) == 2
    assert copy.copy(GVL) is GVL and copy.deepcopy(GVL) is GVL
    again = pickle.loads(pickle.dumps(GVL))
    assert again != GVL and again.to_dict() == GVL.to_dict()
    text = cp.GlobalVendorList.from_json(json.dumps(vendor_list()))
    assert pickle.loads(pickle.dumps(text)).vendors == GVL.vendors


def test_the_configuration_keeps_its_list() -> None:
    config = cp.Config(page({"all": True}), gvl=vendor_list())
    gc.collect()
    notice = config.notice("FR")
    del config
    gc.collect()
    assert [v.iab_id for v in notice.vendors] == [755, 1, 2, 9, 28, 30, 56, 57, 217]
    before = sys.getrefcount(GVL)
    many = [cp.Config(page({"all": True}), gvl=GVL) for _ in range(5)]
    assert sys.getrefcount(GVL) == before + 5
    del many
    assert sys.getrefcount(GVL) == before


def test_a_pickled_configuration_has_its_list() -> None:
    config = cp.Config(page({"all": True}), gvl=GVL, catalog={"vendors": {"two": {"iab": 2}}})
    again = pickle.loads(pickle.dumps(config))
    assert again.notice("FR").vendors == config.notice("FR").vendors
    assert pickle.loads(pickle.dumps(config.gate("two", [2]))) == again.gate(2, "select_basic_ads")
    gates = [config.gate("two")]
    assert again.status({}, country="FR").key(gates) == config.status({}, country="FR").key(gates)


def test_the_fingerprint_has_the_list_in_it() -> None:
    def key(gvl: Any) -> str:
        config = cp.Config(page({"all": True}, custom=[{"id": "a"}]), gvl=gvl)
        return config.status({}, country="FR").key([config.gate("a")])

    assert key(GVL) == key(vendor_list())
    changed = vendor_list(vendorListVersion=107)
    assert len({key(None), key(GVL), key(changed)}) == 3


@pytest.mark.parametrize("how", ["from_json", "from_js", "from_html"])
def test_every_way_to_a_configuration_takes_a_list(how: str, tmp_path: Path) -> None:
    text = json.dumps(page({"all": True}))
    if how == "from_html":
        text = f"<script>window.didomiConfig = {text}</script>"
    config = getattr(cp.Config, how)(text, gvl=GVL)
    assert len(config.notice("FR").vendors) == 9
    path = tmp_path / {"from_json": "a.json", "from_js": "a.js", "from_html": "a.html"}[how]
    path.write_text(text, encoding="utf-8")
    assert len(cp.Config.load(path, gvl=GVL).notice("FR").vendors) == 9
    assert len(cp.Config.load(path, gvl=None).notice("FR").vendors) == 1  # google


def test_threads_share_a_list() -> None:
    gvl = cp.GlobalVendorList(vendor_list())
    seen: list[object] = []

    def look() -> None:
        config = cp.Config(page({"all": True}), gvl=gvl)
        seen.append((dict(gvl.vendors), config.notice("FR").vendors))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8 and all(one == seen[0] for one in seen)


def test_nothing_is_left_behind() -> None:
    class Marked(dict):  # type: ignore[type-arg]
        pass

    source = Marked(vendor_list())
    gone = weakref.ref(source)
    gvl = cp.GlobalVendorList(source)
    assert gvl.vendors and gvl.purposes
    del source
    gc.collect()
    assert gone() is None


def test_the_largest_list() -> None:
    """As many vendors as there are numbers, in the worst order, are read in linear time."""
    vendors = {str(n): {"purposes": [1]} for n in range(65_535, 0, -1)}
    text = json.dumps({"gvlSpecificationVersion": 3, "vendorListVersion": 1, "vendors": vendors})
    with within(3):
        gvl = cp.GlobalVendorList.from_json(text)
    assert len(gvl.vendors) == 65_535
    with within(3):
        config = cp.Config(page({"all": True}), gvl=gvl)
        # one of them is `google`, so they fit
        assert len(config.notice("FR").vendors) == 65_535
    with pytest.raises(cp.ConfigError, match="65 535 vendors"):
        cp.Config(page(custom=[{"id": "one-more"}]), gvl=gvl)


@real
def test_a_published_list() -> None:
    gvl = cp.GlobalVendorList.load(REAL)
    source = json.loads(Path(REAL).read_text("utf-8"))
    assert len(gvl.vendors) == len(source["vendors"]) and len(gvl.purposes) >= 10
    left = {int(n) for n, v in source["vendors"].items() if not v.get("deletedDate")}
    config = cp.Config(page({"all": True}), gvl=gvl)
    assert {v.iab_id for v in config.notice("FR").vendors} == left
    for number in source["vendors"]:
        assert config.gate(int(number)) == config.gate(f"iab:{number}")


def test_a_list_that_does_not_name_its_format_is_of_the_present_one() -> None:
    assert cp.GlobalVendorList({"vendorListVersion": 1, "vendors": {}}).specification_version == 3
