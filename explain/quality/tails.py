"""How rare a value beyond all of the reference is: its tails, with what the largest of so many values is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from explain.types import Floats

SHARE = 0.05
"""Share of the values that make a tail: as far as a power law is taken to hold."""
FEWEST, MOST = 5, 50
"""Values that a tail is read off at least, and at most."""
FEW = 200
"""Values below which a tail holds the fewest, or little more."""
LEAST_SHAPE = 0.01


class Tail(NamedTuple):
    """One side of a column: of distances from the `middle` beyond `start`, of which the reference has `size` among
    `rows`, the logarithms have the mean `shape` (Hill 1975). The largest is `end`; there are `beyond` more to expect.
    """

    middle: float
    side: int
    start: float
    shape: float
    size: int
    rows: int
    end: float
    beyond: float

    def chance(self, cells: Floats) -> Floats:
        """(n,) probability that a new value of the same kind is as far out as each cell, or further.

        Log-distances beyond the start are taken as exponential; with their mean known from `size` of them only, a new
        one exceeds y with (1 + y / (size shape)) ** -size (the predictive distribution; Aitchison and Dunsmore 1975).
        Most tails are lighter than a power law, so that this is more often too large than too small. Where the largest
        value came so often that others should have lain beyond it, and none did, it is likely to be the end of a scale:
        a new value beyond it is as much rarer as their absence is. 1 for blanks.
        """
        import numpy as np

        far = self.side * (cells - self.middle)
        apart = np.log(np.maximum(far, self.start) / self.start) if self.start > 0 else np.zeros(len(cells))
        own = (self.size + 1) / (self.rows + 1) * (1 + apart / (self.size * self.shape)) ** -self.size
        own = np.where(far > self.end, own * np.exp(-self.beyond), own)
        return np.asarray(np.where(np.isnan(cells), 1.0, own))


def tails_of(values: Floats, step: float) -> tuple[tuple[Tail, ...], tuple[Tail, ...]]:
    """The lower and the upper tail of sorted values (m,) that are `step` apart where they are whole numbers, else 0.

    Of few values each is read off twice, the second time off twice as many: equal ones make a short tail look shorter.
    """
    import numpy as np

    middle = float(np.median(values)) if len(values) else 0.0
    twice = (1, 2) if len(values) < FEW else (1,)

    def side_of(side: int, distances: Floats) -> tuple[Tail, ...]:
        return tuple(_tail(distances, (side, middle, step), times) for times in twice)

    return side_of(-1, (middle - values)[::-1]), side_of(1, values - middle)


def _tail(distances: Floats, where: tuple[int, float, float], times: int) -> Tail:
    """From sorted signed distances (m,), of which those above zero lie on this side."""
    import numpy as np

    side, middle, step = where
    far = distances[distances > 0]
    end = float(far[-1]) if len(far) else 0.0
    beyond = _expected_beyond(distances)
    size = min(times * max(FEWEST, min(MOST, int(SHARE * len(distances)))), len(far) - 1)
    if size < 1:
        # nothing is known of a side on which nothing, or a single value, lies
        start = float(far[-1]) if len(far) else max(step, float(np.ptp(distances)) if len(distances) else 0.0, 1e-300)
        return Tail(middle, side, start, 1.0, 1, len(distances), end, beyond)
    # a whole number stands for half a step on either side of it
    start = max(float(far[-size - 1]) - step / 2, float(far[-size - 1]) / 2)
    shape = max(float(np.log(far[-size:] / start).mean()), LEAST_SHAPE)
    return Tail(middle, side, start, shape, size, len(distances), end, beyond)


def _expected_beyond(distances: Floats) -> float:
    """How many of sorted distances (m,) would lie beyond the largest, if their numbers went on to fall as they did.

    From one value to the next the largest came k of j times as often as the one before it; of a tail that thins ever
    faster, half of that. A single one may be missing by chance, and is not counted.
    """
    import numpy as np

    if not len(distances):
        return 0.0
    last = int(np.searchsorted(distances, distances[-1]))
    if not last:
        return 0.0
    before = int(np.searchsorted(distances, distances[last - 1]))
    most, less = len(distances) - last, last - before
    return max(most * min(most / less, 1.0) / 2 - 1.0, 0.0)
