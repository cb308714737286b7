"""Scores + past cases -> Confidence, and what data warnings take away from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain.confidence.calibration import LEAST_ROWS
from explain.confidence.conformal import p_values, plain_p_values, plausible_sets
from explain.confidence.difficulty import difficulty
from explain.confidence.terms import Terms
from explain.types import Confidence

if TYPE_CHECKING:
    import pandas as pd

    from explain.confidence.calibration import Calibration
    from explain.types import Cells, Floats, Ints, Prediction

LEVEL = 0.9
"""Nine in ten: the usual level; the person can move it."""
NEAR = 0.05
"""'Scores like this' are within 5 points of probability: about what people take as the same number."""
TOLERANCE = 0.2
"""A predicted value counts as right when the truth is within 20 % of it: the grade of a regression says how often."""
GRADE_EDGES = (("A", 0.90), ("B", 0.75), ("C", 0.60), ("D", -1.0))
ROWS_FOR_A = 500
"""Calibration rows that an A needs: with fewer, nine in ten is known to no better than 3 points either way."""
LEFT_OUT = 0.05
"""Share left out on each side of what a row might be predicted as, its cells as they are or as similar cases have
them; a sure alarm means the latter alone, so that of 25 draws about one is left out.
"""
USUAL = Terms()


def assess(
    prediction: Prediction,
    calibration: Calibration,
    level: float = LEVEL,
    frame: pd.DataFrame | Cells | None = None,
    terms: Terms = USUAL,
) -> Confidence:
    """How far to trust each score of (n,) predictions at `level` (between 0 and 1, exclusive).

    `frame` (n, p) are the raw columns predicted from: without them ranges cannot follow the difficulty of a row.
    """
    rows = len(calibration)
    if rows < LEAST_ROWS or terms.withdrawn:
        none = ("",) * len(prediction.chosen)
        return Confidence(level, 0, grade=none, cohort=terms.cohort, withdrawn=terms.withdrawn)
    if calibration.info.task == "regression":
        found = _of_values(prediction, calibration, frame, terms)
    else:
        found = _of_outcomes(prediction, calibration, terms)
    return at_level(replace(found, cohort=terms.cohort, weights=terms.weights), level)


def at_level(confidence: Confidence, level: float) -> Confidence:
    """The same with sets or ranges, and their measured coverage, at another level: nothing but comparisons."""
    judged, values, ranges = confidence.judged, confidence.p_values, confidence.ranges
    if judged is None:
        return replace(confidence, level=level)
    moved = replace(confidence, level=level, coverage=judged.coverage(level))
    if values is not None:
        return replace(moved, plausible=plausible_sets(values, level, confidence.chosen))
    if ranges is not None:
        low, high = ranges.intervals(level)
        return replace(moved, low=low, high=high)
    return moved


def p_values_of(scores: Floats, calibration: Calibration, terms: Terms = USUAL) -> Floats:
    """(n, k) p-value of each outcome of a classifier on these terms; see `conformal.p_values`."""
    if terms.cohorts is None and terms.weights is None:
        return plain_p_values(scores, calibration.ordered)
    now, past = terms.cohorts or (None, None)
    return p_values(scores, calibration.scores, calibration.classes, now, past, terms.weights)


def _of_outcomes(prediction: Prediction, calibration: Calibration, terms: Terms) -> Confidence:
    import numpy as np

    rows = np.arange(len(prediction.chosen))
    # past cases would put a number even to no number
    calibrated = np.where(np.isfinite(prediction.scores), calibration.calibrated(prediction.scores), np.nan)
    honest = calibrated[rows, prediction.chosen]
    low, high = calibration.calibrator.known(prediction.scores)
    cases, hits = _past_cases(prediction, calibration)
    return Confidence(
        LEVEL,
        len(calibration),
        p_values=p_values_of(prediction.scores, calibration, terms),
        chosen=prediction.chosen,
        judged=calibration.judged(terms.past_cohorts, terms.past_weights),
        method=calibration.calibrator.method,
        calibrated=calibrated,
        honest=honest,
        grade=grades(honest, len(calibration)),
        known_low=low[rows, prediction.shown],
        known_high=high[rows, prediction.shown],
        past_cases=cases,
        past_hits=hits,
    )


def _of_values(
    prediction: Prediction, calibration: Calibration, frame: pd.DataFrame | Cells | None, terms: Terms
) -> Confidence:
    import numpy as np

    predicted = prediction.scores[:, 0]
    hardness = None if frame is None else calibration.hardness
    size = 1.0 if hardness is None or frame is None else difficulty(hardness.model, frame, predicted)
    past = calibration.residuals(terms.past_weights, sized=hardness is not None)
    ranges = past.on(predicted, size, terms.own_weights)
    least, most = bounds(calibration.outcomes, calibration.info.unit)
    honest = np.where(np.isfinite(predicted), ranges.share_within(TOLERANCE * np.abs(predicted)), np.nan)
    return Confidence(
        LEVEL,
        len(calibration),
        ranges=ranges,
        judged=calibration.judged(weights=terms.past_weights, sized=hardness is not None),
        method="bands" if hardness is None else "difficulty",
        honest=honest,
        grade=grades(honest, len(calibration)),
        least=least,
        most=most,
    )


def bounds(outcomes: Floats, unit: str) -> tuple[float | None, float | None]:
    """What values can be at all, as past ones (m,) tell: none below 0 (a price, a count), or above; no share above 100.

    Not the smallest and largest of them: the next case may lie beyond, and the range promises to hold it.
    """
    low, high = float(outcomes.min()), float(outcomes.max())
    if low < 0:
        return None, 0.0 if high <= 0 else None
    return 0.0, 100.0 if unit == "%" and high <= 100 else None


def _past_cases(prediction: Prediction, calibration: Calibration) -> tuple[Ints, Ints]:
    """(n,) past cases with a score for the shown outcome within NEAR, and how many of them had it."""
    import numpy as np

    cases = np.zeros(len(prediction.shown), dtype=np.int64)
    hits = np.zeros_like(cases)
    for k in np.unique(prediction.shown):
        rows = prediction.shown == k
        ordered, had = calibration.by_score[k]
        score = prediction.scores[rows, k]
        first = np.searchsorted(ordered, score - NEAR, side="left")
        last = np.searchsorted(ordered, score + NEAR, side="right")
        cases[rows] = last - first
        hits[rows] = had[last] - had[first]
    return cases, hits


def grades(honest: Floats, calibration_rows: int) -> tuple[str, ...]:
    """(n,) letters from honest probabilities, "" where there is none; no A on fewer than 500 calibration rows."""
    import numpy as np

    result = np.full(len(honest), "D", dtype=object)
    for letter, edge in reversed(GRADE_EDGES):
        if letter == "A" and calibration_rows < ROWS_FOR_A:
            continue
        result[honest >= edge] = letter
    result[np.isnan(honest)] = ""
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


def widen_sets(confidence: Confidence, rows: Ints, doubted: Floats, sureness: Floats) -> Confidence:
    """Let in what rows with data warnings might be: the counterpart of `temper`.

    `doubted` (m, k) are the mean p-values with values of similar cases in the warned cells: a p-value becomes
    sureness x max(doubted, p) + (1 - sureness) x p, so that sets only grow.
    """
    import numpy as np

    if confidence.p_values is None or not len(rows):
        return confidence
    values = confidence.p_values.copy()
    values[rows] += sureness[:, None] * np.maximum(doubted - values[rows], 0.0)
    return at_level(replace(confidence, p_values=values), confidence.level)


def widen_ranges(confidence: Confidence, rows: Ints, doubted: Floats, sureness: Floats) -> Confidence:
    """The same for values: `doubted` (m, draws) are predictions with values of similar cases in the warned cells.

    The row is what it says with probability 1 - sureness, and else one of the draws: each end moves outwards as far as
    the quantile of that mixture lies below and above the prediction.
    """
    import numpy as np

    if confidence.ranges is None or not len(rows):
        return confidence
    ranges = confidence.ranges
    away = np.sort(doubted - ranges.predicted[rows, None], axis=1)
    most = away.shape[1] - 1
    # of the mixture's share that is left out, the part of the draws grows as they get less likely
    skipped = np.minimum(LEFT_OUT / np.maximum(sureness, LEFT_OUT), 0.5) * most
    low, high = np.zeros((2, len(ranges.predicted)))
    row, counts = np.arange(len(rows)), sureness > LEFT_OUT
    low[rows] = counts * np.minimum(away[row, np.floor(skipped).astype(np.int64)], 0.0)
    high[rows] = counts * np.maximum(away[row, np.ceil(most - skipped).astype(np.int64)], 0.0)
    return at_level(replace(confidence, ranges=replace(ranges, reach=(low, high))), confidence.level)
