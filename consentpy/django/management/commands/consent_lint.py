"""``manage.py consent_lint``: what in the notice's configuration is a mistake, or may be one."""

from __future__ import annotations

from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from consentpy import _cli_lint
from consentpy.django.management import runtime


class Command(BaseCommand):
    """Exit code 1 for a mistake."""

    help = "Tells what in the notice's configuration is a mistake (exit code 1), or may be one."
    requires_system_checks: list[str] = []  # noqa: RUF012  (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = runtime().config.lint()
        if options["json"]:
            records = [_cli_lint.record(one) for one in found]
            self.stdout.write(dumps({"diagnostics": records}, indent=2))
        else:
            self.stdout.write("\n".join(_cli_lint.lines(found)))
        if _cli_lint.errors(found):
            raise SystemExit(1)
