"""The settings of a stack: read once, checked whole.

Reading never stops at the first mistake. Each one becomes a finding with a stable id; a
stack shows them all, and refuses to start. A message names the key, its value and what
is allowed. The keys and their meaning are the same everywhere (docs/django.md).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import consentpy as cp
from consentpy.cookie import is_domain

from .delivery import UNIFORM, Delivery, delivery
from .geoip import Reader
from .headers import Header, private_headers
from .place import Place
from .source import DOTTED, Finding, Mistake, Source, Spelling, Stamp, imported
from .vendor_cookies import Declared, Names, declared

KEYS = (
    "CONFIG",
    "CONFIG_FOR",
    "GVL",
    "CATALOG",
    "COUNTRY",
    "COUNTRY_HEADER",
    "REGION_HEADER",
    "GATES",
    "CACHE",
    "REWRITE",
    "NONCE",
    "URL_PREFIX",
    "RELOAD",
    "BOTS",
    "COOKIE_DOMAIN",
    "GEOIP",
    "GEOIP_ADDRESS",
)
_HEADER = re.compile(r"[A-Za-z0-9-]+\Z")
_COUNTRY = re.compile(r"[A-Za-z]{2}\Z")
_GATE_CACHE = 1024  # conditions kept resolved; a view may ask with ids from a visitor
_LONGEST = 1024  # characters of a condition that is kept


class SettingsError(cp.ConsentError):
    """Settings that leave nothing to run with; the text tells every mistake."""


@dataclass(frozen=True, eq=False)
class Runtime:
    """The settings as the other modules use them. Immutable, shared by all threads."""

    config: cp.Config
    country: str | Callable[[Any], Place] | None
    country_header: str | None
    region_header: str | None
    gates: Mapping[str, cp.Gate]
    gate_names: frozenset[str]
    bots: bool
    spelling: Spelling
    cookie_domain: str | None = None
    geoip: Reader | None = None
    geoip_address: str | None = None  # a header; None: the connection's
    #: CONFIG, where CONFIG_FOR failed: `config` knows no vendor, but theirs are not to be set.
    fallback: cp.Config | None = None
    #: CACHE is "uniform": blocks are the same for everybody.
    uniform: bool = False
    #: A condition's gate, or the text of the UnknownIdError. Remembered, the unknown ids too:
    #: looking for what such an id may have meant is slow.
    look_up: Callable[[Any, Any], cp.Gate | str] = field(init=False)
    gate_set: frozenset[cp.Gate] = field(init=False)
    #: Every request header that can change a verdict, for ``Vary``.
    vary: tuple[str, ...] = field(init=False)
    #: What a response that read the consent gets when its headers say nothing to caches.
    private: tuple[Header, ...] = field(init=False)
    vendor_cookies: tuple[Declared, ...] = field(init=False)
    cookie_names: Names = field(init=False)
    #: Gates of literal conditions, by the texts under which Jinja's blocks keep them.
    literals: dict[str, cp.Gate] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vendor_cookies", declared(self.fallback or self.config))
        object.__setattr__(self, "cookie_names", Names(self.vendor_cookies))
        object.__setattr__(self, "look_up", _remembering(self.config))
        object.__setattr__(self, "gate_set", frozenset(self.gates.values()))
        used = ["Cookie", "Sec-GPC"]
        named = (self.country_header, self.region_header, self.geoip_address)
        used += [name for name in named if name]
        if self.bots:
            used.append("User-Agent")
        object.__setattr__(self, "vary", tuple(used))
        object.__setattr__(self, "private", tuple(private_headers((), used, "")))

    @property
    def label(self) -> str:
        """How the site writes the key COUNTRY."""
        return self.spelling.key("COUNTRY")

    def gate(self, vendor: Any, purposes: Any) -> cp.Gate:
        """The gate of a condition; an unknown id is an UnknownIdError."""
        found = self.look_up(vendor, purposes)
        if isinstance(found, str):
            raise cp.UnknownIdError(found)
        return found

    def named(self, name: str) -> cp.Gate:
        """The gate of that name in GATES; an unknown one is an UnknownIdError."""
        if name not in self.gates:
            known = ", ".join(self.gates) or "-"
            raise cp.UnknownIdError(
                f"no gate named {name!r} can be used; {self.spelling.key('GATES')} has: {known}"
            )
        return self.gates[name]


def _remembering(config: cp.Config) -> Callable[[Any, Any], cp.Gate | str]:
    """`config.gate` that remembers its answers, the unknown ids too: looking for what such an id
    may have meant is slow."""

    def look_up(vendor: Any, purposes: Any) -> cp.Gate | str:
        try:
            return config.gate(vendor, purposes)
        except cp.UnknownIdError as error:
            return str(error)

    remembered = lru_cache(_GATE_CACHE, typed=True)(look_up)

    def found(vendor: Any, purposes: Any) -> cp.Gate | str:
        if _length(vendor) + _length(purposes) > _LONGEST:
            return look_up(vendor, purposes)
        try:
            return remembered(vendor, purposes)
        except TypeError:  # what cannot be remembered is no id: the Config says so
            return look_up(vendor, purposes)

    return found


def _length(ids: Any) -> int:
    if isinstance(ids, str):
        return len(ids)
    return sum(map(_length, ids)) + len(ids) if isinstance(ids, tuple) else 0


@dataclass(frozen=True)
class Loaded:
    """What was read: the Runtime is None when a mistake leaves nothing to run with."""

    runtime: Runtime | None
    found: tuple[Finding, ...]
    files: Mapping[Path, Stamp]  # what RELOAD watches; empty without it
    config_for: Callable[[Any], Any] | None = None
    delivery: Delivery = field(default_factory=Delivery)


def load(
    raw: Mapping[str, Any], spelling: Spelling, base: str | os.PathLike[str] | None = None
) -> Loaded:
    """Everything that can be said about these settings.

    An unknown id in a gate is a finding only, because that gate then denies.
    """
    found: list[Finding] = []

    def take(reader: Callable[..., Any], *args: object) -> Any:
        try:
            return reader(*args)
        except Mistake as mistake:
            found.append(mistake.finding)
            return None

    for key in raw:
        if key not in KEYS:
            allowed = ", ".join(spelling.key(key) for key in KEYS)
            text = f"{spelling.key(key)} is no setting; allowed: {allowed}."
            found.append(Finding("E002", text))
    read = _Reader(spelling)
    country = take(read.function, "E006", "COUNTRY", raw.get("COUNTRY"))
    country_header = take(read.header, "COUNTRY_HEADER", raw.get("COUNTRY_HEADER"))
    region_header = take(read.header, "REGION_HEADER", raw.get("REGION_HEADER"))
    bots = take(read.boolean, "E003", "BOTS", raw.get("BOTS", False))
    cookie_domain = take(read.domain, "COOKIE_DOMAIN", raw.get("COOKIE_DOMAIN"))
    reload = take(read.boolean, "E015", "RELOAD", raw.get("RELOAD", False))
    config_for = take(read.function, "E016", "CONFIG_FOR", raw.get("CONFIG_FOR"))
    address = take(read.header, "GEOIP_ADDRESS", raw.get("GEOIP_ADDRESS"))
    if raw.get("GEOIP_ADDRESS") is not None and raw.get("GEOIP") is None:
        text = f"{spelling.key('GEOIP_ADDRESS')} has no effect without {spelling.key('GEOIP')}."
        found.append(Finding("E018", text))
    sent = delivery(raw, spelling, read.function, found)
    source = Source(spelling, base)
    geoip = take(source.geoip, raw.get("GEOIP"))
    own = "CONFIG" in raw or config_for is None  # else CONFIG_FOR answers for every request
    config = take(source.config, raw) if own else cp.Config({})
    gates: dict[str, cp.Gate] = {}
    if config is not None:
        taken = take(read.gates, raw.get("GATES", {}), config)
        if taken is not None:
            gates, more = taken
            # What CONFIG does not know may be another site's.
            found += [one for one in more if config_for is None or one.id != "E009"]
        if reload and own and config_for is None and not source.files:
            found.append(
                Finding(
                    "E015",
                    f"{spelling.key('RELOAD')} has no effect: {spelling.key('CONFIG')} names no file.",
                )
            )
    if any(finding.id != "E009" for finding in found):
        return Loaded(None, tuple(found), source.files if reload else {})
    sources = (country, country_header, geoip)
    if sources == (None, None, None) and not (own and _names_country(config)):
        found.append(
            Finding(
                "W001",
                f"{spelling.whole} names no source for the visitor's country, so every visitor "
                "counts as being in an unknown one and the opt-in law applies.",
                f"Set {spelling.key('COUNTRY_HEADER')} to the header your proxy sets, or "
                f"{spelling.key('COUNTRY')}.",
            )
        )
    runtime = Runtime(
        config=config,
        country=country,
        country_header=country_header,
        region_header=region_header,
        gates=gates,
        gate_names=frozenset(raw.get("GATES", {})),
        bots=bots,
        spelling=spelling,
        cookie_domain=cookie_domain,
        geoip=geoip,
        geoip_address=None if address == "REMOTE_ADDR" else address,
        uniform=sent.cache == UNIFORM,
    )
    return Loaded(runtime, tuple(found), source.files if reload else {}, config_for, sent)


def sentence(found: Iterable[Finding]) -> str:
    """All findings in one line, for an exception or the log."""
    return " ".join(f"{finding.text} (consentpy.{finding.id})" for finding in found)


def _names_country(config: cp.Config) -> bool:
    """Whether the notice itself sets the visitor's country."""
    return bool(config.effective().get("user.country", None))


_GATE_FORM = "a mapping with 'vendor' (an id), 'purposes' (ids, or one text with commas), or both"


class _Reader:
    """The keys other than those of `source`. Each method returns a value or raises Mistake."""

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling

    def boolean(self, id: str, key: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._spelling.wrong(id, key, value, "True or False")
        return value

    def function(self, id: str, key: str, value: object) -> Any:
        """A function of the request; COUNTRY may also be a code."""
        if value is None:
            return None
        allowed = "the dotted path of a function of the request"
        if key == "COUNTRY":
            if isinstance(value, str) and _COUNTRY.match(value):
                if cp.Config({}).notice(value).country is None:  # R2: UK, EU, XX
                    raise self._spelling.wrong(id, key, value, "a country's code: GB, FR, …")
                return value
            allowed = f"two letters such as 'FR', or {allowed}"
        if isinstance(value, str) and DOTTED.match(value):
            value = imported(id, key, value, allowed, self._spelling)
        if not callable(value):
            raise self._spelling.wrong(id, key, value, allowed)
        if iscoroutinefunction(value):
            raise self._spelling.wrong(id, key, value, "a plain function, not an async one")
        return value

    def domain(self, key: str, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not is_domain(value):
            allowed = "a domain, such as 'shop.example'"
            raise self._spelling.wrong("E017", key, value, allowed)
        return value

    def header(self, key: str, value: object) -> str | None:
        if value is None:
            return None
        if value == "REMOTE_ADDR" and key == "GEOIP_ADDRESS":
            return value
        if not isinstance(value, str) or not _HEADER.match(value):
            allowed = "a header's name as it is sent, such as 'CF-IPCountry'"
            raise self._spelling.wrong("E007", key, value, allowed)
        return value

    def gates(self, raw: object, config: cp.Config) -> tuple[dict[str, cp.Gate], list[Finding]]:
        """The named gates that resolve, and a finding for each one that does not."""
        spelling = self._spelling
        if not isinstance(raw, Mapping):
            raise spelling.wrong("E008", "GATES", raw, f"a mapping of name to {_GATE_FORM}")
        gates: dict[str, cp.Gate] = {}
        found: list[Finding] = []
        for name, spec in raw.items():
            inside = f"[{name!r}]"
            try:
                vendor, purposes = self._gate_arguments(name, spec)
                gates[name] = config.gate(vendor, purposes)
            except Mistake as mistake:
                found.append(mistake.finding)
            except TypeError:  # a text of nothing but commas
                found.append(spelling.wrong("E008", "GATES", spec, _GATE_FORM, inside).finding)
            except cp.UnknownIdError as error:
                found.append(
                    Finding(
                        "E009",
                        f"{spelling.key('GATES')}{inside} cannot be resolved, so it denies: {error}",
                        "Correct the id, or add it to the notice's configuration.",
                    )
                )
        return gates, found

    def _gate_arguments(self, name: object, spec: object) -> tuple[Any, Any]:
        spelling = self._spelling
        if not isinstance(name, str) or not name:
            raise spelling.wrong("E008", "GATES", name, "a text that is not empty", " key")
        if not isinstance(spec, Mapping) or not spec or set(spec) - {"vendor", "purposes"}:
            raise spelling.wrong("E008", "GATES", spec, _GATE_FORM, f"[{name!r}]")
        vendor, purposes = spec.get("vendor"), spec.get("purposes", ())
        if isinstance(purposes, (list, tuple, set, frozenset)):
            purposes = tuple(purposes)
            good = all(isinstance(p, (str, int)) and not isinstance(p, bool) for p in purposes)
        else:
            good = isinstance(purposes, str)
        if isinstance(vendor, bool) or not isinstance(vendor, (str, int, type(None))):
            good = False
        # A key that is written down must say something: an empty one would silently
        # leave a condition out.
        if not good or any(spec[key] in ("", (), [], None) for key in spec):
            raise spelling.wrong("E008", "GATES", spec, _GATE_FORM, f"[{name!r}]")
        return vendor, purposes
