"""The example site, asked as `make demo-check` asks it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import consentpy

SITE = Path(__file__).resolve().parents[2] / "examples" / "django_site"
ROOT = Path(next(iter(consentpy.__path__))).parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    environ = {**os.environ, "PYTHONPATH": path}
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=SITE,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_six_visitors_get_their_tags() -> None:
    done = run("check.py")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 7 and lines[-1] == "6 passed, 0 failed"


def test_system_checks_find_nothing() -> None:
    done = run("manage.py", "check", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_other_host_is_named() -> None:
    for file in SITE.rglob("*"):
        if file.suffix in (".html", ".css", ".js", ".json"):
            text = file.read_text()
            assert "http:" not in text and "https:" not in text and '"//' not in text, file
