"""The uploaded columns of a review: their faults, what these do to the scores, and how far the values moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.quality import Drift, drift
from explain.types import SEVERITIES

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.models import Package
    from explain.types import Severity


@dataclass(frozen=True)
class ColumnFacts:
    """`warned` cells, the `worst` severity among them, `impact` the largest change of a score that repairing one would
    make and `moves` the same in words.
    """

    column: str
    title: str
    warned: int
    worst: Severity | None
    impact: float
    moves: str
    drift: Drift


def column_facts(decisions: Decisions, model: Package) -> list[ColumnFacts]:
    """All columns, those whose faults matter most first: by worst severity, then impact, then shift."""
    shifts = drift(decisions.table.cells, model.reference.cells, decisions.schema)
    facts = [_facts(decisions, shift) for shift in shifts]
    return sorted(facts, key=lambda item: (_rank(item), -item.impact, -item.drift.distance))


def _rank(item: ColumnFacts) -> int:
    return SEVERITIES.index(item.worst) if item.worst else len(SEVERITIES)


def _facts(decisions: Decisions, shift: Drift) -> ColumnFacts:
    import numpy as np

    own = [warning for warning in decisions.warnings if warning.column == shift.column]
    impacts = [np.abs(warning.impact) for warning in own if warning.impact is not None and len(warning.impact)]
    impact = max((float(np.nanmax(item)) for item in impacts if not np.isnan(item).all()), default=0.0)
    worst = min((warning.severity for warning in own), key=SEVERITIES.index, default=None)
    shown = words.change(impact, decisions.explanation.space, decisions.model.unit).lstrip("+±")
    return ColumnFacts(
        column=shift.column,
        title=decisions.schema[shift.column].title,
        warned=sum(len(warning.rows) for warning in own),
        worst=worst,
        impact=impact,
        moves=shown if impact else "",
        drift=shift,
    )
