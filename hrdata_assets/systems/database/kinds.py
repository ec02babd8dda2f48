"""Types of databases and ours: what a column is read as, and how its values go through JSON and back."""

import datetime
import decimal
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from hrdata_assets.errors import SetupError
from hrdata_assets.query import Value
from hrdata_assets.systems.database.keyset import local_time, moment_of
from hrdata_assets.systems.sources.declaration import Kind

Physical = TypeEngine[Any]

_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Numeric, "numeric"),
    (sa.DateTime, "moment"),
    (sa.Date, "date"),
    (sa.Time, "text"),
    (sa.Uuid, "text"),
    (sa.String, "text"),
    (sa.Interval, "text"),
)


class StampText(sa.String):
    """A moment as SQLite keeps it: text, compared as it stands."""


class DayText(sa.String):
    """A day as SQLite keeps it."""


def as_read(column: sa.ColumnElement[Any], backend: str) -> sa.ColumnElement[Any]:
    """A column as its values are read and compared: SQLite has no types but those of the values themselves."""
    kept: tuple[tuple[type[Physical], Physical], ...] = (
        (sa.DateTime, StampText()),
        (sa.Date, DayText()),
        (sa.Numeric, sa.Float()),
    )
    found = next((text for known, text in kept if isinstance(column.type, known)), None)
    return column if found is None or backend != "sqlite" else sa.type_coerce(column, found)


def kind_of(physical: Physical) -> Kind | None:
    """What a column of that type is read as; None for one that no column of ours can be: it goes to ``extra``."""
    if isinstance(physical, mysql.TINYINT) and physical.display_width == 1:
        return "boolean"
    if isinstance(physical, mysql.BIGINT) and physical.unsigned:
        # Its upper half is beyond what PostgreSQL counts with.
        return "numeric"
    if isinstance(physical, sa.ARRAY) and isinstance(physical.item_type, sa.String):
        return "texts"
    return next((kind for known, kind in _KINDS if isinstance(physical, known)), None)


def is_readable(physical: Physical) -> bool:
    """Whether its values are texts, numbers or lists of them; pictures and files are left where they are."""
    return not isinstance(physical, sa.LargeBinary | mysql.BIT)


def zone_of(physical: Physical, zone: str) -> str:
    """Zone of stamps that name none: MySQL keeps its TIMESTAMP in UTC, whatever the declared zone is."""
    return "UTC" if isinstance(physical, mysql.TIMESTAMP) else zone


def shown(value: Any, physical: Physical, zone: str, kind: Kind) -> Any:
    """A value as JSON holds it: numbers with a point as text, every digit kept; moments in UTC.

    Of a stamp that is declared as a day it is the day that its own calendar shows.
    """
    if kind == "date" and isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(physical, sa.DateTime | StampText):
        moment = moment_of(value, zone_of(physical, zone))
        return value if moment is None else moment.isoformat()
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return format(decimal.Decimal(repr(value)), "f")
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


def placed(value: Any) -> Any:
    """A key or stamp as a position holds it."""
    if isinstance(value, int | str):
        return value
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def bound(value: Any, physical: Physical) -> Any:
    """What a position holds, as a database compares it with a column."""
    if isinstance(physical, sa.DateTime):
        return datetime.datetime.fromisoformat(value)
    if isinstance(physical, sa.Date):
        return datetime.date.fromisoformat(value)
    if isinstance(physical, sa.Uuid):
        return uuid.UUID(value) if physical.as_uuid else value
    return decimal.Decimal(value) if isinstance(physical, sa.Numeric) else value


def compared(value: Value, physical: Physical, zone: str, place: str) -> Any:
    """A condition's value as a database compares it with a column. SetupError where that cannot be."""
    if isinstance(value, datetime.datetime):
        return stamp(value, physical, zone)
    if isinstance(physical, sa.Uuid):
        try:
            return bound(str(value), physical)
        except ValueError:
            raise SetupError(f"{place} is compared with something that is no UUID: write it as one") from None
    if isinstance(physical, StampText | DayText) and isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(physical, sa.String) and not isinstance(value, str):
        raise SetupError(f"{place} is text in the database: declare it as text to compare it")
    return value


def stamp(moment: datetime.datetime, physical: Physical, zone: str) -> Any:
    """A moment as a column of that type holds it."""
    if isinstance(physical, sa.DateTime) and physical.timezone:
        return moment
    there = local_time(moment, zone_of(physical, zone))
    if isinstance(physical, sa.Date):
        return there.date()
    if isinstance(physical, DayText):
        return there.date().isoformat()
    return there if isinstance(physical, sa.DateTime) else there.isoformat(sep=" ")
