"""On what terms past cases speak for uploaded rows: by cohort, weighted, or not at all."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import ColumnsError
from explain.types import Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from explain.models import Package
    from explain.types import Confidence, Floats, Ints, Labels, Table


@dataclass(frozen=True)
class Terms:
    """`cohorts` are the labels of `cohort`, a column, for rows (n,) and past cases (m,): each is judged by its own.

    With `weights` past cases count by how much more often rows like them come up now. `withdrawn` says in a sentence
    why past cases do not speak for these rows, "" where they do.
    """

    cohort: str = ""
    cohorts: tuple[Labels, Labels] | None = None
    weights: Weights | None = None
    withdrawn: str = ""

    def only(self, rows: Ints) -> Terms:
        """The terms of some rows, any of them more than once."""
        cohorts = None if self.cohorts is None else (self.cohorts[0][rows], self.cohorts[1])
        weights = None if self.weights is None else Weights(self.weights.past, self.weights.rows[rows])
        return Terms(self.cohort, cohorts, weights, self.withdrawn)

    @property
    def past_cohorts(self) -> Labels | None:
        """Labels of the past cases (m,)."""
        return None if self.cohorts is None else self.cohorts[1]

    @property
    def past_weights(self) -> Floats | None:
        """Weights of the past cases (m,)."""
        return None if self.weights is None else self.weights.past

    @property
    def own_weights(self) -> Floats | None:
        """Weights of the rows (n,)."""
        return None if self.weights is None else self.weights.rows


def cohorts_of(model: Package, table: Table, column: str) -> tuple[Labels, Labels] | None:
    """The labels of a column for the rows of a table (n,) and for the calibration rows (m,); None for no column.

    It is one of the model's columns, or one beside the data in both the upload and the package's reference rows;
    ColumnsError where it is not, and for models of values, which have no outcomes to judge by cohort.
    """
    import numpy as np

    if not column:
        return None
    if model.info.task == "regression":
        raise ColumnsError("Cohorts are for models of outcomes; this one predicts a value. Leave them out.", (), {})
    reference = model.reference
    usable = reference.held_out & np.isfinite(reference.outcomes)
    if column in model.schema.names:
        return table.cells.objects(column), reference.cells.objects(column)[usable]
    past = _beside(model, column)
    if column not in table.context or past is None:
        where = "the uploaded table" if column not in table.context else "the package's reference rows"
        known = ", ".join(model.schema.names[:10])
        raise ColumnsError(
            f"There is no column '{column}' in {where} to make cohorts by. The model's: {known}.", (), {}
        )
    return _texts(table.context[column]), _texts(past)[usable]


def terms_again(model: Package, kept: Confidence, table: Table, rows: Sequence[int]) -> Terms:
    """The terms of a review for `rows` of it, whose cells may be others in `table`; their weights stay."""
    weights = None if kept.weights is None else Weights(kept.weights.past, kept.weights.rows[list(rows)])
    return Terms(kept.cohort, cohorts_of(model, table, kept.cohort), weights, kept.withdrawn)


def _beside(model: Package, column: str) -> pd.Series | None:
    """A column of reference.parquet that the model does not take; None where there is none."""
    import pandas as pd
    import pyarrow.parquet as pq

    content = model.files["reference.parquet"]
    if column not in pq.read_schema(io.BytesIO(content)).names:
        return None
    return pd.read_parquet(io.BytesIO(content), columns=[column])[column]


def _texts(values: pd.Series) -> Labels:
    """(n,) cells as text, None for blanks: the upload's are text, the package's of any type (2.0 is the text 2)."""
    import numpy as np
    import pandas as pd

    cells = ["" if pd.isna(cell) else f"{cell:.15g}" if isinstance(cell, float) else str(cell) for cell in values]
    return np.array([cell.strip() or None for cell in cells], dtype=object)
