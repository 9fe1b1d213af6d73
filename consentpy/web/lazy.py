"""The stand-in for a visitor's Status that is made on first use.

A request that never asks costs nothing and stays cacheable. The first question
decodes the cookies, and is remembered for the response headers (see `headers`).

Three states: not read; read; closed (the headers are out). A stand-in that was not
read before it closed denies, because nobody told the caches that the page depends
on the visitor.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import consentpy as cp
from consentpy import Gate

from .place import Carrier, EnvironCarrier, Visitor, visitor

if TYPE_CHECKING:
    from .delivery import Delivery
    from .holder import Settings
    from .settings import Runtime

_NONE: Mapping[str, Gate] = {}
_GONE = EnvironCarrier({})
_ETAG_SAFE = re.compile(r"[!#-~]+\Z")  # what may stand between the quotes, RFC 9110


class LateReadError(cp.ConsentError):
    """The consent was first asked for after the response headers were sent."""


class Consent:
    """The visitor's consent: everything a `consentpy.Status` has, made on first use.

    ``consent.status`` is the Status itself.
    """

    # A template never calls the stand-in, whatever it may grow.
    do_not_call_in_templates = True

    _called = "consent"  # how the application writes it, for messages
    _logger = logging.getLogger("consentpy.web")

    __slots__ = (
        "__weakref__",
        "_broad",
        "_carrier",
        "_closed",
        "_gates",
        "_literals",
        "_quick",
        "_runtime",
        "_settings",
        "_status",
        "_visitor",
    )

    def __init__(self, settings: Settings, carrier: Carrier) -> None:
        self._settings = settings
        self._carrier = carrier
        self._gates: dict[cp.Gate, None] = {}  # asked for, in order
        self._status: cp.Status | None = None
        self._runtime = settings.fixed
        self._visitor: Visitor | None = None
        # `allows` of the Status once it is read, for blocks that keep `_gates` themselves, and the
        # gates of literals by their text; None and empty while a block has to take the long way.
        self._quick: Callable[[cp.Gate], bool] | None = None
        self._literals: Mapping[str, cp.Gate] = _NONE
        self._broad = 0  # how often something else than gates was asked for
        self._closed = False

    # ------------------------------------------------------------- questions

    def allows(self, vendor: Any = None, purposes: Any = ()) -> bool:
        """May this tag run now (R1)? A Gate, or a vendor, purposes or both."""
        status = self._status
        if status is None and self._closed and self._late():
            return False
        if purposes or not isinstance(vendor, Gate):
            vendor = self._gate(vendor, purposes)
            if vendor is None:
                return False
        if status is None:
            status = self._resolve()
        self._gates[vendor] = None
        return status.allows(vendor)

    def verdicts(self, gates: Iterable[cp.Gate]) -> list[bool]:
        """`allows` for all of them, in one call."""
        asked = tuple(gates)
        if self._late():
            return [False] * len(asked)
        return self._resolve(*asked).verdicts(asked)

    def explain(self, gate: Any = None, /, *, vendor: Any = None, purposes: Any = ()) -> Any:
        """Why the verdict of `allows` is what it is."""
        if self._late():
            self._refuse("explain")
        self._broad += 1  # two visitors of one verdict may have different reasons
        asked = self._gate(vendor if gate is None else gate, purposes)
        if asked is None:  # an id known nowhere: the Status says so
            given = vendor if gate is None else gate
            return self._resolve().explain(vendor=given, purposes=purposes)
        return self._resolve(asked).explain(asked)

    def key(self, gates: Iterable[cp.Gate] | None = None) -> str:
        """Short text that differs whenever a verdict of `gates` differs.

        Never fails silently in a template: an empty key would be the same for everybody.

        Without `gates` it covers every condition that this notice can express, which
        is what a cached fragment needs in its key.
        """
        try:
            return self._key(gates)
        except cp.ConsentError as error:
            error.silent_variable_failure = False
            raise

    def _key(self, gates: Iterable[cp.Gate] | None) -> str:
        if self._late():
            self._refuse("key")
        if gates is not None:
            asked = tuple(gates)
            return self._resolve(*asked).key(asked)
        self._broad += 1
        status = self._resolve()
        return f"{status.key(_every_gate(self._settled(), status))}.{status.collect_reason}"

    @property
    def status(self) -> cp.Status:
        """The Status itself, for functions that want one."""
        if self._late():
            self._refuse("status")
        self._broad += 1
        return self._resolve()

    def __getattr__(self, name: str) -> Any:
        # Probing for special or private names is not a question about the visitor.
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if self._late():
            if name in ("vendor", "purpose", "get"):
                return lambda *args, **options: False
            self._refuse(name)
        self._broad += 1
        return getattr(self._resolve(), name)

    def __bool__(self) -> bool:
        # A plain object is true, and "if consent" would then let every tag
        # through; false would hide the mistake.
        raise TypeError(
            f"{self._called} is neither true nor false; ask {self._called}.allows(vendor, "
            "purposes), or compare it with None."
        )

    def __dir__(self) -> list[str]:
        names = {name for name in dir(cp.Status) if not name.startswith("_")}
        return sorted(names.union(super().__dir__()))

    def __repr__(self) -> str:
        if self._status is not None:
            state = f"read, {self._status.notice.regulation}"
        else:
            state = "closed" if self._closed else "not read"
        return f"<{type(self).__name__}: {state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("the consent of a request cannot be pickled; store verdicts instead.")

    # ------------------------------------------------------------- machinery

    def _settled(self) -> Runtime:
        """The settings of this request: the same from its first question to its last,
        also when the configuration is read again meanwhile."""
        runtime = self._runtime
        if runtime is None:
            runtime = self._runtime = self._settings.runtime(self._carrier)
        return runtime

    def _delivery(self) -> Delivery:
        """How the response goes out."""
        return self._settings.delivery

    def _gate(self, vendor: Any, purposes: Any) -> cp.Gate | None:
        """The condition asked for, or None when it names an id known nowhere."""
        if isinstance(vendor, cp.Gate):
            if purposes:
                raise TypeError("a Gate already has its purposes; give the Gate alone.")
            return vendor
        if not isinstance(purposes, (str, tuple)):
            purposes = tuple(purposes)
        found = (self._runtime or self._settled()).look_up(vendor, purposes)
        if isinstance(found, Gate):
            return found
        self._logger.warning("A tag is denied to everybody: %s", found)
        return None

    def _resolve(self, *gates: cp.Gate) -> cp.Status:
        for gate in gates:
            self._gates[gate] = None
        status = self._status
        if status is None:
            runtime = self._runtime or self._settled()
            seen = self._visitor = visitor(self._carrier, runtime, self._logger)
            status = self._status = _evaluated(runtime, seen)
            if not runtime.uniform:
                self._quick = status.allows
                self._literals = runtime.literals
        return status

    def _with_cookies(self, cookies: str | bytes) -> cp.Status:
        """The Status of the same visitor with these cookies."""
        self._resolve()
        assert self._visitor is not None
        return _evaluated(self._settled(), self._visitor._replace(cookies=cookies))

    def _late(self) -> bool:
        """Whether it is too late to ask, which is logged."""
        if not self._closed or self._status is not None:
            return False
        self._broad += 1  # what denies now may be allowed on the same visitor's next page
        self._logger.warning(
            "The consent was first read after the headers of %a were sent, so it denies; "
            "read it before the response is returned.",
            self._carrier.path,
        )
        return True

    def _refuse(self, name: str) -> NoReturn:
        raise LateReadError(
            f"{self._called}.{name} was first read after the response headers were sent; "
            "read the consent before the response is returned."
        )

    def _was_read(self) -> bool:
        return self._status is not None

    def _close(self) -> None:
        self._closed = True

    def _let_go(self) -> None:
        """Close, and forget the request but for its path: a stand-in that its own request keeps
        would leave each request to the garbage collector."""
        self._closed = True
        if self._status is not None:
            self._carrier = _GONE
        else:
            self._carrier = EnvironCarrier({"PATH_INFO": self._carrier.path})

    def _vary(self) -> tuple[str, ...]:
        """The request headers that the answers came from."""
        return self._runtime.vary if self._runtime is not None else ("Cookie",)

    def _key_of_gates(self) -> str:
        """The key of all gates in GATES, from the request alone."""
        gates = tuple(self._settled().gates.values())
        return _safe(self._resolve().key(gates))

    def _asked_only_gates(self) -> bool:
        """Whether nothing was asked but gates in GATES."""
        return not self._broad and self._gates.keys() <= self._settled().gate_set

    def _etag_suffix(self, everything: bool) -> str:
        """What sets this visitor's page apart from another visitor's.

        The key of the gates that were asked for, which names them too, is enough when only gates
        were asked for. Otherwise, and when more may be read while a body is streamed
        (`everything`), all that came in is part of it.
        """
        assert self._status is not None
        key = _safe(self._status.key(tuple(self._gates)))
        if self._broad or everything:
            sent = tuple(self._visitor or ())
            key += "." + _digest(repr((sent, self._status.collect_reason)))
        return key


def _evaluated(runtime: Runtime, seen: Visitor) -> cp.Status:
    cookies, country, region, gpc, agent = seen
    return runtime.config.status(cookies, country=country, region=region, gpc=gpc, user_agent=agent)


def _safe(key: str) -> str:
    """The key as it may stand in a header."""
    return key if _ETAG_SAFE.match(key) else _digest(key)


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode("utf-8", "backslashreplace"), digest_size=9).hexdigest()


def _every_gate(runtime: Runtime, status: cp.Status) -> tuple[cp.Gate, ...]:
    """One gate per vendor and per purpose of the notice.

    R1 asks a vendor and purposes one by one, so these verdicts settle every other gate.
    """
    notice = status.notice
    vendors = (runtime.config.gate(vendor.sdk_id) for vendor in notice.vendors)
    purposes = (runtime.config.gate(purposes=(purpose.id,)) for purpose in notice.purposes)
    return (*vendors, *purposes)
