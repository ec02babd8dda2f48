"""What steps tell of their partitions is written by the hundred, and is there for whoever asks."""

import time
import warnings
from collections import Counter
from collections.abc import Iterator

import dagster as dg
import pytest
import sqlalchemy as sa

from hrdata_assets.defs.event_gathering import MOST_EVENTS, SECONDS, GatheringEventLogStorage
from hrdata_assets.defs.event_storage import PooledPostgresStorage
from hrdata_assets.defs.instance import dagster_instance
from hrdata_assets.settings import load_settings
from hrdata_assets_tests.installation import Installation

KEY = dg.AssetKey(["excel", "staff"])
FILES = dg.DynamicPartitionsDefinition(name="files")
MADE = dg.DagsterEventType.ASSET_MATERIALIZATION


@pytest.fixture
def instance(installation: Installation) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance as the product sets it up."""
    with installation.environment(), dagster_instance(load_settings()) as opened:
        yield opened


def told(partition: str, *, passed: bool = True) -> Iterator[dg.AssetCheckEvaluation | dg.AssetMaterialization]:
    """What an asset tells of a partition."""
    yield dg.AssetCheckEvaluation(asset_key=KEY, check_name="readable", passed=passed, partition=partition)
    yield dg.AssetMaterialization(KEY, partition=partition, metadata={"rows": 1})


def run(instance: dg.DagsterInstance, keys: list[str], asset: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    """Load these partitions in one run."""
    instance.add_dynamic_partitions("files", keys)
    defs = dg.Definitions([asset], jobs=[dg.define_asset_job("load", [asset], executor_def=dg.in_process_executor)])
    tags = {"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[-1]}
    job = defs.resolve_job_def("load")
    return job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)


def declared(rows) -> dg.AssetsDefinition:
    """An asset with a partition per file, and a check of each."""
    with warnings.catch_warnings():
        for preview in (dg.PreviewWarning, dg.BetaWarning):
            warnings.simplefilter("ignore", preview)
        spec = dg.AssetCheckSpec("readable", asset=KEY, partitions_def=FILES)
        single = dg.BackfillPolicy.single_run()
        make = dg.asset(
            key=KEY, partitions_def=FILES, backfill_policy=single, output_required=False, check_specs=[spec]
        )
        return make(rows)


def test_a_run_over_many_partitions_takes_less_than_a_statement_for_each(instance: dg.DagsterInstance) -> None:
    keys = [f"f{n}" for n in range(MOST_EVENTS)]

    def rows(context: dg.AssetExecutionContext):
        for n, key in enumerate(context.partition_keys):
            yield from told(key, passed=n % 2 == 0)
        yield dg.AssetCheckResult(asset_key=KEY, check_name="readable", passed=True)

    statements: list[str] = []
    storage = instance.event_log_storage
    assert isinstance(storage, GatheringEventLogStorage)
    sa.event.listen(storage._engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert run(instance, keys, declared(rows)).success
    assert len(statements) < len(keys)
    assert instance.get_materialized_partitions(KEY) == set(keys)
    with storage._engine.connect() as connection:
        found = connection.execute(
            sa.text(
                "select x.partition, execution_status from asset_check_executions x join event_logs e"
                " on e.id = x.evaluation_event_storage_id and e.event = x.evaluation_event"
                " where e.dagster_event_type = 'ASSET_CHECK_EVALUATION' and x.partition is not null"
            ).columns(partition=sa.Text, execution_status=sa.Text)
        ).all()
    assert {row.partition: row.execution_status for row in found} == {
        key: "FAILED" if n % 2 else "SUCCEEDED" for n, key in enumerate(keys)
    }
    assert len(found) == len(keys)
    last = instance.get_latest_materialization_event(KEY)
    assert last is not None
    assert last.asset_materialization is not None
    assert last.asset_materialization.partition == keys[-1]


def test_it_is_there_for_this_process_at_once_and_for_others_in_a_moment(
    instance: dg.DagsterInstance, installation: Installation
) -> None:
    seen: list[set[str]] = []
    waited: list[float] = []
    url = installation.dagster_url.replace("postgresql://", "postgresql+psycopg2://", 1)
    other = PooledPostgresStorage.from_config_value(None, {"postgres_url": url}).event_log_storage

    def rows(context: dg.AssetExecutionContext):
        yield from told("a")
        seen.append(context.instance.get_materialized_partitions(KEY))
        yield from told("b")
        started = time.monotonic()
        while other.get_materialized_partitions(KEY) != {"a", "b"}:
            assert time.monotonic() - started < SECONDS + 30
            time.sleep(0.05)
        waited.append(time.monotonic() - started)
        yield dg.AssetCheckResult(asset_key=KEY, check_name="readable", passed=True)

    assert run(instance, ["a", "b"], declared(rows)).success
    assert seen == [{"a"}]
    assert len(waited) == 1


def test_what_a_failed_run_told_before_stays_told(instance: dg.DagsterInstance) -> None:
    def rows(_: dg.AssetExecutionContext):
        yield from told("a")
        raise dg.Failure("the second one", allow_retries=False)

    result = run(instance, ["a", "b"], declared(rows))
    assert not result.success
    assert instance.get_materialized_partitions(KEY) == {"a"}
    counted = Counter(event.dagster_event_type for event in instance.all_logs(result.run_id))
    assert (counted[MADE], counted[dg.DagsterEventType.STEP_FAILURE]) == (1, 1)


def test_what_cannot_be_written_waits_and_is_written_once(
    instance: dg.DagsterInstance, installation: Installation
) -> None:
    def rows(_: dg.AssetExecutionContext):
        yield from told("a")

    result = run(instance, ["a"], declared(rows))
    (event,) = instance.all_logs(result.run_id, of_type=MADE)
    storage = instance.event_log_storage
    assert isinstance(storage, GatheringEventLogStorage)
    with sa.create_engine(storage.postgres_url, isolation_level="AUTOCOMMIT").connect() as connection:
        storage.store_event(event)
        connection.execute(sa.text("alter table event_logs rename to elsewhere"))
        with pytest.raises(sa.exc.ProgrammingError):
            storage.write_gathered()
        connection.execute(sa.text("alter table elsewhere rename to event_logs"))
    assert len(instance.all_logs(result.run_id, of_type=MADE)) == 2
