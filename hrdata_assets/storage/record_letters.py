"""Dead letters of systems' records: told apart by the record's own id, and closed when the record comes right."""

from collections.abc import Mapping, Sequence

from psycopg import sql
from psycopg.types.json import Jsonb

from hrdata_assets.storage.ddl import identifier
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.postgres import Connection, joined_in_bulk
from hrdata_assets.storage.synced import key_column
from hrdata_assets.table import Table
from hrdata_assets.verdict import Letter

EVERYTHING = "all"
"""Partition of what has none."""

UNREADABLE = ({"rule": "page_is_readable", "dimension": "validity", "column": None},)
"""Why a page as a whole is set aside."""


def file_records(
    connection: Connection, place: Place, contract: str, letters: Sequence[tuple[str, str | None, Letter]]
) -> None:
    """Write records kept out: each with its page and its own id. The same again adds none and raises ``seen``.

    A record that somebody discarded stays so for as long as it says the same, on whatever page it comes.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.dead_letters as d (asset_key, partition_key, delivery, row_no, stage, reasons, payload,"
            " contract_version, run_id, record, status)"
            " select v.*, case when exists (select from ops.dead_letters o where o.asset_key = v.asset_key"
            " and o.record = v.record and o.status = 'discarded' and o.payload = v.payload) then 'discarded'"
            " else 'open' end from (values (%s, %s, %s, %s::integer, %s, %s::jsonb, %s::jsonb, %s, %s, %s::text))"
            " v (asset_key, partition_key, delivery, row_no, stage, reasons, payload, contract_version, run_id, record)"
            " on conflict (asset_key, partition_key, delivery, sheet, row_no) do update set seen = d.seen + 1,"
            " last_seen = now(), reasons = excluded.reasons, stage = excluded.stage, run_id = excluded.run_id,"
            " contract_version = excluded.contract_version, record = excluded.record,"
            " status = case when d.status in ('superseded', 'replayed') then 'open' else d.status end",
            [
                (
                    *(place.asset_key, place.partition_key, delivery, letter.row_no, letter.stage),
                    *(Jsonb(letter.reasons), _json(letter.payload), contract, place.run_id, record),
                )
                for delivery, record, letter in letters
            ],
        )


def file_page(connection: Connection, place: Place, contract: str, delivery: str) -> None:
    """Write down a page that cannot be read."""
    file_records(connection, place, contract, [(delivery, None, Letter(0, "decode", UNREADABLE, None))])


def close_records(connection: Connection, place: Place, records: Sequence[str]) -> int:
    """Close the open letters of records that came again, or are gone. Returns how many."""
    return connection.execute(
        "update ops.dead_letters set status = 'superseded', status_by = %s, status_at = now()"
        " where asset_key = %s and status = 'open' and record = any(%s)",
        (place.run_id, place.asset_key, list(records)),
    ).rowcount


def mark_replayed(connection: Connection, place: Place, letters: Sequence[int]) -> None:
    """Close letters whose record passed when it was read again."""
    connection.execute(
        "update ops.dead_letters set status = 'replayed', status_by = %s, status_at = now() where id = any(%s)",
        (place.run_id, list(letters)),
    )


def close_pages(connection: Connection, place: Place) -> None:
    """Close the open letters of pages as a whole: a sync has come past them."""
    connection.execute(
        "update ops.dead_letters set status = 'superseded', status_by = %s, status_at = now()"
        " where asset_key = %s and status = 'open' and row_no = 0",
        (place.run_id, place.asset_key),
    )


def any_open(connection: Connection, place: Place) -> bool:
    """Whether any letter of the table is open."""
    row = connection.execute(
        "select exists (select from ops.dead_letters where asset_key = %s and status = 'open')", (place.asset_key,)
    ).fetchone()
    return row is not None and bool(row[0])


def close_unmet(connection: Connection, place: Place, sync_id: int) -> int:
    """Close the open letters of records that a full sync did not meet: they are gone. Returns how many."""
    return connection.execute(
        "update ops.dead_letters d set status = 'superseded', status_by = %s, status_at = now()"
        " where asset_key = %s and status in ('open', 'discarded') and record is not null"
        " and not exists (select from ops.sync_keys k where k.sync_id = %s and k.key = d.record)",
        (place.run_id, place.asset_key, sync_id),
    ).rowcount


def records_kept_out(connection: Connection, place: Place, table: Table) -> int:
    """How many records wait among the letters and have no living row, of an earlier state, in the table."""
    statement = sql.SQL(
        "select count(distinct record) from ops.dead_letters d where asset_key = %s"
        " and status in ('open', 'discarded') and record is not null"
        " and not exists (select from {} t where t.{}::text = d.record and t.deletion is null)"
    ).format(identifier(table), sql.Identifier(key_column(table)))
    with joined_in_bulk(connection):
        row = connection.execute(statement, (place.asset_key,)).fetchone()
    return int(row[0]) if row else 0


def _json(payload: Mapping[str, object] | None) -> Jsonb | None:
    return None if payload is None else Jsonb(payload)
