"""What a core table's own query makes of staged rows: the kept ones, and those that the table does not take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from hrdata_assets.storage.ddl import identifier
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.selections import Helper, Step


@dataclass(frozen=True)
class Candidate:
    """A staged row that a core table looked at; ``outcome`` is null or the rule that it breaks."""

    delivery: str
    row_no: int
    outcome: str | None


_EXACTLY = sql.SQL("q.{column}::text = {text}")

_ALIKE = sql.SQL(
    "(lower(q.{column}::text) = lower({text}) or q.{column} is null and exists"
    " (select from jsonb_each_text(to_jsonb(s)) v where lower(v.value) = lower({text})))"
)
"""Whom a row is about can be what the query could not resolve: then the text is looked for in the staged row."""


def candidates(
    connection: Connection,
    queries: Sequence[Step | Helper],
    step: Step,
    partition: str,
    wanted: Mapping[str, str],
    *,
    exactly: bool,
) -> list[Candidate]:
    """Run a step's query again and return the staged rows that come out with these texts in these columns.

    Unless ``exactly``, case does not count, and a column that the query leaves empty is looked for in the staged row.
    """
    if step.source is None:
        raise LookupError(f"the rows of {step.name} come from no single line")
    connection.execute("set local search_path to core, public")
    for helper in (q for q in queries if isinstance(q, Helper) and q.name in step.query):
        _make_helper(connection, helper, partition)
    alike = _EXACTLY if exactly else _ALIKE
    conditions = [
        alike.format(column=sql.Identifier(column), text=sql.Placeholder(f"wanted{place}"))
        for place, column in enumerate(wanted)
    ]
    rows = connection.execute(
        sql.SQL(
            "select q.delivery, q.row_no, q.outcome from ({query}) q"
            " join {source} s on s.{by} = %(quarter)s and s.row_no = q.row_no where {conditions} order by q.row_no"
        ).format(
            query=sql.SQL(step.query),
            source=identifier(step.source),
            by=sql.Identifier(step.source.partition),
            conditions=sql.SQL(" and ").join(conditions),
        ),
        {"quarter": partition, **{f"wanted{place}": text for place, text in enumerate(wanted.values())}},
    ).fetchall()
    connection.execute("set local search_path to public")
    return [Candidate(*row) for row in rows]


def _make_helper(connection: Connection, helper: Helper, partition: str) -> None:
    target = sql.Identifier("pg_temp", helper.name)
    connection.execute(sql.SQL("drop table if exists {}").format(target))
    connection.execute(
        sql.SQL("create temporary table {} on commit drop as {}").format(
            sql.Identifier(helper.name), sql.SQL(helper.query)
        ),
        {"quarter": partition},
    )
    connection.execute(sql.SQL("analyze {}").format(target))
