"""Shapley values of any model from its scores alone: exact enumeration for few columns, permutations for many.

Permutations are drawn in antithetic pairs (a permutation and its reverse; Mitchell et al. 2022), which halves the
variance of nearly additive models. The standard error of each value comes from the spread between pairs.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from explain.types import Flags, Floats

    ScoreShown = Callable[[pd.DataFrame], Floats]

MOST_EXACT = 8
"""Columns up to which all 2^p coalitions are run: 256 of them x 100 background rows is one block for the runtime."""
BACKGROUND = 100
"""Background rows that stand for the reference here: each coalition is run once with every one of them."""
PAIRS = 8
"""Antithetic pairs of permutations a row, each with 2p coalitions."""


def sampled_row(
    score: ScoreShown, row: pd.DataFrame, background: pd.DataFrame, seed: int = 0, pairs: int = PAIRS
) -> tuple[Floats, Floats | None, float]:
    """Values (p,), standard errors (p,) (None when exact) and base of one row.

    `score` gives the (n,) shown score of raw rows, `row` is (1, p), `background` (b, p).
    """
    columns = row.shape[1]
    if columns <= MOST_EXACT:
        values, base = _enumerate(score, row, background)
        return values, None, base
    return _permute(score, row, background, seed, pairs)


def coalition_scores(score: ScoreShown, row: pd.DataFrame, background: pd.DataFrame, coalitions: Flags) -> Floats:
    """(c,) mean score over the background with the coalition's columns taken from the row; `coalitions` (c, p)."""
    import numpy as np
    import pandas as pd

    mixed = {
        name: np.where(coalitions[:, [at]], row[name].to_numpy()[0], background[name].to_numpy()[None, :]).ravel()
        for at, name in enumerate(row.columns)
    }
    return np.asarray(score(pd.DataFrame(mixed)).reshape(len(coalitions), -1).mean(axis=1))


def _enumerate(score: ScoreShown, row: pd.DataFrame, background: pd.DataFrame) -> tuple[Floats, float]:
    import numpy as np

    p = row.shape[1]
    every = np.arange(1 << p)
    coalitions = (every[:, None] >> np.arange(p)) & 1 == 1
    worth = coalition_scores(score, row, background, coalitions)
    sizes = coalitions.sum(axis=1)
    weight = np.array([factorial(k) * factorial(p - k - 1) / factorial(p) if k < p else 0.0 for k in range(p + 1)])
    values = np.zeros(p)
    for column in range(p):
        without = every[~coalitions[:, column]]
        gains = worth[without | (1 << column)] - worth[without]
        values[column] = (weight[sizes[without]] * gains).sum()
    return values, float(worth[0])


def _permute(
    score: ScoreShown, row: pd.DataFrame, background: pd.DataFrame, seed: int, pairs: int
) -> tuple[Floats, Floats, float]:
    import numpy as np

    p = row.shape[1]
    draws = np.random.default_rng(seed)
    orders = [draws.permutation(p) for _ in range(pairs)]
    orders = [order for forward in orders for order in (forward, forward[::-1])]
    # position of each column in each order; the coalition of step s holds the columns placed before s
    places = np.argsort(np.stack(orders), axis=1)
    coalitions = (places[:, None, :] < np.arange(p + 1)[None, :, None]).reshape(-1, p)
    worth = coalition_scores(score, row, background, coalitions).reshape(len(orders), p + 1)
    gains = np.take_along_axis(np.diff(worth, axis=1), places, axis=1)
    by_pair = gains.reshape(pairs, 2, p).mean(axis=1)
    error = by_pair.std(axis=0, ddof=1) / np.sqrt(pairs)
    return by_pair.mean(axis=0), error, float(worth[0, 0])
