"""How much of the day's calls the org has used: told in every answer, and minded before every call."""

import re
from collections.abc import Mapping

from hrdata_assets.systems.answers import OutOfQuotaError

_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


class Quota:
    """Stops at a share of the day's calls, so that others who use the org have theirs."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._used, self._all = 0, 0

    def note(self, headers: Mapping[str, str]) -> None:
        """Read what an answer tells."""
        if found := _USAGE.search(headers.get("sforce-limit-info", "")):
            self._used, self._all = int(found[1]), int(found[2])

    def mind(self) -> None:
        """OutOfQuotaError once the share is used up."""
        if self._all and self._used >= self._share * self._all:
            raise OutOfQuotaError(
                f"salesforce: {self._used} of the day's {self._all} calls are used, and no more than a share of "
                f"{self._share:g} may be (SALESFORCE_QUOTA_SHARE): the next pull goes on here"
            )
