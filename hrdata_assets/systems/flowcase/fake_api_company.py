"""The company behind a fake Flowcase: its people, in which office each is, and every report about any of them."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Any

import numpy as np

from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.fakes.places import CITIES
from hrdata_assets.systems.flowcase.fake import CHUNK, Staff, frame_of, staff_of
from hrdata_assets.systems.flowcase.fake import first_line as header_line
from hrdata_assets.systems.flowcase.fake_files import DIALECTS, Dialect, append
from hrdata_assets.systems.flowcase.fake_people import CULTURES, Ints, draw, employed

OFFICES = 2
"""In every country."""

SPOKEN = ("no", "int")
"""Languages that the people write in."""


@dataclass(frozen=True)
class Office:
    """Where people work."""

    number: int
    id: str
    name: str
    country: int


def identifier(*parts: object) -> str:
    """An id as MongoDB makes them: 24 hex digits, the same for the same thing."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Company:
    """So many people of a seed, as they are in a quarter: those of `hrdata fake flowcase`."""

    people: int
    seed: int
    quarter: Quarter
    dialect: str

    @cached_property
    def offices(self) -> list[Office]:
        """Two in every country."""
        return [
            Office(country * OFFICES + place, identifier("office", country, place), CITIES[country][place], country)
            for country in range(len(CULTURES))
            for place in range(OFFICES)
        ]

    @cached_property
    def office_of(self) -> Ints:
        """Number of everybody's office: one in the country that the reports say."""
        staff = employed(self.seed, self.number, np.arange(self.people), invitations=self.spelling().exported)
        found: Ints = staff.country * OFFICES + draw(staff.keys, "office", OFFICES)
        return found

    @property
    def number(self) -> int:
        """The quarter, counted from year 0."""
        return self.quarter.year * 4 + self.quarter.number - 1

    def members(self, offices: Collection[str] | None = None) -> Ints:
        """Who is in these offices, in the order of all reports; everybody without any."""
        if not offices:
            return np.arange(self.people)
        wanted = [office.number for office in self.offices if office.id in offices]
        found: Ints = np.flatnonzero(np.isin(self.office_of, wanted))
        return found

    def spelling(self, language: str | None = None) -> Dialect:
        """How reports are written, with another language filled in where the dialect fills one in."""
        dialect = DIALECTS[self.dialect]
        return replace(dialect, language=language) if dialect.exported and language in SPOKEN else dialect

    def csv(self, report: str, members: Ints, language: str | None = None) -> bytes:
        """A report about some people, as a file."""
        return _file(self, report, tuple(members.tolist()), language)

    def rows(self, report: str, members: Ints, language: str | None = None) -> Iterator[tuple[Any, ...]]:
        """The same as values, without the header."""
        yield from frame_of(_staff(self, tuple(members.tolist()), language), report).iter_rows()

    def named(self, report: str, members: Ints, language: str | None = None) -> list[dict[str, Any]]:
        """The same by heading; of two columns with one heading the second, which is the row's own."""
        header = self.spelling(language).header(report)
        return [dict(zip(header, row, strict=True)) for row in self.rows(report, members, language)]

    @cached_property
    def accounts(self) -> Mapping[str, int]:
        """Place of everybody among the people, by the id of the account."""
        everybody = self.named("user_report", self.members())
        return {str(row["CV Partner User ID"]): place for place, row in enumerate(everybody)}


@lru_cache(maxsize=64)
def _file(company: Company, report: str, members: tuple[int, ...], language: str | None) -> bytes:
    """A report is asked for again more often than it is another one."""
    dialect, file = company.spelling(language), BytesIO()
    file.write(header_line(report, dialect))
    for first in range(0, len(members), CHUNK):
        append(file, frame_of(_staff(company, members[first : first + CHUNK], language), report), dialect)
    content = file.getvalue()
    return content if dialect.ends_last_line else content.removesuffix(dialect.line_end.encode())


@lru_cache(maxsize=8)
def _staff(company: Company, members: tuple[int, ...], language: str | None) -> Staff:
    """The same people are asked for one report after the other."""
    return staff_of(company.seed, company.number, np.array(members, dtype=np.int64), company.spelling(language))
