"""A folder whose workbooks say something of the same things: its table has the newest row of each business key."""

from collections.abc import Iterator

from hrdata_assets.excel.sheet_table import SheetTable
from hrdata_assets.storage.business_key import (
    NoKeyError,
    key_of,
    move_older,
    rows_behind,
    set_key,
    settle_history,
)
from hrdata_assets.storage.evolution import Evolution
from hrdata_assets.storage.imports import Import
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.layout import Decision

_NO_ROOM = "the table has no room for a row's key: take the column out of the folder's key, or shorten its rows"


def agree_on_key(connection: Connection, table: str, sheet: SheetTable, evolution: Evolution) -> tuple[str, ...]:
    """Let a table have the key that its folder's configuration names now. Returns its columns.

    WorkbookError if one of them found no room in the table.
    """
    places = [evolution.places[sheet.block.places.index(place)] for place in sheet.key]
    key = tuple(column.name for column in places if column is not None)
    if len(key) < len(places):
        raise WorkbookError("key_without_room", _NO_ROOM)
    if key_of(connection, table) != key:
        set_key(connection, table, key)
    return key


def sort_by_key(
    connection: Connection, table: str, key: tuple[str, ...], load_id: int, former: Import | None
) -> tuple[Decision, ...]:
    """Let a load's rows take the place of older ones of their keys; tell of it.

    WorkbookError if a row's key found no room in its row.
    """
    if not key:
        return ()
    try:
        moved = move_older(connection, table, key, load_id)
    except NoKeyError:
        raise WorkbookError("key_without_room", _NO_ROOM) from None
    if former is not None:
        settle_history(connection, table, key, (former.load_id, load_id), rows=former.row_count)
    return tuple(_told(moved, rows_behind(connection, load_id)))


def _told(moved: int, repeated: list[int]) -> Iterator[Decision]:
    if repeated:
        says = f"Rows whose key stands again further down, where the last one counts: {len(repeated)}."
        yield Decision("key_repeated", says, tuple(repeated))
    if moved > len(repeated):
        yield Decision("key_replaces", f"Older rows whose place others of their key take: {moved - len(repeated)}.")
