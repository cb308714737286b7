"""Split conformal prediction: outcomes or ranges that cannot be ruled out at a level, counted on past cases.

If rows and past cases are exchangeable, the truth lies in the set (or interval) in at least `level` of cases
(Vovk, Gammerman and Shafer 2005; Lei et al. 2018). Where they are not, past cases weighted by how much more often
rows like them come up now keep that promise (Tibshirani, Foygel Barber, Candès and Ramdas 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from explain.types import Flags, Floats, Ints

    Labels: TypeAlias = npt.NDArray[Any]
    Picked: TypeAlias = Flags | slice

LEAST_PER_COHORT = 100
"""Past cases of an outcome that a cohort needs to speak for itself: its p-values then come in steps of 1 %."""
LEAST_PER_BAND = 100
"""Calibration rows per band of predicted values: the .95 tails then rest on at least two rows each."""
MOST_BANDS = 10
FEWEST_PER_BAND = 40
"""Rows for which a .95 interval still has both ends (2.5 % of 41 is one row); no band is smaller."""
EXACT = 1e-9
"""Shares are compared up to this: (1 - .9) / 2 x 200 is 9.999… in floating point and means 10."""


@dataclass(frozen=True)
class Weights:
    """Likelihood ratios, rows now against past cases: `past` (m,) and `rows` (n,), positive, on one scale."""

    past: Floats
    rows: Floats


def p_values(
    scores: Floats,
    past: Floats,
    outcomes: Ints,
    cohorts: Labels | None = None,
    past_cohorts: Labels | None = None,
    weights: Weights | None = None,
) -> Floats:
    """(n, k) p-value of each outcome: the share of past cases of that outcome whose score for it was no higher.

    Least-ambiguous sets (Sadinle, Lei and Wasserman 2019), Mondrian by outcome, so that rare outcomes are covered as
    well as common ones. `past` (m, k), `outcomes` (m,). With labels of a cohort for rows (n,) and past cases (m,), each
    cohort with at least 100 past cases of an outcome is judged by those; smaller, new and blank ones by all past
    cases. With `weights` cases count by them, and the row itself by its own (equation 8 of Tibshirani et al.).

    The sets are left as the definition makes them: where every outcome is ruled out the set is empty, the mark of a row
    unlike all past cases. Filling in the likeliest outcome would only add coverage that was never promised.
    """
    import numpy as np

    own_weights = None if weights is None else weights.rows
    groups = [(np.ones(len(scores), dtype=bool), np.ones(len(past), dtype=bool))]
    if cohorts is not None and past_cohorts is not None:
        groups += _cohorts(cohorts, past_cohorts)
    result = np.ones(scores.shape)
    for k in range(scores.shape[1]):
        for rows, cases in groups:
            used = cases & (outcomes == k)
            if len(groups) > 1 and cases is not groups[0][1] and used.sum() < LEAST_PER_COHORT:
                continue
            ordered, before = _ordered(past[used, k], None if weights is None else weights.past[used])
            mine = 1.0 if own_weights is None else own_weights[rows]
            no_higher = before[np.searchsorted(ordered, scores[rows, k], side="right")]
            result[rows, k] = (no_higher + mine) / (before[-1] + mine)
    return result


def _cohorts(cohorts: Labels, past_cohorts: Labels) -> list[tuple[Flags, Flags]]:
    """Rows and past cases of each cohort that both have and that has enough past cases for one outcome at least."""
    import numpy as np
    import pandas as pd

    codes, known = pd.factorize(np.concatenate([np.asarray(cohorts, object), np.asarray(past_cohorts, object)]))
    now, then = codes[: len(cohorts)], codes[len(cohorts) :]
    enough = np.bincount(then[then >= 0], minlength=len(known)) >= LEAST_PER_COHORT
    return [(now == code, then == code) for code in np.flatnonzero(enough)]


def _ordered(values: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    """Values in rising order (c,), and the weight of the first 0, 1, ... c of them (c + 1,)."""
    import numpy as np

    if weights is None:
        return np.sort(values), np.arange(len(values) + 1, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    return values[order], np.concatenate([[0.0], np.cumsum(weights[order])])


def plausible_sets(values: Floats, level: float, chosen: Ints | None = None) -> Flags:
    """(n, k) p-values -> which outcomes stay plausible at `level`: one comparison, so that a slider is instant.

    The outcome `chosen` (n,) is kept in any case: a set that only grows holds the truth no less often.
    """
    import numpy as np

    kept = values > 1 - level + EXACT
    if chosen is not None:
        kept[np.arange(len(values)), chosen] |= np.isfinite(values).all(axis=1)
    return kept


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


def judged_by(values: Floats, weights: Floats | None = None) -> Judged:
    """`Judged` of p-values (m,) in any order, each counting by its weight."""
    return Judged(*_ordered(values, weights))


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


def residuals_of(
    past: Floats, outcomes: Floats, difficulty: Floats | None = None, weights: Floats | None = None
) -> Residuals:
    """What past predictions (m,), their true values (m,) and difficulty (m,) say; `weights` (m,) as in Weights.

    Without `difficulty` past cases are cut into up to ten bands of predicted value. There are two at least, so that
    no width is constant, unless there are fewer than 80 cases or all predictions are the same.
    """
    import numpy as np

    if difficulty is not None:
        edges, band, errors = np.zeros(0), np.zeros(len(past), dtype=np.int64), (outcomes - past) / difficulty
    else:
        edges = band_edges(past)
        band, errors = np.searchsorted(edges, past, side="right"), outcomes - past
    return _banded(errors, band, edges, weights)


def _banded(errors: Floats, band: Ints, edges: Floats, weights: Floats | None = None) -> Residuals:
    own = [band == at for at in range(len(edges) + 1)]
    pairs = [_ordered(errors[rows], None if weights is None else weights[rows]) for rows in own]
    return Residuals(edges, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def band_edges(past: Floats) -> Floats:
    """Inner edges that cut (m,) predictions into bands with about as many cases each, none with fewer than 40.

    One band per 100 cases, ten at most, two where there are cases for two; tied predictions stay together.
    """
    import numpy as np

    rows = len(past)
    fewest = 2 if rows >= 2 * FEWEST_PER_BAND else 1
    count = int(np.clip(rows // LEAST_PER_BAND, fewest, MOST_BANDS))
    ordered = np.sort(past)
    kept: list[float] = []
    start = 0
    for edge in np.unique(np.quantile(past, np.arange(1, count) / count, method="higher")):
        below = int(np.searchsorted(ordered, edge, side="left"))
        if below - start >= FEWEST_PER_BAND and rows - below >= FEWEST_PER_BAND:
            kept.append(float(edge))
            start = below
    return np.array(kept)
