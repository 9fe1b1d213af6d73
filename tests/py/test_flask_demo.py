"""The example Flask site, visited through its own links."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SITE = Path(__file__).resolve().parents[2] / "examples" / "flask_site"


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    spec = importlib.util.spec_from_file_location("consentpy_flask_site", SITE / "app.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where Flask looks for the folder of an application
    spec.loader.exec_module(module)
    yield module.app
    del sys.modules[spec.name]


@pytest.mark.parametrize(
    ("where", "answer", "meter", "advert"),
    [
        ("france", "none", False, False),
        ("france", "agree", True, True),
        ("france", "partly", True, False),
        ("france", "refuse", False, False),
        ("japan", "none", True, True),
    ],
)
def test_visitors_get_their_tags(
    app: Any, where: str, answer: str, meter: bool, advert: bool
) -> None:
    client = app.test_client()
    response = client.get(f"/visit/{where}/{answer}", follow_redirects=True)
    assert response.status_code == 200 and "private" in response.headers["Cache-Control"]
    assert ("<script>document" in response.text) is meter
    assert (
        '<script type="didomi/javascript" data-vendor="pagemeter"' in response.text
    ) is not meter
    assert ('data-tag="advertising"' in response.text) is advert


def test_the_check_finds_nothing(app: Any) -> None:
    result = app.test_cli_runner().invoke(args=["consent", "check"])
    assert (result.exit_code, result.output) == (0, "0 errors, 0 warnings\n")


def test_no_other_host_is_named() -> None:
    for file in SITE.rglob("*"):
        if file.suffix in (".html", ".json"):
            text = file.read_text()
            assert "http:" not in text and "https:" not in text and '"//' not in text, file
