"""Checks of single numbers: codes for a blank, out of range, in an empty gap, not whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain import words
from explain.quality.catalog import flag

if TYPE_CHECKING:
    from explain.quality.profile import Numbers, Profile
    from explain.types import Column, DataWarning, Flags, Floats, Severity, Table

FAR = 0.5
"""Half of the reference range beyond its end is 'far outside': a new kind of case, or a slip, more than a tail."""
LEAST_ROWS = 100
"""Known reference values that a gap or whole numbers are told from."""
LEAST_SIGNED = 30
"""Known reference values from which on their sign is told."""
THINS = 0.5
"""Distance of the smallest value from the tenth part, in those from there to the middle: of a normal distribution it
is about 1, of one that ends there a quarter."""
CODES = (-99.0, *(sign * code for code in (999.0, 9999.0, 99999.0, 999999.0, 9999999.0) for sign in (-1, 1)))
"""Numbers that programs write for a blank."""
SLIPS = (1_000.0, 100.0, 10.0)
"""A unit a thousand times smaller, cents, a lost decimal point."""
UNITS = (12.0, 7.0, 1 / 12.0)
"""Months for years, days for weeks, years for months: told only where a value is far outside."""


def number_checks(table: Table, column: Column, profile: Profile) -> list[DataWarning]:
    """All warnings of one number column that holds no dates; a cell gets the first that fits it."""
    import numpy as np

    if column.kind != "number" or column.is_date or column.low is None or column.high is None:
        return []
    known = profile.numbers[column.name]
    every = table.cells.numbers(column.name)
    rows = known.suspects(every, column, column.high)
    if not len(rows):
        return []
    cells = every[rows]
    beyond = (cells < column.low) | (cells > column.high)
    code = _is_code(cells, beyond)
    outside = beyond & ~code
    inside = ~beyond & ~np.isnan(cells)
    lonely = known.lonely(cells) & (len(known.values) >= LEAST_ROWS)
    rare = np.zeros(len(cells), dtype=bool)
    rare[outside] = known.chance(cells[outside]) < profile.limit
    part = inside & column.integer & (len(known.values) >= LEAST_ROWS) & (cells != np.round(cells))
    found = [
        *_codes(cells, code, column),
        *_outside(cells, outside, rare, column, known),
        *_parts(cells, part, column),
        *_gaps(cells, inside & lonely & ~part, column, known),
    ]
    return [replace(warning, rows=rows[warning.rows]) for warning in found]


def _is_code(cells: Floats, beyond: Flags) -> Flags:
    """Codes for a blank, beyond the reference's range: inside they are values like any other."""
    import numpy as np

    code = np.zeros(len(cells), dtype=bool)
    code[beyond] = np.isin(cells[beyond], CODES)
    return code


def _codes(cells: Floats, code: Flags, column: Column) -> list[DataWarning]:
    import numpy as np

    rows = np.flatnonzero(code)
    said = [
        f"{column.title} = {words.bare(value, column)} looks like a code for “not known” (usual are {_range(column)}). "
        "Leave the cell blank."
        for value in cells[rows]
    ]
    return flag(("sentinel", "error"), column.name, rows, [words.bare(value, column) for value in cells[rows]], said)


def _outside(cells: Floats, outside: Flags, rare: Flags, column: Column, known: Numbers) -> list[DataWarning]:
    """Values beyond all of the reference: an error needs more than that, a slip that explains it or a wrong sign."""
    import numpy as np

    low, high = column.low or 0.0, column.high or 0.0
    margin = FAR * (high - low)
    slip = np.zeros(len(cells), dtype=bool)
    at = np.flatnonzero(rare & ((cells < low - margin) | (cells > high + margin)))
    slip[at] = [bool(_inside(_decimal_slips(value, column), value, column)) for value in cells[at]]
    wrong = slip | (outside & (cells < 0) & (low >= 0) & (rare | _ends_at_zero(known)))
    result = []
    grades: dict[Severity, Flags] = {"error": wrong, "warning": rare & ~wrong, "info": outside & ~rare & ~wrong}
    for severity, flagged in grades.items():
        rows = np.flatnonzero(flagged)
        fixes = [number_fix(value, column, known) for value in cells[rows]]
        texts = [range_text(value, fix, column) for value, fix in zip(cells[rows], fixes, strict=True)]
        found = [words.bare(value, column) for value in cells[rows]]
        result += flag(("out of range", severity), column.name, rows, found, texts, fixes)
    return result


def _ends_at_zero(known: Numbers) -> bool:
    """Whether values from zero up do not thin out towards their smallest, as amounts and counts do not."""
    import numpy as np

    if len(known.values) < LEAST_SIGNED or known.values[0] < 0:
        return False
    first, tenth, middle = np.quantile(known.values, [0.0, 0.1, 0.5])
    return bool(tenth - first <= THINS * (middle - tenth) or first == 0)


def number_fix(value: float, column: Column, known: Numbers) -> str | None:
    """The slip that leads back to where most reference values are; another unit only where no such slip does."""
    slips, units = number_fixes(value, column)
    inside = slips or units
    return f"{max(inside, key=known.crowd):.10g}" if inside else None


def number_fixes(value: float, column: Column) -> tuple[list[float], list[float]]:
    """What makes a value outside one in the range: slips (a stray or lost minus, 1,000, 100 or 10 times too large), and
    other units (12 or 7 times too large, 12 times too small).

    Of whole numbers those that stay whole go before those that would have to be rounded: 780 is 65 times 12, and not
    100 times anything.
    """
    if column.is_date:
        return [], []
    far = _far_outside(value, column)
    slips, units = _decimal_slips(value, column), [value / factor for factor in UNITS] if far else []
    if not column.integer:
        return _inside(slips, value, column), _inside(units, value, column)
    whole = [_inside([item for item in tries if _is_whole(item)], value, column) for tries in (slips, units)]
    return (whole[0], whole[1]) if any(whole) else (_inside(slips, value, column), [])


def _is_whole(value: float) -> bool:
    # a twelfth of a whole number that is itself whole may miss it by a rounding of the division
    return abs(value - round(value)) <= 1e-9 * max(abs(value), 1.0)


def _decimal_slips(value: float, column: Column) -> list[float]:
    """A value with its sign changed where all others have the other one, else with its decimal point moved.

    In a column with both signs a minus tells nothing, and a value that is barely outside is no slip.
    """
    low, high = column.low or 0.0, column.high or 0.0
    if value < 0 <= low or high <= 0 < value:
        return [-value]
    if value < 0 and not _far_outside(value, column):
        return []
    return [value / factor for factor in SLIPS]


def _far_outside(value: float, column: Column) -> bool:
    low, high = column.low or 0.0, column.high or 0.0
    margin = FAR * (high - low)
    return value < low - margin or value > high + margin


def _inside(tries: list[float], value: float, column: Column) -> list[float]:
    """Those that lie in the range, whole where the column is; no value but zero becomes zero."""
    low, high = column.low or 0.0, column.high or 0.0
    rounded = [float(round(item)) if column.integer else item for item in tries]
    return [item for item in rounded if low <= item <= high and (item or not value)]


def _range(column: Column) -> str:
    return words.span(column.low, column.high, column)


def range_text(value: float, fix: str | None, column: Column) -> str:
    """What came, what was expected, and the fix."""
    side = "above" if column.high is not None and value > column.high else "below"
    text = f"{column.title} = {words.bare(value, column)} is {side} anything the model saw ({_range(column)})."
    return text + (f" Did you mean {words.bare(float(fix), column)}?" if fix is not None else "")


def _parts(cells: Floats, part: Flags, column: Column) -> list[DataWarning]:
    import numpy as np

    rows = np.flatnonzero(part)
    said = [
        f"{column.title} = {words.bare(value, column)} is not whole; past values always were." for value in cells[rows]
    ]
    return flag(("not whole", "warning"), column.name, rows, [words.bare(value, column) for value in cells[rows]], said)


def _gaps(cells: Floats, gap: Flags, column: Column, known: Numbers) -> list[DataWarning]:
    import numpy as np

    rows = np.flatnonzero(gap)
    place = np.searchsorted(known.values, cells[rows])
    said = [
        f"{column.title} = {words.bare(value, column)} lies where the model saw nothing, between "
        f"{words.bare(below, column)} and {words.amount_of(above, column)}."
        for value, below, above in zip(cells[rows], known.values[place - 1], known.values[place], strict=True)
    ]
    return flag(("empty gap", "warning"), column.name, rows, [words.bare(value, column) for value in cells[rows]], said)
