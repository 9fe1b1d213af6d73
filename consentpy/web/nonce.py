"""The nonce of a request's Content-Security-Policy, wherever the site's stack keeps it.

Asking for a nonce makes Django and django-csp put it into the policy, so ask only when something
is written that needs it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# nonce-source of CSP: base64 or base64url. Nothing else may reach an attribute.
_NONCE = re.compile(r"[A-Za-z0-9+/_-]+={0,2}\Z")


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
