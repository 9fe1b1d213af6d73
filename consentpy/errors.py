"""The exceptions of consentpy: one tree, each message one sentence that says what to do.

Nothing that a visitor sends raises any of them from a Notice or a Status.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class ConsentError(ValueError):
    """Base of all errors of consentpy."""

    # Django templates show the empty string instead of an error page.
    silent_variable_failure = True


class ConfigError(ConsentError):
    """A configuration that cannot be used; nothing of it is loaded.

    `layer` is the label of the layer, `path` a configuration path (empty where none is known),
    `line` and `column` count from 1 in the layer's text (None without one). `excerpt` is that line
    with a caret under the place, or empty; the text of the error ends with it.
    """

    layer: "str | None" = None
    path: str = ""
    line: "int | None" = None
    column: "int | None" = None
    excerpt: str = ""

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\n{self.excerpt}" if self.excerpt else message


class DecodeError(ConsentError):
    """A text that is not in the format asked for: `code` is stable, `offset` where it failed."""

    code: str = ""
    offset: int = 0


class UnknownIdError(ConsentError, LookupError):
    """An id that the configuration, or where it matters this visitor's notice, does not know."""


def unknown_id(
    kind: str, id: object, known: "Iterable[str] | None", where: str = "configuration"
) -> UnknownIdError:
    """The error for an id, with the closest known one as a suggestion."""
    from difflib import get_close_matches
    from itertools import islice

    close = get_close_matches(str(id)[:80], islice(known or (), 500), n=1)
    advice = f"did you mean {close[0]!r}?" if close else f"check the id, or add the {kind} to it."
    shown = repr(id)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    return UnknownIdError(f"{kind} {shown} is not in the {where}: {advice}")
