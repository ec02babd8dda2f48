"""Every system with its fake, as the contract needs them: the one list that a further system joins."""

import datetime
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.engine import Order, Outcome, sync
from hrdata_assets.sync.pulling import opened
from hrdata_assets.systems.bullhorn.fake import BullhornFake
from hrdata_assets.systems.configuration import SystemSettings
from hrdata_assets.systems.fakes.serving import serving
from hrdata_assets.systems.flowcase.fake_api import FlowcaseAPIFake
from hrdata_assets.systems.hubspot.fake import HubSpotFake
from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets.systems.salesforce.fake import SalesforceFake
from hrdata_assets.systems.salesforce.fake_switches import Fate
from hrdata_assets.systems.system import System
from hrdata_assets.table import Table
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation


@dataclass(frozen=True)
class World:
    """A system: its fake, the object that the contract is tried with, and how both spell what the contract speaks of.

    ``page`` matches the path of whatever asks for records, and ``before`` of such calls a full sync makes first.
    ``words`` are the system's names of ``title``, ``email``, ``first_name``, ``city`` and ``stamp``; ``title`` is our
    column for the first. ``given`` counts what a full sync is given, deleted records too; ``binned`` are those that are
    deleted from the beginning. ``own`` matches calls that are about this object only, where those that ``page`` matches
    may be about others. ``small`` are switches of the fake for pages of 20 records, ``large`` for its own ones.
    ``settings`` stand beside those that the fake names, and ``steady`` is how many page calls a sync makes to which
    nothing new comes. ``way`` tells two worlds of one system apart. ``each`` is how many records an answer has that
    ``page`` matches, ``listing`` matches the path of whatever asks for ids alone where that is another, and
    ``narrowed`` is a condition that some of the records meet: our word, and the values that it may have. ``crowd`` is
    how many people make several batches, as few as that takes where each is asked for by itself. ``restored`` is how a
    deleted record comes back.
    """

    name: str
    fake: Callable[..., Any]
    object: str
    page: str
    words: Mapping[str, str]
    title: str
    sign_in: str | None
    before: int = 1
    steady: int = 4
    key: Callable[[str], Any] = str
    values: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict
    id_of: Callable[[Mapping[str, Any]], Any] = itemgetter("id")
    held: Callable[[bytes], int] = lambda content: len(json.loads(content)["data"])
    given: Callable[[Any, str], int] = lambda fake, name: len(fake.records(name))
    binned: Callable[[Any, str], Sequence[Mapping[str, Any]]] = lambda fake, name: ()
    own: str | None = None
    small: Mapping[str, Any] = field(default_factory=lambda: {"page": 20})
    large: Mapping[str, Any] = field(default_factory=lambda: {"page": 500})
    settings: Mapping[str, str] = field(default_factory=dict)
    way: str = ""
    each: int = 20
    listing: str | None = None
    narrowed: tuple[str, Sequence[str]] = ("city", ("Oslo", "Leeds"))
    crowd: int = 6_000
    restored: Callable[[Any, str, Any], Any] = lambda fake, name, key: fake.restore(name, key)

    @property
    def label(self) -> str:
        """What it is called among tests."""
        return f"{self.name} {self.way}".strip()

    @property
    def kind(self) -> type[System]:
        return SYSTEMS[self.name].kind

    @property
    def table(self) -> Table:
        return self.kind.table(self.object)


OFFICES = tuple(office.id for office in FlowcaseAPIFake().company.offices[:3])
"""Three of the fake Flowcase's, which are the same in every one."""

WORLDS = (
    World(
        name="bullhorn",
        fake=BullhornFake,
        object="Candidate",
        page="/search/Candidate$",
        words={
            "title": "occupation",
            "email": "email",
            "first_name": "firstName",
            "city": "address.city",
            "stamp": "dateLastModified",
        },
        title="occupation",
        sign_in="/login$",
        key=int,
        given=lambda fake, name: len(fake.records(name, deleted=True)),
        settings={"BULLHORN_PER_MINUTE": "60000"},
        restored=lambda fake, name, key: fake.change(name, key, isDeleted=False),
    ),
    World(
        name="flowcase_api",
        fake=FlowcaseAPIFake,
        object="cvs",
        page="/api/v3/cvs/",
        own="/api/v4/search$",
        listing="/api/v4/search$",
        each=1,
        before=0,
        words={
            "title": "title.int",
            "email": "email",
            "first_name": "name",
            "city": "place_of_residence.int",
            "office_id": "office_id",
            "stamp": "updated_at",
        },
        title="title",
        sign_in=None,
        held=lambda content: 1,
        narrowed=("office_id", OFFICES),
        small={"page": 20, "most_found": 20},
        large={},
        crowd=2_600,
        settings={"FLOWCASE_PER_MINUTE": "600000"},
    ),
    World(
        name="hubspot",
        fake=HubSpotFake,
        object="contacts",
        page="/objects/contacts(/search|/batch/read)?$",
        words={
            "title": "jobtitle",
            "email": "email",
            "first_name": "firstname",
            "city": "city",
            "stamp": "lastmodifieddate",
        },
        title="job_title",
        sign_in="/oauth/v1/token$",
        before=3,
        steady=6,
        values=itemgetter("properties"),
        held=lambda content: len(json.loads(content)["results"]),
        small={"page": 20, "private_app": False},
        large={"private_app": False},
        settings={"HUBSPOT_PER_TEN_SECONDS": "100000", "HUBSPOT_SEARCHES_PER_SECOND": "10000"},
    ),
    World(
        name="salesforce",
        fake=SalesforceFake,
        object="Contact",
        page="/queryAll$",
        own="/sobjects/Contact/describe$",
        words={
            "title": "Title",
            "email": "Email",
            "first_name": "FirstName",
            "city": "MailingCity",
            "stamp": "SystemModstamp",
        },
        title="title",
        sign_in="/oauth2/token$",
        id_of=itemgetter("Id"),
        held=lambda content: len(json.loads(content)["records"]),
        given=lambda fake, name: len(fake.records(name)) + len(fake.binned(name)),
        binned=lambda fake, name: fake.binned(name),
        small={"batch_size": 20},
        large={"batch_size": 500},
        settings={"SALESFORCE_PER_MINUTE": "60000"},
        restored=lambda fake, name, key: fake.undelete(name, key),
    ),
)


def _by_jobs(world: World) -> World:
    """The same org, of which everything is read by Bulk jobs."""
    at_once = {"SALESFORCE_BULK_FROM": "1", "SALESFORCE_BULK_PAUSE_SECONDS": "0.05"}
    return replace(
        world,
        way="by jobs",
        settings={**world.settings, **at_once},
        small={**world.small, "fate": Fate(polls=1, part=50)},
        large={**world.large, "fate": Fate(polls=2, part=2_000)},
    )


def called(name: str) -> World:
    """The world of that system."""
    return next(world for world in WORLDS if world.name == name)


BY_JOBS = _by_jobs(called("salesforce"))


@dataclass
class Synced:
    """A fake that is served, and an installation that follows it."""

    world: World
    fake: Any
    url: str
    installation: Installation

    @property
    def warehouse(self) -> Warehouse:
        return self.installation.warehouse

    @property
    def variables(self) -> dict[str, str]:
        return {**self.fake.variables(self.url), **self.world.settings}

    @property
    def secrets(self) -> list[str]:
        """Values of settings that nobody may read anywhere."""
        open_ones = ("URL", "MINUTE", "SECOND", "VERSION", "OBJECTS", "DOMAIN", "BULK", "SHARE", "SOURCE")
        return [value for name, value in self.variables.items() if not any(word in name for word in open_ones)]

    @contextmanager
    def opened(self) -> Iterator[System]:
        """The system, as a run opens it."""
        settings = SystemSettings(**self.variables)  # type: ignore[arg-type]
        with opened(self.warehouse, self.warehouse.settings, settings, self.world.name) as system:
            yield system

    def sync(self, *, run: str = "test", **order: Any) -> Outcome:
        """One sync of the world's object."""
        with self.opened() as system:
            return sync(self.warehouse, system, self.world.table, Order(**order), run)

    def rows(self, columns: str = "*", where: str = "deletion is null") -> list[tuple[Any, ...]]:
        """What stands in the staged table, by id."""
        table = self.world.table
        return self.installation.rows(f"select {columns} from {table.address} where {where} order by id")

    def row(self, columns: str, record: str) -> tuple[Any, ...]:
        """What stands there of one record."""
        (found,) = self.rows(columns, f"id::text = '{record}'")
        return found

    def content(self) -> list[tuple[Any, ...]]:
        """Every declared value of the living, by id."""
        return self.rows(", ".join(f'"{column.name}"' for column in self.world.table.columns))

    def add(self, **fields: Any) -> str:
        """A new record at the source, by our words; its id."""
        return str(self.fake.add(self.world.object, **self._spelt(fields)))

    def change(self, record: str, **fields: Any) -> None:
        """A record changed at the source, by our words."""
        self.fake.change(self.world.object, self.world.key(record), **self._spelt(fields))

    def delete(self, record: str) -> None:
        """A record deleted at the source, in the system's own way."""
        self.fake.delete(self.world.object, self.world.key(record))

    def restore(self, record: str) -> None:
        """A deleted record that is there again."""
        self.world.restored(self.fake, self.world.object, self.world.key(record))

    def vanish(self, record: str) -> None:
        """A record taken away at the source without a word."""
        self.fake.vanish(self.world.object, self.world.key(record))

    def touch(self, records: Sequence[str], at: datetime.datetime) -> None:
        """Records that all say they were changed then."""
        self.fake.touch(self.world.object, [self.world.key(record) for record in records], at)

    def told(self, record: str, word: str) -> Any:
        """What the source says of a record, by our word."""
        (found,) = (r for r in self.fake.records(self.world.object) if str(self.world.id_of(r)) == record)
        return self._at(found, word)

    def those(self, word: str, *values: str) -> int:
        """How many records of the source say one of these, by our word."""
        there = [*self.fake.records(self.world.object), *self.world.binned(self.fake, self.world.object)]
        return sum(self._at(record, word) in values for record in there)

    def titled(self, title: str) -> list[str]:
        """Ids of what is stored under that title."""
        return [str(key) for (key,) in self.rows("id", f"{self.world.title} = '{title}'")]

    def wanted(self) -> list[str]:
        """Ids that the fake has now, of good records and of bad ones."""
        return sorted(str(self.world.id_of(record)) for record in self.fake.records(self.world.object))

    def given(self) -> int:
        """How many records a full sync reads."""
        return self.world.given(self.fake, self.world.object)

    def kept_out(self) -> list[str]:
        """Ids of records that wait among the letters."""
        return self.installation.column(
            "select distinct record from ops.dead_letters where status = 'open' and record is not null"
            f" and asset_key = 'staged/{self.world.table.name}' order by 1"
        )

    def ids(self) -> list[str]:
        return sorted(str(number) for (number,) in self.rows("id"))

    def assert_complete(self) -> None:
        """Everything of the source is there or among the letters, once, and the ledger says the same."""
        assert sorted({*self.ids(), *self.kept_out()}) == self.wanted()
        status, source, own = self.installation.rows(
            "select status, source_total, own_total from ops.syncs order by sync_id desc limit 1"
        )[0]
        assert status == "complete"
        assert own == len(self.wanted())
        assert source in (own, None)

    def calls(self, path: str | None = None) -> int:
        return sum(re.search(path or self.world.page, call.path) is not None for call in self.fake.calls)

    def _spelt(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {self.world.words[word]: value for word, value in fields.items()}

    def _at(self, record: Mapping[str, Any], word: str) -> Any:
        found: Any = self.world.values(record)
        for name in self.world.words[word].split("."):
            found = found[name]
        return found


@contextmanager
def synced(world: World, installation: Installation, people: int = 120, **switches: Any) -> Iterator[Synced]:
    """A fake served and an installation to follow it with, for the length of a block."""
    fake = world.fake(people=people, **{**world.small, **switches})
    with serving(fake) as url:
        yield Synced(world, fake, url, installation)


@contextmanager
def followed(world: World, new_installation: NewInstallation, folder: Path, **how: Any) -> Iterator[Synced]:
    """A fake served, and a new installation that has never heard of it."""
    with (
        new_installation(folder) as installation,
        installation.environment(),
        synced(world, installation, **how) as found,
    ):
        yield found


__all__ = ["BY_JOBS", "WORLDS", "Synced", "World", "called", "followed"]
