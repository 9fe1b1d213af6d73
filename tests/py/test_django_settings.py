"""Django: the setting CONSENTPY, the system checks, and where the visitor is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django_app  # noqa: F401  (sets Django up)
import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django_app import settings as project
from django_app.visitors import visitor
from vendor_lists import listed, vendor_list

import consentpy as cp
from consentpy.django import ConsentMiddleware, conf, gate
from consentpy.django.place import visitor as read_visitor

NOTICE = Path(project.__file__).parent / "notice.json"
CONFIG = json.loads(NOTICE.read_text())


def load_config() -> dict[str, Any]:
    return CONFIG


def load_layers() -> list[Any]:
    return [NOTICE, {"app": {"name": "other"}}]


def load_finished() -> cp.Config:
    return cp.Config(CONFIG)


def load_nonsense() -> int:
    return 7


def in_brazil(request: HttpRequest) -> str:
    return "BR"


def in_california(request: HttpRequest) -> tuple[str, str]:
    return "US", "CA"


def broken(request: HttpRequest) -> str:
    raise KeyError("no such address")


async def eventually(request: HttpRequest) -> str:
    return "FR"


HERE = "test_django_settings"


def settings_with(**changes: Any) -> dict[str, Any]:
    merged = {**project.CONSENTPY, **changes}
    return {key: value for key, value in merged.items() if value is not ...}


def found(**changes: Any) -> list[CheckMessage]:
    return conf.load(settings_with(**changes))[1]


def ids(messages: list[CheckMessage]) -> list[str]:
    return [str(message.id).removeprefix("consentpy.") for message in messages]


@pytest.mark.parametrize(
    "value",
    [
        "notice.json",
        str(NOTICE),
        NOTICE,
        Path("notice.json"),
        CONFIG,
        NOTICE.read_text(),
        "\n " + NOTICE.read_text(),
        NOTICE.read_bytes(),
        [NOTICE],
        ["notice.json", '{"app": {"name": "other"}}', {"app": {"name": "third"}}],
        (CONFIG, CONFIG),
        f"{HERE}.load_config",
        f"{HERE}.load_layers",
        f"{HERE}.load_finished",
        load_layers,
    ],
)
def test_every_form_of_the_configuration(value: Any) -> None:
    runtime, messages = conf.load(settings_with(CONFIG=value))
    assert messages == [] and runtime is not None
    assert set(runtime.gates) == {"measurement", "advertising"}


def test_every_form_of_the_vendor_list(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps(vendor_list(listed(28))), encoding="utf-8")
    layers = [CONFIG, {"app": {"vendors": {"iab": [28]}}}]
    for value in (path, str(path), vendor_list(listed(28)), cp.GlobalVendorList.load(path)):
        runtime, messages = conf.load(settings_with(CONFIG=layers, GVL=value))
        assert messages == [] and runtime is not None
        assert runtime.config.notice("FR").vendors[-1].iab_id == 28
    runtime, messages = conf.load(settings_with(GVL=None))
    assert messages == [] and runtime is not None


@pytest.mark.parametrize(
    ("changes", "id", "words"),
    [
        ({"CONFIG": ...}, "E004", ["CONFIG", "a mapping", "JSON text"]),
        ({"CONFIG": None}, "E004", ["CONFIG", "None"]),
        ({"CONFIG": 7}, "E004", ["CONFIG", "7"]),
        ({"CONFIG": []}, "E004", ["CONFIG", "[]"]),
        ({"CONFIG": [7]}, "E004", ["CONFIG", "7"]),
        ({"CONFIG": "missing.json"}, "E004", ["CONFIG", "missing.json"]),
        ({"CONFIG": "{"}, "E004", ["CONFIG"]),
        ({"CONFIG": '{"a": 1, "a": 2}'}, "E004", ["CONFIG"]),
        ({"CONFIG": "a\0b"}, "E004", ["CONFIG"]),
        ({"CONFIG": str(NOTICE.parent)}, "E004", ["CONFIG", NOTICE.parent.name]),
        ({"CONFIG": {1: 2}}, "E004", ["CONFIG"]),
        ({"CONFIG": "[]"}, "E004", ["CONFIG", "an object"]),
        ({"CONFIG": "no.such.module"}, "E004", ["CONFIG", "no.such.module"]),
        ({"CONFIG": f"{HERE}.nothing"}, "E004", ["CONFIG", "nothing"]),
        ({"CONFIG": f"{HERE}.load_nonsense"}, "E004", ["CONFIG", "7"]),
        ({"CATALOG": 7}, "E005", ["CATALOG", "7", "a path"]),
        ({"CATALOG": "missing.json"}, "E005", ["CATALOG", "missing.json"]),
        ({"CATALOG": {}, "CONFIG": f"{HERE}.load_finished"}, "E005", ["CATALOG"]),
        ({"GVL": 7}, "E014", ["GVL", "7", "a path"]),
        ({"GVL": "missing.json"}, "E014", ["GVL", "missing.json"]),
        ({"GVL": {"vendors": {}}}, "E014", ["GVL", "no Global Vendor List"]),
        ({"GVL": vendor_list(), "CONFIG": f"{HERE}.load_finished"}, "E014", ["GVL", "no effect"]),
        ({"COUNTRY": "FRA"}, "E006", ["COUNTRY", "'FRA'", "'FR'"]),
        ({"COUNTRY": 7}, "E006", ["COUNTRY", "7"]),
        ({"COUNTRY": "no.such.module"}, "E006", ["COUNTRY", "no.such.module"]),
        ({"COUNTRY": f"{HERE}.CONFIG"}, "E006", ["COUNTRY"]),
        ({"COUNTRY": f"{HERE}.eventually"}, "E006", ["COUNTRY", "async"]),
        ({"COUNTRY_HEADER": "HTTP_CF_IPCOUNTRY"}, "E007", ["COUNTRY_HEADER", "CF-IPCountry"]),
        ({"COUNTRY_HEADER": ""}, "E007", ["COUNTRY_HEADER", "''"]),
        ({"COUNTRY_HEADER": ["CF-IPCountry"]}, "E007", ["COUNTRY_HEADER"]),
        ({"REGION_HEADER": "CF Region\r\n"}, "E007", ["REGION_HEADER"]),
        ({"GATES": ["ads"]}, "E008", ["GATES", "['ads']"]),
        ({"GATES": {"": {"vendor": "meter"}}}, "E008", ["GATES", "''"]),
        ({"GATES": {"ads": "meter"}}, "E008", ["GATES", "'ads'", "'meter'"]),
        ({"GATES": {"ads": {}}}, "E008", ["GATES", "'ads'"]),
        ({"GATES": {"ads": {"vendors": "meter"}}}, "E008", ["GATES", "vendors"]),
        ({"GATES": {"ads": {"vendor": ["meter"]}}}, "E008", ["GATES"]),
        ({"GATES": {"ads": {"vendor": True}}}, "E008", ["GATES"]),
        ({"GATES": {"ads": {"vendor": ""}}}, "E008", ["GATES"]),
        ({"GATES": {"ads": {"vendor": None, "purposes": ["audience"]}}}, "E008", ["GATES"]),
        ({"GATES": {"ads": {"vendor": "meter", "purposes": []}}}, "E008", ["GATES"]),
        ({"GATES": {"ads": {"purposes": [None]}}}, "E008", ["GATES"]),
        ({"GATES": {"ads": {"vendor": "meter", "purposes": ""}}}, "E008", ["GATES"]),
        ({"GATES": {"ads": {"purposes": " , ,"}}}, "E008", ["GATES", "' , ,'"]),
        ({"GATES": {"ads": {"vendor": 10**30}}}, "E009", ["GATES", "1000000"]),
        ({"GATES": {"ads": {"vendor": "\ud800"}}}, "E009", ["GATES"]),
        ({"GATES": {"ads": {"purposes": 7}}}, "E008", ["GATES"]),
        ({"GATES": {"ads": {"vendor": "nobody"}}}, "E009", ["GATES", "'ads'", "nobody"]),
        ({"GATES": {"ads": {"purposes": "audience,nothing"}}}, "E009", ["GATES", "nothing"]),
        ({"CACHE": "shared"}, "E010", ["CACHE", "'shared'", "'private', 'uniform', 'keyed'"]),
        ({"CACHE": None}, "E010", ["CACHE", "None"]),
        ({"CACHE": "keyed", "GATES": ...}, "E010", ["CACHE", "GATES"]),
        ({"REWRITE": "yes"}, "E021", ["REWRITE", "'yes'", "True or False"]),
        ({"REWRITE": True, "CACHE": "uniform"}, "E021", ["REWRITE", "no effect", "'uniform'"]),
        ({"NONCE": "abc"}, "E022", ["NONCE", "'abc'", "function"]),
        ({"URL_PREFIX": "//x.example/"}, "E023", ["URL_PREFIX", "'//x.example/'", "slash"]),
        ({"URL_PREFIX": None}, "E023", ["URL_PREFIX", "None"]),
        ({"BOTS": "yes"}, "E003", ["BOTS", "'yes'", "True or False"]),
        ({"BOTS": 1}, "E003", ["BOTS", "1"]),
        ({"RELOADS": True}, "E002", ["RELOADS", "COUNTRY_HEADER", "GATES"]),
        ({7: True}, "E002", ["7"]),
    ],
)
def test_each_mistake_is_named(changes: Any, id: str, words: list[str]) -> None:
    merged = {**project.CONSENTPY, **changes}
    runtime, messages = conf.load({key: v for key, v in merged.items() if v is not ...})
    assert ids(messages) == [id]
    assert all(word in messages[0].msg for word in words), messages[0].msg
    # An unknown id denies; everything else leaves nothing to run with.
    assert (runtime is None) == (id != "E009")


@pytest.mark.parametrize("value", [None, "notice.json", [], 7])
def test_the_setting_itself(value: Any) -> None:
    runtime, messages = conf.load(value)
    assert runtime is None and ids(messages) == ["E001"]


def test_all_mistakes_are_told_at_once() -> None:
    changes = {"BOTS": 1, "CACHE": "x", "COUNTRY": 1, "CONFIG": "{", "WHAT": 1}
    assert sorted(ids(found(**changes))) == ["E002", "E003", "E004", "E006", "E010"]


def test_an_error_names_the_place_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{\n  "app": nope\n}')
    (message,) = found(CONFIG=path)
    assert "broken.json" in message.msg and "2" in message.msg


def test_wrong_settings_stop_the_start() -> None:
    with override_settings(CONSENTPY=settings_with(BOTS="yes", CACHE="shared")):
        with pytest.raises(ImproperlyConfigured, match=r"BOTS.*E003.*CACHE.*E010"):
            ConsentMiddleware(lambda request: HttpResponse())
        with pytest.raises(SystemCheckError, match="BOTS"):
            call_command("check")
    call_command("check", verbosity=0)
    ConsentMiddleware(lambda request: HttpResponse())


def test_an_unknown_id_in_a_gate_denies_and_does_not_stop_the_start() -> None:
    gates = {"measurement": {"vendor": "nobody"}, "advertising": {"vendor": "adshop"}}
    with override_settings(CONSENTPY=settings_with(GATES=gates)):
        text = Client().get("/page/", **visitor("JP")).content.decode()
        assert "no meter" in text and "/s/adshop.js" in text
        with pytest.raises(LookupError, match="measurement"):
            gate("measurement")
        messages = run_checks(tags=["consentpy"])
    assert {"consentpy.E009", "consentpy.E012"} <= {message.id for message in messages}


def test_no_source_for_the_country_is_a_warning() -> None:
    assert ids(found(COUNTRY_HEADER=...)) == ["W001"]
    assert ids(found(COUNTRY_HEADER=..., COUNTRY="FR")) == []
    told = [CONFIG, {"user": {"country": "FR"}}]
    assert ids(found(COUNTRY_HEADER=..., CONFIG=told)) == []


def test_settings_are_read_once_and_again_after_a_change() -> None:
    first = conf.current()
    assert conf.current() is first
    with override_settings(CONSENTPY=settings_with(COUNTRY="FR")):
        assert conf.current() is not first and conf.current().country == "FR"
    assert conf.current().country is None


# ------------------------------------------------------------------------- place


def place(changes: dict[str, Any], **meta: Any) -> tuple[str | None, str | None]:
    runtime, _ = conf.load(settings_with(**changes))
    assert runtime is not None
    seen = read_visitor(RequestFactory().get("/?country=FR&didomi_country=FR", **meta), runtime)
    return seen.country, seen.region


def test_only_the_named_header_is_believed() -> None:
    others = {"HTTP_CF_IPCOUNTRY": "FR", "HTTP_X_COUNTRY_CODE": "FR", "HTTP_X_COUNTRY": "JP"}
    assert place({}, **others) == ("JP", None)
    assert place({"COUNTRY_HEADER": "CF-IPCountry"}, **others) == ("FR", None)
    assert place({"COUNTRY_HEADER": ..., "REGION_HEADER": ...}, **others) == (None, None)
    assert place({}) == (None, None)
    assert place({}, HTTP_X_COUNTRY=" US ", HTTP_X_REGION="CA") == ("US", "CA")


def test_country_setting() -> None:
    both = {"HTTP_X_COUNTRY": "JP", "HTTP_X_REGION": "13"}
    assert place({"COUNTRY": "FR"}) == ("FR", None)
    assert place({"COUNTRY": "FR"}, **both) == ("JP", "13")
    assert place({"COUNTRY": f"{HERE}.in_brazil"}) == ("BR", None)
    assert place({"COUNTRY": in_brazil}, HTTP_X_REGION="SP") == ("BR", "SP")
    assert place({"COUNTRY": f"{HERE}.in_california"}, HTTP_X_REGION="SP") == ("US", "CA")
    assert place({"COUNTRY": lambda request: None}) == (None, None)


@pytest.mark.parametrize("answer", [7, ("US",), ("US", 7), ["US", "CA"], b"US"])
def test_a_wrong_answer_counts_as_unknown(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert place({"COUNTRY": lambda request: answer}) == (None, None)
    assert "must return a code" in caplog.text


def test_a_failing_country_function_does_not_take_the_page_down(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with override_settings(CONSENTPY=settings_with(COUNTRY=broken, COUNTRY_HEADER=...)):
        response = Client().get("/page/")
    assert response.status_code == 200 and b"no meter" in response.content
    assert "no such address" in caplog.text


@pytest.mark.parametrize(
    ("value", "gpc"),
    [
        (None, False),
        ("1", True),
        (" 1\t", True),
        ("0", False),
        ("", False),
        ("01", False),
        ("11", False),
        ("true", False),
        ("1;x=1", False),
        ("1, 1", True),
        ("0,1", True),
        ("0, 0", False),
        ("1\u00a0", False),
        ("\u0661", False),
    ],
)
def test_privacy_signal(value: str | None, gpc: bool) -> None:
    meta = {} if value is None else {"HTTP_SEC_GPC": value}
    request = RequestFactory().get("/", **meta)
    assert read_visitor(request, conf.current()).gpc is gpc


def test_user_agent_is_passed_only_with_bots() -> None:
    request = RequestFactory().get("/", HTTP_USER_AGENT="robot")
    assert read_visitor(request, conf.current()).user_agent is None
    runtime, _ = conf.load(settings_with(BOTS=True))
    assert runtime is not None and read_visitor(request, runtime).user_agent == "robot"


# ------------------------------------------------------------------------- checks


@pytest.fixture
def templates(tmp_path: Path) -> Iterator[Path]:
    with override_settings(TEMPLATES=engine(tmp_path)):
        yield tmp_path


def engine(folder: Path, *, request: bool = True) -> list[dict[str, Any]]:
    processors = ["django.template.context_processors.request"] if request else []
    return [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [folder],
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": processors},
        },
    ]


def told() -> list[CheckMessage]:
    return run_checks(tags=["consentpy"])


LOAD = "{% load consentpy cache %}\n"


def test_the_test_project_is_clean() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("tag", "id"),
    [
        ('vendor="nobody"', "E011"),
        ('vendor="meter" purposes="audience,nothing"', "E011"),
        ('vendor=""', "E011"),
        ('"nothing"', "E012"),
    ],
)
def test_unknown_ids_in_templates(templates: Path, tag: str, id: str) -> None:
    (templates / "deep").mkdir()
    text = f"{LOAD}{{% if 1 %}}\n{{% consent {tag} %}}{{% endconsent %}}{{% endif %}}"
    (templates / "deep" / "page.txt").write_text(text)
    (message,) = told()
    assert ids([message]) == [id]
    assert "page.txt, line 3: " in message.msg


def test_known_ids_and_variables_are_fine(templates: Path) -> None:
    tags = ['"measurement"', 'vendor="c:meter"', "vendor=x", "name", 'purposes="audience,adverts"']
    blocks = (f"{{% consent {tag} %}}{{% denied %}}{{% endconsent %}}" for tag in tags)
    (templates / "page.html").write_text(LOAD + "".join(blocks))
    (templates / "picture.png").write_bytes(b"\x89PNG{% consent \xff")
    assert told() == []


def test_a_template_that_does_not_compile(templates: Path) -> None:
    (templates / "page.html").write_text(LOAD + '{% consent "measurement" %}')
    (templates / "foreign.html").write_text("{% cache %}{% load nothing_like_it %}")
    (message,) = told()
    assert ids([message]) == ["W004"] and "page.html" in message.msg


BLOCK = '{% consent "measurement" %}x{% endconsent %}'


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"a.html": "{% cache 9 f %}" + BLOCK + "{% endcache %}"}, "a.html"),
        (
            {"a.html": "{% cache 9 f user.pk %}{% if x %}" + BLOCK + "{% endif %}{% endcache %}"},
            "a",
        ),
        (
            {
                "a.html": "{% cache 9 f %}{% cache 9 g request.consent.key %}"
                + BLOCK
                + "{% endcache %}{% endcache %}"
            },
            "a.html",
        ),
        (
            {"a.html": '{% cache 9 f %}{% include "b.html" %}{% endcache %}', "b.html": BLOCK},
            "b.html",
        ),
        (
            {
                "a.html": "{% cache 9 f %}{% block body %}{% endblock %}{% endcache %}",
                "b.html": '{% extends "a.html" %}{% load consentpy %}'
                "{% block body %}{% block inner %}{% endblock %}{% endblock %}",
                "c.html": '{% extends "b.html" %}{% load consentpy %}'
                "{% block inner %}" + BLOCK + "{% endblock %}",
            },
            "c.html",
        ),
    ],
)
def test_a_block_inside_a_cached_fragment(
    templates: Path, files: dict[str, str], where: str
) -> None:
    for name, text in files.items():
        (templates / name).write_text(text if "extends" in text else LOAD + text)
    (message,) = told()
    assert ids([message]) == ["E013"] and where in message.msg
    # and one request.consent.key on the outermost cache mends each of them
    for name, text in files.items():
        text = text.replace("{% cache 9 f", "{% cache 9 f request.consent.key")
        (templates / name).write_text(text if "extends" in text else LOAD + text)
    with override_settings(TEMPLATES=engine(templates)):
        assert told() == []
    # but only where the context has the request
    with override_settings(TEMPLATES=engine(templates, request=False)):
        assert ids(told()) == ["E013"]


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        ([], ["W002"]),
        (["django.middleware.gzip.GZipMiddleware"], ["W002"]),
        (["consentpy.django.ConsentMiddleware"], []),
        (["consentpy.django.middleware.ConsentMiddleware"], []),
        (["consentpy.django.ConsentMiddleware", "django.middleware.gzip.GZipMiddleware"], ["W003"]),
        (
            [
                "django.middleware.cache.UpdateCacheMiddleware",
                "consentpy.django.ConsentMiddleware",
                "django.middleware.cache.FetchFromCacheMiddleware",
            ],
            ["W003"],
        ),
        (
            [
                "django.middleware.gzip.GZipMiddleware",
                "django.middleware.http.ConditionalGetMiddleware",
                "consentpy.django.ConsentMiddleware",
                "django.middleware.cache.UpdateCacheMiddleware",
                "django.middleware.common.CommonMiddleware",
                "django.middleware.cache.FetchFromCacheMiddleware",
            ],
            [],
        ),
    ],
)
def test_middleware_order(middleware: list[str], expected: list[str]) -> None:
    with override_settings(MIDDLEWARE=middleware):
        assert ids(told()) == expected


@pytest.mark.parametrize("rewrites", [True, False])
@pytest.mark.parametrize(
    "encoder",
    [
        "django_brotli.middleware.BrotliMiddleware",
        "compression_middleware.middleware.CompressionMiddleware",
    ],
)
def test_nothing_compresses_a_page_before_it_is_rewritten(encoder: str, rewrites: bool) -> None:
    ours = "consentpy.django.ConsentMiddleware"
    with override_settings(CONSENTPY=settings_with(REWRITE=rewrites)):
        for middleware, expected in (([encoder, ours], []), ([ours, encoder], ["W003"])):
            with override_settings(MIDDLEWARE=middleware):
                assert ids(told()) == (expected if rewrites else [])
