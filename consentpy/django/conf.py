"""The setting ``CONSENTPY``: read once, checked whole, forgotten when it changes.

Reading never stops at the first mistake. Each one becomes a check message with a
stable id; ``manage.py check`` prints them all, and the middleware refuses to start
with the same text. A message names the key, its value and what is allowed.
"""

from __future__ import annotations

import os
import re
import reprlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.utils.module_loading import import_string

import consentpy as cp

#: What a COUNTRY callable may return: a code, a (country, region) pair, or None.
Place = str | tuple[str | None, str | None] | None

KEYS = (
    "CONFIG",
    "GVL",
    "CATALOG",
    "COUNTRY",
    "COUNTRY_HEADER",
    "REGION_HEADER",
    "GATES",
    "CACHE",
    "BOTS",
)
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+\Z")
_FILE_SUFFIXES = (".json", ".js", ".html", ".htm")
_HEADER = re.compile(r"[A-Za-z0-9-]+\Z")
_COUNTRY = re.compile(r"[A-Za-z]{2}\Z")
_GATE_CACHE = 1024  # conditions kept resolved; a view may ask with ids from a visitor


@dataclass(frozen=True, eq=False)
class Runtime:
    """The settings as the other modules use them. Immutable, shared by all threads."""

    config: cp.Config
    country: str | Callable[[HttpRequest], Place] | None
    country_header: str | None
    region_header: str | None
    gates: Mapping[str, cp.Gate]
    gate_names: frozenset[str]
    bots: bool
    gate: Callable[[Any, Any], cp.Gate] = field(init=False)
    #: Every request header that can change a verdict, for ``Vary``.
    vary: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gate", _remembering(self.config))
        used = ["Cookie", "Sec-GPC"]
        used += [name for name in (self.country_header, self.region_header) if name]
        if self.bots:
            used.append("User-Agent")
        object.__setattr__(self, "vary", tuple(used))


def _remembering(config: cp.Config) -> Callable[[Any, Any], cp.Gate]:
    """`config.gate` that remembers its answers, the unknown ids too: looking for what such an id
    may have meant is slow."""

    @lru_cache(_GATE_CACHE, typed=True)
    def look_up(vendor: Any, purposes: Any) -> cp.Gate | str:
        try:
            return config.gate(vendor, purposes)
        except cp.UnknownIdError as error:
            return str(error)

    def gate(vendor: Any, purposes: Any) -> cp.Gate:
        found = look_up(vendor, purposes)
        if isinstance(found, str):
            raise cp.UnknownIdError(found)
        return found

    return gate


class _Mistake(Exception):
    """One wrong setting, on its way to becoming a check message."""

    def __init__(self, id: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.report = Error(message, hint=hint, id=f"consentpy.{id}")


def _wrong(id: str, where: str, value: object, allowed: str) -> _Mistake:
    shown = reprlib.repr(value)
    return _Mistake(id, f"CONSENTPY{where} is {shown}; allowed: {allowed}.")


# ------------------------------------------------------------------ one key each


def _file(text: str | os.PathLike[str]) -> Path:
    """A path; a relative one starts at BASE_DIR where the project has that setting."""
    base = getattr(settings, "BASE_DIR", None)
    return Path(base, text) if base else Path(text)


def _import(id: str, key: str, value: str, allowed: str) -> Any:
    try:
        return import_string(value)
    except ImportError as error:
        raise _Mistake(
            id,
            f"CONSENTPY[{key!r}] is {value!r}, which cannot be imported ({error}); "
            f"allowed: {allowed}.",
        ) from error


_CONFIG_FORMS = (
    "a path, a mapping, JSON text, a list of these, "
    "or the dotted path of a function that returns one of them"
)


def _layer(value: object) -> tuple[object, str | None]:
    """One configuration layer as `Config` takes it, and a name for error messages."""
    if isinstance(value, os.PathLike):
        path = _file(value)
        return path, path.name
    if isinstance(value, str) and not value.lstrip().startswith(("{", "[")):
        path = _file(value)
        return path, path.name
    if isinstance(value, (str, bytes, Mapping)):
        return value, None
    raise _wrong("E004", "['CONFIG']", value, _CONFIG_FORMS)


def _config(raw: Mapping[str, Any]) -> cp.Config:
    if "CONFIG" not in raw:
        raise _Mistake("E004", f"CONSENTPY has no 'CONFIG'; allowed: {_CONFIG_FORMS}.")
    value = raw["CONFIG"]
    if isinstance(value, str) and _DOTTED.match(value) and not value.endswith(_FILE_SUFFIXES):
        value = _import("E004", "CONFIG", value, _CONFIG_FORMS)
    if callable(value):
        value = value()
    catalog = _catalog(raw.get("CATALOG"))
    gvl = _gvl(raw.get("GVL"))
    if isinstance(value, cp.Config):
        if gvl is not None:
            raise _Mistake(
                "E014",
                "CONSENTPY['GVL'] has no effect on a finished Config; give the vendor list "
                "to that Config instead.",
            )
        if catalog is not None:
            raise _Mistake(
                "E005",
                "CONSENTPY['CATALOG'] has no effect on a finished Config; give the catalog "
                "to that Config instead.",
            )
        return value
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    if not items:
        raise _wrong("E004", "['CONFIG']", value, _CONFIG_FORMS)
    layers: list[Any] = []
    names: list[str] = []
    for index, item in enumerate(items):
        layer, name = _layer(item)
        layers.append(layer)
        plain = f"CONFIG[{index}]" if len(items) > 1 else "CONFIG"
        names.append(name if name and name not in names else plain)
    try:
        return cp.Config(*layers, gvl=gvl, catalog=catalog, names=names)
    except (OSError, TypeError, ValueError) as error:
        raise _Mistake("E004", f"CONSENTPY['CONFIG'] cannot be used: {error}") from error


def _catalog(value: object) -> cp.Catalog | None:
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike, Mapping)):
        raise _wrong("E005", "['CATALOG']", value, "a path or a mapping")
    try:
        return cp.Catalog(value if isinstance(value, Mapping) else _file(value))
    except (OSError, TypeError, ValueError) as error:
        raise _Mistake("E005", f"CONSENTPY['CATALOG'] cannot be used: {error}") from error


def _gvl(value: object) -> cp.GlobalVendorList | None:
    if value is None or isinstance(value, cp.GlobalVendorList):
        return value
    if not isinstance(value, (str, os.PathLike, Mapping)):
        raise _wrong("E014", "['GVL']", value, "a path, a mapping or a GlobalVendorList")
    try:
        if isinstance(value, Mapping):
            return cp.GlobalVendorList(value)
        return cp.GlobalVendorList.load(_file(value))
    except (OSError, TypeError, ValueError) as error:
        raise _Mistake("E014", f"CONSENTPY['GVL'] cannot be used: {error}") from error


def _country(value: object) -> str | Callable[[HttpRequest], Place] | None:
    if value is None or (isinstance(value, str) and _COUNTRY.match(value)):
        return value
    allowed = "two letters such as 'FR', or the dotted path of a function of the request"
    if isinstance(value, str) and _DOTTED.match(value):
        value = _import("E006", "COUNTRY", value, allowed)
    if not callable(value):
        raise _wrong("E006", "['COUNTRY']", value, allowed)
    if iscoroutinefunction(value):
        raise _wrong("E006", "['COUNTRY']", value, "a plain function, not an async one")
    return value


def _header(key: str, value: object) -> str | None:
    if value is None:
        return None
    allowed = "a header's name as it is sent, such as 'CF-IPCountry'"
    if not isinstance(value, str) or not _HEADER.match(value):
        raise _wrong("E007", f"[{key!r}]", value, allowed)
    return value


_GATE_FORM = "a mapping with 'vendor' (an id), 'purposes' (ids, or one text with commas), or both"


def _gate_arguments(name: object, spec: object) -> tuple[Any, Any]:
    where = f"['GATES'][{name!r}]"
    if not isinstance(name, str) or not name:
        raise _wrong("E008", "['GATES'] key", name, "a text that is not empty")
    if not isinstance(spec, Mapping) or not spec or set(spec) - {"vendor", "purposes"}:
        raise _wrong("E008", where, spec, _GATE_FORM)
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
        raise _wrong("E008", where, spec, _GATE_FORM)
    return vendor, purposes


def _gates(raw: object, config: cp.Config) -> tuple[dict[str, cp.Gate], list[CheckMessage]]:
    """The named gates that resolve, and a message for each one that does not."""
    if not isinstance(raw, Mapping):
        raise _wrong("E008", "['GATES']", raw, f"a mapping of name to {_GATE_FORM}")
    gates: dict[str, cp.Gate] = {}
    found: list[CheckMessage] = []
    for name, spec in raw.items():
        try:
            vendor, purposes = _gate_arguments(name, spec)
            gates[name] = config.gate(vendor, purposes)
        except _Mistake as mistake:
            found.append(mistake.report)
        except TypeError:  # a text of nothing but commas
            found.append(_wrong("E008", f"['GATES'][{name!r}]", spec, _GATE_FORM).report)
        except cp.UnknownIdError as error:
            found.append(
                Error(
                    f"CONSENTPY['GATES'][{name!r}] cannot be resolved, so it denies: {error}",
                    hint="Correct the id, or add it to the notice's configuration.",
                    id="consentpy.E009",
                )
            )
    return gates, found


# ----------------------------------------------------------------------- the whole


def load(raw: object) -> tuple[Runtime | None, list[CheckMessage]]:
    """Everything that can be said about a value of ``CONSENTPY``.

    The Runtime is None when a mistake leaves nothing to run with; an unknown id in
    a gate is a message only, because that gate then denies.
    """
    if not isinstance(raw, Mapping):
        allowed = f"a mapping with the keys {', '.join(KEYS)}"
        if raw is None:
            mistake = _Mistake("E001", f"The setting CONSENTPY is missing; allowed: {allowed}.")
        else:
            mistake = _wrong("E001", "", raw, allowed)
        return None, [mistake.report]

    found: list[CheckMessage] = []

    def take(reader: Callable[..., Any], *args: object) -> Any:
        try:
            return reader(*args)
        except _Mistake as mistake:
            found.append(mistake.report)
            return None

    for key in raw:
        if key not in KEYS:
            found.append(_wrong("E002", " key", key, ", ".join(KEYS)).report)
    country = take(_country, raw.get("COUNTRY"))
    country_header = take(_header, "COUNTRY_HEADER", raw.get("COUNTRY_HEADER"))
    region_header = take(_header, "REGION_HEADER", raw.get("REGION_HEADER"))
    bots = raw.get("BOTS", False)
    if not isinstance(bots, bool):
        found.append(_wrong("E003", "['BOTS']", bots, "True or False").report)
    if raw.get("CACHE", "private") != "private":
        found.append(
            _wrong("E010", "['CACHE']", raw["CACHE"], "'private', the only mode so far").report
        )
    config = take(_config, raw)
    gates: dict[str, cp.Gate] = {}
    if config is not None:
        taken = take(_gates, raw.get("GATES", {}), config)
        if taken is not None:
            gates, more = taken
            found += more
    if any(message.id != "consentpy.E009" for message in found):
        return None, found
    if country is None and country_header is None and not _names_country(config):
        found.append(
            Warning(
                "CONSENTPY names no source for the visitor's country, so every visitor counts "
                "as being in an unknown one and the opt-in law applies.",
                hint="Set COUNTRY_HEADER to the header your proxy sets, or COUNTRY.",
                id="consentpy.W001",
            )
        )
    return (
        Runtime(
            config=config,
            country=country,
            country_header=country_header,
            region_header=region_header,
            gates=gates,
            gate_names=frozenset(raw.get("GATES", {})),
            bots=bots,
        ),
        found,
    )


def _names_country(config: cp.Config) -> bool:
    """Whether the notice itself sets the visitor's country."""
    return bool(config.effective().get("user.country", None))


_lock = threading.Lock()
_loaded: tuple[Runtime | None, tuple[CheckMessage, ...]] | None = None


def loaded() -> tuple[Runtime | None, tuple[CheckMessage, ...]]:
    """The settings of this process and what is wrong with them; read once."""
    global _loaded
    result = _loaded
    if result is None:
        with _lock:
            result = _loaded
            if result is None:
                runtime, found = load(getattr(settings, "CONSENTPY", None))
                result = _loaded = (runtime, tuple(found))
    return result


def current() -> Runtime:
    """The settings of this process. Raises ImproperlyConfigured with all mistakes."""
    runtime, found = loaded()
    if runtime is None:
        raise ImproperlyConfigured(_sentence(found))
    return runtime


def _sentence(found: Iterable[CheckMessage]) -> str:
    return " ".join(f"{message.msg} ({message.id})" for message in found)


def gate(name: str) -> cp.Gate:
    """The gate of that name in ``CONSENTPY["GATES"]``; an unknown one is a LookupError."""
    gates = current().gates
    if name not in gates:
        raise cp.UnknownIdError(
            f"no gate named {name!r} can be used; CONSENTPY['GATES'] has: {', '.join(gates) or '-'}"
        )
    return gates[name]


def _forget(*, setting: str, **_: object) -> None:
    global _loaded
    if setting in ("CONSENTPY", "BASE_DIR"):
        with _lock:
            _loaded = None


setting_changed.connect(_forget, dispatch_uid="consentpy.django.conf")
