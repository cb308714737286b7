"""Models made of models: calibrated, voting, stacked, bagged, and with a target that was turned into another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain.models.scikit import kernels, linear, trees
from explain.models.scikit.answers import outcomes_of, shares
from explain.models.scikit.cells import CONVERT, Cells
from explain.models.scikit.curves import risen
from explain.models.scikit.pipelines import through
from explain.models.scikit.scaling import FUNCTIONS
from explain.models.scikit.thing import Named, Thing
from explain.models.scikit.thresholds import PIPELINE, THRESHOLDS, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explain.models.scikit.cells import Writer
    from explain.types import Floats

MARGINS: Mapping[str, Callable[[Thing, Cells, Writer], str]] = {
    "sklearn.linear_model._logistic.LogisticRegression": linear.margins,
    "sklearn.linear_model._logistic.LogisticRegressionCV": linear.margins,
    "sklearn.linear_model._stochastic_gradient.SGDClassifier": linear.margins,
    "sklearn.linear_model._ridge.RidgeClassifier": linear.margins,
    "sklearn.linear_model._ridge.RidgeClassifierCV": linear.margins,
    "sklearn.linear_model._perceptron.Perceptron": linear.margins,
    "sklearn.svm._classes.LinearSVC": linear.margins,
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis": linear.margins,
    "sklearn.svm._classes.SVC": kernels.margins,
    "sklearn.svm._classes.NuSVC": kernels.margins,
}
"""Decision functions, which a calibration prefers to probabilities."""
PROBABILITIES_ONLY = {
    "sklearn.tree._classes.DecisionTreeClassifier", "sklearn.tree._classes.ExtraTreeClassifier",
    "sklearn.ensemble._forest.RandomForestClassifier", "sklearn.ensemble._forest.ExtraTreesClassifier",
    "sklearn.naive_bayes.GaussianNB", "sklearn.naive_bayes.BernoulliNB", "sklearn.naive_bayes.MultinomialNB",
    "sklearn.neural_network._multilayer_perceptron.MLPClassifier", "sklearn.ensemble._voting.VotingClassifier",
    "lightgbm.sklearn.LGBMClassifier", "xgboost.sklearn.XGBClassifier",
}  # fmt: skip
"""Classifiers without a decision function."""
FROZEN = "sklearn.frozen._frozen.FrozenEstimator"


def calibrated(thing: Thing, cells: Cells, writer: Writer) -> str:
    """CalibratedClassifierCV: the mean of what its calibrated parts say."""
    outcomes_of(thing)
    parts = thing.things("calibrated_classifiers_")
    if not parts:
        raise thing.broken("has no calibrated classifiers")
    return _mean(writer, [_calibrated_one(part, thing, cells, writer) for part in parts])


def _calibrated_one(part: Thing, whole: Thing, cells: Cells, writer: Writer) -> str:
    count = outcomes_of(whole)
    inner = part.thing("estimator")
    if _last(inner).classes() != whole.classes():
        raise whole.refused("has a part that knows other outcomes", CONVERT)
    given = _response(inner, cells, writer)
    calibrators = part.things("calibrators")
    if len(calibrators) != (1 if count == 2 else count):
        raise whole.broken(f"has {len(calibrators):,} calibrations for {count:,} outcomes")
    if count == 2:
        return writer.graph.two(_calibration(calibrators[0], given, writer))
    columns = [
        _calibration(one, writer.graph.add("Gather", given, writer.graph.array([at], "int64"), axis=1), writer)
        for at, one in enumerate(calibrators)
    ]
    return shares(writer, writer.graph.side_by_side(columns), count)


def _last(thing: Thing) -> Thing:
    """The model inside pipelines and frames."""
    if thing.kind == FROZEN:
        return _last(thing.thing("estimator"))
    if thing.kind == PIPELINE:
        found = thing.listed("steps")[-1][1]
        return _last(found) if isinstance(found, Thing) else thing
    return _last(fitted(thing)) if thing.kind in THRESHOLDS else thing


def _response(thing: Thing, cells: Cells, writer: Writer) -> str:
    """What a calibration starts from: (n, 1) for two outcomes, (n, k) for more."""
    if thing.kind == FROZEN:
        return _response(thing.thing("estimator"), cells, writer)
    if thing.kind == PIPELINE:
        last, prepared = through(thing, cells, writer)
        return _response(last, prepared, writer)
    if thing.kind in MARGINS:
        return MARGINS[thing.kind](thing, cells, writer)
    if thing.kind not in PROBABILITIES_ONLY:
        raise thing.refused("is calibrated by a decision function that is not written here", CONVERT)
    found = writer.model(thing, cells)
    if outcomes_of(thing) > 2:
        return found
    return writer.graph.add("Gather", found, writer.graph.array([1], "int64"), axis=1)


def _calibration(thing: Thing, given: str, writer: Writer) -> str:
    """(n, 1) -> (n, 1): Platt's logistic, or steps with straight lines between them."""
    graph = writer.graph
    if thing.kind == "sklearn.calibration._SigmoidCalibration":
        wide = graph.add("Mul", given, graph.number(-thing.number("a_")))
        return graph.add("Sigmoid", graph.add("Sub", wide, graph.number(thing.number("b_"))))
    if thing.kind != "sklearn.isotonic.IsotonicRegression":
        raise thing.refused("calibrates in a way that is not written here", CONVERT)
    return isotonic(thing, given, writer)


def isotonic(thing: Thing, given: str, writer: Writer) -> str:
    """Straight lines between knots: the first height, and of each stretch the part that is passed.

    The known fault of taking the nearest knot instead is off by whole steps.
    """
    import numpy as np

    knots = thing.floats("X_thresholds_", -1)
    heights = thing.floats("y_thresholds_", len(knots))
    if not len(knots) or not (np.diff(knots) > 0).all():
        raise thing.broken("has knots that do not rise")
    if thing.text("out_of_bounds", "nan") != "clip":
        raise thing.refused("has no answer outside of what it was fitted on", 'Fit it with out_of_bounds="clip".')
    graph = writer.graph
    first = graph.number(float(heights[0]))
    if len(knots) == 1:
        return graph.add("Add", graph.add("Mul", given, graph.number(0.0)), first)
    return graph.add("Add", risen(writer, given, knots, np.diff(heights)), first)


def _mean(writer: Writer, parts: list[str], weights: Floats | None = None) -> str:
    """The mean of tensors (n, k)."""
    graph = writer.graph
    scaled = [
        graph.add("Mul", part, graph.number(1 / len(parts) if weights is None else float(weights[at] / weights.sum())))
        for at, part in enumerate(parts)
    ]
    return scaled[0] if len(scaled) == 1 else graph.add("Sum", *scaled)


def voting_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """VotingClassifier, soft: the weighted mean of the parts' probabilities."""
    if thing.text("voting") != "soft":
        raise thing.refused("counts votes and gives no probabilities", 'Train it with voting="soft".')
    count = outcomes_of(thing)
    parts = thing.things("estimators_")
    for part in parts:
        if outcomes_of(_last(part)) != count:
            raise thing.refused("has a part that knows other outcomes", CONVERT)
    return _mean(writer, [writer.model(part, cells) for part in parts], _weights(thing, len(parts)))


def voting_regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """VotingRegressor: the weighted mean of the parts' values."""
    parts = thing.things("estimators_")
    return _mean(writer, [writer.model(part, cells) for part in parts], _weights(thing, len(parts)))


def _weights(thing: Thing, count: int) -> Floats | None:
    if not count:
        raise thing.broken("has no parts")
    if not thing.has("weights"):
        return None
    if any(isinstance(item, tuple) and item[-1] == "drop" for item in thing.get("estimators", [])):
        raise thing.refused("has weights and a part that was dropped", "Train it without that part.")
    found = thing.floats("weights", count)
    if not found.sum() > 0:
        raise thing.broken("has weights that add up to nothing")
    return found


def stacked(thing: Thing, cells: Cells, writer: Writer) -> str:
    """StackingClassifier and StackingRegressor: the parts' answers are the columns of a last model."""
    parts, methods = thing.things("estimators_"), thing.listed("stack_method_")
    if len(parts) != len(methods) or not parts:
        raise thing.broken("has another number of parts than of ways to ask them")
    graph, made, width = writer.graph, [], 0
    for part, method in zip(parts, methods, strict=True):
        found = writer.model(part, cells)
        if method == "predict_proba":
            count = outcomes_of(_last(part))
            if count == 2:
                found = graph.add("Gather", found, graph.array([1], "int64"), axis=1)
            width += 1 if count == 2 else count
        elif method == "predict" and not _last(part).has("classes_"):
            width += 1
        else:
            raise thing.refused(
                f"asks a part for its {str(method)[:40]}", 'Train it with stack_method="predict_proba".'
            )
        made.append(found)
    given = Cells((*writer.cells(graph.side_by_side(made), width).blocks, *(cells.blocks if thing.flag("passthrough")
                                                                            else ())))  # fmt: skip
    return writer.model(thing.thing("final_estimator_"), given)


def bagged_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """BaggingClassifier: the mean of the parts' probabilities, each over its own columns."""
    count = outcomes_of(thing)
    if any(len(part.classes()) != count for part in thing.things("estimators_")):
        raise thing.refused("has a part that met fewer outcomes", "Train it on more rows.")
    return _bag(thing, cells, writer, trees.forest_classifier)


def bagged_regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """BaggingRegressor: the mean of the parts' values, each over its own columns."""
    return _bag(thing, cells, writer, trees.forest_regressor)


def _bag(thing: Thing, cells: Cells, writer: Writer, forest: Callable[[Thing, Cells, Writer], str]) -> str:
    """The mean of the parts; trees become one forest."""
    parts, places = _bagged(thing, cells)
    if all(part.kind in trees.PLAIN_TREES for part in parts):
        whole = replace(thing, state={**thing.state, "estimators_": _on_all(parts, places, cells.width)})
        return forest(whole, cells, writer)
    return _mean(writer, [writer.model(part, writer.pick(cells, own)) for part, own in zip(parts, places, strict=True)])


def _bagged(thing: Thing, cells: Cells) -> tuple[list[Thing], list[list[int]]]:
    import numpy as np

    parts = thing.things("estimators_")
    lists = thing.listed("estimators_features_", len(parts))
    if not parts:
        raise thing.broken("has no parts")
    places = [np.asarray(item, dtype=np.float64).astype(int).tolist() for item in lists]
    if any(not all(0 <= at < cells.width for at in own) for own in places):
        raise thing.broken("gives a part a column that is not there")
    return parts, places


def _on_all(parts: list[Thing], places: list[list[int]], width: int) -> list[Thing]:
    """Trees over some of the columns -> the same trees over all of them."""
    import numpy as np

    made = []
    for part, own in zip(parts, places, strict=True):
        tree = part.thing("tree_")
        nodes = tree.need("nodes")
        if own == list(range(width)) or not isinstance(nodes, np.ndarray) or "feature" not in (nodes.dtype.names or ()):
            made.append(part)
            continue
        asked = nodes["feature"]
        if asked.max(initial=-1) >= len(own):
            raise part.broken("asks for a column that is not there")
        moved = nodes.copy()
        moved["feature"] = np.where(asked >= 0, np.asarray(own)[np.maximum(asked, 0)], asked)
        made.append(replace(part, state={**part.state, "tree_": replace(tree, state={**tree.state, "nodes": moved})}))
    return made


def one_against_rest(thing: Thing, cells: Cells, writer: Writer) -> str:
    """OneVsRestClassifier: what each part says of its own outcome, as shares; of two outcomes there is one part."""
    count, parts = outcomes_of(thing), thing.things("estimators_")
    if len(parts) != (1 if count == 2 else count):
        raise thing.refused("tells several outcomes of one row at once", "Bring a model of one target.")
    graph, second = writer.graph, writer.graph.array([1], "int64")
    if any(outcomes_of(_last(part)) != 2 for part in parts):
        raise thing.broken("has a part that knows other outcomes")
    own = [graph.add("Gather", writer.model(part, cells), second, axis=1) for part in parts]
    return graph.two(own[0]) if count == 2 else shares(writer, graph.side_by_side(own), count)


def frozen(thing: Thing, cells: Cells, writer: Writer) -> str:
    """FrozenEstimator: what is inside."""
    return writer.model(thing.thing("estimator"), cells)


def turned_target(thing: Thing, cells: Cells, writer: Writer) -> str:
    """TransformedTargetRegressor: the values of the model inside, turned back."""
    inner = writer.model(thing.thing("regressor_"), cells)
    way = thing.thing("transformer_")
    if way.kind == "sklearn.preprocessing._data.StandardScaler":
        found = inner
        if way.flag("with_std"):
            found = writer.graph.add("Mul", found, writer.graph.array([way.floats("scale_", 1)]))
        if way.flag("with_mean"):
            found = writer.graph.add("Add", found, writer.graph.array([way.floats("mean_", 1)]))
        return found
    if way.kind != "sklearn.preprocessing._function_transformer.FunctionTransformer":
        raise thing.refused(f"turns its target with {way.name}", CONVERT)
    back = way.get("inverse_func")
    if back is None:
        return inner
    if not isinstance(back, Named) or back.name not in FUNCTIONS:
        raise thing.refused("turns its target back with a function of one's own", CONVERT)
    return FUNCTIONS[back.name](writer, inner)
