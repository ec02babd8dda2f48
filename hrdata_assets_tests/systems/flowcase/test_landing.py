"""A quarter's folder is put there whole; what is not Flowcase's stays, and what a person put there is not replaced."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.files import fingerprint_of_folder, quarter_folders
from hrdata_assets.systems.flowcase.landing import MANIFEST, LandingPlace

QUARTER = Quarter(2026, 2)
FIRST = {"user_report": b"Name\nKari\n", "courses": b"Name\nSewing\n"}
SECOND = {**FIRST, "user_report": b"Name\nKari\nOla\n"}


@pytest.fixture
def place(tmp_path: Path) -> LandingPlace:
    return LandingPlace(tmp_path / "cv_reports", QUARTER)


def land(place: LandingPlace, reports: dict[str, bytes], *, replace: bool = False) -> tuple[str, ...]:
    return place.land(iter(reports.items()), replace=replace).changed


def held(place: LandingPlace) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.folder.iterdir() if path.name != MANIFEST}


def there(reports: dict[str, bytes], **more: bytes) -> dict[str, bytes]:
    return {f"{name}.csv": content for name, content in {**reports, **more}.items()}


def alone(place: LandingPlace) -> bool:
    """Whether nothing but the folder is left."""
    return [path.name for path in place.folder.parent.iterdir()] == [QUARTER.folder]


def test_a_folder_is_landed_in_which_the_sensor_sees_a_settled_quarter(place: LandingPlace) -> None:
    assert land(place, FIRST) == ("user_report", "courses")
    assert held(place) == there(FIRST)
    assert alone(place)
    assert [folder.path for folder in quarter_folders(place.folder.parent, {})] == [place.folder]
    assert fingerprint_of_folder(place.folder) is not None


def test_nobody_sees_half_a_folder(place: LandingPlace) -> None:
    seen: list[list[Path]] = []

    def watched(reports: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
        for report in reports.items():
            yield report
            seen.append([folder.path for folder in quarter_folders(place.folder.parent, {})])

    place.land(watched(FIRST))
    assert seen == [[], []]
    before = fingerprint_of_folder(place.folder)
    place.land((report, fingerprint_is(place, before, content)) for report, content in SECOND.items())
    assert fingerprint_of_folder(place.folder) != before


def fingerprint_is(place: LandingPlace, expected: str | None, content: bytes) -> bytes:
    assert fingerprint_of_folder(place.folder) == expected
    return content


def test_what_is_the_same_is_not_touched(place: LandingPlace) -> None:
    land(place, FIRST)
    before = fingerprint_of_folder(place.folder)
    assert land(place, FIRST) == ()
    assert fingerprint_of_folder(place.folder) == before
    courses = (place.folder / "courses.csv").stat().st_mtime_ns
    assert land(place, SECOND) == ("user_report",)
    assert (place.folder / "courses.csv").stat().st_mtime_ns == courses


def test_the_customers_own_files_and_whatever_else_is_there_stay(place: LandingPlace) -> None:
    land(place, FIRST)
    own = place.folder / "sc_clearance.csv"
    own.write_bytes(b"Email,Clearance\n")
    os.utime(own, ns=(1, 1_700_000_000_000_000_001))
    (place.folder / "notes").mkdir()
    (place.folder / "notes" / "why.txt").write_text("because")
    land(place, SECOND)
    assert own.read_bytes() == b"Email,Clearance\n"
    assert own.stat().st_mtime_ns == 1_700_000_000_000_000_001
    assert (place.folder / "notes" / "why.txt").read_text() == "because"
    assert alone(place)


def test_a_report_that_is_not_there_this_time_keeps_its_earlier_version(place: LandingPlace) -> None:
    land(place, FIRST)
    land(place, {"user_report": SECOND["user_report"]})
    assert held(place) == there(SECOND)
    # It is still known as one that was landed.
    assert land(place, {**SECOND, "courses": b"Name\nKnitting\n"}) == ("courses",)


def test_a_report_that_a_person_put_there_or_changed_is_replaced_only_when_asked_for(place: LandingPlace) -> None:
    place.folder.mkdir(parents=True)
    (place.folder / "user_report.csv").write_bytes(b"by hand\n")
    with pytest.raises(SetupError, match=r"holds user_report\.csv as somebody else put it there: .* --replace"):
        land(place, FIRST)
    assert held(place) == {"user_report.csv": b"by hand\n"}
    assert land(place, FIRST, replace=True) == ("user_report", "courses")
    (place.folder / "courses.csv").write_bytes(b"corrected\n")
    with pytest.raises(SetupError, match=r"holds courses\.csv as"):
        land(place, SECOND)
    assert alone(place)


def test_what_comes_in_while_a_folder_is_replaced_comes_along(place: LandingPlace) -> None:
    land(place, {**FIRST})
    own = place.folder / "availability_report.csv"
    own.write_bytes(b"old\n")
    # What _clear_up finds: a file that came, and one that changed, after they were looked at.
    before = place.folder.with_name(f".before-{QUARTER.folder}")
    place.folder.rename(before)
    place.folder.mkdir()
    (place.folder / "availability_report.csv").write_bytes(b"carried over\n")
    (before / "sc_clearance.csv").write_bytes(b"late\n")
    place._clear_up({"availability_report.csv": 1})
    assert own.read_bytes() == b"old\n"
    assert (place.folder / "sc_clearance.csv").read_bytes() == b"late\n"
    assert alone(place)


def test_a_folder_that_was_being_replaced_when_all_went_dark_is_put_back(place: LandingPlace) -> None:
    land(place, FIRST)
    place.folder.rename(place.folder.with_name(f".before-{QUARTER.folder}"))
    place.folder.with_name(f".landing-{QUARTER.folder}-0123").mkdir()
    place.look()
    assert held(place) == there(FIRST)
    assert land(place, SECOND) == ("user_report",)
    assert alone(place)


def test_a_folder_that_somebody_is_filling_is_left_alone_for_now(place: LandingPlace) -> None:
    land(place, FIRST)
    (place.folder / "user_report.csv.part").write_bytes(b"Na")
    with pytest.raises(SystemUnavailable, match="Q22026 holds a temporary file"):
        land(place, SECOND)
    assert held(place) == there(FIRST) | {"user_report.csv.part": b"Na"}


def test_a_link_in_place_of_the_folder_is_not_followed(place: LandingPlace, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place.folder.parent.mkdir()
    place.folder.symlink_to(elsewhere)
    with pytest.raises(SetupError, match="Q22026 is a link or a file"):
        land(place, FIRST)
    assert list(elsewhere.iterdir()) == []


def test_an_error_on_the_way_leaves_everything_as_it_was(place: LandingPlace) -> None:
    land(place, FIRST)

    def broken() -> Iterator[tuple[str, bytes]]:
        yield "user_report", b"new\n"
        raise DeliveryError("no more")

    with pytest.raises(DeliveryError, match="no more"):
        place.land(broken())
    assert held(place) == there(FIRST)
    assert alone(place)


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "cv_reports").write_text("a file stands here")
    with pytest.raises(SetupError, match="cannot be"):
        land(LandingPlace(tmp_path / "cv_reports", QUARTER), FIRST)
