"""Split conformal prediction: outcomes or ranges that cannot be ruled out at a level, counted on past cases.

If rows and past cases are exchangeable, the truth lies in the set (or interval) in at least `level` of cases
(Vovk, Gammerman and Shafer 2005; Lei et al. 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.types import Flags, Floats, Ints

LEAST_PER_BAND = 100
"""Calibration rows per band of predicted values: the .95 tails then rest on at least two rows each."""
MOST_BANDS = 10


def p_values(scores: Floats, past: Floats, outcomes: Ints) -> Floats:
    """(n, k) p-value of each outcome: the share of past cases of that outcome whose score for it was no higher.

    Mondrian by outcome, so that rare outcomes are covered as well as common ones. `past` (m, k), `outcomes` (m,).
    """
    import numpy as np

    result = np.ones_like(scores)
    for k in range(scores.shape[1]):
        own = np.sort(past[outcomes == k, k])
        no_higher = np.searchsorted(own, scores[:, k], side="right")
        result[:, k] = (no_higher + 1) / (len(own) + 1)
    return result


def plausible_sets(values: Floats, level: float) -> Flags:
    """(n, k) p-values -> which outcomes stay plausible at `level`."""
    return values > 1 - level


def intervals(predicted: Floats, past: Floats, outcomes: Floats, level: float) -> tuple[Floats, Floats]:
    """Low and high (n,) around predicted values, from the signed errors of past cases with similar predictions.

    Past cases are cut into up to ten bands of predicted value with at least 100 rows each; each band has its own
    conformal quantiles, so that expensive things get wider ranges than cheap ones.
    """
    import numpy as np

    band, edges = bands(past)
    errors = outcomes - past
    mine = np.searchsorted(edges, predicted, side="right")
    low, high = np.empty_like(predicted), np.empty_like(predicted)
    for at in range(len(edges) + 1):
        own = np.sort(errors[band == at])
        rows = mine == at
        low[rows] = predicted[rows] + _lower(own, (1 - level) / 2)
        high[rows] = predicted[rows] - _lower(-own[::-1], (1 - level) / 2)
    return low, high


def bands(past: Floats) -> tuple[Ints, Floats]:
    """Band of each past prediction (m,), and the inner edges between bands."""
    import numpy as np

    count = int(np.clip(len(past) // LEAST_PER_BAND, 1, MOST_BANDS))
    edges = np.unique(np.quantile(past, np.arange(1, count) / count)) if count > 1 else np.zeros(0)
    return np.searchsorted(edges, past, side="right"), edges


def _lower(ordered: Floats, share: float) -> float:
    """The conformal quantile: the floor(share x (m + 1))-th smallest, minus infinity when m is too small for it."""
    import numpy as np

    rank = int(np.floor(share * (len(ordered) + 1)))
    return float(ordered[rank - 1]) if rank >= 1 else -np.inf


def within(predicted: Floats, past: Floats, outcomes: Floats, tolerance: Floats) -> Floats:
    """(n,) share of past cases with similar predictions whose error was at most `tolerance` (n,)."""
    import numpy as np

    band, edges = bands(past)
    errors = np.abs(outcomes - past)
    mine = np.searchsorted(edges, predicted, side="right")
    result = np.zeros_like(predicted)
    for at in range(len(edges) + 1):
        own = np.sort(errors[band == at])
        rows = mine == at
        result[rows] = np.searchsorted(own, tolerance[rows], side="right") / (len(own) + 1)
    return result
