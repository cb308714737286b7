"""Table against Schema -> DataWarnings: what is wrong with the data, the fix, and what it does to the prediction."""

from explain.quality.checks import check
from explain.quality.drift import Drift, drift
from explain.quality.impact import Doubt, price

__all__ = ["Doubt", "Drift", "check", "drift", "price"]
