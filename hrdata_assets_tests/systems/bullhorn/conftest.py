"""Agencies to ask: one for all tests that only read, a new one for each that changes something."""

from collections.abc import Iterator

import pytest

from hrdata_assets_tests.systems.bullhorn.agency import Agency, an_agency


@pytest.fixture(scope="package")
def reading() -> Iterator[Agency]:
    with an_agency(people=200) as agency:
        yield agency


@pytest.fixture
def agency() -> Iterator[Agency]:
    with an_agency() as agency:
        yield agency
