"""All workbooks below the root, one after the other; what became of each is told as it happens."""

from collections.abc import Iterator
from dataclasses import dataclass

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.excel.load import Outcome, Task, load_workbook
from hrdata_assets.settings import Settings
from hrdata_assets.storage.session import session_of
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.workbooks.configuration import load_configuration
from hrdata_assets.systems.workbooks.discovery import Found, FoundFile
from hrdata_assets.systems.workbooks.reading import Reader


@dataclass(frozen=True)
class Loaded:
    """A workbook and what became of it."""

    file: FoundFile
    outcome: Outcome


def tasks_of(settings: Settings, found: Found, run_id: str) -> list[Task]:
    """What is to be done for the workbooks that were found, each as its folder's configuration says.

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
        Task(settings.workbooks_dir, file, configuration.options(file.folder), run_id, settings.etl_chunk_size)
        for file in found.files
    ]


def load_all(warehouse: Warehouse, settings: Settings, found: Found, run_id: str) -> Iterator[Loaded]:
    """Load the workbooks that were found, each in a transaction of its own; one that fails stops no other."""
    tasks = tasks_of(settings, found, run_id)
    with Reader() as reader, session_of(warehouse) as session:
        for task in tasks:
            yield Loaded(task.file, _load(session, reader, task))


def _load(warehouse: Warehouse, reader: Reader, task: Task) -> Outcome:
    try:
        return load_workbook(warehouse, reader, task)
    except DeliveryError as error:
        return Outcome("failed", "", reason=str(error), code="not_read")
