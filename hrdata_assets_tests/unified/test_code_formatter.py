"""Formatters that are functions: found by name, held to the target's table, and told of like any other."""

from collections.abc import Iterator

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.unified import code_formatter
from hrdata_assets.unified.code_formatter import CodeFormatter, formatter, formatter_named, registered
from hrdata_assets.unified.formatter import NotFormattedError, Values
from hrdata_assets.unified.transform import Unfit
from hrdata_assets_tests.unified.builders import Applicant, Person, an_applicant


@pytest.fixture
def shout() -> Iterator[CodeFormatter]:
    @formatter("shout", source=Applicant, target=Person)
    def made(row: Values) -> Values:
        """A name in capitals."""
        if row["full_name"] == "Nobody":
            raise Unfit("is about nobody")
        extra = {} if row.get("years") != 99 else {"age": 99}
        return {"key": str(row["id"]), "name": row["full_name"].upper(), "years": row.get("years"), **extra}

    yield made
    del code_formatter._REGISTERED["shout"]


def test_a_function_makes_rows_and_is_found_by_its_name(shout: CodeFormatter) -> None:
    assert formatter_named("shout") is registered()["shout"] is shout
    person = shout.apply(Applicant(**an_applicant(years=3)))
    assert isinstance(person, Person)
    assert (person.key, person.name, person.years, person.title) == ("1", "ANN EXAMPLE", 3, None)


def test_what_it_cannot_make_is_told_and_stops_nothing(shout: CodeFormatter) -> None:
    rows = [
        an_applicant(full_name="Nobody"),
        an_applicant(full_name=5),
        an_applicant(years="3"),
        an_applicant(years=99),
        an_applicant(),
        {},
    ]
    done = shout.apply_all(rows)
    assert list(done.places) == [4]
    assert {failure.place: [str(reason) for reason in failure.reasons] for failure in done.failures} == {
        0: ["the row is about nobody"],
        1: ["the row cannot be made by shout: AttributeError"],
        2: ["years is no whole number"],
        3: ["the row has age, which try_people has not"],
        5: ["the row cannot be made by shout: KeyError"],
    }


def test_a_name_stands_for_one_formatter(shout: CodeFormatter) -> None:
    with pytest.raises(TypeError, match="two formatters shout"):
        formatter("shout", source=Applicant, target=Person)(lambda row: row)
    with pytest.raises(SetupError, match="there is no formatter whisper; there are shout"):
        formatter_named("whisper")


def test_one_row_that_cannot_be_made_says_why(shout: CodeFormatter) -> None:
    with pytest.raises(NotFormattedError, match="shout could not make the row: the row is about nobody"):
        shout.apply(an_applicant(full_name="Nobody"))
