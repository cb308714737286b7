"""Tree ensembles as plain arrays, made from an ONNX operator and checked: compiled loops do not look twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain.attributions.ensembles import HANGS_APART, FlatNodes, read_nodes
from explain.errors import ModelError
from explain.models.safety.tree_lists import LEAF, MEMBER, MODES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx

    from explain.types import Flags, Floats, Ints


@dataclass(frozen=True)
class Trees:
    """c nodes of an ensemble, each tree's after the other, a node before its true side, and that before its false side.

    Node i is a leaf where `feature[i]` is -1 and gives `weights[i]` (t margins). Else it sends a row to `low[i]` when
    feature `feature[i]` is below `bound[i]` (or at it, where `closed[i]`), or, where `members[i]` is not empty, when
    it is one of those values; to `high[i]` otherwise, and a missing value to `low[i]` where `missing_low[i]`. `roots`
    are the trees' first nodes, `offset` (t,) is added to every margin. `passed` (c,) is the share of the training
    rows at a node's parent that went on to it, None where that is not known.
    """

    feature: Ints
    bound: Floats
    closed: Flags
    members: tuple[tuple[float, ...], ...]
    low: Ints
    high: Ints
    missing_low: Flags
    weights: Floats
    roots: Ints
    offset: Floats
    passed: Floats | None = None


def parse_trees(head: onnx.NodeProto, features: int, covers: Sequence[float] = ()) -> Trees | None:
    """The trees of a tree operator (see ensembles.py); None when they are not added up but joined otherwise.

    `covers` are the training rows that reached each node, in the order of the file (of a TreeEnsemble: inner nodes,
    then leaves). Raises ModelError for a malformed ensemble: a cycle, a child or feature out of range, an unknown
    comparison, no leaf, a leaf value that is no number.
    """
    nodes = read_nodes(head, features)
    if not nodes.additive:
        return None
    levels = _levels(nodes)
    if not levels:
        raise ModelError("The trees of this model have no leaf. Export the model anew.")
    return _assemble(_one_margin(_merged(nodes, levels)), covers)


EQ, NEQ = MODES.index("BRANCH_EQ"), MODES.index("BRANCH_NEQ")
EQUALITY = [EQ, NEQ, MEMBER]
TRUE_IS_HIGH = [MODES.index("BRANCH_GTE"), MODES.index("BRANCH_GT"), NEQ]
CLOSED = [MODES.index("BRANCH_LEQ"), MODES.index("BRANCH_GT")]
"""All comparisons become "below" or "one of": "greater" and "unequal" swap branches, x > t is not x <= t."""


def _one_margin(nodes: FlatNodes) -> FlatNodes:
    """Two margins of which one is the mirror of the other, as CatBoost writes two outcomes, are one."""
    weights, offset = nodes.weights, nodes.offset
    if weights.shape[1] != 2 or (weights[:, 0] != -weights[:, 1]).any() or offset[0] != -offset[1]:
        return nodes
    return replace(nodes, weights=weights[:, 1:], offset=offset[1:])


def _levels(nodes: FlatNodes) -> list[Ints]:
    """Every node once, in levels: all parents of a node stand before it. Raises ModelError where that cannot be."""
    import numpy as np

    inner, count = nodes.mode != LEAF, nodes.mode.size
    waiting = np.bincount(np.concatenate([nodes.true[inner], nodes.false[inner]]), minlength=count)
    level = np.flatnonzero(waiting == 0)
    if not np.isin(level, nodes.roots).all():
        raise ModelError(HANGS_APART)
    levels = []
    while level.size:
        levels.append(level)
        above = level[inner[level]]
        below, times = np.unique(np.concatenate([nodes.true[above], nodes.false[above]]), return_counts=True)
        waiting[below] -= times
        level = below[waiting[below] == 0]
    if sum(level.size for level in levels) < count:
        raise ModelError(HANGS_APART)
    return levels


def _merged(nodes: FlatNodes, levels: list[Ints]) -> FlatNodes:
    """Chains of equality tests that share their true side, as exporters write a set of categories, made one test.

    x == 1 -> A, else (x == 2 -> A, else B) becomes x in {1, 2} -> A, else B. The true sides are one and the same
    node, or copies of the same subtree.
    """
    import numpy as np

    if not np.isin(nodes.mode, EQUALITY).any():
        return nodes
    upwards = [i for level in reversed(levels) for i in level.tolist()]
    twin = _twins(nodes, upwards)
    merged = np.where(nodes.mode == EQ, MEMBER, nodes.mode)
    members, (mode, feature, true, false, tracks_true) = list(nodes.members), _lists(nodes, merged)
    for i in np.flatnonzero(nodes.mode == EQ).tolist():
        members[i] = (float(nodes.bound[i]),)
    for i in upwards:
        after = false[i]
        same = mode[i] == mode[after] == MEMBER and feature[i] == feature[after]
        if same and twin[true[i]] == twin[true[after]]:
            members[i] = tuple(sorted({*members[i], *members[after]}))
            tracks_true[i] = tracks_true[i] or tracks_true[after]
            false[i] = false[after]
    return replace(nodes, mode=merged, members=members, false=np.array(false), tracks_true=np.array(tracks_true))


def _lists(nodes: FlatNodes, mode: Ints) -> list[list[int]]:
    """Mode, feature, true and false side and what is tracked, for steps that look at one node after the other."""
    return [item.tolist() for item in (mode, nodes.feature, nodes.true, nodes.false, nodes.tracks_true)]


def _twins(nodes: FlatNodes, upwards: list[int]) -> list[int]:
    """For each node the number of its subtree; equal subtrees have equal numbers."""
    numbers: dict[tuple[object, ...], int] = {}
    twin = [-1] * len(upwards)
    mode, feature, true, false, tracks_true = _lists(nodes, nodes.mode)
    bound, weights = nodes.bound.tolist(), nodes.weights.tolist()
    for i in upwards:
        if mode[i] == LEAF:
            key: tuple[object, ...] = (LEAF, *weights[i])
        else:
            test = mode[i], feature[i], bound[i], nodes.members[i], tracks_true[i]
            key = (*test, twin[true[i]], twin[false[i]])
        twin[i] = numbers.setdefault(key, len(numbers))
    return twin


def _assemble(nodes: FlatNodes, covers: Sequence[float]) -> Trees:
    """Each tree's nodes parents first; a leaf that several parents share stands below each of them."""
    import numpy as np

    at, roots, below = _laid_out(nodes)
    mode, bound = nodes.mode[at], nodes.bound[at]
    inner, unequal = mode != LEAF, mode == NEQ
    swapped = np.isin(mode, TRUE_IS_HIGH)
    members: list[tuple[float, ...]] = [()] * len(at)
    for i in np.flatnonzero(unequal | (mode == MEMBER)).tolist():
        members[i] = (float(bound[i]),) if unequal[i] else nodes.members[at[i]]
        if not members[i]:
            raise ModelError("A test of membership of this model has no values to compare with. Export it anew.")
    return Trees(
        feature=np.where(inner, nodes.feature[at], -1),
        bound=np.where(inner, bound, 0.0),
        closed=np.isin(mode, CLOSED),
        members=tuple(members),
        low=np.where(swapped, below[:, 1], below[:, 0]),
        high=np.where(swapped, below[:, 0], below[:, 1]),
        # a missing value is unequal to everything, so that it takes the true side of BRANCH_NEQ in any case
        missing_low=inner & ((nodes.tracks_true[at] | unequal) != swapped),
        weights=nodes.weights[at],
        roots=roots,
        offset=nodes.offset,
        passed=_passed(nodes, covers, at, below) if len(covers) else None,
    )


def _laid_out(nodes: FlatNodes) -> tuple[Ints, Ints, Ints]:
    """The nodes in order, where each tree begins, and the places (c, 2) of each node's true and false child.

    Level by level: how many nodes stand below each is known from the last level up, and where it stands from the
    first level down.
    """
    import numpy as np

    levels = _unfolded(nodes)
    sizes = [np.ones(len(level), dtype=np.int64) for level in levels]
    for own, level, below in zip(sizes[-2::-1], levels[-2::-1], sizes[:0:-1], strict=True):
        own[nodes.mode[level] != LEAF] += below.reshape(-1, 2).sum(axis=1)
    starts = np.cumsum(sizes[0]) - sizes[0]
    order, children = np.zeros(int(sizes[0].sum()), dtype=np.int64), np.full((int(sizes[0].sum()), 2), -1)
    place = starts
    for level, below in zip(levels, [*sizes[1:], sizes[0][:0]], strict=True):
        order[place] = level
        parents = place[nodes.mode[level] != LEAF]
        true = parents + 1
        children[parents] = np.column_stack([true, true + below[::2]])
        place = children[parents].ravel()
    return order, starts, children


def _unfolded(nodes: FlatNodes) -> list[Ints]:
    """The nodes of each level from the roots down, both children of each inner node side by side."""
    import numpy as np

    place = np.full(nodes.mode.size, -1)
    level, levels = nodes.roots, []
    while level.size:
        levels.append(level)
        inner = level[nodes.mode[level] != LEAF]
        seen = (place[inner] >= 0).any()
        place[inner] = np.arange(len(inner))
        if seen or (place[inner] != np.arange(len(inner))).any():
            raise ModelError("The trees of this model share nodes or run in a circle. Export the model anew.")
        level = np.column_stack([nodes.true[inner], nodes.false[inner]]).ravel()
    return levels


def _passed(nodes: FlatNodes, covers: Sequence[float], at: Ints, below: Ints) -> Floats:
    import numpy as np

    counts = np.asarray(covers, dtype=np.float64)
    if counts.shape != (len(nodes.mode),) or not (counts >= 0).all():
        raise ModelError(
            f"The card counts training rows for {len(covers):,} nodes, but the trees have {len(nodes.mode):,}."
        )
    passed = np.ones(len(at))
    inner = (below[:, 0] >= 0).nonzero()[0]
    true, false = below[inner, 0], below[inner, 1]
    whole = counts[at[inner]]
    passed[false] = np.divide(counts[at[false]], whole, out=np.zeros(len(inner)), where=whole > 0)
    # of a merged chain only the last false side has a count of its own
    passed[true] = 1 - passed[false]
    return passed
