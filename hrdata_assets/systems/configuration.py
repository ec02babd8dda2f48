"""How each system is reached, read from the environment, an `.env` file, or for each variable a file named by it.

``BULLHORN_PASSWORD_FILE=/run/secrets/bullhorn`` stands for ``BULLHORN_PASSWORD``: a secret need not be in the
environment.
"""

import os
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import READ, unusable

_BY_FILE = "_FILE"

DISCOVERY = "https://rest.bullhornstaffing.com/rest-services"
"""Where Bullhorn tells which data centre has a customer."""


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


def secret(value: SecretStr | None) -> str:
    """A secret's text; empty for none."""
    return value.get_secret_value() if value is not None else ""


def missing(settings: SystemSettings, *names: str) -> list[str]:
    """Variables, of those fields, that say nothing."""
    fields = SystemSettings.model_fields
    return [str(fields[name].validation_alias) for name in names if getattr(settings, name) in (None, "")]
