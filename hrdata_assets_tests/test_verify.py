"""`hrdata verify` finds nothing in what was loaded, and names every promise that is broken by hand."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import sql

from hrdata_assets.verify.answers import Answer, ask, verify
from hrdata_assets_tests.builders import (
    a_certification,
    a_quarter,
    a_technology,
    a_user,
    report_bytes,
    users,
    write_reports,
)
from hrdata_assets_tests.conftest import CopyOf, NewInstallation
from hrdata_assets_tests.installation import Installation

QUARTER = "2026-Q1"
PEOPLE = range(1, 31)


@pytest.fixture(scope="module")
def loaded(new_installation: NewInstallation) -> Iterator[Installation]:
    """A quarter with a bad row, a doubled one, one of nobody, one without a CV, and a report that is held."""
    with new_installation() as made:
        folder = made.quarter_folder(QUARTER)
        reports = a_quarter(*PEOPLE)
        reports["user_report"] += [a_user(31, **{"Birth Year": "?!"}), a_user(32, **{"CV Partner CV ID": ""})]
        reports["certifications"].append(a_certification(99))
        reports["technologies"].append(a_technology(1))
        write_reports(folder, reports)
        made.load(QUARTER)
        write_reports(made.quarter_folder("2026-Q2"), a_quarter(1, 2))
        made.load("2026-Q2")
        held = [a_technology(n, **{"Year experience": "?!"}) for n in (1, 2)]
        assert made.stage("flowcase_technologies", held, "2026-Q2").status == "held"
        yield made


def broken(answers: list[Answer]) -> dict[str, list[tuple[str, str, int]]]:
    return {a.question: [(b.asset, b.quarter, b.number) for b in a.broken] for a in answers if not a.holds}


def after(installation: Installation, *statements: str) -> dict[str, list[tuple[str, str, int]]]:
    """What is found once somebody has done this, which nobody else sees."""
    with installation.warehouse.connect("test") as connection:
        for text in statements:
            connection.execute(sql.SQL(text))
        found = broken(ask(connection))
        connection.rollback()
    return found


def test_nothing_speaks_against_what_was_loaded(loaded: Installation) -> None:
    assert loaded.one("select count(*) from ops.dead_letters") >= 4
    assert loaded.one("select skipped from ops.loads where asset_key = 'core/cvs' and partition_key = %s", QUARTER) == 1
    assert broken(verify(loaded.warehouse, read_archive=True)) == {}


def test_what_is_published_meanwhile_is_no_fault(loaded: Installation, copy_of: CopyOf) -> None:
    with copy_of(loaded) as made:
        reports = [report_bytes(users(count)) for count in (40, 50)]
        over = threading.Event()

        def publish() -> int:
            loads = 0
            while not over.is_set():
                made.stage("flowcase_users", reports[loads % 2], "2026-Q2")
                loads += 1
            return loads

        with ThreadPoolExecutor(1) as publisher:
            published = publisher.submit(publish)
            graves = [[a for a in verify(made.warehouse) if a.fails] for _ in range(15)]
            over.set()
            assert published.result() > 5
        assert graves == [[]] * 15


Q = f"quarter = '{QUARTER}'"
P = f"partition_key = '{QUARTER}'"
OF_LOAD = f"(select load_id from ops.partitions where asset_key = 'staged/flowcase_users' and {P})"


@pytest.mark.parametrize(("statements", "question", "where"), [
    (["alter table ops.loads drop constraint nothing_is_lost",
      f"update ops.loads set read = read + 1 where load_id = {OF_LOAD}"],
     "loads_add_up", "staged/flowcase_users"),
    ([f"update ops.partitions set contract = 'another' where asset_key = 'staged/flowcase_users' and {P}"],
     "partitions_name_their_load", "staged/flowcase_users"),
    ([f"delete from ops.quality_results where point = 'received' and load_id = {OF_LOAD}"],
     "loads_have_scores", "staged/flowcase_users"),
    (["insert into ops.loads (asset_key, partition_key, delivery, contract, run_id, status, read, inserted, updated,"
      " unchanged, duplicate, set_aside, skipped, started_at) select asset_key, partition_key, delivery, contract,"
      f" 'again', status, 0, 0, 0, 0, 0, 0, 0, now() from ops.loads where load_id = {OF_LOAD}"],
     "content_counts_once", "staged/flowcase_users"),
    ([f"delete from staged.flowcase_usage where {Q} and cv_partner_user_id = 'u1'"],
     "rows_are_those_counted", "staged/flowcase_usage"),
    ([f"delete from marts.kpis where {Q} and kpi = 'users'"], "rows_are_those_counted", "marts/kpis"),
    ([f"update ops.partitions set load_id = null where asset_key = 'core/cv_role' and {P}"],
     "rows_are_those_counted", "core/cv_role"),
    ([f"update staged.flowcase_users set delivery = 'another' where {Q} and cv_partner_user_id = 'u1'"],
     "rows_are_of_the_delivery", "staged/flowcase_users"),
    ([f"delete from ops.deliveries where asset_key = 'raw/flowcase_courses' and {P}"],
     "deliveries_are_known", "core/course"),
    ([f"update core.course set row_no = 999 where {Q} and row_no = 2"],
     "core_rows_lead_to_staged_ones", "core/course"),
    ([f"delete from core.course where {Q} and row_no = 2"], "staged_rows_are_accounted_for", "core/course"),
    ([f"delete from ops.dead_letters where asset_key = 'core/certification' and {P}"],
     "staged_rows_are_accounted_for", "core/certification"),
    ([f"update ops.loads set skipped = 0, inserted = inserted + 1 where asset_key = 'core/cvs' and {P}"],
     "staged_rows_are_accounted_for", "core/cvs"),
    (["alter table core.cv_role drop constraint cv_role_quarter_cv_partner_cv_id_fkey",
      f"update core.cv_role set cv_partner_cv_id = 'of nobody' where {Q} and row_no = 2"],
     "references_resolve", "core/cv_role"),
    ([f"delete from ops.dead_letters where asset_key = 'staged/flowcase_users' and {P}"],
     "letters_are_there", "staged/flowcase_users"),
    ([f"delete from ops.dead_letters where asset_key = 'core/certification' and {P}"],
     "letters_are_there", "core/certification"),
    (["create schema building_1_2026_q1"], "nothing_is_half_made", "building_1_2026_q1"),
    (["create table staged.flowcase_users_2026_q1_old ()"], "nothing_is_half_made",
     "staged.flowcase_users_2026_q1_old"),
    (["drop table held.staged_flowcase_technologies_2026_q2"],
     "held_rows_have_a_held_load", "staged/flowcase_technologies"),
    (["create table held.staged_flowcase_users_2025_q1 ()"],
     "held_rows_have_a_held_load", "held.staged_flowcase_users_2025_q1"),
    ([f"update ops.partitions set delivery = 'another' where asset_key = 'staged/flowcase_users' and {P}"],
     "core_is_of_what_is_staged", "core"),
    (["delete from core.cv_technology where quarter = '2026-Q2'", "delete from core.cv_role where quarter = '2026-Q2'",
      "update core.cvs set cv_partner_cv_id = 'x' where false",
      "refresh materialized view marts.cv_search_profile_mv with no data"],
     "profile_is_of_what_is_current", "marts/cv_search_profile_mv"),
])  # fmt: skip
def test_what_is_broken_is_named_with_its_place(
    loaded: Installation, statements: list[str], question: str, where: str
) -> None:
    found = after(loaded, *statements)
    assert where in [asset for asset, _, _ in found.get(question, [])], found


def test_the_number_is_how_much_is_broken(loaded: Installation) -> None:
    found = after(loaded, f"delete from core.course where {Q} and row_no < 5")
    assert found["staged_rows_are_accounted_for"] == [("core/course", QUARTER, 3)]


def test_a_core_of_earlier_deliveries_is_work_left_and_breaks_no_promise(installation: Installation) -> None:
    write_reports(installation.quarter_folder(QUARTER), a_quarter(1, 2, 3))
    installation.load(QUARTER)
    installation.stage("flowcase_users", [a_user(1)], QUARTER)
    answers = verify(installation.warehouse)
    assert broken(answers) == {"core_is_of_what_is_staged": [("core", QUARTER, 1)]}
    assert not any(a.fails for a in answers)


def test_the_archive_is_read_when_asked_to(installation: Installation) -> None:
    installation.stage("flowcase_users", [a_user(1)])
    (sha256,) = installation.column("select sha256 from ops.deliveries")
    path = installation.warehouse.archive.path(sha256)
    place = [("raw/flowcase_users", QUARTER, 1)]
    path.write_bytes(b"altered")
    assert broken(verify(installation.warehouse)) == {"core_is_of_what_is_staged": [("core", QUARTER, 1)]}
    assert broken(verify(installation.warehouse, read_archive=True))["deliveries_are_archived"] == place
    path.unlink()
    assert broken(verify(installation.warehouse))["deliveries_are_archived"] == place
    path.with_name(f".{path.name}.0a.part").write_bytes(b"half")
    assert len(broken(verify(installation.warehouse))["archive_holds_whole_files"]) == 1


def test_the_command_tells_what_is_broken_and_its_advice_mends_it(installation: Installation) -> None:
    write_reports(installation.quarter_folder(QUARTER), a_quarter(1, 2, 3))
    installation.load(QUARTER)
    well = installation.hrdata("verify", "--archive")
    assert "BROKEN" not in well.stdout
    with installation.warehouse.connect("test") as connection:
        connection.execute("delete from staged.flowcase_courses where row_no = 2")
    told = installation.hrdata("verify", check=False)
    assert told.returncode == 1
    assert "BROKEN" in told.stdout
    assert "staged/flowcase_courses 2026-Q1 (2)" in told.stdout
    assert "update ops.partitions set load_id = null where asset_key = 'ASSET'" in told.stdout
    with installation.warehouse.connect("test") as connection:
        connection.execute("update ops.partitions set load_id = null where asset_key = 'staged/flowcase_courses'")
    installation.load(QUARTER)
    answers = json.loads(installation.hrdata("verify", "--json").stdout)
    assert [a["question"] for a in answers if not a["holds"]] == []
