"""current: the views of the newest published quarter; nothing runs for them, they follow core by themselves."""

import dagster as dg

from hrdata_assets.catalogue import CORE
from hrdata_assets.defs.about import OWNERS, column_schema, key_of

CURRENT = [
    dg.AssetSpec(
        dg.AssetKey(["current", table.name]),
        deps=[key_of(table)],
        group_name="current",
        kinds={"postgres", "view"},
        owners=OWNERS,
        description=f"{table.description}\n\nThe newest published quarter only: a view of {table.address}.",
        metadata={"dagster/table_name": f"current.{table.name}", "dagster/column_schema": column_schema(table)},
    )
    for table in CORE
]
