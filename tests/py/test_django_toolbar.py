"""Django: the panel of django-debug-toolbar."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import django_app  # noqa: F401  (sets Django up)
import pytest
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory, override_settings
from django.urls import include, path
from django_app import settings as project
from django_app import urls
from django_app.visitors import ALL, USER_ID, VISITORS, token, visitor
from test_django_page import AGREED, REFUSED, a_request

from consentpy.django import gate

PARTLY = VISITORS["france, partly"][0]


@pytest.fixture(scope="module", autouse=True)
def toolbar_installed() -> Any:
    apps = [*project.INSTALLED_APPS, "django.contrib.staticfiles", "debug_toolbar"]
    with override_settings(STATIC_URL="/static/"), override_settings(INSTALLED_APPS=apps):
        yield


def panel_of(request: Any) -> Any:
    from consentpy.django.toolbar import ConsentPanel

    kept: dict[str, Any] = {}
    panel = ConsentPanel(SimpleNamespace(request=request), lambda request: HttpResponse())
    panel.record_stats = lambda stats: kept.update(json.loads(json.dumps(stats)))
    panel.get_stats = lambda: kept
    panel.generate_stats(request, HttpResponse())
    return panel


def test_a_page_that_did_not_ask() -> None:
    request = a_request()
    panel = panel_of(request)
    assert "did not ask" in panel.content and panel.nav_subtitle == "not asked"
    assert repr(request.consent) == "<Consent: not read>"  # type: ignore[attr-defined]
    assert "did not ask" in panel_of(RequestFactory().get("/")).content


def test_what_a_page_asked() -> None:
    request: Any = a_request(PARTLY)
    request.consent.allows(gate("measurement"))
    request.consent.allows("adshop", "adverts")
    request.consent._close()
    panel = panel_of(request)
    text = panel.content
    assert panel.nav_subtitle == "gdpr, 1 of 2 allowed"
    assert "<h5>measurement (vendor meter, purposes audience): allowed</h5>" in text
    assert "<h5>vendor adshop, purposes adverts: denied</h5>" in text
    assert "<td>FR</td>" in text and "refused" in text


@pytest.mark.parametrize("meta", [AGREED, REFUSED, PARTLY, visitor("FR", "didomi_token=rubbish")])
def test_no_user_id_and_no_cookie(meta: dict[str, Any]) -> None:
    request: Any = a_request(meta)
    request.consent.verdicts([gate("measurement"), gate("advertising")])
    assert request.consent.user_id in (USER_ID, None)
    text = panel_of(request).content
    value = meta["HTTP_COOKIE"].partition("=")[2]
    assert USER_ID not in text and value not in text and token(*ALL) not in text


def test_what_a_visitor_sent_is_escaped() -> None:
    request: Any = a_request({**visitor("<b>"), "HTTP_X_REGION": "<script>"})
    request.consent.allows("meter")
    text = panel_of(request).content
    assert "<script" not in text and "<b>" not in text and "unknown" in text


def test_in_the_toolbar() -> None:
    settings = {
        "DEBUG": True,
        "ROOT_URLCONF": type(
            "urls",
            (),
            {"urlpatterns": [path("__debug__/", include("debug_toolbar.urls")), *urls.urlpatterns]},
        ),
        "MIDDLEWARE": ["debug_toolbar.middleware.DebugToolbarMiddleware", *project.MIDDLEWARE],
        "DEBUG_TOOLBAR_PANELS": ["consentpy.django.toolbar.ConsentPanel"],
        "DEBUG_TOOLBAR_CONFIG": {"SHOW_TOOLBAR_CALLBACK": lambda request: True},
        "TEMPLATES": [{**project.TEMPLATES[0], "APP_DIRS": True}],
    }
    from debug_toolbar.toolbar import DebugToolbar

    def view(request: Any) -> HttpResponse:
        return HttpResponse(f"<html><body>{request.consent.allows('meter')}</body></html>")

    settings["ROOT_URLCONF"].urlpatterns.append(path("asked", view))
    DebugToolbar._panel_classes = None
    try:
        with override_settings(**settings):
            text = Client().get("/asked", **AGREED).content.decode()
            headers = {key.removeprefix("HTTP_").replace("_", "-"): AGREED[key] for key in AGREED}

            async def ask() -> str:
                response = await AsyncClient().get("/asked", headers=headers)
                return response.content.decode()

            texts = [text, asyncio.run(ask())]
    finally:
        DebugToolbar._panel_classes = None
    for text in texts:
        assert "<body>True" in text and "gdpr, 1 of 1 allowed" in text
        assert USER_ID not in text
