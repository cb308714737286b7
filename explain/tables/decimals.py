"""Decimal point or comma: which mark parts the fraction and which the thousands, told for a column and for a file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from explain.types import Column, Flags, Floats, Ints

GAPS = " '\u00a0\u2009\u202f\u2019"
"""Marks between groups of three that no country uses for decimals."""
LOCALES = {";": ",", ",": "."}
"""The decimal mark that goes with a delimiter: programs split at semicolons where the comma is taken."""
INSIDE, OUTSIDE = 0.9, 0.5
"""Shares of the cells in question that must lie among past values under the one reading, and at most under the other,
for these values to tell which is right: rows come that are beyond past ones, but hardly half of them."""
_POWER = "(?:[eE][+-]?[0-9]+)?"


def _pattern(decimal: str, group: str) -> str:
    """The texts that are a number under one decimal mark, in RE2's dialect, which arrow runs over whole columns.

    A group of three stands behind one to three digits that do not start with zero: "0,123" is no thousands.
    """
    whole = "|".join(["[0-9]+", *(f"[1-9][0-9]{{0,2}}(?:[{mark}][0-9]{{3}})+" for mark in (group, GAPS))])
    return f"^[+-]?(?:(?:{whole})(?:{decimal}[0-9]*)?|{decimal}[0-9]+){_POWER}$"


_PATTERNS = {False: _pattern(r"\.", ","), True: _pattern(",", r"\.")}
GROUPED = {
    comma: f"^[+-]?[0-9]{{1,3}}[{GAPS}{mark}][0-9]{{3}}(?:[^0-9]|$)" for comma, mark in ((False, ","), (True, r"\."))
}
"""Thousands in groups, by whether the decimal mark is a comma."""


class Mark(NamedTuple):
    """Whether the decimal mark of a column is a comma, and whether anything tells so."""

    comma: bool
    told: bool


def matches(strings: pa.StringArray, pattern: str) -> Flags:
    """(d,) which texts a pattern fits."""
    import numpy as np
    import pyarrow.compute as pc

    return np.asarray(pc.match_substring_regex(strings, pattern).to_numpy(zero_copy_only=False), dtype=bool)


def fitting(strings: pa.StringArray) -> dict[bool, Flags]:
    """(d,) which texts are a number, by whether the decimal mark is a comma."""
    return {comma: matches(strings, pattern) for comma, pattern in _PATTERNS.items()}


def parsed(strings: pa.StringArray, fit: Flags, *, comma: bool) -> Floats:
    """Values (d,) under one reading, NaN where it does not fit; too large for a float is infinite."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values = np.full(len(fit), np.nan)
    plain = pc.replace_substring_regex(strings.filter(pa.array(fit)), f"[+{'.' if comma else ','}{GAPS}]", "")
    if comma:
        plain = pc.replace_substring(plain, ",", ".")
    try:
        values[fit] = plain.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:  # arrow refuses a whole column for one 1e999
        values[fit] = [float(text) for text in plain.to_pylist()]
    return values


def file_mark(columns: Iterable[tuple[pa.StringArray, Ints]], delimiter: str = "") -> str:
    """The decimal mark of a file, "," or ".", "" where nothing tells.

    `columns` are the different texts (d,) of columns of numbers with how often each comes. Each column that can tell
    has a voice ("12,5" against "12.5", or "1.500" beside "950"); where none can, the delimiter tells.
    """
    said = (_voice(strings, counts) for strings, counts in columns)
    voices = Counter("," if comma else "." for comma in said if comma is not None)
    if not voices:
        return LOCALES.get(delimiter, "")
    (mark, most), *others = voices.most_common()
    return "" if others and others[0][1] == most else mark


def _voice(strings: pa.StringArray, counts: Ints) -> bool | None:
    """Whether a column by itself tells of a decimal comma; None where it tells nothing."""
    fit = fitting(strings)
    only_comma, only_point = _telling(fit, counts)
    if only_comma != only_point:
        return only_comma > only_point
    question = _question(strings, fit, counts)
    return _by_form(question) if question.where.any() else None


def either_way(strings: pa.StringArray) -> Flags:
    """(d,) which texts are two different numbers, by whether the decimal mark is a comma or a point."""
    import numpy as np

    fit = fitting(strings)
    values = [parsed(strings, fit[True] & fit[False], comma=comma) for comma in (False, True)]
    return np.asarray(fit[True] & fit[False] & (values[0] != values[1]))


def silent(strings: pa.StringArray, counts: Ints) -> bool:
    """Whether no text (d,) shows a mark from which the column's decimal mark could be told."""
    only_comma, only_point = _telling(fitting(strings), counts)
    return only_comma == only_point and not either_way(strings).any()


def _telling(fit: dict[bool, Flags], counts: Ints) -> tuple[int, int]:
    """How many cells are a number with a decimal comma only, and how many with a decimal point only."""
    return int(counts[fit[True] & ~fit[False]].sum()), int(counts[fit[False] & ~fit[True]].sum())


def choose(strings: pa.StringArray, fit: dict[bool, Flags], counts: Ints, column: Column, of_file: str = "") -> Mark:
    """The decimal mark of a column, for all of its cells alike.

    Cells that only one reading fits decide ("12,5" or "1.234,50" against "12.5" or "1,234.50"). Where every cell fits
    both ("1.234"), whole numbers tell, where the column is known to hold no others; else how the cells are written, the
    mark `of_file` and past values, if they agree. Where they do not, or nothing tells, it is that of the file, else a
    point, and not told.
    """
    only_comma, only_point = _telling(fit, counts)
    if only_comma != only_point:
        return Mark(only_comma > only_point, told=True)
    question = _question(strings, fit, counts)
    if not question.where.any():
        return Mark(of_file == ",", told=True)
    past = _by_past_values(question, column)
    if column.integer:
        return _of_whole_numbers(question, past, of_file)
    said = {of_file == ","} if of_file else set()
    voices = said | {says for says in (_by_form(question), past) if says is not None}
    if len(voices) == 1:
        return Mark(voices.pop(), told=True)
    return Mark(of_file == ",", told=False)


class _Question(NamedTuple):
    """Texts (d,) and their `counts`, the `values` of those that fit both readings, and `where` the two differ.

    `fractions` says which mark stands in all of these: a comma (True) or a point (False); None where both do.
    """

    strings: pa.StringArray
    counts: Ints
    values: dict[bool, Floats]
    where: Flags
    fractions: bool | None


def _question(strings: pa.StringArray, fit: dict[bool, Flags], counts: Ints) -> _Question:
    import pyarrow as pa
    import pyarrow.compute as pc

    both = fit[True] & fit[False]
    values = {comma: parsed(strings, both, comma=comma) for comma in (False, True)}
    where = both & (values[False] != values[True])
    commas = pc.match_substring(strings.filter(pa.array(where)), ",")
    every, some = pc.all(commas).as_py(), pc.any(commas).as_py()
    return _Question(strings, counts, values, where, True if every else None if some else False)


def _of_whole_numbers(question: _Question, past: bool | None, of_file: str) -> Mark:  # noqa: FBT001 - or neither
    """Groups of three are thousands; not told where the fractions are all zero ("12.000") and only so past values."""
    fractions = question.fractions
    if fractions is None:
        return Mark(of_file == "," if of_file else bool(past), told=bool(of_file) or past is not None)
    whole = question.values[fractions][question.where]
    may_be_fractions = bool((whole == whole.round()).all()) and past is fractions
    return Mark(not fractions, told=not may_be_fractions)


def _by_form(question: _Question) -> bool | None:
    """What the way of writing tells: the decimal mark is a comma, a point, or may be either (None).

    Numbers with fractions are written with all of them alike ("1.500", "950.000") or as short as can be ("1.5"), so
    that "1.500" beside "950" are thousands. With thousands parted, no number from 1,000 up stands without a mark.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if question.fractions is None:
        return None
    plain = question.values[False][~np.isnan(question.values[False]) & ~question.where]
    ends = pc.match_substring_regex(question.strings.filter(pa.array(question.where)), "0$")
    may_be_fractions = not (len(plain) and pc.any(ends).as_py())
    may_be_thousands = bool((np.abs(plain) < 1000).all())
    if may_be_fractions == may_be_thousands:
        return None
    return question.fractions if may_be_fractions else not question.fractions


def _by_past_values(question: _Question, column: Column) -> bool | None:
    """Whether a comma puts the cells in question among past values and a point does not, or the reverse (False)."""
    if column.low is None or column.high is None:
        return None
    counts, where = question.counts, question.where
    inside = {
        comma: counts[where & (own >= column.low) & (own <= column.high)].sum() / counts[where].sum()
        for comma, own in question.values.items()
    }
    for comma in (True, False):
        if inside[comma] >= INSIDE and inside[not comma] <= OUTSIDE:
            return comma
    return None
