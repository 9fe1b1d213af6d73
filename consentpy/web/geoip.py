"""The visitor's place by address, from a database in MaxMind's format. Needs the extra ``geoip``.

Databases of countries and of cities will do: what is read is ``country.iso_code`` and the first of
``subdivisions``. A look-up reads a file that is mapped into memory, and waits for nothing.
"""

from __future__ import annotations

import os
from ipaddress import IPv6Address, ip_address
from typing import Any

MISSING = "needs maxminddb: pip install 'consentpy[geoip]'"


class Reader:
    """An open database. Safe to ask from any thread."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """OSError or ValueError when the file cannot be used, or maxminddb is missing."""
        try:
            import maxminddb
        except ImportError:
            raise ValueError(MISSING) from None
        try:
            self._database = maxminddb.open_database(os.fspath(path))
        except maxminddb.InvalidDatabaseError as error:
            raise ValueError(f"it is no database of MaxMind's format ({error})") from None
        self._errors = (ValueError, maxminddb.InvalidDatabaseError)

    def place(self, address: str) -> tuple[str | None, str | None]:
        """Country and region; None for what is not known, of an address or anything else."""
        try:
            known: Any = ip_address(address.strip())
            if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
                known = known.ipv4_mapped
            record: Any = self._database.get(known)
        except self._errors:  # no address; an IPv6 one and a database of IPv4; a damaged file
            return None, None
        if not isinstance(record, dict):
            return None, None
        country = _code(record.get("country"))
        parts = record.get("subdivisions")
        region = _code(parts[0]) if isinstance(parts, list) and parts else None
        return country, region if country else None


def _code(part: object) -> str | None:
    code = part.get("iso_code") if isinstance(part, dict) else None
    return code if isinstance(code, str) and code else None
