"""The generated inputs of the benchmarks: the same on every machine, readable, and as large as they say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

import consentpy as cp
from benchmarks import hostile, make_inputs, make_visitors, rows_visit, visits
from consentpy import tcf


@pytest.fixture(scope="module")
def generated() -> visits.Visits:
    return visits.load()


@pytest.fixture(scope="module")
def config(generated: visits.Visits) -> cp.Config:
    return cp.Config(generated.config, gvl=cp.GlobalVendorList.from_json(generated.vendor_list))


def test_they_are_the_same_each_time(generated: visits.Visits) -> None:
    assert visits.load() == generated


def test_a_folder_of_them_is_read_back(generated: visits.Visits, tmp_path: Path) -> None:
    make_inputs.write(tmp_path)
    assert visits.load(tmp_path) == generated


def test_the_folder_may_name_a_list_beside_it(tmp_path: Path) -> None:
    make_inputs.write(tmp_path / "inner")
    (tmp_path / "inner" / "gvl.json").rename(tmp_path / "gvl.json")
    assert visits.load(tmp_path / "inner").vendor_list == (tmp_path / "gvl.json").read_text()


def test_visitors_have_two_readable_cookies(generated: visits.Visits, config: cp.Config) -> None:
    assert len(generated.jars) == len(generated.headers) == 96
    for jar, header in zip(generated.jars, generated.headers, strict=True):
        assert 1_400 < len(jar["didomi_token"]) < 2_000
        assert len(header) < 4_096 and all(f"{n}={v}" in header for n, v in jar.items())
        assert tcf.decode(jar["euconsent-v2"], strict=True).warnings == ()
        status = config.status(jar, country=generated.country, now=generated.now)
        assert status.diagnostics == () and status.created is not None


def test_gates_are_known_and_named_in_one_spelling(
    generated: visits.Visits, config: cp.Config
) -> None:
    assert len(generated.gates) == 20
    for gate, (vendor, purposes) in zip(generated.gates, generated.conditions, strict=True):
        # made from what a page writes, and from what the references are given: one gate
        assert config.gate(**gate) == config.gate(vendor, purposes)


def test_the_contenders_of_rows_1_to_3_agree(generated: visits.Visits) -> None:
    """About every vendor of the notice; a few visitors are enough to see a rule that differs."""
    few = dataclasses.replace(generated, jars=generated.jars[:3], headers=generated.headers[:3])
    assert rows_visit.check(few).endswith("are equal")


@pytest.mark.parametrize(
    ("name", "segments", "restrictions"),
    [("typ1000", 1, 0), ("typ1000_v23", 3, 0), ("range300", 1, 5)],
)
def test_strings_are_what_their_names_say(
    generated: visits.Visits, name: str, segments: int, restrictions: int
) -> None:
    tc = tcf.decode(generated.strings[name], strict=True)
    assert len(tc.segments) == segments and len(tc.publisher_restrictions) == restrictions
    if name == "range300":
        assert tc.vendor_consents.num_entries == 300
        assert tc.vendor_legitimate_interests.num_entries == 100
    else:
        assert len(tc.vendor_consents) == 857 and tc.vendor_consents.max_vendor_id == 1000


def test_the_list_has_deleted_vendors() -> None:
    vendors = make_visitors.make_vendor_list()["vendors"]
    deleted = [v for v in vendors.values() if "deletedDate" in v]
    assert 900 < len(vendors) < 1_000 and 40 < len(deleted) < 120
    assert max(map(int, vendors)) == make_visitors.LARGEST


@pytest.mark.parametrize("size", hostile.SIZES)
def test_hostile_cookies_fill_their_size_and_are_answered(
    generated: visits.Visits, config: cp.Config, size: int
) -> None:
    """No visitor may raise (docs/security.md), and a cookie that is much shorter attacks nothing."""
    made = hostile.cookies_of(generated, size)
    assert len(made) > 50
    for name, cookies in made.items():
        values = [cookies] if isinstance(cookies, str) else list(cookies.values())
        assert size * 0.6 < sum(map(len, values)) <= size or name.endswith("cut"), name
        config.status(cookies, country=generated.country, now=generated.now)


def test_most_hostile_cookies_are_read_to_their_end(
    generated: visits.Visits, config: cp.Config
) -> None:
    """What is refused at its first byte costs nothing: tokens are valid but for what they are named after."""
    refused = {"many dates", "the same key again", "keys with escapes", "deep arrays", "no end"}
    refused |= {"deep objects", "deep vendors", "a broken last character"}
    for name, kind in hostile.tokens(generated).items():
        status = config.status(kind(4096), country=generated.country, now=generated.now)
        unread = [d.code for d in status.diagnostics if d.code != "contradiction"]
        assert bool(unread) == (name in refused), (name, unread)
    for name, kind in hostile.strings(generated).items():
        made = kind(8192)
        assert isinstance(made, dict)
        if not name.endswith("cut") and name != "random bits":
            tcf.decode(made["euconsent-v2"])
    unsorted = {"of one", "of one and three", "of every length", "of distances again and again"}
    for name, kind in hostile.didomi_strings(generated).items():
        made = kind(8192)
        assert isinstance(made, dict)
        if name.removeprefix("Fibonacci codes ") in unsorted:
            with pytest.raises(cp.DecodeError, match="does not ascend"):
                cp.dcs.decode(made["didomi_dcs"])
        elif name != "random text":
            found = cp.dcs.decode(made["didomi_dcs"])
            assert len(found.vendors_optin.enabled) > 0


def test_what_is_kept_is_json(tmp_path: Path) -> None:
    make_inputs.write(tmp_path)
    for path in tmp_path.iterdir():
        json.loads(path.read_text("ascii"))
