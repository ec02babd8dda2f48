"""The sources file: what may stand in it, how what may not is told, and how its tables join all others."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml  # type: ignore[import-untyped]

from hrdata_assets.catalogue import STORED, stored_tables
from hrdata_assets.defs.declared import declared_tables, loaded_tables, sources_sensor
from hrdata_assets.defs.resources import WarehouseResource
from hrdata_assets.defs.systems import CHECKS, system_asset, system_job, systems_known
from hrdata_assets.errors import SetupError
from hrdata_assets.query import field
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.registry import SYSTEMS, all_systems, entry, usable_systems
from hrdata_assets.systems.sources.file import read_sources
from hrdata_assets.table import ColumnType, CursorMode, Operator
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.systems.following import Following, following
from hrdata_assets_tests.test_documents import SYSTEMS as PAGE

GOOD = """
payroll:
  kind: database
  url_from: PAYROLL_URL
  objects:
    people:
      table: hr.people
      key: id
      updated_at: changed
      columns:
        id: integer
        name: {type: text, personal: true, filterable: true, from: full_name, about: what the person is called}
        rate: {type: numeric, sparse: true}
        grade: {type: text, allowed: [A, B], required: true}
        changed: moment
agency:
  kind: rest
  url_from: AGENCY_URL
  auth: {kind: bearer, token_from: AGENCY_TOKEN}
  objects:
    jobs:
      path: /jobs
      key: code
      columns: {code: text, skills: texts, starts: date, open: boolean}
      paging: {style: cursor, next: next, parameter: cursor}
      conditions: {code: {in: codes}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sources.yaml"


def written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def declared(file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HRDATA_SOURCES", str(written(file, GOOD)))
    return file


def test_an_object_becomes_a_table_as_if_it_had_been_written(declared: Path) -> None:
    table = entry("payroll").kind.table("people")
    assert (table.address, table.origin, table.key, table.synced) == ("staged.payroll_people", "people", ("id",), True)
    assert table.description == "One row per record of people in payroll."
    assert {c.name: c.type for c in table.columns} == {
        "id": ColumnType.BIGINT,
        "name": ColumnType.TEXT,
        "rate": ColumnType.NUMERIC,
        "grade": ColumnType.TEXT,
        "changed": ColumnType.MOMENT,
    }
    name = table.column("name")
    assert (name.description, name.personal, name.header) == ("What the person is called.", True, "name")
    assert (table.column("rate").sparse, table.column("grade").allowed) == (True, ("A", "B"))
    assert [c.name for c in table.columns if c.required] == ["id", "grade"]
    roles = {role: column.name for role in CursorMode if (column := table.in_role(role))}
    assert roles == {CursorMode.ID: "id", CursorMode.UPDATED_AT: "changed"}
    assert field(table, "name").contains("a").operator is Operator.CONTAINS


def test_a_resource_is_compared_by_what_is_declared_for_it_only(declared: Path) -> None:
    table = entry("agency").kind.table("jobs")
    assert table.column("code").operators == (Operator.IN,)
    assert table.column("starts").operators == ()
    with pytest.raises(SetupError, match=r"agency_jobs\.code cannot be compared by eq; it allows in"):
        field(table, "code").eq("x")


def test_declared_systems_stand_beside_those_that_are_written(declared: Path) -> None:
    settings = load_settings()
    assert list(all_systems(settings)) == [*SYSTEMS, "payroll", "agency"]
    added = [table.address for table in stored_tables(settings) if table not in STORED]
    assert added == ["staged.payroll_people", "staged.agency_jobs"]
    with pytest.raises(SetupError, match=r"no system salary; there are bullhorn.*, payroll, agency, flowcase"):
        entry("salary")


def test_without_a_file_there_are_those_that_are_written_only() -> None:
    settings = load_settings()
    assert list(all_systems(settings)) == list(SYSTEMS)
    assert stored_tables(settings) == STORED


def test_a_file_that_changes_is_read_again(declared: Path) -> None:
    before = entry("payroll").kind
    assert entry("payroll").kind is before
    written(declared, GOOD.replace("rate: {type: numeric, sparse: true}", "pay: numeric"))
    assert [c.name for c in entry("payroll").kind.table("people").columns][2] == "pay"


WRONG: list[tuple[str, str, str]] = [
    ("url_from: PAYROLL_URL", "url: postgresql://u:planted-secret@h/d", "line 2: payroll.url_from is missing"),
    ("url_from: PAYROLL_URL", "url_from: postgresql://u:planted-secret@h/d", "line 4: payroll.url_from must be"),
    ("kind: database", "kind: datebase", r"line 2: payroll must be one of 'database', 'mongodb', 'rest'"),
    ("  kind: database\n", "", "line 2: payroll needs its kind"),
    ("table: hr.people", "table: a.b.c", "line 7: payroll.objects.people.table must be a table, or a schema"),
    ("key: id", "key: number", "line 6: payroll.objects.people cannot be as it is: key: number is no column of it"),
    ("key: id", "key: changed", "line 6: .*key: changed is of type moment; it must be a column of type integer"),
    ("updated_at: changed", "updated_at: name", "line 6: .*updated_at: name is of type text"),
    ("rate: {", "delivery: {", "line 6: .*delivery is a column of every table"),
    ("rate: {type", "is_deleted: {type", "line 6: .*is_deleted says that a record is gone: it must be of type boolean"),
    ("id: integer", "id: int", r"line 11: payroll.objects.people.columns.id.type must be one of 'text', 'integer'"),
    ("personal: true", "personal: ja", "line 12: payroll.objects.people.columns.name.personal must be true or false"),
    ("personal: true", "persona: true", "line 12: payroll.objects.people.columns.name.persona is not known: remove it"),
    ("payroll:", "Pay Roll:", "line 2: Pay Roll must be a short name of small letters"),
    ("path: /jobs", "path: jobs", "line 22: agency.objects.jobs.path must begin with /"),
    ("style: cursor", "style: curser", r"line 25: agency.objects.jobs.paging must be one of 'link_header'"),
    (", parameter: cursor", "", "line 25: agency.objects.jobs.paging.parameter is missing"),
    ("token_from: AGENCY_TOKEN", "token_from: planted-secret", "line 19: agency.auth.token_from must be the name of a"),
    ("conditions: {code: {in: codes}}", "conditions: {rate: {in: r}}", "line 21: .*conditions: rate is no column"),
    ("code: {in: codes}", "code: {like: codes}", r"line 26: .*conditions.code.like must be one of 'eq'"),
    ("starts: date", "starts: {type: date, filterable: true}", "line 21: .*filterable says nothing here"),
    ("    jobs:", "    people: {}\n    people:", "line 22: people stands here for the second time"),
    ("payroll:", "payroll: &it", r"line 21: references \(\*\) and tags \(!\) are not read"),
    ("kind: database", "kind: !!python/name:os.system database", r"references \(\*\) and tags \(!\) are not read"),
    ("kind: database", "kind: [database", "this is no YAML"),
    ("kind: database", "zone: Mars\n  kind: database", "line 3: payroll.zone cannot be as it is: must be a zone"),
    ("    people:", "    no:", "line 6: a name is expected here: put quotes around it"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "wrong", "says"), WRONG, ids=lambda text: text[:30])
def test_what_is_wrong_is_told_with_its_line_and_not_quoted(file: Path, good: str, wrong: str, says: str) -> None:
    assert good in GOOD
    text = GOOD.replace(good, wrong, 1)
    if wrong.endswith("&it"):
        text = text.replace("    jobs:", "    more: *it\n    jobs:")
    with pytest.raises(SetupError, match=f"sources.yaml.*{says}") as told:
        read_sources(written(file, text))
    assert "planted-secret" not in str(told.value)


def test_what_is_no_file_or_no_text_is_told(file: Path) -> None:
    with pytest.raises(SetupError, match=r"HRDATA_SOURCES: .* cannot be read: No such file"):
        read_sources(file)
    file.write_bytes(b"payroll: \xff")
    with pytest.raises(SetupError, match="is no UTF-8"):
        read_sources(file)
    with pytest.raises(SetupError, match="levels deep"):
        read_sources(written(file, "a: " + "[" * 30 + "]" * 30))
    assert read_sources(written(file, "")) == {}


def test_two_objects_cannot_be_one_table_and_no_source_takes_a_systems_name(declared: Path) -> None:
    one = (
        GOOD.replace("    people:", "    a_people:")
        .replace("agency:", "payroll_a:")
        .replace("    jobs:", "    people:")
    )
    written(declared, one)
    with pytest.raises(SetupError, match=r"staged\.payroll_a_people is meant twice"):
        all_systems(load_settings())
    written(declared, GOOD.replace("payroll:", "bullhorn:"))
    with pytest.raises(SetupError, match="bullhorn is called as another system: call the source otherwise"):
        all_systems(load_settings())


def test_a_file_that_cannot_be_used_stops_what_is_about_systems_and_nothing_else(
    declared: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(declared, "payroll: {kind: datebase}")
    for command in (["pull", "payroll"], ["systems"], ["sources", "list"], ["pull", "bullhorn"]):
        answer = hrdata(*command)
        assert (answer.code, "line 1: payroll must be one of" in answer.err) == (1, True), command
    assert usable_systems(load_settings()) == SYSTEMS
    assert stored_tables(load_settings()) == STORED
    assert "declared sources and added objects are left out: " in caplog.text


def test_dagster_loads_without_a_file_that_cannot_be_used_and_says_so(declared: Path) -> None:
    loaded = loaded_tables()
    assert {address for address, _ in loaded} == {"staged.payroll_people", "staged.agency_jobs"}
    sensor = sources_sensor(loaded)
    assert "2 objects are declared" in told_by(sensor)
    written(declared, GOOD.replace("rate: {type: numeric, sparse: true}", "pay: numeric"))
    with pytest.raises(dg.Failure, match="declares something else by now: reload the code location"):
        told_by(sensor)
    written(declared, "payroll: {kind: datebase}")
    with pytest.raises(dg.Failure, match="line 1: payroll must be one of"):
        told_by(sensor)
    assert loaded_tables() == frozenset()
    assert systems_known() == SYSTEMS
    with pytest.raises(SetupError):
        declared_tables()


def told_by(sensor: dg.SensorDefinition) -> str:
    return sensor.evaluate_tick(dg.build_sensor_context()).skip_message or ""


def test_a_source_that_is_not_configured_is_told_as_such(declared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = hrdata("sources", "list", "--json").told
    assert [(row["source"], row["object"], row["columns"], row["told"]) for row in rows] == [
        ("payroll", "people", 5, "set PAYROLL_URL"),
        ("agency", "jobs", 4, "set AGENCY_URL, AGENCY_TOKEN"),
    ]
    secret = declared.with_name("secret")
    secret.write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("AGENCY_TOKEN_FILE", str(secret))
    declared.with_name(".env").write_text("PAYROLL_URL=sqlite:////nowhere.db\n", encoding="utf-8")
    rows = hrdata("sources", "list", "--json").told
    assert [row["told"] for row in rows] == ["ready", "set AGENCY_URL"]


def people_in_sqlite(folder: Path) -> str:
    import sqlite3

    with sqlite3.connect(folder / "payroll.db") as connection:
        connection.execute("create table people (id integer primary key, name text, changed timestamp)")
        connection.execute(
            "insert into people values (1, 'Ada', '2026-03-01 08:00:00'), (2, 'Bo', '2026-03-02 08:00:00')"
        )
    return f"sqlite:///{folder / 'payroll.db'}"


@pytest.fixture
def small(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Following]:
    columns = {"id": "integer", "name": "text", "changed": "moment"}
    people = {"table": "people", "key": "id", "updated_at": "changed", "columns": columns}
    sources = {"payroll": {"kind": "database", "url_from": "PAYROLL_URL", "objects": {"people": people}}}
    with following(new_installation, tmp_path, sources, PAYROLL_URL=people_in_sqlite(tmp_path)) as found:
        yield found


def test_dagster_pulls_a_declared_object_as_it_pulls_any_other(small: Following) -> None:
    known = systems_known()
    assert list(known) == [*SYSTEMS, "payroll"]
    asset = system_asset("payroll", known["payroll"], small.table)
    assert {key.to_user_string() for key in asset.keys} == {"raw/payroll_people", "staged/payroll_people"}
    assert system_job("payroll", known["payroll"]).name == "pull_payroll"
    with dg.instance_for_test() as instance:
        result = dg.materialize([asset], instance=instance, resources={"warehouse": WarehouseResource()})
    assert result.success
    assert {e.check_name: e.passed for e in result.get_asset_check_evaluations()} == dict.fromkeys(CHECKS, True)
    moment = datetime.datetime(2026, 3, 1, 8, tzinfo=datetime.UTC)
    assert small.rows("id, name, changed") == [
        (1, "Ada", moment),
        (2, "Bo", moment + datetime.timedelta(days=1)),
    ]


def test_tables_of_a_source_that_is_declared_no_more_stay_and_break_no_promise(small: Following) -> None:
    small.sync()
    small.file.write_text("", encoding="utf-8")
    (answer,) = [a for a in hrdata("verify", "--json").told if a["question"] == "nothing_is_half_made"]
    assert answer["broken"] == []
    assert small.installation.one("select count(*) from staged.payroll_people") == 2


def test_the_example_of_readme_is_a_sources_file_that_can_be_used(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = (text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "url_from" in text)
    monkeypatch.setenv("HRDATA_SOURCES", str(written(file, example)))
    names: dict[str, Any] = yaml.safe_load(example)
    assert list(all_systems(load_settings())) == [*SYSTEMS, *names]
    told = {row["object"]: row["told"] for row in hrdata("sources", "list", "--json").told}
    assert told == {
        "employees": "set PAYROLL_URL",
        "contracts": "set PAYROLL_URL",
        "interviews": "set ASSESSMENT_URL, ASSESSMENT_TOKEN",
    }
