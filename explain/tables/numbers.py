"""Text cells -> numbers: decimal point or comma, thousands separators, missing tokens; decided once a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from explain.types import Column, Flags, Floats, Ints

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?", "#n/a", "missing", "<na>", "nil"})
"""What people write for a blank, lower case. A category that is called so stays a category."""

_GAP = " '\u00a0\u2009\u202f\u2019"
"""Marks between groups of three that no country uses for decimals."""
_POWER = "(?:[eE][+-]?[0-9]+)?"


def _pattern(decimal: str, group: str) -> str:
    """The texts that are a number under one decimal mark, in RE2's dialect, which arrow runs over whole columns.

    A group of three stands behind one to three digits that do not start with zero: "0,123" is no thousands.
    """
    whole = "|".join(["[0-9]+", *(f"[1-9][0-9]{{0,2}}(?:[{mark}][0-9]{{3}})+" for mark in (group, _GAP))])
    return f"^[+-]?(?:(?:{whole})(?:{decimal}[0-9]*)?|{decimal}[0-9]+){_POWER}$"


_POINT = _pattern(r"\.", ",")
_COMMA = _pattern(",", r"\.")
_GROUPED = {
    comma: f"^[+-]?[0-9]{{1,3}}[{_GAP}{mark}][0-9]{{3}}(?:[^0-9]|$)" for comma, mark in ((False, ","), (True, r"\."))
}


@dataclass(frozen=True)
class Numbers:
    """`values` (n,) with NaN for blanks and for `unread` cells (position -> text); what was found on the way."""

    values: Floats
    unread: dict[int, str]
    decimal_comma: bool = False
    thousands: bool = False
    missing_tokens: int = 0


def parse_numbers(cells: pd.Series, column: Column) -> Numbers:
    """Read a column of numbers (n,); each distinct text is looked at once. Nothing is raised for unreadable cells."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_any_real_numeric_dtype(cells):
        return _finite(cells.to_numpy(dtype=np.float64, na_value=np.nan))
    codes, distinct = pd.factorize(cells.to_numpy(dtype=object))
    texts = [_text(item) for item in distinct]
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    values, comma, grouped = _numbers(texts, counts, column)
    blank = np.array(
        [
            not known and isinstance(text, str) and text.casefold() in MISSING
            for known, text in zip(~np.isnan(values), texts, strict=True)
        ],
        dtype=bool,
    )
    # what is no finite number and no blank stays visible as the text that came; typed NaN never gets a code
    bad = ~np.isfinite(values) & ~blank
    worded = blank & np.array([text != "" for text in texts], dtype=bool)
    rows = np.flatnonzero(np.append(bad, False)[codes])
    return Numbers(
        values=np.append(np.where(bad, np.nan, values), np.nan)[codes],
        unread={int(row): str(distinct[codes[row]]).strip() for row in rows},
        decimal_comma=comma and any(isinstance(text, str) and "," in text for text in texts),
        thousands=grouped,
        missing_tokens=int(counts[worded].sum()),
    )


def _finite(values: Floats) -> Numbers:
    """Numbers as they came; infinities cannot be used and are kept as text."""
    import numpy as np

    endless = np.isinf(values)
    unread = {int(row): "inf" if values[row] > 0 else "-inf" for row in np.flatnonzero(endless)}
    return Numbers(np.where(endless, np.nan, values), unread)


def _text(item: object) -> str | float:
    """A distinct cell as stripped text, or as the number that it already is."""
    if isinstance(item, str):
        return item.strip()
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, int | float):
        try:
            return float(item)
        except OverflowError:
            return str(item)
    return str(item).strip()


def _numbers(texts: list[str | float], counts: Ints, column: Column) -> tuple[Floats, bool, bool]:
    """Values (d,) of distinct texts, NaN for what is none; whether a decimal comma and thousands marks were read."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    given = [text if isinstance(text, str) else "" for text in texts]
    strings = pc.replace_substring(pa.array(given, type=pa.string()), "\u2212", "-")
    fits = {comma: _matches(strings, _COMMA if comma else _POINT) for comma in (False, True)}
    comma = _reads_as_comma(strings, fits, counts, column)
    values = _parsed(strings, fits[comma], comma=comma)
    typed = np.array([not isinstance(text, str) for text in texts], dtype=bool)
    values[typed] = [text for text in texts if not isinstance(text, str)]
    grouped = bool((fits[comma] & _matches(strings, _GROUPED[comma])).any())
    return values, comma, grouped


def _matches(strings: pa.StringArray, pattern: str) -> Flags:
    import numpy as np
    import pyarrow.compute as pc

    found: Flags = np.asarray(pc.match_substring_regex(strings, pattern).to_numpy(zero_copy_only=False), dtype=bool)
    return found


def _parsed(strings: pa.StringArray, fit: Flags, *, comma: bool) -> Floats:
    """Values (d,) under one reading, NaN where it does not fit; too large for a float is infinite."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values = np.full(len(fit), np.nan)
    plain = pc.replace_substring_regex(strings.filter(pa.array(fit)), f"[+{'.' if comma else ','}{_GAP}]", "")
    if comma:
        plain = pc.replace_substring(plain, ",", ".")
    try:
        values[fit] = plain.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:  # arrow refuses a whole column for one 1e999
        values[fit] = [float(text) for text in plain.to_pylist()]
    return values


def _reads_as_comma(strings: pa.StringArray, fits: dict[bool, Flags], counts: Ints, column: Column) -> bool:
    """Whether the column's decimal mark is a comma.

    Cells that only one reading fits decide ("12,5" or "1.234,50" against "12.5" or "1,234.50"). Where every cell fits
    both ("1.234"), the reading whose values lie in the reference range wins, and a plain point otherwise.
    """
    only_comma = counts[fits[True] & ~fits[False]].sum()
    only_point = counts[fits[False] & ~fits[True]].sum()
    if only_comma != only_point:
        return bool(only_comma > only_point)
    both = fits[True] & fits[False]
    if column.low is None or column.high is None or not both.any():
        return False
    inside = {}
    for comma in (True, False):
        values = _parsed(strings, both, comma=comma)
        inside[comma] = counts[(values >= column.low) & (values <= column.high)].sum()
    return bool(inside[True] > inside[False])
