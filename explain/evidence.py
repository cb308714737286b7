"""Rows with known outcomes, from the package or the upload, and what they say about a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import performance
from explain.models.package import outcome_numbers

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.models import Package
    from explain.types import Floats, Ints


@dataclass(frozen=True)
class Evidence:
    """`scores` (m, k) and `outcomes` (m,) of rows that can judge the model."""

    name: str
    described: str
    scores: Floats
    outcomes: Floats
    names: tuple[str, ...]

    @property
    def classes(self) -> Ints:
        """Outcomes as class indices."""
        import numpy as np

        return self.outcomes.astype(np.int64)

    def both(self, at: int) -> bool:
        """Whether outcome `at` both happened and did not: curves need that."""
        return 0 < int((self.classes == at).sum()) < len(self.outcomes)

    def reliability(self, at: int) -> performance.Reliability:
        """Said against happened for outcome `at`."""
        return performance.reliability(self.scores[:, at], (self.classes == at).astype(float))

    def roc(self, at: int) -> performance.Curve:
        """ROC curve of outcome `at`."""
        return performance.roc(self.scores[:, at], (self.classes == at).astype(float))

    def precision_recall(self, at: int) -> performance.Curve:
        """Precision-recall curve of outcome `at`."""
        return performance.precision_recall(self.scores[:, at], (self.classes == at).astype(float))

    def confusion(self, threshold: float | None, shown: int) -> performance.Confusion:
        """Counts; `threshold` is that of outcome `shown` of a binary model."""
        if threshold is not None and shown == 0:
            # the cut is on the second output: from "first at least t" to "second above 1 - t"
            threshold = 1 - threshold + 1e-12
        return performance.confusion(self.scores, self.classes, self.names, threshold)

    def residuals(self) -> performance.Residuals:
        """Predicted and true values."""
        return performance.residuals(self.scores[:, 0], self.outcomes)


def evidence_from_package(model: Package) -> Evidence | None:
    """The held-out reference rows with outcomes, or None without any."""
    import numpy as np

    usable = model.reference.held_out & np.isfinite(model.reference.outcomes)
    if not usable.any():
        return None
    described = "past rows that the model was not trained on, from its package."
    return Evidence(
        "past rows", described, model.reference_scores[usable], model.reference.outcomes[usable], model.info.outputs
    )


def evidence_from_upload(decisions: Decisions | None, model: Package) -> Evidence | None:
    """The uploaded rows whose outcome stands in a context column named like the target, or None."""
    import numpy as np

    if decisions is None:
        return None
    context = decisions.table.context
    wanted = model.info.target.casefold()
    named = [at for at, name in enumerate(context.columns) if str(name).strip().casefold() == wanted]
    if not named:
        return None
    outcomes = outcome_numbers(context.iloc[:, named[0]], model.info)
    usable = np.isfinite(outcomes)
    if not usable.any():
        return None
    described = "the rows of this upload."
    return Evidence("this upload", described, decisions.prediction.scores[usable], outcomes[usable], model.info.outputs)
