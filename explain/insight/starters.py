"""Three decisions to begin with: one that can be used, one with a slip of three zeros, and an undecided one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.decisions.verdict import EVEN, KINDS
from explain.insight.listing import largest_impact

if TYPE_CHECKING:
    from explain.insight.listing import Listing
    from explain.types import DataWarning, Flags

ZEROS = 1_000
"""How many times too large a number with three zeros too many is."""
NEARLY = 1e-9
"""How far, relative to it, a quotient may be off its whole number by rounding."""


@dataclass(frozen=True)
class Starter:
    """The row at `position` of a review, and what it shows: "clean", "slip" or "undecided"."""

    kind: str
    position: int


def starters(listing: Listing) -> tuple[Starter, ...]:
    """The best example of each kind that the review has; of rows alike in it, the first.

    Clean is the surest decision without any remark on its data, of the outcome predicted most often; the slip is the
    one that matters most, where it turns the decision before all others; undecided is the row with sound data whose
    decision is as likely wrong as right.
    """
    import numpy as np

    decisions = listing.decisions
    honest = decisions.confidence.honest
    if honest is None or not len(decisions):
        return ()
    remarked = _remarked(listing)
    sound = ~remarked & decisions.answered
    usable = sound & (listing.verdicts == KINDS.index("use"))
    if decisions.model.task != "regression":
        usable &= decisions.prediction.chosen == np.bincount(decisions.prediction.chosen).argmax()
    doubtful = sound & (listing.verdicts == KINDS.index("check"))
    impact = largest_impact(decisions)
    found = {
        "clean": (usable, np.nan_to_num(honest)),
        "slip": (_slips(listing), impact + 10 * impact.max(initial=1.0) * listing.turns),
        "undecided": (doubtful, -np.abs(np.nan_to_num(honest) - EVEN)),
    }
    return tuple(
        Starter(kind, int(np.where(rows, value, -np.inf).argmax()))
        for kind, (rows, value) in found.items()
        if rows.any()
    )


def _remarked(listing: Listing) -> Flags:
    """(n,) rows of whose data anything is said."""
    import numpy as np

    found = np.zeros(len(listing), dtype=bool)
    for warning in listing.decisions.warnings:
        found[warning.rows] = True
    return found


def _slips(listing: Listing) -> Flags:
    """(n,) rows with a number for which a thousandth of it is suggested."""
    import numpy as np

    found = np.zeros(len(listing), dtype=bool)
    for warning in listing.decisions.warnings:
        if warning.severity != "info" and warning.column in listing.decisions.table.frame:
            found[warning.rows] |= _thousandth(listing, warning)
    return found


def _thousandth(listing: Listing, warning: DataWarning) -> Flags:
    """(m,) of the warned cells, those whose suggestion is a thousandth of what they hold."""
    import numpy as np
    import pandas as pd

    cells = listing.decisions.table.frame[warning.column].iloc[warning.rows]
    now = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    then = pd.to_numeric(pd.Series(list(warning.suggestion), dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    return np.asarray(np.abs(now - ZEROS * then) <= NEARLY * np.abs(now))
