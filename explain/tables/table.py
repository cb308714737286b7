"""From a raw file to a Table in the model's columns, with a note on everything that was done."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from explain import words
from explain.errors import ColumnsError, NotFoundError, TableError, TooLargeError
from explain.tables.limits import LIMITS
from explain.tables.match import Match, fold, match_columns
from explain.tables.numbers import MISSING, Numbers, parse_numbers
from explain.tables.read import Raw, from_frame, read_raw
from explain.types import Note, Schema, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from explain.types import Column, Floats

Source: TypeAlias = "str | Path | bytes | IO[bytes] | pd.DataFrame"
TRUTHS = (("true", "false"), ("yes", "no"), ("1", "0"), ("1.0", "0.0"), ("y", "n"), ("t", "f"))
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

    raw, found_name = _raw(source, sheet)
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
    for column in schema:
        uploaded = raw.frame[match.found[column.name]]
        if column.kind == "number":
            numbers = parse_numbers(uploaded, column)
            cells[column.name] = _series(numbers.values)
            unread |= {column.name: numbers.unread} if numbers.unread else {}
            notes += _number_notes(numbers, column)
        else:
            cells[column.name], category_notes = _categories(uploaded, column)
            notes += category_notes
    frame = pd.DataFrame(cells)
    context = pd.DataFrame({extra: _context_cells(raw.frame[extra]) for extra in match.extra}, index=frame.index)
    if id_column is None:
        row_ids, used, id_notes = _row_ids(context)
    else:
        row_ids, used, id_notes = _chosen_ids(context, id_column), id_column, []
    notes += [*id_notes, *_context_notes(match.extra, used)]
    fingerprint = _fingerprint(frame, row_ids, unread)
    return Table(frame, schema, row_ids, fingerprint, context, tuple(notes), unread, name or found_name)


def empty_table(schema: Schema) -> str:
    """A CSV file with the columns of a schema and no rows."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(schema.names)
    return row.getvalue()


def _raw(source: Source, sheet: str | None) -> tuple[Raw, str]:
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
    match = match_columns([name for name in uploaded if name not in owner], rest)
    found = {**match.found, **said}
    return replace(match, found={name: found[name] for name in schema.names if name in found})


def _missing_text(match: Match, schema: Schema) -> str:
    lacking = [f"“{schema[name].title}”" for name in match.missing]
    text = f"The table lacks {words.count(len(lacking), 'column')} that the model needs: {words.listed(lacking, 6)}."
    for column, name in list(match.proposals.items())[:3]:
        text += f" Is “{name}” the column “{schema[column].title}”?"
    return text


def _series(values: Floats) -> pd.Series:
    import pandas as pd

    return pd.Series(values, dtype="float64")


def _number_notes(numbers: Numbers, column: Column) -> list[Note]:
    notes = []
    if numbers.decimal_comma:
        notes.append(Note(f"{column.title} was read with a decimal comma.", column.name))
    if numbers.thousands:
        notes.append(Note(f"{column.title} was read with thousands separators.", column.name))
    if numbers.missing_tokens:
        notes.append(
            Note(
                f"{column.title}: {words.count(numbers.missing_tokens, 'cell')} with words for missing read as blank.",
                column.name,
            )
        )
    return notes


def _categories(cells: pd.Series, column: Column) -> tuple[pd.Series, list[Note]]:
    """Stripped texts with None for blanks; a word for missing stays where the model knows it as a category."""
    import pandas as pd

    codes, distinct = pd.factorize(cells.to_numpy(dtype=object))
    known = {name.casefold() for name in column.categories}
    truth = _truth(column)
    texts: list[str | None] = []
    trimmed, tokens = set(), set()
    for code, item in enumerate(distinct):
        text = truth[item] if isinstance(item, bool) else _category_text(item)
        stripped = text.strip()
        if stripped != text:
            trimmed.add(code)
        blank = stripped.casefold() in MISSING and stripped.casefold() not in known
        if blank and stripped:
            tokens.add(code)
        texts.append(None if blank else stripped)
    counts = pd.Series(codes).value_counts()
    notes = []
    for found, said in (
        (trimmed, "with spaces around the text, which were removed"),
        (tokens, "with words for missing read as blank"),
    ):
        count = int(counts.reindex(list(found)).fillna(0).sum())
        if count:
            notes.append(Note(f"{column.title}: {words.count(count, 'cell')} {said}.", column.name))
    values = [None if code < 0 else texts[code] for code in codes]
    return pd.Series(values, dtype=object), notes


def _truth(column: Column) -> dict[bool, str]:
    """How the model's categories write true and false."""
    known = {name.casefold(): name for name in column.categories}
    for yes, no in TRUTHS:
        if yes in known or no in known:
            return {True: known.get(yes, yes), False: known.get(no, no)}
    return {True: "true", False: "false"}


def _category_text(item: object) -> str:
    """A cell as text: whole numbers without '.0', truth as 'true' and 'false'."""
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, float) and item.is_integer():
        return str(int(item))
    return str(item)


def _context_cells(cells: pd.Series) -> pd.Series:
    import pandas as pd

    pairs = zip(cells.isna(), cells.astype(object), strict=True)
    return pd.Series(["" if blank else _category_text(item).strip() for blank, item in pairs], dtype=object)


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


def _fingerprint(frame: pd.DataFrame, row_ids: tuple[str, ...], unread: dict[str, dict[int, str]]) -> str:
    """sha256 over names, ids and cells; each text goes with its length, so that no two tables run together."""
    digest = hashlib.sha256()
    for texts in (list(frame.columns), row_ids):
        digest.update(_packed(texts))
    for name in frame.columns:
        cells = frame[name]
        digest.update(_packed(list(cells)) if cells.dtype == object else _bytes(cells.to_numpy()))
        digest.update(repr(sorted(unread.get(name, {}).items())).encode())
    return digest.hexdigest()


def _packed(texts: Sequence[str | None]) -> bytes:
    packed = "".join("-" if text is None else f"{len(text)}:{text}" for text in texts)
    return f"{len(texts)};{packed}".encode()


def _bytes(values: Floats) -> bytes:
    """A zero is a zero and a blank a blank, whatever their sign bit."""
    import numpy as np

    return np.where(np.isnan(values), np.nan, values + 0.0).astype("<f8").tobytes()
