"""From what is declared of an object to its row class, which everything else is made from."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime, Field, create_model

from hrdata_assets.systems.sources.declaration import AnyObject, ColumnOf, ResourceOf
from hrdata_assets.table import CursorMode, Row, column

_PYTHON: Mapping[str, Any] = {
    "text": str,
    "integer": int,
    "numeric": Decimal,
    "boolean": bool,
    "date": datetime.date,
    "moment": AwareDatetime,
    "texts": tuple[str, ...],
}


@dataclass(frozen=True)
class Place:
    """An object of a source."""

    source: str
    object: str

    @property
    def table(self) -> str:
        """Name of its table."""
        return f"{self.source}_{self.object}"


def row_class(place: Place, declared: AnyObject, columns: Mapping[str, ColumnOf], *, by_path: bool) -> type[Row]:
    """The row class of an object. ``by_path`` says whether records come as documents, in which columns have paths."""
    fields: dict[str, Any] = {
        name: _field(place, declared, name, told, by_path=by_path) for name, told in columns.items()
    }
    about = declared.about or f"One row per record of {place.object} in {place.source}."
    return create_model(
        "".join(part.title() for part in place.table.split("_")),
        __base__=Row,
        __doc__=_sentence(about),
        __cls_kwargs__={"table": place.table, "origin": place.object},
        **fields,
    )


def _field(place: Place, declared: AnyObject, name: str, told: ColumnOf, *, by_path: bool) -> tuple[Any, Any]:
    is_key = name == declared.key
    # Resources say by what each of their columns can be compared, all others are what a database can do.
    compared_by = declared.operators(name) if isinstance(declared, ResourceOf) else None
    info = column(
        (told.source or name) if by_path else name,
        key=is_key,
        big=told.type == "integer",
        personal=told.personal,
        sparse=told.sparse,
        allowed=tuple(told.allowed) if told.allowed else None,
        role=_role(declared, name),
        filterable=told.filterable or bool(compared_by),
        compared_by=compared_by,
    )
    about = _sentence(told.about or f"{told.source or name} of {place.object}, as {place.source} gives it.")
    kind = _PYTHON[told.type]
    described = Field(default=None, description=about, json_schema_extra=info.json_schema_extra)
    return (kind if is_key or told.required else kind | None, described)


def _role(declared: AnyObject, name: str) -> CursorMode | None:
    roles = {
        declared.key: CursorMode.ID,
        declared.created_at: CursorMode.CREATED_AT,
        declared.updated_at: CursorMode.UPDATED_AT,
    }
    return roles.get(name)


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."
