"""What in a compiled template asks for the visitor's consent, besides blocks: filters, variables.

For the checks only; nothing of this runs while a page is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.template.base import FilterExpression, Node, NodeList, Variable
from django.template.engine import Engine

from consentpy.web.block import Unresolved, find

from .conf import Runtime
from .page import PageNode
from .templatetags.consentpy import ConsentNode, allows

REQUEST = "django.template.context_processors.request"
CONSENT = "consentpy.django.context_processors.consent"
_DEEPEST = 8  # {% if %} keeps its conditions in tuples, lists and objects


class Ask:
    """One place that asks. `what`: how the template writes it."""

    def __init__(self, node: Node, what: str, expression: FilterExpression | None = None) -> None:
        self.node, self.what, self._expression = node, what, expression

    def problem(self, runtime: Runtime) -> tuple[str, str] | None:
        """Why it never allows, as (check id, text); None when it can."""
        if isinstance(self.node, ConsentNode):
            return self.node.problem(runtime)
        for function, arguments in getattr(self._expression, "filters", ()):
            for is_variable, value in arguments if function is allows else ():
                try:
                    if not is_variable:
                        find(runtime, {"name": value}, {})
                except Unresolved as reason:
                    return reason.id, str(reason)
        return None


def asks(node: Node, engine: Engine) -> Iterator[Ask]:
    """What this node itself asks, without the nodes inside it."""
    if isinstance(node, ConsentNode):
        yield Ask(node, "{% consent %}")
    elif isinstance(node, PageNode):
        yield Ask(node, node.what)
    else:
        for expression in _expressions(vars(node), _DEEPEST):
            if any(function is allows for function, _ in expression.filters):
                yield Ask(node, "the filter allows", expression)
            elif reads(expression, engine):
                yield Ask(node, str(expression.token))


def reads(expression: FilterExpression, engine: Engine) -> bool:
    """Whether it is a path into the visitor's consent, where the engine's context has that."""
    lookups = getattr(expression.var, "lookups", None) or ()
    if lookups[:2] == ("request", "consent"):
        return REQUEST in engine.context_processors
    return lookups[:1] == ("consent",) and CONSENT in engine.context_processors


def _expressions(value: Any, depth: int) -> Iterator[FilterExpression]:
    if isinstance(value, FilterExpression):
        yield value
    elif depth == 0 or isinstance(value, (Node, NodeList, Variable, str, bytes)):
        return
    elif isinstance(value, dict):
        for one in value.values():
            yield from _expressions(one, depth - 1)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _expressions(one, depth - 1)
    elif type(value).__module__.startswith("django.template"):
        # The tree of an {% if %}: operators with `first` and `second`, literals with `value`.
        for name in ("first", "second", "value"):
            yield from _expressions(getattr(value, name, None), depth - 1)
