"""The command line at its edges: hostile visitors, bad input, odd streams and terminals."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from cli_runs import AGREED, NOTICE, VISITOR, enter, process, refused, run

from consentpy._cli_input import Fault, moment
from consentpy._cli_text import clean, display_width, shorten
from consentpy._excerpt import excerpt
from helpers import NOW, full, vendor, within


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(tmp_path, monkeypatch)


# ------------------------------------------------------------- hostile visitors

BINARY = bytes(range(256))
HOSTILE = [
    b"",
    BINARY,
    BINARY * 1000,
    b"A" * 1_000_000,
    b"eyJ" * 350_000,
    b"=" * 1000,
    b"%00%ff%",
    b"\x00",
    b"e30\x00=",
    b'"quoted"',
    b"\xed\xa0\x80\xff",
    b"bnVsbA==",
    b"W10=",
    b"W1tbW1tbW1tb",
    b"\x1b[2J\x1b]0;title\x07",
]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("option", ["--token", "--cookie"])
def test_whatever_a_visitor_sends_is_told_and_denied(option: str, value: bytes) -> None:
    if option == "--cookie":
        value = b"didomi_token=" + value
    with within(10):
        given = [
            run("status", "notice.json", *VISITOR, option, os.fsdecode(value), "--json"),
            run("status", "notice.json", *VISITOR, option, "-", "--json", stdin=value),
        ]
        tables = run("status", "notice.json", *VISITOR, option, os.fsdecode(value))
        why = run("why", "notice.json", *VISITOR, "--vendor=meter", option, os.fsdecode(value))
    for done in given:
        assert done.code == 0 and done.err == ""
        found = done.json()
        assert [v["id"] for v in found["vendors"] if v["allowed"]] == ["basket"]
        assert found["collect_reason"] == "no-choice"
        if len(value) > len(b"didomi_token="):
            assert found["diagnostics"], value[:40]
            assert found["diagnostics"][0]["cookie"] == "didomi_token"
    assert tables.code == 0 and tables.err == "" and "\x1b" not in tables.out
    assert why.code == 1 and why.err == "" and "\x1b" not in why.out


def test_surrogates_that_are_no_bytes_change_nothing() -> None:
    for option in ("--token", "--cookie", "--user-agent"):
        assert run("status", "notice.json", option, "didomi_token=\ud800\udfff").code == 0


def test_bytes_of_the_command_line() -> None:
    token = b"--token=" + bytes(range(1, 256))
    done = process("status", "notice.json", "--country", "FR", "--json", token)
    assert done.returncode == 0 and done.stderr == b""
    assert json.loads(done.stdout)["collect_reason"] == "no-choice"
    done = process("merge", b"\xff\x1b[31m.json")
    assert done.returncode == 2 and done.stdout == b""
    assert done.stderr.startswith(b"consentpy: \\udcff\\x1b[31m.json cannot be read (")


def test_a_file_whose_name_is_no_text() -> None:
    name = os.fsdecode(b"\xffa\n.json")
    Path(name).write_text('{"a": 1}', "utf-8")
    assert run("explain", name, "a").cells()[1] == [
        "\\udcffa\\n.json",
        "\\udcffa\\n.json:1:7",
        "1",
    ]
    assert run("explain", name, "a", "--json").json()["origins"][0]["layer"] == name


def test_names_of_a_configuration_cannot_speak_to_the_terminal() -> None:
    evil = "\x1b[2J\u202e\u2028\r\x00\x9b"
    config = full([{**vendor("a", ["p"]), "name": evil}, vendor("b", [evil])])
    Path("evil.json").write_text(json.dumps(config).replace("\\u0000", ""), "utf-8")
    for command in (["merge", "evil.json"], ["status", "evil.json"]):
        done = run(*command)
        assert done.code == 0
        assert all(line.isprintable() for line in done.out.split("\n"))
        assert "\\x1b[2J\\u202e" in done.out or "\\u001b[2J\\u202e" in done.out


# -------------------------------------------------------------------- bad input


def test_a_bad_configuration_is_shown_with_its_place() -> None:
    Path("bad.json").write_bytes(b'{\r\n\t"na\xc3\xafve": 1,, "x": 2\r\n}\n')
    assert refused("merge", "notice.json", "bad.json").split("\n") == [
        "bad.json: line 2, column 13: a member is missing before this comma: write one or remove "
        "the comma",
        '2 |  "naïve": 1,, "x": 2',
        "  |             ^",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"", "1 | "),
        (b"[]", "1 | []"),
        (b"{} trailing", "1 | {} trailing"),
        (b'{"a": 1, "a": 2}', '1 | {"a": 1, "a": 2}'),
        (b'{"a": "\xff"}', '1 | {"a": "\ufffd"}'),
        (b'{"a": "\x00"}', '1 | {"a": "\\x00"}'),
        (b'\xef\xbb\xbf{"a": 1}', '1 | \\ufeff{"a": 1}'),
        (b'{"a":\n\n\n', "4 | "),
        (b"\xff\xfe{\x00}\x00", "1 | \ufffd\ufffd{\\x00}\\x00"),
        (b"[" * 1_000_000, "1 | "),
    ],
)
def test_every_bad_text_has_a_sentence_and_a_caret(text: bytes, line: str) -> None:
    for argv in (["merge", "-"], ["status", "-"], ["why", "-", "--vendor", "x"]):
        lines = refused(*argv, stdin=text).split("\n")
        assert len(lines) == 3 and lines[0].startswith("<stdin>: line ")
        assert lines[1].startswith(line) and len(lines[1]) < 100
        assert re.fullmatch(r" +\| *\^", lines[2])


def test_a_long_line_is_shown_round_the_caret() -> None:
    text = b'{"a": [' + b'"\xc3\xa9", ' * 50_000 + b"nope, " + b"1, " * 50_000 + b"1]}"
    _, line, caret = refused("merge", "-", stdin=text).split("\n")
    assert line.startswith("1 | …") and line.endswith("…") and len(line) < 100
    assert line[caret.index("^") :].startswith("nope")


def test_too_much_text_is_refused(tmp_path: Path) -> None:
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(1 << 40)  # a hole: nothing on the disk
    with within(20):
        assert "big.json: " in refused("merge", str(big))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("absent.json", "No such file or directory"),
        (".", "Is a directory"),
        ("", "No such file or directory"),
        ("a\x00b", "it is no file name"),
        ("\ud800", "it is no file name"),
        ("x" * 5000, "File name too long"),
    ],
)
def test_a_file_that_cannot_be_read(path: str, why: str) -> None:
    for option in ([], ["notice.json", "--catalog"], ["notice.json", "--gvl"]):
        argv = ["merge", *option, path]
        message = refused(*argv)
        assert f"cannot be read ({why}): check the path" in message
        assert message.isprintable() and len(message) < 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"{,}", "catalog.json: line 1, column 2: "),
        (b"[]", "catalog.json: catalog: a catalog is an object"),
        (b'{"vendor": {}}', "catalog.json: catalog: vendor: a catalog has the sections"),
        (b'{"vendors": {"a": 1}}', "catalog.json: catalog: vendors.a: a vendor is an object"),
    ],
)
def test_a_bad_catalog(text: bytes, says: str) -> None:
    Path("catalog.json").write_bytes(text)
    message = refused("status", "notice.json", "--catalog", "catalog.json")
    assert message.startswith(says)
    assert ("\n" in message) == (text == b"{,}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"{,}", "list.json: gvl: line 1, column 2: "),
        (b'{"vendors": {}}', "list.json: gvl: line 1, column 1: this is no Global Vendor List"),
    ],
)
def test_a_bad_vendor_list(text: bytes, says: str) -> None:
    Path("list.json").write_bytes(text)
    message = refused("status", "notice.json", "--gvl", "list.json")
    assert message.startswith(says) and "\n1 | " in message


def test_standard_input_is_read_once() -> None:
    for argv in (
        ["merge", "-", "-"],
        ["merge", "-", "--catalog", "-"],
        ["merge", "notice.json", "--catalog", "-", "--gvl", "-"],
        ["status", "-", "--token", "-"],
        ["why", "notice.json", "--vendor=meter", "--catalog=-", "--cookie=-"],
    ):
        assert "only once" in refused(*argv, stdin=b"{}")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([], "give a command, one of merge, explain, status, why"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["merge"], "FILE"),
        (["merge", "notice.json", "--nonsense"], "there is no option --nonsense"),
        (["merge", "notice.json", "--vendor", "x"], "there is no option --vendor"),
        (["merge", "notice.json", "--coun", "FR"], "there is no option --coun"),
        (["status", "notice.json", "--token", "a", "--cookie", "b"], "not allowed with"),
        (["status", "notice.json", "--country"], "expected one argument"),
        (["status", "notice.json", "--country", "UK"], "--country 'UK' is no ISO 3166-1 code"),
        (["status", "notice.json", "--country", ""], "--country '' is no ISO 3166-1 code"),
        (["status", "notice.json", "--country", "F\x00"], "is no ISO 3166-1 code"),
        (["merge", "notice.json", "--region", "US-CA"], "--region 'US-CA' is no region's code"),
        (["merge", "notice.json", "--region", ""], "--region '' is no region's code"),
        (["status", "notice.json", "--nonsense\x1b[2J\n"], "there is no option --nonsense\\x1b"),
    ],
)
def test_bad_arguments(argv: list[str], says: str) -> None:
    message = refused(*argv)
    assert says in message and message.isprintable()


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-03-20T09:41:27Z", NOW),
        ("2026-03-20t09:41:27z", NOW),
        ("2026-03-20T10:41:27+01:00", NOW),
        ("2026-03-20T10:41:27+0100", NOW),
        ("2026-03-20T09:41:27.000000999Z", NOW),
        ("2026-03-20T09:41:27.5Z", NOW.replace(microsecond=500_000)),
        ("2026-03-20T09:41Z", NOW.replace(second=0)),
    ],
)
def test_moments(text: str, means: datetime) -> None:
    assert moment(text) == means


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-03-20",
        "2026-03-20T09:41:27",
        "2026-13-20T09:41:27Z",
        "2026-02-30T09:41:27Z",
        "2026-03-20T24:01:27Z",
        "2026-03-20T09:41:27+99:00",
        "٢٠٢٦-03-20T09:41:27Z",
        "2026-03-20T09:41:27Z\n",
        "1773999687",
        "x" * 100_000,
        "\ud800\x00",
    ],
)
def test_bad_moments(text: str) -> None:
    with pytest.raises(Fault):
        moment(text)
    message = refused("status", "notice.json", f"--now={text}")
    assert "write one such as 2026-03-20T09:41:27Z" in message
    assert message.isprintable() and len(message) < 200


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_the_calendar(text: str) -> None:
    assert run("status", "notice.json", "--now", text, "--token", AGREED, "--json").code == 0


# ------------------------------------------------------------ streams and shape


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    big = tmp_path / "big.json"
    big.write_text(json.dumps({"a": list(range(200_000))}), "utf-8")
    for form in ([], ["--json"]):
        for unbuffered in ("", "1"):
            with subprocess.Popen(
                [sys.executable, "-m", "consentpy", "merge", str(big), *form],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            ) as child:
                assert child.stdout is not None and child.stderr is not None
                assert child.stdout.read(10)
                child.stdout.close()
                assert child.stderr.read() == b""
                assert child.wait(60) == 141, (form, unbuffered)


def test_a_reader_that_never_came() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = process(
            "merge", "notice.json", capture_output=False, stdout=write, stderr=subprocess.PIPE
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is full")
def test_output_that_cannot_be_written() -> None:
    with open("/dev/full", "wb") as full:
        done = process(
            "merge", "notice.json", capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 2
    assert done.stderr.startswith(b"consentpy: the output cannot be written (No space left")
    assert done.stderr.count(b"\n") == 1


def test_closed_streams() -> None:
    shell = f'"{sys.executable}" -m consentpy'
    for command, code in [
        (f"{shell} merge notice.json >&-", 0),
        (f"{shell} merge - <&-", 2),
        (f"{shell} merge absent.json 2>&-", 2),
        (f"{shell} why notice.json --vendor meter >&- 2>&-", 1),
    ]:
        done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
        assert done.returncode == code, command
        assert b"Traceback" not in done.stderr and done.stdout == b""


def test_streams_that_are_not_utf8() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = process("merge", "notice.json", "--json", env=env)
    assert b"Caf\\u00e9" in done.stdout and json.loads(done.stdout) == NOTICE
    done = process("merge", "notice.json", env=env)
    assert done.returncode == 0 and b'"Caf\\xe9"' in done.stdout


def on_a_terminal(*argv: str, **env: str) -> str:
    """What the command line writes when its standard output is a terminal of 80 columns."""
    master, slave = pty.openpty()
    base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    child = subprocess.Popen(
        [sys.executable, "-m", "consentpy", *argv],
        stdout=slave,
        stdin=subprocess.DEVNULL,
        env={**base, "TERM": "xterm", "COLUMNS": "80", **env},
    )
    os.close(slave)
    out = b""
    try:
        while part := os.read(master, 65536):
            out += part
    except OSError as error:
        if error.errno != errno.EIO:  # how Linux tells that the other end is closed
            raise
    os.close(master)
    assert child.wait(60) in (0, 1)
    return out.decode().replace("\r\n", "\n")


def test_colour_is_for_terminals() -> None:
    long = {"app": {"name": "漢" * 200, "customPurposes": NOTICE["app"]["customPurposes"]}}
    Path("long.json").write_text(json.dumps(long), "utf-8")
    status = ["status", "notice.json", "--country", "FR"]
    coloured = on_a_terminal(*status)
    assert "\x1b[1mVENDOR" in coloured and "\x1b[31mno\x1b[0m" in coloured
    assert "\x1b[32myes\x1b[0m" in coloured
    plain = run(*status).out
    assert "\x1b" not in plain and re.sub(r"\x1b\[\d+m", "", coloured) == plain
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert on_a_terminal(*status, **env) == plain
    assert on_a_terminal(*status, NO_COLOR="") == coloured
    assert "\x1b" not in on_a_terminal(*status, "--json")
    cut = on_a_terminal("merge", "long.json", NO_COLOR="1").splitlines()
    assert max(map(display_width, cut)) <= 80 and cut[1].endswith("漢…")
    assert "漢" * 200 in run("merge", "long.json").out


def test_tables_align_wide_characters() -> None:
    assert display_width("e\u0301漢a") == 4
    assert shorten("漢" * 20, 12) == "漢" * 5 + "…" and shorten("short", 3) == "short"
    assert clean("a\u00a0b\u200f\x7f") == "a\u00a0b\\u200f\\x7f"


def test_excerpts_stay_inside_the_text() -> None:
    for text in (b"", b"\n\n", b"\x80\x80", b"abc", "é漢".encode() * 100):
        for line in (1, 2, 9):
            for at in range(len(text) + 1):
                for more in ((False, False), (True, True)):
                    shown, caret = excerpt(text, at, line, *more).split("\n")
                    assert shown.startswith(f"{line} | ") and caret.endswith("^")
                    assert display_width(caret) <= display_width(shown) + 1
                    assert len(shown) <= 4 + 1 + 50 + 25 + 1
