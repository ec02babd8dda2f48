"""HubSpot's contacts and companies in the unified model, and profiles back into contacts.

A contact stands where its lead status says, and without one where its lifecycle stage does; what is none of these words
is ``other``. A deal is business and not a vacancy: whoever keeps vacancies as deals says by a mapping of their own
which pipeline they are.
"""

from typing import Any

from hrdata_assets.systems.hubspot.tables import Company, Contact
from hrdata_assets.unified.mapping import RowMapping, constants, mapping, renamed, same, transformed
from hrdata_assets.unified.records import UnifiedCompany, UnifiedProfile

LEAD_STATUS = {
    "new": "new",
    "attempted_to_contact": "new",
    "open": "active",
    "in_progress": "active",
    "open_deal": "active",
    "connected": "active",
    "unqualified": "passive",
    "bad_timing": "unavailable",
    "*": "other",
}
CONTACT_STAGE = {
    "subscriber": "new",
    "lead": "new",
    "marketingqualifiedlead": "active",
    "salesqualifiedlead": "active",
    "opportunity": "active",
    "*": "other",
}
COMPANY_STAGE = {
    "subscriber": "prospect",
    "lead": "prospect",
    "marketingqualifiedlead": "prospect",
    "salesqualifiedlead": "prospect",
    "opportunity": "prospect",
    "customer": "active",
    "evangelist": "active",
    "*": "other",
}

Fields = tuple[dict[str, Any], ...]

IDENTITY: Fields = (
    *constants(system="hubspot"),
    *transformed("text", source_id="id", owner="owner_id"),
    *same("external_id", "created_at", "updated_at"),
)
PLACE: Fields = (
    *same("address", "city", "postal_code", "country"),
    *renamed(region="state"),
    *transformed({"country": ""}, country_code="country"),
)

CONTACT_TO_PROFILE = mapping(
    Contact,
    UnifiedProfile,
    IDENTITY,
    PLACE,
    same("first_name", "last_name", "email", "other_emails", "phone", "mobile"),
    {"from": ["first_name", "last_name"], "to": "name", "transform": {"join": " "}},
    renamed(title="job_title", employer="company_name"),
    transformed({"lookup": LEAD_STATUS}, status="lead_status"),
    transformed({"lookup": CONTACT_STAGE}, status="lifecycle_stage"),
    renamed(status_original="lead_status"),
    renamed(status_original="lifecycle_stage"),
)

COMPANY_TO_COMPANY = mapping(
    Company,
    UnifiedCompany,
    IDENTITY,
    PLACE,
    same("name", "phone", "website", "employees"),
    # A company that HubSpot made from an address has no other name yet.
    renamed(name="domain"),
    renamed(website="domain", revenue="annual_revenue"),
    # HubSpot's words for branches are in capitals: COMPUTER_SOFTWARE.
    transformed({"replace": {"_": " "}}, "title", industry="industry"),
    transformed({"lookup": COMPANY_STAGE}, status="lifecycle_stage"),
    renamed(status_original="lifecycle_stage"),
)

PROFILE_TO_CONTACT = mapping(
    UnifiedProfile,
    Contact,
    {"from": ["system", "source_id"], "to": "external_id", "transform": {"join": ":"}},
    same("email", "first_name", "last_name", "phone", "mobile", "address", "city", "postal_code", "country"),
    renamed(last_name="name", job_title="title", company_name="employer", state="region"),
    transformed(
        {
            "lookup": {
                "new": "NEW",
                "active": "OPEN",
                "passive": "UNQUALIFIED",
                "unavailable": "BAD_TIMING",
                "archived": "UNQUALIFIED",
                "blocked": "UNQUALIFIED",
                "*": "",
            }
        },
        lead_status="status",
    ),
)
"""Who is known by a whole name only has it as the family name: HubSpot has no other place for it."""

UNIFIES: tuple[RowMapping, ...] = (CONTACT_TO_PROFILE, COMPANY_TO_COMPANY, PROFILE_TO_CONTACT)
"""Every one of them."""
