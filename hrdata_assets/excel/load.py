"""Loading one workbook: archived, taken apart, examined, and published into its folder's table in one transaction."""

import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hrdata_assets.excel.ahead import Ahead
from hrdata_assets.excel.examine import examine
from hrdata_assets.excel.known import known, place_of, stands
from hrdata_assets.excel.publish import give_way, publish
from hrdata_assets.excel.sheet_table import SheetTable
from hrdata_assets.excel.task import Loading, Outcome, Task, content_of
from hrdata_assets.excel.telling import tell_examined, tell_published
from hrdata_assets.faults import fault
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.ledger import Place, claim, record_delivery
from hrdata_assets.storage.letters import record_letters, supersede_file
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.reading import Reader
from hrdata_assets.verdict import Letter


def load_workbook(warehouse: Warehouse, reader: Reader, task: Task, ahead: Ahead | None = None) -> Outcome:
    """Load a workbook into its folder's table, in place of what was loaded from its path before.

    The same content again changes nothing, under whatever name. A workbook that cannot be read leaves a letter that
    says why. SystemUnavailable if another run works on the table. Inside a block of a `Session`, everything belongs to
    that block's transaction, and a workbook that cannot be read undoes nothing but its own. While it is examined and
    published, ``ahead`` has the reader begin with the next.
    """
    begun = _begin(warehouse, task, ahead)
    if isinstance(begun, Outcome):
        return begun
    loading, place = begun, begun.place
    warehouse.archive.keep(loading.delivery)
    fault("after_archive", task.asset_key)
    try:
        outcome = _read_and_publish(warehouse, reader, loading, ahead.begin_next if ahead else _nothing)
    except WorkbookError as error:
        _set_aside(warehouse, loading, error)
        return Outcome("failed", place.partition_key, reason=str(error), code=error.code)
    fault("after_commit", task.asset_key)
    return outcome


def _begin(warehouse: Warehouse, task: Task, ahead: Ahead | None) -> Loading | Outcome:
    """A workbook's content and its place in the table; or what became of it, if there is nothing to load."""
    started = datetime.datetime.now(datetime.UTC)
    begun = ahead.take(task) if ahead else None
    if begun is not None:
        return Loading(task, begun.place, begun.delivery, started)
    delivery = content_of(task, warehouse.settings.max_report_bytes)
    with warehouse.connect(task.asset_key) as connection:
        standing = stands(connection, task, delivery)
        there = known(connection, task, delivery, standing)
        if there is not None and there.status == "duplicate" and standing.here is not None:
            claim(connection, Place(task.asset_key, "", task.run_id))
            return give_way(connection, task, there, stands(connection, task, delivery).here)
    return there or Loading(task, place_of(task, delivery, standing), delivery, started)


def _nothing() -> None:
    """Nothing is to be done meanwhile."""


def _read_and_publish(warehouse: Warehouse, reader: Reader, loading: Loading, meanwhile: Callable[[], None]) -> Outcome:
    task, name = loading.task, f"{loading.task.asset_key} {loading.place.partition_key}"
    with examined(reader, task, loading.delivery, meanwhile) as sheet:
        began = time.perf_counter()
        with warehouse.connect(name) as connection:
            outcome = publish(connection, loading, sheet)
    tell_published(task.source_file, outcome.changes, time.perf_counter() - began)
    return outcome


@contextmanager
def examined(
    reader: Reader, task: Task, delivery: Delivery, meanwhile: Callable[[], None] = _nothing
) -> Iterator[SheetTable]:
    """A workbook's content taken apart and examined, for the length of a block. WorkbookError if it cannot be read.

    ``meanwhile`` is called as soon as the reader has nothing more to do with it.
    """
    began = time.perf_counter()
    with reader.read(delivery.content, task.options.sheet, rows=task.chunk_rows) as apart:
        read = time.perf_counter()
        meanwhile()
        sheet = examine(apart, task.options)
        tell_examined(task.source_file, sheet, read - began, time.perf_counter() - read)
        yield sheet


def _set_aside(warehouse: Warehouse, loading: Loading, error: WorkbookError) -> None:
    """Write the letter of a workbook that cannot be read: row 0, with the code of the reason and no content."""
    task, place = loading.task, loading.place
    reason = {"rule": error.code, "dimension": "validity", "column": None}
    letter = Letter(0, "decode", (reason,), {"file": task.source_file})
    with warehouse.connect(f"{task.asset_key} {place.partition_key}") as connection:
        record_delivery(connection, place, loading.delivery)
        supersede_file(connection, place, task.source_file)
        record_letters(connection, place, (loading.delivery.short, task.reading), [letter], published=False)
