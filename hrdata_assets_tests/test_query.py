"""Conditions: what a column allows, values as its type, and each system's own way of asking."""

import datetime
from decimal import Decimal

import pytest

from hrdata_assets.commands.systems import conditions
from hrdata_assets.errors import SetupError
from hrdata_assets.query import Condition, field
from hrdata_assets.systems.bullhorn.asking import field_list, lucene, where
from hrdata_assets.systems.bullhorn.tables import Candidate, JobSubmission
from hrdata_assets.table import Operator

NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)


def test_values_become_the_columns_own_type() -> None:
    assert field(Candidate, "salary").gte("50000.50").value == Decimal("50000.50")
    assert field(Candidate, "experience_years").eq("5").value == 5
    assert field(Candidate, "is_deleted").eq("false").value is False
    assert field(Candidate, "date_available").lt("2024-05-01T14:00:00+02:00").value == NOON
    assert field(Candidate, "date_available").lt(datetime.date(2024, 5, 1)).value == NOON.replace(hour=0)
    assert field(Candidate, "city").is_in(["Oslo", "Leeds"]).values == ("Oslo", "Leeds")


@pytest.mark.parametrize(
    ("name", "operator", "value", "told"),
    [
        ("no_such", Operator.EQ, "x", "has no column no_such; it can be filtered by id"),
        ("description", Operator.EQ, "x", "it cannot be filtered by"),
        ("city", Operator.GT, "x", "cannot be compared by gt; it allows eq, in, contains"),
        ("salary", Operator.GT, "a lot", "something that is no numeric"),
        ("experience_years", Operator.EQ, "5.5", "something that is no integer"),
        ("date_available", Operator.GT, "soon", "something that is no timestamptz"),
        ("city", Operator.IN, "Oslo", "needs a list"),
        ("city", Operator.IN, [], "one value at least"),
    ],
)
def test_what_cannot_be_asked_is_refused_without_the_value(
    name: str, operator: Operator, value: object, told: str
) -> None:
    with pytest.raises(SetupError, match=told) as refused:
        field(Candidate, name).where(operator, value)
    assert "a lot" not in str(refused.value)


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        (field(Candidate, "status").eq('Ac"tive\\'), r'status:"Ac\"tive\\"'),
        (field(Candidate, "city").is_in(["Oslo", "Leeds"]), '(address.city:"Oslo" OR address.city:"Leeds")'),
        (field(Candidate, "salary").gte(5), "salary:[5 TO *]"),
        (field(Candidate, "salary").gt(5), "salary:{5 TO *}"),
        (field(Candidate, "salary").lt(5), "salary:{* TO 5}"),
        (field(Candidate, "date_available").lte(NOON), "dateAvailable:[* TO 20240501120000]"),
        (field(Candidate, "is_deleted").eq(False), "isDeleted:0"),
        (field(Candidate, "primary_skills").contains("SQL"), 'primarySkills.name:"SQL"'),
    ],
)
def test_the_index_is_asked_in_lucene(condition: Condition, asked: str) -> None:
    assert lucene(condition) == asked


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        (field(JobSubmission, "status").eq("O'Neill"), "status = 'O''Neill'"),
        (field(JobSubmission, "candidate_id").is_in([1, 2]), "candidate.id IN (1,2)"),
        (field(JobSubmission, "date_added").gte(NOON), "dateAdded >= 1714564800000"),
        (field(JobSubmission, "is_deleted").eq(True), "isDeleted = true"),
        (field(JobSubmission, "status").contains("Place"), "status LIKE '%Place%'"),
    ],
)
def test_the_database_is_asked_in_its_own_words(condition: Condition, asked: str) -> None:
    assert where(condition) == asked


def test_conditions_hold_of_values() -> None:
    assert field(Candidate, "city").contains("os").holds("Oslo")
    assert field(Candidate, "primary_skills").contains("sql").holds(["Go", "SQL"])
    assert not field(Candidate, "salary").gt(5).holds(None)
    assert [field(Candidate, "salary").gte(5).holds(Decimal(n)) for n in (4, 5, 6)] == [False, True, True]
    assert [field(Candidate, "salary").lt(5).holds(Decimal(n)) for n in (4, 5, 6)] == [True, False, False]


def test_a_person_writes_conditions_with_signs() -> None:
    found = conditions(Candidate.table, ["city in Oslo, Leeds", "salary>=50000", "status = On hold", "source~web"])
    told = [(c.column.name, c.operator.value, c.values) for c in found]
    assert told == [
        ("city", "in", ("Oslo", "Leeds")),
        ("salary", "gte", (Decimal(50000),)),
        ("status", "eq", ("On hold",)),
        ("source", "contains", ("web",)),
    ]
    with pytest.raises(SetupError, match="a condition is a column"):
        conditions(Candidate.table, ["city"])


def test_fields_are_asked_for_with_what_is_below_them() -> None:
    asked = field_list(Candidate.table.columns, ["customText1"])
    assert asked.startswith("id,name,firstName")
    assert "address(address1,address2,city,state,zip,countryName,countryCode)" in asked
    assert "owner(id)" in asked
    assert "primarySkills[10](name)" in asked
    assert asked.endswith(",customText1")
