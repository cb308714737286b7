"""Rows with known outcomes, from the package or the upload, and what they say about a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain.confidence import assess, calibration_of
from explain.confidence.assess import TOLERANCE
from explain.insight import performance
from explain.insight.truth import truth_of
from explain.insight.weak_spots import weak_errors, weak_spots
from explain.models.predict import predicted, shown_outputs
from explain.types import Prediction

if TYPE_CHECKING:
    import pandas as pd

    from explain.decisions import Decisions
    from explain.insight.weak_spots import WeakSpot
    from explain.models import Package
    from explain.types import Flags, Floats, Ints, Schema


@dataclass(frozen=True)
class Evidence:
    """`scores` (m, k) and `outcomes` (m,) of rows that can judge the model; `trusted` (m,) how much each is trusted.

    `right` (m,) tells which predictions came true; a value counts when the truth was within 20 % of it, as in grades.
    `frame` (m, p) are the rows themselves.
    """

    name: str
    described: str
    scores: Floats
    outcomes: Floats
    names: tuple[str, ...]
    trusted: Floats
    right: Flags
    frame: pd.DataFrame
    of_upload: bool = False

    @property
    def of(self) -> str:
        """What its rows are."""
        return "rows of this upload" if self.of_upload else "past cases"

    def weak_spots(self, schema: Schema, unit: str = "") -> tuple[WeakSpot, ...]:
        """The groups in which the model is worst; values by how far they are off."""
        import numpy as np

        if self.scores.shape[1] == 1:
            return weak_errors(self.frame, np.abs(self.scores[:, 0] - self.outcomes), schema, unit=unit)
        return weak_spots(self.frame, self.right, schema)

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

    def kept(self) -> performance.Kept:
        """How accuracy grows when only the most trusted rows are kept."""
        return performance.kept(self.trusted, self.right)

    def residuals(self) -> performance.Residuals:
        """Predicted and true values."""
        return performance.residuals(self.scores[:, 0], self.outcomes)


def evidence_from_package(model: Package) -> Evidence | None:
    """The held-out reference rows with outcomes, or None without any."""
    past = calibration_of(model)
    if not len(past):
        return None
    described = "past rows that the model was not trained on, from its package."
    chosen = predicted(model.info.cut, past.scores)
    prediction = Prediction(past.scores, chosen, shown_outputs(model.info, chosen))
    honest = assess(prediction, past, frame=past.frame).honest
    frame = model.reference.frame.head(0) if past.frame is None else past.frame
    return _evidence(("past rows", described), prediction, past.outcomes, honest, (model, frame))


def evidence_from_upload(decisions: Decisions | None, model: Package) -> Evidence | None:
    """The uploaded rows whose outcome stands in a context column named like the target, or None."""
    truth = None if decisions is None else truth_of(decisions)
    if decisions is None or truth is None:
        return None
    outcomes, usable = truth.outcomes, truth.known
    whole, honest = decisions.prediction, decisions.confidence.honest
    prediction = Prediction(whole.scores[usable], whole.chosen[usable], whole.shown[usable])
    trusted = None if honest is None else honest[usable]
    frame = decisions.table.frame[usable]
    found = _evidence(
        ("this upload", "the rows of this upload."), prediction, outcomes[usable], trusted, (model, frame)
    )
    return replace(found, of_upload=True)


def _evidence(
    called: tuple[str, str],
    prediction: Prediction,
    outcomes: Floats,
    honest: Floats | None,
    of: tuple[Package, pd.DataFrame],
) -> Evidence:
    """Rows are trusted by the honest probability; without one by the highest score, values all alike."""
    import numpy as np

    (model, frame), scores = of, prediction.scores
    if model.info.task == "regression":
        right = np.abs(scores[:, 0] - outcomes) <= TOLERANCE * np.abs(scores[:, 0])
        trusted = np.zeros(len(scores)) if honest is None else honest
    else:
        right = prediction.chosen == outcomes
        trusted = scores.max(axis=1) if honest is None else honest
    return Evidence(*called, scores, outcomes, model.info.outputs, trusted, right, frame)
