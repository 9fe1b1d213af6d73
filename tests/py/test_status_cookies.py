"""R8: contradictions and several cookies of one name; the raw Cookie header; names
of cookies that the configuration changes; and R9 as far as unreadable rivals go."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

import consentpy as cp
from helpers import (
    DAY,
    NOW,
    USER_ID,
    ago,
    agree,
    california,
    cookie,
    full,
    header,
    optout,
    refuse,
    status,
    vendor,
    within,
)

NOTICE = full([vendor("v1", ["p1"]), vendor("v2", ["p2"], ["l2"]), vendor("m", ["r"])], ["r"])
CONFIG = cp.Config(NOTICE)
OPTOUT = cp.Config(optout(NOTICE))
YES = agree("v1", "v2", purposes=["p1", "p2", "l2"])
NO = refuse("v1", "v2", purposes=["p1", "p2", "l2"])
OTHER_ID = "89abcdef-0123-6abc-9def-0123456789ab"


def ask(line: Any, config: cp.Config = CONFIG) -> cp.Status:
    place = ("US", "CA") if config is OPTOUT else ("FR", None)
    return config.notice(*place).status(line, now=NOW)


def allowed(seen: cp.Status) -> list[bool]:
    assert seen.allows("m") is True
    return [seen.allows("v1"), seen.allows("v2")]


# ---------------------------------------------- R8, one id on both sides


@pytest.mark.parametrize("field", ["vendors", "purposes"])
@pytest.mark.parametrize("order", [("enabled", "disabled"), ("disabled", "enabled")])
def test_r8_enabled_and_disabled_is_disabled(field: str, order: tuple[str, str]) -> None:
    name = {"vendors": "v1", "purposes": "p1"}[field]
    both = {**YES[field], "disabled": [name]}
    seen = status(NOTICE, {**YES, field: {side: both[side] for side in order}})
    assert allowed(seen) == [False, True]
    assert (seen.vendor("v1") is False) is (field == "vendors")
    assert (seen.purpose("p1") is False) is (field == "purposes")
    assert seen.get("p1", "v1") is False
    assert seen.diagnostics


@pytest.mark.parametrize("field", ["vendors_li", "purposes_li"])
def test_r8_on_the_li_basis(field: str) -> None:
    name = {"vendors_li": "v2", "purposes_li": "l2"}[field]
    token = {**YES, field: {**YES[field], "disabled": [name]}}
    seen = status(NOTICE, token)
    assert allowed(seen) == [True, False]
    assert seen.diagnostics
    seen = california(OPTOUT, token)
    assert allowed(seen) == [True, False]
    assert seen.diagnostics


def test_r8_the_decoder_warns() -> None:
    decoded = cp.token.decode(cookie({"vendors": {"enabled": ["v1"], "disabled": ["v1"]}}))
    assert len(decoded.warnings) >= 1
    assert all(isinstance(code, str) for code in decoded.warnings)


def test_r8_basis_by_basis() -> None:
    """Enabled on consent and disabled on LI is no contradiction."""
    token = {**YES, "vendors_li": {"disabled": ["v1"]}}
    seen = status(NOTICE, token)
    assert seen.vendor("v1") is True
    assert tuple(seen.diagnostics) == ()


# ------------------------------------------- R8, several cookies of one name

AGREED = cookie(YES, updated=ago(DAY), created=ago(9 * DAY), user_id=USER_ID)
REFUSED = cookie(NO, updated=ago(2 * DAY), created=ago(8 * DAY), user_id=OTHER_ID)
SILENT = cookie({}, updated=ago(3 * DAY), created=ago(3 * DAY), user_id=OTHER_ID)
EXPIRED_YES = cookie(YES, updated=ago(400 * DAY), user_id=OTHER_ID)
EXPIRED_NO = cookie(NO, updated=ago(400 * DAY), user_id=OTHER_ID)
V1_YES = cookie(agree("v1", purposes=["p1"]), updated=ago(60))
V1_NO = cookie({"vendors": {"disabled": ["v1"]}}, updated=ago(60))
P1_NO = cookie({"purposes": {"disabled": ["p1"]}}, updated=ago(60))


@pytest.mark.parametrize("as_bytes", [False, True], ids=["str", "bytes"])
@pytest.mark.parametrize("turned", [False, True], ids=["as listed", "turned round"])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([AGREED], [True, True]),
        ([AGREED, AGREED], [True, True]),
        ([AGREED, REFUSED], [False, False]),
        ([AGREED, SILENT], [False, False]),
        ([AGREED, V1_YES], [True, False]),
        ([AGREED, V1_NO], [False, False]),
        ([AGREED, P1_NO], [False, False]),
        ([AGREED, EXPIRED_YES], [True, True]),
        ([AGREED, EXPIRED_NO], [False, False]),
        ([REFUSED, EXPIRED_YES], [False, False]),
        ([EXPIRED_YES, EXPIRED_YES], [False, False]),
        ([EXPIRED_YES, EXPIRED_NO], [False, False]),
        ([AGREED, "%%%"], [True, True]),
        ([AGREED, ""], [True, True]),
        ([SILENT, "%%%"], [False, False]),
        (["%%%", "garbage"], [False, False]),
        ([AGREED, AGREED, AGREED, REFUSED], [False, False]),
        ([AGREED, V1_YES, EXPIRED_YES, AGREED], [True, False]),
    ],
)
def test_r8_several_cookies(
    values: list[str], expected: list[bool], turned: bool, as_bytes: bool
) -> None:
    line: Any = header(*(reversed(values) if turned else values))
    seen = ask(line.encode() if as_bytes else line)
    assert allowed(seen) == expected
    if len(set(values)) > 1 or "%%%" in values:
        assert seen.diagnostics


def test_r8_statuses_of_several_cookies() -> None:
    refused = ask(header(AGREED, REFUSED))
    assert refused.vendor("v1") is False and refused.purpose("p1") is False
    silent = ask(header(AGREED, SILENT))
    assert silent.vendor("v1") is None and silent.purpose("p1") is None
    mixed = ask(header(AGREED, V1_NO))
    assert mixed.vendor("v1") is False
    assert mixed.vendor("v2") is None and mixed.purpose("p2") is None


@pytest.mark.parametrize("turned", [False, True])
def test_r8_dates_and_id_of_the_oldest(turned: bool) -> None:
    values = [AGREED, REFUSED]
    seen = ask(header(*(reversed(values) if turned else values)))
    assert seen.updated == NOW - timedelta(days=2)
    assert seen.created == NOW - timedelta(days=8)
    assert seen.user_id == OTHER_ID


def test_r8_the_oldest_sets_the_age() -> None:
    """Two valid answers: the window is counted from the older one."""
    config = cp.Config(
        full([vendor("v1", ["p1"]), vendor("v2", ["p2"]), vendor("new", ["p1"])], window=5)
    )
    young = cookie(YES, updated=ago(4 * DAY))
    older = cookie(YES, updated=ago(6 * DAY))
    notice = config.notice("FR")
    assert notice.status(header(young), now=NOW).collect_reason == "within-window"
    both = notice.status(header(young, older), now=NOW)
    assert both.collect_reason == "new-vendor"


def test_r8_all_expired_is_expired() -> None:
    seen = ask(header(EXPIRED_YES, EXPIRED_NO))
    assert seen.collect_reason == "expired"
    assert seen.updated is None


def test_r8_at_most_four_are_read() -> None:
    """The first four decide; that more came is said, and takes no time."""
    seen = ask(header(REFUSED, REFUSED, REFUSED, REFUSED, AGREED))
    assert allowed(seen) == [False, False]
    assert seen.diagnostics
    line = "; ".join(["didomi_token=" + V1_YES] * 150)
    with within(0.5):
        seen = ask(line)
    assert allowed(seen) == [True, False]
    assert seen.diagnostics


def test_r8_under_an_opt_out_law() -> None:
    def california_of(*values: str) -> list[bool]:
        return allowed(ask(header(*values, name="didomi_token_cpra"), OPTOUT))

    assert california_of(AGREED, AGREED) == [True, True]
    assert california_of(AGREED, REFUSED) == [False, False]
    assert california_of(AGREED, EXPIRED_NO) == [False, False]
    assert california_of(EXPIRED_NO) == [False, False]
    only_v1 = cookie({"vendors_li": {"disabled": ["v1"]}})
    assert california_of(AGREED, only_v1) == [False, True]
    # Stricter reading: one unreadable among readable ones may hold an objection.
    assert california_of(AGREED, "%%%") == [False, False]
    assert california_of("%%%", AGREED) == [False, False]


# ------------------------------------------------------------ the raw header

GOOD_LINES = [
    "didomi_token={}",
    "didomi_token={};",
    ";didomi_token={}",
    "a=b; didomi_token={}",
    "a=b;didomi_token={};c=d",
    "a=b;   didomi_token={}   ; c=d",
    "a=b;\tdidomi_token={}\t; c=d",
    " didomi_token={} ",
    "a; b; didomi_token={}",
    "=; =x; didomi_token={}",
    ";;;; didomi_token={} ;;;;",
    "a=didomi_token; didomi_token={}",
    "a=didomi_token=x; didomi_token={}",
    'a="b"; didomi_token={}',
    "a=%zz; didomi_token={}",
    "didomi_token_cpra=%%%; didomi_token={}",
    "xdidomi_token=%%%; didomi_token={}; didomi_tokenx=%%%",
    "euconsent=x; didomi_token={}; other=\xe9\xff",
]


@pytest.mark.parametrize("line", GOOD_LINES)
def test_pairs_of_the_header(line: str) -> None:
    for value in (AGREED, AGREED.rstrip("="), AGREED.replace("=", "%3D")):
        text = line.format(value)
        assert allowed(ask(text)) == [True, True]
        assert allowed(ask(text.encode("latin-1"))) == [True, True]
        assert allowed(ask(text.encode("utf-8"))) == [True, True]


BAD_LINES = [
    "Didomi_Token={}",
    "DIDOMI_TOKEN={}",
    "didomi-token={}",
    "didomi%5Ftoken={}",
    "didomi_tokenx={}",
    "xdidomi_token={}",
    "$didomi_token={}",
    "a=didomi_token={}",
    "a=b, didomi_token={}",
    '"didomi_token"={}',
    "didomi_token:{}",
    "didomi_token_={}",
    "__Host-didomi_token={}",
    "didomi_token\0={}",
    "\ufeffdidomi_token={}",
    "didomi_token\xa0={}",
]


@pytest.mark.parametrize("line", BAD_LINES)
def test_names_are_exact(line: str) -> None:
    text = line.format(AGREED)
    assert allowed(ask(text)) == [False, False]
    assert allowed(ask(text.encode("utf-8"))) == [False, False]


def test_the_header_says_the_same_as_a_mapping() -> None:
    for value in (AGREED, REFUSED, SILENT, EXPIRED_YES, V1_YES, V1_NO, "%%%"):
        answers = [
            ask(cookies).current()
            for cookies in (
                {"didomi_token": value},
                header(value),
                header(value).encode(),
                UserDict({"didomi_token": value}),
                MappingProxyType({"didomi_token": value, "x": "y"}),
            )
        ]
        assert all(answer == answers[0] for answer in answers)


class Lazy(Mapping[str, str]):
    """A mapping of a framework's kind: nothing but the abstract methods."""

    def __getitem__(self, key: str) -> str:
        if key == "didomi_token":
            return AGREED
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(["didomi_token"])

    def __len__(self) -> int:
        return 1


def test_any_mapping_will_do() -> None:
    assert allowed(ask(Lazy())) == [True, True]


def test_the_cookies_are_not_changed() -> None:
    cookies = {"didomi_token": AGREED, "x": "y"}
    ask(cookies)
    assert cookies == {"didomi_token": AGREED, "x": "y"}


# ----------------------------------------------------- names of the cookies


def test_the_token_cookie_can_have_another_name() -> None:
    config = cp.Config({**NOTICE, "cookies": {"didomiTokenCookieName": "my_token"}})
    assert allowed(ask({"my_token": AGREED}, config)) == [True, True]
    assert allowed(ask({"didomi_token": AGREED}, config)) == [False, False]
    assert allowed(ask(header(AGREED, name="my_token"), config)) == [True, True]
    both = {"my_token": REFUSED, "didomi_token": AGREED}
    assert allowed(ask(both, config)) == [False, False]


@pytest.mark.parametrize("bad", ["", None, 5, [], {}, True])
def test_a_name_of_a_wrong_type_is_the_default(bad: Any) -> None:
    config = cp.Config({**NOTICE, "cookies": {"didomiTokenCookieName": bad}})
    assert allowed(ask({"didomi_token": AGREED}, config)) == [True, True]


def test_the_name_may_differ_by_country() -> None:
    entry = {"DE": {"cookies": {"didomiTokenCookieName": "german"}}}
    config = cp.Config({**NOTICE, "configByCountry": entry})
    assert config.status({"german": AGREED}, country="DE", now=NOW).allows("v1") is True
    assert config.status({"german": AGREED}, country="FR", now=NOW).allows("v1") is False


def test_the_name_under_ccpa() -> None:
    base = optout(NOTICE, "ccpa")
    named = {**base, "cookies": {"ccpaDidomiTokenCookieName": "my_ccpa"}}
    for config, name in ((base, "didomi_token_ccpa"), (named, "my_ccpa")):
        seen = california(config, REFUSED, name=name)
        assert seen.notice.regulation == "ccpa"
        assert allowed(seen) == [False, False]


def test_the_name_of_a_regulation_served_for_one_visitor() -> None:
    regulation = {
        "name": "cpra",
        "group": {"name": "optout"},
        "cookies": {"didomiTokenCookieName": "served"},
    }
    config = cp.Config({**NOTICE, "regulation": regulation})
    seen = config.status({"served": REFUSED}, now=NOW)
    assert seen.notice.regulation == "cpra"
    assert allowed(seen) == [False, False]


# ------------------------------------------------------------ R9, in passing


@pytest.mark.parametrize("rival", ["", "%%%", "~", "AAAA", "x" * 20_000])
def test_an_unreadable_rival_does_not_void_a_token(rival: str) -> None:
    assert allowed(ask({"didomi_token": AGREED, "didomi_dcs": rival})) == [True, True]
    assert allowed(ask({"didomi_token": REFUSED, "didomi_dcs": rival})) == [False, False]


def test_an_unreadable_rival_allows_nothing_by_itself() -> None:
    for rival in ("", "%%%", "AAAA"):
        cookies = {"didomi_dcs": rival, "euconsent-v2": rival}
        assert allowed(ask(cookies)) == [False, False]


def test_r9_a_string_that_cannot_be_read_changes_nothing_under_an_opt_in_law() -> None:
    dcs = "CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    for token, expected in ((AGREED, [True, True]), (REFUSED, [False, False])):
        assert allowed(ask({"didomi_token": token, "didomi_dcs": dcs})) == expected
    assert allowed(ask({"didomi_dcs": dcs})) == [False, False]


def test_r12_what_only_a_tc_string_could_tell_is_unknown() -> None:
    """The SDK takes purpose 1 out of the token when a TC string holds it."""
    config = cp.Config(full([vendor("v", ["cookies"])]))
    token = {"didomi_token": cookie({"vendors": {"enabled": ["v"]}}), "euconsent-v2": "C" * 300}
    seen = config.status(token, country="FR", now=NOW)
    assert seen.purpose("cookies") is None and seen.allows("v") is False
