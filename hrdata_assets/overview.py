"""What the platform holds, as rows for a table or JSON, and what is wrong with an installation."""

import importlib.metadata
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hrdata_assets.catalogue import STAGED
from hrdata_assets.errors import HRDataError
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import Settings, sql_folder
from hrdata_assets.storage.postgres import Connection, connect, database_url
from hrdata_assets.systems.configuration import load_system_settings
from hrdata_assets.systems.files import quarter_folders
from hrdata_assets.systems.registry import all_systems


@dataclass(frozen=True)
class PartitionStatus:
    """One quarter: what is there, what is published, what waits."""

    quarter: str
    folder: str | None
    reports_published: int
    reports_held: int
    core_published: bool
    rows_set_aside: int
    score: float | None
    last_load: str | None


@dataclass(frozen=True)
class Finding:
    """One look of the doctor's: what was looked at, whether it is well, and how to mend it if not."""

    what: str
    well: bool
    told: str
    mend: str = ""


def partition_statuses(connection: Connection, settings: Settings) -> list[PartitionStatus]:
    """Every quarter that has a folder or ever had a load, oldest first."""
    folders = {f.quarter.key: f.path.name for f in quarter_folders(settings.reports_dir, settings.quarter_folders)}
    loaded = {
        row[0]: row[1:]
        for row in connection.execute(
            "select p.partition_key,"
            " count(*) filter (where p.asset_key like 'staged/%' and p.load_id is not null),"
            " count(*) filter (where p.held_load_id is not null),"
            " coalesce(bool_or(p.asset_key = 'core/users' and p.load_id is not null), false),"
            " (select count(*) from ops.dead_letters d where d.partition_key = p.partition_key and d.status = 'open'),"
            " round(avg(l.score) filter (where p.asset_key like 'staged/%') * 100, 2)::float8,"
            " to_char(max(l.finished_at), 'YYYY-MM-DD HH24:MI:SS UTC')"
            " from ops.partitions p left join ops.loads l on l.load_id = p.load_id"
            " where p.asset_key not like 'excel/%' group by p.partition_key"
        )
    }
    nothing: tuple[Any, ...] = (0, 0, False, 0, None, None)
    return [
        PartitionStatus(key, folders.get(key), *loaded.get(key, nothing)) for key in sorted(set(folders) | set(loaded))
    ]


def held_partitions(connection: Connection) -> list[dict[str, object]]:
    """Partitions whose last delivery was held, and why."""
    rows = connection.execute(
        "select p.asset_key, p.partition_key, p.held_delivery, l.reason from ops.partitions p"
        " join ops.loads l on l.load_id = p.held_load_id order by 2, 1"
    )
    names = ("asset", "quarter", "delivery", "reason")
    return [dict(zip(names, row, strict=True)) for row in rows]


def last_loads(connection: Connection, most: int = 10) -> list[dict[str, object]]:
    """The newest loads of the staged tables."""
    rows = connection.execute(
        "select asset_key, partition_key, status, read, inserted, updated, unchanged, duplicate, set_aside, skipped,"
        " to_char(finished_at, 'YYYY-MM-DD HH24:MI:SS') from ops.loads where asset_key like 'staged/%%'"
        " order by load_id desc limit %s",
        (most,),
    )
    names = (
        "asset",
        "quarter",
        "status",
        "read",
        "inserted",
        "updated",
        "unchanged",
        "duplicate",
        "set aside",
        "skipped",
    )
    return [dict(zip((*names, "finished (UTC)"), row, strict=True)) for row in rows]


def examine(settings: Settings) -> list[Finding]:
    """Look at everything an installation needs, in the order in which it is needed."""
    findings = [*_python(), *_folders(settings), _systems(settings)]
    try:
        url = database_url(settings)
        with connect(url, "doctor") as connection:
            findings += _database(connection)
    except HRDataError as error:
        mend = "check HRDATA_DATABASE_URL or the PG variables; for the embedded server see its log under HRDATA_HOME"
        findings.append(Finding("database", False, str(error), mend))
    findings.append(_ui_port(settings))
    return findings


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", (3, 11) <= sys.version_info[:2] < (3, 14), version, "use Python 3.11, 3.12 or 3.13")
    wanted = {"dagster", "dagster-webserver", "dagster-graphql"}
    versions = {importlib.metadata.version(name) for name in wanted}
    yield Finding(
        "dagster", len(versions) == 1, ", ".join(sorted(versions)), "install from the lock file: make install"
    )


def _folders(settings: Settings) -> Iterator[Finding]:
    writable = _writable(settings.home)
    yield Finding("HRDATA_HOME", writable, str(settings.home), "make the folder writable, or set HRDATA_HOME")
    free = shutil.disk_usage(_existing(settings.home)).free // 1024**2
    yield Finding("disk", free > 500, f"{free} MiB free", "free some space: archive and database live there")
    there = settings.reports_dir.is_dir()
    told = f"{settings.reports_dir}" + ("" if there else " (does not exist yet)")
    yield Finding("HRDATA_REPORTS_DIR", there, told, "make the folder, or set HRDATA_REPORTS_DIR")
    try:
        quarters = quarter_folders(settings.reports_dir, settings.quarter_folders)
        names = ", ".join(f.path.name for f in quarters) or "none yet"
        yield Finding("quarter folders", True, names)
        for quarter in settings.quarter_folders.values():
            Quarter.parse(quarter)
        yield Finding("SQL files", True, str(sql_folder(settings)))
    except HRDataError as error:
        yield Finding("settings", False, str(error), "see the settings table in README.md")


def _systems(settings: Settings) -> Finding:
    """Which systems can be asked; that one is not configured is no fault, that nothing can be made of it is."""
    try:
        known = load_system_settings()
        configured = [name for name, entry in all_systems(settings).items() if not entry.lacking(known)]
    except HRDataError as error:
        return Finding("systems", False, str(error), "put right what is named; docs/systems.md says how")
    return Finding("systems", True, f"configured: {', '.join(configured) or 'none'}")


def _existing(folder: Path) -> Path:
    return folder if folder.exists() or folder == folder.parent else _existing(folder.parent)


def _writable(folder: Path) -> bool:
    return os.access(_existing(folder), os.W_OK)


def _database(connection: Connection) -> Iterator[Finding]:
    row = connection.execute(
        "select current_setting('server_version'), current_setting('server_version_num')::int,"
        " has_database_privilege(current_database(), 'create'), current_setting('server_encoding')"
    ).fetchone()
    version, number, may_create, encoding = row or ("", 0, False, "")
    yield Finding("database", number >= 150000, f"PostgreSQL {version}", "use PostgreSQL 15 or later")
    yield Finding("right to create", may_create, "yes" if may_create else "no", "grant create on the database")
    yield Finding("encoding", encoding == "UTF8", encoding, "make the database with encoding UTF8")
    there = connection.execute("select to_regclass('ops.partitions') is not null").fetchone()
    if not there or not there[0]:
        yield Finding("schema", True, "made by the first run")
        return
    held = held_partitions(connection)
    told = "; ".join(f"{h['asset']} {h['quarter']}: {h['reason']}" for h in held) or "none"
    yield Finding("held deliveries", not held, told, "correct the report and drop it again")
    lost = connection.execute(
        "select count(*) from ops.loads where read <> inserted + updated + unchanged + duplicate + set_aside + skipped"
    ).fetchone()
    yield Finding("ledger", bool(lost and lost[0] == 0), "adds up" if lost and not lost[0] else "does not add up")
    published = connection.execute(
        "select count(distinct asset_key) from ops.partitions where asset_key like 'staged/%' and load_id is not null"
    ).fetchone()
    yield Finding("reports loaded", True, f"{published[0] if published else 0} of {len(STAGED)} tables hold something")


def _ui_port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", settings.ui_port)) == 0
    told = f"127.0.0.1:{settings.ui_port}" + (" is in use (by `hrdata dev`?)" if taken else " is free")
    return Finding("UI port", True, told)


def as_rows(things: list[PartitionStatus] | list[Finding]) -> list[dict[str, object]]:
    """Dataclasses as rows for a table or JSON."""
    return [asdict(thing) for thing in things]
