"""Values spelt as JavaScript literals, each in one of the ways that pages have."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

NAME = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
keys = st.one_of(
    st.sampled_from(["app", "vendors", "iab", "if", "null", "7", "755", "a b", "é", ""]), texts
).filter(lambda key: key != "__proto__")
numbers = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
)
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
# Root members that config.effective() leaves out.
HIDDEN = ("configByCountry", "regulation_configurations", "consentpy")
objects = st.dictionaries(keys.filter(lambda key: key not in HIDDEN), plain, max_size=5)

BLANKS = ["", "", " ", "\n", "\r\n", "\t ", "\u00a0", "/* ' */", "// x {\n", "\u2028", "/**/"]


class Speller:
    """Draws one spelling of a value. `rich`: also what the peers do not read."""

    def __init__(self, draw: Any, rich: bool = True) -> None:
        self.draw = draw
        self.rich = rich

    def one(self, *ways: str) -> str:
        way: str = self.draw(st.sampled_from(ways))
        return way

    def blank(self) -> str:
        return self.one(*BLANKS) if self.rich else self.one("", " ", "\n")

    def value(self, value: Any) -> str:
        spelt = self._value(value)
        if self.rich and self.draw(st.integers(0, 9)) == 0:
            spelt = f"({self.blank()}{spelt}{self.blank()})"
        return f"{self.blank()}{spelt}{self.blank()}"

    def _value(self, value: Any) -> str:
        if value is None:
            return "null"
        if isinstance(value, bool):
            if not self.rich:
                return "true" if value else "false"
            return self.one(*(("true", "!0", "!!1") if value else ("false", "!1", "!true")))
        if isinstance(value, int):
            return self.integer(value)
        if isinstance(value, float):
            return self.real(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return f"[{self.listed([self.value(item) for item in value])}]"
        members = [f"{self.key(key)}:{self.value(item)}" for key, item in value.items()]
        if self.rich and self.draw(st.integers(0, 5)) == 0:
            members.insert(0, f"never:{self.one('undefined', 'void 0')}")
        return f"{{{self.listed(members)}}}"

    def listed(self, items: list[str]) -> str:
        comma = self.one("", ",") if items else ""
        return ",".join(items) + comma + self.blank()

    def integer(self, value: int) -> str:
        sign, size = ("-" if value < 0 else ""), abs(value)
        ways = [str(size)]
        if self.rich:
            ways.append(f"{size:_}")
            if size < 1 << 63:
                ways += [hex(size), f"0X{size:X}", oct(size), bin(size), f"0x{size:_x}"]
            sign = self.one(sign, f"{sign} ") if sign else self.one("", "+")
        return sign + self.one(*ways)

    def real(self, value: float) -> str:
        spelt = repr(value)
        if self.rich:
            short = re.sub(r"^(-?)0\.", r"\1.", spelt)
            open_end = re.sub(r"\.0$", ".", spelt)
            spelt = self.one(
                spelt, short if any(c.isdigit() for c in short[:3]) else spelt, open_end
            )
        return spelt

    def key(self, key: str) -> str:
        ways = [self.text(key, joined=False)]
        if NAME.fullmatch(key):
            ways += [key, key]
        if self.rich and re.fullmatch(r"[1-9]\d{0,14}", key, re.ASCII):
            ways += [key, hex(int(key)), f"{key}.0"]
        return f"{self.blank()}{self.one(*ways)}{self.blank()}"

    def text(self, text: str, joined: bool = True) -> str:
        if joined and self.rich and len(text) > 1 and self.draw(st.booleans()):
            at = self.draw(st.integers(1, len(text) - 1))
            return f"{self.quoted(text[:at])}{self.blank()}+{self.blank()}{self.quoted(text[at:])}"
        return self.quoted(text)

    def quoted(self, text: str) -> str:
        quote = self.one("'", '"', "`") if self.rich else self.one("'", '"')
        return quote + "".join(self.character(c, quote) for c in text) + quote

    def character(self, c: str, quote: str) -> str:
        if c == "\r" or (c == "\n" and quote != "`") or c == "\\":
            return {"\r": "\\r", "\n": "\\n", "\\": "\\\\"}[c]
        if c in "`$" and quote == "`":
            return f"\\{c}"
        if c == quote:
            return f"\\{c}"
        if not self.rich:
            return c if c.isprintable() else self.four(c)
        ways = [c, c, c, c]
        if ord(c) < 256:
            ways.append(f"\\x{ord(c):02x}")
        ways += [self.four(c), f"\\u{{{ord(c):x}}}"]
        if not c.isascii() or c in "'\"`/ .":
            ways.append("\\" + c if c not in "\u2028\u2029" else c)
        return self.one(*ways) + self.one("", "", "", "", "\\\n", "\\\r\n")

    @staticmethod
    def four(c: str) -> str:
        units = c.encode("utf-16-be")
        return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


class Json5Speller(Speller):
    """Of the ways that pages have, those that JSON5 has too."""

    def blank(self) -> str:
        return self.one(*BLANKS)

    def integer(self, value: int) -> str:
        sign, size = ("-" if value < 0 else self.one("", "+")), abs(value)
        return sign + self.one(str(size), hex(size) if size < 1 << 63 else str(size))

    def real(self, value: float) -> str:
        spelt = repr(value)
        ways = [spelt, re.sub(r"\.0$", ".", spelt), re.sub(r"^(-?)0\.(?=\d)", r"\1.", spelt)]
        return self.one(*ways)

    def character(self, c: str, quote: str) -> str:
        if c in "\r\n\\" or c == quote:
            return super().character(c, quote)
        ways = [c, c, c, c, self.four(c)]
        if ord(c) < 256:
            ways.append(f"\\x{ord(c):02x}")
        if c in "'\"/ .":
            ways.append(f"\\{c}")
        return self.one(*ways) + self.one("", "", "", "\\\n")


class ChompSpeller(Speller):
    """Of the ways that pages have, those that chompjs has too."""

    def integer(self, value: int) -> str:
        return str(value)

    def key(self, key: str) -> str:
        bare = NAME.fullmatch(key) and key[0] not in "ntfuNI"
        return self.one(self.text(key), key if bare else self.text(key))


# chompjs rewrites a text and gives it to json: escapes and marks of comments inside texts are
# beyond it, and so are the words of JSON in lists, and keys without quotes that begin like one.
_tame = st.text(st.characters(exclude_categories=["C"], exclude_characters="\\/\"'`"), max_size=12)
_tame_numbers = st.integers(-(10**20), 10**20) | st.sampled_from([0.5, -1.25, 30.0, 1234.5678])
_tame_keys = (st.sampled_from(["app", "vendors", "7", "a b", "é", "$x_1"]) | _tame).filter(
    lambda key: key not in (*HIDDEN, "__proto__")
)
_tame_values = st.recursive(
    st.one_of(_tame_numbers, _tame),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(_tame_keys, inner, max_size=4)
    ),
    max_leaves=12,
)
tame_objects = st.dictionaries(_tame_keys, _tame_values, max_size=5)
