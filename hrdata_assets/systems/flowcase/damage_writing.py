"""Damage brought into finished reports, record by record, with the manifest that tells of it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from hrdata_assets.systems.flowcase.damage import AT_THE_END, DEFECTS, Damage, Defect, Record, Stranger
from hrdata_assets.systems.flowcase.fake_files import HEADERS, Dialect, listed
from hrdata_assets.systems.flowcase.fake_people import FIRST_STRANGER, draw, person_ordinals, row_ordinals

MOODS = (b"calm", b"glad", b"tired")


def _strangers(dialect: Dialect, seed: int, report: str, count: int) -> list[Stranger]:
    slots, zeros = FIRST_STRANGER + np.arange(count), np.zeros(count, dtype=np.int64)
    users, cvs = dialect.person_identifiers(seed, person_ordinals(zeros, slots), zeros + 19000)
    rows = dialect.identifier(seed, report, row_ordinals(zeros, slots, zeros), zeros + 19000)
    emails = [f"nobody{number}@elsewhere.example" for number in range(count)]
    return [Stranger(*ids) for ids in zip(emails, users, cvs, rows, strict=True)]


@dataclass(frozen=True)
class Job:
    """One defect for one record: the first from the target on that suits."""

    target: int
    defect: Defect
    column: str
    text: str


def _jobs(report: str, rows: int, dialect: Dialect, seed: int, copies: int) -> list[Job]:
    """What goes into a report, begun within its first three quarters so that the rest can still suit."""
    spots = []
    for defect in DEFECTS:
        for spot in listed(defect.spots):
            where, _, cell = spot.partition(": ")
            column, _, text = cell.replace("#{lang}", dialect.language).partition(" = ")
            # In an export every telephone is guarded: there it is the dialect, not damage.
            if where == report and not (dialect.exported and defect.name == "apostrophe_guard"):
                spots += [(defect, column, text)] * copies
    targets = draw(np.arange(len(spots)).astype(np.uint64), f"{seed} {report}", max(rows * 3 // 4, 1)).tolist()
    jobs = [Job(target, *spot) for target, spot in zip(targets, spots, strict=True)]
    return sorted(jobs, key=lambda job: job.target)


class Rewriter:
    """Copies a report record by record, spoiling some on the way."""

    def __init__(self, report: str, dialect: Dialect, lines: Iterator[bytes], out: IO[bytes]) -> None:
        self.report, self.dialect, self.lines, self.out = report, dialect, lines, out
        self.taken = self.added = 0
        self.for_the_end: list[tuple[Job, Record]] = []
        self.damage: list[Damage] = []

    def find(self, job: Job) -> bytes | None:
        """Copy records up to one that suits the job and hand that over; nothing where the report ends before."""
        ahead = max(job.target - self.taken, 0)
        self.out.writelines(islice(self.lines, ahead))
        self.taken += ahead
        for line in self.lines:
            self.taken += 1
            if job.defect.suits(Record(line, self.report, self.dialect), job.column, job.text):
                return line
            self.out.write(line)
        return None

    def spoil(self, job: Job, line: bytes, stranger: Stranger) -> None:
        """Spoil the record itself, or a copy of it that goes before it, behind it or to the end."""
        record, defect = Record(line, self.report, self.dialect), job.defect
        if not defect.identity:
            self.write(job, record, defect.spoil(record, job.column, job.text))
            return
        defect.identity(record, stranger)
        defect.spoil(record, job.column, job.text)
        if defect.name in AT_THE_END:
            self.out.write(line)
            self.for_the_end.append((job, record))
        elif defect.expected == "duplicate":
            self.out.write(line)
            self.added += 1
            self.write(job, record)
        else:
            self.write(job, record)
            self.added += 1
            self.out.write(line)

    def write(self, job: Job, record: Record, value: object = None) -> None:
        """Write a spoiled record and note where it stands."""
        self.out.write(record.line)
        key = record[record.key_column] if record.cells else ""
        entry = (job.defect.name, self.report, 1 + self.taken + self.added, job.column or None, key or None)
        self.damage.append(Damage(*entry, job.defect.expected, value))

    def finish(self) -> None:
        """Copy the rest and write what goes to the end."""
        for line in self.lines:
            self.taken += 1
            self.out.write(line)
        for job, record in self.for_the_end:
            self.added += 1
            self.write(job, record)


def _with_mood(lines: Iterator[bytes], dialect: Dialect) -> Iterator[bytes]:
    """Every record with a column more."""
    end, separator = dialect.line_end.encode(), dialect.separator.encode()
    for number, line in enumerate(lines):
        yield line.removesuffix(end) + separator + (MOODS[number % 3] if number else b"Mood") + end


def _spoil_report(path: Path, dialect: Dialect, jobs: list[Job], seed: int) -> list[Damage]:
    report, spoiled = path.stem, path.with_suffix(".spoiled")
    with path.open("rb") as source, spoiled.open("wb") as out:
        lines = _with_mood(source, dialect) if report == "blogs" else iter(source)
        out.write(next(lines))
        rewriter = Rewriter(report, dialect, lines, out)
        for job, stranger in zip(jobs, _strangers(dialect, seed, report, len(jobs)), strict=True):
            line = rewriter.find(job)
            if line is None:
                break
            rewriter.spoil(job, line, stranger)
        rewriter.finish()
    spoiled.replace(path)
    return rewriter.damage


def spoil(folder: Path, dialect: Dialect, rows: Mapping[str, int], *, seed: int, people: int) -> tuple[Damage, ...]:
    """Damage the reports in a folder, every line of which has its end, and write `damage.json` beside them."""
    damage = [Damage("unknown_column", "blogs", 1, "Mood", None, "loaded")]
    for report in HEADERS:
        jobs = _jobs(report, rows[report], dialect, seed, 1 + people // 500)
        damage += _spoil_report(folder / f"{report}.csv", dialect, jobs, seed)
    told = [{k: v for k, v in asdict(entry).items() if k != "value" or v is not None} for entry in damage]
    totals = Counter(entry.defect for entry in damage)
    text = json.dumps({"damage": told, "totals": totals}, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "damage.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return tuple(damage)
