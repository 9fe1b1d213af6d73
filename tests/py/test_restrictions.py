"""Publisher restrictions: whom they reach, what they take away, what is no restriction."""

from __future__ import annotations

from typing import Any

import pytest
from vendor_lists import GVL, listed, page, restriction, vendor_list, vendors_of

import consentpy as cp
from helpers import TCF_PURPOSES, california, optout, refuse

#: By number: consent, legitimate interest, flexible. 5 cannot be moved.
LIST = vendor_list(
    listed(1, [1, 2], [7], flexible=[7]),
    listed(2, [1, 7], [2], flexible=[2, 7]),
    listed(5, [1, 7], [2]),
    listed(9, [1, 2, 9, 10], features=[1, 2]),
    listed(28, [1], [], special=[1]),
    listed(755, [1, 2], [7], flexible=[7]),
)

Left = dict[Any, tuple[tuple[int, ...], tuple[int, ...]]]


def numbers(names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(TCF_PURPOSES.index(name) + 1 for name in names)


def left(*entries: Any, gvl: Any = LIST, **more: Any) -> Left:
    """The purposes of each vendor on both bases, by number, under these restrictions."""
    found = vendors_of(page({"all": True, "restrictions": list(entries), **more}), gvl)
    return {
        id: (numbers(v.purposes), numbers(v.legitimate_interest_purposes))
        for id, v in found.items()
    }


WHOLE: Left = {
    755: ((1, 2), (7,)),
    1: ((1, 2), (7,)),
    2: ((1, 7), (2,)),
    5: ((1, 7), (2,)),
    9: ((1, 2, 9, 10), ()),
    28: ((1,), ()),
}
ADS, MEASURE = "select_basic_ads", "measure_ad_performance"


def changed(*entries: Any) -> Left:
    now = left(*entries)
    return {id: now.get(id, ((), ())) for id in WHOLE if now.get(id) != WHOLE[id]}


def test_without_restrictions() -> None:
    assert left() == WHOLE


def test_disallow_takes_a_purpose_off_both_bases() -> None:
    assert changed(restriction("disallow", ADS)) == {
        755: ((1,), (7,)),
        1: ((1,), (7,)),
        2: ((1, 7), ()),
        5: ((1, 7), ()),
        9: ((1, 9, 10), ()),
    }
    assert changed(restriction("disallow", ADS, [9, 5])) == {5: ((1, 7), ()), 9: ((1, 9, 10), ())}


def test_required_consent_moves_what_is_flexible_and_takes_the_rest() -> None:
    assert changed(restriction("req-consent", ADS)) == {2: ((1, 2, 7), ()), 5: ((1, 7), ())}
    assert changed(restriction("req-consent", MEASURE)) == {
        755: ((1, 2, 7), ()),
        1: ((1, 2, 7), ()),
    }


def test_required_interest_is_the_mirror_image() -> None:
    assert changed(restriction("req-li", MEASURE)) == {2: ((1,), (2, 7)), 5: ((1,), (2,))}
    assert changed(restriction("req-li", ADS)) == {
        755: ((1,), (7,)),
        1: ((1,), (7,)),
        9: ((1, 9, 10), ()),
    }


def test_allow_with_a_list_disallows_the_others() -> None:
    only = restriction("allow", ADS, [1, 2, 5, 28])
    assert changed(only) == {755: ((1,), (7,)), 9: ((1, 9, 10), ())}
    assert changed(restriction("allow", ADS)) == {}
    # a list of strangers is a list all the same
    assert set(changed(restriction("allow", ADS, [3000]))) == {755, 1, 2, 5, 9}


def test_ranges() -> None:
    def ranged(*pairs: tuple[Any, Any], **more: Any) -> Any:
        ranges = [{"start": a, "end": b} for a, b in pairs]
        return restriction("disallow", ADS, {"type": "list", "ranges": ranges, **more})

    assert set(changed(ranged((2, 9)))) == {2, 5, 9}
    assert set(changed(ranged((5, 6), (1, 2)))) == {1, 2, 5}
    assert set(changed(ranged((-5, 10**15)))) == {755, 1, 2, 5, 9}
    assert set(changed(ranged((6, 8)))) == set()
    assert set(changed(ranged((1, 9), ids=[9]))) == {9}  # ids are used first
    assert set(changed(ranged((1, 9), ids=[]))) == {1, 2, 5, 9}
    for bad in ((5, 5), (9, 2), ("1", 9), (1, None), (1.0, 9), (True, 9)):
        assert changed(ranged((1, 2), bad)) == {}  # a bad range is a bad restriction


def test_special_features_can_only_be_disallowed_for_all() -> None:
    def features(*entries: Any) -> tuple[str, ...]:
        return vendors_of(page({"all": True, "restrictions": list(entries)}), LIST)[
            9
        ].special_features

    both = ("geolocation_data", "device_characteristics")
    assert features(restriction("disallow", "geolocation_data")) == both[1:]
    assert changed(restriction("disallow", "geolocation_data")) == {}
    for entry in (
        restriction("disallow", "geolocation_data", [9]),
        restriction("req-consent", "geolocation_data"),
        restriction("req-li", "geolocation_data"),
        restriction("allow", "geolocation_data", [1]),
    ):
        assert features(entry) == both


def test_purpose_1_can_only_be_allowed_or_disallowed() -> None:
    for type in ("req-consent", "req-li"):
        assert changed(restriction(type, "cookies")) == {}
    assert set(changed(restriction("disallow", "cookies"))) == set(WHOLE)
    assert set(changed(restriction("allow", "cookies", [1]))) == set(WHOLE) - {1}


def test_a_vendor_left_without_purposes_is_removed() -> None:
    entries = [restriction("disallow", TCF_PURPOSES[n - 1], id=str(n)) for n in (1, 2, 9, 10)]
    now = left(*entries)
    assert now[1] == ((), (7,))
    assert 9 not in now  # its special features are no purpose of their own
    assert now[28] == ((), ())  # has a special purpose, so it stays, and never runs
    seen = cp.Config(page({"all": True, "restrictions": entries}), gvl=LIST)
    for number in (9, 28):
        assert seen.status({}, country="JP").allows(number) is False
    assert seen.status({}, country="JP").allows(1) is True


@pytest.mark.parametrize("other", ["req-consent", "req-li", "allow"])
@pytest.mark.parametrize("first", [True, False])
def test_disallow_wins(other: str, first: bool) -> None:
    entries = [restriction("disallow", ADS, id="a"), restriction(other, ADS, id="b")]
    assert left(*(entries if first else entries[::-1])) == left(entries[0])


@pytest.mark.parametrize("first", [True, False])
def test_required_consent_wins_over_required_interest(first: bool) -> None:
    entries = [restriction("req-consent", MEASURE, id="a"), restriction("req-li", MEASURE, id="b")]
    assert left(*(entries if first else entries[::-1])) == left(entries[0])


def test_restrictions_add_up() -> None:
    entries = [
        restriction("disallow", ADS, [1], id="a"),
        restriction("disallow", ADS, [5], id="b"),
        restriction("disallow", MEASURE, [5], id="c"),
    ]
    assert changed(*entries) == {1: ((1,), (7,)), 5: ((1,), ())}


def good() -> dict[str, Any]:
    return restriction("disallow", ADS, [1])


@pytest.mark.parametrize(
    "bad",
    [
        None,
        3,
        "disallow",
        [],
        {},
        {**good(), "id": ""},
        {**good(), "id": 1},
        {**good(), "purposeId": 2},
        {**good(), "purposeId": "2"},
        {**good(), "purposeId": "mine"},
        {**good(), "purposeId": "analytics"},
        {**good(), "purposeId": None},
        {**good(), "restrictionType": "DISALLOW"},
        {**good(), "restrictionType": 0},
        {**good(), "vendors": None},
        {**good(), "vendors": [1]},
        {**good(), "vendors": {"type": "some", "ids": [1]}},
        {**good(), "vendors": {"ids": [1]}},
        {**good(), "vendors": {"type": "list"}},
        {**good(), "vendors": {"type": "list", "ids": [], "ranges": []}},
        {**good(), "vendors": {"type": "list", "ids": ["1"]}},
        {**good(), "vendors": {"type": "list", "ids": [1, "2"]}},
        {**good(), "vendors": {"type": "list", "ids": [1.5]}},
        {**good(), "vendors": {"type": "list", "ids": {"0": 1}}},
        *({k: v for k, v in good().items() if k != key} for key in good()),
    ],
)
def test_an_entry_that_is_not_as_it_should_be_is_left_out(bad: Any) -> None:
    assert changed(bad) == {}
    assert changed(bad, restriction("disallow", MEASURE, [1])) == {1: ((1, 2), ())}


@pytest.mark.parametrize("whole", [None, {}, "disallow", 3])
def test_restrictions_that_are_no_array(whole: Any) -> None:
    found = vendors_of(page({"all": True, "restrictions": whole}), LIST)
    assert list(found) == list(WHOLE)


def test_overrides_come_after_restrictions() -> None:
    config = page(
        {"all": True, "restrictions": [restriction("disallow", ADS)]},
        overrideVendors={"1": {"purposeIds": [ADS]}},
    )
    one = vendors_of(config, LIST)[1]
    assert one.purposes == (ADS,) and one.legitimate_interest_purposes == (MEASURE,)


def test_google_is_restricted_with_and_without_a_list() -> None:
    entries = [restriction("req-consent", ADS, id="a"), restriction("disallow", "cookies", id="b")]
    config = page({"all": True, "restrictions": entries})
    for gvl in (GVL, None):
        google = vendors_of(config, gvl)[755]
        assert numbers(google.purposes) == (2, 3, 4)
        assert numbers(google.legitimate_interest_purposes) == (7, 9, 10)
        custom = {"id": "ga", "namespaces": {"google": {"current": True}}}
        taken = vendors_of(plain(config, [custom]), gvl)["ga"]
        assert numbers(taken.purposes) == (2, 3, 4)
    own = {"vendors": {"google": {"purposes": ["mine", "cookies"], "legIntPurposes": [ADS]}}}
    declared = plain(config, [])
    declared["app"]["customPurposes"] = [{"id": "mine"}]
    google = vendors_of(declared, GVL, catalog=own)[755]
    assert (google.purposes, google.legitimate_interest_purposes) == (("mine",), ())
    own["vendors"]["google"]["flexiblePurposes"] = [ADS]
    moved = vendors_of(declared, GVL, catalog=own)[755]
    assert set(moved.purposes) == {"mine", ADS} and moved.legitimate_interest_purposes == ()


def plain(config: dict[str, Any], custom: list[Any]) -> dict[str, Any]:
    """The same configuration with custom vendors."""
    return page(config["app"]["vendors"]["iab"], custom=custom)


def test_custom_and_other_vendors_are_not_restricted() -> None:
    entries = [restriction("disallow", "cookies")]
    config = page(
        {"all": True, "restrictions": entries},
        custom=[{"id": "own", "purposeIds": ["cookies"]}],
        didomi=["facebook"],
    )
    found = vendors_of(config, LIST)
    assert found["own"].purposes == found["facebook"].purposes == ("cookies",)


def test_a_restriction_changes_what_a_refusal_closes() -> None:
    refusal = refuse(purposes=[ADS])
    config = optout(page([1, 9]))
    assert california(cp.Config(config, gvl=LIST), refusal).allows(1) is False
    config = optout(page({"include": [1, 9], "restrictions": [restriction("disallow", ADS, [1])]}))
    seen = california(cp.Config(config, gvl=LIST), refusal)
    assert (seen.allows(1), seen.allows(9)) == (True, False)


def test_a_country_has_restrictions_of_its_own() -> None:
    config = {
        **page({"all": True}),
        "configByCountry": {"FR": page({"restrictions": [restriction("disallow", "cookies")]})},
    }
    assert numbers(vendors_of(config, LIST, "FR")[1].purposes) == (2,)
    assert numbers(vendors_of(config, LIST, "DE")[1].purposes) == (1, 2)
