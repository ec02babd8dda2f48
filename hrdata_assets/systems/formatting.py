"""Which formatter leads from one table to another: those that every system brings, and what they make together."""

import difflib
from collections.abc import Iterator

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.formatters import Saved, save, saved_version
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.systems.registry import SYSTEMS, usable_systems
from hrdata_assets.table import Row, Table
from hrdata_assets.unified.formatter import Composed, Formatter, table_of
from hrdata_assets.unified.mapping import RowMapping
from hrdata_assets.unified.records import TABLES as UNIFIED
from hrdata_assets.unified.spec import MappingSpec, field_specs


def mappings() -> Iterator[RowMapping]:
    """Every system's mappings into the unified model and out of it."""
    for entry in SYSTEMS.values():
        yield from entry.kind.unifies


def to_unified(native: type[Row] | Table) -> RowMapping:
    """The mapping of a system's rows into the unified model. SetupError where there is none."""
    table = table_of(native)
    return _the_one((m for m in mappings() if m.source == table), f"{table.name} into the unified model")


def from_unified(native: type[Row] | Table) -> RowMapping:
    """The mapping of the unified model into a system's rows. SetupError where there is none."""
    table = table_of(native)
    return _the_one((m for m in mappings() if m.target == table), f"the unified model into {table.name}")


def formatter_between(source: type[Row] | Table, target: type[Row] | Table) -> Formatter:
    """What makes rows of the one out of rows of the other if nobody says otherwise: by way of the unified model.

    SetupError where they are not the same kind of thing, or are the same table.
    """
    here, there = table_of(source), table_of(target)
    if here == there:
        raise SetupError(f"{here.name} is on both sides: nothing is to be formatted")
    if here in UNIFIED:
        found = from_unified(there)
        if found.source == here:
            return found
    elif there in UNIFIED:
        found = to_unified(here)
        if found.target == there:
            return found
    else:
        first, second = to_unified(here), from_unified(there)
        if first.target == second.source:
            return Composed(first, second)
    raise SetupError(f"{here.name} and {there.name} are not the same in the unified model: name a formatter")


def table_named(name: str) -> Table:
    """A table that formatters may be about, by its name or address. SetupError names the nearest there are."""
    native = [row.table for entry in usable_systems(load_settings()).values() for row in entry.kind.rows]
    known = {table.name: table for table in (*native, *UNIFIED)}
    for table in known.values():
        if name.strip().lower() in (table.name, table.address):
            return table
    near = difflib.get_close_matches(name.lower(), known, n=3) or sorted(known)
    raise SetupError(f"there is no table {name} to format: there is {', '.join(near)}")


def mapping_of(spec: MappingSpec) -> RowMapping:
    """Build a mapping that was written down. SetupError says everything that is wrong with it."""
    return RowMapping(spec.id, table_named(spec.source), table_named(spec.target), spec.fields)


def save_mapping(connection: Connection, spec: MappingSpec, saved_by: str) -> tuple[Saved, bool]:
    """Save a mapping, and tell whether that made a new version. SetupError if anything is wrong with it."""
    built = mapping_of(spec)
    to_save = Saved(*(spec.id, 0, spec.name, built.source.address, built.target.address, built.pinned, built.checksum))
    return save(connection, to_save, saved_by)


def stored_formatter(connection: Connection, formatter_id: str, version: int | None = None) -> RowMapping:
    """A mapping that was saved, the newest version of it unless it is said which.

    A version makes the rows that it always made, for it names its transforms' versions. SetupError if it is not there,
    or if a field or transform of it is not there any more.
    """
    saved = saved_version(connection, formatter_id, version)
    name = f"{saved.formatter_id} version {saved.version}"
    return RowMapping(name, table_named(saved.source), table_named(saved.target), field_specs(saved.fields))


def _the_one(found: Iterator[RowMapping], what: str) -> RowMapping:
    for mapping in found:
        return mapping
    raise SetupError(f"no mapping leads from {what}")
