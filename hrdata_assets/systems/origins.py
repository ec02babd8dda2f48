"""Where rows of core's tables of records come from: every system's tables that are mapped into the unified model."""

from dataclasses import dataclass

from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets.table import Table
from hrdata_assets.unified.mapping import RowMapping
from hrdata_assets.unified.records import TABLES as UNIFIED


@dataclass(frozen=True)
class Origin:
    """Where rows of a core table come from: a system, and its mapping of one of its tables."""

    system: str
    mapping: RowMapping

    @property
    def staged(self) -> Table:
        """The table whose rows are mapped."""
        return self.mapping.source

    @property
    def table(self) -> Table:
        """The table they are brought to."""
        return self.mapping.target


def origins(*systems: str) -> list[Origin]:
    """What core's tables of records are made of, of these systems or of all; by table, then by system."""
    found = [
        Origin(name, mapping)
        for name, entry in SYSTEMS.items()
        for mapping in entry.kind.unifies
        if mapping.target in UNIFIED and (not systems or name in systems)
    ]
    return sorted(found, key=lambda origin: UNIFIED.index(origin.table))
