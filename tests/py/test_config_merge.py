"""Layers: what is merged over what, where each value came from, and the merge rule.

The order is defaults, first layer, its regulation's configuration, later layers,
the country's entry. What merging should give is worked out by `plain_merge`.
"""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import consentpy as cp
from helpers import VECTORS, full, plain_merge, vendor

DAYS = "notice.daysBeforeShowingAgain"


def days(value: Any) -> dict[str, Any]:
    return {"notice": {"daysBeforeShowingAgain": value}}


def regulated(value: Any, law: str = "gdpr", **more: Any) -> dict[str, Any]:
    entry = {"regulation_id": law, "config": days(value), **more}
    return {"regulation_configurations": [entry]}


# ------------------------------------------------------------------ the layers


def test_a_later_layer_wins() -> None:
    config = cp.Config(days(1), days(2), {"notice": {"position": "top"}})
    merged = config.effective().to_dict()
    assert merged == {"notice": {"daysBeforeShowingAgain": 2, "position": "top"}}
    assert config.notice("FR").days_before_showing_again == 2


def test_the_country_wins_over_every_layer() -> None:
    """Its entry may stand in any layer; entries of all layers combine first."""
    remote = {**days(1), "configByCountry": {"FR": days(5)}}
    local = {**days(2), "configByCountry": {"FR": {"notice": {"position": "top"}}}}
    config = cp.Config(remote, local)
    assert config.effective("FR").to_dict() == {
        "notice": {"daysBeforeShowingAgain": 5, "position": "top"}
    }
    assert config.effective("DE").to_dict() == days(2)
    assert config.notice("FR").days_before_showing_again == 5
    assert config.notice("DE").days_before_showing_again == 2


def test_the_regulation_is_over_its_parent_and_below_local_and_country() -> None:
    remote = {**days(1), **regulated(2)}
    assert cp.Config(remote).effective("FR").get(DAYS) == 2
    assert cp.Config(remote, {}).effective("FR").get(DAYS) == 2
    assert cp.Config(remote, days(3)).effective("FR").get(DAYS) == 3
    country = {"configByCountry": {"FR": days(4)}}
    assert cp.Config({**remote, **country}).effective("FR").get(DAYS) == 4
    assert cp.Config({**remote, **country}, days(3)).effective("FR").get(DAYS) == 4
    # Elsewhere no law applies, so nothing of the entry is merged.
    assert cp.Config(remote).effective("BR").get(DAYS) == 1
    assert cp.Config(remote).notice("FR").days_before_showing_again == 2
    assert cp.Config(remote).notice("BR").days_before_showing_again == 1


def test_the_regulation_of_a_later_layer_is_over_that_layer() -> None:
    config = cp.Config(days(1), {**days(2), **regulated(3)})
    assert config.effective("FR").get(DAYS) == 3
    assert config.effective("BR").get(DAYS) == 2


def test_the_regulations_of_a_later_layer_replace_the_earlier_list() -> None:
    config = cp.Config({**days(1), **regulated(2)}, regulated(3, "cpra"))
    assert config.effective("US", "CA").get(DAYS) == 3
    assert config.notice("FR").regulation == "none"
    assert config.effective("FR").get(DAYS) == 1


def test_each_regulation_merges_its_own_configuration() -> None:
    text = (VECTORS / "regulations.json").read_text("utf-8")
    config = cp.Config(text)
    for place, position, duration in (
        (("FR", None), "bottom", 1000),
        (("US", "CA"), "top", 2000),
        (("US", "TX"), "popup", 3000),
        (("US", "NM"), "popup", 3000),
    ):
        merged = config.effective(*place)
        assert merged.get("notice.position") == position
        assert merged.get("app.consentDuration") == duration
        assert merged["notice"]["daysBeforeShowingAgain"] == 30
        assert config.notice(*place).consent_duration == duration
    assert config.effective("BR").get("notice.position") == "popup"
    assert config.notice("BR").consent_duration == 31_622_400


def test_effective_leaves_out_what_is_not_of_the_notice() -> None:
    config = cp.Config(
        {
            "app": {"name": "x"},
            "configByCountry": {"FR": {"a": 1}},
            **regulated(1),
            "consentpy": {"recollect": "reset"},
        }
    )
    for place in ((), ("FR",), ("US", "CA")):
        keys = set(config.effective(*place))
        assert "app" in keys
        assert not keys & {"configByCountry", "regulation_configurations", "consentpy"}


def test_our_options_merge_like_the_rest() -> None:
    unknown = {"consentpy": {"unknownCountry": "none"}}
    assert cp.Config(unknown).notice(None).regulation == "none"
    back = {"consentpy": {"unknownCountry": "gdpr"}}
    assert cp.Config(unknown, back).notice(None).regulation == "gdpr"


def test_website_is_an_old_name_of_app() -> None:
    website = {"name": "old", "consentDuration": 100}
    config = cp.Config({"website": website, "app": {"name": "new"}})
    assert config.notice("FR").consent_duration == 100
    both = cp.Config({"website": website, "app": {"consentDuration": 200}})
    assert both.notice("FR").consent_duration == 200


# ------------------------------------------------------------- configByCountry


def test_country_keys_are_exact_upper_case() -> None:
    config = cp.Config({"configByCountry": {"FR": {"a": 1}, "de": {"a": 2}}})
    assert config.effective("FR").to_dict() == {"a": 1}
    assert config.effective("fr").to_dict() == {"a": 1}
    assert config.effective("Fr").to_dict() == {"a": 1}
    assert config.effective("DE").to_dict() == {}
    assert config.effective("de").to_dict() == {}


@pytest.mark.parametrize("entry", [None, "text", 5, True, [], [{"a": 1}]])
def test_an_entry_that_is_no_object_is_ignored(entry: Any) -> None:
    config = cp.Config({"a": 0, "configByCountry": {"FR": entry}})
    assert config.effective("FR").to_dict() == {"a": 0}


@pytest.mark.parametrize("whole", [None, "text", 5, True, [], {}, [{"FR": {"a": 1}}]])
def test_country_entries_that_are_no_object_are_ignored(whole: Any) -> None:
    config = cp.Config({"a": 0, "configByCountry": whole})
    assert config.effective("FR").to_dict() == {"a": 0}
    assert list(config.countries()) == []


def test_nested_country_entries_are_ignored() -> None:
    inner = {"a": 1, "configByCountry": {"FR": {"a": 2}}}
    config = cp.Config({"configByCountry": {"FR": inner}})
    assert config.effective("FR").to_dict() == {"a": 1}


def test_the_publishers_country_chooses_nothing() -> None:
    config = cp.Config({"app": {"country": "FR"}, "configByCountry": {"FR": {"a": 1}}})
    assert "a" not in config.effective("DE")
    assert "a" not in config.effective()


def test_the_override_chooses_the_entry() -> None:
    entries = {"FR": {"a": 1}, "US": {"a": 2}}
    config = cp.Config({"user": {"country": "fr"}, "configByCountry": entries})
    assert config.effective("US").to_dict()["a"] == 1
    assert config.effective().to_dict()["a"] == 1


def test_countries() -> None:
    keys = ("US", "FR", "fr", "FRA", "F", "F1", "", "Fr", "DE", "\xc9\xc9", "XX", "F R")
    config = cp.Config({"configByCountry": {key: {} for key in keys}})
    assert list(config.countries()) == ["DE", "FR", "US", "XX"]
    layered = cp.Config({"configByCountry": {"US": {}}}, {"configByCountry": {"AT": {}}})
    assert list(layered.countries()) == ["AT", "US"]
    assert list(cp.Config({}).countries()) == []


# ------------------------------------------------------- reading what is merged

DEEP = {
    "a": {"b": [1, 2, {"x.y": "z", "": "empty", 'q"q': "quote", "[0]": "bracket"}]},
    "x.y": {"b": 1},
    "l": [[1, [2, 3]]],
    "n": None,
    "f": False,
    "0": "zero",
}
PATHS: list[tuple[str, Any]] = [
    ("a.b", DEEP["a"]["b"]),  # type: ignore[index]
    ("a.b[0]", 1),
    ('a.b[2]["x.y"]', "z"),
    ('a["b"][1]', 2),
    ('["a"].b[1]', 2),
    ('["x.y"].b', 1),
    ('a.b[2][""]', "empty"),
    ('a.b[2]["[0]"]', "bracket"),
    ("l[0][1][0]", 2),
    ("n", None),
    ("f", False),
    ('["0"]', "zero"),
]


@pytest.mark.parametrize(("path", "expected"), PATHS, ids=[p for p, _ in PATHS])
def test_get_by_path(path: str, expected: Any) -> None:
    merged = cp.Config(DEEP).effective()
    missing = object()
    assert merged.get(path, missing) == expected


@pytest.mark.parametrize(
    "path",
    ["a.c", "a.b[3]", "a.b[99999999999999999999]", "a.b.x", "a.b[0].c", "z", "f.g"],
)
def test_get_of_what_is_not_there(path: str) -> None:
    merged = cp.Config(DEEP).effective()
    missing = object()
    assert merged.get(path) is None
    assert merged.get(path, missing) is missing
    assert merged.explain(path) == []


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='ab.[]"0123-\\ \xe9', max_size=12))
def test_any_path_is_an_answer_or_a_value_error(path: str) -> None:
    merged = cp.Config(DEEP).effective()
    try:
        found = merged.get(path, None)
        origins = merged.explain(path)
    except ValueError:
        return
    if found is not None:
        assert origins[0].value == found


def test_the_mapping_of_what_was_written() -> None:
    source = {"app": {"name": "x", "list": [1]}, "notice": {}}
    merged = cp.Config(source).effective()
    assert isinstance(merged, Mapping)
    assert dict(merged) == source and merged.to_dict() == source
    assert list(merged) == ["app", "notice"] and len(merged) == 2
    assert merged["app"]["name"] == "x"
    assert "app" in merged and "languages" not in merged and 5 not in merged
    assert set(merged.keys()) == {"app", "notice"}
    with pytest.raises(KeyError):
        merged["languages"]
    with pytest.raises(TypeError):
        merged["app"] = {}  # type: ignore[index]
    with pytest.raises(TypeError):
        del merged["app"]  # type: ignore[attr-defined]


def test_nothing_handed_out_leads_back_in() -> None:
    source: dict[str, Any] = {"app": {"list": [1], "o": {"k": "v"}}}
    config = cp.Config(source)
    merged = config.effective()
    for handed in (merged.to_dict(), dict(merged)):
        try:
            handed["app"]["list"].append(2)
            handed["app"]["o"]["k"] = "changed"
        except (TypeError, AttributeError):
            pass  # read-only parts are as good
    assert merged.to_dict() == source
    assert config.effective().to_dict() == source


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("app.consentDuration", 31_622_400),
        (DAYS, 0),
        ("notice.denyAppliesToLI", False),
        ("preferences.denyAppliesToLI", True),
        ("user.bots.consentRequired", True),
        ("cookies.didomiTokenCookieName", "didomi_token"),
        ("languages.default", "en"),
        # Our own options are no part of `effective`, yet can be asked for by path.
        ("consentpy.clockSkewSeconds", 86_400),
        ("consentpy.unknownCountry", "gdpr"),
        ("consentpy.recollect", "keep"),
        ("consentpy.ignoreBefore", "unknown"),
        ("consentpy.storedRefusalWithoutRegulation", "ignore"),
        ("consentpy.gpc", "always"),
        ("consentpy.cmpIds", [7]),
    ],
)
def test_defaults_are_known_but_not_written(path: str, value: Any) -> None:
    merged = cp.Config({}).effective()
    assert merged.get(path) == value
    assert merged.get(path, "other") == value
    origins = merged.explain(path)
    assert [(o.layer, o.value) for o in origins] == [("defaults", value)]
    assert path.split(".")[0] not in merged
    assert merged.to_dict() == {}


def test_explain_names_every_layer_winner_first() -> None:
    remote = '{\n  "notice": {\n    "daysBeforeShowingAgain": 1\n  }\n}'
    local = '{"notice": {"daysBeforeShowingAgain": 3}}'
    extra = {
        **regulated(2),
        "configByCountry": {"FR": days(4)},
    }
    config = cp.Config(plain_merge(json.loads(remote), extra), local)
    seen = [(o.layer, o.value) for o in config.effective("FR").explain(DAYS)]
    assert seen == [
        ("country:FR", 4),
        ("layer2", 3),
        ("regulation:gdpr", 2),
        ("layer1", 1),
        ("defaults", 0),
    ]
    elsewhere = [(o.layer, o.value) for o in config.effective("BR").explain(DAYS)]
    assert elsewhere == [("layer2", 3), ("layer1", 1), ("defaults", 0)]
    named = cp.Config(remote, local, names=["remote", "local"])
    first, second, third = named.effective().explain(DAYS)
    assert (first.layer, first.value, first.line, first.column) == ("local", 3, 1, 39)
    assert (second.layer, second.value, second.line) == ("remote", 1, 3)
    assert second.column in (5, 31)  # where the key or where the value stands
    assert (third.layer, third.value) == ("defaults", 0)


def test_explain_does_not_name_what_was_replaced_from_above() -> None:
    """A scalar over an object ends what was below it."""
    config = cp.Config({"a": {"b": 1}}, {"a": 5}, {"a": {"c": 2}})
    merged = config.effective()
    assert merged.to_dict() == {"a": {"c": 2}}
    assert merged.explain("a.b") == []
    assert [(o.layer, o.value) for o in merged.explain("a.c")] == [("layer3", 2)]


def test_origins_are_values() -> None:
    merged = cp.Config('{"a": 1}').effective()
    (one,), (two,) = merged.explain("a"), merged.explain("a")
    assert one == two and hash(one) == hash(two)
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.copy(one) == one
    with pytest.raises((AttributeError, TypeError)):
        one.layer = "other"  # type: ignore[misc]


# ------------------------------------------------------------------ cp.merge


def test_merge_of_none_and_of_one() -> None:
    assert cp.merge() == {}
    source = {"a": {"b": [1]}}
    merged = cp.merge(source)
    assert merged == source and merged is not source
    merged["a"]["b"].append(2)
    merged["a"]["c"] = 3
    assert source == {"a": {"b": [1]}}


@pytest.mark.parametrize("bad", [None, 5, "{}", [], [("a", 1)]])
def test_merge_of_something_else(bad: Any) -> None:
    with pytest.raises(TypeError):
        cp.merge({}, bad)
    with pytest.raises(TypeError):
        cp.merge(bad)


def test_merge_keeps_the_order_of_keys() -> None:
    merged = cp.merge({"b": 1, "a": {"y": 1}}, {"c": 3, "a": {"x": 2, "y": 3}, "b": 2})
    assert list(merged) == ["b", "a", "c"]
    assert list(merged["a"]) == ["y", "x"]


def test_merge_of_a_cycle_is_an_error() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = loop
    with pytest.raises((ValueError, RecursionError)):
        cp.merge(loop, loop)


# -------------------------------------------------------------- properties

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet='xyz.[]\xe9\U0001f36a"\\', max_size=4)
)
keys = st.text(alphabet="abc.\xe9", max_size=2)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(keys, trees, max_size=4)


@settings(max_examples=300, deadline=None)
@given(st.lists(documents, max_size=4))
def test_merge_is_the_plain_rule(layers: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(layers)
    expected: Any = {}
    for layer in layers:
        expected = plain_merge(expected, layer)
    assert cp.merge(*layers) == expected
    assert layers == before
    if layers:
        assert cp.Config(*layers).effective().to_dict() == expected
        texts = [json.dumps(layer) for layer in layers]
        assert cp.Config(*texts).effective().to_dict() == expected


@settings(max_examples=200, deadline=None)
@given(documents, documents)
def test_merging_a_country_twice_is_merging_it_once(
    base: dict[str, Any], over: dict[str, Any]
) -> None:
    once = cp.merge(base, over)
    assert cp.merge(base, over, over) == once
    assert cp.merge(once, over) == once
    config = {**base, "configByCountry": {"FR": over}}
    effective = cp.Config(config).effective("FR").to_dict()
    assert effective == once == plain_merge(base, over)
    assert cp.Config(config, config).effective("FR").to_dict() == once
    assert cp.Config(effective, config).effective("FR").to_dict() == once


@settings(max_examples=200, deadline=None)
@given(documents, documents, st.sampled_from(["DE", "US", "BR", "XX", "", None]))
def test_a_country_without_an_entry_is_the_global_configuration(
    base: dict[str, Any], over: dict[str, Any], country: str | None
) -> None:
    config = cp.Config({**base, "configByCountry": {"FR": over}})
    assert config.effective(country).to_dict() == base
    assert config.effective().to_dict() == base


@settings(max_examples=200, deadline=None)
@given(documents, documents)
def test_every_leaf_can_be_explained(base: dict[str, Any], over: dict[str, Any]) -> None:
    """The first origin of a key is the layer that its value was written in."""
    merged = cp.Config(base, over).effective()
    for key, value in merged.to_dict().items():
        assume("\\" not in key and '"' not in key)
        winner = merged.explain(f'["{key}"]')[0]
        assert merged.get(f'["{key}"]') == value
        if key not in over:
            assert (winner.layer, winner.value) == ("layer1", value)
        elif not isinstance(value, dict):
            assert (winner.layer, winner.value) == ("layer2", value)


# ----------------------------------------------------- diff between two places


def test_countries_change_the_notice_and_nothing_else() -> None:
    base = full([vendor("v1", ["p1"]), vendor("v2", ["p2"])])
    only = {"app": {"vendors": {"custom": base["app"]["vendors"]["custom"][:1]}}}
    config = cp.Config({**base, "configByCountry": {"FR": only}})
    assert [v.id for v in config.notice("FR").vendors] == ["v1"]
    assert [v.id for v in config.notice("DE").vendors] == ["v1", "v2"]
