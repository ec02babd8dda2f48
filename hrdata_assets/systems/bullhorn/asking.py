"""Questions in Bullhorn's two languages, Lucene for the index and a kind of JPQL for the database, and field lists."""

import datetime
from collections.abc import Iterable
from decimal import Decimal

from hrdata_assets.query import Condition, Value
from hrdata_assets.table import Column, ColumnType, Operator

MOST_OF_MANY = 10
"""Members that a to-many field gives at most."""

_SPECIAL = '\\"'


def field_list(columns: Iterable[Column], more: Iterable[str] = ()) -> str:
    """What is asked for of every record: ``id,owner(id),primarySkills[10](name)``; ``more`` are further names."""
    below: dict[str, list[str]] = {}
    for column in columns:
        first, _, rest = (column.header or column.name).partition(".")
        members = below.setdefault(first, [])
        if rest:
            members.append(rest)
    return ",".join([*(_field(name, members) for name, members in below.items()), *more])


def _field(name: str, members: list[str]) -> str:
    if not members:
        return name
    inner = [member.removeprefix("data.") for member in members]
    many = f"[{MOST_OF_MANY}]" if inner != members else ""
    return f"{name}{many}({','.join(inner)})"


def lucene(condition: Condition) -> str:
    """A condition as the index understands it."""
    name = _name(condition)
    terms = [_term(value) for value in condition.values]
    between = {
        Operator.GTE: "[{0} TO *]",
        Operator.GT: "{{{0} TO *}}",
        Operator.LTE: "[* TO {0}]",
        Operator.LT: "{{* TO {0}}}",
    }
    if condition.operator in between:
        return f"{name}:{between[condition.operator].format(terms[0])}"
    if isinstance(condition.values[0], datetime.datetime):
        terms = [f"[{term} TO {term}]" for term in terms]
    found = [f"{name}:{term}" for term in terms]
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _term(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime.datetime):
        return second(value)
    if isinstance(value, datetime.date):
        return f"{value:%Y%m%d}"
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return '"' + "".join(f"\\{c}" if c in _SPECIAL else c for c in value) + '"'


def second(moment: datetime.datetime) -> str:
    """A moment in the index, which knows whole seconds; in UTC."""
    return f"{moment.astimezone(datetime.UTC):%Y%m%d%H%M%S}"


def where(condition: Condition) -> str:
    """A condition as the database understands it."""
    name = _name(condition)
    values = [_literal(value) for value in condition.values]
    if condition.operator is Operator.IN:
        return f"{name} IN ({','.join(values)})"
    if condition.operator is Operator.CONTAINS:
        return f"{name} LIKE '%{quoted(str(condition.value))}%'"
    signs = {Operator.EQ: "=", Operator.GT: ">", Operator.LT: "<", Operator.GTE: ">=", Operator.LTE: "<="}
    return f"{name} {signs[condition.operator]} {values[0]}"


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return str(milliseconds(value))
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"'{quoted(str(value))}'"


def quoted(text: str) -> str:
    """A text as it stands between the quotes of a where."""
    return text.replace("'", "''")


def milliseconds(moment: datetime.datetime) -> int:
    """A moment in the database and in every answer: milliseconds since 1970."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def moment_of(stamp: object) -> datetime.datetime | None:
    """The moment of such milliseconds, or None for what is none."""
    if not isinstance(stamp, int) or isinstance(stamp, bool):
        return None
    try:
        return datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(milliseconds=stamp)
    except OverflowError:
        return None


def _name(condition: Condition) -> str:
    header = condition.column.header or condition.column.name
    return header.replace(".data.", ".") if condition.column.type is ColumnType.TEXTS else header
