"""Whether the trees of an ONNX operator are trees: read natively, a cycle hangs, a deep one overruns the stack, and a
child or feature out of range reads whatever lies there.

TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 1 to 3) name nodes by tree and id, TreeEnsemble
(ai.onnx.ml 5) counts nodes and leaves by position. https://onnx.ai/onnx/operators/ has both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import ModelError, TooLargeError
from explain.models.safety.tree_lists import (
    LEAF,
    MEMBER,
    MODES,
    NOWHERE,
    UNEVEN,
    Places,
    check_even,
    floats,
    ints,
    lists_of,
    named_modes,
    placed_children,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import onnx

    from explain.models.safety.tree_lists import Lists
    from explain.types import Flags, Floats, Ints

TREES = frozenset({"TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor"})
DEEPEST = 2_000
"""Nodes from root to leaf. ONNX Runtime 1.32 reads a tree by recursion: 10,000 fit the usual stack of 8 MB, 20,000 end
the process. Trees of training are below 100 deep; sets of categories written as chains reach some hundreds."""
MOST_TARGETS = 10_000
"""Outputs of an ensemble: each is added up for every row."""
MOST_TREES = 200_000
"""Of all ensembles of a model: 2,000 rounds of boosting for 100 outcomes. Loading and trying as many takes some three
seconds, and five times as many the time that a file is given."""
_EQ = MODES.index("BRANCH_EQ")
_POST = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"}
_AGGREGATES = {"SUM", "AVERAGE", "MIN", "MAX"}

EMPTY = "The model has a tree ensemble without trees. Export the model anew."
CIRCLE = "The trees of this model run in a circle or hang apart. Export the model anew."
SHARED = "Two branches of a tree of this model lead to the same node. Export the model anew."
NO_NUMBER = "A leaf value of this model is missing or no number. Export the model anew."
NO_BOUND = "The trees of this model compare with something that is no number. Export the model anew."
NO_TARGET = "The trees of this model add to an output that it does not have. Export the model anew."
TOO_DEEP = f"A tree of this model is more than {DEEPEST:,} nodes deep. Train it with a limit on the depth."
UNKNOWN = "The trees of this model use a setting that is not known. Export the model anew."


@dataclass(frozen=True)
class _Shape:
    """The nodes of an ensemble, all (c,) arrays: `mode` a place in MODES or LEAF, children as positions."""

    mode: Ints
    feature: Ints
    true: Ints
    false: Ints
    roots: Ints


def refuse_many(trees: int) -> None:
    """Raise TooLargeError for more trees than are read, before anything is done with them."""
    if trees > MOST_TREES:
        raise TooLargeError(
            f"The model has {trees:,} trees; at most {MOST_TREES:,} are read. Train it with fewer rounds or trees."
        )


def count_trees(node: onnx.NodeProto) -> int:
    """How many trees the lists of an ensemble name, whether or not they are sound."""
    import numpy as np

    lists = lists_of(node)
    return len(np.unique(ints(lists, "tree_roots" if node.op_type == "TreeEnsemble" else "nodes_treeids")))


def check_trees(node: onnx.NodeProto) -> int:
    """How many features the ensemble asks for at least; raises ModelError when it is not one of sound trees."""
    lists = lists_of(node)
    shape = _by_position(lists) if node.op_type == "TreeEnsemble" else _by_name(lists)
    inner = shape.mode != LEAF
    features = shape.feature[inner]
    if features.size and features.min() < 0:
        raise ModelError("The trees of this model ask for a feature below zero. Export the model anew.")
    _check_sharing(shape, inner, leaves_too=node.op_type != "TreeEnsemble")
    _check_depth(shape, inner)
    return int(features.max()) + 1 if features.size else 0


def _by_name(lists: Lists) -> _Shape:
    """Of TreeEnsembleClassifier and TreeEnsembleRegressor."""
    import numpy as np

    mode, unknown = named_modes(lists)
    if unknown:
        raise ModelError(f"The trees of this model compare in a way that is not known: {unknown[0][:40]}.")
    if not mode.size:
        raise ModelError(EMPTY)
    trees, ids = ints(lists, "nodes_treeids"), ints(lists, "nodes_nodeids")
    check_even(trees.size, ids.size)
    places = Places(trees, ids)
    if places.twice:
        raise ModelError("The trees of this model name a node twice. Export the model anew.")
    check_even(mode.size, places.size, ints(lists, "nodes_featureids").size)
    _check_optional(lists, mode.size, ("nodes_missing_value_tracks_true", "nodes_hitrates"))
    inner = mode != LEAF
    _check_bounds(floats(lists, "nodes_values"), inner)
    children = []
    for side in ("nodes_truenodeids", "nodes_falsenodeids"):
        ids = ints(lists, side)
        check_even(mode.size, ids.size)
        children.append(np.where(inner, places.of(places.trees, ids), -1))
        if (children[-1][inner] < 0).any():
            raise ModelError(NOWHERE)
    _check_named_leaves(lists, places, mode)
    below = np.zeros(mode.size, dtype=bool)
    below[np.concatenate([side[inner] for side in children])] = True
    roots = np.flatnonzero(~below)
    if len(roots) != len(np.unique(places.trees)) or len(np.unique(places.trees[roots])) != len(roots):
        raise ModelError(CIRCLE)
    return _Shape(mode, ints(lists, "nodes_featureids"), children[0], children[1], roots)


def _check_named_leaves(lists: Lists, places: Places, mode: Ints) -> None:
    """Leaf values are numbers at leaves that are there, for outputs that are there."""
    import numpy as np

    kind = "class" if "class_ids" in lists else "target"
    trees, nodes, ids = (ints(lists, f"{kind}_{part}") for part in ("treeids", "nodeids", "ids"))
    weights = floats(lists, f"{kind}_weights")
    check_even(trees.size, nodes.size, ids.size, weights.size)
    at = places.of(trees, nodes)
    if not weights.size or not np.isfinite(weights).all() or (at < 0).any() or (mode[at] != LEAF).any():
        raise ModelError(NO_NUMBER)
    targets = lists["n_targets"].i if "n_targets" in lists else 1
    if kind == "class":
        targets = sum(len(lists[name].ints) + len(lists[name].strings) for name in lists if name.startswith("classlab"))
    _check_targets(ids, targets)
    if not np.isfinite(floats(lists, "base_values")).all():
        raise ModelError(NO_NUMBER)
    for name, known in (("post_transform", _POST), ("aggregate_function", _AGGREGATES)):
        if name in lists and lists[name].s.decode("utf-8", "replace") not in known:
            raise ModelError(UNKNOWN)


def _by_position(lists: Lists) -> _Shape:
    """Of TreeEnsemble: leaves stand behind the inner nodes here."""
    import numpy as np

    codes, weights = floats(lists, "nodes_modes"), floats(lists, "leaf_weights")
    inner, leaves = codes.size, weights.size
    roots, targets = ints(lists, "tree_roots"), ints(lists, "leaf_targetids")
    if not inner or not leaves or not roots.size:
        raise ModelError(EMPTY)
    if not np.isin(codes, np.arange(LEAF)).all():
        raise ModelError("The trees of this model compare in a way that is not known.")
    features = ints(lists, "nodes_featureids")
    check_even(inner, features.size)
    check_even(leaves, targets.size)
    _check_optional(lists, inner, ("nodes_missing_value_tracks_true", "nodes_hitrates"))
    mode = codes.astype(np.int64)
    _check_bounds(floats(lists, "nodes_splits"), mode != MEMBER)
    _check_members(floats(lists, "membership_values"), int((mode == MEMBER).sum()))
    if not np.isfinite(weights).all():
        raise ModelError(NO_NUMBER)
    _check_targets(targets, lists["n_targets"].i if "n_targets" in lists else 1)
    if ((roots < 0) | (roots >= inner)).any() or len(np.unique(roots)) != roots.size:
        raise ModelError(CIRCLE)
    if any(lists[name].i not in range(5) for name in ("post_transform", "aggregate_function") if name in lists):
        raise ModelError(UNKNOWN)
    blank = np.full(leaves, -1)
    true, false = (np.concatenate([placed_children(lists, side, inner, leaves), blank]) for side in ("true", "false"))
    return _Shape(np.concatenate([mode, np.full(leaves, LEAF)]), np.concatenate([features, blank]), true, false, roots)


def _check_members(values: Floats, tests: int) -> None:
    """One set of values a test of membership, with NaN behind each or between two."""
    import numpy as np

    ends = np.flatnonzero(np.isnan(values))
    sets = len(ends) + bool(values.size and not np.isnan(values[-1]))
    lengths = np.diff(np.concatenate([[-1], ends])) - 1
    if sets != tests or (lengths == 0).any():
        raise ModelError(f"This model has {tests} tests of membership, but values for {sets}. Export it anew.")


def _check_bounds(bounds: Floats, compared: Flags) -> None:
    import numpy as np

    check_even(compared.size, bounds.size)
    if np.isnan(bounds[compared]).any():
        raise ModelError(NO_BOUND)


def _check_optional(lists: Lists, count: int, names: Iterable[str]) -> None:
    for name in names:
        size = max(ints(lists, name).size, floats(lists, name).size)
        if size not in {0, count}:
            raise ModelError(UNEVEN)


def _check_targets(ids: Ints, targets: int) -> None:
    if targets > MOST_TARGETS:
        raise ModelError(f"The trees of this model have {targets:,} outputs; at most {MOST_TARGETS:,} are read.")
    if ids.min() < 0 or ids.max() >= max(targets, 1):
        raise ModelError(NO_TARGET)


def _check_sharing(shape: _Shape, inner: Flags, *, leaves_too: bool) -> None:
    """No node has two parents, except that a chain of tests x == a, x == b, … may lead to one true side: that is how
    converters write a set of categories. Leaves of TreeEnsemble may be shared.
    """
    import numpy as np

    parents = np.flatnonzero(inner)
    child = np.concatenate([shape.true[parents], shape.false[parents]])
    parent = np.concatenate([parents, parents])
    counts = np.bincount(child, minlength=shape.mode.size)
    counted = inner | leaves_too
    many = (counts[child] > 1) & counted[child]
    if not many.any() and not counts[shape.roots].any():
        return
    by_set = (np.arange(child.size) < parents.size) & (shape.mode[parent] == _EQ)
    first = np.full(shape.mode.size, -1)
    first[child] = shape.feature[parent]
    same = by_set & (first[child] == shape.feature[parent])
    if counts[shape.roots].any() or (many & ~same).any():
        raise ModelError(SHARED)


def _check_depth(shape: _Shape, inner: Flags) -> None:
    """Peels the nodes off level by level: each goes when all its parents have gone; what stays lies on a circle."""
    import numpy as np

    waiting = np.bincount(np.concatenate([shape.true[inner], shape.false[inner]]), minlength=shape.mode.size)
    level, seen = shape.roots, 0
    for _ in range(DEEPEST + 1):
        seen += level.size
        level = level[inner[level]]
        if not level.size:
            break
        below, times = np.unique(np.concatenate([shape.true[level], shape.false[level]]), return_counts=True)
        waiting[below] -= times
        level = below[waiting[below] == 0]
    else:
        raise ModelError(TOO_DEEP)
    loose = 0 if inner.all() else int((waiting[~inner] > 0).sum())
    if (waiting[inner] > 0).any() or loose or seen < int(inner.sum()):
        raise ModelError(CIRCLE)
