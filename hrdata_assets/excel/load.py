"""Loading one workbook: archived, taken apart, examined, and published into its folder's table in one transaction."""

import datetime
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import polars as pl

from hrdata_assets.errors import DeliveryError, SystemUnavailable
from hrdata_assets.excel.examine import examine
from hrdata_assets.excel.overflow import with_extra
from hrdata_assets.excel.sheet_table import Changed, SheetTable
from hrdata_assets.excel.telling import tell_examined, tell_published
from hrdata_assets.faults import fault
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.decisions import approval_of
from hrdata_assets.storage.dependents import TableInUseError, in_use_told
from hrdata_assets.storage.evolution import (
    Evolution,
    SchemaChange,
    TableColumn,
    columns_of,
    evolve,
    named,
    plan_evolution,
)
from hrdata_assets.storage.imports import (
    Import,
    NewImport,
    import_of_content,
    import_of_path,
    record_import,
    take_out,
    withdraw,
)
from hrdata_assets.storage.ledger import (
    Counts,
    Load,
    Place,
    claim,
    is_taken_back,
    mark_taken_back,
    record_delivery,
    record_load,
)
from hrdata_assets.storage.letters import record_letters, supersede_file
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.text_rows import RowsRefusedError, copy_texts
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.files import read_file
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.configuration import FolderOptions
from hrdata_assets.systems.workbooks.discovery import FoundFile
from hrdata_assets.systems.workbooks.layout import Decision
from hrdata_assets.systems.workbooks.reading import Reader
from hrdata_assets.verdict import Letter

DIGITS = 12
"""Digits of a content's hash in its partition's key."""

READING = "1"
"""Raised when the same workbook would be read differently."""


@dataclass(frozen=True)
class Task:
    """A workbook to load: where it stands, how it is to be read, and the run that loads it."""

    root: Path
    file: FoundFile
    options: FolderOptions
    run_id: str
    chunk_rows: int = 10_000
    again: bool = False
    """Whether content that was taken back by hand is to be loaded again."""

    @property
    def table(self) -> str:
        """Name of the table of its folder."""
        return self.file.table

    @property
    def asset_key(self) -> str:
        """Asset of that table."""
        return f"excel/{self.file.table}"

    @property
    def source_file(self) -> str:
        """Its path below the root."""
        return self.file.path.as_posix()

    @property
    def reading(self) -> str:
        """Version of how it is read."""
        return f"{READING}-{self.options.version}"


@dataclass(frozen=True)
class Outcome:
    """What became of a workbook.

    ``status`` is loaded, already (exactly this is loaded from there), duplicate (from another path), taken_back (by
    hand: it is not loaded by itself), held (until `hrdata excel approve`) or failed.
    """

    status: str
    partition: str
    counts: Counts = field(default_factory=Counts)
    reason: str | None = None
    code: str | None = None
    sheet: str | None = None
    changes: tuple[SchemaChange, ...] = ()
    decisions: tuple[Decision, ...] = ()


def load_workbook(warehouse: Warehouse, reader: Reader, task: Task) -> Outcome:
    """Load a workbook into its folder's table, in place of what was loaded from its path before.

    The same content again changes nothing, under whatever name. A workbook that cannot be read leaves a letter that
    says why. SystemUnavailable if another run works on the table. Inside a block of a `Session`, everything belongs to
    that block's transaction, and a workbook that cannot be read undoes nothing but its own.
    """
    started = datetime.datetime.now(datetime.UTC)
    delivery = content_of(task, warehouse.settings.max_report_bytes)
    with warehouse.connect(task.asset_key) as connection:
        known = _known(connection, task, delivery)
        place = _place(connection, task, delivery)
    if known is not None:
        return _give_way(warehouse, task, known) if known.status == "duplicate" else known
    warehouse.archive.keep(delivery)
    fault("after_archive", task.asset_key)
    loading = Loading(task, place, delivery, started)
    try:
        outcome = _read_and_publish(warehouse, reader, loading)
    except WorkbookError as error:
        _set_aside(warehouse, loading, error)
        return Outcome("failed", place.partition_key, reason=str(error), code=error.code)
    fault("after_commit", task.asset_key)
    return outcome


def content_of(task: Task, most_bytes: int) -> Delivery:
    """Read a workbook. DeliveryError if it cannot be had as it stands there now."""
    try:
        content = read_file(task.root / task.file.path, "the workbook", most_bytes)
    except SystemUnavailable as error:
        # Somebody is saving it just now, which is no reason to stop before the others.
        raise DeliveryError(str(error)) from None
    if content is None:
        raise DeliveryError("the workbook is gone: it was there when the folder was listed")
    return Delivery.of(task.source_file, content)


@dataclass(frozen=True)
class Loading:
    """A task that is being carried out: its partition, its content, and when it began."""

    task: Task
    place: Place
    delivery: Delivery
    started_at: datetime.datetime

    @classmethod
    def of(cls, connection: Connection, task: Task, delivery: Delivery) -> "Loading":
        """Begin to load a content."""
        return cls(task, _place(connection, task, delivery), delivery, datetime.datetime.now(datetime.UTC))


def _read_and_publish(warehouse: Warehouse, reader: Reader, loading: Loading) -> Outcome:
    task, name = loading.task, f"{loading.task.asset_key} {loading.place.partition_key}"
    with examined(reader, task, loading.delivery) as sheet:
        began = time.perf_counter()
        with warehouse.connect(name) as connection:
            outcome = publish(connection, loading, sheet)
    tell_published(task.source_file, outcome.changes, time.perf_counter() - began)
    return outcome


@contextmanager
def examined(reader: Reader, task: Task, delivery: Delivery) -> Iterator[SheetTable]:
    """A workbook's content taken apart and examined, for the length of a block. WorkbookError if it cannot be read."""
    began = time.perf_counter()
    with reader.read(delivery.content, task.options.sheet, rows=task.chunk_rows) as apart:
        read = time.perf_counter()
        sheet = examine(apart, task.options)
        tell_examined(task.source_file, sheet, read - began, time.perf_counter() - read)
        yield sheet


def _place(connection: Connection, task: Task, delivery: Delivery) -> Place:
    """Partition of a content in a table: the day on which it arrived first, and the beginning of its hash."""
    row = connection.execute(
        "(select partition_key from ops.deliveries where asset_key = %s and delivery = %s order by archived_at limit 1)"
        " union all (select partition_key from ops.workbook_files where table_name = %s and file_sha256 = %s"
        " and partition_key is not null order by partition_key limit 1) limit 1",
        (task.asset_key, delivery.short, task.table, delivery.sha256),
    ).fetchone()
    today = datetime.datetime.now(datetime.UTC).date()
    return Place(task.asset_key, row[0] if row else f"{today}-{delivery.sha256[:DIGITS]}", task.run_id)


def _known(connection: Connection, task: Task, delivery: Delivery) -> Outcome | None:
    """What is to be said of a content that is loaded already."""
    here = import_of_path(connection, task.table, task.source_file)
    if here is not None and (here.sha256, here.reading) == (delivery.sha256, task.reading):
        return Outcome("already", here.partition)
    elsewhere = import_of_content(connection, delivery.sha256)
    if elsewhere is not None and elsewhere.source_file != task.source_file:
        return Outcome("duplicate", elsewhere.partition, reason="the same content is loaded from another path already")
    if not task.again and is_taken_back(connection, task.asset_key, delivery.short):
        place = _place(connection, task, delivery)
        return Outcome("taken_back", place.partition_key, reason="taken back by hand: load it with --taken-back")
    return _held(connection, task, delivery)


def _held(connection: Connection, task: Task, delivery: Delivery) -> Outcome | None:
    """What is to be said of a content that waits for a decision, unless the decision was made."""
    if task.options.policy != "propose":
        return None
    place = _place(connection, task, delivery)
    row = connection.execute(
        "select l.contract, l.reason from ops.partitions p join ops.loads l on l.load_id = p.held_load_id"
        " where p.asset_key = %s and p.partition_key = %s and p.held_delivery = %s",
        (place.asset_key, place.partition_key, delivery.short),
    ).fetchone()
    if row is None or row[0] != task.reading or approval_of(connection, place, delivery.short):
        return None
    return Outcome("held", place.partition_key, reason=row[1])


def _give_way(warehouse: Warehouse, task: Task, known: Outcome) -> Outcome:
    """Take out what was loaded from a path whose content is now that of another one."""
    with warehouse.connect(task.asset_key) as connection:
        claim(connection, Place(task.asset_key, "", task.run_id))
        former = _take_former_out(connection, task, Place(task.asset_key, "", task.run_id))
    return replace(known, counts=Counts(removed=former.row_count if former else 0))


def publish(connection: Connection, loading: Loading, sheet: SheetTable, replaces: int | None = None) -> Outcome:
    """Put a sheet's rows into the table in place of what was loaded from the path before, in this transaction.

    ``replaces`` is the import to go back to from this one, where that is another than what stands there now.
    WorkbookError if the table may not be changed as the sheet needs it.
    """
    task, place, delivery = loading.task, loading.place, loading.delivery
    claim(connection, Place(task.asset_key, "", task.run_id))
    fault("after_claim", task.asset_key)
    known = _known(connection, task, delivery)
    if known is not None:
        return known
    record_delivery(connection, place, delivery)
    mark_taken_back(connection, place.asset_key, delivery.short, taken_back=False)
    evolution = plan_evolution(columns_of(connection, task.table), sheet.columns)
    refuse_if_frozen(task, evolution)
    if task.options.policy == "propose" and (held := _hold(connection, loading, sheet, evolution)):
        return held
    former = _take_former_out(connection, task, place)
    _grow(connection, loading, evolution)
    counted = sheet.counted
    removed = former.row_count if former else 0
    counts = Counts(counted.read, counted.kept, set_aside=counted.set_aside, skipped=counted.skipped, removed=removed)
    load_id = record_load(connection, place, Load(delivery.short, task.reading, counts, loading.started_at))
    parts = _parts(sheet, evolution, loading, load_id)
    try:
        copy_texts(connection, named(task.table), _stored_names(evolution), parts, asset=task.asset_key)
    except RowsRefusedError as error:
        # A constraint that somebody put on the table keeps out this workbook alone.
        raise WorkbookError("refused_by_database", str(error)) from None
    fault("after_copy", task.asset_key)
    before = former.import_id if former else replaces
    record_import(connection, load_id, replace(_new_import(loading, sheet, evolution), replaces=before))
    record_letters(connection, place, (delivery.short, task.reading), counted.letters, published=True)
    supersede_file(connection, place, task.source_file)
    fault("before_commit", task.asset_key)
    return Outcome(
        "loaded",
        place.partition_key,
        counts,
        sheet=sheet.apart.sheet,
        changes=evolution.changes,
        decisions=sheet.decisions,
    )


def _grow(connection: Connection, loading: Loading, evolution: Evolution) -> None:
    task, source = loading.task, (loading.task.source_file, loading.delivery.sha256)
    try:
        with in_use_told(connection, task.table):
            evolve(connection, task.table, evolution, source)
    except TableInUseError as error:
        # The view is in the way of this workbook alone.
        raise WorkbookError("table_in_use", str(error)) from None


def _hold(connection: Connection, loading: Loading, sheet: SheetTable, evolution: Evolution) -> Outcome | None:
    """Hold a workbook that needs its table changed, unless that was approved; what is published stays as it is."""
    place, short = loading.place, loading.delivery.short
    asked = [str(change) for change in evolution.changes if change.kind != "create_table"]
    if not asked or approval_of(connection, place, short):
        return None
    reason = f"the table would have to change: {', '.join(asked)}"
    counted = sheet.counted
    counts = Counts(counted.read, counted.kept, set_aside=counted.set_aside, skipped=counted.skipped)
    load = Load(short, loading.task.reading, counts, loading.started_at, status="held", reason=reason)
    record_load(connection, place, load)
    return Outcome(
        "held", place.partition_key, reason=reason, sheet=sheet.apart.sheet, changes=evolution.changes,
        decisions=sheet.decisions,
    )  # fmt: skip


def refuse_if_frozen(task: Task, evolution: Evolution) -> None:
    """WorkbookError if the workbook needs its table changed and the folder's policy is that nothing changes it."""
    asked = [change for change in evolution.changes if change.kind != "create_table"]
    if task.options.policy == "freeze" and asked:
        columns = ", ".join(sorted({str(change.column) for change in asked}))
        raise WorkbookError(
            "schema_frozen",
            f"the table would have to change in {columns}, and its folder's policy is freeze: "
            "correct the workbook, or set the policy to evolve",
        )


def _take_former_out(connection: Connection, task: Task, place: Place) -> Import | None:
    """Remove what was loaded from the path before, if anything was."""
    former = import_of_path(connection, task.table, task.source_file)
    if former is None:
        return None
    if former.partition == place.partition_key:
        take_out(connection, former, status="replaced", by=task.run_id)
    else:
        withdraw(connection, former, status="replaced", by=task.run_id, reason="the file has changed")
    return former


def _stored_names(evolution: Evolution) -> list[str]:
    """Columns in the order in which `_parts` gives them."""
    placed = [column.name for column in evolution.places if column is not None]
    return ["row_no", *placed, "extra", "source_file", "sheet", "delivery", "load_id", "load_timestamp"]


def _parts(sheet: SheetTable, evolution: Evolution, loading: Loading, load_id: int) -> Iterator[pl.DataFrame]:
    positions = [str(number) for number in range(len(sheet.columns))]
    headings = [column.heading for column in sheet.columns]
    room = [place is not None for place in evolution.places]
    common = (
        pl.lit(loading.task.source_file).alias("source_file"),
        pl.lit(sheet.apart.sheet).alias("sheet"),
        pl.lit(loading.delivery.short).alias("delivery"),
        pl.lit(load_id).alias("load_id"),
        pl.lit(loading.started_at.isoformat()).alias("load_timestamp"),
    )
    for part in sheet.rows():
        yield with_extra(part, positions, headings, room).with_columns(*common)


def _new_import(loading: Loading, sheet: SheetTable, evolution: Evolution) -> NewImport:
    pairs = list(zip(sheet.columns, evolution.places, strict=True))
    needs = [TableColumn(at.name, column.heading, column.occurrence, column.fit) for column, at in pairs if at]
    changes: dict[tuple[str, str], Changed] = {}
    for (position, kind), changed in sheet.counted.changes.items():
        at = evolution.places[position]
        changes.setdefault((at.name if at else "extra", kind), Changed()).join(changed)
    return NewImport(
        table=loading.task.table,
        source_file=loading.task.source_file,
        sha256=loading.delivery.sha256,
        sheet=sheet.apart.sheet,
        reading=loading.task.reading,
        row_count=sheet.counted.kept,
        needs=needs,
        decisions=[asdict(decision) for decision in sheet.decisions],
        changes=[(column, kind, c.cells, c.rows) for (column, kind), c in changes.items()],
    )


def _set_aside(warehouse: Warehouse, loading: Loading, error: WorkbookError) -> None:
    """Write the letter of a workbook that cannot be read: row 0, with the code of the reason and no content."""
    task, place = loading.task, loading.place
    reason = {"rule": error.code, "dimension": "validity", "column": None}
    letter = Letter(0, "decode", (reason,), {"file": task.source_file})
    with warehouse.connect(f"{task.asset_key} {place.partition_key}") as connection:
        record_delivery(connection, place, loading.delivery)
        supersede_file(connection, place, task.source_file)
        record_letters(connection, place, (loading.delivery.short, task.reading), [letter], published=False)
