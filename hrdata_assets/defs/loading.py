"""Between judging and publishing: what a staged asset hands to the IO manager, freshly judged or found loaded."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pandas as pd
import polars as pl

from hrdata_assets.cleaning.frames import POLARS_TYPES
from hrdata_assets.errors import SetupError
from hrdata_assets.quality.gates import Limits, source_gates
from hrdata_assets.quality.judge import Judged
from hrdata_assets.storage.archive import Archived, Delivery
from hrdata_assets.storage.ledger import Counts, Place, counts_of, record_letters, scorecards_of
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
    unknown_headings: int = 0
    adds_up: bool = True


def load_of(judged: Judged, report: Archived, started_at: datetime.datetime) -> ToLoad:
    """Make a publication of what was judged."""
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
    )
    return ToLoad(publication, len(judged.cleaned.unknown_headers))


def empty_load(table: Table) -> ToLoad:
    """The empty table of a report that did not arrive."""
    schema: dict[str, pl.DataType] = {"row_no": pl.Int32()}
    schema |= {c.name: POLARS_TYPES[c.type] for c in table.columns}
    schema |= dict.fromkeys(("extra", "changes"), POLARS_TYPES[ColumnType.LANGUAGES])
    cards = (Scorecard("received", 0, ()), Scorecard("published", 0, ()))
    gates = source_gates(cards[0], may_be_empty=True, limits=Limits())
    now = datetime.datetime.now(datetime.UTC)
    return ToLoad(Publication(table, NOTHING.short, pl.DataFrame(schema=schema), Counts(), (), cards, gates, now))


def found_loaded(warehouse: Warehouse, place: Place, table: Table, delivery: str) -> Loaded | None:
    """The load of exactly this content by exactly this declaration, if it is what the partition holds."""
    with warehouse.connect(f"{place.asset_key} {place.partition_key}") as connection:
        if not already_loaded(connection, place, table, delivery):
            return None
        load_id, counts = counts_of(connection, place)
        cards = scorecards_of(connection, load_id)
    gates = source_gates(cards[0], may_be_empty=table.may_be_empty, limits=Limits())
    return Loaded(table, delivery, counts, cards, gates)


def set_file_aside(warehouse: Warehouse, place: Place, table: Table, report: Archived) -> None:
    """Write the letter of a file that is no table at all: row 0, with its name but not its content."""
    reason = {"rule": "file_is_a_table", "dimension": "validity", "column": None}
    letter = Letter(0, "decode", (reason,), {"file": report.file_name})
    with warehouse.connect(f"{place.asset_key} {place.partition_key}") as connection:
        record_letters(connection, place, report.short, table.contract, [letter])


def load_of_frame(table: Table, frame: pd.DataFrame) -> ToLoad:
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
    count = rows.height
    cards = (Scorecard("received", count, ()), Scorecard("published", count, ()))
    gates = source_gates(cards[0], may_be_empty=table.may_be_empty, limits=Limits())
    now = datetime.datetime.now(datetime.UTC)
    return ToLoad(Publication(table, delivery.short, rows, Counts(read=count), (), cards, gates, now))
