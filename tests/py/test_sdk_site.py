"""examples/sdk_site: a site written for the browser's SDK, gated by the middleware alone, in four stacks."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import override_settings
from web_sites import Answer, asgi_get, wsgi_get

SITE = Path(__file__).resolve().parents[2] / "examples" / "sdk_site"
STACKS = ("django", "flask", "starlette", "wsgi")
PAGES = ("/", "/imprint", "/strict", "/stream")

SCRIPT, LIVE_SCRIPT = '<script type="didomi/javascript"', '<script type="text/javascript"'

#: tag of "/" -> what the server changes of it in the template when it is allowed
CHANGES: dict[str, list[tuple[str, str]]] = {
    "basket.js": [(SCRIPT + ' data-vendor="c:basket"', LIVE_SCRIPT + ' data-vendor="c:basket"')],
    "pagemeter.js": [
        (
            SCRIPT + ' data-vendor="c:pagemeter" async',
            LIVE_SCRIPT + ' data-vendor="c:pagemeter" async',
        )
    ],
    "adrow.js": [
        (
            SCRIPT + ' data-vendor="adrow" data-purposes',
            LIVE_SCRIPT + ' data-vendor="adrow" data-purposes',
        )
    ],
    "trends.js": [("<script type='didomi/javascript'", "<script type='text/javascript'")],
    "pagemeter.gif": [
        (SCRIPT + ' data-vendor="c:pagemeter">', LIVE_SCRIPT + ' data-vendor="c:pagemeter">'),
        ("agreed={gdpr_consent_vendor_boolean}&law={gdpr}", "agreed=true&law=LAW"),
    ],
    "clip.html": [
        (
            '<script type="didomi/html" data-vendor="c:clipplayer"',
            '<div data-vendor="c:clipplayer"',
        ),
        ("</iframe>\n</script>", "</iframe>\n</div>"),
    ],
    "adrow.gif": [
        (
            '<script type="didomi/html" data-purposes="advertising"',
            '<div data-purposes="advertising"',
        ),
        ('alt="An advertisement"></p></script>', 'alt="An advertisement"></p></div>'),
    ],
    # data-loading="immediate": live for everybody, and told the answer.
    "count.gif": [
        (
            SCRIPT + ' data-vendor="adrow" data-loading',
            LIVE_SCRIPT + ' data-vendor="adrow" data-loading',
        ),
        ("agreed={gdpr_consent_vendor}", "agreed=ADROW"),
    ],
}
ALL = set(CHANGES)
NEEDED = {"basket.js", "count.gif"}
CHOSEN = NEEDED | {"pagemeter.js", "pagemeter.gif", "trends.js", "clip.html"}

#: visitor -> the tags of "/" that are live, and whether consent has to be asked where he is
EXPECTED = {
    "agreed": (ALL, True),
    "refused": (NEEDED, True),
    "chose": (CHOSEN, True),
    "no answer": (NEEDED, True),
    "agreed long ago": (NEEDED, True),
    "broken cookie": (NEEDED, True),
    "Japan": (ALL, False),
    "California, silent": (ALL, False),
    "California, objected": (NEEDED, False),
}


@dataclass
class Example:
    """The modules of the folder, which import each other by their bare names."""

    modules: dict[str, ModuleType]

    def get(self, stack: str, path: str, visitor: str, consent: bool = True) -> Answer:
        country, cookies = self.modules["visitors"].VISITORS[visitor]
        headers = [("CF-IPCountry", country)]
        if cookies:
            headers.append(("Cookie", "; ".join(f"{k}={v}" for k, v in cookies.items())))
        module = self.modules[f"in_{stack}"]
        settings: Any = nullcontext()
        if stack == "django":  # its settings are the process's
            settings = override_settings(
                **{**module.options(consent), "ALLOWED_HOSTS": ["testserver"]}
            )
        with settings:
            app = module.WSGIHandler() if stack == "django" else module.make(consent)
            ask = asgi_get if stack == "starlette" else wsgi_get
            return ask(app, path, headers, "GET")


@pytest.fixture(scope="module")
def example() -> Iterator[Example]:
    names = ["common", "visitors", *(f"in_{stack}" for stack in STACKS)]
    sys.path.insert(0, str(SITE))
    try:
        yield Example({name: importlib.import_module(name) for name in names})
    finally:
        sys.path.remove(str(SITE))
        for name in names:
            sys.modules.pop(name, None)


def plain(example: Example, path: str, answer: Answer) -> str:
    """The page as it stands in the template, with the values of this answer."""
    common = example.modules["common"]
    text = (SITE / "templates" / common.PAGES[path]).read_text()
    text = text.replace("{{ tags }}", common.TAGS)
    if path == "/strict":
        nonce = answer["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
        text = text.replace("{{ nonce }}", nonce)
    return text.rstrip("\n")


def page(answer: Answer) -> str:
    assert answer.status == 200
    return answer.body.decode().rstrip("\n")  # Jinja leaves the last line's end out


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("path", PAGES)
def test_without_the_middleware_the_page_is_as_written(
    example: Example, stack: str, path: str
) -> None:
    answer = example.get(stack, path, "agreed", consent=False)
    assert page(answer) == plain(example, path, answer)


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("path", ["/", "/stream"])
@pytest.mark.parametrize("visitor", EXPECTED)
def test_what_a_visitor_allows_is_live_and_the_rest_as_written(
    example: Example, stack: str, path: str, visitor: str
) -> None:
    live, asked = EXPECTED[visitor]
    answer = example.get(stack, path, visitor)
    expected = plain(example, path, answer)
    for tag in live:
        for old, new in CHANGES[tag]:
            assert expected.count(old) == 1
            new = new.replace("LAW", str(int(asked)))
            expected = expected.replace(old, new.replace("ADROW", str(int("adrow.js" in live))))
    assert page(answer) == expected
    assert "private" in answer["Cache-Control"]
    assert {"Cookie", "CF-IPCountry"} <= set(answer["Vary"].split(", "))


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("visitor", ["agreed", "refused"])
def test_a_page_without_gated_tags_is_left_alone(
    example: Example, stack: str, visitor: str
) -> None:
    with_it, without = (example.get(stack, "/imprint", visitor, consent=c) for c in (True, False))
    assert (with_it.body, sorted(with_it.pairs)) == (without.body, sorted(without.pairs))


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("visitor", ["agreed", "chose", "refused"])
def test_a_nonce_of_the_page_stays_where_it_is(example: Example, stack: str, visitor: str) -> None:
    answer = example.get(stack, "/strict", visitor)
    expected = plain(example, "/strict", answer)
    allowed = {"agreed": ["pagemeter", "adrow"], "chose": ["pagemeter"], "refused": []}[visitor]
    for vendor in allowed:
        old = f'{SCRIPT} data-vendor="c:{vendor}"'
        expected = expected.replace(old, old.replace("didomi/", "text/"))
    if "pagemeter" in allowed:
        expected = expected.replace("{gdpr_consent_vendor_boolean}", "true")
    assert page(answer) == expected


def test_every_visitor_of_the_example_is_tried(example: Example) -> None:
    assert set(example.modules["visitors"].VISITORS) == set(EXPECTED)


def test_the_site_itself_knows_nothing_of_consentpy() -> None:
    for file in [SITE / "common.py", *(SITE / "templates").iterdir()]:
        assert "consentpy" not in file.read_text(), file
