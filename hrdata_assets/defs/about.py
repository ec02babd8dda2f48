"""What Dagster shows about an asset, read off its declaration: columns, lineage, description, owner."""

import re
from collections.abc import Sequence

import dagster as dg

from hrdata_assets.storage.ddl import SYSTEM_COLUMNS, primary_key, stored_columns
from hrdata_assets.table import Table

OWNERS = ["team:hr-data"]

_PLAIN_COLUMN = re.compile(r"^\s+(?P<alias>[a-z])\.(?P<column>\w+)(?:::\w+)?(?:\s+as\s+(?P<name>\w+))?,?$")
_SOURCE = re.compile(r"\b(?:from|join)\s+staged\.(?P<table>\w+)\s+(?P<alias>[a-z])\b")
_READS = re.compile(r"\b(?P<layer>staged|core|current)\.(?P<table>\w+)")


def key_of(table: Table) -> dg.AssetKey:
    """An asset's key is the table's address."""
    return dg.AssetKey([table.layer, table.name])


def raw_key(table: Table) -> dg.AssetKey:
    """Key of the archived report that a staged table is read from."""
    return dg.AssetKey(["raw", table.name])


def table_metadata(table: Table) -> dict[str, object]:
    """Name and columns of a table."""
    return {"dagster/table_name": table.address, "dagster/column_schema": column_schema(table)}


def column_schema(table: Table) -> dg.TableSchema:
    """Columns as stored, with type, key, description, and whether they hold personal data."""
    texts = SYSTEM_COLUMNS | {c.name: c.description for c in table.columns}
    keys = set(primary_key(table)) | set(table.key)
    personal = set(table.personal)
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=name,
                type=kind.value,
                description=texts[name] + (" Personal data." if name in personal else ""),
                constraints=dg.TableColumnConstraints(nullable=name not in keys, unique=False),
                tags={"personal": ""} if name in personal else {},
            )
            for name, kind in stored_columns(table).items()
        ]
    )


def staged_lineage(table: Table) -> dg.TableColumnLineage:
    """Each staged column and the heading of the report it is read from."""
    deps = {
        c.name: [dg.TableColumnDep(asset_key=raw_key(table), column_name=c.header)] for c in table.columns if c.header
    }
    return dg.TableColumnLineage(deps_by_column=deps)


def report_schema(table: Table) -> dg.TableSchema:
    """Headings that a report may hold."""
    headings = {c.header: c.description for c in table.columns if c.header}
    return dg.TableSchema(columns=[dg.TableColumn(name=h, type="text", description=d) for h, d in headings.items()])


def query_lineage(query: str) -> dg.TableColumnLineage:
    """Columns that a query takes from a staged table as they are; computed ones are not guessed at."""
    tables = {found["alias"]: found["table"] for found in _SOURCE.finditer(query)}
    deps: dict[str, list[dg.TableColumnDep]] = {}
    for line in query.splitlines():
        found = _PLAIN_COLUMN.match(line)
        if found and found["alias"] in tables:
            key = dg.AssetKey(["staged", tables[found["alias"]]])
            deps[found["name"] or found["column"]] = [dg.TableColumnDep(asset_key=key, column_name=found["column"])]
    return dg.TableColumnLineage(deps_by_column=deps)


def assets_read_by(queries: Sequence[str]) -> list[dg.AssetKey]:
    """Assets whose tables (or views of the newest quarter) some queries name."""
    statements = [re.sub(r"(?m)^\s*--.*$", "", q) for q in queries]
    found = {
        ("core" if m["layer"] == "current" else m["layer"], m["table"]) for s in statements for m in _READS.finditer(s)
    }
    return [dg.AssetKey(list(parts)) for parts in sorted(found - {("core", "quarter")})]


def definition_of(query: str) -> str:
    """The comment at the top of a SQL file."""
    lines = []
    for line in query.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)
