"""consentpy in Django: ``request.consent``, ``{% consent %}`` and private caching.

Install with ``"consentpy.django"`` in ``INSTALLED_APPS`` and
``"consentpy.django.ConsentMiddleware"`` in ``MIDDLEWARE``; the settings live in the
mapping ``CONSENTPY`` (see ``docs/django.md``).
"""

from __future__ import annotations

from .conf import gate
from .lazy import Consent
from .middleware import ConsentMiddleware

__all__ = ["Consent", "ConsentMiddleware", "gate"]
