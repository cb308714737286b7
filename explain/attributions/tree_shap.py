"""Exact interventional Shapley values of a tree ensemble against a whole background, players being raw columns.

A leaf is a game of d players: the raw columns with a condition on its path. A row satisfies each or fails it, and so
does every background row. For a row and a background row the leaf counts only when each player is satisfied by one of
them; with p players that only the row satisfies and q that only the background row does, each of the p gets
(p-1)! q! / (p+q)! of the leaf value and each of the q gets -p! (q-1)! / (p+q)! (Lundberg et al. 2020, interventional
TreeSHAP). Tables per pattern make a row a look-up (WOODELF, Nadel and Wettenstein 2025); whole subtrees share one
look-up here (tree_layout.py), and the sum over the background is one of subset sums of whole numbers (leaf_games.py),
after the background's patterns have been counted once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.attributions.shapley import gauss_rules, laws
from explain.attributions.tree_layout import Layout, Past, lay_out
from explain.parallel import parts, threads, together, within

if TYPE_CHECKING:
    from explain.attributions.tree_codes import Codes
    from explain.attributions.trees import Trees
    from explain.parallel import Tell
    from explain.types import Floats

MOST_PLAYERS = 31
"""Raw columns on one path: failed sets are kept in 32 bits."""
MOST_CELLS = 24_000_000
"""Numbers in the tables of one model: 192 MB. Trees that would need more get smaller bundles."""
SIZES = ((10, 14), (10, 10), (9, 9), (8, 8), (7, 7), (0, 0))
"""Bits of a bundle and players of a lone leaf with a table. The largest that fit into MOST_CELLS are taken: fewer and
larger tables are faster until they outgrow the processor's cache. The last take no room, so that some always fit.
"""
PARTS = 16
"""Trees are worked on in that many parts whatever the number of threads, so that the sums are always the same."""
ALONE = 512
"""Rows up to which a second thread costs more than it saves."""
DEEP_ROWS = 16_384
"""Most rows for which a deep leaf's table is made once."""
MOST_SUMS = 16_000_000
"""Numbers that the parts add up in, each for itself: 128 MB."""


@dataclass(frozen=True)
class TreeTables:
    """A model and its background, made ready: rows are look-ups from here on.

    `table` holds the bundles' numbers, `past` what the deep leaves see of the `rows` background rows, `base` (t,) the
    mean margins over the background. Where `by_passed` there is no background: unknown columns let by as many rows as
    in training (path-dependent values).
    """

    layout: Layout
    table: Floats
    past: Past
    rows: int
    base: Floats
    offset: Floats
    columns: int
    by_passed: bool = False


def prepare_tables(
    trees: Trees,
    owner: list[int],
    columns: int,
    background: Floats | None,
    tell: Tell | None = None,
) -> TreeTables | None:
    """Tables for background features (m, f), or by what let training rows by; None when a leaf has too many players.

    `owner` (f,) is the raw column behind each feature, `columns` = p; `tell(share)` hears how far the work is. Without
    a background the trees must know what passed.
    """
    layout = next(found for sizes in SIZES if (found := lay_out(trees, owner, columns, sizes, MOST_CELLS)) is not None)
    return tables_of(trees, layout, background, tell) if layout.most_players <= MOST_PLAYERS else None


def tables_of(trees: Trees, layout: Layout, background: Floats | None, tell: Tell | None) -> TreeTables:
    """Tables for trees laid out, as `prepare_tables`."""
    import numpy as np

    from explain.attributions import kernels

    by_passed = background is None
    rows = 0 if background is None else len(background)
    codes = np.zeros((len(layout.knots.values), 0), np.int32) if background is None else codes_of(layout, background)
    count = len(trees.roots)
    table, expected = np.zeros(layout.cells), np.zeros((count, trees.weights.shape[1]))
    most = int(layout.bundles.bits.max(initial=1))
    rules, weights = gauss_rules(most), laws(most) / max(rows, 1)

    def fill(first: int, last: int) -> None:
        kernels.fill(
            codes, layout.tests, layout.bundle_paths, layout.bundles, first, last, rules, weights, _field(rows),
            by_passed, table, expected,
        )  # fmt: skip

    together(fill, parts(count, PARTS), within(tell, 0.0, 0.5))
    past = _past(layout, codes, within(tell, 0.5, 0.5))
    kernels.deep_expected(layout.deep_paths, layout.deep, past, rows, by_passed, expected)
    base = trees.offset + expected.sum(axis=0)
    return TreeTables(layout, table, past, rows, base, trees.offset, layout.columns, by_passed)


def _field(rows: int) -> int:
    """Bits in which a number of background rows has room: four of 16 make up a word, or two."""
    return 16 if rows < 1 << 16 else 32


def codes_of(layout: Layout, features: Floats) -> Codes:
    """(n, f) features -> (f, n) codes, some features at once."""
    import numpy as np

    spans = parts(features.shape[1], threads() if len(features) > ALONE else 1)
    return np.concatenate(together(lambda first, last: layout.knots.code(features, first, last), spans))


def _past(layout: Layout, codes: Codes, tell: Tell | None) -> Past:
    """What the deep leaves see of the background; in parts, which are put together in order."""
    import numpy as np

    from explain.attributions import kernels

    if not len(layout.deep.weights):
        return Past(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.uint32))
    found = together(
        lambda first, last: kernels.past_masks(codes, layout.tests, layout.deep_paths, first, last),
        parts(len(layout.tests.start) - 1, PARTS),
        tell,
    )
    each, masks, counts = (np.concatenate(items) for items in zip(*found, strict=True))
    return Past(np.concatenate([[0], np.cumsum(each)]), masks, counts)


def tree_values(tables: TreeTables, features: Floats, tell: Tell | None = None) -> tuple[Floats, Floats]:
    """(n, f) features -> values (n, p, t) of every raw column for every margin, and the margins (n, t)."""
    import numpy as np

    from explain.attributions import kernels

    layout = tables.layout
    codes = codes_of(layout, features)
    found = np.empty((len(features), len(tables.base), tables.columns + 1))
    together(
        lambda first, last: kernels.look_up(
            codes, layout.tests, layout.bundle_paths, layout.bundles, tables.table, first, last, found
        ),
        parts(len(features), threads() if len(features) > ALONE else 1),
    )
    if len(layout.deep.weights):
        most = max(1, min(DEEP_ROWS, MOST_SUMS // (PARTS * found[0].size)))
        for first, last in parts(len(features), -(-len(features) // most)):
            tell_part = within(tell, first / len(features), (last - first) / len(features))
            found[first:last] += _deep_values(tables, np.ascontiguousarray(codes[:, first:last]), tell_part)
    return np.moveaxis(found[:, :, : tables.columns], 1, 2), found[:, :, tables.columns] + tables.offset


def _deep_values(tables: TreeTables, codes: Codes, tell: Tell | None) -> Floats:
    import numpy as np

    from explain.attributions import kernels

    layout = tables.layout
    spans = parts(len(layout.tests.start) - 1, PARTS)
    found = np.zeros((len(spans), len(tables.base), tables.columns + 1, codes.shape[1]))
    rules, weights = gauss_rules(layout.most_players), laws(layout.most_players)
    if not tables.by_passed:
        weights /= tables.rows

    def part(first: int, last: int) -> None:
        kernels.deep_leaves(
            codes, layout.tests, layout.deep_paths, layout.deep, tables.past, first, last, rules, weights,
            _field(tables.rows), tables.by_passed, found[spans.index((first, last))],
        )  # fmt: skip

    together(part, spans, tell)
    return np.moveaxis(found.sum(axis=0), 2, 0)
