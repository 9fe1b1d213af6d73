"""Optional: ``consent`` in every template, for ``request.consent``."""

from __future__ import annotations

from django.http import HttpRequest

from .lazy import Consent


def consent(request: HttpRequest) -> dict[str, Consent]:
    """``"consentpy.django.context_processors.consent"`` in the options of an engine.

    Asks nothing: a page that does not use `consent` stays cacheable. Without the middleware there
    is no `consent`.
    """
    found = getattr(request, "consent", None)
    return {"consent": found} if isinstance(found, Consent) else {}
