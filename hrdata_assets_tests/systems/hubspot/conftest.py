"""Accounts to ask: one for all tests that only read, a new one for each that changes something."""

from collections.abc import Iterator

import pytest

from hrdata_assets_tests.systems.hubspot.crm import Crm, a_crm


@pytest.fixture(scope="package")
def reading() -> Iterator[Crm]:
    with a_crm(people=260) as crm:
        yield crm


@pytest.fixture
def crm() -> Iterator[Crm]:
    with a_crm() as crm:
        yield crm
