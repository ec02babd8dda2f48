"""A sources file written, and an installation that pulls what it declares."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from hrdata_assets.catalogue import stored_tables
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.warehouse import Warehouse, open_warehouse
from hrdata_assets.sync.engine import Order, Outcome, sync
from hrdata_assets.sync.pulling import opened
from hrdata_assets.systems.configuration import load_system_settings
from hrdata_assets.systems.registry import entry
from hrdata_assets.systems.system import System
from hrdata_assets.table import Table
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation


@dataclass(frozen=True)
class Following:
    """An installation and its sources file; ``object`` of ``source`` is what is spoken of."""

    installation: Installation
    file: Path
    source: str
    object: str
    patch: pytest.MonkeyPatch = field(default_factory=pytest.MonkeyPatch, repr=False, compare=False)

    def say(self, **variables: str) -> None:
        """Let variables say that, for as long as it is followed."""
        for name, value in variables.items():
            self.patch.setenv(name, value)

    @property
    def warehouse(self) -> Warehouse:
        settings = load_settings()
        return open_warehouse(settings, stored_tables(settings))

    @property
    def kind(self) -> type[System]:
        return entry(self.source).kind

    @property
    def table(self) -> Table:
        return self.kind.table(self.object)

    def sync(self, **order: Any) -> Outcome:
        """One sync of the object."""
        warehouse = self.warehouse
        with opened(warehouse, load_settings(), load_system_settings(), self.source) as system:
            return sync(warehouse, system, self.table, Order(**order), "test")

    def rows(self, columns: str, where: str = "deletion is null") -> list[tuple[Any, ...]]:
        """What stands in the staged table, by id."""
        return self.installation.rows(f"select {columns} from {self.table.address} where {where} order by id")

    def ids(self) -> list[Any]:
        return [key for (key,) in self.rows("id")]

    def letters(self) -> list[tuple[Any, ...]]:
        """Records that are kept out, with the first rule that each breaks."""
        return self.installation.rows(
            "select record, reasons->0->>'rule' from ops.dead_letters where status = 'open' order by record"
        )

    def last(self, columns: str) -> tuple[Any, ...]:
        """What the ledger says of the last sync."""
        found: tuple[Any, ...] = self.installation.rows(
            f"select {columns} from ops.syncs order by sync_id desc limit 1"
        )[0]
        return found

    def declare(self, sources: dict[str, Any]) -> None:
        """Let the file say something else."""
        self.file.write_text(yaml.safe_dump(sources, sort_keys=False), encoding="utf-8")


@contextmanager
def opened_of(following: Following) -> Iterator[System]:
    """The system itself, for the length of a block."""
    with opened(following.warehouse, load_settings(), load_system_settings(), following.source) as system:
        yield system


@contextmanager
def following(
    new_installation: NewInstallation, folder: Path, sources: dict[str, Any], **variables: str
) -> Iterator[Following]:
    """A new installation whose sources file says that, and whose environment those variables."""
    file = folder / "sources.yaml"
    source = next(iter(sources))
    with new_installation(folder) as installation, installation.environment(), pytest.MonkeyPatch.context() as patch:
        found = Following(installation, file, source, next(iter(sources[source]["objects"])), patch)
        found.say(HRDATA_SOURCES=str(file), **variables)
        found.declare(sources)
        # With the tables that are declared: opened without them, the schema would be looked at anew each time.
        vars(installation)["warehouse"] = found.warehouse
        yield found
