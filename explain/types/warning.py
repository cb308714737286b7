"""DataWarning: one kind of fault in one column, its fix and its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.types.arrays import Floats, Ints, Severity


@dataclass(frozen=True)
class DataWarning:
    """One kind of fault in one column: which rows have it, what was found, the fix, and its price.

    Arrays run parallel: `rows` (m,) positions in the table (empty when it is about the whole column), `found` (m,)
    the text of the cell, `suggestion` (m,) the proposed value or None, `messages` (m,) one sentence each (a warning
    about a whole column has one message and no rows). `applied` says whether the repair was already made.
    `repaired` (m,) is the score with the suggestion (or typical values of similar cases) in the cell, `impact` (m,) =
    repaired - score now, `impact_low` / `impact_high` (m,) its range over the draws, `flips` (m,) how many draws change
    the predicted class; None where not priced. `column` is "" for a warning about a row or the table as a whole;
    `factor` is by how much a column's unit is off.
    """

    check: str
    column: str
    severity: Severity
    rows: Ints
    found: tuple[str, ...]
    suggestion: tuple[str | None, ...]
    messages: tuple[str, ...]
    applied: bool = False
    repaired: Floats | None = None
    impact: Floats | None = None
    impact_low: Floats | None = None
    impact_high: Floats | None = None
    flips: Ints | None = None
    factor: float | None = None

    @property
    def whole_column(self) -> bool:
        """Whether it is about the column (or file) rather than about single cells."""
        return len(self.rows) == 0
