"""Text cells -> numbers: decimal point or comma, thousands separators, missing tokens; decided once a column."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from explain.types import Column, Floats

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?", "#n/a", "missing", "<na>", "nil"})
"""What people write for a blank, lower case. A category that is called so stays a category."""

_SPACES = re.compile(r"(?<=\d)[\s'\u00a0\u202f\u2019](?=\d{3}(\D|$))")
_POINT = re.compile(r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d+)?$|^[+-]?\.\d+([eE][+-]?\d+)?$")
_COMMA = re.compile(r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d*)?([eE][+-]?\d+)?$|^[+-]?,\d+([eE][+-]?\d+)?$")


@dataclass(frozen=True)
class Numbers:
    """`values` (n,) with NaN for blanks and for `unread` cells (position -> text); what was found on the way."""

    values: Floats
    unread: dict[int, str]
    decimal_comma: bool = False
    thousands: bool = False
    missing_tokens: int = 0


def parse_numbers(cells: pd.Series, column: Column) -> Numbers:
    """Read a column of numbers; each distinct text is looked at once."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return _finite(cells.to_numpy(dtype=np.float64, na_value=np.nan))
    codes, distinct = pd.factorize(cells.to_numpy(dtype=object))
    texts = [_text(item) for item in distinct]
    comma = _reads_as_comma([text for text in texts if isinstance(text, str)], column)
    read = [item if isinstance(item, float) else _number(item, comma=comma) for item in texts]
    table = np.array([math.nan if value is None else value for value in read] + [math.nan])
    bad = {code for code, value in enumerate(read) if value is None or math.isinf(value)}
    table[list(bad)] = math.nan
    tokens = [code for code, text in enumerate(texts) if isinstance(text, str) and text and text.casefold() in MISSING]
    rows = np.flatnonzero(np.isin(codes, list(bad)))
    return Numbers(
        values=table[codes],
        unread={int(row): str(distinct[codes[row]]).strip() for row in rows},
        decimal_comma=comma and any(isinstance(text, str) and "," in text for text in texts),
        thousands=any(_has_thousands(text, comma=comma) for text in texts if isinstance(text, str)),
        missing_tokens=int(np.isin(codes, tokens).sum()) if tokens else 0,
    )


def _finite(values: Floats) -> Numbers:
    """Numbers as they came; infinities cannot be used and are kept as text."""
    import numpy as np

    endless = np.isinf(values)
    unread = {int(row): "inf" if values[row] > 0 else "-inf" for row in np.flatnonzero(endless)}
    return Numbers(np.where(endless, np.nan, values), unread)


def _text(item: object) -> str | float:
    """A distinct cell as stripped text, or as the number that it already is."""
    if item is None or item != item:
        return ""
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, int | float):
        return float(item)
    return str(item).strip()


def _number(text: str, *, comma: bool) -> float | None:
    """The number a text stands for; NaN for a blank, None when it is none."""
    if text.casefold() in MISSING:
        return math.nan
    plain = _SPACES.sub("", text).replace("\u2212", "-")
    if not (_COMMA if comma else _POINT).match(plain):
        return math.inf if plain.casefold().lstrip("+-") in {"inf", "infinity"} else None
    plain = plain.replace(".", "").replace(",", ".") if comma else plain.replace(",", "")
    return float(plain)


def _has_thousands(text: str, *, comma: bool) -> bool:
    return bool(_SPACES.search(text)) or bool(
        re.match(r"^[+-]?\d{1,3}(\.\d{3})+(,|$)" if comma else r"^[+-]?\d{1,3}(,\d{3})+(\.|$)", text)
    )


def _reads_as_comma(texts: Iterable[str], column: Column) -> bool:
    """Whether the column's decimal mark is a comma.

    Cells that only one reading fits decide ("12,5" or "1.234,50" against "12.5" or "1,234.50"). Where every cell fits
    both ("1.234"), the reading whose values lie in the reference range wins, and a plain point otherwise.
    """
    cells = [_SPACES.sub("", text) for text in texts if text.casefold() not in MISSING and not text.isdecimal()]
    only_comma = sum(1 for text in cells if _COMMA.match(text) and not _POINT.match(text))
    only_point = sum(1 for text in cells if _POINT.match(text) and not _COMMA.match(text))
    if only_comma != only_point:
        return only_comma > only_point
    both = [text for text in cells if _COMMA.match(text) and _POINT.match(text)]
    if not both or column.low is None or column.high is None:
        return False
    inside = {comma: sum(_inside(_number(text, comma=comma), column) for text in both) for comma in (True, False)}
    return inside[True] > inside[False]


def _inside(value: float | None, column: Column) -> bool:
    return (
        value is not None and column.low is not None and column.high is not None and column.low <= value <= column.high
    )
