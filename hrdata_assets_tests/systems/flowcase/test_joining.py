"""Parts of a report become one file, byte for byte what one report would have been; or they are refused."""

import pytest

from hrdata_assets.errors import DeliveryError
from hrdata_assets.systems.flowcase.client import Office
from hrdata_assets.systems.flowcase.collecting import shares_of
from hrdata_assets.systems.flowcase.joining import joined, looked_at


def test_one_part_is_the_report() -> None:
    content = b"\xef\xbb\xbfa;b\n1;2"
    assert joined("courses", [content]) is content


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([b"a;b\n1;2", b"a;b\n3;4"], b"a;b\n1;2\n3;4"),
        ([b"a,b\r\n1,2\r\n", b"a,b\r\n3,4\r\n"], b"a,b\r\n1,2\r\n3,4\r\n"),
        ([b"a;b", b"a;b\n3;4", b"a;b\n"], b"a;b\n3;4"),
        ([b"\xef\xbb\xbfa;b\n1;2\n", b"\xef\xbb\xbfa;b\n3;4\n"], b"\xef\xbb\xbfa;b\n1;2\n3;4\n"),
        ([b'a;b\n"x\ny";2', b"a;b\n3;4"], b'a;b\n"x\ny";2\n3;4'),
        ([b"a;b", b"a;b"], b"a;b"),
    ],
)
def test_parts_are_put_one_after_the_other_below_one_header(parts: list[bytes], whole: bytes) -> None:
    assert joined("courses", parts).rstrip(b"\r\n") == whole.rstrip(b"\r\n")
    assert looked_at(joined("courses", parts), "courses").records == sum(looked_at(p, "p").records for p in parts)


def test_the_end_of_the_last_line_is_as_flowcase_writes_it() -> None:
    assert joined("courses", [b"a;b\n1;2", b"a;b\n3;4"]) == b"a;b\n1;2\n3;4"
    assert joined("courses", [b"a,b\r\n1,2\r\n", b"a,b\r\n3,4\r\n"]) == b"a,b\r\n1,2\r\n3,4\r\n"


@pytest.mark.parametrize("other", [b"a;c\n3;4", b"b;a\n3;4", b"a\n3", b"a;b;c\n3;4;5"])
def test_parts_with_another_header_are_no_parts_of_it(other: bytes) -> None:
    with pytest.raises(DeliveryError, match="the parts of courses have different headers"):
        joined("courses", [b"a;b\n1;2", other])


def test_parts_whose_header_goes_over_two_lines_are_refused_rather_than_mixed_up() -> None:
    part = b'"a\nz";b\n1;2\n'
    with pytest.raises(DeliveryError, match="cannot be joined without losing records"):
        joined("courses", [part, part])


@pytest.mark.parametrize("page", [b"<html>", b"", b"PK\x03\x04"])
def test_what_is_no_table_is_refused(page: bytes) -> None:
    with pytest.raises(DeliveryError, match="courses"):
        looked_at(page, "courses")


def test_a_record_that_is_cut_off_is_noticed_at_the_end_only() -> None:
    assert looked_at(b"a;b\n1;2\n3", "courses").cut
    assert looked_at(b'a;b\n1;2\n3;"4', "courses").cut
    assert not looked_at(b"a;b\n1\n3;4\n", "courses").cut
    assert not looked_at(b"a;b\n", "courses").cut


def test_offices_share_a_report_while_there_is_room() -> None:
    offices = [Office(name, people) for name, people in zip("abcdef", (4, 5, 1, 10, None, 0), strict=True)]
    assert shares_of(offices, 10) == [("a", "b"), ("c",), ("d",), ("e",), ("f",)]
    assert shares_of(offices[:3], 11) == [("a", "b", "c")]
    assert shares_of([], 10) == []
