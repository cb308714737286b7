"""Checks of single dates: codes for a blank, in the future, beyond all past rows, in a gap, a time of day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from explain import words
from explain.quality.catalog import flag
from explain.quality.numbers import LEAST_ROWS

if TYPE_CHECKING:
    from explain.quality.profile import Numbers, Profile
    from explain.types import Column, DataWarning, Flags, Floats, Severity, Table

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - dates as they are written
END_OF_DAY = 1 - 1e-9
"""Past days were whole ones: any time of the last of them is within."""
FIRST = -25_567.0
"""The first day of 1900. Hardly any table tells of the days before it."""
CODES = tuple(
    float((dt.datetime(*day) - EPOCH).days)  # noqa: DTZ001 - as above
    for day in (
        (1, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1970, 1, 1), (2999, 12, 31),
        (9999, 1, 1), (9999, 12, 31),
    )
)  # fmt: skip
"""Days that programs write for a blank: the ends of what they can count, and where they count from."""


def date_checks(table: Table, column: Column, profile: Profile, today: dt.date | None = None) -> list[DataWarning]:
    """All warnings of one date column; a cell gets the first that fits it. `today` is that of the clock by default."""
    import numpy as np

    if not column.is_date or column.low is None or column.high is None:
        return []
    known = profile.numbers[column.name]
    every = table.cells.numbers(column.name)
    rows = known.suspects(every, column, column.high + END_OF_DAY * column.integer)
    if not len(rows):
        return []
    cells = every[rows]
    enough = len(known.values) >= LEAST_ROWS
    lonely = known.lonely(cells) & enough
    tomorrow = ((today or dt.datetime.now().astimezone().date()) - EPOCH.date()).days + 1
    last = column.high + END_OF_DAY * column.integer
    outside = (cells < column.low) | (cells > last)
    future = outside & (cells >= tomorrow) & (column.high < tomorrow)
    code = (outside | lonely) & np.isin(cells, CODES)
    past = (outside & (cells < FIRST) | code) & ~future
    beyond = outside & ~past & ~future
    rare = np.zeros(len(cells), dtype=bool)
    rare[beyond] = known.chance(cells[beyond]) < profile.limit
    inside = ~np.isnan(cells) & ~outside & ~past
    part = inside & column.integer & enough & (cells != np.floor(cells))
    found = [
        *_said(("far past", "error"), past, cells, column, known),
        *_said(("future date", "error"), future, cells, column, known),
        *_said(("out of range", "warning"), rare, cells, column, known),
        *_said(("out of range", "info"), beyond & ~rare, cells, column, known),
        *_said(("not whole", "warning"), part, cells, column, known),
        *_said(("empty gap", "warning"), inside & lonely & ~part, cells, column, known),
    ]
    return [replace(warning, rows=rows[warning.rows]) for warning in found]


def date_fix(value: float, column: Column) -> float | None:
    """The day that a slip leads back to among past rows: the same one in another century, or day and month swapped.

    The time of day stays; a date that stands for a blank is no slip.
    """
    low, high = column.low or 0.0, column.high or 0.0
    try:
        day, first, last = ((EPOCH + dt.timedelta(days=at)).date() for at in (value, low, high))
    except OverflowError:
        return None
    years = range(100 * (first.year // 100) + day.year % 100, last.year + 1, 100)
    tries = [*((year, day.month, day.day) for year in reversed(years)), (day.year, day.day, day.month)]
    for year, month, of_month in tries if value not in CODES else ():
        try:
            found = value + (dt.date(year, month, of_month) - day).days
        except ValueError:  # there is no such day
            continue
        if low <= found <= high + END_OF_DAY * column.integer and found != value:
            return found
    return None


def _said(kind: tuple[str, Severity], where: Flags, cells: Floats, column: Column, known: Numbers) -> list[DataWarning]:
    import numpy as np

    rows = np.flatnonzero(where)
    distinct, place = np.unique(cells[rows], return_inverse=True)
    values, at = distinct.tolist(), place.tolist()
    slips = kind[0] in {"far past", "future date"} or kind == ("out of range", "warning")
    fixes = [date_fix(value, column) if slips else None for value in values]
    said = [
        f"{column.title} = {words.amount_of(value, column)} {_fault(kind[0], value, fix, column, known)}"
        for value, fix in zip(values, fixes, strict=True)
    ]
    found = [words.amount_of(value, column) for value in values]
    texts = [None if fix is None else f"{fix:.15g}" for fix in fixes]
    return flag(kind, column.name, rows, [found[i] for i in at], [said[i] for i in at], [texts[i] for i in at])


def _fault(check: str, value: float, fix: float | None, column: Column, known: Numbers) -> str:
    """What is wrong with a date, as the rest of a sentence."""
    usual = words.span(column.low, column.high, column)
    if check == "not whole":
        return "has a time of day; past values were whole days."
    if check == "empty gap":
        place = int(known.values.searchsorted(value))
        below, above = (words.amount_of(float(known.values[at]), column) for at in (place - 1, place))
        return f"lies where the model saw nothing, between {below} and {above}."
    if (value in CODES and check != "out of range") or (check == "far past" and fix is None):
        return f"looks like a code for “not known” (usual are {usual}). Leave the cell blank."
    side = "after" if column.high is not None and value > column.high else "before"
    today = "after today and " if check == "future date" else ""
    text = f"is {today}{side} anything the model saw ({usual})."
    return text if fix is None else f"{text} Did you mean {words.amount_of(fix, column)}?"
