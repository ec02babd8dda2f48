"""Mappings: what they make, what they refuse when built, and how they tell of a row that they cannot make."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.errors import SetupError
from hrdata_assets.table import Row, column
from hrdata_assets.unified.formatter import Composed, Failure, NotFormattedError, Reason
from hrdata_assets.unified.mapping import BLOCK, constants, mapping, renamed, same, transformed
from hrdata_assets_tests.timing import quickest
from hrdata_assets_tests.unified.builders import (
    KEYED,
    Applicant,
    Person,
    an_applicant,
    only,
    refused,
    to_person,
)

NOON = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_fields_are_taken_renamed_changed_and_set() -> None:
    built = mapping(
        Applicant,
        Person,
        transformed("text", key="id"),
        renamed(name="full_name", title="job_title"),
        same("wage", "years", "rented", "skills"),
        constants(status="free", code="NO"),
        transformed("date", free_on="free_from"),
        renamed(seen_at="free_from"),
    )
    applicant = an_applicant(
        job_title="Cook", wage=Decimal("9.50"), years=3, rented=False, free_from=NOON, skills=("a", "b")
    )
    made = built.apply_all([applicant]).rows[0]
    assert made == {
        "key": "1",
        "name": "Ann Example",
        "title": "Cook",
        "status": "free",
        "wage": Decimal("9.50"),
        "years": 3,
        "rented": False,
        "free_on": NOON.date(),
        "seen_at": NOON,
        "skills": ["a", "b"],
        "code": "NO",
    }
    assert built.filled == tuple(made)


def test_one_row_comes_as_the_targets_class() -> None:
    person = to_person({"from": "skills", "to": "skills"}).apply(Applicant(**an_applicant(skills=["a"])))
    assert isinstance(person, Person)
    assert (person.key, person.name, person.skills, person.title) == ("1", "Ann Example", ("a",), None)


def test_where_only_a_table_is_known_one_row_comes_as_values() -> None:
    built = mapping(Applicant.table, Person.table, KEYED)
    assert built.apply(an_applicant()) == {"key": "1", "name": "Ann Example"}


def test_the_first_entry_that_has_a_value_counts() -> None:
    built = to_person({"from": "mobile", "to": "phone"}, {"from": "phone", "to": "phone", "transform": {"prefix": "p"}})
    assert only(built, mobile="1", phone="2")["phone"] == "1"
    assert only(built, mobile="", phone="2")["phone"] == "p2"
    assert only(built)["phone"] is None


def test_several_places_make_a_list() -> None:
    places = {"from": ["mobile", "phone", "skills"], "to": "skills"}
    assert only(to_person(places), mobile="1", skills=["a", "b"])["skills"] == ["1", "a", "b"]
    assert only(to_person(places))["skills"] is None
    joined = {"from": ["mobile", "phone"], "to": "phone", "transform": {"join": " or "}}
    assert only(to_person(joined), mobile="1", phone="2")["phone"] == "1 or 2"
    assert only(to_person(joined), phone="2")["phone"] == "2"
    first = {"from": ["years", "id"], "to": "years", "transform": "first"}
    assert only(to_person(first))["years"] == 1


def test_an_entry_counts_only_when_its_conditions_are_met() -> None:
    built = to_person(
        {"constant": "rented", "to": "status", "when": {"rented": True}},
        {"constant": "free", "to": "status", "when": "free_from"},
        {"from": "wage", "to": "wage", "when": {"job_title": ["Cook", "Baker"], "rented": True}},
    )
    assert only(built, rented=True)["status"] == "rented"
    assert only(built, rented=False, free_from=NOON)["status"] == "free"
    assert only(built, rented=False)["status"] is None
    assert only(built, rented=True, job_title="Baker", wage=Decimal(5))["wage"] == 5
    assert only(built, rented=True, job_title="Smith", wage=Decimal(5))["wage"] is None
    # What does not count cannot be wrong.
    assert only(built, rented=True, job_title="Smith", wage=Decimal(5000))["wage"] is None


def test_a_default_stands_for_what_is_missing_and_not_for_what_does_not_fit() -> None:
    built = to_person({"from": "job_title", "to": "code", "transform": "country", "default": "SE"})
    assert only(built, job_title="Norway")["code"] == "NO"
    assert only(built)["code"] == "SE"
    assert refused(built, job_title="Atlantis") == ["code is no country that is known by that name"]


def test_paths_lead_into_what_nobody_declared_and_into_lists() -> None:
    built = to_person(
        {"from": "extra.work.title", "to": "title"},
        {"from": "extra.tags.name", "to": "skills"},
        {"from": "extra.jobs.1.wage", "to": "wage"},
        {"from": "skills.0", "to": "phone"},
        {"from": "extra.since", "to": "free_on", "transform": "date"},
    )
    extra = {
        "work": {"title": "Cook"},
        "tags": [{"name": "a"}, {"no": 1}, {"name": "b"}],
        "jobs": [{}, {"wage": 9.1}],
        "since": 1767225600000,
    }
    made = only(built, extra=extra, skills=["x"])
    assert (made["title"], made["skills"], made["wage"]) == ("Cook", ["a", "b"], Decimal("9.1"))
    assert (made["phone"], made["free_on"]) == ("x", datetime.date(2026, 1, 1))
    assert only(built, extra='{"work": {"title": "Cook"}}')["title"] == "Cook"
    assert only(built, extra={"work": [], "jobs": None})["title"] is None
    assert only(built)["title"] is None


def test_a_row_that_cannot_be_made_is_told_with_every_reason_and_stops_no_other() -> None:
    built = to_person(
        {"from": "extra.status", "to": "status"},
        {"from": "wage", "to": "wage"},
        {"from": "extra.code", "to": "code", "transform": "upper"},
        {"from": "extra.years", "to": "years"},
    )
    rows = [
        an_applicant(),
        an_applicant(extra={"status": "gone", "code": "nor", "years": "3"}, wage=Decimal(1001)),
        an_applicant(extra={"status": 5, "code": 5, "years": True}),
        an_applicant(full_name=None, extra={"years": 2**31}, wage="9"),
        an_applicant(extra={"status": "free", "code": "no", "years": 4}),
    ]
    done = built.apply_all(rows)
    assert list(done.places) == [0, 4]
    assert done.rows[1] == {"key": "1", "name": "Ann Example", "status": "free", "wage": None, "years": 4, "code": "NO"}
    told = {failure.place: [str(reason) for reason in failure.reasons] for failure in done.failures}
    assert told == {
        1: [
            *("status is none of free, rented", "wage is more than 1000", "years is no whole number"),
            "code is not like [A-Z]{2}",
        ],
        2: ["status is no text", "years is no whole number", "code cannot be changed by upper@1"],
        3: ["name is missing", "wage is no number in wage", "years is too large a number"],
    }


def test_one_row_that_cannot_be_made_says_why_without_its_values() -> None:
    built = to_person({"from": "job_title", "to": "status"})
    with pytest.raises(NotFormattedError, match="status is none of free, rented") as error:
        built.apply(an_applicant(job_title="Secret"))
    assert error.value.reasons == (Reason("status", "is none of free, rented"),)
    assert "Secret" not in str(error.value)


def test_what_postgresql_cannot_hold_is_no_text() -> None:
    built = to_person({"from": "extra.t", "to": "title"}, {"from": "extra.s", "to": "skills"})
    told = "holds characters that no text may hold"
    assert refused(built, extra={"t": "a\0b", "s": ["\ud800"]}) == [f"title {told}", f"skills {told}"]


def test_a_moment_names_its_zone() -> None:
    built = to_person({"from": "free_from", "to": "seen_at"})
    assert refused(built, free_from=NOON.replace(tzinfo=None)) == ["seen_at names no zone"]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ({"from": "job_titel", "to": "title"}, r"field 3 \(to title\): try_applicants has no field job_titel: did you"),
        ({"from": "job_title", "to": "titel"}, r"field 3 \(to titel\): try_people has no such field"),
        ({"from": "job_title.0", "to": "title"}, "job_title of try_applicants is text: there is nothing below it"),
        ({"from": "skills.name", "to": "title"}, "skills of try_applicants is several of text: there is nothing below"),
        ({"from": "extra..x", "to": "title"}, r"extra\.\.x is no path"),
        ({"from": "id", "to": "title"}, "gives integer, and title is text: use the transform text"),
        (
            {"from": "skills", "to": "title"},
            "gives several of text, and title is text: use the transform text, or join",
        ),
        ({"from": "job_title", "to": "skills"}, "gives text, and skills is text.*: use the transform split"),
        ({"from": "free_from", "to": "free_on"}, "gives timestamptz, and free_on is date: use the transform date"),
        ({"from": "extra.day", "to": "free_on"}, "gives whatever JSON holds, and free_on is date: use the transform"),
        ({"from": ["phone", "years"], "to": "skills"}, "its places hold integer and text: they must be of one type"),
        ({"from": "phone", "to": "title", "transform": "shout"}, "there is no transform shout; there are boolean,"),
        ({"from": "phone", "to": "title", "transform": "lower@9"}, "there is no transform lower@9"),
        ({"from": "phone", "to": "title", "transform": {"cut": "x"}}, "transform cut wants a number of characters"),
        ({"from": "phone", "to": "title", "transform": "join"}, 'transform join needs an argument: {"join": …}'),
        ({"from": "phone", "to": "title", "transform": {"lower": 1}}, "transform lower takes no argument"),
        ({"from": "years", "to": "title", "transform": "lower"}, "transform lower takes text, and is given integer"),
        ({"from": "phone", "to": "title", "transform": {"join": ","}}, "takes several values, and is given one text"),
        ({"from": "phone", "constant": "x", "to": "title"}, "needs either from or constant"),
        ({"to": "title"}, "needs either from or constant"),
        ({"constant": "x", "to": "title", "transform": "lower"}, "a constant is taken as it is"),
        ({"constant": "gone", "to": "status"}, "its constant or default is none of free, rented"),
        ({"constant": "x", "to": "years"}, "its constant or default is no whole number"),
        ({"from": "phone", "to": "title", "default": 5}, "its constant or default is no text"),
        ({"constant": 9999, "to": "wage"}, "its constant or default is more than 1000"),
        ({"constant": "soon", "to": "free_on"}, "is no date"),
        ({"from": "phone", "to": "title", "when": "nothing"}, "try_applicants has no field nothing"),
        ({"from": "phone", "to": "title", "if": "x"}, "fields 3 if: Extra inputs are not permitted"),
        ({"from": "phone", "to": "title", "transform": []}, "fields 3 transform: "),
        ({"from": "phone", "to": "title", "transform": {"lower": None, "upper": None}}, "fields 3 transform: "),
        ({"from": 5, "to": "title"}, "fields 3 from: "),
        ({"from": "phone"}, "fields 3 to: Field required"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_built(field: dict[str, Any], told: str) -> None:
    with pytest.raises(SetupError, match=told.replace("{", r"\{").replace("…", ".")):
        to_person(field)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SetupError) as error:
        mapping(Applicant, Person, {"from": "x", "to": "title"}, {"from": "phone", "to": "y"}, same("years"))
    assert str(error.value) == (
        "try_applicants to try_people cannot map try_applicants to try_people: "
        "field 1 (to title): try_applicants has no field x; field 2 (to y): try_people has no such field; "
        "nothing fills key, which try_people requires; nothing fills name, which try_people requires"
    )


def test_what_a_system_makes_itself_need_not_be_filled() -> None:
    built = mapping(Person, Applicant, renamed(full_name="name"))
    assert built.apply_all([{"name": "Ann"}]).rows == [{"full_name": "Ann"}]


def test_constants_and_defaults_are_of_the_fields_type() -> None:
    built = to_person(
        *constants(wage="9.5", free_on="2026-05-01", seen_at="2026-05-01T14:00:00+02:00", skills=["a"], rented=True),
        {"from": "years", "to": "years", "default": 7},
    )
    made = only(built)
    assert (made["wage"], made["free_on"], made["seen_at"]) == (Decimal("9.5"), NOON.date(), NOON)
    assert (made["skills"], made["rented"], made["years"]) == (["a"], True, 7)


def test_no_rows_make_no_rows() -> None:
    done = to_person().apply_all([])
    assert (done.rows, list(done.places), done.failures) == ([], [], ())


@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3])
def test_places_are_those_of_the_rows_given_whatever_the_blocks(count: int) -> None:
    rows = [an_applicant(id=n, full_name=None if n % 7 == 3 else f"n{n}") for n in range(count)]
    done = to_person().apply_all(rows)
    assert [row["key"] for row in done.rows] == [str(place) for place in done.places]
    assert [failure.place for failure in done.failures] == [n for n in range(count) if n % 7 == 3]
    assert sorted([*done.places, *(failure.place for failure in done.failures)]) == list(range(count))


class Badge(Row, table="try_badges", layer="core"):
    """One row per badge."""

    label: str = column(key=True)
    """What it says."""


def test_two_formatters_make_one_and_each_tells_its_own_reasons() -> None:
    second = mapping(Person, Badge, {"from": "name", "to": "label", "transform": "email"})
    both = Composed(to_person(), second)
    names = ["a@x.example", None, "Bo", "B@X.example"]
    done = both.apply_all([an_applicant(full_name=name) for name in names])
    assert (done.rows, list(done.places)) == ([{"label": "a@x.example"}, {"label": "b@x.example"}], [0, 3])
    assert done.failures == (
        Failure(1, (Reason("name", "is missing"),)),
        Failure(2, (Reason("label", "is no e-mail address"),)),
    )
    assert isinstance(both.apply(an_applicant(full_name="a@x.example")), Badge)


@settings(deadline=None)
@given(JSON, JSON)
def test_whatever_stands_in_a_row_no_row_is_lost_and_nothing_is_raised(value: Any, extra: Any) -> None:
    built = to_person(
        {"from": "extra.a.b", "to": "title", "transform": ["strip", {"cut": 5}]},
        {"from": "extra.a", "to": "skills", "transform": "unique"},
        {"from": "texts.no", "to": "wage", "transform": "decimal"},
        {"from": "free_from", "to": "free_on", "transform": "date"},
        {"from": "skills", "to": "phone", "transform": "first"},
    )
    row = {**an_applicant(), "extra": {"a": extra}, "texts": value, "free_from": value, "skills": extra, "wage": value}
    done = built.apply_all([row, an_applicant()])
    assert len(done.rows) + len(done.failures) == 2
    assert done.rows[-1]["title"] is None
    for made in done.rows:
        Person.model_validate(made)


def test_a_mapping_costs_no_more_than_a_few_times_what_validating_its_rows_costs() -> None:
    built = to_person(*(same("years", "rented", "skills", "phone", "wage")), *transformed("date", free_on="free_from"))
    rows = [an_applicant(id=n, years=n, skills=["a"], phone="1", free_from=NOON, wage=Decimal(1)) for n in range(5000)]
    made = built.apply_all(rows).rows
    assert len(made) == 5000
    mapped = quickest(lambda: built.apply_all(rows))
    validated = quickest(lambda: [Person.model_validate(row) for row in made])
    # Twice as much when undisturbed: only another order of magnitude fails here.
    assert mapped < 10 * validated
