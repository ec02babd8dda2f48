"""Records out of what Salesforce answered, be it a page of REST or a part of a Bulk job."""

from collections.abc import Mapping, Sequence
from typing import Any

from hrdata_assets.systems.answers import json_of
from hrdata_assets.systems.salesforce.csv_parts import part_records
from hrdata_assets.systems.salesforce.ids import whole_id
from hrdata_assets.systems.system import Record


def page_records(told: Any) -> Sequence[Record]:
    """The records of a page, without what it says about each of them. KeyError or TypeError for what is no page."""
    return [_plain(record) for record in told["records"]]


def archived_records(content: bytes) -> Sequence[Record]:
    """The records of what stands in the archive; a job that was made has none.

    Of a part nothing tells the fields' types any more: what nobody declared stays text.
    """
    if not content.startswith(b"{"):
        return with_whole_ids(part_records(content, {}))
    told = json_of(content)
    return [] if "state" in told else page_records(told)


def with_whole_ids(records: Sequence[Record]) -> Sequence[Record]:
    """The same records, each by the id of 18 characters."""
    return [record if len(record["Id"]) != _SHORT else {**record, "Id": whole_id(record["Id"])} for record in records]


_SHORT = 15


def _plain(record: Mapping[str, Any]) -> Record:
    plain = dict(record)
    plain.pop("attributes", None)
    plain["Id"] = whole_id(plain["Id"])
    return plain
