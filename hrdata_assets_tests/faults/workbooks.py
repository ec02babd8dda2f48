"""An installation whose workbooks are loaded and disturbed, and what its table must be like afterwards."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import xlsxwriter

from hrdata_assets.storage.evolution import SYSTEM_COLUMNS
from hrdata_assets.verify.answers import verify
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.installation import Installation, hrdata_command
from hrdata_assets_tests.victim import grave, wait_until_nobody_works

ROWS, BESIDE = 15_000, 3
LARGE, SMALL = "staff/a large one.xlsx", "staff/small.xlsx"
POINTS = ("after_archive", "after_claim", "mid_copy", "after_copy", "before_commit", "after_commit")
"""Every point that loading a workbook passes."""

TYPES = {
    "old": {"number": "integer", "pay": "integer", "version": "text", "name": "text", "small": "boolean"},
    "new": {
        "number": "integer",
        "pay": "numeric",
        "version": "text",
        "name": "text",
        "small": "boolean",
        "unit": "text",
    },
}
"""Columns of the table after each version of the large workbook; the new one widens one and adds one."""


@dataclass(frozen=True)
class Folder:
    """A folder of workbooks that is loaded; ``versions`` are the large one's, by name."""

    installation: Installation
    versions: dict[str, Path]

    @property
    def data(self) -> Path:
        return self.installation.folder / "data"

    @property
    def temporary(self) -> Path:
        """Its processes' folder for temporary files."""
        return self.installation.folder / "temporary"

    def deliver(self, version: str) -> None:
        """Put a version of the large workbook into the folder."""
        target = self.data / LARGE
        target.parent.mkdir(parents=True, exist_ok=True)
        # As a person's copying over it does: the file is the same, its content another.
        target.write_bytes(self.versions[version].read_bytes())

    def start(self, fault: str | None = None) -> subprocess.Popen[str]:
        """Start `hrdata excel load` in a process of its own."""
        asked = {} if fault is None else {"HRDATA_TESTING": "1", "HRDATA_FAULT": fault}
        return subprocess.Popen(
            hrdata_command("excel", "load"),
            env={**self.installation.process_environment(), **asked},
            cwd=self.installation.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        """How it ended, and what it said; whatever happened, nothing of it is at work any more."""
        said, told = process.communicate(timeout=120)
        assert gone_within(self.installation, seconds=30) == []
        assert parts_left_in(self.temporary) == []
        wait_until_nobody_works(self.installation)
        return process.returncode, said + told

    def load(self, fault: str | None = None) -> tuple[int, str]:
        """Load everything in a process of its own."""
        return self.end(self.start(fault))

    def load_here(self, command: str = "load") -> set[str]:
        """Load everything in this process, or ``resume`` it; what became of the workbooks."""
        with self.installation.environment():
            answer = hrdata("excel", command, "--json")
        return {workbook["status"] for workbook in answer.told["workbooks"]}

    def found(self, path: str = LARGE) -> tuple[int, str | None]:
        """How many rows of a workbook stand in the table, and of which version; bookkeeping and `verify` agree."""
        assert_kept_books_are_right(self.installation)
        if not columns(self.installation):
            return 0, None
        ((count, distinct, total, first, last),) = self.installation.rows(
            "select count(*), count(distinct number), coalesce(sum(number), 0)::bigint, min(version), max(version)"
            " from excel.staff where source_file = %s",
            path,
        )
        assert first == last, "rows of two versions stand side by side"
        assert (distinct, total) == (count, sum(range(count))), "rows are missing, or stand there twice"
        return count, first

    def assert_is_whole(self, version: str) -> None:
        """Everything stands there once, as if nothing had ever happened."""
        assert self.found() == (ROWS, version)
        assert self.found(SMALL) == (BESIDE, "beside")
        assert columns(self.installation) == TYPES[version]

    def name_key(self, heading: str) -> None:
        """Give the folder a business key."""
        configuration = self.installation.folder / "config" / "etl_config.yaml"
        configuration.parent.mkdir()
        configuration.write_text(f"staff:\n  key: {heading}\n", encoding="utf-8")

    def by_key(self) -> tuple[dict[str, int], dict[str, int]]:
        """How many rows of each version stand in the table, one per key, and how many stand behind newer ones."""
        assert grave(verify(self.installation.warehouse, read_archive=True)) == []
        assert self.installation.one("select count(*) = count(distinct number) from excel.staff")
        standing = self.installation.rows("select version, count(*) from excel.staff group by 1")
        behind = "select cells ->> 'version', count(*) from ops.row_versions where stands group by 1"
        return dict(standing), dict(self.installation.rows(behind))


def write_versions(folder: Path) -> dict[str, Path]:
    """Write both versions of the large workbook."""
    texts = ["Name", "Number", "Pay", "Version", "Small"]
    old = [[f"person {n}", n, n % 700, "old", n % 2 == 0] for n in range(ROWS)]
    new = [[f"other {n}", n, n + 0.25, "new", n % 3 == 0, f"unit {n % 9}"] for n in range(ROWS)]
    return {
        "old": write_workbook(folder / "old.xlsx", [texts, *old]),
        "new": write_workbook(folder / "new.xlsx", [[*texts, "Unit"], *new]),
    }


def write_workbook(path: Path, rows: list[list[object]]) -> Path:
    """Write rows as the only sheet of a workbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def write_small(data: Path) -> None:
    """Write the small workbook."""
    names = ["Name", "Number", "Pay", "Version", "Small"]
    write_workbook(data / SMALL, [names, *([f"s{n}", n, n, "beside", True] for n in range(BESIDE))])


def columns(installation: Installation) -> dict[str, str]:
    """Columns of the table and their types, without those that every table has; none if there is no table."""
    return dict(
        installation.rows(
            "select column_name::text, data_type::text from information_schema.columns"
            " where table_schema = 'excel' and table_name = 'staff' and column_name <> all(%s)",
            list(SYSTEM_COLUMNS),
        )
    )


def assert_kept_books_are_right(installation: Installation) -> None:
    """What is written down of imports, loads, columns and changes stands in the table; no promise is broken."""
    there = columns(installation)
    remembered = installation.rows("select column_name, type from ops.columns where table_name = 'staff'")
    assert dict(remembered) == there
    changes = installation.rows("select change_type, column_name, new_type from ops.etl_schema_changes")
    made = [c for c in changes if c[0] == "create_table"]
    assert len(made) == bool(there)
    assert len({c[:2] for c in changes}) == len(changes), "a change is written down twice"
    assert all(there[column] == new for kind, column, new in changes if kind != "create_table")
    imports = "select source_file, load_id, row_count from ops.etl_imports where status = 'imported'"
    published = (
        "select i.source_file, p.load_id, l.inserted from ops.partitions p join ops.loads l using (load_id)"
        " join ops.etl_imports i using (load_id) where p.asset_key = 'excel/staff'"
    )
    loaded = sorted(installation.rows(imports))
    assert sorted(installation.rows(published)) == loaded
    assert len({path for path, *_ in loaded}) == len(loaded), "a workbook is imported twice"
    counted = "select source_file, load_id, count(*) from excel.staff group by 1, 2 order by 1, 2"
    assert (installation.rows(counted) if there else []) == loaded
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def readers_of(installation: Installation) -> list[psutil.Process]:
    """Processes that take this installation's workbooks apart, whoever their parent is by now."""
    return list(_readers(str(installation.home)))


def _readers(home: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            ours = "hrdata_assets.systems.workbooks.worker" in process.cmdline()
            if ours and process.environ().get("HRDATA_HOME") == home:
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def gone_within(installation: Installation, *, seconds: float) -> list[int]:
    """Numbers of the readers that are still there after so long."""
    until = time.monotonic() + seconds
    while (there := readers_of(installation)) and time.monotonic() < until:
        time.sleep(0.05)
    return [process.pid for process in there]


def parts_left_in(folder: Path) -> list[str]:
    """Folders of sheets taken apart that nobody took away."""
    return sorted(path.name for path in folder.glob("hrdata-workbook-*"))
