"""`Status.cookies()` and `Cookie`: what keeps an answer, for how long, and what it reads back as."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import consentpy as cp
from helpers import (
    LISTS,
    NOW,
    ago,
    b64,
    california,
    cookie,
    fields,
    full,
    header,
    optout,
    pack,
    plain_merge,
    sdk_id,
    status,
    vendor,
)

ROWS = [vendor("v1", ["p1"], ["p2"]), vendor("v2", ["p1", "e1"]), vendor("v3", [], ["p3"])]
CONFIG = full(ROWS, ["e1"], named=["p9"])
YEAR = 31_622_400
SOME = {"vendors": {"enabled": ["v1"], "disabled": ["v2"]}}


# ----------------------------------------------------------------- what is kept


@pytest.mark.parametrize("age", [0, 1, 3600, YEAR - 1])
def test_an_unchanged_answer_keeps_its_value_and_its_remaining_life(age: int) -> None:
    value = cookie(SOME, updated=ago(age))
    for seen in (
        status(CONFIG, value),
        cp.Config(CONFIG).notice("FR").status(header(value), now=NOW),
        cp.Config(CONFIG).notice("FR").status(header(value).encode(), now=NOW),
    ):
        (one,) = seen.cookies()
        assert (one.name, one.value, one.max_age) == ("didomi_token", value, YEAR - age)
        assert (one.path, one.domain, one.secure, one.samesite) == ("/", None, True, "Lax")


def test_the_life_is_cut_to_whole_seconds_and_never_longer_than_configured() -> None:
    value = cookie(SOME, updated=ago(3600))
    late = NOW + timedelta(microseconds=1)
    assert status(CONFIG, value, now=late).cookies()[0].max_age == YEAR - 3601
    ahead = status(CONFIG, cookie(SOME, updated=ago(-600)))
    assert ahead.cookies()[0].max_age == YEAR
    forever = plain_merge(CONFIG, {"app": {"consentDuration": 1e300}})
    assert 0 < status(forever, value).cookies()[0].max_age < 10_000 * 366 * 86_400


@pytest.mark.parametrize("more", [{"secure": False}, {"samesite": None}, {"samesite": "Strict"}])
def test_arguments_reach_the_cookie(more: dict[str, Any]) -> None:
    (one,) = status(CONFIG, SOME).cookies(**more, domain="example.org")
    assert one.domain == "example.org"
    for name, wanted in more.items():
        assert getattr(one, name) == wanted
    assert status(CONFIG, SOME).cookies("example.org", False, "lax")[0].samesite == "Lax"


@pytest.mark.parametrize(
    ("configured", "domain"),
    [
        ("example.org", "example.org"),
        (".example.org", ".example.org"),
        ("a b", None),
        ("x; Secure", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_the_configured_domain(configured: Any, domain: str | None) -> None:
    config = plain_merge(CONFIG, {"cookies": {"local": {"customDomain": configured}}})
    assert status(config, SOME).cookies()[0].domain == domain
    assert status(config, SOME).cookies(domain="www.example.net")[0].domain == "www.example.net"


def test_the_refused_duration_does_not_shorten_the_cookie() -> None:
    config = plain_merge(CONFIG, {"app": {"deniedConsentDuration": 7200}})
    refused = {"vendors": {"disabled": ["v1"]}, "purposes": {"disabled": ["p1"]}}
    seen = status(config, refused)
    assert seen.expires == NOW + timedelta(seconds=3600)
    assert seen.cookies()[0].max_age == YEAR - 3600


def test_there_is_none_without_an_answer_in_force() -> None:
    old = cookie(SOME, updated=ago(YEAR))
    for sent in (None, "!!!", old, cookie(SOME, updated="x"), cookie(SOME, updated=ago(-90_000))):
        assert status(CONFIG, sent).cookies() == ()
    ignored = plain_merge(CONFIG, {"user": {"ignoreConsentBefore": ago(60)}})
    assert status(ignored, SOME).cookies() == ()


def test_there_is_none_where_answers_are_not_kept_in_cookies() -> None:
    config = plain_merge(CONFIG, {"cookies": {"storageSources": {"cookies": False}}})
    seen = status(config, SOME)
    after = seen.agree_to_all(now=NOW)
    assert seen.cookies() == () == after.cookies()
    assert after.allows("v1") and after.set(vendors={"v1": False}, now=NOW).vendor("v1") is False
    other = california(optout(config), SOME)
    assert not other.allows("v2")
    assert other.set(vendors={"v2": True}, purposes={"p1": True}, now=NOW).allows("v2")


def test_the_name_follows_the_configuration() -> None:
    config = plain_merge(CONFIG, {"cookies": {"didomiTokenCookieName": "mine"}})
    assert status(config).agree_to_all(now=NOW).cookies()[0].name == "mine"
    assert california(optout(CONFIG)).agree_to_all(now=NOW).cookies()[0].name == "didomi_token_cpra"
    odd = plain_merge(CONFIG, {"cookies": {"didomiTokenCookieName": "a b"}})
    with pytest.raises(cp.ConsentError, match="name"):
        status(odd).agree_to_all(now=NOW).cookies()


def test_a_value_that_no_cookie_may_hold_is_written_anew() -> None:
    value = cookie(SOME)
    spelt = [f'"{value}"', value[:8] + "\r\n" + value[8:], " " + value, value.replace("=", "%3D")]
    for sent in spelt:
        (one,) = status(CONFIG, sent).cookies()
        assert not set(one.value) & set(' \r\n";,')
        assert cp.token.decode(one.value) == cp.token.decode(value)
    assert status(CONFIG, spelt[0]).cookies()[0].value == value
    assert status(CONFIG, spelt[3]).cookies()[0].value == spelt[3]


# ------------------------------------------------------------------------- size


def sized(count: int) -> dict[str, Any]:
    return full([vendor(f"a-vendor-with-a-long-id-{n}", ["p1"]) for n in range(count)])


def test_an_answer_that_fits_into_no_cookie_is_an_error_with_advice() -> None:
    after = status(sized(200)).agree_to_all(now=NOW)
    assert after.allows("a-vendor-with-a-long-id-7")
    with pytest.raises(cp.ConsentError, match="4096 bytes: offer fewer"):
        after.cookies()
    assert after.set(vendors={"a-vendor-with-a-long-id-7": False}, now=NOW).partial is False


def test_the_limit_to_the_byte() -> None:
    token = fields(SOME, x="")
    room = (4096 - len("didomi_token")) // 4 * 3
    token["x"] = "x" * (room - len(pack(token)) // 4 * 3)
    values = []
    for more in range(8):
        value = pack({**token, "x": token["x"] + "y" * more})
        seen = status(CONFIG, value)
        fits = len("didomi_token") + len(value) <= 4096
        assert len(seen.cookies()) == fits
        values.append(fits)
    assert True in values and False in values


def test_nothing_that_a_visitor_sends_makes_the_cookies_raise() -> None:
    for value in (
        cookie(SOME, x="x" * 9000),
        cookie({"vendors": {"enabled": ["y" * 9000]}}),
        cookie(SOME, user_id="z" * 9000),
    ):
        seen = status(CONFIG, value)
        assert seen.cookies() == () == seen.set(now=NOW).cookies()
        assert len(seen.agree_to_all(now=NOW).cookies()) == 1
        several = cp.Config(CONFIG).notice("FR").status(header(value, cookie(SOME)), now=NOW)
        several.cookies()
        assert len(several.agree_to_all(now=NOW).cookies()) == 1


# ----------------------------------------------------------------- reading back


def test_several_cookies_are_read_back_as_they_counted() -> None:
    one, two = cookie(SOME, updated=ago(60)), cookie({"vendors": {"enabled": ["v1", "v3"]}})
    notice = cp.Config(CONFIG).notice("FR")
    seen = notice.status(header(one, two), now=NOW)
    (kept,) = seen.cookies()
    back = notice.status({"didomi_token": kept.value}, now=NOW)
    assert answers(back) == answers(seen) and kept.max_age == YEAR - 3600


def test_another_visit_does_not_change_what_was_written() -> None:
    config = cp.Config(CONFIG)
    after = status(config).set(vendors={"v1": True}, now=NOW)
    cookies = {"didomi_token": cookie(SOME)}
    seen = config.notice("FR").status(cookies, now=NOW)
    value = cookies["didomi_token"]
    cookies["didomi_token"] = "!!!"
    assert seen.cookies()[0].value == value
    assert after.cookies() == after.cookies()


names = st.sampled_from(["v1", "v2", "v3", "gone", "c:other", "google"])
purposes = st.sampled_from(["p1", "p2", "p3", "p9", "e1", "gone", "cookies"])


def pair(ids: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    return st.fixed_dictionaries(
        {}, optional={"enabled": st.lists(ids, max_size=5), "disabled": st.lists(ids, max_size=5)}
    )


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
unmeant = st.dictionaries(st.sampled_from(["ac", "sync", "dnsd", "x", "é"]), json_values)
tokens = st.builds(
    lambda lists, age, more: fields(lists, updated=ago(age), created=ago(age + 50), **more),
    st.fixed_dictionaries(
        {},
        optional={
            "vendors": pair(names),
            "vendors_li": pair(names),
            "purposes": pair(purposes),
            "purposes_li": pair(purposes),
        },
    ),
    st.sampled_from([0, 60, 86_400, YEAR - 1, YEAR, -60, -90_000]),
    unmeant,
)
choices = st.fixed_dictionaries(
    {},
    optional={
        "vendors": st.dictionaries(st.sampled_from(["v1", "v2", "v3"]), st.booleans()),
        "vendors_li": st.dictionaries(st.sampled_from(["v1", "v2", "v3"]), st.booleans()),
        "purposes": st.dictionaries(st.sampled_from(["p1", "p2", "p9", "e1"]), st.booleans()),
        "purposes_li": st.dictionaries(st.sampled_from(["p1", "p3", "e1"]), st.booleans()),
    },
)
laws = st.sampled_from(["optin", "optout", "none"])


NOTICES = {
    "optin": cp.Config(CONFIG).notice("FR"),
    "optout": cp.Config(optout(CONFIG)).notice("US", "CA"),
    "none": cp.Config(CONFIG).notice("JP"),
}


def visit(law: str, sent: list[str], when: Any = NOW) -> cp.Status:
    notice = NOTICES[law]
    return notice.status(header(*sent, name=notice.cookie_name), now=when)


def answers(seen: cp.Status) -> Any:
    """All that a status says of the choices: verdicts, tri-states, dates."""
    ids = [v.id for v in seen.notice.vendors], [p.id for p in seen.notice.purposes]
    return (
        seen.current(),
        [(seen.allows(i), seen.vendor(i), seen.vendor(i, True)) for i in ids[0]],
        [(seen.allows(purposes=i), seen.purpose(i), seen.purpose(i, True)) for i in ids[1]],
        (seen.created, seen.updated, seen.expires, seen.partial),
    )


def decoded(seen: cp.Status) -> dict[str, Any]:
    (one,) = seen.cookies()
    return cp.token.decode(one.value, strict=True).to_dict()


@settings(max_examples=300)
@given(laws, st.lists(tokens, max_size=3), choices)
def test_what_is_written_reads_back_the_same(law: str, sent: list[Any], asked: Any) -> None:
    seen = visit(law, [pack(one) for one in sent])
    for after in (seen.set(**asked, now=NOW), seen.agree_to_all(now=NOW), seen):
        cookies = after.cookies()
        if not cookies:
            assert after is seen or not any(asked.values()) or set_nothing(asked)
            continue
        back = visit(law, [cookies[0].value])
        assert answers(back) == answers(after)
        # What several cookies have in common may be nothing at all.
        assert back.collect_reason == after.collect_reason or len(sent) > 1
        assert back.cookies() == cookies == back.set(now=NOW).cookies()


def set_nothing(asked: Any) -> bool:
    """Are essential purposes all that is asked?"""
    vendors = asked.get("vendors") or asked.get("vendors_li")
    named = {*asked.get("purposes", ()), *asked.get("purposes_li", ())}
    return not vendors and named <= {"e1"}


@settings(max_examples=200)
@given(laws, st.lists(tokens, max_size=3), choices)
def test_a_second_write_changes_nothing(law: str, sent: list[Any], asked: Any) -> None:
    after = visit(law, [pack(one) for one in sent]).set(**asked, now=NOW)
    again = after.set(**asked, now=NOW)
    assert again.cookies() == after.cookies() and answers(again) == answers(after)
    for both in (after.agree_to_all(now=NOW), after.disagree_to_all(now=NOW)):
        assert both.cookies()


@settings(max_examples=200)
@given(laws, tokens, choices)
def test_a_change_keeps_every_field_and_every_id(law: str, token: Any, asked: Any) -> None:
    seen = visit(law, [pack(token)])
    if not seen.cookies():
        return
    after = seen.set(**asked, now=NOW)
    if after.updated == seen.updated:
        return
    before, made = cp.token.decode(pack(token)).to_dict(), decoded(after)
    for field, value in before.items():
        if field not in (*LISTS, "updated"):
            assert made[field] == value
    for field in LISTS:
        for name in before[field]["disabled"]:
            if name.removeprefix("c:") in ("gone", "other", "google"):
                assert name in made[field]["disabled"] and name not in made[field]["enabled"]
        for name in before[field]["enabled"]:
            known = name.removeprefix("c:") not in ("gone", "other", "google")
            assert known or name in made[field]["enabled"] + before[field]["disabled"]
    for name, agreed in asked.get("vendors_li", {}).items():
        assert sdk_id(name) in made["vendors_li"]["enabled" if agreed else "disabled"]


# ----------------------------------------------------------------------- Cookie


def test_a_cookie_is_a_value() -> None:
    one = cp.Cookie("a", "secret", 60)
    two = cp.Cookie("a", "secret", 60, "/", None, True, "Lax")
    assert one == two and hash(one) == hash(two) and one != cp.Cookie("a", "secret", 61)
    assert one != "a" and {one, two} == {one}
    assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one)
    assert "secret" not in repr(one) and "a" in repr(one)
    for change in (lambda: setattr(one, "value", "x"), lambda: delattr(one, "value")):
        with pytest.raises(AttributeError):
            change()


def test_the_header() -> None:
    assert cp.Cookie("a", "b", 60).header() == "a=b; Max-Age=60; Path=/; SameSite=Lax; Secure"
    bare = cp.Cookie("a", "b", 0, "/x", "example.org", False, None)
    assert bare.header() == "a=b; Max-Age=0; Path=/x; Domain=example.org"
    value = cookie(SOME)
    (one,) = status(CONFIG, value).cookies(domain=".example.org", samesite="none")
    read = SimpleCookie(one.header())["didomi_token"]
    assert read.value == value and read["samesite"] == "None" and read["secure"] is True
    assert read["max-age"] == str(YEAR - 3600) and read["path"] == "/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a b"},
        {"name": "a;"},
        {"name": "a\n"},
        {"name": "é"},
        {"value": "a;b"},
        {"value": "a b"},
        {"value": "a\r\nX: y"},
        {"value": '"'},
        {"value": "é"},
        {"value": 1},
        {"max_age": -1},
        {"max_age": 1.5},
        {"max_age": True},
        {"path": ""},
        {"path": "x"},
        {"path": "/;"},
        {"path": "/\n"},
        {"domain": ""},
        {"domain": "a b"},
        {"domain": "a;b"},
        {"domain": "a..b"},
        {"domain": "example.org."},
        {"domain": "é.example"},
        {"domain": "a\n"},
        {"domain": "x" * 64},
        {"domain": ".".join(["x" * 60] * 5)},
        {"domain": 1},
        {"samesite": "Sometimes"},
        {"samesite": 1},
        {"samesite": "None", "secure": False},
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {"name": "a", "value": "b", "max_age": 60}
    with pytest.raises(cp.ConsentError):
        cp.Cookie(**{**good, **wrong})
    asked = {k: v for k, v in wrong.items() if k in ("domain", "samesite", "secure")}
    for seen in (status(CONFIG), status(CONFIG, SOME)):
        if asked:
            with pytest.raises(ValueError):
                seen.cookies(**asked)


def test_a_latin_1_token_is_kept_byte_by_byte() -> None:
    value = b64(f'{{"updated":"{ago(60)}","vendors":{{"enabled":["c:v1"]}},"é":"ÿ"}}')
    assert status(CONFIG, value).cookies()[0].value == value
    after = decoded(status(CONFIG, value).set(vendors={"v2": True}, now=NOW))
    assert after["é"] == "ÿ"


@pytest.mark.parametrize("gpc", [False, True])
def test_r11_answers_that_have_nothing_in_common_stay_as_they_are(gpc: bool) -> None:
    config = plain_merge(optout(CONFIG), {"consentpy": {"gpc": "unless_explicit"}})
    notice = cp.Config(config).notice("US", "CA")
    sent = [
        cookie({"purposes_li": {"enabled": [one]}}, created=ago(90_000)) for one in ("p1", "p2")
    ]
    seen = notice.status(header(*sent, name="didomi_token_cpra"), now=NOW, gpc=gpc)
    assert seen.allows("v1") and seen.cookies() == ()
    (kept,) = seen.set(vendors={"v1": True}, now=NOW).cookies()
    assert notice.status({kept.name: kept.value}, now=NOW, gpc=gpc).allows("v1")


def test_a_written_token_reads_the_same_in_latin_1_and_utf_8() -> None:
    value = b64(f'{{"updated":"{ago(60)}","vendors":{{"enabled":["c:v1"]}},"é":"ÿ\\u20ac"}}')
    (one,) = status(CONFIG, value).set(vendors={"v2": True}, now=NOW).cookies()
    raw = base64.b64decode(one.value)
    assert json.loads(raw) == json.loads(raw.decode("latin-1"))
    assert json.loads(raw)["é"] == "ÿ€"
