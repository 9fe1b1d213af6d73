"""The official library that a module of tests names in PACKAGE, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.official import NotThere, fetch


@pytest.fixture(scope="module")
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return fetch(request.module.PACKAGE, tmp_path_factory.mktemp("node"))
    except NotThere as reason:
        pytest.skip(str(reason))
