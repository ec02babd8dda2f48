"""core's tables of systems' records: candidates, jobs, companies, submissions and placements of all systems.

They have no partitions: a row keeps every state it was in, each with the time in which it held.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import dagster as dg

from hrdata_assets.catalogue import UNIFIED
from hrdata_assets.defs.about import OWNERS, key_of, table_metadata
from hrdata_assets.defs.checks import fact
from hrdata_assets.defs.resources import WarehouseResource, told_to_dagster
from hrdata_assets.defs.systems import FLOOR, MOST_SET_ASIDE
from hrdata_assets.sync.batch import together
from hrdata_assets.sync.unifying import Unified, unify
from hrdata_assets.systems.origins import Origin, origins
from hrdata_assets.table import Table
from hrdata_assets.verdict import base_of, percent

WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR

CHECKS = {
    "reconciliation": "Every staged record stands in the table or among the dead letters.",
    "quality": "The rows that came score 80 % at least.",
    "set_aside": "At most 5 % of the rows that came were set aside.",
}
"""What is asked whenever records were brought to the table."""


def unified_asset(table: Table, sources: Sequence[Origin]) -> dg.AssetsDefinition:
    """A core table that follows the staged ones of every system."""
    key = key_of(table)

    @dg.multi_asset(
        name=f"unify_{table.name}",
        specs=[_spec(table, sources)],
        check_specs=[dg.AssetCheckSpec(check, asset=key, description=asks) for check, asks in CHECKS.items()],
        can_subset=True,
    )
    def brought(context: dg.AssetExecutionContext, warehouse: WarehouseResource):
        with told_to_dagster():
            done = [unify(warehouse.open(), origin, context.run.run_id) for origin in sources]
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=_metadata(done))
            context.log_event(dg.AssetMaterialization(dg.AssetKey(["current", table.name])))
        asked = {check.name for check in context.selected_asset_check_keys}
        yield from (result for result in _results(key, done) if result.check_name in asked)

    return brought


def _spec(table: Table, sources: Sequence[Origin]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key_of(table),
        deps=[key_of(origin.staged) for origin in sources],
        group_name="core",
        kinds={"postgres", "polars"},
        owners=OWNERS,
        description=f"{table.description} Every state since when and until when; `current.{table.name}` is what holds.",
        metadata={**table_metadata(table), "dagster/column_lineage": _lineage(sources)},
    )


def _lineage(sources: Sequence[Origin]) -> dg.TableColumnLineage:
    """Each column and the staged ones it is made of."""
    deps: dict[str, list[dg.TableColumnDep]] = {}
    for origin in sources:
        for field in origin.mapping.fields:
            for path in field.paths:
                name = path.partition(".")[0]
                deps.setdefault(field.to, []).append(dg.TableColumnDep(key_of(origin.staged), name))
    return dg.TableColumnLineage(deps_by_column=deps)


def _metadata(done: Sequence[Unified]) -> dict[str, int]:
    told = {"dagster/row_count": sum(one.own_total for one in done)}
    for one in done:
        counts, name = one.counts, one.origin.staged.name
        told |= {f"{name}: read": counts.read, f"{name}: changed": counts.inserted + counts.updated}
        told |= {f"{name}: set aside": counts.set_aside}
    return told


def _results(key: dg.AssetKey, done: Sequence[Unified]) -> Iterator[dg.AssetCheckResult]:
    """What came; of a run to which nothing came only whether everything is there."""
    same = all(one.staged_total == one.own_total for one in done)
    told = "; ".join(f"{one.origin.staged.name}: {one.staged_total} staged, {one.own_total} here or set aside"
                     for one in done)  # fmt: skip
    yield fact(key, "reconciliation", passed=same, description=told, severity=ERROR)
    cards = [one.cards[0] for one in done if one.cards]
    if not cards:
        return
    received = together(cards)
    score = received.overall
    told = f"{percent(score)}, {base_of(received)}"
    yield fact(key, "quality", passed=score is None or score >= FLOOR, description=told, severity=ERROR)
    read, aside = sum(one.counts.read for one in done), sum(one.counts.set_aside for one in done)
    passed = Fraction(aside, read) <= MOST_SET_ASIDE if read else True
    yield fact(key, "set_aside", passed=passed, description=f"{aside} of {read}", severity=WARN)


UNIFIED_ASSETS = [unified_asset(table, [origin for origin in origins() if origin.table == table]) for table in UNIFIED]
