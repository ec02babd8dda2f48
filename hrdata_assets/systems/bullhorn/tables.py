"""Bullhorn's entities that are synced: one class each; fields not declared here are kept in ``extra``.

Money is as users enter it: Bullhorn names no currency. Moments are given as milliseconds since 1970.
"""

from decimal import Decimal

import polars as pl
from pydantic import AwareDatetime

from hrdata_assets.rule import CRITICAL_WEIGHT, Dimension, raw, rule
from hrdata_assets.table import CursorMode, Row, column

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
WITHHELD = "**CONFIDENTIAL**"
"""What Bullhorn gives in place of a value that the user may not see."""


@rule(Dimension.CONFORMITY, columns=("email",), breaks={"email": " ann@example.com"})
def email_has_no_blanks() -> pl.Expr:
    """The e-mail address is written without blanks around it."""
    return pl.col(raw("email")) == pl.col(raw("email")).str.strip_chars()


@rule(Dimension.CONSISTENCY, columns=("salary", "salary_low"), breaks={"salary": "1", "salary_low": "2"})
def salary_range_is_a_range() -> pl.Expr:
    """The least salary accepted is not above the one expected."""
    return pl.col("salary_low") <= pl.col("salary")


@rule(
    Dimension.CONSISTENCY,
    columns=("date_added", "date_closed"),
    breaks={"date_added": "2024-05-02T00:00:00Z", "date_closed": "2024-05-01T00:00:00Z"},
)
def job_closes_after_it_opens() -> pl.Expr:
    """A job is not closed before it was made."""
    return pl.col("date_added") <= pl.col("date_closed")


@rule(
    Dimension.CONSISTENCY,
    columns=("date_begin", "date_end"),
    breaks={"date_begin": "2024-05-02T00:00:00Z", "date_end": "2024-05-01T00:00:00Z"},
)
def placement_ends_after_it_begins() -> pl.Expr:
    """A placement does not end before it begins."""
    return pl.col("date_begin") <= pl.col("date_end")


class Candidate(
    Row,
    table="bullhorn_candidates",
    origin="Candidate",
    rules=(
        email_has_no_blanks,
        salary_range_is_a_range,
    ),
):
    """One row per candidate: a person who looks for work or might."""

    id: int = column("id", key=True, role=CursorMode.ID, filterable=True)
    """Bullhorn's own number of the record."""

    name: str = column("name", personal=True, weight=CRITICAL_WEIGHT)
    """Whole name."""

    first_name: str | None = column("firstName", personal=True)
    """Given name."""

    last_name: str | None = column("lastName", personal=True)
    """Family name."""

    middle_name: str | None = column("middleName", sparse=True, personal=True)
    """Middle name."""

    name_prefix: str | None = column("namePrefix", sparse=True)
    """Form of address."""

    email: str | None = column(
        "email", personal=True, filterable=True, pattern=EMAIL, breaks="not an address", weight=CRITICAL_WEIGHT
    )
    """Address to write to."""

    email_2: str | None = column("email2", sparse=True, personal=True)
    """Second address."""

    email_3: str | None = column("email3", sparse=True, personal=True)
    """Third address."""

    phone: str | None = column("phone", sparse=True, personal=True)
    """Telephone."""

    mobile: str | None = column("mobile", sparse=True, personal=True)
    """Mobile telephone."""

    work_phone: str | None = column("workPhone", sparse=True, personal=True)
    """Telephone at work."""

    address_line_1: str | None = column("address.address1", sparse=True, personal=True)
    """Street and number."""

    address_line_2: str | None = column("address.address2", sparse=True, personal=True)
    """Second line of the address."""

    city: str | None = column("address.city", sparse=True, filterable=True)
    """Town."""

    state: str | None = column("address.state", sparse=True)
    """State or county."""

    postal_code: str | None = column("address.zip", sparse=True, personal=True)
    """Postal code."""

    country: str | None = column("address.countryName", sparse=True, filterable=True)
    """Country by its English name."""

    country_code: str | None = column("address.countryCode", sparse=True)
    """Country by its code."""

    status: str | None = column("status", filterable=True, weight=CRITICAL_WEIGHT)
    """Where the person stands, in the customer's own words."""

    type: str | None = column("type", sparse=True, filterable=True)
    """Kind of candidate."""

    source: str | None = column("source", sparse=True, filterable=True)
    """How the person was found."""

    employee_type: str | None = column("employeeType", sparse=True, filterable=True)
    """How the person would be employed, such as W2."""

    employment_preference: str | None = column("employmentPreference", sparse=True)
    """Kinds of employment wanted."""

    occupation: str | None = column("occupation", sparse=True, filterable=True)
    """Present job."""

    company_name: str | None = column("companyName", sparse=True)
    """Present employer."""

    description: str | None = column("description", sparse=True, personal=True)
    """The résumé as text."""

    comments: str | None = column("comments", sparse=True, personal=True)
    """Remarks of the users."""

    skill_set: str | None = column("skillSet", sparse=True)
    """Skills as free text."""

    certifications: str | None = column("certifications", sparse=True)
    """Certificates as free text."""

    degrees: str | None = column("degreeList", sparse=True)
    """Degrees as free text."""

    education_degree: str | None = column("educationDegree", sparse=True)
    """Highest degree."""

    experience_years: int | None = column("experience", sparse=True, unit="year", ge=0, le=80, filterable=True)
    """Years of experience."""

    salary: Decimal | None = column("salary", sparse=True, personal=True, ge=0, filterable=True)
    """Salary expected."""

    salary_low: Decimal | None = column("salaryLow", sparse=True, personal=True, ge=0)
    """Least salary accepted."""

    hourly_rate: Decimal | None = column("hourlyRate", sparse=True, personal=True, ge=0)
    """Rate per hour expected."""

    hourly_rate_low: Decimal | None = column("hourlyRateLow", sparse=True, personal=True, ge=0)
    """Least rate per hour accepted."""

    day_rate: Decimal | None = column("dayRate", sparse=True, personal=True, ge=0)
    """Rate per day expected."""

    day_rate_low: Decimal | None = column("dayRateLow", sparse=True, personal=True, ge=0)
    """Least rate per day accepted."""

    date_available: AwareDatetime | None = column("dateAvailable", sparse=True, filterable=True)
    """First day free."""

    date_available_end: AwareDatetime | None = column("dateAvailableEnd", sparse=True)
    """Last day free."""

    date_of_birth: AwareDatetime | None = column("dateOfBirth", sparse=True, personal=True)
    """Birthday; often withheld."""

    date_last_comment: AwareDatetime | None = column("dateLastComment", sparse=True)
    """When somebody last remarked on it."""

    will_relocate: bool | None = column("willRelocate", sparse=True, filterable=True)
    """Whether the person would move."""

    work_authorized: bool | None = column("workAuthorized", sparse=True)
    """Whether the person may work."""

    mass_mail_opt_out: bool | None = column("massMailOptOut", sparse=True)
    """Whether the person wants no mailings."""

    is_anonymized: bool | None = column("isAnonymized", sparse=True)
    """Whether the person was made unknown."""

    is_deleted: bool | None = column("isDeleted", filterable=True)
    """Whether it was deleted."""

    travel_limit: int | None = column("travelLimit", sparse=True)
    """Share of the time that the person would travel."""

    external_id: str | None = column("externalID", sparse=True, filterable=True)
    """Number in another system; what pushing goes by."""

    owner_id: int | None = column("owner.id", sparse=True, filterable=True)
    """Number of the user who looks after it."""

    category: str | None = column("category.name", sparse=True)
    """Branch of work."""

    primary_skills: tuple[str, ...] | None = column("primarySkills.data.name", sparse=True, filterable=True)
    """Main skills."""

    secondary_skills: tuple[str, ...] | None = column("secondarySkills.data.name", sparse=True)
    """Other skills."""

    date_added: AwareDatetime | None = column("dateAdded", sparse=True, role=CursorMode.CREATED_AT, filterable=True)
    """When it was made."""

    date_last_modified: AwareDatetime = column("dateLastModified", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


class JobOrder(Row, table="bullhorn_job_orders", origin="JobOrder", rules=(job_closes_after_it_opens,)):
    """One row per job: a vacancy of a client's."""

    id: int = column("id", key=True, role=CursorMode.ID, filterable=True)
    """Bullhorn's own number of the record."""

    title: str = column("title", filterable=True, weight=CRITICAL_WEIGHT)
    """What the job is called."""

    status: str | None = column("status", filterable=True, weight=CRITICAL_WEIGHT)
    """Where the job stands, in the customer's own words."""

    is_open: bool | None = column("isOpen", filterable=True)
    """Whether it is still to be filled."""

    is_public: int | None = column("isPublic", sparse=True)
    """Whether it is published: -1, 0 or 1."""

    is_deleted: bool | None = column("isDeleted", filterable=True)
    """Whether it was deleted."""

    employment_type: str | None = column("employmentType", sparse=True, filterable=True)
    """Kind of employment."""

    start_date: AwareDatetime | None = column("startDate", sparse=True, filterable=True)
    """First day of the job."""

    date_end: AwareDatetime | None = column("dateEnd", sparse=True, filterable=True)
    """Last day of the job."""

    date_closed: AwareDatetime | None = column("dateClosed", sparse=True, filterable=True)
    """When the job was closed."""

    num_openings: int | None = column("numOpenings", sparse=True, ge=0, filterable=True)
    """How many are wanted."""

    duration_weeks: Decimal | None = column("durationWeeks", sparse=True, unit="week", ge=0)
    """How long it lasts."""

    hours_per_week: Decimal | None = column("hoursPerWeek", sparse=True, unit="hour", ge=0)
    """Hours a week."""

    salary: Decimal | None = column("salary", sparse=True, ge=0, filterable=True)
    """Salary offered."""

    salary_unit: str | None = column("salaryUnit", sparse=True)
    """What the salary is for."""

    pay_rate: Decimal | None = column("payRate", sparse=True, ge=0)
    """What the person is paid."""

    client_bill_rate: Decimal | None = column("clientBillRate", sparse=True, ge=0)
    """What the client pays."""

    description: str | None = column("description", sparse=True)
    """What the job is, for users."""

    public_description: str | None = column("publicDescription", sparse=True)
    """What the job is, as published."""

    skill_list: str | None = column("skillList", sparse=True)
    """Skills wanted as free text."""

    benefits: str | None = column("benefits", sparse=True)
    """What comes with it."""

    years_required: int | None = column("yearsRequired", sparse=True, unit="year", ge=0)
    """Years of experience wanted."""

    degrees: str | None = column("degreeList", sparse=True)
    """Degrees wanted."""

    education_degree: str | None = column("educationDegree", sparse=True)
    """Highest degree wanted."""

    certifications: str | None = column("certificationList", sparse=True)
    """Certificates wanted."""

    on_site: str | None = column("onSite", sparse=True, filterable=True)
    """Where the work is done."""

    is_work_from_home: bool | None = column("isWorkFromHome", sparse=True)
    """Whether it can be done at home."""

    will_sponsor: bool | None = column("willSponsor", sparse=True)
    """Whether a visa is paid for."""

    address_line_1: str | None = column("address.address1", sparse=True)
    """Street and number."""

    address_line_2: str | None = column("address.address2", sparse=True)
    """Second line of the address."""

    city: str | None = column("address.city", sparse=True, filterable=True)
    """Town."""

    state: str | None = column("address.state", sparse=True)
    """State or county."""

    postal_code: str | None = column("address.zip", sparse=True)
    """Postal code."""

    country: str | None = column("address.countryName", sparse=True, filterable=True)
    """Country by its English name."""

    country_code: str | None = column("address.countryCode", sparse=True)
    """Country by its code."""

    source: str | None = column("source", sparse=True)
    """How the job was won."""

    external_id: str | None = column("externalID", sparse=True, filterable=True)
    """Number in another system; what pushing goes by."""

    reason_closed: str | None = column("reasonClosed", sparse=True)
    """Why it was closed."""

    owner_id: int | None = column("owner.id", sparse=True, filterable=True)
    """Number of the user who looks after it."""

    client_corporation_id: int | None = column("clientCorporation.id", weight=CRITICAL_WEIGHT, filterable=True)
    """Number of the client."""

    client_corporation_name: str | None = column("clientCorporation.name", sparse=True)
    """Name of the client."""

    client_contact_id: int | None = column("clientContact.id", sparse=True, filterable=True)
    """Number of who asks for it."""

    skills: tuple[str, ...] | None = column("skills.data.name", sparse=True, filterable=True)
    """Skills wanted."""

    categories: tuple[str, ...] | None = column("categories.data.name", sparse=True)
    """Branches of work."""

    date_added: AwareDatetime | None = column("dateAdded", sparse=True, role=CursorMode.CREATED_AT, filterable=True)
    """When it was made."""

    date_last_modified: AwareDatetime = column("dateLastModified", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


class ClientCorporation(Row, table="bullhorn_client_corporations", origin="ClientCorporation"):
    """One row per client: a company that has jobs to fill."""

    id: int = column("id", key=True, role=CursorMode.ID, filterable=True)
    """Bullhorn's own number of the record."""

    name: str = column("name", filterable=True, weight=CRITICAL_WEIGHT)
    """Name of the company."""

    status: str | None = column("status", filterable=True)
    """Where the client stands."""

    address_line_1: str | None = column("address.address1", sparse=True)
    """Street and number."""

    address_line_2: str | None = column("address.address2", sparse=True)
    """Second line of the address."""

    city: str | None = column("address.city", sparse=True, filterable=True)
    """Town."""

    state: str | None = column("address.state", sparse=True)
    """State or county."""

    postal_code: str | None = column("address.zip", sparse=True)
    """Postal code."""

    country: str | None = column("address.countryName", sparse=True, filterable=True)
    """Country by its English name."""

    country_code: str | None = column("address.countryCode", sparse=True)
    """Country by its code."""

    phone: str | None = column("phone", sparse=True)
    """Telephone."""

    company_url: str | None = column("companyURL", sparse=True)
    """Site of the company."""

    company_description: str | None = column("companyDescription", sparse=True)
    """What the company is."""

    industry: str | None = column("industryList", sparse=True, filterable=True)
    """Industries."""

    business_sector: str | None = column("businessSectorList", sparse=True)
    """Sectors."""

    annual_revenue: Decimal | None = column("annualRevenue", sparse=True)
    """Revenue a year, in millions as users enter it."""

    num_employees: int | None = column("numEmployees", sparse=True, ge=0, filterable=True)
    """How many work there."""

    num_offices: int | None = column("numOffices", sparse=True, ge=0)
    """How many offices there are."""

    fee_arrangement: Decimal | None = column("feeArrangement", sparse=True)
    """Share of the salary that is paid."""

    external_id: str | None = column("externalID", sparse=True, filterable=True)
    """Number in another system; what pushing goes by."""

    date_founded: AwareDatetime | None = column("dateFounded", sparse=True)
    """When the company was founded."""

    parent_id: int | None = column("parentClientCorporation.id", sparse=True)
    """Number of the company it belongs to."""

    date_added: AwareDatetime | None = column("dateAdded", sparse=True, role=CursorMode.CREATED_AT, filterable=True)
    """When it was made."""

    date_last_modified: AwareDatetime = column("dateLastModified", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


class ClientContact(Row, table="bullhorn_client_contacts", origin="ClientContact", rules=(email_has_no_blanks,)):
    """One row per contact: a person at a client's."""

    id: int = column("id", key=True, role=CursorMode.ID, filterable=True)
    """Bullhorn's own number of the record."""

    name: str = column("name", personal=True, weight=CRITICAL_WEIGHT)
    """Whole name."""

    first_name: str | None = column("firstName", personal=True)
    """Given name."""

    last_name: str | None = column("lastName", personal=True)
    """Family name."""

    email: str | None = column("email", personal=True, filterable=True, pattern=EMAIL, breaks="not an address")
    """Address to write to."""

    email_2: str | None = column("email2", sparse=True, personal=True)
    """Second address."""

    phone: str | None = column("phone", sparse=True, personal=True)
    """Telephone."""

    mobile: str | None = column("mobile", sparse=True, personal=True)
    """Mobile telephone."""

    status: str | None = column("status", filterable=True)
    """Where the contact stands."""

    type: str | None = column("type", sparse=True, filterable=True)
    """Kind of contact."""

    occupation: str | None = column("occupation", sparse=True)
    """What the person does."""

    division: str | None = column("division", sparse=True)
    """Part of the company."""

    client_corporation_id: int | None = column("clientCorporation.id", weight=CRITICAL_WEIGHT, filterable=True)
    """Number of the client."""

    owner_id: int | None = column("owner.id", sparse=True, filterable=True)
    """Number of the user who looks after it."""

    address_line_1: str | None = column("address.address1", sparse=True, personal=True)
    """Street and number."""

    address_line_2: str | None = column("address.address2", sparse=True, personal=True)
    """Second line of the address."""

    city: str | None = column("address.city", sparse=True, filterable=True)
    """Town."""

    state: str | None = column("address.state", sparse=True)
    """State or county."""

    postal_code: str | None = column("address.zip", sparse=True, personal=True)
    """Postal code."""

    country: str | None = column("address.countryName", sparse=True, filterable=True)
    """Country by its English name."""

    country_code: str | None = column("address.countryCode", sparse=True)
    """Country by its code."""

    source: str | None = column("source", sparse=True)
    """How the person was found."""

    external_id: str | None = column("externalID", sparse=True, filterable=True)
    """Number in another system; what pushing goes by."""

    date_last_visit: AwareDatetime | None = column("dateLastVisit", sparse=True)
    """When the person was last visited."""

    mass_mail_opt_out: bool | None = column("massMailOptOut", sparse=True)
    """Whether the person wants no mailings."""

    is_anonymized: bool | None = column("isAnonymized", sparse=True)
    """Whether the person was made unknown."""

    is_deleted: bool | None = column("isDeleted", filterable=True)
    """Whether it was deleted."""

    date_added: AwareDatetime | None = column("dateAdded", sparse=True, role=CursorMode.CREATED_AT, filterable=True)
    """When it was made."""

    date_last_modified: AwareDatetime = column("dateLastModified", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


class JobSubmission(Row, table="bullhorn_job_submissions", origin="JobSubmission"):
    """One row per submission: a candidate put forward for a job."""

    id: int = column("id", key=True, role=CursorMode.ID, filterable=True)
    """Bullhorn's own number of the record."""

    candidate_id: int = column("candidate.id", filterable=True, weight=CRITICAL_WEIGHT)
    """Number of the candidate."""

    job_order_id: int = column("jobOrder.id", filterable=True, weight=CRITICAL_WEIGHT)
    """Number of the job."""

    sending_user_id: int | None = column("sendingUser.id", sparse=True)
    """Number of the user who did it."""

    status: str | None = column("status", filterable=True)
    """How far it has come, in the customer's own words."""

    source: str | None = column("source", sparse=True)
    """How it came about."""

    date_web_response: AwareDatetime | None = column("dateWebResponse", sparse=True)
    """When the person answered on the web."""

    start_date: AwareDatetime | None = column("startDate", sparse=True)
    """First day offered."""

    end_date: AwareDatetime | None = column("endDate", sparse=True)
    """Last day offered."""

    salary: Decimal | None = column("salary", sparse=True, personal=True, ge=0)
    """Salary offered."""

    pay_rate: Decimal | None = column("payRate", sparse=True, personal=True, ge=0)
    """What the person would be paid."""

    bill_rate: Decimal | None = column("billRate", sparse=True, ge=0)
    """What the client would pay."""

    comments: str | None = column("comments", sparse=True, personal=True)
    """Remarks."""

    is_hidden: bool | None = column("isHidden", sparse=True)
    """Whether it is kept out of lists."""

    is_deleted: bool | None = column("isDeleted", filterable=True)
    """Whether it was deleted."""

    date_added: AwareDatetime | None = column("dateAdded", sparse=True, role=CursorMode.CREATED_AT, filterable=True)
    """When it was made."""

    date_last_modified: AwareDatetime = column("dateLastModified", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


class Placement(Row, table="bullhorn_placements", origin="Placement", rules=(placement_ends_after_it_begins,)):
    """One row per placement: a candidate who got a job."""

    id: int = column("id", key=True, role=CursorMode.ID, filterable=True)
    """Bullhorn's own number of the record."""

    candidate_id: int = column("candidate.id", filterable=True, weight=CRITICAL_WEIGHT)
    """Number of the candidate."""

    job_order_id: int = column("jobOrder.id", filterable=True, weight=CRITICAL_WEIGHT)
    """Number of the job."""

    job_submission_id: int | None = column("jobSubmission.id", sparse=True, filterable=True)
    """Number of the submission that led to it."""

    status: str | None = column("status", filterable=True)
    """How far it has come, in the customer's own words."""

    date_begin: AwareDatetime | None = column("dateBegin", filterable=True)
    """First day."""

    date_end: AwareDatetime | None = column("dateEnd", sparse=True, filterable=True)
    """Last day."""

    employment_type: str | None = column("employmentType", sparse=True, filterable=True)
    """Kind of employment."""

    employee_type: str | None = column("employeeType", sparse=True)
    """How the person is employed."""

    salary: Decimal | None = column("salary", sparse=True, personal=True, ge=0)
    """Salary."""

    salary_unit: str | None = column("salaryUnit", sparse=True)
    """What the salary is for."""

    pay_rate: Decimal | None = column("payRate", sparse=True, personal=True, ge=0)
    """What the person is paid."""

    client_bill_rate: Decimal | None = column("clientBillRate", sparse=True, ge=0)
    """What the client pays."""

    fee: Decimal | None = column("fee", sparse=True)
    """Share of the salary that is paid for it."""

    hours_per_day: Decimal | None = column("hoursPerDay", sparse=True, unit="hour", ge=0)
    """Hours a day."""

    duration_weeks: Decimal | None = column("durationWeeks", sparse=True, unit="week", ge=0)
    """How long it lasts."""

    termination_reason: str | None = column("terminationReason", sparse=True)
    """Why it ended."""

    owner_id: int | None = column("owner.id", sparse=True, filterable=True)
    """Number of the user who looks after it."""

    date_added: AwareDatetime | None = column("dateAdded", sparse=True, role=CursorMode.CREATED_AT, filterable=True)
    """When it was made."""

    date_last_modified: AwareDatetime = column("dateLastModified", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


ROWS = (Candidate, JobOrder, ClientCorporation, ClientContact, JobSubmission, Placement)
"""Every class of the system; assets, tables and tests follow from it."""
