"""Salesforce's objects that are synced: one class each; fields not declared here are kept in ``extra``.

Money is in the org's currency, or in the record's own where the org has several. Compound fields are not asked for:
their parts are, and Bulk jobs give nothing else.
"""

import datetime
from decimal import Decimal

import polars as pl
from pydantic import AwareDatetime

from hrdata_assets.rule import CRITICAL_WEIGHT, Dimension, raw, rule
from hrdata_assets.table import CursorMode, Row, column

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
ID = r"[0-9A-Za-z]{18}"
EXTERNAL_ID = "HR_Key__c"
"""Field of an org's own, unique and an external id, by which records are known that come from here."""


@rule(Dimension.CONFORMITY, columns=("email",), breaks={"email": " ann@example.com"})
def email_has_no_blanks() -> pl.Expr:
    """The e-mail address is written without blanks around it."""
    return pl.col(raw("email")) == pl.col(raw("email")).str.strip_chars()


@rule(
    Dimension.CONSISTENCY,
    columns=("is_converted", "converted_date"),
    breaks={"is_converted": "false", "converted_date": "2024-05-01"},
)
def only_a_converted_lead_has_a_day_of_it() -> pl.Expr:
    """A lead that has a day on which it was converted is converted."""
    return pl.col("is_converted")


@rule(Dimension.CONSISTENCY, columns=("is_won", "is_closed"), breaks={"is_won": "true", "is_closed": "false"})
def what_is_won_is_closed() -> pl.Expr:
    """An opportunity that is won is closed."""
    return pl.col("is_closed") | ~pl.col("is_won")


class Record(Row):
    """What records of all objects have."""

    id: str = column("Id", key=True, role=CursorMode.ID, filterable=True, pattern=ID, breaks="too short")
    """Salesforce's own id of the record, with 18 characters; case matters."""

    is_deleted: bool | None = column("IsDeleted", filterable=True)
    """Whether it is in the recycle bin."""

    owner_id: str | None = column("OwnerId", sparse=True, filterable=True)
    """Id of the user or queue that looks after it."""

    external_id: str | None = column(EXTERNAL_ID, sparse=True, filterable=True)
    """Number in another system; what pushing goes by."""

    currency: str | None = column("CurrencyIsoCode", sparse=True)
    """Currency of its amounts, where the org has several."""

    created_date: AwareDatetime | None = column("CreatedDate", sparse=True, role=CursorMode.CREATED_AT, filterable=True)
    """When it was made."""

    created_by_id: str | None = column("CreatedById", sparse=True)
    """Id of the user who made it."""

    last_modified_date: AwareDatetime | None = column("LastModifiedDate", sparse=True, filterable=True)
    """When a user last changed it."""

    last_modified_by_id: str | None = column("LastModifiedById", sparse=True)
    """Id of that user."""

    system_modstamp: AwareDatetime = column("SystemModstamp", role=CursorMode.UPDATED_AT, filterable=True)
    """When it was last changed by a user or by Salesforce itself; what incremental syncs go by."""


class Contact(Record, table="salesforce_contacts", origin="Contact", rules=(email_has_no_blanks,)):
    """One row per contact: a person who is known, such as a candidate or somebody at a client."""

    master_record_id: str | None = column("MasterRecordId", sparse=True)
    """Id of the record that this one was merged into; it is deleted then."""

    account_id: str | None = column("AccountId", sparse=True, filterable=True)
    """Id of the person's company."""

    first_name: str | None = column("FirstName", personal=True)
    """Given name."""

    last_name: str = column("LastName", personal=True, weight=CRITICAL_WEIGHT)
    """Family name."""

    salutation: str | None = column("Salutation", sparse=True)
    """Form of address."""

    title: str | None = column("Title", filterable=True)
    """Present job."""

    department: str | None = column("Department", sparse=True, filterable=True)
    """Part of the company."""

    email: str | None = column(
        "Email", personal=True, filterable=True, pattern=EMAIL, breaks="not an address", weight=CRITICAL_WEIGHT
    )
    """Address to write to."""

    phone: str | None = column("Phone", sparse=True, personal=True)
    """Telephone at work."""

    mobile_phone: str | None = column("MobilePhone", sparse=True, personal=True)
    """Mobile telephone."""

    home_phone: str | None = column("HomePhone", sparse=True, personal=True)
    """Telephone at home."""

    fax: str | None = column("Fax", sparse=True, personal=True)
    """Fax."""

    street: str | None = column("MailingStreet", sparse=True, personal=True)
    """Street and number."""

    city: str | None = column("MailingCity", sparse=True, filterable=True)
    """Town."""

    state: str | None = column("MailingState", sparse=True)
    """State or county."""

    postal_code: str | None = column("MailingPostalCode", sparse=True, personal=True)
    """Postal code."""

    country: str | None = column("MailingCountry", sparse=True, filterable=True)
    """Country as it was entered."""

    lead_source: str | None = column("LeadSource", sparse=True, filterable=True)
    """How the person was found."""

    reports_to_id: str | None = column("ReportsToId", sparse=True)
    """Id of the contact whom the person reports to."""

    birth_date: datetime.date | None = column("Birthdate", sparse=True, personal=True, past=True)
    """Day of birth."""

    description: str | None = column("Description", sparse=True, personal=True)
    """Remarks of the users."""

    has_opted_out_of_email: bool | None = column("HasOptedOutOfEmail", sparse=True, filterable=True)
    """Whether the person wants no mailings."""

    email_bounced_date: AwareDatetime | None = column("EmailBouncedDate", sparse=True)
    """When a message to the address last came back."""

    last_activity_date: datetime.date | None = column("LastActivityDate", sparse=True, filterable=True)
    """Day of the last task or event about it."""


class Lead(
    Record,
    table="salesforce_leads",
    origin="Lead",
    rules=(email_has_no_blanks, only_a_converted_lead_has_a_day_of_it),
):
    """One row per lead: somebody who was heard of and is not worked with yet."""

    master_record_id: str | None = column("MasterRecordId", sparse=True)
    """Id of the record that this one was merged into; it is deleted then."""

    first_name: str | None = column("FirstName", personal=True)
    """Given name."""

    last_name: str = column("LastName", personal=True, weight=CRITICAL_WEIGHT)
    """Family name."""

    salutation: str | None = column("Salutation", sparse=True)
    """Form of address."""

    company: str = column("Company", filterable=True)
    """Name of the person's company."""

    title: str | None = column("Title", filterable=True)
    """Present job."""

    status: str | None = column("Status", filterable=True, weight=CRITICAL_WEIGHT)
    """How far it has come, in the org's own words."""

    rating: str | None = column("Rating", sparse=True, filterable=True)
    """How much is expected of it."""

    lead_source: str | None = column("LeadSource", sparse=True, filterable=True)
    """How the person was found."""

    industry: str | None = column("Industry", sparse=True, filterable=True)
    """What the company does."""

    annual_revenue: Decimal | None = column("AnnualRevenue", sparse=True, filterable=True)
    """The company's revenue in a year."""

    number_of_employees: int | None = column("NumberOfEmployees", sparse=True, ge=0, filterable=True)
    """How many people work there."""

    website: str | None = column("Website", sparse=True)
    """Address of its site."""

    email: str | None = column(
        "Email", personal=True, filterable=True, pattern=EMAIL, breaks="not an address", weight=CRITICAL_WEIGHT
    )
    """Address to write to."""

    phone: str | None = column("Phone", sparse=True, personal=True)
    """Telephone at work."""

    mobile_phone: str | None = column("MobilePhone", sparse=True, personal=True)
    """Mobile telephone."""

    street: str | None = column("Street", sparse=True, personal=True)
    """Street and number."""

    city: str | None = column("City", sparse=True, filterable=True)
    """Town."""

    state: str | None = column("State", sparse=True)
    """State or county."""

    postal_code: str | None = column("PostalCode", sparse=True, personal=True)
    """Postal code."""

    country: str | None = column("Country", sparse=True, filterable=True)
    """Country as it was entered."""

    description: str | None = column("Description", sparse=True, personal=True)
    """Remarks of the users."""

    is_converted: bool | None = column("IsConverted", filterable=True)
    """Whether a contact was made of it."""

    converted_date: datetime.date | None = column("ConvertedDate", sparse=True)
    """When that was."""

    converted_account_id: str | None = column("ConvertedAccountId", sparse=True)
    """Id of the company that was made of it."""

    converted_contact_id: str | None = column("ConvertedContactId", sparse=True)
    """Id of the contact that was made of it."""

    converted_opportunity_id: str | None = column("ConvertedOpportunityId", sparse=True)
    """Id of the opportunity that was made of it."""

    last_activity_date: datetime.date | None = column("LastActivityDate", sparse=True, filterable=True)
    """Day of the last task or event about it."""


class Account(Record, table="salesforce_accounts", origin="Account"):
    """One row per account: a company, mostly a client."""

    master_record_id: str | None = column("MasterRecordId", sparse=True)
    """Id of the record that this one was merged into; it is deleted then."""

    name: str = column("Name", filterable=True, weight=CRITICAL_WEIGHT)
    """Name of the company."""

    type: str | None = column("Type", sparse=True, filterable=True)
    """What it is to the org, such as a customer."""

    parent_id: str | None = column("ParentId", sparse=True)
    """Id of the company that it belongs to."""

    industry: str | None = column("Industry", sparse=True, filterable=True)
    """What it does."""

    phone: str | None = column("Phone", sparse=True)
    """Telephone."""

    website: str | None = column("Website", sparse=True)
    """Address of its site."""

    billing_street: str | None = column("BillingStreet", sparse=True)
    """Street and number for invoices."""

    billing_city: str | None = column("BillingCity", sparse=True, filterable=True)
    """Town for invoices."""

    billing_state: str | None = column("BillingState", sparse=True)
    """State or county for invoices."""

    billing_postal_code: str | None = column("BillingPostalCode", sparse=True)
    """Postal code for invoices."""

    billing_country: str | None = column("BillingCountry", sparse=True, filterable=True)
    """Country for invoices, as it was entered."""

    shipping_street: str | None = column("ShippingStreet", sparse=True)
    """Street and number for deliveries."""

    shipping_city: str | None = column("ShippingCity", sparse=True)
    """Town for deliveries."""

    shipping_state: str | None = column("ShippingState", sparse=True)
    """State or county for deliveries."""

    shipping_postal_code: str | None = column("ShippingPostalCode", sparse=True)
    """Postal code for deliveries."""

    shipping_country: str | None = column("ShippingCountry", sparse=True)
    """Country for deliveries, as it was entered."""

    annual_revenue: Decimal | None = column("AnnualRevenue", sparse=True, filterable=True)
    """Revenue in a year."""

    number_of_employees: int | None = column("NumberOfEmployees", sparse=True, ge=0, filterable=True)
    """How many people work there."""

    ownership: str | None = column("Ownership", sparse=True)
    """Whether it is public or private."""

    rating: str | None = column("Rating", sparse=True, filterable=True)
    """How much is expected of it."""

    account_source: str | None = column("AccountSource", sparse=True)
    """How it was found."""

    account_number: str | None = column("AccountNumber", sparse=True, filterable=True)
    """Number that the org has given it."""

    description: str | None = column("Description", sparse=True)
    """Remarks of the users."""

    last_activity_date: datetime.date | None = column("LastActivityDate", sparse=True, filterable=True)
    """Day of the last task or event about it."""


class Opportunity(Record, table="salesforce_opportunities", origin="Opportunity", rules=(what_is_won_is_closed,)):
    """One row per opportunity: a deal with a client that may come about."""

    name: str = column("Name", weight=CRITICAL_WEIGHT)
    """What it is called."""

    account_id: str | None = column("AccountId", sparse=True, filterable=True)
    """Id of the client."""

    contact_id: str | None = column("ContactId", sparse=True, filterable=True)
    """Id of the contact at the client."""

    stage_name: str = column("StageName", filterable=True, weight=CRITICAL_WEIGHT)
    """How far it has come, in the org's own words."""

    close_date: datetime.date = column("CloseDate", filterable=True)
    """Day on which it is to be decided, or was."""

    amount: Decimal | None = column("Amount", sparse=True, filterable=True)
    """What it is worth."""

    probability: Decimal | None = column("Probability", sparse=True, unit="percent", ge=0, le=100, filterable=True)
    """How likely it comes about."""

    expected_revenue: Decimal | None = column("ExpectedRevenue", sparse=True)
    """Amount times probability, as Salesforce works it out."""

    type: str | None = column("Type", sparse=True, filterable=True)
    """Kind of business."""

    next_step: str | None = column("NextStep", sparse=True)
    """What is to be done next."""

    lead_source: str | None = column("LeadSource", sparse=True, filterable=True)
    """How it was found."""

    is_closed: bool | None = column("IsClosed", filterable=True)
    """Whether it is decided."""

    is_won: bool | None = column("IsWon", filterable=True)
    """Whether it came about."""

    forecast_category: str | None = column("ForecastCategory", sparse=True)
    """How it counts in forecasts."""

    description: str | None = column("Description", sparse=True)
    """Remarks of the users."""

    last_activity_date: datetime.date | None = column("LastActivityDate", sparse=True, filterable=True)
    """Day of the last task or event about it."""


ROWS = (Contact, Lead, Account, Opportunity)
"""Every class that is written; an org's own objects are configured and join them."""
