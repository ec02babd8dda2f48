"""The field lists that a fake Bullhorn is asked with: ``id,owner(id,name),primarySkills[5](name)``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.systems.bullhorn.fake_rows import Record

_MANY = 5


class FieldError(ValueError):
    """There is no such field, or the list cannot be read."""


@dataclass(frozen=True)
class Wanted:
    """One field, what is wanted of what it leads to, and how many of them."""

    name: str
    inner: tuple["Wanted", ...] = ()
    most: int = _MANY


def read_fields(text: str) -> tuple[Wanted, ...]:
    """Read a field list. FieldError if it is none."""
    found, place = _list(text, 0)
    if place != len(text):
        raise FieldError(f"cannot be read from character {place}")
    return found


def _list(text: str, place: int) -> tuple[tuple[Wanted, ...], int]:
    found: list[Wanted] = []
    while True:
        start = place
        while place < len(text) and (text[place].isalnum() or text[place] == "_"):
            place += 1
        name, most = text[start:place], _MANY
        inner: tuple[Wanted, ...] = ()
        if not name:
            raise FieldError(f"a name is missing at character {place}")
        if text[place : place + 1] == "[":
            end = text.index("]", place)
            most, place = min(int(text[place + 1 : end]), 10), end + 1
        if text[place : place + 1] == "(":
            inner, place = _list(text, place + 1)
            if text[place : place + 1] != ")":
                raise FieldError("a parenthesis is not closed")
            place += 1
        found.append(Wanted(name, inner, most))
        if text[place : place + 1] != ",":
            return tuple(found), place
        place += 1


def picker(wanted: Sequence[Wanted], kinds: Mapping[str, str], hidden: frozenset[str]) -> Callable[[Record], Record]:
    """What makes an answer's record of a stored one. FieldError for a field that the entity does not have."""
    unknown = [field.name for field in wanted if field.name not in kinds]
    if unknown:
        raise FieldError(f"unknown field {unknown[0]}")

    def pick(record: Record) -> Record:
        return {
            field.name: "**CONFIDENTIAL**"
            if field.name in hidden and record.get(field.name) is not None
            else _taken(record.get(field.name), field)
            for field in wanted
        }

    return pick


def _taken(value: Any, field: Wanted) -> Any:
    if not isinstance(value, dict):
        return value
    if "data" in value:
        members = [_inner(member, field) for member in value["data"][: field.most]]
        return {"total": value["total"], "data": members}
    return _inner(value, field) if "id" in value or field.inner else value


def _inner(value: Record, field: Wanted) -> Record:
    names = [inner.name for inner in field.inner] or ["id"]
    return {name: value.get(name) for name in names}
