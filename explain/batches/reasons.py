"""Which rows of a batch get reasons: all, none, those that a person should look at, or a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.decisions import verdict
from explain.errors import WhysureError
from explain.pipeline import with_reasons

if TYPE_CHECKING:
    from explain.decisions import Decisions
    from explain.models import Package
    from explain.types import Flags

ALL, NONE, FLAGGED, SAMPLE = "all", "none", "flagged", "sample="
WAYS = f"{ALL}, {NONE}, {FLAGGED} or {SAMPLE}0.1"
"""What can be said, as a person may type it."""


def share_of(said: str) -> float:
    """The share of rows that get reasons whatever is in them; raises WhysureError for what cannot be said.

    Of flagged rows the share is not known before: 0.
    """
    if said in {ALL, NONE, FLAGGED}:
        return float(said == ALL)
    try:
        share = float(said.removeprefix(SAMPLE)) if said.startswith(SAMPLE) else -1.0
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise WhysureError(f"Reasons can be worked out for {WAYS} of the rows, but not for “{said}”.")
    return share


def reasons_for(decisions: Decisions, model: Package, said: str, first: int, of: int) -> Decisions:
    """Decisions with the reasons of the rows that are `said`; they are those from the `first`-th `of` all rows on.

    Any cut of a table picks the same rows: a row is flagged by its own verdict, and drawn by its place.
    """
    import numpy as np

    if said == ALL:
        return with_reasons(decisions, model, of=of)
    if said == NONE:
        return decisions
    if said == FLAGGED:
        kinds = verdict.kinds(decisions)
        rows = np.flatnonzero((kinds == verdict.KINDS.index("check")) | (kinds == verdict.KINDS.index("stop")))
    else:
        rows = np.flatnonzero(drawn(first, len(decisions), share_of(said)))
    return with_reasons(decisions, model, rows=rows, of=of)


def drawn(first: int, rows: int, share: float) -> Flags:
    """(n,) which rows are drawn, from the `first`-th on: each by its place alone."""
    import numpy as np
    import pandas as pd

    places = np.arange(first, first + rows, dtype=np.uint64)
    return np.asarray(pd.util.hash_array(places) < np.uint64(min(share * 2.0**64, 2.0**64 - 1)))
