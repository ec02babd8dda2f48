"""Every system with its fake, as the contract needs them: the one list that a further system joins."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.engine import Order, Outcome, sync
from hrdata_assets.sync.pulling import opened
from hrdata_assets.systems.bullhorn.fake import BullhornFake
from hrdata_assets.systems.configuration import SystemSettings
from hrdata_assets.systems.fakes.serving import serving
from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets.table import Table
from hrdata_assets_tests.installation import Installation


@dataclass(frozen=True)
class World:
    """A system: its fake, the object that the contract is tried with, and settings beside those of the fake.

    ``page`` matches the path of a page's request.
    """

    name: str
    fake: Callable[..., Any]
    object: str
    page: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        return SYSTEMS[self.name].kind.table(self.object)


WORLDS = (World("bullhorn", BullhornFake, "Candidate", "/search/Candidate", {"BULLHORN_PER_MINUTE": "60000"}),)


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

    def sync(self, *, run: str = "test", **order: Any) -> Outcome:
        """One sync of the world's object."""
        settings = SystemSettings(**self.variables)  # type: ignore[arg-type]
        with opened(self.warehouse, self.warehouse.settings, settings, self.world.name) as system:
            return sync(self.warehouse, system, self.world.table, Order(**order), run)

    def rows(self, columns: str = "*", where: str = "deletion is null") -> list[tuple[Any, ...]]:
        """What stands in the staged table, by id."""
        table = self.world.table
        return self.installation.rows(f"select {columns} from {table.address} where {where} order by id")

    def content(self) -> list[tuple[Any, ...]]:
        """Every declared value of the living, by id."""
        return self.rows(", ".join(f'"{column.name}"' for column in self.world.table.columns))

    def wanted(self) -> list[str]:
        """Ids that the fake has now, of good records and of bad ones."""
        return sorted(str(record["id"]) for record in self.fake.records(self.world.object))

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
        assert sorted([*self.ids(), *self.kept_out()]) == self.wanted()
        status, source, own = self.installation.rows(
            "select status, source_total, own_total from ops.syncs order by sync_id desc limit 1"
        )[0]
        assert (status, source) == ("complete", own)

    def calls(self, path: str | None = None) -> int:
        return sum((path or self.world.page) in call.path for call in self.fake.calls)


@contextmanager
def synced(world: World, installation: Installation, people: int = 120, **switches: Any) -> Iterator[Synced]:
    """A fake served and an installation to follow it with, for the length of a block."""
    fake = world.fake(people=people, **switches)
    with serving(fake) as url:
        yield Synced(world, fake, url, installation)


__all__ = ["WORLDS", "Synced", "World", "synced"]
