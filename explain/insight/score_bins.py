"""Score bins: the bars of the overview, which the list can be narrowed to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.types import Flags, Floats, Ints, ModelInfo

BINS = 20
"""Bars across the scores: five points of probability each, which people take as one number."""


@dataclass(frozen=True)
class Bins:
    """`edges` (b + 1,) of the bars, `names` (b,) in words, `row` (n,) the bar of each row, -1 without an answer."""

    edges: Floats
    names: tuple[str, ...]
    row: Ints


@dataclass(frozen=True)
class Spread:
    """What the overview shows of rows: the shown `scores` (n,), the predicted outcome's place `chosen` (n,), -1 without
    an answer, and the `worst` fault's place in SEVERITIES (n,), their number for none.
    """

    model: ModelInfo
    scores: Floats
    chosen: Ints
    worst: Ints

    @property
    def answered(self) -> Flags:
        """(n,) rows that the model gives a number for."""
        return self.chosen >= 0


def spread_of(decisions: Decisions) -> Spread:
    """That of the rows of a review."""
    import numpy as np

    chosen = np.where(decisions.answered, decisions.prediction.chosen, -1)
    return Spread(decisions.model, decisions.shown_scores, chosen, decisions.worst)


def score_bins(rows: Decisions | Spread) -> Bins:
    """The bars of the overview: ranges of the shown score, or the outcomes of a multiclass model."""
    import numpy as np

    spread = rows if isinstance(rows, Spread) else spread_of(rows)
    model, scores, answered = spread.model, spread.scores, spread.answered
    if model.task == "multiclass":
        return Bins(np.arange(len(model.outputs) + 1, dtype=np.float64) - 0.5, model.outputs, spread.chosen)
    if model.task == "binary":
        edges = np.linspace(0, 1, BINS + 1)
        whole = np.round(100 * edges).astype(int)
        names = tuple(f"{a} to {b} in 100" for a, b in itertools.pairwise(whole))
    else:
        edges = _round_edges(scores[answered])
        ends = [words.number(edge, model.unit) for edge in edges]
        names = tuple(f"{a} to {b}" for a, b in itertools.pairwise(ends))
    row = np.clip(np.searchsorted(edges, scores, side="right") - 1, 0, len(edges) - 2)
    return Bins(edges, names, np.where(answered, row, -1).astype(np.int64))


def _round_edges(scores: Floats) -> Floats:
    """About BINS edges at round numbers around the scores."""
    import numpy as np

    low, high = (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 1.0)
    rough = max((high - low) / BINS, 1e-9)
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= rough)
    return np.asarray(np.arange(np.floor(low / step), np.floor(high / step) + 2) * step)
