"""No value out of a row reaches a log, Dagster's records, an error or the console, whatever is wrong with the row."""

import json
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from hrdata_assets.settings import shipped
from hrdata_assets.storage.postgres import ensure_database
from hrdata_assets.table import ColumnType
from hrdata_assets_tests.builders import OF_PEOPLE, REPORTS, Record, Reports, a_row, a_user, report_bytes
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.planting import (
    BY_REPORT,
    PLANTED,
    a_planted_quarter,
    dagsters_tables,
    files,
    ledger_tables,
    plant,
    tables_of,
    tellers,
)

PEOPLE = 150
FAILS_WITH_A_VALUE = "select max(email::int)::numeric as value, null::jsonb as detail from core.users"


def spoiled(report: str) -> list[Record]:
    """A doubled row, one of nobody, and one for each typed column, unreadable in a telling way."""
    table = BY_REPORT[report]
    typed = [c.header for c in table.columns if c.type not in (ColumnType.TEXT, ColumnType.LANGUAGES)]
    headings = [heading for heading in a_row(report) if heading in typed]
    rows = [a_row(report, 1), a_row(report, 998, **dict.fromkeys(headings, f"{PLANTED}?"))]
    if report not in OF_PEOPLE:
        rows.append(a_row(report, 999))
    if "Customer (#{lang})" in rows[0]:
        rows.append(a_row(report, 997, **{"Description (#{lang})": '{"int": ' + PLANTED}))
    return [plant(report, row) for row in rows]


def a_spoiled_report(report: str, rows: list[Record]) -> bytes:
    """Good rows, then every kind of bad one, ending inside quotes."""
    rows = [{**row, f"{PLANTED} heading": f"{PLANTED} cell"} for row in (*rows, *spoiled(report))]
    strange = report_bytes([rows[0]]).partition(b"\n")[2].replace(PLANTED.encode(), b"\xe6\xf8" + PLANTED.encode())
    ragged = f"{PLANTED},{PLANTED}\r\n".encode()
    return report_bytes(rows) + strange + ragged + f'"{PLANTED} is never closed'.encode()


@dataclass(frozen=True)
class Aftermath:
    """What two runs left: one over spoiled rows with a query that fails, one over spoiled files."""

    installation: Installation
    runs: tuple[subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def aftermath(new_installation: NewInstallation) -> Iterator[Aftermath]:
    with new_installation() as made:
        folder = made.quarter_folder("2026-Q1")
        folder.mkdir(parents=True)
        quarter = a_planted_quarter(*range(1, PEOPLE + 1))
        for report, rows in quarter.items():
            (folder / f"{report}.csv").write_bytes(a_spoiled_report(report, rows))
        queries = made.folder / "sql"
        shutil.copytree(shipped("sql"), queries)
        (queries / "marts" / "kpis" / "users.sql").write_text(FAILS_WITH_A_VALUE)
        first = made.hrdata("run", "--quarter", "2026-Q1", "--sql-folder", str(queries), check=False)
        spoil_files(made.quarter_folder("2026-Q2"), quarter)
        second = made.hrdata("run", "--quarter", "2026-Q2", "--json", check=False)
        yield Aftermath(made, (first, second))


def spoil_files(folder: Path, quarter: Reports) -> None:
    """Reports that are held, and files that are no reports at all."""
    folder.mkdir(parents=True)
    few = {report: report_bytes(rows[:5]) for report, rows in quarter.items()}
    for report, content in few.items():
        header, _, rest = content.partition(b"\n")
        (folder / f"{report}.csv").write_bytes(header + b"\n" + rest + rest)  # half of it is doubled
    (folder / "courses.csv").write_text(f"<html><title>{PLANTED}</title></html>")
    (folder / "blogs.csv").write_bytes(b"PK\x03\x04" + few["blogs"])
    (folder / "positions.csv").write_bytes(b"\xff\xfe" + few["positions"] + b"x")
    (folder / "languages.csv").write_bytes(few["languages"].partition(b"\n")[2])  # a row where the header should be
    (folder / "cv_roles.csv").write_bytes(f'"{PLANTED}'.encode() + few["cv_roles"])
    (folder / "key_qualifications.csv").unlink()
    (folder / "key_qualifications.csv").symlink_to(folder / f"{PLANTED}.csv")


def test_the_runs_met_what_was_spoiled(aftermath: Aftermath) -> None:
    first, second = aftermath.runs
    assert (first.returncode, second.returncode) == (1, 1)
    assert "FAILED marts__kpis: " in first.stderr
    assert first.stderr.count("FAILED") == 1
    assert "InvalidTextRepresentation (SQLSTATE 22P02)" in first.stderr
    assert second.stderr.count("FAILED") >= 14
    assert "not run, for what they need failed: " in second.stderr
    assert "Traceback" not in first.stderr + second.stderr
    told = json.loads(second.stdout)
    assert (told["success"], told["kpis"], len(told["faults"])) == (False, None, second.stderr.count("FAILED"))
    rules = set(
        aftermath.installation.column(
            "select distinct jsonb_path_query(reasons, '$[*].rule') #>> '{}' from ops.dead_letters"
        )
    )
    assert {"text_is_utf8", "too_few_fields", "quotes_not_closed", "key_unique", "cv_known", "user_known"} <= rules
    assert {"birth_year_valid", "description_multilang_valid", "file_is_a_table"} <= rules


def test_the_word_is_where_the_rows_are(aftermath: Aftermath) -> None:
    """So that not finding it elsewhere means something."""
    installation = aftermath.installation
    for report in REPORTS:
        table = BY_REPORT[report].address
        told = f"select count(*) from {table} t where quarter = '2026-Q1' and t::text like '%{PLANTED}%'"
        assert installation.one(told) == PEOPLE + (report not in OF_PEOPLE), report
    letters = f"select asset_key from ops.dead_letters where payload::text like '%{PLANTED}%' group by 1"
    assert len(installation.column(letters)) > len(REPORTS)
    assert installation.one(f"select count(*) from core.users u where u::text like '%{PLANTED}%'") == PEOPLE
    assert (
        installation.one(f"select count(*) from held.staged_flowcase_users_2026_q2 where email like '{PLANTED}%'") == 5
    )


def test_dagsters_database_does_not_hold_it(aftermath: Aftermath) -> None:
    with psycopg.connect(aftermath.installation.dagster_url) as connection:
        assert {"event_logs", "runs", "asset_check_executions"} <= set(tables_of(connection))
        (count,) = connection.execute("select count(*) from event_logs").fetchone() or (0,)
    assert count > 500
    assert list(dagsters_tables(aftermath.installation)) == []


def test_no_file_beside_the_archive_holds_it(aftermath: Aftermath) -> None:
    assert (aftermath.installation.home / "dagster" / "dagster.yaml").is_file()
    assert files(aftermath.installation) == []


def test_the_console_does_not_tell_it(aftermath: Aftermath) -> None:
    for run in aftermath.runs:
        assert len(run.stderr) > 500
        assert PLANTED not in run.stderr + run.stdout


def test_the_ledger_and_the_reasons_of_letters_do_not_tell_it(aftermath: Aftermath) -> None:
    assert aftermath.installation.one("select count(*) from ops.dead_letters") > 100
    assert list(ledger_tables(aftermath.installation)) == []


def test_the_servers_log_does_not_tell_it(aftermath: Aftermath, server_log: Path | None) -> None:
    if server_log is None:
        pytest.skip("the log of a server of your own is not ours to read")
    text = server_log.read_bytes()
    assert text
    assert PLANTED.encode() not in text


def test_a_word_that_is_told_is_found(installation: Installation) -> None:
    """So that not finding it means something."""
    assert tellers(installation, None) == []
    ensure_database(installation.dagster_url)
    with psycopg.connect(installation.dagster_url) as connection:
        connection.execute("create table event_logs (event bytea)")
        connection.execute("insert into event_logs values (%s)", (zlib.compress(PLANTED.encode()),))
    installation.stage("flowcase_users", [a_user(1), a_user(1)])
    with installation.warehouse.connect("test") as connection:
        connection.execute("update ops.dead_letters set status_by = %s", (PLANTED,))
        connection.execute("update ops.deliveries set file_name = %s", (PLANTED,))
    (installation.home / "told.txt").write_text(PLANTED)
    log = installation.folder / "log"
    log.write_text(f"LOG: {PLANTED}")
    told = ["Dagster's event_logs", "ops.deliveries", "ops.dead_letters.status_by", "told.txt", "log"]
    assert tellers(installation, log) == told
