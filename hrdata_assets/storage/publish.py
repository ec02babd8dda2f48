"""Publishing: a delivery's judged rows, or what SQL makes of published ones, in one transaction with the ledger."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from hrdata_assets.storage.ddl import stored_columns
from hrdata_assets.storage.ledger import Counts, Place, claim, record_letters, record_load, record_scores, state_of
from hrdata_assets.storage.partitions import (
    add_key,
    attach,
    build_empty,
    building_site,
    compare,
    detach,
    drop_held,
    put_aside,
)
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.rows import copy_rows
from hrdata_assets.table import Table
from hrdata_assets.verdict import Gate, Letter, Scorecard, failed


@dataclass(frozen=True)
class Publication:
    """What one delivery makes of one partition. ``rows`` holds the declared columns, row_no, extra and changes."""

    table: Table
    delivery: str
    rows: pl.DataFrame
    counts: Counts
    letters: Sequence[Letter]
    cards: Sequence[Scorecard]
    gates: Sequence[Gate]
    started_at: datetime.datetime


@dataclass(frozen=True)
class Receipt:
    """What publishing did: ``published``, ``held`` (with the reason) or ``already`` loaded."""

    status: str
    counts: Counts
    load_id: int | None = None
    reason: str | None = None


def already_loaded(connection: Connection, place: Place, table: Table, delivery: str) -> bool:
    """Whether exactly this content, read by exactly this declaration, is what the partition holds."""
    state = state_of(connection, place.asset_key, place.partition_key)
    return state.load_id is not None and (state.delivery, state.contract) == (delivery, table.contract)


def publish(connection: Connection, place: Place, publication: Publication) -> Receipt:
    """Put a delivery's rows in place of the partition's, or hold them if a gate failed; all or nothing.

    The same content again changes nothing. SystemUnavailable if another run works on the partition.
    """
    claim(connection, place)
    if already_loaded(connection, place, publication.table, publication.delivery):
        return Receipt("already", Counts())
    held_because = "; ".join(f"{gate.name}: {gate.detail}" for gate in failed(publication.gates)) or None
    counts = _move_rows(connection, place, publication, held=held_because is not None)
    load_id = record_load(
        connection,
        place,
        delivery=publication.delivery,
        contract=publication.table.contract,
        counts=counts,
        started_at=publication.started_at,
        score=overall_score(publication.cards),
        held_because=held_because,
    )
    record_scores(connection, place, load_id, publication.cards)
    record_letters(connection, place, publication.delivery, publication.table.contract, publication.letters)
    return Receipt("held" if held_because else "published", counts, load_id, held_because)


def overall_score(cards: Sequence[Scorecard]) -> Decimal | None:
    """Overall score of what was received, as the ledger keeps it: a share with six decimals."""
    overall = cards[0].overall if cards else None
    return None if overall is None else Decimal(round(overall * 10**6)) / 10**6


def _move_rows(connection: Connection, place: Place, publication: Publication, *, held: bool) -> Counts:
    table, partition = publication.table, place.partition_key
    with building_site(connection) as site:
        aside = build_empty(connection, site, table)
        lineage = (pl.lit(partition).alias(table.partition), pl.lit(publication.delivery).alias("delivery"))
        copy_rows(connection, aside, publication.rows.with_columns(lineage), stored_columns(table))
        add_key(connection, site, table, partition)
        if held:
            put_aside(connection, site, table, partition)
            counts = publication.counts
            return replace(counts, set_aside=counts.read - counts.duplicate - counts.skipped)
        changes = compare(connection, site, table, partition)
        drop_held(connection, table, partition)
        detach(connection, table, partition)
        attach(connection, site, table, partition)
    return replace(
        publication.counts,
        inserted=changes.inserted,
        updated=changes.updated,
        unchanged=changes.unchanged,
        removed=changes.removed,
    )
