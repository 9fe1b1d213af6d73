"""What was asked of the consent while something was made, for caches inside of a framework.

They keep a value under a key of the site's own. Where something was asked while the value was made,
it is one visitor's, unless the key has the text of `consent.key()` in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_plus

import consentpy as cp

from . import lazy
from .headers import CONDITIONAL
from .place import EnvironCarrier


class _Order(dict[cp.Gate, None]):
    """The gates that were asked for, and each question in its order."""

    def __init__(self, before: Iterable[cp.Gate]) -> None:
        super().__init__(dict.fromkeys(before))
        self.order: list[cp.Gate] = []

    def __setitem__(self, gate: cp.Gate, value: None) -> None:
        self.order.append(gate)
        super().__setitem__(gate, value)


class Mark(NamedTuple):
    """A moment of a request, by the questions before it."""

    gates: int
    broad: int


class WatchedConsent(lazy.Consent):
    """A stand-in that can tell what was asked since a moment."""

    #: Texts of keys that were asked for, with their gates; None for a key of everything.
    _keys: dict[str, frozenset[cp.Gate] | None] | None = None

    def _key(self, gates: Iterable[cp.Gate] | None) -> str:
        asked = None if gates is None else tuple(gates)
        text = super()._key(asked)
        if self._keys is None:
            self._keys = {}
        if asked is None:
            self._keys[text] = None
        else:  # a text may be that of other gates too
            of = self._keys.setdefault(text, frozenset(asked))
            self._keys[text] = of and of.intersection(asked)
        return text

    def _was_asked(self) -> bool:
        """Whether anything was asked, in time or too late."""
        return self._status is not None or self._broad > 0

    def _mark(self) -> Mark:
        """Now."""
        gates = self._gates
        if not isinstance(gates, _Order):
            gates = self._gates = _Order(gates)
        return Mark(len(gates.order), self._broad)

    def _may_keep(self, mark: Mark | None, key: str) -> bool:
        """Whether what was made since `mark`, or in the whole request, may be kept under `key`."""
        gates = self._gates
        if mark is None or not isinstance(gates, _Order):
            questions, is_broad = frozenset(gates), self._broad > 0
        else:
            questions, is_broad = frozenset(gates.order[mark.gates :]), self._broad > mark.broad
        if not questions and not is_broad:
            return True
        return any(
            text in key
            and (of is None or (not is_broad and questions <= of))
            and not self._is_sent(text)
            for text, of in (self._keys or {}).items()
        )

    def _is_sent(self, text: str) -> bool:
        """Whether the visitor may have put it into a key: it is no secret, and an address with it
        could be given to others."""
        carrier = self._carrier
        if carrier.method not in CONDITIONAL or not isinstance(carrier, EnvironCarrier):
            return True
        return any(text in unquote_plus(value) for value in carrier.texts())
