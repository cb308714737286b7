"""How long a step of long work still takes, said only when it can be kept.

Steps take very different times for tables and models of different kinds, so that nothing is said of those to come;
within a step the rows, or the columns, come at an even pace.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = 3.0
"""Seconds of a step in which nothing is said: its first rows also pay for the start."""
LATEST = FIRST / 2
"""Seconds over which the latest pace is taken: it must not be the whole again."""
APART = 0.25
"""How far the step's own pace and the latest one may lie apart, as a share: more, and "about" is no longer true."""
SHORTEST = 2.0
"""Seconds left that are worth saying: less is over before it was read."""
BETWEEN = 0.05
"""Seconds between two looks that are remembered."""


class TimeLeft:
    """The time that the present step takes on, by its own pace; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._began = (0.0, 0.0)
        self._seen: deque[tuple[float, float]] = deque()

    def at(self, share: float, step: str, end: float | None) -> float | None:
        """Seconds left when `step` has brought the whole to `share` and ends at `end`, both from 0 to 1.

        None while nobody can tell, or where it is not known at which share the step ends.
        """
        now = self._clock()
        if step != self._step:
            self._step, self._began = step, (now, share)
            self._seen.clear()
        if not self._seen or now - self._seen[-1][0] >= BETWEEN:
            self._seen.append((now, share))
        # of what is older than the latest pace, the newest stays: the pace is taken from there
        while len(self._seen) > 1 and now - self._seen[1][0] >= LATEST:
            self._seen.popleft()
        whole, latest = (_pace(before, (now, share)) for before in (self._began, self._seen[0]))
        if end is None or now - self._began[0] < FIRST or whole <= 0 or abs(latest - whole) > APART * whole:
            return None
        left = (end - share) / latest
        return left if left >= SHORTEST else None


def _pace(before: tuple[float, float], now: tuple[float, float]) -> float:
    """Share a second between two looks; 0 where no time went by."""
    return (now[1] - before[1]) / (now[0] - before[0]) if now[0] > before[0] else 0.0


def said(seconds: float) -> str:
    """Seconds as people take them: "9 s", "25 s", "2 min"."""
    if seconds < 90:
        return f"{round(seconds) if seconds < 10 else 5 * round(seconds / 5)} s"
    return f"{round(seconds / 60)} min"
