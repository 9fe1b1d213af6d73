"""What would let a keyed page reach the wrong visitor: other gates under an old key, keys of the
client's own, answers to other methods, headers sent twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django_app.visitors import VISITORS
from test_web_keyed import AGREED, CHANGES, PARTLY, REFUSED, SHARED, closed, key
from web_sites import NOTICE, OWN, STACKS, Headers, Site, content, page, sent, wsgi_app, wsgi_get

from consentpy import wsgi
from consentpy.web import holder

GATES = {
    "meter": {"vendor": "meter", "purposes": ["audience"]},
    "advert": {"vendor": "adshop"},
}


@pytest.fixture(scope="module", params=STACKS)
def site(request: pytest.FixtureRequest) -> Site:
    return Site(request.param, CHANGES)


def ready(app: Any = wsgi_app, **changes: Any) -> wsgi.ConsentMiddleware:
    given = {"cache": "keyed", "gates": GATES, "country": "FR", **changes}
    return wsgi.ConsentMiddleware(app, given.pop("config", NOTICE), **given)


def key_of(app: Any, headers: Headers) -> str:
    return wsgi_get(app, "/consent/key", headers, "GET")["Consent-Key"]


# ------------------------------------------------------------------ the gates that a key is of


def test_copies_of_other_gates_are_not_found_under_the_new_keys() -> None:
    """A cache keeps its copies over a restart of the site with other GATES. A verdict at the same
    place of the list is another gate's then."""
    sets: list[dict[str, Any]] = [
        {"x": GATES["meter"]},
        {"x": GATES["advert"]},
        {"x": {"purposes": ["audience"]}},
        {"x": {"vendor": "meter", "purposes": ["adverts"]}},
        {"x": GATES["meter"], "y": GATES["advert"]},
        {"x": GATES["advert"], "y": GATES["meter"]},
    ]
    owner: dict[str, int] = {}
    for number, gates in enumerate(sets):
        for meta, _, _ in VISITORS.values():
            found = key_of(ready(gates=gates), sent(meta))
            assert owner.setdefault(found, number) == number
    # Names are the site's own business.
    renamed = ready(gates={"other": GATES["meter"]})
    assert key_of(renamed, sent(AGREED)) == key_of(ready(gates=sets[0]), sent(AGREED))


# Not a generator of WSGI, which is never for a cache: more may be asked while its body is made.
@pytest.mark.parametrize("stack", [stack for stack in STACKS if stack != "wsgi generator"])
def test_the_etag_of_a_kept_page_names_the_gates_too(stack: str) -> None:
    tags = set()
    for gates in (GATES, dict(reversed(GATES.items()))):
        one = Site(stack, {**CHANGES, "GATES": gates})
        tags.add(one.get("/edge", sent(PARTLY, Consent_Key=key(one, PARTLY)))["ETag"])
    assert len(tags) == 2


@pytest.mark.parametrize("mode", ["private", "keyed"])
def test_a_page_that_asks_another_gate_has_another_etag(mode: str) -> None:
    """The application's own ETag may be the same before and after its template changed: a visitor who
    went from one gate to the other would keep the first one's tag."""
    asked = ["meter"]

    def app(environ: Any, start_response: Any) -> list[bytes]:
        allowed = environ[wsgi.KEY].allows(*asked)
        start_response("200 OK", [("ETag", '"version"')])
        return [b"live" if allowed else b"none"]

    site = ready(app, cache=mode)
    kept = wsgi_get(site, "/", sent(PARTLY), "GET")
    same = wsgi_get(site, "/", sent(PARTLY, If_None_Match=kept["ETag"]), "GET")
    assert (kept.body, same.status) == (b"live", 304)
    asked[:] = ["basket"]
    again = wsgi_get(site, "/", sent(REFUSED, If_None_Match=kept["ETag"]), "GET")
    assert (again.status, again.body) == (200, b"live")


def test_the_configuration_changes_between_the_key_and_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(holder, "_now", lambda: clock[0])
    path = tmp_path / "notice.json"
    path.write_bytes(NOTICE.read_bytes())
    app = ready(config=path, reload=True)
    old = key_of(app, sent(AGREED))
    assert wsgi_get(app, "/edge", sent(AGREED, Consent_Key=old), "GET")["Cache-Control"] == SHARED
    notice = json.loads(NOTICE.read_text())
    notice["app"]["vendors"]["custom"] = [
        one for one in notice["app"]["vendors"]["custom"] if one["id"] != "meter"
    ]
    path.write_text(json.dumps(notice))
    clock[0] = 5.0
    answer = wsgi_get(app, "/edge", sent(AGREED, Consent_Key=old), "GET")
    assert closed(answer) and b"/s/meter.js" not in answer.body
    assert key_of(app, sent(AGREED)) != old
    path.write_bytes(NOTICE.read_bytes())
    clock[0] = 10.0
    assert key_of(app, sent(AGREED)) == old


def test_the_configuration_changes_while_the_page_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request has one configuration, from its first question to its headers."""
    clock = [0.0]
    monkeypatch.setattr(holder, "_now", lambda: clock[0])
    path = tmp_path / "notice.json"
    path.write_bytes(NOTICE.read_bytes())

    def app(environ: Any, start_response: Any) -> list[bytes]:
        asked = environ[wsgi.KEY]
        first = asked.allows("meter", ["audience"])
        path.write_text('{"app": {}}')
        clock[0] += 5.0
        start_response("200 OK", [("Cache-Control", "max-age=60"), ("ETag", '"a"')])
        return [page(first, asked.allows("adshop"), True)]

    site = ready(app, config=path, reload=True)
    old = key_of(site, sent(AGREED))
    answer = wsgi_get(site, "/", sent(AGREED, Consent_Key=old), "GET")
    assert answer.body == page(True, True, True) and answer["Consent-Key"] == old
    assert key_of(site, sent(AGREED)) != old


# ------------------------------------------------------------------ keys of the client's own


def test_other_ways_of_writing_the_header(site: Site) -> None:
    right, wrong = key(site, AGREED), key(site, REFUSED)
    kept = site.stack != "wsgi generator"
    for lines in (
        [("CONSENT-KEY", right)],
        [("consent-key", right)],
    ):
        answer = site.get("/edge", [*sent(AGREED), *lines])
        assert closed(answer) is not kept
    for lines in (
        [("Consent-Key", f"{right}, {right}")],
        [("Consent-Key", f"{wrong},{right}")],
        [("Consent-Key", f'"{right}"')],
        [("Consent-Key", right + ";")],
        [("Consent-Key", "*")],
        [("Consent-Key", right[:-1])],
        [("Consent-Key", right + "\xa0")],
        [("Consent-Key", right.upper())],
        [("Consent-Key", right + "-cookies")],
        [("X-Consent-Key", right)],
        [("Consent_Key", wrong), ("Consent-Key", right)],
        [("Consent-Key", right), ("Consent_Key", wrong)],
    ):
        answer = site.get("/edge", [*sent(AGREED), *lines])
        assert answer.body == page(True, True, True)
        # Servers tell `Consent_Key` apart or join it, and never take it alone.
        assert closed(answer) or lines[0][1] != lines[-1][1], lines
        if not closed(answer):
            assert answer["Consent-Key"] == right


def test_a_stolen_key_opens_nothing(site: Site) -> None:
    """The page is the visitor's own whatever key comes with it, and no cache may keep it then."""
    keys = {name: key(site, meta) for name, (meta, _, _) in VISITORS.items()}
    for name, (meta, meter, advert) in VISITORS.items():
        for other, stolen in keys.items():
            answer = site.get("/edge", sent(meta, Consent_Key=stolen))
            assert answer.body == page(meter, advert, True)
            assert closed(answer) or stolen == keys[name], (name, other)


def test_only_answers_to_get_and_head_are_for_a_cache(site: Site) -> None:
    right = key(site, AGREED)
    methods = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
    shared = set()
    for method in methods:
        answer = site.get("/edge", sent(AGREED, Consent_Key=right), method)
        if "Consent-Key" in answer:
            shared.add(method)
    assert shared == (set() if site.stack == "wsgi generator" else {"GET", "HEAD"})


def test_a_page_that_bears_a_key_of_its_own(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    right = key(site, AGREED)
    for where in ("/edge", "/page"):
        monkeypatch.setitem(OWN, where, [*OWN[where], ("consent-key", "x")])
        if where == "/page" and site.stack.startswith("wsgi"):
            continue
        answer = site.get(where, sent(AGREED, Consent_Key=right))
        if where == "/edge" and site.stack != "wsgi generator":
            assert answer["Consent-Key"] == right
        else:
            assert closed(answer)


# ------------------------------------------------------------------ errors and second thoughts


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "500 Oops", "302 Found", "206 Part"])
def test_every_status_is_for_the_right_key_only(status: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        body = content("/edge", environ[wsgi.KEY])
        start_response(status, [("Cache-Control", "public, max-age=60"), ("ETag", '"e"')])
        assert isinstance(body, bytes)
        return [body]

    for meta in (AGREED, REFUSED):
        one = ready(app)
        assert closed(wsgi_get(one, "/x", sent(meta, Consent_Key="x"), "GET"))
        right = key_of(one, sent(meta))
        answer = wsgi_get(one, "/x", sent(meta, Consent_Key=right), "GET")
        assert answer["Consent-Key"] == right and "Consent-Key" in answer["Vary"]
        plain = wsgi_get(ready(app, cache="private"), "/x", sent(meta), "GET")
        assert plain["Cache-Control"] == "private, max-age=60" and "Cookie" in plain["Vary"]


class Server:
    """Takes a second start_response as PEP 3333 has it: until the first byte is sent."""

    def __init__(self) -> None:
        self.headers: Headers = []
        self.sent = b""

    def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        assert not self.headers or exc_info is not None
        if exc_info is not None and self.sent:
            raise exc_info[1].with_traceback(exc_info[2])
        self.headers = headers
        return self.write

    def write(self, data: bytes) -> None:
        self.sent += data

    def __call__(self, app: Any, headers: Headers) -> dict[str, str]:
        environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}
        for name, value in headers:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        body: Iterable[bytes] = app(environ, self.start_response)
        for part in body:
            self.write(part)
        return dict(self.headers)


@pytest.mark.parametrize("mode", ["private", "keyed"])
@pytest.mark.parametrize("rewrite", [False, True])
def test_an_error_after_an_empty_first_part(mode: str, rewrite: bool) -> None:
    """The server has sent nothing yet, so the error page's headers are the ones that go out."""
    import sys

    own = [("Content-Type", "text/html"), ("Cache-Control", "public, max-age=60"), ("ETag", '"e"')]

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        asked = environ[wsgi.KEY]
        asked.allows("adshop")
        start_response("200 OK", list(own))
        yield b""
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            start_response("500 Oops", [*own, ("Set-Cookie", "_ads=1")], sys.exc_info())
        yield page(asked.allows("meter", ["audience"]), asked.allows("adshop"), True)

    config = [NOTICE, {"consentpy": {"vendorCookies": {"adshop": ["_ads"]}}}]
    for meta in (AGREED, REFUSED):
        one = ready(app, cache=mode, rewrite=rewrite, config=config)
        right = key_of(ready(app), sent(meta))
        server = Server()
        headers = server(one, sent(meta, Consent_Key=right))
        assert server.sent == page(meta is AGREED, meta is AGREED, True)
        assert headers["Cache-Control"].startswith("private") and "Cookie" in headers["Vary"]
        assert headers.get("ETag") != '"e"' and "Consent-Key" not in headers
        assert ("Set-Cookie" in headers) is (meta is AGREED)


def test_an_error_after_the_first_byte_is_the_servers() -> None:
    import sys

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        environ[wsgi.KEY].allows("adshop")
        start_response("200 OK", [])
        yield b"first"
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            start_response("500 Oops", [], sys.exc_info())
        yield b"never"

    server = Server()
    with pytest.raises(ZeroDivisionError):
        server(ready(app), sent(AGREED))
    assert server.sent == b"first"
