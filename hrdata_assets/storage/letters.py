"""Dead letters in the database: filed with the load that gives rise to them, closed by the one that does not."""

from collections.abc import Mapping, Sequence

from psycopg.types.json import Jsonb

from hrdata_assets.storage.ledger import Place, copy_in
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.verdict import Letter


def record_letters(
    connection: Connection, place: Place, source: tuple[str, str], letters: Sequence[Letter], *, published: bool
) -> None:
    """Write the rows kept out of a load of ``source``, a delivery and the contract it was read by."""
    if not letters and not _any_open(connection, place):
        # The tray is a table: making one costs more than publishing a small workbook.
        return
    letters_tray(connection)
    delivery, contract = source
    shared = (place.asset_key, place.partition_key, delivery, contract, place.run_id)
    copy_in(
        connection,
        "copy arriving_letters (asset_key, partition_key, delivery, contract_version, run_id, row_no, stage, reasons,"
        " payload) from stdin",
        [(*shared, x.row_no, x.stage, Jsonb(x.reasons), _json(x.payload)) for x in letters],
    )
    file_letters(connection, place, only_of=None if published else delivery)


def _any_open(connection: Connection, place: Place) -> bool:
    row = connection.execute(
        "select exists (select 1 from ops.dead_letters where asset_key = %s and partition_key = %s"
        " and status = 'open')",
        (place.asset_key, place.partition_key),
    ).fetchone()
    return row is not None and bool(row[0])


def letters_tray(connection: Connection) -> None:
    """Make the temporary table arriving_letters, from which `file_letters` takes what is in it."""
    connection.execute(
        "create temporary table arriving_letters on commit drop as"
        " select asset_key, partition_key, delivery, sheet, row_no, stage, reasons, payload, contract_version, run_id"
        " from ops.dead_letters with no data"
    )
    connection.execute("alter table arriving_letters alter column sheet set default ''")


def file_letters(connection: Connection, place: Place, *, only_of: str | None = None) -> None:
    """File the letters of one load. The same record again adds none and raises ``seen``.

    Open letters of the partition that this load no longer gives rise to are closed: as replayed if their own delivery
    was read again and the record was good this time; as superseded if another delivery came. With ``only_of``, those of
    that delivery alone: what is published beside a held one is none the better for it.
    """
    connection.execute(
        "update ops.dead_letters d set status_by = %(run)s, status_at = now(), status = case when exists ("
        " select 1 from ops.partitions p where p.partition_key = d.partition_key"
        " and d.delivery in (p.delivery, p.held_delivery)) then 'replayed' else 'superseded' end"
        " where asset_key = %(asset)s and partition_key = %(partition)s and status = 'open'"
        " and (%(only)s::text is null or d.delivery = %(only)s) and not exists ("
        " select 1 from arriving_letters a where (a.delivery, a.sheet, a.row_no) = (d.delivery, d.sheet, d.row_no))",
        {"run": place.run_id, "asset": place.asset_key, "partition": place.partition_key, "only": only_of},
    )
    connection.execute(
        "insert into ops.dead_letters as d (asset_key, partition_key, delivery, sheet, row_no, stage, reasons, payload,"
        " contract_version, run_id) select asset_key, partition_key, delivery, sheet, row_no, stage, reasons, payload,"
        " contract_version, run_id from arriving_letters order by row_no"
        " on conflict (asset_key, partition_key, delivery, sheet, row_no) do update set seen = d.seen + 1,"
        " last_seen = now(), reasons = excluded.reasons, stage = excluded.stage,"
        " contract_version = excluded.contract_version, run_id = excluded.run_id,"
        " status = case when d.status in ('superseded', 'replayed') then 'open' else d.status end"
    )
    connection.execute("drop table arriving_letters")


def supersede(connection: Connection, place: Place, delivery: str | None = None) -> None:
    """Close the open letters of a partition, or those of one delivery: it is no longer what counts there."""
    connection.execute(
        "update ops.dead_letters set status = 'superseded', status_by = %s, status_at = now()"
        " where asset_key = %s and partition_key = %s and status = 'open' and coalesce(delivery = %s, true)",
        (place.run_id, place.asset_key, place.partition_key, delivery),
    )


def supersede_file(connection: Connection, place: Place, file_name: str) -> bool:
    """Close the open letters of a file as a whole, of whatever content it had in other partitions: it has another.

    Tells whether the partition itself has open letters.
    """
    row = connection.execute(
        "with closed as (update ops.dead_letters set status = 'superseded', status_by = %(run)s, status_at = now()"
        " where asset_key = %(asset)s and partition_key <> %(partition)s and status = 'open' and row_no = 0"
        " and payload ->> 'file' = %(file)s)"
        " select exists (select from ops.dead_letters where asset_key = %(asset)s and partition_key = %(partition)s"
        " and status = 'open')",
        {"run": place.run_id, "asset": place.asset_key, "partition": place.partition_key, "file": file_name},
    ).fetchone()
    return row is not None and bool(row[0])


def _json(payload: Mapping[str, object] | None) -> Jsonb | None:
    return None if payload is None else Jsonb(payload)
