"""Tree ensembles as plain arrays, made from an ONNX operator and checked: compiled loops do not look twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain.attributions.ensembles import HANGS_APART, LEAF, MEMBER, FlatNodes, read_nodes
from explain.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx

    from explain.types import Flags, Floats, Ints


@dataclass(frozen=True)
class Trees:
    """c nodes of an ensemble, each tree's after the other, parents before their children.

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
    if len(_deepest_first(nodes)) < len(nodes.mode):
        raise ModelError(HANGS_APART)
    return _assemble(_one_margin(_merged(nodes)), covers)


EQUALITY = {"BRANCH_EQ", "BRANCH_NEQ", MEMBER}
TRUE_IS_HIGH = {"BRANCH_GTE", "BRANCH_GT", "BRANCH_NEQ"}
CLOSED = {"BRANCH_LEQ", "BRANCH_GT"}
"""All comparisons become "below" or "one of": "greater" and "unequal" swap branches, x > t is not x <= t."""


def _one_margin(nodes: FlatNodes) -> FlatNodes:
    """Two margins of which one is the mirror of the other, as CatBoost writes two outcomes, are one."""
    weights, offset = nodes.weights, nodes.offset
    if weights.shape[1] != 2 or (weights[:, 0] != -weights[:, 1]).any() or offset[0] != -offset[1]:
        return nodes
    return replace(nodes, weights=weights[:, 1:], offset=offset[1:])


def _merged(nodes: FlatNodes) -> FlatNodes:
    """Chains of equality tests that share their true side, as exporters write a set of categories, made one test.

    x == 1 -> A, else (x == 2 -> A, else B) becomes x in {1, 2} -> A, else B. The true sides are one and the same
    node, or copies of the same subtree.
    """
    if not EQUALITY & set(nodes.mode):
        return nodes
    twin = _twins(nodes)
    false, members, tracks_true = list(nodes.false), list(nodes.members), list(nodes.tracks_true)
    mode = [MEMBER if kind == "BRANCH_EQ" else kind for kind in nodes.mode]
    for i, kind in enumerate(nodes.mode):
        if kind == "BRANCH_EQ":
            members[i] = (nodes.bound[i],)
    for i in _deepest_first(nodes):
        after = false[i]
        same = mode[i] == mode[after] == MEMBER and nodes.feature[i] == nodes.feature[after]
        if same and twin[nodes.true[i]] == twin[nodes.true[after]]:
            members[i] = tuple(sorted({*members[i], *members[after]}))
            tracks_true[i] = tracks_true[i] or tracks_true[after]
            false[i] = false[after]
    return replace(nodes, mode=mode, members=members, false=false, tracks_true=tracks_true)


def _twins(nodes: FlatNodes) -> list[int]:
    """For each node the number of its subtree; equal subtrees have equal numbers, as do all nodes not reached."""
    numbers: dict[tuple[object, ...], int] = {}
    twin = [-1] * len(nodes.mode)
    for i in _deepest_first(nodes):
        if nodes.mode[i] == LEAF:
            key: tuple[object, ...] = (LEAF, *nodes.weights[i].tolist())
        else:
            test = nodes.mode[i], nodes.feature[i], nodes.bound[i], nodes.members[i], nodes.tracks_true[i]
            key = (*test, twin[nodes.true[i]], twin[nodes.false[i]])
        twin[i] = numbers.setdefault(key, len(numbers))
    return twin


def _deepest_first(nodes: FlatNodes) -> list[int]:
    """Every node that a root reaches, once, children before their parents; raises ModelError for a cycle."""
    order: list[int] = []
    state = [0] * len(nodes.mode)  # 1 while its subtree is walked, 2 when it stands in the order
    for root in nodes.roots:
        open_nodes = [root]
        while open_nodes:
            i = open_nodes[-1]
            children = [] if nodes.mode[i] == LEAF else [nodes.true[i], nodes.false[i]]
            if state[i] == 0:
                state[i] = 1
                if any(state[child] == 1 for child in children):
                    raise ModelError(HANGS_APART)
                open_nodes += [child for child in children if state[child] == 0]
                continue
            open_nodes.pop()
            if state[i] == 1:
                state[i] = 2
                order.append(i)
    return order


def _assemble(nodes: FlatNodes, covers: Sequence[float]) -> Trees:
    """Each tree's nodes parents first; a leaf that several parents share stands below each of them."""
    import numpy as np

    order, roots, children = _walk(nodes)
    at = np.array(order, dtype=np.int64)
    inner = np.array([nodes.mode[i] != LEAF for i in order], dtype=bool)
    swapped = np.array([nodes.mode[i] in TRUE_IS_HIGH for i in order], dtype=bool)
    # a missing value is unequal to everything, so that it takes the true side of BRANCH_NEQ in any case
    tracks_true = np.array([nodes.tracks_true[i] or nodes.mode[i] == "BRANCH_NEQ" for i in order], dtype=bool)
    members = [(nodes.bound[i],) if nodes.mode[i] == "BRANCH_NEQ" else nodes.members[i] for i in order]
    if any(nodes.mode[i] == MEMBER and not nodes.members[i] for i in order):
        raise ModelError("A test of membership of this model has no values to compare with. Export it anew.")
    below = np.array(children, dtype=np.int64).reshape(-1, 2)
    return Trees(
        feature=np.where(inner, np.array(nodes.feature, dtype=np.int64)[at], -1),
        bound=np.where(inner, np.array(nodes.bound, dtype=np.float64)[at], 0.0),
        closed=np.array([nodes.mode[i] in CLOSED for i in order], dtype=bool),
        members=tuple(members),
        low=np.where(swapped, below[:, 1], below[:, 0]),
        high=np.where(swapped, below[:, 0], below[:, 1]),
        missing_low=inner & (tracks_true != swapped),
        weights=nodes.weights[at],
        roots=np.array(roots, dtype=np.int64),
        offset=nodes.offset,
        passed=_passed(nodes, covers, at, below) if len(covers) else None,
    )


def _walk(nodes: FlatNodes) -> tuple[list[int], list[int], list[list[int]]]:
    """The nodes in order, where each tree begins, and the places of each node's true and false child."""
    order: list[int] = []
    children: list[list[int]] = []
    roots: list[int] = []
    seen: set[int] = set()
    for root in nodes.roots:
        roots.append(len(order))
        open_nodes = [(root, -1, 0)]
        while open_nodes:
            i, parent, side = open_nodes.pop()
            if parent >= 0:
                children[parent][side] = len(order)
            place = len(order)
            order.append(i)
            children.append([-1, -1])
            if nodes.mode[i] == LEAF:
                continue
            if i in seen:
                raise ModelError("The trees of this model share nodes or run in a circle. Export the model anew.")
            seen.add(i)
            open_nodes += [(nodes.false[i], place, 1), (nodes.true[i], place, 0)]
    if not any(nodes.mode[i] == LEAF for i in order):
        raise ModelError("The trees of this model have no leaf. Export the model anew.")
    return order, roots, children


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
