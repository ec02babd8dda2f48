"""Deliveries that are missing, unreadable, partial or bad: what stops, what goes on, what stays as it was."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import pytest

from hrdata_assets.definitions import defs
from hrdata_assets.defs.execution import QuarterRun
from hrdata_assets.errors import DeliveryError
from hrdata_assets_tests.builders import (
    a_quarter,
    a_technology,
    a_user,
    report_bytes,
    users,
    write_report,
    write_reports,
)
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation, dump

QUARTER = "2026-Q1"
LETTERS = "select row_no, stage, status, reasons -> 0 ->> 'rule' from ops.dead_letters where asset_key = %s order by 1"
HTML = b"<!DOCTYPE html><html><body>Please sign in</body></html>"


def a_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("user_report.csv", "Name,Email")
    return target.getvalue()


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "web page": (HTML, "is a web page or XML, not a CSV file: sign in and download the report again"),
    "workbook": (a_zip(), "is a zip archive or an Excel workbook, not a CSV file: export the report as CSV"),
    "nothing": (b"", "is empty: export the report again"),
    "only blanks": (b"\xef\xbb\xbf \r\n\r\n", "is empty: export the report again"),
    "no header": (b",,,\r\n1,2,3,4\r\n", "has no header: its first row must name the columns"),
    "required column missing": (report_bytes([{"Email": "a@b.cc"}]), "lacks the required column CV Partner User ID"),
    "false UTF-16": (b"\xff\xfeN\x00a", "says it is UTF-16 and is not: export it again as UTF-8"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_is_no_table_is_one_clear_error_and_one_letter(installation: Installation, kind: str) -> None:
    content, told = UNREADABLE[kind]
    with pytest.raises(DeliveryError) as raised:
        installation.stage("flowcase_users", content)
    assert str(raised.value).startswith(f"Q12026/user_report.csv {told}")
    assert installation.rows(LETTERS, "staged/flowcase_users") == [(0, "decode", "open", "file_is_a_table")]
    assert installation.one("select count(*) from staged.flowcase_users") == 0
    # A readable one ends it.
    installation.stage("flowcase_users", users(2))
    assert [row[2] for row in installation.rows(LETTERS, "staged/flowcase_users")] == ["superseded"]


def test_a_header_without_people_is_held(installation: Installation) -> None:
    header = report_bytes(users(1)).partition(b"\n")[0]
    receipt = installation.stage("flowcase_users", header)
    assert (receipt.status, receipt.reason) == ("held", "rows: 0 rows")


def test_a_header_without_rows_is_an_empty_table_elsewhere(installation: Installation) -> None:
    header = report_bytes([a_technology()]).partition(b"\n")[0]
    receipt = installation.stage("flowcase_technologies", header)
    assert (receipt.status, receipt.counts.read) == ("published", 0)


def test_records_in_another_encoding_are_named_one_by_one(installation: Installation) -> None:
    rows = [*users(40), a_user(41, Department="Læring")]
    header, *lines = report_bytes(rows).splitlines(keepends=True)
    lines[-1] = lines[-1].decode().encode("latin-1")
    receipt = installation.stage("flowcase_users", b"".join([header, *lines]))
    assert (receipt.status, receipt.counts.set_aside) == ("published", 1)
    assert installation.rows(LETTERS, "staged/flowcase_users") == [(42, "decode", "open", "text_is_utf8")]


def test_a_file_all_in_another_encoding_is_held(installation: Installation) -> None:
    content = report_bytes([a_user(n, Department="Læring") for n in range(1, 6)]).decode().encode("latin-1")
    receipt = installation.stage("flowcase_users", content)
    assert receipt.status == "held"
    assert "set_aside: 100.00 %" in (receipt.reason or "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are_are_read(installation: Installation, encoding: str) -> None:
    content = report_bytes([a_user(1, Department="Læring")]).decode().encode(encoding)
    assert installation.stage("flowcase_users", content).status == "published"
    assert installation.one("select department from staged.flowcase_users") == "Læring"


def checks(instance: dg.DagsterInstance, run_id: str) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records
    found = [record.event_log_entry.dagster_event.event_specific_data for record in records]
    return {(e.asset_key.to_user_string(), e.check_name): e for e in found}


@dataclass(frozen=True)
class Outcome:
    """An installation after a run of the graph that did not go well, and how it was before."""

    installation: Installation
    run: QuarterRun
    checks: dict[tuple[str, str], dg.AssetCheckEvaluation]
    before: dict[str, bytes]

    @property
    def faults(self) -> dict[str, str]:
        return {fault.step: fault.message for fault in self.run.faults}


def run_with_checks(installation: Installation) -> Outcome:
    before = dump(installation, "core", "current", "marts")
    with dg.DagsterInstance.ephemeral() as instance:
        run = installation.run(QUARTER, instance=instance)
        return Outcome(installation, run, checks(instance, run.run_id), before)


@pytest.fixture(scope="module")
def without_people(new_installation: NewInstallation) -> Iterator[Outcome]:
    """The first delivery of a quarter, without the user report and without languages."""
    with new_installation() as made:
        reports = a_quarter(1, 2, 3)
        del reports["user_report"], reports["languages"]
        write_reports(made.quarter_folder(QUARTER), reports)
        yield run_with_checks(made)


def test_without_the_user_report_a_quarter_is_not_loaded(without_people: Outcome) -> None:
    assert without_people.run.success is False
    (told,) = without_people.faults.values()
    assert told.startswith("user_report.csv is not in the folder of 2026-Q1: no quarter is loaded without it")
    assert {"core", "marts__kpis", "staged__flowcase_users"} <= set(without_people.run.skipped)
    assert without_people.installation.one("select count(*) from core.users") == 0
    delivered = without_people.checks["raw/flowcase_users", "delivered"]
    assert (delivered.passed, delivered.severity) == (False, dg.AssetCheckSeverity.ERROR)


def test_any_other_report_that_is_missing_warns_and_is_an_empty_table(without_people: Outcome) -> None:
    delivered = without_people.checks["raw/flowcase_languages", "delivered"]
    assert (delivered.passed, delivered.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert delivered.description == "languages.csv is missing"
    counted = "select read, status from ops.loads where asset_key = %s"
    assert without_people.installation.rows(counted, "staged/flowcase_languages") == [(0, "published")]
    assert without_people.installation.rows(counted, "staged/flowcase_courses") == [(3, "published")]


def test_the_report_that_came_late_completes_the_quarter(without_people: Outcome) -> None:
    installation = without_people.installation
    write_report(installation.quarter_folder(QUARTER), "user_report", users(3))
    installation.load(QUARTER)
    assert installation.one("select count(*) from core.users") == 3
    assert installation.one("select count(*) from core.cv_language") == 0


@pytest.fixture(scope="module")
def after_bad_delivery(new_installation: NewInstallation) -> Iterator[Outcome]:
    """A good quarter, delivered again with one report held, four of no use, one gone, and one corrected."""
    with new_installation() as made:
        folder = write_reports(made.quarter_folder(QUARTER), a_quarter(1, 2, 3))
        made.load(QUARTER)
        write_report(folder, "user_report", [a_user(1), a_user(2), a_user(3, **{"Birth Year": "?!"})])
        (folder / "courses.csv").write_bytes(HTML)
        (folder / "blogs.csv").write_bytes(a_zip())
        (folder / "cv_roles.csv").write_bytes(b"")
        write_report(folder, "positions", [{"Name": "Team lead"}])
        (folder / "languages.csv").unlink()
        write_report(folder, "technologies", [a_technology(1, **{"Skill name": "SQL"})])
        yield run_with_checks(made)


def test_every_bad_report_is_told_by_file_and_what_to_do(after_bad_delivery: Outcome) -> None:
    assert after_bad_delivery.run.success is False
    beginnings = {
        "staged__flowcase_users": "held, nothing published: set_aside: 33.33 %, may be at most 5.00 %",
        "staged__flowcase_courses": "Q12026/courses.csv is a web page or XML",
        "staged__flowcase_blogs": "Q12026/blogs.csv is a zip archive or an Excel workbook",
        "staged__flowcase_cv_roles": "Q12026/cv_roles.csv is empty",
        "staged__flowcase_positions": "Q12026/positions.csv lacks the required columns CV Partner CV ID, "
        "CV Partner section ID: export the report with all its columns",
    }
    assert after_bad_delivery.faults.keys() == beginnings.keys()
    for step, beginning in beginnings.items():
        assert after_bad_delivery.faults[step].startswith(beginning)


def test_the_other_reports_go_on(after_bad_delivery: Outcome) -> None:
    names = "select skill_name from staged.flowcase_technologies"
    assert after_bad_delivery.installation.column(names) == ["SQL"]
    assert len(after_bad_delivery.installation.column("select row_no from staged.flowcase_languages")) == 3


def test_what_was_published_before_stays_readable(after_bad_delivery: Outcome) -> None:
    after, before = dump(after_bad_delivery.installation, "core", "current", "marts"), dict(after_bad_delivery.before)
    # Scores are of staged tables as well, and the other reports went on.
    assert after.pop("marts.quality") != before.pop("marts.quality")
    assert after == before
    assert after_bad_delivery.before["current.users"].count(b"\n") == 3
    assert after_bad_delivery.before["marts.cv_search_profile_mv"].count(b"\n") == 3
    assert after_bad_delivery.run.skipped == ("core", "marts__cv_search_profile_mv", "marts__kpis")
    staged = "select cv_partner_user_id, birth_year from staged.flowcase_users order by 1"
    assert after_bad_delivery.installation.rows(staged) == [("u1", 1984), ("u2", 1984), ("u3", 1984)]


def test_the_gate_that_holds_a_report_is_a_failed_check(after_bad_delivery: Outcome) -> None:
    gates = ("rows", "overall", "nulls", "duplicates", "set_aside")
    found = {gate: after_bad_delivery.checks["staged/flowcase_users", gate].passed for gate in gates}
    assert found == {"rows": True, "overall": True, "nulls": True, "duplicates": True, "set_aside": False}
    assert after_bad_delivery.checks["staged/flowcase_users", "set_aside"].severity is dg.AssetCheckSeverity.ERROR


def test_corrected_files_need_no_other_step(after_bad_delivery: Outcome) -> None:
    installation = after_bad_delivery.installation
    write_reports(installation.quarter_folder(QUARTER), a_quarter(1, 2, 3, 4))
    installation.load(QUARTER)
    assert installation.column("select cv_partner_user_id from current.users order by 1") == ["u1", "u2", "u3", "u4"]
    assert installation.one("select count(*) from ops.dead_letters where status = 'open'") == 0
    assert installation.one("select count(*) from ops.partitions where held_load_id is not null") == 0


def test_a_second_run_over_the_same_folder_writes_nothing_and_checks_everything(installation: Installation) -> None:
    write_reports(installation.quarter_folder(QUARTER), a_quarter(1, 2, 3))
    installation.load(QUARTER)
    ledger = "select l::text from ops.loads l union all select p::text from ops.partitions p where load_id is not null"
    before = sorted(installation.column(ledger))
    again = run_with_checks(installation)
    assert (again.run.success, again.run.changed, again.run.faults) == (True, False, ())
    assert sorted(installation.column(ledger)) == before
    assert dump(installation, "core", "current", "marts") == again.before
    declared = {
        (spec.asset_key.to_user_string(), spec.name)
        for spec in defs.resolve_job_def("quarter").asset_layer.asset_graph.asset_check_keys
    }
    assert again.checks.keys() == declared
    assert [key for key, found in again.checks.items() if not found.passed] == []


@pytest.fixture(scope="module")
def subset(new_installation: NewInstallation) -> Iterator[Installation]:
    """Files without the person's columns, in a folder whose name says nothing, with texts as JSON."""
    section = {"CV Partner CV ID": "cv-7", "CV Partner section ID": "x-1", "Updated": "2024-05-01"}
    yes = {"Is official masterdata (in #{lang})": '{"int":"Yes"}'}
    user = {
        "Name (multilang)": "int:Ada Byron|no:Ada",
        "Title (#{lang})": "int:Analyst",
        "Email": "ada@example.org",
        "UPN": "",
        "CV Partner User ID": "7",
        "CV Partner CV ID": "cv-7",
        "Birth Year": "+1985",
    }
    project = {
        **section,
        "Year from": "2020",
        "Customer (#{lang})": '{"int":"Acme","no":"Akme"}',
        "Customer (int)": "Acme",
        "Description (#{lang})": '{"int":""}',
        "Industry (int)": "IT",
    }
    reports = {
        "user_report": [user],
        "usage_report": [{"CV Partner User ID": "7", "Nationality (#{lang})": "int:UK"}],
        "project_experiences": [project],
        "certifications": [{**section, "CV Partner CV ID": "7", "Month": "1", "Year": "2022"}],
        "courses": [{**section, "Name": "SQL Basics", **yes}],
        "languages": [{"CV Partner CV ID": "cv-7", "Language": "English", "Level": "Native", **yes}],
        "technologies": [{"CV Partner CV ID": "cv-7", "Skill name": "Python", "Year experience": "5", **yes}],
        "positions": [{**section, "Name": "Lead"}],
        "blogs": [{**section, "Name": "Post"}],
        "cv_roles": [{"CV Partner CV ID": "cv-7", "Name": "Engineer"}],
        "sc_clearance": [{"Email": "ada@example.org", "Clearance": "SC", "Valid From": "2023-01-01", "UPN": ""}],
        "availability_report": [{"Email": "ADA@example.org", "Date": "2024-04-01", "Percent Available": "80"}],
    }
    with new_installation(HRDATA_QUARTER_FOLDERS="QTEST=2026-Q1") as made:
        write_reports(made.reports / "QTEST", reports)
        made.load(QUARTER)
        yield made


@pytest.mark.parametrize(("statement", "expected"), [
    ("select name, name_multilang, birth_year, upn, nationality_multilang from core.users",
     (None, {"int": "Ada Byron", "no": "Ada"}, 1985, None, {"int": "UK"})),
    ("select customer_int, customer_multilang, description_multilang, industry, year_to from core.project_experience",
     ("Acme", {"int": "Acme", "no": "Akme"}, {}, "IT", None)),
    ("select name, is_official_masterdata from core.course", ("SQL Basics", {"int": "Yes"})),
    ("select language, level, is_official_masterdata from core.cv_language", ("English", "Native", {"int": "Yes"})),
    ("select name from core.position", ("Lead",)),
    ("select name from core.blog_publication", ("Post",)),
    ("select name from core.cv_role", ("Engineer",)),
    ("select user_name, cv_title, technologies, clearance, latest_percent_available from marts.cv_search_profile_mv",
     ("Ada Byron", "Analyst", "Python", "SC", 80)),
    ("select file_name from ops.deliveries where asset_key = 'raw/flowcase_users'", ("QTEST/user_report.csv",)),
])  # fmt: skip
def test_files_with_few_columns_are_loaded(subset: Installation, statement: str, expected: tuple[object, ...]) -> None:
    assert subset.rows(statement) == [expected]


def test_a_certificate_of_an_unknown_cv_is_set_aside(subset: Installation) -> None:
    assert subset.rows(LETTERS, "core/certification") == [(2, "load", "open", "cv_known")]
    assert subset.one("select count(*) from ops.dead_letters") == 1
    assert subset.one("select count(*) from core.certification") == 0
