"""Databases as systems: PostgreSQL, MariaDB and SQLite, each of them real, give the same."""

import datetime
import decimal
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.query import field
from hrdata_assets.systems.database.connecting import engine_of
from hrdata_assets.systems.sources.declaration import DatabaseSource
from hrdata_assets.systems.system import Window
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import Fresh, NewInstallation
from hrdata_assets_tests.systems.following import Following, following, opened_of
from hrdata_assets_tests.systems.servers import mariadb

PEOPLE = 90
PAGE = 20
BEGAN = datetime.datetime(2026, 3, 1, 8, 0, 0, 250_000)

TABLE = """
create table people (
    id integer primary key, full_name varchar(80), email varchar(80), city varchar(40), salary {numeric},
    hired date, active boolean, changed {moment} null, {binary} null
)
"""
TYPES = {
    "sqlite": {"numeric": "numeric(12, 2)", "moment": "datetime", "binary": "photo blob"},
    "postgresql": {"numeric": "numeric(30, 12)", "moment": "timestamp", "binary": "photo bytea"},
    "mysql": {"numeric": "numeric(30, 12)", "moment": "datetime(6)", "binary": "photo blob"},
}
COLUMNS = {
    "id": "integer",
    "name": {"type": "text", "from": "full_name", "personal": True, "filterable": True},
    "email": {"type": "text", "personal": True, "required": True},
    "city": {"type": "text", "filterable": True, "sparse": True},
    "salary": {"type": "numeric", "filterable": True},
    "hired": {"type": "date", "filterable": True},
    "active": {"type": "boolean", "filterable": True},
    "changed": {"type": "moment", "filterable": True},
}


def declared(**more: Any) -> dict[str, Any]:
    people = {"table": "people", "key": "id", "updated_at": "changed", "columns": COLUMNS}
    source = {"kind": "database", "url_from": "PAYROLL_URL", "page": PAGE, "seconds": 20}
    return {"payroll": {**source, **more, "objects": {"people": people}}}


@dataclass
class Source:
    """A database with people in it, written to by whoever owns it."""

    url: str
    engine: sa.Engine
    following: Following

    def tell(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def add(self, *people: dict[str, Any]) -> None:
        names = ("id", "full_name", "email", "city", "salary", "hired", "active", "changed")
        values = ", ".join(f":{name}" for name in names)
        with self.engine.begin() as connection:
            connection.execute(sa.text(f"insert into people ({', '.join(names)}) values ({values})"), people)

    def change(self, number: int, city: str, at: datetime.datetime) -> None:
        self.tell("update people set city = :city, changed = :at where id = :id", city=city, at=str(at), id=number)


def person(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "full_name": f"Ada {number}",
        "email": f"ada{number}@example.org",
        "city": ("Oslo", "Leeds", "Gdańsk")[number % 3],
        "salary": str(decimal.Decimal("50000.25") + number),
        "hired": "2020-02-29",
        "active": number % 2 == 0,
        "changed": str(BEGAN + datetime.timedelta(minutes=number)),
        **more,
    }


@pytest.fixture(scope="module")
def mariadb_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mariadb(tmp_path_factory.mktemp("mariadb")) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    file = tmp_path / "source.db"
    file.touch()
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_url(fresh_database: Fresh, new_installation: NewInstallation) -> Iterator[str]:
    with fresh_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def it(request: pytest.FixtureRequest, new_installation: NewInstallation, tmp_path: Path) -> Iterator[Source]:
    name = {"mysql": "mariadb_url"}.get(request.param, f"{request.param}_url")
    url: str = request.getfixturevalue(name)
    with source_at(url, new_installation, tmp_path) as found:
        yield found


@pytest.fixture
def small(sqlite_url: str, new_installation: NewInstallation, tmp_path: Path) -> Iterator[Source]:
    """SQLite, for what does not differ between databases."""
    with source_at(sqlite_url, new_installation, tmp_path) as found:
        yield found


@contextmanager
def source_at(url: str, new_installation: NewInstallation, folder: Path) -> Iterator[Source]:
    kind = sa.make_url(url).get_backend_name()
    drivers = {"mysql": "mysql+pymysql"}
    engine = sa.create_engine(sa.make_url(url).set(drivername=drivers.get(kind, kind)), poolclass=sa.NullPool)
    with following(new_installation, folder, declared(), PAYROLL_URL=url) as found:
        source = Source(url, engine, found)
        source.tell("drop table if exists people")
        source.tell(TABLE.format(**TYPES[kind]))
        source.add(*(person(number) for number in range(1, PEOPLE + 1)))
        yield source


def test_the_first_sync_is_full_and_the_next_reads_what_changed(it: Source) -> None:
    first = it.following.sync()
    assert (first.kind, first.counts.read, first.counts.inserted) == ("full", PEOPLE, PEOPLE)
    assert (first.source_total, first.own_total) == (PEOPLE, PEOPLE)
    again = it.following.sync()
    assert (again.kind, again.counts.inserted, again.counts.updated) == ("incremental", 0, 0)
    # Five minutes before the newest stamp are read again, and no more.
    assert again.counts.read == 6
    it.add(person(500, changed=str(BEGAN + datetime.timedelta(hours=3))))
    it.change(7, "Tromsø", BEGAN + datetime.timedelta(hours=4))
    last = it.following.sync()
    assert (last.counts.inserted, last.counts.updated) == (1, 1)
    assert it.following.rows("city", "id = 7") == [("Tromsø",)]
    assert len(it.following.ids()) == PEOPLE + 1


def test_values_arrive_to_the_last_digit(it: Source) -> None:
    it.add(person(700, salary="1234567.25", city="Ångström'; drop table people", active=None))
    it.following.sync()
    found = it.following.rows("name, email, city, salary, hired, active, changed", "id in (4, 700)")
    moment = (BEGAN + datetime.timedelta(minutes=4)).replace(tzinfo=datetime.UTC)
    hired = datetime.date(2020, 2, 29)
    assert found[0] == ("Ada 4", "ada4@example.org", "Leeds", decimal.Decimal("50004.25"), hired, True, moment)
    assert found[1][2:4] == ("Ångström'; drop table people", decimal.Decimal("1234567.25"))
    assert found[1][5] is None


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_exact_numbers_stay_exact(
    kind: str, request: pytest.FixtureRequest, new_installation: Any, tmp_path: Path
) -> None:
    url = request.getfixturevalue("mariadb_url" if kind == "mysql" else "postgresql_url")
    with source_at(url, new_installation, tmp_path) as it:
        it.add(person(701, salary="123456789012345678.123456789012"))
        it.following.sync()
        assert it.following.rows("salary::text", "id = 701") == [("123456789012345678.123456789012",)]


def test_equal_stamps_across_page_borders_lose_nothing(it: Source) -> None:
    it.following.sync()
    at = BEGAN + datetime.timedelta(days=1)
    it.tell("update people set city = 'Bergen', changed = :at where id <= 75", at=str(at))
    outcome = it.following.sync()
    assert outcome.counts.updated == 75
    assert (
        it.following.installation.one(f"select count(*) from {it.following.table.address} where city = 'Bergen'") == 75
    )


def test_records_without_a_stamp_are_read_every_time(it: Source) -> None:
    it.following.sync()
    it.add(*(person(number, changed=None) for number in range(200, 245)))
    assert it.following.sync().counts.inserted == 45
    it.tell("update people set city = 'Moss' where id = 244")
    assert it.following.sync().counts.updated == 1
    assert it.following.rows("city", "id = 244") == [("Moss",)]


def test_what_changes_while_pages_are_read_is_lost_to_nobody(it: Source) -> None:
    following = it.following
    with opened_of(following) as system:
        pages = system.pages(following.table, Window())
        seen = [record["id"] for record in next(pages).records]
        it.tell("delete from people where id in (3, 30)")
        it.add(person(0), person(900))
        it.change(50, "Changed meanwhile", BEGAN)
        seen += [record["id"] for page in pages for record in page.records]
    assert seen == [*range(1, 30), *range(31, PEOPLE + 1), 900]


def test_what_is_gone_is_found_by_a_full_sync_and_by_a_look_at_the_keys(it: Source) -> None:
    it.following.sync()
    it.tell("delete from people where id = 11")
    assert it.following.sync().counts.removed == 0
    assert it.following.sync(full=True).counts.removed == 1
    it.tell("delete from people where id = 12")
    outcome = it.following.sync(keys=True)
    assert (outcome.kind, outcome.counts.removed, outcome.counts.skipped) == ("keys", 1, PEOPLE - 2)
    assert it.following.rows("id, deletion", "deletion is not null") == [(11, "missing"), (12, "missing")]


def test_a_bad_record_is_set_aside_and_comes_right_later(it: Source) -> None:
    it.tell("update people set email = null where id = 5")
    first = it.following.sync()
    assert (first.counts.inserted, first.counts.set_aside) == (PEOPLE - 1, 1)
    assert it.following.letters() == [("5", "email_present")]
    assert (first.source_total, first.own_total) == (PEOPLE, PEOPLE)
    it.tell(
        "update people set email = 'here@example.org', changed = :at where id = 5",
        at=str(BEGAN + datetime.timedelta(days=2)),
    )
    it.following.sync()
    assert it.following.letters() == []
    assert it.following.rows("email", "id = 5") == [("here@example.org",)]


CONDITIONS: list[tuple[str, Any]] = [
    ("city", ("eq", "Oslo")),
    ("city", ("is_in", ["Oslo", "Gdańsk"])),
    ("city", ("contains", "SL")),
    ("name", ("contains", "100%_")),
    ("salary", ("gt", "50040.25")),
    ("salary", ("lte", 50040)),
    ("hired", ("eq", "2020-02-29")),
    ("hired", ("lt", "2020-02-29")),
    ("active", ("eq", True)),
    ("changed", ("gte", "2026-03-01T09:00:00.250000Z")),
    ("changed", ("lt", "2026-03-01T09:00:00.250000Z")),
]


def test_a_condition_asks_the_database_for_what_meets_it(it: Source) -> None:
    it.add(
        person(800, full_name="Of 100%_ wool", hired="2019-12-31"), person(801, full_name="Of 1000 wools", city=None)
    )
    table = it.following.table
    with opened_of(it.following) as system:
        everything = [r for page in system.pages(table, Window()) for r in page.records]
        for name, (operator, value) in CONDITIONS:
            condition = getattr(field(table, name), operator)(value)
            found = [r["id"] for page in system.pages(table, Window(where=(condition,))) for r in page.records]
            wanted = [r["id"] for r in everything if condition.holds(typed(name, r[name]))]
            assert found == wanted, (name, operator)
            assert 0 < len(found) < len(everything), (name, operator)


def typed(name: str, value: Any) -> Any:
    """A value of a page as conditions compare it."""
    if value is None or name in ("name", "city"):
        return value
    kinds: dict[str, Any] = {
        "salary": decimal.Decimal,
        "hired": datetime.date.fromisoformat,
        "active": lambda told: told in (True, 1),
        "changed": datetime.datetime.fromisoformat,
    }
    return kinds[name](value)


def test_a_sync_with_conditions_goes_its_own_way(small: Source) -> None:
    table = small.following.table
    where = (field(table, "city").eq("Oslo"),)
    assert small.following.sync(where=where).counts.inserted == 30
    assert small.following.sync().counts.inserted == 60


def test_a_sync_that_was_cut_off_goes_on_behind_the_last_page_that_was_stored(it: Source) -> None:
    following = it.following
    it.tell("update people set email = 'x' where id = 1")
    with opened_of(following) as system:
        first = next(iter(system.pages(following.table, Window())))
        assert first.position == {"order": "key", "key": PAGE}
        rest = [r["id"] for p in system.pages(following.table, Window(position=first.position)) for r in p.records]
        assert rest == list(range(PAGE + 1, PEOPLE + 1))
        since = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
        window = Window(since=since)
        page = next(iter(system.pages(following.table, window)))
        assert page.position["order"] == "stamp"
        resumed = Window(since=since, position=page.position)
        assert [r["id"] for p in system.pages(following.table, resumed) for r in p.records] == rest


def test_a_database_that_goes_away_stops_the_sync_and_the_next_takes_it_up(it: Source) -> None:
    it.tell("alter table people rename to elsewhere")
    with pytest.raises(SetupError, match="no such table"):
        it.following.sync()
    it.tell("alter table elsewhere rename to people")
    assert it.following.sync().counts.inserted == PEOPLE


def test_a_page_that_the_database_cannot_give_stops_before_it_and_the_next_sync_goes_on(
    postgresql_url: str, new_installation: NewInstallation, tmp_path: Path
) -> None:
    with source_at(postgresql_url, new_installation, tmp_path) as it:
        it.tell("alter table people rename to base")
        view = (
            "create or replace view people as select id, full_name, email, city, {} as salary, hired, active, changed"
        )
        it.tell(f"{view.format('salary / (id - 50)')} from base")
        with pytest.raises(DeliveryError, match=r"payroll gives what cannot be read \(DataError, 22012\)"):
            it.following.sync()
        # How far that is, the database decides: it may look at more than it gives.
        status, read, position = it.following.last("status, read, position")
        assert (status, position, 0 < read < 50) == ("stopped", {"order": "key", "key": read}, True)
        it.tell(f"{view.format('salary / 1')} from base")
        outcome = it.following.sync()
        assert (outcome.kind, outcome.resumed, outcome.counts.read) == ("full", True, PEOPLE - read)
        assert len(it.following.ids()) == PEOPLE


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_nothing_can_be_written_and_no_statement_goes_on_for_ever(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("mariadb_url" if kind == "mysql" else "postgresql_url")
    told = DatabaseSource.model_validate({**declared()["payroll"], "seconds": 1})
    engine = engine_of("payroll", told, url)
    slow = {"postgresql": "select pg_sleep(30)", "mysql": "select sleep(30) from information_schema.tables"}[kind]
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=r"read.only|READ ONLY"):
        connection.execute(sa.text("create table written (id integer)"))
    too_long = r"statement timeout|max_statement_time"
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=too_long):
        connection.execute(sa.text(slow)).all()
    engine.dispose()


def test_a_sqlite_file_is_not_written_to_and_not_made(small: Source, tmp_path: Path) -> None:
    told = DatabaseSource.model_validate(declared()["payroll"])
    engine = engine_of("payroll", told, small.url)
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.execute(sa.text("delete from people"))
    engine.dispose()
    with pytest.raises(SetupError, match="PAYROLL_URL: the file is not there"):
        engine_of("payroll", told, f"sqlite:///{tmp_path}/nowhere.db")
    assert not (tmp_path / "nowhere.db").exists()


def test_stamps_without_a_zone_are_of_the_one_declared(it: Source) -> None:
    it.following.declare(declared(zone="Europe/Oslo"))
    it.following.sync()
    moment = datetime.datetime(2026, 3, 1, 7, 4, 0, 250_000, tzinfo=datetime.UTC)
    assert it.following.rows("changed", "id = 4") == [(moment,)]
    # The hour that clocks are put back by is read again.
    assert it.following.sync().counts.read == 66


def test_mysqls_own_timestamps_are_in_utc_whatever_zone_is_declared(
    mariadb_url: str, new_installation: NewInstallation, tmp_path: Path
) -> None:
    with source_at(mariadb_url, new_installation, tmp_path) as it:
        it.tell("alter table people modify changed timestamp(6) null")
        it.tell("set time_zone = '+02:00'")
        it.following.declare(declared(zone="Europe/Oslo"))
        it.following.sync()
        # The server's own zone, in which they were written, is two hours ahead.
        moment = datetime.datetime(2026, 3, 1, 6, 4, 0, 250_000, tzinfo=datetime.UTC)
        assert it.following.rows("changed", "id = 4") == [(moment,)]


def test_columns_that_are_not_declared_are_what_the_database_says(it: Source) -> None:
    sources = declared()
    roles = {"table": "people", "key": "id", "updated_at": "changed"}
    marked = {"personal": ["full_name", "email"], "filterable": ["city"]}
    sources["payroll"]["objects"]["people"] = {**roles, **marked}
    it.following.declare(sources)
    (row,) = hrdata("sources", "list", "--json").told
    assert row["told"] == "columns unknown: hrdata sources reflect payroll"
    (told,) = hrdata("sources", "reflect", "--json").told
    assert told["left out"] == ["photo"]
    assert told["columns"] == [
        *("id integer", "full_name text", "email text", "city text"),
        *("salary numeric", "hired date", "active boolean", "changed moment"),
    ]
    assert it.following.table.personal == ("full_name", "email")
    assert it.following.sync().counts.inserted == PEOPLE
    assert it.following.rows("full_name, city, active", "id = 4") == [("Ada 4", "Leeds", True)]


def test_a_column_is_deleted_says_so_itself(it: Source) -> None:
    it.tell("alter table people add column is_deleted boolean")
    sources = declared()
    sources["payroll"]["objects"]["people"]["columns"] = {**COLUMNS, "is_deleted": "boolean"}
    it.following.declare(sources)
    it.tell("update people set is_deleted = true where id = 9")
    outcome = it.following.sync()
    assert (outcome.source_total, outcome.own_total) == (PEOPLE - 1, PEOPLE - 1)
    assert it.following.rows("deletion", "id = 9") == [("told",)]


def test_keys_may_be_texts(it: Source) -> None:
    it.tell("create table codes (id varchar(20) primary key, label varchar(20))")
    with it.engine.begin() as connection:
        codes_told = [{"id": f"C-{number:03}é", "label": f"L{number}"} for number in range(45)]
        connection.execute(sa.text("insert into codes values (:id, :label)"), codes_told)
    sources = declared()
    sources["payroll"]["objects"] = {
        "codes": {"table": "codes", "key": "id", "columns": {"id": "text", "label": "text"}}
    }
    it.following.declare(sources)
    codes = Following(it.following.installation, it.following.file, "payroll", "codes")
    try:
        assert codes.sync().counts.inserted == 45
        # Texts have no newest one: everything is read each time.
        assert (codes.sync().kind, codes.sync().counts.unchanged) == ("full", 45)
    finally:
        it.tell("drop table codes")


def test_without_a_stamp_only_what_is_new_is_read_by_its_number(small: Source) -> None:
    sources = declared()
    del sources["payroll"]["objects"]["people"]["updated_at"]
    small.following.declare(sources)
    small.following.sync()
    small.add(person(600))
    outcome = small.following.sync()
    assert (outcome.kind, outcome.counts.read, outcome.counts.inserted) == ("incremental", 2, 1)


def test_a_person_pulls_and_looks(small: Source) -> None:
    first = hrdata("pull", "payroll", "--json").told
    assert [(row["object"], row["kind"], row["read"], row["source"]) for row in first] == [
        ("people", "full", PEOPLE, PEOPLE)
    ]
    found = hrdata("pull", "payroll", "people", "--where", "city in Oslo,Leeds", "--json").told
    assert found[0]["read"] == 60
    rows = [row for row in hrdata("systems", "--json").told if row["system"] == "payroll"]
    assert [(row["object"], row["configured"], row["records"]) for row in rows] == [("people", True, PEOPLE)]
    assert [cursor["system"] for cursor in hrdata("cursors", "--json").told] == ["payroll", "payroll"]


@pytest.mark.parametrize(
    ("column", "says"),
    [({"from": "nowhere"}, "people has no column nowhere"), ({"from": "full_name"}, None)],
)
def test_a_declared_column_that_is_not_there_is_named(small: Source, column: dict[str, str], says: str | None) -> None:
    sources = declared()
    sources["payroll"]["objects"]["people"]["columns"] = {**COLUMNS, "other": {"type": "text", **column}}
    small.following.declare(sources)
    if says is None:
        assert small.following.sync().counts.inserted == PEOPLE
    else:
        with pytest.raises(SetupError, match=says):
            small.following.sync()


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("not an address with planted-secret", SetupError, "PAYROLL_URL is no address of a database"),
        ("oracle9://u:planted-secret@127.0.0.1/x", SetupError, "PAYROLL_URL names no kind of database"),
        ("mssql://u:planted-secret@127.0.0.1/x", SetupError, r"driver for mssql is missing.*\[sqlserver\]"),
        ("postgresql://u:planted-secret@127.0.0.1:9/x", SystemUnavailable, "payroll did not answer"),
        ("mysql://u:planted-secret@127.0.0.1:9/x", SystemUnavailable, "payroll did not answer"),
    ],
)  # fmt: skip
def test_what_cannot_be_reached_is_told_without_its_address(
    small: Source, url: str, kind: type[Exception], says: str
) -> None:
    small.following.say(PAYROLL_URL=url)
    with pytest.raises(kind, match=says) as told:
        small.following.sync()
    assert "planted-secret" not in str(told.value)


def test_no_value_of_a_person_and_no_secret_is_told(it: Source, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    it.tell("update people set full_name = 'Plantedname', email = null where id = 5")
    it.following.sync()
    table = it.following.table
    where = (field(table, "name").eq("Plantedname"),)
    it.tell("alter table people drop column full_name")
    with pytest.raises(SetupError) as told:
        it.following.sync(where=where)
    ledger = it.following.installation.rows("select row_to_json(s)::text from ops.syncs s")
    for word in ("Plantedname", "planted-secret", str(sa.make_url(it.url).password)):
        assert word not in caplog.text + str(told.value) + str(ledger)
