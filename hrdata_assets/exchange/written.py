"""What was written where: every record's external id, its id there, and what it said, so that the same is not again.

An external id may be a person's address, so that it is kept as its hash.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import Table


def checksum_of(row: Mapping[str, Any]) -> str:
    """Hex digits that change whenever a row says something else."""
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()[:32]


def known(connection: Connection, system: str, table: Table, names: Sequence[str]) -> dict[str, str]:
    """What was written last under these external ids, by its checksum."""
    hashes = {_hashed(name): name for name in names}
    rows = connection.execute(
        "select external_id, checksum from ops.pushed where (system, object) = (%s, %s) and external_id = any(%s)",
        (system, table.name, list(hashes)),
    )
    return {hashes[name]: str(checksum) for name, checksum in rows}


def remember(
    connection: Connection, system: str, table: Table, run_id: str, pushed: Sequence[tuple[str, str, str]]
) -> None:
    """Write down what was written: external id, id there, and checksum of each."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.pushed (system, object, external_id, key, checksum, run_id)"
            " values (%s, %s, %s, %s, %s, %s)"
            " on conflict (system, object, external_id) do update set key = excluded.key,"
            " checksum = excluded.checksum, run_id = excluded.run_id, pushed_at = now()",
            [(system, table.name, _hashed(external), key, checksum, run_id) for external, key, checksum in pushed],
        )


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
