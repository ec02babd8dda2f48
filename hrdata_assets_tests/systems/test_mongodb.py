"""MongoDB as a system, read through its own driver from a server that speaks its protocol."""

import datetime
import decimal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bson
import pymongo
import pytest

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.query import field
from hrdata_assets.systems.database.mongodb import condition_of, plain
from hrdata_assets.systems.system import Window
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.systems.following import Following, following, opened_of
from hrdata_assets_tests.systems.servers import mongodb

PEOPLE = 45
BEGAN = datetime.datetime(2026, 3, 1, 8, tzinfo=datetime.UTC)
COLUMNS = {
    "id": {"type": "text", "from": "_id"},
    "email": {"type": "text", "personal": True, "required": True},
    "city": {"type": "text", "from": "home.city", "filterable": True},
    "salary": {"type": "numeric", "filterable": True},
    "hired": {"type": "date", "filterable": True},
    "skills": {"type": "texts", "filterable": True},
    "changed": {"type": "moment", "filterable": True},
}


def declared(**more: Any) -> dict[str, Any]:
    people = {"collection": "people", "key": "id", "updated_at": "changed", "columns": COLUMNS}
    return {"crm": {"kind": "mongodb", "url_from": "CRM_URL", "page": 20, "objects": {"people": people}, **more}}


@dataclass
class Documents:
    """A collection, and an installation that follows it."""

    people: Any
    following: Following

    def change(self, number: int, **fields: Any) -> None:
        # The server keeps a moment as one only where a document is written as a whole.
        known = self.people.find_one({"number": number})
        self.people.replace_one({"_id": known["_id"]}, {**known, **fields})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mongodb(tmp_path_factory.mktemp("mongodb")) as url:
        yield url


@pytest.fixture
def it(server: str, new_installation: NewInstallation, tmp_path: Path) -> Iterator[Documents]:
    with (
        pymongo.MongoClient[dict[str, Any]](server, tz_aware=True) as mongo,
        following(new_installation, tmp_path, declared(), CRM_URL=server) as found,
    ):
        people: Any = mongo.get_default_database()["people"]
        people.delete_many({})
        people.insert_many([person(number) for number in range(1, PEOPLE + 1)])
        yield Documents(people, found)


def person(number: int, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "email": f"ada{number}@example.org",
        "home": {"city": ("Oslo", "Leeds")[number % 2], "floor": 3},
        "salary": 50_000.25 + number,
        "hired": datetime.datetime(2020, 2, 29, tzinfo=datetime.UTC),
        "skills": ["Python", f"Skill {number}"],
        "changed": BEGAN + datetime.timedelta(minutes=number),
        **more,
    }


def test_the_first_sync_is_full_and_the_next_reads_what_changed(it: Documents) -> None:
    first = it.following.sync()
    assert (first.kind, first.counts.inserted, first.source_total, first.own_total) == ("full", PEOPLE, PEOPLE, PEOPLE)
    found = it.following.rows("city, salary, hired, skills, changed, extra", "extra->>'number' = '4'")
    moment = BEGAN + datetime.timedelta(minutes=4)
    skills = ["Python", "Skill 4"]
    extra = {"number": 4, "home": {"floor": 3}}
    assert found == [("Oslo", decimal.Decimal("50004.25"), datetime.date(2020, 2, 29), skills, moment, extra)]
    assert set(it.following.ids()) == {str(each["_id"]) for each in it.people.find()}
    it.change(7, home={"city": "Tromsø"}, changed=BEGAN + datetime.timedelta(hours=4))
    it.people.insert_one(person(500, changed=BEGAN + datetime.timedelta(hours=3)))
    again = it.following.sync()
    assert (again.kind, again.counts.inserted, again.counts.updated) == ("incremental", 1, 1)
    assert again.counts.read < 10


def test_equal_stamps_across_page_borders_lose_nothing(it: Documents) -> None:
    it.following.sync()
    for number in range(1, PEOPLE + 1):
        it.change(number, home={"city": "Bergen"}, changed=BEGAN + datetime.timedelta(days=1))
    assert it.following.sync().counts.updated == PEOPLE


def test_documents_without_a_stamp_are_read_every_time(it: Documents) -> None:
    it.following.sync()
    it.people.insert_many([{k: v for k, v in person(n).items() if k != "changed"} for n in range(200, 225)])
    assert it.following.sync().counts.inserted == 25
    it.change(224, home={"city": "Moss"})
    assert it.following.sync().counts.updated == 1


def test_what_is_gone_is_found_by_a_full_sync_and_by_a_look_at_the_keys(it: Documents) -> None:
    it.following.sync()
    it.people.delete_one({"number": 11})
    assert it.following.sync().counts.removed == 0
    assert it.following.sync(full=True).counts.removed == 1
    it.people.delete_one({"number": 12})
    assert it.following.sync(keys=True).counts.removed == 1


def test_a_bad_document_is_set_aside_with_its_id(it: Documents) -> None:
    it.people.update_one({"number": 5}, {"$unset": {"email": ""}})
    outcome = it.following.sync()
    assert (outcome.counts.inserted, outcome.counts.set_aside) == (PEOPLE - 1, 1)
    assert it.following.letters() == [(str(it.people.find_one({"number": 5})["_id"]), "email_present")]


def test_a_reading_goes_on_behind_the_page_it_got_to(it: Documents) -> None:
    table = it.following.table
    with opened_of(it.following) as system:
        for since in (None, BEGAN):
            whole = [r["number"] for page in system.pages(table, Window(since=since)) for r in page.records]
            first = next(iter(system.pages(table, Window(since=since))))
            rest = system.pages(table, Window(since=since, position=first.position))
            assert [r["number"] for r in first.records] + [r["number"] for p in rest for r in p.records] == whole
            assert len(whole) == PEOPLE


def test_a_condition_asks_for_what_meets_it(it: Documents) -> None:
    table = it.following.table
    asked = [
        (field(table, "city").eq("Oslo"), 22),
        (field(table, "city").is_in(["Oslo", "Leeds"]), PEOPLE),
        (field(table, "city").contains("sL"), 22),
        (field(table, "changed").lt("2026-03-01T08:10:00Z"), 9),
    ]
    with opened_of(it.following) as system:
        for condition, count in asked:
            found = [r for page in system.pages(table, Window(where=(condition,))) for r in page.records]
            assert len(found) == count, condition.column.name


def test_conditions_are_put_into_mongodbs_words(it: Documents) -> None:
    table = it.following.table
    said = {
        "city": (field(table, "city").contains("a.b*"), {"home.city": {"$regex": r"a\.b\*", "$options": "i"}}),
        "skills": (field(table, "skills").contains("py"), {"skills": {"$regex": "py", "$options": "i"}}),
        "hired": (
            field(table, "hired").gt("2020-02-29"),
            {"hired": {"$gt": datetime.datetime(2020, 2, 29, tzinfo=datetime.UTC)}},
        ),
        "salary": (field(table, "salary").lte("0.10"), {"salary": {"$lte": bson.Decimal128("0.10")}}),
    }
    for condition, words in said.values():
        assert condition_of(condition) == words


def test_values_go_into_json_to_the_last_digit() -> None:
    number = bson.ObjectId("65f0c0ffee0123456789abcd")
    told = {"_id": number, "a": [bson.Decimal128("1E+3"), 0.1, 1e-7], "b": b"picture", "c": {"d": True, "e": None}}
    assert plain(told) == {
        "_id": "65f0c0ffee0123456789abcd",
        "a": ["1000", "0.1", "0.0000001"],
        "b": None,
        "c": {"d": True, "e": None},
    }


def test_keys_of_several_types_have_no_order_and_are_refused(it: Documents) -> None:
    it.people.insert_one({"_id": "a text", **person(900)})
    with pytest.raises(DeliveryError, match="crm: people has keys of several types"):
        it.following.sync()


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("mongodb://planted-secret@127.0.0.1/", SetupError, "CRM_URL is no address of a MongoDB with a database"),
        ("not://planted-secret", SetupError, "CRM_URL is no address"),
    ],
)  # fmt: skip
def test_what_cannot_be_reached_is_told_without_its_address(
    it: Documents, url: str, kind: type[Exception], says: str
) -> None:
    it.following.say(CRM_URL=url)
    with pytest.raises(kind, match=says) as told:
        it.following.sync()
    assert "planted-secret" not in str(told.value)
