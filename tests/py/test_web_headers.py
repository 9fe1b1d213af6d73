"""The rules for response headers and the bytes of request headers, without any stack."""

from __future__ import annotations

import pytest

from consentpy.web.headers import not_modified, private_headers, varying, without_body
from consentpy.web.place import EnvironCarrier, ScopeCarrier
from helpers import within


def test_every_line_of_a_header_counts() -> None:
    found = private_headers(
        [
            ("cache-control", "public"),
            ("Set-Cookie", "a=1"),
            ("CACHE-CONTROL", "max-age=5, s-maxage=9"),
            ("vary", "Accept, cookie"),
            ("Set-Cookie", "b=2"),
            ("Vary", "X-A"),
            ("last-modified", "x"),
            ("cdn-cache-control", "max-age=9"),
            ("x-accel-expires", "9"),
            ("edge-control", "max-age=9"),
        ],
        ("Cookie", "Sec-GPC"),
        "k",
    )
    assert found == [
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Vary", "Accept, cookie, X-A, Sec-GPC"),
        ("Cache-Control", "private, max-age=5"),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "A, B"),
        ("*", "*"),
        ("b, *", "*"),
        ("a", "a, B"),
        (" ,, b ,", "b, A"),
        ("AB", "AB, A, B"),
    ],
)
def test_vary(value: str, expected: str) -> None:
    assert varying(value, ("A", "B")) == expected


@pytest.mark.parametrize(
    ("none_match", "since", "read", "expected"),
    [
        ('"a"', "", True, True),
        ('W/"a"', "", True, True),
        ('"b", "a"', "", False, True),
        ('"a', "", False, False),
        ("a", "", False, False),
        ('"A"', "", False, False),
        ("*", "", False, True),
        (" * ", "", False, True),
        ("*", "", True, False),
        ("", "Mon, 01 Jan 2024 00:00:00 GMT", False, True),
        ("", "Mon, 01 Jan 2024 00:00:00 GMT", True, False),
        ("", "Monday, 01-Jan-24 00:00:00 GMT", False, True),
        ("", "Mon Jan  1 00:00:00 2024", False, True),
        ("", "Mon, 01 Jan 2024 00:00:00 +9999999", False, False),
        ("", "Mon, 99 Jan 2024 00:00:00 GMT", False, False),
        ("", "Mon, 01 Jan 99999999 00:00:00 GMT", False, False),
        ('"b"', "Mon, 01 Jan 2024 00:00:00 GMT", False, False),
        ("", "", False, False),
    ],
)
def test_not_modified(none_match: str, since: str, read: bool, expected: bool) -> None:
    headers = [("etag", 'W/"a"'), ("last-modified", "Mon, 01 Jan 2024 00:00:00 GMT")]
    assert not_modified(200, headers, none_match, since, read) is expected
    assert not not_modified(404, headers, none_match, since, read)
    assert not not_modified(200, [], none_match, since, read)


@pytest.mark.parametrize("piece", ['"', '"a",', "W/", "*", ",", '\\"', 'W/"'])
def test_long_conditions_take_linear_time(piece: str) -> None:
    text = piece * (262_144 // len(piece))
    with within(0.5):
        not_modified(200, [("ETag", '"x"')], text, text, False)


def test_what_a_304_does_not_have() -> None:
    kept = [("ETag", '"a"'), ("Set-Cookie", "a"), ("Content-Location", "/"), ("Date", "x")]
    dropped = [("content-length", "5"), ("Content-Type", "x"), ("Content-Encoding", "gzip")]
    assert without_body([*kept, *dropped]) == kept


def test_cookies_come_as_the_bytes_that_were_sent() -> None:
    assert EnvironCarrier({}).cookies() == ""
    assert EnvironCarrier({"HTTP_COOKIE": "a=b"}).cookies() == "a=b"
    assert EnvironCarrier({"HTTP_COOKIE": "a=\xe9"}).cookies() == b"a=\xe9"
    assert EnvironCarrier({"HTTP_COOKIE": "a=\u2603\ud800"}).cookies() == b"a=??"
    lines = [(b"cookie", b"a=\xe9"), (b"Cookie", b"b=1"), (b"x", b"y")]
    assert ScopeCarrier({"headers": lines}).cookies() == b"a=\xe9; b=1"
    assert ScopeCarrier({}).cookies() == b"" and ScopeCarrier({}).header("X") == ""
