"""Types that the configuration gives to columns, and keys."""

import datetime

from hrdata_assets_tests.excel.corpus.case import Case, one

_ID = "6f1f64c0-0d7a-4a0e-9d63-0f5d8f1f2a3b"

CASES: tuple[Case, ...] = (
    one(
        "identifiers_as_declared",
        [["Id", "Name"], [_ID, "a"], [_ID.upper(), "b"], [None, "c"]],
        "id uuid, name text",
        [(_ID, "a"), (_ID, "b"), (None, "c")],
        "types: {id: uuid}",
        changes=[("id", "rewritten_by_its_type", (3,))],
    ),
    one(
        "rows_with_and_without_their_key",
        [["No", "Name"], [1, "a"], [None, "b"], [2, "c"]],
        "no integer, name text",
        [("1", "a"), ("2", "c")],
        "key: no",
        letters=((3, "has_its_key", "No"),),
    ),
    one(
        "json_as_declared",
        [["Name", "Facts"], ["a", '{"b":1,"a":[true,null]}'], ["b", '"ø"'], ["c", None]],
        "name text, facts jsonb",
        [("a", '{"a": [true, null], "b": 1}'), ("b", '"ø"'), ("c", None)],
        "types: {Facts: jsonb}",
        changes=[("facts", "rewritten_by_its_type", (2, 3))],
    ),
    one(
        "json_that_is_none",
        [["Name", "Facts"], ["a", "{'b': 1}"], ["b", "NaN"], ["c", '{"a": "\\u0000"}'], ["d", "[1]"]],
        "name text, facts jsonb",
        [("d", "[1]")],
        "types: {Facts: jsonb}",
        letters=tuple((row, "of_declared_type", "Facts") for row in (2, 3, 4)),
        changes=[("facts", "rewritten_by_its_type", (5,))],
    ),
    one(
        "json_that_databases_do_not_take",
        [["Name", "Facts"], ["a", '"\\ud800"'], ["b", "1e400000"], ["c", '"\\ud83d\\ude42"'], ["d", "-1e-400000"]],
        "name text, facts jsonb",
        [("c", '"🙂"')],
        "types: {Facts: jsonb}",
        letters=tuple((row, "of_declared_type", "Facts") for row in (2, 3, 5)),
        changes=[("facts", "rewritten_by_its_type", (4,))],
    ),
    one(
        "identifiers_that_are_none",
        [["Id", "Name"], ["x", "a"], [_ID, "b"], [_ID.replace("-", ""), "c"]],
        "id uuid, name text",
        [(_ID, "b")],
        "types: {id: uuid}",
        letters=((2, "of_declared_type", "Id"), (4, "of_declared_type", "Id")),
    ),
    one(
        "numbers_as_texts_if_declared",
        [["Post code", "Name"], [123, "a"], [4567, "b"]],
        "post_code text, name text",
        [("123", "a"), ("4567", "b")],
        'types: {"post code": text}',
    ),
    one(
        "whole_numbers_as_declared",
        [["Count", "Name"], [1, "a"], [2.5, "b"], ["x", "c"]],
        "count integer, name text",
        [("1", "a")],
        "types: {count: integer}",
        letters=((3, "of_declared_type", "Count"), (4, "of_declared_type", "Count")),
    ),
    one(
        "wider_numbers_as_declared",
        [["Count", "Pay", "Share", "Name"], [1, 2, 0.5, "a"]],
        "count bigint, pay numeric, share double precision, name text",
        [("1", "2", "0.5", "a")],
        "types: {count: bigint, pay: numeric, share: double precision}",
    ),
    one(
        "moments_as_declared",
        [["At", "For", "Name"], [datetime.date(2024, 1, 31), datetime.time(8, 30), "a"]],
        "at timestamp, for_ interval, name text",
        [("2024-01-31", "08:30:00", "a")],
        "types: {at: timestamp, for: interval}",
    ),
    one(
        "booleans_as_declared",
        [["Active", "Name"], [True, "a"], ["yes", "b"]],
        "active boolean, name text",
        [("TRUE", "a")],
        "types: {active: boolean}",
        letters=((3, "of_declared_type", "Active"),),
    ),
    one(
        "days_as_declared_and_written",
        [["Day", "Name"], ["01.02.2024", "a"], ["31.31.2024", "b"]],
        "day date, name text",
        [("2024-02-01", "a")],
        "types: {day: date}\nday_first: true",
        letters=((3, "of_declared_type", "Day"),),
        changes=[("day", "read_as_declared", (2,))],
    ),
    one(
        "values_out_of_range_as_declared",
        [["Count", "Name"], [2_147_483_648, "a"], [-2_147_483_648, "b"]],
        "count integer, name text",
        [("-2147483648", "b")],
        "types: {count: integer}",
        letters=((2, "of_declared_type", "Count"),),
    ),
)
