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
from psycopg import sql

from hrdata_assets.catalogue import STAGED
from hrdata_assets.settings import shipped
from hrdata_assets.table import ColumnType, Table
from hrdata_assets_tests.builders import (
    OF_PEOPLE,
    PERSON_NAME,
    REPORTS,
    Record,
    Reports,
    a_quarter,
    a_row,
    report_bytes,
)
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation

PLANTED = "zqx7Planted"
PEOPLE = 150
BY_REPORT = {table.origin: table for table in STAGED}
FAILS_WITH_A_VALUE = "select max(email::int)::numeric as value, null::jsonb as detail from core.users"


def personal_headings(table: Table) -> set[str]:
    """Headings whose text is personal, as the reports write them."""
    bare = {column.header for column in table.columns if column.personal and column.type is not ColumnType.INTEGER}
    return {PERSON_NAME, "Name (multilang)", "Nationality (#{lang})", *filter(None, bare)} - {"Name"}


def plant(report: str, row: Record) -> Record:
    """Put the planted word into every personal text of a good row, which stays good."""
    headings = personal_headings(BY_REPORT[report]) | {f"{h} (#{{lang}})" for h in personal_headings(BY_REPORT[report])}

    def planted(text: str) -> str:
        return "|".join(
            f"{code}:{PLANTED}{rest}" if colon else f"{PLANTED}{code}"
            for code, colon, rest in (part.partition(":") for part in text.split("|"))
        )

    return {heading: planted(text) if heading in headings else text for heading, text in row.items()}


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


def planted_quarter() -> Reports:
    quarter = a_quarter(*range(1, PEOPLE + 1))
    return {report: [plant(report, row) for row in rows] for report, rows in quarter.items()}


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
        quarter = planted_quarter()
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
    searched = 0
    with psycopg.connect(aftermath.installation.dagster_url) as connection:
        tables = connection.execute("select oid::regclass::text from pg_class where relkind = 'r' and relnamespace ="
                                    " 'public'::regnamespace").fetchall()  # fmt: skip
        for (table,) in tables:
            for row in connection.execute(sql.SQL(f"select * from {table}")):
                for value in row:
                    searched += 1
                    assert PLANTED not in as_text(value), table
    assert searched > 5000


def as_text(value: object) -> str:
    """A value as text; Dagster keeps some of its own compressed."""
    if not isinstance(value, bytes | memoryview):
        return str(value)
    try:
        return zlib.decompress(bytes(value)).decode(errors="replace")
    except zlib.error:
        return bytes(value).decode(errors="replace")


def test_no_file_beside_the_archive_holds_it(aftermath: Aftermath) -> None:
    home = aftermath.installation.home
    files = [p for p in home.rglob("*") if p.is_file() and home / "archive" not in p.parents]
    assert home / "dagster" / "dagster.yaml" in files
    assert [p for p in files if PLANTED.encode() in p.read_bytes()] == []
    assert list(home.rglob(f"*{PLANTED}*")) == []


def test_the_console_does_not_tell_it(aftermath: Aftermath) -> None:
    for run in aftermath.runs:
        assert len(run.stderr) > 500
        assert PLANTED not in run.stderr + run.stdout


@pytest.mark.parametrize("column", ["reasons", "stage", "asset_key", "contract_version"])
def test_the_reasons_of_letters_do_not_tell_it(aftermath: Aftermath, column: str) -> None:
    told = f"select count(*), count(*) filter (where {column}::text like '%{PLANTED}%') from ops.dead_letters"
    ((letters, telling),) = aftermath.installation.rows(told)
    assert letters > 100
    assert telling == 0


@pytest.mark.parametrize("table", ["loads", "quality_results", "deliveries", "partitions", "schema_versions"])
def test_the_ledger_does_not_tell_it(aftermath: Aftermath, table: str) -> None:
    told = f"select count(*), count(*) filter (where t::text like '%{PLANTED}%') from ops.{table} t"
    ((rows, telling),) = aftermath.installation.rows(told)
    assert rows > 0
    assert telling == 0


def test_the_servers_log_does_not_tell_it(aftermath: Aftermath, server_log: Path | None) -> None:
    if server_log is None:
        pytest.skip("the log of a server of your own is not ours to read")
    text = server_log.read_bytes()
    assert text
    assert PLANTED.encode() not in text
