"""Dates, times and lengths of time, from either epoch."""

import datetime

from hrdata_assets_tests.excel.corpus.case import Case, one
from hrdata_assets_tests.excel.corpus.values import Book, Sheet, Shown

_DAY, _LEAP, _FIRST, _LAST = (
    datetime.date(2024, 1, 31),
    datetime.date(2024, 2, 29),
    datetime.date(1900, 3, 1),
    datetime.date(9999, 12, 31),
)
_MOMENT = datetime.datetime(2024, 1, 31, 8, 30, 15)
_HOURS = datetime.timedelta(hours=26, minutes=30)


def _epochs(ending: str) -> tuple[Case, ...]:
    rows = [["Name", "Day"], ["a", _DAY], ["b", _LEAP], ["c", datetime.date(1904, 1, 2)]]
    expected = [("a", "2024-01-31"), ("b", "2024-02-29"), ("c", "1904-01-02")]
    return tuple(
        one(
            f"days_from_{year}_in_{ending}",
            Book({"Sheet1": Sheet(rows)}, from_1904=year == 1904),
            "name text, day date",
            expected,
            file=f"book.{ending}",
        )
        for year in (1900, 1904)
    )


CASES = (
    *_epochs("xlsx"),
    *_epochs("xls"),
    *_epochs("xlsb"),
    one(
        "first_and_last_days",
        [["Name", "Day"], ["a", _FIRST], ["b", _LAST]],
        "name text, day date",
        [("a", "1900-03-01"), ("b", "9999-12-31")],
    ),
    one(
        "days_before_the_day_that_never_was",
        [["Name", "Day"], ["a", Shown(1, "yyyy-mm-dd", "1900-01-01")], ["b", Shown(59, "yyyy-mm-dd", "1900-02-28")]],
        "name text, day date",
        [("a", "1900-01-01"), ("b", "1900-02-28")],
    ),
    one(
        "days_that_no_calendar_has_stay_numbers",
        [["Name", "Day"], ["a", _DAY], ["b", Shown(60, "yyyy-mm-dd", "60")], ["c", Shown(-5, "yyyy-mm-dd", "-5")]],
        "name text, day text",
        [("a", "2024-01-31"), ("b", "60"), ("c", "-5")],
        changes=[("day", "no_such_day", (3, 4))],
    ),
    one(
        "days_and_moments",
        [["Name", "At"], ["a", _DAY], ["b", _MOMENT]],
        "name text, at timestamp",
        [("a", "2024-01-31"), ("b", "2024-01-31 08:30:15")],
    ),
    one(
        "moments_of_milliseconds",
        [["Name", "At"], ["a", Shown(45322.354340277778, "yyyy-mm-dd hh:mm:ss.000", "2024-01-31 08:30:15")]],
        "name text, at timestamp",
        [("a", "2024-01-31 08:30:15")],
    ),
    one(
        "times_of_day",
        [["Name", "From"], ["a", datetime.time(8, 30)], ["b", datetime.time(0, 0)], ["c", datetime.time(23, 59, 59)]],
        "name text, from_ time",
        [("a", "08:30:00"), ("b", "00:00:00"), ("c", "23:59:59")],
    ),
    one(
        "lengths_of_time",
        [["Name", "Worked"], ["a", _HOURS], ["b", datetime.timedelta(minutes=30)], ["c", datetime.timedelta(days=41)]],
        "name text, worked interval",
        [("a", "26:30:00"), ("b", "00:30:00"), ("c", "984:00:00")],
    ),
    one(
        "negative_lengths_of_time",
        [["Name", "Balance"], ["a", Shown(-0.0625, "[h]:mm", "-01:30:00")], ["b", _HOURS]],
        "name text, balance interval",
        [("a", "-01:30:00"), ("b", "26:30:00")],
    ),
    one(
        "times_and_lengths_of_time",
        [["Name", "Worked"], ["a", datetime.time(8, 30)], ["b", _HOURS]],
        "name text, worked interval",
        [("a", "08:30:00"), ("b", "26:30:00")],
    ),
    one(
        "times_of_day_beyond_a_day_are_moments",
        [["Name", "At"], ["a", Shown(45322.25, "hh:mm", "2024-01-31 06:00:00")]],
        "name text, at timestamp",
        [("a", "2024-01-31 06:00:00")],
    ),
    one(
        "many_formats_of_dates",
        [
            ["Name", "Day"],
            *(
                [str(n), Shown(45322, code, "2024-01-31")]
                for n, code in enumerate(
                    (
                        "dd.mm.yyyy",
                        "d-mmm-yy",
                        "[$-414]d. mmmm yyyy",
                        "mm/dd/yy;@",
                        "yyyy",
                        "mmm yy",
                        "dddd",
                    )
                )
            ),
        ],
        "name integer, day date",
        [(str(n), "2024-01-31") for n in range(7)],
    ),
    one(
        "formats_that_only_look_like_dates",
        [["Name", "Number"], ["a", Shown(5.5, '0.0 "days"')], ["b", Shown(6, '[Red]0 "min"')], ["c", Shown(7, "\\d0")]],
        "name text, number numeric",
        [("a", "5.5"), ("b", "6"), ("c", "7")],
    ),
    one(
        "days_as_texts",
        [["Name", "Day"], ["a", "2024-01-31"], ["b", "2023-12-01"]],
        "name text, day date",
        [("a", "2024-01-31"), ("b", "2023-12-01")],
    ),
    one(
        "days_as_texts_that_no_calendar_has",
        [["Name", "Day"], ["a", "2024-01-31"], ["b", "2024-02-30"]],
        "name text, day text",
        [("a", "2024-01-31"), ("b", "2024-02-30")],
    ),
    one(
        "ambiguous_days_stay_texts",
        [["Name", "Day"], ["a", "03/04/2024"], ["b", "05.06.2024"], ["c", "31.12.2024"]],
        "name text, day text",
        [("a", "03/04/2024"), ("b", "05.06.2024"), ("c", "31.12.2024")],
    ),
    one(
        "days_as_dates_and_as_texts",
        [["Name", "Day"], ["a", _DAY], ["b", "soon"]],
        "name text, day text",
        [("a", "2024-01-31"), ("b", "soon")],
    ),
    one(
        "days_first_as_declared",
        [["Name", "Day"], ["a", "03/04/2024"], ["b", "31.12.2024 08:30"]],
        "name text, day timestamp",
        [("a", "2024-04-03"), ("b", "2024-12-31 08:30:00")],
        "day_first: true",
        changes=[("day", "read_as_declared", (2, 3))],
    ),
    one(
        "months_first_as_declared",
        [["Name", "Day"], ["a", "03/04/2024"], ["b", _DAY]],
        "name text, day date",
        [("a", "2024-03-04"), ("b", "2024-01-31")],
        "day_first: false",
        changes=[("day", "read_as_declared", (2,))],
    ),
    one(
        "days_by_locale",
        [["Name", "Day", "Pay"], ["a", "31.01.2024", "1.234,50"], ["b", "01.02.2024", "17"]],
        "name text, day date, pay numeric",
        [("a", "2024-01-31", "1234.5"), ("b", "2024-02-01", "17")],
        "locale: nb_NO",
        changes=[("day", "read_as_declared", (2, 3)), ("pay", "read_as_declared", (2,))],
    ),
    one(
        "days_that_do_not_fit_the_locale",
        [["Name", "Day"], ["a", "31/01/2024"], ["b", "01/31/2024"]],
        "name text, day text",
        [("a", "31/01/2024"), ("b", "01/31/2024")],
        "locale: en_GB",
    ),
    one(
        "decimals_with_a_comma_as_declared",
        [["Name", "Pay"], ["a", "1.234,5"], ["b", "-7,25"], ["c", 3.5]],
        "name text, pay numeric",
        [("a", "1234.5"), ("b", "-7.25"), ("c", "3.5")],
        'decimal: ","',
        changes=[("pay", "read_as_declared", (2, 3))],
    ),
    one(
        "decimals_with_a_comma_stay_texts_otherwise",
        [["Name", "Pay"], ["a", "1.234,5"], ["b", "-7,25"]],
        "name text, pay text",
        [("a", "1.234,5"), ("b", "-7,25")],
    ),
    one(
        "decimals_with_a_point_where_a_comma_is_declared",
        [["Name", "Pay"], ["a", "1.5"], ["b", "2,5"]],
        "name text, pay text",
        [("a", "1.5"), ("b", "2,5")],
        'decimal: ","',
    ),
    one(
        "thousands_as_declared",
        [["Name", "Pay"], ["a", "1,234,567.5"], ["b", "007"]],
        "name text, pay text",
        [("a", "1,234,567.5"), ("b", "007")],
        'decimal: "."',
    ),
)
