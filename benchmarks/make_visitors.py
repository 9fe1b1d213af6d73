"""Generated visitors of a notice with a vendor list, and TC strings of the kinds that rows 4 to 6 read.

The strings are written here, bit by bit, so that no contender reads what it has written itself. The
shapes are those of a large site: 27 custom vendors, a list of about 980 vendors, a token of 1.5 KB, a
TC string with disclosed vendors, both cookies among eight others in a header of 2.6 KB.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from benchmarks.make_inputs import encode_token, sentence, vendor_id

NOW = "2026-03-20T09:41:27Z"
COUNTRY = "FR"
LARGEST = 1428  # of the ids of the list
PURPOSES = """cookies select_basic_ads create_ads_profile select_personalized_ads create_content_profile
select_personalized_content measure_ad_performance measure_content_performance market_research
improve_products use_limited_data_to_select_content""".split()
FEATURES = ["geolocation_data", "device_characteristics"]
ON_INTEREST = (2, 7, 8, 9, 10, 11)  # purposes that may rest on legitimate interest
OWN = "analytics audience market social content video abtest support required security".split()
ESSENTIAL = OWN[-2:]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Pairs = Sequence[tuple[int, int]]


def number(value: int, width: int) -> str:
    return format(value, f"0{width}b")


def field(ids: Iterable[int], width: int) -> str:
    chosen = set(ids)
    return "".join("1" if i in chosen else "0" for i in range(1, width + 1))


def letters(text: str) -> str:
    return "".join(number(ord(c) - 65, 6) for c in text)


def text_of(bits: str) -> str:
    """A segment as text, filled up to 24 bits."""
    bits += "0" * (-len(bits) % 24)
    return "".join(ALPHABET[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))


def bit_field(ids: Iterable[int], largest: int) -> str:
    return number(largest, 16) + "0" + field(ids, largest)


def entries(pairs: Pairs) -> str:
    found = number(len(pairs), 12)
    for first, last in pairs:
        found += "0" + number(first, 16) if first == last else "1" + number(first, 16)
        found += "" if first == last else number(last, 16)
    return found


def ranges(pairs: Pairs) -> str:
    return number(max((last for _, last in pairs), default=0), 16) + "1" + entries(pairs)


def restriction(purpose: int, kind: int, pairs: Pairs) -> str:
    return number(purpose, 6) + number(kind, 2) + entries(pairs)


def core(
    vendors: str,
    interests: str,
    purposes: Iterable[int] = range(1, 12),
    purposes_li: Iterable[int] = ON_INTEREST,
    features: Iterable[int] = (1, 2),
    day: int = 20000,
    restrictions: Sequence[str] = (),
) -> str:
    """The core segment; `day` counts from 1970."""
    date = number(day * 864_000, 36)
    head = number(2, 6) + date + date + number(7, 12) + number(1, 12) + number(1, 6) + letters("FR")
    head += number(106, 12) + number(5, 6) + "10" + field(features, 12)
    head += field(purposes, 24) + field(purposes_li, 24) + "0" + letters("FR")
    return text_of(
        head + vendors + interests + number(len(restrictions), 12) + "".join(restrictions)
    )


def disclosed(ids: Iterable[int], largest: int) -> str:
    return text_of("001" + bit_field(ids, largest))


def publisher_tc() -> str:
    return text_of("011" + field(range(1, 12), 24) + field(ON_INTEREST, 24) + number(0, 6))


def make_vendor_list(seed: int = 17) -> dict[str, Any]:
    """A list of about 980 vendors up to `LARGEST`, one in twelve of them deleted."""
    rng = random.Random(seed)
    ids = sorted({*rng.sample(range(2, LARGEST), 980), LARGEST})
    vendors: dict[str, Any] = {}
    for i in ids:
        on_interest = {p for p in ON_INTEREST if rng.random() < 0.3}
        vendors[str(i)] = {
            "id": i,
            "name": f"Vendor {i}",
            "purposes": [
                1,
                *(p for p in range(2, 12) if p not in on_interest and rng.random() < 0.6),
            ],
            "legIntPurposes": sorted(on_interest),
            "flexiblePurposes": [],
            "specialPurposes": [1, 2] if rng.random() < 0.6 else [],
            "features": [1, 2] if rng.random() < 0.5 else [],
            "specialFeatures": [n for n in (1, 2) if rng.random() < 0.25],
            "urls": [{"langId": "en", "privacy": f"https://vendor{i}.example/privacy"}],
        }
        if rng.random() < 1 / 12:
            vendors[str(i)]["deletedDate"] = "2024-06-01T00:00:00Z"

    def texts(names: list[str]) -> dict[str, Any]:
        return {
            str(i): {"id": i, "name": name, "description": sentence(rng, 12), "illustrations": []}
            for i, name in enumerate(names, 1)
        }

    return {
        "gvlSpecificationVersion": 3,
        "vendorListVersion": 106,
        "tcfPolicyVersion": 5,
        "lastUpdated": "2025-05-08T16:00:00Z",
        "purposes": texts(PURPOSES),
        "specialPurposes": texts(["security", "delivery"]),
        "features": texts(["matching", "linking", "identification"]),
        "specialFeatures": texts(FEATURES),
        "stacks": {},
        "vendors": vendors,
    }


def make_config(rng: random.Random) -> dict[str, Any]:
    """One notice: 27 custom vendors with purposes of both kinds, the whole list, two essential purposes."""
    custom = []
    for i in range(27):
        used = rng.sample(OWN[:-2], 2)
        interest: list[str] = []
        if i % 9 in (2, 7):
            used[1] = rng.choice(("cookies", "select_personalized_ads"))
        if i % 10 in (4, 7, 8):
            interest = [rng.choice(("support", "audience", "improve_products"))]
        if i % 13 == 9:
            used, interest = [rng.choice(ESSENTIAL)], []
        custom.append(
            {
                "id": vendor_id(rng),
                "name": f"Custom vendor {i}",
                "policyUrl": f"https://custom{i}.example/privacy",
                "purposeIds": used,
                "legIntPurposeIds": interest,
                "namespaces": {"num": 4100 + i},
            }
        )
    return {
        "app": {
            "name": "Example",
            "country": COUNTRY,
            "consentDuration": 15_811_200,
            "deniedConsentDuration": 7_776_000,
            "vendors": {
                "iab": {"all": True, "exclude": [], "version": 2, "restrictions": []},
                "didomi": [],
                "custom": custom,
            },
            "customPurposes": [{"id": p, "name": {"en": p.title()}} for p in OWN],
            "essentialPurposes": ESSENTIAL,
        },
        "notice": {"daysBeforeShowingAgain": 30},
        "regulations": {"gdpr": {"enabled": True}},
    }


def make_gates(config: dict[str, Any], vendors: dict[str, Any], rng: random.Random) -> list[Any]:
    """20 tags in several spellings of the ids: 11 of custom vendors, 9 of the list's."""
    gates: list[Any] = []
    for i, vendor in enumerate(config["app"]["vendors"]["custom"][:11]):
        used = [*vendor["purposeIds"], *vendor["legIntPurposeIds"]]
        spelled = f"c:{vendor['id']}" if i % 3 == 1 else vendor["id"]
        gates.append({"vendor": spelled, "purposes": used[: i % 3]})
    valid = [v for v in vendors.values() if "deletedDate" not in v]
    for i, vendor in enumerate(rng.sample(valid, 9)):
        name: Any = (vendor["id"], f"iab:{vendor['id']}", str(vendor["id"]))[i % 3]
        numbers: list[Any] = vendor["purposes"][: (i + 1) % 4]
        if i % 2:
            numbers = [PURPOSES[n - 1] for n in numbers]
        gates.append({"vendor": name, "purposes": numbers})
    return gates


OTHERS = "_ga _gid sessionid csrftoken _fbp lang theme _gcl_au".split()


def _lists(rng: random.Random, ids: Sequence[str], share: float) -> dict[str, list[str]]:
    shuffled = rng.sample(list(ids), len(ids))
    enabled = [x for x in shuffled if rng.random() < share]
    lists = {"enabled": enabled, "disabled": [x for x in shuffled if x not in set(enabled)]}
    return {name: items for name, items in lists.items() if items}


def make_visitor(
    rng: random.Random, mode: str, config: dict[str, Any], vendors: dict[str, Any]
) -> dict[str, Any]:
    """A visitor's two cookies of one day, and the header that carries them among eight others."""
    share = {"all": 1.0, "none": 0.0, "partial": 0.8}[mode]
    now = datetime.fromisoformat(NOW.replace("Z", "+00:00"))
    updated = now - timedelta(milliseconds=rng.randrange(86_400_000, 86 * 86_400_000))
    text = updated.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    custom = config["app"]["vendors"]["custom"]
    asked = [v for v in custom if not set(v["purposeIds"]) <= set(ESSENTIAL)]
    features = _lists(rng, FEATURES, share)
    purposes = _lists(rng, [*OWN[:-2], *FEATURES], share)
    purposes = {
        name: [p for p in purposes.get(name, []) if p not in FEATURES] + features.get(name, [])
        for name in ("enabled", "disabled")
    }
    token = {
        "user_id": f"{rng.getrandbits(32):08x}-0000-6000-8000-{rng.getrandbits(48):012x}",
        "created": text,
        "updated": text,
        "vendors": _lists(rng, [f"c:{v['id']}" for v in asked], share),
        "purposes": {name: items for name, items in purposes.items() if items},
        "vendors_li": _lists(rng, [f"c:{v['id']}" for v in custom if v["legIntPurposeIds"]], share),
        "purposes_li": _lists(rng, ["support", "audience"], share),
        "version": 2,
        "ac": "DE-AwAEIAhgA.DE-AwAEIAhgA",
    }
    valid = [int(i) for i, v in vendors.items() if "deletedDate" not in v]
    agreed = [i for i in valid if rng.random() < share]
    not_objected = [i for i in valid if vendors[str(i)]["legIntPurposes"] and rng.random() < share]
    string = core(
        bit_field(agreed, max(agreed, default=0)),
        bit_field(not_objected, max(not_objected, default=0)),
        [p for p in range(1, 12) if rng.random() < min(1.0, share * 1.15)],
        [p for p in ON_INTEREST if rng.random() < min(1.0, share * 1.15)],
        [FEATURES.index(f) + 1 for f in features.get("enabled", [])],
        day=updated.toordinal() - datetime(1970, 1, 1, tzinfo=timezone.utc).toordinal(),
    )
    cookies = {
        "didomi_token": encode_token(token),
        "euconsent-v2": f"{string}.{disclosed(valid, LARGEST)}",
    }
    noise = {name: base64.b16encode(rng.randbytes(12)).decode() for name in OTHERS}
    *before, last = noise.items()
    jar = [*before, *cookies.items(), last]
    return {
        "mode": mode,
        "cookies": cookies,
        "header": "; ".join(f"{name}={value}" for name, value in jar),
    }


def make_visitors(seed: int = 19) -> dict[str, Any]:
    """96 visitors in rotation: 67 agreed to everything, 14 to nothing, 15 chose one by one."""
    rng = random.Random(seed)
    vendor_list = make_vendor_list()
    config = make_config(rng)
    vendors = vendor_list["vendors"]
    modes = ["all"] * 67 + ["none"] * 14 + ["partial"] * 15
    rng.shuffle(modes)
    return {
        "config": config,
        "gvl": "gvl.json",
        "country": COUNTRY,
        "now": NOW,
        "gates": make_gates(config, vendors, rng),
        "visitors": [make_visitor(rng, mode, config, vendors) for mode in modes],
    }


def _pairs(rng: random.Random, count: int, step: int, longest: int) -> list[tuple[int, int]]:
    found, at = [], 1
    for _ in range(count):
        first = at + rng.randrange(1, step)
        at = first + rng.randrange(longest)
        found.append((first, at))
        at += 1
    return found


def make_strings(seed: int = 23) -> dict[str, str]:
    """`typ1000` (857 of 1000 vendors, bit fields), `typ1000_v23` (two segments more), `range300`."""
    rng = random.Random(seed)
    vendors = [*sorted(rng.sample(range(1, 1000), 856)), 1000]
    interests = sorted(rng.sample(vendors[:-1], 367))
    plain = core(bit_field(vendors, 1000), bit_field(interests, max(interests)), day=19675)
    restricted = [restriction(p, p % 2, _pairs(rng, 20, 50, 60)) for p in (2, 3, 7, 9, 10)]
    return {
        "typ1000": plain,
        "typ1000_v23": ".".join((plain, disclosed(vendors, 1000), publisher_tc())),
        "range300": core(
            ranges(_pairs(rng, 300, 4, 4)),
            ranges(_pairs(rng, 100, 12, 16)),
            day=19675,
            restrictions=restricted,
        ),
    }
