"""Values as rows hold them: what REST answers, so that moments and days compare as text."""

import re
from datetime import UTC, date, datetime
from typing import Any

from hrdata_assets.systems.salesforce.fake_ids import as_18
from hrdata_assets.systems.salesforce.fake_schema import NUMBERS, Field
from hrdata_assets.systems.salesforce.fake_soql import Literal

Row = dict[str, Any]
"""A record: a field without a value has no entry. Rows are never changed, only replaced."""

STAMP = len("2024-05-01T12:00:00.000+0000")


def stamp(moment: datetime) -> str:
    """A moment as REST writes it, in UTC and without a colon in the zone."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "+0000"


def whole_second(moment: datetime) -> str:
    """When a record was changed: Salesforce keeps no fractions, so what one call changes shares its stamp."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:-6] + ".000+0000"


def parsed_stamp(text: str) -> datetime:
    """A moment as written in queries, bodies and addresses: ``Z``, ``+01:00`` or ``+0100``; ValueError otherwise."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)", text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def in_csv(text: str) -> str:
    """A moment as Bulk jobs write it."""
    return text.removesuffix("+0000") + "Z"


class WrongTypeError(ValueError):
    """A literal that does not suit the field it is compared with."""

    def __init__(self, message: str, code: str = "INVALID_FIELD") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


UNQUOTED = {"boolean": "boolean", "date": "date", "datetime": "dateTime", **dict.fromkeys(NUMBERS, "double")}


def comparable(one: Field, literal: Literal) -> Any:
    """The literal as rows of this field would hold it; None for null and the empty string."""
    if literal.kind == "null":
        return None
    kind = "number" if one.type in NUMBERS else one.type if one.type in UNQUOTED else "string"
    if literal.kind != kind:
        raise _wrong_type(one)
    if kind == "number":
        return float(literal.text)
    if kind == "boolean":
        return literal.text.upper() == "TRUE"
    if kind == "string":
        return _text(one, literal.value)
    try:
        return stamp(parsed_stamp(literal.text)) if kind == "datetime" else date.fromisoformat(literal.text).isoformat()
    except ValueError:
        raise _wrong_type(one) from None


def _wrong_type(one: Field) -> WrongTypeError:
    quoted = "should not" if one.type in UNQUOTED else "should"
    wanted = UNQUOTED.get(one.type, "string")
    return WrongTypeError(
        f"value of filter criterion for field '{one.name}' must be of type {wanted} and {quoted} be enclosed in quotes"
    )


def _text(one: Field, text: str) -> str | None:
    if not text or one.type not in ("id", "reference"):
        return text.casefold() or None
    if (whole := as_18(text)) is None:
        raise WrongTypeError(f"invalid ID field: {text}", "INVALID_QUERY_FILTER_OPERATOR")
    return whole
