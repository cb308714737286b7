"""Correct probabilities by what happened to past cases: a logistic curve on the log-odds (Platt 2000)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.types import Floats, Ints

STEPS = 50
"""Newton steps at most; two parameters settle in about six."""
RIDGE = 1e-3
"""Pull towards 'leave as is', in squared deviations per parameter: it decides only where there is next to no data."""
EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1, so that their log-odds stay finite."""


@dataclass(frozen=True)
class Curve:
    """calibrated = logistic(slope x log-odds + shift); the identity is slope 1, shift 0."""

    slope: float
    shift: float

    def __call__(self, probability: Floats) -> Floats:
        """Corrected probabilities, same shape."""
        import numpy as np

        return np.asarray(1 / (1 + np.exp(-(self.slope * log_odds(probability) + self.shift))))


def log_odds(probability: Floats) -> Floats:
    """ln(p / (1 - p)), finite at the ends."""
    import numpy as np

    kept = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(np.log(kept / (1 - kept)))


def fit_curve(probability: Floats, happened: Floats) -> Curve:
    """The curve of greatest likelihood for (m,) probabilities and whether each came true (0 or 1), by Newton's method.

    The curve is fitted on the log-odds: on the bare probability it would bend a good model.
    """
    import numpy as np

    x = np.column_stack([log_odds(probability), np.ones(len(probability))])
    prior = np.array([1.0, 0.0])
    theta = prior.copy()
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(x @ theta)))
        slope = x.T @ (happened - p) - RIDGE * (theta - prior)
        bend = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope)
        theta += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    return Curve(float(theta[0]), float(theta[1]))


def fit_curves(scores: Floats, outcomes: Ints) -> tuple[Curve, ...]:
    """One curve an output for (m, k) scores and (m,) outcomes; a binary model has one, the other is its mirror."""
    outputs = scores.shape[1]
    which = [1] if outputs == 2 else range(outputs)
    return tuple(fit_curve(scores[:, k], (outcomes == k).astype(float)) for k in which)


def apply_curves(curves: tuple[Curve, ...], scores: Floats) -> Floats:
    """(n, k) scores -> (n, k) calibrated probabilities that add up to 1."""
    import numpy as np

    if len(curves) == 1:
        second = curves[0](scores[:, 1])
        return np.column_stack([1 - second, second])
    corrected = np.column_stack([curve(scores[:, k]) for k, curve in enumerate(curves)])
    return np.asarray(corrected / corrected.sum(axis=1, keepdims=True))
