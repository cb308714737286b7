"""Rows and what is known of them -> a forest: trees at random, which are averaged, or boosted ones, which add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from explain.forests.forest import Forest
from explain.parallel import together

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explain.forests.forest import Rows
    from explain.types import Flags, Floats, Ints

MOST_EDGES = 254
"""Places at which a column can be cut: codes of a byte, of which one is that of blanks."""


class Tree(NamedTuple):
    """As `grow` gives it: nodes, the answers of the leaves (l, k), and the first and last row of each (l, 2)."""

    feature: Ints
    threshold: Floats
    low: Ints
    high: Ints
    blank_low: Flags
    answers: Floats
    spans: Ints


class Growth(NamedTuple):
    """How trees grow: `least` rows a leaf, `tried` columns a split, `most` leaves, at `random` places or the best."""

    least: int
    tried: int
    most: int = 1 << 30
    random: bool = False


@dataclass(frozen=True)
class Coded:
    """Columns as codes (f, n), in the order of their values, and the values between two codes (f, e)."""

    codes: npt.NDArray[np.uint8]
    edges: Floats

    def __len__(self) -> int:
        return int(self.codes.shape[1])


def coded(rows: Rows) -> Coded:
    """(n, f) rows, NaN for blanks; of columns with more than 255 values, cut where equally many lie between."""
    import numpy as np

    from explain.forests.grow import BLANK

    count, features = rows.shape
    codes = np.full((features, count), BLANK, dtype=np.uint8)
    edges = np.full((features, MOST_EDGES), np.inf)
    for at in range(features):
        cells = rows[:, at].astype(np.float64)
        known = ~np.isnan(cells)
        values = np.unique(cells[known])
        cuts = _edges(np.sort(cells[known]), values)
        codes[at, known] = np.searchsorted(cuts, cells[known], side="left")
        edges[at, : len(cuts)] = cuts
    return Coded(codes, edges)


def _edges(ordered: Floats, values: Floats) -> Floats:
    """Where a column is cut, halfway between two of its distinct `values`."""
    import numpy as np

    between = (values[:-1] + values[1:]) / 2
    if len(between) <= MOST_EDGES:
        return between
    at = ordered[np.arange(1, MOST_EDGES + 1) * len(ordered) // (MOST_EDGES + 1)]
    return np.asarray(between[np.unique(np.clip(np.searchsorted(values, at), 1, len(between))) - 1])


class Known(NamedTuple):
    """What is known of n rows: targets (n, k), or labels (n, 1) of so many `classes`; how much each counts (n,)."""

    values: Floats
    weights: Floats
    classes: int = 0


def grow_tree(data: Coded, known: Known, rows: Ints, growth: Growth, seed: int) -> Tree:
    """One tree over `rows` (m,), with repeats, which are put in the order of its leaves."""
    import numpy as np

    from explain.forests.grow import grow

    # the state of an xorshift must not be nothing; one multiplication parts the states of seeds in a row
    state = np.array([2 * seed + 1], dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return Tree(*grow(data.codes, data.edges, *known, rows, *growth, state))


def averaged(trees: list[Tree]) -> Forest:
    """The mean of trees."""
    return _together(trees, 1 / len(trees))


def added_up(trees: list[Tree], rate: float) -> Forest:
    """The sum of trees, each by `rate`."""
    return _together(trees, rate)


def _together(trees: list[Tree], factor: float) -> Forest:
    import numpy as np

    nodes = np.cumsum([0, *(len(tree.feature) for tree in trees)])[:-1]
    leaves = np.cumsum([0, *(len(tree.answers) for tree in trees)])[:-1]
    return Forest(
        roots=nodes.astype(np.int64),
        feature=np.concatenate([tree.feature for tree in trees]),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        low=np.concatenate([
            tree.low + np.where(tree.feature >= 0, node, leaf)
            for tree, node, leaf in zip(trees, nodes, leaves, strict=True)
        ]),
        high=np.concatenate([tree.high + node for tree, node in zip(trees, nodes, strict=True)]),
        blank_low=np.concatenate([tree.blank_low for tree in trees]),
        answers=(np.concatenate([tree.answers for tree in trees]) * factor).astype(np.float32),
    )  # fmt: skip


def grown(
    rows: Rows, values: Floats, growth: Growth, *, trees: int, classes: int = 0, seed: int = 0
) -> tuple[list[Tree], Floats]:
    """Trees of a random forest (Breiman 2001), each over as many rows drawn with repeats, and what those that did not
    draw a row foretell of it (n, k); 0 where every tree drew it.

    `rows` (n, f), `values` (n, k) targets, or labels (n, 1) of so many `classes`.
    """
    import numpy as np

    count, data = len(rows), coded(rows)
    known = Known(values, np.ones(count), classes)

    def one(at: int, _end: int) -> tuple[Tree, Flags, Floats]:
        drawn = np.random.default_rng([seed, at]).integers(0, count, count)
        left_out = np.ones(count, dtype=bool)
        left_out[drawn] = False
        tree = grow_tree(data, known, drawn, growth, _seed(seed, at))
        return tree, left_out, averaged([tree])(rows[left_out])

    made = together(one, [(at, at + 1) for at in range(trees)])
    foretold, votes = np.zeros((count, classes or values.shape[1])), np.zeros(count)
    for _, left_out, said in made:
        foretold[left_out] += said
        votes[left_out] += 1
    return [tree for tree, _, _ in made], foretold / np.maximum(votes, 1)[:, None]


def boosted(
    data: Coded, labels: Flags, rows: Ints, growth: Growth, *, rounds: int, rate: float
) -> tuple[Forest, float]:
    """Boosted trees that tell the `labels` (n,) of `rows` (m,) apart: log-odds (n, 1), to which the number is added.

    Each tree is a step of Newton's down the slope of the log loss (Friedman 2001), shortened to `rate`.
    """
    import numpy as np

    truth = labels.astype(np.float64)
    share = float(truth[rows].mean())
    start = float(np.log(share / (1 - share)))
    odds = np.full(len(data), start)
    trees = []
    for at in range(rounds):
        chance = 1 / (1 + np.exp(-odds))
        own = rows.copy()
        tree = grow_tree(data, Known((truth - chance)[:, None], chance * (1 - chance)), own, growth, at)
        for (first, last), answer in zip(tree.spans.tolist(), tree.answers[:, 0].tolist(), strict=True):
            odds[own[first:last]] += rate * answer
        trees.append(tree)
    return added_up(trees, rate), start


def _seed(seed: int, at: int) -> int:
    return seed * 65_537 + at
