"""Salesforce in the unified model: every good record of an org gets there, and what comes from elsewhere is taken."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from psycopg.rows import dict_row

from hrdata_assets.systems.salesforce import fake_objects, unifying
from hrdata_assets.systems.salesforce.connector import Salesforce
from hrdata_assets.systems.salesforce.tables import Contact, Lead, Opportunity
from hrdata_assets.systems.system import Written
from hrdata_assets.table import Row
from hrdata_assets.unified.mapping import RowMapping
from hrdata_assets.unified.records import OTHER, TABLES, UnifiedJob, UnifiedProfile
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.test_pulling import pull_all
from hrdata_assets_tests.sync.worlds import Synced, called, followed

MAY = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Pulled:
    """A whole org that was pulled, by table."""

    it: Synced
    rows: Mapping[str, list[dict[str, Any]]]

    def write(self, row: type[Row], built: RowMapping, records: list[dict[str, Any]]) -> list[Written]:
        """Records of the unified model, written into an object."""
        made = built.apply_all(records)
        assert made.failures == ()
        with self.it.opened() as system:
            return list(system.write(row.table, made.rows, "external_id"))


@pytest.fixture(scope="module")
def pulled(new_installation: NewInstallation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulled]:
    with followed(called("salesforce"), new_installation, tmp_path_factory.mktemp("org")) as it:
        assert pull_all(it) == []
        with it.warehouse.connect("test") as connection:
            cursor = connection.cursor(row_factory=dict_row)
            rows = {
                row.table.name: cursor.execute(f"select * from {row.table.address} order by id").fetchall()
                for row in Salesforce.rows
            }
        yield Pulled(it, rows)


EMPTY: Mapping[str, set[str]] = {
    "salesforce_contacts": {"external_id", "postal_code", "region"},
    "salesforce_leads": {"external_id", "postal_code", "region"},
    "salesforce_opportunities": {"external_id", "description"},
    "salesforce_accounts": {
        *("external_id", "postal_code", "region", "parent_source_id", "description", "revenue_currency"),
    },
}
"""Fields that no record of the org fills, by table."""

INTO = [built for built in unifying.UNIFIES if built.target in TABLES]
every_way_in = pytest.mark.parametrize("built", INTO, ids=lambda built: built.name)


@every_way_in
def test_every_record_that_was_kept_becomes_a_row(built: RowMapping, pulled: Pulled) -> None:
    rows = pulled.rows[built.source.name]
    done = built.apply_all(rows)
    assert done.failures == ()
    assert len(done.rows) == len(rows) > 2
    assert [row["source_id"] for row in done.rows] == [row["id"] for row in rows]
    empty = {name for name in built.filled if all(row[name] is None for row in done.rows)}
    assert sorted(empty) == sorted(EMPTY[built.source.name])


@every_way_in
def test_a_class_of_the_model_takes_what_is_made(built: RowMapping, pulled: Pulled) -> None:
    assert type(built.apply(pulled.rows[built.source.name][0])).__name__.startswith("Unified")


@pytest.mark.parametrize(
    ("known", "lists", "others"),
    [
        (unifying.LEAD_STATUS, fake_objects.LEAD_STATUSES, []),
        (unifying.STAGE, tuple(fake_objects.STAGES), []),
        (unifying.ACCOUNT_STATUS, fake_objects.ACCOUNT.fields["Type"].choices, ["Partner", "Other"]),
    ],
)
def test_every_status_that_salesforce_ships_has_its_word(
    known: Mapping[str, str], lists: tuple[str, ...], others: list[str]
) -> None:
    assert [word for word in lists if known.get(word.casefold(), OTHER) == OTHER] == others


def test_a_converted_lead_is_archived_and_its_contact_goes_on(pulled: Pulled) -> None:
    converted = next(row for row in pulled.rows["salesforce_leads"] if row["is_converted"])
    lead = unifying.LEAD_TO_PROFILE.apply(converted)
    contact = next(row for row in pulled.rows["salesforce_contacts"] if row["id"] == converted["converted_contact_id"])
    person = unifying.CONTACT_TO_PROFILE.apply(contact)
    assert isinstance(lead, UnifiedProfile)
    assert isinstance(person, UnifiedProfile)
    assert (lead.status, lead.status_original) == ("archived", "Closed - Converted")
    assert (person.status, person.email, person.name) == (None, lead.email, lead.name)


def test_a_deal_as_a_job() -> None:
    made = unifying.OPPORTUNITY_TO_JOB.apply(
        {
            "id": "006000000000001AAA",
            "name": "Welders",
            "stage_name": "Closed Won",
            "is_closed": True,
            "account_id": "001000000000001AAA",
            "created_date": MAY,
        }
    )
    assert isinstance(made, UnifiedJob)
    assert (made.system, made.title, made.status, made.is_open) == ("salesforce", "Welders", "filled", False)
    assert (made.company_source_id, made.opened_at) == ("001000000000001AAA", MAY)


def a_profile(number: int, **more: Any) -> dict[str, Any]:
    return {"system": "elsewhere", "source_id": str(number), "name": f"Ann Example {number}", **more}


def test_people_from_elsewhere_are_taken_as_contacts_and_as_leads(pulled: Pulled) -> None:
    people = [
        a_profile(1, first_name="Ann", last_name="Example", email="ann@home.example", may_be_contacted=False),
        a_profile(2, birth_date=MAY.date(), title="W" * 200, status="new", employer="Acme"),
    ]
    for row, built in ((Contact, unifying.PROFILE_TO_CONTACT), (Lead, unifying.PROFILE_TO_LEAD)):
        written = pulled.write(row, built, people)
        assert [(one.created, one.refused) for one in written] == [(True, None)] * 2
        again = pulled.write(row, built, people)
        assert [(one.key, one.created, one.refused) for one in again] == [(one.key, False, None) for one in written]
    contacts = {record["HR_Key__c"]: record for record in pulled.it.fake.records("Contact")}
    first, second = contacts["elsewhere:1"], contacts["elsewhere:2"]
    assert (first["LastName"], first["FirstName"], first["HasOptedOutOfEmail"]) == ("Example", "Ann", True)
    assert (second["LastName"], second["Title"], second["Birthdate"]) == ("Ann Example 2", "W" * 128, "2026-05-01")
    leads = {record["HR_Key__c"]: record for record in pulled.it.fake.records("Lead")}
    assert [leads[f"elsewhere:{n}"]["Company"] for n in (1, 2)] == ["Unknown", "Acme"]
    assert leads["elsewhere:2"]["Status"] == "Open - Not Contacted"


def test_jobs_from_elsewhere_are_taken_as_deals(pulled: Pulled) -> None:
    job = {"system": "elsewhere", "source_id": "9", "title": "Welder", "status": "filled", "starts_on": MAY.date()}
    unknown = {
        "system": "elsewhere",
        "source_id": "10",
        "title": "Painter",
        "updated_at": MAY,
        "salary_max": Decimal(5),
    }
    written = pulled.write(Opportunity, unifying.JOB_TO_OPPORTUNITY, [job, unknown])
    assert [one.refused for one in written] == [None, None]
    deals = {record["HR_Key__c"]: record for record in pulled.it.fake.records("Opportunity")}
    assert [(deals[f"elsewhere:{n}"]["StageName"], deals[f"elsewhere:{n}"]["CloseDate"]) for n in (9, 10)] == [
        ("Closed Won", "2026-05-01"),
        ("Prospecting", "2026-05-01"),
    ]
