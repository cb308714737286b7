"""A model's scores for raw rows, and which outcome it predicts for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.types import Prediction, as_cells

if TYPE_CHECKING:
    import pandas as pd

    from explain.types import Cells, Cut, Floats, Ints, Model, ModelInfo, Progress

SCORE_BLOCK = 16_384
"""Rows scored between two reports of progress."""


def predict(model: Model, rows: pd.DataFrame | Cells, progress: Progress | None = None) -> Prediction:
    """Score every row of raw columns (n, p); the predicted class is what `predicted` says."""
    import numpy as np

    cells = as_cells(rows, model.schema)
    parts = [np.zeros((0, len(model.info.outputs)))]
    for at in range(0, len(cells), SCORE_BLOCK):
        if progress:
            progress(at / len(cells), "Predicting")
        parts.append(model.score(cells.take(slice(at, at + SCORE_BLOCK))))
    scores = np.concatenate(parts)
    chosen = predicted(model.info.cut, scores)
    return Prediction(scores, chosen, shown_outputs(model.info, chosen))


def predicted(cut: Cut | None, scores: Floats) -> Ints:
    """(..., k) scores -> (...) the predicted output: the likeliest, or what the model's own threshold says."""
    import numpy as np

    if cut is None:
        return np.asarray(scores.argmax(axis=-1), dtype=np.int64)
    return np.where(scores[..., cut.outcome] >= cut.at, cut.outcome, 1 - cut.outcome).astype(np.int64)


def shown_outputs(info: ModelInfo, chosen: Ints) -> Ints:
    """(n,) the output that each row's numbers are about: a binary model's outcome of interest, else the predicted."""
    import numpy as np

    return np.full_like(chosen, info.shown) if info.task == "binary" else chosen
