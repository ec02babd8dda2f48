"""How many calls an org has left: counted with every call, told in every answer."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from hrdata_assets.systems.salesforce.fake_calls import Answer, Call, Route
from hrdata_assets.systems.salesforce.fake_errors import daily_limit
from hrdata_assets.systems.salesforce.fake_query_jobs import QueryJobs
from hrdata_assets.systems.salesforce.fake_switches import Switches

DAY = timedelta(days=1)
STORAGE = 976_562  # megabytes of Bulk results a day


class Quota:
    """Calls of the last 24 hours."""

    def __init__(self, switches: Switches, now: Callable[[], datetime]) -> None:
        self._switches = switches
        self._now = now
        self._began = now()
        self.used = 0
        """May be set: others use the org too."""

    def spend(self) -> None:
        """Count a call; ApiError when none is left."""
        if self._now() - self._began >= DAY:
            self._began, self.used = self._now(), 0
        if self.used >= self._switches.daily_calls:
            raise daily_limit()
        self.used += 1

    @property
    def header(self) -> dict[str, str]:
        """What every answer says."""
        return {"Sforce-Limit-Info": f"api-usage={self.used}/{self._switches.daily_calls}"}

    @property
    def left(self) -> int:
        """Calls that may still be made."""
        return max(self._switches.daily_calls - self.used, 0)


class Limits:
    """``limits``."""

    def __init__(self, switches: Switches, quota: Quota, jobs: QueryJobs) -> None:
        self._switches = switches
        self._quota = quota
        self._jobs = jobs

    def routes(self) -> Iterator[Route]:
        """What is answered."""
        yield Route("GET", "limits", self.limits)

    def limits(self, _: Call) -> Answer:
        """What the org may do in a day, and what of it is left."""
        most = self._switches.daily_query_jobs
        found = {
            "DailyApiRequests": (self._switches.daily_calls, self._quota.left),
            "DailyBulkApiBatches": (15_000, 15_000),
            "DailyBulkV2QueryJobs": (most, max(most - self._jobs.of_today, 0)),
            "DailyBulkV2QueryFileStorageMB": (STORAGE, STORAGE),
            "DataStorageMB": (1_024, 900),
            "FileStorageMB": (1_024, 1_000),
        }
        return Answer(body={name: {"Max": most, "Remaining": left} for name, (most, left) in found.items()})
