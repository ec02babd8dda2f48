"""Dagster's records on our server: few connections, all of its parts, the configuration as shipped."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pytest
import yaml
from dagster._core.storage.runs import SqliteRunStorage
from psycopg import sql
from sqlalchemy.pool import QueuePool

from hrdata_assets.defs.event_storage import PooledPostgresStorage
from hrdata_assets.defs.instance import dagster_instance, prepare_dagster
from hrdata_assets.settings import load_settings, shipped
from hrdata_assets.storage.postgres import connect, database_name, ensure_database
from hrdata_assets_tests.conftest import Used
from hrdata_assets_tests.installation import Installation


@pytest.fixture
def instance(used: Used) -> Iterator[dg.DagsterInstance]:
    """The instance that the command's runs are recorded in."""
    with used.installation.environment(), dagster_instance(load_settings()) as opened:
        yield opened


def test_a_run_of_the_whole_graph_takes_few_connections(used: Used) -> None:
    # Dagster's own storage opens one for each statement: several hundred.
    assert 1 <= used.connections <= 40


def test_the_runs_and_what_they_found_are_recorded(instance: dg.DagsterInstance) -> None:
    runs = instance.get_runs()
    assert [(run.status.value, run.tags["dagster/partition"]) for run in runs] == [("SUCCESS", "2026-Q1")] * 2
    assert instance.get_dynamic_partitions("quarter") == ["2026-Q1"]
    made = instance.get_latest_materialization_event(dg.AssetKey(["core", "users"]))
    assert made is not None
    assert made.asset_materialization is not None
    assert made.asset_materialization.partition == "2026-Q1"
    assert made.asset_materialization.metadata["dagster/row_count"].value == 3
    checked = instance.get_records_for_run(runs[0].run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records
    assert len(checked) > 200


def test_all_parts_of_the_storage_share_one_pool(instance: dg.DagsterInstance) -> None:
    parts = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
    (engine,) = {part._engine for part in parts}
    assert isinstance(engine.pool, QueuePool)
    # For with a bare postgresql:// SQLAlchemy takes psycopg 3, and the first event fails.
    assert engine.url.drivername == "postgresql+psycopg2"


def test_many_threads_wait_for_the_pool(used: Used, instance: dg.DagsterInstance) -> None:
    before = used.installation.sessions(used.installation.dagster_database)
    with ThreadPoolExecutor(24) as pool:
        counted = list(pool.map(lambda _: len(instance.get_runs()), range(240)))
    assert counted == [2] * 240
    assert used.installation.sessions(used.installation.dagster_database) - before <= 80


def test_many_that_open_a_new_storage_at_once_all_find_its_tables(installation: Installation) -> None:
    ensure_database(installation.dagster_url)
    url = installation.dagster_url.replace("postgresql://", "postgresql+psycopg2://", 1)

    def opened(_: int) -> int:
        prepare_dagster(load_settings())
        storage = PooledPostgresStorage.from_config_value(None, {"postgres_url": url})
        return len(storage.run_storage.get_runs())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, range(8))) == [0] * 8


def test_the_configuration_is_the_shipped_one(used: Used, instance: dg.DagsterInstance) -> None:
    written = used.installation.home / "dagster" / "dagster.yaml"
    assert written.read_text(encoding="utf-8") == shipped("dagster.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(written.read_text(encoding="utf-8"))
    assert instance.get_settings("telemetry") == settings["telemetry"] == {"enabled": False}
    assert instance.run_retries_enabled
    assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 2


def test_dagsters_records_and_nothing_else_may_be_lost_for_a_moment(installation: Installation) -> None:
    ensure_database(installation.dagster_url)
    durable = "alter database {} set synchronous_commit = on"
    with connect(installation.url, "test", autocommit=True) as connection:
        for url in (installation.url, installation.dagster_url):
            connection.execute(sql.SQL(durable).format(sql.Identifier(database_name(url))))
    prepare_dagster(load_settings())
    shown = []
    for url in (installation.url, installation.dagster_url):
        with connect(url, "test") as connection:
            shown += connection.execute("show synchronous_commit").fetchall()
    assert shown == [("on",), ("off",)]


def test_a_dagster_home_of_ones_own_is_left_alone(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    own = installation.folder / "own"
    own.mkdir()
    (own / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(own))
    with dagster_instance(load_settings()) as opened:
        assert opened.root_directory == str(own)
        assert isinstance(opened.run_storage, SqliteRunStorage)
    assert not (installation.home / "dagster").exists()
