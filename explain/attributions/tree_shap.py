"""Exact interventional Shapley values of a tree ensemble against a whole background, players being raw columns.

A leaf is a game of d players: the raw columns with a condition on its path. A row satisfies each or not, which makes
one of 2^d patterns, and so does every background row. For a row with pattern s and a background row with pattern b
the leaf counts only when s | b is full; with p players that only the row satisfies and q that only the background
does, each of the p gets (p-1)! q! / (p+q)! of the leaf value and each of the q gets -p! (q-1)! / (p+q)!
(Lundberg et al. 2020, interventional TreeSHAP; the tables per pattern follow WOODELF, Nadel and Wettenstein 2025).

For a row with pattern s only background patterns that contain the complement of s matter, so q = d - |s| is fixed and
the sum over the whole background is a superset sum of pattern counts: d^2 2^d steps a leaf, once per model. A row is
then a look-up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import factorial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.attributions.trees import Leaves
    from explain.types import Floats, Ints

MOST_PLAYERS = 14
"""Raw columns on one path: 2^14 patterns are 16,384 table rows a leaf; above that the tables outgrow memory."""
MOST_TABLE_ROWS = 30_000_000
"""Table rows of a whole model: at 8 bytes a number and 6 players on average about 1.5 GB, the most that is sane."""
BLOCK_CELLS = 4_000_000
"""Conditions looked at in one step (rows x conditions): 32 MB of float64, which stays near the processor's cache."""


@dataclass(frozen=True)
class TreeTables:
    """Look-up tables of one model and background.

    Leaf j's patterns stand in rows `start[j]` .. `start[j] + 2^d - 1` of `table` (rows, D): the share of each of its
    players per unit of leaf value, players beyond d being padding. `players` (l, D) are raw columns, padding points
    to column p, which is cut off. `expected` (l,) is the share of background rows that reach the leaf.
    """

    leaves: Leaves
    groups: Ints
    bits: Ints
    leaf_of_group: Ints
    start: Ints
    full: Ints
    table: Floats
    players: Ints
    expected: Floats
    columns: int

    @property
    def base(self) -> Floats:
        """(t,) mean margins over the background."""
        return self.leaves.offset + self.expected @ self.leaves.weights


def prepare_tables(leaves: Leaves, owner: list[int], columns: int, background: Floats) -> TreeTables | None:
    """Tables for background features (m, f); None when some leaf has too many players for them.

    `owner` (f,) is the raw column behind each feature, `columns` = p.
    """
    import numpy as np

    order = np.lexsort((np.asarray(owner)[leaves.feature], leaves.leaf))
    leaves = _reordered(leaves, order)
    player = np.asarray(owner, dtype=np.int64)[leaves.feature]
    first = np.ones(len(player), dtype=bool)
    first[1:] = (np.diff(leaves.leaf) != 0) | (np.diff(player) != 0)
    groups = np.flatnonzero(first)
    leaf_of_group = leaves.leaf[groups]
    count = len(leaves.weights)
    sizes = np.bincount(leaf_of_group, minlength=count)
    rows = int((1 << np.minimum(sizes, 40)).sum())
    if sizes.max(initial=0) > MOST_PLAYERS or rows > MOST_TABLE_ROWS:
        return None
    slot = np.arange(len(groups)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    width = max(int(sizes.max(initial=0)), 1)
    players = np.full((count, width), columns, dtype=np.int64)
    players[leaf_of_group, slot] = player[groups]
    start = np.concatenate([[0], np.cumsum(1 << sizes)[:-1]])
    full = (1 << sizes) - 1
    tables = TreeTables(
        leaves, groups, 1 << slot, leaf_of_group, start, full, np.zeros((0, width)), players, np.zeros(count), columns
    )
    counts = np.zeros(rows)
    for block in blocks(len(background), len(leaves.leaf)):
        counts += np.bincount((patterns(tables, background[block]) + start).ravel(), minlength=rows)
    counts /= len(background)
    table = np.zeros((rows, width))
    for size in np.unique(sizes):
        at = np.flatnonzero(sizes == size)
        places = start[at][:, None] + np.arange(1 << size)
        table[places, :size] = _shares(counts[places], int(size))
    return TreeTables(
        leaves, groups, 1 << slot, leaf_of_group, start, full, table, players, counts[start + full], columns
    )


def _reordered(leaves: Leaves, order: Ints) -> Leaves:
    return replace(
        leaves,
        leaf=leaves.leaf[order],
        feature=leaves.feature[order],
        above=leaves.above[order],
        upto=leaves.upto[order],
        missing=leaves.missing[order],
    )


def blocks(rows: int, cells_per_row: int) -> list[slice]:
    """Slices of rows, each within BLOCK_CELLS cells."""
    step = max(1, BLOCK_CELLS // max(cells_per_row, 1))
    return [slice(at, min(at + step, rows)) for at in range(0, rows, step)]


def patterns(tables: TreeTables, features: Floats) -> Ints:
    """(n, f) features -> (n, l): for each leaf the bits of the players whose conditions the row satisfies."""
    import numpy as np

    leaves = tables.leaves
    result = np.zeros((len(features), len(leaves.weights)), dtype=np.int64)
    if not len(leaves.leaf):
        return result
    cells = features[:, leaves.feature]
    holds = (cells > leaves.above) & (cells <= leaves.upto)
    holds |= np.isnan(cells) & leaves.missing
    by_player = np.logical_and.reduceat(holds, tables.groups, axis=1)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(tables.leaf_of_group) != 0]))
    result[:, tables.leaf_of_group[starts]] = np.add.reduceat(by_player * tables.bits, starts, axis=1)
    return result


def _shares(counts: Floats, size: int) -> Floats:
    """(l, 2^d) pattern frequencies of the background -> (l, 2^d, d) share of each player for each row pattern."""
    import numpy as np

    every = np.arange(1 << size)
    ones = np.array([int(pattern).bit_count() for pattern in every])
    complement = every ^ ((1 << size) - 1)
    result = np.zeros((*counts.shape, size))
    q = size - ones
    for p in range(size + 1):
        # background patterns with size - p bits: with them exactly p players are the row's alone
        sums = _superset_sums(np.where(ones == size - p, counts, 0.0), size)
        meets = sums[:, complement]
        for player in range(size):
            bit = 1 << player
            mine = (every & bit) != 0
            if p:
                gain = np.array([factorial(p - 1) * factorial(k) / factorial(p + k) for k in q])
                only_mine = meets - sums[:, complement | bit]
                result[:, :, player] += np.where(mine, gain * only_mine, 0.0)
            loss = np.array([factorial(p) * factorial(k - 1) / factorial(p + k) if k else 0.0 for k in q])
            result[:, :, player] -= np.where(mine, 0.0, loss * meets)
    return result


def _superset_sums(counts: Floats, size: int) -> Floats:
    """out[:, m] = sum of counts[:, b] over all b that contain m (zeta transform over the subset lattice)."""
    import numpy as np

    sums = counts.copy()
    every = np.arange(1 << size)
    for bit in range(size):
        lacks = every[(every >> bit) & 1 == 0]
        sums[:, lacks] += sums[:, lacks | (1 << bit)]
    return sums


def tree_values(tables: TreeTables, features: Floats) -> tuple[Floats, Floats]:
    """(n, f) features -> values (n, p, t) of every raw column for every margin, and the margins (n, t)."""
    import numpy as np

    weights = tables.leaves.weights
    margins = weights.shape[1]
    values = np.zeros((len(features), tables.columns, margins))
    totals = np.zeros((len(features), margins))
    used = [np.flatnonzero(weights[:, t]) for t in range(margins)]
    for block in blocks(len(features), len(tables.leaves.leaf)):
        found = patterns(tables, features[block])
        rows = found + tables.start
        totals[block] = (found == tables.full) @ weights
        for t, at in enumerate(used):
            values[block, :, t] = _add_up(tables, rows[:, at], at, weights[at, t])
    return values, totals + tables.leaves.offset


def _add_up(tables: TreeTables, rows: Ints, at: Ints, weights: Floats) -> Floats:
    """(n, a) table rows of the leaves `at` -> (n, p) weighted shares, summed by raw column."""
    import numpy as np

    shares = tables.table[rows] * weights[:, None]
    columns = tables.players[at].ravel()
    order = np.argsort(columns, kind="stable")
    ordered = columns[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ordered) != 0]))
    flat = shares.reshape(len(rows), -1)[:, order]
    result = np.zeros((len(rows), tables.columns + 1))
    if flat.size:
        result[:, ordered[starts]] = np.add.reduceat(flat, starts, axis=1)
    return result[:, : tables.columns]
