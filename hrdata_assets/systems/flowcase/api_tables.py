"""What Flowcase's API gives record by record: accounts and whole CVs; what is not declared here is kept in ``extra``.

Texts of a CV stand in several languages. Columns read from ``shown`` hold the one that `reading_cvs` chooses, of
entries that are not hidden; the sections themselves, in all languages, are in ``extra`` as Flowcase spells them.
"""

from pydantic import AwareDatetime

from hrdata_assets.rule import CRITICAL_WEIGHT
from hrdata_assets.table import CursorMode, Languages, Operator, Row, column

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
NEVER = ("", "false", "true")
"""What stands in place of the time at which an account was closed."""

_OFFICES = (Operator.EQ, Operator.IN)


class User(Row, table="flowcase_api_users", origin="users"):
    """One row per account, closed ones too."""

    id: str = column("_id", key=True, personal=True, role=CursorMode.ID)
    """Flowcase's own id of the account; reports call it ``CV Partner User ID``."""

    name: str | None = column("name", personal=True, weight=CRITICAL_WEIGHT)
    """Name of the person; an e-mail address for one who was invited and has not come yet."""

    email: str | None = column(
        "email", personal=True, pattern=EMAIL, breaks="not an address", weight=CRITICAL_WEIGHT
    )  # fmt: skip
    """Address by which the person signs in."""

    upn: str | None = column("upn", sparse=True, personal=True)
    """Name of the account in the company's own directory."""

    external_id: str | None = column("external_unique_id", sparse=True, personal=True)
    """Number of the person in the company's other systems."""

    phone: str | None = column("telephone", sparse=True, personal=True)
    """Telephone."""

    cv_id: str | None = column("default_cv_id", personal=True)
    """Id of the person's CV; see the CVs."""

    role: str | None = column("role")
    """What the person may do, by Flowcase's word for it."""

    roles: tuple[str, ...] | None = column("roles", sparse=True)
    """The same, where it is several words."""

    office_id: str | None = column("office_id", filterable=True, compared_by=_OFFICES)
    """Office in which the person works."""

    office_name: str | None = column("office_name")
    """What that is called."""

    country_id: str | None = column("country_id", sparse=True)
    """Country in which that is."""

    country_code: str | None = column("country_code")
    """The same, by its letters."""

    company_name: str | None = column("company_name", sparse=True)
    """The company."""

    language_code: str | None = column("language_code", sparse=True)
    """Language in which the person uses Flowcase."""

    is_deactivated: bool | None = column("deactivated")
    """Whether the account was closed."""

    deactivated_at: AwareDatetime | None = column("deactivated_at", sparse=True, missing=NEVER)
    """When it was closed, where Flowcase says so."""

    created_at: AwareDatetime | None = column("created_at", sparse=True, role=CursorMode.CREATED_AT)
    """When it was made."""

    updated_at: AwareDatetime = column("updated_at", role=CursorMode.UPDATED_AT)
    """When it was last changed."""


class CV(Row, table="flowcase_api_cvs", origin="cvs"):
    """One row per CV."""

    id: str = column("_id", key=True, personal=True, role=CursorMode.ID)
    """Flowcase's own id of the CV; reports call it ``CV Partner CV ID``."""

    user_id: str = column("user_id", personal=True)
    """Account whose CV it is."""

    name: str | None = column("name", personal=True, filterable=True, weight=CRITICAL_WEIGHT)
    """Name of the person."""

    email: str | None = column(
        "email", personal=True, filterable=True, pattern=EMAIL, breaks="not an address", weight=CRITICAL_WEIGHT
    )  # fmt: skip
    """Address to write to."""

    phone: str | None = column("telefon", sparse=True, personal=True)
    """Telephone."""

    landline: str | None = column("landline", sparse=True, personal=True)
    """Telephone at a desk."""

    title: str | None = column("shown.title", sparse=True)
    """What the person is, in one language."""

    title_languages: Languages | None = column("title", sparse=True)
    """The same in all languages."""

    nationality: str | None = column("shown.nationality", sparse=True, personal=True)
    """Nationality, in one language."""

    residence: str | None = column("shown.place_of_residence", sparse=True)
    """Where the person lives, in one language."""

    birth_year: int | None = column("born_year", sparse=True, personal=True, ge=1900, le=2100)
    """Year of birth."""

    country_code: str | None = column("country_code", sparse=True)
    """Country of the office, by its letters."""

    language_code: str | None = column("language_code", sparse=True)
    """Language in which the CV is written first."""

    summary: str | None = column("shown.summary", sparse=True, personal=True)
    """What the person says first of themselves, in one language."""

    skills: tuple[str, ...] | None = column("shown.skills", sparse=True)
    """Technologies, in the CV's order."""

    languages: tuple[str, ...] | None = column("shown.languages", sparse=True)
    """Languages spoken."""

    certifications: tuple[str, ...] | None = column("shown.certifications", sparse=True)
    """Certificates held."""

    roles: tuple[str, ...] | None = column("shown.roles", sparse=True)
    """What the person has worked as."""

    office_id: str | None = column("found.office_id", filterable=True, compared_by=_OFFICES)
    """Office in which the person works."""

    is_external: bool | None = column("found.is_external", sparse=True, filterable=True)
    """Whether the person is of another company."""

    is_deleted: bool | None = column("found.is_deactivated", sparse=True)
    """Whether the account was closed: reports leave such CVs out, and here they are tombstones."""

    updated_at: AwareDatetime = column("found.updated_at", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed, by whom ever."""


ROWS: tuple[type[Row], ...] = (User, CV)
"""The one list; assets, tables and tests follow from it."""
