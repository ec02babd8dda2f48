"""Questions in SOQL: fields, conditions, and where a page begins; quoted so that no value can say more than itself."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from hrdata_assets.errors import SetupError
from hrdata_assets.query import Condition, Value
from hrdata_assets.systems.moments import moment_of
from hrdata_assets.systems.system import Record
from hrdata_assets.table import Operator

LONGEST_CONDITION = 4_000
"""Characters that one condition may have in a question."""

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SIGNS = {Operator.EQ: "=", Operator.GT: ">", Operator.LT: "<", Operator.GTE: ">=", Operator.LTE: "<="}


def question(names: Sequence[str], origin: str, clauses: Sequence[str], order: str = "", limit: int = 0) -> str:
    """A whole question."""
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    ordered = f" ORDER BY {order}" if order else ""
    limited = f" LIMIT {limit}" if limit else ""
    return f"SELECT {','.join(names)} FROM {origin}{where}{ordered}{limited}"  # noqa: S608 - every value is quoted


def clause(condition: Condition) -> str:
    """A condition as SOQL has it. SetupError for one that is longer than Salesforce takes, or that no id can meet."""
    name = condition.column.header or condition.column.name
    values = [literal(value) for value in condition.values]
    if condition.operator is Operator.IN:
        found = f"{name} IN ({','.join(values)})"
    elif condition.operator is Operator.CONTAINS:
        if name.endswith("Id"):
            raise SetupError(f"{condition.column.name} is compared as a whole: Salesforce looks for no part of an id")
        found = f"{name} LIKE '%{_like(str(condition.value))}%'"
    else:
        found = f"{name} {_SIGNS[condition.operator]} {values[0]}"
    if len(found) > LONGEST_CONDITION:
        raise SetupError(
            f"the condition on {condition.column.name} is longer than the {LONGEST_CONDITION} characters that "
            "Salesforce takes: give fewer values"
        )
    return found


def literal(value: Value) -> str:
    """A value as it stands in a question: only texts are quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return moment(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"'{_escaped(value)}'"


def moment(value: datetime.datetime) -> str:
    """A moment as Salesforce reads it, in UTC."""
    return value.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(c, c) for c in text)


def _like(text: str) -> str:
    return _escaped(text).replace("%", "\\%").replace("_", "\\_")


class Edge(Protocol):
    """Where the next page begins."""

    @property
    def order(self) -> str:
        """In which order records are asked for."""

    @property
    def clauses(self) -> tuple[str, ...]:
        """What those meet that were not read yet."""

    @property
    def position(self) -> dict[str, Any]:
        """The same, to be stored."""

    def after(self, record: Record) -> "Edge":
        """Where to go on behind this record."""


@dataclass(frozen=True)
class ById(Edge):
    """Behind an id; all records, in the order of their ids."""

    id: str = ""

    @property
    def order(self) -> str:
        """By id."""
        return "Id"

    @property
    def clauses(self) -> tuple[str, ...]:
        """Greater ids."""
        return (f"Id > {literal(self.id)}",) if self.id else ()

    @property
    def position(self) -> dict[str, Any]:
        """The id."""
        return {"id": self.id}

    def after(self, record: Record) -> "ById":
        """Behind the record's id."""
        return replace(self, id=record["Id"])


@dataclass(frozen=True)
class ByStamp(Edge):
    """At a stamp, behind an id if there is one: many records may have the same stamp, which has whole seconds."""

    header: str
    at: datetime.datetime
    id: str = ""

    @property
    def order(self) -> str:
        """By stamp, and then by id."""
        return f"{self.header},Id"

    @property
    def clauses(self) -> tuple[str, ...]:
        """Greater stamps, and of the same one greater ids; the first clause is one that an index serves."""
        at = moment(self.at)
        since = f"{self.header} >= {at}"
        return (since, f"({self.header} > {at} OR Id > {literal(self.id)})") if self.id else (since,)

    @property
    def position(self) -> dict[str, Any]:
        """Stamp and id."""
        return {"at": self.at.isoformat(), "id": self.id}

    def after(self, record: Record) -> "ByStamp":
        """Behind the record's stamp and id. ValueError for one without a stamp."""
        at = moment_of(record.get(self.header))
        if at is None:
            raise ValueError(f"a record without {self.header}")
        return replace(self, at=at, id=record["Id"])
