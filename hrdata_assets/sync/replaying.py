"""Records of systems that were kept out, read again from the archived page by today's declaration."""

import datetime
from collections.abc import Mapping, Sequence
from itertools import groupby

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import load_settings
from hrdata_assets.storage import record_letters
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.letterbox import Filed
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.synced import store
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.batch import Batch, judged_records
from hrdata_assets.systems.registry import usable_systems
from hrdata_assets.systems.system import System
from hrdata_assets.table import Table


def synced_table(asset_key: str) -> tuple[type[System], Table] | None:
    """The system and table of an asset, if it follows a system's records."""
    for entry in usable_systems(load_settings()).values():
        for row in entry.kind.rows:
            if asset_key == f"staged/{row.table.name}":
                return entry.kind, row.table
    return None


def replay_records(warehouse: Warehouse, letters: Sequence[Filed], run_id: str) -> int:
    """Read records again; what passes is stored, unless the table knows a newer state. Returns how many passed.

    SetupError for a letter about a whole page: the next pull goes on there.
    """
    if whole := [letter for letter in letters if letter.row_no == 0]:
        raise SetupError(f"letter {whole[0].id} is about a whole page: the next `hrdata pull` reads it again")
    ordered = sorted(letters, key=lambda letter: (letter.asset_key, letter.delivery, letter.row_no))
    return sum(
        _replay_page(warehouse, list(found), run_id)
        for _, found in groupby(ordered, key=lambda letter: (letter.asset_key, letter.delivery))
    )


def _replay_page(warehouse: Warehouse, letters: Sequence[Filed], run_id: str) -> int:
    known = synced_table(letters[0].asset_key)
    assert known is not None  # noqa: S101 - only letters of such tables come here
    kind, table = known
    place = Place(letters[0].asset_key, letters[0].partition_key, run_id)
    with warehouse.connect("replay") as connection:
        records = kind.records(table, _page(warehouse, connection, letters[0].delivery))
        chosen = [records[letter.row_no - 1] for letter in letters]
        places = [(letter.delivery, letter.row_no) for letter in letters]
        batch = judged_records(table, chosen, places, datetime.datetime.now(datetime.UTC), kind.withheld)
        store(connection, table, batch.rows, place.asset_key)
        record_letters.file_records(connection, place, table.contract, batch.letters)
        passed = _passed(letters, batch)
        record_letters.mark_replayed(connection, place, passed)
    return len(passed)


def _passed(letters: Sequence[Filed], batch: Batch) -> list[int]:
    still: Mapping[int, bool] = {letter.row_no: True for _, _, letter in batch.letters}
    return [letter.id for letter in letters if letter.row_no not in still]


def _page(warehouse: Warehouse, connection: Connection, delivery: str) -> bytes:
    row = connection.execute(
        "select folder, sha256 from ops.sync_pages where left(sha256, 16) = %s order by sync_id desc limit 1",
        (delivery,),
    ).fetchone()
    if row is None:
        raise SetupError(f"page {delivery} is of no sync that is known: pull the object with --full instead")
    return warehouse.archive.within("systems").within(row[0]).content(row[1])
