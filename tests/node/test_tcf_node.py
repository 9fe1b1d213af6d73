"""TC strings against the official library, both ways, on fresh random worlds.

Needs node and npm, and the registry that npm is set up for; skipped with the reason otherwise.
CONSENTPY_WORLDS says how many worlds (2 000), CONSENTPY_SEED which ones.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.official import TCF
from consentpy import tcf

PACKAGE = TCF
WORLDS = int(os.environ.get("CONSENTPY_WORLDS", "2000"))
PEER = Path(__file__).with_name("tcf_peer.mjs")


def chosen(rng: random.Random, most: int) -> list[int]:
    share = rng.choice((0, 0.05, 0.5, 0.95, 1))
    return [i for i in range(1, most + 1) if rng.random() < share]


def vendors(rng: random.Random) -> list[int]:
    kind = rng.randrange(4)
    if kind == 0:
        return chosen(rng, rng.choice((5, 45, 46, 300, 1200)))
    if kind == 1:
        return sorted(rng.sample(range(1, 65536), rng.randrange(12)))
    found: set[int] = set()
    for _ in range(rng.randrange(15)):
        first = rng.randrange(1, 3000)
        found.update(range(first, first + rng.choice((1, 2, 5, 60))))
    return sorted(found)


def world(rng: random.Random) -> dict[str, Any]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    custom = rng.randrange(64)
    keys = [(purpose, kind) for purpose in range(1, 25) for kind in range(3)]
    return {
        "created_ds": rng.randrange(2**36),
        "last_updated_ds": rng.randrange(2**36),
        "cmp_id": rng.randrange(2, 4096),
        "cmp_version": rng.randrange(1, 4096),
        "consent_screen": rng.randrange(64),
        "consent_language": "".join(rng.choices(letters, k=2)),
        "vendor_list_version": rng.randrange(1, 4096),
        "policy_version": rng.randrange(1, 64),
        "is_service_specific": rng.random() < 0.9,
        "use_non_standard_texts": rng.random() < 0.5,
        "special_feature_optins": chosen(rng, 12),
        "purpose_consents": chosen(rng, 24),
        "purpose_legitimate_interests": chosen(rng, 24),
        "purpose_one_treatment": rng.random() < 0.2,
        "publisher_cc": "".join(rng.choices(letters, k=2)),
        "vendor_consents": vendors(rng),
        "vendor_legitimate_interests": vendors(rng),
        "publisher_restrictions": [
            [*key, ids]
            for key in sorted(rng.sample(keys, rng.choice((0, 0, 1, 6))))
            if (ids := vendors(rng)[:80])
        ],
        "disclosed_vendors": vendors(rng) if rng.random() < 0.7 else None,
        "allowed_vendors": vendors(rng) if rng.random() < 0.1 else None,
        "publisher_tc": {
            "consents": chosen(rng, 24),
            "legitimate_interests": chosen(rng, 24),
            "num_custom_purposes": custom,
            "custom_consents": chosen(rng, custom),
            "custom_legitimate_interests": chosen(rng, custom),
        }
        if rng.random() < 0.5
        else None,
    }


def writable(world: dict[str, Any]) -> dict[str, Any]:
    restrictions = [
        {"purpose_id": purpose, "type": kind, "ids": ids}
        for purpose, kind, ids in world["publisher_restrictions"]
    ]
    return {**world, "publisher_restrictions": restrictions}


def seen_by_us(text: str) -> dict[str, Any]:
    tc = tcf.decode(text, strict=True)
    seen = tc.to_dict()
    for name in ("version", "segments", "num_pub_restrictions"):
        del seen[name]
    for name in ("vendor_consents", "vendor_legitimate_interests"):
        seen[name] = list(getattr(tc, name))
    for name in ("disclosed_vendors", "allowed_vendors"):
        ids = getattr(tc, name)
        seen[name] = None if ids is None else list(ids)
    seen["publisher_restrictions"] = [
        [item.purpose_id, item.type, list(item.vendors)] for item in tc.publisher_restrictions
    ]
    return seen


def as_the_library_shows_it(world: dict[str, Any]) -> dict[str, Any]:
    """It knows no missing segment, only empty ones; the order of its restrictions is its own."""
    nobody = {"num_custom_purposes": 0}
    for name in ("consents", "legitimate_interests"):
        nobody |= {name: [], f"custom_{name}": []}
    return {
        **world,
        "disclosed_vendors": world["disclosed_vendors"] or [],
        "allowed_vendors": world["allowed_vendors"] or [],
        "publisher_tc": world["publisher_tc"] or nobody,
        "publisher_restrictions": sorted(world["publisher_restrictions"]),
    }


def test_both_ways(library: Path) -> None:
    seed = os.environ.get("CONSENTPY_SEED") or str(random.SystemRandom().randrange(2**32))
    print(f"CONSENTPY_SEED={seed}")
    rng = random.Random(seed)
    worlds = [world(rng) for _ in range(WORLDS)]
    ours = [tcf.encode(writable(item)) for item in worlds]
    lines = "".join(
        json.dumps({"world": item, "ours": text}) + "\n"
        for item, text in zip(worlds, ours, strict=True)
    )
    done = subprocess.run(
        ["node", str(PEER)], cwd=library, input=lines, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(worlds)
    equal = 0
    for item, text, answer in zip(worlds, ours, answers, strict=True):
        assert seen_by_us(answer["theirs"]) == item
        read = answer["read"]
        read["publisher_restrictions"] = sorted(read["publisher_restrictions"])
        assert read == as_the_library_shows_it(item)
        # the library's writer is not minimal everywhere; ours is never longer
        assert len(text) <= len(answer["theirs"])
        equal += text == answer["theirs"]
    print(f"{equal} of {len(worlds)} are the same byte for byte")
    assert equal > len(worlds) * 0.6
