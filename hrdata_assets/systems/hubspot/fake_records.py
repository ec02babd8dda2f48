"""The shared population as a CRM knows it: each contact, company and deal is made from its number alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from hrdata_assets.systems.fakes.population import DAY_ZERO, Company, Job, Person, Population
from hrdata_assets.systems.hubspot import fake_words as words
from hrdata_assets.systems.hubspot.fake_dirt import spoiled
from hrdata_assets.systems.hubspot.fake_schema import CREATED, FIRST_ID, ID, ObjectType, Record
from hrdata_assets.systems.hubspot.fake_values import SEPARATOR, iso, milliseconds

Ints = npt.NDArray[np.int64]

STEP = 50
"""Ids of neighbours are so far apart."""

_OPEN, _WON, _LOST = (
    [tuple(stage.id for stage in one.stages if stage.probability not in (0, 1)) for one in words.PIPELINES],
    [next(stage.id for stage in one.stages if stage.probability == 1) for one in words.PIPELINES],
    [next(stage.id for stage in one.stages if stage.probability == 0) for one in words.PIPELINES],
)


class Records:
    """Makes records; a share of them has something wrong with it."""

    def __init__(self, population: Population, dirt: float) -> None:
        self.population = population
        self.dirt = dirt
        self._makers: Mapping[str, Callable[[int, bytes], Mapping[str, str | None]]] = {
            "contacts": self._contact,
            "companies": self._company,
            "deals": self._deal,
        }

    def count(self, kind: ObjectType) -> int:
        """How many records there are at the start."""
        population = self.population
        listed: Mapping[str, Sequence[object]] = {
            "contacts": population.people,
            "companies": population.companies,
            "deals": population.jobs,
        }
        return len(listed[kind.name])

    def make(self, kind: ObjectType, number: int) -> Record:
        """The record with this number, counted from 0."""
        dice = blake2b(f"{self.population.seed}/{kind.name}/{number}".encode(), digest_size=32).digest()
        made = self._makers[kind.name](number, dice)
        record = {name: value for name, value in made.items() if value is not None}
        record[ID] = str(kind.first_id + STEP * number)
        return spoiled(kind.name, record, dice[24:], self.dirt)

    def stamps(self, kind: ObjectType) -> tuple[Ints, Ints]:
        """When each record was created and last changed."""
        population = self.population
        things: list[tuple[int, int]]
        if kind.name == "deals":
            things = [(milliseconds(one.opened), milliseconds(one.modified)) for one in population.jobs]
        else:
            listed = population.people if kind.name == "contacts" else population.companies
            things = [(milliseconds(one.created), milliseconds(one.modified)) for one in listed]
        created, modified = np.array(things, dtype=np.int64).T
        return created, modified

    def _contact(self, number: int, dice: bytes) -> dict[str, str | None]:
        person = self.population.people[number]
        company = self.population.companies[person.employer]
        modified = milliseconds(person.modified)
        name = f"{person.first_name} {person.last_name}"
        email = None if number % 25 == 13 else person.email
        known = dice[0] < 230
        return {
            CREATED: iso(milliseconds(person.created)),
            "lastmodifieddate": iso(modified),
            "email": email,
            "firstname": person.first_name,
            "lastname": person.last_name,
            "hs_full_name_or_email": name,
            "phone": person.phone if dice[1] < 200 else ("" if dice[1] < 220 else None),
            "mobilephone": person.mobile if dice[2] < 180 else None,
            "company": company.name if known else None,
            "associatedcompanyid": str(company_id(person.employer)) if known else None,
            "jobtitle": person.title,
            "website": f"https://www.{company.domain}" if dice[3] < 60 else None,
            **_address(person, dice),
            "lifecyclestage": tuple(words.LIFECYCLE_STAGES)[dice[4] % 9],
            "hs_lead_status": tuple(words.LEAD_STATUSES)[dice[5] % 8] if dice[5] < 128 else None,
            "hubspot_owner_id": _owner(dice[6]),
            "hs_additional_emails": f"{person.first_name[0].lower()}.{number}@{company.domain}".replace(" ", "")
            if dice[7] < 20
            else None,
            "hs_language": words.LANGUAGES[person.country_code] if dice[8] < 170 else None,
            **_recruiting(person, dice, number),
        }

    def _company(self, number: int, dice: bytes) -> dict[str, str | None]:
        company = self.population.companies[number]
        return {
            CREATED: iso(milliseconds(company.created)),
            "hs_lastmodifieddate": iso(milliseconds(company.modified)),
            "name": company.name,
            "domain": company.domain,
            "phone": company.phone,
            "website": company.domain if dice[0] < 128 else f"https://www.{company.domain}/",
            **_address(company, dice),
            "numberofemployees": str(company.employees),
            "annualrevenue": str(company.revenue) if dice[1] < 180 else None,
            "industry": words.INDUSTRIES[company.industry] if dice[2] < 220 else None,
            "hubspot_owner_id": _owner(dice[6]),
            "lifecyclestage": ("lead", "opportunity", "customer")[dice[4] % 3],
        }

    def _deal(self, number: int, dice: bytes) -> dict[str, str | None]:
        job = self.population.jobs[number]
        which = int(dice[0] < 90)
        stage = _stage(job, which, dice[1])
        closes = job.closed or job.opened + timedelta(days=30 + dice[2])
        return {
            CREATED: iso(milliseconds(job.opened)),
            "hs_lastmodifieddate": iso(milliseconds(job.modified)),
            "dealname": f"{job.title} for {self.population.companies[job.company].name}",
            "description": f"Wanted: {', '.join(job.skills)}" if dice[3] < 100 else None,
            "deal_currency_code": job.currency,
            "amount": f"{job.salary * job.openings * 0.2:.2f}" if dice[5] < 240 else None,
            "openings": str(job.openings),
            "closedate": iso(milliseconds(closes)),
            "pipeline": words.PIPELINES[which].id,
            "dealstage": stage,
            "dealtype": "newbusiness" if dice[4] < 150 else "existingbusiness",
            "hubspot_owner_id": _owner(dice[6]),
            **closed_or_not(stage),
        }


def company_id(number: int) -> int:
    """Id of the company with this number."""
    return FIRST_ID["companies"] + STEP * number


def closed_or_not(stage: str) -> dict[str, str]:
    """What is calculated from a deal's stage."""
    at = words.STAGES.get(stage)
    closed, won = at is not None and at.closed, at is not None and at.probability == 1
    return {"hs_is_closed": str(closed).lower(), "hs_is_closed_won": str(won).lower()}


def _stage(job: Job, which: int, die: int) -> str:
    if job.closed is None:
        return _OPEN[which][die % len(_OPEN[which])]
    return (_WON if die < 160 else _LOST)[which]


def _owner(die: int) -> str | None:
    """An owner, few of them archived, and some records nobody's."""
    return None if die < 25 else str(words.OWNERS[die % len(words.OWNERS)].id)


def _address(place: Person | Company, dice: bytes) -> dict[str, str | None]:
    return {
        "address": f"{words.STREETS[dice[9] % len(words.STREETS)]} {1 + dice[10]}" if dice[10] < 150 else None,
        "city": place.city,
        "zip": f"{dice[11] * 39:05}" if dice[10] < 150 else None,
        "country": place.country,
    }


def _recruiting(person: Person, dice: bytes, number: int) -> dict[str, str | None]:
    """What the account keeps about candidates, in properties of its own."""
    free: date = (DAY_ZERO + timedelta(days=dice[12])).date()
    return {
        "skills": SEPARATOR.join(words.SKILL_VALUES[skill] for skill in person.skills) if dice[13] < 220 else None,
        "available_from": free.isoformat() if dice[14] < 100 else None,
        "day_rate": f"{400 + dice[15] * 5}" if dice[15] % 2 else f"{400 + dice[15] * 5}.50",
        "open_to_relocation": ("true", "false", None)[dice[16] % 3],
        "flowcase_user": f"FC-{number // 3 + 1:06}" if person.in_flowcase else None,
    }
