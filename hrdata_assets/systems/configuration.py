"""How each system is reached, read from the environment, an `.env` file, or for each variable a file named by it.

``BULLHORN_PASSWORD_FILE=/run/secrets/bullhorn`` stands for ``BULLHORN_PASSWORD``: a secret need not be in the
environment.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import READ, unusable

_BY_FILE = "_FILE"

DISCOVERY = "https://rest.bullhornstaffing.com/rest-services"
"""Where Bullhorn tells which data centre has a customer."""


def _names(text: object) -> object:
    """Read names with commas between them."""
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


def _small(text: object) -> object:
    return text.strip().lower() if isinstance(text, str) else text


class SystemSettings(BaseSettings):
    """What a deployment says of its systems; one of which nothing is said is not configured."""

    model_config = READ

    bullhorn_client_id: str | None = Field(None, validation_alias="BULLHORN_CLIENT_ID")
    """Bullhorn: the API client's id; all four of Bullhorn's belong together."""

    bullhorn_client_secret: SecretStr | None = Field(None, validation_alias="BULLHORN_CLIENT_SECRET")
    """Bullhorn: the API client's secret."""

    bullhorn_username: str | None = Field(None, validation_alias="BULLHORN_USERNAME")
    """Bullhorn: the API user."""

    bullhorn_password: SecretStr | None = Field(None, validation_alias="BULLHORN_PASSWORD")
    """Bullhorn: the API user's password."""

    bullhorn_rest_url: str = Field(
        "https://rest.bullhornstaffing.com/rest-services", validation_alias="BULLHORN_REST_URL"
    )
    """Bullhorn: where the data centre is asked for; `http://127.0.0.1:…/rest-services` for a fake."""

    bullhorn_per_minute: int = Field(1_200, validation_alias="BULLHORN_PER_MINUTE", ge=1)
    """Bullhorn: calls a minute at most; Bullhorn itself allows 1,500."""

    salesforce_login_url: str | None = Field(
        None, validation_alias="SALESFORCE_LOGIN_URL", pattern=r"^https?://[A-Za-z0-9.:-]+/?$"
    )
    """Salesforce: the org's My Domain, `https://….my.salesforce.com`; `http://127.0.0.1:…` for a fake."""

    salesforce_client_id: str | None = Field(None, validation_alias="SALESFORCE_CLIENT_ID")
    """Salesforce: the connected app's consumer key."""

    salesforce_client_secret: SecretStr | None = Field(None, validation_alias="SALESFORCE_CLIENT_SECRET")
    """Salesforce: the app's consumer secret, where the app itself signs in (client credentials)."""

    salesforce_username: str | None = Field(None, validation_alias="SALESFORCE_USERNAME")
    """Salesforce: the user whom the app signs for, where there is a private key."""

    salesforce_private_key: SecretStr | None = Field(None, validation_alias="SALESFORCE_PRIVATE_KEY")
    """Salesforce: the app's RSA key in PEM format, which takes the place of the secret (JWT bearer)."""

    salesforce_api_version: str = Field("66.0", validation_alias="SALESFORCE_API_VERSION", pattern=r"^[4-9]\d\.0$")
    """Salesforce: version of the API; 47.0 is the first with Bulk queries."""

    salesforce_objects: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = Field(
        (), validation_alias="SALESFORCE_OBJECTS"
    )
    """Salesforce: objects of the org's own that are pulled too, such as `Position__c,Job_Application__c`."""

    salesforce_bulk_from: int = Field(10_000, validation_alias="SALESFORCE_BULK_FROM", ge=0)
    """Salesforce: from so many records on, all of an object are read by a Bulk job instead of page by page."""

    salesforce_bulk_seconds: float = Field(3_600, validation_alias="SALESFORCE_BULK_SECONDS", gt=0)
    """Salesforce: how long a Bulk job may take; what is asked page by page then takes its place."""

    salesforce_bulk_pause_seconds: float = Field(2, validation_alias="SALESFORCE_BULK_PAUSE_SECONDS", gt=0, le=60)
    """Salesforce: after how long a Bulk job is looked at first; the pauses grow to fifteen times that."""

    salesforce_quota_share: float = Field(0.8, validation_alias="SALESFORCE_QUOTA_SHARE", gt=0, le=1)
    """Salesforce: share of the org's daily calls, whoever makes them, at which a pull stops until there are more."""

    salesforce_per_minute: int = Field(600, validation_alias="SALESFORCE_PER_MINUTE", ge=1)
    """Salesforce: calls a minute at most; Salesforce itself counts them by the day."""

    flowcase_data_source: Annotated[Literal["folder", "fake", "real"], BeforeValidator(_small)] = Field(
        "folder", validation_alias="FLOWCASE_DATA_SOURCE"
    )
    """Flowcase: `real` for reports and records by its API; with `folder` or `fake` only people put reports there."""

    flowcase_subdomain: str | None = Field(
        None, validation_alias="FLOWCASE_SUBDOMAIN", pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$"
    )
    """Flowcase: the company's name in `https://….flowcase.com`."""

    flowcase_api_token: SecretStr | None = Field(None, validation_alias="FLOWCASE_API_TOKEN")
    """Flowcase: the API token."""

    flowcase_token_misspelt: SecretStr | None = Field(None, validation_alias="LOWCASE_API_TOKEN")
    """Flowcase: taken for the API token, with a warning, where that is not set."""

    flowcase_office_ids: str | None = Field(None, validation_alias="FLOWCASE_OFFICE_IDS")
    """Flowcase: ids of the offices whose people are wanted, with commas between them; without it all offices."""

    flowcase_lang_params: str | None = Field(None, validation_alias="FLOWCASE_LANG_PARAMS")
    """Flowcase: languages that reports are asked for in, such as `no,int`; without it Flowcase chooses."""

    flowcase_base_url: str | None = Field(None, validation_alias="FLOWCASE_BASE_URL", pattern=r"^https?://[^/?#@]+/?$")
    """Flowcase: address in place of the subdomain's; `http://127.0.0.1:…` for a fake."""

    flowcase_download_hosts: str = Field(
        ".amazonaws.com,.flowcase.com,.cvpartner.com", validation_alias="FLOWCASE_DOWNLOAD_HOSTS"
    )
    """Flowcase: hosts that reports may be downloaded from; what begins with a dot stands for all below it."""

    flowcase_per_minute: int = Field(240, validation_alias="FLOWCASE_PER_MINUTE", ge=1)
    """Flowcase: calls a minute at most."""

    flowcase_cvs_per_report: int = Field(5_000, validation_alias="FLOWCASE_CVS_PER_REPORT", ge=1, le=5_000)
    """Flowcase: people that one report may be about; beyond it, it is ordered office by office."""

    flowcase_poll_seconds: float = Field(2, validation_alias="FLOWCASE_POLL_SECONDS", gt=0, le=600)
    """Flowcase: first pause before an ordered report is asked after; the pauses grow to ten times that."""

    flowcase_patience_seconds: float = Field(600, validation_alias="FLOWCASE_PATIENCE_SECONDS", ge=0, le=86_400)
    """Flowcase: how long no report may get ready before they are left to the next pull."""

    hubspot_access_token: SecretStr | None = Field(None, validation_alias="HUBSPOT_ACCESS_TOKEN")
    """HubSpot: a private app's token; all there is to be set, but for OAuth."""

    hubspot_client_id: str | None = Field(None, validation_alias="HUBSPOT_CLIENT_ID")
    """HubSpot: in place of the token, an OAuth app's id; with secret and refresh token."""

    hubspot_client_secret: SecretStr | None = Field(None, validation_alias="HUBSPOT_CLIENT_SECRET")
    """HubSpot: the OAuth app's secret."""

    hubspot_refresh_token: SecretStr | None = Field(None, validation_alias="HUBSPOT_REFRESH_TOKEN")
    """HubSpot: what somebody who agreed to the app was given."""

    hubspot_base_url: str = Field(
        "https://api.hubapi.com", validation_alias="HUBSPOT_BASE_URL", pattern=r"^https?://[^/?#@]+/?$"
    )
    """HubSpot: where the API is; `http://127.0.0.1:…` for a fake."""

    hubspot_version: str = Field("v3", validation_alias="HUBSPOT_VERSION", pattern=r"^(v[0-9]+|[0-9]{4}-[0-9]{2})$")
    """HubSpot: version of the CRM API, such as `v3` or `2026-03`."""

    hubspot_per_ten_seconds: int = Field(100, validation_alias="HUBSPOT_PER_TEN_SECONDS", ge=1)
    """HubSpot: calls in ten seconds at most; HubSpot allows 190 from Professional on."""

    hubspot_searches_per_second: float = Field(4, validation_alias="HUBSPOT_SEARCHES_PER_SECOND", gt=0)
    """HubSpot: searches a second at most; HubSpot allows an account five."""


def load_system_settings() -> SystemSettings:
    """Read the settings as they are now; SetupError names every variable or file that cannot be used."""
    try:
        return SystemSettings(**_from_files())  # type: ignore[arg-type] # every field is read from text
    except ValidationError as error:
        raise unusable(error) from None


def _from_files() -> dict[str, str]:
    """Values of the variables that a file is named for; the file goes before the variable."""
    found = {}
    for info in SystemSettings.model_fields.values():
        alias = str(info.validation_alias)
        named = os.environ.get(alias + _BY_FILE)
        if named:
            found[alias] = _content(alias, named)
    return found


def variable(name: str) -> str | None:
    """What a variable says that no field here stands for: by its file, the environment, or `.env`; None for nothing.

    SetupError for a file that cannot be read.
    """
    if named := os.environ.get(name + _BY_FILE):
        return _content(name, named) or None
    return os.environ.get(name) or dotenv_values(".env").get(name) or None


def _content(name: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SetupError(f"{name}{_BY_FILE}: the file cannot be read") from None


def several(text: str | None) -> tuple[str, ...]:
    """What stands between commas, in order and once each."""
    return tuple(dict.fromkeys(part for part in (each.strip() for each in (text or "").split(",")) if part))


def secret(value: SecretStr | None) -> str:
    """A secret's text; empty for none."""
    return value.get_secret_value() if value is not None else ""


def missing(settings: SystemSettings, *names: str) -> list[str]:
    """Variables, of those fields, that say nothing."""
    fields = SystemSettings.model_fields
    return [str(fields[name].validation_alias) for name in names if getattr(settings, name) in (None, "")]
