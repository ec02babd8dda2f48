"""Objects that an org has made itself: tables by their names alone, and everything else found when they are read."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from hrdata_assets.catalogue import synced_tables
from hrdata_assets.commands.installation import warehouse_of
from hrdata_assets.defs.about import key_of
from hrdata_assets.defs.resources import WarehouseResource
from hrdata_assets.defs.systems import system_asset, systems_known
from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.registry import all_systems, entry, usable_systems
from hrdata_assets.systems.salesforce.custom import rows_with, table_name
from hrdata_assets.systems.system import Window
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.test_pulling import pull_all
from hrdata_assets_tests.sync.worlds import BY_JOBS, Synced, World, called, followed

OBJECTS = "Position__c, User"
WORLD = called("salesforce")
Follow = Callable[..., AbstractContextManager[Synced]]


@pytest.fixture
def follow(new_installation: NewInstallation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Follow:
    @contextmanager
    def with_objects(objects: str = OBJECTS, world: World = WORLD) -> Iterator[Synced]:
        more = {"SALESFORCE_OBJECTS": objects}
        with followed(replace(world, settings={**world.settings, **more}), new_installation, tmp_path) as found:
            for name, value in found.variables.items():
                monkeypatch.setenv(name, value)
            # Any command does it first.
            warehouse_of(load_settings())
            yield found

    return with_objects


@pytest.mark.parametrize("world", [WORLD, BY_JOBS], ids=lambda world: world.label)
def test_an_object_of_the_org_is_pulled_with_all_its_fields(follow: Follow, world: World) -> None:
    with follow(world=world) as it:
        assert pull_all(it) == []
        truth = {record["Id"]: record for record in it.fake.records("Position__c")}
        rows = it.installation.rows(
            "select id, name, is_deleted, extra, system_modstamp::text from staged.salesforce_position order by id"
        )
        assert {row[0] for row in rows} == set(truth)
        for found, name, deleted, extra, _ in rows:
            wanted = truth[found]
            assert (name, deleted) == (wanted["Name"], False)
            kept = ("Status__c", "Openings__c", "Is_Remote__c", "Account__c", "Opened__c", "Skills__c")
            assert {field: extra.get(field) for field in kept} == {field: wanted[field] for field in kept}
        counts = it.installation.rows(
            "select source_total, own_total from ops.syncs where object = 'salesforce_position'"
        )
        assert counts == [(len(truth), len(truth))]


def test_what_changes_of_it_arrives_with_the_next_pull(follow: Follow) -> None:
    with follow() as it:
        pull_all(it)
        record, gone = (row["Id"] for row in it.fake.records("Position__c")[:2])
        it.fake.change("Position__c", record, Status__c="Filled")
        it.fake.delete("Position__c", gone)
        told = hrdata("pull", "salesforce", "position", "--json").told
        assert [(row["object"], row["kind"], row["updated"]) for row in told] == [("position", "incremental", 2)]
        rows = it.installation.rows(
            f"select extra->>'Status__c', deletion from staged.salesforce_position where id in ('{record}', '{gone}')"
        )
        assert ("Filled", None) in rows
        assert "told" in {deletion for _, deletion in rows}


def test_it_can_be_asked_for_by_what_every_record_has(follow: Follow) -> None:
    with follow() as it:
        record = it.fake.records("Position__c")[0]
        told = hrdata("pull", "salesforce", "Position__c", "--where", f"name={record['Name']}", "--json").told
        same = [row for row in it.fake.records("Position__c") if row["Name"] == record["Name"]]
        assert [row["read"] for row in told] == [len(same)]


def test_an_object_that_is_not_there_stops_no_other(follow: Follow) -> None:
    with follow("Position__c,Missing__c") as it:
        (told,) = pull_all(it)
        assert told == "salesforce has no Missing__c: check its name, and whether the user may see it"
        assert it.installation.one("select count(*) from staged.salesforce_position") > 0


def test_its_assets_are_there_before_anybody_was_asked(follow: Follow) -> None:
    with follow() as it:
        known = systems_known()["salesforce"]
        table = known.kind.table("Position__c")
        pulled = system_asset("salesforce", known, table)
        assert it.calls("/") == 0
        with dg.instance_for_test() as instance:
            result = dg.materialize([pulled], instance=instance, resources={"warehouse": WarehouseResource()})
            told = {event.asset_key: event for event in result.get_asset_materialization_events()}
        assert key_of(table) in told
        assert it.installation.one("select count(*) from staged.salesforce_position") > 0


def test_without_the_setting_there_are_four_objects(follow: Follow) -> None:
    assert [row.table.name for row in entry("salesforce").kind.rows] == [row.table.name for row in rows_with(())]
    with follow():
        tables = [table.name for table in synced_tables(load_settings())]
        assert {"salesforce_position", "salesforce_user", "salesforce_contacts"} <= set(tables)


@pytest.mark.parametrize(
    ("origin", "table"),
    [
        ("Position__c", "salesforce_position"),
        ("JobApplication__c", "salesforce_job_application"),
        ("Job_Application__c", "salesforce_job_application"),
        ("ns__Thing__c", "salesforce_ns__thing"),
        ("User", "salesforce_user"),
    ],
)
def test_a_table_is_called_as_its_object(origin: str, table: str) -> None:
    assert table_name(origin) == table
    assert rows_with((origin,))[-1].table.origin == origin


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("Position__c, Contacts", "salesforce_contacts is a table already"),
        ("JobApplication__c,Job_Application__c", "salesforce_job_application is a table already"),
        ("Position__c; drop", "write API names such as Position__c"),
    ],
)
def test_names_that_cannot_be_meant_are_told_and_hide_nothing_else(
    monkeypatch: pytest.MonkeyPatch, names: str, told: str
) -> None:
    monkeypatch.setenv("SALESFORCE_OBJECTS", names)
    with pytest.raises(SetupError, match=f"SALESFORCE_OBJECTS: .*{told}"):
        all_systems(load_settings())
    assert {"bullhorn", "salesforce"} <= set(usable_systems(load_settings()))


def test_an_object_without_what_every_record_has_is_refused(follow: Follow) -> None:
    with follow("Position__c") as it, it.opened() as system:
        it.fake.schema.hidden.add("Position__c.SystemModstamp")
        with pytest.raises(DeliveryError, match="has no SystemModstamp of Position__c"):
            list(system.pages(system.table("Position__c"), Window()))
