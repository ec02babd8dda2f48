"""HubSpot as the settings describe it: by a private app's token, or by OAuth."""

from pathlib import Path
from urllib.parse import urlsplit

from hrdata_assets.systems.auth import Application, OAuth, StoredRefresh, bearer
from hrdata_assets.systems.configuration import SystemSettings, missing, secret
from hrdata_assets.systems.http import Client, Hosts, Limits, SignIn
from hrdata_assets.systems.hubspot.addresses import Addresses
from hrdata_assets.systems.hubspot.connector import HubSpot
from hrdata_assets.systems.hubspot.finding import Finding
from hrdata_assets.systems.hubspot.judging import judge
from hrdata_assets.systems.system import Keep
from hrdata_assets.systems.tokens import TokenFile

_OAUTH = ("hubspot_client_id", "hubspot_client_secret", "hubspot_refresh_token")


def lacking(settings: SystemSettings) -> list[str]:
    """What is still to be set: the token, or what is missing of OAuth's three where one of them is there."""
    if secret(settings.hubspot_access_token):
        return []
    of_oauth = missing(settings, *_OAUTH)
    return of_oauth if len(of_oauth) < len(_OAUTH) else missing(settings, "hubspot_access_token")


def open_hubspot(settings: SystemSettings, home: Path, keep: Keep) -> HubSpot:
    """A client of the configured account; nobody is asked yet."""
    base = settings.hubspot_base_url.rstrip("/")
    url = urlsplit(base)
    hosts = Hosts((url.hostname or "",), private=url.scheme == "http")
    # A tenth of what ten seconds allow may come at once, the rest evenly: together never more than that.
    share = settings.hubspot_per_ten_seconds
    limits = Limits(per_minute=share * 6 * 0.9, burst=max(share // 10, 1))
    sign_in = _signed_in_by(settings, base, home)
    client = Client("hubspot", hosts, limits=limits, sign_in=sign_in, judge=judge)
    addresses = Addresses(base, settings.hubspot_version)
    return HubSpot(client, keep, Finding(addresses, settings.hubspot_searches_per_second))


def _signed_in_by(settings: SystemSettings, base: str, home: Path) -> SignIn:
    if token := secret(settings.hubspot_access_token):
        return bearer(token)
    application = Application(
        f"{base}/oauth/v1/token", settings.hubspot_client_id or "", secret(settings.hubspot_client_secret)
    )
    refresh = secret(settings.hubspot_refresh_token)
    whose = (base, application.client_id, refresh)
    return OAuth(application, StoredRefresh(refresh), TokenFile.of(home, "hubspot", *whose))
