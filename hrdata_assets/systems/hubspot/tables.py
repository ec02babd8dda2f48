"""HubSpot's objects that are synced: one class each; properties not declared here are kept in ``extra``.

Ids are numbers written as text: stored as numbers, so that their order is the one in which HubSpot gives them. Every
property is text in HubSpot; what cannot be read as declared here is set aside.
"""

from decimal import Decimal

import polars as pl
from pydantic import AwareDatetime

from hrdata_assets.rule import CRITICAL_WEIGHT, Dimension, raw, rule
from hrdata_assets.table import CursorMode, Row, column

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
DOMAIN = r"[^@\s/]+\.[^@\s/.]+"


@rule(Dimension.CONFORMITY, columns=("email",), breaks={"email": " ann@example.com"})
def email_has_no_blanks() -> pl.Expr:
    """The e-mail address is written without blanks around it."""
    return pl.col(raw("email")) == pl.col(raw("email")).str.strip_chars()


@rule(
    Dimension.CONSISTENCY,
    columns=("created_at", "close_date"),
    breaks={"created_at": "2024-05-02T00:00:00Z", "close_date": "2024-05-01T00:00:00Z"},
)
def deal_closes_after_it_opens() -> pl.Expr:
    """A deal is not closed before the day it was made."""
    return pl.col("created_at").dt.date() <= pl.col("close_date").dt.date()


class Contact(Row, table="hubspot_contacts", origin="contacts", rules=(email_has_no_blanks,)):
    """One row per contact: a person whom the customer knows."""

    id: int = column("properties.hs_object_id", big=True, key=True, role=CursorMode.ID, filterable=True)
    """HubSpot's own number of the record."""

    email: str | None = column(
        "properties.email", personal=True, filterable=True, pattern=EMAIL, breaks="not an address",
        weight=CRITICAL_WEIGHT,
    )  # fmt: skip
    """Address to write to; no two contacts share one."""

    other_emails: tuple[str, ...] | None = column("properties.hs_additional_emails", sparse=True, personal=True)
    """Further addresses."""

    first_name: str | None = column("properties.firstname", personal=True)
    """Given name."""

    last_name: str | None = column("properties.lastname", personal=True)
    """Family name."""

    phone: str | None = column("properties.phone", sparse=True, personal=True)
    """Telephone."""

    mobile: str | None = column("properties.mobilephone", sparse=True, personal=True)
    """Mobile telephone."""

    job_title: str | None = column("properties.jobtitle", sparse=True, filterable=True)
    """Present job."""

    company_name: str | None = column("properties.company", sparse=True, filterable=True)
    """Present employer, as the contact or a user wrote it."""

    company_id: int | None = column("properties.associatedcompanyid", big=True, sparse=True, filterable=True)
    """Number of the company that is the contact's primary one."""

    website: str | None = column("properties.website", sparse=True, personal=True)
    """Page of the person."""

    address: str | None = column("properties.address", sparse=True, personal=True)
    """Street and number."""

    city: str | None = column("properties.city", sparse=True, filterable=True)
    """Town."""

    state: str | None = column("properties.state", sparse=True)
    """State or county."""

    postal_code: str | None = column("properties.zip", sparse=True, personal=True)
    """Postal code."""

    country: str | None = column("properties.country", sparse=True, filterable=True)
    """Country, by name or code, as a user wrote it."""

    language: str | None = column("properties.hs_language", sparse=True, filterable=True)
    """Language to write in."""

    lifecycle_stage: str | None = column("properties.lifecyclestage", sparse=True, filterable=True)
    """Where the person stands as a customer: a word of HubSpot's, or a number that the account made."""

    lead_status: str | None = column("properties.hs_lead_status", sparse=True, filterable=True)
    """Where the person stands for whoever looks after them."""

    owner_id: int | None = column("properties.hubspot_owner_id", big=True, sparse=True, filterable=True)
    """Number of the owner; see the owners."""

    external_id: str | None = column("properties.hrdata_external_id", sparse=True, filterable=True)
    """Number in another system, in a property with unique values that an administrator makes for it."""

    merged_ids: tuple[str, ...] | None = column("properties.hs_merged_object_ids", sparse=True)
    """Numbers of records that were merged into this one: those are gone, and led here."""

    is_deleted: bool | None = column("archived")
    """Whether it lies in the recycle bin."""

    created_at: AwareDatetime | None = column(
        "properties.createdate", sparse=True, role=CursorMode.CREATED_AT, filterable=True
    )
    """When it was made."""

    updated_at: AwareDatetime = column("properties.lastmodifieddate", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


class Company(Row, table="hubspot_companies", origin="companies"):
    """One row per company."""

    id: int = column("properties.hs_object_id", big=True, key=True, role=CursorMode.ID, filterable=True)
    """HubSpot's own number of the record."""

    name: str | None = column("properties.name", filterable=True, weight=CRITICAL_WEIGHT)
    """What it is called; a company made from a domain has no name until somebody gives it one."""

    domain: str | None = column(
        "properties.domain", sparse=True, filterable=True, pattern=DOMAIN, breaks="http://example.com/page"
    )
    """Host of its site, by which HubSpot knows it again."""

    phone: str | None = column("properties.phone", sparse=True)
    """Telephone."""

    website: str | None = column("properties.website", sparse=True)
    """Address of its site."""

    industry: str | None = column("properties.industry", sparse=True, filterable=True)
    """Branch, by HubSpot's word for it."""

    employees: int | None = column("properties.numberofemployees", sparse=True, ge=0, filterable=True)
    """How many work there."""

    annual_revenue: Decimal | None = column("properties.annualrevenue", sparse=True, filterable=True)
    """Revenue of a year, in the account's currency."""

    address: str | None = column("properties.address", sparse=True)
    """Street and number."""

    city: str | None = column("properties.city", sparse=True, filterable=True)
    """Town."""

    state: str | None = column("properties.state", sparse=True)
    """State or county."""

    postal_code: str | None = column("properties.zip", sparse=True)
    """Postal code."""

    country: str | None = column("properties.country", sparse=True, filterable=True)
    """Country, by name or code, as a user wrote it."""

    lifecycle_stage: str | None = column("properties.lifecyclestage", sparse=True, filterable=True)
    """Where it stands as a customer: a word of HubSpot's, or a number that the account made."""

    owner_id: int | None = column("properties.hubspot_owner_id", big=True, sparse=True, filterable=True)
    """Number of the owner; see the owners."""

    external_id: str | None = column("properties.hrdata_external_id", sparse=True, filterable=True)
    """Number in another system, in a property with unique values that an administrator makes for it."""

    merged_ids: tuple[str, ...] | None = column("properties.hs_merged_object_ids", sparse=True)
    """Numbers of records that were merged into this one: those are gone, and led here."""

    is_deleted: bool | None = column("archived")
    """Whether it lies in the recycle bin."""

    created_at: AwareDatetime | None = column(
        "properties.createdate", sparse=True, role=CursorMode.CREATED_AT, filterable=True
    )
    """When it was made."""

    updated_at: AwareDatetime = column("properties.hs_lastmodifieddate", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


class Deal(Row, table="hubspot_deals", origin="deals", rules=(deal_closes_after_it_opens,)):
    """One row per deal: business that may come about."""

    id: int = column("properties.hs_object_id", big=True, key=True, role=CursorMode.ID, filterable=True)
    """HubSpot's own number of the record."""

    name: str | None = column("properties.dealname", filterable=True, weight=CRITICAL_WEIGHT)
    """What it is called."""

    description: str | None = column("properties.description", sparse=True)
    """What it is about."""

    amount: Decimal | None = column("properties.amount", sparse=True, ge=0, filterable=True)
    """What it is worth."""

    currency: str | None = column("properties.deal_currency_code", sparse=True, filterable=True)
    """Currency of the amount; without it, the account's."""

    pipeline: str | None = column("properties.pipeline", filterable=True)
    """Pipeline it goes through; see the deal stages."""

    stage: str | None = column("properties.dealstage", filterable=True, weight=CRITICAL_WEIGHT)
    """Where it stands in its pipeline; see the deal stages."""

    type: str | None = column("properties.dealtype", sparse=True, filterable=True)
    """Whether it is new business."""

    close_date: AwareDatetime | None = column("properties.closedate", sparse=True, filterable=True)
    """When it was, or should be, won."""

    is_closed: bool | None = column("properties.hs_is_closed", sparse=True, filterable=True)
    """Whether it is won or lost."""

    is_won: bool | None = column("properties.hs_is_closed_won", sparse=True, filterable=True)
    """Whether it is won."""

    owner_id: int | None = column("properties.hubspot_owner_id", big=True, sparse=True, filterable=True)
    """Number of the owner; see the owners."""

    company_id: int | None = column("links.primary_company", big=True, sparse=True)
    """Number of the company that is the deal's primary one; links are those there were when the deal changed last."""

    company_ids: tuple[str, ...] | None = column("links.companies", sparse=True)
    """Numbers of all its companies."""

    contact_ids: tuple[str, ...] | None = column("links.contacts", sparse=True)
    """Numbers of its contacts."""

    external_id: str | None = column("properties.hrdata_external_id", sparse=True, filterable=True)
    """Number in another system, in a property with unique values that an administrator makes for it."""

    merged_ids: tuple[str, ...] | None = column("properties.hs_merged_object_ids", sparse=True)
    """Numbers of records that were merged into this one: those are gone, and led here."""

    is_deleted: bool | None = column("archived")
    """Whether it lies in the recycle bin."""

    created_at: AwareDatetime | None = column(
        "properties.createdate", sparse=True, role=CursorMode.CREATED_AT, filterable=True
    )
    """When it was made."""

    updated_at: AwareDatetime = column("properties.hs_lastmodifieddate", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed; what incremental syncs go by."""


class Owner(Row, table="hubspot_owners", origin="owners"):
    """One row per owner: a user whom records belong to."""

    id: int = column("id", big=True, key=True, role=CursorMode.ID)
    """Number that records name."""

    user_id: int | None = column("userId", big=True, sparse=True)
    """Number of the user; none for one who has left."""

    email: str | None = column("email", personal=True)
    """Work address."""

    first_name: str | None = column("firstName", personal=True)
    """Given name."""

    last_name: str | None = column("lastName", personal=True)
    """Family name."""

    type: str | None = column("type", sparse=True)
    """Whether it is a person or a queue."""

    teams: tuple[str, ...] | None = column("teams.name", sparse=True)
    """Teams the user is in."""

    is_deleted: bool | None = column("archived")
    """Whether the user has left: records may still name them."""

    created_at: AwareDatetime | None = column("createdAt", sparse=True, role=CursorMode.CREATED_AT)
    """When it was made."""

    updated_at: AwareDatetime = column("updatedAt", role=CursorMode.UPDATED_AT)
    """When it was last changed."""


class DealStage(Row, table="hubspot_deal_stages", origin="deal_stages"):
    """One row per stage of the deals' pipelines."""

    id: str = column("id", key=True, role=CursorMode.ID)
    """What deals name it by."""

    label: str | None = column("label", weight=CRITICAL_WEIGHT)
    """What people see."""

    pipeline: str | None = column("pipeline.id")
    """Pipeline it belongs to."""

    pipeline_label: str | None = column("pipeline.label")
    """What people see of that."""

    place: int | None = column("displayOrder")
    """Its place in the pipeline, from 0."""

    probability: Decimal | None = column("metadata.probability", sparse=True, ge=0, le=1)
    """Share of the deals in it that is won in the end; 1 is won, 0 is lost."""

    is_closed: bool | None = column("metadata.isClosed", sparse=True)
    """Whether nothing comes after it."""

    is_deleted: bool | None = column("archived")
    """Whether it was taken out."""

    created_at: AwareDatetime | None = column("createdAt", sparse=True, role=CursorMode.CREATED_AT)
    """When it was made."""

    updated_at: AwareDatetime = column("updatedAt", role=CursorMode.UPDATED_AT)
    """When it was last changed."""


OBJECTS: tuple[type[Row], ...] = (Contact, Company, Deal)
"""What is searched and written: the CRM's records."""

ROWS: tuple[type[Row], ...] = (*OBJECTS, Owner, DealStage)
"""The one list; assets, tables and tests follow from it."""
