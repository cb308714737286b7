"""How far the uploaded columns differ from the reference, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.quality.profile import as_float32

if TYPE_CHECKING:
    import pandas as pd

    from explain.types import Column, Floats, Schema

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


def drift(uploaded: pd.DataFrame, reference: pd.DataFrame, schema: Schema) -> tuple[Drift, ...]:
    """One Drift a column, in schema order."""
    some = uploaded.iloc[:: max(1, len(uploaded) // SEEN)]
    return tuple(_drift(uploaded[item.name], some[item.name], reference[item.name], item) for item in schema)


def _drift(uploaded: pd.Series, some: pd.Series, reference: pd.Series, column: Column) -> Drift:
    new, old = some.dropna(), reference.dropna()
    if new.empty or old.empty:
        apart, chance = (0.0, 1.0) if new.empty == old.empty else (1.0, 0.0)
    elif column.kind == "category":
        apart, chance = _categories_apart(new, old)
    else:
        apart, chance = _numbers_apart(new, old)
    return Drift(
        column=column.name,
        distance=apart,
        chance=chance,
        missing=float(uploaded.isna().mean()) if len(uploaded) else 0.0,
        reference_missing=float(reference.isna().mean()),
        enough_rows=len(uploaded) >= LEAST_ROWS,
    )


def _numbers_apart(new: pd.Series, old: pd.Series) -> tuple[float, float]:
    import numpy as np
    from scipy.special import kolmogorov

    # as float32: reference rows may have gone through it
    a, b = (as_float32(np.sort(cells.to_numpy(dtype=np.float64))) for cells in (new, old))
    apart = distance(a, b)
    return apart, float(kolmogorov(np.sqrt(len(a) * len(b) / (len(a) + len(b))) * apart))


def distance(a: Floats, b: Floats) -> float:
    """Kolmogorov and Smirnov's: the largest difference of the cumulative shares of two sorted samples."""
    import numpy as np

    points = np.concatenate([a, b])
    below = np.searchsorted(a, points, side="right") / len(a) - np.searchsorted(b, points, side="right") / len(b)
    return float(np.abs(below).max())


def _categories_apart(new: pd.Series, old: pd.Series) -> tuple[float, float]:
    import numpy as np
    import pandas as pd
    from scipy.special import chdtrc

    counts = pd.concat([new.value_counts(), old.value_counts()], axis=1).fillna(0).to_numpy(dtype=np.float64)
    shares = counts / counts.sum(axis=0)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    squares = float(((counts - expected) ** 2 / expected).sum())
    chance = float(chdtrc(len(counts) - 1, squares)) if len(counts) > 1 else 1.0
    return float(np.abs(shares[:, 0] - shares[:, 1]).sum() / 2), chance
