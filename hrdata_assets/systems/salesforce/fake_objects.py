"""The objects of the fake org: four of Salesforce's own, one the org has added, and its users."""

from dataclasses import replace

from hrdata_assets.systems.fakes.places import INDUSTRIES
from hrdata_assets.systems.flowcase.fake_files import SKILLS
from hrdata_assets.systems.salesforce.fake_schema import Field, ObjectType, Schema, object_type

LISTED_INDUSTRIES = (*(name for name in INDUSTRIES if name != "Seafood"), "Construction", "Other")
"""One was taken off the list; records still have it."""
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
RATINGS = ("Hot", "Warm", "Cold")
LEAD_STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")
STAGES = {
    "Prospecting": 10,
    "Qualification": 10,
    "Needs Analysis": 20,
    "Proposal/Price Quote": 75,
    "Negotiation/Review": 90,
    "Closed Won": 100,
    "Closed Lost": 0,
}
"""Stages of an opportunity, and how likely each makes it."""
CURRENCIES = ("NOK", "SEK", "DKK", "EUR", "GBP", "PLN", "INR", "USD", "CHF")
POSITION_STATUSES = ("Open", "On hold", "Filled", "Cancelled")


def _text(name: str, length: int = 255) -> Field:
    return Field(name, length=length)


def _area(name: str, length: int) -> Field:
    return Field(name, "textarea", length)


def _picklist(name: str, *choices: str) -> Field:
    return Field(name, "picklist", 255, choices=choices)


def _phone(name: str) -> Field:
    return Field(name, "phone", 40)


def _to(name: str, *targets: str) -> Field:
    return Field(name, "reference", 18, targets=targets)


def _required(one: Field) -> Field:
    return replace(one, nillable=False)


def _system(one: Field) -> Field:
    """Set by Salesforce, never by who writes."""
    return replace(one, writable=False)


def _flag(name: str) -> Field:
    return Field(name, "boolean", nillable=False)


def _address(stem: str) -> tuple[Field, ...]:
    """An address and the fields it is made of; without a stem the address is called just that."""
    whole = f"{stem}Address"
    parts = (
        _area(f"{stem}Street", 255),
        *(_text(f"{stem}City", 40), _text(f"{stem}State", 80), _text(f"{stem}PostalCode", 20)),
        _text(f"{stem}Country", 80),
    )
    return (*(replace(part, compound=whole) for part in parts), _system(Field(whole, "address")))


def _name_parts() -> tuple[Field, ...]:
    last = _required(_text("LastName", 80))
    parts = (last, _text("FirstName", 40), _picklist("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."))
    whole = _system(_required(_text("Name", 121)))
    return (*(replace(part, compound="Name") for part in parts), whole)


BEFORE = (_system(_required(Field("Id", "id", 18))), _system(_flag("IsDeleted")))
STAMPS = (
    replace(_required(_to("OwnerId", "User")), defaulted=True),
    _system(_required(Field("CreatedDate", "datetime"))),
    _system(_required(_to("CreatedById", "User"))),
    _system(_required(Field("LastModifiedDate", "datetime"))),
    _system(_required(_to("LastModifiedById", "User"))),
    _system(_required(Field("SystemModstamp", "datetime"))),
    _system(Field("LastActivityDate", "date")),
)
KEYS = (
    Field("HR_Key__c", length=64, external=True, unique=True),
    Field("Legacy_Id__c", length=32, external=True),
)
"""Two external ids on every object: of one the org sees to it that no two records share a value, of the other not."""
CURRENCY = Field("CurrencyIsoCode", "picklist", 3, choices=CURRENCIES, restricted=True)


def _standard(name: str, prefix: str, plural: str, *fields: Field) -> ObjectType:
    return object_type(name, prefix, plural, (*BEFORE, *fields, *STAMPS, *KEYS, CURRENCY))


CONTACT = _standard(
    *("Contact", "003", "Contacts"),
    _system(_to("MasterRecordId", "Contact")),
    _to("AccountId", "Account"),
    *_name_parts(),
    *_address("Mailing"),
    *(_phone("Phone"), _phone("Fax"), _phone("MobilePhone"), _phone("HomePhone")),
    _to("ReportsToId", "Contact"),
    *(Field("Email", "email", 80), _text("Title", 128), _text("Department", 80)),
    _picklist("LeadSource", *SOURCES),
    *(Field("Birthdate", "date"), _area("Description", 32_000)),
    _flag("HasOptedOutOfEmail"),
    _system(Field("EmailBouncedDate", "datetime")),
    Field("Skills__c", "multipicklist", 4_099, choices=tuple(SKILLS)),
)

LEAD = _standard(
    *("Lead", "00Q", "Leads"),
    _system(_to("MasterRecordId", "Lead")),
    *_name_parts(),
    *(_text("Title", 128), _required(_text("Company")), *_address("")),
    *(_phone("Phone"), _phone("MobilePhone"), Field("Email", "email", 80), Field("Website", "url", 255)),
    *(_area("Description", 32_000), _picklist("LeadSource", *SOURCES)),
    replace(_required(_picklist("Status", *LEAD_STATUSES)), defaulted=True),
    *(_picklist("Industry", *LISTED_INDUSTRIES), _picklist("Rating", *RATINGS)),
    *(Field("AnnualRevenue", "currency"), Field("NumberOfEmployees", "int")),
    *(_system(_flag("IsConverted")), _system(Field("ConvertedDate", "date"))),
    _system(_to("ConvertedAccountId", "Account")),
    _system(_to("ConvertedContactId", "Contact")),
    _system(_to("ConvertedOpportunityId", "Opportunity")),
)

ACCOUNT = _standard(
    *("Account", "001", "Accounts"),
    _system(_to("MasterRecordId", "Account")),
    _required(_text("Name")),
    _picklist("Type", "Prospect", "Customer - Direct", "Customer - Channel", "Partner", "Other"),
    _to("ParentId", "Account"),
    *(*_address("Billing"), *_address("Shipping")),
    *(_phone("Phone"), _text("AccountNumber", 40), Field("Website", "url", 255)),
    *(_picklist("Industry", *LISTED_INDUSTRIES), Field("AnnualRevenue", "currency"), Field("NumberOfEmployees", "int")),
    _picklist("Ownership", "Public", "Private", "Subsidiary", "Other"),
    *(_area("Description", 32_000), _picklist("Rating", *RATINGS), _picklist("AccountSource", *SOURCES)),
)

OPPORTUNITY = _standard(
    *("Opportunity", "006", "Opportunities"),
    *(_to("AccountId", "Account"), _to("ContactId", "Contact"), _required(_text("Name", 120))),
    *(_area("Description", 32_000), _required(_picklist("StageName", *STAGES)), Field("Amount", "currency")),
    *(Field("Probability", "percent"), _system(Field("ExpectedRevenue", "currency"))),
    _required(Field("CloseDate", "date")),
    *(_picklist("Type", "New Business", "Existing Business"), _text("NextStep"), _picklist("LeadSource", *SOURCES)),
    *(_system(_flag("IsClosed")), _system(_flag("IsWon"))),
    _system(_picklist("ForecastCategory", "Pipeline", "BestCase", "Forecast", "Closed", "Omitted")),
)

POSITION = _standard(
    *("Position__c", "a0B", "Positions"),
    _required(_text("Name", 80)),
    _required(_to("Account__c", "Account")),
    _to("Hiring_Contact__c", "Contact"),
    _to("Opportunity__c", "Opportunity"),
    replace(_picklist("Status__c", *POSITION_STATUSES), restricted=True),
    *(Field("Opened__c", "date"), Field("Closed__c", "date"), Field("Salary__c", "currency")),
    *(Field("Openings__c", "double"), Field("Skills__c", "multipicklist", 4_099, choices=tuple(SKILLS))),
    _flag("Is_Remote__c"),
)

USER = object_type(
    *("User", "005", "Users"),
    (
        *(BEFORE[0], _text("Username", 80), _text("Name", 121), _text("FirstName", 40), _text("LastName", 80)),
        *(Field("Email", "email", 128), _flag("IsActive"), STAMPS[1], STAMPS[3], STAMPS[5]),
    ),
    writable=False,
)

ORGANIZATION = object_type(
    *("Organization", "00D", "Organizations"),
    (
        *(BEFORE[0], _text("Name", 80), _flag("IsSandbox"), _text("InstanceName", 5), _text("OrganizationType", 40)),
        *(STAMPS[1], STAMPS[3], STAMPS[5]),
    ),
    writable=False,
)

OBJECTS = (CONTACT, LEAD, ACCOUNT, OPPORTUNITY, POSITION, USER, ORGANIZATION)


def schema(*, multi_currency: bool = False) -> Schema:
    """The objects; a field for the currency is seen only in an org that has several."""
    single = {f"{kind.name}.{CURRENCY.name}" for kind in OBJECTS}
    return Schema({kind.name: kind for kind in OBJECTS}, set() if multi_currency else single)
