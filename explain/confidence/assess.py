"""Scores + calibration rows -> Confidence, and what data warnings take away from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from explain.confidence.calibrate import Curve, apply_curves, fit_curves
from explain.confidence.conformal import intervals, p_values, plausible_sets, within
from explain.types import Confidence

if TYPE_CHECKING:
    from explain.models import Package
    from explain.types import Floats, Ints, ModelInfo, Prediction

LEVEL = 0.9
"""Nine in ten: the usual level; the person can move it."""
LEAST_ROWS = 30
"""Calibration rows below which nothing is claimed: fewer cannot tell 70 in 100 from 90."""
NEAR = 0.05
"""'Scores like this' are within 5 points of probability: about what people take as the same number."""
TOLERANCE = 0.2
"""A predicted value counts as right when the truth is within 20 % of it: the grade of a regression says how often."""
GRADE_EDGES = (("A", 0.90), ("B", 0.75), ("C", 0.60), ("D", -1.0))
ROWS_FOR_A = 500
"""Calibration rows that an A needs: with fewer, nine in ten is known to no better than 3 points either way."""


@dataclass(frozen=True)
class Calibration:
    """Held-out reference rows: `scores` (m, k) and `outcomes` (m,), class index or target value."""

    scores: Floats
    outcomes: Floats
    info: ModelInfo

    def __len__(self) -> int:
        return len(self.outcomes)

    @cached_property
    def classes(self) -> Ints:
        """Outcomes as class indices (m,)."""
        import numpy as np

        return self.outcomes.astype(np.int64)

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """The calibration curve of each output."""
        return fit_curves(self.scores, self.classes)

    def calibrated(self, scores: Floats) -> Floats:
        """(n, k) scores -> (n, k) calibrated probabilities; as they are where there is too little evidence."""
        if len(self) < LEAST_ROWS or self.info.task == "regression":
            return scores
        return apply_curves(self.curves, scores)


@lru_cache(maxsize=8)
def calibration_of(model: Package) -> Calibration:
    """The calibration rows of a package: held out from training, with a known outcome."""
    import numpy as np

    usable = model.reference.held_out & np.isfinite(model.reference.outcomes)
    return Calibration(model.reference_scores[usable], model.reference.outcomes[usable], model.info)


def assess(prediction: Prediction, calibration: Calibration, level: float = LEVEL) -> Confidence:
    """How far to trust each score of (n,) predictions at `level` (between 0 and 1, exclusive)."""
    import numpy as np

    rows = len(calibration)
    if rows < LEAST_ROWS:
        return Confidence(level=level, calibration_rows=0, grade=("",) * len(prediction.chosen))
    if calibration.info.task == "regression":
        return _assess_values(prediction.scores[:, 0], calibration, level)
    values = p_values(prediction.scores, calibration.scores, calibration.classes)
    calibrated = calibration.calibrated(prediction.scores)
    honest = calibrated[np.arange(len(calibrated)), prediction.chosen]
    cases, hits = _past_cases(prediction, calibration)
    return Confidence(
        level=level,
        calibration_rows=rows,
        coverage=_coverage(calibration, level),
        plausible=plausible_sets(values, level),
        calibrated=calibrated,
        honest=honest,
        grade=grades(honest, rows),
        past_cases=cases,
        past_hits=hits,
    )


def _assess_values(predicted: Floats, calibration: Calibration, level: float) -> Confidence:
    import numpy as np

    past = calibration.scores[:, 0]
    low, high = intervals(predicted, past, calibration.outcomes, level)
    honest = within(predicted, past, calibration.outcomes, TOLERANCE * np.abs(predicted))
    return Confidence(
        level=level,
        calibration_rows=len(calibration),
        coverage=_coverage(calibration, level),
        low=low,
        high=high,
        honest=honest,
        grade=grades(honest, len(calibration)),
    )


def _past_cases(prediction: Prediction, calibration: Calibration) -> tuple[Ints, Ints]:
    """(n,) past cases with a score for the shown outcome within NEAR, and how many of them had it."""
    import numpy as np

    cases = np.zeros(len(prediction.shown), dtype=np.int64)
    hits = np.zeros_like(cases)
    for k in np.unique(prediction.shown):
        rows = prediction.shown == k
        order = np.argsort(calibration.scores[:, k], kind="stable")
        ordered = calibration.scores[order, k]
        had = np.concatenate([[0], np.cumsum(calibration.classes[order] == k)])
        score = prediction.scores[rows, k]
        first = np.searchsorted(ordered, score - NEAR, side="left")
        last = np.searchsorted(ordered, score + NEAR, side="right")
        cases[rows] = last - first
        hits[rows] = had[last] - had[first]
    return cases, hits


def _coverage(calibration: Calibration, level: float) -> float:
    """Measured share of truths inside, by two-fold crossing: each half of the calibration rows judges the other."""
    import numpy as np

    half = np.arange(len(calibration)) % 2 == 0
    inside = np.zeros(len(calibration), dtype=bool)
    for own in (half, ~half):
        past, truth = calibration.scores[~own], calibration.outcomes[~own]
        if calibration.info.task == "regression":
            low, high = intervals(calibration.scores[own, 0], past[:, 0], truth, level)
            inside[own] = (calibration.outcomes[own] >= low) & (calibration.outcomes[own] <= high)
        else:
            values = p_values(calibration.scores[own], past, truth.astype(np.int64))
            sets = plausible_sets(values, level)
            inside[own] = sets[np.arange(own.sum()), calibration.classes[own]]
    return float(inside.mean())


def grades(honest: Floats, calibration_rows: int) -> tuple[str, ...]:
    """(n,) letters from honest probabilities; no A on fewer than 500 calibration rows."""
    import numpy as np

    result = np.full(len(honest), "D", dtype=object)
    for letter, edge in reversed(GRADE_EDGES):
        if letter == "A" and calibration_rows < ROWS_FOR_A:
            continue
        result[honest >= edge] = letter
    return tuple(result)


def temper(confidence: Confidence, rows: Ints, doubted: Floats, sureness: Floats) -> Confidence:
    """Lower the honest probability of rows with data warnings.

    `rows` (m,) are positions of warned rows, `doubted` (m,) the mean honest probability of their prediction when the
    warned cells hold values of similar cases, `sureness` (m,) how sure the warning is (0 to 1): honest becomes
    sureness x min(doubted, honest) + (1 - sureness) x honest.
    """
    import numpy as np

    if confidence.honest is None or not len(rows):
        return confidence
    honest = confidence.honest.copy()
    honest[rows] = sureness * np.minimum(doubted, honest[rows]) + (1 - sureness) * honest[rows]
    return replace(confidence, honest=honest, grade=grades(honest, confidence.calibration_rows))
