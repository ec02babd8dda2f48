"""Shared strings read many at a time: always what an XML parser finds, or nothing at all."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.systems.workbooks.cells import Bounds, WorkbookError
from hrdata_assets.systems.workbooks.package import open_package
from hrdata_assets.systems.workbooks.xlsx_exact import MAIN
from hrdata_assets.systems.workbooks.xlsx_strings import (
    ExactStrings,
    NotPlainError,
    SharedTexts,
    read_strings,
    scan_strings,
)
from hrdata_assets.systems.workbooks.xml_parser import parse

MOST = 10_000
HEAD = f'<sst xmlns="{MAIN[0]}" count="2">'.encode()

PLAIN = [
    *(b"<si><t>a</t></si>", b"<si><t>&amp;&#65;_x0041_</t></si>", b"<si><t/></si>", b"<si><t></t></si>"),
    *(
        b'<si><t xml:space="preserve"> a\n</t></si>',
        "<si><t>\u00e9\U0001f600</t></si>".encode(),
        b"<si><t>a>b</t></si>",
    ),
]
ODD = [
    *(b"<si><r><rPr><b/></rPr><t>b</t></r><r><t>c</t></r></si>", b"<si><t>d</t><rPh><t>x</t></rPh></si>", b"<si></si>"),
    *(b"<si> <t>e</t>\n</si>", b'<si><t a="1">f</t></si>', b"<si><t />  </si>", b"<si>x<t>g</t></si>"),
]
PIECES = [
    *(b"<", b">", b"/", b"&", b"]]>", b" ", b"\r", b"\x01", b"<si>", b"</si>", b"<si/>", b"<t>", b"</t>", b"<r>", b"x"),
    *(
        b"<!-- </si> -->",
        b"<![CDATA[a]]>",
        b"&lt;",
        b"&#x0;",
        b"&a;",
        b' xml:space="preserve"',
        b"\xff",
        b"\xef\xbf\xbe",
    ),
]


def exactly(piece: bytes) -> list[str]:
    exact = ExactStrings(MOST)
    parse(exact.parser, HEAD + piece + b"</sst>", last=True)
    return exact.take().to_list()


strings = st.lists(st.sampled_from([*PLAIN, *ODD]), max_size=6).map(b"\n".join)


@given(strings)
def test_many_at_a_time_are_the_same(piece: bytes) -> None:
    found = scan_strings(piece, HEAD, MOST)
    assert found is not None
    assert found.to_list() == exactly(piece)


@settings(max_examples=1_000, deadline=None)
@given(strings, st.lists(st.tuples(st.integers(0, 500), st.integers(0, 3), st.sampled_from(PIECES)), min_size=1))
def test_whatever_is_changed_is_read_exactly_or_not_at_all(piece: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    for place, taken, put in changes:
        place %= len(piece) + 1
        piece = piece[:place] + put + piece[place + taken :]
    try:
        found = scan_strings(piece, HEAD, MOST)
    except NotPlainError:
        return
    if found is not None:
        assert found.to_list() == exactly(piece)


def read(path: Path, part: bytes, bounds: Bounds | None = None) -> SharedTexts:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("s.xml", part)
    with open_package(path, bounds or Bounds()) as package:
        return read_strings(package, "s.xml")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.zip"


@pytest.mark.parametrize(
    "part",
    [
        HEAD + b"<si><t>a</t></si><si><t>b_x0000_</t></si></sst>",
        HEAD + b"<si><t>a</t></si><!-- </si> --><si><t>b_x0000_</t></si></sst>",
        HEAD.replace(b"<sst xmlns", b"<a:sst xmlns:a").replace(b'">', b'">')
        + b"<a:si><a:t>a</a:t></a:si><a:si><a:t>b_x0000_</a:t></a:si></a:sst>",
        b'<?xml version="1.0" encoding="UTF-16"?>'.decode().encode("utf-16")
        + (HEAD + b"<si><t>a</t></si><si><t>b_x0000_</t></si></sst>").decode().encode("utf-16-le"),
    ],
)
def test_a_part_is_read_however_it_is_written(path: Path, part: bytes) -> None:
    found = read(path, part)
    assert (found.texts.to_list(), found.noted) == (["a", "b"], frozenset({1}))


def test_many_pieces_are_one_column(path: Path) -> None:
    texts = [f"text {number:07d}" for number in range(300_000)]
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts).encode()
    assert read(path, HEAD + strings + b"</sst>").texts.to_list() == texts


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (HEAD + b"<si><t>a</t></si><si><t>b</t>", "damaged"),
        (HEAD + b"<si><t>a</t></si></sst><x/>", "damaged"),
        (b"<!DOCTYPE a>" + HEAD + b"<si><t>a</t></si></sst>", "entity_expansion"),
        (HEAD + b"<si><t>" + b"a" * 200 + b"</t></si></sst>", "too_large"),
        (HEAD + b"<si><r><t>" + b"a" * 200 + b"</t></r></si></sst>", "too_large"),
    ],
)
def test_what_no_program_writes_is_refused(path: Path, part: bytes, code: str) -> None:
    with pytest.raises(WorkbookError) as refused:
        read(path, part, Bounds(text_bytes=100))
    assert refused.value.code == code
