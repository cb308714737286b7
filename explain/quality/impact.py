"""The price of a warning: what the score would be with the cell repaired, or with values of similar cases in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from explain.models import Package
    from explain.types import Column, DataWarning, Floats, Ints, Prediction, Progress, Severity, Table

DRAWS = 25
"""Similar reference rows that lend their values: the 10 to 90 % range over them leaves out two on each side."""
RANGE = (0.1, 0.9)
SURENESS: dict[Severity, float] = {"error": 1.0, "warning": 0.5, "info": 0.1}
"""How sure a warning is that the cell is wrong: errors cannot be right, a rare value often is, a usual blank mostly."""
BLOCK = 2_000
"""Warned rows priced in one go: 2,000 x 25 rows are one block for the runtime."""


@dataclass(frozen=True)
class Doubt:
    """What warnings make of the warned `rows` (m,): `scores` (m, DRAWS, k) with all warned cells of the row replaced
    by those of similar cases, `sureness` (m,) of the worst warning.
    """

    rows: Ints
    scores: Floats
    sureness: Floats


def price(
    model: Package,
    table: Table,
    prediction: Prediction,
    warnings: tuple[DataWarning, ...],
    progress: Progress | None = None,
) -> tuple[tuple[DataWarning, ...], Doubt]:
    """The same warnings with their prices, and the doubt they cast on each warned row."""
    import numpy as np

    flagged = _flagged(warnings)
    rows = np.array(sorted(flagged), dtype=np.int64)
    neighbours = _neighbours(model, table, flagged, rows)
    priced = []
    for done, warning in enumerate(warnings):
        if progress:
            progress(done / len(warnings), "Pricing the warnings")
        priced.append(warning if warning.whole_column else _priced(model, table, prediction, warning, neighbours))
    doubted = _scores(model, table, rows, {row: flagged[row] for row in flagged}, neighbours)
    worst = [max(SURENESS[severity] for severity in flagged[row].values()) for row in rows]
    return tuple(priced), Doubt(rows, doubted, np.array(worst))


def _flagged(warnings: tuple[DataWarning, ...]) -> dict[int, dict[str, Severity]]:
    """Row -> its warned columns and their severity."""
    flagged: dict[int, dict[str, Severity]] = {}
    for warning in warnings:
        for row in warning.rows:
            flagged.setdefault(int(row), {})[warning.column] = warning.severity
    return flagged


def _neighbours(model: Package, table: Table, flagged: dict[int, dict[str, Severity]], rows: Ints) -> dict[int, Ints]:
    """Warned row -> reference rows most like it in its other columns."""
    names = model.schema.names
    most = min(DRAWS, len(model.reference))
    result = {}
    for row in rows:
        others = [name for name in names if name not in flagged[int(row)]]
        result[int(row)] = model.reference.nearest(table.frame.iloc[[int(row)]], others, most)[0]
    return result


def _scores(
    model: Package, table: Table, rows: Ints, cells: dict[int, dict[str, Severity]], neighbours: dict[int, Ints]
) -> Floats:
    """(m, draws, k) scores of rows with `cells` of each taken from its neighbours, one at a time."""
    import numpy as np

    draws = min(DRAWS, len(model.reference))
    parts = [np.zeros((0, draws, len(model.info.outputs)))]
    for at in range(0, len(rows), BLOCK):
        block = rows[at : at + BLOCK]
        frame = table.frame.iloc[np.repeat(block, draws)].reset_index(drop=True)
        lenders = np.concatenate([neighbours[int(row)] for row in block])
        for name in model.schema.names:
            wanted = np.repeat([name in cells[int(row)] for row in block], draws)
            if wanted.any():
                lent = model.reference.frame[name].to_numpy()[lenders]
                frame[name] = np.where(wanted, lent, frame[name].to_numpy())
        parts.append(model.score(frame).reshape(len(block), draws, -1))
    return np.concatenate(parts)


def _priced(
    model: Package, table: Table, prediction: Prediction, warning: DataWarning, neighbours: dict[int, Ints]
) -> DataWarning:
    import numpy as np

    cells: dict[int, dict[str, Severity]] = {int(row): {warning.column: warning.severity} for row in warning.rows}
    scores = _scores(model, table, warning.rows, cells, neighbours)
    shown = prediction.shown[warning.rows]
    drawn = np.take_along_axis(scores, shown[:, None, None], axis=2)[:, :, 0]
    now = prediction.scores[warning.rows, shown]
    repaired = np.median(drawn, axis=1)
    fixed = [at for at, fix in enumerate(warning.suggestion) if fix is not None]
    if fixed:
        frame = table.frame.iloc[warning.rows[fixed]].reset_index(drop=True)
        column = model.schema[warning.column]
        frame[warning.column] = _as_cells([warning.suggestion[at] for at in fixed], column)
        repaired[fixed] = model.score(frame)[np.arange(len(fixed)), shown[fixed]]
    low, high = np.quantile(drawn, RANGE, axis=1)
    return replace(warning, repaired=repaired, impact=repaired - now, impact_low=low - now, impact_high=high - now)


def _as_cells(texts: list[str | None], column: Column) -> pd.Series:
    import pandas as pd

    if column.kind == "number":
        return pd.Series([float(text or "nan") for text in texts], dtype="float64")
    return pd.Series(texts, dtype=object)
