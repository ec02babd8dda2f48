"""Looking for dead letters, and deciding about them."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from hrdata_assets.storage.postgres import Connection

STATUSES = ("open", "replayed", "discarded", "superseded", "erased")


@dataclass(frozen=True)
class Filed:
    """A letter as it is filed. ``payload`` is the record as delivered: personal data."""

    id: int
    asset_key: str
    partition_key: str
    delivery: str
    row_no: int
    stage: str
    reasons: Sequence[Mapping[str, str | None]]
    payload: Mapping[str, Any] | None
    status: str
    first_seen: datetime.datetime
    seen: int
    record: str | None = None

    @property
    def rules(self) -> str:
        """Broken rules, with the column where a rule is about one."""
        return ", ".join(_told(reason) for reason in self.reasons)


@dataclass(frozen=True)
class Wanted:
    """Which letters are meant; None leaves a question open."""

    ids: Sequence[int] | None = None
    asset_key: str | None = None
    partition_key: str | None = None
    rule: str | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    status: str | None = "open"


_MEANT = sql.SQL("""
    (%(ids)s::bigint[] is null or id = any(%(ids)s)) and (%(asset)s::text is null or asset_key = %(asset)s)
    and (%(partition)s::text is null or partition_key = %(partition)s)
    and (%(rule)s::text is null or reasons @> jsonb_build_array(jsonb_build_object('rule', %(rule)s::text)))
    and (%(since)s::timestamptz is null or last_seen >= %(since)s)
    and (%(until)s::timestamptz is null or first_seen < %(until)s)
    and (%(status)s::text is null or status = %(status)s)
""")


def _told(reason: Mapping[str, str | None]) -> str:
    column, rule = reason.get("column"), str(reason["rule"])
    return rule if column is None or column in rule else f"{rule} ({column})"


def _values(wanted: Wanted) -> dict[str, object]:
    return {
        "ids": None if wanted.ids is None else list(wanted.ids),
        "asset": wanted.asset_key,
        "partition": wanted.partition_key,
        "rule": wanted.rule,
        "since": wanted.since,
        "until": wanted.until,
        "status": wanted.status,
    }


def letters_like(connection: Connection, wanted: Wanted, most: int | None = None) -> list[Filed]:
    """Letters that are meant, by partition, asset and record."""
    statement = sql.SQL(
        "select id, asset_key, partition_key, delivery, row_no, stage, reasons, payload, status, first_seen, seen,"
        " record"
        " from ops.dead_letters where {} order by partition_key, asset_key, row_no, id limit {}"
    ).format(_MEANT, sql.Literal(most))
    return [Filed(*row) for row in connection.execute(statement, _values(wanted))]


def count_like(connection: Connection, wanted: Wanted) -> int:
    """How many letters are meant."""
    statement = sql.SQL("select count(*) from ops.dead_letters where {}").format(_MEANT)
    row = connection.execute(statement, _values(wanted)).fetchone()
    return int(row[0]) if row else 0


def discard(connection: Connection, wanted: Wanted, by: str) -> int:
    """Close open letters that nobody will put right. The same record arriving again does not open them."""
    statement = sql.SQL(
        "update ops.dead_letters set status = 'discarded', status_by = %(by)s, status_at = now() where {}"
    ).format(_MEANT)
    return connection.execute(statement, {**_values(wanted), "by": by}).rowcount


def open_by_rule(connection: Connection) -> list[tuple[str, str, int, str]]:
    """Open letters counted: asset, rule, how many, quarters they are in."""
    return connection.execute(
        "select asset_key, reason ->> 'rule', count(*)::int, string_agg(distinct partition_key, ', ')"
        " from ops.dead_letters, jsonb_array_elements(reasons) reason where status = 'open'"
        " group by 1, 2 order by 3 desc, 1, 2"
    ).fetchall()
