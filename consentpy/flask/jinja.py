"""The Jinja block: content behind a visitor's consent.

    {% consent vendor="google", purposes="cookies,analytics" %}…{% denied %}…{% endconsent %}
    {% consent "ads" %}…{% endconsent %}
    {% consent "ads", defer=True %}<script src="…"></script>{% endconsent %}

The second form names a gate of ``CONSENTPY_GATES``. Literals are looked up when the template is
compiled and kept in a table of the settings, variables when it is rendered. Whatever cannot
be resolved renders the denied branch: an unknown id, an empty variable, no request.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from jinja2 import Environment, nodes, pass_context
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
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
_TEST = "consentpy.allows"
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
        environment.tests[_TEST] = _test(self._allows)
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
            # A test, since Jinja's own way of calling a method costs more than the verdict.
            return nodes.Test(nodes.Const(place), _TEST, [condition], [], None, None, lineno=line)

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
        _keep(runtime, _written(literal), _found(runtime, literal)[0])

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
            known = runtime.literals.get(condition)
            if known is not None:
                return known
            gate, reason = _found(runtime, _read(condition))
            _keep(runtime, condition, gate)
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
            for block in cache.find_all(nodes.Test)
        }
        for block in tree.find_all(nodes.Test):
            if block.name == _TEST:
                condition = block.args[0]
                given = _read(condition.value) if isinstance(condition, nodes.Const) else None
                yield Block(block.lineno, given, id(block) in unkeyed)


def _test(long_way: Callable[[str, Any], bool]) -> Callable[[Context, str, Any], bool]:
    """Whether the block at a place is allowed now."""

    @pass_context  # or Jinja would answer when it compiles
    def allowed(_context: Context, place: str, condition: Any) -> bool:
        try:  # the way of every literal but a page's first
            asked = current_request().environ[KEY]
            gate = asked._literals[condition]
        except (RuntimeError, KeyError, TypeError, AttributeError):
            return long_way(place, condition)
        asked._gates[gate] = None
        verdict: bool = asked._quick(gate)
        return verdict

    return allowed


def _keep(runtime: Runtime, condition: str, gate: cp.Gate | None) -> None:
    """Remember the gate of a literal."""
    literals = runtime.literals
    if gate is not None:
        if len(literals) >= _MOST:  # templates made of texts while the site runs
            literals.clear()
        literals[condition] = gate


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
