"""Bullhorn as the settings describe it."""

from pathlib import Path
from urllib.parse import urlsplit

from hrdata_assets.systems.bullhorn.connector import Bullhorn, judge
from hrdata_assets.systems.bullhorn.session import Account, BullhornSession
from hrdata_assets.systems.configuration import SystemSettings, missing, secret
from hrdata_assets.systems.http import Client, Hosts, Limits
from hrdata_assets.systems.system import Keep
from hrdata_assets.systems.tokens import TokenFile

_NEEDED = ("bullhorn_client_id", "bullhorn_client_secret", "bullhorn_username", "bullhorn_password")


def lacking(settings: SystemSettings) -> list[str]:
    """What is still to be set."""
    return missing(settings, *_NEEDED)


def open_bullhorn(settings: SystemSettings, home: Path, keep: Keep) -> Bullhorn:
    """A client and a session of the configured account; nobody is asked yet."""
    account = Account(
        client_id=settings.bullhorn_client_id or "",
        username=settings.bullhorn_username or "",
        client_secret=secret(settings.bullhorn_client_secret),
        password=secret(settings.bullhorn_password),
        discovery=settings.bullhorn_rest_url,
    )
    url = urlsplit(settings.bullhorn_rest_url)
    hosts = Hosts((".bullhornstaffing.com", url.hostname or ""), private=url.scheme == "http")
    whose = (account.discovery, account.client_id, account.username)
    session = BullhornSession(account, TokenFile.of(home, "bullhorn", *whose))
    limits = Limits(per_minute=settings.bullhorn_per_minute, burst=50)
    return Bullhorn(Client("bullhorn", hosts, limits=limits, sign_in=session, judge=judge), keep, session)
