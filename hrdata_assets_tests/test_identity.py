"""Whom a row of the customer's own files is about: e-mail, then UPN, then external id, then Flowcase id."""

from collections.abc import Iterator

import pytest

from hrdata_assets_tests.builders import Record, a_clearance, a_quarter, a_user, an_availability, write_reports
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation

NOBODY = {"Email": "", "UPN": "", "External User ID": "", "CV Partner User ID": ""}
NEEDED = ("user_report", "sc_clearance", "availability_report")
SHARED = {"Email": "shared@example.org"}

CASES: dict[str, tuple[Record, str | None]] = {
    "e-mail decides": ({"Email": "person1@example.org", "UPN": "person2", "External User ID": "ext_3"}, "u1"),
    "e-mail in any case": ({"Email": "PERSON1@Example.ORG"}, "u1"),
    "e-mail with blanks around": ({"Email": "  person1@example.org "}, "u1"),
    "then UPN": ({"UPN": "person2", "External User ID": "ext_3", "CV Partner User ID": "u4"}, "u2"),
    "UPN in any case": ({"UPN": "PERSON2"}, "u2"),
    "UPN after an unknown e-mail": ({"Email": "nobody@example.org", "UPN": "person2"}, "u2"),
    "then external id": ({"External User ID": "ext_3", "CV Partner User ID": "u4"}, "u3"),
    "then Flowcase id": ({"CV Partner User ID": "u4"}, "u4"),
    "external id to the letter": ({"External User ID": "EXT_3", "CV Partner User ID": "u4"}, "u4"),
    "all but the last unknown": ({"Email": "x@y.zz", "UPN": "x", "External User ID": "x", "CV Partner User ID": "u4"},
                                 "u4"),
    "a shared e-mail names nobody": (SHARED, None),
    "the UPN beside a shared e-mail": ({**SHARED, "UPN": "person6"}, "u6"),
    "a shared UPN names nobody": ({"UPN": "Twins"}, None),
    "the external id beside a shared UPN": ({"UPN": "twins", "External User ID": "ext_8"}, "u8"),
    "an identifier of another kind": ({"Email": "u4", "UPN": "ext_3", "External User ID": "person2"}, None),
    "unknown throughout": ({"Email": "nobody@example.org", "CV Partner User ID": "u99"}, None),
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded(new_installation: NewInstallation) -> Iterator[Installation]:
    """A row of both files for every case, each with a day of its own and the case written beside it."""
    quarter = a_quarter(1, 2, 3, 4, 9, of=NEEDED)
    quarter["user_report"] += [a_user(5, **SHARED), a_user(6, **SHARED), a_user(7, UPN="twins"), a_user(8, UPN="Twins")]
    numbered = [(f"2025-01-{n:02}", case, {**NOBODY, **named}) for n, (case, (named, _)) in enumerate(CASES.items(), 1)]
    quarter["sc_clearance"] = [a_clearance(**about, Notes=case, **{"Valid From": day}) for day, case, about in numbered]
    quarter["availability_report"] = [an_availability(**about, Source=case, Date=day) for day, case, about in numbered]
    with new_installation() as made:
        write_reports(made.quarter_folder("2026-Q1"), quarter)
        made.load("2026-Q1")
        yield made


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("table", "column"), [("user_clearance", "notes"), ("user_availability", "source")])
def test_a_person_is_told_by(loaded: Installation, table: str, column: str, case: str) -> None:
    found = loaded.column(f"select cv_partner_user_id from core.{table} where {column} = %s", case)
    expected = CASES[case][1]
    assert found == ([expected] if expected else [])
    letters = loaded.rows(
        "select stage, status, reasons -> 0 ->> 'rule' from ops.dead_letters"
        " where asset_key = %s and payload -> 'row' ->> %s = %s",
        *(f"core/{table}", column, case),
    )
    assert letters == ([] if expected else [("load", "open", "user_known")])


def test_rows_of_known_people_are_counted_with_those_of_nobody(loaded: Installation) -> None:
    unknown = sum(person is None for _, person in CASES.values())
    counted = "select read, inserted, set_aside from ops.loads where asset_key = 'core/user_clearance'"
    assert loaded.rows(counted) == [(len(CASES), len(CASES) - unknown, unknown)]


def test_two_rows_that_name_one_person_differently_are_one_fact_and_the_first_stays(installation: Installation) -> None:
    quarter = a_quarter(1, 2, of=NEEDED)
    by_email, by_id = {**NOBODY, "Email": "person1@example.org"}, {**NOBODY, "CV Partner User ID": "u1"}
    quarter["sc_clearance"] = [a_clearance(**by_id, Notes="first"), a_clearance(**by_email, Notes="second")]
    write_reports(installation.quarter_folder("2026-Q1"), quarter)
    installation.load("2026-Q1")
    assert installation.rows("select cv_partner_user_id, notes from core.user_clearance") == [("u1", "first")]
    letters = "select row_no, stage, reasons -> 0 ->> 'rule' from ops.dead_letters"
    assert installation.rows(letters) == [(3, "dedupe", "key_unique")]


def test_an_address_and_an_id_that_were_dealt_again_belong_to_whom_they_belong_then(installation: Installation) -> None:
    newcomer = {"Email": "newcomer@example.org", "UPN": "newcomer", "External User ID": "ext_n"}
    before, after = a_quarter(1, 2, of=NEEDED), a_quarter(2, of=NEEDED)
    # In the second quarter 1's id belongs to a newcomer, and 1's address to 9.
    after["user_report"] += [
        a_user(1, **newcomer, **{"CV Partner CV ID": "cv_n"}),
        a_user(9, Email="Person1@example.org"),
    ]
    after["sc_clearance"] = [
        a_clearance(1, **newcomer, Clearance="DV", **{"CV Partner User ID": ""}),
        a_clearance(9, Email="person1@example.org", Clearance="NPPV2", UPN="", **{"CV Partner User ID": ""}),
    ]
    after["availability_report"] = [an_availability(9, Email="person1@example.org", **{"Percent Available": "15"})]
    for quarter, reports in (("2026-Q1", before), ("2026-Q2", after)):
        write_reports(installation.quarter_folder(quarter), reports)
        installation.load(quarter)
    clearances = "select quarter, cv_partner_user_id, clearance from core.user_clearance order by 1, 2"
    assert installation.rows(clearances) == [
        ("2026-Q1", "u1", "SC"),
        ("2026-Q1", "u2", "SC"),
        ("2026-Q2", "u1", "DV"),
        ("2026-Q2", "u9", "NPPV2"),
    ]
    profile = "select user_id, clearance, latest_percent_available from marts.cv_search_profile_mv order by 1"
    assert installation.rows(profile) == [("u1", "DV", None), ("u2", "None", None), ("u9", "NPPV2", 15)]


SPANS: dict[str, tuple[str, str, tuple[str, str | None], object, str]] = {
    "since a day": ("2024-02-01", "", ("2024-02-01", None), None, "SC"),
    "since ever": ("", "", ("1900-01-01", None), {"valid_from": "blank_start"}, "SC"),
    "ends before it begins": ("2024-02-01", "2024-01-31", ("2024-02-01", None), {"valid_to": "end_before_start"}, "SC"),
    "ends on the last day": ("2024-02-01", "2026-03-31", ("2024-02-01", "2026-03-31"), None, "SC"),
    "ends the day before": ("2024-02-01", "2026-03-30", ("2024-02-01", "2026-03-30"), None, "None"),
    "begins on the last day": ("2026-03-31", "", ("2026-03-31", None), None, "SC"),
    "begins the day after": ("2026-04-01", "", ("2026-04-01", None), None, "None"),
}


def test_a_clearance_counts_if_it_is_valid_on_the_quarters_last_day(installation: Installation) -> None:
    quarter = a_quarter(*range(1, len(SPANS) + 1), of=NEEDED)
    quarter["sc_clearance"] = [
        a_clearance(number, Notes=span, **{"Valid From": begin, "Valid To": end})
        for number, (span, (begin, end, *_)) in enumerate(SPANS.items(), start=1)
    ]
    write_reports(installation.quarter_folder("2026-Q1"), quarter)
    installation.load("2026-Q1")
    found = installation.rows(
        "select notes, valid_from::text, valid_to::text, k.changes, p.clearance from core.user_clearance k"
        " join marts.cv_search_profile_mv p on p.user_id = k.cv_partner_user_id"
    )
    assert {span: ((begin, end), changes, shown) for span, begin, end, changes, shown in found} == {
        span: (kept, changes, shown) for span, (_, _, kept, changes, shown) in SPANS.items()
    }
    assert installation.one("select value::int from marts.kpis where kpi = 'sc_cleared_available'") == 5


def test_the_highest_of_several_clearances_is_shown_and_blank_means_none(installation: Installation) -> None:
    quarter = a_quarter(1, 2, 3, 4, of=NEEDED)
    held = {1: ("SC", "NPPV2", "DV"), 2: ("NPPV2", "SC"), 3: ("", "None"), 4: ("None", "Local badge")}
    days = {"Valid From": "2024-02-01"}
    quarter["sc_clearance"] = [a_clearance(n, Clearance=name, **days) for n, names in held.items() for name in names]
    write_reports(installation.quarter_folder("2026-Q1"), quarter)
    installation.load("2026-Q1")
    shown = "select user_id, clearance from marts.cv_search_profile_mv order by 1"
    assert installation.rows(shown) == [("u1", "DV"), ("u2", "SC"), ("u3", "None"), ("u4", "Local badge")]
    # A blank and the word None say the same of one person: the first stays, and tells that it was blank.
    changed = "select clearance, changes from core.user_clearance where cv_partner_user_id = 'u3'"
    assert installation.rows(changed) == [("None", {"clearance": "blank_name"})]


def test_the_latest_availability_is_that_of_the_quarters_last_day_or_before(installation: Installation) -> None:
    quarter = a_quarter(1, 2, of=NEEDED)
    days = {"2026-01-10": "10", "2026-03-31": "80", "2026-04-01": "0", "2026-06-01": "100"}
    quarter["availability_report"] = [
        *(an_availability(1, Date=day, **{"Percent Available": percent}) for day, percent in days.items()),
        an_availability(2, Date="2026-04-01"),
    ]
    write_reports(installation.quarter_folder("2026-Q1"), quarter)
    installation.load("2026-Q1")
    shown = "select user_id, latest_availability_date::text, latest_percent_available from marts.cv_search_profile_mv"
    assert sorted(installation.rows(shown)) == [("u1", "2026-03-31", 80), ("u2", None, None)]
    values = dict(installation.rows("select kpi, value::float from marts.kpis where value is not null"))
    assert values["sc_cleared_available"] == 1
    assert values["average_availability"] == 50.0
    assert values["average_availability_weekdays"] == 60.0
