"""What other systems are told: tag managers, Google Consent Mode, US Privacy, experiments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import consentpy as cp
from helpers import (
    DAY,
    GOOGLE,
    USER_ID,
    ago,
    agree,
    california,
    cookie,
    full,
    header,
    optout,
    pack,
    plain_merge,
    refuse,
    regulations,
    status,
    vendor,
)

ANALYTICS = "googleana-4TXnJigR"
AD_TYPES = ["ad_storage", "ad_user_data", "ad_personalization"]
FOLLOWERS = ["functionality_storage", "personalization_storage"]
TYPES = [*AD_TYPES, "analytics_storage", *FOLLOWERS, "security_storage"]
BOT = "Googlebot/2.1"


# ------------------------------------------------------ Google Consent Mode


def google(*didomi: str, gcm: Any = None, custom: bool = True, **more: Any) -> cp.Config:
    """A notice with the vendors that decide; `p1` is the one purpose of analytics."""
    config = full(
        [vendor(ANALYTICS, ["p1"])] if custom else [],
        app={"vendors": {"didomi": list(didomi)}},
        integrations={"vendors": {"gcm": {"enable": True} if gcm is None else gcm}},
    )
    return cp.Config(plain_merge(config, more), catalog=GOOGLE)


def modes(ads: bool, analytics: bool) -> dict[str, str]:
    words = {True: "granted", False: "denied"}
    return {
        **dict.fromkeys((*AD_TYPES, *FOLLOWERS), words[ads]),
        "analytics_storage": words[analytics],
        "security_storage": "granted",
    }


EVERYTHING = agree("google", ANALYTICS, purposes=["cookies", "p1"])


def test_gcm_has_the_seven_types_in_order() -> None:
    told = status(google("google"), EVERYTHING).google_consent_mode()
    assert told == modes(True, True) and list(told) == TYPES


@pytest.mark.parametrize("enable", [False, None, 1, "true"])
def test_gcm_is_none_where_the_integration_is_off(enable: Any) -> None:
    assert (
        status(google("google", gcm={"enable": enable}), EVERYTHING).google_consent_mode() is None
    )
    assert status(google("google", gcm=[]), EVERYTHING).google_consent_mode() is None
    assert status(full([]), EVERYTHING).google_consent_mode() is None


def test_gcm_needs_all_purposes_of_the_vendor() -> None:
    some = {"vendors": {"enabled": ["google", ANALYTICS]}, "purposes": {"enabled": ["p1"]}}
    assert status(google("google"), some).google_consent_mode() == modes(False, True)
    # chosen, though nothing can be granted yet: an update is sent, and it denies
    none = {"vendors": {"enabled": ["google"]}}
    defaults = {"enable": True, "setDefaultStatus": True, "defaultStatus": {"ad": True}}
    assert status(google("google"), none).google_consent_mode() == modes(False, False)
    assert status(google("google", gcm=defaults), none).google_consent_mode() == modes(False, False)


def test_gcm_unknown_beside_a_choice_is_denied() -> None:
    one = agree(ANALYTICS, purposes=["p1"])
    assert status(google("google"), one).google_consent_mode() == modes(False, True)
    refusal = refuse("google", purposes=["cookies"])
    assert status(google("google"), refusal).google_consent_mode() == modes(False, False)
    # a vendor that the notice does not have is never granted
    assert status(google("google", custom=False), EVERYTHING).google_consent_mode() == modes(
        True, False
    )


@pytest.mark.parametrize("token", [None, {}, agree("other", purposes=["cookies"]), "unreadable"])
def test_gcm_with_both_undecided_there_are_defaults_or_nothing(token: Any) -> None:
    assert status(google("google"), token).google_consent_mode() is None
    defaults = {
        "enable": True,
        "setDefaultStatus": True,
        "defaultStatus": {"ad": True, "analytics": "true", "functionality": 1, "personalization": True},
    }  # fmt: skip
    assert status(google("google", gcm=defaults), token).google_consent_mode() == {
        **modes(True, False),
        "functionality_storage": "denied",
    }
    bare = {"enable": True, "setDefaultStatus": True}
    assert status(google("google", gcm=bare), token).google_consent_mode() == modes(False, False)
    off = {**defaults, "setDefaultStatus": "yes"}
    assert status(google("google", gcm=off), token).google_consent_mode() is None


def test_gcm_an_expired_answer_is_none() -> None:
    old = {**EVERYTHING, "updated": ago(400 * DAY)}
    assert status(google("google"), old).google_consent_mode() is None


def test_gcm_is_granted_where_consent_is_not_required() -> None:
    config = google("google")
    for token in (None, refuse("google", ANALYTICS, purposes=["cookies", "p1"])):
        assert status(config, token, country="JP").google_consent_mode() == modes(True, True)
    exempt = google("google", user={"bots": {"consentRequired": False}})
    assert status(exempt, user_agent=BOT).google_consent_mode() == modes(True, True)
    assert status(exempt, user_agent="Firefox").google_consent_mode() is None


def test_gcm_a_refusal_that_counts_without_a_law_is_denied() -> None:
    respect = google("google", consentpy={"storedRefusalWithoutRegulation": "respect"})
    token = refuse("google", purposes=["cookies"])
    assert status(respect, token, country="JP").google_consent_mode() == modes(False, True)


def test_gcm_under_an_opt_out_law() -> None:
    config = google("google", regulations={"gdpr": {"enabled": False}, "cpra": {"enabled": True}})
    assert california(config).google_consent_mode() == modes(True, True)
    objection = {"vendors_li": {"disabled": ["google"]}}
    assert california(config, objection).google_consent_mode() == modes(False, True)
    assert california(config, gpc=True).google_consent_mode() == modes(False, False)
    assert california(config, "unreadable").google_consent_mode() == modes(False, False)


# ------------------------------------------------------------- the data layer

VENDORS = ["didomiVendorsEnabled", "didomiVendorsDisabled", "didomiVendorsUnknown"]
PURPOSES = ["didomiPurposesEnabled", "didomiPurposesDisabled", "didomiPurposesUnknown"]
WITH_PURPOSES = [
    "didomiVendorsConsent",
    "didomiVendorsConsentDenied",
    "didomiVendorsConsentUnknown",
]
RAW = [
    "didomiVendorsRawConsent",
    "didomiVendorsRawConsentDenied",
    "didomiVendorsRawConsentUnknown",
]
OLD_PURPOSES = [
    "didomiPurposesConsent",
    "didomiPurposesConsentDenied",
    "didomiPurposesConsentUnknown",
]
PARTITIONS = [VENDORS, PURPOSES, WITH_PURPOSES, RAW, OLD_PURPOSES]
OTHERS = [
    "didomiIABConsent",
    "didomiGDPRApplies",
    "didomiExperimentId",
    "didomiExperimentUserGroup",
]

WORLD = full(
    [
        vendor("on", ["p1"]),
        vendor("both", ["p1"], ["l1"]),
        vendor("li", [], ["l1"]),
        vendor("off", ["p2"]),
        vendor("must", ["ess"]),
    ],
    essential=["ess"],
    app={"vendors": {"didomi": ["google"]}, "purposes": ["improve_products"]},
)


def lists(told: dict[str, Any], names: list[str]) -> list[set[str]]:
    """The ids of each of the variables; every one of them ends with a comma."""
    found = []
    for name in names:
        text = told[name]
        assert isinstance(text, str) and (text == "" or text.endswith(","))
        ids = text.split(",")[:-1]
        assert len(ids) == len(set(ids)) and "" not in ids
        found.append(set(ids))
    return found


def layer(token: Any = None, config: Any = WORLD, **more: Any) -> dict[str, Any]:
    if not isinstance(config, cp.Config):
        config = cp.Config(config, catalog=GOOGLE)
    return status(config, token, **more).data_layer()


def test_data_layer_names() -> None:
    told = layer()
    assert list(told) == [
        *VENDORS,
        *PURPOSES,
        "didomiRegulationName",
        *WITH_PURPOSES,
        *RAW,
        *OLD_PURPOSES,
        *OTHERS,
    ]
    assert told["didomiRegulationName"] == "gdpr"
    assert told["didomiIABConsent"] == ""
    assert told["didomiGDPRApplies"] == 1
    assert told["didomiExperimentId"] == told["didomiExperimentUserGroup"] == ""


def test_data_layer_of_a_visitor_who_chose_some() -> None:
    token = {
        "vendors": {"enabled": ["on", "both", "google"], "disabled": ["off"]},
        "vendors_li": {"enabled": ["both"], "disabled": []},
        "purposes": {"enabled": ["p1"], "disabled": ["p2"]},
        "purposes_li": {"disabled": ["l1"]},
    }
    told = layer(token)
    # `both` may use p1, but l1 was objected to; google's purpose is undecided; `li` was never asked
    assert lists(told, VENDORS) == [{"on", "must"}, {"both", "off"}, {"li", "google"}]
    assert lists(told, PURPOSES) == [{"p1", "ess"}, {"l1", "p2"}, {"cookies", "improve_products"}]
    # the old ones know consent alone, and an undecided purpose makes a vendor refused (12.4)
    assert lists(told, WITH_PURPOSES) == [
        {"c:on", "c:both", "c:must"},
        {"c:off", "didomi:google"},
        {"c:li"},
    ]
    assert lists(told, RAW) == [
        {"c:on", "c:both", "didomi:google"},
        {"c:off"},
        {"c:li", "c:must"},
    ]
    assert lists(told, OLD_PURPOSES) == [
        {"p1", "ess"},
        {"p2"},
        {"l1", "cookies", "improve_products"},
    ]


def test_data_layer_keeps_the_order_of_the_notice() -> None:
    told = layer(agree("on", "both", "li", "off", "google", purposes=["p1", "p2", "l1", "cookies"]))
    assert told["didomiVendorsEnabled"] == "on,both,li,off,must,google,"
    assert told["didomiVendorsConsent"] == "c:on,c:both,c:li,c:off,c:must,didomi:google,"


def test_data_layer_of_a_new_visitor() -> None:
    told = layer()
    everyone = {"on", "both", "li", "off", "google"}
    assert lists(told, VENDORS) == [{"must"}, set(), everyone]
    assert told["didomiPurposesEnabled"] == "ess," and told["didomiPurposesDisabled"] == ""


def test_data_layer_puts_everything_under_enabled_without_a_law() -> None:
    for told in (
        layer(country="JP"),
        layer(refuse("on", purposes=["p1"]), country="JP"),
        layer(config={**WORLD, "user": {"bots": {"consentRequired": False}}}, user_agent=BOT),
    ):
        for names in PARTITIONS:
            enabled, refused, unknown = lists(told, names)
            assert enabled and not refused and not unknown
    assert layer(country="JP")["didomiRegulationName"] == "none"
    assert layer(country="JP")["didomiGDPRApplies"] == 0


def test_data_layer_under_an_opt_out_law_tells_what_counts() -> None:
    config = cp.Config(optout(WORLD), catalog=GOOGLE)
    objection = {"vendors_li": {"disabled": ["on"]}, "purposes_li": {"disabled": ["l1"]}}
    told = california(config, objection).data_layer()
    assert told["didomiRegulationName"] == "cpra" and told["didomiGDPRApplies"] == 0
    assert lists(told, VENDORS) == [{"must", "off", "google"}, {"on", "both", "li"}, set()]
    assert lists(told, RAW)[1] == {"c:on"}
    assert lists(told, WITH_PURPOSES)[1] == {"c:on", "c:both", "c:li"}
    assert lists(told, OLD_PURPOSES)[1] == {"l1"}
    for names in PARTITIONS:
        assert not lists(told, names)[2]
    assert lists(california(config, gpc=True).data_layer(), VENDORS)[0] == {"must"}


sides = st.dictionaries(
    st.sampled_from(["enabled", "disabled"]),
    st.lists(
        st.sampled_from(["on", "both", "li", "off", "must", "google", "elsewhere"]), max_size=5
    ),
)
purpose_sides = st.dictionaries(
    st.sampled_from(["enabled", "disabled"]),
    st.lists(st.sampled_from(["p1", "p2", "l1", "ess", "cookies", "improve_products"]), max_size=5),
)
tokens = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "vendors": sides,
        "vendors_li": sides,
        "purposes": purpose_sides,
        "purposes_li": purpose_sides,
    },
)


@given(tokens, st.sampled_from(["FR", "JP", None]), st.booleans())
def test_data_layer_is_a_partition_that_agrees_with_the_gates(
    token: Any, country: Any, out: bool
) -> None:
    config = cp.Config(optout(WORLD) if out else WORLD, catalog=GOOGLE)
    seen = california(config, token) if out else status(config, token, country=country)
    told, notice = seen.data_layer(), seen.notice
    prefixed = {f"didomi:{v.id}" if v.namespace == "didomi" else v.sdk_id for v in notice.vendors}
    expected = [
        {v.id for v in notice.vendors},
        {p.id for p in notice.purposes},
        prefixed,
        prefixed,
        {p.id for p in notice.purposes},
    ]
    for names, everything in zip(PARTITIONS, expected, strict=True):
        parts = lists(told, names)
        assert set.union(*parts) == everything and sum(map(len, parts)) == len(everything)
    current = seen.current()
    assert lists(told, VENDORS)[0] == {
        name for name, entry in current["vendors"].items() if entry["enabled"]
    } == {v.id for v in notice.vendors if seen.allows(v.id)}  # fmt: skip
    assert lists(told, PURPOSES)[0] == {
        name for name, entry in current["purposes"].items() if entry["enabled"]
    }
    if notice.group == "optin":
        for vendor_id in lists(told, RAW)[1]:
            assert seen.vendor(vendor_id) is False
        for vendor_id in lists(told, VENDORS)[1]:
            assert not seen.allows(vendor_id)


def test_data_layer_is_a_new_dict_each_time() -> None:
    seen = status(cp.Config(WORLD, catalog=GOOGLE))
    first = seen.data_layer()
    first.clear()
    assert seen.data_layer()["didomiGDPRApplies"] == 1


def test_data_layer_of_a_notice_without_anything() -> None:
    told = layer(config={})
    assert all(told[name] == "" for names in PARTITIONS for name in names)


# -------------------------------------------------------------- US Privacy

CCPA = regulations(full([vendor("v", ["p1"])]), gdpr=False, ccpa=True)


def usp(token: Any = None, config: Any = CCPA, **more: Any) -> str:
    options = {"country": "US", "region": "CA", "name": "didomi_token_ccpa", **more}
    return status(config, token, **options).us_privacy


def test_us_privacy_outside_of_the_ccpa() -> None:
    everywhere = full([vendor("v", ["p1"])])
    assert usp(config=everywhere, country="FR", region=None) == "1---"
    assert usp(config=CCPA, region="TX") == "1---"
    cpra = regulations(everywhere, gdpr=False, cpra=True)
    assert usp({"dns": True}, cpra, name="didomi_token_cpra") == "1---"


@pytest.mark.parametrize(
    ("dns", "letter"),
    [(True, "Y"), (False, "N"), (None, "N"), ("yes", "Y"), (1, "Y"), ([], "Y"), ({}, "Y")],
)
def test_us_privacy_opt_out(dns: Any, letter: str) -> None:
    """A field of the wrong type cannot be read, so it is taken for the objection."""
    assert usp({"dns": dns}) == f"1Y{letter}N"
    assert usp({"dns": dns, "updated": ago(900 * DAY)}) == f"1Y{letter}N"  # no age lifts it


def test_us_privacy_without_a_token_and_without_the_field() -> None:
    assert usp() == usp({}) == "1YNN"


def test_us_privacy_counts_an_unreadable_token_and_the_gpc_as_opt_out() -> None:
    assert usp("unreadable") == usp(gpc=True) == "1YYN"
    ignores = {**CCPA, "consentpy": {"gpc": "off"}}
    assert usp(gpc=True, config=ignores) == "1YNN"
    assert usp(pack({"dns": True, "vendors": 5})) == "1YYN"
    assert usp(cookie()[:-4] + "####") == "1YYN"


def test_us_privacy_of_several_cookies_counts_any_objection() -> None:
    notice = cp.Config(CCPA).notice("US", "CA")
    yes, no = cookie({}, dns=False), cookie({}, dns=True)
    for values, letter in (((yes, no), "Y"), ((no, yes), "Y"), ((yes, yes), "N")):
        raw = header(*values, name="didomi_token_ccpa")
        assert notice.status(raw).us_privacy == f"1Y{letter}N"


@pytest.mark.parametrize(
    ("written", "letter"),
    [
        ({"regulations": {"ccpa": {"lspa": True}}}, "Y"),
        ({"regulations": {"ccpa": {"lspa": "true"}}}, "N"),
        ({"regulation": {"ccpa": {"lspa": True}}}, "Y"),
        ({"regulation": {"ccpa": {"lspa": True}}, "regulations": {"ccpa": {"lspa": False}}}, "N"),
    ],
)
def test_us_privacy_lspa(written: Any, letter: str) -> None:
    assert usp(config=plain_merge(CCPA, written)) == f"1YN{letter}"


# -------------------------------------------------------------- experiments


def group(experiment: Any, token: Any = None, **options: Any) -> str | None:
    config = {**full([vendor("v", ["p1"])]), "experiment": experiment}
    seen = status(config, {} if token is None else token, **options)
    told = seen.data_layer()
    assert told["didomiExperimentUserGroup"] == (seen.experiment_group or "")
    return seen.experiment_group


WHOLE = {"id": "e", "size": 0.5, "config": {}}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {"size": 1, "config": {}},
        {"id": "", "size": 1, "config": {}},
        {"id": 5, "size": 1, "config": {}},
        {"id": "e", "config": {}},
        {"id": "e", "size": "1", "config": {}},
        {"id": "e", "size": True, "config": {}},
        {"id": "e", "size": 1.5, "config": {}},
        {"id": "e", "size": -1, "config": {}},
        {"id": "e", "size": 1},
        {"id": "e", "size": 1, "config": []},
    ],
    ids=repr,
)
def test_experiment_that_lacks_something_is_none(broken: Any) -> None:
    assert group(broken) is None
    if isinstance(broken, dict):
        assert group({**broken, "group": "test"}) is None
    config = {**full([vendor("v", ["p1"])]), "experiment": broken}
    assert status(config).data_layer()["didomiExperimentId"] == ""


def test_experiment_group_that_is_forced() -> None:
    assert group({**WHOLE, "size": 0, "group": "test"}) == "test"
    assert group({**WHOLE, "size": 1, "group": "control"}) == "control"
    assert group({**WHOLE, "size": 1, "group": "both"}) == "test"
    assert group({**WHOLE, "group": "test"}, {"user_id": "short"}) == "test"


@pytest.mark.parametrize("user_id", ["", "short", USER_ID + "0", USER_ID[:-1] + "g", "é" * 36])
def test_experiment_needs_a_user_id(user_id: str) -> None:
    assert group(WHOLE, {"user_id": user_id}) is None
    assert group({**WHOLE, "size": 1}, {"user_id": user_id}) is None
    assert group({**WHOLE, "size": 0}, {"user_id": user_id}) == "control"


def test_experiment_of_a_visitor_without_a_token() -> None:
    config = {**full([vendor("v", ["p1"])]), "experiment": WHOLE}
    assert status(config).experiment_group is None
    assert status({**config, "experiment": {**WHOLE, "group": "test"}}).experiment_group == "test"


@given(st.integers(0, 16**5 - 1), st.sampled_from([0.0, 0.001, 0.1, 0.333, 0.5, 0.9, 1.0, 1]))
def test_experiment_draws_by_the_last_five_digits(drawn: int, size: float) -> None:
    user_id = f"{USER_ID[:-5]}{drawn:05x}"
    expected = "test" if size and drawn % 1000 < 1000 * size else "control"
    assert group({**WHOLE, "size": size}, {"user_id": user_id}) == expected
    assert group({**WHOLE, "size": size}, {"user_id": user_id.upper()}) == expected


def test_experiment_begins_with_new_visitors() -> None:
    start = {**WHOLE, "size": 1, "startDate": "2026-03-01T00:00:00Z"}
    assert group(start, {"created": "2026-03-01T00:00:00.000Z"}) == "test"
    assert group(start, {"created": "2026-02-28T23:59:59.999Z"}) is None
    assert group(start, {"created": "never"}) is None
    assert group({**start, "group": "test"}, {"created": "2026-02-28T23:59:59.999Z"}) is None
    for unread in ("soon", 5, None):
        assert (
            group({**start, "startDate": unread}, {"created": "2020-01-01T00:00:00.000Z"}) == "test"
        )
    # who has no token, or one that does not count, is there since now
    old = {"created": "2020-01-01T00:00:00.000Z", "updated": "2020-01-01T00:00:00.000Z"}
    assert group(start, old) == "test"
    later = {**start, "group": "test", "startDate": "2027-01-01"}
    assert group(later, old) is None
    config = {**full([vendor("v", ["p1"])]), "experiment": later}
    assert status(config).experiment_group is None


def test_experiment_is_not_applied() -> None:
    drops = {"app": {"vendors": {"custom": []}}}
    config = {**full([vendor("v", ["p1"])]), "experiment": {**WHOLE, "size": 1, "config": drops}}
    seen = status(config, agree("v", purposes=["p1"]))
    assert seen.experiment_group == "test" and seen.allows("v")
