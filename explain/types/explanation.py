"""Explanation: why each score differs from the base."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import shap

    from explain.types.arrays import Flags, Floats, Ints, Space
    from explain.types.table import Table


_BY_ROW = ("values", "base", "gap", "error", "background_error")


@dataclass(frozen=True)
class Explanation:
    """Why each row's shown score differs from the base.

    `values` (n, p) are contributions of the raw columns, `base` (n,) the starting point, both in `space`;
    `base + values.sum(1)` equals the model's own score up to `gap` (n,), which is measured on every row.
    `error` (n, p) is the standard error from sampling coalitions, None where all were run; `background_error` (n, p)
    the one from taking up to `background_rows` reference rows for all, None where all were taken. `method` says how
    it was done.
    """

    values: Floats
    base: Floats
    space: Space
    method: str
    gap: Floats
    background_rows: int
    error: Floats | None = None
    background_error: Floats | None = None

    @classmethod
    def none(cls, rows: int, columns: int, space: Space) -> Explanation:
        """Of rows whose reasons were not worked out: NaN throughout, by no method."""
        import numpy as np

        return cls(np.full((rows, columns), np.nan), np.full(rows, np.nan), space, "", np.full(rows, np.nan), 0)

    def spread(self, at: Ints, rows: int) -> Explanation:
        """The same as that of some of `rows` rows, at their positions (n,); all others have no reasons."""
        import numpy as np

        def wide(values: Floats | None) -> Floats | None:
            if values is None:
                return None
            found = np.full((rows, *values.shape[1:]), np.nan)
            found[at] = values
            return found

        spread: dict[str, Any] = {
            item.name: wide(getattr(self, item.name)) for item in fields(self) if item.name in _BY_ROW
        }
        return replace(self, **spread)

    @property
    def explained(self) -> Flags:
        """(n,) rows whose reasons were worked out; those without an answer count as such, too."""
        import numpy as np

        return np.asarray(~np.isnan(self.gap))

    @property
    def exact(self) -> bool:
        """Whether no sampling was involved."""
        return self.error is None and self.background_error is None

    def to_shap(self, table: Table | None = None) -> shap.Explanation:
        """The same as a `shap.Explanation`, so that every plot of that library works on it.

        With the `table` that was explained the plots know names and values; categories are numbered for their
        colours and shown in words.
        """
        import shap

        if table is None:
            return shap.Explanation(self.values, self.base)
        numbered = [
            table.frame[column.name].to_numpy(dtype="float64", na_value=float("nan"))
            if column.kind == "number"
            else table.frame[column.name].astype("category").cat.codes.to_numpy(dtype="float64")
            for column in table.schema
        ]
        return shap.Explanation(
            self.values,
            self.base,
            data=[list(cells) for cells in zip(*numbered, strict=True)],
            display_data=table.frame.to_numpy(dtype=object),
            feature_names=[column.title for column in table.schema],
        )
