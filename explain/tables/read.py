"""A file -> its raw columns, and notes on how it was read. Every failure is one sentence."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain import words
from explain.errors import ModelError, SheetsError, TableError, TooLargeError, WhysureError
from explain.safety.limited import run_limited
from explain.tables.cells import plain_column, whole_text
from explain.tables.limits import LIMITS
from explain.tables.sniff import WANTED, decode, delimiter_of, kind_of
from explain.tables.workbook import refuse_oversized
from explain.types import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from python_calamine import CalamineWorkbook

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
KINDS = {"text": "a text table", "parquet": "Parquet", "excel": "Excel", "json": "JSON"}
MOST_LINES_NAMED = 5
LONGEST_WHOLE = 300
"""Digits of a whole number that a float can hold; longer ones in JSON stay text."""


@dataclass(frozen=True)
class Raw:
    """`frame` (n, any): text cells ("" for empty) from text files, typed columns from others; unique text names."""

    frame: pd.DataFrame
    notes: tuple[Note, ...]


def read_raw(content: bytes, sheet: str | None = None) -> Raw:
    """Read any supported file; raises TableError or TooLargeError.

    `sheet` names the sheet of an Excel file; without it the only one that has cells is read.
    Where there are several, SheetsError is raised.
    """
    if len(content) > LIMITS.bytes:
        raise TooLargeError(
            f"The file has {len(content) / 1e6:,.0f} MB; at most {LIMITS.bytes / 1e6:,.0f} MB are read here. "
            "Split it, or review it with the command `whysure review`."
        )
    readers: dict[str, Callable[[], Raw]] = {
        "text": lambda: _text(content),
        "parquet": lambda: _parquet(content),
        "excel": lambda: _excel(content, sheet),
        "json": lambda: _json(content),
    }
    kind = kind_of(content)
    try:
        return readers[kind]()
    except WhysureError:
        raise
    except MemoryError as error:
        raise TooLargeError("The table does not fit in this computer's memory. Split it.") from error
    except Exception as error:  # no parser lists all that it raises, and a person cannot act on a traceback
        raise TableError(f"The file looks like {KINDS[kind]}, but cannot be read as such. Export it anew.") from error


def _checked(header: list[str], rows: int) -> tuple[list[str], list[Note]]:
    """Column names made unambiguous, with notes; raises for too many, repeated or no columns."""
    if len(header) > LIMITS.columns:
        raise TooLargeError(
            f"The table has {len(header):,} columns; at most {LIMITS.columns:,} are read. Is it turned on its side?"
        )
    _refuse_many(rows)
    if rows * len(header) > LIMITS.cells:
        raise TooLargeError(
            f"The table has {rows * len(header):,} cells; at most {LIMITS.cells:,} are read here. Split it."
        )
    names, notes = [], []
    given = {name.strip() for name in header}
    for at, name in enumerate(header):
        clean = name.strip()
        if not clean:
            clean = f"column {at + 1}" if f"column {at + 1}" not in given else f"column {at + 1} without a name"
            notes.append(Note(f"The {at + 1}. column has no name; it is called “{clean}” here."))
        names.append(clean)
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise TableError(
            f"The header names {words.listed([f'“{name}”' for name in twice])} more than once. "
            "Rename one, so that it is clear which is meant."
        )
    return names, notes


def _refuse_many(rows: int) -> None:
    if rows > LIMITS.rows:
        raise TooLargeError(f"The table has {rows:,} rows; at most {LIMITS.rows:,} are read here. Split it.")


def _text(content: bytes) -> Raw:
    import pandas as pd

    text, encoding = decode(content)
    if "\x00" in text:
        raise TableError("The file holds NUL characters, which no text file has. Export the table anew as CSV.")
    delimiter = delimiter_of(text)
    header, rows, lines, empty = _rows(text, delimiter)
    names, notes = _checked(header, len(rows))
    _refuse_ragged(rows, lines, len(names))
    _refuse_second_header(header, rows, lines)
    if not rows:
        raise TableError(f"The file has a header with {words.count(len(names), 'column')}, but no rows below it.")
    if encoding != "utf-8":
        notes.append(Note(f"The file was read as {encoding.upper()} text."))
    if delimiter != ",":
        notes.append(Note(f"Columns were split at {NAMES[delimiter]}."))
    notes += _empty_note(empty, "line")
    columns = list(zip(*rows, strict=True))
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in zip(names, columns, strict=True)})
    return Raw(frame, tuple(notes))


def _empty_note(count: int, what: str) -> list[Note]:
    return [Note(f"{words.count(count, f'empty {what}')} left out.")] if count else []


def _rows(text: str, delimiter: str) -> tuple[list[str], list[list[str]], list[int], int]:
    """Header, rows, the line at which each row ends, and how many empty lines were passed over."""
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    empty = 0
    for row, line in _records(text, delimiter):
        # in a table of one column a line of "" is a blank cell
        if not row or (len(row) == 1 and len(header) != 1 and not row[0].strip()):
            empty += 1
        elif not header:
            header = row
            if len(header) > LIMITS.columns:
                break
        else:
            rows.append(row)
            lines.append(line)
            if len(rows) > LIMITS.rows:
                # storing the rest would fill the memory; line breaks inside cells make this a few too many
                lines_in_all = text.count("\n") + (not text.endswith("\n"))
                _refuse_many(max(len(rows), lines_in_all - empty - 1))
    if not header:
        raise TableError(f"The file is empty. {WANTED}")
    return header, rows, lines, empty


def _records(text: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Rows, each with the line at which it ends."""
    pending: list[str] = []
    record: list[str] = []
    reader = csv.reader(_lent(text, pending), delimiter=delimiter, strict=False)
    try:
        for row in reader:
            record = pending[:]
            pending.clear()
            if len(record) > 1:
                _refuse_open_quote(record, delimiter, reader.line_num)
            yield row, reader.line_num
    except csv.Error as error:
        raise TableError(
            f"Line {reader.line_num:,} has a cell of more than {csv.field_size_limit():,} characters. "
            "Is a quotation mark left open?"
        ) from error
    _refuse_open_quote(record, delimiter, reader.line_num)


def _lent(text: str, pending: list[str]) -> Iterator[str]:
    """The lines of a text, each also put in `pending` until the row that it belongs to is complete."""
    for line in io.StringIO(text, newline=""):
        pending.append(line)
        yield line


def _refuse_open_quote(record: list[str], delimiter: str, line: int) -> None:
    """A row over several lines is right only if its quotation marks pair; else it swallowed the rows below."""
    try:
        for _ in csv.reader(record, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        if len(record) == 1 and "unexpected end" not in str(error):
            return
        raise TableError(
            f"A quotation mark in line {line - len(record) + 1:,} is not closed where its cell ends. "
            "Mend that line, or export the table anew."
        ) from error


def _refuse_ragged(rows: list[list[str]], lines: list[int], width: int) -> None:
    odd = [(line, len(row)) for row, line in zip(rows, lines, strict=True) if len(row) != width]
    if not odd:
        return
    if len(odd) == len(rows) and width == 1:
        raise TableError(f"This does not look like a table: the lines have no common number of fields. {WANTED}")
    named = [f"line {line:,} has {count}" for line, count in odd[:MOST_LINES_NAMED]]
    more = f" ({len(odd):,} such lines in all)" if len(odd) > MOST_LINES_NAMED else ""
    raise TableError(
        f"The header has {words.count(width, 'field')}, but {words.listed(named)}{more}. Mend or remove these lines."
    )


def _tried(task: str, content: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """What a compiled reader makes of a file in a process of its own, before it is let at it here."""
    try:
        return run_limited(task, {"file": content}, options).facts
    except ModelError as error:  # a crash or a hang, said of a file in general
        raise TableError(str(error)) from error


def _refuse_second_header(header: list[str], rows: list[list[str]], lines: list[int]) -> None:
    """Files laid end to end bring their header along each time; as a row of cells it would be scored."""
    for row, line in zip(rows, lines, strict=True):
        if row == header:
            raise TableError(f"Line {line:,} names the columns again. Remove it, or upload the parts one by one.")


def _parquet(content: bytes) -> Raw:
    import pyarrow as pa
    import pyarrow.parquet as pq

    _tried("parquet", content, {"unpacked": LIMITS.unpacked})
    try:
        facts = pq.ParquetFile(io.BytesIO(content))
        rows, leaves = facts.metadata.num_rows, facts.metadata.num_columns
        names, notes = _checked([str(name) for name in facts.schema_arrow.names], rows)
        _checked([f"{at}" for at in range(leaves)], rows)  # a nested column has several within
        table = facts.read(use_threads=True).replace_schema_metadata(None)
        table.validate(full=True)
        # whole numbers beside blanks would turn into floats, which cut long account numbers
        frame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True).set_axis(names, axis=1)
    except (pa.ArrowException, OSError, ValueError) as error:
        said = (str(error).splitlines() or ["no more is known"])[0][:120].rstrip(". ")
        raise TableError(f"The Parquet file is damaged: {said}. Export it anew.") from error
    return _typed(frame, notes)


def _excel(content: bytes, sheet: str | None) -> Raw:
    """The sheet named, or the only one that has cells; through calamine, which runs no formulas and no macros."""
    import pandas as pd
    import python_calamine as calamine

    refuse_oversized(content, LIMITS)
    looked = _tried("sheets", content, {"sheet": sheet, "cells": LIMITS.cells})
    several = tuple(name for name, has_cells in looked.get("filled", {}).items() if has_cells)
    if len(several) > 1:
        raise SheetsError(
            f"The Excel file has {len(several)} sheets with cells: {words.listed([f'“{name}”' for name in several])}. "
            "Say which one is meant.",
            several,
        )
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise TableError(f"There is no sheet '{sheet}'. The file has {words.listed(names)}.")
        order = [sheet] if sheet is not None else names
        filled = next(((name, found) for name in order if (found := _cells(book, name))[0]), None)
    except calamine.PasswordError as error:
        raise TableError("The Excel file is protected by a password. Save it without one, or as CSV.") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise TableError(
            "The file cannot be read as Excel. Is it protected by a password? Save it as CSV instead."
        ) from error
    if filled is None:
        raise TableError("The Excel file has no cells. Expected a header and rows below it.")
    name, (rows, empty) = filled
    header, notes = _checked([_header_text(cell) for cell in rows[0]], len(rows) - 1)
    if len(rows) == 1:
        raise TableError(
            f"The sheet '{name}' has a header with {words.count(len(header), 'column')}, but no rows below it."
        )
    again = next((at for at, row in enumerate(rows[1:], start=2) if list(map(_header_text, row)) == header), None)
    if again is not None:
        raise TableError(
            f"Row {again:,} of '{name}' names the columns again. Remove it, or upload the parts one by one."
        )
    if len(names) > 1:
        notes.append(Note(f"Of {len(names)} sheets, “{name}” was read."))
    notes += _empty_note(empty, "row")
    return _typed(pd.DataFrame(rows[1:], columns=header, dtype=object), notes)


def _cells(book: CalamineWorkbook, name: str) -> tuple[list[list[Any]], int]:
    """Rows with any cell, and the number of rows without one."""
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height * max(sheet.total_width, 1) > LIMITS.cells:
        raise TooLargeError(
            f"The sheet '{name}' reaches to row {sheet.total_height:,} and column {sheet.total_width:,}: too large."
        )
    rows = sheet.to_python(skip_empty_area=True)
    filled = [row for row in rows if any(cell not in {"", None} for cell in row)]
    return filled, len(rows) - len(filled)


def _header_text(cell: object) -> str:
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _json(content: bytes) -> Raw:
    """JSON lines, or one JSON array of objects."""
    import pandas as pd

    text, encoding = decode(content)
    try:
        records = _parse(text) if text.lstrip().startswith("[") else _lines(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise TableError(f'Line {line:,} is not JSON. Expected one object a line, such as {{"age": 42}}.') from error
    if not isinstance(records, list) or not all(isinstance(item, dict) for item in records):
        raise TableError('Expected JSON objects, one a line, such as {"age": 42}; something else came.')
    if not records:
        raise TableError(f"The file is empty. {WANTED}")
    header = list(dict.fromkeys(name for item in records for name in item))
    names, notes = _checked([whole_text(name) for name in header], len(records))
    if encoding != "utf-8":
        notes.append(Note(f"The file was read as {encoding.upper()} text."))
    short = sum(len(item) < len(header) for item in records)
    if short:
        notes.append(
            Note(f"{words.count(short, 'object')} without some of the fields; what they lack was read as blank.")
        )
    columns = {name: [item.get(old) for item in records] for name, old in zip(names, header, strict=True)}
    return _typed(pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()}), notes)


def _parse(text: str) -> Any:  # noqa: ANN401 - JSON may be anything
    return json.loads(text, object_pairs_hook=_object, parse_int=_whole)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_WHOLE else digits


def _lines(text: str) -> list[Any]:
    records = []
    # not splitlines(), which also splits at U+2028 and others that JSON allows inside a string
    for at, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if not line.strip():
            continue
        try:
            records.append(_parse(line))
        except (json.JSONDecodeError, RecursionError) as error:
            if at == 1 and text.lstrip().startswith("{"):
                return [_parse(text)]
            raise TableError(f'Line {at:,} is not JSON. Expected one object a line, such as {{"age": 42}}.') from error
    return records


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise TableError(
            f"An object names {words.listed([f'“{name}”' for name in twice])} more than once. Which one is meant?"
        )
    return found


def _typed(frame: pd.DataFrame, notes: list[Note]) -> Raw:
    """A frame with plain cells; raises when there are no rows."""
    if not len(frame):
        raise TableError(f"The table has {words.count(frame.shape[1], 'column')}, but no rows.")
    return Raw(_plain(frame), tuple(notes))


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    if not len(frame.columns):  # a frame made of no columns would forget its rows
        return frame
    return pd.DataFrame({name: plain_column(frame[name]) for name in frame.columns}, index=frame.index)


def from_frame(frame: pd.DataFrame) -> Raw:
    """A data frame of the caller's, checked like a file."""
    names, notes = _checked([whole_text(str(name)) for name in frame.columns], len(frame))
    copied = frame.set_axis(names, axis=1).reset_index(drop=True)
    return Raw(_plain(copied), tuple(notes))
