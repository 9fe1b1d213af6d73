"""How a TC string comes with a request, when it counts, and who is told of it (R4 to R9, R12)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from string_world import (
    EVERY,
    MIDNIGHT,
    ON_LI,
    TC_NAME,
    YEAR,
    agreed,
    answers,
    codes,
    config_of,
    cookie_of,
    day,
    ids,
    midnight_text,
    nothing,
    notice_of,
    tc,
    verdicts,
    visit,
)
from vendor_lists import GVL, page

import consentpy as cp
from helpers import (
    DAY,
    NOW,
    USER_ID,
    VECTORS,
    ago,
    agree,
    b64,
    full,
    header,
    parse,
    refuse,
    vendor,
    within,
)

TEXT = tc([1, 2, 7], [2, 30], li=[2, 7], vendors_li=[30], disclosed="1-30")
NOTHING_TOLD = {"allows": False, "string": "", "updated": None}


def told(seen: cp.Status) -> dict[str, Any]:
    return {"allows": seen.allows(2), "string": seen.tc_string, "updated": seen.updated}


# --------------------------------------------------------------------- how it is sent


@pytest.mark.parametrize(
    "cookies",
    [
        {TC_NAME: TEXT},
        {TC_NAME: f'"{TEXT}"'},
        f"{TC_NAME}={TEXT}",
        f"{TC_NAME}={TEXT}".encode(),
        f'a=b; {TC_NAME}="{TEXT}"; c=d',
        f"theme=dark;{TC_NAME}={TEXT};lang=en",
        f"{TC_NAME} = {TEXT} ; lang=en",
        header(TEXT, TEXT, name=TC_NAME),
    ],
)
def test_r12_a_mapping_and_a_header_in_every_form(cookies: Any) -> None:
    seen = visit(cookies=cookies)
    assert told(seen) == {"allows": True, "string": TEXT, "updated": day()}
    assert seen.allows(30) and seen.vendor(28) is False


@pytest.mark.parametrize(
    "cookies",
    [
        {"Euconsent-v2": TEXT},
        {"euconsent": TEXT},
        {"euconsent-v2 ": TEXT},
        {"xeuconsent-v2": TEXT},
        {TC_NAME: ""},
        {TC_NAME: '""'},
        {TC_NAME: f'"{TEXT}'},
        {TC_NAME: TEXT.encode()},
        {TC_NAME: None},
        {TC_NAME: [TEXT]},
        f"{TC_NAME}",
        f"{TC_NAME}={TEXT}".replace("=", ":", 1),
    ],
)
def test_r12_another_name_or_no_text_is_no_string(cookies: Any) -> None:
    assert told(visit(cookies=cookies)) == NOTHING_TOLD


def test_r12_the_name_follows_the_configuration() -> None:
    config = config_of(notice_of(cookies={"iabCookieName": "my-tc"}))
    assert visit(config, cookies={"my-tc": TEXT}).allows(2) is True
    assert told(visit(config, cookies={TC_NAME: TEXT})) == NOTHING_TOLD
    for odd in ("", None, 7, ["my-tc"]):
        config = config_of(notice_of(cookies={"iabCookieName": odd}))
        assert visit(config, cookies={TC_NAME: TEXT}).allows(2) is True


def test_r12_a_configuration_for_one_country_may_name_another_cookie() -> None:
    config = config_of(notice_of(configByCountry={"DE": {"cookies": {"iabCookieName": "de-tc"}}}))
    sent = {TC_NAME: nothing(), "de-tc": TEXT}
    assert visit(config, cookies=sent).allows(2) is False
    assert visit(config, cookies=sent, country="DE").allows(2) is True


# --------------------------------------------------------------------- several of them


def test_r8_of_several_strings_only_what_all_allow_counts() -> None:
    config = config_of(notice_of((2, 28, 30), custom=[]))
    one = tc([1, 2, 7], [2, 28], li=[2, 7], vendors_li=[30], days=3)
    two = tc([1, 2], [2, 30], li=[2, 7, 9], vendors_li=[30], days=1)
    for sent in (header(one, two, name=TC_NAME), header(two, one, name=TC_NAME)):
        seen = visit(config, cookies=sent)
        assert seen.vendor(2) is True and seen.vendor(28) is False and seen.vendor(30) is False
        assert seen.allows(2) is False  # purpose 7 is in one of them only
        assert seen.purpose("cookies") is True and seen.purpose(ids(7)[0]) is False
        assert seen.allows(30) is True
        assert seen.updated == day(3) and seen.created == day(3)
        assert seen.tc_string == "" and "several_tc_strings" in codes(seen)
        assert seen.data_layer()["didomiIABConsent"] == ""
        assert "tcString" not in seen.tc_data() or seen.tc_data()["tcString"] == ""


def test_r8_a_vendor_that_one_of_them_does_not_know_is_not_enabled() -> None:
    one, two = tc([1, 2, 7], [2]), tc([1, 2, 7], [2, 28])
    seen = visit(cookies=header(one, two, name=TC_NAME))
    assert seen.vendor(2) is True and seen.allows(2) and seen.vendor(28) is not True


def test_r8_restrictions_of_any_of_them_count() -> None:
    rule = {"purpose_id": 1, "type": 0, "ids": "2"}
    seen = visit(cookies=header(agreed(), agreed(publisher_restrictions=[rule]), name=TC_NAME))
    assert seen.allows(2) is False and seen.explain(2).reason == "restricted"
    assert seen.allows(28) is True


def test_r8_identical_strings_are_one() -> None:
    seen = visit(cookies=header(TEXT, f'"{TEXT}"', TEXT, name=TC_NAME))
    assert told(seen) == {"allows": True, "string": TEXT, "updated": day()}


def test_r8_four_are_read() -> None:
    sent = [TEXT, TEXT, TEXT, TEXT, nothing()]
    assert visit(cookies=header(*sent, name=TC_NAME)).allows(2) is True
    assert visit(cookies=header(*sent[1:], name=TC_NAME)).allows(2) is False


@pytest.mark.parametrize("other", ["garbage", "", "DBABMA", TEXT + ".", nothing(cmp=31)])
def test_r8_what_does_not_count_changes_nothing_of_those_that_do(other: str) -> None:
    for sent in (header(other, TEXT, name=TC_NAME), header(TEXT, other, name=TC_NAME)):
        seen = visit(cookies=sent)
        assert seen.vendor(30, True) is True and seen.updated == day()
        assert seen.vendor(28) is False


def test_r8_a_refusal_in_an_expired_one_still_counts() -> None:
    old, new = nothing(days=400), agreed()
    for sent in (header(old, new, name=TC_NAME), header(new, old, name=TC_NAME)):
        seen = visit(cookies=sent)
        assert seen.allows(2) is False and seen.updated == day()
    # by itself it is expired, and what it allows is nothing
    expired = visit(cookies=header(agreed(days=400), agreed(days=401), name=TC_NAME))
    assert expired.allows(2) is False and expired.collect_reason == "expired"


# -------------------------------------------------------------------------------- time


def test_r12_without_a_token_its_day_is_the_date() -> None:
    seen = visit(tc=agreed(days=3))
    assert seen.updated == seen.created == MIDNIGHT - timedelta(days=3)
    assert seen.expires == seen.updated + timedelta(seconds=YEAR)
    assert seen.user_id is None and seen.experiment_group is None
    current = seen.current()
    assert current["updated"] == current["created"] == midnight_text(3)
    assert seen.lists()["updated"] == midnight_text(3) and seen.lists()["user_id"] is None


def test_r12_created_and_last_updated_may_differ_in_old_strings() -> None:
    made = NOW - timedelta(days=9, seconds=0.4)
    text = agreed(created_ds=made, last_updated_ds=NOW - timedelta(days=2))
    seen = visit(tc=text)
    assert seen.updated == NOW - timedelta(days=2)
    assert seen.created is not None and abs(seen.created - made) < timedelta(seconds=0.1)


def test_r12_the_tokens_dates_go_before_the_strings() -> None:
    seen = visit(tc=agreed(days=300), token=agree("own", purposes=["p1"]))
    assert seen.updated == parse(ago(3600)) and seen.user_id == USER_ID and seen.allows(2)


@pytest.mark.parametrize(("days", "counts"), [(365, True), (366, False), (367, False)])
def test_r4_a_string_alone_expires(days: int, counts: bool) -> None:
    seen = visit(tc=agreed(days=days))  # the visit is 9 hours after midnight
    assert seen.allows(2) is counts
    assert seen.collect_reason == ("new-vendor" if counts else "expired")
    if not counts:
        assert told(seen) == NOTHING_TOLD and seen.vendor(2) is None
        assert seen.explain(2).reason == "expired" and seen.expires is None


def test_r4_the_shorter_duration_looks_at_the_strings_lists_too() -> None:
    config = config_of(notice_of(app={"deniedConsentDuration": 2 * DAY}))
    refusal = visit(config, nothing(vendors="", disclosed="1-300", days=3))
    assert refusal.collect_reason == "denied-expired" and refusal.tc_string == ""
    assert refusal.vendor(2) is None and refusal.explain(2).reason == "denied-expired"
    assert visit(config, nothing(vendors="", disclosed="1-300")).vendor(2) is False
    for purposes, vendors in (((1,), "28"), ((1,), ""), ((), "28")):
        some = tc(purposes, vendors, disclosed="1-300", days=3)
        assert visit(config, some).collect_reason != "denied-expired"
        # legitimate interest alone does not count, nor do its objections
        interest = tc([], "", li=[2, 7], vendors_li="1-300", days=3)
        assert visit(config, interest).collect_reason == "denied-expired"
    token = {**refuse("own", "ads", purposes=["p1"]), "updated": ago(3 * DAY)}
    assert visit(config, agreed(), token).collect_reason != "denied-expired"
    assert visit(config, agreed(), token).allows(2) is True
    empty = nothing(vendors="", disclosed="1-300")
    assert visit(config, empty, token).collect_reason == "denied-expired"
    token = {**agree("own", purposes=["p1"]), "updated": ago(3 * DAY)}
    assert visit(config, empty, token).allows("own") is True


def test_r6_a_string_of_before_the_date_is_ignored() -> None:
    config = config_of(notice_of(user={"ignoreConsentBefore": ago(2 * DAY)}))
    seen = visit(config, agreed(days=3))
    assert seen.collect_reason == "ignored-before" and told(seen) == NOTHING_TOLD
    assert visit(config, agreed(days=1)).allows(2) is True
    keep = config_of(
        notice_of(user={"ignoreConsentBefore": ago(2 * DAY)}, consentpy={"ignoreBefore": "keep"})
    )
    seen = visit(keep, agreed(days=3))
    assert seen.collect_reason == "ignored-before" and seen.allows(2) and seen.tc_string


def test_r5_while_choices_are_collected_anew_there_is_no_string() -> None:
    layer = notice_of((2, 217), custom=[], notice={"daysBeforeShowingAgain": 5})
    text = tc(EVERY, [2], li=ON_LI, days=6)
    assert visit(config_of(layer), text).tc_string == text
    seen = visit(config_of({**layer, "consentpy": {"recollect": "reset"}}), text)
    assert seen.should_collect and seen.tc_string == "" and not seen.allows(2)
    assert seen.explain(2).reason == "recollecting" and seen.vendor(2) is None


@pytest.mark.parametrize(("days", "counts"), [(-1, True), (-2, False), (-40, False)])
def test_r7_a_string_dated_ahead_has_expired(days: int, counts: bool) -> None:
    seen = visit(tc=agreed(days=days))
    assert seen.allows(2) is counts
    assert (seen.collect_reason == "expired") is not counts
    assert (seen.updated is None) is not counts


@pytest.mark.parametrize(
    "dates",
    [
        {"updated": ago(367 * DAY)},
        {"updated": ago(-3 * DAY)},
        {"updated": "yesterday", "created": ago(3600)},
        {"updated": "", "created": ago(3600)},
    ],
)
def test_r12_a_void_token_voids_the_string(dates: dict[str, str]) -> None:
    seen = visit(tc=agreed(), token={**agree("own", "ads", purposes=["p1"]), **dates})
    assert told(seen) == NOTHING_TOLD and seen.collect_reason == "expired"
    assert seen.vendor(2) is None and seen.purpose("cookies") is None
    assert seen.user_id == USER_ID and seen.explain(2).reason == "expired"
    assert not seen.allows("ads") and seen.addtl_consent == ""


def test_r12_a_token_that_is_ignored_voids_it_too() -> None:
    config = config_of(notice_of(user={"ignoreConsentBefore": ago(2 * DAY)}))
    token = {**agree("own", purposes=["p1"]), "updated": ago(3 * DAY)}
    assert told(visit(config, agreed(), token)) == NOTHING_TOLD
    assert visit(config, agreed(days=5), agree("own", purposes=["p1"])).allows(2) is True


@pytest.mark.parametrize("token", ["!", "", b64("[]"), cookie_of({"vendors": 7})])
def test_r12_an_unreadable_token_beside_a_string_is_as_absent(token: str) -> None:
    seen = visit(cookies={TC_NAME: TEXT, "didomi_token": token})
    assert told(seen) == {"allows": True, "string": TEXT, "updated": day()}
    assert seen.user_id is None and seen.diagnostics


def test_r12_a_token_of_the_first_page_view_changes_nothing() -> None:
    seen = visit(tc=TEXT, token={"version": None})
    assert seen.allows(2) and seen.tc_string == TEXT and seen.user_id == USER_ID


def test_r12_of_several_tokens_the_valid_one_keeps_the_string_in_force() -> None:
    valid = cookie_of(agree("c:own", purposes=["p1"]))
    old = cookie_of(agree("c:own", purposes=["p1"]), updated=ago(400 * DAY))
    for pair in ((valid, old), (old, valid)):
        cookies = f"{TC_NAME}={TEXT}; " + header(*pair)
        assert visit(cookies=cookies).allows(2) is True
    assert visit(cookies=f"{TC_NAME}={TEXT}; " + header(old)).allows(2) is False


# --------------------------------------------------------------------------- completeness


def test_r12_with_everything_answered_nobody_is_asked() -> None:
    config = config_of(notice_of((2, 28, 30), custom=[]))
    seen = visit(config, tc([], [300], days=300))
    assert seen.collect_reason == "complete" and not seen.should_collect and not seen.partial
    nobody = visit(config)
    assert nobody.collect_reason == "no-choice" and nobody.partial
    both = config_of(
        notice_of(custom=[vendor("own", ["p1"])], notice={"daysBeforeShowingAgain": 5})
    )
    assert visit(both, agreed(days=3)).collect_reason == "within-window"
    assert visit(both, agreed(days=6)).collect_reason == "new-vendor"
    assert visit(both, agreed(days=6), agree("own", purposes=["p1"])).collect_reason == "complete"


# ------------------------------------------------------------------------- who is told


def test_others_are_told_the_string() -> None:
    seen = visit(tc=TEXT, token=agree("own", purposes=["p1"]))
    assert seen.tc_string == TEXT
    assert seen.current()["consent_string"] == TEXT
    assert seen.lists()["consent_string"] == TEXT
    assert seen.data_layer()["didomiIABConsent"] == TEXT
    assert seen.fill_macros("//x/?c={gdpr_consent}&g={gdpr}") == f"//x/?c={TEXT}&g=1"
    macro = "{gdpr_consent_vendor}{gdpr_consent_vendor_raw}"
    assert seen.fill_macros(macro, vendor=2, vendor_raw=2) == "11"
    assert seen.fill_macros(macro, vendor="iab:28", vendor_raw="28") == "00"
    assert TEXT not in repr(seen) and all(TEXT not in repr(one) for one in seen.diagnostics)


def test_the_lists_are_those_of_the_string_and_the_token() -> None:
    seen = visit(tc=TEXT, token=agree("own", purposes=["p1"]))
    lists = seen.lists()
    assert set(lists["purposes"]["consent"]["enabled"]) >= {*ids(1, 2, 7), "p1"}
    assert "market_research" not in lists["purposes"]["legitimate_interest"]["enabled"]
    assert {2, 30, "c:own"} <= set(lists["vendors"]["consent"]["enabled"])
    assert 28 in lists["vendors"]["consent"]["disabled"]
    assert 30 in lists["vendors"]["legitimate_interest"]["enabled"]
    assert {2, 30} <= set(lists["vendors"]["global"]["enabled"])
    assert 28 in lists["vendors"]["global"]["disabled"]
    current = seen.current()
    assert current["vendors"]["2"]["enabled"] and not current["vendors"]["28"]["enabled"]
    assert current["purposes"]["cookies"]["enabled"] is True


def test_the_data_layer_tells_of_listed_vendors() -> None:
    """The vector `datalayer/prefixed`, its vendor of the list and all."""
    entries = json.loads((VECTORS / "didomi.json").read_text("ascii"))
    entry = next(one for one in entries if one["name"] == "datalayer/prefixed")
    (number,) = [int(name[4:]) for name in entry["input"] if name.startswith("iab:")]
    own = [name[2:] for name in entry["input"] if name.startswith("c:")]
    assert {f"iab:{number}", *(f"c:{name}" for name in own)} <= set(entry["input"])
    layer = full([vendor(name, ["cookies"]) for name in own])
    layer["app"]["vendors"].update(page([number])["app"]["vendors"])
    if "didomi:google" in entry["input"] or "google" in entry["input"]:
        layer["app"]["vendors"]["didomi"] = ["google"]
    gvl = {"vendorListVersion": 106, "vendors": {str(number): {"purposes": [1]}}}
    google = {"vendors": {"google": {"purposes": ["cookies"]}}}
    seen = visit(
        cp.Config(layer, gvl=gvl, catalog=google),
        tc([1], [number]),
        agree("google", *own, purposes=["cookies"]),
    )
    variables = seen.data_layer()
    shown = variables["didomiVendorsConsent"]
    assert isinstance(shown, str)
    assert sorted(shown.split(",")) == sorted(entry["expected"].split(","))
    assert variables["didomiVendorsConsentUnknown"] == ""


def test_the_key_of_a_page_follows_the_string() -> None:
    config = config_of()
    gates = [config.gate(2), config.gate("own")]
    keys = {visit(config, text).key(gates) for text in (TEXT, tc([1, 2, 7], [2]), nothing())}
    assert len(keys) == 2


# ----------------------------------------------------------------------------- hostile

HOSTILE = json.loads((VECTORS / "tcf.json").read_text("ascii"))
GENERATED = [
    (entry["id"], g["prefix"] + g["unit"] * g["repeat"] + g["suffix"])
    for entry in HOSTILE["malformed_generated"]
    for g in [entry["gen"]]
]
BOMBS = [(entry["id"], entry["tc"]) for entry in HOSTILE["hostile"]]


@pytest.mark.parametrize(("name", "text"), [*BOMBS, *GENERATED], ids=lambda value: str(value)[:24])
def test_hostile_strings_get_a_verdict_quickly(name: str, text: str) -> None:
    config = config_of(notice_of(consentpy={"cmpIds": "any"}))
    own = agree("own", purposes=["p1"])
    for sent in (
        {TC_NAME: text, "didomi_token": cookie_of({**own, "vendors": {"enabled": ["c:own"]}})},
        f"{TC_NAME}={text}".encode(),
        header(*4 * [text], name=TC_NAME).encode(),
    ):
        with within(0.05 if len(text) < 65_536 else 0.2):
            seen = visit(config, cookies=sent)
            verdicts(seen)
            seen.explain(2)
        with within(0.5):
            seen.tc_data()
            seen.set(now=NOW)
        if len(text) > 16_384:  # a value of this size is not read
            dated = isinstance(sent, dict)  # by the token
            assert {**told(seen), "updated": None} == NOTHING_TOLD and seen.vendor(2) is None
            assert (seen.updated is not None) is dated
    assert visit(config, cookies={TC_NAME: text}).allows(217) is False


def test_the_bombs_that_are_read_say_what_they_say() -> None:
    """16 KiB and less: the restrictions in them shut their vendors."""
    config = config_of(notice_of((1, 2), custom=[], consentpy={"cmpIds": "any"}))
    (text,) = [text for name, text in BOMBS if name == "m-bomb-restr-records"]
    decoded = cp.tcf.decode(text)
    try:
        strict = cp.tcf.decode(text, strict=True)
    except cp.DecodeError:
        strict = None
    updated = decoded.last_updated.astimezone(timezone.utc)
    seen = visit(config, text, now=updated + timedelta(hours=1))
    assert (seen.tc_string == text) is (strict is not None)
    rules = {(rule.purpose_id, rule.type) for rule in decoded.publisher_restrictions}
    if any((number, 0) in rules for number in (1, 2, 7)):
        assert seen.allows(2) is False


@pytest.mark.parametrize("sent", [b"\xff\xfe", b"C\x00", b"\r\n", "é", "\ud800", "C" * 16_385])
def test_bytes_that_are_no_text_are_no_string(sent: Any) -> None:
    for cookies in ({TC_NAME: sent}, {TC_NAME: sent, "didomi_token": "!"}):
        assert told(visit(cookies=cookies)) == NOTHING_TOLD
    if isinstance(sent, bytes):
        raw = TC_NAME.encode() + b"=" + sent + b"; x=y"
        assert told(visit(cookies=raw)) == NOTHING_TOLD


def test_the_same_string_twice_gives_the_same_answers() -> None:
    config = config_of()
    one, two = visit(config, TEXT), visit(config, cookies=f"{TC_NAME}={TEXT}".encode())
    assert answers(one) == answers(two) and verdicts(one) == verdicts(two)


# ----------------------------------------------------------------- the permission vectors

EVALUATE = json.loads((VECTORS / "evaluate_tcf.json").read_text("ascii"))["cases"]
PURPOSE_CASES = [case for case in EVALUATE if case["query"]["kind"] == "purpose"]


def of_case(case: dict[str, Any]) -> tuple[cp.Status, int, str]:
    """The case's string, met by a notice that has its vendor with the purpose asked for alone."""
    vendor_id, number = case["vendor_id"], case["query"]["id"]
    entry = dict(case["gvl"]["vendors"].get(str(vendor_id), {}))
    for key in ("purposes", "legIntPurposes", "flexiblePurposes"):
        entry[key] = [one for one in entry.get(key, []) if one == number]
    entry["specialFeatures"] = []  # their answers are not in the string
    gvl = {**case["gvl"], "vendors": {str(vendor_id): entry} if len(entry) > 3 else {}}
    layer = page([vendor_id])
    layer["app"]["consentDuration"] = 10**9
    layer["app"]["purposes"] = list(ids(number)) if number <= 11 else []
    layer["consentpy"] = {"cmpIds": "any", "tcf": case["options"], "clockSkewSeconds": 10**9}
    now = datetime.fromisoformat(case["now"].replace("Z", "+00:00"))
    config = cp.Config(layer, gvl=gvl)
    return visit(config, case["tc"], now=now), vendor_id, ids(number)[0] if number <= 11 else ""


def exact(case: dict[str, Any]) -> bool:
    """No room for a stricter answer: one basis, nothing moved, nothing exempt, not Google."""
    tags = set(case["tags"])
    deleted = "deletedDate" in case["gvl"]["vendors"].get(str(case["vendor_id"]), {})
    moved = "flexible" in tags and tags & {"restriction_1", "restriction_2"}
    flexible = bool(case["gvl"]["vendors"].get(str(case["vendor_id"]), {}).get("flexiblePurposes"))
    exempt = case["expected"]["reason"] == "purpose_one_exempt"
    unclear = case.get("ambiguous") or case["vendor_id"] == 755 or case["query"]["id"] > 11
    return not (deleted or moved or flexible or exempt or unclear)


@pytest.mark.parametrize("case", PURPOSE_CASES, ids=[case["id"] for case in PURPOSE_CASES])
def test_r12_no_laxer_than_the_framework(case: dict[str, Any]) -> None:
    """Allowed here is allowed by the whole rule for that purpose; and where nothing leaves a
    choice, the other way round too."""
    seen, vendor_id, purpose = of_case(case)
    expected = case["expected"]["allowed"]
    if seen.allows(vendor_id):
        assert expected
    if exact(case):
        assert seen.allows(vendor_id) is expected
    reason = case["expected"]["reason"]
    if reason in ("invalid_string", "not_service_specific", "policy_version_too_old",
                  "missing_disclosed_segment"):  # fmt: skip
        assert seen.tc_string == "" and seen.vendor(vendor_id) is not True
    elif reason == "vendor_not_disclosed":
        assert seen.vendor(vendor_id) is None and seen.vendor(vendor_id, True) is None
    elif "purpose_one_exempt_countries" in case["options"]:
        return  # the bare signal says no, the exemption yes
    elif seen.notice.vendors and purpose and exact(case):
        both = seen.vendor(vendor_id) is True and seen.purpose(purpose) is True
        assert both is case["expected"]["consent_ok"]
        both = seen.vendor(vendor_id, True) is True and seen.purpose(purpose, True) is True
        assert both is case["expected"]["li_ok"]


def test_the_exact_vectors_are_many() -> None:
    counted = [case["expected"]["allowed"] for case in PURPOSE_CASES if exact(case)]
    assert counted.count(True) > 50 and counted.count(False) > 100


def test_the_usual_list_has_what_these_suites_take_from_it() -> None:
    assert {2, 9, 28, 30, 56, 57, 217, 755} <= set(GVL.vendors)


def test_a_diagnostic_names_the_cookie_that_it_is_about() -> None:
    sent = {TC_NAME: "C!", "didomi_dcs": "C!", "didomi_token": "!"}
    assert {one.code: one.path for one in visit(cookies=sent).diagnostics} == {
        "tc_unreadable": TC_NAME,
        "dcs_unreadable": "didomi_dcs",
        "bad_base64": "didomi_token",
    }
