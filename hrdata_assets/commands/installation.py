"""What commands share: the warehouse that the settings name, and a quarter's run with its progress shown."""

import getpass
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hrdata_assets.errors import SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of a table.")]


def own_name() -> str:
    """How this command was called, for people to call it again."""
    called = Path(sys.argv[0]).absolute()
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else called.name


def embedded_server(settings: Settings) -> Any:
    """The embedded PostgreSQL. SetupError when the settings name another server."""
    from hrdata_assets.storage.embedded import EmbeddedServer

    if settings.uses_own_server:
        raise SetupError("the settings name a server of your own; `hrdata db` is for the embedded one")
    return EmbeddedServer(settings.home, settings.embedded_port)


def warehouse_of(settings: Settings) -> Any:
    """The warehouse of these settings, its schema applied."""
    from hrdata_assets.catalogue import stored_tables
    from hrdata_assets.storage.warehouse import open_warehouse

    return open_warehouse(settings, stored_tables(settings))


def shown_url(settings: Settings) -> str:
    """The database's URL for people: over TCP if that is open."""
    from hrdata_assets.storage.postgres import database_url

    found = database_url(settings)
    return found if settings.uses_own_server else embedded_server(settings).tcp_url() or found


def execute(settings: Settings, quarter: Quarter, *, refresh: bool = True, from_archive: bool = False) -> Any:
    """Run a quarter with its progress on stderr and its faults told; ``from_archive`` leaves its folder alone."""
    from hrdata_assets.defs.dead_letters import counted_letters
    from hrdata_assets.defs.execution import run_quarter
    from hrdata_assets.defs.instance import dagster_instance

    show_log(logging.DEBUG if settings.debug else logging.INFO)
    if settings.sql_dir is not None:
        os.environ["HRDATA_SQL_DIR"] = str(settings.sql_dir)
    os.environ["HRDATA_QUARTER_FOLDERS"] = ",".join(f"{f}={q}" for f, q in settings.quarter_folders.items())
    with dagster_instance(settings) as instance:
        result = run_quarter(instance, quarter, refresh=refresh, from_archive=from_archive)
        with warehouse_of(settings).connect("letters") as connection:
            instance.report_runless_asset_event(counted_letters(connection))
    for fault in result.faults:
        print(f"FAILED {fault.step}: {fault.message}", file=sys.stderr)  # noqa: T201 - this is the command line
    if result.skipped:
        print(f"not run, for what they need failed: {', '.join(result.skipped)}", file=sys.stderr)  # noqa: T201
    return result


def show_log(level: int) -> None:
    """Write what the platform logs to stderr, from this level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", datefmt="%H:%M:%S"))
    log = logging.getLogger("hrdata")
    log.setLevel(level)
    if not log.handlers:
        log.addHandler(handler)
    log.propagate = False


def kpi_values(settings: Settings) -> dict[str, dict[str, dict[str, object]]]:
    """KPIs by quarter: value and detail, as plain numbers."""
    found: dict[str, dict[str, dict[str, object]]] = {}
    with warehouse_of(settings).connect("kpis") as connection:
        rows: Sequence[tuple[Any, ...]] = connection.execute(
            "select quarter, kpi, value, detail from marts.kpis order by quarter"
        ).fetchall()
    for quarter, kpi, value, detail in rows:
        found.setdefault(quarter, {})[kpi] = {"value": None if value is None else float(value), "detail": detail}
    return found


def person() -> str:
    """Who gives the command, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
