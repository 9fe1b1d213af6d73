"""Before anything is timed: consentpy and both references must give the same answers."""

from __future__ import annotations

import json
import random
from typing import Any

import consentpy as cp
from benchmarks import expert, inputs, naive
from benchmarks.inputs import CATALOG, Inputs


class WrongAnswer(Exception):
    """Two contenders disagree; their times would compare different work."""


def equal(what: str, ours: object, *others: tuple[str, object]) -> None:
    for name, value in others:
        if ours != value:
            raise WrongAnswer(f"{what}: consentpy says {ours!r}, {name} says {value!r}")


def tags(config: dict[str, Any], limit: int | None = None) -> list[tuple[str, tuple[str, ...]]]:
    """Tag conditions that touch every vendor (or `limit` of them) and every purpose of a configuration."""
    rng = random.Random(5)
    app = config["app"]
    purposes = [p["id"] for p in app["customPurposes"]]
    vendors = [v["id"] for v in app["vendors"]["custom"]]
    if limit is not None:
        vendors = rng.sample(vendors, limit)
    vendors += app["vendors"].get("didomi", [])
    result: list[tuple[str, tuple[str, ...]]] = []
    for i, vendor in enumerate(vendors):
        result.append((vendor, ()))
        result.append((vendor, (purposes[i % len(purposes)],)))
        result.append((vendor, tuple(rng.sample(purposes, min(2, len(purposes))))))
    return result


def verdicts(
    what: str,
    text: str,
    countries: list[str],
    tokens: list[str],
    now: float,
    conditions: list[tuple[str, tuple[str, ...]]],
) -> tuple[int, int]:
    """Compare every verdict of every token in every country; how many were compared, how many of them yes."""
    config = cp.Config(text, catalog=cp.Catalog(CATALOG))
    plain, fast = naive.Site(text, CATALOG), expert.Site(text, CATALOG)
    gates = [config.gate(vendor, purposes) for vendor, purposes in conditions]
    count = allowed = 0
    for country in countries:
        notice, plain_notice, fast_notice = (
            config.notice(country),
            plain.notice(country),
            fast.notice(country),
        )
        fast_gates = [fast_notice.gate(vendor, purposes) for vendor, purposes in conditions]
        for i, token in enumerate(tokens):
            ours = notice.status({"didomi_token": token}, now=now)
            a, b = plain_notice.status(token, now), fast_notice.status(token, now)
            answers = ours.verdicts(gates)
            place = f"{what}, {country}, token {i}"
            equal(
                place,
                answers,
                ("gate by gate", [ours.allows(g) for g in gates]),
                ("naive", [a.allows(v, p) for v, p in conditions]),
                ("expert", [b.allows(g) for g in fast_gates]),
            )
            count += len(gates)
            allowed += sum(answers)
    return count, allowed


def token_is_used(data: Inputs) -> None:
    """Every id of the token must have reached the status: a decoder that skips some is not measured here."""
    config = cp.Config(data.token_config, catalog=cp.Catalog(CATALOG))
    status = config.notice("FR").status({"didomi_token": data.tokens[0]}, now=data.now)
    for name in inputs.LISTS:
        for state, stored in (("enabled", True), ("disabled", False)):
            for item in data.plain.get(name, {}).get(state, ()):
                ask = status.vendor if name.startswith("vendors") else status.purpose
                answer = ask(item, legitimate_interest=name.endswith("_li"))
                equal(f"{name} {item}", answer, ("the token", stored))


def merged(data: Inputs) -> int:
    """Compare the effective configuration of every country; the number of countries compared."""
    count = 0
    for stem, text in (("config_big", data.big), ("config_big2x", data.big_doubled)):
        config, plain, fast = cp.Config(text), naive.Site(text), expert.Site(text)
        for country in config.countries():
            ours = config.effective(country).to_dict()
            equal(
                f"{stem} for {country}",
                ours,
                ("naive", plain.effective(country)),
                ("expert", fast.effective(country)),
            )
            if stem in data.digests:
                expected = data.digests[stem][country]
                equal(f"digest of {stem} for {country}", inputs.digest(ours), ("file", expected))
            count += 1
    return count


def all_answers(data: Inputs) -> str:
    """Run every comparison; one line that says how much was compared."""
    token_is_used(data)
    config = json.loads(data.token_config)
    small = verdicts(
        "token configuration",
        data.token_config,
        ["FR", "BR"],
        [*data.tokens, *inputs.tokens_for(config, 8), "", "e30=", "not base64"],
        data.now,
        tags(config),
    )
    big = json.loads(data.big)
    large = verdicts(
        "big configuration",
        data.big,
        ["FR", "CH", "DE", "US", "BR", "IT"],
        inputs.tokens_for(big, 8),
        data.now,
        tags(big, limit=80),
    )
    for what, (count, allowed) in (("token", small), ("big", large)):
        if not 0 < allowed < count:
            raise WrongAnswer(
                f"{what}: {allowed} of {count} verdicts are yes; such inputs check nothing"
            )
    return (
        f"{small[0] + large[0]} verdicts ({small[1] + large[1]} of them yes) and {merged(data)} merged "
        "configurations are equal in all contenders"
    )
