"""Commands of ``manage.py``, and what they have in common: mistakes are told in a line."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from consentpy import _cli_input
from consentpy.django import conf


def runtime() -> conf.Runtime:
    """The settings in force; CommandError with all mistakes."""
    try:
        return conf.current()
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from error


def check_place(country: str | None, region: str | None) -> None:
    """CommandError for a code that is none: such a visitor is nowhere, silently."""
    try:
        _cli_input.check_place(country, region)
    except _cli_input.Fault as fault:
        raise CommandError(str(fault)) from fault
