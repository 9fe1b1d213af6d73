"""RELOAD sees a change by the time of a file, by its size, and by its place on the disk."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django_app.visitors import visitor
from web_sites import NOTICE, Site, sent

from consentpy.web import holder
from consentpy.web.source import stamp

CONFIG = json.loads(NOTICE.read_text())
NONE = {**CONFIG, "regulations": {"gdpr": {"enabled": False}}}
SIZE = 1 + max(len(json.dumps(config)) for config in (CONFIG, NONE))


def padded(config: Any) -> str:
    return json.dumps(config).ljust(SIZE)


def dated(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def grown(path: Path) -> None:
    dated(path, padded(NONE) + "\n")


def written_over(path: Path) -> None:
    path.write_text(padded(NONE))
    os.utime(path, (1_700_000_000, 1_700_000_001))


def replaced(path: Path) -> None:
    """As an editor or a deployment does it that keeps times: another file takes its name."""
    other = path.with_name("other.json")
    dated(other, padded(NONE))
    other.replace(path)


@pytest.mark.parametrize(
    ("change", "same"),
    [(grown, "time"), (written_over, "size"), (replaced, "time and size")],
)
def test_one_sign_of_a_change_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None], same: str
) -> None:
    monkeypatch.setattr(holder, "_EVERY", 0.0)
    path = tmp_path / "notice.json"
    dated(path, padded(CONFIG))
    before = path.stat()
    site = Site("wsgi", {"CONFIG": path, "RELOAD": True})
    assert site.get("/where", sent(visitor("FR"))).body == b"gdpr"
    change(path)
    after = path.stat()
    assert ("time" in same) == (before.st_mtime_ns == after.st_mtime_ns)
    assert ("size" in same) == (before.st_size == after.st_size)
    assert site.get("/where", sent(visitor("FR"))).body == b"none"


def test_files_are_looked_at_once_a_second_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notice.json"
    dated(path, padded(CONFIG))
    now = [100.0]
    monkeypatch.setattr(holder, "_now", lambda: now[0])
    site = Site("wsgi", {"CONFIG": path, "RELOAD": True})
    looks: list[float] = []

    def looked(found: Path) -> Any:
        looks.append(now[0])
        return stamp(found)

    monkeypatch.setattr(holder, "stamp", looked)
    for tenth in range(1, 60):
        now[0] = 100 + tenth / 10
        site.get("/where", sent(visitor("FR")))
    assert looks == [101.0, 102.0, 103.0, 104.0, 105.0]
