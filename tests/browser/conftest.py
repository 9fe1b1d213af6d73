"""Debian's Chromium through Playwright, the example site in each stack, and its counting server.

Everything is on loopback. Whatever is missing skips the tests, and says what it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sdk_site import NEEDS, SITE, load


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if chromium is None:
        pytest.skip("no chromium: install Debian's package, or name one with CHROMIUM=/path")
    # No host but loopback is ever found, whatever a page may ask for.
    options = [
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--disable-background-networking",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium's sandbox does not run as root
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=chromium, args=options)
        yield running
        running.close()


@pytest.fixture(scope="session")
def counter() -> Iterator[Any]:
    """The hosts of all vendors: `fetched` tells what was asked for."""
    server = load("tags").Counter()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def start(counter: Any) -> Iterator[Callable[..., str]]:
    """start(stack, *arguments): the address of the site in a process of its own, started once."""
    running: dict[tuple[str, ...], tuple[subprocess.Popen[str], str]] = {}
    tags = f"http://127.0.0.1:{counter.server_port}"

    def run(stack: str, *arguments: str) -> str:
        for name in NEEDS[stack]:
            pytest.importorskip(name, reason=f"{name} is not installed")
        key = (stack, *arguments)
        if key not in running:
            process = subprocess.Popen(
                [sys.executable, f"in_{stack}.py", "0", *arguments],
                cwd=SITE,
                env={**os.environ, "TAGS": tags},
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout is not None
            running[key] = process, process.stdout.readline().strip()
        process, address = running[key]
        assert address.startswith("http://127.0.0.1:"), f"{key} did not start"
        return address

    yield run
    for process, _ in running.values():
        process.terminate()
    for process, _ in running.values():
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
