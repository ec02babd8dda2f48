"""What is known of the workbooks that lie below the root: whether they have settled, and what was asked for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hrdata_assets.storage.ledger import copy_in
from hrdata_assets.storage.postgres import Connection


@dataclass(frozen=True)
class KnownFile:
    """A workbook at the last look; without ``sha256`` it had not settled yet."""

    source_file: str
    table: str
    size: int
    mtime_ns: int
    sha256: str | None = None
    partition: str | None = None
    asked_for: str | None = None


def known_files(connection: Connection) -> dict[str, KnownFile]:
    """Every workbook of the last look, by its path."""
    rows = connection.execute(
        "select source_file, table_name, size, mtime_ns, file_sha256, partition_key, asked_for from ops.workbook_files"
    )
    return {row[0]: KnownFile(*row) for row in rows}


def remember_files(connection: Connection, changed: Sequence[KnownFile], gone: Iterable[str]) -> None:
    """Write down what a look found otherwise than the one before."""
    connection.execute("delete from ops.workbook_files where source_file = any(%s)", (list(gone),))
    if not changed:
        return
    connection.execute(
        "create temporary table looked_at on commit drop as select * from ops.workbook_files with no data"
    )
    copy_in(
        connection,
        "copy looked_at (source_file, table_name, size, mtime_ns, file_sha256, partition_key, asked_for) from stdin",
        [(f.source_file, f.table, f.size, f.mtime_ns, f.sha256, f.partition, f.asked_for) for f in changed],
    )
    connection.execute(
        "insert into ops.workbook_files"
        " (source_file, table_name, size, mtime_ns, file_sha256, partition_key, asked_for)"
        " select source_file, table_name, size, mtime_ns, file_sha256, partition_key, asked_for from looked_at"
        " on conflict (source_file) do update set table_name = excluded.table_name, size = excluded.size,"
        " mtime_ns = excluded.mtime_ns, file_sha256 = excluded.file_sha256, partition_key = excluded.partition_key,"
        " asked_for = excluded.asked_for, seen_at = now()"
    )


def partitions_of(connection: Connection, table: str, shas: Sequence[str]) -> dict[str, str]:
    """Partitions of contents that arrived in a table before, by their SHA-256."""
    rows = connection.execute(
        "select distinct on (sha256) sha256, partition_key from ops.deliveries"
        " where asset_key = 'excel/' || %s and sha256 = any(%s) order by sha256, archived_at",
        (table, list(shas)),
    )
    return {sha: partition for sha, partition in rows}  # noqa: C416 - rows of a cursor are no pairs to mypy


def taken_back(connection: Connection) -> set[tuple[str, str]]:
    """Tables and partitions of workbooks that were taken back by hand."""
    rows = connection.execute(
        "select substr(asset_key, 7), partition_key from ops.deliveries"
        " where asset_key like 'excel/%' and taken_back_at is not null"
    )
    return {(table, partition) for table, partition in rows}


def limits_of_held(connection: Connection) -> dict[tuple[str, str | None], str | None]:
    """By table and partition of workbooks that are held, what they are held to."""
    rows = connection.execute(
        "select substr(p.asset_key, 7), p.partition_key, l.policy from ops.partitions p"
        " join ops.loads l on l.load_id = p.held_load_id where p.asset_key like 'excel/%'"
    )
    return {(table, partition): policy for table, partition, policy in rows}


def files_of_partitions(connection: Connection, table: str, partitions: Sequence[str]) -> dict[str, list[str]]:
    """Paths at which the contents of partitions lie now, several where there are copies."""
    rows = connection.execute(
        "select partition_key, array_agg(source_file order by source_file) from ops.workbook_files"
        " where table_name = %s and partition_key = any(%s) group by 1",
        (table, list(partitions)),
    )
    return {partition: list(paths) for partition, paths in rows}


def partitions_in_use(connection: Connection) -> dict[str, set[str]]:
    """By table, partitions that have something to show: their content lies in a folder, or is loaded or held."""
    rows = connection.execute(
        "select table_name, partition_key from ops.workbook_files where partition_key is not null"
        " union select substr(asset_key, 7), partition_key from ops.partitions"
        " where asset_key like 'excel/%' and (load_id is not null or held_load_id is not null)"
        " except select substr(asset_key, 7), partition_key from ops.deliveries"
        " where asset_key like 'excel/%' and taken_back_at is not null"
    )
    found: dict[str, set[str]] = {}
    for table, partition in rows:
        found.setdefault(table, set()).add(partition)
    return found
