"""One installation of the platform, with a database, a home and a reports folder of its own."""

import datetime
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from psycopg import sql

from hrdata_assets.catalogue import STAGED, STORED, TABLES
from hrdata_assets.defs import core, marts, staged
from hrdata_assets.defs.execution import QuarterRun, run_quarter
from hrdata_assets.defs.loading import ToLoad, empty_load
from hrdata_assets.defs.releases import Member, released
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.archive import Archived, Delivery
from hrdata_assets.storage.ledger import Counts, Place, delivery_of, record_delivery
from hrdata_assets.storage.postgres import database_name, with_database
from hrdata_assets.storage.publish import Receipt, publish
from hrdata_assets.storage.warehouse import Warehouse, open_warehouse
from hrdata_assets.systems.files import folder_of, read_report
from hrdata_assets.table import Table
from hrdata_assets.unified.marts import KPI
from hrdata_assets_tests.builders import Record, report_bytes

REDACTION = "DAGSTER_REDACT_USER_CODE_ERRORS"
SYSTEMS = ("BULLHORN_", "HUBSPOT_", "SALESFORCE_", "FLOWCASE_", "LOWCASE_")
PREFIXES = ("HRDATA_", "ETL_", "PG", "DAGSTER_", "SKIP_DB", "DEBUG", *SYSTEMS)
REPOSITORY = Path(__file__).resolve().parent.parent


def forget_settings(patch: pytest.MonkeyPatch) -> None:
    """Take every variable away that could reach the platform from outside; what it set for itself stays."""
    for name in [name for name in os.environ if name.startswith(PREFIXES) and name != REDACTION]:
        patch.delenv(name)


def table_of(name: str) -> Table:
    """A table of the catalogue, by its name."""
    return next(table for table in TABLES if table.name == name)


@dataclass(frozen=True)
class Installation:
    """A database, a home and a reports folder; ``load`` is quick, ``run`` is the whole graph."""

    url: str
    folder: Path
    more: tuple[tuple[str, str], ...] = ()

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def reports(self) -> Path:
        return self.folder / "cv_reports"

    @property
    def variables(self) -> dict[str, str]:
        """The environment that names this installation."""
        return {
            "HRDATA_DATABASE_URL": self.url,
            "HRDATA_DAGSTER_DATABASE": self.dagster_database,
            "HRDATA_HOME": str(self.home),
            "HRDATA_REPORTS_DIR": str(self.reports),
            **dict(self.more),
        }

    @property
    def dagster_database(self) -> str:
        return f"{database_name(self.url)}_dagster"

    @property
    def dagster_url(self) -> str:
        return with_database(self.url, self.dagster_database)

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Let this process be this installation's for a while."""
        with pytest.MonkeyPatch.context() as patch:
            forget_settings(patch)
            for name, value in self.variables.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            yield

    @cached_property
    def warehouse(self) -> Warehouse:
        with self.environment():
            return open_warehouse(load_settings(), STORED)

    def quarter_folder(self, quarter: str) -> Path:
        return self.reports / Quarter.parse(quarter).folder

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with self.warehouse.connect("test") as connection:
            return connection.execute(sql.SQL(statement), values or None).fetchall()

    def one(self, statement: str, *values: object) -> Any:
        """The only value of the only row."""
        ((value,),) = self.rows(statement, *values)
        return value

    def column(self, statement: str, *values: object) -> list[Any]:
        """The only column."""
        return [value for (value,) in self.rows(statement, *values)]

    def sessions(self, database: str) -> int:
        """How many connections were ever made to a database."""
        return int(self.one("select sessions from pg_stat_database where datname = %s", database))

    def run(self, quarter: str, *, instance: dg.DagsterInstance | None = None) -> QuarterRun:
        """Execute the whole graph for a quarter, recorded nowhere unless an instance is given."""
        with self.environment():
            return run_quarter(instance or dg.DagsterInstance.ephemeral(), Quarter.parse(quarter))

    def stage(self, name: str, report: Sequence[Record] | bytes, quarter: str = "2026-Q1") -> Receipt:
        """Archive and publish (or hold) one report, given as rows or as the file's bytes."""
        table = table_of(name)
        content = report if isinstance(report, bytes) else report_bytes(report)
        delivery = Delivery.of(f"{Quarter.parse(quarter).folder}/{table.origin}.csv", content)
        return self._stage(table, delivery, Place(f"staged/{name}", Quarter.parse(quarter).key, str(uuid.uuid4())))

    def load(self, quarter: str) -> None:
        """Load a quarter's folder by the steps of the graph, without Dagster's bookkeeping, which takes seconds."""
        chosen, run_id = Quarter.parse(quarter), str(uuid.uuid4())
        settings = self.warehouse.settings
        folder = folder_of(settings.reports_dir, settings.quarter_folders, chosen)
        assert folder is not None, f"no folder for {quarter}"
        for table in STAGED:
            content = read_report(folder, table.origin or "", settings.max_report_bytes)
            delivery = None if content is None else Delivery.of(f"{folder.name}/{table.origin}.csv", content)
            self._stage(table, delivery, Place(f"staged/{table.name}", chosen.key, run_id))
        self.build(quarter)

    def build(self, quarter: str) -> None:
        """Make core, KPIs and search profile from what is staged."""
        key, run_id = Quarter.parse(quarter).key, str(uuid.uuid4())
        with self.warehouse.connect("core") as connection:
            group = core.core_group(connection, self.warehouse, key, run_id)
        with released(self.warehouse, [(group, {})]) as (release,):
            assert release.faults() == []
            Member(release, release.group.tables[0]).publish()
        with self.warehouse.connect("kpis") as connection:
            groups = marts.kpi_groups(connection, self.warehouse, key, run_id)
        with released(self.warehouse, groups) as (first, *also):
            Member(first, KPI.table, tuple(also)).publish()
        with self.warehouse.connect("profile") as connection:
            if marts._one(connection, "select quarter from current.quarter") == key:
                marts.refresh_profile(connection)

    def _stage(self, table: Table, delivery: Delivery | None, place: Place) -> Receipt:
        if delivery is not None:
            self.warehouse.archive.keep(delivery)
            raw = Place(f"raw/{table.name}", place.partition_key, place.run_id)
            with self.warehouse.connect("raw") as connection:
                record_delivery(connection, raw, delivery)
                found = delivery_of(connection, raw.asset_key, raw.partition_key)
            assert found is not None, f"{delivery.file_name} was taken back"
            load = staged._load(self.warehouse, place, table, Archived(*found, self.warehouse.archive))
        else:
            load = empty_load(table)
        if not isinstance(load, ToLoad):
            return Receipt("already", Counts())
        with self.warehouse.connect("publish") as connection:
            return publish(connection, place, load.publication)

    def hrdata(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command in a process of its own."""
        done = subprocess.run(
            hrdata_command(*arguments), env=self.process_environment(), cwd=self.folder, text=True, capture_output=True
        )
        if check and done.returncode:
            raise AssertionError(f"hrdata {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
        return done

    def process_environment(self) -> Mapping[str, str]:
        """Environment of a process that is this installation's."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
        return {**kept, "PYTHONPATH": str(REPOSITORY), **self.variables}


def hrdata_command(*arguments: str) -> list[str]:
    """The console script's own call, whether or not the script is installed."""
    return [sys.executable, "-c", "from hrdata_assets.cli import main; main()", *arguments]


def now() -> datetime.datetime:
    """A moment for what wants one."""
    return datetime.datetime.now(datetime.UTC)


def dump(installation: Installation, *schemas: str) -> dict[str, bytes]:
    """Every row of every table, partition and filled view of these schemas, in one order: equal if the bytes are."""
    relations = installation.rows(
        "select c.oid::regclass::text, c.relispopulated, (select string_agg(a.attnum::text, ', ' order by a.attnum)"
        " from (select row_number() over (order by attnum) as attnum from pg_attribute where attrelid = c.oid"
        " and attnum > 0 and not attisdropped) a)"
        " from pg_class c where c.relnamespace::regnamespace::text = any(%s) and c.relkind in ('r', 'p', 'v', 'm')"
        " order by 1",
        list(schemas),
    )
    dumped = {}
    with installation.warehouse.connect("dump") as connection, connection.cursor() as cursor:
        for name, filled, columns in relations:
            if not filled:
                dumped[name] = b"not filled"
                continue
            statement = sql.SQL(f"copy (select * from {name} order by {columns}) to stdout")
            with cursor.copy(statement) as copy:
                dumped[name] = b"".join(copy)
    return dumped
