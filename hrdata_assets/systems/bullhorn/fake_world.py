"""The shared population as an agency knows it: who is whom, and what everything has an id by."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any

from hrdata_assets.systems.bullhorn import fake_words as words
from hrdata_assets.systems.fakes.population import DAY_ZERO, Company, Person, Population
from hrdata_assets.systems.flowcase.fake_files import DEPARTMENTS, SKILLS

Record = dict[str, Any]

DAY = 86_400_000
FIRST_ID: Mapping[str, int] = {
    "CorporateUser": 11, "Category": 301, "BusinessSector": 401, "Skill": 501, "ClientCorporation": 5_001,
    "ClientContact": 20_001, "JobOrder": 50_001, "JobSubmission": 70_001, "Placement": 90_001, "Candidate": 100_001,
}  # fmt: skip
"""Ids of different entities begin far from each other, so that a wrong join finds nobody."""

API_USER = FIRST_ID["CorporateUser"] + len(words.RECRUITERS) - 1
COUNTRY_IDS: Mapping[str, int] = {
    "NO": 2283, "SE": 2352, "DK": 2210, "FI": 2223, "PL": 2309, "GB": 2359, "DE": 2229, "IN": 2251,
}  # fmt: skip
PER_JOB = 3
"""Submissions of every job."""

CATEGORY_OF = {skill: number for number, (_, start, _) in enumerate(DEPARTMENTS) for skill in SKILLS[start:]}
"""The department whose skill it is: the last one that begins before it."""

FOUNDED = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp() * 1000)
LATEST = int(DAY_ZERO.timestamp() * 1000) - 1
_SKILL_IDS = {name: FIRST_ID["Skill"] + number for number, name in enumerate(SKILLS)}


class World:
    """Who is a contact, which jobs were filled, and what chance says about each."""

    def __init__(self, population: Population) -> None:
        self.population = population

    @cached_property
    def contacts(self) -> list[int]:
        """Who is a contact: the person a job names, and of every company the one who has its number."""
        named = [job.contact for job in self.population.jobs]
        return sorted({*named, *range(len(self.population.companies))})

    @cached_property
    def contact_ids(self) -> dict[int, int]:
        """Contacts by person."""
        return {person: FIRST_ID["ClientContact"] + number for number, person in enumerate(self.contacts)}

    @cached_property
    def placed(self) -> list[int]:
        """Jobs that ended with somebody placed."""
        return [job.number for job in self.population.jobs if job.closed and job.number % 3]

    def dice(self, kind: str, number: int) -> bytes:
        """Sixty-four draws for one record."""
        return blake2b(f"{self.population.seed}/{kind}/{number}".encode()).digest()


def milliseconds(moment: datetime) -> int:
    """A moment as Bullhorn writes it."""
    return round(moment.timestamp() * 1000)


def category_of(skill: str) -> int:
    """Id of the category that a skill belongs to."""
    return FIRST_ID["Category"] + CATEGORY_OF[skill]


def skill_id(name: str) -> int:
    """Id of a skill."""
    return _SKILL_IDS[name]


def recruiter(die: int) -> int:
    """Id of a corporate user, but not of the API's own."""
    return FIRST_ID["CorporateUser"] + die % (len(words.RECRUITERS) - 1)


def is_deleted(entity: str, number: int) -> bool:
    """Whether a record was deleted before everything began: few are, and never the first ones."""
    every = {"Candidate": 50, "ClientContact": 60, "JobOrder": 40, "JobSubmission": 80}[entity]
    return number % every == every - 3


def called(person: Person) -> Record:
    """The fields of a name."""
    return {
        "name": f"{person.first_name} {person.last_name}",
        "firstName": person.first_name,
        "lastName": person.last_name,
    }


def address(place: Person | Company, dice: bytes) -> Record:
    """An address in the place's city."""
    return {
        "address1": f"{('Storgata', 'High Street', 'Hauptstraße', 'ul. Długa')[dice[40] % 4]} {1 + dice[41]}",
        "address2": None,
        "city": place.city,
        "state": None,
        "zip": f"{dice[42] * 39:04}",
        "countryID": COUNTRY_IDS[place.country_code],
        "countryName": place.country,
        "countryCode": place.country_code,
    }


def sectors(die: int) -> tuple[int, ...]:
    """One or two business sectors."""
    first = FIRST_ID["BusinessSector"]
    return tuple(sorted({first + die % len(words.SECTORS), first + die * 7 % len(words.SECTORS)}))


def items(texts: Sequence[str]) -> str:
    """Items of a list in HTML."""
    return "".join(f"<li>{text}</li>" for text in texts)
