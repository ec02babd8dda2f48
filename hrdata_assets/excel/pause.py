"""Loading that has stopped at a workbook for a reason that is not the workbook's own, until a person lets it go on."""

import datetime
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from hrdata_assets.errors import HRDataError, SetupError
from hrdata_assets.excel.task import Task
from hrdata_assets.settings import Settings

log = logging.getLogger("hrdata")


@dataclass(frozen=True)
class Pause:
    """Where loading stopped, and why: the kind of the error and a sentence without values."""

    root: str
    folder: str
    table: str
    file: str
    kind: str
    says: str
    time: str


def pause_of(settings: Settings) -> Pause | None:
    """The pause that lasts, if one does. SetupError if its file cannot be read as one."""
    try:
        told = json.loads(settings.pause_file.read_text(encoding="utf-8"))
        error = told.pop("error")
        return Pause(**told, kind=error["kind"], says=error["says"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise SetupError(
            f"loading is paused, and {settings.pause_file} cannot be read to say why: go on with `hrdata excel resume`"
        ) from None


def root_of(settings: Settings) -> Path | None:
    """Root below which loading stopped; None if nothing has, or if nobody can tell any more."""
    with suppress(SetupError):
        pause = pause_of(settings)
        return Path(pause.root) if pause else None
    return None


def refuse_if_paused(settings: Settings) -> None:
    """SetupError while a pause lasts."""
    pause = pause_of(settings)
    if pause is not None:
        raise SetupError(
            f"loading stopped at {pause.file} on {pause.time} ({pause.kind}: {pause.says}): "
            "see to the cause, then go on with `hrdata excel resume`"
        )


def write(settings: Settings, pause: Pause) -> None:
    """Begin a pause, whole or not at all."""
    told = asdict(pause)
    told["error"] = {"kind": told.pop("kind"), "says": told.pop("says")}
    target = settings.pause_file
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(told, file, indent=2, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def remove(settings: Settings) -> None:
    """End the pause, also one whose file cannot be read."""
    settings.pause_file.unlink(missing_ok=True)


class Pausing:
    """A block that loads workbooks: an error that leaves it begins a pause (if it ``begins`` one), and goes on."""

    def __init__(self, settings: Settings, tasks: Sequence[Task], *, begins: bool = True) -> None:
        self._settings, self._tasks, self._at, self._begins = settings, tasks, tasks[0], begins

    def __enter__(self) -> "Pausing":
        return self

    def each(self) -> Iterator[Task]:
        """The tasks one after the other; where it has come to is where a pause begins."""
        for task in self._tasks:
            self._at = task
            yield task

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or not self._begins:
            return
        try:
            write(self._settings, _pause_at(self._at, error))
        except OSError as refused:
            # What is told must be the error that came first.
            log.warning("the pause cannot be written to %s: %s", self._settings.pause_file, refused.strerror)


def _pause_at(task: Task, error: BaseException) -> Pause:
    return Pause(
        root=str(task.root),
        folder=task.file.folder.as_posix(),
        table=f"excel.{task.table}",
        file=task.source_file,
        kind=type(error).__name__,
        says=_sentence(error),
        time=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def _sentence(error: BaseException) -> str:
    """What may be written down of an error: texts that are not our own can hold values."""
    if isinstance(error, HRDataError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or "the operating system refused"
    if isinstance(error, KeyboardInterrupt):
        return "it was interrupted"
    return "nobody foresaw this; its own text may hold values and is not kept"
