"""Deterministic inputs that look like real ones: a token of 1.6 KB, a configuration of 200 KB, its double.
(Visitors with both cookies, a vendor list and TC strings: benchmarks.make_visitors.)

Everything comes from seeded generators, so that two runs on two machines measure the same bytes. No id,
name or text in here belongs to a real visitor.

    python -m benchmarks.make_inputs FOLDER     writes the files that `--data FOLDER` reads back
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import string
from pathlib import Path
from typing import Any

# 2026-03-17T16:46:32.344Z, the day of every token; runs look at it three days later.
TOKEN_TIME = "2026-03-17T16:46:32.344Z"
NOW = 1_774_000_000.0

# The assigned codes of ISO 3166-1 and XK: every country that can have an override.
COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
""".split()

# ISO 639-1, in order; the big configuration has texts in the first 60, its double in 120.
LANGUAGES = """
aa ab af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv
ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd
ne ng nl nn no nr nv ny oc
""".split()

WORDS = (
    "we and our partners store access or process information on devices such as cookies personal data "
    "measurement audience insights for standard content ads sent by a device"
).split()

STEMS = (
    "tiktok facebook matomo abtasty googleana resauxso hotjar microsoft newrelic publicite partenaire "
    "kameleoon contentsq doubleclic"
).split()

# The IAB text ids that a custom vendor of the configuration may name beside the site's own purposes.
IAB_PURPOSES = ("cookies", "select_basic_ads", "measure_content_performance", "market_research")

OWN_PURPOSES = "analytics social market content ads improve video support".split()


def vendor_id(rng: random.Random) -> str:
    """An id as the console makes them: letters of a name, a dash, eight random characters."""
    tail = "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(8))
    return f"{rng.choice(STEMS)}-{tail}"


def sentence(rng: random.Random, words: int) -> str:
    """Text of the usual vocabulary of consent notices."""
    return " ".join(rng.choice(WORDS) for _ in range(words))


def encode_token(plain: dict[str, Any]) -> str:
    """A token as the SDK stores it: compact JSON in standard base64."""
    return base64.b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode()


def make_token(seed: int = 7) -> dict[str, Any]:
    """A visitor's token with 30 vendors and 10 purposes, most of them accepted; 1.6 KB when encoded."""
    rng = random.Random(seed)
    custom = [f"c:{vendor_id(rng)}" for _ in range(27)]
    return {
        "user_id": "0123abcd-4567-6abc-8def-0123456789ab",
        "created": TOKEN_TIME,
        "updated": TOKEN_TIME,
        "version": 2,
        "purposes": {
            "enabled": [
                "cookies",
                "geolocation_data",
                "device_characteristics",
                "improve_products",
                "analytics",
                "social",
                "video",
                "content_personalization",
            ],
            "disabled": ["market_research", "select_basic_ads"],
        },
        "vendors": {
            "enabled": ["salesforce", *custom[:22]],
            "disabled": ["google", "amazon", *custom[22:]],
        },
        "vendors_li": {"enabled": ["google", *custom[3:6]]},
        "purposes_li": {"enabled": ["cookies", "improve_products"]},
        "ac": "DE-AwAEIAhgA.DE-AwAEIAhgA",
    }


def make_config(scale: int = 1, seed: int = 11) -> dict[str, Any]:
    """The big configuration: 500 vendors, 8 purposes, 60 languages and 250 country overrides, times `scale`.

    There are only 250 countries, so a larger scale makes each override larger instead of adding some.
    """
    rng = random.Random(seed * 1000 + scale)
    purposes = [p if i == 0 else f"{p}{i + 1}" for i in range(scale) for p in OWN_PURPOSES]
    offered = [*purposes, *IAB_PURPOSES]
    languages = LANGUAGES[: 60 * scale]
    return {
        "app": {
            "name": "Example",
            "apiKey": "01234567-89ab-4cde-8f01-23456789abcd",
            "country": "FR",
            "logoUrl": "https://www.site.example/logo.png",
            "privacyPolicyURL": "https://www.site.example/privacy",
            "consentDuration": 15_552_000,
            "deniedConsentDuration": 3600,
            "vendors": {
                "iab": {"all": True, "exclude": [9], "version": 2, "minorVersion": 2},
                "didomi": ["google"],
                "custom": [
                    {
                        "id": vendor_id(rng),
                        "name": f"Vendor {i}",
                        "purposeIds": rng.sample(offered, 3),
                        "legIntPurposeIds": rng.sample(purposes, 1) if i % 5 == 0 else [],
                        "policyUrl": f"https://vendor{i}.example/privacy",
                        "namespaces": {"num": 5000 + i},
                    }
                    for i in range(500 * scale)
                ],
            },
            "customPurposes": [
                {
                    "id": p,
                    "name": {"en": p.title(), "fr": p.title()},
                    "description": {"en": sentence(rng, 12), "fr": sentence(rng, 12)},
                }
                for p in purposes
            ],
            "essentialPurposes": ["support"],
        },
        "languages": {"enabled": ["fr", "en"], "default": "en"},
        "notice": {
            "daysBeforeShowingAgain": 5,
            "position": "popup",
            "closeOnScroll": False,
            "content": {"notice": {lang: sentence(rng, 42) for lang in languages}},
        },
        "user": {"ignoreConsentBefore": "2020-09-09T00:00:00Z"},
        "regulations": {"gdpr": {"enabled": True, "additionalCountries": ["CH"]}},
        "configByCountry": {
            country: _override(rng, country, scale, languages) for country in COUNTRIES
        },
        "preferences": {
            "content": {"text": {lang: sentence(rng, 21) for lang in languages}},
            "denyAppliesToLI": True,
        },
    }


def _override(rng: random.Random, country: str, scale: int, languages: list[str]) -> dict[str, Any]:
    app: dict[str, Any] = {
        "country": country,
        "vendors": {
            "iab": {
                "all": False,
                "include": sorted(rng.sample(range(1, 1430), 6 * scale)),
                "exclude": [],
            }
        },
    }
    if rng.random() < 0.4:
        app["consentDuration"] = rng.randrange(7_776_000, 34_214_400)
    if rng.random() < 0.3:
        app["essentialPurposes"] = ["support", "improve"]
    over: dict[str, Any] = {
        "languages": {"enabled": rng.sample(languages, scale)},
        "app": app,
        "notice": {
            "daysBeforeShowingAgain": rng.randrange(5, 31),
            "content": {
                "notice": {lang: sentence(rng, 6) for lang in rng.sample(languages, scale)}
            },
        },
    }
    if scale > 1:
        over["preferences"] = {
            "content": {"text": {rng.choice(languages): sentence(rng, 15 * scale)}}
        }
    return over


def write(folder: Path) -> None:
    """Write the inputs as files of the names that `benchmarks.inputs` reads."""
    from benchmarks import make_visitors  # which takes its words from here

    folder.mkdir(parents=True, exist_ok=True)
    plain = make_token()
    files: dict[str, Any] = {
        "visitors.json": make_visitors.make_visitors(),
        "gvl.json": make_visitors.make_vendor_list(),
        "tc.json": make_visitors.make_strings(),
        "didomi_token.json": {"typ30": encode_token(plain)},
        "config_big.json": make_config(1),
        "config_big2x.json": make_config(2),
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="ascii")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the benchmark inputs into a folder.")
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
