"""``{% consent %}…{% denied %}…{% endconsent %}``: content behind a visitor's consent.

    {% load consentpy %}
    {% consent vendor="google" purposes="cookies,analytics" %}…{% denied %}…{% endconsent %}
    {% consent "ads" %}…{% endconsent %}
    {% consent "ads" defer=True %}<script src="…"></script>{% endconsent %}
    {% if request.consent|allows:"ads" %}…{% endif %}

``"ads"`` names a gate of ``CONSENTPY["GATES"]``. Literals are resolved when the
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
from django.utils.safestring import mark_safe

import consentpy as cp
from consentpy.django.conf import Runtime, current
from consentpy.django.lazy import Consent
from consentpy.django.page import register as _register_page
from consentpy.django.page import request_of
from consentpy.web.block import Unresolved, find
from consentpy.web.deferred import inert

register = template.Library()
_register_page(register)
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
        defer: bool = False,
    ) -> None:
        self.name, self.vendor, self.purposes = name, vendor, purposes
        self.allowed, self.denied, self.defer = allowed, denied, defer
        written = [part for part in (name, vendor, purposes) if part is not None]
        self.literal = all(_is_literal(part) for part in written)
        self._bound: tuple[Runtime, cp.Gate | None] | None = None
        self._reason = ""  # why the last condition is none
        self._told: set[str] = set()  # reasons of literals that were logged
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
        except Unresolved as reason:
            return reason.id, str(reason)
        return None

    def render(self, context: Context) -> str:
        bound = self._bound
        if bound is not None and bound[1] is not None:  # the way of a literal but a page's first
            try:
                consent = context.request.consent  # type: ignore[attr-defined]
                quick = consent._quick
                known = consent._runtime is bound[0]  # so it is a stand-in of ours
            except AttributeError:
                return self._render(context)
            if known and quick is not None:
                consent._gates[bound[1]] = None
                if quick(bound[1]):
                    return self.allowed.render(context)
                if not self.defer:
                    return self.denied.render(context) if self.denied else ""
        return self._render(context)

    def _render(self, context: Context) -> str:
        consent = _consent(context)
        if consent is None:
            logger.warning(
                "{%% consent %%} in %s was rendered without a request that passed the "
                "consent middleware, so it denies.",
                self._place(),
            )
            return self.denied.render(context)
        runtime = consent._settled()
        gate = self._gate(context, runtime)
        if gate is not None and not runtime.uniform and consent.allows(gate):
            return self.allowed.render(context)
        denied = self.denied.render(context)
        if self.defer and gate is not None:
            return mark_safe(self._inert(context, gate, runtime.uniform) + denied)
        return denied

    def _inert(self, context: Context, gate: cp.Gate, shared: bool) -> str:
        """The content for the browser's SDK to bring to life; empty (logged) when it cannot be."""
        text = inert(self.allowed.render(context), gate, shared)
        if text is None:
            logger.warning(
                "{%% consent %%} in %s has content with no inert form, so nothing is deferred.",
                self._place(),
            )
        return text or ""

    def _gate(self, context: Context, runtime: Runtime) -> cp.Gate | None:
        """The condition, or None (logged) when it cannot be resolved."""
        # Literals are looked up once per set of settings.
        bound = self._bound
        if bound is None or bound[0] is not runtime:
            bound = self._bind(runtime, context)
        reason = self._reason if bound[1] is None else ""
        # Told when the template knows its place, not when it is compiled; a literal once.
        if reason and reason not in self._told:
            logger.warning("{%% consent %%} in %s denies: %s", self._place(), reason)
            if self.literal:
                self._told.add(reason)
        return bound[1]

    def _bind(self, runtime: Runtime, context: Context) -> tuple[Runtime, cp.Gate | None]:
        gate: cp.Gate | None = None
        try:
            gate = self._find(runtime, context)
        except Unresolved as reason:
            self._reason = str(reason)
        bound = (runtime, gate)
        if self.literal:
            self._bound = bound
        return bound

    def _find(self, runtime: Runtime, context: Context) -> cp.Gate:
        given: dict[str, Any] = {}
        written: dict[str, str] = {}
        for key in ("name", "vendor", "purposes"):
            expression = getattr(self, key)
            if expression is not None:
                given[key] = expression.resolve(context, ignore_failures=True)
                written[key] = str(expression.token)
        return find(runtime, given, written)

    def _place(self) -> str:
        origin = getattr(self, "origin", None)
        line = getattr(getattr(self, "token", None), "lineno", None)
        where = str(getattr(origin, "template_name", None) or origin or "a template")
        return f"{where}, line {line}" if line else where


def _is_literal(expression: FilterExpression) -> bool:
    var = expression.var
    constant = not isinstance(var, Variable) or var.lookups is None
    return constant and not expression.filters


def _consent(context: Context) -> Consent | None:
    request = request_of(context)
    return None if request is None else request.consent


@register.tag("consent")
def do_consent(parser: Parser, token: Token) -> ConsentNode:
    """Compile ``{% consent %}``; a mistake in its form is a TemplateSyntaxError."""
    given: dict[str, FilterExpression] = {}
    defer: bool | None = None
    for bit in token.split_contents()[1:]:
        match = _KEYWORD.match(bit)
        key, value = match.groups() if match else (None, bit)
        key = key or "name"
        if key == "defer":
            if defer is not None or value not in ("True", "False"):
                raise template.TemplateSyntaxError(
                    "consent takes defer once, written out: defer=True or defer=False."
                )
            defer = value == "True"
            continue
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
        given.get("name"), given.get("vendor"), given.get("purposes"), allowed, denied, bool(defer)
    )


@register.filter("allows")
def allows(consent: object, gate: object) -> bool:
    """``request.consent|allows:"ads"``: whether a gate of ``CONSENTPY["GATES"]`` is allowed.

    Denied and logged: a name that no gate has, and a first value that is no visitor's consent.
    """
    if not isinstance(consent, Consent):
        logger.warning("The filter allows was given no request.consent, so it denies.")
        return False
    try:
        return consent.allows(find(consent._settled(), {"name": gate}, {}))
    except Unresolved as reason:
        logger.warning("The filter allows denies: %s", reason)
        return False
