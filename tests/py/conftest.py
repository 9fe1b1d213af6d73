"""What holds for all suites.

`CONSENTPY_EXAMPLES=long` chooses the long profile (`make properties`): 10 000 examples of each
property. Under the sanitizers, which make everything slower, there are fewer.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

# A busy machine is no failure of the code: properties have no time limit of their own.
# On CI the examples are the same ones every time, so that a change is not blamed for what an
# unlucky draw found; the long profile draws new ones wherever it runs, since that is its purpose.
settings.register_profile(
    "consentpy",
    parent=settings.get_profile("ci" if os.environ.get("CI") else "default"),
    deadline=None,
)
settings.load_profile("consentpy")

LONG = os.environ.get("CONSENTPY_EXAMPLES") == "long"
SANITIZED = bool(os.environ.get("CONSENTPY_SANITIZED"))
# What tests/py/test_properties*.py run under.
settings.register_profile(
    "properties",
    max_examples=50 if SANITIZED else 10_000 if LONG else 200,
    derandomize=bool(os.environ.get("CI")) and not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=[phase for phase in Phase if phase is not Phase.explain],  # it takes minutes
)
