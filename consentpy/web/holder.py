"""The settings in force: RELOAD and CONFIG_FOR.

With RELOAD the files of the configuration are looked at, at most once a second and only while
requests come. A changed one is read and compiled aside by the request that noticed, while the
others go on with the old settings; then the new ones take their place. Settings that
cannot be used leave the old ones in force, and the log says so once for each change.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import consentpy as cp

from .place import Carrier
from .settings import Runtime, SettingsError, load, sentence
from .source import Spelling, Stamp, stamp

_now = time.monotonic
_EVERY = 1.0  # seconds between two looks at the files
_MOST_SITES = 256  # configurations that CONFIG_FOR may name before the oldest is forgotten


class Settings:
    """One stack's settings. Safe to ask from any thread."""

    def __init__(
        self,
        raw: Mapping[str, Any],
        spelling: Spelling,
        base: str | os.PathLike[str] | None,
        logger: logging.Logger,
    ) -> None:
        """Read `raw`; never raises because of what is in it (see `found`)."""
        self._raw = dict(raw)
        self._spelling = spelling
        self._base = base
        self._logger = logger
        self._lock = threading.Lock()
        self._next = _now() + _EVERY
        first = load(self._raw, spelling, base)
        #: What is wrong with the settings, as they were first read.
        self.found = first.found
        self._runtime = first.runtime
        self._files: Mapping[Path, Stamp] = first.files
        self._config_for = first.config_for
        #: How responses go out; never read again.
        self.delivery = first.delivery
        self._sites: dict[object, Settings] = {}
        #: The settings of every request where they cannot change: without RELOAD and CONFIG_FOR.
        self.fixed = None if self._files or self._config_for else first.runtime
        #: Whether a response that asked nothing is never changed.
        self.quiet = self.fixed is not None and not self.fixed.vendor_cookies

    def current(self) -> Runtime:
        """The settings of ``CONFIG``. SettingsError with all mistakes when there are none."""
        if self._files and _now() >= self._next:
            self._look()
        if self._runtime is None:
            raise SettingsError(sentence(self.found))
        return self._runtime

    def common(self) -> Runtime | None:
        """The settings of all requests now; None when each has its own."""
        return self.fixed or (self.current() if self._config_for is None else None)

    def usable(self) -> Runtime | None:
        """The settings of ``CONFIG`` as they were last read; None when they cannot be used."""
        return self._runtime

    def checkable(self) -> Runtime | None:
        """The same, where all requests share it: ids that it does not know are known nowhere."""
        return self._runtime if self._config_for is None else None

    def runtime(self, carrier: Carrier) -> Runtime:
        """The settings of one request. Never raises once `current` did not."""
        if self.fixed is not None:
            return self.fixed
        if self._config_for is None:
            return self.current()
        try:
            named = self._config_for(carrier.native())
            site = None if named is None else self._site(named)
        except Exception:
            # A visitor's odd Host must not take the page down.
            self._logger.exception(
                "%s failed; every tag is denied.", self._spelling.key("CONFIG_FOR")
            )
            return self._denying()
        if site is None:
            return self.current()
        try:
            return site.current()
        except SettingsError:
            return self._denying()

    # -------------------------------------------------------------- RELOAD

    def _look(self) -> None:
        if not self._lock.acquire(blocking=False):
            return  # another thread is looking
        try:
            if _now() < self._next:
                return
            stamps = {path: stamp(path) for path in self._files}
            if stamps != self._files:
                self._files = stamps  # whatever comes of it, the change is told once
                self._read_again()
            self._next = _now() + _EVERY
        finally:
            self._lock.release()

    def _read_again(self) -> None:
        names = ", ".join(sorted(path.name for path in self._files))
        try:
            loaded = load(self._raw, self._spelling, self._base)
        except Exception:  # a function in CONFIG
            self._logger.exception("%s changed and cannot be read; the old stays in force.", names)
            return
        if loaded.runtime is None:
            self._logger.error(
                "%s changed and cannot be used, so the old stays in force: %s",
                names,
                sentence(loaded.found),
            )
            return
        for finding in loaded.found:
            self._logger.warning("%s changed: %s", names, finding.text)
        self._files = loaded.files
        self._runtime = loaded.runtime
        self._logger.info("%s changed and was read again.", names)

    # ---------------------------------------------------------- CONFIG_FOR

    def _site(self, named: Any) -> Settings:
        """The settings of a configuration that CONFIG_FOR named, made on first use."""
        if not isinstance(named, (cp.Config, str, bytes, os.PathLike)):
            raise TypeError(
                f"it returned a {type(named).__name__}; it must return a Config, a path, JSON "
                "text, or None for CONFIG."
            )
        site = self._sites.get(named)
        if site is not None:
            return site
        with self._lock:
            site = self._sites.get(named)
            if site is None:
                raw = {**self._raw, "CONFIG": named, "CONFIG_FOR": None}
                if isinstance(named, cp.Config):
                    raw |= {"GVL": None, "CATALOG": None}
                    # RELOAD of a finished Config: only the database of places is a file
                    raw["RELOAD"] = bool(raw.get("RELOAD")) and raw.get("GEOIP") is not None
                site = Settings(raw, self._spelling, self._base, self._logger)
                for finding in site.found:
                    self._logger.warning("A site of CONFIG_FOR: %s", finding.text)
                if len(self._sites) >= _MOST_SITES:
                    del self._sites[next(iter(self._sites))]
                self._sites[named] = site
        return site

    def _denying(self) -> Runtime:
        """Settings under which nothing is allowed: a configuration that knows no id."""
        base = self.current()
        return Runtime(
            config=cp.Config({}),
            country=base.country,
            country_header=base.country_header,
            region_header=base.region_header,
            gates={},
            gate_names=base.gate_names,
            bots=base.bots,
            spelling=self._spelling,
            cookie_domain=base.cookie_domain,
            geoip=base.geoip,
            geoip_address=base.geoip_address,
            fallback=base.config,
            uniform=base.uniform,
        )
