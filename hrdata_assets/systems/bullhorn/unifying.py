"""Bullhorn's entities in the unified model, and back: what may be written of a candidate and of a job.

A status that is none of these words is ``other``, and stands beside as it is written. Money has no currency: Bullhorn
names none. Contacts are people at a client's, not candidates: jobs lead to them by ``contact_source_id``.
"""

from typing import Any

from hrdata_assets.systems.bullhorn.tables import (
    Candidate,
    ClientCorporation,
    JobOrder,
    JobSubmission,
    Placement,
)
from hrdata_assets.unified.mapping import RowMapping, constants, mapping, renamed, same, transformed
from hrdata_assets.unified.records import (
    UnifiedCompany,
    UnifiedJob,
    UnifiedPlacement,
    UnifiedProfile,
    UnifiedSubmission,
)

PROFILE_STATUS = {
    "new lead": "new",
    "new": "new",
    "active": "active",
    "available": "active",
    "qualified": "active",
    "inactive": "passive",
    "passive": "passive",
    "placed": "placed",
    "on assignment": "placed",
    "unavailable": "unavailable",
    "not available": "unavailable",
    "archive": "archived",
    "archived": "archived",
    "do not contact": "blocked",
    "dnc": "blocked",
    "blacklisted": "blocked",
    "*": "other",
}
JOB_STATUS = {
    "draft": "draft",
    "accepting candidates": "open",
    "open": "open",
    "currently interviewing": "open",
    "covered": "on_hold",
    "on hold": "on_hold",
    "offer out": "offer",
    "placed": "filled",
    "filled": "filled",
    "closed": "closed",
    "archive": "closed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "lost": "cancelled",
    "*": "other",
}
COMPANY_STATUS = {
    "prospect": "prospect",
    "lead": "prospect",
    "active account": "active",
    "active": "active",
    "passive account": "passive",
    "inactive": "passive",
    "archive": "archived",
    "*": "other",
}
SUBMISSION_STATUS = {
    "new lead": "considered",
    "internally submitted": "considered",
    "submitted": "submitted",
    "client submission": "submitted",
    "interview scheduled": "interview",
    "interview": "interview",
    "offer extended": "offer",
    "placed": "placed",
    "rejected": "rejected",
    "client rejected": "rejected",
    "candidate withdrew": "withdrawn",
    "withdrawn": "withdrawn",
    "*": "other",
}
PLACEMENT_STATUS = {
    "submitted": "pending",
    "requested": "pending",
    "approved": "active",
    "placed": "active",
    "active": "active",
    "completed": "completed",
    "terminated": "terminated",
    "*": "other",
}
PERIOD = {
    "yearly": "year",
    "per year": "year",
    "annual": "year",
    "monthly": "month",
    "per month": "month",
    "weekly": "week",
    "per week": "week",
    "daily": "day",
    "per day": "day",
    "hourly": "hour",
    "per hour": "hour",
    "*": "",
}

Fields = tuple[dict[str, Any], ...]

IDENTITY: Fields = (
    *constants(system="bullhorn"),
    *transformed("text", source_id="id"),
    *renamed(created_at="date_added", updated_at="date_last_modified"),
)
PLACE: Fields = (
    *same("city", "postal_code", "country"),
    *renamed(region="state"),
    *transformed({"country": ""}, country_code="country_code"),
    *transformed({"country": ""}, country_code="country"),
)
STREET: Fields = ({"from": ["address_line_1", "address_line_2"], "to": "address", "transform": {"join": ", "}},)


def _status(words: dict[str, str]) -> Fields:
    return (*transformed({"lookup": words}, status="status"), *renamed(status_original="status"))


CANDIDATE_TO_PROFILE = mapping(
    Candidate,
    UnifiedProfile,
    IDENTITY,
    PLACE,
    STREET,
    _status(PROFILE_STATUS),
    same("name", "first_name", "middle_name", "last_name", "email", "phone", "mobile", "external_id"),
    same("experience_years", "salary", "will_relocate", "source"),
    renamed(title="occupation", employer="company_name", employment_type="employment_preference"),
    renamed(salary_min="salary_low"),
    {"from": ["email_2", "email_3"], "to": "other_emails"},
    {"from": ["work_phone"], "to": "other_phones"},
    {"from": ["primary_skills", "secondary_skills"], "to": "skills", "transform": "unique"},
    {"from": "skill_set", "to": "skills", "transform": [{"split": ","}, "unique"]},
    {"from": "certifications", "to": "certifications", "transform": {"split": ","}},
    {"from": "education_degree", "to": "degree"},
    {"from": "degrees", "to": "degree"},
    transformed("plain", summary="description"),
    transformed("text", owner="owner_id"),
    transformed("date", birth_date="date_of_birth", available_from="date_available"),
    transformed("negate", may_be_contacted="mass_mail_opt_out"),
    {"constant": "year", "to": "salary_period", "when": "salary"},
    {"constant": "year", "to": "salary_period", "when": "salary_low"},
    {"from": "day_rate", "to": "rate"},
    {"from": "hourly_rate", "to": "rate"},
    {"constant": "day", "to": "rate_period", "when": "day_rate"},
    {"constant": "hour", "to": "rate_period", "when": "hourly_rate"},
)

JOB_ORDER_TO_JOB = mapping(
    JobOrder,
    UnifiedJob,
    IDENTITY,
    PLACE,
    _status(JOB_STATUS),
    same("title", "is_open", "employment_type", "hours_per_week", "skills", "external_id"),
    renamed(company_name="client_corporation_name", experience_years="years_required", openings="num_openings"),
    renamed(is_remote="is_work_from_home", rate="pay_rate", bill_rate="client_bill_rate"),
    renamed(salary_min="salary", salary_max="salary", opened_at="date_added", closed_at="date_closed"),
    transformed("text", company_source_id="client_corporation_id", contact_source_id="client_contact_id"),
    transformed("text", owner="owner_id"),
    transformed("date", starts_on="start_date", ends_on="date_end"),
    transformed("plain", description="description"),
    transformed("plain", description="public_description"),
    transformed({"split": ","}, skills="skill_list"),
    transformed({"lookup": PERIOD}, salary_period="salary_unit"),
    # Bullhorn's rates are by the hour.
    {"constant": "hour", "to": "rate_period", "when": "pay_rate"},
    {"constant": "hour", "to": "rate_period", "when": "client_bill_rate"},
)

CORPORATION_TO_COMPANY = mapping(
    ClientCorporation,
    UnifiedCompany,
    IDENTITY,
    PLACE,
    STREET,
    _status(COMPANY_STATUS),
    same("name", "phone", "industry", "external_id"),
    renamed(website="company_url", employees="num_employees", revenue="annual_revenue"),
    transformed("plain", description="company_description"),
    transformed("text", parent_source_id="parent_id"),
)

SUBMISSION_TO_SUBMISSION = mapping(
    JobSubmission,
    UnifiedSubmission,
    IDENTITY,
    _status(SUBMISSION_STATUS),
    same("source", "salary", "bill_rate"),
    renamed(rate="pay_rate"),
    transformed("text", profile_source_id="candidate_id", job_source_id="job_order_id", owner="sending_user_id"),
    transformed("date", starts_on="start_date", ends_on="end_date"),
    transformed("plain", notes="comments"),
)

PLACEMENT_TO_PLACEMENT = mapping(
    Placement,
    UnifiedPlacement,
    IDENTITY,
    _status(PLACEMENT_STATUS),
    same("employment_type", "salary", "hours_per_day"),
    renamed(rate="pay_rate", bill_rate="client_bill_rate", end_reason="termination_reason"),
    transformed("text", profile_source_id="candidate_id", job_source_id="job_order_id"),
    transformed("text", submission_source_id="job_submission_id", owner="owner_id"),
    transformed("date", starts_on="date_begin", ends_on="date_end"),
    transformed({"lookup": PERIOD}, salary_period="salary_unit"),
)

EXTERNAL_ID: Fields = ({"from": ["system", "source_id"], "to": "external_id", "transform": {"join": ":"}},)
"""What a record that came from elsewhere is found by again: its system and its id there."""

WRITTEN_PLACE: Fields = (*same("city", "postal_code"), *renamed(state="region"))

PROFILE_TO_CANDIDATE = mapping(
    UnifiedProfile,
    Candidate,
    EXTERNAL_ID,
    WRITTEN_PLACE,
    same("email", "phone", "mobile", "experience_years", "will_relocate", "source"),
    renamed(name="name", address_line_1="address", employment_preference="employment_type", education_degree="degree"),
    {"from": ["first_name", "last_name"], "to": "name", "transform": {"join": " "}},
    renamed(description="summary"),
    transformed({"cut": 50}, first_name="first_name", middle_name="middle_name", last_name="last_name"),
    transformed({"cut": 100}, occupation="title", company_name="employer"),
    transformed({"join": ", "}, skill_set="skills", certifications="certifications"),
    transformed("moment", date_available="available_from", date_of_birth="birth_date"),
    transformed("negate", mass_mail_opt_out="may_be_contacted"),
    transformed(
        {
            "lookup": {
                "new": "New Lead",
                "active": "Active",
                "passive": "Inactive",
                "placed": "Placed",
                "unavailable": "Inactive",
                "archived": "Archive",
                "blocked": "Archive",
                "*": "",
            }
        },
        status="status",
    ),
    {"from": "salary", "to": "salary", "when": {"salary_period": "year"}},
    {"from": "salary", "to": "salary", "when": {"salary_period": "month"}, "transform": {"multiply": 12}},
    {"from": "salary_min", "to": "salary_low", "when": {"salary_period": "year"}},
    {"from": "salary_min", "to": "salary_low", "when": {"salary_period": "month"}, "transform": {"multiply": 12}},
    {"from": "rate", "to": "day_rate", "when": {"rate_period": "day"}},
    {"from": "rate", "to": "hourly_rate", "when": {"rate_period": "hour"}},
)
"""Skills go into the free text: Bullhorn's own list of them is a table that is not ours to add to."""

JOB_TO_JOB_ORDER = mapping(
    UnifiedJob,
    JobOrder,
    EXTERNAL_ID,
    WRITTEN_PLACE,
    same("is_open", "employment_type", "hours_per_week", "description"),
    renamed(years_required="experience_years", num_openings="openings", is_work_from_home="is_remote"),
    renamed(date_closed="closed_at"),
    transformed({"cut": 100}, title="title"),
    transformed({"join": ", "}, skill_list="skills"),
    transformed("moment", start_date="starts_on", date_end="ends_on"),
    transformed(
        {
            "lookup": {
                "open": "Accepting Candidates",
                "on_hold": "Covered",
                "offer": "Offer Out",
                "filled": "Filled",
                "closed": "Closed",
                "cancelled": "Closed",
                "*": "",
            }
        },
        status="status",
    ),
    renamed(salary="salary_max"),
    renamed(salary="salary_min"),
    transformed(
        {"lookup": {"year": "Yearly", "month": "Monthly", "week": "Weekly", "day": "Daily", "hour": "Hourly"}},
        salary_unit="salary_period",
    ),
    {"from": "rate", "to": "pay_rate", "when": {"rate_period": "hour"}},
    {"from": "bill_rate", "to": "client_bill_rate", "when": {"rate_period": "hour"}},
)
"""The client is not among them: a client of another system has no number here. A stored mapping can name one."""

UNIFIES: tuple[RowMapping, ...] = (
    *(CANDIDATE_TO_PROFILE, JOB_ORDER_TO_JOB, CORPORATION_TO_COMPANY),
    *(SUBMISSION_TO_SUBMISSION, PLACEMENT_TO_PLACEMENT, PROFILE_TO_CANDIDATE, JOB_TO_JOB_ORDER),
)
"""Every one of them."""
