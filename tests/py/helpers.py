"""Builders shared by the suites: configurations, tokens, visitors.

The suites stand outside the package: everything here is made from the documented
formats alone, and what a rule should answer is worked out here a second time, in
plain Python, never by asking the package.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import consentpy as cp

VECTORS = Path(__file__).resolve().parent.parent / "vectors"

UTC = timezone.utc
NOW = datetime(2026, 3, 20, 9, 41, 27, tzinfo=UTC)
DAY = 86_400
USER_ID = "01234567-89ab-6cde-8f01-23456789abcd"

#: Text ids of the TCF 2 purposes, by number, then the special features.
TCF_PURPOSES = (
    "cookies",
    "select_basic_ads",
    "create_ads_profile",
    "select_personalized_ads",
    "create_content_profile",
    "select_personalized_content",
    "measure_ad_performance",
    "measure_content_performance",
    "market_research",
    "improve_products",
    "use_limited_data_to_select_content",
)
IAB_TEXT_IDS = frozenset(TCF_PURPOSES) | {"geolocation_data", "device_characteristics"}

LISTS = ("vendors", "purposes", "vendors_li", "purposes_li")

#: The catalog that gives `google` one purpose without a Global Vendor List.
GOOGLE = {"vendors": {"google": {"name": "Google", "purposes": ["cookies"]}}}


def iso(moment: datetime) -> str:
    """A date as the token spells it: UTC, milliseconds, `Z`."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def ago(seconds: float, now: datetime = NOW) -> str:
    """The token's spelling of a moment before `now`."""
    return iso(now - timedelta(seconds=seconds))


def parse(text: str) -> datetime:
    """The aware datetime of a token date."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def vendor(
    name: str, purposes: Iterable[str] = (), li: Iterable[str] = (), **more: Any
) -> dict[str, Any]:
    """A custom vendor of a configuration."""
    return {
        "id": name,
        "name": name,
        "purposeIds": list(purposes),
        "legIntPurposeIds": list(li),
        **more,
    }


def full(
    vendors: Iterable[Mapping[str, Any]],
    essential: Iterable[str] = (),
    window: float | None = 30,
    token: Mapping[str, Any] | None = None,
    named: Iterable[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """A whole configuration around a few custom vendors.

    Every purpose that a vendor, the token or the question (`named`) mentions is
    declared, unless it is one of the TCF. `window` None leaves the recollection
    window out. `more` is merged on top.
    """
    custom = []
    for one in vendors:
        done = {"name": one["id"], "purposeIds": [], "legIntPurposeIds": [], **one}
        custom.append(done)
    ids: dict[str, None] = {}
    for one in custom:
        ids.update(dict.fromkeys(one["purposeIds"]))
        ids.update(dict.fromkeys(one["legIntPurposeIds"]))
    for field in ("purposes", "purposes_li"):
        for side in ((token or {}).get(field) or {}).values():
            ids.update(dict.fromkeys(side))
    ids.update(dict.fromkeys(named))
    ids.update(dict.fromkeys(essential))
    config: dict[str, Any] = {
        "app": {
            "vendors": {"custom": custom},
            "customPurposes": [{"id": p, "name": {"en": p}} for p in ids if p not in IAB_TEXT_IDS],
            "essentialPurposes": list(essential),
        }
    }
    if window is not None:
        config["notice"] = {"daysBeforeShowingAgain": window}
    return plain_merge(config, more)


def plain_merge(base: Any, over: Any) -> Any:
    """The merge rule, written a second time: only two objects merge."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        out = dict(base)
        for key, value in over.items():
            out[key] = plain_merge(out[key], value) if key in out else value
        return out
    return over


def optout(config: Mapping[str, Any], *laws: str) -> dict[str, Any]:
    """The same configuration under opt-out laws alone (default: `cpra`)."""
    regulations: dict[str, Any] = {"gdpr": {"enabled": False}}
    for law in laws or ("cpra",):
        regulations[law] = {"enabled": True}
    return plain_merge(config, {"regulations": regulations})


def regulations(config: Mapping[str, Any], **laws: Any) -> dict[str, Any]:
    """The same configuration with laws switched on or off, in the order given."""
    entries = {
        law: {"enabled": value} if isinstance(value, bool) else {"enabled": True, **value}
        for law, value in laws.items()
    }
    return {**config, "regulations": entries}


def law_of(
    config: Mapping[str, Any] | cp.Config,
    country: Any = None,
    region: Any = None,
    cookies: Any = None,
) -> str:
    """The id of the law that applies at a place."""
    if not isinstance(config, cp.Config):
        config = cp.Config(config)
    return config.notice(country, region, cookies).regulation


def sdk_id(name: str) -> str:
    """The token's spelling of a vendor id used in these suites."""
    return name if name == "google" or name.startswith("c:") else "c:" + name


def fields(
    lists: Mapping[str, Any] | None = None,
    now: datetime = NOW,
    **more: Any,
) -> dict[str, Any]:
    """The JSON object of a token: ids completed, dates an hour before `now`."""
    token: dict[str, Any] = {"user_id": USER_ID, "version": 2}
    token.update(lists or {})
    token.update(more)
    token.setdefault("updated", ago(3600, now))
    token.setdefault("created", token["updated"])
    for field in ("vendors", "vendors_li"):
        if field in token:
            token[field] = {
                side: [sdk_id(name) for name in names] for side, names in token[field].items()
            }
    return token


def b64(text: str | bytes) -> str:
    """Standard base64 with padding; a text goes in as Latin-1, like the SDK's."""
    raw = text.encode("latin-1") if isinstance(text, str) else text
    return base64.b64encode(raw).decode("ascii")


def pack(token: Any) -> str:
    """A cookie value from any JSON value, with nothing completed."""
    return b64(json.dumps(token, separators=(",", ":")))


def cookie(lists: Mapping[str, Any] | None = None, now: datetime = NOW, **more: Any) -> str:
    """The value of a valid token cookie."""
    return pack(fields(lists, now, **more))


def agree(*vendors: str, purposes: Sequence[str] = ()) -> dict[str, Any]:
    """The eight lists of a visitor who agreed to all of it, on both bases."""
    names, ids = list(vendors), list(purposes)
    return {
        "vendors": {"enabled": names},
        "purposes": {"enabled": ids},
        "vendors_li": {"enabled": names},
        "purposes_li": {"enabled": ids},
    }


def refuse(*vendors: str, purposes: Sequence[str] = ()) -> dict[str, Any]:
    """The eight lists of a visitor who refused all of it, on both bases."""
    names, ids = list(vendors), list(purposes)
    return {
        "vendors": {"disabled": names},
        "purposes": {"disabled": ids},
        "vendors_li": {"disabled": names},
        "purposes_li": {"disabled": ids},
    }


def header(*values: str, name: str = "didomi_token") -> str:
    """A raw Cookie header with one pair for each value, among others."""
    pairs = [f"{name}={value}" for value in values]
    return "; ".join(["theme=dark", *pairs, "lang=en"])


def status(
    config: Mapping[str, Any] | cp.Config,
    token: Mapping[str, Any] | str | None = None,
    *,
    country: str | None = "FR",
    region: str | None = None,
    now: datetime = NOW,
    name: str = "didomi_token",
    **options: Any,
) -> cp.Status:
    """The status of one visitor. `token`: a cookie value, the lists, or none."""
    if not isinstance(config, cp.Config):
        config = cp.Config(config)
    cookies: dict[str, str] = {}
    if token is not None:
        cookies[name] = token if isinstance(token, str) else cookie(token, now)
    return config.notice(country, region).status(cookies, now=now, **options)


def california(
    config: Mapping[str, Any] | cp.Config,
    token: Mapping[str, Any] | str | None = None,
    **options: Any,
) -> cp.Status:
    """The status of a visitor in California, under `cpra`."""
    options.setdefault("name", "didomi_token_cpra")
    return status(config, token, country="US", region="CA", **options)


def refused(*layers: Any, **options: Any) -> cp.ConfigError:
    """The error of a configuration that must not be taken."""
    with pytest.raises(cp.ConfigError) as caught:
        cp.Config(*layers, **options)
    error = caught.value
    assert isinstance(error, cp.ConsentError) and isinstance(error, ValueError)
    assert error.silent_variable_failure is True
    assert str(error)
    return error


def short(value: object) -> str:
    """A test id of any value: plain ASCII, and not longer than needed."""
    return ascii(value)[:32]


# Sanitizers make everything slower; what the bounds are to catch grows without end.
SLOWER = 10 if os.environ.get("CONSENTPY_SANITIZED") else 1


class within:
    """Fails when the block takes longer than `seconds` of processor time: a busy machine is no fault,
    nor is a walk of the garbage collector over the objects of all tests before."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds * SLOWER

    def __enter__(self) -> within:
        gc.disable()
        self.start = time.process_time()
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        gc.enable()
        if kind is None:
            took = time.process_time() - self.start
            assert took < self.seconds, f"took {took:.3f} s, bound {self.seconds} s"


def fastest(work: Callable[[], object], runs: int) -> float:
    """Seconds of processor time that `work` takes at its best, without the garbage collector."""
    best = float("inf")
    gc.disable()
    try:
        for _ in range(runs):
            start = time.process_time()
            work()
            best = min(best, time.process_time() - start)
    finally:
        gc.enable()
    return best


@contextmanager
def fair_threads() -> Iterator[None]:
    """Threads take turns often: or those that never wait leave the others hardly any time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
