"""On what terms a quarter is loaded: lists that change, limits of a file, counts across tables, what they hold back."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from hrdata_assets.defs import core, staged
from hrdata_assets.defs.about import key_of
from hrdata_assets.defs.checks import staged_specs
from hrdata_assets.defs.releases import released
from hrdata_assets.defs.terms import terms_of
from hrdata_assets.errors import SetupError
from hrdata_assets.storage.archive import Archived
from hrdata_assets.storage.ledger import Place, arrival_of
from hrdata_assets.systems.flowcase.tables import Usage, User
from hrdata_assets_tests.builders import a_quarter, a_row, a_user, users, write_reports
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation

QUARTER = "2026-Q1"


@pytest.fixture
def listed(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Installation]:
    """An installation with a folder for references and a file of limits, both still to be written."""
    variables = {
        "HRDATA_REFERENCES_DIR": str(tmp_path / "references"),
        "HRDATA_QUALITY_FILE": str(tmp_path / "limits.toml"),
    }
    (tmp_path / "references").mkdir()
    (tmp_path / "limits.toml").write_text("")
    with new_installation(tmp_path, **variables) as made, made.environment():
        yield made


def countries(installation: Installation, *names: str) -> None:
    (installation.folder / "references" / "countries.csv").write_text("\n".join(["key", *names]) + "\n")


def limits(installation: Installation, text: str) -> None:
    (installation.folder / "limits.toml").write_text(text)


def measured(installation: Installation, asset: str, rule: str) -> dict[str, tuple[int, int]]:
    """Passed and units of the latest load, by point."""
    rows = installation.rows(
        "select point, passed, units from ops.quality_results q where asset_key = %s and rule = %s"
        " and load_id = (select max(load_id) from ops.quality_results where asset_key = q.asset_key)",
        asset,
        rule,
    )
    return {point: (passed, units) for point, passed, units in rows}


def both(passed: int, units: int) -> dict[str, tuple[int, int]]:
    return {"received": (passed, units), "published": (passed, units)}


def test_without_a_list_nothing_is_listed_and_the_contract_is_the_declarations_own(listed: Installation) -> None:
    listed.stage("flowcase_users", users(3))
    assert measured(listed, "staged/flowcase_users", "country_listed") == both(0, 0)
    assert "+" not in listed.one("select contract from ops.partitions where load_id is not null")


def test_a_list_that_changes_judges_the_same_report_again_and_the_same_list_does_not(listed: Installation) -> None:
    report = [*users(3), a_user(4, Country="Sweden")]
    statuses = []
    for names in (["Norway"], ["Norway"], ["Norway", "Sweden"], ["Norway"]):
        countries(listed, *names)
        statuses.append(listed.stage("flowcase_users", report).status)
        assert measured(listed, "staged/flowcase_users", "country_listed") == both(3 + ("Sweden" in names), 4)
    assert statuses == ["published", "already", "published", "published"]
    contracts = listed.column("select contract from ops.loads order by load_id")
    assert [len(contract.partition("+")[2]) for contract in contracts] == [8, 8, 8]
    assert contracts[0] == contracts[2] != contracts[1]
    # Who is only flagged stays, and holds nothing back.
    assert listed.one("select count(*) from staged.flowcase_users") == 4


def test_letters_name_the_contract_that_was_in_use(listed: Installation) -> None:
    countries(listed, "Norway")
    listed.stage("flowcase_users", [*users(30), a_user(31, Email="not an address")])
    contract = listed.one("select contract from ops.loads")
    assert listed.column("select contract_version from ops.dead_letters") == [contract]


def test_a_list_that_cannot_be_used_stops_the_report_and_says_why(listed: Installation) -> None:
    (listed.folder / "references" / "countries.csv").write_text("land\nNorway\n")
    with pytest.raises(SetupError, match=r"countries\.csv has no column key"):
        listed.stage("flowcase_users", users(3))


def test_a_load_is_written_down_with_the_version_of_its_limits(listed: Installation) -> None:
    listed.stage("flowcase_users", users(3))
    limits(listed, "[default]\nduplicates = 4\n")
    listed.stage("flowcase_users", users(4))
    first, second = listed.column("select policy from ops.loads order by load_id")
    assert len(first) == len(second) == 8
    assert first != second


def a_duplicate_among(rows: int) -> list[dict[str, str]]:
    return [*users(rows - 1), a_user(1)]


@pytest.mark.parametrize(("most", "status"), [("5", "published"), ("4.999", "held"), ("100", "published")])
def test_a_tables_own_limit_is_exact_and_holds_only_that_table(listed: Installation, most: str, status: str) -> None:
    limits(listed, f'[tables."staged.flowcase_users"]\nduplicates = {most}\n')
    found = listed.stage("flowcase_users", a_duplicate_among(20))
    assert found.status == status
    if status == "held":
        assert (found.reason or "").startswith("duplicates: 5.00 %, may be at most 5.00 %")


def test_fewer_rows_than_a_report_is_known_to_have_lower_completeness_at_both_points(listed: Installation) -> None:
    limits(listed, '[tables."staged.flowcase_users"]\nexpected_rows = 40\ngates = ["completeness"]\n')
    found = listed.stage("flowcase_users", [*users(29), a_user(30, Email="not an address")])
    assert measured(listed, "staged/flowcase_users", "rows_expected") == {"received": (30, 40), "published": (29, 40)}
    assert found.status == "published"
    limits(listed, '[tables."staged.flowcase_users"]\nexpected_rows = 400\ngates = ["completeness"]\n')
    found = listed.stage("flowcase_users", [*users(29), a_user(31, Email="not an address")])
    assert (found.status, [part.partition(":")[0] for part in (found.reason or "").split("; ")]) == (
        "held",
        ["completeness", "published_completeness"],
    )


def test_a_dimension_that_a_table_requires_and_nobody_measured_holds_it(listed: Installation) -> None:
    limits(listed, '[tables."staged.flowcase_users"]\nrequired = ["validity", "accuracy", "integrity"]\n')
    found = listed.stage("flowcase_users", users(3))
    assert (found.status, found.reason) == ("held", "measured: not measured: accuracy, integrity")


def test_the_day_on_which_a_delivery_first_came_is_known(listed: Installation) -> None:
    listed.stage("flowcase_users", users(3))
    listed.stage("flowcase_users", users(3))
    place = Place("raw/flowcase_users", QUARTER, "run")
    (delivery,) = listed.column("select delivery from ops.deliveries")
    with listed.warehouse.connect("arrival") as connection:
        arrived = arrival_of(connection, place.asset_key, QUARTER, delivery)
        assert arrival_of(connection, place.asset_key, "2025-Q4", delivery) is None
    assert arrived == listed.one("select (now() at time zone 'UTC')::date")


def test_a_report_with_a_due_day_is_told_from_the_quarters_end_and_one_without_is_not(listed: Installation) -> None:
    listed.stage("flowcase_users", users(3))
    place = Place("staged/flowcase_users", QUARTER, "run")
    (delivery,) = listed.column("select delivery from ops.deliveries")
    with listed.warehouse.connect("terms") as connection:
        tables = (replace(User.table, due_days=5), User.table)
        due, never = (terms_of(connection, listed.warehouse, place, t, delivery).circumstances for t in tables)
    assert due.due == datetime.date(2026, 4, 5)
    assert due.arrived == listed.one("select (archived_at at time zone 'UTC')::date from ops.deliveries")
    assert (never.arrived, never.due) == (None, None)
    assert "timeliness" in {spec.name for spec in staged_specs(replace(Usage.table, due_days=5))}
    assert "timeliness" not in {spec.name for spec in staged_specs(Usage.table)}


def test_what_is_counted_across_tables_stands_beside_the_core_tables(listed: Installation) -> None:
    reports = a_quarter(1, 2, 3, 4)
    reports["user_report"][3]["CV Partner CV ID"] = ""
    for report in reports:
        if report not in ("user_report", "usage_report", "sc_clearance", "availability_report"):
            del reports[report][3]
    usage = reports["usage_report"]
    usage[0]["Email"] = "PERSON1@example.org"
    usage[1]["Email"] = "another@example.org"
    usage[2]["Email"] = ""
    for row, projects, languages in zip(usage, ("1", "2", "", "0"), ("1", "1", "1", "1"), strict=True):
        row |= {"Project Experiences": projects, "Languages": languages}
    write_reports(listed.quarter_folder(QUARTER), reports)
    listed.load(QUARTER)
    assert measured(listed, "core/users", "email_agrees") == both(2, 3)
    assert measured(listed, "core/cvs", "people_have_cvs") == both(3, 4)
    assert measured(listed, "core/project_experience", "usage_agrees") == both(2, 3)
    assert measured(listed, "core/cv_language", "usage_agrees") == both(3, 4)
    # The usage report does not say how many courses anybody has.
    assert measured(listed, "core/course", "usage_agrees") == both(0, 0)
    assert measured(listed, "core/user_clearance", "usage_agrees") == {}


def test_what_does_not_reach_the_readers_is_missing_at_the_second_point(listed: Installation) -> None:
    reports = a_quarter(1, 2, 3)
    # The same CV twice: the second person keeps none.
    reports["user_report"][1]["CV Partner CV ID"] = "cv_u1"
    write_reports(listed.quarter_folder(QUARTER), reports)
    listed.load(QUARTER)
    assert measured(listed, "core/cvs", "people_have_cvs") == both(2, 3)
    found = measured(listed, "core/project_experience", "usage_agrees")
    assert found == {"received": (3, 3), "published": (2, 3)}


def test_without_a_usage_report_nothing_is_compared_with_it(listed: Installation) -> None:
    reports = a_quarter(1, 2, 3)
    del reports["usage_report"]
    write_reports(listed.quarter_folder(QUARTER), reports)
    listed.load(QUARTER)
    assert measured(listed, "core/users", "email_agrees") == both(0, 0)
    assert measured(listed, "core/project_experience", "usage_agrees") == both(0, 0)


def test_a_core_table_below_a_floor_that_is_a_gate_keeps_the_quarter_back(listed: Installation) -> None:
    reports = a_quarter(*range(1, 11))
    for row in reports["user_report"][:1]:
        row["CV Partner CV ID"] = ""
    write_reports(listed.quarter_folder(QUARTER), reports)
    listed.load(QUARTER)
    limits(listed, '[tables."core.cvs"]\ngates = ["completeness"]\nfloors = { completeness = 90.1 }\n')
    listed.stage("flowcase_technologies", [a_row("technologies", 2, **{"Skill name": "Ada"})])
    with listed.warehouse.connect("core") as connection:
        group = core.core_group(connection, listed.warehouse, QUARTER, "run")
    with released(listed.warehouse, [(group, {})]) as (release,):
        assert [fault.split(": ")[0] for fault in release.faults()] == [
            "core.cvs completeness",
            "core.cvs published_completeness",
        ]


def test_the_checks_say_what_holds_a_partition_and_by_which_limits(listed: Installation) -> None:
    countries(listed, "Sweden")
    limits(listed, '[tables."staged.flowcase_users"]\ngates = ["integrity"]\nrequired = ["accuracy"]\n')
    assert listed.stage("flowcase_users", users(3)).status == "held"
    ((file_name, sha256),) = listed.rows("select file_name, sha256 from ops.deliveries")
    report = Archived(file_name, sha256, listed.warehouse.archive)
    load = staged._load(listed.warehouse, Place("staged/flowcase_users", QUARTER, "run"), User.table, report)
    names = [spec.name for spec in staged_specs(User.table)]
    results = list(staged._results(key_of(User.table), names, load))
    assert sorted(str(result.check_name) for result in results) == sorted(names)
    checks = {result.check_name: result for result in results}
    red = {name for name, result in checks.items() if not result.passed}
    assert red == {"integrity", "published_integrity", "measured"}
    assert {checks[name].severity for name in red} == {dg.AssetCheckSeverity.ERROR}
    assert (checks["measured"].description or "").startswith("not measured: accuracy: held")
    assert "published_integrity: 0.00 %, must be at least 100.00 %" in checks["integrity"].description
    assert "most often broken: country_listed (3 of 3)" in checks["integrity"].description
    assert checks["integrity"].metadata["received (%)"].value == 0
    assert checks["overall"].metadata["limits"].value == load.limits.policy != ""
