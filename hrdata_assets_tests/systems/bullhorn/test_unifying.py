"""Bullhorn in the unified model: every good record of an agency gets there, and what was written comes back."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from psycopg.rows import dict_row

from hrdata_assets.query import field
from hrdata_assets.systems.bullhorn import fake_words as words
from hrdata_assets.systems.bullhorn import unifying
from hrdata_assets.systems.bullhorn.connector import Bullhorn
from hrdata_assets.systems.bullhorn.tables import Candidate
from hrdata_assets.unified.mapping import RowMapping
from hrdata_assets.unified.records import OTHER, TABLES, UnifiedProfile
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.test_pulling import pull_all
from hrdata_assets_tests.sync.worlds import called, followed

MAY = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def pulled(
    new_installation: NewInstallation, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, list[dict[str, Any]]]:
    """Rows of every table, as a whole agency was pulled."""
    with followed(called("bullhorn"), new_installation, tmp_path_factory.mktemp("agency")) as it:
        assert pull_all(it) == []
        with it.warehouse.connect("test") as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return {
                row.table.name: cursor.execute(f"select * from {row.table.address} order by id").fetchall()
                for row in Bullhorn.rows
            }


EMPTY: Mapping[str, set[str]] = {
    "candidates": {"certifications", "middle_name", "other_phones", "region"},
    "jobs": {"region"},
    "companies": {"parent_source_id", "region"},
    "submissions": {"bill_rate", "ends_on", "starts_on"},
    "placements": {"end_reason"},
}
"""Fields that no record of the agency fills, by table."""

INTO = [built for built in unifying.UNIFIES if built.target in TABLES]
every_way_in = pytest.mark.parametrize("built", INTO, ids=lambda built: built.name)


@every_way_in
def test_every_record_that_was_kept_becomes_a_row(
    built: RowMapping, pulled: Mapping[str, list[dict[str, Any]]]
) -> None:
    rows = pulled[built.source.name]
    done = built.apply_all(rows)
    assert done.failures == ()
    assert len(done.rows) == len(rows) > 2
    assert [row["source_id"] for row in done.rows] == [str(row["id"]) for row in rows]
    # A field that no record fills would be one that nothing was mapped to in truth; the agency has none of these.
    empty = {name for name in built.filled if all(row[name] is None for row in done.rows)}
    assert sorted(empty) == sorted(EMPTY[built.target.name])


@every_way_in
def test_a_class_of_the_model_takes_what_is_made(built: RowMapping, pulled: Mapping[str, list[dict[str, Any]]]) -> None:
    made = built.apply(pulled[built.source.name][0])
    assert type(made).__name__.startswith("Unified")


@pytest.mark.parametrize(
    ("known", "lists"),
    [
        (unifying.PROFILE_STATUS, words.CANDIDATE_STATUSES),
        (unifying.JOB_STATUS, words.JOB_STATUSES),
        (unifying.COMPANY_STATUS, words.CORPORATION_STATUSES),
        (unifying.SUBMISSION_STATUS, (*words.SUBMISSION_STATUSES, "Placed")),
        (unifying.PLACEMENT_STATUS, words.PLACEMENT_STATUSES),
    ],
)
def test_every_status_that_bullhorn_ships_has_its_word(known: Mapping[str, str], lists: tuple[str, ...]) -> None:
    assert [word for word in lists if known.get(word.casefold(), OTHER) == OTHER] == []


@pytest.mark.parametrize(
    ("status", "wanted"),
    [("Active", "active"), (" ARCHIVE ", "archived"), ("zzz - do not use", "other"), (None, None)],
)
def test_a_status_is_normalised_and_stands_beside_as_it_is_written(status: str | None, wanted: str | None) -> None:
    made = unifying.CANDIDATE_TO_PROFILE.apply({"id": 1, "status": status})
    assert isinstance(made, UnifiedProfile)
    assert (made.status, made.status_original) == (wanted, status)


def test_a_candidate_as_a_profile() -> None:
    made = unifying.CANDIDATE_TO_PROFILE.apply(
        {
            "id": 17,
            "name": "Ann Example",
            "email_3": "b@x.example",
            "address_line_1": "Road 1",
            "country": "Norway",
            "hourly_rate": Decimal("9.5"),
            "salary_low": Decimal(5),
            "date_available": MAY,
            "owner_id": 4,
            "skill_set": "Go, SQL,go",
            "description": "<p>Has <b>done</b> it</p>",
            "mass_mail_opt_out": True,
            "country_code": "??",
            "date_last_modified": MAY,
        }
    )
    assert isinstance(made, UnifiedProfile)
    assert (made.system, made.source_id, made.owner, made.updated_at) == ("bullhorn", "17", "4", MAY)
    assert (made.other_emails, made.address, made.country_code) == (("b@x.example",), "Road 1", "NO")
    assert (made.rate, made.rate_period, made.salary_min) == (Decimal("9.5"), "hour", Decimal(5))
    assert made.salary is None
    assert (made.salary_period, made.available_from, made.skills) == ("year", MAY.date(), ("Go", "SQL"))
    assert (made.summary, made.may_be_contacted) == ("Has done it", False)


def test_a_profile_as_a_candidate_to_write() -> None:
    made = unifying.PROFILE_TO_CANDIDATE.apply_all(
        [
            {
                "system": "elsewhere",
                "source_id": "00Q1",
                "first_name": "Ann",
                "last_name": "Example",
                "salary": Decimal(4000),
                "salary_period": "month",
                "rate": Decimal(700),
                "rate_period": "day",
                "status": "other",
                "available_from": MAY.date(),
                "may_be_contacted": False,
                "title": "C" * 120,
            }
        ]
    ).rows[0]
    told = {name: value for name, value in made.items() if value is not None}
    assert told == {
        "external_id": "elsewhere:00Q1",
        "name": "Ann Example",
        "first_name": "Ann",
        "last_name": "Example",
        "salary": Decimal(48000),
        "day_rate": Decimal(700),
        "date_available": MAY,
        "mass_mail_opt_out": True,
        "occupation": "C" * 100,
    }


def test_what_was_a_candidate_comes_back_as_one(pulled: Mapping[str, list[dict[str, Any]]]) -> None:
    rows = pulled["bullhorn_candidates"]
    profiles = unifying.CANDIDATE_TO_PROFILE.apply_all(rows).rows
    back = unifying.PROFILE_TO_CANDIDATE.apply_all(profiles)
    assert back.failures == ()
    same = ("name", "first_name", "last_name", "email", "phone", "city", "postal_code", "salary")
    for row, made in zip(rows, back.rows, strict=True):
        assert {name: made[name] for name in same} == {name: row[name] for name in same}
        assert (made["date_available"] is None) == (row["date_available"] is None)
        assert made["external_id"] == f"bullhorn:{row['id']}"


def test_conditions_pick_among_rows_that_are_here_already(pulled: Mapping[str, list[dict[str, Any]]]) -> None:
    rows = pulled["bullhorn_candidates"]
    active = field(Candidate, "status").is_in(["Active", "Available"])
    picked = [row for row in rows if active.matches(row)]
    assert 0 < len(picked) < len(rows)
    assert {row["status"] for row in picked} == {"Active", "Available"}
