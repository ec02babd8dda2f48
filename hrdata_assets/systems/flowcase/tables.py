"""The fifteen Flowcase reports, one row class each, in the order in which a CV is read.

Headings are those of the exported reports; a text in several languages is declared by its bare heading and read from
``Title (#{lang})``, ``Name (multilang)`` or filled-in headings such as ``Title (no)``.
"""

import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from hrdata_assets.rule import Action, Dimension, rule
from hrdata_assets.table import Languages, Row, Table, column

_NO_TOKENS: tuple[str, ...] = ()
_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"


def _month(header: str) -> Any:
    return column(header, sparse=True, ge=1, le=12, unit="month")


def _year(header: str) -> Any:
    return column(header, sparse=True, ge=1900, le=2100, unit="year")


def _months(year: str, month: str, otherwise: int) -> pl.Expr:
    return pl.col(year).cast(pl.Int64) * 12 + pl.col(month).fill_null(otherwise)


@rule(Dimension.CONSISTENCY, columns=("year_from", "year_to"), breaks={"year_from": "2020", "year_to": "2019"})
def span_ends_after_it_begins() -> pl.Expr:
    """What has a beginning and an end does not end before it begins."""
    return _months("year_from", "month_from", 1) <= _months("year_to", "month_to", 12)


@rule(Dimension.CONSISTENCY, columns=("year_from", "year_to"), breaks={"year_from": "2020", "year_to": "2019"})
def years_are_in_order() -> pl.Expr:
    """What has a first and a last year does not end before it begins."""
    return pl.col("year_from") <= pl.col("year_to")


@rule(Dimension.CONSISTENCY, columns=("year", "year_expire"), breaks={"year": "2020", "year_expire": "2019"})
def certificate_expires_after_it_is_given() -> pl.Expr:
    """A certificate does not expire before it is given."""
    return _months("year", "month", 1) <= _months("year_expire", "month_expire", 12)


@rule(
    Dimension.CONSISTENCY,
    columns=("updated", "updated_by_owner"),
    breaks={"updated": "2025-06-01", "updated_by_owner": "2025-06-02"},
)
def owner_updates_are_updates() -> pl.Expr:
    """The owner's last change is not later than the last change of all."""
    return pl.col("updated_by_owner") <= pl.col("updated")


@rule(
    Dimension.CONSISTENCY,
    columns=("cv_last_updated", "cv_last_updated_by_owner"),
    breaks={"cv_last_updated": "2025-06-01", "cv_last_updated_by_owner": "2025-06-02"},
)
def owner_cv_updates_are_updates() -> pl.Expr:
    """The owner's last change to the CV is not later than the last change of all."""
    return pl.col("cv_last_updated_by_owner") <= pl.col("cv_last_updated")


@rule(
    Dimension.CONSISTENCY,
    columns=("valid_from", "valid_to"),
    breaks={"valid_from": "2024-02-01", "valid_to": "2024-01-31"},
)
def clearance_ends_after_it_begins() -> pl.Expr:
    """A clearance does not end before the day it begins."""
    return pl.col("valid_from") <= pl.col("valid_to")


@rule(
    Dimension.COMPLETENESS,
    columns=("email", "upn", "external_user_id", "cv_partner_user_id"),
    breaks={"email": "", "upn": "", "external_user_id": "", "cv_partner_user_id": ""},
    action=Action.SET_ASIDE,
    even_if_missing=True,
)
def names_a_person() -> pl.Expr:
    """The row names a person by e-mail, UPN, external id or Flowcase id."""
    return pl.any_horizontal(pl.col("email", "upn", "external_user_id", "cv_partner_user_id").is_not_null())


class Person(Row):
    """Columns that stand before every report's own: who it is about, as of the export."""

    name: str | None = column("Name", personal=True, sparse=True, missing=_NO_TOKENS)
    """The person's name; the e-mail address of somebody invited who never signed in."""

    name_multilang: Languages | None = column("Name", personal=True, sparse=True)
    """The person's name by language; entirely empty in some exports."""

    title: Languages | None = column("Title", sparse=True)
    """Title of the CV by language."""

    email: str | None = column("Email", personal=True, sparse=True)
    """Work address."""

    upn: str | None = column("UPN", personal=True, sparse=True)
    """User principal name in the company's directory."""

    external_user_id: str | None = column("External User ID", personal=True, sparse=True)
    """The company's own id for the person."""

    cv_partner_user_id: str | None = column("CV Partner User ID", personal=True, sparse=True)
    """Flowcase's id for the person."""

    cv_partner_cv_id: str | None = column("CV Partner CV ID", personal=True, sparse=True)
    """Flowcase's id for the CV."""

    phone_number: str | None = column("Phone Number", personal=True, sparse=True)
    """Telephone."""

    landline: str | None = column("Landline", personal=True, sparse=True)
    """Second telephone."""

    birth_year: int | None = column("Birth Year", personal=True, sparse=True, unit="year", ge=1900, le=2100)
    """Year of birth."""

    department: str | None = column("Department", sparse=True)
    """Department in the company."""

    country: str | None = column("Country", sparse=True, missing=_NO_TOKENS)
    """Country of the office: a name, or a lower-case code, as exported; NA is Namibia."""


class User(
    Person, table="flowcase_users", origin="user_report", may_be_empty=False, rules=(owner_cv_updates_are_updates,)
):
    """One row per person with a Flowcase account, with the figures of that person's CV."""

    email: str | None = column("Email", personal=True, pattern=_EMAIL, breaks="not an address")
    """Work address; how the customer's own files name a person."""

    country: str | None = column(
        "Country", sparse=True, missing=_NO_TOKENS, listed_in="countries", unlisted=Action.FLAG
    )
    """Country of the office: a name, or a lower-case code, as exported; NA is Namibia."""

    cv_partner_user_id: str = column("CV Partner User ID", key=True, personal=True)
    """Flowcase's own id for the person; every other report refers to it."""

    birth_year: int | None = column("Birth Year", personal=True, sparse=True, unit="year", ge=1920, le=2020)
    """Year of birth."""

    user_created_at: datetime.datetime | None = column("User created at", sparse=True)
    """When the account was made."""

    cv_last_updated_by_owner: datetime.datetime | None = column("CV Last updated by owner", sparse=True)
    """When the person last changed the CV."""

    cv_last_updated: datetime.datetime | None = column("CV Last updated", sparse=True, max_age_days=3650)
    """When anybody last changed the CV."""

    years_of_education: int | None = column("Years of education", sparse=True, unit="years", ge=0, le=60)
    """Years of education."""

    years_since_first_work_experience: int | None = column(
        "Years since first work experience", sparse=True, unit="years", ge=0, le=80
    )
    """Years since the first job."""

    access_roles: str | None = column("Access roles", sparse=True)
    """Roles in Flowcase, separated by commas."""

    has_profile_image: bool | None = column("Has profile image", sparse=True)
    """Whether the CV has a picture."""

    owns_reference_project: bool | None = column("Owns a reference project", sparse=True)
    """Whether the person owns a reference project."""

    read_privacy_notice: bool | None = column("Read and understood privacy notice", sparse=True)
    """Whether the person confirmed the privacy notice."""

    sfia_level: int | None = column("SFIA Level", sparse=True, ge=1, le=7)
    """SFIA level of responsibility; a company's addition."""

    cpd_level: int | None = column("CPD Level", sparse=True, ge=0, le=20)
    """Number in the CPD label; a company's addition."""

    cpd_band: str | None = column("CPD Band", sparse=True)
    """Letter in the CPD label; a company's addition."""

    cpd_label: str | None = column("CPD Label", sparse=True)
    """CPD grade, such as CPD3L; a company's addition."""


class Usage(Person, table="flowcase_usage", origin="usage_report"):
    """One row per person: how many sections of each kind the CV has, and when the owner last touched them."""

    cv_partner_user_id: str = column("CV Partner User ID", key=True, personal=True)
    """Flowcase's id for the person."""

    nationality: Languages | None = column("Nationality", personal=True, sparse=True)
    """Nationality by language."""

    owner_last_removed_or_added_a_section: datetime.datetime | None = column(
        "Owner last removed or added a section", sparse=True
    )
    """When the owner last added or removed a section."""

    owner_last_updated_cv: datetime.datetime | None = column("Owner last updated CV", sparse=True)
    """When the owner last changed the CV."""

    last_updated_cv: datetime.datetime | None = column("Last updated CV", sparse=True)
    """When anybody last changed the CV."""

    summary_of_qualifications: str | None = column("Summary Of Qualifications", personal=True, sparse=True)
    """Text of the summary, if there is one."""

    owner_last_updated_qualifications: datetime.datetime | None = column(
        "Owner last updated Qualifications", sparse=True
    )
    """When the owner last changed the summary."""

    project_experiences: int | None = column("Project Experiences", sparse=True, ge=0, unit="sections")
    """Number of projects."""

    unique_roles: int | None = column("Unique roles", sparse=True, ge=0)
    """Number of different roles."""

    owner_last_updated_project_experiences: datetime.datetime | None = column(
        "Owner last updated Project Experiences", sparse=True
    )
    """When the owner last changed a project."""

    highlighted_roles: int | None = column("Highlighted roles", sparse=True, ge=0)
    """Number of highlighted roles."""

    owner_last_updated_highlighted_roles: datetime.datetime | None = column(
        "Owner last updated Highlighted roles", sparse=True
    )
    """When the owner last changed a highlighted role."""

    skill_categories: int | None = column("Skill categories", sparse=True, ge=0)
    """Number of skill categories."""

    owner_last_updated_skill_categories: datetime.datetime | None = column(
        "Owner last updated Skill categories", sparse=True
    )
    """When the owner last changed a skill category."""

    educations: int | None = column("Educations", sparse=True, ge=0, unit="sections")
    """Number of educations."""

    years_of_education: int | None = column("Years of education", sparse=True, unit="years", ge=0, le=60)
    """Years of education."""

    owner_last_updated_educations: datetime.datetime | None = column("Owner last updated Educations", sparse=True)
    """When the owner last changed an education."""

    work_experiences: int | None = column("Work experiences", sparse=True, ge=0, unit="sections")
    """Number of jobs."""

    years_since_first_work_experience: int | None = column(
        "Years since first work experience", sparse=True, unit="years", ge=0, le=80
    )
    """Years since the first job."""

    owner_last_updated_work_experiences: datetime.datetime | None = column(
        "Owner last updated Work experiences", sparse=True
    )
    """When the owner last changed a job."""

    certifications: int | None = column("Certifications", sparse=True, ge=0, unit="sections")
    """Number of certificates."""

    owner_last_updated_certifications: datetime.datetime | None = column(
        "Owner last updated Certifications", sparse=True
    )
    """When the owner last changed a certificate."""

    courses: int | None = column("Courses", sparse=True, ge=0, unit="sections")
    """Number of courses."""

    owner_last_updated_courses: datetime.datetime | None = column("Owner last updated Courses", sparse=True)
    """When the owner last changed a course."""

    presentations: int | None = column("Presentations", sparse=True, ge=0, unit="sections")
    """Number of presentations."""

    owner_last_updated_presentations: datetime.datetime | None = column("Owner last updated Presentations", sparse=True)
    """When the owner last changed a presentation."""

    recommendations: int | None = column("Recommendations", sparse=True, ge=0, unit="sections")
    """Number of recommendations."""

    owner_last_updated_recommendations: datetime.datetime | None = column(
        "Owner last updated Recommendations", sparse=True
    )
    """When the owner last changed a recommendation."""

    positions: int | None = column("Positions", sparse=True, ge=0, unit="sections")
    """Number of positions."""

    owner_last_updated_positions: datetime.datetime | None = column("Owner last updated Positions", sparse=True)
    """When the owner last changed a position."""

    mentoring: int | None = column("Mentoring", sparse=True, ge=0, unit="sections")
    """Number of mentoring sections."""

    owner_last_updated_mentoring: datetime.datetime | None = column("Owner last updated Mentoring", sparse=True)
    """When the owner last changed a mentoring section."""

    publications: int | None = column("Publications", sparse=True, ge=0, unit="sections")
    """Number of publications."""

    owner_last_updated_publications: datetime.datetime | None = column("Owner last updated Publications", sparse=True)
    """When the owner last changed a publication."""

    honors_and_awards: int | None = column("Honors and awards", sparse=True, ge=0, unit="sections")
    """Number of honours and awards."""

    owner_last_updated_honors_and_awards: datetime.datetime | None = column(
        "Owner last updated Honors and awards", sparse=True
    )
    """When the owner last changed an honour or award."""

    languages: int | None = column("Languages", sparse=True, ge=0, unit="sections")
    """Number of languages."""

    owner_last_updated_languages: datetime.datetime | None = column("Owner last updated Languages", sparse=True)
    """When the owner last changed a language."""

    owner_last_updated_unique_roles: datetime.datetime | None = column("Owner last updated Unique roles", sparse=True)
    """When the owner last changed a role."""


class CVPart(Person):
    """Columns of every report that lists parts of CVs."""

    cv_partner_cv_id: str = column("CV Partner CV ID", key=True, personal=True)
    """Flowcase's id for the CV the row belongs to."""

    nationality: str | None = column("Nationality", personal=True, sparse=True)
    """Nationality."""


class Section(CVPart):
    """Columns of every report that lists sections with an id of their own."""

    cv_partner_section_id: str = column("CV Partner section ID", key=True)
    """Flowcase's id for the section."""

    external_unique_id: str | None = column("External unique ID", sparse=True)
    """The company's own id for the section."""

    updated: datetime.datetime | None = column("Updated", sparse=True)
    """When anybody last changed the section."""

    updated_by_owner: datetime.datetime | None = column("Updated by owner", sparse=True)
    """When the person last changed the section."""


class Span(Section):
    """Columns of sections that last from one month to another."""

    month_from: int | None = _month("Month from")
    """First month."""

    year_from: int | None = _year("Year from")
    """First year."""

    month_to: int | None = _month("Month to")
    """Last month; empty while it lasts."""

    year_to: int | None = _year("Year to")
    """Last year; empty while it lasts."""

    highlighted: bool | None = column("Highlighted", sparse=True)
    """Whether the person highlights it."""


class ProjectExperience(
    Span,
    table="flowcase_project_experiences",
    origin="project_experiences",
    rules=(span_ends_after_it_begins, owner_updates_are_updates),
):
    """One row per project in a CV."""

    customer_multilang: Languages | None = column("Customer", sparse=True)
    """Customer by language."""

    customer_int: str | None = column("Customer (int)", sparse=True)
    """Customer in international English, as exported beside the languages."""

    customer_anonymized_multilang: Languages | None = column("Customer Anonymized", sparse=True)
    """Description of a customer who is not named, by language."""

    customer_anonymized_int: str | None = column("Customer Anonymized (int)", sparse=True)
    """Description of a customer who is not named, in international English."""

    description_multilang: Languages | None = column("Description", personal=True, sparse=True)
    """Short description by language."""

    description_int: str | None = column("Description (int)", personal=True, sparse=True)
    """Short description in international English."""

    long_description_multilang: Languages | None = column("Long description", personal=True, sparse=True)
    """Long description by language."""

    long_description_int: str | None = column("Long description (int)", personal=True, sparse=True)
    """Long description in international English."""

    industry_multilang: Languages | None = column("Industry", sparse=True)
    """Industry by language."""

    industry_int: str | None = column("Industry (int)", sparse=True)
    """Industry in international English."""

    project_type_multilang: Languages | None = column("Project type", sparse=True)
    """Kind of project by language."""

    project_type_int: str | None = column("Project type (int)", sparse=True)
    """Kind of project in international English."""

    percent_allocated: int | None = column("Percent allocated", sparse=True, unit="%", ge=0, le=100)
    """Share of the person's time."""

    extent_individual_hours: Decimal | None = column("Project extent (individual hours)", sparse=True, unit="h", ge=0)
    """Hours of the person."""

    extent_hours: Decimal | None = column("Project extent (hours)", sparse=True, unit="h", ge=0)
    """Hours of the project."""

    extent_total_hours: Decimal | None = column("Project extent total (hours)", sparse=True, unit="h", ge=0)
    """Hours of the whole undertaking."""

    extent_unit: str | None = column("Project extent", sparse=True)
    """What the extent is given in: Budget or Hours."""

    extent_currency: str | None = column("Project extent (currency)", sparse=True)
    """Currency of the extent."""

    extent_total: Decimal | None = column("Project extent total", sparse=True)
    """Total extent, in its currency."""

    extent_total_currency: str | None = column("Project extent total (currency)", sparse=True)
    """Currency of the total extent."""

    project_area: Decimal | None = column("Project area", sparse=True)
    """Area of the project, in its unit."""

    project_area_unit: str | None = column("Project area (unit)", sparse=True)
    """Unit of the area, such as sqm."""


class WorkExperience(
    Span,
    table="flowcase_work_experiences",
    origin="work_experiences",
    rules=(span_ends_after_it_begins, owner_updates_are_updates),
):
    """One row per job in a CV."""

    employer: str | None = column("Employer", sparse=True)
    """Employer."""

    description: str | None = column("Description", personal=True, sparse=True)
    """Short description."""

    long_description: str | None = column("Long Description", personal=True, sparse=True)
    """Long description."""


class Education(
    Span, table="flowcase_educations", origin="educations", rules=(span_ends_after_it_begins, owner_updates_are_updates)
):
    """One row per education in a CV."""

    attachments: str | None = column("Attachments", personal=True, sparse=True)
    """Name of an attached file."""

    place_of_study: str | None = column("Place of study", sparse=True)
    """School."""

    degree: str | None = column("Degree", sparse=True)
    """Degree."""

    description: str | None = column("Description", personal=True, sparse=True)
    """Description."""


class Certification(
    Section,
    table="flowcase_certifications",
    origin="certifications",
    rules=(certificate_expires_after_it_is_given, owner_updates_are_updates),
):
    """One row per certificate in a CV."""

    month: int | None = _month("Month")
    """Month in which it was given."""

    year: int | None = _year("Year")
    """Year in which it was given."""

    month_expire: int | None = _month("Month expire")
    """Month in which it expires."""

    year_expire: int | None = _year("Year expire")
    """Year in which it expires; empty if it does not."""

    certificate_name: str | None = column("Certificate name", sparse=True)
    """Name; not part of every export."""

    organiser: str | None = column("Organiser", sparse=True)
    """Who gives it; not part of every export."""


class Course(Section, table="flowcase_courses", origin="courses", rules=(owner_updates_are_updates,)):
    """One row per course in a CV."""

    month: int | None = _month("Month")
    """Month of the course."""

    year: int | None = _year("Year")
    """Year of the course."""

    course_name: str | None = column("Name", sparse=True, missing=_NO_TOKENS)
    """Name of the course: the second column of that heading."""

    organiser: str | None = column("Organiser", sparse=True)
    """Who held it."""

    long_description: str | None = column("Long description", personal=True, sparse=True)
    """Description."""

    highlighted: bool | None = column("Highlighted", sparse=True)
    """Whether the person highlights it."""

    is_official_masterdata: Languages | None = column("Is official masterdata (in)", sparse=True)
    """Yes or No, by language: whether the name comes from the company's list."""

    attachments: str | None = column("Attachments", personal=True, sparse=True)
    """Name of an attached file."""


class SpokenLanguage(CVPart, table="flowcase_languages", origin="languages", rules=(owner_updates_are_updates,)):
    """One row per language in a CV."""

    cv_partner_section_id: str | None = column("CV Partner section ID", sparse=True)
    """Flowcase's id for the section."""

    external_unique_id: str | None = column("External unique ID", sparse=True)
    """The company's own id for the section."""

    updated: datetime.datetime | None = column("Updated", sparse=True)
    """When anybody last changed the section."""

    updated_by_owner: datetime.datetime | None = column("Updated by owner", sparse=True)
    """When the person last changed the section."""

    highlighted: bool | None = column("Highlighted", sparse=True)
    """Whether the person highlights it."""

    is_official_masterdata: Languages | None = column("Is official masterdata (in)", sparse=True)
    """Yes or No, by language: whether the name comes from the company's list."""

    language: str = column("Language", key=True, missing=_NO_TOKENS)
    """Name of the language."""

    level: str | None = column("Level", sparse=True)
    """Native, Fluent, Professional or Intermediate."""


class TechnologySkill(CVPart, table="flowcase_technologies", origin="technologies"):
    """One row per technology in a CV."""

    cv_partner_skill_id: str | None = column("CV Partner skill ID", sparse=True)
    """Flowcase's id for the skill in this CV."""

    cv_partner_skill_category_id: str | None = column("CV Partner skill category ID", sparse=True)
    """Flowcase's id for the category it stands under."""

    skill_name: str = column("Skill name", key=True, missing=_NO_TOKENS)
    """Name of the technology."""

    years_experience: Decimal | None = column("Year experience", sparse=True, unit="years", ge=0, le=80)
    """Years of experience."""

    proficiency: int | None = column("Proficiency (0-5)", sparse=True, ge=0, le=5)
    """Proficiency, 0 to 5."""

    is_official_masterdata: Languages | None = column("Is official masterdata (in)", sparse=True)
    """Yes or No, by language: whether the name comes from the company's list."""


class KeyQualification(
    Section, table="flowcase_key_qualifications", origin="key_qualifications", rules=(owner_updates_are_updates,)
):
    """One row per summary in a CV."""

    label: str | None = column("Label", sparse=True)
    """Heading."""

    summary_of_qualifications: str | None = column("Summary of Qualifications", personal=True, sparse=True)
    """The summary."""

    short_description: str | None = column("Short description", personal=True, sparse=True)
    """Short form."""


class Position(
    Section, table="flowcase_positions", origin="positions", rules=(years_are_in_order, owner_updates_are_updates)
):
    """One row per position held, in a CV."""

    year_from: int | None = _year("Year from")
    """First year."""

    year_to: int | None = _year("Year to")
    """Last year; empty while it lasts."""

    highlighted: bool | None = column("Highlighted", sparse=True)
    """Whether the person highlights it."""

    position_name: str | None = column("Name", sparse=True, missing=_NO_TOKENS)
    """Name of the position: the second column of that heading."""

    description: str | None = column("Description", personal=True, sparse=True)
    """Description."""


class Blog(Section, table="flowcase_blogs", origin="blogs", rules=(owner_updates_are_updates,)):
    """One row per blog or publication in a CV."""

    blog_name: str | None = column("Name", sparse=True, missing=_NO_TOKENS)
    """Title of the text: the second column of that heading."""

    description: str | None = column("Description", personal=True, sparse=True)
    """Description."""

    highlighted: bool | None = column("Highlighted", sparse=True)
    """Whether the person highlights it."""


class CVRole(CVPart, table="flowcase_cv_roles", origin="cv_roles", rules=(owner_updates_are_updates,)):
    """One row per role in a CV; roles have no section id."""

    updated: datetime.datetime | None = column("Updated", sparse=True)
    """When anybody last changed the role."""

    updated_by_owner: datetime.datetime | None = column("Updated by owner", sparse=True)
    """When the person last changed the role."""

    role_name: str = column("Name", key=True, missing=_NO_TOKENS)
    """Name of the role: the second column of that heading."""

    description: str | None = column("Description", personal=True, sparse=True)
    """Description."""

    highlighted: bool | None = column("Highlighted", sparse=True)
    """Whether the person highlights it."""


class SideRow(Row):
    """Columns by which the customer's own files name a person; at least one is filled."""

    email: str | None = column("Email", key=True, personal=True, sparse=True)
    """Work address; the first thing a person is looked up by."""

    upn: str | None = column("UPN", key=True, personal=True, sparse=True)
    """User principal name; the second."""

    external_user_id: str | None = column("External User ID", key=True, personal=True, sparse=True)
    """The company's own id; the third."""

    cv_partner_user_id: str | None = column("CV Partner User ID", key=True, personal=True, sparse=True)
    """Flowcase's id; the last."""


class Clearance(
    SideRow,
    table="flowcase_clearances",
    origin="sc_clearance",
    rules=(clearance_ends_after_it_begins, names_a_person),
):
    """One row per person and security clearance; a file of the customer's own."""

    clearance: str | None = column("Clearance", key=True, sparse=True, missing=_NO_TOKENS)
    """Name of the clearance; None is a word here and means none, as does a blank."""

    valid_from: datetime.date | None = column("Valid From", key=True, sparse=True)
    """First day; blank for one held since nobody knows when."""

    valid_to: datetime.date | None = column("Valid To", sparse=True)
    """Last day; blank for one without end."""

    verified_by: str | None = column("Verified By", sparse=True)
    """Who verified it: HR, Security or PMO."""

    notes: str | None = column("Notes", personal=True, sparse=True)
    """Remarks."""


class Availability(SideRow, table="flowcase_availability", origin="availability_report", rules=(names_a_person,)):
    """One row per person and day: how much of the day is free; a file of the customer's own."""

    date: datetime.date = column("Date", key=True)
    """The day."""

    percent_available: int = column("Percent Available", unit="%", ge=0, le=100)
    """Share of the day that is free."""

    source: str | None = column("Source", sparse=True)
    """Where the figure comes from."""


REPORTS: tuple[type[Row], ...] = (
    User,
    Usage,
    ProjectExperience,
    WorkExperience,
    Education,
    Certification,
    Course,
    SpokenLanguage,
    TechnologySkill,
    KeyQualification,
    Position,
    Blog,
    CVRole,
    Clearance,
    Availability,
)
"""Every report; assets, checks, tables and tests follow from this list."""

TABLES: tuple[Table, ...] = tuple(row.table for row in REPORTS)
"""The staged tables of REPORTS, in the same order."""

INDISPENSABLE = User.table
"""The one report without which a quarter is not loaded; any other that is absent is an empty table."""
