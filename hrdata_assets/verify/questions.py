"""The promises as SQL: every question asks for the places where one is broken, and expects no row."""

from collections.abc import Iterator, Mapping, Sequence

from psycopg import sql

from hrdata_assets.catalogue import CORE, SOURCES, STAGED, TABLES
from hrdata_assets.storage.ddl import SCHEMAS, identifier
from hrdata_assets.storage.selections import asset_key
from hrdata_assets.table import Table
from hrdata_assets.verdict import MOST_LETTERS
from hrdata_assets.verify.question import DROP, LOAD_AGAIN, LOAD_WORKBOOK_AGAIN, RESTORE, RUN, Question
from hrdata_assets.verify.record_questions import of_records


def questions() -> tuple[Question, ...]:
    """Everything that is asked of the database."""
    return (
        *_of_the_ledger(), *_of_partitions(), *_of_rows(), *_of_letters(), *_of_leftovers(), *_of_what_is_left(),
        *of_records(),
    )  # fmt: skip


def _of_the_ledger() -> Iterator[Question]:
    yield Question(
        "loads_add_up",
        "P3",
        "Every row read by any load was kept, set aside, a duplicate or skipped.",
        sql.SQL(
            "select asset_key, partition_key, load_id from ops.loads"
            " where read <> inserted + updated + unchanged + duplicate + set_aside + skipped"
        ),
        RESTORE,
    )
    yield Question(
        "partitions_name_their_load",
        "P1",
        "The load that a partition names is one of its own, of the delivery and declaration that it names.",
        sql.SQL(
            "select p.asset_key, p.partition_key, l.load_id from ops.partitions p join ops.loads l using (load_id)"
            " where (p.asset_key, p.partition_key, p.delivery, p.contract)"
            " is distinct from (l.asset_key, l.partition_key, l.delivery, l.contract)"
        ),
    )
    yield Question(
        "loads_have_scores",
        "P1",
        "What is published was scored, received and published.",
        sql.SQL(
            "select p.asset_key, p.partition_key, p.load_id from ops.partitions p where p.load_id is not null"
            " and (select count(distinct q.point) from ops.quality_results q where q.load_id = p.load_id) <> 2"
        ),
        f"{LOAD_AGAIN}; a workbook: {LOAD_WORKBOOK_AGAIN.removeprefix('have it loaded again: ')}",
    )
    yield Question(
        "content_counts_once",
        "P2",
        "No partition was loaded twice in a row with the same content by the same declaration.",
        sql.SQL(
            "select asset_key, partition_key, load_id from (select *, lag(row(status, delivery, contract)) over"
            " (partition by asset_key, partition_key order by load_id) as before from ops.loads) l"
            " where status = 'published' and row(status, delivery, contract) = before"
            # What was mended by loading it again was changed by it.
            " and inserted + updated + removed = 0"
        ),
        RESTORE,
    )


def of_workbooks(tables: Sequence[str]) -> Question:
    """The same of tables made from workbooks, which only the database knows."""
    there = sql.SQL(" union all ").join(
        _IMPORTED.format(name=sql.Literal(name), table=sql.Identifier("excel", name)) for name in tables
    )
    return Question(
        "workbooks_are_there",
        "P1",
        "Every workbook's rows, newer ones of their keys aside, are as many as its import counted, and no others.",
        sql.SQL(
            "with there as (select table_name, load_id, sum(rows)::bigint as rows from (({there}) union all select"
            " table_name, load_id, count(*) from ops.row_versions where stands group by 1, 2) t group by 1, 2),"
            " said as (select i.table_name, i.load_id, i.row_count from ops.etl_imports i"
            " where i.status = 'imported' and i.row_count > 0)"
            " select 'excel/' || table_name, coalesce(l.partition_key, ''), coalesce(there.rows, 0)"
            " from there full join said using (table_name, load_id) left join ops.loads l using (load_id)"
            " where there.rows is distinct from said.row_count"
        ).format(there=there if tables else _NO_TABLE),
        LOAD_WORKBOOK_AGAIN,
    )


def of_keys(keys: Mapping[str, sql.Composable]) -> Question:
    """Of tables made from workbooks that have a business key, given how a row's key is written."""
    behind = sql.SQL(" union all ").join(
        _BEHIND.format(name=sql.Literal(name), table=sql.Identifier("excel", name), key=key)
        for name, key in keys.items()
    )
    return Question(
        "keys_have_their_newest_row",
        "P1",
        "A row is out of its table only for a newer one of its business key, which stands there.",
        behind if keys else sql.SQL("select '', '', 0 limit 0"),
        "give the folder another key, or none, then this one again: hrdata excel load sorts its rows anew each time",
    )


_BEHIND = sql.SQL(
    "select 'excel/' || {name}, '', count(*) from ops.row_versions v where v.stands and v.table_name = {name}"
    " and not exists (select from (select {key} as key, load_id, row_no from {table}) t where t.key = v.key"
    " and (t.load_id, t.row_no) > (v.load_id, v.row_no)) having count(*) > 0"
)

_NO_TABLE = sql.SQL("select ''::text as table_name, 0::bigint as load_id, 0::bigint as rows limit 0")

_IMPORTED = sql.SQL("select {name} as table_name, load_id, count(*) as rows from {table} group by load_id")


def _of_partitions() -> Iterator[Question]:
    yield Question(
        "rows_are_those_counted",
        "P1",
        "Every partition holds as many rows as its load counted, and there is none without a load.",
        sql.SQL(
            "with there as ({there}), said as (select p.asset_key, p.partition_key,"
            " l.inserted + l.updated + l.unchanged as rows from ops.partitions p join ops.loads l using (load_id)"
            " where p.asset_key = any({keys}))"
            " select asset_key, partition_key, coalesce(there.rows, 0) from there full join said"
            " using (asset_key, partition_key) where there.rows is distinct from nullif(said.rows, 0)"
        ).format(there=_each(TABLES, _ROWS), keys=_keys(TABLES)),
    )
    yield Question(
        "rows_are_of_the_delivery",
        "P1",
        "Every staged row is of the delivery that is published.",
        _each(STAGED, _OF_ANOTHER_DELIVERY),
    )


_ROWS = sql.SQL("select {asset} as asset_key, {by} as partition_key, count(*) as rows from {table} group by {by}")

_OF_ANOTHER_DELIVERY = sql.SQL(
    "select {asset}, t.{by}, count(*) from {table} t left join ops.partitions p"
    " on p.asset_key = {asset} and p.partition_key = t.{by} where t.delivery is distinct from p.delivery"
    " group by t.{by}"
)


def _of_rows() -> Iterator[Question]:
    yield Question(
        "deliveries_are_known",
        "P8",
        "Every row leads to a delivery that arrived, and so to bytes in the archive.",
        sql.SQL(" union all ").join(
            _DELIVERED.format(asset=_asset(table), table=identifier(table), raw=sql.Literal(f"raw/{source.name}"))
            for table, source in _sourced(STAGED + CORE)
        ),
    )
    yield Question(
        "core_rows_lead_to_staged_ones",
        "P3",
        "Every core row leads to a staged row of its quarter.",
        _of_core(_WITHOUT_SOURCE),
    )
    yield Question(
        "staged_rows_are_accounted_for",
        "P3",
        "Every staged row is in its core table, or a letter of it, or was skipped and counted.",
        _of_core(_UNACCOUNTED),
    )
    yield Question(
        "references_resolve",
        "P1",
        "What a row refers to stands in its quarter.",
        sql.SQL(" union all ").join(
            _UNRESOLVED.format(asset=_asset(table), table=identifier(table), column=sql.Identifier(column),
                               target=identifier(_core(target)), key=sql.Identifier(_core(target).key[0]))
            for table in CORE for column, target in table.references.items()
        ),
    )  # fmt: skip


_DELIVERED = sql.SQL(
    "select {asset}, t.quarter, count(*) from {table} t where not exists (select from ops.deliveries d"
    " where d.asset_key = {raw} and d.partition_key = t.quarter and d.delivery = t.delivery) group by t.quarter"
)

_FRESH = sql.SQL(
    "with fresh as (select p.partition_key as quarter from ops.partitions p join (select partition_key,"
    " left(encode(sha256(convert_to(string_agg(asset_key || ' ' || delivery || ' ' || contract, E'\\n'"
    " order by array_position({keys}, asset_key)), 'UTF8')), 'hex'), 16) as inputs"
    " from ops.partitions where asset_key = any({keys}) and load_id is not null group by partition_key) s"
    " on s.partition_key = p.partition_key and s.inputs = p.delivery"
    " where p.asset_key = {core} and p.load_id is not null) "
).format(keys=sql.Literal([asset_key(t) for t in STAGED]), core=sql.Literal(asset_key(CORE[0])))
"""Quarters whose core was made from what is staged now: between two publications it may be of what was before."""

_WITHOUT_SOURCE = sql.SQL(
    "select {asset}, c.quarter, count(*) from {table} c join fresh using (quarter) where not exists"
    " (select from {source} s where (s.quarter, s.delivery, s.row_no) = (c.quarter, c.delivery, c.row_no))"
    " group by c.quarter"
)

_UNACCOUNTED = sql.SQL(
    "select asset_key, quarter, missing from (select p.asset_key, fresh.quarter,"
    " (select count(*) from {source} s where s.quarter = fresh.quarter and not exists (select from {table} c"
    " where (c.quarter, c.delivery, c.row_no) = (s.quarter, s.delivery, s.row_no)) and not exists"
    " (select from ops.dead_letters d where d.asset_key = {asset} and d.partition_key = s.quarter"
    " and d.delivery = s.delivery and d.row_no = s.row_no and d.status not in ('superseded', 'replayed')))"
    " - l.skipped - greatest(l.set_aside + l.duplicate - {most}, 0) as missing"
    " from fresh join ops.partitions p on p.partition_key = fresh.quarter and p.asset_key = {asset}"
    " join ops.loads l using (load_id)) q where missing <> 0"
)

_UNRESOLVED = sql.SQL(
    "select {asset}, c.quarter, count(*) from {table} c where c.{column} is not null and not exists"
    " (select from {target} t where t.quarter = c.quarter and t.{key} = c.{column}) group by c.quarter"
)


def _of_letters() -> Iterator[Question]:
    # While something is held, the letters are those of what is held; a replayed letter's row is published by now.
    yield Question(
        "letters_are_there",
        "P3",
        f"What is published has a letter for every row set aside and every duplicate, up to {MOST_LETTERS:,}.",
        sql.SQL(
            "select asset_key, partition_key, letters - kept_out from (select p.asset_key, p.partition_key,"
            " least(l.set_aside + l.duplicate, {most}) as kept_out, (select count(*) from ops.dead_letters d"
            " where d.asset_key = p.asset_key and d.partition_key = p.partition_key and d.row_no > 0 and"
            " d.status <> 'replayed' and case when p.asset_key like 'staged/%%' then (d.delivery, d.contract_version) ="
            " (p.delivery, p.contract) else d.status <> 'superseded' end) as letters"
            " from ops.partitions p join ops.loads l using (load_id) where p.held_load_id is null) q"
            " where letters <> kept_out"
        ).format(most=sql.Literal(MOST_LETTERS)),
    )


def _of_leftovers() -> Iterator[Question]:
    yield Question(
        "nothing_is_half_made",
        "P4",
        "No building site and no table beside the declared ones was left behind.",
        sql.SQL(
            "select nspname, '', 1 from pg_namespace where nspname like 'building\\_%%' union all"
            " select relnamespace::regnamespace || '.' || relname, '', 1 from pg_class where relkind = 'r'"
            " and not relispartition and relnamespace::regnamespace::text = any({schemas})"
            # What follows a system's records has no partitions, and stays when its source is declared no more.
            " and not exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'synced_at')"
        ).format(schemas=sql.Literal([s for s in SCHEMAS if s not in ("excel", "held", "ops")])),
        DROP,
    )
    yield Question(
        "held_rows_have_a_held_load",
        "P1",
        "What is held is there, and nothing else is in the schema held.",
        sql.SQL(
            "with said as (select asset_key, partition_key, replace(asset_key, '/', '_') || '_'"
            " || lower(replace(partition_key, '-', '_')) as relname from ops.partitions"
            # A workbook that is held is read again once it is approved.
            " where held_load_id is not null and asset_key not like 'excel/%%'),"
            " there as (select relname::text from pg_class where relkind = 'r'"
            " and relnamespace = to_regnamespace('held'))"
            " select coalesce(asset_key, 'held.' || relname), coalesce(partition_key, ''), 1"
            " from said full join there using (relname) where said.asset_key is null or not exists"
            " (select from there t where t.relname = said.relname)"
        ),
        "deliver the report again; a table that no load names: " + DROP,
    )


def _of_what_is_left() -> Iterator[Question]:
    yield Question(
        "core_is_of_what_is_staged",
        "P4",
        "Core is made from what is staged now.",
        _FRESH
        + sql.SQL(
            "select distinct {core}, partition_key, 1 from ops.partitions where load_id is not null and asset_key ="
            " any({keys}) and partition_key not in (select quarter from fresh) order by 2"
        ).format(keys=_keys(STAGED), core=sql.Literal("core")),
        RUN,
        grave=False,
    )


def _each(tables: Sequence[Table], query: sql.SQL) -> sql.Composed:
    """The same question of several tables."""
    return sql.SQL(" union all ").join(
        query.format(asset=_asset(t), table=identifier(t), by=sql.Identifier(t.partition)) for t in tables
    )


def _of_core(query: sql.SQL) -> sql.Composed:
    """A question of every core table made of staged rows, in quarters where both are of the same deliveries."""
    return _FRESH + sql.SQL(" union all ").join(
        query.format(asset=_asset(t), table=identifier(t), source=identifier(source), most=sql.Literal(MOST_LETTERS))
        for t, source in _sourced(CORE)
    )


def _sourced(tables: Sequence[Table]) -> Iterator[tuple[Table, Table]]:
    """Tables whose rows lead to one line each, with the staged table that was read from it."""
    for table in tables:
        source = table if table.layer == "staged" else SOURCES.get(table.name)
        if source is not None:
            yield table, source


def _core(name: str) -> Table:
    return next(table for table in CORE if table.name == name)


def _asset(table: Table) -> sql.Literal:
    return sql.Literal(asset_key(table))


def _keys(tables: Sequence[Table]) -> sql.Literal:
    return sql.Literal([asset_key(t) for t in tables])


PROFILE = Question(
    "profile_is_of_what_is_current",
    "P4",
    "The search profile shows the CVs of the newest quarter.",
    sql.SQL(
        "select 'marts/cv_search_profile_mv', coalesce(q.quarter, ''), count(*) from current.quarter q,"
        " (select cv_id as id from marts.cv_search_profile_mv) p full join (select cv_partner_cv_id as id"
        " from current.cvs) c using (id) where p.id is null or c.id is null group by 1, 2"
    ),
    RUN,
    grave=False,
)
"""Asked only once the profile was ever filled."""

UNFILLED = Question(
    PROFILE.name,
    PROFILE.promise,
    PROFILE.says,
    sql.SQL("select 'marts/cv_search_profile_mv', quarter, 1 from current.quarter where quarter is not null"),
    RUN,
    grave=False,
)
"""Asked in its place until then."""
