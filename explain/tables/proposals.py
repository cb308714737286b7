"""Other ways to read a whole column, each put to the person in a sentence that names both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain import words
from explain.shown import shown
from explain.tables.day_month import DAY_AND_MONTH, SWAPPED
from explain.tables.vocabulary import other_words
from explain.types import Proposal

if TYPE_CHECKING:
    from explain.tables.numbers import Doubt
    from explain.types import Codes, Column, Floats, Table

OTHER_WORDS = "other words"
SHOWN = 3
"""Examples that a sentence gives."""


def of_doubt(doubt: Doubt, values: Floats, column: Column) -> Proposal:
    """A column of numbers or dates (n,) whose other reading is as likely, or likelier."""
    first = doubt.rows[0]
    text, now, other = str(doubt.found[0]).strip(), _exactly(values[first], column), _exactly(doubt.other[0], column)
    cells = words.count(len(doubt.rows), "cell")
    sentences = {
        SWAPPED: f"{column.title}: {cells} are dates with days up to 12, and the days of all that are still text lie "
        f"above: a spreadsheet has swapped day and month. Is “{text}” {other} rather than {now}?",
        DAY_AND_MONTH: f"{column.title} can be read with the day or the month first in {cells}: “{text}” was read as "
        f"{now}, but may be {other}.",
    }
    said = sentences.get(
        doubt.kind,
        f"{column.title} can be read in two ways in {cells}: “{text}” was read as {now}, but may be {other}. Nothing "
        "in the file tells whether the mark separates decimals or thousands.",
    )
    found = tuple(str(item) for item in doubt.found)
    return Proposal(doubt.kind, column.name, doubt.rows, found, tuple(doubt.other), said, clear=doubt.kind == SWAPPED)


def both_readings(proposal: Proposal, table: Table) -> tuple[str, str]:
    """What the first cell of a doubt is as it was read, and what it is the other way."""
    column, first = table.schema[proposal.column], proposal.rows[0]
    texts = (table.cells.objects(proposal.column)[first], proposal.other[0])
    now, other = (f"“{shown(proposal.found[0].strip())}” is {_exactly(text, column)}" for text in texts)
    return now, other


def other_is_likelier(proposal: Proposal, table: Table) -> bool:
    """Whether more of the doubtful numbers lie among past ones if they are read the other way."""
    import numpy as np

    column = table.schema[proposal.column]
    if column.low is None or column.high is None:
        return False
    both = (
        table.cells.numbers(proposal.column)[proposal.rows],
        np.array(proposal.other, dtype=float),
    )
    now, other = (int(((column.low <= values) & (values <= column.high)).sum()) for values in both)
    return other > now


def _exactly(value: float | str, column: Column) -> str:
    """A number, or its text, with all of its digits, which is where two readings differ; a date is a date."""
    number = float(value)
    if column.is_date:
        return words.number(number, column.unit)
    return words.with_unit(f"{number:,.10g}", column.unit)


def of_words(cells: Codes, column: Column) -> Proposal | None:
    """Unknown words throughout a column of categories (n,) that stand for known ones; None where there are no such."""
    import numpy as np

    if len(cells.words) == len(column.categories):
        return None
    times = np.bincount(cells.places[cells.places >= 0], minlength=len(cells.words)).tolist()
    counts = {word: count for word, count in zip(cells.words, times, strict=True) if count}
    mapping = other_words(column, counts)
    if not mapping:
        return None
    rows = np.flatnonzero(np.array([*(word in mapping for word in cells.words), False])[cells.places])
    found = tuple(cells[rows].texts.tolist())
    pairs = [f"“{text}” as “{column.describe.get(name, name)}”" for text, name in mapping.items()]
    said = f"{column.title} is written in words that the model does not know. Read {words.listed(pairs, 2 * SHOWN)}?"
    return Proposal(OTHER_WORDS, column.name, rows, found, tuple(mapping[text] for text in found), said, clear=True)
