"""staged: one table per report: typed, judged, every bad row set aside with its reason."""

import datetime
import logging
from collections.abc import Iterator, Sequence

import dagster as dg

from hrdata_assets.catalogue import STAGED
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
from hrdata_assets.defs.loading import Loaded, Parcel, ToLoad, empty_load, found_loaded, load_of, set_file_aside
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.defs.resources import WarehouseResource, place_of, told_to_dagster
from hrdata_assets.errors import DeliveryError
from hrdata_assets.quality.judge import judge
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.archive import Archived
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table

log = logging.getLogger("hrdata")


def staged_asset(table: Table) -> dg.AssetsDefinition:
    """The staged table of a report."""
    key = key_of(table)
    specs = staged_specs(table)

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
            load = _load(warehouse.open(), place_of(context, key), table, report)
        yield from _results(key, [s.name for s in specs], load)
        yield dg.Output(Parcel(load))

    return rows


def _load(warehouse: Warehouse, place: Place, table: Table, report: Archived | None) -> ToLoad | Loaded:
    """Read and judge a report, unless exactly it is what the partition holds already."""
    if report is None:
        return empty_load(table)
    known = found_loaded(warehouse, place, table, report.short)
    if known is not None:
        log.info("%s %s: already loaded", table.address, place.partition_key)
        return known
    started = datetime.datetime.now(datetime.UTC)
    try:
        cleaned = clean(table, read_delimited(report.read(), report.file_name), report.file_name)
    except DeliveryError:
        set_file_aside(warehouse, place, table, report)
        raise
    judged = judge(cleaned, Quarter.parse(place.partition_key).last_day)
    return load_of(judged, report, started)


def _results(key: dg.AssetKey, names: Sequence[str], load: ToLoad | Loaded) -> Iterator[dg.AssetCheckResult]:
    warn, error = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
    yield from dimension_results(key, names, load.cards)
    yield from gate_results(key, load.gates, load.cards[0])
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
