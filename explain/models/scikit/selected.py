"""SelectFromModel: the columns that another model found important, worked out as the library does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.models.scikit.cells import CONVERT
from explain.models.scikit.grown import importances
from explain.models.scikit.trees import PLAIN_TREES

if TYPE_CHECKING:
    from explain.models.scikit.cells import Cells, Writer
    from explain.models.scikit.thing import Thing
    from explain.types import Floats

FOREST = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
BOOSTED = ("GradientBoostingClassifier", "GradientBoostingRegressor")
NATURAL = 1e-5
"""The library's limit for models that set weights to 0 by themselves."""


def by_model(thing: Thing, cells: Cells, writer: Writer) -> Cells:
    """The columns whose importance reaches the threshold, of these at most so many (sklearn/feature_selection)."""
    import numpy as np

    model = thing.thing("estimator_" if thing.has("estimator_") else "estimator")
    if thing.text("importance_getter", "auto") != "auto":
        raise thing.refused("takes importances from elsewhere", CONVERT)
    scores = _importances(thing, model, cells.width)
    mask = np.ones(cells.width, dtype=bool)
    most = thing.get("max_features_", thing.get("max_features"))
    if most is not None:
        if not isinstance(most, int):
            raise thing.refused("chooses how many by a function of one's own", CONVERT)
        mask[:] = False
        mask[np.argsort(-scores, kind="mergesort")[:most]] = True
    mask[scores < _threshold(thing, model, scores)] = False
    places = np.flatnonzero(mask).tolist()
    if not places:
        raise thing.refused("keeps no column", "Choose at least one.")
    return writer.pick(cells, places)


def _importances(thing: Thing, model: Thing, width: int) -> Floats:
    """(width,) weights by their size, or what splits gain, as shares."""
    import numpy as np

    if model.has("coef_"):
        weights = np.asarray(model.need("coef_"))
        if weights.ndim == 1:
            return np.abs(model.floats("coef_", width))
        order = thing.number("norm_order") if thing.has("norm_order") else 1.0
        return np.asarray(np.linalg.norm(model.floats("coef_", -1, width), axis=0, ord=order))
    if model.kind in PLAIN_TREES:
        return _shares(importances(model, width))
    if model.name in FOREST:
        each = [importances(tree, width) for tree in model.things("estimators_")]
        return _shares(np.mean([_shares(found) for found in each if found.any()] or [np.zeros(width)], axis=0))
    if model.name in BOOSTED:
        each = [importances(tree, width) for tree in model.things("estimators_")]
        return _shares(np.mean([found for found in each if found.any()] or [np.zeros(width)], axis=0))
    raise thing.refused(f"chooses by the importances of {model.name}, which are not worked out here", CONVERT)


def _shares(found: Floats) -> Floats:
    total = found.sum()
    return found / total if total > 0 else found


def _threshold(thing: Thing, model: Thing, scores: Floats) -> float:
    """The least importance, said as a number, as "mean", "median" or so many times these, or left to the library."""
    import numpy as np

    said = thing.get("threshold")
    if isinstance(said, int | float):
        return float(said)
    if said is None:
        ratio = model.get("l1_ratio_", model.get("l1_ratio"))
        sparse = {"ElasticNet", "ElasticNetCV", "LogisticRegression", "LogisticRegressionCV"}
        natural = model.get("penalty") == "l1" or "Lasso" in model.name
        natural = natural or (model.name in sparse and ratio is not None and bool(np.all(np.isclose(ratio, 1.0))))
        if natural:
            return NATURAL
        said = "mean"
    factor, _, what = said.rpartition("*") if isinstance(said, str) else ("", "", "")
    known = {"mean": float(np.mean(scores)), "median": float(np.median(scores))}
    try:
        return float(factor or 1.0) * known[what.strip()]
    except (KeyError, ValueError) as error:
        raise thing.broken("has a threshold that is none") from error
