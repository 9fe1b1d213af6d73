"""Every web stack: whatever a visitor sends, the page comes, denied, with its essential tag."""

from __future__ import annotations

from typing import Any

import pytest
from hostile import COOKIES, GOOD, HEADERS
from web_sites import ADVERT, BASKET, METER, STACKS, Answer, Headers, Site


@pytest.fixture(scope="module", params=STACKS)
def site(request: pytest.FixtureRequest) -> Site:
    return Site(request.param)


def denied(answer: Answer) -> None:
    assert answer.status == 200
    assert BASKET in answer.body and b"<b>essential</b>" in answer.body
    assert METER not in answer.body and b"no meter" in answer.body
    assert ADVERT not in answer.body and b"no advert" in answer.body
    assert b"alert(1)" not in answer.body
    for name, value in answer.pairs:
        (name + value).encode("ascii")


def france(*more: tuple[str, str]) -> Headers:
    return [("X-Country", "FR"), *more]


@pytest.mark.parametrize("name", COOKIES)
def test_hostile_cookies(site: Site, name: str) -> None:
    cookie = COOKIES[name].decode("latin-1")
    for path in ("/page", "/tagged"):
        denied(site.get(path, france(("Cookie", cookie))))
    assert site.get("/broad", france(("Cookie", cookie))).body == b"True"
    assert site.get("/early", france(("Cookie", cookie))).body == b"start none"


@pytest.mark.parametrize("name", HEADERS)
def test_hostile_headers(site: Site, name: str) -> None:
    pairs = [
        (key.removeprefix("HTTP_").replace("_", "-"), value.encode("utf-8").decode("latin-1"))
        for key, value in HEADERS[name].items()
    ]
    countries: Any = [] if "HTTP_X_COUNTRY" in HEADERS[name] else france()
    for path in ("/page", "/tagged"):
        denied(site.get(path, [("Cookie", "didomi_token=x"), *countries, *pairs]))
    answer = site.get("/plain", pairs)
    assert answer.status == 200 and answer["Cache-Control"] == "public, s-maxage=60"


def test_a_good_cookie_among_bad_ones_still_counts(site: Site) -> None:
    """The tests above would pass on a site that denies everything."""
    cookie = f'a="; b={"x" * 2000}; didomi_token={GOOD}; c=\xe9'
    body = site.get("/page", france(("Cookie", cookie))).body
    assert METER in body and ADVERT in body
