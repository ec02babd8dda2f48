"""Every system that is pulled from, by name: what it has, whether it is configured, and how it is opened.

Most give records, which are synced; one makes reports, which are landed as a quarter's folder.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.bullhorn import opening as bullhorn
from hrdata_assets.systems.bullhorn.connector import Bullhorn
from hrdata_assets.systems.configuration import SystemSettings
from hrdata_assets.systems.flowcase import pulling as flowcase
from hrdata_assets.systems.hubspot import opening as hubspot
from hrdata_assets.systems.hubspot.connector import HubSpot
from hrdata_assets.systems.salesforce import opening as salesforce
from hrdata_assets.systems.salesforce.connector import Salesforce
from hrdata_assets.systems.system import Keep, System


@dataclass(frozen=True)
class Entry:
    """A system: its class, variables that are still to be set before it can be asked, and how it is opened."""

    kind: type[System]
    lacking: Callable[[SystemSettings], list[str]]
    open: Callable[[SystemSettings, Path, Keep], System]


SYSTEMS: Mapping[str, Entry] = {
    "bullhorn": Entry(Bullhorn, bullhorn.lacking, bullhorn.open_bullhorn),
    "hubspot": Entry(HubSpot, hubspot.lacking, hubspot.open_hubspot),
    "salesforce": Entry(Salesforce, salesforce.lacking, salesforce.open_salesforce),
}
"""The one list; assets, commands and tests follow from it."""


@dataclass(frozen=True)
class Reporting:
    """A system that makes reports: what is still to be set, and how a quarter of them is landed."""

    lacking: Callable[[SystemSettings], list[str]]
    pull: Callable[..., flowcase.PulledQuarter]


REPORTING: Mapping[str, Reporting] = {"flowcase": Reporting(flowcase.lacking, flowcase.pull_quarter)}
"""Systems whose reports arrive as folders; what is loaded from those is nothing of theirs."""


def entry(name: str) -> Entry:
    """The system of that name that gives records. SetupError names all there are."""
    try:
        return SYSTEMS[name.strip().lower()]
    except KeyError:
        there = ", ".join((*SYSTEMS, *REPORTING))
        raise SetupError(f"there is no system {name}; there are {there}") from None


def open_system(name: str, settings: SystemSettings, home: Path, keep: Keep) -> System:
    """Open a system. SetupError names the variables that are missing."""
    found = entry(name)
    if lacking := found.lacking(settings):
        raise SetupError(f"{name} is not configured: set {', '.join(lacking)}")
    return found.open(settings, home, keep)
