"""Django: the private cache mode. No visitor gets another visitor's page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import django_app  # noqa: F401  (sets Django up)
import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.test import Client, RequestFactory, override_settings
from django.utils.http import http_date
from django_app import views
from django_app.visitors import ALL, VISITORS, token, visitor

import consentpy as cp
from consentpy.django import headers
from consentpy.django.lazy import attach

METER, ADVERT = "/s/meter.js", "/s/adshop.js"
CONSENT = "consentpy.django.ConsentMiddleware"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
GZIP = "django.middleware.gzip.GZipMiddleware"
UPDATE = "django.middleware.cache.UpdateCacheMiddleware"
FETCH = "django.middleware.cache.FetchFromCacheMiddleware"

STACKS = {
    "alone": [CONSENT],
    "conditional": [CONDITIONAL, CONSENT],
    "site cache": [CONSENT, UPDATE, FETCH],
    "everything": [GZIP, CONDITIONAL, CONSENT, UPDATE, FETCH],
    "wrong order": [UPDATE, CONSENT, CONDITIONAL, FETCH],
}
READING = ["page", "cached", "cached_template", "templated", "fragment", "public", "tagged", "both"]

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    views.CALLS.clear()
    yield
    cache.clear()


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> Iterator[str]:
    with override_settings(MIDDLEWARE=STACKS[request.param]):
        yield request.param


def tags(response: Any) -> tuple[bool, bool]:
    text = response.content.decode()
    return METER in text, ADVERT in text


def directives(response: Any) -> set[str]:
    return {part.strip() for part in response["Cache-Control"].split(",")}


@pytest.mark.parametrize("path", READING)
def test_visitors_never_get_each_others_page(stack: str, path: str) -> None:
    client = Client()
    for first, second in itertools.permutations(VISITORS, 2):
        cache.clear()
        for name in (first, second, first):
            meta, meter, advert = VISITORS[name]
            response = client.get(f"/{path}/", **meta)
            assert response.status_code == 200
            assert tags(response) == (meter, advert), (first, second, name)
            assert "private" in directives(response)


@pytest.mark.parametrize("path", READING)
def test_nobody_keeps_a_tag_after_refusing(stack: str, path: str) -> None:
    client = Client()
    kept = client.get(f"/{path}/", **AGREED)
    assert tags(kept) == (True, True)
    for validators in (
        {"HTTP_IF_NONE_MATCH": kept.get("ETag", '"base"')},
        {"HTTP_IF_NONE_MATCH": '"base"'},
        {"HTTP_IF_NONE_MATCH": 'W/"base"'},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_IF_MODIFIED_SINCE": http_date(2**31)},
        {"HTTP_IF_MODIFIED_SINCE": http_date(views.WHEN.timestamp())},
    ):
        again = client.get(f"/{path}/", **REFUSED, **validators)
        assert again.status_code == 200, validators
        assert tags(again) == (False, False)


@pytest.mark.parametrize("path", ["tagged", "both"])
def test_the_visitors_own_copy_is_still_good(stack: str, path: str) -> None:
    client = Client()
    first = client.get(f"/{path}/", **AGREED)
    assert re.fullmatch(r'(W/)?"base-[!#-~]+"', first["ETag"])
    again = client.get(f"/{path}/", **AGREED, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert "Cookie" in again["Vary"] and "private" in directives(again)
    # the same answer under another token has the same verdicts, so the same page
    other = visitor("FR", f"x=1; didomi_token={token(*reversed(ALL))}")
    assert client.get(f"/{path}/", **other, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304


def test_etags_differ_with_the_verdicts() -> None:
    seen: dict[str, set[tuple[bool, bool]]] = {}
    for meta, meter, advert in VISITORS.values():
        etag = Client().get("/tagged/", **meta)["ETag"]
        seen.setdefault(etag, set()).add((meter, advert))
    assert all(len(verdicts) == 1 for verdicts in seen.values())
    assert len(seen) >= 5  # the regulation counts, too


def test_etag_of_a_page_that_reads_more_than_gates() -> None:
    client = Client()
    unasked = client.get("/broad/", **visitor("FR"))
    agreed = client.get("/broad/", **AGREED)
    assert unasked.json() == {"collect": True} and agreed.json() == {"collect": False}
    assert unasked["ETag"] != agreed["ETag"]
    stale = client.get("/broad/", **AGREED, HTTP_IF_NONE_MATCH=unasked["ETag"])
    assert stale.json() == {"collect": False}
    fresh = client.get("/broad/", **AGREED, HTTP_IF_NONE_MATCH=agreed["ETag"])
    assert fresh.status_code == 304


def test_headers_of_a_page_that_read() -> None:
    response = Client().get("/public/", **AGREED)
    assert directives(response) == {"max-age=60", "private"}
    vary = {name.strip() for name in response["Vary"].split(",")}
    assert vary == {"Cookie", "Sec-GPC", "X-Country", "X-Region"}
    assert "Last-Modified" not in Client().get("/dated/", **AGREED)


def test_user_agent_counts_only_with_bots() -> None:
    from django_app import settings as project

    with override_settings(CONSENTPY={**project.CONSENTPY, "BOTS": True}):
        assert "User-Agent" in Client().get("/page/")["Vary"]
    assert "User-Agent" not in Client().get("/page/")["Vary"]


def test_headers_for_caches_in_between_are_dropped() -> None:
    response = Client().get("/surrogate/", **AGREED)
    assert response["Cache-Control"] == 'private, no-cache="Set-Cookie, X", max-age=5'
    for name in ("Surrogate-Control", "Cloudflare-CDN-Cache-Control", "X-Accel-Expires"):
        assert name not in response


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "private"),
        ("public", "private"),
        ("max-age=600", "private, max-age=600"),
        ("no-store", "private, no-store"),
        ("no-cache, Public ,s-maxage = 9", "private, no-cache"),
        ("private", "private"),
        ('private="set-cookie, x", max-age=1', "private, max-age=1"),
        ('no-cache="a, public, b"', 'private, no-cache="a, public, b"'),
        (",,", "private"),
        ('ext="never closed, public', 'private, ext="never closed, public'),
    ],
)
def test_cache_control(before: str, after: str) -> None:
    assert headers.private_cache_control(before) == after


@pytest.mark.parametrize(
    ("etag", "after"),
    [('"a"', '"a-k"'), ('W/"a"', 'W/"a-k"'), ('""', '"-k"'), ("a", '"a-k"')],
)
def test_suffix(etag: str, after: str) -> None:
    assert headers.suffixed(etag, "k") == after


def test_a_page_that_did_not_read_is_left_alone(stack: str) -> None:
    client = Client()
    for meta, _, _ in VISITORS.values():
        response = client.get("/plain/", **meta)
        assert response["Cache-Control"].startswith("public, s-maxage=60")
        assert "Cookie" not in response.get("Vary", "")
    assert len(views.CALLS) == (1 if UPDATE in STACKS[stack] else len(VISITORS))


def test_a_page_that_did_not_read_is_still_cached() -> None:
    client = Client()
    for meta, _, _ in VISITORS.values():
        assert client.get("/cached_plain/", **meta).status_code == 200
    assert views.CALLS == ["plain"]


def test_a_page_that_read_is_never_stored() -> None:
    client = Client()
    for _ in range(3):
        client.get("/cached/", **AGREED)
    assert views.CALLS == ["page"] * 3


def test_a_read_before_the_cache_decorator_counts() -> None:
    client = Client()
    for name in itertools.islice(itertools.cycle(VISITORS), 2 * len(VISITORS)):
        meta, meter, _ = VISITORS[name]
        assert client.get("/early/", **meta).content == (b"meter" if meter else b"none")


@pytest.mark.parametrize("path", ["tagged_plain", "dated_plain"])
def test_conditional_requests_of_pages_that_did_not_read(stack: str, path: str) -> None:
    client = Client()
    first = client.get(f"/{path}/", **AGREED)
    validators = (
        {"HTTP_IF_NONE_MATCH": first["ETag"]}
        if path == "tagged_plain"
        else {"HTTP_IF_MODIFIED_SINCE": first["Last-Modified"]}
    )
    again = client.get(f"/{path}/", **REFUSED, **validators)
    assert again.status_code == 304
    assert client.head(f"/{path}/", **REFUSED, **validators).status_code == 304


def test_only_get_and_head_lose_their_conditions() -> None:
    request = RequestFactory().put("/", HTTP_IF_NONE_MATCH="*")
    assert headers.hide_conditions(request) == {}
    request = RequestFactory().get("/", HTTP_IF_NONE_MATCH='"a"', HTTP_IF_MATCH='"b"')
    assert request.headers["If-None-Match"] == '"a"'
    hidden = headers.hide_conditions(request)
    assert "If-None-Match" not in request.headers and request.headers["If-Match"] == '"b"'
    headers.restore_conditions(request, hidden, read=False)
    assert request.headers["If-None-Match"] == '"a"'
    response = HttpResponse(headers={"ETag": '"a"'})
    assert headers.answer_conditions(request, response) is response


def test_a_first_read_in_a_streamed_body_denies(caplog: pytest.LogCaptureFixture) -> None:
    response = Client().get("/stream/", **AGREED)
    assert "Cookie" not in response.get("Vary", "")
    assert b"".join(response.streaming_content) == b"start none [False, False] False"
    assert "/stream/" in caplog.text and "denies" in caplog.text


def test_a_late_read_of_anything_else_is_an_error() -> None:
    from django_app.visitors import visitor as a_visitor

    from consentpy.django.lazy import Consent, LateReadError

    consent = Consent(RequestFactory().get("/", **a_visitor("JP")))
    consent._close()
    for name in ("should_collect", "status", "current", "notice"):
        with pytest.raises(LateReadError, match=name):
            getattr(consent, name)
    for ask in (lambda: consent.key([]), lambda: consent.explain("meter")):
        with pytest.raises(LateReadError):
            ask()
    assert LateReadError("x").silent_variable_failure
    assert repr(consent) == "<Consent: closed>"


def test_a_streamed_body_may_go_on_reading() -> None:
    client = Client()
    agreed = client.get("/stream_early/", **AGREED)
    refused = client.get("/stream_early/", **REFUSED)
    assert b"".join(agreed.streaming_content) == b"meter"
    assert b"".join(refused.streaming_content) == b"none"
    assert "private" in directives(agreed) and "Cookie" in agreed["Vary"]
    # Asked for before the headers: the essential vendor only, the same for both.
    assert agreed["ETag"] != refused["ETag"]
    stale = client.get("/stream_early/", **REFUSED, HTTP_IF_NONE_MATCH=agreed["ETag"])
    assert stale.status_code == 200
    fresh = client.get("/stream_early/", **AGREED, HTTP_IF_NONE_MATCH=agreed["ETag"])
    assert fresh.status_code == 304


def test_head_is_marked_like_get() -> None:
    response = Client().head("/tagged/", **AGREED)
    assert "private" in directives(response) and response["ETag"].startswith('"base-')


def test_a_cached_view_that_gets_a_copy_of_the_request() -> None:
    client = Client()
    for name in itertools.islice(itertools.cycle(VISITORS), 2 * len(VISITORS)):
        meta, meter, _ = VISITORS[name]
        response = client.get("/copied/", **meta)
        assert (METER.encode() in response.content) is meter, name
        assert "private" in response["Cache-Control"] and "Cookie" in response["Vary"]


@pytest.mark.parametrize("id", ["iab:1", "didomi:x", "755", "c:odd"])
def test_the_key_of_a_fragment_tells_vendors_with_odd_ids_apart(id: str) -> None:
    custom = [{"id": id, "name": id, "purposeIds": ["cookies"]}]
    config = {"app": {"vendors": {"custom": custom, "didomi": ["google"]}}}
    text = (
        "{% load cache consentpy %}{% cache 600 odd request.consent.key %}"
        "{% consent vendor=id %}TAG{% denied %}-{% endconsent %}{% endcache %}"
    )
    with override_settings(CONSENTPY={"CONFIG": config, "COUNTRY": "FR"}):
        sdk_id = id if id.startswith("c:") else f"c:{id}"
        for lists, expected in (("enabled", "TAG"), ("disabled", "-"), ("enabled", "TAG")):
            token = cp.token.encode(
                {
                    "updated": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                    "vendors": {lists: [sdk_id]},
                    "purposes": {"enabled": ["cookies"]},
                }
            )
            request = RequestFactory().get("/", headers={"cookie": f"didomi_token={token}"})
            attach(request)
            page = Template(text).render(RequestContext(request, {"id": sdk_id}))
            assert page == expected


def test_a_key_never_fails_silently() -> None:
    request = RequestFactory().get("/")
    consent = attach(request)
    consent._close()
    with pytest.raises(cp.ConsentError) as caught:
        Template("{{ request.consent.key }}").render(RequestContext(request))
    assert caught.value.silent_variable_failure is False
