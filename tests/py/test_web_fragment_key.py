"""`consent.key()`, the part of a cached fragment's key: whatever a block or `should_collect` tells."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from django.template import RequestContext, Template
from django_app.visitors import ALL, token, visitor
from flask_caching import Cache
from test_django_page import a_request
from web_sites import GATES, NOTICE, sent

from consentpy.flask import Consent

# Nothing is allowed to either of them, but only the first is still to be asked.
ASKED = visitor("FR")
REFUSED = visitor("FR", f"didomi_token={token()}")
AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
VISITORS = (ASKED, REFUSED, AGREED, ASKED, REFUSED)
BANNER = [(True, "no"), (False, "no"), (False, "yes"), (True, "no"), (False, "no")]


def test_django() -> None:
    from django.core.cache import cache

    cache.clear()
    template = Template(
        "{% load cache consentpy %}{% cache 60 banner request.consent.key %}"
        "{{ request.consent.should_collect }} "
        '{% consent "measurement" %}yes{% denied %}no{% endconsent %}{% endcache %}'
    )

    def shown(meta: dict[str, Any]) -> str:
        request = a_request(meta)
        return template.render(RequestContext(request, {"request": request}))

    assert [shown(meta) for meta in VISITORS] == [f"{ask} {tag}" for ask, tag in BANNER]


def test_flask() -> None:
    app = flask.Flask("site")
    app.config.update(
        CONSENTPY_CONFIG=NOTICE,
        CONSENTPY_COUNTRY_HEADER="X-Country",
        CONSENTPY_GATES=GATES,
        CACHE_TYPE="SimpleCache",
    )
    Cache(app)
    Consent(app)
    source = (
        '{% cache 60, "banner", consent.key() %}{{ consent.should_collect }} '
        '{% consent "measurement" %}yes{% denied %}no{% endconsent %}{% endcache %}'
    )

    def shown(meta: dict[str, Any]) -> str:
        with app.test_request_context("/", headers=sent(meta)):
            return flask.render_template_string(source)

    assert [shown(meta) for meta in VISITORS] == [f"{ask} {tag}" for ask, tag in BANNER]


@pytest.mark.parametrize("country", ["JP", "US"])
def test_a_place_where_nobody_is_asked(country: str) -> None:
    keys = {str(a_request(visitor(where)).consent.key()) for where in (country, "FR")}  # type: ignore[attr-defined]
    assert len(keys) == 2
