"""Shapley values of any model from its scores alone: every coalition for few columns, some of them for many.

A design says which coalitions are run, and how their scores become shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb, factorial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from explain.types import Flags, Floats

MOST_EXACT = 12
"""Columns up to which all 2^p coalitions are run: 4,096 of them, the most that a person would wait for row by row."""
BACKGROUND = 100
"""Background rows that stand for the reference; each coalition is run once with every one of them."""
PER_COLUMN = 8
"""Coalitions a column for each background row that a design has room for."""
MOST_NUMBERS = 8_000_000
"""Numbers in a design: for very many columns fewer background rows are taken. 64 MB."""
LISTED = 5_000
"""Coalitions of one size that are listed to draw from them without repeats; of more, repeats are rare."""


@dataclass(frozen=True)
class Design:
    """`coalitions` (a, c, p) are run with background row 1 to b; a is b, or 1 where all rows share them.

    The first is empty, the second whole. `weights` (a, p, c) turn scores into shares. Where `sampled`, the others
    stand in pairs that complete each other.
    """

    coalitions: Flags
    weights: Floats
    sampled: bool


def background_size(columns: int) -> int:
    """How many background rows a design for that many columns takes."""
    if columns <= MOST_EXACT:
        return BACKGROUND
    return max(10, min(BACKGROUND, MOST_NUMBERS // (PER_COLUMN * (columns + 1) * columns)))


def every_coalition(columns: int) -> Design:
    """The definition: the mean gain of joining, over all orders of joining."""
    import numpy as np

    every = np.arange(1 << columns)
    # the empty and the whole coalition stand first, as in every design
    every = np.concatenate([every[:1], every[-1:], every[1:-1]])[: len(every)]
    coalitions = (every[:, None] >> np.arange(columns)) & 1 == 1
    sizes = coalitions.sum(axis=1)
    law = [factorial(size) * factorial(columns - size - 1) / factorial(columns) for size in range(columns)]
    joined = np.array([0.0, *law])[sizes]
    left = np.array([*law, 0.0])[sizes]
    return Design(coalitions[None], np.where(coalitions.T, joined, -left)[None], sampled=False)


def sampled_design(columns: int, background: int, size: int, draws: np.random.Generator) -> Design:
    """Paired kernel regression: coalitions of all sizes alike often, each with its complement, none twice.

    Least squares with the Shapley kernel, whose leverage is the same for every size (Musco and Witter 2025, Leverage
    SHAP); small sizes are taken whole. A design of its own for each background row spreads the error of sampling over
    all of them.
    """
    import numpy as np

    counts = _counts(columns, size // 2)
    made = [_one_design(columns, counts, draws) for _ in range(background)]
    return Design(np.stack([item[0] for item in made]), np.stack([item[1] for item in made]), sampled=True)


def _counts(columns: int, pairs: int) -> dict[int, int]:
    """How many pairs of each size: the same number each as far as there are so many."""
    available = {size: comb(columns, size) for size in range(1, (columns - 1) // 2 + 1)}
    # a coalition of half of the columns and its complement are both of that size
    share = dict.fromkeys(available, 1.0)
    if columns % 2 == 0:
        available[columns // 2], share[columns // 2] = comb(columns, columns // 2) // 2, 0.5
    counts = dict.fromkeys(available, 0)
    for at, size in enumerate(available):
        left = sum(share[other] for other in list(available)[at:])
        counts[size] = min(available[size], round(max(0, pairs - sum(counts.values())) * share[size] / left))
    return counts


def _one_design(columns: int, counts: dict[int, int], draws: np.random.Generator) -> tuple[Flags, Floats]:
    """(c, p) coalitions and (p, c) weights."""
    import numpy as np

    half = np.concatenate([_drawn(columns, size, count, draws) for size, count in counts.items()])
    kernel = np.concatenate([
        np.full(count, (0.5 if 2 * size == columns else 1.0) / max(count, 1) / (size * (columns - size)))
        for size, count in counts.items()
    ])  # fmt: skip
    inner = np.stack([half, ~half], axis=1).reshape(-1, columns)
    kernel = np.repeat(kernel, 2)
    sizes = inner.sum(axis=1) / columns
    # all shares together are fixed, so that only their differences from the mean share are fitted
    centred = inner - sizes[:, None]
    weighted = (centred * kernel[:, None]).T
    normal = weighted @ centred
    # nothing pulls all shares the same way, which leaves one direction free: it is held at nothing
    fit = np.linalg.solve(normal + np.trace(normal) / columns**2, weighted)
    whole = 1 / columns - fit @ sizes
    empty = -1 / columns - fit @ (1 - sizes)
    coalitions = np.vstack([np.zeros((1, columns), dtype=bool), np.ones((1, columns), dtype=bool), inner])
    return coalitions, np.column_stack([empty, whole, fit])


def _drawn(columns: int, size: int, count: int, draws: np.random.Generator) -> Flags:
    """(count, p) coalitions of a size; of half of the columns only those with the first, which stand for both."""
    import numpy as np

    first = 2 * size == columns
    pool, wanted = (columns - 1, size - 1) if first else (columns, size)
    found = np.zeros((count, columns), dtype=bool)
    if comb(pool, wanted) <= LISTED:
        listed = np.array(list(combinations(range(pool), wanted)), dtype=np.int64).reshape(-1, wanted)
        chosen = listed[draws.permutation(len(listed))[:count]]
    else:
        chosen = np.argsort(draws.random((count, pool)), axis=1)[:, :wanted]
    np.put_along_axis(found, chosen + int(first), values=True, axis=1)
    found[:, 0] |= first
    return found
