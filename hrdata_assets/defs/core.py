"""core: people, CVs and what stands in them, made by SQL from the staged tables; a quarter is published whole."""

from collections.abc import Iterator

import dagster as dg

from hrdata_assets.catalogue import STAGED, core_queries
from hrdata_assets.defs.about import (
    OWNERS,
    assets_read_by,
    definition_of,
    key_of,
    query_lineage,
    table_metadata,
)
from hrdata_assets.defs.checks import RECONCILIATION, core_specs, dimension_results, fact
from hrdata_assets.defs.current import now_showing
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.defs.quality import scored
from hrdata_assets.defs.releases import Member, Release, released
from hrdata_assets.defs.resources import WarehouseResource, told_to_dagster
from hrdata_assets.errors import DeliveryError
from hrdata_assets.settings import shipped
from hrdata_assets.storage.ledger import states_of
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.selections import Group, Helper, Step, asset_key, fingerprint
from hrdata_assets.storage.warehouse import Warehouse

# What the graph looks like is read off the shipped queries; which queries run is up to the settings.
QUERIES = core_queries(shipped("sql"))
STEPS = [query for query in QUERIES if isinstance(query, Step)]
HELPERS = [query for query in QUERIES if isinstance(query, Helper)]


def _depends_on(step: Step) -> set[dg.AssetKey]:
    helpers = [h.query for h in HELPERS if h.name in step.query]
    found = set(assets_read_by([step.query]))
    found |= {dg.AssetKey(["core", target]) for target in step.table.references.values()}
    return found | ({dg.AssetKey(["core", "users"])} if helpers else set())


def _out(step: Step) -> dg.AssetOut:
    return dg.AssetOut(
        key=key_of(step.table),
        io_manager_key="warehouse_io",
        group_name="core",
        kinds={"postgres", "sql"},
        owners=OWNERS,
        description=f"{step.table.description}\n\n{definition_of(step.query)}",
        metadata={**table_metadata(step.table), "dagster/column_lineage": query_lineage(step.query)},
    )


@dg.multi_asset(
    name="core",
    outs={step.name: _out(step) for step in STEPS},
    deps=[key_of(table) for table in STAGED],
    internal_asset_deps={step.name: _depends_on(step) for step in STEPS},
    check_specs=[s for step in STEPS for s in core_specs(step)],
    partitions_def=QUARTERS,
)
def core(context: dg.AssetExecutionContext, warehouse: WarehouseResource):
    """Build a quarter's core tables from its staged ones, and publish all of them or none."""
    with told_to_dagster():
        opened = warehouse.open()
        with opened.connect(f"core {context.partition_key}") as connection:
            group = core_group(connection, opened, context.partition_key, context.run.run_id)
        with released(opened, [(group, {})]) as (release,):
            yield from _results(release)
            faults = release.faults()
            if faults:
                raise DeliveryError(f"core {context.partition_key} is not published: {'; '.join(faults)}")
            for step in STEPS:
                yield dg.Output(Member(release, step.table), output_name=step.name)
            for event in now_showing(release):
                context.log_event(event)
            context.log_event(scored(release))


def core_group(connection: Connection, warehouse: Warehouse, partition: str, run_id: str) -> Group:
    """The quarter's core tables, made from what is published of every staged one."""
    keys = [asset_key(table) for table in STAGED]
    states = states_of(connection, keys, partition)
    lacking = [k for k in keys if k not in states or states[k].load_id is None]
    if lacking:
        raise DeliveryError(f"nothing is published of {', '.join(lacking)} in {partition}: load those reports first")
    inputs = fingerprint([f"{k} {states[k].delivery} {states[k].contract}" for k in keys])
    return Group(core_queries(warehouse.sql), partition, run_id, inputs)


def _results(release: Release) -> Iterator[dg.AssetCheckResult]:
    for step in STEPS:
        key = key_of(step.table)
        cards = release.cards(step.table)
        names = [s.name for s in core_specs(step)]
        yield from dimension_results(key, names, cards, release.limits(step.table), release.gates(step.table))
        if RECONCILIATION in names:
            measure = next(m for m in cards[0].measures if m.rule == RECONCILIATION)
            counts = release.receipt(step.table).counts
            yield fact(
                key,
                RECONCILIATION,
                passed=measure.passed == measure.units,
                description=f"{counts.read} read, {counts.duplicate} duplicates, {counts.set_aside} set aside, "
                f"{counts.skipped} not for this table",
                severity=dg.AssetCheckSeverity.ERROR,
            )
