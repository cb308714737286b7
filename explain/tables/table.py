"""From a raw file to a Table in the model's columns, with a note on everything that was done."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from explain import words
from explain.errors import ColumnsError, NotFoundError, TableError, TooLargeError
from explain.tables.categories import category_text, read_categories
from explain.tables.dates import parse_dates
from explain.tables.fingerprint import fingerprint
from explain.tables.limits import LIMITS
from explain.tables.match import Match, fold, match_columns
from explain.tables.numbers import parse_numbers
from explain.tables.read import Raw, from_frame, read_raw
from explain.tables.repairs import note, repair
from explain.types import Note, Schema, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from explain.tables.numbers import Numbers, Reading
    from explain.types import Column, Floats, Repair

Source: TypeAlias = "str | Path | bytes | IO[bytes] | pd.DataFrame"
ID_ENDINGS = (
    "id", "ids", "no", "nr", "num", "number", "key", "ref", "reference", "sku", "code", "uuid", "guid", "case",
    "nummer", "kennung", "numero", "número", "numéro", "codigo", "código", "matricule",
)  # fmt: skip
"""Last words of a column's name that say it names the rows; as the end of one word: "id" and "nummer"."""


def read_table(
    source: Source,
    schema: Schema,
    *,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    sheet: str | None = None,
    id_column: str | None = None,
) -> Table:
    """Read a file, its bytes or a data frame, and match it to a model's columns.

    `columns` maps model columns to uploaded ones where the person said so; `sheet` names an Excel sheet. Extra columns
    become context; `id_column`, or one that looks like an id, names the rows where it is unique and filled. Raises
    TableError, ColumnsError (a model column is missing; it carries proposals), TooLargeError or NotFoundError, each
    with a sentence for the person.
    """
    import pandas as pd

    raw, found_name = raw_table(source, sheet)
    match = _confirmed(raw, schema, dict(columns or {}))
    if match.missing:
        raise ColumnsError(_missing_text(match, schema), match.missing, match.proposals, match.extra)
    notes = list(raw.notes)
    notes += [
        Note(f"Column “{uploaded}” was read as {schema[column].title}.", column)
        for column, uploaded in match.found.items()
        if uploaded not in {column, schema[column].title}
    ]
    cells: dict[str, pd.Series] = {}
    unread: dict[str, dict[int, str]] = {}
    repairs: list[Repair] = []
    for column in schema:
        uploaded = raw.frame[match.found[column.name]]
        readings: tuple[Reading, ...]
        if column.kind == "number":
            numbers = _numbers(uploaded, column, notes)
            cells[column.name], readings = _series(numbers.values), numbers.readings
            unread |= {column.name: numbers.unread} if numbers.unread else {}
        else:
            found = read_categories(uploaded, column)
            cells[column.name], readings = found.values, found.readings  # noqa: PD011 - no pandas object
        repairs += [repair(item, column) for item in readings]
    notes += [note(item, schema[item.column], int(cells[item.column].notna().sum())) for item in repairs]
    frame = pd.DataFrame(cells)
    context = pd.DataFrame({extra: _context_cells(raw.frame[extra]) for extra in match.extra}, index=frame.index)
    if id_column is None:
        row_ids, used, id_notes = _row_ids(context)
    else:
        row_ids, used, id_notes = _chosen_ids(context, id_column), id_column, []
    notes += [*id_notes, *_context_notes(match.extra, used)]
    mark = fingerprint(frame, row_ids, unread, repairs)
    return Table(frame, schema, row_ids, mark, context, tuple(notes), unread, tuple(repairs), name or found_name)


def empty_table(schema: Schema) -> str:
    """A CSV file with the columns of a schema and no rows."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(schema.names)
    return row.getvalue()


def raw_table(source: Source, sheet: str | None) -> tuple[Raw, str]:
    """The raw cells of any source, and its name."""
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return from_frame(source), "data frame"
    if isinstance(source, str | Path):
        path = Path(source)
        return read_raw(_file_bytes(path), sheet), path.name
    if isinstance(source, bytes | bytearray | memoryview):
        return read_raw(bytes(source), sheet), "table"
    if not hasattr(source, "read"):
        raise TableError(f"Expected a path, bytes, an open file or a data frame; a {type(source).__name__} came.")
    content = source.read(LIMITS.bytes + 1)
    name = getattr(source, "name", "")  # of a temporary file it may be a number
    return (
        read_raw(content.encode() if isinstance(content, str) else bytes(content), sheet),
        (isinstance(name, str) and Path(name).name) or "table",
    )


def _file_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFoundError(f"There is no file '{path}'.")
    if path.stat().st_size > LIMITS.bytes:
        raise TooLargeError(
            f"{path.name} has {path.stat().st_size / 1e6:,.0f} MB; at most {LIMITS.bytes / 1e6:,.0f} MB are read. "
            "Split it."
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise TableError(f"The file '{path.name}' cannot be opened: {error.strerror or error}.") from error


def _confirmed(raw: Raw, schema: Schema, said: dict[str, str]) -> Match:
    """The match, with what the person said taking precedence even over an exact name."""
    uploaded = [str(name) for name in raw.frame.columns]
    owner: dict[str, str] = {}
    for column, name in said.items():
        if column not in schema.names or name not in uploaded:
            raise TableError(f"There is no column '{name}' to be read as '{column}'.")
        if name in owner:
            raise TableError(f"The column '{name}' cannot be both '{owner[name]}' and '{column}'. Choose one.")
        owner[name] = column
    rest = Schema(tuple(column for column in schema if column.name not in said))
    match = match_columns([name for name in uploaded if name not in owner], rest, raw.frame)
    found = {**match.found, **said}
    return replace(match, found={name: found[name] for name in schema.names if name in found})


def _missing_text(match: Match, schema: Schema) -> str:
    lacking = [f"“{schema[name].title}”" for name in match.missing]
    text = f"The table lacks {words.count(len(lacking), 'column')} that the model needs: {words.listed(lacking, 6)}."
    for column, name in list(match.proposals.items())[:3]:
        text += f" Is “{name}” the column “{schema[column].title}”?"
    return text


def _numbers(cells: pd.Series, column: Column, notes: list[Note]) -> Numbers:
    """A column of numbers or dates; what was chosen for the column is noted."""
    if not column.is_date:
        return parse_numbers(cells, column)
    found, said = parse_dates(cells, column)
    notes += said
    return found


def _series(values: Floats) -> pd.Series:
    import pandas as pd

    return pd.Series(values, dtype="float64")


def _context_cells(cells: pd.Series) -> pd.Series:
    import pandas as pd

    pairs = zip(cells.isna(), cells.astype(object), strict=True)
    return pd.Series(["" if blank else category_text(item).strip() for blank, item in pairs], dtype=object)


def _row_ids(context: pd.DataFrame) -> tuple[tuple[str, ...], str | None, list[Note]]:
    """Ids from the first extra column that looks like one and tells the rows apart, else 1 to n; with what to say."""
    numbered = tuple(str(at + 1) for at in range(len(context)))
    notes: list[Note] = []
    for name in context.columns:
        parts = "".join(letter if letter.isalnum() else " " for letter in name.casefold()).split()
        if not parts or (parts[-1] not in ID_ENDINGS and not fold(name).endswith(("id", "nummer"))):
            continue
        ids = tuple(context[name])
        if all(ids) and len(set(ids)) == len(ids):
            return ids, name, notes
        twice = next((item for item, count in Counter(ids).items() if item and count > 1), "")
        fault = f"“{twice}” comes more than once" if twice else "it is blank in some rows"
        notes.append(Note(f"“{name}” cannot name the rows: {fault}. They are numbered instead."))
    return numbered, None, notes


def _chosen_ids(context: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Ids from the column that the caller named; raises TableError where they do not tell the rows apart."""
    if name not in context.columns:
        raise TableError(f"There is no column '{name}' beside the model's own to name the rows by.")
    ids = tuple(context[name])
    seen: set[str] = set()
    for at, row_id in enumerate(ids, start=1):
        if not row_id or row_id in seen:
            fault = f"“{row_id}” comes twice" if row_id else "it is blank"
            raise TableError(f"The column '{name}' cannot name the rows: {fault} in row {at:,}.")
        seen.add(row_id)
    return ids


def _context_notes(extra: Sequence[str], id_column: str | None) -> list[Note]:
    notes = []
    if id_column is not None:
        notes.append(Note(f"Rows are named by the column “{id_column}”."))
    others = [f"“{name}”" for name in extra if name != id_column]
    if others:
        kept = (
            "is kept beside the data and never reaches"
            if len(others) == 1
            else "are kept beside the data and never reach"
        )
        notes.append(Note(f"{words.listed(others, 6)} {kept} the model."))
    return notes
