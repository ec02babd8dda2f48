"""The fake org's query language, asked without a server in between."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from hrdata_assets.systems.salesforce.fake_errors import ApiError
from hrdata_assets.systems.salesforce.fake_ids import as_18, record_id
from hrdata_assets.systems.salesforce.fake_objects import schema
from hrdata_assets.systems.salesforce.fake_query import select
from hrdata_assets.systems.salesforce.fake_store import Store
from hrdata_assets.systems.salesforce.fake_values import STAMP, Row
from hrdata_assets_tests.timing import quickest

USER = record_id("005", 0)
Ask = Callable[[str], list[Any]]


@pytest.fixture
def store() -> Store:
    return Store(schema(), lambda: datetime(2026, 5, 1, 12, tzinfo=UTC), USER)


def add(store: Store, name: str = "Contact", **fields: Any) -> str:
    return store.insert(store.schema.objects[name], fields)


@pytest.fixture
def ask(store: Store) -> Ask:
    """Last names of the contacts a condition (and what comes behind it) finds."""

    def ask(rest: str) -> list[Any]:
        found = select(store, f"SELECT LastName FROM Contact {rest}", everything=False)
        return [row["LastName"] for row in store.tables["Contact"].rows(found.ids)]

    return ask


def refusal(store: Store, query: str) -> ApiError:
    with pytest.raises(ApiError) as refused:
        select(store, query, everything=False)
    return refused.value


def test_an_id_has_three_characters_that_say_the_case_of_the_others() -> None:
    # A published pair.
    assert as_18("001A0000006Vm9u") == "001A0000006Vm9uIAC"
    assert as_18("001A0000006Vm9uIAC") == "001A0000006Vm9uIAC"
    assert as_18("001A0000006Vm9UIAC") is None
    assert as_18("001A0000006Vm9") is None


def test_later_records_have_greater_ids_of_both_cases() -> None:
    ids = [record_id("003", n) for n in range(2_000)]
    assert ids == sorted(ids)
    assert len({one[:15].lower() for one in ids}) < len(ids)


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("WHERE LastName = 'berg'", ["Berg"]),
        ("WHERE LastName != 'Berg'", ["Dahl", "O'Neill", "Öberg_x"]),
        ("WHERE LastName IN ('Berg', 'DAHL')", ["Berg", "Dahl"]),
        ("WHERE LastName NOT IN ('Berg', 'Dahl')", ["O'Neill", "Öberg_x"]),
        (r"WHERE LastName = 'O\'Neill'", ["O'Neill"]),
        ("WHERE LastName LIKE '%B_R%'", ["Berg", "Öberg_x"]),
        (r"WHERE LastName LIKE '%\_x'", ["Öberg_x"]),
        ("WHERE Title = null", ["Dahl", "O'Neill"]),
        ("WHERE Title = ''", ["Dahl", "O'Neill"]),
        ("WHERE Title != null", ["Berg", "Öberg_x"]),
        ("WHERE Title != 'Engineer'", ["Dahl", "O'Neill", "Öberg_x"]),
        ("WHERE Birthdate < 1985-01-01", ["Berg"]),
        ("WHERE HasOptedOutOfEmail = TRUE", ["Dahl"]),
        ("WHERE Skills__c INCLUDES ('SQL')", ["Berg", "Dahl"]),
        ("WHERE Skills__c INCLUDES ('SQL;Java')", ["Berg"]),
        ("WHERE Skills__c EXCLUDES ('SQL')", ["O'Neill", "Öberg_x"]),
        ("WHERE (LastName = 'Berg' OR LastName = 'Dahl') AND NOT Title = 'Engineer'", ["Dahl"]),
        ("WHERE CreatedDate >= 2026-05-01T14:00:00+02:00", ["Berg", "Dahl", "O'Neill", "Öberg_x"]),
        ("WHERE CreatedDate > 2026-05-01T12:00:00Z", []),
        ("WHERE Account.Name = 'acme' AND account.industry = null", ["Berg"]),
        ("ORDER BY Title", ["Dahl", "O'Neill", "Öberg_x", "Berg"]),
        ("ORDER BY Title DESC", ["Dahl", "O'Neill", "Berg", "Öberg_x"]),
        ("ORDER BY Title NULLS LAST, LastName DESC", ["Öberg_x", "Berg", "O'Neill", "Dahl"]),
        ("ORDER BY Id DESC LIMIT 2", ["Öberg_x", "O'Neill"]),
        ("ORDER BY SystemModstamp, Id LIMIT 2 OFFSET 1", ["Dahl", "O'Neill"]),
        ("ORDER BY SystemModstamp DESC, Id LIMIT 2", ["Berg", "Dahl"]),
    ],
)
def test_conditions_and_orders(store: Store, ask: Ask, rest: str, found: list[str]) -> None:
    account = add(store, "Account", Name="Acme")
    birth = "1980-02-03"
    add(store, LastName="Berg", Title="Engineer", Birthdate=birth, Skills__c="Java;SQL", AccountId=account)
    add(store, LastName="Dahl", HasOptedOutOfEmail=True, Skills__c="SQL")
    add(store, LastName="O'Neill", Birthdate="1990-01-01")
    add(store, LastName="Öberg_x", Title="Architect")
    assert ask(rest) == found


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("SELECT Id FORM Contact", "MALFORMED_QUERY", "unexpected token: 'FORM'"),
        ("SELECT Id FROM Contact WHERE Name = 'x", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Contact WHERE Name = 'a\\x'", "MALFORMED_QUERY", "Illegal character sequence"),
        ("SELECT Id, ID FROM Contact", "MALFORMED_QUERY", "duplicate field selected: ID"),
        ("SELECT Id FROM Contact WHERE Name = 'a' AND Title = 'b' OR Phone = 'c'", "MALFORMED_QUERY", "'OR'"),
        ("SELECT COUNT(Id) FROM Contact", "MALFORMED_QUERY", "only COUNT()"),
        ("SELECT Id FROM Contact GROUP BY Id", "MALFORMED_QUERY", "'GROUP'"),
        (
            "SELECT Id FROM Contact WHERE CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            "should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Contact WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Contact ORDER BY MailingAddress", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id, Shoe__c FROM Contact", "INVALID_FIELD", "Row:1:Column:12\nNo such column 'Shoe__c' on entity"),
        ("SELECT Id FROM Contact WHERE Boss.Name = 'x'", "INVALID_FIELD", "relationship 'Boss'"),
        ("SELECT Id, CurrencyIsoCode FROM Contact", "INVALID_FIELD", "No such column"),
        ("SELECT Id FROM Contact WHERE Id > '003'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 003"),
        ("SELECT Id FROM Contact WHERE HasOptedOutOfEmail > TRUE", "INVALID_QUERY_FILTER_OPERATOR", "boolean"),
        ("SELECT Id FROM Kontakt", "INVALID_TYPE", "sObject type 'Kontakt' is not supported"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ],
)
def test_a_query_that_cannot_be_asked_is_refused(store: Store, query: str, code: str, words: str) -> None:
    error = refusal(store, query)
    assert (error.status, error.code) == (400, code)
    assert words in error.message


def test_deleted_records_are_found_by_who_asks_for_everything_until_they_are_purged(store: Store) -> None:
    kind = store.schema.objects["Contact"]
    row = store.tables["Contact"].row(add(store, LastName="Berg"))
    assert row is not None
    store.remove(kind, row)
    deleted = "SELECT Id FROM Contact WHERE IsDeleted = TRUE"
    assert select(store, deleted, everything=False).ids == []
    assert select(store, deleted, everything=True).ids == [row["Id"]]
    store.now = lambda: datetime(2026, 5, 16, 12, tzinfo=UTC)
    assert select(store, deleted, everything=True).ids == []


def test_a_transaction_can_be_taken_back_whole(store: Store, ask: Ask) -> None:
    kind = store.schema.objects["Contact"]
    row = store.tables["Contact"].row(add(store, LastName="Berg"))
    assert row is not None
    with store.transaction() as roll_back:
        store.update(kind, row, {"LastName": "Dahl"})
        add(store, LastName="Ek")
        assert ask("") == ["Dahl", "Ek"]
        roll_back()
    assert ask("") == ["Berg"]


def test_an_index_finds_what_looking_at_every_record_finds(store: Store) -> None:
    """Any condition, order and limit; `NOT NOT` is a condition that no index knows."""
    dice, kind = Random(7), store.schema.objects["Contact"]
    for n in range(60):
        add(store, LastName=f"N{n % 5}", SystemModstamp=f"2026-01-0{1 + n % 4}T00:00:00.000+0000")
    ids = store.tables["Contact"].every.by_id
    for row in list(store.tables["Contact"].rows(ids[::7])):
        store.remove(kind, row)

    def condition(depth: int) -> str:
        if depth and dice.random() < 0.6:
            parts = [condition(depth - 1) for _ in range(2)]
            return f"({dice.choice([' AND ', ' OR ']).join(parts)})"
        operator = dice.choice(["=", "!=", "<", "<=", ">", ">="])
        return dice.choice(
            [
                f"Id {operator} '{dice.choice(ids)}'",
                f"Id IN ('{dice.choice(ids)}', '{dice.choice(ids)[:15]}')",
                f"SystemModstamp {operator} 2026-01-0{dice.randint(1, 5)}T00:00:00Z",
                f"LastName = 'n{dice.randint(0, 5)}'",
            ]
        )

    orders = [
        "SystemModstamp, Id",
        "SystemModstamp DESC, Id DESC",
        "SystemModstamp, Id DESC",
        "Id",
        "Id DESC",
        "Name, Id",
    ]
    for _ in range(300):
        where, order, everything = condition(2), dice.choice(orders), dice.random() < 0.5
        rest = f"ORDER BY {order}{dice.choice(['', ' LIMIT 7', ' LIMIT 9 OFFSET 3'])}"
        indexed = select(store, f"SELECT Id FROM Contact WHERE {where} {rest}", everything=everything).ids
        looked_at = select(store, f"SELECT Id FROM Contact WHERE NOT NOT {where} {rest}", everything=everything).ids
        assert indexed == looked_at, (where, rest)


@pytest.fixture(scope="module")
def large() -> Store:
    """A hundred thousand contacts, each changed in one of the hours of a week."""
    keys = [f"2026-01-{1 + n % 7:02}T{n % 24:02}:00:00.000+0000{record_id('003', n)}" for n in range(100_000)]

    def make(n: int) -> Row:
        return {"Id": keys[n][STAMP:], "SystemModstamp": keys[n][:STAMP], "IsDeleted": False, "LastName": "Berg"}

    store = Store(schema(), lambda: datetime(2026, 5, 1, 12, tzinfo=UTC), USER)
    store.tables["Contact"].load(keys, 0, make)
    return store


THIRD = "2026-01-03T00:00:00Z"


@pytest.mark.parametrize(
    "rest",
    [
        f"WHERE SystemModstamp >= {THIRD} ORDER BY SystemModstamp, Id LIMIT 500",
        f"WHERE SystemModstamp >= {THIRD} AND SystemModstamp < 2026-01-03T02:00:00Z ORDER BY SystemModstamp, Id",
        "WHERE Id > '{id}' ORDER BY Id LIMIT 500",
        f"WHERE SystemModstamp > {THIRD} OR (SystemModstamp = {THIRD} AND Id > '{{id}}') "
        "ORDER BY SystemModstamp, Id LIMIT 500",
        f"WHERE SystemModstamp >= {THIRD} AND SystemModstamp < 2026-01-03T02:00:00Z AND Id > '{{id}}' "
        "ORDER BY Id LIMIT 500",
        "WHERE Id IN ('{id}') AND LastName = 'Berg'",
    ],
)
def test_a_page_of_a_hundred_thousand_records_is_found_without_looking_at_all_of_them(large: Store, rest: str) -> None:
    query = f"SELECT Id FROM Contact {rest.format(id=record_id('003', 50_000))}"
    assert 1 <= len(select(large, query, everything=True).ids) <= 2_000
    everyone = "SELECT Id FROM Contact WHERE LastName = 'Nobody'"
    looking = quickest(lambda: select(large, everyone, everything=True), tries=2)
    assert quickest(lambda: select(large, query, everything=True)) < looking / 5
