"""Calls held back by `guard`, and the cookies of vendors, in every stack."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest
from django_app.visitors import ALL, VISITORS, token, visitor
from web_sites import NOTICE, OWN, STACKS, Answer, Site, sent

import consentpy as cp
from consentpy.events import guard
from consentpy.web.vendor_cookies import declared
from helpers import agree, full, refuse, status, vendor

# ------------------------------------------------------------------ guard

CONFIG = cp.Config(full([vendor("v1", ["p1"])]))
GATE = CONFIG.gate("v1", ["p1"])
YES = status(CONFIG, agree("c:v1", purposes=["p1"]))
NO = status(CONFIG, refuse("c:v1", purposes=["p1"]))


def test_guard() -> None:
    calls: list[Any] = []

    def send(*args: Any, **kwargs: Any) -> str:
        calls.append((args, kwargs))
        return "sent"

    assert guard(YES, GATE, send, 1, gate=2, status=3, func=4) == "sent"
    assert guard(NO, GATE, send, 1) is None
    assert guard(status(CONFIG), GATE, send, 1) is None
    assert calls == [((1,), {"gate": 2, "status": 3, "func": 4})]
    with pytest.raises(ZeroDivisionError):
        guard(YES, GATE, lambda: 1 // 0)
    assert guard(NO, GATE, lambda: 1 // 0) is None


def test_guard_of_async_functions() -> None:
    calls: list[int] = []

    async def send(number: int) -> str:
        calls.append(number)
        return "sent"

    class Sender:
        async def __call__(self, number: int) -> str:
            return await send(number)

    async def ask() -> None:
        for func in (send, Sender(), functools.partial(send), functools.partial(Sender())):
            assert await guard(YES, GATE, func, 7) == "sent"
            assert await guard(NO, GATE, func, 7) is None

    asyncio.run(ask())
    assert calls == [7] * 4


def test_guard_takes_the_stand_in_of_a_stack() -> None:
    from test_django_page import AGREED, REFUSED, a_request

    from consentpy.django import gate

    for meta, expected in ((AGREED, "sent"), (REFUSED, None)):
        consent: Any = a_request(meta).consent  # type: ignore[attr-defined]
        assert guard(consent, gate("advertising"), lambda: "sent") == expected


# ------------------------------------------------------------------ cookies

COOKIES = {"meter": ["_meter", "_m_*"], "adshop": ["_ads"], "basket": ["_basket"]}
CHANGED = {"CONFIG": [NOTICE, {"consentpy": {"vendorCookies": COOKIES}}]}
SET = [
    ("Set-Cookie", "session=1; Path=/; HttpOnly"),
    ("Set-Cookie", "_meter=7; Path=/; HttpOnly"),
    ("Set-Cookie", "_ads=8; Path=/"),
    ("Set-Cookie", "_basket=9; Path=/"),
    ("Set-Cookie", "_m_over=; Max-Age=0; Path=/"),
]
AGREED = visitor("FR", f"didomi_token={token(*ALL)}")
REFUSED = visitor("FR", f"didomi_token={token()}")
PARTLY = VISITORS["france, partly"][0]
UNASKED = visitor("FR")


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """/plain, which asks for nothing, sets cookies."""
    own = [pair for pair in OWN["/plain"] if pair[0] != "Cache-Control"]
    monkeypatch.setitem(OWN, "/plain", own + SET)


def with_sent(meta: dict[str, Any], *names: str) -> list[tuple[str, str]]:
    pairs = sent(meta)
    cookie = "; ".join(
        [value for name, value in pairs if name == "Cookie"] + [f"{n}=x" for n in names]
    )
    return [pair for pair in pairs if pair[0] != "Cookie"] + [("Cookie", cookie)]


def lines(answer: Answer) -> list[str]:
    return [value.strip() for name, value in answer.pairs if name.lower() == "set-cookie"]


def names(answer: Answer) -> list[str]:
    return [line.partition("=")[0] for line in lines(answer) if "max-age=0" not in line.lower()]


def expired(answer: Answer) -> list[str]:
    return [
        line.partition("=")[0]
        for line in lines(answer)
        if "max-age=0" in line.lower() and not line.startswith("_m_over")
    ]


@pytest.mark.usefixtures("setting")
@pytest.mark.parametrize(
    ("meta", "kept"),
    [
        (AGREED, ["session", "_meter", "_ads", "_basket"]),
        (PARTLY, ["session", "_meter", "_basket"]),
        (REFUSED, ["session", "_basket"]),
        (UNASKED, ["session", "_basket"]),
    ],
)
def test_cookies_that_are_denied_are_not_set(
    stack: str, meta: dict[str, Any], kept: list[str]
) -> None:
    answer = Site(stack, CHANGED).get("/plain", sent(meta))
    assert names(answer) == kept and expired(answer) == []
    # The site's own end of a cookie goes through, and its attributes stay.
    assert any(line.startswith("_m_over") for line in lines(answer))
    assert "HttpOnly" in lines(answer)[0]
    assert "private" in answer["Cache-Control"] and "Cookie" in answer["Vary"]


@pytest.mark.parametrize(
    ("meta", "gone"),
    [
        (AGREED, []),
        (PARTLY, ["_ads"]),
        (REFUSED, ["_meter", "_ads", "_m_1"]),
        (UNASKED, []),  # not while the visitor is still to be asked
        ({**visitor("US"), "HTTP_X_REGION": "CA", "HTTP_SEC_GPC": "1"}, ["_meter", "_ads", "_m_1"]),
    ],
)
def test_cookies_that_were_refused_are_expired(
    stack: str, meta: dict[str, Any], gone: list[str]
) -> None:
    site = Site(stack, CHANGED)
    answer = site.get("/plain", with_sent(meta, "_meter", "_ads", "_m_1", "_m", "_basket", "other"))
    assert expired(answer) == gone
    for line in lines(answer):
        assert "path=/" in line.lower() and "1970" in line
    # Once they are gone nothing is done, and the page is everybody's again.
    after = site.get("/plain", sent(meta))
    assert lines(after) == [] and after["Cache-Control"] == "public, s-maxage=60"
    assert "Vary" not in after


def test_a_domain_and_names_that_need_secure(stack: str) -> None:
    more = {"meter": ["__Host-m", "__Secure-m", "_meter"]}
    config = [NOTICE, {"consentpy": {"vendorCookies": more}}]
    site = Site(stack, {"CONFIG": config, "COOKIE_DOMAIN": "shop.example"})
    answer = site.get("/plain", with_sent(REFUSED, *more["meter"]))
    found = [
        (
            line.partition("=")[0],
            "domain=shop.example" in line.lower(),
            "secure" in line.lower()[12:],
        )
        for line in lines(answer)
    ]
    assert found == [
        ("__Host-m", False, True),
        ("__Secure-m", False, True),
        ("__Secure-m", True, True),
        ("_meter", False, False),
        ("_meter", True, False),
    ]


def test_names_that_are_words_of_set_cookie(stack: str) -> None:
    """Python has no cookies of these names; browsers have."""
    names = ["path", "Version", "$a", "_meter"]
    config = [NOTICE, {"consentpy": {"vendorCookies": {"meter": names}}}]
    answer = Site(stack, {"CONFIG": config}).get("/plain", with_sent(REFUSED, *names))
    assert answer.status == 200
    assert expired(answer) == names


def test_hostile_names_are_never_sent_back(stack: str) -> None:
    config = [NOTICE, {"consentpy": {"vendorCookies": {"meter": ["_m*", "*", ""]}}}]
    site = Site(stack, {"CONFIG": config})
    odd = ['_m"<script>', "_m,a", "_m a", "_m\xe9", "_m" + "x" * 5000, "_m\\", "_m:"]
    answer = site.get("/plain", with_sent(REFUSED, *odd))
    assert lines(answer) == [] and answer.status == 200
    many = site.get("/plain", with_sent(REFUSED, *(f"_m{n}" for n in range(3000)), "a"))
    assert len(lines(many)) == 32


def test_malformed_declarations_are_left_out() -> None:
    vendors = {"v1": ["a", 7, "", "*", "b*"], "nobody": ["c"], "": ["c"]}
    for given in (vendors, [], "x", {"v1": "a"}, {"v1": None}):
        config = cp.Config(full([vendor("v1", ["p1"])]), {"consentpy": {"vendorCookies": given}})
        found = declared(config)
        if given is not vendors:
            assert found == ()
            continue
        (one,) = found
        assert (one.vendor, one.names, one.starts) == ("v1", {"a"}, ("b",))
        assert one.has("a") and one.has("b1") and not one.has("c") and not one.has("aa")


@pytest.mark.parametrize("domain", ["", "a b", "a;b", 7, "a..b", "x\n"])
def test_a_wrong_domain_is_told(domain: Any) -> None:
    from django_app import settings as project

    from consentpy.django import conf

    runtime, (message,) = conf.load({**project.CONSENTPY, "COOKIE_DOMAIN": domain})
    assert runtime is None and message.id == "consentpy.E017"
