"""What only HubSpot does: an index that lags, walls, merges, limits by policy, and properties that come and go."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.query import Condition, field
from hrdata_assets.sync.engine import Order, sync
from hrdata_assets.systems.answers import Answer, OutOfQuotaError, RefusedError, SignInError, Unavailable
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.hubspot.fake_schema import Property
from hrdata_assets.systems.hubspot.judging import judge, wait_of
from hrdata_assets.systems.hubspot.tables import Company, Contact, Deal
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.test_pulling import pull_all
from hrdata_assets_tests.sync.worlds import Synced, called, followed

WORLD = called("hubspot")
Follow = Callable[..., AbstractContextManager[Synced]]
UTC = datetime.UTC


@pytest.fixture
def follow(new_installation: NewInstallation, tmp_path: Path) -> Follow:
    @contextmanager
    def with_switches(**switches: Any) -> Iterator[Synced]:
        with followed(WORLD, new_installation, tmp_path, **switches) as found:
            yield found

    return with_switches


def searches(it: Synced) -> int:
    return it.calls("/objects/contacts/search$")


def test_everything_is_listed_and_only_what_changed_is_searched_for(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        # The newest, what was merged, and two to count.
        assert (it.calls("/objects/contacts$"), searches(it)) == (1 + len(it.wanted()) // 20 + 1, 4)
        it.change(it.ids()[0], title="Stirred")
        before = it.calls("/objects/contacts$")
        it.sync()
        assert it.calls("/objects/contacts$") == before + 1


def test_more_changes_than_a_search_gives_and_more_than_a_page_at_one_moment_are_all_read(follow: Follow) -> None:
    with follow(people=700, page=None, most_results=200) as it:
        it.sync()
        ids, now = it.ids(), datetime.datetime.now(UTC)
        for number in ids[:600]:
            it.change(number, title="Stirred")
        it.touch(ids[:250], now)
        it.touch(ids[250:400], now + datetime.timedelta(milliseconds=1))
        it.sync()
        assert len(it.titled("Stirred")) == 600
        it.assert_complete()


def test_what_search_orders_in_its_own_way_loses_nothing(follow: Follow) -> None:
    with follow(ties_by_id=False) as it:
        it.sync()
        ids = it.ids()[:90]
        for number in ids:
            it.change(number, title="Stirred")
        it.touch(ids, datetime.datetime.now(UTC))
        it.sync()
        assert len(it.titled("Stirred")) == 90
        it.assert_complete()


def test_a_change_that_search_sees_late_comes_with_a_later_sync(follow: Follow) -> None:
    with follow(index_delay=20.0) as it:
        it.sync()
        late, ids = it.ids()[4], it.ids()
        it.change(late, title="Seen late")
        it.fake.switches.index_delay = 0.0
        it.change(ids[5], title="Seen at once")
        it.sync()
        assert (it.titled("Seen late"), it.titled("Seen at once")) == ([], [ids[5]])
        it.fake.clock_ahead = datetime.timedelta(seconds=25)
        it.sync()
        assert it.titled("Seen late") == [late]
        it.assert_complete()


def test_while_search_may_not_know_everything_nothing_is_counted(follow: Follow) -> None:
    with follow(index_delay=20.0) as it:
        assert it.sync().source_total == len(it.wanted())
        it.add(title="Not in the index yet")
        assert it.sync(full=True).source_total is None
        assert it.titled("Not in the index yet") != []
        it.fake.switches.index_delay = 0.0
        it.touch(it.titled("Not in the index yet"), datetime.datetime.now(UTC) - datetime.timedelta(seconds=10))
        assert it.sync().source_total is None
        it.touch(it.titled("Not in the index yet"), datetime.datetime.now(UTC) - datetime.timedelta(minutes=3))
        assert it.sync().source_total == len(it.wanted())


@pytest.mark.parametrize("switches", [{}, {"merge_makes_new_id": True}, {"merged_ids_lead_on": False}])
def test_a_record_that_was_merged_away_is_gone_and_the_one_that_is_left_names_it(
    follow: Follow, switches: dict[str, Any]
) -> None:
    with follow(**switches) as it:
        it.sync()
        winner, loser = it.ids()[3], it.ids()[6]
        left = it.fake.merge("contacts", winner, loser)
        it.sync()
        assert it.row("deletion", loser) == ("told",)
        (merged,) = it.row("merged_ids", left)
        assert loser in merged
        assert it.row("deletion", winner) == ((None,) if left == winner else ("told",))
        it.assert_complete()


def test_a_record_that_comes_back_from_the_recycle_bin_lives_again(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        number = it.ids()[2]
        it.delete(number)
        it.sync()
        assert it.row("deletion", number) == ("told",)
        it.fake.restore("contacts", number)
        it.sync()
        assert it.row("deletion", number) == (None,)
        it.assert_complete()


def test_what_was_archived_while_a_sync_was_cut_off_is_not_forgotten(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        number = it.ids()[2]
        it.delete(number)
        it.fake.faults.add(Fault(kind="status", status=502, path="/contacts$", times=5))
        with pytest.raises(SystemUnavailable):
            it.sync()
        it.sync()
        assert it.row("deletion", number) == ("told",)


def test_a_contact_that_was_erased_is_missing_from_the_ids(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        number = it.ids()[2]
        it.fake.erase(number)
        it.sync(keys=True)
        assert it.row("deletion", number) == ("missing",)


def test_what_the_account_added_is_kept_beside_what_is_declared(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        wanted = next(r for r in it.fake.records("contacts") if r["properties"]["skills"])
        (extra,) = it.row("extra", wanted["id"])
        assert extra["properties"]["skills"] == wanted["properties"]["skills"]
        assert set(extra) == {"properties"}


def test_a_property_that_vanished_is_not_asked_for_again_and_a_new_one_is(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        number = it.ids()[0]
        with it.opened() as system:
            # What there is was looked up before it changed.
            assert system.total(Contact.table) is not None
            it.fake.schema["contacts"].remove("website")
            it.fake.schema["contacts"].remove("skills")
            it.fake.schema["contacts"].put(Property("shoe_size", custom=True))
            it.fake.change("contacts", number, jobtitle="Without a site", shoe_size="44")
            sync(it.warehouse, system, Contact.table, Order(), "test")
        title, website, extra = it.row("job_title, website, extra", number)
        assert (title, website, extra["properties"]["shoe_size"]) == ("Without a site", None, "44")
        assert "skills" not in extra["properties"]


def test_more_properties_than_a_question_has_room_for_are_read_by_ids(follow: Follow) -> None:
    with follow(read_refuses_unknown=True) as it:
        it.fake.schema["contacts"].put(*(Property(f"made_by_the_account_{n:03}", custom=True) for n in range(300)))
        it.fake.change("contacts", it.wanted()[0], made_by_the_account_299="full")
        it.sync()
        assert it.calls("/batch/read$") > 0
        it.fake.change("contacts", it.ids()[1], made_by_the_account_007="changed", jobtitle="Astronaut")
        assert it.sync().counts.updated == 1
        assert it.row("extra", it.ids()[0])[0]["properties"]["made_by_the_account_299"] == "full"
        assert it.titled("Astronaut") == [it.ids()[1]]
        it.assert_complete()


def test_deals_name_their_companies_and_contacts(follow: Follow) -> None:
    with follow() as it:
        assert pull_all(it) == []
        deal, company, contact = (it.fake.records(name)[1]["id"] for name in ("deals", "companies", "contacts"))
        asked = f"select company_id, company_ids, contact_ids from staged.hubspot_deals where id = {deal}"
        ((first, companies, contacts),) = it.installation.rows(asked)
        assert companies == [str(first)]
        assert len(contacts) == 1
        it.fake.associate("deals", deal, "companies", company, primary=True)
        it.fake.associate("deals", deal, "contacts", contact)
        it.fake.change("deals", deal, description="Looked at again")
        assert pull_all(it) == []
        ((now, companies, contacts),) = it.installation.rows(asked)
        assert (now, set(companies)) == (int(company), {str(first), company})
        assert contact in contacts


def test_owners_and_stages_stand_beside_with_those_who_left(follow: Follow) -> None:
    with follow() as it:
        assert pull_all(it) == []
        living = it.installation.one("select count(*) from staged.hubspot_owners where deletion is null")
        assert living == 6
        unknown = it.installation.one(
            "select count(*) from staged.hubspot_deals d where deletion is null and not exists"
            " (select from staged.hubspot_deal_stages s where (s.id, s.pipeline) = (d.stage, d.pipeline))"
        )
        assert unknown <= 2
        labels = it.installation.column(
            "select label from staged.hubspot_deal_stages where pipeline_label = 'Staffing'"
        )
        assert "Interviews" in labels


def test_numbers_written_as_powers_are_numbers(follow: Follow) -> None:
    with follow(dirt=0.0) as it:
        company = it.fake.records("companies")[0]["id"]
        it.fake.change("companies", company, annualrevenue="1.25E7", numberofemployees="2.5e2")
        assert pull_all(it) == []
        asked = f"select annual_revenue, employees from staged.hubspot_companies where id = {company}"
        assert it.installation.rows(asked) == [(12_500_000, 250)]


CONDITIONS: list[tuple[list[Condition], Callable[[dict[str, Any]], bool]]] = [
    ([field(Contact, "city").eq("oslo")], lambda p: p["city"] == "Oslo"),
    ([field(Contact, "city").is_in(["Oslo", "LEEDS"])], lambda p: p["city"] in ("Oslo", "Leeds")),
    ([field(Contact, "job_title").contains("engin")], lambda p: "engin" in (p["jobtitle"] or "").lower()),
    ([field(Contact, "lead_status").is_in(["NEW", "OPEN"])], lambda p: p["hs_lead_status"] in ("NEW", "OPEN")),
    (
        [field(Contact, "created_at").gte("2024-01-01"), field(Contact, "created_at").lt("2025-01-01")],
        lambda p: p["createdate"].startswith("2024"),
    ),
    (
        [field(Contact, "id").gt(2_000), field(Contact, "id").lte(4_000)],
        lambda p: 2_000 < int(p["hs_object_id"]) <= 4_000,
    ),
]


@pytest.mark.parametrize(("conditions", "holds"), CONDITIONS, ids=range(len(CONDITIONS)))
def test_conditions_are_asked_of_hubspot_itself(
    follow: Follow, conditions: list[Condition], holds: Callable[[dict[str, Any]], bool]
) -> None:
    with follow(dirt=0.0) as it:
        outcome = it.sync(where=tuple(conditions))
        wanted = sorted(r["id"] for r in it.fake.records("contacts") if holds(r["properties"]))
        assert 0 < len(wanted) < len(it.wanted())
        assert (outcome.counts.read, it.ids()) == (len(wanted), wanted)
        it.change(wanted[0], email="moved@home.example")
        assert it.sync(where=tuple(conditions)).counts.updated == 1


def test_a_boolean_is_asked_for_as_hubspot_writes_it(follow: Follow) -> None:
    with follow() as it, it.opened() as system:
        where = (field(Deal, "is_won").eq(True), field(Deal, "amount").gte("1000.50"))
        outcome = sync(it.warehouse, system, Deal.table, Order(where=where), "test")
        won = [r for r in it.fake.records("deals") if r["properties"]["hs_is_closed_won"] == "true"]
        assert 0 < outcome.counts.read <= len(won)


def test_more_than_hubspot_can_be_asked_is_told(follow: Follow) -> None:
    several = [field(Contact, "city").eq(f"Town{n}") for n in range(5)]
    long = field(Contact, "city").is_in([f"A town with a long name {n}" for n in range(200)])
    with follow() as it:
        with pytest.raises(SetupError, match="takes 4 conditions at a time"):
            it.sync(where=tuple(several))
        with pytest.raises(SetupError, match="as long as this one"):
            it.sync(where=(long,))
        with pytest.raises(SetupError, match="without a letter or digit"):
            it.sync(where=(field(Contact, "city").contains("%"),))
        it.fake.schema["contacts"].remove("city")
        with pytest.raises(SetupError, match="has no property to ask for city by"):
            it.sync(where=(several[0],))


def test_calls_are_paced_so_that_hubspot_refuses_none_but_what_was_held_up(follow: Follow) -> None:
    with follow(rates=True) as it:
        it.world = replace(WORLD, settings={})
        assert pull_all(it) == []
        refused = [call for call in it.fake.calls if call.status == 429]
        # On a busy machine a call may arrive late, and so together with those after it; unpaced, six are refused.
        assert len(refused) == it.installation.one("select sum(throttled) from ops.syncs") <= 2
        assert {call.status for call in it.fake.calls if call not in refused} <= {200, 207}


def refused(status: int, body: str = "{}", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode(), "/crm")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10", 10.0), ("1500", 1.5), ("10000", 10.0), ("600000", 60.0), ("0", 0.0), ("nonsense", None), (None, None)],
)
def test_a_wait_of_more_than_a_minute_is_in_milliseconds(text: str | None, seconds: float | None) -> None:
    assert wait_of(text) == seconds


@pytest.mark.parametrize("unit", ["seconds", "milliseconds"])
def test_whatever_the_unit_of_retry_after_the_next_try_comes_soon(follow: Follow, unit: str) -> None:
    with follow(retry_after=unit) as it:
        it.fake.faults.add(Fault(kind="rate_limited", path=WORLD.page, after=4, retry_after=0.2))
        started = datetime.datetime.now(UTC)
        assert it.sync().throttled == 1
        # Two hundred of what counts as milliseconds, or a second, to which it is rounded up.
        assert (datetime.datetime.now(UTC) - started).total_seconds() < 30
        it.assert_complete()


def test_the_days_last_call_stops_the_sync_and_the_cursor_stays(follow: Follow) -> None:
    with follow(policy="DAILY") as it:
        first = it.sync()
        it.change(it.ids()[0], title="Tomorrow")
        before = len(it.fake.calls)
        it.fake.faults.add(Fault(kind="rate_limited", path=WORLD.page, times=None))
        with pytest.raises(OutOfQuotaError, match="no calls left today"):
            it.sync()
        # The clock, the properties, and the one that is refused.
        assert len(it.fake.calls) - before == 3
        assert it.installation.column("select value from ops.cursors") == [first.cursor_after]
        it.fake.faults.clear()
        it.sync()
        assert it.titled("Tomorrow") == [it.ids()[0]]


def test_an_account_on_the_move_is_left_alone_for_longer_than_a_minute() -> None:
    soon, later = judge(refused(477, retry_after="5")), judge(refused(477, retry_after="7200"))
    assert isinstance(soon, Unavailable)
    assert soon.wait == 5.0
    assert isinstance(later, SystemUnavailable)
    assert not isinstance(later, Unavailable)
    assert "120 minutes" in str(later)


def test_what_is_locked_is_waited_for_two_seconds_at_least() -> None:
    locked = judge(refused(423))
    assert isinstance(locked, Unavailable)
    assert locked.wait == 2.0


@pytest.mark.parametrize("status", [502, 503, 521, 524])
def test_what_stands_before_hubspot_may_be_down_for_a_moment(follow: Follow, status: int) -> None:
    with follow() as it:
        it.fake.faults.add(Fault(kind="status", status=status, path=WORLD.page, after=1, times=2))
        it.sync()
        it.assert_complete()


def test_a_scope_that_the_app_lacks_is_named(follow: Follow) -> None:
    told = r"give the app one of the scopes .*crm\.objects\.contacts\.read"
    scopes = ("crm.objects.contacts.read", "crm.schemas.contacts.read")
    with follow(missing_scopes=scopes) as it, pytest.raises(RefusedError, match=told):
        it.sync()


def test_a_refusal_says_no_value() -> None:
    body = '{"category": "VALIDATION_ERROR", "message": "ann@home.example is bad", "errors": [{"message": "ann@home"}]}'
    told = judge(refused(400, body))
    assert isinstance(told, RefusedError)
    assert (told.status, told.code) == (400, "VALIDATION_ERROR")
    assert "ann" not in str(told)


def test_a_private_app_whose_token_was_revoked_is_told_and_not_asked_again(follow: Follow) -> None:
    with follow(private_app=True) as it:
        it.sync()
        before = len(it.fake.calls)
        it.fake.expire()
        with pytest.raises(SignInError, match="check the credentials"):
            it.sync()
        assert len(it.fake.calls) == before + 1


def test_a_token_of_oauth_is_renewed_before_its_time_is_over_and_once_when_it_is_refused(follow: Follow) -> None:
    with follow(token_seconds=1_800) as it:
        it.sync()
        it.sync()
        assert it.calls("/oauth/v1/token") == 1
        it.fake.expire()
        it.sync()
        assert it.calls("/oauth/v1/token") == 2
        it.fake.switches.token_seconds = 20
        it.fake.expire()
        it.sync()
        # It never holds for half a minute: each call has one of its own, and none is refused.
        assert not [call for call in it.fake.calls[-5:] if call.status == 401]
        variables = it.variables
        it.fake.variables = lambda url: variables
        it.fake.switches.refresh_token = "another"
        with pytest.raises(SignInError, match="gives no token"):
            it.sync()


def test_a_version_that_is_a_date_stands_elsewhere_in_the_path(follow: Follow) -> None:
    with follow() as it:
        variables = {**it.variables, "HUBSPOT_VERSION": "2026-03"}
        it.fake.variables = lambda url: variables
        it.sync()
        assert it.calls("/crm/objects/2026-03/contacts$") > 0
        it.assert_complete()


def test_companies_are_followed_as_contacts_are(follow: Follow) -> None:
    with follow() as it:
        assert pull_all(it) == []
        first, second, third = (record["id"] for record in it.fake.records("companies")[:3])
        it.fake.change("companies", first, name="Renamed")
        it.fake.delete("companies", second)
        it.fake.merge("companies", first, third)
        assert pull_all(it) == []
        asked = f"select id::text, name, deletion from {Company.table.address} where id in ({first}, {second}, {third})"
        found = {key: (name, deletion) for key, name, deletion in it.installation.rows(asked)}
        assert found[first] == ("Renamed", None)
        assert {found[second][1], found[third][1]} == {"told"}
