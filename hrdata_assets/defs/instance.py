"""Dagster's own place: its folder under HRDATA_HOME, its database on the same server, its environment."""

import os
import secrets
import sys
from pathlib import Path

import dagster as dg
import psycopg
from psycopg import sql

from hrdata_assets.defs.discretion import be_discreet
from hrdata_assets.defs.launcher import report_lost_runs
from hrdata_assets.settings import Settings, shipped
from hrdata_assets.storage.postgres import database_name, database_url, ensure_database, translated, with_database


def prepare_dagster(settings: Settings) -> None:
    """Make Dagster's folder and database, and set the environment that dagster.yaml reads; again changes nothing.

    A DAGSTER_HOME of the user's own is left as it is.
    """
    url = with_database(database_url(settings), settings.dagster_database)
    ensure_database(url)
    _answer_without_waiting_for_disk(url)
    os.environ["HRDATA_DAGSTER_URL"] = url.replace("postgresql://", "postgresql+psycopg2://", 1)
    os.environ["HRDATA_LOGS_DIR"] = str(settings.dagster_home / "logs")
    os.environ["HRDATA_HOME"] = str(settings.home)
    os.environ["HRDATA_REPORTS_DIR"] = str(settings.reports_dir)
    # What a run over many partitions is going to do is written at once.
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "500")
    be_discreet()
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    if not os.environ.get("DAGSTER_HOME"):
        os.environ["DAGSTER_HOME"] = str(_dagster_home(settings))


def dagster_instance(settings: Settings) -> dg.DagsterInstance:
    """Dagster's instance, prepared; runs that were killed do not go on in it."""
    prepare_dagster(settings)
    instance = dg.DagsterInstance.get()
    report_lost_runs(instance)
    return instance


def dagster_program(name: str) -> str:
    """Path of one of Dagster's programs beside this Python."""
    return str(Path(sys.executable).parent / name)


def _dagster_home(settings: Settings) -> Path:
    folder = settings.dagster_home
    folder.mkdir(parents=True, exist_ok=True)
    target, wanted = folder / "dagster.yaml", shipped("dagster.yaml").read_text(encoding="utf-8")
    if not target.exists() or target.read_text(encoding="utf-8") != wanted:
        part = folder / f".dagster.yaml.{secrets.token_hex(4)}"
        part.write_text(wanted, encoding="utf-8")
        part.replace(target)
    return folder


def _answer_without_waiting_for_disk(url: str) -> None:
    """Let Dagster's bookkeeping, and nothing else, be lost for a moment when the power fails: a quarter of its time."""
    name = database_name(url)
    with translated("setting up Dagster's database"), psycopg.connect(url) as connection:
        row = connection.execute("show synchronous_commit").fetchone()
        if row and row[0] != "off":
            # Two that change the same setting of a database at once get in each other's way.
            connection.execute("select pg_advisory_xact_lock(hashtextextended('hrdata dagster database', 0))")
            connection.execute(sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(name)))
