"""Which workbooks were loaded into which table, by path and by content, and what of them is stored otherwise."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, fields

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hrdata_assets.storage.business_key import key_of, take_out_keyed
from hrdata_assets.storage.evolution import SCHEMA, TableColumn, named
from hrdata_assets.storage.ledger import Counts, Load, Place, copy_in, record_load
from hrdata_assets.storage.letters import supersede
from hrdata_assets.storage.postgres import Connection


@dataclass(frozen=True)
class Import:
    """A workbook's content whose rows stand in a table; ``partition`` is its load's."""

    import_id: int
    load_id: int
    table: str
    partition: str
    source_file: str
    sha256: str
    reading: str
    row_count: int


_IMPORTS = (
    "select i.import_id, i.load_id, i.table_name, l.partition_key, i.source_file, i.file_sha256, i.reading, i.row_count"
    " from ops.etl_imports i join ops.loads l using (load_id) where i.status = 'imported'"
)


@dataclass(frozen=True)
class Standing:
    """What is known of a content that arrives in a table from a path.

    ``partition`` is the one it had when it arrived first, if it did; ``here`` what is loaded from the path now;
    ``elsewhere`` the import of exactly this content, from whatever path it was loaded first.
    """

    partition: str | None = None
    taken_back: bool = False
    here: Import | None = None
    elsewhere: Import | None = None


def standing_of(connection: Connection, table: str, source_file: str, sha256: str) -> Standing:
    """Look up a content and its path, in one statement."""
    row = connection.execute(
        sql.SQL(
            "select coalesce((select partition_key from ops.deliveries where asset_key = %(asset)s"
            " and delivery = %(short)s order by archived_at limit 1), (select partition_key from ops.workbook_files"
            " where table_name = %(table)s and file_sha256 = %(sha)s and partition_key is not null"
            " order by partition_key limit 1)),"
            " exists (select from ops.deliveries where asset_key = %(asset)s and delivery = %(short)s"
            " and taken_back_at is not null), here.*, elsewhere.* from (select) as one"
            " left join ({imports} and i.table_name = %(table)s and i.source_file = %(file)s) as here on true"
            " left join ({imports} and i.file_sha256 = %(sha)s order by i.import_id limit 1) as elsewhere on true"
        ).format(imports=sql.SQL(_IMPORTS)),
        {
            "asset": f"{SCHEMA}/{table}",
            "table": table,
            "file": source_file,
            "short": sha256[:16],
            "sha": sha256,
        },
    ).fetchone()
    if row is None:
        return Standing()
    half = 2 + len(fields(Import))
    here, elsewhere = (Import(*found) if found[0] is not None else None for found in (row[2:half], row[half:]))
    return Standing(row[0], row[1], here, elsewhere)


def imports_like(
    connection: Connection, table: str, source_file: str | None = None, sha256: str | None = None
) -> list[Import]:
    """What stands in a table, from a path or with a content whose hash begins so."""
    return [
        Import(*row)
        for row in connection.execute(
            sql.SQL(
                "{} and i.table_name = %(table)s and (%(file)s::text is null or i.source_file = %(file)s)"
                " and starts_with(i.file_sha256, coalesce(%(sha)s, '')) order by i.import_id"
            ).format(sql.SQL(_IMPORTS)),
            {"table": table, "file": source_file, "sha": sha256},
        )
    ]


def version_before(connection: Connection, standing: Import) -> tuple[str, int | None] | None:
    """SHA-256 of the content whose place an import took, and which import that one took the place of.

    None if nothing stood there.
    """
    row = connection.execute(
        "select b.file_sha256, b.replaces from ops.etl_imports i join ops.etl_imports b on b.import_id = i.replaces"
        " where i.import_id = %s",
        (standing.import_id,),
    ).fetchone()
    return (str(row[0]), row[1]) if row else None


def take_out(connection: Connection, former: Import, *, status: str, by: str) -> None:
    """Remove an import's rows from its table; what it was stays written down as replaced or reverted.

    Where the table has a business key, rows of other workbooks come back that its rows had taken the place of.
    """
    if key := key_of(connection, former.table):
        take_out_keyed(connection, former.table, key, former.load_id)
    else:
        connection.execute(sql.SQL("delete from {} where load_id = %s").format(named(former.table)), (former.load_id,))
    connection.execute(
        "update ops.etl_imports set status = %s, status_at = now(), status_by = %s where import_id = %s",
        (status, by, former.import_id),
    )


def withdraw(connection: Connection, standing: Import, *, status: str, by: str, reason: str) -> None:
    """Take an import out, and let its partition hold nothing: in the ledger with the reason, its letters closed."""
    take_out(connection, standing, status=status, by=by)
    place = Place(f"{SCHEMA}/{standing.table}", standing.partition, by)
    now, counts = datetime.datetime.now(datetime.UTC), Counts(removed=standing.row_count)
    record_load(
        connection,
        place,
        Load(standing.sha256[:16], standing.reading, counts, now, status="removed", reason=reason),
    )
    supersede(connection, place)


@dataclass(frozen=True)
class NewImport:
    """What is written down of a workbook that was loaded.

    ``needs`` are the columns as this file alone needs them; ``decisions`` and ``changes`` what was decided about its
    sheet, and which cells (column, kind, how many, in which rows) are stored otherwise than shown.
    """

    table: str
    source_file: str
    sha256: str
    sheet: str
    reading: str
    row_count: int
    needs: Sequence[TableColumn]
    decisions: Sequence[dict[str, object]]
    changes: Sequence[tuple[str, str, int, list[int]]]
    replaces: int | None = None
    """Import whose place this one takes, to which it can be taken back."""


def record_import(connection: Connection, load_id: int, new: NewImport) -> int:
    """Write an import down. Returns its number."""
    row = connection.execute(
        "insert into ops.etl_imports (load_id, table_name, source_file, file_sha256, sheet, row_count, reading,"
        " columns, decisions, replaces) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning import_id",
        (
            *(load_id, new.table, new.source_file, new.sha256, new.sheet, new.row_count, new.reading),
            *(Jsonb([_described(column) for column in new.needs]), Jsonb(list(new.decisions)), new.replaces),
        ),
    ).fetchone()
    if row is None:
        raise LookupError("insert into ops.etl_imports returned nothing")
    import_id = int(row[0])
    copy_in(
        connection,
        "copy ops.value_changes (import_id, column_name, change, cells, rows) from stdin",
        [(import_id, *change) for change in new.changes],
    )
    return import_id


def _described(column: TableColumn) -> dict[str, object]:
    return {
        "name": column.name,
        "heading": column.heading,
        "occurrence": column.occurrence,
        "type": column.fit.type.value if column.fit else None,
        "binary": bool(column.fit and column.fit.binary),
    }


def tables_made(connection: Connection) -> list[str]:
    """Names of all tables that were made from workbooks."""
    rows = connection.execute(
        # Somebody may have put a table of their own into the schema.
        "select relname::text from pg_class where relnamespace = 'excel'::regnamespace and relkind = 'r'"
        " and (exists (select from ops.columns where table_name = relname)"
        " or exists (select from ops.etl_imports where table_name = relname and status = 'imported')) order by 1"
    )
    return [name for (name,) in rows]


def imported(connection: Connection) -> list[dict[str, object]]:
    """What each table holds: files, rows, when it was loaded last."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select 'excel.' || i.table_name as \"table\", count(*) as files, sum(i.row_count)::bigint as rows,"
            " sum(l.set_aside)::bigint as set_aside, round(min(l.score) * 100, 2)::float8 as lowest_score_percent,"
            " date_trunc('second', max(i.imported_at)) as last_load"
            " from ops.etl_imports i join ops.loads l using (load_id) where i.status = 'imported'"
            " group by i.table_name order by i.table_name"
        ).fetchall()


def imports_listed(connection: Connection, table: str | None = None) -> list[dict[str, object]]:
    """Every workbook that was ever loaded, in order: what it is by path and content, and whether its rows stand still.

    ``when`` is when it came to be so.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select 'excel.' || table_name as \"table\", source_file as file, left(file_sha256, 16) as version,"
            " row_count as rows, status, date_trunc('second', coalesce(status_at, imported_at)) as \"when\""
            " from ops.etl_imports where table_name = coalesce(%s, table_name)"
            " order by table_name, source_file, import_id",
            (table,),
        ).fetchall()


def partitions_by_file(connection: Connection, table: str) -> dict[str, list[str]]:
    """Partitions of every workbook that a table's loads ever knew, by its path; the last one last."""
    rows = connection.execute(
        "select source_file, array_agg(distinct partition_key order by partition_key) from"
        " (select i.source_file, l.partition_key from ops.etl_imports i join ops.loads l using (load_id)"
        " where i.table_name = %(table)s union select file_name, partition_key from ops.deliveries"
        " where asset_key = 'excel/' || %(table)s) known group by source_file",
        {"table": table},
    )
    return {file: list(partitions) for file, partitions in rows}


def unread(connection: Connection) -> list[dict[str, object]]:
    """Workbooks that could not be read, and have not changed since: path, code of the reason, when it was tried."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select replace(asset_key, '/', '.') as \"table\", payload ->> 'file' as file,"
            " reasons -> 0 ->> 'rule' as reason, date_trunc('second', last_seen) as tried"
            " from ops.dead_letters where asset_key like 'excel/%' and row_no = 0 and status = 'open'"
            " order by asset_key, file"
        ).fetchall()
