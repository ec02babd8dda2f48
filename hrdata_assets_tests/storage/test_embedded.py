"""Real servers in temporary folders: how the embedded PostgreSQL begins, lives, is shared, and ends."""

import fcntl
import logging
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.embedded import EmbeddedServer
from hrdata_assets.storage.throw_away import remove_for_good, throw_away_server

PLANTED = "PLANTED-VALUE-4711"
AS_ROOT = os.geteuid() == 0

START = """
import sys
from pathlib import Path
from hrdata_assets.storage.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), durable=False)
server.start()
print((server.data_folder / "postmaster.pid").read_text().splitlines()[0])
"""

OWN_A_THROW_AWAY_SERVER = """
import sys, time
from pathlib import Path
from hrdata_assets.storage.throw_away import throw_away_server
with throw_away_server(Path(sys.argv[1])) as server:
    print((server.data_folder / "postmaster.pid").read_text().splitlines()[0], flush=True)
    time.sleep(120)
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    with throw_away_server(tmp_path_factory.mktemp("shared") / "home") as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    made = EmbeddedServer(tmp_path / "home", durable=False)
    yield made
    remove_for_good(made, home_too=True)


@pytest.fixture
def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python(script: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", script, *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def spawn(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(python(script, *arguments), env=environment(), stdout=subprocess.PIPE, text=True)


def postmaster_pid(server: EmbeddedServer) -> int:
    return int((server.data_folder / "postmaster.pid").read_text().splitlines()[0])


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def lives(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def value(server: EmbeddedServer, statement: str) -> object:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def sleeper_of_the_servers_user(server: EmbeddedServer) -> subprocess.Popen[bytes]:
    owner = server.data_folder.stat()
    if not AS_ROOT:
        return subprocess.Popen(["sleep", "120"])
    return subprocess.Popen(["sleep", "120"], user=owner.st_uid, group=owner.st_gid, extra_groups=[])


def kill_and_await(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not lives(pid))


# --- one server for everybody


def test_starting_twice_gives_the_same_server(server: EmbeddedServer) -> None:
    server.start()
    first = postmaster_pid(server)
    EmbeddedServer(server.home, durable=False).start()
    assert postmaster_pid(server) == first


def test_starting_a_running_server_needs_no_lock(shared: EmbeddedServer) -> None:
    with (shared.folder / "lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        # If it did need it, it would say after a while that another process has it.
        shared.start()


def test_four_simultaneous_starters_give_one_server(server: EmbeddedServer) -> None:
    starters = [spawn(START, server.home) for _ in range(4)]
    outputs = [starter.communicate(timeout=60)[0].strip() for starter in starters]
    assert [starter.returncode for starter in starters] == [0] * 4
    assert set(outputs) == {str(postmaster_pid(server))}
    assert value(server, "SELECT 1") == 1


def test_threads_of_one_process_may_start_together(server: EmbeddedServer) -> None:
    threads = [threading.Thread(target=server.start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.is_running()


def test_a_relative_home_means_the_same_server_from_every_folder(
    shared: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(shared.home.parent)
    relative = EmbeddedServer(Path("home"))
    monkeypatch.chdir(tmp_path)
    assert relative.url() == shared.url()


# --- independent of whoever started it


def test_the_server_outlives_the_process_that_started_it(server: EmbeddedServer) -> None:
    starter = subprocess.run(
        python(START, server.home),
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    pid = int(starter.stdout)
    assert os.getsid(pid) == pid, "in the starter's session Ctrl-C would end it"
    assert server.is_running()
    assert value(server, "SELECT current_database()") == "hrdata"


def test_a_captured_starter_returns_promptly(server: EmbeddedServer) -> None:
    """Would the server hold the pipe, run() would wait for its end of file."""
    done = subprocess.run(python(START, server.home), env=environment(), capture_output=True, timeout=30)
    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_server_does_not_inherit_the_starters_secrets(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HR_API_TOKEN", PLANTED)
    server.start()
    # The server reads it itself: in a container root may not.
    inherited = value(server, f"SELECT pg_read_binary_file('/proc/{postmaster_pid(server)}/environ')")
    assert isinstance(inherited, bytes)
    assert b"LC_ALL=C" in inherited
    assert PLANTED.encode() not in inherited


def test_pg_variables_of_the_caller_change_nothing(shared: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGUSER", "nobody")
    assert shared.is_running()
    assert value(shared, "SELECT current_user") == "hrdata"


# --- after a kill


def test_after_kill_of_the_postmaster_it_starts_again_with_what_was_committed(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "home")
    try:
        server.start()
        value(server, "CREATE TABLE kept AS SELECT 42 AS n")
        busy = threading.Thread(target=count_forever, args=(server.url(),))
        busy.start()
        wait_until(lambda: value(server, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT sum%'") == 1)
        killed = postmaster_pid(server)
        kill_and_await(killed)
        assert not server.is_running()
        server.start()
        busy.join(timeout=30)
        assert postmaster_pid(server) != killed
        assert value(server, "SELECT n FROM kept") == 42
    finally:
        remove_for_good(server, home_too=True)


def count_forever(url: str) -> None:
    """Keep a backend busy: it does not notice its postmaster's death, and keeps the shared memory."""
    with suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
        connection.execute("SELECT sum(a * b) FROM generate_series(1, 30000) a, generate_series(1, 300000) b")


def test_a_stale_pid_file_naming_an_unrelated_process_is_seen_through(server: EmbeddedServer) -> None:
    server.start()
    pid_file = server.data_folder / "postmaster.pid"
    kill_and_await(postmaster_pid(server))
    with sleeper_of_the_servers_user(server) as unrelated:
        for lock_file in (pid_file, next(server.socket_folder.glob("*.lock"))):
            _, rest = lock_file.read_text().split("\n", 1)
            lock_file.write_text(f"{unrelated.pid}\n{rest}")
        server.stop()
        assert unrelated.poll() is None, "stop() signalled a stranger"
        assert not server.is_running()
        server.start()
        assert value(server, "SELECT 1") == 1
        assert unrelated.poll() is None
        unrelated.kill()


def test_a_starter_killed_while_it_makes_the_data_folder_does_no_harm(server: EmbeddedServer) -> None:
    starter = spawn(START, server.home)
    wait_until(lambda: any(server.folder.glob("data.new-*/base")))
    starter.kill()
    starter.communicate()
    assert not server.data_folder.exists()
    server.start()
    assert value(server, "SELECT 1") == 1
    assert not list(server.folder.glob("data.new-*"))


def test_half_a_data_folder_of_an_earlier_boot_is_removed(server: EmbeddedServer) -> None:
    half = server.folder / "data.new-abc"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server.start()
    assert not half.exists()


def test_a_home_deleted_under_a_running_server_starts_anew(server: EmbeddedServer) -> None:
    server.start()
    value(server, "CREATE TABLE gone()")
    orphan = postmaster_pid(server)
    shutil.rmtree(server.home)
    server.start()
    assert value(server, "SELECT to_regclass('gone')") is None
    assert not lives(orphan)


# --- stopping


def test_stopping_twice_or_before_any_start_does_nothing(server: EmbeddedServer) -> None:
    server.stop()
    assert not server.home.exists()
    server.start()
    server.stop()
    server.stop()
    assert not server.is_running()


def test_stopping_ends_open_connections_and_keeps_the_data(server: EmbeddedServer) -> None:
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    server.start()
    assert value(server, "SELECT n FROM kept") == 1


# --- TCP


def test_tcp_wants_the_password(tmp_path: Path, free_port: int) -> None:
    server = EmbeddedServer(tmp_path / "home", port=free_port, durable=False)
    try:
        server.start()
        url = server.tcp_url()
        assert url is not None
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT inet_server_addr()::text").fetchone() == ("127.0.0.1/32",)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        for bad in (f"postgresql://hrdata@127.0.0.1:{free_port}/hrdata", url.replace("@", "x@")):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(bad, connect_timeout=5)
        assert stat.S_IMODE(server.password_file.stat().st_mode) == 0o600
        assert server.password_file.read_text() not in server.log_file.read_text() + repr(server)
        assert value(server, "SELECT 1") == 1
        kept = server.password_file.read_text()
        server.stop()
        server.start()
        assert server.password_file.read_text() == kept
    finally:
        remove_for_good(server, home_too=True)


def test_without_a_port_nothing_listens_on_tcp(shared: EmbeddedServer) -> None:
    assert shared.tcp_url() is None
    assert value(shared, "SHOW listen_addresses") == ""


def test_a_port_the_running_server_has_not_is_refused_by_name(shared: EmbeddedServer, free_port: int) -> None:
    with pytest.raises(SetupError, match=f"HRDATA_EMBEDDED_PORT.*{free_port}.*hrdata db stop"):
        EmbeddedServer(shared.home, port=free_port).start()


def test_a_port_of_somebody_else_is_named_with_its_setting(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        server = EmbeddedServer(tmp_path / "home", port=other.getsockname()[1], durable=False)
        with pytest.raises(SetupError, match="HRDATA_EMBEDDED_PORT"):
            server.start()
    remove_for_good(server, home_too=True)


# --- throw-away servers


def test_a_throw_away_server_leaves_nothing_and_ends_with_its_block(tmp_path: Path) -> None:
    pids: list[int] = []
    with pytest.raises(ZeroDivisionError):
        fail_beside_a_throw_away_server(tmp_path / "home", pids)
    assert not lives(pids[0])
    assert list(tmp_path.iterdir()) == []


def fail_beside_a_throw_away_server(home: Path, pids: list[int]) -> None:
    with throw_away_server(home) as server:
        pids.append(postmaster_pid(server))
        assert value(server, "SHOW fsync") == "off"
        raise ZeroDivisionError


@pytest.mark.parametrize("moment", ["running", "making its data"])
def test_a_throw_away_server_whose_owner_is_killed_leaves_nothing(tmp_path: Path, moment: str) -> None:
    home = tmp_path / "home"
    owner = spawn(OWN_A_THROW_AWAY_SERVER, home)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline()) if moment == "running" else None
    wait_until(lambda: pid is not None or any((home / "postgres").glob("data.new-*/base")))
    owner.kill()
    owner.communicate()
    wait_until(lambda: not home.exists())
    assert pid is None or not lives(pid)


def test_a_throw_away_server_spares_a_folder_that_was_there(tmp_path: Path) -> None:
    with throw_away_server(tmp_path) as server:
        (tmp_path / "mine").touch()
        with pytest.raises(SetupError, match="empty folder"), throw_away_server(tmp_path):
            pass
        assert server.is_running()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


# --- where things are, and who may reach them


def test_a_long_home_has_its_socket_in_a_private_temporary_folder(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    with throw_away_server(home) as server:
        folder = server.socket_folder
        assert home not in folder.parents
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert value(server, "SELECT 1") == 1
    assert not folder.exists()


def test_a_link_in_place_of_the_private_socket_folder_is_refused(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / ("long" * 30), durable=False)
    server.socket_folder.symlink_to(tmp_path)
    try:
        with pytest.raises(SetupError, match="link"):
            server.start()
    finally:
        server.socket_folder.unlink()


@pytest.mark.skipif(not AS_ROOT, reason="only root can give a folder away")
def test_a_strangers_socket_folder_is_refused(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / ("long" * 30), durable=False)
    server.socket_folder.mkdir()
    try:
        os.chown(server.socket_folder, 65534, 65534)
        with pytest.raises(SetupError, match="another OS user"):
            server.start()
    finally:
        server.socket_folder.rmdir()


@pytest.mark.parametrize("name", ["comma,s", 'Müller\'s "50%" $HOME `x` @?&'])
def test_a_home_of_any_name_works(tmp_path: Path, name: str) -> None:
    with throw_away_server(tmp_path / name) as server:
        assert value(server, "SELECT current_database()") == "hrdata"
        assert postmaster_pid(server)


def test_the_sockets_folder_is_private(shared: EmbeddedServer) -> None:
    assert stat.S_IMODE(shared.socket_folder.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="only root hands the server to another user")
def test_root_opens_the_way_with_search_rights_only_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with caplog.at_level(logging.INFO, logger="hrdata_assets"), throw_away_server(closed / "home") as server:
        assert psutil.Process(postmaster_pid(server)).username() == "pgserver"
        assert stat.S_IMODE(closed.stat().st_mode) == 0o701
        assert stat.S_IMODE(server.folder.stat().st_mode) == 0o701
    lines = [record.getMessage() for record in caplog.records if "o+x" in record.getMessage()]
    assert len(lines) == 1
    assert str(closed) in lines[0]


# --- what is inside


def test_no_row_value_reaches_the_log(shared: EmbeddedServer) -> None:
    value(shared, "CREATE TABLE people (name text PRIMARY KEY, age int CHECK (age > 0))")
    value(shared, f"INSERT INTO people VALUES ('{PLANTED}', 1)")
    for statement in (
        f"INSERT INTO people VALUES ('{PLANTED}', 2)",
        f"INSERT INTO people VALUES ('{PLANTED}2', 0)",
        f"SELECT '{PLANTED}'::int",
        f"SELECT '{PLANTED}'::date",
        f"DO $$ BEGIN RAISE EXCEPTION '{PLANTED}'; END $$",
        f"DO $$ BEGIN RAISE WARNING '{PLANTED}'; END $$",
        f"SELECT '{PLANTED}', pg_terminate_backend(pg_backend_pid())",
    ):
        with suppress(psycopg.Error):
            value(shared, statement)
    with psycopg.connect(shared.url()) as connection, pytest.raises(psycopg.Error, match=PLANTED):
        connection.execute("SELECT %s::text::int", [PLANTED])
    text = shared.log_file.read_text()
    assert "terminating connection" in text, "the log is written, and by now read"
    assert PLANTED not in text


def test_a_crashing_backend_leaves_its_statement_out_of_the_log(server: EmbeddedServer) -> None:
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        backend = connection.info.backend_pid
        killer = threading.Timer(0.2, os.kill, (backend, signal.SIGKILL))
        killer.start()
        with pytest.raises(psycopg.OperationalError):
            connection.execute(f"SELECT '{PLANTED}', pg_sleep(30)".encode())
    wait_until(server.is_running)
    text = server.log_file.read_text()
    assert "terminated by signal 9" in text
    assert PLANTED not in text


def test_texts_sort_by_bytes_and_know_umlauts_on_every_machine(shared: EmbeddedServer) -> None:
    assert value(shared, "SELECT string_agg(t, '' ORDER BY t) FROM unnest('{b,ä,a,B}'::text[]) t") == "Babä"
    assert value(shared, "SELECT upper('äöüé')") == "ÄÖÜÉ"
    assert value(shared, "SHOW server_encoding") == "UTF8"
    assert value(shared, "SHOW timezone") == "UTC"


def test_it_is_version_18_with_vectors(shared: EmbeddedServer) -> None:
    assert str(value(shared, "SHOW server_version")).startswith("18.")
    value(shared, "CREATE EXTENSION vector")
    assert value(shared, "SELECT '[1,2]'::vector <-> '[1,2]'") == 0


def test_psql_hands_back_its_exit_code(shared: EmbeddedServer, capfd: pytest.CaptureFixture[str]) -> None:
    assert shared.psql(["-AtXc", "SELECT 40 + 2"]) == 0
    assert capfd.readouterr().out.strip() == "42"
    assert shared.psql(["-AtXc", "nonsense"]) == 1


# --- what a person must put right


def test_a_failing_start_shows_the_end_of_the_log_and_its_path(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    with (server.data_folder / "postgresql.conf").open("a") as file:
        file.write("\nno_such_setting = 1\n")
    with pytest.raises(SetupError) as caught:
        server.start()
    assert "no_such_setting" in str(caught.value)
    assert str(server.log_file) in str(caught.value)


def test_data_of_another_version_is_refused(server: EmbeddedServer) -> None:
    server.data_folder.mkdir(parents=True)
    (server.data_folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(SetupError, match="PostgreSQL 16"):
        server.start()


def test_a_data_folder_with_something_else_in_it_is_left_alone(server: EmbeddedServer) -> None:
    server.data_folder.mkdir(parents=True)
    (server.data_folder / "holiday.jpg").touch()
    with pytest.raises(SetupError, match="in the way"):
        server.start()
    assert (server.data_folder / "holiday.jpg").exists()


def test_a_home_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="HRDATA_HOME"):
        EmbeddedServer(tmp_path / "file").start()
