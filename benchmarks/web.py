"""Rows 12 and 13: what consent adds to a request of Django and of Flask, in one interleaved run.

    python -m benchmarks.web               a table for the terminal
    python -m benchmarks.web --markdown    the same as Markdown

Every contender is a whole request: an environ comes in, the body is read to its end and closed.
Both pages have 20 tags in a page of 10 KB, and are the same but for the words around the tags.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from io import BytesIO
from itertools import cycle
from time import process_time
from typing import Any

import consentpy as cp
from benchmarks import inputs, make_inputs
from benchmarks.harness import (
    Claim,
    Contender,
    Elapsed,
    Samples,
    interleave,
    machine,
    number,
    table,
    versions,
)

COUNT = 20  # gated tags
FILLER = "<p>A sentence or two about what it is, and why somebody might want to read on.</p>\n" * 6
TEXT = "the same for everybody"
TAG = '<script async src="/tags/{}.js"></script>'

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


# ------------------------------------------------------------------ the notice and the visitors


@dataclass(frozen=True)
class World:
    """A notice as JSON, the conditions of the tags, and visitors of yesterday.

    Their tokens are of 1.6 KB, and allow the same tags, which are the flags of the bare pages.
    """

    config: str
    conditions: list[tuple[str, str]]
    cookies: list[str]
    flags: dict[str, bool]


def world() -> World:
    given = inputs.load()
    config = json.loads(given.token_config)
    config["user"] = {"country": "FR"}
    conditions = [
        (vendor["id"], ",".join(vendor["purposeIds"]))
        for vendor in config["app"]["vendors"]["custom"]
    ]
    conditions = [conditions[i % len(conditions)] for i in range(COUNT)]
    when = datetime.now(timezone.utc) - timedelta(days=1)
    written = when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    cookies = []
    for token in given.tokens:
        plain = {**inputs.decode(token), "created": written, "updated": written}
        cookies.append(f"sessionid=abc; didomi_token={make_inputs.encode_token(plain)}; theme=dark")
    parsed = cp.Config(config)
    gates = [parsed.gate(vendor, purposes) for vendor, purposes in conditions]
    seen = {tuple(parsed.status(cookie).verdicts(gates)) for cookie in cookies}
    (verdicts,) = seen
    if not 0 < sum(verdicts) < COUNT:
        raise SystemExit("the visitors allow all tags or none")
    flags = {f"flag{i}": verdict for i, verdict in enumerate(verdicts)}
    return World(json.dumps(config), conditions, cookies, flags)


def page(before: Callable[[int], str], after: str) -> str:
    """A template in which every tag stands in a block."""
    blocks = (before(i) + TAG.format(i) + after + "\n" + FILLER for i in range(COUNT))
    return "<!doctype html><title>{{ title }}</title>\n" + "".join(blocks)


def environ(path: str, cookie: str) -> Environ:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT": "text/html",
        "HTTP_USER_AGENT": "a browser",
        "HTTP_COOKIE": cookie,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def ask(app: Application, request: Environ) -> bytes:
    """One request, as a server makes it."""
    status: list[str] = []
    result = app(request, lambda line, headers, exc_info=None: status.append(line))
    try:
        body = b"".join(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    if status != ["200 OK"]:
        raise SystemExit(f"{request['PATH_INFO']} answered {status}")
    return body


def asking(app: Application, path: str, cookies: list[str]) -> Contender:
    """A contender: requests of all visitors in turn, by the processor time that they take."""
    requests: Iterator[Environ] = cycle([environ(path, cookie) for cookie in cookies])

    def run(n: int) -> Elapsed:
        start = process_time()
        for _ in range(n):
            ask(app, next(requests).copy())
        return Elapsed(process_time() - start)

    return run


# ------------------------------------------------------------------ Django

urlpatterns: list[Any] = []


class Django:
    """One project, asked with consent's middleware and without it."""

    def __init__(self, given: World) -> None:
        from django.conf import settings

        settings.configure(
            ROOT_URLCONF=__name__,
            ALLOWED_HOSTS=["127.0.0.1"],
            INSTALLED_APPS=["consentpy.django", "cookie_consent"],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            TEMPLATES=[
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "OPTIONS": {
                        "context_processors": ["django.template.context_processors.request"]
                    },
                }
            ],
            CONSENTPY={"CONFIG": given.config},
            DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        )
        import django

        django.setup()
        from cookie_consent.models import Cookie, CookieGroup
        from django.core.handlers.wsgi import WSGIHandler
        from django.core.management import call_command
        from django.db import connection
        from django.http import HttpRequest, HttpResponse
        from django.template import engines
        from django.urls import path

        call_command("migrate", verbosity=0, run_syncdb=True)
        for i in range(COUNT):
            group = CookieGroup.objects.create(varname=f"group{i}", name=f"Group {i}")
            Cookie.objects.create(cookiegroup=group, name=f"cookie{i}")
        self._connection = connection
        templates = {
            "flags": page(lambda i: f"{{% if flag{i} %}}", "{% endif %}"),
            "gates": "{% load consentpy %}"
            + page(
                lambda i: '{{% consent vendor="{}" purposes="{}" %}}'.format(*given.conditions[i]),
                "{% endconsent %}",
            ),
            "groups": "{% load cookie_consent_tags %}"
            + page(
                lambda i: f'{{% if request|cookie_group_accepted:"group{i}" %}}',
                "{% endif %}",
            ),
        }

        def view(name: str, text: str) -> Any:
            compiled = engines["django"].from_string(text)

            def serve(request: HttpRequest) -> HttpResponse:
                return HttpResponse(compiled.render({"title": "", **given.flags}, request))

            return path(name, serve)

        urlpatterns.extend(view(name, text) for name, text in templates.items())
        with self._middleware([]):
            self.bare: Application = WSGIHandler()
        with self._middleware(["consentpy.django.ConsentMiddleware"]):
            self.consent: Application = WSGIHandler()

    @staticmethod
    def _middleware(names: list[str]) -> Any:
        from django.test import override_settings

        return override_settings(MIDDLEWARE=names)

    def queries(self, path: str, cookie: str) -> int:
        """The database queries of one request."""
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(self._connection) as caught:
            ask(self.consent, environ(path, cookie))
        return len(caught)


# ------------------------------------------------------------------ Flask


def flask_app(given: World, consent: bool) -> Application:
    """An application, with consent or with flags."""
    import flask
    from jinja2 import DictLoader

    app = flask.Flask("benchmarks")
    if consent:
        from consentpy.flask import Consent
        from consentpy.flask import consent as flask_consent

        app.config["CONSENTPY_CONFIG"] = given.config
        Consent(app)
        text = page(
            lambda i: '{{% consent vendor="{}", purposes="{}" %}}'.format(*given.conditions[i]),
            "{% endconsent %}",
        )
    else:
        text = page(lambda i: f"{{% if flag{i} %}}", "{% endif %}")
    app.jinja_loader = DictLoader({"page.html": text})

    def view() -> str:
        return flask.render_template("page.html", title="", **given.flags)

    app.add_url_rule("/page", view_func=view)
    app.add_url_rule("/text", "text", lambda: TEXT)
    if consent:
        vendor, purposes = given.conditions[0]

        def asked() -> str:
            return TEXT if flask_consent.allows(vendor, purposes) in (True, False) else ""

        app.add_url_rule("/asked", view_func=asked)
    return app


# ------------------------------------------------------------------ the run


def check(django: Django, bare: Application, consent: Application, cookies: list[str]) -> None:
    """Right answers before any time is taken: the same pages by gates as by flags."""
    for cookie in cookies:
        pages = {
            ask(django.bare, environ("/flags", cookie)).strip(),
            ask(django.consent, environ("/gates", cookie)).strip(),
            ask(bare, environ("/page", cookie)).strip(),
            ask(consent, environ("/page", cookie)).strip(),
        }
        if len(pages) != 1:
            raise SystemExit("the pages differ")
    if ask(django.bare, environ("/groups", GROUPS)).count(b"<script") != COUNT:
        raise SystemExit("django-cookie-consent does not find its groups accepted")


GROUPS = "cookie_consent=" + "|".join(f"group{i}=2099-01-01T00:00:00" for i in range(COUNT))


def measure(rounds: int) -> tuple[Samples, int]:
    logging.disable(logging.WARNING)  # that no header tells the country
    given = world()
    cookies = given.cookies
    django = Django(given)
    bare, consent = flask_app(given, False), flask_app(given, True)
    check(django, bare, consent, cookies)
    contenders = {
        "Django, 20 × {% if flag %}": asking(django.bare, "/flags", cookies),
        "Django, 20 × {% if flag %}, middleware": asking(django.consent, "/flags", cookies),
        "Django, 20 × {% consent %}": asking(django.consent, "/gates", cookies),
        "Django, 20 × django-cookie-consent": asking(django.bare, "/groups", [GROUPS]),
        "Flask, a text": asking(bare, "/text", cookies),
        "Flask, a text, with the extension": asking(consent, "/text", cookies),
        "Flask, a text, one question": asking(consent, "/asked", cookies),
        "Flask, 20 × {% if flag %}": asking(bare, "/page", cookies),
        "Flask, 20 × {% consent %}": asking(consent, "/page", cookies),
    }
    return interleave(contenders, rounds, 0.02), django.queries("/gates", cookies[0])


def claims(samples: Samples, queries: int) -> list[Claim]:
    def ratio(slow: str, fast: str) -> float:
        return samples.ratio(slow, fast)

    def above(slow: str) -> float:
        """The share of the bare page's time that comes on top, in seconds."""
        page = samples.seconds["Django, 20 × {% if flag %}"]
        more = [a - b for a, b in zip(samples.seconds[slow], page, strict=True)]
        return sorted(more)[len(more) // 2]

    ours, theirs = "Django, 20 × {% consent %}", "Django, 20 × django-cookie-consent"
    page = "Django, 20 × {% if flag %}"
    text = "Flask, a text"
    return [
        Claim(12, "Django: 20 gated blocks / 20 bare flags", ratio(ours, page), "<=", 1.25),
        Claim(12, "database queries of that page", float(queries), "<=", 0, ""),
        Claim(
            12, "Django: django-cookie-consent / ours, whole pages", ratio(theirs, ours), ">=", 100
        ),
        Claim(
            12,
            "the same, what each adds to the page with flags",
            above(theirs) / above(ours),
            ">=",
            100,
        ),
        Claim(12, "Django: middleware, not asked / none", ratio(page + ", middleware", page)),
        Claim(
            13,
            "Flask: extension, not asked / none, a bare text",
            ratio(text + ", with the extension", text),
            "<=",
            1.15,
        ),
        Claim(
            13,
            "Flask: one question / none, a bare text",
            ratio(text + ", one question", text),
            "<=",
            1.15,
        ),
        Claim(
            13,
            "Flask: 20 gated blocks / 20 bare flags",
            ratio("Flask, 20 × {% consent %}", "Flask, 20 × {% if flag %}"),
            "<=",
            1.15,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what consent adds to a request.")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a budget is missed")
    arguments = parser.parse_args()
    samples, queries = measure(arguments.rounds)
    found = claims(samples, queries)
    print(f"Machine: {machine()}.")
    names = ("consentpy", "Django", "Flask", "Jinja2", "django-cookie-consent")
    print(f"Versions: {versions(*names)}.\n")
    rows = [[name, f"{number(samples.median(name) * 1e6)} µs"] for name in samples.seconds]
    print(table(["Request", "Time"], rows, arguments.markdown) + "\n")
    head = ["Row", "What", "Figure", "Budget", ""]
    print(table(head, [claim.cells() for claim in found], arguments.markdown))
    missed = [claim for claim in found if claim.verdict == "MISS"]
    return 1 if arguments.strict and missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
