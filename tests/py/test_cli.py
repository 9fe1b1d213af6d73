"""The command line: both forms of each command, their shapes, and docs/cli.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import AGREED, NOTICE, REFUSED, SITE, VISITOR, Run, enter, refused, run
from vendor_lists import listed, vendor_list

import consentpy as cp
from consentpy._cli_text import to_json
from helpers import NOW, USER_ID, cookie, header, iso, within

DOCS = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(tmp_path, monkeypatch)


# ----------------------------------------------------------------------- merge


def test_merge_prints_the_effective_configuration_as_json() -> None:
    done = run("merge", "notice.json", "site.json", "--country", "fr", "--json")
    assert done.code == 0 and done.err == ""
    assert done.json() == cp.Config(NOTICE, SITE).effective("FR").to_dict()
    assert list(done.json()) == ["app", "regulations"]
    assert done.json()["app"]["consentDuration"] == 7776000
    assert "Café" in done.out


def test_merge_prints_every_leaf_with_its_path() -> None:
    done = run("merge", "notice.json", "site.json")
    assert done.code == 0
    rows = dict(done.cells()[1:])
    assert done.cells()[0] == ["PATH", "VALUE"]
    assert rows["app.consentDuration"] == "15552000"
    assert rows["app.vendors.custom[2].legIntPurposeIds[0]"] == '"audience"'
    assert rows["app.vendors.custom[1].legIntPurposeIds"] == "[]"
    effective = cp.Config(NOTICE, SITE).effective()
    for path, value in rows.items():
        assert effective.get(path) == json.loads(value), path


def test_every_path_that_merge_prints_can_be_explained() -> None:
    odd = {"a.b": {"": [{"it's": 1, 'say "x"': {}, "back\\slash": None, "é[0]": "ü"}]}}
    Path("odd.json").write_text(json.dumps(odd), "utf-8")
    paths = [line.rsplit("  ", 1)[0].rstrip() for line in run("merge", "odd.json").out.splitlines()]
    assert len(paths) == 5
    for path in paths[1:]:
        done = run("explain", "odd.json", path, "--json")
        assert done.code == 0 and done.json()["origins"][0]["layer"] == "odd.json", path


def test_columns_are_aligned() -> None:
    lines = run("merge", "notice.json").out.splitlines()
    start = lines[0].index("VALUE")
    assert all(line[start - 2 : start] == "  " and line[start] != " " for line in lines)
    assert all(line == line.rstrip() for line in lines)


def test_options_may_stand_between_files() -> None:
    one = run("merge", "notice.json", "--country", "FR", "site.json")
    assert one == run("merge", "--country", "FR", "notice.json", "site.json")
    assert one == run("merge", "notice.json", "site.json", "--country", "FR")


def test_a_file_may_come_from_standard_input() -> None:
    done = run("merge", "-", "site.json", "--json", stdin=b'{"app": {"name": "in"}}')
    assert done.json()["app"] == {"name": "in", "consentDuration": 15552000}


def test_numbers_beyond_the_doubles_stay_json() -> None:
    done = run("merge", "-", "--json", stdin=b'{"a": [1e999, -1e999, 0.1, 123456789012345678901]}')
    assert "1e999" in done.out and "Infinity" not in done.out
    inf = float("inf")
    assert done.json() == {"a": [inf, -inf, 0.1, 123456789012345678901]}


# --------------------------------------------------------------------- explain


def test_explain_lists_every_origin_the_winner_first() -> None:
    where = ["notice.json", "site.json", "app.consentDuration", "--country", "FR"]
    assert run("explain", *where).cells() == [
        ["LAYER", "PLACE", "VALUE"],
        ["country:FR", "site.json:8:28", "7776000"],
        ["site.json", "site.json:3:24", "15552000"],
        ["defaults", "-", "31622400"],
    ]
    done = run("explain", *where, "--json")
    assert done.code == 0
    assert done.json() == {
        "path": "app.consentDuration",
        "origins": [
            {
                "layer": "country:FR",
                "file": "site.json",
                "line": 8,
                "column": 28,
                "value": 7776000,
            },
            {
                "layer": "site.json",
                "file": "site.json",
                "line": 3,
                "column": 24,
                "value": 15552000,
            },
            {
                "layer": "defaults",
                "file": None,
                "line": None,
                "column": None,
                "value": 31622400,
            },
        ],
    }


@pytest.mark.parametrize("end", ["", "\n", "\r\n\n"])
def test_explain_tells_the_file_of_a_country_entry(end: str) -> None:
    text = '{"configByCountry": {"FR": {"a":\n  %d}}, "a": 0}' + end
    names = ["one.json", "two.json", "three.json"]
    for number, name in enumerate(names):
        Path(name).write_bytes((text % number).encode())
    origins = run("explain", *names, "a", "--country", "FR", "--json").json()["origins"]
    assert [(o["layer"], o["file"], o["line"], o["column"], o["value"]) for o in origins] == [
        ("country:FR", "three.json", 2, 3, 2),
        ("country:FR", "two.json", 2, 3, 1),
        ("country:FR", "one.json", 2, 3, 0),
        ("three.json", "three.json", 2, 13, 0),
        ("two.json", "two.json", 2, 13, 0),
        ("one.json", "one.json", 2, 13, 0),
    ]


def test_explain_tells_the_file_of_a_law() -> None:
    entry = {"regulation_id": "gdpr", "config": {"app": {"consentDuration": 60}}}
    Path("law.json").write_text(json.dumps({"regulation_configurations": [entry]}), "utf-8")
    origins = run(
        "explain", "notice.json", "law.json", "app.consentDuration", "--country", "FR", "--json"
    ).json()["origins"]
    assert [(o["layer"], o["file"], o["value"]) for o in origins] == [
        ("regulation:gdpr", "law.json", 60),
        ("defaults", None, 31622400),
    ]


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("app.consentDuratoin", "did you mean 'app.consentDuration'?"),
        ("ap", "did you mean 'app'?"),
        ("app.vendors.custm[0].id", "did you mean 'app.vendors.custom'?"),
        ("app.vendors.custom[9]", "give a path such as app.name"),
        ("zzz", "give a path such as app.name"),
        ("a..b", "give a path such as app.name"),
        ("app.", "give a path such as app.name"),
        ("", "give a path such as app.name"),
        ("[", "give a path such as app.name"),
        ("configByCountry.FR", "give a path such as app.name"),
        ("x\x00y", "give a path such as app.name"),
        (os.fsdecode(b"\xff"), "give a path such as app.name"),
        ("." * 100_000, "give a path such as app.name"),
        ("[0]" * 30_000, "give a path such as app.name"),
    ],
)
def test_a_path_without_a_value_is_bad_input(path: str, advice: str) -> None:
    with within(5):
        message = refused("explain", "notice.json", "site.json", path)
    assert message.startswith("nothing stands at ") and advice in message
    assert "\n" not in message and len(message) < 400


def test_the_last_argument_of_explain_is_the_path() -> None:
    assert "a FILE and a PATH are needed" in refused("explain", "notice.json")
    between = run("explain", "notice.json", "--country", "FR", "site.json", "app.consentDuration")
    assert between.code == 0 and "country:FR" in between.out


# ---------------------------------------------------------------------- status


def test_status_as_json() -> None:
    done = run("status", "notice.json", *VISITOR, "--token", AGREED, "--json")
    assert done.code == 0 and done.err == ""
    found = done.json()
    assert list(found) == [
        "country",
        "region",
        "regulation",
        "group",
        "cookie_name",
        "should_collect",
        "collect_reason",
        "partial",
        "bot",
        "created",
        "updated",
        "expires",
        "vendors",
        "purposes",
        "diagnostics",
    ]
    assert (found["country"], found["region"]) == ("FR", None)
    assert (found["regulation"], found["group"]) == ("gdpr", "optin")
    assert (found["should_collect"], found["collect_reason"]) == (False, "complete")
    assert found["created"] == found["updated"] == "2026-03-20T08:41:27.000Z"
    assert found["expires"] == "2027-03-21T08:41:27.000Z"
    assert found["diagnostics"] == []
    assert found["vendors"][2] == {
        "id": "adrow",
        "name": "adrow",
        "namespace": "custom",
        "purposes": ["ads"],
        "legitimate_interest_purposes": ["audience"],
        "special_features": [],
        "allowed": True,
        "consent": True,
        "legitimate_interest": True,
    }
    assert found["purposes"][1] == {
        "id": "audience",
        "name": "Measure the audience",
        "namespace": "custom",
        "essential": False,
        "on_consent": True,
        "on_legitimate_interest": True,
        "allowed": True,
        "consent": True,
        "legitimate_interest": True,
    }


def test_status_as_tables() -> None:
    done = run("status", "notice.json", *VISITOR, "--token", REFUSED)
    assert done.code == 0
    cells = done.cells()
    for row in (
        ["place", "FR"],
        ["regulation", "gdpr, opt-in"],
        ["cookie", "didomi_token"],
        ["ask", "no, complete"],
        ["partial", "no"],
        ["bot", "no"],
        ["updated", "2026-03-20T08:41:27.000Z"],
        ["VENDOR", "ALLOWED", "CONSENT", "LEG. INTEREST", "NAME"],
        ["meter", "no", "no", "-", "meter"],
        ["adrow", "no", "no", "no", "adrow"],
        ["PURPOSE", "ALLOWED", "CONSENT", "LEG. INTEREST", "ESSENTIAL", "NAME"],
        ["necessary", "yes", "yes", "-", "yes", "Run the shop"],
        ["ads", "no", "no", "-", "-", "Show advertising"],
    ):
        assert row in cells, row
    assert "SEVERITY" not in done.out


def test_verdicts_are_those_of_the_status() -> None:
    for token, options in [
        (None, {}),
        (AGREED, {}),
        (REFUSED, {}),
        (cookie({"vendors": {"enabled": ["meter"]}, "purposes": {"enabled": ["audience"]}}), {}),
        (AGREED, {"gpc": True}),
    ]:
        argv = ["notice.json", "--country", "US", "--region", "CA", "--now", iso(NOW), "--json"]
        argv += ["--token", token] if token else []
        argv += ["--gpc"] if options else []
        found = run("status", *argv).json()
        cookies = {"didomi_token_cpra": token} if token else {}
        status = cp.Config(NOTICE).status(cookies, country="US", region="CA", now=NOW, **options)
        assert found["regulation"] == "cpra" and found["group"] == "optout"
        assert {v["id"]: v["allowed"] for v in found["vendors"]} == {
            v.id: status.allows(v.id) for v in status.notice.vendors
        }
        assert {p["id"]: (p["consent"], p["legitimate_interest"]) for p in found["purposes"]} == {
            p.id: (status.purpose(p.id), status.purpose(p.id, True)) for p in status.notice.purposes
        }
        assert found["collect_reason"] == status.collect_reason


def test_a_raw_header_is_the_same_as_its_token() -> None:
    token = run("status", "notice.json", *VISITOR, "--token", AGREED, "--json")
    for given in (header(AGREED), f"Cookie: {header(AGREED)}", f"cookie:{header(AGREED)}"):
        assert run("status", "notice.json", *VISITOR, "--cookie", given, "--json") == token
        piped = run(
            "status", "notice.json", *VISITOR, "--cookie", "-", "--json", stdin=given.encode()
        )
        assert piped == token
    piped = run(
        "status", "notice.json", *VISITOR, "--token=-", "--json", stdin=f"{AGREED}\r\n".encode()
    )
    assert piped == token


def test_bots_and_places() -> None:
    bots = {"user": {"bots": {"consentRequired": False, "types": ["crawlers"]}}}
    Path("bots.json").write_text(json.dumps(bots), "utf-8")
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    found = run("status", "notice.json", "bots.json", "--user-agent", agent, "--json").json()
    assert found["bot"] is True and found["country"] is None
    table = run("status", "notice.json", "--country", "BR").cells()
    assert ["regulation", "none"] in table
    assert ["place", "unknown country"] in run("status", "notice.json").cells()


def test_the_catalog_is_used() -> None:
    Path("google.json").write_text('{"app": {"vendors": {"didomi": ["google"]}}}', "utf-8")
    Path("catalog.json").write_text(
        json.dumps({"vendors": {"google": {"name": "Mine", "purposes": ["cookies"]}}}), "utf-8"
    )
    found = run("status", "google.json", "--catalog", "catalog.json", "--json").json()
    assert [(v["name"], v["purposes"]) for v in found["vendors"]] == [("Mine", ["cookies"])]


def test_the_vendor_list_is_used() -> None:
    Path("iab.json").write_text('{"app": {"vendors": {"iab": {"all": true}}}}', "utf-8")
    Path("list.json").write_text(json.dumps(vendor_list(listed(7), listed(28))), "utf-8")
    found = run("status", "iab.json", "--gvl", "list.json", "--json").json()
    shown = [(v["id"], v["name"], v["namespace"]) for v in found["vendors"]]
    assert shown[1:] == [("7", "Company 7", "iab"), ("28", "Company 28", "iab")]
    why = ["why", "iab.json", "--gvl=list.json", "--vendor", "iab:28"]
    assert run(*why, "--country", "JP", "--json").json()["reason"] == "not-required"
    piped = run("merge", "iab.json", "--gvl", "-", stdin=Path("list.json").read_bytes())
    assert ["app.vendors.iab.all", "true"] in piped.cells()
    origins = ["explain", "iab.json", "iab.json", "app.vendors.iab.all", "--gvl", "list.json"]
    assert len(run(*origins, "--json").json()["origins"]) == 3


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_personal_data_needs_a_word(form: list[str]) -> None:
    argv = ["notice.json", *VISITOR, "--token", AGREED, *form]
    quiet = run("status", *argv)
    assert USER_ID not in quiet.out and AGREED not in quiet.out and "user" not in quiet.out
    loud = run("status", *argv, "--show-user-id")
    assert USER_ID in loud.out and AGREED not in loud.out
    if form:
        assert loud.json() == {**quiet.json(), "user_id": USER_ID}
    why = run("why", *argv, "--vendor", "meter")
    assert why.code == 0 and USER_ID not in why.out and AGREED not in why.out


# ------------------------------------------------------------------------- why


def test_why_says_yes_with_zero_and_no_with_one() -> None:
    argv = ["why", "notice.json", *VISITOR, "--vendor", "meter", "--purposes", "audience, ads"]
    yes = run(*argv, "--token", AGREED)
    assert yes.code == 0 and yes.out.startswith("allowed\n")
    no = run(*argv, "--token", REFUSED)
    assert no.code == 1 and no.out.startswith("not allowed: vendor-refused\n") and no.err == ""
    assert ["OK", "STEP", "ABOUT", "BASIS", "WHY"] in no.cells()
    assert ["no", "purpose", "ads", "consent", "the visitor refuses it"] in no.cells()
    assert ["SETTING", "PLACE", "VALUE"] in no.cells() and [
        "SETTING",
        "PLACE",
        "VALUE",
    ] in yes.cells()
    assert ["app.consentDuration", "defaults", "31622400"] in yes.cells()
    advice = [line for line in no.out.splitlines() if line.startswith("would be allowed")]
    assert advice == [
        "would be allowed if the visitor agreed to the purposes audience, ads and the vendor meter"
    ]
    assert "would be allowed" not in yes.out


@pytest.mark.parametrize("token", [AGREED, REFUSED, None])
def test_why_as_json(token: str | None) -> None:
    visitor = ["--token", token] if token else []
    done = run(
        "why", "notice.json", *VISITOR, *visitor, "--json", "--vendor", "c:adrow", "--purposes=ads"
    )
    cookies = {"didomi_token": token} if token else {}
    config = cp.Config(Path("notice.json"), names=["notice.json"])
    status = config.status(cookies, country="FR", now=NOW)
    assert done.json() == {
        "country": "FR",
        "region": None,
        "regulation": "gdpr",
        "group": "optin",
        "vendor": "adrow",
        "purposes": ["ads"],
        **status.explain("adrow", ["ads"]).to_dict(),
    }
    assert done.code == (0 if status.allows("adrow", ["ads"]) else 1)


def test_unknown_ids_are_bad_input_with_a_suggestion() -> None:
    for option, id in [("--vendor", "metre"), ("--purposes", "audience,adz")]:
        message = refused("why", "notice.json", option, id)
        assert re.search(r"did you mean '(meter|ads)'\?$", message)
    for id in ("", "x" * 100_000, "a\x00b", os.fsdecode(b"\xff\xfe"), "\x1b[31m", "c:"):
        message = refused("why", "notice.json", "--vendor", id)
        assert "is not in the configuration" in message and message.isprintable()
        assert len(message) < 250


@pytest.mark.parametrize("options", [[], ["--purposes", ""], ["--purposes", " , ,"]])
def test_why_needs_a_tag(options: list[str]) -> None:
    assert "give --vendor ID" in refused("why", "notice.json", *options)


def test_help_has_an_example_of_each_command() -> None:
    for command in ([], ["merge"], ["explain"], ["status"], ["why"]):
        done = run(*command, "--help")
        assert done.code == 0 and done.err == ""
        name = " ".join(["consentpy", *command])
        assert done.out.startswith(f"usage: {name} ")
        example = done.out.rsplit("example:\n  ", 1)[1]
        assert example.startswith(f"{name} ") and example.count("\n") == 1


def test_the_examples_of_the_help_run() -> None:
    google = {"app": {"vendors": {"didomi": ["google"]}}}
    Path("site.json").write_text(json.dumps(google), "utf-8")
    for command in ("merge", "explain", "status", "why"):
        example = run(command, "--help").out.rsplit("example:\n  consentpy ", 1)[1].split()
        example = ["site.json" if word == "notice.json" else word for word in example]
        done = run(*example)
        assert done.code == (1 if command == "why" else 0) and done.err == "", command


def test_version() -> None:
    assert run("--version") == Run(0, f"consentpy {cp.__version__}\n", "")


def test_importing_the_package_does_not_import_the_command_line() -> None:
    code = (
        "import sys, consentpy; bad = {'argparse', 'consentpy.cli', 'consentpy.__main__'};"
        "print(sorted(name for name in sys.modules if name in bad or '_cli' in name))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_json_of_the_command_line_is_that_of_the_library() -> None:
    value = {"a": [], "b": {}, "c": [1, 2.5, None, True, "é\n"], "d": {"e": [{"f": (1, 2)}]}}
    for ascii_only in (False, True):
        assert to_json(value, ascii_only=ascii_only, indent=2) == json.dumps(
            value, ensure_ascii=ascii_only, indent=2
        )
        assert to_json(value, ascii_only=ascii_only) == json.dumps(value, ensure_ascii=ascii_only)


# ---------------------------------------------------------------- documentation


def test_the_examples_of_the_documentation(tmp_path: Path) -> None:
    text = DOCS.read_text("utf-8")
    files = re.findall(r"^`([\w.]+)`:\n\n```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in files] == ["notice.json", "site.json", "token.txt"]
    for name, content in files:
        (tmp_path / name).write_text(content, "utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    examples = [example for block in blocks for example in re.split(r"^\$ ", block, flags=re.M)[1:]]
    assert len(examples) >= 10
    shell = f'consentpy() {{ "{sys.executable}" -m consentpy "$@"; }}\n'
    for example in examples:
        command, expected = example.split("\n", 1)
        done = subprocess.run(
            ["sh", "-c", shell + command],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            check=False,
            timeout=60,
        )
        assert done.stdout.decode() == expected, command


def test_the_documentation_lists_the_members_of_status() -> None:
    found = run("status", "notice.json", "--json", "--show-user-id").json()
    table = re.search(r"^\| Member.*?\n\n", DOCS.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert table is not None
    rows = [line.split(" | ", 1) for line in table[0].strip().splitlines()[2:]]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    assert named == list(found)
    for names, value in rows:
        for kind in ("vendors", "purposes"):
            if names == f"| `{kind}`":
                assert re.findall(r"`(\w+)`", value) == list(found[kind][0])
