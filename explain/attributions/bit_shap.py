"""The same values as tree_shap.py for a few rows, without compiled loops: sets of background rows as strings of bits.

Compiling takes seconds after an installation, and tables of a model are made for many rows. For a lone row it does to
keep, for each player of a leaf, which background rows satisfy it, one bit a row. Rows that satisfy all players that
the explained row fails are their AND; counting how many of the other players each of them fails is a few more ANDs.
The weights are those of tree_shap.py in closed form.

Deep down in a tree few background rows are left over. So trees are cut into small subtrees (bit_paths.py), and the
leaves of each see those rows alone that satisfy all players that the explained row fails on the way to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from explain.attributions.bit_paths import Part, Paths, cut_trees
from explain.attributions.shapley import laws
from explain.attributions.tree_codes import Knots, Tests, find_knots, find_tests
from explain.attributions.tree_shap import MOST_PLAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from explain.attributions.tree_codes import Codes
    from explain.attributions.trees import Trees
    from explain.types import Flags, Floats, Ints

    Bits = npt.NDArray[np.uint64]

PART_NODES = 100_000
"""Nodes of trees that are worked on at once."""
WALKERS = 500_000
"""Rows, each in another tree, that go down at once."""
BLOCK_WORDS = 25_000
"""Words of 64 background rows for one block of leaves: 200 kB, which stay near the processor."""
BLOCK_CELLS = 2_000_000
"""Tests of background rows that are made at once."""


@dataclass(frozen=True)
class BitTables:
    """Trees and a background of `rows` rows with its `codes` (f, rows); `tests` are those of every node (c,)."""

    trees: Trees
    knots: Knots
    tests: Tests
    codes: Codes
    rows: int
    parts: tuple[Part, ...]
    columns: int
    base: Floats


def prepare_bits(trees: Trees, owner: list[int], columns: int, background: Floats) -> BitTables | None:
    """Trees against a background (m, f), of whose features `owner` names the raw columns, 0 to `columns` - 1.

    None when a path has conditions on too many columns, as in `prepare_tables`.
    """
    import numpy as np

    knots, owners = find_knots(trees, len(owner)), np.array(owner, dtype=np.int64)
    first = np.unique(trees.roots // PART_NODES, return_index=True)[1]
    made = [cut_trees(trees, *span, owners) for span in pairwise([*first.tolist(), len(trees.roots)])]
    if max(len(part.paths.player) for part in made) > MOST_PLAYERS:
        return None
    tests, codes = _at_nodes(trees, find_tests(trees, knots)), knots.code(background)
    base = _margins(trees, tests, codes).mean(axis=0)
    return BitTables(trees, knots, tests, codes, len(background), tuple(made), columns, base)


def bit_values(tables: BitTables, features: Floats) -> Floats:
    """(n, f) features -> values (n, p, t) of every raw column for every margin."""
    import numpy as np

    codes = tables.knots.code(features)
    found = [_part_values(tables, part, codes) for part in tables.parts]
    return np.asarray(np.sum(found, axis=0)) / tables.rows


def bit_margins(tables: BitTables, features: Floats) -> Floats:
    """(n, f) features -> the margins (n, t)."""
    return _margins(tables.trees, tables.tests, tables.knots.code(features))


def walked_margins(trees: Trees, knots: Knots, tests: Tests, features: Floats) -> Floats:
    """(n, f) features -> the margins (n, t), from walking down the trees with `tests` of their inner nodes."""
    return _margins(trees, _at_nodes(trees, tests), knots.code(features))


def _margins(trees: Trees, tests: Tests, codes: Codes) -> Floats:
    import numpy as np

    count, rows = len(trees.roots), codes.shape[1]
    sides = np.column_stack([trees.low, trees.high]).ravel()
    margins = np.tile(trees.offset, (rows, 1))
    step = max(1, WALKERS // max(rows, 1))
    for first in range(0, count, step):
        roots = trees.roots[first : first + step]
        node, row = np.repeat(roots, rows), np.tile(np.arange(rows), len(roots))
        going = np.flatnonzero(tests.feature[node] >= 0)
        while going.size:
            at = node[going]
            high = _goes_high(tests, at, codes.ravel()[tests.feature[at] * rows + row[going]])
            node[going] = at = sides[2 * at + high]
            going = going[tests.feature[at] >= 0]
        margins += trees.weights[node].reshape(len(roots), rows, -1).sum(axis=0)
    return margins


def _at_nodes(trees: Trees, tests: Tests) -> Tests:
    """Tests that stand at the places of the nodes, those of leaves being of no use."""
    import numpy as np

    inner, spread = trees.feature >= 0, {}
    for name in ("feature", "limit", "missing", "side"):
        values = getattr(tests, name)
        spread[name] = np.full(len(inner), -1, dtype=values.dtype)
        spread[name][inner] = values
    return tests._replace(**spread)


def _goes_high(tests: Tests, node: Ints, code: Codes) -> Flags:
    """Whether each node sends a row with that code of its feature high."""
    import numpy as np

    high = code > tests.limit[node]
    if (tests.missing >= 0).any():
        high &= code != tests.missing[node]
    if len(tests.sides):
        side = tests.side[node]
        high = np.where(side >= 0, tests.sides[np.where(side >= 0, side + code, 0)] == 1, high)
    return high


def _codes_at(codes: Codes, feature: Ints, rows: Ints, mine: Ints) -> Codes:
    """(c, m) the codes of features (c,) for the rows `rows[mine]`, of which there are few kinds (g, m)."""
    import numpy as np

    used, at = np.unique(feature, return_inverse=True)
    if len(used) * len(rows) > len(mine):
        return codes[feature[:, None], rows[mine]]
    return np.take(codes[used], rows, axis=1)[at, mine]


def _packed(flags: Flags) -> Bits:
    """(c, n) flags -> (c, w) words of 64 bits, the last filled up with zeros."""
    import numpy as np

    few = np.packbits(flags, axis=1, bitorder="little")
    return np.pad(few, ((0, 0), (0, -few.shape[1] % 8))).view(np.uint64)


def _flags(sets: Bits, rows: int) -> Flags:
    """(c, w) words -> (c, n) flags, the other way round."""
    import numpy as np

    return np.unpackbits(sets.view(np.uint8), axis=1, count=rows, bitorder="little").astype(bool)


def _words(flags: Flags) -> Bits:
    """Words of 64 bits, all of them set where a flag is."""
    import numpy as np

    return np.where(flags, np.uint64((1 << 64) - 1), np.uint64(0))


class _Groups(NamedTuple):
    """Subtrees `top` (g,) with the background rows `rows` (g, m) that come through to each, where `real` (g, m)."""

    top: Ints
    rows: Ints
    real: Flags


def _part_values(tables: BitTables, part: Part, codes: Codes) -> Floats:
    """(n, p, t) what the leaves of some trees give, summed over the background."""
    import numpy as np

    tops, tests = part.tops, tables.tests
    nodes = np.unique(tops.node[tops.node >= 0])
    high = _packed(_goes_high(tests, nodes[:, None], tables.codes[tests.feature[nodes]]))
    place = np.where(tops.node >= 0, np.searchsorted(nodes, tops.node), -1)
    everyone = _packed(np.ones((1, tables.rows), dtype=bool))
    values = np.zeros((codes.shape[1], tables.columns, tables.trees.weights.shape[1]))
    for code, given in zip(codes.T, values, strict=True):
        above, passes = (
            _passes(paths, _goes_high(tests, paths.node, code[tests.feature[paths.node]]))
            for paths in (tops, part.paths)
        )
        left = everyone & ~_failing(tops._replace(node=place), high, np.where(above, 1, 0), 2)[0]
        for groups in _groups(left, part, tables.rows):
            _add_groups(tables, part, groups, passes, given)
    return values


def _groups(left: Bits, part: Part, rows: int) -> Iterator[_Groups]:
    """Subtrees to which about as many background rows are `left` (G, w), with these rows."""
    import numpy as np

    sizes = np.bitwise_count(left).sum(axis=1, dtype=np.int64)
    order = np.argsort(sizes, kind="stable")
    order = order[sizes[order] > 0]
    tests = np.diff(part.start)
    while len(order):
        cells = np.cumsum(tests[order]) * sizes[order]
        count = max(1, int(np.searchsorted(cells, BLOCK_CELLS)))
        top, order = order[:count], order[count:]
        real = np.arange(sizes[top[-1]]) < sizes[top, None]
        found = np.zeros(real.shape, dtype=np.int64)
        found[real] = np.nonzero(_flags(left[top], rows))[1]
        yield _Groups(top, found, real)


def _add_groups(tables: BitTables, part: Part, groups: _Groups, passes: Flags, values: Floats) -> None:
    """Add to `values` (p, t) what the leaves of some subtrees give, whose players a row `passes` (s, L)."""
    import numpy as np

    counts = np.diff(part.start)[groups.top]
    start = np.cumsum(counts) - counts
    mine = np.repeat(np.arange(len(counts)), counts)
    node = part.node[np.arange(len(mine)) - start[mine] + part.start[groups.top][mine]]
    codes = _codes_at(tables.codes, tables.tests.feature[node], groups.rows, mine)
    high, everyone = _packed(_goes_high(tables.tests, node[:, None], codes)), _packed(groups.real)
    of = np.full(len(part.start) - 1, -1)
    of[groups.top] = np.arange(len(counts))
    leaf = np.flatnonzero(of[part.top] >= 0)
    places = part.paths._replace(node=part.place)
    passed = (passes & (part.paths.player >= 0)).sum(axis=0)
    leaf = leaf[np.argsort(passed[leaf], kind="stable")]
    while len(leaf):
        count = max(1, BLOCK_WORDS // (high.shape[1] * max(int(passed[leaf[0]]), 1)))
        block, leaf = leaf[:count], leaf[count:]
        group, paths = of[part.top[block]], _only(places, block)
        paths = paths._replace(node=np.where(paths.node >= 0, paths.node + start[group], -1))
        shares = _shares(paths, high, passes[: len(paths.player), block], everyone[group])
        real = paths.player >= 0
        for margin in range(values.shape[1]):
            given = (shares * tables.trees.weights[part.leaf[block], margin])[real]
            values[:, margin] += np.bincount(paths.player[real], given, minlength=len(values))


def _only(paths: Paths, at: Ints) -> Paths:
    """Some of the ways."""
    node, player = paths.node[:, at], paths.player[:, at]
    steps, slots = int((node >= 0).sum(axis=0).max()), int((player >= 0).sum(axis=0).max())
    return Paths(node[:steps], paths.high[:steps, at], paths.slot[:steps, at], player[:slots])


def _passes(paths: Paths, high: Flags) -> Flags:
    """(s, L) whether a row that goes `high` (d, L) satisfies the players; True beyond the last player."""
    import numpy as np

    found = np.ones(paths.player.shape, dtype=bool)
    for step in range(len(high)):
        at = np.flatnonzero(paths.node[step] >= 0)
        found[paths.slot[step, at], at] &= high[step, at] == paths.high[step, at]
    return found


def _failing(paths: Paths, high: Bits, into: Ints, kinds: int) -> Bits:
    """(k, L, w) the background rows that fail some player of a kind, `into` (s, L) being that of each slot.

    `high` (c, w) are the rows that nodes send high, in the places that the paths name.
    """
    import numpy as np

    found = np.zeros((kinds, paths.node.shape[1], high.shape[1]), dtype=np.uint64)
    for step in range(len(paths.node)):
        at = np.flatnonzero(paths.node[step] >= 0)
        found[into[paths.slot[step, at], at], at] |= high[paths.node[step, at]] ^ _words(paths.high[step, at])[:, None]
    return found


def _shares(paths: Paths, high: Bits, passes: Flags, everyone: Bits) -> Floats:
    """(s, L) each player's share of its leaf, summed over the background rows `everyone` (L, w)."""
    import numpy as np

    # players that the explained row satisfies come first; it fails the others all alike
    satisfied = passes & (paths.player >= 0)
    number = np.cumsum(satisfied, axis=0) - 1
    most = int(number.max(initial=-1)) + 1
    fails = _failing(paths, high, np.where(satisfied, number, most), most + 1)
    # words before leaves: what is counted in them is then added up many leaves at a time
    fails = np.ascontiguousarray(np.moveaxis(fails, 2, 1))
    # by[k] are the rows that satisfy all that the explained row fails, and fail k of what it satisfies
    by = [everyone.T & ~fails[most]]
    for slot in fails[:most]:
        more = [some & slot for some in by]
        left = [some & ~slot for some in by]
        by = [left[0], *(a | b for a, b in zip(left[1:], more[:-1], strict=True)), more[-1]]
    weights, lost = _laws(len(passes)), (~passes).sum(axis=0)
    gains, losses = np.zeros((most, len(lost))), np.zeros(len(lost))
    for count, some in enumerate(by):
        losses += weights[1, count, lost] * _counts(some)
        gains += weights[0, count, lost] * _counts(some & fails[:most])
    return np.where(satisfied, np.take_along_axis(gains, number, axis=0) if most else 0.0, -losses)


@lru_cache(maxsize=64)
def _laws(players: int) -> Floats:
    """As in shapley.py, kept: every block of leaves asks for them."""
    return laws(players)


def _counts(sets: Bits) -> Floats:
    """How many rows each set (…, w, L) holds."""
    import numpy as np

    return np.asarray(np.bitwise_count(sets).sum(axis=-2, dtype=np.float64))
