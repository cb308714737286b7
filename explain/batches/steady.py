"""A package whose scores do not hang on how many rows are scored at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.models.package import Package
from explain.types import as_cells

if TYPE_CHECKING:
    import pandas as pd

    from explain.types import Cells, Floats

LEAST = 128
"""Rows at least that are scored at once: of 50 and fewer ONNX Runtime adds up trees in another order, which changes the
last digit; twice that and some to be safe."""


@dataclass(frozen=True, eq=True)
class Steady(Package):
    """A package that scores few rows together with repetitions of them."""

    def __hash__(self) -> int:
        return super().__hash__()

    def score(self, rows: pd.DataFrame | Cells) -> Floats:
        """(n, p) raw columns -> (n, k) probabilities, or (n, 1) target values."""
        import numpy as np

        cells = as_cells(rows, self.schema)
        count = len(cells)
        if not 0 < count < LEAST:
            return super().score(cells)
        return super().score(cells.take(np.resize(np.arange(count), LEAST)))[:count]


def steady(model: Package) -> Steady:
    """The same package, scoring so."""
    return Steady(model.card, model.files, model.path)
