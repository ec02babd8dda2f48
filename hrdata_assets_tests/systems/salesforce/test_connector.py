"""What only Salesforce does: ids in which case matters, a bin, calls that are counted, and two ways of signing in."""

import datetime
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.query import Condition, field
from hrdata_assets.systems.answers import OutOfQuotaError, SignInError, Unavailable
from hrdata_assets.systems.configuration import SystemSettings, load_system_settings
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets.systems.salesforce import fields, opening
from hrdata_assets.systems.salesforce.asking import ById, ByStamp, clause, question
from hrdata_assets.systems.salesforce.fake_ids import as_18, record_id
from hrdata_assets.systems.salesforce.ids import whole_id
from hrdata_assets.systems.salesforce.reading import archived_records
from hrdata_assets.systems.salesforce.tables import Contact, Opportunity
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.test_pulling import pull_all
from hrdata_assets_tests.sync.worlds import Synced, called, followed

WORLD = called("salesforce")
NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)
Follow = Callable[..., AbstractContextManager[Synced]]


@pytest.fixture
def follow(new_installation: NewInstallation, tmp_path: Path) -> Follow:
    @contextmanager
    def with_switches(**switches: Any) -> Iterator[Synced]:
        with followed(WORLD, new_installation, tmp_path, **switches) as found:
            yield found

    return with_switches


# Questions


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        (field(Contact, "city").eq("O'Neill \\ Sons\nLtd"), r"MailingCity = 'O\'Neill \\ Sons\nLtd'"),
        (field(Contact, "city").is_in(["Oslo", "Leeds"]), "MailingCity IN ('Oslo','Leeds')"),
        (field(Contact, "city").contains("50%_'\\"), r"MailingCity LIKE '%50\%\_\'\\%'"),
        (field(Contact, "created_date").gte(NOON), "CreatedDate >= 2024-05-01T12:00:00.000Z"),
        (field(Contact, "last_activity_date").lt(NOON.date()), "LastActivityDate < 2024-05-01"),
        (field(Contact, "is_deleted").eq(False), "IsDeleted = false"),
        (field(Opportunity, "amount").gt(Decimal("5.50")), "Amount > 5.50"),
        (field(Opportunity, "amount").lte(Decimal("1E+3")), "Amount <= 1000"),
    ],
)
def test_a_condition_is_asked_in_soql(condition: Condition, asked: str) -> None:
    assert clause(condition) == asked


def test_what_is_asked_finds_what_the_condition_means(follow: Follow) -> None:
    odd = '50%_\'\\ "x"'
    with follow() as it:
        meant = it.add(title=f"a {odd} b")
        it.add(title='a 50xx\'\\ "x" b')
        it.sync(where=(field(Contact, "title").contains(odd),))
        assert it.ids() == [meant]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (field(Contact, "account_id").contains("001"), "account_id is compared as a whole"),
        (field(Contact, "city").is_in([f"Town {n}" for n in range(500)]), "longer than the 4000 characters"),
    ],
)
def test_what_salesforce_would_not_take_is_refused_before_it_is_asked(condition: Condition, told: str) -> None:
    with pytest.raises(SetupError, match=told):
        clause(condition)


def test_conditions_that_fit_one_by_one_may_be_too_long_together(follow: Follow) -> None:
    many = [field(Contact, name).is_in([f"é {n}" for n in range(300)]) for name in ("city", "country", "title")]
    with follow() as it, pytest.raises(SetupError, match="in one question"):
        it.sync(where=tuple(many))


def test_a_page_begins_behind_the_last_record_of_the_one_before() -> None:
    assert ById().clauses == ()
    assert ById().after({"Id": "003A"}).clauses == ("Id > '003A'",)
    edge = ByStamp("SystemModstamp", NOON).after({"Id": "003A", "SystemModstamp": "2024-05-01T12:00:01.000+0000"})
    assert question(["Id"], "Contact", edge.clauses, edge.order, 20) == (
        "SELECT Id FROM Contact WHERE SystemModstamp >= 2024-05-01T12:00:01.000Z"
        " AND (SystemModstamp > 2024-05-01T12:00:01.000Z OR Id > '003A') ORDER BY SystemModstamp,Id LIMIT 20"
    )
    with pytest.raises(ValueError, match="without SystemModstamp"):
        edge.after({"Id": "003B", "SystemModstamp": None})


# Records


def test_ids_that_differ_in_case_alone_are_two_records(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        assert len({one[:15].lower() for one in it.ids()}) < len(it.ids())
        it.assert_complete()


def test_a_short_id_is_known_by_its_long_one() -> None:
    whole = [record_id("003", number) for number in range(500)]
    assert [whole_id(one[:15]) for one in whole] == whole == [as_18(one[:15]) for one in whole]
    assert [whole_id(one) for one in (*whole, "x")] == [*whole, "x"]
    page = json.dumps({"records": [{"attributes": {"type": "Contact"}, "Id": whole[3][:15]}]}).encode()
    assert archived_records(page) == [{"Id": whole[3]}]
    assert archived_records(f'"Id"\n"{whole[3][:15]}"\n'.encode()) == [{"Id": whole[3]}]


def test_a_contact_that_was_merged_is_gone_and_says_where_it_went(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        winner, loser = it.ids()[:2]
        it.fake.merge("Contact", winner, loser)
        assert it.sync().counts.updated == 2
        assert it.row("deletion, master_record_id", loser) == ("told", winner)
        assert it.row("deletion", winner) == (None,)
        it.assert_complete()


@pytest.mark.parametrize("later", [0, 5])
def test_what_is_taken_out_of_the_bin_is_there_again_also_within_the_same_second(follow: Follow, later: int) -> None:
    with follow() as it:
        it.sync()
        record = it.ids()[0]
        it.delete(record)
        it.sync()
        deletion, stamp = it.row("deletion, system_modstamp", record)
        assert deletion == "told"
        it.restore(record)
        it.touch([record], stamp + datetime.timedelta(seconds=later))
        it.fake.clock_ahead = datetime.timedelta(seconds=later)
        it.sync()
        assert it.row("deletion, is_deleted", record) == (None, False)
        it.assert_complete()


def test_fields_that_nobody_declared_are_kept_as_they_are_and_compound_ones_are_not_asked_for(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        record = next(r for r in it.fake.records("Contact") if r.get("Skills__c"))
        (extra,) = it.row("extra", record["Id"])
        assert extra["Skills__c"] == record["Skills__c"]
        assert extra["Legacy_Id__c"] == record["Legacy_Id__c"]
        assert not {"MailingAddress", "Name", "attributes", "LastName"} & set(extra)


def test_so_many_fields_are_asked_for_as_a_question_holds(caplog: pytest.LogCaptureFixture) -> None:
    names = [f"{'A' * 30}{n}__c" for n in range(800)]
    declared = [column.header for column in Contact.table.columns]
    told = {"fields": [{"name": name, "type": "string"} for name in (*declared, *names)]}
    found = fields.fields_of(Contact.table, told)
    assert set(declared) <= set(found.names)
    assert 100 < len(found.names) < 300
    assert "fields of Contact are left out" in caplog.text


def test_a_field_that_is_taken_away_meanwhile_is_left_out(follow: Follow) -> None:
    with follow() as it:
        it.fake.before_answer("/queryAll$", 3, lambda: it.fake.schema.hidden.add("Contact.Fax"))
        assert it.sync().counts.read == it.given()
        assert it.calls("/Contact/describe$") == 2
        it.assert_complete()


def test_a_field_that_is_always_refused_is_told_by_its_code_alone(follow: Follow) -> None:
    with follow() as it:
        body = [{"errorCode": "INVALID_FIELD", "message": "Ann Example's shoe"}]
        it.fake.faults.add(Fault(kind="status", status=400, body=body, path="/queryAll$", after=1, times=None))
        with pytest.raises(DeliveryError, match=r"answered 400 .* \(INVALID_FIELD\)") as told:
            it.sync()
        assert "shoe" not in str(told.value)


def test_what_a_table_cannot_do_without_must_be_seen(follow: Follow) -> None:
    with follow() as it:
        it.fake.schema.hidden.add("Contact.LastName")
        with pytest.raises(DeliveryError, match="salesforce has no LastName of Contact: the user may not see it"):
            it.sync()


# What takes too long, and what is counted


def test_where_a_question_takes_too_long_less_is_asked_for_at_a_time(follow: Follow) -> None:
    with follow(people=400, batch_size=2_000) as it:
        it.sync()
        it.touch(it.ids(), datetime.datetime.now(datetime.UTC))
        it.fake.switches.timeout_rows = 150
        before = it.calls("/queryAll$")
        outcome = it.sync()
        assert (outcome.counts.read, outcome.source_total) == (400, None)
        # Newest; 2,000, 1,000, 500 and 250 in vain, and then what is left in pages that pass.
        assert it.calls("/queryAll$") - before <= 12
        it.fake.switches.timeout_rows = 50
        with pytest.raises(Unavailable, match="runs out of time for 100 records of Contact"):
            it.sync()
        it.fake.switches.timeout_rows = None
        it.sync()
        it.assert_complete()


def test_too_many_long_calls_at_once_are_waited_for(follow: Follow) -> None:
    with follow() as it:
        it.fake.before_answer("/queryAll$", 2, lambda: setattr(it.fake.switches, "busy", 2))
        it.sync()
        it.assert_complete()


def test_a_share_of_the_days_calls_is_left_to_others_and_the_next_day_goes_on(follow: Follow) -> None:
    with follow(daily_calls=1_000) as it:
        it.fake.quota.used = 793
        with pytest.raises(OutOfQuotaError, match=r"800 of the day's 1000 calls .*SALESFORCE_QUOTA_SHARE"):
            it.sync()
        used = it.fake.quota.used
        assert it.installation.one("select read from ops.syncs") > 0
        with pytest.raises(OutOfQuotaError):
            it.sync()
        # Only how many there are was asked.
        assert it.fake.quota.used == used + 1 == 801
        it.fake.quota.used = 0
        assert it.sync().resumed
        it.assert_complete()


def test_when_the_days_calls_are_used_up_nothing_is_asked_again_and_the_position_is_kept(follow: Follow) -> None:
    with follow() as it:
        it.fake.before_answer("/queryAll$", 5, lambda: setattr(it.fake.quota, "used", 100_000))
        with pytest.raises(OutOfQuotaError, match="the day's calls are used up"):
            it.sync()
        assert it.calls("/queryAll$") == 5
        it.fake.quota.used = 0
        outcome = it.sync()
        assert (outcome.resumed, outcome.counts.read) == (True, it.given() - 60)
        it.assert_complete()


# Signing in


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form).decode()


def by_key(it: Synced, pem: str) -> None:
    """From now on the app signs for a user."""
    known = {name: value for name, value in it.fake.variables(it.url).items() if "SECRET" not in name}
    more = {"SALESFORCE_USERNAME": it.fake.switches.username, "SALESFORCE_PRIVATE_KEY": pem}
    it.fake.variables = lambda url: {**known, **more}


@pytest.mark.parametrize("escaped", [True, False])
def test_an_app_may_sign_for_a_user(follow: Follow, key: rsa.RSAPrivateKey, escaped: bool) -> None:
    with follow(public_key=public_pem(key), client_credentials_flow=False) as it:
        by_key(it, private_pem(key).replace("\n", "\\n") if escaped else private_pem(key))
        it.sync()
        it.assert_complete()


def test_a_session_that_ends_between_pages_is_begun_anew(follow: Follow) -> None:
    with follow(session_calls=6) as it:
        it.sync()
        assert it.calls("/oauth2/token$") > 1
        it.assert_complete()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"client_secret": "other"}, r"salesforce gives no token \(invalid_client\)"),
        ({"client_id": "other"}, r"salesforce gives no token \(invalid_client_id\)"),
        ({"client_credentials_flow": False}, r"salesforce gives no token \(invalid_grant\)"),
    ],
)
def test_what_is_wrong_with_signing_in_is_told(follow: Follow, change: dict[str, Any], told: str) -> None:
    with follow() as it:
        variables = it.fake.variables(it.url)
        for name, value in change.items():
            setattr(it.fake.switches, name, value)
        it.fake.variables = lambda url: variables
        with pytest.raises(SignInError, match=told):
            it.sync()


def test_nobody_but_salesforce_and_the_configured_host_is_asked(follow: Follow) -> None:
    refused = pytest.raises(SetupError, match=r"elsewhere\.example is none of the system's hosts")
    with follow(instance_url="https://elsewhere.example") as it, refused:
        it.sync()


def test_what_one_org_gave_does_not_open_another(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        known = it.fake.variables(it.url)
        it.fake.variables = lambda url: {**known, "SALESFORCE_CLIENT_ID": "other"}
        with pytest.raises(SignInError, match="invalid_client_id"):
            it.sync()


@pytest.mark.parametrize(
    ("login", "audience"),
    [
        ("https://hr.my.salesforce.com", "https://login.salesforce.com"),
        ("https://hr--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("http://127.0.0.1:8703", "http://127.0.0.1:8703"),
    ],
)
def test_a_statement_is_for_where_all_orgs_of_a_kind_sign_in(login: str, audience: str) -> None:
    assert opening.audience_of(login) == audience


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ({}, ["SALESFORCE_LOGIN_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"]),
        ({"SALESFORCE_CLIENT_ID": "x"}, ["SALESFORCE_LOGIN_URL", "SALESFORCE_CLIENT_SECRET"]),
        (
            {"SALESFORCE_LOGIN_URL": "https://hr.my.salesforce.com", "SALESFORCE_PRIVATE_KEY": "x"},
            ["SALESFORCE_CLIENT_ID", "SALESFORCE_USERNAME"],
        ),
    ],
)
def test_what_is_missing_depends_on_the_way_of_signing_in(said: dict[str, str], lacking: list[str]) -> None:
    assert SYSTEMS["salesforce"].lacking(SystemSettings(**said)) == lacking  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SALESFORCE_LOGIN_URL", "hr.my.salesforce.com"),
        ("SALESFORCE_API_VERSION", "v66"),
        ("SALESFORCE_QUOTA_SHARE", "80"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SetupError, match=name):
        load_system_settings()


def test_every_object_is_pulled_with_its_own_fields(follow: Follow) -> None:
    with follow() as it:
        assert pull_all(it) == []
        deals = {deal["Id"]: deal for deal in it.fake.records("Opportunity")}
        rows = it.installation.rows(
            "select id, stage_name, amount, close_date, is_won from staged.salesforce_opportunities"
        )
        assert {row[0] for row in rows} == set(deals)
        for found, stage, amount, day, won in rows:
            deal = deals[found]
            assert (stage, float(amount), day.isoformat(), won) == (
                deal["StageName"], deal["Amount"], deal["CloseDate"], deal["IsWon"],
            )  # fmt: skip
