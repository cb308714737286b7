"""Model + Table -> Explanation: why each row's score differs from the base, one share a raw column."""

from explain.attributions.choose import Explainer, explain, explainer_for

__all__ = ["Explainer", "explain", "explainer_for"]
