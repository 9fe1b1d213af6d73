"""Flask-Caching behind the extension: what asked for the consent is kept for nobody else, whatever
way it is cached, unless its key tells the visitors apart; everything else is kept as before."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import pytest
from django_app.visitors import ALL, VISITORS, token, visitor
from flask.views import MethodView
from flask_caching import Cache
from flask_caching.backends import SimpleCache
from test_flask import make
from web_sites import sent

from consentpy.flask import cache_key, consent, gate

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
BLOCK = '{% consent "measurement" %}meter{% denied %}none{% endconsent %}'


class Site:
    """An application with a cache; `calls` counts what was made."""

    def __init__(self, **settings: Any) -> None:
        self.app = make(CACHE_TYPE="SimpleCache", **settings)
        self.cache = Cache(self.app)
        self.calls: list[str] = []

    def page(self, text: str = BLOCK) -> Callable[..., str]:
        def page(**_: Any) -> str:
            self.calls.append("page")
            return flask.render_template_string(text)

        return page

    def serve(self, view: Callable[..., Any]) -> None:
        self.app.add_url_rule("/", "page", view)

    def get(self, meta: dict[str, Any], query: str = "") -> str:
        client = self.app.test_client(use_cookies=False)
        response = client.get("/" + query, headers=sent(meta))
        assert response.status_code == 200
        return response.text

    def everybody(self) -> int:
        """Two rounds of all visitors, each of whom gets the own page; how often it was made."""
        self.calls.clear()
        for _ in range(2):
            for meta, meter, _advert in VISITORS.values():
                assert self.get(meta) == ("meter" if meter else "none"), meta
        return len(self.calls)


EVERY_TIME = 2 * len(VISITORS)


@pytest.fixture
def site() -> Site:
    return Site()


# ------------------------------------------------------------------ not kept

#: Options that Flask-Caching has since 2.5.
STALE = [
    {name: lambda value: True}
    for name in ("is_stale",)
    if name in inspect.signature(Cache.cached).parameters
]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"key_prefix": "home"},
        {"key_prefix": lambda: "made"},
        {"query_string": True},
        {"make_cache_key": lambda **_: "the same for all"},
        {"forced_update": lambda: True},
        *STALE,
        {"cache_none": True},
        {"unless": lambda: False},
        {"response_filter": lambda value: True},
        {"source_check": True},
    ],
)
def test_a_cached_view_that_asks(
    site: Site, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    site.serve(site.cache.cached(timeout=600, **options)(site.page()))
    assert site.everybody() == EVERY_TIME
    assert caplog.text.count("page asked for the consent, so Flask-Caching does not keep") == 1


def test_a_memoized_function_that_asks(site: Site) -> None:
    @site.cache.memoize(600)
    def part(number: int) -> str:
        return site.page()()

    site.serve(lambda: part(1))
    assert site.everybody() == EVERY_TIME


@pytest.mark.parametrize("question", ["measurement", "advertising", "both", "broad"])
def test_a_part_that_asks_what_the_page_has_asked_before(site: Site, question: str) -> None:
    part = site.cache.cached(key_prefix="part")(site.page())

    def view() -> str:
        if question == "broad":
            assert consent.status is not None
        else:
            names = ("measurement", "advertising") if question == "both" else (question,)
            assert len([consent.allows(gate(name)) for name in names]) > 0
        return part()

    site.serve(view)
    assert site.everybody() == EVERY_TIME


@pytest.mark.parametrize(
    "ask",
    [
        lambda: consent.should_collect,
        lambda: consent.notice.regulation,
        lambda: consent.verdicts([gate("advertising")]),
        lambda: consent.explain(gate("advertising")),
        lambda: consent.key(),
        lambda: consent.key([gate("measurement")]),
    ],
)
def test_every_question_counts(site: Site, ask: Callable[[], object]) -> None:
    def view() -> str:
        ask()
        ask()
        return site.page("x")()

    site.serve(site.cache.cached()(view))
    for _ in range(3):
        for meta in (AGREED, REFUSED):
            site.get(meta)
    assert len(site.calls) == 6


def test_a_key_that_is_looked_for_twice(site: Site) -> None:
    """The second time the value is made already."""

    def view() -> str:
        text: str | None = site.cache.get("own")
        if text is None:
            text = site.page()()
            if site.cache.get("own") is None:  # nobody was faster
                site.cache.set("own", text)
        return text

    site.serve(view)
    assert site.everybody() == EVERY_TIME


def test_a_fragment(site: Site) -> None:
    site.serve(site.page("{% cache 600, 'side' %}" + BLOCK + "{% endcache %}"))
    assert site.everybody() == EVERY_TIME
    assert not backend(site)._cache  # it never was there


def test_the_first_fragment_of_all_outside_of_the_wsgi_callable(site: Site) -> None:
    text = "{% cache 600, 'side' %}" + BLOCK + "{% endcache %}"
    for meta, expected in ((AGREED, "meter"), (REFUSED, "none")) * 2:
        with site.app.test_request_context("/", headers=sent(meta)):
            assert flask.render_template_string(text) == expected


def test_what_was_asked_before_a_cached_view_counts_for_it(site: Site) -> None:
    """The view may have been handed the verdict."""

    @site.app.before_request
    def before() -> None:
        flask.g.meter = consent.allows("meter", ["audience"])

    site.serve(site.cache.cached()(lambda: "meter" if flask.g.meter else "none"))
    for _ in range(2):
        for meta, meter, _advert in VISITORS.values():
            assert site.get(meta) == ("meter" if meter else "none")


def test_a_view_of_a_class(site: Site) -> None:
    class Page(MethodView):
        decorators = [site.cache.cached()]  # noqa: RUF012  (as Flask declares it)

        def get(self) -> str:
            return site.page()()

    site.serve(Page.as_view("page"))
    assert site.everybody() == EVERY_TIME


def test_an_error_that_asked(site: Site) -> None:
    def view() -> str:
        flask.abort(404 if consent.allows("meter", ["audience"]) else 410)

    site.serve(site.cache.cached()(view))
    client = site.app.test_client(use_cookies=False)
    for meta, code in ((AGREED, 404), (REFUSED, 410)) * 2:
        assert client.get("/", headers=sent(meta)).status_code == code


def test_an_async_view(site: Site) -> None:
    pytest.importorskip("asgiref")

    async def view() -> str:
        return site.page()()

    site.serve(site.cache.cached()(view))
    assert site.everybody() == EVERY_TIME


@pytest.mark.parametrize("before", [True, False])
def test_another_kind_of_cache_and_another_order(before: bool, tmp_path: Path) -> None:
    app = flask.Flask("site")
    app.config.update(CACHE_TYPE="FileSystemCache", CACHE_DIR=str(tmp_path))
    cache = Cache()
    other = make() if not before else None
    for one in (cache, Cache()):
        one.init_app(other or app, {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(tmp_path)})
    if other is None:
        from consentpy.flask import Consent

        app.config.update(make().config)
        Consent(app)
    app = other or app
    app.add_url_rule("/", "page", cache.cached()(lambda: flask.render_template_string(BLOCK)))
    client = app.test_client(use_cookies=False)
    for meta, expected in ((AGREED, "meter"), (REFUSED, "none")) * 2:
        assert client.get("/", headers=sent(meta)).text == expected


def test_many_threads(site: Site) -> None:
    site.serve(site.cache.cached()(site.page()))
    wrong: list[str] = []

    def visit(number: int) -> None:
        for turn in range(30):
            meta, expected = ((AGREED, "meter"), (REFUSED, "none"))[(number + turn) % 2]
            found = site.get(meta)
            if found != expected:
                wrong.append(found)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ------------------------------------------------------------------ kept


def backend(site: Site) -> Any:
    with site.app.app_context():
        found = site.cache.cache
        assert isinstance(found, SimpleCache)
        return found


@pytest.mark.parametrize(
    "options",
    [
        {"make_cache_key": cache_key},
        {"key_prefix": lambda: f"/{consent.key()}"},
        {"make_cache_key": lambda **_: "x" + consent.key([gate("measurement")])},
    ],
)
def test_a_key_that_tells_visitors_apart(site: Site, options: dict[str, Any]) -> None:
    site.serve(site.cache.cached(**options)(site.page()))
    assert site.everybody() <= len(VISITORS)
    assert site.everybody() == 0


def test_a_key_of_other_gates_is_none(site: Site) -> None:
    options = {"make_cache_key": lambda **_: "x" + consent.key([gate("advertising")])}
    site.serve(site.cache.cached(**options)(site.page()))
    assert site.everybody() == EVERY_TIME


def test_a_key_of_the_query_string(site: Site) -> None:
    """Versions differ in whether the prefix is in the key then. If it is not, nothing is kept."""
    options = {"key_prefix": lambda: f"/{consent.key()}", "query_string": True}
    site.serve(site.cache.cached(**options)(site.page()))
    made = site.everybody()
    assert made <= len(VISITORS) or made == EVERY_TIME


def test_two_keys_of_one_text(site: Site) -> None:
    """A key tells verdicts, not whose: with both allowed, or both denied, the two look the same."""
    options = {"make_cache_key": lambda **_: "x" + consent.key([gate("advertising")])}

    @site.cache.cached(**options)
    def part() -> str:
        assert consent.key([gate("measurement")])
        return site.page()()

    site.serve(lambda: part())
    assert site.everybody() == EVERY_TIME


@pytest.mark.parametrize("where", ["path", "query", "header", "form"])
def test_a_key_that_the_visitor_brings(site: Site, where: str) -> None:
    """A link with the key of somebody who agreed is no way to give others that page."""

    @site.cache.cached(make_cache_key=lambda name: "part/" + name)
    def part(name: str) -> str:
        return site.page()()

    def view(name: str = "") -> str:
        assert consent.key()  # for another part of the page
        request = flask.request
        name = request.args.get("q", name) or request.headers.get("X-Theme", "")
        return part(request.form.get("f", "") or name)

    site.app.add_url_rule("/", "page", view, methods=["GET", "POST"])
    site.app.add_url_rule("/p/<path:name>", "named", view)
    with site.app.test_request_context("/", headers=sent(AGREED)):
        key = consent.key()
    encoded = "".join(f"%{ord(sign):02x}" for sign in key)
    client = site.app.test_client(use_cookies=False)
    for meta, expected in ((AGREED, "meter"), (REFUSED, "none")) * 2:
        headers = sent(meta)
        if where == "form":
            answer = client.post("/", data={"f": key}, headers=headers)
        elif where == "header":
            answer = client.get("/", headers=[*headers, ("X-Theme", key)])
        else:
            url = f"/p/{encoded}" if where == "path" else f"/?q={encoded}"
            answer = client.get(url, headers=headers)
        assert answer.text == expected


def test_a_fragment_with_the_key(site: Site) -> None:
    calls: list[int] = []
    site.app.jinja_env.globals["made"] = lambda: calls.append(1) or ""
    text = "{% cache 600, 'side', consent.key() %}{{ made() }}" + BLOCK + "{% endcache %}"
    site.serve(site.page(text))
    assert site.everybody() == EVERY_TIME and 0 < len(calls) <= len(VISITORS)


def test_a_fragment_with_the_key_in_a_cached_page_without(site: Site) -> None:
    text = "{% cache 600, 'side', consent.key() %}" + BLOCK + "{% endcache %}"
    site.serve(site.cache.cached()(site.page(text)))
    assert site.everybody() == EVERY_TIME


def test_what_does_not_ask(site: Site) -> None:
    """A view, a part of a page that asks before and after, and a memoized look-up in one."""

    @site.cache.memoize(600)
    def looked_up(number: int) -> str:
        site.calls.append("look-up")
        return ""

    part = site.cache.cached(key_prefix="part")(site.page("{{ '' }}"))

    def view() -> str:
        text = flask.render_template_string(BLOCK)
        text += part() + looked_up(7)
        return text if consent.allows("basket") else "never"

    site.serve(view)
    site.app.add_url_rule("/plain", "plain", site.cache.cached()(site.page("same")))
    assert site.everybody() == 2  # the part once, the look-up once
    site.calls.clear()
    client = site.app.test_client(use_cookies=False)
    for meta in (AGREED, REFUSED):
        assert client.get("/plain", headers=sent(meta)).text == "same"
    assert len(site.calls) == 1


def test_a_page_that_is_the_same_for_everybody(site: Site) -> None:
    same = Site(CONSENTPY_CACHE="uniform")
    same.serve(same.cache.cached()(same.page()))
    assert {same.get(meta) for meta in (AGREED, REFUSED)} == {"none"} and len(same.calls) == 1


def test_a_kept_page_is_rewritten_for_each_visitor() -> None:
    site = Site(CONSENTPY_REWRITE=True)
    text = '<script type="didomi/javascript" data-vendor="c:meter">run()</script>'
    site.serve(site.cache.cached()(site.page(text)))
    for meta, live in ((AGREED, True), (REFUSED, False)) * 2:
        assert ("text/javascript" in site.get(meta)) is live
    assert len(site.calls) == 1


def test_what_the_site_keeps_by_itself(site: Site) -> None:
    """Its own keys are its own business, but for a value that was looked for, and made by asking."""
    kept: list[Any] = []

    def view() -> str:
        cache = site.cache
        kept.append((cache.get("a"), cache.get("b"), cache.get("c"), cache.get("d")))
        if kept[-1][0] is None:
            cache.set("a", "made of nothing")
        allowed = consent.allows("meter", ["audience"])
        if kept[-1][1] is None:
            cache.set("b", allowed)
        cache.set("seen", True)
        cache.add("added", True)
        if kept[-1][2] is None:
            cache.add("c", allowed)
        return str(cache.get("seen") and cache.get("added"))

    site.serve(view)
    for meta in (AGREED, REFUSED):
        assert site.get(meta) == "True"
    assert kept == [(None,) * 4, ("made of nothing", None, None, None)]
    with site.app.app_context():  # outside of a request
        site.cache.set("x", 1)
        assert site.cache.get("x") == 1
    with site.app.test_request_context("/"):
        site.cache.set("y", 1)
        assert site.cache.get("y") == 1


def test_a_cache_that_cannot_be_watched(caplog: pytest.LogCaptureFixture) -> None:
    class Fixed:
        __slots__ = ("get", "set")

    site = Site()
    site.app.extensions["cache"]["own"] = Fixed()
    site.serve(lambda: "page")
    assert site.get(AGREED) == "page"
    assert "Fixed cannot be watched" in caplog.text


def test_the_header_of_a_page_asked_under_a_watched_cache(site: Site) -> None:
    """The watching does not lose a question: the ETag is made of all of them."""

    def view() -> flask.Response:
        first = consent.allows("meter", ["audience"])
        site.cache.get("nothing")
        response = flask.Response(f"{first} {consent.allows('adshop')}")
        response.set_etag("base")
        return response

    site.serve(view)
    client = site.app.test_client(use_cookies=False)
    seen: dict[str, str] = {}
    for meta, _, _ in VISITORS.values():
        answer = client.get("/", headers=sent(meta))
        assert seen.setdefault(answer.headers["ETag"], answer.text) == answer.text
        assert answer.headers["ETag"].startswith('"base-2.')
    assert len(set(seen.values())) == 3
