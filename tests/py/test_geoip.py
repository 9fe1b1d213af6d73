"""The visitor's place by address: a small database, written here, in every stack."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django_app import settings as project
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from web_sites import STACKS, Site

from consentpy.django import conf
from consentpy.web.geoip import Reader
from consentpy.web.place import EnvironCarrier, ScopeCarrier, visitor

# Addresses that are kept for documentation.
RECORDS: dict[str, Any] = {
    "192.0.2.0/25": {"country": {"iso_code": "FR"}},
    "198.51.100.0/24": {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "CA"}, {}]},
    "203.0.113.0/24": {"country": {"iso_code": "JP"}, "subdivisions": []},
    "192.0.2.128/25": {"country": {}, "subdivisions": [{"iso_code": "CA"}]},
    "203.0.112.0/24": {"country": "FR", "subdivisions": {"iso_code": "CA"}},
    "2001:db8::/32": {"country": {"iso_code": "BR"}},
}


def write(path: Path, records: dict[str, Any], version: int = 6) -> Path:
    writer = MMDBWriter(version, "Test", languages=["en"], ipv4_compatible=version == 6)
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("geoip") / "places.mmdb", RECORDS)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", ("FR", None)),
        (" 192.0.2.7 ", ("FR", None)),
        ("198.51.100.1", ("US", "CA")),
        ("::ffff:198.51.100.1", ("US", "CA")),
        ("203.0.113.9", ("JP", None)),
        ("2001:db8::1", ("BR", None)),
        ("192.0.2.200", (None, None)),
        ("203.0.112.1", (None, None)),
        ("127.0.0.1", (None, None)),
        ("::1", (None, None)),
        ("", (None, None)),
        ("unix:", (None, None)),
        ("192.0.2.7:80", (None, None)),
        ("[2001:db8::1]", (None, None)),
        ("192.0.2.07", (None, None)),
        ("1" * 5000, (None, None)),
        ("\x00", (None, None)),
    ],
)
def test_look_ups(database: Path, address: str, place: tuple[str | None, str | None]) -> None:
    assert Reader(database).place(address) == place


def test_a_database_of_ipv4_alone(tmp_path: Path) -> None:
    small = Reader(write(tmp_path / "four.mmdb", {"192.0.2.0/25": RECORDS["192.0.2.0/25"]}, 4))
    assert small.place("192.0.2.7") == small.place("::ffff:192.0.2.7") == ("FR", None)
    assert small.place("2001:db8::1") == (None, None)


def place(database: Path, environ: dict[str, str], **changes: Any) -> tuple[str | None, str | None]:
    runtime, messages = conf.load({"CONFIG": {}, "GEOIP": database, **changes})
    assert messages == [] and runtime is not None
    seen = visitor(EnvironCarrier(environ), runtime, conf.logger)
    return seen.country, seen.region


def test_where_the_address_is_taken_from(database: Path) -> None:
    environ = {
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_X_REAL_IP": "203.0.113.9",
        "HTTP_X_FORWARDED_FOR": "2001:db8::1, 198.51.100.1",
    }
    assert place(database, environ) == ("FR", None)
    assert place(database, environ, GEOIP_ADDRESS="REMOTE_ADDR") == ("FR", None)
    assert place(database, environ, GEOIP_ADDRESS="X-Real-IP") == ("JP", None)
    # The last is what the site's own proxy has written.
    assert place(database, environ, GEOIP_ADDRESS="X-Forwarded-For") == ("US", "CA")
    assert place(database, environ, GEOIP_ADDRESS="X-Other") == (None, None)
    assert place(database, {}) == (None, None)
    scope = ScopeCarrier({"client": ("192.0.2.7", 1)})
    assert scope.address() == "192.0.2.7"
    assert ScopeCarrier({"client": None}).address() == ScopeCarrier({}).address() == ""


def test_what_is_named_goes_before_it(database: Path) -> None:
    environ = {"REMOTE_ADDR": "198.51.100.1", "HTTP_X_C": "BR", "HTTP_X_R": "TX"}
    assert place(database, environ, COUNTRY_HEADER="X-C") == ("BR", None)
    assert place(database, environ, COUNTRY_HEADER="X-None") == ("US", "CA")
    assert place(database, environ, COUNTRY="FR") == ("FR", None)
    assert place(database, environ, COUNTRY=lambda request: None) == ("US", "CA")
    assert place(database, environ, COUNTRY=lambda request: ("DE", None)) == ("DE", None)
    assert place(database, environ, REGION_HEADER="X-R") == ("US", "TX")


@pytest.mark.parametrize("stack", STACKS)
def test_in_every_stack(stack: str, database: Path) -> None:
    changes = {
        "GEOIP": database,
        "GEOIP_ADDRESS": "X-Real-IP",
        "COUNTRY_HEADER": ...,
        "REGION_HEADER": ...,
    }
    site = Site(stack, changes)
    for address, law in [
        ("192.0.2.7", b"gdpr"),
        ("203.0.113.9", b"none"),
        ("198.51.100.1", b"cpra"),
    ]:
        answer = site.get("/where", [("X-Real-IP", address)])
        assert answer.body == law and "X-Real-IP" in answer["Vary"]
    assert site.get("/where", [("X-Real-IP", "nonsense")]).body == b"gdpr"


def found(**changes: Any) -> list[str]:
    messages = conf.load({**project.CONSENTPY, **changes})[1]
    return [f"{message.id} {message.msg}" for message in messages]


def test_mistakes(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.mmdb"
    broken.write_bytes(b"nothing of the kind")
    for value in (tmp_path / "missing", broken, 7, tmp_path):
        (message,) = found(GEOIP=value)
        assert message.startswith("consentpy.E018 ")
    (message,) = found(GEOIP_ADDRESS="X-Real-IP")
    assert "no effect" in message
    (message,) = found(GEOIP=database, GEOIP_ADDRESS="X Real")
    assert message.startswith("consentpy.E007 ")
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    (message,) = found(GEOIP=database)
    assert "consentpy[geoip]" in message


def test_a_changed_database_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from consentpy.web import holder

    clock = [0.0]
    monkeypatch.setattr(holder, "_now", lambda: clock[0])
    path = write(tmp_path / "places.mmdb", {"192.0.2.0/24": {"country": {"iso_code": "FR"}}})
    settings = holder.Settings(
        {"CONFIG": {}, "GEOIP": path, "RELOAD": True}, conf.SPELLING, None, conf.logger
    )
    first = settings.current().geoip
    assert first is not None and first.place("192.0.2.7") == ("FR", None)
    write(tmp_path / "next", {"192.0.2.0/24": {"country": {"iso_code": "JP"}}}).replace(path)
    clock[0] += 2
    second = settings.current().geoip
    assert second is not None and second.place("192.0.2.7") == ("JP", None)
    assert first.place("192.0.2.7") == ("FR", None)
