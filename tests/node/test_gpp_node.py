"""GPP strings against the official library, both ways, on fresh random sections.

Needs node and npm, and the registry that npm is set up for; skipped with the reason otherwise.
CONSENTPY_WORLDS says how many strings (2 000), CONSENTPY_SEED which ones.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.official import GPP
from consentpy import gpp

PACKAGE = GPP
WORLDS = int(os.environ.get("CONSENTPY_WORLDS", "2000"))
PEER = Path(__file__).with_name("gpp_peer.mjs")
TABLE = Path(__file__).parents[1] / "vectors" / "gpp_sections.json"
STATES = [s for s in json.loads(TABLE.read_text("ascii"))["sections"] if s["kind"] == "us"]
DAY_MS = 86_400_000


def state(rng: random.Random, table: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A section as we show it, and as the library does."""
    core: dict[str, Any] = {}
    for field in table["core"][-1]["fields"]:
        values = [rng.randrange(3) for _ in range(field["count"])]
        core[field["name"]] = values if len(values) > 1 else values[0]
    version = next(iter(core))
    core[version] = table["core"][-1]["version"]
    core["MspaCoveredTransaction"] = rng.randrange(1, 3)
    ours: dict[str, Any] = {"core": core}
    theirs = dict(core)
    if table["gpc_subsection"]:
        theirs["GpcSegmentIncluded"] = rng.random() < 0.5
        if theirs["GpcSegmentIncluded"]:
            ours["gpc"] = theirs["Gpc"] = rng.random() < 0.5
    if table["sensitive_data_subsection"]:
        values = [rng.randrange(3) for _ in range(8)]
        ours["sensitive_data_consents"] = {"SensitiveDataProcessing": values}
        theirs["SensitiveDataProcessing"] = values
    return ours, theirs


def canada(rng: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    def bits(most: int) -> list[bool]:
        return [rng.random() < 0.5 for _ in range(most)]

    def ids(field: list[bool]) -> list[int]:
        return [at for at, one in enumerate(field, 1) if one]

    def text(found: list[int]) -> str:
        runs: list[list[int]] = []
        for id in found:
            if runs and runs[-1][1] == id - 1:
                runs[-1][1] = id
            else:
                runs.append([id, id])
        return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)

    sets = [sorted(rng.sample(range(1, 900), rng.randrange(40))) for _ in range(3)]
    day = rng.randrange(10_000, 25_000)
    theirs: dict[str, Any] = {
        "CmpId": rng.randrange(4096),
        "CmpVersion": rng.randrange(4096),
        "ConsentScreen": rng.randrange(64),
        "ConsentLanguage": "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=2)),
        "VendorListVersion": rng.randrange(4096),
        "TcfPolicyVersion": rng.randrange(64),
        "UseNonStandardStacks": rng.random() < 0.5,
        "SpecialFeatureExpressConsent": bits(12),
        "PurposesExpressConsent": bits(24),
        "PurposesImpliedConsent": bits(24),
        "VendorExpressConsent": sets[0],
        "VendorImpliedConsent": sets[1],
        "DisclosedVendors": sets[2],
        "Created": day * DAY_MS,
        "LastUpdated": day * DAY_MS,
    }
    ours = {
        "cmp_id": theirs["CmpId"],
        "cmp_version": theirs["CmpVersion"],
        "consent_screen": theirs["ConsentScreen"],
        "consent_language": theirs["ConsentLanguage"],
        "vendor_list_version": theirs["VendorListVersion"],
        "policy_version": theirs["TcfPolicyVersion"],
        "use_non_standard_stacks": theirs["UseNonStandardStacks"],
        "special_feature_express_consent": ids(theirs["SpecialFeatureExpressConsent"]),
        "purposes_express_consent": ids(theirs["PurposesExpressConsent"]),
        "purposes_implied_consent": ids(theirs["PurposesImpliedConsent"]),
        "vendor_express_consent": text(sets[0]),
        "vendor_implied_consent": text(sets[1]),
        "created_ds": day * 864_000,
        "last_updated_ds": day * 864_000,
    }
    return ours, theirs


def world(rng: random.Random) -> tuple[dict[int, Any], dict[str, Any]]:
    ours: dict[int, Any] = {}
    theirs: dict[str, Any] = {}
    if rng.random() < 0.2:
        ours[5], theirs["tcfcav1"] = canada(rng)
    if rng.random() < 0.3:
        answers = {name: rng.choice("YN-") for name in ("Notice", "OptOutSale", "LspaCovered")}
        ours[6] = theirs["uspv1"] = {"Version": 1, **answers}
    chosen = rng.sample(STATES, rng.choice((1, 1, 2, 5, len(STATES))))
    for table in sorted(chosen, key=lambda table: table["id"]):
        ours[table["id"]], theirs[table["name"]] = state(rng, table)
    return ours, theirs


def test_both_ways(library: Path) -> None:
    seed = os.environ.get("CONSENTPY_SEED") or str(random.SystemRandom().randrange(2**32))
    print(f"CONSENTPY_SEED={seed}")
    rng = random.Random(seed)
    worlds = [world(rng) for _ in range(WORLDS)]
    texts: list[str | None] = []
    for ours, _ in worlds:
        # Its reader may die of memory over a Canadian section with 16-bit ids.
        sections = [{"id": id, "decoded": decoded} for id, decoded in ours.items()]
        texts.append(None if 5 in ours else gpp.encode({"sections": sections}))
    lines = "".join(
        json.dumps({"sections": theirs, "ours": text}) + "\n"
        for (_, theirs), text in zip(worlds, texts, strict=True)
    )
    done = subprocess.run(
        ["node", str(PEER)], cwd=library, input=lines, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(worlds)
    for (ours, theirs), text, answer in zip(worlds, texts, answers, strict=True):
        seen = {s["id"]: s for s in gpp.decode(answer["theirs"], strict=True).to_dict()["sections"]}
        assert list(seen) == list(ours)
        for id, decoded in ours.items():
            if id != 5:
                assert seen[id]["decoded"] == decoded
            elif "ambiguous_encoding" not in seen[id]["warnings"]:
                assert seen[id]["decoded"].items() >= decoded.items()
        if text is None:
            continue
        assert text == answer["theirs"]
        for name, fields in theirs.items():
            shown = {k: v for k, v in fields.items() if k != "GpcSegmentIncluded"}
            assert answer["read"][name].items() >= shown.items()
