"""Transforms: each does what it says, none ever raises or changes its answers, whatever it is given."""

import datetime
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.table import ColumnType
from hrdata_assets.unified.cells import Cells
from hrdata_assets.unified.kinds import PYTHON, UNKNOWN, Kind, classes_of
from hrdata_assets.unified.transform import Transform, Unfit, transform
from hrdata_assets.unified.transforms import TRANSFORMS, by_label, transform_named

SNAPSHOT = Path(__file__).resolve().parent.parent / "snapshots" / "transforms.txt"
REGENERATE = "HRDATA_WRITE_SNAPSHOTS"
WRITE = bool(os.environ.get(REGENERATE))

DAY = datetime.date(2026, 5, 1)
NIGHT = datetime.datetime(2026, 5, 1, 23, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=-5)))
ARGUMENTS: dict[str, list[Any]] = {
    "phone": [None, "47"],
    "cut": [3],
    "prefix": ["<"],
    "suffix": [">"],
    "replace": [{"a": "b", "b": "c"}],
    "lookup": [{"Active": "on", "Off": ""}, {"active": "on", "*": "other"}],
    "split": [","],
    "join": [", ", ""],
    "country": [None, "", "XX"],
    "date": [None, "%d.%m.%Y"],
    "multiply": [12, "0.5"],
    "round": [2, 0],
}
"""Arguments that each is tried with; those not named take none."""

VALUES: tuple[Any, ...] = (
    *("", " ", "abc", " A bc\n d ", "Active ", "ACTIVE", "a,b,, c ", "Ærø", "ß", "NO", "nor", "Norge", "Atlantis"),
    *("+47 22 33 44 55", "0047-22334455", "22334455", "see comments", "nok", "kroner", " Ann@X.Example ", "ann@"),
    *("<p>One &amp; two</p><p>three<br>four</p><script>x()</script>", "a < b and c > d", "<!-- x -->y"),
    *("true", "Yes", "0", "2", "1.50", "1,5", "1e5", "-7", "+7", "12345678901234567890123", "NaN", "Infinity"),
    *("2026-05-01", "2026-05-01T23:30:00-0500", "2026-05-01 23:30", "2026-13-01", "01.05.2026", "20260501"),
    *(0, 1, -7, 2**63, 1777678200000, 10**30, True, False, 1.5, 0.1, float("nan"), float("inf")),
    *(Decimal("1.005"), Decimal("-0.0"), Decimal("1E+3"), Decimal("NaN"), DAY, NIGHT, NIGHT.replace(tzinfo=None)),
    *([], ["b", "A", "a"], ["x", None, ""], ("x",), [1, 2], [["a"]], {}, {"a": 1}),
)
"""What every transform is tried with: if one answers any of them otherwise, it is another version."""

LABELS = [one.label for one in {t.label: t for t in TRANSFORMS.values()}.values()]
every_transform = pytest.mark.parametrize("label", LABELS)


def cells_of(label: str, argument: Any, value: Any) -> Cells:
    """What a transform makes of a value, or says of it."""
    cells = Cells([value])
    cells.transform(TRANSFORMS[label].applied(UNKNOWN, argument))
    return cells


def answer(label: str, argument: Any, value: Any) -> Any:
    cells = cells_of(label, argument, value)
    return cells.faults.get(0, cells.values[0])


def arguments(label: str) -> list[Any]:
    return ARGUMENTS.get(TRANSFORMS[label].name, [None])


def test_every_transform_answers_as_it_always_did() -> None:
    asked = [(label, argument, value) for label in sorted(LABELS) for argument in arguments(label) for value in VALUES]
    answers = [(one, cells) for one in asked if not (cells := cells_of(*one)).faults]
    # Values that are not named do not fit; in which words that is told is free.
    lines = [f"{label} {given!r} {value!r} -> {made.values[0]!r}" for (label, given, value), made in answers]
    found = "\n".join(lines) + "\n"
    if WRITE:
        SNAPSHOT.write_text(found, encoding="utf-8")
    agreed = SNAPSHOT.read_text(encoding="utf-8")
    assert found.splitlines() == agreed.splitlines(), (
        "a transform answers otherwise than before: what people saved with it would make other rows. Leave it as it is,"
        f" and add it with version=2. One that is new is written down with {REGENERATE}=1."
    )


@pytest.mark.parametrize(
    ("label", "argument", "value", "wanted"),
    [
        ("title", None, "head of HR", "Head Of Hr"),
        ("one_line", None, " a\n\t b ", "a b"),
        ("plain", None, "<p>One &amp; two</p><ul><li>x</li></ul>", "One & two\nx"),
        ("plain", None, "a < b &lt; c", "a < b < c"),
        ("email", None, " Ann@X.Example ", "ann@x.example"),
        ("country", None, "United kingdom", "GB"),
        ("country", "", "Atlantis", None),
        ("currency", None, " nok", "NOK"),
        ("phone", None, "+47 22 33-44.55", "+4722334455"),
        ("phone", "46", "08-123 45 67", "+4681234567"),
        ("phone", "46", "0047 22334455", "+4722334455"),
        ("cut", 3, "ab cd", "ab"),
        ("replace", {"a": "b", "b": "c"}, "ab", "cc"),
        ("lookup", {"On Hold": "held"}, " on hold", "held"),
        ("lookup", {"x": "y", "*": "other"}, "what", "other"),
        ("lookup", {"x": "y", "*": ""}, "what", None),
        ("split", ";", "a; b ;;", ["a", "b"]),
        ("join", "-", ["a", "b"], "a-b"),
        ("first", None, [3, 4], 3),
        ("last", None, [3, 4], 4),
        ("unique", None, ["Go", "SQL", "go"], ["Go", "SQL"]),
        ("text", None, Decimal("1E+3"), "1000"),
        ("text", None, NIGHT, "2026-05-02T04:30:00Z"),
        ("text", None, True, "true"),
        ("integer", None, "7.0", 7),
        ("decimal", None, 0.1, Decimal("0.1")),
        ("boolean", None, "Yes", True),
        ("negate", None, False, True),
        ("date", None, NIGHT, datetime.date(2026, 5, 2)),
        ("date", "%d.%m.%Y", "01.05.2026", DAY),
        ("moment", None, DAY, datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)),
        ("moment", None, 1777678200000, datetime.datetime(2026, 5, 1, 23, 30, tzinfo=datetime.UTC)),
        ("multiply", "0.5", 3, Decimal("1.5")),
        ("round", 2, Decimal("1.005"), Decimal("1.01")),
    ],
)
def test_a_transform_does_what_it_says(label: str, argument: Any, value: Any, wanted: Any) -> None:
    found = answer(label, argument, value)
    assert (found, type(found)) == (wanted, type(wanted))


def test_the_transforms_that_are_tried_are_all_there_are() -> None:
    takes = {one.name for one in TRANSFORMS.values() if one.argument != "none"}
    assert set(ARGUMENTS) == takes


@every_transform
def test_nothing_stays_nothing(label: str) -> None:
    for argument in arguments(label):
        cells = Cells([None, None])
        cells.transform(TRANSFORMS[label].applied(UNKNOWN, argument))
        assert (cells.values, cells.faults) == ([None, None], {})


@every_transform
def test_a_transform_is_described_and_gives_what_it_declares(label: str) -> None:
    one = TRANSFORMS[label]
    assert one.description[0].isupper()
    assert one.description.endswith((".", '%Y".'))
    for argument in arguments(label):
        for value in VALUES:
            cells = Cells([value])
            bound = one.applied(UNKNOWN, argument)
            cells.transform(bound)
            assert cells.values[0] is None or type(cells.values[0]) in classes_of(bound.gives)
            # What it says of a value does not hold the value.
            assert not cells.faults or len(cells.faults[0]) < 60


@settings(deadline=None)
@given(
    st.sampled_from(LABELS),
    st.text() | st.integers() | st.floats() | st.decimals() | st.dates() | st.datetimes() | st.lists(st.text()),
)
def test_no_value_makes_a_transform_raise_or_answer_twice_differently(label: str, value: Any) -> None:
    for argument in arguments(label):
        assert repr(answer(label, argument, value)) == repr(answer(label, argument, value))


@pytest.mark.parametrize(
    "label",
    ["lower", "upper", "strip", "one_line", "email", "country", "currency", "phone", "unique", "date", "decimal"],
)
def test_what_is_in_its_form_already_stays_as_it_is(label: str) -> None:
    for value in VALUES:
        cells = Cells([value])
        cells.transform(TRANSFORMS[label].applied(UNKNOWN))
        once = list(cells.values)
        if not cells.faults:
            cells.transform(TRANSFORMS[label].applied(UNKNOWN))
            assert (cells.values, cells.faults) == (once, {})


def test_of_lists_each_member_is_changed() -> None:
    cells = Cells([["a,b", "c"], None])
    bound = TRANSFORMS["upper"].applied(Kind(ColumnType.TEXT, many=True))
    cells.transform(bound)
    assert (cells.values, bound.gives) == ([["A,B", "C"], None], Kind(ColumnType.TEXT, many=True))
    cells.transform(TRANSFORMS["split"].applied(bound.gives, ","))
    assert cells.values == [["A", "B", "C"], None]


@pytest.mark.parametrize("name", [name for name, one in TRANSFORMS.items() if one.argument == "required"])
def test_an_argument_that_is_none_is_refused(name: str) -> None:
    for argument in (object(), [], {}, {"": "x"}, True):
        with pytest.raises(Unfit):
            TRANSFORMS[name].applied(Kind(next(iter(TRANSFORMS[name].takes)), many=TRANSFORMS[name].gathers), argument)


def test_the_newest_version_goes_by_the_bare_name_and_the_former_stays() -> None:
    @transform(ColumnType.TEXT, version=2)
    def lower(text: str) -> str:
        """Casefolded."""
        return text.casefold()

    among = by_label([TRANSFORMS["lower"], lower])
    assert transform_named("lower", among) is lower
    assert transform_named("lower@2", among) is lower
    assert transform_named("lower@1", among) is TRANSFORMS["lower"]
    with pytest.raises(TypeError, match="two transforms lower@2"):
        by_label([lower, lower])


def test_a_transform_without_a_sentence_is_none() -> None:
    with pytest.raises(TypeError, match="needs a docstring"):

        @transform(ColumnType.TEXT)
        def silent(text: str) -> str:
            return text


def test_every_type_that_a_transform_takes_has_classes() -> None:
    assert {t for one in TRANSFORMS.values() for t in one.takes} <= set(PYTHON)
    assert all(isinstance(one, Transform) for one in TRANSFORMS.values())
