"""Why a tag may run or not, step by step, and what would change that."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._core import Setting, Step

    Change = Mapping[str, Mapping[str, bool]]

_MARK = {True: "+", False: "-"}
_SHOWN = 60  # characters of a value in a text for people
_ON = {
    "purposes": "purpose",
    "vendors": "vendor",
    "purposes_li": "legitimate interest of the purpose",
    "vendors_li": "legitimate interest of the vendor",
}


class Explanation:
    """The steps that led to a verdict of `Status.allows`.

    `allowed` is the verdict, `reason` a stable code, `steps` a tuple of Step. `would_allow` are
    the smallest keyword arguments of `Status.set` that lead to a permission, at the moment that
    the status was made for: None where there is one already, and where no answer of the visitor
    leads to it; empty where any answer does (R5 with "reset"). The text, `str()`, is for people
    and may change between versions.
    """

    __slots__ = ("_change", "allowed", "reason", "steps")

    allowed: bool
    reason: str
    steps: tuple[Step, ...]
    _change: tuple[tuple[str, tuple[str, ...]], ...] | None

    def __init__(
        self,
        allowed: bool,
        reason: str,
        steps: Iterable[Step],
        would_allow: Change | None = None,
    ) -> None:
        change = None
        if would_allow is not None:
            change = tuple((name, tuple(ids)) for name, ids in would_allow.items())
        object.__setattr__(self, "allowed", allowed)
        object.__setattr__(self, "reason", reason)
        object.__setattr__(self, "steps", tuple(steps))
        object.__setattr__(self, "_change", change)

    @property
    def would_allow(self) -> dict[str, dict[str, bool]] | None:
        """Keyword arguments for `Status.set`, in a new dict, or None."""
        if self._change is None:
            return None
        return {name: dict.fromkeys(ids, True) for name, ids in self._change}

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The configuration entries of all steps, in order, each once."""
        return tuple({entry.path: entry for step in self.steps for entry in step.settings}.values())

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an Explanation cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("an Explanation cannot be changed")

    def __reduce__(
        self,
    ) -> tuple[type[Explanation], tuple[bool, str, tuple[Step, ...], Change | None]]:
        return type(self), (self.allowed, self.reason, self.steps, self.would_allow)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Explanation):
            return NotImplemented
        return (self.allowed, self.reason, self.steps, self._change) == (
            other.allowed,
            other.reason,
            other.steps,
            other._change,
        )

    def __hash__(self) -> int:
        # the values of settings may be lists, which have no hash
        steps = tuple((step.step, step.subject, step.basis, step.result) for step in self.steps)
        return hash((self.allowed, self.reason, steps, self._change))

    def __repr__(self) -> str:
        return f"<consentpy.Explanation allowed={self.allowed} reason={self.reason}>"

    def __str__(self) -> str:
        lines = [verdict(self)]
        lines += [f"  {_MARK[step.passed]} {_label(step)}: {step.text}" for step in self.steps]
        if self.settings:
            lines.append("configuration:")
            lines += [f"  {e.path} = {short(e.value)} [{place(e)}]" for e in self.settings]
        if self._change is not None:
            lines.append(advice(self))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{_MARK[step.passed]}</td><td>{escape(_label(step))}</td>"
            f"<td>{escape(step.result)}</td><td>{escape(step.text)}</td></tr>"
            for step in self.steps
        )
        entries = "".join(
            f"<tr><td>{escape(e.path)}</td><td>{escape(short(e.value))}</td>"
            f"<td>{escape(place(e))}</td></tr>"
            for e in self.settings
        )
        last = f"<p>{escape(advice(self))}</p>" if self._change is not None else ""
        return (
            f"<p><b>{escape(verdict(self))}</b></p><table>{rows}</table>"
            f"<table>{entries}</table>{last}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values: allowed, reason, the steps as dicts, and would_allow."""
        return {
            "allowed": self.allowed,
            "reason": self.reason,
            "steps": [
                {
                    "step": step.step,
                    "subject": step.subject,
                    "basis": step.basis,
                    "result": step.result,
                    "text": step.text,
                    "passed": step.passed,
                    "settings": [
                        {
                            "path": entry.path,
                            "value": entry.value,
                            "layer": entry.layer,
                            "line": entry.line,
                            "column": entry.column,
                        }
                        for entry in step.settings
                    ],
                }
                for step in self.steps
            ],
            "would_allow": self.would_allow,
        }


def verdict(why: Explanation) -> str:
    """`allowed`, or `not allowed: no-choice`."""
    word = "allowed" if why.allowed else "not allowed"
    return word if why.reason == word else f"{word}: {why.reason}"


def short(value: object) -> str:
    """A value of the configuration as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def place(entry: Setting) -> str:
    """`layer1:12`, or the layer alone."""
    return entry.layer if entry.line is None else f"{entry.layer}:{entry.line}"


def advice(why: Explanation) -> str:
    """What the visitor would have to agree to, where there is such an answer."""
    if not why._change:
        return "would be allowed once the visitor has answered for what was added"
    parts = [
        f"the {_ON[name]}{'s' if len(ids) > 1 else ''} {', '.join(ids)}"
        for name, ids in why._change
    ]
    return f"would be allowed if the visitor agreed to {' and '.join(parts)}"


def _label(step: Step) -> str:
    parts = [step.step]
    if step.subject is not None:
        parts.append(step.subject)
    if step.basis is not None:
        parts.append(f"({step.basis.replace('_', ' ')})")
    return " ".join(parts)
