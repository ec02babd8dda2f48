"""Two quarters from the files to the KPIs: as computed by hand, in any order, any number of times."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.bundled import program
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets_tests.builders import a_user, write_report
from hrdata_assets_tests.conftest import OWN_SERVER, NewInstallation
from hrdata_assets_tests.independent import CV, PROFILE_COLUMNS, USER, QuarterFiles
from hrdata_assets_tests.installation import Installation, dump

EARLIER, LATER = "2025-Q2", "2026-Q2"
DIALECTS = ("seed", "export")
KPIS = "select kpi, value, detail from marts.kpis where quarter = %s"
MEMBERS = "select cv_partner_user_id from core.users where quarter = %s order by 1"


@pytest.fixture(scope="module", params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def files(dialect: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, QuarterFiles]:
    folder = tmp_path_factory.mktemp(dialect)
    quarters = {EARLIER: "Q22025", LATER: "Q22026"}
    for name in quarters.values():
        write_quarter(folder / name, Quarter.parse(name), people=60, seed=7, dialect=dialect)
    return {quarter: QuarterFiles(folder / name, quarter) for quarter, name in quarters.items()}


@pytest.fixture(scope="module")
def in_order(dialect: str, files: dict[str, QuarterFiles], new_installation: NewInstallation) -> Iterator[Installation]:
    """Both quarters, the earlier one first; the later one of one dialect by the whole graph."""
    with new_installation() as made:
        shutil.copytree(files[EARLIER].folder.parent, made.reports)
        made.load(EARLIER)
        if dialect == "seed":
            done = made.run(LATER)
            assert (done.success, done.changed, done.faults, done.skipped) == (True, True, (), ())
        else:
            made.load(LATER)
        yield made


@pytest.fixture(scope="module")
def backwards(files: dict[str, QuarterFiles], new_installation: NewInstallation) -> Iterator[Installation]:
    """The later quarter first, then the earlier one, then the later one again."""
    with new_installation() as made:
        shutil.copytree(files[EARLIER].folder.parent, made.reports)
        for quarter in (LATER, EARLIER, LATER):
            made.load(quarter)
        yield made


def test_kpis_are_those_worked_out_from_the_files(in_order: Installation, files: dict[str, QuarterFiles]) -> None:
    for quarter, previous in ((EARLIER, None), (LATER, files[EARLIER])):
        expected = files[quarter].kpis(previous)
        found = {kpi: (value, detail) for kpi, value, detail in in_order.rows(KPIS, quarter)}
        assert found == expected
    # A comparison of noughts would prove little.
    assert all(value for value, _ in expected.values())


def test_the_search_profile_is_that_worked_out_from_the_files(
    in_order: Installation, files: dict[str, QuarterFiles]
) -> None:
    found = in_order.rows(f"select cv_id, {PROFILE_COLUMNS} from marts.cv_search_profile_mv")
    assert {cv: tuple(rest) for cv, *rest in found} == files[LATER].profiles()
    clearances = {row[11] for row in found}
    assert {"None", "SC"} <= clearances


def test_the_search_finds_what_a_cv_names(in_order: Installation, files: dict[str, QuarterFiles]) -> None:
    found = in_order.column(
        "select cv_id from marts.cv_search_profile_mv where search @@ websearch_to_tsquery('english', 'databricks')"
    )
    knowing = {cv for cv, skills in files[LATER].skills.items() if "Databricks" in skills}
    assert knowing
    assert knowing <= set(found) != set(files[LATER].cvs)


def test_order_and_repetition_leave_no_mark(in_order: Installation, backwards: Installation) -> None:
    first, second = (dump(made, "core", "marts", "staged", "current") for made in (in_order, backwards))
    assert {name for name in first if first[name] != second.get(name)} == set()
    assert first.keys() == second.keys()
    assert len(first["core.users"].splitlines()) == 120


@pytest.mark.skipif(bool(OWN_SERVER), reason="the bundled pg_dump belongs to the bundled server")
def test_order_and_repetition_leave_no_mark_that_pg_dump_sees(in_order: Installation, backwards: Installation) -> None:
    def dumped(url: str) -> str:
        wanted = ("--schema=core", "--schema=marts", "--restrict-key=key")
        return subprocess.run([program("pg_dump"), *wanted, url], check=True, capture_output=True, text=True).stdout

    assert dumped(in_order.url) == dumped(backwards.url)


def test_who_left_stays_in_the_quarter_left_and_is_not_in_the_current_one(
    in_order: Installation, files: dict[str, QuarterFiles]
) -> None:
    gone = set(files[EARLIER].users) - set(files[LATER].users)
    assert gone
    assert in_order.column(MEMBERS, EARLIER) == sorted(files[EARLIER].users)
    assert in_order.column(MEMBERS, LATER) == sorted(files[LATER].users)
    assert gone.isdisjoint(in_order.column("select cv_partner_user_id from current.users"))
    assert gone.isdisjoint(in_order.column("select user_id from marts.cv_search_profile_mv"))


def test_nobody_carries_anothers_clearance(in_order: Installation, files: dict[str, QuarterFiles]) -> None:
    found = in_order.rows(
        "select quarter, lower(u.email), clearance, valid_from, valid_to from core.user_clearance"
        " join core.users u using (quarter, cv_partner_user_id)"
    )
    expected = {
        (quarter, read.users[user]["Email"].lower(), *clearance)
        for quarter, read in files.items()
        for user, clearances in read.clearances.items()
        for clearance in clearances
    }
    by_email = {
        (quarter, row["Email"].lower(), row["Clearance"] or "None")
        for quarter, read in files.items()
        for row in read.rows("sc_clearance")
    }
    assert set(found) == expected
    assert len(found) == len(expected)
    assert {row[:3] for row in found} == by_email


def test_nobody_carries_anothers_availability(in_order: Installation, files: dict[str, QuarterFiles]) -> None:
    found = in_order.rows(
        "select quarter, lower(u.email), date::text, percent_available from core.user_availability"
        " join core.users u using (quarter, cv_partner_user_id)"
    )
    by_email = [
        (quarter, row["Email"].lower(), row["Date"], int(row["Percent Available"]))
        for quarter, read in files.items()
        for row in read.rows("availability_report")
    ]
    assert sorted(found) == sorted(by_email)


def test_every_row_leads_back_to_its_line(in_order: Installation, files: dict[str, QuarterFiles]) -> None:
    lines = files[LATER].rows("technologies")
    found = in_order.rows(
        "select cv_partner_cv_id, technology, row_no from core.cv_technology where quarter = %s", LATER
    )
    assert found
    assert [(lines[n - 2][CV], lines[n - 2]["Skill name"]) for _, _, n in found] == [row[:2] for row in found]


def test_every_load_accounts_for_every_record(in_order: Installation, files: dict[str, QuarterFiles]) -> None:
    read = dict(
        in_order.rows(
            "select asset_key, read from ops.loads where asset_key like 'staged/%%' and partition_key = %s", LATER
        )
    )
    assert read["staged/flowcase_users"] == len(files[LATER].rows("user_report"))
    assert read["staged/flowcase_availability"] == len(files[LATER].rows("availability_report"))
    assert in_order.one("select count(*) from ops.dead_letters") == 0
    assert {row[USER] for row in files[LATER].rows("usage_report")} == set(files[LATER].users)


def joiners_and_leavers(installation: Installation) -> dict[str, tuple[object, ...]]:
    rows = installation.rows(
        "select quarter, max(value) filter (where kpi = 'joiners')::int,"
        " max(value) filter (where kpi = 'leavers')::int, max(detail ->> 'compared_with')"
        " from marts.kpis group by 1 order by 1"
    )
    return {quarter: tuple(rest) for quarter, *rest in rows}


def deliver_people(installation: Installation, quarter: str, *people: int) -> None:
    """Load a quarter of which only the user report came: quick, and enough to tell who is in it."""
    write_report(installation.quarter_folder(quarter), "user_report", [a_user(number) for number in people])
    installation.load(quarter)


def test_a_quarter_that_comes_late_corrects_the_comparison_of_the_next(installation: Installation) -> None:
    deliver_people(installation, "2026-Q4", 5, 6)
    assert joiners_and_leavers(installation) == {"2026-Q4": (None, None, None)}
    deliver_people(installation, "2026-Q1", 1, 2, 3)
    assert joiners_and_leavers(installation) == {"2026-Q1": (None, None, None), "2026-Q4": (2, 3, "2026-Q1")}
    deliver_people(installation, "2026-Q2", 2, 3, 4, 5)
    assert joiners_and_leavers(installation) == {
        "2026-Q1": (None, None, None),
        "2026-Q2": (2, 1, "2026-Q1"),
        "2026-Q4": (1, 3, "2026-Q2"),
    }
    # And one that is delivered again.
    deliver_people(installation, "2026-Q2", 1, 2, 3, 4, 5, 6)
    assert joiners_and_leavers(installation) == {
        "2026-Q1": (None, None, None),
        "2026-Q2": (3, 0, "2026-Q1"),
        "2026-Q4": (0, 4, "2026-Q2"),
    }


def test_a_former_delivery_brings_its_rows_back(installation: Installation) -> None:
    deliver_people(installation, EARLIER, 1, 2)
    deliver_people(installation, LATER, 1, 2, 3)
    first = dump(installation, "staged", "core", "current", "marts")
    delivered = (installation.quarter_folder(LATER) / "user_report.csv").read_bytes()
    deliver_people(installation, LATER, 3, 4)
    assert installation.column("select cv_partner_user_id from current.users order by 1") == ["u3", "u4"]
    kept = installation.column("select sha256 from ops.deliveries where asset_key = 'raw/flowcase_users'")
    assert delivered in [installation.warehouse.archive.content(sha256) for sha256 in kept]
    deliver_people(installation, LATER, 1, 2, 3)
    assert dump(installation, "staged", "core", "current", "marts") == first
