"""What is no workbook's own fault stops loading, says where, and lets it go on so that each is loaded exactly once."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.excel.folders import load_all
from hrdata_assets.excel.pause import Pause, pause_of
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.workbooks.discovery import FoundFile, find_workbooks
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.excel.conftest import Load, Write
from hrdata_assets_tests.installation import Installation, hrdata_command
from hrdata_assets_tests.victim import go_on, wait_until_stopped

SECRET = "Zebra-4711"
LOADED = "select source_file, name from excel.staff order by 1"


@pytest.fixture
def three(write: Write) -> None:
    """Three workbooks of one folder."""
    for name in "abc":
        write(f"staff/{name}.xlsx", [["Name", "Note"], [name, SECRET]])


def stopped(installation: Installation) -> Pause:
    """The pause that there is."""
    with installation.environment():
        pause = pause_of(load_settings())
    assert pause is not None
    return pause


def load_until(installation: Installation, file: str, error: BaseException) -> None:
    """Load, and let an error come up at a file."""

    def beginning(found: FoundFile) -> None:
        if found.path.name == file:
            raise error

    settings = load_settings()
    found = find_workbooks(settings.workbooks_dir)
    for _ in load_all(installation.warehouse, settings, found, "test", beginning=beginning):
        pass


@pytest.mark.usefixtures("three")
def test_a_database_that_is_lost_stops_it_and_resume_loads_the_rest_exactly_once(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemUnavailable):
        load_until(installation, "b.xlsx", SystemUnavailable("the database is gone"))
    assert installation.rows(LOADED) == [("staff/a.xlsx", "a")]
    pause = stopped(installation)
    assert (pause.file, pause.folder, pause.table) == ("staff/b.xlsx", "staff", "excel.staff")
    assert (pause.kind, pause.says) == ("SystemUnavailable", "the database is gone")
    refused = hrdata("excel", "load")
    assert (refused.code, refused.out) == (1, "")
    assert "staff/b.xlsx" in refused.err
    assert "hrdata excel resume" in refused.err
    assert hrdata("excel", "status", "--json").told["paused"]["file"] == "staff/b.xlsx"
    assert "staff/b.xlsx" in hrdata("excel", "status").out
    monkeypatch.setenv("HRDATA_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert hrdata("excel", "resume").code == 1
    assert stopped(installation) == pause
    monkeypatch.setenv("HRDATA_DATABASE_URL", installation.url)
    told = hrdata("excel", "resume", "--json").told
    assert [one["status"] for one in told["workbooks"]] == ["already", "loaded", "loaded"]
    assert installation.rows(LOADED) == [(f"staff/{name}.xlsx", name) for name in "abc"]
    assert installation.one("select count(*) from ops.loads") == 3
    assert hrdata("excel", "status", "--json").told["paused"] is None
    assert hrdata("excel", "load").code == 0


@pytest.mark.usefixtures("three")
def test_a_connection_cut_in_the_middle_of_a_workbook_stops_it_there(installation: Installation) -> None:
    process = start(installation, "after_copy:sleep:excel/staff")
    wait_until_stopped(process)
    installation.rows(
        "select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name like 'hrdata: excel%%'"
        " and datname = current_database()"
    )
    go_on(process)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("hrdata: excel/staff")
    assert stopped(installation).kind == "SystemUnavailable"
    assert hrdata("excel", "resume").code == 0
    assert installation.rows(LOADED) == [(f"staff/{name}.xlsx", name) for name in "abc"]


@pytest.mark.usefixtures("three")
def test_an_interrupt_stops_it_and_leaves_nothing_of_the_workbook_at_hand(installation: Installation) -> None:
    process = start(installation, "before_commit:sleep:excel/staff")
    wait_until_stopped(process)
    process.send_signal(signal.SIGINT)
    go_on(process)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert installation.one("select to_regclass('excel.staff')") is None
    pause = stopped(installation)
    assert (pause.file, pause.kind, pause.says) == ("staff/a.xlsx", "KeyboardInterrupt", "it was interrupted")


@pytest.mark.usefixtures("three")
def test_an_archive_that_cannot_be_written_stops_it(installation: Installation, load: Load) -> None:
    installation.home.mkdir()
    (installation.home / "archive").write_text("in the way", encoding="utf-8")
    with pytest.raises(SetupError, match="archive"):
        load()
    assert stopped(installation).file == "staff/a.xlsx"


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (ZeroDivisionError(SECRET), "nobody foresaw this"),
    ],
)
def test_whatever_stops_it_goes_on_as_it_is_and_none_of_its_values_are_kept(
    installation: Installation, error: BaseException, says: str
) -> None:
    with pytest.raises(type(error)) as raised:
        load_until(installation, "a.xlsx", error)
    assert raised.value is error
    assert says in stopped(installation).says
    assert [path.name for path in installation.home.iterdir() if "pause" in path.name] == [".etl_pause.json"]
    assert SECRET not in (installation.home / ".etl_pause.json").read_text(encoding="utf-8")


def test_a_workbook_that_cannot_be_read_is_no_reason_to_stop(installation: Installation, data: Path) -> None:
    (data / "staff").mkdir()
    (data / "staff" / "a.xlsx").write_bytes(b"no workbook")
    assert hrdata("excel", "load").code == 1
    assert not (installation.home / ".etl_pause.json").exists()


def test_it_is_resumed_below_the_root_where_it_stopped(installation: Installation, data: Path, write: Write) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    elsewhere = data.rename(installation.folder / "elsewhere")
    installation.home.mkdir()
    (installation.home / "archive").write_text("in the way", encoding="utf-8")
    assert hrdata("excel", "load", "--data-root", str(elsewhere)).code == 1
    (installation.home / "archive").unlink()
    assert hrdata("excel", "resume").code == 0
    assert installation.column("select name from excel.staff") == ["a"]


def test_a_pause_that_cannot_be_read_is_still_one_and_can_be_ended(installation: Installation, data: Path) -> None:
    installation.home.mkdir()
    for damaged in ("", "[]", json.dumps({"file": "x"})):
        (installation.home / ".etl_pause.json").write_text(damaged, encoding="utf-8")
        refused = hrdata("excel", "load", "--data-root", str(data))
        assert (refused.code, "hrdata excel resume" in refused.err) == (1, True)
    assert hrdata("excel", "resume").code == 0
    assert hrdata("excel", "load").code == 0


def test_it_rests_after_every_so_many_workbooks_that_were_loaded(
    installation: Installation, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        write(f"staff/{number}.xlsx", [["Number"], [number]])
    monkeypatch.setenv("ETL_PAUSE_EVERY", "2")
    monkeypatch.setenv("ETL_PAUSE_SECONDS", "1.5")
    settings = load_settings()
    ends, begins = [], []
    for _ in load_all(
        installation.warehouse,
        settings,
        find_workbooks(settings.workbooks_dir),
        "test",
        beginning=lambda _: begins.append(time.monotonic()),
    ):
        ends.append(time.monotonic())
    rests = [begin - end > 1.4 for begin, end in zip(begins[1:], ends, strict=False)]
    assert rests == [False, True, False, True]


def start(installation: Installation, fault: str) -> subprocess.Popen[str]:
    """Start loading in a process of its own, with a fault asked for."""
    return subprocess.Popen(
        hrdata_command("excel", "load"),
        env={**installation.process_environment(), "HRDATA_TESTING": "1", "HRDATA_FAULT": fault},
        cwd=installation.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
