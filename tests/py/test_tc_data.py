"""`tc_string`, `addtl_consent`, `tc_data()` and the publisher's country: what others are handed (R12)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from string_world import (
    EVERY,
    ON_LI,
    TC_NAME,
    agreed,
    config_of,
    cookie_of,
    dcs,
    ids,
    nothing,
    notice_of,
    tc,
    visit,
)
from tc_bits import ALPHABET, text_of, vendor_set
from vendor_lists import listed, vendor_list

import consentpy as cp
from helpers import DAY, NOW, ago, agree, fields, optout, pack, plain_merge, refuse, within

WHOLE = tc(
    [1, 2, 4],
    [2, 5],
    li=[2, 7],
    vendors_li=[3],
    disclosed=[2, 3, 4],
    cmp_version=12,
    use_non_standard_texts=True,
    publisher_cc="FR",
    special_feature_optins=[2],
    publisher_restrictions=[
        {"purpose_id": 2, "type": 1, "ids": "5,7-8"},
        {"purpose_id": 7, "type": 0, "ids": "5"},
    ],
    publisher_tc={
        "consents": [1, 3],
        "legitimate_interests": [2],
        "num_custom_purposes": 3,
        "custom_consents": [2],
        "custom_legitimate_interests": [3],
    },
)


def flags(*set_ids: int) -> dict[str, bool]:
    return {str(n): n in set_ids for n in range(1, max(set_ids, default=0) + 1)}


# ------------------------------------------------------------------------------ tc_data


def test_everything_that_a_string_tells() -> None:
    assert visit(tc=WHOLE).tc_data() == {
        "gdprApplies": True,
        "tcString": WHOLE,
        "tcfPolicyVersion": 5,
        "cmpId": 7,
        "cmpVersion": 12,
        "isServiceSpecific": True,
        "useNonStandardTexts": True,
        "publisherCC": "FR",
        "purposeOneTreatment": False,
        "purpose": {"consents": flags(1, 2, 4), "legitimateInterests": flags(2, 7)},
        "vendor": {
            "consents": flags(2, 5),
            "legitimateInterests": flags(3),
            "disclosedVendors": flags(2, 3, 4),
        },
        "specialFeatureOptins": flags(2),
        "publisher": {
            "consents": flags(1, 3),
            "legitimateInterests": flags(2),
            "customPurpose": {"consents": flags(2), "legitimateInterests": flags(3)},
            "restrictions": {"2": {"5": 1, "7": 1, "8": 1}, "7": {"5": 0}},
        },
    }


def test_what_is_empty_is_there() -> None:
    data = visit(tc=tc()).tc_data()
    assert data["vendor"] == {"consents": {}, "legitimateInterests": {}, "disclosedVendors": {}}
    assert data["purpose"] == {"consents": {}, "legitimateInterests": {}}
    assert data["specialFeatureOptins"] == {}
    assert data["publisher"]["restrictions"] == {}
    assert data["publisher"]["customPurpose"] == {"consents": {}, "legitimateInterests": {}}
    assert data["publisherCC"] == "AA" and data["useNonStandardTexts"] is False
    exempt = visit(tc=tc(purpose_one_treatment=True)).tc_data()
    assert exempt["purposeOneTreatment"] is True


def test_it_is_json_and_a_new_dict() -> None:
    seen = visit(tc=WHOLE)
    data = seen.tc_data()
    assert json.loads(json.dumps(data)) == data
    data["vendor"]["consents"]["2"] = False
    assert seen.tc_data()["vendor"]["consents"]["2"] is True


def test_without_a_string_the_law_is_told() -> None:
    bare = {"gdprApplies": True, "tcString": ""}
    assert visit().tc_data() == bare
    assert visit(token=agree("own", purposes=["p1"])).tc_data() == bare
    assert visit(tc=agreed(cmp=31)).tc_data() == bare
    assert visit(tc="garbage").tc_data() == bare
    assert visit(tc=agreed(days=400)).tc_data() == bare
    void = {**agree("own"), "updated": ago(400 * DAY)}
    assert visit(tc=agreed(), token=void).tc_data() == bare


def test_where_the_gdpr_does_not_apply_only_that_is_told() -> None:
    config = config_of(optout(notice_of()))
    for country, region in (("US", "CA"), ("JP", None)):
        seen = visit(config, agreed(), country=country, region=region)
        assert seen.tc_data() == {"gdprApplies": False}
        assert seen.tc_string == "" and seen.addtl_consent == ""


def test_a_bot_that_is_not_asked_has_none() -> None:
    config = config_of(notice_of(user={"bots": {"consentRequired": False}}))
    seen = visit(config, agreed(), user_agent="Googlebot/2.1")
    assert seen.tc_string == "" and seen.addtl_consent == ""
    assert "tcfPolicyVersion" not in seen.tc_data() and not seen.tc_data().get("tcString")


def test_a_claim_of_all_vendors_is_bounded() -> None:
    text = tc([1], "1-65535", vendors_li="1-65535", disclosed="1-65535")
    seen = visit(tc=text)
    with within(0.02):
        data = seen.tc_data()
    highest = max(vendor_list()["vendors"], key=int)
    for told in data["vendor"].values():
        assert list(told)[-1] == highest and told[highest] is True


@pytest.mark.parametrize("sent", [{TC_NAME: WHOLE}, f'x=y; {TC_NAME}="{WHOLE}"'.encode()])
def test_the_string_in_force_is_the_text_that_was_sent(sent: Any) -> None:
    seen = visit(cookies=sent)
    assert seen.tc_string == WHOLE and type(seen.tc_string) is str
    assert cp.tcf.decode(seen.tc_string, strict=True).to_dict()["cmp_id"] == 7


# ------------------------------------------------------------------------ app.country


@pytest.mark.parametrize(("given", "expected"), [("fr", "FR"), ("FR", "FR"), (None, None)])
def test_the_publishers_country_chooses_no_law(given: Any, expected: Any) -> None:
    config = config_of(notice_of(app={"country": given}))
    seen = visit(config, WHOLE)
    assert seen.notice.publisher_country == expected
    assert seen.tc_data()["publisherCC"] == "FR"  # what the string says
    other = visit(config, tc(publisher_cc="DE"))
    assert other.tc_data()["publisherCC"] == "DE"
    assert visit(config, agreed(), country="JP").notice.regulation == "none"


# ---------------------------------------------------------------------- addtl_consent

GOOGLE_LIST = vendor_list(listed(2, [1]), listed(755, [1, 3], [7]))


def ac_field(consent: set[int], interest: set[int] | None = None, unit: int = 24) -> str:
    """The token's `ac`: two vendor sets of the framework in base64url, joined by a dot."""
    return f"{text_of(vendor_set(consent), unit)}.{text_of(vendor_set(interest or set()), unit)}"


def google(full_list: bool = True, **additional: Any) -> cp.Config:
    """A notice with Google and vendor 2 of the list."""
    own: dict[str, Any] = {"fullATP": full_list, "additionalConsent": additional}
    layer = notice_of((2, 755), custom=[], app={"vendors": {"google": own}})
    return config_of(layer, gvl=GOOGLE_LIST)


def token(ac: Any = None, says: Any = agree, **more: Any) -> str:
    lists = says("google", purposes=[])
    return pack(fields({**lists, **({} if ac is None else {"ac": ac}), **more}))


STRING = tc([1, 3], [2], li=[7], vendors_li="1-2")


@pytest.mark.parametrize("unit", [6, 8, 24])
def test_the_full_list_gives_the_providers_of_the_token(unit: int) -> None:
    for consent, expected in (
        ({1, 35, 41, 101}, "1~1.35.41.101"),
        ({7}, "1~7"),
        (set(), "1~"),
        (set(range(300, 400)), "1~" + ".".join(map(str, range(300, 400)))),
    ):
        seen = visit(google(), STRING, token(ac_field(consent, {9, 500}, unit)))
        assert seen.allows("google")
        assert seen.addtl_consent == expected
        assert cp.ac.decode(seen.addtl_consent).consented == tuple(sorted(consent))


def test_it_is_told_with_the_string() -> None:
    seen = visit(google(), STRING, token(ac_field({7, 9})))
    assert seen.tc_data()["addtlConsent"] == "1~7.9"
    assert seen.current()["addtl_consent"] == seen.lists()["addtl_consent"] == "1~7.9"
    without = visit(google(False), STRING, token(ac_field({7, 9})))
    assert without.addtl_consent == "" and "addtlConsent" not in without.tc_data()


def test_it_needs_google_with_all_purposes() -> None:
    ac = ac_field({7, 9})
    no: list[tuple[str | None, str]] = [
        (tc([1], [2], li=[7], vendors_li="1-2"), token(ac)),  # purpose 3 is missing
        (tc([1, 3], [2], li=[9], vendors_li="1-2"), token(ac)),  # 7 on legitimate interest
        (nothing(), token(ac)),
        (STRING, token(ac, refuse)),
        (STRING, token(ac, vendors={}, vendors_li={})),
    ]
    for text, sent in no:
        assert visit(google(), text, sent).addtl_consent == ""


def test_without_the_full_list_the_configured_strings_are_handed_out() -> None:
    config = google(False, positive="1~1.2.3", negative="1~9")
    assert visit(config, STRING, token(ac_field({7}))).addtl_consent == "1~1.2.3"
    assert visit(config, STRING, token(ac_field({7}), refuse)).addtl_consent == "1~9"
    assert visit(config, nothing(), token()).addtl_consent == "1~9"
    only = google(False, positive="1~1.2.3")
    assert visit(only, STRING, token()).addtl_consent == "1~1.2.3"
    assert visit(only, STRING, token(None, refuse)).addtl_consent == ""
    for odd in (None, 7, ["1~1"], {}, True):
        assert visit(google(False, positive=odd, negative=odd), STRING, token()).addtl_consent == ""


@pytest.mark.parametrize("yes", [1, "true", None, {}])
def test_the_full_list_is_asked_for_with_true_alone(yes: Any) -> None:
    config = google(yes, positive="1~1.2.3")
    assert visit(config, STRING, token(ac_field({7}))).addtl_consent == "1~1.2.3"


@pytest.mark.parametrize(
    "ac",
    [
        "",
        ".",
        "!",
        "AAA",
        "AAAA",
        "A.A",
        "AAAA.AAAA.AAAA",
        "D_8Q.AAAA",
        "é.é",
        7,
        None,
        ["AAAA"],
        {},
    ],
)
def test_what_cannot_be_read_in_the_token_is_no_provider(ac: Any) -> None:
    """A wrong type may as well spoil the token: in no case is a provider named."""
    lists = {**agree("google"), "ac": ac}
    seen = visit(google(), STRING, pack(fields(lists)))
    assert seen.addtl_consent in ("", "1~")


def test_a_truncated_or_vast_set_is_bounded() -> None:
    ranges = (
        format(65_535, "016b")
        + "1"
        + format(4095, "012b")
        + ("1" + "0" * 15 + "1" + "1" * 16) * 300
    )
    sets = [
        ranges,
        format(65_535, "016b") + "0" + "1" * 100,
        format(65_535, "016b") + "1" + "0" * 12,
    ]
    for bits in sets:
        bits += "0" * (-len(bits) % 6)
        text = "".join(ALPHABET[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))
        with within(0.2):
            seen = visit(google(), STRING, token(f"{text}.AAAA"))
            assert seen.addtl_consent in ("", "1~")


def test_there_is_none_without_google_or_the_law() -> None:
    sent = token(ac_field({7}))
    assert visit(config_of(notice_of((2,))), STRING, sent).addtl_consent == ""
    assert visit(google(), STRING, sent, country="JP").addtl_consent == ""
    opt_out = config_of(
        optout(notice_of((2, 755), app={"vendors": {"google": {"fullATP": True}}})), gvl=GOOGLE_LIST
    )
    cookies = {"didomi_token_cpra": sent, TC_NAME: STRING}
    assert visit(opt_out, cookies=cookies, country="US", region="CA").addtl_consent == ""
    assert visit(google(), STRING, sent, now=NOW.replace(year=2028)).addtl_consent == ""


def test_a_string_of_numbers_has_no_providers() -> None:
    """The DCS that goes before the token has no `ac`: nothing of the loser counts."""
    catalog = {"vendors": {"google": {"num": 2, "purposes": ["cookies"]}}}
    layer = notice_of((2, 755), custom=[], app={"vendors": {"google": {"fullATP": True}}})
    config = config_of(layer, gvl=GOOGLE_LIST, catalog=catalog)
    seen = visit(
        config, STRING, token(ac_field({7}), updated=ago(9000)), dcs=dcs(vendors=([2], []))
    )
    assert seen.allows("google") and seen.addtl_consent in ("", "1~")


def test_of_several_tokens_only_what_all_name_is_handed_out() -> None:
    one, two = token(ac_field({7, 9, 11})), token(ac_field({9, 11, 13}))
    raw = f"{TC_NAME}={STRING}; didomi_token={one}; didomi_token={two}"
    seen = visit(google(), cookies=raw)
    named = set(cp.ac.decode(seen.addtl_consent).consented) if seen.addtl_consent else set()
    assert named <= {9, 11}


def test_all_strings_are_texts_wherever_a_visitor_is() -> None:
    sent = {TC_NAME: STRING, "didomi_token": token(ac_field({7}))}
    for country, region in (("FR", None), ("US", "CA"), ("JP", None), (None, None)):
        seen = visit(google(), cookies=sent, country=country, region=region)
        assert type(seen.tc_string) is str and type(seen.addtl_consent) is str
        for name in ("consent_string", "addtl_consent", "didomi_dcs", "gpp_string"):
            assert isinstance(seen.current()[name], str)
        assert seen.current()["consent_string"] == seen.tc_string


def test_the_merged_configuration_of_the_country_counts() -> None:
    layer = plain_merge(
        notice_of((2, 755), custom=[]),
        {"configByCountry": {"DE": {"app": {"vendors": {"google": {"fullATP": True}}}}}},
    )
    config = config_of(layer, gvl=GOOGLE_LIST)
    sent = token(ac_field({7}))
    assert visit(config, STRING, sent, country="DE").addtl_consent == "1~7"
    assert visit(config, STRING, sent).addtl_consent == ""


def test_ids_are_those_of_the_list_of_purposes() -> None:
    """`purpose.consents` counts in numbers what the Status calls by text."""
    every = config_of(notice_of(app={"purposes": list(ids(*EVERY))}))
    seen = visit(every, tc=tc([1, 7, 11], [2], li=ON_LI))
    for number, given in seen.tc_data()["purpose"]["consents"].items():
        assert seen.purpose(ids(int(number))[0]) is given


def test_a_token_alone_hands_out_no_string() -> None:
    seen = visit(cookies={"didomi_token": cookie_of(agree("c:own", purposes=["p1"]))})
    assert seen.tc_string == "" and seen.current()["consent_string"] == ""
