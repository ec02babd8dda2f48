"""The same content in each format, and what is peculiar to some of them."""

import datetime
from pathlib import Path

from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from hrdata_assets_tests.excel.corpus.case import Case, one
from hrdata_assets_tests.excel.corpus.values import Book, Error, Sheet, Shown
from hrdata_assets_tests.excel.corpus.xml_writing import inline, number, row, shared, xml_book
from hrdata_assets_tests.systems.workbooks import ods_writing, xlsb_writing

ENDINGS = ("xlsx", "xlsm", "xls", "xlsb", "ods")

_STAFF = [
    ["Number", "Name", "Hired", "Seen", "FTE", "Pay", "Active", "From", "Worked", "Note"],
    [
        *("00123", 'Ærlig "x" 漢字 🙂', datetime.date(2024, 1, 31), datetime.datetime(2024, 2, 29, 8, 30)),
        *(Shown(0.5, "0%"), 1234.5, True, datetime.time(8, 30), datetime.timedelta(hours=26), "a\nb  c\t d"),
    ],
    ["00124", "'=1+1", datetime.date(1999, 12, 31), datetime.datetime(2024, 3, 1), 1, -0.1, False, None, None, "\\N"],
    [None, None, None, None, None, None, None, None, None, None],
    [
        *("A-7", "  ", datetime.date(2024, 6, 1), None, 0.75, 12_345_678_901, None, datetime.time(0, 0, 1)),
        *(datetime.timedelta(minutes=5), "<b>&amp;"),
    ],
    ["00125", "kept out", None, None, Error("#DIV/0!"), 1, None, None, None, None],
    ["Total", None, None, None, 2.25, 12_345_680_135.4, None, None, None, None],
]
_STAFF_COLUMNS = (
    "number text, name text, hired date, seen timestamp, fte numeric, pay numeric, active boolean, from_ time,"
    " worked interval, note text"
)
_STAFF_ROWS = [
    (
        *("00123", 'Ærlig "x" 漢字 🙂', "2024-01-31", "2024-02-29 08:30:00", "0.5", "1234.5", "TRUE", "08:30:00"),
        *("26:00:00", "a\nb  c\t d"),
    ),
    ("00124", "'=1+1", "1999-12-31", "2024-03-01", "1", "-0.1", "FALSE", None, None, "\\N"),
    ("A-7", "  ", "2024-06-01", None, "0.75", "12345678901", None, "00:00:01", "00:05:00", "<b>&amp;"),
]

SAME = tuple(
    one(
        f"staff_in_{ending}",
        _STAFF,
        _STAFF_COLUMNS.replace("worked interval", "worked interval"),
        _STAFF_ROWS,
        file=f"book.{ending}",
        letters=((6, "no_error_value", "FTE"), (7, "no_total_row", None)),
        decisions=("totals",),
    )
    for ending in ENDINGS
)
"""The same table in every format."""

MERGED = tuple(
    one(
        f"merged_headings_in_{ending}",
        Sheet(
            {2: ["Person", None, "Pay", None], 3: ["Name", "Unit", "Base", "Bonus"], 4: ["a", "x", 1, 2]},
            merged=((2, 1, 2, 2), (2, 3, 2, 4)),
        ),
        "person_name text, person_unit text, pay_base integer, pay_bonus integer",
        [("a", "x", "1", "2")],
        file=f"book.{ending}",
        decisions=("header_found", "headings_joined"),
    )
    for ending in ENDINGS
)
"""The same headings in every format."""


def _by_odfpy(path: Path, book: Book) -> None:
    made = OpenDocumentSpreadsheet()
    for name, sheet in book.sheets.items():
        table = Table(name=name)
        for line in sheet.numbered.values():
            made_row = TableRow()
            for value in line:
                is_number = isinstance(value, int | float)
                cell = TableCell(valuetype="float", value=value) if is_number else TableCell(valuetype="string")
                cell.addElement(P(text=str(value)))
                made_row.addElement(cell)
            table.addElement(made_row)
        made.spreadsheet.addElement(table)
    made.save(str(path))


def _with_repetitions(path: Path, _: Book) -> None:
    text, repeated = ods_writing.cell("string", "x"), 'table:number-columns-repeated="2"'
    head = ods_writing.row(*(ods_writing.cell("string", heading) for heading in ("Name", "Left", "Right")))
    twice = ods_writing.row(
        text,
        ods_writing.cell("float", "7", f'office:value="7" {repeated}'),
        attributes='table:number-rows-repeated="2"',
    )
    to_the_end = ods_writing.row(
        '<table:table-cell table:number-columns-repeated="16384"/>', attributes='table:number-rows-repeated="1048000"'
    )
    ods_writing.write(path, ods_writing.table(head + twice + to_the_end, name="Sheet1"))


def _packed_numbers(path: Path, _: Book) -> None:
    rows = [
        xlsb_writing.row(0) + xlsb_writing.shared(0, 0) + xlsb_writing.inline(1, "Number"),
        # Whole, whole through 100, and the upper half of a binary number.
        xlsb_writing.row(1) + xlsb_writing.inline(0, "a") + xlsb_writing.rk(1, 7 << 2 | 2),
        xlsb_writing.row(2) + xlsb_writing.inline(0, "b") + xlsb_writing.rk(1, 725 << 2 | 3),
        xlsb_writing.row(3) + xlsb_writing.shared(0, 1) + xlsb_writing.formula(9, 1, b"\0" * 6 + b"\xf8\x3f"),
    ]
    sheet = xlsb_writing.Listed("Sheet1", xlsb_writing.sheet(*rows))
    xlsb_writing.write(path, sheet, texts=["Name", "c"])


_ODS = (
    one(
        "spreadsheet_by_another_library",
        [["Name", "Count"], ["a", 1], ["b", 2.5]],
        "name text, count numeric",
        [("a", "1"), ("b", "2.5")],
        file="book.ods",
        write=_by_odfpy,
    ),
    one(
        "repeated_cells_and_rows",
        [["Name", "Left", "Right"], ["x", 7, 7], ["x", 7, 7]],
        "name text, left_ integer, right_ integer",
        [("x", "7", "7"), ("x", "7", "7")],
        file="book.ods",
        write=_with_repetitions,
    ),
)

_OTHERS = (
    one(
        "packed_numbers_of_binary_workbooks",
        [["Name", "Number"], ["a", 7], ["b", 7.25], ["c", 1.5]],
        "name text, number numeric",
        [("a", "7"), ("b", "7.25"), ("c", "1.5")],
        file="book.xlsb",
        write=_packed_numbers,
    ),
    one(
        "strict_dialect",
        [["Name", "Day"], ["a", datetime.date(2024, 1, 31)], ["b", datetime.date(2024, 2, 29)]],
        "name text, day date",
        [("a", "2024-01-31"), ("b", "2024-02-29")],
        write=xml_book(
            row(1, shared(0), inline("Day"))
            + row(2, inline("a"), number("45322", 1))
            # Strict workbooks may write days out.
            + row(3, inline("b"), '<c t="d"><v>2024-02-29</v></c>'),
            strings=["<t>Name</t>"],
            formats=(0, 14),
            strict=True,
        ),
    ),
    one(
        "cells_without_references",
        [["Name", "Count"], ["a", 1], ["b", 2]],
        "name text, count integer",
        [("a", "1"), ("b", "2")],
        write=xml_book(
            f"<row>{inline('Name')}{inline('Count')}</row><row>{inline('a')}<c><v>1</v></c></row>"
            f"<row>{inline('b')}<c><v>2</v></c></row>"
        ),
    ),
    one(
        "old_workbook_named_like_a_new_one",
        [["Name", "Count"], ["a", 1]],
        "name text, count integer",
        [("a", "1")],
        file="book.xlsx",
        write=lambda path, book: _under_another_name(path, book, ".xls"),
    ),
    one(
        "new_workbook_named_like_an_old_one",
        [["Name", "Count"], ["b", 1]],
        "name text, count integer",
        [("b", "1")],
        file="book.xls",
        write=lambda path, book: _under_another_name(path, book, ".xlsx"),
    ),
)


def _under_another_name(path: Path, book: Book, ending: str) -> None:
    from hrdata_assets_tests.excel.corpus.writing import write

    real = path.with_suffix(f".real{ending}")
    write(real, book)
    real.rename(path)


CASES: tuple[Case, ...] = (*SAME, *MERGED, *_ODS, *_OTHERS)
