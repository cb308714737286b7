"""Checks of rows as a whole: broken orders, pairs never seen, duplicates, shifted cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.quality.catalog import flag
from explain.quality.hashes import row_hashes
from explain.quality.profile import near_twins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explain.quality.profile import Profile
    from explain.quality.whole import Whole
    from explain.types import Column, DataWarning, Ints, Table

USUAL_REPEATS = 0.01
"""Share of reference rows with a twin from which on rows without an id may well be alike."""
NAMED = 0.99
"""Share of rows that must differ for further columns, such as an id, to tell cases that are alike apart."""
MISFITS = 2
"""Cells of a row that must fit one column further: a single one is a slip of its own."""
MOST_ROWS = 50_000
"""Rows among which near twins are looked for."""
LEAST_COLUMNS = 4
"""Columns from which on rows alike in all but one are no accident."""


def row_checks(table: Table, profile: Profile, whole: Whole | None = None) -> list[DataWarning]:
    """All warnings that look at more than one cell of a row."""
    found = [*orders(table, profile), *new_pairs(table, profile), *shifted(table)]
    if whole is not None:
        return [*found, *whole.found]
    return [
        *found,
        *duplicates(table, profile),
        *near_duplicates(table, profile),
    ]


def orders(table: Table, profile: Profile) -> list[DataWarning]:
    """A value that is larger than one which it never exceeded in the reference."""
    import numpy as np

    found = []
    for first, second in profile.never_above:
        lower, upper = (table.cells.numbers(name) for name in (first, second))
        rows = np.flatnonzero(lower > upper)
        one, other = table.schema[first], table.schema[second]
        said = [
            f"{one.title} = {words.bare(a, one)} is {'after' if one.is_date else 'above'} "
            f"{other.title} = {words.bare(b, other)}; it never was in past rows."
            for a, b in zip(lower[rows], upper[rows], strict=True)
        ]
        found += flag(("order", "warning"), first, rows, [words.bare(a, one) for a in lower[rows]], said)
    return found


def new_pairs(table: Table, profile: Profile) -> list[DataWarning]:
    """Two categories that never met in the reference though both are common; the rarer one is warned of."""
    import numpy as np

    found = []
    for first, second, never in profile.never_together:
        one, other = table.schema[first], table.schema[second]
        mine, its = table.cells.codes(first).known(one), table.cells.codes(second).known(other)
        rows = np.flatnonzero((mine >= 0) & (its >= 0) & never[mine, its])
        for a, b in sorted({(int(mine[row]), int(its[row])) for row in rows}):
            where = rows[(mine[rows] == a) & (its[rows] == b)]
            names = one.categories[a], other.categories[b]
            counts = (
                profile.categories[first].counts.get(names[0], 0),
                profile.categories[second].counts.get(names[1], 0),
            )
            said = (
                f"{one.title} = “{names[0]}” and {other.title} = “{names[1]}” never came together in past rows, "
                f"though {counts[0]:,} had the one and {counts[1]:,} the other."
            )
            column, cell = (first, names[0]) if counts[0] <= counts[1] else (second, names[1])
            found += flag(("new pair", "warning"), column, where, [cell] * len(where), [said] * len(where))
    return found


def shifted(table: Table) -> list[DataWarning]:
    """Rows of which two or more cells that do not fit their column fit its neighbour."""
    import numpy as np

    columns = table.schema.columns
    misfits: dict[int, dict[int, str]] = {}
    for at, column in enumerate(columns):
        for row, text in _misfits(table, column):
            misfits.setdefault(row, {})[at] = text
    found: dict[int, list[int]] = {-1: [], 1: []}
    for row, cells in misfits.items():
        for step, shifted_rows in found.items():
            fitting = [
                at
                for at, text in cells.items()
                if 0 <= at + step < len(columns) and _fits(text, columns[at + step], columns[at])
            ]
            if len(fitting) >= MISFITS and len(fitting) == len(cells):
                shifted_rows.append(row)
                break
    result = []
    for step, rows in found.items():
        side = "right" if step < 0 else "left"
        said = f"Cells of this row seem to stand one column too far to the {side}: they fit the one beside them."
        result += flag(
            ("shifted row", "error"), "", np.array(rows, dtype=np.int64), [""] * len(rows), [said] * len(rows)
        )
    return result


def _misfits(table: Table, column: Column) -> Iterator[tuple[int, str]]:
    """Rows and texts of the cells that are no number, or no known category."""
    if column.kind == "number":
        yield from table.unread.get(column.name, {}).items()
        return
    own = table.cells.codes(column.name)
    if len(own.words) > len(column.categories):
        for row in (own.places >= len(column.categories)).nonzero()[0].tolist():
            yield row, own.words[own.places[row]]


def _fits(text: str, column: Column, own: Column) -> bool:
    """Whether a text is one of another column, and that column's texts are not those of its own."""
    if column.kind == "category":
        return text in column.categories and not {*own.categories}.intersection(column.categories)
    try:
        return column.low is not None and column.high is not None and column.low <= float(text) <= column.high
    except ValueError:
        return False


def near_duplicates(table: Table, profile: Profile) -> list[DataWarning]:
    """Rows that repeat an earlier one in all columns but one, where reference rows hardly ever do."""
    import numpy as np

    if not 2 <= len(table) <= MOST_ROWS or len(table.schema) < LEAST_COLUMNS or profile.near_repeats > USUAL_REPEATS:
        return []
    twins = near_twins(table.cells)
    rows = np.flatnonzero(twins >= 0)
    same = [table.row_ids[at] for at in twins[rows]]
    said = [f"This row differs from row {name} in one column alone. Is it a correction of it?" for name in same]
    return flag(("near duplicate", "info"), "", rows, same, said)


def duplicates(table: Table, profile: Profile) -> list[DataWarning]:
    """Rows that repeat an earlier one in every column, further ones such as an id included."""
    import numpy as np

    if len(table) < 2:
        return []
    hashes = row_hashes(table.cells, table.context)
    if profile.repeats > USUAL_REPEATS and len(np.unique(hashes)) < NAMED * len(hashes):
        return []  # nothing beside the model's columns tells cases that are alike apart
    _, first, group = np.unique(hashes, return_index=True, return_inverse=True)
    rows = np.flatnonzero(first[group] != np.arange(len(hashes)))
    return repeats(rows, [table.row_ids[at] for at in first[group[rows]]])


def repeats(rows: Ints, same: Sequence[str]) -> list[DataWarning]:
    """A warning of rows (m,) that repeat those of the ids `same` (m,)."""
    said = [f"This row repeats row {name} in every column. Is it one case or two?" for name in same]
    return flag(("duplicate row", "warning"), "", rows, same, said)
