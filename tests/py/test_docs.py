"""The Python examples of README and docs run, in order, each file in a namespace of its own."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from vendor_lists import vendor_list

import consentpy as cp
from helpers import cookie

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

EXPORTED: dict[str, Any] = {
    "app": {
        "name": "Le Phare",
        "vendors": {
            "custom": [
                {
                    "id": "pagemeter",
                    "name": "PageMeter",
                    "policyUrl": "https://pagemeter.example/privacy",
                    "purposeIds": ["analytics"],
                }
            ],
            "didomi": ["google"],
        },
        "customPurposes": [{"id": "analytics", "name": {"en": "Measure the audience"}}],
    },
    "configByCountry": {"FR": {"languages": {"enabled": ["fr"]}}, "US": {}},
}


def blocks(path: Path) -> list[str]:
    return BLOCK.findall(path.read_text(encoding="utf-8"))


# Guides of frameworks show parts of a project; the tests of the adapter run those.
PARTS = ("django", "flask")


@pytest.mark.parametrize("path", [p for p in DOCS if p.stem not in PARTS], ids=lambda p: p.name)
def test_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notice.json").write_text(json.dumps(EXPORTED), encoding="utf-8")
    (tmp_path / "vendor-list.json").write_text(json.dumps(vendor_list()), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    config = cp.Config(EXPORTED)
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    token = cookie({"vendors": {"enabled": ["pagemeter"]}, "updated": now})
    names: dict[str, Any] = {
        "cp": cp,
        "app": None,
        "config": config,
        "notice": EXPORTED if path.stem == "configuration" else config.notice("FR"),
        "exported": EXPORTED,
        "local": {"app": {"consentDuration": 3600}},
        "cookies": {"didomi_token": token},
        "request_cookie_header": f"theme=dark; didomi_token={token}",
        "video": config.gate(vendor="pagemeter"),
    }
    for code in blocks(path):
        exec(compile(code, str(path), "exec"), names)


def test_there_are_examples() -> None:
    assert sum(len(blocks(path)) for path in DOCS) >= 5


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_links_to_files_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_architecture_names_every_file_and_no_other() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = {
        f"{folder}/{name}"
        for folder, names in re.findall(
            r"^\| `([\w/]+)` \| [^|]+ \| (`.*`) \|$", text, re.MULTILINE
        )
        for name in re.findall(r"`([^`]+)`", names)
    }
    sources = set((ROOT / "consentpy").rglob("*.py"))
    for path in (ROOT / "csrc").rglob("*.[ch]"):
        # a header beside a file of its own name, and the parts of consent.h, go without saying
        if path.suffix == ".c" or not (
            path.with_suffix(".c").exists() or path.stem.startswith("consent")
        ):
            sources.add(path)
    assert listed == {path.relative_to(ROOT).as_posix() for path in sources}
    named = set(re.findall(r"`(?:[\w/]+/)?(\w+\.(?:c|h|py))`", text))
    assert named <= {path.name for path in sources | set((ROOT / "csrc").rglob("*.h"))}


def test_every_extra_is_documented() -> None:
    table = (ROOT / "pyproject.toml").read_text("utf-8").partition("optional-dependencies]\n")[2]
    extras = re.findall(r"^(\w+) = \[", table.partition("\n[")[0], re.MULTILINE)
    assert len(extras) >= 7
    text = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    assert [name for name in extras if f"[{name}]" not in text] == []


def test_every_rule_is_written_down_and_names_tests_that_exist() -> None:
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert re.findall(r"^## R(\d+):", text, re.MULTILINE) == [str(n) for n in range(1, 16)]
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        files = re.findall(r"`(test_\w+\.py)`", part)
        assert files, part.splitlines()[0]
        sources = "".join((Path(__file__).parent / name).read_text("utf-8") for name in files)
        for name in re.findall(r"`(test_r\w+)(?:…)?`", part):
            assert f"def {name}" in sources, name


@pytest.mark.parametrize("number", range(1, 16))
def test_every_rule_has_tests_named_after_it(number: int) -> None:
    """`pytest -k r11` finds those of R11, and the rule's own text says where they are."""
    files = Path(__file__).parent.glob("test_*.py")
    named = {file.name for file in files if f"def test_r{number}_" in file.read_text("utf-8")}
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    (rule,) = re.findall(rf"^## R{number}:.*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert named & set(re.findall(r"`(test_\w+\.py)`", rule))
    assert f"`test_r{number}_" in rule


def test_every_reason_and_finding_of_the_core_is_documented() -> None:
    explain = (ROOT / "csrc" / "core" / "explain.c").read_text("utf-8")
    reasons = set(re.findall(r'(?:close_gate\(&?t, |return |\*reason = |\? )"([a-z-]+)"', explain))
    text = (ROOT / "docs" / "status.md").read_text("utf-8")
    assert reasons and {reason for reason in reasons if f"`{reason}`" not in text} <= {
        "consent",
        "legitimate_interest",
        "vendor",
    }
