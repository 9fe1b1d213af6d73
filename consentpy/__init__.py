"""Consent on the server: which tags a visitor's answer allows, from the first byte.

>>> import consentpy as cp
>>> config = cp.Config({"app": {"vendors": {"custom": [
...     {"id": "stats", "name": "Stats", "purposeIds": ["cookies"]}]}}})
>>> config.status({}, country="FR").allows("stats")
False
"""

from ._core import (
    Config,
    Diagnostic,
    Gate,
    GlobalVendorList,
    ListedPurpose,
    ListedVendor,
    Notice,
    Origin,
    Permission,
    Purpose,
    Setting,
    Status,
    Step,
    Vendor,
    config_from_query,
    merge,
)
from .errors import ConfigError, ConsentError, DecodeError, UnknownIdError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import ac, dcs, gpc, gpp, html, tcf, token, usp
    from .catalog import Catalog
    from .cookie import Cookie
    from .effective import EffectiveConfig
    from .explanation import Explanation
    from .formats import decode

__version__ = "0.1.0"

__all__ = [
    "Catalog",
    "Config",
    "ConfigError",
    "ConsentError",
    "Cookie",
    "DecodeError",
    "Diagnostic",
    "EffectiveConfig",
    "Explanation",
    "Gate",
    "GlobalVendorList",
    "ListedPurpose",
    "ListedVendor",
    "Notice",
    "Origin",
    "Permission",
    "Purpose",
    "Setting",
    "Status",
    "Step",
    "UnknownIdError",
    "Vendor",
    "ac",
    "config_from_query",
    "dcs",
    "decode",
    "gpc",
    "gpp",
    "html",
    "merge",
    "tcf",
    "token",
    "usp",
]

# Loaded on first use, so that importing consentpy stays cheap.
_LAZY = {  # a module of this name, or a name of the module
    "Catalog": "catalog",
    "Cookie": "cookie",
    "EffectiveConfig": "effective",
    "Explanation": "explanation",
    "ac": "ac",
    "dcs": "dcs",
    "decode": "formats",
    "gpc": "gpc",
    "gpp": "gpp",
    "html": "html",
    "tcf": "tcf",
    "token": "token",
    "usp": "usp",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'consentpy' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f"consentpy.{_LAZY[name]}")
    value = module if name == _LAZY[name] else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
