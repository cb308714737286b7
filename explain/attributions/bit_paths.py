"""Where the leaves of trees stand, for bit_shap.py: their paths, and the subtrees that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from explain.attributions.trees import Trees
    from explain.types import Flags, Ints

LEAVES = 32
"""Most leaves of a subtree: few, so that few background rows come through, and enough to be worth the steps."""


class Paths(NamedTuple):
    """The ways from L nodes up to their roots, in d steps: the `node` (d, L) at each, -1 beyond the root; whether the
    way leads through its `high` (d, L) side; the `slot` (d, L) of its player, and the raw column `player` (s, L) of
    each slot, -1 where there are fewer.
    """

    node: Ints
    high: Flags
    slot: Ints
    player: Ints


class Part(NamedTuple):
    """Some trees, cut into G subtrees: `tops` are the ways up from these, `start` (G + 1,) where the nodes that their
    leaves pass stand in `node`. Leaf k is node `leaf[k]` below `top[k]`, with `paths`, whose step i is the node
    `place[i, k]` of its subtree, -1 beyond the root.
    """

    tops: Paths
    start: Ints
    node: Ints
    leaf: Ints
    top: Ints
    paths: Paths
    place: Ints


def cut_trees(trees: Trees, first: int, last: int, owner: Ints) -> Part:
    """Trees `first` to `last`; `owner` (f,) is the raw column behind each feature."""
    import numpy as np

    begin, end = (int(item) for item in np.append(trees.roots, len(trees.feature))[[first, last]])
    inner = trees.feature[begin:end] >= 0
    low, high = (np.where(inner, side[begin:end] - begin, np.arange(end - begin)) for side in (trees.low, trees.high))
    parent, is_high = np.full(end - begin, -1), np.zeros(end - begin, dtype=bool)
    parent[low[inner]] = parent[high[inner]] = np.flatnonzero(inner)
    is_high[high[inner]] = True
    held = _held(inner, np.maximum(low, high))
    small = held <= LEAVES
    top = np.flatnonzero(small & ((parent < 0) | ~small[parent]))
    leaf = np.flatnonzero(~inner)
    of = np.searchsorted(top, leaf, side="right") - 1
    player = np.where(inner, owner[trees.feature[begin:end]], -1)
    tops, paths = (_climb(ends, parent, is_high, player) for ends in (top, leaf))

    number: Ints = np.cumsum(inner) - inner
    within, above = held[top] - 1, (tops.node >= 0).sum(axis=0)
    start = np.concatenate([[0], np.cumsum(within + above)])
    mine = np.repeat(np.arange(len(top)), within + above)
    at = np.arange(len(mine)) - start[mine]
    outside = at >= within[mine]
    node = np.flatnonzero(inner)[np.where(outside, 0, number[top][mine] + at)] if len(mine) else mine
    node[outside] = tops.node[at[outside] - within[mine[outside]], mine[outside]]
    step = np.arange(len(paths.node))[:, None] - ((paths.node >= 0).sum(axis=0) - above[of])
    place = np.where(step < 0, number[paths.node] - number[top][of], within[of] + step)
    place[paths.node < 0] = -1
    return Part(_moved(tops, begin), start, node + begin, leaf + begin, of, _moved(paths, begin), place)


def _held(inner: Flags, second: Ints) -> Ints:
    """How many leaves each subtree holds; its last node is that of its `second` side."""
    import numpy as np

    last = second
    while (last[last] != last).any():
        last = last[last]
    leaves = np.cumsum(~inner)
    return np.asarray(leaves[last] - leaves + ~inner, dtype=np.int64)


def _moved(paths: Paths, by: int) -> Paths:
    import numpy as np

    return paths._replace(node=np.where(paths.node >= 0, paths.node + by, -1))


def _climb(ends: Ints, parent: Ints, is_high: Flags, player: Ints) -> Paths:
    """From each end up; nodes of one player share a slot, which is numbered where it comes first."""
    import numpy as np

    steps, sides, at, up = [], [], ends, parent[ends]
    while (up >= 0).any():
        steps.append(up)
        sides.append(is_high[at])
        at, up = up, np.where(up >= 0, parent[up], -1)
    node = np.array(steps, dtype=np.int64).reshape(-1, len(ends))
    owner = np.where(node >= 0, player[node], -1)
    first = np.zeros(node.shape, dtype=np.int64)
    for step in reversed(range(len(node))):
        np.copyto(first[step:], step, where=owner[step:] == owner[step])
    new = (first == np.arange(len(node))[:, None]) & (node >= 0)
    number = np.cumsum(new, axis=0) - 1
    players = np.full((int(new.sum(axis=0).max(initial=0)), len(ends)), -1)
    players[number[new], np.nonzero(new)[1]] = owner[new]
    slot = np.take_along_axis(number, first, axis=0)
    return Paths(node, np.array(sides, dtype=bool).reshape(node.shape), slot, players)
