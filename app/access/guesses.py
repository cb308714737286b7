"""Wrong tokens make their sender wait, twice as long each time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FREE = 5
"""Wrong tokens that may be slips of the hand: links cut short, an earlier token."""
LONGEST = 60.0
"""Seconds; longer would let a stranger behind the same address lock people out."""
MOST_SENDERS = 1_000
"""Addresses remembered; the one that was heard of longest ago is forgotten."""


class Guesses:
    """How often each address sent a wrong token, and until when it is not listened to."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}

    def wait(self, sender: str) -> float:
        """Seconds until a token of this sender is looked at again."""
        return max(0.0, self._wrong.get(sender, (0, 0.0))[1] - self._clock())

    def wrong(self, sender: str) -> None:
        """Count a wrong token."""
        count = self._wrong.pop(sender, (0, 0.0))[0] + 1
        pause = 0.0 if count < FREE else min(LONGEST, 2.0 ** (count - FREE))
        self._wrong[sender] = count, self._clock() + pause
        if len(self._wrong) > MOST_SENDERS:
            del self._wrong[next(iter(self._wrong))]

    def right(self, sender: str) -> None:
        """Forget what came before a right token."""
        self._wrong.pop(sender, None)
