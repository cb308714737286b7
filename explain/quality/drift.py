"""How far the uploaded columns differ from the reference, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from explain.types import Column, Schema

LEAST_ROWS = 100
"""Rows below which differences are mostly chance: the largest of 20 columns then exceeds .2 by luck alone."""
NOTABLE = 0.2
"""Distance from which a shift is worth a word: one row in five would have to change to undo it."""


@dataclass(frozen=True)
class Drift:
    """`distance` between uploaded and reference values of a column, 0 (the same) to 1 (nothing in common).

    Numbers: Kolmogorov and Smirnov's largest difference of the cumulative shares; categories: total variation, half
    the sum of differences of shares. `missing` and `reference_missing` are the shares of blanks.
    """

    column: str
    distance: float
    missing: float
    reference_missing: float
    enough_rows: bool

    @property
    def notable(self) -> bool:
        """Whether the shift is larger than chance would make it, and large enough to matter."""
        return self.enough_rows and self.distance >= NOTABLE


def drift(uploaded: pd.DataFrame, reference: pd.DataFrame, schema: Schema) -> tuple[Drift, ...]:
    """One Drift a column, in schema order."""
    return tuple(
        Drift(
            column=column.name,
            distance=_distance(uploaded[column.name], reference[column.name], column),
            missing=float(uploaded[column.name].isna().mean()) if len(uploaded) else 0.0,
            reference_missing=float(reference[column.name].isna().mean()),
            enough_rows=len(uploaded) >= LEAST_ROWS,
        )
        for column in schema
    )


def _distance(uploaded: pd.Series, reference: pd.Series, column: Column) -> float:
    import numpy as np

    new, old = uploaded.dropna(), reference.dropna()
    if new.empty or old.empty:
        return 0.0 if new.empty == old.empty else 1.0
    if column.kind == "category":
        shares = new.value_counts(normalize=True).sub(old.value_counts(normalize=True), fill_value=0.0)
        return float(shares.abs().sum() / 2)
    a, b = np.sort(new.to_numpy(dtype=float)), np.sort(old.to_numpy(dtype=float))
    points = np.concatenate([a, b])
    below = np.searchsorted(a, points, side="right") / len(a) - np.searchsorted(b, points, side="right") / len(b)
    return float(np.abs(below).max())
