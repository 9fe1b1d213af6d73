"""The example site: where it is, what its stacks need, and its modules."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

SITE = Path(__file__).resolve().parents[2] / "examples" / "sdk_site"
NEEDS = {
    "django": ["django"],
    "flask": ["flask"],
    "starlette": ["starlette", "uvicorn"],
    "wsgi": [],
}


def load(name: str) -> ModuleType:
    """A module of the example, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"sdk_site_{name}", SITE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
