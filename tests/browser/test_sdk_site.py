"""The example site as Chromium sees it: exactly the allowed tags are fetched, and each runs once.

No SDK is loaded, so what runs was brought to life by the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from sdk_site import NEEDS, load

STACKS = tuple(NEEDS)
VISITORS = load("visitors").VISITORS


def fetched(*, adrow: bool, law: bool, rest: bool, trends: bool = False) -> list[str]:
    """What "/" makes a browser fetch. `rest`: PageMeter and ClipPlayer are allowed."""
    found = ["/basket.js", f"/count.gif?agreed={int(adrow)}"]
    if rest:
        found += ["/pagemeter.js", f"/pagemeter.gif?agreed=true&law={int(law)}", "/clip.html"]
    if adrow:
        found += ["/adrow.js", "/adrow.gif"]
    return sorted([*found, "/trends.js"] if trends else found)


ALL = {"adrow": True, "rest": True, "trends": True}
NONE = {"adrow": False, "rest": False}
EXPECTED = {
    "agreed": fetched(**ALL, law=True),
    "refused": fetched(**NONE, law=True),
    "chose": fetched(adrow=False, rest=True, trends=True, law=True),
    "no answer": fetched(**NONE, law=True),
    "agreed long ago": fetched(**NONE, law=True),
    "broken cookie": fetched(**NONE, law=True),
    "Japan": fetched(**ALL, law=False),
    "California, silent": fetched(**ALL, law=False),
    "California, objected": fetched(**NONE, law=False),
}
#: The gated tags of "/", as the browser's SDK looks for them: type, vendor, purposes.
GATED = [
    ["didomi/javascript", "c:basket", None],
    ["didomi/javascript", "c:pagemeter", None],
    ["didomi/javascript", "adrow", "advertising"],
    ["didomi/javascript", None, "audience,media"],
    ["didomi/javascript", "c:nobody", None],
    ["didomi/javascript", "c:pagemeter", None],
    ["didomi/html", "c:clipplayer", None],
    ["didomi/html", None, "advertising"],
    ["didomi/javascript", "adrow", None],
]
NEVER = [GATED[4]]
INERT = {
    "agreed": NEVER,
    "chose": [GATED[2], GATED[4], GATED[7]],
    "Japan": NEVER,
    "California, silent": NEVER,
}
REFUSED = GATED[1:8]

FIND = """() => [...document.querySelectorAll('script[type^="didomi/"]')].map(
    tag => [tag.getAttribute('type'), tag.getAttribute('data-vendor'), tag.getAttribute('data-purposes')])"""
# In short what the SDK does after a yes (docs/didomi.md, "Gated tags in the page"): what is inert
# gets a live twin before it.
ACTIVATE = """vendors => {
    for (const tag of [...document.querySelectorAll('script[type^="didomi/"]')]) {
        if (!vendors.includes(tag.dataset.vendor ?? tag.dataset.purposes)) continue;
        const script = tag.getAttribute('type') === 'didomi/javascript';
        const twin = document.createElement(script ? 'script' : 'div');
        for (const { name, value } of tag.attributes) if (name !== 'type') twin.setAttribute(name, value);
        if (script) twin.text = tag.text; else twin.innerHTML = tag.text;
        tag.before(twin);
        tag.dataset.processed = 'true';
    }
}"""
SETTLE = "() => new Promise(done => setTimeout(done, 100))"


@dataclass
class Visit:
    page: Any
    answer: Any
    counter: Any
    complaints: list[str]

    def fetched(self) -> list[str]:
        self.page.evaluate(SETTLE)
        return sorted(self.counter.fetched)

    def ran(self) -> list[str]:
        """The scripts of the vendors that have run, each as often as it did."""
        found: list[str] = self.page.evaluate("() => window.runs || []")
        return sorted(urlsplit(address).path for address in found)


@pytest.fixture()
def visit(browser: Any, counter: Any, start: Callable[..., str]) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def run(stack: str, path: str, visitor: str, *arguments: str) -> Visit:
        address = start(stack, *arguments)
        country, cookies = VISITORS[visitor]
        context = browser.new_context(extra_http_headers={"CF-IPCountry": country})
        contexts.append(context)
        context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
        counter.fetched.clear()
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        answer = page.goto(address.rstrip("/") + path, wait_until="load")
        assert answer is not None and answer.status == 200
        return Visit(page, answer, counter, complaints)

    yield run
    for context in contexts:
        context.close()


def scripts(addresses: list[str]) -> list[str]:
    return [address for address in addresses if address.endswith(".js")]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("visitor", EXPECTED)
def test_exactly_the_allowed_tags_are_fetched_and_each_runs_once(
    visit: Callable[..., Visit], stack: str, visitor: str
) -> None:
    seen = visit(stack, "/", visitor)
    assert seen.fetched() == EXPECTED[visitor]
    assert seen.ran() == scripts(EXPECTED[visitor])
    assert seen.page.evaluate(FIND) == INERT.get(visitor, REFUSED)
    assert seen.complaints == []


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("visitor", ["agreed", "refused", "chose"])
def test_so_are_those_of_a_page_that_comes_in_pieces(
    visit: Callable[..., Visit], stack: str, visitor: str
) -> None:
    seen = visit(stack, "/stream", visitor)
    assert seen.fetched() == EXPECTED[visitor]
    assert seen.ran() == scripts(EXPECTED[visitor])
    assert seen.page.evaluate(FIND) == INERT.get(visitor, REFUSED)
    assert seen.complaints == []


@pytest.mark.parametrize("stack", STACKS)
def test_what_stays_inert_is_there_for_the_sdk_after_a_yes(
    visit: Callable[..., Visit], stack: str
) -> None:
    seen = visit(stack, "/", "chose")
    assert seen.fetched() == EXPECTED["chose"]
    seen.page.evaluate(ACTIVATE, ["adrow", "advertising"])
    assert seen.fetched() == sorted([*EXPECTED["chose"], "/adrow.js", "/adrow.gif"])
    assert seen.ran() == scripts(EXPECTED["agreed"])


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("visitor", ["agreed", "chose", "refused"])
def test_a_strict_policy_lets_through_what_has_its_nonce(
    visit: Callable[..., Visit], stack: str, visitor: str
) -> None:
    expected = {
        "agreed": ["/adrow.js", "/pagemeter.gif?agreed=true", "/pagemeter.js"],
        "chose": ["/pagemeter.gif?agreed=true", "/pagemeter.js"],
        "refused": [],
    }[visitor]
    seen = visit(stack, "/strict", visitor)
    assert "script-src 'nonce-" in seen.answer.headers["content-security-policy"]
    assert seen.fetched() == expected
    assert seen.ran() == scripts(expected)
    # A tag that came to life with the nonce of another day is stopped by the browser.
    blocked = [text for text in seen.complaints if "Content Security Policy" in text]
    assert len(blocked) == (visitor != "refused") and len(seen.complaints) == len(blocked)
    assert all("blocked.js" in text for text in blocked)


@pytest.mark.parametrize("stack", STACKS)
def test_a_page_without_gated_tags_runs_as_ever(visit: Callable[..., Visit], stack: str) -> None:
    seen = visit(stack, "/imprint", "refused")
    assert seen.page.title() == "Imprint of Paper & Ink"
    assert seen.fetched() == []


@pytest.mark.parametrize("stack", STACKS)
def test_without_the_middleware_nothing_is_fetched(visit: Callable[..., Visit], stack: str) -> None:
    seen = visit(stack, "/", "agreed", "--without")
    assert seen.fetched() == []
    assert seen.page.evaluate(FIND) == GATED
