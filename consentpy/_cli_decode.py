"""consentpy decode: what a pasted consent string is, as a tree that people read."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote

from ._cli_input import Fault, read_gvl, read_text
from ._cli_text import Screen
from ._core import GlobalVendorList
from ._words import fault, words
from .errors import DecodeError
from .formats import is_escaped, recognise

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TYPES = ("not allowed", "consent required", "legitimate interest required")
_UNQUOTED = 3  # times that a text is decoded that was encoded over and over


def run(options: argparse.Namespace, screen: Screen) -> int:
    """The command; DecodeError comes out as a Fault."""
    if options.gvl == "-" and options.text == "-":
        raise Fault("standard input (-) can be read only once: name a file for the others")
    gvl = None if options.gvl is None else read_gvl(options.gvl)
    text, notes = _plain(read_text() if options.text == "-" else options.text)
    try:
        format, found = recognise(text)
    except DecodeError as refused:
        place = f" (character {refused.offset + 1})" if refused.offset else ""
        raise Fault(f"{refused}{place} [{refused.code}]") from None
    shown = found.to_dict()
    opaque = {name: getattr(found, name) for name in ("did", "ouid", "signature")
              if format.name == "dcs"}  # fmt: skip
    warnings = [{"code": code, "message": words(code)} for code in found.warnings]
    names = {} if gvl is None else _names(gvl, shown)
    if options.json:
        result: dict[str, Any] = {"format": format.name, "decoded": shown, **opaque}
        result.update(warnings=warnings, notes=notes)
        if gvl is not None:
            result["vendors"] = {str(id): name for id, name in names.items()}
        screen.json(result)
        return 0
    screen.heading(format.title)
    screen.table([*_tree({**shown, **opaque}, names, 0)])
    if warnings or notes:
        screen.write("")
        rows = [("note", "-", note) for note in notes]
        rows += [("warning", warning["code"], warning["message"]) for warning in warnings]
        screen.table(rows, ("SEVERITY", "CODE", "ABOUT THE STRING"))
    return 0


def _plain(text: str) -> tuple[str, list[str]]:
    """The text without what came from pasting, and what that was."""
    notes = []
    bare = text.strip()
    if len(bare) >= 2 and bare[0] == bare[-1] and bare[0] in "\"'":
        bare = bare[1:-1].strip()
        notes.append("quotes round the text were taken away")
    elif bare != text:
        notes.append("blanks round the text were taken away")
    times = 0
    while times < _UNQUOTED and is_escaped(bare):
        bare = unquote(bare).strip()
        times += 1
    if times:
        again = "" if times == 1 else f" {times} times over"
        notes.append(f"the text was percent-encoded{again}: decode it before it is used")
    return bare, notes


# ------------------------------------------------------------------------ the tree


def _tree(node: dict[str, Any], names: dict[int, str], depth: int) -> Iterator[tuple[str, str]]:
    """Rows of label and value. What a string holds is nested four levels deep at most."""
    for key, value in node.items():
        if key in ("raw", "warnings"):
            continue
        label = "  " * depth + key.removesuffix("_ds")
        if isinstance(value, dict) and "ids" in value:
            yield label, _set_text(value)
            yield from _named(value["ids"], names, depth + 1)
        elif isinstance(value, dict):
            yield label, ""
            yield from _tree(value, names, depth + 1)
        elif key in _SETS and isinstance(value, str):
            yield label, value or "none"
            yield from _named(value, names, depth + 1)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield label, ""
            for item in value:
                yield from _item(item, names, depth + 1)
        else:
            yield label, _value(key, value)


def _item(item: dict[str, Any], names: dict[int, str], depth: int) -> Iterator[tuple[str, str]]:
    """An entry of a list: a section of a GPP string, a publisher's restriction."""
    margin = "  " * depth
    if "raw" in item:
        state = f"cannot be read: {fault(item['error'])}" if "error" in item else ""
        if not state and item.get("decoded") is None:
            state = item["raw"]
        yield f"{margin}{item['name'] or 'unknown'} ({item['id']})", state
        if isinstance(item.get("decoded"), dict):
            yield from _tree(item["decoded"], names, depth + 1)
        for code in item["warnings"]:
            yield f"{margin}  warning", words(code)
        return
    kind = item.get("type", item.get("restriction_type"))
    told = _TYPES[kind] if isinstance(kind, int) and kind < len(_TYPES) else str(kind)
    purpose = item.get("purpose", item.get("purpose_id"))
    ids = item.get("ids", item.get("vendors", ""))
    ids = ids.get("ids", "") if isinstance(ids, dict) else ids
    yield f"{margin}purpose {purpose}", f"{told}: {ids if isinstance(ids, str) else ranges(ids)}"
    yield from _named(ids, names, depth + 1)


def _set_text(value: dict[str, Any]) -> str:
    ids = value["ids"] if isinstance(value["ids"], str) else ranges(value["ids"])
    count = value.get("count")
    return f"{ids or 'none'}{'' if count is None or not ids else f'  ({count} in all)'}"


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "-"
    if isinstance(value, int) and key.endswith("_ds"):
        return date(value)
    if isinstance(value, list):
        numbers = all(type(item) is int for item in value)
        plain = ranges(value) if numbers and key not in _KEPT else ", ".join(map(str, value))
        return plain or "none"
    return str(value)


# Sets of vendors that are a text, in section tcfcav1 of GPP strings.
_SETS = frozenset(("vendor_express_consent", "vendor_implied_consent", "disclosed_vendors"))
# Lists whose places have a meaning: they are shown as they are.
_KEPT = frozenset(("SensitiveDataProcessing", "KnownChildSensitiveDataConsents", "segments"))


def date(tenths: int) -> str:
    """A day, or a moment where the string has one; UTC."""
    moment = _EPOCH + timedelta(milliseconds=100 * tenths)
    if tenths % 864_000 == 0:
        return f"{moment:%Y-%m-%d}"
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ranges(ids: list[int]) -> str:
    """`1-5,8` for a list of ids in any order."""
    runs: list[list[int]] = []
    for id in sorted(ids):
        if runs and id <= runs[-1][1] + 1:
            runs[-1][1] = id
        else:
            runs.append([id, id])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs)


# ------------------------------------------------------------------- vendor names


def _listed(ids: str | list[int]) -> Iterator[int]:
    """The ids of a text such as `1-5,8`."""
    if not isinstance(ids, str):
        yield from ids
        return
    for run in filter(None, ids.split(",")):
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _named(ids: str | list[int], names: dict[int, str], depth: int) -> Iterator[tuple[str, str]]:
    if names:
        for id in _listed(ids):
            if id in names:
                yield "  " * depth + str(id), names[id]


def _names(gvl: GlobalVendorList, node: Any) -> dict[int, str]:
    """Names of the vendors of the list that a string mentions."""
    texts: list[Any] = []
    _sets(node, texts)
    mentioned = {id for ids in texts for id in _listed(ids)}
    return {id: vendor.name for id, vendor in sorted(gvl.vendors.items()) if id in mentioned}


def _sets(node: Any, found: list[Any]) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("ids"), (str, list)):
            found.append(node["ids"])
        elif isinstance(node.get("vendors"), (str, list)):
            found.append(node["vendors"])
        found.extend(node[key] for key in _SETS & node.keys() if isinstance(node[key], str))
        for value in node.values():
            _sets(value, found)
    elif isinstance(node, list) and node and isinstance(node[0], dict):
        for value in node:
            _sets(value, found)
