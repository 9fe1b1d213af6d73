"""Gates, ids in all their spellings, and the mistakes a programmer makes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

import consentpy as cp
from helpers import GOOGLE, TCF_PURPOSES, agree, full, short, status, vendor

VENDORS = [vendor("v1", ["p1"]), vendor("v2", ["p2"]), vendor("c:v3", ["p1"])]
CONFIG = cp.Config(full(VENDORS, named=["cookies"], app={"purposes": ["cookies"]}))
YES = agree("v1", "v3", purposes=["p1", "cookies"])
SEEN = status(CONFIG, YES)

GOOGLE_CONFIG = cp.Config(
    full([vendor("v1", ["p1"])], app={"vendors": {"didomi": ["google"]}}),
    catalog=cp.Catalog(GOOGLE),
)
BUILT_IN = cp.Config({"app": {"vendors": {"didomi": ["google", "amazon"]}}})


# ------------------------------------------------------------- spellings (5.2)


@pytest.mark.parametrize("name", ["v1", "c:v1", "v3", "c:v3"])
def test_every_spelling_of_a_custom_vendor(name: str) -> None:
    assert SEEN.allows(name) is True
    assert SEEN.allows(CONFIG.gate(name)) is True
    assert SEEN.vendor(name) is True
    assert SEEN.get("p1", name) is True


@pytest.mark.parametrize("name", ["v2", "c:v2"])
def test_every_spelling_of_a_vendor_that_is_not_allowed(name: str) -> None:
    assert SEEN.allows(name) is False
    assert SEEN.allows(CONFIG.gate(name)) is False
    assert SEEN.vendor(name) is None


@pytest.mark.parametrize("name", ["google", "didomi:google", 755, "755", "iab:755"])
def test_every_spelling_of_google(name: str | int) -> None:
    every = list(TCF_PURPOSES)
    yes = status(BUILT_IN, agree("google", purposes=every))
    no = status(BUILT_IN, agree("google", purposes=every[1:]))
    for ask in (name, BUILT_IN.gate(name)):
        assert yes.allows(ask) is True
        assert no.allows(ask) is False
    assert yes.vendor(name) is True


def test_a_number_is_not_cut_to_fit() -> None:
    seen = status(BUILT_IN, agree("google", purposes=TCF_PURPOSES))
    assert seen.allows(755) is True
    for name in (755 + 2**16, 755 + 2**32, 755 + 2**64, -755, "4294968051", "755.0"):
        assert seen.allows(name) is False


@pytest.mark.parametrize("name", ["google", "didomi:google"])
def test_google_of_a_catalog(name: str) -> None:
    seen = status(GOOGLE_CONFIG, agree("google", purposes=["cookies"]))
    assert seen.allows(name) is True
    assert seen.allows("v1") is False


def test_a_custom_vendor_named_like_one_of_didomis() -> None:
    config = cp.Config(
        full([vendor("google", ["p1"])], app={"vendors": {"didomi": ["google"]}}),
        catalog=cp.Catalog(GOOGLE),
    )
    both = agree("google", purposes=["p1", "cookies"])
    assert status(config, both).allows("google") is True
    # The token's `google` is Didomi's; the custom one is spelt `c:google` there.
    assert status(config, both).allows("c:google") is False
    own = agree("c:google", purposes=["p1", "cookies"])
    assert status(config, own).allows("c:google") is True
    assert status(config, own).allows("google") is False


@pytest.mark.parametrize(
    "name",
    [
        "V1",
        "v1 ",
        " v1",
        "v",
        "v11",
        "c:",
        "nope",
        "didomi:v9",
        "v1,v2",
        "\xe9",
        "\ud800",
        "v1\0",
        "p1",
        "x" * 100_000,
        1,
        28,
        0,
        -1,
        65_536,
        2**31,
        2**32 + 755,
        2**63,
        2**64,
        10**30,
        -(10**30),
        "28",
        "iab:28",
        "iab:",
        "00",
    ],
    ids=short,
)
def test_ids_that_are_known_nowhere(name: Any) -> None:
    """A status says no; a gate says so at once, by an error."""
    assert SEEN.allows(name) is False
    assert SEEN.allows(name, ["p1"]) is False
    assert SEEN.vendor(name) is None
    assert SEEN.vendor(name, legitimate_interest=True) is None
    assert SEEN.vendor(name, with_purposes=True) is None
    assert SEEN.get("p1", name) is None
    with pytest.raises(cp.UnknownIdError) as caught:
        CONFIG.gate(name)
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, cp.ConsentError)
    assert caught.value.silent_variable_failure is True
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "purpose",
    [
        "P1",
        "p1 x",
        "nope",
        "v1",
        "c:p1",
        "\ud800",
        "p1\0",
        "x" * 100_000,
        0,
        -1,
        12,
        2**32 + 1,
        2**64,
        10**30,
        "0",
    ],
    ids=short,
)
def test_purposes_that_are_known_nowhere(purpose: Any) -> None:
    for given in ([purpose], ["p1", purpose], [purpose, "p1"]):
        assert SEEN.allows(purposes=given) is False
        assert SEEN.allows("v1", given) is False
        with pytest.raises(cp.UnknownIdError):
            CONFIG.gate(purposes=given)
        with pytest.raises(cp.UnknownIdError):
            CONFIG.gate("v1", given)
    assert SEEN.purpose(purpose) is None
    assert SEEN.purpose(purpose, legitimate_interest=True) is None
    assert SEEN.get(purpose, "v1") is None


def test_unknown_ids_are_no_even_where_no_law_applies() -> None:
    seen = status(CONFIG, country="BR")
    assert seen.notice.regulation == "none"
    assert seen.allows("v2") is True
    assert seen.allows("nope") is False
    assert seen.allows("v2", ["p1", "nope"]) is False
    assert seen.allows(purposes=["nope"]) is False


# -------------------------------------------------------------------- purposes


@pytest.mark.parametrize("make", [list, tuple, set, frozenset, iter, dict.fromkeys], ids=range(6))
def test_purposes_in_any_iterable(make: Any) -> None:
    assert SEEN.allows(purposes=make(["p1", "cookies"])) is True
    assert SEEN.allows(purposes=make(["p1", "p2"])) is False
    assert SEEN.allows(CONFIG.gate("v1", make(["p1", "cookies"]))) is True


def test_purposes_from_a_generator() -> None:
    def names() -> Iterator[str]:
        yield "p1"
        yield "cookies"

    assert SEEN.allows("v1", names()) is True


@pytest.mark.parametrize("text", ["p1", "p1,cookies", " p1 , cookies ", "p1,", ",p1", "p1,,p1"])
def test_purposes_in_one_text(text: str) -> None:
    assert SEEN.allows(purposes=text) is True
    assert SEEN.allows("v1", text) is True
    assert SEEN.allows(CONFIG.gate("v1", text)) is True


@pytest.mark.parametrize("text", ["p1,p2", "p2", "p1,nope", "p1;cookies", "p1 cookies"])
def test_purposes_in_one_text_refused(text: str) -> None:
    assert SEEN.allows(purposes=text) is False
    assert SEEN.allows("v1", text) is False


def test_purposes_by_number() -> None:
    assert SEEN.allows(purposes=[1]) is True
    assert SEEN.allows(purposes=[1, "p1"]) is True
    assert SEEN.purpose(1) is True
    assert SEEN.allows(CONFIG.gate(purposes=[1])) is True


@pytest.mark.parametrize("number", range(1, 12))
def test_every_number_of_the_tcf(number: int) -> None:
    name = TCF_PURPOSES[number - 1]
    config = cp.Config(full([vendor("v", list(TCF_PURPOSES))]))
    only = status(config, {"purposes": {"enabled": [name]}})
    for other in range(1, 12):
        expected = other == number
        assert only.allows(purposes=[other]) is expected
        assert only.allows(purposes=TCF_PURPOSES[other - 1]) is expected


@pytest.mark.parametrize("alias", ["device_access", "cookies_analytics"])
def test_old_names_of_purpose_one_open_nothing_by_themselves(alias: str) -> None:
    # Stricter reading: whether `cookies` stands for the old name or not, its refusal does.
    config = full([vendor("v", ["cookies"])])
    config["app"]["vendors"]["custom"][0]["purposeIds"] = [alias]
    for token in ({"vendors": {"enabled": ["v"]}}, None):
        assert status(config, token).allows("v") is False
        assert status(config, token).allows(purposes=[alias]) is False


# ------------------------------------------------------------- gates as values


def test_gates_are_values() -> None:
    one, two = CONFIG.gate("v1", ["p1"]), CONFIG.gate("v1", "p1")
    assert one == two and hash(one) == hash(two)
    assert one != CONFIG.gate("v1") and one != CONFIG.gate("v2", ["p1"])
    assert one != CONFIG.gate(purposes=["p1"]) and one != "v1" and one != None  # noqa: E711
    assert len({one, two, CONFIG.gate("v1")}) == 2
    assert copy.copy(one) == one and copy.deepcopy(one) == one
    with pytest.raises((AttributeError, TypeError)):
        one.vendor = "v2"  # type: ignore[misc]
    assert "v1" in repr(one)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_gates_pickle(protocol: int) -> None:
    for gate in (CONFIG.gate("v1", ["p1"]), CONFIG.gate("v2"), CONFIG.gate(purposes="p1")):
        again = pickle.loads(pickle.dumps(gate, protocol))
        assert again == gate and hash(again) == hash(gate)
        assert SEEN.allows(again) is SEEN.allows(gate)


def test_the_notice_makes_the_same_gate() -> None:
    for place in (("FR", None), ("BR", None), (None, None)):
        gate = CONFIG.notice(*place).gate("v1", ["p1"])
        assert gate == CONFIG.gate("v1", ["p1"])
        assert SEEN.allows(gate) is True
    with pytest.raises(cp.UnknownIdError):
        CONFIG.notice("FR").gate("nope")


def test_a_gate_of_another_configuration_is_resolved_by_its_ids() -> None:
    """After a reload the numbers are others; the ids are the same."""
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        vendors = [vendor(f"new{n}", ["p9"]) for n in range(order[0] * 40)]
        vendors += [VENDORS[n] for n in order]
        other = cp.Config(full(vendors))
        assert other.gate("v1") == CONFIG.gate("v1")
        seen = status(other, YES)
        for name, expected in (("v1", True), ("v2", False), ("v3", True)):
            assert seen.allows(CONFIG.gate(name)) is expected
            assert seen.verdicts([CONFIG.gate(name)]) == [expected]
        assert seen.allows(CONFIG.gate("v1", ["p1"])) is True
        assert seen.allows(CONFIG.gate("v1", ["p1", "p2"])) is False


def test_a_gate_whose_ids_are_gone_is_not_allowed() -> None:
    other = cp.Config(full([vendor("v2", ["p2"])]))
    everything = status(other, agree("v1", "v2", purposes=["p1", "p2"]))
    assert everything.allows("v2") is True
    nowhere = status(other, country="BR")
    for seen in (everything, nowhere):
        assert seen.allows(CONFIG.gate("v1")) is False
        assert seen.allows(CONFIG.gate(purposes="p1")) is False
        assert seen.verdicts([CONFIG.gate("v1"), CONFIG.gate("v2")]) == [False, True]


def test_a_gate_outlives_its_configuration() -> None:
    config = cp.Config(full(VENDORS))
    gate = config.gate("v1")
    del config
    assert SEEN.allows(gate) is True


def test_ids_missing_from_this_visitors_notice() -> None:
    """Known to the configuration, so a gate can be made; not in this country."""
    base = full([vendor("v1", ["p1"])])
    extra = full([vendor("v1", ["p1"]), vendor("only-fr", ["p-fr"])])
    config = cp.Config({**base, "configByCountry": {"FR": extra}})
    gate, purpose = config.gate("only-fr"), config.gate(purposes="p-fr")
    yes = agree("v1", "only-fr", purposes=["p1", "p-fr"])
    for country, expected in (("FR", True), ("DE", False)):
        seen = status(config, yes, country=country)
        assert seen.allows("v1") is True
        assert seen.allows(gate) is expected
        assert seen.allows("only-fr") is expected
        assert seen.verdicts([gate, purpose]) == [expected, expected]
    assert status(config, country="BR").allows(gate) is False
    assert status(config, country="BR").allows("v1") is True


def test_ids_of_every_layer_regulation_and_country_are_known() -> None:
    local = {
        "configByCountry": {"US": full([vendor("us", ["p-us"])])},
        "regulation_configurations": [
            {"regulation_id": "gdpr", "config": full([vendor("eu", ["p-eu"])])},
            {"regulation_id": "cpra", "config": full([vendor("ca", ["p-ca"])])},
        ],
    }
    config = cp.Config(full([vendor("v0", ["p0"])]), local)
    for name in ("v0", "us", "eu", "ca"):
        assert isinstance(config.gate(name), cp.Gate)
    assert status(config, agree("eu", purposes=["p-eu"])).allows(config.gate("eu"))


def test_verdicts() -> None:
    gates = [
        CONFIG.gate("v1"),
        CONFIG.gate("v2"),
        CONFIG.gate("v3", "p1"),
        CONFIG.gate(purposes=["p2"]),
        CONFIG.gate("v1", ["cookies", "p1"]),
    ]
    expected = [True, False, True, False, True]
    for given in (gates, tuple(gates), iter(gates)):
        answer = SEEN.verdicts(given)
        assert type(answer) is list and answer == expected
        assert all(type(one) is bool for one in answer)
    assert SEEN.verdicts([]) == []
    assert SEEN.verdicts(gates * 1000) == expected * 1000
    assert [SEEN.allows(gate) for gate in gates] == expected


# ------------------------------------------------------ programmers' mistakes


def test_neither_vendor_nor_purposes() -> None:
    for call in (SEEN.allows, CONFIG.gate, CONFIG.notice("FR").gate):
        with pytest.raises(TypeError):
            call()
        with pytest.raises(TypeError):
            call(None)
        with pytest.raises(TypeError):
            call(None, ())
        with pytest.raises(TypeError):
            call(vendor=None, purposes=[])


def test_an_empty_text_of_purposes_is_never_a_yes() -> None:
    # Stricter reading: names nothing, so there is nothing that could be allowed.
    for text in ("", " ", ",", " , "):
        try:
            assert SEEN.allows(purposes=text) is False
        except TypeError:
            pass


@pytest.mark.parametrize("bad", [1.5, b"v1", ["v1"], ("v1",), {"v1"}, object(), 1j])
def test_a_vendor_of_a_wrong_type(bad: Any) -> None:
    for call in (SEEN.allows, CONFIG.gate, SEEN.vendor):
        with pytest.raises(TypeError):
            call(bad)


@pytest.mark.parametrize("bad", [5, 1.5, object(), [b"p1"], [None], [1.5], [["p1"]], b"p1"])
def test_purposes_of_a_wrong_type(bad: Any) -> None:
    with pytest.raises(TypeError):
        SEEN.allows(purposes=bad)
    with pytest.raises(TypeError):
        CONFIG.gate("v1", bad)


def test_an_iterable_that_raises_is_heard() -> None:
    def broken() -> Iterator[str]:
        yield "p1"
        raise RuntimeError("broken")

    def raising_gates() -> Iterator[cp.Gate]:
        yield CONFIG.gate("v1")
        raise RuntimeError("broken")

    for call in (SEEN.allows, CONFIG.gate):
        with pytest.raises(RuntimeError, match="broken"):
            call("v1", broken())
    with pytest.raises(RuntimeError, match="broken"):
        SEEN.verdicts(raising_gates())


# ------------------------------------------------------------- the key of gates


def test_a_key_names_the_gates_whose_verdicts_it_tells() -> None:
    """Kept copies outlive the list of gates that they were made for."""
    asked = [
        [],
        [("v1", ())],
        [("v3", ())],
        [(None, ("p1",))],
        [(None, ("cookies",))],
        [("v1", ("p1",))],
        [("v1", ()), ("v3", ())],
        [("v3", ()), ("v1", ())],
        [("v1", ("p1", "cookies"))],
        [("v1", ("p1",)), (None, ("cookies",))],
        [("v1", ()), (None, ("p1", "cookies"))],
    ]
    same_verdicts = [[CONFIG.gate(*condition) for condition in gates] for gates in asked]
    assert all(SEEN.allows(gate) for gates in same_verdicts for gate in gates)
    keys = [SEEN.key(gates) for gates in same_verdicts]
    assert len(set(keys)) == len(keys)
    # The same gates of a configuration that was made anew, in another process for instance.
    again = cp.Config(full(VENDORS, named=["cookies"], app={"purposes": ["cookies"]}))
    gates = [[again.gate(*condition) for condition in gates] for gates in asked]
    assert [status(again, YES).key(row) for row in gates] == keys
    assert [SEEN.key(row) for row in gates] == keys
    assert SEEN.key([CONFIG.gate("c:v1")]) == keys[1]  # another spelling
