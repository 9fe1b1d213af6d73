"""``{% cache %}`` keeps no fragment that asked for the consent, unless its key tells visitors apart.

The checks find most of such fragments before the site starts (E013); an include by a variable, or a
template that is not a file, they do not see.
"""

from __future__ import annotations

import copy
import functools
import logging
from typing import Any

from django.template.context import Context
from django.templatetags.cache import CacheNode

from .lazy import Consent
from .page import request_of

logger = logging.getLogger("consentpy.django")

_MARK = "_consentpy_watches"


class _Asked(Exception):
    """The fragment asked: it is shown, and not kept."""

    def __init__(self, owner: object, text: str) -> None:
        super().__init__()
        self.owner, self.text = owner, text


class _Heard:
    """A part of a fragment's key, whose value is written down."""

    def __init__(self, expression: Any, values: list[str]) -> None:
        self._expression, self._values = expression, values

    def resolve(self, context: Context) -> Any:
        value = self._expression.resolve(context)
        self._values.append(str(value))
        return value


class _Content:
    """What stands in the fragment. Made only when the cache has none."""

    def __init__(self, node: Any, consent: Consent, values: list[str]) -> None:
        self._node, self._consent, self._values = node, consent, values

    def render(self, context: Context) -> str:
        mark = self._consent._mark()
        text: str = self._node.nodelist.render(context)
        if self._consent._may_keep(mark, "\n".join(self._values)):
            return text
        raise _Asked(self, text)


def watch() -> None:
    """From now on every ``{% cache %}`` of the process is watched."""
    original = CacheNode.render
    if getattr(CacheNode, _MARK, False):
        return

    @functools.wraps(original)
    def render(self: Any, context: Context) -> Any:
        request = request_of(context)
        if request is None:
            return original(self, context)
        values: list[str] = []
        twin = copy.copy(self)
        twin.vary_on = [_Heard(expression, values) for expression in self.vary_on]
        twin.nodelist = _Content(self, request.consent, values)
        try:
            return original(twin, context)
        except _Asked as asked:
            if asked.owner is not twin.nodelist:
                raise
            _tell(self)
            return asked.text

    CacheNode.render = render  # type: ignore[method-assign]
    setattr(CacheNode, _MARK, True)  # on the class: others wrap its render too


def _tell(node: Any) -> None:
    """Once for each fragment of a compiled template."""
    if not node.__dict__.setdefault("_consentpy_told", False):
        node._consentpy_told = True
        logger.warning(
            "{%% cache %%} %r asked for the consent, so the fragment is not kept; let it vary on "
            "request.consent.key.",
            str(node.fragment_name),
        )
