"""What a page tells the browser: didomiConfig, Google Consent Mode, the data layer; and the nonce."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import django_app  # noqa: F401  (sets Django up)
import flask
import pytest
from csp.constants import NONCE, SELF
from django.test import override_settings
from django_app import settings as project
from django_app.visitors import ALL, USER_ID, token, visitor
from test_django_page import rendered as django_rendered
from web_sites import GATES, NOTICE

import consentpy as cp
from consentpy.django import page as django_page
from consentpy.flask import Consent
from consentpy.web.bootstrap import (
    config_script,
    data_layer_script,
    element,
    gtag_script,
    literal,
)
from consentpy.web.nonce import nonce_of
from helpers import GOOGLE, agree, full, plain_merge, refuse, vendor
from helpers import status as status_of

XSS = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "'\"><img src=x onerror=alert(1)>",
    "\u2028alert(1)\u2029",
    "&lt;/script&gt;",
    "\\u003c/script>",
    "]]>",
    "\x00\ud800",
]

# ------------------------------------------------------------------ texts


def test_literals_are_json_and_cannot_end_a_script() -> None:
    for text in XSS:
        for value in (text, {text: [text, None, True, 1.5]}):
            made = literal(value)
            assert json.loads(made) == value
            assert made.isascii() and not re.search(r"[<>&'\u2028\u2029\x00]", made)


def test_an_element_and_its_nonce() -> None:
    assert element("f();", None) == "<script>f();</script>"
    assert element("f();", "abc+/=") == '<script nonce="abc+/=">f();</script>'
    assert element("f();", '"><i>') == '<script nonce="&quot;&gt;&lt;i&gt;">f();</script>'
    assert element("", "abc") == ""


def config_of(**config: Any) -> cp.Config:
    return cp.Config(plain_merge(full([vendor("v1", ["p1"])]), config), catalog=GOOGLE)


def place_of(script: str) -> Any:
    match = re.fullmatch(
        r"window\.didomiConfig=window\.didomiConfig\|\|\{\};window\.didomiConfig\.user="
        r"Object\.assign\(window\.didomiConfig\.user\|\|\{\},(\{.*\})\);",
        script,
    )
    assert match is not None
    return json.loads(match[1])


def test_the_place_that_the_server_decided() -> None:
    config = config_of()
    for country, region, told in [
        ("fr", None, {"country": "FR"}),
        ("US", "ca", {"country": "US", "region": "CA"}),
        ("JP", "</script>", {"country": "JP"}),
    ]:
        status = config.status(None, country=country, region=region)
        assert place_of(config_script(status, config)) == told
    for unknown in (None, "XX", "</script>"):
        assert config_script(config.status(None, country=unknown), config) == ""
    fixed = config_of(user={"country": "BR"})
    assert place_of(config_script(fixed.status(None, country="FR"), fixed)) == {"country": "BR"}


def google(**gcm: Any) -> cp.Config:
    return cp.Config(
        plain_merge(
            full([]),
            {
                "app": {"vendors": {"didomi": ["google"]}},
                "integrations": {"vendors": {"gcm": {"enable": True, **gcm}}},
            },
        ),
        catalog=GOOGLE,
    )


def calls(script: str) -> list[tuple[str, dict[str, str]]]:
    found = re.findall(r'w\.gtag\("consent","(\w+)",(\{[^}]*\})\);', script)
    return [(kind, json.loads(types)) for kind, types in found]


def test_consent_mode() -> None:
    config = google()
    agreed = status_of(config, agree("google", purposes=["cookies"]))
    refused = status_of(config, refuse("google", purposes=["cookies"]))
    for status, word in ((agreed, "granted"), (refused, "denied")):
        (first, before), (second, after) = calls(gtag_script(status, config))
        assert (first, second) == ("default", "update")
        assert set(before.values()) == {"denied", "granted"} and before["ad_storage"] == "denied"
        assert before["security_storage"] == "granted" and list(before) == list(after)
        assert after == status.google_consent_mode() and after["ad_storage"] == word
    # nothing is known, so nothing is sent
    assert gtag_script(config.status(None, country="FR"), config) == ""
    off = google(enable=False)
    assert gtag_script(off.status(None, country="JP"), off) == ""


def test_consent_mode_with_configured_defaults() -> None:
    config = google(setDefaultStatus=True, defaultStatus={"analytics": True}, dataLayerName="a'</b")
    script = gtag_script(config.status(None, country="FR"), config)
    ((kind, types),) = calls(script)
    assert kind == "default"
    assert (types["analytics_storage"], types["ad_storage"]) == ("granted", "denied")
    assert script.endswith('(window,"a\\u0027\\u003c/b");')


def test_the_data_layer() -> None:
    config = config_of(tagManager={"dataLayerName": "layer"})
    status = status_of(config, agree("c:v1", purposes=["p1"]))
    match = re.fullmatch(
        r"\(function\(w,n\)\{\(w\[n\]=w\[n\]\|\|\[\]\)\.push\((.*)\);\}\)\(window,\"layer\"\);",
        data_layer_script(status, config),
    )
    assert match is not None and json.loads(match[1]) == status.data_layer()
    named = data_layer_script(status, config, event="known</script>")
    assert '{"event":"known\\u003c/script\\u003e",' in named
    plain = config_of()
    assert data_layer_script(plain.status(None), plain).endswith('(window,"dataLayer");')


def test_ids_of_a_hostile_notice_stay_in_their_literal() -> None:
    for text in XSS[:-1]:
        config = cp.Config(
            {
                "app": {
                    "vendors": {"custom": [{"id": text, "purposeIds": [text]}]},
                    "customPurposes": [{"id": text}],
                }
            }
        )
        script = data_layer_script(config.status(None, country="JP"), config)
        assert not re.search(r"[<>&\u2028\u2029]", script)


# ------------------------------------------------------------------ nonce


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("abcDEF123+/==", "abcDEF123+/=="),
        ("url-safe_", "url-safe_"),
        (lambda: "made", "made"),
        (None, None),
        ("", None),
        ('a" onload="f()', None),
        ("a b", None),
        ("a\n", None),
        (7, "7"),
        (object(), None),
    ],
)
def test_nonce_of_every_kind_of_request(kept: Any, expected: str | None) -> None:
    assert nonce_of(SimpleNamespace(csp_nonce=kept)) == expected
    assert nonce_of(SimpleNamespace(_csp_nonce=kept)) == expected
    assert nonce_of({"state": {"csp_nonce": kept}}) == expected
    assert nonce_of({"csp_nonce": kept}) == expected
    assert nonce_of(SimpleNamespace()) is nonce_of({}) is None


def test_a_nonce_that_cannot_be_had_is_none() -> None:
    def late() -> str:
        raise RuntimeError("the policy is out")

    assert nonce_of(SimpleNamespace(csp_nonce=late)) is None


def policies() -> list[tuple[str, dict[str, Any]]]:
    """The middleware of django-csp, and Django's own since 6.0, with settings for them."""
    policy = {"DIRECTIVES": {"script-src": [SELF, NONCE]}}
    found = [("csp.middleware.CSPMiddleware", {"CONTENT_SECURITY_POLICY": policy})]
    if find_spec("django.middleware.csp"):
        from django.utils.csp import CSP

        path = "django.middleware.csp.ContentSecurityPolicyMiddleware"
        found.append((path, {"SECURE_CSP": {"script-src": [CSP.SELF, CSP.NONCE]}}))
    return found


@pytest.mark.parametrize(("middleware", "settings"), policies())
def test_nonce_of_the_policy_in_django(middleware: str, settings: dict[str, Any]) -> None:
    from django.http import HttpResponse
    from django.template import engines
    from django.test import Client
    from django.urls import path

    def view(request: Any, source: str) -> HttpResponse:
        template = engines["django"].from_string("{% load consentpy %}" + source)
        return HttpResponse(template.render({}, request))

    views = [
        path("told", view, {"source": "{% consent_bootstrap %}{% consent_data_layer %}"}),
        path("untold", view, {"source": "x"}),
    ]
    order = [middleware, "consentpy.django.ConsentMiddleware"]
    urls = type("urls", (), {"urlpatterns": views})
    with override_settings(MIDDLEWARE=order, ROOT_URLCONF=urls, **settings):
        seen = set()
        for _ in range(2):
            response = Client().get("/told", **visitor("FR"))
            (nonce,) = set(re.findall(r'<script nonce="([^"]+)">', response.content.decode()))
            assert f"'nonce-{nonce}'" in response["Content-Security-Policy"]
            seen.add(nonce)
        assert len(seen) == 2
        # Nobody asked, so the policy has none and the page may be the same for everybody.
        assert "nonce" not in Client().get("/untold")["Content-Security-Policy"]


# ------------------------------------------------------------------ in templates

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
GCM = [NOTICE, {"integrations": {"vendors": {"gcm": {"enable": True, "setDefaultStatus": True}}}}]


def flask_rendered(source: str, meta: dict[str, Any]) -> tuple[str, Any]:
    app = flask.Flask("site")
    app.config.update(
        CONSENTPY_CONFIG=GCM, CONSENTPY_COUNTRY_HEADER="X-Country", CONSENTPY_GATES=GATES
    )
    Consent(app)

    @app.route("/")
    def view() -> str:
        flask.request.csp_nonce = "abc"  # type: ignore[attr-defined]
        return flask.render_template_string(source)

    headers = {key.removeprefix("HTTP_").replace("_", "-"): meta[key] for key in meta}
    response = app.test_client(use_cookies=False).get("/", headers=headers)
    return response.text, response


def in_django(source: str, meta: dict[str, Any]) -> str:
    with override_settings(CONSENTPY={**project.CONSENTPY, "CONFIG": GCM}):
        return django_rendered(re.sub(r"\{\{ (\w+)\((.*?)\) \}\}", r"{% \1 \2 %}", source), meta)


@pytest.mark.parametrize("name", ["consent_bootstrap", "consent_gtag", "consent_data_layer"])
def test_both_template_languages_write_the_same(name: str) -> None:
    for meta in (AGREED, visitor("US"), visitor("FR")):
        flasks, response = flask_rendered(f"{{{{ {name}() }}}}", meta)
        djangos = in_django(f"{{{{ {name}() }}}}", meta)
        assert flasks.replace(' nonce="abc"', "") == djangos
        assert flasks.startswith('<script nonce="abc">') and flasks.endswith("</script>")
        assert flasks.count("<") == 2 and USER_ID not in flasks
        assert response.headers["Cache-Control"] == "private"


def test_an_event_in_both() -> None:
    for event, told in (("'known'", '{"event":"known",'), ("missing", '{"didomi')):
        source = f"{{{{ consent_data_layer(event={event}) }}}}"
        flasks = flask_rendered(source.replace("missing", "none"), AGREED)[0]
        assert told in flasks and told in in_django(source, AGREED)


def test_nothing_without_a_request(caplog: pytest.LogCaptureFixture) -> None:
    from django.template import Context, Template

    app = flask.Flask("site")
    app.config.update(CONSENTPY_CONFIG=GCM, CONSENTPY_COUNTRY="FR")
    Consent(app)
    for name in ("consent_bootstrap", "consent_gtag", "consent_data_layer"):
        caplog.clear()
        assert Template("{% load consentpy %}{% " + name + " %}").render(Context()) == ""
        assert "without a request" in caplog.text
        caplog.clear()
        with app.app_context():
            assert app.jinja_env.from_string(f"{{{{ {name}() }}}}").render() == ""
        assert "without a request" in caplog.text


def test_nothing_after_the_headers_are_out() -> None:
    from test_django_page import a_request

    request = a_request()
    request.consent._close()  # type: ignore[attr-defined]
    node = django_page.PageNode("consent_bootstrap", None)
    from django.template import RequestContext

    assert node.render(RequestContext(request)) == ""


@pytest.mark.parametrize(
    "tag",
    [
        "consent_bootstrap 1",
        "consent_gtag event='x'",
        "consent_data_layer 'x'",
        "consent_data_layer event=",
        "consent_data_layer event='x' event='y'",
    ],
)
def test_a_malformed_tag_does_not_compile(tag: str) -> None:
    from django.template import Template, TemplateSyntaxError

    with pytest.raises(TemplateSyntaxError, match="takes"):
        Template("{% load consentpy %}{% " + tag + " %}")
