"""Salesforce's objects in the unified model, and back: what may be written of contacts, leads and opportunities.

Contacts and leads are both people; a contact has no status, and a lead that was converted is archived: its contact
goes on. An opportunity is the deal that a vacancy is for whoever fills it; an org that keeps vacancies in an object of
its own maps that one with a stored mapping.
"""

from typing import Any

from hrdata_assets.systems.salesforce.tables import Account, Contact, Lead, Opportunity
from hrdata_assets.unified.mapping import RowMapping, constants, mapping, renamed, same, transformed
from hrdata_assets.unified.records import UnifiedCompany, UnifiedJob, UnifiedProfile

LEAD_STATUS = {
    "open - not contacted": "new",
    "open": "new",
    "new": "new",
    "working - contacted": "active",
    "working": "active",
    "qualified": "active",
    "nurturing": "passive",
    "unqualified": "archived",
    "closed - converted": "archived",
    "closed - not converted": "archived",
    "*": "other",
}
STAGE = {
    "prospecting": "open",
    "qualification": "open",
    "needs analysis": "open",
    "value proposition": "open",
    "id. decision makers": "open",
    "perception analysis": "open",
    "proposal/price quote": "offer",
    "negotiation/review": "offer",
    "closed won": "filled",
    "closed lost": "cancelled",
    "*": "other",
}
ACCOUNT_STATUS = {
    "prospect": "prospect",
    "customer - direct": "active",
    "customer - channel": "active",
    "customer": "active",
    "*": "other",
}

Fields = tuple[dict[str, Any], ...]

IDENTITY: Fields = (
    *constants(system="salesforce"),
    *same("external_id"),
    *renamed(source_id="id", owner="owner_id", created_at="created_date", updated_at="system_modstamp"),
)
PLACE: Fields = (
    *same("city", "postal_code", "country"),
    *renamed(region="state", address="street"),
    *transformed({"country": ""}, country_code="country"),
)
PERSON: Fields = (
    *same("first_name", "last_name", "email", "phone", "title"),
    {"from": ["first_name", "last_name"], "to": "name", "transform": {"join": " "}},
    *renamed(mobile="mobile_phone", source="lead_source"),
    *transformed("plain", summary="description"),
)

CONTACT_TO_PROFILE = mapping(
    Contact,
    UnifiedProfile,
    IDENTITY,
    PLACE,
    PERSON,
    same("birth_date"),
    {"from": ["home_phone"], "to": "other_phones"},
    transformed("negate", may_be_contacted="has_opted_out_of_email"),
)

LEAD_TO_PROFILE = mapping(
    Lead,
    UnifiedProfile,
    IDENTITY,
    PLACE,
    PERSON,
    renamed(employer="company", status_original="status"),
    transformed({"lookup": LEAD_STATUS}, status="status"),
)

OPPORTUNITY_TO_JOB = mapping(
    Opportunity,
    UnifiedJob,
    IDENTITY,
    renamed(title="name", status_original="stage_name", opened_at="created_date"),
    renamed(company_source_id="account_id", contact_source_id="contact_id"),
    transformed({"lookup": STAGE}, status="stage_name"),
    transformed("negate", is_open="is_closed"),
    transformed("plain", description="description"),
)
"""When it was closed is not among them: the day on which it is to be decided is a plan, and is seldom kept."""

ACCOUNT_TO_COMPANY = mapping(
    Account,
    UnifiedCompany,
    IDENTITY,
    same("name", "phone", "website", "industry"),
    renamed(parent_source_id="parent_id", employees="number_of_employees", status_original="type"),
    renamed(revenue="annual_revenue"),
    {"from": "currency", "to": "revenue_currency", "when": "annual_revenue"},
    renamed(address="billing_street", city="billing_city", region="billing_state"),
    renamed(postal_code="billing_postal_code", country="billing_country"),
    transformed({"country": ""}, country_code="billing_country"),
    transformed({"lookup": ACCOUNT_STATUS}, status="type"),
    transformed("plain", description="description"),
)

EXTERNAL_ID: Fields = ({"from": ["system", "source_id"], "to": "external_id", "transform": {"join": ":"}},)
"""What a record that came from elsewhere is found by again: its system and its id there."""

WRITTEN_PERSON: Fields = (
    *EXTERNAL_ID,
    *transformed({"cut": 40}, first_name="first_name", city="city", phone="phone", mobile_phone="mobile"),
    *transformed({"cut": 80}, last_name="last_name"),
    *transformed({"cut": 80}, last_name="name"),
    *transformed({"cut": 128}, title="title"),
    *renamed(email="email", street="address", state="region", country="country", postal_code="postal_code"),
    *renamed(description="summary"),
)

PROFILE_TO_CONTACT = mapping(
    UnifiedProfile,
    Contact,
    WRITTEN_PERSON,
    same("birth_date"),
    transformed("negate", has_opted_out_of_email="may_be_contacted"),
)

PROFILE_TO_LEAD = mapping(
    UnifiedProfile,
    Lead,
    WRITTEN_PERSON,
    renamed(company="employer"),
    # Salesforce takes no lead without a company.
    constants(company="Unknown"),
    transformed(
        {
            "lookup": {
                "new": "Open - Not Contacted",
                "active": "Working - Contacted",
                "archived": "Closed - Not Converted",
                "*": "",
            }
        },
        status="status",
    ),
)

JOB_TO_OPPORTUNITY = mapping(
    UnifiedJob,
    Opportunity,
    EXTERNAL_ID,
    transformed({"cut": 120}, name="title"),
    renamed(description="description"),
    transformed(
        {
            "lookup": {
                "draft": "Prospecting",
                "open": "Qualification",
                "on_hold": "Qualification",
                "offer": "Negotiation/Review",
                "filled": "Closed Won",
                "closed": "Closed Lost",
                "cancelled": "Closed Lost",
                "*": "",
            }
        },
        stage_name="status",
    ),
    constants(stage_name="Prospecting"),
    # Salesforce takes no deal without a day on which it is decided: where none is known, it was last changed then.
    transformed("date", close_date="closed_at"),
    renamed(close_date="starts_on"),
    transformed("date", close_date="updated_at"),
    transformed("date", close_date="created_at"),
)
"""The client is not among them: a client of another system has no id here. A stored mapping can name one."""

UNIFIES: tuple[RowMapping, ...] = (
    *(CONTACT_TO_PROFILE, LEAD_TO_PROFILE, OPPORTUNITY_TO_JOB, ACCOUNT_TO_COMPANY),
    *(PROFILE_TO_CONTACT, PROFILE_TO_LEAD, JOB_TO_OPPORTUNITY),
)
"""Every one of them."""
