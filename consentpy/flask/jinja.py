"""The Jinja block: content behind a visitor's consent.

    {% consent vendor="google", purposes="cookies,analytics" %}…{% denied %}…{% endconsent %}
    {% consent "ads" %}…{% endconsent %}
    {% consent "ads", defer=True %}<script src="…"></script>{% endconsent %}

The second form names a gate of ``CONSENTPY_GATES``. Literals are looked up when the template is
compiled and kept in a table of the application, variables when it is rendered. Whatever cannot
be resolved renders the denied branch: an unknown id, an empty variable, no request.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

import consentpy as cp
from consentpy.web.block import Unresolved, find
from consentpy.web.deferred import inert
from consentpy.web.settings import Runtime
from consentpy.wsgi import KEY

from . import NoRequest, consent, current_request, settings_of, stand_in
from .page import GLOBALS

logger = logging.getLogger("consentpy.flask")

_USAGE = 'write {% consent "gate" %}, or {% consent vendor=…, purposes=… %}'
_MOST = 4096  # literal conditions kept
_ARGUMENTS = ("name", "vendor", "purposes")


class Block(NamedTuple):
    """A block found in a template, for the check. `given` is None when it has variables."""

    line: int
    given: dict[str, Any] | None
    cached: bool  # inside {% cache %} of Flask-Caching, without consent.key in its key


class ConsentExtension(Extension):
    """``{% consent %}`` and the global ``consent``. One for each application."""

    tags = {"consent"}  # noqa: RUF012  (as Jinja declares it)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["consent"] = consent
        environment.globals.update(GLOBALS)
        self.allowed = _Allowed(self)
        #: literal condition -> (settings it was looked up in, gate or None)
        self._table: dict[str, tuple[Runtime, cp.Gate | None]] = {}
        self._told: set[tuple[str, str]] = set()

    # -------------------------------------------------------------- compiling

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Compile a block; a mistake in its form is a TemplateSyntaxError."""
        line = next(parser.stream).lineno
        given, defer = self._arguments(parser)
        place = f"{parser.name or 'a template'}, line {line}"
        literal = _literal(given, nodes.EvalContext(self.environment, parser.name))
        if literal is not None:
            self._compile(literal)
        pairs = [nodes.Pair(nodes.Const(key), value) for key, value in given.items()]
        # A literal is a text, whose hash is worked out once.
        condition = nodes.Dict(pairs) if literal is None else nodes.Const(_written(literal))

        def asked() -> nodes.Expr:
            # `(place, condition) in self.allowed`: Jinja's own way of calling a method costs more
            # than the verdict.
            pair = nodes.Tuple([nodes.Const(place), condition], "load")
            return nodes.Compare(pair, [nodes.Operand("in", self.attr("allowed"))], lineno=line)

        allowed = parser.parse_statements(("name:denied", "name:endconsent"))
        denied: list[nodes.Node] = []
        if next(parser.stream).value == "denied":
            denied = parser.parse_statements(("name:endconsent",), drop_needle=True)
        if not defer:
            return [nodes.If(asked(), allowed, [], denied, lineno=line)]
        call = self.call_method("_deferred", [nodes.Const(place), condition], lineno=line)
        content = nodes.CallBlock(call, [], [], allowed, lineno=line)
        return [content, nodes.If(nodes.Not(asked()), denied, [], [], lineno=line)]

    def _arguments(self, parser: Parser) -> tuple[dict[str, nodes.Expr], bool]:
        given: dict[str, nodes.Expr] = {}
        defer = None
        stream = parser.stream
        while stream.current.type != "block_end":
            if given or defer is not None:
                stream.expect("comma")
            key = "name"
            if stream.current.type == "name" and stream.look().type == "assign":
                key = str(next(stream).value)
                next(stream)
                if key not in ("vendor", "purposes", "defer"):
                    parser.fail(f"consent has no argument {key!r}; {_USAGE}.")
            if key in given or (key == "defer" and defer is not None):
                parser.fail(f"consent was given {key!r} twice; {_USAGE}.")
            value = parser.parse_expression()
            if key != "defer":
                given[key] = value
            elif isinstance(value, nodes.Const) and isinstance(value.value, bool):
                defer = value.value
            else:
                parser.fail("defer is written out: defer=True or defer=False.")
        if not given or ("name" in given and len(given) > 1):
            parser.fail(f"consent needs a gate's name, or a vendor, purposes or both; {_USAGE}.")
        return given, bool(defer)

    def _compile(self, literal: dict[str, Any]) -> None:
        """Look a literal up before the first visitor comes."""
        settings = settings_of(getattr(self.environment, "app"))  # noqa: B009  (Flask's)
        runtime = settings.current()
        self._keep(_written(literal), runtime, _found(runtime, literal)[0])

    def _keep(self, condition: str, runtime: Runtime, gate: cp.Gate | None) -> None:
        if len(self._table) >= _MOST:  # templates made of texts while the site runs
            self._table.clear()
        self._table[condition] = (runtime, gate)

    # -------------------------------------------------------------- rendering

    def _allows(self, place: str, condition: Any) -> bool:
        asked = stand_in()
        if isinstance(asked, NoRequest):
            self._tell(place, "it was rendered without a request.")
            return False
        runtime = asked._settled()
        gate = self._gate(runtime, place, condition)
        return gate is not None and not runtime.uniform and asked.allows(gate)

    def _deferred(self, place: str, condition: Any, caller: Callable[[], str]) -> str:
        """The content when it is allowed, its inert form when not."""
        if self._allows(place, condition):
            return caller()
        asked = stand_in()
        if isinstance(asked, NoRequest):
            return ""
        runtime = asked._settled()
        gate = self._gate(runtime, place, condition)
        if gate is None:
            return ""
        text = inert(str(caller()), gate, runtime.uniform)
        if text is None:
            self._tell(place, "its content has no inert form, so nothing is deferred.")
            return ""
        return Markup(text)

    def _gate(self, runtime: Runtime, place: str, condition: Any) -> cp.Gate | None:
        """The condition, or None (logged) when it cannot be resolved."""
        if isinstance(condition, dict):
            gate, reason = _found(runtime, condition)
        else:
            bound = self._table.get(condition)
            if bound is not None and bound[0] is runtime and bound[1] is not None:
                return bound[1]
            gate, reason = _found(runtime, _read(condition))
            self._keep(condition, runtime, gate)
        if gate is None:
            self._tell(place, reason, once=not isinstance(condition, dict))
        return gate

    def _tell(self, place: str, reason: str, once: bool = False) -> None:
        if once:
            if (place, reason) in self._told:
                return
            if len(self._told) >= _MOST:
                self._told.clear()
            self._told.add((place, reason))
        logger.warning("{%% consent %%} in %s denies: %s", place, reason)

    # --------------------------------------------------------------- checking

    def blocks(self, source: str, name: str) -> Iterator[Block]:
        """The blocks of a template. TemplateSyntaxError as when it is used."""
        tree = self.environment.parse(source, name)
        unkeyed = {
            id(block)
            for cache in tree.find_all(nodes.CallBlock)
            if _is_cache(cache.call) and not _keyed(cache.call)
            for block in cache.find_all(nodes.Compare)
        }
        for block in tree.find_all(nodes.Compare):
            target = block.ops[0].expr
            if not isinstance(target, nodes.ExtensionAttribute):
                continue
            if target.identifier == self.identifier and isinstance(block.expr, nodes.Tuple):
                condition = block.expr.items[1]
                given = _read(condition.value) if isinstance(condition, nodes.Const) else None
                yield Block(block.lineno, given, id(block) in unkeyed)


class _Allowed:
    """All blocks that are allowed now, by their place and condition."""

    def __init__(self, extension: ConsentExtension) -> None:
        self._extension = extension

    def __contains__(self, block: tuple[str, Any]) -> bool:
        try:  # the way of every literal but a page's first
            asked = current_request().environ[KEY]
            runtime, gate = self._extension._table[block[1]]
            quick = asked._quick
        except (RuntimeError, KeyError, TypeError, AttributeError):
            return self._extension._allows(*block)
        if quick is None or gate is None or asked._runtime is not runtime:
            return self._extension._allows(*block)
        asked._gates[gate] = None
        return bool(quick(gate))


def _found(runtime: Runtime, given: dict[str, Any]) -> tuple[cp.Gate | None, str]:
    try:
        return find(runtime, given, {}), ""
    except Unresolved as reason:
        return None, str(reason)


def _written(literal: dict[str, Any]) -> str:
    """A literal condition as one text; `_read` is the way back."""
    return repr(tuple(literal.items()))


def _read(written: str) -> dict[str, Any]:
    return dict(ast.literal_eval(written))


def _literal(given: dict[str, nodes.Expr], context: nodes.EvalContext) -> dict[str, Any] | None:
    """The values of the arguments when all of them are written out, else None."""
    values: dict[str, Any] = {}
    for key in _ARGUMENTS:
        if key not in given:
            continue
        try:
            value = given[key].as_const(context)
        except nodes.Impossible:
            return None
        parts = value if isinstance(value, (list, tuple)) else (value,)
        if not all(isinstance(part, (str, int, type(None))) for part in parts):
            return None
        # Plain texts: these go into the compiled template, and a Markup could not.
        plain = tuple(str(part) if isinstance(part, str) else part for part in parts)
        values[key] = plain if isinstance(value, (list, tuple)) else plain[0]
    return values


def _is_cache(call: nodes.Call) -> bool:
    target = call.node
    return isinstance(target, nodes.ExtensionAttribute) and target.identifier.startswith(
        "flask_caching."
    )


def _keyed(call: nodes.Call) -> bool:
    return any(
        found.attr == "key" and isinstance(found.node, nodes.Name) and found.node.name == "consent"
        for found in call.find_all(nodes.Getattr)
    )
