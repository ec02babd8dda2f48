"""Every system that is pulled from, by name: what it has, whether it is configured, and how it is opened.

Most give records, which are synced; one makes reports, which are landed as a quarter's folder.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import Settings, load_settings
from hrdata_assets.systems.bullhorn import opening as bullhorn
from hrdata_assets.systems.bullhorn.connector import Bullhorn
from hrdata_assets.systems.configuration import SystemSettings, missing, variable
from hrdata_assets.systems.flowcase import pulling as flowcase
from hrdata_assets.systems.sources.loading import sources_of
from hrdata_assets.systems.sources.system import DeclaredSystem
from hrdata_assets.systems.system import Keep, System

log = logging.getLogger("hrdata")


@dataclass(frozen=True)
class Entry:
    """A system: its class, the settings it cannot do without, and how it is opened by them.

    ``variables`` are those that a declaration names, and no field of the settings stands for.
    """

    kind: type[System]
    needed: tuple[str, ...]
    open: Callable[[SystemSettings, Path, Keep], System]
    variables: tuple[str, ...] = ()

    def lacking(self, settings: SystemSettings) -> list[str]:
        """Variables that are still to be set before it can be asked."""
        return [*missing(settings, *self.needed), *(name for name in self.variables if not variable(name))]


SYSTEMS: Mapping[str, Entry] = {
    "bullhorn": Entry(Bullhorn, bullhorn.NEEDED, bullhorn.open_bullhorn),
}
"""Systems that are written; assets, commands and tests follow from it. Others are declared: see `all_systems`."""


@dataclass(frozen=True)
class Reporting:
    """A system that makes reports: what is still to be set, and how a quarter of them is landed."""

    lacking: Callable[[SystemSettings], list[str]]
    pull: Callable[..., flowcase.PulledQuarter]


REPORTING: Mapping[str, Reporting] = {"flowcase": Reporting(flowcase.lacking, flowcase.pull_quarter)}
"""Systems whose reports arrive as folders; what is loaded from those is nothing of theirs."""

_TAKEN = frozenset({*SYSTEMS, *REPORTING, "warehouse"})


def all_systems(settings: Settings) -> Mapping[str, Entry]:
    """Every system: those that are written, and those that the sources file declares.

    SetupError where that cannot be used, or calls a source as another system is called.
    """
    declared = sources_of(settings).systems
    # What begins as the name of a system would make tables that are called as that system's are.
    if taken := sorted(name for name in declared if name.partition("_")[0] in _TAKEN):
        raise SetupError(f"{settings.sources_file}: {taken[0]} is called as another system: call the source otherwise")
    return {**SYSTEMS, **{name: _declared(kind) for name, kind in declared.items()}}


def usable_systems(settings: Settings) -> Mapping[str, Entry]:
    """Every system, but none of a sources file that cannot be used: what is wrong in it is logged.

    For what must go on without them: loading quarters, and Dagster's definitions.
    """
    try:
        return all_systems(settings)
    except SetupError as error:
        log.warning("declared sources are left out: %s", error)
        return SYSTEMS


def _declared(kind: type[DeclaredSystem]) -> Entry:
    def open_one(settings: SystemSettings, home: Path, keep: Keep) -> System:  # noqa: ARG001 - all are opened so
        return kind.opened({name: variable(name) or "" for name in kind.declared.variables}, home, keep)

    return Entry(kind, (), open_one, kind.declared.variables)


def entry(name: str) -> Entry:
    """The system of that name that gives records. SetupError names all there are."""
    there = all_systems(load_settings())
    try:
        return there[name.strip().lower()]
    except KeyError:
        known = ", ".join((*there, *REPORTING))
        raise SetupError(f"there is no system {name}; there are {known}") from None


def open_system(name: str, settings: SystemSettings, home: Path, keep: Keep) -> System:
    """Open a system. SetupError names the variables that are missing."""
    found = entry(name)
    if lacking := found.lacking(settings):
        raise SetupError(f"{name} is not configured: set {', '.join(lacking)}")
    return found.open(settings, home, keep)
