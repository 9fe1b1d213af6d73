"""Flask: `consent`, the Jinja block, deferred content, Flask-Caching and the commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import pytest
from django_app.visitors import ALL, VISITORS, token, visitor
from flask_caching import Cache
from jinja2 import DictLoader, FileSystemBytecodeCache, StrictUndefined, TemplateSyntaxError
from web_sites import ADVERT, GATES, METER, NOTICE, sent

import consentpy as cp
from consentpy.flask import Consent, LateReadError, SettingsError, cache_key, consent, gate

AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
PARTLY = VISITORS["france, partly"][0]


def make(templates: dict[str, str] | None = None, **changes: Any) -> flask.Flask:
    app = flask.Flask("site")
    app.config.update(
        TESTING=True,
        CONSENTPY_CONFIG=NOTICE,
        CONSENTPY_COUNTRY_HEADER="X-Country",
        CONSENTPY_REGION_HEADER="X-Region",
        CONSENTPY_GATES=GATES,
    )
    app.config.update(changes)
    if templates is not None:
        app.jinja_options = {"loader": DictLoader(templates)}
    Consent(app)
    return app


@pytest.fixture
def app() -> flask.Flask:
    return make()


def asked(app: flask.Flask, view: Callable[[], Any], meta: dict[str, Any]) -> Any:
    """The response of a view to a visitor."""
    app.add_url_rule("/it", "it", view)
    return app.test_client(use_cookies=False).get("/it", headers=sent(meta))


def rendered(app: flask.Flask, source: str, meta: dict[str, Any], **values: Any) -> str:
    with app.test_request_context("/", headers=sent(meta)):
        return flask.render_template_string(source, **values)


# ------------------------------------------------------------------ consent in code


def test_consent_is_that_of_the_request(app: flask.Flask) -> None:
    with app.test_request_context("/", headers=sent(AGREED)):
        assert consent.allows("meter") and consent.allows(gate("advertising"))
        assert consent.verdicts([gate("measurement"), gate("advertising")]) == [True, True]
        assert consent.should_collect is False
        assert isinstance(consent.status, cp.Status)
        assert consent.explain(gate("measurement")).allowed
    with app.test_request_context("/", headers=sent(REFUSED)):
        assert not consent.allows("meter")
    with app.app_context():
        assert gate("measurement").vendor == "meter"
        with pytest.raises(LookupError, match="CONSENTPY_GATES has: measurement, advertising"):
            gate("nothing")


def test_truth_is_refused(app: flask.Flask) -> None:
    with app.test_request_context("/", headers=sent(AGREED)):
        with pytest.raises(TypeError, match="neither true nor false"):
            bool(consent)
        with pytest.raises(TypeError, match="neither true nor false"):
            flask.render_template_string("{% if consent %}tag{% endif %}")


def test_without_a_request_it_denies(app: flask.Flask, caplog: pytest.LogCaptureFixture) -> None:
    assert consent.allows("meter") is False
    assert consent.verdicts([1, 2]) == [False, False]  # type: ignore[list-item]
    assert "without a request" in caplog.text
    with pytest.raises(LateReadError, match="needs a request"):
        consent.should_collect  # noqa: B018
    with app.app_context():
        text = flask.render_template_string(
            '{% consent "measurement" %}a{% denied %}b{% endconsent %}'
        )
        assert text == "b"
        text = flask.render_template_string(
            '{% consent "measurement", defer=True %}a{% endconsent %}'
        )
        assert text == ""
        assert flask.render_template_string("{{ consent.allows('meter') }}") == "False"


def test_an_application_without_the_extension() -> None:
    bare = flask.Flask("bare")
    with bare.test_request_context("/"), pytest.raises(SettingsError, match="Consent"):
        consent.allows("meter")


def test_a_replaced_wsgi_app_still_gets_the_headers(app: flask.Flask) -> None:
    app.wsgi_app = lambda *args: flask.Flask.wsgi_app(app, *args)  # type: ignore[method-assign]

    def view() -> Any:
        response = flask.Response("yes" if consent.allows("meter") else "no")
        response.headers["Cache-Control"] = "public"
        return response

    response = asked(app, view, AGREED)
    assert response.text == "yes" and response.headers["Cache-Control"] == "private"
    assert "Cookie" in response.headers["Vary"]


def test_the_raw_header_counts_not_request_cookies(app: flask.Flask) -> None:
    """Werkzeug keeps one cookie of a name; a refusal may be the other."""
    yes, no = f"didomi_token={token(*ALL)}", f"didomi_token={token()}"
    for cookies in (f"{yes}; {no}", f"{no}; {yes}"):
        with app.test_request_context("/", headers={"Cookie": cookies, "X-Country": "FR"}):
            assert not consent.allows("meter")


def test_the_session_and_errors_keep_working(app: flask.Flask) -> None:
    app.secret_key = "only for tests"

    def view() -> Any:
        flask.session["seen"] = consent.allows("meter")
        flask.abort(404)

    response = asked(app, view, AGREED)
    assert response.status_code == 404 and "session=" in response.headers["Set-Cookie"]
    assert response.headers["Cache-Control"] == "private"
    assert response.headers["Vary"].count("Cookie") == 1


def test_a_failing_view_raises_as_before(app: flask.Flask) -> None:
    def view() -> Any:
        consent.allows("meter")
        raise KeyError("broken view")

    with pytest.raises(KeyError, match="broken view"):
        asked(app, view, AGREED)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    response = app.test_client(use_cookies=False).get("/it", headers=sent(AGREED))
    assert response.status_code == 500 and response.headers["Cache-Control"] == "private"


def test_files_are_sent_and_asked_for_again(app: flask.Flask, tmp_path: Path) -> None:
    path = tmp_path / "film.txt"
    path.write_text("0123456789")
    app.add_url_rule("/it", "it", lambda: flask.send_file(path, max_age=60))

    def ask(**headers: str) -> Any:
        names = {key.replace("_", "-"): value for key, value in headers.items()}
        client = app.test_client(use_cookies=False)
        return client.get("/it", headers=names, buffered=True)  # closes the file

    first = ask()
    assert first.text == "0123456789" and "Cookie" not in first.headers.get("Vary", "")
    again = ask(If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    part = ask(Range="bytes=2-4")
    assert (part.status_code, part.text) == (206, "234")


# ------------------------------------------------------------------ the block


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
        'purposes=["audience", "adverts"]',
        "purposes=listed",
        'vendor="adshop", purposes="adverts"',
        'vendor="ADSHOP"|lower, purposes=listed',
        'vendor="ad" ~ "shop"',
        'purposes="adverts", vendor="adshop", defer=False',
    ],
)
def test_every_form_of_the_block(app: flask.Flask, tag: str) -> None:
    with app.app_context():
        a_gate = gate("measurement")
    values = {
        "name": "advertising",
        "a_gate": a_gate,
        "meter": "meter",
        "listed": ["audience", "adverts"],
    }
    source = f"{{% consent {tag} %}}yes{{% denied %}}no{{% endconsent %}}"
    assert rendered(app, source, AGREED, **values) == "yes"
    assert rendered(app, source, REFUSED, **values) == "no"
    without = f"{{%- consent {tag} -%}} yes {{%- endconsent -%}} !"
    assert rendered(app, without, AGREED, **values) == "yes!"
    assert rendered(app, without, REFUSED, **values) == "!"


@pytest.mark.parametrize(
    "tag",
    [
        '"nothing"',
        "missing",
        "none",
        "number",
        'vendor="nobody"',
        'purposes="nothing"',
        'vendor="meter", purposes="audience,nothing"',
        'vendor=missing, purposes="audience"',
        'vendor="meter", purposes=missing',
        'vendor="meter", purposes=empty',
        'vendor="", purposes="audience"',
        'vendor="meter", purposes=""',
        'vendor="meter", purposes=[]',
        'vendor=none, purposes="audience"',
        'vendor=thing, purposes="audience"',
        'vendor="meter", purposes=thing',
        'vendor="meter", purposes=things',
        'vendor={"a": 1}',
        "vendor=true",
    ],
)
@pytest.mark.parametrize("defer", ["", ", defer=True"])
def test_what_cannot_be_resolved_denies(
    app: flask.Flask, tag: str, defer: str, caplog: pytest.LogCaptureFixture
) -> None:
    source = f"{{% consent {tag}{defer} %}}yes{{% denied %}}no{{% endconsent %}}"
    values = {"number": 7, "empty": [], "thing": object(), "things": [object()]}
    assert rendered(app, source, VISITORS["japan, no answer"][0], **values) == "no"
    assert "denies" in caplog.text and "line 1" in caplog.text


@pytest.mark.parametrize(
    "tag",
    [
        "consent",
        'consent "a", "b"',
        'consent "a", vendor="b"',
        'consent vendor="a", vendor="b"',
        'consent vendors="a"',
        'consent name="a"',
        'consent vendor="a" purposes="b"',
        'consent "a", defer=maybe',
        'consent "a", defer=1',
        'consent "a", defer=True, defer=True',
        "consent defer=True",
        'consent "a",',
    ],
)
def test_a_malformed_block_does_not_compile(app: flask.Flask, tag: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        app.jinja_env.from_string("{% " + tag + " %}{% endconsent %}")


def test_an_open_block_does_not_compile(app: flask.Flask) -> None:
    for source in (
        '{% consent "a" %}{% denied %}{% denied %}',
        '{% consent "a" %}',
        "{% denied %}",
    ):
        with pytest.raises(TemplateSyntaxError):
            app.jinja_env.from_string(source)


def test_nested_blocks_loops_macros_and_inheritance() -> None:
    app = make(
        {
            "base.html": "{% block body %}{% endblock %}",
            "page.html": '{% extends "base.html" %}{% from "macros.html" import one %}'
            "{% block body %}{% for v in vendors %}{% consent vendor=v %}{{ v }} "
            '{% consent "advertising" %}both {% endconsent %}{% denied %}-{% endconsent %}'
            '{% endfor %}{{ one("meter") }}{% include "part.html" %}{% endblock %}',
            "macros.html": "{% macro one(v) %}{% consent vendor=v %}macro {% endconsent %}{% endmacro %}",
            "part.html": '{% consent "measurement" %}part{% endconsent %}',
        }
    )
    with app.test_request_context("/", headers=sent(PARTLY)):
        text = flask.render_template("page.html", vendors=["meter", "adshop", "basket"])
    assert text == "meter -basket macro part"


def literals(app: flask.Flask) -> dict[str, cp.Gate]:
    found: dict[str, cp.Gate] = app.extensions["consentpy"].current().literals
    return found


def test_literals_are_in_a_table_of_the_application() -> None:
    source = {"a.html": '{% consent vendor="meter" %}yes{% denied %}no{% endconsent %}'}
    other = cp.Config(
        {"app": {"vendors": {"custom": [{"id": "meter", "purposeIds": ["cookies"]}]}}}
    )
    apps = [make(dict(source)), make(dict(source), CONSENTPY_CONFIG=other, CONSENTPY_GATES={})]
    for app in apps:
        app.jinja_env.get_template("a.html")
        assert [gate.vendor for gate in literals(app).values()] == ["meter"]
    assert literals(apps[0]) is not literals(apps[1])
    for app, expected in zip(apps, ("yes", "no"), strict=True):
        with app.test_request_context("/", headers=sent(AGREED)):
            assert flask.render_template("a.html") == expected


def test_the_table_is_bounded(app: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentpy.flask.jinja._MOST", 5)
    for number in range(40):
        source = f'{{% consent vendor="meter", purposes="p{number}" %}}{{% endconsent %}}'
        assert rendered(app, source, AGREED) == ""
    extension: Any = app.jinja_env.extensions["consentpy.flask.jinja.ConsentExtension"]
    assert len(extension._told) <= 5
    for number in range(1, 40):
        known = ",".join(["audience"] * number)
        source = f'{{% consent vendor="meter", purposes="{known}" %}}x{{% endconsent %}}'
        assert rendered(app, source, AGREED) == "x"
        assert 0 < len(literals(app)) <= 5


def test_a_compiled_template_from_a_bytecode_cache(tmp_path: Path) -> None:
    source = {"a.html": '{% consent vendor="meter" %}yes{% denied %}no{% endconsent %}'}
    for _ in range(2):  # the second application compiles nothing
        app = make(dict(source))
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(tmp_path))
        for meta, expected in ((AGREED, "yes"), (REFUSED, "no")):
            with app.test_request_context("/", headers=sent(meta)):
                assert flask.render_template("a.html") == expected


def test_an_environment_that_was_made_before() -> None:
    app = flask.Flask("site")
    app.config.update(CONSENTPY_CONFIG=NOTICE, CONSENTPY_COUNTRY="FR", CONSENTPY_GATES=GATES)
    app.jinja_env.undefined = StrictUndefined
    Consent(app)
    assert rendered(app, "{{ consent.allows('basket') }}", {}) == "True"
    assert rendered(app, '{% consent "measurement" %}x{% endconsent %}', {}) == ""
    assert flask.Flask.jinja_options == {}


def test_a_template_that_streams(app: flask.Flask) -> None:
    def view() -> Any:
        consent.allows("basket")
        source = 'a{% consent "measurement" %}b{% denied %}c{% endconsent %}'
        return flask.Response(flask.stream_template_string(source))

    response = asked(app, view, AGREED)
    assert response.text == "ab" and "private" in response.headers["Cache-Control"]


# ------------------------------------------------------------------ defer


def test_deferred_content_is_live_or_inert(app: flask.Flask) -> None:
    source = (
        '{% consent vendor="meter", purposes="audience", defer=True %}'
        '<script async src="/s/meter.js"></script>{% denied %}none{% endconsent %}'
    )
    assert rendered(app, source, AGREED) == '<script async src="/s/meter.js"></script>'
    assert rendered(app, source, REFUSED) == (
        '<script type="didomi/javascript" data-vendor="meter" data-purposes="audience"'
        ' async src="/s/meter.js"></script>none'
    )
    # by name, and with a value of a visitor in it
    source = '{% consent "advertising", defer=True %}<img alt="{{ q }}">{% endconsent %}'
    text = rendered(app, source, REFUSED, q='"><script>alert(1)</script>')
    assert text.startswith(
        '<script type="didomi/html" data-vendor="adshop"><img alt="&#34;&gt;&lt;'
    )
    assert text.count("<script") == 1


def test_what_has_no_inert_form_is_not_sent(
    app: flask.Flask, caplog: pytest.LogCaptureFixture
) -> None:
    source = (
        '{% consent "advertising", defer=True %}<script type="module" src="a.js"></script>'
        "{% denied %}none{% endconsent %}"
    )
    assert rendered(app, source, REFUSED) == "none"
    assert "no inert form" in caplog.text
    assert 'type="module"' in rendered(app, source, AGREED)


# ------------------------------------------------------------------ Flask-Caching


def test_flask_caching_with_the_key(app: flask.Flask) -> None:
    app.config["CACHE_TYPE"] = "SimpleCache"
    cache = Cache(app)
    calls: list[str] = []

    def view(name: str) -> str:
        calls.append(name)
        return flask.render_template_string(
            '{{ name }} {% consent "measurement" %}/s/meter.js{% endconsent %}'
            '{% consent "advertising" %}/s/adshop.js{% endconsent %}',
            name=name,
        )

    app.add_url_rule(
        "/shop/<name>", "shop", cache.cached(timeout=600, make_cache_key=cache_key)(view)
    )
    client = app.test_client(use_cookies=False)
    for _ in range(2):
        for meta, meter, advert in VISITORS.values():
            for name in ("a", "b"):
                response = client.get(f"/shop/{name}", headers=sent(meta))
                assert response.text.startswith(f"{name} ")
                assert (METER in response.data, ADVERT in response.data) == (meter, advert)
                assert "private" in response.headers["Cache-Control"]
                assert "Cookie" in response.headers["Vary"]
    assert len(calls) < 2 * len(VISITORS) + 1  # the second round came from the cache


def test_a_key_never_fails_silently() -> None:
    with pytest.raises(LateReadError) as caught:
        consent.key()
    assert caught.value.silent_variable_failure is False


# ------------------------------------------------------------------ commands


def told(app: flask.Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["consent", *arguments])
    return result.exit_code, result.output


def test_check_finds_nothing_in_a_good_site() -> None:
    good = '{% consent "measurement" %}{% consent vendor=x %}{% endconsent %}{% endconsent %}'
    assert told(make({"a.html": good, "b.txt": "{% raw %}{% consent %}{% endraw %}"}), "check") == (
        0,
        "0 errors, 0 warnings\n",
    )


@pytest.mark.parametrize(
    ("source", "id"),
    [
        ('{% consent vendor="nobody" %}{% endconsent %}', "E011"),
        ('{% consent vendor="meter", purposes="audience,nothing" %}{% endconsent %}', "E011"),
        ('{% consent vendor="" %}{% endconsent %}', "E011"),
        ('{% consent "nothing" %}{% endconsent %}', "E012"),
        ('{% consent "nothing", defer=True %}{% endconsent %}', "E012"),
        ('{% macro m() %}{% consent "nothing" %}{% endconsent %}{% endmacro %}', "E012"),
        ('{% cache 60, "x" %}{% consent vendor=v %}{% endconsent %}{% endcache %}', "E013"),
    ],
)
def test_check_finds_what_denies(source: str, id: str) -> None:
    app = make({"deep/page.html": "<p>\n" + source})
    app.config["CACHE_TYPE"] = "SimpleCache"
    Cache(app)
    code, output = told(app, "check")
    assert code == 1 and f"consentpy.{id}: deep/page.html, line 2: " in output
    assert "1 errors, 0 warnings" in output


def test_check_takes_a_fragment_with_the_key() -> None:
    app = make(
        {
            "a.html": '{% cache 60, "x", consent.key() %}{% consent "measurement" %}x{% endconsent %}'
            "{% endcache %}"
        }
    )
    app.config["CACHE_TYPE"] = "SimpleCache"
    Cache(app)
    assert told(app, "check")[0] == 0
    for _ in range(2):
        for meta, meter, _advert in VISITORS.values():
            with app.test_request_context("/", headers=sent(meta)):
                assert flask.render_template("a.html") == ("x" if meter else "")


def test_check_tells_settings_and_templates_that_do_not_compile() -> None:
    gates = {"measurement": {"vendor": "nobody"}}
    app = make(
        {"a.html": '{% consent "measurement" %}'},
        CONSENTPY_GATES=gates,
        CONSENTPY_COUNTRY_HEADER=None,
    )
    code, output = told(app, "check")
    assert code == 1 and re.findall(r"consentpy\.(\w+)", output) == ["E009", "W001", "W004"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["meter", "--country", "JP"], 0, "meter"),
        (["meter", "--country", "FR"], 1, "meter"),
        (["--gate", "measurement", "--country", "US", "--region", "CA"], 0, ""),
        (["--gate", "measurement", "--country", "US", "--region", "CA", "--gpc"], 1, ""),
        (["--purposes", "audience", "--country", "FR"], 1, ""),
        (["--gate", "nothing"], 1, "CONSENTPY_GATES has no gate 'nothing'"),
        (["nobody"], 1, "nobody"),
        ([], 2, "--gate"),
        (["meter", "--gate", "measurement"], 2, "--gate"),
    ],
)
def test_explain(app: flask.Flask, arguments: list[str], code: int, words: str) -> None:
    found, output = told(app, "explain", *arguments)
    assert found == code and words in output


def test_explain_with_a_cookie(app: flask.Flask) -> None:
    cookie = ["--country", "FR", "--cookie", AGREED["HTTP_COOKIE"]]
    assert told(app, "explain", "meter", *cookie)[0] == 0
