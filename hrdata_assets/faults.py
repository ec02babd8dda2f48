"""Faults on purpose: named points of loading at which a test kills, stops or fails the process that comes by.

``HRDATA_FAULT=mid_copy:kill:staged/flowcase_users`` acts only beside ``HRDATA_TESTING=1``. The second part is what
happens (kill, if it is left out), the third an asset or a layer; without it the first asset that comes by is struck.
"""

import logging
import os
import signal
import time
from dataclasses import dataclass
from enum import StrEnum

from hrdata_assets.errors import SetupError, SystemUnavailable

TESTING = "HRDATA_TESTING"
FAULT = "HRDATA_FAULT"

POINTS = (
    "after_archive",
    "after_claim",
    "mid_copy",
    "after_copy",
    "before_publish",
    "mid_publish",
    "after_score",
    "before_commit",
    "after_commit",
    "before_event",
)
"""Every point, in the order in which a load passes them."""

ANY = "any"
"""In place of a point: all of them."""

log = logging.getLogger("hrdata")


class Action(StrEnum):
    """What happens at the point."""

    KILL = "kill"
    """The process is gone at once, as by kill -9."""

    RAISE = "raise"
    """SystemUnavailable, every time."""

    SLEEP = "sleep"
    """The process stands still, once, until it is sent SIGCONT."""

    NOTE = "note"
    """A line in the log, and nothing else."""


@dataclass(frozen=True)
class Fault:
    """What the environment asks for."""

    point: str
    action: Action
    asset: str

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Read ``point[:action[:asset]]``. SetupError for a point or an action that there is not."""
        point, _, rest = text.partition(":")
        action, _, asset = rest.partition(":")
        if point not in (*POINTS, ANY):
            raise SetupError(f"{FAULT}: there is no point {point}; there are {', '.join((*POINTS, ANY))}")
        if action and action not in set(Action):
            raise SetupError(f"{FAULT}: there is no action {action}; there are {', '.join(Action)}")
        return cls(point, Action(action or Action.KILL), asset)

    def strikes(self, point: str, asset: str) -> bool:
        """Whether it is meant for this point of this asset's load."""
        here = self.point in (point, ANY)
        return here and (not self.asset or asset == self.asset or asset.startswith(f"{self.asset}/"))


_SLEPT: set[Fault] = set()


def fault(point: str, asset: str) -> None:
    """Come by a point while an asset is loaded; in earnest, outside tests, nothing ever happens here."""
    if os.environ.get(TESTING) != "1" or not os.environ.get(FAULT):
        return
    asked = Fault.parse(os.environ[FAULT])
    if not asked.strikes(point, asset):
        return
    if asked.action is Action.NOTE:
        log.info("passed %s of %s", point, asset)
    elif asked.action is Action.RAISE:
        raise SystemUnavailable(f"{asset}: a fault was asked for at {point}")
    elif asked.action is Action.KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    elif asked not in _SLEPT:
        _SLEPT.add(asked)
        os.kill(os.getpid(), signal.SIGSTOP)
        # Whatever signal came meanwhile is heard here, and not a few steps on.
        time.sleep(0.05)
