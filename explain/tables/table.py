"""From a raw file to a Table in the model's columns, with a note on everything that was done."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from explain import words
from explain.errors import ColumnsError, NotFoundError, TableError, TooLargeError
from explain.tables import affixes, decimals, limits
from explain.tables.categories import category_text, read_categories
from explain.tables.dates import parse_dates
from explain.tables.fingerprint import fingerprint
from explain.tables.likeness import fold
from explain.tables.match import Match, match_columns
from explain.tables.numbers import OTHER_UNIT, Reading, distinct, parse_numbers
from explain.tables.proposals import of_doubt, of_words
from explain.tables.raw import Raw, from_frame
from explain.tables.read import read_raw
from explain.tables.repairs import accept, note, repair
from explain.tables.row_ids import chosen_ids, row_ids
from explain.tables.said import NOTHING, Said
from explain.tables.spelling import fold as fold_category
from explain.types import Cells, Note, Schema, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from explain.types import Codes, Column, Floats, Proposal, Repair

Source: TypeAlias = "str | Path | bytes | IO[bytes] | pd.DataFrame"
MANY_ROWS = 20_000
"""Rows of a column that are asked for the decimal mark of its file: a mark stands in more than a few cells."""


def read_table(  # noqa: PLR0913 - each is one thing that a person may say
    source: Source,
    schema: Schema,
    *,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    sheet: str | None = None,
    id_column: str | None = None,
    said: Said = NOTHING,
) -> Table:
    """Read a file, its bytes or a data frame, and match it to a model's columns.

    `columns` maps model columns to uploaded ones where the person said so; `sheet` names a sheet of a workbook or a
    file of a ZIP archive. Extra columns become context; `id_column`, or one that looks like an id, names the rows
    where it is unique and filled. `said` is what was said of earlier uploads. Raises TableError, ColumnsError (a model
    column is missing; it carries proposals), TooLargeError or NotFoundError, each with a sentence for the person.
    """
    import pandas as pd

    raw, found_name = raw_table(source, sheet, names_of(schema))
    match = confirmed(raw, schema, dict(columns or {}), said)
    if match.missing:
        raise ColumnsError(missing_text(raw, match, schema), match.missing, match.proposals, match.extra)
    read = _Read(raw, match, schema, said)
    for column in schema:
        read.column(column)
    cells = Cells(read.cells)
    notes = [
        *raw.notes,
        *_match_notes(match, schema),
        *read.notes,
        *(note(item, schema[item.column], int((~cells.blank(item.column)).sum())) for item in read.repairs),
    ]
    context = pd.DataFrame(
        {extra: context_cells(raw.columns[extra]) for extra in match.extra}, index=range(len(raw.frame))
    )
    if id_column is None:
        ids, used, id_notes = row_ids(context)
    else:
        ids, used, id_notes = chosen_ids(context, id_column), id_column, []
    table = Table(
        cells=cells,
        schema=schema,
        row_ids=ids,
        fingerprint=fingerprint(cells, ids, read.unread, read.repairs, read.proposals),
        context=context,
        notes=(*notes, *id_notes, *_context_notes(match.extra, used)),
        unread=read.unread,
        repairs=tuple(read.repairs),
        name=name or found_name,
        proposals=tuple(read.proposals),
        order=order_of(raw, match),
    )
    for item in read.proposals:
        if item.clear and said.accept:
            table = accept(table, item.column)
    return table


def order_of(raw: Raw, match: Match) -> tuple[str, ...]:
    """The columns as the upload has them, the model's by its own names."""
    own = {uploaded: column for column, uploaded in match.found.items()}
    return tuple(own.get(name, name) for name in raw.columns)


def file_mark_of(raw: Raw, match: Match, schema: Schema) -> str:
    """The decimal mark that the columns of numbers tell together."""
    import pandas as pd

    numbers = [
        raw.columns[match.found[column.name]] for column in schema if column.kind == "number" and not column.is_date
    ]
    texts = [cells for cells in numbers if not pd.api.types.is_any_real_numeric_dtype(cells)]
    found = (distinct(cells.iloc[:: max(1, len(cells) // MANY_ROWS)]) for cells in texts)
    return decimals.file_mark(((item.bare, item.counts) for item in found), raw.delimiter)


def names_of(schema: Schema) -> frozenset[str]:
    """Names and labels of all columns, folded, by which a header is known."""
    return frozenset(fold(text) for column in schema for text in (column.name, column.label)) - {""}


def empty_table(schema: Schema) -> str:
    """A CSV file with the columns of a schema and no rows."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(schema.names)
    return row.getvalue()


def raw_table(source: Source, sheet: str | None, names: Iterable[str] = ()) -> tuple[Raw, str]:
    """The raw cells of any source, and its name; `names` are the folded ones of columns that are looked for."""
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return from_frame(source), "data frame"
    if isinstance(source, str | Path):
        path = Path(source)
        return read_raw(_file_bytes(path), sheet, names), path.name
    if isinstance(source, bytes | bytearray | memoryview):
        return read_raw(bytes(source), sheet, names), "table"
    if not hasattr(source, "read"):
        raise TableError(f"Expected a path, bytes, an open file or a data frame; a {type(source).__name__} came.")
    content = source.read(limits.LIMITS.bytes + 1)
    name = getattr(source, "name", "")  # of a temporary file it may be a number
    return (
        read_raw(content.encode() if isinstance(content, str) else bytes(content), sheet, names),
        (isinstance(name, str) and Path(name).name) or "table",
    )


def _file_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFoundError(f"There is no file '{path}'.")
    if path.stat().st_size > limits.LIMITS.bytes:
        raise TooLargeError(
            f"{path.name} has {path.stat().st_size / 1e6:,.0f} MB; "
            f"at most {limits.LIMITS.bytes / 1e6:,.0f} MB are read. Split it."
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise TableError(f"The file '{path.name}' cannot be opened: {error.strerror or error}.") from error


@dataclass
class _Read:
    """The model's columns while they are read, one after the other, and all that there is to say of them."""

    raw: Raw
    match: Match
    schema: Schema
    said: Said
    cells: dict[str, Floats | Codes] = field(default_factory=dict)
    unread: dict[str, dict[int, str]] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mark = file_mark_of(self.raw, self.match, self.schema)
        self.words = known_words(self.schema)

    def _uploaded(self, column: Column) -> pd.Series:
        return self.raw.columns[self.match.found[column.name]]

    def column(self, column: Column) -> None:
        """Read one column."""
        if column.kind == "number":
            self._numbers(column)
        else:
            self._categories(column)

    def _numbers(self, column: Column) -> None:
        cells = self._uploaded(column)
        if column.is_date:
            found, said = parse_dates(cells, column)
            self.notes += said
            readings: tuple[Reading, ...] = found.readings
            values = found.values  # noqa: PD011 - no pandas object
        else:
            found = parse_numbers(cells, column, self.mark)
            values, readings = in_unit(found.values, found.readings, cells, self.match.found[column.name], column)
        self.cells[column.name] = values
        self.unread |= {column.name: found.unread} if found.unread else {}
        self.repairs += [repair(item, column) for item in readings]
        self.proposals += [of_doubt(found.doubt, values, column)] if found.doubt else []

    def _categories(self, column: Column) -> None:
        own = _folded(column.categories)
        mapping = self.said.words.get(column.name, {})
        found = read_categories(self._uploaded(column), column, self.words - own, mapping)
        self.cells[column.name] = found.cells
        self.repairs += [repair(item, column) for item in found.readings]
        proposal = of_words(found.cells, column)
        self.proposals += [proposal] if proposal else []


@lru_cache(maxsize=256)
def _folded(categories: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold_category, categories))


def known_words(schema: Schema) -> frozenset[str]:
    """The categories of all columns, folded."""
    return frozenset().union(*(_folded(column.categories) for column in schema))


def in_unit(
    values: Floats, readings: tuple[Reading, ...], cells: pd.Series, uploaded: str, column: Column
) -> tuple[Floats, tuple[Reading, ...]]:
    """Values of cells without a unit of their own in the column's, where the uploaded name says another ("km")."""
    import numpy as np

    unit = affixes.unit_in_name(uploaded)
    factor = affixes.conversion(unit, column.unit) if unit and column.unit else 1.0
    if factor == 1.0:
        return values, readings
    own = np.zeros(len(values), dtype=bool)
    for item in readings:
        if item.kind in {"unit", OTHER_UNIT}:
            own[item.rows] = True
    rows = np.flatnonzero(~own & ~np.isnan(values))
    found = Reading("unit" if factor else OTHER_UNIT, rows, cells.astype(object).to_numpy()[rows])
    values = values.copy()
    values[rows] *= factor or 1.0
    return values, (*readings, found)


def confirmed(raw: Raw, schema: Schema, columns: dict[str, str], said: Said) -> Match:
    """The match, with what the person says taking precedence even over an exact name.

    What was said of earlier uploads, and with `said.accept` what is proposed, stands in for columns that are missing.
    """
    uploaded = [str(name) for name in raw.frame.columns]
    owner: dict[str, str] = {}
    for column, name in columns.items():
        if column not in schema.names or name not in uploaded:
            raise TableError(f"There is no column '{name}' to be read as '{column}'.")
        if name in owner:
            raise TableError(f"The column '{name}' cannot be both '{owner[name]}' and '{column}'. Choose one.")
        owner[name] = column
    match = _rest(uploaded, schema, columns, raw)
    if match.missing:
        proposed = _in_order(raw, schema) if raw.headless else match.proposals if said.accept else {}
        kept = {
            column: name for column, name in said.columns.items() if column in match.missing and name in match.extra
        }
        more = {**(proposed if said.accept else {}), **kept}
        more = {column: name for column, name in more.items() if column in match.missing}
        if more and len(set(more.values())) == len(more):
            match = _rest(uploaded, schema, {**columns, **more}, raw)
        if raw.headless:
            match = replace(match, proposals={**proposed, **match.proposals})
    return match


def _rest(uploaded: list[str], schema: Schema, columns: dict[str, str], raw: Raw) -> Match:
    """The match of the columns that were not said."""
    rest = Schema(tuple(column for column in schema if column.name not in columns))
    taken = set(columns.values())
    match = match_columns([name for name in uploaded if name not in taken], rest, raw.frame)
    found = {**match.found, **columns}
    return replace(match, found={name: found[name] for name in schema.names if name in found})


def _in_order(raw: Raw, schema: Schema) -> dict[str, str]:
    """The columns of a file without a header, in the order of the model's, where there are as many."""
    uploaded = [str(name) for name in raw.frame.columns]
    return dict(zip(schema.names, uploaded, strict=True)) if len(uploaded) == len(schema) else {}


def missing_text(raw: Raw, match: Match, schema: Schema) -> str:
    """What to say of model columns without a counterpart."""
    lacking = [f"“{schema[name].title}”" for name in match.missing]
    if raw.headless:
        text = "The file has no header: its first line is a row of data."
        if len(raw.frame.columns) == len(schema):
            return f"{text} Are its columns, in this order, {words.listed(lacking, 6)}?"
        return f"{text} Put a line with the names of the columns above it."
    text = f"The table lacks {words.count(len(lacking), 'column')} that the model needs: {words.listed(lacking, 6)}."
    for column, name in list(match.proposals.items())[:3]:
        text += f" Is “{name}” the column “{schema[column].title}”?"
    return text


def _match_notes(match: Match, schema: Schema) -> list[Note]:
    """A note on each column that was found under another name."""
    return [
        Note(f"Column “{uploaded}” was read as {schema[column].title}.", column)
        for column, uploaded in match.found.items()
        if uploaded not in {column, schema[column].title}
    ]


def context_cells(cells: pd.Series) -> pd.Series:
    """The cells of a column beside the data (n,) as texts, "" for blanks."""
    import pandas as pd

    pairs = zip(cells.isna(), cells.astype(object), strict=True)
    return pd.Series(["" if blank else category_text(item).strip() for blank, item in pairs], dtype=object)


def _context_notes(extra: Sequence[str], id_column: str | None) -> list[Note]:
    """Which column names the rows, and which are kept beside the data."""
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
