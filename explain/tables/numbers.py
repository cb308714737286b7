"""Text cells -> numbers: decimal point or comma, thousands separators, currency, per cent, unit, words for missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explain.tables import affixes

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from explain.types import Column, Flags, Floats, Ints

MISSING = frozenset(
    {
        "", "na", "n/a", "n.a.", "n.a", "nan", "null", "none", "nil", "-", "--", "–", "—", "?", ".", "#n/a", "<na>",
        "missing", "unknown", "not known", "not stated", "not available", "not specified", "unspecified", "k.a.",
    }
)  # fmt: skip
"""What people write for a blank, lower case. A category that is called so stays a category."""

PLAIN, BLANK, MISSING_WORD = "", "blank", "missing word"
"""Readings that change nothing, and the one of a word for a blank."""

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
    """`values` (n,) with NaN for blanks and for `unread` cells (position -> text).

    `readings` are the ways in which cells that are no plain numbers were read, each with their positions and texts.
    """

    values: Floats
    unread: dict[int, str]
    readings: tuple[Reading, ...] = ()

    def read_as(self, kind: str) -> int:
        """How many cells were read in that way."""
        return sum(len(item.rows) for item in self.readings if item.kind == kind)


@dataclass(frozen=True)
class Reading:
    """Cells at `rows` (m,), which held the texts `found` (m,), were read in one way."""

    kind: str
    rows: Ints
    found: npt.NDArray[np.object_]


def parse_numbers(cells: pd.Series, column: Column) -> Numbers:
    """Read a column of numbers (n,); each distinct text is looked at once. Nothing is raised for unreadable cells."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_any_real_numeric_dtype(cells):
        return _finite(cells.to_numpy(dtype=np.float64, na_value=np.nan))
    codes, distinct = pd.factorize(cells.to_numpy(dtype=object))
    strings, typed = _strings(distinct)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    values, kinds = _numbers(strings, typed, counts, column)
    for at in np.flatnonzero(np.isnan(values) & np.isnan(typed)):
        text = strings[at].as_py()
        if text.casefold() in MISSING:
            kinds[at] = MISSING_WORD if text else BLANK
    # what is no finite number and no blank stays visible as the text that came; typed NaN never gets a code
    bad = ~np.isfinite(values) & (kinds != MISSING_WORD) & (kinds != BLANK)
    rows = np.flatnonzero(np.append(bad, False)[codes])
    return Numbers(
        values=np.append(np.where(bad, np.nan, values), np.nan)[codes],
        unread={int(row): str(distinct[codes[row]]).strip() for row in rows},
        readings=_readings(codes, np.where(bad, PLAIN, kinds), distinct),
    )


def _readings(codes: Ints, kinds: npt.NDArray[np.object_], distinct: npt.NDArray[np.object_]) -> tuple[Reading, ...]:
    """The cells of each kind of reading; plain numbers and empty cells are none."""
    import numpy as np

    found = []
    for kind in sorted({*kinds} - {PLAIN, BLANK}):
        rows = np.flatnonzero(np.append(kinds == kind, False)[codes])
        found.append(Reading(kind, rows, distinct[codes[rows]]))
    return tuple(found)


def _finite(values: Floats) -> Numbers:
    """Numbers as they came; infinities cannot be used and are kept as text."""
    import numpy as np

    endless = np.isinf(values)
    unread = {int(row): "inf" if values[row] > 0 else "-inf" for row in np.flatnonzero(endless)}
    return Numbers(np.where(endless, np.nan, values), unread)


def _strings(distinct: npt.NDArray[np.object_]) -> tuple[pa.StringArray, Floats]:
    """The distinct cells (d,) as stripped texts, and the values of those that are numbers already (else NaN)."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    values = np.full(len(distinct), np.nan)
    texts = distinct
    if pd.api.types.infer_dtype(distinct) != "string":
        given = [_text(item) for item in distinct]
        typed = np.array([not isinstance(text, str) for text in given], dtype=bool)
        values[typed] = [text for text in given if not isinstance(text, str)]
        # a typed number is no text, and no blank either
        texts = np.array([text if isinstance(text, str) else "0" for text in given], dtype=object)
    return pc.utf8_trim_whitespace(pa.array(texts, type=pa.string())), values


def _text(item: object) -> str | float:
    """A distinct cell as text, or as the number that it already is."""
    if isinstance(item, str):
        return item
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, int | float):
        try:
            return float(item)
        except OverflowError:
            return str(item)
    return str(item)


def _numbers(
    strings: pa.StringArray, typed: Floats, counts: Ints, column: Column
) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Values (d,) of distinct texts, NaN for what is none, and in which way each was read; `typed` are no texts.

    One decimal mark is chosen for the column. Cells that only the other one fits, or that only the other one puts
    among the values of the reference, are read by that; then marks around a number are taken off.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    strings = pc.replace_substring(strings, "\u2212", "-")
    fits = {comma: _matches(strings, _COMMA if comma else _POINT) for comma in (False, True)}
    is_text = np.isnan(typed)
    comma = _reads_as_comma(strings, fits, counts * is_text, column)
    values, kinds = _read_marks(strings, fits, column, comma=comma)
    values[~is_text], kinds[~is_text] = typed[~is_text], PLAIN
    for kind in affixes.KINDS:
        at = np.flatnonzero(np.isnan(values) & is_text)
        if len(at):
            rest = strings.take(pa.array(at))
            values[at], mine = _without_marks(rest, kind, column, comma=comma)
            kinds[at] = np.where(np.isnan(values[at]), PLAIN, mine)
    return values, kinds


def _read_marks(
    strings: pa.StringArray, fits: dict[bool, Flags], column: Column, *, comma: bool
) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Values (d,) by the decimal marks alone, and what they are called."""
    import numpy as np
    import pyarrow.compute as pc

    mine, other = (_parsed(strings, fits[mark], comma=mark) for mark in (comma, not comma))
    swapped = np.isnan(mine) & ~np.isnan(other) | ~_among(mine, column) & _among(other, column)
    values = np.where(swapped, other, mine)
    by_comma = np.where(swapped, not comma, comma)
    kinds = np.full(len(values), PLAIN, dtype=object)
    for mark in (False, True):
        kinds[(by_comma == mark) & _matches(strings, _GROUPED[mark]) & ~np.isnan(values)] = "thousands"
    has_comma = np.asarray(pc.match_substring(strings, ",").to_numpy(zero_copy_only=False), dtype=bool)
    kinds[by_comma & has_comma & ~np.isnan(values)] = "decimal comma"
    kinds[swapped & ~by_comma] = "decimal point"
    return values, kinds


def _among(values: Floats, column: Column) -> Flags:
    """Which values are such as the reference has; none where that is not known."""
    import numpy as np

    if column.low is None or column.high is None:
        return np.zeros(len(values), dtype=bool)
    inside = (values >= column.low) & (values <= column.high)
    return inside & (values == np.round(values)) if column.integer else inside


def _without_marks(strings: pa.StringArray, kind: str, column: Column, *, comma: bool) -> tuple[Floats, str]:
    """Values (d,) of texts without their marks of one kind, in the unit that the reference supports."""
    import numpy as np

    bare = affixes.without(strings, kind)
    fits = {mark: _matches(bare, _COMMA if mark else _POINT) for mark in (False, True)}
    values, _ = _read_marks(bare, fits, column, comma=comma)
    for at in np.flatnonzero(~np.isnan(values)) if kind != "currency" else ():
        tries = [values[at] * factor for factor in affixes.factors(strings[at].as_py(), kind, column.unit)]
        values[at] = next((value for value in tries if _among(np.array([value]), column)[0]), tries[0])
    return values, kind


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
