"""REST interfaces as systems: four ways of paging, each against a real server whose list does not hold still."""

import datetime
import decimal
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.query import field
from hrdata_assets.systems.answers import Answer, MalformedPageError, SignInError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.fakes.serving import serving
from hrdata_assets.systems.rest.paging import following as next_page
from hrdata_assets.systems.rest.paging import next_link
from hrdata_assets.systems.rest.paths import stamp
from hrdata_assets.systems.sources.declaration import NextCursor
from hrdata_assets.systems.system import Window
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.systems.following import Following, following, opened_of
from hrdata_assets_tests.systems.lists import TOKEN, Lists

PEOPLE = 90
STYLES: dict[str, dict[str, Any]] = {
    "link_header": {"paging": {"style": "link_header", "size": "size", "page": 20}},
    "page_number": {
        "paging": {"style": "page_number", "size": "size", "page": 20}, "records": "items", "total": "total",
    },
    "offset": {"paging": {"style": "offset", "page": 20}, "records": "items", "total": "total"},
    "cursor": {
        "paging": {"style": "cursor", "next": "next.cursor", "parameter": "cursor", "more": "next.more"},
        "records": "data.items", "total": "data.count",
    },
}  # fmt: skip
COLUMNS = {
    "id": "integer",
    "email": {"type": "text", "from": "mail", "personal": True, "required": True},
    "city": "text",
    "salary": {"type": "numeric", "from": "pay.yearly"},
    "changed": "moment",
}
CONDITIONS = {"city": {"eq": "city", "in": "city"}, "salary": {"gte": "pay_from"}}
BEARER = {"kind": "bearer", "token_from": "AGENCY_TOKEN"}


def declared(style: str, **more: Any) -> dict[str, Any]:
    people = {
        "path": f"/people/{style}",
        "key": "id",
        "updated_at": "changed",
        "columns": COLUMNS,
        "since": {"parameter": "changed_since"},
        "conditions": CONDITIONS,
        **STYLES[style],
        **more,
    }
    source = {"kind": "rest", "url_from": "AGENCY_URL", "private": True, "auth": BEARER, "per_minute": 60_000}
    return {"agency": {**source, "overlap_seconds": 60, "objects": {"people": people}}}


@dataclass
class Agency:
    """A server, and an installation that follows it."""

    style: str
    fake: Lists
    following: Following

    def calls(self) -> int:
        return sum("/people/" in call.path for call in self.fake.calls)


@pytest.fixture(params=STYLES)
def it(request: pytest.FixtureRequest, new_installation: NewInstallation, tmp_path: Path) -> Iterator[Agency]:
    yield from agency(request.param, new_installation, tmp_path)


@pytest.fixture
def of_style(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Callable[[str], Agency]]:
    """Makes the one of a style, for what only that style does."""
    made: list[Iterator[Agency]] = []

    def make(style: str) -> Agency:
        made.append(agency(style, new_installation, tmp_path))
        return next(made[-1])

    yield make
    for each in made:
        assert next(each, None) is None


def agency(style: str, new_installation: NewInstallation, folder: Path) -> Iterator[Agency]:
    fake = Lists(PEOPLE)
    with (
        serving(fake) as url,
        following(new_installation, folder, declared(style), AGENCY_URL=f"{url}/v1", AGENCY_TOKEN=TOKEN) as found,
    ):
        yield Agency(style, fake, found)


def test_the_first_sync_is_full_and_the_next_reads_what_changed(it: Agency) -> None:
    first = it.following.sync()
    assert (first.kind, first.counts.inserted) == ("full", PEOPLE)
    assert first.source_total in (PEOPLE, None)
    assert it.following.rows("email, city, salary, changed, extra->>'shoe'", "id = 4") == [
        (
            *("ada4@example.org", "Oslo", decimal.Decimal("50004.25")),
            *(datetime.datetime(2026, 3, 1, 8, 4, tzinfo=datetime.UTC), "40"),
        )
    ]
    it.fake.change(7, city="Tromsø")
    it.fake.change(500)
    before = it.calls()
    again = it.following.sync()
    assert (again.kind, again.counts.read, again.counts.inserted, again.counts.updated) == ("incremental", 2, 1, 1)
    # The page, perhaps an empty one behind it, and the count.
    assert it.calls() - before <= 3
    assert it.following.rows("city", "id = 7") == [("Tromsø",)]


def test_what_is_gone_is_found_by_a_full_sync_and_by_a_look_at_the_keys(it: Agency) -> None:
    it.following.sync()
    it.fake.remove(11)
    assert it.following.sync().counts.removed == 0
    assert it.following.sync(full=True).counts.removed == 1
    it.fake.remove(12)
    assert it.following.sync(keys=True).counts.removed == 1
    assert it.following.rows("id, deletion", "deletion is not null") == [(11, "missing"), (12, "missing")]


def test_what_shifts_while_pages_are_read_is_met_all_the_same(it: Agency) -> None:
    it.fake.before_answer("/people/", 3, lambda: it.fake.remove(3, 5, 40))
    it.fake.before_answer("/people/", 4, lambda: it.fake.change(0))
    it.following.sync()
    there = it.following.ids()
    assert set(it.fake.people) - {0} <= set(there)
    it.following.sync()
    assert set(it.fake.people) <= set(it.following.ids())


def test_a_list_that_loses_a_whole_page_is_gone_back_in_until_it_is_found_again(of_style: Any) -> None:
    it = of_style("offset")
    it.fake.before_answer("/people/", 4, lambda: it.fake.remove(*range(2, 58)))
    it.following.sync()
    assert set(it.fake.people) <= set(it.following.ids())


def test_a_bad_record_is_set_aside_and_comes_right_later(it: Agency) -> None:
    it.fake.change(5, mail=None)
    first = it.following.sync()
    assert (first.counts.inserted, it.following.letters()) == (PEOPLE - 1, [("5", "email_present")])
    it.fake.change(5, mail="here@example.org")
    it.following.sync()
    assert it.following.letters() == []


def test_what_passes_is_waited_out(of_style: Any) -> None:
    it = of_style("link_header")
    it.fake.faults.add(Fault(kind="rate_limited", after=1, times=1, path="/people/"))
    it.fake.faults.add(
        Fault(kind="status", status=503, after=2, times=1, path="/people/", headers={"Retry-After": "0"})
    )
    it.fake.faults.add(Fault(kind="truncated", after=3, times=1, path="/people/"))
    outcome = it.following.sync()
    assert (outcome.counts.inserted, outcome.throttled) == (PEOPLE, 1)


def test_a_page_that_cannot_be_read_stops_before_it_and_the_next_sync_goes_on(it: Agency) -> None:
    it.fake.faults.add(Fault(kind="html", after=2, times=1, path="/people/"))
    with pytest.raises(MalformedPageError, match="no JSON"):
        it.following.sync()
    assert it.following.last("status, read") == ("stopped", 40)
    outcome = it.following.sync()
    assert (outcome.kind, outcome.resumed) == ("full", True)
    assert outcome.counts.read <= PEOPLE - 40 + 4
    assert len(it.following.ids()) == PEOPLE


def test_an_answer_of_another_shape_stops_too(of_style: Any) -> None:
    it = of_style("cursor")
    it.following.declare(declared(it.style, records="elsewhere.items"))
    with pytest.raises(MalformedPageError, match="JSON of another shape"):
        it.following.sync()


@pytest.mark.parametrize("style", ["page_number", "offset", "cursor"])
def test_an_interface_that_gives_the_same_page_for_ever_is_left(style: str, of_style: Any) -> None:
    it = of_style(style)
    it.fake.broken = "stuck"
    with pytest.raises(DeliveryError, match=f"agency gives a page of /people/{style} again: see how its paging"):
        it.following.sync()
    assert it.calls() < 6


def test_an_interface_that_says_404_behind_its_last_page_has_ended(of_style: Any) -> None:
    it = of_style("page_number")
    it.fake.broken = "strict"
    assert it.following.sync().counts.inserted == PEOPLE


def test_a_cursor_that_nobody_knows_any_more_is_forgotten(of_style: Any) -> None:
    it = of_style("cursor")
    table = it.following.table
    with opened_of(it.following) as system:
        first = next(iter(system.pages(table, Window())))
        assert first.position == {"cursor": "20"}
        it.fake.broken = "forgetful"
        pages = system.pages(table, Window(position=first.position))
        assert [record["id"] for record in next(iter(pages)).records] == list(range(1, 21))


def test_a_condition_is_said_by_the_parameter_declared_for_it(it: Agency) -> None:
    table = it.following.table
    where = (field(table, "city").eq("Oslo"), field(table, "salary").gte("50050.25"))
    assert it.following.sync(where=where).counts.inserted == 21
    both = (field(table, "city").is_in(["Oslo", "Leeds"]),)
    assert it.following.sync(where=both).counts.read >= PEOPLE
    assert it.following.last("status") == ("complete",)


def test_a_list_of_values_may_be_one_parameter_with_commas(of_style: Any) -> None:
    it = of_style("cursor")
    it.following.declare(declared("cursor", lists="commas"))
    where = (field(it.following.table, "city").is_in(["Oslo", "Nowhere"]),)
    assert it.following.sync(where=where).counts.read == 45
    assert {call.query["city"] for call in it.fake.calls if "city" in call.query} == {"Oslo,Nowhere"}


@pytest.mark.parametrize(("name", "operator"), [("city", "contains"), ("salary", "lt"), ("email", "eq")])
def test_a_condition_that_the_interface_cannot_be_asked_is_refused_when_it_is_built(
    name: str, operator: str, of_style: Any
) -> None:
    it = of_style("cursor")
    with pytest.raises(SetupError, match=f"agency_people.{name} cannot be compared by"):
        getattr(field(it.following.table, name), {"eq": "eq"}.get(operator, operator))("1")
    assert it.fake.calls == []


def test_without_a_parameter_for_changes_everything_is_read_each_time(of_style: Any) -> None:
    it = of_style("link_header")
    it.following.declare(declared("link_header", since=None))
    it.following.sync()
    it.fake.remove(8)
    again = it.following.sync()
    assert (again.kind, again.counts.read, again.counts.removed) == ("full", PEOPLE - 1, 1)


AUTHS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "api_key": ({"key_from": "AGENCY_KEY", "header": "X-Key"}, {"AGENCY_KEY": TOKEN}),
    "basic": ({"user_from": "AGENCY_USER", "password_from": "AGENCY_KEY"}, {"AGENCY_USER": "u", "AGENCY_KEY": TOKEN}),
    "client_credentials": (
        {"token_url_from": "AGENCY_TOKENS", "client_id_from": "AGENCY_USER", "secret_from": "AGENCY_KEY"},
        {"AGENCY_USER": "u", "AGENCY_KEY": "s"},
    ),
}


@pytest.mark.parametrize("kind", AUTHS)
def test_who_asks_is_said_as_declared(kind: str, of_style: Any) -> None:
    it = of_style("cursor")
    words, variables = AUTHS[kind]
    sources = declared("cursor")
    sources["agency"]["auth"] = {"kind": kind, **words}
    it.following.declare(sources)
    tokens = os.environ["AGENCY_URL"].replace("/v1", "/token")
    it.following.say(AGENCY_TOKENS=tokens, **variables)
    assert it.following.sync().counts.inserted == PEOPLE


def test_a_refusal_is_told_and_asked_once(of_style: Any) -> None:
    it = of_style("cursor")
    it.following.say(AGENCY_TOKEN="wrong")
    with pytest.raises(SignInError, match="agency answered 401 for /v1/people/cursor: check the credentials"):
        it.following.sync()
    assert it.calls() == 1


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("ftp://host.example/", SetupError, "AGENCY_URL is no address of an interface"),
        ("https://user:planted-secret@host.example/", SetupError, "AGENCY_URL is no address of an interface"),
    ],
)
def test_an_address_that_cannot_be_asked_is_told_without_what_it_says(
    url: str, kind: type[Exception], says: str, of_style: Any
) -> None:
    it = of_style("cursor")
    it.following.say(AGENCY_URL=url)
    with pytest.raises(kind, match=says) as told:
        it.following.sync()
    assert "planted-secret" not in str(told.value)


def test_a_next_page_at_another_host_is_not_asked(of_style: Any) -> None:
    it = of_style("link_header")
    elsewhere = {"Link": "<http://elsewhere.example/>; rel=next"}
    it.fake.faults.add(Fault(kind="status", status=200, path="/people/", body='[{"id": 1}]', headers=elsewhere))
    with pytest.raises(SetupError, match=r"elsewhere\.example is none of the system's hosts"):
        it.following.sync()


def test_plain_http_and_private_networks_are_for_those_who_say_so(of_style: Any) -> None:
    it = of_style("cursor")
    sources = declared("cursor")
    del sources["agency"]["private"]
    it.following.declare(sources)
    with pytest.raises(SetupError, match="is asked over https only"):
        it.following.sync()
    assert it.fake.calls == []


def test_a_person_pulls_and_looks(of_style: Any) -> None:
    of_style("cursor")
    first = hrdata("pull", "agency", "people", "--json").told
    assert [(row["object"], row["kind"], row["read"]) for row in first] == [("people", "full", PEOPLE)]
    refused = hrdata("pull", "agency", "people", "--where", "city~Os")
    assert (refused.code, "cannot be compared by contains" in refused.err) == (1, True)
    (row,) = [row for row in hrdata("systems", "--json").told if row["system"] == "agency"]
    assert (row["configured"], row["records"], row["status"]) == (True, PEOPLE, "complete")


def test_no_secret_and_no_value_of_a_person_is_told(of_style: Any, caplog: pytest.LogCaptureFixture) -> None:
    it = of_style("link_header")
    caplog.set_level(logging.DEBUG)
    it.fake.change(5, mail=None, city="Plantedplace")
    it.fake.faults.add(Fault(kind="status", status=500, body="Plantedplace", path="/people/", times=1))
    it.following.sync()
    where = (field(it.following.table, "city").eq("Plantedplace"),)
    it.fake.faults.add(Fault(kind="html", path="/people/", times=1))
    with pytest.raises(MalformedPageError) as told:
        it.following.sync(where=where)
    ledger = it.following.installation.rows("select row_to_json(s)::text from ops.syncs s")
    for word in (TOKEN, "Plantedplace"):
        assert word not in caplog.text + str(told.value) + str(ledger)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('<https://a.example/p?page=2>; rel="next"', "https://a.example/p?page=2"),
        ('</p?x=1,2>; rel="prev", </p?x=3>; title="a; rel=prev, b"; rel="last next"', "https://a.example/p?x=3"),
        ("<q>; rel=next; type=x", "https://a.example/q"),
        ('<q>; rel="nextish"', None),
        ("<q>; rel=prev", None),
        ("", None),
    ],
)
def test_the_next_page_is_read_off_the_header_link(header: str, found: str | None) -> None:
    assert next_link(header, "https://a.example/p") == found


@pytest.mark.parametrize("cursor", ["null", '""', "false"])
def test_a_cursor_that_is_none_ends_the_list(cursor: str) -> None:
    paging = NextCursor(style="cursor", next="next", parameter="cursor")
    answer = Answer(200, {}, b'{"next": ' + cursor.encode() + b"}", "/p")
    assert next_page(paging, {}, answer, 20, "https://a.example/p") is None


def test_a_moment_is_said_as_asked_for_and_never_later() -> None:
    moment = datetime.datetime(2026, 3, 1, 23, 30, 5, 987_654, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert stamp(moment, "iso") == "2026-03-01T21:30:05.987Z"
    assert stamp(moment, "date") == "2026-03-01"
    assert stamp(moment, "seconds") == "1772400605"
    assert stamp(moment, "milliseconds") == "1772400605987"
