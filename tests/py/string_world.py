"""Visitors with consent strings: builders of the strings, the notices they meet, and a browser's jar.

Strings are written by the package's own writers, whose suites hold them to the bit tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from vendor_lists import GVL, page

import consentpy as cp
from helpers import NOW, TCF_PURPOSES, USER_ID, ago, fields, full, iso, pack, plain_merge, vendor

#: A day as a TC string has it: midnight UTC, `days` before the visit.
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
YEAR = 31_622_400
EVERY = tuple(range(1, 12))
#: Purposes that may stand on legitimate interest from policy 4 on.
ON_LI = (2, 7, 8, 9, 10, 11)
TC_NAME = "euconsent-v2"


def day(days: float = 1) -> datetime:
    return MIDNIGHT - timedelta(days=days)


def tc(
    purposes: Iterable[int] = (),
    vendors: Iterable[int] | str = "",
    *,
    li: Iterable[int] = (),
    vendors_li: Iterable[int] | str = "",
    cmp: int = 7,
    days: float = 1,
    policy: int = 5,
    disclosed: Iterable[int] | str | None = None,
    **more: Any,
) -> str:
    """A TC string of yesterday by Didomi's CMP, minimal and strictly readable."""
    text = cp.tcf.encode(
        {
            "created_ds": day(days),
            "last_updated_ds": day(days),
            "cmp_id": cmp,
            "vendor_list_version": 106,
            "policy_version": policy,
            "purpose_consents": list(purposes),
            "purpose_legitimate_interests": list(li),
            "vendor_consents": vendors,
            "vendor_legitimate_interests": vendors_li,
            "disclosed_vendors": disclosed,
            **more,
        }
    )
    cp.tcf.decode(text, strict=True)
    return text


def agreed(**more: Any) -> str:
    """A TC string that agrees to every purpose and to vendors 1 to 300, on each possible basis."""
    given: dict[str, Any] = {
        "purposes": EVERY,
        "vendors": "1-300",
        "li": ON_LI,
        "vendors_li": "1-300",
        **more,
    }
    return tc(**given)


def nothing(**more: Any) -> str:
    """A TC string that knows vendors 1 to 300 and agrees to nothing."""
    return tc(**{"vendors": [300], **more})


def ids(*numbers: int) -> tuple[str, ...]:
    """Text ids of purposes by number."""
    return tuple(TCF_PURPOSES[n - 1] for n in numbers)


#: Own vendors: with a purpose of the site, with one of the TCF, on legitimate interest.
OWN = [
    vendor("own", ["p1"]),
    vendor("ads", ["cookies"]),
    vendor("counts", [], ["market_research"]),
]


def notice_of(iab: Any = (2, 28, 30), custom: Any = OWN, **more: Any) -> dict[str, Any]:
    """A configuration with vendors of the list and of the site. Members of `more` are merged over."""
    listed = list(iab) if isinstance(iab, tuple) else iab
    return plain_merge(plain_merge(full(custom), page(listed)), more)


def config_of(*layers: Mapping[str, Any], catalog: Any = None, gvl: Any = GVL) -> cp.Config:
    return cp.Config(*(layers or (notice_of(),)), gvl=gvl, catalog=catalog)


def visit(
    config: cp.Config | Mapping[str, Any] | None = None,
    tc: str | None = None,
    token: Mapping[str, Any] | str | None = None,
    *,
    dcs: str | None = None,
    cookies: Mapping[str, str] | str | bytes | None = None,
    country: str | None = "FR",
    region: str | None = None,
    now: datetime = NOW,
    **options: Any,
) -> cp.Status:
    """The status of one visitor. `token`: a cookie value or the JSON object's lists."""
    if not isinstance(config, cp.Config):
        config = config_of(*([] if config is None else [config]))
    if cookies is None:
        sent = {TC_NAME: tc, "didomi_dcs": dcs}
        if token is not None:
            sent["didomi_token"] = token if isinstance(token, str) else pack(fields(token, now))
        cookies = {name: value for name, value in sent.items() if value is not None}
    return config.notice(country, region, cookies).status(cookies, now=now, **options)


def cookie_of(lists: Mapping[str, Any], **more: Any) -> str:
    """A token whose vendor ids stay as they are given."""
    return pack({**fields(), **lists, **more})


def codes(status: cp.Status) -> set[str]:
    return {one.code for one in status.diagnostics}


# ------------------------------------------------------------------------------- DCS

#: Numbers of the ids below; `bare` and `p9` have none, `ads` has one of its own in the notice.
NUMBERS: dict[str, Any] = {
    "vendors": {"own": {"num": 11}, "counts": {"num": 37_975}, "google": {"num": 2, "purposes": ["cookies"]}},
    "purposes": {
        "p1": {"num": 101},
        "p2": {"num": 16_800},
        "cookies": {"num": 1},
        "market_research": {"num": 9},
        "geolocation_data": {"num": 31},
    },
    "regulations": {"cpra": 4, "cpa": 5},
}  # fmt: skip


def section(enabled: Iterable[int] = (), disabled: Iterable[int] = ()) -> dict[str, Any]:
    return {"enabled": sorted(enabled), "disabled": sorted(disabled)}


def dcs(
    purposes: tuple[Iterable[int], Iterable[int]] = ((), ()),
    vendors: tuple[Iterable[int], Iterable[int]] = ((), ()),
    purposes_li: tuple[Iterable[int], Iterable[int]] = ((), ()),
    vendors_li: tuple[Iterable[int], Iterable[int]] = ((), ()),
    *,
    age: float = 3600,
    created: float | None = None,
    law: int = 1,
    version: int = 2,
    user: str = USER_ID,
    now: datetime = NOW,
    **more: Any,
) -> str:
    """A DCS of version 2 for the GDPR, an hour old; each section is (enabled, disabled)."""
    given: dict[str, Any] = {
        "version": version,
        "user_id": user,
        "created": ago(age if created is None else created, now),
        "updated": ago(age, now),
        "regulation_id": law,
        "sync": None,
        "purposes_optin": section(*purposes),
        "purposes_optout": section(*purposes_li),
        "vendors_optin": section(*vendors),
        "vendors_optout": section(*vendors_li),
        **more,
    }
    if version == 1:
        del given["regulation_id"]
    return cp.dcs.encode(given)


# ----------------------------------------------------------------------------- a browser


class Jar:
    """What a browser keeps of cookies, by name: it sends all of them with the next visit."""

    def __init__(self, cookies: Mapping[str, str] | None = None) -> None:
        self.cookies = dict(cookies or {})

    def take(self, status: cp.Status) -> Jar:
        """The jar after an answer with the status's cookies."""
        after = Jar(self.cookies)
        for one in status.cookies():
            if one.max_age <= 0:
                after.cookies.pop(one.name, None)
            else:
                after.cookies[one.name] = one.value
        return after

    def visit(
        self,
        config: cp.Config,
        country: str = "FR",
        region: str | None = None,
        now: datetime = NOW,
    ) -> cp.Status:
        return visit(config, cookies=self.cookies, country=country, region=region, now=now)


def verdicts(status: cp.Status) -> dict[str, bool]:
    """What may run: every vendor and every purpose of the notice."""
    found = {f"v:{v.id}": status.allows(v.id) for v in status.notice.vendors}
    found.update({f"p:{p.id}": status.allows(purposes=[p.id]) for p in status.notice.purposes})
    return found


def answers(status: cp.Status) -> dict[str, Any]:
    """All tri-states of a status."""
    found: dict[str, Any] = {}
    for on_li in (False, True):
        for v in status.notice.vendors:
            found[f"v:{v.id}:{on_li}"] = status.vendor(v.id, on_li)
        for p in status.notice.purposes:
            found[f"p:{p.id}:{on_li}"] = status.purpose(p.id, on_li)
    return found


def midnight_text(days: float = 1) -> str:
    """The day of a string in the spelling of a token."""
    return iso(day(days))
