"""Flowcase as the settings describe it, and pulling a quarter: its reports ordered, fetched, and landed as a folder."""

import datetime
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import Settings
from hrdata_assets.storage.file_lock import locked
from hrdata_assets.systems.configuration import SystemSettings, several
from hrdata_assets.systems.files import folder_of
from hrdata_assets.systems.flowcase.client import FlowcaseReports
from hrdata_assets.systems.flowcase.collecting import Wanted, collect
from hrdata_assets.systems.flowcase.gathering import Pace
from hrdata_assets.systems.flowcase.landing import LandingPlace
from hrdata_assets.systems.flowcase.opening import base_url, client_of, lacking
from hrdata_assets.systems.flowcase.orders import OrderBook, sweep
from hrdata_assets.systems.http import Client, Hosts, Limits

log = logging.getLogger("hrdata")


@dataclass(frozen=True)
class PulledQuarter:
    """What became of a quarter. ``failed`` says why of the reports that are not in the folder, or as before."""

    quarter: Quarter
    folder: Path
    reports: tuple[str, ...]
    changed: tuple[str, ...]
    failed: Mapping[str, DeliveryError]
    warnings: tuple[str, ...]
    calls: int
    throttled: int


def quarter_meant(text: str | None) -> Quarter:
    """The quarter that is typed, else the one that it is now. SetupError for one that has not begun."""
    now = Quarter.of_day(datetime.datetime.now(datetime.UTC).date())
    meant = now if text is None else Quarter.parse(text)
    if meant > now:
        raise SetupError(f"{meant} has not begun: what flowcase says now cannot stand for it")
    return meant


def pull_quarter(
    settings: Settings, systems: SystemSettings, quarter: Quarter, *, replace: bool = False
) -> PulledQuarter:
    """Land what Flowcase says now as that quarter's folder. Cut off anywhere, the next pull goes on there.

    Reports that cannot be had stop no other: an earlier version of theirs stays in the folder. SetupError where the
    settings or the folder forbid it; SystemUnavailable where Flowcase does not get ready.
    """
    if missing := lacking(systems):
        raise SetupError(f"flowcase is not configured: set {', '.join(missing)}")
    place = LandingPlace(settings.reports_dir, quarter)
    own = settings.home / "flowcase"
    with locked(own / f"{quarter.folder}.lock"):
        _see_that_it_is_read(settings, quarter, place)
        sweep(own)
        book = OrderBook(own / quarter.folder, account_of(systems))
        with client_of(systems) as client, _files(settings, systems) as files:
            api = FlowcaseReports(client, base_url(systems), files, several(systems.flowcase_lang_params))
            wanted = Wanted(several(systems.flowcase_office_ids), systems.flowcase_cvs_per_report)
            pace = Pace(systems.flowcase_poll_seconds, systems.flowcase_patience_seconds)
            collected = collect(api, book, wanted, pace)
        landed = place.land(collected.reports(), replace=replace)
        book.clear()
    calls = client.calls.total + files.calls.total
    throttled = client.calls.throttled + files.calls.throttled
    return PulledQuarter(
        *(quarter, landed.folder, tuple(landed.reports), landed.changed, collected.failed),
        *(tuple(collected.warnings), calls, throttled),
    )


def account_of(systems: SystemSettings) -> str:
    """What orders hold for: with another address, other offices or other languages they would be about something else.

    What a report may hold is left out: it only says how orders are divided.
    """
    return f"{base_url(systems)} {several(systems.flowcase_lang_params)} {several(systems.flowcase_office_ids)}"


def _see_that_it_is_read(settings: Settings, quarter: Quarter, place: LandingPlace) -> None:
    """SetupError where another folder is taken for that quarter, so that this one would be overlooked."""
    place.look()
    standing = folder_of(settings.reports_dir, settings.quarter_folders, quarter)
    if standing is not None and standing != place.folder and standing.name in settings.quarter_folders:
        raise SetupError(
            f"{standing.name} is read for {quarter}, by HRDATA_QUARTER_FOLDERS: what is pulled into "
            f"{place.folder.name} would be overlooked; take it out of there first"
        )


def _files(settings: Settings, systems: SystemSettings) -> Client:
    """Fetches files, and does not know the token: whoever offers them must not be told."""
    url = urlsplit(base_url(systems))
    private = url.scheme == "http"
    own = (url.hostname or "",) if private else ()
    hosts = Hosts((*several(systems.flowcase_download_hosts), *own), private=private)
    limits = Limits(per_minute=systems.flowcase_per_minute, most_bytes=settings.max_report_bytes, seconds=300)
    return Client("flowcase's files", hosts, limits=limits)
