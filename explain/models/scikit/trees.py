"""Trees of scikit-learn, and what adds them up: forests, boosting, bagging; one TreeEnsemble of doubles each.

A node of sklearn.tree compares the cell, rounded to float32, with a double; one of the histogram trees the double
itself. https://github.com/scikit-learn/scikit-learn, _tree.pyx and _hist_gradient_boosting/_predictor.pyx.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain.models.boosters.columns import Features
from explain.models.boosters.forest import (
    MEMBER,
    MOST_NODES,
    Ensemble,
    Nodes,
    broken,
    check,
    join,
)
from explain.models.boosters.write import tree_attributes
from explain.models.onnx_graph import ML
from explain.models.scikit.answers import likelihoods, one_target, outcomes_of
from explain.models.scikit.cells import CONVERT
from explain.models.scikit.grown import grown, weighted
from explain.models.scikit.histogram import known_codes, leaf_trees
from explain.models.scikit.thing import SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.models.scikit.cells import Cells, Writer
    from explain.models.scikit.grown import Grown
    from explain.models.scikit.thing import Thing
    from explain.types import Floats

PLAIN_TREES = {
    f"sklearn.tree._classes.{name}"
    for name in ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
}
LINKS = {"HalfSquaredError": "identity", "AbsoluteError": "identity", "PinballLoss": "identity",
         "HuberLoss": "identity", "HalfPoissonLoss": "exponential", "HalfGammaLoss": "exponential",
         # as up to scikit-learn 1.0
         "LeastSquares": "identity", "LeastAbsoluteDeviation": "identity", "Poisson": "exponential"}  # fmt: skip
"""From margins to values, by the loss of a boosted regressor."""


def add_up(writer: Writer, cells: Cells, trees: Sequence[Nodes], offset: Floats, *, narrow: bool = True) -> str:
    """The margins (n, t): the sum of the trees' leaves and the offset (t,)."""
    given = writer.matrix(cells)
    ensemble = checked(trees, offset, cells.width)
    _cuts(writer, cells, ensemble.nodes)
    matrix = writer.graph.narrow(given) if narrow else given
    features = Features(matrix, {(at, False): at for at in range(cells.width)}, {})
    return writer.graph.add("TreeEnsemble", matrix, domain=ML, **tree_attributes(ensemble, features))


def checked(trees: Sequence[Nodes], offset: Floats, width: int) -> Ensemble:
    """The trees together, each seen to be sound."""
    return check(
        Ensemble(
            source=SOURCE,
            objective="",
            names=tuple(f"x{at}" for at in range(width)),
            named=False,
            categories={},
            narrow=False,
            nodes=join(trees),
            offset=offset,
            link="identity",
            task="regression",
        )
    )


def _cuts(writer: Writer, cells: Cells, nodes: Nodes) -> None:
    """Tell the thresholds of columns that are still raw."""
    at = 0
    for block in cells.blocks:
        writer.cut(block, nodes.bound[(nodes.feature == at) & (nodes.comparison != MEMBER)])
        at += block.width


def tree_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """One tree: the shares of the outcomes in its leaf."""
    return _mean_of_shares(thing, [thing], cells, writer)


def tree_regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """One tree: the value of its leaf."""
    return _mean_of_values([thing], cells, writer)


def forest_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """Random forests and extra trees: the mean of the trees' shares."""
    return _mean_of_shares(thing, _estimators(thing), cells, writer)


def forest_regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """The mean of the trees' values."""
    one_target(thing)
    return _mean_of_values(_estimators(thing), cells, writer)


def _estimators(thing: Thing) -> list[Thing]:
    found = thing.things("estimators_")
    if not found:
        raise thing.broken("has no estimators")
    return found


def _room(thing: Thing, trees: Sequence[Grown], copies: int) -> None:
    """Raise ModelError where copies of trees for each outcome would take too much memory."""
    total = copies * sum(len(tree.values) for tree in trees)
    if total > MOST_NODES:
        raise thing.refused(
            f"has {total:,} nodes, those of its trees for each outcome",
            f"At most {MOST_NODES:,} are taken: train it with fewer or shallower trees.",
        )


def _mean_of_shares(thing: Thing, trees: list[Thing], cells: Cells, writer: Writer) -> str:
    """Of two outcomes the second's share alone; of more a copy of each tree for each, as a leaf has one weight."""
    import numpy as np

    count = outcomes_of(thing)
    targets = [1] if count == 2 else list(range(count))
    parts: list[Nodes] = []
    made = [grown(item) for item in trees]
    _room(thing, made, len(targets))
    for tree in made:
        if tree.values.shape[1] != count:
            raise thing.broken(f"has a tree of {tree.values.shape[1]:,} outcomes, not {count:,}")
        share = tree.values / np.maximum(tree.values.sum(axis=1, keepdims=True), 1e-300) / len(trees)
        parts += [weighted(tree, share[:, outcome], at) for at, outcome in enumerate(targets)]
    found = add_up(writer, cells, parts, np.zeros(len(targets)))
    return writer.graph.two(found) if count == 2 else found


def _mean_of_values(trees: list[Thing], cells: Cells, writer: Writer) -> str:
    import numpy as np

    made = [grown(item) for item in trees]
    return add_up(writer, cells, [weighted(tree, tree.values[:, 0] / len(made)) for tree in made], np.zeros(1))


def boosted_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """GradientBoostingClassifier: log-odds of the start, and what each tree adds."""
    import numpy as np

    count, each = outcomes_of(thing), 1 if outcomes_of(thing) == 2 else outcomes_of(thing)
    half = thing.text("loss", "log_loss") == "exponential"
    start = _start_of_outcomes(thing, count)
    start = start / 2 if half else start
    trees = _boosted(thing, each)
    # of the exponential loss a margin is half of the log-odds
    scale = 2.0 if half else 1.0
    scaled = [replace(tree, weight=tree.weight * scale) for tree in trees]
    margins = add_up(writer, cells, scaled, np.asarray(start * scale))
    return likelihoods(writer, margins, count)


def _start_of_outcomes(thing: Thing, count: int) -> Floats:
    """(1,) or (k,) margins before any tree: of how frequent the outcomes were."""
    import numpy as np

    if thing.get("init_") == "zero":
        return np.zeros(1 if count == 2 else count)
    init = thing.thing("init_")
    if init.kind != "sklearn.dummy.DummyClassifier" or init.text("strategy") != "prior":
        raise thing.refused(f"starts from the scores of {init.name}", "Train it without init. " + CONVERT)
    eps = np.finfo(np.float64).eps
    prior = np.clip(init.floats("class_prior_", count), eps, 1 - eps)
    if count == 2:
        return np.log(prior[1:] / (1 - prior[1:]))
    logs = np.log(prior)
    return np.asarray(logs - logs.mean())


def boosted_regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """GradientBoostingRegressor: the start, and what each tree adds."""
    import numpy as np

    start = np.zeros(1)
    if thing.get("init_") != "zero":
        init = thing.thing("init_")
        if init.kind != "sklearn.dummy.DummyRegressor":
            raise thing.refused(f"starts from the values of {init.name}", "Train it without init. " + CONVERT)
        start = np.asarray(init.need("constant_"), dtype=np.float64).reshape(-1)
        if start.shape != (1,):
            raise thing.broken("starts from several values")
    return add_up(writer, cells, _boosted(thing, 1), start)


def _boosted(thing: Thing, each: int) -> list[Nodes]:
    rate, trees = thing.number("learning_rate"), thing.things("estimators_")
    if not trees or len(trees) % each:
        raise thing.broken(f"has {len(trees):,} trees for {each:,} outcomes")
    made = [grown(item) for item in trees]
    return [weighted(tree, tree.values[:, 0] * rate, at % each) for at, tree in enumerate(made)]


def ada_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """AdaBoostClassifier over trees: each votes for the likeliest outcome of its leaf (Zhu et al. 2009, eq. 15)."""
    import numpy as np

    count, trees = outcomes_of(thing), _estimators(thing)
    if any(tree.kind not in PLAIN_TREES for tree in trees):
        raise thing.refused("boosts other models than trees", CONVERT)
    given = thing.floats("estimator_weights_", -1)[: len(trees)]
    if len(given) != len(trees) or not given.sum() > 0:
        raise thing.broken("has another number of weights than of trees")
    names, made = list(thing.classes()), [grown(item) for item in trees]
    _room(thing, made, 1 if count == 2 else count)
    parts: list[Nodes] = []
    for tree, item, weight in zip(made, trees, (given / given.sum()).tolist(), strict=True):
        own = [names.index(name) for name in item.classes() if name in names]
        if len(own) != tree.values.shape[1]:
            raise thing.broken("has a tree of other outcomes")
        votes = np.asarray(own)[tree.values.argmax(axis=1)]
        if count == 2:
            parts.append(weighted(tree, np.where(votes == 1, 2 * weight, -2 * weight)))
            continue
        parts += [
            weighted(tree, np.where(votes == at, weight, -weight / (count - 1)) / (count - 1), at)
            for at in range(count)
        ]
    margins = add_up(writer, cells, parts, np.zeros(1 if count == 2 else count))
    return likelihoods(writer, margins, count)


def histogram_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """HistGradientBoostingClassifier: margins of its trees, and their link."""
    count = outcomes_of(thing)
    margins = _histogram(thing, cells, writer, 1 if count == 2 else count)
    return likelihoods(writer, margins, count)


def histogram_regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """HistGradientBoostingRegressor: the sum of its trees, under the link of its loss."""
    margins = _histogram(thing, cells, writer, 1)
    link = LINKS.get(thing.thing("_loss").name)
    if link is None:
        raise thing.refused(f"was trained with {thing.thing('_loss').name}, whose scores are not known here", CONVERT)
    return margins if link == "identity" else writer.graph.add("Exp", margins)


def _histogram(thing: Thing, cells: Cells, writer: Writer, each: int) -> str:
    """The margins (n, each) of histogram trees."""
    prepared = cells
    if thing.has("_preprocessor"):
        prepared = writer.step(thing.thing("_preprocessor"), cells)
    # one row, or up to scikit-learn 1.0 one column
    key = "_baseline_prediction"
    offset = thing.floats(key, 1) if each == 1 else thing.floats(key, -1, -1).reshape(-1)
    if len(offset) != each:
        raise thing.broken(f"starts from {len(offset):,} margins, not {each:,}")
    trees = leaf_trees(thing, each)
    codes = known_codes(thing, prepared.width)
    if not codes:
        return add_up(writer, prepared, trees, offset, narrow=False)
    return _with_categories(writer, prepared, checked(trees, offset, prepared.width), codes)


def _with_categories(writer: Writer, cells: Cells, ensemble: Ensemble, codes: dict[int, list[int]]) -> str:
    """Trees that ask for sets: codes that training knew count from 1, all others as blank."""
    graph, parts, missing = writer.graph, [], {}
    asked = set(ensemble.nodes.feature[ensemble.nodes.comparison == MEMBER].tolist())
    if not asked <= codes.keys():
        raise broken(SOURCE, "a tree asks for a set of a column that is no category")
    _cuts(writer, cells, ensemble.nodes)
    for at, block in enumerate(writer.each(cells)):
        given = writer.numbers(block)
        if at in codes:
            blank = max(codes[at], default=0) + 2
            missing[at] = blank
            given = graph.table(given, [float(code) for code in codes[at]], [code + 1.0 for code in codes[at]], blank)
        parts.append(given)
    features = Features(graph.side_by_side(parts), {(at, False): at for at in range(cells.width)}, missing)
    return graph.add("TreeEnsemble", features.matrix, domain=ML, **tree_attributes(ensemble, features))
