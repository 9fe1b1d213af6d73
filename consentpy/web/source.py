"""Where the configuration comes from: the keys CONFIG, GVL and CATALOG.

Every file that is read is remembered with its stamp, for RELOAD.
"""

from __future__ import annotations

import os
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

import consentpy as cp

from .geoip import Reader

#: What tells a file from its next version; None when there is no such file.
Stamp = tuple[int, int, int] | None

DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+\Z")
_FILE_SUFFIXES = (".json", ".js", ".html", ".htm")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the settings. `id` is stable: E001… or W001…"""

    id: str
    text: str
    hint: str | None = None


class Mistake(Exception):
    """One wrong setting, on its way to becoming a finding."""

    def __init__(self, id: str, text: str, hint: str | None = None) -> None:
        super().__init__(text)
        self.finding = Finding(id, text, hint)


@dataclass(frozen=True)
class Spelling:
    """How a stack writes its settings: ``CONSENTPY['BOTS']``, ``CONSENTPY_BOTS`` or ``bots=``."""

    whole: str
    key: Callable[[str], str]

    def wrong(self, id: str, key: str, value: object, allowed: str, inside: str = "") -> Mistake:
        where = self.key(key) + inside
        return Mistake(id, f"{where} is {reprlib.repr(value)}; allowed: {allowed}.")


def stamp(path: Path) -> Stamp:
    """Time, size and number of a file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def imported(id: str, key: str, value: str, allowed: str, spelling: Spelling) -> Any:
    """What a dotted path names."""
    module, _, name = value.rpartition(".")
    try:
        found = import_module(module)
        if not hasattr(found, name):
            raise ImportError(f"module {module!r} has no {name!r}")
        return getattr(found, name)
    except ImportError as error:
        raise Mistake(
            id,
            f"{spelling.key(key)} is {value!r}, which cannot be imported ({error}); "
            f"allowed: {allowed}.",
        ) from error


CONFIG_FORMS = (
    "a path, a mapping, JSON text, a list of these, "
    "or the dotted path of a function that returns one of them"
)


class Source:
    """Reads the three keys. `base`: where relative paths start, None for the working folder."""

    def __init__(self, spelling: Spelling, base: str | os.PathLike[str] | None) -> None:
        self._spelling = spelling
        self._base = base
        self.files: dict[Path, Stamp] = {}

    def _file(self, text: str | os.PathLike[str]) -> Path:
        path = Path(self._base, text) if self._base else Path(text)
        self.files[path] = stamp(path)  # before it is read: a change meanwhile is seen later
        try:
            kind = os.stat(path).st_mode
        except (OSError, ValueError):
            return path  # reading tells why
        if not S_ISREG(kind) and not S_ISDIR(kind):  # a pipe would hold up whoever reads it
            raise OSError(f"{path} is not a file")
        return path

    def config(self, raw: Mapping[str, Any]) -> cp.Config:
        """The configuration; Mistake E004, E005 or E014."""
        spelling = self._spelling
        if "CONFIG" not in raw:
            raise Mistake("E004", f"{spelling.key('CONFIG')} is missing; allowed: {CONFIG_FORMS}.")
        value = raw["CONFIG"]
        if isinstance(value, str) and DOTTED.match(value) and not value.endswith(_FILE_SUFFIXES):
            value = imported("E004", "CONFIG", value, CONFIG_FORMS, spelling)
        if isinstance(value, str) and not value.strip():
            raise spelling.wrong("E004", "CONFIG", value, CONFIG_FORMS)
        if callable(value):
            value = self._called(value)
        catalog = self._catalog(raw.get("CATALOG"))
        gvl = self._gvl(raw.get("GVL"))
        if isinstance(value, cp.Config):
            self._no_effect("E014", "GVL", gvl, "vendor list")
            self._no_effect("E005", "CATALOG", catalog, "catalog")
            return value
        items = list(value) if isinstance(value, (list, tuple)) else [value]
        if not items:
            raise spelling.wrong("E004", "CONFIG", value, CONFIG_FORMS)
        layers: list[Any] = []
        names: list[str] = []
        for index, item in enumerate(items):
            layer, name = self._layer(item)
            layers.append(layer)
            plain = f"CONFIG[{index}]" if len(items) > 1 else "CONFIG"
            names.append(name if name and name not in names else plain)
        try:
            return cp.Config(*layers, gvl=gvl, catalog=catalog, names=names)
        except (OSError, TypeError, ValueError) as error:
            raise self._unusable("E004", "CONFIG", error) from error

    def _called(self, function: Callable[[], Any]) -> Any:
        """What the site's own function gives; whatever it raises is a Mistake as well."""
        try:
            return function()
        except Exception as error:
            raise self._unusable("E004", "CONFIG", error, function) from error

    def _unusable(self, id: str, key: str, error: Exception, function: object = None) -> Mistake:
        why = str(error)
        if function is not None:
            name = getattr(function, "__qualname__", type(function).__qualname__)
            why = f"{name}() raised {type(error).__name__}: {error}"
        return Mistake(id, f"{self._spelling.key(key)} cannot be used: {why}")

    def _no_effect(self, id: str, key: str, value: object, what: str) -> None:
        if value is not None:
            raise Mistake(
                id,
                f"{self._spelling.key(key)} has no effect on a finished Config; give the {what} "
                "to that Config instead.",
            )

    def _layer(self, value: object) -> tuple[object, str | None]:
        """One configuration layer as `Config` takes it, and a name for error messages."""
        if isinstance(value, os.PathLike) or (
            isinstance(value, str) and not value.lstrip().startswith(("{", "["))
        ):
            try:
                path = self._file(value)
            except OSError as error:
                raise self._unusable("E004", "CONFIG", error) from error
            return path, path.name
        if isinstance(value, (str, bytes, Mapping)):
            return value, None
        raise self._spelling.wrong("E004", "CONFIG", value, CONFIG_FORMS)

    def _catalog(self, value: object) -> cp.Catalog | None:
        if value is None:
            return None
        if not isinstance(value, (str, os.PathLike, Mapping)):
            raise self._spelling.wrong("E005", "CATALOG", value, "a path or a mapping")
        try:
            return cp.Catalog(value if isinstance(value, Mapping) else self._file(value))
        except (OSError, TypeError, ValueError) as error:
            raise self._unusable("E005", "CATALOG", error) from error

    def _gvl(self, value: object) -> cp.GlobalVendorList | None:
        if value is None or isinstance(value, cp.GlobalVendorList):
            return value
        if not isinstance(value, (str, os.PathLike, Mapping)):
            allowed = "a path, a mapping or a GlobalVendorList"
            raise self._spelling.wrong("E014", "GVL", value, allowed)
        try:
            if isinstance(value, Mapping):
                return cp.GlobalVendorList(value)
            return cp.GlobalVendorList.load(self._file(value))
        except (OSError, TypeError, ValueError) as error:
            raise self._unusable("E014", "GVL", error) from error

    def geoip(self, value: object) -> Reader | None:
        """The database of places by address; Mistake E018."""
        if value is None:
            return None
        if not isinstance(value, (str, os.PathLike)):
            raise self._spelling.wrong("E018", "GEOIP", value, "a path")
        try:
            return Reader(self._file(value))
        except (OSError, ValueError) as error:
            raise self._unusable("E018", "GEOIP", error) from error
