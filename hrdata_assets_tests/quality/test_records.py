"""One record by itself: every rule's answer is the one that the scores count, and a key finds its records."""

from collections import Counter

import pytest

from hrdata_assets.quality.implied import KEY_UNIQUE
from hrdata_assets.quality.records import (
    Answer,
    changes_of,
    delivered_cells,
    is_blank,
    outcomes_of,
    records_with,
    stands_in,
)
from hrdata_assets.quality.references import References
from hrdata_assets_tests.cleaning.builders import csv_of_rows
from hrdata_assets_tests.quality.builders import AS_OF, an_employee, counts, judged, judged_rows

SPOILED = judged(
    csv_of_rows(
        an_employee(1),
        an_employee(2, email="nonsense", level="9"),
        an_employee(3, born="01.02.1990", name=" Bo "),
        an_employee(1, name="Another"),
        an_employee(4, updated="2020-01-01", title=""),
        an_employee(5, level="5", hours="0"),
    )
    + b"e6,too few\n\n"
    + csv_of_rows(an_employee(7)).partition(b"\n")[2]
)


def answers(row_no: int) -> dict[str, Answer]:
    return {outcome.rule: outcome.answer for outcome in outcomes_of(SPOILED.cleaned, AS_OF, References(), row_no)}


def test_the_answers_of_all_records_add_up_to_the_scores() -> None:
    asked: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for row_no in SPOILED.cleaned.rows.get_column("row_no"):
        for name, answer in answers(row_no).items():
            asked[name] += answer in (Answer.PASSED, Answer.FAILED)
            passed[name] += answer is Answer.PASSED
    scored = counts(SPOILED.received)
    fields = scored.pop("fields_match_header")
    assert {name: (passed[name], asked[name]) for name in scored} == scored
    assert fields == (passed["fields_match_header"], asked["fields_match_header"] + 1)


@pytest.mark.parametrize(("row_no", "failed"), [
    (2, set()),
    (3, {"email_valid", "level_valid"}),
    (4, {"born_form"}),
    (5, {KEY_UNIQUE}),
    (6, {"updated_fresh"}),
    (7, {"works_at_the_level"}),
    (8, {"too_few_fields"}),
    (10, set()),
])  # fmt: skip
def test_a_record_fails_what_is_wrong_with_it(row_no: int, failed: set[str]) -> None:
    assert {name for name, answer in answers(row_no).items() if answer is Answer.FAILED} == failed


def test_a_rule_that_does_not_apply_says_so() -> None:
    assert answers(6)["title_valid"] is Answer.NOT_APPLICABLE
    assert answers(2)["title_valid"] is Answer.PASSED


def test_a_blank_record_is_asked_nothing() -> None:
    with pytest.raises(LookupError, match="record 9 is blank"):
        outcomes_of(SPOILED.cleaned, AS_OF, References(), 9)
    assert [is_blank(SPOILED.cleaned, n) for n in (8, 9, 10)] == [False, True, False]
    assert [stands_in(SPOILED.cleaned, n) for n in (0, 1, 2, 10, 11)] == [False, False, True, True, False]


@pytest.mark.parametrize(("wanted", "found"), [
    ([("employee_id", "e1")], [2, 5]),
    ([("employee_id", " E1 ")], [2, 5]),
    ([("employee_id", "e1"), ("name", "another")], [5]),
    ([("name", "Bo")], [4]),
    ([("born", "1990-02-01")], [4]),
    ([("born", "01.02.1990")], [4]),
    ([(None, "nonsense")], [3]),
    ([("employee_id", "e6")], [8]),
    ([("employee_id", "e6"), ("name", "somebody else")], []),
    ([("employee_id", "e9")], []),
    ([], []),
])  # fmt: skip
def test_records_are_found_by_what_stands_in_them(wanted: list[tuple[str | None, str]], found: list[int]) -> None:
    assert records_with(SPOILED.cleaned, wanted) == found


def test_a_record_shows_its_cells_and_what_was_changed() -> None:
    cleaned = SPOILED.cleaned
    cells = delivered_cells(cleaned.delivered, cleaned.headers, 4)
    assert cells[:2] == [("Employee ID", "employee_id", "e3"), ("Name", "name", " Bo ")]
    assert delivered_cells(cleaned.delivered, cleaned.headers, 8) == [("", None, "e6,too few")]
    assert delivered_cells(cleaned.delivered, cleaned.headers, 9) == []
    assert changes_of(cleaned, 4)["name"] == ["trimmed"]
    assert changes_of(cleaned, 2) == changes_of(cleaned, 8) == {}


def test_an_empty_report_has_no_record() -> None:
    empty = judged_rows(an_employee(1)).cleaned
    assert not stands_in(empty, 3)
    assert records_with(empty, [("employee_id", "e2")]) == []
