"""``flask consent check``, ``flask consent explain`` and ``flask consent lint``."""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from jinja2 import TemplateNotFound, TemplateSyntaxError

import consentpy as cp
from consentpy import _cli_input, _cli_lint
from consentpy.web.block import Unresolved, find
from consentpy.web.delivery import UNIFORM
from consentpy.web.source import Finding

from . import settings_of

group = AppGroup("consent", help="What consentpy does in this application.")


@group.command()
def check() -> None:
    """Tell what is wrong with the settings and the templates; 1 when something is."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    found = [*settings_of(app).found, *template_findings(app)]
    for finding in found:
        click.echo(f"consentpy.{finding.id}: {finding.text}")
        if finding.hint:
            click.echo(f"    {finding.hint}")
    errors = sum(finding.id.startswith("E") for finding in found)
    click.echo(f"{errors} errors, {len(found) - errors} warnings")
    if errors:
        raise SystemExit(1)


@group.command()
@click.argument("vendor", required=False)
@click.option("--purposes", help="Ids, with commas between them.")
@click.option("--gate", help="A name of CONSENTPY_GATES, in place of the two others.")
@click.option("--cookie", default="", help="The visitor's Cookie header.")
@click.option("--country", help="Two letters.")
@click.option("--region", help="Such as CA.")
@click.option("--gpc", is_flag=True, help="The visitor sent Sec-GPC: 1.")
def explain(
    vendor: str | None,
    purposes: str | None,
    gate: str | None,
    cookie: str,
    country: str | None,
    region: str | None,
    gpc: bool,
) -> None:
    """Tell why a tag may or may not run for a visitor; 1 when it may not."""
    runtime = settings_of(current_app).current()
    given = {"name": gate, "vendor": vendor, "purposes": purposes}
    given = {key: value for key, value in given.items() if value is not None}
    if not given or ("name" in given and len(given) > 1):
        raise click.UsageError("give a vendor, --purposes or both; or --gate alone.")
    try:
        _cli_input.check_place(country, region)
        asked = find(runtime, given, {})
    except (Unresolved, _cli_input.Fault) as reason:
        raise click.ClickException(str(reason)) from reason
    status: cp.Status = runtime.config.status(cookie, country=country, region=region, gpc=gpc)
    explanation = status.explain(asked)
    click.echo(str(explanation))
    if not explanation.allowed:
        raise SystemExit(1)


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def lint(as_json: bool) -> None:
    """Tell what in the notice's configuration is a mistake, or may be one; 1 for a mistake."""
    found = settings_of(current_app).current().config.lint()
    if as_json:
        click.echo(dumps({"diagnostics": [_cli_lint.record(one) for one in found]}, indent=2))
    else:
        click.echo("\n".join(_cli_lint.lines(found)))
    if _cli_lint.errors(found):
        raise SystemExit(1)


def template_findings(app: Flask) -> Iterator[Finding]:
    """Every ``{% consent %}`` in every template that the application's loaders can list."""
    from .jinja import ConsentExtension

    environment = app.jinja_env
    extension = environment.extensions[ConsentExtension.identifier]
    assert isinstance(extension, ConsentExtension)
    runtime = settings_of(app).checkable()
    same = settings_of(app).delivery.cache == UNIFORM
    try:
        names = environment.list_templates()
    except TypeError as error:  # a loader of functions
        yield Finding("W004", f"The templates cannot be listed, so none was checked: {error}")
        return
    for name in names:
        assert environment.loader is not None
        try:
            source = environment.loader.get_source(environment, name)[0]
        except (TemplateNotFound, UnicodeDecodeError):
            continue  # not a template that could be rendered either
        if "consent" not in source:
            continue
        try:
            blocks = list(extension.blocks(source, name))
        except TemplateSyntaxError as error:
            yield Finding("W004", f"{name} cannot be compiled, so it was not checked: {error}")
            continue
        for block in blocks:
            place = f"{name}, line {block.line}"
            if block.cached and not same:
                yield Finding(
                    "E013",
                    f"{place}: {{% consent %}} inside {{% cache %}} makes the fragment one "
                    "visitor's, so it is never kept.",
                    "Let the fragment vary on it: {% cache 600, 'name', consent.key() %}.",
                )
            if block.given is None or runtime is None:
                continue
            try:
                find(runtime, block.given, {})
            except Unresolved as reason:
                yield Finding(
                    reason.id,
                    f"{place}: {reason}",
                    "Until this is corrected the block denies to everybody.",
                )
