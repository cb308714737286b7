"""Fixes that a review suggests, for many rows at once, and what faults and fixes do to the decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.confidence.assess import TOLERANCE
from explain.decisions.verdict import turns
from explain.models.predict import predict
from explain.quality.catalog import sureness
from explain.tables.corrected import Fix, corrected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explain.decisions import Decisions
    from explain.models import Package
    from explain.types import DataWarning, Flags, Floats, Ints, Severity, Table

CODES = {"sentinel", "far past"}
"""Checks whose cells stand for a blank where they suggest no value, and say so."""
SURE = 0.9
"""An error of a check is sure when nine of ten such alarms were faults, or the cell cannot be right."""


@dataclass(frozen=True)
class Suggested:
    """What a review suggests for one kind of fault in one column; `title` is the column's, `sureness` 0 to 1."""

    check: str
    column: str
    title: str
    severity: Severity
    sureness: float
    fix: Fix

    @property
    def cells(self) -> int:
        """How many cells it would correct."""
        return len(self.fix.rows)

    @property
    def sure(self) -> bool:
        """Whether the cells can hardly be right, so that all of them may be corrected in one go."""
        return self.severity == "error" and self.sureness >= SURE


def suggested(decisions: Decisions) -> tuple[Suggested, ...]:
    """All that can be corrected with one click, kind by kind, in the order of the warnings.

    What merely informs or was read otherwise already suggests nothing.
    """
    found = [_suggested(warning, decisions) for warning in decisions.warnings]
    return tuple(item for item in found if item is not None)


def _suggested(warning: DataWarning, decisions: Decisions) -> Suggested | None:
    import numpy as np

    if warning.applied or warning.severity == "info" or warning.column not in decisions.schema.names:
        return None
    blank = warning.check in CODES
    at = [i for i, text in enumerate(warning.suggestion) if text is not None or blank]
    if not at:
        return None
    rows, first = np.unique(warning.rows[at], return_index=True)
    fix = Fix(warning.column, rows, tuple(warning.suggestion[at[i]] for i in first))
    title = decisions.schema[warning.column].title
    return Suggested(warning.check, warning.column, title, warning.severity, sureness(warning), fix)


def chosen(found: Iterable[Suggested], rows: Ints | None = None) -> tuple[Fix, ...]:
    """The fixes of what was suggested, each cell once: the surest suggestion first; `rows` (m,) keeps those alone."""
    import numpy as np

    taken: dict[str, Ints] = {}
    fixes = []
    for item in sorted(found, key=lambda one: -one.sureness):
        fix = item.fix
        keep = ~np.isin(fix.rows, taken.get(item.column, np.zeros(0, dtype=np.int64)))
        keep &= np.isin(fix.rows, rows) if rows is not None else True
        if keep.any():
            values = tuple(text for text, kept in zip(fix.values, keep, strict=True) if kept)
            fixes.append(Fix(item.column, fix.rows[keep], values))
            taken[item.column] = np.concatenate([taken.get(item.column, fix.rows[:0]), fix.rows[keep]])
    return tuple(fixes)


@dataclass(frozen=True)
class FaultsPrice:
    """What the faults of a table do: `by_fix` (a,) rows that change once all suggested values stand, and `by_likeness`
    (b,) further rows that most likely would, had their warned cells the values of similar cases.

    A decision changes when another outcome is predicted; a value when it moves by more than 20 %, as in grades.
    """

    by_fix: Ints
    by_likeness: Ints
    sentence: str


def price_of_faults(decisions: Decisions, model: Package) -> FaultsPrice:
    """How many decisions the faults of a table change; only rows with suggested values are scored again."""
    import numpy as np

    table = corrected(decisions.table, chosen(suggested(decisions)))
    rows = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(s.fix.rows for s in suggested(decisions))]))
    after = predict(model, table.cells.take(rows))
    if model.info.task == "regression":
        turned = _far(after.scores[:, 0], decisions.prediction.scores[rows, 0])
    else:
        turned = after.chosen != decisions.prediction.chosen[rows]
    by_fix = rows[turned]
    by_likeness = np.setdiff1d(np.flatnonzero(turns(decisions)), by_fix)
    return FaultsPrice(by_fix, by_likeness, _price_text(decisions, len(by_fix), len(by_likeness)))


def _far(after: Floats, before: Floats) -> Flags:
    import numpy as np

    return np.asarray(np.abs(after - before) > TOLERANCE * np.abs(before))


def _price_text(decisions: Decisions, by_fix: int, by_likeness: int) -> str:
    regression = decisions.model.task == "regression"
    one = "prediction" if regression else "decision"
    by = f" by more than {round(100 * TOLERANCE)} %" if regression else ""
    if not by_fix + by_likeness:
        return f"Faults in the data change no {one}{by}."
    text = f"Faults in the data change {words.count(by_fix + by_likeness, one)}{by}"
    if not by_likeness:
        return f"{text}, judged by the suggested values."
    likely = f"{by_likeness:,} most likely, judged by values of similar rows"
    return f"{text}: {by_fix:,} judged by the suggested values, {likely}." if by_fix else f"{text}: {likely}."


@dataclass(frozen=True)
class Comparison:
    """Two reviews of the same rows, before and after cells were corrected or undone.

    `cells` is how many cells differ, `changed` (m,) the rows with another outcome (regression: another value), `counts`
    how often each outcome is predicted before and after, `warned` the warned cells before and after, errors
    and warnings; `names` are those of the two tables, `deed` is "Corrected", "Undone" or "Changed".
    """

    deed: str
    names: tuple[str, str]
    cells: int
    changed: Ints
    counts: dict[str, tuple[int, int]]
    warned: tuple[int, int]
    sentence: str


def compare_reviews(before: Decisions, after: Decisions) -> Comparison | None:
    """What changed from one review to another; None where they are not of the same rows and the same model."""
    import numpy as np

    same = before.model.sha256 == after.model.sha256 and before.table.row_ids == after.table.row_ids
    if not same or before.schema.names != after.schema.names:
        return None
    repaired = [sum(len(item.rows) for item in one.table.repairs) for one in (before, after)]
    deed = "Changed" if repaired[0] == repaired[1] else "Undone" if repaired[0] > repaired[1] else "Corrected"
    cells = _cells_apart(before.table, after.table)
    changed = _rows_apart(before, after)
    counts = {}
    if after.model.task != "regression":
        both = [np.bincount(d.prediction.chosen[d.answered], minlength=len(d.model.outputs)) for d in (before, after)]
        counts = {name: (int(both[0][k]), int(both[1][k])) for k, name in enumerate(after.model.outputs)}
    warned = int(before.warning_counts.sum()), int(after.warning_counts.sum())
    one = "prediction" if after.model.task == "regression" else "decision"
    what = words.count(len(changed), one) if len(changed) else f"no {one}"
    sentence = f"{deed} in {words.count(cells, 'cell')}: {what} changed, {_warnings_text(*warned)}."
    return Comparison(deed, (before.table.name, after.table.name), cells, changed, counts, warned, sentence)


def _warnings_text(before: int, after: int) -> str:
    if before == after:
        return "as many faults as before"
    return f"{words.count(abs(before - after), 'fault')} {'fewer' if after < before else 'more'}"


def _cells_apart(before: Table, after: Table) -> int:
    """How many cells hold something else, texts that were not read included."""
    import numpy as np
    import pandas as pd

    found = 0
    for column in before.schema:
        old, new = (table.frame[column.name].to_numpy() for table in (before, after))
        differs = np.asarray(old != new, dtype=bool) & ~(pd.isna(old) & pd.isna(new))
        texts = [table.unread.get(column.name, {}) for table in (before, after)]
        rows = [row for row in {*texts[0], *texts[1]} if texts[0].get(row) != texts[1].get(row)]
        differs[rows] = True
        found += int(differs.sum())
    return found


def _rows_apart(before: Decisions, after: Decisions) -> Ints:
    """Rows whose outcome is another one, or whose value moved by more than rounding."""
    import numpy as np

    known = before.answered, after.answered
    if after.model.task == "regression":
        old, new = before.prediction.scores[:, 0], after.prediction.scores[:, 0]
        differs = ~np.isclose(old, new, rtol=1e-6, atol=0.0, equal_nan=True)
    else:
        differs = (before.prediction.chosen != after.prediction.chosen) & known[0] & known[1]
    return np.flatnonzero(differs | (known[0] != known[1]))
