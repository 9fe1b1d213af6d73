"""Row 11: cookies that somebody wrote to keep a server busy, cut to a given number of bytes.

Each kind is a function of the size; what it gives is what `Config.status` takes: a mapping, or the
raw header where the header itself is the attack. Most are readable to their end, since a cookie that is
refused early costs little.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks import make_visitors as tc
from benchmarks.make_inputs import TOKEN_TIME
from benchmarks.visits import Visits

SIZES = (2048, 4096, 8192)
VECTORS = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "tcf.json"
FULL = (1, 65535)

Cookies = dict[str, str] | str
Kind = Callable[[int], Cookies]

HEAD = (
    '{"user_id":"0123abcd-4567-6abc-8def-0123456789ab",'
    f'"created":"{TOKEN_TIME}","updated":"{TOKEN_TIME}",'
)


def token(text: str) -> Cookies:
    return {"didomi_token": base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()}


def room(size: int) -> int:
    """Bytes of JSON in a cookie value of `size` characters."""
    return size // 4 * 3


def filled(before: str, items: Iterable[str], after: str, join: str = ",") -> Kind:
    """A token that repeats `items` as often as the size allows."""
    units = list(items)

    def make(size: int) -> Cookies:
        found: list[str] = []
        left, i = room(size) - len((HEAD + before + after).encode()), 0
        while True:
            unit = units[i % len(units)]
            left -= len(unit.encode()) + len(join)
            if left < 0:
                return token(HEAD + before + join.join(found) + after)
            found.append(unit)
            i += 1

    return make


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" for c in text)


def tokens(visits: Visits) -> dict[str, Kind]:
    """Tokens: many ids, ids that nearly match, escapes, depth, keys, broken ends."""
    app = json.loads(visits.config)["app"]
    vendors = [f"c:{v['id']}" for v in app["vendors"]["custom"]]
    purposes = [p["id"] for p in app["customPurposes"]]
    on_list = [
        i for i, v in json.loads(visits.vendor_list)["vendors"].items() if "deletedDate" not in v
    ]
    letters = "abcdefghijklmnopqrstuvwxyz"
    tiny = [f'"{a}{b}"' for a in ("", *letters) for b in letters]
    near = [f'"{v[:-1]}{"ab"[v[-1] == "a"]}"' for v in vendors]
    start, end = '"vendors":{"enabled":[', "]}}"
    several = '"purposes":{"enabled":["cookies"]},"vendors":{"enabled":['

    def lists(ids: list[str], end: str = "]}}") -> Kind:
        return filled(several, [f'"{i}"' for i in ids], end)

    def eight(size: int) -> Cookies:
        """All eight lists, the same ids in each: every enabled one is taken back."""
        count, left = 0, room(size) - len(HEAD) - 200
        ids = [*vendors, *purposes]
        while left > 0:
            left -= 8 * (len(ids[count % len(ids)]) + 3)
            count += 1
        chosen = [ids[i % len(ids)] for i in range(max(1, count - 1))]
        body = {
            name: {"enabled": chosen, "disabled": chosen}
            for name in ("purposes", "vendors", "purposes_li", "vendors_li")
        }
        return token(HEAD + json.dumps(body, separators=(",", ":"))[1:])

    def nested(opening: str, closing: str) -> Kind:
        def make(size: int) -> Cookies:
            depth = (room(size) - len(HEAD) - 20) // (len(opening) + len(closing))
            return token(HEAD + '"x":' + opening * depth + "0" + closing * depth + "}")

        return make

    def cut(kind: Kind, end: str) -> Kind:
        def make(size: int) -> Cookies:
            made = kind(size)
            assert isinstance(made, dict)
            return {"didomi_token": made["didomi_token"][: -len(end)] + end}

        return make

    def percent(size: int) -> Cookies:
        made = lists(vendors)(size // 3)
        assert isinstance(made, dict)
        return {"didomi_token": "".join(f"%{ord(c):02x}" for c in made["didomi_token"])}

    return {
        "tiny unknown ids": filled(start, tiny, end),
        "empty ids": filled(start, ['""'], end),
        "known vendors again and again": lists(vendors),
        "known purposes again and again": filled(
            '"purposes":{"enabled":[', [f'"{p}"' for p in purposes], end
        ),
        "vendors of the list": lists(on_list),
        "near misses of known ids": filled(start, near, end),
        "known ids, every character escaped": lists([escaped(v) for v in vendors]),
        "one id, every character escaped": filled(start + '"', ["\\u0061"], '"]}}', ""),
        "escaped quotes": filled(start + '"', ['\\"'], '"]}}', ""),
        "surrogate pairs": filled(start + '"', ["\\ud83d\\ude00"], '"]}}', ""),
        "three-byte characters": filled(start + '"', ["\u4e2d"], '"]}}', ""),
        "all eight lists": eight,
        "deep arrays": nested("[", "]"),
        "deep objects": nested('{"x":', "}"),
        "deep vendors": filled('"vendors":{"enabled":', ["["], "", ""),
        "many unknown keys": filled("", [f'"{a}{b}":0' for a in letters for b in letters], "}"),
        "the same key again": filled("", ['"vendors":{}'], "}"),
        "keys with escapes": filled("", ['"\\u0076endors":{}'], "}"),
        "many dates": filled("", [f'"updated":"{TOKEN_TIME}"'], "}"),
        "white space": filled(start, [" "], end, ""),
        "numbers": filled('"x":[', ["0", "-1e9", "1.5"], "]}"),
        "one long number": filled('"x":', ["9"], "}", ""),
        "literals": filled('"x":[', ["true", "null", "false"], "]}"),
        "one long text": filled('"x":"', ["a"], '"}', ""),
        "a broken last character": cut(lists(vendors), "!!!!"),
        "no end": lists(vendors, "]"),
        "everything in percent escapes": percent,
    }


def fibonacci(number: int) -> str:
    """The code of a number from 1 on."""
    weights = [1, 2]
    while weights[-1] <= number:
        weights.append(weights[-1] + weights[-2])
    bits = ""
    for weight in reversed(weights):
        if bits or weight <= number:
            bits = ("1" if weight <= number else "0") + bits
            number -= weight if weight <= number else 0
    return bits + "1"


def strings(visits: Visits) -> dict[str, Kind]:
    """TC strings: wide bit fields, many ranges, many restrictions, many segments; vectors cut to size."""
    rng = random.Random(29)
    none = tc.bit_field((), 0)

    def cookies(text: str) -> Cookies:
        return {"euconsent-v2": text}

    def fitting(make: Callable[[int], str], unit: int) -> Kind:
        """The largest string of `make(count)` that the size allows; `unit` is bits a count."""

        def kind(size: int) -> Cookies:
            count = size * 6 // unit
            while len(text := make(count)) > size:
                count -= 1 + max(1, (len(text) - size) * 6 // unit // 2)
            return cookies(text)

        return kind

    def wide(count: int) -> str:
        return tc.core(tc.bit_field(range(1, count + 1), count), none)

    def wide_three(count: int) -> str:
        field = tc.bit_field(range(1, count + 1), count)
        return f"{tc.core(field, field)}.{tc.disclosed(range(1, count + 1), count)}"

    def every_other(count: int) -> str:
        return tc.core(tc.bit_field(range(1, count + 1, 2), count), none)

    def spans(pairs: list[tuple[int, int]]) -> Callable[[int], str]:
        def make(count: int) -> str:
            count = min(count, 4095)
            return tc.core(tc.ranges([pairs[i % len(pairs)] for i in range(count)]), none)

        return make

    def spans_li(count: int) -> str:
        return tc.core(none, tc.ranges([FULL] * min(count, 4095)))

    def spans_disclosed(count: int) -> str:
        core = tc.core(tc.ranges([FULL]), tc.ranges([FULL]))
        return f"{core}.{tc.text_of('001' + tc.ranges([FULL] * min(count, 4095)))}"

    def records(
        each: int, purposes: Iterable[int], pairs: list[tuple[int, int]]
    ) -> Callable[[int], str]:
        chosen = list(purposes)

        def make(count: int) -> str:
            held = [
                tc.restriction(chosen[i % len(chosen)], i // len(chosen) % 3, pairs * each)
                for i in range(min(count, 4095))
            ]
            whole = tc.ranges([FULL])
            return tc.core(whole, whole, restrictions=held)

        return make

    def cut(text: str) -> Kind:
        return lambda size: cookies(text[:size])

    def segments(unit: str) -> Kind:
        start = tc.core(tc.ranges([FULL]), tc.ranges([FULL]))
        return lambda size: cookies(start + unit * ((size - len(start)) // len(unit)))

    def noise(size: int) -> Cookies:
        start = tc.core(none, none)[:36]
        return cookies(start + "".join(rng.choices(tc.ALPHABET, k=size - len(start))))

    odd = [(i, i) for i in range(1, 8000, 2)]
    falling = [(i, 65535) for i in range(1428, 1, -1)]
    inside = [(i, 1428) for i in range(1, 700)]
    found: dict[str, Kind] = {
        "one bit field, every bit set": fitting(wide, 1),
        "three bit fields, every bit set": fitting(wide_three, 3),
        "one bit field, every other bit": fitting(every_other, 1),
        "single ids as ranges": fitting(spans(odd), 17),
        "full ranges": fitting(spans([FULL]), 33),
        "ranges that begin earlier and earlier": fitting(spans(falling), 33),
        "ranges inside the list": fitting(spans(inside), 33),
        "full ranges of legitimate interest": fitting(spans_li, 33),
        "full ranges of disclosed vendors": fitting(spans_disclosed, 33),
        "restrictions of one full range": fitting(records(1, range(1, 12), [FULL]), 53),
        "restrictions of 40 full ranges": fitting(records(40, range(1, 12), [FULL]), 1340),
        "restrictions of one purpose": fitting(records(1, [2], [FULL]), 53),
        "restrictions of single ids": fitting(records(1, range(2, 12), [(755, 755)]), 37),
        "restrictions of two single ids": fitting(
            records(1, range(2, 12), [(755, 755), (757, 757)]), 54
        ),
        "restrictions of one id and one range": fitting(
            records(1, range(2, 12), [(755, 755), (760, 790)]), 70
        ),
        "restrictions of 300 single ids": fitting(records(1, range(2, 12), odd[:300]), 5120),
        "restrictions without ranges": fitting(records(0, range(1, 64), []), 20),
        "empty segments": segments("."),
        "many disclosed segments": segments(".IACsgAAA"),
        "many unknown segments": segments(".gAAA"),
        "zeros after the end": segments("A"),
        "random bits": noise,
    }
    given = {n: s for n, s in visits.strings.items() if n.startswith("hostile")}
    if VECTORS.exists():
        vectors: list[dict[str, Any]] = json.loads(VECTORS.read_text("ascii"))["hostile"]
        given |= {v["id"]: v["tc"] for v in vectors}
    for name, text in given.items():
        found[f"{name}, cut"] = cut(text)
    return found


def didomi_strings(visits: Visits) -> dict[str, Kind]:
    """Didomi Consent Strings: as many statuses and ranges as the bits allow, in each coding."""
    day = tc.number(int(visits.now - 86_400) * 10, 36)
    head = tc.number(2, 6) + "0" * 128 + day + day + tc.number(1, 16) + "0"
    nothing = "001" + "0" * 16

    def section(begin: str, unit: Callable[[int], str], bits: int, end: str) -> Kind:
        """Vendors on consent: `begin`, how many, and that many units of that many bits."""

        def make(size: int) -> Cookies:
            fixed = len(head + 3 * nothing + begin + end) + 16
            count = min((size * 6 - fixed - 24) // bits, 65_535)
            body = "".join(unit(i) for i in range(count))
            whole = head + 2 * nothing + begin + tc.number(count, 16) + body + end + nothing
            return {"didomi_dcs": tc.text_of(whole)}

        return make

    def codes(ids: Callable[[int], int], begin: str = "1", end: str = "") -> Kind:
        """A list of Fibonacci ranges, as many as the size allows."""

        def make(size: int) -> Cookies:
            left, units = size * 6 - len(head + 3 * nothing) - 50, list[str]()
            while left > 0:
                units.append(begin + fibonacci(ids(len(units))) + end)
                left -= len(units[-1])
            body = tc.number(len(units) - 1, 16) + "".join(units[:-1])
            return {"didomi_dcs": tc.text_of(head + 2 * nothing + "100000" + body + nothing)}

        return make

    def two_lists(size: int, apart: int = 2) -> Cookies:
        """Enabled and disabled ids: in turn, or `apart` 1: ranges that overlap."""
        count = (size * 6 - len(head + 3 * nothing) - 80) // 66
        body = ""
        for first in (1, 1 + apart):
            pairs = ((8 * i + first, 8 * i + first + 1) for i in range(count))
            body += tc.number(count, 16) + "".join(
                "0" + tc.number(a, 16) + tc.number(b, 16) for a, b in pairs
            )
        return {"didomi_dcs": tc.text_of(head + 2 * nothing + "010001" + body + nothing)}

    lists, empty = "0001", "0" * 16  # one list of enabled ids, and one of disabled ids
    return {
        "a bit field that alternates": section("001", lambda i: ("10", "01")[i % 2], 2, ""),
        "single ids": section("01" + lists, lambda i: "1" + tc.number(2 * i + 1, 16), 17, empty),
        "single ids, falling": section(
            "01" + lists, lambda i: "1" + tc.number(60_000 - 2 * i, 16), 17, empty
        ),
        "full ranges": section(
            "01" + lists, lambda i: "0" + tc.number(1, 16) + tc.number(65_535, 16), 33, empty
        ),
        "Fibonacci codes of one": section("10" + lists, lambda i: "111", 3, empty),
        "Fibonacci codes, rising": codes(lambda i: 2 * i + 1),
        "Fibonacci codes of every length": codes(lambda i: 6151 * i % 65_521 + 1),
        "Fibonacci codes of distances": codes(lambda i: 3 * i + 1, "0", "11"),
        "Fibonacci codes of distances again and again": codes(
            lambda i: 3 * i % 3069 + 1, "0", "11"
        ),
        "two lists that take turns": two_lists,
        "two lists that meet": lambda size: two_lists(size, 1),
        "Fibonacci codes of one and three": section(
            "10" + lists, lambda i: ("111", "10011")[i % 2], 5, empty
        ),
        "random text": lambda size: {
            "didomi_dcs": "C" + "".join(random.Random(31).choices(tc.ALPHABET, k=size - 1))
        },
    }


def headers(visits: Visits) -> dict[str, Kind]:
    """Raw headers: many names, many cookies of one name, both cookies at once."""

    def repeated(unit: str) -> Kind:
        return lambda size: unit * (size // len(unit))

    def several(size: int) -> str:
        made = tokens(visits)["known vendors again and again"](size // 4)
        assert isinstance(made, dict)
        return "; ".join([f"didomi_token={made['didomi_token']}"] * 4)[:size]

    def both(size: int) -> str:
        one = tokens(visits)["known ids, every character escaped"](size // 2)
        two = strings(visits)["restrictions of one full range"](size // 2 - 40)
        assert isinstance(one, dict) and isinstance(two, dict)
        return "; ".join(f"{n}={v}" for n, v in (*one.items(), *two.items()))

    return {
        "header of tiny cookies": repeated("a=b;"),
        "header of semicolons": repeated(";"),
        "header of equals signs": repeated("="),
        "header of spaces": repeated(" "),
        "header of empty tokens": repeated("didomi_token=;"),
        "header of tokens of one character": repeated("didomi_token=e;"),
        "header of names that nearly match": repeated("didomi_tokem=e;"),
        "header of empty TC strings": repeated("euconsent-v2=;"),
        "header of quoted tokens": repeated('didomi_token="e30=";'),
        "header of four tokens": several,
        "header of token and TC string": both,
        "header of percent signs": lambda size: "didomi_token=" + "%25" * ((size - 13) // 3),
    }


def kinds(visits: Visits) -> dict[str, Kind]:
    """All of them, each under its name."""
    found: dict[str, Kind] = {}
    for prefix, group in (
        ("token", tokens(visits)),
        ("TC string", strings(visits)),
        ("DCS", didomi_strings(visits)),
        ("", headers(visits)),
    ):
        found |= {f"{prefix}: {name}" if prefix else name: kind for name, kind in group.items()}
    return found


def cookies_of(visits: Visits, size: int) -> dict[str, Cookies]:
    """What each kind comes to at one size."""
    return {name: kind(size) for name, kind in kinds(visits).items()}
