"""Flowcase's API as the settings describe it."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from hrdata_assets.systems.auth import bearer
from hrdata_assets.systems.configuration import SystemSettings, secret, several
from hrdata_assets.systems.flowcase.client import FlowcaseAPI
from hrdata_assets.systems.flowcase.connector import FlowcaseRecords
from hrdata_assets.systems.http import Client, Hosts, Limits
from hrdata_assets.systems.system import Keep

log = logging.getLogger("hrdata")


def lacking(settings: SystemSettings) -> list[str]:
    """Variables that are still to be set before the API can be asked."""
    found = [] if settings.flowcase_data_source == "real" else ["FLOWCASE_DATA_SOURCE=real"]
    if not (settings.flowcase_subdomain or settings.flowcase_base_url):
        found.append("FLOWCASE_SUBDOMAIN")
    return found if secret(_token(settings)) else [*found, "FLOWCASE_API_TOKEN"]


def base_url(settings: SystemSettings) -> str:
    """The account's address."""
    return (settings.flowcase_base_url or f"https://{settings.flowcase_subdomain}.flowcase.com").rstrip("/")


def client_of(settings: SystemSettings) -> Client:
    """Asks the account's own host."""
    if not secret(settings.flowcase_api_token):
        log.warning("LOWCASE_API_TOKEN is a misspelling: call it FLOWCASE_API_TOKEN")
    url = urlsplit(base_url(settings))
    hosts = Hosts((url.hostname or "",), private=url.scheme == "http")
    limits = Limits(per_minute=settings.flowcase_per_minute)
    return Client("flowcase", hosts, limits=limits, sign_in=bearer(secret(_token(settings))))


def open_records(settings: SystemSettings, home: Path, keep: Keep) -> FlowcaseRecords:  # noqa: ARG001 - all are opened so
    """Accounts and CVs of the configured account; nobody is asked yet."""
    api = FlowcaseAPI(client_of(settings), base_url(settings))
    return FlowcaseRecords(api, keep, several(settings.flowcase_office_ids))


def _token(settings: SystemSettings) -> SecretStr | None:
    return settings.flowcase_api_token or settings.flowcase_token_misspelt
