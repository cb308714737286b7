"""Checks of whole columns: in another unit, one value throughout, moved away from the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.quality.catalog import flag_whole
from explain.quality.drift import LEAST_ROWS as DRIFT_ROWS
from explain.quality.drift import distance, drift
from explain.quality.profile import as_float32
from explain.types import Codes

if TYPE_CHECKING:
    from explain.quality.profile import Profile
    from explain.types import Column, DataWarning, Floats, Table

LEAST_ROWS = 20
"""Known cells from which on a column's unit is told: two distributions half apart then differ beyond chance."""
APART = 0.4
"""Distance to the reference (0 to 1) from which on another unit is looked for."""
CLOSE = 0.2
"""Distance at most that the right factor leaves; with few rows chance alone makes that much."""
FACTORS = {
    1_000.0: "grams for kilograms, or thousands written out", 0.001: "kilograms for grams, or in thousands",
    100.0: "cents, or per cent for shares", 0.01: "shares for per cent", 10.0: "millimetres for centimetres",
    0.1: "centimetres for millimetres", 1e6: "millions written out", 1e-6: "in millions",
    2.54: "centimetres for inches", 1 / 2.54: "inches for centimetres", 0.45359237: "kilograms for pounds",
    1 / 0.45359237: "pounds for kilograms", 1.609344: "kilometres for miles", 1 / 1.609344: "miles for kilometres",
    0.3048: "metres for feet", 1 / 0.3048: "feet for metres", 60.0: "minutes for hours", 1 / 60: "hours for minutes",
    12.0: "months for years", 1 / 12: "years for months",
}  # fmt: skip
"""By how much a column is off, and what that looks like."""
SEEN = 2_000
"""Cells looked at, evenly spaced over the column."""
ONE_VALUE = 0.5
"""Share of the commonest reference value below which one value throughout is odd."""

SPIKE = 0.05
"""Share of the cells from which on one value is a spike."""
TIMES = 5
"""How many times more often than in the reference it must stand there."""
LEAST_SPIKED = 100
"""Known cells from which on a spike is none of chance."""


def column_checks(table: Table, profile: Profile) -> list[DataWarning]:
    """All warnings about whole columns."""
    found = [*units(table, profile), *constants(table, profile), *spikes(table, profile)]
    if len(table) < DRIFT_ROWS:
        return found
    told = {warning.column for warning in found}
    for column, shift in zip(table.schema, drift(table.cells, profile.cells, table.schema), strict=True):
        if shift.notable and column.name not in told:
            text = f"{column.title} differs from past rows: {words.of_100(shift.distance)} values would have to change."
            found.append(flag_whole(("drift", "info"), column.name, text))
    return found


def units(table: Table, profile: Profile) -> list[DataWarning]:
    """Number columns that one factor brings back to the reference."""
    import numpy as np

    found = []
    for column in table.schema if len(table) >= LEAST_ROWS else ():
        if column.kind != "number" or column.is_date:
            continue
        cells, known = table.cells.numbers(column.name), profile.numbers[column.name].values
        factor = unit_factor(cells[~np.isnan(cells)], known)
        if factor is not None:
            found.append(
                flag_whole(("unit of column", "error"), column.name, _unit_text(column, cells, factor), factor)
            )
    return found


def unit_factor(cells: Floats, known: Floats) -> float | None:
    """The factor by which known cells (n,) are off from sorted reference values (m,), None where none is clear."""
    import numpy as np

    # zeros are zeros in every unit
    cells, known = cells[cells != 0], known[known != 0]
    if len(cells) < LEAST_ROWS or len(known) < LEAST_ROWS:
        return None
    cells = as_float32(np.sort(cells[:: max(1, len(cells) // SEEN)]))
    if distance(cells, known) < APART:
        return None
    apart = {factor: distance(as_float32(cells / factor), known) for factor in FACTORS}
    best = min(apart, key=lambda factor: apart[factor])
    # two samples of one distribution of n values are apart by about 1.4 / sqrt(n) at most
    return best if apart[best] <= CLOSE + 1.4 / np.sqrt(len(cells)) / 2 else None


def _unit_text(column: Column, cells: Floats, factor: float) -> str:
    import numpy as np

    now = words.bare(float(np.nanmedian(cells)), column)
    size = f"{words.number(factor)} times" if factor > 1 else f"1 / {words.number(1 / factor)} of"
    usual = words.amount_of(float(column.typical), column) if isinstance(column.typical, int | float) else "other"
    return (
        f"{column.title} is about {size} what it was in past rows (median {now}, usual {usual}): "
        f"{FACTORS[factor]}? Bring it to the unit that the model knows."
    )


def constants(table: Table, profile: Profile) -> list[DataWarning]:
    """Columns with one value in 100 rows and more where the reference has many."""
    found = []
    for column in table.schema if len(table) >= 100 else ():
        cells = table.cells.columns[column.name]
        own = cells.places if isinstance(cells, Codes) else cells
        # a blank is not one value, and NaN equals nothing
        if (own != own[0]).any() or table.cells.blank(column.name)[0]:
            continue
        shares = profile.frame[column.name].value_counts(normalize=True)
        if len(shares) and float(shares.iloc[0]) < ONE_VALUE:
            value = words.cell(table.cells.at(column.name, 0), column)
            text = f"{column.title} is {value} in every row; past rows had {words.count(len(shares), 'value')}."
            found.append(flag_whole(("constant column", "warning"), column.name, text))
    return found


def spikes(table: Table, profile: Profile) -> list[DataWarning]:
    """Numbers that stand in far more rows than they did in the reference, as a code for a blank or a default does."""
    import numpy as np

    found = []
    for column in table.schema if len(table) >= LEAST_SPIKED else ():
        cells = table.cells.numbers(column.name) if column.kind == "number" else np.zeros(0)
        cells = as_float32(cells[:: max(1, len(cells) // SEEN)])
        cells, known = cells[~np.isnan(cells)], profile.numbers[column.name].values if len(cells) else cells
        values, counts = np.unique(cells, return_counts=True)
        if len(cells) < LEAST_SPIKED or not len(known) or len(values) < 2:
            continue
        before = np.searchsorted(known, values, side="right") - np.searchsorted(known, values, side="left")
        # as many as chance may have made of few
        most = (before + 3 + 2 * np.sqrt(before)) / len(known)
        for at in np.flatnonzero((counts >= SPIKE * len(cells)) & (counts > TIMES * most * len(cells))):
            text = (
                f"{column.title} = {words.bare(float(values[at]), column)} stands in "
                f"{words.of_100(float(counts[at] / len(cells)))} rows, in past rows in "
                f"{words.of_100(float(before[at] / len(known))) if before[at] else 'none'}. "
                "Does it stand for something else?"
            )
            found.append(flag_whole(("spike", "warning"), column.name, text))
    return found
