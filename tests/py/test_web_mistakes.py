"""Mistakes of somebody who sets a site up: each is told in words that lead to its mend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.template import RequestContext, Template
from django.test import override_settings
from django_app.visitors import ALL, token, visitor
from jinja2 import FunctionLoader
from test_django_page import a_request
from test_django_tags import PROCESSORS, engine
from web_sites import NOTICE, STACKS, Site, sent

from consentpy.django import conf
from consentpy.flask import Consent
from consentpy.web.settings import SettingsError

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def a_failing_source() -> Any:
    raise LookupError("no such notice")


def refused(stack: str, changes: dict[str, Any]) -> str:
    """Why a site does not start with these settings."""
    with pytest.raises((SettingsError, ImproperlyConfigured)) as caught:
        Site(stack, changes).get("/plain")
    return str(caught.value)


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize("source", [a_failing_source, f"{__name__}.a_failing_source"])
def test_a_function_of_config_that_fails(stack: str, source: Any) -> None:
    text = refused(stack, {"CONFIG": source, "CACHE": "shared"})
    assert "a_failing_source() raised LookupError: no such notice (consentpy.E004)" in text
    assert "consentpy.E010" in text  # the other mistakes are told with it


def test_a_function_of_config_that_fails_is_a_message_of_the_checks() -> None:
    with override_settings(CONSENTPY={"CONFIG": a_failing_source, "COUNTRY": "FR"}):
        found = [one for one in run_checks(tags=["consentpy"]) if one.id == "consentpy.E004"]
    assert len(found) == 1 and "LookupError" in found[0].msg


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_path(stack: str, empty: str) -> None:
    text = refused(stack, {"CONFIG": empty})
    assert f"is {empty!r}; allowed: a path" in text and "directory" not in text


@pytest.mark.parametrize("code", ["UK", "EU", "xx"])
def test_two_letters_that_are_no_country(stack: str, code: str) -> None:
    text = refused(stack, {"COUNTRY": code})
    assert f"is {code!r}; allowed: a country's code: GB, FR, …. (consentpy.E006)" in text


@pytest.mark.parametrize("code", ["GB", "fr", "XK"])
def test_codes_of_countries(stack: str, code: str) -> None:
    assert Site(stack, {"COUNTRY": code}).get("/plain").status == 200


def a_site(request: Any) -> None:
    """Every request is for the site of CONFIG."""


@pytest.mark.parametrize("other", [True, False])
def test_a_gate_that_may_be_of_another_site(
    stack: str, other: bool, caplog: pytest.LogCaptureFixture
) -> None:
    changes = {"GATES": {"theirs": {"vendor": "of-another-site"}}}
    if other:
        changes["CONFIG_FOR"] = a_site  # type: ignore[assignment]
    site = Site(stack, changes)
    with site.held():
        assert site.get("/plain").status == 200
        found = [one.id for one in conf.loaded()[1]] if stack.startswith("django") else []
    assert ("E009" in caplog.text or "consentpy.E009" in found) == (not other)


# --------------------------------------------------------------- templates

BLOCK = "{%% consent %s %%}yes{%% denied %%}no{%% endconsent %%}"


def in_django(arguments: str, **values: Any) -> str:
    request = a_request(AGREED)
    template = Template("{% load consentpy %}" + BLOCK % arguments)
    return template.render(RequestContext(request, {"request": request, **values}))


def in_flask(arguments: str, **values: Any) -> str:
    app = flask.Flask("site")
    app.config.update(CONSENTPY_CONFIG=NOTICE, CONSENTPY_COUNTRY="FR")
    Consent(app)
    with app.test_request_context("/", headers=sent(AGREED)):
        return flask.render_template_string(BLOCK % arguments.replace(" ", ", "), **values)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("ads", "is empty; a name is written in quotes."),
        ("vendor=one_list", "a vendor is a str or an int, not list"),
        ("purposes=lists", "a purpose is a str or an int, not list"),
        ("vendor=request.consent", "a vendor is a str or an int, not Consent"),
        ("vendor=consent", "a vendor is a str or an int, not ConsentProxy"),
    ],
)
def test_values_that_are_no_ids(
    arguments: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    values = {"one_list": ["adshop"], "lists": [["adverts"]]}
    stacks = {"Consent": [in_django], "ConsentProxy": [in_flask]}
    for render in stacks.get(told.split()[-1], [in_django, in_flask]):
        caplog.clear()
        assert render(arguments, **values) == "no"
        assert told in caplog.text


def test_a_name_without_quotes_is_told_as_it_is_written(caplog: pytest.LogCaptureFixture) -> None:
    assert in_django("ads") == "no"
    assert "denies: ads is empty" in caplog.text


def test_templates_that_cannot_be_listed() -> None:
    app = flask.Flask("site")
    app.config.update(CONSENTPY_CONFIG=NOTICE, CONSENTPY_COUNTRY="FR")
    app.jinja_options = {
        "loader": FunctionLoader(lambda name: "{% consent 'ads' %}{% endconsent %}")
    }
    Consent(app)
    told = app.test_cli_runner().invoke(args=["consent", "check"])
    assert told.exit_code == 0 and told.exception is None
    assert "consentpy.W004: The templates cannot be listed" in told.output
    assert "0 errors, 1 warnings" in told.output


# ------------------------------------------- fragments in {% cache %}, found at last


@pytest.fixture
def templates(tmp_path: Path) -> Iterator[Path]:
    with override_settings(TEMPLATES=engine([tmp_path], PROCESSORS)):
        yield tmp_path


ASKS = '{%load consentpy%}{%consent "advertising"%}x{%endconsent%}'


@pytest.mark.parametrize(
    "files",
    [
        # Tags without the blanks that everybody writes.
        {"page.html": '{%load cache%}{%cache 9 f%}{%include "part.html"%}{%endcache%}'},
        {
            "base.html": "{%load cache%}{%cache 9 f%}{%block b%}{%endblock%}{%endcache%}",
            "page.html": '{%extends "base.html"%}{%block b%}{%include "part.html"%}{%endblock%}',
        },
        {
            "base.html": "{%load cache%}{%  cache 9 f%}{%block b%}{%endblock%}{%endcache%}",
            "page.html": '{%  extends "base.html"%}{%block b%}{%include "part.html"%}{%endblock%}',
        },
        # What is included may itself extend a template that asks.
        {
            "page.html": '{% load cache %}{% cache 9 f %}{% include "inner.html" %}{% endcache %}',
            "inner.html": '{% extends "middle.html" %}{% block b %}{% endblock %}',
            "middle.html": '{% extends "part.html" %}',
        },
    ],
)
def test_every_way_into_a_cache(templates: Path, files: dict[str, str]) -> None:
    (templates / "part.html").write_text(ASKS)
    assert run_checks(tags=["consentpy"]) == []
    for name, text in files.items():
        (templates / name).write_text(text)
    (found,) = run_checks(tags=["consentpy"])
    assert found.id == "consentpy.E013" and "part.html, line 1: " in found.msg


# ---------------------------------------------------------------- commands

WHERE = [
    (("--country", "France"), "--country 'France' is no ISO 3166-1 code"),
    (("--country", "UK"), "--country 'UK' is no ISO 3166-1 code"),
    (("--country", "US", "--region", "California"), "--region 'California' is no region's code"),
]


@pytest.mark.parametrize(("where", "told"), WHERE)
@pytest.mark.parametrize("what", [("--vendor", "adshop"), ("--path", "app.name")])
def test_places_that_are_none_in_djangos_commands(
    what: tuple[str, ...], where: tuple[str, ...], told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        call_command("consent_explain", *what, *where)


@pytest.mark.parametrize(("where", "told"), WHERE)
def test_places_that_are_none_in_flasks_commands(where: tuple[str, ...], told: str) -> None:
    app = flask.Flask("site")
    app.config.update(CONSENTPY_CONFIG=NOTICE, CONSENTPY_COUNTRY="FR")
    Consent(app)
    done = app.test_cli_runner().invoke(args=["consent", "explain", "adshop", *where])
    assert done.exit_code == 1 and told in done.output


@pytest.mark.parametrize(
    "command",
    [("consent_lint",), ("consent_explain", "--gate", "x"), ("consent_explain", "--path", "app")],
)
def test_commands_tell_wrong_settings_in_a_line(command: tuple[str, ...]) -> None:
    changed = {"CONFIG": "missing.json", "BOTS": 7}
    with (
        override_settings(CONSENTPY=changed),
        pytest.raises(CommandError, match=r"E003.*missing\.json.*E004"),
    ):
        call_command(*command)
