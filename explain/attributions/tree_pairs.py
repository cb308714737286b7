"""What two raw columns of a tree model do together: exact interventional Shapley interaction values.

For each pair the Shapley interaction index, halved, so that the two columns get equal parts; the rest of a column's
share is its own (main) effect. Every row of the matrix adds up to the column's Shapley value, as in TreeSHAP's
interaction values (Lundberg et al. 2020; Grabisch and Roubens 1999).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.attributions.shapley import gauss_rules, pair_laws
from explain.attributions.tree_layout import lay_out
from explain.attributions.tree_shap import MOST_PLAYERS, PARTS, codes_of, tables_of, tree_values
from explain.errors import ModelError
from explain.parallel import parts, together, within

if TYPE_CHECKING:
    from explain.attributions.tree_shap import TreeTables
    from explain.attributions.trees import Trees
    from explain.parallel import Tell
    from explain.types import Floats

ONE_BY_ONE = (-1, -1)
"""Sizes under which every leaf stands alone, as the pairs need it."""
MOST_CELLS = 6_000_000
"""Numbers held at once while pairs are added up: 48 MB. Rows are taken in blocks as large as that allows."""


def prepare_pairs(
    trees: Trees, owner: list[int], columns: int, background: Floats, tell: Tell | None = None
) -> TreeTables:
    """What `tree_pairs` needs, as `prepare_tables`; raises ModelError when a leaf has too many players."""
    layout = lay_out(trees, owner, columns, ONE_BY_ONE, 0)
    if layout is None or layout.most_players > MOST_PLAYERS:
        raise ModelError(f"A path of this model has conditions on more than {MOST_PLAYERS} columns; pairs need fewer.")
    return tables_of(trees, layout, background, tell)


def tree_pairs(tables: TreeTables, features: Floats, tell: Tell | None = None) -> Floats:
    """(n, f) features -> (n, p, p, t) symmetric: own effects on the diagonal, half of what a pair does off it."""
    import numpy as np

    margins, columns = len(tables.base), tables.columns
    step = max(1, MOST_CELLS // (PARTS * margins * columns * columns))
    blocks = [np.zeros((0, columns, columns, margins))]
    for at in range(0, len(features), step):
        block = features[at : at + step]
        upper = _upper(tables, block, within(tell, at / len(features), len(block) / len(features)))
        pairs = np.moveaxis(upper + np.swapaxes(upper, 2, 3), 1, 3) / 2
        own = tree_values(tables, block)[0] - pairs.sum(axis=2)
        places = np.arange(columns)
        pairs[:, places, places] = own
        blocks.append(pairs)
    return np.concatenate(blocks)


def _upper(tables: TreeTables, features: Floats, tell: Tell | None) -> Floats:
    """(n, t, p, p): what each pair does together, once."""
    import numpy as np

    from explain.attributions import kernels

    layout = tables.layout
    codes = codes_of(layout, features)
    spans = parts(len(layout.tests.start) - 1, PARTS)
    found = np.zeros((len(spans), len(features), len(tables.base), tables.columns, tables.columns))
    rules, weights = gauss_rules(layout.most_players), pair_laws(layout.most_players) / tables.rows
    rules[:, 1] /= tables.rows

    def part(first: int, last: int) -> None:
        kernels.deep_pairs(
            codes, layout.tests, layout.deep_paths, layout.deep, tables.past, first, last, rules, weights,
            found[spans.index((first, last))],
        )  # fmt: skip

    together(part, spans, tell)
    return np.asarray(found.sum(axis=0))
