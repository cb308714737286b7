"""Cells of a read table in which other values are to stand: a new table, each change a repair that can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain.tables.fingerprint import fingerprint
from explain.tables.repairs import CORRECTED, TAKEN_BACK, as_text, named, note
from explain.types import Note, Repair

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from explain.types import Cells, Column, Ints, Table


@dataclass(frozen=True)
class Fix:
    """Cells of one column and what shall stand in them: at `rows` (m,), each once, the texts `values` (m,).

    A number's text reads as a float, dates in days since 1970-01-01; None leaves the cell blank.
    """

    column: str
    rows: Ints
    values: tuple[str | None, ...]


def corrected(table: Table, fixes: Iterable[Fix]) -> Table:
    """The table with the values of all fixes in it, later ones over earlier; cells that hold them already stay.

    What stood in a cell is kept as a repair of kind "corrected", which `undo` takes back. The name says what was
    corrected, so that two reviews can be told apart.
    """
    cells, unread = table.cells, {name: dict(texts) for name, texts in table.unread.items()}
    repairs, touched = list(table.repairs), set()
    for fix in fixes:
        column = table.schema[fix.column]
        cells, changed = _put(cells, unread.get(column.name, {}), column, fix)
        if changed is not None:
            repairs = _with(repairs, changed)
            touched.add(column.name)
    unread = {name: texts for name, texts in unread.items() if texts}
    # another reading of a column was proposed for the cells as they stood
    proposals = tuple(item for item in table.proposals if item.column not in touched)
    notes = _notes(table, cells, repairs, touched)
    return replace(
        table,
        cells=cells,
        unread=unread,
        repairs=tuple(repairs),
        proposals=proposals,
        notes=notes,
        name=named(table.name, table.schema, repairs, notes),
        fingerprint=fingerprint(cells, table.row_ids, unread, repairs, proposals),
    )


def _put(cells: Cells, unread: dict[int, str], column: Column, fix: Fix) -> tuple[Cells, Repair | None]:
    """The cells with a fix, and those that it changed, with what stood there, or None."""
    import numpy as np
    import pandas as pd

    new = _as_cells(fix.values, number=column.kind == "number")
    text = np.isin(fix.rows, list(unread))
    old = cells.take(fix.rows).objects(column.name)
    differs = (old != new) & ~(pd.isna(old) & pd.isna(new)) | text
    if not differs.any():
        return cells, None
    rows = fix.rows[differs]
    found = tuple(unread.pop(row, "") or as_text(cell) for row, cell in zip(rows.tolist(), old[differs], strict=True))
    return cells.put(column.name, rows, new[differs]), Repair(CORRECTED, column.name, rows, found)


def _as_cells(values: Sequence[str | None], *, number: bool) -> npt.NDArray[np.object_]:
    import numpy as np

    if number:
        return np.array([float("nan") if text is None else float(text) for text in values], dtype=np.float64)
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells


def _with(repairs: list[Repair], changed: Repair) -> list[Repair]:
    """The repairs with one more; of a cell that was corrected before, what stood there first is kept."""
    import numpy as np

    earlier = next((item for item in repairs if (item.kind, item.column) == (CORRECTED, changed.column)), None)
    if earlier is None:
        return [*repairs, changed]
    new = ~np.isin(changed.rows, earlier.rows)
    rows = np.concatenate([earlier.rows, changed.rows[new]])
    found = (*earlier.found, *(text for text, kept in zip(changed.found, new, strict=True) if kept))
    order = np.argsort(rows, kind="stable")
    merged = replace(earlier, rows=rows[order], found=tuple(found[at] for at in order))
    return [*(item for item in repairs if item is not earlier), merged]


def _notes(table: Table, cells: Cells, repairs: list[Repair], touched: set[str]) -> tuple[Note, ...]:
    """The notes of the table, those of corrected cells as they now are."""
    outdated, now = (
        [
            note(item, table.schema[item.column], int((~cells.blank(item.column)).sum()))
            for item in items
            if item.kind == CORRECTED and item.column in touched
        ]
        for items in (table.repairs, repairs)
    )
    outdated += [Note(f"{table.schema[name].title}: {TAKEN_BACK}", name) for name in touched]
    return (*(item for item in table.notes if item not in outdated), *now)
