"""Whatever happens at the source, and in whatever order: following it ends where a full sync does."""

import datetime
from contextlib import suppress
from random import Random

import pytest

from hrdata_assets.errors import HRDataError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets_tests.sync.test_unifying import assert_follows, brought
from hrdata_assets_tests.sync.worlds import Synced

ROUNDS = 6
FAULTS = (
    Fault(kind="status", status=503, times=30),
    Fault(kind="truncated", times=30),
    Fault(kind="expire"),
    Fault(kind="rate_limited", retry_after=0.1),
)


class History:
    """What happens at a source, as a seed decides it."""

    def __init__(self, it: Synced, seed: int) -> None:
        self._it, self._random, self._added = it, Random(seed), 0
        self._deleted: list[str] = []
        self._over = False

    def end(self) -> None:
        """From now on nothing happens."""
        self._over = True

    def happen(self) -> None:
        """A few things, now or while the next sync reads; and sometimes it cannot read on."""
        for _ in range(self._random.randint(1, 6)):
            if self._random.random() < 0.6:
                self._something()
            else:
                self._it.fake.before_answer(self._it.world.page, self._random.randint(1, 6), self._something)
        if self._random.random() < 0.4:
            fault = self._random.choice(FAULTS)
            after = self._random.randint(0, 5)
            self._it.fake.faults.add(fault.model_copy(update={"path": self._it.world.page, "after": after}))

    def _something(self) -> None:
        if not self._over:
            self._random.choice((self._add, self._change, self._delete, self._restore, self._vanish))()

    def _add(self) -> None:
        self._added += 1
        self._it.add(title=f"New {self._added}")

    def _change(self) -> None:
        self._it.change(self._somebody(), title=f"Changed {self._random.randint(0, 99)}")

    def _delete(self) -> None:
        self._deleted.append(self._somebody())
        self._it.delete(self._deleted[-1])

    def _restore(self) -> None:
        if self._deleted:
            # Nobody restores what was deleted in the same millisecond.
            self._it.fake.clock_ahead += datetime.timedelta(milliseconds=2)
            self._it.restore(self._deleted.pop(self._random.randrange(len(self._deleted))))

    def _vanish(self) -> None:
        self._it.vanish(self._somebody())

    def _somebody(self) -> str:
        return self._random.choice(self._it.wanted())


@pytest.mark.parametrize("seed", [1, 2, 13])
def test_following_a_source_ends_where_a_full_sync_does(it: Synced, seed: int) -> None:
    history = History(it, seed)
    for _ in range(ROUNDS):
        history.happen()
        with suppress(HRDataError):
            it.sync()
        it.fake.faults.clear()
        brought(it)
    history.end()
    # What happened while one sync read is seen by the next; what vanished, by a look at the ids.
    it.sync()
    it.sync(keys=True)
    it.assert_complete()
    followed = it.content()
    again = it.sync(full=True).counts
    assert (again.inserted, again.removed, it.content()) == (0, 0, followed)
    it.assert_complete()
    brought(it)
    assert_follows(it)
