"""Raw rows on their way into a limited process, and out again there: columns of doubles, or of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explain.safety.arrays import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

_LONGEST_TEXT = 10_000
"""Characters of a cell, which all cells of its column are padded to."""


def pack_rows(frame: pd.DataFrame) -> bytes:
    """Rows (n, p) as bytes: numbers as doubles, all else as texts with "" for missing; names stay behind."""
    return pack({f"c{at}": _plain(frame.iloc[:, at]) for at in range(frame.shape[1])})


def unpack_columns(content: bytes, names: Sequence[str]) -> dict[str, np.ndarray[Any, Any]]:
    """The columns (n,) by these names, doubles or texts; raises ModelError, TooLargeError or ValueError for others."""
    stored = unpack(content, len(content))
    return {name: stored[f"c{at}"] for at, name in enumerate(names)}


def unpack_rows(content: bytes, names: Sequence[str]) -> pd.DataFrame:
    """The rows (n, p) with None for a missing text, as a library that trains on data frames wants them."""
    import pandas as pd

    cells = unpack_columns(content, names)
    for name, values in cells.items():
        if values.dtype.kind == "U":
            cells[name] = values.astype(object)
            cells[name][values == ""] = None
    return pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in cells.items()})


def _plain(values: pd.Series) -> np.ndarray[Any, Any]:
    import numpy as np
    from pandas.api.types import is_numeric_dtype

    if is_numeric_dtype(values):
        return values.to_numpy(dtype=np.float64)
    texts = ["" if value is None or value != value else str(value)[:_LONGEST_TEXT] for value in values]
    return np.array(texts, dtype=np.str_)
