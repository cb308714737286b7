"""Model + Table -> Explanation: why each row's score differs from the base, one share a raw column."""

from explain.attributions.choose import explain, explain_outputs, explain_pairs, explainer_for
from explain.attributions.explainer import Explainer
from explain.attributions.warm_up import compile_loops

__all__ = ["Explainer", "compile_loops", "explain", "explain_outputs", "explain_pairs", "explainer_for"]
