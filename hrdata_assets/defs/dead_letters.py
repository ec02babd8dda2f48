"""ops/dead_letters: how many rows wait to be put right, by table and rule, as the UI shows it."""

import hashlib
from collections.abc import Sequence

import dagster as dg

from hrdata_assets.catalogue import CORE, STAGED
from hrdata_assets.defs.about import OWNERS, key_of
from hrdata_assets.defs.resources import told_to_dagster
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.letterbox import open_by_rule
from hrdata_assets.storage.postgres import Connection, connect, database_url

KEY = dg.AssetKey(["ops", "dead_letters"])

Counted = Sequence[tuple[str, str, int, str]]

DEAD_LETTERS = dg.AssetSpec(
    KEY,
    deps=[key_of(table) for table in STAGED + CORE],
    group_name="ops",
    kinds={"postgres"},
    owners=OWNERS,
    description="One row per record that was kept out, with the rules it breaks. The numbers below are of open ones: "
    "`hrdata letters list` names them, `replay` brings them in, `discard` closes them.",
    metadata={
        "dagster/table_name": "ops.dead_letters",
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn("asset_key", "text", description="Table that refused the record."),
                dg.TableColumn("partition_key", "text", description="Quarter or file."),
                dg.TableColumn("delivery", "text", description="First 16 hex digits of the file's SHA-256."),
                dg.TableColumn("row_no", "integer", description="Record of that file; 0 is the file itself."),
                dg.TableColumn("reasons", "jsonb", description="Broken rules, with dimension and column, no values."),
                dg.TableColumn("payload", "jsonb", description="The record as delivered. Personal data."),
                dg.TableColumn("status", "text", description="open, replayed, discarded, superseded or erased."),
            ]
        ),
    },
)


def counted_letters(connection: Connection) -> dg.AssetMaterialization:
    """The event that shows the open letters as they are now."""
    counted = open_by_rule(connection)
    row = connection.execute("select count(*) from ops.dead_letters where status = 'open'").fetchone()
    return dg.AssetMaterialization(
        KEY,
        metadata={
            "open": dg.MetadataValue.int(row[0] if row else 0),
            "by table and rule": dg.MetadataValue.md(_table(counted)),
        },
    )


def _table(counted: Counted) -> str:
    if not counted:
        return "No letter is open."
    lines = ["| table | rule | open | quarters |", "|---|---|---:|---|"]
    return "\n".join(
        lines + [f"| {asset} | {rule} | {count} | {quarters} |" for asset, rule, count, quarters in counted]
    )


@dg.sensor(
    name="open_letters",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Shows the open dead letters by table and rule, whenever they have changed.",
)
def open_letters(context: dg.SensorEvaluationContext):
    """Look at the letters; the cursor remembers what was shown last."""
    with told_to_dagster(), connect(database_url(load_settings()), "open letters") as connection:
        if not _is_set_up(connection):
            return dg.SkipReason("nothing was loaded yet")
        event = counted_letters(connection)
    shown = hashlib.sha256(str(event.metadata["by table and rule"].value).encode()).hexdigest()[:16]
    if shown == context.cursor:
        return dg.SkipReason("unchanged")
    return dg.SensorResult(asset_events=[event], cursor=shown)


def _is_set_up(connection: Connection) -> bool:
    row = connection.execute("select to_regclass('ops.dead_letters')").fetchone()
    return row is not None and row[0] is not None
