"""Cells of typed sources, made plain: text, numbers, truth, dates or None, which later steps can hash and write."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_AS_THEY_ARE = (bool, int, float, dt.date, dt.time, dt.timedelta)


def plain_column(cells: pd.Series) -> pd.Series:
    """A column (n,) of the same length; only object columns can hold surprises, others come back as they are.

    A column that mixes truth with anything else turns true and false into words, since Python takes True for 1.
    """
    import pandas as pd

    if cells.dtype != object:
        return cells
    plain = [None if blank else plain_cell(item) for item, blank in zip(cells, cells.isna(), strict=True)]
    kinds = {type(item) for item in plain if item is not None}
    if bool in kinds and len(kinds) > 1:
        plain = [str(item).lower() if isinstance(item, bool) else item for item in plain]
    return pd.Series(plain, dtype=object, index=cells.index)


def plain_cell(item: object) -> object:
    """One cell: lists and objects as JSON text, bytes as text, numpy's scalars as Python's."""
    import numpy as np

    if isinstance(item, str):
        return whole_text(item)
    if isinstance(item, np.ndarray | np.generic) and not isinstance(item, np.datetime64 | np.timedelta64):
        item = item.tolist()
    if isinstance(item, _AS_THEY_ARE):
        return item
    if isinstance(item, bytes | bytearray):
        return item.decode("utf-8", errors="replace")
    if isinstance(item, list | tuple | dict):
        try:
            return whole_text(json.dumps(item, ensure_ascii=False, default=str))
        except (TypeError, ValueError, RecursionError):
            return str(item)
    return whole_text(str(item))


def whole_text(text: str) -> str:
    """A text without halves of characters, which JSON can spell but no file, hash or screen can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
    return text
