"""The list that a batch is looked through by: filters and orders over all of its rows, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.decisions.verdict import KINDS
from explain.insight.listing import Summary
from explain.insight.score_bins import Spread, score_bins
from explain.types import SEVERITIES

if TYPE_CHECKING:
    from explain.batches.opened import OpenBatch
    from explain.insight.listing import Order
    from explain.types import Flags, Floats, Ints

URGENT = ("stop", "check", "none", "use")
"""Verdicts in the order in which rows deserve a look."""


@dataclass(frozen=True)
class Kept:
    """Which rows are listed: those with any of the verdicts, outcomes and worst faults, each as places, nothing said
    for all; and of one bar of the overview.
    """

    verdicts: frozenset[int] = frozenset()
    outcomes: frozenset[int] = frozenset()
    worst: frozenset[int] = frozenset()
    bar: int | None = None


@dataclass(frozen=True)
class Counts:
    """How many rows of each verdict, outcome and worst fault there are among those that the other filters keep."""

    verdicts: Ints
    outcomes: Ints
    worst: Ints


def spread(batch: OpenBatch) -> Spread:
    """What the overview of a batch shows."""
    return Spread(batch.model, batch.scores, batch.outcomes, batch.worst)


def select(batch: OpenBatch, kept: Kept, order: Order) -> Ints:
    """The places of the rows that pass, in order; ties stay as they came."""
    import numpy as np

    passing = _passing(batch, kept)
    rows = np.flatnonzero(np.logical_and.reduce(list(passing.values())))
    return rows if order == "upload" else rows[np.argsort(_key(batch, order)[rows], kind="stable")]


def counts(batch: OpenBatch, kept: Kept) -> Counts:
    """What a click on each filter would show."""
    import numpy as np

    passing = _passing(batch, kept)

    def each(group: str, places: Ints, size: int) -> Ints:
        others = np.logical_and.reduce([flags for name, flags in passing.items() if name != group])
        return np.bincount(places[others & (places >= 0)], minlength=size)

    outputs = len(batch.model.outputs)
    return Counts(
        each("verdicts", batch.verdicts, len(KINDS)),
        each("outcomes", batch.outcomes, outputs),
        each("worst", batch.worst, len(SEVERITIES) + 1),
    )


def _passing(batch: OpenBatch, kept: Kept) -> dict[str, Flags]:
    """(n,) the rows that each filter keeps."""
    import numpy as np

    def any_of(places: Ints, wanted: frozenset[int]) -> Flags:
        return np.isin(places, list(wanted)) if wanted else np.ones(len(places), dtype=bool)

    found = {
        "verdicts": any_of(batch.verdicts, kept.verdicts),
        "outcomes": any_of(batch.outcomes, kept.outcomes),
        "worst": any_of(batch.worst, kept.worst),
    }
    if kept.bar is not None:
        found["bar"] = score_bins(spread(batch)).row == kept.bar
    return found


def _key(batch: OpenBatch, order: Order) -> Floats:
    """(n,) what rows are sorted by, smallest first; rows of which nothing is known come last."""
    import numpy as np

    if order in {"highest", "lowest"}:
        return -batch.scores if order == "highest" else batch.scores
    if order == "unsure":
        return batch.honest
    urgency = np.array([URGENT.index(kind) for kind in KINDS], dtype=np.float64)
    return urgency[batch.verdicts] + np.nan_to_num(batch.honest, nan=0.0) / 2


def summary_of(batch: OpenBatch) -> Summary:
    """The figures above the table of a batch."""
    facts = batch.summary
    names = ("rows", "outcomes", "unanswered", "verdicts", "warned", "turned", "truth")
    return Summary(**{name: facts[name] for name in names})
