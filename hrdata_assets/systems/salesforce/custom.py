"""Objects that an org has made itself: a row class by the name alone, so that nobody has to be asked at the start.

What every record has is in columns; all other fields are found when the object is read, and are kept in ``extra``.
"""

import re
from functools import lru_cache
from typing import Any

from pydantic import create_model

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.salesforce.tables import ROWS, Record
from hrdata_assets.table import Row, column


class Named(Record):
    """A record with a name, as those of an org's own objects are."""

    name: str | None = column("Name", sparse=True, personal=True, filterable=True)
    """What it is called, or its number: of a person's record it may be the person's name."""


@lru_cache
def rows_with(names: tuple[str, ...]) -> tuple[type[Row], ...]:
    """The classes that are written, and one for each of these objects. SetupError for a name that can be none."""
    rows: tuple[type[Row], ...] = (*ROWS, *(_row_class(name) for name in names))
    tables = [row.table.name for row in rows]
    if twice := sorted({table for table in tables if tables.count(table) > 1}):
        raise SetupError(f"SALESFORCE_OBJECTS: {', '.join(twice)} is a table already: leave the object out")
    return rows


def table_name(origin: str) -> str:
    """Name of an object's table: ``salesforce_job_application`` for ``Job_Application__c``."""
    plain = re.sub(r"__c$", "", origin)
    return "salesforce_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()


def _row_class(origin: str) -> type[Row]:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,50}", origin):
        raise SetupError("SALESFORCE_OBJECTS: write API names such as Position__c, with commas between them")
    words: dict[str, Any] = {"table": table_name(origin), "origin": origin}
    return create_model(
        "".join(part.title() for part in origin.removesuffix("__c").split("_")),
        __base__=Named,
        __doc__=f"One row per {origin} of the org.",
        __cls_kwargs__=words,
    )
