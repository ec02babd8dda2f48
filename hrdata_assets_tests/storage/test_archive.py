"""The archive: bytes named by their hash, written once, and noticed when they are altered."""

import hashlib
import os
import resource
from pathlib import Path

import pyarrow as pa
import pytest

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.storage.archive import Archive, Archived, Delivery

CONTENT = b"Name,Email\r\nKari,kari@example.org\r\n" * 100


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def delivery() -> Delivery:
    return Delivery.of("Q12026/user_report.csv", CONTENT)


def test_content_comes_back_byte_for_byte(archive: Archive, delivery: Delivery) -> None:
    assert archive.keep(delivery) is True
    assert archive.content(delivery.sha256) == CONTENT
    assert Archived(delivery.file_name, delivery.sha256, archive).read() == CONTENT


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\xff\xfe", os.urandom(200_000)], ids=["empty", "nul", "bom", "noise"]
)
def test_any_bytes_are_kept(archive: Archive, content: bytes) -> None:
    delivery = Delivery.of("x.csv", content)
    archive.keep(delivery)
    assert archive.content(delivery.sha256) == content


def test_content_is_addressed_by_its_hash_and_readable_by_any_zstd_tool(archive: Archive, delivery: Delivery) -> None:
    archive.keep(delivery)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    path = archive.folder / sha256[:2] / f"{sha256}.zst"
    assert [p for p in archive.folder.rglob("*") if p.is_file()] == [path]
    assert pa.decompress(path.read_bytes(), len(CONTENT), codec="zstd").to_pybytes() == CONTENT
    assert delivery.short == sha256[:16]


def test_the_same_content_is_written_once_whatever_it_is_called(archive: Archive, delivery: Delivery) -> None:
    archive.keep(delivery)
    path = archive.path(delivery.sha256)
    before = (path.stat().st_mtime_ns, path.stat().st_ino)
    assert archive.keep(Delivery.of("Q22026/other.csv", CONTENT)) is False
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


@pytest.mark.parametrize("alter", [
    lambda whole: pa.compress(b"other content", codec="zstd", asbytes=True),
    lambda whole: whole[:-20],
    lambda whole: whole[:30] + bytes([whole[30] ^ 1]) + whole[31:],
    lambda whole: b"",
], ids=["replaced", "cut", "one bit", "emptied"])  # fmt: skip
def test_altered_content_is_noticed(archive: Archive, delivery: Delivery, alter) -> None:
    archive.keep(delivery)
    path = archive.path(delivery.sha256)
    path.write_bytes(alter(path.read_bytes()))
    with pytest.raises(DeliveryError, match=f"delivery {delivery.short} .*restore") as raised:
        archive.content(delivery.sha256)
    assert "kari@" not in str(raised.value)


def test_content_that_never_came_is_named(archive: Archive, delivery: Delivery) -> None:
    with pytest.raises(DeliveryError, match=rf"{delivery.short} cannot be read from the archive: restore .*\.zst"):
        archive.content(delivery.sha256)


@pytest.mark.parametrize("in_the_way", ["archive", "archive/{prefix}"])
def test_a_folder_that_cannot_be_written_is_for_a_person_to_mend(
    tmp_path: Path, archive: Archive, delivery: Delivery, in_the_way: str
) -> None:
    # A file in its place, because for root every folder is writable.
    blocked = tmp_path / in_the_way.format(prefix=delivery.sha256[:2])
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("in the way")
    with pytest.raises(SetupError, match=r"the archive .* cannot be written: (Not a directory|File exists)"):
        archive.keep(delivery)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [blocked]


def test_a_link_that_leads_nowhere_is_replaced_by_the_content(archive: Archive, delivery: Delivery) -> None:
    target = archive.path(delivery.sha256)
    target.parent.mkdir(parents=True)
    loop = target.with_name("loop")
    loop.symlink_to(loop)
    target.symlink_to(loop)
    archive.keep(delivery)
    assert archive.content(delivery.sha256) == CONTENT
    assert {p.name for p in target.parent.iterdir()} == {"loop", target.name}


def test_a_full_disk_is_told_and_leaves_nothing_half_written(archive: Archive) -> None:
    delivery = Delivery.of("x.csv", os.urandom(200_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(SetupError, match=r"the archive .* cannot be written: File too large"):
            archive.keep(delivery)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [p for p in archive.folder.rglob("*") if p.is_file()] == []
    assert archive.keep(delivery) is True
