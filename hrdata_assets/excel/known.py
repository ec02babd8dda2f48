"""What is known of a content before it is read: its partition, and whether anything is to be done about it."""

import datetime

from hrdata_assets.excel.task import DIGITS, Outcome, Task
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.decisions import approval_of
from hrdata_assets.storage.imports import import_of_content, import_of_path
from hrdata_assets.storage.ledger import Place, is_taken_back
from hrdata_assets.storage.postgres import Connection


def place_of(connection: Connection, task: Task, delivery: Delivery) -> Place:
    """Partition of a content in a table: the day on which it arrived first, and the beginning of its hash."""
    row = connection.execute(
        "(select partition_key from ops.deliveries where asset_key = %s and delivery = %s order by archived_at limit 1)"
        " union all (select partition_key from ops.workbook_files where table_name = %s and file_sha256 = %s"
        " and partition_key is not null order by partition_key limit 1) limit 1",
        (task.asset_key, delivery.short, task.table, delivery.sha256),
    ).fetchone()
    today = datetime.datetime.now(datetime.UTC).date()
    return Place(task.asset_key, row[0] if row else f"{today}-{delivery.sha256[:DIGITS]}", task.run_id)


def known(connection: Connection, task: Task, delivery: Delivery) -> Outcome | None:
    """What is to be said of a content that is loaded already."""
    here = import_of_path(connection, task.table, task.source_file)
    if here is not None and (here.sha256, here.reading) == (delivery.sha256, task.reading):
        return Outcome("already", here.partition)
    elsewhere = import_of_content(connection, delivery.sha256)
    if elsewhere is not None and elsewhere.source_file != task.source_file:
        return Outcome("duplicate", elsewhere.partition, reason="the same content is loaded from another path already")
    if not task.again and is_taken_back(connection, task.asset_key, delivery.short):
        place = place_of(connection, task, delivery)
        return Outcome("taken_back", place.partition_key, reason="taken back by hand: load it with --taken-back")
    return _held(connection, task, delivery)


def _held(connection: Connection, task: Task, delivery: Delivery) -> Outcome | None:
    """What is to be said of a content that waits for a decision, unless the decision was made."""
    if task.options.policy != "propose":
        return None
    place = place_of(connection, task, delivery)
    row = connection.execute(
        "select l.contract, l.reason from ops.partitions p join ops.loads l on l.load_id = p.held_load_id"
        " where p.asset_key = %s and p.partition_key = %s and p.held_delivery = %s",
        (place.asset_key, place.partition_key, delivery.short),
    ).fetchone()
    if row is None or row[0] != task.reading or approval_of(connection, place, delivery.short):
        return None
    return Outcome("held", place.partition_key, reason=row[1])
