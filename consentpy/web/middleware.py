"""What the WSGI and the ASGI middleware share: their settings and the answer's headers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from .headers import CONDITIONAL, Header, not_modified, without_body
from .holder import Settings
from .keyed import added, marked
from .lazy import Consent
from .settings import SettingsError, sentence
from .source import Spelling
from .vendor_cookies import filtered

logger = logging.getLogger("consentpy.web")

SPELLING = Spelling("ConsentMiddleware", lambda key: f"{key.lower()}=")


def settings_of(keywords: Mapping[str, Any]) -> Settings:
    """The settings given as keyword arguments: the keys in lower case. SettingsError."""
    given = {key.upper(): value for key, value in keywords.items() if value is not None}
    return checked(Settings(given, SPELLING, None, logger))


def checked(settings: Settings) -> Settings:
    """The same, after a log line for each warning. SettingsError when they cannot be used."""
    if settings.usable() is None:
        raise SettingsError(sentence(settings.found))
    for finding in settings.found:
        logger.warning("%s %s (consentpy.%s)", finding.text, finding.hint or "", finding.id)
    return settings


class Conditions:
    """The conditional headers of a request, which the application does not get to see.

    It would answer 304 by a validator that knows nothing of consent; a visitor who refused
    would then keep the page that was allowed before.
    """

    def __init__(self, none_match: str = "", modified_since: str = "") -> None:
        self._none_match = none_match
        self._modified_since = modified_since

    def __bool__(self) -> bool:
        return bool(self._none_match or self._modified_since)

    def met(self, code: int, headers: Iterable[Header], read: bool) -> bool:
        """Whether 304 is the answer to a response with these final headers."""
        return bool(self) and not_modified(
            code, headers, self._none_match, self._modified_since, read
        )


NO_CONDITIONS = Conditions()


def hides_conditions(method: str, has: Any) -> bool:
    """Whether a request's conditions are the middleware's to answer. `has`: a header is there."""
    if method not in CONDITIONAL:
        return False
    return not (has("If-Match") or has("If-Unmodified-Since"))


def usual(
    settings: Settings, consent: Consent | None, headers: list[Header]
) -> list[Header] | None:
    """The headers to send in place of `headers`, for the most of responses: those to requests
    without conditions that did not ask, or whose headers say nothing to caches. None: `answered`
    has to tell. `consent` is None for a request that has none yet.
    """
    if consent is None or consent._status is None:
        runtime = settings.common()
        return None if runtime is None or runtime.vendor_cookies else headers
    more = None if consent._settled().vendor_cookies else added(consent, headers)
    return None if more is None else [*headers, *more]


def answered(
    consent: Consent, conditions: Conditions, code: int, headers: list[Header], streamed: bool
) -> tuple[list[Header], bool]:
    """The headers to send in place of `headers`, and whether they are those of a 304.

    From here on the consent is closed. `streamed`: more may be read while the body is made.
    """
    headers = filtered(consent, headers)
    read = consent._status is not None
    if read:
        headers = marked(consent, headers, streamed)
    consent._close()
    if conditions is not NO_CONDITIONS and conditions.met(code, headers, read):
        return without_body(headers), True
    return headers, False
