"""Cookie headers and other headers that never amount to consent in France."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

from django_app.visitors import ALL, token

GOOD = token(*ALL)
NOISE = bytes(random.Random(7).randrange(256) for _ in range(3000)).replace(b"\0", b"\1")


def b64(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


#: name -> the bytes of a Cookie header that never amount to consent in France
COOKIES: dict[str, bytes] = {
    "empty": b"",
    "noise": NOISE,
    "noise as a token": b"didomi_token=" + NOISE.replace(b";", b":"),
    "every byte": b"didomi_token=" + bytes(range(1, 256)),
    "nul inside": b"didomi_token=" + GOOD.encode()[:40] + b"\0" + GOOD.encode()[40:],
    "latin-1": "didomi_token=\xe9\xe8\xff".encode("latin-1"),
    "utf-8": "didomi_token=é\u2603\U0001f36a".encode(),
    "lone surrogate": b"didomi_token=\xed\xa0\x80",
    "64 KiB": b"didomi_token=" + b"A" * 65536,
    "64 KiB before": b"x=" + b"A" * 65536 + b"; didomi_token=" + GOOD.encode(),
    "64 KiB of names": b";".join(b"c%d=1" % n for n in range(9000)),
    "many of one name": b"; ".join([b"didomi_token=x"] * 4000),
    "many of one name, one good": b"; ".join([b"didomi_token=x"] * 4000)
    + b"; didomi_token="
    + GOOD.encode(),
    "equals only": b"=" * 5000,
    "semicolons only": b";" * 5000,
    "name only": b"didomi_token",
    "open quote": b'didomi_token="' + GOOD.encode(),
    "quotes all over": b'"didomi_token"="a"b"c"; a="; didomi_token=x',
    "backslashes": b'didomi_token="\\"\\\\\\',
    "broken percent": b"didomi_token=%%%zz%4",
    "percent nul": b"didomi_token=%00%00",
    "comma joined": b"a=1,didomi_token=" + GOOD.encode(),
    "other case": b"DIDOMI_TOKEN=" + GOOD.encode(),
    "truncated": b"didomi_token=" + GOOD.encode()[:-60],
    "not base64": b"didomi_token=<script>alert(1)</script>",
    "null": b"didomi_token=" + b64(None).encode(),
    "list": b"didomi_token=" + b64([]).encode(),
    "number": b"didomi_token=" + b64(7).encode(),
    "empty object": b"didomi_token=" + b64({}).encode(),
    "wrong types": b"didomi_token=" + b64({"vendors": "all", "purposes": True}).encode(),
    "brackets": b"didomi_token=" + base64.b64encode(b"[" * 11000),
    "future": b"didomi_token="
    + b64({"updated": "9999-01-01T00:00:00.000Z", "purposes": {"enabled": list(ALL)}}).encode(),
    "crlf": b"didomi_token=x\r\nSet-Cookie: a=b",
}

HEADERS: dict[str, dict[str, str]] = {
    "country noise": {"HTTP_X_COUNTRY": NOISE.decode("latin-1")},
    "country long": {"HTTP_X_COUNTRY": "F" * 65536},
    "country twice": {"HTTP_X_COUNTRY": "JP,JP"},
    "country script": {"HTTP_X_COUNTRY": "<script>"},
    "country case": {"HTTP_X_COUNTRY": "\u017f\u212a"},
    "region noise": {"HTTP_X_REGION": NOISE.decode("latin-1")},
    "gpc noise": {"HTTP_SEC_GPC": NOISE.decode("latin-1")},
    "gpc long": {"HTTP_SEC_GPC": "1," * 30000},
    "agent noise": {"HTTP_USER_AGENT": NOISE.decode("latin-1")},
    "etag noise": {"HTTP_IF_NONE_MATCH": NOISE.decode("latin-1")},
    "etag long": {"HTTP_IF_NONE_MATCH": '"a",' * 16000},
    "date noise": {"HTTP_IF_MODIFIED_SINCE": NOISE.decode("latin-1")},
}
