"""A few pages made ready to be stored: read, judged, and of a record that came twice the newest state only."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from hrdata_assets.quality.judge import Judged, judge
from hrdata_assets.storage.synced import DELETED, key_column
from hrdata_assets.systems.records import cleaned_records
from hrdata_assets.systems.system import Page, Record
from hrdata_assets.table import CursorMode, Table
from hrdata_assets.verdict import Letter, Measure, Scorecard


@dataclass(frozen=True)
class Batch:
    """Records of a few pages, judged.

    ``rows`` hold what is stored, ``letters`` each record kept out with its page and its own id, ``keys`` every record
    that was met, kept out or not, ``gone`` those kept out that say they are deleted. ``future`` counts stamps that
    lie after the source's own clock.
    """

    rows: pl.DataFrame
    letters: tuple[tuple[str, str | None, Letter], ...]
    keys: tuple[str, ...]
    gone: tuple[str, ...]
    read: int
    duplicate: int
    set_aside: int
    future: int
    cards: tuple[Scorecard, Scorecard]


def make_batch(table: Table, pages: Sequence[Page], now: datetime.datetime, withheld: str | None = None) -> Batch:
    """Read and judge the records of pages, as of the source's own clock."""
    records = [record for page in pages for record in page.records]
    places = [(page.delivery.short, place) for page in pages for place in range(1, len(page.records) + 1)]
    return judged_records(table, records, places, now, withheld)


def judged_records(
    table: Table, records: Sequence[Record], places: Sequence[tuple[str, int]], now: datetime.datetime,
    withheld: str | None = None,
) -> Batch:  # fmt: skip
    """Judge records, each of which stood at a place, counted from 1, of a delivery."""
    key, stamp = key_column(table), table.in_role(CursorMode.UPDATED_AT)
    cleaned = cleaned_records(table, records, withheld)
    newest = _newest(cleaned.rows, key, stamp.name if stamp else None)
    judged = judge(replace(cleaned, rows=newest), now.date())
    keys = dict(newest.select("row_no", pl.col(key).cast(pl.String)).iter_rows())
    future = newest.get_column(stamp.name) > now if stamp else pl.Series([], dtype=pl.Boolean)
    return Batch(
        rows=_with_places(judged.kept, places),
        letters=tuple(_letter(letter, places, keys) for letter in judged.letters),
        keys=tuple(k for k in keys.values() if k is not None),
        gone=_gone(newest, judged, keys),
        read=len(records),
        duplicate=len(records) - newest.height,
        set_aside=_kept_out(judged),
        future=int(future.sum()),
        cards=(judged.received, judged.published),
    )


def _newest(rows: pl.DataFrame, key: str, stamp: str | None) -> pl.DataFrame:
    """Of every record its newest state, and of equally new ones the one that came last; those without an id stay."""
    if rows.get_column(key).n_unique() == rows.height:
        return rows
    order = ([stamp] if stamp else []) + ["row_no"]
    named = rows.filter(pl.col(key).is_not_null()).sort(order, nulls_last=False).unique(key, keep="last")
    return pl.concat([named, rows.filter(pl.col(key).is_null())]).sort("row_no")


def _gone(newest: pl.DataFrame, judged: Judged, keys: dict[int, str | None]) -> tuple[str, ...]:
    if DELETED not in newest.columns or not judged.letters:
        return ()
    deleted = set(newest.filter(pl.col(DELETED)).get_column("row_no"))
    found = (keys.get(letter.row_no) for letter in judged.letters if letter.row_no in deleted)
    return tuple(key for key in found if key is not None)


def _kept_out(judged: Judged) -> int:
    return judged.set_aside + judged.duplicates


def _with_places(rows: pl.DataFrame, places: Sequence[tuple[str, int]]) -> pl.DataFrame:
    """Say of every row which page it stands in, and where."""
    chosen = [places[row_no - 1] for row_no in rows.get_column("row_no")]
    return rows.with_columns(
        pl.Series("delivery", [delivery for delivery, _ in chosen], dtype=pl.String),
        pl.Series("row_no", [place for _, place in chosen], dtype=pl.Int32),
    )


def _letter(
    letter: Letter, places: Sequence[tuple[str, int]], keys: dict[int, str | None]
) -> tuple[str, str | None, Letter]:
    delivery, place = places[letter.row_no - 1]
    return delivery, keys.get(letter.row_no), replace(letter, row_no=place)


def together(cards: Sequence[Scorecard]) -> Scorecard:
    """The scorecard of all batches of a sync: their counts added up. ValueError without any."""
    first = cards[0]
    measures: dict[str, Measure] = {}
    for card in cards:
        for m in card.measures:
            known = measures.get(m.rule)
            measures[m.rule] = replace(m, units=known.units + m.units, passed=known.passed + m.passed) if known else m
    return Scorecard(
        point=first.point,
        rows=sum(c.rows for c in cards),
        measures=tuple(measures.values()),
        cells=sum(c.cells for c in cards),
        missing=sum(c.missing for c in cards),
        keyed=sum(c.keyed for c in cards),
        surplus=sum(c.surplus for c in cards),
        set_aside=sum(c.set_aside for c in cards),
    )
