"""Visitors of the site, each as the headers that a browser sends: ``python visitors.py``."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone

PURPOSES = ("audience", "media", "advertising")
VENDORS = ("c:pagemeter", "c:clipplayer", "c:adrow")


def token(allowed: int, basis: str = "", days: int = 1) -> str:
    """The cookie value of an answer given so many days ago: yes to the first `allowed`."""
    when = datetime.now(timezone.utc) - timedelta(days=days)
    written = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    value = {
        "user_id": "01234567-89ab-6cde-8f01-23456789abcd",
        "created": written,
        "updated": written,
        "version": 2,
        f"purposes{basis}": {"enabled": PURPOSES[:allowed], "disabled": PURPOSES[allowed:]},
        f"vendors{basis}": {"enabled": VENDORS[:allowed], "disabled": VENDORS[allowed:]},
    }
    return base64.b64encode(json.dumps(value).encode()).decode()


#: name -> (country, cookies)
VISITORS: dict[str, tuple[str, dict[str, str]]] = {
    "agreed": ("FR", {"didomi_token": token(3)}),
    "refused": ("FR", {"didomi_token": token(0)}),
    "chose": ("FR", {"didomi_token": token(2)}),
    "no answer": ("FR", {}),
    "agreed long ago": ("FR", {"didomi_token": token(3, days=800)}),
    "broken cookie": ("FR", {"didomi_token": token(3)[:-40] + "%%"}),
    "Japan": ("JP", {}),
    "California, silent": ("US", {}),
    "California, objected": ("US", {"didomi_token_cpra": token(0, "_li")}),
}

if __name__ == "__main__":
    for name, (country, cookies) in VISITORS.items():
        sent = "".join(f" --cookie '{key}={value}'" for key, value in cookies.items())
        print(f"# {name}\ncurl --header 'CF-IPCountry: {country}'{sent} http://127.0.0.1:8000/\n")
