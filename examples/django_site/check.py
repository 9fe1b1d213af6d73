"""Start the example site, ask it as six visitors, check what each one got, stop it.

Prints one line per visitor and ends with ``N passed, N failed``; the exit status is 1
when one failed. Speaks to loopback only.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

SITE = Path(__file__).resolve().parent
START_SECONDS = 30
REQUEST_SECONDS = 10

#: (visitor, the link that acts as that visitor or None, the tags that must be there)
VISITORS: list[tuple[str, str | None, set[str]]] = [
    ("France, no answer", None, {"basket"}),
    (
        "France, agreed",
        "visit/france/agreed/",
        {"basket", "measurement", "video", "advertising"},
    ),
    ("France, refused", "visit/france/refused/", {"basket"}),
    ("France, partial", "visit/france/partial/", {"basket", "measurement", "video"}),
    ("California, refused", "visit/california/refused/", {"basket"}),
    (
        "Japan, no answer",
        "visit/elsewhere/none/",
        {"basket", "measurement", "video", "advertising"},
    ),
]


class Tags(HTMLParser):
    """The third-party tags of a page, what its table says about them, and which are not inert."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rendered: set[str] = set()
        self.told: set[str] = set()
        self.rows = 0
        self.live: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("script", "iframe"):
            # One without a name counts too: it was not meant to be there.
            self.rendered.add(values.get("data-tag") or str(values.get("src")))
        if "data-tag" in values and not (values.get("type") or "").startswith("didomi/"):
            self.live.add(str(values["data-tag"]))
        if "data-row" in values:
            self.rows += 1
            if values.get("data-rendered") == "yes":
                self.told.add(str(values["data-row"]))


def faults(address: str, link: str | None, expected: set[str]) -> list[str]:
    """What is wrong with the page that one visitor gets; empty when all is well."""
    # A jar of its own: each visitor is another browser. No proxy: loopback only.
    opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
    try:
        if link is not None:
            opener.open(address + link, timeout=REQUEST_SECONDS).close()
        with opener.open(address, timeout=REQUEST_SECONDS) as response:
            page = Tags(response.read().decode())
            cache = response.headers.get("Cache-Control", "")
            vary = response.headers.get("Vary", "")
        with opener.open(address + "sdk/", timeout=REQUEST_SECONDS) as response:
            sdk = Tags(response.read().decode())
    except (OSError, UnicodeDecodeError) as error:
        return [str(error)]
    found = []
    if page.rendered != expected:
        found.append(f"expected {names(expected)}, got {names(page.rendered)}")
    if page.told != expected or page.rows != 4:
        found.append(f"the table tells of {names(page.told)}")
    if sdk.live != expected:
        found.append(f"in the SDK's markup: expected {names(expected)}, got {names(sdk.live)}")
    if "private" not in cache or "public" in cache:
        found.append(f"Cache-Control is {cache!r}")
    if "cookie" not in vary.lower():
        found.append(f"Vary is {vary!r}")
    return found


def names(tags: set[str]) -> str:
    return ", ".join(sorted(tags)) or "nothing"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(address: str, server: subprocess.Popen[bytes]) -> bool:
    """Until the site answers; False when it ended or took too long."""
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            opener.open(address, timeout=REQUEST_SECONDS).close()
            return True
        except URLError as error:
            if hasattr(error, "code"):  # it answers, with an error page: let the check say so
                return True
            time.sleep(0.1)
        except OSError:
            time.sleep(0.1)
    return False


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(timeout=5)


def main() -> int:
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    passed = failed = 0
    # The access log goes to a file: it is worth reading only when something failed.
    log = tempfile.TemporaryFile()
    server = subprocess.Popen(
        command, cwd=SITE, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        if not wait(address, server):
            print(f"FAIL the site did not start at {address}")
            failed = len(VISITORS)
        else:
            for visitor, link, expected in VISITORS:
                wrong = faults(address, link, expected)
                passed, failed = passed + (not wrong), failed + bool(wrong)
                verdict = "; ".join(wrong) if wrong else names(expected)
                print(f"{'FAIL' if wrong else 'ok  '} {visitor:20} {verdict}")
    finally:
        stop(server)
        if failed:
            log.seek(0)
            print(log.read().decode(errors="replace")[-4000:])
        log.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
