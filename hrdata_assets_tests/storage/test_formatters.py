"""Saved mappings: a version never changes, and makes the rows that it always made."""

import threading
from typing import Any

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.formatters import Saved, newest, save, saved_formatters, saved_version
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.formatting import mapping_of, save_mapping, stored_formatter
from hrdata_assets.table import ColumnType
from hrdata_assets.unified.mapping import RowMapping
from hrdata_assets.unified.spec import MappingSpec, field_specs
from hrdata_assets.unified.transform import transform
from hrdata_assets.unified.transforms import TRANSFORMS, by_label
from hrdata_assets_tests.unified.builders import KEYED, Applicant, Person, an_applicant

IDENTITY = ({"constant": "bullhorn", "to": "system"}, {"from": "id", "to": "source_id", "transform": "text"})
CANDIDATES = [{"id": n, "occupation": f"Senior cook {n}", "city": "Oslo"} for n in range(3)]


def a_mapping(*fields: dict[str, Any], **other: Any) -> MappingSpec:
    told = {"id": "profiles", "source": "bullhorn_candidates", "target": "candidates", **other}
    return MappingSpec.model_validate({**told, "fields": [*IDENTITY, *fields]})


def saved(warehouse: Warehouse, spec: MappingSpec) -> tuple[int, bool]:
    with warehouse.connect("test") as connection:
        found, new = save_mapping(connection, spec, "tester")
        return found.version, new


def rows(warehouse: Warehouse, version: int | None = None) -> list[dict[str, Any]]:
    with warehouse.connect("test") as connection:
        return stored_formatter(connection, "profiles", version).apply_all(CANDIDATES).rows


TITLE = {"from": "occupation", "to": "title"}
UPPER = {"from": "occupation", "to": "title", "transform": "upper"}


def test_the_same_content_is_the_same_version_and_another_is_the_next(warehouse: Warehouse) -> None:
    assert saved(warehouse, a_mapping(TITLE)) == (1, True)
    assert saved(warehouse, a_mapping(TITLE, name="in other words")) == (1, False)
    assert saved(warehouse, a_mapping(UPPER)) == (2, True)
    assert saved(warehouse, a_mapping(UPPER)) == (2, False)
    # What is saved last is the newest, also where it goes back to what was.
    assert saved(warehouse, a_mapping(TITLE)) == (3, True)


def test_a_version_makes_its_rows_after_a_newer_one_exists(warehouse: Warehouse) -> None:
    saved(warehouse, a_mapping(TITLE))
    before = rows(warehouse)
    saved(warehouse, a_mapping(UPPER, {"from": "city", "to": "city"}))
    assert rows(warehouse, 1) == before
    assert [row["title"] for row in rows(warehouse)] == [row["title"].upper() for row in before]
    assert rows(warehouse, 2) == rows(warehouse) != before


def test_a_saved_version_names_its_transforms_with_their_versions(warehouse: Warehouse) -> None:
    saved(warehouse, a_mapping({"from": "skill_set", "to": "skills", "transform": [{"split": ","}, "unique"]}))
    with warehouse.connect("test") as connection:
        fields = saved_version(connection, "profiles").fields
    assert fields[1]["transform"] == ["text@1"]
    assert fields[2] == {"from": "skill_set", "to": "skills", "transform": [{"split@1": ","}, "unique@1"]}


def test_a_transform_that_changes_does_not_change_what_was_saved_with_it() -> None:
    @transform(ColumnType.TEXT, version=2)
    def upper(text: str) -> str:
        """In capital letters, and louder."""
        return f"{text.upper()}!"

    fields = (*KEYED, {"from": "job_title", "to": "title", "transform": "upper"})
    then = RowMapping("then", Applicant, Person, field_specs(fields))
    later = by_label([*{one.label: one for one in TRANSFORMS.values()}.values(), upper])
    kept = RowMapping("kept", Applicant, Person, field_specs(then.pinned), later)
    new = RowMapping("new", Applicant, Person, field_specs(fields), later)
    cook = [an_applicant(job_title="cook")]
    assert kept.apply_all(cook).rows == then.apply_all(cook).rows
    assert new.apply_all(cook).rows[0]["title"] == "COOK!"
    assert kept.checksum == then.checksum != new.checksum


def test_what_is_stored_can_be_saved_again_and_says_the_same(warehouse: Warehouse) -> None:
    saved(warehouse, a_mapping(UPPER))
    with warehouse.connect("test") as connection:
        found = saved_version(connection, "profiles")
    told = {"id": "profiles", "source": found.source, "target": found.target, "fields": list(found.fields)}
    assert saved(warehouse, MappingSpec.model_validate(told)) == (1, False)


def test_one_id_leads_one_way(warehouse: Warehouse) -> None:
    saved(warehouse, a_mapping(TITLE))
    job = MappingSpec.model_validate(
        {
            "id": "profiles",
            "source": "bullhorn_job_orders",
            "target": "jobs",
            "fields": [*IDENTITY, {"from": "title", "to": "title"}],
        }
    )
    with pytest.raises(SetupError, match=r"profiles makes core\.candidates of staged\.bullhorn_candidates: give one"):
        saved(warehouse, job)


def test_what_is_wrong_is_not_saved(warehouse: Warehouse) -> None:
    with pytest.raises(SetupError, match="bullhorn_candidates has no field occupatio: did you mean occupation"):
        saved(warehouse, a_mapping({"from": "occupatio", "to": "title"}))
    with warehouse.connect("test") as connection:
        assert newest(connection, "profiles") is None


def test_what_is_not_there_is_told_with_what_is(warehouse: Warehouse) -> None:
    with warehouse.connect("test") as connection:
        with pytest.raises(SetupError, match="no formatter profiles was saved"):
            stored_formatter(connection, "profiles")
        save_mapping(connection, a_mapping(TITLE), "tester")
        with pytest.raises(SetupError, match="profiles has versions 1 to 1, and no 7"):
            stored_formatter(connection, "profiles", 7)


def test_a_version_whose_field_is_no_more_says_so_and_makes_nothing(warehouse: Warehouse) -> None:
    built = mapping_of(a_mapping(TITLE))
    gone = [*built.pinned, {"from": "former_field", "to": "city"}]
    with warehouse.connect("test") as connection:
        save(connection, Saved("profiles", 0, "", built.source.address, built.target.address, gone, "x"), "tester")
        with pytest.raises(SetupError, match=r"profiles version 1 cannot map .* has no field former_field"):
            stored_formatter(connection, "profiles")


def test_all_versions_are_listed(warehouse: Warehouse) -> None:
    saved(warehouse, a_mapping(TITLE, name="first"))
    saved(warehouse, a_mapping(UPPER, name="louder"))
    with warehouse.connect("test") as connection:
        found = saved_formatters(connection)
    assert [(one["id"], one["version"], one["name"], one["fields"]) for one in found] == [
        ("profiles", 2, "louder", 3),
        ("profiles", 1, "first", 3),
    ]
    assert {one["saved_by"] for one in found} == {"tester"}


def test_many_who_save_at_once_get_a_version_each(warehouse: Warehouse) -> None:
    versions: list[int] = []

    def one(number: int) -> None:
        versions.append(saved(warehouse, a_mapping({"constant": f"title {number}", "to": "title"}))[0])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == [1, 2, 3, 4, 5, 6]
