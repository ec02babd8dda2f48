"""Every row leads to the line of the file that it came from, and so does every row that is missing."""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.catalogue import CORE, KPIS, SOURCES, STAGED
from hrdata_assets.lineage.rows import BLANK, PUBLISHED, SET_ASIDE, Tracing
from hrdata_assets.quality.records import Answer
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.ddl import apply_schema, has_lineage, stored_columns
from hrdata_assets.storage.decisions import correct
from hrdata_assets.storage.ledger import Place
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets.table import Table
from hrdata_assets.unified.marts import KPI_ROWS
from hrdata_assets_tests.builders import a_quarter, a_technology, a_user, users, write_report, write_reports
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.independent import records
from hrdata_assets_tests.installation import Installation, table_of

SOUND, DAMAGED = "2026-Q1", "2026-Q2"
read_once = functools.cache(records)
BY_REPORT = {table.origin: table for table in STAGED}
WITH_LINES = [table for table in CORE if has_lineage(table)]

every_quarter = pytest.mark.parametrize("quarter", [SOUND, DAMAGED])
every_kpi = pytest.mark.parametrize("kpi", KPIS)


@dataclass(frozen=True)
class Loaded:
    """A sound quarter and, after it, a damaged one, both loaded."""

    installation: Installation
    folder: Path

    @cached_property
    def damage(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((self.folder / "Q22026" / "damage.json").read_text())["damage"]
        return found

    def first(self, report: str, defect: str) -> dict[str, Any]:
        """The first record of a report with a defect."""
        return next(entry for entry in self.damage if (entry["report"], entry["defect"]) == (report, defect))

    def line(self, file_name: str, row_no: int) -> list[str]:
        """Cells of a record, read by Python's own csv module."""
        return read_once(self.folder / file_name)[row_no - 2]


@pytest.fixture(scope="module")
def two_quarters(new_installation: NewInstallation) -> Iterator[Loaded]:
    with new_installation() as made:
        write_quarter(made.reports / "Q12026", Quarter(2026, 1), people=80, seed=3)
        write_quarter(made.reports / "Q22026", Quarter(2026, 2), people=300, seed=3, damage=True)
        for quarter in (SOUND, DAMAGED):
            made.load(quarter)
        yield Loaded(made, made.reports)


@pytest.fixture
def loaded(two_quarters: Loaded) -> Iterator[Loaded]:
    """The two quarters, in the installation that the environment names."""
    with two_quarters.installation.environment():
        yield two_quarters


def trace(*arguments: str) -> dict[str, Any]:
    """The one line that a row leads to."""
    (found,) = hrdata("trace", *arguments, "--json").told["traces"]
    return dict(found)


@pytest.mark.parametrize("table", WITH_LINES, ids=lambda table: table.address)
def test_a_core_row_leads_to_the_record_of_the_file_that_holds_it(loaded: Loaded, table: Table) -> None:
    rows = loaded.installation.rows(f"select to_jsonb(t) from {table.address} t where quarter = '{DAMAGED}'")
    for (row,) in (rows[0], rows[len(rows) // 2], rows[-1]):
        found = trace(table.address, *(str(row[name]) for name in table.key), "--quarter", DAMAGED)
        assert found["fate"] == PUBLISHED
        assert found["file"] == f"Q22026/{SOURCES[table.name].origin}.csv"
        cells = {cell.strip() for cell in loaded.line(found["file"], found["row_no"])}
        looked_for = [row[name] for name in table.key if name != "cv_partner_user_id" or table.name == "users"]
        looked_for += [row["percent_available"]] if table.name == "user_availability" else []
        assert {str(value) for value in looked_for} - {"None", "1900-01-01"} <= cells
        assert {load["table"] for load in found["loads"]} == {SOURCES[table.name].address, table.address}


def test_a_trace_names_the_delivery_the_loads_and_every_rule(loaded: Loaded) -> None:
    ((user, row_no),) = loaded.installation.rows(
        f"select cv_partner_user_id, row_no from core.users where quarter = '{SOUND}' order by row_no limit 1"
    )
    found = trace("core.users", user, "--quarter", "Q12026")
    delivered = loaded.installation.rows(
        "select d.file_name, d.sha256, p.load_id, l.run_id, l.contract from ops.partitions p"
        " join ops.loads l using (load_id) join ops.deliveries d on d.asset_key = 'raw/flowcase_users'"
        f" and d.partition_key = '{SOUND}' and d.delivery = p.delivery"
        f" where p.asset_key = 'staged/flowcase_users' and p.partition_key = '{SOUND}'"
    )
    staged, core = found["loads"]
    assert [(found["file"], found["sha256"], staged["load"], staged["run"], staged["contract"])] == delivered
    assert found["archived_at"]
    assert core["load"] == loaded.installation.one(
        f"select load_id from ops.partitions where asset_key = 'core/users' and partition_key = '{SOUND}'"
    )
    assert found["row_no"] == row_no
    outcomes = {rule["rule"]: rule["outcome"] for rule in found["rules"]}
    assert outcomes["key_unique"] == outcomes["email_valid"] == outcomes["fields_match_header"] == "passed"
    assert (found["letters"], found["changes"], found["again"]) == ([], {}, [])


def test_the_newest_published_quarter_is_meant_unless_one_is_said(loaded: Loaded) -> None:
    user = loaded.installation.one(
        f"select cv_partner_user_id from core.users where quarter = '{DAMAGED}' order by row_no limit 1"
    )
    assert hrdata("trace", "users", user, "--json").told["quarter"] == DAMAGED


def tracing(loaded: Loaded, table: Table) -> Iterator[Tracing]:
    with loaded.installation.warehouse.connect("test") as connection:
        yield Tracing(connection, loaded.installation.warehouse, table, Quarter.parse(DAMAGED))


def test_every_record_that_was_kept_out_is_found_with_its_letter_and_the_rule_it_breaks(loaded: Loaded) -> None:
    followed = 0
    for table in STAGED:
        planted = [e for e in loaded.damage if BY_REPORT[e["report"]] is table and e["expected"] != "loaded"]
        for one in tracing(loaded, table):
            for entry in planted:
                (found,) = one.of_record(entry["row"])
                orphan = entry["defect"].startswith(("orphan", "clearance_unknown"))
                kept_out = entry["expected"] in ("set_aside", "duplicate")
                failed = {o.rule for o in found.judgement.outcomes if o.answer is Answer.FAILED}
                if entry["expected"] == "skipped":
                    assert (found.fate, found.judgement.problem) == (BLANK, f"record {entry['row']} is blank")
                elif kept_out and not orphan:
                    (letter,) = found.letters
                    assert (found.fate, letter.status) == (SET_ASIDE, "open"), entry
                    assert set(letter.rules) <= failed, entry
                elif orphan:
                    # The staged table takes it; a core table does not.
                    assert (found.fate, [x.asset_key[:5] for x in found.letters]) == (PUBLISHED, ["core/"]), entry
                else:
                    assert (found.fate, list(found.letters)) == (PUBLISHED, []), entry
                followed += 1
    assert followed > 60


def test_a_person_who_was_set_aside_is_found_by_the_id_that_is_missing_in_core(loaded: Loaded) -> None:
    entry = loaded.first("user_report", "unreadable_cell")
    found = trace("core.users", entry["id"])
    assert (found["fate"], found["row_no"]) == (SET_ASIDE, entry["row"])
    assert [load["table"] for load in found["loads"]] == ["staged.flowcase_users"]
    (letter,) = found["letters"]
    assert letter["letter"] == loaded.installation.one(
        "select id from ops.dead_letters where asset_key = 'staged/flowcase_users' and row_no = %s", entry["row"]
    )
    assert [rule["rule"] for rule in found["rules"] if rule["outcome"].startswith("failed")] == ["birth_year_valid"]
    told = hrdata("trace", "core.users", entry["id"]).out
    assert "not published: the record was set aside, birth_year_valid" in told
    assert "failed (set aside)" in told


@pytest.mark.parametrize("defect", ["ragged_short", "ragged_long"])
def test_a_record_that_was_not_split_into_fields_is_found_by_its_id(loaded: Loaded, defect: str) -> None:
    entry = loaded.first("user_report", defect)
    found = trace("staged.flowcase_users", entry["id"])
    assert (found["fate"], found["row_no"]) == (SET_ASIDE, entry["row"])
    assert [rule["outcome"] for rule in found["rules"]] == ["failed (set aside)"]


@pytest.mark.parametrize("table", ["core.users", "staged.flowcase_users"])
def test_a_row_whose_key_stands_twice_names_the_other_record(loaded: Loaded, table: str) -> None:
    entry = loaded.first("user_report", "doubled_person")
    found = trace(table, entry["id"])
    assert found["fate"] == PUBLISHED
    assert found["again"] == [entry["row"]]
    assert [(x["record"], x["broken rules"]) for x in found["letters"]] == [(entry["row"], ["key_unique"])]


def test_a_row_that_core_did_not_take_is_found_by_its_key(loaded: Loaded) -> None:
    entry = loaded.first("project_experiences", "orphan_cv")
    cv = loaded.installation.one(
        "select cv_partner_cv_id from staged.flowcase_project_experiences where quarter = %s and row_no = %s",
        *(DAMAGED, entry["row"]),
    )
    # The parts of a key are arguments, or one with slashes between.
    for key in ((cv, entry["id"]), (f"{cv}/{entry['id']}",)):
        found = trace("core.project_experience", *key)
        assert (found["fate"], found["row_no"]) == (SET_ASIDE, entry["row"])
        assert [x["broken rules"] for x in found["letters"]] == [["cv_known"]]


def test_a_row_of_nobody_known_is_found_by_what_it_calls_the_person(loaded: Loaded) -> None:
    entry = loaded.first("sc_clearance", "orphan_user")
    ((clearance, day),) = loaded.installation.rows(
        "select coalesce(clearance, 'None'), coalesce(valid_from::text, '1900-01-01') from staged.flowcase_clearances"
        " where quarter = %s and row_no = %s",
        *(DAMAGED, entry["row"]),
    )
    found = trace("core.user_clearance", entry["id"].upper(), clearance, day)
    assert (found["fate"], found["row_no"]) == (SET_ASIDE, entry["row"])
    assert [x["broken rules"] for x in found["letters"]] == [["user_known"]]


def test_a_rule_that_only_flags_and_what_was_changed_on_the_way_are_told(loaded: Loaded) -> None:
    flagged = loaded.first("project_experiences", "span_ends_before_it_begins")
    found = trace("staged.flowcase_project_experiences", "--record", str(flagged["row"]))
    outcomes = {rule["rule"]: rule["outcome"] for rule in found["rules"]}
    assert (found["fate"], outcomes["span_ends_after_it_begins"]) == (PUBLISHED, "failed (flag)")
    padded = loaded.first("user_report", "padded_text")
    changes = trace("core.users", padded["id"])["changes"]
    assert changes == {"staged.flowcase_users": {"department": ["trimmed"]}}
    ended = loaded.first("sc_clearance", "clearance_ends_before_it_begins")
    key = loaded.installation.rows(
        "select cv_partner_user_id, clearance, valid_from::text from core.user_clearance where quarter = %s"
        " and row_no = %s",
        *(DAMAGED, ended["row"]),
    )[0]
    assert trace("core.user_clearance", *key)["changes"] == {"core.user_clearance": {"valid_to": "end_before_start"}}


def test_nothing_that_a_row_says_is_printed_unless_asked_for(loaded: Loaded) -> None:
    kept_out = loaded.first("user_report", "unreadable_cell")["id"]
    for user, quarter in ((kept_out, DAMAGED), (a_published(loaded), SOUND)):
        found = trace("core.users", user, "--quarter", quarter)
        said = {
            cell
            for cell in loaded.line(found["file"], found["row_no"])
            if len(cell) > 6 and cell.isascii() and user not in cell
        }
        assert len(said) > 5
        for arguments in ((), ("--json",)):
            quiet = hrdata("trace", "core.users", user, "--quarter", quarter, *arguments).out
            assert [cell for cell in said if cell in quiet] == []
        loud = json.loads(hrdata("trace", "core.users", user, "--quarter", quarter, "--values", "--json").out)
        assert said <= {line["cell"] for line in loud["traces"][0]["delivered"]}
    shown = hrdata("trace", "core.users", user, "--quarter", quarter, "--values").out
    assert [cell for cell in said if " " not in cell and cell not in shown] == []


def a_published(loaded: Loaded) -> str:
    found: str = loaded.installation.one(
        f"select cv_partner_user_id from core.users where quarter = '{SOUND}' order by 1 limit 1"
    )
    return found


@pytest.mark.parametrize(("table", "report", "column"), [
    ("dim_technology", "technologies", "Skill name"),
    ("dim_language", "languages", "Language"),
    ("dim_clearance", "sc_clearance", "Clearance"),
])  # fmt: skip
def test_a_name_leads_to_the_lines_that_carry_it(loaded: Loaded, table: str, report: str, column: str) -> None:
    name = loaded.installation.one(f"select name from core.{table} where quarter = '{SOUND}' order by 1 desc limit 1")
    told = hrdata("trace", f"core.{table}", name, "--quarter", SOUND, "--json").told
    path = loaded.folder / "Q12026" / f"{report}.csv"
    place = path.read_text().splitlines()[0].split(",").index(column)
    expected = [number for number, cells in enumerate(records(path), start=2) if cells[place].strip() == name]
    assert expected
    assert [row["record"] for row in told["rows"]] == expected
    assert {row["file"] for row in told["rows"]} == {f"Q12026/{report}.csv"}


def test_a_name_that_only_a_row_kept_out_carries_says_so(installation: Installation) -> None:
    quarter = a_quarter(1)
    quarter["technologies"] = [a_technology(1), a_technology(7, **{"Skill name": "CI/CD"})]
    write_reports(installation.quarter_folder(SOUND), quarter)
    installation.load(SOUND)
    told = hrdata("trace", "core.dim_technology", "CI/CD", "--json").told
    assert [(row["record"], row["fate"]) for row in told["rows"]] == [(3, "kept out: cv_known")]
    # The last part of a key may hold slashes itself.
    assert trace("core.cv_technology", "cv_u7/CI/CD")["row_no"] == 3


def test_none_stands_among_the_clearances_even_if_no_line_names_it(installation: Installation) -> None:
    write_reports(installation.quarter_folder(SOUND), a_quarter(1))
    installation.load(SOUND)
    assert hrdata("trace", "core.dim_clearance", "None", "--json").told["rows"] == []
    assert "it stands there in every quarter" in hrdata("trace", "core.dim_clearance", "None").out


def test_a_core_row_keeps_its_line_when_a_later_report_was_staged_and_core_not_built(
    installation: Installation,
) -> None:
    write_reports(installation.quarter_folder(SOUND), a_quarter(1, 2, 3))
    installation.load(SOUND)
    before = trace("core.users", "u2")
    installation.stage("flowcase_users", [a_user(4), *users(3)], SOUND)
    after = trace("core.users", "u2")
    assert after == before
    assert trace("staged.flowcase_users", "u2")["row_no"] == before["row_no"] + 1
    assert trace("staged.flowcase_users", "u2")["sha256"] != before["sha256"]
    told = hrdata("trace", "core.users", "u4")
    assert "it arrived after core was built" in told.out


def test_a_record_of_a_held_delivery_says_that_it_waits(installation: Installation) -> None:
    installation.stage("flowcase_users", [a_user(1), a_user(2, **{"Birth Year": "?!"})], SOUND)
    for user, failed in (("u1", []), ("u2", ["birth_year_valid"])):
        found = trace("staged.flowcase_users", user, "--quarter", SOUND)
        assert found["fate"] == "held"
        assert [load["status"] for load in found["loads"]] == ["held"]
        assert [rule["rule"] for rule in found["rules"] if rule["outcome"].startswith("failed")] == failed
    told = hrdata("trace", "staged.flowcase_users", "u1", "--quarter", SOUND).out
    assert "its delivery is held (set_aside: 50.00 %" in told


def test_a_row_loaded_by_another_contract_says_so(installation: Installation) -> None:
    installation.stage("flowcase_users", users(2), SOUND)
    assert "loaded by another" not in hrdata("trace", "staged.flowcase_users", "u1").out
    installation.rows("with u as (update ops.loads set contract = '0123456789ab' returning 1) select * from u")
    told = hrdata("trace", "staged.flowcase_users", "u1").out
    assert f"today's contract, {table_of('flowcase_users').contract}; it was loaded by another, 0123456789ab" in told


def test_a_record_that_was_put_right_is_asked_as_it_is_read_now(installation: Installation) -> None:
    report = [*users(30), a_user(31, **{"Birth Year": "?!"})]
    installation.stage("flowcase_users", report, SOUND)
    assert trace("staged.flowcase_users", "u31")["fate"] == SET_ASIDE
    delivery = trace("staged.flowcase_users", "u31")["delivery"]
    with installation.warehouse.connect("test") as connection:
        place = Place("staged/flowcase_users", SOUND, "test")
        correct(connection, place, delivery, {32: {list(report[0]).index("Birth Year"): "1984"}}, "somebody")
    installation.stage("flowcase_users", report, SOUND)
    found = trace("staged.flowcase_users", "u31", "--values")
    assert (found["fate"], found["row_no"], found["row"]["birth_year"]) == (PUBLISHED, 32, 1984)
    assert found["changes"]["staged.flowcase_users"]["birth_year"] == ["corrected"]
    assert {rule["outcome"] for rule in found["rules"]} <= {"passed", "does not apply"}
    assert [x["status"] for x in found["letters"]] == ["replayed"]
    # What was delivered stays what it was.
    assert [cell["cell"] for cell in found["delivered"] if cell["column"] == "birth_year"] == ["?!"]
    assert "loaded by another" not in hrdata("trace", "staged.flowcase_users", "u31").out


def test_what_is_no_longer_in_the_archive_is_told_and_the_rest_as_well(installation: Installation) -> None:
    installation.stage("flowcase_users", users(2), SOUND)
    sha256 = trace("staged.flowcase_users", "u1")["sha256"]
    installation.warehouse.archive.path(sha256).unlink()
    found = trace("staged.flowcase_users", "u1")
    assert (found["fate"], found["sha256"], found["rules"]) == (PUBLISHED, sha256, [])
    assert "cannot be read from the archive" in found["rules_not_asked"]
    missing = hrdata("trace", "staged.flowcase_users", "u9")
    assert "as far as can be told: delivery" in missing.err


@pytest.mark.parametrize(("arguments", "told"), [
    (("core.users", "nobody"), "core.users has no row of that key in 2026-Q2, and none was kept out under it"),
    (("core.users",), "a row of core.users is told by cv_partner_user_id: write 1 part, not 0"),
    (("core.cv_role", "cv"), "a row of core.cv_role is told by cv_partner_cv_id/name: write 2 parts, not 1"),
    (("core.nothing", "x"), "core.nothing is no table"),
    (("core.users", "--record", "3"), "--record stands instead of a key, for a staged table"),
    (("staged.flowcase_users", "--record", "9999"), "no report of staged.flowcase_users in 2026-Q2 has a record 9999"),
    (("core.users", "x", "--quarter", "soon"), "'soon' is no quarter"),
    (("core.dim_language", "Nonsense"), "core.dim_language does not hold that name in 2026-Q2"),
    (("marts.kpis", "profit"), "say which KPI: users, cvs"),
    (("marts.kpis", "users", "--quarter", "2031-Q4"), "users of 2031-Q4 is not there: hrdata run --quarter 2031-Q4"),
    (("marts.cv_search_profile_mv", "x"), "marts.cv_search_profile_mv is made of core.cvs"),
])  # fmt: skip
def test_what_cannot_be_followed_is_one_line(loaded: Loaded, arguments: tuple[str, ...], told: str) -> None:
    answer = hrdata("trace", *arguments)
    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert line.startswith(f"hrdata: {told}")


def test_who_is_in_another_quarter_is_said_to_be_there(loaded: Loaded) -> None:
    gone = loaded.installation.one("select key from marts.kpi_rows_leavers limit 1")
    assert hrdata("trace", "core.users", gone).err.endswith("it is published in 2026-Q1: --quarter 2026-Q1\n")
    assert hrdata("trace", "core.users", gone, "--quarter", SOUND).code == 0


def test_an_empty_installation_has_nothing_to_follow(installation: Installation) -> None:
    assert "nothing is published of core.users yet: hrdata run" in hrdata("trace", "core.users", "u1").err
    assert "nothing is published of marts.kpis yet" in hrdata("trace", "marts.kpis", "users").err


# What a KPI is made of.


@every_kpi
@every_quarter
def test_a_kpi_is_the_number_of_its_rows_or_their_mean(loaded: Loaded, kpi: str, quarter: str) -> None:
    (((value, detail),)) = loaded.installation.rows(
        "select value, detail from marts.kpis where quarter = %s and kpi = %s", quarter, kpi
    )
    count, mean = loaded.installation.rows(
        f"select count(*), round(avg(value), 6) from marts.kpi_rows_{kpi} where quarter = %s", quarter
    )[0]
    told = hrdata("trace", "marts.kpis", kpi, "--quarter", quarter, "--json").told
    assert len(told["rows"]) == count
    assert told["value"] == told["from_rows"]
    if value is None:
        assert (quarter, count) == (SOUND, 0)
    elif kpi == "top_technologies":
        parts = dict(
            loaded.installation.rows(
                f"select part, count(*) from marts.kpi_rows_{kpi} where quarter = %s group by 1", quarter
            )
        )
        assert parts == {row["technology"]: row["cvs"] for row in detail}
        assert value == max(parts.values())
    elif kpi.startswith("average"):
        assert value == mean
    else:
        assert (value, mean) == (count, None)
    # A comparison of noughts would prove little.
    assert value is None or value > 0


@every_kpi
def test_every_row_of_a_kpi_stands_in_core_and_in_the_file_that_is_named(loaded: Loaded, kpi: str) -> None:
    view = f"marts.kpi_rows_{kpi}"
    rows = hrdata("trace", "marts.kpis", kpi, "--quarter", DAMAGED, "--json").told["rows"]
    for source in loaded.installation.column(f"select distinct source from {view}"):
        key = ", ".join(table_of(source.partition(".")[2]).key)
        lost = loaded.installation.one(
            f"select count(*) from {view} k left join {source} t on t.quarter = k.row_quarter and k.key ="
            f" concat_ws('/', {key}) and (t.delivery, t.row_no) = (k.delivery, k.row_no)"
            " where k.source = %s and t.quarter is null",
            source,
        )
        assert lost == 0
    by_file = {name: read_once(loaded.folder / name) for name in {row["file"] for row in rows}}
    for row in rows:
        cells = {cell.strip() for cell in by_file[row["file"]][row["record"] - 2]}
        person, *rest = row["key"].split("/", 1)
        assert set(rest) <= cells
        assert person in cells or row["table"] == "core.user_availability"


def test_leavers_stand_in_the_quarter_that_they_left(loaded: Loaded) -> None:
    found = hrdata("trace", "marts.kpis", "leavers", "--json").told["rows"]
    assert {row["file"] for row in found} == {"Q12026/user_report.csv"}
    joined = hrdata("trace", "marts.kpis", "joiners", "--json").told["rows"]
    assert {row["file"] for row in joined} == {"Q22026/user_report.csv"}


def test_who_is_cleared_and_available_is_so_because_of_lines_that_say_it(loaded: Loaded) -> None:
    rows = hrdata("trace", "marts.kpis", "sc_cleared_available", "--json").told["rows"]
    for row in rows:
        *clearances, availability = row["because of"]
        assert clearances
        for line in clearances:
            assert "SC" in loaded.line(line["file"], line["row_no"])
        cells = loaded.line(availability["file"], availability["row_no"])
        assert availability["file"] == "Q22026/availability_report.csv"
        assert availability["key"].split("/")[1] in cells
        assert any(cell.isdigit() and 50 <= int(cell) <= 100 for cell in cells)


def test_a_kpis_rows_are_shown_with_what_they_come_to(loaded: Loaded) -> None:
    told = hrdata("trace", "marts.kpis", "users").out
    assert "users 2026-Q2: 300" in told
    assert "People with a Flowcase account in the quarter." in told
    assert "200 more are not shown" in told
    assert "Worked out again from these rows: 300, as in marts.kpis." in told
    assert "Rows of each part" in hrdata("trace", "marts.kpis", "top_technologies").out
    assert "not measured" in hrdata("trace", "marts.kpis", "joiners", "--quarter", SOUND).out


@every_kpi
def test_the_view_of_a_kpis_rows_has_the_declared_columns_and_says_what_it_shows(loaded: Loaded, kpi: str) -> None:
    found = loaded.installation.rows(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        f" where attrelid = 'marts.kpi_rows_{kpi}'::regclass and attnum > 0 order by attnum"
    )
    assert found == [(name, kind.value) for name, kind in stored_columns(KPI_ROWS).items()]
    said = loaded.installation.one(f"select obj_description('marts.kpi_rows_{kpi}'::regclass)")
    assert said.startswith(("The ", "What "))


def test_a_view_whose_file_changed_is_made_again(installation: Installation, tmp_path: Path) -> None:
    import shutil

    from hrdata_assets.catalogue import STORED
    from hrdata_assets.settings import shipped

    folder = tmp_path / "sql"
    shutil.copytree(shipped("sql"), folder)
    path = folder / "marts" / "kpi_rows" / "users.sql"
    path.write_text(path.read_text().replace("from core.users", "from core.users where false"))
    write_report(installation.quarter_folder(SOUND), "user_report", users(2))
    installation.load(SOUND)
    counted = "select count(*) from marts.kpi_rows_users"
    assert installation.one(counted) == 2
    for sql, rows in ((folder, 0), (shipped("sql"), 2)):
        with installation.warehouse.connect("schema") as connection:
            assert apply_schema(connection, STORED, sql) is True
        assert installation.one(counted) == rows
