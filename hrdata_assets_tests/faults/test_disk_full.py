"""The disk runs full: below the archive, and below PostgreSQL. Once there is room again, nothing else is needed."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from hrdata_assets.errors import SystemUnavailable
from hrdata_assets.storage.embedded import EmbeddedServer
from hrdata_assets.storage.os_account import server_account
from hrdata_assets_tests.faults.conftest import NewVictim
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.planting import PLANTED
from hrdata_assets_tests.victim import QUARTER

pytestmark = [pytest.mark.faults, pytest.mark.slow]

FULL = 4096 * 12


def mount(*arguments: str) -> None:
    """Only root may; where it may not, the test says so and is left out."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be made here: {done.stderr.strip()}")


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of a few pages, in memory, in the folder's place."""
    folder.mkdir(parents=True, exist_ok=True)
    mount("-t", "tmpfs", "-o", f"size={FULL}", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def make_room(folder: Path) -> None:
    mount("-o", "remount,size=256m", str(folder))


def test_a_full_archive_publishes_nothing_it_could_not_keep(new_victim: NewVictim, tmp_path: Path) -> None:
    with new_victim(tmp_path) as victim:
        made, archive = victim.installation, victim.installation.home / "archive"
        archived = {path.relative_to(archive): path.read_bytes() for path in archive.rglob("*.zst")}
        with small_disk(archive):
            victim.deliver("B")
            told = made.hrdata("run", "--quarter", QUARTER, check=False)
            assert told.returncode == 1
            assert "cannot be written: No space left on device" in told.stderr
            assert PLANTED not in told.stderr
            assert list(archive.rglob("*.part")) == []
            make_room(archive)
            for name, content in archived.items():
                (archive / name).parent.mkdir(exist_ok=True)
                (archive / name).write_bytes(content)
            assert victim.renewed(victim.assert_whole()) < 15
            made.load(QUARTER)
            victim.assert_became("B")


def default_tablespace(installation: Installation, name: str) -> None:
    """Where new tables of the installation's database go."""
    with psycopg.connect(installation.url, autocommit=True) as connection:
        database = connection.info.dbname
        connection.execute(
            sql.SQL("alter database {} set default_tablespace = {}").format(sql.Identifier(database), sql.Literal(name))
        )


@pytest.fixture
def small_tablespace(thrown_away: EmbeddedServer | None, server_url: str) -> Iterator[tuple[str, Path]]:
    """A place for tables on a small disk."""
    if thrown_away is None:
        pytest.skip("a tablespace wants a folder on the server's machine")
    folder = Path(tempfile.mkdtemp(prefix="hrdata-small-"))
    folder.chmod(0o755)
    with small_disk(folder):
        place = folder / "tables"
        place.mkdir(mode=0o700)
        server_account().give(place)
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("create tablespace small location {}").format(sql.Literal(str(place))))
        yield "small", folder
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute("drop tablespace small")
    folder.rmdir()


def test_a_full_database_keeps_what_it_has(
    small_tablespace: tuple[str, Path], new_victim: NewVictim, tmp_path: Path
) -> None:
    name, folder = small_tablespace
    with new_victim(tmp_path) as victim:
        made = victim.installation
        default_tablespace(made, name)
        victim.deliver("B")
        with pytest.raises(SystemUnavailable, match="DiskFull"):
            made.load(QUARTER)
        default_tablespace(made, "")
        assert victim.renewed(victim.assert_whole()) < 15
        default_tablespace(made, name)
        make_room(folder)
        made.load(QUARTER)
        victim.assert_became("B")
