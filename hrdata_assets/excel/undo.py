"""Taking a workbook back out of its table: exactly the version asked for, and what the table grew by for it."""

import datetime
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath

from hrdata_assets.errors import SetupError
from hrdata_assets.excel.known import place_of, stands
from hrdata_assets.excel.load import examined
from hrdata_assets.excel.publish import publish
from hrdata_assets.excel.task import Loading, Outcome, Task
from hrdata_assets.settings import Settings
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.dependents import in_use_told
from hrdata_assets.storage.evolution import columns_of
from hrdata_assets.storage.imports import Import, imports_like, version_before, withdraw
from hrdata_assets.storage.ledger import Place, claim, mark_taken_back
from hrdata_assets.storage.narrowing import narrow, needs_of, plan_narrowing, statements, touched_by
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.workbooks.configuration import load_configuration
from hrdata_assets.systems.workbooks.discovery import FoundFile
from hrdata_assets.systems.workbooks.reading import Reader

_NAMED = 5


@dataclass(frozen=True)
class Reverted:
    """A version that was taken out, and what became of the one before it, if that was asked for."""

    taken_out: Import
    restored: Outcome | None = None


def find_standing(connection: Connection, table: str, source_file: str | None, sha256: str | None) -> Import:
    """The one version that is meant. SetupError if none is, or several are."""
    _refuse_unknown_table(connection, table)
    found = imports_like(connection, table, source_file, sha256)
    if len(found) == 1:
        return found[0]
    asked = " and ".join(
        ([f"the path {source_file}"] if source_file else []) + ([f"a hash beginning {sha256}"] if sha256 else [])
    )
    if not found:
        raise SetupError(f"no workbook with {asked} stands in excel.{table} now: there is nothing to take back")
    raise SetupError(f"{len(found)} workbooks with {asked} stand in excel.{table}: give --source-file and --file-hash")


def revert(
    warehouse: Warehouse, settings: Settings, standing: Import, *, restore: bool = False, dry_run: bool = False
) -> Reverted:
    """Take a version's rows out of its table; with ``restore``, those of the version before come back.

    All of it is one transaction. What is taken back is not loaded again by itself, though it lies in its folder still.
    SetupError if there is no version before; SystemUnavailable if a run works on the table.
    """
    task = _task_of(settings, standing)
    with ExitStack() as stack:
        loading = sheet = replaces = None
        if restore:
            loading, replaces = _version_to_restore(warehouse, task, standing)
            reader = stack.enter_context(Reader())
            sheet = stack.enter_context(examined(reader, task, loading.delivery))
        connection = stack.enter_context(warehouse.connect(f"revert {task.asset_key}"))
        claim(connection, Place(task.asset_key, "", task.run_id))
        if standing not in imports_like(connection, standing.table, standing.source_file):
            raise SetupError(f"{standing.source_file} has changed in excel.{standing.table} meanwhile: look again")
        withdraw(connection, standing, status="reverted", by=task.run_id, reason="taken back by hand")
        mark_taken_back(connection, task.asset_key, standing.sha256[:16], taken_back=True)
        restored = None
        if loading is not None and sheet is not None:
            mark_taken_back(connection, task.asset_key, loading.delivery.short, taken_back=False)
            restored = publish(connection, loading, sheet, replaces)
        if dry_run:
            connection.rollback()
    return Reverted(standing, restored)


def _task_of(settings: Settings, standing: Import) -> Task:
    path = PurePosixPath(standing.source_file)
    # What stood there once may come back whatever its folder's gate is now.
    options = load_configuration(settings.workbooks_config).options(path.parent).model_copy(update={"gate": None})
    file = FoundFile(path, path.parent, 0, 0, standing.table)
    return Task(settings.workbooks_dir, file, options, f"revert-{uuid.uuid4()}", settings.etl_chunk_size)


def _version_to_restore(warehouse: Warehouse, task: Task, standing: Import) -> tuple[Loading, int | None]:
    with warehouse.connect(f"revert {task.asset_key}") as connection:
        before = version_before(connection, standing)
        if before is None:
            raise SetupError(
                f"{standing.source_file} has no version before the one in excel.{standing.table}: "
                "leave --restore out to take that out and put nothing in its place"
            )
        sha256, replaces = before
        delivery = Delivery(standing.source_file, warehouse.archive.content(sha256), sha256)
        now = datetime.datetime.now(datetime.UTC)
        place = place_of(task, delivery, stands(connection, task, delivery))
        return Loading(task, place, delivery, now), replaces


@dataclass(frozen=True)
class SchemaReverted:
    """Statements that take back what a file made its table grow by, and the columns that other files need."""

    statements: tuple[str, ...]
    kept: Mapping[str, tuple[str, ...]]


def revert_schema(
    warehouse: Warehouse, table: str, source_file: str, *, partial: bool = False, dry_run: bool = False
) -> SchemaReverted:
    """Take back the columns and types that a file brought into its table, of which no row is left.

    SetupError names the files that need them still, unless ``partial``: then only what nobody needs is taken back.
    """
    with warehouse.connect(f"revert excel/{table}") as connection:
        claim(connection, Place(f"excel/{table}", "", f"revert-schema-{uuid.uuid4()}"))
        _refuse_unknown_table(connection, table)
        touched = touched_by(connection, table, source_file)
        if not touched:
            raise SetupError(f"{source_file} brought nothing into excel.{table} that is there still")
        narrowing = plan_narrowing(columns_of(connection, table) or (), needs_of(connection, table), touched)
        if narrowing.kept and not partial:
            raise SetupError(_needed(table, narrowing.kept))
        told = tuple(f"{one.as_string(connection)};" for one in statements(table, narrowing))
        if not dry_run:
            with in_use_told(connection, table):
                narrow(connection, table, source_file, narrowing)
    return SchemaReverted(told, narrowing.kept)


def _needed(table: str, kept: Mapping[str, tuple[str, ...]]) -> str:
    files = sorted({file for needing in kept.values() for file in needing})
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    columns = ", ".join(sorted(kept)[:_NAMED]) + (" …" if len(kept) > _NAMED else "")
    return (
        f"excel.{table} needs {columns} for what is loaded from {', '.join(files[:_NAMED])}{more}: "
        "take those back first, or take back with --partial what nobody needs"
    )


def _refuse_unknown_table(connection: Connection, table: str) -> None:
    if columns_of(connection, table) is None:
        raise SetupError(f"there is no table excel.{table} made from workbooks: `hrdata excel status` lists them")
