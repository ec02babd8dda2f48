"""What search finds in a fake Bullhorn, compared with the records that are known to be there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hrdata_assets_tests.systems.bullhorn.agency import Agency, Row

Holds = Callable[[Row], object]


def ids(agency: Agency, holds: Holds, entity: str = "Candidate") -> set[int]:
    """Ids of the records that something holds for, deleted ones among them."""
    return {row["id"] for row in agency.fake.records(entity, deleted=True) if holds(row)}


def second(stamp: int) -> str:
    """A stamp as the index writes it."""
    return f"{datetime.fromtimestamp(stamp // 1000, UTC):%Y%m%d%H%M%S}"


QUERIES: tuple[tuple[str, Holds], ...] = (
    ("isDeleted:0", lambda r: not r["isDeleted"]),
    ("isDeleted:true", lambda r: r["isDeleted"]),
    ("id:[100050 TO *]", lambda r: r["id"] >= 100_050),
    ("id:{100050 TO 100060]", lambda r: 100_050 < r["id"] <= 100_060),
    ("id:[* TO 100060}", lambda r: r["id"] < 100_060),
    ("id:100002 100003 7", lambda r: r["id"] in (100_002, 100_003)),
    ("id:(100002 OR 100004)", lambda r: r["id"] in (100_002, 100_004)),
    ("isDeleted:0 AND id:100002 100003", lambda r: r["id"] in (100_002, 100_003) and not r["isDeleted"]),
    ('status:"Active"', lambda r: r["status"] == "Active"),
    ("status:active", lambda r: r["status"] == "Active"),
    ('status:"New Lead"', lambda r: r["status"] == "New Lead"),
    ('-status:"Archive"', lambda r: r["status"] != "Archive"),
    ('NOT status:"Archive" AND isDeleted:0', lambda r: r["status"] != "Archive" and not r["isDeleted"]),
    ('isDeleted:0 -status:"Archive"', lambda r: r["status"] != "Archive" and not r["isDeleted"]),
    ("+isDeleted:0 +willRelocate:1", lambda r: not r["isDeleted"] and r["willRelocate"]),
    ("status:Active OR status:Placed", lambda r: r["status"] in ("Active", "Placed")),
    ("status:(Active Placed) AND isDeleted:0", lambda r: r["status"] in ("Active", "Placed") and not r["isDeleted"]),
    ("(status:Active OR status:Placed) AND id:[100100 TO *]",
     lambda r: r["status"] in ("Active", "Placed") and r["id"] >= 100_100),
    ('email2:["" TO *]', lambda r: r["email2"]),
    ("mobile:*", lambda r: r["mobile"]),
    ("-mobile:*", lambda r: not r["mobile"]),
    ("lastName:H*", lambda r: any(word.startswith("h") for word in r["lastName"].lower().split("-"))),
    ("salary:[600000 TO 900000]", lambda r: 600_000 <= r["salary"] <= 900_000),
    ("experience:{5 TO 10}", lambda r: 5 < r["experience"] < 10),
    ("owner.id:12", lambda r: r["owner"]["id"] == 12),
    ('owner.name:"Randi Hovland"', lambda r: r["owner"]["id"] == 11),
    ("primarySkills.id:501", lambda r: 501 in r["primarySkills"]),
    ('address.city:"Oslo"', lambda r: r["address"]["city"] == "Oslo"),
    ("skillSet:python", lambda r: "Python" in r["skillSet"]),
    ("*:*", lambda r: True),
)  # fmt: skip


@pytest.mark.parametrize(("query", "holds"), QUERIES, ids=[query for query, _ in QUERIES])
def test_a_query_finds_what_it_says(reading: Agency, query: str, holds: Holds) -> None:
    expected = ids(reading, holds)
    assert reading.found(query) == expected
    assert expected, "a query that should find something"


@pytest.mark.parametrize("query", ["", "status:", "(status:Active", "status:Active)", "id:x", "Active", "nosuch:1",
                                   "dateAdded:[yesterday TO *]", "isDeleted:maybe", 'status:"Act'])  # fmt: skip
def test_a_query_that_cannot_be_read_is_refused(reading: Agency, query: str) -> None:
    status, body = reading.refused("GET", "search/Candidate", params={"query": query, "count": 1})
    assert (status, body["errorCode"]) == (400, 400)


def test_dates_are_told_apart_to_the_second(agency: Agency) -> None:
    one, other = 100_001, 100_002
    agency.fake.touch("Candidate", [one], datetime(2026, 5, 1, 12, 0, 0, 250_000, UTC))
    agency.fake.touch("Candidate", [other], datetime(2026, 5, 1, 12, 0, 1, tzinfo=UTC))
    assert agency.found("dateLastModified:[20260501120000 TO *]") == {one, other}
    assert agency.found("dateLastModified:{20260501120000 TO *]") == {other}
    assert agency.found("dateLastModified:[20260501 TO 20260501120000]") == {one}
    assert agency.found("dateLastModified:20260501120000") == {one}
    assert agency.found("dateLastModified:20260501") == {one, other}


def test_dates_may_be_written_in_another_zone(agency: Agency) -> None:
    agency.fake.touch("Candidate", [100_001], datetime(2026, 5, 1, 12, tzinfo=UTC))
    agency.fake.switches.zone = timedelta(hours=-5)
    assert agency.found("dateLastModified:[20260501070000 TO 20260501070000]") == {100_001}


def test_what_changed_since_is_found_in_the_order_of_change(reading: Agency) -> None:
    rows = reading.search(
        "dateLastModified:[20240101 TO *] AND isDeleted:0", sort="dateLastModified,id", fields="dateLastModified"
    )
    since = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)
    expected = [row for row in reading.fake.records("Candidate") if row["dateLastModified"] >= since]
    expected.sort(key=lambda row: (row["dateLastModified"] // 1000, row["id"]))
    assert [row["id"] for row in rows] == [row["id"] for row in expected]


def test_several_fields_sort_and_minus_turns_one_around(reading: Agency) -> None:
    rows = reading.search("isDeleted:0", sort="status,-salary", fields="status,salary")
    assert rows == sorted(rows, key=lambda row: (row["status"], -row["salary"]))
    by_id = reading.search("*:*", sort="-id")
    assert by_id == sorted(by_id, reverse=True)


def test_a_page_has_twenty_rows_unless_told_and_never_more_than_five_hundred(reading: Agency) -> None:
    page = reading.get("search/Candidate", query="*:*")
    assert (page["total"], page["start"], page["count"], len(page["data"])) == (200, 0, 20, 20)
    assert len(reading.search("*:*", count=100_000)) == 200
    assert reading.get("search/Candidate", query="*:*", start=195, count=50)["count"] == 5
    assert reading.get("search/Candidate", query="*:*", start=500)["data"] == []


def test_fewer_rows_may_come_than_were_asked_for(agency: Agency) -> None:
    agency.fake.switches.page = 7
    page = agency.get("search/Candidate", query="*:*", count=50)
    assert (page["total"], page["count"], len(page["data"])) == (60, 7, 7)


def test_paging_may_have_an_end(agency: Agency) -> None:
    agency.fake.switches.deepest_row = 40
    assert agency.get("search/Candidate", query="*:*", start=20)["count"] == 20
    assert agency.refused("GET", "search/Candidate", params={"query": "*:*", "start": 21})[0] == 400


def test_rows_have_a_score_and_without_fields_are_ids_alone(reading: Agency) -> None:
    assert reading.search("id:100001", fields="id") == [{"_score": 1.0, "id": 100_001}]
    assert reading.search("id:100001") == [100_001]


def test_a_long_query_is_posted(reading: Agency) -> None:
    query = "id:" + " ".join(str(number) for number in range(100_001, 102_000))
    answer = reading.call(
        "POST", "search/Candidate", json={"query": query}, params={"fields": "id", "count": 500, "sort": "-id"}
    )
    assert answer.json()["total"] == 200
    assert answer.json()["data"][0]["id"] == 100_200


def test_without_anything_asked_the_fields_of_the_index_are_told(reading: Agency) -> None:
    assert "dateLastModified" in reading.get("search/Candidate")["data"]


@pytest.mark.parametrize("entity", ["JobSubmission", "CorporateUser"])
def test_some_entities_are_not_in_the_index(reading: Agency, entity: str) -> None:
    assert reading.refused("GET", f"search/{entity}", params={"query": "id:1"})[0] == 400


def test_an_entity_nobody_knows_is_not_found(reading: Agency) -> None:
    assert reading.refused("GET", "search/Unicorn", params={"query": "id:1"})[0] == 404


def test_the_index_sees_writes_later_than_the_database(agency: Agency) -> None:
    agency.fake.switches.index_lag = 60.0
    agency.fake.change("Candidate", 100_001, lastName="Zappa")
    added = agency.fake.add("Candidate", firstName="Nina", lastName="Simone")
    assert agency.found("lastName:Zappa") == set()
    assert agency.found(f"id:{added}") == set()
    assert agency.asked("lastName = 'Zappa'") == {100_001}
    assert agency.asked(f"id = {added}") == {added}
    agency.fake.clock_ahead = timedelta(seconds=61)
    agency.sign_in()
    assert agency.found("lastName:Zappa") == {100_001}
    assert agency.found(f"id:{added}") == {added}


def test_what_the_index_finds_is_shown_as_the_database_has_it(agency: Agency) -> None:
    agency.fake.switches.index_lag = 60.0
    agency.fake.change("Candidate", 100_001, status="Brand new")
    old = agency.search("id:100001", fields="status")
    assert old == [{"_score": 1.0, "id": 100_001, "status": "Brand new"}]
    assert agency.found('status:"Brand new"') == set()


def test_a_row_gone_from_the_database_carries_an_error_until_the_index_hears_of_it(agency: Agency) -> None:
    agency.fake.switches.index_lag = 60.0
    placement = agency.search("id:[1 TO *]", "Placement")[0]
    agency.fake.delete("Placement", placement)
    (row,) = agency.search(f"id:{placement}", "Placement", fields="id,status")
    assert row["id"] == placement
    assert "_error" in row
    agency.fake.clock_ahead = timedelta(seconds=61)
    agency.sign_in()
    assert agency.search(f"id:{placement}", "Placement", fields="id") == []


def test_of_a_ghost_the_index_never_hears(agency: Agency) -> None:
    agency.fake.delete("Candidate", 100_005, ghost=True)
    rows = {row["id"]: row for row in agency.search("id:100004 100005", fields="name")}
    assert "_error" in rows[100_005]
    assert "_error" not in rows[100_004]
    assert agency.asked("id = 100005") == set()
    assert 100_005 not in {row["id"] for row in agency.fake.records("Candidate")}
