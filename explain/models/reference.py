"""The reference rows of a package: what the model learned from, with what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from explain.types import Codes, as_cells, cells_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from explain.types import Cells, Flags, Floats, Ints, Schema

BLOCK = 2_000_000
"""Distances held at once: 8 MB."""


@dataclass(frozen=True)
class Reference:
    """`frame` (m, p) raw columns; `outcomes` (m,) known outcome (class index, or target value; NaN unknown);
    `held_out` (m,) rows that the model was not trained on: only those may calibrate its confidence.
    """

    frame: pd.DataFrame
    schema: Schema
    outcomes: Floats
    held_out: Flags
    _scaled: dict[str, tuple[npt.NDArray[np.float32], float]] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def cells(self) -> Cells:
        """The raw columns as arrays."""
        return cells_of(self.frame, self.schema)

    def nearest(
        self, row: pd.DataFrame | Cells, columns: list[str] | None = None, most: int = 25
    ) -> tuple[Ints, Floats]:
        """Positions (most,) of the reference rows nearest to a one-row frame, and their distances, nearest first.

        The distance is Gower's (1971): the mean over `columns` (all by default) of |difference| / (95 % range) for
        numbers, capped at 1, and 0 or 1 for categories; a missing value differs from any other. Ties keep file order.
        """
        import numpy as np

        names = self.schema.names
        counted = np.array([[columns is None or name in columns for name in names]])
        distance = self._distances(as_cells(row, self.schema), counted)[0]
        order = np.argsort(distance, kind="stable")[:most]
        return order.astype(np.int64), distance[order].astype(np.float64)

    def near(self, rows: Cells, counted: Flags, most: int) -> Ints:
        """(n, most) positions of the reference rows nearest to each of (n, p) rows in its `counted` (n, p) columns."""
        import numpy as np

        found = np.zeros((len(rows), most), dtype=np.int64)
        block = max(1, BLOCK // max(len(self), 1))
        for at in range(0, len(rows), block):
            distance = self._distances(rows.take(slice(at, at + block)), counted[at : at + block])
            furthest = np.partition(distance, most - 1, axis=1)[:, most - 1] if most else np.zeros(0)
            for row, (own, last) in enumerate(zip(distance, furthest, strict=False), start=at):
                # only those that are near enough are put in order; ties keep file order
                near = np.flatnonzero(own <= last)
                found[row] = near[np.argsort(own[near], kind="stable")][:most]
        return found

    def lent(self, rows: Cells, cells: Flags, lenders: Ints) -> Cells:
        """(n x draws, p): each of (n, p) rows once for each of its `lenders` (n, draws), whose values its `cells` take.

        Lenders are positions of reference rows, `cells` (n, p) says which.
        """
        import numpy as np

        draws = lenders.shape[1]
        found = rows.take(np.repeat(np.arange(len(rows)), draws))
        for at, name in enumerate(self.schema.names):
            wanted = np.repeat(cells[:, at], draws)
            if wanted.any():
                given = self.cells.columns[name][lenders.ravel()[wanted]]
                found = found.put(name, wanted, given)
        return found

    def _distances(self, rows: Cells, counted: Flags) -> npt.NDArray[np.float32]:
        """(n, m) distances, the mean over each row's counted columns."""
        import numpy as np

        total = np.zeros((len(rows), len(self)), dtype=np.float32)
        for at, name in enumerate(self.schema.names):
            mine = np.flatnonzero(counted[:, at])
            if len(mine) == len(rows):
                total += self._apart(name, rows.columns[name])
            elif len(mine):
                total[mine] += self._apart(name, rows.columns[name][mine])
        return np.asarray(total / np.maximum(counted.sum(axis=1), 1).astype(np.float32)[:, None], dtype=np.float32)

    def _apart(self, name: str, cells: Floats | Codes) -> npt.NDArray[np.float32]:
        """(n, m) distances of cells of one column to those of the reference."""
        import numpy as np

        own = self.cells.columns[name]
        if isinstance(cells, Codes) and isinstance(own, Codes):
            return np.asarray(own.places != cells.among(own.words)[:, None], dtype=np.float32)
        past, spread = self._numbers(name)
        mine = np.asarray(cells, dtype=np.float64)
        gaps = np.abs(past - (mine / spread).astype(np.float32)[:, None])
        np.minimum(gaps, 1.0, out=gaps)
        if np.isnan(past).any() or np.isnan(mine).any():
            both = np.isnan(past) & np.isnan(mine)[:, None]
            gaps[np.isnan(gaps)] = 1.0
            gaps[both] = 0.0
        return np.asarray(gaps, dtype=np.float32)

    def _numbers(self, name: str) -> tuple[npt.NDArray[np.float32], float]:
        """A number column in units of its spread, and that spread."""
        import numpy as np

        if name not in self._scaled:
            cells = self.cells.numbers(name)
            known = cells[~np.isnan(cells)]
            low, high = np.quantile(known, [0.025, 0.975]) if known.size else (0.0, 1.0)
            spread = float(high - low) or 1.0
            self._scaled[name] = ((cells / spread).astype(np.float32), spread)
        return self._scaled[name]
