"""A word planted into every personal text of the reports, and where to look whether anything has told it."""

import csv
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from hrdata_assets.catalogue import STAGED
from hrdata_assets.table import ColumnType, Table
from hrdata_assets_tests.builders import LANGUAGE, PERSON_NAME, Record, Reports, a_quarter
from hrdata_assets_tests.installation import Installation

PLANTED = "zqx7Planted"
BY_REPORT = {table.origin: table for table in STAGED}

LEDGER = ("loads", "quality_results", "deliveries", "partitions", "schema_versions", "approvals")
"""Tables that say nothing of what stands in a row."""

OF_LETTERS = ("reasons", "stage", "asset_key", "contract_version", "status", "status_by")
"""Columns of a letter that do not; its payload is the row."""


def personal_headings(table: Table) -> set[str]:
    """Headings whose text is personal, as the reports write them."""
    bare = {column.header for column in table.columns if column.personal and column.type is not ColumnType.INTEGER}
    bare = {PERSON_NAME, "Name (multilang)", "Nationality (#{lang})", *filter(None, bare)} - {"Name"}
    return bare | {f"{heading}{LANGUAGE}" for heading in bare}


def planted(text: str) -> str:
    """The word before a text, or before each of its languages."""
    return "|".join(
        f"{code}:{PLANTED}{rest}" if colon else f"{PLANTED}{code}"
        for code, colon, rest in (part.partition(":") for part in text.split("|"))
    )


def plant(report: str, row: Record) -> Record:
    """Put the word into every personal text of a good row, which stays good."""
    headings = personal_headings(BY_REPORT[report])
    return {heading: planted(text) if heading in headings else text for heading, text in row.items()}


def a_planted_quarter(*people: int) -> Reports:
    """All fifteen reports with one row for each of these people, and the word in every personal text of theirs."""
    return {report: [plant(report, row) for row in rows] for report, rows in a_quarter(*people).items()}


def plant_folder(folder: Path) -> None:
    """Put the word into every personal text of a quarter's reports; ids are the same in all of them still."""
    for path in folder.glob("*.csv"):
        header, *records = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        personal = personal_headings(BY_REPORT[path.stem])
        # Of two columns called Name the first is the person's.
        places = {i for i, heading in enumerate(header) if heading in personal or (heading, i) == ("Name", 0)}
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(header)
        for record in records:
            writer.writerow([planted(cell) if i in places and cell else cell for i, cell in enumerate(record)])
        path.write_text(text.getvalue(), encoding="utf-8", newline="")


def tellers(installation: Installation, server_log: Path | None) -> list[str]:
    """Every place outside the data that holds the word: tables of Dagster's and of the ledger, files, the log."""
    found = [*dagsters_tables(installation), *ledger_tables(installation), *files(installation)]
    if server_log is not None and PLANTED.encode() in server_log.read_bytes():
        found.append(server_log.name)
    return found


def dagsters_tables(installation: Installation) -> Iterator[str]:
    """Tables of Dagster's own, if there is such a database, that hold the word."""
    if not installation.one("select count(*) from pg_database where datname = %s", installation.dagster_database):
        return
    with psycopg.connect(installation.dagster_url) as connection:
        for table in tables_of(connection):
            rows = connection.execute(sql.SQL("select * from {}").format(sql.Identifier(table)))
            if any(PLANTED in as_text(value) for row in rows for value in row):
                yield f"Dagster's {table}"


def tables_of(connection: psycopg.Connection) -> list[str]:
    """Tables of a database's public schema."""
    rows = connection.execute(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
    )
    return [name for (name,) in rows]


def as_text(value: object) -> str:
    """A value as text; Dagster keeps some of its own compressed."""
    if not isinstance(value, bytes | memoryview):
        return str(value)
    try:
        return zlib.decompress(bytes(value)).decode(errors="replace")
    except zlib.error:
        return bytes(value).decode(errors="replace")


def ledger_tables(installation: Installation) -> Iterator[str]:
    """Tables of ops that hold the word, and columns of letters beside their payload."""
    for table in LEDGER:
        if installation.one(f"select count(*) from ops.{table} t where t::text like '%{PLANTED}%'"):
            yield f"ops.{table}"
    for column in OF_LETTERS:
        if installation.one(f"select count(*) from ops.dead_letters where {column}::text like '%{PLANTED}%'"):
            yield f"ops.dead_letters.{column}"


def files(installation: Installation) -> list[str]:
    """Files under the home folder, beside the archive, that hold the word, or are called so."""
    home = installation.home
    beside = [path for path in home.rglob("*") if path.is_file() and home / "archive" not in path.parents]
    found = [path for path in beside if PLANTED.encode() in path.read_bytes()]
    return [str(path.relative_to(home)) for path in (*found, *home.rglob(f"*{PLANTED}*"))]
