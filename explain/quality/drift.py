"""How far the uploaded columns differ from the reference, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.quality.profile import as_float32
from explain.types import Codes, as_cells

if TYPE_CHECKING:
    import pandas as pd

    from explain.types import Cells, Column, Floats, Schema

LEAST_ROWS = 100
"""Rows below which differences are mostly chance: the largest of 20 columns then exceeds .2 by luck alone."""
NOTABLE = 0.2
"""Distance from which a shift is worth a word: one row in five would have to change to undo it."""
CHANCE = 0.001
"""Probability at most that chance alone makes the distance: one false shift in 50 uploads of 20 columns."""
SEEN = 20_000
"""Rows looked at, evenly spaced: more tell no more, and take seconds to sort."""


@dataclass(frozen=True)
class Drift:
    """`distance` between uploaded and reference values of a column, 0 (the same) to 1 (nothing in common).

    Numbers: Kolmogorov and Smirnov's largest difference of the cumulative shares; categories: total variation, half
    the sum of differences of shares. `chance` is the probability of such a distance between two samples of one source
    (Kolmogorov and Smirnov's test, or chi-squared). `missing` and `reference_missing` are the shares of blanks.
    """

    column: str
    distance: float
    chance: float
    missing: float
    reference_missing: float
    enough_rows: bool

    @property
    def notable(self) -> bool:
        """Whether the shift is larger than chance would make it, and large enough to matter."""
        return self.enough_rows and self.distance >= NOTABLE and self.chance < CHANCE


def drift(uploaded: pd.DataFrame | Cells, reference: pd.DataFrame | Cells, schema: Schema) -> tuple[Drift, ...]:
    """One Drift a column, in schema order."""
    now, then = as_cells(uploaded, schema), as_cells(reference, schema)
    some = now.take(slice(None, None, max(1, len(now) // SEEN)))
    return tuple(_drift(now, some, then, column) for column in schema)


def _drift(now: Cells, some: Cells, then: Cells, column: Column) -> Drift:
    name = column.name
    new, old = (rows.columns[name][~rows.blank(name)] for rows in (some, then))
    if not len(new) or not len(old):
        apart, chance = (0.0, 1.0) if len(new) == len(old) else (1.0, 0.0)
    elif isinstance(new, Codes) and isinstance(old, Codes):
        apart, chance = _categories_apart(new, old)
    else:
        apart, chance = _numbers_apart(some.numbers(name)[~some.blank(name)], then.numbers(name)[~then.blank(name)])
    return Drift(
        column=name,
        distance=apart,
        chance=chance,
        missing=float(now.blank(name).mean()) if len(now) else 0.0,
        reference_missing=float(then.blank(name).mean()),
        enough_rows=len(now) >= LEAST_ROWS,
    )


def _numbers_apart(new: Floats, old: Floats) -> tuple[float, float]:
    import numpy as np
    from scipy.special import kolmogorov

    # as float32: reference rows may have gone through it
    a, b = (as_float32(np.sort(cells)) for cells in (new, old))
    apart = distance(a, b)
    return apart, float(kolmogorov(np.sqrt(len(a) * len(b) / (len(a) + len(b))) * apart))


def distance(a: Floats, b: Floats) -> float:
    """Kolmogorov and Smirnov's: the largest difference of the cumulative shares of two sorted samples."""
    import numpy as np

    points = np.concatenate([a, b])
    below = np.searchsorted(a, points, side="right") / len(a) - np.searchsorted(b, points, side="right") / len(b)
    return float(np.abs(below).max())


def _categories_apart(new: Codes, old: Codes) -> tuple[float, float]:
    import numpy as np
    from scipy.special import chdtrc

    words = tuple(dict.fromkeys([*new.words, *old.words]))
    both = [np.bincount(cells.among(words), minlength=len(words)) for cells in (new, old)]
    counts = np.stack(both, axis=1).astype(np.float64)
    counts = counts[counts.sum(axis=1) > 0]
    shares = counts / counts.sum(axis=0)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    squares = float(((counts - expected) ** 2 / expected).sum())
    chance = float(chdtrc(len(counts) - 1, squares)) if len(counts) > 1 else 1.0
    return float(np.abs(shares[:, 0] - shares[:, 1]).sum() / 2), chance
