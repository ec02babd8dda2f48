"""Report folders: which stand for which quarter, what is read from them, and when they have settled."""

import os
import threading
from pathlib import Path

import pytest

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.files import fingerprint_of_folder, folder_of, quarter_folders, read_report

LIMIT = 1024
SECRET = b"Zebra Quagga"


def folders(reports: Path, mapping: dict[str, str] | None = None) -> list[tuple[str, str]]:
    return [(f.quarter.key, f.path.name) for f in quarter_folders(reports, mapping or {})]


def make(reports: Path, *names: str) -> None:
    for name in names:
        (reports / name).mkdir()


def test_folders_that_only_resemble_a_quarter_are_left_alone(tmp_path: Path) -> None:
    make(tmp_path, "Q42024", "Q42024_old", "old_Q42024", "Q52024", "q32024", "QTEST", "2024-Q1", ".Q12024")
    assert folders(tmp_path) == [("2024-Q4", "Q42024")]


def test_folders_stand_in_the_order_of_time_not_of_names(tmp_path: Path) -> None:
    make(tmp_path, "Q42019", "Q12026", "Q32025", "Q22026")
    assert folders(tmp_path) == [
        ("2019-Q4", "Q42019"),
        ("2025-Q3", "Q32025"),
        ("2026-Q1", "Q12026"),
        ("2026-Q2", "Q22026"),
    ]


def test_a_download_stands_for_the_quarter_of_its_stamp(tmp_path: Path) -> None:
    make(tmp_path, "QREAL_20260331_235959", "QREAL_20260401_000000", "QREAL_20261332_000000", "QREAL_latest")
    assert folders(tmp_path) == [("2026-Q1", "QREAL_20260331_235959"), ("2026-Q2", "QREAL_20260401_000000")]


def test_of_several_downloads_of_a_quarter_the_newest_counts(tmp_path: Path) -> None:
    make(tmp_path, "QREAL_20260405_101500", "QREAL_20260601_000000", "QREAL_20260520_235959")
    assert folders(tmp_path) == [("2026-Q2", "QREAL_20260601_000000")]


def test_a_named_folder_goes_before_the_quarters_own_and_that_before_a_download(tmp_path: Path) -> None:
    make(tmp_path, "QREAL_20260405_101500", "Q22026", "Aftermath", "ZZZ")
    assert folders(tmp_path) == [("2026-Q2", "Q22026")]
    assert folders(tmp_path, {"Aftermath": "2026-Q2"}) == [("2026-Q2", "Aftermath")]


def test_an_oddly_named_folder_is_given_its_quarter(tmp_path: Path) -> None:
    make(tmp_path, "QTEST", "spring 2026")
    assert folders(tmp_path, {"QTEST": "2026-Q1", "spring 2026": "Q22026", "not there": "2020-Q1"}) == [
        ("2026-Q1", "QTEST"),
        ("2026-Q2", "spring 2026"),
    ]


def test_a_folder_may_be_given_another_quarter_than_its_name_says(tmp_path: Path) -> None:
    make(tmp_path, "Q22026")
    assert folders(tmp_path, {"Q22026": "2026-Q1"}) == [("2026-Q1", "Q22026")]


def test_a_mapping_to_what_is_no_quarter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="'soon' is no quarter"):
        quarter_folders(tmp_path, {"QTEST": "soon"})


def test_files_and_links_are_no_quarter_folders(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "Q12026").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "Q22026").write_text("a file", encoding="utf-8")
    (tmp_path / "Q32026").symlink_to(tmp_path / "nowhere")
    assert folders(tmp_path, {"Q12026": "2026-Q1"}) == []


def test_a_reports_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert folders(tmp_path / "nowhere") == []
    assert folder_of(tmp_path / "nowhere", {}, Quarter(2026, 2)) is None
    assert fingerprint_of_folder(tmp_path / "nowhere") is None


def test_a_reports_folder_that_is_a_file_is_for_a_person_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SetupError, match="file cannot be listed: Not a directory"):
        quarter_folders(tmp_path / "file", {})


def test_the_folder_of_one_quarter_is_found(tmp_path: Path) -> None:
    make(tmp_path, "Q12026", "Q22026")
    assert folder_of(tmp_path, {}, Quarter(2026, 2)) == tmp_path / "Q22026"
    assert folder_of(tmp_path, {}, Quarter(2026, 3)) is None


def test_a_report_is_read_byte_for_byte(tmp_path: Path) -> None:
    content = bytes(range(256))
    (tmp_path / "user_report.csv").write_bytes(content)
    assert read_report(tmp_path, "user_report", LIMIT) == content


def test_a_report_that_is_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "user_report.csv.bak").write_bytes(b"x")
    (tmp_path / "User_Report.csv").write_bytes(b"x")
    assert read_report(tmp_path, "user_report", LIMIT) is None
    assert read_report(tmp_path / "nowhere", "user_report", LIMIT) is None


def test_an_empty_report_is_there(tmp_path: Path) -> None:
    (tmp_path / "user_report.csv").write_bytes(b"")
    assert read_report(tmp_path, "user_report", LIMIT) == b""


@pytest.mark.parametrize("target", ["secret.txt", "nowhere.txt"])
def test_a_link_in_place_of_a_report_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "secret.txt").write_bytes(SECRET)
    (tmp_path / "user_report.csv").symlink_to(tmp_path / target)
    with pytest.raises(DeliveryError, match=f"^{tmp_path.name}/user_report.csv is a link, which is not followed"):
        read_report(tmp_path, "user_report", LIMIT)


def test_a_pipe_in_place_of_a_report_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "user_report.csv")
    told: list[str] = []

    def read() -> None:
        try:
            read_report(tmp_path, "user_report", LIMIT)
        except DeliveryError as error:
            told.append(str(error))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(timeout=60)
    assert [text.partition(":")[0] for text in told] == [f"{tmp_path.name}/user_report.csv is no regular file"]


def test_a_folder_in_place_of_a_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "user_report.csv").mkdir()
    with pytest.raises(DeliveryError, match="is no regular file"):
        read_report(tmp_path, "user_report", LIMIT)


def test_a_report_above_the_limit_is_refused_with_its_setting_and_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "user_report.csv").write_bytes(SECRET.ljust(LIMIT, b"."))
    (tmp_path / "usage_report.csv").write_bytes(SECRET.ljust(LIMIT + 1, b"."))
    assert len(read_report(tmp_path, "user_report", LIMIT) or b"") == LIMIT
    with pytest.raises(DeliveryError, match="has 1025 bytes, more than HRDATA_MAX_REPORT_BYTES=1024") as refused:
        read_report(tmp_path, "usage_report", LIMIT)
    assert SECRET.decode() not in str(refused.value)


def settled(folder: Path) -> str | None:
    (folder / "user_report.csv").write_bytes(b"a,b\n1,2\n")
    os.utime(folder / "user_report.csv", ns=(10**18, 10**18))
    return fingerprint_of_folder(folder)


def test_the_same_files_have_the_same_fingerprint(tmp_path: Path) -> None:
    assert settled(tmp_path) == settled(tmp_path) == fingerprint_of_folder(tmp_path)
    assert len(settled(tmp_path) or "") == 16


@pytest.mark.parametrize("change", ["name", "size", "time", "another"])
def test_a_change_of_name_size_or_time_or_another_report_changes_the_fingerprint(tmp_path: Path, change: str) -> None:
    before, report = settled(tmp_path), tmp_path / "user_report.csv"
    if change == "name":
        report.rename(tmp_path / "usage_report.csv")
    elif change == "size":
        report.write_bytes(b"a,b\n1,2\n3,4\n")
        os.utime(report, ns=(10**18, 10**18))
    elif change == "time":
        os.utime(report, ns=(10**18, 10**18 + 1))
    else:
        (tmp_path / "blogs.csv").write_bytes(b"")
    assert fingerprint_of_folder(tmp_path) not in (None, before)


@pytest.mark.parametrize("name", ["notes.txt", "damage.json", "sub"])
def test_what_is_no_report_does_not_change_the_fingerprint(tmp_path: Path, name: str) -> None:
    before = settled(tmp_path)
    if name == "sub":
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(b"x")
    assert fingerprint_of_folder(tmp_path) == before


@pytest.mark.parametrize(
    "name",
    [
        *["user_report.csv.part", "x.tmp", "X.TMP", "a.partial", "a.crdownload", "a.download", "a.filepart"],
        *["user_report.csv~", ".user_report.csv.x9f3", "~$user_report.csv"],
    ],
)
def test_a_temporary_file_says_that_the_folder_is_still_being_filled(tmp_path: Path, name: str) -> None:
    before = settled(tmp_path)
    (tmp_path / name).write_bytes(b"")
    assert fingerprint_of_folder(tmp_path) is None
    (tmp_path / name).unlink()
    assert fingerprint_of_folder(tmp_path) == before


def test_a_folder_without_reports_has_not_settled(tmp_path: Path) -> None:
    assert fingerprint_of_folder(tmp_path) is None
    (tmp_path / "notes.txt").write_bytes(b"x")
    (tmp_path / "user_report.csv").symlink_to(tmp_path / "notes.txt")
    assert fingerprint_of_folder(tmp_path) is None
