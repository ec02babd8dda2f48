"""raw and staged of other systems: one pull per object, which goes on where its cursor stands.

They have no partitions: a system gives what it holds now, and a past day of it cannot be asked for again. What was
changed when is kept by the cursor and by the ledger of syncs.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from typing import Any

import dagster as dg
from pydantic import Field

from hrdata_assets.defs.about import OWNERS, key_of, raw_key, report_schema, staged_lineage, table_metadata
from hrdata_assets.defs.checks import fact
from hrdata_assets.defs.resources import WarehouseResource, told_to_dagster
from hrdata_assets.errors import SetupError
from hrdata_assets.settings import load_settings
from hrdata_assets.sync.engine import Order, Outcome, sync
from hrdata_assets.sync.pulling import opened
from hrdata_assets.systems.configuration import load_system_settings
from hrdata_assets.systems.origins import origins
from hrdata_assets.systems.registry import SYSTEMS, Entry, usable_systems
from hrdata_assets.table import Table
from hrdata_assets.verdict import base_of, percent

WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
FLOOR = Fraction(80, 100)
MOST_SET_ASIDE = Fraction(5, 100)

CHECKS = {
    "configured": "Everything is set that the system cannot be asked without.",
    "reconciliation": "Every record read is accounted for, and the system counts as many as are here or set aside.",
    "quality": "The records that came score 80 % at least.",
    "set_aside": "At most 5 % of the records that came were set aside.",
    "stamps": "No record says that it was changed in the future.",
}
"""What is asked of every pull."""

FRESH = dg.FreshnessPolicy.time_window(
    fail_window=datetime.timedelta(hours=24), warn_window=datetime.timedelta(hours=12)
)


class How(Enum):
    """What a pull reads."""

    CHANGES = "changes"
    FULL = "full"
    KEYS = "keys"


class Pull(dg.Config):
    """What is asked of a system."""

    how: How = Field(How.CHANGES, description="changes: since the last time; full: everything; keys: only ids, to find "
                     "what is gone.")  # fmt: skip

    @property
    def order(self) -> Order:
        """What the sync is told."""
        return Order(full=self.how is How.FULL, keys=self.how is How.KEYS)


def system_asset(name: str, entry: Entry, table: Table) -> dg.AssetsDefinition:
    """The pages of an object as received, and the table of its records: one pull makes both."""
    staged = key_of(table)

    @dg.multi_asset(
        name=f"pull_{table.name}",
        specs=[_raw_spec(name, table), _staged_spec(table)],
        check_specs=[dg.AssetCheckSpec(check, asset=staged, description=asks) for check, asks in CHECKS.items()],
        pool=name,
        # What a system that is not configured was not asked is left unmeasured, instead of being told as passed.
        can_subset=True,
    )
    def pulled(context: dg.AssetExecutionContext, config: Pull, warehouse: WarehouseResource):
        with told_to_dagster():
            lacking = entry.lacking(load_system_settings())
            outcome = None if lacking else _pull(warehouse, name, table, config.order, context.run.run_id)
        told = _not_configured(staged, name, lacking) if outcome is None else _told(table, outcome)
        yield from (result for result in told if _asked_for(context, result))

    return pulled


def _told(table: Table, outcome: Outcome) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    pages = {"pages": outcome.pages, "calls": outcome.calls}
    yield dg.MaterializeResult(asset_key=raw_key(table), metadata=pages)
    yield dg.MaterializeResult(asset_key=key_of(table), metadata=_metadata(outcome))
    yield from _results(key_of(table), outcome)


def _asked_for(context: dg.AssetExecutionContext, result: dg.MaterializeResult | dg.AssetCheckResult) -> bool:
    """Whether a run of a part of it wants to hear that."""
    if isinstance(result, dg.MaterializeResult):
        return result.asset_key in context.selected_asset_keys
    return any(key.name == result.check_name for key in context.selected_asset_check_keys)


def _raw_spec(name: str, table: Table) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(table),
        group_name="raw",
        kinds={"json"},
        owners=OWNERS,
        skippable=True,
        tags={"hrdata/system": name},
        description=f"Every page of {table.origin} as {name} sent it, archived before it was read.",
        metadata={"dagster/column_schema": report_schema(table)},
    )


def _staged_spec(table: Table) -> dg.AssetSpec:
    return dg.AssetSpec(
        key_of(table),
        deps=[raw_key(table)],
        group_name="staged",
        kinds={"postgres", "polars"},
        owners=OWNERS,
        skippable=True,
        description=table.description,
        freshness_policy=FRESH,
        metadata={**table_metadata(table), "dagster/column_lineage": staged_lineage(table)},
    )


def _pull(warehouse: WarehouseResource, name: str, table: Table, order: Order, run_id: str) -> Outcome:
    open_one = warehouse.open()
    with opened(open_one, load_settings(), load_system_settings(), name) as system:
        return sync(open_one, system, table, order, run_id)


def _not_configured(key: dg.AssetKey, name: str, lacking: Sequence[str]) -> Iterator[dg.AssetCheckResult]:
    """A system of which nothing is said is no failure: it is told, and nothing is materialized."""
    told = f"{name} is not configured: set {', '.join(lacking)}"
    yield fact(key, "configured", passed=False, description=told, severity=WARN)


def _metadata(outcome: Outcome) -> dict[str, str | int]:
    counts = outcome.counts
    return {
        "dagster/row_count": outcome.own_total,
        "kind": outcome.course,
        "read": counts.read,
        "inserted": counts.inserted,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "set aside": counts.set_aside,
        "deleted": counts.removed,
        "calls": outcome.calls,
        "429s": outcome.throttled,
        "pages": outcome.pages,
        "cursor before": outcome.cursor_before or "",
        "cursor after": outcome.cursor_after or "",
    }


def _results(key: dg.AssetKey, outcome: Outcome) -> Iterator[dg.AssetCheckResult]:
    counts, received = outcome.counts, outcome.cards[0] if outcome.cards else None
    yield fact(key, "configured", passed=True, description="asked and answered", severity=WARN)
    kept = counts.inserted + counts.updated + counts.unchanged
    adds_up = counts.read == kept + counts.duplicate + counts.set_aside + counts.skipped
    same = outcome.source_total is None or outcome.source_total == outcome.own_total
    told = f"{counts.read} read; {outcome.source_total} there, {outcome.own_total} here or set aside"
    yield fact(key, "reconciliation", passed=adds_up and same, description=told, severity=ERROR)
    if outcome.kind == "keys":
        # Of records nothing but the ids came.
        return
    score = received.overall if received else None
    told = f"{percent(score)}, {base_of(received)}" if received else "nothing came"
    yield fact(key, "quality", passed=score is None or score >= FLOOR, description=told, severity=ERROR)
    share = Fraction(counts.set_aside, counts.read) if counts.read else Fraction(0)
    told = f"{counts.set_aside} of {counts.read}"
    yield fact(key, "set_aside", passed=share <= MOST_SET_ASIDE, description=told, severity=WARN)
    told = f"{outcome.future_stamps} stamps lie in the future"
    yield fact(key, "stamps", passed=outcome.future_stamps == 0, description=told, severity=WARN)


def system_job(name: str, entry: Entry):
    """Everything of a system."""
    keys = [key for row in entry.kind.rows for key in (raw_key(row.table), key_of(row.table))]
    keys += sorted({key_of(origin.table) for origin in origins(name)})
    return dg.define_asset_job(
        f"pull_{name}",
        selection=dg.AssetSelection.assets(*keys),
        description=f"Everything that changed in {name} since the last time, object by object, up to core.",
        tags={"hrdata/system": name},
        executor_def=dg.in_process_executor,
    )


def system_schedule(name: str, entry: Entry, job) -> dg.ScheduleDefinition:
    """Every six hours, what changed."""

    @dg.schedule(
        name=f"pull_{name}",
        job=job,
        cron_schedule="0 */6 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Every six hours: pulls what changed in {name}, once it is configured.",
    )
    def every_six_hours():
        return _request(name, entry, {})

    return every_six_hours


def sweep_schedule(name: str, entry: Entry, job) -> dg.ScheduleDefinition:
    """Every week, the ids of everything."""
    asked: dict[str, Any] = {
        "ops": {f"pull_{row.table.name}": {"config": {"how": How.KEYS.name}} for row in entry.kind.rows}
    }

    @dg.schedule(
        name=f"sweep_{name}",
        job=job,
        cron_schedule="0 3 * * 0",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"On Sundays at 03:00 UTC: reads the ids of all that is in {name}, and finds what is gone.",
    )
    def every_week():
        return _request(name, entry, asked)

    return every_week


def _request(name: str, entry: Entry, run_config: dict[str, Any]) -> dg.RunRequest | dg.SkipReason:
    if lacking := entry.lacking(load_system_settings()):
        return dg.SkipReason(f"{name} is not configured: set {', '.join(lacking)}")
    return dg.RunRequest(run_config=run_config, tags={"hrdata/cause": "schedule"})


def systems_known() -> Mapping[str, Entry]:
    """Systems as the settings are now; those that are written only, where these or the sources file cannot be used."""
    try:
        known = usable_systems(load_settings())
    except SetupError:
        return SYSTEMS
    return {name: entry for name, entry in known.items() if entry.kind.rows}


KNOWN = systems_known()
SYSTEM_ASSETS = [system_asset(name, entry, row.table) for name, entry in KNOWN.items() for row in entry.kind.rows]
SYSTEM_JOBS = {name: system_job(name, entry) for name, entry in KNOWN.items()}
SYSTEM_SCHEDULES = [
    made(name, KNOWN[name], job) for name, job in SYSTEM_JOBS.items() for made in (system_schedule, sweep_schedule)
]
SYSTEM_KEYS = [key for asset in SYSTEM_ASSETS for key in asset.keys]
