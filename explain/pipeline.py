"""The one road: Table + Model -> Decisions. Read `review` to know what Whysure does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import explain
from explain.attributions import explainer_for
from explain.confidence import assess, calibration_of, temper
from explain.confidence.assess import LEVEL
from explain.decisions import Decisions
from explain.models.predict import predict
from explain.quality import Doubt, check, price
from explain.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

    from explain.confidence import Calibration
    from explain.models import Package
    from explain.types import Confidence, Floats, Prediction, Progress, Table


def review(
    table: Table | pd.DataFrame,
    model: Package,
    progress: Progress | None = None,
    level: float = LEVEL,
) -> Decisions:
    """Check, predict, explain and assess every row of a table.

    `progress(share, doing)` is called along the way and may raise CancelledError; `level` is that of the plausible
    sets or intervals. Same input, same numbers.
    """
    from explain.types import Table as TableType

    started = time.perf_counter()
    tell = progress or _silent
    if not isinstance(table, TableType):
        table = read_table(table, model.schema)
    warnings = check(table)
    prediction = predict(model, table.frame, _part(tell, 0.0, 0.2))
    explainer = explainer_for(model, _part(tell, 0.2, 0.4), len(table))
    explanation = explainer.explain(table.frame, prediction, _part(tell, 0.4, 0.7))
    calibration = calibration_of(model)
    confidence = assess(prediction, calibration, level)
    warnings, doubt = price(model, table, prediction, warnings, _part(tell, 0.7, 1.0))
    confidence = _tempered(confidence, prediction, doubt, calibration)
    run = {"version": explain.__version__, "level": level, "seconds": round(time.perf_counter() - started, 3)}
    tell(1.0, "Done")
    return Decisions(model.info, table, prediction, explanation, confidence, warnings, run)


def _tempered(confidence: Confidence, prediction: Prediction, doubt: Doubt, calibration: Calibration) -> Confidence:
    """Confidence lowered by the doubt that warnings cast; unwarned rows keep theirs."""
    if confidence.honest is None or not len(doubt.rows):
        return confidence
    rows, draws, outputs = doubt.scores.shape
    if calibration.info.task == "regression":
        doubted = _regression_doubt(confidence.honest, prediction, doubt)
    else:
        corrected = calibration.calibrated(doubt.scores.reshape(-1, outputs)).reshape(rows, draws, outputs)
        doubted = corrected[range(rows), :, prediction.chosen[doubt.rows]].mean(axis=1)
    return temper(confidence, doubt.rows, doubted, doubt.sureness)


def _regression_doubt(honest: Floats, prediction: Prediction, doubt: Doubt) -> Floats:
    """Honest share times the share of draws that stay within the tolerance of the prediction."""
    import numpy as np

    from explain.confidence.assess import TOLERANCE

    now = prediction.scores[doubt.rows, 0]
    stays = np.abs(doubt.scores[:, :, 0] - now[:, None]) <= TOLERANCE * np.abs(now)[:, None]
    return np.asarray(honest[doubt.rows] * stays.mean(axis=1))


def _silent(share: float, doing: str) -> None:
    """Nobody watches."""


def _part(tell: Progress, start: float, end: float) -> Progress:
    """A progress callback for one stage of the whole."""
    return lambda share, doing: tell(start + (end - start) * share, doing)
