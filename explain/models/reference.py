"""The reference rows of a package: what the model learned from, with what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from explain.types import Flags, Floats, Ints, Schema


@dataclass(frozen=True)
class Reference:
    """`frame` (m, p) raw columns; `outcomes` (m,) known outcome (class index, or target value; NaN unknown);
    `held_out` (m,) rows that the model was not trained on: only those may calibrate its confidence.
    """

    frame: pd.DataFrame
    schema: Schema
    outcomes: Floats
    held_out: Flags
    _scaled: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.frame)

    def nearest(self, row: pd.DataFrame, columns: list[str] | None = None, most: int = 25) -> tuple[Ints, Floats]:
        """Positions (most,) of the reference rows nearest to a one-row frame, and their distances, nearest first.

        The distance is Gower's (1971): the mean over `columns` (all by default) of |difference| / (95 % range) for
        numbers, capped at 1, and 0 or 1 for categories; a missing value differs from any other. Ties keep file order.
        """
        import numpy as np

        names = self.schema.names if columns is None else columns
        total = np.zeros(len(self))
        for name in names:
            total += self._distance(name, row[name].iloc[0])
        distance = total / max(len(names), 1)
        order = np.argsort(distance, kind="stable")[:most]
        return order.astype(np.int64), distance[order]

    def _distance(self, name: str, value: object) -> Floats:
        import numpy as np

        if self.schema[name].kind == "category":
            codes, known = self._categories(name)
            return np.asarray(codes != known.get("" if value is None else str(value), -1), dtype=np.float64)
        cells, spread = self._numbers(name)
        if value != value:
            return np.where(np.isnan(cells), 0.0, 1.0)
        gaps = np.minimum(np.abs(cells - float(value)) / spread, 1.0)  # type: ignore[arg-type]  # a number column
        return np.asarray(np.nan_to_num(gaps, nan=1.0), dtype=np.float64)

    def _numbers(self, name: str) -> tuple[Floats, float]:
        import numpy as np

        if name not in self._scaled:
            cells = self.frame[name].to_numpy(dtype=np.float64)
            known = cells[~np.isnan(cells)]
            low, high = np.quantile(known, [0.025, 0.975]) if known.size else (0.0, 1.0)
            self._scaled[name] = (cells, float(high - low) or 1.0)
        return self._scaled[name]  # type: ignore[return-value]  # one dict holds both shapes

    def _categories(self, name: str) -> tuple[Ints, dict[str, int]]:
        import pandas as pd

        if name not in self._scaled:
            codes, known = pd.factorize(self.frame[name].fillna("").astype(str).to_numpy(dtype=object))
            self._scaled[name] = (codes, {text: code for code, text in enumerate(known)})
        return self._scaled[name]  # type: ignore[return-value]  # one dict holds both shapes
