"""Loading one workbook: archived, taken apart, examined, and published into its folder's table in one transaction."""

import datetime
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from hrdata_assets.errors import DeliveryError, SystemUnavailable
from hrdata_assets.excel.examine import examine
from hrdata_assets.excel.known import known, place_of
from hrdata_assets.excel.publish import publish, take_former_out
from hrdata_assets.excel.sheet_table import SheetTable
from hrdata_assets.excel.task import Loading, Outcome, Task
from hrdata_assets.excel.telling import tell_examined, tell_published
from hrdata_assets.faults import fault
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.ledger import Counts, Place, claim, record_delivery
from hrdata_assets.storage.letters import record_letters, supersede_file
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.files import read_file
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.reading import Reader
from hrdata_assets.verdict import Letter


def load_workbook(warehouse: Warehouse, reader: Reader, task: Task) -> Outcome:
    """Load a workbook into its folder's table, in place of what was loaded from its path before.

    The same content again changes nothing, under whatever name. A workbook that cannot be read leaves a letter that
    says why. SystemUnavailable if another run works on the table. Inside a block of a `Session`, everything belongs to
    that block's transaction, and a workbook that cannot be read undoes nothing but its own.
    """
    started = datetime.datetime.now(datetime.UTC)
    delivery = content_of(task, warehouse.settings.max_report_bytes)
    with warehouse.connect(task.asset_key) as connection:
        there = known(connection, task, delivery)
        place = place_of(connection, task, delivery)
    if there is not None:
        return _give_way(warehouse, task, there) if there.status == "duplicate" else there
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


def _give_way(warehouse: Warehouse, task: Task, known: Outcome) -> Outcome:
    """Take out what was loaded from a path whose content is now that of another one."""
    with warehouse.connect(task.asset_key) as connection:
        claim(connection, Place(task.asset_key, "", task.run_id))
        former = take_former_out(connection, task, Place(task.asset_key, "", task.run_id))
    return replace(known, counts=Counts(removed=former.row_count if former else 0))


def _set_aside(warehouse: Warehouse, loading: Loading, error: WorkbookError) -> None:
    """Write the letter of a workbook that cannot be read: row 0, with the code of the reason and no content."""
    task, place = loading.task, loading.place
    reason = {"rule": error.code, "dimension": "validity", "column": None}
    letter = Letter(0, "decode", (reason,), {"file": task.source_file})
    with warehouse.connect(f"{task.asset_key} {place.partition_key}") as connection:
        record_delivery(connection, place, loading.delivery)
        supersede_file(connection, place, task.source_file)
        record_letters(connection, place, (loading.delivery.short, task.reading), [letter], published=False)
