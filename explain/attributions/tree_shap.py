"""Exact interventional Shapley values of a tree ensemble against a whole background, players being raw columns.

A leaf is a game of d players: the raw columns with a condition on its path. A row satisfies each or fails it, and so
does every background row. For a row and a background row the leaf counts only when each player is satisfied by one of
them; with p players that only the row satisfies and q that only the background row does, each of the p gets
(p-1)! q! / (p+q)! of the leaf value and each of the q gets -p! (q-1)! / (p+q)! (Lundberg et al. 2020, interventional
TreeSHAP). Tables per pattern make a row a look-up (WOODELF, Nadel and Wettenstein 2025); whole subtrees share one
look-up here (tree_layout.py), and the sum over the background is a subset sum at the points of a Gauss rule
(kernels.py), after the background's patterns have been counted once.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from explain.attributions.tree_layout import Layout, Past, lay_out
from explain.attributions.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Callable

    from explain.types import Floats

_Result = TypeVar("_Result")
Tell: TypeAlias = "Callable[[float], None]"

MOST_PLAYERS = 31
"""Raw columns on one path: failed sets are kept in 32 bits."""
MOST_CELLS = 24_000_000
"""Numbers in the tables of one model: 192 MB. Trees that would need more get smaller bundles."""
SIZES = ((10, 14), (10, 10), (9, 9), (8, 8), (7, 7), (0, 0))
"""Bits of a bundle and players of a lone leaf with a table. The largest that fit into MOST_CELLS are taken: fewer and
larger tables are faster until they outgrow the processor's cache. The last take no room, so that some always fit.
"""
TABLE_PLAYERS = 12
"""Most players of a deep leaf that gets a passing table: 2^12 failed sets; beyond, rows are fewer than sets."""
PARTS = 16
"""Trees are worked on in that many parts whatever the number of threads, so that the sums are always the same."""
DEEP_ROWS = 8_192
"""Rows for which a deep leaf's table is made once."""


@dataclass(frozen=True)
class TreeTables:
    """A model and its background, made ready: rows are look-ups from here on.

    `table` holds the bundles' numbers, `past` what the deep leaves see of the `rows` background rows, `base` (t,) the
    mean margins over the background.
    """

    layout: Layout
    table: Floats
    past: Past
    rows: int
    base: Floats
    offset: Floats
    columns: int


def compile_loops() -> None:
    """Compile every loop of kernels.py, or load what was compiled before, with a tree of one split."""
    import numpy as np

    one, sides = np.zeros(1, dtype=np.int64), np.array([False, False, False])
    trees = Trees(
        feature=np.array([0, -1, -1]), bound=np.zeros(3), equal=sides, low=np.array([1, -1, -1]),
        high=np.array([2, -1, -1]), missing_low=sides, weights=np.array([[0.0], [1.0], [2.0]]), roots=one,
        offset=np.zeros(1),
    )  # fmt: skip
    rows = np.array([[-1.0], [1.0]])
    for sizes in (SIZES[0], SIZES[-1]):
        layout = lay_out(trees, [0], 1, sizes, MOST_CELLS)
        if layout is not None:
            tree_values(_tables(trees, layout, rows, None), rows)


def prepare_tables(
    trees: Trees,
    owner: list[int],
    columns: int,
    background: Floats,
    tell: Tell | None = None,
) -> TreeTables | None:
    """Tables for background features (m, f); None when some leaf has too many players.

    `owner` (f,) is the raw column behind each feature, `columns` = p; `tell(share)` hears how far the work is.
    """
    layout = next(found for sizes in SIZES if (found := lay_out(trees, owner, columns, sizes, MOST_CELLS)) is not None)
    return _tables(trees, layout, background, tell) if layout.most_players <= MOST_PLAYERS else None


def _tables(trees: Trees, layout: Layout, background: Floats, tell: Tell | None) -> TreeTables:
    import numpy as np

    from explain.attributions import kernels

    by_feature = np.ascontiguousarray(background.T)
    count = len(trees.roots)
    table, expected = np.zeros(layout.cells), np.zeros((count, trees.weights.shape[1]))
    rules = _rules(int(layout.bundles.bits.max(initial=1)))
    _together(
        lambda first, last: kernels.fill(
            by_feature, layout.nodes, layout.bundle_paths, layout.bundles, first, last, rules, table, expected
        ),
        _parts(count, PARTS),
        within(tell, 0.0, 0.5),
    )
    past = _past(layout, by_feature, within(tell, 0.5, 0.5))
    deep_expected = np.zeros_like(expected)
    kernels.deep_expected(layout.deep_paths, layout.deep, past, deep_expected)
    base = trees.offset + (expected + deep_expected / len(background)).sum(axis=0)
    return TreeTables(layout, table, past, len(background), base, trees.offset, layout.columns)


def _past(layout: Layout, by_feature: Floats, tell: Tell | None) -> Past:
    """What the deep leaves see of the background; in parts, which are put together in order."""
    import numpy as np

    from explain.attributions import kernels

    if not len(layout.deep.weights):
        return Past(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.uint32))
    found = _together(
        lambda first, last: kernels.past_masks(by_feature, layout.nodes, layout.deep_paths, first, last),
        _parts(len(layout.nodes.start) - 1, PARTS),
        tell,
    )
    each, masks, counts = (np.concatenate(items) for items in zip(*found, strict=True))
    return Past(np.concatenate([[0], np.cumsum(each)]), masks, counts)


def tree_values(tables: TreeTables, features: Floats, tell: Tell | None = None) -> tuple[Floats, Floats]:
    """(n, f) features -> values (n, p, t) of every raw column for every margin, and the margins (n, t)."""
    import numpy as np

    from explain.attributions import kernels

    layout = tables.layout
    by_feature = np.ascontiguousarray(features.T)
    found = np.zeros((len(features), len(tables.base), tables.columns + 1))
    _together(
        lambda first, last: kernels.look_up(
            by_feature, layout.nodes, layout.bundle_paths, layout.bundles, tables.table, first, last, found
        ),
        _parts(len(features), _threads() if len(features) > kernels.BLOCK else 1),
    )
    if len(layout.deep.weights):
        for at in range(0, len(features), DEEP_ROWS):
            found[at : at + DEEP_ROWS] += _deep_values(
                tables,
                features[at : at + DEEP_ROWS],
                within(tell, at / len(features), min(DEEP_ROWS, len(features) - at) / len(features)),
            )
    return np.moveaxis(found[:, :, : tables.columns], 1, 2), found[:, :, tables.columns] + tables.offset


def _deep_values(tables: TreeTables, features: Floats, tell: Tell | None) -> Floats:
    import numpy as np

    from explain.attributions import kernels

    layout = tables.layout
    by_feature = np.ascontiguousarray(features.T)
    spans = _parts(len(layout.nodes.start) - 1, PARTS)
    found = np.zeros((len(spans), len(features), len(tables.base), tables.columns + 1))
    rules, laws = _rules(min(layout.most_players, TABLE_PLAYERS)), _laws(layout.most_players) / tables.rows
    rules[:, 1] /= tables.rows

    def part(first: int, last: int) -> None:
        at = spans.index((first, last))
        kernels.deep_leaves(
            by_feature, layout.nodes, layout.deep_paths, layout.deep, tables.past, first, last, rules, laws, found[at]
        )

    _together(part, spans, tell)
    return np.asarray(found.sum(axis=0))


def _rules(players: int) -> Floats:
    """(players + 1, 2, g) points and weights of the Gauss-Legendre rule on [0, 1] that is exact for d players."""
    import numpy as np

    rules = np.zeros((players + 1, 2, max(1, (players + 1) // 2)))
    for d in range(1, players + 1):
        count = (d + 1) // 2
        points, weights = np.polynomial.legendre.leggauss(count)
        rules[d, :, :count] = (points + 1) / 2, weights / 2
    return rules


def _laws(players: int) -> Floats:
    """(2, d + 1, d + 1) Shapley weights of a player for p that only the row and q that only the background satisfies.

    The first are those of the row's players, (p-1)! q! / (p+q)!, the second of the background's, p! (q-1)! / (p+q)!.
    """
    import numpy as np

    laws = np.zeros((2, players + 1, players + 1))
    for p in range(players + 1):
        for q in range(players + 1 - p):
            if p:
                laws[0, p, q] = factorial(p - 1) * factorial(q) / factorial(p + q)
            if q:
                laws[1, p, q] = factorial(p) * factorial(q - 1) / factorial(p + q)
    return laws


def _parts(count: int, parts: int) -> list[tuple[int, int]]:
    """0 to `count` cut into at most `parts` spans of nearly equal length."""
    parts = max(1, min(parts, count))
    edges = [count * at // parts for at in range(parts + 1)]
    return [(edges[at], edges[at + 1]) for at in range(parts)]


def _together(
    work: Callable[[int, int], _Result], spans: list[tuple[int, int]], tell: Tell | None = None
) -> list[_Result]:
    """The results of the work on every span, done at once: the compiled loops let go of the interpreter.

    `tell(share)` is called as spans get done and may raise to stop the work.
    """
    if len(spans) == 1:
        return [work(*spans[0])]
    results: list[_Result] = []
    with ThreadPoolExecutor(_threads()) as pool:
        waiting = [pool.submit(work, *span) for span in spans]
        try:
            for done in waiting:
                results.append(done.result())
                if tell:
                    tell(len(results) / len(spans))
        finally:
            for one in waiting:
                one.cancel()
    return results


def within(tell: Tell | None, start: float, length: float) -> Tell | None:
    """The listener of a part of the work that starts at `start` and makes up `length` of the whole."""
    if tell is None:
        return None
    return lambda share: tell(start + share * length)


def _threads() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
