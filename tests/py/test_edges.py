"""Cases that once went wrong: each failed before its mend."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import consentpy as cp
from consentpy import _core
from helpers import NOW, USER_ID, ago, b64, cookie, full, optout, pack, vendor, within

AGREE = {"vendors": {"enabled": ["v"]}, "purposes": {"enabled": ["p1"]}}


# ------------------------------------------------------------------ the law


def test_the_laws_own_cookie_name_chooses_it() -> None:
    config = full([vendor("v", ["p1"])])
    named = {"cookies": {"didomiTokenCookieName": "mine"}}
    config["regulation_configurations"] = [
        {"regulation_id": "cpra"},
        {"regulation_id": "cpa", "config": named},
    ]
    refused = {"mine_cpa": cookie({"vendors_li": {"disabled": ["v"]}})}
    seen = cp.Config(config).status(refused, country="US", now=NOW)
    assert seen.notice.regulation == "cpa" and not seen.allows("v")


@pytest.mark.parametrize(
    "entries",
    [
        [None],
        [{"regulation_id": 5}],
        [{"regulation_id": "GDPR"}],
        [{"regulation_id": "gdpr", "geo_locations": ["fra"]}],
        [{"regulation_id": "cpra"}, {"regulation_id": "gdpr ", "config": {}}],
        ["gdpr"],
    ],
)
def test_a_law_that_cannot_be_read_does_not_leave_its_visitors_without_one(entries: Any) -> None:
    config = full([vendor("v", ["p1"])])
    config["regulation_configurations"] = entries
    seen = cp.Config(config).status({}, country="FR", now=NOW)
    assert seen.notice.regulation == "gdpr" and not seen.allows("v")


def test_many_laws_are_gone_over_once() -> None:
    entries = [{"regulation_id": f"law{i}", "geo_locations": ["DE"]} for i in range(20_000)]
    config = cp.Config({"regulation_configurations": entries})
    with within(5):  # it took seconds for each
        for _ in range(20):
            config.notice("FR")


# ---------------------------------------------------------- what is refused


@pytest.mark.parametrize("id", ["é" + "x" * 130, "\uac00" * 22, "x" * 3_000 + "é"])
def test_a_long_coded_id_is_still_a_refusal(id: str) -> None:
    config = cp.Config(optout(full([{**vendor("v", [], ["p1"]), "id": id}])))
    token = {"user_id": USER_ID, "updated": ago(60), "vendors_li": {"disabled": ["c:" + id]}}
    escaped = pack(token)  # json.dumps escapes what is not ASCII
    seen = config.notice("US", "CA").status({"didomi_token_cpra": escaped}, now=NOW)
    assert not seen.diagnostics and not seen.allows(id)


def test_enabled_plainly_and_disabled_in_escapes_is_disabled() -> None:
    id = "x" * 130
    config = cp.Config(full([vendor(id, ["p1"])]))
    spelled = "".join(f"\\u{ord(c):04x}" for c in "c:" + id)
    text = (
        f'{{"updated":"{ago(60)}","purposes":{{"enabled":["p1"]}},'
        f'"vendors":{{"enabled":["c:{id}"],"disabled":["{spelled}"]}}}}'
    )
    seen = config.status({"didomi_token": b64(text)}, country="FR", now=NOW)
    assert [d.code for d in seen.diagnostics] == ["contradiction"] and not seen.allows(id)


def test_refusals_behind_the_limits_may_exist() -> None:
    notice = cp.Config(optout(full([vendor("v", [], ["p1"])]))).notice("US", "CA")
    yes = "didomi_token_cpra=" + cookie({"vendors_li": {"enabled": ["v"]}})
    no = "didomi_token_cpra=" + cookie({"vendors_li": {"disabled": ["v"]}})
    assert notice.status(yes, now=NOW).allows("v")
    assert not notice.status("; ".join([yes] * 4 + [no]), now=NOW).allows("v")
    assert not notice.status(f"{yes}; x={'y' * 70_000}; {no}", now=NOW).allows("v")


@pytest.mark.parametrize("value", [False, None, True, 0, "false"])
def test_answers_that_are_kept_out_of_cookies(value: Any) -> None:
    config = full([vendor("v", ["p1"])])
    config["cookies"] = {"storageSources": {"cookies": value}}
    seen = cp.Config(config).status({"didomi_token": cookie(AGREE)}, country="FR", now=NOW)
    assert seen.allows("v") is (value is not False)  # anything but false counts as true
    assert [d.code for d in seen.diagnostics] == (["storage_off"] if value is False else [])


def test_a_cookie_name_that_is_too_long_is_no_other_name() -> None:
    config = full([vendor("v", ["p1"])])
    config["cookies"] = {"didomiTokenCookieName": "n" * 400}
    seen = cp.Config(config).status({"didomi_token": cookie(AGREE)}, country="FR", now=NOW)
    assert not seen.allows("v")


def test_a_disabled_purpose_is_nobodys_refusal() -> None:
    config = full([vendor("v", ["p1"])])
    config["app"]["disabledPurposes"] = ["p1"]
    assert not cp.Config(config).status(None, country="FR", now=NOW).allows("v")
    for made, country, region in ((config, "JP", None), (optout(config), "US", "CA")):
        seen = cp.Config(made).status(None, country=country, region=region, now=NOW)
        assert seen.allows("v") and not seen.allows(purposes="p1")
        assert seen.explain("v").allowed and not seen.explain("v", "p1").allowed


# --------------------------------------------------------------------- ids

NAMES = st.sampled_from(
    ["755", "9", "iab:1", "didomi:google", "didomi:x", "google", "c:google", "c:x", "x", "c:c:x"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=6, unique=True), st.booleans())
def test_an_id_leads_back_to_its_vendor(names: list[str], google: bool) -> None:
    vendors: dict[str, Any] = {"custom": [{"id": n, "purposeIds": ["cookies"]} for n in names]}
    if google:
        vendors["didomi"] = ["google"]
    config = cp.Config({"app": {"vendors": vendors}})
    for one in config.notice("FR").vendors:
        assert config.gate(one.id).vendor == one.id
        assert config.gate(one.sdk_id) == config.gate(one.id)
    keys = [config.gate(one.id) for one in config.notice("FR").vendors]
    assert len(set(keys)) == len(keys)


def test_a_gate_is_the_same_vendor_with_another_configuration() -> None:
    custom = cp.Config({"app": {"vendors": {"custom": [vendor("google", ["cookies"])]}}})
    didomi = cp.Config({"app": {"vendors": {"didomi": ["google"]}}})
    seen = didomi.status(None, country="JP")
    assert seen.allows("google") and not seen.allows(custom.gate("google"))


def test_google_is_known_where_another_layer_resets_its_exclusion() -> None:
    iab = {"all": True, "exclude": [755]}
    reset = {"FR": {"app": {"vendors": {"iab": {"exclude": []}}}}}
    config = cp.Config({"app": {"vendors": {"iab": iab}}, "configByCountry": reset})
    assert [v.id for v in config.notice("FR").vendors] == ["google"]
    assert not config.notice("DE").vendors


def test_keys_differ_with_the_entry_of_the_law() -> None:
    def entry(place: str, id: str) -> dict[str, Any]:
        app = {"vendors": {"custom": [vendor(id, ["cookies"])]}}
        return {"regulation_id": "gdpr", "geo_locations": [place], "config": {"app": app}}

    config = cp.Config({"regulation_configurations": [entry("FR", "a"), entry("DE", "b")]})
    french, german = (config.status(None, country=c) for c in ("FR", "DE"))
    assert french.key([]) != german.key([])


# ----------------------------------------------------------- hostile callers


class Clearing(tuple[Any, ...]):
    gates: list[Any]

    def __iter__(self) -> Any:
        self.gates.clear()
        return super().__iter__()


def test_gates_are_walked_in_a_copy() -> None:
    config = cp.Config(full([vendor("v", ["p1"])]))
    seen = config.status(None, country="FR")
    gates: list[Any] = [config.gate("v") for _ in range(50)]

    class Bomb:
        def __del__(self) -> None:
            gates.clear()

    bomb: Any = Bomb()
    bomb.self = bomb
    del bomb
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        seen.verdicts(gates)
        seen.key(gates)
    finally:
        gc.set_threshold(*threshold)


@pytest.mark.parametrize(
    "parts",
    [
        ("google", None, ("cookies",)),
        (None, "google", ("cookies",)),
        (None, None, ()),
        (5, 5, ()),
        (None, None, [1]),
        (None, None, (5,)),
        ("v", "c:v", Clearing(("p",))),
        ("\ud800", "c:v", ()),
    ],
)
def test_a_tampered_pickle_makes_no_gate(parts: tuple[Any, Any, Any]) -> None:
    with pytest.raises(TypeError, match="no Gate"):
        _core._restore_gate(*parts)


def test_an_unknown_id_is_told_quickly_in_a_large_configuration() -> None:
    config = cp.Config(full([vendor(f"vendor-{i}", ["p1"]) for i in range(20_000)]))
    with within(0.5), pytest.raises(cp.UnknownIdError):
        config.gate("vendor-unknown")


def test_limits_of_a_configuration() -> None:
    with pytest.raises(cp.ConfigError, match="256 layers"):
        cp.Config(*[{}] * 257)
    cp.Config(*[{}] * 256)
    many = [{"id": f"p{i}"} for i in range(4_100)]
    with pytest.raises(cp.ConfigError, match="4 096 purposes"):
        cp.Config({"app": {"customPurposes": many}})
    crowd = [{"id": f"v{i}", "purposeIds": ["cookies"]} for i in range(65_536)]
    with pytest.raises(cp.ConfigError, match="65 535 vendors"):
        cp.Config({"app": {"vendors": {"custom": crowd}}})
    cp.Config({"app": {"vendors": {"custom": crowd[1:]}}}).notice("FR")


# ------------------------------------------------------------------- objects


def test_catalogs_are_values_that_copy_as_themselves() -> None:
    catalog = cp.Catalog({"vendors": {"google": {"purposes": ["cookies"]}}})
    assert copy.copy(catalog) is catalog and copy.deepcopy(catalog) is catalog
    assert pickle.loads(pickle.dumps(catalog)) == catalog != cp.Catalog({})
    effective = cp.Config({}).effective()
    assert copy.copy(effective) is effective and copy.deepcopy(effective) is effective


@pytest.mark.parametrize("source", [0, 5, -1, ["p"], b"p", 1.5])
def test_a_catalog_of_a_wrong_type(source: Any) -> None:
    with pytest.raises(TypeError, match="a catalog is a mapping or the path"):
        cp.Config({}, catalog=source)


@pytest.mark.parametrize("token", [5, "x", [[]], None])
def test_a_token_of_a_wrong_type(token: Any) -> None:
    with pytest.raises(TypeError, match="a token is"):
        cp.token.encode(token)


@pytest.mark.parametrize("ids", [[1], "ab", None, {"a": 1}])
def test_a_token_that_could_not_be_read_back_is_not_written(ids: Any) -> None:
    with pytest.raises(cp.ConsentError):
        cp.token.encode({"vendors": {"enabled": ids, "disabled": ["x"]}})


def test_the_old_alias_of_app_is_seen_everywhere() -> None:
    config = cp.Config(
        {"website": {"consentDuration": 5, "name": "old"}, "app": {"name": "A"}}, names=["site"]
    )
    effective = config.effective("FR")
    assert config.notice("FR").consent_duration == effective.get("app.consentDuration") == 5
    assert effective.get("app.name") == "A"
    assert [o.layer for o in effective.explain("app.consentDuration")] == ["site", "defaults"]
    assert [o.value for o in effective.explain("app.name")] == ["A", "old", None]


def test_a_duration_without_end_is_no_duration() -> None:
    assert (
        cp.Config('{"app": {"consentDuration": 1e999}}').notice("FR").consent_duration == 31622400
    )


def test_r10_where_the_browser_keeps_its_answers_elsewhere_nothing_is_taken_for_granted() -> None:
    config = optout(full([vendor("v", ["p1"]), vendor("must", ["req"])], ["req"]))
    config["cookies"] = {"storageSources": {"cookies": False}}
    seen = cp.Config(config).notice("US", "CA").status({}, now=NOW)
    assert not seen.allows("v") and seen.allows("must")
    assert cp.Config(config).notice("JP").status({}, now=NOW).allows("v")


# ----------------------------------------------------- memory that runs out


ASKED: dict[str, Any] = {
    "lists": lambda seen: seen.lists(),
    "current": lambda seen: seen.current(),
    "set": lambda seen: seen.set({"p1": True, "p2": True}, {"v": True}).allows("v"),
    "would_allow": lambda seen: seen.explain("v").would_allow,
}


@pytest.mark.parametrize("question", ASKED)
def test_no_memory_is_said_so_and_changes_no_answer(question: str) -> None:
    """Python's allocator fails at each call in turn, once."""
    testcapi = pytest.importorskip("_testcapi", reason="CPython without its test modules")
    ask = ASKED[question]
    config = cp.Config(full([vendor("v", ["p1", "p2"]), vendor("w", ["p3"])]))
    seen = config.notice("FR").status({}, now=NOW)
    whole = ask(seen)
    refused = 0
    for call in range(400):
        again = None
        testcapi.set_nomemory(call, call + 1)
        try:
            again = ask(seen)
        except MemoryError:
            refused += 1
        finally:
            testcapi.remove_mem_hooks()
        assert again is None or again == whole
    assert refused
