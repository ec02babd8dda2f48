"""Reading delimited files: every record comes back or is told off by the number a spreadsheet shows for it."""

import csv
import io
import re
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.cleaning.delimited import UNDECODABLE, Delivered, read_delimited
from hrdata_assets.errors import DeliveryError
from hrdata_assets_tests.cleaning.builders import csv_of

SECRET = "Zebra Quagga"
MEBIBYTE = 1 << 20


def read(content: bytes) -> Delivered:
    return read_delimited(content, "Q22026/user_report.csv")


def rows(delivered: Delivered) -> dict[int, tuple[str | None, ...]]:
    """Cells by record number."""
    return {row[-1]: row[:-1] for row in delivered.rows.iter_rows()}


def told_off(delivered: Delivered) -> list[tuple[int, str]]:
    return [(row.row_no, row.rule) for row in delivered.ragged]


def test_records_are_numbered_as_a_spreadsheet_shows_them() -> None:
    found = read(csv_of(["a", "b"], ["1", "2"], ["3", "4"]))
    assert found.header == ("a", "b")
    assert rows(found) == {2: ("1", "2"), 3: ("3", "4")}
    assert (found.read, found.blank, found.ragged) == (2, 0, ())


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_separator_and_line_ends_are_found_out(separator: str, newline: str) -> None:
    found = read(csv_of(["a", "b"], ["1", "x,y;z|\tw"], separator=separator, newline=newline))
    assert (found.header, rows(found)) == (("a", "b"), {2: ("1", "x,y;z|\tw")})


def test_separators_inside_quotes_of_the_header_do_not_count() -> None:
    assert read(b'"a,b,c,d";e\n1;2\n').header == ("a,b,c,d", "e")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_only_the_header_tells_the_separator(newline: str) -> None:
    assert rows(read(f"a;b{newline}1,2,3;4,5,6{newline}".encode())) == {2: ("1,2,3", "4,5,6")}


def test_a_single_column_needs_no_separator() -> None:
    assert rows(read(b"a\n1\n2\n")) == {2: ("1",), 3: ("2",)}


def test_nothing_is_interpreted() -> None:
    odd = ["NA", "001", "12345678901234567", "9999-12-31", " x ", "null", "1e5", "TRUE"]
    assert rows(read(csv_of(odd, odd))) == {2: tuple(odd)}


def test_an_empty_cell_is_null_quoted_or_not() -> None:
    assert rows(read(b'a,b,c\n,"",x\n')) == {2: (None, None, "x")}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1\n3,4\n", [(2, "too_few_fields")]),
        (b"a,b\n1,2\n3,4,5\n", [(3, "too_many_fields")]),
        (b"a,b\n1\n1,2\n3,4,5\n6,7\n8\n", [(2, "too_few_fields"), (4, "too_many_fields"), (6, "too_few_fields")]),
    ],
)
def test_a_record_with_another_number_of_fields_is_told_off_and_the_others_keep_their_numbers(
    content: bytes, expected: list[tuple[int, str]]
) -> None:
    found = read(content)
    assert told_off(found) == expected
    lines = content.decode().splitlines()
    assert rows(found) == {n: tuple(lines[n - 1].split(",")) for n in rows(found)}
    assert found.read == len(lines) - 1


def test_the_text_of_a_ragged_record_is_kept() -> None:
    assert [row.text for row in read(b"a,b\nx,y,z\n1,2\n").ragged] == ["x,y,z"]


def test_blank_lines_are_counted_and_shift_no_number() -> None:
    found = read(b"a,b\n\n1,2\n,\n\n3,4\n")
    assert rows(found) == {3: ("1", "2"), 6: ("3", "4")}
    assert (found.blank, found.read) == (3, 5)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_blank_lines_above_the_header_count_as_lines(newline: str) -> None:
    found = read(f"{newline * 2}a,b{newline}1,2{newline}".encode())
    assert (found.header, rows(found), found.read) == (("a", "b"), {4: ("1", "2")}, 1)


def test_line_ends_after_the_last_record_are_no_records() -> None:
    assert read(b"a,b\n1,2\n\n\r\n\n").read == read(b"a,b\n1,2").read == 1


def test_a_record_of_blanks_is_not_blank() -> None:
    assert rows(read(b"a,b\n , \n")) == {2: (" ", " ")}


@pytest.mark.parametrize("inside", ["\n", "\r\n", "\n\n\n", ",\n,", '"\n"'])
def test_a_newline_inside_quotes_starts_no_record(inside: str) -> None:
    found = read(csv_of(["a", "b"], ["1", f"x{inside}y"], ["3", "4"]))
    assert rows(found) == {2: ("1", f"x{inside}y"), 3: ("3", "4")}


def test_a_heading_may_hold_a_newline() -> None:
    assert read(b'"a\nb",c\n1,2\n').header == ("a\nb", "c")


@pytest.mark.parametrize(
    ("content", "kept", "number"),
    [
        (b'a,b\n1,2\n3,"4\n5,6\n7,8\n', {2: ("1", "2")}, 3),
        (b'a,b\n1,"2', {}, 2),
        (b'a\n1\n"2\n3\n', {2: ("1",)}, 3),
        (b'a,b,c\n1,2,3\n"4\n5,6,7\n', {2: ("1", "2", "3")}, 3),
        # What the reader itself writes behind the last record may stand in a file, too.
        ('a,b\n\ufdd1,"'.encode(), {}, 2),
        ('a\n\ufdd1,\n"'.encode(), {}, 3),
    ],
)
def test_a_record_that_the_file_leaves_inside_quotes_is_told_off_with_all_that_it_swallowed(
    content: bytes, kept: dict[int, tuple[str | None, ...]], number: int
) -> None:
    found = read(content)
    assert rows(found) == kept
    assert told_off(found)[-1] == (number, "quotes_not_closed")
    assert found.read == number - 1
    assert "\ufdd1" not in found.ragged[-1].text


def test_quotes_that_are_not_closed_do_not_hide_an_earlier_ragged_record() -> None:
    assert told_off(read(b'a,b\n1\n2,"3\n')) == [(2, "too_few_fields"), (3, "quotes_not_closed")]


def test_a_nul_is_kept_and_told() -> None:
    found = read(b"a,b\nx\0y,2\n3,4\n")
    assert (rows(found), found.has_nul) == ({2: ("x\0y", "2"), 3: ("3", "4")}, True)
    assert not read(b"a,b\n1,2\n").has_nul


def test_a_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    assert read(b"\xef\xbb\xbfa,b\n1,2\n").header == ("a", "b")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_its_mark_is_read(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    found = read(f"{mark}navn,b\nÆrlig 😀,2\n".encode(encoding))
    assert (found.header, rows(found), found.has_undecodable) == (("navn", "b"), {2: ("Ærlig 😀", "2")}, False)


def test_bytes_that_are_no_utf_8_are_marked_in_their_cell_only() -> None:
    found = read("navn,b\nÆrlig,2\nÅse,4\n".encode().replace("Æ".encode(), b"\xc6"))
    assert found.has_undecodable
    assert rows(found) == {2: (f"{UNDECODABLE}c6rlig", "2"), 3: ("Åse", "4")}


def test_a_latin_1_file_is_read_record_for_record() -> None:
    found = read("navn,sted\nÆrlig,Bodø\nOla,Oslo\n".encode("latin-1"))
    assert (found.read, found.has_undecodable) == (2, True)
    assert rows(found)[3] == ("Ola", "Oslo")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\r\n \t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"\xff\xfe", "has no header"),
        (b"PK\x03\x04" + SECRET.encode(), "Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + SECRET.encode(), "old Excel workbook"),
        (b"%PDF-1.7 " + SECRET.encode(), "PDF"),
        (b"\x1f\x8b" + SECRET.encode(), "gzip"),
        (f"<!DOCTYPE html><p>{SECRET}</p>".encode(), "web page"),
        (f"\ufeff \n<html>{SECRET}".encode(), "web page"),
        (b"\xff\xfe" + SECRET.encode() + b"!", "UTF-16"),
        (f",,\n{SECRET},2,3\n".encode(), "has no header"),
        (f" , \n{SECRET},2\n".encode(), "has no header"),
        (f'a,"b\n{SECRET},2\n'.encode(), "header that cannot be read"),
        (f'{SECRET[:4]}\0\t"a\n'.encode(), "header that cannot be read"),
        (b'"' + SECRET.encode() * 20_000 + b'",b\n1,2\n', "header that cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_by_its_name_and_without_its_content(content: bytes, says: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        read(content)
    text = str(refused.value)
    assert text.startswith("Q22026/user_report.csv ")
    assert says in text
    assert not re.search("zebra|quagga", text, re.IGNORECASE)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_report_of_thousands_of_columns_is_refused_before_it_is_read() -> None:
    wide = ",".join(f"c{i}" for i in range(2001)).encode()
    with pytest.raises(DeliveryError, match=r"r\.csv has more than 2000 columns"):
        read_delimited(wide + b"\r\n", "r.csv")
    assert len(read_delimited(wide.rpartition(b",")[0] + b"\r\n", "r.csv").header) == 2000


def test_a_header_alone_is_a_table_without_rows() -> None:
    for content in (b"a,b", b"a,b\n", b"a,b\r\n\r\n"):
        found = read(content)
        assert (found.header, found.read, found.rows.height) == (("a", "b"), 0, 0)


def test_large_files_are_read_in_parts_without_losing_count() -> None:
    line = "x" * 98 + ",y\n"
    content = f"a,b\n{line * (20 * MEBIBYTE // 101)}1,2,3\n4,5\n".encode()
    found = read(content)
    number = content.count(b"\n")
    assert told_off(found) == [(number - 1, "too_many_fields")]
    assert found.read == number - 1
    assert found.rows.row(-1) == ("4", "5", number)


@pytest.mark.parametrize("shift", range(4))
def test_a_line_end_inside_quotes_survives_the_border_between_two_parts(shift: int) -> None:
    # The reader takes 16 mebibytes at a time; this puts a border before, into and behind the line end.
    first = "x" * (16 * MEBIBYTE - len('a,b\n",1\n"y') - 2 + shift)
    found = read(f'a,b\n"{first}",1\n"y\r\nz",2\n'.encode())
    assert found.rows.row(-1) == ("y\r\nz", "2", 3)


def test_a_nul_before_quotes_does_not_lead_the_reader_astray_at_a_border_between_two_parts() -> None:
    # The parser looks at eight bytes at a time, and overlooks quotes that follow a NUL among them.
    text = f"{'y' * 60}\nz"
    first = "x" * (16 * MEBIBYTE - len("h,i\n,1\n") - 20)
    found = read(f'h,i\n{first},1\naaaa\0,"{text}"\nb,2\n'.encode())
    assert rows(found) == {2: (first, "1"), 3: ("aaaa\0", text), 4: ("b", "2")}
    assert found.ragged == ()


@dataclass(frozen=True)
class Written:
    """A table, and how a writer puts it into a file."""

    table: list[list[str]]
    separator: str
    newline: str
    quoting: int

    @property
    def text(self) -> str:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.separator, lineterminator=self.newline, quoting=self.quoting).writerows(
            self.table
        )
        return text.getvalue()


@st.composite
def files(draw: st.DrawFn) -> Written:
    newline, quoting = draw(st.sampled_from(["\n", "\r\n", "\r"])), draw(st.sampled_from([0, 1]))
    # Python's writer quotes only the line ends it writes itself: any other would begin a record for every reader.
    bare = "\r\n".strip(newline) if quoting == csv.QUOTE_MINIMAL else ""
    characters = st.characters(exclude_categories=["Cs"], exclude_characters=f"{bare}\0\ufeff\ufdd0\ufdd1\ufdd2")
    width = draw(st.integers(1, 5))
    rows = st.lists(st.text(characters, max_size=12), min_size=width, max_size=width)
    names = [f"column {position}" for position in range(width)]
    # A header of one column shows no separator; a comma is taken then.
    separator = draw(st.sampled_from(",;\t|")) if width > 1 else ","
    return Written([names, *draw(st.lists(rows, max_size=12))], separator, newline, quoting)


@settings(max_examples=200, deadline=None)
@given(files(), st.booleans())
def test_whatever_a_csv_writer_wrote_reads_back_row_for_row(file: Written, final: bool) -> None:
    content = file.text if final else file.text.removesuffix(file.newline)
    found = read(content.encode())
    expected = {n: tuple(c or None for c in row) for n, row in enumerate(file.table[1:], start=2) if any(row)}
    assert found.header == tuple(file.table[0])
    assert rows(found) == expected
    assert (found.ragged, found.has_nul, found.has_undecodable) == ((), False, False)
    assert found.blank == sum(not any(row) for row in file.table[1:])


pieces = st.sampled_from(
    ["a", "aaaaaaa\0", "é", " ", ",", ",", ";", "\n", "\n", "\r\n", "\r", '"', '"', '""', "\ufdd1", "\ufdd0"]
)
unruly = st.lists(pieces, max_size=40).map("".join)


@settings(max_examples=200, deadline=None)
@given(unruly)
def test_an_unruly_file_is_read_as_pythons_own_reader_reads_it(text: str) -> None:
    found = read(f"h,i\n{text}".encode())
    records = list(csv.reader(io.StringIO(f"h,i\n{text}".strip("\r\n"), newline="")))
    kept, ragged = rows(found), dict(told_off(found))
    assert found.read == len(records) - 1
    assert found.has_nul == ("\0" in text)
    for number, record in enumerate(records[1:], start=2):
        if number in kept:
            assert kept[number] == tuple(cell or None for cell in record)
        elif number in ragged:
            assert len(record) != 2 or ragged[number] == "quotes_not_closed"
        else:
            assert not any(record)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), unruly.map(lambda t: t.encode("latin-1", errors="replace") + b"\xff,\0\n1,")))
def test_any_bytes_are_refused_or_every_record_is_accounted_for(content: bytes) -> None:
    try:
        found = read(content)
    except DeliveryError:
        return
    numbers = [*rows(found), *(row.row_no for row in found.ragged)]
    assert len(set(numbers)) == len(numbers) == found.rows.height + len(found.ragged)
    assert found.read == len(numbers) + found.blank
    assert min(numbers, default=2) >= 2
    assert found.rows.width == len(found.header) + 1
