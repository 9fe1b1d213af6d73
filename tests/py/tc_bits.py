"""A second TC string writer in plain Python, from the bit tables alone, and worlds for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def bits(value: int, width: int) -> str:
    assert 0 <= value < 1 << width
    return format(value, f"0{width}b") if width else ""


def field(ids: Iterable[int], width: int) -> str:
    chosen = set(ids)
    return "".join("1" if i in chosen else "0" for i in range(1, width + 1))


def letters(text: str) -> str:
    return "".join(bits(ord(c) - 65, 6) for c in text)


def text_of(segment: str, unit: int = 24) -> str:
    segment += "0" * (-len(segment) % unit)
    segment += "0" * (-len(segment) % 6)
    return "".join(ALPHABET[int(segment[i : i + 6], 2)] for i in range(0, len(segment), 6))


def runs(ids: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for i in sorted(set(ids)):
        if found and found[-1][1] == i - 1:
            found[-1] = found[-1][0], i
        else:
            found.append((i, i))
    return found


def ranges_text(ids: Iterable[int]) -> str:
    return ",".join(f"{a}-{b}" if a != b else str(a) for a, b in runs(ids))


def entries(pairs: Iterable[tuple[int, int]]) -> str:
    return "".join(
        "0" + bits(a, 16) if a == b else "1" + bits(a, 16) + bits(b, 16) for a, b in pairs
    )


def vendor_set(ids: set[int]) -> str:
    last, pairs = max(ids, default=0), runs(ids)
    ranges = bits(len(pairs), 12) + entries(pairs) if len(pairs) < 4096 else "0" * (last + 1)
    if len(ranges) < last:
        return bits(last, 16) + "1" + ranges
    return bits(last, 16) + "0" + field(ids, last)


def core(world: dict[str, Any]) -> str:
    written = (
        bits(2, 6)
        + bits(world["created_ds"], 36)
        + bits(world["last_updated_ds"], 36)
        + bits(world["cmp_id"], 12)
        + bits(world["cmp_version"], 12)
        + bits(world["consent_screen"], 6)
        + letters(world["consent_language"])
        + bits(world["vendor_list_version"], 12)
        + bits(world["policy_version"], 6)
        + bits(world["is_service_specific"], 1)
        + bits(world["use_non_standard_texts"], 1)
        + field(world["special_feature_optins"], 12)
        + field(world["purpose_consents"], 24)
        + field(world["purpose_legitimate_interests"], 24)
        + bits(world["purpose_one_treatment"], 1)
        + letters(world["publisher_cc"])
        + vendor_set(world["vendor_consents"])
        + vendor_set(world["vendor_legitimate_interests"])
    )
    records = {key: ids for key, ids in world["publisher_restrictions"].items() if ids}
    written += bits(len(records), 12)
    for (purpose, kind), ids in sorted(records.items()):
        pairs = runs(ids)
        written += bits(purpose, 6) + bits(kind, 2) + bits(len(pairs), 12) + entries(pairs)
    return written


def publisher(world: dict[str, Any]) -> str:
    count = world["num_custom_purposes"]
    return (
        "011"
        + field(world["consents"], 24)
        + field(world["legitimate_interests"], 24)
        + bits(count, 6)
        + field(world["custom_consents"], count)
        + field(world["custom_legitimate_interests"], count)
    )


def written(world: dict[str, Any]) -> str:
    parts = [text_of(core(world))]
    for name, kind in (("disclosed_vendors", "001"), ("allowed_vendors", "010")):
        if world[name] is not None:
            parts.append(text_of(kind + vendor_set(world[name])))
    if world["publisher_tc"] is not None:
        parts.append(text_of(publisher(world["publisher_tc"])))
    return ".".join(parts)


def ids(most: int) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(1, most), max_size=30)


vendors = st.one_of(
    ids(40),
    ids(65535),
    st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 400)), max_size=12).map(
        lambda pairs: {i for a, more in pairs for i in range(a, a + more + 1)}
    ),
)
country = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
dates = st.integers(0, 2**36 - 1)


@st.composite
def publishers(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(0, 63))
    custom = ids(count) if count else st.just(set())
    return {
        "consents": draw(ids(24)),
        "legitimate_interests": draw(ids(24)),
        "num_custom_purposes": count,
        "custom_consents": draw(custom),
        "custom_legitimate_interests": draw(custom),
    }


#: Everything that a string can say, sets as sets.
worlds = st.fixed_dictionaries(
    {
        "created_ds": dates,
        "last_updated_ds": dates,
        "cmp_id": st.integers(0, 4095),
        "cmp_version": st.integers(0, 4095),
        "consent_screen": st.integers(0, 63),
        "consent_language": country,
        "vendor_list_version": st.integers(0, 4095),
        "policy_version": st.integers(0, 63),
        "is_service_specific": st.booleans(),
        "use_non_standard_texts": st.booleans(),
        "special_feature_optins": ids(12),
        "purpose_consents": ids(24),
        "purpose_legitimate_interests": ids(24),
        "purpose_one_treatment": st.booleans(),
        "publisher_cc": country,
        "vendor_consents": vendors,
        "vendor_legitimate_interests": vendors,
        "publisher_restrictions": st.dictionaries(
            st.tuples(st.integers(1, 63), st.integers(0, 2)), vendors, max_size=5
        ),
        "disclosed_vendors": st.none() | vendors,
        "allowed_vendors": st.none() | vendors,
        "publisher_tc": st.none() | publishers(),
    }
)
