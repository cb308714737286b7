"""Trees with linear models in their leaves: a leaf is a line only where none of its features is blank."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from explain.models.boosters.forest import AT_MOST, LEAF

if TYPE_CHECKING:
    from explain.models.boosters.forest import Nodes
    from explain.types import Floats


def chained(tree: Nodes, asked: list[list[int]], usual: Floats, blank: Floats) -> Nodes:
    """The tree with, in front of each leaf, a question for each of its features whether it is there.

    Where all are, the leaf adds `usual` (leaves,), else `blank` (leaves,).
    """
    import numpy as np

    inner = len(asked) - 1
    rows: list[tuple[int, float, int, int, float]] = []  # feature, bound, true, false, weight
    start = inner
    places = []
    for leaf, own in enumerate(asked):
        places.append(start)
        for one in own:
            rows.append((one, math.inf, start + 2, start + 1, 0.0))
            rows.append((LEAF, 0.0, -1, -1, float(blank[leaf])))
            start += 2
        rows.append((LEAF, 0.0, -1, -1, float(usual[leaf])))
        start += 1
    moved = np.array([*range(inner), *places], dtype=np.int64)
    feature, bound, true, false, weight = (np.array(part) for part in zip(*rows, strict=True))
    count = inner + len(rows)
    more = np.zeros(len(rows), dtype=np.int64)
    return replace(
        tree,
        feature=np.concatenate([tree.feature[:inner], feature]),
        comparison=np.concatenate([tree.comparison[:inner], more + AT_MOST]),
        bound=np.concatenate([tree.bound[:inner], bound]),
        true=np.concatenate([moved[tree.true[:inner]], true]),
        false=np.concatenate([moved[tree.false[:inner]], false]),
        missing_true=np.concatenate([tree.missing_true[:inner], more > 0]),
        zero_missing=np.concatenate([tree.zero_missing[:inner], more > 0]),
        weight=np.concatenate([np.zeros(inner), weight]),
        target=np.full(count, tree.target[0]),
        roots=moved[tree.roots],
    )
