"""Believable people, companies and jobs, worked out from the seed alone; every third person is one of Flowcase's.

Those have name, address and telephone of who `hrdata fake flowcase` makes with the same seed. Stamps lie in the two
years before ``TODAY``, so that the same seed gives the same data on any day.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hrdata_assets.systems.flowcase.fake_people import CULTURES, Ints, Keys, draw, employed, names, stir, telephones

TODAY = datetime.datetime(2026, 6, 30, 12, tzinfo=datetime.UTC)
_QUARTER = 2026 * 4 + 1
_SPAN = 2 * 365 * 86_400_000

TITLES = (
    *("Software Engineer", "Data Engineer", "Project Manager", "Business Analyst", "Nurse", "Accountant"),
    *("Electrician", "Architect", "Recruiter", "Sales Manager", "Test Engineer", "Designer"),
)
SKILLS = (
    *("Python", "SQL", "Java", "Kubernetes", "Excel", "Accounting", "Patient care", "AutoCAD", "Negotiation"),
    *("React", "Terraform", "Payroll", "Welding", "Figma", "Scrum", "Norwegian", "German", "Power BI"),
)
CITIES = ("Oslo", "Stockholm", "København", "Helsinki", "Warszawa", "Leeds", "München", "Pune")
INDUSTRIES = ("Energy", "Health", "Public sector", "Software", "Banking", "Construction")
_WORDS = ("Nordlys", "Fjell", "Havn", "Elv", "Skog", "Bre", "Vidde", "Sund")
_KINDS = ("Energi", "Consult", "Helse", "Bygg", "Bank", "Data")
CURRENCIES = ("NOK", "SEK", "DKK", "EUR", "PLN", "GBP", "EUR", "INR")


@dataclass(frozen=True)
class Person:
    """Somebody who looks for work, or might."""

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    mobile: str
    title: str
    city: str
    country: str
    country_code: str
    birth_date: datetime.date
    skills: tuple[str, ...]
    employer: int
    created: datetime.datetime
    modified: datetime.datetime


@dataclass(frozen=True)
class Company:
    """A client."""

    number: int
    name: str
    domain: str
    industry: str
    city: str
    country: str
    country_code: str
    phone: str
    employees: int
    revenue: int


@dataclass(frozen=True)
class Job:
    """A vacancy of a company's."""

    number: int
    title: str
    company: int
    contact: int
    opened: datetime.datetime
    closed: datetime.datetime | None
    salary: int
    currency: str
    skills: tuple[str, ...]
    openings: int


@dataclass(frozen=True)
class Population:
    """Everybody and everything of a seed; numbers count from 0."""

    people: Sequence[Person]
    companies: Sequence[Company]
    jobs: Sequence[Job]

    def person(self, number: int) -> Person:
        """The person of that number."""
        return self.people[number]


def population(seed: int, people: int) -> Population:
    """So many people, a company for every ten and a job for every five of them."""
    companies = [_company(seed, number) for number in range(max(people // 10, 1))]
    persons = _people(seed, people, len(companies))
    jobs = [_job(seed, number, companies, people) for number in range(max(people // 5, 1))]
    return Population(persons, companies, jobs)


def _people(seed: int, count: int, companies: int) -> list[Person]:
    numbers = np.arange(count)
    known = numbers % 3 == 0
    colleagues = _identities(seed, numbers[known] // 3, "staff.example")
    strangers = _identities(seed + 7_919, numbers[~known], "mail.example")
    order = np.argsort(np.concatenate([numbers[known], numbers[~known]]))
    who = pl.concat([colleagues, strangers])[order]
    keys = _keys(seed, "person", count)
    facts = {
        "title": draw(keys, "title", len(TITLES)),
        "employer": draw(keys, "employer", companies),
        "birth": draw(keys, "birth", 14_000),
        "skill": draw(keys, "skill", len(SKILLS)),
        "skills": 1 + draw(keys, "skills", 5),
        "created": draw(keys, "created", _SPAN),
        "changed": draw(keys, "changed", 1 << 20),
    }
    columns = zip(numbers.tolist(), who.iter_rows(), *(values.tolist() for values in facts.values()), strict=True)
    return [_person(number, *identity, *rest) for number, identity, *rest in columns]


def _identities(seed: int, slots: Ints, domain: str) -> pl.DataFrame:
    people = employed(seed, _QUARTER, slots, invitations=False)
    full, local = names(people)
    return pl.DataFrame(
        {
            "name": full,
            "email": local + f"@{domain}",
            "phone": telephones(people, "phone"),
            "mobile": telephones(people, "desk"),
            "culture": pl.Series(people.country),
        }
    )


def _person(
    number: int, name: str, email: str, phone: str, mobile: str, culture: int, *facts: int
) -> Person:  # fmt: skip
    title, employer, birth, skill, skills, created, changed = facts
    first, _, last = name.partition(" ")
    # What was made last was changed last but for a part of the time that is left: no stamp lies after today.
    made = TODAY - datetime.timedelta(milliseconds=_SPAN - created)
    later = datetime.timedelta(milliseconds=(_SPAN - created) * changed >> 20)
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        email=email,
        phone=phone,
        mobile=mobile,
        title=TITLES[title],
        city=CITIES[culture],
        country=CULTURES[culture].country,
        country_code=CULTURES[culture].code.upper(),
        birth_date=datetime.date(1962, 1, 1) + datetime.timedelta(days=birth),
        skills=_some_skills(skill, skills),
        employer=employer,
        created=made,
        modified=made + later,
    )


def _some_skills(first: int, count: int) -> tuple[str, ...]:
    return tuple(SKILLS[(first + 5 * turn) % len(SKILLS)] for turn in range(count))


def _company(seed: int, number: int) -> Company:
    key = _key(seed, "company", number)
    culture = _draw(key, "culture", len(CULTURES))
    word = f"{_WORDS[_draw(key, 'word', len(_WORDS))]} {_KINDS[_draw(key, 'kind', len(_KINDS))]}"
    return Company(
        number=number,
        name=f"{word} {number + 1}",
        domain=f"{word.lower().replace(' ', '-')}-{number + 1}.example",
        industry=INDUSTRIES[_draw(key, "industry", len(INDUSTRIES))],
        city=CITIES[culture],
        country=CULTURES[culture].country,
        country_code=CULTURES[culture].code.upper(),
        phone=f"{CULTURES[culture].dial} {10_000_000 + _draw(key, 'phone', 89_999_999)}",
        employees=5 + _draw(key, "employees", 5_000),
        revenue=1 + _draw(key, "revenue", 900),
    )


def _job(seed: int, number: int, companies: Sequence[Company], people: int) -> Job:
    key = _key(seed, "job", number)
    company = companies[_draw(key, "company", len(companies))]
    opened = TODAY - datetime.timedelta(milliseconds=_draw(key, "opened", _SPAN))
    lasted = datetime.timedelta(days=5 + _draw(key, "lasted", 120))
    culture = next(i for i, c in enumerate(CULTURES) if c.country == company.country)
    return Job(
        number=number,
        title=TITLES[_draw(key, "title", len(TITLES))],
        company=company.number,
        contact=_draw(key, "contact", people),
        opened=opened,
        closed=opened + lasted if opened + lasted < TODAY and _draw(key, "closed", 3) else None,
        salary=400_000 + 1_000 * _draw(key, "salary", 600),
        currency=CURRENCIES[culture],
        skills=_some_skills(_draw(key, "skill", len(SKILLS)), 1 + _draw(key, "skills", 4)),
        openings=1 + _draw(key, "openings", 4),
    )


def _keys(seed: int, kind: str, count: int) -> Keys:
    return stir(np.arange(count).astype(np.uint64), f"{kind} {seed}")


def _key(seed: int, kind: str, number: int) -> Keys:
    return stir(np.array([number], dtype=np.uint64), f"{kind} {seed}")


def _draw(key: Keys, fact: str, below: int) -> int:
    return int(draw(key, fact, below)[0])
