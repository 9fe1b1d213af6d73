"""The browser's rules where consent strings are, from the reference alone (docs/didomi.md).

A string comes in as the plain mapping that it was made of, never decoded. A DCS is the token
that its numbers stand for; a TC string takes the place of everything that a token says about
purposes 1 to 11 and vendors of the list. Both then go through the rules of `oracle.py`.

The browser is taken to know every number of a DCS, and to read what its library reads: a string
that is only a little wrong, and one that is not service specific.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oracle import Browser, Json, moment

from helpers import TCF_PURPOSES

#: Never on legitimate interest: purpose 1 at all, 3 to 6 from policy 4 on (docs/strings.md).
NEVER_ON_LI = (1, 3, 4, 5, 6)


@dataclass(frozen=True)
class TC:
    """What a TC string was made of. `readable`: the browser's library reads it."""

    purposes: frozenset[int] = frozenset()
    purposes_li: frozenset[int] = frozenset()
    vendors: frozenset[int] = frozenset()
    vendors_li: frozenset[int] = frozenset()
    updated: str = ""
    created: str = ""
    cmp: int = 7
    policy: int = 5
    readable: bool = True


@dataclass(frozen=True)
class DCS:
    """The token that a DCS stands for, and the law it names; None where it cannot be read."""

    token: Json | None
    law: str = "gdpr"


class BrowserWithStrings(Browser):
    """What the SDK would let run for a visitor whose browser has strings.

    `tcs` and `dcss`: all that were sent under the names that this visitor's notice looks at.
    Which of several the browser takes is not documented: a tag runs only if it would with each.
    """

    def __init__(
        self, *visit: Any, tcs: Sequence[TC] = (), dcss: Sequence[DCS] = (), **more: Any
    ) -> None:
        self.tcs, self.dcss = tcs, dcss
        super().__init__(*visit, **more)

    def combined(self, tokens: Sequence[Json]) -> Sequence[Json]:
        stores = self.config.get("cookies", {}).get("storageSources", {}).get("cookies")
        if stores is False:
            return tokens
        # under no law the plain cookie is looked at, which is the opt-in law's
        law = "gdpr" if self.law.id == "none" else self.law.id
        read = [one.token for one in self.dcss if one.token is not None and one.law == law]
        if read and tokens:
            tokens = [later(token, string) for token in tokens for string in read]
        elif read:
            tokens = read
        if self.law.group != "optin":
            return tokens
        strings = [one for one in self.tcs if one.readable and self.trusted(one)]
        if not strings:
            return [self.without_listed(token) for token in tokens]
        if not tokens:
            return [self.over(None, string) for string in strings]
        return [self.over(token, string) for token in tokens for string in strings]

    def trusted(self, string: TC) -> bool:
        """The SDK takes its own CMP's strings; our options may name others."""
        own = self.config.get("consentpy", {})
        cmps = own.get("cmpIds", [7])
        return cmps == "any" or string.cmp in [*cmps, own.get("cmpId")]

    def without_listed(self, token: Json) -> Json:
        """Vendors of the list are never in a token (section 8)."""
        return split(
            token, lambda field, one: not ("vendors" in field and one in self.notice.listed)
        )

    def over(self, token: Json | None, string: TC) -> Json:
        """Section 9: the string has the last word on what it holds, and its day without a token."""
        kept = split(token or {}, lambda field, one: one not in self.notice.listed
                     and not ("purposes" in field and one in TCF_PURPOSES))  # fmt: skip
        out = {
            key: dict(value) if isinstance(value, Mapping) else value for key, value in kept.items()
        }
        if token is None:
            out.update(updated=string.updated, created=string.created)
        possible = [
            n for n in range(1, 12) if not (n == 1 or (n in NEVER_ON_LI and string.policy >= 4))
        ]
        said = {
            "purposes": {p: n in string.purposes for n, p in enumerate(TCF_PURPOSES, 1)},
            "purposes_li": {
                p: n in string.purposes_li and n in possible for n, p in enumerate(TCF_PURPOSES, 1)
            },
            "vendors": {v: int(v) in string.vendors for v in self.notice.listed},
            "vendors_li": {v: int(v) in string.vendors_li for v in self.notice.listed},
        }
        for field, ids in said.items():
            for side, wanted in (("enabled", True), ("disabled", False)):
                listed = [one for one, given in ids.items() if given is wanted]
                sides = dict(out.get(field, {}))
                sides[side] = [*sides.get(side, []), *listed]
                out[field] = sides
        return out


def later(token: Json, string: Json) -> Json:
    """The one of both that was updated later; on a tie the string (section 7.3)."""
    one, two = moment(token.get("updated")), moment(string["updated"])
    assert two is not None
    return token if one is not None and one > two else string


def split(token: Json, keep: Any) -> Json:
    """The token with those ids of its lists that are to be kept."""
    out: dict[str, Any] = {}
    for key, value in token.items():
        if isinstance(value, Mapping):
            out[key] = {side: [one for one in ids if keep(key, one)] for side, ids in value.items()}
        else:
            out[key] = value
    return out
