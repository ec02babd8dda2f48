"""Between judging and publishing: what a staged asset hands to the IO manager, freshly judged or found loaded."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import pandas as pd
import polars as pl

from hrdata_assets.cleaning.frames import POLARS_TYPES
from hrdata_assets.defs.terms import Terms
from hrdata_assets.errors import SetupError
from hrdata_assets.quality.gates import Limits, gates_of
from hrdata_assets.quality.judge import Judged
from hrdata_assets.storage.archive import Archived, Delivery
from hrdata_assets.storage.ledger import Counts, Place, counts_of, scorecards_of
from hrdata_assets.storage.letters import record_letters
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.publish import Publication, already_loaded
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import ColumnType, Table
from hrdata_assets.verdict import Gate, Letter, Scorecard

T = TypeVar("T")


class Parcel(Generic[T]):
    """Something large that is handed on once: Dagster keeps an asset's outputs until the run ends."""

    def __init__(self, content: T) -> None:
        self._content: T | None = content

    def take(self) -> T:
        """Hand the content over and forget it."""
        content, self._content = self._content, None
        if content is None:
            raise LookupError("the parcel was handed over already")
        return content


NOTHING = Delivery.of("", b"")
"""Stands for a report that did not arrive: an empty table."""


@dataclass(frozen=True)
class ToLoad:
    """A delivery judged and ready to be published or held."""

    publication: Publication
    unknown_headings: int = 0
    limits: Limits = field(default_factory=Limits)
    released: bool = False

    @property
    def cards(self) -> Sequence[Scorecard]:
        """Scores at both points."""
        return self.publication.cards

    @property
    def gates(self) -> Sequence[Gate]:
        """Conditions for publishing."""
        return self.publication.gates

    @property
    def counts(self) -> Counts:
        """Rows read and kept out; what publishing inserts is known only afterwards."""
        return self.publication.counts

    @property
    def adds_up(self) -> bool:
        """Whether every record read is kept, a duplicate, set aside or blank."""
        counts = self.counts
        return counts.read == self.publication.rows.height + counts.duplicate + counts.set_aside + counts.skipped


@dataclass(frozen=True)
class Loaded:
    """Exactly this delivery is published already; scores and counts are those of its load."""

    table: Table
    delivery: str
    counts: Counts
    cards: Sequence[Scorecard]
    gates: Sequence[Gate]
    limits: Limits
    unknown_headings: int = 0
    released: bool = False
    adds_up: bool = True


def load_of(judged: Judged, report: Archived, started_at: datetime.datetime, terms: Terms | None = None) -> ToLoad:
    """Make a publication of what was judged, on these terms or the declaration's own."""
    terms = terms or Terms(judged.cleaned.table.contract)
    counts = Counts(
        read=judged.read,
        duplicate=judged.duplicates,
        set_aside=judged.set_aside,
        skipped=judged.skipped,
    )
    publication = Publication(
        table=judged.cleaned.table,
        delivery=report.short,
        rows=judged.kept,
        counts=counts,
        letters=judged.letters,
        cards=(judged.received, judged.published),
        gates=judged.gates,
        started_at=started_at,
        effective_contract=terms.contract,
        policy=terms.limits.policy or None,
    )
    return ToLoad(publication, len(judged.cleaned.unknown_headers), terms.limits, terms.released)


def empty_load(table: Table, limits: Limits | None = None) -> ToLoad:
    """The empty table of a report that did not arrive."""
    schema: dict[str, pl.DataType] = {"row_no": pl.Int32()}
    schema |= {c.name: POLARS_TYPES[c.type] for c in table.columns}
    schema |= dict.fromkeys(("extra", "changes"), POLARS_TYPES[ColumnType.LANGUAGES])
    limits = limits or Limits()
    return _unmeasured(table, NOTHING.short, pl.DataFrame(schema=schema), limits, may_be_empty=True)


def _unmeasured(table: Table, delivery: str, rows: pl.DataFrame, limits: Limits, *, may_be_empty: bool) -> ToLoad:
    """Rows that no report delivered and nothing was asked of."""
    received, published = (Scorecard(point, rows.height, ()) for point in ("received", "published"))
    gates = gates_of(table, (received, published), limits, may_be_empty=may_be_empty)
    now = datetime.datetime.now(datetime.UTC)
    publication = Publication(
        table,
        delivery,
        rows,
        Counts(read=rows.height),
        (),
        (received, published),
        gates,
        now,
        policy=limits.policy or None,
    )
    return ToLoad(publication, limits=limits)


def found_loaded(connection: Connection, place: Place, table: Table, delivery: str, terms: Terms) -> Loaded | None:
    """The load of exactly this content on exactly these terms, if it is what the partition holds."""
    if not already_loaded(connection, place, delivery, terms.contract):
        return None
    load_id, counts = counts_of(connection, place)
    cards = scorecards_of(connection, load_id)
    gates = gates_of(table, cards, terms.limits, may_be_empty=table.may_be_empty)
    return Loaded(table, delivery, counts, cards, gates, terms.limits, released=terms.released)


def set_file_aside(warehouse: Warehouse, place: Place, table: Table, report: Archived) -> None:
    """Write the letter of a file that is no table at all: row 0, with its name but not its content."""
    reason = {"rule": "file_is_a_table", "dimension": "validity", "column": None}
    letter = Letter(0, "decode", (reason,), {"file": report.file_name})
    with warehouse.connect(f"{place.asset_key} {place.partition_key}") as connection:
        record_letters(connection, place, (report.short, table.contract), [letter], published=False)


def load_of_frame(table: Table, frame: pd.DataFrame, limits: Limits | None = None) -> ToLoad:
    """Make a publication of an author's pandas frame: declared columns only; its own content is the delivery."""
    rows = pl.from_pandas(frame.reset_index(drop=True)).with_row_index("row_no", offset=1)
    missing = [c.name for c in table.columns if c.name not in rows.columns]
    if missing:
        raise SetupError(f"the frame for {table.address} lacks {', '.join(missing)}: return every declared column")
    declared = [
        pl.col(c.name) if c.type is ColumnType.NUMERIC else pl.col(c.name).cast(POLARS_TYPES[c.type])
        for c in table.columns
    ]
    nothing = [pl.lit(None, dtype=pl.String).alias(name) for name in ("extra", "changes")]
    rows = rows.select(pl.col("row_no").cast(pl.Int32), *declared, *nothing)
    delivery = Delivery.of(table.name, rows.write_csv().encode())
    return _unmeasured(table, delivery.short, rows, limits or Limits(), may_be_empty=table.may_be_empty)
