"""TC strings of the Transparency and Consent Framework, version 2 (TCF 2.0 to 2.3).

A Status reads them without this module; use it to look at a string, or to write one in a test.
This project is not a registered CMP: what it writes for others to believe is the site's own doing.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ._core import PublisherTC, Restriction, TCString, VendorSet, tcf_encode, tcf_ids
from ._core import tcf_decode as decode
from ._core import tcf_mask as _mask
from .errors import ConsentError

__all__ = ["PublisherTC", "Restriction", "TCString", "VendorSet", "decode", "encode"]

_SEGMENTS = ("core", "disclosed_vendors", "allowed_vendors", "publisher_tc")
_MAX_ID = 65535
_PURPOSES = 24
_UNLISTED = 4095  # ids that are told of a restriction where no list says how many there are
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# What a dict may leave out. The others: created_ds, cmp_id, vendor_list_version.
_DEFAULTS: dict[str, Any] = {
    "version": 2,
    "cmp_version": 1,
    "consent_screen": 0,
    "consent_language": "EN",
    "policy_version": 5,
    "is_service_specific": True,
    "use_non_standard_texts": False,
    "special_feature_optins": (),
    "purpose_consents": (),
    "purpose_legitimate_interests": (),
    "purpose_one_treatment": False,
    "publisher_cc": "AA",
    "vendor_consents": "",
    "vendor_legitimate_interests": "",
    "publisher_restrictions": (),
    "disclosed_vendors": None,
    "allowed_vendors": None,
    "publisher_tc": None,
    "segments": _SEGMENTS,
}
_KNOWN = {*_DEFAULTS, "created_ds", "last_updated_ds", "cmp_id", "vendor_list_version"}
_KNOWN |= {"num_pub_restrictions"}  # of to_dict(): what is written says how many there are


def encode(tc: TCString | Mapping[str, Any]) -> str:
    """The minimal TC string of a TCString, or of a dict as `TCString.to_dict()` makes them.

    Vendors may be a VendorSet, such a dict, a text such as "1-5,8" or an iterable of ids; dates
    tenths of a second since 1970 or aware datetimes. `created_ds`, `cmp_id` and
    `vendor_list_version` have to be there; `last_updated_ds` is `created_ds` where it is missing.
    Each set takes its smaller form, restrictions are merged, every segment is padded to 24 bits.
    ConsentError says which field cannot be written.
    """
    if isinstance(tc, TCString):
        return tcf_encode(tc)
    if not isinstance(tc, Mapping):
        raise TypeError(f"a TC string is a TCString or a mapping, not {type(tc).__name__}")
    return tcf_encode(_parts(tc))


def _parts(tc: Mapping[str, Any]) -> tuple[Any, ...]:
    if not _KNOWN.issuperset(tc):
        unknown = next(str(key) for key in tc if key not in _KNOWN)
        raise ConsentError(f"{unknown}: a TC string has no such field: remove it")
    _number("version", tc.get("version", 2), 2, 2)
    for name in ("created_ds", "cmp_id", "vendor_list_version"):
        if name not in tc:
            raise ConsentError(f"{name}: every TC string has one: add it")
    given = {**_DEFAULTS, **tc}
    created = _date("created_ds", given["created_ds"])
    publisher = _publisher("publisher_tc", given["publisher_tc"])
    disclosed, allowed = given["disclosed_vendors"], given["allowed_vendors"]
    return (
        created,
        _date("last_updated_ds", given["last_updated_ds"]) if "last_updated_ds" in tc else created,
        _number("cmp_id", given["cmp_id"], 4095),
        _number("cmp_version", given["cmp_version"], 4095),
        _number("consent_screen", given["consent_screen"], 63),
        _letters("consent_language", given["consent_language"]),
        _number("vendor_list_version", given["vendor_list_version"], 4095),
        _number("policy_version", given["policy_version"], 63),
        _flag("is_service_specific", given["is_service_specific"]),
        _flag("use_non_standard_texts", given["use_non_standard_texts"]),
        _mask("special_feature_optins", given["special_feature_optins"], 12),
        _mask("purpose_consents", given["purpose_consents"], _PURPOSES),
        _mask("purpose_legitimate_interests", given["purpose_legitimate_interests"], _PURPOSES),
        _flag("purpose_one_treatment", given["purpose_one_treatment"]),
        _letters("publisher_cc", given["publisher_cc"]),
        _vendors("vendor_consents", given["vendor_consents"]),
        _vendors("vendor_legitimate_interests", given["vendor_legitimate_interests"]),
        _restrictions("publisher_restrictions", given["publisher_restrictions"]),
        None if disclosed is None else _vendors("disclosed_vendors", disclosed),
        None if allowed is None else _vendors("allowed_vendors", allowed),
        publisher,
        _order("segments", given["segments"]),
    )


def _number(name: str, value: Any, most: int, least: int = 0) -> int:
    if type(value) is int and least <= value <= most:
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is an int, not {type(value).__name__}")
    if not least <= value <= most:
        raise ConsentError(f"{name}: {value} has no room: give {least} to {most}")
    return value


def _flag(name: str, value: Any) -> int:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is a bool, not {type(value).__name__}")
    return int(value)


def _date(name: str, value: Any) -> int:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise TypeError(f"{name} has no time zone: give an aware datetime")
        value = (value - _EPOCH) // timedelta(milliseconds=100)
    return _number(name, value, 2**36 - 1)


def _letters(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} is a str, not {type(value).__name__}")
    if len(value) != 2 or not (value.isascii() and value.isalpha() and value.isupper()):
        raise ConsentError(f"{name}: {value[:20]!r} is not two capital letters: write such as 'EN'")
    return value


def _vendors(name: str, value: Any) -> VendorSet | bytes:
    if isinstance(value, VendorSet):
        return value
    if isinstance(value, Mapping):
        value = value.get("ids", "")
        if isinstance(value, Mapping):
            raise TypeError(f"{name} is a set of ids, not {type(value).__name__}")
        if isinstance(value, VendorSet):
            return value
    return _pairs(_ranges(name, value)) if isinstance(value, str) else tcf_ids(name, value)


def _runs(name: str, value: Any) -> bytes:
    """The ids of a restriction."""
    if isinstance(value, Mapping):
        raise TypeError(f"{name} is a set of ids, not {type(value).__name__}")
    vendors = _vendors(name, value)
    return vendors if isinstance(vendors, bytes) else _pairs(vendors.ranges())


def _pairs(ranges: Iterable[tuple[int, int]]) -> bytes:
    """Pairs of first and last as native 16-bit numbers, in any order."""
    runs = array("H")
    for pair in ranges:
        runs.extend(pair)
    return runs.tobytes()


def _ranges(name: str, text: str) -> Iterator[tuple[int, int]]:
    for item in text.split(",") if text else ():
        ends = item.split("-")
        if len(ends) > 2 or not all(_is_id(end) for end in ends):
            raise ConsentError(f"{name}: {item[:20]!r} is no range: write such as '1-5,8'")
        first, last = (_number(name, int(end), _MAX_ID, 1) for end in (ends[0], ends[-1]))
        if first > last:
            raise ConsentError(f"{name}: {item!r} ends before it starts: turn it round")
        yield first, last


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5


def _restrictions(name: str, value: Any) -> tuple[tuple[int, int, bytes], ...]:
    if value == () or value == []:
        return ()
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"{name} is a list of restrictions, not {type(value).__name__}")
    merged: dict[tuple[int, int], bytes] = {}
    for item in value:
        purpose: Any
        kind: Any
        ids: Any
        if isinstance(item, Restriction):
            purpose, kind, ids = item
        elif isinstance(item, Mapping):
            purpose, kind, ids = item.get("purpose_id"), item.get("type"), item.get("ids", "")
        else:
            raise TypeError(f"{name} holds restrictions, not {type(item).__name__}")
        key = _number(f"{name} purpose_id", purpose, 63, 1), _number(f"{name} type", kind, 2)
        merged[key] = merged.get(key, b"") + _runs(name, ids)
    return tuple((*key, merged[key]) for key in sorted(merged) if merged[key])


def _publisher(name: str, value: Any) -> tuple[int, int, int, int, int] | None:
    if value is None:
        return None
    if isinstance(value, PublisherTC):
        consents, interests, count, custom, custom_interests = value
    elif isinstance(value, Mapping):
        consents = value.get("consents", ())
        interests = value.get("legitimate_interests", ())
        count = value.get("num_custom_purposes", 0)
        custom = value.get("custom_consents", ())
        custom_interests = value.get("custom_legitimate_interests", ())
    else:
        raise TypeError(f"{name} is a PublisherTC, a mapping or None, not {type(value).__name__}")
    count = _number(f"{name} num_custom_purposes", count, 63)
    return (
        _mask(f"{name} consents", consents, _PURPOSES),
        _mask(f"{name} legitimate_interests", interests, _PURPOSES),
        count,
        _mask(f"{name} custom_consents", custom, count),
        _mask(f"{name} custom_legitimate_interests", custom_interests, count),
    )


def _order(name: str, value: Any) -> bytes:
    # a list needs no look at what an Iterable is, which costs more than all of the rest
    if type(value) is not list and (isinstance(value, str) or not isinstance(value, Iterable)):
        raise TypeError(f"{name} is a list of names, not {type(value).__name__}")
    order = []
    for segment in value:
        if segment not in _SEGMENTS:
            raise ConsentError(
                f"{name}: {str(segment)[:40]!r} cannot be written: name {', '.join(_SEGMENTS)}"
            )
        order.append(_SEGMENTS.index(segment))
    return bytes(order)


def _tc_data(applies: bool, text: str, addtl: str, last: int) -> dict[str, Any]:
    """What `Status.tc_data()` returns. Vendors are told up to the highest of the Global
    Vendor List, `last`: a string of 70 characters can name 65 535 of them, and a restriction all
    for every purpose."""
    if not applies:
        return {"gdprApplies": False}
    data: dict[str, Any] = {"tcString": text, "gdprApplies": True}
    if addtl:
        data["addtlConsent"] = addtl
    if not text:
        return data
    tc = decode(text, strict=True)
    most = last or _UNLISTED
    publisher = tc.publisher_tc
    restrictions: dict[str, dict[str, int]] = {}
    names = list(map(str, range(most + 1))) if tc.num_pub_restrictions else []
    for restriction in tc.publisher_restrictions:
        of_purpose = restrictions.setdefault(str(restriction.purpose_id), {})
        kind = restriction.type
        for first, end in restriction.vendors.ranges():
            for name in names[first : end + 1]:
                # of several types the lowest counts, and comes first
                of_purpose.setdefault(name, kind)
    data.update(
        tcfPolicyVersion=tc.policy_version,
        cmpId=tc.cmp_id,
        cmpVersion=tc.cmp_version,
        isServiceSpecific=tc.is_service_specific,
        useNonStandardTexts=tc.use_non_standard_texts,
        publisherCC=tc.publisher_cc,
        purposeOneTreatment=tc.purpose_one_treatment,
        purpose={
            "consents": _told(tc.purpose_consents, _PURPOSES),
            "legitimateInterests": _told(tc.purpose_legitimate_interests, _PURPOSES),
        },
        vendor={
            "consents": _told_vendors(tc.vendor_consents, most),
            "legitimateInterests": _told_vendors(tc.vendor_legitimate_interests, most),
            "disclosedVendors": _told_vendors(tc.disclosed_vendors, most),
        },
        specialFeatureOptins=_told(tc.special_feature_optins, 12),
        publisher={
            "consents": _told(publisher.consents if publisher else (), _PURPOSES),
            "legitimateInterests": _told(
                publisher.legitimate_interests if publisher else (), _PURPOSES
            ),
            "customPurpose": {
                "consents": _told(publisher.custom_consents if publisher else (), 63),
                "legitimateInterests": _told(
                    publisher.custom_legitimate_interests if publisher else (), 63
                ),
            },
            "restrictions": restrictions,
        },
    )
    return data


def _told(ids: Collection[int], most: int) -> dict[str, bool]:
    """Every id up to the highest one set, as the official library tells them."""
    return {str(id): id in ids for id in range(1, min(max(ids, default=0), most) + 1)}


def _told_vendors(vendors: VendorSet | None, most: int) -> dict[str, bool]:
    if vendors is None:
        return {}
    last = min(vendors.max_vendor_id, most)
    while last and last not in vendors:
        last -= 1
    return {str(id): id in vendors for id in range(1, last + 1)}
