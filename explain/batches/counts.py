"""Counts: what is counted of a part of a table, so that the parts add up to the whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from explain.decisions import verdict
from explain.insight.listing import figures
from explain.insight.score_bins import score_bins
from explain.insight.truth import truth_of

if TYPE_CHECKING:
    from explain.decisions import Decisions


@dataclass(frozen=True)
class Counts:
    """Of so many rows: those without an answer, with faults, decided otherwise once corrected, with a known outcome and
    right; and by name those of each outcome, verdict, grade, check ("column, tab, check, tab, severity") and, of models
    of two outcomes, bar of the overview. `low` and `high` are the smallest and largest shown score, None for none.
    """

    rows: int
    unanswered: int
    warned: int
    turned: int
    known: int
    right: int
    outcomes: dict[str, int]
    verdicts: dict[str, int]
    grades: dict[str, int]
    checks: dict[str, int]
    scores: dict[str, int]
    low: float | None
    high: float | None

    def __add__(self, other: Counts) -> Counts:
        """Those of both."""
        found: dict[str, Any] = {}
        for name in (item.name for item in fields(self)):
            one, more = getattr(self, name), getattr(other, name)
            found[name] = one if more is None else more if one is None else ADDED.get(name, _added)(one, more)
        return Counts(**found)


def _added(one: int | dict[str, int], more: int | dict[str, int]) -> int | dict[str, int]:
    if isinstance(one, dict) and isinstance(more, dict):
        return {name: one.get(name, 0) + more.get(name, 0) for name in dict.fromkeys([*one, *more])}
    return int(one) + int(more)  # type: ignore[arg-type]  # both are numbers


ADDED = {"low": min, "high": max}
"""How numbers are put together that are no counts."""


def counts_of(decisions: Decisions) -> Counts:
    """The figures above the table of a review."""
    import numpy as np

    truth = truth_of(decisions)
    above = figures(decisions, verdict.kinds(decisions), verdict.turns(decisions), truth)
    checks: Counter[str] = Counter()
    for warning in decisions.warnings:
        checks[f"{warning.column}\t{warning.check}\t{warning.severity}"] += len(warning.rows)
    scores = decisions.shown_scores[decisions.answered]
    binary, bars = decisions.model.task == "binary", score_bins(decisions)
    each = np.bincount(bars.row[bars.row >= 0], minlength=len(bars.names)) if binary else ()
    return Counts(
        rows=above.rows,
        unanswered=above.unanswered,
        warned=above.warned,
        turned=above.turned,
        known=0 if truth is None else int(truth.known.sum()),
        right=0 if truth is None else int(truth.right.sum()),
        outcomes=above.outcomes,
        verdicts=above.verdicts,
        grades=dict(Counter(decisions.confidence.grade or [""] * len(decisions))),
        checks=dict(checks),
        scores=dict(zip(bars.names, map(int, each), strict=True)) if binary else {},
        low=float(scores.min()) if len(scores) else None,
        high=float(scores.max()) if len(scores) else None,
    )
