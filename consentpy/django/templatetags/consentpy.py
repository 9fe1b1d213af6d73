"""``{% consent %}…{% denied %}…{% endconsent %}``: content behind a visitor's consent.

    {% load consentpy %}
    {% consent vendor="google" purposes="cookies,analytics" %}…{% denied %}…{% endconsent %}
    {% consent "ads" %}…{% endconsent %}

The second form names a gate of ``CONSENTPY["GATES"]``. Literals are resolved when the
template is compiled, variables when it is rendered. Whatever cannot be resolved
renders the denied branch: an unknown id, an empty variable, no request.
"""

from __future__ import annotations

import logging
from typing import Any

from django import template
from django.core.exceptions import ImproperlyConfigured
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, Variable
from django.template.base import kwarg_re as _KEYWORD
from django.template.context import Context

import consentpy as cp
from consentpy.django.conf import Runtime, current
from consentpy.django.lazy import Consent

register = template.Library()
logger = logging.getLogger("consentpy.django")

_USAGE = 'write {% consent "gate" %}, or {% consent vendor=… purposes=… %}'


class ConsentNode(Node):
    """One block. `name` is set for a named gate, otherwise `vendor`, `purposes` or both."""

    child_nodelists = ("allowed", "denied")

    def __init__(
        self,
        name: FilterExpression | None,
        vendor: FilterExpression | None,
        purposes: FilterExpression | None,
        allowed: NodeList,
        denied: NodeList,
    ) -> None:
        self.name, self.vendor, self.purposes = name, vendor, purposes
        self.allowed, self.denied = allowed, denied
        written = [part for part in (name, vendor, purposes) if part is not None]
        self.literal = all(_is_literal(part) for part in written)
        self._bound: tuple[Runtime, cp.Gate | None] | None = None
        self._reason = ""  # why a literal condition is none, until it was logged
        if self.literal:
            try:
                self._bind(current(), Context())
            except ImproperlyConfigured:
                pass  # told at start by the middleware; rendering denies meanwhile

    def problem(self, runtime: Runtime) -> tuple[str, str] | None:
        """Why a literal condition never allows, as (check id, text); None when it can."""
        if not self.literal:
            return None
        try:
            self._find(runtime, Context())
        except _Unresolved as reason:
            return reason.id, str(reason)
        return None

    def render(self, context: Context) -> str:
        consent = _consent(context)
        if consent is None:
            logger.warning(
                "{%% consent %%} in %s was rendered without a request that passed the "
                "consent middleware, so it denies.",
                self._place(),
            )
            return self.denied.render(context)
        gate = self._gate(context)
        if gate is not None and consent.allows(gate):
            return self.allowed.render(context)
        return self.denied.render(context)

    def _gate(self, context: Context) -> cp.Gate | None:
        """The condition, or None (logged) when it cannot be resolved."""
        runtime = current()
        # Literals are looked up once per set of settings.
        bound = self._bound
        if bound is None or bound[0] is not runtime:
            bound = self._bind(runtime, context)
        if self._reason:  # told when the template knows its place, not when it is compiled
            logger.warning("{%% consent %%} in %s denies: %s", self._place(), self._reason)
            self._reason = ""
        return bound[1]

    def _bind(self, runtime: Runtime, context: Context) -> tuple[Runtime, cp.Gate | None]:
        gate: cp.Gate | None = None
        try:
            gate = self._find(runtime, context)
        except _Unresolved as reason:
            self._reason = str(reason)
        bound = (runtime, gate)
        if self.literal:
            self._bound = bound
        return bound

    def _find(self, runtime: Runtime, context: Context) -> cp.Gate:
        if self.name is not None:
            name = self.name.resolve(context, ignore_failures=True)
            if isinstance(name, cp.Gate):
                return name
            gate = runtime.gates.get(name) if isinstance(name, str) else None
            if gate is not None:
                return gate
            if isinstance(name, str) and name in runtime.gate_names:
                raise _Unresolved("E012", f"the gate {name!r} of CONSENTPY['GATES'] is not usable.")
            raise _Unresolved("E012", f"CONSENTPY['GATES'] has no gate {name!r}.")
        vendor = _value("vendor", self.vendor, context)
        purposes = _value("purposes", self.purposes, context)
        if isinstance(purposes, (list, set, frozenset)):
            purposes = tuple(purposes)
        elif isinstance(purposes, int):
            purposes = (purposes,)
        try:
            return runtime.gate(vendor, () if purposes is None else purposes)
        except (cp.UnknownIdError, TypeError) as error:
            raise _Unresolved("E011", str(error)) from error

    def _place(self) -> str:
        origin = getattr(self, "origin", None)
        line = getattr(getattr(self, "token", None), "lineno", None)
        where = str(getattr(origin, "template_name", None) or origin or "a template")
        return f"{where}, line {line}" if line else where


class _Unresolved(Exception):
    """A condition that cannot be looked up; `id` is that of the check message."""

    def __init__(self, id: str, message: str) -> None:
        super().__init__(message)
        self.id = id


def _is_literal(expression: FilterExpression) -> bool:
    var = expression.var
    constant = not isinstance(var, Variable) or var.lookups is None
    return constant and not expression.filters


def _value(name: str, expression: FilterExpression | None, context: Context) -> Any:
    """The value of an argument; None only when it was not written.

    An argument that is written and empty must not drop its half of the condition.
    """
    if expression is None:
        return None
    value = expression.resolve(context, ignore_failures=True)
    if value is None or (not isinstance(value, int) and not value):
        raise _Unresolved("E011", f"{name}={expression.token} is empty.")
    return str(value) if isinstance(value, str) else value


def _consent(context: Context) -> Consent | None:
    consent = getattr(getattr(context, "request", None), "consent", None)
    if not isinstance(consent, Consent):  # a plain Context that was given the request
        consent = getattr(context.get("request"), "consent", None)
    return consent if isinstance(consent, Consent) else None


@register.tag("consent")
def do_consent(parser: Parser, token: Token) -> ConsentNode:
    """Compile ``{% consent %}``; a mistake in its form is a TemplateSyntaxError."""
    given: dict[str, FilterExpression] = {}
    for bit in token.split_contents()[1:]:
        match = _KEYWORD.match(bit)
        key, value = match.groups() if match else (None, bit)
        key = key or "name"
        if key not in ("name", "vendor", "purposes") or (match and match[1] == "name"):
            raise template.TemplateSyntaxError(f"consent has no argument {key!r}; {_USAGE}.")
        if key in given:
            raise template.TemplateSyntaxError(f"consent was given {key!r} twice; {_USAGE}.")
        given[key] = parser.compile_filter(value)
    if not given or ("name" in given and len(given) > 1):
        raise template.TemplateSyntaxError(
            f"consent needs a gate's name, or a vendor, purposes or both; {_USAGE}."
        )
    allowed = parser.parse(("denied", "endconsent"))
    denied = NodeList()
    if parser.next_token().contents.split()[0] == "denied":
        denied = parser.parse(("endconsent",))
        parser.delete_first_token()
    return ConsentNode(
        given.get("name"), given.get("vendor"), given.get("purposes"), allowed, denied
    )
