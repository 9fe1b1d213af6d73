"""What comes from outside never stands in a page as it came: in every stack, by every way in.

A page does not depend on what a payload says, so it has to be the very page of a visitor who sent
none. Where a value is printed (the browser's scripts, nonces, conditions, macros) it is looked for.
"""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from typing import Any
from urllib.parse import quote

import django_app  # noqa: F401  (sets Django up)
import flask
import pytest
from django.template import engines
from django.test import override_settings
from django_app import settings as project
from django_app.visitors import ALL, token
from test_django_page import a_request
from web_sites import GATES, METER, NOTICE, STACKS, Answer, Headers, Site

import consentpy as cp
from consentpy.flask import Consent

#: The shapes of the known lists: out of a text, an attribute, a script, a comment, a template.
PAYLOADS = {
    "element": "<script>alert(1)</script>",
    "out of a script": "</script><script>alert(1)</script>",
    "out of a script, odd": "</ScRiPt\t/x><svg/onload=alert(1)>",
    "out of an attribute": '"><img src=x onerror=alert(1)>',
    "out of a quote": "'-alert(1)-'",
    "attribute": '" onmouseover="alert(1)" x="',
    "comment": "--><script>alert(1)</script><!--",
    "script in a comment": "<!--<script>alert(1)",
    "address": "javascript:alert(1)//",
    "line separators": "\u2028alert(1)\u2029",
    "nul": "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "overlong": "\xc0\xbcscript\xc0\xbealert(1)",
    "utf-7": "+ADw-script+AD4-alert(1)",
    "backslash": '\\"-alert(1)}//',
    "templates": "{{7*7}}{%load consentpy%}${alert(1)}<%=alert(1)%>",
    "macro": "{gdpr_consent}{gdpr_consent_vendor_boolean}",
    "character reference": "&lt;script&gt;alert(1)&#60;/script&#62;",
    "new lines": "x\r\n\r\n<script>alert(1)</script>",
    "lone surrogate": "\ud800<script>alert(1)</script>",
}
PAGES = ("/page", "/tagged", "/plain", "/broad", "/where", "/early", "/edge", "/sdk", "/sdk-parts")
OUTSIDE = ("Sec-GPC", "User-Agent", "Referer", "If-None-Match", "Consent-Key", "X-Forwarded-For")


def as_sent(text: str) -> str:
    """The text as a server hands it over: the bytes of a header line, one character each."""
    return re.sub(r"[\r\n]", " ", text).encode("utf-8", "surrogatepass").decode("latin-1")


def b64(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def cookies_with(text: str) -> list[str]:
    """Ways to bring a text in by a cookie, none of which is an answer."""
    sent = as_sent(text).replace(";", "")
    lists = {"enabled": [text], "disabled": [text]}
    inside = {
        "user_id": text,
        "created": text,
        "updated": text,
        "vendors": lists,
        "purposes": lists,
    }
    return [
        f"didomi_token={sent}",
        f"didomi_token={quote(sent)}",
        f"didomi_token={b64(inside)}; euconsent-v2={sent}; _didomi_dcs={sent}",
        f"{sent}={sent}; __gpp={sent}; usprivacy={sent}; addtl_consent={sent}",
    ]


def good_token_with(text: str) -> str:
    """An answer that counts, with the text wherever it may have one."""
    value = json.loads(base64.b64decode(token(*ALL)))
    value["user_id"] = text
    for key in ("vendors", "purposes"):
        value[key]["enabled"].append(text)
    return b64(value)


#: No token has these: one that does is no answer.
NOT_IN_A_TOKEN = ("nul", "lone surrogate")


def comparable(answer: Answer) -> tuple[int, bytes]:
    return answer.status, answer.body


def clean(answer: Answer, text: str) -> None:
    """No line of the head has the text, or anything that a page is made of."""
    for name, value in answer.pairs:
        assert as_sent(text) not in value and "alert(1)" not in value
        assert (name + value).isascii() and not re.search(r"[\0\r\n<>]", name + value)


@pytest.fixture(scope="module", params=STACKS)
def site(request: pytest.FixtureRequest) -> Site:
    return Site(request.param, {"REWRITE": True, "BOTS": True})


@pytest.fixture(scope="module", params=STACKS)
def edge(request: pytest.FixtureRequest) -> Site:
    return Site(request.param, {"CACHE": "keyed"})


# ------------------------------------------------------------------ pages


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_cookie_does_not_reach_the_page(site: Site, name: str) -> None:
    for path in PAGES:
        plain = site.get(path, [("X-Country", "FR")])
        for cookie in cookies_with(PAYLOADS[name]):
            answer = site.get(path, [("X-Country", "FR"), ("Cookie", cookie)])
            assert comparable(answer) == comparable(plain)
            clean(answer, PAYLOADS[name])


@pytest.mark.parametrize("name", PAYLOADS)
def test_an_answer_that_counts_brings_nothing_else_in(site: Site, name: str) -> None:
    for path in ("/page", "/tagged", "/sdk", "/sdk-parts"):
        france = ("X-Country", "FR")
        counts = name not in NOT_IN_A_TOKEN
        plain = site.get(
            path, [france, ("Cookie", f"didomi_token={token(*ALL) if counts else ''}")]
        )
        cookie = f"didomi_token={good_token_with(PAYLOADS[name])}"
        answer = site.get(path, [france, ("Cookie", cookie)])
        assert comparable(answer) == comparable(plain)
        assert (METER in answer.body and b"didomi/javascript" not in answer.body) or not counts
        clean(answer, PAYLOADS[name])


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_header_does_not_reach_the_page(site: Site, name: str) -> None:
    text = as_sent(PAYLOADS[name])
    for path in PAGES:
        plain = site.get(path)
        answer = site.get(path, [("X-Country", text), ("X-Region", text)])
        assert comparable(answer) == comparable(plain)
        clean(answer, PAYLOADS[name])
        plain = site.get(path, [("X-Country", "FR")])
        others: Headers = [(header, text) for header in OUTSIDE]
        answer = site.get(path, [("X-Country", "FR"), ("X-Region", text), *others])
        assert comparable(answer) == comparable(plain)
        clean(answer, PAYLOADS[name])


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_key_for_a_cache_has_nothing_of_the_visitor(edge: Site, name: str) -> None:
    text = as_sent(PAYLOADS[name])
    plain = edge.get("/consent/key", [("X-Country", "FR")])
    for cookie in cookies_with(PAYLOADS[name]):
        others = [("Cookie", cookie), ("X-Region", text), ("Consent-Key", text)]
        answer = edge.get("/consent/key", [("X-Country", "FR"), *others])
        assert answer["Consent-Key"] == plain["Consent-Key"] and answer.body == b""
        clean(answer, PAYLOADS[name])


# ------------------------------------------------------------------ what templates print

TEMPLATE = (
    "@consent_bootstrap@@consent_gtag@"
    '{% consent vendor=given# defer=True %}<script src="/a.js"></script>{% denied %}no{% endconsent %}'
    "{% consent purposes=given# defer=True %}<b>b</b>{% denied %}no{% endconsent %}"
    "{% consent given# defer=True %}<b>b</b>{% denied %}no{% endconsent %}"
)
EVENT = "@consent_data_layer event=given@"
USER = "{{ consent.user_id }}"


def in_django(source: str, changes: dict[str, Any], meta: dict[str, str], given: str) -> str:
    source = re.sub(r"@(.*?)@", r"{% \1 %}", source).replace("#", "").replace("{{ ", "{{ request.")
    with override_settings(CONSENTPY={**project.CONSENTPY, **changes}):
        request: Any = a_request({f"HTTP_{key}": value for key, value in meta.items()})
        request.csp_nonce = given
        template = engines["django"].from_string("{% load consentpy %}" + source)
        return str(template.render({"given": given}, request))


def in_flask(source: str, changes: dict[str, Any], meta: dict[str, str], given: str) -> str:
    source = re.sub(r"@(\w+) ?(.*?)@", r"{{ \1(\2) }}", source).replace("#", ",")
    app = flask.Flask("site")
    settings = {"CONFIG": NOTICE, "COUNTRY_HEADER": "X-Country", "GATES": GATES, **changes}
    app.config.update({f"CONSENTPY_{key}": value for key, value in settings.items()})
    Consent(app)
    environ = {f"HTTP_{key}": value for key, value in meta.items()}
    with app.test_request_context("/", environ_overrides=environ):
        flask.request.csp_nonce = given  # type: ignore[attr-defined]
        return flask.render_template_string(source, given=given)


RENDER = {"django": in_django, "flask": in_flask}


def scripts(page: str) -> list[str]:
    """The bodies of a page that is script elements without attributes and nothing else."""
    assert re.fullmatch(r"(?:<script>[^<>]*</script>)*", page), page
    return re.findall(r"<script>([^<>]*)</script>", page)


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("language", RENDER)
def test_values_of_a_request_in_blocks(language: str, name: str) -> None:
    """Ids and gates that are variables, and a nonce."""
    text = PAYLOADS[name]
    page = RENDER[language](TEMPLATE, {}, {"X_COUNTRY": "FR"}, text)
    assert page.endswith("nonono") and "nonce" not in page
    (place,) = scripts(page.removesuffix("nonono"))
    assert place.endswith('{"country":"FR"});')


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("language", RENDER)
def test_place_event_and_user_in_templates(language: str, name: str) -> None:
    text, render = PAYLOADS[name], RENDER[language]
    sent = {"X_COUNTRY": as_sent(text), "X_REGION": as_sent(text)}
    assert render("@consent_bootstrap@", {}, sent, "") == ""
    (told,) = scripts(render(EVENT, {}, {"X_COUNTRY": "FR"}, text))
    assert told.isascii() and not re.search(r"[\0&']", told)
    event = json.JSONDecoder().raw_decode(told[told.index('{"event"') :])[0]["event"]
    assert event == text
    cookie = f"didomi_token={good_token_with(text)}"
    user = render(USER, {}, {"X_COUNTRY": "FR", "COOKIE": cookie}, "")
    assert unescape(user) == (text if name not in NOT_IN_A_TOKEN else "None")
    assert not re.search(r"[<>\"']", user)


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("language", RENDER)
def test_texts_of_the_configuration_stay_in_their_literals(language: str, name: str) -> None:
    text = PAYLOADS[name].replace("\ud800", "").replace("\0", "")
    gcm = {"enable": True, "setDefaultStatus": True, "dataLayerName": text}
    layer = {
        "app": {
            "vendors": {"custom": [{"id": text, "name": text, "purposeIds": [text]}]},
            "customPurposes": [{"id": text, "name": {"en": text}}],
        },
        "integrations": {"vendors": {"gcm": gcm}},
        "tagManager": {"dataLayerName": text},
    }
    changes = {"CONFIG": [NOTICE, layer], "GATES": {}}
    source = "@consent_gtag@@consent_data_layer@"
    for country in ("FR", "JP"):
        found = scripts(RENDER[language](source, changes, {"X_COUNTRY": country}, ""))
        assert len(found) == 2
        for told in found:
            assert told.isascii() and not re.search(r"[\0&']", told)
            assert told.endswith(");")
            window = told[told.rindex("(window,") + 8 : -2]
            assert json.loads(window) == text


# ------------------------------------------------------------------ macros


@pytest.mark.parametrize("name", PAYLOADS)
def test_macros_have_only_plain_characters(name: str) -> None:
    config = cp.Config(NOTICE)
    macros = (
        "gdpr gdpr_consent gdpr_consent_string gdpr_consent_vendor gdpr_consent_vendor_boolean "
        "gdpr_consent_vendors gdpr_consent_purposes us_privacy_string gpp addtl_consent user_id"
    ).split()
    body = "|".join(f"{{{macro}}}" for macro in macros)
    page = f'<script type="didomi/javascript" data-loading="immediate">"{body}"</script>'
    sent = as_sent(PAYLOADS[name]).replace(";", "")
    for cookie in (*cookies_with(PAYLOADS[name]), f"didomi_token={good_token_with(sent)}"):
        seen = config.status(cookie.encode("latin-1"), country="FR", region=PAYLOADS[name])
        for status in (seen, config.status(cookie.encode("latin-1"), country="US")):
            made = cp.html.rewrite(page, status)
            match = re.fullmatch(r'<script type="text/javascript" [^>]*>"([^"]*)"</script>', made)
            assert match is not None
            assert re.fullmatch(r"[A-Za-z0-9._~,|{}-]*", match[1]), made


# ------------------------------------------------------------------ the toolbar


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_panel_of_the_toolbar(name: str) -> None:
    """Gates and vendors of the configuration, a cookie, and a header of the visitor."""
    from test_django_toolbar import panel_of

    from consentpy.django import gate

    text = PAYLOADS[name].replace("\ud800", "").replace("\0", "")
    layer = {
        "app": {
            "vendors": {"custom": [{"id": text, "purposeIds": [text]}]},
            "customPurposes": [{"id": text}],
        }
    }
    changes = {"CONFIG": [NOTICE, layer], "GATES": {text: {"vendor": text}}}
    with override_settings(CONSENTPY={**project.CONSENTPY, **changes}):
        for cookie in cookies_with(PAYLOADS[name]):
            sent = {"HTTP_X_COUNTRY": "FR", "HTTP_X_REGION": as_sent(text), "HTTP_COOKIE": cookie}
            request: Any = a_request(sent)
            request.consent.allows(gate(text))
            page = panel_of(request).content
            assert f"vendor {text}" in unescape(page)
            tags = set(re.findall(r"<[^>]*>?", page))
            assert tags <= {f"<{end}{tag}>" for end in ("", "/") for tag in TABLE}


TABLE = ("table", "tbody", "tr", "th", "td", "h4", "h5", "pre")
