"""What was done to an upload to read it: as notes, as a list of cells, and undone again column by column."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explain import words
from explain.tables.fingerprint import fingerprint
from explain.types import Note, Repair

if TYPE_CHECKING:
    from explain.tables.numbers import Reading
    from explain.types import Column, Table

WAYS = {
    "decimal comma": "with a decimal comma",
    "decimal point": "with a decimal point, unlike the others,",
    "thousands": "with thousands separators",
    "currency": "with a currency sign, which was left out",
    "per cent": "with a per cent sign, which was left out",
    "unit": "with a unit, which was left out",
    "missing word": "with words for missing read as blank",
    "spaces": "with spaces around the text, which were removed",
    "case": "in another case or with other spaces, read as the category",
    "encoding": "garbled by a wrong encoding, read as the category",
    "spelling": "misspelt, read as the category nearest to it",
    "date order": "with day and month the other way round",
    "serial number": "with the serial number of a spreadsheet, read as its date",
    "Unix time": "with seconds or milliseconds since 1970, read as their date",
}
"""What a note says about cells that were read in each way."""
HABITS = {
    "decimal comma": "with a decimal comma",
    "thousands": "with thousands separators",
    "currency": "without the currency signs",
    "per cent": "without the per cent signs",
    "unit": "without the units",
    "serial number": "from the serial numbers of a spreadsheet",
    "Unix time": "from seconds or milliseconds since 1970",
}
"""The same of a column that is written so throughout."""
HABIT = 3
"""Cells that make a habit at least."""


def repair(reading: Reading, column: Column) -> Repair:
    """A reading as one that belongs to a column."""
    return Repair(reading.kind, column.name, reading.rows, tuple(str(text) for text in reading.found))


def is_habit(item: Repair, filled: int) -> bool:
    """Whether most of the filled cells are written that way, so that there is nothing to say of single ones."""
    return len(item.rows) >= HABIT and 2 * len(item.rows) > filled


def note(item: Repair, column: Column, filled: int) -> Note:
    """One line about all cells that were read in one way, of so many that are not blank."""
    if item.kind in HABITS and is_habit(item, filled):
        return Note(f"{column.title} was read {HABITS[item.kind]}.", column.name)
    return Note(f"{column.title}: {words.count(len(item.rows), 'cell')} {WAYS[item.kind]}.", column.name)


def undo(table: Table, column: str) -> Table:
    """The table with a column's cells as they came: text in a number is not read, a category not recognised."""
    mine = [item for item in table.repairs if item.column == column]
    frame, unread = table.frame.copy(), {name: dict(cells) for name, cells in table.unread.items()}
    is_number = table.schema[column].kind == "number"
    for item in mine:
        if is_number:
            unread.setdefault(column, {}).update(zip(item.rows.tolist(), item.found, strict=True))
            frame.loc[item.rows, column] = float("nan")
        else:
            frame.loc[item.rows, column] = list(item.found)
    repairs = tuple(item for item in table.repairs if item.column != column)
    return replace(
        table,
        frame=frame,
        unread=unread,
        repairs=repairs,
        notes=(
            *(item for item in table.notes if item.column != column),
            Note(f"{table.schema[column].title}: the cells stand as they came.", column),
        ),
        fingerprint=fingerprint(frame, table.row_ids, unread, repairs),
    )
