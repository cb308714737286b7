"""Checks of blanks and of what could not be read, and what was read as something else than it spells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.quality.catalog import flag, flag_whole
from explain.tables.repairs import CORRECTED, is_habit, is_number

if TYPE_CHECKING:
    from explain.quality.whole import Whole
    from explain.types import Column, DataWarning, Ints, Severity, Table

USUAL_MISSING = 0.005
"""Reference blanks from this share on (1 in 200) make a blank usual: then it only informs."""
WHY = {
    CORRECTED: "the value that was suggested was taken",
    "decimal comma": "the comma is a decimal mark",
    "decimal point": "the point is a decimal mark",
    "thousands": "the marks part the thousands",
    "currency": "the currency sign was left out",
    "per cent": "the per cent sign was left out",
    "unit": "the unit was left out",
    "case": "only case or spaces differ",
    "encoding": "it was garbled by a wrong encoding",
    "spelling": "nothing else is spelt nearly like that",
    "date order": "it is a date only with day and month that way round",
    "serial number": "spreadsheets count the days since 1899-12-30",
    "Unix time": "programs count the time since 1970-01-01",
}
"""Why cells that were read in each way can mean nothing else; spaces and words for a blank need no reason."""


def blank_checks(table: Table, column: Column) -> list[DataWarning]:
    """Blank cells; a blank where the reference has hardly any is a warning, a usual one only informs.

    Of a column that is blank in every row the whole column is warned of, too.
    """
    import numpy as np

    blank = table.cells.blank(column.name)
    blank[list(table.unread.get(column.name, {}))] = False
    if not blank.any():
        return []
    whole = []
    if len(blank) > 1 and blank.all():
        whole = [blank_column(column)]
    usual = column.missing_share >= USUAL_MISSING
    known = (
        f"usual: {round(100 * column.missing_share) or 1} of 100 past rows were blank here, too"
        if usual
        else "past rows were never blank here"
        if column.missing_share == 0
        else "past rows were hardly ever blank here"
    )
    text = f"{column.title} is missing; {known}."
    rows = np.flatnonzero(blank)
    severity: Severity = "info" if usual else "warning"
    return whole + flag(("missing", severity), column.name, rows, [""] * len(rows), [text] * len(rows))


def blank_column(column: Column) -> DataWarning:
    """The warning of a column that is blank in every row."""
    text = f"{column.title} is blank in every row. The model has to guess without it; check the export."
    return flag_whole(("missing column", "error"), column.name, text)


def unread_checks(table: Table, column: Column) -> list[DataWarning]:
    """Text where a number or a date belongs; the model sees a blank instead."""
    import numpy as np

    cells = dict(sorted(table.unread.get(column.name, {}).items()))
    if not cells:
        return []
    rows = np.array(list(cells), dtype=np.int64)
    kind = "date" if column.is_date else "number"
    texts = [
        f"{column.title} = “{cell}” is not a {kind}. The model was given a blank instead." for cell in cells.values()
    ]
    return flag(("wrong type", "error"), column.name, rows, list(cells.values()), texts)


def repaired_checks(table: Table, column: Column, whole: Whole | None = None) -> list[DataWarning]:
    """Cells that were read as something else than they spell, unless the column is written so throughout."""
    found = []
    mine = [item for item in table.repairs if item.column == column.name and item.kind in WHY]
    filled = int((~table.cells.blank(column.name)).sum()) if mine else 0
    for item in mine:
        habit = is_habit(item, filled) if whole is None else (item.column, item.kind) in whole.habits
        if habit and item.kind != CORRECTED:
            continue
        cells = [words.cell(value, column) for value in table.cells.take(item.rows).objects(column.name)]
        said = [_said(item.kind, text, cell, column) for text, cell in zip(item.found, cells, strict=True)]
        found += flag(("repaired", "info"), column.name, item.rows, item.found, said, _plain(table, item.rows, column))
    return found


def _said(kind: str, text: str, cell: str, column: Column) -> str:
    """What became of one cell that held a text, and why."""
    if kind != CORRECTED:
        return f"{column.title} = “{text}” was read as {cell}: {WHY[kind]}."
    came = f"“{text}”" if text else "a blank"
    if column.kind == "number" and is_number(text):
        came = words.number(float(text), column.unit) if column.is_date else f"“{float(text):.10g}”"
    became = "left blank, as was suggested" if cell == words.MISSING else f"corrected to {cell}: {WHY[kind]}"
    return f"{column.title} = {came} was {became}."


def _plain(table: Table, rows: Ints, column: Column) -> list[str | None]:
    """What now stands in the cells, as text that reads as the same; None for a blank."""
    cells = table.cells.take(rows).objects(column.name)
    texts = [f"{cell:.10g}" if column.kind == "number" else str(cell) for cell in cells]
    return [None if cell is None or cell != cell else text for cell, text in zip(cells, texts, strict=True)]
