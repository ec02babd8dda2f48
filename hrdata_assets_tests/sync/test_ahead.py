"""Reading ahead: members in order, errors where they happened, and no thread left."""

import threading
from collections.abc import Iterator

import pytest

from hrdata_assets.sync.ahead import read_ahead


def counted(until: int, error: type[Exception] | None = None) -> Iterator[int]:
    yield from range(until)
    if error is not None:
        raise error


def test_members_come_in_their_order_and_then_what_was_raised() -> None:
    with read_ahead(counted(20), 3) as members:
        assert list(members) == list(range(20))
    with read_ahead(counted(5, KeyError), 2) as members:
        assert [next(members) for _ in range(5)] == list(range(5))
        with pytest.raises(KeyError):
            next(members)


def test_only_so_many_are_read_ahead_and_nobody_reads_on_when_the_block_is_left() -> None:
    taken: list[int] = []

    def noted() -> Iterator[int]:
        for number in range(1_000):
            taken.append(number)
            yield number

    with read_ahead(noted(), 2) as members:
        assert next(members) == 0
    assert len(taken) <= 5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read ahead")]
