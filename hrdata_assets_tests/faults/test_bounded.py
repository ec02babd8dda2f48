"""Memory stays bounded: for a large company's quarter, and for reports made to take as much as they can."""

import json
import subprocess
import sys
from typing import Any

import pytest

from hrdata_assets_tests.faults.hostile import KINDS
from hrdata_assets_tests.installation import REPOSITORY

pytestmark = [pytest.mark.faults, pytest.mark.slow]

GIBIBYTE = 1024


def in_own_process(module: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE, check=True, timeout=300
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_report_is_read_or_refused_in_less_than_a_gibibyte(kind: str) -> None:
    found = in_own_process("hrdata_assets_tests.faults.hostile", kind)
    assert found["answer"]
    assert found["peak"] < GIBIBYTE


def test_a_quarter_of_twenty_thousand_people_is_loaded_in_less_than_a_gibibyte() -> None:
    found = in_own_process("hrdata_assets_tests.bench", "--size", "20000")
    assert found["people"] == 20_000
    assert found["peak"] < GIBIBYTE
