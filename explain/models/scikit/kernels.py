"""Support vector machines: a weighted sum of kernels between a row and the support vectors, in doubles.

LIBSVM keeps one against one: of k outcomes the weights (k - 1, s) serve k (k - 1) / 2 margins (Chang and Lin 2011,
section 4.1; https://github.com/scikit-learn/scikit-learn, svm/_base.py).
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from explain.models.scikit.answers import outcomes_of
from explain.models.scikit.cells import CONVERT
from explain.models.scikit.linear import weigh

if TYPE_CHECKING:
    from explain.models.scikit.cells import Cells, Writer
    from explain.models.scikit.thing import Thing

LEAST = 1e-7
"""LIBSVM's smallest probability."""
CLOSE = 0.005 / 2
"""Where LIBSVM's iteration that joins the probabilities of pairs stops, for two outcomes."""
SWEEPS = 2
"""After which it has stopped, whatever the probability of the one pair is."""
MOST_CELLS = 10_000
"""Numbers for each row on the way: a kernel for each support vector."""
SVC_WAY_OUT = "Put it inside of CalibratedClassifierCV, which gives probabilities that hold."


def _kernels(thing: Thing, cells: Cells, writer: Writer) -> tuple[str, int]:
    """(n, s) kernels between rows and support vectors, and how many of these there are."""
    vectors = thing.floats("support_vectors_", -1, cells.width)
    if len(vectors) > MOST_CELLS:
        raise thing.refused(f"has {len(vectors):,} support vectors", f"At most {MOST_CELLS:,} are taken.")
    if thing.flag("_sparse"):
        raise thing.refused("was fitted on sparse rows", CONVERT)
    graph, given = writer.graph, writer.matrix(cells)
    kind, products = thing.get("kernel"), writer.graph.add("MatMul", given, writer.graph.array(vectors.T))
    if kind == "linear":
        return products, len(vectors)
    gamma = graph.number(thing.number("_gamma"))
    if kind == "rbf":
        squares = graph.add("ReduceSum", graph.add("Mul", given, given), graph.array([1], "int64"), keepdims=1)
        both = graph.add("Add", squares, graph.array([(vectors**2).sum(axis=1)]))
        apart = graph.add("Sub", both, graph.add("Mul", products, graph.number(2.0)))
        near = graph.add("Mul", graph.add("Max", apart, graph.number(0.0)), gamma)
        return graph.add("Exp", graph.add("Neg", near)), len(vectors)
    inner = graph.add("Add", graph.add("Mul", products, gamma), graph.number(thing.number("coef0")))
    if kind == "poly":
        return graph.add("Pow", inner, graph.number(float(thing.whole("degree", 0, 100)))), len(vectors)
    if kind == "sigmoid":
        return graph.add("Tanh", inner), len(vectors)
    raise thing.refused("has a kernel of one's own", CONVERT)


def margins(thing: Thing, cells: Cells, writer: Writer) -> str:
    """The decision function of SVC and NuSVC: (n, 1) for two outcomes, (n, k) of votes for more."""
    import numpy as np

    count = outcomes_of(thing)
    kernels, vectors = _kernels(thing, cells, writer)
    weights = thing.floats("dual_coef_", count - 1, vectors)
    pairs = list(combinations(range(count), 2))
    offset = thing.floats("intercept_", len(pairs))
    if count == 2:
        return weigh(writer, kernels, weights.T, offset)
    if thing.text("decision_function_shape", "ovr") != "ovr":
        raise thing.refused("decides one against one", 'Train it with decision_function_shape="ovr".')
    sizes = thing.floats("_n_support", count).astype(int)
    if sizes.min() < 0 or sizes.sum() != vectors:
        raise thing.broken("counts its support vectors in another way")
    owner = np.repeat(np.arange(count), sizes)
    columns = [np.where(owner == i, weights[j - 1], 0.0) + np.where(owner == j, weights[i], 0.0) for i, j in pairs]
    found = weigh(writer, kernels, np.stack(columns, axis=1), offset)
    return _votes(writer, found, count)


def _votes(writer: Writer, pairwise: str, count: int) -> str:
    """(n, k (k - 1) / 2) margins, above 0 for the first of a pair -> (n, k): votes, and a share of the margins' sum."""
    import numpy as np
    from onnx import TensorProto

    graph = writer.graph
    pairs = list(combinations(range(count), 2))
    first, second = (
        np.array([[1.0 if pair[side] == at else 0.0 for at in range(count)] for pair in pairs]) for side in (0, 1)
    )
    against = graph.add("Cast", graph.add("Less", pairwise, graph.number(0.0)), to=TensorProto.DOUBLE)
    votes = graph.add(
        "Add",
        graph.add("MatMul", graph.add("Sub", graph.number(1.0), against), graph.array(first)),
        graph.add("MatMul", against, graph.array(second)),
    )
    total = graph.add("MatMul", pairwise, graph.array(first - second))
    share = graph.add("Add", graph.add("Abs", total), graph.number(1.0))
    return graph.add("Add", votes, graph.add("Div", total, graph.add("Mul", share, graph.number(3.0))))


def classifier(thing: Thing, cells: Cells, writer: Writer) -> str:
    """SVC and NuSVC that were trained with probabilities, of two outcomes: Platt's logistic of the margin."""
    if outcomes_of(thing) > 2:
        raise thing.refused("tells its probabilities of several outcomes by an iteration", SVC_WAY_OUT)
    slope, offset = (thing.floats(key, -1) for key in ("_probA", "_probB"))
    if slope.shape != (1,) or offset.shape != (1,):
        raise thing.refused("gives no probabilities", SVC_WAY_OUT)
    graph = writer.graph
    # LIBSVM's own margin is that of the first outcome
    inner = graph.add("Mul", margins(thing, cells, writer), graph.number(-float(slope[0])))
    first = graph.add("Sigmoid", graph.add("Neg", graph.add("Add", inner, graph.number(float(offset[0])))))
    least = graph.add("Max", first, graph.number(LEAST))
    return _coupled(writer, graph.add("Min", least, graph.number(1.0 - LEAST)))


def _coupled(writer: Writer, first: str) -> str:
    """The probability (n, 1) of the first of two outcomes -> those of both (n, 2), as LIBSVM comes near them.

    It starts from even odds, and stops where these are near enough, even for a single pair (Wu, Lin and Weng 2004,
    algorithm 2; svm.cpp, multiclass_probability).
    """
    graph = writer.graph

    def do(operator: str, *parts: str) -> str:
        return graph.add(operator, *parts)

    one, second = graph.number(1.0), do("Sub", graph.number(1.0), first)
    both = do("Neg", do("Mul", first, second))
    q = {(0, 0): do("Mul", second, second), (0, 1): both, (1, 0): both, (1, 1): do("Mul", first, first)}
    half = do("Add", do("Mul", first, graph.number(0.0)), graph.number(0.5))
    p = [half, half]
    for _ in range(SWEEPS):
        now = list(p)
        qp = [do("Add", do("Mul", q[t, 0], now[0]), do("Mul", q[t, 1], now[1])) for t in (0, 1)]
        worth = do("Add", do("Mul", now[0], qp[0]), do("Mul", now[1], qp[1]))
        wrong = do("Max", *(do("Abs", do("Sub", item, worth)) for item in qp))
        for t in (0, 1):
            step = do("Div", do("Sub", worth, qp[t]), q[t, t])
            size = do("Add", one, step)
            risen = do("Mul", step, do("Add", do("Mul", step, q[t, t]), do("Mul", qp[t], graph.number(2.0))))
            worth = do("Div", do("Div", do("Add", worth, risen), size), size)
            qp = [do("Div", do("Add", qp[j], do("Mul", step, q[t, j])), size) for j in (0, 1)]
            now[t] = do("Add", now[t], step)
            now = [do("Div", item, size) for item in now]
        near = do("Less", wrong, graph.number(CLOSE))
        p = [do("Where", near, old, new) for old, new in zip(p, now, strict=True)]
    return graph.side_by_side(p)


def regressor(thing: Thing, cells: Cells, writer: Writer) -> str:
    """SVR and NuSVR."""
    kernels, vectors = _kernels(thing, cells, writer)
    return weigh(writer, kernels, thing.floats("dual_coef_", 1, vectors).T, thing.floats("intercept_", 1))
