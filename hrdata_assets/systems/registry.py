"""Every system that is pulled from, by name: what it has, whether it is configured, and how it is opened.

Most give records, which are synced; one makes reports, which are landed as a quarter's folder.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import Settings, load_settings
from hrdata_assets.systems.bullhorn import opening as bullhorn
from hrdata_assets.systems.bullhorn.connector import Bullhorn
from hrdata_assets.systems.configuration import SystemSettings, load_system_settings, variable
from hrdata_assets.systems.flowcase import opening as flowcase
from hrdata_assets.systems.flowcase.connector import FlowcaseRecords
from hrdata_assets.systems.flowcase.pulling import PulledQuarter, pull_quarter
from hrdata_assets.systems.hubspot import opening as hubspot
from hrdata_assets.systems.hubspot.connector import HubSpot
from hrdata_assets.systems.salesforce import opening as salesforce
from hrdata_assets.systems.salesforce.connector import Salesforce
from hrdata_assets.systems.sources.loading import sources_of
from hrdata_assets.systems.sources.system import DeclaredSystem
from hrdata_assets.systems.system import Keep, System

log = logging.getLogger("hrdata")


@dataclass(frozen=True)
class Entry:
    """A system: its class, variables that are still to be set before it can be asked, and how it is opened.

    ``grown`` gives the class with what a deployment adds to it by its settings. SetupError where that cannot be meant.
    """

    kind: type[System]
    lacking: Callable[[SystemSettings], list[str]]
    open: Callable[[SystemSettings, Path, Keep], System]
    grown: Callable[[SystemSettings], type[System]] | None = None

    def by(self, settings: SystemSettings) -> "Entry":
        """The same as these settings want it."""
        return self if self.grown is None else replace(self, kind=self.grown(settings))


SYSTEMS: Mapping[str, Entry] = {
    "bullhorn": Entry(Bullhorn, bullhorn.lacking, bullhorn.open_bullhorn),
    "flowcase_api": Entry(FlowcaseRecords, flowcase.lacking, flowcase.open_records),
    "hubspot": Entry(HubSpot, hubspot.lacking, hubspot.open_hubspot),
    "salesforce": Entry(Salesforce, salesforce.lacking, salesforce.open_salesforce, salesforce.with_objects),
}
"""Systems that are written; assets, commands and tests follow from it. Others are declared: see `all_systems`."""


@dataclass(frozen=True)
class Reporting:
    """A system that makes reports: what is still to be set, and how a quarter of them is landed."""

    lacking: Callable[[SystemSettings], list[str]]
    pull: Callable[..., PulledQuarter]


REPORTING: Mapping[str, Reporting] = {"flowcase": Reporting(flowcase.lacking, pull_quarter)}
"""Systems whose reports arrive as folders; what is loaded from those is nothing of theirs."""

_TAKEN = frozenset({*SYSTEMS, *REPORTING, "warehouse"})


def all_systems(settings: Settings) -> Mapping[str, Entry]:
    """Every system: those that are written, with what settings add to them, and those that the sources file declares.

    SetupError where either cannot be used, or where a source is called as another system is.
    """
    written = {name: entry.by(load_system_settings()) for name, entry in SYSTEMS.items()}
    declared = sources_of(settings).systems
    # What begins as the name of a system would make tables that are called as that system's are.
    if taken := sorted(name for name in declared if name.partition("_")[0] in _TAKEN):
        raise SetupError(f"{settings.sources_file}: {taken[0]} is called as another system: call the source otherwise")
    return {**written, **{name: _declared(kind) for name, kind in declared.items()}}


def usable_systems(settings: Settings) -> Mapping[str, Entry]:
    """Every system, but those that are written alone where settings or sources file cannot be used: that is logged.

    For what must go on without them: loading quarters, and Dagster's definitions.
    """
    try:
        return all_systems(settings)
    except SetupError as error:
        log.warning("declared sources and added objects are left out: %s", error)
        return SYSTEMS


def _declared(kind: type[DeclaredSystem]) -> Entry:
    def open_one(settings: SystemSettings, home: Path, keep: Keep) -> System:  # noqa: ARG001 - all are opened so
        return kind.opened({name: variable(name) or "" for name in kind.declared.variables}, home, keep)

    def lacking(settings: SystemSettings) -> list[str]:  # noqa: ARG001 - a declaration names variables of its own
        return [name for name in kind.declared.variables if not variable(name)]

    return Entry(kind, lacking, open_one)


def entry(name: str) -> Entry:
    """The system of that name that gives records. SetupError names all there are."""
    there = all_systems(load_settings())
    try:
        return there[name.strip().lower().replace("-", "_")]
    except KeyError:
        known = ", ".join((*there, *REPORTING))
        raise SetupError(f"there is no system {name}; there are {known}") from None


def open_system(name: str, settings: SystemSettings, home: Path, keep: Keep) -> System:
    """Open a system. SetupError names the variables that are missing."""
    found = entry(name)
    if lacking := found.lacking(settings):
        raise SetupError(f"{name} is not configured: set {', '.join(lacking)}")
    return found.open(settings, home, keep)
