"""Two small tables to map between, and good rows of the unified model."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime

from hrdata_assets.table import CursorMode, Languages, Row, column
from hrdata_assets.unified.mapping import RowMapping, mapping


class Applicant(Row, table="try_applicants"):
    """One row per applicant."""

    id: int = column(key=True, role=CursorMode.ID)
    """Number."""

    full_name: str = column(personal=True)
    """Name."""

    job_title: str | None = column()
    """Job."""

    phone: str | None = column()
    """Telephone."""

    mobile: str | None = column()
    """Other telephone."""

    wage: Decimal | None = column(ge=0)
    """Wage."""

    years: int | None = column()
    """Years."""

    rented: bool | None = column()
    """Whether rented out."""

    free_from: AwareDatetime | None = column()
    """First day free."""

    skills: tuple[str, ...] | None = column()
    """Skills."""

    texts: Languages | None = column()
    """Texts by language."""


class Person(Row, table="try_people", layer="core"):
    """One row per person."""

    key: str = column(key=True)
    """Key."""

    name: str = column(personal=True)
    """Name."""

    title: str | None = column()
    """Title."""

    phone: str | None = column()
    """Telephone."""

    status: str | None = column(allowed=("free", "rented"))
    """Status."""

    wage: Decimal | None = column(ge=0, le=1000)
    """Wage."""

    years: int | None = column()
    """Years."""

    rented: bool | None = column()
    """Whether rented out."""

    free_on: datetime.date | None = column()
    """First day free."""

    seen_at: AwareDatetime | None = column(role=CursorMode.UPDATED_AT)
    """When it was seen."""

    skills: tuple[str, ...] | None = column()
    """Skills."""

    code: str | None = column(pattern=r"[A-Z]{2}", breaks="x")
    """Code."""


KEYED: tuple[dict[str, Any], ...] = (
    {"from": "id", "to": "key", "transform": "text"},
    {"from": "full_name", "to": "name"},
)
"""What fills the fields that must be filled."""


def an_applicant(**values: Any) -> dict[str, Any]:
    """A row with a number and a name, and what else is said."""
    return {"id": 1, "full_name": "Ann Example", **values}


def to_person(*fields: Mapping[str, Any]) -> RowMapping:
    """A mapping that fills what must be filled, and these fields."""
    return mapping(Applicant, Person, KEYED, fields)


def only(built: RowMapping, **values: Any) -> dict[str, Any]:
    """The one row that is made of an applicant."""
    done = built.apply_all([an_applicant(**values)])
    assert done.failures == ()
    (row,) = done.rows
    return row


def refused(built: RowMapping, **values: Any) -> list[str]:
    """Why an applicant cannot be made a person."""
    done = built.apply_all([an_applicant(**values)])
    assert done.rows == []
    (failure,) = done.failures
    assert failure.place == 0
    return [str(reason) for reason in failure.reasons]
