"""What one column does together with each of the others, over rows of a review: for the dependence picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.attributions import explain_pairs, explainer_for
from explain.attributions.explainer import ExactExplainer
from explain.insight.drawn import sample

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.models import Package
    from explain.types import Floats, Ints, Progress

MOST_ROWS = 300
"""Rows worked out, drawn at random: enough to see a shape, in about a second."""


@dataclass(frozen=True)
class Interplay:
    """`shares` (m, p, p) of the rows at positions `rows` (m,), in schema order: see `explain_pairs`."""

    rows: Ints
    shares: Floats
    names: tuple[str, ...]

    def together(self, column: str, other: str) -> Floats:
        """(m,) what the two do together beyond their own parts, both halves of it."""
        pair: Floats = 2 * self.shares[:, self.names.index(column), self.names.index(other)]
        return pair

    def partners(self, column: str) -> list[str]:
        """The other columns, the one that it does most together with first; those it does nothing with left out."""
        import numpy as np

        at = self.names.index(column)
        mean = np.abs(self.shares[:, at]).mean(axis=0)
        return [self.names[other] for other in np.argsort(-mean, kind="stable") if other != at and mean[other] > 0]


def interplay(decisions: Decisions, model: Package, progress: Progress | None = None) -> Interplay | None:
    """The pairs of a sample of the reviewed rows; None for a model whose pairs cannot be worked out."""
    if not isinstance(explainer_for(model), ExactExplainer):
        return None
    rows = sample(len(decisions), MOST_ROWS)
    return Interplay(rows, explain_pairs(model, decisions.table, list(rows), progress), tuple(decisions.schema.names))
