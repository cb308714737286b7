"""Table against the reference -> DataWarnings: what is wrong with the data, the fix, and what it does to the score."""

from explain.quality.checks import check
from explain.quality.drift import Drift, drift
from explain.quality.impact import Doubt, price
from explain.quality.kept import expected_of
from explain.quality.profile import Profile, profile_of
from explain.quality.whole import Whole

__all__ = ["Doubt", "Drift", "Profile", "Whole", "check", "drift", "expected_of", "price", "profile_of"]
