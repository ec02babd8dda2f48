"""What a database says of its own tables: which columns there are, and of what types."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from hrdata_assets.cleaning.identifiers import unique_names
from hrdata_assets.errors import SetupError
from hrdata_assets.storage.synced import DELETED
from hrdata_assets.systems.database.connecting import engine_of, told_safely
from hrdata_assets.systems.database.kinds import is_readable, kind_of
from hrdata_assets.systems.sources.declaration import RESERVED, ColumnOf, DatabaseSource, TableOf, check_roles


@dataclass(frozen=True)
class Reflected:
    """Columns of an object by our names, and those of the source that are not read."""

    columns: Mapping[str, ColumnOf]
    left_out: tuple[str, ...]


def reflect(source: str, declared: DatabaseSource, address: str) -> Mapping[str, Reflected]:
    """Ask a database about every object whose columns are not declared. SetupError where one cannot be as declared."""
    engine = engine_of(source, declared, address)
    try:
        with told_safely(source, declared), engine.connect() as connection:
            return {
                name: _columns(f"{source}.objects.{name}", object_, table_of(connection, object_))
                for name, object_ in declared.objects.items()
                if not object_.columns
            }
    finally:
        engine.dispose()


def table_of(connection: sa.Connection, declared: TableOf) -> sa.Table:
    """The table, or view, as the database describes it."""
    schema, _, name = declared.table.rpartition(".")
    return sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False)


def _columns(place: str, declared: TableOf, found: sa.Table) -> Reflected:
    readable = [column for column in found.columns if is_readable(column.type)]
    names = unique_names([column.name for column in readable], RESERVED)
    columns = {}
    for name, column in zip(names, readable, strict=True):
        kind = kind_of(column.type)
        if name == DELETED and kind != "boolean":
            name = f"{DELETED}_"
        if kind is not None:
            columns[name] = ColumnOf.model_validate(
                {
                    "type": kind,
                    "from": column.name,
                    "about": column.comment or None,
                    "personal": name in declared.personal,
                    "filterable": name in declared.filterable,
                    "sparse": bool(column.nullable),
                }
            )
    try:
        check_roles(declared, {n: c.type for n, c in columns.items()}, [*declared.personal, *declared.filterable])
    except ValueError as error:
        raise SetupError(f"{place}: {error}") from None
    left_out = tuple(c.name for c in found.columns if c.name not in {told.source for told in columns.values()})
    return Reflected(columns, left_out)
