"""The check of a cell beside the rest of its row: the one that surprises most, where it surprises too much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain import words
from explain.quality.catalog import flag
from explain.quality.expected import as_rows
from explain.quality.numbers import number_fixes, range_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explain.forests.forest import Rows
    from explain.quality.expected import Expectation, Expected
    from explain.types import Column, DataWarning, Flags, Floats, Ints, Table

MOST_ROWS = 50_000
"""Rows of a table up to which every row is looked at; of a larger one only the row on the screen."""
FACTORS = (10.0, 0.1, 100.0, 0.01, 1_000.0, 0.001, 2.54, 1 / 2.54, 0.4536, 1 / 0.4536, 1.609, 1 / 1.609, 0.3048,
           1 / 0.3048, 60.0, 1 / 60.0, 12.0, 1 / 12.0, 7.0, 1 / 7.0, 2.0, 0.5)  # fmt: skip
"""Slips of the decimal point, and units for one another: inches, pounds, miles, feet, minutes, months, weeks, twice."""
ORDINARY = 0.8
"""A repaired value must surprise less than this share of reference values does."""
CLEARLY = 0.8
"""Foretold share from which on a category is proposed."""
USUAL = 1.645
"""Normal quantile: nine in ten lie between."""


def unlikely(table: Table, expected: Expected, warnings: Sequence[DataWarning]) -> list[DataWarning]:
    """The most surprising cell of each row that surprises beyond the limit; other warned cells count as not known."""
    import numpy as np

    if not len(table) or len(table) > MOST_ROWS or not expected.columns:
        return []
    rows = as_rows(table.cells, table.schema)
    rows[_doubted(table, warnings)] = np.nan
    surprises = expected.surprises(rows)
    worst = surprises.argmax(axis=1)
    over = surprises.max(axis=1) > expected.limit
    found = []
    for learned in expected.columns:
        mine = np.flatnonzero(over & (worst == learned.at))
        if len(mine):
            found += _said(rows, mine, learned, table.schema.columns[learned.at])
    return found


def likelier_fixes(table: Table, expected: Expected, warnings: Sequence[DataWarning]) -> list[DataWarning]:
    """The warnings, each proposing that one of several slips which suits the rest of the row best."""
    import numpy as np

    if len(table) > MOST_ROWS:
        return list(warnings)
    learned = {table.schema.names[item.at]: item for item in expected.columns}
    result = []
    for warning in warnings:
        item = learned.get(warning.column)
        tries: dict[int, tuple[list[float], list[float]]] = {}
        if item is not None and warning.check == "out of range":
            column = table.schema[warning.column]
            cells = table.cells.numbers(warning.column)[warning.rows]
            fixes = [number_fixes(float(cell), column) for cell in cells]
            tries = {at: both for at, both in enumerate(fixes) if len(both[0]) + len(both[1]) > 1}
        if item is None or not tries:
            result.append(warning)
            continue
        picked = np.array(list(tries))
        rows = as_rows(table.cells.take(warning.rows[picked]), table.schema)
        rows[_doubted(table, warnings)[warning.rows[picked]]] = np.nan
        foretold = item.forest(rows)
        suggestion, messages = list(warning.suggestion), list(warning.messages)
        for at, row in zip(tries, foretold, strict=True):
            suggestion[at] = f"{_likeliest(*tries[at], row, item):.10g}"
            messages[at] = range_text(float(cells[at]), suggestion[at], column)
        result.append(replace(warning, suggestion=tuple(suggestion), messages=tuple(messages)))
    return result


def _likeliest(slips: list[float], units: list[float], foretold: Floats, learned: Expectation) -> float:
    """The reading that suits the rest of the row best; other units are rarer, and count where no slip is ordinary."""
    import numpy as np

    tries = np.array([*slips, *units])
    misses = learned.missed(tries, np.tile(foretold, (len(tries), 1)))
    own = misses[: len(slips)]
    if len(own) and own.min() <= np.quantile(learned.misses, ORDINARY):
        return float(tries[int(own.argmin())])
    return float(tries[int(misses.argmin())])


def _doubted(table: Table, warnings: Sequence[DataWarning]) -> Flags:
    """(n, p) cells with an error or a warning."""
    import numpy as np

    place = {name: at for at, name in enumerate(table.schema.names)}
    found = np.zeros((len(table), len(table.schema)), dtype=bool)
    for warning in warnings:
        if warning.severity != "info" and warning.column in place:
            found[warning.rows, place[warning.column]] = True
    return found


def _said(rows: Rows, mine: Ints, learned: Expectation, column: Column) -> list[DataWarning]:
    import numpy as np

    cells = rows[mine, learned.at].astype(np.float64)
    foretold = learned.forest(rows[mine])
    if learned.number:
        found, said, fixes = _numbers(cells, foretold, learned, column)
    else:
        found, said, fixes = _categories(cells, foretold, learned, column)
    return flag(("unlikely", "warning"), column.name, mine, found, said, fixes)


def _numbers(
    cells: Floats, foretold: Floats, learned: Expectation, column: Column
) -> tuple[list[str], list[str], list[str | None]]:
    import numpy as np

    spread = np.sqrt(np.maximum(foretold[:, 1] - foretold[:, 0] ** 2, 0.0)) + learned.floor
    low, high = (_back(foretold[:, 0] + side * USUAL * spread, learned.values) for side in (-1, 1))
    fixes = [_slip(cell, row, learned, column) for cell, row in zip(cells, foretold, strict=True)]
    said = []
    for cell, below, above, fix in zip(cells, low, high, fixes, strict=True):
        usual, mine = words.estimated(below, above, column), words.bare(cell, column)
        text = f"{column.title} = {mine} is unlikely beside the rest of this row; {usual} would be usual."
        said.append(text + (f" Did you mean {words.bare(float(fix), column)}?" if fix else ""))
    return [words.bare(cell, column) for cell in cells], said, fixes


def _back(normal: Floats, values: Floats) -> Floats:
    """From the scale of a normal distribution to values."""
    import numpy as np
    from scipy.special import ndtr

    return np.asarray(np.quantile(values, np.clip(ndtr(normal), 0, 1)))


def _slip(cell: float, foretold: Floats, learned: Expectation, column: Column) -> str | None:
    """The value that one slip leads back to, where it is quite ordinary beside the rest; the most ordinary of them."""
    import numpy as np

    if column.is_date:
        return None
    tries = np.array([cell / factor for factor in FACTORS])
    tries = np.round(tries) if column.integer else tries
    misses = learned.missed(tries, np.tile(foretold, (len(tries), 1)))
    inside = (tries >= learned.values[0]) & (tries <= learned.values[-1]) & (tries != cell)
    misses[~inside] = np.inf
    best = int(misses.argmin())
    return f"{tries[best]:.6g}" if misses[best] <= np.quantile(learned.misses, ORDINARY) else None


def _categories(
    cells: Floats, foretold: Floats, learned: Expectation, column: Column
) -> tuple[list[str], list[str], list[str | None]]:
    names = [column.categories[int(cell)] for cell in cells]
    likeliest = [column.categories[int(learned.values[at])] for at in foretold.argmax(axis=1)]
    sure = foretold.max(axis=1) >= CLEARLY
    said = [
        f"{column.title} = “{name}” is unlikely beside the rest of this row; “{other}” would be usual."
        for name, other in zip(names, likeliest, strict=True)
    ]
    return names, said, [other if clear else None for other, clear in zip(likeliest, sure, strict=True)]
