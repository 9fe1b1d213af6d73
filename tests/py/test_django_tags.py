"""Django: deferred content, the filter, the context processor, and the checks of all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django_app  # noqa: F401  (sets Django up)
import pytest
from django.core.checks import run_checks
from django.http import HttpResponse, StreamingHttpResponse
from django.template import Template, TemplateSyntaxError
from django.test import AsyncClient, Client, override_settings
from django.urls import path
from django_app import settings as project
from django_app.visitors import VISITORS, visitor
from test_django_page import AGREED, REFUSED, rendered

from consentpy.django import gate

PROCESSORS = [
    "django.template.context_processors.request",
    "consentpy.django.context_processors.consent",
]
SCRIPT = '<script async src="/s/adshop.js"></script>'
INERT = '<script type="didomi/javascript" data-vendor="adshop" async src="/s/adshop.js"></script>'


# ------------------------------------------------------------------ defer


@pytest.mark.parametrize("tag", ['"advertising"', 'vendor="adshop"', "name", "a_gate"])
def test_deferred_content(tag: str) -> None:
    values = {"name": "advertising", "a_gate": gate("advertising")}
    source = f"{{% consent {tag} defer=True %}}{SCRIPT}{{% denied %}}no{{% endconsent %}}"
    assert rendered(source, AGREED, **values) == SCRIPT
    assert rendered(source, REFUSED, **values) == INERT + "no"
    off = source.replace("True", "False")
    assert rendered(off, AGREED, **values) == SCRIPT
    assert rendered(off, REFUSED, **values) == "no"


def test_what_has_no_inert_form_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    source = (
        '{% consent "advertising" defer=True %}<script type="module">f()</script>'
        "{% denied %}no{% endconsent %}"
    )
    assert rendered(source, REFUSED) == "no" and "no inert form" in caplog.text
    assert "module" in rendered(source, AGREED)


@pytest.mark.parametrize("tag", ['"nothing"', "missing", 'vendor="nobody"', 'vendor=""'])
def test_a_deferred_block_that_cannot_be_resolved_sends_nothing(
    tag: str, caplog: pytest.LogCaptureFixture
) -> None:
    source = f"{{% consent {tag} defer=True %}}{SCRIPT}{{% denied %}}no{{% endconsent %}}"
    assert rendered(source, visitor("JP")) == "no" and "denies" in caplog.text


def test_a_deferred_block_without_a_request_sends_nothing() -> None:
    from django.template import Context

    template = Template(
        '{% load consentpy %}{% consent "advertising" defer=True %}' + SCRIPT + "{% endconsent %}"
    )
    assert template.render(Context()) == ""


def test_blocks_in_a_deferred_block_are_left_out() -> None:
    """An inert script in an inert script would have two conditions."""
    inner = f'{{% consent "advertising" defer=True %}}{SCRIPT}{{% denied %}}i{{% endconsent %}}'
    source = f'{{% consent "measurement" defer=True %}}{inner}{{% denied %}}o{{% endconsent %}}'
    assert rendered(source, REFUSED) == "o"
    assert rendered(source, AGREED) == SCRIPT


def test_values_in_deferred_content_are_escaped() -> None:
    source = '{% consent "advertising" defer=True %}<i>{{ given }}</i>{% endconsent %}'
    text = rendered(source, REFUSED, given="</script><script>f()</script>")
    assert text.count("<script") == 1 and text.count("</script") == 1


@pytest.mark.parametrize(
    "tag",
    [
        'consent "a" defer=maybe',
        'consent "a" defer=1',
        'consent "a" defer="True"',
        'consent "a" defer=True defer=True',
        "consent defer=True",
    ],
)
def test_a_malformed_deferred_tag_does_not_compile(tag: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="consent"):
        Template("{% load consentpy %}{% " + tag + " %}{% endconsent %}")


# ------------------------------------------------------------------ filter, context processor


@pytest.mark.parametrize("name", ['"advertising"', "name", "a_gate"])
def test_the_filter(name: str) -> None:
    values = {"name": "advertising", "a_gate": gate("advertising")}
    source = f"{{% if request.consent|allows:{name} %}}yes{{% else %}}no{{% endif %}}"
    assert rendered(source, AGREED, **values) == "yes"
    assert rendered(source, REFUSED, **values) == "no"
    both = f'{{% if request.consent|allows:{name} and request.consent|allows:"measurement" %}}y{{% endif %}}'
    assert rendered(both, AGREED, **values) == "y"
    assert rendered(both, REFUSED, **values) == ""


@pytest.mark.parametrize(
    "expression",
    [
        'request.consent|allows:"nothing"',
        "request.consent|allows:missing",
        "request.consent|allows:listed",
        'missing|allows:"advertising"',
        'request|allows:"advertising"',
        '"advertising"|allows:"advertising"',
        'request.consent.status|allows:"advertising"',
    ],
)
def test_the_filter_denies_what_it_does_not_understand(
    expression: str, caplog: pytest.LogCaptureFixture
) -> None:
    source = f"{{% if {expression} %}}yes{{% else %}}no{{% endif %}}"
    assert rendered(source, visitor("JP"), listed=["advertising"]) == "no"
    if "allows:missing" not in expression:
        assert "denies" in caplog.text


def test_the_context_processor() -> None:
    views = [
        path("asked", lambda request: asked(request, '{{ consent|allows:"advertising" }}')),
        path("unasked", lambda request: asked(request, "plain")),
    ]
    with override_settings(
        TEMPLATES=engine([], PROCESSORS), ROOT_URLCONF=type("urls", (), {"urlpatterns": views})
    ):
        for meta, allowed in ((AGREED, b"True"), (REFUSED, b"False")):
            response = Client().get("/asked", **meta)
            assert response.content == allowed and response["Cache-Control"] == "private"
        assert "Cache-Control" not in Client().get("/unasked", **AGREED)
        with override_settings(MIDDLEWARE=[]):
            assert Client().get("/asked", **AGREED).content == b"False"


def asked(request: Any, source: str) -> HttpResponse:
    from django.template import engines

    template = engines["django"].from_string("{% load consentpy %}" + source)
    return HttpResponse(template.render({}, request))


def engine(folders: list[Path], processors: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": folders,
            "OPTIONS": {"context_processors": processors},
        }
    ]


# ------------------------------------------------------------------ asynchronous


async def page(request: Any) -> HttpResponse:
    await asyncio.sleep(0)
    return asked(request, f'{{% consent "advertising" defer=True %}}{SCRIPT}{{% endconsent %}}')


async def body(request: Any) -> AsyncIterator[str]:
    await asyncio.sleep(0)
    yield "yes" if request.consent.allows("meter") else "no"


async def stream(request: Any) -> StreamingHttpResponse:
    request.consent.allows("basket")
    return StreamingHttpResponse(body(request))


async def late(request: Any) -> StreamingHttpResponse:
    return StreamingHttpResponse(body(request))


@pytest.mark.parametrize("name", VISITORS)
def test_asynchronous_views(name: str) -> None:
    meta, meter, advert = VISITORS[name]
    headers = {key.removeprefix("HTTP_").replace("_", "-"): meta[key] for key in meta}
    views = [path("page", page), path("stream", stream), path("late", late)]

    async def ask(where: str) -> tuple[Any, bytes]:
        response: Any = await AsyncClient().get(where, headers=headers)
        if response.streaming:
            return response, b"".join([part async for part in response.streaming_content])
        return response, response.content

    async def all_of_them() -> list[tuple[Any, bytes]]:
        # Side by side: no visitor gets the answer of another task.
        return await asyncio.gather(*(ask(where) for where in ("/page", "/stream", "/late")))

    with override_settings(ROOT_URLCONF=type("urls", (), {"urlpatterns": views})):
        (first, text), (second, streamed), (third, denied) = asyncio.run(all_of_them())
    assert text.decode() == (SCRIPT if advert else INERT)
    assert streamed == (b"yes" if meter else b"no") and denied == b"no"
    assert first["Cache-Control"] == second["Cache-Control"] == "private"
    assert "Cache-Control" not in third


# ------------------------------------------------------------------ checks


LOAD = "{% load consentpy cache %}\n"


@pytest.fixture
def templates(tmp_path: Path) -> Iterator[Path]:
    with override_settings(TEMPLATES=engine([tmp_path], PROCESSORS)):
        yield tmp_path


def told() -> list[tuple[str, str]]:
    return [
        (str(one.id).removeprefix("consentpy."), one.msg) for one in run_checks(tags=["consentpy"])
    ]


@pytest.mark.parametrize(
    "text",
    [
        '\n{% consent "nothing" defer=True %}{% endconsent %}',
        '\n{{ request.consent|allows:"nothing" }}',
        '{% if 1 %}\n{% if 1 and not x or consent|allows:"nothing" %}{% endif %}{% endif %}',
        '\n{% with x=consent|allows:"nothing" %}{% endwith %}',
        '\n{% include "part.html" with x=consent|allows:"nothing" %}',
    ],
)
def test_unknown_gates_are_found_wherever_they_are_asked(templates: Path, text: str) -> None:
    (templates / "part.html").write_text("x")
    (templates / "page.html").write_text(LOAD + text)
    ((id, message),) = told()
    # An inner condition is told with the line of its own tag.
    assert id == "E012" and "nothing" in message and "page.html, line 3: " in message


def test_known_gates_are_fine(templates: Path) -> None:
    text = '{{ consent|allows:"advertising" }}{% if request.consent|allows:x %}{% endif %}{{ y|lower }}'
    (templates / "page.html").write_text(LOAD + text)
    assert told() == []


@pytest.mark.parametrize(
    "read",
    [
        '{{ request.consent|allows:"advertising" }}',
        "{{ consent.should_collect }}",
        "{% if request.consent.should_collect %}x{% endif %}",
        "{% with x=request.consent.notice.regulation %}{% endwith %}",
        '{% if x and consent|allows:"advertising" %}x{% endif %}',
    ],
)
def test_any_read_in_a_cached_fragment(templates: Path, read: str) -> None:
    (templates / "page.html").write_text(LOAD + "{% cache 9 f %}" + read + "{% endcache %}")
    ((id, message),) = told()
    assert id == "E013" and "page.html, line 2: " in message
    for key in ("request.consent.key", "consent.key"):
        (templates / "page.html").write_text(
            LOAD + "{% cache 9 f " + key + " %}" + read + "{% endcache %}"
        )
        assert told() == []


def test_a_key_that_is_always_empty_is_no_key(templates: Path) -> None:
    block = '{% consent "advertising" %}x{% endconsent %}'
    (templates / "page.html").write_text(
        LOAD + "{% cache 9 f consent.key %}" + block + "{% endcache %}"
    )
    assert told() == []
    with override_settings(TEMPLATES=engine([templates], PROCESSORS[:1])):
        assert [id for id, _ in told()] == ["E013"]


def test_a_cached_fragment_that_reads_something_else(templates: Path) -> None:
    (templates / "page.html").write_text(
        LOAD + "{% cache 9 f %}{{ consented }}{{ request.path }}{{ a.consent.b }}{% endcache %}"
    )
    assert told() == []


# django-csp's, and Django's own since 6.0.
POLICIES = ["csp.middleware.CSPMiddleware"]
if find_spec("django.middleware.csp"):
    POLICIES.append("django.middleware.csp.ContentSecurityPolicyMiddleware")


@pytest.mark.parametrize("csp", POLICIES)
def test_a_policy_is_written_after_the_rewriter(csp: str) -> None:
    """Its nonce would be asked for too late."""
    ours = "consentpy.django.ConsentMiddleware"
    changed = {**project.CONSENTPY, "REWRITE": True}
    for order, expected in (([ours, csp], True), ([csp, ours], False)):
        with override_settings(MIDDLEWARE=order):
            assert "W003" not in dict(told())
            with override_settings(CONSENTPY=changed):
                assert ("W003" in dict(told())) is expected
