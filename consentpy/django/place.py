"""What a request says about the visitor: cookies, place, privacy signal, user agent.

Nothing is believed that the site did not name: the country comes from the header in
``COUNTRY_HEADER`` and from ``COUNTRY``, from nowhere else.
"""

from __future__ import annotations

import logging
from typing import NamedTuple, cast

from django.http import HttpRequest

from .conf import Runtime

logger = logging.getLogger("consentpy.django")


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


def visitor(request: HttpRequest, runtime: Runtime) -> Visitor:
    """What this request brings, by the settings of `runtime`. Reads headers only."""
    country, region = _place(request, runtime)
    agent = request.META.get("HTTP_USER_AGENT", "") if runtime.bots else None
    return Visitor(_cookie_header(request), country, region, _gpc(request), agent)


def _cookie_header(request: HttpRequest) -> str | bytes:
    """The raw ``Cookie`` header, never ``request.COOKIES``, which keeps one of a name.

    Servers hand header bytes over as latin-1 text; whatever is beyond ASCII goes on
    as those bytes, so that the core sees what was sent.
    """
    scope = getattr(request, "scope", None)
    if scope is not None:
        # HTTP/2 may split the header, and Django joins the lines with a comma,
        # which would hide every cookie but the first (and a refusal with it).
        lines = [value for name, value in scope.get("headers", ()) if name == b"cookie"]
        if len(lines) > 1:
            return b"; ".join(lines)
    text: str = request.META.get("HTTP_COOKIE", "")
    return text if text.isascii() else text.encode("latin-1", "replace")


def _gpc(request: HttpRequest) -> bool:
    """Sec-GPC: on when one of its lines is exactly 1; servers join lines with a comma."""
    lines = request.META.get("HTTP_SEC_GPC", "").split(",")
    return any(line.strip(" \t") == "1" for line in lines)


def _header(request: HttpRequest, name: str | None) -> str | None:
    if name is None:
        return None
    value: str = request.META.get("HTTP_" + name.upper().replace("-", "_"), "")
    return value.strip() or None


def _place(request: HttpRequest, runtime: Runtime) -> tuple[str | None, str | None]:
    """Country and region, None where unknown. The header wins over ``COUNTRY``."""
    region = _header(request, runtime.region_header)
    sent = _header(request, runtime.country_header)
    if sent is not None:
        return sent, region
    source = runtime.country
    if not callable(source):
        return source, region
    try:
        answer = cast(object, source(request))
    except Exception:
        # A visitor's odd header must not take the page down; an unknown place
        # means that the opt-in law applies (R2).
        logger.exception("CONSENTPY['COUNTRY'] failed; the visitor's country counts as unknown.")
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
        "CONSENTPY['COUNTRY'] returned a %s; it must return a code, None or a (country, region) "
        "pair. The visitor's country counts as unknown.",
        type(answer).__name__,
    )
    return None, None
