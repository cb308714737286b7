"""Models of scikit-learn that add up weights: linear ones, naive Bayes, networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.models.scikit.answers import likelihoods, one_against_all, outcomes_of, shares, softmax
from explain.models.scikit.cells import CONVERT
from explain.models.scikit.thing import Thing

if TYPE_CHECKING:
    from explain.models.scikit.cells import Cells, Writer
    from explain.types import Floats

LOG, IDENTITY = {"LogLink"}, {"IdentityLink"}
ACTIVATIONS = {"identity": "", "logistic": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}


def weigh(writer: Writer, matrix: str, weights: Floats, offset: Floats) -> str:
    """(n, f) -> (n, t): matrix @ weights (f, t) + offset (t,)."""
    product = writer.graph.add("MatMul", matrix, writer.graph.array(weights))
    return writer.graph.add("Add", product, writer.graph.array([offset]))


def margins(thing: Thing, cells: Cells, writer: Writer) -> str:
    """The decision function of a linear classifier: (n, 1) for two outcomes, (n, k) for more."""
    import numpy as np

    count = outcomes_of(thing)
    rows = 1 if count == 2 else count
    # a ridge of two outcomes keeps one row as it is
    flat = np.ndim(thing.need("coef_")) == 1
    weights = thing.floats("coef_", cells.width)[None] if flat else thing.floats("coef_", rows, cells.width)
    if len(weights) != rows:
        raise thing.broken("has weights for another number of outcomes")
    return weigh(writer, writer.matrix(cells), weights.T, _offset(thing, rows))


def _offset(thing: Thing, count: int) -> Floats:
    """(count,) intercepts; a model without has the one number 0."""
    import numpy as np

    found = np.asarray(thing.need("intercept_"))
    if found.ndim == 0:
        return np.full(count, thing.number("intercept_"))
    return thing.floats("intercept_", count)


def logistic_regression(thing: Thing, cells: Cells, writer: Writer) -> str:
    """LogisticRegression and its CV: a logistic of one margin, or a softmax of several."""
    count = outcomes_of(thing)
    if count == 2 and thing.get("multi_class") == "multinomial":
        # two margins then; the versions since know one, and would give other probabilities of the same file
        raise thing.refused("is multinomial over two outcomes, as up to scikit-learn 1.6", "Train it anew without.")
    if count > 2 and (thing.get("multi_class") == "ovr" or thing.get("solver") == "liblinear"):
        return one_against_all(writer, margins(thing, cells, writer), count)
    found = margins(thing, cells, writer)
    return likelihoods(writer, found, count)


def discriminant(thing: Thing, cells: Cells, writer: Writer) -> str:
    """LinearDiscriminantAnalysis."""
    return likelihoods(writer, margins(thing, cells, writer), outcomes_of(thing))


def stochastic_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """SGDClassifier of a loss that makes probabilities."""
    loss, count = thing.text("loss"), outcomes_of(thing)
    if loss == "log_loss":
        return one_against_all(writer, margins(thing, cells, writer), count)
    if loss != "modified_huber":
        raise thing.refused(f"gives no probabilities with the loss '{loss[:40]}'", CALIBRATE)
    graph, found = writer.graph, margins(thing, cells, writer)
    cut = graph.add("Min", graph.add("Max", found, graph.number(-1.0)), graph.number(1.0))
    half = graph.add("Div", graph.add("Add", cut, graph.number(1.0)), graph.number(2.0))
    return writer.graph.two(half) if count == 2 else shares(writer, half, count)


CALIBRATE = "Wrap it into CalibratedClassifierCV, or train it with a loss that gives probabilities."


def no_probabilities(thing: Thing, _cells: Cells, _writer: Writer) -> str:
    """Classifiers that only tell a side."""
    raise thing.refused("gives no probabilities", CALIBRATE)


def value(thing: Thing, cells: Cells, writer: Writer) -> str:
    """The value (n, 1) of a linear regression."""
    import numpy as np

    weights = np.asarray(thing.need("coef_"))
    flat = thing.floats("coef_", cells.width) if weights.ndim == 1 else thing.floats("coef_", 1, cells.width)[0]
    return weigh(writer, writer.matrix(cells), flat.reshape(-1, 1), _offset(thing, 1))


def generalised(thing: Thing, cells: Cells, writer: Writer) -> str:
    """PoissonRegressor, GammaRegressor, TweedieRegressor: the value, or its logarithm."""
    link = thing.thing("_base_loss").thing("link").name
    if link not in LOG | IDENTITY:
        raise thing.refused(f"has the link {link}, which is not known here", CONVERT)
    found = value(thing, cells, writer)
    return writer.graph.add("Exp", found) if link in LOG else found


def gaussian_bayes(thing: Thing, cells: Cells, writer: Writer) -> str:
    """GaussianNB: log prior and log density of each outcome, then shares."""
    import numpy as np

    count = outcomes_of(thing)
    mean, spread = thing.floats("theta_", count, cells.width), thing.floats("var_", count, cells.width)
    prior = thing.floats("class_prior_", count)
    if not (spread > 0).all() or not (prior > 0).all():
        raise thing.broken("has a variance or a prior that is not above 0")
    graph, given = writer.graph, writer.matrix(cells)
    rows = []
    for at in range(count):
        apart = graph.add("Sub", given, writer.graph.array([mean[at]]))
        squared = graph.add("Div", graph.add("Mul", apart, apart), writer.graph.array([spread[at]]))
        total = graph.add("ReduceSum", squared, graph.array([1], "int64"), keepdims=1)
        start = float(np.log(prior[at]) - 0.5 * np.log(2.0 * np.pi * spread[at]).sum())
        half = graph.add("Mul", total, graph.number(-0.5))
        rows.append(graph.add("Add", half, graph.number(start)))
    return softmax(writer, graph.side_by_side(rows))


def quadratic(thing: Thing, cells: Cells, writer: Writer) -> str:
    """QuadraticDiscriminantAnalysis: log prior and log density of each outcome, then shares."""
    import numpy as np

    count = outcomes_of(thing)
    means, prior = thing.floats("means_", count, cells.width), thing.floats("priors_", count)
    graph, given, rows = writer.graph, writer.matrix(cells), []
    for at, (turn, scale) in enumerate(zip(thing.listed("rotations_", count), thing.listed("scalings_", count),
                                           strict=True)):  # fmt: skip
        part = Thing(thing.kind, {"rotations_": turn, "scalings_": scale})
        spread = part.floats("scalings_", -1)
        if not (spread > 0).all() or not prior[at] > 0:
            raise thing.broken("has a variance or a prior that is not above 0")
        turned = part.floats("rotations_", cells.width, len(spread)) / np.sqrt(spread)
        apart = graph.add("MatMul", graph.add("Sub", given, graph.array([means[at]])), graph.array(turned))
        total = graph.add("ReduceSum", graph.add("Mul", apart, apart), graph.array([1], "int64"), keepdims=1)
        start = graph.number(float(np.log(prior[at]) - 0.5 * np.log(spread).sum()))
        rows.append(graph.add("Add", graph.add("Mul", total, graph.number(-0.5)), start))
    return softmax(writer, graph.side_by_side(rows))


def counting_bayes(thing: Thing, cells: Cells, writer: Writer) -> str:
    """MultinomialNB: log weights of counts."""
    count = outcomes_of(thing)
    weights, prior = thing.floats("feature_log_prob_", count, cells.width), thing.floats("class_log_prior_", count)
    return softmax(writer, weigh(writer, writer.matrix(cells), weights.T, prior))


def flag_bayes(thing: Thing, cells: Cells, writer: Writer) -> str:
    """BernoulliNB: log weights of what is there and of what is not."""
    import numpy as np
    from onnx import TensorProto

    count = outcomes_of(thing)
    yes = thing.floats("feature_log_prob_", count, cells.width)
    if not (yes < 0).all():
        raise thing.broken("has a probability that is not below 1")
    no = np.log1p(-np.exp(yes))
    graph, given = writer.graph, writer.matrix(cells)
    if thing.has("binarize"):
        above = graph.add("Greater", given, graph.number(thing.number("binarize")))
        given = graph.add("Cast", above, to=TensorProto.DOUBLE)
    offset = thing.floats("class_log_prior_", count) + no.sum(axis=1)
    return softmax(writer, weigh(writer, given, (yes - no).T, offset))


def network_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """MLPClassifier."""
    count = outcomes_of(thing)
    found = _layers(thing, cells, writer, 1 if count == 2 else count)
    return likelihoods(writer, found, count)


def network_regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """MLPRegressor."""
    found = _layers(thing, cells, writer, 1)
    last = thing.text("out_activation_")
    if last not in {"identity", ""} and thing.text("loss") == "poisson":
        return writer.graph.add("Exp", found)
    if last != "identity":
        raise thing.refused(f"ends in '{last[:40]}', which is not known here", CONVERT)
    return found


def _layers(thing: Thing, cells: Cells, writer: Writer, outputs: int) -> str:
    """The sums of the last layer (n, outputs)."""
    activation = ACTIVATIONS.get(thing.text("activation"))
    if activation is None:
        raise thing.refused("has an activation that is not known here", CONVERT)
    found, width = writer.matrix(cells), cells.width
    layers, offsets = thing.listed("coefs_"), thing.listed("intercepts_")
    if len(layers) != len(offsets) or not layers:
        raise thing.broken("has another number of layers than of offsets")
    for at, (weights, offset) in enumerate(zip(layers, offsets, strict=True)):
        layer = Thing(thing.kind, {"coefs_": weights, "intercepts_": offset})
        into = layer.floats("coefs_", width, -1)
        width = into.shape[1]
        found = weigh(writer, found, into, layer.floats("intercepts_", width))
        if at < len(layers) - 1 and activation:
            found = writer.graph.add(activation, found)
    if width != outputs:
        raise thing.broken(f"ends in {width:,} numbers, not {outputs:,}")
    return found


def dummy_classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """DummyClassifier: how frequent the outcomes were."""
    if thing.text("strategy") != "prior":
        raise thing.refused("draws or tells one outcome whatever the row", "Bring a trained model.")
    prior = thing.floats("class_prior_", outcomes_of(thing))
    return _always(writer, cells, prior)


def dummy_regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """DummyRegressor: one value."""
    return _always(writer, cells, thing.floats("constant_", 1, 1)[0])


def _always(writer: Writer, cells: Cells, values: Floats) -> str:
    """The same scores for each row."""
    return writer.graph.add("MatMul", writer.ones(cells), writer.graph.array([values]))
