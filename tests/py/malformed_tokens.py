"""The kinds of damage that `test_tokens_malformed` does to a good token.

Each is done to a token that agrees to everything on every basis. `MALFORMED` and
`HUGE` are cookie values by name; `odd()` has values that look strange and are good.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from helpers import USER_ID, ago, agree, b64, fields, pack

YES = agree("mixed", "v1", "v3", purposes=["p1", "p3"])
GOOD = fields(YES)
JSON = json.dumps(GOOD, separators=(",", ":"))
VALUE = b64(JSON)
BARE = VALUE.rstrip("=")


def changed(**more: Any) -> str:
    """The good token with fields replaced, packed as it is."""
    return pack({**GOOD, **more})


def spliced(extra: str) -> str:
    """The good token with raw JSON text put before its end."""
    return b64(JSON[:-1] + extra + "}")


def sized(length: int) -> str:
    """A good token of exactly `length` characters, unpadded where need be."""
    whole = length * 6 // 8
    stuffing = whole - len(JSON) - len(',"pad":""')
    value = b64(JSON[:-1] + ',"pad":"' + "x" * stuffing + '"}').rstrip("=")
    assert len(value) == length
    return value


def wrong_lists() -> dict[str, str]:
    """R8: one of the eight lists that is not a list of texts."""
    kinds: dict[str, Any] = {
        "null": None,
        "text": "c:v1",
        "number": 7,
        "true": True,
        "object": {"c:v1": True},
        "number inside": ["c:v1", 28],
        "null inside": [None, "c:v1"],
        "true inside": [True],
        "list inside": [["c:v1"]],
        "object inside": [{"id": "c:v1"}],
    }
    out = {}
    for field in ("vendors", "purposes", "vendors_li", "purposes_li"):
        for name, value in kinds.items():
            sides = {**GOOD[field], "enabled": value}
            out[f"{field}.enabled is {name}"] = changed(**{field: sides})
        sides = {**GOOD[field], "disabled": "c:v1"}
        out[f"{field}.disabled is text"] = changed(**{field: sides})
        sides = {**GOOD[field], "disabled": [5]}
        out[f"{field}.disabled has a number"] = changed(**{field: sides})
        # Stricter reading: a holder that is no object cannot hold two lists.
        for name, value in {"null": None, "list": ["c:v1"], "text": "c:v1"}.items():
            out[f"{field} is {name}"] = changed(**{field: value})
    return out


def wrong_texts() -> dict[str, str]:
    """R8: user_id, created or updated that is not a text."""
    kinds: dict[str, Any] = {
        "null": None,
        "number": 1774000000000,
        "true": True,
        "list": [ago(60)],
        "object": {"date": ago(60)},
    }
    return {
        f"{field} is {name}": changed(**{field: value})
        for field in ("user_id", "created", "updated")
        for name, value in kinds.items()
    }


def cuts() -> dict[str, str]:
    """The good token cut short at many points."""
    points = sorted({*range(1, 20), *range(20, len(BARE), 23), len(BARE) - 1})
    return {f"cut after {n} characters": BARE[:n] for n in points}


def syntax() -> dict[str, str]:
    """What is inside the base64 is not one JSON object."""
    texts = {
        "null": "null",
        "true": "true",
        "number": "1",
        "text": '"didomi"',
        "array": "[]",
        "array of the token": f"[{JSON}]",
        "token as a text": json.dumps(JSON),
        "nothing but blanks": "   ",
        "open brace": "{",
        "closing brace": "}",
        "two tokens": JSON + JSON,
        "token and garbage": JSON + "x",
        "token and NUL": JSON + "\0",
        "NUL before": "\0" + JSON,
        "byte-order mark": "\xef\xbb\xbf" + JSON,
        "byte 255 before": "\xff" + JSON,
        "no-break space after": JSON + "\xa0",
        "vertical tab after": JSON + "\v",
        "comma at the end": JSON[:-1] + ",}",
        "comma at the start": "{," + JSON[1:],
        "comment": JSON[:-1] + "/* yes */}",
        "line comment": JSON + "// yes",
        "single quotes": JSON.replace('"', "'"),
        "bare key": JSON.replace('"user_id"', "user_id"),
        "equals for a colon": JSON.replace(":", "=", 1),
        "missing colon": JSON.replace('"version":', '"version"'),
        "missing comma": JSON.replace(',"version"', ' "version"'),
        "brackets crossed": JSON.replace('"]}', '"}]', 1),
        "raw newline in a text": JSON.replace("c:v1", "c:v1\n", 1),
        "raw tab in a text": JSON.replace("c:v1", "c:v1\t", 1),
        "raw NUL in a text": JSON.replace("c:v1", "c:v1\0", 1),
        "escaped NUL in a text": JSON.replace("c:v1", "c:v1\\u0000", 1),
        "escaped NUL in a key": JSON.replace('"vendors"', '"vendors\\u0000"', 1),
        "unknown escape": JSON.replace("c:v1", "\\c:v1", 1),
        "hexadecimal escape": JSON.replace("c:v1", "\\x63:v1", 1),
        "short unicode escape": JSON.replace("c:v1", "\\u63:v1", 1),
        # Stricter reading: a browser reads half a pair, no text of ours can hold it.
        "lone high surrogate": JSON.replace("c:v1", "c:v1\\ud800", 1),
        "lone low surrogate": JSON.replace("c:v1", "\\udc00c:v1", 1),
        "surrogates swapped": JSON.replace("c:v1", "\\udc00\\ud800", 1),
        "text left open": JSON[:-1] + ',"x":"',
    }
    out = {f"json: {name}": b64(text) for name, text in texts.items()}
    extras = {
        "leading zero": ',"x":01',
        "number with a bare dot": ',"x":1.',
        "number with a bare exponent": ',"x":1e',
        "number with a plus": ',"x":+1',
        "hexadecimal number": ',"x":0x1f',
        "NaN": ',"x":NaN',
        "Infinity": ',"x":-Infinity',
        "undefined": ',"x":undefined',
        "capital true": ',"x":True',
        "half a word": ',"x":nul',
        "no value": ',"x":',
        "key without value": ',"x"',
        "number as key": ",1:2",
        "list left open": ',"x":[',
        "wrong closing bracket": ',"x":[}',
        "many brackets closed": ',"x":' + "[" * 4000 + "]" * 4000,
        "many braces closed": ',"x":' + '{"a":' * 1500 + "1" + "}" * 1500,
        "many brackets open": ',"x":' + "[" * 8000,
    }
    out.update({f"json: {name}": spliced(text) for name, text in extras.items()})
    return out


def doubles() -> dict[str, str]:
    """One key twice. A browser keeps the last; the stricter reading: neither."""
    refusal = '{"disabled":["c:v1","c:v3","c:mixed"]}'
    return {
        "key twice: vendors, refusal last": spliced(f',"vendors":{refusal}'),
        "key twice: vendors, refusal first": b64(f'{{"vendors":{refusal},' + JSON[1:]),
        "key twice: vendors, both agree": spliced(f',"vendors":{json.dumps(GOOD["vendors"])}'),
        "key twice: enabled": b64(JSON.replace('"vendors":{', '"vendors":{"enabled":[],', 1)),
        "key twice: disabled": b64(
            JSON.replace('"purposes":{', '"purposes":{"disabled":["p1"],"disabled":[],', 1)
        ),
        "key twice: updated": spliced(f',"updated":"{ago(60)}"'),
        "key twice: created": spliced(f',"created":"{ago(60)}"'),
        "key twice: user_id": spliced(f',"user_id":"{USER_ID}"'),
        "key twice: one escaped": spliced(f',"\\u0076endors":{refusal}'),
    }


def alphabet() -> dict[str, str]:
    """The characters of the cookie value itself."""
    middle = len(BARE) // 2 // 4 * 4
    urlsafe = base64.urlsafe_b64encode(
        JSON[:-1].encode() + b',"x":"\xff\xfe\xfb\xef\xbe~~?"}'
    ).decode()
    assert "-" in urlsafe or "_" in urlsafe
    out = {
        "empty": "",
        "one blank": " ",
        "blanks": " \t  ",
        "one letter": "e",
        "plain word": "true",
        "the word null": "null",
        "the word undefined": "undefined",
        "empty array, not encoded": "[]",
        "empty object, not encoded": "{}",
        "json, not encoded": JSON.replace(" ", ""),
        "json, percent-encoded": JSON.replace('"', "%22").replace(",", "%2C"),
        "only padding": "====",
        "percent signs": "%%%",
        "url-safe alphabet": urlsafe,
        "four pads added": BARE + "====",
        "pads in the middle": BARE[:middle] + "==" + BARE[middle:],
        "pad at the start": "=" + BARE,
        "one character too many": BARE[: len(BARE) // 4 * 4 - 4] + "A",
        "a dash inside": BARE[:middle] + "-" + BARE[middle:],
        "a dot inside": BARE[:middle] + "." + BARE[middle:],
        "a star inside": BARE[:middle] + "*" + BARE[middle:],
        "a colon inside": BARE[:middle] + ":" + BARE[middle:],
        "an exclamation mark after": VALUE + "!",
        "two values joined": VALUE + "," + VALUE,
        "opening quote": '"' + VALUE,
        "closing quote": VALUE + '"',
        "quote inside": BARE[:middle] + '"' + BARE[middle:],
        "single quotes": f"'{VALUE}'",
        "backslash before": "\\" + VALUE,
        "raw NUL inside": BARE[:middle] + "\0" + BARE[middle:],
        "raw NUL at the end": VALUE + "\0",
        "raw NUL at the start": "\0" + VALUE,
        "control character inside": BARE[:middle] + "\x01" + BARE[middle:],
        "delete character inside": BARE[:middle] + "\x7f" + BARE[middle:],
        "latin-1 letter inside": BARE[:middle] + "\xe9" + BARE[middle:],
        "latin-1 no-break space inside": BARE[:middle] + "\xa0" + BARE[middle:],
        "utf-8 letter inside": BARE[:middle] + "\u4e2d" + BARE[middle:],
        "emoji inside": BARE[:middle] + "\U0001f36a" + BARE[middle:],
        "fullwidth letters": "".join(chr(ord(c) + 0xFEE0) for c in BARE[:64]),
        "lone surrogate before": "\ud800" + VALUE,
        "lone surrogate after": VALUE + "\udfff",
        "undecodable byte, escaped by python": BARE[:middle] + "\udce9" + BARE[middle:],
        "percent: bare at the end": BARE + "%",
        "percent: one digit at the end": BARE + "%3",
        "percent: no digits": BARE[:middle] + "%zz" + BARE[middle:],
        "percent: half a digit": BARE[:middle] + "%4g" + BARE[middle:],
        "percent: encoded NUL": BARE[:middle] + "%00" + BARE[middle:],
        "percent: encoded dash": BARE[:middle] + "%2D" + BARE[middle:],
        "percent: encoded semicolon": VALUE + "%3B",
        "percent: encoded byte 255": BARE[:middle] + "%FF" + BARE[middle:],
        "percent: encoded overlong slash": BARE[:middle] + "%C0%AF" + BARE[middle:],
        "percent: encoded twice": "%25" + f"{ord(BARE[0]):02X}" + BARE[1:],
        "percent: javascript unicode": BARE[:middle] + "%u0041" + BARE[middle:],
        "base64 twice": b64(VALUE),
        "base64 of random bytes": b64(bytes(range(256))),
        "hexadecimal": JSON.encode().hex(),
        "utf-16 inside": b64(JSON.encode("utf-16")),
        "utf-16 big endian inside": b64(JSON.encode("utf-16-be")),
        "gzip magic inside": b64(b"\x1f\x8b\x08\x00" + JSON.encode()),
        "a TC string": "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA",
        "a JSON web token": "eyJhbGciOiJIUzI1NiJ9." + BARE + ".c2lnbmF0dXJl",
        "limit: one over": sized(16_384)[:64] + " " + sized(16_384)[64:],
        "limit: two over": sized(16_386),
        "limit: four over": sized(16_388),
        "limit: twice": sized(32_768),
        "limit: a huge list": changed(vendors={"enabled": [f"c:v{n}" for n in range(3000)]}),
        "limit: sixty thousand letters": "A" * 60_000,
        "limit: thirty thousand pads": "=" * 30_000,
        "limit: thirty thousand percents": "%" * 30_000,
    }
    return out


MALFORMED: dict[str, str] = {
    **alphabet(),
    **syntax(),
    **doubles(),
    **wrong_texts(),
    **wrong_lists(),
    **cuts(),
}
HUGE: dict[str, str] = {
    "a million letters": "A" * 1_000_000,
    "a million brackets": b64("[" * 1_000_000),
    "a million bare brackets": "[" * 1_000_000,
    "a million braces with keys": b64('{"a":' * 200_000),
    "a million quotes": '"' * 1_000_000,
    "a million percents": "%" * 1_000_000,
    "a million NULs": "\0" * 1_000_000,
    "a good token after a megabyte of blanks": " " * 1_000_000 + VALUE,
    "a good token with a megabyte inside": spliced(',"x":"' + "x" * 1_000_000 + '"'),
}


def odd() -> dict[str, str]:
    spaced = json.dumps(GOOD, indent=2)
    middle = len(VALUE) // 2
    signs = spliced(',"x":">>>>>>??????"')
    assert "+" in signs and "/" in signs
    percent = "".join(f"%{ord(c):02x}" for c in VALUE[:40]) + VALUE[40:]
    return {
        "no padding": BARE,
        "pretty-printed": b64(spaced),
        "blanks around the json": b64(f" \t\r\n{JSON}\r\n "),
        "white space inside the base64": VALUE[:middle] + " " + VALUE[middle:],
        "padding percent-encoded": b64(JSON + " " * ((1 - len(JSON)) % 3)).replace("=", "%3D"),
        "plus and slash": signs,
        "plus and slash percent-encoded": signs.replace("+", "%2B").replace("/", "%2F"),
        "percent-encoded in lower case": percent,
        "keys in another order": b64(
            json.dumps(dict(reversed(list(GOOD.items())))).replace(" ", "")
        ),
        "unknown fields": spliced(',"x":{"y":[1,-2.5e3,null,true,"z",{}]},"":0'),
        "unknown field, ten deep": spliced(',"x":' + "[" * 10 + "]" * 10),
        "a big number in an unknown field": spliced(',"x":123456789012345678901234567'),
        "an escaped id": b64(JSON.replace("c:v1", "\\u0063:\\u00761")),
        "an escaped key": b64(JSON.replace('"vendors"', '"\\u0076endors"')),
        "an escaped pair": spliced(',"x":"\\ud83c\\udf6a"'),
        "an id twice in a list": changed(vendors={"enabled": ["c:v1", "c:v1", "c:v3", "c:mixed"]}),
        "ids of elsewhere": changed(
            vendors={"enabled": ["c:v1", "", "c:", "x" * 500, "c:v3", "c:mixed"]}
        ),
        "empty lists beside": changed(
            vendors={"enabled": ["c:v1", "c:v3", "c:mixed"], "disabled": []}
        ),
        "no version": b64(JSON.replace('"version":2,', "")),
        "version null": changed(version=None),
        "sync, ac, dns": spliced(
            f',"sync":"{ago(5)}","ac":"AAAA.AAAA","dns":false,"dnsd":"{ago(5)}"'
        ),
        "an underscore in an unknown text": spliced(',"x":"a-b_c"'),
    }
