"""The next workbook is taken apart while the one before is loaded: it changes how long that takes, and nothing else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from hrdata_assets.excel.ahead import MOST_BYTES, Ahead
from hrdata_assets.excel.folders import load_all, tasks_of
from hrdata_assets.excel.task import Task
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.session import session_of
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.discovery import FoundFile, find_workbooks
from hrdata_assets.systems.workbooks.reading import Reader, TakenApart
from hrdata_assets_tests.excel.conftest import Load, Write
from hrdata_assets_tests.excel.sheets import workbook
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.systems.workbooks.test_xlsx import written

STATUSES = "select source_file, status from ops.etl_imports order by import_id"


def names(apart: TakenApart) -> list[str]:
    """Texts of the first column."""
    return [text for part in apart.parts() for text in part.get_column("t1")]


def reader_at_work() -> psutil.Process:
    """The process that takes workbooks apart for this one, which may have started others too."""
    (found,) = (
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and "hrdata_assets.systems.workbooks.worker" in child.cmdline()
    )
    return found


@pytest.fixture
def books() -> list[bytes]:
    """Three workbooks."""
    return [workbook([["Name"], [name]], number) for number, name in enumerate("abc")]


@pytest.fixture
def slow(tmp_path: Path) -> bytes:
    """One that takes longer than anybody waits, and is small enough to be begun with ahead."""
    # A comment in every row makes every piece one for the exact reader, which takes long for so many.
    rows = (f'<row r="{n}"><!-- --><c r="A{n}"><v>1</v></c></row>' for n in range(1, 200_000))
    content = written(tmp_path / "slow.xlsx", "".join(rows)).read_bytes()
    assert len(content) < MOST_BYTES
    return content


def test_a_reader_gives_what_it_is_asked_for_whatever_it_began_with(books: list[bytes]) -> None:
    a, b, c = books
    with Reader() as reader:
        with reader.read(a) as apart:
            reader.read_ahead(b)
            assert names(apart) == ["Name", "a"]
        with reader.read(b) as apart:
            reader.read_ahead(a)
            assert names(apart) == ["Name", "b"]
        with reader.read(c) as apart:
            assert names(apart) == ["Name", "c"]
        with reader.read(a, rows=1) as apart:
            assert apart.count == 2


def code_of_spoilt(reader: Reader, books: list[bytes], spoilt: bytes, spoil: Callable[[], object]) -> str:
    """Why a workbook that was read ahead, and spoilt meanwhile, cannot be read; those beside it can."""
    with reader.read(books[0]) as apart:
        reader.read_ahead(spoilt)
        spoil()
        assert names(apart) == ["Name", "a"]
    with pytest.raises(WorkbookError) as raised, reader.read(spoilt):
        pass
    with reader.read(books[1]) as apart:
        assert names(apart) == ["Name", "b"]
    return raised.value.code


def test_one_that_takes_too_long_is_told_when_it_is_asked_for_and_spoils_no_other(
    books: list[bytes], slow: bytes
) -> None:
    with Reader(seconds=1.5) as reader:
        assert code_of_spoilt(reader, books, slow, lambda: reader_at_work().wait(20)) == "took_too_long"


def test_one_that_breaks_the_reader_spoils_no_other(books: list[bytes], slow: bytes) -> None:
    with Reader() as reader:
        assert code_of_spoilt(reader, books, slow, lambda: reader_at_work().kill()) == "reader_crashed"


def test_what_was_begun_is_given_up_with_everything_else(books: list[bytes], slow: bytes) -> None:
    with Reader() as reader, reader.read(books[0]) as apart:
        reader.read_ahead(slow)
        folder, at_work = apart.folder.parent, reader_at_work()
        assert len(list(folder.iterdir())) == 2
    assert not folder.exists()
    assert not at_work.is_running()


def test_copies_that_stand_side_by_side_are_loaded_once(installation: Installation, write: Write, load: Load) -> None:
    first = write("staff/a.xlsx", [["Name"], ["a"]])
    for path in ("staff/b.xlsx", "other/a.xlsx"):
        (first.parents[1] / path).parent.mkdir(exist_ok=True)
        (first.parents[1] / path).write_bytes(first.read_bytes())
    for told in ({"loaded", "duplicate"}, {"already", "duplicate"}):
        assert {one.outcome.status for one in load().values()} == told
        assert installation.rows(STATUSES) == [("other/a.xlsx", "imported")]


def test_one_that_became_a_copy_of_the_one_before_gives_way_in_the_same_load(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    second = write("staff/b.xlsx", [["Name"], ["b"], ["c"]])
    load()
    first = write("staff/a.xlsx", [["Name"], ["z"]])
    second.write_bytes(first.read_bytes())
    loaded = load()
    assert [(one.outcome.status, one.outcome.counts.removed) for one in loaded.values()] == [
        ("loaded", 1),
        ("duplicate", 2),
    ]
    assert installation.column("select name from excel.staff") == ["z"]
    assert [one.outcome.status for one in load().values()] == ["already", "duplicate"]


def load_and(installation: Installation, name: str, do: Callable[[Path], object]) -> dict[str, str]:
    """Load everything, and do something to a file when its turn comes; what became of each."""
    settings = load_settings()

    def beginning(file: FoundFile) -> None:
        if file.path.name == name:
            do(settings.workbooks_dir / file.path)

    found = find_workbooks(settings.workbooks_dir)
    done = load_all(installation.warehouse, settings, found, "test", beginning=beginning)
    return {one.file.path.name: one.outcome.status for one in done}


def test_one_that_is_replaced_meanwhile_is_loaded_as_it_is_when_its_turn_comes(
    installation: Installation, write: Write
) -> None:
    for name in "abc":
        write(f"staff/{name}.xlsx", [["Name"], [name]])
    content = workbook([["Name"], ["another"]], 1)
    assert set(load_and(installation, "b.xlsx", lambda path: path.write_bytes(content)).values()) == {"loaded"}
    assert installation.column("select name from excel.staff order by 1") == ["a", "another", "c"]


def test_one_that_is_gone_when_its_turn_comes_is_not_loaded(installation: Installation, write: Write) -> None:
    for name in "abc":
        write(f"staff/{name}.xlsx", [["Name"], [name]])
    told = load_and(installation, "b.xlsx", lambda path: path.unlink())
    assert told == {"a.xlsx": "loaded", "b.xlsx": "failed", "c.xlsx": "loaded"}


@pytest.fixture
def tasks(installation: Installation, write: Write) -> list[Task]:
    """Two workbooks to load."""
    for name in "ab":
        write(f"staff/{name}.xlsx", [["Name"], [name]])
    settings = load_settings()
    return tasks_of(settings, find_workbooks(settings.workbooks_dir), "test")


@pytest.fixture
def ahead(installation: Installation, tasks: list[Task]) -> Iterator[Ahead]:
    """Begins with the second one."""
    with session_of(installation.warehouse) as session, Reader() as reader:
        yield Ahead(session, reader, tasks)


def test_the_next_one_is_begun_with_and_no_other(ahead: Ahead, tasks: list[Task]) -> None:
    assert ahead.take(tasks[0]) is None
    ahead.begin_next()
    begun = ahead.take(tasks[1])
    assert begun is not None
    assert begun.delivery.file_name == "staff/b.xlsx"
    ahead.begin_next()


def test_a_known_one_is_not_begun_with(load: Load, ahead: Ahead, tasks: list[Task]) -> None:
    load()
    ahead.take(tasks[0])
    ahead.begin_next()
    assert ahead.take(tasks[1]) is None


def test_a_large_one_is_not_begun_with(ahead: Ahead, tasks: list[Task]) -> None:
    path = tasks[1].root / tasks[1].file.path
    path.write_bytes(path.read_bytes().ljust(MOST_BYTES + 1, b"\0"))
    ahead.take(tasks[0])
    ahead.begin_next()
    assert ahead.take(tasks[1]) is None
