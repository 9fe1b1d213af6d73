"""`consentpy.decode` and `consentpy decode`: which string it is, what it says, in words."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cli_runs import refused, run
from hypothesis import given
from hypothesis import strategies as st
from vendor_lists import listed, vendor_list

import consentpy as cp
from consentpy._cli_decode import ranges
from consentpy._words import fault, words
from consentpy.formats import FORMATS, recognise
from helpers import USER_ID, VECTORS, cookie

TC = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"
GPP = "DBACTMA~1YNN~BpRJQaRU.YA"
AC = "2~1.35.41.101~dv.9.21.81"
DCS = "CGXEOiZUeaEKDVdCUtg5JJEEhbOVUEhbObgABEAUAiCoAIAAAAAAAAAAAAAAAAAAAACIAAIAAEAAIAA4H5EAAiAA"
TOKEN = cookie({"vendors": {"enabled": ["c:a"]}, "user_id": USER_ID})
ONE_OF_EACH = {"tcf": TC, "dcs": DCS, "gpp": GPP, "ac": AC, "usp": "1YNN", "token": TOKEN}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("ascii"))


def code_of(text: str) -> str:
    with pytest.raises(cp.DecodeError) as caught:
        cp.decode(text)
    assert str(caught.value)
    return caught.value.code


# ------------------------------------------------------------------ recognised


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_one_of_each(name: str) -> None:
    text = ONE_OF_EACH[name]
    format, found = recognise(text)
    assert format.name == name and format in FORMATS
    module = getattr(cp, name)
    assert found == module.decode(text) == cp.decode(text) == cp.decode(f" {text}\n")
    assert type(found) is type(module.decode(text))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("gpp", [case["gpp"] for case in vectors("gpp")["valid"]]),
        ("ac", [c["ac"] for c in vectors("ac")["cases"] if c["expect"]["lenient"] == "ok"]),
        ("dcs", [c["input"] for c in vectors("dcs") if c["name"].startswith("dcs/v")]),
        (
            "token",
            [
                case["input"]
                for case in vectors("didomi")
                if case["kind"] == "didomi_token_decode" and case["expected"]
            ],
        ),
    ],
)
def test_every_vector_is_what_it_is(name: str, texts: list[str]) -> None:
    assert len(texts) >= 4
    for text in texts:
        assert recognise(text)[0].name == name, text
        shown = run("decode", text)
        assert shown.code == 0 and shown.err == "", text


def test_tc_strings_are_told_from_didomis() -> None:
    cases = vectors("tcf")["valid"]
    for case in cases[:: max(1, len(cases) // 150)]:
        assert recognise(case["tc"])[0].name == "tcf", case["id"]


def test_a_string_that_is_both_is_neither() -> None:
    """All fields zero, a section with room for 250 undecided ids: bits that both read."""
    empty = "001" + "0" * 16
    bits = "000010" + "0" * 217 + empty * 3 + f"001{250:016b}" + "0" * 500
    bits += "0" * (-len(bits) % 24)
    text = "".join(ALPHABET[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))
    assert cp.tcf.decode(text, strict=True) and cp.dcs.decode(text, strict=True)
    with pytest.raises(cp.DecodeError, match=r"consentpy\.tcf or consentpy\.dcs") as caught:
        cp.decode(text)
    assert caught.value.code == "ambiguous"


def test_lenient_reading_comes_after_all_strict_ones() -> None:
    assert cp.decode("2~1.x").warnings == ("parts", "bad_id")
    assert "excess_padding" in cp.decode(TC + "A" * 40).warnings
    assert cp.decode("1Y-N").warnings == ("opt_out_unknown_while_ccpa_applies",)
    assert cp.decode("DBACTMA~1YNX~BpRJQaRU.YA").warnings[0] == "section_error"
    assert cp.decode(cookie({"vendors": {"enabled": ["c:a"], "disabled": ["c:a"]}})).warnings


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "nothing"),
        (" \n", "nothing"),
        ("null", "nothing"),
        ("undefined", "nothing"),
        ("None", "nothing"),
        ("${GDPR_CONSENT_755}", "macro"),
        ("%24%7BADDTL_CONSENT%7D", "macro"),
        ("{gdpr_consent}", "macro"),
        ("[CONSENT]", "macro"),
        ("%%GPP%%", "macro"),
        ("1%7E1.2", "percent_encoded"),
        ("hello world", "unrecognised"),
        ("1", "unrecognised"),
        ("éclair", "unrecognised"),
        ("C" + "é" * 9, "bad_char"),
        ("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", "unsupported_version"),
        (TC[:20], "truncated"),
        ("DBA*", "bad_char"),
        ("1YNX", "bad_char"),
        ("2YNN", "unrecognised"),
        ("eyJhIjox", "bad_json"),
        ("C" * 65537, "too_long"),
    ],
)
def test_what_cannot_be_read(text: str, code: str) -> None:
    assert code_of(text) == code


def test_a_bad_string_of_two_kinds_is_told_of_both() -> None:
    with pytest.raises(cp.DecodeError, match=r"as a TC string: .*; as a Didomi Consent String: "):
        cp.decode(TC[:20])


@pytest.mark.parametrize("given", [None, 1, b"1YNN"])
def test_only_texts(given: Any) -> None:
    with pytest.raises(TypeError):
        cp.decode(given)


@given(st.text(alphabet=ALPHABET[:6] + "123~.YN-%${}é ", max_size=50))
def test_any_text_is_something_or_an_error(text: str) -> None:
    try:
        cp.decode(text)
    except cp.DecodeError as error:
        assert error.code and 0 <= error.offset <= len(text)
    done = run("decode", "--", text)
    assert done.code in (0, 2) and "Traceback" not in done.err


# ------------------------------------------------------------------ in words


def test_every_warning_has_words() -> None:
    core = Path(__file__).parents[2] / "csrc" / "core"
    tcf = re.findall(r'^    "([a-z0-9_]+)",$', (core / "tcf_check.c").read_text("utf-8"), re.M)
    gpp = re.findall(
        r'cns_gpp_warn\(in, "([a-z0-9_]+)"\)',
        "".join(path.read_text("utf-8") for path in core.glob("gpp*.c")),
    )
    assert len(tcf) > 20 and len(gpp) > 3
    own = ["blanks", "parts", "disclosed_prefix", "bad_id", "unsorted", "repeated_id", "overlap",
           "bad_char", "contradiction", "unread_fields", "section_error",
           "opt_out_unknown_while_ccpa_applies"]  # fmt: skip
    for code in [*tcf, *gpp, *own]:
        assert " " in words(code), code
    assert words("value_3:SaleOptOut") == "SaleOptOut has the value 3, which has no meaning"
    assert words("new_code") == "new_code"


def test_every_section_that_cannot_be_read_is_told_in_words() -> None:
    core = Path(__file__).parents[2] / "csrc" / "core"
    sources = [
        *core.glob("gpp*.c"),
        core / "usp.c",
        core / "tcf_read.c",
        core / "tcf_restrictions.c",
    ]
    text = "".join(path.read_text("utf-8") for path in sources)
    pattern = r'(?:cns_gpp_refuse\(in|\bfail\(&?r|cns_tc_refuse\(r), "([a-z_]+)"'
    codes = set(re.findall(pattern, text)) | {"bad_length", "bad_char"}  # the two of usp.c
    assert len(codes) >= 18
    for code in codes:
        assert " " in fault(code), code
    assert fault("new_code") == "new_code"
    broken = [case for case in vectors("gpp")["malformed"] if case["expect"] == "section_error"]
    assert len(broken) > 5
    for case in broken:
        text = case["gpp"].strip()  # as the command reads it
        sections = cp.gpp.decode(text).to_dict()["sections"]
        section = next(one for one in sections if "error" in one)
        told = f"cannot be read: {fault(section['error'])}"
        shown = run("decode", text)
        assert shown.code == 0 and told in " ".join(shown.out.split())
        with pytest.raises(cp.DecodeError) as caught:
            cp.gpp.decode(text, strict=True)
        assert str(caught.value).endswith(f"({section['name']}) {told}")


@given(st.sets(st.integers(1, 60)))
def test_ranges(ids: set[int]) -> None:
    text = ranges([*ids])
    assert cp.ac.encode({"version": 1, "consented": ids}) == "1~" + ".".join(
        str(id)
        for part in filter(None, text.split(","))
        for id in range(int(part.split("-")[0]), int(part.split("-")[-1]) + 1)
    )
    parts = [[int(end) for end in part.split("-")] for part in filter(None, text.split(","))]
    assert all(one[-1] + 1 < two[0] for one, two in pairwise(parts))


# ------------------------------------------------------------------ the command


def test_the_tree_of_a_tc_string() -> None:
    text = cp.tcf.encode(
        {**cp.tcf.decode(TC).to_dict(), "vendor_consents": {"ids": "1-3,8"},
         "created_ds": 17_280_000_000, "last_updated_ds": 17_280_000_001}
    )  # fmt: skip
    rows = {row[0]: row[1:] for row in run("decode", text).cells()}
    assert rows["TC string"] == []
    assert rows["vendor_consents"] == ["1-3,8", "(4 in all)"]
    assert rows["created"] == ["2024-10-04"]
    assert rows["last_updated"] == ["2024-10-04T00:00:00.100Z"]
    assert rows["publisher_tc"] == ["-"] and rows["is_service_specific"] == ["yes"]
    warnings = [row for row in run("decode", text).cells() if row[0] == "warning"]
    assert ["warning", "not_day_precision", words("not_day_precision")] in warnings


def test_vendors_are_named_from_a_list(tmp_path: Path) -> None:
    gvl = tmp_path / "gvl.json"
    gvl.write_text(json.dumps(vendor_list(listed(2, name="Two"), listed(9, name="Nine"))), "utf-8")
    text = cp.tcf.encode({**cp.tcf.decode(TC).to_dict(), "vendor_consents": {"ids": "1-3"}})
    done = run("decode", text, "--gvl", str(gvl))
    assert ["", "2", "Two"] in done.cells() and "Nine" not in done.out
    assert run("decode", "--json", "--gvl", str(gvl), text).json()["vendors"] == {"2": "Two"}


def test_vendors_of_gpp_sections_are_named_from_a_list(tmp_path: Path) -> None:
    gvl = tmp_path / "gvl.json"
    vendors = [listed(id, name=f"Number {id}") for id in (2, 9, 12, 20, 30, 121)]
    gvl.write_text(json.dumps(vendor_list(*vendors)), "utf-8")
    european = cp.tcf.decode(TC).to_dict()
    european["vendor_consents"] = {"ids": "1-3"}
    european["vendor_legitimate_interests"] = {"ids": "9"}
    european["publisher_restrictions"] = [{"purpose_id": 2, "type": 0, "ids": "121"}]
    canadian = next(
        section
        for case in vectors("gpp")["valid"]
        for section in case["sections"]
        if section["name"] == "tcfcav1" and section["decoded"]
    )["decoded"]
    canadian = {**canadian, "vendor_express_consent": "10-12", "vendor_implied_consent": "20,21"}
    canadian["disclosed_vendors"] = "2,12,20"
    text = cp.gpp.encode(
        {
            "section_ids": [2, 5],
            "sections": [{"id": 2, "decoded": european}, {"id": 5, "decoded": canadian}],
        }
    )
    done = run("decode", text, "--gvl", str(gvl))
    named = [row[1:] for row in done.cells() if row[-1].startswith("Number")]
    assert named == [
        [str(id), f"Number {id}"] for id in (2, 9, 121, 12, 20, 2, 12, 20)
    ]  # in the order of the sections and their sets
    rows = {row[1]: row[2:] for row in done.cells() if len(row) > 2}
    assert rows["vendor_express_consent"] == ["10-12"]
    found = run("decode", "--json", "--gvl", str(gvl), text).json()["vendors"]
    assert list(found) == ["2", "9", "12", "20", "121"]
    plain = run("decode", text)
    assert "Number" not in plain.out and "20-21" in plain.out


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_json(name: str) -> None:
    text = ONE_OF_EACH[name]
    found = run("decode", text, "--json").json()
    assert found["format"] == name and found["notes"] == []
    assert found["decoded"] == json.loads(json.dumps(cp.decode(text).to_dict()))
    assert found["warnings"] == [
        {"code": code, "message": words(code)} for code in cp.decode(text).warnings
    ]


def test_what_follows_the_sections_is_shown() -> None:
    found = run("decode", f"{DCS}.d.o~s", "--json").json()
    assert (found["did"], found["ouid"], found["signature"]) == ("d", "o", "s")
    rows = {row[0]: row[1:] for row in run("decode", f"{DCS}.d.o~s").cells()}
    assert (rows["did"], rows["ouid"], rows["signature"]) == (["d"], ["o"], ["s"])


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (f" {AC}\n", "blanks round the text were taken away"),
        (f'"{AC}"', "quotes round the text were taken away"),
        ("2%7E1.35.41.101%7Edv.9.21.81", "percent-encoded: decode it before"),
        ("2%257E1.35.41.101%257Edv.9.21.81", "percent-encoded 2 times over"),
    ],
)
def test_what_came_from_pasting_is_undone_and_told(text: str, note: str) -> None:
    for argv, stdin in (((text,), b""), (("-",), text.encode())):
        found = run("decode", "--json", *argv, stdin=stdin).json()
        assert found["decoded"] == cp.ac.decode(AC).to_dict()
        assert note in found["notes"][0]
    assert note in run("decode", text).out


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["${GDPR_CONSENT_755}"], "a macro that nobody replaced"),
        (["null"], "stands for no value"),
        (["nothing like it"], "is no consent string that is known here"),
        ([TC[:20]], "as a TC string"),
        (["2~", "3~"], "give one TEXT"),
        ([AC, "--gvl", "nowhere.json"], "nowhere.json cannot be read"),
        (["-", "--gvl", "-"], "standard input (-) can be read only once"),
        ([], "arguments are required: TEXT"),
    ],
)
def test_bad_input(argv: list[str], says: str) -> None:
    assert says in refused("decode", *argv)


def test_control_characters_do_not_reach_the_terminal() -> None:
    done = run("decode", f"{DCS}.\x1b[31m~\x07")
    assert done.code == 0 and "\x1b" not in done.out and "\x07" not in done.out
