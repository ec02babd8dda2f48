"""How many calls the app has left: in ten seconds, in a day, and of searches in a second."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from starlette.responses import Response

from hrdata_assets.systems.hubspot.fake_errors import too_many
from hrdata_assets.systems.hubspot.fake_switches import Policy, Switches
from hrdata_assets.systems.hubspot.fake_values import iso, milliseconds

SECOND, TEN_SECONDS, DAY = timedelta(seconds=1), timedelta(seconds=10), timedelta(days=1)


class Limits:
    """Counts calls by the fake's clock; those that are refused do not count."""

    def __init__(self, switches: Switches, now: Callable[[], datetime]) -> None:
        self._switches = switches
        self._now = now
        self._calls: deque[datetime] = deque()
        self._searches: deque[datetime] = deque()
        self._day = self._today()
        self.used = 0
        """Calls of today; may be set: other apps call too."""

    def spend(self, *, search: bool) -> Response | None:
        """Count a call, or answer that it is one too many."""
        now = self._now()
        _forget(self._calls, now - TEN_SECONDS)
        _forget(self._searches, now - SECOND)
        if self._today() != self._day:
            self._day, self.used = self._today(), 0
        if self._switches.rates and (policy := self._reached(search=search)):
            return self.refusal(policy, self._wait(policy, now))
        self._calls.append(now)
        self.used += 1
        if search:
            self._searches.append(now)
        return None

    def refusal(self, policy: Policy, wait: float | None) -> Response:
        """Answer 429; how long to wait is not said of a day's limit."""
        if wait is None or policy == "DAILY":
            return too_many(policy, {})
        number = wait * 1000 if self._switches.retry_after == "milliseconds" else wait
        return too_many(policy, {"Retry-After": str(ceil(number))})

    def headers(self, *, private: bool) -> dict[str, str]:
        """What every answer says, but those of searches; of the day only a private app is told."""
        switches = self._switches
        found = {
            "Max": switches.calls_per_ten_seconds,
            "Remaining": max(switches.calls_per_ten_seconds - len(self._calls), 0),
            "Interval-Milliseconds": 10_000,
            "Secondly": switches.calls_per_ten_seconds // 10,
            "Secondly-Remaining": switches.calls_per_ten_seconds // 10,
        }
        if private:
            found |= {"Daily": switches.calls_per_day, "Daily-Remaining": max(switches.calls_per_day - self.used, 0)}
        return {f"X-HubSpot-RateLimit-{name}": str(value) for name, value in found.items()}

    def usage(self) -> dict[str, Any]:
        """What the account's page about usage says of today."""
        resets = self._day + DAY - self._switches.zone
        return {
            "results": [
                {
                    "name": "private-apps-api-calls-daily",
                    "usageLimit": self._switches.calls_per_day,
                    "currentUsage": self.used,
                    "collectedAt": iso(milliseconds(self._now())),
                    "fetchStatus": "SUCCESS",
                    "resetsAt": iso(milliseconds(resets)),
                }
            ]
        }

    def _reached(self, *, search: bool) -> Policy | None:
        switches = self._switches
        if self.used >= switches.calls_per_day:
            return "DAILY"
        if search and len(self._searches) >= switches.searches_per_second:
            return "SECONDLY"
        return "TEN_SECONDLY_ROLLING" if len(self._calls) >= switches.calls_per_ten_seconds else None

    def _wait(self, policy: Policy, now: datetime) -> float:
        if policy == "SECONDLY":
            return (self._searches[0] + SECOND - now).total_seconds()
        return (self._calls[0] + TEN_SECONDS - now).total_seconds() if self._calls else 1.0

    def _today(self) -> datetime:
        """Midnight of the account's day, in its own zone but marked as UTC."""
        local = self._now() + self._switches.zone
        return datetime(local.year, local.month, local.day, tzinfo=UTC)


def _forget(moments: deque[datetime], before: datetime) -> None:
    while moments and moments[0] <= before:
        moments.popleft()
