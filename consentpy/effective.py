"""What was written for one place, merged: a read-only mapping over a Notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ._core import Notice, Origin

T = TypeVar("T")


class EffectiveConfig(Mapping[str, Any]):
    """The configuration for one country and region, without the overrides it came from.

    As a mapping it holds what was *written*, merged in the order of the layers, without
    `configByCountry`, `regulation_configurations` and `consentpy`. `get` and `explain` take paths
    such as `app.vendors.iab.all` or `a.b[2]["x.y"]` and also know the built-in defaults.
    """

    __slots__ = ("_data", "_notice")

    def __init__(self, notice: Notice) -> None:
        self._notice = notice
        self._data: dict[str, Any] = notice._effective()

    def __getitem__(self, key: str) -> Any:
        return deepcopy(self._data[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        place = "-".join(filter(None, (self._notice.country, self._notice.region))) or "unknown"
        return f"<consentpy.EffectiveConfig for {place}: {', '.join(self._data)}>"

    def __reduce__(self) -> tuple[type[EffectiveConfig], tuple[Notice]]:
        return type(self), (self._notice,)

    def __copy__(self) -> EffectiveConfig:
        return self

    def __deepcopy__(self, memo: object) -> EffectiveConfig:
        return self

    def to_dict(self) -> dict[str, Any]:
        """A new dict of plain values."""
        return self._notice._effective()

    def get(self, path: str, default: Any = None) -> Any:
        """The value at a path, else the built-in default, else `default`."""
        return self._notice._get(path, default)

    def explain(self, path: str) -> list[Origin]:
        """Every place where the value at a path is written: the winner first, the built-in
        default last. Empty when nothing stands there."""
        return self._notice._origins(path)
