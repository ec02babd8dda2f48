"""Putting an examined sheet into its folder's table, in the connection's transaction."""

from collections.abc import Iterator
from dataclasses import asdict, replace

import polars as pl

from hrdata_assets.excel.gate import reasons_to_hold, refuse_if_frozen
from hrdata_assets.excel.keyed import agree_on_key, sort_by_key
from hrdata_assets.excel.known import known, stands
from hrdata_assets.excel.overflow import with_extra
from hrdata_assets.excel.sheet_table import Changed, SheetTable
from hrdata_assets.excel.task import Loading, Outcome, Task
from hrdata_assets.faults import fault
from hrdata_assets.storage.decisions import approval_of, end_waiting
from hrdata_assets.storage.dependents import TableInUseError, in_use_told
from hrdata_assets.storage.evolution import Evolution, TableColumn, columns_of, evolve, named, plan_evolution
from hrdata_assets.storage.imports import Import, NewImport, record_import, take_out, withdraw
from hrdata_assets.storage.ledger import (
    Counts,
    Load,
    Place,
    claim,
    mark_taken_back,
    point_to,
    record_arrival,
    record_load,
    record_scores,
)
from hrdata_assets.storage.letters import record_letters, supersede_file
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.publish import overall_score
from hrdata_assets.storage.text_rows import RowsRefusedError, copy_texts
from hrdata_assets.systems.workbooks.cells import WorkbookError


def publish(connection: Connection, loading: Loading, sheet: SheetTable, replaces: int | None = None) -> Outcome:
    """Put a sheet's rows into the table in place of what was loaded from the path before, in this transaction.

    ``replaces`` is the import to go back to from this one, where that is another than what stands there now.
    WorkbookError if the table may not be changed as the sheet needs it.
    """
    task, place, delivery = loading.task, loading.place, loading.delivery
    claim(connection, Place(task.asset_key, "", task.run_id))
    fault("after_claim", task.asset_key)
    standing = stands(connection, task, delivery)
    there = known(connection, task, delivery, standing)
    if there is not None:
        return give_way(connection, task, there, standing.here)
    record_arrival(connection, place, delivery)
    if standing.taken_back:
        mark_taken_back(connection, place.asset_key, delivery.short, taken_back=False)
    evolution = plan_evolution(columns_of(connection, task.table), sheet.columns)
    refuse_if_frozen(task, evolution)
    end_waiting(connection, place, task.source_file)
    if held := _hold(connection, loading, sheet, evolution):
        return held
    former = standing.here
    if former is not None:
        _take_out(connection, task, place, former)
    _grow(connection, loading, evolution)
    key = agree_on_key(connection, task.table, sheet, evolution)
    counted, counts = sheet.counted, _counts(sheet, removed=former.row_count if former else 0)
    load_id = record_load(connection, place, _load(loading, sheet, counts))
    record_scores(connection, place, load_id, counted.cards)
    parts = _parts(sheet, evolution, loading, load_id)
    try:
        copy_texts(connection, named(task.table), _stored_names(evolution), parts, asset=task.asset_key)
    except RowsRefusedError as error:
        # A constraint that somebody put on the table keeps out this workbook alone.
        raise WorkbookError("refused_by_database", str(error)) from None
    fault("after_copy", task.asset_key)
    sheet = sheet.deciding(sort_by_key(connection, task.table, key, load_id, former))
    before = former.import_id if former else replaces
    record_import(connection, load_id, replace(_new_import(loading, sheet, evolution), replaces=before))
    # Most workbooks have no letters, and had none.
    if supersede_file(connection, place, task.source_file) or counted.letters:
        record_letters(connection, place, (delivery.short, task.reading), counted.letters, published=True)
    fault("before_commit", task.asset_key)
    return replace(_outcome("loaded", loading, sheet, evolution), counts=counts)


def give_way(connection: Connection, task: Task, there: Outcome, former: Import | None) -> Outcome:
    """Take out what was loaded from a path before, if its content is now one that is loaded from another path."""
    if there.status != "duplicate" or former is None:
        return there
    _take_out(connection, task, Place(task.asset_key, "", task.run_id), former)
    return replace(there, counts=Counts(removed=former.row_count))


def _grow(connection: Connection, loading: Loading, evolution: Evolution) -> None:
    if not evolution.changes and not evolution.unlike:
        return
    task, source = loading.task, (loading.task.source_file, loading.delivery.sha256)
    try:
        with in_use_told(connection, task.table):
            evolve(connection, task.table, evolution, source)
    except TableInUseError as error:
        # The view is in the way of this workbook alone.
        raise WorkbookError("table_in_use", str(error)) from None


def _hold(connection: Connection, loading: Loading, sheet: SheetTable, evolution: Evolution) -> Outcome | None:
    """Hold a workbook for a decision, unless that was made; what is published stays as it is."""
    place, short, cards = loading.place, loading.delivery.short, sheet.counted.cards
    reason = reasons_to_hold(loading.task, evolution, cards[0])
    if reason is None or approval_of(connection, place, short):
        return None
    point_to(connection, place, short)
    load = replace(_load(loading, sheet, _counts(sheet)), status="held", reason=reason)
    record_scores(connection, place, record_load(connection, place, load), cards)
    return replace(_outcome("held", loading, sheet, evolution), reason=reason)


def _counts(sheet: SheetTable, removed: int = 0) -> Counts:
    counted = sheet.counted
    return Counts(counted.read, counted.kept, set_aside=counted.set_aside, skipped=counted.skipped, removed=removed)


def _load(loading: Loading, sheet: SheetTable, counts: Counts) -> Load:
    task, score = loading.task, overall_score(sheet.counted.cards)
    return Load(loading.delivery.short, task.reading, counts, loading.started_at, score, policy=task.options.limits)


def _outcome(status: str, loading: Loading, sheet: SheetTable, evolution: Evolution) -> Outcome:
    return Outcome(
        status,
        loading.place.partition_key,
        sheet=sheet.apart.sheet,
        changes=evolution.changes,
        decisions=sheet.decisions,
        received=sheet.counted.cards[0],
        gate=loading.task.options.gate,
    )


def _take_out(connection: Connection, task: Task, place: Place, former: Import) -> None:
    """Remove what was loaded from the path before, in favour of what is loaded into a place."""
    if former.partition == place.partition_key:
        take_out(connection, former, status="replaced", by=task.run_id)
    else:
        withdraw(connection, former, status="replaced", by=task.run_id, reason="the file has changed")


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
