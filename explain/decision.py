"""Decision: one row of a review, as screen, files and notebook show it, with its reasons and warned cells."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from explain import words
from explain.types import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explain.types import ModelInfo, Severity, Space

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
        cut = self.model.cut
        if self.model.task == "regression":
            said = f"The model predicts a {self.model.target} of {words.number(self.score, self.model.unit)}"
        elif self.predicted == self.shown or cut:
            said = f"The model puts the chance of {self.shown} at {words.in_100(self.score)}"
        else:
            chance = words.in_100(self.score)
            said = f"The model finds {self.predicted} more likely: the chance of {self.shown} is {chance}"
        start = words.amount(self.base, self.space, self.model.unit)
        decides = f" {words.decides(self.model.outputs, cut)}" if cut else ""
        return f"{said}; for a typical case it is {start}.{decides}"

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
        corrected = words.amount(worst.repaired, self.space, self.model.unit)
        now = words.amount(self.score, self.space, self.model.unit)
        beside = f" instead of {now}" if self.answered else ""
        if corrected == now:
            return f"{said}; correcting it changes nothing."
        return f"{said}; with it corrected: {what} {corrected}{beside}."

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


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(_without_nan(content)))
    return plain


def _without_nan(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value
