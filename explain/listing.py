"""Filter, sort and page decisions: positions in, one page of a table out; vectorised over the whole review."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from explain import words
from explain.charts.overview import score_bins
from explain.charts.theme import MARKS
from explain.decisions import predicted, reasons_of, warnings_of
from explain.groups import together
from explain.shown import shown
from explain.types import SEVERITIES

if TYPE_CHECKING:
    import pandas as pd

    from explain.decisions import Decisions
    from explain.types import Flags, Floats, Ints

Order: TypeAlias = Literal["attention", "highest", "lowest", "unsure", "upload"]
ORDERS: dict[Order, str] = {
    "attention": "Deserves a look first",
    "highest": "Highest score first",
    "lowest": "Lowest score first",
    "unsure": "Least sure first",
    "upload": "As uploaded",
}
PAGE_ROWS = 50
LEAST_SHOWN = 0.6
"""In 100: a bar says 1 or 99 at the most, since no model is surer than that."""
NO_ANSWER_FIRST = -4.0
"""In place of how sure a row is: below -3, which a row comes to whose warning does the most."""
UNSURE_GRADES = ("C", "D")
"""Grades that count as unsure: the prediction is right in fewer than 75 of 100 such cases."""


@dataclass(frozen=True)
class Filter:
    """What to keep; empty means all. `outcomes` are predicted outputs, `grades` letters, `checks` names of checks,
    `bar` a bar of the overview, `text` is looked for in ids, values and context.
    """

    outcomes: tuple[str, ...] = ()
    unsure: bool = False
    warned: bool = False
    grades: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    column: str | None = None
    bar: int | None = None
    text: str = ""


def select(decisions: Decisions, kept: Filter, order: Order = "attention") -> Ints:
    """Positions of the rows that pass the filter, in order; ties stay in upload order."""
    import numpy as np

    keep = np.ones(len(decisions), dtype=bool)
    if kept.outcomes:
        wanted = [at for at, name in enumerate(decisions.model.outputs) if name in kept.outcomes]
        keep &= np.isin(decisions.prediction.chosen, wanted) & decisions.answered
    if kept.unsure:
        keep &= unsure(decisions)
    if kept.warned:
        keep &= decisions.warning_counts > 0
    if kept.grades:
        keep &= np.isin(np.array(decisions.confidence.grade, dtype=object), kept.grades)
    if kept.checks or kept.column:
        keep &= _warned_by(decisions, kept)
    if kept.bar is not None:
        keep &= score_bins(decisions).row == kept.bar
    if kept.text.strip():
        keep &= _holds_text(decisions, kept.text.strip())
    rows = np.flatnonzero(keep)
    return rows[np.argsort(_sort_key(decisions, order)[rows], kind="stable")]


def unsure(decisions: Decisions) -> Flags:
    """(n,) rows whose grade is C or D."""
    import numpy as np

    return np.isin(np.array(decisions.confidence.grade, dtype=object), UNSURE_GRADES)


def _warned_by(decisions: Decisions, kept: Filter) -> Flags:
    import numpy as np

    keep = np.zeros(len(decisions), dtype=bool)
    for warning in decisions.warnings:
        if (not kept.checks or warning.check in kept.checks) and kept.column in {None, warning.column}:
            keep[warning.rows] = True
    return keep


def _holds_text(decisions: Decisions, text: str) -> Flags:
    """Rows with `text` somewhere, whatever the case."""
    import numpy as np
    import pandas as pd

    keep = pd.Series(decisions.table.row_ids, dtype=object).str.contains(text, case=False, regex=False).to_numpy(bool)
    for frame in (decisions.table.frame, decisions.table.context):
        for at in range(frame.shape[1]):
            cells = frame.iloc[:, at]
            shown = cells.map("{:.15g}".format) if pd.api.types.is_float_dtype(cells) else cells.fillna("").astype(str)
            keep = keep | shown.str.contains(text, case=False, regex=False).to_numpy(bool)
    for cells_by_row in decisions.table.unread.values():
        for row, cell in cells_by_row.items():
            keep[row] |= text.casefold() in cell.casefold()
    return np.asarray(keep, dtype=bool)


def _sort_key(decisions: Decisions, order: Order) -> Floats:
    """(n,) smallest first."""
    import numpy as np

    if order == "highest":
        return -decisions.shown_scores
    if order == "lowest":
        return decisions.shown_scores
    honest = decisions.confidence.honest
    sure = np.ones(len(decisions)) if honest is None else np.nan_to_num(honest)
    sure = np.where(decisions.answered, sure, NO_ANSWER_FIRST)
    if order == "unsure":
        return sure
    if order == "upload":
        return np.arange(len(decisions), dtype=np.float64)
    # what a warning does to the score counts first, then how sure the row is (always below 1)
    impact = largest_impact(decisions)
    top = max(float(impact.max(initial=0.0)), 1e-12)
    warned = decisions.warning_counts > 0
    return np.where(warned, -2 - impact / top, 0.0) + sure


def largest_impact(decisions: Decisions) -> Floats:
    """(n,) largest change of the score that repairing one warned cell (error or warning) would make."""
    import numpy as np

    impact = np.zeros(len(decisions))
    for warning in decisions.warnings:
        if warning.impact is not None and warning.severity != "info":
            np.maximum.at(impact, warning.rows, np.abs(np.nan_to_num(warning.impact)))
    return impact


def page_frame(decisions: Decisions, rows: Ints, *, grouped: bool = True) -> pd.DataFrame:
    """One page of the review table for positions `rows`, in words: the columns that the screen shows.

    Reasons of columns of one group are one, unless not `grouped`.
    """
    import pandas as pd

    model = decisions.model
    regression = model.task == "regression"
    records = []
    for at in rows:
        every = reasons_of(decisions, int(at))
        every = together(every, decisions.schema) if grouped else every
        reasons = [reason for reason in every[:3] if reason.contribution != 0]
        score = float(decisions.prediction.scores[at, decisions.prediction.shown[at]])
        records.append(
            {
                "id": shown(decisions.table.row_ids[at]),
                "prediction": words.number(score, model.unit)
                if regression and math.isfinite(score)
                else predicted(decisions, int(at)),
                "likely": _range_text(decisions, int(at))
                if regression
                else None
                if not math.isfinite(score)
                else min(max(100 * score, LEAST_SHOWN), 100 - LEAST_SHOWN),
                "grade": _grade_text(decisions, int(at)),
                "warnings": _badge(decisions, int(at)),
                "reasons": [f"{item.title} {item.value} {words.arrow(item.contribution)}" for item in reasons],
            }
        )
    return pd.DataFrame(records, columns=["id", "prediction", "likely", "grade", "warnings", "reasons"])


def _range_text(decisions: Decisions, at: int) -> str:
    low, high = decisions.confidence.low, decisions.confidence.high
    if low is None or high is None:
        return words.MISSING
    unit = decisions.model.unit
    return f"{words.number(float(low[at]), unit)} – {words.number(float(high[at]), unit)}"


def _grade_text(decisions: Decisions, at: int) -> str:
    """'B · 81 in 100': the letter and how often predictions like this are right, data warnings counted in."""
    honest = decisions.confidence.honest
    letter = decisions.confidence.grade[at]
    return words.MISSING if honest is None or not letter else f"{letter} · {words.in_100(float(honest[at]))}"


def _badge(decisions: Decisions, at: int) -> str:
    """'✖ 2 · −15 points': the worst severity's mark, how many cells deserve a look, and what mending one would do.

    It is the one that matters most. Information alone shows its own mark.
    """
    worst = int(decisions.worst[at])
    if worst == len(SEVERITIES):
        return ""
    count = int(decisions.warning_counts[at])
    if not count:
        return MARKS["info"]
    impact = warnings_of(decisions, at)[0].impact
    price = "" if impact is None else words.change(impact, decisions.explanation.space, decisions.model.unit)
    return f"{MARKS[SEVERITIES[worst]]} {count}" + (f" · {price}" if price else "")


@dataclass(frozen=True)
class Summary:
    """The figures of the strip above the table: rows, rows per predicted outcome and without one, unsure ones, and
    those with warnings.
    """

    rows: int
    outcomes: dict[str, int]
    unanswered: int
    unsure: int
    warned: int
    checks: dict[str, int]
    graded: bool


def summary(decisions: Decisions) -> Summary:
    """Counts over the whole review."""
    import numpy as np

    outputs = decisions.model.outputs
    answered = decisions.answered
    counts = np.bincount(decisions.prediction.chosen[answered], minlength=len(outputs))
    checks: dict[str, int] = {}
    for warning in decisions.warnings:
        if not warning.whole_column:
            checks[warning.check] = checks.get(warning.check, 0) + len(warning.rows)
    return Summary(
        rows=len(decisions),
        outcomes=dict(zip(outputs, (int(item) for item in counts), strict=True)),
        unanswered=int((~answered).sum()),
        unsure=int(unsure(decisions).sum()),
        warned=int((decisions.warning_counts > 0).sum()),
        checks=checks,
        graded=decisions.confidence.calibration_rows > 0,
    )
