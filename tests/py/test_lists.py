"""`status.lists()`: the lists of the SDK's `getUserStatus()`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import consentpy as cp
from helpers import GOOGLE, NOW, USER_ID, cookie, full, optout, vendor

VENDORS = [
    vendor("both", ["p1"], ["p2"]),
    vendor("asks", ["p1"]),
    vendor("claims", [], ["p2"]),
    vendor("must", ["req"]),
]
CONFIG = full(VENDORS, essential=["req"])
PS = ("purposes", "purposes_li")
NOTHING: dict[str, list[str]] = {"enabled": [], "disabled": []}


def seen(token: Any, config: Any = None, **more: Any) -> cp.Status:
    """A visitor from France, by default of the configuration above."""
    sent = {} if token is None else {"didomi_token": cookie(token)}
    return cp.Config(config or CONFIG).notice("FR").status(sent, now=NOW, **more)


def test_the_shape_without_an_answer() -> None:
    assert seen(None).lists() == {
        "purposes": {
            "consent": NOTHING,
            "legitimate_interest": NOTHING,
            "essential": ["req"],
            "global": {"enabled": ["req"], "disabled": ["p1", "p2"]},
        },
        "vendors": {
            "consent": NOTHING,
            "legitimate_interest": NOTHING,
            "global_consent": {"enabled": ["c:must"], "disabled": ["c:both", "c:asks", "c:claims"]},
            "global_li": {"enabled": ["c:must"], "disabled": ["c:both", "c:asks", "c:claims"]},
            "global": {"enabled": ["c:must"], "disabled": ["c:both", "c:asks", "c:claims"]},
        },
        "regulation": "gdpr",
        "user_id": None,
        "created": None,
        "updated": None,
        "consent_string": "",
        "addtl_consent": "",
        "didomi_dcs": "",
    }


def test_stored_lists_come_in_their_own_order_with_ids_that_mean_nothing_here() -> None:
    token = {
        "vendors": {"enabled": ["gone", "asks", "both"], "disabled": ["other"]},
        "purposes": {"enabled": ["p9", "p1"]},
        "vendors_li": {"disabled": ["claims", "both"]},
        "purposes_li": {"enabled": ["p2"], "disabled": ["p8"]},
    }
    config = full(VENDORS, essential=["req"])
    got = seen(token, config).lists()
    assert got["vendors"]["consent"] == {
        "enabled": ["c:gone", "c:asks", "c:both"],
        "disabled": ["c:other"],
    }
    assert got["purposes"]["consent"] == {"enabled": ["p9", "p1"], "disabled": []}
    assert got["vendors"]["legitimate_interest"] == {
        "enabled": [],
        "disabled": ["c:claims", "c:both"],
    }
    assert got["purposes"]["legitimate_interest"] == {"enabled": ["p2"], "disabled": ["p8"]}
    assert got["user_id"] == USER_ID and got["updated"] == "2026-03-20T08:41:27.000Z"


def test_for_a_purpose_one_basis_is_enough_for_a_vendor_all_are_needed() -> None:
    token = {
        "vendors": {"enabled": ["both", "asks"]},
        "vendors_li": {"disabled": ["both"], "enabled": ["claims"]},
        "purposes": {"enabled": ["p1"], "disabled": ["p2"]},
        "purposes_li": {"enabled": ["p2"]},
    }
    got = seen(token).lists()
    assert got["purposes"]["global"] == {"enabled": ["p1", "p2", "req"], "disabled": []}
    assert got["vendors"]["global_consent"]["enabled"] == ["c:both", "c:asks", "c:must"]
    assert got["vendors"]["global_li"]["enabled"] == ["c:claims", "c:must"]
    assert got["vendors"]["global"]["enabled"] == ["c:asks", "c:claims", "c:must"]
    assert got["vendors"]["global"]["disabled"] == ["c:both"]


def test_a_purpose_that_is_refused_refuses_its_vendors() -> None:
    token = {"vendors": {"enabled": ["asks"]}, "purposes": {"disabled": ["p1"]}}
    got = seen(token).lists()
    assert got["vendors"]["consent"]["enabled"] == ["c:asks"]
    assert "c:asks" in got["vendors"]["global_consent"]["disabled"]


def test_an_id_in_both_lists_is_disabled() -> None:
    got = seen({"vendors": {"enabled": ["asks"], "disabled": ["asks"]}}).lists()
    assert got["vendors"]["consent"] == {"enabled": [], "disabled": ["c:asks"]}


@pytest.mark.parametrize("token", [None, {"updated": "2019-01-01T00:00:00.000Z"}])
def test_an_answer_that_does_not_count_has_no_lists(token: Any) -> None:
    given_ = token and {**token, "vendors": {"enabled": ["asks"]}}
    got = seen(given_).lists()
    assert got["vendors"]["consent"] == NOTHING
    assert got["vendors"]["global"]["enabled"] == ["c:must"]
    assert got["updated"] is None
    assert got["user_id"] == (USER_ID if token else None)


def test_several_cookies_give_what_they_have_in_common() -> None:
    one = cookie({"vendors": {"enabled": ["asks", "both"]}})
    two = cookie({"vendors": {"enabled": ["both"], "disabled": ["asks"]}})
    raw = f"didomi_token={one}; didomi_token={two}"
    got = cp.Config(CONFIG).notice("FR").status(raw, now=NOW).lists()
    assert got["vendors"]["consent"] == {"enabled": ["c:both"], "disabled": ["c:asks"]}


def test_an_opt_out_law() -> None:
    config = optout(full(VENDORS, essential=["req"]))
    notice = cp.Config(config).notice("US", "CA")
    got = notice.status({}, now=NOW).lists()
    assert got["vendors"]["legitimate_interest"] == NOTHING
    assert got["vendors"]["global"]["disabled"] == []
    assert got["regulation"] == "cpra"
    sent = {"didomi_token_cpra": cookie({"purposes_li": {"disabled": ["p2"]}})}
    got = notice.status(sent, now=NOW).lists()
    assert got["purposes"]["legitimate_interest"]["disabled"] == ["p2"]
    assert got["purposes"]["global"]["disabled"] == ["p2"]
    assert got["vendors"]["global"] == {
        "enabled": ["c:asks", "c:must"],
        "disabled": ["c:both", "c:claims"],
    }


def test_without_a_law_everything_configured_is_enabled() -> None:
    got = cp.Config(CONFIG).notice("JP").status({}, now=NOW).lists()
    assert got["vendors"]["global"]["disabled"] == got["purposes"]["global"]["disabled"] == []
    assert got["regulation"] == "none"


def test_vendors_of_didomis_list_have_no_prefix() -> None:
    config = full([vendor("asks", ["p1"])], app={"vendors": {"didomi": ["google"]}})
    config["app"]["vendors"]["custom"] = [vendor("asks", ["p1"])]
    sent = {"didomi_token": cookie({"vendors": {"enabled": ["google"]}})}
    got = cp.Config(config, catalog=GOOGLE).notice("FR").status(sent, now=NOW).lists()
    assert got["vendors"]["consent"]["enabled"] == ["google"]
    assert got["vendors"]["global"]["disabled"] == ["c:asks", "google"]


def test_what_is_stored_for_others_is_in_the_global_lists_too() -> None:
    token = {
        "vendors": {"enabled": ["gone", "asks"], "disabled": ["other"]},
        "vendors_li": {"enabled": ["gone"], "disabled": ["none"]},
        "purposes": {"enabled": ["p9", "p8"], "disabled": ["p8", "p7"]},
        "purposes_li": {"enabled": ["p9", "p6"]},
    }
    got = seen(token).lists()
    for name in ("global_consent", "global_li", "global"):
        assert got["vendors"][name]["disabled"][-3:] == ["c:gone", "c:none", "c:other"]
        assert "c:gone" not in got["vendors"][name]["enabled"]
    # enabled on one basis, and not disabled beside it
    assert got["purposes"]["global"]["enabled"] == ["req", "p6", "p9"]
    assert got["purposes"]["global"]["disabled"] == ["p1", "p2"]


@given(st.data())
def test_each_id_is_in_exactly_one_of_two_lists(data: st.DataObject) -> None:
    ids = st.lists(st.sampled_from(["both", "asks", "claims", "must", "gone"]), unique=True)
    purposes = st.lists(st.sampled_from(["p1", "p2", "req", "p9"]), unique=True)
    token = {
        name: {"enabled": data.draw(kind), "disabled": data.draw(kind)}
        for name, kind in {
            "vendors": ids,
            "vendors_li": ids,
            "purposes": purposes,
            "purposes_li": purposes,
        }.items()
    }
    status = seen(token)
    got = status.lists()
    stored = [id for side in token.values() for ids in side.values() for id in ids]
    gone = ["c:gone"] * ("gone" in stored)
    everyone = sorted(gone + [v.sdk_id for v in status.notice.vendors])
    for name in ("global_consent", "global_li", "global"):
        assert sorted(got["vendors"][name]["enabled"] + got["vendors"][name]["disabled"]) == (
            everyone
        )
    agreed = ({"p9"} & set(token[name]["enabled"]) - set(token[name]["disabled"]) for name in PS)
    p9 = ["p9"] * any(agreed)
    assert sorted(
        got["purposes"]["global"]["enabled"] + got["purposes"]["global"]["disabled"]
    ) == sorted([p.id for p in status.notice.purposes] + p9)
    enabled = {v.sdk_id for v in status.notice.vendors if status.allows(v.id)}
    assert set(got["vendors"]["global"]["enabled"]) == enabled
