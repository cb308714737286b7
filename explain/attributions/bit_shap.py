"""The same values as tree_shap.py for a few rows, without compiled loops: sets of background rows as strings of bits.

Compiling takes seconds after an installation, and tables of a model are made for many rows. For a lone row it does to
keep, for each player of a leaf, which background rows satisfy it, one bit a row. Rows that satisfy all players that
the explained row fails are their AND; counting how many of the other players each of them fails is a few more ANDs.
The weights are those of tree_shap.py in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from explain.attributions.shapley import laws
from explain.attributions.tree_codes import Knots, find_knots, find_tests
from explain.attributions.tree_shap import MOST_PLAYERS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explain.attributions.trees import Trees
    from explain.types import Flags, Floats, Ints

    Bits = npt.NDArray[np.uint64]

BLOCK_WORDS = 100_000
"""Words of 64 background rows for one block of leaves: 800 kB, which stay near the processor."""


class LeafPaths(NamedTuple):
    """L leaves of like depth: the `nodes` (L, d) above each, from the leaf up, -1 beyond the root; whether the path
    goes `high` (L, d) there; the `slot` (L, d) of the node's player, and the raw column `player` (L, s) of each slot,
    -1 where there are fewer.
    """

    leaf: Ints
    nodes: Ints
    high: Flags
    slot: Ints
    player: Ints


@dataclass(frozen=True)
class BitTables:
    """Trees and a background of `rows` rows, one bit each in `goes_high` (c, w): whether a node sends it high."""

    trees: Trees
    knots: Knots
    goes_high: Bits
    rows: int
    paths: tuple[LeafPaths, ...]
    columns: int
    base: Floats


def prepare_bits(trees: Trees, owner: list[int], columns: int, background: Floats) -> BitTables | None:
    """Trees against a background (m, f), of whose features `owner` names the raw columns, 0 to `columns` - 1.

    None when a path has conditions on too many columns, as in `prepare_tables`.
    """
    import numpy as np

    knots = find_knots(trees, len(owner))
    goes_high = _goes_high(trees, knots, background)
    paths = tuple(_paths(trees, np.array(owner, dtype=np.int64), goes_high.shape[1]))
    if max(block.player.shape[1] for block in paths) > MOST_PLAYERS:
        return None
    expected = trees.offset.copy()
    for block in paths:
        all_of_them = np.bitwise_and.reduce(_satisfied(block, goes_high, len(background)), axis=1)
        expected += _counts(all_of_them) @ trees.weights[block.leaf] / len(background)
    return BitTables(trees, knots, goes_high, len(background), paths, columns, expected)


def bit_values(tables: BitTables, features: Floats) -> Floats:
    """(n, f) features -> values (n, p, t) of every raw column for every margin."""
    import numpy as np

    trees = tables.trees
    high = _flags(_goes_high(trees, tables.knots, features), len(features))
    values = np.zeros((len(features), tables.columns, trees.weights.shape[1]))
    for block in tables.paths:
        satisfied = _satisfied(block, tables.goes_high, tables.rows)
        weights, real = trees.weights[block.leaf], block.player >= 0
        for row in range(len(features)):
            shares = _shares(satisfied, _passes(block, high[:, row]), real, tables.rows) / tables.rows
            for margin in range(weights.shape[1]):
                given = (shares * weights[:, margin, None])[real]
                values[row, :, margin] += np.bincount(block.player[real], given, minlength=tables.columns)
    return values


def bit_margins(tables: BitTables, features: Floats) -> Floats:
    """(n, f) features -> the margins (n, t)."""
    import numpy as np

    trees = tables.trees
    goes_high = _goes_high(trees, tables.knots, features)
    margins = np.tile(trees.offset, (len(features), 1))
    for block in tables.paths:
        reached = np.bitwise_and.reduce(_satisfied(block, goes_high, len(features)), axis=1)
        margins += _flags(reached, len(features)).T @ trees.weights[block.leaf]
    return margins


def _goes_high(trees: Trees, knots: Knots, features: Floats) -> Bits:
    """(c, w) which rows of (n, f) features each node sends high, one bit each; none at leaves."""
    import numpy as np

    tests, codes = find_tests(trees, knots), knots.code(features)
    inner = np.flatnonzero(trees.feature >= 0)
    found = np.zeros((len(trees.feature), -(-len(features) // 64)), dtype=np.uint64)
    for j, column in enumerate(codes):
        mine = np.flatnonzero((tests.feature == j) & (tests.side < 0))
        high = column > tests.limit[mine, None]
        low = tests.missing[mine] >= 0
        high[low] &= column != tests.missing[mine[low], None]
        found[inner[mine]] = _packed(high)
    for k in np.flatnonzero(tests.side >= 0):
        sides = tests.sides[tests.side[k] + codes[tests.feature[k]]]
        found[inner[k]] = _packed(sides[None].astype(bool))[0]
    return found


def _packed(flags: Flags) -> Bits:
    """(c, n) flags -> (c, w) words of 64 bits, the last filled up with zeros."""
    import numpy as np

    few = np.packbits(flags, axis=1, bitorder="little")
    return np.pad(few, ((0, 0), (0, -few.shape[1] % 8))).view(np.uint64)


def _flags(sets: Bits, rows: int) -> Flags:
    """(c, w) words -> (c, n) flags, the other way round."""
    import numpy as np

    return np.unpackbits(sets.view(np.uint8), axis=1, count=rows, bitorder="little").astype(bool)


def _paths(trees: Trees, owner: Ints, words: int) -> list[LeafPaths]:
    """The leaves' paths in blocks, shallow leaves first."""
    import numpy as np

    inner = np.flatnonzero(trees.feature >= 0)
    parent, is_high = np.full(len(trees.feature), -1), np.zeros(len(trees.feature), dtype=bool)
    parent[trees.low[inner]] = parent[trees.high[inner]] = inner
    is_high[trees.high[inner]] = True
    leaves = np.flatnonzero(trees.feature < 0)
    at, steps, sides = leaves, [], []
    while (at >= 0).any():
        sides.append(is_high[at] & (at >= 0))
        at = np.where(at >= 0, parent[at], -1)
        steps.append(at)
    nodes, high = np.column_stack(steps), np.column_stack(sides)
    depth = (nodes >= 0).sum(axis=1)
    found = []
    order = np.argsort(depth, kind="stable")
    while len(order):
        most = max(int(depth[order[0]]), 1)
        count = max(1, BLOCK_WORDS // (words * most))
        mine, order = order[:count], order[count:]
        most = max(int(depth[mine].max()), 1)
        found.append(_slots(leaves[mine], nodes[mine, :most], high[mine, :most], owner[trees.feature]))
    return found


def _slots(leaf: Ints, nodes: Ints, high: Flags, player_of: Ints) -> LeafPaths:
    """Number each leaf's players: nodes of one player share a slot."""
    import numpy as np

    owners = np.where(nodes >= 0, player_of[nodes], np.iinfo(np.int64).max)
    order = np.argsort(owners, axis=1, kind="stable")
    ordered = np.take_along_axis(owners, order, axis=1)
    rank = np.cumsum(np.diff(ordered, axis=1, prepend=ordered[:, :1]) != 0, axis=1)
    slot = np.empty_like(rank)
    np.put_along_axis(slot, order, rank, axis=1)
    player = np.full(nodes.shape, -1)
    real = nodes >= 0
    rows = np.nonzero(real)[0]
    player[rows, slot[real]] = owners[real]
    return LeafPaths(leaf, nodes, high, slot, player[:, : int((player >= 0).sum(axis=1).max(initial=1))])


def _satisfied(block: LeafPaths, goes_high: Bits, rows: int) -> Bits:
    """(L, s, w) the background rows that satisfy each player of each leaf; all of them beyond the last player."""
    import numpy as np

    everyone = _everyone(rows)
    found = np.tile(everyone, (*block.player.shape, 1))
    for step in range(block.nodes.shape[1]):
        at = np.flatnonzero(block.nodes[:, step] >= 0)
        mine = goes_high[block.nodes[at, step]]
        mine[~block.high[at, step]] ^= everyone
        found[at, block.slot[at, step]] &= mine
    return found


def _passes(block: LeafPaths, high: Flags) -> Flags:
    """(L, s) whether a row that each node sends `high` (c,) satisfies the players; True beyond the last player."""
    import numpy as np

    found = np.ones(block.player.shape, dtype=bool)
    for step in range(block.nodes.shape[1]):
        at = np.flatnonzero(block.nodes[:, step] >= 0)
        found[at, block.slot[at, step]] &= high[block.nodes[at, step]] == block.high[at, step]
    return found


def _shares(satisfied: Bits, passes: Flags, real: Flags, rows: int) -> Floats:
    """(L, s) each player's share of its leaf, summed over the background rows."""
    import numpy as np

    common = np.bitwise_and.reduce(np.where(passes[:, :, None], _everyone(rows), satisfied), axis=1)
    met = common.any(axis=1)
    if not met.all():  # a leaf whose game no background row plays with this row, as most deep ones, shares nothing out
        found = np.zeros(passes.shape)
        if met.any():
            found[met] = _shares(satisfied[met], passes[met], real[met], rows)
        return found
    slots = passes.shape[1]
    fails = np.where((passes & real)[:, :, None], ~satisfied, np.uint64(0))
    # by[k] are the rows that satisfy all that the explained row fails, and fail k of what it satisfies
    by = [common]
    for slot in range(slots):
        more = [some & fails[:, slot] for some in by]
        left = [some & ~fails[:, slot] for some in by]
        by = [left[0], *(a | b for a, b in zip(left[1:], more[:-1], strict=True)), more[-1]]
    weights, failed = _laws(2 * slots), (~passes).sum(axis=1)
    gains, losses = np.zeros(passes.shape), np.zeros(len(passes))
    for count, some in enumerate(by):
        losses += weights[1, count, failed] * _counts(some)
        gains += weights[0, count, failed][:, None] * _counts(some[:, None, :] & fails)
    return np.where(passes, gains, -losses[:, None])


@lru_cache(maxsize=64)
def _laws(players: int) -> Floats:
    """As in shapley.py, kept: every block of leaves asks for them."""
    return laws(players)


def _everyone(rows: int) -> Bits:
    """The set of all background rows."""
    import numpy as np

    every: Bits = _packed(np.ones((1, rows), dtype=bool))[0]
    return every


def _counts(sets: Bits) -> Floats:
    """How many rows each set (…, w) holds."""
    import numpy as np

    return np.asarray(np.bitwise_count(sets).sum(axis=-1, dtype=np.float64))
