"""FixedThresholdClassifier and TunedThresholdClassifierCV: the model inside, and from where on it says yes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain.models.scikit.searches import found_best
from explain.models.scikit.thing import Thing, class_text
from explain.types import Cut

if TYPE_CHECKING:
    from explain.models.scikit.cells import Cells, Writer

FIXED = "sklearn.model_selection._classification_threshold.FixedThresholdClassifier"
TUNED = "sklearn.model_selection._classification_threshold.TunedThresholdClassifierCV"
THRESHOLDS = frozenset({FIXED, TUNED})
PIPELINE = "sklearn.pipeline.Pipeline"
LOGISTIC = {"LogisticRegression", "LogisticRegressionCV"}
"""Models whose probability is the logistic of their margin."""


def inside(thing: Thing, cells: Cells, writer: Writer) -> str:
    """The probabilities of the model inside, which a threshold leaves as they are."""
    return writer.model(fitted(thing), cells)


def fitted(thing: Thing) -> Thing:
    """The model inside; one that was handed over fitted may be kept as the setting alone."""
    return found_best(thing.thing("estimator_" if thing.has("estimator_") else "estimator"))


def undecided(thing: Thing) -> Thing:
    """The same model without its threshold, the very same where it has none: what is asked for probabilities."""
    if thing.kind in THRESHOLDS:
        return undecided(fitted(thing))
    if thing.kind != PIPELINE or not isinstance(thing.get("steps"), list):
        return thing
    *steps, (name, last) = thing.listed("steps")
    bare = undecided(last) if isinstance(last, Thing) else last
    return thing if bare is last else replace(thing, state={**thing.state, "steps": [*steps, (name, bare)]})


def cut_of(thing: Thing, final: Thing, classes: tuple[str, ...]) -> Cut:
    """Which outcome is said from which probability on; `final` is the model at the end of what is inside.

    Raises ModelError where the threshold is one of margins that are no log-odds, or the outcome is not said.
    """
    said = thing.need("best_threshold_" if thing.kind == TUNED else "threshold")
    outcome = _outcome(thing, classes)
    margins = thing.text("response_method", "auto") == "decision_function"
    if isinstance(said, str):
        at = 0.0 if margins else 0.5
    else:
        at = thing.number("best_threshold_" if thing.kind == TUNED else "threshold")
    if margins:
        from scipy.special import expit

        if final.name not in LOGISTIC:
            raise thing.refused(
                f"compares margins of {final.name}, not probabilities", 'Train it with response_method="predict_proba".'
            )
        at = float(expit(at))
    return Cut(at, outcome)


def _outcome(thing: Thing, classes: tuple[str, ...]) -> int:
    """The outcome that the threshold is about: the second unless another is said."""
    said = thing.get("pos_label")
    if thing.kind == TUNED:
        scorer = thing.thing("_curve_scorer")
        settings = scorer.get("_kwargs") or {}
        said = settings.get("pos_label") if isinstance(settings, dict) else None
        if said is None and classes[0] == "1":
            # scores such as f1 take the outcome 1 for theirs, others the second: the file does not tell which it was
            raise thing.refused(
                "does not say which outcome its threshold is about",
                "Train it with a scorer that names it: make_scorer(f1_score, pos_label=1).",
            )
    if said is None:
        return 1
    if class_text(said) not in classes:
        raise thing.broken("has a threshold for an outcome that it does not know")
    return classes.index(class_text(said))
