"""What is wrong with some of the records of any agency: the same records every time, so that a test can count them."""

from collections.abc import Callable, Mapping
from typing import Any

Record = dict[str, Any]

CENTURY = 100 * 365 * 86_400_000


def _email_without_at(record: Record) -> None:
    record["email"] = (record.get("email") or "nobody").replace("@", "(at)")


def _email_with_blanks(record: Record) -> None:
    record["email"] = f" {record.get('email') or ''} "


def _email_cut(record: Record) -> None:
    record["email"] = (record.get("email") or "").partition("@")[0] + "@"


def _no_email(record: Record) -> None:
    record["email"] = None


def _low_above_high(record: Record) -> None:
    record["salary"], record["salaryLow"] = record["salaryLow"], record["salary"] + 1


def _unknown_status(record: Record) -> None:
    record["status"] = "zzz - do not use"


def _status_in_other_case(record: Record) -> None:
    record["status"] = record["status"].upper()


def _born_too_late(record: Record) -> None:
    record["dateOfBirth"] = record["dateAdded"] + CENTURY


def _born_before_1900(record: Record) -> None:
    record["dateOfBirth"] -= CENTURY


def _phone_in_words(record: Record) -> None:
    record["phone"] = "see comments"


def _name_is_the_email(record: Record) -> None:
    record["lastName"] = record["name"] = record.get("email") or "?"


def _too_much_experience(record: Record) -> None:
    record["experience"] = 250


def _text_with_control_characters(record: Record) -> None:
    record["comments"] = "copied\x00from\x0bWord \u2028 \ud83d\ude80".encode("utf-16", "surrogatepass").decode("utf-16")


def _ends_before_it_starts(record: Record) -> None:
    record["dateEnd"] = (record.get("startDate") or record["dateBegin"]) - 86_400_000


def _openings_below_zero(record: Record) -> None:
    record["numOpenings"] = -1


def _blank_title(record: Record) -> None:
    record["title"] = "   "


def _no_employees(record: Record) -> None:
    record["numEmployees"] = -5


def _web_page_in_words(record: Record) -> None:
    record["companyURL"] = "none"


DEFECTS: Mapping[str, tuple[Callable[[Record], None], ...]] = {
    "Candidate": (
        *(_email_without_at, _email_with_blanks, _email_cut, _no_email, _low_above_high, _unknown_status),
        *(_status_in_other_case, _born_too_late, _born_before_1900, _phone_in_words, _name_is_the_email),
        *(_too_much_experience, _text_with_control_characters),
    ),
    "ClientContact": (_email_without_at, _email_cut, _unknown_status, _phone_in_words),
    "ClientCorporation": (_unknown_status, _no_employees, _web_page_in_words),
    "JobOrder": (_unknown_status, _ends_before_it_starts, _openings_below_zero, _blank_title),
    "JobSubmission": (_unknown_status,),
    "Placement": (_ends_before_it_starts, _unknown_status),
}


def spoiled(entity: str, record: Record, dice: bytes, share: float) -> Record:
    """The record, with a defect if it is one of the share that has one. Stamps are never touched."""
    defects = DEFECTS.get(entity)
    if defects and int.from_bytes(dice[:4]) < share * (1 << 32):
        defects[dice[4] % len(defects)](record)
    return record
