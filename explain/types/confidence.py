"""Confidence: how far to trust each score, by what past cases came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.types.arrays import Flags, Floats, Ints
    from explain.types.ranges import Judged, Ranges, Weights


@dataclass(frozen=True)
class Confidence:
    """How far to trust each score, from held-out reference rows with known outcomes.

    Classification: `plausible` (n, k) marks the outcomes that cannot be ruled out at `level`, and the predicted one
    (`chosen`, (n,)), which is never ruled out under its own headline; `calibrated` (n, k) are
    probabilities corrected by what happened to past cases. Regression: `low`, `high` (n,) in target units.
    `honest` (n,) is the calibrated probability of the predicted outcome, lowered where data warnings make it
    doubtful (regression: the share of past cases whose truth was within 20 % of a value like this); `grade` (n,) is
    its letter A to D, "" without evidence. `past_cases` (n,) counts calibration rows with a score like this one,
    `past_hits` (n,) those among them that had the shown outcome. `known_low`, `known_high` (n,) say how well the
    probability of the shown outcome is known (Venn-Abers p0 and p1). `calibration_rows` is how many rows all of this
    rests on; 0 means no claims, for the reason in `withdrawn` where there could have been some. `method` is how
    probabilities were corrected ("raw", "Platt", "beta", "Venn-Abers") or what widths follow ("difficulty", "bands"),
    `coverage` the measured share of truths inside at `level`. `cohort` is the column whose groups were judged apart,
    `weights` those of past cases and rows where past cases were weighted. `least` and `most` are what a value can be at
    all, as past ones tell (see `assess.bounds`): ranges are shown within them, and kept as they are.

    From `p_values` (n, k) or `ranges`, and `judged`, sets, ranges and coverage at any other level are compared, not
    worked out (`confidence.at_level`).
    """

    level: float
    calibration_rows: int
    coverage: float | None = None
    plausible: Flags | None = None
    calibrated: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    honest: Floats | None = None
    grade: tuple[str, ...] = ()
    past_cases: Ints | None = None
    past_hits: Ints | None = None
    known_low: Floats | None = None
    known_high: Floats | None = None
    method: str = ""
    cohort: str = ""
    withdrawn: str = ""
    weights: Weights | None = None
    p_values: Floats | None = None
    chosen: Ints | None = None
    ranges: Ranges | None = None
    judged: Judged | None = None
    least: float | None = None
    most: float | None = None
