"""Why a tag may run or not, step by step."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._core import Step

_MARK = {True: "+", False: "-"}


class Explanation:
    """The steps that led to a verdict of `Status.allows`.

    `allowed` is the verdict, `reason` a stable code, `steps` a tuple of Step. The text, `str()`,
    is for people and may change between versions.
    """

    __slots__ = ("allowed", "reason", "steps")

    allowed: bool
    reason: str
    steps: tuple[Step, ...]

    def __init__(self, allowed: bool, reason: str, steps: Iterable[Step]) -> None:
        object.__setattr__(self, "allowed", allowed)
        object.__setattr__(self, "reason", reason)
        object.__setattr__(self, "steps", tuple(steps))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an Explanation cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("an Explanation cannot be changed")

    def __reduce__(self) -> tuple[type[Explanation], tuple[bool, str, tuple[Step, ...]]]:
        return type(self), (self.allowed, self.reason, self.steps)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Explanation):
            return NotImplemented
        return (self.allowed, self.reason, self.steps) == (other.allowed, other.reason, other.steps)

    def __hash__(self) -> int:
        return hash((self.allowed, self.reason, self.steps))

    def __repr__(self) -> str:
        return f"<consentpy.Explanation allowed={self.allowed} reason={self.reason}>"

    def __str__(self) -> str:
        lines = [_verdict(self)]
        lines += [f"  {_MARK[step.passed]} {_label(step)}: {step.text}" for step in self.steps]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{_MARK[step.passed]}</td><td>{escape(_label(step))}</td>"
            f"<td>{escape(step.result)}</td><td>{escape(step.text)}</td></tr>"
            for step in self.steps
        )
        return f"<p><b>{escape(_verdict(self))}</b></p><table>{rows}</table>"

    def to_dict(self) -> dict[str, Any]:
        """Plain values: allowed, reason, and the steps as dicts."""
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
                }
                for step in self.steps
            ],
        }


def _verdict(why: Explanation) -> str:
    verdict = "allowed" if why.allowed else "not allowed"
    return verdict if why.reason == verdict else f"{verdict}: {why.reason}"


def _label(step: Step) -> str:
    parts = [step.step]
    if step.subject is not None:
        parts.append(step.subject)
    if step.basis is not None:
        parts.append(f"({step.basis.replace('_', ' ')})")
    return " ".join(parts)
