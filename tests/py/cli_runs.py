"""Runs of the command line, shared by its suites."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from consentpy.cli import main
from helpers import NOW, agree, cookie, iso, refuse, vendor

NOTICE: dict[str, Any] = {
    "app": {
        "name": "Café",
        "customPurposes": [
            {"id": "necessary", "name": {"en": "Run the shop"}},
            {"id": "audience", "name": {"en": "Measure the audience"}},
            {"id": "ads", "name": {"en": "Show advertising"}},
        ],
        "essentialPurposes": ["necessary"],
        "vendors": {
            "custom": [
                vendor("basket", ["necessary"]),
                vendor("meter", ["audience"]),
                vendor("adrow", ["ads"], ["audience"]),
            ]
        },
    },
    "regulations": {"gdpr": {"enabled": True}, "cpra": {"enabled": True}},
}
SITE: dict[str, Any] = {
    "app": {"consentDuration": 15552000},
    "configByCountry": {"FR": {"app": {"consentDuration": 7776000}}},
}
VISITOR = ["--country", "FR", "--now", iso(NOW)]
AGREED = cookie(agree("basket", "meter", "adrow", purposes=["audience", "ads"]))
REFUSED = cookie(refuse("basket", "meter", "adrow", purposes=["audience", "ads"]))


class Run(NamedTuple):
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def cells(self) -> list[list[str]]:
        """The cells of every line of the tables."""
        return [re.split(r" {2,}", line) for line in self.out.splitlines()]


def enter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Works in a folder that has notice.json and site.json."""
    monkeypatch.chdir(folder)
    Path("notice.json").write_text(json.dumps(NOTICE, indent=2, ensure_ascii=False), "utf-8")
    Path("site.json").write_text(json.dumps(SITE, indent=2), "utf-8")


def run(*argv: str, stdin: bytes = b"") -> Run:
    """Runs the command line in this process, with UTF-8 streams of its own."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    with mock.patch.multiple(sys, stdin=given, stdout=out, stderr=err):
        code = main(argv)
        out.flush()
        err.flush()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return Run(code, *texts)


def process(*argv: str | bytes, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "consentpy", *argv],
        check=False,
        timeout=60,
        **{"stdin": subprocess.DEVNULL, "capture_output": True, **options},
    )


def refused(*argv: str, stdin: bytes = b"") -> str:
    """The message of bad input: exit code 2, nothing on standard output, no traceback."""
    done = run(*argv, stdin=stdin)
    assert done.code == 2 and done.out == ""
    assert done.err.startswith("consentpy: ") and "Traceback" not in done.err
    return done.err.removeprefix("consentpy: ").rstrip("\n")
