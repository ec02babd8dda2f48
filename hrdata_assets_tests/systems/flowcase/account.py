"""A fake Flowcase that is served, and a place where its reports are landed; no database is needed for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import Settings
from hrdata_assets.systems.configuration import SystemSettings
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets.systems.flowcase.fake_api import FlowcaseAPIFake, served
from hrdata_assets.systems.flowcase.pulling import PulledQuarter, pull_quarter

QUARTER = Quarter(2026, 2)
PEOPLE = 40
QUICK = {"FLOWCASE_PER_MINUTE": "60000", "FLOWCASE_POLL_SECONDS": "0.005", "FLOWCASE_PATIENCE_SECONDS": "5"}


@dataclass
class Account:
    """The fake, its address, and the folder in which everything of ours is."""

    fake: FlowcaseAPIFake
    url: str
    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        return {**self.fake.variables(self.url), **QUICK}

    @property
    def settings(self) -> Settings:
        return Settings(HRDATA_HOME=self.folder / "home", HRDATA_REPORTS_DIR=self.folder / "cv_reports")  # type: ignore[call-arg]

    @property
    def landed(self) -> Path:
        return self.folder / "cv_reports" / QUARTER.folder

    def pull(self, *, replace: bool = False, **more: str) -> PulledQuarter:
        systems = SystemSettings(**{**self.variables, **more})  # type: ignore[arg-type]
        return pull_quarter(self.settings, systems, QUARTER, replace=replace)

    def files(self) -> dict[str, bytes]:
        """What was landed, by report."""
        return {path.stem: path.read_bytes() for path in sorted(self.landed.glob("*.csv"))}

    def written(self, **more: Any) -> dict[str, bytes]:
        """What the generator of folders writes of the same people, without the customer's own files."""
        aside = self.folder / "written"
        people, dialect = self.fake.company.people, self.fake.company.dialect
        write_quarter(aside, self.fake.company.quarter, people=people, dialect=dialect, **more)  # type: ignore[arg-type]
        found = {path.stem: path.read_bytes() for path in sorted(aside.glob("*.csv"))}
        return {report: found[report] for report in found if report not in ("sc_clearance", "availability_report")}

    def downloads(self) -> int:
        """How many files were fetched."""
        return sum(call.status == 200 for call in self.fake.files.calls)


@contextmanager
def an_account(folder: Path, people: int = PEOPLE, **switches: Any) -> Iterator[Account]:
    """An account for the length of a block; reports of it are ready at once unless told otherwise."""
    fake = FlowcaseAPIFake(people=people, **{"polls": 0, **switches})
    with served(fake) as url:
        yield Account(fake, url, folder)
