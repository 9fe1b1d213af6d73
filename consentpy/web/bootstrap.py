"""Script elements that tell the browser what the server has decided.

They stand before every other script of a page: the SDK, Google's tags and the tag manager read
what they leave. Each is one element, made only of this module's text, of JSON and of a nonce;
or nothing, where there is nothing to tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

import consentpy as cp

from .lazy import Consent, LateReadError
from .nonce import nonce_for

_CONFIG = (
    "window.didomiConfig=window.didomiConfig||{};"
    "window.didomiConfig.user=Object.assign(window.didomiConfig.user||{},%s);"
)
_GTAG = (
    "(function(w,n){w[n]=w[n]||[];w.gtag=w.gtag||function(){w[n].push(arguments);};%s})(window,%s);"
)
_PUSH = "(function(w,n){(w[n]=w[n]||[]).push(%s);})(window,%s);"
_TYPES = (
    "ad_storage",
    "ad_user_data",
    "ad_personalization",
    "analytics_storage",
    "functionality_storage",
    "personalization_storage",
)
_GOOGLE = ("google", "c:googleana-4TXnJigR")  # the vendors that decide
# A script element ends at the first `</script`, whatever stands round it; `&` is for pages that
# are parsed as XML. JSON of ASCII has no U+2028 or U+2029 left.
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&'"}


def literal(value: object) -> str:
    """`value` as JSON that is also JavaScript, and safe inside a script element."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).translate(_UNSAFE)


def element(script: str, nonce: str | None) -> str:
    """The script element; empty for an empty script."""
    if not script:
        return ""
    mark = f' nonce="{escape(nonce)}"' if nonce else ""
    return f"<script{mark}>{script}</script>"


def config_script(status: cp.Status, config: cp.Config) -> str:
    """``window.didomiConfig`` with the visitor's country and region, merged into what is there.

    Empty while the country is unknown: then the SDK decides by itself.
    """
    notice = status.notice
    if notice.country is None:
        return ""
    place = {"country": notice.country}
    if notice.region is not None:
        place["region"] = notice.region
    return _CONFIG % literal(place)


def gtag_script(status: cp.Status, config: cp.Config) -> str:
    """Google Consent Mode: the default, and where there is an answer the update.

    Empty where the notice does not switch Consent Mode on, or has nothing to send.
    """
    told = status.google_consent_mode()
    if told is None:
        return ""
    if _answered(status):
        denied = {**dict.fromkeys(_TYPES, "denied"), "security_storage": "granted"}
        calls = [("default", denied), ("update", told)]
    else:
        calls = [("default", told)]
    text = "".join(f'w.gtag("consent","{kind}",{literal(types)});' for kind, types in calls)
    return _GTAG % (text, literal(_name(status, config, "integrations.vendors.gcm.dataLayerName")))


def data_layer_script(status: cp.Status, config: cp.Config, event: str | None = None) -> str:
    """One entry in the tag manager's data layer, with an `event` when one is named."""
    entry: dict[str, Any] = {} if event is None else {"event": event}
    entry.update(status.data_layer())
    return _PUSH % (literal(entry), literal(_name(status, config, "tagManager.dataLayerName")))


def _answered(status: cp.Status) -> bool:
    """Whether `google_consent_mode` tells a verdict, not the configured defaults."""
    return any(status.allows(id) or status.vendor(id) is not None for id in _GOOGLE)


def _name(status: cp.Status, config: cp.Config, path: str) -> str:
    notice = status.notice
    found = config.effective(notice.country, notice.region).get(path, None)
    return found if isinstance(found, str) and found else "dataLayer"


#: Names in templates, and what each writes.
SCRIPTS: dict[str, Callable[..., str]] = {
    "consent_bootstrap": config_script,
    "consent_gtag": gtag_script,
    "consent_data_layer": data_layer_script,
}


def written(
    consent: Consent, name: str, nonce: Callable[[], str | None], **options: str | None
) -> str:
    """The element `name` of `SCRIPTS` for a request; empty (logged) once its headers are out.

    `nonce` is asked only for an element that is not empty. Where every page is the same for
    everybody it has no country.
    """
    if name == "consent_bootstrap" and consent._settled().uniform:
        return ""
    try:
        status = consent.status
    except LateReadError:
        return ""
    script = SCRIPTS[name](status, consent._settled().config, **options)
    return element(script, nonce()) if script else ""


# ------------------------------------------------------------------ for stacks without templates


class Element(str):
    """A finished element, which template languages do not escape."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def consent_bootstrap(consent: Consent) -> Element:
    """``window.didomiConfig`` with the country and region by which the server decided."""
    return _finished(consent, "consent_bootstrap")


def consent_gtag(consent: Consent) -> Element:
    """Google Consent Mode, where the notice switches it on."""
    return _finished(consent, "consent_gtag")


def consent_data_layer(consent: Consent, event: str | None = None) -> Element:
    """The variables for tag managers, with an event when one is named."""
    return _finished(consent, "consent_data_layer", event=event)


def _finished(consent: Consent, name: str, **options: str | None) -> Element:
    def nonce() -> str | None:
        return nonce_for(consent._delivery().nonce, consent._carrier.native())

    return Element(written(consent, name, nonce, **options))
