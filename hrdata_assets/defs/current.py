"""current: the views of what holds now; they follow core by themselves, and core says when they do."""

from collections.abc import Iterator

import dagster as dg

from hrdata_assets.catalogue import CORE, UNIFIED
from hrdata_assets.defs.about import OWNERS, column_schema, key_of
from hrdata_assets.defs.releases import Release


def now_showing(release: Release) -> Iterator[dg.AssetMaterialization]:
    """Events that tell which quarter the views show now, if it is the release's."""
    row = release.connection.execute("select quarter from current.quarter").fetchone()
    if row is None or row[0] != release.group.partition:
        return
    for table in CORE:
        counts = release.receipt(table).counts
        rows = counts.inserted + counts.updated + counts.unchanged
        yield dg.AssetMaterialization(
            dg.AssetKey(["current", table.name]), metadata={"dagster/row_count": rows, "quarter": row[0]}
        )


_SHOWS = {False: "The newest published quarter only", True: "What holds now, without what is gone"}

CURRENT = [
    dg.AssetSpec(
        dg.AssetKey(["current", table.name]),
        deps=[key_of(table)],
        group_name="current",
        kinds={"postgres", "view"},
        owners=OWNERS,
        description=f"{table.description}\n\n{_SHOWS[table.history]}: a view of {table.address}.",
        metadata={"dagster/table_name": f"current.{table.name}", "dagster/column_schema": column_schema(table)},
    )
    for table in CORE + UNIFIED
]
