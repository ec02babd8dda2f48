"""Names of folders, files and sheets: tables are called after folders, and nothing else is done with them."""

from hrdata_assets_tests.excel.corpus.case import Case, one
from hrdata_assets_tests.excel.corpus.values import Book, Sheet

_EVIL = "x\"); drop schema ops cascade; --'"


def _named(name: str, folder: str, table: str, *, file: str = "book.xlsx", sheet: str = "Sheet1") -> Case:
    book = Book({sheet: Sheet([["Name", "Unit"], [name, "x"]])})
    return one(name, book, "name text, unit text", [(name, "x")], folder=folder, table=table, file=file)


CASES: tuple[Case, ...] = (
    _named("folders_inside_each_other", "Personnel/2024/Q1", "personnel_2024_q1"),
    _named("folder_with_blanks", "Head count per unit", "head_count_per_unit"),
    _named("folder_with_digits_first", "2024", "_2024"),
    _named("folder_that_is_reserved", "Table", "table_"),
    _named("folder_in_cyrillic", "Сотрудники", "sotrudniki"),
    _named("folder_in_chinese", "员工", "yuangong"),
    _named("folder_with_umlauts", "Löhne & Gehälter", "lohne_gehalter"),
    _named("folder_with_sql", _EVIL, "x_drop_schema_ops_cascade"),
    _named("folder_with_wildcards", "100% _staff_ [x]*", "_100_staff_x"),
    _named("folder_that_yaml_knows", "no", "no"),
    _named("folder_of_a_table_of_ours", "deliveries", "deliveries"),
    _named("file_with_sql", "file_sql", "file_sql", file=f"{_EVIL}.xlsx"),
    _named("file_with_many_scripts", "file_scripts", "file_scripts", file="Список – 名单 👩 ø.xlsx"),
    _named("file_with_quotes_and_backslashes", "file_quotes", "file_quotes", file="a\\N 'b' \"c\".xlsx"),
    _named("file_with_a_line_break", "file_break", "file_break", file="a\nb\tc.xlsx"),
    _named("file_with_its_ending_in_capitals", "file_capitals", "file_capitals", file="BOOK.XLSX"),
    _named("sheet_with_sql", "sheet_sql", "sheet_sql", sheet="a'); drop table b; --"[:31].strip("'")),
    _named("sheet_with_many_scripts", "sheet_scripts", "sheet_scripts", sheet="Лист ä 名 👩"),
)
