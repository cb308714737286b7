"""A workbook (Excel, OpenDocument) -> the cells of a sheet, through calamine, which runs no formulas and no macros."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from explain import words
from explain.errors import SheetsError, TableError, TooLargeError
from explain.tables import limits
from explain.tables.columnar import tried
from explain.tables.grid import Lines, table_of
from explain.tables.workbook import Marks, marks_of, refuse_oversized
from explain.types import Note

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

    from explain.tables.raw import Raw


def read_sheet(content: bytes, sheet: str | None, names: frozenset[str]) -> Raw:
    """The table in the sheet named, or in the only one that has cells; raises SheetsError where several have."""
    import python_calamine as calamine

    refuse_oversized(content, limits.LIMITS)
    looked = tried("sheets", content, {"sheet": sheet, "cells": limits.LIMITS.cells})
    several = tuple(name for name, has_cells in looked.get("filled", {}).items() if has_cells)
    if len(several) > 1:
        raise SheetsError(
            f"The Excel file has {len(several)} sheets with cells: {words.listed([f'“{name}”' for name in several])}. "
            "Say which one is meant.",
            several,
        )
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        own = book.sheet_names
        if sheet is not None and sheet not in own:
            raise TableError(f"There is no sheet '{sheet}'. The file has {words.listed(own)}.")
        order = [sheet] if sheet is not None else own
        found = next((one for name in order if (one := _lines(book, name, content))[0].rows), None)
    except calamine.PasswordError as error:
        raise TableError("The Excel file is protected by a password. Save it without one, or as CSV.") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise TableError(
            "The file cannot be read as Excel. Is it protected by a password? Save it as CSV instead."
        ) from error
    if found is None:
        raise TableError("The Excel file has no cells. Expected a header and rows below it.")
    lines, notes, name = found
    if len(own) > 1:
        notes = [*notes, Note(f"Of {len(own)} sheets, “{name}” was read.")]
    return table_of(lines, names, notes)


def _lines(book: CalamineWorkbook, name: str, content: bytes) -> tuple[Lines, list[Note], str]:
    """Rows with any cell, what to say of marks that calamine passes over, and the sheet's name."""
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height * max(sheet.total_width, 1) > limits.LIMITS.cells:
        raise TooLargeError(
            f"The sheet '{name}' reaches to row {sheet.total_height:,} and column {sheet.total_width:,}: too large."
        )
    rows = sheet.to_python(skip_empty_area=True)
    first = sheet.start or (0, 0)
    marks = marks_of(content, name)
    _put(rows, first, marks)
    spread = _spread(rows, first, sheet)
    numbers = [at for at, row in enumerate(rows, start=1 + first[0]) if any(cell not in {"", None} for cell in row)]
    kept = [rows[at - 1 - first[0]] for at in numbers]
    return Lines(kept, numbers, len(rows) - len(kept), "row"), _said(marks, spread), name


def _put(rows: list[list[Any]], first: tuple[int, int], marks: Marks) -> None:
    """Errors and formulas without a result, as text where calamine gives an empty cell."""
    for (row, column), text in marks.texts.items():
        at, place = row - first[0], column - first[1]
        if 0 <= at < len(rows) and 0 <= place < len(rows[at]) and rows[at][place] in {"", None}:
            rows[at][place] = text


def _spread(rows: list[list[Any]], first: tuple[int, int], sheet: CalamineSheet) -> int:
    """Give each row of cells merged down a column the value that all of them show; how many such cells there were."""
    filled = 0
    for (top, left), (bottom, right) in getattr(sheet, "merged_cell_ranges", None) or ():
        at, place = top - first[0], left - first[1]
        if left != right or not 0 <= at < len(rows) or not 0 <= place < len(rows[at]):
            continue
        for below in rows[at + 1 : bottom - first[0] + 1]:
            below[place] = rows[at][place]
            filled += 1
    return filled


def _said(marks: Marks, spread: int) -> list[Note]:
    notes = []
    if marks.errors:
        notes.append(Note(f"{words.count(marks.errors, 'cell')} with an error of a formula, such as #DIV/0!."))
    if marks.formulas:
        notes.append(
            Note(
                f"{words.count(marks.formulas, 'formula')} without a result: the file was written by a program that "
                "does not compute. Open it in Excel or LibreOffice and save it once."
            )
        )
    if marks.hidden:
        notes.append(Note(f"{words.count(marks.hidden, 'hidden row')} read like all the others."))
    if spread:
        notes.append(Note(f"{words.count(spread, 'cell')} got the value of the merged cell that covers them."))
    return notes
