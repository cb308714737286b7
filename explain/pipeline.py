"""The one road: Table + Model -> Decisions. Read `review` to know what Whysure does."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import explain
from explain import words
from explain.attributions import explainer_for
from explain.attributions.explainer import space_of, telling
from explain.confidence import (
    Terms,
    Weights,
    assess,
    calibration_of,
    cohorts_of,
    p_values_of,
    shift,
    temper,
    widen_ranges,
    widen_sets,
)
from explain.confidence.assess import LEVEL, USUAL
from explain.decisions import Decisions, runs
from explain.models import load_model
from explain.models.catalog import sample_uploads
from explain.models.predict import predict, predicted
from explain.quality import Doubt, check, expected_of, price, profile_of
from explain.quality.catalog import flag_whole
from explain.quality.outcomes import outcome_checks, uploaded_outcomes
from explain.quality.unlikely import MOST_ROWS
from explain.tables import read_table
from explain.types import Explanation

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from explain.confidence import Calibration
    from explain.models import Package
    from explain.quality import Whole
    from explain.types import Confidence, DataWarning, Floats, Ints, Prediction, Progress, Table


LEARNING = "Learning what goes together"
ENDS = {
    LEARNING: 0.1,
    "Predicting": 0.2,
    "Working out what faults change": 0.5,
    "Getting the model ready": 0.7,
    "Working out the reasons": 1.0,
}
"""The steps of a review that tell how far they are, and the share of the whole at which each ends."""


def end_of(doing: str) -> float | None:
    """The share of the whole at which a step ends, by the words that it is told with; None for words of no step."""
    return next((end for step, end in ENDS.items() if doing.endswith(step)), None)


def review(
    table: Table | pd.DataFrame,
    model: Package,
    progress: Progress | None = None,
    level: float = LEVEL,
    *,
    cohort: str = "",
    weighted: bool = False,
) -> Decisions:
    """Check, predict, explain and assess every row of a table.

    `progress(share, doing)` is called along the way and may raise CancelledError; `level` is that of the plausible
    sets or intervals. `cohort` is a column, of the model or beside the data in upload and reference, whose groups of
    100 past cases or more are judged each by its own. `weighted` lets past cases count by how much they are like these
    rows, where the two differ; it takes 200 rows of each. Same input, same numbers.
    """
    from explain.types import Table as TableType

    started = time.perf_counter()
    if not isinstance(table, TableType):
        table = read_table(table, model.schema)
    if progress:
        progress(0.0, "Comparing with past cases")
    terms, differs = terms_of(table, model, cohort, weighted=weighted)
    decisions = decide(table, model, terms, level, progress)
    run = {"version": explain.__version__, "level": level, "seconds": round(time.perf_counter() - started, 3)}
    run |= {"cohort": cohort, "weighted": weighted}
    return replace(decisions, warnings=(*differs, *decisions.warnings), run=run)


def decide(
    table: Table,
    model: Package,
    terms: Terms,
    level: float = LEVEL,
    progress: Progress | None = None,
    *,
    whole: Whole | None = None,
) -> Decisions:
    """The steps of a review, on given terms of what past cases say.

    Some rows of a `whole` table are decided as if the others stood beside them, and nothing is said of columns.
    """
    tell = progress or _silent
    found = decide_without_reasons(table, model, terms, level, tell, whole=whole)
    found = with_reasons(found, model, tell, of=len(table) if whole is None else whole.rows)
    tell(1.0, "Done")
    return found


def decide_without_reasons(
    table: Table,
    model: Package,
    terms: Terms,
    level: float = LEVEL,
    progress: Progress | None = None,
    *,
    whole: Whole | None = None,
) -> Decisions:
    """The same but for the reasons, which hang on nothing but the scores."""
    tell = progress or _silent
    few = (len(table) if whole is None else whole.rows) <= MOST_ROWS
    expected = expected_of(model, telling(_step(tell, LEARNING), LEARNING)) if few else None
    warnings = check(table, profile_of(model), expected, whole)
    prediction = predict(model, table.cells, _step(tell, "Predicting"))
    calibration = calibration_of(model)
    confidence = assess(prediction, calibration, level, table.cells, terms)
    warnings, doubt = price(model, table, prediction, warnings, _step(tell, "Working out what faults change"))
    confidence = _tempered(confidence, prediction, doubt, calibration, terms)
    if whole is None:
        warnings = (*of_outcomes(model, table, prediction), *warnings)
    none = Explanation.none(len(table), len(model.schema), space_of(model))
    return Decisions(model.info, table, prediction, none, confidence, warnings)


def with_reasons(
    decisions: Decisions, model: Package, progress: Progress | None = None, *, rows: Ints | None = None, of: int = 0
) -> Decisions:
    """Decisions with the reasons of all rows, or of some at their positions (m,); they are part of a table of so many
    rows.
    """
    tell = progress or _silent
    explainer = explainer_for(model, _step(tell, "Getting the model ready"), of or len(decisions))
    step = _step(tell, "Working out the reasons")
    if rows is None:
        return replace(decisions, explanation=explainer.explain(decisions.table.cells, decisions.prediction, step))
    found = explainer.explain(decisions.table.cells.take(rows), decisions.prediction.take(rows), step)
    return replace(decisions, explanation=found.spread(rows, len(decisions)))


def of_outcomes(model: Package, table: Table, prediction: Prediction) -> list[DataWarning]:
    """Warnings about the outcomes that an upload of a classifier brings along."""
    outcomes = None if model.info.task == "regression" else uploaded_outcomes(model, table)
    if outcomes is None:
        return []
    calibration = calibration_of(model)
    past_right = predicted(model.info.cut, calibration.scores) == calibration.classes
    return outcome_checks(table, outcomes, prediction.chosen == outcomes, past_right)


def terms_of(table: Table, model: Package, cohort: str, *, weighted: bool) -> tuple[Terms, list[DataWarning]]:
    """On what terms past cases speak for a table, and a warning where its rows differ from them."""
    calibration = calibration_of(model)
    terms = Terms(cohort, cohorts_of(model, table, cohort))
    found = None if calibration.cells is None else shift(table.cells, calibration.cells, model.schema)
    if found is None or not found.notable:
        return terms, []
    differ = words.differ([model.schema[name].title for name in found.columns])
    if found.withdrawn:
        withdrawn = f"{differ} {words.WITHDRAWN}"
        return replace(terms, withdrawn=withdrawn), [flag_whole(("different rows", "error"), "", withdrawn)]
    said = f"{differ} {words.WEIGHTED if weighted else words.MAY_NOT_HOLD}"
    weights = Weights(found.past, found.rows) if weighted else None
    return replace(terms, weights=weights), [flag_whole(("different rows", "warning"), "", said)]


def _tempered(
    confidence: Confidence, prediction: Prediction, doubt: Doubt, calibration: Calibration, terms: Terms = USUAL
) -> Confidence:
    """Confidence lowered, and sets or ranges widened, by the doubt that warnings cast; unwarned rows keep theirs."""
    if confidence.honest is None or not len(doubt.rows):
        return confidence
    rows, draws, outputs = doubt.scores.shape
    if calibration.info.task == "regression":
        doubted = _regression_doubt(confidence.honest, prediction, doubt)
        wider = widen_ranges(confidence, doubt.rows, doubt.scores[:, :, 0], doubt.sureness)
        return temper(wider, doubt.rows, doubted, doubt.sureness)
    flat = doubt.scores.reshape(-1, outputs)
    corrected = calibration.calibrated(flat).reshape(rows, draws, outputs)
    doubted = corrected[range(rows), :, prediction.chosen[doubt.rows]].mean(axis=1)
    values = p_values_of(flat, calibration, terms.only(doubt.rows.repeat(draws)))
    wider = widen_sets(confidence, doubt.rows, values.reshape(rows, draws, outputs).mean(axis=1), doubt.sureness)
    return temper(wider, doubt.rows, doubted, doubt.sureness)


def _regression_doubt(honest: Floats, prediction: Prediction, doubt: Doubt) -> Floats:
    """Honest share times the share of draws that stay within the tolerance of the prediction."""
    import numpy as np

    from explain.confidence.assess import TOLERANCE

    now = prediction.scores[doubt.rows, 0]
    stays = np.abs(doubt.scores[:, :, 0] - now[:, None]) <= TOLERANCE * np.abs(now)[:, None]
    return np.asarray(honest[doubt.rows] * stays.mean(axis=1))


def reviewed(
    table: Table,
    model: Package,
    home: Path,
    progress: Progress | None = None,
    *,
    weighted: bool = False,
    before: str = "",
) -> str:
    """Review a table and store the review, or find the same one made before; gives its id.

    `before` is the id of the review whose table was corrected into this one; it is kept with the review.
    """
    name = runs.run_id(model.info, table, LEVEL, weighted=weighted)
    if not runs.folder_of(home, name).exists():
        decisions = review(table, model, progress, weighted=weighted)
        if progress:
            progress(1.0, "Storing the review")
        runs.save(replace(decisions, run=dict(decisions.run) | {"before": before}) if before else decisions, home)
    return name


def sample_review(home: Path, progress: Progress | None = None) -> str:
    """The id of the review that a newcomer sees first: the first sample table with its model."""
    sample = sample_uploads()[0]
    model = load_model(sample.model)
    return reviewed(read_table(sample.path, model.schema, columns=sample.columns), model, home, progress)


def _silent(share: float, doing: str) -> None:
    """Nobody watches."""


def _step(tell: Progress, doing: str) -> Progress:
    """A progress callback for one step of the whole."""
    steps = list(ENDS)
    at = steps.index(doing)
    start, end = ENDS[steps[at - 1]] if at else 0.0, ENDS[doing]
    return lambda share, doing: tell(start + (end - start) * share, doing)
