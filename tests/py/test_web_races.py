"""Threads while the configuration is swapped, and tables that visitors can make grow."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import flask
import pytest
from django.template import engines
from django.test import override_settings
from django_app import settings as project
from django_app.visitors import ALL, token, visitor
from web_sites import ADVERT, BASKET, METER, NOTICE, Site, sent

import consentpy as cp
from consentpy.flask import Consent
from consentpy.flask.jinja import ConsentExtension, _keep
from consentpy.web import holder
from consentpy.web.settings import Runtime
from consentpy.wsgi import settings_of
from helpers import fair_threads

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
FULL = json.loads(NOTICE.read_text())


def without(*ids: str) -> str:
    changed = json.loads(json.dumps(FULL))
    custom = changed["app"]["vendors"]["custom"]
    changed["app"]["vendors"]["custom"] = [one for one in custom if one["id"] not in ids]
    return json.dumps(changed)


def reordered() -> str:
    """The same vendors under other numbers."""
    changed = json.loads(json.dumps(FULL))
    changed["app"]["vendors"]["custom"].reverse()
    return json.dumps(changed)


#: Texts of the configuration, and what of meter and advert a visitor who agreed may see.
SWAPS: list[tuple[str, tuple[bool, bool] | None]] = [
    (json.dumps(FULL), (True, True)),
    (without("meter"), (False, True)),
    (reordered(), (True, True)),
    (without("adshop"), (True, False)),
    ("{}", (False, False)),
    ("", None),
    ('{"app": ', None),
    ("[" * 100_000, None),
    ('{"app": {"vendors": 7}}' * 2, None),
    ("\x00" * 4096, None),
]
RIGHT = {shown for _, shown in SWAPS if shown is not None}


def swap(path: Path, text: str, number: int) -> None:
    """Half of the time in one step, half of the time where others may read the half of it."""
    if number % 2:
        aside = path.with_suffix(f".{number}")
        aside.write_text(text)
        aside.rename(path)
    else:
        with path.open("w") as file:
            file.write(text[: len(text) // 2])
            file.flush()
            file.write(text[len(text) // 2 :])


@pytest.mark.parametrize("stack", ["wsgi", "asgi", "flask", "django"])
@pytest.mark.parametrize("mode", ["private", "keyed"])
def test_visitors_while_the_configuration_is_swapped(
    stack: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page is of one configuration, from its first verdict to its ETag and its key."""
    monkeypatch.setattr(holder, "_EVERY", 0.0)
    logging.getLogger("consentpy").setLevel(logging.CRITICAL)
    path = tmp_path / "notice.json"
    path.write_text(SWAPS[0][0])
    site = Site(stack, {"CONFIG": path, "RELOAD": True, "CACHE": mode})
    copies: dict[str, tuple[bool, bool]] = {}
    seen: set[tuple[bool, bool]] = set()
    wrong: list[BaseException] = []
    over = threading.Event()

    def visit(start: int) -> None:
        turn = start
        try:
            while not over.is_set():
                turn += 1
                meta = (AGREED, REFUSED)[turn % 2]
                headers = sent(meta)
                if mode == "keyed":
                    key = site.get("/consent/key", headers)["Consent-Key"]
                    headers.append(("Consent-Key", key))
                where = ("/edge", "/page", "/tagged")[turn % 3]
                answer = site.get(where, headers)
                assert answer.status == 200
                shown = METER in answer.body, ADVERT in answer.body
                assert shown in RIGHT if meta is AGREED else shown == (False, False)
                assert BASKET in answer.body
                if "ETag" in answer:
                    assert copies.setdefault(where + answer["ETag"], shown) == shown
                if "Consent-Key" in answer:
                    assert copies.setdefault(answer["Consent-Key"], shown) == shown
                if meta is AGREED:
                    seen.add(shown)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(4)]
    with site.held(), fair_threads():
        for thread in threads:
            thread.start()
        end = time.monotonic() + 20
        for number in range(1, 4 * len(SWAPS)):
            swap(path, SWAPS[number % len(SWAPS)][0], number)
            time.sleep(0.004)
            if time.monotonic() > end:
                break
        over.set()
        for thread in threads:
            thread.join()
    logging.getLogger("consentpy").setLevel(logging.NOTSET)
    assert wrong == []
    assert seen <= RIGHT and len(seen) >= 2


@pytest.mark.parametrize("what", ["pipe", "folder", "nothing"])
def test_a_file_that_becomes_something_else(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A pipe would let the visitor wait for as long as nobody writes into it."""
    clock = [0.0]
    monkeypatch.setattr(holder, "_now", lambda: clock[0])
    path = tmp_path / "notice.json"
    path.write_text(SWAPS[0][0])
    site = Site("wsgi", {"CONFIG": path, "RELOAD": True})
    path.unlink()
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    done: list[bool] = []

    def visit() -> None:
        for _ in range(3):
            clock[0] += 2.0
            done.append(METER in site.get("/page", sent(AGREED)).body)

    thread = threading.Thread(target=visit, daemon=True)
    thread.start()
    thread.join(10)
    if thread.is_alive():  # let it go on
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        thread.join(10)
        pytest.fail("a visitor waited for the configuration")
    assert done == [True] * 3
    told = [one for one in caplog.records if "stays in force" in one.getMessage()]
    assert len(told) == 1


# ------------------------------------------------------------------ tables


def growth(work: Any) -> int:
    """Bytes that are still there after `work`."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def runtime() -> Runtime:
    return settings_of({"config": NOTICE, "country": "FR"}).current()


@pytest.mark.parametrize(
    "ids",
    [
        lambda n: (f"{n}" + "y" * 20_000, ()),
        lambda n: ("meter", f"{n}" + "y" * 20_000),
        lambda n: ("meter", (f"{n}", "y" * 20_000)),
        lambda n: ("meter", tuple(f"{n}.{m}" for m in range(2000))),
    ],
)
def test_ids_of_visitors_are_not_kept_however_long(ids: Any) -> None:
    settings = runtime()

    def ask() -> None:
        for number in range(300):
            with pytest.raises(cp.UnknownIdError):
                settings.gate(*ids(number))

    assert growth(ask) < 1_000_000


def test_a_long_condition_that_is_known() -> None:
    settings = runtime()
    many = ("audience",) * 2000
    assert settings.gate("meter", many) == settings.config.gate("meter", many)
    assert settings.gate(None, ",".join(many)) == settings.config.gate(purposes=many)


def _ask_flask(app: flask.Flask, source: str, value: str) -> str:
    with app.test_request_context("/", headers=sent(AGREED)):
        return flask.render_template_string(source, v=value)


def test_variables_and_texts_in_flasks_templates() -> None:
    app = flask.Flask("grows")
    app.config.update(CONSENTPY_CONFIG=NOTICE, CONSENTPY_COUNTRY="FR")
    Consent(app)
    extension = app.jinja_env.extensions[ConsentExtension.identifier]
    assert isinstance(extension, ConsentExtension)
    block = "{% consent vendor=v %}yes{% denied %}no{% endconsent %}"
    assert _ask_flask(app, block, "meter") == "yes"
    for number in range(300):
        assert _ask_flask(app, block, f"x{number}") == "no"
    literals = runtime_of(app).literals
    assert literals == {} and len(extension._told) == 0
    gate = runtime_of(app).gate("meter", ())
    for number in range(4200):  # a site that makes its templates of texts
        _keep(runtime_of(app), f"(('vendor', 'x{number}'),)", gate)
        extension._tell("a template", f"reason {number}", once=True)
    assert 0 < len(literals) <= 4096 and 0 < len(extension._told) <= 4096
    assert _ask_flask(app, block, "meter") == "yes"


def runtime_of(app: flask.Flask) -> Runtime:
    from consentpy.flask import settings_of as flask_settings_of

    return flask_settings_of(app).current()


def test_variables_in_djangos_templates() -> None:
    from test_django_page import a_request

    source = "{% load consentpy %}{% consent vendor=v %}yes{% denied %}no{% endconsent %}"
    with override_settings(CONSENTPY=project.CONSENTPY):
        template = engines["django"].from_string(source)

        def ask(value: str) -> str:
            return str(template.render({"v": value}, a_request(AGREED)))

        assert ask("meter") == "yes" and ask("nobody") == "no"

        def many() -> None:
            for number in range(500):
                assert ask(f"{number}" + "y" * 20_000) == "no"

        logging.getLogger("consentpy.django").setLevel(logging.CRITICAL)
        try:
            assert growth(many) < 2_000_000
        finally:
            logging.getLogger("consentpy.django").setLevel(logging.NOTSET)
        assert ask("meter") == "yes"


def test_old_configurations_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose blocks are asked again holds the configuration of now, and no other."""
    import gc
    import weakref

    clock = [0.0]
    monkeypatch.setattr(holder, "_now", lambda: clock[0])
    path = tmp_path / "notice.json"
    path.write_text(SWAPS[0][0])
    site = Site("flask", {"CONFIG": path, "RELOAD": True})
    seen: list[Any] = []
    original = Runtime.__post_init__

    def counted(self: Runtime) -> None:
        original(self)
        seen.append(weakref.ref(self))

    monkeypatch.setattr(Runtime, "__post_init__", counted)
    for number in range(1, 9):
        swap(path, SWAPS[(0, 1, 3)[number % 3]][0], number)
        clock[0] += 2.0
        assert site.get("/page", sent(AGREED)).status == 200
    gc.collect()
    assert len(seen) == 8 and sum(one() is not None for one in seen) == 1
