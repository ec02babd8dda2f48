"""The generator of quarters: what a loader may rely on when it is tested with one."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.errors import SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.flowcase.fake import HEADERS, Damage, FakeQuarter, write_quarter
from hrdata_assets.systems.flowcase.fake_people import CULTURES, FIRST, LAST, employed, fold, scramble

BASE = [
    *["Name", "Name (multilang)", "Title (#{lang})", "Email", "UPN", "External User ID", "CV Partner User ID"],
    *["CV Partner CV ID", "Phone Number", "Landline", "Birth Year", "Department", "Country"],
]
SECTION = [*BASE, "Nationality", "CV Partner section ID", "External unique ID", "Updated", "Updated by owner"]
SPANS = ("project_experiences", "work_experiences", "educations")
COUNTERS = {
    "Project Experiences": "project_experiences",
    "Unique roles": "cv_roles",
    "Educations": "educations",
    "Work experiences": "work_experiences",
    "Certifications": "certifications",
    "Courses": "courses",
    "Positions": "positions",
    "Publications": "blogs",
    "Languages": "languages",
}
SEPARATORS = {"seed": ",", "export": ";"}
Rows = list[dict[str, str]]


def records(folder: Path, report: str, dialect: str = "seed") -> list[list[str]]:
    text = (folder / f"{report}.csv").read_bytes().decode(errors="surrogateescape")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATORS[dialect]))


def rows(folder: Path, report: str, dialect: str = "seed") -> Rows:
    """Rows by header; a header that stands twice means its last column."""
    header, *cells = records(folder, report, dialect)
    return [dict(zip(header, row, strict=True)) for row in cells]


def fingerprint(folder: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.iterdir()))).hexdigest()


def month(row: dict[str, str], year: str, month: str) -> int | None:
    return int(row[year]) * 12 + int(row[month] or 1) if row[year] else None


@pytest.fixture(scope="module", params=["seed", "export"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, dialect: Any) -> Path:
    folder = tmp_path_factory.mktemp(f"clean-{dialect}")
    write_quarter(folder, Quarter(2026, 2), dialect=dialect)
    return folder


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory, dialect: Any) -> tuple[Path, FakeQuarter]:
    folder = tmp_path_factory.mktemp(f"damaged-{dialect}")
    return folder, write_quarter(folder, Quarter(2026, 2), dialect=dialect, damage=True)


def test_headers_are_those_of_the_real_reports() -> None:
    assert len(HEADERS) == 15
    assert HEADERS["user_report"] == (
        *BASE,
        *("User created at", "CV Last updated by owner", "CV Last updated", "Years of education"),
        *("Years since first work experience", "Access roles", "Has profile image", "Owns a reference project"),
        *("Read and understood privacy notice", "SFIA Level", "CPD Level", "CPD Band", "CPD Label"),
    )
    assert HEADERS["work_experiences"] == (
        *SECTION,
        *("Month from", "Year from", "Month to", "Year to", "Highlighted", "Employer", "Description"),
        "Long Description",
    )
    assert HEADERS["courses"] == (
        *SECTION,
        *("Month", "Year", "Name", "Organiser", "Long description", "Highlighted"),
        *("Is official masterdata (in #{lang})", "Attachments"),
    )
    assert HEADERS["technologies"] == (
        *BASE,
        *("Nationality", "CV Partner skill ID", "CV Partner skill category ID", "Skill name", "Year experience"),
        *("Proficiency (0-5)", "Is official masterdata (in #{lang})"),
    )
    assert HEADERS["cv_roles"] == (
        *(*BASE, "Nationality", "Updated", "Updated by owner", "Name", "Description", "Highlighted"),
    )
    assert HEADERS["sc_clearance"] == (
        *("Email", "UPN", "External User ID", "CV Partner User ID", "Clearance", "Valid From", "Valid To"),
        *("Verified By", "Notes"),
    )
    assert HEADERS["usage_report"][-5:] == (
        *("Honors and awards", "Owner last updated Honors and awards", "Languages", "Owner last updated Languages"),
        "Owner last updated Unique roles",
    )
    assert [len(header) for header in HEADERS.values()] == [26, 51, 45, 26, 27, 22, 26, 22, 20, 21, 23, 21, 19, 9, 7]


def test_files_carry_the_headers_of_their_dialect(clean: Path, dialect: str) -> None:
    company = {"SFIA Level", "CPD Level", "CPD Band", "CPD Label"}
    for report, header in HEADERS.items():
        wanted = list(header)
        if dialect == "export":
            wanted = [name.replace("#{lang}", "no") for name in header if name not in company]
        assert records(clean, report, dialect)[0] == wanted


def test_same_arguments_give_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    write_quarter(tmp_path / "here", Quarter(2025, 4), people=60, seed=7, damage=True)
    script = (
        "import pathlib, sys; from hrdata_assets.quarter import Quarter;"
        "from hrdata_assets.systems.flowcase.fake import write_quarter;"
        "write_quarter(pathlib.Path(sys.argv[1]), Quarter(2025, 4), people=60, seed=7, damage=True)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "there")], check=True, env=environment)
    assert fingerprint(tmp_path / "here") == fingerprint(tmp_path / "there")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_quarter(tmp_path / str(seed), Quarter(2025, 4), people=60, seed=seed)
    one, two = ({row["CV Partner User ID"] for row in rows(tmp_path / str(s), "user_report")} for s in (1, 2))
    assert not one & two


def test_a_smaller_staff_is_the_beginning_of_a_larger_one(tmp_path: Path, clean: Path, dialect: Any) -> None:
    write_quarter(tmp_path, Quarter(2026, 2), people=10, dialect=dialect)
    assert records(tmp_path, "user_report", dialect) == records(clean, "user_report", dialect)[:11]


def test_people_stay_themselves_from_quarter_to_quarter_in_any_order(tmp_path: Path) -> None:
    for name, quarters in {"forth": (2, 3), "back": (3, 2)}.items():
        for quarter in quarters:
            write_quarter(tmp_path / name / str(quarter), Quarter(2026, quarter))
    assert fingerprint(tmp_path / "forth/2") == fingerprint(tmp_path / "back/2")
    assert fingerprint(tmp_path / "forth/3") == fingerprint(tmp_path / "back/3")
    before, after = (
        {row["CV Partner User ID"]: row for row in rows(tmp_path / f"forth/{q}", "user_report")} for q in (2, 3)
    )
    assert len(before) == len(after) == 500
    stayed = before.keys() & after.keys()
    assert 5 <= len(after.keys() - stayed) <= 40
    same = ("Name", "Email", "UPN", "CV Partner CV ID", "Birth Year", "User created at", "Phone Number")
    assert all(before[user][column] == after[user][column] for user in stayed for column in same)
    assert all(before[user]["CV Last updated"] <= after[user]["CV Last updated"] for user in stayed)
    assert all(int(before[user]["SFIA Level"]) <= int(after[user]["SFIA Level"]) for user in stayed)
    assert any(int(before[user]["SFIA Level"]) < int(after[user]["SFIA Level"]) for user in stayed)


@pytest.mark.parametrize(
    ("report", "key"),
    [("project_experiences", "CV Partner section ID"), ("technologies", "CV Partner skill ID")],
)
def test_cvs_grow_and_keep_their_ids(tmp_path: Path, report: str, key: str) -> None:
    write_quarter(tmp_path / "2", Quarter(2026, 2))
    write_quarter(tmp_path / "3", Quarter(2026, 3))
    stayed = {row["CV Partner CV ID"] for row in rows(tmp_path / "3", "user_report")}
    before = {row[key] for row in rows(tmp_path / "2", report) if row["CV Partner CV ID"] in stayed}
    after = {row[key] for row in rows(tmp_path / "3", report)}
    assert before < after


def test_every_reference_resolves_and_no_key_is_doubled(clean: Path, dialect: str) -> None:
    users = rows(clean, "user_report", dialect)
    cvs = {row["CV Partner CV ID"]: row["CV Partner User ID"] for row in users}
    emails = {row["Email"]: row["CV Partner User ID"] for row in users}
    assert len(users) == len(cvs) == len(emails) == len(set(cvs.values())) == 500
    for report, header in HEADERS.items():
        found = rows(clean, report, dialect)
        if "CV Partner CV ID" in header:
            assert all(cvs[row["CV Partner CV ID"]] == row["CV Partner User ID"] for row in found)
        else:
            assert {row["Email"] for row in found} == emails.keys()
            assert all(emails[row["Email"]] == row["CV Partner User ID"] for row in found)
        for key in {"CV Partner section ID", "CV Partner skill ID"} & {*header}:
            assert len({row[key] for row in found}) == len(found)


@pytest.mark.parametrize(
    ("report", "key"),
    [
        ("languages", ("CV Partner CV ID", "Language")),
        ("technologies", ("CV Partner CV ID", "Skill name")),
        ("cv_roles", ("CV Partner CV ID", "Name")),
        ("availability_report", ("Email", "Date")),
        ("sc_clearance", ("Email", "Clearance", "Valid From")),
    ],
)
def test_nothing_is_said_twice_of_a_person(clean: Path, dialect: str, report: str, key: tuple[str, ...]) -> None:
    assert max(Counter(tuple(row[k] for k in key) for row in rows(clean, report, dialect)).values()) == 1


def test_spans_begin_before_they_end(clean: Path, dialect: str) -> None:
    columns = ("Year from", "Month from", "Year to", "Month to")
    for report in SPANS:
        for row in rows(clean, report, dialect):
            start, end = month(row, *columns[:2]), month(row, *columns[2:])
            assert start is not None
            assert end is None or start < end or (start == end and not row["Month from"])
    for row in rows(clean, "certifications", dialect):
        end = month(row, "Year expire", "Month expire")
        assert end is None or (month(row, "Year", "Month") or 0) < end
    for row in rows(clean, "positions", dialect):
        assert row["Year from"] <= (row["Year to"] or "9999")


def test_moments_come_in_order_and_none_after_the_quarter(clean: Path, dialect: str) -> None:
    users = {row["CV Partner CV ID"]: row for row in rows(clean, "user_report", dialect)}
    for report, header in HEADERS.items():
        if "Updated" in header:
            for row in rows(clean, report, dialect):
                user = users[row["CV Partner CV ID"]]
                assert user["User created at"] <= row["Updated by owner"] <= row["Updated"] <= user["CV Last updated"]
                assert row["Updated by owner"] <= user["CV Last updated by owner"]
                assert user["CV Last updated"][:10] <= "2026-06-30"


def test_usage_counts_the_rows_there_are(clean: Path, dialect: str) -> None:
    usage = rows(clean, "usage_report", dialect)
    for counter, report in COUNTERS.items():
        counts = Counter(row["CV Partner CV ID"] for row in rows(clean, report, dialect))
        assert all(int(row[counter]) == counts[row["CV Partner CV ID"]] for row in usage)
    highlighted = Counter(
        row["CV Partner CV ID"] for row in rows(clean, "cv_roles", dialect) if row["Highlighted"].lower() == "true"
    )
    skills = {
        (row["CV Partner CV ID"], row["CV Partner skill category ID"]) for row in rows(clean, "technologies", dialect)
    }
    categories = Counter(cv for cv, _ in skills)
    assert all(int(row["Highlighted roles"]) == highlighted[row["CV Partner CV ID"]] for row in usage)
    assert all(int(row["Skill categories"]) == categories[row["CV Partner CV ID"]] for row in usage)


def test_availability_looks_over_sixty_days_around_the_end_of_the_quarter(clean: Path, dialect: str) -> None:
    found = rows(clean, "availability_report", dialect)
    first = date(2026, 6, 30) - timedelta(days=30)
    assert [row["Date"] for row in found[:60]] == [(first + timedelta(days=n)).isoformat() for n in range(60)]
    assert len(found) == 500 * 60
    assert all(0 <= int(row["Percent Available"]) <= 100 for row in found)


def test_clearances_are_shared_out_as_in_a_company(tmp_path: Path) -> None:
    write_quarter(tmp_path, Quarter(2026, 2), people=3000)
    found = rows(tmp_path, "sc_clearance")
    share = {name: 100 * n / len(found) for name, n in Counter(row["Clearance"] for row in found).items()}
    assert share == pytest.approx({"SC": 26, "NPPV2": 8, "DV": 2, "None": 64}, abs=2.5)
    twice = [email for email, n in Counter(row["Email"] for row in found).items() if n == 2]
    assert 20 < len(twice) < 300
    assert all(sum(bool(row["Valid To"]) for row in found if row["Email"] == email) >= 1 for email in twice[:20])
    assert all(row["Valid From"] or row["Clearance"] == "None" for row in found)
    assert all(not row["Valid To"] or row["Valid From"] < row["Valid To"] for row in found)
    assert any(not row["Valid From"] for row in found)


def test_the_first_of_two_names_is_the_persons(clean: Path, dialect: str) -> None:
    names = {row["CV Partner CV ID"]: row["Name"] for row in rows(clean, "user_report", dialect)}
    for report in ("courses", "positions", "blogs", "cv_roles"):
        header, *cells = records(clean, report, dialect)
        first, second = (place for place, name in enumerate(header) if name == "Name")
        assert all(names[row[header.index("CV Partner CV ID")]] == row[first] != row[second] for row in cells)


def test_the_seed_dialect(tmp_path: Path) -> None:
    write_quarter(tmp_path, Quarter(2026, 2))
    raw = (tmp_path / "user_report.csv").read_bytes()
    assert raw.startswith(b"Name,Name (multilang),Title (#{lang}),")
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") == 501
    assert b'""' not in raw
    user = rows(tmp_path, "user_report")[0]
    assert user["Name (multilang)"] == f"int:{user['Name']}"
    assert user["CV Partner CV ID"] == f"cv_{user['CV Partner User ID']}"
    assert len(user["CV Partner User ID"]) == 8
    assert user["Has profile image"] in {"True", "False"}
    assert user["Country"] in {culture.country for culture in CULTURES}
    date.fromisoformat(user["CV Last updated"])
    both = [row for row in rows(tmp_path, "project_experiences") if "|no:" in row["Customer (#{lang})"]]
    assert 300 < len(both) < 1200
    assert all(row["Customer (#{lang})"].startswith(f"int:{row['Customer (int)']}|no:") for row in both)


def test_the_export_dialect(tmp_path: Path) -> None:
    write_quarter(tmp_path, Quarter(2026, 2), dialect="export")
    raw = (tmp_path / "user_report.csv").read_bytes()
    assert raw.startswith(b"Name;Name (multilang);Title (no);")
    assert b"\r" not in raw
    assert raw.count(b"\n") == 500
    assert b';"";' in raw
    users = rows(tmp_path, "user_report", "export")
    for empty in ("Name (multilang)", "UPN", "External User ID", "Landline"):
        assert {row[empty] for row in users} == {""}
    assert all(len(row["CV Partner User ID"]) == len(row["CV Partner CV ID"]) == 24 for row in users)
    assert all(row["CV Partner User ID"] != row["CV Partner CV ID"] for row in users)
    assert {row["Country"] for row in users} == {culture.code for culture in CULTURES}
    assert {row["Has profile image"] for row in users} == {"true", "false", ""}
    assert "consultant, countrymanager" in {row["Access roles"] for row in users}
    assert all(row["Phone Number"].startswith("'+") for row in users if row["Phone Number"])
    assert all(row["User created at"].endswith(" UTC") for row in users)
    assert "N/A" in {row["Years since first work experience"] for row in users}
    invited = [row for row in users if "@" in row["Name"]]
    assert 1 <= len(invited) <= 25
    assert {row["Title (no)"] for row in invited} == {""}
    assert {row["CV Last updated"] for row in invited} == {""}
    assert not any("int:" in row["Customer (no)"] for row in rows(tmp_path, "project_experiences", "export"))
    assert (tmp_path / "availability_report.csv").read_bytes().splitlines()[1].split(b";")[1:3] == [b'""', b'""']


damaged_records = cache(records)  # for folders written once


def at(folder: Path, damage: Damage, dialect: str) -> dict[str, str]:
    """The record a manifest entry points to, by header; short of a cell or with one too many, as far as it goes."""
    found = damaged_records(folder, damage.report, dialect)
    return dict(zip(found[0], found[damage.row - 1], strict=False))


def is_iso(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


CELLS: dict[str, Callable[[str, dict[str, str], Damage], bool]] = {
    "unreadable_cell": lambda cell, row, _: not cell.isdigit() and not is_iso(cell) and cell != "",
    "out_of_range": lambda cell, row, _: cell in {"13", "140", "-5"},
    "missing_key": lambda cell, row, _: cell == "",
    "clearance_ends_before_it_begins": lambda cell, row, _: cell < row["Valid From"],
    "bar_in_text": lambda cell, row, _: "Design | Build" in cell,
    "nul_byte": lambda cell, row, damage: "\0" in cell and cell.replace("\0", "") == damage.value,
    "wrong_encoding": lambda cell, row, _: any("\udc80" <= letter <= "\udcff" for letter in cell),
    "padded_text": lambda cell, row, damage: cell != cell.strip() == damage.value,
    "apostrophe_guard": lambda cell, row, damage: cell == f"'{damage.value}",
    "day_first_date": lambda cell, row, damage: cell[6:] + "-" + cell[3:5] + "-" + cell[:2] == damage.value,
    "embedded_newline": lambda cell, row, damage: "\n" in cell and '"' in cell and cell == damage.value,
    "blank_clearance": lambda cell, row, damage: (cell, damage.value) == ("", "None"),
    "span_ends_before_it_begins": lambda cell, row, _: int(cell) < int(row.get("Year from") or row["Year"]),
    "clearance_unknown_person": lambda cell, row, _: cell.endswith("@elsewhere.example") and row["UPN"] == "",
    "unknown_column": lambda cell, row, _: cell == "Mood",
}


def test_every_manifest_entry_points_at_its_cell(damaged: tuple[Path, FakeQuarter], dialect: str) -> None:
    folder, quarter = damaged
    for damage in quarter.damage:
        if damage.defect in CELLS:
            row = at(folder, damage, dialect)
            assert CELLS[damage.defect](row[damage.column or ""], row, damage), damage
            assert damage.id in {*row.values(), None}


def test_manifest_entries_of_whole_records_point_at_them(damaged: tuple[Path, FakeQuarter], dialect: str) -> None:
    folder, quarter = damaged
    users = rows_of_good_users(folder, quarter, dialect)
    emails, cvs = ({row[column] for row in users} for column in ("Email", "CV Partner CV ID"))
    for damage in quarter.damage:
        found = damaged_records(folder, damage.report, dialect)
        record, row, width = found[damage.row - 1], at(folder, damage, dialect), len(found[0])
        if damage.defect == "orphan_cv":
            assert row["CV Partner CV ID"] not in cvs
            assert row["Email"] not in emails
        elif damage.defect == "orphan_user":
            assert row["Email"] not in emails
        elif damage.defect == "ragged_short":
            assert len(record) == width - 1
        elif damage.defect == "ragged_long":
            assert len(record) == width + 1
        elif damage.defect == "blank_line":
            assert record == []
        elif damage.defect == "doubled_key_same":
            assert found.index(record) == damage.row - 2
        elif damage.defect in {"doubled_key_different", "doubled_person"}:
            column = found[0].index(damage.column or "")
            alike = [
                other
                for other in found
                if other[:column] + other[column + 1 :] == record[:column] + record[column + 1 :]
            ]
            assert len(alike) == 2
            assert alike[0][column] != alike[1][column]
            assert alike[1] == record


def rows_of_good_users(folder: Path, quarter: FakeQuarter, dialect: str) -> Rows:
    added = {d.row for d in quarter.damage if d.report == "user_report" and d.expected in ADDED}
    header, *cells = records(folder, "user_report", dialect)
    return [dict(zip(header, row, strict=True)) for n, row in enumerate(cells, 2) if n not in added]


ADDED = ("set_aside", "duplicate", "skipped")


def test_beside_the_damage_a_quarter_is_the_undamaged_one(
    clean: Path, damaged: tuple[Path, FakeQuarter], dialect: str
) -> None:
    folder, quarter = damaged
    for report in HEADERS:
        where = {damage.row: damage for damage in quarter.damage if damage.report == report}
        (_, *good), (header, *found) = records(clean, report, dialect), records(folder, report, dialect)
        kept = [(n, row) for n, row in enumerate(found, 2) if n not in where or where[n].expected not in ADDED]
        assert len(kept) == len(good) == quarter.rows[report]
        assert len(found) == quarter.records[report]
        for (number, row), wanted in zip(kept, good, strict=True):
            if number not in where:
                assert row[: len(wanted)] == wanted
                assert len(row) == len(header)


def test_no_record_has_two_defects(damaged: tuple[Path, FakeQuarter]) -> None:
    assert max(Counter((damage.report, damage.row) for damage in damaged[1].damage).values()) == 1


def test_the_manifest_tells_the_same_as_the_answer(damaged: tuple[Path, FakeQuarter]) -> None:
    folder, quarter = damaged
    told = json.loads((folder / "damage.json").read_text(encoding="utf-8"))
    assert [Damage(**entry) for entry in told["damage"]] == list(quarter.damage)
    assert told["totals"] == Counter(damage.defect for damage in quarter.damage)
    wanted = {"defect", "report", "row", "column", "id", "expected"}
    assert all(wanted <= entry.keys() <= wanted | {"value"} for entry in told["damage"])


@pytest.mark.parametrize(("people", "copies"), [(300, 1), (499, 1), (500, 2), (1000, 3)])
def test_damage_is_counted_by_the_formula(tmp_path: Path, dialect: Any, people: int, copies: int) -> None:
    quarter = write_quarter(tmp_path, Quarter(2025, 1), people=people, dialect=dialect, damage=True)
    totals = Counter(damage.defect for damage in quarter.damage)
    spots = {
        "orphan_cv": 11,
        "orphan_user": 2,
        "clearance_unknown_person": 1,
        "doubled_key_same": 11,
        "doubled_key_different": 9,
        "doubled_person": 1,
        "unreadable_cell": 9,
        "out_of_range": 5,
        "missing_key": 12,
        "wrong_encoding": 4,
        "ragged_short": 6,
        "ragged_long": 5,
        "blank_line": 4,
        "span_ends_before_it_begins": 4,
        "clearance_ends_before_it_begins": 1,
        "bar_in_text": 2,
        "nul_byte": 2,
        "padded_text": 3,
        "apostrophe_guard": 1 if dialect == "seed" else 0,
        "day_first_date": 3,
        "embedded_newline": 2,
        "blank_clearance": 1,
    }
    assert totals == Counter({name: n * copies for name, n in spots.items()} | {"unknown_column": 1})
    aside = Counter(damage.report for damage in quarter.damage if damage.expected == "set_aside")
    assert all(aside[report] < 0.03 * quarter.rows[report] for report in HEADERS)


def test_bars_stay_in_one_language(damaged: tuple[Path, FakeQuarter], dialect: str) -> None:
    folder, quarter = damaged
    for damage in (d for d in quarter.damage if d.defect == "bar_in_text"):
        row, value = at(folder, damage, dialect), damage.value
        assert isinstance(value, dict)
        if dialect == "seed":
            assert row[damage.column or ""] == f"int:{value['int']}|no:{value['no']}"
            assert row.get("Description (int)", value["int"]) == value["int"]
        else:
            assert row[damage.column or ""] == value["no"]
            assert row.get("Description (int)") == value.get("int")


def test_a_repaired_quarter_has_no_manifest(tmp_path: Path) -> None:
    write_quarter(tmp_path, Quarter(2025, 1), people=20, damage=True)
    write_quarter(tmp_path, Quarter(2025, 1), people=20)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(f"{report}.csv" for report in HEADERS)


@pytest.mark.parametrize("damage", [False, True])
@pytest.mark.parametrize("people", [1, 10])
def test_a_handful_of_people_will_do(tmp_path: Path, dialect: Any, people: int, damage: bool) -> None:
    quarter = write_quarter(tmp_path, Quarter(2024, 3), people=people, dialect=dialect, damage=damage)
    assert quarter.rows["user_report"] == quarter.rows["usage_report"] == people
    assert bool(quarter.damage) == damage
    assert all(records(tmp_path, report, dialect) for report in HEADERS)


@pytest.mark.parametrize(
    "wrong", [{"quarter": Quarter(2025, 5)}, {"people": 0}, {"dialect": "french"}, {"quarter": Quarter(26, 1)}]
)
def test_what_cannot_be_made_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"quarter": Quarter(2025, 1)} | wrong
    with pytest.raises(SetupError):
        write_quarter(tmp_path / "none", **arguments)
    assert not (tmp_path / "none").exists()


def test_two_thousand_people_take_seconds(tmp_path: Path) -> None:
    start = time.monotonic()
    write_quarter(tmp_path, Quarter(2026, 2), people=2000)
    # A third of one when undisturbed.
    assert time.monotonic() - start < 20


def test_names_are_spelled_apart_in_addresses() -> None:
    for culture in CULTURES:
        assert len({fold(name) for name in culture.first.split()}) == FIRST
        assert len({fold(name) for name in culture.last.split()}) == LAST
    assert fold("Ó'Súilleabháin") == "osuilleabhain"
    assert fold("Łukasz") == "lukasz"
    assert fold("Weiß") == "weiss"


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32), quarter=st.integers(1990 * 4, 2100 * 4))
def test_lives_make_sense_in_every_quarter(seed: int, quarter: int) -> None:
    people = employed(seed, quarter, np.arange(200), invitations=True)
    assert (people.tenure >= 0).all()
    assert (people.first_work + 5 <= people.joined_month).all()
    assert ((people.level >= people.entry_level) & (people.level <= 6)).all()
    assert (quarter // 4 - people.birth_year < 75).all()


@given(seed=st.integers(0, 2**32), ordinals=st.sets(st.integers(0, 2**32 - 1), max_size=50))
def test_ids_are_dealt_once(seed: int, ordinals: set[int]) -> None:
    dealt = scramble(np.array(sorted(ordinals), dtype=np.uint64), seed, "user")
    assert len(set(dealt.tolist())) == len(ordinals)
    assert all(number < 2**32 for number in dealt.tolist())
