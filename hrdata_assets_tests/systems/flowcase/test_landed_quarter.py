"""What was pulled is loaded like a folder that a person dropped; the command, and what it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets.catalogue import CORE, STAGED
from hrdata_assets.systems.flowcase.client import ORDERED
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets.table import Table
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.systems.flowcase.account import QUARTER, Account, an_account

OWN = ("sc_clearance.csv", "availability_report.csv")


def rows(installation: Installation, table: Table) -> list[tuple[object, ...]]:
    """A table's own columns; records stand in another order in files that were joined."""
    names = ", ".join(f'"{column.name}"::text' for column in table.columns)
    return sorted(installation.rows(f"select {names} from {table.address}"), key=str)


def test_a_quarter_that_was_pulled_office_by_office_is_the_same_in_the_database(
    new_installation: NewInstallation,
) -> None:
    with (
        new_installation() as dropped,
        new_installation() as pulled,
        an_account(pulled.folder, people=60, most_cvs=25) as account,
    ):
        write_quarter(dropped.quarter_folder("2026-Q2"), QUARTER, people=60, dialect="export")
        account.pull(FLOWCASE_CVS_PER_REPORT="25")
        for name in OWN:
            (account.landed / name).write_bytes((dropped.quarter_folder("2026-Q2") / name).read_bytes())
        dropped.load("2026-Q2")
        pulled.load("2026-Q2")
        for table in (*STAGED, *CORE):
            assert rows(pulled, table) == rows(dropped, table) != [], table.address


@pytest.fixture
def configured(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with an_account(installation.folder) as account:
        for name, value in account.variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HRDATA_REPORTS_DIR", str(account.settings.reports_dir))
        monkeypatch.setenv("HRDATA_HOME", str(account.settings.home))
        yield account


def test_a_person_pulls_a_quarter(configured: Account) -> None:
    told = hrdata("pull", "flowcase", "--quarter", "2026-Q2", "--json").told
    assert told["folder"] == str(configured.landed)
    assert told["reports"] == told["changed"] == list(ORDERED)
    assert (told["quarter"], told["failed"], told["warnings"], told["throttled"]) == ("2026-Q2", {}, [], 0)
    # A list of offices; an order, a look and a file for every report.
    assert told["calls"] == 1 + 3 * len(ORDERED)
    again = hrdata("pull", "Flowcase", "--quarter", "Q22026")
    assert (again.code, "as before" in again.out, "run --quarter" in again.out) == (0, True, False)


def test_a_report_that_cannot_be_had_is_named_and_the_exit_code_says_so(configured: Account) -> None:
    configured.fake.switches.failed = {"blogs": "failed"}
    answer = hrdata("pull", "flowcase", "--quarter", "2026-Q2")
    assert answer.code == 1
    assert "FAILED blogs: flowcase could not make blogs (failed): pull again" in answer.out
    assert len(list(configured.landed.glob("*.csv"))) == len(ORDERED) - 1


def test_what_a_person_put_there_is_replaced_when_they_say_so(configured: Account) -> None:
    configured.landed.mkdir(parents=True)
    (configured.landed / "user_report.csv").write_text("by hand")
    refused = hrdata("pull", "flowcase", "--quarter", "2026-Q2")
    assert (refused.code, "--replace" in refused.err) == (1, True)
    assert hrdata("pull", "flowcase", "--quarter", "2026-Q2", "--replace").code == 0
    # What had been downloaded was not ordered again.
    assert configured.fake.ordered() == list(ORDERED)


def test_a_quarter_for_which_another_folder_is_read_is_not_pulled(
    configured: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    (configured.settings.reports_dir / "spring").mkdir(parents=True)
    monkeypatch.setenv("HRDATA_QUARTER_FOLDERS", "spring=2026-Q2")
    refused = hrdata("pull", "flowcase", "--quarter", "2026-Q2")
    assert refused.code == 1
    assert "spring is read for 2026-Q2, by HRDATA_QUARTER_FOLDERS" in refused.err
    assert configured.fake.calls == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pull", "flowcase", "candidates"), "flowcase makes whole reports"),
        (("pull", "flowcase", "--full"), "flowcase makes whole reports"),
        (("pull", "bullhorn", "--quarter", "2026-Q2"), "bullhorn gives records, not reports"),
        (("pull", "bullhorn", "--replace"), "bullhorn gives records, not reports"),
        (("pull", "flowcase", "--quarter", "2099-Q1"), "2099-Q1 has not begun"),
        (("pull", "flowcase"), "flowcase is not configured: set FLOWCASE_DATA_SOURCE=real, FLOWCASE_SUBDOMAIN"),
        (("pull", "workday"), "there are bullhorn, flowcase_api, hubspot, salesforce, flowcase"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    answer = hrdata(*arguments)
    assert (answer.code, said in answer.err) == (1, True), answer.err
    assert [path.name for path in tmp_path.iterdir()] == []


def test_flowcase_stands_among_the_systems(configured: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> tuple[bool, list[str]]:
        (row,) = (row for row in hrdata("systems", "--json").told if row["system"] == "flowcase")
        return row["configured"], row["missing"]

    assert told() == (True, [])
    monkeypatch.delenv("FLOWCASE_DATA_SOURCE")
    assert told() == (False, ["FLOWCASE_DATA_SOURCE=real"])
    assert "no: set FLOWCASE_DATA_SOURCE=real" in hrdata("systems").out.replace("\n", "")
