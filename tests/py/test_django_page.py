"""Django: `request.consent` and the block tag."""

from __future__ import annotations

import asyncio
import logging
import pickle
from typing import Any

import django_app  # noqa: F401  (sets Django up)
import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, RequestContext, Template, TemplateSyntaxError, engines
from django.template.loader import render_to_string
from django.test import AsyncClient, Client, RequestFactory, override_settings
from django_app import settings as project
from django_app.visitors import ALL, VISITORS, token, visitor

import consentpy as cp
from consentpy.django import Consent, gate
from consentpy.django.lazy import attach

METER, ADVERT, BASKET = "/s/meter.js", "/s/adshop.js", "/s/basket.js"
AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")


def a_request(meta: dict[str, Any] | None = None) -> HttpRequest:
    """A request that is inside the middleware."""
    request = RequestFactory().get("/", **(AGREED if meta is None else meta))
    attach(request)
    return request


def rendered(source: str, meta: dict[str, Any] | None = None, **values: Any) -> str:
    template = Template("{% load consentpy %}" + source)
    return template.render(RequestContext(a_request(meta), values))


@pytest.mark.parametrize("name", VISITORS)
@pytest.mark.parametrize("path", ["/page/", "/templated/", "/asynchronous/"])
def test_each_visitor_gets_the_tags_allowed(name: str, path: str) -> None:
    meta, meter, advert = VISITORS[name]
    text = Client().get(path, **meta).content.decode()
    assert BASKET in text and "<b>essential</b>" in text
    assert (METER in text, "no meter" in text) == (meter, not meter)
    assert (ADVERT in text, "no advert" in text) == (advert, not advert)


@pytest.mark.parametrize("name", VISITORS)
@pytest.mark.parametrize("path", ["/page/", "/asynchronous/"])
def test_asynchronous_stack(name: str, path: str) -> None:
    meta, meter, advert = VISITORS[name]
    headers = {key.removeprefix("HTTP_").replace("_", "-"): meta[key] for key in meta}

    async def ask() -> HttpResponse:
        return await AsyncClient().get(path, headers=headers)

    text = asyncio.run(ask()).content.decode()
    assert (BASKET in text, METER in text, ADVERT in text) == (True, meter, advert)


def test_split_cookie_lines_of_http2_are_all_read() -> None:
    from django.core.handlers.asgi import ASGIRequest

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [
            (b"cookie", b"other=1"),
            (b"cookie", f"didomi_token={token('audience', 'c:meter')}".encode()),
            (b"x-country", b"FR"),
        ],
    }
    consent = Consent(ASGIRequest(scope, None))
    assert consent.verdicts([gate("measurement"), gate("advertising")]) == [True, False]


def test_no_cookie_leaves_the_request_unread() -> None:
    request = a_request()
    assert repr(request.consent) == "<Consent: not read>"
    assert not hasattr(request, "_cache_update_cache")
    for name in ("__html__", "_private", "__deepcopy__"):
        assert not hasattr(request.consent, name)
    assert repr(request.consent) == "<Consent: not read>"


def test_delegates_to_the_status() -> None:
    consent = a_request().consent
    assert consent.allows("meter") and consent.allows("c:meter", "audience")
    assert consent.allows(purposes=["audience", "necessary"])
    assert not consent.allows("nobody")
    assert consent.allows(gate("advertising"))
    assert consent.verdicts(iter([gate("advertising"), gate("measurement")])) == [True, True]
    assert consent.explain(gate("advertising")).allowed is True
    assert consent.explain("meter", purposes="audience").allowed is True
    assert consent.explain(vendor="nobody").allowed is False
    assert consent.vendor("meter") is True
    assert consent.should_collect is False
    assert consent.notice.regulation == "gdpr"
    assert consent.key([gate("advertising")]) == consent.status.key([gate("advertising")])
    assert isinstance(consent.status, cp.Status)
    assert "should_collect" in dir(consent) and "allows" in dir(consent)
    assert repr(consent) == "<Consent: read, gdpr>"
    with pytest.raises(AttributeError):
        consent.alows  # noqa: B018
    with pytest.raises(TypeError):
        consent.allows()
    with pytest.raises(TypeError):
        consent.allows(gate("advertising"), "audience")


def test_truth_is_refused_rather_than_guessed() -> None:
    consent = a_request().consent
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(consent)
    with pytest.raises(TypeError, match="neither true nor false"):
        rendered("{% if request.consent %}tag{% endif %}")
    # Django turns an exception inside a condition into "no".
    assert rendered("{% if request.consent and 1 %}tag{% endif %}") == ""
    assert repr(consent) == "<Consent: not read>"


def test_no_pickle_and_no_secret_in_repr() -> None:
    consent = a_request().consent
    consent.allows("meter")
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(consent)
    parts = [getattr(consent, name) for name in type(consent).__base__.__slots__]
    assert len(parts) > 5
    for held in (consent, *parts):
        if not isinstance(held, HttpRequest):
            assert "didomi_token" not in repr(held) and token(*ALL) not in repr(held)


def test_status_in_a_template() -> None:
    context = "request.consent"
    assert rendered(f"{{% if {context}.should_collect %}}ask{{% else %}}known{{% endif %}}") == (
        "known"
    )
    assert rendered(f"{{{{ {context}.notice.regulation }}}}") == "gdpr"
    assert rendered(f"{{{{ {context}.notice.regulation }}}}", visitor("JP")) == "none"


YES, NO = AGREED, REFUSED


@pytest.mark.parametrize(
    "tag",
    [
        '"measurement"',
        "'advertising'",
        "name",
        "a_gate",
        'vendor="meter"',
        "vendor='c:meter'",
        "vendor=meter",
        'purposes="audience,adverts"',
        'purposes="audience, adverts"',
        "purposes=listed",
        'vendor="adshop" purposes="adverts"',
        'vendor="ADSHOP"|lower purposes=listed',
    ],
)
def test_every_form_of_the_tag(tag: str) -> None:
    values = {
        "name": "advertising",
        "a_gate": gate("measurement"),
        "meter": "meter",
        "listed": ["audience", "adverts"],
    }
    source = f"{{% consent {tag} %}}yes{{% denied %}}no{{% endconsent %}}"
    assert rendered(source, YES, **values) == "yes"
    assert rendered(source, NO, **values) == "no"
    without = f"{{% consent {tag} %}}yes{{% endconsent %}}"
    assert rendered(without, YES, **values) == "yes"
    assert rendered(without, NO, **values) == ""


@pytest.mark.parametrize(
    "tag",
    [
        '"nothing"',
        "missing",
        "none",
        "number",
        'vendor="nobody"',
        'purposes="nothing"',
        'vendor="meter" purposes="audience,nothing"',
        # a written argument that turns out empty must not drop its half of the condition
        'vendor=missing purposes="audience"',
        'vendor="meter" purposes=missing',
        'vendor="meter" purposes=empty',
        'vendor="" purposes="audience"',
        'vendor="meter" purposes=""',
        'vendor=none purposes="audience"',
        'vendor=thing purposes="audience"',
        'vendor="meter" purposes=thing',
        'vendor="meter" purposes=things',
    ],
)
def test_what_cannot_be_resolved_denies(tag: str, caplog: pytest.LogCaptureFixture) -> None:
    source = f"{{% consent {tag} %}}yes{{% denied %}}no{{% endconsent %}}"
    values = {"none": None, "number": 7, "empty": [], "thing": object(), "things": [object()]}
    assert rendered(source, visitor("JP"), **values) == "no"
    assert "denies" in caplog.text


def test_nested_blocks() -> None:
    source = (
        '{% consent "measurement" %}a{% consent "advertising" %}b{% denied %}c{% endconsent %}'
        '{% denied %}d{% consent vendor="basket" %}e{% endconsent %}{% endconsent %}'
    )
    partly = visitor("FR", f"didomi_token={token('audience', 'c:meter')}")
    assert rendered(source, YES) == "ab"
    assert rendered(source, partly) == "ac"
    assert rendered(source, NO) == "de"


@pytest.mark.parametrize(
    "tag",
    [
        "consent",
        'consent "a" "b"',
        'consent "a" vendor="b"',
        'consent vendor="a" vendor="b"',
        'consent vendors="a"',
        'consent name="a"',
    ],
)
def test_a_malformed_tag_does_not_compile(tag: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="consent"):
        Template("{% load consentpy %}{% " + tag + " %}{% endconsent %}")


def test_an_open_block_does_not_compile() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template('{% load consentpy %}{% consent "measurement" %}{% denied %}{% denied %}')


def test_without_a_request_the_block_denies(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "consentpy.django"):
        text = render_to_string("app/page.html")
    assert METER not in text and "no meter" in text and BASKET in text
    assert "app/page.html, line 3" in caplog.text
    # Not even the essential block knows who asks.
    assert "<b>essential</b>" not in text
    assert METER not in Template('{% include "app/page.html" %}').render(Context({}))


def test_a_request_that_missed_the_middleware_denies(caplog: pytest.LogCaptureFixture) -> None:
    text = render_to_string("app/page.html", request=RequestFactory().get("/", **AGREED))
    assert METER not in text and "middleware" in caplog.text


def test_the_request_is_found_without_its_context_processor() -> None:
    request = a_request()
    page = engines["django"].get_template("app/page.html")
    assert METER in page.render({}, request)
    include = engines["django"].from_string('{% include "app/page.html" only %}')
    assert METER in include.render({}, request)
    assert METER in Template('{% include "app/page.html" %}').render(Context({"request": request}))


def test_literals_are_resolved_again_after_a_change_of_settings() -> None:
    template = Template(
        '{% load consentpy %}{% consent "measurement" %}yes{% denied %}no{% endconsent %}'
    )
    assert template.render(RequestContext(a_request())) == "yes"
    changed = {**project.CONSENTPY, "GATES": {"measurement": {"vendor": "nobody"}}}
    with override_settings(CONSENTPY=changed):
        assert template.render(RequestContext(a_request())) == "no"
    assert template.render(RequestContext(a_request())) == "yes"
