"""Dropping all tables made from workbooks: nothing goes without a backup that restores them as they were."""

import datetime
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.excel.reset import reset
from hrdata_assets.storage.bundled import psql_program
from hrdata_assets.storage.ledger import Place, claim
from hrdata_assets.storage.table_backup import restore_backup
from hrdata_assets.verify.answers import verify
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.excel.conftest import Load, Write
from hrdata_assets_tests.excel.test_load import statuses
from hrdata_assets_tests.installation import Installation, dump
from hrdata_assets_tests.victim import grave

ROWS = [
    ["Name", 'He said: "\\."\nand: left', "Day", "Pay %", "Share"],
    ["a\tb", "\\.", datetime.date(2024, 1, 31), 1.5, 0.1],
    ["ø 'quoted' \\N", "line\nbreak", None, 3_000_000_000, 1e300],
    ["\\", None, datetime.date(1900, 3, 1), None, -7],
]
KNOWN = (
    "select import_id, status from ops.etl_imports",
    "select * from ops.columns",
    "select asset_key, partition_key, load_id, delivery, contract from ops.partitions",
    "select id, status from ops.dead_letters",
    "select change_id, undone_at from ops.etl_schema_changes",
)


@pytest.fixture
def two_tables(installation: Installation, write: Write, load: Load) -> None:
    """Two tables, one with a workbook that was taken back, one with a letter, and a table of somebody else's."""
    write("staff/a.xlsx", ROWS)
    write("staff/b.xlsx", [["Name", "Unit"], ["x", 1], ["Total", 1]])
    write("staff/c.xlsx", [["Name"], ["out"]])
    write("units/u.xlsx", [["Unit"], ["u"]])
    load()
    hrdata("excel", "revert", "--table", "staff", "--source-file", "staff/c.xlsx")
    with installation.warehouse.connect("test") as connection:
        connection.execute("create table excel.of_a_user as select 1 as one")
        connection.execute("create index by_unit on excel.units (unit)")
        connection.execute("grant select on excel.units to public")


def known(installation: Installation) -> list[list[tuple[object, ...]]]:
    return [sorted(installation.rows(statement), key=repr) for statement in KNOWN]


def rows(installation: Installation) -> list[str]:
    """All rows as texts, without what says when they were loaded."""
    return installation.column(
        "select (to_jsonb(s) - 'load_id' - 'load_timestamp')::text from excel.staff s"
        " union all select (to_jsonb(u) - 'load_id' - 'load_timestamp')::text from excel.units u order by 1"
    )


def psql(installation: Installation, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [psql_program(), f"--dbname={installation.url}", "-q", "-f", str(file)], text=True, capture_output=True
    )


@pytest.mark.usefixtures("two_tables")
def test_the_backup_restores_everything_as_it_was(installation: Installation, load: Load, tmp_path: Path) -> None:
    before, known_before, loaded = dump(installation, "excel"), known(installation), statuses(load())
    backup = tmp_path / "backup.sql"
    told = hrdata("excel", "reset", "--backup", str(backup), "--yes", "--json").told
    assert told["dropped"] == [{"table": "excel.staff", "rows": 4}, {"table": "excel.units", "rows": 1}]
    assert backup.stat().st_mode & 0o777 == 0o600
    assert list(dump(installation, "excel")) == ["excel.of_a_user"]
    assert installation.column(
        "select distinct status_by from ops.etl_imports where source_file <> 'staff/c.xlsx'"
    ) == ["reset"]
    assert grave(verify(installation.warehouse, read_archive=True)) == []
    done = psql(installation, backup)
    assert (done.returncode, done.stderr) == (0, "")
    assert dump(installation, "excel") == before
    assert known(installation) == known_before
    assert installation.one("select count(*) from pg_indexes where indexname = 'by_unit'") == 1
    assert installation.one("select has_table_privilege('public', 'excel.units', 'select')")
    assert grave(verify(installation.warehouse, read_archive=True)) == []
    assert statuses(load()) == loaded
    assert psql(installation, backup).returncode != 0
    assert dump(installation, "excel") == before


@pytest.mark.usefixtures("two_tables")
def test_the_next_load_makes_the_same_tables_anew(installation: Installation, load: Load, tmp_path: Path) -> None:
    before = rows(installation)
    reset(installation.warehouse, tmp_path / "backup.sql")
    assert statuses(load()) == {
        "staff/a.xlsx": "loaded",
        "staff/b.xlsx": "loaded",
        "staff/c.xlsx": "taken_back",
        "units/u.xlsx": "loaded",
    }
    assert rows(installation) == before
    assert installation.column("select status from ops.dead_letters") == ["open"]
    assert installation.one("select count(*) from excel.of_a_user") == 1
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def test_what_is_held_is_looked_at_anew(
    installation: Installation, write: Write, load: Load, configure: Callable[[str], None], tmp_path: Path
) -> None:
    configure("staff:\n  policy: propose\n")
    write("staff/a.xlsx", [["Name"], ["a"]])
    load()
    write("staff/b.xlsx", [["Name", "Unit"], ["b", 1]])
    assert statuses(load())["staff/b.xlsx"] == "held"
    reset(installation.warehouse, tmp_path / "backup.sql")
    assert installation.one("select count(*) from ops.partitions where held_load_id is not null") == 0
    assert statuses(load()) == {"staff/a.xlsx": "loaded", "staff/b.xlsx": "held"}


@pytest.mark.usefixtures("two_tables")
def test_nothing_goes_while_a_view_of_others_is_made_of_a_table(installation: Installation, tmp_path: Path) -> None:
    with installation.warehouse.connect("test") as connection:
        connection.execute("create view marts.of_a_user as select unit from excel.units")
    before = dump(installation, "excel")
    refused = hrdata("excel", "reset", "--backup", str(tmp_path / "backup.sql"), "--yes")
    assert refused.code == 1
    assert "excel.units" in refused.err
    assert "view marts.of_a_user" in refused.err
    assert dump(installation, "excel") == before
    assert not (tmp_path / "backup.sql").exists()


@pytest.mark.usefixtures("two_tables")
def test_nothing_goes_while_a_key_of_others_leads_to_a_table(installation: Installation, tmp_path: Path) -> None:
    with installation.warehouse.connect("test") as connection:
        connection.execute(
            "create table marts.of_a_user (load bigint, row integer, foreign key (load, row) references excel.units)"
        )
    before = dump(installation, "excel")
    with pytest.raises(SetupError, match=r"excel.units is in use"):
        reset(installation.warehouse, tmp_path / "backup.sql")
    assert dump(installation, "excel") == before
    assert not (tmp_path / "backup.sql").exists()


@pytest.mark.usefixtures("two_tables")
def test_an_existing_file_is_never_written_over(installation: Installation, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sql"
    backup.write_text("older", encoding="utf-8")
    refused = hrdata("excel", "reset", "--backup", str(backup), "--yes")
    assert (refused.code, "exists already" in refused.err) == (1, True)
    assert backup.read_text(encoding="utf-8") == "older"
    assert installation.one("select count(*) from excel.staff") == 4


@pytest.mark.usefixtures("two_tables")
def test_without_a_terminal_to_ask_on_it_must_be_said(installation: Installation, tmp_path: Path) -> None:
    done = installation.hrdata("excel", "reset", "--backup", str(tmp_path / "backup.sql"), check=False)
    assert (done.returncode, "--yes" in done.stderr) == (1, True)
    assert installation.one("select count(*) from excel.staff") == 4


@pytest.mark.usefixtures("two_tables")
def test_a_run_that_works_on_a_table_keeps_all_of_them(installation: Installation, tmp_path: Path) -> None:
    with installation.warehouse.connect("other") as other:
        claim(other, Place("excel/units", "", "other"))
        with pytest.raises(SystemUnavailable, match="another run"):
            reset(installation.warehouse, tmp_path / "backup.sql")
    assert installation.one("select count(*) from excel.staff") == 4


@pytest.mark.usefixtures("two_tables")
def test_a_disk_that_is_full_keeps_all_tables(installation: Installation) -> None:
    with pytest.raises(SetupError, match="cannot be written"):
        reset(installation.warehouse, Path("/dev/full/backup.sql"))
    assert installation.one("select count(*) from excel.staff") == 4


@pytest.mark.usefixtures("two_tables")
def test_a_backup_that_was_cut_is_noticed_when_it_is_read_back(installation: Installation, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sql"
    reset(installation.warehouse, backup)
    whole = backup.read_bytes()
    for end in (whole.index(b"\\.\n"), whole.rindex(b"commit;")):
        backup.write_bytes(whole[:end])
        with (
            backup.open("rb") as file,
            pytest.raises(SetupError, match="backup ends"),
            installation.warehouse.connect("test") as connection,
        ):
            restore_backup(connection, file)
    assert installation.one("select to_regclass('excel.staff')") is None


@pytest.mark.usefixtures("two_tables")
def test_nothing_goes_if_the_backup_does_not_bring_everything_back(installation: Installation, tmp_path: Path) -> None:
    with installation.warehouse.connect("test") as connection:
        connection.execute(
            "create function marts.nothing() returns trigger language plpgsql as 'begin return null; end'"
        )
        connection.execute(
            "create trigger nothing before update on ops.etl_imports for each row"
            " when (new.status = 'imported') execute function marts.nothing()"
        )
    before, known_before = dump(installation, "excel"), known(installation)
    with pytest.raises(SetupError, match="not equal to the tables when it is restored: nothing was dropped"):
        reset(installation.warehouse, tmp_path / "backup.sql")
    assert (dump(installation, "excel"), known(installation)) == (before, known_before)
    assert not (tmp_path / "backup.sql").exists()
