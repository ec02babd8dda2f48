"""Asking the questions: of the database in one look, of the archive file by file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg import sql

from hrdata_assets.catalogue import TABLES
from hrdata_assets.errors import DeliveryError
from hrdata_assets.storage.archive import Archive
from hrdata_assets.storage.business_key import key_as_shown, key_of
from hrdata_assets.storage.ddl import identifier
from hrdata_assets.storage.evolution import columns_of, named
from hrdata_assets.storage.imports import tables_made
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.verify.question import Question
from hrdata_assets.verify.questions import PROFILE, UNFILLED, of_keys, of_workbooks, questions

PARTS = "archive_holds_whole_files"


@dataclass(frozen=True)
class Broken:
    """A place where something does not hold, and how much of it; never what a row says."""

    asset: str
    quarter: str
    number: int


@dataclass(frozen=True)
class Answer:
    """What one question found."""

    question: str
    promise: str
    says: str
    broken: tuple[Broken, ...]
    mend: str
    grave: bool

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.broken

    @property
    def fails(self) -> bool:
        """Whether a promise is broken."""
        return self.grave and bool(self.broken)


def verify(warehouse: Warehouse, *, read_archive: bool = False) -> list[Answer]:
    """Ask everything. ``read_archive`` reads every delivery's bytes too, and compares them with their hash."""
    with warehouse.connect("verify") as connection:
        workbooks = tables_made(connection)
    with warehouse.connect("verify") as connection:
        # One look at everything: a run that wants to publish meanwhile waits, for partitions come and go at once.
        connection.execute("set transaction isolation level repeatable read, read only")
        # In the order in which they are replaced, lest each wait for the other.
        tables = sql.SQL(", ").join([*map(identifier, reversed(TABLES)), *map(named, workbooks)])
        connection.execute(sql.SQL("lock table {} in access share mode").format(tables))
        answers = ask(connection)
        deliveries = connection.execute(
            "select min(asset_key), min(partition_key), sha256 from ops.deliveries group by sha256 order by 1, 2"
        ).fetchall()
    return [*answers, *_of_the_archive(warehouse.archive, deliveries, read=read_archive)]


def ask(connection: Connection) -> list[Answer]:
    """Ask the database everything, as the connection's transaction sees it."""
    tables = tables_made(connection)
    keys = of_keys(dict(_keys_of(connection, tables)))
    asked = (*questions(), of_workbooks(tables), keys, _of_the_profile(connection))
    return [_answer(connection, question) for question in asked]


def _keys_of(connection: Connection, tables: Sequence[str]) -> Iterator[tuple[str, sql.Composed]]:
    for table in tables:
        if key := key_of(connection, table):
            yield table, key_as_shown(columns_of(connection, table) or (), key)


def _answer(connection: Connection, question: Question) -> Answer:
    # The text goes over the wire as it is: with parameters psycopg would look for placeholders in it.
    rows = connection.execute(sql.Composed([question.query]), {}).fetchall()
    broken = tuple(sorted((Broken(*row) for row in rows), key=lambda b: (b.quarter, b.asset)))
    return Answer(question.name, question.promise, question.says, broken, question.mend, question.grave)


def _of_the_profile(connection: Connection) -> Question:
    row = connection.execute(
        "select relispopulated from pg_class where oid = to_regclass('marts.cv_search_profile_mv')"
    ).fetchone()
    return PROFILE if row and row[0] else UNFILLED


def _of_the_archive(archive: Archive, deliveries: list[tuple[str, str, str]], *, read: bool) -> Iterator[Answer]:
    says = "Every delivery stands in the archive" + (", as it was delivered." if read else ".")
    mend = f"restore {archive.folder} from a backup, or put the same report into its folder and run the quarter"
    broken = tuple(Broken(a, q, 1) for a, q, sha256 in deliveries if not _stands(archive, sha256, read=read))
    yield Answer("deliveries_are_archived", "P8", says, broken, mend, True)
    parts = sorted(archive.folder.glob("*/.*.part"))
    says = "The archive holds no half-written file of a process that was killed."
    mend = "unless a run is at work, delete them: find ARCHIVE -name '*.part' -delete".replace(
        "ARCHIVE", str(archive.folder)
    )
    yield Answer(PARTS, "P4", says, tuple(Broken(p.name[1:17], "", 1) for p in parts), mend, False)


def _stands(archive: Archive, sha256: str, *, read: bool) -> bool:
    if not read:
        return archive.path(sha256).is_file()
    try:
        archive.content(sha256)
    except DeliveryError:
        return False
    return True
