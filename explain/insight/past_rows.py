"""What drives a model, told from its own past rows: a review-like look at a sample of them, before any upload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.attributions import explainer_for
from explain.attributions.explainer import SampledExplainer
from explain.confidence.assess import LEVEL
from explain.decisions import Decisions
from explain.models.predict import predict
from explain.types import Confidence, Table

if TYPE_CHECKING:
    from explain.models import Package
    from explain.types import Ints, Progress

MOST, MOST_SAMPLED = 500, 50
"""Rows looked at: as many as the picture of whole models has dots for; of models whose reasons are drawn from
coalitions, which takes a tenth of a second a row and more, fewer."""


def past_rows(model: Package, progress: Progress | None = None) -> Decisions:
    """A seeded sample of the reference rows, predicted and explained; nothing is claimed of trust, nothing checked."""
    import pandas as pd

    explainer = explainer_for(model, progress)
    rows = _sample(len(model.reference), MOST_SAMPLED if isinstance(explainer, SampledExplainer) else MOST)
    cells = model.reference.cells.take(rows)
    prediction = predict(model, cells)
    table = Table(cells, model.schema, tuple(str(at + 1) for at in rows), "", pd.DataFrame(index=range(len(rows))))
    explanation = explainer.explain(cells, prediction, progress)
    return Decisions(model.info, table, prediction, explanation, Confidence(LEVEL, 0), ())


def _sample(rows: int, most: int, seed: int = 0) -> Ints:
    import numpy as np

    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
