"""Split conformal prediction: outcomes or ranges that cannot be ruled out at a level, counted on past cases.

If rows and past cases are exchangeable, the truth lies in the set (or interval) in at least `level` of cases
(Vovk, Gammerman and Shafer 2005; Lei et al. 2018). Where they are not, past cases weighted by how much more often
rows like them come up now keep that promise (Tibshirani, Foygel Barber, Candès and Ramdas 2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.types.ranges import EXACT, Judged, Residuals

if TYPE_CHECKING:
    from explain.types import Flags, Floats, Ints, Labels, Weights

LEAST_PER_COHORT = 100
"""Past cases of an outcome that a cohort needs to speak for itself: its p-values then come in steps of 1 %."""
LEAST_PER_BAND = 100
"""Calibration rows per band of predicted values: the .95 tails then rest on at least two rows each."""
MOST_BANDS = 10
FEWEST_PER_BAND = 40
"""Rows for which a .95 interval still has both ends (2.5 % of 41 is one row); no band is smaller."""


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


def plain_p_values(scores: Floats, ordered: tuple[Floats, ...]) -> Floats:
    """The same (n, k) where all past cases count alike, from their scores for each outcome in rising order (c,)."""
    import numpy as np

    found = [
        (np.searchsorted(own, scores[:, k], side="right") + 1.0) / (len(own) + 1.0) for k, own in enumerate(ordered)
    ]
    return np.column_stack(found)


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


def judged_by(values: Floats, weights: Floats | None = None) -> Judged:
    """`Judged` of p-values (m,) in any order, each counting by its weight."""
    return Judged(*_ordered(values, weights))


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
