"""Decisions (the whole reviewed table, columnar) and Decision (one row of it): what screen, files and notebook show."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from explain import words
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
        Space,
        Table,
    )

ADDS_UP = 1e-5
"""Largest gap, relative to the scale of the scores, at which reasons count as adding up (float32 models)."""


@dataclass(frozen=True)
class Reason:
    """One raw column's share in a score; `value` is the cell in words.

    `error` is the standard error where coalitions were sampled, `background_error` where reference rows were.
    """

    column: str
    title: str
    value: str
    contribution: float
    error: float | None = None
    background_error: float | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class CellWarning:
    """One warned cell of a row; see `DataWarning` for the fields."""

    check: str
    column: str
    severity: Severity
    message: str
    found: str
    suggestion: str | None
    repaired: float | None
    impact: float | None
    impact_low: float | None
    impact_high: float | None
    applied: bool = False
    flips: int | None = None


@dataclass(frozen=True)
class Decision:
    """One row, reviewed. `score` is about `shown`; `reasons` come strongest first and add up with `base` to it."""

    row_id: str
    position: int
    model: ModelInfo
    predicted: str
    shown: str
    score: float
    scores: Mapping[str, float]
    base: float
    space: Space
    gap: float
    method: str
    reasons: tuple[Reason, ...]
    warnings: tuple[CellWarning, ...]
    level: float
    calibration_rows: int
    grade: str
    honest: float | None
    calibrated: Mapping[str, float] | None
    plausible: tuple[str, ...] | None
    low: float | None
    high: float | None
    past_cases: int | None
    past_hits: int | None
    known_low: float | None = None
    known_high: float | None = None
    coverage: float | None = None
    corrected_by: str = ""
    withdrawn: str = ""
    weighted: bool = False
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether the model gives a number for the row."""
        return math.isfinite(self.score)

    @property
    def adds_up(self) -> bool:
        """Whether base and reasons give the model's own score, up to float32 rounding."""
        return not self.answered or self.gap <= ADDS_UP * max(1.0, abs(self.score), abs(self.base))

    @property
    def headline(self) -> str:
        """'Declined · 78 in 100', or '$4,120'."""
        if not self.answered:
            return words.NO_ANSWER.capitalize()
        if self.model.task == "regression":
            return words.number(self.score, self.model.unit)
        return f"{self.predicted[:1].upper()}{self.predicted[1:]} · {words.in_100(self.scores[self.predicted])}"

    @property
    def sentence(self) -> str:
        """The prediction in one sentence, beside a typical case."""
        if not self.answered:
            blank = [reason.title for reason in self.reasons if reason.value == words.MISSING]
            why = f", which has no {words.listed(blank, 3)}" if blank else ""
            return f"The model gives no number for this row{why}."
        if self.model.task == "regression":
            said = f"The model predicts a {self.model.target} of {words.number(self.score, self.model.unit)}"
        elif self.predicted == self.shown:
            said = f"The model puts the chance of {self.shown} at {words.in_100(self.score)}"
        else:
            chance = words.in_100(self.score)
            said = f"The model holds {self.predicted} for likelier: the chance of {self.shown} is {chance}"
        start = words.amount(self.base, self.space, self.model.unit)
        return f"{said}; for a typical case it is {start}."

    @property
    def soundness(self) -> str:
        """What is wrong with the row's data, and what the worst of it does to the score, in one sentence."""
        if not self.warnings:
            return "Data: nothing unusual."
        counts = [
            words.count(sum(item.severity == severity for item in self.warnings), noun)
            for severity, noun in (("error", "error"), ("warning", "warning"), ("info", "remark"))
            if any(item.severity == severity for item in self.warnings)
        ]
        worst = self.warnings[0]
        column = next((reason.title for reason in self.reasons if reason.column == worst.column), "the row as a whole")
        alone = len(self.warnings) == 1
        said = f"Data: {words.listed(counts)}{'' if alone else ', the first'} in {column}"
        if worst.repaired is None:
            return f"{said}."
        what = self.model.target if self.model.task == "regression" else self.shown
        mended = words.amount(worst.repaired, self.space, self.model.unit)
        now = words.amount(self.score, self.space, self.model.unit)
        beside = f" instead of {now}" if self.answered else ""
        return f"{said}; mended: {what} {mended}{beside}." if mended != now else f"{said}; mended: no change."

    @property
    def worst(self) -> Severity | None:
        """The severest of its warnings."""
        return min((item.severity for item in self.warnings), key=SEVERITIES.index, default=None)

    @property
    def doubted(self) -> bool:
        """Whether a data warning (more than mere information) casts doubt on what past cases say of this one."""
        return any(item.severity != "info" for item in self.warnings)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready content; missing numbers are None, never NaN."""
        content: dict[str, Any] = _plain(asdict(self))
        return content

    def _repr_html_(self) -> str:
        """The decision as a notebook shows it."""
        from explain.notebook import decision_html

        return decision_html(self)


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

    @property
    def warning_counts(self) -> Ints:
        """(n,) warned cells a row that deserve a look: errors and warnings, not mere information."""
        import numpy as np

        counts = np.zeros(len(self), dtype=np.int64)
        for warning in self.warnings:
            if warning.severity != "info":
                np.add.at(counts, warning.rows, 1)
        return counts

    @property
    def worst(self) -> Ints:
        """(n,) worst severity a row as its position in SEVERITIES; 3 where there is none."""
        import numpy as np

        worst = np.full(len(self), len(SEVERITIES), dtype=np.int64)
        for warning in self.warnings:
            np.minimum.at(worst, warning.rows, SEVERITIES.index(warning.severity))
        return worst

    def position(self, row: int | str) -> int:
        """Position of a row by position or id; raises NotFoundError."""
        if isinstance(row, int):
            if -len(self) <= row < len(self):
                return row % len(self)
        elif row in self._positions:
            return self._positions[row]
        raise NotFoundError(f"There is no row '{row}' in this review. It has {words.count(len(self), 'row')}.")

    @property
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
        """Write `decisions` and `warnings` as Parquet and CSV, and run.json, into a folder; see `explain.files`."""
        from explain.files import write_decisions

        return write_decisions(self, folder)

    def _repr_html_(self) -> str:
        """The first rows as a notebook shows them."""
        from explain.notebook import decisions_html

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
    )


def reasons_of(decisions: Decisions, at: int) -> tuple[Reason, ...]:
    """All columns of one row with their shares, strongest first; ties keep the schema's order."""
    explanation = decisions.explanation
    severity: dict[str, Severity] = {}
    for item in reversed(warnings_of(decisions, at)):
        severity[item.column] = item.severity
    unread = decisions.table.unread
    reasons = [
        Reason(
            column=column.name,
            title=column.title,
            value=words.cell(decisions.table.frame[column.name].iat[at], column, unread.get(column.name, {}).get(at)),
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
    names, shares = decisions.schema.names, decisions.explanation.values[at]

    def rank(item: CellWarning) -> tuple[bool, float, int, float]:
        weight = abs(float(shares[names.index(item.column)])) if item.column in names else 0.0
        return item.severity == "info", -abs(item.impact or 0.0), SEVERITIES.index(item.severity), -weight

    found = [_cell(warning, i) for warning in decisions.warnings for i in (warning.rows == at).nonzero()[0]]
    return tuple(sorted(found, key=rank))


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


def _plain(content: Any) -> Any:  # noqa: ANN401 - JSON is recursive
    return json.loads(json.dumps(_without_nan(content)))


def _without_nan(value: Any) -> Any:  # noqa: ANN401 - JSON is recursive
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value
