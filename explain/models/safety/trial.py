"""A first load and run of a model in a process of its own, before it is let into this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.errors import ModelError
from explain.models.packing import pack_rows
from explain.safety.limited import LIMITS, Limits, Result, run_limited

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from explain.types import Floats

MOST_ROWS = 256
"""Sample rows: they are held against each other, not scored for their own sake."""


@dataclass(frozen=True)
class Trial:
    """What came of it: `scores` (n, k) of the rows tried, seconds of checking, loading and running, and in all."""

    scores: Floats
    times: Mapping[str, float]
    seconds: float


def try_onnx(
    content: bytes, rows: pd.DataFrame, outputs: int = 1, allow: Collection[str] = (), limits: Limits = LIMITS
) -> Trial:
    """Check an ONNX file, load it and run it on sample rows (n, p), raw columns in the model's order, apart from here.

    The answers must be numbers (or missing, but not all), the same a second time, and the same for each row alone,
    among others and in another order. `outputs` (k) serves the sentence of a model without scores. At least two
    rows that differ are needed to tell; the first 256 are used. Raises ModelError or TooLargeError with what is wrong.
    """
    sample = rows.head(MOST_ROWS)
    options = {"names": [str(name) for name in sample.columns], "outputs": outputs, "allow": sorted(allow)}
    found = run_limited("try_onnx", {"model": content, "rows": pack_rows(sample)}, options, limits)
    times = {str(name): float(value) for name, value in found.facts.items()}
    return Trial(scores_in(found, len(sample)), times, found.seconds)


def scores_in(found: Result, rows: int) -> Floats:
    """The (n, k) scores that a limited process gave; raises ModelError where they are none."""
    import numpy as np

    scores = found.arrays.get("scores", np.zeros(0))
    if scores.ndim != 2 or len(scores) != rows or scores.dtype != np.float64:
        raise ModelError("The trial of the file ended without an answer that can be read. Export the file anew.")
    return scores
