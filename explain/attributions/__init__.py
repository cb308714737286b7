"""Model + Table -> Explanation: why each row's score differs from the base, one share a raw column."""

from explain.attributions.choose import Explainer, explain, explainer_for
from explain.attributions.warm_up import compile_loops

__all__ = ["Explainer", "compile_loops", "explain", "explainer_for"]
