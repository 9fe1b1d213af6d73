"""One configuration shared by eight threads: same answers, no races."""

from __future__ import annotations

import json
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import consentpy as cp
from helpers import NOW, VECTORS, agree, cookie, full, header, plain_merge, refuse, vendor

THREADS = 8
COUNTRIES = ["FR", "DE", "CH", "US", "BR", "XX", None, "fr", "JP", "GB", "T1", "IT"]
REGIONS = [None, "CA", "CO", "NY", "??"]


def together(work: Callable[[int], None]) -> None:
    """Run `work(0)` … `work(7)` at once and hand on the first failure."""
    gate = threading.Barrier(THREADS)
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            gate.wait(timeout=30)
            work(number)
        except BaseException as failure:  # handed on below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


@pytest.fixture(autouse=True)
def _fast_switching() -> Any:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def document() -> dict[str, Any]:
    config: dict[str, Any] = json.loads((VECTORS / "notice.json").read_text("utf-8"))
    more = {
        code: {"app": {"consentDuration": 1000 + n}} for n, code in enumerate("JP IT GB".split())
    }
    return plain_merge(config, {"configByCountry": more})


VISITORS: list[Any] = [
    None,
    {},
    {"didomi_token": cookie(agree("measure-A1b2C3d4", purposes=["audience-N2ZH9BqQ"]))},
    {"didomi_token": cookie(refuse("measure-A1b2C3d4", purposes=["audience-N2ZH9BqQ"]))},
    {"didomi_token_cpra": cookie({"purposes_li": {"disabled": ["audience-N2ZH9BqQ"]}})},
    {"didomi_token": "%%%", "didomi_token_cpra": "%%%"},
    header(cookie(agree("measure-A1b2C3d4", purposes=["audience-N2ZH9BqQ"]))),
    header("garbage", "more").encode(),
]
VENDORS = ["measure-A1b2C3d4", "adshop-Z9y8X7w6", "chat-Q1w2E3r4", "google", "nope"]


def answer(config: cp.Config, country: Any, region: Any, cookies: Any) -> Any:
    notice = config.notice(country, region, cookies)
    seen = notice.status(cookies, now=NOW)
    return (
        notice.regulation,
        notice.consent_duration,
        [seen.allows(name) for name in VENDORS],
        seen.verdicts([notice.gate(name) for name in VENDORS[:4]]),
        seen.collect_reason,
        seen.current(),
        [d.code for d in seen.diagnostics],
    )


CASES = [(c, r, v) for c in COUNTRIES for r in REGIONS for v in range(len(VISITORS))]


def test_notices_and_statuses_of_a_shared_configuration() -> None:
    alone = cp.Config(document())
    expected = {case: answer(alone, case[0], case[1], VISITORS[case[2]]) for case in CASES}
    assert len({e[1] for e in expected.values()}) > 4  # the countries really differ
    for _ in range(3):
        shared = cp.Config(document())  # its cache of notices is empty again

        def work(number: int, shared: cp.Config = shared) -> None:
            order = CASES[:]
            random.Random(number).shuffle(order)
            for case in order:
                got = answer(shared, case[0], case[1], VISITORS[case[2]])
                assert got == expected[case], case

        together(work)


def test_one_notice_and_one_status_shared() -> None:
    config = cp.Config(document())
    notice = config.notice("FR")
    seen = notice.status(VISITORS[2], now=NOW)
    gates = [config.gate(name) for name in VENDORS[:4]]
    verdicts, current = seen.verdicts(gates), seen.current()
    assert True in verdicts and False in verdicts

    def work(number: int) -> None:
        for _ in range(2000):
            assert seen.verdicts(gates) == verdicts
            assert [seen.allows(gate) for gate in gates] == verdicts
        for _ in range(200):
            assert seen.current() == current
            assert notice.status(VISITORS[number], now=NOW).allows(gates[2]) is True

    together(work)


def test_gates_of_one_configuration_used_with_another() -> None:
    """Resolving a foreign gate again must not disturb those who hold it."""
    one = cp.Config(document())
    other = cp.Config(
        full([vendor("x", ["p"]), vendor(VENDORS[1], ["p"]), vendor(VENDORS[0], ["p"])])
    )
    gates = [one.gate(name) for name in VENDORS[:2]]
    mine = one.notice("FR").status(VISITORS[2], now=NOW)
    yes = {"didomi_token": cookie(agree(VENDORS[1], purposes=["p"]))}
    theirs = other.notice("FR").status(yes, now=NOW)

    def work(number: int) -> None:
        for _ in range(3000):
            assert mine.verdicts(gates) == [True, False]
            assert theirs.verdicts(gates) == [False, True]

    together(work)


def test_configurations_read_at_the_same_time() -> None:
    text = json.dumps(document())
    expected = cp.Config(text).effective("FR").to_dict()

    def work(number: int) -> None:
        for round_ in range(40):
            if (number + round_) % 4 == 0:
                with pytest.raises(cp.ConfigError) as caught:
                    cp.Config("\n" * number + '{"a": ]')
                assert caught.value.line == number + 1
                assert caught.value.column == 7
            else:
                assert cp.Config(text).effective("FR").to_dict() == expected

    together(work)


def test_effective_configurations_of_a_shared_configuration() -> None:
    config = cp.Config(document())
    expected = {c: config.effective(c).to_dict() for c in COUNTRIES}

    def work(number: int) -> None:
        fresh = cp.Config(document()) if number % 2 else config
        for _ in range(10):
            for country in COUNTRIES:
                assert fresh.effective(country).to_dict() == expected[country]
                path = "app.consentDuration"
                assert fresh.effective(country).explain(path)

    together(work)


def test_a_shared_configuration_dies_in_the_hands_of_its_users() -> None:
    """Notices and statuses keep alive what they need."""
    holder = [cp.Config(document())]
    notices = [holder[0].notice(c) for c in ("FR", "US", "BR")]
    statuses = [n.status(VISITORS[2], now=NOW) for n in notices]
    expected = [s.current() for s in statuses]

    def work(number: int) -> None:
        for round_ in range(200):
            if number == 0 and round_ == 100:
                holder.clear()
            assert [s.current() for s in statuses] == expected
            assert statuses[0].notice.status({}, now=NOW).allows(VENDORS[2]) is True

    together(work)
