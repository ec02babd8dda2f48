"""What is known of a content before it is read: its partition, and whether anything is to be done about it."""

import datetime

from hrdata_assets.excel.task import DIGITS, Outcome, Task
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.decisions import approval_of
from hrdata_assets.storage.imports import Standing, standing_of
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.postgres import Connection


def stands(connection: Connection, task: Task, delivery: Delivery) -> Standing:
    """Look a task's content and path up."""
    return standing_of(connection, task.table, task.source_file, delivery.sha256)


def place_of(task: Task, delivery: Delivery, standing: Standing) -> Place:
    """Partition of a content in a table: the day on which it arrived first, and the beginning of its hash."""
    today = datetime.datetime.now(datetime.UTC).date()
    return Place(task.asset_key, standing.partition or f"{today}-{delivery.sha256[:DIGITS]}", task.run_id)


def known(connection: Connection, task: Task, delivery: Delivery, standing: Standing) -> Outcome | None:
    """What is to be said of a content that is loaded already."""
    here, elsewhere = standing.here, standing.elsewhere
    if here is not None and (here.sha256, here.reading) == (delivery.sha256, task.reading):
        return Outcome("already", here.partition)
    if elsewhere is not None and elsewhere.source_file != task.source_file:
        return Outcome("duplicate", elsewhere.partition, reason="the same content is loaded from another path already")
    place = place_of(task, delivery, standing)
    if not task.again and standing.taken_back:
        return Outcome("taken_back", place.partition_key, reason="taken back by hand: load it with --taken-back")
    return _held(connection, task, delivery, place)


def _held(connection: Connection, task: Task, delivery: Delivery, place: Place) -> Outcome | None:
    """What is to be said of a content that waits for a decision, unless the decision was made."""
    if task.limits is None:
        return None
    row = connection.execute(
        "select l.contract, l.policy, l.reason from ops.partitions p join ops.loads l on l.load_id = p.held_load_id"
        " where p.asset_key = %s and p.partition_key = %s and p.held_delivery = %s",
        (place.asset_key, place.partition_key, delivery.short),
    ).fetchone()
    if row is None or row[:2] != (task.reading, task.limits) or approval_of(connection, place, delivery.short):
        return None
    return Outcome("held", place.partition_key, reason=row[2])
