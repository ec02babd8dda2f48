"""A question about the database: what must hold, where it does not, and how that is mended."""

from dataclasses import dataclass

from psycopg import sql

LOAD_AGAIN = (
    "have it loaded again: hrdata db psql -c \"update ops.partitions set load_id = null where asset_key = 'ASSET' "
    "and partition_key = 'QUARTER'\", then hrdata run --quarter QUARTER"
)
LOAD_WORKBOOK_AGAIN = (
    "have it loaded again: hrdata db psql -c \"update ops.etl_imports set reading = '' where load_id in (select"
    " load_id from ops.loads where asset_key = 'ASSET' and partition_key = 'QUARTER')\", then hrdata excel load"
)
RESTORE = "the ledger was changed by something else than this platform: restore the schema ops from a backup"
RUN = "nothing is wrong with what is there, but it is not the newest: hrdata run --quarter QUARTER"
DROP = "nobody needs it and no run makes such: look at it and drop it"


@dataclass(frozen=True)
class Question:
    """What must hold, and a query for the places where it does not.

    Its rows are asset, quarter and a number. Where ``grave`` is false no promise is broken, only work left.
    """

    name: str
    promise: str
    says: str
    query: sql.Composable
    mend: str = LOAD_AGAIN
    grave: bool = True
