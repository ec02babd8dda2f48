"""HubSpot in the unified model: every good record of an account gets there, and people are taken back into it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import dict_row

from hrdata_assets.exchange.calls import push_profiles
from hrdata_assets.exchange.into_core import IntoCore
from hrdata_assets.storage.session import session_of
from hrdata_assets.systems.hubspot import fake_words as words
from hrdata_assets.systems.hubspot import unifying
from hrdata_assets.systems.hubspot.connector import HubSpot
from hrdata_assets.systems.hubspot.tables import Contact
from hrdata_assets.unified.mapping import RowMapping
from hrdata_assets.unified.records import OTHER, TABLES, UnifiedProfile
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.test_pulling import pull_all
from hrdata_assets_tests.sync.worlds import called, followed


@pytest.fixture(scope="module")
def pulled(
    new_installation: NewInstallation, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, list[dict[str, Any]]]:
    """Rows of every table, as a whole account was pulled."""
    with followed(called("hubspot"), new_installation, tmp_path_factory.mktemp("account")) as it:
        assert pull_all(it) == []
        with it.warehouse.connect("test") as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return {
                row.table.name: cursor.execute(f"select * from {row.table.address} order by id").fetchall()
                for row in HubSpot.rows
            }


EMPTY: Mapping[str, set[str]] = {"candidates": {"external_id", "region"}, "companies": {"external_id", "region"}}
"""Fields that no record of the account fills, by table."""

every_way_in = pytest.mark.parametrize(
    "built", [built for built in unifying.UNIFIES if built.target in TABLES], ids=lambda built: built.name
)


@every_way_in
def test_every_record_that_was_kept_becomes_a_row(
    built: RowMapping, pulled: Mapping[str, list[dict[str, Any]]]
) -> None:
    rows = pulled[built.source.name]
    done = built.apply_all(rows)
    assert done.failures == ()
    assert len(done.rows) == len(rows) > 2
    assert [row["source_id"] for row in done.rows] == [str(row["id"]) for row in rows]
    empty = {name for name in built.filled if all(row[name] is None for row in done.rows)}
    assert empty == EMPTY[built.target.name]


@pytest.mark.parametrize(
    ("known", "lists"),
    [
        (unifying.LEAD_STATUS, words.LEAD_STATUSES),
        (unifying.COMPANY_STAGE, ("lead", "opportunity", "customer", "evangelist")),
        (unifying.CONTACT_STAGE, ("subscriber", "lead", "marketingqualifiedlead", "opportunity")),
    ],
)
def test_every_status_that_says_where_somebody_stands_has_its_word(
    known: Mapping[str, str], lists: tuple[str, ...]
) -> None:
    assert [word for word in lists if known.get(word.casefold(), OTHER) == OTHER] == []


@pytest.mark.parametrize(
    ("lead", "stage", "wanted"),
    [
        ("OPEN", "customer", ("active", "OPEN")),
        (None, "lead", ("new", "lead")),
        (None, "71235498", ("other", "71235498")),
        (None, None, (None, None)),
    ],
)
def test_the_lead_status_goes_before_the_stage(
    lead: str | None, stage: str | None, wanted: tuple[str | None, str | None]
) -> None:
    made = unifying.CONTACT_TO_PROFILE.apply({"id": 1, "email": "a@b.example", "lead_status": lead,
                                              "lifecycle_stage": stage})  # fmt: skip
    assert isinstance(made, UnifiedProfile)
    assert (made.status, made.status_original) == wanted


def test_a_company_without_a_name_is_called_by_its_domain() -> None:
    made = unifying.COMPANY_TO_COMPANY.apply({"id": 1, "domain": "x.example", "industry": "COMPUTER_SOFTWARE"})
    assert (made.name, made.website, made.industry) == ("x.example", "x.example", "Computer Software")  # type: ignore[attr-defined]


def test_people_are_taken_to_hubspot_once_and_known_by_their_address(
    new_installation: NewInstallation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with followed(called("hubspot"), new_installation, tmp_path) as it:
        for name, value in it.variables.items():
            monkeypatch.setenv(name, value)
        there = next(r["properties"] for r in it.fake.records("contacts") if r["properties"]["email"])
        people: list[dict[str, Any]] = [
            {"email": "ann@home.example", "first_name": "Ann", "last_name": "Example", "title": "Welder"},
            {"email": there["email"], "name": "Somebody Known", "status": "active"},
            {"name": "Without an address"},
        ]
        rows = [{"system": "elsewhere", "source_id": str(n), "delivery": "d" * 16, "row_no": n, **one}
                for n, one in enumerate(people)]  # fmt: skip
        with session_of(it.warehouse) as session:
            list(IntoCore(session, Contact.table, "f1").write(UnifiedProfile.table, rows, "source_id"))
        first = push_profiles("hubspot")
        assert (first.read, first.written, first.created, first.failed) == (3, 2, 1, 1)
        again = push_profiles("hubspot")
        assert (again.written, again.unchanged) == (0, 2)
        found = {r["properties"]["email"]: r["properties"] for r in it.fake.records("contacts")}
        ann, known = found["ann@home.example"], found[there["email"]]
        assert (ann["jobtitle"], ann["hrdata_external_id"]) == ("Welder", "elsewhere:0")
        assert (known["hs_object_id"], known["hs_lead_status"]) == (there["hs_object_id"], "OPEN")
        # What is not known of somebody here is left as it is there.
        assert known["firstname"] == there["firstname"]
