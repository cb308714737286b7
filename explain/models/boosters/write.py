"""One ONNX file out of an ensemble: raw columns in, a TreeEnsemble of doubles (ai.onnx.ml 5), its link, scores out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.models.boosters.columns import Features, match, numbers, prepare
from explain.models.boosters.forest import LEAF, MEMBER, Ensemble
from explain.models.onnx_graph import ML, OnnxGraph

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import onnx

    from explain.models.boosters.forest import Link
    from explain.types import Column, Floats, Ints, Schema

MODE_CODES = (1, 0, 6)
"""BRANCH_LT, BRANCH_LEQ and BRANCH_MEMBER of TreeEnsemble, in the order of BELOW, AT_MOST and MEMBER."""
SUM = 1


def write_onnx(ensemble: Ensemble, schema: Schema) -> bytes:
    """The ONNX file of an ensemble over the columns of a schema: "probabilities" (n, k) or "value" (n, 1), doubles.

    A number comes in as a double (n, 1), a category as a string (n, 1), empty where missing. Raises ModelError where
    the schema does not have the ensemble's columns, or not of their kinds.
    """
    columns = match(ensemble, schema)
    names = [column.name for column in columns]
    if not all(names):
        raise ModelError("A column has no name. Name every column, and bring the reference again.")
    graph = OnnxGraph.beside(names)
    weights = ensemble.linear
    margins = _grown(graph, ensemble, columns) if weights is None else _weighed(graph, ensemble, columns, weights)
    output = graph.free("value" if ensemble.task == "regression" else "probabilities", names)
    graph.add("Identity", write_link(graph, ensemble, margins), name=output)
    return graph.to_bytes(columns, output, ensemble.outputs, ensemble.source)


def _grown(graph: OnnxGraph, ensemble: Ensemble, columns: list[Column]) -> str:
    """The margins (n, t) of trees."""
    features = prepare(graph, ensemble, columns)
    found = graph.add("TreeEnsemble", features.matrix, domain=ML, **tree_attributes(ensemble, features))
    return _with_lines(graph, ensemble, columns, found) if ensemble.lines else found


def _with_lines(graph: OnnxGraph, ensemble: Ensemble, columns: list[Column], found: str) -> str:
    """The margins of trees with linear models in their leaves: constants (n, t), and slopes times their features."""
    import numpy as np

    margins = len(ensemble.offset) - len(ensemble.lines)
    constants, slopes = (
        graph.add("Gather", found, graph.array(list(places), "int64"), axis=1)
        for places in (range(margins), range(margins, len(ensemble.offset)))
    )
    given = graph.side_by_side([numbers(ensemble, columns[feature]) for feature, _ in ensemble.lines])
    # the slope of a blank is 0 in every leaf
    filled = graph.add("Where", graph.add("IsNaN", given), graph.number(0.0), given)
    to_margin = np.zeros((len(ensemble.lines), margins))
    to_margin[np.arange(len(ensemble.lines)), [margin for _, margin in ensemble.lines]] = 1.0
    return graph.add("Add", constants, graph.add("MatMul", graph.add("Mul", slopes, filled), graph.array(to_margin)))


def _weighed(graph: OnnxGraph, ensemble: Ensemble, columns: list[Column], weights: Floats) -> str:
    """The margins (n, t) of a booster of weights, to which a blank is 0."""
    given = graph.narrow(graph.side_by_side([numbers(ensemble, column) for column in columns]))
    filled = graph.add("Where", graph.add("IsNaN", given), graph.number(0.0), given)
    product = graph.add("MatMul", filled, graph.array(weights))
    return graph.add("Add", product, graph.array([ensemble.offset]))


def write_link(graph: OnnxGraph, ensemble: Ensemble, margins: str) -> str:
    """Margins (n, t) -> scores (n, k)."""
    if ensemble.link == "logistic" and ensemble.task == "binary":
        return graph.two(graph.add("Sigmoid", margins))
    return LINKS[ensemble.link](graph, margins)


def _softplus(graph: OnnxGraph, margins: str) -> str:
    """Without overflow: max(m, 0) + log(1 + exp(-|m|))."""
    small = graph.add("Exp", graph.add("Neg", graph.add("Abs", margins)))
    rest = graph.add("Log", graph.add("Add", small, graph.number(1.0)))
    return graph.add("Add", graph.add("Max", margins, graph.number(0.0)), rest)


LINKS: Mapping[Link, Callable[[OnnxGraph, str], str]] = {
    "identity": lambda _, margins: margins,
    "logistic": lambda graph, margins: graph.add("Sigmoid", margins),
    "one-vs-all": lambda graph, margins: graph.add("Sigmoid", margins),
    "softmax": lambda graph, margins: graph.add("Softmax", margins, axis=1),
    "exponential": lambda graph, margins: graph.add("Exp", margins),
    "square": lambda graph, margins: graph.add("Mul", margins, graph.add("Abs", margins)),
    "softplus": _softplus,
}


def tree_attributes(ensemble: Ensemble, features: Features) -> dict[str, Any]:
    """The attributes of TreeEnsemble: inner nodes, and behind them leaves, each counted from 0."""
    import numpy as np

    nodes = ensemble.nodes
    leaf = nodes.feature == LEAF
    alone = leaf[nodes.roots]
    below = leaf.copy()
    below[nodes.roots[alone]] = False
    place = np.where(leaf, np.cumsum(below), np.cumsum(~leaf)) - 1
    inner, leaves = (~leaf).nonzero()[0], below.nonzero()[0]
    weight, extra = _with_base(ensemble, nodes.roots[alone])
    true, false = nodes.true[inner], nodes.false[inner]
    keys = zip(nodes.feature[inner].tolist(), nodes.zero_missing[inner].tolist(), strict=True)
    roots = place[nodes.roots[~alone]]
    more = len(extra)
    start, ends = len(inner) + np.arange(more), len(leaves) + 2 * np.arange(more)
    member = nodes.comparison[inner] == MEMBER
    bounds = np.concatenate([np.where(member, 0.0, nodes.bound[inner]), np.zeros(more)])
    values = np.concatenate([weight[leaves], np.repeat([base for _, base in extra], 2)])
    found = {
        "nodes_modes": _tensor("nodes_modes", [*np.take(MODE_CODES, nodes.comparison[inner]), *[0] * more], "uint8"),
        "nodes_featureids": [*(features.place[key] for key in keys), *[0] * more],
        "nodes_splits": _tensor("nodes_splits", bounds),
        "nodes_truenodeids": [*place[true].tolist(), *ends.tolist()],
        "nodes_falsenodeids": [*place[false].tolist(), *(ends + 1).tolist()],
        "nodes_trueleafs": [*leaf[true].astype(int).tolist(), *[1] * more],
        "nodes_falseleafs": [*leaf[false].astype(int).tolist(), *[1] * more],
        # a blank category is a code of its own
        "nodes_missing_value_tracks_true": [*(nodes.missing_true[inner] & ~member).astype(int).tolist(), *[0] * more],
        "leaf_weights": _tensor("leaf_weights", values),
        "leaf_targetids": [*nodes.target[leaves].tolist(), *(int(at) for at, _ in extra for _ in range(2))],
        "tree_roots": [*roots.tolist(), *start.tolist()],
        "n_targets": len(ensemble.offset),
        "aggregate_function": SUM,
        "post_transform": 0,
    }
    if member.any():
        found["membership_values"] = _tensor("membership_values", _members(ensemble, features, inner[member]))
    return found


def _with_base(ensemble: Ensemble, alone: Ints) -> tuple[Floats, list[tuple[int, float]]]:
    """Leaf weights with the base in them, as TreeEnsemble has none: in the leaves of each output's first tree.

    Also what is left for a tree of one question that always gives the same: (output, base) where there is no tree.
    """
    import numpy as np

    nodes = ensemble.nodes
    base = ensemble.offset.copy()
    np.add.at(base, nodes.target[alone], nodes.weight[alone])
    weight = nodes.weight.copy()
    owner = _owners(ensemble)
    open_roots = nodes.roots[nodes.feature[nodes.roots] != LEAF]
    leaf = nodes.feature == LEAF
    first: dict[int, int] = {}
    target_of_tree = np.zeros(len(weight), dtype=np.int64)
    target_of_tree[owner[leaf]] = nodes.target[leaf]
    for root in open_roots.tolist():
        first.setdefault(int(target_of_tree[root]), root)
    for target, root in first.items():
        weight[leaf & (owner == root)] += base[target]
    return weight, [(target, float(base[target])) for target in range(len(base)) if target not in first]


def _owners(ensemble: Ensemble) -> Ints:
    """(c,) the root above each node."""
    import numpy as np

    nodes = ensemble.nodes
    owner = np.full(len(nodes.feature), -1)
    level = nodes.roots
    owner[level] = level
    while len(level):
        parents = level[nodes.feature[level] != LEAF]
        for children in (nodes.true[parents], nodes.false[parents]):
            owner[children] = owner[parents]
        level = np.concatenate([nodes.true[parents], nodes.false[parents]])
    return owner


def _members(ensemble: Ensemble, features: Features, sets: Ints) -> list[float]:
    """The codes of each set one after the other, in the order of their nodes, with NaN behind each."""
    nodes = ensemble.nodes
    flat: list[float] = []
    for node in sets.tolist():
        flat += [code + 1.0 for code in nodes.members[node]]
        if nodes.missing_true[node]:
            flat.append(float(features.missing[int(nodes.feature[node])]))
        flat.append(float("nan"))
    return flat


def _tensor(name: str, values: list[Any] | Floats, kind: str = "float64") -> onnx.TensorProto:
    import numpy as np
    from onnx import numpy_helper

    return numpy_helper.from_array(np.asarray(values, dtype=kind), name)
