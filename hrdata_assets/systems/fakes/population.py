"""The same believable people, companies and jobs for every fake system, worked out from the seed alone.

Every third person is one that Flowcase knows too: whom `hrdata fake flowcase` makes with the same seed. The others are
strangers. Everything happened before DAY_ZERO; what happens later is up to a fake system.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar, overload

import numpy as np
import polars as pl

from hrdata_assets.errors import SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.fakes.places import CITIES, CURRENCIES, INDUSTRIES, PRIVATE_DOMAINS, company_names, domain_of
from hrdata_assets.systems.flowcase import fake_files as words
from hrdata_assets.systems.flowcase.fake_people import (
    CULTURES,
    FIRST_STRANGER,
    Ints,
    Keys,
    People,
    draw,
    employed,
    names,
    pick,
    stir,
    telephones,
)

QUARTER = Quarter(2026, 2)
"""Whose Flowcase people they are: of the quarter that `hrdata fake flowcase` makes unless told otherwise."""

DAY_ZERO = datetime(2026, 4, 1, tzinfo=UTC)
"""Everything the population tells happened before this moment."""

FLOWCASE_DOMAIN = "staff.example"
CHUNK = 1024  # worked out at a time
_FIRST_DAY = datetime(2015, 1, 5, tzinfo=UTC)
_SPAN = int((DAY_ZERO - _FIRST_DAY).total_seconds() * 1000) - 1
_STARTS = np.array([start for _, start, _ in words.DEPARTMENTS])
_FINE = 1 << 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a system may know as candidate, contact or user."""

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
    birth_date: date
    skills: tuple[str, ...]
    created: datetime
    modified: datetime
    in_flowcase: bool
    employer: int
    """Number of a company."""


@dataclass(frozen=True, slots=True)
class Company:
    """Where people work; a customer of ours, or not yet."""

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
    """Of a year, in the country's currency."""
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """Something a company seeks people for."""

    number: int
    title: str
    company: int
    contact: int
    """A person whose employer the company is."""
    opened: datetime
    closed: datetime | None
    salary: int
    """Of a year."""
    currency: str
    skills: tuple[str, ...]
    openings: int
    modified: datetime


class Numbered(Sequence[T], Generic[T]):
    """Things numbered from 0, worked out in chunks when they are first looked at."""

    def __init__(self, length: int, make: Callable[[Ints], list[T]]) -> None:
        self._length = length
        self._make = make
        self._chunks: dict[int, list[T]] = {}

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(self._length))]
        place = index + self._length if index < 0 else index
        if not 0 <= place < self._length:
            raise IndexError(f"there is no number {index} among {self._length}")
        return self._chunk(place // CHUNK)[place % CHUNK]

    def __iter__(self) -> Iterator[T]:
        for n in range(-(-self._length // CHUNK)):
            yield from self._chunk(n)

    def _chunk(self, n: int) -> list[T]:
        found = self._chunks.get(n)
        if found is None:
            found = self._chunks[n] = self._make(np.arange(n * CHUNK, min((n + 1) * CHUNK, self._length)))
        return found


class Population:
    """People, companies and jobs of one seed; but for the employer the n-th person is the same, whatever the size."""

    def __init__(self, seed: int, people: int) -> None:
        self.seed = seed
        self.people: Numbered[Person] = Numbered(people, self._people)
        self.companies: Numbered[Company] = Numbered(max(people // 20, min(people, 8)), self._companies)
        self.jobs: Numbered[Job] = Numbered(max(people // 10, 5), self._jobs)

    def person(self, number: int) -> Person:
        """A person by number; IndexError if there is none."""
        return self.people[number]

    def staff(self, company: int) -> Ints:
        """Numbers of the people whose employer a company is; at least one."""
        order, employers = self._by_employer
        first, last = np.searchsorted(employers, [company, company + 1])
        found: Ints = order[first:last]
        return found

    @cached_property
    def _employers(self) -> Ints:
        """Of every person: the first ones work for the company of their own number, so that each has somebody."""
        numbers = np.arange(len(self.people))
        drawn = _skewed(stir(numbers.astype(np.uint64), f"employer {self.seed}"), len(self.companies))
        employers: Ints = np.where(numbers < len(self.companies), numbers, drawn)
        return employers

    @cached_property
    def _by_employer(self) -> tuple[Ints, Ints]:
        order = np.argsort(self._employers, kind="stable")
        return order, self._employers[order]

    def _people(self, numbers: Ints) -> list[Person]:
        known = numbers % 3 == 0
        places = {True: numbers[known] // 3, False: numbers[~known]}
        made = {whose: _persons(self.seed, slots, in_flowcase=whose) for whose, slots in places.items()}
        facts = (next(made[whose]) for whose in known.tolist())
        employers = self._employers[numbers].tolist()
        return [
            Person(*(number, *fact, employer))
            for number, fact, employer in zip(numbers.tolist(), facts, employers, strict=True)
        ]

    def _companies(self, numbers: Ints) -> list[Company]:
        keys = stir(numbers.astype(np.uint64), f"company {self.seed}")
        culture = draw(keys, "culture", len(CULTURES))
        employees = 5 + draw(keys, "employees", 400) * (1 + draw(keys, "times", 12))
        called = company_names(numbers)
        columns = (
            numbers.tolist(),
            called,
            [domain_of(name) for name in called],
            pl.Series(INDUSTRIES).gather(draw(keys, "industry", len(INDUSTRIES))).to_list(),
            *_whereabouts(keys, culture),
            _telephone(keys, culture),
            employees.tolist(),
            (employees * (60 + draw(keys, "revenue", 240)) * 1000).tolist(),
            *_stamps(keys),
        )
        return [Company(*row) for row in zip(*columns, strict=True)]

    def _jobs(self, numbers: Ints) -> list[Job]:
        keys = stir(numbers.astype(np.uint64), f"job {self.seed}")
        companies = _skewed(keys, len(self.companies)).tolist()
        staff, which = [self.staff(company) for company in companies], draw(keys, "contact", _FINE).tolist()
        role, level = draw(keys, "role", 14), 2 + draw(keys, "level", 5)
        opened, modified = _stamps(keys)
        over = (draw(keys, "over", 100) < 70).tolist()
        paid = [CURRENCIES[self.companies[number].country_code] for number in companies]
        percent = (40 + level * 15 + draw(keys, "salary", 30)).tolist()
        columns = (
            numbers.tolist(),
            words.TITLES.plain.gather(role * 5 + level - 2).to_list(),
            companies,
            [int(people[chosen % len(people)]) for people, chosen in zip(staff, which, strict=True)],
            opened,
            [moment if done else None for moment, done in zip(modified, over, strict=True)],
            [thousands * share * 10 for (_, thousands), share in zip(paid, percent, strict=True)],
            [currency for currency, _ in paid],
            _skills(keys, role),
            pick(keys, "openings", (1, 1, 1, 2, 3)).tolist(),
            modified,
        )
        return [Job(*row) for row in zip(*columns, strict=True)]


def population(seed: int, people: int) -> Population:
    """So many people with their companies and jobs; SetupError if there cannot be as many."""
    if not 1 <= people <= FIRST_STRANGER:
        raise SetupError(f"cannot make {people} people: take 1 to {FIRST_STRANGER}")
    return Population(seed, people)


def _persons(seed: int, slots: Ints, *, in_flowcase: bool) -> Iterator[tuple[Any, ...]]:
    """Facts of people in the order of Person's fields, without number and employer."""
    # Strangers come from a seed that nobody is likely to give to Flowcase.
    quarter = QUARTER.year * 4 + QUARTER.number - 1
    people = employed(seed if in_flowcase else seed + 7_919_000, quarter, slots, invitations=False)
    full, local = names(people)
    keys = people.keys
    domains = pl.Series([FLOWCASE_DOMAIN] if in_flowcase else PRIVATE_DOMAINS)
    columns = (
        *_split(full),
        (local + "@" + domains.gather(draw(keys, "domain", len(domains)))).to_list(),
        telephones(people, "phone").to_list(),
        telephones(people, "mobile").to_list(),
        words.TITLES.plain.gather(people.role * 5 + people.level - 2).to_list(),
        *_whereabouts(keys, people.country),
        _birthdays(people),
        _skills(keys, people.role),
        *_stamps(keys),
        [in_flowcase] * len(slots),
    )
    return zip(*columns, strict=True)


def _split(full: pl.Series) -> tuple[list[str], list[str]]:
    """First and last names; a first name has no blank in it."""
    parts = [name.split(" ", 1) for name in full.to_list()]
    return [first for first, _ in parts], [last for _, last in parts]


def _whereabouts(keys: Keys, culture: Ints) -> tuple[list[str], list[str], list[str]]:
    """City, country and its code."""
    each = len(CITIES[0])
    city, which = draw(keys, "city", each).tolist(), culture.tolist()
    return (
        [CITIES[n][c] for n, c in zip(which, city, strict=True)],
        [CULTURES[n].country for n in which],
        [CULTURES[n].code.upper() for n in which],
    )


def _telephone(keys: Keys, culture: Ints) -> list[str]:
    digits = (10_000_000 + draw(keys, "phone", 90_000_000)).tolist()
    return [f"{CULTURES[n].dial} {number}" for n, number in zip(culture.tolist(), digits, strict=True)]


def _birthdays(people: People) -> list[date]:
    first = (people.birth_year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    born: list[date] = (first + draw(people.keys, "birthday", 365)).tolist()
    return born


def _skills(keys: Keys, role: Ints) -> list[tuple[str, ...]]:
    """Three to eight, from where the department's begin."""
    first = (_STARTS[role // 2] + draw(keys, "skill", 5)).tolist()
    step = pick(keys, "skill step", (1, 1, 2, 3)).tolist()
    count = (3 + draw(keys, "skill count", 6)).tolist()
    return [_row(*row) for row in zip(first, step, count, strict=True)]


@lru_cache(maxsize=4096)
def _row(first: int, step: int, count: int) -> tuple[str, ...]:
    return tuple(words.SKILLS[(first + step * n) % len(words.SKILLS)] for n in range(count))


def _skewed(keys: Keys, below: int) -> Ints:
    """The smaller of two draws: a few come up often, many seldom."""
    return np.minimum(draw(keys, "one of two", below), draw(keys, "two of two", below))


def _stamps(keys: Keys) -> tuple[list[datetime], list[datetime]]:
    """When a record was made and when it was last changed: to the millisecond, more of them lately."""
    created = _share(keys, "created", np.full(len(keys), _SPAN))
    return _moments(created), _moments(created + _share(keys, "modified", _SPAN - created))


def _share(keys: Keys, fact: str, of: Ints) -> Ints:
    taken = (np.sqrt(draw(keys, fact, _FINE) / _FINE) * of).astype(np.int64)
    exactly: Ints = taken + draw(keys, f"{fact} exactly", 1000) % np.maximum(of - taken, 1)
    return exactly


def _moments(milliseconds: Ints) -> list[datetime]:
    start = np.datetime64(_FIRST_DAY.replace(tzinfo=None), "ms")
    naive: list[datetime] = (start + milliseconds.astype("timedelta64[ms]")).tolist()
    return [moment.replace(tzinfo=UTC) for moment in naive]
