"""The Django application: registers the system checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks


class ConsentpyConfig(AppConfig):
    """``"consentpy.django"`` in ``INSTALLED_APPS`` finds this class by itself."""

    name = "consentpy.django"
    label = "consentpy"
    verbose_name = "Consent"

    def ready(self) -> None:
        """Wrong settings are reported by the checks and stop the middleware, not this."""
        from .checks import check_middleware, check_settings, check_templates
        from .delivery_checks import check_rewriting
        from .fragments import watch

        watch()

        checks.register(check_settings, "consentpy")
        checks.register(check_middleware, "consentpy")
        checks.register(check_rewriting, "consentpy")
        checks.register(check_templates, "consentpy", checks.Tags.templates)
