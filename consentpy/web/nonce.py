"""The nonce of a request's Content-Security-Policy: that of NONCE, else wherever the site's stack
keeps it.

Asking for a nonce makes Django and django-csp put it into the policy, so ask only when something
is written that needs it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

logger = logging.getLogger("consentpy.web")

# nonce-source of CSP: base64 or base64url. Nothing else may reach an attribute.
_NONCE = re.compile(r"[A-Za-z0-9+/_-]+={0,2}\Z")


def nonce_for(function: Callable[[Any], Any] | None, request: Any) -> str | None:
    """The nonce for everything that is written into a page, or None when there is none.

    `function`: NONCE. Where it is set nothing else is looked at; what fails gives no nonce.
    """
    if function is None:
        return nonce_of(request) or nonce_of(getattr(request, "environ", None))
    try:
        found = function(request)
        text = "" if found is None else str(found)
    except Exception:  # the page must come; what cannot run without a nonce does not
        logger.exception("The nonce could not be read, so no tag gets one.")
        return None
    if text and not _NONCE.match(text):
        logger.error("The nonce has characters that none has, so no tag gets it.")
        return None
    return text or None


def nonce_of(request: Any) -> str | None:
    """The nonce, or None when there is none.

    `request` is one of: a request object with ``csp_nonce`` (django-csp, Flask-Talisman) or
    ``_csp_nonce`` (Django 6); an ASGI scope with ``csp_nonce`` in its ``state``; a WSGI environ
    with ``csp_nonce``. A function is called. Whatever is no nonce counts as none.
    """
    try:
        found = _kept(request)
        if callable(found) and not isinstance(found, str):
            found = found()
        if found is None:
            return None
        # Django's own is made when it is first read as text, and false until then.
        text = str(found)
    except Exception:  # django-csp raises when the policy is out already
        return None
    return text if _NONCE.match(text) else None


def _kept(request: Any) -> Any:
    if isinstance(request, Mapping):
        state = request.get("state")
        inside = state if isinstance(state, Mapping) else request
        return inside.get("csp_nonce")
    found = getattr(request, "csp_nonce", None)
    return getattr(request, "_csp_nonce", None) if found is None else found
