"""A file -> its raw columns, and notes on how it was read. Every failure is one sentence."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explain import words
from explain.errors import TableError, TooLargeError
from explain.tables.limits import LIMITS
from explain.tables.sniff import WANTED, decode, delimiter_of, kind_of
from explain.types import Note

if TYPE_CHECKING:
    import pandas as pd

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
MOST_LINES_NAMED = 5


@dataclass(frozen=True)
class Raw:
    """`frame` (n, any): text cells ("" for empty) from text files, typed columns from others; unique text names."""

    frame: pd.DataFrame
    notes: tuple[Note, ...]


def read_raw(content: bytes, sheet: str | None = None) -> Raw:
    """Read any supported file; raises TableError or TooLargeError."""
    if len(content) > LIMITS.bytes:
        raise TooLargeError(
            f"The file has {len(content) / 1e6:,.0f} MB; at most {LIMITS.bytes / 1e6:,.0f} MB are read here. "
            "Split it, or review it with the command `whysure review`."
        )
    kind = kind_of(content)
    if kind == "text":
        return _text(content)
    if kind == "parquet":
        return _parquet(content)
    return _excel(content, sheet) if kind == "excel" else _json(content)


def _checked(header: list[str], rows: int) -> tuple[list[str], list[Note]]:
    """Column names made unambiguous, with notes; raises for too many, repeated or no columns."""
    if len(header) > LIMITS.columns:
        raise TooLargeError(
            f"The table has {len(header):,} columns; at most {LIMITS.columns:,} are read. Is it turned on its side?"
        )
    if rows > LIMITS.rows:
        raise TooLargeError(f"The table has {rows:,} rows; at most {LIMITS.rows:,} are read here. Split it.")
    names, notes = [], []
    for at, name in enumerate(header):
        clean = name.strip()
        if not clean:
            clean = f"column {at + 1}"
            notes.append(Note(f"The {at + 1}. column has no name; it is called “{clean}” here."))
        names.append(clean)
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise TableError(
            f"The header names {words.listed([f'“{name}”' for name in twice])} more than once. "
            "Rename one, so that it is clear which is meant."
        )
    return names, notes


def _text(content: bytes) -> Raw:
    import pandas as pd

    text, encoding = decode(content)
    if "\x00" in text:
        raise TableError("The file holds NUL characters, which no text file has. Export the table anew as CSV.")
    delimiter = delimiter_of(text)
    header, rows, lines = _rows(text, delimiter)
    names, notes = _checked(header, len(rows))
    _refuse_ragged(rows, lines, len(names))
    if not rows:
        raise TableError(f"The file has a header with {words.count(len(names), 'column')}, but no rows below it.")
    if encoding != "utf-8":
        notes.append(Note(f"The file was read as {encoding.upper()} text."))
    if delimiter != ",":
        notes.append(Note(f"Columns were split at {NAMES[delimiter]}."))
    columns = list(zip(*rows, strict=True))
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in zip(names, columns, strict=True)})
    return Raw(frame, tuple(notes))


def _rows(text: str, delimiter: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows and the line at which each row ends; empty lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    header: list[str] | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if not row or (len(row) == 1 and not row[0].strip()):
                continue
            if header is None:
                header = row
                if len(header) > LIMITS.columns:
                    break
                continue
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise TableError(f"Line {reader.line_num:,} cannot be read: {error}. Is a quotation mark left open?") from error
    if header is None:
        raise TableError(f"The file is empty. {WANTED}")
    return header, rows, lines


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


def _parquet(content: bytes) -> Raw:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        facts = pq.read_metadata(io.BytesIO(content))
        names, notes = _checked([facts.schema.column(at).path for at in range(facts.num_columns)], facts.num_rows)
        del names
        table = pq.read_table(io.BytesIO(content), use_threads=True).replace_schema_metadata(None)
        table.validate(full=True)
        frame = table.to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(f"The Parquet file is damaged: {str(error).splitlines()[0][:120]}. Export it anew.") from error
    return _typed(frame, notes)


def _excel(content: bytes, sheet: str | None) -> Raw:
    """The first sheet that has cells, or the one named; through calamine, which runs no formulas and no macros."""
    import pandas as pd
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise TableError(f"There is no sheet '{sheet}'. The file has {words.listed(names)}.")
        order = [sheet] if sheet is not None else names
        filled = [(name, rows) for name in order if (rows := _cells(book, name))]
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise TableError(
            "The file cannot be read as Excel. Is it protected by a password? Save it as CSV instead."
        ) from error
    if not filled:
        raise TableError("The Excel file has no cells. Expected a header and rows below it.")
    name, rows = filled[0]
    header, notes = _checked([_header_text(cell) for cell in rows[0]], len(rows) - 1)
    if len(rows) == 1:
        raise TableError(
            f"The sheet '{name}' has a header with {words.count(len(header), 'column')}, but no rows below it."
        )
    if len(names) > 1:
        notes.append(Note(f"Of {len(names)} sheets, “{name}” was read."))
    return _typed(pd.DataFrame(rows[1:], columns=header, dtype=object), notes)


def _cells(book: Any, name: str) -> list[list[Any]]:  # noqa: ANN401 - calamine's workbook has no type of its own
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height * max(sheet.total_width, 1) > LIMITS.rows * 50:
        raise TooLargeError(
            f"The sheet '{name}' reaches to row {sheet.total_height:,} and column {sheet.total_width:,}: too large."
        )
    rows = sheet.to_python(skip_empty_area=True)
    return [row for row in rows if any(cell not in {"", None} for cell in row)]


def _header_text(cell: object) -> str:
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _json(content: bytes) -> Raw:
    """JSON lines, or one JSON array of objects."""
    import pandas as pd

    text, _ = decode(content)
    try:
        records = json.loads(text, object_pairs_hook=_object) if text.lstrip().startswith("[") else _lines(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise TableError(f'Line {line:,} is not JSON. Expected one object a line, such as {{"age": 42}}.') from error
    if not isinstance(records, list) or not all(isinstance(item, dict) for item in records):
        raise TableError('Expected JSON objects, one a line, such as {"age": 42}; something else came.')
    if not records:
        raise TableError(f"The file is empty. {WANTED}")
    header = list(dict.fromkeys(str(name) for item in records for name in item))
    names, notes = _checked(header, len(records))
    columns = {name: [_json_cell(item.get(old)) for item in records] for name, old in zip(names, header, strict=True)}
    return _typed(pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()}), notes)


def _lines(text: str) -> list[Any]:
    records = []
    for at, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            records.append(json.loads(line, object_pairs_hook=_object))
        except (json.JSONDecodeError, RecursionError) as error:
            if at == 1 and text.lstrip().startswith("{"):
                return [json.loads(text, object_pairs_hook=_object)]
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


def _json_cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _typed(frame: pd.DataFrame, notes: list[Note]) -> Raw:
    """A frame whose names are clean text; raises when there are no rows."""
    if not len(frame):
        raise TableError(f"The table has {words.count(frame.shape[1], 'column')}, but no rows.")
    return Raw(frame, tuple(notes))


def from_frame(frame: pd.DataFrame) -> Raw:
    """A data frame of the caller's, checked like a file."""
    names, notes = _checked([str(name) for name in frame.columns], len(frame))
    copied = frame.set_axis(names, axis=1).reset_index(drop=True)
    return Raw(copied, tuple(notes))
