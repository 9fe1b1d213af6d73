"""What a request says about the visitor: cookies, place, privacy signal, user agent.

Nothing is believed that the site did not name: the country comes from the header in
``COUNTRY_HEADER`` and from ``COUNTRY``, from nowhere else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from .geoip import Reader

#: What a COUNTRY callable may return: a code, a (country, region) pair, or None.
Place = str | tuple[str | None, str | None] | None


class Sources(Protocol):
    """The part of the settings that says where to look (see `settings.Runtime`)."""

    @property
    def country(self) -> str | Callable[[Any], Place] | None: ...
    @property
    def country_header(self) -> str | None: ...
    @property
    def region_header(self) -> str | None: ...
    @property
    def geoip(self) -> Reader | None: ...
    @property
    def geoip_address(self) -> str | None: ...
    @property
    def bots(self) -> bool: ...
    @property
    def label(self) -> str: ...


class Carrier(Protocol):
    """A request, as much of it as a verdict needs. One class per kind of request."""

    @property
    def path(self) -> str:
        """For the log."""

    @property
    def method(self) -> str:
        """In capitals, as it was sent."""

    def native(self) -> Any:
        """What the site's own functions are called with."""

    def cookies(self) -> str | bytes:
        """The raw ``Cookie`` header; several lines joined with ``; ``."""

    def header(self, name: str) -> str:
        """All lines of a header, joined with commas; empty when there is none."""

    def address(self) -> str:
        """Of the other end of the connection; empty when it is not known."""


class Visitor(NamedTuple):
    """The whole input of a verdict, time apart."""

    cookies: str | bytes
    country: str | None
    region: str | None
    gpc: bool
    user_agent: str | None

    def __repr__(self) -> str:
        # Debug pages print local variables; a cookie's value has no business there.
        return f"<{type(self).__name__} in {self.country}/{self.region}>"


def visitor(carrier: Carrier, sources: Sources, logger: logging.Logger) -> Visitor:
    """What this request brings, by the settings. Reads headers only.

    The header wins over ``COUNTRY``, and both over ``GEOIP``.
    """
    header = carrier.header
    region: str | None = None
    country: str | None = None
    if sources.region_header is not None:
        region = header(sources.region_header).strip() or None
    if sources.country_header is not None:
        country = header(sources.country_header).strip() or None
    if country is None:
        source = sources.country
        if callable(source):
            country, region = _told(carrier, source, region, sources.label, logger)
        else:
            country = source
        if country is None and sources.geoip is not None:
            country, found = _by_address(carrier, sources.geoip, sources.geoip_address)
            region = region or found
    agent = header("User-Agent") if sources.bots else None
    signal = header("Sec-GPC")
    gpc = signal != "" and _gpc(signal)
    # What NamedTuple writes for `Visitor(...)` takes as long as all of the above.
    return tuple.__new__(Visitor, (carrier.cookies(), country, region, gpc, agent))


def _gpc(lines: str) -> bool:
    """Sec-GPC: on when one of its lines is exactly 1."""
    return any(line.strip(" \t") == "1" for line in lines.split(","))


def _by_address(
    carrier: Carrier, reader: Reader, header: str | None
) -> tuple[str | None, str | None]:
    if header is None:
        return reader.place(carrier.address())
    # The last one is that of the site's own proxy; others may be the visitor's invention.
    return reader.place(carrier.header(header).rpartition(",")[2])


def _told(
    carrier: Carrier,
    source: Callable[[Any], Place],
    region: str | None,
    label: str,
    logger: logging.Logger,
) -> tuple[str | None, str | None]:
    """What the function COUNTRY says, with the region that a header has named."""
    try:
        answer = cast(object, source(carrier.native()))
    except Exception:
        # A visitor's odd header must not take the page down; an unknown place
        # means that the opt-in law applies (R2).
        logger.exception("%s failed; the visitor's country counts as unknown.", label)
        return None, None
    if answer is None or isinstance(answer, str):
        return answer, region
    if (
        isinstance(answer, tuple)
        and len(answer) == 2
        and all(part is None or isinstance(part, str) for part in answer)
    ):
        return answer
    logger.error(
        "%s returned a %s; it must return a code, None or a (country, region) "
        "pair. The visitor's country counts as unknown.",
        label,
        type(answer).__name__,
    )
    return None, None


@lru_cache(maxsize=64)
def _meta(name: str) -> str:
    """A header's name in an environ."""
    return "HTTP_" + name.upper().replace("-", "_")


class EnvironCarrier:
    """A request in a WSGI environ, or in the mapping of that form that a framework keeps."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    @property
    def path(self) -> str:
        return str(self._environ.get("SCRIPT_NAME", "")) + str(self._environ.get("PATH_INFO", ""))

    @property
    def method(self) -> str:
        return str(self._environ.get("REQUEST_METHOD", ""))

    def native(self) -> Any:
        return self._environ

    def cookies(self) -> str | bytes:
        """Servers hand header bytes over as latin-1 text; whatever is beyond ASCII goes on
        as those bytes, so that the core sees what was sent."""
        text: str = self._environ.get("HTTP_COOKIE", "")
        return text if text.isascii() else text.encode("latin-1", "replace")

    def header(self, name: str) -> str:
        value: str = self._environ.get(_meta(name), "")
        return value

    def address(self) -> str:
        return str(self._environ.get("REMOTE_ADDR") or "")

    def texts(self) -> Iterator[str]:
        """All that the visitor sends before the body, but for what a cache in front has set."""
        for name, value in self._environ.items():
            if isinstance(value, str) and name != "HTTP_CONSENT_KEY":
                yield value


class ScopeCarrier:
    """A request in an ASGI scope, of type ``http`` or ``websocket``."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._scope = scope

    @property
    def path(self) -> str:
        return str(self._scope.get("path", ""))

    @property
    def method(self) -> str:
        return str(self._scope.get("method", ""))

    def native(self) -> Any:
        return self._scope

    def _lines(self, name: bytes) -> list[bytes]:
        return [value for key, value in self._scope.get("headers", ()) if key.lower() == name]

    def cookies(self) -> bytes:
        # HTTP/2 may split the header; joined in any other way, every cookie but the
        # first would be hidden, and a refusal with it.
        return b"; ".join(self._lines(b"cookie"))

    def header(self, name: str) -> str:
        return b",".join(self._lines(name.lower().encode("latin-1"))).decode("latin-1")

    def address(self) -> str:
        client = self._scope.get("client")
        return str(client[0]) if client else ""
