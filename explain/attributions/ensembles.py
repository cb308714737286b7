"""Read the tree operators of ONNX into flat nodes, whichever generation of the operator wrote them.

TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 1 to 3) name nodes by tree and id and give leaves a mode;
TreeEnsemble (ai.onnx.ml 5) counts nodes and leaves by position. https://onnx.ai/onnx/operators/ has both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.attributions.graph import attributes
from explain.errors import ModelError

if TYPE_CHECKING:
    import onnx

    from explain.types import Floats

LEAF = "LEAF"
MEMBER = "BRANCH_MEMBER"
MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", MEMBER)
"""Comparisons in the order of TreeEnsemble's codes."""
SUMMED = {"SUM", "AVERAGE"}
UNEVEN = "The trees of this model have lists of different lengths. Export the model anew."
HANGS_APART = "The trees of this model run in a circle or hang apart. Export the model anew."


@dataclass(frozen=True)
class FlatNodes:
    """c nodes as the file lists them, leaves among them; children and roots are positions in these lists.

    `mode` is LEAF or one of MODES, `bound` the value compared with, `members` the values of a membership test,
    `tracks_true` whether a missing value takes the true side, `weights` (c, t) what a leaf adds to each margin, and
    `offset` (t,) what is added in the end. `additive` is False where trees are joined by minimum or maximum.
    """

    mode: list[str]
    feature: list[int]
    bound: list[float]
    members: list[tuple[float, ...]]
    true: list[int]
    false: list[int]
    tracks_true: list[bool]
    roots: list[int]
    weights: Floats
    offset: Floats
    additive: bool


def read_nodes(head: onnx.NodeProto, features: int) -> FlatNodes:
    """The nodes of a tree operator, every reference in them checked; raises ModelError naming what is wrong."""
    fields = attributes(head)
    try:
        nodes = _by_position(fields) if head.op_type == "TreeEnsemble" else _by_name(fields)
    except (ValueError, IndexError) as error:  # lists that should run side by side do not
        raise ModelError(UNEVEN) from error
    if len({len(item) for item in (nodes.mode, nodes.feature, nodes.bound, nodes.true, nodes.tracks_true)}) > 1:
        raise ModelError(UNEVEN)
    inner = [i for i, mode in enumerate(nodes.mode) if mode != LEAF]
    unknown = {nodes.mode[i] for i in inner} - set(MODES)
    if unknown:
        raise ModelError(f"The trees of this model compare in a way that is not known: {min(unknown)[:40]}.")
    if any(not 0 <= nodes.feature[i] < features for i in inner):
        raise ModelError("The trees of this model ask for a feature that the model does not have.")
    if any(nodes.bound[i] != nodes.bound[i] for i in inner):
        raise ModelError("The trees of this model compare with something that is no number. Export the model anew.")
    return nodes


def _by_name(fields: dict[str, Any]) -> FlatNodes:
    """TreeEnsembleClassifier and TreeEnsembleRegressor."""
    trees = _ints(fields, "nodes_treeids")
    keys = list(zip(trees, _ints(fields, "nodes_nodeids"), strict=True))
    at = {key: i for i, key in enumerate(keys)}
    if len(at) != len(keys):
        raise ModelError("The trees of this model name a node twice. Export the model anew.")
    mode = list(fields.get("nodes_modes") or [])
    children: list[list[int]] = []
    for side in ("nodes_truenodeids", "nodes_falsenodeids"):
        named = zip(mode, trees, _ints(fields, side), strict=True)
        try:
            children.append([-1 if kind == LEAF else at[tree, child] for kind, tree, child in named])
        except KeyError as error:
            raise ModelError("The trees of this model point to a node that is not there. Export it anew.") from error
    roots = _roots(children, len(mode), len(set(trees)))
    weights = _named_weights(fields, at, mode)
    if fields.get("aggregate_function") == "AVERAGE":
        weights /= len(roots)
    return FlatNodes(
        mode=mode,
        feature=_ints(fields, "nodes_featureids"),
        bound=_floats(fields, "nodes_values"),
        members=[()] * len(mode),
        true=children[0],
        false=children[1],
        tracks_true=_flags(fields, len(mode)),
        roots=roots,
        weights=weights,
        offset=_offset(fields, weights.shape[1]),
        additive=fields.get("aggregate_function", "SUM") in SUMMED,
    )


def _roots(children: list[list[int]], count: int, trees: int) -> list[int]:
    """The nodes that are nobody's child, one a tree."""
    below = {child for side in children for child in side}
    roots = [i for i in range(count) if i not in below]
    if len(roots) != trees:
        raise ModelError(HANGS_APART)
    return roots


def _named_weights(fields: dict[str, Any], at: dict[tuple[int, int], int], mode: list[str]) -> Floats:
    import numpy as np

    kind = "class" if "class_ids" in fields else "target"
    margins = _margins(fields)
    weights = np.zeros((len(mode), margins))
    entries = (_ints(fields, f"{kind}_treeids"), _ints(fields, f"{kind}_nodeids"), _ints(fields, f"{kind}_ids"))
    for tree, node, output, value in zip(*entries, _floats(fields, f"{kind}_weights"), strict=True):
        leaf = at.get((tree, node), -1)
        if leaf < 0 or mode[leaf] != LEAF or not np.isfinite(value):
            raise ModelError("A leaf value of this model is missing or no number. Export the model anew.")
        weights[leaf, 0 if margins == 1 else output] += value
    return weights


def _margins(fields: dict[str, Any]) -> int:
    """How many scores the ensemble adds up: a binary classifier with one set of weights has a single margin."""
    ids = fields.get("class_ids") or fields.get("target_ids") or [0]
    if min(ids) < 0:
        raise ModelError("The trees of this model add to an output below zero. Export the model anew.")
    if "class_ids" in fields:
        labels = len(fields.get("classlabels_int64s") or fields.get("classlabels_strings") or [0])
        return 1 if len(set(ids)) == 1 and labels <= 2 else max(labels, int(max(ids)) + 1)
    return max(int(fields.get("n_targets", 1)), int(max(ids)) + 1)


def _offset(fields: dict[str, Any], margins: int) -> Floats:
    import numpy as np

    base = _floats(fields, "base_values")
    offset = np.zeros(margins)
    if base:
        offset[:] = base[:margins] if len(base) >= margins else base[0]
    return offset


def _by_position(fields: dict[str, Any]) -> FlatNodes:
    """TreeEnsemble: the leaves stand behind the inner nodes here; those of another model may be shared by parents."""
    import numpy as np

    codes = _floats(fields, "nodes_modes")
    inner = len(codes)
    mode = [MODES[int(code)] if 0 <= code < len(MODES) else f"mode {code:g}" for code in codes]
    values, targets = _floats(fields, "leaf_weights"), _ints(fields, "leaf_targetids")
    margins = int(fields.get("n_targets", 1))
    if not np.isfinite(values).all() or any(not 0 <= target < margins for target in targets):
        raise ModelError("A leaf value of this model is missing or no number. Export the model anew.")
    weights = np.zeros((inner + len(values), margins))
    weights[np.arange(inner, inner + len(values)), targets] = values
    roots = _ints(fields, "tree_roots")
    if fields.get("aggregate_function", 1) == 0:
        weights /= max(len(roots), 1)
    if any(not 0 <= root < inner for root in roots):
        raise ModelError(HANGS_APART)
    leaves = len(values)
    return FlatNodes(
        mode=mode + [LEAF] * leaves,
        feature=_ints(fields, "nodes_featureids") + [-1] * leaves,
        bound=_floats(fields, "nodes_splits") + [0.0] * leaves,
        members=_members(mode, _floats(fields, "membership_values")) + [()] * leaves,
        true=_places(fields, "true", inner, leaves) + [-1] * leaves,
        false=_places(fields, "false", inner, leaves) + [-1] * leaves,
        tracks_true=_flags(fields, inner) + [False] * leaves,
        roots=roots,
        weights=weights,
        offset=np.zeros(margins),
        additive=fields.get("aggregate_function", 1) in {0, 1},
    )


def _places(fields: dict[str, Any], side: str, inner: int, leaves: int) -> list[int]:
    """Children as positions, inner nodes first and leaves behind them."""
    ids, to_leaf = _ints(fields, f"nodes_{side}nodeids"), _ints(fields, f"nodes_{side}leafs")
    if any(not 0 <= child < (leaves if leaf else inner) for child, leaf in zip(ids, to_leaf, strict=True)):
        raise ModelError("The trees of this model point to a node that is not there. Export it anew.")
    return [inner + child if leaf else child for child, leaf in zip(ids, to_leaf, strict=True)]


def _members(mode: list[str], values: list[float]) -> list[tuple[float, ...]]:
    """The values of each membership test: they stand one set after the other, with NaN between two."""
    sets: list[list[float]] = [[]]
    for value in values:
        if value != value:
            sets.append([])
        else:
            sets[-1].append(value)
    wanted = mode.count(MEMBER)
    if len(sets) == wanted + 1 and not sets[-1]:
        sets.pop()
    if wanted and len(sets) != wanted:
        raise ModelError(f"This model has {wanted} tests of membership, but values for {len(sets)}. Export it anew.")
    found = iter(sets)
    return [tuple(sorted(next(found))) if kind == MEMBER else () for kind in mode]


def _ints(fields: dict[str, Any], name: str) -> list[int]:
    return [int(item) for item in fields.get(name) or []]


def _flags(fields: dict[str, Any], count: int) -> list[bool]:
    found = [bool(item) for item in fields.get("nodes_missing_value_tracks_true") or []]
    return found or [False] * count


def _floats(fields: dict[str, Any], name: str) -> list[float]:
    """A list of numbers, or the tensor that stands in for it where numbers are doubles."""
    from onnx import TensorProto, numpy_helper

    found = fields.get(name)
    if found is None:
        found = fields.get(f"{name}_as_tensor", [])
    values = numpy_helper.to_array(found).ravel() if isinstance(found, TensorProto) else found
    return [float(item) for item in values]
