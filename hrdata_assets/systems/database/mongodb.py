"""A MongoDB read through pymongo, by key and by stamp as other databases are."""

import datetime
import decimal
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from typing_extensions import override

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.query import Condition, Value
from hrdata_assets.storage.synced import DELETED
from hrdata_assets.systems.answers import Unavailable
from hrdata_assets.systems.database.keyset import Found, Keyset, Order, Question, in_role, marks_deleted
from hrdata_assets.systems.http import Client, Hosts
from hrdata_assets.systems.sources.declaration import CollectionOf, MongoSource
from hrdata_assets.systems.system import Keep
from hrdata_assets.table import ColumnType, CursorMode, Operator, Table

_CONNECT_SECONDS = 10

Filter = dict[str, Any]


class Collections(Client):
    """Counts what a MongoDB is asked, as others count calls, and closes its connections."""

    def __init__(self, name: str, mongo: Any) -> None:
        super().__init__(name, Hosts(()))
        self._mongo = mongo

    @override
    def __exit__(self, *raised: object) -> None:
        super().__exit__(*raised)
        self._mongo.close()


class Mongo(Keyset):
    """Collections of a MongoDB."""

    declared: ClassVar[MongoSource]

    def __init__(self, keep: Keep, mongo: Any) -> None:
        super().__init__(Collections(self.name, mongo), keep)
        self._mongo = mongo

    @classmethod
    @override
    def opened(cls, said: Mapping[str, str], home: Path, keep: Keep) -> "Mongo":
        """The MongoDB at its address; nobody is connected to yet. SetupError if the driver is missing."""
        pymongo = _driver(cls.name)
        try:
            mongo = pymongo.MongoClient(
                said[cls.declared.url_from],
                tz_aware=True,
                tzinfo=datetime.UTC,
                appname="hrdata_assets",
                serverSelectionTimeoutMS=_CONNECT_SECONDS * 1000,
                maxPoolSize=cls.declared.sessions + 1,
            )
            mongo.get_default_database(cls.declared.database)
        except (pymongo.errors.PyMongoError, ValueError):
            raise SetupError(
                f"{cls.declared.url_from} is no address of a MongoDB with a database in it: mongodb://host/name"
            ) from None
        return cls(keep, mongo)

    @override
    def found(self, question: Question) -> list[Found]:
        """One page, with the place behind its last record."""
        key = header(question.table, question.key)
        order = [(header(question.table, question.stamp), 1)] if question.order is Order.STAMP else []
        with self._asked():
            cursor = self._collection(question.table).find(
                asked(question), [key] if question.window.keys_only else None
            )
            cursor = cursor.sort([*order, (key, 1)]).limit(self.declared.page)
            documents = list(cursor.max_time_ms(self.declared.seconds * 1000))
        if question.order is Order.KEY and not question.after and documents:
            self._keys_are_alike(question.table, key, documents[0])
        return [(plain(document), _place(question, document)) for document in documents]

    def _keys_are_alike(self, table: Table, key: str, first: Mapping[str, Any]) -> None:
        """DeliveryError where keys are of several types: one is more than another only within its type."""
        kind = next((alias for type_, alias in _TYPES if isinstance(value_at(first, key), type_)), "objectId")
        with self._asked():
            other = self._collection(table).find_one(of_another_type(key, kind), [key])
        if other is not None:
            raise DeliveryError(
                f"{self.name}: {table.origin} has keys of several types, which have no order: use another"
            )

    @override
    def newest(self, table: Table, mode: CursorMode) -> datetime.datetime | int | None:
        """Ask for the greatest; keys that are no numbers have no newest one."""
        column = table.in_role(mode)
        name = header(table, in_role(table, mode))
        if mode is CursorMode.ID and column is not None and column.type is ColumnType.TEXT:
            return None
        # It is compared with values of its own type only.
        least: Any = -(2**63) if mode is CursorMode.ID else datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
        with self._asked():
            last = self._collection(table).find_one({name: {"$gte": least}}, [name], sort=[(name, -1)])
        value = value_at(last, name) if last else None
        return value if isinstance(value, datetime.datetime | int) else None

    @override
    def now(self) -> datetime.datetime:
        """What the server's clock shows, where it tells."""
        with self._asked():
            told = self._database.command("hello")
        found = told.get("localTime")
        if not isinstance(found, datetime.datetime):
            return datetime.datetime.now(datetime.UTC)
        return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)

    @override
    def total(self, table: Table) -> int | None:
        """Count what does not say that it is deleted."""
        wanted: Filter = {header(table, DELETED): {"$ne": True}} if marks_deleted(table) else {}
        with self._asked():
            return int(self._collection(table).count_documents(wanted))

    @property
    def _database(self) -> Any:
        return self._mongo.get_default_database(self.declared.database)

    def _collection(self, table: Table) -> Any:
        declared: CollectionOf = self.declared.objects[str(table.origin)]
        return self._database[declared.collection]

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Count a question, and turn the driver's errors into ours, which quote nothing."""
        errors = _driver(self.name).errors
        self.client.calls.count("FIND")
        try:
            yield
        except (errors.ConnectionFailure, errors.ExecutionTimeout) as error:
            told = type(error).__name__
            raise Unavailable(
                f"{self.name} did not answer ({told}): see whether {self.declared.url_from} is up"
            ) from None
        except errors.OperationFailure as error:
            raise SetupError(
                f"{self.name} refuses the question ({error.code}): see whether its user may read what is declared"
            ) from None
        except (errors.PyMongoError, import_module("bson.errors").BSONError) as error:
            raise DeliveryError(f"{self.name} gives what cannot be read ({type(error).__name__})") from None


def asked(question: Question) -> Filter:
    """What a page is asked for by."""
    table, after = question.table, question.after
    key = header(table, question.key)
    limits: list[Filter] = [condition_of(condition) for condition in question.window.where]
    if question.order is Order.STAMP:
        limits += _since(question, header(table, question.stamp), key)
    elif question.order is Order.UNSTAMPED:
        stamp = header(table, question.stamp)
        limits.append({"$or": [{stamp: None}, of_another_type(stamp, "date")]})
    elif question.window.since is not None and question.window.mode is CursorMode.ID:
        limits.append({key: {"$gte": question.window.since}})
    if question.order is not Order.STAMP and "key" in after:
        limits.append({key: {"$gt": native(after["key"])}})
    return {"$and": limits} if limits else {}


def of_another_type(name: str, kind: str) -> Filter:
    """Documents whose value there is of another type than that, and not missing."""
    return {"$or": [{name: {"$type": other}} for other in _ALIASES if other != kind]}


def _since(question: Question, stamp: str, key: str) -> Iterator[Filter]:
    after = question.after
    if not after:
        yield {stamp: {"$gte": question.window.since}}
        return
    last = datetime.datetime.fromisoformat(after["stamp"])
    yield {stamp: {"$gte": last}}
    yield {"$or": [{stamp: {"$gt": last}}, {key: {"$gt": native(after["key"])}}]}


def condition_of(condition: Condition) -> Filter:
    """A condition as MongoDB understands it."""
    name = condition.column.header or condition.column.name
    if condition.operator is Operator.CONTAINS:
        return {name: {"$regex": re.escape(str(condition.value)), "$options": "i"}}
    values = [_compared(value) for value in condition.values]
    if condition.operator is Operator.IN:
        return {name: {"$in": values}}
    return {name: {f"${condition.operator.value}": values[0]}}


def _compared(value: Value) -> Any:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime.combine(value, datetime.time(), datetime.UTC)
    if isinstance(value, bool | int | str | datetime.datetime):
        return value
    return import_module("bson.decimal128").Decimal128(value)


def native(key: Any) -> Any:
    """A key as a position holds it, as MongoDB compares it."""
    if isinstance(key, dict):
        return import_module("bson").ObjectId(key["oid"])
    return key


def plain(value: Any) -> Any:
    """A document as JSON holds it: ids as text, numbers with a point as text, moments in UTC."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return format(decimal.Decimal(repr(value)), "f")
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if hasattr(value, "to_decimal"):
        return format(value.to_decimal(), "f")
    # Pictures and files are left where they are.
    return None if isinstance(value, bytes) else str(value)


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path of a document."""
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def header(table: Table, name: str) -> str:
    """What the source calls a column."""
    return table.column(name).header or name


def _place(question: Question, document: Mapping[str, Any]) -> dict[str, Any]:
    key = value_at(document, header(question.table, question.key))
    place = {"key": key if isinstance(key, int | str) else {"oid": str(key)}}
    if question.order is not Order.STAMP:
        return place
    stamp = value_at(document, header(question.table, question.stamp))
    if not isinstance(stamp, datetime.datetime):
        raise DeliveryError(f"{question.table.name}: {question.stamp} was asked for as a date, and another type came")
    return {"stamp": stamp.isoformat(), **place}


_ALIASES = ("number", "string", "object", "array", "binData", "objectId", "bool", "date", "regex", "timestamp")
"""What documents can hold, by MongoDB's own words."""

_TYPES: tuple[tuple[type, str], ...] = ((int, "number"), (str, "string"))


def _driver(source: str) -> Any:
    try:
        return import_module("pymongo")
    except ModuleNotFoundError:
        raise SetupError(f"{source}: the driver for MongoDB is missing: pip install 'hrdata-assets[mongodb]'") from None
