"""Records of the agency, each made from its number alone.

Values are held as they are stored: epoch milliseconds, a to-one as an id, a to-many as a tuple of ids; what is not
there is null.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hrdata_assets.systems.bullhorn import fake_words as words
from hrdata_assets.systems.bullhorn.fake_business import corporation, job, placement, submission
from hrdata_assets.systems.bullhorn.fake_dirt import spoiled
from hrdata_assets.systems.bullhorn.fake_people import candidate, contact, user
from hrdata_assets.systems.bullhorn.fake_world import (
    FIRST_ID,
    FOUNDED,
    PER_JOB,
    Record,
    World,
    category_of,
    is_deleted,
    milliseconds,
)
from hrdata_assets.systems.fakes.population import Population
from hrdata_assets.systems.flowcase.fake_files import SKILLS

Maker = Callable[[World, int], Record]

_MAKERS: Mapping[str, Maker] = {
    "Candidate": candidate,
    "ClientContact": contact,
    "ClientCorporation": corporation,
    "JobOrder": job,
    "JobSubmission": submission,
    "Placement": placement,
    "CorporateUser": lambda _, n: user(n),
    "Category": lambda _, n: {"name": words.CATEGORIES[n], "enabled": True, "occupation": words.CATEGORIES[n]},
    "BusinessSector": lambda _, n: {"name": words.SECTORS[n]},
    "Skill": lambda _, n: {"name": SKILLS[n], "enabled": True, "categories": (category_of(SKILLS[n]),)},
}


@dataclass(frozen=True)
class Stamps:
    """What indexes need of all records of an entity, in the order of their numbers."""

    added: Sequence[int]
    modified: Sequence[int]
    deleted: Sequence[bool]


class Rows:
    """Makes records; a share of them has something wrong with it."""

    def __init__(self, population: Population, dirt: float) -> None:
        self.world = World(population)
        self.dirt = dirt

    def make(self, entity: str, number: int) -> Record:
        """The record with this number, counted from 0."""
        record = _MAKERS[entity](self.world, number)
        record["id"] = FIRST_ID[entity] + number
        return spoiled(entity, record, self.world.dice("dirt", record["id"]), self.dirt) if self.dirt else record

    def stamps(self, entity: str) -> Stamps:
        """Stamps of all records of an entity."""
        if entity == "Candidate":
            people = self.world.population.people
            return Stamps(
                [milliseconds(one.created) for one in people],
                [milliseconds(one.modified) for one in people],
                [is_deleted(entity, n) for n in range(len(people))],
            )
        records = [_MAKERS[entity](self.world, number) for number in range(self.count(entity))]
        return Stamps(
            [record.get("dateAdded", FOUNDED) for record in records],
            [record.get("dateLastModified", FOUNDED) for record in records],
            [record.get("isDeleted", False) for record in records],
        )

    def count(self, entity: str) -> int:
        """How many records an entity has."""
        population = self.world.population
        counts: Mapping[str, int] = {
            "Candidate": len(population.people),
            "ClientContact": len(self.world.contacts),
            "ClientCorporation": len(population.companies),
            "JobOrder": len(population.jobs),
            "JobSubmission": PER_JOB * len(population.jobs),
            "Placement": len(self.world.placed),
            "CorporateUser": len(words.RECRUITERS),
            "Category": len(words.CATEGORIES),
            "BusinessSector": len(words.SECTORS),
            "Skill": len(SKILLS),
        }
        return counts[entity]
