"""Tables made by SQL from published ones, a group at a time: built aside, counted, then published together or not."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import psycopg
from psycopg import sql

from hrdata_assets.faults import fault
from hrdata_assets.rule import CRITICAL_WEIGHT, KEY_WEIGHT, NORMAL_WEIGHT, Dimension
from hrdata_assets.storage.ddl import identifier, stored_columns
from hrdata_assets.storage.ledger import (
    Counts,
    Load,
    Place,
    claim,
    record_load,
    record_scores,
    states_of,
)
from hrdata_assets.storage.letters import file_letters, letters_tray
from hrdata_assets.storage.partitions import add_key, attach, build_empty, compare, detach
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.publish import overall_score
from hrdata_assets.table import Table
from hrdata_assets.verdict import MOST_LETTERS, Gate, Measure, Scorecard, failed

SKIP = "skip"
"""Outcome of a row that this table does not take and nobody misses: a person without a CV has none."""


@dataclass(frozen=True)
class Helper:
    """A query whose rows the following ones read by its name; it is not published."""

    name: str
    query: str


@dataclass(frozen=True)
class Count:
    """A rule about a table as a whole. Its query yields ``point`` (received or published), ``units`` and ``passed``.

    A point that it yields no row for was not measured.
    """

    rule: str
    dimension: Dimension
    weight: float
    message: str
    query: str

    @property
    def version(self) -> str:
        """Eight hex digits that change with the rule's meaning."""
        words = "|".join([self.rule, self.dimension, str(self.weight), self.query])
        return hashlib.sha256(words.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Step:
    """One query of a group and the table that it makes.

    A query for rows with lineage yields, beside the columns, ``outcome``: null for a row to keep, ``skip``, or the rule
    it breaks. Every row of ``source``'s partition must come out of it exactly once.
    """

    query: str
    table: Table
    source: Table | None = None
    counts: tuple[Count, ...] = ()

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.table.name

    @cached_property
    def contract(self) -> str:
        """Twelve hex digits that change with the declaration, the query or what is counted."""
        words = [self.table.contract, self.query, *(count.version for count in self.counts)]
        return hashlib.sha256("".join(words).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Built:
    """One table of a group, built aside and counted."""

    table: Table
    contract: str
    counts: Counts
    cards: tuple[Scorecard, ...]
    gates: tuple[Gate, ...]
    policy: str | None = None


@dataclass(frozen=True)
class Group:
    """Tables of one partition that are published together. ``inputs`` is the fingerprint of what they are made from."""

    queries: tuple[Step | Helper, ...]
    partition: str
    run_id: str
    inputs: str

    @property
    def steps(self) -> tuple[Step, ...]:
        """Queries that make a table."""
        return tuple(q for q in self.queries if isinstance(q, Step))

    @property
    def tables(self) -> tuple[Table, ...]:
        """Tables of the group, each after those it refers to."""
        return tuple(step.table for step in self.steps)

    def place(self, table: Table) -> Place:
        """Where a table of the group is loaded."""
        return Place(asset_key(table), self.partition, self.run_id)


def asset_key(table: Table) -> str:
    """A table's asset key as text: ``core/users``."""
    return f"{table.layer}/{table.name}"


def fingerprint(words: Sequence[str]) -> str:
    """Sixteen hex digits for the contents something is made from."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def is_current(connection: Connection, group: Group) -> bool:
    """Whether every table of the group was made from exactly these inputs by exactly these queries."""
    states = states_of(connection, [asset_key(t) for t in group.tables], group.partition)
    return all(
        (state := states.get(asset_key(step.table))) is not None
        and state.load_id is not None
        and (state.delivery, state.contract) == (group.inputs, step.contract)
        for step in group.steps
    )


def claim_group(connection: Connection, group: Group) -> None:
    """Hold the partition of the whole group for the rest of the transaction."""
    claim(connection, group.place(group.tables[0]))
    fault("after_claim", asset_key(group.tables[0]))


def build(connection: Connection, site: str, group: Group, parameters: Mapping[str, object]) -> list[Built]:
    """Run the group's queries in order; later ones find what earlier ones built under its bare name."""
    connection.execute(sql.SQL("set local search_path to {}, core, public").format(sql.Identifier(site)))
    values = {"quarter": group.partition, **parameters}
    built = []
    for query in group.queries:
        if isinstance(query, Helper):
            _build_helper(connection, site, query, values)
        elif query.source is None:
            built.append(_build_names(connection, site, group, query, values))
        else:
            built.append(_build_rows(connection, site, group, query, query.source, values))
    # Only now: what is counted about one table may lie in the others.
    built = [_counted(connection, b, step, values) for b, step in zip(built, group.steps, strict=True)]
    connection.execute("set local search_path to public")
    fault("after_copy", asset_key(group.tables[0]))
    return built


def _counted(connection: Connection, built: Built, step: Step, values: Mapping[str, object]) -> Built:
    """Add to the scorecards what the step's counting queries answer."""
    measures: dict[str, list[Measure]] = {card.point: [] for card in built.cards}
    for count in step.counts:
        found = {point: numbers for point, *numbers in connection.execute(sql.SQL(count.query), values)}
        for point, told in measures.items():
            units, passed = found.get(point, (0, 0))
            told.append(Measure(count.rule, count.version, count.dimension, count.weight, units, passed, count.message))
    cards = tuple(replace(card, measures=(*card.measures, *measures[card.point])) for card in built.cards)
    return replace(built, cards=cards)


def _query(step: Step | Helper) -> sql.SQL:
    return sql.SQL(step.query)


def _build_helper(connection: Connection, site: str, step: Helper, values: Mapping[str, object]) -> None:
    target = sql.Identifier(site, step.name)
    connection.execute(sql.SQL("create table {} as {}").format(target, _query(step)), values)
    connection.execute(sql.SQL("analyze {}").format(target))


def _build_names(connection: Connection, site: str, group: Group, step: Step, values: Mapping[str, object]) -> Built:
    aside = build_empty(connection, site, step.table)
    names = _names(list(stored_columns(step.table)))
    inserted = connection.execute(
        sql.SQL("insert into {aside} ({names}) select {names} from ({query}) q").format(
            aside=aside, names=names, query=_query(step)
        ),
        values,
    ).rowcount
    add_key(connection, site, step.table, group.partition)
    counts = replace(compare(connection, site, step.table, group.partition), read=inserted)
    return Built(step.table, step.contract, counts, _cards(counts, keyed=inserted, reconciled=None), ())


def _build_rows(
    connection: Connection, site: str, group: Group, step: Step, source: Table, values: Mapping[str, object]
) -> Built:
    """Keep the good rows, write letters for the others, and account for every row of the source."""
    table = step.table
    _candidates(connection, step, values)
    _keep(connection, site, table, group.partition)
    row = connection.execute(
        "select count(*), count(*) filter (where outcome = 'skip'),"
        " count(*) filter (where outcome is null and nth > 1),"
        " count(*) filter (where outcome <> 'skip') from candidates"
    ).fetchone()
    read, skipped, duplicate, set_aside = row or (0, 0, 0, 0)
    _letters(connection, group, step, source, kept_out=set_aside + duplicate)
    counts = replace(
        compare(connection, site, table, group.partition),
        read=read,
        skipped=skipped,
        duplicate=duplicate,
        set_aside=set_aside,
    )
    reconciled = _reconciles(connection, source, read, group.partition)
    connection.execute("drop table candidates")
    gates = (Gate("reconciliation", reconciled, f"{read} rows came out of the query"),)
    cards = _cards(counts, keyed=read - skipped - set_aside, reconciled=reconciled)
    return Built(table, step.contract, counts, cards, gates)


def _candidates(connection: Connection, step: Step, values: Mapping[str, object]) -> None:
    """The query's rows; ``nth`` is their number within their key, 1 until somebody counts."""
    connection.execute(
        sql.SQL("create temporary table candidates on commit drop as select q.*, 1 as nth from ({}) q").format(
            _query(step)
        ),
        values,
    )


def _keep(connection: Connection, site: str, table: Table, partition: str) -> None:
    """Take the good candidates. Only if the key refuses two of them are they counted: of several, the first stays."""
    try:
        with connection.transaction():
            _take(connection, site, table, partition)
    except psycopg.errors.UniqueViolation:
        connection.execute(
            sql.SQL(
                "update candidates c set nth = n.nth from (select ctid, row_number() over (partition by {} order by"
                " row_no) as nth from candidates where outcome is null) n where n.ctid = c.ctid and n.nth > 1"
            ).format(_names(table.key))
        )
        _take(connection, site, table, partition)


def _take(connection: Connection, site: str, table: Table, partition: str) -> None:
    aside = build_empty(connection, site, table)
    connection.execute(
        sql.SQL(
            "insert into {} ({names}) select {names} from candidates where outcome is null and nth = 1 order by row_no"
        ).format(aside, names=_names(list(stored_columns(table))))
    )
    add_key(connection, site, table, partition)


def _letters(connection: Connection, group: Group, step: Step, source: Table, *, kept_out: int) -> None:
    letters_tray(connection)
    place = group.place(step.table)
    if kept_out:
        _write_letters(connection, group, step, source)
    file_letters(connection, place)


def _write_letters(connection: Connection, group: Group, step: Step, source: Table) -> None:
    place = group.place(step.table)
    connection.execute(
        sql.SQL(
            "insert into arriving_letters (asset_key, partition_key, delivery, row_no, stage, reasons, payload,"
            " contract_version, run_id)"
            " select {asset}, {partition}, c.delivery, c.row_no,"
            " case when c.outcome is null then 'dedupe' else 'load' end,"
            " jsonb_build_array(jsonb_build_object('rule', coalesce(c.outcome, 'key_unique'), 'dimension',"
            " case when c.outcome is null then 'uniqueness' else 'integrity' end, 'column', null)),"
            " jsonb_build_object('row', to_jsonb(s)),"
            " {contract}, {run}"
            # First the few that are kept out: whether there are, the planner does not know of a temporary table.
            " from (select * from candidates where outcome <> 'skip' or nth > 1 order by row_no limit {most}) c"
            " join {source} s on s.{by} = {partition} and s.row_no = c.row_no order by c.row_no"
        ).format(
            asset=sql.Literal(place.asset_key),
            partition=sql.Literal(place.partition_key),
            most=sql.Literal(MOST_LETTERS),
            contract=sql.Literal(step.contract),
            run=sql.Literal(group.run_id),
            source=identifier(source),
            by=sql.Identifier(source.partition),
        )
    )


def _reconciles(connection: Connection, source: Table, read: int, partition: str) -> bool:
    row = connection.execute(
        sql.SQL("select count(*) from {} where {} = {}").format(
            identifier(source), sql.Identifier(source.partition), sql.Literal(partition)
        )
    ).fetchone()
    return row is not None and row[0] == read


def _cards(counts: Counts, *, keyed: int, reconciled: bool | None) -> tuple[Scorecard, ...]:
    kept = keyed - counts.duplicate
    taken = counts.read - counts.skipped
    unique = "No other row has the same key."
    received = [Measure("key_unique", "1", Dimension.UNIQUENESS, KEY_WEIGHT, keyed, kept, unique)]
    published = [Measure("key_unique", "1", Dimension.UNIQUENESS, KEY_WEIGHT, kept, kept, unique)]
    if reconciled is not None:
        whom = "The CV or person that a row belongs to is known."
        lost = "Every row of the staged table is accounted for."
        said = Measure("reconciliation", "1", Dimension.INTEGRITY, NORMAL_WEIGHT, 1, int(reconciled), lost)
        resolved = taken - counts.set_aside
        received += [Measure("belongs", "1", Dimension.INTEGRITY, CRITICAL_WEIGHT, taken, resolved, whom), said]
        published += [Measure("belongs", "1", Dimension.INTEGRITY, CRITICAL_WEIGHT, kept, kept, whom), said]
    return (
        Scorecard(
            "received", taken, tuple(received), keyed=keyed, surplus=counts.duplicate, set_aside=counts.set_aside
        ),
        Scorecard("published", kept, tuple(published), keyed=kept),
    )


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def failed_gates(built: Sequence[Built]) -> list[tuple[Table, Gate]]:
    """Gates of the group that did not hold, with their table."""
    return [(b.table, gate) for b in built for gate in failed(b.gates)]


def publish_group(
    connection: Connection, site: str, group: Group, built: Sequence[Built], started_at: datetime.datetime
) -> None:
    """Put every built table in its place, and write each into the ledger. Commit is the caller's."""
    fault("before_publish", asset_key(group.tables[0]))
    for table in reversed(group.tables):
        detach(connection, table, group.partition)
    fault("mid_publish", asset_key(group.tables[0]))
    for table in group.tables:
        attach(connection, site, table, group.partition)
    for b in built:
        place = group.place(b.table)
        load = Load(group.inputs, b.contract, b.counts, started_at, overall_score(b.cards), policy=b.policy)
        load_id = record_load(connection, place, load)
        record_scores(connection, place, load_id, b.cards)
        fault("after_score", place.asset_key)
