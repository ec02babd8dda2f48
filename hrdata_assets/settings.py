"""Everything read from the environment (and a `.env` file), frozen, each with its sentence."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hrdata_assets.errors import SetupError

PG_VARIABLES = ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD")


def _pairs(text: object) -> object:
    """Read ``QTEST=2026-Q1,odd name=2026-Q2``."""
    if not isinstance(text, str):
        return text
    parts = [part.split("=", 1) for part in text.split(",") if part.strip()]
    if any(len(part) != 2 for part in parts):
        raise ValueError("write FOLDER=QUARTER pairs with commas between them")
    return {folder.strip(): quarter.strip() for folder, quarter in parts}


def _plain_yes(text: object) -> object:
    """Other programs go by DEBUG too, and write other words into it: only a plain yes is meant for us."""
    return text.strip().lower() in ("1", "true", "yes", "on") if isinstance(text, str) else text


READ = SettingsConfigDict(
    env_file=".env",
    env_file_encoding="utf-8",
    env_ignore_empty=True,
    extra="ignore",
    frozen=True,
    hide_input_in_errors=True,
    use_attribute_docstrings=True,
)
"""How every class of settings is read."""


class Settings(BaseSettings):
    """What a deployment can choose."""

    model_config = READ

    home: Path = Field(Path(".hrdata"), validation_alias="HRDATA_HOME")
    """Folder for everything the platform keeps on disk: embedded database, archive, Dagster's files."""

    reports_dir: Path = Field(Path("cv_reports"), validation_alias="HRDATA_REPORTS_DIR")
    """Folder in which quarter folders such as `Q22026` arrive."""

    quarter_folders: Annotated[dict[str, str], NoDecode, BeforeValidator(_pairs)] = Field(
        default_factory=dict, validation_alias="HRDATA_QUARTER_FOLDERS"
    )
    """Quarters of oddly named folders: `QTEST=2026-Q1,spring=2026-Q2`."""

    references_dir: Path = Field(Path("references"), validation_alias="HRDATA_REFERENCES_DIR")
    """Folder of reference lists such as `countries.csv`, with which reports are compared; none need be there."""

    workbooks_dir: Path = Field(Path("data"), validation_alias="HRDATA_WORKBOOKS_DIR")
    """Root of the folders of workbooks; each folder below it is a table."""

    workbooks_config: Path = Field(Path("config/etl_config.yaml"), validation_alias="HRDATA_WORKBOOKS_CONFIG")
    """File that says how workbooks are read; none need be there."""

    etl_chunk_size: int = Field(10_000, validation_alias="ETL_CHUNK_SIZE", ge=100, le=1_000_000)
    """Rows of a workbook that are worked on at a time; what they need of memory is what a workbook needs."""

    etl_pause_every: int | None = Field(None, validation_alias="ETL_PAUSE_EVERY", ge=1)
    """Workbooks after whose loading there is a rest, for a database that others use too; none without it."""

    etl_pause_seconds: float = Field(0, validation_alias="ETL_PAUSE_SECONDS", ge=0, le=3600)
    """How long that rest is."""

    etl_sectional_commit: bool = Field(False, validation_alias="ETL_SECTIONAL_COMMIT")
    """Whether a folder's workbooks become visible together, in one transaction, instead of one by one."""

    skip_db: bool = Field(False, validation_alias="SKIP_DB")
    """Whether `hrdata excel load` only shows what it would do, without a database."""

    debug: Annotated[bool, BeforeValidator(_plain_yes)] = Field(False, validation_alias="DEBUG")
    """Whether stderr tells of every workbook what was decided and how long each part took; no values."""

    quality_file: Path | None = Field(None, validation_alias="HRDATA_QUALITY_FILE")
    """File of quality limits to use in place of the shipped `quality.toml`."""

    database_url: SecretStr | None = Field(None, validation_alias="HRDATA_DATABASE_URL")
    """PostgreSQL URL of your own server; without it (and without PG variables) the embedded server is used."""

    pg_host: str | None = Field(None, validation_alias="PGHOST")
    """Host of your own server; all five PG variables belong together."""

    pg_port: int | None = Field(None, validation_alias="PGPORT")
    """Port of your own server."""

    pg_database: str | None = Field(None, validation_alias="PGDATABASE")
    """Database on your own server; created if it does not exist."""

    pg_user: str | None = Field(None, validation_alias="PGUSER")
    """User on your own server."""

    pg_password: SecretStr | None = Field(None, validation_alias="PGPASSWORD")
    """Password on your own server."""

    dagster_database: str = Field("hrdata_dagster", validation_alias="HRDATA_DAGSTER_DATABASE")
    """Database on the same server that holds Dagster's own records."""

    embedded_port: int | None = Field(None, validation_alias="HRDATA_EMBEDDED_PORT", ge=1024, le=65535)
    """Opens the embedded server on this loopback port, with a generated password, for psql and BI tools."""

    ui_port: int = Field(3000, validation_alias="HRDATA_UI_PORT", ge=1024, le=65535)
    """Port of the Dagster UI on localhost."""

    sql_dir: Path | None = Field(None, validation_alias="HRDATA_SQL_DIR")
    """Folder of SQL files to use in place of the shipped `sql/`."""

    max_report_bytes: int = Field(512 * 1024**2, validation_alias="HRDATA_MAX_REPORT_BYTES", ge=1024)
    """Largest report file that is read; a larger one is refused. Reading needs up to ten times its size in memory."""

    test_database_url: SecretStr | None = Field(None, validation_alias="HRDATA_TEST_DATABASE_URL")
    """PostgreSQL URL on which the test suite may create databases, in place of an embedded server."""

    @property
    def uses_own_server(self) -> bool:
        """Whether the settings name a server other than the embedded one."""
        return self.database_url is not None or any(self._pg_values())

    @property
    def archive_dir(self) -> Path:
        """Where delivered bytes are kept, by their SHA-256."""
        return self.home / "archive"

    @property
    def pause_file(self) -> Path:
        """What says that loading workbooks has stopped, and why."""
        return self.home / ".etl_pause.json"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own folder."""
        return self.home / "dagster"

    def missing_pg_variables(self) -> list[str]:
        """Names of the PG variables that are not set."""
        return [name for name, value in zip(PG_VARIABLES, self._pg_values(), strict=True) if value in (None, "")]

    def _pg_values(self) -> tuple[object, ...]:
        return (self.pg_host, self.pg_port, self.pg_database, self.pg_user, self.pg_password)


def load_settings() -> Settings:
    """Read the settings as they are now; SetupError names every variable that cannot be used, without its value."""
    return _settings(_surroundings())


def _surroundings() -> tuple[object, ...]:
    """All that settings are read from: asked for on every step, they are read again only when it has changed."""
    ours = ("HRDATA_", "ETL_", "PG", "HOME", "SKIP_DB", "DEBUG")
    variables = tuple(sorted((name, text) for name, text in os.environ.items() if name.upper().startswith(ours)))
    file = Path(".env")
    stamp = (file.stat().st_mtime_ns, file.stat().st_size) if file.is_file() else None
    return (str(Path.cwd()), stamp, variables)


_FOLDERS = ("home", "reports_dir", "references_dir", "workbooks_dir", "workbooks_config")


@lru_cache(maxsize=4)
def _settings(surroundings: tuple[object, ...]) -> Settings:  # noqa: ARG001 - what the cache goes by
    try:
        settings = Settings()
    except ValidationError as error:
        raise unusable(error) from None
    folders = {name: getattr(settings, name) for name in _FOLDERS}
    return settings.model_copy(update={name: path.expanduser().absolute() for name, path in folders.items()})


def unusable(error: ValidationError) -> SetupError:
    """What is wrong with settings: every variable that cannot be used, without its value."""
    faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
    return SetupError(f"settings cannot be used: {faults}")


def described_settings(kind: type[BaseSettings] = Settings) -> list[tuple[str, str, str]]:
    """Variable, default and sentence of every setting, in order of declaration; README's table is held to it."""
    rows = []
    for info in kind.model_fields.values():
        default = info.get_default(call_default_factory=True, validated_data={})
        rows.append(
            (str(info.validation_alias), "" if default in (None, {}, ()) else str(default), info.description or "")
        )
    return rows


def sql_folder(settings: Settings) -> Path:
    """Folder of the SQL files: the configured one, the checkout's `sql/`, or the copy inside an installed package."""
    if settings.sql_dir is not None:
        chosen = settings.sql_dir.expanduser().absolute()
        if not (chosen / "core").is_dir():
            raise SetupError(f"HRDATA_SQL_DIR: {chosen} has no folder 'core'; it must look like the shipped sql/")
        return chosen
    return shipped("sql")


def quality_file(settings: Settings) -> Path:
    """File of the quality limits: the configured one, the checkout's `quality.toml`, or the installed copy."""
    if settings.quality_file is not None:
        return settings.quality_file.expanduser().absolute()
    return shipped("quality.toml")


def shipped(name: str) -> Path:
    """Path of a file or folder shipped beside the package: in a checkout at its top, in a wheel under `shipped/`."""
    package = Path(__file__).resolve().parent
    for candidate in (package.parent / name, package / "shipped" / name):
        if candidate.exists():
            return candidate
    raise SetupError(f"{name} is missing from this installation; install hrdata-assets again")
