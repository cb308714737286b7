"""What came true of an upload: outcomes that stand in a column beside it, held against the decisions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain import words
from explain.confidence.assess import TOLERANCE
from explain.decisions import recorded_column
from explain.insight.weak_spots import weak_errors, weak_spots
from explain.models.package import outcome_numbers

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.insight.weak_spots import WeakSpot
    from explain.types import Flags, Floats

SPREAD = 1.96
"""Standard errors on each side of a share: its 95 % interval (Wilson 1927)."""


@dataclass(frozen=True)
class Truth:
    """`outcomes` (n,) class indices or values, NaN where not known; `known` (n,) rows that can be judged, `right` (n,)
    those that came true. Of two outcomes `missed` (n,) had the one of interest without being said to, `alarms` (n,)
    were said to have it and had not; else both are empty.
    """

    outcomes: Floats
    known: Flags
    right: Flags
    missed: Flags
    alarms: Flags

    @property
    def sentence(self) -> str:
        """'81 of 100 right (79 to 83)'."""
        return came_true(int(self.right.sum()), int(self.known.sum()))


def came_true(hits: int, cases: int) -> str:
    """'81 of 100 right (79 to 83)'."""
    low, high = (words.in_100(end).removesuffix(" in 100") for end in interval(hits, cases))
    return f"{words.of_100(hits / cases)} right ({low} to {high})"


def truth_of(decisions: Decisions) -> Truth | None:
    """The outcomes in the column named like the model's target, or None where there is none with any."""
    import numpy as np

    outcomes = outcomes_of(decisions)
    if outcomes is None:
        return None
    known = np.isfinite(outcomes) & decisions.answered
    if not known.any():
        return None
    nobody = np.zeros(len(decisions), dtype=bool)
    if decisions.model.task == "regression":
        said = decisions.shown_scores
        right = np.zeros(len(decisions), dtype=bool)
        right[known] = np.abs(said[known] - outcomes[known]) <= TOLERANCE * np.abs(said[known])
        return Truth(outcomes, known, right, nobody, nobody)
    right = known & (decisions.prediction.chosen == outcomes)
    if decisions.model.task == "multiclass":
        return Truth(outcomes, known, right, nobody, nobody)
    happened = outcomes == decisions.model.shown
    return Truth(outcomes, known, right, known & ~right & happened, known & ~right & ~happened)


def where_it_fails(decisions: Decisions, truth: Truth) -> tuple[WeakSpot, ...]:
    """The groups of rows in which the model is worst, by what came true: see `weak_spots`."""
    import numpy as np

    at = np.flatnonzero(truth.known)
    frame = decisions.table.frame.iloc[at]
    if decisions.model.task == "regression":
        errors = np.abs(decisions.shown_scores[at] - truth.outcomes[at])
        found = weak_errors(frame, errors, decisions.schema, unit=decisions.model.unit)
    else:
        found = weak_spots(frame, truth.right[at], decisions.schema)
    return tuple(replace(spot, rows=at[spot.rows]) for spot in found)


def outcomes_of(decisions: Decisions) -> Floats | None:
    """(n,) what stands in the column beside the data that is named like the target; None without one."""
    context, named = decisions.table.context, recorded_column(decisions)
    places = [str(name) for name in context.columns]
    return outcome_numbers(context.iloc[:, places.index(named)], decisions.model) if named else None


def interval(hits: int, cases: int) -> tuple[float, float]:
    """The 95 % interval of a share, from 0 to 1 (Wilson 1927)."""
    share, spread = hits / cases, SPREAD**2 / cases
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def was(decisions: Decisions, truth: Truth, at: int) -> str:
    """What became of the row at position `at`, in words; an em dash where it is not known."""
    outcome = float(truth.outcomes[at])
    if not math.isfinite(outcome):
        return words.MISSING
    if decisions.model.task == "regression":
        return words.number(outcome, decisions.model.unit)
    return decisions.model.outputs[int(outcome)]
