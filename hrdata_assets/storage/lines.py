"""Where a stored row came from: its line, the file that the line stands in, the load that brought it, its letters."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

from hrdata_assets.storage.ddl import identifier
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import Table

Values = Mapping[str, Any]
"""A row as JSON holds it, by column."""


@dataclass(frozen=True)
class File:
    """A delivery as it arrived in one partition."""

    file_name: str
    sha256: str
    archived_at: datetime.datetime


@dataclass(frozen=True)
class Load:
    """A load as the ledger knows it."""

    load_id: int
    asset_key: str
    status: str
    delivery: str
    contract: str
    run_id: str
    finished_at: datetime.datetime
    reason: str | None


@dataclass(frozen=True)
class LetterAbout:
    """A dead letter about a line; its reasons are rules, never values."""

    id: int
    asset_key: str
    row_no: int
    stage: str
    status: str
    rules: tuple[str, ...]
    first_seen: datetime.datetime


_LOAD: Final = "select load_id, asset_key, status, delivery, contract, run_id, finished_at, reason from ops.loads"


def rows_with_key(connection: Connection, table: Table, partition: str, key: Sequence[str]) -> list[Values]:
    """Published rows with that key, each part as text; only if none is written so, those that differ in case."""
    typed = dict(zip(table.key, key, strict=True))
    exact = _rows(connection, table, partition, typed, sql.SQL("coalesce(t.{column}::text, '') = {text}"))
    if exact:
        return exact
    alike = sql.SQL("lower(coalesce(t.{column}::text, '')) = lower({text})")
    return _rows(connection, table, partition, typed, alike)


def rows_of_line(connection: Connection, table: Table, partition: str, row_no: int) -> list[Values]:
    """Published rows of a staged table that came from that record."""
    return _rows(connection, table, partition, {"row_no": str(row_no)}, sql.SQL("t.{column} = {text}::int"))


def _rows(
    connection: Connection, table: Table, partition: str, typed: Mapping[str, str], alike: sql.SQL
) -> list[Values]:
    conditions = [alike.format(column=sql.Identifier(column), text=sql.Literal(text)) for column, text in typed.items()]
    rows = connection.execute(
        sql.SQL("select to_jsonb(t) from {} t where t.{} = {} and {}").format(
            identifier(table),
            sql.Identifier(table.partition),
            sql.Literal(partition),
            sql.SQL(" and ").join(conditions),
        )
    )
    return [values for (values,) in rows]


def partitions_with_key(connection: Connection, table: Table, key: Sequence[str]) -> list[str]:
    """Partitions in which a row with exactly that key is published, newest first."""
    conditions = [
        sql.SQL("coalesce({}::text, '') = {}").format(sql.Identifier(column), sql.Literal(text))
        for column, text in zip(table.key, key, strict=True)
    ]
    rows = connection.execute(
        sql.SQL("select distinct {by} from {} where {} order by {by} desc").format(
            identifier(table), sql.SQL(" and ").join(conditions), by=sql.Identifier(table.partition)
        )
    )
    return [partition for (partition,) in rows]


def published_partitions(connection: Connection, asset_key: str) -> list[str]:
    """Partitions of an asset that are published, oldest first."""
    rows = connection.execute(
        "select partition_key from ops.partitions where asset_key = %s and load_id is not null order by 1", (asset_key,)
    )
    return [partition for (partition,) in rows]


def file_of(connection: Connection, raw_key: str, partition: str, delivery: str) -> File | None:
    """The file that a row carries as its delivery; None if it came from none."""
    row = connection.execute(
        "select file_name, sha256, archived_at from ops.deliveries"
        " where asset_key = %s and partition_key = %s and delivery = %s",
        (raw_key, partition, delivery),
    ).fetchone()
    return File(*row) if row else None


def load_numbered(connection: Connection, load_id: int | None) -> Load | None:
    """A load by its number."""
    row = connection.execute(_LOAD + " where load_id = %s", (load_id,)).fetchone()
    return Load(*row) if row else None


def load_that_brought(connection: Connection, place: Place, delivery: str, before: int | None) -> Load | None:
    """The last load of a delivery into a partition, before the load that read it there if that is known.

    One that was held counts only if none was published.
    """
    row = connection.execute(
        _LOAD + " where asset_key = %s and partition_key = %s and delivery = %s"
        " and load_id < coalesce(%s, load_id + 1) order by (status = 'published') desc, load_id desc limit 1",
        (place.asset_key, place.partition_key, delivery, before),
    ).fetchone()
    return Load(*row) if row else None


def letters_about(connection: Connection, partition: str, delivery: str, row_nos: Sequence[int]) -> list[LetterAbout]:
    """Letters of any table about some records of a delivery, in the order of the records."""
    rows = connection.execute(
        "select id, asset_key, row_no, stage, status, array(select r ->> 'rule' from jsonb_array_elements(reasons) r),"
        " first_seen from ops.dead_letters where partition_key = %s and delivery = %s and row_no = any(%s)"
        " order by row_no, id",
        (partition, delivery, list(row_nos)),
    )
    return [
        LetterAbout(number, asset_key, row_no, stage, status, tuple(rules), seen)
        for number, asset_key, row_no, stage, status, rules, seen in rows
    ]


def file_names(connection: Connection, partitions: Sequence[str]) -> dict[tuple[str, str, str], str]:
    """Names of all files that arrived in some partitions, by raw asset, partition and delivery."""
    rows = connection.execute(
        "select asset_key, partition_key, delivery, file_name from ops.deliveries where partition_key = any(%s)",
        (list(partitions),),
    )
    return {(asset_key, partition, delivery): name for asset_key, partition, delivery, name in rows}
