"""IsolationForest, taken as a model of a value: how usual a row is by the number of cuts that set it apart.

Liu, Ting and Zhou (2008), Isolation Forest, equations 1 and 2; sklearn/ensemble/_iforest.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain.models.scikit.grown import records
from explain.models.scikit.together import bagged_regressor

if TYPE_CHECKING:
    from explain.models.scikit.cells import Cells, Writer
    from explain.models.scikit.thing import Thing
    from explain.types import Floats, Ints

USUAL = (
    "An isolation forest gives no probabilities: its value is the decision function, below 0 for what it takes for an "
    "outlier."
)


def isolation(thing: Thing, cells: Cells, writer: Writer) -> str:
    """The decision function (n, 1): -(2 ** -(mean way / usual way)) - offset."""
    import numpy as np

    writer.note(USUAL)
    trees = [_by_way(tree) for tree in thing.things("estimators_")]
    drawn = thing.number("_max_samples" if thing.has("_max_samples") else "max_samples_")
    usual = float(_usual_way(np.array([drawn]))[0])
    if not usual > 0:
        raise thing.refused("was grown on single rows", "Train it with max_samples above 1.")
    graph = writer.graph
    way = bagged_regressor(replace(thing, state={**thing.state, "estimators_": trees}), cells, writer)
    share = graph.add("Exp", graph.add("Mul", way, graph.number(-float(np.log(2.0)) / usual)))
    return graph.add("Sub", graph.add("Neg", share), graph.number(thing.number("offset_")))


def _by_way(thing: Thing) -> Thing:
    """A tree whose leaves predict how many cuts lie above them, with those that were not made any more."""
    import numpy as np

    tree = thing.thing("tree_")
    nodes = records(tree.need("nodes"), ("left_child", "right_child", "n_node_samples"), thing)
    left, right = nodes["left_child"].astype(np.int64), nodes["right_child"].astype(np.int64)
    values = (_depths(thing, left, right) + _usual_way(nodes["n_node_samples"].astype(np.float64)))[:, None, None]
    return replace(thing, state={**thing.state, "tree_": replace(tree, state={**tree.state, "values": values})})


def _depths(thing: Thing, left: Ints, right: Ints) -> Floats:
    """(c,) cuts above each node."""
    import numpy as np

    depth = np.zeros(len(left))
    level = np.zeros(1, dtype=np.int64)
    for step in range(len(left) + 1):
        depth[level] = step
        inner = level[left[level] != -1]
        level = np.concatenate([left[inner], right[inner]])
        if not len(level):
            return depth
        if level.min() < 0 or level.max() >= len(left):
            break
    raise thing.broken("has a tree that points to a node that is not there")


def _usual_way(rows: Floats) -> Floats:
    """(c,) the cuts that a search without success takes in a tree of so many rows, on average."""
    import numpy as np

    many = np.maximum(rows, 3.0)
    found = 2.0 * (np.log(many - 1.0) + np.euler_gamma) - 2.0 * (many - 1.0) / many
    return np.asarray(np.where(rows > 2, found, np.where(rows == 2, 1.0, 0.0)))
