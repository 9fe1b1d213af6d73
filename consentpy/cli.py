"""The command line: merge, explain, status, why, lint, decode.

Exit codes: 0; 1 when `why` says no or `lint` finds an error; 2 for bad input; 130 after an interrupt; 141 when the reader
of the output went away. What each command prints with --json is written down in docs/cli.md.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NoReturn

from . import __version__, _cli_lint
from ._cli_input import Fault, Files, check_stdin, country, moment, region, visitor
from ._cli_text import Screen, to_json, warn
from ._core import Notice, Status
from ._excerpt import clean
from .effective import EffectiveConfig
from .errors import UnknownIdError
from .explanation import advice, place, short

_NO, _BAD, _INTERRUPTED, _BROKEN_PIPE = 1, 2, 130, 141
_WORDS = {True: "yes", False: "no", None: "unknown"}
_GROUPS = {"optin": "opt-in", "optout": "opt-out", "none": "no law"}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command with the arguments given, those of the process by default, and returns
    its exit code."""
    try:
        try:
            code = _run(argv)
        except SystemExit as stop:  # argparse, after --help and --version
            code = stop.code if isinstance(stop.code, int) else 0
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except Fault as fault:
        warn(f"consentpy: {clean(str(fault))}")
        if fault.shown:
            warn(fault.shown)
    except UnknownIdError as error:
        warn(f"consentpy: {clean(str(error))}")
    except BrokenPipeError:
        _drop_output()
        return _BROKEN_PIPE
    except OSError as error:
        _drop_output()
        warn(f"consentpy: the output cannot be written ({error.strerror}): send it elsewhere")
    except KeyboardInterrupt:
        return _INTERRUPTED
    return _BAD


def _drop_output() -> None:
    """Sends what is still to be written to nowhere, or Python complains about it at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)
    except (OSError, ValueError):
        pass  # not a stream of the system


def _run(argv: Sequence[str] | None) -> int:
    parser = _parser()
    options, more = parser.parse_known_args(argv)
    if options.command is None:
        raise Fault(f"give a command, one of {', '.join(_COMMANDS)}, decode: see consentpy --help")
    unknown = [word for word in more if word.startswith("-") and word != "-"]
    if unknown:
        raise Fault(f"there is no option {unknown[0][:60]}: see consentpy {options.command} --help")
    if options.command == "decode":
        if more:
            raise Fault(f"give one TEXT, not {more[0][:60]!r} too: quote it if it has blanks")
        return _decode(options, Screen(sys.stdout))
    options.files += more  # files behind an option
    if options.command == "explain":
        if len(options.files) < 2:
            raise Fault("a FILE and a PATH are needed: see consentpy explain --help")
        options.path = options.files.pop()
    check_stdin(options)
    files = Files(options.files, options.catalog, options.gvl)
    return int(_COMMANDS[options.command](options, files, Screen(sys.stdout)))


# --------------------------------------------------------------------- commands


def _merge(options: argparse.Namespace, files: Files, screen: Screen) -> int:
    effective = files.config.effective(options.country, options.region).to_dict()
    if options.json:
        screen.json(effective)
    else:
        rows = [(path, to_json(value)) for path, value in _leaves(effective, "")]
        screen.table(rows, ("PATH", "VALUE"))
    return 0


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value that holds no other, with its path."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from _leaves(member, f"{path}{_step(key, first=not path)}")
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}[{number}]")
    elif path:
        yield path, value


def _step(key: str, first: bool) -> str:
    if not key or any(c in ".[]\"'" for c in key):
        escaped = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'["{escaped}"]'
    return key if first else f".{key}"


def _explain(options: argparse.Namespace, files: Files, screen: Screen) -> int:
    places = files.places(options.path, options.country, options.region)
    if not places:
        raise _nothing_at(options.path, files.config.effective(options.country, options.region))
    if options.json:
        screen.json({"path": options.path, "origins": [place._asdict() for place in places]})
        return 0
    rows = [
        (
            place.layer,
            f"{place.file}:{place.line}:{place.column}" if place.file else "-",
            to_json(place.value),
        )
        for place in places
    ]
    screen.table(rows, ("LAYER", "PLACE", "VALUE"))
    return 0


def _nothing_at(path: str, effective: EffectiveConfig) -> Fault:
    """The error for a path without a value, with a neighbour that has one."""
    start = f"nothing stands at {path[:200]!r}"
    missing = object()
    for end in range(min(len(path), 4096) - 1, -1, -1):  # no longer path is read
        if end and path[end] not in ".[":
            continue
        parent = effective.get(path[:end], missing) if end else effective.to_dict()
        if parent is missing:
            continue
        known = list(parent) if isinstance(parent, dict) else []
        wanted = re.split(r"[.\[\]]", path[end : end + 80].lstrip(".["))[0].strip("\"'")
        close = get_close_matches(wanted, known, n=1)
        if close:
            right = f"{path[:end]}{_step(close[0], first=not end)}"
            return Fault(f"{start}: did you mean {right!r}?")
        break
    return Fault(f"{start}: give a path such as app.name, consentpy merge lists them all")


def _status(options: argparse.Namespace, files: Files, screen: Screen) -> int:
    status = visitor(options, files.config)
    found = _of_status(status, options.show_user_id)
    if options.json:
        screen.json(found)
        return 0
    rows = [
        *_place_rows(status.notice),
        ("cookie", found["cookie_name"]),
        ("ask", f"{_WORDS[status.should_collect]}, {status.collect_reason}"),
        ("partial", _WORDS[status.partial]),
        ("bot", _WORDS[status.bot]),
        *((name, found[name] or "-") for name in ("created", "updated", "expires")),
    ]
    if options.show_user_id:
        rows.append(("user id", found["user_id"] or "-"))
    screen.table(rows)
    screen.write("")
    screen.table(
        [
            (
                vendor["id"],
                _WORDS[vendor["allowed"]],
                _basis(vendor["consent"], vendor["purposes"] or vendor["special_features"]),
                _basis(vendor["legitimate_interest"], vendor["legitimate_interest_purposes"]),
                vendor["name"],
            )
            for vendor in found["vendors"]
        ],
        ("VENDOR", "ALLOWED", "CONSENT", "LEG. INTEREST", "NAME"),
    )
    screen.write("")
    screen.table(
        [
            (
                purpose["id"],
                _WORDS[purpose["allowed"]],
                _basis(purpose["consent"], purpose["on_consent"]),
                _basis(purpose["legitimate_interest"], purpose["on_legitimate_interest"]),
                _WORDS[purpose["essential"]] if purpose["essential"] else "-",
                purpose["name"],
            )
            for purpose in found["purposes"]
        ],
        ("PURPOSE", "ALLOWED", "CONSENT", "LEG. INTEREST", "ESSENTIAL", "NAME"),
    )
    if found["diagnostics"]:
        screen.write("")
        screen.table(
            [(d["severity"], d["code"], d["message"]) for d in found["diagnostics"]],
            ("SEVERITY", "CODE", "ABOUT THE COOKIE"),
        )
    return 0


def _of_status(status: Status, show_user_id: bool) -> dict[str, Any]:
    notice = status.notice
    found: dict[str, Any] = {
        **_of_place(notice),
        "cookie_name": notice.cookie_name,
        "should_collect": status.should_collect,
        "collect_reason": status.collect_reason,
        "partial": status.partial,
        "bot": status.bot,
        "created": _iso(status.created),
        "updated": _iso(status.updated),
        "expires": _iso(status.expires),
    }
    if show_user_id:
        found["user_id"] = status.user_id
    found["vendors"] = [
        {
            "id": vendor.id,
            "name": vendor.name,
            "namespace": vendor.namespace,
            "purposes": vendor.purposes,
            "legitimate_interest_purposes": vendor.legitimate_interest_purposes,
            "special_features": vendor.special_features,
            "allowed": status.allows(vendor.sdk_id),
            "consent": status.vendor(vendor.sdk_id),
            "legitimate_interest": status.vendor(vendor.sdk_id, legitimate_interest=True),
        }
        for vendor in notice.vendors
    ]
    found["purposes"] = [
        {
            "id": purpose.id,
            "name": purpose.name,
            "namespace": purpose.namespace,
            "essential": purpose.essential,
            "on_consent": purpose.on_consent,
            "on_legitimate_interest": purpose.on_legitimate_interest,
            "allowed": status.allows(purposes=[purpose.id]),
            "consent": status.purpose(purpose.id),
            "legitimate_interest": status.purpose(purpose.id, legitimate_interest=True),
        }
        for purpose in notice.purposes
    ]
    found["diagnostics"] = [
        {"code": d.code, "severity": d.severity, "cookie": d.path, "message": d.message}
        for d in status.diagnostics
    ]
    return found


def _of_place(notice: Notice) -> dict[str, Any]:
    return {
        "country": notice.country,
        "region": notice.region,
        "regulation": notice.regulation,
        "group": notice.group,
    }


def _place_rows(notice: Notice) -> list[tuple[str, str]]:
    place = [notice.country or "unknown country", *([notice.region] if notice.region else [])]
    law = "none" if notice.group == "none" else f"{notice.regulation}, {_GROUPS[notice.group]}"
    return [("place", ", ".join(place)), ("regulation", law)]


def _basis(answer: bool | None, used: object) -> str:
    return _WORDS[answer] if used else "-"


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _why(options: argparse.Namespace, files: Files, screen: Screen) -> int:
    purposes = [part.strip() for part in options.purposes.split(",") if part.strip()]
    if options.vendor is None and not purposes:
        raise Fault("no tag is described: give --vendor ID, --purposes ID,ID or both")
    gate = files.config.gate(options.vendor, purposes)
    status = visitor(options, files.config)
    why = status.explain(gate)
    if options.json:
        screen.json(
            {
                **_of_place(status.notice),
                "vendor": gate.vendor,
                "purposes": gate.purposes,
                **why.to_dict(),
            }
        )
    else:
        word = "allowed" if why.allowed else "not allowed"
        screen.verdict(word, "" if why.reason == word else f": {why.reason}")
        screen.write("")
        screen.table(
            [
                (
                    _WORDS[step.passed],
                    step.step,
                    step.subject or "-",
                    (step.basis or "-").replace("_", " "),
                    step.text,
                )
                for step in why.steps
            ],
            ("OK", "STEP", "ABOUT", "BASIS", "WHY"),
        )
        screen.write("")
        screen.table(
            [(entry.path, place(entry), short(entry.value)) for entry in why.settings],
            ("SETTING", "PLACE", "VALUE"),
        )
        if why.would_allow is not None:
            screen.write("")
            screen.write(clean(advice(why)))
    return 0 if why.allowed else _NO


def _decode(options: argparse.Namespace, screen: Screen) -> int:
    from ._cli_decode import run

    return run(options, screen)


def _lint(options: argparse.Namespace, files: Files, screen: Screen) -> int:
    found = files.config.lint()
    if options.json:
        screen.json({"diagnostics": [_cli_lint.record(one) for one in found]})
    else:
        for line in _cli_lint.lines(found):
            screen.write(line)
    return _NO if _cli_lint.errors(found) else 0


_COMMANDS = {
    "merge": _merge,
    "explain": _explain,
    "status": _status,
    "why": _why,
    "lint": _lint,
}


# -------------------------------------------------------------------- arguments


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Fault(f"{message}: see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="consentpy",
        description="Which tags a visitor's consent allows, from a notice configuration and the "
        "visitor's cookies.",
        epilog="example:\n  consentpy merge notice.json --country FR",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"consentpy {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    _command(
        commands,
        "merge",
        "the effective configuration of one place",
        "consentpy merge notice.json site.json --country FR",
    )
    explain = _command(
        commands,
        "explain",
        "where a value of the configuration comes from, the winner first",
        "consentpy explain notice.json site.json app.consentDuration --country FR",
    )
    explain.usage = (
        "consentpy explain [-h] [--country CC] [--region RR] [--catalog FILE] [--gvl FILE]\n"
        "                         [--json] FILE [FILE ...] PATH"
    )
    status = _command(
        commands,
        "status",
        "what one visitor's answer allows",
        "consentpy status notice.json --country FR --token eyJ1c2VyX2lkIjoi...",
    )
    _visitor_options(status)
    status.add_argument(
        "--show-user-id", action="store_true", help="print the visitor's user id as well"
    )
    why = _command(
        commands,
        "why",
        "why a tag may run, or may not (exit code 1)",
        "consentpy why notice.json --vendor google --purposes cookies --country FR",
    )
    why.add_argument("--vendor", metavar="ID", help="the tag's vendor")
    why.add_argument("--purposes", metavar="ID,ID", default="", help="the tag's purposes")
    _visitor_options(why)
    _command(
        commands,
        "lint",
        "what in the configuration is a mistake (exit code 1), or may be one",
        "consentpy lint notice.json site.json",
    )
    decode = _command(
        commands,
        "decode",
        "what a consent string is and says",
        "consentpy decode CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA",
        configured=False,
    )
    decode.add_argument("text", metavar="TEXT", help="the string, - for standard input")
    decode.add_argument("--gvl", metavar="FILE", help="the Global Vendor List: names the vendors")
    decode.add_argument("--json", action="store_true", help="print JSON instead of a tree")
    return parser


def _command(
    commands: Any, name: str, does: str, example: str, configured: bool = True
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if not configured:
        return parser
    files = "a configuration, - for standard input; a later one wins"
    if name == "explain":
        files += "; the last argument is the PATH, such as app.vendors.custom[0].id"
    parser.add_argument("files", nargs="+", metavar="FILE", help=files)
    if name != "lint":  # which looks at all of them
        parser.add_argument(
            "--country", metavar="CC", type=country, help="where the visitor is: FR"
        )
        parser.add_argument("--region", metavar="RR", type=region, help="region of the country: CA")
    parser.add_argument("--catalog", metavar="FILE", help="what only Didomi's console knows")
    parser.add_argument("--gvl", metavar="FILE", help="the Global Vendor List of the IAB")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _visitor_options(parser: argparse.ArgumentParser) -> None:
    cookie = parser.add_mutually_exclusive_group()
    cookie.add_argument(
        "--cookie", metavar="HEADER", help="the visitor's Cookie header, - for standard input"
    )
    cookie.add_argument(
        "--token", metavar="VALUE", help="the value of the token cookie, - for standard input"
    )
    parser.add_argument(
        "--now", metavar="ISO", type=moment, help="the moment to judge: 2026-03-20T09:41:27Z"
    )
    parser.add_argument("--user-agent", metavar="TEXT", help="the visitor's User-Agent header")
    parser.add_argument("--gpc", action="store_true", help="the visitor sends Sec-GPC: 1")
