"""Records kept out, put right: what people say they should have held is written down beside the delivery.

Loading the quarter from the archive then reads the delivery with those cells, by today's declaration, through the path
of every load: what passes is published, the rest stays out with new reasons.
"""

from collections.abc import Mapping, Sequence

from hrdata_assets.catalogue import SOURCES, STAGED, UNIFIED, synced_tables
from hrdata_assets.cleaning.amendments import place_of_column, unguarded
from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.errors import SetupError
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.archive import Archived
from hrdata_assets.storage.decisions import correct
from hrdata_assets.storage.ledger import Place, delivery_of
from hrdata_assets.storage.letterbox import Filed
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.selections import asset_key
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table

Cells = Mapping[int, str]


def staged_table_of(letter: Filed) -> Table:
    """The staged table whose report a letter's record stands in, whichever table refused it."""
    layer, _, name = letter.asset_key.partition("/")
    if layer == "excel":
        raise SetupError(
            f"letter {letter.id} is of a workbook: correct the workbook, and `hrdata excel load` takes it in"
        )
    if layer == "core" and letter.record is None:
        return SOURCES[name]
    return next(table for table in STAGED + synced_tables(load_settings()) + UNIFIED if table.name == name)


def header_of(connection: Connection, warehouse: Warehouse, letter: Filed) -> tuple[str, ...]:
    """Headings of a letter's report. SetupError if another delivery counts in its partition by now."""
    if staged_table_of(letter).synced:
        raise SetupError(f"letter {letter.id} is about a record of a system: correct it there, and pull it again")
    raw = asset_key(staged_table_of(letter)).replace("staged/", "raw/")
    found = delivery_of(connection, raw, letter.partition_key)
    if found is None or found[1][:16] != letter.delivery:
        raise SetupError(
            f"letter {letter.id} is about an earlier delivery of {raw} {letter.partition_key}: "
            "put that back first (`hrdata revert … --to`), or correct the newer one"
        )
    report = Archived(*found, warehouse.archive)
    return read_delimited(report.read(), report.file_name).header


def assigned(table: Table, header: Sequence[str], assignments: Sequence[str]) -> Cells:
    """Cells that ``column=value`` texts speak of. SetupError for a text that is none, or a column that is not there."""
    cells = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals:
            raise SetupError("--set wants column=value, such as --set birth_year=1984")
        cells[place_of_column(table, header, name.strip())] = value
    return cells


def differing(letter: Filed, cells: Cells) -> Cells:
    """Those cells that say something else than the record as delivered; all of them where it has no cells."""
    if letter.payload is None or "cells" not in letter.payload:
        return cells
    delivered = [cell for _, cell in letter.payload["cells"]]
    return {place: text for place, text in cells.items() if unguarded(delivered[place]) != unguarded(text)}


def write_down(connection: Connection, letters: Mapping[int, Filed], said: Mapping[int, Cells], by: str) -> int:
    """Write down what was said, by letter. Returns how many records will be read otherwise than before.

    SetupError for a record whose fields do not fit its header, unless all of them are given.
    """
    changed = 0
    for number, cells in said.items():
        letter = letters[number]
        if letter.row_no == 0:
            raise SetupError(f"letter {letter.id} is about a whole file: deliver it again")
        if letter.stage == "decode" and letter.payload and "text" in letter.payload and 0 not in cells:
            raise SetupError(
                f"letter {letter.id} is about a record whose fields do not fit the header: give it whole, "
                "with `hrdata letters export` and `hrdata letters replay --from`"
            )
        place = Place(asset_key(staged_table_of(letter)), letter.partition_key, "replay")
        changed += correct(connection, place, letter.delivery, {letter.row_no: cells}, by)
    return changed
