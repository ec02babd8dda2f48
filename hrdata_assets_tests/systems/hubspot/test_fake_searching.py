"""Searching a fake HubSpot: filters, words, sorts, pages, the wall, and an index that lags."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hrdata_assets_tests.systems.hubspot.crm import Crm, Row, a_crm, where

Holds = Callable[[Row], object]

A_DAY = "1746057600000"
A_DAY_AS_TEXT = "2025-05-01T00:00:00"
ANOTHER = "1767225600000"
ANOTHER_AS_TEXT = "2026-01-01T00:00:00"

FILTERS: tuple[tuple[str, tuple[Any, ...], Holds], ...] = (
    ("contacts", ("lastmodifieddate", "GTE", A_DAY), lambda p: p["lastmodifieddate"] >= A_DAY_AS_TEXT),
    ("contacts", ("lastmodifieddate", "LT", A_DAY), lambda p: p["lastmodifieddate"] < A_DAY_AS_TEXT),
    ("contacts", ("createdate", "BETWEEN", A_DAY, ANOTHER),
     lambda p: A_DAY_AS_TEXT <= p["createdate"] <= ANOTHER_AS_TEXT),
    ("companies", ("hs_lastmodifieddate", "GT", A_DAY), lambda p: p["hs_lastmodifieddate"] > A_DAY_AS_TEXT),
    ("contacts", ("hs_object_id", "GT", "1001"), lambda p: int(p["hs_object_id"]) > 1001),
    ("contacts", ("hs_object_id", "LTE", "1001"), lambda p: int(p["hs_object_id"]) <= 1001),
    ("contacts", ("hs_object_id", "IN", ["51", "101", "52"]), lambda p: p["hs_object_id"] in ("51", "101")),
    ("contacts", ("hs_object_id", "NOT_IN", ["51", "101"]), lambda p: p["hs_object_id"] not in ("51", "101")),
    ("contacts", ("hs_object_id", "NEQ", "51"), lambda p: p["hs_object_id"] != "51"),
    ("contacts", ("hs_object_id", "EQ", "51"), lambda p: p["hs_object_id"] == "51"),
    ("contacts", ("hs_object_id", "HAS_PROPERTY"), lambda p: True),
    ("contacts", ("email", "HAS_PROPERTY"), lambda p: p["email"]),
    ("contacts", ("email", "NOT_HAS_PROPERTY"), lambda p: not p["email"]),
    ("contacts", ("phone", "NOT_HAS_PROPERTY"), lambda p: p["phone"] in (None, "")),
    ("contacts", ("country", "EQ", "NORWAY"), lambda p: p["country"] == "Norway"),
    ("contacts", ("country", "NEQ", "Norway"), lambda p: p["country"] != "Norway"),
    ("contacts", ("country", "IN", ["norway", "poland"]), lambda p: p["country"] in ("Norway", "Poland")),
    ("contacts", ("country", "IN", ["Norway", "poland"]), lambda p: p["country"] == "Poland"),
    ("contacts", ("country", "NOT_IN", ["norway"]), lambda p: p["country"] != "Norway"),
    ("contacts", ("website", "NEQ", "https://x.example"), lambda p: p["website"]),
    ("contacts", ("lastname", "LT", "M"), lambda p: p["lastname"].lower() < "m"),
    ("contacts", ("day_rate", "GTE", "900.5"), lambda p: float(p["day_rate"]) >= 900.5),
    ("contacts", ("available_from", "GTE", "1780272000000"), lambda p: (p["available_from"] or "") >= "2026-06-01"),
    ("contacts", ("open_to_relocation", "EQ", "true"), lambda p: p["open_to_relocation"] == "true"),
    ("contacts", ("hs_lead_status", "IN", ["NEW", "OPEN"]), lambda p: p["hs_lead_status"] in ("NEW", "OPEN")),
    ("contacts", ("skills", "EQ", "python"), lambda p: "python" in (p["skills"] or "").split(";")),
    ("contacts", ("skills", "NOT_IN", ["python", "sql"]),
     lambda p: p["skills"] and not {"python", "sql"} & set(p["skills"].split(";"))),
    ("contacts", ("email", "CONTAINS_TOKEN", "*@staff.example"),
     lambda p: (p["email"] or "").endswith("@staff.example")),
    ("contacts", ("email", "NOT_CONTAINS_TOKEN", "staff"), lambda p: "staff" not in (p["email"] or "staff")),
    ("contacts", ("jobtitle", "CONTAINS_TOKEN", "engineer"), lambda p: "Engineer" in p["jobtitle"].split()),
    ("contacts", ("jobtitle", "CONTAINS_TOKEN", "engin*"), lambda p: "Engin" in p["jobtitle"]),
    ("contacts", ("jobtitle", "CONTAINS_TOKEN", "engin"), lambda p: False),
    ("companies", ("annualrevenue", "GT", "1000000"), lambda p: float(p["annualrevenue"] or 0) > 1_000_000),
    ("companies", ("industry", "EQ", "BANKING"), lambda p: p["industry"] == "BANKING"),
    ("deals", ("closedate", "LT", A_DAY), lambda p: p["closedate"] < A_DAY_AS_TEXT),
    ("deals", ("hs_is_closed_won", "EQ", "true"), lambda p: p["hs_is_closed_won"] == "true"),
    ("deals", ("amount", "BETWEEN", "100000", "200000"), lambda p: 100_000 <= float(p["amount"] or 0) <= 200_000),
)  # fmt: skip


@pytest.mark.parametrize(("name", "filtered", "holds"), FILTERS, ids=[f"{f[0]} {f[1]}" for _, f, _ in FILTERS])
def test_a_filter_finds_what_it_says(reading: Crm, name: str, filtered: tuple[Any, ...], holds: Holds) -> None:
    expected = {row["id"] for row in reading.fake.records(name) if holds(row["properties"])}
    found = reading.found(name, where(*filtered))
    more = reading.found(name, where(*filtered), after=200) if len(found) == 200 else []
    assert set(found) | set(more) == expected


def test_filters_of_a_group_all_hold_and_of_the_groups_any(reading: Crm) -> None:
    groups = [
        {"filters": [where("country", "EQ", "norway"), where("email", "HAS_PROPERTY")]},
        {"filters": [where("hs_object_id", "LTE", "101")]},
    ]
    found = reading.post("contacts/search", {"filterGroups": groups, "limit": 200})
    expected = [
        row["id"]
        for row in reading.fake.records("contacts")
        if (row["properties"]["country"] == "Norway" and row["properties"]["email"]) or int(row["id"]) <= 101
    ]
    assert sorted((row["id"] for row in found["results"]), key=int) == expected
    assert found["total"] == len(expected)


def test_words_are_looked_for_in_names_and_addresses(reading: Crm) -> None:
    row = reading.fake.records("contacts")[0]["properties"]
    assert reading.found("contacts", query=f"{row['lastname'][:3]} {row['firstname']}") == ["51"]
    assert "51" in reading.found("contacts", query=row["email"])
    assert reading.found("contacts", query="nobodyiscalledthis") == []


def test_the_oldest_come_first_unless_a_sort_is_given(reading: Crm) -> None:
    rows = reading.fake.records("contacts")
    by_age = sorted(rows, key=lambda row: (row["createdAt"], int(row["id"])))
    assert reading.found("contacts") == [row["id"] for row in by_age[:200]]
    for sort, key in (
        ({"propertyName": "lastmodifieddate", "direction": "ASCENDING"}, lambda p: p["lastmodifieddate"]),
        ("lastname", lambda p: p["lastname"].lower()),
        ({"propertyName": "hs_object_id"}, lambda p: int(p["hs_object_id"])),
    ):
        ordered = sorted(rows, key=lambda row: (key(row["properties"]), int(row["id"])))
        assert reading.found("contacts", sorts=[sort]) == [row["id"] for row in ordered[:200]]


def test_a_sort_may_descend_and_what_has_no_value_comes_last(reading: Crm) -> None:
    sort = {"propertyName": "available_from", "direction": "DESCENDING"}
    rows = reading.search("contacts", sorts=[sort], properties=["available_from"])["results"]
    dates = [row["properties"]["available_from"] for row in rows]
    known = [date for date in dates if date]
    assert known == sorted(known, reverse=True)
    assert dates == [*known, *[None] * (len(dates) - len(known))]
    newest = reading.search("contacts", sorts=[{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}])
    stamps = [row["updatedAt"] for row in newest["results"]]
    assert stamps == sorted(stamps, reverse=True)


def test_pages_follow_one_another_by_an_offset_that_is_text(reading: Crm) -> None:
    page = reading.search("contacts", limit=150)
    assert (page["total"], page["paging"]) == (len(reading.ids("contacts")), {"next": {"after": "150"}})
    rest = reading.search("contacts", limit=150, after=page["paging"]["next"]["after"])
    ids = [row["id"] for row in [*page["results"], *rest["results"]]]
    assert "paging" not in rest
    assert sorted(ids, key=int) == reading.ids("contacts")
    assert len(reading.post("contacts/search", {})["results"]) == 10


def test_pages_may_be_smaller_than_what_is_asked_for(crm: Crm) -> None:
    crm.fake.switches.page = 7
    page = crm.search("contacts", limit=200)
    assert (len(page["results"]), page["paging"]["next"]["after"]) == (7, "7")
    assert len(crm.get("contacts", limit=100)["results"]) == 7
    assert crm.listed("contacts") == crm.listed("contacts", limit=3)


def test_a_found_record_looks_as_in_a_list(reading: Crm) -> None:
    one = where("hs_object_id", "EQ", "51")
    assert reading.search("contacts", one)["results"] == [reading.get("contacts/51")]
    (row,) = reading.search("contacts", one, properties=["phone", "website"])["results"]
    assert set(row["properties"]) == {"phone", "website", "createdate", "hs_object_id", "lastmodifieddate"}


def test_nothing_beyond_the_wall_is_found_however_one_asks(crm: Crm) -> None:
    crm.fake.switches.most_results = 40
    page = crm.search("contacts", limit=20, after=20)
    assert page["paging"]["next"]["after"] == "40"
    assert "beyond 40" in crm.not_searched("contacts", {"limit": 1, "after": "40"})
    assert "beyond 40" in crm.not_searched("contacts", {"limit": 30, "after": "20"})
    assert page["total"] == len(crm.ids("contacts"))


GROUP = {"filters": [where("email", "HAS_PROPERTY")]}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"limit": 201}, "200"),
        ({"filterGroups": [GROUP] * 6}, "5 filterGroups"),
        ({"filterGroups": [{"filters": GROUP["filters"] * 7}]}, "6 filters"),
        ({"filterGroups": [{"filters": GROUP["filters"] * 5}] * 4}, "18 filters"),
        ({"filterGroups": [{"filters": []}]}, "at least one"),
        ({"filterGroups": "all"}, "filterGroups must be a list"),
        ({"sorts": ["email", "phone"]}, "Only one sort"),
        ({"sorts": ["shoe_size"]}, "shoe_size"),
        ({"sorts": [{"propertyName": "email", "direction": "UP"}]}, "UP"),
        ({"properties": ["email", "shoe_size"]}, "shoe_size"),
        ({"properties": "email"}, "list"),
        ({"after": "next"}, "after"),
        ({"filterGroups": [{"filters": [{"propertyName": "email"}]}]}, "required attributes"),
        ({"filterGroups": [{"filters": [where("shoe_size", "EQ", "43")]}]}, "shoe_size"),
        ({"filterGroups": [{"filters": [where("hs_lastmodifieddate", "GTE", A_DAY)]}]}, "hs_lastmodifieddate"),
        ({"filterGroups": [{"filters": [where("email", "LIKE", "x")]}]}, "LIKE"),
        ({"filterGroups": [{"filters": [where("email", "EQ")]}]}, "requires a value"),
        ({"filterGroups": [{"filters": [where("email", "IN", "x")]}]}, "requires values"),
        ({"filterGroups": [{"filters": [where("createdate", "BETWEEN", A_DAY)]}]}, "highValue"),
        ({"filterGroups": [{"filters": [where("email", "HAS_PROPERTY", "x")]}]}, "does not take a value"),
        ({"filterGroups": [{"filters": [where("lastmodifieddate", "GTE", A_DAY_AS_TEXT)]}]}, "lastmodifieddate"),
        ({"filterGroups": [{"filters": [where("day_rate", "GT", "much")]}]}, "day_rate"),
        ({"query": "x" * 3_000}, "3000 characters"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_search_that_cannot_be_is_refused(reading: Crm, body: Row, named: str) -> None:
    assert named in reading.not_searched("contacts", body)


def test_a_body_that_is_no_object_is_refused(reading: Crm) -> None:
    for content in (b"{", b"[]"):
        assert reading.refused("POST", "contacts/search", content=content)[0] == 400


def test_what_a_search_does_not_know_it_passes_over(reading: Crm) -> None:
    assert reading.post("contacts/search", {"filterGroup": [GROUP]})["total"] == len(reading.ids("contacts"))


def test_a_search_may_pass_over_properties_there_are_not(crm: Crm) -> None:
    crm.fake.switches.search_refuses_unknown = False
    assert "shoe_size" not in crm.search("contacts", properties=["email", "shoe_size"])["results"][0]["properties"]


def test_a_search_sees_a_write_only_after_a_while(crm: Crm) -> None:
    crm.fake.switches.index_delay = 10
    since = where("lastmodifieddate", "GTE", str(int(crm.fake.now().timestamp() * 1000)))
    new = crm.fake.add("contacts", email="new@mail.example")
    crm.fake.change("contacts", "51", city="Elsewhere")
    assert crm.found("contacts", since) == []
    assert crm.get(f"contacts/{new}")["id"] == new
    old = crm.search("contacts", where("hs_object_id", "EQ", "51"), properties=["city"])
    assert old["results"][0]["properties"]["city"] != "Elsewhere"
    crm.fake.clock_ahead += timedelta(seconds=11)
    assert sorted(crm.found("contacts", since)) == sorted([new, "51"])


def test_a_later_write_is_not_undone_by_what_search_sees_late(crm: Crm) -> None:
    crm.fake.switches.index_delay = 10
    crm.fake.change("contacts", "51", city="Elsewhere")
    crm.fake.switches.index_delay = 0
    crm.fake.change("contacts", "51", city="Home")
    crm.fake.clock_ahead += timedelta(seconds=11)
    (row,) = crm.search("contacts", where("hs_object_id", "EQ", "51"), properties=["city"])["results"]
    assert row["properties"]["city"] == "Home"


def test_a_search_never_sees_what_is_archived(crm: Crm) -> None:
    crm.fake.switches.index_delay = 10
    crm.fake.change("contacts", "51", city="Elsewhere")
    crm.fake.delete("contacts", "51")
    assert crm.found("contacts", where("hs_object_id", "EQ", "51")) == []
    crm.fake.clock_ahead += timedelta(seconds=11)
    assert crm.found("contacts", where("hs_object_id", "EQ", "51")) == []


def test_many_records_may_have_one_stamp(crm: Crm) -> None:
    ids, at = crm.ids("contacts")[:30], datetime(2026, 6, 1, tzinfo=UTC)
    crm.fake.touch("contacts", ids, at)
    found = crm.found("contacts", where("lastmodifieddate", "EQ", str(int(at.timestamp() * 1000))))
    assert sorted(found, key=int) == ids
    crm.fake.switches.ties_by_id = False
    sort = [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}]
    mixed = crm.found("contacts", where("lastmodifieddate", "GTE", str(int(at.timestamp() * 1000))), sorts=sort)
    assert sorted(mixed, key=int) == ids != mixed
    assert crm.found("contacts", where("lastmodifieddate", "GTE", str(int(at.timestamp() * 1000))), sorts=sort) == mixed


def test_a_record_that_changes_moves_past_who_pages_by_offset(crm: Crm) -> None:
    sort = [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}]
    first = crm.found("contacts", sorts=sort, limit=30)
    crm.fake.change("contacts", first[0], city="Elsewhere")
    rest = crm.found("contacts", sorts=sort, limit=200, after=30)
    missed = set(crm.ids("contacts")) - {*first, *rest}
    assert (len(missed), rest[-1]) == (1, first[0])


def test_bad_values_are_not_met_by_comparisons() -> None:
    with a_crm(people=200, dirt=0.3) as crm:
        found = crm.search("contacts", where("day_rate", "GT", "0"), properties=["day_rate"])
        assert found["total"] < len(crm.ids("contacts"))
        assert all(float(row["properties"]["day_rate"]) > 0 for row in found["results"])
