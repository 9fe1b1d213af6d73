"""What the command line is given: files, standard input, a visitor, a moment."""

from __future__ import annotations

import argparse
import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import datetime
from os.path import splitext
from typing import Any, NamedTuple, TypeVar

from ._core import Config, GlobalVendorList, Notice, Status, read_json
from .catalog import Catalog
from .errors import ConfigError

_T = TypeVar("_T")
_FORMATS = {".js": "js", ".html": "html", ".htm": "html"}  # others are JSON
_MOST = (16 << 20) + 1  # bytes: one more than a configuration may have
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,6})\d*)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII
)


class Fault(Exception):
    """Bad input: one sentence, and the lines of a file that show where."""

    def __init__(self, message: str, shown: str = "") -> None:
        super().__init__(message)
        self.shown = shown


class Place(NamedTuple):
    """Where a value is written. Line and column count from 1; a built-in default has no file."""

    layer: str
    file: str | None
    line: int | None
    column: int | None
    value: Any


class Files:
    """Configuration files as layers, later ones on top, with their texts."""

    def __init__(
        self, paths: Sequence[str], catalog: str | None = None, gvl: str | None = None
    ) -> None:
        self.labels = ["<stdin>" if path == "-" else path for path in paths]
        self.texts = [_read(path) for path in paths]
        self.catalog = None if catalog is None else _from_file(catalog, _catalog)
        self.gvl = None if gvl is None else read_gvl(gvl)
        try:
            self.config = self._made(self.texts)
        except ConfigError as error:
            raise _fault(error) from None

    def _made(self, texts: Sequence[bytes]) -> Config:
        formats = (_FORMATS.get(splitext(label)[1].lower(), "json") for label in self.labels)
        return Config._of(tuple(texts), tuple(formats), self.catalog, self.labels, self.gvl)

    def places(self, path: str, country: str | None, region: str | None) -> list[Place]:
        """Where a value comes from, the winner first.

        An entry for a country or a law names no file, so several texts get line numbers of their
        own: each begins, after empty lines, where the one before it ended.
        """
        before = [0]
        for text in self.texts:
            before.append(before[-1] + text.count(b"\n") + 1)
        config = self.config
        if len(self.texts) > 1:
            pairs = zip(before, self.texts, strict=False)
            try:
                config = self._made([b"\n" * lines + text for lines, text in pairs])
            except ConfigError:
                advice = "explain fewer of them at once"
                raise Fault(f"the files are too long to be told apart: {advice}") from None
        places = []
        for layer, value, line, column in config.effective(country, region).explain(path):
            if line is None:
                places.append(Place(layer, None, None, None, value))
            else:
                file = bisect_left(before, line) - 1
                places.append(Place(layer, self.labels[file], line - before[file], column, value))
        return places


def visitor(options: argparse.Namespace, config: Config) -> Status:
    """The status of the visitor that the options describe."""
    cookies: dict[str, str] | str | bytes | None = None
    if options.cookie is not None:
        cookies = _header(options.cookie)
    notice: Notice = config.notice(options.country, options.region, cookies)
    if options.token is not None:
        cookies = {notice.cookie_name: _token(options.token)}
    return notice.status(cookies, now=options.now, user_agent=options.user_agent, gpc=options.gpc)


def check_stdin(options: argparse.Namespace) -> None:
    """Standard input can be read once."""
    given = [*options.files, *(getattr(options, name, None) for name in _READERS)]
    if given.count("-") > 1:
        raise Fault("standard input (-) can be read only once: name a file for the others")


_READERS = ("catalog", "gvl", "cookie", "token")


def moment(text: str) -> datetime:
    """--now: a date and a time with a zone, in any Python's reading."""
    found = _MOMENT.fullmatch(text)
    if found:
        day, minute, second, fraction, zone = found.groups()
        zone = "+00:00" if zone in "Zz" else f"{zone[:3]}:{zone[-2:]}"
        try:
            return datetime.fromisoformat(
                f"{day}T{minute}{second or ':00'}.{(fraction or '0').ljust(6, '0')}{zone}"
            )
        except ValueError:
            pass
    advice = "write one such as 2026-03-20T09:41:27Z"
    raise Fault(f"--now {_quoted(text)} is no moment with a time zone: {advice}")


def country(text: str) -> str:
    """--country: an assigned code. A visitor with a wrong one counts as being in no known
    country; somebody who types it is told."""
    if Config({}).notice(text).country is None:
        raise Fault(f"--country {_quoted(text)} is no ISO 3166-1 code: write one such as FR")
    return text


def region(text: str) -> str:
    """--region: the part of an ISO 3166-2 code behind the country."""
    if Config({}).notice("US", text).region is None:
        advice = "write the part behind the country, such as CA for US-CA"
        raise Fault(f"--region {_quoted(text)} is no region's code: {advice}")
    return text


def check_place(of: str | None, part: str | None) -> None:
    """Fault for a country or a region that is none, as the commands of web stacks are given them."""
    if of is not None:
        country(of)
    if part is not None:
        region(part)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _read(path: str) -> bytes:
    """The bytes of a file, `-` being standard input; no more than can be used."""
    try:
        if path == "-":
            if sys.stdin is None:
                raise Fault("standard input is closed: name a file instead of -")
            return sys.stdin.buffer.read(_MOST)
        with open(path, "rb") as file:
            return file.read(_MOST)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no file name"
        raise Fault(f"{path[:200]} cannot be read ({why}): check the path") from None


def _from_file(path: str, make: Callable[[bytes], _T]) -> _T:
    """What `make` reads from a file; a fault names the file."""
    text = _read(path)
    try:
        return make(text)
    except ConfigError as error:
        fault = _fault(error)
        label = "<stdin>" if path == "-" else path
        raise Fault(f"{label}: {fault}", fault.shown) from None


def _catalog(text: bytes) -> Catalog:
    value: Any = read_json(text)
    if not isinstance(value, dict):
        raise ConfigError("catalog: a catalog is an object: write { ... } round it")
    return Catalog(value)


def read_text() -> str:
    """A consent string on standard input."""
    return _read("-").decode("utf-8", "surrogateescape")


def read_gvl(path: str) -> GlobalVendorList:
    """A Global Vendor List in a file."""
    return _from_file(path, GlobalVendorList.from_json)


def _fault(error: ConfigError) -> Fault:
    return Fault(str(error.args[0]), error.excerpt)


def _header(given: str) -> str | bytes:
    """A Cookie header, with or without its name in front."""
    if given == "-":
        return re.sub(rb"\A\s*cookie:\s*", b"", _read("-").rstrip(b"\r\n"), flags=re.IGNORECASE)
    return re.sub(r"\A\s*cookie:\s*", "", given, flags=re.IGNORECASE)


def _token(given: str) -> str:
    if given == "-":
        return _read("-").rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    return given
