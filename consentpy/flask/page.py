"""``consent_bootstrap()``, ``consent_gtag()`` and ``consent_data_layer()``: globals of Jinja.

Each is a script element that tells the browser what the server has decided
(`consentpy.web.bootstrap`), with the nonce of the request's Content-Security-Policy.
"""

from __future__ import annotations

from markupsafe import Markup

from consentpy.web.bootstrap import written
from consentpy.web.nonce import nonce_for

from . import NoRequest, current_request, stand_in


def _element(name: str, **options: str | None) -> Markup:
    asked = stand_in()
    if isinstance(asked, NoRequest):
        asked._late()  # says so in the log
        return Markup("")

    def nonce() -> str | None:
        return nonce_for(asked._delivery().nonce, current_request())

    return Markup(written(asked, name, nonce, **options))


def consent_bootstrap() -> Markup:
    """``window.didomiConfig`` with the country and region by which the server decided."""
    return _element("consent_bootstrap")


def consent_gtag() -> Markup:
    """Google Consent Mode, where the notice switches it on."""
    return _element("consent_gtag")


def consent_data_layer(event: str | None = None) -> Markup:
    """The variables for tag managers, with an event when one is named."""
    return _element("consent_data_layer", event=event)


GLOBALS = {
    function.__name__: function
    for function in (consent_bootstrap, consent_gtag, consent_data_layer)
}
