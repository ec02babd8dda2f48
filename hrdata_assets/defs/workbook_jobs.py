"""What `hrdata excel` does to workbooks by hand, as jobs: resume, approve, revert, revert-schema, reset.

A run's configuration names partitions, never files: file names can be names of people, and Dagster keeps what it is
given.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from hrdata_assets.defs.resources import WarehouseResource, told_to_dagster
from hrdata_assets.defs.workbooks import GOOD, key_of_table, materialization, partitions_of_table
from hrdata_assets.errors import SetupError
from hrdata_assets.excel.approval import approve_waiting, waiting
from hrdata_assets.excel.folders import Loaded, Wanted, load_all
from hrdata_assets.excel.pause import remove, root_of
from hrdata_assets.excel.reset import reset
from hrdata_assets.excel.undo import revert, revert_schema
from hrdata_assets.settings import Settings, load_settings
from hrdata_assets.storage.decisions import Approval
from hrdata_assets.storage.imports import Import, imports_like, partitions_by_file
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.workbooks.discovery import find_workbooks


class Workbook(dg.Config):
    """A workbook that was loaded, as Dagster names it."""

    table: str = Field(description="Table made from workbooks, such as staff.")
    partition: str = Field(description="Partition of the workbook: day and beginning of its hash.")
    dry_run: bool = Field(default=False, description="Only say what would change; nothing does.")


class Version(Workbook):
    """A version to take back."""

    restore: bool = Field(default=False, description="Bring the version before it back.")


class Schema(Workbook):
    """A workbook whose columns and types are to be taken back."""

    partial: bool = Field(default=False, description="Take back only what no other workbook needs.")


class Held(dg.Config):
    """Workbooks that are held."""

    table: str = Field(description="Table made from workbooks, such as staff.")
    partition: str | None = Field(default=None, description="Only the workbook of this partition; else all of them.")
    reason: str = Field(description="Why they may go in; kept with the workbooks.")


class Backup(dg.Config):
    """Where to write what is dropped."""

    backup: str = Field(description="Absolute path of a new file for the backup, which is restored once as a trial.")


@dg.op
def resume_loading(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
    """Go on with loading after it has stopped, below the root where it did."""
    settings = load_settings()
    with told_to_dagster():
        opened, root = warehouse.open(), root_of(settings)
        remove(settings)
        if root is not None:
            settings = settings.model_copy(update={"workbooks_dir": root})
        _load(context, opened, settings, Wanted())


@dg.op
def approve_workbooks(context: dg.OpExecutionContext, config: Held, warehouse: WarehouseResource) -> None:
    """Let workbooks in that are held, and load them."""
    with told_to_dagster(), _discreetly(warehouse, config.table):
        if not config.reason.strip():
            raise SetupError("reason is empty: say why the workbooks may go in")
        opened = warehouse.open()
        with opened.connect("excel approve") as connection:
            held = [w for w in waiting(connection, config.table) if config.partition in (None, w.partition)]
            if not held:
                raise SetupError(f"excel.{config.table}: no such workbook is held")
            decided = Approval(config.reason.strip(), f"Dagster run {context.run_id}")
            for one in held:
                approve_waiting(connection, config.table, one.source_file, decided)
        _load(context, opened, load_settings(), Wanted({one.source_file for one in held}, pauses=False))


@dg.op
def revert_workbook(context: dg.OpExecutionContext, config: Version, warehouse: WarehouseResource) -> None:
    """Take exactly one workbook's rows back out of its table; it is not loaded again by itself."""
    with told_to_dagster(), _discreetly(warehouse, config.table):
        opened = warehouse.open()
        standing = _standing(opened, config.table, config.partition)
        done = revert(opened, load_settings(), standing, restore=config.restore, dry_run=config.dry_run)
    back = done.restored.counts.inserted if done.restored else 0
    context.add_output_metadata(
        {"rows out": standing.row_count, "rows back": back, "only looked": config.dry_run}
    )  # fmt: skip
    context.log.info(f"excel.{config.table}: {standing.row_count} rows out, {back} back")


@dg.op
def revert_workbook_schema(context: dg.OpExecutionContext, config: Schema, warehouse: WarehouseResource) -> None:
    """Take back the columns and types that a workbook brought into its table, after its rows were taken out."""
    with told_to_dagster(), _discreetly(warehouse, config.table):
        opened = warehouse.open()
        with opened.connect("excel revert-schema") as connection:
            files = partitions_by_file(connection, config.table)
        paths = [file for file, partitions in files.items() if config.partition in partitions]
        if len(paths) != 1:
            raise SetupError(
                f"{len(paths)} workbooks of excel.{config.table} had the partition {config.partition}:"
                " `hrdata excel revert-schema` takes back what one of them brought"
            )
        done = revert_schema(opened, config.table, paths[0], partial=config.partial, dry_run=config.dry_run)
    context.add_output_metadata(
        {
            "statements": dg.MetadataValue.md("\n".join(f"* `{text}`" for text in done.statements) or "none"),
            "kept": ", ".join(done.kept) or "none",
            "only looked": config.dry_run,
        }
    )
    for statement in done.statements:
        context.log.info(statement)


@dg.op
def reset_workbooks(context: dg.OpExecutionContext, config: Backup, warehouse: WarehouseResource) -> None:
    """Write a backup of every table made from workbooks, prove that it restores, then drop them."""
    with told_to_dagster():
        backup = Path(config.backup)
        if not backup.is_absolute():
            raise SetupError("backup must be an absolute path: runs work in a folder of their own")
        dropped = reset(warehouse.open(), backup)
    rows = {f"excel.{one.table}": one.rows for one in dropped}
    context.add_output_metadata({"tables": dg.MetadataValue.json(rows)})
    context.log.info(f"{len(rows)} tables dropped, {sum(rows.values())} rows in the backup")


def _standing(warehouse: Warehouse, table: str, partition: str) -> Import:
    with warehouse.connect("excel revert") as connection:
        found = [one for one in imports_like(connection, table) if one.partition == partition]
    if len(found) != 1:
        raise SetupError(f"{len(found)} workbooks of excel.{table} stand in partition {partition}: nothing is done")
    return found[0]


def _load(context: dg.OpExecutionContext, warehouse: Warehouse, settings: Settings, wanted: Wanted) -> None:
    """Load workbooks, and show what becomes of each at its partition."""
    found = find_workbooks(settings.workbooks_dir)
    bad = 0
    for one in load_all(warehouse, settings, found, context.run_id, wanted=wanted):
        if one.outcome.status in GOOD:
            _show(context, one)
        bad += one.outcome.status not in GOOD
    if bad:
        raise SetupError(f"{bad} workbooks are not loaded: `hrdata excel status` says which, and why")


def _show(context: dg.OpExecutionContext, loaded: Loaded) -> None:
    table, partition = loaded.file.table, loaded.outcome.partition
    name = partitions_of_table(table).name or ""
    if not context.instance.has_dynamic_partition(name, partition):
        context.instance.add_dynamic_partitions(name, [partition])
    context.log_event(materialization(key_of_table(table), partition, loaded.outcome))


@contextmanager
def _discreetly(warehouse: WarehouseResource, table: str) -> Iterator[None]:
    """Say partitions where an error of a block names files."""
    try:
        yield
    except SetupError as error:
        with warehouse.open().connect("excel files") as connection:
            files = partitions_by_file(connection, table)
        raise SetupError(_without_names(str(error), files)) from None


def _without_names(text: str, files: dict[str, list[str]]) -> str:
    for file in sorted(files, key=len, reverse=True):
        text = text.replace(file, files[file][-1])
    return text


def _job(name: str, op: dg.OpDefinition) -> dg.JobDefinition:
    @dg.job(name=name, description=op.description, executor_def=dg.in_process_executor)
    def made() -> None:
        op()

    return made


WORKBOOK_JOBS: Sequence[dg.JobDefinition] = (
    # A folder's own job is called excel_ and its name: these are called otherwise.
    _job("workbooks_resume", resume_loading),
    _job("workbooks_approve", approve_workbooks),
    _job("workbooks_revert", revert_workbook),
    _job("workbooks_revert_schema", revert_workbook_schema),
    _job("workbooks_reset", reset_workbooks),
)
"""Jobs that work on workbooks whatever their tables."""
