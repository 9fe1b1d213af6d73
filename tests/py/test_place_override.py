"""R2, what the configuration itself says about the place: `user.country`,
`user.region`, and `regulation.name`, the choice of a server."""

from __future__ import annotations

from typing import Any

import pytest

import consentpy as cp
from helpers import NOW, cookie, full, law_of, regulations, vendor

BASE = full([vendor("v1", ["p1"])])


# ---------------------------------------------------------------- user.country


def overridden(**user: Any) -> cp.Config:
    return cp.Config({**regulations(BASE, gdpr=True, cpra=True, cpa=True), "user": user})


def test_r2_the_override_beats_the_visitor() -> None:
    config = overridden(country="BR")
    assert config.notice("FR").country == "BR"
    assert law_of(config, "FR") == law_of(config, None) == law_of(config, "XX") == "none"
    assert law_of(overridden(country="fr"), "US", "CA") == "gdpr"
    assert overridden(country="fr").notice("US", "CA").country == "FR"


def test_r2_the_override_without_region_forgets_the_visitors() -> None:
    config = overridden(country="US")
    notice = config.notice("US", "CO")
    assert (notice.country, notice.region) == ("US", None)
    assert notice.regulation == "cpra"
    assert law_of(config, "US", "NY") == "cpra"
    assert law_of(config, "FR", "CO", {"didomi_token_cpa": cookie({})}) == "cpa"


def test_the_override_with_region() -> None:
    config = overridden(country="us", region="co")
    notice = config.notice("FR", "75")
    assert (notice.country, notice.region) == ("US", "CO")
    assert notice.regulation == "cpa"
    assert law_of(overridden(country="US", region="NY"), "US", "CA") == "none"
    assert law_of(overridden(country="US", region="nowhere"), "US", "NY") == "cpra"


def test_a_region_alone_is_ignored() -> None:
    config = overridden(region="CO")
    assert law_of(config, "US", "CA") == "cpra"
    assert law_of(config, "US", "NY") == "none"
    assert law_of(config, None) == "gdpr"
    assert law_of(overridden(country=None, region="CO"), "US", "CA") == "cpra"


def test_a_null_override_is_none() -> None:
    assert law_of(overridden(country=None), "BR") == "none"
    assert law_of(overridden(country=None), "US", "CO") == "cpa"


# Stricter reading for values that are no text: they are there, and invalid.
@pytest.mark.parametrize(
    "value", ["XX", "ZZ", "", "FRA", "B", "T1", "\xe9\xe9", "BR ", 5, True, [], ["BR"], {}]
)
def test_r2_an_invalid_override_is_an_unknown_country(value: Any) -> None:
    config = overridden(country=value)
    assert law_of(config, "BR") == "gdpr"
    assert law_of(config, "US", "CA") == "gdpr"
    assert config.notice("BR").status({}, now=NOW).allows("v1") is False


def test_the_publishers_country_is_not_the_visitors() -> None:
    config = {**BASE, "app": {**BASE["app"], "country": "fr"}}
    assert law_of(config, "BR") == "none"
    assert cp.Config(config).notice("BR").publisher_country == "FR"


# -------------------------------------------------------------- regulation.name


@pytest.mark.parametrize("name", ["gdpr", "cpra", "tdpsa", "none"])
def test_r2_the_servers_choice_counts_without_a_country(name: str) -> None:
    config = {**BASE, "regulation": {"name": name}}
    group = {"gdpr": "optin", "none": "none"}.get(name, "optout")
    notice = cp.Config(config).notice()
    assert (notice.regulation, notice.group) == (name, group)


@pytest.mark.parametrize("name", ["gdpr", "cpra", "tdpsa", "none"])
def test_r2_the_servers_choice_does_not_count_with_a_country(name: str) -> None:
    config = {**BASE, "regulation": {"name": name}}
    assert law_of(config, "FR") == "gdpr"
    assert law_of(config, "BR") == "none"
    assert law_of(config, "US", "CA") == "none"
    # Stricter reading: a country that is given and not known is still given.
    assert law_of(config, "XX") == "gdpr"
    assert law_of({**config, "user": {"country": "FR"}}, None) == "gdpr"


@pytest.mark.parametrize("name", [None, "", "GDPR?", "unheard-of", 5, [], {}, True])
def test_a_choice_that_names_no_law_of(name: Any) -> None:
    assert law_of({**BASE, "regulation": {"name": name}}, None) == "gdpr"
    assert law_of({**BASE, "regulation": name}, None) == "gdpr"
