"""R14: which user agents are bots. Expressions of the site's own are compared with Python's `re`.

The properties build an expression as a tree and write it down twice: as JavaScript,
which is what configurations hold, and for `re`, where everything that the two
languages read differently is spelt out. Both see UTF-16 units, as browsers do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import consentpy as cp
from helpers import NOW, fastest, full, vendor, within

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"


def notice(*expressions: Any, **bots: Any) -> cp.Notice:
    """A notice that knows these expressions and, unless told otherwise, no built-in list."""
    config = full([vendor("v", ["p1"])])
    config["user"] = {"bots": {"types": [], "extraUserAgents": list(expressions), **bots}}
    return cp.Config(config).notice("FR")


def bot(expression: str, agent: str) -> bool:
    return notice(expression).status({}, now=NOW, user_agent=agent).bot


# ----------------------------------------------------------- the rules of R14


def test_r14_an_expression_of_the_sites_own_makes_a_bot() -> None:
    seen = notice("^MyMonitor/", consentRequired=False)
    asked = seen.status({}, now=NOW, user_agent="MyMonitor/1.0")
    assert asked.bot and asked.collect_reason == "bot" and asked.allows("v")
    other = seen.status({}, now=NOW, user_agent="xMyMonitor/1.0")
    assert not other.bot and other.should_collect and not other.allows("v")
    assert not seen.status({}, now=NOW).bot


def test_r14_expressions_stand_beside_the_lists() -> None:
    both = notice("^My", types=["crawlers", "nonsense", 5, None])
    for agent, expected in (("MyTool", True), ("Googlebot", True), ("gtmetrix", False)):
        assert both.status({}, now=NOW, user_agent=agent).bot is expected


@pytest.mark.parametrize(
    "useless",
    ["", "([", "(?=a)", "(?!b)", "(?<=a)b", "(?<n>a)", r"(a)\1", r"\01", 5, None, ["a"], "a" * 513],
    ids=repr,
)
def test_r14_an_entry_that_cannot_be_used_is_skipped(useless: Any) -> None:
    seen = notice(useless, "^good$", useless)
    assert seen.status({}, now=NOW, user_agent="good").bot
    for agent in ("a" * 513, "aa", "ab", "", "5", "(["):
        assert not seen.status({}, now=NOW, user_agent=agent).bot


@pytest.mark.parametrize("extra", [None, "good", {"0": "good"}, 5])
def test_r14_what_is_no_list_is_ignored(extra: Any) -> None:
    assert not notice(extraUserAgents=extra).status({}, now=NOW, user_agent="good").bot


def test_r14_countries_have_their_own_expressions() -> None:
    config = full([vendor("v", ["p1"])])
    config["user"] = {"bots": {"extraUserAgents": ["^one$"]}}
    config["configByCountry"] = {
        "FR": {"user": {"bots": {"extraUserAgents": ["^two$"]}}},
        "DE": {"user": {"bots": {"types": ["performance"]}}},
    }
    made = cp.Config(config)
    for country, bots in (
        ("FR", ["two", "Googlebot"]),
        ("DE", ["one"]),
        ("IT", ["one", "gtmetrix"]),
    ):
        seen = made.notice(country)
        for agent in ("one", "two", "Googlebot", "gtmetrix"):
            expected = agent in bots or (agent, country) in {
                ("gtmetrix", "FR"),
                ("gtmetrix", "DE"),
                ("Googlebot", "IT"),
            }
            assert seen.status({}, now=NOW, user_agent=agent).bot is expected, (country, agent)


def test_r14_only_the_first_1024_bytes_count_and_their_end_is_no_end() -> None:
    assert bot("b$", "a" * 1023 + "b")
    assert not bot("b$", "a" * 1023 + "bc")
    assert not bot(r"b\b", "a" * 1023 + "b c")
    assert not bot(r"b\B", "a" * 1023 + "bc")
    assert bot("ab", "a" * 1023 + "bc")
    assert not bot("bc", "a" * 1023 + "bc")
    assert bot("é$", "é" * 512)
    assert not bot("�", "a" + "é" * 600)


# ------------------------------------------------------ what JavaScript reads


@pytest.mark.parametrize(
    ("expression", "yes", "no"),
    [
        ("a.c", ["abc", "xa\tcx", "aéc"], ["a\nc", "a\rc", "a\u2028c", "a\u2029c", "ac"]),
        ("^a.c$", ["abc"], ["a😀c", "abc\n", "\nabc"]),
        ("^a..c$", ["a😀c"], []),
        (r"^\ud83d\ude00$", ["😀"], ["\ufffd"]),
        ("[😀]", ["😀", "😁"], ["a"]),
        ("[]", [], ["", "a"]),
        ("a|[]|b", ["a", "b"], ["c"]),
        ("^[^]$", ["a", "\n", "é"], ["", "aa"]),
        ("a{,2}", ["a{,2}"], ["a", "aa"]),
        ("a{", ["a{"], ["a"]),
        ("a{1", ["a{1"], ["a"]),
        ("]}", ["]}"], ["]"]),
        ("[a-]", ["a", "-"], ["b"]),
        (r"[\w-z]", ["q", "-", "_"], ["é", " "]),
        (r"[z-\d]", ["z", "-", "5"], ["y"]),
        (r"[\b]", ["\x08"], ["b", " "]),
        (r"^\s+$", ["\t\n\v\f\r \xa0\ufeff\u2003\u3000"], ["\x1c", "\x85", "\u200b", ""]),
        (r"^\w+$", ["aZ_09"], ["é", "\u0660"]),
        (r"^\d$", ["5"], ["\u0665"]),
        (r"\bé", ["aé"], ["é", " é"]),
        (r"\x4", ["x4"], ["\x04"]),
        (r"\x41\u0042", ["AB"], ["x41"]),
        (r"\u{3}", ["uuu"], ["\x03", "uu"]),
        (r"\cA", ["\x01"], ["cA"]),
        (r"\c1", [r"\c1"], ["c1"]),
        (r"\p{2}", ["pp"], ["p"]),
        (r"\/\-\_\"", ['/-_"'], ["\\/"]),
        ("a{0}", ["", "b"], []),
        ("^a{2,3}?$", ["aa", "aaa"], ["a", "aaaa"]),
        ("^(?:ab|c){2}$", ["abab", "abc", "cc"], ["ab", "abcc"]),
        ("^(a|b|)*c$", ["c", "abc"], ["d"]),
        ("(|a)$", ["", "b"], []),
    ],
)
def test_r14_expressions_are_read_as_browsers_do(
    expression: str, yes: list[str], no: list[str]
) -> None:
    for agent in yes:
        assert bot(expression, agent), agent
    for agent in no:
        assert not bot(expression, agent), agent


@pytest.mark.parametrize(
    "invalid",
    ["(", ")", "a)", "[a", "[b-a]", "*", "a**", "a{2}{3}", "{2}", "(*a)", "|*", "^*", r"\b+", "\\",
     "a{3,2}", "(?", "(?x)", "[\\"],
)  # fmt: skip
def test_r14_what_a_browser_refuses_is_no_bot(invalid: str) -> None:
    for agent in ("", "a", "aa", "aaa", invalid):
        assert not bot(invalid, agent)


# ---------------------------------------------------------------- properties

WORD = "[A-Za-z0-9_]"
BLANK = "\\t-\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
SETS = {"d": "0-9", "w": "A-Za-z0-9_", "s": BLANK}
ALPHABET = ["a", "b", "Z", "_", "7", " ", "-", ".", "/", "\n", "\u2028", "é", "\ufeff", "😀", "\0"]
#: single UTF-16 units, sorted
UNITS = ["\0", "\n", " ", "-", ".", "0", "7", "A", "Z", "_", "a", "b", "c", "é", "\u2028", "\ufffd"]


def units(text: str) -> str:
    """The UTF-16 units of a text, each as a character."""
    raw = text.encode("utf-16-le")
    return "".join(chr(raw[i] | raw[i + 1] << 8) for i in range(0, len(raw), 2))


@dataclass(frozen=True)
class Both:
    """One piece of an expression, as JavaScript and as `re` has it."""

    js: str
    py: str


def literal(char: str) -> Both:
    escaped = "\\" + char if char in r"\^$.*+?()[]{}|/" else char
    return Both(escaped, "".join(f"\\u{ord(unit):04x}" for unit in units(char)))


def coded(char: str) -> Both:
    js = f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"
    return Both(js, f"\\u{ord(char):04x}")


def known_set(name: str) -> Both:
    inside = SETS[name.lower()]
    return Both("\\" + name, f"[^{inside}]" if name.isupper() else f"[{inside}]")


def bracket(members: list[tuple[str, str] | str], negated: bool) -> Both:
    js = py = ""
    for member in members:
        if isinstance(member, str):  # \d, \w or \s
            js += "\\" + member
            py += SETS[member]
        else:
            low, high = sorted(member)
            js += f"{coded(low).js}-{coded(high).js}"
            py += f"{coded(low).py}-{coded(high).py}"
    return Both(f"[{'^' * negated}{js}]", f"[{'^' * negated}{py}]")


EDGE = f"(?:(?<={WORD})(?!{WORD})|(?<!{WORD})(?={WORD}))"
INNER = f"(?:(?<={WORD})(?={WORD})|(?<!{WORD})(?!{WORD}))"
LOOKS = [Both("^", r"\A"), Both("$", r"\Z"), Both(r"\b", EDGE), Both(r"\B", INNER)]

atoms = st.one_of(
    st.sampled_from(ALPHABET[:-1]).map(literal),  # no configuration holds a NUL
    st.sampled_from(UNITS).map(coded),
    st.just(Both(".", "[^\\n\\r\\u2028\\u2029]")),
    st.sampled_from("dDwWsS").map(known_set),
    st.builds(
        bracket,
        st.lists(
            st.one_of(
                st.tuples(st.sampled_from(UNITS), st.sampled_from(UNITS)), st.sampled_from("dws")
            ),
            min_size=1,
            max_size=4,
        ),
        st.booleans(),
    ),
    st.sampled_from(LOOKS),
)
counts = st.one_of(
    st.sampled_from([("*", "*"), ("+", "+"), ("?", "?"), ("{0}", "{0}"), ("{2,}", "{2,}")]),
    st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
        lambda pair: (f"{{{min(pair)},{max(pair)}}}",) * 2
    ),
)


def repeated(piece: Both, count: tuple[str, str], lazy: bool, capture: bool) -> Both:
    # lazy or not decides what is captured, never whether there is a match
    opening = "(" if capture else "(?:"
    return Both(f"{opening}{piece.js}){count[0]}{'?' * lazy}", f"(?:{piece.py}){count[1]}")


def grown(pieces: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    return st.one_of(
        st.lists(pieces, max_size=4).map(
            lambda many: Both("".join(p.js for p in many), "".join(p.py for p in many))
        ),
        st.lists(pieces, min_size=1, max_size=3).map(
            lambda many: Both(
                f"(?:{'|'.join(p.js for p in many)})", f"(?:{'|'.join(p.py for p in many)})"
            )
        ),
        st.builds(repeated, pieces, counts, st.booleans(), st.booleans()),
    )


expressions = st.recursive(atoms, grown, max_leaves=8)
agents = st.lists(st.sampled_from(ALPHABET), max_size=7).map("".join)


@given(expressions, st.lists(agents, min_size=1, max_size=6))
def test_r14_expressions_match_what_re_matches(piece: Both, subjects: list[str]) -> None:
    if not piece.js or len(piece.js.encode()) > 512:
        return
    oracle = re.compile(piece.py)
    seen = notice(piece.js)
    for subject in subjects:
        found = oracle.search(units(subject)) is not None
        assert seen.status({}, now=NOW, user_agent=subject).bot is found, (piece.js, subject)


@given(st.text(st.sampled_from("ab(?:)[]{}2,*+|^$.-\\dwbBx4\n"), max_size=24), agents)
def test_r14_any_text_is_an_expression_or_is_skipped(text: str, agent: str) -> None:
    assert isinstance(bot(text, agent), bool)
    assert notice(text, "^").status({}, now=NOW, user_agent=agent).bot


# --------------------------------------------------------------------- bounds


@pytest.mark.parametrize(
    "expression",
    [
        "(a*)*b",
        "(a|aa)+$b",
        "(a|a|a|a)*b",
        "((a+)+)+b",
        "(.*)*(.*)*(.*)*b",
        "(?:a?){400}a{400}b",
        "(a{1,20}){1,40}b",
        "([ab]*[^c]*)*c",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(a*)*" * 100 + "b",
        "(" * 150 + "a*" + ")*" * 150 + "b",
    ],
    ids=lambda text: text[:20],
)
def test_r14_no_expression_takes_long(expression: str) -> None:
    """What takes a backtracking matcher ages is done in milliseconds."""
    assert len(expression) <= 512
    seen = notice(expression)
    with within(2):
        for agent in ("a" * 1024, "a" * 1023 + "!", "ab" * 512, "a" * 100_000):
            seen.status({}, now=NOW, user_agent=agent)


def test_r14_time_is_linear_in_the_agent() -> None:
    seen = notice("(a*)*(a|aa)*b$")

    def best(agent: str) -> float:
        def visits() -> None:
            for _ in range(20):
                seen.status({}, now=NOW, user_agent=agent)

        return fastest(visits, 7)

    assert best("a" * 1000) < 20 * best("a" * 125)  # eight times, and room for a busy machine


@pytest.mark.parametrize("expression", ["a{1000}{1000}", "(a{100}){100}", "(((a{99}){99}){99}){99}",
                                        "((){99999}){99999}|b{2000}", "(?:(?:a|b){40}|c){40}"])  # fmt: skip
def test_r14_programs_are_bounded(expression: str) -> None:
    with within(1):
        seen = notice(*[expression] * 50)
    assert not seen.status({}, now=NOW, user_agent="a" * 1024 + "b" * 1024).bot


def test_r14_the_programs_of_a_notice_are_bounded_together() -> None:
    filler = "x{1000}"
    assert notice(*[filler] * 3, "^good$").status({}, now=NOW, user_agent="good").bot
    # a hundred of these would take 100 000 steps: what is over the bound is left out
    assert notice(*[filler] * 100, "^good$").status({}, now=NOW, user_agent="good").bot
    with within(2):
        assert not notice(*[filler] * 1000).status({}, now=NOW, user_agent="x" * 999).bot
    assert notice(*[filler] * 1000).status({}, now=NOW, user_agent="x" * 1000).bot


def test_r14_agents_that_nobody_sends() -> None:
    seen = notice(*["(a|b)*c", r"\d+$", "é"], types=["crawlers", "performance"])
    for agent in ("\udcff" * 2000, "\0" * 2000, "😀" * 1000, "�", "\x80", BROWSER[:0]):
        assert not seen.status({}, now=NOW, user_agent=agent).bot
    assert seen.status({}, now=NOW, user_agent="\udcff1").bot
    assert seen.status({}, now=NOW, user_agent="google\0bot").bot


def test_r14_every_built_in_name_is_found() -> None:
    crawlers = """addthis adsbot AhrefsBot alexabot APIs-Google applebot archive baidu Bazaarvoice
        bingbot bingpreview BLP_bbot BublupBot Cincraw Cocolyzebot crawler crawling cXensebot
        diffbot Doximity-Diffbot duckduckbot DuplexWeb-Google EchoboxBot exabot facebook facebot
        feedfetcher Google+Favicon Google+Web+Preview Google-Read-Aloud google-xrawler googlebot
        googleweblight HeadlessChrome iplabel KlarnaBot linkedin MAZBot mediapartners moatbot msnbot
        NativeAIBot naver netvibes NETVIGIE oncrawl pageburst PetalBot PhantomJS pingbot PingdomTMS
        pinterest Quora-Bot qwant reddit Rely+Bot Rigor robot ScooperBot scraper seenaptic semrush
        SimplePie slackbot slurp SMTBot spider Storebot-Google taboolabot TagInspector teoma twitter
        whatsapp yandex"""
    performance = "Chrome-Lighthouse gtmetrix speedcurve DareBoost PTST StatusCake_Pagespeed_Indev"
    for kind, names in (("crawlers", crawlers), ("performance", performance)):
        only, others = notice(types=[kind]), [k for k in ("crawlers", "performance") if k != kind]
        for name in (name.replace("+", " ") for name in names.split()):
            for agent in (name, f"Mozilla/5.0 ({name.upper()}; x)", f"x{name.lower()}x"):
                assert only.status({}, now=NOW, user_agent=agent).bot, name
            assert not only.status({}, now=NOW, user_agent=f"<{name[:-1]}>").bot, name
            assert not notice(types=others).status({}, now=NOW, user_agent=name).bot, name
    assert not notice(types=["crawlers"]).status({}, now=NOW, user_agent=BROWSER).bot
