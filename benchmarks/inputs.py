"""The inputs of one run: generated, or read from a folder with files of the same names."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import make_inputs

# What the console knows about Didomi's own vendors, given to every contender alike, so that all of
# them resolve these ids in the same way.
CATALOG: dict[str, Any] = {
    "vendors": {
        "google": {"name": "Google", "purposes": ["cookies", "select_basic_ads"]},
        "amazon": {"name": "Amazon", "purposes": ["cookies"]},
        "salesforce": {"name": "Salesforce", "purposes": ["cookies"]},
        "facebook": {"name": "Facebook", "purposes": ["cookies"]},
        "twitter": {"name": "Twitter", "purposes": ["cookies"]},
    }
}

LISTS = ("purposes", "vendors", "purposes_li", "vendors_li")

IAB_PURPOSE_IDS = frozenset(
    """cookies select_basic_ads create_ads_profile select_personalized_ads create_content_profile
    select_personalized_content measure_ad_performance measure_content_performance market_research
    improve_products use_limited_data_to_select_content geolocation_data device_characteristics""".split()
)


@dataclass(frozen=True)
class Inputs:
    """Everything that the rows read. `now` is in epoch seconds, three days after the tokens."""

    source: str
    plain: dict[str, Any]  # the token, decoded
    tokens: tuple[str, ...]  # variants of it that differ in user and minute, as cookie values
    token_config: str  # JSON text of a configuration that knows every id of the token
    big: str
    big_doubled: str
    # file stem -> country -> sha256 of the effective configuration
    digests: dict[str, dict[str, str]]
    now: float = make_inputs.NOW

    @property
    def texts(self) -> tuple[str, ...]:
        """The JSON text inside each token, for peers that are not asked to undo base64."""
        return tuple(json.dumps(decode(token)) for token in self.tokens)


def decode(token: str) -> dict[str, Any]:
    """The object inside a token of these inputs."""
    plain = json.loads(base64.b64decode(token))
    assert isinstance(plain, dict)
    return plain


def load(folder: Path | None = None) -> Inputs:
    """Generated inputs, or those of a folder (`didomi_token.json`, `config_big.json`, …)."""
    digests: dict[str, dict[str, str]] = {}
    if folder is None:
        plain = make_inputs.make_token()
        big = json.dumps(make_inputs.make_config(1))
        doubled = json.dumps(make_inputs.make_config(2))
        source = "generated"
    else:
        plain = decode(json.loads((folder / "didomi_token.json").read_text("ascii"))["typ30"])
        big = (folder / "config_big.json").read_text("ascii")
        doubled = (folder / "config_big2x.json").read_text("ascii")
        source = "given folder"
        check = folder / "config_merged_sha256.json"
        if check.exists():
            digests = json.loads(check.read_text("ascii"))
    return Inputs(
        source=source,
        plain=plain,
        tokens=tuple(variants(plain)),
        token_config=json.dumps(config_for(plain)),
        big=big,
        big_doubled=doubled,
        digests=digests,
    )


def variants(plain: dict[str, Any], count: int = 16) -> list[str]:
    """The same choices by several visitors: nothing that remembers the last cookie value helps."""
    tokens = [make_inputs.encode_token(plain)]
    for i in range(1, count):
        updated = plain["updated"].replace(":32.", f":{i + 10}.")
        tokens.append(
            make_inputs.encode_token(
                {**plain, "user_id": f"{i:08x}{plain['user_id'][8:]}", "updated": updated}
            )
        )
    assert len(set(tokens)) == count
    return tokens


def config_for(plain: dict[str, Any]) -> dict[str, Any]:
    """A configuration that knows every id of a token, so that the whole of it is decoded into use."""

    def ids(name: str) -> list[str]:
        lists = plain.get(name, {})
        return [*lists.get("enabled", ()), *lists.get("disabled", ())]

    purposes = list(dict.fromkeys([*ids("purposes"), *ids("purposes_li")]))
    on_consent, on_interest = ids("purposes"), ids("purposes_li")
    interested = set(ids("vendors_li"))
    custom, didomi = [], []
    for i, sdk_id in enumerate(dict.fromkeys([*ids("vendors"), *ids("vendors_li")])):
        if not sdk_id.startswith("c:"):
            didomi.append(sdk_id)
            continue
        # Two purposes each, rotated, so that every purpose has a vendor.
        used = {on_consent[i % len(on_consent)], on_consent[(3 * i + 1) % len(on_consent)]}
        custom.append(
            {
                "id": sdk_id[2:],
                "name": sdk_id[2:],
                "purposeIds": sorted(used),
                "legIntPurposeIds": sorted(set(on_interest)) if sdk_id in interested else [],
            }
        )
    return {
        "app": {
            "vendors": {"didomi": didomi, "custom": custom},
            "customPurposes": [
                {"id": p, "name": {"en": p}} for p in purposes if p not in IAB_PURPOSE_IDS
            ],
        },
        "notice": {"daysBeforeShowingAgain": 30},
    }


def tokens_for(config: dict[str, Any], count: int, seed: int = 3) -> list[str]:
    """Tokens of visitors of a configuration who chose at random, some everything and some nothing."""
    rng = random.Random(seed)
    vendors = [f"c:{v['id']}" for v in config["app"]["vendors"]["custom"]]
    purposes = sorted({p["id"] for p in config["app"]["customPurposes"]} | IAB_PURPOSE_IDS)
    tokens = []
    for i in range(count):
        share = (1.0, 0.0, 0.9, 0.6)[i % 4]
        plain: dict[str, Any] = {
            "user_id": f"{i:08x}-0000-6000-8000-000000000000",
            "created": make_inputs.TOKEN_TIME,
            "updated": make_inputs.TOKEN_TIME,
            "version": 2,
        }
        for name in LISTS:
            pool = rng.sample(vendors, min(60, len(vendors))) if "vendors" in name else purposes
            enabled = [x for x in pool if rng.random() < share]
            refused = set(pool) - set(enabled)
            plain[name] = {
                "enabled": enabled,
                "disabled": sorted(x for x in refused if rng.random() < 0.7),
            }
        tokens.append(make_inputs.encode_token(plain))
    return tokens


def digest(effective: dict[str, Any]) -> str:
    """The fingerprint that the check files of a folder hold for one country."""
    text = json.dumps(effective, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
