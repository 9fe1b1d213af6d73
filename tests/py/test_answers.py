"""`Status.set`, `agree_to_all` and `disagree_to_all`: what a visitor's answer makes of a token.

Sources: docs/status.md, Answering; docs/didomi.md, Tokens; R4 to R8, R10, R11, R13.
"""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from answer_world import CONFIG, LATER, lists, raw, written

import consentpy as cp
from helpers import (
    GOOGLE,
    NOW,
    USER_ID,
    ago,
    california,
    cookie,
    fields,
    full,
    header,
    iso,
    optout,
    pack,
    plain_merge,
    status,
    vendor,
)

# ------------------------------------------------------------------ everything


def test_agree_to_all_enables_every_basis_and_every_purpose_on_consent() -> None:
    before = status(CONFIG)
    after = before.agree_to_all(now=NOW)
    assert lists(after) == {
        "vendors.enabled": ["c:v1", "c:v2"],
        "vendors_li.enabled": ["c:v1", "c:v3"],
        "purposes.enabled": ["p1", "p2", "p3", "p9"],
        "purposes_li.enabled": ["p2", "p3"],
    }
    assert all(after.allows(name) for name in ("v1", "v2", "v3"))
    assert after.collect_reason == "complete" and not after.partial
    assert before.collect_reason == "no-choice" and before.cookies() == ()


def test_disagree_to_all_objects_to_legitimate_interest_by_default() -> None:
    after = status(CONFIG).disagree_to_all(now=NOW)
    assert lists(after) == {
        "vendors.disabled": ["c:v1", "c:v2"],
        "vendors_li.disabled": ["c:v1", "c:v3"],
        "purposes.disabled": ["p1", "p2", "p3", "p9"],
        "purposes_li.disabled": ["p2", "p3"],
    }
    assert not any(after.allows(name) for name in ("v1", "v2", "v3"))
    assert after.allows(purposes="e1") and after.collect_reason == "complete"


@pytest.mark.parametrize(
    ("configured", "asked", "objects"),
    [
        (None, None, True),
        (True, None, True),
        (False, None, False),
        ("no", None, True),
        (False, True, True),
        (True, False, False),
    ],
)
def test_who_decides_about_legitimate_interest(configured: Any, asked: Any, objects: bool) -> None:
    config = plain_merge(CONFIG, {"preferences": {"denyAppliesToLI": configured}})
    after = status(config).disagree_to_all(now=NOW, legitimate_interest=asked)
    side = "disabled" if objects else "enabled"
    assert lists(after)[f"vendors_li.{side}"] == ["c:v1", "c:v3"]
    assert lists(after)[f"purposes_li.{side}"] == ["p2", "p3"]
    assert lists(after)["vendors.disabled"] == ["c:v1", "c:v2"]


def test_disagreeing_without_legitimate_interest_keeps_what_was_answered_there() -> None:
    token = {"vendors_li": {"disabled": ["v1"]}, "purposes_li": {"disabled": ["p2"]}}
    after = status(CONFIG, token).disagree_to_all(now=NOW, legitimate_interest=False)
    assert lists(after)["vendors_li.disabled"] == ["c:v1"]
    assert lists(after)["vendors_li.enabled"] == ["c:v3"]
    assert lists(after)["purposes_li.disabled"] == ["p2"]
    assert lists(after)["purposes_li.enabled"] == ["p3"]


def test_essential_vendors_need_no_permission_and_essential_purposes_are_never_stored() -> None:
    config = full([vendor("v1", ["e1"]), vendor("v2", ["p1"])], ["e1"])
    token = {"purposes": {"enabled": ["e1", "p1"]}, "purposes_li": {"disabled": ["e1"]}}
    for after in (
        status(config, token).disagree_to_all(now=NOW),
        status(config, token).set(purposes={"p1": False}, now=NOW),
    ):
        assert "e1" not in str(written(after)) and after.allows("v1")


# ------------------------------------------------------------------------- set


def test_set_changes_what_it_names_and_nothing_else() -> None:
    before = status(CONFIG).agree_to_all(now=NOW)
    after = before.set(purposes={"p1": False}, vendors={"v3": False}, now=LATER)
    assert lists(after) == {
        "vendors.enabled": ["c:v1", "c:v2"],
        "vendors_li.enabled": ["c:v1"],
        "vendors_li.disabled": ["c:v3"],
        "purposes.enabled": ["p2", "p3", "p9"],
        "purposes.disabled": ["p1"],
        "purposes_li.enabled": ["p2", "p3"],
    }
    assert lists(before)["purposes.enabled"] == ["p1", "p2", "p3", "p9"]


def test_an_id_is_set_on_every_basis_that_it_uses() -> None:
    after = status(CONFIG).set(
        purposes={"p1": True, "p2": False, "p9": True}, vendors={"v1": True, "v2": False}, now=NOW
    )
    assert lists(after) == {
        "vendors.enabled": ["c:v1"],
        "vendors.disabled": ["c:v2"],
        "vendors_li.enabled": ["c:v1"],
        "purposes.enabled": ["p1", "p9"],
        "purposes_li.disabled": ["p2"],
    }


def test_legitimate_interest_alone_goes_before_what_is_said_for_all() -> None:
    after = status(CONFIG).set(
        purposes={"p2": True},
        vendors={"v1": True},
        purposes_li={"p2": False, "p1": False},
        vendors_li={"v1": False},
        now=NOW,
    )
    assert lists(after) == {
        "vendors.enabled": ["c:v1"],
        "vendors_li.disabled": ["c:v1"],
        "purposes_li.disabled": ["p1", "p2"],
    }


@pytest.mark.parametrize("spelling", ["google", "didomi:google", "iab:755", "755", 755])
def test_any_spelling_of_an_id_is_taken(spelling: Any) -> None:
    config = cp.Config(full([], app={"vendors": {"didomi": ["google"]}}), catalog=GOOGLE)
    after = status(config).set(vendors={spelling: True}, purposes={1: True}, now=NOW)
    assert lists(after) == {"vendors.enabled": ["google"], "purposes.enabled": ["cookies"]}
    assert after.allows("google")


def test_positions_and_none() -> None:
    one = status(CONFIG).set({"p1": True}, {"v1": True}, {"p2": False}, {"v3": False}, NOW)
    two = status(CONFIG).set(
        purposes={"p1": True},
        vendors={"v1": True},
        purposes_li={"p2": False},
        vendors_li={"v3": False},
        now=NOW,
    )
    assert lists(one) == lists(two)
    same = status(CONFIG, {"vendors": {"enabled": ["v1"]}})
    assert same.set(None, None, None, None, NOW).cookies() == same.cookies() != ()


# --------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    "wrong",
    [
        {"vendors": {"nobody": True}},
        {"purposes": {"nobody": True}},
        {"vendors_li": {"nobody": False}},
        {"purposes_li": {"p77": False}},
        {"vendors": {"elsewhere": True}},
        {"purposes": {"p8": True}},
    ],
)
def test_ids_that_the_notice_does_not_have_are_an_error(wrong: Any) -> None:
    over = {
        "configByCountry": {
            "JP": full([vendor("elsewhere", ["p8"])], named=["p8"]),
        }
    }
    seen = status(plain_merge(CONFIG, over))
    with pytest.raises(cp.UnknownIdError, match="not in the notice"):
        seen.set(**wrong, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"vendors": {"v1": 1}},
        {"vendors": {"v1": None}},
        {"purposes": {"p1": "yes"}},
        {"purposes": ["p1"]},
        {"vendors": "v1"},
        {"vendors": {1.5: True}},
        {"vendors": {None: True}},
        {"now": datetime(2026, 1, 1)},
        {"now": "today"},
        {"nothing": {}},
    ],
)
def test_mistakes_of_the_programmer_are_type_errors(wrong: Any) -> None:
    with pytest.raises(TypeError):
        status(CONFIG).set(**wrong)


def test_more_mistakes() -> None:
    seen = status(CONFIG)
    with pytest.raises(TypeError):
        seen.disagree_to_all(legitimate_interest=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        seen.agree_to_all(NOW, NOW)  # type: ignore[call-arg]
    with pytest.raises(cp.UnknownIdError, match="did you mean 'v1'"):
        seen.set(vendors={"v11": True})


# ------------------------------------------------------------- dates and user id


def test_the_user_id_is_of_the_sdk_own_form() -> None:
    ids = {written(status(CONFIG).agree_to_all(now=NOW))["user_id"] for _ in range(20)}
    assert len(ids) == 20
    millis = f"{int(NOW.timestamp() * 1000):011x}"
    for one in ids:
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-6[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one
        )
        assert one[:8] + one[9:12] == millis
    assert {one[19] for one in ids} <= set("89ab")


@pytest.mark.parametrize("kept", [USER_ID, "x", "é-€", "a" * 128])
def test_a_user_id_is_kept(kept: str) -> None:
    token = fields({"vendors": {"enabled": ["v1"]}}, user_id=kept)
    assert status(CONFIG, pack(token)).disagree_to_all(now=NOW).user_id == kept


@pytest.mark.parametrize("lost", ["", None, "a" * 129])
def test_a_user_id_that_is_none_is_replaced(lost: Any) -> None:
    token = fields({"vendors": {"enabled": ["v1"]}})
    token.pop("user_id")
    if lost is not None:
        token["user_id"] = lost
    made = status(CONFIG, pack(token)).disagree_to_all(now=NOW).user_id
    assert made is not None and len(made) == 36


def test_dates() -> None:
    first = status(CONFIG).agree_to_all(now=NOW + timedelta(microseconds=1999))
    assert written(first)["created"] == written(first)["updated"] == iso(NOW)[:-4] + "001Z"
    second = first.set(vendors={"v1": False}, now=LATER)
    assert written(second)["created"] == written(first)["created"]
    assert written(second)["updated"] == iso(LATER)
    assert second.updated == LATER and second.created == first.created
    assert second.expires == LATER + timedelta(seconds=31_622_400)


def test_an_answer_is_never_older_than_the_one_before() -> None:
    ahead = ago(-600)
    before = status(CONFIG, {"vendors": {"enabled": ["v1"]}, "updated": ahead})
    after = before.set(vendors={"v1": False}, now=NOW)
    assert written(after)["updated"] == ahead and after.vendor("v1") is False


def test_without_now_the_clock_counts() -> None:
    after = status(CONFIG).agree_to_all()
    assert after.updated is not None
    assert abs(after.updated - datetime.now(after.updated.tzinfo)) < timedelta(minutes=5)
    assert status(CONFIG).set(vendors={"v1": True}, now=NOW.timestamp()).updated == NOW


# ---------------------------------------------------------- nothing has changed


def test_the_same_choices_again_write_nothing() -> None:
    token = {"vendors": {"enabled": ["v1"]}, "purposes": {"disabled": ["p1"]}}
    value = cookie(token)
    before = status(CONFIG, value)
    after = before.set(purposes={"p1": False}, now=LATER)
    assert after.cookies()[0].value == value and after.updated == before.updated
    assert after.cookies()[0].max_age == before.cookies()[0].max_age - 3600
    agreed = status(CONFIG).agree_to_all(now=NOW)
    again = agreed.agree_to_all(now=LATER)
    assert written(again) == written(agreed)
    assert written(agreed.set(now=LATER)) == written(agreed)
    assert written(agreed.set(purposes={"e1": False}, now=LATER)) == written(agreed)


def test_without_an_answer_nothing_is_no_answer() -> None:
    seen = status(CONFIG)
    assert seen.set(now=NOW).cookies() == () and seen.set(purposes={"e1": True}).cookies() == ()


def test_r6_an_answer_that_was_asked_for_again_is_written_again() -> None:
    """With `ignoreBefore: "keep"` the choices stand while the visitor is asked."""
    config = plain_merge(
        CONFIG,
        {
            "user": {"ignoreConsentBefore": ago(60)},
            "consentpy": {"ignoreBefore": "keep"},
        },
    )
    value = cookie({"vendors": {"enabled": ["v1"]}, "vendors_li": {"enabled": ["v1"]}})
    assert status(CONFIG, value).set(vendors={"v1": True}, now=NOW).updated != NOW
    after = status(config, value).set(vendors={"v1": True}, now=NOW)
    assert after.updated == NOW and after.collect_reason != "ignored-before"


# ------------------------------------------------------- what is there before it


@pytest.mark.parametrize(
    ("more", "updated"),
    [
        ({"app": {"consentDuration": 60}}, None),
        ({"user": {"ignoreConsentBefore": ago(60)}}, None),
        ({}, ago(-90_000)),
        ({}, "yesterday"),
    ],
    ids=["expired", "ignored", "future", "no date"],
)
def test_an_opt_in_answer_that_is_void_leaves_only_the_user_id(more: Any, updated: Any) -> None:
    token = fields(
        {"vendors": {"enabled": ["v1", "v2"]}, "purposes": {"enabled": ["p1"], "disabled": ["x"]}},
        sync="2026-01-01T00:00:00.000Z",
    )
    if updated:
        token["updated"] = updated
    before = status(plain_merge(CONFIG, more), pack(token))
    assert before.cookies() == ()
    after = before.set(vendors={"v2": False}, now=NOW)
    assert raw(after) == {
        "user_id": USER_ID,
        "created": iso(NOW),
        "updated": iso(NOW),
        "vendors": {"disabled": ["c:v2"]},
        "version": 2,
    }


@pytest.mark.parametrize("sent", ["!!!", "", "e30", pack([1]), pack({"vendors": 1}), 7])
def test_an_answer_replaces_what_cannot_be_read(sent: Any) -> None:
    seen = cp.Config(CONFIG).notice("FR").status({"didomi_token": sent}, now=NOW)
    after = seen.set(vendors={"v1": True}, purposes={"p1": True}, now=NOW)
    assert lists(after) == {
        "vendors.enabled": ["c:v1"],
        "vendors_li.enabled": ["c:v1"],
        "purposes.enabled": ["p1"],
    }
    assert after.diagnostics == ()


def test_r5_reset_does_not_apply_to_an_answer() -> None:
    config = plain_merge(CONFIG, {"consentpy": {"recollect": "reset"}})
    config["notice"]["daysBeforeShowingAgain"] = 0
    before = status(config, {"vendors": {"enabled": ["v1"]}})
    assert before.collect_reason == "new-vendor" and before.vendor("v1") is None
    for after in (
        before.set(vendors={"v2": False}, now=NOW),
        before.set(vendors={"v2": False}, now=NOW).set(vendors={"v2": False}, now=NOW),
    ):
        assert after.vendor("v1") is True and after.vendor("v2") is False
        assert after.collect_reason == "new-vendor"
    assert before.set(now=NOW).vendor("v1") is True


def test_a_bot_and_a_signal_stay_what_they_are() -> None:
    config = plain_merge(CONFIG, {"user": {"bots": {"consentRequired": False}}})
    bot = status(config, user_agent="Googlebot/2.1")
    assert bot.disagree_to_all(now=NOW).bot and bot.set(now=NOW).allows("v1")
    signalled = california(optout(CONFIG), gpc=True).agree_to_all(now=NOW)
    assert not signalled.allows("v1")


# --------------------------------------------------------------- fields and ids


@pytest.mark.parametrize("li", [True, False])
@pytest.mark.parametrize("refused", [False, True])
def test_disagreeing_ends_permission_that_has_no_meaning_here(li: bool, refused: bool) -> None:
    """Google's vendors in `ac` and ids of another configuration or place."""
    over = {"configByCountry": {"JP": full([vendor("elsewhere", ["p8"])], named=["p8"])}}
    config = plain_merge(CONFIG, over)
    lists = {
        "vendors": {"enabled": ["gone", "elsewhere"], "disabled": ["old"]},
        "vendors_li": {"enabled": ["gone", "elsewhere"], "disabled": ["old"]},
        "purposes": {"enabled": ["gone", "p8"]},
    }
    before = status(config, cookie(lists, ac="DBABBgAA.CAAA", sync=ago(60)))
    if refused:  # all else is refused already
        done = raw(before.disagree_to_all(now=NOW, legitimate_interest=li))
        more = {key: {**done[key], "enabled": ["gone"]} for key in ("purposes", "vendors_li")}
        before = status(config, pack({**done, **more, "ac": "DBABBgAA.CAAA"}))
    after = before.disagree_to_all(now=NOW, legitimate_interest=li)
    token = raw(after)
    assert "ac" not in token and token["sync"] == ago(60)
    assert "enabled" not in token["vendors"] and "enabled" not in token["purposes"]
    assert ("c:gone" in token["vendors_li"].get("enabled", [])) == (not li and not refused)
    assert "c:old" in token["vendors"]["disabled"] and "c:old" in token["vendors_li"]["disabled"]
    assert after.disagree_to_all(now=LATER, legitimate_interest=li).updated == after.updated


@pytest.mark.parametrize(
    ("other", "country", "kept"),
    [
        ({"ac": "DBABBgAA"}, "FR", True),
        ({"ac": "AAAA"}, "FR", False),
        ({}, "FR", False),
        ({"ac": 7}, "FR", False),
        ({"ac": "AAAA", "updated": ago(40_000_000)}, "FR", True),
    ],
)
def test_r8_googles_vendors_of_several_cookies(other: Any, country: str, kept: bool) -> None:
    lists = {"vendors": {"enabled": ["v1"]}}
    sent = header(cookie(lists, ac="DBABBgAA"), cookie(lists, **{"updated": ago(60), **other}))
    seen = cp.Config(CONFIG).notice(country).status(sent, now=NOW)
    for after in (seen, seen.set(vendors={"v2": True}, now=NOW), seen.agree_to_all(now=NOW)):
        assert raw(after).get("ac") == ("DBABBgAA" if kept else None)


def test_googles_vendors_of_an_answer_that_has_ended_are_not_kept() -> None:
    old = cookie({"vendors": {"enabled": ["v1"]}}, ac="DBABBgAA", updated=ago(40_000_000))
    for country in ("FR", "JP"):
        assert "ac" not in raw(status(CONFIG, old, country=country).set(purposes={"p1": True}))


def test_objections_go_last_when_a_token_outgrows_its_cookie() -> None:
    gone = [f"gone{n}" for n in range(100)]
    token = fields({"vendors_li": {"disabled": gone, "enabled": ["x" * 1500]}}, x="y" * 2000)
    after = raw(california(optout(CONFIG), pack(token)).set(vendors={"v1": False}, now=NOW))
    assert after["vendors_li"]["disabled"] == [*("c:" + one for one in gone), "c:v1"]
    assert after["vendors_li"]["enabled"] == ["c:v2", "c:v3"] and "x" not in after
    gone = [f"gone{n}" for n in range(600)]
    token = fields({"vendors_li": {"disabled": gone}})
    after = raw(california(optout(CONFIG), pack(token)).set(vendors={"v1": False}, now=NOW))
    assert after["vendors_li"] == {"disabled": ["c:v1"], "enabled": ["c:v2", "c:v3"]}


def test_fields_and_ids_without_a_meaning_survive() -> None:
    token = {
        "sync": "2026-01-01T00:00:00.000Z",
        "purposes": {"disabled": ["p1", "gone"], "more": [1, {"a": None}]},
        "user_id": USER_ID,
        "zero": 0,
        "updated": ago(3600),
        "vendors": {"enabled": ["c:new", "c:v1", "28"]},
        "created": ago(7200),
        "dnsd": None,
        "ac": "DBABBgAA",
        "text": 'é \u2028 \\u " €',
        "big": 12345678901234567890123,
        "real": 0.1,
        "version": 1,
        "deep": {"x": [[], {}]},
    }
    after = raw(status(CONFIG, pack(token)).set(vendors={"v1": False, "v2": True}, now=NOW))
    assert list(after) == [*token, "vendors_li"]
    expected = {
        **token,
        "updated": iso(NOW),
        "vendors": {"enabled": ["c:new", "28", "c:v2"], "disabled": ["c:v1"]},
        "vendors_li": {"disabled": ["c:v1"]},
    }
    assert after == expected


def test_a_token_that_is_no_configuration_json_keeps_what_is_known() -> None:
    text = (
        f'{{"x":1,"x":2,"user_id":"{USER_ID}","updated":"{ago(60)}",'
        '"vendors":{"enabled":["c:v1","c:gone"]}}'
    )
    value = base64.b64encode(text.encode()).decode()
    after = status(CONFIG, value).set(vendors={"v2": False}, now=NOW)
    assert raw(after) == {
        "user_id": USER_ID,
        "created": iso(NOW),
        "updated": iso(NOW),
        "vendors": {"enabled": ["c:v1", "c:gone"], "disabled": ["c:v2"]},
        "version": 2,
    }


def test_an_emptied_list_is_left_out() -> None:
    token = {"vendors": {"enabled": ["v2"]}, "purposes": {}, "version": None}
    after = raw(status(CONFIG, token).set(vendors={"v2": False}, now=NOW))
    assert after["vendors"] == {"disabled": ["c:v2"]} and after["version"] == 2
    assert "purposes" not in after and "vendors_li" not in after


def test_what_a_visitor_sends_cannot_keep_an_answer_from_being_stored() -> None:
    many = [f"unknown-{n}" for n in range(300)]
    token = fields({"vendors": {"enabled": ["v1", *many]}}, junk="x" * 3000)
    after = status(CONFIG, pack(token)).set(vendors={"v2": True}, now=NOW)
    assert raw(after) == {
        "user_id": USER_ID,
        "created": ago(3600),
        "updated": iso(NOW),
        "vendors": {"enabled": ["c:v1", "c:v2"]},
        "version": 2,
    }


# -------------------------------------------------------------- several cookies


def test_r8_several_cookies_become_one_that_holds_what_all_of_them_allow() -> None:
    one = cookie(
        {
            "vendors": {"enabled": ["v1", "v2", "x", "y"], "disabled": ["z"]},
            "purposes": {"enabled": ["p1"]},
        },
        updated=ago(7200),
        created=ago(9000),
        user_id="the older one",
        kept=1,
    )
    two = cookie(
        {"vendors": {"enabled": ["v1", "x"], "disabled": ["y", "w"]}, "purposes": {}},
        user_id="the newer one",
        lost=2,
    )
    seen = cp.Config(CONFIG).notice("FR").status(header(two, one), now=NOW)
    kept = raw(seen)
    assert kept == {
        "user_id": "the older one",
        "vendors": {"enabled": ["c:v1", "c:x"], "disabled": ["c:z", "c:y", "c:w"]},
        "version": 2,
        "updated": ago(7200),
        "created": ago(9000),
        "kept": 1,
    }
    after = raw(seen.set(vendors={"v1": False}, now=NOW))
    assert after["vendors"] == {"enabled": ["c:x"], "disabled": ["c:z", "c:y", "c:w", "c:v1"]}
    assert after["created"] == ago(9000) and after["updated"] == iso(NOW)


def test_r8_a_refusal_in_an_expired_cookie_stays_in_the_new_one() -> None:
    config = plain_merge(CONFIG, {"app": {"consentDuration": 86_400}})
    old = cookie({"vendors": {"disabled": ["v1", "x"], "enabled": ["v2"]}}, updated=ago(90_000))
    new = cookie({"vendors": {"enabled": ["v1", "v2", "x"]}})
    seen = cp.Config(config).notice("FR").status(header(old, new), now=NOW)
    assert raw(seen)["vendors"] == {"enabled": ["c:v2"], "disabled": ["c:v1", "c:x"]}
    twice = cp.Config(config).notice("FR").status(header(old, new, old, old), now=NOW)
    assert raw(twice)["vendors"] == raw(seen)["vendors"]


def test_copies_and_repr() -> None:
    after = status(CONFIG).agree_to_all(now=NOW)
    assert str(after.user_id) not in repr(after)
    with pytest.raises(TypeError):
        after.__reduce__()
