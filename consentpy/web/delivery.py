"""How responses go out: the keys CACHE, REWRITE, NONCE and URL_PREFIX.

They are the same for every request and are not read again by RELOAD.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .source import Finding, Mistake, Spelling

PRIVATE, UNIFORM, KEYED = CACHE_MODES = ("private", "uniform", "keyed")

_PREFIX = re.compile(r"/(?:[A-Za-z0-9._~-]+/)*\Z")


@dataclass(frozen=True)
class Delivery:
    """The keys, checked. `nonce`: a function of the request, None to look where stacks keep it."""

    cache: str = PRIVATE
    rewrite: bool = False
    nonce: Callable[[Any], Any] | None = None
    prefix: str = "/consent/"
    #: Where a cache asks for the key of a visitor; None when it cannot.
    key_path: str | None = field(init=False)
    #: Whether no request is answered here, and no body changed.
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        path = self.prefix + "key" if self.cache == KEYED else None
        object.__setattr__(self, "key_path", path)
        object.__setattr__(self, "plain", path is None and not self.rewrite)


def delivery(
    raw: Mapping[str, Any],
    spelling: Spelling,
    function: Callable[[str, str, object], Any],
    found: list[Finding],
) -> Delivery:
    """The keys as they are in `raw`; what is wrong is added to `found`.

    `function` reads a function of the request: (finding's id, key, value).
    """

    def wrong(id: str, key: str, allowed: str) -> None:
        found.append(spelling.wrong(id, key, raw[key], allowed).finding)

    cache = raw.get("CACHE", PRIVATE)
    if not isinstance(cache, str) or cache not in CACHE_MODES:
        wrong("E010", "CACHE", ", ".join(repr(mode) for mode in CACHE_MODES))
    elif cache == KEYED and not raw.get("GATES"):
        text = f"{spelling.key('CACHE')} is 'keyed', which needs {spelling.key('GATES')}."
        found.append(Finding("E010", text, "Name there every gate that the cached pages ask."))
    rewrite = raw.get("REWRITE", False)
    if not isinstance(rewrite, bool):
        wrong("E021", "REWRITE", "True or False")
    elif rewrite and cache == UNIFORM:
        found.append(
            Finding(
                "E021",
                f"{spelling.key('REWRITE')} has no effect when {spelling.key('CACHE')} is "
                "'uniform', which sends the same page to everybody.",
                "Leave one of them out.",
            )
        )
    nonce = None
    try:
        nonce = function("E022", "NONCE", raw.get("NONCE"))
    except Mistake as mistake:
        found.append(mistake.finding)
    prefix = raw.get("URL_PREFIX", "/consent/")
    if not isinstance(prefix, str) or not _PREFIX.match(prefix):
        wrong("E023", "URL_PREFIX", "a path that begins and ends with a slash, such as '/consent/'")
    if any(finding.id in ("E010", "E021", "E022", "E023") for finding in found):
        return Delivery()
    return Delivery(cache, rewrite, nonce, prefix)
