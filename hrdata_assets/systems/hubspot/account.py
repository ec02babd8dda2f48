"""What an account has beside records: owners and deal stages, few enough that all of them are read every time."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from hrdata_assets.systems.answers import Answer
from hrdata_assets.systems.http import Client
from hrdata_assets.systems.hubspot.addresses import Addresses
from hrdata_assets.systems.hubspot.properties import results_of
from hrdata_assets.systems.hubspot.tables import DealStage, Owner
from hrdata_assets.systems.moments import moment_of
from hrdata_assets.table import CursorMode, Table

KEPT = frozenset({Owner.table.name, DealStage.table.name})
"""Tables of what is told here."""

Record = Mapping[str, Any]

_MOST = "100"


def answers_about(client: Client, addresses: Addresses, table: Table, *, archived: bool = False) -> Iterator[Answer]:
    """Yield every answer that lists them; of stages, none that are archived."""
    if table.name == DealStage.table.name:
        if not archived:
            yield client.get(addresses.pipelines("deals"))
        return
    after: str | None = None
    while True:
        params = {"limit": _MOST, "archived": str(archived).lower()} | ({"after": after} if after else {})
        answer = client.get(addresses.owners(), params)
        yield answer
        results_of(answer)
        after = ((answer.json().get("paging") or {}).get("next") or {}).get("after")
        if not after:
            return


def records_about(table: Table, told: Mapping[str, Any]) -> list[Record]:
    """Records of such an answer. KeyError or TypeError for what is none."""
    if table.name != DealStage.table.name:
        return [{**owner, "id": owner["id"]} for owner in told["results"]]
    return [
        {**stage, "pipeline": {"id": pipeline["id"], "label": pipeline.get("label")}}
        for pipeline in told["results"]
        for stage in pipeline["stages"]
    ]


def newest_about(records: Iterator[Record], mode: CursorMode) -> datetime.datetime | None:
    """The latest stamp of any of them."""
    name = "updatedAt" if mode is CursorMode.UPDATED_AT else "createdAt"
    stamps = [stamp for record in records if (stamp := moment_of(record.get(name)))]
    return max(stamps, default=None)
