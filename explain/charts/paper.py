"""The waterfall as plain numbers, for paper: a page of HTML draws its bars without a script or a screen's width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain import words
from explain.charts.waterfall import shown_reasons

if TYPE_CHECKING:
    from explain.decisions.decision import Decision
    from explain.types import Severity

MOST_BARS = 10
WHOLE = 100.0


@dataclass(frozen=True)
class PaperBar:
    """One bar: the column's `title` and `value`, what it `moved` in words, and where it lies, in % of the track."""

    title: str
    value: str
    moved: str
    left: float
    width: float
    raises: bool
    severity: Severity | None


@dataclass(frozen=True)
class PaperWaterfall:
    """Bars from the `typical` score to that of `this` case, whose places are in % of the track, too."""

    bars: tuple[PaperBar, ...]
    typical: float
    this: float


def paper_waterfall(decision: Decision, most: int = MOST_BARS) -> PaperWaterfall:
    """The strongest reasons, the rest folded into one bar, as the waterfall on the screen has them."""
    reasons = shown_reasons(decision, most)
    ends = [decision.base]
    for reason in reasons:
        ends.append(ends[-1] + reason.contribution)
    low, high = min(ends), max(ends)
    reach = (high - low) or 1.0

    def place(score: float) -> float:
        return WHOLE * (score - low) / reach

    bars = [
        PaperBar(
            title=reason.title,
            value=reason.value,
            moved=words.change(reason.contribution, decision.space, decision.model.unit),
            left=place(min(start, end)),
            width=WHOLE * abs(end - start) / reach,
            raises=reason.contribution > 0,
            severity=reason.severity,
        )
        for reason, start, end in zip(reasons, ends[:-1], ends[1:], strict=True)
    ]
    return PaperWaterfall(tuple(bars), place(decision.base), place(ends[-1]))
