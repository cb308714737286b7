"""What was done to an upload to read it: as notes, as a list of cells, and undone again column by column."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from explain import words
from explain.tables.fingerprint import fingerprint
from explain.types import Note, Repair

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explain.tables.numbers import Reading
    from explain.types import Column, Ints, Schema, Table

CORRECTED = "corrected"
"""The kind of repair that a person took: what was suggested for a cell stands in it."""
UNDONE = "the cells stand as they came."
"""What a note says of a column whose repairs were undone, behind its title."""
TAKEN_BACK = "the corrections were taken back."
"""The same where only what a person had corrected was undone."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
"""A number as `as_text` writes it: such a text is always read, so that no cell that was not read looks like one."""
_STEPS = re.compile(r" · (?:[\d,]+ corrected|undone) in .*$", re.DOTALL)
"""What the name of a table says of corrections, behind the name of the file."""
NAMED_COLUMNS = 2
"""Columns that the name of a table lists; of more it gives the number."""
WAYS = {
    CORRECTED: "corrected as was suggested",
    "decimal comma": "with a decimal comma",
    "decimal point": "with a decimal point where the others have a comma",
    "thousands": "with thousands separators",
    "currency": "with a currency sign, which was left out",
    "per cent": "with a per cent sign, which was left out",
    "unit": "with a unit, which was left out",
    "negative": "in brackets or with the sign behind, read as negative",
    "other unit": "in another unit than the model counts in; it was left out",
    "affix": "with the same text around all numbers, which was left out",
    "text mark": "marked as text for a spreadsheet",
    "truth": "with yes or no, read as 1 or 0",
    "time of day": "with a time of day, read as hours",
    "whole number": "with a point and zeros behind the number",
    "other words": "in other words for the categories",
    "decimal mark": "with the other decimal mark, as chosen",
    "day and month": "with day and month the other way round, as chosen",
    "swapped dates": "with day and month swapped back",
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
    "affix": "without the text around its numbers",
    "truth": "with yes as 1 and no as 0",
    "time of day": "as hours from times of day",
    "text mark": "without the marks of a spreadsheet for text",
    "other words": "with the words that were confirmed for its categories",
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
    return is_habit_of(len(item.rows), filled)


def is_habit_of(count: int, filled: int) -> bool:
    """The same for so many cells that are written that way."""
    return count >= HABIT and 2 * count > filled


def note(item: Repair, column: Column, filled: int) -> Note:
    """One line about all cells that were read in one way, of so many that are not blank."""
    if item.kind in HABITS and is_habit(item, filled):
        return Note(f"{column.title} was read {HABITS[item.kind]}.", column.name)
    return Note(f"{column.title}: {words.count(len(item.rows), 'cell')} {WAYS[item.kind]}.", column.name)


def accept(table: Table, column: str) -> Table:
    """The table with a column read as it is proposed; the cells are then repairs, which can be undone."""
    proposal = next(item for item in table.proposals if item.column == column)
    numbers = table.schema[column].kind == "number"
    other = [float(text) for text in proposal.other] if numbers else list(proposal.other)
    cells = table.cells.put(column, proposal.rows, other)
    taken = Repair(proposal.kind, column, proposal.rows, proposal.found)
    repairs = (*_without(table.repairs, column, proposal.rows), taken)
    filled = int((~cells.blank(column)).sum())
    # what was said of cells that are now read otherwise holds no longer
    outdated, now = (
        [note(item, table.schema[column], filled) for item in items if item.column == column]
        for items in (table.repairs, repairs)
    )
    proposals = tuple(item for item in table.proposals if item.column != column)
    return replace(
        table,
        cells=cells,
        repairs=repairs,
        proposals=proposals,
        notes=(*(item for item in table.notes if item not in outdated), *now),
        fingerprint=fingerprint(cells, table.row_ids, table.unread, repairs, proposals),
    )


def _without(repairs: Iterable[Repair], column: str, rows: Ints) -> list[Repair]:
    """The repairs without those of some cells of a column."""
    import numpy as np

    kept = []
    for item in repairs:
        if item.column == column:
            own = ~np.isin(item.rows, rows)
            found = tuple(text for text, keep in zip(item.found, own, strict=True) if keep)
            kept += [replace(item, rows=item.rows[own], found=found)] if own.any() else []
        else:
            kept.append(item)
    return kept


def as_text(cell: object) -> str:
    """What stands in a cell that was read, as text from which `undo` reads it again; "" for a blank."""
    if cell is None or cell != cell:
        return ""
    return repr(float(cell)).removesuffix(".0") if isinstance(cell, float) else str(cell)


def undo(table: Table, column: str, *, corrections: bool = False) -> Table:
    """The table with a column's cells as they came: text in a number is not read, a category not recognised.

    With `corrections` only those are taken back: the cells are read as they were before.
    """
    gone = [item for item in table.repairs if item.column == column and (not corrections or item.kind == CORRECTED)]
    cells, unread = table.cells, {name: dict(texts) for name, texts in table.unread.items()}
    # what was corrected had been read, perhaps as something else than it spells: the last step goes first
    for item in reversed(gone):
        own, texts = _as_they_came(item, numbers=table.schema[column].kind == "number")
        cells = cells.put(column, item.rows, own)
        if texts:
            unread.setdefault(column, {}).update(texts)
    repairs = tuple(item for item in table.repairs if not any(item is other for other in gone))
    title, filled = table.schema[column].title, int((~cells.blank(column)).sum())
    outdated = [note(item, table.schema[column], filled) for item in gone]
    notes = (
        *(item for item in table.notes if (item not in outdated if corrections else item.column != column)),
        Note(f"{title}: {TAKEN_BACK if corrections else UNDONE}", column),
    )
    return replace(
        table,
        cells=cells,
        unread=unread,
        repairs=repairs,
        notes=notes,
        name=named(table.name, table.schema, repairs, notes),
        fingerprint=fingerprint(cells, table.row_ids, unread, repairs, table.proposals),
    )


def is_number(text: str) -> bool:
    """Whether a text is a number that `as_text` wrote."""
    return _NUMBER.fullmatch(text) is not None


def _as_they_came(item: Repair, *, numbers: bool) -> tuple[list[float | str | None], dict[int, str]]:
    """What stood in the cells of a repair: the cells (m,), and by row the texts among them that are no numbers."""
    if not numbers:
        return [text or None for text in item.found], {}
    read = [item.kind == CORRECTED and is_number(text) for text in item.found]
    cells = [float(text) if known else float("nan") for text, known in zip(item.found, read, strict=True)]
    texts = zip(item.rows.tolist(), item.found, read, strict=True)
    return list(cells), {row: text for row, text, known in texts if text and not known}


def named(name: str, schema: Schema, repairs: Iterable[Repair], notes: Iterable[Note]) -> str:
    """The name of a table with what was corrected and undone in it: 'a.csv · 19 corrected in Age · undone in City'."""
    base = _STEPS.sub("", name)
    mine = [item for item in repairs if item.kind == CORRECTED]
    ends = (UNDONE, TAKEN_BACK)
    undone = [item.column for item in notes if item.column in schema.names and item.text.endswith(ends)]
    if mine:
        base += f" · {sum(len(item.rows) for item in mine):,} corrected in {_columns(schema, [m.column for m in mine])}"
    return base + (f" · undone in {_columns(schema, [str(column) for column in undone])}" if undone else "")


def _columns(schema: Schema, names: Sequence[str]) -> str:
    if len(names) > NAMED_COLUMNS:
        return words.count(len(names), "column")
    return words.listed([schema[name].title for name in names])
