"""Trees of scikit-learn as arrays: records of nodes -> nodes that are seen to be sound, and what they predict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from explain.models.boosters.forest import AT_MOST, LEAF, Nodes, inside
from explain.models.scikit.answers import one_target
from explain.models.scikit.thing import SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from explain.models.scikit.thing import Thing
    from explain.types import Floats, Ints

TREE = "sklearn.tree._tree.Tree"


@dataclass(frozen=True)
class Grown:
    """A tree as arrays: its nodes without weights, and what its nodes predict, (c, k)."""

    nodes: Nodes
    values: Floats


def grown(thing: Thing) -> Grown:
    """The tree in a DecisionTree or ExtraTree; raises ModelError where it is none."""
    import numpy as np

    one_target(thing)
    tree = thing.thing("tree_")
    if tree.kind != TREE:
        raise thing.broken("has something else for a tree")
    array = records(tree.need("nodes"), ("left_child", "right_child", "feature", "threshold"), thing)
    count = len(array)
    left, right = array["left_child"].astype(np.int64), array["right_child"].astype(np.int64)
    leaf = left == -1
    inside(SOURCE, 0, np.concatenate([left[~leaf], right[~leaf]]), count)
    missing = array["missing_go_to_left"] if "missing_go_to_left" in (array.dtype.names or ()) else np.zeros(count)
    values = tree.floats("values", count, -1, -1)
    if values.shape[1] != 1:
        raise thing.refused("predicts several targets at once", "Bring a model of one target.")
    nodes = plain_nodes(
        np.where(leaf, LEAF, array["feature"].astype(np.int64)), array["threshold"].astype(np.float64), (left, right),
        missing != 0,
    )  # fmt: skip
    return Grown(nodes, values[:, 0, :])


def records(found: object, fields: Sequence[str], thing: Thing) -> np.ndarray[Any, Any]:
    """The nodes (c,) of a tree as the library keeps them; raises ModelError where they lack one of these fields."""
    import numpy as np

    named = found.dtype.names or () if isinstance(found, np.ndarray) else ()
    if not isinstance(found, np.ndarray) or found.ndim != 1 or not len(found) or not set(fields) <= set(named):
        raise thing.broken("has a tree without nodes")
    if any(found.dtype[name].kind not in "iufb" for name in named):
        raise thing.broken("has a tree whose nodes are no numbers")
    return found


def plain_nodes(feature: Ints, bound: Floats, children: tuple[Ints, Ints], missing: np.ndarray[Any, Any]) -> Nodes:
    """Nodes (c,) that compare numbers, without weights; children of leaves are left out."""
    import numpy as np

    count = len(feature)
    return Nodes(
        feature=feature,
        comparison=np.full(count, AT_MOST),
        bound=np.where(feature == LEAF, 0.0, bound),
        true=np.where(feature == LEAF, -1, children[0]),
        false=np.where(feature == LEAF, -1, children[1]),
        missing_true=missing & (feature != LEAF),
        zero_missing=np.zeros(count, dtype=bool),
        weight=np.zeros(count),
        target=np.zeros(count, dtype=np.int64),
        roots=np.zeros(1, dtype=np.int64),
    )


def weighted(tree: Grown, weights: Floats, target: int = 0) -> Nodes:
    """A tree that adds its leaves' weights (c,) to one margin."""
    import numpy as np

    return replace(tree.nodes, weight=weights, target=np.full(len(weights), target))


def importances(thing: Thing, width: int) -> Floats:
    """(width,) what each column's splits of a tree lower the impurity by, by the rows of its root.

    As the library sums them (sklearn/tree/_tree.pyx, compute_feature_importances), not yet as shares.
    """
    import numpy as np

    fields = ("left_child", "right_child", "feature", "impurity", "weighted_n_node_samples")
    nodes = records(thing.thing("tree_").need("nodes"), fields, thing)
    weighed = nodes["weighted_n_node_samples"].astype(np.float64) * nodes["impurity"].astype(np.float64)
    inner = np.flatnonzero(nodes["left_child"] != -1)
    left, right = nodes["left_child"][inner].astype(int), nodes["right_child"][inner].astype(int)
    feature = nodes["feature"][inner].astype(int)
    inside(SOURCE, 0, np.concatenate([left, right]), len(nodes))
    if feature.max(initial=0) >= width or feature.min(initial=0) < 0:
        raise thing.broken("asks for a column that is not there")
    found = np.zeros(width)
    np.add.at(found, feature, weighed[inner] - weighed[left] - weighed[right])
    return found / max(float(nodes["weighted_n_node_samples"][0]), 1e-300)
