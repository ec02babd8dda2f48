"""Looking for workbooks: each is found, or named with the reason why it is not; links lead nowhere."""

import os
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.workbooks.discovery import (
    DEEPEST,
    Clash,
    Found,
    FoundFile,
    LeftAlone,
    Reason,
    find_workbooks,
    settled,
)

LOOK = 10**18


def put(root: Path, *paths: str, content: bytes = b"x") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
        os.utime(root / path, ns=(LOOK, LOOK))


def paths(files: Sequence[FoundFile | LeftAlone]) -> list[str]:
    return [file.path.as_posix() for file in files]


def reasons(left: Sequence[LeftAlone]) -> dict[str, str]:
    return {left_alone.path.as_posix(): left_alone.reason for left_alone in left}


def test_a_workbook_is_found_with_its_folder_and_its_table(tmp_path: Path) -> None:
    put(tmp_path, "HR Reports/2024/Løn.xlsx", content=b"12345")
    folder = PurePosixPath("HR Reports/2024")
    assert find_workbooks(tmp_path) == Found(
        files=(FoundFile(folder / "Løn.xlsx", folder, 5, LOOK, "hr_reports_2024"),),
    )


def test_a_workbook_in_no_folder_goes_into_the_table_of_the_root(tmp_path: Path) -> None:
    put(tmp_path, "a.xlsx")
    (file,) = find_workbooks(tmp_path).files
    assert (file.path, file.folder, file.table) == (PurePosixPath("a.xlsx"), PurePosixPath(), "root")


def test_every_kind_of_workbook_is_found_in_any_case(tmp_path: Path) -> None:
    names = ["a.xlsx", "b.XLSM", "c.xls", "d.XlsB", "e.ods"]
    put(tmp_path, *names, "f.csv", "g.xlsx.txt", "xlsx", "h.xml", "i.docx")
    found = find_workbooks(tmp_path)
    assert (paths(found.files), found.others, found.waiting, found.refused) == (names, 5, (), ())


def test_files_stand_folder_by_folder(tmp_path: Path) -> None:
    put(tmp_path, "a-c/1.xlsx", "a/2.xlsx", "a/b/1.xlsx", "a.xlsx", "Z/1.xlsx", "a/10.xlsx")
    in_order = ["Z/1.xlsx", "a/10.xlsx", "a/2.xlsx", "a/b/1.xlsx", "a-c/1.xlsx", "a.xlsx"]
    assert paths(find_workbooks(tmp_path).files) == in_order


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *(("~$report.xlsx", "lock"), (".~lock.report.ods#", "lock")),
        *((".report.xlsx", "hidden"), ("._report.xlsx", "hidden"), (".report.xlsx.Ab3Xz9", "hidden")),
        *(("report.xlsx.part", "temporary"), ("4D2A.TMP", "temporary"), ("report.xlsx.crdownload", "temporary")),
        *(("a.partial", "temporary"), ("a.download", "temporary"), ("a.xlsx~", "temporary")),
    ],
)
def test_what_is_being_written_or_kept_out_of_sight_waits_and_says_why(tmp_path: Path, name: str, reason: str) -> None:
    put(tmp_path, f"hr/{name}", "hr/report.xlsx")
    found = find_workbooks(tmp_path)
    assert reasons(found.waiting) == {f"hr/{name}": reason}
    assert (paths(found.files), found.refused) == (["hr/report.xlsx"], ())


def test_a_hidden_folder_is_named_once_and_not_looked_into(tmp_path: Path) -> None:
    put(tmp_path, ".trash/a.xlsx", ".trash/b.xlsx")
    found = find_workbooks(tmp_path)
    assert (found.files, reasons(found.waiting)) == ((), {".trash": "hidden"})


def test_of_hidden_files_that_are_no_workbooks_nobody_hears(tmp_path: Path) -> None:
    put(tmp_path, ".DS_Store", ".gitkeep", "~$letter.docx")
    assert find_workbooks(tmp_path) == Found(others=3)


@pytest.mark.parametrize("target", ["outside", "outside/a.xlsx", "root/hr", "root/hr/b.xlsx", "nowhere.xlsx", "root"])
def test_no_link_is_followed_wherever_it_leads(tmp_path: Path, target: str) -> None:
    put(tmp_path, "outside/a.xlsx", "root/hr/b.xlsx")
    (tmp_path / "root" / "link.xlsx").symlink_to(tmp_path / target)
    found = find_workbooks(tmp_path / "root")
    assert (paths(found.files), reasons(found.refused)) == (["hr/b.xlsx"], {"link.xlsx": "link"})


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path, "share/hr/a.xlsx")
    (tmp_path / "root").symlink_to(tmp_path / "share")
    assert paths(find_workbooks(tmp_path / "root").files) == ["hr/a.xlsx"]


def test_pipes_and_sockets_are_refused_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{short}/s.xlsx")
        assert reasons(find_workbooks(Path(short)).refused) == {"s.xlsx": "no_regular_file"}
    assert reasons(find_workbooks(tmp_path).refused) == {"pipe.xlsx": "no_regular_file"}


def test_names_that_are_no_text_are_refused_and_can_be_written_down(tmp_path: Path) -> None:
    put(tmp_path, "fine.xlsx")
    (tmp_path / os.fsdecode(b"l\xf8n.xlsx")).write_bytes(b"x")
    (tmp_path / os.fsdecode(b"\xff")).mkdir()
    put(tmp_path / os.fsdecode(b"\xff"), "inside.xlsx")
    found = find_workbooks(tmp_path)
    assert reasons(found.refused) == {r"l\xf8n.xlsx": "name_not_utf8", r"\xff": "name_not_utf8"}
    assert paths(found.files) == ["fine.xlsx"]
    assert [path.encode() for path in paths(found.refused)]


def test_folders_are_looked_into_to_a_depth_and_what_is_deeper_is_named(tmp_path: Path) -> None:
    deep = "/".join(["d"] * DEEPEST)
    put(tmp_path, f"{deep}/a.xlsx", f"{deep}/e/b.xlsx", f"{deep}/e/c.xlsx")
    found = find_workbooks(tmp_path)
    assert (paths(found.files), reasons(found.refused)) == ([f"{deep}/a.xlsx"], {f"{deep}/e": "too_deep"})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_that_may_not_be_looked_into_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    put(tmp_path, "closed/a.xlsx", "open/b.xlsx")
    (tmp_path / "closed").chmod(0)
    found = find_workbooks(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert (paths(found.files), reasons(found.refused)) == (["open/b.xlsx"], {"closed": "cannot_be_listed"})


@pytest.mark.parametrize(("name", "says"), [("nowhere", "No such file"), ("file.xlsx", "Not a directory")])
def test_a_root_that_cannot_be_listed_is_not_taken_for_an_empty_one(tmp_path: Path, name: str, says: str) -> None:
    put(tmp_path, "file.xlsx")
    with pytest.raises(SetupError, match=f"{name} cannot be listed: {says}"):
        find_workbooks(tmp_path / name)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    put(tmp_path, "a/b/c/1.xlsx", "a/d/2.xlsx")
    (tmp_path / "a" / "link").symlink_to(tmp_path)
    before = open_descriptors()
    for _ in range(20):
        find_workbooks(tmp_path)
    assert open_descriptors() == before


@pytest.mark.parametrize(
    ("one", "other", "table"),
    [
        ("HR", "hr", "hr"),
        ("a/b", "a_b", "a_b"),
        ("Løn", "lon", "lon"),
        ("Pay %", "pay", "pay"),
        (".", "Root", "root"),
    ],
)
def test_two_folders_of_one_table_are_set_aside_and_the_others_go_on(
    tmp_path: Path, one: str, other: str, table: str
) -> None:
    put(tmp_path, f"{one}/1.xlsx", f"{other}/2.xlsx", f"{other}/3.xlsx", "third/4.xlsx")
    found = find_workbooks(tmp_path)
    (clash,) = found.clashes
    assert (clash.table, set(clash.folders)) == (table, {PurePosixPath(one), PurePosixPath(other)})
    assert paths(found.files) == ["third/4.xlsx"]
    assert [left.reason for left in found.refused] == [Reason.TABLE_CLASH] * 3


def test_a_clash_names_both_folders(tmp_path: Path) -> None:
    clash = Clash("hr", (PurePosixPath("HR"), PurePosixPath("hr")))
    assert str(clash.error()) == "the folders HR, hr would all go into the table hr: rename all but one"
    many = Clash("a", tuple(PurePosixPath("A" + "!" * n) for n in range(5)))
    assert "A, A!, A!! and 2 more" in str(many.error())


def test_folders_without_workbooks_do_not_clash(tmp_path: Path) -> None:
    put(tmp_path, "HR/a.xlsx", "hr/a.csv", "Hr/~$a.xlsx")
    assert paths(find_workbooks(tmp_path).files) == ["HR/a.xlsx"]


def test_every_reason_says_what_to_do() -> None:
    assert [reason for reason in Reason if ":" not in reason.says] == []


def names(files: tuple[list[FoundFile], list[FoundFile]]) -> tuple[list[str], list[str]]:
    return paths(files[0]), paths(files[1])


def test_a_file_has_settled_when_two_looks_see_the_same(tmp_path: Path) -> None:
    put(tmp_path, "same.xlsx", "grown.xlsx", "touched.xlsx", "gone.xlsx")
    before = find_workbooks(tmp_path).facts
    put(tmp_path, "grown.xlsx", content=b"xx")
    os.utime(tmp_path / "touched.xlsx", ns=(LOOK, LOOK + 1))
    put(tmp_path, "new.xlsx")
    (tmp_path / "gone.xlsx").unlink()
    now = find_workbooks(tmp_path)
    assert names(settled(before, now)) == (["same.xlsx"], ["grown.xlsx", "new.xlsx", "touched.xlsx"])
    assert names(settled(now.facts, now))[1] == []
    assert names(settled({}, now))[0] == []


def test_a_look_survives_being_kept_as_json(tmp_path: Path) -> None:
    put(tmp_path, "hr/a.xlsx")
    found = find_workbooks(tmp_path)
    kept: Mapping[str, tuple[int, int]] = {path: [*facts] for path, facts in found.facts.items()}  # type: ignore[misc]
    assert names(settled(kept, found)) == (["hr/a.xlsx"], [])


def test_thousands_of_files_are_found_in_moments(tmp_path: Path) -> None:
    for number in range(100):
        folder = tmp_path / f"region {number % 10}" / f"team {number}"
        folder.mkdir(parents=True)
        for file in range(50):
            (folder / f"report {file}.xlsx").touch()
    started = time.perf_counter()
    found = find_workbooks(tmp_path)
    # A tenth of a second when undisturbed.
    assert time.perf_counter() - started < 10
    assert (len(found.files), len({file.table for file in found.files})) == (5_000, 100)


parts = st.text("aA.~$é_ %", min_size=1, max_size=4).filter(lambda part: part not in (".", ".."))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(parts, parts, st.sampled_from([".xlsx", ".XLS", ".tmp", ".csv"])), max_size=8))
def test_every_file_is_found_or_accounted_for(files: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder), *(f"{above}/{name}{ending}" for above, name, ending in files))
        found = find_workbooks(Path(folder))
        there = [p.relative_to(folder) for p in Path(folder).rglob("*") if p.is_file() and p.parts[-2][0] != "."]
    hidden = {left.path for left in found.waiting if len(left.path.parts) == 1}
    assert {path.as_posix() for path in hidden} == {above for above, _, _ in files if above.startswith(".")}
    assert len(there) == len(found.files) + len(found.waiting) - len(hidden) + len(found.refused) + found.others
    tables = {file.table: file.folder for file in found.files}
    assert all(tables[file.table] == file.folder for file in found.files)
