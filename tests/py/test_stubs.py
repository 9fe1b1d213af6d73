"""The stub file says what the compiled module has: names, members, parameters."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import GetSetDescriptorType
from typing import Any

import pytest

import consentpy
from consentpy import _core

STUB = Path(consentpy.__file__).with_name("_core.pyi")
TREE = ast.parse(STUB.read_text(encoding="utf-8"))
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}
FUNCTIONS = {node.name: node for node in TREE.body if isinstance(node, ast.FunctionDef)}
IMPORTED = {
    alias.asname
    for node in TREE.body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
    if alias.asname
}
RECORDS = {
    name: node
    for name, node in CLASSES.items()
    if any(ast.unparse(base).startswith("structseq[") for base in node.bases)
}
# What every object has, whether or not its type says so again.
ORDINARY = set(dir(object())) | {"__reduce__", "__ne__"}


def members(node: ast.ClassDef) -> dict[str, list[ast.FunctionDef]]:
    found: dict[str, list[ast.FunctionDef]] = {}
    for item in node.body:
        if isinstance(item, ast.FunctionDef):
            found.setdefault(item.name, []).append(item)
    return found


def is_property(function: ast.FunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "property" for d in function.decorator_list)


def parameters(function: ast.FunctionDef) -> list[tuple[str, Any, bool]]:
    """(name, kind, has a default), without self and cls."""
    args, kind = function.args, inspect.Parameter
    positional = [(a.arg, kind.POSITIONAL_ONLY) for a in args.posonlyargs]
    positional += [(a.arg, kind.POSITIONAL_OR_KEYWORD) for a in args.args]
    defaults = [False] * (len(positional) - len(args.defaults)) + [True] * len(args.defaults)
    found = [(name, k, d) for (name, k), d in zip(positional, defaults, strict=True)]
    if args.vararg:
        found.append((args.vararg.arg, kind.VAR_POSITIONAL, False))
    found += [
        (a.arg, kind.KEYWORD_ONLY, d is not None)
        for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    return [p for p in found if p[0] not in ("self", "cls")]


def runtime(callable_: Any) -> list[tuple[str, Any, bool]]:
    signature = inspect.signature(callable_)
    return [
        (p.name, p.kind, p.default is not p.empty)
        for p in signature.parameters.values()
        if p.name not in ("self", "cls")
    ]


def test_the_same_names_in_the_module() -> None:
    public = {name for name in vars(_core) if not name.startswith("__")}
    assert public == set(CLASSES) | set(FUNCTIONS) | IMPORTED


def test_the_public_package_names_exist() -> None:
    for name in consentpy.__all__:
        assert getattr(consentpy, name) is not None
        assert name in dir(consentpy)
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        consentpy.nothing_of_this_name  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("name", sorted(set(CLASSES) - set(RECORDS)))
def test_the_same_members_in_a_class(name: str) -> None:
    cls, stub = getattr(_core, name), members(CLASSES[name])
    assert set(vars(cls)) - ORDINARY - {"__module__"} == set(stub) - ORDINARY
    for member, functions in stub.items():
        real = inspect.getattr_static(cls, member)
        assert isinstance(real, GetSetDescriptorType) is is_property(functions[0]), member


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_the_same_fields_in_a_record(name: str) -> None:
    fields = list(members(RECORDS[name]))
    (match_args,) = (n.value for n in RECORDS[name].body if isinstance(n, ast.AnnAssign))
    cls = getattr(_core, name)
    assert list(cls.__match_args__) == fields == list(ast.literal_eval(match_args))
    assert cls.n_sequence_fields == cls.n_fields == len(fields)


@pytest.mark.parametrize("name", sorted(set(CLASSES) - set(RECORDS)))
def test_the_same_parameters(name: str) -> None:
    cls = getattr(_core, name)
    for member, functions in members(CLASSES[name]).items():
        if member.startswith("_") or is_property(functions[0]):
            continue
        # of several overloads the last one is the general one
        assert runtime(getattr(cls, member)) == parameters(functions[-1]), member


def test_the_parameters_of_the_constructor() -> None:
    (new,) = members(CLASSES["Config"])["__new__"]
    assert runtime(_core.Config) == parameters(new)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"_restore_gate"}))
def test_the_same_parameters_of_functions(name: str) -> None:
    assert runtime(getattr(_core, name)) == parameters(FUNCTIONS[name])


def test_everything_public_has_a_docstring() -> None:
    for name, node in CLASSES.items():
        cls = getattr(_core, name)
        assert cls.__doc__, name
        for member in members(node):
            if not member.startswith("_"):
                assert inspect.getattr_static(cls, member).__doc__, f"{name}.{member}"


def test_types_of_the_module_cannot_be_changed() -> None:
    for cls in (_core.Config, _core.Notice, _core.Status, _core.Gate):
        with pytest.raises(TypeError):
            cls.allows = lambda *_: True  # type: ignore
    for cls in (_core.Notice, _core.Status, _core.Gate):
        with pytest.raises(TypeError):
            cls()  # type: ignore[call-arg]
