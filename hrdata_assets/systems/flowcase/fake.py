"""Believable quarters of Flowcase reports: the same people quarter after quarter, their CVs growing as time goes by."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from hrdata_assets.errors import SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.flowcase import fake_files as words
from hrdata_assets.systems.flowcase.damage import Damage
from hrdata_assets.systems.flowcase.damage_writing import spoil
from hrdata_assets.systems.flowcase.fake_cvs import SECTIONS, Columns, Page, constant, either, skills
from hrdata_assets.systems.flowcase.fake_files import (
    BASE,
    COUNTED,
    DIALECTS,
    HEADERS,
    Dialect,
    append,
    finish,
    iso,
    listed,
    whole,
    written_aside,
)
from hrdata_assets.systems.flowcase.fake_people import (
    CULTURES,
    FIRST_STRANGER,
    Flags,
    Ints,
    People,
    Rows,
    chance,
    draw,
    employed,
    first_day,
    names,
    person_ordinals,
    pick,
    sections,
    telephones,
)

__all__ = ["HEADERS", "Damage", "FakeQuarter", "write_quarter"]

CHUNK = 5000  # people at a time: bounds memory whatever the head-count
WINDOW = 60  # days the availability report looks over, half of them after the quarter's end


def _base(people: People, dialect: Dialect) -> pl.DataFrame:
    """The columns that say whose row it is, one row per person."""
    full, local = names(people)
    ordinals = person_ordinals(people.generations, people.slots)
    user, cv = dialect.person_identifiers(people.seed, ordinals, people.created)
    title = dialect.phrase(words.TITLES, people.role * 5 + people.level - 2, chance(people.keys, "both", 30))
    phone = ("'" if dialect.exported else "") + telephones(people, "phone")
    desk = either(chance(people.keys, "has desk", 40), telephones(people, "desk"), "")
    return pl.DataFrame(
        {
            "Name": either(people.invited, local + "@staff.example", full),
            "Name (multilang)": dialect.blank("int:" + full),
            "Title (#{lang})": either(people.invited, "", title),
            "Email": local + "@staff.example",
            "UPN": dialect.blank(local.str.replace_all(r"[.-]", "")),
            "External User ID": dialect.blank("ext_" + user),
            "CV Partner User ID": user,
            "CV Partner CV ID": cv,
            "Phone Number": either(chance(people.keys, "phone", 94), phone, ""),
            "Landline": dialect.blank(desk),
            "Birth Year": whole(people.birth_year, people.invited),
            "Department": pl.Series([name for name, *_ in words.DEPARTMENTS]).gather(people.role // 2),
            "Country": pl.Series([c.code if dialect.exported else c.country for c in CULTURES]).gather(people.country),
        }
    )


@dataclass(frozen=True)
class Staff:
    """People with the rows of their CVs, ready to be written."""

    people: People
    rows: Mapping[str, Rows]
    dialect: Dialect
    base: pl.DataFrame

    @property
    def time(self) -> Ints:
        """One time of day for all a person does: moments then come in the order of their days."""
        return draw(self.people.keys, "time", 1 << 20)

    def stamp(self, days: Ints, missing: Flags) -> pl.Series:
        """A moment per person."""
        return self.dialect.stamp(days, self.time, missing)

    def last(self, *reports: str, by_owner: bool = True) -> pl.Series:
        """When a row of these reports was last changed; empty for who has none."""
        days = np.full(len(self.people.keys), -1)
        for rows in (self.rows[report] for report in reports):
            np.maximum.at(days, rows.person, rows.touched if by_owner else rows.updated)
        return self.stamp(days, days < 0)

    def count(self, report: str) -> Ints:
        """How many rows each person has in a report."""
        return np.bincount(self.rows[report].person, minlength=len(self.people.keys))

    def flag(self, fact: str, percent: int) -> pl.Series:
        """Yes for so many people in a hundred, nothing for the invited."""
        return self.dialect.flag(chance(self.people.keys, fact, percent), self.people.invited)

    def years_working(self) -> pl.Series:
        """Years since first work; an export has `N/A` where it cannot tell."""
        people = self.people
        years = people.quarter // 4 - people.first_work // 12
        unknown = people.invited | chance(people.keys, "unknown years", 3)
        return either(unknown, "N/A", pl.Series(years).cast(pl.String)) if self.dialect.exported else whole(years)

    def years_learning(self) -> pl.Series:
        """Twelve years of school and those of the degrees."""
        return whole(np.array([12, 15, 17, 21])[self.people.degrees], self.people.invited)


def _user_report(staff: Staff) -> Columns:
    people, level = staff.people, staff.people.level
    roles = (
        "consultant / consultant, countrymanager / consultant, countrymanager, internationalmanager"
        if staff.dialect.exported
        else "User / Country Manager / Administrator"
    )
    return {
        "User created at": staff.stamp(people.created, np.zeros_like(people.invited)),
        "CV Last updated by owner": staff.last(*SECTIONS),
        "CV Last updated": staff.last(*SECTIONS, by_owner=False),
        "Years of education": staff.years_learning(),
        "Years since first work experience": staff.years_working(),
        "Access roles": pl.Series(listed(roles)).gather(pick(people.keys, "access", (0,) * 17 + (1, 1, 2))),
        "Has profile image": staff.flag("image", 75),
        "Owns a reference project": staff.flag("reference", 15),
        "Read and understood privacy notice": staff.flag("privacy", 90),
        "SFIA Level": whole(level),
        "CPD Level": whole(np.array([1, 2, 3, 3, 4])[level - 2]),
        "CPD Band": pl.Series(list("ELELE")).gather(level - 2),
        "CPD Label": pl.Series(["CPD1E", "CPD2L", "CPD3E", "CPD3L", "CPD4E"]).gather(level - 2),
    }


COUNTED_ROWS = {
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


def _distinct_categories(staff: Staff) -> Ints:
    """How many skill categories each person has skills of."""
    rows = staff.rows["technologies"]
    found = np.zeros((len(staff.people.keys), len(words.SKILL_AREAS)), dtype=np.bool_)
    found[rows.person, words.SKILL_CATEGORIES[skills(staff.people, rows)]] = True
    counts: Ints = np.count_nonzero(found, axis=1)
    return counts


def _highlighted_roles(staff: Staff) -> Ints:
    rows = staff.rows["cv_roles"]
    highlighted = chance(rows.keys, "highlighted", 30)
    return np.bincount(rows.person[highlighted], minlength=len(staff.people.keys))


def _usage_report(staff: Staff) -> Columns:
    people, last, nationality = staff.people, staff.last(*SECTIONS), words.NATIONALITIES
    summary = pl.Series(listed(words.SUMMARIES)).gather(draw(people.keys, "summary", 3))
    unreported = [counter for counter in COUNTED if counter not in COUNTED_ROWS]
    return {
        "Nationality (#{lang})": staff.dialect.phrase(nationality, people.culture, chance(people.keys, "both", 30)),
        "Owner last removed or added a section": last,
        "Owner last updated CV": last,
        "Last updated CV": staff.last(*SECTIONS, by_owner=False),
        "Summary Of Qualifications": either(staff.count("key_qualifications") > 0, summary, ""),
        "Owner last updated Qualifications": staff.last("key_qualifications"),
        "Highlighted roles": whole(_highlighted_roles(staff)),
        "Owner last updated Highlighted roles": staff.last("cv_roles"),
        "Skill categories": whole(_distinct_categories(staff)),
        "Owner last updated Skill categories": staff.last("technologies"),
        "Years of education": staff.years_learning(),
        "Years since first work experience": staff.years_working(),
        **{name: whole(staff.count(report)) for name, report in COUNTED_ROWS.items()},
        **{f"Owner last updated {name}": staff.last(report) for name, report in COUNTED_ROWS.items()},
        **{name: whole(np.where(people.invited, 0, draw(people.keys, name, 3))) for name in unreported},
        **{f"Owner last updated {name}": last for name in unreported},
    }


def _section_report(staff: Staff, report: str) -> Columns:
    page = Page(staff.people, staff.rows[report], staff.dialect)
    time = page.each(staff.time)
    return {
        "Nationality": words.NATIONALITIES.plain.gather(page.each(page.people.culture)),
        "CV Partner section ID": page.identifier(report),
        "External unique ID": staff.dialect.blank(page.identifier(f"{report} elsewhere")),
        "Updated": staff.dialect.stamp(page.rows.updated, time),
        "Updated by owner": staff.dialect.stamp(page.rows.touched, time),
        **SECTIONS[report](page),
    }


def _clearance(people: People) -> tuple[Ints, Columns]:
    """Whose row it is, and the rows: one a person, two where one that ran out was renewed."""
    kind = np.searchsorted(np.array([26, 34, 36]), draw(people.keys, "clearance", 100), side="right")
    granted = people.joined + draw(people.keys, "granted", 5)
    renewed = granted + 14 + draw(people.keys, "renewed", 8)
    cleared = (kind < 3) & (granted <= people.quarter)
    twice = cleared & (renewed <= people.quarter) & chance(people.keys, "renews", 30)
    person = np.repeat(np.arange(len(kind)), 1 + twice)
    second = np.concatenate([[False], person[1:] == person[:-1]])
    cleared, first_of_two = cleared[person], twice[person] & ~second
    day = draw(people.keys, "clearance day", 85)[person]
    begins = first_day(np.where(second, renewed[person], granted[person])) + day
    ends = np.where(first_of_two, first_day(renewed[person]) + day - 1, begins + 3652)
    limited = first_of_two | cleared & chance(people.keys, "limited", 8)[person]
    blank = ~cleared & chance(people.keys, "never asked", 50)[person]
    return person, {
        "Clearance": pl.Series(["SC", "NPPV2", "DV", "None"]).gather(np.where(cleared, kind[person], 3)),
        "Valid From": iso(np.where(cleared, begins, people.created[person]), blank),
        "Valid To": iso(ends, ~limited),
        "Verified By": pl.Series(["HR", "Security", "PMO"]).gather(draw(people.keys, "verified", 3)[person]),
        "Notes": pl.Series(["Imported from legacy sheet", "", "Seen, copy not kept"]).gather(
            pick(people.keys, "notes", (0, 0, 0, 1, 2))[person]
        ),
    }


def _availability(people: People) -> tuple[Ints, Columns]:
    """A row per person and day: one allocation, then from some day on perhaps another; weekends are free."""
    days = people.last_day - WINDOW // 2 + np.arange(WINDOW)
    person = np.repeat(np.arange(len(people.keys)), WINDOW)
    steps, quarter = (0, 0, 0, 20, 25, 40, 50, 50, 60, 75, 80, 100, 100), f"{people.quarter}"
    before, after = (pick(people.keys, f"free {quarter} {half}", steps) for half in (0, 1))
    change = people.last_day + draw(people.keys, f"change {quarter}", WINDOW) - WINDOW // 4
    day = np.tile(days, len(people.keys))
    working = np.where(day < change[person], before[person], after[person])
    weekend = (day + 3) % 7 >= 5  # 1970 began on a Thursday
    return person, {
        "Date": iso(day),
        "Percent Available": whole(np.where(weekend, 100, working)),
        "Source": constant("Resource plan", len(day)),
    }


_ABOUT_PEOPLE: Mapping[str, Callable[[Staff], Columns]] = {"user_report": _user_report, "usage_report": _usage_report}
_OF_THE_CUSTOMER = {"sc_clearance": _clearance, "availability_report": _availability}


def staff_of(seed: int, quarter: int, slots: Ints, dialect: Dialect) -> Staff:
    """Who fills these slots in a quarter, counted from year 0, with all that stands on their CVs."""
    people = employed(seed, quarter, slots, invitations=dialect.exported)
    return Staff(people, sections(people), dialect, _base(people, dialect))


def frame_of(staff: Staff, report: str) -> pl.DataFrame:
    """A report with its columns in order, named by their number."""
    if report in _ABOUT_PEOPLE:
        return _joined(staff, report, np.arange(len(staff.people.keys)), _ABOUT_PEOPLE[report](staff))
    if report in _OF_THE_CUSTOMER:
        return _joined(staff, report, *_OF_THE_CUSTOMER[report](staff.people))
    return _joined(staff, report, staff.rows[report].person, _section_report(staff, report))


def first_line(report: str, dialect: Dialect) -> bytes:
    """The header as it stands in the file."""
    return (dialect.separator.join(dialect.header(report)) + dialect.line_end).encode()


def _joined(staff: Staff, report: str, person: Ints, columns: Columns) -> pl.DataFrame:
    """Who it is about, then the report's own columns; numbered, because a header may stand twice."""
    about = len(BASE) if HEADERS[report][0] == BASE[0] else len(words.PERSON)
    theirs = staff.base.select(HEADERS[report][:about])[person].get_columns()
    own = [columns[header] for header in HEADERS[report][about:] if header not in staff.dialect.left_out]
    return pl.DataFrame({str(n): column for n, column in enumerate([*theirs, *own])})


@dataclass(frozen=True)
class FakeQuarter:
    """What was written: the rows each report has without damage, and every piece of damage."""

    quarter: Quarter
    dialect: str
    rows: Mapping[str, int]
    damage: tuple[Damage, ...] = ()

    @property
    def records(self) -> Mapping[str, int]:
        """Records each report has below its header, those counted that damage added."""
        added = Counter(one.report for one in self.damage if one.expected in ("set_aside", "duplicate", "skipped"))
        return {report: rows + added[report] for report, rows in self.rows.items()}


def _check(quarter: Quarter, people: int, dialect: str) -> None:
    if not (1990 <= quarter.year <= 2100 and 1 <= quarter.number <= 4):
        raise SetupError(f"there is no quarter {quarter} to make: take 1 to 4 of 1990 to 2100")
    if not 1 <= people <= FIRST_STRANGER:
        raise SetupError(f"cannot make {people} people: take 1 to {FIRST_STRANGER}")
    if dialect not in DIALECTS:
        raise SetupError(f"no dialect {dialect!r}: take one of {', '.join(DIALECTS)}")


def _write(folder: Path, dialect: Dialect, seed: int, quarter: int, people: int) -> dict[str, int]:
    """Write all reports, a slice of the staff at a time, and count their rows."""
    rows = dict.fromkeys(HEADERS, 0)
    with ExitStack() as stack:
        files = {report: stack.enter_context((folder / f"{report}.csv").open("wb")) for report in HEADERS}
        for report, file in files.items():
            file.write(first_line(report, dialect))
        for first in range(0, people, CHUNK):
            slots = np.arange(first, min(first + CHUNK, people))
            staff = staff_of(seed, quarter, slots, dialect)
            for report in HEADERS:
                frame = frame_of(staff, report)
                append(files[report], frame, dialect)
                rows[report] += frame.height
    return rows


def write_quarter(
    folder: Path,
    quarter: Quarter,
    *,
    people: int = 500,
    seed: int = 1,
    dialect: Literal["seed", "export"] = "seed",
    damage: bool = False,
) -> FakeQuarter:
    """Write the 15 reports of a quarter into a folder, the same bytes for the same arguments.

    Damage adds known defects and `damage.json`, which tells every one of them; without it an old `damage.json` goes.
    """
    _check(quarter, people, dialect)
    spelling = DIALECTS[dialect]
    with written_aside(folder) as aside:
        rows = _write(aside, spelling, seed, quarter.year * 4 + quarter.number - 1, people)
        damages = spoil(aside, spelling, rows, seed=seed, people=people) if damage else ()
        for report in HEADERS:
            finish(aside / f"{report}.csv", spelling)
    if not damage:
        (folder / "damage.json").unlink(missing_ok=True)
    return FakeQuarter(quarter, dialect, rows, damages)
