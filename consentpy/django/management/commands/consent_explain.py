"""``manage.py consent_explain``: why a tag may or may not run, or where a value comes from.

manage.py consent_explain --vendor google --purposes cookies --country FR --cookie "…"
manage.py consent_explain --gate ads --country FR
manage.py consent_explain --path app.consentDuration --country FR
"""

from __future__ import annotations

from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consentpy.django.management import check_place, runtime
from consentpy.web.block import Unresolved, find

_CONDITION = ("gate", "vendor", "purposes")


class Command(BaseCommand):
    """Exit code 1 when the tag may not run, or nothing stands at the path."""

    help = (
        "Tells why a tag may run for a visitor, or may not (exit code 1); with --path, where a "
        "value of the configuration comes from."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--gate", metavar="NAME", help="a name of CONSENTPY['GATES']")
        parser.add_argument("--vendor", metavar="ID", help="the tag's vendor")
        parser.add_argument("--purposes", metavar="ID,ID", help="the tag's purposes")
        parser.add_argument("--path", help="a configuration path such as app.consentDuration")
        parser.add_argument("--cookie", default="", help="the visitor's Cookie header")
        parser.add_argument("--country", metavar="CC", help="where the visitor is: FR")
        parser.add_argument("--region", metavar="RR", help="region of the country: CA")
        parser.add_argument("--gpc", action="store_true", help="the visitor sends Sec-GPC: 1")

    def handle(self, *args: Any, **options: Any) -> None:
        given = {key: options[key] for key in _CONDITION if options[key] is not None}
        if (options["path"] is None) == (not given) or ("gate" in given and len(given) > 1):
            raise CommandError("give --vendor, --purposes or both; or --gate; or --path.")
        check_place(options["country"], options["region"])
        if given:
            self._verdict(given, options)
        else:
            self._origins(options)

    def _verdict(self, given: dict[str, Any], options: dict[str, Any]) -> None:
        settings = runtime()
        if "gate" in given:
            given = {"name": given["gate"]}
        try:
            asked = find(settings, given, {})
        except Unresolved as reason:
            raise CommandError(str(reason)) from reason
        status = settings.config.status(
            options["cookie"],
            country=options["country"],
            region=options["region"],
            gpc=options["gpc"],
        )
        explanation = status.explain(asked)
        self.stdout.write(str(explanation))
        if not explanation.allowed:
            raise SystemExit(1)

    def _origins(self, options: dict[str, Any]) -> None:
        effective = runtime().config.effective(options["country"], options["region"])
        origins = effective.explain(options["path"])
        if not origins:
            raise CommandError(f"nothing stands at {options['path'][:200]!r}.")
        for origin in origins:
            place = f":{origin.line}:{origin.column}" if origin.line else ""
            value = dumps(origin.value, ensure_ascii=True)
            self.stdout.write(f"{origin.layer}{place}: {value}")
