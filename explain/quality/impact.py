"""The price of a warning: what the score would be with the cell repaired, or with values of similar cases in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain.models.predict import predicted
from explain.quality.catalog import sureness

if TYPE_CHECKING:
    from explain.models import Package
    from explain.types import Column, DataWarning, Flags, Floats, Ints, Prediction, Progress, Table

DRAWS = 25
"""Similar reference rows that lend their values: the 10 to 90 % range over them leaves out two on each side."""
RANGE = (0.1, 0.9)
BLOCK = 2_000
"""Warned rows priced in one go: 2,000 x 25 rows are one block for the runtime."""


@dataclass(frozen=True)
class Doubt:
    """What warnings make of the warned `rows` (m,): `scores` (m, DRAWS, k) with all warned cells of the row replaced
    by those of similar cases, `sureness` (m,) of the surest alarm.
    """

    rows: Ints
    scores: Floats
    sureness: Floats


@dataclass(frozen=True)
class _Flagged:
    """The warned `rows` (m,), which of their `cells` (m, p) are warned of, how sure the surest alarm of each row is,
    and the reference rows `near` (m, draws) to each in its other columns.
    """

    rows: Ints
    cells: Flags
    sureness: Floats
    near: Ints


def has_price(warning: DataWarning) -> bool:
    """Whether a warning is about cells that may be wrong: what merely informs, or was repaired, has no price."""
    return warning.severity != "info" and not warning.whole_column and warning.column != ""


def price(
    model: Package,
    table: Table,
    prediction: Prediction,
    warnings: tuple[DataWarning, ...],
    progress: Progress | None = None,
) -> tuple[tuple[DataWarning, ...], Doubt]:
    """The same warnings with their prices, and the doubt they cast on each warned row."""
    import numpy as np

    flagged = _flagged(model, table, warnings)
    doubted = _scores(model, table, flagged, np.arange(len(flagged.rows)), flagged.cells, progress)
    alone = flagged.cells.sum(axis=1) == 1
    priced = []
    for done, warning in enumerate(warnings):
        if progress:
            progress(0.5 + done / len(warnings) / 2, "Working out what faults change")
        if not has_price(warning):
            priced.append(warning)
            continue
        at = np.searchsorted(flagged.rows, warning.rows)
        scores = doubted[at]
        more = np.flatnonzero(~alone[at])
        if len(more):
            cells = np.zeros((len(more), len(model.schema)), dtype=bool)
            cells[:, model.schema.names.index(warning.column)] = True
            scores[more] = _scores(model, table, flagged, at[more], cells)
        priced.append(_priced(model, table, prediction, warning, scores))
    return tuple(priced), Doubt(flagged.rows, doubted, flagged.sureness)


def _flagged(model: Package, table: Table, warnings: tuple[DataWarning, ...]) -> _Flagged:
    import numpy as np

    place = {name: at for at, name in enumerate(model.schema.names)}
    counted = [warning for warning in warnings if has_price(warning)]
    rows = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(warning.rows for warning in counted)]))
    cells = np.zeros((len(rows), len(model.schema)), dtype=bool)
    sure = np.zeros(len(rows))
    for warning in counted:
        at = np.searchsorted(rows, warning.rows)
        cells[at, place[warning.column]] = True
        np.maximum.at(sure, at, sureness(warning))
    near = model.reference.near(table.cells.take(rows), ~cells, min(DRAWS, len(model.reference)))
    return _Flagged(rows, cells, sure, near)


def _scores(
    model: Package,
    table: Table,
    flagged: _Flagged,
    picked: Ints,
    cells: Flags,
    progress: Progress | None = None,
) -> Floats:
    """(q, draws, k) scores of the `picked` (q,) of the flagged rows, their `cells` (q, p) lent by near rows in turn."""
    import numpy as np

    draws = flagged.near.shape[1]
    parts = [np.zeros((0, draws, len(model.info.outputs)))]
    for at in range(0, len(picked), BLOCK):
        if progress:
            progress(at / len(picked) / 2, "Working out what faults change")
        block = picked[at : at + BLOCK]
        rows = table.cells.take(flagged.rows[block])
        lent = model.reference.lent(rows, cells[at : at + BLOCK], flagged.near[block])
        parts.append(model.score(lent).reshape(len(block), draws, -1))
    return np.concatenate(parts)


def _priced(model: Package, table: Table, prediction: Prediction, warning: DataWarning, scores: Floats) -> DataWarning:
    """With the price of each cell, from its `scores` (m, draws, k) with lent values."""
    import numpy as np

    shown = prediction.shown[warning.rows]
    drawn = np.take_along_axis(scores, shown[:, None, None], axis=2)[:, :, 0]
    now = prediction.scores[warning.rows, shown]
    repaired = np.median(drawn, axis=1)
    fixed = [at for at, fix in enumerate(warning.suggestion) if fix is not None]
    if fixed:
        cells = table.cells.take(warning.rows[fixed])
        texts = [warning.suggestion[at] for at in fixed]
        cells = cells.put(warning.column, slice(None), _as_cells(texts, model.schema[warning.column]))
        repaired[fixed] = model.score(cells)[np.arange(len(fixed)), shown[fixed]]
    low, high = np.quantile(drawn, RANGE, axis=1)
    flips = None
    if model.info.task != "regression":
        turned = predicted(model.info.cut, scores) != prediction.chosen[warning.rows, None]
        flips = turned.sum(axis=1).astype(np.int64)
    return replace(
        warning, repaired=repaired, impact=repaired - now, impact_low=low - now, impact_high=high - now, flips=flips
    )


def _as_cells(texts: list[str | None], column: Column) -> Floats | list[str | None]:
    import numpy as np

    return np.array([float(text or "nan") for text in texts]) if column.kind == "number" else texts
