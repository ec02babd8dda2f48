"""The people whom all fake systems share."""

import csv
from pathlib import Path

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.fakes.population import DAY_ZERO, QUARTER, Population, population
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets_tests.timing import quickest


def test_the_same_seed_gives_the_same_world() -> None:
    one, other = population(7, 60), population(7, 60)
    assert list(one.people) == list(other.people)
    assert list(one.companies) == list(other.companies)
    assert list(one.jobs) == list(other.jobs)
    assert list(one.people) != list(population(8, 60).people)


def test_a_third_are_the_people_that_flowcase_has(tmp_path: Path) -> None:
    write_quarter(tmp_path, QUARTER, people=100, seed=7)
    with (tmp_path / "user_report.csv").open(encoding="utf-8", newline="") as file:
        known = {row["Email"]: row for row in csv.DictReader(file)}
    shared = [person for person in population(7, 300).people if person.in_flowcase]
    assert [person.email for person in shared] == list(known)
    for person in shared:
        row = known[person.email]
        assert f"{person.first_name} {person.last_name}" == row["Name"]
        assert row["Phone Number"] in ("", person.phone)
        assert person.country == row["Country"]
        assert str(person.birth_date.year) == row["Birth Year"]


def test_nobody_shares_an_address_and_all_addresses_lead_nowhere() -> None:
    people = population(7, 5000).people
    assert len({person.email for person in people}) == 5000
    assert all(person.email.endswith(".example") for person in people)


def test_companies_have_names_and_domains_of_their_own() -> None:
    companies = population(7, 100_000).companies
    assert len({company.name for company in companies}) == len(companies) == 5000
    assert len({company.domain for company in companies}) == 5000


def test_whom_a_job_names_works_at_its_company() -> None:
    world = population(7, 500)
    assert {world.people[job.contact].employer == job.company for job in world.jobs} == {True}
    assert all(len(world.staff(company.number)) for company in world.companies)


def test_things_happen_in_order_and_before_day_zero() -> None:
    world = population(7, 2000)
    assert all(person.created <= person.modified < DAY_ZERO for person in world.people)
    assert all(job.closed is None or job.opened <= job.closed for job in world.jobs)


def test_a_person_stays_the_same_among_more() -> None:
    small, large = population(7, 50).people[42], population(7, 5000).people[42]
    assert (small.email, small.phone, small.modified) == (large.email, large.phone, large.modified)


def test_people_can_be_counted_from_the_end_sliced_and_asked_for_by_number() -> None:
    world = population(7, 3000)
    assert world.person(2999) == world.people[-1]
    assert [person.number for person in world.people[1022:1026]] == [1022, 1023, 1024, 1025]
    with pytest.raises(IndexError):
        world.person(3000)


def test_one_of_a_hundred_thousand_is_made_without_the_others() -> None:
    assert population(7, 100_000).person(99_999).number == 99_999
    one = quickest(lambda: Population(7, 100_000).person(99_999))
    assert one < quickest(lambda: list(Population(7, 100_000).people), tries=1) / 5


def test_even_one_person_makes_a_world() -> None:
    world = population(7, 1)
    assert [company.number for company in world.companies] == [0]
    assert {job.contact for job in world.jobs} == {0}
    with pytest.raises(SetupError, match="cannot make 0 people"):
        population(7, 0)
