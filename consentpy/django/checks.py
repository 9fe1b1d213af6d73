"""System checks. Ids are stable; `docs/django.md` lists them.

``consentpy.E001``-``E010`` and ``E014``-``E018`` are about the setting, ``E011``-``E013`` about templates,
``W001`` about the place, ``W002``-``W003`` about the middleware, ``W004`` about
templates that could not be read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.template import Origin, Template, TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import FilterExpression, Node, NodeList, Variable
from django.template.engine import Engine
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.templatetags.cache import CacheNode
from django.utils.module_loading import import_string

from .conf import loaded
from .delivery_checks import has_uniform_blocks
from .reads import CONSENT, REQUEST, Ask, asks
from .templatetags.consentpy import ConsentNode

_Apps = Sequence[AppConfig] | None

_MIDDLEWARE = "consentpy.django.middleware.ConsentMiddleware"
# From the outside to the inside; those that a project does not use are skipped.
_ORDER = (
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    _MIDDLEWARE,
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
)
# What writes the policy: it must not have run when REWRITE asks for a nonce.
_OUTSIDE = (
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
)
_TAG = re.compile(r"\{%-?\s*consent|\|\s*allows\s*:")
# {% extends %} and {% include %} may put another template's block in a cache.
_LEADS = re.compile(r"consent|\{%\s*(?:cache|extends)\b")
_KEYED = re.compile(r"(?:\w+\.)*consent\.key\Z")


def check_settings(app_configs: _Apps, **_: Any) -> list[CheckMessage]:
    """Every mistake in ``CONSENTPY``."""
    return list(loaded()[1])


def check_middleware(app_configs: _Apps, **_: Any) -> list[CheckMessage]:
    """The middleware is there, and in its place."""
    kinds = [import_string(path) for path in _ORDER]
    raw = getattr(settings, "CONSENTPY", None)
    rewrites = isinstance(raw, Mapping) and raw.get("REWRITE") is True
    outside = _OUTSIDE if rewrites else ()
    ours = _ORDER.index(_MIDDLEWARE)
    ranks: list[int] = []
    for path in settings.MIDDLEWARE:
        try:
            kind = import_string(path)
        except ImportError:
            continue  # Django itself reports that one
        if path in outside and ours in ranks:
            return [
                Warning(
                    f"MIDDLEWARE should have {path.rsplit('.', 1)[1]} before ConsentMiddleware.",
                    hint="A nonce that is read after the policy is written is missing from it.",
                    id="consentpy.W003",
                )
            ]
        for rank, known in enumerate(kinds):
            if isinstance(kind, type) and issubclass(kind, known):
                ranks.append(rank)
    if ours not in ranks:
        return [
            Warning(
                "consentpy.django is installed without its middleware, so every {% consent %} "
                "denies.",
                hint='Add "consentpy.django.ConsentMiddleware" to MIDDLEWARE.',
                id="consentpy.W002",
            )
        ]
    if ranks != sorted(ranks):
        names = [_ORDER[rank].rsplit(".", 1)[1] for rank in sorted(set(ranks))]
        return [
            Warning(
                f"MIDDLEWARE should have these in this order: {', '.join(names)}.",
                hint="Then each sees the headers that the consent middleware sets.",
                id="consentpy.W003",
            )
        ]
    return []


def check_templates(app_configs: _Apps, **_: Any) -> list[CheckMessage]:
    """Every ``{% consent %}`` in every template that the project's engines can find."""
    runtime, _found = loaded()
    same = has_uniform_blocks()
    found: list[CheckMessage] = []
    for backend in engines.all():
        if not isinstance(backend, DjangoTemplates):
            continue
        for template in _templates(backend.engine, found):
            where = template.origin.name
            for ask, cached in _blocks(template, backend.engine):
                node = ask.node
                place = f"{_name(node, where)}, line {_line(node)}"
                if cached and not (same and isinstance(node, ConsentNode)):
                    found.append(
                        Error(
                            f"{place}: {ask.what} inside {{% cache %}} makes the fragment "
                            "one visitor's, so it is never kept.",
                            hint="Let the fragment vary on it, {% cache 600 name request.consent.key %}, "
                            f"with {REQUEST!r} in the context processors.",
                            id="consentpy.E013",
                        )
                    )
                problem = ask.problem(runtime) if runtime is not None else None
                if problem is not None and _name(node, where) == where:
                    id, text = problem
                    found.append(
                        Error(
                            f"{place}: {text}",
                            hint="Until this is corrected the block denies to everybody.",
                            id=f"consentpy.{id}",
                        )
                    )
    # A block that several templates include or inherit is told once.
    return list({(message.id, message.msg): message for message in found}.values())


def _name(node: Node, default: str) -> str:
    return str(getattr(getattr(node, "origin", None), "name", default))


def _line(node: Node) -> int:
    return int(getattr(getattr(node, "token", None), "lineno", None) or 0)


# ---------------------------------------------------------------- finding templates


def _templates(engine: Engine, found: list[CheckMessage]) -> Iterator[Template]:
    """The engine's templates that can lead to a consent block, compiled."""
    for origin, source in _sources(engine):
        ours = _TAG.search(source) is not None
        if _LEADS.search(source) is None:
            continue
        try:
            yield Template(source, origin, origin.template_name, engine)  # type: ignore[arg-type]
        except TemplateSyntaxError as error:
            if ours:
                found.append(
                    Warning(
                        f"{origin.name} cannot be compiled, so its consent blocks were not "
                        f"checked: {error}",
                        id="consentpy.W004",
                    )
                )


def _sources(engine: Engine) -> Iterator[tuple[Origin, str]]:
    loaders = list(engine.template_loaders)
    seen: set[str] = set()
    while loaders:
        loader: Any = loaders.pop(0)
        loaders = list(getattr(loader, "loaders", ())) + loaders  # the cached loader
        for name, text in getattr(loader, "templates_dict", {}).items():  # the locmem loader
            yield Origin(name, name, loader), text
        for folder in _folders(loader):
            for name in _files(folder):
                path = f"{folder}/{name}"
                if path in seen:
                    continue
                seen.add(path)
                try:
                    with open(path, encoding=engine.file_charset) as file:
                        yield Origin(path, name, loader), file.read()
                except (OSError, UnicodeDecodeError):
                    continue  # not a template that Django could render either


def _folders(loader: Any) -> Iterator[str]:
    if hasattr(loader, "get_dirs"):
        for folder in loader.get_dirs():
            yield str(folder)


def _files(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield os.path.relpath(os.path.join(parent, name), folder)


# --------------------------------------------------------------- walking a template


def _blocks(template: Template, engine: Engine) -> Iterator[tuple[Ask, bool]]:
    """Each question about the consent with whether a cache that ignores consent is round it."""
    yield from _walk(template.nodelist, False, _cached_names(template, engine), engine, 0)


def _walk(
    nodes: NodeList, cached: bool, names: frozenset[str], engine: Engine, depth: int
) -> Iterator[tuple[Ask, bool]]:
    """`names`: blocks that an ancestor template renders inside such a cache."""
    for node in nodes:
        inside = cached
        if not isinstance(node, CacheNode):  # its key may ask
            for ask in asks(node, engine):
                yield ask, cached
        if isinstance(node, CacheNode):
            inside = cached or not _keyed(node, engine)
        elif isinstance(node, BlockNode):
            inside = cached or node.name in names
        elif isinstance(node, IncludeNode) and cached and depth < 10:
            part = _load(node.template, engine)
            parts = [] if part is None else [part, *_above(part, engine)]
            for one in parts:
                yield from _walk(one.nodelist, cached, frozenset(), engine, depth + 1)
        for attribute in getattr(node, "child_nodelists", ()):
            children = getattr(node, attribute, None)
            if children:
                yield from _walk(children, inside, names, engine, depth)


def _keyed(node: Any, engine: Engine) -> bool:
    """Whether the fragment varies on the consent.

    Without their context processors ``request`` and ``consent`` are an empty text, for every
    visitor.
    """
    names = [str(expression.token) for expression in node.vary_on]
    needed = {"request": REQUEST, "consent": CONSENT}
    return any(
        _KEYED.match(name)
        and needed.get(name.partition(".")[0], REQUEST) in engine.context_processors
        for name in names
    )


def _load(expression: object, engine: Engine) -> Template | None:
    """The template that a literal names; None for a variable or a missing one."""
    if not isinstance(expression, FilterExpression):
        return None
    if isinstance(expression.var, Variable) or expression.filters:
        return None
    try:
        return engine.get_template(str(expression.var))
    except (TemplateDoesNotExist, TemplateSyntaxError):
        return None


def _above(template: Template, engine: Engine) -> list[Template]:
    """The templates that this one extends, the nearest first."""
    chain: list[Template] = []
    while len(chain) < 10:
        extends = next((n for n in template.nodelist if isinstance(n, ExtendsNode)), None)
        parent = _load(extends.parent_name, engine) if extends is not None else None
        if parent is None:
            break
        chain.append(parent)
        template = parent
    return chain


def _cached_names(template: Template, engine: Engine) -> frozenset[str]:
    """Blocks that the templates above this one put inside a cache."""
    names: frozenset[str] = frozenset()
    for parent in reversed(
        _above(template, engine)
    ):  # what the topmost caches counts for all below
        names = names.union(_names_inside(parent.nodelist, False, names, engine))
    return names


def _names_inside(
    nodes: NodeList, cached: bool, names: frozenset[str], engine: Engine
) -> Iterator[str]:
    for node in nodes:
        inside = cached
        if isinstance(node, BlockNode):
            inside = cached or node.name in names
            if inside:
                yield str(node.name)
        elif isinstance(node, CacheNode):
            inside = cached or not _keyed(node, engine)
        for attribute in getattr(node, "child_nodelists", ()):
            children = getattr(node, attribute, None)
            if children:
                yield from _names_inside(children, inside, names, engine)
