"""What a pasted consent string is: `consentpy.decode`."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

from .errors import DecodeError

_MOST = 65_536  # characters


class Format(NamedTuple):
    """A kind of string. `module` has its `decode`. A text that begins with one of `begins` and
    cannot be read in any way is told to be a bad one of this kind."""

    name: str
    title: str
    module: str
    begins: tuple[str, ...]


# In this order they are tried; each is read strictly before any is read leniently.
FORMATS = (
    Format("tcf", "TC string", "tcf", ("B", "C")),
    Format("dcs", "Didomi Consent String", "dcs", ("B", "C")),
    Format("gpp", "GPP string", "gpp", ("D",)),
    Format("ac", "Additional Consent string", "ac", ("1~", "2~")),
    Format("usp", "US Privacy string", "usp", ("1",)),
    Format("token", "Didomi token", "token", ("e", "ew", "Cn", "IH")),
)

_NOTHING = frozenset(
    ("", "null", "undefined", "none", "nan", "nil", "false", "true", "0", '""', "''")
)
_ADVICE = {
    "macro": "the text is a macro that nobody replaced: look at what fills in the address",
    "nothing": "the text stands for no value: look for the string where it was taken from",
    "percent_encoded": "the text is percent-encoded: decode it once (urllib.parse.unquote)",
    "ambiguous": "the text is a {0} and a {1}: decode it with consentpy.{2} or consentpy.{3}",
    "too_long": "the text has over 65 536 characters: shorten it",
    "unrecognised": "the text is no consent string that is known here: paste the string alone",
}


def error(code: str, *names: str, message: str = "", offset: int = 0) -> DecodeError:
    """The error of this code, with what to do."""
    made = DecodeError(message or _ADVICE[code].format(*names))
    made.code = code
    made.offset = offset
    return made


def decode(text: str) -> Any:
    """What the format's own `decode` gives: a TCString, DCS, GPP, AdditionalConsent, USPrivacy or
    Token.

    Blanks round the text do not count. Every format is tried strictly, then every format as leniently as it is read. DecodeError with
    `.code` `ambiguous` when two fit; `macro`, `nothing`, `percent_encoded`, `too_long` or
    `unrecognised`; or the error of the format that the text begins like.
    """
    return recognise(text)[1]


def recognise(text: str) -> tuple[Format, Any]:
    """The format of a string, and the string decoded; errors as `decode`."""
    if not isinstance(text, str):
        raise TypeError(f"a consent string is a str, not {type(text).__name__}")
    if len(text) > _MOST:
        raise error("too_long")
    plain = text.strip()
    if is_nothing(plain):
        raise error("nothing")
    if is_macro(plain):
        raise error("macro")
    errors: dict[str, DecodeError] = {}
    for strict in (True, False):
        found = []
        for format in FORMATS:
            try:
                found.append((format, _decode(format, plain, strict)))
            except DecodeError as refused:
                errors[format.name] = refused
        if len(found) > 1:
            (one, _), (other, _) = found[:2]
            raise error("ambiguous", one.title, other.title, one.module, other.module)
        if found:
            return found[0]
    if is_escaped(plain):
        raise error("percent_encoded")
    likely = [format for format in FORMATS if plain.startswith(format.begins)]
    if not likely or (likely[0].name in ("usp", "token") and len(plain) != 4 and not _json(plain)):
        raise error("unrecognised")
    said = "; ".join(f"as a {format.title}: {errors[format.name]}" for format in likely)
    first = errors[likely[0].name]
    raise error(first.code, message=said, offset=first.offset + text.index(plain))


def _decode(format: Format, text: str, strict: bool) -> Any:
    return import_module(f".{format.module}", __package__).decode(text, strict=strict)


def _json(plain: str) -> bool:
    return plain.startswith(("eyJ", "ewo", "ewk", "ew0", "eyA", "e30"))


def is_nothing(plain: str) -> bool:
    """Is it what programs write where there is no value?"""
    return plain.lower() in _NOTHING


def is_macro(plain: str) -> bool:
    """Is it a place in an address that was to be filled in: `${GDPR_CONSENT_755}`, `{gdpr}`,
    `[CONSENT]`, `%%CONSENT%%`, `$$CONSENT$$`?"""
    plain = plain.replace("%7B", "{").replace("%7D", "}").replace("%24", "$")
    plain = plain.replace("%7b", "{").replace("%7d", "}").replace("%5B", "[").replace("%5D", "]")
    for begin, end in (("${", "}"), ("{", "}"), ("[", "]"), ("%%", "%%"), ("$$", "$$"), ("<", ">")):
        name = plain[len(begin) : -len(end)]
        if plain.startswith(begin) and plain.endswith(end) and name and len(plain) <= 200:
            return all(c.isalnum() or c in "_-.${}" for c in name)
    return False


def is_escaped(plain: str) -> bool:
    """Is there a percent sign with two digits of base sixteen behind it?"""
    digits = frozenset("0123456789abcdefABCDEF")
    at = plain.find("%")
    while at >= 0:
        if len(plain) > at + 2 and plain[at + 1] in digits and plain[at + 2] in digits:
            return True
        at = plain.find("%", at + 1)
    return False
