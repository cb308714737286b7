"""Decisions: the whole reviewed table, columnar, and how one row of it becomes a Decision."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from explain import words
from explain.decisions.decision import CellWarning, Decision, Reason
from explain.errors import NotFoundError
from explain.types import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from explain.types import (
        Confidence,
        DataWarning,
        Explanation,
        Flags,
        Ints,
        ModelInfo,
        Prediction,
        Schema,
        Severity,
        Table,
    )

__all__ = ["CellWarning", "Decision", "Decisions", "Reason", "predicted", "reasons_of", "warnings_of"]


@dataclass(frozen=True)
class Decisions:
    """The whole reviewed table, columnar: the truth of which a Decision is a view of one row.

    `run` says what made it: versions, options, times. `decisions[i]` is row i (or the row with that id).
    """

    model: ModelInfo
    table: Table
    prediction: Prediction
    explanation: Explanation
    confidence: Confidence
    warnings: tuple[DataWarning, ...]
    run: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[Decision]:
        return (self[row] for row in range(len(self)))

    @property
    def schema(self) -> Schema:
        """The model's raw columns."""
        return self.table.schema

    @property
    def shown_scores(self) -> npt.NDArray[np.float64]:
        """(n,) the score that each row's numbers are about."""
        import numpy as np

        return np.asarray(self.prediction.scores[np.arange(len(self)), self.prediction.shown])

    @property
    def answered(self) -> Flags:
        """(n,) rows that the model gives a number for."""
        import numpy as np

        return np.isfinite(self.shown_scores)

    @cached_property
    def warning_counts(self) -> Ints:
        """(n,) warned cells a row that deserve a look: errors and warnings, not mere information. Read-only."""
        import numpy as np

        counts = np.zeros(len(self), dtype=np.int64)
        for warning in self.warnings:
            if warning.severity != "info":
                np.add.at(counts, warning.rows, 1)
        counts.setflags(write=False)
        return counts

    @cached_property
    def worst(self) -> Ints:
        """(n,) worst severity a row as its position in SEVERITIES; 3 where there is none. Read-only."""
        import numpy as np

        worst = np.full(len(self), len(SEVERITIES), dtype=np.int64)
        for warning in self.warnings:
            np.minimum.at(worst, warning.rows, SEVERITIES.index(warning.severity))
        worst.setflags(write=False)
        return worst

    def position(self, row: int | str) -> int:
        """Position of a row by position or id; raises NotFoundError."""
        if isinstance(row, int):
            if -len(self) <= row < len(self):
                return row % len(self)
        elif row in self._positions:
            return self._positions[row]
        raise NotFoundError(f"There is no row '{row}' in this review. It has {words.count(len(self), 'row')}.")

    # worked out once: a click asks several times, and a long table has many rows
    @cached_property
    def _positions(self) -> dict[str, int]:
        return {row_id: at for at, row_id in enumerate(self.table.row_ids)}

    def __getitem__(self, row: int | str) -> Decision:
        try:
            at = self.position(row)
        except NotFoundError as error:
            if isinstance(row, int):
                raise IndexError(str(error)) from error
            raise
        return _view(self, at)

    def write(self, folder: str | Path) -> Path:
        """Write `decisions` and `warnings` as Parquet and CSV, and run.json, into a folder; see docs/files.md."""
        from explain.decisions.files import write_decisions

        return write_decisions(self, folder)

    def _repr_html_(self) -> str:
        """The first rows as a notebook shows them."""
        from explain.decisions.notebook import decisions_html

        return decisions_html(self)


def predicted(decisions: Decisions, at: int) -> str:
    """The predicted outcome of a row, or that there is none."""
    prediction = decisions.prediction
    known = math.isfinite(prediction.scores[at, prediction.shown[at]])
    return decisions.model.outputs[int(prediction.chosen[at])] if known else words.NO_ANSWER


def _view(decisions: Decisions, at: int) -> Decision:
    model, prediction, confidence = decisions.model, decisions.prediction, decisions.confidence
    outputs, shown = model.outputs, int(prediction.shown[at])
    calibrated = confidence.calibrated
    return Decision(
        row_id=decisions.table.row_ids[at],
        position=at,
        model=model,
        predicted=predicted(decisions, at),
        shown=outputs[shown],
        score=float(prediction.scores[at, shown]),
        scores={name: float(score) for name, score in zip(outputs, prediction.scores[at], strict=True)},
        base=float(decisions.explanation.base[at]),
        space=decisions.explanation.space,
        gap=float(decisions.explanation.gap[at]),
        method=decisions.explanation.method,
        reasons=reasons_of(decisions, at),
        warnings=warnings_of(decisions, at),
        level=confidence.level,
        calibration_rows=confidence.calibration_rows,
        grade=confidence.grade[at] if confidence.grade else "",
        honest=_at(confidence.honest, at),
        calibrated=None
        if calibrated is None
        else {name: float(share) for name, share in zip(outputs, calibrated[at], strict=True)},
        plausible=None
        if confidence.plausible is None
        else tuple(name for name, kept in zip(outputs, confidence.plausible[at], strict=True) if kept),
        low=_at(confidence.low, at),
        high=_at(confidence.high, at),
        past_cases=None if confidence.past_cases is None else int(confidence.past_cases[at]),
        past_hits=None if confidence.past_hits is None else int(confidence.past_hits[at]),
        known_low=_at(confidence.known_low, at),
        known_high=_at(confidence.known_high, at),
        coverage=confidence.coverage,
        corrected_by=confidence.method,
        withdrawn=confidence.withdrawn,
        weighted=confidence.weights is not None,
        context={str(name): str(cells.iloc[at]) for name, cells in decisions.table.context.items()},
        column_faults=column_faults(decisions),
        recorded=recorded_column(decisions),
        least=confidence.least,
        most=confidence.most,
    )


def reasons_of(decisions: Decisions, at: int) -> tuple[Reason, ...]:
    """All columns of one row with their shares, strongest first; ties keep the schema's order."""
    explanation = decisions.explanation
    severity: dict[str, Severity] = {}
    for item in sorted(warnings_of(decisions, at), key=lambda one: -SEVERITIES.index(one.severity)):
        severity[item.column] = item.severity
    unread = decisions.table.unread
    reasons = [
        Reason(
            column=column.name,
            title=column.title,
            value=words.cell(decisions.table.cells.at(column.name, at), column, unread.get(column.name, {}).get(at)),
            contribution=float(explanation.values[at, j]),
            error=None if explanation.error is None else float(explanation.error[at, j]),
            background_error=None
            if explanation.background_error is None
            else float(explanation.background_error[at, j]),
            severity=severity.get(column.name),
        )
        for j, column in enumerate(decisions.schema)
    ]
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution)))


def warnings_of(decisions: Decisions, at: int) -> tuple[CellWarning, ...]:
    """The warnings of one row: what changes the score most first, then what weighs most in it; remarks come last."""
    import numpy as np

    # a row without reasons has none that weighs
    names, shares = decisions.schema.names, np.nan_to_num(decisions.explanation.values[at])

    def rank(item: CellWarning) -> tuple[bool, float, int, float]:
        weight = abs(float(shares[names.index(item.column)])) if item.column in names else 0.0
        return item.severity == "info", -abs(item.impact or 0.0), SEVERITIES.index(item.severity), -weight

    found = [_cell(warning, i) for warning in decisions.warnings for i in (warning.rows == at).nonzero()[0]]
    return tuple(sorted(found, key=rank))


def recorded_column(decisions: Decisions) -> str:
    """The column beside the data that is named like the model's target, and says what really happened; "" for none."""
    wanted = decisions.model.target.strip().casefold()
    names = map(str, decisions.table.context.columns)
    return next((name for name in names if name.strip().casefold() == wanted), "")


SAID_OF_CELLS = {"missing column": "missing"}
"""Checks of whole columns whose cells have a check of another name."""


def column_faults(decisions: Decisions) -> tuple[CellWarning, ...]:
    """The faults of whole columns that the model uses; the gravest first."""
    names = decisions.schema.names
    # what is said of cells, too, concerns the rows of these alone, and is said there
    by_cell = {(warning.check, warning.column) for warning in decisions.warnings if not warning.whole_column}
    found = [
        CellWarning(warning.check, warning.column, warning.severity, warning.messages[0], "", None, *(None,) * 4)
        for warning in decisions.warnings
        if warning.whole_column
        and warning.severity != "info"
        and warning.column in names
        and (SAID_OF_CELLS.get(warning.check, warning.check), warning.column) not in by_cell
    ]
    return tuple(sorted(found, key=lambda item: SEVERITIES.index(item.severity)))


def _cell(warning: DataWarning, i: int) -> CellWarning:
    return CellWarning(
        check=warning.check,
        column=warning.column,
        severity=warning.severity,
        message=warning.messages[i],
        found=warning.found[i],
        suggestion=warning.suggestion[i],
        applied=warning.applied,
        **{name: _at(getattr(warning, name), i) for name in ("repaired", "impact", "impact_low", "impact_high")},
        flips=None if warning.flips is None else int(warning.flips[i]),
    )


def _at(values: npt.NDArray[np.float64] | None, at: int) -> float | None:
    if values is None or math.isnan(values[at]):
        return None
    return float(values[at])
