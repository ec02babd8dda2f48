"""The people of a fake Flowcase as its API has them record by record: what can happen to them while it is served.

Reports do not follow: they are about the company as it is in a quarter.
"""

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hrdata_assets.systems.fakes.places import CITIES
from hrdata_assets.systems.flowcase.fake_api_company import Company, identifier
from hrdata_assets.systems.flowcase.fake_api_people import People, Record
from hrdata_assets.systems.flowcase.fake_people import CULTURES

STAMP = "updated_at"
_BOTH = ("name", "email")
"""What account and CV both say."""


@dataclass
class Person:
    """An account, and what is said of its CV beside the sections; ``like`` is the account whose sections it has."""

    user: Record
    cv: Record
    like: str

    @property
    def found(self) -> Record:
        """What a search says of the CV."""
        said = {name: self.cv[name] for name in ("_id", "id", "user_id", "name", "email", STAMP)}
        closed = bool(self.user["deactivated"])
        of_user = {name: self.user[name] for name in ("office_id", "country_id")}
        return {**said, "titles": self.cv["title"], **of_user, "is_external": False, "is_deactivated": closed}


@dataclass
class Staff:
    """Everybody, by the id of the account, in the order of the lists."""

    company: Company
    clock: Callable[[], datetime]
    persons: dict[str, Person] = field(default_factory=dict)
    added: int = 0

    def __post_init__(self) -> None:
        people = People(self.company)
        for user in people.users(self.company.members().tolist()):
            self._join(user)

    def _join(self, user: Record, like: str | None = None) -> None:
        ids = {"_id": user["default_cv_id"], "id": user["default_cv_id"], "user_id": user["user_id"]}
        said = {name: user[name] for name in (*_BOTH, "title", "country_code", "language_code", STAMP)}
        country = next(n for n, culture in enumerate(CULTURES) if culture.code == user["country_code"])
        city = CITIES[country][sum(map(ord, user["user_id"])) % len(CITIES[country])]
        cv = {**ids, **copy.deepcopy(said), "telefon": user["telephone"], "place_of_residence": {"int": city}}
        self.persons[user["user_id"]] = Person(user, cv, like or user["user_id"])

    def users(self, offices: Collection[str] = ()) -> list[Record]:
        """Accounts of these offices, or all."""
        return [one.user for one in self.persons.values() if not offices or one.user["office_id"] in offices]

    def found(self, offices: Collection[str] = ()) -> list[Record]:
        """What a search says of their CVs."""
        those = (one for one in self.persons.values() if not offices or one.user["office_id"] in offices)
        return [one.found for one in those]

    def cv(self, user: str, cv: str) -> Record | None:
        """A whole CV; None where the two ids are not one person's."""
        person = self.persons.get(user)
        if person is None or person.cv["_id"] != cv:
            return None
        said = {name: value for name, value in person.cv.items() if name != STAMP}
        return {**said, "navn": said["name"], "bruker_id": user, **People(self.company).sections(person.like)}

    def records(self, name: str) -> list[Record]:
        """Accounts, or CVs without their sections, that are not closed."""
        living = [one for one in self.persons.values() if not one.user["deactivated"]]
        return [one.user if name == "users" else {**one.cv, **one.found} for one in living]

    def add(self, name: str, fields: Mapping[str, Any]) -> str:
        """Somebody new, who is otherwise like the first; the id of the account or of the CV."""
        self.added += 1
        first = next(iter(self.persons.values()))
        user, cv = identifier("added account", self.added), identifier("added cv", self.added)
        ids = {"_id": user, "id": user, "user_id": user, "default_cv_id": cv}
        own = {"email": f"added{self.added}@staff.example", "external_unique_id": None, "deactivated": False}
        self._join({**copy.deepcopy(first.user), **ids, **own}, first.like)
        key = user if name == "users" else cv
        self.change(name, key, fields)
        return key

    def change(self, name: str, key: str, fields: Mapping[str, Any]) -> None:
        """Fields by dotted name; the record says that it was changed now, unless it is told another time."""
        person = self._of(name, key)
        for path, value in {STAMP: _told(self.clock()), **fields}.items():
            for record in (person.user, person.cv) if path in _BOTH else (self._record(name, person),):
                _set(record, path.split("."), value)

    def close(self, name: str, key: str) -> None:
        """The account is closed; nothing else of it, or of its CV, changes."""
        user = self._of(name, key).user
        user |= {"deactivated": True, "deactivated_at": _told(self.clock()), STAMP: _told(self.clock())}

    def restore(self, name: str, key: str) -> None:
        """A closed account is open again; of its CV nothing changes."""
        user = self._of(name, key).user
        user |= {"deactivated": False, "deactivated_at": None, STAMP: _told(self.clock())}

    def vanish(self, name: str, key: str) -> None:
        """Account and CV are gone without a word."""
        del self.persons[self._of(name, key).user["user_id"]]

    def touch(self, name: str, keys: Sequence[str], at: datetime) -> None:
        """Records that all say they were changed then."""
        for key in keys:
            self._record(name, self._of(name, key))[STAMP] = _told(at)

    def _record(self, name: str, person: Person) -> Record:
        return person.user if name == "users" else person.cv

    def _of(self, name: str, key: str) -> Person:
        return next(one for one in self.persons.values() if self._record(name, one)["_id"] == key)


def _set(record: Record, path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        record = record.setdefault(name, {})
    record[path[-1]] = value


def _told(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
