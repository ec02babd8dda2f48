"""A row followed to the line it came from: a published one, or one that was kept out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hrdata_assets.catalogue import SOURCES, core_queries
from hrdata_assets.errors import SetupError
from hrdata_assets.lineage.rereading import Judgement, Rereading
from hrdata_assets.quality.records import is_blank, records_with, stands_in
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.candidates import Candidate, candidates
from hrdata_assets.storage.ledger import Place, State, state_of
from hrdata_assets.storage.lines import (
    File,
    LetterAbout,
    Load,
    Values,
    letters_about,
    load_numbered,
    load_that_brought,
    partitions_with_key,
    rows_of_line,
    rows_with_key,
)
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.selections import Step, asset_key
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table

PUBLISHED, SET_ASIDE, HELD, NOT_BUILT, BLANK = "published", "set aside", "held", "not built", "blank"
"""What became of a record: a held one waits with its whole delivery, one not built came after core was made last."""

_PLAIN_COLUMN = re.compile(r"(?m)^\s+s\.(?P<column>\w+)(?:::\w+)?(?:\s+as\s+(?P<name>\w+))?,?$")


@dataclass(frozen=True)
class LineTrace:
    """One record of a delivered file and all that became of it. ``loads`` are those that brought it, staged first.

    ``changes`` are codes by table and column; ``again`` are further records of the same key. ``row``, ``staged_row``
    and ``delivered`` (heading, column and cell) hold values.
    """

    fate: str
    delivery: str
    row_no: int
    file: File | None
    loads: Sequence[Load]
    judgement: Judgement
    changes: Mapping[str, Mapping[str, object]]
    letters: Sequence[LetterAbout]
    again: Sequence[int]
    row: Values | None
    staged_row: Values | None
    delivered: Sequence[tuple[str, str | None, object]]


def key_parts(table: Table, typed: Sequence[str]) -> tuple[str, ...]:
    """Parts of a key as a person types it: one argument each, or all in one with slashes between.

    The last part may itself hold slashes. SetupError names the columns when there are too few or too many.
    """
    parts = list(typed)
    if len(parts) == 1 < len(table.key):
        parts = parts[0].split("/", len(table.key) - 1)
    if len(parts) != len(table.key):
        raise SetupError(
            f"a row of {table.address} is told by {'/'.join(table.key)}: "
            f"write {len(table.key)} part{'s' * (len(table.key) > 1)}, not {len(parts)}"
        )
    return tuple(part.strip() for part in parts)


def _key_of(table: Table, row: Values) -> dict[str, str]:
    return {name: "" if row[name] is None else str(row[name]) for name in table.key}


class Tracing:
    """One table's partition, in which rows are followed."""

    def __init__(self, connection: Connection, warehouse: Warehouse, table: Table, quarter: Quarter) -> None:
        self.connection = connection
        self.warehouse = warehouse
        self.table = table
        self.quarter = quarter
        self.queries = core_queries(warehouse.sql)
        self.deliveries = Rereading(connection, warehouse, self.source, quarter)

    @property
    def source(self) -> Table:
        """The staged table whose lines the rows are."""
        return SOURCES.get(self.table.name, self.table)

    @cached_property
    def state(self) -> State:
        """What the table's partition holds."""
        return state_of(self.connection, asset_key(self.table), self.quarter.key)

    @cached_property
    def source_state(self) -> State:
        """What the staged table's partition holds."""
        return state_of(self.connection, asset_key(self.source), self.quarter.key)

    def of_key(self, key: Sequence[str]) -> list[LineTrace]:
        """Follow the published row of a key, or else every record of it that was kept out. SetupError without any."""
        rows = rows_with_key(self.connection, self.table, self.quarter.key, key)
        found = [self._published(row) for row in rows] or self._kept_out(key)
        if not found:
            raise SetupError(self._unknown(key))
        return found

    def of_record(self, row_no: int) -> list[LineTrace]:
        """Follow a record of a staged table's report by its number. SetupError if there is none of that number."""
        rows = rows_of_line(self.connection, self.table, self.quarter.key, row_no)
        if rows:
            return [self._published(row) for row in rows]
        found = []
        for delivery, fate in self._deliveries().items():
            read = self.deliveries.read(delivery)
            if isinstance(read, str):
                raise SetupError(f"record {row_no} of {self.table.address} {self.quarter} cannot be looked for: {read}")
            if stands_in(read.cleaned, row_no):
                blank = is_blank(read.cleaned, row_no)
                found.append(self._line(BLANK if blank else fate, delivery, row_no, None, ()))
        if not found:
            raise SetupError(f"no report of {self.table.address} in {self.quarter} has a record {row_no}")
        return found

    def _published(self, row: Values) -> LineTrace:
        again = self._again(row, _key_of(self.table, row))
        return self._line(PUBLISHED, row["delivery"], row["row_no"], row, again)

    def _again(self, row: Values, key: Mapping[str, str]) -> list[int]:
        """Further records of the delivery with the row's key, whichever layer told them apart."""
        same = set()
        if self.table.layer == "core":
            same |= {(c.delivery, c.row_no) for c in self._candidates(self.table, key, exactly=True)}
        staged, read = self._staged_row(row["delivery"], row["row_no"]), self.deliveries.read(row["delivery"])
        if staged is not None and not isinstance(read, str):
            wanted = list(_key_of(self.source, staged).items())
            same |= {(row["delivery"], row_no) for row_no in records_with(read.cleaned, wanted)}
        return sorted(n for delivery, n in same if delivery == row["delivery"] and n != row["row_no"])

    def _kept_out(self, key: Sequence[str]) -> list[LineTrace]:
        """Records of a key that is not published: kept out by core, kept out of the staged table, or held."""
        typed = dict(zip(self.table.key, key, strict=True))
        found: dict[tuple[str, int], str] = {}
        if self.table.layer == "core":
            for c in self._candidates(self.table, typed, exactly=False):
                found[c.delivery, c.row_no] = SET_ASIDE if c.outcome else NOT_BUILT
        wanted = [(self._staged_column(column), text) for column, text in typed.items()]
        for delivery, fate in self._deliveries().items():
            read = self.deliveries.read(delivery)
            for row_no in [] if isinstance(read, str) else records_with(read.cleaned, wanted):
                if (delivery, row_no) not in found and self._staged_row(delivery, row_no) is None:
                    found[delivery, row_no] = fate
        return [self._line(fate, delivery, row_no, None, ()) for (delivery, row_no), fate in found.items()]

    def _deliveries(self) -> dict[str, str]:
        """What arrived last, and what a record in it is that is not published."""
        state = self.source_state
        found = {state.delivery: SET_ASIDE, state.held_delivery: HELD}
        return {delivery: fate for delivery, fate in found.items() if delivery}

    def _candidates(self, table: Table, wanted: Mapping[str, str], *, exactly: bool) -> list[Candidate]:
        step = next(q for q in self.queries if isinstance(q, Step) and q.table is table)
        return candidates(self.connection, self.queries, step, self.quarter.key, wanted, exactly=exactly)

    def _staged_column(self, column: str) -> str | None:
        """The staged column that a core column is taken from as it is; None if it is made of several."""
        if self.table.layer == "staged":
            return column
        query = next(q.query for q in self.queries if q.name == self.table.name)
        taken = {found["name"] or found["column"]: found["column"] for found in _PLAIN_COLUMN.finditer(query)}
        return taken.get(column)

    def _line(self, fate: str, delivery: str, row_no: int, row: Values | None, again: Sequence[int]) -> LineTrace:
        judgement = self.deliveries.judge(delivery, row_no)
        staged_row = self._staged_row(delivery, row_no)
        # As they were written down then; read again only for a record that is not there any more, or never was.
        changes = judgement.changes if staged_row is None else staged_row["changes"] or {}
        made = (row or {}).get("changes") if self.table.layer == "core" else None
        by_table = {self.source.address: changes, self.table.address: made} if made else {self.source.address: changes}
        return LineTrace(
            fate=fate,
            delivery=delivery,
            row_no=row_no,
            file=self.deliveries.file(delivery),
            loads=self._loads(fate, delivery, staged=staged_row is not None),
            judgement=judgement,
            changes={table: codes for table, codes in by_table.items() if codes},
            letters=letters_about(self.connection, self.quarter.key, delivery, [row_no, *again]),
            again=again,
            row=row,
            staged_row=staged_row,
            delivered=self.deliveries.cells(delivery, row_no),
        )

    def _loads(self, fate: str, delivery: str, *, staged: bool) -> list[Load]:
        """Loads that the record arrived with: of the staged table, and of core if the record came as far."""
        if fate == HELD:
            found = [load_numbered(self.connection, self.source_state.held_load_id)]
        elif self.table.layer == "staged" and fate == PUBLISHED:
            found = [load_numbered(self.connection, self.state.load_id)]
        else:
            came_as_far = fate == PUBLISHED or (staged and fate == SET_ASIDE)
            built = self.state.load_id if self.table.layer == "core" and came_as_far else None
            found = [
                load_that_brought(self.connection, Place(asset_key(self.source), self.quarter.key, ""), delivery, built)
            ]
            found += [load_numbered(self.connection, built)] if built else []
        return [load for load in found if load is not None]

    def _staged_row(self, delivery: str, row_no: int) -> Values | None:
        rows = rows_of_line(self.connection, self.source, self.quarter.key, row_no)
        return next((row for row in rows if row["delivery"] == delivery), None)

    def _unknown(self, key: Sequence[str]) -> str:
        elsewhere = partitions_with_key(self.connection, self.table, key)
        told = f"{self.table.address} has no row of that key in {self.quarter}, and none was kept out under it"
        if self.deliveries.problems:
            return f"{told}, as far as can be told: {'; '.join(self.deliveries.problems)}"
        if elsewhere:
            return f"{told}; it is published in {', '.join(elsewhere)}: --quarter {elsewhere[0]}"
        return f"{told}: a row is told by {'/'.join(self.table.key)}"
