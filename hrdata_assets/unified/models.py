"""The core model: people, their CVs and what stands in them, one partition per quarter, keyed as the source keys them.

Every foreign key joins within one quarter. Texts in several languages are JSON objects by language code.
"""

import datetime
from decimal import Decimal

from hrdata_assets.table import Languages, Row, Table, column


class User(Row, table="users", layer="core"):
    """One row per person and quarter."""

    cv_partner_user_id: str = column(key=True, personal=True)
    """Flowcase's id for the person."""

    name: str | None = column(personal=True)
    """Name as exported."""

    name_multilang: Languages = column(personal=True)
    """Name by language; an empty object where the export holds none."""

    nationality_multilang: Languages | None = column(personal=True)
    """Nationality by language, from the usage report."""

    email: str | None = column(personal=True)
    """Work address."""

    upn: str | None = column(personal=True)
    """User principal name."""

    external_user_id: str | None = column(personal=True)
    """The company's own id."""

    phone_number: str | None = column(personal=True)
    """Telephone."""

    landline: str | None = column(personal=True)
    """Second telephone."""

    birth_year: int | None = column(personal=True)
    """Year of birth."""

    department: str | None = column()
    """Department."""

    country: str | None = column()
    """Country of the office, as exported."""

    access_roles: str | None = column()
    """Roles in Flowcase, separated by commas."""

    user_created_at: datetime.date | None = column()
    """Day on which the account was made."""


class CV(Row, table="cvs", layer="core"):
    """One row per CV and quarter."""

    cv_partner_cv_id: str = column(key=True, personal=True)
    """Flowcase's id for the CV."""

    cv_partner_user_id: str = column(references="users", personal=True)
    """Whose CV it is."""

    title_multilang: Languages | None = column()
    """Title by language."""

    years_of_education: int | None = column(unit="years")
    """Years of education."""

    years_since_first_work_experience: int | None = column(unit="years")
    """Years since the first job."""

    has_profile_image: bool | None = column()
    """Whether the CV has a picture."""

    owns_reference_project: bool | None = column()
    """Whether the person owns a reference project."""

    read_privacy_notice: bool | None = column()
    """Whether the person confirmed the privacy notice."""

    cv_last_updated_by_owner: datetime.date | None = column()
    """Day on which the person last changed the CV."""

    cv_last_updated: datetime.date | None = column()
    """Day on which anybody last changed the CV."""

    sfia_level: int | None = column()
    """SFIA level of responsibility."""

    cpd_level: int | None = column()
    """Number in the CPD label."""

    cpd_band: str | None = column()
    """Letter in the CPD label."""

    cpd_label: str | None = column()
    """CPD grade."""


class Technology(Row, table="dim_technology", layer="core"):
    """One row per technology named in a quarter's CVs."""

    name: str = column(key=True)
    """Name of the technology."""


class SpokenLanguage(Row, table="dim_language", layer="core"):
    """One row per language named in a quarter's CVs."""

    name: str = column(key=True)
    """Name of the language."""


class Industry(Row, table="dim_industry", layer="core"):
    """One row per industry named in a quarter's projects."""

    name: str = column(key=True)
    """Name of the industry in international English."""


class ProjectType(Row, table="dim_project_type", layer="core"):
    """One row per kind of project named in a quarter's projects."""

    name: str = column(key=True)
    """Name of the kind in international English."""


class ClearanceLevel(Row, table="dim_clearance", layer="core"):
    """One row per clearance named in a quarter, and None."""

    name: str = column(key=True)
    """Name of the clearance; None means none."""

    rank: int = column()
    """Order of clearances: greater is higher, 0 is None; a name nobody ranked stands just above None."""


class CVTechnology(Row, table="cv_technology", layer="core"):
    """One row per CV and technology."""

    cv_partner_cv_id: str = column(key=True, references="cvs", personal=True)
    """The CV."""

    technology: str = column(key=True, references="dim_technology")
    """The technology."""

    years_experience: Decimal | None = column(unit="years")
    """Years of experience."""

    proficiency: int | None = column()
    """Proficiency, 0 to 5."""

    is_official_masterdata: Languages | None = column()
    """Yes or No by language: whether the name comes from the company's list."""


class CVLanguage(Row, table="cv_language", layer="core"):
    """One row per CV and language."""

    cv_partner_cv_id: str = column(key=True, references="cvs", personal=True)
    """The CV."""

    language: str = column(key=True, references="dim_language")
    """The language."""

    level: str | None = column()
    """Native, Fluent, Professional or Intermediate."""

    highlighted: bool | None = column()
    """Whether the person highlights it."""

    is_official_masterdata: Languages | None = column()
    """Yes or No by language: whether the name comes from the company's list."""

    updated: datetime.date | None = column()
    """Day of the last change."""

    updated_by_owner: datetime.date | None = column()
    """Day of the person's last change."""


class Section(Row):
    """Columns of every section of a CV that has an id of its own."""

    cv_partner_cv_id: str = column(key=True, references="cvs", personal=True)
    """The CV."""

    cv_partner_section_id: str = column(key=True)
    """Flowcase's id for the section."""

    external_unique_id: str | None = column()
    """The company's own id for the section."""

    updated: datetime.date | None = column()
    """Day of the last change."""

    updated_by_owner: datetime.date | None = column()
    """Day of the person's last change."""


class Span(Section):
    """Columns of sections that last from one month to another."""

    month_from: int | None = column(unit="month")
    """First month."""

    year_from: int | None = column(unit="year")
    """First year."""

    month_to: int | None = column(unit="month")
    """Last month; empty while it lasts."""

    year_to: int | None = column(unit="year")
    """Last year; empty while it lasts."""

    highlighted: bool | None = column()
    """Whether the person highlights it."""


class ProjectExperience(Span, table="project_experience", layer="core"):
    """One row per CV and project section."""

    customer_int: str | None = column()
    """Customer in international English."""

    customer_multilang: Languages | None = column()
    """Customer by language."""

    customer_anon_int: str | None = column()
    """Description of a customer who is not named, in international English."""

    customer_anon_multilang: Languages | None = column()
    """Description of a customer who is not named, by language."""

    description_int: str | None = column(personal=True)
    """Short description in international English."""

    description_multilang: Languages | None = column(personal=True)
    """Short description by language."""

    long_description_int: str | None = column(personal=True)
    """Long description in international English."""

    long_description_multilang: Languages | None = column(personal=True)
    """Long description by language."""

    industry: str | None = column(references="dim_industry")
    """Industry in international English."""

    project_type: str | None = column(references="dim_project_type")
    """Kind of project in international English."""

    percent_allocated: int | None = column(unit="%")
    """Share of the person's time."""

    extent_individual_hours: Decimal | None = column(unit="h")
    """Hours of the person."""

    extent_hours: Decimal | None = column(unit="h")
    """Hours of the project."""

    extent_total_hours: Decimal | None = column(unit="h")
    """Hours of the whole undertaking."""

    extent_unit: str | None = column()
    """What the extent is given in."""

    extent_currency: str | None = column()
    """Currency of the extent."""

    extent_total: Decimal | None = column()
    """Total extent, in its currency."""

    extent_total_currency: str | None = column()
    """Currency of the total extent."""

    project_area: Decimal | None = column()
    """Area, in its unit."""

    project_area_unit: str | None = column()
    """Unit of the area."""


class WorkExperience(Span, table="work_experience", layer="core"):
    """One row per CV and job section."""

    employer: str | None = column()
    """Employer."""

    description: str | None = column(personal=True)
    """Short description."""

    long_description: str | None = column(personal=True)
    """Long description."""


class Certification(Section, table="certification", layer="core"):
    """One row per CV and certificate section."""

    month: int | None = column(unit="month")
    """Month in which it was given."""

    year: int | None = column(unit="year")
    """Year in which it was given."""

    month_expire: int | None = column(unit="month")
    """Month in which it expires."""

    year_expire: int | None = column(unit="year")
    """Year in which it expires."""

    name: str | None = column()
    """Name of the certificate, where the export holds it."""

    organiser: str | None = column()
    """Who gives it, where the export holds it."""


class Course(Section, table="course", layer="core"):
    """One row per CV and course section."""

    month: int | None = column(unit="month")
    """Month."""

    year: int | None = column(unit="year")
    """Year."""

    name: str | None = column()
    """Name of the course."""

    organiser: str | None = column()
    """Who held it."""

    long_description: str | None = column(personal=True)
    """Description."""

    highlighted: bool | None = column()
    """Whether the person highlights it."""

    is_official_masterdata: Languages | None = column()
    """Yes or No by language: whether the name comes from the company's list."""

    attachments: str | None = column(personal=True)
    """Name of an attached file."""


class Education(Span, table="education", layer="core"):
    """One row per CV and education section."""

    attachments: str | None = column(personal=True)
    """Name of an attached file."""

    place_of_study: str | None = column()
    """School."""

    degree: str | None = column()
    """Degree."""

    description: str | None = column(personal=True)
    """Description."""


class Position(Section, table="position", layer="core"):
    """One row per CV and position section."""

    year_from: int | None = column(unit="year")
    """First year."""

    year_to: int | None = column(unit="year")
    """Last year; empty while it lasts."""

    highlighted: bool | None = column()
    """Whether the person highlights it."""

    name: str | None = column()
    """Name of the position."""

    description: str | None = column(personal=True)
    """Description."""


class BlogPublication(Section, table="blog_publication", layer="core"):
    """One row per CV and blog or publication section."""

    name: str | None = column()
    """Title of the text."""

    description: str | None = column(personal=True)
    """Description."""

    highlighted: bool | None = column()
    """Whether the person highlights it."""


class KeyQualification(Section, table="key_qualification", layer="core"):
    """One row per CV and summary section."""

    label: str | None = column()
    """Heading."""

    summary: str | None = column(personal=True)
    """The summary of qualifications."""

    short_description: str | None = column(personal=True)
    """Short form."""


class CVRole(Row, table="cv_role", layer="core"):
    """One row per CV and role."""

    cv_partner_cv_id: str = column(key=True, references="cvs", personal=True)
    """The CV."""

    name: str = column(key=True)
    """Name of the role."""

    description: str | None = column(personal=True)
    """Description."""

    highlighted: bool | None = column()
    """Whether the person highlights it."""

    updated: datetime.date | None = column()
    """Day of the last change."""

    updated_by_owner: datetime.date | None = column()
    """Day of the person's last change."""


class UserClearance(Row, table="user_clearance", layer="core"):
    """One row per person, clearance and first day."""

    cv_partner_user_id: str = column(key=True, references="users", personal=True)
    """The person."""

    clearance: str = column(key=True, references="dim_clearance")
    """The clearance; None means none."""

    valid_from: datetime.date = column(key=True)
    """First day; 1900-01-01 where the source leaves it blank."""

    valid_to: datetime.date | None = column()
    """Last day; empty for one without end, or with an end before its beginning."""

    verified_by: str | None = column()
    """Who verified it."""

    notes: str | None = column(personal=True)
    """Remarks."""

    changes: Languages | None = column()
    """What was changed on the way, by column: blank_name, blank_start, end_before_start."""


class UserAvailability(Row, table="user_availability", layer="core"):
    """One row per person and day."""

    cv_partner_user_id: str = column(key=True, references="users", personal=True)
    """The person."""

    date: datetime.date = column(key=True)
    """The day."""

    percent_available: int = column(unit="%", ge=0, le=100)
    """Share of the day that is free."""

    source: str | None = column()
    """Where the figure comes from."""


MODELS: tuple[type[Row], ...] = (
    User,
    CV,
    Technology,
    SpokenLanguage,
    Industry,
    ProjectType,
    ClearanceLevel,
    CVTechnology,
    CVLanguage,
    ProjectExperience,
    WorkExperience,
    Certification,
    Course,
    Education,
    Position,
    BlogPublication,
    KeyQualification,
    CVRole,
    UserClearance,
    UserAvailability,
)
"""Every core table, each after those it refers to: they are built in this order and published together."""

TABLES: tuple[Table, ...] = tuple(model.table for model in MODELS)
"""The tables of MODELS, in the same order."""
