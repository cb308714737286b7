"""Text -> lines of cells: delimited by a mark, by blanks, or in columns of a fixed width."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from explain.errors import TableError
from explain.tables import limits
from explain.tables.grid import Lines, table_of
from explain.tables.raw import Raw, refuse_many
from explain.tables.sniff import BLANKS, FIXED, WANTED, decode, delimiter_of
from explain.types import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", BLANKS: "blanks"}
LONGEST_CELL = 10_000_000
"""Letters of a cell; csv stops at 131,072, which a number written out or a picture in text may exceed."""
MOST_SEEN = 200_000
"""Different cells up to which equal ones share one text: most tables have fewer, and take a third of the room."""
_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""How a text file tells a spreadsheet its delimiter."""
_SPACED_QUOTE = re.compile(r'[,;\t|] +"')


def read_text(content: bytes, names: frozenset[str]) -> Raw:
    """The table in a text file, whose columns are those of some folded `names`, if any are given."""
    text, encoding = decode(content)
    if "\x00" in text:
        raise TableError("The file holds NUL characters, which no text file has. Export the table anew as CSV.")
    said = _SEP.match(text)
    if said:
        text = text[said.end() :]
    delimiter = said[1] if said else delimiter_of(text, names)
    notes = [] if encoding == "utf-8" else [Note(f"The file was read as {encoding.upper()} text.")]
    if delimiter == FIXED:
        notes.append(Note("Columns were split where all lines have blanks."))
        return table_of(_fixed(text), names, notes)
    if delimiter != ",":
        notes.append(Note(f"Columns were split at {NAMES.get(delimiter, f'“{delimiter}”')}."))
    return table_of(_lines(text, delimiter), names, notes, delimiter)


def _fixed(text: str) -> Lines:
    """Lines of columns of a fixed width, which begin and end where all lines have blanks."""
    import pandas as pd

    numbers = [at for at, line in enumerate(text.splitlines(), start=1) if line.strip()]
    frame = pd.read_fwf(io.StringIO(text), header=None, dtype=str, keep_default_na=False, skip_blank_lines=True)
    rows = [[cell.strip() for cell in row] for row in frame.astype(object).fillna("").to_numpy().tolist()]
    return Lines(rows, numbers, text.count("\n") + (not text.endswith("\n")) - len(numbers))


def _lines(text: str, delimiter: str) -> Lines:
    """Rows, the line at which each ends, and how many empty lines were passed over."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    empty = 0
    seen: dict[str, str] = {}
    for row, line in _records(text, delimiter):
        if not row:
            empty += 1
            continue
        keep = seen.setdefault if len(seen) < MOST_SEEN else seen.get
        rows.append([keep(cell, cell) for cell in row])
        numbers.append(line)
        if len(rows) > limits.LIMITS.rows + 1:
            # storing the rest would fill the memory; line breaks inside cells make this a few too many
            lines_in_all = text.count("\n") + (not text.endswith("\n"))
            refuse_many(max(len(rows) - 1, lines_in_all - empty - 1))
    if not any(any(map(str.strip, row)) for row in rows):
        raise TableError(f"The file is empty. {WANTED}")
    return Lines(rows, numbers, empty)


def _records(text: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Rows, each with the line at which it ends."""
    csv.field_size_limit(LONGEST_CELL)
    spaced = delimiter == BLANKS or bool(_SPACED_QUOTE.search(text))
    pending: list[str] = []
    record: list[str] = []
    lines = _lent(text, pending, stripped=delimiter == BLANKS)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=spaced, strict=False)
    try:
        for row in reader:
            record = pending[:]
            pending.clear()
            if len(record) > 1:
                _refuse_open_quote(record, delimiter, reader.line_num, spaced=spaced)
            yield row, reader.line_num
    except csv.Error as error:
        raise TableError(
            f"Line {reader.line_num:,} has a cell of more than {LONGEST_CELL:,} characters. "
            "Is a quotation mark left open?"
        ) from error
    _refuse_open_quote(record, delimiter, reader.line_num, spaced=spaced)


def _lent(text: str, pending: list[str], *, stripped: bool) -> Iterator[str]:
    """The lines of a text, each also put in `pending` until the row that it belongs to is complete."""
    for line in io.StringIO(text, newline=""):
        own = line.replace("\t", " ").strip(" \r\n") + "\n" if stripped else line
        pending.append(own)
        yield own


def _refuse_open_quote(record: list[str], delimiter: str, line: int, *, spaced: bool) -> None:
    """A row over several lines is right only if its quotation marks pair; else it swallowed the rows below."""
    try:
        for _ in csv.reader(record, delimiter=delimiter, skipinitialspace=spaced, strict=True):
            pass
    except csv.Error as error:
        if len(record) == 1 and "unexpected end" not in str(error):
            return
        raise TableError(
            f"A quotation mark in line {line - len(record) + 1:,} is not closed where its cell ends. "
            "Mend that line, or export the table anew."
        ) from error
