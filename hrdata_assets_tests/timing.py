"""What something costs, on a machine that has other things to do: an absolute limit says nothing there."""

import time
from collections.abc import Callable


def quickest(do: Callable[[], object], tries: int = 5, clock: Callable[[], float] = time.thread_time) -> float:
    """Seconds of the try least disturbed, to be held against those of another thing and never against a number.

    Those of this thread, unless another clock is given: what a server does is seen by ``time.perf_counter`` only.
    """
    seconds = []
    for _ in range(tries):
        began = clock()
        do()
        seconds.append(clock() - began)
    return min(seconds)
