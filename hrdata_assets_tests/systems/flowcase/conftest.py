"""A fake Flowcase for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets_tests.systems.flowcase.account import Account, an_account


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with an_account(tmp_path) as found:
        yield found
