"""Which rows a picture draws, where it cannot draw them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.types import Ints

MOST_POINTS = 2_000
"""Points a picture draws at most: more only hide each other, and the browser stays quick."""


def sample(rows: int, most: int = MOST_POINTS, seed: int = 0) -> Ints:
    """A seeded random sample of row positions, in order; all of them when they are few."""
    import numpy as np

    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
