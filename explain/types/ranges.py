"""Ranges: past errors put on rows, from which an interval at any level is a look-up.

Weighted conformal prediction (Tibshirani, Foygel Barber, Candès and Ramdas 2019); without weights every case counts as
one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.types.arrays import Flags, Floats, Ints

    Picked: TypeAlias = Flags | slice

EXACT = 1e-9
"""Shares are compared up to this: (1 - .9) / 2 x 200 is 9.999… in floating point and means 10."""


@dataclass(frozen=True)
class Weights:
    """Likelihood ratios, rows now against past cases: `past` (m,) and `rows` (n,), positive, on one scale."""

    past: Floats
    rows: Floats


@dataclass(frozen=True)
class Judged:
    """p-values of what really happened in past cases (m,), rising, and the weight of the first 0, 1, ... of them.

    They tell how often the truth lies in the set or range at any level.
    """

    ordered: Floats
    before: Floats

    def coverage(self, level: float) -> float:
        """The share of truths inside at `level`, measured."""
        import numpy as np

        outside = int(np.searchsorted(self.ordered, 1 - level + EXACT, side="right"))
        return float(1 - self.before[outside] / self.before[-1])


@dataclass(frozen=True)
class Residuals:
    """Signed errors of past cases in units of their difficulty, in rising order: all that ranges need.

    `edges` (b - 1,) are the inner edges of bands of predicted value, `ordered` b arrays of errors / difficulty,
    `before` b arrays with the weight of the first 0, 1, ... of them. Errors normalised by a difficulty model need one
    band; without a model bands stand in for it, so that the width follows the prediction either way.
    """

    edges: Floats
    ordered: tuple[Floats, ...]
    before: tuple[Floats, ...]

    def __len__(self) -> int:
        return sum(len(own) for own in self.ordered)

    def on(self, predicted: Floats, difficulty: Floats | float = 1.0, weights: Floats | None = None) -> Ranges:
        """The ranges of rows: `predicted` (n,) in target units, `difficulty` (n,) positive, in the past cases' unit.

        `weights` (n,) are those of these rows, for weighted conformal prediction, on the scale of the past ones.
        """
        import numpy as np

        band = np.searchsorted(self.edges, predicted, side="right") if len(self.edges) else None
        return Ranges(self, predicted, difficulty, weights, band)


@dataclass(frozen=True)
class Ranges:
    """`Residuals` put on n rows: what is asked of it again and again, with everything else computed once.

    `band` (n,) is the band of each row, None where there is only one. `reach` are two arrays (n,) by which doubt about
    the row itself moves the ends outwards: not above and not below 0.
    """

    residuals: Residuals
    predicted: Floats
    difficulty: Floats | float
    weights: Floats | None
    band: Ints | None
    reach: tuple[Floats, Floats] | None = None

    def intervals(self, level: float) -> tuple[Floats, Floats]:
        """Low and high (n,) in target units, each tail ruled out at (1 - level) / 2; endless where too few cases.

        Two quantiles, or two a band, are scaled: no more than that happens when the level changes.
        """
        import numpy as np

        past, share = self.residuals, (1 - level) / 2
        pairs = list(zip(past.ordered, past.before, strict=True))
        if self.weights is not None:
            low, high = self._each(lambda at, rows: _ends(*pairs[at], share, self._own(rows)), 2)
        else:
            ends = [_ends(*pair, share, np.ones(())) for pair in pairs]
            lows, highs = (np.array(side, dtype=np.float64) for side in zip(*ends, strict=True))
            low, high = (lows[0], highs[0]) if self.band is None else (lows[self.band], highs[self.band])
        low, high = self.predicted + self.difficulty * low, self.predicted + self.difficulty * high
        return (low, high) if self.reach is None else (low + self.reach[0], high + self.reach[1])

    def p_values(self, outcomes: Floats) -> Floats:
        """(n,) p-values of true values: one lies in the interval of a level just when this is above 1 - level."""
        import numpy as np

        errors = (outcomes - self.predicted) / self.difficulty

        def rarer(at: int, rows: Picked) -> tuple[Floats, ...]:
            before, own = self.residuals.before[at], self._own(rows)
            below, upto = _weight_below(self.residuals.ordered[at], before, errors[rows])
            tail = np.minimum(upto, before[-1] - below)
            return (2 * (tail + own) / (before[-1] + own),)

        return self._each(rarer, 1)[0]

    def only(self, rows: Ints) -> Ranges:
        """The ranges of some rows."""
        difficulty = self.difficulty if isinstance(self.difficulty, float) else self.difficulty[rows]
        weights = None if self.weights is None else self.weights[rows]
        band = None if self.band is None else self.band[rows]
        reach = None if self.reach is None else (self.reach[0][rows], self.reach[1][rows])
        return Ranges(self.residuals, self.predicted[rows], difficulty, weights, band, reach)

    def share_above(self, threshold: Floats | float) -> Floats:
        """(n,) probability that the true value exceeds `threshold` (one, or one a row): past errors as large as that.

        The conformal predictive distribution (Vovk, Shen, Manokhin and Xie 2019) leaves the row's own weight open;
        half of it, and half of the cases exactly there, count as above.
        """
        cut = (threshold - self.predicted) / self.difficulty

        def above(at: int, rows: Picked) -> tuple[Floats, ...]:
            before, own = self.residuals.before[at], self._own(rows)
            below, upto = _weight_below(self.residuals.ordered[at], before, cut[rows])
            return ((before[-1] - (below + upto) / 2 + own / 2) / (before[-1] + own),)

        return self._each(above, 1)[0]

    def share_within(self, tolerance: Floats | float) -> Floats:
        """(n,) share of past cases that were off by at most `tolerance` (target units); the row itself was not."""
        import numpy as np

        cut = tolerance / self.difficulty + np.zeros(len(self.predicted))

        def inside(at: int, rows: Picked) -> tuple[Floats, ...]:
            ordered, before = self.residuals.ordered[at], self.residuals.before[at]
            inner = _weight_below(ordered, before, cut[rows])[1] - _weight_below(ordered, before, -cut[rows])[0]
            return (np.maximum(inner, 0.0) / (before[-1] + self._own(rows)),)

        return self._each(inside, 1)[0]

    def _own(self, rows: Picked) -> Floats:
        import numpy as np

        return np.ones(()) if self.weights is None else self.weights[rows]

    def _each(self, answer: Callable[[int, Picked], tuple[Floats, ...]], parts: int) -> tuple[Floats, ...]:
        """`parts` arrays (n,), answered band by band."""
        import numpy as np

        if self.band is None:
            return answer(0, slice(None))
        result = tuple(np.empty(len(self.predicted)) for _ in range(parts))
        for at in range(len(self.residuals.ordered)):
            rows = self.band == at
            for whole, part in zip(result, answer(at, rows), strict=True):
                whole[rows] = part
        return result


def _ends(ordered: Floats, before: Floats, share: float, own: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest error that is not ruled out at `share`, for each row's own weight.

    An error is ruled out when the weight of the cases no further out, with the row's own, is at most `share` of all.
    """
    import numpy as np

    spare = share * (before[-1] + own) - own + EXACT * before[-1]
    after = (before[-1] - before[1:])[::-1]
    low = np.concatenate([[-np.inf], ordered])[np.searchsorted(before[:-1], spare, side="right")]
    high = np.concatenate([[np.inf], ordered[::-1]])[np.searchsorted(after, spare, side="right")]
    return low, high


def _weight_below(ordered: Floats, before: Floats, cut: Floats) -> tuple[Floats, Floats]:
    """Weight of the cases below each cut (n,), and of those below or at it."""
    import numpy as np

    return before[np.searchsorted(ordered, cut, side="left")], before[np.searchsorted(ordered, cut, side="right")]
