"""Which score belongs to which outcome, where a file does not say: asked of the person, and held against past rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.types import Floats

LEAST = 1e-6
"""Probabilities below count as this one, so that a single sure error does not decide."""
CLEAR = 0.02
"""Gain in log loss a row from which on one order is said to fit better; guessing between two costs 0.69."""


@dataclass(frozen=True)
class Order:
    """The order of the `outcomes` (k) that fits past rows best, its log loss a row, and that of the order `given`."""

    outcomes: tuple[str, ...]
    loss: float
    given_loss: float

    @property
    def other_fits_better(self) -> bool:
        """Whether the order given fits clearly worse than the best."""
        return self.given_loss > self.loss + CLEAR


def likely_order(scores: Floats, outcomes: Sequence[str | None], given: Sequence[str]) -> Order:
    """Hold orders of the names `given` (k) against scores (m, k) of rows with known outcomes (m,), None where unknown.

    The log loss of every order is a sum over outcome and score, so that the best of all orders is an assignment
    (Kuhn 1955), whatever their number.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    k = len(given)
    logs = -np.log(np.clip(scores, LEAST, None))
    known = [outcome in given for outcome in outcomes]
    costs = np.zeros((k, k))
    for at, name in enumerate(given):
        costs[at] = logs[[outcome == name for outcome in outcomes]].sum(axis=0)
    names, places = linear_sum_assignment(costs)
    rows = max(sum(known), 1)
    best = [""] * k
    for name, place in zip(names, places, strict=True):
        best[place] = given[name]
    return Order(tuple(best), float(costs[names, places].sum()) / rows, float(np.trace(costs)) / rows)
