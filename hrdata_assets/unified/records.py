"""The unified model: people who look for work, jobs, clients and what becomes of them, whatever system they live in.

A record is known by its system and the id that it has there; links hold such ids of the same system. A status is one
of a short list, and the system's own word for it stands beside: what none of the list's words fits is ``other``.
Amounts are per ``…_period``, in ``…_currency`` (ISO 4217); that is empty where the system does not say it.
"""

import datetime
from decimal import Decimal

import polars as pl
from pydantic import AwareDatetime

from hrdata_assets.rule import CRITICAL_WEIGHT, Dimension, rule
from hrdata_assets.table import CursorMode, Row, Table, column

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
CURRENCY = r"[A-Z]{3}"
COUNTRY = r"[A-Z]{2}"

OTHER = "other"
"""Status of a record whose system calls it what the list knows nothing of."""

PERIODS = ("year", "month", "week", "day", "hour")
"""What an amount is for."""

PROFILE_STATUSES = ("new", "active", "passive", "placed", "unavailable", "archived", "blocked", OTHER)
"""new: nobody has looked yet; active: looks for work; passive: does not, but might; placed: works through us;
unavailable: not to be had now; archived: kept, not used; blocked: not to be contacted."""

JOB_STATUSES = ("draft", "open", "on_hold", "offer", "filled", "closed", "cancelled", OTHER)
"""draft: not published yet; open: candidates are taken; on_hold: for now they are not; offer: somebody was offered it;
filled: somebody got it; closed: over, it is not said how; cancelled: nobody got it."""

COMPANY_STATUSES = ("prospect", "active", "passive", "archived", OTHER)
"""prospect: no client yet; active: a client; passive: was one; archived: kept, not used."""

SUBMISSION_STATUSES = ("considered", "submitted", "interview", "offer", "placed", "rejected", "withdrawn", OTHER)
"""considered: the client does not know yet; submitted: he does; interview and offer: so far it came; placed: got the
job; rejected: the client said no; withdrawn: the candidate did."""

PLACEMENT_STATUSES = ("pending", "active", "completed", "terminated", OTHER)
"""pending: agreed or to be agreed, not begun; active: at work; completed: ended as agreed; terminated: ended before."""


@rule(
    Dimension.COMPLETENESS,
    columns=("name", "email"),
    breaks={"name": "", "first_name": "", "last_name": "", "email": ""},
    even_if_missing=True,
    weight=CRITICAL_WEIGHT,
)
def profile_says_who_it_is() -> pl.Expr:
    """A profile has a name or an e-mail address."""
    return pl.col("name").is_not_null() | pl.col("email").is_not_null()


@rule(Dimension.CONSISTENCY, columns=("salary_min", "salary"), breaks={"salary_min": "2", "salary": "1"})
def least_salary_is_not_above_the_one_expected() -> pl.Expr:
    """The least salary accepted is not above the one expected."""
    return pl.col("salary_min") <= pl.col("salary")


@rule(Dimension.CONSISTENCY, columns=("salary_min", "salary_max"), breaks={"salary_min": "2", "salary_max": "1"})
def salary_range_is_a_range() -> pl.Expr:
    """The least salary offered is not above the greatest."""
    return pl.col("salary_min") <= pl.col("salary_max")


@rule(
    Dimension.CONSISTENCY,
    columns=("opened_at", "closed_at"),
    breaks={"opened_at": "2024-05-02T00:00:00Z", "closed_at": "2024-05-01T00:00:00Z"},
)
def job_closes_after_it_opens() -> pl.Expr:
    """A job is not closed before it was opened."""
    return pl.col("opened_at") <= pl.col("closed_at")


@rule(
    Dimension.INTEGRITY,
    columns=("company_source_id", "company_name"),
    breaks={"company_source_id": "", "company_name": ""},
    even_if_missing=True,
)
def job_names_a_company() -> pl.Expr:
    """A job names the client that it is for, by id or by name."""
    return pl.col("company_source_id").is_not_null() | pl.col("company_name").is_not_null()


@rule(
    Dimension.CONSISTENCY,
    columns=("starts_on", "ends_on"),
    breaks={"starts_on": "2024-05-02", "ends_on": "2024-05-01"},
)
def it_ends_after_it_begins() -> pl.Expr:
    """It does not end before it begins."""
    return pl.col("starts_on") <= pl.col("ends_on")


class UnifiedRecord(Row):
    """What every record of the unified model has."""

    system: str = column(key=True, filterable=True)
    """System in which the record lives."""

    source_id: str = column(key=True, personal=True, filterable=True)
    """The record's id there, as text."""

    external_id: str | None = column(sparse=True, personal=True, filterable=True)
    """Its id in yet another system, where its own knows one."""

    url: str | None = column(sparse=True, personal=True)
    """Page on which people look at it."""

    owner: str | None = column(sparse=True, filterable=True)
    """Who looks after it there: an id, or a name where there is no id."""

    created_at: AwareDatetime | None = column(role=CursorMode.CREATED_AT, filterable=True)
    """When it was made there."""

    updated_at: AwareDatetime | None = column(role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed there."""


class UnifiedProfile(
    UnifiedRecord,
    table="candidates",
    layer="core",
    history=True,
    rules=(profile_says_who_it_is, least_salary_is_not_above_the_one_expected),
):
    """One row per person who looks for work or might, and system."""

    name: str | None = column(personal=True, weight=CRITICAL_WEIGHT)
    """Whole name."""

    first_name: str | None = column(personal=True)
    """Given name."""

    middle_name: str | None = column(sparse=True, personal=True)
    """Middle name."""

    last_name: str | None = column(personal=True)
    """Family name."""

    email: str | None = column(
        personal=True, filterable=True, pattern=EMAIL, breaks="not an address", weight=CRITICAL_WEIGHT
    )
    """Address to write to."""

    other_emails: tuple[str, ...] | None = column(sparse=True, personal=True)
    """Further addresses."""

    phone: str | None = column(sparse=True, personal=True)
    """Telephone, as its system writes it."""

    mobile: str | None = column(sparse=True, personal=True)
    """Mobile telephone."""

    other_phones: tuple[str, ...] | None = column(sparse=True, personal=True)
    """Further telephones."""

    birth_date: datetime.date | None = column(sparse=True, personal=True)
    """Birthday."""

    nationality: str | None = column(sparse=True, personal=True)
    """Nationality, as its system writes it."""

    status: str | None = column(allowed=PROFILE_STATUSES, filterable=True, weight=CRITICAL_WEIGHT)
    """Where the person stands."""

    status_original: str | None = column(filterable=True)
    """The same in the system's own word."""

    title: str | None = column(sparse=True, filterable=True)
    """Present job."""

    employer: str | None = column(sparse=True, filterable=True)
    """Present employer."""

    summary: str | None = column(sparse=True, personal=True)
    """The résumé, or what the person says of themselves, as text."""

    skills: tuple[str, ...] | None = column(sparse=True, filterable=True)
    """What the person can do, the main skills first."""

    languages: tuple[str, ...] | None = column(sparse=True, filterable=True)
    """Languages spoken."""

    certifications: tuple[str, ...] | None = column(sparse=True)
    """Certificates held."""

    degree: str | None = column(sparse=True)
    """Highest degree."""

    experience_years: int | None = column(sparse=True, unit="year", ge=0, le=80, filterable=True)
    """Years of experience."""

    address: str | None = column(sparse=True, personal=True)
    """Street and number."""

    city: str | None = column(sparse=True, filterable=True)
    """Town."""

    region: str | None = column(sparse=True)
    """State or county."""

    postal_code: str | None = column(sparse=True, personal=True)
    """Postal code."""

    country: str | None = column(sparse=True, filterable=True)
    """Country by name, as its system writes it."""

    country_code: str | None = column(sparse=True, filterable=True, pattern=COUNTRY, breaks="Norway")
    """Country by the two letters of ISO 3166."""

    employment_type: str | None = column(sparse=True, filterable=True)
    """Kinds of employment wanted, as its system writes them."""

    salary: Decimal | None = column(sparse=True, personal=True, ge=0, filterable=True)
    """Salary expected."""

    salary_min: Decimal | None = column(sparse=True, personal=True, ge=0)
    """Least salary accepted."""

    salary_currency: str | None = column(sparse=True, pattern=CURRENCY, breaks="kroner")
    """Currency of both."""

    salary_period: str | None = column(sparse=True, allowed=PERIODS)
    """What both are for."""

    rate: Decimal | None = column(sparse=True, personal=True, ge=0, filterable=True)
    """Rate expected for work by the day or hour."""

    rate_currency: str | None = column(sparse=True, pattern=CURRENCY, breaks="kroner")
    """Currency of the rate."""

    rate_period: str | None = column(sparse=True, allowed=PERIODS)
    """What the rate is for."""

    available_from: datetime.date | None = column(sparse=True, filterable=True)
    """First day free."""

    may_be_contacted: bool | None = column(sparse=True)
    """Whether the person takes mailings."""

    will_relocate: bool | None = column(sparse=True, filterable=True)
    """Whether the person would move."""

    source: str | None = column(sparse=True, filterable=True)
    """How the person was found."""


class UnifiedJob(
    UnifiedRecord,
    table="jobs",
    layer="core",
    history=True,
    rules=(job_closes_after_it_opens, salary_range_is_a_range, job_names_a_company),
):
    """One row per vacancy and system."""

    title: str = column(filterable=True, weight=CRITICAL_WEIGHT)
    """What the job is called."""

    status: str | None = column(allowed=JOB_STATUSES, filterable=True, weight=CRITICAL_WEIGHT)
    """Where the job stands."""

    status_original: str | None = column(filterable=True)
    """The same in the system's own word."""

    is_open: bool | None = column(filterable=True)
    """Whether it is still to be filled."""

    company_source_id: str | None = column(filterable=True, weight=CRITICAL_WEIGHT)
    """Id of the client in the same system."""

    company_name: str | None = column(sparse=True)
    """Name of the client."""

    contact_source_id: str | None = column(sparse=True, personal=True)
    """Id of who asks for it, in the same system."""

    description: str | None = column(sparse=True)
    """What the job is, as text."""

    skills: tuple[str, ...] | None = column(sparse=True, filterable=True)
    """Skills wanted."""

    employment_type: str | None = column(sparse=True, filterable=True)
    """Kind of employment, as its system writes it."""

    experience_years: int | None = column(sparse=True, unit="year", ge=0, filterable=True)
    """Years of experience wanted."""

    openings: int | None = column(sparse=True, ge=0)
    """How many are wanted."""

    hours_per_week: Decimal | None = column(sparse=True, unit="hour", ge=0)
    """Hours a week."""

    city: str | None = column(sparse=True, filterable=True)
    """Town."""

    region: str | None = column(sparse=True)
    """State or county."""

    postal_code: str | None = column(sparse=True)
    """Postal code."""

    country: str | None = column(sparse=True, filterable=True)
    """Country by name, as its system writes it."""

    country_code: str | None = column(sparse=True, filterable=True, pattern=COUNTRY, breaks="Norway")
    """Country by the two letters of ISO 3166."""

    is_remote: bool | None = column(sparse=True, filterable=True)
    """Whether it can be done at home."""

    salary_min: Decimal | None = column(sparse=True, ge=0, filterable=True)
    """Least salary offered; the salary where there is one only."""

    salary_max: Decimal | None = column(sparse=True, ge=0, filterable=True)
    """Greatest salary offered; the salary where there is one only."""

    salary_currency: str | None = column(sparse=True, pattern=CURRENCY, breaks="kroner")
    """Currency of the salary."""

    salary_period: str | None = column(sparse=True, allowed=PERIODS)
    """What the salary is for."""

    rate: Decimal | None = column(sparse=True, ge=0)
    """What the person is paid, for work by the day or hour."""

    bill_rate: Decimal | None = column(sparse=True, ge=0)
    """What the client pays for the same time."""

    rate_currency: str | None = column(sparse=True, pattern=CURRENCY, breaks="kroner")
    """Currency of both rates."""

    rate_period: str | None = column(sparse=True, allowed=PERIODS)
    """What both rates are for."""

    opened_at: AwareDatetime | None = column(sparse=True, filterable=True)
    """When candidates were first taken."""

    closed_at: AwareDatetime | None = column(sparse=True, filterable=True)
    """When it was closed."""

    starts_on: datetime.date | None = column(sparse=True, filterable=True)
    """First day of the job."""

    ends_on: datetime.date | None = column(sparse=True)
    """Last day of the job; free of judgement, for it may be a plan from before the start was known."""


class UnifiedCompany(UnifiedRecord, table="companies", layer="core", history=True):
    """One row per company that has jobs to fill or might, and system."""

    name: str = column(filterable=True, weight=CRITICAL_WEIGHT)
    """Name of the company."""

    status: str | None = column(sparse=True, allowed=COMPANY_STATUSES, filterable=True)
    """Where the client stands."""

    status_original: str | None = column(sparse=True, filterable=True)
    """The same in the system's own word."""

    parent_source_id: str | None = column(sparse=True)
    """Id of the company that it belongs to, in the same system."""

    website: str | None = column(sparse=True)
    """Its site."""

    phone: str | None = column(sparse=True)
    """Telephone."""

    industry: str | None = column(sparse=True, filterable=True)
    """What it lives by."""

    description: str | None = column(sparse=True)
    """What the company is, as text."""

    employees: int | None = column(sparse=True, ge=0, filterable=True)
    """How many work there."""

    revenue: Decimal | None = column(sparse=True)
    """Revenue a year, as its system has it."""

    revenue_currency: str | None = column(sparse=True, pattern=CURRENCY, breaks="kroner")
    """Currency of the revenue."""

    address: str | None = column(sparse=True)
    """Street and number."""

    city: str | None = column(sparse=True, filterable=True)
    """Town."""

    region: str | None = column(sparse=True)
    """State or county."""

    postal_code: str | None = column(sparse=True)
    """Postal code."""

    country: str | None = column(sparse=True, filterable=True)
    """Country by name, as its system writes it."""

    country_code: str | None = column(sparse=True, filterable=True, pattern=COUNTRY, breaks="Norway")
    """Country by the two letters of ISO 3166."""


class UnifiedSubmission(
    UnifiedRecord, table="submissions", layer="core", history=True, rules=(it_ends_after_it_begins,)
):
    """One row per candidate put forward for a job, and system."""

    profile_source_id: str = column(personal=True, filterable=True, weight=CRITICAL_WEIGHT)
    """Id of the candidate in the same system."""

    job_source_id: str = column(filterable=True, weight=CRITICAL_WEIGHT)
    """Id of the job in the same system."""

    status: str | None = column(allowed=SUBMISSION_STATUSES, filterable=True)
    """How far it has come."""

    status_original: str | None = column(filterable=True)
    """The same in the system's own word."""

    source: str | None = column(sparse=True)
    """How it came about."""

    salary: Decimal | None = column(sparse=True, personal=True, ge=0)
    """Salary offered."""

    rate: Decimal | None = column(sparse=True, personal=True, ge=0)
    """What the person would be paid, for work by the day or hour."""

    bill_rate: Decimal | None = column(sparse=True, ge=0)
    """What the client would pay for the same time."""

    currency: str | None = column(sparse=True, pattern=CURRENCY, breaks="kroner")
    """Currency of all three."""

    starts_on: datetime.date | None = column(sparse=True)
    """First day offered."""

    ends_on: datetime.date | None = column(sparse=True)
    """Last day offered."""

    notes: str | None = column(sparse=True, personal=True)
    """Remarks."""


class UnifiedPlacement(UnifiedRecord, table="placements", layer="core", history=True, rules=(it_ends_after_it_begins,)):
    """One row per candidate who got a job, and system."""

    profile_source_id: str = column(personal=True, filterable=True, weight=CRITICAL_WEIGHT)
    """Id of the candidate in the same system."""

    job_source_id: str = column(filterable=True, weight=CRITICAL_WEIGHT)
    """Id of the job in the same system."""

    submission_source_id: str | None = column(sparse=True, filterable=True)
    """Id of the submission that led to it, in the same system."""

    status: str | None = column(allowed=PLACEMENT_STATUSES, filterable=True)
    """How far it has come."""

    status_original: str | None = column(filterable=True)
    """The same in the system's own word."""

    starts_on: datetime.date | None = column(filterable=True)
    """First day."""

    ends_on: datetime.date | None = column(sparse=True, filterable=True)
    """Last day."""

    employment_type: str | None = column(sparse=True, filterable=True)
    """Kind of employment, as its system writes it."""

    salary: Decimal | None = column(sparse=True, personal=True, ge=0)
    """Salary."""

    salary_period: str | None = column(sparse=True, allowed=PERIODS)
    """What the salary is for."""

    rate: Decimal | None = column(sparse=True, personal=True, ge=0)
    """What the person is paid, for work by the day or hour."""

    bill_rate: Decimal | None = column(sparse=True, ge=0)
    """What the client pays for the same time."""

    currency: str | None = column(sparse=True, pattern=CURRENCY, breaks="kroner")
    """Currency of all three."""

    hours_per_day: Decimal | None = column(sparse=True, unit="hour", ge=0)
    """Hours a day."""

    end_reason: str | None = column(sparse=True, personal=True)
    """Why it ended."""


ROWS: tuple[type[Row], ...] = (UnifiedProfile, UnifiedJob, UnifiedCompany, UnifiedSubmission, UnifiedPlacement)
"""Every class of the unified model."""

TABLES: tuple[Table, ...] = tuple(row.table for row in ROWS)
"""What they are to the machinery."""
