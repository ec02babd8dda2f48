"""The account's object types and their properties, in words."""

from collections.abc import Mapping

from hrdata_assets.systems.hubspot import fake_words as words
from hrdata_assets.systems.hubspot.fake_schema import CREATED, ID, ObjectType, Property, Schema

_MODIFIED = "hs_lastmodifieddate"


def _system(modified: str) -> list[Property]:
    """What every record has: nobody may write it, but for the number in another system."""
    return [
        Property(ID, "number", read_only=True, unique=True),
        Property(CREATED, "datetime", read_only=True),
        Property(modified, "datetime", read_only=True),
        Property("hs_merged_object_ids", "enumeration", read_only=True, multiple=True),
        Property("hrdata_external_id", unique=True, custom=True),
    ]


def _texts(names: str) -> list[Property]:
    return [Property(name) for name in names.split()]


def _numbers(names: str) -> list[Property]:
    return [Property(name, "number") for name in names.split()]


def _choice(name: str, options: Mapping[str, str] | None = None) -> Property:
    return Property(name, "enumeration", options or {})


def _contacts() -> list[Property]:
    return [
        *_system("lastmodifieddate"),
        Property("email", unique=True),
        *_texts("firstname lastname phone mobilephone company jobtitle website address city state zip country"),
        Property("hs_additional_emails", "enumeration", read_only=True, multiple=True),
        Property("hs_full_name_or_email", read_only=True, calculated=True),
        Property("associatedcompanyid", "number", read_only=True),
        _choice("hubspot_owner_id"),
        _choice("lifecyclestage", words.LIFECYCLE_STAGES),
        _choice("hs_lead_status", words.LEAD_STATUSES),
        _choice("hs_language", {value: value for value in words.LANGUAGES.values()}),
        Property("skills", "enumeration", words.SKILL_OPTIONS, multiple=True, custom=True),
        Property("available_from", "date", custom=True),
        Property("day_rate", "number", custom=True),
        Property("open_to_relocation", "bool", {"true": "Yes", "false": "No"}, custom=True),
        Property("flowcase_user", custom=True),
    ]


def _companies() -> list[Property]:
    return [
        *_system(_MODIFIED),
        Property("domain", unique=True),
        *_texts("name phone website address city state zip country"),
        *_numbers("numberofemployees annualrevenue"),
        _choice("industry", {value: label for label, value in words.INDUSTRIES.items()}),
        _choice("hubspot_owner_id"),
        _choice("lifecyclestage", words.LIFECYCLE_STAGES),
    ]


def _deals() -> list[Property]:
    return [
        *_system(_MODIFIED),
        *_texts("dealname description deal_currency_code"),
        *_numbers("amount openings"),
        Property("closedate", "datetime"),
        _choice("pipeline", {one.id: one.label for one in words.PIPELINES}),
        _choice("dealstage", {stage.id: stage.label for stage in words.STAGES.values()}),
        _choice("dealtype", words.DEAL_TYPES),
        _choice("hubspot_owner_id"),
        Property("hs_is_closed", "bool", read_only=True, calculated=True),
        Property("hs_is_closed_won", "bool", read_only=True, calculated=True),
    ]


def _by_name(properties: list[Property]) -> dict[str, Property]:
    return {one.name: one for one in properties}


def account() -> Schema:
    """The object types of a new account."""
    return Schema(
        (
            ObjectType(
                *("contacts", "contact", "0-1", "lastmodifieddate", "email"),
                shown=(CREATED, "email", "firstname", ID, "lastmodifieddate", "lastname"),
                searched=("firstname", "lastname", "email", "phone", "hs_additional_emails", "company"),
                properties=_by_name(_contacts()),
            ),
            ObjectType(
                *("companies", "company", "0-2", _MODIFIED, "domain"),
                shown=(CREATED, "domain", _MODIFIED, ID, "name"),
                searched=("website", "phone", "name", "domain"),
                properties=_by_name(_companies()),
            ),
            ObjectType(
                *("deals", "deal", "0-3", _MODIFIED, ID),
                shown=("amount", "closedate", CREATED, "dealname", "dealstage", _MODIFIED, ID, "pipeline"),
                searched=("dealname", "pipeline", "dealstage", "description", "dealtype"),
                properties=_by_name(_deals()),
            ),
        )
    )
