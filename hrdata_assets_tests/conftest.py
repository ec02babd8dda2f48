"""A real PostgreSQL for the whole session, a database per test, and nothing of whoever runs the tests."""

import itertools
import logging
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from hrdata_assets.catalogue import STORED
from hrdata_assets.settings import shipped
from hrdata_assets.storage.ddl import apply_schema
from hrdata_assets.storage.embedded import EmbeddedServer
from hrdata_assets.storage.postgres import connect, database_name, with_database
from hrdata_assets.storage.throw_away import throw_away_server
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets_tests.builders import a_quarter, write_reports
from hrdata_assets_tests.installation import PREFIXES, Installation, forget_settings

OWN_SERVER = os.environ.get("HRDATA_TEST_DATABASE_URL")

Fresh = Callable[..., AbstractContextManager[str]]
NewInstallation = Callable[..., AbstractContextManager[Installation]]
CopyOf = Callable[[Installation], AbstractContextManager[Installation]]
Process = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Used:
    """An installation after two runs. ``connections`` is how many the second one made to Dagster's database."""

    installation: Installation
    first: Process
    again: Process
    connections: int


HERE = Path(__file__).parent
OF_SYSTEMS = ("sync", "exchange", "systems")
"""Folders whose tests are `make systems`; workbooks are no system that is asked."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests of other systems, before they are chosen by their marks."""
    for item in items:
        folders = item.path.relative_to(HERE).parts[:-1]
        if folders and folders[0] in OF_SYSTEMS and "workbooks" not in folders:
            item.add_marker("systems")


@pytest.fixture(scope="session", autouse=True)
def quiet_dagster() -> None:
    """Dagster's debug lines cost more than the tests."""
    logging.getLogger("dagster").setLevel(logging.ERROR)


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting and no .env of whoever runs the tests reaches one, and nothing that a test sets outlives it."""
    before = {name: value for name, value in os.environ.items() if name.startswith(PREFIXES)}
    forget_settings(monkeypatch)
    monkeypatch.chdir(tmp_path)
    yield
    # A command that ran in this process may have turned the log to its own ends.
    ours = logging.getLogger("hrdata")
    ours.propagate = True
    ours.handlers.clear()
    ours.setLevel(logging.NOTSET)
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def thrown_away() -> Iterator[EmbeddedServer | None]:
    """The server of this session, unless HRDATA_TEST_DATABASE_URL names another."""
    if OWN_SERVER:
        yield None
        return
    # Not below pytest's folder: for root the server is another user, and the next session of pytest shuts them out.
    home = Path(tempfile.gettempdir()) / f"hrdata-tests-{os.getpid()}-{secrets.token_hex(4)}"
    with throw_away_server(home) as server:
        yield server


@pytest.fixture(scope="session")
def server_url(thrown_away: EmbeddedServer | None) -> str:
    """URL of a server on which databases may be made."""
    return thrown_away.url("postgres") if thrown_away else str(OWN_SERVER)


@pytest.fixture(scope="session")
def server_log(thrown_away: EmbeddedServer | None) -> Path | None:
    """What the server itself writes down, if that can be read."""
    return thrown_away.log_file if thrown_away else None


@pytest.fixture(scope="session")
def fresh_database(server_url: str) -> Fresh:
    """Makes databases, empty or from a template, that are gone at the end of their block."""
    numbers = itertools.count()

    @contextmanager
    def fresh(template: str = "template0") -> Iterator[str]:
        name = f"hrdata_test_{os.getpid()}_{next(numbers)}"
        make = sql.SQL("create database {} encoding 'UTF8' template {}")
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
        yield with_database(server_url, name)
        drop_database(server_url, name)

    return fresh


def drop_database(server_url: str, name: str) -> None:
    """Take a database away, whoever is connected to it."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def template(fresh_database: Fresh) -> Iterator[str]:
    """Name of a database with the schema and without rows."""
    with fresh_database() as url:
        with connect(url, "schema") as connection:
            apply_schema(connection, STORED, shipped("sql"))
        yield url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def new_installation(
    fresh_database: Fresh, template: str, server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> NewInstallation:
    """Makes installations; what is theirs on the server is gone at the end of the block."""

    @contextmanager
    def made(folder: Path | None = None, **more: str) -> Iterator[Installation]:
        with fresh_database(template) as url:
            installation = Installation(url, folder or tmp_path_factory.mktemp("installation"), tuple(more.items()))
            yield installation
        drop_database(server_url, installation.dagster_database)

    return made


@pytest.fixture(scope="session")
def copy_of(fresh_database: Fresh, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> CopyOf:
    """Makes copies of an installation, which take a moment where loading the same again would take seconds."""

    @contextmanager
    def copied(original: Installation) -> Iterator[Installation]:
        folder = tmp_path_factory.mktemp("copy")
        shutil.copytree(original.folder, folder, dirs_exist_ok=True)
        with fresh_database(database_name(original.url)) as url:
            copy = Installation(url, folder, original.more)
            with copy.environment():
                yield copy
        drop_database(server_url, copy.dagster_database)

    return copied


@pytest.fixture(scope="session")
def used(new_installation: NewInstallation) -> Iterator[Used]:
    """A tiny quarter, loaded by the command in a process of its own, and again; a second one has only arrived."""
    with new_installation() as made:
        write_reports(made.quarter_folder("2026-Q1"), a_quarter(1, 2, 3))
        first = made.hrdata("run", "--quarter", "Q12026", "--json")
        before = made.sessions(made.dagster_database)
        again = made.hrdata("run")
        connections = made.sessions(made.dagster_database) - before
        write_reports(made.quarter_folder("2026-Q2"), a_quarter(1, 2, 3))
        yield Used(made, first, again, connections)


@pytest.fixture
def empty_url(fresh_database: Fresh) -> Iterator[str]:
    """A database without anything in it."""
    with fresh_database() as url:
        yield url


@pytest.fixture
def installation(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Installation]:
    """This test's own installation, which is also the one that the environment names."""
    with new_installation(tmp_path) as made, made.environment():
        yield made


@pytest.fixture
def warehouse(installation: Installation) -> Warehouse:
    """The installation's warehouse."""
    return installation.warehouse


@pytest.fixture
def reports(installation: Installation) -> Path:
    """The folder into which quarter folders are put."""
    return installation.reports
