"""All workbooks below the root, one after the other; what became of each is told as it happens."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.excel.ahead import Ahead
from hrdata_assets.excel.load import load_workbook
from hrdata_assets.excel.pause import Pausing, refuse_if_paused
from hrdata_assets.excel.task import Outcome, Task
from hrdata_assets.excel.telling import tell_end
from hrdata_assets.settings import Settings
from hrdata_assets.storage.session import Session, session_of
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.workbooks.configuration import load_configuration
from hrdata_assets.systems.workbooks.discovery import Found, FoundFile
from hrdata_assets.systems.workbooks.reading import Reader

NOT_READ = "not_read"
"""Code of a workbook that could not be had at all, such as one that is being saved."""

Beginning = Callable[[FoundFile], None]


@dataclass(frozen=True)
class Loaded:
    """A workbook and what became of it."""

    file: FoundFile
    outcome: Outcome


@dataclass(frozen=True)
class Wanted:
    """Which of the workbooks that were found are loaded: those of some paths (None: all).

    ``taken_back``: also what was taken back by hand. ``pauses``: whether an error begins a pause; it does not for
    somebody who tries again by themselves.
    """

    only: Collection[str] | None = None
    taken_back: bool = False
    pauses: bool = True

    def has(self, file: FoundFile) -> bool:
        """Whether a workbook is one of them."""
        return self.only is None or file.path.as_posix() in self.only


ALL = Wanted()


def tasks_of(settings: Settings, found: Found, run_id: str, wanted: Wanted = ALL) -> list[Task]:
    """What is to be done for the workbooks that are wanted of those found, each as its folder's configuration says.

    SetupError if the configuration speaks of folders that are not there: a name that is misspelt would count for
    nothing in silence.
    """
    configuration = load_configuration(settings.workbooks_config)
    strangers = configuration.unmatched(file.folder for file in found.files)
    if strangers:
        raise SetupError(
            f"{settings.workbooks_config.name} speaks of folders that hold no workbook: {', '.join(strangers)}; "
            "correct their names, or take them out"
        )
    return [
        Task(
            settings.workbooks_dir,
            file,
            configuration.options(file.folder),
            run_id,
            settings.etl_chunk_size,
            again=wanted.taken_back,
        )
        for file in found.files
        if wanted.has(file)
    ]


def load_all(
    warehouse: Warehouse,
    settings: Settings,
    found: Found,
    run_id: str,
    *,
    wanted: Wanted = ALL,
    beginning: Beginning | None = None,
) -> Iterator[Loaded]:
    """Load the wanted workbooks of those found, each in a transaction of its own, or each folder's in one if so set.

    One that cannot be read stops no other. Any other error begins a pause if so wanted; in one, this is a SetupError.
    ``beginning`` is called with each before it is loaded.
    """
    refuse_if_paused(settings)
    groups = list(_together(tasks_of(settings, found, run_id, wanted), sectional=settings.etl_sectional_commit))
    rest = _Rest(settings)
    with Reader() as reader, session_of(warehouse) as session:
        ahead = Ahead(session, reader, [task for together in groups for task in together])
        for together in groups:
            with Pausing(settings, together, begins=wanted.pauses) as pausing:
                rest.if_due()
                with _transaction(session, together[0], sectional=settings.etl_sectional_commit):
                    done = [_load(session, reader, task, ahead, beginning) for task in pausing.each()]
            for one in done:
                rest.count(one.outcome)
                yield one


def _together(tasks: list[Task], *, sectional: bool) -> Iterator[list[Task]]:
    """Tasks by what is committed at once."""
    if not sectional:
        yield from ([task] for task in tasks)
        return
    tables: dict[str, list[Task]] = {}
    for task in tasks:
        tables.setdefault(task.table, []).append(task)
    yield from tables.values()


def _transaction(session: Session, first: Task, *, sectional: bool) -> AbstractContextManager[object]:
    """The one transaction of a folder; without it each workbook has its own."""
    return session.connect(f"{first.asset_key} folder") if sectional else nullcontext()


class _Rest:
    """Rests after every so many workbooks that were loaded, between transactions."""

    def __init__(self, settings: Settings) -> None:
        self._every, self._seconds, self._loaded = settings.etl_pause_every, settings.etl_pause_seconds, 0

    def count(self, outcome: Outcome) -> None:
        """Count a workbook if it was loaded."""
        self._loaded += outcome.status == "loaded"

    def if_due(self) -> None:
        """Rest if it is time to."""
        if self._every is not None and self._loaded >= self._every:
            self._loaded = 0
            time.sleep(self._seconds)


def _load(session: Session, reader: Reader, task: Task, ahead: Ahead, beginning: Beginning | None) -> Loaded:
    if beginning is not None:
        beginning(task.file)
    try:
        outcome = load_workbook(session, reader, task, ahead)
    except DeliveryError as error:
        outcome = Outcome("failed", "", reason=str(error), code=NOT_READ)
    tell_end(task.source_file, outcome.status, outcome.code)
    return Loaded(task.file, outcome)
