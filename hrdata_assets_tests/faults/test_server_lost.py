"""The database restarts under a COPY, answers a COMMIT nobody hears, or Dagster's own is dropped."""

import json
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from hrdata_assets.catalogue import STORED
from hrdata_assets.settings import shipped
from hrdata_assets.storage.ddl import apply_schema
from hrdata_assets.storage.embedded import EmbeddedServer
from hrdata_assets.storage.postgres import connect
from hrdata_assets.storage.postmaster import shut_down
from hrdata_assets.storage.throw_away import throw_away_server
from hrdata_assets_tests.conftest import OWN_SERVER, drop_database
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.planting import PLANTED, tellers
from hrdata_assets_tests.victim import (
    EARLIER,
    QUARTER,
    Victim,
    all_of,
    faulty_run,
    go_on,
    grave,
    verify,
    wait_until_stopped,
)

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture
def own_server() -> Iterator[EmbeddedServer]:
    """A server of this test's own, to do with as it likes."""
    with throw_away_server(Path(tempfile.mkdtemp(prefix="hrdata-tests-")) / "server") as server:
        yield server
    shutil.rmtree(server.home.parent)


def test_a_server_that_restarts_at_once_in_the_middle_of_copy(
    victim: Victim, own_server: EmbeddedServer, tmp_path: Path
) -> None:
    with connect(own_server.url(), "schema") as connection:
        apply_schema(connection, STORED, shipped("sql"))
    made = Installation(own_server.url(), tmp_path)
    for quarter, source in ((EARLIER, EARLIER), (QUARTER, "A")):
        shutil.copytree(victim.versions / source, made.quarter_folder(quarter))
        made.load(quarter)
    assert all_of(made) == victim.undisturbed["A"]
    shutil.copytree(victim.versions / "B", made.quarter_folder(QUARTER), dirs_exist_ok=True)
    process = faulty_run(made, "mid_copy:sleep:staged/flowcase_project_experiences")
    wait_until_stopped(process)
    shut_down(own_server, "immediate")
    own_server.start()
    assert grave(verify(made.warehouse, read_archive=True)) == []
    before = Victim(made, victim.versions, victim.undisturbed)
    assert before.renewed(before.assert_whole()) < 15
    go_on(process)
    _, told = process.communicate(timeout=180)
    assert PLANTED not in told
    before.assert_whole()
    made.load(QUARTER)
    before.assert_became("B")
    assert tellers(made, own_server.log_file) == []


class Cutter:
    """Stands between clients and the server's socket, and cuts one line between a COMMIT and its answer.

    It is the first line over which a statement goes that contains ``meant``.
    """

    def __init__(self, folder: Path, server: str, meant: bytes) -> None:
        self.server, self.meant, self.cuts = server, meant, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / ".s.PGSQL.5432"))
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server)
                committing = threading.Event()
                for carry in (self._forward, self._back):
                    threading.Thread(target=carry, args=(client, server, committing), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket, committing: threading.Event) -> None:
        armed = False
        with suppress(OSError), server:
            while data := client.recv(65536):
                armed = armed or self.meant in data
                if armed and self.cuts == 0 and b"COMMIT\0" in data:
                    self.cuts += 1
                    committing.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)

    def _back(self, client: socket.socket, server: socket.socket, committing: threading.Event) -> None:
        with suppress(OSError), client:
            while data := server.recv(65536):
                if committing.is_set():
                    break  # it was committed, and nobody hears of it
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def cut_at_commit(made: Installation, meant: bytes) -> Iterator[tuple[Installation, Cutter]]:
    """The same installation by way of a cutter."""
    parts = urlsplit(made.url)
    options = parse_qs(parts.query)
    with tempfile.TemporaryDirectory(prefix="hrdata-cut-") as folder:
        cutter = Cutter(Path(folder), f"{options['host'][0]}/.s.PGSQL.{options['port'][0]}", meant)
        through = parts._replace(query=urlencode({"host": folder, "port": "5432"})).geturl()
        yield Installation(through, made.folder, (("HRDATA_DAGSTER_DATABASE", made.dagster_database),)), cutter
        cutter.listener.close()


@pytest.mark.skipif(bool(OWN_SERVER), reason="the cutter stands before the embedded server's socket")
@pytest.mark.parametrize("asset", ["staged.flowcase_project_experiences", "core.users", "marts.kpis"])
def test_a_commit_whose_answer_is_lost_counts_once(victim: Victim, asset: str) -> None:
    made, after = victim.installation, victim.other
    newest = made.one("select max(load_id) from ops.loads")
    victim.deliver(after)
    layer, _, table = asset.partition(".")
    with cut_at_commit(made, f'alter table "{layer}"."{table}" attach partition'.encode()) as (through, cutter):
        done = through.run(QUARTER)
    assert cutter.cuts == 1
    assert done.success, done.faults
    twice = "select asset_key from ops.loads where load_id > %s and partition_key = %s group by 1 having count(*) > 1"
    assert made.column(twice, newest, QUARTER) == []
    victim.assert_became(after)


def test_dagsters_database_may_be_dropped(victim: Victim, server_url: str) -> None:
    made, after = victim.installation, victim.other
    victim.deliver(after)
    made.hrdata("run", "--quarter", QUARTER)
    victim.assert_became(after)
    ledger = "select l::text from ops.loads l order by load_id"
    before = made.column(ledger)
    assert tellers(made, None) == []
    drop_database(server_url, made.dagster_database)
    told = made.hrdata("run", "--quarter", QUARTER, "--json")
    answer = json.loads(told.stdout)
    assert (answer["success"], answer["changed"]) == (True, False)
    assert made.column(ledger) == before
    victim.assert_became(after)
