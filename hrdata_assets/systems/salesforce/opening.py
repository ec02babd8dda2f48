"""Salesforce as it is configured: an app that asks for itself, or one that signs for a user."""

from pathlib import Path
from urllib.parse import urlsplit

from hrdata_assets.systems.auth import Application, ClientCredentials, Grant, JwtBearer, OAuth
from hrdata_assets.systems.configuration import SystemSettings, missing, secret
from hrdata_assets.systems.http import Client, Hosts, Limits
from hrdata_assets.systems.salesforce.bulk import Patience
from hrdata_assets.systems.salesforce.connector import Salesforce, Terms
from hrdata_assets.systems.salesforce.refusals import judge
from hrdata_assets.systems.system import Keep
from hrdata_assets.systems.tokens import TokenFile

_ITS_OWN = (".salesforce.com", ".force.com")
_LOGIN = "https://login.salesforce.com"
_TEST = "https://test.salesforce.com"


def lacking(settings: SystemSettings) -> list[str]:
    """Variables that are still to be set: those of a user who is signed for where there is a key."""
    always = ("salesforce_login_url", "salesforce_client_id")
    if settings.salesforce_private_key is not None:
        return missing(settings, *always, "salesforce_username")
    return missing(settings, *always, "salesforce_client_secret")


def open_salesforce(settings: SystemSettings, home: Path, keep: Keep) -> Salesforce:
    """A client and a session of the configured app; nobody is asked yet."""
    login = (settings.salesforce_login_url or "").rstrip("/")
    url = urlsplit(login)
    hosts = Hosts((*_ITS_OWN, (url.hostname or "").lower()), private=url.scheme == "http")
    whose = (login, settings.salesforce_client_id or "", settings.salesforce_username or "")
    file = TokenFile.of(home, "salesforce", *whose)
    session = OAuth(_application(settings, login), _grant(settings, login), file)
    limits = Limits(per_minute=settings.salesforce_per_minute, burst=50)
    terms = Terms(
        version=settings.salesforce_api_version,
        share=settings.salesforce_quota_share,
        bulk_from=settings.salesforce_bulk_from,
        patience=Patience(settings.salesforce_bulk_pause_seconds, settings.salesforce_bulk_seconds),
    )
    client = Client("salesforce", hosts, limits=limits, sign_in=session, judge=judge)
    return Salesforce(client, keep, session, terms)


def _application(settings: SystemSettings, login: str) -> Application:
    token_url = f"{login}/services/oauth2/token"
    if settings.salesforce_private_key is not None:
        return Application(token_url)
    known = (settings.salesforce_client_id or "", secret(settings.salesforce_client_secret))
    return Application(token_url, *known, in_header=True)


def _grant(settings: SystemSettings, login: str) -> Grant:
    if settings.salesforce_private_key is None:
        return ClientCredentials()
    return JwtBearer(
        issuer=settings.salesforce_client_id or "",
        subject=settings.salesforce_username or "",
        audience=audience_of(login),
        # In a variable a line may end as two characters.
        key=secret(settings.salesforce_private_key).replace("\\n", "\n"),
    )


def audience_of(login: str) -> str:
    """Whom a signed statement is for: not the org's own address, but where all of its kind sign in."""
    host = urlsplit(login).hostname or ""
    if not host.endswith(_ITS_OWN):
        return login
    return _TEST if host.startswith("test.") or ".sandbox." in host else _LOGIN
