"""Which delivered column feeds which declared one, in the seed's dialect and in that of a real export."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrdata_assets.cleaning.headers import HeaderMap, Source, match_headers, tidy_header
from hrdata_assets.systems.flowcase.tables import REPORTS, Course, ProjectExperience, User
from hrdata_assets.table import Languages, Row, Table, column

BASE = [
    *["Name", "Name (multilang)", "Title (#{lang})", "Email", "UPN", "External User ID", "CV Partner User ID"],
    *["CV Partner CV ID", "Phone Number", "Landline", "Birth Year", "Department", "Country"],
]
SECTION = ["Nationality", "CV Partner section ID", "External unique ID", "Updated", "Updated by owner"]
COURSE = [
    *[*BASE, *SECTION, "Month", "Year", "Name", "Organiser", "Long description", "Highlighted"],
    *["Is official masterdata (in #{lang})", "Attachments"],
]
USER = [
    *[*BASE, "User created at", "CV Last updated by owner", "CV Last updated", "Years of education"],
    *["Years since first work experience", "Access roles", "Has profile image", "Owns a reference project"],
    *["Read and understood privacy notice", "SFIA Level", "CPD Level", "CPD Band", "CPD Label"],
]


class Project(Row, table="projects"):
    """One row per project."""

    customer: Languages | None = column("Customer")
    """Customer by language."""

    customer_int: str | None = column("Customer (int)")
    """Customer in international English."""


class Note(Row, table="notes"):
    """One row per note."""

    note_id: str = column("Note ID", key=True)
    """Id."""

    text: str | None = column("Text")
    """Text."""


def places(found: HeaderMap, name: str) -> list[tuple[int, str | None]]:
    return [(source.position, source.language) for source in found.sources.get(name, ())]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Email", "email"),
        ("  Email ", "email"),
        ("\ufeffEmail", "email"),
        ("CV  Partner\nUser\tID", "cv partner user id"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_headings_are_compared_without_blanks_mark_and_case(header: str, expected: str) -> None:
    assert tidy_header(header) == expected


def test_the_seeds_header_feeds_every_column_of_its_report() -> None:
    found = match_headers(User.table, USER)
    assert (found.absent, found.unknown) == ((), ())
    assert places(found, "email") == [(3, None)]
    assert places(found, "title") == [(2, None)]


def test_a_heading_filled_in_with_a_language_feeds_the_same_column() -> None:
    exported = [heading.replace("(#{lang})", "(no)") for heading in USER]
    found = match_headers(User.table, exported)
    assert (found.absent, found.unknown) == ((), ())
    assert places(found, "title") == [(2, "no")]


def test_several_languages_feed_one_column() -> None:
    found = match_headers(User.table, ["CV Partner User ID", "Title (no)", "Title (int)", "Title (pt-br)"])
    assert places(found, "title") == [(1, "no"), (2, "int"), (3, "pt-br")]


@pytest.mark.parametrize("heading", ["Is official masterdata (in #{lang})", "Is official masterdata (in no)"])
def test_masterdata_flags_are_matched_in_either_dialect(heading: str) -> None:
    found = match_headers(Course.table, [*COURSE[:-2], heading])
    assert places(found, "is_official_masterdata") == [(len(COURSE) - 2, None if "#" in heading else "no")]
    assert found.unknown == ()


def test_of_two_columns_named_name_the_first_is_the_persons_and_the_second_the_sections() -> None:
    found = match_headers(Course.table, COURSE)
    assert (places(found, "name"), places(found, "course_name")) == ([(0, None)], [(20, None)])
    assert found.unknown == ()


def test_a_single_column_named_name_is_the_sections() -> None:
    found = match_headers(Course.table, ["CV Partner CV ID", "CV Partner section ID", "Name"])
    assert (places(found, "name"), places(found, "course_name")) == ([], [(2, None)])
    assert "name" in found.absent


def test_one_occurrence_too_many_is_kept_as_unknown() -> None:
    found = match_headers(Note.table, ["Note ID", "Text", "Text"])
    assert places(found, "text") == [(1, None)]
    assert found.unknown == (2,)


def test_the_persons_name_by_language_is_told_from_the_name() -> None:
    found = match_headers(User.table, ["Name (multilang)", "CV Partner User ID", "Name"])
    assert (places(found, "name_multilang"), places(found, "name")) == ([(0, None)], [(2, None)])


def test_the_persons_name_is_no_language_of_itself() -> None:
    found = match_headers(User.table, ["Name", "CV Partner User ID", "Name (no)"])
    assert (places(found, "name"), places(found, "name_multilang")) == ([(0, None)], [(2, "no")])


def test_columns_may_be_fewer_and_in_any_order() -> None:
    found = match_headers(Note.table, ["Text", "Note ID"])
    assert found.sources == {"note_id": (Source(1),), "text": (Source(0),)}
    assert match_headers(Note.table, ["Text"]).absent == ("note_id",)


def test_columns_that_nobody_declared_are_told_by_position() -> None:
    assert match_headers(Note.table, ["Mood", "Note ID", "", "Text", "Mood"]).unknown == (0, 2, 4)


def test_no_heading_matches_nothing() -> None:
    found = match_headers(Note.table, [])
    assert (found.sources, found.unknown, found.absent) == ({}, (), ("note_id", "text"))


def test_beside_a_cell_with_all_languages_an_international_column_is_its_own_only() -> None:
    found = match_headers(Project.table, ["Customer (#{lang})", "Customer (int)"])
    assert (places(found, "customer"), places(found, "customer_int")) == ([(0, None)], [(1, None)])


def test_beside_headings_filled_in_an_international_column_is_also_a_language() -> None:
    found = match_headers(Project.table, ["Customer (no)", "Customer (int)"])
    assert (places(found, "customer"), places(found, "customer_int")) == ([(0, "no"), (1, "int")], [(1, None)])


def test_an_international_column_alone_does_not_pretend_to_be_all_languages() -> None:
    found = match_headers(Project.table, ["Customer (int)"])
    assert (places(found, "customer"), places(found, "customer_int")) == ([], [(0, None)])


@pytest.mark.parametrize("dialect", ["(#{lang})", "(no)"])
def test_projects_are_matched_in_either_dialect(dialect: str) -> None:
    texts = ["Customer", "Customer Anonymized", "Description", "Long description", "Industry", "Project type"]
    header = ["CV Partner CV ID", "CV Partner section ID"]
    header += [f"{text} {end}" for text in texts for end in (dialect, "(int)")]
    found = match_headers(ProjectExperience.table, [*header, "Project extent (hours)", "Project extent"])
    assert found.unknown == ()
    assert (places(found, "extent_hours"), places(found, "extent_unit")) == ([(14, None)], [(15, None)])
    whole = [(2, None)] if dialect == "(#{lang})" else [(2, "no"), (3, "int")]
    assert (places(found, "customer_multilang"), places(found, "customer_int")) == (whole, [(3, None)])


@pytest.mark.parametrize("table", [report.table for report in REPORTS], ids=lambda table: table.name)
def test_a_report_with_exactly_its_declared_headings_lacks_nothing(table: Table) -> None:
    header = [(c.header or "").replace("(in)", "(in #{lang})") for c in table.columns]
    found = match_headers(table, header)
    assert (found.absent, found.unknown) == ((), ())


headings = st.one_of(
    st.sampled_from([*USER, *COURSE, "Title (no)", "Title", "(no)", " (#{lang})", "Customer (int)"]),
    st.text(max_size=8),
)


@given(st.sampled_from([report.table for report in REPORTS]), st.lists(headings, max_size=40))
def test_every_delivered_column_is_either_used_or_unknown(table: Table, header: list[str]) -> None:
    found = match_headers(table, header)
    used = {source.position for sources in found.sources.values() for source in sources}
    assert used | set(found.unknown) == set(range(len(header)))
    assert not used & set(found.unknown)
    assert set(found.sources) | set(found.absent) == {c.name for c in table.columns}
    assert all(found.sources.values())
