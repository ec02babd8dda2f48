"""Values: what a text is read as, what is told apart from empty, and that nothing is changed in silence."""

import datetime
import json
import re
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.cleaning.frames import POLARS_TYPES
from hrdata_assets.cleaning.values import LANGUAGES, Parsed, parse, parse_languages, read_languages, tidy_text
from hrdata_assets.table import MISSING_TOKENS, Column, ColumnType
from hrdata_assets_tests.cleaning.builders import changed, texts

DELIVERABLE = [kind for kind in ColumnType if kind is not ColumnType.FULL_TEXT]
"""Types that a report's column can have; a full text is only ever made by a query."""


def a_column(kind: ColumnType, missing: tuple[str, ...] = MISSING_TOKENS) -> Column:
    return Column("a_column", kind, "A column.", missing=missing)


def read(kind: ColumnType, *cells: str | None) -> Parsed:
    return parse(texts(*cells), a_column(kind))


def values(kind: ColumnType, *cells: str | None) -> list[object]:
    return read(kind, *cells).values.to_list()


def languages(*cells: str | None) -> list[object]:
    return [None if text is None else json.loads(str(text)) for text in values(ColumnType.LANGUAGES, *cells)]


@pytest.mark.parametrize(
    ("cell", "value", "codes"),
    [
        ("Anna", "Anna", set()),
        ("  Anna\t", "Anna", {"trimmed"}),
        ("An na", "An na", set()),
        ("\u00a0Anna", "Anna", {"trimmed"}),
        ("   ", None, {"trimmed"}),
        ("A\0nna", "Anna", {"nul_removed"}),
        ("\0", None, {"nul_removed"}),
        ("\0 Anna", "Anna", {"nul_removed", "trimmed"}),
        ("\0 \0", None, {"nul_removed", "trimmed"}),
        ("'+47 900", "+47 900", {"guard_removed"}),
        (" '=SUM(A1)", "=SUM(A1)", {"trimmed", "guard_removed"}),
        ("'\0-1", "-1", {"nul_removed", "guard_removed"}),
        ("'@home", "@home", {"guard_removed"}),
        ("'tis", "'tis", set()),
        ("O'-Brien", "O'-Brien", set()),
        ("''+47", "''+47", set()),
        (None, None, set()),
    ],
)
def test_texts_are_tidied_and_say_how(cell: str | None, value: str | None, codes: set[str]) -> None:
    parsed = read(ColumnType.TEXT, cell)
    assert (parsed.values.to_list(), changed(parsed)) == ([value], [codes])
    assert parsed.present.to_list() == [value is not None]


def test_empty_text_is_no_value_whatever_its_neighbours_are() -> None:
    assert tidy_text(texts("", "a"))[0].to_list() == [None, "a"]
    assert tidy_text(texts("", " a"))[0].to_list() == [None, "a"]


def test_only_the_rows_that_changed_are_told() -> None:
    text, changes = tidy_text(texts("a", " b", None, "c"))
    assert text.to_list() == ["a", "b", None, "c"]
    assert {code: where.to_list() for code, where in changes.items()} == {"trimmed": [False, True, False, False]}


@pytest.mark.parametrize("token", [*MISSING_TOKENS, "N/A", "None", "NULL", " n/a ", "Unknown"])
def test_a_word_for_missing_is_no_value_and_told(token: str) -> None:
    parsed = read(ColumnType.INTEGER, token, "5")
    assert (parsed.values.to_list(), parsed.present.to_list()) == ([None, 5], [False, True])
    assert "missing_token" in changed(parsed)[0]
    assert changed(parsed)[1] == set()


def test_a_word_for_missing_stays_as_text_but_counts_as_none() -> None:
    parsed = read(ColumnType.TEXT, "N/A", "Anna")
    assert (parsed.values.to_list(), parsed.present.to_list()) == (["N/A", "Anna"], [False, True])


def test_a_column_may_keep_a_word_as_a_value() -> None:
    parsed = parse(texts("NA", "None", "SC"), a_column(ColumnType.TEXT, missing=()))
    assert (parsed.values.to_list(), parsed.present.to_list()) == (["NA", "None", "SC"], [True, True, True])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *[("0", 0), ("42", 42), ("-7", -7), ("+5", 5), ("007", 7), ("1984.0", 1984), ("3.00", 3)],
        *[("2147483647", 2147483647), ("2147483648", None), ("-2147483649", None), ("9" * 30, None)],
        *[("1.5", None), ("1,5", None), ("1e3", None), ("1_000", None), ("0x10", None), ("five", None), ("٣", None)],
    ],
)
def test_whole_numbers(cell: str, value: int | None) -> None:
    parsed = read(ColumnType.INTEGER, cell)
    assert (parsed.values.to_list(), parsed.present.to_list()) == ([value], [True])


def test_large_whole_numbers_are_exact() -> None:
    assert values(ColumnType.BIGINT, "12345678901234567", str(2**63 - 1), str(2**63)) == [
        12345678901234567,
        2**63 - 1,
        None,
    ]


@pytest.mark.parametrize(
    ("cell", "value", "codes"),
    [
        ("12.50", Decimal("12.50"), set()),
        ("-0.1", Decimal("-0.1"), set()),
        ("+3", Decimal(3), set()),
        ("1,5", Decimal("1.5"), {"decimal_comma"}),
        ("-1200,25", Decimal("-1200.25"), {"decimal_comma"}),
        ("0,1234", Decimal("0.1234"), {"decimal_comma"}),
        ("1,234", None, set()),
        ("1.234,5", None, set()),
        ("1 000", None, set()),
        ("1e3", None, set()),
        (".5", None, set()),
        ("NaN", None, set()),
        ("٣", None, set()),
        ("9" * 20, Decimal("9" * 20), set()),
        ("9" * 21, None, set()),
        ("0." + "1" * 18, Decimal("0." + "1" * 18), set()),
        ("0." + "1" * 50, None, set()),
    ],
)
def test_numbers(cell: str, value: Decimal | None, codes: set[str]) -> None:
    parsed = read(ColumnType.NUMERIC, cell)
    assert (parsed.values.to_list(), parsed.present.to_list(), changed(parsed)) == ([value], [True], [codes])


def test_a_number_with_many_digits_spoils_no_other() -> None:
    assert values(ColumnType.NUMERIC, "9" * 20, "0." + "1" * 18, "0." + "3" * 60, "12.5") == [
        *[Decimal("9" * 20), Decimal("0." + "1" * 18), None, Decimal("12.5")]
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *[("True", True), ("true", True), ("YES", True), ("1", True), ("False", False), ("no", False), ("0", False)],
        *[("ja", None), ("2", None), ("t", None)],
    ],
)
def test_booleans(cell: str, value: bool | None) -> None:
    parsed = read(ColumnType.BOOLEAN, cell)
    assert (parsed.values.to_list(), parsed.present.to_list()) == ([value], [True])


@pytest.mark.parametrize(
    ("cell", "value", "codes"),
    [
        ("2024-07-14", datetime.date(2024, 7, 14), set()),
        ("9999-12-31", datetime.date(9999, 12, 31), set()),
        ("0001-01-01", datetime.date(1, 1, 1), set()),
        ("2024-07-14 00:00:00 UTC", datetime.date(2024, 7, 14), set()),
        ("2024-07-14 09:30:00 UTC", datetime.date(2024, 7, 14), {"time_dropped"}),
        ("2024-07-14T09:30:00Z", datetime.date(2024, 7, 14), {"time_dropped"}),
        ("31.12.2025", datetime.date(2025, 12, 31), set()),
        ("1/2/2025", datetime.date(2025, 2, 1), set()),
        ("2025-02-30", None, set()),
        ("30.02.2025", None, set()),
        ("0000-01-01", None, set()),
        ("00.00.0000", None, set()),
        ("2025-1-1", None, set()),
        ("20250101", None, set()),
        ("45000", None, set()),
        ("2024-07-14 09:30:00 CET", None, set()),
        ("2024-07-14 25:00:00", None, set()),
        ("tomorrow", None, set()),
    ],
)
def test_dates(cell: str, value: datetime.date | None, codes: set[str]) -> None:
    parsed = read(ColumnType.DATE, cell)
    assert (parsed.values.to_list(), parsed.present.to_list(), changed(parsed)) == ([value], [True], [codes])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2024-07-14", datetime.datetime(2024, 7, 14)),
        ("2024-07-14 09:30:05", datetime.datetime(2024, 7, 14, 9, 30, 5)),
        ("2024-07-14 09:30:05 UTC", datetime.datetime(2024, 7, 14, 9, 30, 5)),
        ("2024-07-14T09:30:05+00:00", datetime.datetime(2024, 7, 14, 9, 30, 5)),
        ("14.07.2024", datetime.datetime(2024, 7, 14)),
        ("2024-07-14T09:30:05+02:00", None),
        ("0000-07-14 09:30:05", None),
        ("2024-02-30 09:30:05", None),
    ],
)
def test_moments_are_read_in_utc_only(cell: str, value: datetime.datetime | None) -> None:
    parsed = read(ColumnType.TIMESTAMP, cell)
    assert (parsed.values.to_list(), parsed.present.to_list()) == ([value], [True])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("int:Engineer", {"int": "Engineer"}),
        ("int:Engineer|no:Ingeniør", {"int": "Engineer", "no": "Ingeniør"}),
        ("no:Ingeniør|int:Engineer", {"no": "Ingeniør", "int": "Engineer"}),
        ("int: Engineer | no: Ingeniør ", {"int": "Engineer", "no": "Ingeniør"}),
        ("Engineer", {"int": "Engineer"}),
        ("int:A|B|C", {"int": "A|B|C"}),
        ("A|B|no:C", {"int": "A|B", "no": "C"}),
        ("int:Note: this", {"int": "Note: this"}),
        ("int:A|Note: this", {"int": "A|Note: this"}),
        ("int:line\nline|no:linje\nlinje", {"int": "line\nline", "no": "linje\nlinje"}),
        ("int:|no:Ingeniør", {"no": "Ingeniør"}),
        ("int:", {}),
        ("|", {"int": "|"}),
        ("xx:Engineer", {"int": "xx:Engineer"}),
        ('{"int": "Acme", "no": null, "se": " "}', {"int": "Acme"}),
        ("{}", {}),
        ('int:He said "hi" \\ once', {"int": 'He said "hi" \\ once'}),
        ('{"int": 5}', None),
        ('{"int": {"a": "b"}}', None),
        ("{broken", None),
        ('{"int": "a\\u0000b"}', None),
        ('{"int": "\\ud800"}', None),
        ('{"in\\u0000t": "a"}', None),
        ('{"int": ' + "9" * 5000 + "}", None),
        ('{"int": ' + "[" * 100_000, None),
        (None, None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_texts_by_language(cell: str | None, expected: dict[str, str] | None) -> None:
    parsed = read(ColumnType.LANGUAGES, cell)
    assert languages(cell) == [expected]
    assert parsed.present.to_list() == [cell is not None]


def test_languages_in_columns_of_their_own_are_put_together() -> None:
    parsed = parse_languages({"no": texts("Ingeniør", None, " "), "int": texts("Engineer", None, None)})
    assert [text and json.loads(text) for text in parsed.values] == [{"no": "Ingeniør", "int": "Engineer"}, None, None]
    assert parsed.present.to_list() == [True, False, False]
    assert changed(parsed) == [set(), set(), {"trimmed"}]


def test_a_column_of_its_own_goes_before_the_cell_with_all_languages() -> None:
    parsed = parse_languages({None: texts("int:A|no:B", "{broken", "int:A"), "no": texts("C", "C", None)})
    assert [text and json.loads(text) for text in parsed.values] == [{"int": "A", "no": "C"}, None, {"int": "A"}]
    assert parsed.present.to_list() == [True, True, True]


@pytest.mark.parametrize("kind", DELIVERABLE)
def test_a_column_without_rows_has_its_type(kind: ColumnType) -> None:
    parsed = read(kind)
    assert (len(parsed.values), len(parsed.present), changed(parsed)) == (0, 0, [])
    assert parsed.present.dtype == pl.Boolean
    assert parsed.values.dtype == POLARS_TYPES[kind]


@pytest.mark.parametrize("sources", [(None,), ("no",), (None, "no"), ("no", "int")], ids=str)
def test_languages_without_rows_are_a_column_of_text(sources: tuple[str | None, ...]) -> None:
    parsed = parse_languages({source: texts() for source in sources})
    assert (parsed.values.dtype, len(parsed.values), parsed.present.dtype) == (pl.String, 0, pl.Boolean)


@pytest.mark.parametrize("kind", DELIVERABLE)
def test_a_column_of_nothing_but_gaps_has_its_type(kind: ColumnType) -> None:
    parsed = read(kind, None, None)
    assert parsed.values.to_list() == [None, None]
    assert parsed.present.to_list() == [False, False]
    assert parsed.values.dtype == POLARS_TYPES[kind]


bricks = st.sampled_from(
    [
        *["\0", " ", "a", "int:", "no:", "|", "{", "}", '"', '"int"', ":", "1", "12", "2024", "-", ".", ",", "'", "+"],
        *["=", "n/a", "None", "2024-02-30", "0000-01-01", "31.12.2025", "T", " 09:30:00", " UTC", "true", "Yes", "0"],
        *["9" * 20, "\\u0000", "\\ud800", "null", "\n", "\u0663", "\u00a0", "[" * 2000],
    ]
)
cells = st.one_of(st.none(), st.text(min_size=1, max_size=8), st.lists(bricks, min_size=1, max_size=7).map("".join))


@pytest.mark.parametrize("kind", DELIVERABLE)
@settings(max_examples=100, deadline=None)
@given(column=st.lists(cells, max_size=4))
def test_any_text_is_read_or_told_apart_and_no_row_changes_another(kind: ColumnType, column: list[str | None]) -> None:
    together = read(kind, *column)
    assert together.values.dtype == POLARS_TYPES[kind] or kind is ColumnType.NUMERIC
    alone = [read(kind, cell) for cell in column]
    assert together.values.to_list() == [parsed.values.to_list()[0] for parsed in alone]
    assert together.present.to_list() == [parsed.present[0] for parsed in alone]
    assert changed(together) == [changed(parsed)[0] for parsed in alone]
    for cell, value, present in zip(column, together.values.to_list(), together.present, strict=True):
        # Text keeps a word for missing; every other type has no value where nothing is present.
        assert cell is not None or (value is None and not present)
        assert value is None or present or kind is ColumnType.TEXT
        assert value is not None or not present or kind is not ColumnType.TEXT


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=5))
def test_whole_numbers_read_back(numbers: list[int]) -> None:
    assert values(ColumnType.INTEGER, *map(str, numbers)) == numbers
    assert values(ColumnType.BIGINT, *(str(n * 2**31) for n in numbers)) == [n * 2**31 for n in numbers]


decimals = st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False, places=6)


@settings(max_examples=100, deadline=None)
@given(st.lists(decimals, min_size=1, max_size=5))
def test_numbers_read_back(numbers: list[Decimal]) -> None:
    written = [f"{number:f}" for number in numbers]
    assert values(ColumnType.NUMERIC, *written) == numbers
    assert values(ColumnType.NUMERIC, *(text.replace(".", ",") for text in written)) == numbers


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dates(), min_size=1, max_size=5))
def test_dates_read_back_in_either_form(days: list[datetime.date]) -> None:
    assert values(ColumnType.DATE, *(day.isoformat() for day in days)) == days
    assert values(ColumnType.DATE, *(f"{d.day}.{d.month}.{d.year:04}" for d in days)) == days


@settings(max_examples=100, deadline=None)
@given(st.lists(st.datetimes().map(lambda moment: moment.replace(microsecond=0)), min_size=1, max_size=5))
def test_moments_read_back(moments: list[datetime.datetime]) -> None:
    assert values(ColumnType.TIMESTAMP, *(f"{m.isoformat(' ')} UTC" for m in moments)) == moments


# Without control characters, some of which Python takes for blanks and polars does not.
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10)
sayings = st.lists(st.one_of(words, st.sampled_from(["|", ":", "{", "int:"])), max_size=5).map("".join)
begins_a_language = re.compile(rf"\|\s*(?:{'|'.join(LANGUAGES)}):").search
by_language = st.dictionaries(
    st.sampled_from(sorted(LANGUAGES)), sayings.filter(lambda text: not begins_a_language(text)), max_size=4
)


@settings(max_examples=200, deadline=None)
@given(by_language)
def test_any_texts_by_language_read_back(given_texts: dict[str, str]) -> None:
    cell = "|".join(f"{code}:{text}" for code, text in given_texts.items())
    expected = {code: text.strip() for code, text in given_texts.items() if text.strip()}
    assert read_languages(cell) == expected
    assert languages(cell or None) == ([expected] if cell else [None])
    assert languages(json.dumps(given_texts)) == [expected]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(words, st.sampled_from(["|", "int:", "no:", "x:"])), min_size=1, max_size=6).map("".join))
def test_the_short_way_for_common_cells_reads_what_the_long_way_reads(cell: str) -> None:
    tidy = tidy_text(texts(cell))[0][0]
    assert languages(cell) == [read_languages(tidy) if tidy else None]
