"""Known defects, and what each does to a record.

Records a reader must not keep (set aside, duplicate, skipped) are added; those it keeps (flagged, changed, loaded) are
edited in place. So whatever the damage, the rows that survive are the rows of the undamaged quarter, and nothing else
breaks with them: a set-aside user, say, is one no other report speaks of.

Every spot in DEFECTS gets `1 + people // 500` records; in a report too small for all, as many as find one that suits.
At most six spots of a report with a row per person are set aside (eight of a larger one): the share set aside stays
below 3 % from 300 people on.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from hrdata_assets.systems.flowcase.fake_files import HEADERS, PERSON, Dialect

Expected = Literal["set_aside", "duplicate", "flagged", "changed", "skipped", "loaded"]
PEOPLE = ("user_report", "usage_report")  # one record per person
ROW_IDS = ("CV Partner section ID", "CV Partner skill ID")


@dataclass(frozen=True)
class Damage:
    """One defect in one record.

    Rows count as in a spreadsheet: the header is 1, a blank line counts, a newline inside a text does not. The value is
    what a reader should end up with; for a text in languages, with all its columns taken together.
    """

    defect: str
    report: str
    row: int
    column: str | None
    id: str | None
    expected: Expected
    value: object = None


class Record:
    """One record as raw cells: those that are not written to keep their bytes."""

    def __init__(self, line: bytes, report: str, dialect: Dialect) -> None:
        self.report, self.dialect = report, dialect
        self.separator = dialect.separator.encode()
        # A header that stands twice means its last column: the first is the person's name.
        self.places = {header: place for place, header in enumerate(dialect.header(report))}
        cell = rb'("(?:[^"]|"")*"|[^%b]*)%b' % (self.separator, self.separator)
        self.cells: list[bytes] = re.findall(cell, line.rstrip(b"\r\n") + self.separator)
        key = next(c for c in (*ROW_IDS, "CV Partner CV ID", "Email") if c in self.places)
        self.key_column = "CV Partner User ID" if report in PEOPLE else key

    def __getitem__(self, column: str) -> str:
        text = self.cells[self.places[column]].decode()
        return text[1:-1].replace('""', '"') if text.startswith('"') else text

    def __setitem__(self, column: str, text: str) -> None:
        quoted = re.search(r'["\r\n]', text) or self.dialect.separator in text or (self.dialect.exported and not text)
        self.cells[self.places[column]] = ('"' + text.replace('"', '""') + '"' if quoted else text).encode()

    @property
    def line(self) -> bytes:
        """The record with its end of line."""
        return self.separator.join(self.cells) + self.dialect.line_end.encode()


@dataclass(frozen=True)
class Stranger:
    """Ids dealt to nobody in any quarter."""

    email: str
    user: str
    cv: str
    row: str


# What becomes of an added record's key.


def _as_nobody(record: Record, stranger: Stranger) -> None:
    """Make it the record of a person who is in no other report."""
    theirs = (stranger.email, stranger.email.split("@")[0], f"ext_{stranger.user}", stranger.user, stranger.cv)
    for column, text in zip((*PERSON, "CV Partner CV ID"), theirs, strict=True):
        if column in record.places and record[column]:
            record[column] = text
    if record.key_column in ROW_IDS:
        record[record.key_column] = stranger.row


def _as_another(record: Record, stranger: Stranger) -> None:
    """Give it a key of its own, so that it doubles no good record."""
    if record.report in PEOPLE:
        _as_nobody(record, stranger)
    elif record.report == "availability_report":
        record["Date"] = (date.fromisoformat(record["Date"]) - timedelta(days=100)).isoformat()
    elif record.report == "sc_clearance":
        record["Valid From"] = "1999-12-31"
    else:
        record[record.key_column] = stranger.row


def _as_it_is(_record: Record, _stranger: Stranger) -> None:
    """Keep the key: a double."""


# What is done to a record; the answer is what a reader should make of it, if that can be said.


def _nothing(_record: Record, _column: str, _text: str) -> object:
    return None


def _write(record: Record, column: str, text: str) -> object:
    record[column] = text
    return None


def _write_and_keep(record: Record, column: str, text: str) -> object:
    record[column] = text
    return text


def _write_latin(record: Record, column: str, text: str) -> object:
    record.cells[record.places[column]] = text.encode("latin-1")
    return None


def _shorten(record: Record, _column: str, _text: str) -> object:
    record.cells.pop()
    return None


def _lengthen(record: Record, _column: str, _text: str) -> object:
    record.cells.append(b"more")
    return None


def _blank_line(record: Record, _column: str, _text: str) -> object:
    record.cells.clear()
    return None


def _keep_email_only(record: Record, _column: str, _text: str) -> object:
    for other in PERSON[1:]:
        record[other] = ""
    return None


def _end_a_year_before(record: Record, column: str, begin: str) -> object:
    record[column] = str(int(record[begin]) - 1)
    return None


def _end_a_month_before(record: Record, column: str, begin: str) -> object:
    record[column] = (date.fromisoformat(record[begin]) - timedelta(days=30)).isoformat()
    return None


def _put_bar(record: Record, column: str, _text: str) -> object:
    """A bar inside a text; in a cell of several languages in the English one, and so in its `(int)` column as well."""
    international, language = column.replace(f"({record.dialect.language})", "(int)"), record.dialect.language
    if record.dialect.exported:
        record[column] = "Design | Build"
        other = {"int": record[international]} if international in record.places else {}
        return {language: "Design | Build", **other}
    record[column] = "int:Design | Build|no:Design"
    if international in record.places:
        record[international] = "Design | Build"
    return {"int": "Design | Build", "no": "Design"}


def _day_first(record: Record, column: str, _text: str) -> object:
    day = date.fromisoformat(record[column][:10])
    record[column] = f"{day:%d.%m.%Y}"
    return day.isoformat()


def _change(change: Callable[[str], str]) -> Callable[["Record", str, str], object]:
    """A change that a reader undoes."""

    def spoil(record: Record, column: str, _text: str) -> object:
        before = record[column]
        record[column] = change(before)
        return before

    return spoil


# Which records are suited.


def _any(_record: Record, _column: str, _text: str) -> bool:
    return True


def _has_text(record: Record, column: str, _text: str) -> bool:
    return bool(record[column])


def _says(record: Record, column: str, text: str) -> bool:
    return record[column] == text


def _says_otherwise(record: Record, column: str, text: str) -> bool:
    return record[column] != text


def _is_unlimited(record: Record, column: str, _text: str) -> bool:
    return record["Clearance"] != "None" and not record[column]


def _is_after_the_twelfth(record: Record, column: str, _text: str) -> bool:
    """A day that cannot be taken for a month."""
    return record[column][8:10] > "12"


@dataclass(frozen=True)
class Defect:
    """A kind of damage and every spot that gets it: `report: column = text`, as much of it as matters."""

    name: str
    expected: Expected
    spots: str
    spoil: Callable[[Record, str, str], object]
    identity: Callable[[Record, Stranger], None] | None = None  # for added records only
    suits: Callable[[Record, str, str], bool] = _any


OF_CVS = " / ".join(
    f"{r}: CV Partner CV ID" for r, header in HEADERS.items() if "CV Partner CV ID" in header and r not in PEOPLE
)
# A language and a technology are told apart by their names: their row ids may be missing.
KEYS = " / ".join(f"{r}: {ROW_IDS[0]}" for r, header in HEADERS.items() if ROW_IDS[0] in header and r != "languages")
AT_THE_END = ("doubled_key_different", "doubled_person")

DEFECTS = (
    Defect("orphan_cv", "set_aside", OF_CVS, _nothing, _as_nobody),
    Defect("orphan_user", "set_aside", "sc_clearance: Email / availability_report: Email", _nothing, _as_nobody),
    Defect("clearance_unknown_person", "set_aside", "sc_clearance: Email", _keep_email_only, _as_nobody),
    Defect(
        *("unreadable_cell", "set_aside"),
        "user_report: Birth Year = nineteen eighty / usage_report: Languages = a few / courses: Year = last year / "
        "project_experiences: Year from = twenty ten / work_experiences: Year from = twenty ten / "
        "technologies: Proficiency (0-5) = expert / sc_clearance: Valid From = 2025-02-30 / "
        "availability_report: Date = 2025-02-30 / availability_report: Percent Available = lots",
        *(_write, _as_another),
    ),
    Defect(
        *("out_of_range", "set_aside"),
        "project_experiences: Month from = 13 / work_experiences: Month from = 13 / certifications: Month = 13 / "
        "availability_report: Percent Available = 140 / availability_report: Percent Available = -5",
        *(_write, _as_another),
    ),
    Defect(
        *("missing_key", "set_aside"),
        KEYS + " / languages: Language / technologies: Skill name / user_report: CV Partner User ID / "
        "availability_report: Date",
        *(_write, _as_another),
    ),
    Defect(
        *("wrong_encoding", "set_aside"),
        "user_report: Department = Læring og miljø / project_experiences: Description (int) = Læring og miljø / "
        "work_experiences: Employer = Blåbær og fløte / sc_clearance: Notes = Sjekket på møte og bæres over",
        *(_write_latin, _as_another),
    ),
    Defect(
        *("ragged_short", "set_aside"),
        "user_report / project_experiences / educations / languages / sc_clearance / availability_report",
        *(_shorten, _as_another),
    ),
    Defect(
        *("ragged_long", "set_aside"),
        "user_report / project_experiences / educations / sc_clearance / availability_report",
        *(_lengthen, _as_another),
    ),
    Defect(
        *("blank_line", "skipped", "user_report / languages / sc_clearance / availability_report"),
        *(_blank_line, _as_it_is),
    ),
    Defect(
        *("doubled_key_same", "duplicate"),
        "usage_report / project_experiences / work_experiences / certifications / courses / languages / technologies / "
        "positions / cv_roles / sc_clearance / availability_report",
        *(_nothing, _as_it_is),
    ),
    Defect(
        *("doubled_key_different", "duplicate"),
        "project_experiences: Description (int) = Delivered twice / work_experiences: Description = Delivered twice / "
        "educations: Degree = Delivered twice / courses: Organiser = Delivered twice / "
        "key_qualifications: Label = Delivered twice / cv_roles: Description = Delivered twice / "
        "languages: Level = Professional / sc_clearance: Notes = Delivered twice / "
        "availability_report: Percent Available = 35",
        *(_write, _as_it_is),
        suits=_says_otherwise,
    ),
    Defect(
        *("doubled_person", "duplicate", "user_report: Department = Architecture", _write, _as_it_is),
        suits=_says_otherwise,
    ),
    Defect(
        *("span_ends_before_it_begins", "flagged"),
        "project_experiences: Year to = Year from / work_experiences: Year to = Year from / "
        "educations: Year to = Year from / certifications: Year expire = Year",
        _end_a_year_before,
    ),
    Defect(
        *("day_first_date", "flagged"),
        "user_report: User created at / certifications: Updated / sc_clearance: Valid From",
        _day_first,
        suits=_is_after_the_twelfth,
    ),
    Defect(
        *("clearance_ends_before_it_begins", "changed", "sc_clearance: Valid To = Valid From", _end_a_month_before),
        suits=_is_unlimited,
    ),
    Defect(
        *("nul_byte", "changed", "work_experiences: Description / key_qualifications: Label"),
        _change(lambda text: f"{text[:3]}\0{text[3:]}"),
        suits=_has_text,
    ),
    Defect(
        *("padded_text", "changed", "user_report: Department / technologies: Skill name / educations: Degree"),
        _change(lambda text: f"  {text} "),
        suits=_has_text,
    ),
    Defect(
        *("apostrophe_guard", "changed", "user_report: Phone Number"),
        _change(lambda text: f"'{text}"),
        suits=_has_text,
    ),
    Defect(
        *("blank_clearance", "loaded", "sc_clearance: Clearance = None"),
        _change(lambda _: ""),
        suits=_says,
    ),
    Defect(
        *("bar_in_text", "loaded", "user_report: Title (#{lang}) / project_experiences: Description (#{lang})"),
        _put_bar,
        suits=_has_text,
    ),
    Defect(
        *("embedded_newline", "loaded"),
        'work_experiences: Long Description = Built "it"; tested,\nhanded over. / '
        'courses: Long description = Day one: "why".\nDay two: how.',
        _write_and_keep,
    ),
)
