"""excel: one asset per folder of workbooks, a partition per content; one run loads as many as there are."""

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from hrdata_assets.defs.about import OWNERS
from hrdata_assets.defs.resources import WarehouseResource, told_to_dagster
from hrdata_assets.defs.workbook_checks import evaluations, specs_of, summaries
from hrdata_assets.errors import SetupError
from hrdata_assets.excel.folders import NOT_READ, Wanted, load_all
from hrdata_assets.excel.task import DIGITS, Outcome
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.evolution import SYSTEM_COLUMNS, columns_of
from hrdata_assets.storage.scores import received_before
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.storage.workbook_files import files_of_partitions
from hrdata_assets.systems.workbooks.discovery import find_workbooks

GROUP = "excel"
GOOD = frozenset(("loaded", "already", "duplicate"))
"""What may become of a workbook whose partition is shown as made."""


def tables_below_root() -> list[str]:
    """Tables that the folders of workbooks go into, as the folders are now; none while there are none."""
    try:
        found = find_workbooks(load_settings().workbooks_dir)
    except SetupError:
        return []
    return sorted({file.table for file in found.files})


def partitions_of_table(table: str) -> dg.DynamicPartitionsDefinition:
    """Partitions of a table's workbooks: an opaque key per content, for file names can be names of people."""
    return dg.DynamicPartitionsDefinition(name=f"excel/{table}")


def key_of_table(table: str) -> dg.AssetKey:
    """An asset's key is the table's address."""
    return dg.AssetKey([GROUP, table])


@cache
def workbook_job(table: str) -> UnresolvedAssetJobDefinition:
    """The job that loads a table's workbooks; one job cannot hold assets of different partitions."""
    return dg.define_asset_job(
        f"excel_{table}",
        selection=dg.AssetSelection.assets(key_of_table(table)),
        description=f"Loads workbooks into excel.{table}.",
        executor_def=dg.in_process_executor,
    )


def workbook_asset(table: str) -> dg.AssetsDefinition:
    """The table of a folder of workbooks."""
    key, partitions = key_of_table(table), partitions_of_table(table)
    with warnings.catch_warnings():
        # A backfill from the UI is one run too; the parameter is in beta in Dagster 1.13.
        warnings.simplefilter("ignore", dg.BetaWarning)
        asset = dg.asset(
            key=key,
            partitions_def=partitions,
            backfill_policy=dg.BackfillPolicy.single_run(),
            output_required=False,
            group_name=GROUP,
            kinds={"excel", "postgres"},
            owners=OWNERS,
            description="One row per row of a workbook of the folder of this name. A partition is a content: "
            "the day it was first seen and the beginning of its SHA-256; `hrdata excel files` says which file it is.",
            metadata={"dagster/table_name": f"excel.{table}"},
            check_specs=specs_of(key, partitions),
        )

    def rows(context: dg.AssetExecutionContext, warehouse: WarehouseResource):
        results: list[Outcome] = []
        with told_to_dagster():
            opened = warehouse.open()
            for partition, outcome in _load(opened, context.run.run_id, table, context.partition_keys):
                results.append(outcome)
                yield from evaluations(key, partition, outcome)
                if outcome.status in GOOD:
                    yield materialization(key, partition, outcome)
            schema = _schema(opened, table)
        if schema is not None:
            yield dg.AssetObservation(key, metadata={"dagster/column_schema": schema})
        bad = sum(outcome.status not in GOOD for outcome in results)
        if bad:
            raise dg.Failure(
                description=f"{bad} of {len(results)} workbooks are not loaded: `hrdata excel status` says why",
                allow_retries=False,
            )
        yield from summaries(key, results)

    return asset(rows)


def _load(warehouse: Warehouse, run_id: str, table: str, partitions: Sequence[str]) -> Iterator[tuple[str, Outcome]]:
    """What becomes of each partition whose content lies in the folder; of copies of one content, the best."""
    settings = load_settings()
    with warehouse.connect(f"excel/{table}") as connection:
        paths = files_of_partitions(connection, table, partitions)
        received = received_before(connection, f"excel/{table}", partitions)
    partition_of = {path: partition for partition in partitions for path in paths.get(partition, ())}
    found = find_workbooks(settings.workbooks_dir)
    there = (file.path.as_posix() for file in found.files)
    missing = Counter(partition_of[path] for path in there if path in partition_of)
    best: dict[str, Outcome] = {}
    wanted = Wanted(partition_of.keys(), pauses=False)
    for loaded in load_all(warehouse, settings, found, run_id, wanted=wanted):
        partition, outcome = partition_of[loaded.file.path.as_posix()], loaded.outcome
        if outcome.status == "already":
            outcome = replace(outcome, received=received.get(partition))
        missing[partition] -= 1
        # A file that has changed meanwhile is another content, which has a partition of its own.
        if outcome.code == NOT_READ or outcome.partition[-DIGITS:] == partition[-DIGITS:]:
            best[partition] = _better(best.get(partition), outcome)
        if not missing[partition] and partition in best:
            yield partition, best[partition]


def _better(one: Outcome | None, other: Outcome) -> Outcome:
    return other if one is None or (one.status not in GOOD and other.status in GOOD) else one


def materialization(key: dg.AssetKey, partition: str, outcome: Outcome) -> dg.AssetMaterialization:
    """What Dagster shows of a workbook that is in its table."""
    counts = outcome.counts
    metadata: dict[str, dg.MetadataValue | str | float | bool] = {
        "status": outcome.status,
        "already loaded": outcome.status != "loaded",
        "rows set aside": counts.set_aside,
        "rows taken out": counts.removed,
    }
    if outcome.received is not None and outcome.received.overall is not None:
        metadata["score (%)"] = round(float(outcome.received.overall) * 100, 4)
    if outcome.status == "loaded":
        metadata |= {
            "dagster/partition_row_count": counts.inserted,
            "sheet": outcome.sheet or "",
            "decisions": dg.MetadataValue.md("\n".join(f"* {d.says}" for d in outcome.decisions) or "none"),
            "schema changes": dg.MetadataValue.md("\n".join(f"* {c}" for c in outcome.changes) or "none"),
        }
    return dg.AssetMaterialization(key, partition=partition, metadata=metadata)


def _schema(warehouse: Warehouse, table: str) -> dg.TableSchema | None:
    """Columns of a table as they are now, with the headings they stand under."""
    with warehouse.connect(f"excel/{table}") as connection:
        columns = columns_of(connection, table)
    if columns is None:
        return None
    own = [dg.TableColumn(c.name, c.type.value, description=c.heading) for c in columns]
    system = [dg.TableColumn(n, kind, description=says) for n, (kind, says) in SYSTEM_COLUMNS.items()]
    return dg.TableSchema(columns=[*own, *system])
