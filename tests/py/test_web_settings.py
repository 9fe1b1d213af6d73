"""Every web stack: wrong settings stop the start, RELOAD, CONFIG_FOR, and no framework is imported."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from django.core.exceptions import ImproperlyConfigured
from django_app.visitors import ALL, VISITORS, token, visitor
from web_sites import ADVERT, METER, NOTICE, STACKS, Site, sent, wsgi_app

import consentpy as cp
from consentpy import asgi, wsgi
from consentpy.flask import Consent
from consentpy.web import holder
from consentpy.web.settings import SettingsError
from helpers import fair_threads

CONFIG = json.loads(NOTICE.read_text())
AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
JAPAN = VISITORS["japan, no answer"][0]

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"CONFIG": ...}, "E004"),
    ({"CONFIG": "missing.json"}, "E004"),
    ({"CONFIG": "{"}, "E004"),
    ({"GVL": 7}, "E014"),
    ({"CATALOG": 7}, "E005"),
    ({"COUNTRY": "FRA"}, "E006"),
    ({"COUNTRY_HEADER": "HTTP_CF"}, "E007"),
    ({"REGION_HEADER": "a b"}, "E007"),
    ({"GATES": {"ads": {}}}, "E008"),
    ({"CACHE": "shared"}, "E010"),
    ({"CACHE": "keyed", "GATES": {}}, "E010"),
    ({"REWRITE": 1}, "E021"),
    ({"REWRITE": True, "CACHE": "uniform"}, "E021"),
    ({"NONCE": "no.such.function"}, "E022"),
    ({"NONCE": 7}, "E022"),
    ({"URL_PREFIX": "consent"}, "E023"),
    ({"URL_PREFIX": "/a b/"}, "E023"),
    ({"BOTS": 1}, "E003"),
    ({"RELOAD": "often"}, "E015"),
    ({"RELOAD": True, "CONFIG": CONFIG}, "E015"),
    ({"CONFIG_FOR": "no.such.function"}, "E016"),
    ({"CONFIG_FOR": 7}, "E016"),
    ({"CACHES": "private"}, "E002"),
]


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(("changes", "id"), WRONG)
def test_wrong_settings_stop_the_start(stack: str, changes: dict[str, Any], id: str) -> None:
    with pytest.raises((SettingsError, ImproperlyConfigured), match=rf"consentpy\.{id}\b"):
        Site(stack, changes).get("/plain")


def test_messages_name_the_key_as_the_stack_writes_it() -> None:
    app = flask.Flask("x")
    app.config.update(CONSENTPY_CONFIG=CONFIG, CONSENTPY_BOTS="yes", CONSENTPY_GATE={})
    with pytest.raises(SettingsError, match=r"CONSENTPY_BOTS is 'yes'.*E003") as caught:
        Consent(app)
    assert "CONSENTPY_GATE is no setting; allowed: CONSENTPY_CONFIG," in str(caught.value)
    with pytest.raises(SettingsError, match=r"bots= is 'yes'; allowed: True or False"):
        wsgi.ConsentMiddleware(wsgi_app, CONFIG, bots="yes")
    with pytest.raises(SettingsError, match=r"countries= is no setting; allowed: config=,"):
        asgi.ConsentMiddleware(wsgi_app, CONFIG, countries="FR")  # type: ignore[arg-type]
    assert issubclass(SettingsError, cp.ConsentError)


def test_no_source_for_the_country_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    wsgi.ConsentMiddleware(wsgi_app, CONFIG)
    assert "country_header=" in caplog.text and "W001" in caplog.text
    caplog.clear()
    wsgi.ConsentMiddleware(wsgi_app, CONFIG, country="FR")
    assert caplog.text == ""


def test_a_file_given_by_position_and_by_name() -> None:
    for middleware in (wsgi.ConsentMiddleware, asgi.ConsentMiddleware):
        middleware(wsgi_app, str(NOTICE), country="FR")
        middleware(wsgi_app, config=NOTICE, country="FR")
        with pytest.raises(SettingsError, match="E004"):
            middleware(wsgi_app)


def test_flask_looks_for_files_beside_the_application(tmp_path: Path) -> None:
    (tmp_path / "notice.json").write_text(json.dumps(CONFIG))
    app = flask.Flask("x", root_path=str(tmp_path))
    app.config.update(CONSENTPY_CONFIG="notice.json", CONSENTPY_COUNTRY="FR")
    Consent().init_app(app)
    with pytest.raises(SettingsError, match="once"):
        Consent(app)


# ------------------------------------------------------------------ RELOAD


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """Moves the clock by which the files are looked at."""
    now = [1000.0]
    monkeypatch.setattr(holder, "_now", lambda: now[0])

    def forward(seconds: float) -> None:
        now[0] += seconds

    yield forward


def write(path: Path, value: Any, age: int) -> None:
    """A file with a time of its own: the clock of the disk may be coarse."""
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))


WITHOUT_METER = json.loads(json.dumps(CONFIG))
del WITHOUT_METER["app"]["vendors"]["custom"][1]


def test_a_changed_file_is_read_again(
    stack: str, tmp_path: Path, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "notice.json"
    write(path, CONFIG, 0)
    site = Site(stack, {"CONFIG": path, "RELOAD": True})
    with site.held():

        def met() -> tuple[bool, bool]:
            body = site.get("/page", sent(AGREED)).body
            return METER in body, ADVERT in body

        assert met() == (True, True)
        write(path, WITHOUT_METER, 1)
        clock(0.5)
        assert met() == (True, True)  # at most once a second
        clock(0.6)
        assert met() == (False, True)
        caplog.clear()
        for age, broken in ((2, "{"), (3, '{"app": {"vendors": 7}'), (4, "")):
            write(path, broken, age)
            for _ in range(3):
                clock(1.1)
                assert met() == (False, True)
            told = [record for record in caplog.records if "notice.json" in record.message]
            assert len(told) == 1 and told[0].levelno == logging.ERROR, broken
            assert "stays in force" in told[0].message
            caplog.clear()
        path.unlink()
        for _ in range(3):
            clock(1.1)
            assert met() == (False, True)
        assert sum("stays in force" in record.message for record in caplog.records) == 1
        write(path, CONFIG, 5)
        clock(1.1)
        assert met() == (True, True)


def test_every_file_is_watched_and_only_with_reload(tmp_path: Path, clock: Any) -> None:
    base, local = tmp_path / "base.json", tmp_path / "local.json"
    write(base, CONFIG, 0)
    write(local, {}, 0)
    on = Site("wsgi", {"CONFIG": [base, str(local)], "RELOAD": True})
    off = Site("wsgi", {"CONFIG": [base, str(local)]})
    write(local, {"regulations": {"gdpr": {"enabled": False}}}, 1)
    clock(1.1)
    assert on.get("/where", sent(visitor("FR"))).body == b"none"
    assert off.get("/where", sent(visitor("FR"))).body == b"gdpr"


def test_the_etag_changes_with_the_configuration(tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "notice.json"
    write(path, CONFIG, 0)
    site = Site("wsgi", {"CONFIG": path, "RELOAD": True})
    kept = site.get("/tagged", sent(AGREED))["ETag"]
    write(path, WITHOUT_METER, 1)
    clock(1.1)
    again = site.get("/tagged", sent(AGREED, If_None_Match=kept))
    assert again.status == 200 and METER not in again.body


def test_one_request_sees_one_configuration(tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "notice.json"
    write(path, CONFIG, 0)
    seen: list[bool] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        consent = environ[wsgi.KEY]
        consent.allows("basket")
        write(path, WITHOUT_METER, 1)
        clock(1.1)
        seen.append(consent.allows("meter"))
        start_response("200 OK", [])
        return [b""]

    ready = wsgi.ConsentMiddleware(app, path, country="FR", reload=True)
    for _ in range(2):
        environ = {"HTTP_COOKIE": AGREED["HTTP_COOKIE"], "REQUEST_METHOD": "GET"}
        list(ready(environ, lambda *args: None))
    assert seen == [True, False]


def test_a_reload_in_many_threads_never_fails(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(holder, "_EVERY", 0.0)
    path = tmp_path / "notice.json"
    write(path, CONFIG, 0)
    site = Site("wsgi", {"CONFIG": path, "RELOAD": True})
    seen: set[tuple[bool, bool]] = set()
    wrong: list[BaseException] = []
    over = threading.Event()

    def visit() -> None:
        try:
            while not over.is_set():
                body = site.get("/page", sent(AGREED)).body
                seen.add((METER in body, ADVERT in body))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=visit) for _ in range(4)]
    with fair_threads():
        for thread in threads:
            thread.start()
        for age in range(1, 40):
            write(path, (CONFIG, WITHOUT_METER, "{")[age % 3], age)
            time.sleep(0.01)
        over.set()
        for thread in threads:
            thread.join()
    assert wrong == [] and seen == {(True, True), (False, True)}


# ------------------------------------------------------------------ CONFIG_FOR


def _host(request: Any) -> str:
    """The Host of any kind of request; a KeyError for a strange one, as in a real site."""
    if isinstance(request, dict):
        if "headers" in request:
            return {k: v.decode("latin-1") for k, v in request["headers"]}[b"x-site"]
        return str(request["HTTP_X_SITE"])
    return str(request.headers["X-Site"])


SECOND = cp.Config(WITHOUT_METER)
SITES: dict[str, Any] = {
    "one": NOTICE,
    "two": SECOND,
    "text": json.dumps(WITHOUT_METER),
    "main": None,
    "broken": "missing.json",
    "odd": 7,
}


def choose(request: Any) -> Any:
    return SITES[_host(request)]


@pytest.mark.parametrize("config", [WITHOUT_METER, ...], ids=["with CONFIG", "alone"])
def test_config_for_chooses_for_each_request(
    stack: str, config: Any, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(stack, {"CONFIG": config, "CONFIG_FOR": choose})

    def met(name: str | None) -> tuple[bool, bool]:
        headers = sent(AGREED) + ([("X-Site", name)] if name else [])
        answer = site.get("/page", headers)
        assert answer.status == 200
        return METER in answer.body, ADVERT in answer.body

    with site.held():
        for _ in range(2):
            assert met("one") == (True, True)
            assert met("two") == (False, True)
            assert met("text") == (False, True)
            assert met("main") == (False, config is not ...)
        caplog.clear()
        # what cannot be used denies, and a strange request is no error
        for name in ("broken", "odd", "nobody", None):
            assert met(name) == (False, False)
        assert "CONFIG_FOR" in caplog.text


def test_config_for_by_dotted_path_and_gates_by_site() -> None:
    gates = {"measurement": {"vendor": "meter"}, "advertising": {"vendor": "adshop"}}
    site = Site("flask", {"CONFIG": ..., "CONFIG_FOR": f"{__name__}.choose", "GATES": gates})
    body = site.get("/page", [*sent(AGREED), ("X-Site", "two")]).body
    assert METER not in body and ADVERT in body


def test_only_so_many_sites_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder, "_MOST_SITES", 3)
    texts = iter([json.dumps({"app": {"name": str(n)}}) for n in range(10)])
    ready = wsgi.ConsentMiddleware(wsgi_app, config_for=lambda environ: next(texts), country="FR")
    for _ in range(10):
        environ = {"PATH_INFO": "/page", "REQUEST_METHOD": "GET"}
        list(ready(environ, lambda *args: None))
    assert len(ready.settings._sites) == 3


# ------------------------------------------------------------------ COUNTRY


def in_japan(request: Any) -> Any:
    return "JP" if _host(request) == "one" else None


def test_country_functions_get_the_request_of_the_stack(
    stack: str, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(stack, {"COUNTRY_HEADER": ..., "COUNTRY": in_japan})
    assert site.get("/where", [("X-Site", "one")]).body == b"none"
    assert site.get("/where", [("X-Site", "two")]).body == b"gdpr"
    assert caplog.text == ""
    assert site.get("/where").body == b"gdpr"  # it raises KeyError
    assert "COUNTRY" in caplog.text.upper() and "KeyError" in caplog.text


def test_bots_adds_the_user_agent_to_vary(stack: str) -> None:
    assert "User-Agent" in Site(stack, {"BOTS": True}).get("/page")["Vary"]
    assert "User-Agent" not in Site(stack).get("/page")["Vary"]


# ------------------------------------------------------------------ imports

FRAMEWORKS = ("django", "flask", "werkzeug", "jinja2", "starlette", "fastapi", "asgiref")


@pytest.mark.parametrize(
    "module",
    ["consentpy", "consentpy.asgi", "consentpy.wsgi", "consentpy.web.deferred"],
)
def test_no_framework_is_imported(module: str) -> None:
    code = (
        f"import sys; import {module}; "
        f"print([name for name in {FRAMEWORKS!r} if name in sys.modules])"
    )
    root = str(Path(cp.__path__[0]).parent)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr
