"""What holds for all suites."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine is no failure of the code: properties have no time limit of their own.
# On CI the examples are the same ones every time.
settings.register_profile(
    "consentpy",
    parent=settings.get_profile("ci" if os.environ.get("CI") else "default"),
    deadline=None,
)
settings.load_profile("consentpy")
