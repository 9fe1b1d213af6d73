"""Made-up Global Vendor Lists, and notices that take vendors from them.

Companies and addresses are inventions; the shape is that of the real lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import consentpy as cp
from helpers import TCF_PURPOSES

#: Deleted in the made-up list.
GONE = 40


def listed(
    id: int,
    purposes: Iterable[int] = (1, 2),
    li: Iterable[int] = (),
    *,
    flexible: Iterable[int] = (),
    special: Iterable[int] = (),
    features: Iterable[int] = (),
    **more: Any,
) -> dict[str, Any]:
    """A vendor as version 3 of the format has it; `features` are special ones."""
    return {
        "id": id,
        "name": f"Company {id}",
        "purposes": list(purposes),
        "legIntPurposes": list(li),
        "flexiblePurposes": list(flexible),
        "specialPurposes": list(special),
        "features": [],
        "specialFeatures": list(features),
        "cookieMaxAgeSeconds": 63_072_000_000,
        "usesCookies": True,
        "cookieRefresh": False,
        "usesNonCookieAccess": False,
        "urls": [
            {"langId": "fr", "privacy": f"https://company{id}.example/fr"},
            {"langId": "en", "privacy": f"https://company{id}.example/en"},
        ],
        **more,
    }


def vendor_list(*vendors: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A list of these vendors, or of the usual ones."""
    chosen = vendors or (
        listed(1, [1, 3], [2, 7], flexible=[2, 7]),
        listed(2, [1, 2, 7]),
        listed(9, [1], [10], special=[1, 2], features=[1, 2]),
        listed(28, [1, 2, 7]),
        listed(30, [], [2, 7], flexible=[7]),
        listed(GONE, deletedDate="2024-06-11T00:00:00Z"),
        listed(56, [], [], special=[1, 2]),
        listed(57, [], [], special=[2], features=[2]),
        listed(217, [1, 2, 12]),
        listed(755, [1, 3, 4], [2, 7, 9, 10], flexible=[2, 7, 9, 10], special=[1, 2, 3]),
    )
    return {
        "gvlSpecificationVersion": 3,
        "vendorListVersion": 106,
        "tcfPolicyVersion": 5,
        "lastUpdated": "2026-01-15T16:00:00Z",
        "purposes": {
            str(n): {"id": n, "name": f"Purpose {n}", "description": f"About {id}."}
            for n, id in enumerate(TCF_PURPOSES, 1)
        },
        "vendors": {str(vendor["id"]): dict(vendor) for vendor in chosen},
        **more,
    }


GVL = cp.GlobalVendorList(vendor_list())


def page(iab: Any = None, **vendors: Any) -> dict[str, Any]:
    """A configuration with `app.vendors.iab` and other members of `app.vendors`."""
    return {"app": {"vendors": {**vendors, **({} if iab is None else {"iab": iab})}}}


def restriction(
    type: str, purpose: str, vendors: Iterable[int] | str | Mapping[str, Any] = "all", id: str = "r"
) -> dict[str, Any]:
    """One publisher restriction; `vendors`: `all`, numbers, or the object itself."""
    if vendors == "all":
        whom: Any = {"type": "all"}
    elif isinstance(vendors, Mapping):
        whom = vendors
    else:
        whom = {"type": "list", "ids": list(vendors)}
    return {"id": id, "purposeId": purpose, "vendors": whom, "restrictionType": type}


def vendors_of(
    config: Mapping[str, Any] | cp.Config, gvl: Any = GVL, country: str = "FR", **options: Any
) -> dict[Any, cp.Vendor]:
    """The vendors of a notice by number in the list, or by id where they have none."""
    if not isinstance(config, cp.Config):
        config = cp.Config(config, gvl=gvl, **options)
    return {v.iab_id or v.id: v for v in config.notice(country).vendors}
