"""Read the tree operators of ONNX into flat nodes, whichever generation of the operator wrote them.

TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 1 to 3) name nodes by tree and id and give leaves a mode;
TreeEnsemble (ai.onnx.ml 5) counts nodes and leaves by position. https://onnx.ai/onnx/operators/ has both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.safety.tree_lists import (
    LEAF,
    MEMBER,
    NOWHERE,
    Places,
    check_even,
    floats,
    ints,
    lists_of,
    named_modes,
    placed_children,
)

if TYPE_CHECKING:
    import onnx

    from explain.models.safety.tree_lists import Lists
    from explain.types import Flags, Floats, Ints

LABELS = ("classlabels_int64s", "classlabels_strings")
SUMMED = {b"SUM", b"AVERAGE"}
HANGS_APART = "The trees of this model run in a circle or hang apart. Export the model anew."
NO_NUMBER = "A leaf value of this model is missing or no number. Export the model anew."


@dataclass(frozen=True)
class FlatNodes:
    """c nodes as the file lists them, leaves among them; children and roots are positions in these lists.

    `mode` (c,) is LEAF or a place in MODES, `bound` the value compared with, `members` the values of a membership test,
    `tracks_true` whether a missing value takes the true side, `weights` (c, t) what a leaf adds to each margin, and
    `offset` (t,) what is added in the end. `additive` is False where trees are joined by minimum or maximum.
    """

    mode: Ints
    feature: Ints
    bound: Floats
    members: list[tuple[float, ...]]
    true: Ints
    false: Ints
    tracks_true: Flags
    roots: Ints
    weights: Floats
    offset: Floats
    additive: bool


def read_nodes(head: onnx.NodeProto, features: int) -> FlatNodes:
    """The nodes of a tree operator, every reference in them checked; raises ModelError naming what is wrong."""
    import numpy as np

    lists = lists_of(head)
    nodes = _by_position(lists) if head.op_type == "TreeEnsemble" else _by_name(lists)
    check_even(nodes.mode.size, nodes.feature.size, nodes.bound.size, nodes.tracks_true.size)
    inner = nodes.mode != LEAF
    asked = nodes.feature[inner]
    if ((asked < 0) | (asked >= features)).any():
        raise ModelError("The trees of this model ask for a feature that the model does not have.")
    if np.isnan(nodes.bound[inner]).any():
        raise ModelError("The trees of this model compare with something that is no number. Export the model anew.")
    return nodes


def _unknown(mode: str) -> ModelError:
    return ModelError(f"The trees of this model compare in a way that is not known: {mode[:40]}.")


def _by_name(lists: Lists) -> FlatNodes:
    """TreeEnsembleClassifier and TreeEnsembleRegressor."""
    import numpy as np

    mode, unknown = named_modes(lists)
    if unknown:
        raise _unknown(unknown[0])
    trees, ids = ints(lists, "nodes_treeids"), ints(lists, "nodes_nodeids")
    sides = ints(lists, "nodes_truenodeids"), ints(lists, "nodes_falsenodeids")
    check_even(mode.size, trees.size, ids.size, *(side.size for side in sides))
    places = Places(trees, ids)
    if places.twice:
        raise ModelError("The trees of this model name a node twice. Export the model anew.")
    inner = mode != LEAF
    true, false = (np.where(inner, places.of(trees, side), -1) for side in sides)
    if (np.concatenate([true[inner], false[inner]]) < 0).any():
        raise ModelError(NOWHERE)
    below = np.zeros(mode.size, dtype=bool)
    below[np.concatenate([true[inner], false[inner]])] = True
    roots = np.flatnonzero(~below)
    if roots.size != np.unique(trees).size:
        raise ModelError(HANGS_APART)
    joined = lists["aggregate_function"].s if "aggregate_function" in lists else b"SUM"
    weights = _named_weights(lists, places, mode)
    if joined == b"AVERAGE":
        weights /= roots.size
    return FlatNodes(
        mode=mode,
        feature=ints(lists, "nodes_featureids"),
        bound=floats(lists, "nodes_values"),
        members=[()] * mode.size,
        true=true,
        false=false,
        tracks_true=_flags(lists, mode.size),
        roots=roots,
        weights=weights,
        offset=_offset(lists, weights.shape[1]),
        additive=joined in SUMMED,
    )


def _named_weights(lists: Lists, places: Places, mode: Ints) -> Floats:
    import numpy as np

    kind = "class" if "class_ids" in lists else "target"
    trees, nodes, outputs = (ints(lists, f"{kind}_{part}") for part in ("treeids", "nodeids", "ids"))
    values, margins = floats(lists, f"{kind}_weights"), _margins(lists, outputs)
    check_even(trees.size, nodes.size, outputs.size, values.size)
    leaf = places.of(trees, nodes)
    if (leaf < 0).any() or (mode[leaf] != LEAF).any() or not np.isfinite(values).all():
        raise ModelError(NO_NUMBER)
    weights = np.zeros((mode.size, margins))
    np.add.at(weights, (leaf, np.where(margins == 1, 0, outputs)), values)
    return weights


def _margins(lists: Lists, outputs: Ints) -> int:
    """How many scores the ensemble adds up: a binary classifier with one set of weights has a single margin."""
    if outputs.min(initial=0) < 0:
        raise ModelError("The trees of this model add to an output below zero. Export the model anew.")
    most = int(outputs.max(initial=0)) + 1
    if "class_ids" in lists:
        named = (len(lists[name].ints) or len(lists[name].strings) for name in LABELS if name in lists)
        labels = next((count for count in named if count), 1)
        return 1 if (outputs == most - 1).all() and labels <= 2 else max(labels, most)
    return max(_number(lists, "n_targets", 1), most)


def _offset(lists: Lists, margins: int) -> Floats:
    import numpy as np

    base = floats(lists, "base_values")
    offset = np.zeros(margins)
    if base.size:
        offset[:] = base[:margins] if base.size >= margins else base[0]
    return offset


def _by_position(lists: Lists) -> FlatNodes:
    """TreeEnsemble: the leaves stand behind the inner nodes here; those of another model may be shared by parents."""
    import numpy as np

    codes = floats(lists, "nodes_modes")
    strange = ~np.isin(codes, np.arange(LEAF))
    if strange.any():
        raise _unknown(min(f"mode {code:g}" for code in codes[strange]))
    mode, inner = codes.astype(np.int64), codes.size
    values, targets = floats(lists, "leaf_weights"), ints(lists, "leaf_targetids")
    leaves, margins = values.size, max(_number(lists, "n_targets", 1), 0)
    if not np.isfinite(values).all() or ((targets < 0) | (targets >= margins)).any():
        raise ModelError(NO_NUMBER)
    check_even(leaves, targets.size)
    weights = np.zeros((inner + leaves, margins))
    weights[np.arange(inner, inner + leaves), targets] = values
    roots, joined = ints(lists, "tree_roots"), _number(lists, "aggregate_function", 1)
    if joined == 0:
        weights /= max(roots.size, 1)
    if ((roots < 0) | (roots >= inner)).any():
        raise ModelError(HANGS_APART)
    blank = np.full(leaves, -1)
    return FlatNodes(
        mode=np.concatenate([mode, np.full(leaves, LEAF)]),
        feature=np.concatenate([ints(lists, "nodes_featureids"), blank]),
        bound=np.concatenate([floats(lists, "nodes_splits"), np.zeros(leaves)]),
        members=_members(mode, floats(lists, "membership_values")) + [()] * leaves,
        true=np.concatenate([placed_children(lists, "true", inner, leaves), blank]),
        false=np.concatenate([placed_children(lists, "false", inner, leaves), blank]),
        tracks_true=np.concatenate([_flags(lists, inner), np.zeros(leaves, dtype=bool)]),
        roots=roots,
        weights=weights,
        offset=np.zeros(margins),
        additive=joined in {0, 1},
    )


def _members(mode: Ints, values: Floats) -> list[tuple[float, ...]]:
    """The values of each membership test: they stand one set after the other, with NaN between two."""
    import numpy as np

    sets = [part[part == part].tolist() for part in np.split(values, np.flatnonzero(values != values))]
    wanted = int((mode == MEMBER).sum())
    if len(sets) == wanted + 1 and not sets[-1]:
        sets.pop()
    if wanted and len(sets) != wanted:
        raise ModelError(f"This model has {wanted} tests of membership, but values for {len(sets)}. Export it anew.")
    found = iter(sets)
    return [tuple(sorted(next(found))) if kind == MEMBER else () for kind in mode.tolist()]


def _number(lists: Lists, name: str, default: int) -> int:
    return int(lists[name].i) if name in lists else default


def _flags(lists: Lists, count: int) -> Flags:
    import numpy as np

    found = ints(lists, "nodes_missing_value_tracks_true").astype(bool)
    return found if found.size else np.zeros(count, dtype=bool)
