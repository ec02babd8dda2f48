"""What is wrong with some records of any CRM: the same ones every time, so that a test can count them."""

from collections.abc import Callable, Mapping

Record = dict[str, str]


def _blanks_around_names(record: Record) -> None:
    record["firstname"] = f"  {record['firstname']} "


def _name_is_the_email(record: Record) -> None:
    record["lastname"] = record.get("email", "?")
    record.pop("firstname")


def _shouted(record: Record) -> None:
    record["lastname"] = record["lastname"].upper()


def _phone_in_words(record: Record) -> None:
    record["phone"] = "see notes"


def _unknown_owner(record: Record) -> None:
    record["hubspot_owner_id"] = "999000111"


def _stage_that_was_removed(record: Record) -> None:
    record["lifecyclestage"] = "71230000"


def _country_by_code(record: Record) -> None:
    record["country"] = record["country"][:2].upper()


def _control_characters(record: Record) -> None:
    record["jobtitle"] = "Data\u0000 Engineer\u000b\u2028\U0001f680"


def _rate_in_words(record: Record) -> None:
    # From before the property was made a number.
    record["day_rate"] = "on request"


def _skills_with_gaps(record: Record) -> None:
    record["skills"] = ";python;;sql;"


def _far_future(record: Record) -> None:
    record["available_from"] = "20206-01-01"


def _employees_in_words(record: Record) -> None:
    record["numberofemployees"] = "50-100"


def _revenue_as_power(record: Record) -> None:
    record["annualrevenue"] = "1.25E7"


def _no_name(record: Record) -> None:
    record["name"] = "   "


def _domain_with_path(record: Record) -> None:
    record["website"] = f"http://{record['domain']}/index.html?utm_source=mail"


def _amount_with_comma(record: Record) -> None:
    record["amount"] = "12,500"


def _amount_below_zero(record: Record) -> None:
    record["amount"] = "-1"


def _pipeline_that_was_removed(record: Record) -> None:
    record["pipeline"], record["dealstage"] = "80000001", "160000001"


DEFECTS: Mapping[str, tuple[Callable[[Record], None], ...]] = {
    "contacts": (
        *(_blanks_around_names, _name_is_the_email, _shouted, _phone_in_words, _unknown_owner),
        *(_stage_that_was_removed, _country_by_code, _control_characters, _rate_in_words, _skills_with_gaps),
        _far_future,
    ),
    "companies": (
        *(_employees_in_words, _revenue_as_power, _no_name, _domain_with_path, _unknown_owner, _phone_in_words),
        _country_by_code,
    ),
    "deals": (_amount_with_comma, _amount_below_zero, _pipeline_that_was_removed, _unknown_owner),
}


def spoiled(name: str, record: Record, dice: bytes, share: float) -> Record:
    """The record, with a defect if it is one of the share that has one. Ids and stamps are never touched."""
    if int.from_bytes(dice[:4]) < share * (1 << 32):
        DEFECTS[name][dice[4] % len(DEFECTS[name])](record)
    return record
