"""Mappings that people saved: saving never changes a version, and an old one can always be asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.postgres import Connection


@dataclass(frozen=True)
class Saved:
    """One version of a mapping; 0 for one that is to be saved.

    ``source`` and ``target`` are addresses of tables, ``fields`` is the mapping as JSON; ``checksum`` tells whether it
    is another than the one before.
    """

    formatter_id: str
    version: int
    name: str
    source: str
    target: str
    fields: Sequence[Mapping[str, Any]]
    checksum: str


def save(connection: Connection, mapping: Saved, saved_by: str) -> tuple[Saved, bool]:
    """Save a mapping as its next version, and tell whether it is new: content that the newest has already is that.

    SetupError where versions before go from or to other tables.
    """
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"formatter {mapping.formatter_id}",))
    before = newest(connection, mapping.formatter_id)
    if before and (before.source, before.target) != (mapping.source, mapping.target):
        raise SetupError(
            f"formatter {mapping.formatter_id} makes {before.target} of {before.source}: "
            f"give one from {mapping.source} to {mapping.target} another id"
        )
    if before and before.checksum == mapping.checksum:
        return before, False
    version = before.version + 1 if before else 1
    connection.execute(
        "insert into ops.formatters (formatter_id, version, name, source, target, fields, checksum, saved_by)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(mapping.formatter_id, version, mapping.name, mapping.source, mapping.target),
            *(Jsonb([dict(field) for field in mapping.fields]), mapping.checksum, saved_by),
        ),
    )
    return saved_version(connection, mapping.formatter_id, version), True


def newest(connection: Connection, formatter_id: str) -> Saved | None:
    """The version that was saved last, or None if none ever was."""
    row = connection.execute(
        "select formatter_id, version, name, source, target, fields, checksum from ops.formatters"
        " where formatter_id = %s order by version desc limit 1",
        (formatter_id,),
    ).fetchone()
    return Saved(*row) if row else None


def saved_version(connection: Connection, formatter_id: str, version: int | None = None) -> Saved:
    """One version, the newest unless it is said which. SetupError says what there is instead."""
    found = newest(connection, formatter_id)
    if found is None:
        raise SetupError(f"no formatter {formatter_id} was saved: `hrdata formatters list` shows those there are")
    if version in (None, found.version):
        return found
    row = connection.execute(
        "select formatter_id, version, name, source, target, fields, checksum from ops.formatters"
        " where (formatter_id, version) = (%s, %s)",
        (formatter_id, version),
    ).fetchone()
    if row is None:
        raise SetupError(f"formatter {formatter_id} has versions 1 to {found.version}, and no {version}")
    return Saved(*row)


def saved_formatters(connection: Connection) -> list[dict[str, Any]]:
    """Every version of every mapping with how many fields it has, by id, the newest version first."""
    cursor = connection.execute(
        "select formatter_id, version, name, source, target, jsonb_array_length(fields), saved_by, created_at"
        " from ops.formatters order by formatter_id, version desc"
    )
    names = ("id", "version", "name", "source", "target", "fields", "saved_by", "saved_at")
    return [dict(zip(names, row, strict=True)) for row in cursor]
