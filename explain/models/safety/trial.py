"""A first load and run of a model in a process of its own, before it is let into this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain.errors import ModelError
from explain.safety.arrays import pack
from explain.safety.limited import LIMITS, Limits, run_limited

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import numpy as np
    import pandas as pd

    from explain.types import Floats

MOST_ROWS = 256
"""Sample rows: they are held against each other, not scored for their own sake."""
_LONGEST_TEXT = 10_000
"""Characters of a cell, which all cells of its column are padded to."""


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
    columns = pack({f"c{at}": _plain(sample.iloc[:, at]) for at in range(sample.shape[1])})
    options = {"names": [str(name) for name in sample.columns], "outputs": outputs, "allow": sorted(allow)}
    found = run_limited("try_onnx", {"model": content, "rows": columns}, options, limits)
    times = {str(name): float(value) for name, value in found.facts.items()}
    return Trial(_scores(found.arrays, len(sample)), times, found.seconds)


def _plain(values: pd.Series) -> np.ndarray[Any, Any]:
    """A column as doubles, or as texts with "" for missing."""
    import numpy as np
    from pandas.api.types import is_numeric_dtype

    if is_numeric_dtype(values):
        return values.to_numpy(dtype=np.float64)
    texts = ["" if value is None or value != value else str(value)[:_LONGEST_TEXT] for value in values]
    return np.array(texts, dtype=np.str_)


def _scores(arrays: Mapping[str, np.ndarray[Any, Any]], rows: int) -> Floats:
    import numpy as np

    scores = arrays.get("scores", np.zeros(0))
    if scores.ndim != 2 or len(scores) != rows or scores.dtype != np.float64:
        raise ModelError("The trial of the file ended without an answer that can be read. Export the file anew.")
    return scores
