"""Scores + held-out rows with known outcomes -> Confidence: what past cases say about each score."""

from explain.confidence.assess import assess, at_level, p_values_of, temper, widen_ranges, widen_sets
from explain.confidence.calibration import Calibration, calibration_of
from explain.confidence.shift import Shift, shift
from explain.confidence.terms import Terms, cohorts_of, terms_again
from explain.types import Weights

__all__ = [
    "Calibration",
    "Shift",
    "Terms",
    "Weights",
    "assess",
    "at_level",
    "calibration_of",
    "cohorts_of",
    "p_values_of",
    "shift",
    "temper",
    "terms_again",
    "widen_ranges",
    "widen_sets",
]
