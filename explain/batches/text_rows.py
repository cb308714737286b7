"""Text -> Arrow batches: CSV and JSON lines, read once from the front; lines that are no rows are set aside."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from typing import TYPE_CHECKING, Any, TypeAlias

from explain import words
from explain.batches.files import written
from explain.errors import TableError
from explain.safety.uploads import fault_of
from explain.tables.categories import category_text
from explain.tables.cells import plain_cell, whole_text
from explain.tables.raw import checked
from explain.tables.sniff import BLANKS, DELIMITERS, FIXED, decode, delimiter_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from explain.batches.inputs import Input

Written: TypeAlias = tuple[tuple[str, ...], tuple[int, ...], int, str]
"""Columns, rows of each batch, rejected lines and the delimiter."""
Stream: TypeAlias = Any
"""A stream of pyarrow, which has no types."""
BATCH = 16_384
"""Rows of a batch: what is decoded to get at one of them."""
HEAD_BYTES = 1 << 20
"""Bytes that tell encoding and delimiter."""
BLOCK_BYTES = 4 << 20
"""Bytes that are parsed in one go, and the longest row."""
HEAD_LINES = 5_000
"""Lines of JSON that tell the columns."""
REASONS = "file", "line", "reason"


def spool(item: Input, target: Path, rejected: Path, columns: Sequence[str]) -> Written:
    """Write the rows of a text file, all cells as text, to an Arrow file; lines that are none to `rejected`."""
    import pyarrow as pa

    faults: list[tuple[int, str]] = []
    try:
        with _opened(item) as stream:
            if item.kind == "csv":
                names, delimiter, batches = _csv(item, stream, faults)
            else:
                delimiter, (names, batches) = "", _json_lines(item, stream, faults, columns)
            blocks = _store(names, batches, target)
    except (pa.ArrowException, UnicodeDecodeError, EOFError) as error:
        raise TableError(f"'{item.path}' is damaged: {fault_of(error)}. Export it anew.") from error
    if faults:
        written(rejected, lambda path: _write_faults(item, faults, path))
    return names, blocks, len(faults), delimiter


def _opened(item: Input) -> Stream:
    import pyarrow as pa

    return pa.input_stream(item.path, compression=item.packed or None)


def _store(names: tuple[str, ...], batches: Iterator[pa.Table], target: Path) -> tuple[int, ...]:
    """Batches of BATCH rows, whatever the pieces in which they come; gives the rows of each."""
    import pyarrow as pa

    schema = pa.schema([(name, pa.string()) for name in names])
    blocks: list[int] = []

    def write(path: Path) -> None:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema, options=options) as writer:
            rest = schema.empty_table()
            for piece in batches:
                rest = pa.concat_tables([rest, piece.rename_columns(list(names)).cast(schema)])
                while len(rest) >= BATCH:
                    blocks.append(BATCH)
                    writer.write_table(rest.slice(0, BATCH).combine_chunks())
                    rest = rest.slice(BATCH)
            if len(rest):
                blocks.append(len(rest))
                writer.write_table(rest.combine_chunks())

    written(target, write)
    return tuple(blocks)


def _write_faults(item: Input, faults: list[tuple[int, str]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(REASONS)
        writer.writerows((item.path, line or "", reason) for line, reason in faults)


def _csv(
    item: Input,
    stream: Stream,
    faults: list[tuple[int, str]],
) -> tuple[tuple[str, ...], str, Iterator[pa.Table]]:
    """The columns, the delimiter, and the rows of a CSV file; rows with too few or too many cells are faults."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    with _opened(item) as again:
        head = again.read(HEAD_BYTES)
    text, encoding = decode(head[: head.rfind(b"\n") + 1] or head)
    delimiter = delimiter_of(text)
    if delimiter in {BLANKS, FIXED}:
        raise TableError(f"The columns of '{item.path}' are parted by blanks alone. Expected one of {DELIMITERS!r}.")
    header = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
    if not header:
        raise TableError(f"The first line of '{item.path}' is empty. Expected the names of its columns there.")
    names = tuple(checked(header, 0)[0])

    def odd(row: arrow_csv.InvalidRow) -> str:
        cells = words.count(row.actual_columns, "cell")
        faults.append((row.number or 0, f"It has {cells} where the header has {row.expected_columns}."))
        return "skip"

    reader = arrow_csv.open_csv(
        stream,
        arrow_csv.ReadOptions(
            use_threads=False, block_size=BLOCK_BYTES, column_names=list(names), skip_rows=1,
            encoding="cp1252" if encoding == "latin-1" else encoding,
        ),
        arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=odd),
        arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )  # fmt: skip
    return names, delimiter, (pa.Table.from_batches([batch]) for batch in reader)


def _json_lines(
    item: Input,
    stream: Stream,
    faults: list[tuple[int, str]],
    columns: Sequence[str],
) -> tuple[tuple[str, ...], Iterator[pa.Table]]:
    """The columns and the rows of JSON lines, one object each; the first lines tell the columns of all."""
    if not columns:
        with _opened(item) as again:
            lines = io.TextIOWrapper(again, encoding="utf-8")
            found = [_object(line) for line, _ in zip(lines, range(HEAD_LINES), strict=False)]
        columns = list(dict.fromkeys(name for one in found if isinstance(one, dict) for name in one))
    names = tuple(checked([whole_text(name) for name in columns], 0)[0])
    if not names:
        raise TableError(f"'{item.path}' has no JSON object in its first {HEAD_LINES:,} lines. Expected one a line.")
    return names, _records(stream, columns, names, faults)


def _records(
    stream: Stream,
    columns: Sequence[str],
    names: tuple[str, ...],
    faults: list[tuple[int, str]],
) -> Iterator[pa.Table]:
    import pyarrow as pa

    known = frozenset(columns)
    schema = pa.schema([(name, pa.string()) for name in names])

    def table(rows: list[dict[str, Any]]) -> pa.Table:
        cells = [pa.array([_text(row.get(name)) for row in rows], type=pa.string()) for name in columns]
        return pa.Table.from_arrays(cells, schema=schema)

    rows: list[dict[str, Any]] = []
    for number, line in enumerate(io.TextIOWrapper(stream, encoding="utf-8"), start=1):
        if not line.strip():
            continue
        found = _object(line)
        if isinstance(found, str):
            faults.append((number, found))
        elif not found.keys() <= known:
            more = next(name for name in found if name not in known)
            faults.append((number, f"It has a field “{more}” that the first lines lack."))
        else:
            rows.append(found)
        if len(rows) == BATCH:
            yield table(rows)
            rows = []
    if rows:
        yield table(rows)


def _object(line: str) -> dict[str, Any] | str:
    """The object in a line, or why it is none."""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(line)
        return found if isinstance(found, dict) else "It is JSON, but no object."
    return "It is not JSON."


def _text(cell: object) -> str:
    """A cell as text, "" for none: 5.0 as 5, as a column of categories has it."""
    return "" if cell is None else category_text(plain_cell(cell))
