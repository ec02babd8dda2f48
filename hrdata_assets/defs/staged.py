"""staged: one table per report: typed, judged, every bad row set aside with its reason."""

import datetime
import logging
from collections.abc import Iterator, Sequence

import dagster as dg

from hrdata_assets.catalogue import STAGED
from hrdata_assets.cleaning.corrections import corrected
from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.defs.about import OWNERS, key_of, raw_key, staged_lineage, table_metadata
from hrdata_assets.defs.checks import (
    HEADINGS,
    RECONCILIATION,
    dimension_results,
    fact,
    gate_results,
    staged_specs,
)
from hrdata_assets.defs.loading import (
    Loaded,
    Parcel,
    ToLoad,
    empty_load,
    found_loaded,
    load_of,
    set_file_aside,
)
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.defs.quality import drift_result, drift_spec, drifts_of
from hrdata_assets.defs.resources import WarehouseResource, place_of, told_to_dagster
from hrdata_assets.defs.terms import Terms, policy_of, terms_of
from hrdata_assets.errors import DeliveryError
from hrdata_assets.quality.judge import judge
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.archive import Archived
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table

log = logging.getLogger("hrdata")


def staged_asset(table: Table) -> dg.AssetsDefinition:
    """The staged table of a report."""
    key = key_of(table)
    specs = [*staged_specs(table), drift_spec(table)]

    @dg.asset(
        key=key,
        ins={"report": dg.AssetIn(key=raw_key(table))},
        partitions_def=QUARTERS,
        group_name="staged",
        kinds={"postgres", "polars"},
        owners=OWNERS,
        description=table.description,
        metadata={**table_metadata(table), "dagster/column_lineage": staged_lineage(table)},
        io_manager_key="warehouse_io",
        check_specs=specs,
    )
    def rows(context: dg.AssetExecutionContext, report: Archived | None, warehouse: WarehouseResource):
        with told_to_dagster():
            place = place_of(context, key)
            load = _load(warehouse.open(), place, table, report)
            drifts = drifts_of(warehouse.open(), place, load.cards[0])
        yield from _results(key, [s.name for s in specs], load)
        yield drift_result(key, drifts)
        yield dg.Output(Parcel(load))

    return rows


def _load(warehouse: Warehouse, place: Place, table: Table, report: Archived | None) -> ToLoad | Loaded:
    """Read and judge the partition's report, unless it is loaded already; a file that is no table leaves a letter."""
    if report is None:
        return empty_load(table, policy_of(warehouse).of(table))
    with warehouse.connect(f"{place.asset_key} {place.partition_key}") as connection:
        found = look_up(connection, warehouse, place, table, report)
    if isinstance(found, Loaded):
        return found
    try:
        return read_and_judge(place, table, report, found)
    except DeliveryError:
        set_file_aside(warehouse, place, table, report)
        raise


def look_up(
    connection: Connection, warehouse: Warehouse, place: Place, table: Table, report: Archived
) -> Terms | Loaded:
    """The terms on which a report is to be read; or its load, if exactly it is what the partition holds already."""
    terms = terms_of(connection, warehouse, place, table, report.short)
    known = found_loaded(connection, place, table, report.short, terms)
    if known is not None:
        log.info("%s %s: already loaded", table.address, place.partition_key)
    return known or terms


def read_and_judge(place: Place, table: Table, report: Archived, terms: Terms) -> ToLoad:
    """Read and judge a report. DeliveryError if it is no table."""
    started = datetime.datetime.now(datetime.UTC)
    delivered = read_delimited(report.read(), report.file_name)
    cleaned = clean(table, corrected(delivered, terms.corrections), report.file_name)
    judged = judge(cleaned, Quarter.parse(place.partition_key).last_day, terms.limits, terms.circumstances)
    return load_of(judged, report, started, terms)


def _results(key: dg.AssetKey, names: Sequence[str], load: ToLoad | Loaded) -> Iterator[dg.AssetCheckResult]:
    warn, error = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
    yield from dimension_results(key, names, load.cards, load.limits, load.gates, released=load.released)
    yield from gate_results(key, load.gates, load.cards[0], load.limits, released=load.released)
    unknown = load.unknown_headings
    yield fact(
        key,
        HEADINGS,
        passed=not unknown,
        description=f"undeclared, kept in extra: {unknown}" if unknown else "all declared",
        severity=warn,
    )
    counts = load.counts
    yield fact(
        key,
        RECONCILIATION,
        passed=load.adds_up,
        description=f"{counts.read} read, {counts.duplicate} duplicates, {counts.set_aside} set aside, "
        f"{counts.skipped} blank",
        severity=error,
    )


STAGED_ASSETS = [staged_asset(table) for table in STAGED]
