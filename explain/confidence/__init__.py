"""Scores + held-out rows with known outcomes -> Confidence: what past cases say about each score."""

from explain.confidence.assess import Calibration, assess, calibration_of, temper

__all__ = ["Calibration", "assess", "calibration_of", "temper"]
