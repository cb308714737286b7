"""Decision: one row of a review, as screen, files and notebook show it, with its reasons and warned cells."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, replace
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

    @property
    def mirrored(self) -> CellWarning:
        """The same with its price told of the other of two outcomes."""
        return replace(
            self,
            repaired=None if self.repaired is None else 1 - self.repaired,
            impact=None if self.impact is None else -self.impact,
            impact_low=None if self.impact_high is None else -self.impact_high,
            impact_high=None if self.impact_low is None else -self.impact_low,
        )


@dataclass(frozen=True)
class Decision:
    """One row, reviewed. `score` is about `shown`; `reasons` come strongest first and add up with `base` to it.

    `warnings` are those of its cells, `column_faults` those of whole columns, which every row has; `recorded` names
    the entry of `context` that says what really happened; no value is below `least` or above `most`, where known.
    """

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
    column_faults: tuple[CellWarning, ...] = ()
    recorded: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def answered(self) -> bool:
        """Whether the model gives a number for the row."""
        return math.isfinite(self.score)

    @property
    def adds_up(self) -> bool:
        """Whether base and reasons give the model's own score, up to float32 rounding."""
        # where there are no reasons there is no gap: NaN
        return not self.answered or not self.gap > ADDS_UP * max(1.0, abs(self.score), abs(self.base))

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
        """The prediction in one sentence, beside a typical past case."""
        if not self.answered:
            blank = [reason.title for reason in self.reasons if reason.value == words.MISSING]
            why = f": {words.listed(blank, 3)} {'was' if len(blank) == 1 else 'were'} left blank" if blank else ""
            return f"The model gives no number for this row{why}."
        cut = self.model.cut
        if self.model.task == "regression":
            said = f"The model predicts a {self.model.target} of {words.number(self.score, self.model.unit)}"
        else:
            said = f"The model says {self.shown}: {words.amount(self.score, self.space)}"
        start = words.amount(self.base, self.space, self.model.unit)
        decides = f" {words.decides(self.model.outputs, cut)}" if cut else ""
        return f"{said}; for a typical past case it is {start}.{decides}"

    @property
    def worst(self) -> Severity | None:
        """The severest of its warnings."""
        return min((item.severity for item in self.warnings), key=SEVERITIES.index, default=None)

    @property
    def doubted(self) -> bool:
        """Whether a fault (more than a mere remark) casts doubt on what past cases say of this one."""
        return bool(self.faults)

    @property
    def faults(self) -> tuple[CellWarning, ...]:
        """The warnings that are more than mere remarks."""
        return tuple(item for item in self.warnings if item.severity != "info")

    @property
    def broken(self) -> bool:
        """Whether a value is wrong for sure: until it is corrected nothing is promised."""
        return any(item.severity == "error" for item in self.warnings)

    @property
    def letter(self) -> str:
        """The grade as it is shown: none while a value is wrong."""
        return "" if self.broken else self.grade

    @property
    def shown_range(self) -> tuple[float | None, float | None]:
        """`low` and `high`, within what a value can be."""
        low, high = (None if end is None else words.within(end, self.least, self.most) for end in (self.low, self.high))
        return low, high

    @property
    def of_predicted(self) -> Decision:
        """The same with every number about the predicted outcome: of two outcomes those of one mirror the other's."""
        if self.shown == self.predicted or self.model.task != "binary" or not self.answered:
            return self
        likely = self.space == "probability"
        return replace(
            self,
            shown=self.predicted,
            score=self.scores[self.predicted] if likely else -self.score,
            base=1 - self.base if likely else -self.base,
            reasons=tuple(replace(item, contribution=-item.contribution) for item in self.reasons),
            warnings=tuple(item.mirrored for item in self.warnings),
            past_hits=None if self.past_cases is None or self.past_hits is None else self.past_cases - self.past_hits,
            known_low=None if self.known_high is None else 1 - self.known_high,
            known_high=None if self.known_low is None else 1 - self.known_low,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready content; missing numbers are None, never NaN."""
        content: dict[str, Any] = _plain(asdict(self))
        return content

    def _repr_html_(self) -> str:
        """The decision as a notebook shows it."""
        from explain.decisions.notebook import decision_html

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
