"""``{% consent_bootstrap %}``, ``{% consent_gtag %}`` and ``{% consent_data_layer %}``.

    {% load consentpy %}
    {% consent_bootstrap %}{% consent_gtag %}{% consent_data_layer event="consent-known" %}

Script elements that tell the browser what the server has decided (`consentpy.web.bootstrap`),
with the nonce of the request's Content-Security-Policy. Without a request they are empty.
"""

from __future__ import annotations

import logging
from typing import Any

from django.template import Library, TemplateSyntaxError
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from consentpy.web.bootstrap import SCRIPTS, written
from consentpy.web.nonce import nonce_for

from .lazy import Consent

logger = logging.getLogger("consentpy.django")


def request_of(context: Context) -> Any:
    """The request that passed the middleware, or None."""
    request = getattr(context, "request", None)
    if isinstance(getattr(request, "consent", None), Consent):
        return request  # the way of every page; others are a plain Context that was given it
    request = context.get("request")
    return request if isinstance(getattr(request, "consent", None), Consent) else None


class PageNode(Node):
    """One of the elements of `SCRIPTS`."""

    def __init__(self, name: str, event: FilterExpression | None) -> None:
        self._name, self._event = name, event
        self.what = f"{{% {name} %}}"

    def render(self, context: Context) -> SafeString:
        request = request_of(context)
        if request is None:
            logger.warning(
                "%s was rendered without a request that passed the consent middleware, so it is "
                "empty.",
                self.what,
            )
            return mark_safe("")
        options: dict[str, str | None] = {}
        if self._event is not None:
            event = self._event.resolve(context, ignore_failures=True)
            options["event"] = str(event) if event else None
        consent: Consent = request.consent

        def nonce() -> str | None:
            return nonce_for(consent._delivery().nonce, request)

        return mark_safe(written(consent, self._name, nonce, **options))


def _compile(parser: Parser, token: Token) -> PageNode:
    name, *bits = token.split_contents()
    event = None
    for bit in bits:
        key, _, value = bit.partition("=")
        if name != "consent_data_layer" or key != "event" or not value or event is not None:
            allowed = "event=… once" if name == "consent_data_layer" else "nothing"
            raise TemplateSyntaxError(f"{name} has no argument {bit!r}; it takes {allowed}.")
        event = parser.compile_filter(value)
    return PageNode(name, event)


def register(library: Library) -> None:
    """Put the tags into a library."""
    for name in SCRIPTS:
        library.tag(name, _compile)
